
/*
 * The memory of ngx_http_editorial_counters.h, and what is counted when a
 * request has ended: how it was looked up, what became of it, what furniture
 * went out with it.
 *
 * Desk, feature and variant come from the configuration, so there are only so
 * many; but a reload may bring others.  A row once made stays where it is:
 * workers of the old configuration still count in it.  The master alone adds
 * rows, the number of them last, while workers read.
 *
 *     configuration                          shared memory
 *     location --> series --+--> row 3       rows[3] = news, read_more, box
 *     location --> series --+                stripes[n].tallies[3]
 */

#include "ngx_http_editorial_counters.h"


#define NGX_HTTP_EDITORIAL_STRIPES   16
#define NGX_HTTP_EDITORIAL_WORKERS   64     /* that have gauges */
#define NGX_HTTP_EDITORIAL_OVERHEAD  8      /* pages, of the slab pool */


typedef struct {
    size_t                             len;
    u_char                             data[NGX_HTTP_EDITORIAL_NAME];
} ngx_http_editorial_row_name_t;


typedef struct {
    ed_feature_e                       feature;
    ngx_http_editorial_row_name_t      desk;
    ngx_http_editorial_row_name_t      variant;
} ngx_http_editorial_row_t;


typedef struct {
    ngx_atomic_t                       counters[NGX_HTTP_EDITORIAL_COUNTERS];

    struct {
        ngx_atomic_t                   pages;
        ngx_atomic_t                   pieces;
    } tallies[NGX_HTTP_EDITORIAL_ROWS];

    u_char                             apart[NGX_CPU_CACHE_LINE];
} ngx_http_editorial_stripe_t;


typedef struct {
    ngx_http_editorial_stripe_t        stripes[NGX_HTTP_EDITORIAL_STRIPES];
    ngx_atomic_t                       gauges[NGX_HTTP_EDITORIAL_GAUGES]
                                             [NGX_HTTP_EDITORIAL_WORKERS];
    ngx_atomic_t                       nrows;
    ngx_http_editorial_row_t           rows[NGX_HTTP_EDITORIAL_ROWS];
} ngx_http_editorial_counters_sh_t;


/* Of the configuration; its row is known when the memory is. */
struct ngx_http_editorial_series_s {
    ngx_str_t                          desk;
    ngx_str_t                          variant;
    ed_feature_e                       feature;
    ngx_uint_t                         row;  /* NGX_HTTP_EDITORIAL_ROWS: none
                                                was left */
};


struct ngx_http_editorial_counters_s {
    ngx_array_t                        series;  /* of pointers */
    ngx_http_editorial_counters_sh_t  *sh;
    ngx_http_editorial_stripe_t       *stripe;  /* NULL: nothing is counted */
};


static ngx_http_editorial_series_t *ngx_http_editorial_series(ngx_conf_t *cf,
    ngx_http_editorial_counters_t *counters, ngx_str_t *desk,
    ed_feature_e feature, ngx_str_t *variant);
static ngx_int_t ngx_http_editorial_counters_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_editorial_counters_memory(ngx_shm_zone_t *shm_zone,
    ngx_http_editorial_counters_t *counters);
static void ngx_http_editorial_counters_rows(
    ngx_http_editorial_counters_t *counters, ngx_log_t *log);
static ngx_uint_t ngx_http_editorial_counters_row(
    ngx_http_editorial_counters_sh_t *sh, ngx_http_editorial_series_t *series);
static ngx_uint_t ngx_http_editorial_row_name_is(
    ngx_http_editorial_row_name_t *name, ngx_str_t *s);
static void ngx_http_editorial_row_name(ngx_http_editorial_row_name_t *name,
    ngx_str_t *s);
static ngx_int_t ngx_http_editorial_count_handler(ngx_http_request_t *r);
static void ngx_http_editorial_count_furniture(ngx_http_request_t *r,
    ngx_http_editorial_stripe_t *stripe, ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_count_time(ngx_http_editorial_stripe_t *stripe,
    ngx_uint_t histogram, uint64_t ns);


ngx_http_editorial_bucket_t
    ngx_http_editorial_buckets[NGX_HTTP_EDITORIAL_BUCKETS] =
{
    { 50000, ngx_string("0.00005") },
    { 100000, ngx_string("0.0001") },
    { 250000, ngx_string("0.00025") },
    { 500000, ngx_string("0.0005") },
    { 1000000, ngx_string("0.001") },
    { 2500000, ngx_string("0.0025") },
    { 5000000, ngx_string("0.005") },
    { 10000000, ngx_string("0.01") },
    { 25000000, ngx_string("0.025") },
    { 50000000, ngx_string("0.05") },
    { 100000000, ngx_string("0.1") }
};


ngx_http_editorial_counters_t *
ngx_http_editorial_counters_create(ngx_conf_t *cf)
{
    ngx_http_editorial_counters_t  *counters;

    counters = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_counters_t));
    if (counters == NULL) {
        return NULL;
    }

    if (ngx_array_init(&counters->series, cf->pool, 8,
                       sizeof(ngx_http_editorial_series_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return counters;
}


/* The series of its desk, by feature and variant; 0 is "off". */

ngx_int_t
ngx_http_editorial_counters_location(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *conf)
{
    ngx_str_t                        desk, name;
    ngx_uint_t                       i, v;
    ed_variants_t                   *variants;
    ngx_http_editorial_series_t    **series;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    desk.data = (u_char *) conf->policy.desk.data;
    desk.len = conf->policy.desk.len;

    for (i = 0; i < ED_FEATURES; i++) {
        variants = &conf->policy.features[i];

        if (variants->n == 0) {
            continue;
        }

        series = ngx_palloc(cf->pool, (variants->n + 1) * sizeof(void *));
        if (series == NULL) {
            return NGX_ERROR;
        }

        for (v = 0; v <= variants->n; v++) {
            ngx_str_set(&name, "off");

            if (v != 0) {
                name.data = (u_char *) variants->list[v - 1].name.data;
                name.len = variants->list[v - 1].name.len;
            }

            series[v] = ngx_http_editorial_series(cf, emcf->counters, &desk,
                                                  (ed_feature_e) i, &name);
            if (series[v] == NULL) {
                return NGX_ERROR;
            }
        }

        conf->series[i] = series;
    }

    return NGX_OK;
}


/* The one there is, or a new one. */

static ngx_http_editorial_series_t *
ngx_http_editorial_series(ngx_conf_t *cf,
    ngx_http_editorial_counters_t *counters, ngx_str_t *desk,
    ed_feature_e feature, ngx_str_t *variant)
{
    ngx_uint_t                     i;
    ngx_http_editorial_series_t   *series, **slot;

    slot = counters->series.elts;

    for (i = 0; i < counters->series.nelts; i++) {
        series = slot[i];

        if (series->feature == feature
            && series->desk.len == desk->len
            && series->variant.len == variant->len
            && ngx_memcmp(series->desk.data, desk->data, desk->len) == 0
            && ngx_memcmp(series->variant.data, variant->data, variant->len)
               == 0)
        {
            return series;
        }
    }

    slot = ngx_array_push(&counters->series);
    series = ngx_palloc(cf->pool, sizeof(ngx_http_editorial_series_t));

    if (slot == NULL || series == NULL) {
        return NULL;
    }

    series->desk = *desk;
    series->variant = *variant;
    series->feature = feature;
    series->row = NGX_HTTP_EDITORIAL_ROWS;

    *slot = series;

    return series;
}


ngx_int_t
ngx_http_editorial_counters_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    size_t                      size;
    ngx_str_t                   name;
    ngx_shm_zone_t             *shm_zone;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    if (emcf->zone == NULL && !emcf->metrics) {
        return NGX_OK;
    }

    /* no directive can make a name with a colon in it */

    ngx_str_set(&name, "editorial:metrics");

    size = ngx_align(sizeof(ngx_http_editorial_counters_sh_t), ngx_pagesize)
           + NGX_HTTP_EDITORIAL_OVERHEAD * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_editorial_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_editorial_counters_init;
    shm_zone->data = emcf->counters;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_editorial_count_handler;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_counters_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_editorial_counters_t *old = data;

    ngx_http_editorial_counters_t  *counters;

    counters = shm_zone->data;

    if (old) {
        counters->sh = old->sh;

    } else if (ngx_http_editorial_counters_memory(shm_zone, counters)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_counters_rows(counters, shm_zone->shm.log);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_counters_memory(ngx_shm_zone_t *shm_zone,
    ngx_http_editorial_counters_t *counters)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        counters->sh = shpool->data;
        return NGX_OK;
    }

    counters->sh = ngx_slab_calloc(shpool,
                                   sizeof(ngx_http_editorial_counters_sh_t));
    if (counters->sh == NULL) {
        return NGX_ERROR;
    }

    shpool->data = counters->sh;

    return NGX_OK;
}


static void
ngx_http_editorial_counters_rows(ngx_http_editorial_counters_t *counters,
    ngx_log_t *log)
{
    ngx_uint_t                     i, left;
    ngx_http_editorial_series_t  **series;

    series = counters->series.elts;
    left = 0;

    for (i = 0; i < counters->series.nelts; i++) {
        series[i]->row = ngx_http_editorial_counters_row(counters->sh,
                                                         series[i]);
        left += (series[i]->row == NGX_HTTP_EDITORIAL_ROWS);
    }

    if (left != 0) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "editorial: the metrics tell %d combinations of desk, "
                      "feature and variant apart, %ui more are not counted",
                      NGX_HTTP_EDITORIAL_ROWS, left);
    }
}


static ngx_uint_t
ngx_http_editorial_counters_row(ngx_http_editorial_counters_sh_t *sh,
    ngx_http_editorial_series_t *series)
{
    ngx_uint_t                 i;
    ngx_http_editorial_row_t  *row;

    for (i = 0; i < sh->nrows; i++) {
        row = &sh->rows[i];

        if (row->feature == series->feature
            && ngx_http_editorial_row_name_is(&row->desk, &series->desk)
            && ngx_http_editorial_row_name_is(&row->variant,
                                              &series->variant))
        {
            return i;
        }
    }

    if (i == NGX_HTTP_EDITORIAL_ROWS) {
        return i;
    }

    row = &sh->rows[i];

    row->feature = series->feature;
    ngx_http_editorial_row_name(&row->desk, &series->desk);
    ngx_http_editorial_row_name(&row->variant, &series->variant);

    ngx_memory_barrier();

    sh->nrows = i + 1;

    return i;
}


static ngx_uint_t
ngx_http_editorial_row_name_is(ngx_http_editorial_row_name_t *name,
    ngx_str_t *s)
{
    return name->len == s->len
           && ngx_memcmp(name->data, s->data, s->len) == 0;
}


static void
ngx_http_editorial_row_name(ngx_http_editorial_row_name_t *name, ngx_str_t *s)
{
    name->len = ngx_min(s->len, NGX_HTTP_EDITORIAL_NAME);
    ngx_memcpy(name->data, s->data, name->len);
}


/* What an earlier worker of this number left undone is gone with it. */

void
ngx_http_editorial_counters_init_process(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_uint_t                      i;
    ngx_http_editorial_counters_t  *counters;

    counters = emcf->counters;

    if (counters->sh == NULL) {
        return;
    }

    counters->stripe =
              &counters->sh->stripes[ngx_worker % NGX_HTTP_EDITORIAL_STRIPES];

    for (i = 0; i < NGX_HTTP_EDITORIAL_GAUGES; i++) {
        ngx_http_editorial_set_gauge(emcf, i, 0);
    }
}


void
ngx_http_editorial_count_n(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t counter, ngx_uint_t n)
{
    ngx_http_editorial_stripe_t  *stripe;

    stripe = emcf->counters->stripe;

    if (stripe != NULL) {
        (void) ngx_atomic_fetch_add(&stripe->counters[counter], n);
    }
}


void
ngx_http_editorial_set_gauge(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_gauge_e gauge, ngx_uint_t value)
{
    ngx_http_editorial_counters_t  *counters;

    counters = emcf->counters;

    if (counters->stripe != NULL) {
        counters->sh->gauges[gauge][ngx_worker % NGX_HTTP_EDITORIAL_WORKERS] =
                                                                        value;
    }
}


/* In the log phase, which a refresh does not come to: the client's requests. */

static ngx_int_t
ngx_http_editorial_count_handler(ngx_http_request_t *r)
{
    ngx_uint_t                       reason;
    ngx_http_editorial_ctx_t        *ctx;
    ngx_http_editorial_stripe_t     *stripe;
    ngx_http_editorial_cache_ctx_t  *cache;
    ngx_http_editorial_main_conf_t  *emcf;

    ctx = (r == r->main) ? ngx_http_editorial_find(r) : NULL;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    stripe = emcf->counters->stripe;

    if (ctx == NULL || stripe == NULL) {
        return NGX_OK;
    }

    cache = ctx->cache;

    if (cache != NULL && ngx_http_editorial_cache_looked(cache)) {
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_LOOKUPS
                                    + cache->status * NGX_HTTP_EDITORIAL_TIERS
                                    + cache->tier);
    }

    if (!ctx->answered) {
        return NGX_OK;
    }

    reason = ngx_http_editorial_reason(ctx);

    if (reason != ED_SKIP_NONE) {
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_SKIPPED + reason);
        return NGX_OK;
    }

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_PAGES);
    ngx_http_editorial_count_furniture(r, stripe, ctx);

    return NGX_OK;
}


/* Only of whole pages, and not of an editor's preview. */

static void
ngx_http_editorial_count_furniture(ngx_http_request_t *r,
    ngx_http_editorial_stripe_t *stripe, ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                     i, row;
    ngx_http_editorial_series_t  **series;

    if (ctx->previewed
        || r->header_only
        || r->headers_out.status != NGX_HTTP_OK)
    {
        return;
    }

    for (i = 0; i < ED_FEATURES; i++) {
        series = ctx->conf->series[i];

        if (series == NULL) {
            continue;
        }

        row = series[ctx->edition.variant[i]]->row;

        if (row == NGX_HTTP_EDITORIAL_ROWS) {
            continue;
        }

        (void) ngx_atomic_fetch_add(&stripe->tallies[row].pages, 1);

        if (ctx->walk.by_feature[i] != 0) {
            (void) ngx_atomic_fetch_add(&stripe->tallies[row].pieces,
                                        ctx->walk.by_feature[i]);
        }
    }
}


/* A page is counted when the rewriter has settled: what it is fed after that
   is not looked at. */

void
ngx_http_editorial_rewrite(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const u_char *data, size_t len,
    ngx_uint_t last, const ed_span_t **spans, size_t *n)
{
    uint64_t                         began;
    ngx_http_editorial_stripe_t     *stripe;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    stripe = emcf->counters->stripe;

    if (stripe == NULL || ed_rewrite_settled(ctx->rewrite)) {
        ed_rewrite_feed(ctx->rewrite, data, len, (int) last, spans, n);
        return;
    }

    began = ngx_http_editorial_clock();

    ed_rewrite_feed(ctx->rewrite, data, len, (int) last, spans, n);

    ctx->spent += ngx_http_editorial_clock() - began;

    if (ed_rewrite_settled(ctx->rewrite)) {
        ngx_http_editorial_count_time(stripe,
                                      NGX_HTTP_EDITORIAL_COUNT_TRANSFORMS,
                                      ctx->spent);
        ctx->spent = 0;
    }
}


void
ngx_http_editorial_count_redis(ngx_http_request_t *r, uint64_t ns)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (emcf->counters->stripe != NULL) {
        ngx_http_editorial_count_time(emcf->counters->stripe,
                                      NGX_HTTP_EDITORIAL_COUNT_REDIS, ns);
    }
}


uint64_t
ngx_http_editorial_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


static void
ngx_http_editorial_count_time(ngx_http_editorial_stripe_t *stripe,
    ngx_uint_t histogram, uint64_t ns)
{
    ngx_uint_t     i;
    ngx_atomic_t  *counters;

    counters = stripe->counters;

    for (i = 0; i < NGX_HTTP_EDITORIAL_BUCKETS; i++) {

        if (ns <= ngx_http_editorial_buckets[i].ns) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&counters[histogram + i], 1);
    (void) ngx_atomic_fetch_add(
                  &counters[histogram + NGX_HTTP_EDITORIAL_BUCKETS + 1], ns);
}


ngx_uint_t
ngx_http_editorial_counters_there(ngx_http_editorial_counters_t *counters)
{
    return counters->stripe != NULL;
}


uint64_t
ngx_http_editorial_counted(ngx_http_editorial_counters_t *counters,
    ngx_uint_t counter)
{
    uint64_t    sum;
    ngx_uint_t  i;

    sum = 0;

    for (i = 0; i < NGX_HTTP_EDITORIAL_STRIPES; i++) {
        sum += counters->sh->stripes[i].counters[counter];
    }

    return sum;
}


uint64_t
ngx_http_editorial_gauged(ngx_http_editorial_counters_t *counters,
    ngx_uint_t gauge)
{
    uint64_t    sum;
    ngx_uint_t  i;

    sum = 0;

    for (i = 0; i < NGX_HTTP_EDITORIAL_WORKERS; i++) {
        sum += counters->sh->gauges[gauge][i];
    }

    return sum;
}


ngx_int_t
ngx_http_editorial_counted_row(ngx_http_editorial_counters_t *counters,
    ngx_uint_t i, ngx_http_editorial_tally_t *tally)
{
    ngx_uint_t                         stripe;
    ngx_http_editorial_row_t          *row;
    ngx_http_editorial_counters_sh_t  *sh;

    sh = counters->sh;

    if (i >= sh->nrows) {
        return NGX_DONE;
    }

    ngx_memory_barrier();

    row = &sh->rows[i];

    tally->desk.data = row->desk.data;
    tally->desk.len = row->desk.len;
    tally->variant.data = row->variant.data;
    tally->variant.len = row->variant.len;
    tally->feature = row->feature;
    tally->pages = 0;
    tally->pieces = 0;

    for (stripe = 0; stripe < NGX_HTTP_EDITORIAL_STRIPES; stripe++) {
        tally->pages += sh->stripes[stripe].tallies[i].pages;
        tally->pieces += sh->stripes[stripe].tallies[i].pieces;
    }

    return NGX_OK;
}
