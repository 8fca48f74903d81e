
/*
 * Pages of a dry run, kept for those who ask why (api/explain), and for nobody
 * else: no reader is ever served one.
 *
 *     header   may it be kept, by the rules of a page for readers?
 *              is there none, or one that is no longer fresh?
 *              nobody else is at it? --> lock
 *     body     a copy of its bytes as they go by, inflated
 *     end      whole --> zone
 *
 * It lies in the zone, not in Redis, under a key of its own, and aside from
 * the pages of readers (ed_zone.h): it takes room that is free, or that of its
 * kind, and gives it to any page of theirs.  It has no furniture: the plan is
 * made when somebody asks.
 *
 * The request goes its way as without this, whatever fails here.  A page that
 * did not come whole, or is too long, is not tried again for a while; nothing
 * is said of it, as the reader has got what his origin sent.
 *
 * One that is kept is taken anew when it is no longer fresh, or has another
 * validator or policy, but not more often than every few seconds.
 */

#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_DRY_LOCK   (10 * 60 * 1000)   /* ms */
#define NGX_HTTP_EDITORIAL_DRY_PAUSE  (NGX_HTTP_EDITORIAL_MARK / 1000)  /* s */


static ngx_uint_t ngx_http_editorial_dry_may(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *dry);
static ngx_uint_t ngx_http_editorial_dry_lock(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *dry);
static ngx_uint_t ngx_http_editorial_dry_is_same(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup);
static ngx_uint_t ngx_http_editorial_dry_is_value(ngx_table_elt_t *h,
    ed_str_t value);
static void ngx_http_editorial_dry_drop(ngx_http_editorial_cache_ctx_t *dry);
static void ngx_http_editorial_dry_store(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *dry);


void
ngx_http_editorial_dry_key(ngx_str_t *key, u_char *name)
{
    u_char     *p, digest[NGX_HTTP_EDITORIAL_DIGEST];
    ngx_md5_t   md5;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, key->data, key->len);
    ngx_md5_final(digest, &md5);

    p = ngx_cpymem(name, "dry_run ", sizeof("dry_run ") - 1);
    (void) ngx_hex_dump(p, digest, sizeof(digest));
}


void
ngx_http_editorial_dry_purge(ngx_editorial_zone_t *zone, ngx_str_t *key)
{
    u_char  name[NGX_HTTP_EDITORIAL_DRY_KEY];

    ngx_http_editorial_dry_key(key, name);

    (void) ngx_editorial_zone_purge(zone, ed_str(name, sizeof(name)));
}


void
ngx_http_editorial_dry_begin(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_str_t                        key;
    ngx_http_editorial_cache_ctx_t  *dry;

    if (!ctx->dry
        || ctx->cache != NULL
        || !ctx->conf->cache.enable
        || !ngx_http_editorial_zone_is_there(r)
        || r->method != NGX_HTTP_GET
        || r->headers_in.range != NULL)
    {
        return;
    }

    dry = ngx_http_editorial_cache_create(r, ctx->conf);

    if (dry == NULL) {
        ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                               "no memory to keep a page of a dry run");
        return;
    }

    key = dry->key;

    if (!ngx_http_editorial_dry_may(r, dry)
        || !ngx_http_editorial_dry_lock(r, ctx, dry))
    {
        return;
    }

    ctx->kept_dry = dry;

    ngx_http_editorial_identify_article(r, ctx);

    if (ngx_http_editorial_cache_describe(r, ctx, dry) != NGX_OK) {
        ngx_http_editorial_dry_drop(dry);
        return;
    }

    dry->head.key = ed_str(key.data, key.len);

    ed_build_init(&dry->build, (size_t) ctx->conf->policy.max_size);
    dry->building = 1;
}


void
ngx_http_editorial_dry_bufs(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_http_editorial_cache_ctx_t  *dry;

    dry = ctx->kept_dry;

    for ( /* void */ ; in && ngx_http_editorial_dry_keeps(ctx); in = in->next)
    {
        dry->received += ngx_buf_size(in->buf);
        dry->cut |= (ngx_http_editorial_is_cut(r, in->buf) != 0);
        dry->ended |= in->buf->last_buf;

        if (!ngx_buf_in_memory(in->buf) && ngx_buf_size(in->buf) != 0) {
            ngx_http_editorial_dry_drop(dry);
        }
    }
}


void
ngx_http_editorial_dry_bytes(ngx_http_editorial_ctx_t *ctx, u_char *pos,
    u_char *last)
{
    ed_build_t  *build;

    if (!ngx_http_editorial_dry_keeps(ctx)) {
        return;
    }

    build = &ctx->kept_dry->build;

    if (pos != last) {
        ed_build_source(build, pos, last - pos);
    }

    if (build->rc != ED_OK) {
        ngx_http_editorial_dry_drop(ctx->kept_dry);
    }
}


void
ngx_http_editorial_dry_flow(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_skip_e                        skip;
    ngx_http_editorial_cache_ctx_t  *dry;

    if (!ngx_http_editorial_dry_keeps(ctx)) {
        return;
    }

    dry = ctx->kept_dry;

    if (ctx->working && !dry->ended && !dry->cut) {
        return;
    }

    skip = ed_rewrite_skip(ctx->rewrite);

    if (!ctx->working
        || !dry->ended
        || ctx->skip != NGX_HTTP_EDITORIAL_SKIP_NONE
        || skip == ED_SKIP_SIZE
        || skip == ED_SKIP_MEMORY
        || !ngx_http_editorial_cache_is_whole(r, dry))
    {
        ngx_http_editorial_dry_drop(dry);
        return;
    }

    ngx_http_editorial_dry_store(r, dry);

    dry->building = 0;
    ed_build_free(&dry->build);
}


void
ngx_http_editorial_dry_fail(ngx_http_editorial_ctx_t *ctx)
{
    if (ngx_http_editorial_dry_keeps(ctx)) {
        ngx_http_editorial_dry_drop(ctx->kept_dry);
    }
}


/* Would it be stored for readers?  The origin has got all arguments, also those
   that are ignored, and what it made of them is one reader's. */

static ngx_uint_t
ngx_http_editorial_dry_may(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *dry)
{
    return !ngx_http_editorial_cache_bypassed(r, dry)
           && !ngx_http_editorial_cache_forbidden(dry)
           && !ngx_http_editorial_origin_failed(r)
           && dry->args.len == r->args.len
           && ngx_http_editorial_cache_lifetime(r, dry, &dry->life)
              == ED_STORABLE;
}


/* Takes the place of the key by its own.  Zero: the page is there, or another
   takes it, or it was no use lately, or there is no memory. */

static ngx_uint_t
ngx_http_editorial_dry_lock(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *dry)
{
    u_char                *name;
    ngx_uint_t             same;
    ed_zone_lookup_t      *lookup;
    ngx_editorial_zone_t  *zone;

    name = ngx_pnalloc(r->pool, NGX_HTTP_EDITORIAL_DRY_KEY);
    if (name == NULL) {
        return 0;
    }

    ngx_http_editorial_dry_key(&dry->key, name);

    dry->key.data = name;
    dry->key.len = NGX_HTTP_EDITORIAL_DRY_KEY;

    zone = ngx_http_editorial_zone(r);
    lookup = &dry->lookup;

    lookup->key = ed_str(name, NGX_HTTP_EDITORIAL_DRY_KEY);
    lookup->lock_ms = NGX_HTTP_EDITORIAL_DRY_LOCK;
    lookup->pin = 1;

    ngx_editorial_zone_lookup(zone, lookup);

    if (lookup->page.entry != ED_ZONE_NONE) {
        same = !lookup->page.aside
               || ngx_http_editorial_dry_is_same(r, ctx, lookup);

        ngx_editorial_zone_unpin(zone, lookup->page.entry);

        if (same) {
            return 0;
        }
    }

    lookup->pin = 0;
    lookup->lock = 1;
    lookup->force = 1;

    ngx_editorial_zone_lookup(zone, lookup);

    dry->token = lookup->token;
    dry->generation = lookup->stamp.generation;

    return dry->token != 0;
}


/* Is the page that is kept as good as this one, or too young to be replaced?
   One that has no head is of no use to anybody. */

static ngx_uint_t
ngx_http_editorial_dry_is_same(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_zone_lookup_t *lookup)
{
    size_t         len;
    u_char         policy[ED_STORED_DIGEST];
    ed_stored_t    head;
    const u_char  *p;

    p = ngx_editorial_zone_bytes(ngx_http_editorial_zone(r), &lookup->page, 0,
                                 0, &len);

    if (ed_stored_decode(p, len, 0, &head) != ED_OK) {
        return 0;
    }

    if (head.stored + NGX_HTTP_EDITORIAL_DRY_PAUSE > ngx_time()) {
        return 1;
    }

    ngx_http_editorial_cache_policy(ctx->conf, ctx->page.opinion, policy);

    return lookup->state == ED_PAGE_FRESH
           && ngx_memcmp(head.policy, policy, ED_STORED_DIGEST) == 0
           && ngx_http_editorial_dry_is_value(r->headers_out.etag, head.etag)
           && ngx_http_editorial_dry_is_value(r->headers_out.last_modified,
                                              head.modified);
}


static ngx_uint_t
ngx_http_editorial_dry_is_value(ngx_table_elt_t *h, ed_str_t value)
{
    return h == NULL ? value.len == 0
                     : ed_str_eq(ed_str(h->value.data, h->value.len), value);
}


/* Nobody tries it again for a while. */

static void
ngx_http_editorial_dry_drop(ngx_http_editorial_cache_ctx_t *dry)
{
    ngx_http_editorial_cache_unstorable(dry, 0, NGX_HTTP_EDITORIAL_MARK);

    dry->building = 0;
    ed_build_free(&dry->build);
}


/* There may be no room for it, or a purge of its tags has come meanwhile. */

static void
ngx_http_editorial_dry_store(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *dry)
{
    ed_buf_t               head;
    ed_build_t            *build;
    ed_zone_stamp_t       *stamp;
    ngx_editorial_zone_t  *zone;

    zone = ngx_http_editorial_zone(r);
    build = &dry->build;
    stamp = &dry->lookup.stamp;

    ed_build_finish(build);
    ed_buf_init(&head, ED_MAX_HEAD);

    if (build->rc != ED_OK
        || ed_stored_encode(&dry->head, ed_buf_list(&build->parts, ed_part_t),
                            ed_buf_count(&build->parts, ed_part_t), &head)
           != ED_OK)
    {
        ed_buf_free(&head);
        ngx_http_editorial_dry_drop(dry);
        return;
    }

    stamp->aside = 1;
    stamp->revision = 0;
    stamp->article = 0;

    (void) ngx_editorial_zone_store(zone, ed_str(dry->key.data, dry->key.len),
                                    dry->token, &dry->life, stamp,
                                    ed_str(head.data, head.len),
                                    ed_str(build->body.data, build->body.len),
                                    0, NULL);
    dry->token = 0;
    ed_buf_free(&head);

    if (ngx_editorial_zone_is_purged(zone, dry->head.tags, stamp)) {
        (void) ngx_editorial_zone_purge(zone, ed_str(dry->key.data,
                                                     dry->key.len));
    }
}
