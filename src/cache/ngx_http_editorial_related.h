
/*
 * Related articles (ed_related.h), between pages and Redis:
 *
 *     _notes     what a kept page says of its article and of those related
 *     _related   the lists of the tags: written when a page is stored, read
 *                behind it
 *     _related_plan   … and the page planned again by what they say
 */

#ifndef NGX_HTTP_EDITORIAL_RELATED_H
#define NGX_HTTP_EDITORIAL_RELATED_H


#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_redis.h"


/* _notes */

/* Those of a kept page become ctx->notes, where there are none yet; r: whose
   the kept page is. */
void ngx_http_editorial_notes_take(ngx_http_request_t *d,
    ngx_http_editorial_ctx_t *ctx, ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept);

/* The notes of the page that ctx->rewrite has planned, among its parts. */
void ngx_http_editorial_notes_build(ngx_http_editorial_ctx_t *ctx,
    ed_build_t *build);

/* The kept page came from another node: what it says of its article. */
void ngx_http_editorial_notes_adopted(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _related: none of these is waited for */

/* The page that ctx->rewrite has planned was stored; that of ctx->notes was
   found unchanged; the kept page was planned anew. */
void ngx_http_editorial_relate_stored(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
void ngx_http_editorial_relate_renewed(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
void ngx_http_editorial_relate_replanned(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


#endif /* NGX_HTTP_EDITORIAL_RELATED_H */
