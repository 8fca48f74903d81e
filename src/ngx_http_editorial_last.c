
/*
 * The last word on the headers of a page on which a test runs: it is one
 * reader's edition, and no cache between here and him is to give it to
 * another, whatever expires, add_header, or a filter of another module has
 * said.
 *
 * Headers are filtered in the reverse order of the modules' initialisation,
 * and "headers" (expires, add_header) is initialised before the filters of
 * other projects, so that it comes after them.  Hence this module of its own,
 * which "config" puts before it.
 *
 *     … --> editorial --> headers --> editorial_last --> userid, gzip …
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_last_header_filter(ngx_http_request_t *r);
static void ngx_http_editorial_last_clear(ngx_http_request_t *r);
static ngx_uint_t ngx_http_editorial_last_is_for_caches(ngx_str_t *name);
static ngx_int_t ngx_http_editorial_last_init(ngx_conf_t *cf);


static ngx_str_t  ngx_http_editorial_last_names[] = {
    ngx_string("Cache-Control"),
    ngx_string("Expires"),
    ngx_string("CDN-Cache-Control"),
    ngx_string("Surrogate-Control"),
    ngx_string("X-Accel-Expires"),
    ngx_null_string
};


static ngx_http_module_t  ngx_http_editorial_last_module_ctx = {
    NULL,                                   /* preconfiguration */
    ngx_http_editorial_last_init,           /* postconfiguration */

    NULL,                                   /* create main configuration */
    NULL,                                   /* init main configuration */

    NULL,                                   /* create server configuration */
    NULL,                                   /* merge server configuration */

    NULL,                                   /* create location configuration */
    NULL                                    /* merge location configuration */
};


ngx_module_t  ngx_http_editorial_last_module = {
    NGX_MODULE_V1,
    &ngx_http_editorial_last_module_ctx,    /* module context */
    NULL,                                   /* module directives */
    NGX_HTTP_MODULE,                        /* module type */
    NULL,                                   /* init master */
    NULL,                                   /* init module */
    NULL,                                   /* init process */
    NULL,                                   /* init thread */
    NULL,                                   /* exit thread */
    NULL,                                   /* exit process */
    NULL,                                   /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_editorial_last_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                 status;
    ngx_http_editorial_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_editorial_module);

    if (ctx == NULL || r != r->main || !ctx->divided) {
        return ngx_http_next_header_filter(r);
    }

    ngx_http_editorial_last_clear(r);

    if (ngx_http_editorial_add_cache_control(r, ED_STR("private, no-cache"))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    status = r->headers_out.status;

    if (ctx->cookie
        && (status == NGX_HTTP_OK
            || status == NGX_HTTP_PARTIAL_CONTENT
            || status == NGX_HTTP_NOT_MODIFIED)
        && ngx_http_editorial_bucket_cookie(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static void
ngx_http_editorial_last_clear(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash != 0
                && ngx_http_editorial_last_is_for_caches(&h[i].key))
            {
                h[i].hash = 0;
            }
        }
    }

    r->headers_out.cache_control.nelts = 0;
    r->headers_out.expires = NULL;
}


static ngx_uint_t
ngx_http_editorial_last_is_for_caches(ngx_str_t *name)
{
    ngx_str_t  *n;

    for (n = ngx_http_editorial_last_names; n->len != 0; n++) {

        if (name->len == n->len
            && ngx_strncasecmp(name->data, n->data, n->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_editorial_last_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_editorial_last_header_filter;

    return NGX_OK;
}
