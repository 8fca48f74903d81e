
/*
 * A kept page that was planned by another configuration (or for another
 * opinion, or by another record) is planned again from its source parts.  Its
 * origin is not asked, and its successor takes its place in the zone.
 */

#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related.h"


static ed_rc_t ngx_http_editorial_replan_build(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_build_t *build);
static void ngx_http_editorial_replan_part(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_build_t *build, ed_part_t *part,
    ngx_uint_t last);
static void ngx_http_editorial_replan_feed(ngx_http_editorial_ctx_t *ctx,
    ed_build_t *build, const u_char *data, size_t len, ngx_uint_t last);
static ngx_int_t ngx_http_editorial_replan_replace(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_stored_t *head,
    ed_build_t *build);
static ngx_int_t ngx_http_editorial_replan_own(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_buf_t *head, ed_buf_t *body);


/* A record that cannot be read changes nothing. */

ngx_uint_t
ngx_http_editorial_cache_is_planned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char        policy[ED_STORED_DIGEST];
    ed_stored_t  *head;

    head = &ctx->cache->kept.head;

    ngx_http_editorial_cache_policy(ctx->cache->conf,
                                    ngx_http_editorial_opinion(r), policy);

    return ngx_memcmp(policy, head->policy, ED_STORED_DIGEST) == 0
           && (ctx->record == NULL
               || !ctx->record->known
               || ctx->record->malformed
               || ngx_memcmp(ctx->record->digest, head->record,
                             ED_RECORD_DIGEST)
                  == 0);
}


ngx_int_t
ngx_http_editorial_cache_replan(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_str_t                        etag, json;
    ed_build_t                       build;
    ed_stored_t                      head;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (ngx_http_editorial_cache_is_planned(r, ctx)) {
        return NGX_OK;
    }

    if (cache->kept.bodiless
        || ngx_http_editorial_kept_record(r, &cache->kept, &json) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    head = cache->kept.head;

    ngx_http_editorial_record_fall_back(r, ctx, ed_str(json.data, json.len),
                                        head.record);
    if (ctx->record != NULL) {
        head.features = ctx->record->features;
        ngx_memcpy(head.record, ctx->record->digest, ED_RECORD_DIGEST);
    }

    ngx_http_editorial_cache_policy(cache->conf,
                                    ngx_http_editorial_opinion(r),
                                    head.policy);

    etag.data = (u_char *) head.etag.data;
    etag.len = head.etag.len;

    if (etag.len == 0) {
        etag.data = head.seed;
        etag.len = ED_STORED_DIGEST;
    }

    ngx_http_editorial_notes_take(r, ctx, r, &cache->kept);
    ngx_http_editorial_cache_seed(head.policy, head.record,
                                  ngx_http_editorial_related_of(ctx), &etag,
                                  head.seed);

    ctx->conf = cache->conf;

    ed_build_init(&build, (size_t) head.body_len
                          + NGX_HTTP_EDITORIAL_MAX_FURNITURE);

    rc = NGX_DECLINED;

    if (ngx_http_editorial_replan_build(r, ctx, &build) == ED_OK) {
        head.skip = ed_rewrite_skip(ctx->rewrite);
        ngx_http_editorial_articles_planned(r, ctx);
        rc = ngx_http_editorial_replan_replace(r, cache, &head, &build);
    }

    if (rc == NGX_OK) {
        ngx_http_editorial_relate_replanned(r, ctx);
    }

    ed_build_free(&build);
    ed_rewrite_destroy(ctx->rewrite);
    ctx->rewrite = NULL;

    if (rc == NGX_OK) {
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_REPLANS);
    }

    if (rc == NGX_OK && cache->status == NGX_HTTP_EDITORIAL_STATUS_HIT) {
        cache->status = NGX_HTTP_EDITORIAL_STATUS_REPLAN;
    }

    return rc;
}


static ed_rc_t
ngx_http_editorial_replan_build(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_build_t *build)
{
    unsigned      i, n;
    ed_part_t     part;
    ed_stored_t  *head;

    head = &ctx->cache->kept.head;

    if (ngx_http_editorial_describe(r, &ctx->page) != NGX_OK) {
        return ED_NOMEM;
    }

    ctx->page.charset = ed_charset_parameter(head->content_type);
    ctx->page.record = ngx_http_editorial_record_of(ctx);
    ngx_http_editorial_use_notes(r, ctx, &ctx->page);

    ctx->rewrite = ed_rewrite_create(&ctx->conf->policy, &ctx->page);
    if (ctx->rewrite == NULL) {
        return ED_NOMEM;
    }

    n = head->nparts;

    for (i = 0; i < n; i++) {
        ed_stored_part(head, i, &part);

        if (part.kind == ED_SPAN_SOURCE) {
            ngx_http_editorial_replan_part(r, ctx, build, &part, 0);
        }
    }

    ngx_http_editorial_replan_feed(ctx, build, (u_char *) "", 0, 1);

    if (ed_rewrite_skip(ctx->rewrite) == ED_SKIP_MEMORY) {
        return ED_NOMEM;
    }

    if (ctx->record != NULL) {
        ed_build_record(build, ctx->record->json);
    }

    ngx_http_editorial_notes_build(ctx, build);

    ed_build_finish(build);

    return build->rc;
}


static void
ngx_http_editorial_replan_part(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_build_t *build, ed_part_t *part,
    ngx_uint_t last)
{
    size_t                      len, done;
    const u_char               *p;
    ngx_http_editorial_kept_t  *kept;

    kept = &ctx->cache->kept;

    for (done = 0; done < part->len; done += len) {
        p = ngx_http_editorial_kept_bytes(r, kept,
                               kept->head.head_len + part->offset + done,
                               &len);
        len = ngx_min(len, part->len - done);

        ngx_http_editorial_replan_feed(ctx, build, p, len, last);
    }
}


static void
ngx_http_editorial_replan_feed(ngx_http_editorial_ctx_t *ctx,
    ed_build_t *build, const u_char *data, size_t len, ngx_uint_t last)
{
    size_t            n;
    ngx_uint_t        settled;
    const ed_span_t  *spans;

    settled = ed_rewrite_settled(ctx->rewrite);

    ngx_http_editorial_rewrite(ctx->cache->r, ctx, data, len, last, &spans,
                               &n);

    if (!settled && ed_rewrite_settled(ctx->rewrite)) {
        ed_build_assets(build, ed_rewrite_assets(ctx->rewrite));
    }

    ed_build_spans(build, spans, n);
}


/* The new page in the place of the old one, which is let go. */

static ngx_int_t
ngx_http_editorial_replan_replace(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_stored_t *head,
    ed_build_t *build)
{
    ngx_int_t        rc;
    ed_buf_t         bytes;
    ed_lifetime_t    life;
    ed_zone_page_t   page;

    life = cache->kept.life;
    head->modified_true = !ngx_http_editorial_cache_furnished(build);

    ed_buf_init(&bytes, ED_MAX_HEAD);

    if (ed_stored_encode(head, ed_buf_list(&build->parts, ed_part_t),
                         ed_buf_count(&build->parts, ed_part_t), &bytes)
        != ED_OK)
    {
        ed_buf_free(&bytes);
        return NGX_DECLINED;
    }

    rc = ngx_editorial_zone_replace(ngx_http_editorial_zone(r),
                                  ed_str(cache->key.data, cache->key.len),
                                  cache->kept.pinned.entry, &life,
                                  &cache->lookup.stamp,
                                  ed_str(bytes.data, bytes.len),
                                  ed_str(build->body.data, build->body.len),
                                  &page);
    if (rc == NGX_OK) {
        ngx_http_editorial_kept_close(cache);
        cache->kept.pinned = page;

    } else {
        rc = ngx_http_editorial_replan_own(r, cache, &bytes, &build->body);
    }

    ed_buf_free(&bytes);

    if (rc != NGX_OK) {
        return NGX_DECLINED;
    }

    cache->has_kept = 1;
    rc = ngx_http_editorial_kept_open(r, &cache->kept);
    cache->kept.life = life;

    return rc == NGX_OK ? NGX_OK : NGX_DECLINED;
}


/* The zone has no room, or the page has been purged since it was found: this
   request has a copy of its own. */

static ngx_int_t
ngx_http_editorial_replan_own(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_buf_t *head, ed_buf_t *body)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, head->len + body->len);
    if (p == NULL) {
        return NGX_DECLINED;
    }

    ngx_memcpy(p, head->data, head->len);
    ngx_memcpy(p + head->len, body->data, body->len);

    ngx_http_editorial_kept_close(cache);

    cache->kept.bytes = p;
    cache->kept.pinned.head_len = head->len;
    cache->kept.pinned.len = head->len + body->len;

    return NGX_OK;
}
