
/*
 * editorial_assets: what a page with furniture asks for, from the module's
 * own memory, so that nobody has to copy files to where nginx finds them.
 *
 *     config                src/assets/embed        nginx -t         request
 *     embed            -->  C in the build's   -->  an ETag of  -->  name,
 *                           folder, a table         each             bytes
 *
 * A file is known by the last segment of the path alone, whatever comes
 * before it: /assets/2/furniture.css is /assets/furniture.css under an address
 * of its own, and may have been kept for a year without being in the way.
 *
 * Ranges, 304, 412, HEAD's missing body and compression are left to nginx,
 * which knows all of them once a response has an ETag and a length.
 */

#include "ngx_http_editorial_assets.h"


/* Not "immutable": by default, the address has no version in it. */
#define NGX_HTTP_EDITORIAL_ASSETS_CONTROL  "public, max-age=31536000"

#define NGX_HTTP_EDITORIAL_ASSETS_ETAG                                        \
    (sizeof("\"\"") - 1 + 2 * NGX_HTTP_EDITORIAL_DIGEST)


/* ngx_http_editorial_assets[], ended by an empty name */
#include "ngx_http_editorial_assets_data.h"


static ngx_int_t ngx_http_editorial_assets_etag(ngx_pool_t *pool,
    const ngx_str_t *content, ngx_str_t *etag);
static ngx_int_t ngx_http_editorial_assets_handler(ngx_http_request_t *r);
static const ngx_http_editorial_asset_t *ngx_http_editorial_assets_find(
    ngx_str_t *uri);
static ngx_int_t ngx_http_editorial_assets_not_allowed(ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_assets_headers(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset);
static ngx_int_t ngx_http_editorial_assets_cache_control(
    ngx_http_request_t *r);
static ngx_table_elt_t *ngx_http_editorial_assets_header(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_assets_send(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset);


char *
ngx_http_editorial_assets_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_editorial_main_conf_t  *emcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_http_editorial_assets_handler) {
        return "is duplicate";
    }

    clcf->handler = ngx_http_editorial_assets_handler;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (emcf->assets == NULL) {
        emcf->assets = ngx_http_editorial_assets_etags(cf,
                                                   ngx_http_editorial_assets);

        if (emcf->assets == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


ngx_str_t *
ngx_http_editorial_assets_etags(ngx_conf_t *cf,
    const ngx_http_editorial_asset_t *assets)
{
    ngx_str_t   *etags;
    ngx_uint_t   i, n;

    for (n = 0; assets[n].name.len != 0; n++) { /* void */ }

    etags = ngx_palloc(cf->pool, n * sizeof(ngx_str_t));
    if (etags == NULL) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        if (ngx_http_editorial_assets_etag(cf->pool, &assets[i].content,
                                           &etags[i])
            != NGX_OK)
        {
            return NULL;
        }
    }

    return etags;
}


static ngx_int_t
ngx_http_editorial_assets_etag(ngx_pool_t *pool, const ngx_str_t *content,
    ngx_str_t *etag)
{
    u_char     *p, digest[NGX_HTTP_EDITORIAL_DIGEST];
    ngx_md5_t   md5;

    p = ngx_pnalloc(pool, NGX_HTTP_EDITORIAL_ASSETS_ETAG);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, content->data, content->len);
    ngx_md5_final(digest, &md5);

    etag->data = p;
    etag->len = NGX_HTTP_EDITORIAL_ASSETS_ETAG;

    *p++ = '"';
    p = ngx_hex_dump(p, digest, sizeof(digest));
    *p = '"';

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_assets_handler(ngx_http_request_t *r)
{
    ngx_int_t                          rc;
    const ngx_http_editorial_asset_t  *asset;

    asset = ngx_http_editorial_assets_find(&r->uri);

    if (asset == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_editorial_assets_not_allowed(r);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_editorial_assets_headers(r, asset) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_editorial_assets_send(r, asset);
}


static const ngx_http_editorial_asset_t *
ngx_http_editorial_assets_find(ngx_str_t *uri)
{
    size_t                             len;
    u_char                            *p, *last;
    const ngx_http_editorial_asset_t  *asset;

    last = uri->data + uri->len;

    for (p = last; p > uri->data && p[-1] != '/'; p--) { /* void */ }

    len = last - p;

    for (asset = ngx_http_editorial_assets; asset->name.len != 0; asset++) {

        if (asset->name.len == len
            && ngx_memcmp(asset->name.data, p, len) == 0)
        {
            return asset;
        }
    }

    return NULL;
}


/* RFC 9110, 15.5.6: a 405 has to say what is allowed. */

static ngx_int_t
ngx_http_editorial_assets_not_allowed(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_http_editorial_assets_header(r);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&h->key, "Allow");
    ngx_str_set(&h->value, "GET, HEAD");

    return NGX_HTTP_NOT_ALLOWED;
}


static ngx_int_t
ngx_http_editorial_assets_headers(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset)
{
    ngx_table_elt_t                 *h;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    h = ngx_http_editorial_assets_header(r);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&h->key, "ETag");
    h->value = emcf->assets[asset - ngx_http_editorial_assets];
    r->headers_out.etag = h;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = asset->content.len;
    r->headers_out.content_type = asset->type;
    r->headers_out.content_type_len = asset->type.len;
    ngx_str_set(&r->headers_out.charset, "utf-8");

    r->allow_ranges = 1;

    return ngx_http_editorial_assets_cache_control(r);
}


/* Where "expires" finds it, to have the last word. */

static ngx_int_t
ngx_http_editorial_assets_cache_control(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_http_editorial_assets_header(r);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, NGX_HTTP_EDITORIAL_ASSETS_CONTROL);

#if (nginx_version >= 1023000)

    r->headers_out.cache_control = h;

#else
    {
    ngx_table_elt_t  **hp;

    if (ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    hp = ngx_array_push(&r->headers_out.cache_control);
    if (hp == NULL) {
        return NGX_ERROR;
    }

    *hp = h;
    }
#endif

    return NGX_OK;
}


/* A header of the response, to be given its name and value. */

static ngx_table_elt_t *
ngx_http_editorial_assets_header(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;

    return h;
}


static ngx_int_t
ngx_http_editorial_assets_send(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset)
{
    ngx_buf_t    *b;
    ngx_int_t     rc;
    ngx_chain_t   out;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = asset->content.data;
    b->last = asset->content.data + asset->content.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
