
/*
 * A page whose origin compressed it.
 *
 * The header waits until the first bytes inflate, as the probe tells: what
 * only claims to be compressed goes out exactly as the origin sent it.  From
 * then on the body is inflated into a few buffers of our own.  When all of
 * them are on their way to the client the rest of the input waits, as in
 * nginx's gunzip filter, so that no page grows in memory:
 *
 *     ctx->in --> inflate --> bufs[0], bufs[1] --> rewriter --> ctx->out
 *
 * Damage that shows later cannot be undone.  What was inflated goes out, and
 * the response ends as a broken one.
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_coding_name(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_editorial_inflate_in(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_fill(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static void ngx_http_editorial_shift(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_broken(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_probe(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_probe_fill(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_probe_test(ngx_http_editorial_ctx_t *ctx,
    ngx_uint_t last);
static ngx_int_t ngx_http_editorial_as_it_came(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* NGX_DECLINED: a coding that cannot be read, or no memory to read it. */

ngx_int_t
ngx_http_editorial_coding(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                           i;
    ngx_str_t                           *value;
    static struct {
        ngx_str_t                        name;
        ngx_http_editorial_coding_e      coding;
    } codings[] = {
        { ngx_string("gzip"),    NGX_HTTP_EDITORIAL_GZIP },
        { ngx_string("x-gzip"),  NGX_HTTP_EDITORIAL_GZIP },
        { ngx_string("deflate"), NGX_HTTP_EDITORIAL_DEFLATE },
        { ngx_null_string, 0 }
    };

    if (r->headers_out.content_encoding == NULL) {
        return NGX_OK;
    }

    value = &r->headers_out.content_encoding->value;

    if (value->len == 0
        || (value->len == sizeof("identity") - 1
            && ngx_strncasecmp(value->data, (u_char *) "identity", value->len)
               == 0))
    {
        return NGX_OK;
    }

    for (i = 0; codings[i].name.len != 0; i++) {

        if (value->len == codings[i].name.len
            && ngx_strncasecmp(value->data, codings[i].name.data, value->len)
               == 0)
        {
            ctx->inflate = ngx_http_editorial_inflate_create(r->pool,
                                                          codings[i].coding);
            return ctx->inflate ? NGX_OK : ngx_http_editorial_nomem(r, ctx);
        }
    }

    return ngx_http_editorial_coding_name(r, ctx, value);
}


static ngx_int_t
ngx_http_editorial_coding_name(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_str_t *value)
{
    size_t  len;

    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_CODING;

    len = ngx_min(value->len, NGX_HTTP_EDITORIAL_CODING);

    ctx->coding.data = ngx_pnalloc(r->pool, len);

    if (ctx->coding.data != NULL) {
        ngx_strlow(ctx->coding.data, value->data, len);
        ctx->coding.len = len;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_editorial_coded(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_int_t   rc;
    ngx_uint_t  flush;

    if (in && ngx_chain_add_copy(r->pool, &ctx->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->wait & NGX_HTTP_EDITORIAL_WAIT_CODING) {
        rc = ngx_http_editorial_probe(r, ctx);

        if (rc != NGX_OK) {
            return rc == NGX_AGAIN ? NGX_OK : NGX_ERROR;
        }

        if (ctx->inflate == NULL) {
            return ngx_http_editorial_send(r, ctx);
        }
    }

    ngx_http_editorial_reclaim(r, ctx);

    flush = (in == NULL || ctx->busy != NULL);

    for ( ;; ) {
        rc = ngx_http_editorial_inflate_in(r, ctx);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            return ngx_http_editorial_broken(r, ctx);
        }

        if (ctx->wait || (ctx->out == NULL && !flush)) {
            break;
        }

        if (ngx_http_editorial_send(r, ctx) == NGX_ERROR) {
            return NGX_ERROR;
        }

        flush = 0;
    }

    if (ctx->in) {
        r->connection->buffered |= NGX_HTTP_EDITORIAL_BUFFERED;

    } else {
        r->connection->buffered &= ~NGX_HTTP_EDITORIAL_BUFFERED;
    }

    return ctx->busy ? NGX_AGAIN : NGX_OK;
}


/*
 * Inflates ctx->in as long as there is a buffer to inflate to.  NGX_DECLINED:
 * the data is bad.
 */

static ngx_int_t
ngx_http_editorial_inflate_in(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t   rc;
    ngx_buf_t  *b;

    while (ctx->in) {

        b = ngx_http_editorial_free_buf(r, ctx);

        if (b == NULL) {
            return NGX_OK;
        }

        if (b->start == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_editorial_fill(r, ctx, b);

        if (ngx_http_editorial_feed(r, ctx, b) != NGX_OK) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/*
 * Fills a buffer, up to a flush or the end of the page, which it then carries
 * on.  NGX_DECLINED: the data is bad, b has what came before.
 */

static ngx_int_t
ngx_http_editorial_fill(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_buf_t *b)
{
    ngx_buf_t  *src;

    while (ctx->in) {
        src = ctx->in->buf;

        if (ngx_http_editorial_inflate(ctx->inflate, &src->pos, src->last, b)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        if (b->last == b->end) {
            return NGX_OK;
        }

        if (src->last_buf
            && ngx_http_editorial_inflate_finish(ctx->inflate) != NGX_OK)
        {
            return NGX_DECLINED;
        }

        b->flush = src->flush;
        b->last_buf = src->last_buf;
        b->last_in_chain = src->last_in_chain;

        ngx_http_editorial_shift(r, ctx);

        if (b->flush || b->last_buf || b->last_in_chain) {
            return NGX_OK;
        }
    }

    return NGX_OK;
}


/* One of our own buffers that is not on its way to the client; start NULL:
   no memory. */

ngx_buf_t *
ngx_http_editorial_free_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char      *start;
    ngx_buf_t   *b;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_EDITORIAL_BUFS; i++) {
        b = &ctx->bufs[i];

        if (b->pos != b->last) {
            continue;
        }

        start = b->start;

        if (start == NULL) {
            start = ngx_palloc(r->pool, NGX_HTTP_EDITORIAL_BUF_SIZE);
        }

        ngx_memzero(b, sizeof(ngx_buf_t));

        b->start = start;
        b->pos = start;
        b->last = start;
        b->end = start ? start + NGX_HTTP_EDITORIAL_BUF_SIZE : NULL;
        b->temporary = 1;
        b->recycled = 1;

        return b;
    }

    return NULL;
}


/* The first buffer of ctx->in has been read. */

static void
ngx_http_editorial_shift(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    cl = ctx->in;
    ctx->in = cl->next;

    ngx_http_editorial_consume(cl->buf);
    ngx_free_chain(r->pool, cl);
}


/*
 * The compressed body is damaged: what could be inflated goes out, and then
 * the response is ended in a way that nobody takes it for complete.
 */

static ngx_int_t
ngx_http_editorial_broken(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t  rc;

    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_INFLATE,
                           "inflate() failed: %s", ctx->inflate->error);

    /* its header is that of what was inflated */

    rc = ngx_http_editorial_abandon(r, ctx);

    if (rc == NGX_OK && ctx->wait) {
        rc = ngx_http_editorial_release(r, ctx,
                                        NGX_HTTP_EDITORIAL_WAIT_ARTICLE);
    }

    if (ctx->walk.pieces == 0) {
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_BROKEN;
    }

    ctx->failed = 1;

    if (rc == NGX_OK) {
        (void) ngx_http_editorial_send(r, ctx);
    }

    r->connection->buffered &= ~NGX_HTTP_EDITORIAL_BUFFERED;

    return NGX_ERROR;
}


/*
 * Do the first bytes inflate?  NGX_AGAIN: not to be told yet.  NGX_OK: it is
 * known, and the header has gone out; ctx->inflate is NULL where they do not.
 */

static ngx_int_t
ngx_http_editorial_probe(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    rc = ngx_http_editorial_probe_fill(r, ctx);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    rc = ngx_http_editorial_probe_test(ctx, rc == NGX_DONE);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_editorial_as_it_came(r, ctx);
    }

    ngx_http_editorial_inflate_reset(ctx->inflate);

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = ctx->probe;
    cl->next = ctx->in;
    ctx->in = cl;

    return ngx_http_editorial_release(r, ctx,
                                      NGX_HTTP_EDITORIAL_WAIT_CODING);
}


/*
 * Moves bytes of ctx->in to ctx->probe, as many as it takes, and what their
 * buffers say besides.  A buffer that is read to its end is not kept: its
 * owner may fill it again.  NGX_DONE: these are all the bytes of the page.
 */

static ngx_int_t
ngx_http_editorial_probe_fill(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    size_t       size;
    ngx_buf_t   *b, *probe;
    ngx_uint_t   cut;

    if (ctx->probe == NULL) {
        ctx->probe = ngx_create_temp_buf(r->pool, NGX_HTTP_EDITORIAL_PROBE);
        if (ctx->probe == NULL) {
            return NGX_ERROR;
        }
    }

    probe = ctx->probe;
    cut = 0;

    while (ctx->in) {
        b = ctx->in->buf;

        size = ngx_min(b->last - b->pos, probe->end - probe->last);

        if (size != 0) {
            probe->last = ngx_cpymem(probe->last, b->pos, size);
            b->pos += size;
        }

        if (b->pos != b->last) {
            return NGX_OK;
        }

        cut |= ngx_http_editorial_is_cut(r, b);
        probe->flush |= b->flush;
        probe->last_buf |= b->last_buf;
        probe->last_in_chain |= b->last_in_chain;

        ngx_http_editorial_shift(r, ctx);
    }

    return probe->last_buf || cut ? NGX_DONE : NGX_OK;
}


/* NGX_OK, NGX_DECLINED, or NGX_AGAIN where more bytes may tell. */

static ngx_int_t
ngx_http_editorial_probe_test(ngx_http_editorial_ctx_t *ctx, ngx_uint_t last)
{
    u_char      *pos, bytes[64];
    ngx_int_t    rc;
    ngx_buf_t    out;

    ngx_memzero(&out, sizeof(ngx_buf_t));

    out.pos = bytes;
    out.last = bytes;
    out.end = bytes + sizeof(bytes);

    ngx_http_editorial_inflate_reset(ctx->inflate);

    pos = ctx->probe->pos;
    rc = ngx_http_editorial_inflate(ctx->inflate, &pos, ctx->probe->last,
                                    &out);

    if (ctx->inflate->produced
        || (rc == NGX_OK
            && ctx->inflate->state != NGX_HTTP_EDITORIAL_IN_STREAM))
    {
        return NGX_OK;
    }

    if (rc == NGX_ERROR || last) {
        return NGX_DECLINED;
    }

    return ctx->probe->last == ctx->probe->end ? NGX_OK : NGX_AGAIN;
}


static ngx_int_t
ngx_http_editorial_as_it_came(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_SKIP_BROKEN,
                           "a body is not in its Content-Encoding \"%V\"",
                           &r->headers_out.content_encoding->value);

    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_BROKEN;
    ctx->settled = 1;

    ngx_http_editorial_inflate_end(ctx->inflate);
    ctx->inflate = NULL;

    /* the range filter's body part has seen some of it go by */
    r->allow_ranges = 0;

    if (ngx_http_editorial_pass(r, ctx, ctx->probe) != NGX_OK) {
        return NGX_ERROR;
    }

    while (ctx->in) {

        if (ngx_http_editorial_pass(r, ctx, ctx->in->buf) != NGX_OK) {
            return NGX_ERROR;
        }

        ctx->in = ctx->in->next;
    }

    return ngx_http_editorial_release(r, ctx,
                                      NGX_HTTP_EDITORIAL_WAIT_CODING
                                      |NGX_HTTP_EDITORIAL_WAIT_ARTICLE);
}
