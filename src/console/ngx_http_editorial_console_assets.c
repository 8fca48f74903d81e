
/*
 * The editors' page: what lies in src/console/assets, out of the module.
 *
 *     GET /console/                    index.html
 *     GET /console/views/desks.js      a file of it, by its name
 *     GET /console                     to /console/, for the page's addresses
 *                                      are relative
 *
 * The files belong to each other, and to the API of this very module.  So a
 * browser asks for each of them each time, and is told by the ETag that it has
 * it already.  All are compressed when nginx is configured, and go out so to
 * those who take it, whatever "gzip" says; an ETag is of one form's bytes.
 *
 * The page needs nothing from elsewhere and has no script in its markup, which
 * its Content-Security-Policy holds it to.
 */

#include "ngx_http_editorial_console.h"


#define NGX_HTTP_EDITORIAL_CONSOLE_CSP                                        \
    "default-src 'self'; base-uri 'none'; form-action 'self'; "               \
    "frame-ancestors 'none'; object-src 'none'"


typedef struct {
    ngx_str_t                    key;
    ngx_str_t                    value;
} ngx_http_editorial_console_header_t;


/* ngx_http_editorial_console_files[], ended by an empty name */
#include "ngx_http_editorial_console_data.h"


static ngx_int_t ngx_http_editorial_console_headers(ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_console_content(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset, const ngx_str_t *content);
static const ngx_str_t *ngx_http_editorial_console_form(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset);
static ngx_int_t ngx_http_editorial_console_etag(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset);
static ngx_table_elt_t *ngx_http_editorial_console_header(
    ngx_http_request_t *r, const ngx_str_t *key, const ngx_str_t *value);
static ngx_int_t ngx_http_editorial_console_send(ngx_http_request_t *r,
    const ngx_str_t *content);


static const ngx_http_editorial_console_header_t
    ngx_http_editorial_console_header_list[] =
{
    { ngx_string("Content-Security-Policy"),
      ngx_string(NGX_HTTP_EDITORIAL_CONSOLE_CSP) },
    { ngx_string("X-Content-Type-Options"), ngx_string("nosniff") },
    { ngx_string("Referrer-Policy"), ngx_string("same-origin") },
    { ngx_string("X-Robots-Tag"), ngx_string("noindex") },
    { ngx_null_string, ngx_null_string }
};


ngx_int_t
ngx_http_editorial_console_etags(ngx_conf_t *cf)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (emcf->console == NULL) {
        emcf->console = ngx_http_editorial_assets_etags(cf,
                                            ngx_http_editorial_console_files);
    }

    return emcf->console != NULL ? NGX_OK : NGX_ERROR;
}


const ngx_http_editorial_asset_t *
ngx_http_editorial_console_file(ed_str_t path)
{
    const ngx_http_editorial_asset_t  *asset;

    if (path.len == 0) {
        path = ED_STR("index.html");
    }

    for (asset = ngx_http_editorial_console_files; asset->name.len != 0;
         asset++)
    {
        if (asset->name.len == path.len
            && ngx_memcmp(asset->name.data, path.data, path.len) == 0)
        {
            return asset;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_editorial_console_serve(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset)
{
    ngx_int_t         rc;
    const ngx_str_t  *content;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    content = ngx_http_editorial_console_form(r, asset);

    if (ngx_http_editorial_console_headers(r) != NGX_OK
        || ngx_http_editorial_console_content(r, asset, content) != NGX_OK
        || ngx_http_editorial_console_etag(r, asset) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_editorial_console_send(r, content);
}


/* Not as nginx makes it absolute: a server in front has another name. */

ngx_int_t
ngx_http_editorial_console_redirect(ngx_http_request_t *r)
{
    u_char                    *p;
    ngx_str_t                  key = ngx_string("Location"), value;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    value.len = clcf->escaped_name.len + sizeof("/?") - 1 + r->args.len;
    value.data = ngx_pnalloc(r->pool, value.len);
    if (value.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_cpymem(value.data, clcf->escaped_name.data,
                   clcf->escaped_name.len);
    *p++ = '/';

    if (r->args.len != 0) {
        *p++ = '?';
        p = ngx_cpymem(p, r->args.data, r->args.len);
    }

    value.len = p - value.data;

    if (ngx_http_editorial_console_header(r, &key, &value) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_MOVED_PERMANENTLY;
}


static ngx_int_t
ngx_http_editorial_console_headers(ngx_http_request_t *r)
{
    const ngx_http_editorial_console_header_t  *header;

    header = ngx_http_editorial_console_header_list;

    for ( /* void */ ; header->key.len != 0; header++) {
        if (ngx_http_editorial_console_header(r, &header->key, &header->value)
            == NULL)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_editorial_add_cache_control(r, ED_STR("no-cache"));
}


static ngx_int_t
ngx_http_editorial_console_content(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset, const ngx_str_t *content)
{
    ngx_str_t  key = ngx_string("Content-Encoding");
    ngx_str_t  value = ngx_string("gzip");

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = content->len;
    r->headers_out.content_type = asset->type;
    r->headers_out.content_type_len = asset->type.len;
    ngx_str_set(&r->headers_out.charset, "utf-8");

    if (content == &asset->gzip) {
        r->headers_out.content_encoding =
                          ngx_http_editorial_console_header(r, &key, &value);

        if (r->headers_out.content_encoding == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static const ngx_str_t *
ngx_http_editorial_console_form(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset)
{
    r->gzip_vary = 1;

    return ngx_http_gzip_ok(r) == NGX_OK ? &asset->gzip : &asset->content;
}


/* A form of its own has an ETag of its own (RFC 9110, 8.8.3.3). */

static ngx_int_t
ngx_http_editorial_console_etag(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset)
{
    u_char                          *p;
    ngx_str_t                        key = ngx_string("ETag"), value;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    value = emcf->console[asset - ngx_http_editorial_console_files];

    if (r->headers_out.content_encoding != NULL) {
        p = ngx_pnalloc(r->pool, value.len + sizeof("-gz") - 1);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, value.data, value.len);
        ngx_memcpy(p + value.len - 1, "-gz\"", 4);

        value.data = p;
        value.len += sizeof("-gz") - 1;
    }

    r->headers_out.etag = ngx_http_editorial_console_header(r, &key, &value);

    return r->headers_out.etag != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_table_elt_t *
ngx_http_editorial_console_header(ngx_http_request_t *r, const ngx_str_t *key,
    const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key = *key;
    h->value = *value;

    return h;
}


static ngx_int_t
ngx_http_editorial_console_send(ngx_http_request_t *r,
    const ngx_str_t *content)
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

    b->pos = content->data;
    b->last = content->data + content->len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
