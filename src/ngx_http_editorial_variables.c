
/*
 * What the configuration and the access log may ask.
 *
 *     $editorial_variants     the edition: "read_more=box,pull_quote=off,…"
 *     $editorial_bucket       where its reader falls, in tests
 *     $editorial_furniture    how many pieces have been placed
 *     $editorial_skip         why none was; empty where there are some
 *     $editorial_article_id   the key of the article's record
 *     $editorial_uri          the path that the client asked for
 *
 * The last two are known at any time, $editorial_variants and the bucket in
 * any location where editorial is not off, the others once the response has
 * begun.
 */

#include "ngx_http_editorial_module.h"


#define NGX_HTTP_EDITORIAL_NAMES  (16 * 1024)   /* bytes to make names in */


static ngx_int_t ngx_http_editorial_variants_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_editorial_cache_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_editorial_furniture_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_editorial_skip_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_editorial_string_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_editorial_skip(ngx_http_request_t *r,
    ngx_str_t *skip);
static void ngx_http_editorial_value(ngx_http_variable_value_t *v,
    ngx_str_t *value);


/* What computes a string for ngx_http_editorial_string_variable(). */
typedef ngx_str_t *(*ngx_http_editorial_name_pt)(
    ngx_http_editorial_cache_ctx_t *cache);
typedef ngx_int_t (*ngx_http_editorial_string_pt)(ngx_http_request_t *r,
    ngx_str_t *value);


static ngx_str_t  ngx_http_editorial_skip_names[NGX_HTTP_EDITORIAL_SKIPS] = {
    ngx_string(""),                     /* _NONE */
    ngx_string("off"),                  /* _OFF */
    ngx_string("subrequest"),           /* _SUBREQUEST */
    ngx_string("method"),               /* _METHOD */
    ngx_string("status"),               /* _STATUS */
    ngx_string("type"),                 /* _TYPE */
    ngx_string("size"),                 /* _SIZE */
    ngx_string("coding"),               /* _CODING */
    ngx_string("broken coding"),        /* _BROKEN */
    ngx_string("memory")                /* _MEMORY */
};


static ngx_http_variable_t  ngx_http_editorial_vars[] = {

    { ngx_string("editorial_variants"), NULL,
      ngx_http_editorial_variants_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_bucket"), NULL,
      ngx_http_editorial_string_variable,
      (uintptr_t) ngx_http_editorial_bucket_name,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_status"), NULL,
      ngx_http_editorial_cache_variable,
      (uintptr_t) ngx_http_editorial_status_name,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_tier"), NULL,
      ngx_http_editorial_cache_variable,
      (uintptr_t) ngx_http_editorial_tier_name,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_furniture"), NULL,
      ngx_http_editorial_furniture_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_skip"), NULL,
      ngx_http_editorial_skip_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_article_id"), NULL,
      ngx_http_editorial_string_variable,
      (uintptr_t) ngx_http_editorial_article_id,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("editorial_uri"), NULL,
      ngx_http_editorial_string_variable,
      (uintptr_t) ngx_http_editorial_uri, 0, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_editorial_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_editorial_vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


ngx_str_t *
ngx_http_editorial_skip_name(ngx_http_editorial_skip_e skip)
{
    return &ngx_http_editorial_skip_names[skip];
}


ngx_uint_t
ngx_http_editorial_reason(ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->cache != NULL && ctx->cache->sent) {
        return ctx->cache->kept.head.skip;
    }

    if (ctx->skip != NGX_HTTP_EDITORIAL_SKIP_NONE) {
        return ED_SKIPS + ctx->skip;
    }

    return ctx->rewrite != NULL ? ed_rewrite_skip(ctx->rewrite)
                                : ED_SKIP_NONE;
}


void
ngx_http_editorial_reason_name(ngx_uint_t reason, ngx_str_t *name)
{
    ed_str_t  core;

    if (reason >= ED_SKIPS) {
        *name = *ngx_http_editorial_skip_name(
                             (ngx_http_editorial_skip_e) (reason - ED_SKIPS));
        return;
    }

    core = ed_skip_name((ed_skip_e) reason);

    name->data = (u_char *) core.data;
    name->len = core.len;
}


static ngx_int_t
ngx_http_editorial_variants_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ed_str_t                        names;
    ngx_str_t                       value;
    ed_arena_t                     *arena;
    ed_edition_t                    edition;
    ngx_http_editorial_ctx_t       *ctx;
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->mode == NGX_HTTP_EDITORIAL_OFF) {
        v->not_found = 1;
        return NGX_OK;
    }

    ctx = ngx_http_editorial_get(r);
    arena = ed_arena_create(NGX_HTTP_EDITORIAL_NAMES);

    if (arena == NULL || ctx == NULL) {
        ed_arena_destroy(arena);
        return NGX_ERROR;
    }

    /* of a response that has begun: what was sent */

    if (ctx->assigned && ctx->conf == conf) {
        edition = ctx->edition;

    } else {
        (void) ngx_http_editorial_edition(r, ctx, conf, &edition);
    }

    names = ed_edition_names(&edition, &conf->policy, arena);

    value.len = names.len;
    value.data = ngx_pnalloc(r->pool, names.len + 1);

    if (value.data != NULL && names.len != 0) {
        ngx_memcpy(value.data, names.data, names.len);
    }

    ed_arena_destroy(arena);

    if (value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_http_editorial_value(v, &value);

    return NGX_OK;
}


/* data is the function that names it. */

static ngx_int_t
ngx_http_editorial_cache_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_editorial_ctx_t   *ctx;
    ngx_http_editorial_name_pt  name;

    name = (ngx_http_editorial_name_pt) data;
    ctx = (r == r->main) ? ngx_http_editorial_find(r) : NULL;

    ngx_http_editorial_value(v, name(ctx != NULL ? ctx->cache : NULL));

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_furniture_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                  value;
    ngx_http_editorial_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_http_editorial_find(r) : NULL;

    value.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = ngx_sprintf(value.data, "%ud",
                            ctx != NULL ? ctx->walk.pieces : 0)
                - value.data;

    ngx_http_editorial_value(v, &value);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_skip_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  value;

    if (ngx_http_editorial_skip(r, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_editorial_value(v, &value);

    return NGX_OK;
}


/* data is the function that computes it. */

static ngx_int_t
ngx_http_editorial_string_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                     value;
    ngx_http_editorial_string_pt  compute;

    compute = (ngx_http_editorial_string_pt) data;

    if (compute(r, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_editorial_value(v, &value);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_skip(ngx_http_request_t *r, ngx_str_t *skip)
{
    u_char                         *p;
    ngx_uint_t                      reason;
    ngx_http_editorial_ctx_t       *ctx;
    ngx_http_editorial_loc_conf_t  *conf;

    if (r != r->main) {
        *skip = *ngx_http_editorial_skip_name(
                                        NGX_HTTP_EDITORIAL_SKIP_SUBREQUEST);
        return NGX_OK;
    }

    ctx = ngx_http_editorial_find(r);

    if (ctx == NULL) {
        conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

        *skip = *ngx_http_editorial_skip_name(
                     conf->mode == NGX_HTTP_EDITORIAL_OFF
                         ? NGX_HTTP_EDITORIAL_SKIP_OFF
                         : NGX_HTTP_EDITORIAL_SKIP_NONE);
        return NGX_OK;
    }

    reason = ngx_http_editorial_reason(ctx);
    ngx_http_editorial_reason_name(reason, skip);

    if (reason != ED_SKIPS + NGX_HTTP_EDITORIAL_SKIP_CODING
        || ctx->coding.len == 0)
    {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, skip->len + 1 + ctx->coding.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    skip->len = ngx_sprintf(p, "%V %V", skip, &ctx->coding) - p;
    skip->data = p;

    return NGX_OK;
}


static void
ngx_http_editorial_value(ngx_http_variable_value_t *v, ngx_str_t *value)
{
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = value->len;
    v->data = value->data;
}
