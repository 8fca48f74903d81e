
/*
 * The record of a request's article.
 *
 * Redis has it, and a page that was planned by one keeps a copy: that is in
 * force where Redis cannot be asked, or has one that cannot be read.  So what
 * an editor has said holds until something else is said that can be followed.
 *
 * With a cache the record is asked for together with the page, and only where
 * the page does not come out of the zone; without one it is asked for before
 * each page.
 */

#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_RECORD_ARENA  (4 * ED_MAX_RECORD)
#define NGX_HTTP_EDITORIAL_RECORD_ERROR  256


static ngx_http_editorial_record_t *ngx_http_editorial_record_create(
    ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_record_read(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_str_t json);
static ngx_int_t ngx_http_editorial_record_parse(
    ngx_http_editorial_record_t *record, ed_str_t json, char *error,
    size_t size);


ngx_int_t
ngx_http_editorial_record_wait(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t                        rc;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (emcf->redis_conf == NULL || ctx->answered || ctx->record != NULL) {
        return NGX_DECLINED;
    }

    if (ctx->find == NULL) {
        ngx_http_editorial_identify_article(r, ctx);

        rc = ngx_http_editorial_find_ask(r, ctx,
                                         ngx_http_editorial_find_bit(RECORD));
        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    ngx_http_editorial_record_take(r, ctx);

    return NGX_DECLINED;
}


void
ngx_http_editorial_identify_article(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->identified) {
        return;
    }

    ctx->identified = 1;

    if (ngx_http_editorial_article_id(r, &ctx->article) != NGX_OK
        || ctx->article.len > NGX_HTTP_EDITORIAL_MAX_ARTICLE)
    {
        ngx_str_null(&ctx->article);
    }
}


/* One that cannot be read leaves the one in force that was found before. */

void
ngx_http_editorial_record_take(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_record_t   old, *record;
    ngx_editorial_redis_value_t  *value;

    if (ngx_http_editorial_find_answer(ctx, NGX_HTTP_EDITORIAL_FIND_RECORD,
                                       &value)
        != NGX_OK)
    {
        return;
    }

    ngx_memzero(&old, sizeof(ngx_http_editorial_record_t));

    if (ctx->record != NULL) {
        old = *ctx->record;
        ctx->record->arena = NULL;
    }

    record = ngx_http_editorial_record_create(r, ctx);

    if (record != NULL && value != NULL) {
        record->malformed = (ngx_http_editorial_record_read(r, ctx,
                                            ed_str(value->data, value->len))
                             != NGX_OK);
    }

    if (record != NULL && record->malformed) {
        *record = old;
        record->malformed = 1;
        old.arena = NULL;
    }

    if (old.arena != NULL) {
        ed_arena_destroy(old.arena);
    }

    if (record == NULL) {
        return;
    }

    record->known = 1;
    ngx_http_editorial_articles_record(r, ctx);

    if (value != NULL) {
        ed_record_digest(ed_str(value->data, value->len), record->digest);
    }
}


void
ngx_http_editorial_record_fall_back(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_str_t json, const u_char *digest)
{
    if (ctx->record != NULL && ctx->record->known && !ctx->record->malformed) {
        return;
    }

    if (ctx->record == NULL) {

        if (ngx_http_editorial_record_create(r, ctx) == NULL) {
            return;
        }

        ngx_memcpy(ctx->record->digest, digest, ED_RECORD_DIGEST);
    }

    if (json.len != 0) {
        (void) ngx_http_editorial_record_read(r, ctx, json);
    }
}


const ed_record_t *
ngx_http_editorial_record_of(ngx_http_editorial_ctx_t *ctx)
{
    return ctx->record != NULL && ctx->record->json.len != 0
           ? &ctx->record->parsed : NULL;
}


ed_str_t
ngx_http_editorial_features(ngx_http_editorial_ctx_t *ctx)
{
    if (ctx == NULL) {
        return ED_STR_EMPTY;
    }

    if (ctx->cache != NULL && ctx->cache->sent) {
        return ctx->cache->kept.head.features;
    }

    return ctx->record != NULL ? ctx->record->features : ED_STR_EMPTY;
}


const u_char *
ngx_http_editorial_digest_of(ngx_http_editorial_ctx_t *ctx)
{
    static const u_char  none[ED_RECORD_DIGEST];

    return ctx->record != NULL ? ctx->record->digest : none;
}


void
ngx_http_editorial_record_end(ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->record != NULL && ctx->record->arena != NULL) {
        ed_arena_destroy(ctx->record->arena);
        ctx->record->arena = NULL;
    }
}


/* An empty one, in place of what was there. */

static ngx_http_editorial_record_t *
ngx_http_editorial_record_create(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_record_end(ctx);

    if (ctx->record == NULL) {
        ctx->record = ngx_palloc(r->pool, sizeof(ngx_http_editorial_record_t));

        if (ctx->record == NULL) {
            return NULL;
        }
    }

    ngx_memzero(ctx->record, sizeof(ngx_http_editorial_record_t));

    return ctx->record;
}


/* NGX_ERROR: it is malformed, or there is no memory; then the article has no
   record, and the log says so. */

static ngx_int_t
ngx_http_editorial_record_read(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_str_t json)
{
    char                          error[NGX_HTTP_EDITORIAL_RECORD_ERROR];
    ngx_http_editorial_record_t  *record;

    record = ctx->record;

    record->arena = ed_arena_create(NGX_HTTP_EDITORIAL_RECORD_ARENA);

    if (record->arena != NULL
        && ngx_http_editorial_record_parse(record, json, error, sizeof(error))
           == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_RECORD,
                           "the record of article \"%V\" is ignored: %s",
                           &ctx->article,
                           record->arena != NULL ? error : "no memory");

    ngx_http_editorial_record_end(ctx);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_editorial_record_parse(ngx_http_editorial_record_t *record,
    ed_str_t json, char *error, size_t size)
{
    ed_rc_t   rc;
    uint8_t  *copy;

    ngx_memcpy(error, "no memory", sizeof("no memory"));

    copy = ed_arena_alloc(record->arena, json.len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, json.data, json.len);

    rc = ed_record_parse(record->arena, ed_str(copy, json.len),
                         &record->parsed, error, size);
    if (rc != ED_OK) {
        return NGX_ERROR;
    }

    record->features = ed_record_features(&record->parsed, record->arena);
    if (record->features.data == NULL) {
        return NGX_ERROR;
    }

    record->json = ed_str(copy, json.len);

    return NGX_OK;
}
