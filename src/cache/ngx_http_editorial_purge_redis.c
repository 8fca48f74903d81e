
/*
 * What a purge does in Redis.  Only keys of one slot are ever in one command:
 * the four of a page, or a tag's list.
 *
 * A page is removed by one script.  Its mark "purged" is what keeps a fetch
 * that is under way from storing it.
 *
 * The list of a tag may grow while it is worked off, by the very pages that
 * are removed and fetched again.  A member that is taken has its score made
 * odd by half a second; storing makes it whole again, and only one that is
 * still odd is struck out, after its page has gone.  So nothing falls out of
 * the list whose page is there, however the purge ends.
 */

#include "ngx_http_editorial_purge_int.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_PURGE_ARGS  (4 + NGX_HTTP_EDITORIAL_PURGE_BATCH)


static void ngx_http_editorial_purge_raised(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_purge_marked(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_purge_listed(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_purge_struck(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_purge_script(ngx_http_editorial_purge_t *purge,
    const ngx_str_t *script, ngx_str_t *key, ngx_uint_t nargs,
    ngx_editorial_redis_handler_pt handler);
static void ngx_http_editorial_purge_tag_script(
    ngx_http_editorial_purge_t *purge, const ngx_str_t *script,
    ngx_uint_t nargs, ngx_editorial_redis_handler_pt handler);
static void ngx_http_editorial_purge_sent(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_purge_refused(ngx_http_editorial_purge_t *purge,
    ngx_editorial_redis_rc_e rc, redisReply *reply);


/* KEYS: page, gzip, lock, purged */
static const ngx_str_t  ngx_http_editorial_purge_page_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "local n = redis.call('DEL', KEYS[1])\n"
    "redis.call('DEL', KEYS[2], KEYS[3])\n"
    "redis.call('SET', KEYS[4],"
    " string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)),"
    " 'PX', 60000)\n"
    "return n\n");

/* KEYS: the tag's mark */
static const ngx_str_t  ngx_http_editorial_purge_mark_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "redis.call('SET', KEYS[1],"
    " string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)),"
    " 'PX', 60000)\n"
    "return 1\n");

/* KEYS: tag; those whose life is over fall out, some others are taken */
static const ngx_str_t  ngx_http_editorial_purge_list_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. t[1])\n"
    "local l = redis.call('ZRANGE', KEYS[1], 0, 99, 'WITHSCORES')\n"
    "local keys = {}\n"
    "for i = 1, #l, 2 do\n"
    "  local s = tonumber(l[i + 1])\n"
    "  if s == math.floor(s) then\n"
    "    redis.call('ZADD', KEYS[1], string.format('%.1f', s + 0.5), l[i])\n"
    "  end\n"
    "  keys[#keys + 1] = l[i]\n"
    "end\n"
    "return keys\n");

/* KEYS: tag; ARGV: members that were taken */
static const ngx_str_t  ngx_http_editorial_purge_strike_script = ngx_string(
    "for i = 1, #ARGV do\n"
    "  local s = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or 0)\n"
    "  if s ~= math.floor(s) then\n"
    "    redis.call('ZREM', KEYS[1], ARGV[i])\n"
    "  end\n"
    "end\n"
    "return 0\n");


void
ngx_http_editorial_purge_raise(ngx_http_editorial_purge_t *purge)
{
    size_t            argvlen[2];
    ngx_str_t         key;
    const char       *argv[2];
    ed_zone_stats_t   stats;
    ngx_str_t         none = ngx_string("");

    ngx_editorial_zone_stats(purge->emcf->zone, &stats);

    purge->before = stats.pages;
    purge->generation = ngx_editorial_zone_generation(purge->emcf->zone);

    if (ngx_http_editorial_redis_key(purge->emcf, purge->pool, "gen", &none, 0,
                                     &key)
        != NGX_OK)
    {
        ngx_http_editorial_purge_fail(purge, "no memory");
        return;
    }

    argv[0] = "INCR";
    argvlen[0] = sizeof("INCR") - 1;
    argv[1] = (char *) key.data;
    argvlen[1] = key.len;

    purge->cmd = ngx_editorial_redis_command(purge->emcf->redis, 2, argv,
                                             argvlen,
                                             ngx_http_editorial_purge_raised,
                                             purge);
    if (purge->cmd == NULL) {
        ngx_http_editorial_purge_fail(purge, "no memory");
    }
}


/*
 * The zone may have the new generation already, by what Redis tells of its
 * keys: then there are none left to count.  Where it had it before, Redis has
 * lost its own, and is asked for the next one.
 */

static void
ngx_http_editorial_purge_raised(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_purge_t *purge = data;

    purge->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK || reply->type != REDIS_REPLY_INTEGER) {
        ngx_http_editorial_purge_refused(purge, rc, reply);
        return;
    }

    if ((uint64_t) reply->integer == purge->generation) {
        ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_raise);
        return;
    }

    purge->pages = ngx_editorial_zone_renew_generation(purge->emcf->zone,
                                                  (uint64_t) reply->integer);

    if (purge->pages == 0) {
        purge->pages = purge->before;
    }

    ngx_http_editorial_purge_end(purge);
}


void
ngx_http_editorial_purge_mark(ngx_http_editorial_purge_t *purge)
{
    ngx_str_t  key;

    if (ngx_http_editorial_tag_mark(purge->emcf, purge->pool, &purge->what,
                                    &key)
        != NGX_OK)
    {
        ngx_http_editorial_purge_fail(purge, "no memory");
        return;
    }

    ngx_http_editorial_purge_script(purge,
                                    &ngx_http_editorial_purge_mark_script,
                                    &key, 0, ngx_http_editorial_purge_marked);
}


static void
ngx_http_editorial_purge_marked(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_purge_t *purge = data;

    purge->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        ngx_http_editorial_purge_refused(purge, rc, reply);
        return;
    }

    ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_list);
}


void
ngx_http_editorial_purge_list(ngx_http_editorial_purge_t *purge)
{
    ngx_http_editorial_purge_tag_script(purge,
                                    &ngx_http_editorial_purge_list_script, 0,
                                    ngx_http_editorial_purge_listed);
}


static void
ngx_http_editorial_purge_listed(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_purge_t *purge = data;

    size_t       i;
    redisReply  *member;

    purge->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK || reply->type != REDIS_REPLY_ARRAY) {
        ngx_http_editorial_purge_refused(purge, rc, reply);
        return;
    }

    if (reply->elements == 0) {
        ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_scan);
        return;
    }

    for (i = 0; i < reply->elements; i++) {
        member = reply->element[i];

        if (member->type != REDIS_REPLY_STRING
            || i == NGX_HTTP_EDITORIAL_PURGE_BATCH)
        {
            ngx_http_editorial_purge_refused(purge, NGX_EDITORIAL_REDIS_OK,
                                             reply);
            return;
        }

        if (ngx_http_editorial_purge_add(purge, member->str, member->len)
            != NGX_OK)
        {
            ngx_http_editorial_purge_fail(purge, "no memory");
            return;
        }
    }

    purge->step = ngx_http_editorial_purge_strike;

    ngx_http_editorial_purge_batch(purge);
}


void
ngx_http_editorial_purge_strike(ngx_http_editorial_purge_t *purge)
{
    ngx_http_editorial_purge_tag_script(purge,
                                    &ngx_http_editorial_purge_strike_script,
                                    purge->nitems,
                                    ngx_http_editorial_purge_struck);
}


static void
ngx_http_editorial_purge_struck(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_purge_t *purge = data;

    purge->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        ngx_http_editorial_purge_refused(purge, rc, reply);
        return;
    }

    purge->nitems = 0;

    ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_list);
}


/* With the tag's list as its key. */

static void
ngx_http_editorial_purge_tag_script(ngx_http_editorial_purge_t *purge,
    const ngx_str_t *script, ngx_uint_t nargs,
    ngx_editorial_redis_handler_pt handler)
{
    ngx_str_t  key;

    if (ngx_http_editorial_redis_key(purge->emcf, purge->pool, "tag:",
                                     &purge->what, 0, &key)
        != NGX_OK)
    {
        ngx_http_editorial_purge_fail(purge, "no memory");
        return;
    }

    ngx_http_editorial_purge_script(purge, script, &key, nargs, handler);
}


/* With so many keys of the batch as its arguments. */

static void
ngx_http_editorial_purge_script(ngx_http_editorial_purge_t *purge,
    const ngx_str_t *script, ngx_str_t *key, ngx_uint_t nargs,
    ngx_editorial_redis_handler_pt handler)
{
    size_t       argvlen[NGX_HTTP_EDITORIAL_PURGE_ARGS];
    ngx_uint_t   i;
    const char  *argv[NGX_HTTP_EDITORIAL_PURGE_ARGS];

    argv[0] = "EVAL";
    argvlen[0] = sizeof("EVAL") - 1;
    argv[1] = (char *) script->data;
    argvlen[1] = script->len;
    argv[2] = "1";
    argvlen[2] = 1;
    argv[3] = (char *) key->data;
    argvlen[3] = key->len;

    for (i = 0; i < nargs; i++) {
        argv[4 + i] = (char *) purge->items[i].key.data;
        argvlen[4 + i] = purge->items[i].key.len;
    }

    purge->cmd = ngx_editorial_redis_command(purge->emcf->redis,
                                             (int) (4 + nargs), argv, argvlen,
                                             handler, purge);
    if (purge->cmd == NULL) {
        ngx_http_editorial_purge_fail(purge, "no memory");
    }
}


ngx_int_t
ngx_http_editorial_purge_send(ngx_http_editorial_purge_item_t *item)
{
    size_t                       argvlen[7];
    ngx_str_t                    key;
    ngx_uint_t                   i;
    const char                  *argv[7];
    ngx_http_editorial_purge_t  *purge;

    static const char *const  kinds[] = {
        "page:", "gzip:", "lock:", "purged:"
    };

    purge = item->purge;

    argv[0] = "EVAL";
    argvlen[0] = sizeof("EVAL") - 1;
    argv[1] = (char *) ngx_http_editorial_purge_page_script.data;
    argvlen[1] = ngx_http_editorial_purge_page_script.len;
    argv[2] = "4";
    argvlen[2] = 1;

    for (i = 0; i < 4; i++) {

        if (ngx_http_editorial_redis_key(purge->emcf, purge->keys, kinds[i],
                                         &item->key, 1, &key)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        argv[3 + i] = (char *) key.data;
        argvlen[3 + i] = key.len;
    }

    item->cmd = ngx_editorial_redis_command(purge->emcf->redis, 7, argv,
                                            argvlen,
                                            ngx_http_editorial_purge_sent,
                                            item);

    return item->cmd != NULL ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_editorial_purge_sent(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_purge_item_t *item = data;

    ngx_http_editorial_purge_t  *purge;

    purge = item->purge;
    purge->left--;
    item->cmd = NULL;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_INTEGER) {
        ngx_http_editorial_purge_zone(purge, &item->key,
                                      reply->integer != 0 || item->there);

    } else {
        ngx_http_editorial_purge_refused(purge, rc, reply);
        return;
    }

    if (purge->left != 0) {
        return;
    }

    if (purge->why.len != 0) {
        purge->step = ngx_http_editorial_purge_end;
    }

    if (purge->step != ngx_http_editorial_purge_strike) {
        purge->nitems = 0;
    }

    ngx_http_editorial_purge_next(purge, purge->step);
}


/* No reply, an error, or one of another kind than was expected. */

static void
ngx_http_editorial_purge_refused(ngx_http_editorial_purge_t *purge,
    ngx_editorial_redis_rc_e rc, redisReply *reply)
{
    switch (rc) {

    case NGX_EDITORIAL_REDIS_ERROR:
        ngx_http_editorial_purge_fail(purge, "Redis says \"%*s\"",
                                      (size_t) ngx_min(reply->len, 128),
                                      reply->str);
        return;

    case NGX_EDITORIAL_REDIS_TIMEOUT:
        ngx_http_editorial_purge_fail(purge, "Redis did not answer in time");
        return;

    case NGX_EDITORIAL_REDIS_NOMEM:
        ngx_http_editorial_purge_fail(purge, "no memory");
        return;

    case NGX_EDITORIAL_REDIS_OK:
        ngx_http_editorial_purge_fail(purge, "Redis gave an answer of another "
                                      "kind");
        return;

    default:
        ngx_http_editorial_purge_fail(purge, "Redis has gone away");
    }
}
