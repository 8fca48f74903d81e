
/*
 * What a request without a client has of the one that it is made from.
 *
 *     kept      URI, as it was spelt, configuration and place in the phases,
 *               regex captures, variables that the configuration has set,
 *               most headers
 *     changed   method GET, HTTP/1.1, the arguments
 *     not       what makes an answer one reader's, what asks for a part of
 *               it, what belongs to one connection or to a body
 *
 * The copy outlives the original, so every byte is its own; what belongs to
 * the configuration is shared.
 *
 * Variables.  Those that the configuration defines (set, map, geo, named
 * captures, auth_request_set) are changeable to nginx, and keep the value
 * that they have: phases that have set them do not run again.  All others are
 * computed from the copy when they are asked for.
 *
 * Headers are given to nginx's own handlers, so that typed pointers and lists
 * are what this version of nginx makes of them; but Host, which would choose
 * the server anew.
 */

#include "ngx_http_editorial_module.h"
#include "ngx_http_editorial_detach.h"


static ngx_int_t ngx_http_editorial_detach_line(ngx_http_request_t *d,
    ngx_http_request_t *r, ngx_str_t *args);
static void ngx_http_editorial_detach_place(ngx_http_request_t *d,
    ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_detach_headers(ngx_http_request_t *d,
    ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_detach_header(ngx_http_request_t *d,
    ngx_table_elt_t *h);
static ngx_uint_t ngx_http_editorial_detach_is(ngx_str_t *names,
    ngx_str_t *name);
static ngx_int_t ngx_http_editorial_detach_variables(ngx_http_request_t *d,
    ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_detach_variable(ngx_http_request_t *d,
    ngx_http_request_t *r, ngx_http_variable_t *v, ngx_uint_t i);
static ngx_int_t ngx_http_editorial_detach_ssl_variable(
    ngx_http_request_t *d, ngx_http_request_t *r, ngx_str_t *name,
    ngx_uint_t i);
static ngx_uint_t ngx_http_editorial_detach_begins(ngx_str_t *name,
    const char *start);
static ngx_int_t ngx_http_editorial_detach_captures(ngx_http_request_t *d,
    ngx_http_request_t *r);


static ngx_str_t  ngx_http_editorial_detach_hidden[] = {

    /* one reader's */
    ngx_string("authorization"),
    ngx_string("cookie"),
    ngx_string("proxy-authorization"),

    /* another answer than the page */
    ngx_string("if-match"),
    ngx_string("if-modified-since"),
    ngx_string("if-none-match"),
    ngx_string("if-range"),
    ngx_string("if-unmodified-since"),
    ngx_string("range"),

    /* a body's */
    ngx_string("content-encoding"),
    ngx_string("content-length"),
    ngx_string("content-type"),
    ngx_string("expect"),
    ngx_string("trailer"),
    ngx_string("transfer-encoding"),

    /* one connection's */
    ngx_string("connection"),
    ngx_string("http2-settings"),
    ngx_string("keep-alive"),
    ngx_string("proxy-connection"),
    ngx_string("te"),
    ngx_string("upgrade"),

    ngx_null_string
};


static ngx_str_t  ngx_http_editorial_detach_host[] = {
    ngx_string("host"),
    ngx_null_string
};


ngx_int_t
ngx_http_editorial_detach_copy(ngx_http_request_t *d, ngx_http_request_t *r,
    ngx_str_t *args)
{
    if (ngx_http_editorial_detach_line(d, r, args) != NGX_OK
        || ngx_http_editorial_detach_headers(d, r) != NGX_OK
        || ngx_http_editorial_detach_variables(d, r) != NGX_OK
        || ngx_http_editorial_detach_captures(d, r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_detach_place(d, r);

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_detach_str(ngx_pool_t *pool, ngx_str_t *to,
    ngx_str_t *from)
{
    u_char  *p;

    p = ngx_pnalloc(pool, from->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    to->data = p;
    to->len = from->len;

    if (from->len != 0) {
        p = ngx_cpymem(p, from->data, from->len);
    }

    *p = '\0';

    return NGX_OK;
}


/* The request line, and what nginx has made of it. */

static ngx_int_t
ngx_http_editorial_detach_line(ngx_http_request_t *d, ngx_http_request_t *r,
    ngx_str_t *args)
{
    u_char     *p;
    ngx_str_t   path;

    path = r->unparsed_uri;
    p = ngx_strlchr(path.data, path.data + path.len, '?');

    if (p != NULL) {
        path.len = p - path.data;
    }

    if (ngx_http_editorial_detach_str(d->pool, &d->uri, &r->uri) != NGX_OK
        || ngx_http_editorial_detach_str(d->pool, &d->args, args) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_set_exten(d);

    p = ngx_pnalloc(d->pool, sizeof("GET ? HTTP/1.1") + path.len + args->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    d->request_line.data = p;

    p = ngx_cpymem(p, "GET ", sizeof("GET ") - 1);
    d->unparsed_uri.data = p;

    p = args->len != 0 ? ngx_sprintf(p, "%V?%V", &path, args)
                       : ngx_sprintf(p, "%V", &path);

    d->unparsed_uri.len = p - d->unparsed_uri.data;

    p = ngx_cpymem(p, " HTTP/1.1", sizeof(" HTTP/1.1") - 1);
    d->request_line.len = p - d->request_line.data;

    d->http_protocol.data = p - (sizeof("HTTP/1.1") - 1);
    d->http_protocol.len = sizeof("HTTP/1.1") - 1;

    ngx_str_set(&d->method_name, "GET");
    d->method = NGX_HTTP_GET;

    d->http_version = NGX_HTTP_VERSION_11;
    d->http_major = 1;
    d->http_minor = 1;

    return NGX_OK;
}


/* Where the request stands.  The limits on what a reader may do have been
   counted for the reader. */

static void
ngx_http_editorial_detach_place(ngx_http_request_t *d, ngx_http_request_t *r)
{
    d->main_conf = r->main_conf;
    d->srv_conf = r->srv_conf;
    d->loc_conf = r->loc_conf;

    d->phase_handler = r->phase_handler;
    d->http_state = NGX_HTTP_PROCESS_REQUEST_STATE;

    ngx_http_update_location_config(d);

    d->content_handler = r->content_handler;

    d->access_code = r->access_code;
    d->err_status = r->err_status;

    d->uri_changes = r->uri_changes;

    d->quoted_uri = r->quoted_uri;
    d->plus_in_uri = r->plus_in_uri;
    d->empty_path_in_uri = r->empty_path_in_uri;

    d->add_uri_to_alias = r->add_uri_to_alias;
    d->valid_location = r->valid_location;
    d->valid_unparsed_uri = r->valid_unparsed_uri;

    d->internal = r->internal;
    d->error_page = r->error_page;
    d->expect_tested = 1;
    d->root_tested = r->root_tested;

    d->limit_conn_status = r->limit_conn_status;
    d->limit_req_status = r->limit_req_status;
    d->limit_rate_set = 1;
    d->limit_rate_after_set = 1;
}


static ngx_int_t
ngx_http_editorial_detach_headers(ngx_http_request_t *d,
    ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (ngx_list_init(&d->headers_in.headers, d->pool, 20,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (ngx_http_editorial_detach_is(ngx_http_editorial_detach_hidden,
                                             &h[i].key))
            {
                continue;
            }

            if (ngx_http_editorial_detach_header(d, &h[i]) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    d->headers_in.connection_type = NGX_HTTP_CONNECTION_CLOSE;

    return ngx_http_editorial_detach_str(d->pool, &d->headers_in.server,
                                         &r->headers_in.server);
}


static ngx_int_t
ngx_http_editorial_detach_header(ngx_http_request_t *d, ngx_table_elt_t *h)
{
    ngx_table_elt_t            *copy;
    ngx_http_header_t          *hh;
    ngx_http_core_main_conf_t  *cmcf;

    copy = ngx_list_push(&d->headers_in.headers);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(copy, sizeof(ngx_table_elt_t));

    copy->lowcase_key = ngx_pnalloc(d->pool, h->key.len + 1);

    if (copy->lowcase_key == NULL
        || ngx_http_editorial_detach_str(d->pool, &copy->key, &h->key)
           != NGX_OK
        || ngx_http_editorial_detach_str(d->pool, &copy->value, &h->value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    copy->hash = ngx_hash_strlow(copy->lowcase_key, copy->key.data,
                                 copy->key.len);

    if (ngx_http_editorial_detach_is(ngx_http_editorial_detach_host,
                                     &copy->key))
    {
        d->headers_in.host = copy;
        return NGX_OK;
    }

    cmcf = ngx_http_get_module_main_conf(d, ngx_http_core_module);

    hh = ngx_hash_find(&cmcf->headers_in_hash, copy->hash,
                       copy->lowcase_key, copy->key.len);

    return hh != NULL ? hh->handler(d, copy, hh->offset) : NGX_OK;
}


/* Is the name, in any case, one of these? */

static ngx_uint_t
ngx_http_editorial_detach_is(ngx_str_t *names, ngx_str_t *name)
{
    for ( /* void */ ; names->len != 0; names++) {

        if (names->len == name->len
            && ngx_strncasecmp(names->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_editorial_detach_variables(ngx_http_request_t *d,
    ngx_http_request_t *r)
{
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (ngx_http_editorial_detach_variable(d, r, &v[i], i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_detach_variable(ngx_http_request_t *d,
    ngx_http_request_t *r, ngx_http_variable_t *v, ngx_uint_t i)
{
    ngx_int_t                   rc;
    ngx_str_t                   from, to;
    ngx_http_variable_value_t  *value, *copy;

    if (!(v->flags & NGX_HTTP_VAR_CHANGEABLE)) {
        return NGX_OK;
    }

    rc = ngx_http_editorial_detach_ssl_variable(d, r, &v->name, i);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    value = &r->variables[i];
    copy = &d->variables[i];

    if (!value->valid || value->no_cacheable) {
        return NGX_OK;
    }

    from.data = value->data;
    from.len = value->len;

    if (ngx_http_editorial_detach_str(d->pool, &to, &from) != NGX_OK) {
        return NGX_ERROR;
    }

    *copy = *value;
    copy->data = to.data;

    return NGX_OK;
}


/*
 * What the object that has never shaken hands would be wrong about: it says
 * that it is in early data, and knows no server name.  A client's certificate
 * is one reader's.  NGX_DECLINED: a variable like others.
 */

static ngx_int_t
ngx_http_editorial_detach_ssl_variable(ngx_http_request_t *d,
    ngx_http_request_t *r, ngx_str_t *name, ngx_uint_t i)
{
    if (ngx_http_editorial_detach_begins(name, "ssl_client_")) {
        return NGX_OK;
    }

    if (ngx_http_editorial_detach_begins(name, "ssl_early_data")) {
        d->variables[i].not_found = 1;
        return NGX_OK;
    }

    if (ngx_http_editorial_detach_begins(name, "ssl_server_name")) {
        (void) ngx_http_get_indexed_variable(r, i);
    }

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_editorial_detach_begins(ngx_str_t *name, const char *start)
{
    size_t  len;

    len = ngx_strlen(start);

    return name->len >= len && ngx_strncmp(name->data, start, len) == 0;
}


/*
 * $1 and its like are places in a subject that was matched.  How long it was
 * is not known, so as much of it is copied as they reach.  The first two are
 * those of the whole match: nginx never uses them, nor always sets them.
 */

static ngx_int_t
ngx_http_editorial_detach_captures(ngx_http_request_t *d,
    ngx_http_request_t *r)
{
#if (NGX_PCRE)

    int                         end;
    ngx_str_t                   subject, copy;
    ngx_uint_t                  i;
    ngx_http_core_main_conf_t  *cmcf;

    if (r->ncaptures <= 2) {
        return NGX_OK;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    d->captures = ngx_palloc(d->pool, cmcf->ncaptures * sizeof(int));
    if (d->captures == NULL) {
        return NGX_ERROR;
    }

    d->captures[0] = 0;
    d->captures[1] = 0;

    for (i = 2, end = 0; i < r->ncaptures; i++) {
        d->captures[i] = r->captures[i];
        end = ngx_max(end, r->captures[i]);
    }

    subject.data = r->captures_data;
    subject.len = end;

    if (ngx_http_editorial_detach_str(d->pool, &copy, &subject) != NGX_OK) {
        return NGX_ERROR;
    }

    d->captures_data = copy.data;
    d->ncaptures = r->ncaptures;

#endif

    return NGX_OK;
}
