
/*
 * What a response says of itself, and what the client wanted to know.
 *
 * Of a page that is worked on, the length is not known in advance, a range
 * would be one of other bytes, and the origin's date tells when another page
 * was changed.  Its ETag becomes one of the page as it is sent:
 *
 *     seed    of the origin's ETag, the policy, whether it is an opinion
 *             piece; kept with a stored page
 *     tag     of the seed and the variants of this edition
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
static ngx_uint_t ngx_http_editorial_divide(ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_clear_cache_control(ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_noindex(ngx_http_request_t *r);
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
    u_char      policy[ED_STORED_DIGEST];
    ngx_str_t   tag, *etag;

    etag = ngx_http_editorial_etag_of(r);

    if (etag == NULL || etag->len == 0) {
        return NGX_OK;
    }

    tag = *etag;
    ctx->weak = (ngx_http_editorial_etag_strip(&tag) != 0);

    ngx_http_editorial_cache_policy(ctx->conf, ctx->page.opinion, policy);
    ngx_http_editorial_cache_seed(policy, ngx_http_editorial_digest_of(ctx),
                                  ngx_http_editorial_related_of(ctx), &tag,
                                  ctx->seed);

    return ngx_http_editorial_format_etag(r, ctx, 0);
}


ngx_int_t
ngx_http_editorial_format_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t coded)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("W/\"\"") - 1 + ED_MAX_ETAG);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->etag.data = p;

    if (ctx->weak) {
        *p++ = 'W';
        *p++ = '/';
    }

    *p++ = '"';
    p += ed_stored_etag(ctx->seed, &ctx->edition, (int) coded, p);
    *p++ = '"';

    ctx->etag.len = p - ctx->etag.data;

    return NGX_OK;
}


ngx_uint_t
ngx_http_editorial_has_copy(ngx_http_request_t *r, ngx_str_t *etag)
{
    return r->headers_in.if_none_match != NULL
           && ngx_http_editorial_etag_listed(
                              &r->headers_in.if_none_match->value, etag, 1);
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
ngx_http_editorial_clear_coding(ngx_http_request_t *r)
{
    if (r->headers_out.content_encoding) {
        r->headers_out.content_encoding->hash = 0;
        r->headers_out.content_encoding = NULL;
    }
}


void
ngx_http_editorial_not_modified(ngx_http_request_t *r)
{
    r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
    r->headers_out.status_line.len = 0;
    r->headers_out.content_type.len = 0;
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    ngx_http_editorial_clear_coding(r);
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


ngx_int_t
ngx_http_editorial_page_headers(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);

    if (ctx->etag.len != 0) {
        r->headers_out.etag->value = ctx->etag;
    }

    ngx_http_editorial_clear_coding(r);

    return ngx_http_editorial_control(r, ctx);
}


/*
 * A page that may carry furniture is not to be kept downstream as its origin
 * allowed: a switch is to be seen at once.  Of a kept page it is known that
 * it carries none, and then the origin's word holds.
 */

ngx_int_t
ngx_http_editorial_control(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_str_t                        value;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ngx_http_editorial_divide(ctx)) {
        /* _last sees to it */
        return NGX_OK;
    }

    if (ctx->previewed) {
        ngx_str_set(&value, "no-store");

        if (ngx_http_editorial_noindex(r) != NGX_OK) {
            return NGX_ERROR;
        }

    } else if (ctx->conf->control == NULL
               || (cache != NULL
                   && cache->sent
                   && cache->kept.head.modified_true))
    {
        return NGX_OK;

    } else if (ngx_http_complex_value(r, ctx->conf->control, &value)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_clear_cache_control(r);

    return value.len != 0
           ? ngx_http_editorial_add_cache_control(r, ed_str(value.data,
                                                            value.len))
           : NGX_OK;
}


/*
 * Is it one of several editions that go out at a time?  Of a response without
 * a body (304, HEAD) it is not known whether it is an article: caches are told
 * as if it was one, and the reader is told no bucket.
 */

static ngx_uint_t
ngx_http_editorial_divide(ngx_http_editorial_ctx_t *ctx)
{
    ed_skip_e   skip;
    ngx_uint_t  article, bodiless;

    article = 0;
    bodiless = 0;

    if (ctx->cache != NULL && ctx->cache->sent) {
        skip = (ed_skip_e) ctx->cache->kept.head.skip;
        article = (skip == ED_SKIP_NONE || skip == ED_SKIP_NO_FURNITURE
                   || skip == ED_SKIP_HELD);

    } else if (ctx->rewrite == NULL) {
        bodiless = 1;

    } else {
        article = ed_rewrite_begun(ctx->rewrite)
                  || ctx->waited >= NGX_HTTP_EDITORIAL_PATIENCE;
    }

    ctx->divided = ctx->tested && (article || bodiless);
    ctx->cookie = ctx->unknown && article;

    return ctx->divided;
}


ngx_int_t
ngx_http_editorial_add_cache_control(ngx_http_request_t *r, ed_str_t value)
{
    ngx_table_elt_t  *h, **line;

    if (r->headers_out.cache_control.elts == NULL
        && ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                          sizeof(ngx_table_elt_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    line = ngx_array_push(&r->headers_out.cache_control);
    h = ngx_list_push(&r->headers_out.headers);

    if (line == NULL || h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    h->value.data = (u_char *) value.data;
    h->value.len = value.len;

    *line = h;

    return NGX_OK;
}


/* Takes back how long the origin lets it be kept. */

static void
ngx_http_editorial_clear_cache_control(ngx_http_request_t *r)
{
    ngx_uint_t         i;
    ngx_table_elt_t  **line;

    line = r->headers_out.cache_control.elts;

    for (i = 0; i < r->headers_out.cache_control.nelts; i++) {
        line[i]->hash = 0;
    }

    r->headers_out.cache_control.nelts = 0;

    if (r->headers_out.expires != NULL) {
        r->headers_out.expires->hash = 0;
        r->headers_out.expires = NULL;
    }
}


/* A preview is not for search engines. */

static ngx_int_t
ngx_http_editorial_noindex(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "X-Robots-Tag");
    ngx_str_set(&h->value, "noindex");

    return NGX_OK;
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
