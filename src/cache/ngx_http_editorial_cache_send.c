
/*
 * A kept page as a response.  Its headers are the origin's, but for those
 * that belong to one edition or to one response.
 *
 * As the request's content it runs through all filters, so that nginx itself
 * sees to conditional requests and ranges.  In the place of another answer
 * (_origin) it begins in the middle of the filters: conditions are looked at
 * here, and there are no ranges.
 */

#include "ngx_http_editorial_module.h"


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

    r->allow_ranges = (r->headers_out.content_encoding == NULL);
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

    ngx_http_editorial_assign(r, ctx);

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
