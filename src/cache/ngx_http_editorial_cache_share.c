
/*
 * What a node writes to Redis for the others, none of which anybody waits for:
 * the reader has had his page before.
 *
 *     page     at once when it is whole: others may wait for it
 *     coded    when it has been compressed, a little later
 *     times    when the origin says that the page is unchanged
 *     tags     with the page, so that it is found when one is purged; see
 *              ngx_http_editorial_cache_tags.c
 *
 * A page that is refused (another has the lock, it was purged meanwhile) is
 * refused in silence: that is how it should be.  Of all that fails the client
 * writes its line.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_redis.h"


/* Bytes of a value that could not be read again. */
#define NGX_HTTP_EDITORIAL_SHARE_MAX                                          \
    (NGX_EDITORIAL_REDIS_MAX_REPLY - 64 * 1024)


static ngx_http_editorial_main_conf_t *ngx_http_editorial_share_conf(
    ngx_http_editorial_cache_ctx_t *cache);
static void ngx_http_editorial_share_token(
    ngx_http_editorial_cache_ctx_t *cache, ngx_str_t *token);
static void ngx_http_editorial_share_number(ngx_str_t *arg, u_char *buf,
    int64_t n);
static ed_rc_t ngx_http_editorial_share_renew(ngx_str_t *head,
    ed_lifetime_t *life);
static void ngx_http_editorial_share_stored(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_share_keys(
    ngx_http_editorial_cache_ctx_t *cache, const char *command,
    ngx_uint_t coded_only);
static void ngx_http_editorial_share_over(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);


void
ngx_http_editorial_share_page(ngx_http_editorial_cache_ctx_t *cache,
    ed_str_t head, ed_str_t body)
{
    u_char                          *bytes;
    u_char                           began[NGX_INT64_LEN], life[NGX_INT64_LEN];
    ngx_str_t                        args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_editorial_share_conf(cache);

    if (emcf == NULL || head.len + body.len > NGX_HTTP_EDITORIAL_SHARE_MAX) {
        ngx_http_editorial_share_unlock(cache, 0, 0);
        return;
    }

    ngx_http_editorial_share_tags(emcf, cache, cache->head.tags,
                                  cache->life.error);

    bytes = ngx_alloc(head.len + body.len, cache->r->connection->log);
    if (bytes == NULL) {
        ngx_http_editorial_share_unlock(cache, 0, 0);
        return;
    }

    ngx_memcpy(bytes, head.data, head.len);
    ngx_memcpy(bytes + head.len, body.data, body.len);

    ngx_http_editorial_share_token(cache, &args[0]);
    ngx_http_editorial_share_number(&args[1], began, cache->began);
    ngx_http_editorial_share_number(&args[2], life,
                                    (cache->life.error - ngx_time()) * 1000);
    args[3].data = bytes;
    args[3].len = head.len + body.len;

    (void) ngx_http_editorial_script(emcf, NGX_HTTP_EDITORIAL_SCRIPT_STORE,
                                     &cache->key, args,
                                     ngx_http_editorial_share_stored, emcf,
                                     NULL);
    ngx_free(bytes);

    cache->has_fleet = 0;
}


void
ngx_http_editorial_share_coded(ngx_http_editorial_main_conf_t *emcf,
    ngx_str_t *key, ed_str_t head, ed_str_t coded)
{
    u_char     *bytes;
    u_char      revision[NGX_HTTP_EDITORIAL_REVISION_LEN];
    ngx_str_t   args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];

    if (!ngx_http_editorial_redis_is_up(emcf)
        || head.len + coded.len > NGX_HTTP_EDITORIAL_SHARE_MAX)
    {
        return;
    }

    bytes = ngx_alloc(head.len + coded.len, ngx_cycle->log);
    if (bytes == NULL) {
        return;
    }

    ngx_memcpy(bytes, head.data, head.len);
    ngx_memcpy(bytes + head.len, coded.data, coded.len);

    args[0].data = revision;
    args[0].len = ngx_http_editorial_revision_bytes(
                                    ed_stored_revision(head.data, head.len),
                                    revision);
    args[1].data = bytes;
    args[1].len = head.len + coded.len;

    (void) ngx_http_editorial_script(emcf,
                                     NGX_HTTP_EDITORIAL_SCRIPT_STORE_CODED,
                                     key, args, NULL, NULL, NULL);
    ngx_free(bytes);
}


/* What Redis has was planned as the kept page was, or its head is another. */

void
ngx_http_editorial_share_times(ngx_http_editorial_cache_ctx_t *cache,
    ed_lifetime_t *old, ed_lifetime_t *life)
{
    u_char                           revision[NGX_HTTP_EDITORIAL_REVISION_LEN];
    u_char                           ttl[NGX_INT64_LEN];
    uint64_t                         was, is;
    ed_stored_t                      head;
    ngx_str_t                       *bytes;
    ngx_str_t                        args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_editorial_share_conf(cache);
    bytes = &cache->old_head;

    if (emcf == NULL
        || bytes->len == 0
        || ngx_http_editorial_share_renew(bytes, old) != ED_OK)
    {
        ngx_http_editorial_share_unlock(cache, 0, 0);
        return;
    }

    was = ed_stored_revision(bytes->data, bytes->len);

    if (was != cache->known
        || ngx_http_editorial_share_renew(bytes, life) != ED_OK
        || ed_stored_decode(bytes->data, bytes->len, 0, &head) != ED_OK)
    {
        ngx_http_editorial_share_unlock(cache, 0, 0);
        return;
    }

    is = ed_stored_revision(bytes->data, bytes->len);

    ngx_http_editorial_share_tags(emcf, cache, head.tags, life->error);

    ngx_http_editorial_share_token(cache, &args[0]);
    args[1].data = revision;
    args[1].len = ngx_http_editorial_revision_bytes(was, revision);
    args[2].data = bytes->data;
    args[2].len = ED_STORED_TIMES_END;
    ngx_http_editorial_share_number(&args[3], ttl,
                                    (life->error - ngx_time()) * 1000);

    (void) ngx_http_editorial_script(emcf, NGX_HTTP_EDITORIAL_SCRIPT_RENEW,
                                     &cache->key, args, NULL, NULL, NULL);
    cache->has_fleet = 0;

    ngx_editorial_zone_revise(ngx_http_editorial_zone(cache->r),
                              ed_str(cache->key.data, cache->key.len), was,
                              is);
}


void
ngx_http_editorial_share_unlock(ngx_http_editorial_cache_ctx_t *cache,
    ngx_msec_t mark, ngx_uint_t drop)
{
    u_char                           life[NGX_INT64_LEN];
    ngx_str_t                        args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];
    ngx_http_editorial_main_conf_t  *emcf;

    if (!cache->has_fleet) {
        return;
    }

    emcf = ngx_http_editorial_share_conf(cache);

    if (emcf != NULL) {
        ngx_http_editorial_share_token(cache, &args[0]);
        ngx_http_editorial_share_number(&args[1], life, mark);
        args[2].data = (u_char *) (drop ? "1" : "0");
        args[2].len = 1;

        (void) ngx_http_editorial_script(emcf,
                                         NGX_HTTP_EDITORIAL_SCRIPT_UNLOCK,
                                         &cache->key, args, NULL, NULL, NULL);
    }

    cache->has_fleet = 0;
}


void
ngx_http_editorial_share_touch(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_share_keys(cache, "TOUCH", 0);
}


void
ngx_http_editorial_share_drop(ngx_http_editorial_cache_ctx_t *cache,
    ngx_uint_t coded)
{
    ngx_http_editorial_share_keys(cache, "DEL", coded);
}


/* NULL: nothing can be written now. */

static ngx_http_editorial_main_conf_t *
ngx_http_editorial_share_conf(ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(cache->r, ngx_http_editorial_module);

    return ngx_http_editorial_redis_is_up(emcf) ? emcf : NULL;
}


static void
ngx_http_editorial_share_token(ngx_http_editorial_cache_ctx_t *cache,
    ngx_str_t *token)
{
    token->data = cache->fleet;
    token->len = cache->has_fleet ? NGX_HTTP_EDITORIAL_TOKEN : 0;
}


/* buf has NGX_INT64_LEN bytes, and lives as long as arg. */

static void
ngx_http_editorial_share_number(ngx_str_t *arg, u_char *buf, int64_t n)
{
    arg->data = buf;
    arg->len = ngx_sprintf(buf, "%L", n) - buf;
}


static ed_rc_t
ngx_http_editorial_share_renew(ngx_str_t *head, ed_lifetime_t *life)
{
    ed_stored_times_t  times;

    times.dated = life->dated;
    times.fresh = life->fresh;
    times.stale = life->stale;
    times.error = life->error;

    return ed_stored_renew(head->data, head->len, &times);
}


static void
ngx_http_editorial_share_stored(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_main_conf_t *emcf = data;

    if (rc == NGX_EDITORIAL_REDIS_OK
        && reply->type == REDIS_REPLY_INTEGER
        && reply->integer == 1)
    {
        ngx_http_editorial_count_n(emcf,
                                   NGX_HTTP_EDITORIAL_COUNT_REDIS_STORED, 1);
    }
}


/* A command on the page and its coded form, or on that alone. */

static void
ngx_http_editorial_share_keys(ngx_http_editorial_cache_ctx_t *cache,
    const char *command, ngx_uint_t coded_only)
{
    size_t                           lens[3];
    ngx_str_t                        page, coded;
    const char                      *words[3];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_editorial_share_conf(cache);

    if (emcf == NULL
        || ngx_http_editorial_redis_key(emcf, cache->r->pool, "page:",
                                        &cache->key, 1, &page)
           != NGX_OK
        || ngx_http_editorial_redis_key(emcf, cache->r->pool, "gzip:",
                                        &cache->key, 1, &coded)
           != NGX_OK)
    {
        return;
    }

    words[0] = command;
    lens[0] = ngx_strlen(command);
    words[1] = (char *) coded.data;
    lens[1] = coded.len;
    words[2] = (char *) page.data;
    lens[2] = page.len;

    (void) ngx_editorial_redis_command(emcf->redis, coded_only ? 2 : 3, words,
                                       lens, ngx_http_editorial_share_over,
                                       NULL);
}


static void
ngx_http_editorial_share_over(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    /* its failure has been logged by the client */
}
