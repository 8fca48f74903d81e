
/*
 * The notes of a page, which are kept with it beside its record: what is to be
 * known of its article without planning it again, and the related articles
 * that it was planned with.  So a page that is planned again, on whichever
 * node, has the same links, until its lists are read again.
 */

#include "ngx_http_editorial_related.h"


#define NGX_HTTP_EDITORIAL_NOTES_ARENA  (256 * 1024)


static ngx_http_editorial_notes_t *ngx_http_editorial_notes_read(
    ngx_http_request_t *r, ngx_str_t *json, int64_t oldest);


void
ngx_http_editorial_notes_take(ngx_http_request_t *d,
    ngx_http_editorial_ctx_t *ctx, ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept)
{
    ngx_str_t                       json;
    ngx_http_editorial_loc_conf_t  *conf;

    if (ctx->notes != NULL
        || ngx_http_editorial_kept_notes(r, kept, &json) != NGX_OK
        || json.len == 0)
    {
        return;
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    ctx->notes = ngx_http_editorial_notes_read(d, &json, ngx_time()
                                               - conf->policy.related);
}


/* NULL: they are damaged, or there is no memory: the page goes without. */

static ngx_http_editorial_notes_t *
ngx_http_editorial_notes_read(ngx_http_request_t *r, ngx_str_t *json,
    int64_t oldest)
{
    ngx_http_editorial_notes_t  *notes;

    notes = ngx_pcalloc(r->pool, sizeof(ngx_http_editorial_notes_t));
    if (notes == NULL) {
        return NULL;
    }

    notes->arena = ed_arena_create(NGX_HTTP_EDITORIAL_NOTES_ARENA);

    if (notes->arena == NULL
        || ed_notes_read(notes->arena, ed_str(json->data, json->len), oldest,
                         &notes->parsed)
           != ED_OK)
    {
        ed_arena_destroy(notes->arena);
        return NULL;
    }

    ed_related_digest(&notes->parsed.related, notes->digest);

    return notes;
}


void
ngx_http_editorial_notes_end(ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->notes != NULL) {
        ed_arena_destroy(ctx->notes->arena);
        ctx->notes = NULL;
    }
}


void
ngx_http_editorial_use_notes(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_page_t *page)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    page->facts = emcf->redis_conf != NULL
                  || ngx_http_editorial_articles_are_kept(emcf);

    if (ctx->notes != NULL) {
        page->related = ctx->notes->parsed.related.list;
        page->nrelated = ctx->notes->parsed.related.n;
    }
}


const u_char *
ngx_http_editorial_related_of(ngx_http_editorial_ctx_t *ctx)
{
    static const u_char  none[ED_RECORD_DIGEST];

    return ctx->notes != NULL ? ctx->notes->digest : none;
}


/* Without memory for them the page has none: it is kept all the same. */

void
ngx_http_editorial_notes_build(ngx_http_editorial_ctx_t *ctx,
    ed_build_t *build)
{
    char              *json;
    ed_relations_t     none;
    const ed_facts_t  *facts;

    facts = ed_rewrite_facts(ctx->rewrite);

    if (facts == NULL) {
        return;
    }

    ngx_memzero(&none, sizeof(ed_relations_t));

    json = ed_notes_write(facts, ctx->notes != NULL
                                 ? &ctx->notes->parsed.related : &none);

    if (json != NULL) {
        ed_build_notes(build, ed_str(json, ngx_strlen(json)));
        free(json);
    }
}


void
ngx_http_editorial_notes_adopted(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (!ngx_http_editorial_articles_are_kept(emcf)) {
        return;
    }

    ngx_http_editorial_notes_end(ctx);
    ngx_http_editorial_notes_take(r, ctx, r, &ctx->cache->kept);

    if (ctx->notes != NULL) {
        ngx_http_editorial_articles_write(r, ctx, &ctx->notes->parsed.facts);
    }
}
