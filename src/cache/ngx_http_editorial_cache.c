
/*
 * Before the content: is the page there, does another fetch it, or is it ours
 * to fetch?
 *
 * A request looks up once, wherever internal redirects lead it after that.
 * While it waits for another's fetch it sleeps in its phase; when the zone
 * wakes it, it looks up again: it finds the page, or the lock free, or the
 * page known not to be storable.
 *
 * Who comes back here by an internal redirect, after the origin has failed,
 * is served the stale page where there is one, before whatever the redirect
 * led to.
 *
 * Where it has to ask Redis it sleeps, too; what it does when it is woken is
 * cache->step.
 *
 * What a request holds (lock, pin, place among those who wait) it gives back
 * in its pool's cleanup at the latest.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related.h"


/* How long a fetch may hold its lock, ms.  A worker that dies loses its locks
   within a second; this is for a fetch that never ends. */
#define NGX_HTTP_EDITORIAL_LOCK  (10 * 60 * 1000)


static ngx_int_t ngx_http_editorial_cache_again(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_miss(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_cache_only_get(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_uint_t ngx_http_editorial_cache_conditional(
    ngx_http_request_t *r);
static void ngx_http_editorial_cache_fall_back(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_wait(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static void ngx_http_editorial_cache_woken(ngx_editorial_waiter_t *waiter);
static void ngx_http_editorial_cache_waited(ngx_event_t *ev);
static void ngx_http_editorial_cache_resume(
    ngx_http_editorial_cache_ctx_t *cache);


/* By ngx_http_editorial_step_e. */
static ngx_int_t (*ngx_http_editorial_cache_steps[])(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx) =
{
    ngx_http_editorial_cache_lookup,
    ngx_http_editorial_cache_inquired,
    ngx_http_editorial_cache_checked,
    ngx_http_editorial_cache_was_found,
    ngx_http_editorial_cache_claim,
    ngx_http_editorial_cache_claimed,
    ngx_http_editorial_cache_begin_refresh,
    ngx_http_editorial_cache_refresh_inquired,
    ngx_http_editorial_cache_again
};


ngx_int_t
ngx_http_editorial_cache_handler(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf)
{
    if (ctx->cache == NULL) {

        if (!conf->cache.enable || ctx->answered) {
            return NGX_DECLINED;
        }

        ngx_http_editorial_identify_article(r, ctx);

        ctx->cache = ngx_http_editorial_cache_create(r, conf);

        if (ctx->cache == NULL) {
            ngx_http_editorial_log(r, NGX_LOG_ERR,
                                   NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                                   "no memory to look a page up");
            return NGX_DECLINED;
        }
    }

    return ngx_http_editorial_cache_steps[ctx->cache->step](r, ctx);
}


void
ngx_http_editorial_cache_cleanup(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_uint_t  i;

    if (cache->timer.timer_set) {
        ngx_del_timer(&cache->timer);
    }

    ngx_editorial_zone_leave(&cache->waiter);
    ngx_http_editorial_cache_unlock(cache);
    ngx_http_editorial_kept_close(cache);
    ed_build_free(&cache->build);

    for (i = 0; i < 2; i++) {
        if (cache->values[i] != NULL) {
            ngx_editorial_redis_value_release(cache->values[i]);
        }
    }
}


void
ngx_http_editorial_cache_unlock(ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->has_fleet) {
        ngx_http_editorial_share_unlock(cache, 0, 0);
    }

    if (cache->token == 0) {
        return;
    }

    ngx_editorial_zone_unlock(ngx_http_editorial_zone(cache->r),
                              ed_str(cache->key.data, cache->key.len),
                              cache->token);
    cache->token = 0;
}


void
ngx_http_editorial_cache_unstorable(ngx_http_editorial_cache_ctx_t *cache,
    ngx_uint_t drop, ngx_msec_t life)
{
    if (cache->has_fleet) {
        ngx_http_editorial_share_unlock(cache, life, drop);
    }

    if (cache->token == 0) {
        return;
    }

    ngx_editorial_zone_unstorable(ngx_http_editorial_zone(cache->r),
                                  ed_str(cache->key.data, cache->key.len),
                                  cache->token, life, drop);
    cache->token = 0;
}


/* What is known of it before the request goes to the origin need not even be
   waited for. */

ngx_uint_t
ngx_http_editorial_cache_forbidden(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_array_t  *no_cache;

    no_cache = cache->conf->cache.no_cache;

    return no_cache != NULL
           && ngx_http_test_predicates(cache->r, no_cache) != NGX_OK;
}


ngx_editorial_zone_t *
ngx_http_editorial_zone(ngx_http_request_t *r)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    return emcf->zone != NULL ? emcf->zone : ngx_editorial_zone_none();
}


ngx_uint_t
ngx_http_editorial_zone_is_there(ngx_http_request_t *r)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    return emcf->zone != NULL;
}


ngx_http_editorial_cache_ctx_t *
ngx_http_editorial_cache_create(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ngx_pcalloc(r->pool, sizeof(ngx_http_editorial_cache_ctx_t));
    if (cache == NULL) {
        return NULL;
    }

    cache->conf = conf;
    cache->r = r;
    cache->kept.pinned.entry = ED_ZONE_NONE;
    cache->expected = -1;
    cache->status = NGX_HTTP_EDITORIAL_STATUS_MISS;
    cache->tier = NGX_HTTP_EDITORIAL_TIER_ORIGIN;

    ed_build_init(&cache->build, 0);

    cache->timer.handler = ngx_http_editorial_cache_waited;
    cache->timer.data = cache;
    cache->timer.log = r->connection->log;

    return ngx_http_editorial_cache_key(r, cache) == NGX_OK ? cache : NULL;
}


/* After an internal redirect. */

static ngx_int_t
ngx_http_editorial_cache_again(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ctx->answered || !ngx_http_editorial_cache_rescues(r, cache)) {
        return NGX_DECLINED;
    }

    ngx_http_editorial_unhide(r, ctx);

    return ngx_http_editorial_cache_send(r, ctx);
}


ngx_int_t
ngx_http_editorial_cache_lookup(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                       bypass;
    ed_zone_lookup_t                *lookup;
    ngx_editorial_zone_t            *zone;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    lookup = &cache->lookup;
    zone = ngx_http_editorial_zone(r);

    bypass = ngx_http_editorial_cache_bypassed(r, cache);

    ngx_memzero(lookup, sizeof(ed_zone_lookup_t));

    lookup->key = ed_str(cache->key.data, cache->key.len);
    lookup->article = ngx_editorial_zone_article(zone,
                                                 ed_str(ctx->article.data,
                                                        ctx->article.len));
    lookup->lock_ms = NGX_HTTP_EDITORIAL_LOCK;
    lookup->pin = !bypass;
    lookup->force = bypass;
    lookup->lock = r->headers_in.authorization == NULL
                   && !cache->timed_out
                   && !ngx_http_editorial_cache_forbidden(cache);
    lookup->wait = lookup->lock && !bypass && r->method == NGX_HTTP_GET;

    ngx_editorial_zone_lookup(zone, lookup);

    lookup->stamp.article = lookup->article;

    cache->token = lookup->token;
    cache->generation = lookup->stamp.generation;
    cache->known = lookup->stamp.revision;

    if (bypass) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_BYPASS;
        ngx_http_editorial_cache_only_get(r, cache);
        return ngx_http_editorial_cache_inquire(r, ctx);
    }

    return ngx_http_editorial_cache_found(r, ctx);
}


ngx_uint_t
ngx_http_editorial_cache_bypassed(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    return r->headers_in.authorization != NULL
           || (cache->conf->cache.bypass != NULL
               && ngx_http_test_predicates(r, cache->conf->cache.bypass)
                  != NGX_OK);
}


static ngx_int_t
ngx_http_editorial_cache_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ed_zone_lookup_t                *lookup;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    lookup = &cache->lookup;

    if (lookup->state == ED_PAGE_NONE) {
        return ngx_http_editorial_cache_miss(r, ctx);
    }

    cache->has_kept = 1;
    cache->kept.pinned = lookup->page;

    if ((lookup->page.check
         && !ngx_editorial_zone_is_intact(ngx_http_editorial_zone(r),
                                          &lookup->page))
        || ngx_http_editorial_kept_open(r, &cache->kept) != NGX_OK)
    {
        ngx_http_editorial_cache_damaged(r, cache);
        ngx_http_editorial_kept_close(cache);
        ngx_editorial_zone_purge(ngx_http_editorial_zone(r), lookup->key);

        cache->token = 0;
        cache->step = NGX_HTTP_EDITORIAL_STEP_DONE;

        return NGX_DECLINED;
    }

    if (lookup->state == ED_PAGE_EXPIRED) {
        return ngx_http_editorial_cache_miss(r, ctx);
    }

    if (lookup->page.doubtful
        && !cache->checked
        && ngx_http_editorial_redis_is_up(
               ngx_http_get_module_main_conf(r, ngx_http_editorial_module)))
    {
        rc = ngx_http_editorial_cache_check(r, ctx);

        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    if (lookup->page.touch) {
        ngx_http_editorial_share_touch(cache);
    }

    return ngx_http_editorial_cache_hit(r, ctx);
}


void
ngx_http_editorial_cache_damaged(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_DAMAGED,
                           "the stored page of \"%V\" is damaged, "
                           "it is dropped", &cache->key);
    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_DAMAGED);
}


ngx_int_t
ngx_http_editorial_cache_hit(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_zone_lookup_t                *lookup;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    lookup = &cache->lookup;

    cache->step = NGX_HTTP_EDITORIAL_STEP_DONE;
    cache->tier = cache->from_redis ? NGX_HTTP_EDITORIAL_TIER_REDIS
                                    : NGX_HTTP_EDITORIAL_TIER_MEMORY;

    if (lookup->state == ED_PAGE_FRESH && cache->delegated) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_MISS;
        cache->tier = NGX_HTTP_EDITORIAL_TIER_ORIGIN;

    } else if (lookup->state == ED_PAGE_FRESH) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_HIT;

    } else if (lookup->locked == ED_LOCK_BUSY) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_UPDATING;

    } else {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_STALE;
    }

    if (cache->token != 0
        || (cache->kept.bytes != NULL && lookup->state == ED_PAGE_STALE))
    {
        ngx_http_editorial_cache_refresh(r, cache);
    }

    if (ngx_http_editorial_cache_replan(r, ctx) != NGX_OK) {
        ngx_http_editorial_kept_close(cache);
        cache->status = NGX_HTTP_EDITORIAL_STATUS_EXPIRED;
        cache->tier = NGX_HTTP_EDITORIAL_TIER_ORIGIN;

        return NGX_DECLINED;
    }

    return ngx_http_editorial_cache_send(r, ctx);
}


/* There is no page, or one that is only good for its validators and for when
   the origin fails. */

static ngx_int_t
ngx_http_editorial_cache_miss(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->lookup.locked == ED_LOCK_BUSY && cache->lookup.wait) {
        ngx_http_editorial_kept_close(cache);
        return ngx_http_editorial_cache_wait(r, cache);
    }

    return cache->asked ? ngx_http_editorial_cache_claim(r, ctx)
                        : ngx_http_editorial_cache_find(r, ctx);
}


ngx_int_t
ngx_http_editorial_cache_fetch(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if ((cache->token != 0 || cache->has_fleet)
        && ngx_http_editorial_cache_conditional(r))
    {
        ngx_http_editorial_cache_refresh(r, cache);
        ngx_http_editorial_kept_close(cache);

        if (cache->delegated) {
            return ngx_http_editorial_cache_lookup(r, ctx);
        }
    }

    cache->step = NGX_HTTP_EDITORIAL_STEP_DONE;
    ngx_http_editorial_cache_only_get(r, cache);

    if (cache->has_kept) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_EXPIRED;
        ngx_http_editorial_cache_fall_back(r, ctx);

        if (cache->token != 0 || cache->has_fleet) {
            ngx_http_editorial_cache_validators(cache, &cache->kept.head);
        }
    }

    return NGX_DECLINED;
}


/* A HEAD has a stale page refreshed, but fetches none that can be stored. */

static void
ngx_http_editorial_cache_only_get(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    if (r->method != NGX_HTTP_GET) {
        ngx_http_editorial_cache_unlock(cache);
    }
}


/*
 * A client that may be answered 304 has no use for a body, and nginx does not
 * read one that it does not send: its fetch would never be stored.  So the
 * page is fetched by a request of its own, and this one waits for it.
 */

static ngx_uint_t
ngx_http_editorial_cache_conditional(ngx_http_request_t *r)
{
    return r->method == NGX_HTTP_GET
           && (r->headers_in.if_none_match != NULL
               || r->headers_in.if_modified_since != NULL
               || r->headers_in.if_match != NULL
               || r->headers_in.if_unmodified_since != NULL);
}


/* Of a request that passes the page by which is kept. */

void
ngx_http_editorial_cache_last_record(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_zone_lookup_t                 lookup;
    ngx_editorial_zone_t            *zone;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    zone = ngx_http_editorial_zone(r);

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));

    lookup.key = ed_str(cache->key.data, cache->key.len);
    lookup.pin = 1;

    ngx_editorial_zone_lookup(zone, &lookup);

    if (lookup.state == ED_PAGE_NONE) {
        return;
    }

    cache->kept.pinned = lookup.page;

    if (ngx_http_editorial_kept_open(r, &cache->kept) == NGX_OK) {
        ngx_http_editorial_cache_fall_back(r, ctx);
    }

    ngx_http_editorial_kept_close(cache);
}


/* The record that the kept page was planned by is the last one known. */

static void
ngx_http_editorial_cache_fall_back(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_str_t  json;

    if (ngx_http_editorial_kept_record(r, &ctx->cache->kept, &json) == NGX_OK)
    {
        ngx_http_editorial_record_fall_back(r, ctx,
                                            ed_str(json.data, json.len),
                                            ctx->cache->kept.head.record);
    }

    ngx_http_editorial_notes_take(r, ctx, r, &ctx->cache->kept);
}


ngx_msec_t
ngx_http_editorial_cache_patience(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_msec_int_t  left;

    if (cache->deadline == 0) {
        cache->deadline = ngx_current_msec + cache->conf->cache.lock_timeout;
        cache->deadline += (cache->deadline == 0);
    }

    left = (ngx_msec_int_t) (cache->deadline - ngx_current_msec);

    return left > 0 ? (ngx_msec_t) left : 0;
}


static ngx_int_t
ngx_http_editorial_cache_wait(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_int_t   rc;
    ngx_msec_t  left;

    left = ngx_http_editorial_cache_patience(cache);

    if (left == 0) {
        cache->timed_out = 1;
        cache->step = NGX_HTTP_EDITORIAL_STEP_DONE;
        return NGX_DECLINED;
    }

    rc = ngx_http_editorial_sleep(r);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    cache->step = NGX_HTTP_EDITORIAL_STEP_LOOKUP;

    cache->waiter.key = ed_str(cache->key.data, cache->key.len);
    cache->waiter.handler = ngx_http_editorial_cache_woken;
    cache->waiter.data = cache;

    ngx_editorial_zone_wait(ngx_http_editorial_zone(r), &cache->waiter);
    ngx_add_timer(&cache->timer, left);

    return NGX_AGAIN;
}


static void
ngx_http_editorial_cache_woken(ngx_editorial_waiter_t *waiter)
{
    ngx_http_editorial_cache_resume(waiter->data);
}


static void
ngx_http_editorial_cache_waited(ngx_event_t *ev)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ev->data;

    ngx_editorial_zone_leave(&cache->waiter);
    ngx_http_editorial_cache_resume(cache);
}


static void
ngx_http_editorial_cache_resume(ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->timer.timer_set) {
        ngx_del_timer(&cache->timer);
    }

    ngx_http_editorial_wake(cache->r);
}
