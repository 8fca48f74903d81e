
/*
 * What a response says of itself, and what the client wanted to know.
 *
 * Of a page that is worked on, the length is not known in advance, a range
 * would be one of other bytes, and the origin's date tells when another page
 * was changed.  Its ETag becomes one of the page as it is sent:
 *
 *     MD5 of  the origin's ETag, the policy's fingerprint, the variants of
 *             this edition, whether it is an opinion piece
 *
 * weak where the origin's was, and none where the origin has none.
 *
 * The origin was not told of the client's validators and ranges (_handler).
 * So they are looked at here: for a page against the new ETag, for any other
 * response against what the origin says of it.  The range filter, which runs
 * later, serves the ranges of such a response.
 */

#include "ngx_http_editorial_module.h"


static ngx_str_t *ngx_http_editorial_etag_of(ngx_http_request_t *r);
static ngx_uint_t ngx_http_editorial_etag_listed(ngx_str_t *list,
    ngx_str_t *etag, ngx_uint_t weak);
static ngx_uint_t ngx_http_editorial_etag_strip(ngx_str_t *etag);
static u_char *ngx_http_editorial_etag_next(u_char *p, u_char *last,
    ngx_str_t *etag);
static ngx_uint_t ngx_http_editorial_modified(ngx_http_request_t *r,
    time_t modified);


ngx_int_t
ngx_http_editorial_make_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char      *p, opinion, digest[NGX_HTTP_EDITORIAL_DIGEST];
    ngx_md5_t    md5;
    ngx_str_t    tag, *etag;
    ngx_uint_t   weak;

    etag = ngx_http_editorial_etag_of(r);

    if (etag == NULL || etag->len == 0) {
        return NGX_OK;
    }

    tag = *etag;
    weak = ngx_http_editorial_etag_strip(&tag);
    opinion = (u_char) ctx->page.opinion;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, ctx->conf->fingerprint, sizeof(digest));
    ngx_md5_update(&md5, ctx->edition.variant, sizeof(ctx->edition.variant));
    ngx_md5_update(&md5, &opinion, 1);
    ngx_md5_update(&md5, tag.data, tag.len);
    ngx_md5_final(digest, &md5);

    p = ngx_pnalloc(r->pool, sizeof("W/\"\"") - 1 + 2 * sizeof(digest));
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->etag.data = p;

    if (weak) {
        *p++ = 'W';
        *p++ = '/';
    }

    *p++ = '"';
    p = ngx_hex_dump(p, digest, sizeof(digest));
    *p++ = '"';

    ctx->etag.len = p - ctx->etag.data;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_preconditions(ngx_http_request_t *r, ngx_str_t *etag,
    time_t modified)
{
    time_t                  since;
    ngx_http_headers_in_t  *h;

    h = &r->headers_in;

    if (h->if_match) {

        if (!ngx_http_editorial_etag_listed(&h->if_match->value, etag, 0)) {
            return NGX_HTTP_PRECONDITION_FAILED;
        }

    } else if (h->if_unmodified_since && modified != -1) {

        since = ngx_parse_http_time(h->if_unmodified_since->value.data,
                                    h->if_unmodified_since->value.len);

        if (since != NGX_ERROR && since < modified) {
            return NGX_HTTP_PRECONDITION_FAILED;
        }
    }

    if (h->if_none_match) {

        if (ngx_http_editorial_etag_listed(&h->if_none_match->value, etag, 1))
        {
            return NGX_HTTP_NOT_MODIFIED;
        }

    } else if (h->if_modified_since
               && !ngx_http_editorial_modified(r, modified))
    {
        return NGX_HTTP_NOT_MODIFIED;
    }

    return NGX_OK;
}


void
ngx_http_editorial_not_modified(ngx_http_request_t *r)
{
    r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
    r->headers_out.status_line.len = 0;
    r->headers_out.content_type.len = 0;
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    if (r->headers_out.content_encoding) {
        r->headers_out.content_encoding->hash = 0;
        r->headers_out.content_encoding = NULL;
    }
}


/*
 * One range only: the body may come in many buffers, over which the range
 * filter cannot serve several.
 */

void
ngx_http_editorial_offer_ranges(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    if (r->headers_in.range == NULL
        || r->headers_out.content_length_n == -1
        || r->allow_ranges)
    {
        return;
    }

    h = r->headers_out.accept_ranges;

    if (h != NULL) {

        if (ngx_strncasecmp(h->value.data, (u_char *) "none", 4) == 0) {
            return;
        }

        /* the range filter adds its own */

        h->hash = 0;
        r->headers_out.accept_ranges = NULL;
    }

    r->allow_ranges = 1;
    r->single_range = 1;
}


void
ngx_http_editorial_page_headers(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);

    if (ctx->etag.len != 0) {
        r->headers_out.etag->value = ctx->etag;
    }

    if (r->headers_out.content_encoding) {
        r->headers_out.content_encoding->hash = 0;
        r->headers_out.content_encoding = NULL;
    }
}


static ngx_str_t *
ngx_http_editorial_etag_of(ngx_http_request_t *r)
{
    return r->headers_out.etag ? &r->headers_out.etag->value : NULL;
}


/*
 * If-Match compares strongly, a weak tag on either side is no match there;
 * If-None-Match compares weakly (RFC 9110, 8.8.3.2).
 */

static ngx_uint_t
ngx_http_editorial_etag_listed(ngx_str_t *list, ngx_str_t *etag,
    ngx_uint_t weak)
{
    u_char      *p, *last;
    ngx_str_t    own, tag;
    ngx_uint_t   is_weak;

    if (list->len == 1 && list->data[0] == '*') {
        return 1;
    }

    own = *etag;

    if (own.len == 0 || (ngx_http_editorial_etag_strip(&own) && !weak)) {
        return 0;
    }

    last = list->data + list->len;
    p = list->data;

    for ( ;; ) {
        p = ngx_http_editorial_etag_next(p, last, &tag);

        if (tag.len == 0) {
            return 0;
        }

        is_weak = ngx_http_editorial_etag_strip(&tag);

        if (tag.len == own.len
            && (weak || !is_weak)
            && ngx_memcmp(tag.data, own.data, own.len) == 0)
        {
            return 1;
        }
    }
}


/* Takes "W/" off.  Was there one? */

static ngx_uint_t
ngx_http_editorial_etag_strip(ngx_str_t *etag)
{
    if (etag->len > 2 && etag->data[0] == 'W' && etag->data[1] == '/') {
        etag->data += 2;
        etag->len -= 2;
        return 1;
    }

    return 0;
}


/* The next tag of a list, len 0 at its end; returns where to go on. */

static u_char *
ngx_http_editorial_etag_next(u_char *p, u_char *last, ngx_str_t *etag)
{
    ngx_uint_t  quoted;

    while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
        p++;
    }

    etag->data = p;

    for (quoted = 0; p < last && (quoted || *p != ','); p++) {

        if (*p == '"') {
            quoted = !quoted;
        }
    }

    etag->len = p - etag->data;

    while (etag->len != 0
           && (etag->data[etag->len - 1] == ' '
               || etag->data[etag->len - 1] == '\t'))
    {
        etag->len--;
    }

    return p;
}


/* Is it newer than If-Modified-Since, as if_modified_since compares them? */

static ngx_uint_t
ngx_http_editorial_modified(ngx_http_request_t *r, time_t modified)
{
    time_t                     since;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (modified == -1 || clcf->if_modified_since == NGX_HTTP_IMS_OFF) {
        return 1;
    }

    since = ngx_parse_http_time(r->headers_in.if_modified_since->value.data,
                                r->headers_in.if_modified_since->value.len);

    if (since == modified) {
        return 0;
    }

    return clcf->if_modified_since == NGX_HTTP_IMS_EXACT || since < modified;
}
