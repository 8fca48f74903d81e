
/*
 * The tags of a page in Redis: its key is listed under each, so that it is
 * found when one of them is purged.
 *
 * A page that is being fetched for the first time is not listed yet, and a
 * purge on another node cannot find it.  So a purge leaves a mark before it
 * reads the list, and who stores a page reads the mark behind having it listed:
 *
 *     purge    mark         list          whichever order these take, the page
 *     store          listed       mark    is in the list, or the mark is seen
 *
 * A page whose fetch began before the mark was left is purged by its own node.
 */

#include "ngx_http_editorial_purge.h"
#include "ngx_http_editorial_redis.h"


/* Until a mark is read. */
typedef struct {
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_int_t                        began;      /* the fetch, ms by Redis'
                                                    clock; 0: not known */
    ngx_str_t                        key;        /* of the page */
} ngx_http_editorial_tagged_t;


static void ngx_http_editorial_share_tag(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag, int64_t end);
static void ngx_http_editorial_tag_ask(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag);
static void ngx_http_editorial_tag_answer(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ngx_uint_t ngx_http_editorial_tag_is_purged(
    ngx_http_editorial_tagged_t *tagged, redisReply *reply);
static void ngx_http_editorial_tag_purged(void *data, ngx_uint_t pages,
    ngx_str_t *why);


/* They are separated by single spaces. */

void
ngx_http_editorial_share_tags(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t tags, int64_t end)
{
    ed_str_t   word;
    ngx_str_t  tag;

    while (ed_str_word(&tags, &word)) {
        tag.data = (u_char *) word.data;
        tag.len = word.len;

        ngx_http_editorial_share_tag(emcf, cache, &tag, end);
        ngx_http_editorial_tag_ask(emcf, cache, &tag);
    }
}


ngx_int_t
ngx_http_editorial_tag_mark(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, ngx_str_t *tag, ngx_str_t *key)
{
    return ngx_http_editorial_redis_key(emcf, pool, "purged:tag:", tag, 0,
                                        key);
}


static void
ngx_http_editorial_share_tag(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag, int64_t end)
{
    u_char     until[NGX_INT64_LEN], now[NGX_INT64_LEN];
    ngx_str_t  args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];

    args[0] = cache->key;
    args[1].data = until;
    args[1].len = ngx_sprintf(until, "%L", end) - until;
    args[2].data = now;
    args[2].len = ngx_sprintf(now, "%T", ngx_time()) - now;

    (void) ngx_http_editorial_script(emcf, NGX_HTTP_EDITORIAL_SCRIPT_TAG, tag,
                                     args, NULL, NULL, NULL);
}


/* Without memory for it, the page stays: it is no worse than one that was
   purged a moment later. */

static void
ngx_http_editorial_tag_ask(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *tag)
{
    size_t                        lens[2];
    ngx_str_t                     key;
    const char                   *words[2];
    ngx_http_editorial_tagged_t  *tagged;

    if (ngx_http_editorial_tag_mark(emcf, cache->r->pool, tag, &key)
        != NGX_OK)
    {
        return;
    }

    /* it may outlive the request */

    tagged = ngx_alloc(sizeof(ngx_http_editorial_tagged_t) + cache->key.len,
                       cache->r->connection->log);
    if (tagged == NULL) {
        return;
    }

    tagged->emcf = emcf;
    tagged->began = cache->began;
    tagged->key.len = cache->key.len;
    tagged->key.data = (u_char *) (tagged + 1);
    ngx_memcpy(tagged->key.data, cache->key.data, cache->key.len);

    words[0] = "GET";
    lens[0] = sizeof("GET") - 1;
    words[1] = (char *) key.data;
    lens[1] = key.len;

    if (ngx_editorial_redis_command(emcf->redis, 2, words, lens,
                                    ngx_http_editorial_tag_answer, tagged)
        == NULL)
    {
        ngx_free(tagged);
    }
}


static void
ngx_http_editorial_tag_answer(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_tagged_t *tagged = data;

    if (rc == NGX_EDITORIAL_REDIS_OK
        && ngx_http_editorial_tag_is_purged(tagged, reply))
    {
        (void) ngx_http_editorial_purge_start(tagged->emcf,
                                              NGX_HTTP_EDITORIAL_PURGE_KEY,
                                              &tagged->key,
                                              ngx_http_editorial_tag_purged,
                                              NULL);
    }

    ngx_free(tagged);
}


/* A mark that says nothing readable is taken for one of now. */

static ngx_uint_t
ngx_http_editorial_tag_is_purged(ngx_http_editorial_tagged_t *tagged,
    redisReply *reply)
{
    ngx_int_t  when;

    if (reply->type != REDIS_REPLY_STRING) {
        return 0;
    }

    when = ngx_atoi((u_char *) reply->str, reply->len);

    return when == NGX_ERROR || when >= tagged->began;
}


static void
ngx_http_editorial_tag_purged(void *data, ngx_uint_t pages, ngx_str_t *why)
{
    /* of what failed there the client has written its line */
}
