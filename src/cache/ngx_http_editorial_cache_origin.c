
/*
 * The origin's answer to a fetch.
 *
 *     304 to our validators   the kept page lives on, and is the answer
 *     a failure               the kept page is the answer, where it may still
 *                             be served, also where error_page led elsewhere
 *     a page that may be kept building begins
 *     anything else           is remembered as not storable, and nobody waits
 *
 * What the origin said is read where it said it, in the upstream's headers:
 * proxy_pass hides some of them from the response.
 */

#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related.h"


static ngx_int_t ngx_http_editorial_cache_renewed(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache);
static void ngx_http_editorial_cache_read(ed_freshness_t *freshness,
    ngx_list_t *headers);
static ngx_uint_t ngx_http_editorial_cache_stated(ngx_http_request_t *r);
static unsigned ngx_http_editorial_cache_ignore(ngx_http_request_t *r);
static ngx_int_t ngx_http_editorial_cache_type(ngx_http_request_t *r,
    ed_str_t *type);
static ngx_int_t ngx_http_editorial_cache_copy_headers(ngx_http_request_t *r,
    ed_stored_t *head);
static ngx_uint_t ngx_http_editorial_cache_is_own(ngx_table_elt_t *h);
static ngx_int_t ngx_http_editorial_cache_join(ngx_http_request_t *r,
    ed_str_t *cache_control);
static ngx_int_t ngx_http_editorial_cache_tags(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t *tags);


/* Headers that are made anew for each response, or are fields of a head. */
static ngx_str_t  ngx_http_editorial_own_headers[] = {
    ngx_string("accept-ranges"),
    ngx_string("age"),
    ngx_string("cache-control"),
    ngx_string("cache-status"),
    ngx_string("connection"),
    ngx_string("content-encoding"),
    ngx_string("content-length"),
    ngx_string("content-type"),
    ngx_string("date"),
    ngx_string("etag"),
    ngx_string("keep-alive"),
    ngx_string("last-modified"),
    ngx_string("server"),
    ngx_string("set-cookie"),
    ngx_string("transfer-encoding"),
    ngx_null_string
};


/* Those that ed_unstorable_name() does not know. */
static const ed_str_t  ngx_http_editorial_refusals[] = {
#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }
    ED_S("page"),                       /* _PAGE */
    ED_S("origin-failed"),              /* _ORIGIN */
    ED_S("memory"),                     /* _MEMORY */
    ED_S("incomplete"),                 /* _INCOMPLETE */
    ED_S("limit"),                      /* _LIMIT */
    ED_S("head")                        /* _HEAD */
#undef ED_S
};


ngx_int_t
ngx_http_editorial_cache_answered(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->validators && r->headers_out.status == NGX_HTTP_NOT_MODIFIED) {
        return ngx_http_editorial_cache_renewed(r, cache);
    }

    return ngx_http_editorial_cache_rescues(r, cache) ? NGX_DONE : NGX_OK;
}


ngx_uint_t
ngx_http_editorial_cache_rescues(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    if (cache->sent || !ngx_http_editorial_origin_failed(r)) {
        return 0;
    }

    if (!cache->origin_failed) {
        cache->origin_failed = 1;
        ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_ORIGIN_FAILED);
    }

    if (!cache->has_kept || ngx_time() >= cache->kept.life.error) {
        return 0;
    }

    cache->status = NGX_HTTP_EDITORIAL_STATUS_STALE;
    cache->tier = cache->from_redis ? NGX_HTTP_EDITORIAL_TIER_REDIS
                                    : NGX_HTTP_EDITORIAL_TIER_MEMORY;

    ngx_http_editorial_cache_unstorable(cache, 0,
                                        NGX_HTTP_EDITORIAL_MARK_FAILED);

    return 1;
}


void
ngx_http_editorial_cache_judge(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    ed_unstorable_e                  unstorable;
    ngx_http_editorial_cache_ctx_t  *cache;

    cache = ctx->cache;

    if (cache->token == 0 && !cache->has_fleet) {
        return;
    }

    if (ngx_http_editorial_origin_failed(r)) {
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_ORIGIN);
        return;
    }

    if (ctx->skip != NGX_HTTP_EDITORIAL_SKIP_NONE) {
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_PAGE);
        return;
    }

    if (ngx_http_editorial_cache_forbidden(cache)) {
        cache->spares = 1;
        ngx_http_editorial_cache_refuse(r, cache, ED_UNSTORABLE_NO_CACHE);
        return;
    }

    unstorable = ngx_http_editorial_cache_lifetime(r, cache, &cache->life);

    if (unstorable != ED_STORABLE) {
        ngx_http_editorial_cache_refuse(r, cache, unstorable);
        return;
    }

    if (ngx_http_editorial_cache_describe(r, ctx, cache) != NGX_OK) {
        ngx_http_editorial_cache_refuse(r, cache,
                                        NGX_HTTP_EDITORIAL_REFUSED_MEMORY);
        return;
    }

    ed_build_init(&cache->build, (size_t) ctx->conf->policy.max_size
                                 + NGX_HTTP_EDITORIAL_MAX_FURNITURE);
    cache->building = 1;
}


/*
 * Nobody waits for a page that was found not storable.  The one that is kept
 * goes if the origin says that it may not be kept any more (or that it is
 * gone), but not where it is the origin that fails, which may be over in a
 * moment.  What one reader gets who passes the cache by says nothing of what
 * the others would.
 */

void
ngx_http_editorial_cache_refuse(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ngx_uint_t why)
{
    ed_str_t  name;

    ngx_http_editorial_count(r, NGX_HTTP_EDITORIAL_COUNT_REFUSED + why);

    name = ngx_http_editorial_refusal_name(why);

    cache->detail.data = (u_char *) name.data;
    cache->detail.len = name.len;
    cache->refused = why + 1;
    cache->building = 0;

    ed_build_free(&cache->build);

    ngx_http_editorial_articles_refused_page(r, ngx_http_editorial_find(r));

    if (cache->status == NGX_HTTP_EDITORIAL_STATUS_BYPASS) {
        ngx_http_editorial_cache_unlock(cache);
        return;
    }

    switch (why) {

    case NGX_HTTP_EDITORIAL_REFUSED_ORIGIN:
    case NGX_HTTP_EDITORIAL_REFUSED_INCOMPLETE:
        ngx_http_editorial_cache_unstorable(cache, 0,
                                            NGX_HTTP_EDITORIAL_MARK_FAILED);
        break;

    case NGX_HTTP_EDITORIAL_REFUSED_MEMORY:
    case NGX_HTTP_EDITORIAL_REFUSED_LIMIT:
    case NGX_HTTP_EDITORIAL_REFUSED_HEAD:
        ngx_http_editorial_cache_unstorable(cache, 0,
                                            NGX_HTTP_EDITORIAL_MARK);
        break;

    default:
        ngx_http_editorial_cache_unstorable(cache, !cache->spares,
                                            NGX_HTTP_EDITORIAL_MARK);
    }
}


ed_str_t
ngx_http_editorial_refusal_name(ngx_uint_t why)
{
    return why < ED_UNSTORABLE_S
           ? ed_unstorable_name((ed_unstorable_e) why)
           : ngx_http_editorial_refusals[why - ED_UNSTORABLE_S];
}


static ngx_int_t
ngx_http_editorial_cache_renewed(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ed_lifetime_t    life;
    ed_unstorable_e  unstorable;

    unstorable = ngx_http_editorial_cache_lifetime(r, cache, &life);

    if (unstorable != ED_STORABLE) {
        ngx_http_editorial_cache_refuse(r, cache, unstorable);
        return NGX_DONE;
    }

    ngx_http_editorial_share_times(cache, cache->detached ? &cache->old_life
                                                          : &cache->kept.life,
                                   &life);
    cache->kept.life = life;

    ngx_editorial_zone_renew(ngx_http_editorial_zone(r),
                             ed_str(cache->key.data, cache->key.len),
                             cache->token, &life);
    cache->token = 0;

    ngx_http_editorial_relate_renewed(r, ngx_http_editorial_find(r));

    return NGX_DONE;
}


/* A 304 that says nothing of its freshness means what the page said. */

ed_unstorable_e
ngx_http_editorial_cache_lifetime(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_lifetime_t *life)
{
    ed_freshness_t  freshness;

    ed_freshness_init(&freshness, ngx_http_editorial_cache_ignore(r));

    if (r->headers_out.status == NGX_HTTP_NOT_MODIFIED
        && !ngx_http_editorial_cache_stated(r))
    {
        ed_freshness_header(&freshness, ED_STR("Cache-Control"),
                            ed_str(cache->cache_control.data,
                                   cache->cache_control.len),
                            ngx_time());
    }

    if (r->upstream != NULL) {
        ngx_http_editorial_cache_read(&freshness,
                                      &r->upstream->headers_in.headers);
    }

    ngx_http_editorial_cache_read(&freshness, &r->headers_out.headers);

    return ed_freshness_finish(&freshness, ngx_time(),
                               cache->conf->cache.valid,
                               cache->conf->cache.stale,
                               (uint32_t) ngx_random(), life);
}


static void
ngx_http_editorial_cache_read(ed_freshness_t *freshness, ngx_list_t *headers)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0) {
                continue;
            }

            ed_freshness_header(freshness,
                                ed_str(h[i].key.data, h[i].key.len),
                                ed_str(h[i].value.data, h[i].value.len),
                                ngx_time());
        }
    }
}


/* Does an answer say anything of how long it holds? */

static ngx_uint_t
ngx_http_editorial_cache_stated(ngx_http_request_t *r)
{
    return r->upstream != NULL
           && (r->upstream->headers_in.cache_control.nelts != 0
               || r->upstream->headers_in.expires != NULL
               || r->upstream->headers_in.x_accel_expires != NULL);
}


static unsigned
ngx_http_editorial_cache_ignore(ngx_http_request_t *r)
{
    unsigned           ignore;
    ngx_uint_t         i;
    static const struct {
        ngx_uint_t     upstream;
        unsigned       ours;
    } flags[] = {
        { NGX_HTTP_UPSTREAM_IGN_XA_EXPIRES, ED_IGNORE_ACCEL_EXPIRES },
        { NGX_HTTP_UPSTREAM_IGN_EXPIRES, ED_IGNORE_EXPIRES },
        { NGX_HTTP_UPSTREAM_IGN_CACHE_CONTROL, ED_IGNORE_CACHE_CONTROL },
        { NGX_HTTP_UPSTREAM_IGN_SET_COOKIE, ED_IGNORE_SET_COOKIE },
        { NGX_HTTP_UPSTREAM_IGN_VARY, ED_IGNORE_VARY }
    };

    ignore = 0;

    if (r->upstream == NULL || r->upstream->conf == NULL) {
        return 0;
    }

    for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {

        if (r->upstream->conf->ignore_headers & flags[i].upstream) {
            ignore |= flags[i].ours;
        }
    }

    return ignore;
}


/*
 * After an internal redirect the status is that of the error's page: what
 * the origin said is the last state of the upstream.
 */

ngx_uint_t
ngx_http_editorial_origin_failed(ngx_http_request_t *r)
{
    ngx_http_upstream_state_t  *state;

    if (r->headers_out.status >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
        return 1;
    }

    if (!r->internal
        || r->upstream_states == NULL
        || r->upstream_states->nelts == 0)
    {
        return 0;
    }

    state = r->upstream_states->elts;

    return state[r->upstream_states->nelts - 1].status
           >= NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* The head of the page that is to be, as far as it is known. */

ngx_int_t
ngx_http_editorial_cache_describe(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_cache_ctx_t *cache)
{
    ed_stored_t  *head;

    head = &cache->head;

    head->stored = ngx_time();
    head->dated = cache->life.dated;
    head->fresh = cache->life.fresh;
    head->stale = cache->life.stale;
    head->error = cache->life.error;
    head->generation = cache->generation;
    head->key = ed_str(cache->key.data, cache->key.len);
    head->article = ed_str(ctx->article.data, ctx->article.len);

    if (ctx->record != NULL) {
        head->features = ctx->record->features;
        ngx_memcpy(head->record, ctx->record->digest, ED_RECORD_DIGEST);
    }

    if (r->headers_out.etag != NULL) {
        head->etag = ed_str(r->headers_out.etag->value.data,
                            r->headers_out.etag->value.len);
    }

    if (r->headers_out.last_modified != NULL) {
        head->modified = ed_str(r->headers_out.last_modified->value.data,
                                r->headers_out.last_modified->value.len);
    }

    cache->expected = r->headers_out.content_length_n;

    ngx_http_editorial_cache_policy(ctx->conf, ctx->page.opinion,
                                    head->policy);

    if (ngx_http_editorial_cache_type(r, &head->content_type) != NGX_OK
        || ngx_http_editorial_cache_join(r, &head->cache_control) != NGX_OK
        || ngx_http_editorial_cache_copy_headers(r, head) != NGX_OK
        || ngx_http_editorial_cache_tags(r, cache, &head->tags) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The whole Content-Type, of which nginx has parted the charset. */

static ngx_int_t
ngx_http_editorial_cache_type(ngx_http_request_t *r, ed_str_t *type)
{
    u_char     *p;
    ngx_str_t   value, *charset;

    value = r->headers_out.content_type;
    charset = &r->headers_out.charset;

    if (charset->len == 0
        || r->headers_out.content_type_len != value.len)
    {
        *type = ed_str(value.data, value.len);
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, value.len + sizeof("; charset=") - 1
                             + charset->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    type->data = p;
    type->len = ngx_sprintf(p, "%V; charset=%V", &value, charset) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_cache_copy_headers(ngx_http_request_t *r,
    ed_stored_t *head)
{
    ed_rc_t           rc;
    ed_buf_t          headers;
    ngx_uint_t        i;
    ngx_str_t         copy;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ed_buf_init(&headers, ED_MAX_HEAD);
    rc = ED_OK;

    for (part = &r->headers_out.headers.part;
         part && rc == ED_OK;
         part = part->next)
    {
        h = part->elts;

        for (i = 0; i < part->nelts && rc == ED_OK; i++) {

            if (h[i].hash != 0 && !ngx_http_editorial_cache_is_own(&h[i])) {
                rc = ed_stored_add_header(&headers,
                                     ed_str(h[i].key.data, h[i].key.len),
                                     ed_str(h[i].value.data, h[i].value.len));
            }
        }
    }

    copy.data = headers.data;
    copy.len = headers.len;

    if (rc == ED_OK && copy.len != 0) {
        head->headers = ed_str(ngx_pstrdup(r->pool, &copy), copy.len);
        rc = head->headers.data != NULL ? ED_OK : ED_NOMEM;
    }

    ed_buf_free(&headers);

    return rc == ED_OK ? NGX_OK : NGX_ERROR;
}


static ngx_uint_t
ngx_http_editorial_cache_is_own(ngx_table_elt_t *h)
{
    ngx_str_t  *own;

    for (own = ngx_http_editorial_own_headers; own->len != 0; own++) {

        if (h->key.len == own->len
            && ngx_strncasecmp(h->key.data, own->data, own->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The response's Cache-Control lines as one. */

static ngx_int_t
ngx_http_editorial_cache_join(ngx_http_request_t *r, ed_str_t *cache_control)
{
    u_char            *p;
    size_t             len;
    ngx_uint_t         i;
    ngx_table_elt_t  **h;

    len = 0;
    h = r->headers_out.cache_control.elts;

    for (i = 0; i < r->headers_out.cache_control.nelts; i++) {
        len += h[i]->hash != 0 ? h[i]->value.len + 2 : 0;
    }

    if (len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *cache_control = ed_str(p, len - 2);

    for (i = 0; i < r->headers_out.cache_control.nelts; i++) {

        if (h[i]->hash != 0) {
            p = ngx_cpymem(p, h[i]->value.data, h[i]->value.len);
            *p++ = ',';
            *p++ = ' ';
        }
    }

    return NGX_OK;
}


/* Those that are configured, and that of the page's own address. */

static ngx_int_t
ngx_http_editorial_cache_tags(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t *tags)
{
    u_char                    *p;
    size_t                     len;
    ngx_str_t                 *values;
    ngx_uint_t                 i, n;
    ngx_http_complex_value_t  *cv;

    n = cache->conf->cache.tags->nelts;
    cv = cache->conf->cache.tags->elts;

    values = ngx_palloc(r->pool, (n + 1) * sizeof(ngx_str_t));
    if (values == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_complex_value(r, &cv[i], &values[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_editorial_page_tag(r, cache, &values[n]) != NGX_OK) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i <= n; i++) {
        len += values[i].len + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    tags->data = p;

    for (i = 0; i <= n; i++) {

        if (values[i].len != 0) {
            p = ngx_cpymem(p, values[i].data, values[i].len);
            *p++ = ' ';
        }
    }

    tags->len = p - tags->data;
    tags->len -= (tags->len != 0);

    return NGX_OK;
}
