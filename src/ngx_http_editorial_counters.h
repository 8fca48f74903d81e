
/*
 * What the workers count, in shared memory of its own: the numbers outlive a
 * reload, and are there without a zone for pages.
 *
 *     memory   rows      desk, feature, variant of each tally
 *              gauges    what holds now, a number a worker each
 *              stripes   [ counters | tallies ] [ counters | tallies ] ...
 *
 * A worker counts in a stripe of its own (where there are more workers than
 * stripes, two share one), so that no cache line wanders between processors
 * with each request.  Whoever reads adds the stripes up.  Additions are
 * atomic all the same: before and after a reload two workers have the same
 * number.
 *
 * A counter is an index.  Those with labels are a run of them: the first, plus
 * the label's number.
 *
 * Where nobody wants to see the numbers there is no memory, and counting is a
 * look at a pointer.
 */

#ifndef NGX_HTTP_EDITORIAL_COUNTERS_H
#define NGX_HTTP_EDITORIAL_COUNTERS_H


#include "ngx_http_editorial_module.h"


#define NGX_HTTP_EDITORIAL_BUCKETS  11     /* of the histogram, +Inf aside */
#define NGX_HTTP_EDITORIAL_ROWS     1024   /* desk, feature, variant */
#define NGX_HTTP_EDITORIAL_NAME     64     /* bytes of a desk's or variant's */


/* What became of a beacon, and of the events in those that are taken. */
typedef enum {
    NGX_HTTP_EDITORIAL_BEACON_TAKEN = 0,
    NGX_HTTP_EDITORIAL_BEACON_MALFORMED,     /* 400 */
    NGX_HTTP_EDITORIAL_BEACON_FOREIGN,       /* 403 */
    NGX_HTTP_EDITORIAL_BEACON_METHOD,        /* 405 */
    NGX_HTTP_EDITORIAL_BEACON_LARGE,         /* 413 */
    NGX_HTTP_EDITORIAL_BEACON_TYPE,          /* 415 */
    NGX_HTTP_EDITORIAL_BEACON_FAILED,        /* anything else */
    NGX_HTTP_EDITORIAL_BEACONS
} ngx_http_editorial_beacon_e;

typedef enum {
    NGX_HTTP_EDITORIAL_TOLD_COUNTED = 0,
    NGX_HTTP_EDITORIAL_TOLD_NO_TEST,         /* none runs on the feature, */
    NGX_HTTP_EDITORIAL_TOLD_NO_ARM,          /*   or not with this variant */
    NGX_HTTP_EDITORIAL_TOLD_OTHER,           /* the reader gets another one */
    NGX_HTTP_EDITORIAL_TOLD_NO_CONSENT,
    NGX_HTTP_EDITORIAL_TOLD_FULL,            /* the ledger is */
    NGX_HTTP_EDITORIAL_TOLDS
} ngx_http_editorial_told_e;


typedef enum {
    /* [status * TIERS + tier] */
    NGX_HTTP_EDITORIAL_COUNT_LOOKUPS = 0,

    NGX_HTTP_EDITORIAL_COUNT_PAGES = NGX_HTTP_EDITORIAL_COUNT_LOOKUPS
                                     + NGX_HTTP_EDITORIAL_STATUSES
                                       * NGX_HTTP_EDITORIAL_TIERS,

    /* [ngx_http_editorial_reason()] */
    NGX_HTTP_EDITORIAL_COUNT_SKIPPED,

    /* [bucket], the last one +Inf; then their sum in nanoseconds */
    NGX_HTTP_EDITORIAL_COUNT_TRANSFORMS = NGX_HTTP_EDITORIAL_COUNT_SKIPPED
                                          + ED_SKIPS
                                          + NGX_HTTP_EDITORIAL_SKIPS,
    NGX_HTTP_EDITORIAL_COUNT_TRANSFORM_TIME =
                                       NGX_HTTP_EDITORIAL_COUNT_TRANSFORMS
                                       + NGX_HTTP_EDITORIAL_BUCKETS + 1,

    NGX_HTTP_EDITORIAL_COUNT_STORED,

    /* [ngx_http_editorial_refusal_e] */
    NGX_HTTP_EDITORIAL_COUNT_REFUSED,

    NGX_HTTP_EDITORIAL_COUNT_REPLANS = NGX_HTTP_EDITORIAL_COUNT_REFUSED
                                       + NGX_HTTP_EDITORIAL_REFUSALS,
    NGX_HTTP_EDITORIAL_COUNT_PURGED,
    NGX_HTTP_EDITORIAL_COUNT_DAMAGED,
    NGX_HTTP_EDITORIAL_COUNT_ORIGIN_FAILED,
    NGX_HTTP_EDITORIAL_COUNT_REFRESHES,
    NGX_HTTP_EDITORIAL_COUNT_HANDED_ON,
    NGX_HTTP_EDITORIAL_COUNT_CODED,
    NGX_HTTP_EDITORIAL_COUNT_CODED_FROM,     /* bytes */
    NGX_HTTP_EDITORIAL_COUNT_CODED_TO,
    NGX_HTTP_EDITORIAL_COUNT_SWALLOWED,

    NGX_HTTP_EDITORIAL_COUNT_REDIS_FAILED,   /* questions without an answer */
    NGX_HTTP_EDITORIAL_COUNT_REDIS_STORED,
    NGX_HTTP_EDITORIAL_COUNT_REDIS_COMMANDS,
    NGX_HTTP_EDITORIAL_COUNT_REDIS_TIMEOUTS,
    NGX_HTTP_EDITORIAL_COUNT_REDIS_LOST,
    NGX_HTTP_EDITORIAL_COUNT_REDIS_REFUSED,  /* by the breaker */
    NGX_HTTP_EDITORIAL_COUNT_CHECKS,         /* pages of the zone compared, */
    NGX_HTTP_EDITORIAL_COUNT_CHECKS_DROPPED,     /*   and found to be old */

    /* [ngx_http_editorial_beacon_e], [ngx_http_editorial_told_e] */
    NGX_HTTP_EDITORIAL_COUNT_BEACONS,
    NGX_HTTP_EDITORIAL_COUNT_TOLD = NGX_HTTP_EDITORIAL_COUNT_BEACONS
                                    + NGX_HTTP_EDITORIAL_BEACONS,

    /* [bucket] and the sum, as of transforms */
    NGX_HTTP_EDITORIAL_COUNT_REDIS = NGX_HTTP_EDITORIAL_COUNT_TOLD
                                     + NGX_HTTP_EDITORIAL_TOLDS,
    NGX_HTTP_EDITORIAL_COUNT_REDIS_TIME = NGX_HTTP_EDITORIAL_COUNT_REDIS
                                          + NGX_HTTP_EDITORIAL_BUCKETS + 1,

    NGX_HTTP_EDITORIAL_COUNTERS
} ngx_http_editorial_counter_e;


/* Each worker sets its own; whoever reads adds them up. */
typedef enum {
    NGX_HTTP_EDITORIAL_GAUGE_JOBS = 0,       /* pages to be compressed */
    NGX_HTTP_EDITORIAL_GAUGE_CONNECTED,      /* it is, with Redis */
    NGX_HTTP_EDITORIAL_GAUGE_OPEN,           /* its breaker is */
    NGX_HTTP_EDITORIAL_GAUGE_WATCHES,        /* it holds the connection that
                                                tells of changes, */
    NGX_HTTP_EDITORIAL_GAUGE_LAG,            /*   and its lag, ms */
    NGX_HTTP_EDITORIAL_GAUGE_PROBLEMS,       /* NGX_EDITORIAL_REDIS_EVICTS and
                                                the like, by who looks */
    NGX_HTTP_EDITORIAL_GAUGES
} ngx_http_editorial_gauge_e;


/* A bound of the histogram, of the time that one page takes. */
typedef struct {
    uint64_t                     ns;
    ngx_str_t                    seconds;
} ngx_http_editorial_bucket_t;

extern ngx_http_editorial_bucket_t
    ngx_http_editorial_buckets[NGX_HTTP_EDITORIAL_BUCKETS];


/* What a row is of, and what has been counted in it. */
typedef struct {
    ngx_str_t                    desk;
    ngx_str_t                    variant;      /* "off" is one */
    ed_feature_e                 feature;
    uint64_t                     pages;
    uint64_t                     pieces;
} ngx_http_editorial_tally_t;


/* "taken" and the like; "counted" and the like. */
ed_str_t ngx_http_editorial_beacon_name(ngx_uint_t beacon);
ed_str_t ngx_http_editorial_told_name(ngx_uint_t told);


/* When the configuration is read: an empty set of counters (NULL: no
   memory), the desk and variants of a location, and the shared memory, where
   it is wanted. */
ngx_http_editorial_counters_t *ngx_http_editorial_counters_create(
    ngx_conf_t *cf);
ngx_int_t ngx_http_editorial_counters_location(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *conf);
ngx_int_t ngx_http_editorial_counters_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);

/* In the worker, before its first request. */
void ngx_http_editorial_counters_init_process(
    ngx_http_editorial_main_conf_t *emcf);


/* One more; n more, where there is no request. */
#define ngx_http_editorial_count(r, counter)                                  \
    ngx_http_editorial_count_n(ngx_http_get_module_main_conf(r,               \
                                   ngx_http_editorial_module), counter, 1)

void ngx_http_editorial_count_n(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t counter, ngx_uint_t n);

/* A request has waited for Redis for that long. */
void ngx_http_editorial_count_redis(ngx_http_request_t *r, uint64_t ns);

/* Nanoseconds of a clock that never goes back. */
uint64_t ngx_http_editorial_clock(void);

/* What holds of this worker now. */
void ngx_http_editorial_set_gauge(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_gauge_e gauge, ngx_uint_t value);

/* ed_rewrite_feed(ctx->rewrite, …), timed where there is memory for that. */
void ngx_http_editorial_rewrite(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const u_char *data, size_t len,
    ngx_uint_t last, const ed_span_t **spans, size_t *n);


/*
 * Reading, of all workers together.  Only in a worker, and only where there
 * is memory: ngx_http_editorial_counters_there().
 */
ngx_uint_t ngx_http_editorial_counters_there(
    ngx_http_editorial_counters_t *counters);
uint64_t ngx_http_editorial_counted(ngx_http_editorial_counters_t *counters,
    ngx_uint_t counter);
uint64_t ngx_http_editorial_gauged(ngx_http_editorial_counters_t *counters,
    ngx_uint_t gauge);

/* Row i; NGX_DONE behind the last one. */
ngx_int_t ngx_http_editorial_counted_row(
    ngx_http_editorial_counters_t *counters, ngx_uint_t i,
    ngx_http_editorial_tally_t *tally);


/* _metrics */

/* The metrics that are counters without labels, by their names: *i is 0 at
   first.  Zero: that was the last one. */
ngx_uint_t ngx_http_editorial_metric_plain(
    ngx_http_editorial_main_conf_t *emcf, ngx_uint_t *i, ed_str_t *name,
    uint64_t *value);


#endif /* NGX_HTTP_EDITORIAL_COUNTERS_H */
