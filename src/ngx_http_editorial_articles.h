
/*
 * The articles that this node has planned last, and what is wrong with them.
 */

#ifndef NGX_HTTP_EDITORIAL_ARTICLES_H
#define NGX_HTTP_EDITORIAL_ARTICLES_H


#include "ed_worklist.h"
#include "ngx_http_editorial_module.h"


/* When the configuration is read.  NULL: no memory. */
ngx_http_editorial_articles_t *ngx_http_editorial_articles_create(
    ngx_conf_t *cf);
ngx_int_t ngx_http_editorial_articles_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);

/* Is there memory for them?  All that follows may be called without, but for
   the last two. */
ngx_uint_t ngx_http_editorial_articles_are_kept(
    ngx_http_editorial_main_conf_t *emcf);

/* The page has been planned, by ctx->rewrite: once that has settled. */
void ngx_http_editorial_articles_planned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The same of a page that another node has planned. */
void ngx_http_editorial_articles_write(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, const ed_facts_t *facts);

/* It is not stored, for the reason in ctx->cache. */
void ngx_http_editorial_articles_refused_page(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Redis has said what the article's record is. */
void ngx_http_editorial_articles_record(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* An article that was planned without a request. */
void ngx_http_editorial_articles_put(ngx_http_editorial_main_conf_t *emcf,
    ed_worklist_item_t *item);

/* The lines as ed_worklist_order() and ed_worklist_get() give them. */
ngx_uint_t ngx_http_editorial_articles_order(
    ngx_http_editorial_main_conf_t *emcf, uint16_t *order);
ngx_uint_t ngx_http_editorial_articles_line(
    ngx_http_editorial_main_conf_t *emcf, ngx_uint_t i,
    ed_worklist_line_t *line);


#endif /* NGX_HTTP_EDITORIAL_ARTICLES_H */
