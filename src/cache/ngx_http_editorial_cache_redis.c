
/*
 * The steps of a look-up that need an answer of Redis.
 *
 *     check    a page of the zone may be old: its beginning there, and the
 *              article's record, say whether it is
 *     find     a page that the zone has not, with the article's record
 *     claim    the fleet's lock: one fetch of a page for all nodes.  Whoever
 *              does not get it asks again after a moment that grows with the
 *              time he has waited, until the page is there
 *
 * Of a node only one request a page gets as far as find, where there is a
 * zone: the others wait for its lock.  Where Redis does not answer the request
 * goes on as if there was none.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_redis.h"


/* How long a fetch may hold the fleet's lock, and the moments between two
   claims, ms. */
#define NGX_HTTP_EDITORIAL_FLEET_LOCK  "10000"
#define NGX_HTTP_EDITORIAL_CLAIM_MIN   2
#define NGX_HTTP_EDITORIAL_CLAIM_MAX   50
#define NGX_HTTP_EDITORIAL_CLAIM_PART  20     /* of the time waited so far */


static ngx_int_t ngx_http_editorial_cache_same(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value);
static ngx_uint_t ngx_http_editorial_cache_renews(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_uint_t ngx_http_editorial_cache_takes_coded(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_use(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_claim_later(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_end_refresh(
    ngx_http_editorial_cache_ctx_t *cache);


ngx_int_t
ngx_http_editorial_cache_inquire(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->cache->step = NGX_HTTP_EDITORIAL_STEP_INQUIRED;

    rc = ngx_http_editorial_find_ask(r, ctx,
                                     ngx_http_editorial_find_bit(RECORD)
                                     |ngx_http_editorial_find_bit(GENERATION));

    return rc == NGX_DECLINED ? ngx_http_editorial_cache_inquired(r, ctx) : rc;
}


ngx_int_t
ngx_http_editorial_cache_inquired(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_record_take(r, ctx);
    (void) ngx_http_editorial_cache_renews(r, ctx);

    if (ctx->record == NULL || ctx->record->malformed) {
        ngx_http_editorial_cache_last_record(r, ctx);
    }

    ctx->cache->step = NGX_HTTP_EDITORIAL_STEP_DONE;

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_editorial_cache_check(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ctx->cache->step = NGX_HTTP_EDITORIAL_STEP_CHECKED;

    return ngx_http_editorial_find_ask(r, ctx,
                                     ngx_http_editorial_find_bit(REVISION)
                                     |ngx_http_editorial_find_bit(RECORD)
                                     |ngx_http_editorial_find_bit(GENERATION));
}


ngx_int_t
ngx_http_editorial_cache_checked(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_editorial_redis_value_t     *value;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->checked = 1;

    ngx_http_editorial_record_take(r, ctx);

    if (!ngx_http_editorial_cache_renews(r, ctx)) {

        if (ngx_http_editorial_find_answer(ctx,
                                           NGX_HTTP_EDITORIAL_FIND_REVISION,
                                           &value)
            != NGX_OK
            || ngx_http_editorial_cache_same(r, ctx, value) == NGX_OK)
        {
            return ngx_http_editorial_cache_hit(r, ctx);
        }
    }

    ngx_http_editorial_cache_unlock(cache);
    ngx_http_editorial_kept_close(cache);

    return ngx_http_editorial_cache_lookup(r, ctx);
}


ngx_int_t
ngx_http_editorial_cache_find(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_uint_t                       what;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->asked = 1;
    cache->step = NGX_HTTP_EDITORIAL_STEP_FOUND;

    what = ngx_http_editorial_find_bit(RECORD)
           |ngx_http_editorial_find_bit(GENERATION);

    if (ngx_http_editorial_cache_takes_coded(r, cache)) {
        what |= ngx_http_editorial_find_bit(REVISION)
                |ngx_http_editorial_find_bit(CODED);

    } else {
        cache->plain = 1;
        what |= ngx_http_editorial_find_bit(PAGE);

        if (ngx_http_editorial_zone_is_there(r) && cache->conf->cache.gzip) {
            what |= ngx_http_editorial_find_bit(CODED);
        }
    }

    rc = ngx_http_editorial_find_ask(r, ctx, what);

    return rc == NGX_DECLINED ? ngx_http_editorial_cache_claim(r, ctx) : rc;
}


ngx_int_t
ngx_http_editorial_cache_was_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_editorial_redis_value_t     *value;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    ngx_http_editorial_record_take(r, ctx);

    if (ngx_http_editorial_cache_renews(r, ctx)) {

        if (cache->detached) {
            return ngx_http_editorial_cache_end_refresh(cache);
        }

        if (ngx_http_editorial_zone_is_there(r)) {
            /* its lock is of the generation before */
            ngx_http_editorial_cache_unlock(cache);
            ngx_http_editorial_kept_close(cache);
            cache->asked = 0;

            return ngx_http_editorial_cache_lookup(r, ctx);
        }
    }

    value = ngx_http_editorial_cache_answer(ctx);

    if (value == NULL && !cache->plain) {
        cache->plain = 1;
        return ngx_http_editorial_cache_find(r, ctx);
    }

    rc = (value != NULL) ? ngx_http_editorial_cache_adopt(r, ctx, value)
                         : NGX_DECLINED;

    if (rc != NGX_OK) {
        return ngx_http_editorial_cache_claim(r, ctx);
    }

    return cache->detached ? ngx_http_editorial_cache_end_refresh(cache)
                           : ngx_http_editorial_cache_use(r, ctx);
}


/* A request that may not store what it fetches needs no lock. */

ngx_int_t
ngx_http_editorial_cache_claim(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char                           known[NGX_HTTP_EDITORIAL_REVISION_LEN];
    ngx_int_t                        rc;
    ngx_str_t                        args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];
    ngx_http_editorial_cache_ctx_t  *cache;
    static ngx_str_t                 life =
                                   ngx_string(NGX_HTTP_EDITORIAL_FLEET_LOCK);

    cache = ctx->cache;

    if (r->method != NGX_HTTP_GET
        || !(cache->lookup.lock || cache->detached)
        || (cache->token == 0 && ngx_http_editorial_zone_is_there(r)))
    {
        return ngx_http_editorial_cache_fetch(r, ctx);
    }

    ngx_http_editorial_make_token(cache->fleet);

    args[0].data = cache->fleet;
    args[0].len = NGX_HTTP_EDITORIAL_TOKEN;
    args[1] = life;
    args[2].data = known;
    args[2].len = ngx_http_editorial_revision_bytes(cache->known, known);

    cache->step = NGX_HTTP_EDITORIAL_STEP_CLAIMED;

    rc = ngx_http_editorial_find_script(r, ctx,
                                        NGX_HTTP_EDITORIAL_SCRIPT_LOCK,
                                        &cache->key, args);

    return rc == NGX_DECLINED ? ngx_http_editorial_cache_fetch(r, ctx) : rc;
}


ngx_int_t
ngx_http_editorial_cache_claimed(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        reply;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    reply = ctx->find->reply;

    switch (reply) {

    case NGX_HTTP_EDITORIAL_LOCK_PAGE:
        return ngx_http_editorial_cache_find(r, ctx);

    case NGX_HTTP_EDITORIAL_LOCK_BUSY:
        return ngx_http_editorial_cache_claim_later(r, ctx);

    case NGX_HTTP_EDITORIAL_LOCK_UNSTORABLE:
        ngx_http_editorial_cache_unstorable(cache, 0,
                                            NGX_HTTP_EDITORIAL_MARK_FAILED);
        break;

    default:
        if (reply > 0) {
            cache->has_fleet = 1;
            cache->began = reply;
        }
    }

    return ngx_http_editorial_cache_fetch(r, ctx);
}


ngx_int_t
ngx_http_editorial_cache_begin_refresh(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->cache->step = NGX_HTTP_EDITORIAL_STEP_REFRESH_INQUIRED;

    rc = ngx_http_editorial_find_ask(r, ctx,
                                     ngx_http_editorial_find_bit(RECORD)
                                     |ngx_http_editorial_find_bit(GENERATION));

    return rc == NGX_DECLINED
           ? ngx_http_editorial_cache_refresh_inquired(r, ctx) : rc;
}


ngx_int_t
ngx_http_editorial_cache_refresh_inquired(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    ngx_http_editorial_record_take(r, ctx);

    if (ngx_http_editorial_cache_renews(r, ctx)) {
        /* the page that was to be refreshed is no more */
        return ngx_http_editorial_cache_end_refresh(cache);
    }

    return cache->has_fleet ? ngx_http_editorial_cache_fetch(r, ctx)
                            : ngx_http_editorial_cache_claim(r, ctx);
}


/* Is what Redis has the page of the zone? */

static ngx_int_t
ngx_http_editorial_cache_same(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value)
{
    uint64_t                         revision;
    ed_zone_stamp_t                 *stamp;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    stamp = &cache->lookup.stamp;

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_CHECKS);

    revision = value != NULL ? ed_stored_revision(value->data, value->len)
                             : 0;

    if (revision != 0 && revision == stamp->revision) {

        if (ctx->record != NULL && ctx->record->known) {
            ngx_editorial_zone_trust(ngx_http_editorial_zone(r),
                                     cache->lookup.key, stamp);

            /* so that what it is planned anew to is trusted, too */
            stamp->doubtful = 0;
        }

        return NGX_OK;
    }

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_CHECKS_DROPPED);
    (void) ngx_editorial_zone_purge_revision(ngx_http_editorial_zone(r),
                                             cache->lookup.key,
                                             stamp->revision);
    return NGX_DECLINED;
}


/* Has the generation been raised since the look-up?  The zone is told. */

static ngx_uint_t
ngx_http_editorial_cache_renews(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        generation;
    ngx_editorial_redis_value_t     *value;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ngx_http_editorial_find_answer(ctx,
                                       NGX_HTTP_EDITORIAL_FIND_GENERATION,
                                       &value)
        != NGX_OK)
    {
        return 0;
    }

    generation = ngx_http_editorial_redis_number(value);

    if (generation < 0 || (uint64_t) generation == cache->generation) {
        return 0;
    }

    cache->generation = generation;
    (void) ngx_editorial_zone_renew_generation(ngx_http_editorial_zone(r),
                                               generation);
    return 1;
}


/* Without a zone a client that takes gzip needs no more than the coded form. */

static ngx_uint_t
ngx_http_editorial_cache_takes_coded(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    return !cache->plain
           && !cache->detached
           && !ngx_http_editorial_zone_is_there(r)
           && cache->conf->cache.gzip
           && !ngx_http_editorial_recoded(r)
           && r->headers_in.range == NULL
           && ngx_http_gzip_ok(r) == NGX_OK;
}


/* What a look-up would say of the page.  A stale one that is in the zone is
   looked up again, for the lock. */

static ngx_int_t
ngx_http_editorial_cache_use(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    time_t                           now;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    now = ngx_time();

    cache->lookup.state = now < cache->kept.life.fresh ? ED_PAGE_FRESH
                          : now < cache->kept.life.stale ? ED_PAGE_STALE
                          : ED_PAGE_EXPIRED;

    if (cache->kept.bodiless && !ngx_http_editorial_cache_is_planned(r, ctx)) {
        cache->plain = 1;
        return ngx_http_editorial_cache_find(r, ctx);
    }

    if (cache->lookup.state == ED_PAGE_FRESH) {
        return ngx_http_editorial_cache_hit(r, ctx);
    }

    if (cache->kept.bytes == NULL) {
        cache->checked = 1;
        ngx_http_editorial_kept_close(cache);

        return ngx_http_editorial_cache_lookup(r, ctx);
    }

    return cache->lookup.state == ED_PAGE_STALE
           ? ngx_http_editorial_cache_hit(r, ctx)
           : ngx_http_editorial_cache_claim(r, ctx);
}


/* A refresh does not wait: another node's has begun. */

static ngx_int_t
ngx_http_editorial_cache_claim_later(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_msec_t                       left, waited, pause;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->detached) {
        return ngx_http_editorial_cache_end_refresh(cache);
    }

    left = ngx_http_editorial_cache_patience(cache);

    if (left == 0) {
        return ngx_http_editorial_cache_fetch(r, ctx);
    }

    rc = ngx_http_editorial_sleep(r);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    waited = cache->conf->cache.lock_timeout - left;
    pause = waited / NGX_HTTP_EDITORIAL_CLAIM_PART;
    pause = ngx_max(pause, NGX_HTTP_EDITORIAL_CLAIM_MIN);
    pause = ngx_min(pause, NGX_HTTP_EDITORIAL_CLAIM_MAX);

    cache->step = NGX_HTTP_EDITORIAL_STEP_CLAIM;
    ngx_add_timer(&cache->timer, ngx_min(pause, left));

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_editorial_cache_end_refresh(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_cache_unlock(cache);

    return NGX_HTTP_CLOSE;
}
