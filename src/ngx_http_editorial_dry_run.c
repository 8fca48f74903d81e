
/*
 * A body that is shown to the rewriter aside.  In a dry run it goes on
 * untouched, and may be kept (_cache_dry); that of a refresh goes nowhere, as
 * there is no client.
 * A compressed one is inflated for it into a buffer that is used again and
 * again, as nothing of it is sent.
 */

#include "ngx_http_editorial_counters.h"


static ngx_uint_t ngx_http_editorial_aside_builds(
    ngx_http_editorial_ctx_t *ctx);
static void ngx_http_editorial_aside_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static void ngx_http_editorial_watch(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, u_char *pos, u_char *last, ngx_uint_t end);


ngx_uint_t
ngx_http_editorial_is_aside(ngx_http_editorial_ctx_t *ctx)
{
    return (ctx->dry && ctx->working)
           || (ctx->cache != NULL && ctx->cache->detached);
}


ngx_int_t
ngx_http_editorial_aside(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    if (r->headers_out.status != NGX_HTTP_OK) {
        /* a range, taken by a filter after us */
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_STATUS;
        ctx->working = 0;
        ngx_http_editorial_dry_fail(ctx);
    }

    ngx_http_editorial_dry_bufs(r, ctx, in);

    for (cl = in;
         cl && ctx->working
            && (!ctx->settled || ngx_http_editorial_aside_builds(ctx));
         cl = cl->next)
    {

        if (cl->buf->in_file && !ngx_buf_in_memory(cl->buf)) {
            continue;
        }

        ngx_http_editorial_aside_buf(r, ctx, cl->buf);
    }

    if (ctx->dry) {
        rc = ngx_http_editorial_next_body(r, in);
        ngx_http_editorial_dry_flow(r, ctx);

        return rc;
    }

    for (cl = in; cl; cl = cl->next) {
        ngx_http_editorial_consume(cl->buf);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_editorial_aside_builds(ngx_http_editorial_ctx_t *ctx)
{
    return (ctx->cache != NULL && ctx->cache->building)
           || ngx_http_editorial_dry_keeps(ctx);
}


static void
ngx_http_editorial_aside_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b)
{
    u_char      *pos;
    ngx_buf_t   *out;

    if (ctx->inflate == NULL) {
        ngx_http_editorial_watch(r, ctx, b->pos, b->last, b->last_buf);
        return;
    }

    pos = b->pos;

    do {
        out = ngx_http_editorial_free_buf(r, ctx);

        if (out->start == NULL
            || ngx_http_editorial_inflate(ctx->inflate, &pos, b->last, out)
               != NGX_OK
            || (b->last_buf && out->last != out->end
                && ngx_http_editorial_inflate_finish(ctx->inflate) != NGX_OK))
        {
            if (ngx_http_editorial_dry_keeps(ctx)) {
                ngx_http_editorial_dry_fail(ctx);

                if (ctx->settled) {
                    return;
                }
            }

            ctx->skip = NGX_HTTP_EDITORIAL_SKIP_BROKEN;
            ctx->working = 0;
            ctx->failed = 1;
            return;
        }

        ngx_http_editorial_watch(r, ctx, out->pos, out->last,
                                 b->last_buf && out->last != out->end);

        out->pos = out->last;

        if (ctx->settled && ctx->dry && !ngx_http_editorial_dry_keeps(ctx)) {
            return;
        }

    } while (out->end == out->last);
}


static void
ngx_http_editorial_watch(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    u_char *pos, u_char *last, ngx_uint_t end)
{
    size_t            i, n;
    const ed_span_t  *spans;

    if (pos == last && !end) {
        return;
    }

    ngx_http_editorial_dry_bytes(ctx, pos, last);

    if (ctx->settled && ctx->kept_dry != NULL) {
        return;
    }

    ngx_http_editorial_rewrite(r, ctx, pos != last ? pos : (u_char *) "",
                               last - pos, end, &spans, &n);

    ngx_http_editorial_settle(r, ctx);
    ngx_http_editorial_cache_spans(ctx, spans, n, end);
    ngx_http_editorial_set_assets(ctx);

    for (i = 0; ed_walk_next(&ctx->walk, spans, n, &i) != NULL; /* void */ ) {
        /* the walk counts */
    }
}
