
/*
 * A page in hand: its head, decoded, and its bytes wherever they lie.  Mostly
 * it is pinned in the zone.  A pin lasts as long as its client likes, and so
 * only half of the zone may be pinned: beyond that a page is copied.
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_kept_read(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, size_t offset, size_t whole,
    ngx_str_t *json);


ngx_int_t
ngx_http_editorial_kept_open(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept)
{
    size_t         len;
    const u_char  *p;

    kept->piece = ED_STR_EMPTY;

    p = ngx_http_editorial_kept_bytes(r, kept, 0, &len);

    if (kept->pinned.aside
        || ed_stored_decode(p, len, 0, &kept->head) != ED_OK
        || kept->head.head_len != kept->pinned.head_len
        || (uint64_t) kept->head.head_len + kept->head.body_len
           != kept->pinned.len)
    {
        return NGX_ERROR;
    }

    kept->life = kept->pinned.times;
    kept->piece = ed_str(p, len);

    return NGX_OK;
}


void
ngx_http_editorial_kept_close(ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->kept.pinned.entry != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(ngx_http_editorial_zone(cache->r),
                                 cache->kept.pinned.entry);
    }

    if (cache->whole.len != 0) {
        ngx_editorial_zone_unpin(ngx_http_editorial_zone(cache->r),
                                 cache->whole.entry);
        cache->whole.len = 0;
    }

    cache->kept.pinned.entry = ED_ZONE_NONE;
    cache->kept.bytes = NULL;
    cache->kept.piece = ED_STR_EMPTY;
    cache->kept.coded = ED_STR_EMPTY;
    cache->kept.bodiless = 0;
    cache->has_kept = 0;
}


const u_char *
ngx_http_editorial_kept_bytes(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, size_t offset, size_t *len)
{
    if (offset < kept->piece.len) {
        *len = kept->piece.len - offset;
        return kept->piece.data + offset;
    }

    if (kept->bytes != NULL) {
        *len = kept->pinned.len - offset;
        return kept->bytes + offset;
    }

    return ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                    &kept->pinned, 0, offset, len);
}


ngx_int_t
ngx_http_editorial_kept_record(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *json)
{
    uint32_t  offset, len;

    ngx_str_null(json);

    return ed_stored_record(&kept->head, &offset, &len)
           ? ngx_http_editorial_kept_read(r, kept, offset, len, json)
           : NGX_OK;
}


ngx_int_t
ngx_http_editorial_kept_notes(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *json)
{
    uint32_t  offset, len;

    ngx_str_null(json);

    return ed_stored_notes(&kept->head, &offset, &len)
           ? ngx_http_editorial_kept_read(r, kept, offset, len, json)
           : NGX_OK;
}


static ngx_int_t
ngx_http_editorial_kept_read(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, size_t offset, size_t whole,
    ngx_str_t *json)
{
    size_t         len, done;
    const u_char  *p;

    if (kept->bodiless) {
        return NGX_ERROR;
    }

    json->data = ngx_pnalloc(r->pool, whole);
    if (json->data == NULL) {
        return NGX_ERROR;
    }

    for (done = 0; done < whole; done += len) {
        p = ngx_http_editorial_kept_bytes(r, kept,
                                    kept->head.head_len + offset + done, &len);
        len = ngx_min(len, whole - done);
        ngx_memcpy(json->data + done, p, len);
    }

    json->len = whole;

    return NGX_OK;
}


/*
 * A pin lasts as long as its client likes.  Where pins hold half of the zone
 * already, this page is copied and let go.
 */

ngx_int_t
ngx_http_editorial_kept_copy(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    u_char                     *bytes;
    size_t                      len, done, whole;
    const u_char               *p;
    ngx_editorial_zone_t       *zone;
    ngx_http_editorial_kept_t  *kept;

    kept = &cache->kept;
    zone = ngx_http_editorial_zone(r);

    if (kept->bytes != NULL
        || r->method == NGX_HTTP_HEAD
        || ngx_editorial_zone_may_pin(zone))
    {
        return NGX_OK;
    }

    whole = kept->pinned.len;

    bytes = ngx_pnalloc(r->pool, whole);
    if (bytes == NULL) {
        return NGX_ERROR;
    }

    for (done = 0; done < whole; done += len) {
        p = ngx_http_editorial_kept_bytes(r, kept, done, &len);
        ngx_memcpy(bytes + done, p, len);
    }

    ngx_editorial_zone_unpin(zone, kept->pinned.entry);

    kept->pinned.entry = ED_ZONE_NONE;
    kept->pinned.coded_len = 0;
    kept->bytes = bytes;

    return ngx_http_editorial_kept_open(r, kept);
}
