
/*
 * The page that is being built while it is sent: every span that the rewriter
 * settles, of all variants, is copied (ed_stored.h).  When the last byte has
 * come and the page is whole, it is stored; its readers were not kept waiting
 * for that, since its output went before.
 *
 * Whole is what its protocol says: as many bytes as were announced, the last
 * chunk, the end of the record.  A body that only ends because its connection
 * does must have come to "</html>".
 *
 * A fetch whose own client reads slowly would hold up all who wait for the
 * page, as nginx reads no further than its client does.  Where somebody waits,
 * the page is fetched once more after a moment, by a request that has no
 * client, which takes the lock over.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related.h"


#define NGX_HTTP_EDITORIAL_SLOW  200      /* ms that output may stand still */
#define NGX_HTTP_EDITORIAL_TAIL  1024     /* bytes in which "</html>" stands */


static void ngx_http_editorial_cache_finish(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_cache_store(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_uint_t ngx_http_editorial_cache_was_purged(
    ngx_http_request_t *r, ngx_http_editorial_cache_ctx_t *cache);
static ngx_uint_t ngx_http_editorial_cache_reached_end(
    ngx_http_editorial_cache_ctx_t *cache);
static void ngx_http_editorial_cache_watch_client(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_cache_slow(ngx_event_t *ev);
static void ngx_http_editorial_cache_content_seed(
    ngx_http_editorial_cache_ctx_t *cache);


void
ngx_http_editorial_cache_spans(ngx_http_editorial_ctx_t *ctx,
    const ed_span_t *spans, size_t n, ngx_uint_t last)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache == NULL || !cache->building) {
        return;
    }

    if (!cache->assets_built && ed_rewrite_settled(ctx->rewrite)) {
        cache->assets_built = 1;
        ed_build_assets(&cache->build, ed_rewrite_assets(ctx->rewrite));
    }

    ed_build_spans(&cache->build, spans, n);

    cache->ended |= last;
}


void
ngx_http_editorial_cache_buf(ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache == NULL || !cache->building) {
        return;
    }

    if (ngx_buf_in_memory(b)) {
        ed_build_source(&cache->build, b->pos, b->last - b->pos);

    } else if (ngx_buf_size(b) != 0) {
        cache->build.rc = ED_INVALID;
    }

    cache->ended |= b->last_buf;
}


void
ngx_http_editorial_cache_flow(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache == NULL || !cache->building) {
        return;
    }

    if (ctx->failed || cache->ended || cache->cut) {
        ngx_http_editorial_cache_finish(r, ctx);
        return;
    }

    ngx_http_editorial_cache_watch_client(r, ctx);
}


void
ngx_http_editorial_cache_policy(ngx_http_editorial_loc_conf_t *conf,
    ed_opinion_e opinion, u_char *policy)
{
    ngx_memcpy(policy, conf->fingerprint, ED_STORED_DIGEST);

    policy[0] ^= (u_char) opinion;
}


void
ngx_http_editorial_cache_seed(const u_char *policy, const u_char *record,
    const u_char *related, ngx_str_t *etag, u_char *seed)
{
    ngx_md5_t            md5;
    static const u_char  none[ED_RECORD_DIGEST];

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, policy, ED_STORED_DIGEST);

    ngx_md5_update(&md5, record, ED_RECORD_DIGEST);

    if (ngx_memcmp(related, none, ED_RECORD_DIGEST) != 0) {
        ngx_md5_update(&md5, related, ED_RECORD_DIGEST);
    }

    ngx_md5_update(&md5, etag->data, etag->len);
    ngx_md5_final(seed, &md5);
}


/* The page has ended, well or not. */

static void
ngx_http_editorial_cache_finish(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_skip_e                        skip;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->timer.timer_set) {
        ngx_del_timer(&cache->timer);
    }

    skip = ed_rewrite_skip(ctx->rewrite);

    if (ctx->failed
        || !cache->ended
        || !ngx_http_editorial_cache_is_whole(r, cache))
    {
        ngx_http_editorial_log(r, NGX_LOG_WARN, NGX_HTTP_EDITORIAL_INCOMPLETE,
                               "the page \"%V\" is incomplete, it is not "
                               "stored", &cache->key);
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_INCOMPLETE);
        return;
    }

    if (cache->build.rc != ED_OK
        || ctx->skip != NGX_HTTP_EDITORIAL_SKIP_NONE
        || skip == ED_SKIP_SIZE
        || skip == ED_SKIP_MEMORY)
    {
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_LIMIT);
        return;
    }

    cache->head.skip = skip;
    ngx_http_editorial_cache_store(r, ctx);

    cache->building = 0;
    ed_build_free(&cache->build);
}


static void
ngx_http_editorial_cache_store(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ed_buf_t                         head;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ctx->record != NULL) {
        ed_build_record(&cache->build, ctx->record->json);
    }

    ngx_http_editorial_notes_build(ctx, &cache->build);

    ed_build_finish(&cache->build);

    cache->head.modified_true =
                        !ngx_http_editorial_cache_furnished(&cache->build);

    if (cache->head.etag.len != 0) {
        ngx_memcpy(cache->head.seed, ctx->seed, ED_STORED_DIGEST);
        cache->head.weak = ctx->weak;

    } else {
        ngx_http_editorial_cache_content_seed(cache);
    }

    ed_buf_init(&head, ED_MAX_HEAD);

    if (ed_stored_encode(&cache->head,
                         ed_buf_list(&cache->build.parts, ed_part_t),
                         ed_buf_count(&cache->build.parts, ed_part_t), &head)
        != ED_OK)
    {
        ed_buf_free(&head);
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_HEAD);
        return;
    }

    cache->lookup.stamp.revision = ed_stored_revision(head.data, head.len);

    rc = ngx_editorial_zone_store(ngx_http_editorial_zone(r),
                                  ed_str(cache->key.data, cache->key.len),
                                  cache->token, &cache->life,
                                  &cache->lookup.stamp,
                                  ed_str(head.data, head.len),
                                  ed_str(cache->build.body.data,
                                         cache->build.body.len), 0, NULL);
    cache->token = 0;

    if (rc == NGX_OK && ngx_http_editorial_cache_was_purged(r, cache)) {
        ed_buf_free(&head);
        return;
    }

    if (rc == NGX_OK || !ngx_http_editorial_zone_is_there(r)) {
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_STORED);
        ngx_http_editorial_share_page(cache, ed_str(head.data, head.len),
                                      ed_str(cache->build.body.data,
                                             cache->build.body.len));
        ngx_http_editorial_cache_code_new(r, cache,
                                          ed_str(head.data, head.len));
        ngx_http_editorial_relate_stored(r, ctx);
    }

    ed_buf_free(&head);
}


/* By a tag that it turned out to have.  The page goes again; who purges looks
   at the pages behind telling of the tag, so that one of the two finds it. */

static ngx_uint_t
ngx_http_editorial_cache_was_purged(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_editorial_zone_t  *zone;

    zone = ngx_http_editorial_zone(r);

    if (!ngx_editorial_zone_is_purged(zone, cache->head.tags,
                                      &cache->lookup.stamp))
    {
        return 0;
    }

    (void) ngx_editorial_zone_purge(zone, ed_str(cache->key.data,
                                                 cache->key.len));
    return 1;
}


ngx_uint_t
ngx_http_editorial_cache_is_whole(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_upstream_t  *u;

    if (cache->expected != -1) {
        return cache->received == cache->expected;
    }

    u = r->upstream;

    if (u == NULL || u->headers_in.chunked) {
        return 1;
    }

    if (u->buffering ? u->pipe->upstream_done || u->pipe->length == 0
                     : u->length == 0)
    {
        return 1;
    }

    return ngx_http_editorial_cache_reached_end(cache);
}


static ngx_uint_t
ngx_http_editorial_cache_reached_end(ngx_http_editorial_cache_ctx_t *cache)
{
    size_t   len;
    u_char  *p, *last;

    len = cache->build.body.len;

    if (len == 0) {
        return 0;
    }

    last = cache->build.body.data + len;
    p = last - ngx_min(len, NGX_HTTP_EDITORIAL_TAIL);

    return ngx_strlcasestrn(p, last, (u_char *) "</html", 6 - 1) != NULL;
}


static void
ngx_http_editorial_cache_watch_client(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->detached || cache->token == 0) {
        return;
    }

    if (ctx->busy == NULL && !r->connection->buffered) {
        return;
    }

    cache->stalls++;

    if (!cache->timer.timer_set) {
        cache->stalls = 0;
        cache->timer.handler = ngx_http_editorial_cache_slow;
        ngx_add_timer(&cache->timer, NGX_HTTP_EDITORIAL_SLOW);
    }
}


static void
ngx_http_editorial_cache_slow(ngx_event_t *ev)
{
    ngx_http_request_t              *r;
    ngx_http_editorial_ctx_t        *ctx;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ev->data;
    r = cache->r;
    ctx = ngx_http_editorial_find(r);

    if (ctx->busy == NULL && !r->connection->buffered && cache->stalls == 0) {
        return;
    }

    cache->stalls = 0;

    if (!ngx_editorial_zone_is_wanted(ngx_http_editorial_zone(r),
                                      ed_str(cache->key.data,
                                             cache->key.len)))
    {
        ngx_add_timer(&cache->timer, NGX_HTTP_EDITORIAL_SLOW);
        return;
    }

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_HANDED_ON);
    ngx_http_editorial_cache_refresh(r, cache);

    cache->building = 0;
    ed_build_free(&cache->build);
}


/* Of a page whose origin gives it no tag: what it consists of. */

static void
ngx_http_editorial_cache_content_seed(ngx_http_editorial_cache_ctx_t *cache)
{
    size_t      i;
    ed_part_t  *part;
    ngx_md5_t   md5;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, cache->head.policy, ED_STORED_DIGEST);
    ngx_md5_update(&md5, cache->head.record, ED_RECORD_DIGEST);

    for (i = 0; i < ed_buf_count(&cache->build.parts, ed_part_t); i++) {
        part = ed_buf_at(&cache->build.parts, ed_part_t, i);

        ngx_md5_update(&md5, &part->len, sizeof(part->len));
        ngx_md5_update(&md5, &part->crc, sizeof(part->crc));
    }

    ngx_md5_final(cache->head.seed, &md5);
}


ngx_uint_t
ngx_http_editorial_cache_furnished(ed_build_t *build)
{
    size_t      i;
    ed_part_t  *part;

    for (i = 0; i < ed_buf_count(&build->parts, ed_part_t); i++) {
        part = ed_buf_at(&build->parts, ed_part_t, i);

        if (part->kind == ED_SPAN_FURNITURE) {
            return 1;
        }
    }

    return 0;
}
