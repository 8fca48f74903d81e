
/*
 * A page that is fetched by a request of its own: a stale one while its reader
 * has been served already, one whose reader is too slow to be waited for, one
 * whose reader will be answered 304.
 *
 * The new request takes over the locks, and copies of all that it needs to
 * know.  In the place where a reader's request looks up it asks for the
 * article's record and, unless it has brought the fleet's lock along, for
 * that.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_detach.h"
#include "ngx_http_editorial_related.h"


static ngx_http_editorial_cache_ctx_t *ngx_http_editorial_cache_copy(
    ngx_http_request_t *d, ngx_http_editorial_ctx_t *ctx,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_copy_kept(ngx_http_request_t *d,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *copy,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_dup(ngx_pool_t *pool,
    ngx_str_t *to, ngx_str_t *from);


/* Where there can be no such request the locks go, and the next reader
   tries. */

void
ngx_http_editorial_cache_refresh(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_request_t              *d;
    ngx_http_editorial_ctx_t        *ctx, *from;
    ngx_http_editorial_cache_ctx_t  *copy;

    d = ngx_http_editorial_detach(r, &cache->args);

    if (d == NULL) {
        ngx_http_editorial_cache_unlock(cache);
        return;
    }

    if (cache->has_kept) {
        ngx_http_editorial_cache_validators(cache, &cache->kept.head);
    }

    from = ngx_http_editorial_find(r);
    ctx = ngx_http_editorial_get(d);
    copy = NULL;

    if (ctx != NULL
        && ngx_http_editorial_cache_dup(d->pool, &ctx->article,
                                        &from->article)
           == NGX_OK)
    {
        ctx->identified = 1;
        copy = ngx_http_editorial_cache_copy(d, ctx, cache);
    }

    if (copy != NULL) {
        ctx->cache = copy;
    }

    if (copy == NULL || ngx_http_editorial_hide(d, ctx) != NGX_OK) {

        if (copy != NULL) {
            copy->token = 0;
            copy->has_fleet = 0;
        }

        ngx_http_editorial_cache_unlock(cache);
        ngx_http_editorial_detach_cancel(d);
        return;
    }

    cache->token = 0;
    cache->has_fleet = 0;
    cache->delegated = 1;

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_REFRESHES);
    ngx_http_editorial_detach_run(d);
}


/* The origin gets the validators of the page it sent before. */

void
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


/* What the refresh needs to know, in its own memory. */

static ngx_http_editorial_cache_ctx_t *
ngx_http_editorial_cache_copy(ngx_http_request_t *d,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *cache)
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
    copy->step = NGX_HTTP_EDITORIAL_STEP_REFRESH;
    copy->detached = 1;
    copy->lookup.stamp = cache->lookup.stamp;
    copy->known = cache->known;
    copy->generation = cache->generation;
    copy->began = cache->began;

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
           != NGX_OK
        || ngx_http_editorial_cache_copy_kept(d, ctx, copy, cache) != NGX_OK)
    {
        return NULL;
    }

    copy->lookup.key = ed_str(copy->key.data, copy->key.len);

    copy->token = cache->token;
    copy->has_fleet = cache->has_fleet;
    ngx_memcpy(copy->fleet, cache->fleet, NGX_HTTP_EDITORIAL_TOKEN);

    return copy;
}


/* Of the page that is kept so far: its head, for when it is found unchanged,
   and its record, for when Redis does not say what that is. */

static ngx_int_t
ngx_http_editorial_cache_copy_kept(ngx_http_request_t *d,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *copy,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_str_t  head, json;

    if (!cache->has_kept) {
        return NGX_OK;
    }

    head.data = (u_char *) cache->kept.piece.data;
    head.len = cache->kept.head.head_len;

    if (ngx_http_editorial_cache_dup(d->pool, &copy->old_head, &head)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    copy->old_life = cache->kept.life;

    if (ngx_http_editorial_kept_record(cache->r, &cache->kept, &json)
        == NGX_OK)
    {
        ngx_http_editorial_record_fall_back(d, ctx,
                                            ed_str(json.data, json.len),
                                            cache->kept.head.record);
    }

    ngx_http_editorial_notes_take(d, ctx, cache->r, &cache->kept);

    return NGX_OK;
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
