
/*
 * The least that a page from memory can cost in nginx: a handler that has its
 * answer ready, of one buffer.  What serves pages is measured against it.
 *
 *     location = /page { ceil FILE [gzip]; }
 *
 * FILE is read with the configuration and sent as text/html, with its length
 * and an ETag, so that nginx answers conditions; gzip: as gzip, to everybody.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_str_t   body;              /* data NULL: nothing is served here */
    ngx_str_t   etag;
    ngx_flag_t  gzip;
} ngx_http_ceil_loc_conf_t;


static ngx_int_t ngx_http_ceil_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_ceil_headers(ngx_http_request_t *r,
    ngx_http_ceil_loc_conf_t *conf);
static ngx_table_elt_t *ngx_http_ceil_header(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static void *ngx_http_ceil_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_ceil(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_ceil_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *body);


static ngx_str_t  ngx_http_ceil_etag = ngx_string("ETag");
static ngx_str_t  ngx_http_ceil_encoding = ngx_string("Content-Encoding");
static ngx_str_t  ngx_http_ceil_gzip = ngx_string("gzip");


static ngx_command_t  ngx_http_ceil_commands[] = {

    { ngx_string("ceil"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_ceil,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_ceil_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_ceil_create_loc_conf,         /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_ceil_module = {
    NGX_MODULE_V1,
    &ngx_http_ceil_module_ctx,             /* module context */
    ngx_http_ceil_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_ceil_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_buf_t                 *b;
    ngx_chain_t                out;
    ngx_http_ceil_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_ceil_module);

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_ceil_headers(r, conf) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = conf->body.data;
    b->last = conf->body.data + conf->body.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_ceil_headers(ngx_http_request_t *r, ngx_http_ceil_loc_conf_t *conf)
{
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = (off_t) conf->body.len;

    ngx_str_set(&r->headers_out.content_type, "text/html; charset=utf-8");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    r->headers_out.etag = ngx_http_ceil_header(r, &ngx_http_ceil_etag,
                                               &conf->etag);
    if (r->headers_out.etag == NULL) {
        return NGX_ERROR;
    }

    if (!conf->gzip) {
        return NGX_OK;
    }

    r->headers_out.content_encoding =
                   ngx_http_ceil_header(r, &ngx_http_ceil_encoding,
                                        &ngx_http_ceil_gzip);

    return r->headers_out.content_encoding != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_table_elt_t *
ngx_http_ceil_header(ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    h->hash = 1;
    h->key = *name;
    h->value = *value;

    return h;
}


static void *
ngx_http_ceil_create_loc_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->body = { 0, NULL };
     *     conf->etag = { 0, NULL };
     *     conf->gzip = 0;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_ceil_loc_conf_t));
}


static char *
ngx_http_ceil(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ceil_loc_conf_t *clc = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (clc->body.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_ceil_read(cf, &value[1], &clc->body) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    clc->gzip = (cf->args->nelts == 3);

    clc->etag.data = ngx_pnalloc(cf->pool, NGX_SIZE_T_LEN + 2);
    if (clc->etag.data == NULL) {
        return NGX_CONF_ERROR;
    }

    clc->etag.len = ngx_sprintf(clc->etag.data, "\"%uz\"", clc->body.len)
                    - clc->etag.data;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_ceil_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_ceil_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *body)
{
    ssize_t          n;
    ngx_file_t       file;
    ngx_file_info_t  info;

    ngx_memzero(&file, sizeof(ngx_file_t));

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    file.name = *name;
    file.log = cf->log;

    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE
        || ngx_fd_info(file.fd, &info) == NGX_FILE_ERROR)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"%V\" cannot be opened", name);
        return NGX_ERROR;
    }

    body->len = (size_t) ngx_file_size(&info);
    body->data = ngx_pnalloc(cf->pool, body->len + 1);

    n = body->data != NULL ? ngx_read_file(&file, body->data, body->len, 0)
                           : NGX_ERROR;

    (void) ngx_close_file(file.fd);

    if (n == NGX_ERROR || (size_t) n != body->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" cannot be read",
                           name);
        return NGX_ERROR;
    }

    return NGX_OK;
}
