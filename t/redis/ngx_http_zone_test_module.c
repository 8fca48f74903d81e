
/*
 * The role in a zone, by HTTP: who has it, as each worker sees it.
 *
 *     zone_test NAME SIZE     http: a zone of its own
 *     zone_test_role          location: "PID 1", the role is this worker's, or
 *                             "PID 0"
 *
 * Every worker asks for the role each 100 ms.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_editorial_zone.h"


#define NGX_HTTP_ZONE_TEST_PERIOD  100      /* ms */


typedef struct {
    ngx_editorial_zone_t  *zone;
    ngx_uint_t             mine;
    ngx_event_t            timer;
} ngx_http_zone_test_conf_t;


static ngx_int_t ngx_http_zone_test_role_handler(ngx_http_request_t *r);
static void ngx_http_zone_test_ask(ngx_event_t *ev);
static ngx_int_t ngx_http_zone_test_init_process(ngx_cycle_t *cycle);
static void ngx_http_zone_test_exit_process(ngx_cycle_t *cycle);
static void *ngx_http_zone_test_create_conf(ngx_conf_t *cf);
static char *ngx_http_zone_test(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_zone_test_role(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_zone_test_commands[] = {

    { ngx_string("zone_test"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_zone_test,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("zone_test_role"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_zone_test_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_zone_test_module_ctx = {
    NULL,                                   /* preconfiguration */
    NULL,                                   /* postconfiguration */

    ngx_http_zone_test_create_conf,         /* create main configuration */
    NULL,                                   /* init main configuration */

    NULL,                                   /* create server configuration */
    NULL,                                   /* merge server configuration */

    NULL,                                   /* create location configuration */
    NULL                                    /* merge location configuration */
};


ngx_module_t  ngx_http_zone_test_module = {
    NGX_MODULE_V1,
    &ngx_http_zone_test_module_ctx,         /* module context */
    ngx_http_zone_test_commands,            /* module directives */
    NGX_HTTP_MODULE,                        /* module type */
    NULL,                                   /* init master */
    NULL,                                   /* init module */
    ngx_http_zone_test_init_process,        /* init process */
    NULL,                                   /* init thread */
    NULL,                                   /* exit thread */
    ngx_http_zone_test_exit_process,        /* exit process */
    NULL,                                   /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_zone_test_role_handler(ngx_http_request_t *r)
{
    u_char                     *p;
    ngx_str_t                   type;
    ngx_http_complex_value_t    cv;
    ngx_http_zone_test_conf_t  *conf;

    conf = ngx_http_get_module_main_conf(r, ngx_http_zone_test_module);

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(" 0\n"));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));
    ngx_str_set(&type, "text/plain");

    cv.value.data = p;
    cv.value.len = ngx_sprintf(p, "%P %ui\n", ngx_pid, conf->mine) - p;

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);
}


static void
ngx_http_zone_test_ask(ngx_event_t *ev)
{
    ngx_http_zone_test_conf_t  *conf = ev->data;

    conf->mine = ngx_editorial_zone_role(conf->zone);

    ngx_add_timer(ev, NGX_HTTP_ZONE_TEST_PERIOD);
}


static ngx_int_t
ngx_http_zone_test_init_process(ngx_cycle_t *cycle)
{
    ngx_http_zone_test_conf_t  *conf;

    conf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_zone_test_module);

    if (conf == NULL || conf->zone == NULL
        || ngx_editorial_zone_init_process(conf->zone, cycle) != NGX_OK)
    {
        return NGX_OK;
    }

    conf->timer.handler = ngx_http_zone_test_ask;
    conf->timer.data = conf;
    conf->timer.log = cycle->log;
    conf->timer.cancelable = 1;

    ngx_add_timer(&conf->timer, NGX_HTTP_ZONE_TEST_PERIOD);

    return NGX_OK;
}


static void
ngx_http_zone_test_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_zone_test_conf_t  *conf;

    conf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_zone_test_module);

    if (conf && conf->zone) {
        ngx_editorial_zone_exit_process(conf->zone);
    }
}


static void *
ngx_http_zone_test_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_zone_test_conf_t));
}


static char *
ngx_http_zone_test(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_zone_test_conf_t *ztcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    value = cf->args->elts;
    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR) {
        return "has a wrong size";
    }

    ztcf->zone = ngx_editorial_zone_add(cf, &value[1], (size_t) size,
                                        &ngx_http_zone_test_module);

    return ztcf->zone != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_zone_test_role(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_zone_test_role_handler;

    return NGX_CONF_OK;
}
