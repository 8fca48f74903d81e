
/*
 * The articles that this node has planned last, in shared memory (see
 * ed_worklist.h), for the editors' list of what is to be done.
 *
 *     a page is planned, or planned again  --> its line, anew
 *     it turns out not to be kept          --> and why
 *     its record was asked for             --> whether that can be read
 *
 * A page that is served from the cache costs nothing here.  The memory is
 * there where there is an editorial_zone, and outlives a reload.
 */

#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_OVERHEAD  8       /* pages, of the slab pool */


struct ngx_http_editorial_articles_s {
    ed_worklist_t               *sh;         /* NULL: no editorial_zone */
    ngx_slab_pool_t             *shpool;
};


static ngx_int_t ngx_http_editorial_articles_init(ngx_shm_zone_t *shm_zone,
    void *data);
static uint8_t ngx_http_editorial_articles_refused(
    ngx_http_editorial_ctx_t *ctx);


ngx_http_editorial_articles_t *
ngx_http_editorial_articles_create(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_articles_t));
}


ngx_int_t
ngx_http_editorial_articles_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    size_t           size;
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    if (emcf->zone == NULL) {
        return NGX_OK;
    }

    /* no directive can make a name with a colon in it */

    ngx_str_set(&name, "editorial:articles");

    size = ngx_align(sizeof(ed_worklist_t), ngx_pagesize)
           + NGX_HTTP_EDITORIAL_OVERHEAD * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_editorial_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_editorial_articles_init;
    shm_zone->data = emcf->articles;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_articles_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_editorial_articles_t *old = data;

    ngx_http_editorial_articles_t  *articles;

    articles = shm_zone->data;

    if (old) {
        *articles = *old;
        return NGX_OK;
    }

    articles->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        articles->sh = articles->shpool->data;
        return NGX_OK;
    }

    articles->sh = ngx_slab_calloc(articles->shpool, sizeof(ed_worklist_t));
    if (articles->sh == NULL) {
        return NGX_ERROR;
    }

    articles->shpool->data = articles->sh;

    return NGX_OK;
}


ngx_uint_t
ngx_http_editorial_articles_are_kept(ngx_http_editorial_main_conf_t *emcf)
{
    return emcf->articles->sh != NULL;
}


void
ngx_http_editorial_articles_put(ngx_http_editorial_main_conf_t *emcf,
    ed_worklist_item_t *item)
{
    ngx_http_editorial_articles_t  *articles;

    articles = emcf->articles;

    if (articles->sh == NULL) {
        return;
    }

    ngx_shmtx_lock(&articles->shpool->mutex);
    ed_worklist_put(articles->sh, item);
    ngx_shmtx_unlock(&articles->shpool->mutex);
}


void
ngx_http_editorial_articles_planned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    const ed_facts_t  *facts;

    facts = ed_rewrite_facts(ctx->rewrite);

    if (facts != NULL) {
        ngx_http_editorial_articles_write(r, ctx, facts);
    }
}


/* What is not known to be an article has a line only where that is what keeps
   it from being one. */

void
ngx_http_editorial_articles_refused_page(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    const ed_facts_t  *facts;

    facts = ctx->rewrite != NULL ? ed_rewrite_facts(ctx->rewrite) : NULL;

    if (facts != NULL
        || ctx->skip == NGX_HTTP_EDITORIAL_SKIP_SIZE
        || (ctx->rewrite != NULL && ed_rewrite_begun(ctx->rewrite)))
    {
        ngx_http_editorial_articles_write(r, ctx, facts);
    }
}


void
ngx_http_editorial_articles_record(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_articles_t   *articles;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    articles = emcf->articles;

    if (articles->sh == NULL || ctx->article.len == 0) {
        return;
    }

    ngx_shmtx_lock(&articles->shpool->mutex);
    ed_worklist_malformed(articles->sh,
                          ed_str(ctx->article.data, ctx->article.len),
                          ctx->record->malformed);
    ngx_shmtx_unlock(&articles->shpool->mutex);
}


ngx_uint_t
ngx_http_editorial_articles_order(ngx_http_editorial_main_conf_t *emcf,
    uint16_t *order)
{
    ngx_uint_t                      n;
    ngx_http_editorial_articles_t  *articles;

    articles = emcf->articles;

    ngx_shmtx_lock(&articles->shpool->mutex);
    n = ed_worklist_order(articles->sh, order);
    ngx_shmtx_unlock(&articles->shpool->mutex);

    return n;
}


ngx_uint_t
ngx_http_editorial_articles_line(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t i, ed_worklist_line_t *line)
{
    ngx_uint_t                      there;
    ngx_http_editorial_articles_t  *articles;

    articles = emcf->articles;

    ngx_shmtx_lock(&articles->shpool->mutex);
    there = ed_worklist_get(articles->sh, i, line);
    ngx_shmtx_unlock(&articles->shpool->mutex);

    return there;
}


/* Why it is not stored, one more than a ngx_http_editorial_refusal_e. */

static uint8_t
ngx_http_editorial_articles_refused(ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache == NULL || cache->building) {
        return 0;
    }

    if (cache->has_kept && !ctx->answered) {
        return 0;
    }

    /* of a request that fetched without a lock nobody judged the answer */

    return cache->refused != 0 && !cache->spares ? (uint8_t) cache->refused
                                                 : ED_REFUSED_KEEP;
}


/* Where there is no memory for the URL there is no line. */

void
ngx_http_editorial_articles_write(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts)
{
    u_char                          *p;
    ed_page_t                        page;
    ed_worklist_item_t               item;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (emcf->articles->sh == NULL) {
        return;
    }

    page = ctx->page;

    if (page.uri.len == 0
        && ngx_http_editorial_describe(r, &page) != NGX_OK)
    {
        return;
    }

    ngx_http_editorial_identify_article(r, ctx);

    p = ngx_pnalloc(r->pool, page.scheme.len + sizeof("://") - 1
                             + page.host.len + page.uri.len);
    if (p == NULL) {
        return;
    }

    ngx_memzero(&item, sizeof(ed_worklist_item_t));

    item.url.data = p;
    p = ngx_cpymem(p, page.scheme.data, page.scheme.len);
    p = ngx_cpymem(p, "://", sizeof("://") - 1);
    p = ngx_cpymem(p, page.host.data, page.host.len);
    p = ngx_cpymem(p, page.uri.data, page.uri.len);
    item.url.len = p - item.url.data;

    item.id = ed_str(ctx->article.data, ctx->article.len);
    item.desk = ctx->cache != NULL ? ctx->cache->conf->policy.desk
                                   : ctx->conf->policy.desk;
    item.facts = facts;
    item.at = ngx_time();
    item.malformed = (ctx->record != NULL && ctx->record->malformed);
    item.unasked = (ctx->record == NULL || !ctx->record->known);
    item.refused = ngx_http_editorial_articles_refused(ctx);

    ngx_http_editorial_articles_put(emcf, &item);
}
