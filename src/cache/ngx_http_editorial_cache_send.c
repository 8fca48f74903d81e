
/*
 * A kept page as a response.  Its headers are the origin's, but for those
 * that belong to one edition or to one response; its body is the runs of the
 * parts that the edition takes, as buffers that point into the zone:
 *
 *     body    [ source | assets | source | box | source | quote | source ]
 *     plain     ------   ------   ----------------------          ------
 *     coded   gzip header, the same parts compressed, gzip trailer
 *     whole   one gzip stream, for an edition that is asked for often
 *
 * As the request's content it runs through all filters, so that nginx itself
 * sees to conditional requests and ranges.  In the place of another answer
 * (_origin) it begins in the middle of the filters: conditions are looked at
 * here, and there are no ranges.
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


static ngx_int_t ngx_http_editorial_kept_copy(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_prepare(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_cache_content_type(ngx_http_request_t *r,
    ed_str_t type);
static ngx_int_t ngx_http_editorial_cache_replay(ngx_http_request_t *r,
    ed_stored_t *head);
static ngx_int_t ngx_http_editorial_cache_modified(ngx_http_request_t *r,
    ed_stored_t *head);
static ngx_int_t ngx_http_editorial_cache_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_select(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_cache_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_whole(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_join_parts(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_taken_parts_t *taken);
static ngx_chain_t *ngx_http_editorial_cache_body(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_cache_pieces(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_http_editorial_out_t *out);
static ngx_int_t ngx_http_editorial_cache_gather(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out);
static const u_char *ngx_http_editorial_cache_bytes(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, size_t offset, size_t *len);
static ngx_int_t ngx_http_editorial_cache_append(ngx_http_request_t *r,
    ngx_http_editorial_out_t *out, const u_char *data, size_t len);


ngx_int_t
ngx_http_editorial_kept_open(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept)
{
    size_t         len;
    const u_char  *p;

    kept->piece = ED_STR_EMPTY;

    p = ngx_http_editorial_kept_bytes(r, kept, 0, &len);

    if (ed_stored_decode(p, len, 0, &kept->head) != ED_OK
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
ngx_http_editorial_cache_send(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_chain_t                     *out;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_editorial_kept_copy(r, cache) != NGX_OK
        || ngx_http_editorial_cache_prepare(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->allow_ranges = 1;
    r->single_range = 1;

    rc = ngx_http_send_header(r);

    if (rc != NGX_ERROR && rc <= NGX_OK && !r->header_only) {
        out = ngx_http_editorial_cache_body(r, cache);
        rc = out != NULL ? ngx_http_output_filter(r, out) : NGX_ERROR;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


ngx_int_t
ngx_http_editorial_cache_send_header(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_str_t                       *etag;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    cache->replaced = 1;

    ngx_http_clean_header(r);

    if (ngx_http_editorial_kept_copy(r, cache) != NGX_OK
        || ngx_http_editorial_cache_prepare(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    etag = &r->headers_out.etag->value;

    rc = ngx_http_editorial_preconditions(r, etag,
                                          r->headers_out.last_modified_time);

    if (rc == NGX_HTTP_NOT_MODIFIED) {
        ngx_http_editorial_not_modified(r);

    } else if (rc == NGX_HTTP_PRECONDITION_FAILED) {
        r->headers_out.status = NGX_HTTP_PRECONDITION_FAILED;
        r->header_only = 1;
    }

    r->allow_ranges = 0;

    return ngx_http_editorial_next_header(r, ctx);
}


ngx_int_t
ngx_http_editorial_cache_send_body(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_chain_t                     *cl, *out;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    out = NULL;

    for (cl = in; cl; cl = cl->next) {
        ngx_http_editorial_consume(cl->buf);
    }

    if (r->header_only) {
        return NGX_OK;
    }

    if (!cache->body_sent) {
        cache->body_sent = 1;
        out = ngx_http_editorial_cache_body(r, cache);

        if (out == NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_http_editorial_next_body(r, out);
}


/*
 * A pin lasts as long as its client likes.  Where pins hold half of the zone
 * already, this page is copied and let go.
 */

static ngx_int_t
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


/* Headers, and of which runs the body will be. */

static ngx_int_t
ngx_http_editorial_cache_prepare(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_stored_t                     *head;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    head = &cache->kept.head;

    cache->sent = 1;
    ctx->answered = 1;
    ctx->conf = cache->conf;
    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_NONE;

    ctx->previewed = (ngx_http_editorial_edition(r, ctx->conf, &ctx->edition)
                      != 0);

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.status_line.len = 0;
    r->err_status = 0;

    ngx_http_editorial_cache_content_type(r, head->content_type);

    if (ngx_http_editorial_cache_replay(r, head) != NGX_OK
        || ngx_http_editorial_cache_modified(r, head) != NGX_OK
        || ngx_http_editorial_cache_select(r, ctx) != NGX_OK
        || ngx_http_editorial_cache_etag(r, ctx) != NGX_OK
        || ngx_http_editorial_control(r, ctx) != NGX_OK
        || ngx_http_editorial_cache_headers(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* nginx has the charset apart (ngx_http_upstream_copy_content_type). */

static void
ngx_http_editorial_cache_content_type(ngx_http_request_t *r, ed_str_t type)
{
    u_char    *semicolon;
    ed_str_t   charset;

    r->headers_out.content_type.data = (u_char *) type.data;
    r->headers_out.content_type.len = type.len;
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_type_lowcase = NULL;

    semicolon = memchr(type.data, ';', type.len);

    if (semicolon == NULL) {
        return;
    }

    r->headers_out.content_type_len = semicolon - type.data;

    charset = ed_charset_parameter(ed_str(semicolon + 1,
                                          type.data + type.len
                                          - (semicolon + 1)));

    if (charset.len != 0) {
        r->headers_out.content_type.len = semicolon - type.data;
        r->headers_out.charset.data = (u_char *) charset.data;
        r->headers_out.charset.len = charset.len;
    }
}


static ngx_int_t
ngx_http_editorial_cache_replay(ngx_http_request_t *r, ed_stored_t *head)
{
    size_t            offset;
    ed_str_t          name, value;
    ngx_table_elt_t  *h;

    offset = 0;

    while (ed_stored_header(head->headers, &offset, &name, &value)) {

        h = ngx_list_push(&r->headers_out.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        h->hash = 1;
        h->key.data = (u_char *) name.data;
        h->key.len = name.len;
        h->value.data = (u_char *) value.data;
        h->value.len = value.len;

        if (ed_str_caseeq(name, ED_STR("expires"))) {
            r->headers_out.expires = h;
        }
    }

    if (head->cache_control.len == 0) {
        return NGX_OK;
    }

    return ngx_http_editorial_add_cache_control(r, head->cache_control);
}


/* Of a page that has no furniture in any edition the origin's date holds. */

static ngx_int_t
ngx_http_editorial_cache_modified(ngx_http_request_t *r, ed_stored_t *head)
{
    if (head->modified_true && head->modified.len != 0) {
        r->headers_out.last_modified_time =
                            ngx_parse_http_time((u_char *) head->modified.data,
                                                head->modified.len);
    }

    if (r->headers_out.last_modified_time == NGX_ERROR) {
        r->headers_out.last_modified_time = -1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_cache_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    ngx_memcpy(ctx->seed, ctx->cache->kept.head.seed, ED_STORED_DIGEST);
    ctx->weak = ctx->cache->kept.head.weak;

    if (ngx_http_editorial_format_etag(r, ctx, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    /* a client whose copy was coded on its way has it under the plain tag */

    if (r->headers_out.content_encoding != NULL
        && !ngx_http_editorial_has_copy(r, &ctx->etag)
        && ngx_http_editorial_format_etag(r, ctx, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "ETag");
    h->value = ctx->etag;

    r->headers_out.etag = h;

    return NGX_OK;
}


/* Which runs of the page this edition takes. */

static ngx_int_t
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

    if (ngx_http_gzip_ok(r) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (cache->kept.pinned.coded_len == 0) {
        ngx_http_editorial_cache_code(r, &cache->key);
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
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    ed_whole_key(&cache->kept.head, &ctx->edition, name);

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));

    lookup.key = ed_str(name, sizeof(name));
    lookup.pin = 1;

    ngx_editorial_zone_lookup(ngx_http_editorial_zone(r), &lookup);

    if (lookup.state == ED_PAGE_NONE) {
        ngx_http_editorial_cache_hot(r, &cache->kept, &cache->key,
                                     &ctx->edition, name);
        return NGX_DECLINED;
    }

    cache->whole = lookup.page;

    p = ngx_editorial_zone_bytes(ngx_http_editorial_zone(r), &cache->whole, 0,
                                 0, &len);

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

    p = ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                 &cache->kept.pinned, 1, 0, &len);

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


/* The body that was selected.  NULL: no memory, or the page is damaged. */

static ngx_chain_t *
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
