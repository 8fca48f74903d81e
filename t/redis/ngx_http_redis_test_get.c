
/*
 * redis_test_get [again|cancel|hold|destroy]: /?KEY or /?KEY&FIRST
 *
 * Joined GETs.  The answer's first line is "OK 5", "OK none", "ERROR" …, then
 * comes the value.  "again" gets the key once more from the handler; "cancel"
 * gets it twice, and the handler of the first cancels the second; "hold"
 * answers when the handler has long returned; "destroy" ends the client from
 * within the handler.
 */

#include "ngx_http_redis_test.h"
#include "ngx_editorial_redis_get.h"


#define NGX_HTTP_REDIS_TEST_GET_AGAIN    1   /* as the directive has them */
#define NGX_HTTP_REDIS_TEST_GET_CANCEL   2
#define NGX_HTTP_REDIS_TEST_GET_HOLD     3
#define NGX_HTTP_REDIS_TEST_GET_DESTROY  4

#define NGX_HTTP_REDIS_TEST_GET_HELD     100  /* ms */


typedef struct {
    ngx_http_request_t           *request;
    ngx_uint_t                    mode;      /* what is yet to be done */
    ngx_str_t                     key;
    size_t                        first;
    ngx_editorial_redis_get_t    *get;
    ngx_editorial_redis_get_t    *other;
    ngx_editorial_redis_value_t  *value;     /* held */
    ngx_event_t                   timer;
} ngx_http_redis_test_get_t;


static ngx_int_t ngx_http_redis_test_get_start(ngx_http_redis_test_get_t *ctx);
static void ngx_http_redis_test_got(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value);
static void ngx_http_redis_test_get_answer(ngx_http_redis_test_get_t *ctx,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_redis_test_get_unwanted(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_redis_test_get_held(ngx_event_t *ev);
static void ngx_http_redis_test_get_destroy(ngx_http_request_t *r);
static void ngx_http_redis_test_get_cleanup(void *data);


ngx_int_t
ngx_http_redis_test_get_handler(ngx_http_request_t *r)
{
    ngx_str_t                         first;
    ngx_http_cleanup_t               *cln;
    ngx_http_redis_test_get_t        *ctx;
    ngx_http_redis_test_loc_conf_t   *rtlcf;

    rtlcf = ngx_http_get_module_loc_conf(r, ngx_http_redis_test_module);

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_redis_test_get_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ctx->mode = rtlcf->mode;
    ctx->timer.handler = ngx_http_redis_test_get_held;
    ctx->timer.data = ctx;
    ctx->timer.log = r->connection->log;

    cln = ngx_http_cleanup_add(r, 0);

    if (cln == NULL
        || ngx_http_redis_test_arg(r, 0, &ctx->key) != NGX_OK
        || ngx_http_redis_test_arg(r, 1, &first) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->first = first.len ? ngx_atoi(first.data, first.len) : 0;

    cln->handler = ngx_http_redis_test_get_cleanup;
    cln->data = ctx;

    if (ngx_http_redis_test_get_start(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->main->count++;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_redis_test_get_start(ngx_http_redis_test_get_t *ctx)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_get_module_main_conf(ctx->request,
                                          ngx_http_redis_test_module);

    if (rtmcf->redis == NULL) {
        return NGX_ERROR;
    }

    ctx->get = ngx_editorial_redis_get(rtmcf->redis, &ctx->key, ctx->first, 0,
                                       ngx_http_redis_test_got, ctx);

    if (ctx->get && ctx->mode == NGX_HTTP_REDIS_TEST_GET_CANCEL) {
        ctx->other = ngx_editorial_redis_get(rtmcf->redis, &ctx->key,
                                             ctx->first, 0,
                                             ngx_http_redis_test_get_unwanted,
                                             ctx);
    }

    return ctx->get ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_redis_test_got(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_redis_test_get_t *ctx = data;

    ngx_uint_t  mode;

    mode = ctx->mode;
    ctx->mode = 0;
    ctx->get = NULL;

    switch (mode) {

    case NGX_HTTP_REDIS_TEST_GET_AGAIN:

        if (ngx_http_redis_test_get_start(ctx) == NGX_OK) {
            return;
        }

        break;

    case NGX_HTTP_REDIS_TEST_GET_CANCEL:
        ngx_editorial_redis_get_cancel(ctx->other);
        ctx->other = NULL;
        break;

    case NGX_HTTP_REDIS_TEST_GET_HOLD:

        if (value) {
            ngx_editorial_redis_value_hold(value);
            ctx->value = value;
            ngx_add_timer(&ctx->timer, NGX_HTTP_REDIS_TEST_GET_HELD);
            return;
        }

        break;

    case NGX_HTTP_REDIS_TEST_GET_DESTROY:
        ngx_http_redis_test_get_destroy(ctx->request);
        break;
    }

    ngx_http_redis_test_get_answer(ctx, rc, value);
}


static void
ngx_http_redis_test_get_answer(ngx_http_redis_test_get_t *ctx,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value)
{
    u_char  head[64], *p;

    p = ngx_sprintf(head, "%s", ngx_http_redis_test_rc[rc]);

    if (value) {
        p = ngx_sprintf(p, " %uz\n", value->len);

    } else {
        p = ngx_sprintf(p, "%s\n", rc ? "" : " none");
    }

    ngx_http_redis_test_finish(ctx->request, head, p - head,
                               value ? (const char *) value->data : "",
                               value ? value->len : 0);
}


static void
ngx_http_redis_test_get_unwanted(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_redis_test_get_t *ctx = data;

    ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                  "a handler is called after its get was cancelled");
}


static void
ngx_http_redis_test_get_held(ngx_event_t *ev)
{
    ngx_http_redis_test_get_t *ctx = ev->data;

    ngx_http_redis_test_get_answer(ctx, NGX_EDITORIAL_REDIS_OK, ctx->value);
}


static void
ngx_http_redis_test_get_destroy(ngx_http_request_t *r)
{
    ngx_editorial_redis_t            *redis;
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_get_module_main_conf(r, ngx_http_redis_test_module);

    redis = rtmcf->redis;
    rtmcf->redis = NULL;

    if (redis == NULL) {
        /* another handler of this kind calls this one */
        return;
    }

    ngx_editorial_redis_destroy(redis);

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "destroyed");
}


static void
ngx_http_redis_test_get_cleanup(void *data)
{
    ngx_http_redis_test_get_t *ctx = data;

    if (ctx->get) {
        ngx_editorial_redis_get_cancel(ctx->get);
    }

    if (ctx->other) {
        ngx_editorial_redis_get_cancel(ctx->other);
    }

    if (ctx->value) {
        ngx_editorial_redis_value_release(ctx->value);
    }

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }
}
