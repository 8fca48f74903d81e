
/*
 * Which response is worked on, and the way of its bytes.
 *
 * Header filter.  A response that is none of ours goes out as it came.  Of
 * ours, the headers become those of the page as it is sent (_headers), and
 * the rewriter is made.  Where the body is compressed the header waits until
 * the first bytes inflate: what only claims to be compressed goes out exactly
 * as the origin sent it.
 *
 *     header filter -> [ wait for something in the body ] -> release
 *
 * Body filter.  Buffers go to the rewriter as they come, and what it has
 * settled goes on at once (_output).  A compressed body is inflated into a
 * few buffers of our own; when all of them are on their way to the client
 * the rest of the input waits, as in nginx's gunzip filter.
 *
 * Once the rewriter has settled, buffers are linked through, no more.
 *
 * dry_run: the body goes on untouched and is shown to the rewriter aside.
 */

#include "ngx_http_editorial_module.h"


static ngx_int_t ngx_http_editorial_header_filter(ngx_http_request_t *r);
static ngx_http_editorial_skip_e ngx_http_editorial_eligible(
    ngx_http_request_t *r, ngx_http_editorial_loc_conf_t *conf);
static ngx_int_t ngx_http_editorial_untouched(ngx_http_request_t *r,
    ngx_uint_t hidden);
static ngx_int_t ngx_http_editorial_page(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_coding(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_coding_name(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_editorial_begin(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_nomem(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_describe(ngx_http_request_t *r,
    ed_page_t *page);
static ngx_int_t ngx_http_editorial_host(ngx_http_request_t *r,
    ed_page_t *page);

static ngx_int_t ngx_http_editorial_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_editorial_plain(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_editorial_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_editorial_inflate_in(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_fill(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);
static ngx_buf_t *ngx_http_editorial_free_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
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
static ngx_int_t ngx_http_editorial_release(ngx_http_request_t *r);

static ngx_int_t ngx_http_editorial_aside(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);
static void ngx_http_editorial_aside_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_editorial_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_editorial_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_editorial_body_filter;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_next_body(ngx_http_request_t *r, ngx_chain_t *out)
{
    return ngx_http_next_body_filter(r, out);
}


static ngx_int_t
ngx_http_editorial_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                      hidden;
    ngx_http_editorial_ctx_t       *ctx;
    ngx_http_editorial_loc_conf_t  *conf;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (conf->mode == NGX_HTTP_EDITORIAL_OFF) {
        ctx = ngx_http_editorial_find(r);

    } else {
        ctx = ngx_http_editorial_get(r);
    }

    if (ctx == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx->answered) {
        /* a filter has put another answer in the place of the first */
        ctx->working = 0;
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_STATUS;
        return ngx_http_next_header_filter(r);
    }

    ctx->answered = 1;
    ctx->conf = conf;
    hidden = ngx_http_editorial_unhide(r, ctx);

    ctx->skip = ngx_http_editorial_eligible(r, conf);

    if (ctx->skip == NGX_HTTP_EDITORIAL_SKIP_NONE
        && ngx_http_editorial_coding(r, ctx) == NGX_OK
        && ngx_http_editorial_begin(r, ctx) == NGX_OK)
    {
        return ngx_http_editorial_page(r, ctx);
    }

    return ngx_http_editorial_untouched(r, hidden);
}


static ngx_http_editorial_skip_e
ngx_http_editorial_eligible(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf)
{
    if (conf->mode == NGX_HTTP_EDITORIAL_OFF) {
        return NGX_HTTP_EDITORIAL_SKIP_OFF;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_EDITORIAL_SKIP_METHOD;
    }

    if (r->headers_out.status != NGX_HTTP_OK) {
        return NGX_HTTP_EDITORIAL_SKIP_STATUS;
    }

    if (ngx_http_test_content_type(r, &conf->types) == NULL) {
        return NGX_HTTP_EDITORIAL_SKIP_TYPE;
    }

    if (r->headers_out.content_length_n > conf->policy.max_size) {
        ngx_http_editorial_log(r, NGX_LOG_WARN, NGX_HTTP_EDITORIAL_SKIP_SIZE,
                               "page of %O bytes exceeds editorial_max_size "
                               "%L", r->headers_out.content_length_n,
                               conf->policy.max_size);
        return NGX_HTTP_EDITORIAL_SKIP_SIZE;
    }

    return NGX_HTTP_EDITORIAL_SKIP_NONE;
}


/* hidden: the origin did not hear of the client's validators and ranges. */

static ngx_int_t
ngx_http_editorial_untouched(ngx_http_request_t *r, ngx_uint_t hidden)
{
    ngx_str_t  etag;

    if (!hidden || r->headers_out.status != NGX_HTTP_OK) {
        return ngx_http_next_header_filter(r);
    }

    ngx_str_null(&etag);

    if (r->headers_out.etag) {
        etag = r->headers_out.etag->value;
    }

    switch (ngx_http_editorial_preconditions(r, &etag,
                                        r->headers_out.last_modified_time))
    {

    case NGX_HTTP_PRECONDITION_FAILED:
        return ngx_http_filter_finalize_request(r, NULL,
                                                NGX_HTTP_PRECONDITION_FAILED);

    case NGX_HTTP_NOT_MODIFIED:
        ngx_http_editorial_not_modified(r);
        break;

    default:
        ngx_http_editorial_offer_ranges(r);
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_editorial_page(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t  rc;

    r->filter_need_in_memory = 1;
    ctx->working = 1;

    if (ctx->dry) {
        return ngx_http_next_header_filter(r);
    }

    rc = ngx_http_editorial_preconditions(r, &ctx->etag, -1);

    if (rc == NGX_HTTP_PRECONDITION_FAILED) {
        ctx->working = 0;
        return ngx_http_filter_finalize_request(r, NULL, rc);
    }

    if (rc == NGX_HTTP_NOT_MODIFIED) {
        ctx->working = 0;
        ngx_http_editorial_page_headers(r, ctx);
        ngx_http_editorial_not_modified(r);
        return ngx_http_next_header_filter(r);
    }

    if (ctx->inflate != NULL && r->method != NGX_HTTP_HEAD) {
        ctx->wait_coding = 1;
        return NGX_OK;
    }

    ngx_http_editorial_page_headers(r, ctx);

    return ngx_http_next_header_filter(r);
}


/* NGX_DECLINED: a coding that cannot be read, or no memory to read it. */

static ngx_int_t
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


/* NGX_DECLINED: no memory, the page is left alone. */

static ngx_int_t
ngx_http_editorial_begin(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ed_policy_t  *policy;

    policy = &ctx->conf->policy;
    ctx->dry = (ctx->conf->mode == NGX_HTTP_EDITORIAL_DRY_RUN);

    ed_edition_control(&ctx->edition, policy);

    if (ngx_http_editorial_describe(r, &ctx->page) != NGX_OK
        || ngx_http_editorial_make_etag(r, ctx) != NGX_OK)
    {
        return ngx_http_editorial_nomem(r, ctx);
    }

    if (r->method == NGX_HTTP_HEAD) {
        return NGX_OK;
    }

    ctx->rewrite = ed_rewrite_create(policy, &ctx->page);
    if (ctx->rewrite == NULL) {
        return ngx_http_editorial_nomem(r, ctx);
    }

    ed_walk_init(&ctx->walk, &ctx->edition, ED_STR_EMPTY);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_nomem(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_MEMORY;

    ngx_http_editorial_log(r, NGX_LOG_ERR, ctx->skip,
                           "no memory to work on a page");

    return NGX_DECLINED;
}


/* What the rewriter is told of the page; all of it lives in r->pool. */

static ngx_int_t
ngx_http_editorial_describe(ngx_http_request_t *r, ed_page_t *page)
{
    ngx_str_t  uri, *charset;

    if (ngx_http_editorial_uri(r, &uri) != NGX_OK) {
        return NGX_ERROR;
    }

    page->uri = ed_str(uri.data, uri.len);

    charset = &r->headers_out.charset;

    if (charset->len != 0) {
        page->charset = ed_str(charset->data, charset->len);

    } else {
        page->charset = ed_charset_parameter(
                                ed_str(r->headers_out.content_type.data,
                                       r->headers_out.content_type.len));
    }

    page->scheme = ED_STR("http");

#if (NGX_HTTP_SSL)
    if (r->connection->ssl) {
        page->scheme = ED_STR("https");
    }
#endif

    page->opinion = ngx_http_editorial_opinion(r);

    return ngx_http_editorial_host(r, page);
}


/*
 * The host as $host has it, with the port of the Host header where that is
 * not the scheme's.
 */

static ngx_int_t
ngx_http_editorial_host(ngx_http_request_t *r, ed_page_t *page)
{
    u_char                    *p, *last;
    ngx_int_t                  port;
    ngx_str_t                  host, digits, *value;
    ngx_http_core_srv_conf_t  *cscf;

    host = r->headers_in.server;

    if (host.len == 0) {
        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
        host = cscf->server_name;
    }

    page->host = ed_str(host.data, host.len);

    if (r->headers_in.host == NULL) {
        return NGX_OK;
    }

    value = &r->headers_in.host->value;
    last = value->data + value->len;

    for (p = last; p > value->data && p[-1] >= '0' && p[-1] <= '9'; p--) {
        /* void */
    }

    digits.data = p;
    digits.len = last - p;
    port = ngx_atoi(digits.data, digits.len);

    if (p == value->data || p[-1] != ':'
        || port == NGX_ERROR
        || port == (page->scheme.len == sizeof("https") - 1 ? 443 : 80))
    {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, host.len + 1 + digits.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    page->host = ed_str(p, host.len + 1 + digits.len);

    p = ngx_cpymem(p, host.data, host.len);
    *p++ = ':';
    ngx_memcpy(p, digits.data, digits.len);

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_editorial_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_editorial_module);

    if (ctx == NULL || !ctx->working || ctx->rewrite == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->dry) {
        return ngx_http_editorial_aside(r, ctx, in);
    }

    if (ctx->failed) {
        return NGX_ERROR;
    }

    if (ctx->inflate != NULL) {
        return ngx_http_editorial_coded(r, ctx, in);
    }

    return ngx_http_editorial_plain(r, ctx, in);
}


static ngx_int_t
ngx_http_editorial_plain(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_int_t   rc;
    ngx_uint_t  flush;

    if (ctx->settled && ctx->out == NULL) {
        rc = ngx_http_next_body_filter(r, in);

        if (ctx->busy) {
            ngx_http_editorial_reclaim(r, ctx);
        }

        return rc;
    }

    /* without input it is the filters after us that are to go on */
    flush = (in == NULL);

    for ( /* void */ ; in; in = in->next) {

        if (ngx_http_editorial_feed(r, ctx, in->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ctx->out == NULL && ctx->busy == NULL && !flush) {
        return NGX_OK;
    }

    return ngx_http_editorial_send(r, ctx);
}


static ngx_int_t
ngx_http_editorial_coded(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_int_t   rc;
    ngx_uint_t  flush;

    if (in && ngx_chain_add_copy(r->pool, &ctx->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->wait_coding) {
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

        if (ctx->out == NULL && !flush) {
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

static ngx_buf_t *
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
    ngx_http_editorial_log(r, NGX_LOG_ERR, NGX_HTTP_EDITORIAL_INFLATE,
                           "inflate() failed: %s", ctx->inflate->error);

    if (ctx->walk.pieces == 0) {
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_BROKEN;
    }

    ctx->failed = 1;

    if (ngx_http_editorial_abandon(r, ctx) == NGX_OK) {
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

    ctx->wait_coding = 0;

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

    ngx_http_editorial_page_headers(r, ctx);

    return ngx_http_editorial_release(r);
}


/*
 * Moves bytes of ctx->in to ctx->probe, as many as it takes.  Buffers that
 * say something besides their bytes stay in ctx->in, empty.  NGX_DONE: these
 * are all the bytes of the page.
 */

static ngx_int_t
ngx_http_editorial_probe_fill(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    size_t         size;
    ngx_buf_t     *b, *probe;
    ngx_chain_t   *cl, **ll;

    if (ctx->probe == NULL) {
        ctx->probe = ngx_create_temp_buf(r->pool, NGX_HTTP_EDITORIAL_PROBE);
        if (ctx->probe == NULL) {
            return NGX_ERROR;
        }
    }

    probe = ctx->probe;
    ll = &ctx->in;

    while (*ll) {
        cl = *ll;
        b = cl->buf;

        size = ngx_min(b->last - b->pos, probe->end - probe->last);

        if (size != 0) {
            probe->last = ngx_cpymem(probe->last, b->pos, size);
            b->pos += size;
        }

        if (b->pos != b->last) {
            return NGX_OK;
        }

        ngx_http_editorial_consume(b);

        if (b->last_buf) {
            return NGX_DONE;
        }

        if (b->flush || b->last_in_chain || b->sync) {
            ll = &cl->next;
            continue;
        }

        *ll = cl->next;
        ngx_free_chain(r->pool, cl);
    }

    return NGX_OK;
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

    return ngx_http_editorial_release(r);
}


/* Sends the header on that has waited. */

static ngx_int_t
ngx_http_editorial_release(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_next_header_filter(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_aside(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_chain_t  *cl;

    if (r->headers_out.status != NGX_HTTP_OK) {
        /* a range, taken by a filter after us */
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_STATUS;
        ctx->working = 0;
    }

    for (cl = in; cl && ctx->working && !ctx->settled; cl = cl->next) {

        if (cl->buf->in_file && !ngx_buf_in_memory(cl->buf)) {
            continue;
        }

        ngx_http_editorial_aside_buf(r, ctx, cl->buf);
    }

    return ngx_http_next_body_filter(r, in);
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
            ctx->skip = NGX_HTTP_EDITORIAL_SKIP_BROKEN;
            ctx->working = 0;
            return;
        }

        ngx_http_editorial_watch(r, ctx, out->pos, out->last,
                                 b->last_buf && out->last != out->end);

        out->pos = out->last;

        if (ctx->settled) {
            return;
        }

    } while (out->end == out->last);
}
