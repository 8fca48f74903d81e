
/*
 * What the request says of the page: where it stands, whose article it is,
 * whether it is an opinion piece.
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_normalise(ngx_http_request_t *r,
    ngx_str_t *written, ngx_str_t *path);
static ngx_int_t ngx_http_editorial_escape(ngx_http_request_t *r,
    ngx_str_t *path, ngx_str_t *uri);


/* What the rewriter is told of the page; all of it lives in r->pool. */

ngx_int_t
ngx_http_editorial_describe(ngx_http_request_t *r, ed_page_t *page)
{
    ngx_str_t  uri, scheme, *charset;

    if (ngx_http_editorial_uri(r, &uri) != NGX_OK) {
        return NGX_ERROR;
    }

    page->uri = ed_str(uri.data, uri.len);

    charset = &r->headers_out.charset;

    if (charset->len != 0) {
        page->charset = ed_str(charset->data, charset->len);

    } else {
        page->charset = ed_charset_parameter(
                                ed_str(r->headers_out.content_type.data,
                                       r->headers_out.content_type.len));
    }

    ngx_http_editorial_scheme(r, &scheme);
    page->scheme = ed_str(scheme.data, scheme.len);

    page->opinion = ngx_http_editorial_opinion(r);

    if (ngx_http_editorial_page_args(r, page) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_host(r, page);
}


/*
 * r->unparsed_uri is the request line's whatever has been rewritten since.
 * It is made a path as nginx makes one, on a copy of the request.
 */

ngx_int_t
ngx_http_editorial_uri(ngx_http_request_t *r, ngx_str_t *uri)
{
    ngx_int_t   rc;
    ngx_str_t   path;

    rc = ngx_http_editorial_normalise(r->main, &r->main->unparsed_uri, &path);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        path = r->main->unparsed_uri;
    }

    return ngx_http_editorial_escape(r, &path, uri);
}


ngx_int_t
ngx_http_editorial_uri_of(ngx_http_request_t *r, ngx_str_t *written,
    ngx_str_t *uri)
{
    ngx_int_t   rc;
    ngx_str_t   path;

    rc = ngx_http_editorial_normalise(r, written, &path);

    return rc == NGX_OK ? ngx_http_editorial_escape(r, &path, uri) : rc;
}


static ngx_int_t
ngx_http_editorial_escape(ngx_http_request_t *r, ngx_str_t *path,
    ngx_str_t *uri)
{
    u_char     *p;
    uintptr_t   escape;

    escape = 2 * ngx_escape_uri(NULL, path->data, path->len, NGX_ESCAPE_URI);

    if (escape == 0) {
        *uri = *path;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, path->len + escape);
    if (p == NULL) {
        return NGX_ERROR;
    }

    uri->data = p;
    uri->len = (u_char *) ngx_escape_uri(p, path->data, path->len,
                                         NGX_ESCAPE_URI)
               - p;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_article_id(ngx_http_request_t *r, ngx_str_t *id)
{
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->article_id == NULL) {
        return ngx_http_editorial_uri(r, id);
    }

    return ngx_http_complex_value(r, conf->article_id, id);
}


ed_opinion_e
ngx_http_editorial_opinion(ngx_http_request_t *r)
{
    ngx_str_t                       value;
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->opinion == NULL
        || ngx_http_complex_value(r, conf->opinion, &value) != NGX_OK)
    {
        return ED_OPINION_AUTO;
    }

    if (value.len == 0 || (value.len == 1 && value.data[0] == '0')) {
        return ED_OPINION_NO;
    }

    return ED_OPINION_YES;
}


void
ngx_http_editorial_scheme(ngx_http_request_t *r, ngx_str_t *scheme)
{
    ngx_str_set(scheme, "http");

#if (NGX_HTTP_SSL)
    if (r->connection->ssl) {
        ngx_str_set(scheme, "https");
    }
#endif
}


void
ngx_http_editorial_server(ngx_http_request_t *r, ngx_str_t *host)
{
    ngx_http_core_srv_conf_t  *cscf;

    *host = r->headers_in.server;

    if (host->len == 0) {
        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
        *host = cscf->server_name;
    }
}


ngx_int_t
ngx_http_editorial_host(ngx_http_request_t *r, ed_page_t *page)
{
    u_char     *p, *last;
    ngx_int_t   port;
    ngx_str_t   host, digits, *value;

    ngx_http_editorial_server(r, &host);
    page->host = ed_str(host.data, host.len);

    if (r->headers_in.host == NULL) {
        return NGX_OK;
    }

    value = &r->headers_in.host->value;
    last = value->data + value->len;

    for (p = last; p > value->data && p[-1] >= '0' && p[-1] <= '9'; p--) {
        /* void */
    }

    digits.data = p;
    digits.len = last - p;
    port = ngx_atoi(digits.data, digits.len);

    if (p == value->data || p[-1] != ':'
        || port == NGX_ERROR
        || port == (page->scheme.len == sizeof("https") - 1 ? 443 : 80))
    {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, host.len + 1 + digits.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    page->host = ed_str(p, host.len + 1 + digits.len);

    p = ngx_cpymem(p, host.data, host.len);
    *p++ = ':';
    ngx_memcpy(p, digits.data, digits.len);

    return NGX_OK;
}


/* NGX_DECLINED: it is no path ("*", or one that leads above the root). */

static ngx_int_t
ngx_http_editorial_normalise(ngx_http_request_t *r, ngx_str_t *written,
    ngx_str_t *path)
{
    u_char                    *p;
    size_t                     len;
    ngx_http_request_t         scratch;
    ngx_http_core_srv_conf_t  *cscf;

    len = written->len;

    if (len == 0 || (written->data[0] != '/' && written->data[0] != '?')) {
        return NGX_DECLINED;
    }

    /* a slash may be added, and the parser looks one byte past the end */

    p = ngx_pnalloc(r->pool, 2 * (len + 1));
    if (p == NULL) {
        return NGX_ERROR;
    }

    scratch = *r;
    scratch.empty_path_in_uri = (written->data[0] == '?');
    scratch.uri.data = p + len + 1;
    scratch.uri_start = p;
    scratch.uri_end = ngx_cpymem(p, written->data, len);
    *scratch.uri_end = '\n';

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    if (ngx_http_parse_complex_uri(&scratch, cscf->merge_slashes) != NGX_OK) {
        return NGX_DECLINED;
    }

    *path = scratch.uri;

    return NGX_OK;
}
