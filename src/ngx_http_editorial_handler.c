
/*
 * Before the content: what the origin gets to see of the request.
 *
 * A page can only be worked on whole, and validated only as the page that we
 * send.  So the origin must not answer with a part of it, nor compare what
 * the client has with what it has itself, nor use a coding that cannot be
 * read.  Setting hash to 0 hides a header from no one who builds a request,
 * so the whole list is replaced by a filtered copy:
 *
 *     r->headers_in.headers     without the six conditionals and ranges, and
 *                               with Accept-Encoding: gzip, or none
 *     the six typed pointers    NULL
 *     .accept_encoding          the client's: gzip after us reads it
 *
 * The header filter puts everything back, for what comes after: the log,
 * variables, other filters.
 *
 * The context is found again after an internal redirect by walking the
 * cleanups of the request's pool, so that nothing is hidden twice.
 */

#include "ngx_http_editorial_redis.h"


#define ngx_http_editorial_typed(r, field)                                    \
    (*(ngx_table_elt_t **) ((u_char *) &(r)->headers_in + (field)->offset))


typedef struct {
    ngx_str_t   name;               /* in lower case */
    size_t      offset;             /* of its pointer in r->headers_in */
} ngx_http_editorial_field_t;


/* What Accept-Encoding says of gzip, in 1/1000; -1: nothing. */
typedef struct {
    ngx_int_t   gzip;
    ngx_int_t   any;
} ngx_http_editorial_accept_t;


static void ngx_http_editorial_cleanup(void *data);
static ngx_uint_t ngx_http_editorial_other_type(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf);
static ngx_int_t ngx_http_editorial_copy_headers(ngx_list_t *from,
    ngx_list_t *to);
static ngx_int_t ngx_http_editorial_own_headers(ngx_list_t *to,
    ngx_http_editorial_cache_ctx_t *cache);
static ngx_int_t ngx_http_editorial_own_header(ngx_list_t *to, ngx_str_t *key,
    ngx_str_t *value);
static ngx_int_t ngx_http_editorial_own_uri(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_client_t *client);
static ngx_uint_t ngx_http_editorial_is_hidden(ngx_table_elt_t *h);
static ngx_uint_t ngx_http_editorial_is_accept(ngx_table_elt_t *h);
static void ngx_http_editorial_accept(ngx_str_t *value,
    ngx_http_editorial_accept_t *accept);
static ngx_int_t ngx_http_editorial_quality(u_char *p, u_char *last);


static ngx_http_editorial_field_t
    ngx_http_editorial_fields[NGX_HTTP_EDITORIAL_HIDDEN] =
{
    { ngx_string("range"),
      offsetof(ngx_http_headers_in_t, range) },

    { ngx_string("if-range"),
      offsetof(ngx_http_headers_in_t, if_range) },

    { ngx_string("if-match"),
      offsetof(ngx_http_headers_in_t, if_match) },

    { ngx_string("if-none-match"),
      offsetof(ngx_http_headers_in_t, if_none_match) },

    { ngx_string("if-modified-since"),
      offsetof(ngx_http_headers_in_t, if_modified_since) },

    { ngx_string("if-unmodified-since"),
      offsetof(ngx_http_headers_in_t, if_unmodified_since) }
};


ngx_http_editorial_ctx_t *
ngx_http_editorial_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_editorial_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_editorial_module);

    if (ctx != NULL) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == ngx_http_editorial_cleanup) {
            ctx = cln->data;
            ngx_http_set_ctx(r, ctx, ngx_http_editorial_module);
            return ctx;
        }
    }

    return NULL;
}


ngx_http_editorial_ctx_t *
ngx_http_editorial_get(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_editorial_ctx_t  *ctx;

    ctx = ngx_http_editorial_find(r);

    if (ctx != NULL) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_editorial_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_editorial_ctx_t));

    ctx->last_out = &ctx->out;

    cln->handler = ngx_http_editorial_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_editorial_module);

    return ctx;
}


static void
ngx_http_editorial_cleanup(void *data)
{
    ngx_http_editorial_ctx_t *ctx = data;

    if (ctx->cache != NULL) {
        ngx_http_editorial_cache_cleanup(ctx->cache);
    }

    if (ctx->kept_dry != NULL) {
        ngx_http_editorial_cache_cleanup(ctx->kept_dry);
    }

    ngx_http_editorial_find_end(ctx);
    ngx_http_editorial_record_end(ctx);
    ngx_http_editorial_notes_end(ctx);
    ed_rewrite_destroy(ctx->rewrite);

    if (ctx->inflate != NULL) {
        ngx_http_editorial_inflate_end(ctx->inflate);
    }
}


ngx_int_t
ngx_http_editorial_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_http_editorial_ctx_t       *ctx;
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_editorial_module);

    if (r != r->main) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_editorial_find(r);

    if (ctx == NULL || ctx->cache == NULL) {

        if (conf->mode != NGX_HTTP_EDITORIAL_ON
            || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
            || ngx_http_editorial_other_type(r, conf))
        {
            return NGX_DECLINED;
        }

        ctx = ngx_http_editorial_get(r);

        if (ctx == NULL) {
            ngx_http_editorial_log(r, NGX_LOG_ERR,
                                   NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                                   "no memory to work on a request");
            return NGX_DECLINED;
        }
    }

    rc = ngx_http_editorial_cache_handler(r, ctx, conf);

    if (rc == NGX_DECLINED && ctx->cache == NULL) {
        rc = ngx_http_editorial_record_wait(r, ctx);
    }

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (conf->mode == NGX_HTTP_EDITORIAL_ON
        && ngx_http_editorial_hide(r, ctx) != NGX_OK)
    {
        ngx_http_editorial_log(r, NGX_LOG_ERR,
                               NGX_HTTP_EDITORIAL_SKIP_MEMORY,
                               "no memory for a copy of the request headers");
    }

    return NGX_DECLINED;
}


/*
 * Does the URI's extension say that this is no page?  Then an image or a
 * script keeps its ranges and validators, however the location is set.
 */

static ngx_uint_t
ngx_http_editorial_other_type(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf)
{
    u_char                     exten[NGX_HTTP_EDITORIAL_CODING];
    u_char                     name[NGX_HTTP_EDITORIAL_CODING * 4];
    ngx_str_t                 *type;
    ngx_uint_t                 hash;
    ngx_http_core_loc_conf_t  *clcf;

    if (r->exten.len == 0
        || r->exten.len > sizeof(exten)
        || conf->types.size == 0)
    {
        return 0;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    hash = ngx_hash_strlow(exten, r->exten.data, r->exten.len);
    type = ngx_hash_find(&clcf->types_hash, hash, exten, r->exten.len);

    if (type == NULL) {
        return 0;
    }

    if (type->len > sizeof(name)) {
        return 1;
    }

    hash = ngx_hash_strlow(name, type->data, type->len);

    return ngx_hash_find(&conf->types, hash, name, type->len) == NULL;
}


ngx_int_t
ngx_http_editorial_hide(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                    i;
    ngx_http_editorial_client_t  *client;

    if (ctx->hidden || ctx->answered) {
        return NGX_OK;
    }

    client = ngx_pcalloc(r->pool, sizeof(ngx_http_editorial_client_t));
    if (client == NULL) {
        return NGX_ERROR;
    }

    client->headers = r->headers_in.headers;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 20,
                      sizeof(ngx_table_elt_t))
        != NGX_OK
        || ngx_http_editorial_copy_headers(&client->headers,
                                           &r->headers_in.headers)
           != NGX_OK
        || ngx_http_editorial_own_headers(&r->headers_in.headers, ctx->cache)
           != NGX_OK
        || ngx_http_editorial_own_uri(r, ctx, client) != NGX_OK)
    {
        r->headers_in.headers = client->headers;
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_EDITORIAL_HIDDEN; i++) {
        client->typed[i] =
                  ngx_http_editorial_typed(r, &ngx_http_editorial_fields[i]);
        ngx_http_editorial_typed(r, &ngx_http_editorial_fields[i]) = NULL;
    }

    ctx->client = client;
    ctx->hidden = 1;

    return NGX_OK;
}


/*
 * A list whose elements are all in its first part points into itself
 * (list.last == &list.part), so it is only ever copied back to where it was.
 */

void
ngx_http_editorial_unhide(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t  i;

    if (!ctx->hidden) {
        return;
    }

    r->headers_in.headers = ctx->client->headers;

    for (i = 0; i < NGX_HTTP_EDITORIAL_HIDDEN; i++) {
        ngx_http_editorial_typed(r, &ngx_http_editorial_fields[i]) =
                                                       ctx->client->typed[i];
    }

    /* a redirect may have changed them since */

    if (ctx->client->own_uri != NULL
        && r->unparsed_uri.data == ctx->client->own_uri)
    {
        r->unparsed_uri = ctx->client->unparsed_uri;
    }

    if (ctx->client->own_args != NULL
        && r->args.data == ctx->client->own_args)
    {
        r->args = ctx->client->args;
    }

    ctx->hidden = 0;
}


ngx_str_t
ngx_http_editorial_client_args(ngx_http_request_t *r)
{
    ngx_http_editorial_ctx_t  *ctx;

    ctx = ngx_http_editorial_find(r);

    if (ctx != NULL
        && ctx->hidden
        && ctx->client->own_args != NULL
        && r->args.data == ctx->client->own_args)
    {
        return ctx->client->args;
    }

    return r->args;
}


static ngx_int_t
ngx_http_editorial_copy_headers(ngx_list_t *from, ngx_list_t *to)
{
    ngx_uint_t        i, gzip;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *copy;

    gzip = ngx_http_editorial_accepts_gzip(from);

    for (part = &from->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (ngx_http_editorial_is_hidden(&h[i])) {
                continue;
            }

            if (ngx_http_editorial_is_accept(&h[i]) && !gzip) {
                continue;
            }

            copy = ngx_list_push(to);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = h[i];

            if (ngx_http_editorial_is_accept(&h[i])) {
                ngx_str_set(&copy->value, "gzip");
                gzip = 0;
            }
        }
    }

    return NGX_OK;
}


/* The validators of a kept page, to which the origin may answer 304. */

static ngx_int_t
ngx_http_editorial_own_headers(ngx_list_t *to,
    ngx_http_editorial_cache_ctx_t *cache)
{
    static ngx_str_t  none_match = ngx_string("If-None-Match");
    static ngx_str_t  modified_since = ngx_string("If-Modified-Since");

    if (cache == NULL || !cache->validators) {
        return NGX_OK;
    }

    if (ngx_http_editorial_own_header(to, &none_match, &cache->etag)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_editorial_own_header(to, &modified_since,
                                         &cache->modified);
}


static ngx_int_t
ngx_http_editorial_own_header(ngx_list_t *to, ngx_str_t *key,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    if (value->len == 0) {
        return NGX_OK;
    }

    h = ngx_list_push(to);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->lowcase_key = ngx_pnalloc(to->pool, key->len);
    if (h->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    h->key = *key;
    h->value = *value;
    h->hash = ngx_hash_strlow(h->lowcase_key, key->data, key->len);

    return NGX_OK;
}


/*
 * Of a page that may be kept the origin gets the arguments that tell it from
 * others, and no more: the first reader's would be in everybody's page.
 */

static ngx_int_t
ngx_http_editorial_own_uri(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_client_t *client)
{
    u_char     *p, *query;
    size_t      path;
    ngx_str_t  *args, *uri;

    if (ctx->cache == NULL
        || ctx->cache->token == 0
        || ctx->cache->args.len == r->args.len)
    {
        return NGX_OK;
    }

    args = &ctx->cache->args;
    uri = &r->unparsed_uri;

    query = ngx_strlchr(uri->data, uri->data + uri->len, '?');
    path = (query != NULL) ? (size_t) (query - uri->data) : uri->len;

    p = ngx_pnalloc(r->pool, path + 1 + args->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    client->args = r->args;
    client->unparsed_uri = *uri;
    client->own_uri = p;
    client->own_args = args->data;

    p = ngx_cpymem(p, uri->data, path);

    if (args->len != 0) {
        *p++ = '?';
        p = ngx_cpymem(p, args->data, args->len);
    }

    uri->data = client->own_uri;
    uri->len = p - client->own_uri;

    r->args = *args;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_editorial_is_hidden(ngx_table_elt_t *h)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_EDITORIAL_HIDDEN; i++) {
        name = &ngx_http_editorial_fields[i].name;

        if (h->key.len == name->len
            && ngx_strncmp(h->lowcase_key, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_editorial_is_accept(ngx_table_elt_t *h)
{
    return h->key.len == sizeof("accept-encoding") - 1
           && ngx_strncmp(h->lowcase_key, "accept-encoding", h->key.len) == 0;
}


ngx_uint_t
ngx_http_editorial_accepts_gzip(ngx_list_t *headers)
{
    ngx_uint_t                    i;
    ngx_list_part_t              *part;
    ngx_table_elt_t              *h;
    ngx_http_editorial_accept_t   accept;

    accept.gzip = -1;
    accept.any = -1;

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (ngx_http_editorial_is_accept(&h[i])) {
                ngx_http_editorial_accept(&h[i].value, &accept);
            }
        }
    }

    return accept.gzip != -1 ? accept.gzip > 0 : accept.any > 0;
}


/* One line of Accept-Encoding: codings with their weights, by commas. */

static void
ngx_http_editorial_accept(ngx_str_t *value,
    ngx_http_editorial_accept_t *accept)
{
    u_char     *p, *end, *last, *start;
    ngx_str_t   name;

    last = value->data + value->len;

    for (p = value->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ',');
        if (end == NULL) {
            end = last;
        }

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        start = p;

        while (p < end && *p != ';' && *p != ' ' && *p != '\t') {
            p++;
        }

        name.data = start;
        name.len = p - start;

        if (name.len == 1 && name.data[0] == '*') {
            accept->any = ngx_http_editorial_quality(p, end);

        } else if ((name.len == 4
                    && ngx_strncasecmp(name.data, (u_char *) "gzip", 4) == 0)
                   || (name.len == 6
                       && ngx_strncasecmp(name.data, (u_char *) "x-gzip", 6)
                          == 0))
        {
            accept->gzip = ngx_max(accept->gzip,
                                   ngx_http_editorial_quality(p, end));
        }
    }
}


/* The weight in what follows a coding's name, in 1/1000; 1 where there is
   none (RFC 9110, 12.4.2). */

static ngx_int_t
ngx_http_editorial_quality(u_char *p, u_char *last)
{
    ngx_int_t   quality;
    ngx_uint_t  digits;

    p = ngx_strlchr(p, last, ';');

    if (p == NULL) {
        return 1000;
    }

    p++;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    if (last - p < 3 || ngx_tolower(*p) != 'q' || p[1] != '=') {
        return 1000;
    }

    p += 2;
    quality = (*p == '1') ? 1000 : 0;
    p++;

    if (quality == 0 && p < last && *p == '.') {

        for (p++, digits = 100;
             p < last && digits > 0 && *p >= '0' && *p <= '9';
             p++, digits /= 10)
        {
            quality += (*p - '0') * digits;
        }
    }

    return quality;
}
