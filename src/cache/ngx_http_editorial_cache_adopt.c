
/*
 * A page out of Redis becomes the one in hand.  It is believed nothing: its
 * version, checksums, key and generation are looked at before a byte of it is
 * used, and one that is not right is dropped there.
 *
 *     value --> intact? --+-- the zone has room --> a copy in it, pinned
 *                         +-- no zone, no room ---> the value itself, held
 *
 * Without a zone a client that takes gzip gets the page's coded form, whose
 * value has no plain body.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related.h"


static ngx_int_t ngx_http_editorial_cache_read(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value,
    ed_stored_t *head);
static void ngx_http_editorial_cache_unread(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache,
    ngx_editorial_redis_value_t *value);
static ngx_int_t ngx_http_editorial_cache_read_coded(
    ngx_editorial_redis_value_t *value, ed_stored_t *head);
static ngx_int_t ngx_http_editorial_cache_put(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache,
    ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_cache_put_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_hold(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value);


ngx_editorial_redis_value_t *
ngx_http_editorial_cache_answer(ngx_http_editorial_ctx_t *ctx)
{
    uint64_t                      revision;
    ngx_editorial_redis_value_t  *value, *first;

    if (ctx->cache->plain) {
        (void) ngx_http_editorial_find_answer(ctx,
                                              NGX_HTTP_EDITORIAL_FIND_PAGE,
                                              &value);
        return value;
    }

    (void) ngx_http_editorial_find_answer(ctx,
                                          NGX_HTTP_EDITORIAL_FIND_REVISION,
                                          &first);
    (void) ngx_http_editorial_find_answer(ctx, NGX_HTTP_EDITORIAL_FIND_CODED,
                                          &value);

    if (first == NULL || value == NULL) {
        return NULL;
    }

    revision = ed_stored_revision(first->data, first->len);

    return revision != 0
           && revision == ed_stored_revision(value->data, value->len)
           ? value : NULL;
}


ngx_int_t
ngx_http_editorial_cache_adopt(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value)
{
    ed_stored_t                      head;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->known = ed_stored_revision(value->data, value->len);

    if (ngx_http_editorial_cache_read(r, ctx, value, &head) != NGX_OK) {
        ngx_http_editorial_share_drop(cache, !cache->plain);
        cache->known = 0;

        return NGX_DECLINED;
    }

    if (ngx_time() >= head.error) {
        return NGX_DECLINED;
    }

    ngx_http_editorial_kept_close(cache);

    cache->kept.head = head;
    cache->lookup.stamp.revision = cache->known;

    if (ngx_http_editorial_cache_put(r, cache, value) == NGX_OK) {
        ngx_http_editorial_cache_put_coded(r, ctx);

    } else if (cache->detached
               || ngx_http_editorial_cache_hold(r, ctx, value) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    cache->has_kept = 1;

    if (ngx_http_editorial_kept_open(r, &cache->kept) != NGX_OK) {
        ngx_http_editorial_kept_close(cache);
        return NGX_DECLINED;
    }

    cache->from_redis = 1;
    ngx_http_editorial_notes_adopted(r, ctx);

    return NGX_OK;
}


/* Is it that page, and whole?  Its head is decoded. */

static ngx_int_t
ngx_http_editorial_cache_read(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value,
    ed_stored_t *head)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ed_stored_decode(value->data, value->len, 1, head) != ED_OK
        || (cache->plain
            && !ed_stored_verify(head, value->data + head->head_len,
                                 value->len - head->head_len))
        || (!cache->plain
            && ngx_http_editorial_cache_read_coded(value, head) != NGX_OK))
    {
        ngx_http_editorial_cache_unread(r, cache, value);
        return NGX_ERROR;
    }

    if (!ed_str_eq(head->key, cache->lookup.key)) {
        ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_STRANGE,
                               "Redis has another page for \"%V\", "
                               "it is dropped", &cache->key);
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_DAMAGED);

        return NGX_ERROR;
    }

    return head->generation == cache->generation ? NGX_OK : NGX_ERROR;
}


/* While servers are brought up to date one after the other, they store pages
   of two formats. */

static void
ngx_http_editorial_cache_unread(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_editorial_redis_value_t *value)
{
    unsigned  format;

    format = ed_stored_format(value->data, value->len);

    if (format == 0 || format == ED_STORED_VERSION) {
        ngx_http_editorial_cache_damaged(r, cache);
        return;
    }

    ngx_http_editorial_log(r, NGX_LOG_NOTICE, NGX_HTTP_EDITORIAL_FORMAT,
                           "the stored page of \"%V\" has format %ud, and this "
                           "module's is %d, it is dropped", &cache->key,
                           format, ED_STORED_VERSION);
    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_DAMAGED);
}


/* Are the coded parts behind that head whole? */

static ngx_int_t
ngx_http_editorial_cache_read_coded(ngx_editorial_redis_value_t *value,
    ed_stored_t *head)
{
    u_char      *p;
    size_t       len;
    ed_coded_t   coded;

    if (value->len < head->head_len) {
        return NGX_ERROR;
    }

    p = value->data + head->head_len;
    len = value->len - head->head_len;

    return ed_coded_decode(p, len, head, 1, &coded) == ED_OK
           && coded.len == len
           && ed_coded_is_intact(&coded, p)
           ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_editorial_cache_put(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_editorial_redis_value_t *value)
{
    ngx_int_t       rc;
    ed_stored_t    *head;
    ed_lifetime_t   life;

    if (cache->token == 0 || !cache->plain) {
        return NGX_DECLINED;
    }

    head = &cache->kept.head;

    life.dated = head->dated;
    life.fresh = head->fresh;
    life.stale = head->stale;
    life.error = head->error;

    rc = ngx_editorial_zone_store(ngx_http_editorial_zone(r),
                                  cache->lookup.key, cache->token, &life,
                                  &cache->lookup.stamp,
                                  ed_str(value->data, head->head_len),
                                  ed_str(value->data + head->head_len,
                                         head->body_len),
                                  1, &cache->kept.pinned);
    cache->token = 0;

    return rc;
}


static void
ngx_http_editorial_cache_put_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    size_t                           head_len;
    ed_str_t                         bytes;
    ngx_editorial_redis_value_t     *value;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    head_len = cache->kept.head.head_len;

    if (ngx_http_editorial_find_answer(ctx, NGX_HTTP_EDITORIAL_FIND_CODED,
                                       &value)
        != NGX_OK
        || value == NULL)
    {
        return;
    }

    if (ed_stored_revision(value->data, value->len) != cache->known
        || ngx_http_editorial_cache_read_coded(value, &cache->kept.head)
           != NGX_OK)
    {
        ngx_http_editorial_cache_damaged(r, cache);
        ngx_http_editorial_share_drop(cache, 1);
        return;
    }

    bytes = ed_str(value->data + head_len, value->len - head_len);

    if (ngx_editorial_zone_store_coded(ngx_http_editorial_zone(r),
                              cache->kept.pinned.entry, bytes,
                              ed_coded_table_len(cache->kept.head.nparts))
        == NGX_OK)
    {
        cache->kept.pinned.coded_len = (uint32_t) bytes.len;
    }
}


/* The page stays where it is for as long as the request lives. */

static ngx_int_t
ngx_http_editorial_cache_hold(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value)
{
    ed_stored_t                     *head;
    ngx_http_editorial_kept_t       *kept;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    kept = &cache->kept;
    head = &kept->head;

    if (cache->values[cache->plain] != NULL) {
        ngx_editorial_redis_value_release(cache->values[cache->plain]);
    }

    ngx_editorial_redis_value_hold(value);
    cache->values[cache->plain] = value;

    ngx_memzero(&kept->pinned, sizeof(ed_zone_page_t));

    kept->pinned.entry = ED_ZONE_NONE;
    kept->pinned.times.dated = head->dated;
    kept->pinned.times.fresh = head->fresh;
    kept->pinned.times.stale = head->stale;
    kept->pinned.times.error = head->error;
    kept->pinned.head_len = head->head_len;
    kept->pinned.len = head->head_len + head->body_len;

    kept->bytes = value->data;
    kept->bodiless = !cache->plain;

    if (kept->bodiless) {
        kept->coded = ed_str(value->data + head->head_len,
                             value->len - head->head_len);
        kept->pinned.coded_len = (uint32_t) kept->coded.len;
    }

    return NGX_OK;
}
