
/*
 * The key of a page: what tells it apart from every other.
 *
 *     https://example.com/news/tides?page=2
 *     scheme  host        path       arguments, but for those that are
 *                                    ignored, sorted by name
 *
 * The path is that of the request line as it was written, which is what the
 * origin gets to see.  $editorial_uri is the same for all but a few: /a%2Fb
 * and /a/b are one path to nginx, and may be two pages to the origin.
 *
 * The origin of a page that may be kept gets no ignored argument either, else
 * the first reader's would be in everybody's page.  "editorial", by which a
 * variant is forced, is always one of them.
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_key_args(ngx_http_request_t *r,
    ngx_array_t *ignored, ngx_uint_t sorted, ngx_str_t *args);
static void ngx_http_editorial_original_args(ngx_http_request_t *r,
    ngx_str_t *args);
static ngx_int_t ngx_http_editorial_address_tag(ngx_http_request_t *r,
    ed_address_t *address, ngx_array_t *ignored, ngx_str_t *tag);


ngx_int_t
ngx_http_editorial_cache_key(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    if (ngx_http_editorial_key_args(r, cache->conf->cache.ignored, 0,
                                    &cache->args)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (cache->conf->cache.key == NULL) {
        return ngx_http_editorial_cache_default_key(r, cache, &cache->key);
    }

    return ngx_http_complex_value(r, cache->conf->cache.key, &cache->key);
}


ngx_int_t
ngx_http_editorial_cache_default_key(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *key)
{
    u_char     *p;
    ngx_str_t   path, args, host, scheme;

    if (ngx_http_editorial_key_args(r, cache->conf->cache.ignored, 1, &args)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_written_path(r, &path);
    ngx_http_editorial_scheme(r, &scheme);
    ngx_http_editorial_server(r, &host);

    p = ngx_pnalloc(r->pool, scheme.len + 3 + host.len + path.len + 1
                             + args.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    key->data = p;

    p = ngx_cpymem(p, scheme.data, scheme.len);
    p = ngx_cpymem(p, "://", 3);
    p = ngx_cpymem(p, host.data, host.len);
    p = ngx_cpymem(p, path.data, path.len);

    if (args.len != 0) {
        *p++ = '?';
        p = ngx_cpymem(p, args.data, args.len);
    }

    key->len = p - key->data;

    return NGX_OK;
}


void
ngx_http_editorial_written_path(ngx_http_request_t *r, ngx_str_t *path)
{
    u_char  *p;

    *path = r->main->unparsed_uri;

    p = ngx_strlchr(path->data, path->data + path->len, '?');

    if (p != NULL) {
        path->len = p - path->data;
    }

    if (path->len == 0) {
        ngx_str_set(path, "/");
    }
}


ngx_int_t
ngx_http_editorial_page_args(ngx_http_request_t *r, ed_page_t *page)
{
    ngx_str_t                       args;
    ngx_array_t                    *ignored;
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);
    ignored = conf->cache.ignored;

    page->ignored = ignored->elts;
    page->nignored = ignored->nelts;

    if (ngx_http_editorial_key_args(r, ignored, 1, &args) != NGX_OK) {
        return NGX_ERROR;
    }

    page->args = ed_str(args.data, args.len);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_key_args(ngx_http_request_t *r, ngx_array_t *ignored,
    ngx_uint_t sorted, ngx_str_t *args)
{
    ngx_str_t  from;

    if (sorted) {
        ngx_http_editorial_original_args(r, &from);

    } else {
        from = r->args;
    }

    ngx_str_null(args);

    if (from.len == 0) {
        return NGX_OK;
    }

    args->data = ngx_pnalloc(r->pool, from.len);
    if (args->data == NULL) {
        return NGX_ERROR;
    }

    return ed_cache_args(ed_str(from.data, from.len), ignored->elts,
                         ignored->nelts, (int) sorted, args->data, &args->len)
           == ED_OK ? NGX_OK : NGX_ERROR;
}


/* Those of the request line, whatever has been rewritten since. */

static void
ngx_http_editorial_original_args(ngx_http_request_t *r, ngx_str_t *args)
{
    u_char     *p, *last;
    ngx_str_t   uri;

    uri = r->main->unparsed_uri;
    last = uri.data + uri.len;

    p = ngx_strlchr(uri.data, last, '?');

    if (p == NULL) {
        ngx_str_null(args);
        return;
    }

    args->data = p + 1;
    args->len = last - args->data;
}


ngx_int_t
ngx_http_editorial_page_tag(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag)
{
    ngx_str_t     host, path, args;
    ed_address_t  address;

    if (ngx_http_editorial_uri(r, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_editorial_server(r, &host);
    ngx_http_editorial_original_args(r, &args);

    address.host = ed_str(host.data, host.len);
    address.path = ed_str(path.data, path.len);
    address.args = ed_str(args.data, args.len);

    return ngx_http_editorial_address_tag(r, &address,
                                          cache->conf->cache.ignored, tag);
}


ngx_int_t
ngx_http_editorial_url_tag(ngx_http_request_t *r, ngx_str_t *url,
    ngx_str_t *tag)
{
    ngx_int_t                       rc;
    ngx_str_t                       host, written, path;
    ed_address_t                    address;
    ngx_http_editorial_loc_conf_t  *conf;

    if (ed_address_read(ed_str(url->data, url->len), &address) != ED_OK) {
        return NGX_DECLINED;
    }

    if (address.host.len == 0) {
        ngx_http_editorial_server(r, &host);
        address.host = ed_str(host.data, host.len);
    }

    written.data = (u_char *) address.path.data;
    written.len = address.path.len;

    rc = ngx_http_editorial_uri_of(r, &written, &path);

    if (rc != NGX_OK) {
        return rc;
    }

    address.path = ed_str(path.data, path.len);

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    return ngx_http_editorial_address_tag(r, &address, conf->cache.ignored,
                                          tag);
}


static ngx_int_t
ngx_http_editorial_address_tag(ngx_http_request_t *r, ed_address_t *address,
    ngx_array_t *ignored, ngx_str_t *tag)
{
    tag->data = ngx_pnalloc(r->pool, ed_address_tag_size(address));
    if (tag->data == NULL) {
        return NGX_ERROR;
    }

    return ed_address_tag(address, ignored->elts, ignored->nelts, tag->data,
                          &tag->len)
           == ED_OK ? NGX_OK : NGX_ERROR;
}
