
/*
 * This node's field among the servers; see the header.  The times of all are
 * Redis' own, since clocks of servers differ.
 *
 * A write that fails is not made up for: the next one says more.
 */

#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_servers.h"


#define NGX_HTTP_EDITORIAL_SERVERS_SWEEP  60     /* writes between two looks
                                                    for fields to drop */


struct ngx_http_editorial_servers_s {
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_str_t                        key;
    ngx_editorial_redis_cmd_t       *cmd;        /* under way; NULL: none */
    ngx_msec_t                       next;       /* when it is time, */
    unsigned                         begun:1;    /*   unless it is the first */
    ngx_uint_t                       writes;
};


static void ngx_http_editorial_servers_write(
    ngx_http_editorial_servers_t *servers, ngx_msec_t lag);
static void ngx_http_editorial_servers_written(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_servers_add(u_char *sum, ed_desk_t *desk);


/* KEYS: servers; ARGV: node, states, lag, "1": drop what is older than an
   hour, or cannot be read */
static const ngx_str_t  ngx_http_editorial_servers_write_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
    "redis.call('HSET', KEYS[1], ARGV[1], string.format("
    "'{\"at\":%.0f,\"states\":\"%s\",\"lag_ms\":%s}', now, ARGV[2], ARGV[3]))\n"
    "if ARGV[4] ~= '1' then return 0 end\n"
    "local l = redis.call('HGETALL', KEYS[1])\n"
    "for i = 1, #l, 2 do\n"
    "  local at = tonumber(string.match(l[i + 1], '^{\"at\":(%d+)') or 0)\n"
    "  if now - at > 3600000 then redis.call('HDEL', KEYS[1], l[i]) end\n"
    "end\n"
    "return 0\n");

static const ngx_str_t  ngx_http_editorial_servers_read_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "local l = redis.call('HGETALL', KEYS[1])\n"
    "table.insert(l, 1, t[1] * 1000 + math.floor(t[2] / 1000))\n"
    "return l\n");


ngx_http_editorial_servers_t *
ngx_http_editorial_servers_create(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    ngx_str_t                      none = ngx_string("");
    ngx_http_editorial_servers_t  *servers;

    servers = ngx_pcalloc(cycle->pool, sizeof(ngx_http_editorial_servers_t));

    if (servers == NULL
        || ngx_http_editorial_redis_key(emcf, cycle->pool, "servers", &none, 0,
                                        &servers->key)
           != NGX_OK)
    {
        return NULL;
    }

    servers->emcf = emcf;

    return servers;
}


void
ngx_http_editorial_servers_tick(ngx_http_editorial_servers_t *servers,
    ngx_msec_t lag)
{
    if (servers->cmd != NULL
        || (servers->begun
            && (ngx_msec_int_t) (servers->next - ngx_current_msec) > 0)
        || !ngx_http_editorial_redis_is_up(servers->emcf))
    {
        return;
    }

    servers->begun = 1;
    servers->next = ngx_current_msec + NGX_HTTP_EDITORIAL_SERVERS_PERIOD;

    ngx_http_editorial_servers_write(servers, lag);
}


void
ngx_http_editorial_servers_end(ngx_http_editorial_servers_t *servers)
{
    if (servers->cmd != NULL) {
        ngx_editorial_redis_cancel(servers->cmd);
        servers->cmd = NULL;
    }

    servers->begun = 0;
    servers->writes = 0;
}


static void
ngx_http_editorial_servers_write(ngx_http_editorial_servers_t *servers,
    ngx_msec_t lag)
{
    u_char                            number[NGX_INT_T_LEN];
    u_char                            states[NGX_HTTP_EDITORIAL_SERVERS_DIGEST];
    size_t                            argvlen[8];
    const char                       *argv[8];
    const ngx_http_editorial_node_t  *node;

    node = ngx_http_editorial_node(servers->emcf);

    ngx_http_editorial_servers_digest(servers->emcf, states);

    argv[0] = "EVAL";
    argvlen[0] = sizeof("EVAL") - 1;
    argv[1] = (char *) ngx_http_editorial_servers_write_script.data;
    argvlen[1] = ngx_http_editorial_servers_write_script.len;
    argv[2] = "1";
    argvlen[2] = 1;
    argv[3] = (char *) servers->key.data;
    argvlen[3] = servers->key.len;
    argv[4] = (char *) node->name.data;
    argvlen[4] = node->name.len;
    argv[5] = (char *) states;
    argvlen[5] = sizeof(states);
    argv[6] = (char *) number;
    argvlen[6] = ngx_sprintf(number, "%M", lag) - number;
    argv[7] = servers->writes++ % NGX_HTTP_EDITORIAL_SERVERS_SWEEP == 0
              ? "1" : "0";
    argvlen[7] = 1;

    servers->cmd = ngx_editorial_redis_command(servers->emcf->redis, 8, argv,
                                          argvlen,
                                          ngx_http_editorial_servers_written,
                                          servers);
}


/* What went wrong is logged by the client, and counted. */

static void
ngx_http_editorial_servers_written(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_servers_t *servers = data;

    servers->cmd = NULL;
}


void
ngx_http_editorial_servers_digest(ngx_http_editorial_main_conf_t *emcf,
    u_char *digest)
{
    u_char                       sum[NGX_HTTP_EDITORIAL_SERVERS_DIGEST / 2];
    ed_desk_t                    desk;
    ngx_uint_t                   i, n;
    ngx_http_editorial_desk_t  **desks;

    ngx_memzero(sum, sizeof(sum));

    desks = ngx_http_editorial_desks(emcf, &n);

    for (i = 0; i < n; i++) {
        if (ngx_http_editorial_desk_get(desks[i], &desk) == NGX_OK) {
            ngx_http_editorial_servers_add(sum, &desk);
        }
    }

    (void) ngx_hex_dump(digest, sum, sizeof(sum));
}


/* By exclusive or: servers may have their desks in another order. */

static void
ngx_http_editorial_servers_add(u_char *sum, ed_desk_t *desk)
{
    u_char        one[NGX_HTTP_EDITORIAL_SERVERS_DIGEST / 2];
    unsigned      i, touched;
    ngx_md5_t     md5;
    ed_notice_t  *notice;

    touched = desk->paused;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, desk->name.text, desk->name.len);
    ngx_md5_update(&md5, desk->paused ? "\1" : "\0", 1);

    for (i = 0; i < ED_FEATURES; i++) {
        notice = &desk->features[i];
        ngx_md5_update(&md5, notice->edited ? "\1" : "\0", 1);

        if (notice->edited) {
            touched = 1;
            ngx_md5_update(&md5, notice->etag, ED_RECORD_DIGEST);
        }
    }

    ngx_md5_final(one, &md5);

    for (i = 0; touched && i < sizeof(one); i++) {
        sum[i] ^= one[i];
    }
}


ngx_editorial_redis_cmd_t *
ngx_http_editorial_servers_ask(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, ngx_editorial_redis_handler_pt handler, void *data)
{
    size_t       argvlen[4];
    ngx_str_t    key;
    const char  *argv[4];
    ngx_str_t    none = ngx_string("");

    if (ngx_http_editorial_redis_key(emcf, pool, "servers", &none, 0, &key)
        != NGX_OK)
    {
        return NULL;
    }

    argv[0] = "EVAL";
    argvlen[0] = sizeof("EVAL") - 1;
    argv[1] = (char *) ngx_http_editorial_servers_read_script.data;
    argvlen[1] = ngx_http_editorial_servers_read_script.len;
    argv[2] = "1";
    argvlen[2] = 1;
    argv[3] = (char *) key.data;
    argvlen[3] = key.len;

    return ngx_editorial_redis_command(emcf->redis, 4, argv, argvlen, handler,
                                       data);
}
