
/*
 * Commands to Redis by HTTP, to see from outside what the client does.
 *
 *     redis_test URL … [PARAMETER …]     http: as editorial_redis
 *     redis_test_command [again|cancel]  location: /?GET&key sends it
 *     redis_test_status                  location
 *
 * The answer's first line says how it went: "OK string 5", "ERROR", "DOWN" …;
 * what follows is the reply's text.  "again" sends the command once more from
 * the handler of the first; "cancel" sends it twice and cancels the first, as
 * does a client that goes away.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_editorial_redis.h"


#define NGX_HTTP_REDIS_TEST_ARGS  16

#define NGX_HTTP_REDIS_TEST_ONCE    1
#define NGX_HTTP_REDIS_TEST_AGAIN   2
#define NGX_HTTP_REDIS_TEST_CANCEL  3


typedef struct {
    ngx_editorial_redis_conf_t   conf;
    ngx_editorial_redis_t       *redis;
} ngx_http_redis_test_main_conf_t;


typedef struct {
    ngx_uint_t                   mode;
} ngx_http_redis_test_loc_conf_t;


typedef struct {
    ngx_http_request_t          *request;
    ngx_editorial_redis_cmd_t   *cmd;
    ngx_uint_t                   left;      /* commands to be sent */
    int                          argc;
    const char                  *argv[NGX_HTTP_REDIS_TEST_ARGS];
    size_t                       argvlen[NGX_HTTP_REDIS_TEST_ARGS];
} ngx_http_redis_test_ctx_t;


static ngx_int_t ngx_http_redis_test_command_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_redis_test_args(ngx_http_request_t *r,
    ngx_http_redis_test_ctx_t *ctx);
static ngx_int_t ngx_http_redis_test_send_command(
    ngx_http_redis_test_ctx_t *ctx);
static void ngx_http_redis_test_unwanted(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_redis_test_reply(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply);
static void ngx_http_redis_test_cleanup(void *data);
static ngx_int_t ngx_http_redis_test_status_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_redis_test_answer(ngx_http_request_t *r,
    u_char *head, size_t head_len, const char *body, size_t body_len);

static ngx_int_t ngx_http_redis_test_init_process(ngx_cycle_t *cycle);
static void ngx_http_redis_test_exit_process(ngx_cycle_t *cycle);
static void *ngx_http_redis_test_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_redis_test_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_redis_test(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_redis_test_command(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_redis_test_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static const char  *ngx_http_redis_test_rc[] = {
    "OK", "OPEN", "DOWN", "TIMEOUT", "LOST", "ERROR", "NOMEM"
};


static const char  *ngx_http_redis_test_type[] = {
    "", "string", "array", "integer", "nil", "status", "error"
};


static ngx_command_t  ngx_http_redis_test_commands[] = {

    { ngx_string("redis_test"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_ANY,
      ngx_http_redis_test,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("redis_test_command"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_redis_test_command,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("redis_test_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_redis_test_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_redis_test_module_ctx = {
    NULL,                                   /* preconfiguration */
    NULL,                                   /* postconfiguration */

    ngx_http_redis_test_create_main_conf,   /* create main configuration */
    NULL,                                   /* init main configuration */

    NULL,                                   /* create server configuration */
    NULL,                                   /* merge server configuration */

    ngx_http_redis_test_create_loc_conf,    /* create location configuration */
    NULL                                    /* merge location configuration */
};


ngx_module_t  ngx_http_redis_test_module = {
    NGX_MODULE_V1,
    &ngx_http_redis_test_module_ctx,        /* module context */
    ngx_http_redis_test_commands,           /* module directives */
    NGX_HTTP_MODULE,                        /* module type */
    NULL,                                   /* init master */
    NULL,                                   /* init module */
    ngx_http_redis_test_init_process,       /* init process */
    NULL,                                   /* init thread */
    NULL,                                   /* exit thread */
    ngx_http_redis_test_exit_process,       /* exit process */
    NULL,                                   /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_redis_test_command_handler(ngx_http_request_t *r)
{
    ngx_http_cleanup_t               *cln;
    ngx_editorial_redis_t            *redis;
    ngx_editorial_redis_cmd_t        *cmd;
    ngx_http_redis_test_ctx_t        *ctx;
    ngx_http_redis_test_loc_conf_t   *rtlcf;
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtlcf = ngx_http_get_module_loc_conf(r, ngx_http_redis_test_module);
    rtmcf = ngx_http_get_module_main_conf(r, ngx_http_redis_test_module);
    redis = rtmcf->redis;

    if (redis == NULL || ngx_http_discard_request_body(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_redis_test_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ctx->left = (rtlcf->mode == NGX_HTTP_REDIS_TEST_AGAIN) ? 2 : 1;

    cln = ngx_http_cleanup_add(r, 0);

    if (cln == NULL || ngx_http_redis_test_args(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_redis_test_cleanup;
    cln->data = ctx;

    if (rtlcf->mode == NGX_HTTP_REDIS_TEST_CANCEL) {
        cmd = ngx_editorial_redis_command(redis, ctx->argc, ctx->argv,
                                          ctx->argvlen,
                                          ngx_http_redis_test_unwanted, ctx);
        if (cmd) {
            ngx_editorial_redis_cancel(cmd);
        }
    }

    if (ngx_http_redis_test_send_command(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->main->count++;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_redis_test_args(ngx_http_request_t *r, ngx_http_redis_test_ctx_t *ctx)
{
    u_char  *p, *last, *end, *src, *dst;

    last = r->args.data + r->args.len;

    for (p = r->args.data;
         p < last && ctx->argc < NGX_HTTP_REDIS_TEST_ARGS;
         p = end + 1)
    {
        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        dst = ngx_pnalloc(r->pool, end - p + 1);
        if (dst == NULL) {
            return NGX_ERROR;
        }

        ctx->argv[ctx->argc] = (const char *) dst;
        src = p;
        ngx_unescape_uri(&dst, &src, end - p, 0);
        ctx->argvlen[ctx->argc] = dst - (u_char *) ctx->argv[ctx->argc];
        ctx->argc++;
    }

    return ctx->argc ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_redis_test_send_command(ngx_http_redis_test_ctx_t *ctx)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_get_module_main_conf(ctx->request,
                                          ngx_http_redis_test_module);
    ctx->left--;
    ctx->cmd = ngx_editorial_redis_command(rtmcf->redis, ctx->argc, ctx->argv,
                                           ctx->argvlen,
                                           ngx_http_redis_test_reply, ctx);

    return ctx->cmd ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_redis_test_unwanted(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_redis_test_ctx_t *ctx = data;

    ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                  "a handler is called after its command was cancelled");
}


static void
ngx_http_redis_test_reply(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_redis_test_ctx_t *ctx = data;

    u_char               head[64], *p;
    size_t               len;
    const char          *body;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;
    ctx->cmd = NULL;

    if (ctx->left) {
        if (ngx_http_redis_test_send_command(ctx) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }

        return;
    }

    p = ngx_sprintf(head, "%s", ngx_http_redis_test_rc[rc]);
    body = "";
    len = 0;

    if (reply) {
        if (reply->str) {
            body = reply->str;
            len = reply->len;
        }

        p = ngx_sprintf(p, " %s %uz", ngx_http_redis_test_type[reply->type],
                        len + reply->elements + (size_t) reply->integer);
    }

    *p++ = LF;

    ngx_http_finalize_request(r, ngx_http_redis_test_answer(r, head, p - head,
                                                            body, len));
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_redis_test_cleanup(void *data)
{
    ngx_http_redis_test_ctx_t *ctx = data;

    if (ctx->cmd) {
        ngx_editorial_redis_cancel(ctx->cmd);
        ctx->cmd = NULL;
    }
}


static ngx_int_t
ngx_http_redis_test_status_handler(ngx_http_request_t *r)
{
    u_char                            head[1024], *p;
    ngx_editorial_redis_stats_t       stats;
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_get_module_main_conf(r, ngx_http_redis_test_module);

    if (rtmcf->redis == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_editorial_redis_stats(rtmcf->redis, &stats);

    p = ngx_slprintf(head, head + sizeof(head),
                     "up %ui\nconnected %ui\nserver %V\nopen %ui\n"
                     "commands %uL\nreplies %uL\ntimeouts %uL\n"
                     "connections %uL\nlost %uL\nrefused %uL\n",
                     ngx_editorial_redis_is_up(rtmcf->redis), stats.connected,
                     &stats.server, stats.open, stats.commands, stats.replies,
                     stats.timeouts, stats.connections, stats.lost,
                     stats.refused);

    return ngx_http_redis_test_answer(r, head, p - head, "", 0);
}


static ngx_int_t
ngx_http_redis_test_answer(ngx_http_request_t *r, u_char *head,
    size_t head_len, const char *body, size_t body_len)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_create_temp_buf(r->pool, head_len + body_len);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last = ngx_cpymem(b->last, head, head_len);
    b->last = ngx_cpymem(b->last, body, body_len);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = head_len + body_len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_redis_test_init_process(ngx_cycle_t *cycle)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_redis_test_module);

    if (rtmcf && rtmcf->conf.servers.nelts
        && (ngx_process == NGX_PROCESS_WORKER
            || ngx_process == NGX_PROCESS_SINGLE))
    {
        rtmcf->redis = ngx_editorial_redis_create(cycle, &rtmcf->conf);
    }

    return NGX_OK;
}


static void
ngx_http_redis_test_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_redis_test_module);

    if (rtmcf && rtmcf->redis) {
        ngx_editorial_redis_destroy(rtmcf->redis);
        rtmcf->redis = NULL;
    }
}


static void *
ngx_http_redis_test_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_redis_test_main_conf_t));
}


static void *
ngx_http_redis_test_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_redis_test_loc_conf_t));
}


static char *
ngx_http_redis_test(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_redis_test_main_conf_t *rtmcf = conf;

    return ngx_editorial_redis_parse(cf, &rtmcf->conf);
}


static char *
ngx_http_redis_test_command(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_redis_test_loc_conf_t *rtlcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    if (cf->args->nelts == 1) {
        rtlcf->mode = NGX_HTTP_REDIS_TEST_ONCE;

    } else if (ngx_strcmp(value[1].data, "again") == 0) {
        rtlcf->mode = NGX_HTTP_REDIS_TEST_AGAIN;

    } else {
        rtlcf->mode = NGX_HTTP_REDIS_TEST_CANCEL;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_redis_test_command_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_redis_test_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_redis_test_status_handler;

    return NGX_CONF_OK;
}
