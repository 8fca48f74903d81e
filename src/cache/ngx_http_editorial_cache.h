
/*
 * Transformed pages, kept and served again.
 *
 *     _cache_conf     directives
 *     _cache_key      a request's key, and the arguments its origin gets
 *     _cache          before the content: look up, wait, or go to the origin
 *     _cache_origin   the origin's answer: may it be kept, is a kept page
 *                     served in its place?
 *     _cache_store    the page that is being built, and its end
 *     _cache_replan   a kept page under a changed configuration
 *     _cache_kept     a page in hand, wherever its bytes lie
 *     _cache_body     the body of one edition of it
 *     _cache_send     the response
 *     _cache_code     compressing kept pages, in slices
 *     _cache_status   what the response and the log say of all this
 *     _cache_refresh  a page fetched by a request of its own
 *     _detach         a request without a client, to refresh a stale page
 *     _cache_dry      pages of a dry run, for explanations only
 *
 * With Redis (ngx_http_editorial_redis.h) a look-up has more steps:
 *
 *     request --> look-up --+-- fresh ------------------------> send
 *                           +-- stale ------------------------> send, refresh
 *                           +-- another fetches it --> wait --> look-up
 *                           +-- nothing --> origin --> build --> store
 *                                              |
 *                                              +-- 304, failed --> send
 *
 *     look-up --+-- fresh, doubtful --> check --+-- same -------> send
 *               |                               +-- else -------> look-up
 *               +-- nothing --> find --+-- there --> zone ------> send
 *                                      +-- not --> claim --+----> origin
 *                                            ^             |
 *                                            +-- another's +
 */

#ifndef NGX_HTTP_EDITORIAL_CACHE_H
#define NGX_HTTP_EDITORIAL_CACHE_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ed_address.h"
#include "ed_cache_key.h"
#include "ed_deflate.h"
#include "ed_freshness.h"
#include "ed_stored.h"
#include "ed_whole.h"
#include "ngx_editorial_redis_get.h"
#include "ngx_editorial_zone.h"


typedef struct ngx_http_editorial_ctx_s  ngx_http_editorial_ctx_t;
typedef struct ngx_http_editorial_loc_conf_s  ngx_http_editorial_loc_conf_t;
typedef struct ngx_http_editorial_main_conf_s
    ngx_http_editorial_main_conf_t;


/* How long it is remembered that a page cannot be stored, and that its origin
   has failed, ms. */
#define NGX_HTTP_EDITORIAL_MARK         (10 * 1000)
#define NGX_HTTP_EDITORIAL_MARK_FAILED  1000

/* Room for furniture beside a page's own bytes. */
#define NGX_HTTP_EDITORIAL_MAX_FURNITURE  (1024 * 1024)


/* $editorial_status; names by ngx_http_editorial_status_name(). */
typedef enum {
    NGX_HTTP_EDITORIAL_STATUS_OFF = 0,
    NGX_HTTP_EDITORIAL_STATUS_MISS,
    NGX_HTTP_EDITORIAL_STATUS_EXPIRED,
    NGX_HTTP_EDITORIAL_STATUS_BYPASS,
    NGX_HTTP_EDITORIAL_STATUS_HIT,
    NGX_HTTP_EDITORIAL_STATUS_STALE,
    NGX_HTTP_EDITORIAL_STATUS_UPDATING,
    NGX_HTTP_EDITORIAL_STATUS_REPLAN,
    NGX_HTTP_EDITORIAL_STATUSES
} ngx_http_editorial_status_e;


/* $editorial_tier: where the page came from. */
typedef enum {
    NGX_HTTP_EDITORIAL_TIER_NONE = 0,
    NGX_HTTP_EDITORIAL_TIER_MEMORY,
    NGX_HTTP_EDITORIAL_TIER_REDIS,
    NGX_HTTP_EDITORIAL_TIER_ORIGIN,
    NGX_HTTP_EDITORIAL_TIERS
} ngx_http_editorial_tier_e;


/* Why an answer is not kept: an ed_unstorable_e, or one of these; names by
   ngx_http_editorial_refusal_name(). */
typedef enum {
    NGX_HTTP_EDITORIAL_REFUSED_PAGE = ED_UNSTORABLE_S,  /* none to be worked
                                                           on */
    NGX_HTTP_EDITORIAL_REFUSED_ORIGIN,
    NGX_HTTP_EDITORIAL_REFUSED_MEMORY,
    NGX_HTTP_EDITORIAL_REFUSED_INCOMPLETE,
    NGX_HTTP_EDITORIAL_REFUSED_LIMIT,
    NGX_HTTP_EDITORIAL_REFUSED_HEAD,     /* which would be too long */
    NGX_HTTP_EDITORIAL_REFUSALS
} ngx_http_editorial_refusal_e;


/* What a request does when its phase handler is called. */
typedef enum {
    NGX_HTTP_EDITORIAL_STEP_LOOKUP = 0,
    NGX_HTTP_EDITORIAL_STEP_INQUIRED,
    NGX_HTTP_EDITORIAL_STEP_CHECKED,
    NGX_HTTP_EDITORIAL_STEP_FOUND,
    NGX_HTTP_EDITORIAL_STEP_CLAIM,         /* again: another has the lock */
    NGX_HTTP_EDITORIAL_STEP_CLAIMED,
    NGX_HTTP_EDITORIAL_STEP_REFRESH,
    NGX_HTTP_EDITORIAL_STEP_REFRESH_INQUIRED,
    NGX_HTTP_EDITORIAL_STEP_DONE           /* it was looked up */
} ngx_http_editorial_step_e;


/* The fleet's lock of a page. */
#define NGX_HTTP_EDITORIAL_TOKEN  32       /* hexadecimal digits */


/* How often an edition is asked for. */
#define NGX_HTTP_EDITORIAL_HOT    1024      /* that are counted */
#define NGX_HTTP_EDITORIAL_OFTEN  8         /* times until it is worth a copy */

typedef struct {
    uint32_t                     hash;
    uint32_t                     n;
} ngx_http_editorial_hot_t;


/* A worker's compressor: pages that wait for it, the first being done. */
typedef struct {
    ngx_queue_t                  jobs;
    ngx_uint_t                   njobs;
    ngx_event_t                  event;
    ngx_http_editorial_hot_t     hot[NGX_HTTP_EDITORIAL_HOT];
} ngx_http_editorial_coder_t;


typedef struct {
    ngx_flag_t                   enable;
    u_char                      *file;       /* where "on" stands, and its */
    ngx_uint_t                   line;       /*   line; NULL: nowhere */
    ngx_http_complex_value_t    *key;        /* NULL: the default key */
    ngx_array_t                 *ignored;    /* of ed_ignored_arg_t */
    time_t                       valid;
    time_t                       stale;
    ngx_msec_t                   lock_timeout;
    ngx_array_t                 *bypass;     /* predicates; NULL: none */
    ngx_array_t                 *no_cache;
    ngx_array_t                 *tags;       /* of ngx_http_complex_value_t */
    ngx_flag_t                   gzip;
} ngx_http_editorial_cache_conf_t;


/*
 * A page in hand.  It is pinned in the zone, or, where the zone has no room
 * for a pin that may last, in memory of the request's own.
 */
typedef struct {
    ed_stored_t                  head;
    ed_lifetime_t                life;       /* the times that hold now */
    ed_zone_page_t               pinned;     /* entry ED_ZONE_NONE: not */
    u_char                      *bytes;      /* head and body; NULL: pinned */
    ed_str_t                     piece;      /* what of them lies in one piece
                                                from their beginning on */
    ed_str_t                     coded;      /* coded parts beside the bytes */
    unsigned                     bodiless:1; /* … without their plain body */
} ngx_http_editorial_kept_t;


/* What the cache knows of a request; ctx->cache. */
typedef struct {
    ngx_http_editorial_loc_conf_t  *conf;    /* where it was looked up */
    ngx_http_request_t          *r;

    ngx_str_t                    key;
    ngx_str_t                    args;       /* for the origin */

    ngx_http_editorial_status_e  status;
    ngx_http_editorial_tier_e    tier;
    ngx_str_t                    detail;     /* of Cache-Status; may be empty */
    ngx_uint_t                   refused;    /* why the answer is not kept, one
                                                more than a …_refusal_e; 0: it
                                                was not refused */

    ngx_http_editorial_kept_t    kept;       /* where has_kept */
    ed_zone_page_t               whole;      /* its edition as one gzip
                                                stream; len 0: none */

    ngx_str_t                    etag;       /* of the kept page's origin; */
    ngx_str_t                    modified;   /*   each may be empty */
    ngx_str_t                    cache_control;

    uint64_t                     token;      /* of our lock; 0: none */
    ed_zone_lookup_t             lookup;     /* the last one */

    ngx_http_editorial_step_e    step;
    u_char                       fleet[NGX_HTTP_EDITORIAL_TOKEN];  /* the lock
                                                in Redis, where has_fleet */
    ngx_int_t                    began;      /* when it was taken, ms by Redis'
                                                clock; 0: not known */
    uint64_t                     known;      /* revision of the page that is
                                                known to be in Redis; 0: none */
    uint64_t                     generation; /* in which the fetch began */
    ngx_editorial_redis_value_t *values[2];  /* that kept lies in; held */
    ngx_str_t                    old_head;   /* of a refresh: that of the page
                                                that it refreshes, */
    ed_lifetime_t                old_life;   /*   and its times */

    ngx_editorial_waiter_t       waiter;
    ngx_event_t                  timer;      /* of a wait; then: of a client
                                                that reads slowly */
    ngx_msec_t                   deadline;   /* of the wait; 0: none yet */
    ngx_uint_t                   stalls;     /* times that output stood still,
                                                since the timer was set */

    ed_piece_run_t              *runs;       /* the kept page's body, as its */
    ngx_uint_t                   nruns;      /*   edition takes it; */
    u_char                      *trailer;    /*   NULL: it is plain */
    ed_str_t                     coded;      /* what of the compressed bytes
                                                lies in one piece */

    ed_build_t                   build;      /* where building */
    ed_lifetime_t                life;       /* of the page that is built, */
    ed_stored_t                  head;       /*   and its head, as far as the
                                                origin's answer tells */
    off_t                        expected;   /* bytes of its body; -1: not
                                                said */
    off_t                        received;

    unsigned                     asked:1;    /* Redis, for the page */
    unsigned                     plain:1;    /* … whole, as the coded form
                                                would not do */
    unsigned                     checked:1;  /* with Redis */
    unsigned                     from_redis:1;   /* the kept page is */
    unsigned                     has_fleet:1;
    unsigned                     detached:1; /* it is a refresh */
    unsigned                     has_kept:1;
    unsigned                     sent:1;     /* the kept page is the answer */
    unsigned                     replaced:1; /* … in the place of another, */
    unsigned                     body_sent:1;    /*   whose body it follows */
    unsigned                     validators:1;   /* the origin gets ours */
    unsigned                     building:1;
    unsigned                     assets_built:1;
    unsigned                     ended:1;    /* the page's last byte came, */
    unsigned                     cut:1;      /*   or never will */
    unsigned                     spares:1;   /* this request says nothing of
                                                the page that is kept */
    unsigned                     delegated:1;    /* a refresh fetches it */
    unsigned                     origin_failed:1;
    unsigned                     timed_out:1;    /* the wait was too long */
} ngx_http_editorial_cache_ctx_t;


/* _cache_conf */

void ngx_http_editorial_cache_create_conf(
    ngx_http_editorial_cache_conf_t *conf);
char *ngx_http_editorial_cache_merge_conf(ngx_conf_t *cf,
    ngx_http_editorial_cache_conf_t *prev,
    ngx_http_editorial_cache_conf_t *conf);

char *ngx_http_editorial_cache_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_editorial_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_editorial_cache_ignore_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_editorial_cache_tag_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* That directive needs a zone.  Whether there is one is known when all has
   been read, and said then: NGX_ERROR. */
void ngx_http_editorial_need_zone(ngx_conf_t *cf, ngx_command_t *cmd);
ngx_int_t ngx_http_editorial_check_zone(ngx_conf_t *cf);


/* _cache_key */

/* Makes cache->key and cache->args.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_cache_key(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* The path of the request line as it was written, without arguments. */
void ngx_http_editorial_written_path(ngx_http_request_t *r, ngx_str_t *path);

/* The page's default key: scheme, host, path, arguments. */
ngx_int_t ngx_http_editorial_cache_default_key(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *key);

/* The page's arguments, and those that are ignored in the request's location;
   they live in r->pool, and as long as the configuration. */
ngx_int_t ngx_http_editorial_page_args(ngx_http_request_t *r,
    ed_page_t *page);

/*
 * The tag of an address, url:HOST/PATH?ARGS (ed_address.h): of the page that
 * was asked for, as the request line has it; and of one that somebody wrote,
 * whose host is the request's where it says none, without the arguments that
 * are ignored in the request's location.  NGX_DECLINED: it is no address.
 */
ngx_int_t ngx_http_editorial_page_tag(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag);
ngx_int_t ngx_http_editorial_url_tag(ngx_http_request_t *r, ngx_str_t *url,
    ngx_str_t *tag);


/* _cache */

/* Was it looked up, which is done once? */
#define ngx_http_editorial_cache_looked(cache)                                \
    ((cache)->step == NGX_HTTP_EDITORIAL_STEP_DONE)

/*
 * Before the content.  NGX_DECLINED: the origin is to be asked (cache->args
 * and cache->validators say how); anything else is the phase handler's result.
 */
ngx_int_t ngx_http_editorial_cache_handler(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf);

/* Steps of it, for those that come by way of Redis: the look-up in the zone;
   what it has found; the page in hand, in a state as of a look-up; the way to
   the origin. */
ngx_int_t ngx_http_editorial_cache_lookup(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_hit(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_fetch(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* What is known of a request; NULL: no memory. */
ngx_http_editorial_cache_ctx_t *ngx_http_editorial_cache_create(
    ngx_http_request_t *r, ngx_http_editorial_loc_conf_t *conf);

/* Does it pass the kept page by? */
ngx_uint_t ngx_http_editorial_cache_bypassed(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* Puts the record of the zone's page in force, where none is known. */
void ngx_http_editorial_cache_last_record(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* How long this request may go on waiting, ms; 0: not any more. */
ngx_msec_t ngx_http_editorial_cache_patience(
    ngx_http_editorial_cache_ctx_t *cache);

/* The kept page is damaged, or not the one that was asked for. */
void ngx_http_editorial_cache_damaged(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* At the end of the request, however it came: locks, pins, timers. */
void ngx_http_editorial_cache_cleanup(ngx_http_editorial_cache_ctx_t *cache);

/* Is there a zone? */
ngx_uint_t ngx_http_editorial_zone_is_there(ngx_http_request_t *r);


/* _cache_refresh */

void ngx_http_editorial_cache_validators(
    ngx_http_editorial_cache_ctx_t *cache, ed_stored_t *head);

/*
 * Fetches the page by a request of its own, which has no client and takes the
 * locks over.
 */
void ngx_http_editorial_cache_refresh(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* Lets the lock go, so that another may fetch the page. */
void ngx_http_editorial_cache_unlock(ngx_http_editorial_cache_ctx_t *cache);

/* The same, and nobody is to wait for that page for so long; drop: the kept
   one is no longer to be served. */
void ngx_http_editorial_cache_unstorable(
    ngx_http_editorial_cache_ctx_t *cache, ngx_uint_t drop, ngx_msec_t life);

/* editorial_no_cache, for this request. */
ngx_uint_t ngx_http_editorial_cache_forbidden(
    ngx_http_editorial_cache_ctx_t *cache);

/* The zone of the configuration; where there is none, one that finds
   nothing. */
ngx_editorial_zone_t *ngx_http_editorial_zone(ngx_http_request_t *r);


/* _cache_origin */

/*
 * The origin has answered.  NGX_DONE: with nothing new, and the kept page is
 * the answer (a refresh has none to send).
 */
ngx_int_t ngx_http_editorial_cache_answered(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Has the origin failed, and is there a stale page for that? */
ngx_uint_t ngx_http_editorial_cache_rescues(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* May the answer be kept?  Then what it says of itself is gathered in
   cache->head, and building begins. */
void ngx_http_editorial_cache_judge(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* This answer is not kept; why, a ngx_http_editorial_refusal_e, stands in
   Cache-Status. */
void ngx_http_editorial_cache_refuse(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_uint_t why);

ed_str_t ngx_http_editorial_refusal_name(ngx_uint_t why);

/* Did the origin fail, also where error_page led elsewhere? */
ngx_uint_t ngx_http_editorial_origin_failed(ngx_http_request_t *r);

/* How long the answer holds, by its headers. */
ed_unstorable_e ngx_http_editorial_cache_lifetime(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_lifetime_t *life);

/* Fills in cache->head, as far as the headers tell.  NGX_ERROR: they are too
   long, or there is no memory. */
ngx_int_t ngx_http_editorial_cache_describe(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *cache);


/* _cache_store */

/* What the rewriter has settled, or a buffer that goes by it. */
void ngx_http_editorial_cache_spans(ngx_http_editorial_ctx_t *ctx,
    const ed_span_t *spans, size_t n, ngx_uint_t last);
void ngx_http_editorial_cache_buf(ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b);

/* After output: stores the page where it has ended.  in: what came. */
void ngx_http_editorial_cache_flow(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Did the page that has been built come whole?  At its end. */
ngx_uint_t ngx_http_editorial_cache_is_whole(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);

/* Has the page any furniture, in any variant? */
ngx_uint_t ngx_http_editorial_cache_furnished(ed_build_t *build);

/* What a plan depends on: location, opinion, record. */
void ngx_http_editorial_cache_policy(ngx_http_editorial_loc_conf_t *conf,
    ed_opinion_e opinion, u_char *policy);

/* The seed of the ETags of a page with that tag of its origin; record,
   related: their digests. */
void ngx_http_editorial_cache_seed(const u_char *policy, const u_char *record,
    const u_char *related, ngx_str_t *etag, u_char *seed);


/* _cache_dry */

#define NGX_HTTP_EDITORIAL_DRY_KEY  (sizeof("dry_run ") - 1 + 32)

/* The key of a dry run's page, by that which a page for readers would have:
   NGX_HTTP_EDITORIAL_DRY_KEY bytes. */
void ngx_http_editorial_dry_key(ngx_str_t *key, u_char *name);

/* Removes it. */
void ngx_http_editorial_dry_purge(ngx_editorial_zone_t *zone, ngx_str_t *key);

/* Is the page being kept that goes by? */
#define ngx_http_editorial_dry_keeps(ctx)                                     \
    ((ctx)->kept_dry != NULL && (ctx)->kept_dry->building)

/* At its header: begins to keep it, where it may be and is not yet. */
void ngx_http_editorial_dry_begin(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Where none is kept, these do nothing: buffers as they came; the bytes in
   them, inflated; after they went on, the end; it did not come well. */
void ngx_http_editorial_dry_bufs(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);
void ngx_http_editorial_dry_bytes(ngx_http_editorial_ctx_t *ctx, u_char *pos,
    u_char *last);
void ngx_http_editorial_dry_flow(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
void ngx_http_editorial_dry_fail(ngx_http_editorial_ctx_t *ctx);


/* _cache_replan */

/* Was the kept page planned by this configuration and record? */
ngx_uint_t ngx_http_editorial_cache_is_planned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Plans the kept page anew where it must be; its successor takes its place.
   NGX_DECLINED: it cannot be done, the origin is to be asked. */
ngx_int_t ngx_http_editorial_cache_replan(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _cache_kept */

/* Reads the head of kept->pinned or kept->bytes.  NGX_ERROR: damaged, or no
   page for readers. */
ngx_int_t ngx_http_editorial_kept_open(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept);
void ngx_http_editorial_kept_close(ngx_http_editorial_cache_ctx_t *cache);

/* Bytes of head and body from offset on, *len of them in one piece. */
const u_char *ngx_http_editorial_kept_bytes(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, size_t offset, size_t *len);

/* The record that it was planned by; lives as long as the request.  len 0:
   none.  NGX_ERROR: it cannot be had. */
ngx_int_t ngx_http_editorial_kept_record(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *json);

/* … and its notes. */
ngx_int_t ngx_http_editorial_kept_notes(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *json);

/* Copies it where pins hold too much of the zone.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_kept_copy(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);


/* _cache_body */

/* Selects the body of ctx->edition, and sets its length and coding.
   NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_cache_select(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The body that was selected.  NULL: no memory, or the page is damaged. */
ngx_chain_t *ngx_http_editorial_cache_body(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);


/* _cache_send */

/* Sends it as the request's content; a content handler's result. */
ngx_int_t ngx_http_editorial_cache_send(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* From the filters, in the place of another answer: headers, then body. */
ngx_int_t ngx_http_editorial_cache_send_header(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_send_body(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);


/* _cache_code */

/* Compresses the page when there is time, if nobody has: the kept one; the
   one that has just been built, with that head. */
void ngx_http_editorial_cache_code(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
void ngx_http_editorial_cache_code_new(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t head);

/* That edition of a kept page was wanted compressed, and was put together from
   parts; name is its ed_whole_key().  If it is wanted often it is made a
   stream of its own. */
void ngx_http_editorial_cache_hot(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *key, ed_edition_t *edition,
    const u_char *name);

/* A worker's compressor begins and ends. */
void ngx_http_editorial_coder_init(ngx_http_editorial_main_conf_t *emcf,
    ngx_log_t *log);
void ngx_http_editorial_coder_exit(ngx_http_editorial_main_conf_t *emcf);


/* _cache_status */

ngx_str_t *ngx_http_editorial_name_of_status(ngx_uint_t status);
ngx_str_t *ngx_http_editorial_name_of_tier(ngx_uint_t tier);

/* … of a request. */
ngx_str_t *ngx_http_editorial_status_name(
    ngx_http_editorial_cache_ctx_t *cache);
ngx_str_t *ngx_http_editorial_tier_name(
    ngx_http_editorial_cache_ctx_t *cache);

/* Age and Cache-Status. */
ngx_int_t ngx_http_editorial_cache_headers(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


#endif /* NGX_HTTP_EDITORIAL_CACHE_H */
