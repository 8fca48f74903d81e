
/*
 * Spans of the rewriter, as buffers of nginx.
 *
 *     caller's buffer   [ <p>One</p> <p>Two | </p> <h1>… ]
 *                            |                    |
 *     out      --> shadow --> box --> shadow --> shadow, last of its buffer
 *
 * A span of the buffer that is being fed becomes a shadow: a buffer that
 * points into it.  The buffer counts as read when the last of its shadows has
 * been sent (b->shadow, as in nginx's sub filter).  What the rewriter held,
 * and furniture, point into the rewriter's memory, which lives as long as the
 * request.  A buffer that goes through whole is passed on itself.
 *
 * What has been handed on stands in ctx->busy until it is sent, then its
 * buffers are used again.  Only buffers with bytes are: an empty one looks
 * sent while a later filter may still have it.
 *
 * The charset filter recodes in place.  Where r->filter_need_temporary says
 * so the rewriter's memory is copied, as it is not its to change.
 */

#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_counters.h"


#define ngx_http_editorial_tag  ((ngx_buf_tag_t) &ngx_http_editorial_module)


static ngx_int_t ngx_http_editorial_take(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static ngx_int_t ngx_http_editorial_blind(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static ngx_int_t ngx_http_editorial_spans(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b, const ed_span_t *spans,
    size_t n);
static ngx_int_t ngx_http_editorial_taken(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b, const ed_span_t *span,
    ngx_buf_t **shadow, ngx_buf_t **tail);
static ngx_buf_t *ngx_http_editorial_piece(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_memory(ngx_http_request_t *r,
    ngx_buf_t *piece, const ed_span_t *span, ngx_uint_t copy);
static ngx_int_t ngx_http_editorial_flags(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static ngx_int_t ngx_http_editorial_link(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);


/*
 * While the header waits for the article output gathers here.  The buffers
 * that come are read to their end all the same, since their owner has only so
 * many of them.
 */

ngx_int_t
ngx_http_editorial_feed(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    off_t      size;
    ngx_int_t  rc;

    size = ngx_buf_size(b);

    rc = ngx_http_editorial_take(r, ctx, b);

    if (rc != NGX_OK || !(ctx->wait & NGX_HTTP_EDITORIAL_WAIT_ARTICLE)) {
        return rc;
    }

    ctx->waited += (size_t) size;

    if (!ctx->settled
        && !ed_rewrite_begun(ctx->rewrite)
        && ctx->waited < NGX_HTTP_EDITORIAL_PATIENCE)
    {
        return NGX_OK;
    }

    return ngx_http_editorial_release(r, ctx,
                                      NGX_HTTP_EDITORIAL_WAIT_ARTICLE);
}


static ngx_int_t
ngx_http_editorial_take(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    size_t            n, size;
    const ed_span_t  *spans;

    if (ctx->settled) {
        return ngx_http_editorial_pass(r, ctx, b);
    }

    if (b->in_file && !ngx_buf_in_memory(b) && ngx_buf_size(b) != 0) {
        return ngx_http_editorial_blind(r, ctx, b);
    }

    size = ngx_buf_in_memory(b) ? (size_t) (b->last - b->pos) : 0;

    if (size == 0 && !b->last_buf) {
        return ngx_http_editorial_is_cut(r, b)
               ? ngx_http_editorial_abandon(r, ctx)
               : ngx_http_editorial_pass(r, ctx, b);
    }

    ngx_http_editorial_rewrite(r, ctx, size ? b->pos : (u_char *) "", size,
                               b->last_buf, &spans, &n);

    ngx_http_editorial_settle(r, ctx);
    ngx_http_editorial_cache_spans(ctx, spans, n, b->last_buf);

    if (n == 1
        && size != 0
        && !ctx->wait
        && spans[0].kind == ED_SPAN_SOURCE
        && spans[0].data == b->pos
        && spans[0].len == size)
    {
        return ngx_http_editorial_link(r, ctx, b);
    }

    if (ngx_http_editorial_spans(r, ctx, b, spans, n) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_is_cut(r, b)
           ? ngx_http_editorial_abandon(r, ctx) : NGX_OK;
}


ngx_int_t
ngx_http_editorial_pass(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    ngx_http_editorial_cache_buf(ctx, b);

    if (ngx_buf_size(b) != 0) {
        return ngx_http_editorial_link(r, ctx, b);
    }

    /* its owner may fill an empty buffer again before this one is sent */

    return ngx_http_editorial_flags(r, ctx, b);
}


ngx_int_t
ngx_http_editorial_abandon(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    size_t            n;
    ngx_buf_t         flush;
    const ed_span_t  *spans;

    ngx_memzero(&flush, sizeof(ngx_buf_t));
    flush.flush = 1;

    if (ctx->settled) {
        return ngx_http_editorial_flags(r, ctx, &flush);
    }

    ed_rewrite_abandon(ctx->rewrite, ED_SKIP_CUT, &spans, &n);
    ctx->settled = 1;

    return ngx_http_editorial_spans(r, ctx, &flush, spans, n);
}


/*
 * An origin that fails in the middle of a page has nothing more to say than a
 * flush, and upstream has been finalized by then: what the rewriter holds is
 * all that there will be.
 */

ngx_uint_t
ngx_http_editorial_is_cut(ngx_http_request_t *r, ngx_buf_t *b)
{
    return b->flush && !r->keepalive && r->upstream
           && r->upstream->cleanup == NULL;
}


/*
 * Hands on what is in ctx->out.  A later filter may come back here before it
 * returns (addition sends its last buffer so): what is handed on stands in
 * ctx->busy by then, in its order.
 */

ngx_int_t
ngx_http_editorial_send(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t      rc;
    ngx_chain_t   *cl, *out, **ll, **last;

    if (ctx->wait) {
        return NGX_OK;
    }

    /* the chain that is handed on is a later filter's to cut: a copy */

    out = NULL;
    last = &out;

    for (cl = ctx->out; cl; cl = cl->next) {
        *last = ngx_alloc_chain_link(r->pool);
        if (*last == NULL) {
            return NGX_ERROR;
        }

        (*last)->buf = cl->buf;
        (*last)->next = NULL;
        last = &(*last)->next;
    }

    for (ll = &ctx->busy; *ll; ll = &(*ll)->next) { /* void */ }

    *ll = ctx->out;

    ctx->out = NULL;
    ctx->last_out = &ctx->out;

    rc = ngx_http_editorial_next_body(r, out);

    for ( /* void */ ; out; out = cl) {
        cl = out->next;
        ngx_free_chain(r->pool, out);
    }

    ngx_http_editorial_reclaim(r, ctx);

    return rc;
}


void
ngx_http_editorial_reclaim(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    while (ctx->busy) {
        cl = ctx->busy;
        b = cl->buf;

        if (ngx_buf_size(b) != 0) {
            break;
        }

        ctx->busy = cl->next;

        if (b->tag != ngx_http_editorial_tag || !ngx_buf_in_memory(b)) {
            ngx_free_chain(r->pool, cl);
            continue;
        }

        if (b->shadow) {
            ngx_http_editorial_consume(b->shadow);
        }

        cl->next = ctx->free;
        ctx->free = cl;
    }
}


void
ngx_http_editorial_consume(ngx_buf_t *b)
{
    b->pos = b->last;

    if (b->in_file) {
        b->file_pos = b->file_last;
    }
}


/*
 * A filter before us has passed on a file without its bytes, although
 * r->filter_need_in_memory is set: the page cannot be read further.
 */

static ngx_int_t
ngx_http_editorial_blind(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                           "a buffer of the page is not in memory");

    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_MEMORY;

    if (ngx_http_editorial_abandon(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_link(r, ctx, b);
}


/* Appends the spans that the edition takes, then what b says besides. */

static ngx_int_t
ngx_http_editorial_spans(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b, const ed_span_t *spans, size_t n)
{
    size_t            i;
    ngx_buf_t        *shadow, *tail;
    const ed_span_t  *span;

    shadow = NULL;
    tail = NULL;
    i = 0;

    ngx_http_editorial_set_assets(ctx);

    for ( ;; ) {
        span = ed_walk_next(&ctx->walk, spans, n, &i);

        if (span == NULL) {
            break;
        }

        if (span->len != 0
            && ngx_http_editorial_taken(r, ctx, b, span, &shadow, &tail)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (shadow != NULL) {
        shadow->shadow = b;
        shadow->last_shadow = 1;
        shadow->recycled = b->recycled;
    }

    if (tail == NULL) {
        if (ngx_http_editorial_flags(r, ctx, b) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {
        /* a copy is to go out when what it is of would have */

        tail->flush = b->flush || (ctx->wait && b->recycled);
        tail->last_buf = b->last_buf;
        tail->last_in_chain = b->last_in_chain;
    }

    if (shadow == NULL) {
        ngx_http_editorial_consume(b);
    }

    return NGX_OK;
}


/* Appends one span; *shadow is the last one into b, *tail the last of all. */

static ngx_int_t
ngx_http_editorial_taken(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b, const ed_span_t *span, ngx_buf_t **shadow, ngx_buf_t **tail)
{
    ngx_buf_t  *piece;

    piece = ngx_http_editorial_piece(r, ctx);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    *tail = piece;

    if (b->pos == NULL || span->data < b->pos || span->data >= b->last) {
        return ngx_http_editorial_memory(r, piece, span,
                                         r->filter_need_temporary);
    }

    if (ctx->wait) {
        return ngx_http_editorial_memory(r, piece, span, 1);
    }

    piece->start = (u_char *) span->data;
    piece->pos = piece->start;
    piece->last = piece->start + span->len;
    piece->end = piece->last;
    piece->temporary = b->temporary;
    piece->memory = b->memory;
    piece->mmap = b->mmap;

    *shadow = piece;

    return NGX_OK;
}


/* An empty buffer of ours, at the end of ctx->out. */

static ngx_buf_t *
ngx_http_editorial_piece(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(r->pool, &ctx->free);
    if (cl == NULL) {
        return NULL;
    }

    ngx_memzero(cl->buf, sizeof(ngx_buf_t));

    cl->buf->tag = ngx_http_editorial_tag;
    cl->next = NULL;

    *ctx->last_out = cl;
    ctx->last_out = &cl->next;

    return cl->buf;
}


static ngx_int_t
ngx_http_editorial_memory(ngx_http_request_t *r, ngx_buf_t *piece,
    const ed_span_t *span, ngx_uint_t copy)
{
    piece->start = (u_char *) span->data;

    if (copy) {
        piece->start = ngx_pnalloc(r->pool, span->len);
        if (piece->start == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(piece->start, span->data, span->len);
    }

    piece->temporary = (copy != 0);
    piece->memory = !copy;
    piece->pos = piece->start;
    piece->last = piece->start + span->len;
    piece->end = piece->last;

    return NGX_OK;
}


/* Appends an empty buffer that says what b says, if it says anything. */

static ngx_int_t
ngx_http_editorial_flags(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    ngx_buf_t  *piece;

    if (!b->flush && !b->sync && !b->last_buf && !b->last_in_chain) {
        return NGX_OK;
    }

    piece = ngx_http_editorial_piece(r, ctx);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    piece->flush = b->flush;
    piece->sync = b->sync || (b->last_in_chain && !b->last_buf);
    piece->last_buf = b->last_buf;
    piece->last_in_chain = b->last_in_chain;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_link(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;

    *ctx->last_out = cl;
    ctx->last_out = &cl->next;

    return NGX_OK;
}


void
ngx_http_editorial_settle(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->settled || !ed_rewrite_settled(ctx->rewrite)) {
        return;
    }

    ctx->settled = 1;

    ngx_http_editorial_log_skip(r, ctx, ed_rewrite_skip(ctx->rewrite));
    ngx_http_editorial_articles_planned(r, ctx);
}


void
ngx_http_editorial_set_assets(ngx_http_editorial_ctx_t *ctx)
{
    ed_str_t  assets;

    if (ctx->walk.assets_sent) {
        return;
    }

    assets = ed_rewrite_assets(ctx->rewrite);

    ctx->walk.assets.kind = ED_SPAN_ASSETS;
    ctx->walk.assets.data = assets.data;
    ctx->walk.assets.len = assets.len;
}
