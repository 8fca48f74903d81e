
/*
 * editorial_console: is a request a file of the editors' page, or which call
 * of the API, and whether that may be made.  So it is done for the beacon, an
 * API without a page: a location has its own in conf->api.
 *
 * A write is refused without a user, so that every change has a name, and
 * where a browser says that a page from elsewhere has sent it: by
 * Sec-Fetch-Site, or by an Origin that is not the console's own.  What says
 * nothing of the kind is no browser.
 */

#include "ngx_http_editorial_console.h"
#include "ed_origin.h"


typedef struct {
    ngx_uint_t                   method;
    ngx_str_t                    name;
} ngx_http_editorial_method_t;


static ngx_int_t ngx_http_editorial_console_call(ngx_http_request_t *r);
static ngx_http_editorial_call_t *ngx_http_editorial_call_create(
    ngx_http_request_t *r);
static void ngx_http_editorial_call_cleanup(void *data);
static void ngx_http_editorial_call_begin(ngx_http_editorial_call_t *call);
static ed_str_t ngx_http_editorial_call_path(ngx_http_request_t *r);
static ngx_uint_t ngx_http_editorial_call_route(
    ngx_http_editorial_call_t *call);
static void ngx_http_editorial_call_unknown(ngx_http_editorial_call_t *call,
    ngx_uint_t methods);
static ngx_int_t ngx_http_editorial_call_allow(
    ngx_http_editorial_call_t *call, ngx_uint_t methods);
static void ngx_http_editorial_call_read(ngx_http_editorial_call_t *call);
static void ngx_http_editorial_call_write(ngx_http_editorial_call_t *call);
static ngx_int_t ngx_http_editorial_call_user(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_refuse_sender(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_is_same_site(
    ngx_http_editorial_call_t *call, ngx_str_t *value);
static ngx_uint_t ngx_http_editorial_is_own_origin(
    ngx_http_editorial_call_t *call, ngx_str_t *value);


static const ngx_http_editorial_method_t  ngx_http_editorial_methods[] = {
    { NGX_HTTP_GET, ngx_string("GET, HEAD") },
    { NGX_HTTP_POST, ngx_string("POST") },
    { NGX_HTTP_PUT, ngx_string("PUT") },
    { NGX_HTTP_DELETE, ngx_string("DELETE") },
    { 0, ngx_null_string }
};


char *
ngx_http_editorial_console_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t                         *value, user;
    ngx_http_core_loc_conf_t          *clcf;
    ngx_http_compile_complex_value_t   ccv;

    if (elcf->api != NULL) {
        return elcf->api == &ngx_http_editorial_console_api
               ? "is duplicate" : "stands beside another of its kind";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->name.len == 0 || clcf->name.data[0] != '/' || clcf->exact_match
#if (NGX_PCRE)
        || clcf->regex != NULL
#endif
       )
    {
        return "must stand in a location that is given by a prefix";
    }

    ngx_str_set(&user, "$remote_user");

    if (cf->args->nelts == 2) {
        value = cf->args->elts;

        if (ngx_strncmp(value[1].data, "user=", 5) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in \"%V\" directive",
                               &value[1], &cmd->name);
            return NGX_CONF_ERROR;
        }

        user.data = value[1].data + 5;
        user.len = value[1].len - 5;
    }

    elcf->console = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (elcf->console == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &user;
    ccv.complex_value = elcf->console;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_editorial_console_etags(cf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    clcf->handler = ngx_http_editorial_api_handler;
    clcf->auto_redirect = (clcf->name.data[clcf->name.len - 1] == '/');
    elcf->api = &ngx_http_editorial_console_api;
    elcf->own = 1;

    ngx_http_editorial_need_zone(cf, cmd);

    return NGX_CONF_OK;
}


void
ngx_http_editorial_api_merge(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *prev, ngx_http_editorial_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (prev->api == NULL || !clcf->noname || clcf->handler != NULL) {
        return;
    }

    clcf->handler = ngx_http_editorial_api_handler;
    conf->api = prev->api;
    conf->console = prev->console;
    conf->own = 1;
}


ngx_int_t
ngx_http_editorial_api_handler(ngx_http_request_t *r)
{
    ed_str_t                           path;
    ngx_http_editorial_loc_conf_t     *conf;
    const ngx_http_editorial_asset_t  *asset;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->api->flat || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_editorial_console_call(r);
    }

    path = ngx_http_editorial_call_path(r);
    asset = ngx_http_editorial_console_file(path);

    if (asset == NULL) {
        return ngx_http_editorial_console_call(r);
    }

    return path.len == 0 && r->uri.data[r->uri.len - 1] != '/'
           ? ngx_http_editorial_console_redirect(r)
           : ngx_http_editorial_console_serve(r, asset);
}


/* The count that is taken here is given back by the answer. */

static ngx_int_t
ngx_http_editorial_console_call(ngx_http_request_t *r)
{
    ngx_http_editorial_call_t  *call;

    call = ngx_http_editorial_call_create(r);
    if (call == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->main->count++;

    ngx_http_editorial_call_begin(call);

    return NGX_DONE;
}


static ngx_http_editorial_call_t *
ngx_http_editorial_call_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_editorial_call_t      *call;
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_editorial_call_t));
    if (cln == NULL) {
        return NULL;
    }

    call = cln->data;
    ngx_memzero(call, sizeof(ngx_http_editorial_call_t));

    call->r = r;
    call->api = conf->api;
    ed_buf_init(&call->text, conf->api->body);

    cln->handler = ngx_http_editorial_call_cleanup;

    return call;
}


/* r->ctx is not there for it: the filters look for a page's context in it. */

ngx_http_editorial_call_t *
ngx_http_editorial_call_of(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    cln = r->pool->cleanup;

    while (cln->handler != ngx_http_editorial_call_cleanup
           || ((ngx_http_editorial_call_t *) cln->data)->r != r)
    {
        cln = cln->next;
    }

    return cln->data;
}


static void
ngx_http_editorial_call_cleanup(void *data)
{
    ngx_http_editorial_call_t *call = data;

    if (call->api->over != NULL) {
        call->api->over(call);
    }

    ed_buf_free(&call->text);
    json_decref(call->body);
}


static void
ngx_http_editorial_call_begin(ngx_http_editorial_call_t *call)
{
    ngx_uint_t  methods;

    methods = ngx_http_editorial_call_route(call);

    if (call->route == NULL) {
        ngx_http_editorial_call_unknown(call, methods);

    } else if (call->r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        ngx_http_editorial_call_read(call);

    } else {
        ngx_http_editorial_call_write(call);
    }
}


/* Sets call->route where there is one, else returns the methods that the path
   would take: the page's files are read.  What a path is says the first route
   that it matches: "paused" is no feature. */

static ngx_uint_t
ngx_http_editorial_call_route(ngx_http_editorial_call_t *call)
{
    ed_str_t                           path;
    ngx_uint_t                         method, methods;
    const ngx_http_editorial_route_t  *route, *first;

    first = NULL;
    path = call->api->flat ? ED_STR("")
                           : ngx_http_editorial_call_path(call->r);
    method = call->r->method == NGX_HTTP_HEAD ? NGX_HTTP_GET : call->r->method;
    methods = !call->api->flat
              && ngx_http_editorial_console_file(path) != NULL
              ? NGX_HTTP_GET : 0;

    for (route = call->api->routes; route->handler != NULL; route++) {

        if ((first != NULL && !ed_str_eq(route->path, first->path))
            || !ed_route_match(route->path, path, call->segments))
        {
            continue;
        }

        first = route;

        if (route->method == method) {
            call->route = route;
            return 0;
        }

        methods |= route->method;
    }

    return methods;
}


/* What stands behind the location's name, and a slash. */

static ed_str_t
ngx_http_editorial_call_path(ngx_http_request_t *r)
{
    size_t                     len;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    len = ngx_min(clcf->name.len, r->uri.len);

    if (clcf->name.data[clcf->name.len - 1] != '/'
        && len < r->uri.len && r->uri.data[len] == '/')
    {
        len++;
    }

    return ed_str(r->uri.data + len, r->uri.len - len);
}


static void
ngx_http_editorial_call_unknown(ngx_http_editorial_call_t *call,
    ngx_uint_t methods)
{
    if (methods == 0) {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "there is no such call");
        return;
    }

    if (ngx_http_editorial_call_allow(call, methods) != NGX_OK) {
        ngx_http_finalize_request(call->r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_http_editorial_problem(call, NGX_HTTP_NOT_ALLOWED,
                               "this call is not made by %V",
                               &call->r->method_name);
}


/* RFC 9110, 15.5.6: a 405 has to say what is allowed. */

static ngx_int_t
ngx_http_editorial_call_allow(ngx_http_editorial_call_t *call,
    ngx_uint_t methods)
{
    u_char                             *p;
    ngx_str_t                           value;
    const ngx_http_editorial_method_t  *method;

    value.data = ngx_pnalloc(call->r->pool,
                             sizeof("GET, HEAD, POST, PUT, DELETE") - 1);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    for (method = ngx_http_editorial_methods; method->method != 0; method++) {

        if (!(methods & method->method)) {
            continue;
        }

        if (p != value.data) {
            p = ngx_cpymem(p, ", ", 2);
        }

        p = ngx_cpymem(p, method->name.data, method->name.len);
    }

    value.len = p - value.data;

    return ngx_http_editorial_add_header(call, "Allow", &value);
}


static void
ngx_http_editorial_call_read(ngx_http_editorial_call_t *call)
{
    ngx_http_request_t  *r;

    r = call->r;

    if (ngx_http_discard_request_body(r) != NGX_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "the body's chunked coding is broken");
        return;
    }

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    call->route->handler(call);
}


/* What If-Match of a change says is of what was there before, and no matter of
   nginx' own filter for such headers. */

static void
ngx_http_editorial_call_write(ngx_http_editorial_call_t *call)
{
    call->r->disable_not_modified = 1;

    if (!call->api->open && ngx_http_editorial_call_user(call) != NGX_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the user's name");
        return;
    }

    if (ngx_http_editorial_refuse_sender(call)
        || ngx_http_editorial_refuse_body(call))
    {
        return;
    }

    ngx_http_editorial_read_body(call);
}


static ngx_int_t
ngx_http_editorial_call_user(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(call->r, ngx_http_editorial_module);

    return ngx_http_complex_value(call->r, conf->console, &call->user);
}


/* Non-zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_refuse_sender(ngx_http_editorial_call_t *call)
{
    ngx_str_t  site = ngx_string("sec-fetch-site");
    ngx_str_t  origin = ngx_string("origin");

    if (call->user.len == 0 && !call->api->open) {
        ngx_http_editorial_problem(call, NGX_HTTP_FORBIDDEN,
                                   "a change needs the name of a user, and "
                                   "this request has none");
        return 1;
    }

    if (!ngx_http_editorial_every_header(call, &site,
                                         ngx_http_editorial_is_same_site))
    {
        ngx_http_editorial_problem(call, NGX_HTTP_FORBIDDEN,
                                   "%s must not come from a page of "
                                   "another origin (Sec-Fetch-Site)",
                                   call->api->what);
        return 1;
    }

    if (!ngx_http_editorial_every_header(call, &origin,
                                         ngx_http_editorial_is_own_origin))
    {
        ngx_http_editorial_problem(call, NGX_HTTP_FORBIDDEN,
                                   "%s must not come from a page of "
                                   "another origin (Origin)",
                                   call->api->what);
        return 1;
    }

    return 0;
}


ngx_uint_t
ngx_http_editorial_every_header(ngx_http_editorial_call_t *call,
    ngx_str_t *name, ngx_http_editorial_header_pt is_good)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *h;
    ngx_list_part_t  *part;

    for (part = &call->r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == name->len
                && ngx_strncasecmp(h[i].key.data, name->data, name->len) == 0
                && !is_good(call, &h[i].value))
            {
                return 0;
            }
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_editorial_is_same_site(ngx_http_editorial_call_t *call,
    ngx_str_t *value)
{
    ed_str_t  site;

    site = ed_str(value->data, value->len);

    return ed_str_eq(site, ED_STR("same-origin"))
           || ed_str_eq(site, ED_STR("none"));
}


static ngx_uint_t
ngx_http_editorial_is_own_origin(ngx_http_editorial_call_t *call,
    ngx_str_t *value)
{
    ngx_str_t            scheme, host;
    ed_own_origin_t      own;
    ngx_http_request_t  *r;

    r = call->r;

    ngx_http_editorial_scheme(r, &scheme);
    ngx_http_editorial_server(r, &host);

    own.scheme = ed_str(scheme.data, scheme.len);
    own.host = ed_str(host.data, host.len);
    own.header = ED_STR_EMPTY;

    if (r->headers_in.host != NULL) {
        own.header = ed_str(r->headers_in.host->value.data,
                            r->headers_in.host->value.len);
    }

    return (ngx_uint_t) ed_origin_is_own(ed_str(value->data, value->len),
                                         &own);
}
