
/*
 * A kept page as a response.  Its headers are the origin's, but for those
 * that belong to one edition or to one response; its body is the runs of the
 * parts that the edition takes, as buffers that point into the zone:
 *
 *     body    [ source | assets | source | box | source | quote | source ]
 *     plain     ------   ------   ----------------------          ------
 *     coded   gzip header, the same parts compressed, gzip trailer
 *
 * As the request's content it runs through all filters, so that nginx itself
 * sees to conditional requests and ranges.  In the place of another answer
 * (_origin) it begins in the middle of the filters: conditions are looked at
 * here, and there are no ranges.
 */

#include "ngx_http_editorial_module.h"


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
    ngx_http_editorial_ctx_t *ctx, ed_piece_run_t *runs,
    ed_taken_parts_t *taken);
static ngx_int_t ngx_http_editorial_cache_run(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_uint_t coded,
    ed_piece_run_t *run);
static ngx_int_t ngx_http_editorial_cache_append(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, const u_char *data, size_t len);
static ngx_int_t ngx_http_editorial_cache_end(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);


ngx_int_t
ngx_http_editorial_kept_open(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept)
{
    size_t         len;
    const u_char  *p;

    p = ngx_http_editorial_kept_bytes(r, kept, 0, &len);

    if (ed_stored_decode(p, len, 0, &kept->head) != ED_OK
        || kept->head.head_len != kept->pinned.head_len
        || (uint64_t) kept->head.head_len + kept->head.body_len
           != kept->pinned.len)
    {
        return NGX_ERROR;
    }

    kept->life = kept->pinned.times;

    return NGX_OK;
}


void
ngx_http_editorial_kept_close(ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->kept.pinned.entry != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(ngx_http_editorial_zone(cache->r),
                                 cache->kept.pinned.entry);
    }

    cache->kept.pinned.entry = ED_ZONE_NONE;
    cache->kept.bytes = NULL;
    cache->has_kept = 0;
}


const u_char *
ngx_http_editorial_kept_bytes(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, size_t offset, size_t *len)
{
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
        rc = ngx_http_output_filter(r, cache->out);
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

    if (!cache->body_sent) {
        cache->body_sent = 1;
        out = cache->out;
    }

    if (r->header_only) {
        return NGX_OK;
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
    u_char                     *p, *bytes;
    size_t                      len, done, whole;
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

    p = bytes;

    for (done = 0; done < whole; done += len) {
        p = ngx_cpymem(p, ngx_http_editorial_kept_bytes(r, kept, done, &len),
                       len);
    }

    ngx_editorial_zone_unpin(zone, kept->pinned.entry);

    kept->pinned.entry = ED_ZONE_NONE;
    kept->pinned.coded_len = 0;
    kept->bytes = bytes;

    return ngx_http_editorial_kept_open(r, kept);
}


/* Headers, and the body in cache->out. */

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

    charset = ed_charset_parameter(type);

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

    if (ngx_http_editorial_format_etag(r, ctx,
                                 r->headers_out.content_encoding != NULL)
        != NGX_OK)
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


/* The body of this edition. */

static ngx_int_t
ngx_http_editorial_cache_select(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    unsigned                         i;
    ngx_int_t                        rc;
    ed_stored_t                     *head;
    ed_piece_run_t                  *runs;
    ed_taken_parts_t                 taken;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;
    head = &cache->kept.head;

    cache->last_out = &cache->out;

    runs = ngx_palloc(r->pool, (head->nparts + 1) * sizeof(ed_piece_run_t));
    if (runs == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_editorial_cache_coded(r, ctx, runs, &taken);

    if (rc == NGX_DECLINED) {
        ed_stored_select(head, &ctx->edition, runs, &taken);

        r->headers_out.content_length_n = (off_t) taken.length;
        rc = NGX_OK;

        for (i = 0; i < taken.nruns && rc == NGX_OK; i++) {
            runs[i].offset += head->head_len;
            rc = ngx_http_editorial_cache_run(r, cache, 0, &runs[i]);
        }
    }

    ctx->walk.pieces = taken.npieces;
    ngx_memcpy(ctx->walk.by_feature, taken.by_feature,
               sizeof(taken.by_feature));

    return rc == NGX_OK ? ngx_http_editorial_cache_end(r, cache) : rc;
}


/* NGX_DECLINED: not for this client, or not yet. */

static ngx_int_t
ngx_http_editorial_cache_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_piece_run_t *runs,
    ed_taken_parts_t *taken)
{
    size_t                           len;
    u_char                          *tail;
    uint64_t                         length;
    unsigned                         i;
    ed_coded_t                       coded;
    const u_char                    *p;
    ngx_table_elt_t                 *h;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

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

    p = ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                 &cache->kept.pinned, 1, 0, &len);

    if (ed_coded_decode(p, len, &cache->kept.head, 0, &coded) != ED_OK) {
        return NGX_DECLINED;
    }

    tail = ngx_pnalloc(r->pool, ED_GZIP_TAIL);
    h = ngx_list_push(&r->headers_out.headers);

    if (tail == NULL || h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Content-Encoding");
    ngx_str_set(&h->value, "gzip");
    r->headers_out.content_encoding = h;

    ed_coded_select(&coded, &cache->kept.head, &ctx->edition, runs, taken,
                    &length, tail);

    r->headers_out.content_length_n = (off_t) length;

    if (ngx_http_editorial_cache_append(r, cache, ed_gzip_head, ED_GZIP_HEAD)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < taken->nruns; i++) {

        if (ngx_http_editorial_cache_run(r, cache, 1, &runs[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_editorial_cache_append(r, cache, tail, ED_GZIP_TAIL);
}


static ngx_int_t
ngx_http_editorial_cache_run(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_uint_t coded,
    ed_piece_run_t *run)
{
    size_t         len, done;
    const u_char  *p;

    for (done = 0; done < run->len; done += len) {

        p = coded ? ngx_editorial_zone_bytes(ngx_http_editorial_zone(r),
                                             &cache->kept.pinned, 1,
                                             run->offset + done, &len)
                  : ngx_http_editorial_kept_bytes(r, &cache->kept,
                                                  run->offset + done, &len);

        len = ngx_min(len, run->len - done);

        if (ngx_http_editorial_cache_append(r, cache, p, len) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_cache_append(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, const u_char *data, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(r->pool);
    b = ngx_calloc_buf(r->pool);

    if (cl == NULL || b == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) data;
    b->last = b->pos + len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;

    cl->buf = b;
    cl->next = NULL;

    *cache->last_out = cl;
    cache->last_out = &cl->next;
    cache->tail = b;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_cache_end(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->out == NULL
        && ngx_http_editorial_cache_append(r, cache, (u_char *) "", 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    cache->tail->last_buf = 1;
    cache->tail->last_in_chain = 1;

    return NGX_OK;
}
