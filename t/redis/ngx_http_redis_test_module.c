
/*
 * Commands to Redis by HTTP, to see from outside what the client does.
 *
 *     redis_test URL … [PARAMETER …]     http: as editorial_redis
 *     redis_test_command [again|cancel]  location: /?GET&key sends it
 *     redis_test_get [MODE]              location: see _test_get.c
 *     redis_test_guard                   location: see _test_guard.c
 *     redis_test_status                  location
 *     redis_test_track on|off            http: is there a connection of
 *                                        invalidations?
 *     redis_test_track_status [MODE]     location: see _test_track.c
 *
 * The answer's first line says how it went: "OK string 5", "ERROR", "DOWN" …;
 * what follows is the reply's text.  "again" sends the command once more from
 * the handler of the first; "cancel" sends it twice and cancels the first, as
 * does a client that goes away.
 */

#include "ngx_http_redis_test.h"


#define NGX_HTTP_REDIS_TEST_ARGS    16

#define NGX_HTTP_REDIS_TEST_AGAIN   1       /* as the directive has them */
#define NGX_HTTP_REDIS_TEST_CANCEL  2


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

static ngx_int_t ngx_http_redis_test_init_process(ngx_cycle_t *cycle);
static void ngx_http_redis_test_exit_process(ngx_cycle_t *cycle);
static void *ngx_http_redis_test_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_redis_test_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_redis_test(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_redis_test_location(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


const char  *ngx_http_redis_test_rc[] = {
    "OK", "OPEN", "DOWN", "TIMEOUT", "LOST", "ERROR", "NOMEM"
};


static const char  *ngx_http_redis_test_type[] = {
    "", "string", "array", "integer", "nil", "status", "error"
};


static ngx_http_redis_test_location_t  ngx_http_redis_test_command = {
    ngx_http_redis_test_command_handler,
    { "again", "cancel", NULL }
};


static ngx_http_redis_test_location_t  ngx_http_redis_test_get = {
    ngx_http_redis_test_get_handler,
    { "again", "cancel", "hold", "destroy", NULL }
};


static ngx_http_redis_test_location_t  ngx_http_redis_test_track = {
    ngx_http_redis_test_track_handler,
    { "destroy", NULL }
};


static ngx_http_redis_test_location_t  ngx_http_redis_test_guard = {
    ngx_http_redis_test_guard_handler,
    { NULL }
};


static ngx_http_redis_test_location_t  ngx_http_redis_test_status = {
    ngx_http_redis_test_status_handler,
    { NULL }
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
      ngx_http_redis_test_location,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_redis_test_command },

    { ngx_string("redis_test_get"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_redis_test_location,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_redis_test_get },

    { ngx_string("redis_test_guard"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_redis_test_location,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_redis_test_guard },

    { ngx_string("redis_test_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_redis_test_location,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_redis_test_status },

    { ngx_string("redis_test_track"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_redis_test_main_conf_t, tracks),
      NULL },

    { ngx_string("redis_test_track_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_redis_test_location,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_redis_test_track },

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
    ngx_str_t  arg;

    while (ctx->argc < NGX_HTTP_REDIS_TEST_ARGS) {

        if (ngx_http_redis_test_arg(r, ctx->argc, &arg) != NGX_OK) {
            return NGX_ERROR;
        }

        if (arg.len == 0) {
            break;
        }

        ctx->argv[ctx->argc] = (const char *) arg.data;
        ctx->argvlen[ctx->argc] = arg.len;
        ctx->argc++;
    }

    return ctx->argc ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_redis_test_arg(ngx_http_request_t *r, ngx_uint_t n, ngx_str_t *value)
{
    u_char  *p, *last, *end, *dst;

    p = r->args.data;
    last = p + r->args.len;

    for ( ;; ) {
        end = (p < last) ? ngx_strlchr(p, last, '&') : NULL;
        end = end ? end : last;

        if (n-- == 0) {
            break;
        }

        p = ngx_min(end + 1, last);
    }

    value->data = ngx_pnalloc(r->pool, end - p + 1);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    dst = value->data;
    ngx_unescape_uri(&dst, &p, end - p, 0);
    value->len = dst - value->data;

    return NGX_OK;
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
    ngx_http_request_t  *r;

    r = ctx->request;
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

    ngx_http_redis_test_finish(r, head, p - head, body, len);
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


void
ngx_http_redis_test_finish(ngx_http_request_t *r, u_char *head,
    size_t head_len, const char *body, size_t body_len)
{
    ngx_connection_t  *c;

    c = r->connection;

    ngx_http_finalize_request(r, ngx_http_redis_test_answer(r, head, head_len,
                                                            body, body_len));
    ngx_http_run_posted_requests(c);
}


ngx_int_t
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

        if (rtmcf->tracks == 1) {
            ngx_http_redis_test_track_create(cycle, rtmcf);
        }
    }

    return NGX_OK;
}


static void
ngx_http_redis_test_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_redis_test_module);

    if (rtmcf == NULL) {
        return;
    }

    ngx_http_redis_test_track_destroy(rtmcf);

    if (rtmcf->redis) {
        ngx_editorial_redis_destroy(rtmcf->redis);
        rtmcf->redis = NULL;
    }
}


static void *
ngx_http_redis_test_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_redis_test_main_conf_t));

    if (rtmcf) {
        rtmcf->tracks = NGX_CONF_UNSET;
    }

    return rtmcf;
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
ngx_http_redis_test_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_redis_test_loc_conf_t *rtlcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_redis_test_location_t  *location;

    location = cmd->post;
    value = cf->args->elts;

    for (i = 0; cf->args->nelts > 1 && rtlcf->mode == 0; i++) {

        if (location->modes[i] == NULL) {
            return "has an unknown mode";
        }

        if (ngx_strcmp(value[1].data, location->modes[i]) == 0) {
            rtlcf->mode = i + 1;
        }
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = location->handler;

    return NGX_CONF_OK;
}
