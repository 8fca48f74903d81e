
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
 * What a request holds (lock, pin, place among those who wait) it gives back
 * in its pool's cleanup at the latest.
 */

#include "ngx_http_editorial_module.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_detach.h"


/* How long a fetch may hold its lock, ms.  A worker that dies loses its locks
   within a second; this is for a fetch that never ends. */
#define NGX_HTTP_EDITORIAL_LOCK  (10 * 60 * 1000)


static ngx_http_editorial_cache_ctx_t *ngx_http_editorial_cache_create(
    ngx_http_request_t *r, ngx_http_editorial_loc_conf_t *conf);
static ngx_int_t ngx_http_editorial_cache_again(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_lookup(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup);
static ngx_int_t ngx_http_editorial_cache_hit(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup);
static ngx_int_t ngx_http_editorial_cache_miss(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup);
static void ngx_http_editorial_cache_only_get(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_uint_t ngx_http_editorial_cache_conditional(
    ngx_http_request_t *r);
static void ngx_http_editorial_cache_validators(
    ngx_http_editorial_cache_ctx_t *cache, ed_stored_t *head);
static ngx_int_t ngx_http_editorial_cache_wait(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static void ngx_http_editorial_cache_woken(ngx_editorial_waiter_t *waiter);
static void ngx_http_editorial_cache_waited(ngx_event_t *ev);
static void ngx_http_editorial_cache_resume(
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_http_editorial_cache_ctx_t *ngx_http_editorial_cache_copy(
    ngx_http_request_t *d, ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_dup(ngx_pool_t *pool,
    ngx_str_t *to, ngx_str_t *from);


ngx_int_t
ngx_http_editorial_cache_handler(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf)
{
    if (ctx->cache == NULL) {

        if (!conf->cache.enable || ctx->answered) {
            return NGX_DECLINED;
        }

        ctx->cache = ngx_http_editorial_cache_create(r, conf);

        if (ctx->cache == NULL) {
            ngx_http_editorial_log(r, NGX_LOG_ERR,
                                   NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                                   "no memory to look a page up");
            return NGX_DECLINED;
        }
    }

    if (ctx->cache->looked) {
        return ngx_http_editorial_cache_again(r, ctx);
    }

    return ngx_http_editorial_cache_lookup(r, ctx);
}


void
ngx_http_editorial_cache_cleanup(ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->timer.timer_set) {
        ngx_del_timer(&cache->timer);
    }

    ngx_editorial_zone_leave(&cache->waiter);
    ngx_http_editorial_cache_unlock(cache);
    ngx_http_editorial_kept_close(cache);
    ed_build_free(&cache->build);
}


void
ngx_http_editorial_cache_unlock(ngx_http_editorial_cache_ctx_t *cache)
{
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


static ngx_http_editorial_cache_ctx_t *
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


static ngx_int_t
ngx_http_editorial_cache_lookup(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                       bypass;
    ed_zone_lookup_t                 lookup;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    bypass = r->headers_in.authorization != NULL
             || (cache->conf->cache.bypass != NULL
                 && ngx_http_test_predicates(r, cache->conf->cache.bypass)
                    != NGX_OK);

    if (bypass) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_BYPASS;
    }

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));

    lookup.key = ed_str(cache->key.data, cache->key.len);
    lookup.lock_ms = NGX_HTTP_EDITORIAL_LOCK;
    lookup.pin = !bypass;
    lookup.force = bypass;
    lookup.lock = r->headers_in.authorization == NULL
                  && !cache->timed_out
                  && !ngx_http_editorial_cache_forbidden(cache);
    lookup.wait = lookup.lock && !bypass && r->method == NGX_HTTP_GET;

    ngx_editorial_zone_lookup(ngx_http_editorial_zone(r), &lookup);
    cache->stamp = lookup.stamp;

    if (bypass) {
        cache->looked = 1;
        cache->token = lookup.token;
        ngx_http_editorial_cache_only_get(r, cache);
        return NGX_DECLINED;
    }

    return ngx_http_editorial_cache_found(r, ctx, &lookup);
}


static ngx_int_t
ngx_http_editorial_cache_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->token = lookup->token;

    if (lookup->state == ED_PAGE_NONE) {
        return ngx_http_editorial_cache_miss(r, ctx, lookup);
    }

    cache->has_kept = 1;
    cache->kept.pinned = lookup->page;

    if ((lookup->page.check
         && !ngx_editorial_zone_is_intact(ngx_http_editorial_zone(r),
                                          &lookup->page))
        || ngx_http_editorial_kept_open(r, &cache->kept) != NGX_OK)
    {
        ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_DAMAGED,
                               "the stored page of \"%V\" is damaged, "
                               "it is dropped", &cache->key);
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_DAMAGED);

        ngx_http_editorial_kept_close(cache);
        ngx_editorial_zone_purge(ngx_http_editorial_zone(r), lookup->key);

        cache->token = 0;
        cache->looked = 1;

        return NGX_DECLINED;
    }

    if (lookup->state == ED_PAGE_EXPIRED) {
        return ngx_http_editorial_cache_miss(r, ctx, lookup);
    }

    return ngx_http_editorial_cache_hit(r, ctx, lookup);
}


static ngx_int_t
ngx_http_editorial_cache_hit(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->looked = 1;
    cache->tier = NGX_HTTP_EDITORIAL_TIER_MEMORY;

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

    if (cache->token != 0) {
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
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (lookup->locked == ED_LOCK_BUSY && lookup->wait) {
        ngx_http_editorial_kept_close(cache);
        return ngx_http_editorial_cache_wait(r, cache);
    }

    if (cache->token != 0 && ngx_http_editorial_cache_conditional(r)) {
        ngx_http_editorial_cache_refresh(r, cache);
        ngx_http_editorial_kept_close(cache);

        if (cache->delegated) {
            return ngx_http_editorial_cache_lookup(r, ctx);
        }
    }

    cache->looked = 1;
    ngx_http_editorial_cache_only_get(r, cache);

    if (cache->has_kept) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_EXPIRED;

        if (cache->token != 0) {
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


static void
ngx_http_editorial_cache_validators(ngx_http_editorial_cache_ctx_t *cache,
    ed_stored_t *head)
{
    cache->etag.data = (u_char *) head->etag.data;
    cache->etag.len = head->etag.len;
    cache->modified.data = (u_char *) head->modified.data;
    cache->modified.len = head->modified.len;
    cache->cache_control.data = (u_char *) head->cache_control.data;
    cache->cache_control.len = head->cache_control.len;

    cache->validators = cache->etag.len != 0 || cache->modified.len != 0;
}


static ngx_int_t
ngx_http_editorial_cache_wait(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_msec_int_t  left;

    if (cache->deadline == 0) {
        cache->deadline = ngx_current_msec + cache->conf->cache.lock_timeout;
        cache->deadline += (cache->deadline == 0);
    }

    left = (ngx_msec_int_t) (cache->deadline - ngx_current_msec);

    if (left <= 0) {
        cache->timed_out = 1;
        cache->looked = 1;
        return NGX_DECLINED;
    }

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    cache->waiter.key = ed_str(cache->key.data, cache->key.len);
    cache->waiter.handler = ngx_http_editorial_cache_woken;
    cache->waiter.data = cache;

    ngx_editorial_zone_wait(ngx_http_editorial_zone(r), &cache->waiter);
    ngx_add_timer(&cache->timer, (ngx_msec_t) left);

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
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = cache->r;
    c = r->connection;

    if (cache->timer.timer_set) {
        ngx_del_timer(&cache->timer);
    }

    ngx_http_set_log_request(c->log, r);

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


/* Where there can be no such request the lock goes, and the next reader
   tries. */

void
ngx_http_editorial_cache_refresh(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_request_t              *d;
    ngx_http_editorial_ctx_t        *ctx;
    ngx_http_editorial_cache_ctx_t  *copy;

    d = ngx_http_editorial_detach(r, &cache->args);

    if (d == NULL) {
        ngx_http_editorial_cache_unlock(cache);
        return;
    }

    if (cache->has_kept) {
        ngx_http_editorial_cache_validators(cache, &cache->kept.head);
    }

    ctx = ngx_http_editorial_get(d);
    copy = ctx != NULL ? ngx_http_editorial_cache_copy(d, cache) : NULL;

    if (copy != NULL) {
        ctx->cache = copy;
    }

    if (copy == NULL || ngx_http_editorial_hide(d, ctx) != NGX_OK) {

        if (copy != NULL) {
            copy->token = 0;
        }

        ngx_http_editorial_cache_unlock(cache);
        ngx_http_editorial_detach_cancel(d);
        return;
    }

    cache->token = 0;
    cache->delegated = 1;

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_REFRESHES);
    ngx_http_editorial_detach_run(d);
}


/* What the refresh needs to know, in its own memory. */

static ngx_http_editorial_cache_ctx_t *
ngx_http_editorial_cache_copy(ngx_http_request_t *d,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_cache_ctx_t  *copy;

    copy = ngx_pcalloc(d->pool, sizeof(ngx_http_editorial_cache_ctx_t));
    if (copy == NULL) {
        return NULL;
    }

    copy->conf = cache->conf;
    copy->r = d;
    copy->kept.pinned.entry = ED_ZONE_NONE;
    copy->expected = -1;
    copy->status = NGX_HTTP_EDITORIAL_STATUS_EXPIRED;
    copy->tier = NGX_HTTP_EDITORIAL_TIER_ORIGIN;
    copy->validators = cache->validators;
    copy->looked = 1;
    copy->detached = 1;

    ed_build_init(&copy->build, 0);

    if (ngx_http_editorial_cache_dup(d->pool, &copy->key, &cache->key)
        != NGX_OK
        || ngx_http_editorial_cache_dup(d->pool, &copy->args, &cache->args)
           != NGX_OK
        || ngx_http_editorial_cache_dup(d->pool, &copy->etag, &cache->etag)
           != NGX_OK
        || ngx_http_editorial_cache_dup(d->pool, &copy->modified,
                                        &cache->modified)
           != NGX_OK
        || ngx_http_editorial_cache_dup(d->pool, &copy->cache_control,
                                        &cache->cache_control)
           != NGX_OK)
    {
        return NULL;
    }

    copy->token = cache->token;
    copy->stamp = cache->stamp;

    return copy;
}


static ngx_int_t
ngx_http_editorial_cache_dup(ngx_pool_t *pool, ngx_str_t *to, ngx_str_t *from)
{
    ngx_str_null(to);

    if (from->len == 0) {
        return NGX_OK;
    }

    to->data = ngx_pstrdup(pool, from);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    to->len = from->len;

    return NGX_OK;
}
