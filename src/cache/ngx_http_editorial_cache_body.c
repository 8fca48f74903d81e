
/*
 * The body that an edition has: the runs of the parts it takes, as buffers
 * that point into the zone.
 *
 *     body    [ source | assets | source | box | source | quote | source ]
 *     plain     ------   ------   ----------------------          ------
 *     coded   gzip header, the same parts compressed, gzip trailer
 *     whole   one gzip stream, for an edition that is asked for often
 *
 * It is selected before the header, which names its length and coding, and
 * made only where it is sent.
 */

#include "ngx_http_editorial_module.h"


/* Pieces so short, on average, and not more in all, are copied into one
   buffer: that costs less than what each buffer costs on its way. */
#define NGX_HTTP_EDITORIAL_SHORT   2048
#define NGX_HTTP_EDITORIAL_GATHER  (32 * 1024)


/* A piece of a body, and the link to the next. */
typedef struct {
    ngx_chain_t                  link;
    ngx_buf_t                    buf;
} ngx_http_editorial_piece_t;


/* A body in the making. */
typedef struct {
    ngx_http_editorial_piece_t  *pieces;
    ngx_uint_t                   n;          /* of them, in use, */
    ngx_uint_t                   room;       /*   and there at all */
    size_t                       size;       /* bytes in all */
} ngx_http_editorial_out_t;


static ngx_int_t ngx_http_editorial_cache_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_whole(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_join_parts(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_pieces(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_http_editorial_out_t *out);
static ngx_int_t ngx_http_editorial_cache_gather(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out);
static const u_char *ngx_http_editorial_cache_bytes(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, size_t offset, size_t *len);
static ngx_int_t ngx_http_editorial_cache_append(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out, const u_char *data, size_t len);


/* Which runs of the page this edition takes. */

ngx_int_t
ngx_http_editorial_cache_select(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    ed_stored_t                     *head;
    ed_taken_parts_t                 taken;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    head = &cache->kept.head;

    cache->runs = ngx_palloc(r->pool,
                             (head->nparts + 1) * sizeof(ed_piece_run_t));
    if (cache->runs == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_editorial_cache_coded(r, ctx, &taken);

    if (rc == NGX_DECLINED) {
        ed_stored_select(head, &ctx->edition, cache->runs, &taken);

        for (i = 0; i < taken.nruns; i++) {
            cache->runs[i].offset += head->head_len;
        }

        r->headers_out.content_length_n = (off_t) taken.length;
        rc = NGX_OK;
    }

    cache->nruns = taken.nruns;
    ctx->walk.pieces = taken.npieces;
    ngx_memcpy(ctx->walk.by_feature, taken.by_feature,
               sizeof(taken.by_feature));

    return rc;
}


/* The body that was selected.  NULL: no memory, or the page is damaged. */

ngx_chain_t *
ngx_http_editorial_cache_body(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_uint_t                 i;
    ngx_buf_t                 *b;
    ngx_http_editorial_out_t   out;

    out.n = 0;
    out.size = 0;
    out.room = cache->nruns + 2;
    out.pieces = ngx_pcalloc(r->pool, out.room
                                      * sizeof(ngx_http_editorial_piece_t));

    if (out.pieces == NULL
        || ngx_http_editorial_cache_pieces(r, cache, &out) != NGX_OK)
    {
        return NULL;
    }

    if (out.n > 1
        && out.size <= out.n * NGX_HTTP_EDITORIAL_SHORT
        && out.size <= NGX_HTTP_EDITORIAL_GATHER
        && ngx_http_editorial_cache_gather(r, &out) != NGX_OK)
    {
        return NULL;
    }

    if (out.n == 0) {
        /* the end of an empty page, zeroed */
        out.n = 1;
    }

    for (i = 0; i < out.n; i++) {
        out.pieces[i].link.buf = &out.pieces[i].buf;
        out.pieces[i].link.next = i + 1 < out.n ? &out.pieces[i + 1].link
                                                : NULL;
    }

    b = &out.pieces[out.n - 1].buf;
    b->last_buf = 1;
    b->last_in_chain = 1;

    return &out.pieces[0].link;
}


/* NGX_DECLINED: not for this client, or not yet. */

static ngx_int_t
ngx_http_editorial_cache_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken)
{
    ngx_table_elt_t                 *h;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->trailer = NULL;

    if (!cache->conf->cache.gzip || ngx_http_editorial_recoded(r)) {
        return NGX_DECLINED;
    }

    r->gzip_vary = 1;

    /* a range is one of the plain page: its gzip forms differ in their bytes */

    if (ngx_http_gzip_ok(r) != NGX_OK || r->headers_in.range != NULL) {
        return NGX_DECLINED;
    }

    if (cache->kept.pinned.coded_len == 0) {
        ngx_http_editorial_cache_code(r, cache);
        return NGX_DECLINED;
    }

    if (ngx_http_editorial_cache_whole(r, ctx, taken) != NGX_OK
        && ngx_http_editorial_cache_join_parts(r, ctx, taken) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Content-Encoding");
    ngx_str_set(&h->value, "gzip");
    r->headers_out.content_encoding = h;

    return NGX_OK;
}


/* The edition's own gzip stream.  NGX_DECLINED: it has none, so far. */

static ngx_int_t
ngx_http_editorial_cache_whole(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken)
{
    size_t                           len;
    u_char                           name[ED_WHOLE_KEY];
    const u_char                    *p;
    ed_piece_run_t                  *run;
    ed_zone_lookup_t                 lookup;
    ngx_editorial_zone_t            *zone;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->kept.pinned.entry == ED_ZONE_NONE) {
        return NGX_DECLINED;
    }

    ed_whole_key(&cache->kept.head, &ctx->edition, name);

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));

    lookup.key = ed_str(name, sizeof(name));
    lookup.pin = 1;

    zone = ngx_http_editorial_zone(r);

    ngx_editorial_zone_lookup(zone, &lookup);

    if (lookup.page.check
        && !ngx_editorial_zone_is_intact(zone, &lookup.page))
    {
        ngx_editorial_zone_unpin(zone, lookup.page.entry);
        ngx_editorial_zone_purge(zone, lookup.key);
        return NGX_DECLINED;
    }

    if (lookup.state == ED_PAGE_NONE) {
        ngx_http_editorial_cache_hot(r, &cache->kept, &cache->key,
                                     &ctx->edition, name);
        return NGX_DECLINED;
    }

    cache->whole = lookup.page;

    p = ngx_editorial_zone_bytes(zone, &cache->whole, 0, 0, &len);

    ngx_memcpy(taken, p, sizeof(ed_taken_parts_t));

    run = &cache->runs[0];
    run->offset = sizeof(ed_taken_parts_t);
    run->len = cache->whole.len - run->offset;
    taken->nruns = 1;

    r->headers_out.content_length_n = run->len;

    return NGX_OK;
}


/* The edition's gzip stream, of the parts that are compressed each. */

static ngx_int_t
ngx_http_editorial_cache_join_parts(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken)
{
    size_t                           len;
    u_char                          *trailer;
    uint64_t                         length;
    ed_coded_t                       coded;
    const u_char                    *p;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->kept.coded.len != 0) {
        p = cache->kept.coded.data;
        len = cache->kept.coded.len;

    } else {
        p = ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                     &cache->kept.pinned, 1, 0, &len);
    }

    trailer = ngx_pnalloc(r->pool, ED_GZIP_TAIL);

    if (trailer == NULL
        || ed_coded_decode(p, len, &cache->kept.head, 0, &coded) != ED_OK)
    {
        return NGX_DECLINED;
    }

    cache->coded = ed_str(p, len);
    cache->trailer = trailer;

    ed_coded_select(&coded, &cache->kept.head, &ctx->edition, cache->runs,
                    taken, &length, cache->trailer);

    r->headers_out.content_length_n = (off_t) length;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_cache_pieces(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_http_editorial_out_t *out)
{
    size_t           len, done;
    ngx_uint_t       i;
    const u_char    *p;
    ed_piece_run_t  *run;

    if (cache->trailer != NULL
        && ngx_http_editorial_cache_append(r, out, ed_gzip_head, ED_GZIP_HEAD)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < cache->nruns; i++) {
        run = &cache->runs[i];

        for (done = 0; done < run->len; done += len) {
            p = ngx_http_editorial_cache_bytes(r, cache, run->offset + done,
                                               &len);
            len = ngx_min(len, run->len - done);

            if (len == 0
                || ngx_http_editorial_cache_append(r, out, p, len) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (cache->trailer != NULL) {
        return ngx_http_editorial_cache_append(r, out, cache->trailer,
                                               ED_GZIP_TAIL);
    }

    return NGX_OK;
}


/* Copies all pieces into one, the first. */

static ngx_int_t
ngx_http_editorial_cache_gather(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out)
{
    u_char      *p;
    ngx_buf_t   *b;
    ngx_uint_t   i;

    p = ngx_pnalloc(r->pool, out->size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < out->n; i++) {
        b = &out->pieces[i].buf;
        p = ngx_cpymem(p, b->pos, b->last - b->pos);
    }

    b = &out->pieces[0].buf;

    b->start = p - out->size;
    b->pos = b->start;
    b->last = p;
    b->end = p;

    out->n = 1;

    return NGX_OK;
}


/* Bytes of the page or of its coded parts. */

static const u_char *
ngx_http_editorial_cache_bytes(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, size_t offset, size_t *len)
{
    if (cache->whole.len != 0) {
        return ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                        &cache->whole, 0, offset, len);
    }

    if (cache->trailer == NULL) {
        return ngx_http_editorial_kept_bytes(r, &cache->kept, offset, len);
    }

    if (offset < cache->coded.len) {
        *len = cache->coded.len - offset;
        return cache->coded.data + offset;
    }

    return ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                    &cache->kept.pinned, 1, offset, len);
}


/* There is room for as many pieces as there are runs; of a page that does not
   lie in one piece there may be more. */

static ngx_int_t
ngx_http_editorial_cache_append(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out, const u_char *data, size_t len)
{
    ngx_buf_t                   *b;
    ngx_http_editorial_piece_t  *pieces;

    if (out->n == out->room) {
        pieces = ngx_pcalloc(r->pool, out->room * 2
                                      * sizeof(ngx_http_editorial_piece_t));
        if (pieces == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(pieces, out->pieces,
                   out->n * sizeof(ngx_http_editorial_piece_t));

        out->pieces = pieces;
        out->room *= 2;
    }

    b = &out->pieces[out->n++].buf;

    b->pos = (u_char *) data;
    b->last = b->pos + len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;

    out->size += len;

    return NGX_OK;
}
