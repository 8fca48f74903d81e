
/*
 * Related articles.  Each tag of a desk has a list in Redis, of articles by
 * the time they were published:
 *
 *     stored      --> the article's line, into the lists of its tags
 *                 --> the lists are read  --+-- the links are those it was
 *     unchanged   --> the lists are read  --+   planned with: nothing
 *                                           +-- others: it is planned again
 *                                               with them, and takes its own
 *                                               place, in the zone and in Redis
 *
 * All of it is behind the response: the page that a reader waits for is planned
 * with what is known of it, which is what its predecessor had.  A look-up
 * (ngx_http_editorial_relation_t) owns copies of what it needs, since the
 * request is gone by then; it ends when the last list has been answered.  Where
 * one is not (time-out, loss) the page stays as it is, until it is refreshed.
 */

#include "ngx_http_editorial_related_int.h"


#define NGX_HTTP_EDITORIAL_RELATING       64   /* at a time, of a worker */
#define NGX_HTTP_EDITORIAL_RELATED_READ   "20" /* lines of each list */
#define NGX_HTTP_EDITORIAL_RELATED_ARENA  (1024 * 1024)
#define NGX_HTTP_EDITORIAL_RELATED_AHEAD  86400    /* s that another's clock
                                                      may be ahead */
#define NGX_HTTP_EDITORIAL_RECORD_ARENA   (4 * ED_MAX_RECORD)


static void ngx_http_editorial_relate_write(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts);
static ed_str_t ngx_http_editorial_relate_path(
    ngx_http_editorial_cache_ctx_t *cache, const ed_facts_t *facts);
static void ngx_http_editorial_relate_tag(
    ngx_http_editorial_main_conf_t *emcf, ed_str_t desk, ed_str_t tag,
    ngx_str_t *args);
static ngx_int_t ngx_http_editorial_relate_name(ngx_pool_t *pool,
    ed_str_t desk, ed_str_t tag, ngx_str_t *name);
static void ngx_http_editorial_relate(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts);
static ngx_http_editorial_relation_t *ngx_http_editorial_relation_create(
    ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_relation_describe(
    ngx_http_editorial_relation_t *relation, ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_relation_str(
    ngx_http_editorial_relation_t *relation, ed_str_t *s);
static ngx_int_t ngx_http_editorial_relation_ask(
    ngx_http_editorial_relation_t *relation, ed_str_t tag);
static ngx_int_t ngx_http_editorial_relation_ask_page(
    ngx_http_editorial_relation_t *relation);
static void ngx_http_editorial_relation_answer(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_relation_line(
    ngx_http_editorial_relation_t *relation, redisReply *line,
    redisReply *score);
static void ngx_http_editorial_relation_page(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_relation_answered(
    ngx_http_editorial_relation_t *relation, ngx_uint_t failed);
static void ngx_http_editorial_relation_end(
    ngx_http_editorial_relation_t *relation);


void
ngx_http_editorial_relate_stored(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    const ed_facts_t  *facts;

    facts = ed_rewrite_facts(ctx->rewrite);

    if (facts != NULL) {
        ngx_http_editorial_relate_write(r, ctx, facts);
        ngx_http_editorial_relate(r, ctx, facts);
    }
}


void
ngx_http_editorial_relate_renewed(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->notes != NULL) {
        ngx_http_editorial_relate(r, ctx, &ctx->notes->parsed.facts);
    }
}


/* Where its record gives no links any more, nobody has read the lists.  (Without
   a zone it is only this reader's.) */

void
ngx_http_editorial_relate_replanned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    const ed_facts_t  *facts;

    facts = ed_rewrite_facts(ctx->rewrite);

    if (facts != NULL
        && ngx_http_editorial_zone_is_there(r)
        && (ctx->notes == NULL || ctx->notes->parsed.related.n == 0))
    {
        ngx_http_editorial_relate(r, ctx, facts);
    }
}


/* The article's line, into the list of each tag. */

static void
ngx_http_editorial_relate_write(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts)
{
    char                            *line;
    size_t                           head;
    time_t                           now;
    u_char                           at[NGX_INT64_LEN], today[NGX_INT64_LEN];
    ed_str_t                         path;
    ngx_str_t                        args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];
    ngx_uint_t                       i;
    ed_policy_t                     *policy;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    policy = &ctx->cache->conf->policy;
    now = ngx_time();

    if (policy->related == 0
        || !ngx_http_editorial_redis_is_up(emcf)
        || facts->elsewhere
        || facts->title.len == 0
        || facts->published == ED_UNDATED
        || facts->published > now + NGX_HTTP_EDITORIAL_RELATED_AHEAD
        || facts->published <= now - ED_MAX_AGE)
    {
        return;
    }

    path = ngx_http_editorial_relate_path(ctx->cache, facts);

    if (path.len == 0 || path.len > ED_MAX_RELATED_URL) {
        return;
    }

    line = ed_related_write(path, ctx->page.host, facts->title, &head);
    if (line == NULL) {
        return;
    }

    args[0].data = (u_char *) line;
    args[0].len = ngx_strlen(line);
    args[1].data = (u_char *) line;
    args[1].len = head;
    args[2].data = at;
    args[2].len = ngx_sprintf(at, "%L", ngx_min(facts->published, now)) - at;
    args[3].data = today;
    args[3].len = ngx_sprintf(today, "%L", (int64_t) now) - today;

    for (i = 0; i < facts->ntags; i++) {
        ngx_http_editorial_relate_tag(emcf, policy->desk, facts->tags[i],
                                      args);
    }

    free(line);
}


/* Where it says that it belongs, else where it was asked for, as its own tag
   has it: without the arguments that are ignored. */

static ed_str_t
ngx_http_editorial_relate_path(ngx_http_editorial_cache_ctx_t *cache,
    const ed_facts_t *facts)
{
    u_char    *p, *last;
    ed_str_t   tags;

    if (facts->path.len != 0) {
        return facts->path;
    }

    tags = cache->head.tags;

    if (tags.len == 0) {
        return ED_STR_EMPTY;
    }

    last = (u_char *) tags.data + tags.len;

    for (p = last; p > tags.data && p[-1] != ' '; p--) {
        /* void: its own is the last of them */
    }

    p = ngx_strlchr(p, last, '/');

    return p != NULL ? ed_str(p, last - p) : ED_STR_EMPTY;
}


static void
ngx_http_editorial_relate_tag(ngx_http_editorial_main_conf_t *emcf,
    ed_str_t desk, ed_str_t tag, ngx_str_t *args)
{
    ngx_str_t    name;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return;
    }

    if (ngx_http_editorial_relate_name(pool, desk, tag, &name) == NGX_OK) {
        (void) ngx_http_editorial_script(emcf,
                                         NGX_HTTP_EDITORIAL_SCRIPT_RELATE,
                                         &name, args, NULL, NULL, NULL);
    }

    ngx_destroy_pool(pool);
}


/* DESK:TAG */

static ngx_int_t
ngx_http_editorial_relate_name(ngx_pool_t *pool, ed_str_t desk, ed_str_t tag,
    ngx_str_t *name)
{
    u_char  *p;

    name->len = desk.len + 1 + tag.len;
    name->data = ngx_pnalloc(pool, name->len);

    if (name->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(name->data, desk.data, desk.len);
    *p++ = ':';
    ngx_memcpy(p, tag.data, tag.len);

    return NGX_OK;
}


/* Reads the lists of the page's tags, where links of theirs would be used. */

static void
ngx_http_editorial_relate(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts)
{
    ngx_uint_t                       i;
    ed_policy_t                     *policy;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_http_editorial_relation_t   *relation;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    policy = &ctx->cache->conf->policy;

    if (policy->related == 0
        || policy->features[ED_READ_MORE].n == 0
        || facts->ntags == 0
        || !facts->no_link
        || ngx_exiting
        || emcf->worker->relating >= NGX_HTTP_EDITORIAL_RELATING
        || !ngx_http_editorial_redis_is_up(emcf))
    {
        return;
    }

    relation = ngx_http_editorial_relation_create(r, ctx);
    if (relation == NULL) {
        return;
    }

    for (i = 0; i < facts->ntags; i++) {

        if (ngx_http_editorial_relation_ask(relation, facts->tags[i])
            != NGX_OK)
        {
            relation->failed = 1;
        }
    }

    if (emcf->zone == NULL
        && ngx_http_editorial_relation_ask_page(relation) != NGX_OK)
    {
        relation->failed = 1;
    }

    if (relation->pending == 0) {
        ngx_http_editorial_relation_end(relation);
    }
}


static ngx_http_editorial_relation_t *
ngx_http_editorial_relation_create(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_pool_t                     *pool;
    ngx_http_editorial_relation_t  *relation;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    relation = ngx_pcalloc(pool, sizeof(ngx_http_editorial_relation_t));

    if (relation == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    relation->pool = pool;
    relation->emcf = ngx_http_get_module_main_conf(r,
                                                   ngx_http_editorial_module);
    relation->conf = ctx->cache->conf;
    relation->lookup.page.entry = ED_ZONE_NONE;
    relation->emcf->worker->relating++;

    relation->arena = ed_arena_create(NGX_HTTP_EDITORIAL_RELATED_ARENA
                                      + NGX_HTTP_EDITORIAL_RECORD_ARENA);
    relation->found.arena = relation->arena;

    if (relation->arena == NULL
        || ngx_http_editorial_relation_describe(relation, r, ctx) != NGX_OK)
    {
        ngx_http_editorial_relation_end(relation);
        return NULL;
    }

    return relation;
}


static ngx_int_t
ngx_http_editorial_relation_describe(ngx_http_editorial_relation_t *relation,
    ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ed_page_t  *page;
    ed_str_t    key, article;

    page = &relation->page;

    if (ngx_http_editorial_describe(r, page) != NGX_OK) {
        return NGX_ERROR;
    }

    key = ed_str(ctx->cache->key.data, ctx->cache->key.len);
    article = ed_str(ctx->article.data, ctx->article.len);

    page->charset = ED_STR_EMPTY;
    page->facts = 1;

    if (ngx_http_editorial_relation_str(relation, &page->scheme) != NGX_OK
        || ngx_http_editorial_relation_str(relation, &page->host) != NGX_OK
        || ngx_http_editorial_relation_str(relation, &page->uri) != NGX_OK
        || ngx_http_editorial_relation_str(relation, &page->args) != NGX_OK
        || ngx_http_editorial_relation_str(relation, &key) != NGX_OK
        || ngx_http_editorial_relation_str(relation, &article) != NGX_OK)
    {
        return NGX_ERROR;
    }

    relation->key.data = (u_char *) key.data;
    relation->key.len = key.len;
    relation->article.data = (u_char *) article.data;
    relation->article.len = article.len;

    return NGX_OK;
}


/* A copy in its place. */

static ngx_int_t
ngx_http_editorial_relation_str(ngx_http_editorial_relation_t *relation,
    ed_str_t *s)
{
    u_char  *p;

    p = ngx_pnalloc(relation->pool, s->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, s->len != 0 ? s->data : (u_char *) "", s->len);
    s->data = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_relation_ask(ngx_http_editorial_relation_t *relation,
    ed_str_t tag)
{
    size_t                           lens[8];
    time_t                           now;
    u_char                           newest[NGX_INT64_LEN];
    u_char                           oldest[NGX_INT64_LEN];
    ngx_str_t                        name, key;
    const char                      *words[8];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = relation->emcf;
    now = ngx_time();

    if (ngx_http_editorial_relate_name(relation->pool,
                                       relation->conf->policy.desk, tag,
                                       &name)
        != NGX_OK
        || ngx_http_editorial_redis_key(emcf, relation->pool, "related:",
                                        &name, 0, &key)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    words[0] = "ZREVRANGEBYSCORE";
    words[1] = (char *) key.data;
    words[2] = (char *) newest;
    words[3] = (char *) oldest;
    words[4] = "WITHSCORES";
    words[5] = "LIMIT";
    words[6] = "0";
    words[7] = NGX_HTTP_EDITORIAL_RELATED_READ;

    lens[0] = sizeof("ZREVRANGEBYSCORE") - 1;
    lens[1] = key.len;
    lens[2] = ngx_sprintf(newest, "%L", (int64_t) now) - newest;
    lens[3] = ngx_sprintf(oldest, "%L", (int64_t) now
                          - relation->conf->policy.related)
              - oldest;
    lens[4] = sizeof("WITHSCORES") - 1;
    lens[5] = sizeof("LIMIT") - 1;
    lens[6] = 1;
    lens[7] = sizeof(NGX_HTTP_EDITORIAL_RELATED_READ) - 1;

    if (ngx_editorial_redis_command(emcf->redis, 8, words, lens,
                                    ngx_http_editorial_relation_answer,
                                    relation)
        == NULL)
    {
        return NGX_ERROR;
    }

    relation->pending++;

    return NGX_OK;
}


/* Without a zone the page is where it was stored: behind the lists. */

static ngx_int_t
ngx_http_editorial_relation_ask_page(ngx_http_editorial_relation_t *relation)
{
    ngx_str_t  key;

    if (ngx_http_editorial_redis_key(relation->emcf, relation->pool, "page:",
                                     &relation->key, 1, &key)
        != NGX_OK
        || ngx_editorial_redis_get(relation->emcf->redis, &key, 0, 1,
                                   ngx_http_editorial_relation_page, relation)
           == NULL)
    {
        return NGX_ERROR;
    }

    relation->pending++;

    return NGX_OK;
}


/* A key of another type has no list: the other tags may have. */

static void
ngx_http_editorial_relation_answer(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_relation_t *relation = data;

    size_t  i;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_ARRAY) {

        for (i = 0; i + 1 < reply->elements; i += 2) {
            ngx_http_editorial_relation_line(relation, reply->element[i],
                                             reply->element[i + 1]);
        }
    }

    ngx_http_editorial_relation_answered(relation,
                                         rc != NGX_EDITORIAL_REDIS_OK
                                         && rc != NGX_EDITORIAL_REDIS_ERROR);
}


static void
ngx_http_editorial_relation_line(ngx_http_editorial_relation_t *relation,
    redisReply *line, redisReply *score)
{
    if (line->type != REDIS_REPLY_STRING || score->type != REDIS_REPLY_STRING)
    {
        return;
    }

    /* whole seconds: between the two bounds it was asked for */

    if (ed_related_add(&relation->found, ed_str(line->str, line->len),
                       (int64_t) strtod(score->str, NULL),
                       relation->page.host, relation->page.uri)
        != ED_OK)
    {
        relation->failed = 1;
    }
}


static void
ngx_http_editorial_relation_page(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_relation_t *relation = data;

    if (value != NULL) {
        ngx_editorial_redis_value_hold(value);
        relation->value = value;
    }

    ngx_http_editorial_relation_answered(relation, value == NULL);
}


static void
ngx_http_editorial_relation_answered(ngx_http_editorial_relation_t *relation,
    ngx_uint_t failed)
{
    relation->failed |= failed;

    if (--relation->pending != 0) {
        return;
    }

    if (!relation->failed) {
        ngx_http_editorial_relation_plan(relation);
    }

    ngx_http_editorial_relation_end(relation);
}


static void
ngx_http_editorial_relation_end(ngx_http_editorial_relation_t *relation)
{
    if (relation->lookup.page.entry != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(relation->emcf->zone,
                                 relation->lookup.page.entry);
    }

    if (relation->value != NULL) {
        ngx_editorial_redis_value_release(relation->value);
    }

    ed_arena_destroy(relation->arena);
    relation->emcf->worker->relating--;

    ngx_destroy_pool(relation->pool);
}
