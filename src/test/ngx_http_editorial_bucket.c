
/*
 * What a visitor is told apart by while a test runs: the bucket that
 * editorial_visitor gives him, else the one in his cookie, else a new one,
 * which he is told in a cookie of his own.  It is drawn, and tells nothing.
 *
 * Who does not consent to that takes no part: editorial_consent.
 */

#include "ngx_http_editorial_board.h"


#define NGX_HTTP_EDITORIAL_COOKIE                                             \
    "; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"


static ngx_str_t  ngx_http_editorial_cookie_name =
    ngx_string("editorial_bucket");


ngx_int_t
ngx_http_editorial_said_bucket(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf)
{
    int        bucket;
    ngx_str_t  value;

    if (conf->visitor != NULL
        && ngx_http_complex_value(r, conf->visitor, &value) == NGX_OK
        && value.len != 0)
    {
        return (ngx_int_t) ed_bucket_of(ed_str(value.data, value.len));
    }

    if (ngx_http_parse_multi_header_lines(&r->headers_in.cookies,
                                          &ngx_http_editorial_cookie_name,
                                          &value)
        == NGX_DECLINED)
    {
        return NGX_DECLINED;
    }

    bucket = ed_bucket_read(ed_str(value.data, value.len));

    return bucket >= 0 ? bucket : NGX_DECLINED;
}


ngx_uint_t
ngx_http_editorial_bucket(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_http_editorial_loc_conf_t *conf, ngx_uint_t *fresh)
{
    ngx_int_t  bucket;

    bucket = ngx_http_editorial_said_bucket(r, conf);

    *fresh = (bucket == NGX_DECLINED);

    if (*fresh) {

        if (ctx->fresh == 0) {
            ctx->fresh = 1 + ed_bucket_fresh((uint64_t) ngx_random());
        }

        bucket = (ngx_int_t) ctx->fresh - 1;
    }

    return (ngx_uint_t) bucket;
}


ngx_uint_t
ngx_http_editorial_consents(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf)
{
    ngx_str_t  value;

    if (conf->consent == NULL) {
        return 1;
    }

    return ngx_http_complex_value(r, conf->consent, &value) == NGX_OK
           && value.len != 0
           && !(value.len == 1 && value.data[0] == '0');
}


/* $editorial_bucket */

ngx_int_t
ngx_http_editorial_bucket_name(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_int_t                       bucket;
    ngx_uint_t                      fresh;
    ngx_http_editorial_ctx_t       *ctx;
    ngx_http_editorial_loc_conf_t  *conf;

    ngx_str_null(name);

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->mode == NGX_HTTP_EDITORIAL_OFF
        || !ngx_http_editorial_consents(r, conf))
    {
        return NGX_OK;
    }

    if (ngx_http_editorial_tests(conf) == 0) {
        bucket = ngx_http_editorial_said_bucket(r, conf);

        if (bucket == NGX_DECLINED) {
            return NGX_OK;
        }

    } else {
        ctx = ngx_http_editorial_get(r->main);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        bucket = (ngx_int_t) ngx_http_editorial_bucket(r, ctx, conf, &fresh);
    }

    name->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (name->data == NULL) {
        return NGX_ERROR;
    }

    name->len = ngx_sprintf(name->data, "%04i", bucket) - name->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_bucket_cookie(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char           *p;
    ngx_str_t         scheme;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    p = ngx_pnalloc(r->pool, ngx_http_editorial_cookie_name.len + 1
                             + NGX_INT_T_LEN
                             + sizeof(NGX_HTTP_EDITORIAL_COOKIE "; Secure"));

    if (h == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_http_editorial_scheme(r, &scheme);

    h->hash = 1;
    ngx_str_set(&h->key, "Set-Cookie");

    h->value.data = p;
    h->value.len = ngx_sprintf(p, "%V=%04ui" NGX_HTTP_EDITORIAL_COOKIE "%s",
                               &ngx_http_editorial_cookie_name,
                               ctx->fresh - 1,
                               scheme.len == 5 ? "; Secure" : "")
                   - p;

    return NGX_OK;
}
