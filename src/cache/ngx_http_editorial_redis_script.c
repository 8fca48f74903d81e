
/*
 * What must happen in Redis in one step, as scripts of a few lines.  All keys
 * of a script are of one page, so that a cluster has them in one place.
 *
 *     LOCK          may this node fetch the page?  Not if another does, nor
 *                   if there is a page that this node does not know yet
 *     UNLOCK        lets the lock go, or leaves the mark that the page cannot
 *                   be stored in its place, where it is still ours
 *     STORE         the page, unless another has the lock, or it was purged
 *                   after its fetch began
 *     STORE_CODED   its coded form, if that page is still there
 *     RENEW         new times for a page that its origin found unchanged
 *     TAG           the page's key under a tag, and those that are over out
 *     RELATE        an article in the list of a tag, in place of its old line
 *     SWAP          the same page, planned anew, where that is still there
 *
 * A page is told from another by bytes 4 to 7 and 20 to 23 of its head
 * (ed_stored_revision()).
 */

#include <sys/random.h>

#include "ed_le.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_WORDS                                              \
    (3 + NGX_HTTP_EDITORIAL_SCRIPT_KEYS + NGX_HTTP_EDITORIAL_SCRIPT_ARGS)

/* Of a tag's list: seconds that an article stands in it, and how many do. */
#define NGX_HTTP_EDITORIAL_RELATED_LIFE   "7776000"
#define NGX_HTTP_EDITORIAL_RELATED_LINES  "200"

#define NGX_HTTP_EDITORIAL_LUA_REVISION                                       \
    "local function rev(key)"                                                 \
    "  local p = redis.call('GETRANGE', key, 0, 23)"                          \
    "  return p:sub(5, 8) .. p:sub(21, 24) "                                  \
    "end "


typedef struct {
    ngx_str_t     text;
    const char   *keys[NGX_HTTP_EDITORIAL_SCRIPT_KEYS];   /* kinds */
    ngx_uint_t    nargs;
    unsigned      bare:1;            /* its key has no braces */
} ngx_http_editorial_program_t;


static void ngx_http_editorial_script_over(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);


static ngx_http_editorial_program_t
    ngx_http_editorial_programs[NGX_HTTP_EDITORIAL_SCRIPTS] =
{
    /* _LOCK: token, its life in ms, known revision */

    { ngx_string(NGX_HTTP_EDITORIAL_LUA_REVISION
        "local there = rev(KEYS[2]) "
        "if there ~= '' and there ~= ARGV[3] then return -4 end "
        "local old = redis.call('GET', KEYS[1]) "
        "if old == '" NGX_HTTP_EDITORIAL_UNSTORABLE "' then return -3 end "
        "if old then return -2 end "
        "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) "
        "local t = redis.call('TIME') "
        "return t[1] * 1000 + math.floor(t[2] / 1000)"),
      { "lock:", "page:", NULL }, 3, 0 },

    /* _UNLOCK: token, life of the mark in ms or 0, 1 where the page goes */

    { ngx_string(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
        "if ARGV[2] == '0' then redis.call('DEL', KEYS[1]) else "
        "redis.call('SET', KEYS[1], '" NGX_HTTP_EDITORIAL_UNSTORABLE "', "
        "'PX', ARGV[2]) end "
        "if ARGV[3] == '1' then redis.call('DEL', KEYS[2], KEYS[3]) end "
        "return 1"),
      { "lock:", "page:", "gzip:" }, 3, 0 },

    /* _STORE: token or "", when the fetch began or 0, life in ms, page */

    { ngx_string(
        "local own = redis.pcall('GET', KEYS[1]) "
        "if ARGV[1] ~= '' and own and own ~= ARGV[1] then return 0 end "
        "if own and own == ARGV[1] then redis.call('DEL', KEYS[1]) end "
        "local mark = redis.pcall('GET', KEYS[3]) "
        "if mark and (type(mark) == 'table' or (tonumber(mark) or math.huge) "
        ">= tonumber(ARGV[2])) then return 0 end "
        "redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[3]) "
        "return 1"),
      { "lock:", "page:", "purged:" }, 4, 0 },

    /* _STORE_CODED: revision, head and coded parts */

    { ngx_string(NGX_HTTP_EDITORIAL_LUA_REVISION
        "if rev(KEYS[1]) ~= ARGV[1] or rev(KEYS[2]) == ARGV[1] "
        "then return 0 end "
        "local ttl = redis.call('PTTL', KEYS[1]) "
        "if ttl <= 0 then return 0 end "
        "redis.call('SET', KEYS[2], ARGV[2], 'PX', ttl) "
        "return 1"),
      { "page:", "gzip:", NULL }, 2, 0 },

    /* _RENEW: token or "", revision, the head's first bytes, life in ms */

    { ngx_string(NGX_HTTP_EDITORIAL_LUA_REVISION
        "if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) == ARGV[1] "
        "then redis.call('DEL', KEYS[1]) end "
        "if rev(KEYS[2]) ~= ARGV[2] then return 0 end "
        "for i = 2, 3 do if rev(KEYS[i]) == ARGV[2] then "
        "redis.call('SETRANGE', KEYS[i], 0, ARGV[3]) "
        "redis.call('PEXPIRE', KEYS[i], ARGV[4]) end end "
        "return 1"),
      { "lock:", "page:", "gzip:" }, 4, 0 },

    /* _TAG: page's key, end of its life, now (s) */

    { ngx_string(
        "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3]) "
        "redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) "
        "local ttl = redis.call('TTL', KEYS[1]) "
        "if ttl < ARGV[2] - ARGV[3] then "
        "redis.call('EXPIRE', KEYS[1], ARGV[2] - ARGV[3]) end "
        "return 1"),
      { "tag:", NULL, NULL }, 3, 1 },

    /* _RELATE: line, its beginning, time of the article, now (s) */

    { ngx_string(
        "for _, line in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
        "if line ~= ARGV[1] and line:sub(1, #ARGV[2]) == ARGV[2] then "
        "redis.call('ZREM', KEYS[1], line) end end "
        "redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) "
        "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', "
        "'(' .. (ARGV[4] - " NGX_HTTP_EDITORIAL_RELATED_LIFE ")) "
        "redis.call('ZREMRANGEBYRANK', KEYS[1], 0, "
        "-1 - " NGX_HTTP_EDITORIAL_RELATED_LINES ") "
        "redis.call('EXPIRE', KEYS[1], " NGX_HTTP_EDITORIAL_RELATED_LIFE ") "
        "return 1"),
      { "related:", NULL, NULL }, 4, 1 },

    /* _SWAP: revision, page */

    { ngx_string(NGX_HTTP_EDITORIAL_LUA_REVISION
        "if rev(KEYS[1]) ~= ARGV[1] then return 0 end "
        "local ttl = redis.call('PTTL', KEYS[1]) "
        "if ttl <= 0 then return 0 end "
        "redis.call('SET', KEYS[1], ARGV[2], 'PX', ttl) "
        "redis.call('DEL', KEYS[2]) "
        "return 1"),
      { "page:", "gzip:", NULL }, 2, 0 }
};


ngx_int_t
ngx_http_editorial_script(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_script_e script, ngx_str_t *name, ngx_str_t *args,
    ngx_editorial_redis_handler_pt handler, void *data,
    ngx_editorial_redis_cmd_t **cmd)
{
    int                            argc;
    size_t                         argvlen[NGX_HTTP_EDITORIAL_WORDS];
    ngx_str_t                      key;
    ngx_uint_t                     i, nkeys;
    ngx_pool_t                    *pool;
    const char                    *argv[NGX_HTTP_EDITORIAL_WORDS];
    ngx_editorial_redis_cmd_t     *sent;
    ngx_http_editorial_program_t  *program;
    static const char             *numbers[] = { "0", "1", "2", "3" };

    if (emcf->redis == NULL) {
        return NGX_ERROR;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    program = &ngx_http_editorial_programs[script];

    argv[0] = "EVAL";
    argvlen[0] = sizeof("EVAL") - 1;
    argv[1] = (char *) program->text.data;
    argvlen[1] = program->text.len;
    argvlen[2] = 1;
    argc = 3;
    sent = NULL;

    for (nkeys = 0;
         nkeys < NGX_HTTP_EDITORIAL_SCRIPT_KEYS && program->keys[nkeys];
         nkeys++)
    {
        if (ngx_http_editorial_redis_key(emcf, pool, program->keys[nkeys],
                                         name, !program->bare, &key)
            != NGX_OK)
        {
            goto done;
        }

        argv[argc] = (char *) key.data;
        argvlen[argc++] = key.len;
    }

    argv[2] = numbers[nkeys];

    for (i = 0; i < program->nargs; i++) {
        argv[argc] = (char *) args[i].data;
        argvlen[argc++] = args[i].len;
    }

    sent = ngx_editorial_redis_command(emcf->redis, argc, argv, argvlen,
                                       handler != NULL
                                       ? handler
                                       : ngx_http_editorial_script_over,
                                       data);
done:

    ngx_destroy_pool(pool);

    if (cmd != NULL) {
        *cmd = sent;
    }

    return sent != NULL ? NGX_OK : NGX_ERROR;
}


void
ngx_http_editorial_make_token(u_char *token)
{
    ngx_uint_t  i;
    u_char      bytes[NGX_HTTP_EDITORIAL_TOKEN / 2];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) {

        for (i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (u_char) (ngx_random() ^ ngx_pid);
        }
    }

    (void) ngx_hex_dump(token, bytes, sizeof(bytes));
}


size_t
ngx_http_editorial_revision_bytes(uint64_t revision, u_char *bytes)
{
    if (revision == 0) {
        return 0;
    }

    ed_put32(bytes, (uint32_t) (revision >> 32));
    ed_put32(bytes + 4, (uint32_t) revision);

    return NGX_HTTP_EDITORIAL_REVISION_LEN;
}


static void
ngx_http_editorial_script_over(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    /* its failure has been logged by the client */
}
