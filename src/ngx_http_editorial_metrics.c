
/*
 * editorial_metrics: what the module has counted, as Prometheus reads it, in
 * its text format, version 0.0.4.
 *
 *     # HELP editorial_stored_total Pages that were stored.
 *     # TYPE editorial_stored_total counter
 *     editorial_stored_total 17
 *
 * Each metric is a line of a table: its name, type and help, the function that
 * writes its samples, and which counter (or field of the zone's numbers) they
 * come from.  Those of the zone are left out where there is none.
 */

#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_ledger.h"


#define NGX_HTTP_EDITORIAL_METRICS_MAX    (4 * 1024 * 1024)   /* bytes */
#define NGX_HTTP_EDITORIAL_METRICS_TYPE                                       \
    "text/plain; version=0.0.4; charset=utf-8"

/* A label's value: names of the core and of nginx' side alike. */
#define ngx_http_editorial_label_set(label, n, v)                             \
    (label)->name = n;                                                        \
    (label)->value = ed_str((v)->data, (v)->len)


typedef struct {
    const char                        *name;
    ed_str_t                           value;
} ngx_http_editorial_label_t;


/* A response under way.  The first failure stays in rc. */
typedef struct {
    ed_buf_t                          *text;
    ed_rc_t                            rc;
    ngx_http_editorial_main_conf_t    *emcf;
    ed_zone_stats_t                    stats;
} ngx_http_editorial_metrics_t;


typedef struct ngx_http_editorial_metric_s  ngx_http_editorial_metric_t;

typedef void (*ngx_http_editorial_metric_pt)(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);

typedef ed_str_t (*ngx_http_editorial_metric_name_pt)(ngx_uint_t i);

struct ngx_http_editorial_metric_s {
    ed_str_t                           name;
    const char                        *type;
    const char                        *help;
    ngx_http_editorial_metric_pt       write;
    ngx_uint_t                         from;   /* counter, or offset */
};


static ngx_int_t ngx_http_editorial_metrics_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_metrics_not_allowed(
    ngx_http_request_t *r);
static ed_buf_t *ngx_http_editorial_metrics_text(ngx_http_request_t *r);
static void ngx_http_editorial_metrics_cleanup(void *data);
static ngx_int_t ngx_http_editorial_metrics_send(ngx_http_request_t *r,
    ed_buf_t *text);

static ed_rc_t ngx_http_editorial_metrics_write(
    ngx_http_editorial_main_conf_t *emcf, ed_buf_t *text);
static void ngx_http_editorial_metric_counter(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_lookups(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_skipped(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_refused(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_beacons(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_told(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_each(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric, const char *name,
    ngx_http_editorial_metric_name_pt value, ngx_uint_t first,
    ngx_uint_t end);
static void ngx_http_editorial_metric_ledger(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_rows(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_times(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_zone(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_gauge(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_states(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric);
static void ngx_http_editorial_metric_state(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric,
    ngx_http_editorial_desk_t *desk, ed_desk_t *notices,
    ed_feature_e feature);
static ngx_uint_t ngx_http_editorial_metric_reason(ngx_uint_t reason,
    ngx_str_t *name, ngx_uint_t *same);

static void ngx_http_editorial_metric_sample(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric,
    const ngx_http_editorial_label_t *labels, ngx_uint_t n, uint64_t value);
static void ngx_http_editorial_metric_name(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric, const char *suffix,
    const ngx_http_editorial_label_t *labels, ngx_uint_t n);
static void ngx_http_editorial_metric_escape(ngx_http_editorial_metrics_t *m,
    ed_str_t value);
static void ngx_http_editorial_metric_print(ngx_http_editorial_metrics_t *m,
    const char *fmt, ...);
static void ngx_http_editorial_metric_append(ngx_http_editorial_metrics_t *m,
    const void *data, size_t len);


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }

static const ngx_http_editorial_metric_t  ngx_http_editorial_metrics[] = {

    { ED_S("editorial_lookups_total"), "counter",
      "Requests that were looked up in the cache.",
      ngx_http_editorial_metric_lookups,
      NGX_HTTP_EDITORIAL_COUNT_LOOKUPS },

    { ED_S("editorial_pages_total"), "counter",
      "Responses that were worked on, or served from what was kept of one.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_PAGES },

    { ED_S("editorial_skipped_total"), "counter",
      "Responses that were left alone.",
      ngx_http_editorial_metric_skipped,
      NGX_HTTP_EDITORIAL_COUNT_SKIPPED },

    { ED_S("editorial_variant_pages_total"), "counter",
      "Pages that were sent in a variant of a feature.",
      ngx_http_editorial_metric_rows,
      offsetof(ngx_http_editorial_tally_t, pages) },

    { ED_S("editorial_furniture_total"), "counter",
      "Pieces of furniture in them.",
      ngx_http_editorial_metric_rows,
      offsetof(ngx_http_editorial_tally_t, pieces) },

    { ED_S("editorial_beacons_total"), "counter",
      "Beacons of readers' browsers.",
      ngx_http_editorial_metric_beacons,
      NGX_HTTP_EDITORIAL_COUNT_BEACONS },

    { ED_S("editorial_beacon_events_total"), "counter",
      "Events in those that were taken.",
      ngx_http_editorial_metric_told,
      NGX_HTTP_EDITORIAL_COUNT_TOLD },

    { ED_S("editorial_ledger_cells"), "gauge",
      "Cells of the ledger in use.",
      ngx_http_editorial_metric_ledger, 0 },

    { ED_S("editorial_ledger_cells_unwritten"), "gauge",
      "... whose counts Redis has not yet.",
      ngx_http_editorial_metric_ledger, 1 },

    { ED_S("editorial_feature_state"), "gauge",
      "1 for what holds of a feature on a desk.",
      ngx_http_editorial_metric_states,
      0 },

    { ED_S("editorial_transform_seconds"), "histogram",
      "Time that the rewriter took for a page.",
      ngx_http_editorial_metric_times,
      NGX_HTTP_EDITORIAL_COUNT_TRANSFORMS },

    { ED_S("editorial_redis_seconds"), "histogram",
      "Time that a request waited for Redis.",
      ngx_http_editorial_metric_times,
      NGX_HTTP_EDITORIAL_COUNT_REDIS },

    { ED_S("editorial_redis_failures_total"), "counter",
      "Questions to Redis that were not answered.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_FAILED },

    { ED_S("editorial_redis_commands_total"), "counter",
      "Commands that were sent to Redis.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_COMMANDS },

    { ED_S("editorial_redis_timeouts_total"), "counter",
      "Replies of Redis that did not come in time.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_TIMEOUTS },

    { ED_S("editorial_redis_lost_total"), "counter",
      "Connections to Redis that were lost.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_LOST },

    { ED_S("editorial_redis_refused_total"), "counter",
      "Commands that were not sent, as the breaker was open.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_REFUSED },

    { ED_S("editorial_redis_connected"), "gauge",
      "Workers that are connected with Redis.",
      ngx_http_editorial_metric_gauge,
      NGX_HTTP_EDITORIAL_GAUGE_CONNECTED },

    { ED_S("editorial_redis_breaker_open"), "gauge",
      "Workers whose breaker is open.",
      ngx_http_editorial_metric_gauge,
      NGX_HTTP_EDITORIAL_GAUGE_OPEN },

    { ED_S("editorial_redis_told"), "gauge",
      "1 while Redis tells this node of changes.",
      ngx_http_editorial_metric_gauge,
      NGX_HTTP_EDITORIAL_GAUGE_WATCHES },

    { ED_S("editorial_redis_told_lag_milliseconds"), "gauge",
      "Time that the connection took to answer, by which Redis tells.",
      ngx_http_editorial_metric_gauge,
      NGX_HTTP_EDITORIAL_GAUGE_LAG },

    { ED_S("editorial_redis_stored_total"), "counter",
      "Pages that were stored in Redis.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REDIS_STORED },

    { ED_S("editorial_checks_total"), "counter",
      "Pages of the zone that were compared with those in Redis.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_CHECKS },

    { ED_S("editorial_checks_dropped_total"), "counter",
      "... and were dropped, as Redis had another, or none.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_CHECKS_DROPPED },

    { ED_S("editorial_stored_total"), "counter",
      "Pages that were stored.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_STORED },

    { ED_S("editorial_refused_total"), "counter",
      "Answers that were fetched to be stored, and were not.",
      ngx_http_editorial_metric_refused,
      NGX_HTTP_EDITORIAL_COUNT_REFUSED },

    { ED_S("editorial_replans_total"), "counter",
      "Stored pages that were planned again under a changed configuration.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REPLANS },

    { ED_S("editorial_purged_total"), "counter",
      "Stored pages that were purged.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_PURGED },

    { ED_S("editorial_damaged_total"), "counter",
      "Stored pages that were damaged and dropped.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_DAMAGED },

    { ED_S("editorial_origin_failures_total"), "counter",
      "Fetches of pages that were looked up, and failed.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_ORIGIN_FAILED },

    { ED_S("editorial_refreshes_total"), "counter",
      "Fetches by requests without a client.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_REFRESHES },

    { ED_S("editorial_handed_on_total"), "counter",
      "Fetches that were taken over because their client reads slowly.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_HANDED_ON },

    { ED_S("editorial_compressed_total"), "counter",
      "Stored pages that were compressed.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_CODED },

    { ED_S("editorial_compression_input_bytes_total"), "counter",
      "Bytes of them before.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_CODED_FROM },

    { ED_S("editorial_compression_output_bytes_total"), "counter",
      "Bytes of them after.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_CODED_TO },

    { ED_S("editorial_compression_waiting"), "gauge",
      "Stored pages that wait for compression.",
      ngx_http_editorial_metric_gauge,
      NGX_HTTP_EDITORIAL_GAUGE_JOBS },

    { ED_S("editorial_log_lines_swallowed_total"), "counter",
      "Lines that were not logged, as one of their cause was in that second.",
      ngx_http_editorial_metric_counter,
      NGX_HTTP_EDITORIAL_COUNT_SWALLOWED },

    { ED_S("editorial_zone_pages"), "gauge",
      "Pages in the zone.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, pages) },

    { ED_S("editorial_zone_blocks"), "gauge",
      "Blocks of the zone.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, blocks) },

    { ED_S("editorial_zone_blocks_free"), "gauge",
      "Blocks of the zone in no use.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, free) },

    { ED_S("editorial_zone_blocks_pinned"), "gauge",
      "Blocks of the zone in pages that are being sent.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, pinned) },

    { ED_S("editorial_zone_evictions_total"), "counter",
      "Pages that were put out of the zone for room.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, evictions) },

    { ED_S("editorial_zone_refused_total"), "counter",
      "Pages for which the zone had no room.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, refused) },

    { ED_S("editorial_zone_recovered_total"), "counter",
      "Times that a worker died while it changed the zone.",
      ngx_http_editorial_metric_zone,
      offsetof(ed_zone_stats_t, recovered) },

    { { NULL, 0 }, NULL, NULL, NULL, 0 }
};

#undef ED_S


char *
ngx_http_editorial_metrics_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_editorial_main_conf_t  *emcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_http_editorial_metrics_handler) {
        return "is duplicate";
    }

    clcf->handler = ngx_http_editorial_metrics_handler;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    emcf->metrics = 1;
    elcf->own = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_editorial_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    ed_buf_t   *text;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_editorial_metrics_not_allowed(r);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    text = ngx_http_editorial_metrics_text(r);

    if (text == NULL
        || ngx_http_editorial_add_cache_control(r, ED_STR("no-store"))
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_editorial_metrics_send(r, text);
}


/* RFC 9110, 15.5.6: a 405 has to say what is allowed. */

static ngx_int_t
ngx_http_editorial_metrics_not_allowed(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "Allow");
    ngx_str_set(&h->value, "GET, HEAD");

    return NGX_HTTP_NOT_ALLOWED;
}


/* All of it; it lives as long as the request.  NULL: no memory. */

static ed_buf_t *
ngx_http_editorial_metrics_text(ngx_http_request_t *r)
{
    ed_buf_t            *text;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ed_buf_t));
    if (cln == NULL) {
        return NULL;
    }

    text = cln->data;
    ed_buf_init(text, NGX_HTTP_EDITORIAL_METRICS_MAX);
    cln->handler = ngx_http_editorial_metrics_cleanup;

    if (ngx_http_editorial_metrics_write(
            ngx_http_get_module_main_conf(r, ngx_http_editorial_module), text)
        != ED_OK)
    {
        return NULL;
    }

    return text;
}


static void
ngx_http_editorial_metrics_cleanup(void *data)
{
    ed_buf_free(data);
}


static ngx_int_t
ngx_http_editorial_metrics_send(ngx_http_request_t *r, ed_buf_t *text)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = text->len;

    /* the type alone is what gzip_types and others compare */

    ngx_str_set(&r->headers_out.content_type, NGX_HTTP_EDITORIAL_METRICS_TYPE);
    r->headers_out.content_type_len = sizeof("text/plain") - 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ed_rc_t
ngx_http_editorial_metrics_write(ngx_http_editorial_main_conf_t *emcf,
    ed_buf_t *text)
{
    ngx_http_editorial_metrics_t        m;
    const ngx_http_editorial_metric_t  *metric;

    ngx_memzero(&m, sizeof(ngx_http_editorial_metrics_t));

    m.text = text;
    m.rc = ED_OK;
    m.emcf = emcf;

    if (emcf->zone != NULL) {
        ngx_editorial_zone_stats(emcf->zone, &m.stats);
    }

    for (metric = ngx_http_editorial_metrics;
         metric->name.len != 0;
         metric++)
    {
        if ((metric->write == ngx_http_editorial_metric_zone
             || metric->write == ngx_http_editorial_metric_states
             || metric->write == ngx_http_editorial_metric_ledger)
            && emcf->zone == NULL)
        {
            continue;
        }

        ngx_http_editorial_metric_print(&m, "# HELP %s %s\n# TYPE %s %s\n",
                                        metric->name.data, metric->help,
                                        metric->name.data, metric->type);
        metric->write(&m, metric);
    }

    return m.rc;
}


ngx_uint_t
ngx_http_editorial_metric_plain(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t *i, ed_str_t *name, uint64_t *value)
{
    const ngx_http_editorial_metric_t  *metric;

    for ( ;; ) {
        metric = &ngx_http_editorial_metrics[(*i)++];

        if (metric->name.len == 0) {
            return 0;
        }

        if (metric->write == ngx_http_editorial_metric_counter) {
            *name = metric->name;
            *value = ngx_http_editorial_counted(emcf->counters, metric->from);

            return 1;
        }
    }
}


static void
ngx_http_editorial_metric_counter(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_sample(m, metric, NULL, 0,
                           ngx_http_editorial_counted(m->emcf->counters,
                                                      metric->from));
}


/* A hit has not come from the origin, a miss from nowhere else. */

static void
ngx_http_editorial_metric_lookups(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    u_char                       lower[16];
    ngx_str_t                   *name;
    ngx_uint_t                   status, tier, i;
    ngx_http_editorial_label_t   labels[2];

    for (i = 0;
         i < NGX_HTTP_EDITORIAL_STATUSES * NGX_HTTP_EDITORIAL_TIERS;
         i++)
    {
        status = i / NGX_HTTP_EDITORIAL_TIERS;
        tier = i % NGX_HTTP_EDITORIAL_TIERS;

        if (status == NGX_HTTP_EDITORIAL_STATUS_OFF
            || tier == NGX_HTTP_EDITORIAL_TIER_NONE
            || (status < NGX_HTTP_EDITORIAL_STATUS_HIT)
               != (tier == NGX_HTTP_EDITORIAL_TIER_ORIGIN))
        {
            continue;
        }

        name = ngx_http_editorial_name_of_status(status);
        ngx_strlow(lower, name->data, ngx_min(name->len, sizeof(lower)));

        labels[0].name = "status";
        labels[0].value = ed_str(lower, ngx_min(name->len, sizeof(lower)));

        name = ngx_http_editorial_name_of_tier(tier);
        ngx_http_editorial_label_set(&labels[1], "tier", name);

        ngx_http_editorial_metric_sample(m, metric, labels, 2,
                               ngx_http_editorial_counted(m->emcf->counters,
                                                          metric->from + i));
    }
}


static void
ngx_http_editorial_metric_skipped(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    uint64_t                     value;
    ngx_str_t                    name;
    ngx_uint_t                   i, same;
    ngx_http_editorial_label_t   label;

    for (i = 0; i < ED_SKIPS + NGX_HTTP_EDITORIAL_SKIPS; i++) {

        if (!ngx_http_editorial_metric_reason(i, &name, &same)) {
            continue;
        }

        value = ngx_http_editorial_counted(m->emcf->counters,
                                           metric->from + i);

        if (same != 0) {
            value += ngx_http_editorial_counted(m->emcf->counters,
                                                metric->from + same);
        }

        ngx_http_editorial_label_set(&label, "reason", &name);
        ngx_http_editorial_metric_sample(m, metric, &label, 1, value);
    }
}


/*
 * The reason's name; zero where it has none, or the core has one of that name
 * already.  *same is another reason with the same name, 0 where there is none.
 */

static ngx_uint_t
ngx_http_editorial_metric_reason(ngx_uint_t reason, ngx_str_t *name,
    ngx_uint_t *same)
{
    ngx_str_t   other;
    ngx_uint_t  i;

    ngx_http_editorial_reason_name(reason, name);

    *same = 0;

    for (i = 0; i < ED_SKIPS + NGX_HTTP_EDITORIAL_SKIPS; i++) {
        ngx_http_editorial_reason_name(i, &other);

        if (i != reason
            && other.len == name->len
            && ngx_memcmp(other.data, name->data, name->len) == 0)
        {
            *same = i;
        }
    }

    return name->len != 0 && (*same == 0 || *same > reason);
}


static void
ngx_http_editorial_metric_refused(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_each(m, metric, "reason",
                                   ngx_http_editorial_refusal_name,
                                   ED_STORABLE + 1,
                                   NGX_HTTP_EDITORIAL_REFUSALS);
}


static void
ngx_http_editorial_metric_beacons(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_each(m, metric, "result",
                                   ngx_http_editorial_beacon_name, 0,
                                   NGX_HTTP_EDITORIAL_BEACONS);
}


static void
ngx_http_editorial_metric_told(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_each(m, metric, "result",
                                   ngx_http_editorial_told_name, 0,
                                   NGX_HTTP_EDITORIAL_TOLDS);
}


/* Those counters from the first up to the end, by the names of what they
   count. */

static void
ngx_http_editorial_metric_each(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric, const char *name,
    ngx_http_editorial_metric_name_pt value, ngx_uint_t first, ngx_uint_t end)
{
    ngx_uint_t                   i;
    ngx_http_editorial_label_t   label;

    label.name = name;

    for (i = first; i < end; i++) {
        label.value = value(i);

        ngx_http_editorial_metric_sample(m, metric, &label, 1,
                               ngx_http_editorial_counted(m->emcf->counters,
                                                          metric->from + i));
    }
}


static void
ngx_http_editorial_metric_ledger(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_uint_t  cells, unwritten;

    ngx_http_editorial_ledger_stats(m->emcf, &cells, &unwritten);

    ngx_http_editorial_metric_sample(m, metric, NULL, 0,
                                     metric->from == 0 ? cells : unwritten);
}


/* "off" has no pieces. */

static void
ngx_http_editorial_metric_rows(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_uint_t                   i, pieces;
    ngx_http_editorial_label_t   labels[3];
    ngx_http_editorial_tally_t   tally;

    pieces = (metric->from == offsetof(ngx_http_editorial_tally_t, pieces));

    for (i = 0;
         ngx_http_editorial_counted_row(m->emcf->counters, i, &tally)
         == NGX_OK;
         i++)
    {
        if (pieces
            && tally.variant.len == 3
            && ngx_strncmp(tally.variant.data, "off", 3) == 0)
        {
            continue;
        }

        ngx_http_editorial_label_set(&labels[0], "desk", &tally.desk);
        labels[1].name = "feature";
        labels[1].value = ed_feature_name(tally.feature);
        ngx_http_editorial_label_set(&labels[2], "variant", &tally.variant);

        ngx_http_editorial_metric_sample(m, metric, labels, 3,
                               *(uint64_t *) ((u_char *) &tally
                                              + metric->from));
    }
}


/* The buckets are added up as they are read, so that they never disagree. */

static void
ngx_http_editorial_metric_times(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    uint64_t                     sum, ns;
    ngx_str_t                    inf = ngx_string("+Inf");
    ngx_uint_t                   i;
    ngx_http_editorial_label_t   label;

    sum = 0;

    for (i = 0; i <= NGX_HTTP_EDITORIAL_BUCKETS; i++) {
        sum += ngx_http_editorial_counted(m->emcf->counters,
                                          metric->from + i);

        ngx_http_editorial_label_set(&label, "le",
                                   i < NGX_HTTP_EDITORIAL_BUCKETS
                                   ? &ngx_http_editorial_buckets[i].seconds
                                   : &inf);

        ngx_http_editorial_metric_name(m, metric, "_bucket", &label, 1);
        ngx_http_editorial_metric_print(m, " %uL\n", sum);
    }

    ns = ngx_http_editorial_counted(m->emcf->counters,
                                    metric->from
                                    + NGX_HTTP_EDITORIAL_BUCKETS + 1);

    ngx_http_editorial_metric_name(m, metric, "_sum", NULL, 0);
    ngx_http_editorial_metric_print(m, " %uL.%09uL\n", ns / 1000000000,
                                    ns % 1000000000);

    ngx_http_editorial_metric_name(m, metric, "_count", NULL, 0);
    ngx_http_editorial_metric_print(m, " %uL\n", sum);
}


static void
ngx_http_editorial_metric_zone(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_sample(m, metric, NULL, 0,
                                     *(uint64_t *) ((u_char *) &m->stats
                                                    + metric->from));
}


static void
ngx_http_editorial_metric_gauge(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ngx_http_editorial_metric_sample(m, metric, NULL, 0,
                             ngx_http_editorial_gauged(m->emcf->counters,
                                                       metric->from));
}


/* Of a paused desk, "paused"; before and after a state's time, "on". */

static void
ngx_http_editorial_metric_states(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric)
{
    ed_desk_t                    notices;
    ngx_uint_t                   i, f, n;
    ngx_http_editorial_desk_t  **desks;

    desks = ngx_http_editorial_desks(m->emcf, &n);

    for (i = 0; i < n; i++) {

        if (ngx_http_editorial_desk_get(desks[i], &notices) != NGX_OK) {
            continue;
        }

        for (f = 0; f < ED_FEATURES; f++) {
            ngx_http_editorial_metric_state(m, metric, desks[i], &notices,
                                            (ed_feature_e) f);
        }
    }
}


static void
ngx_http_editorial_metric_state(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric,
    ngx_http_editorial_desk_t *desk, ed_desk_t *notices, ed_feature_e feature)
{
    ed_state_t                  shown;
    ed_state_mode_e             mode;
    ngx_http_editorial_label_t  labels[3];

    ngx_http_editorial_state_shown(desk, feature,
                                   &notices->features[feature].state, &shown);

    mode = ed_state_at(&shown, ngx_time());

    ngx_http_editorial_label_set(&labels[0], "desk", &desk->name);
    labels[1].name = "feature";
    labels[1].value = ed_feature_name(feature);
    labels[2].name = "mode";
    labels[2].value = notices->paused ? ED_STR("paused")
                      : mode == ED_STATE_OFF ? ED_STR("off")
                      : mode == ED_STATE_TEST ? ED_STR("test") : ED_STR("on");

    ngx_http_editorial_metric_sample(m, metric, labels, 3, 1);
}


static void
ngx_http_editorial_metric_sample(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric,
    const ngx_http_editorial_label_t *labels, ngx_uint_t n, uint64_t value)
{
    ngx_http_editorial_metric_name(m, metric, "", labels, n);
    ngx_http_editorial_metric_print(m, " %uL\n", value);
}


static void
ngx_http_editorial_metric_name(ngx_http_editorial_metrics_t *m,
    const ngx_http_editorial_metric_t *metric, const char *suffix,
    const ngx_http_editorial_label_t *labels, ngx_uint_t n)
{
    ngx_uint_t  i;

    ngx_http_editorial_metric_print(m, "%s%s", metric->name.data, suffix);

    for (i = 0; i < n; i++) {
        ngx_http_editorial_metric_print(m, "%s%s=\"", i == 0 ? "{" : ",",
                                        labels[i].name);
        ngx_http_editorial_metric_escape(m, labels[i].value);
        ngx_http_editorial_metric_append(m, "\"}", i == n - 1 ? 2 : 1);
    }
}


static void
ngx_http_editorial_metric_escape(ngx_http_editorial_metrics_t *m,
    ed_str_t value)
{
    size_t  i;

    for (i = 0; i < value.len; i++) {

        switch (value.data[i]) {

        case '\n':
            ngx_http_editorial_metric_append(m, "\\n", 2);
            break;

        case '"':
        case '\\':
            ngx_http_editorial_metric_append(m, "\\", 1);
            /* fall through */

        default:
            ngx_http_editorial_metric_append(m, &value.data[i], 1);
        }
    }
}


/* A line of names, helps and numbers of this file: 256 bytes are enough. */

static void
ngx_http_editorial_metric_print(ngx_http_editorial_metrics_t *m,
    const char *fmt, ...)
{
    u_char    line[256], *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(line, line + sizeof(line), fmt, args);
    va_end(args);

    ngx_http_editorial_metric_append(m, line, p - line);
}


static void
ngx_http_editorial_metric_append(ngx_http_editorial_metrics_t *m,
    const void *data, size_t len)
{
    if (m->rc == ED_OK) {
        m->rc = ed_buf_append(m->text, data, len);
    }
}
