
/*
 * Which response is worked on, and the way of its bytes.
 *
 * Header filter.  A response that is none of ours goes out as it came.  Of
 * ours, the headers become those of the page as it is sent (_headers), and
 * the rewriter is made.  The header may have to wait for something in the
 * body: then output gathers in ctx->out until the header is released.
 *
 *     header filter --> [ ctx->wait ] --> release --> next header filter
 *
 * Body filter.  Buffers go to the rewriter as they come, and what it has
 * settled goes on at once (_output).  Once it has settled for good, buffers
 * are linked through, no more.  Compressed bodies go by way of _coded, those
 * of a dry run are only looked at (_dry_run).
 */

#include "ngx_http_editorial_redis.h"


static ngx_int_t ngx_http_editorial_header_filter(ngx_http_request_t *r);
static ngx_http_editorial_skip_e ngx_http_editorial_eligible(
    ngx_http_request_t *r, ngx_http_editorial_loc_conf_t *conf);
static ngx_int_t ngx_http_editorial_answer(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_untouched(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_page(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_identify(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_begin(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_editorial_body(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_editorial_plain(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);


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


/* A refresh has no client to send a header to. */

ngx_int_t
ngx_http_editorial_next_header(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->cache == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx->cache->detached) {
        r->header_sent = 1;
        return NGX_OK;
    }

    if (ngx_http_editorial_cache_looked(ctx->cache)
        && !ctx->cache->sent
        && ngx_http_editorial_cache_headers(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_editorial_next_body(ngx_http_request_t *r, ngx_chain_t *out)
{
    return ngx_http_next_body_filter(r, out);
}


/*
 * What the header waited for in the body has come.  Where it waits for nothing
 * more it goes out, and the output that has gathered may follow.
 */

ngx_int_t
ngx_http_editorial_release(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t what)
{
    ngx_int_t  rc;

    ctx->wait &= ~what;

    if (ctx->wait) {
        return NGX_OK;
    }

    if (ctx->skip == NGX_HTTP_EDITORIAL_SKIP_NONE
        && ngx_http_editorial_page_headers(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_editorial_next_header(r, ctx);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_header_filter(ngx_http_request_t *r)
{
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

    if (ctx->cache != NULL && ctx->cache->sent) {

        if (r->headers_out.status >= NGX_HTTP_BAD_REQUEST) {
            /* 412 or 416, of which nginx writes the body */
            ngx_http_editorial_clear_coding(r);
        }

        return ngx_http_next_header_filter(r);
    }

    if (ctx->answered) {
        /* a filter has put another answer in the place of the first */
        ctx->working = 0;
        ctx->divided = 0;
        ctx->skip = NGX_HTTP_EDITORIAL_SKIP_STATUS;
        return ngx_http_next_header_filter(r);
    }

    ctx->answered = 1;
    ctx->conf = conf;
    ctx->dry = (conf->mode == NGX_HTTP_EDITORIAL_DRY_RUN);

    ngx_http_editorial_unhide(r, ctx);

    if (ctx->cache != NULL
        && ngx_http_editorial_cache_answered(r, ctx) == NGX_DONE)
    {
        return ctx->cache->detached
               ? ngx_http_editorial_next_header(r, ctx)
               : ngx_http_editorial_cache_send_header(r, ctx);
    }

    return ngx_http_editorial_answer(r, ctx);
}


/* The origin's answer.  Where it was looked up rules how it is worked on. */

static ngx_int_t
ngx_http_editorial_answer(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache != NULL && ctx->conf->mode == NGX_HTTP_EDITORIAL_ON) {
        ctx->conf = cache->conf;
    }

    ctx->skip = ngx_http_editorial_eligible(r, ctx->conf);

    if (ctx->skip == NGX_HTTP_EDITORIAL_SKIP_NONE
        && ngx_http_editorial_coding(r, ctx) == NGX_OK
        && ngx_http_editorial_identify(r, ctx) == NGX_OK)
    {
        if (cache != NULL) {
            ngx_http_editorial_cache_judge(r, ctx);
        }

        return ngx_http_editorial_page(r, ctx);
    }

    if (cache != NULL) {
        ngx_http_editorial_cache_judge(r, ctx);
    }

    return ngx_http_editorial_untouched(r, ctx);
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

    if (r->subrequest_ranges) {
        /* the slice module: the rest of the page comes by subrequests */
        return NGX_HTTP_EDITORIAL_SKIP_SUBREQUEST;
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


static ngx_int_t
ngx_http_editorial_untouched(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_str_t  etag;

    if (ctx->client == NULL || r->headers_out.status != NGX_HTTP_OK) {
        return ngx_http_editorial_next_header(r, ctx);
    }

    /* the origin did not hear of the client's validators and ranges */

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

    return ngx_http_editorial_next_header(r, ctx);
}


static ngx_int_t
ngx_http_editorial_page(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ctx->dry ? NGX_OK
                  : ngx_http_editorial_preconditions(r, &ctx->etag, -1);

    if (rc == NGX_HTTP_PRECONDITION_FAILED) {
        return ngx_http_filter_finalize_request(r, NULL, rc);
    }

    if (rc == NGX_HTTP_NOT_MODIFIED) {

        if (ngx_http_editorial_page_headers(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_editorial_not_modified(r);
        return ngx_http_editorial_next_header(r, ctx);
    }

    if (r->method != NGX_HTTP_HEAD
        && ngx_http_editorial_begin(r, ctx) != NGX_OK)
    {
        return ngx_http_editorial_untouched(r, ctx);
    }

    if (ctx->wait) {
        return NGX_OK;
    }

    if (!ctx->dry && ngx_http_editorial_page_headers(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_next_header(r, ctx);
}


/*
 * What the page is, and which edition of it.  NGX_DECLINED, here and below:
 * no memory, the page is left alone.
 */

static ngx_int_t
ngx_http_editorial_identify(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ctx->page.record = ngx_http_editorial_record_of(ctx);
    ngx_http_editorial_use_notes(r, ctx, &ctx->page);

    ngx_http_editorial_assign(r, ctx);

    if (ngx_http_editorial_describe(r, &ctx->page) != NGX_OK
        || ngx_http_editorial_make_etag(r, ctx) != NGX_OK)
    {
        return ngx_http_editorial_nomem(r, ctx);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_begin(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ctx->rewrite = ed_rewrite_create(&ctx->conf->policy, &ctx->page);
    if (ctx->rewrite == NULL) {
        return ngx_http_editorial_nomem(r, ctx);
    }

    ed_walk_init(&ctx->walk, &ctx->edition, ED_STR_EMPTY);

    r->filter_need_in_memory = 1;
    ctx->working = 1;

    if (ngx_http_editorial_is_aside(ctx)) {
        ngx_http_editorial_dry_begin(r, ctx);
        return NGX_OK;
    }

    if (ctx->inflate != NULL) {
        ctx->wait |= NGX_HTTP_EDITORIAL_WAIT_CODING;
    }

    /* only of an article is it to be told that it is one of several */

    if (ctx->tested && !ed_rewrite_settled(ctx->rewrite)) {
        ctx->wait |= NGX_HTTP_EDITORIAL_WAIT_ARTICLE;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_nomem(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ctx->skip = NGX_HTTP_EDITORIAL_SKIP_MEMORY;

    ngx_http_editorial_log(r, NGX_LOG_ERR, ctx->skip,
                           "no memory to work on a page");

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_editorial_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                        rc;
    ngx_chain_t                     *cl;
    ngx_http_editorial_ctx_t        *ctx;
    ngx_http_editorial_cache_ctx_t  *cache;

    if (r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_editorial_module);

    if (ctx == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    cache = ctx->cache;

    if (cache != NULL) {

        if (cache->replaced) {
            return ngx_http_editorial_cache_send_body(r, ctx, in);
        }

        for (cl = in; cl && cache->building; cl = cl->next) {
            cache->received += ngx_buf_size(cl->buf);
            cache->cut |= (ngx_http_editorial_is_cut(r, cl->buf) != 0);
        }
    }

    rc = ngx_http_editorial_body(r, ctx, in);

    ngx_http_editorial_cache_flow(r, ctx);

    return rc;
}


static ngx_int_t
ngx_http_editorial_body(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx,
    ngx_chain_t *in)
{
    if (ngx_http_editorial_is_aside(ctx)) {
        return ngx_http_editorial_aside(r, ctx, in);
    }

    if (!ctx->working) {
        return ngx_http_next_body_filter(r, in);
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
    ngx_int_t     rc;
    ngx_uint_t    flush;
    ngx_chain_t  *cl;

    if (ctx->settled && ctx->out == NULL) {

        for (cl = in; cl; cl = cl->next) {
            ngx_http_editorial_cache_buf(ctx, cl->buf);
        }

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
