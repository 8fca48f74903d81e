
/*
 * GET api/explain?url=U: what is placed on a stored page, what is not, and why.
 *
 *     address --> stored page --> record --> planned again --> JSON
 *                     |             |             |
 *                   origin's     of now, or    by the policy that it was
 *                   bytes        the page's    planned by, or its successor
 *
 * The plan is made anew from the origin's bytes, as when a page is planned
 * again for its readers, so that what an editor has just changed shows.
 * Nothing of it is kept, and no reader gets another page by it.  It costs what
 * a page costs that comes from its origin, without a pause: its article is at
 * most ED_MAX_HELD bytes, the page no longer than editorial_max_size.
 *
 * A page whose policy is no more is explained by the first policy of the first
 * desk that the configuration has; "note" says so.  The next reader's request
 * plans it by the right one.
 */

#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console_stored.h"


#define NGX_HTTP_EDITORIAL_EXPLAIN_ARENA  (4 * ED_MAX_RECORD)
#define NGX_HTTP_EDITORIAL_EXPLAIN_OTHER                                      \
    "the configuration that this page was planned by is no more, it is "      \
    "explained by another"


typedef struct {
    ngx_http_editorial_call_t    *call;
    ngx_http_editorial_stored_t   stored;
    ngx_editorial_redis_get_t    *get;           /* of the record */
    ed_arena_t                   *arena;         /* of it; NULL: none */
    ed_record_t                   parsed;
    u_char                        digest[ED_RECORD_DIGEST];
    ed_page_t                     page;
    ngx_http_editorial_desk_t    *desk;
    ed_policy_t                  *policy;
    unsigned                      other:1;       /* not the one it was planned
                                                    by */
} ngx_http_editorial_explain_t;


static ngx_int_t ngx_http_editorial_explain_url(
    ngx_http_editorial_call_t *call, ngx_str_t *url);
static ngx_int_t ngx_http_editorial_explain_place(
    ngx_http_editorial_explain_t *explain, ngx_str_t *url);
static ngx_int_t ngx_http_editorial_explain_host(
    ngx_http_editorial_explain_t *explain, ed_address_t *address);
static void ngx_http_editorial_explain_found(void *data, ngx_int_t rc);
static void ngx_http_editorial_explain_got(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_explain_kept(
    ngx_http_editorial_explain_t *explain);
static ngx_int_t ngx_http_editorial_explain_read(
    ngx_http_editorial_explain_t *explain, uint8_t *json, size_t len);
static void ngx_http_editorial_explain_answer(
    ngx_http_editorial_explain_t *explain);
static ngx_uint_t ngx_http_editorial_explain_policy(
    ngx_http_editorial_explain_t *explain);
static ngx_uint_t ngx_http_editorial_explain_planned(
    ngx_http_editorial_explain_t *explain, ngx_http_editorial_desk_t *desk);
static unsigned ngx_http_editorial_explain_off(
    ngx_http_editorial_desk_t *desk);
static ngx_uint_t ngx_http_editorial_explain_is_off(ed_state_t *state);
static json_t *ngx_http_editorial_explain_json(
    ngx_http_editorial_explain_t *explain);
static void ngx_http_editorial_explain_feed(
    ngx_http_editorial_explain_t *explain, ed_rewrite_t *rewrite);
static json_t *ngx_http_editorial_explain_address(
    ngx_http_editorial_explain_t *explain);
static json_t *ngx_http_editorial_explain_etag(
    ngx_http_editorial_explain_t *explain);
static void ngx_http_editorial_explain_cleanup(void *data);


void
ngx_http_editorial_call_explain(ngx_http_editorial_call_t *call)
{
    ngx_int_t                      rc;
    ngx_str_t                      url;
    ngx_pool_cleanup_t            *cln;
    ngx_http_editorial_explain_t  *explain;

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_explain_t));
    explain = NULL;
    rc = NGX_ERROR;

    if (cln != NULL) {
        explain = cln->data;
        ngx_memzero(explain, sizeof(ngx_http_editorial_explain_t));

        explain->call = call;
        cln->handler = ngx_http_editorial_explain_cleanup;

        rc = ngx_http_editorial_explain_url(call, &url);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_editorial_explain_place(explain, &url);
    }

    if (rc == NGX_DECLINED) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"url\" must be http://HOST/PATH, "
                                   "https://HOST/PATH or /PATH");

    } else if (rc != NGX_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory to explain a page");

    } else {
        ngx_http_editorial_stored_find(&explain->stored);
    }
}


/* The argument, unescaped; where there is none it is empty. */

static ngx_int_t
ngx_http_editorial_explain_url(ngx_http_editorial_call_t *call,
    ngx_str_t *url)
{
    u_char     *src, *dst;
    ngx_str_t   value;

    if (ngx_http_arg(call->r, (u_char *) "url", 3, &value) != NGX_OK) {
        return NGX_DECLINED;
    }

    dst = ngx_pnalloc(call->r->pool, value.len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    url->data = dst;
    src = value.data;

    ngx_unescape_uri(&dst, &src, value.len, 0);

    url->len = dst - url->data;

    return NGX_OK;
}


/* What is looked for, and what links to the page itself are told by. */

static ngx_int_t
ngx_http_editorial_explain_place(ngx_http_editorial_explain_t *explain,
    ngx_str_t *url)
{
    ngx_int_t                     rc;
    ed_address_t                  address;
    ngx_http_editorial_stored_t  *stored;

    stored = &explain->stored;

    stored->r = explain->call->r;
    stored->handler = ngx_http_editorial_explain_found;
    stored->data = explain;

    rc = ngx_http_editorial_url_tag(stored->r, url, &stored->tag);

    if (rc != NGX_OK) {
        return rc;
    }

    (void) ed_address_read(ed_str(url->data, url->len), &address);

    return ngx_http_editorial_explain_host(explain, &address);
}


/* The tag has the host, but no port: url:HOST/PATH?ARGS. */

static ngx_int_t
ngx_http_editorial_explain_host(ngx_http_editorial_explain_t *explain,
    ed_address_t *address)
{
    u_char                         *p, *path, *query, *last;
    size_t                          len;
    ngx_str_t                       scheme;
    ed_page_t                      *page;
    ngx_http_editorial_loc_conf_t  *conf;

    page = &explain->page;
    conf = ngx_http_get_module_loc_conf(explain->call->r,
                                        ngx_http_editorial_module);

    page->ignored = conf->cache.ignored->elts;
    page->nignored = conf->cache.ignored->nelts;

    ngx_http_editorial_scheme(explain->call->r, &scheme);

    page->scheme = address->scheme.len != 0 ? address->scheme
                                            : ed_str(scheme.data, scheme.len);

    p = explain->stored.tag.data + sizeof("url:") - 1;
    last = explain->stored.tag.data + explain->stored.tag.len;
    path = ngx_strlchr(p, last, '/');
    len = path - p;

    page->uri = ed_str(path, last - path);

    query = ngx_strlchr(path, last, '?');

    if (query != NULL) {
        page->uri.len = query - path;
        page->args = ed_str(query + 1, last - query - 1);
    }

    if (address->host.len == 0) {
        return ngx_http_editorial_host(explain->call->r, page);
    }

    page->host = ed_str(p, len);

    if (address->port.len == 0
        || ed_str_eq(address->port, page->scheme.len == sizeof("https") - 1
                                    ? ED_STR("443") : ED_STR("80")))
    {
        return NGX_OK;
    }

    page->host.len += 1 + address->port.len;

    last = ngx_pnalloc(explain->call->r->pool, page->host.len);
    if (last == NULL) {
        return NGX_ERROR;
    }

    page->host.data = last;

    last = ngx_cpymem(last, p, len);
    *last++ = ':';
    ngx_memcpy(last, address->port.data, address->port.len);

    return NGX_OK;
}


/* From here on everything is called from the event loop: what an answer leaves
   to be done in other requests is done here. */

static void
ngx_http_editorial_explain_found(void *data, ngx_int_t rc)
{
    ngx_http_editorial_explain_t *explain = data;

    ed_str_t                        *id;
    ngx_str_t                        name, key;
    ngx_connection_t                *c;
    ngx_http_editorial_call_t       *call;
    ngx_http_editorial_main_conf_t  *emcf;

    call = explain->call;
    c = call->r->connection;

    if (rc != NGX_OK) {
        ngx_http_editorial_problem(call,
                       rc == NGX_DECLINED ? NGX_HTTP_NOT_FOUND
                                          : NGX_HTTP_SERVICE_UNAVAILABLE,
                       rc == NGX_DECLINED
                       ? "no page of that address is stored"
                       : "the zone has no page of that address, and Redis "
                         "cannot be asked for it");
        ngx_http_run_posted_requests(c);
        return;
    }

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);
    id = &explain->stored.head.article;

    name.data = (u_char *) id->data;
    name.len = id->len;

    if (name.len != 0
        && emcf->redis_conf != NULL
        && ngx_http_editorial_redis_is_up(emcf)
        && ngx_http_editorial_redis_key(emcf, call->r->pool, "article:",
                                        &name, 0, &key)
           == NGX_OK)
    {
        explain->get = ngx_editorial_redis_get(emcf->redis, &key, 0, 1,
                                               ngx_http_editorial_explain_got,
                                               explain);
        if (explain->get != NULL) {
            return;
        }
    }

    ngx_http_editorial_explain_kept(explain);
    ngx_http_editorial_explain_answer(explain);
}


/* Where it cannot be read, the last good one is in force; the ETag is that of
   what stands there all the same, for who wants to put it right. */

static void
ngx_http_editorial_explain_got(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_explain_t *explain = data;

    explain->get = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        ngx_http_editorial_explain_kept(explain);

    } else if (value != NULL) {

        if (ngx_http_editorial_explain_read(explain, value->data, value->len)
            != NGX_OK)
        {
            ngx_http_editorial_explain_kept(explain);
        }

        ed_record_digest(ed_str(value->data, value->len), explain->digest);
    }

    ngx_http_editorial_explain_answer(explain);
}


/* The record that the page was planned by. */

static void
ngx_http_editorial_explain_kept(ngx_http_editorial_explain_t *explain)
{
    size_t         len, done;
    u_char        *json;
    uint32_t       offset, whole;
    const u_char  *p;

    ngx_memcpy(explain->digest, explain->stored.head.record,
               ED_RECORD_DIGEST);

    if (!ed_stored_record(&explain->stored.head, &offset, &whole)) {
        return;
    }

    json = ngx_pnalloc(explain->call->r->pool, whole);
    if (json == NULL) {
        return;
    }

    for (done = 0; done < whole; done += len) {
        p = ngx_http_editorial_stored_bytes(&explain->stored, offset + done,
                                            &len);
        len = ngx_min(len, whole - done);
        ngx_memcpy(json + done, p, len);
    }

    (void) ngx_http_editorial_explain_read(explain, json, whole);
}


/* NGX_ERROR: it is malformed, or there is no memory. */

static ngx_int_t
ngx_http_editorial_explain_read(ngx_http_editorial_explain_t *explain,
    uint8_t *json, size_t len)
{
    char         error[ED_MAX_ERROR];
    ed_str_t     copy;
    ed_arena_t  *arena;

    arena = ed_arena_create(NGX_HTTP_EDITORIAL_EXPLAIN_ARENA);
    if (arena == NULL) {
        return NGX_ERROR;
    }

    copy = ed_arena_dup(arena, ed_str(json, len));

    if (copy.data == NULL
        || ed_record_parse(arena, copy, &explain->parsed, error,
                           sizeof(error))
           != ED_OK)
    {
        ed_arena_destroy(arena);
        return NGX_ERROR;
    }

    explain->arena = arena;
    explain->page.record = &explain->parsed;

    return NGX_OK;
}


static void
ngx_http_editorial_explain_answer(ngx_http_editorial_explain_t *explain)
{
    ngx_connection_t           *c;
    ngx_http_editorial_call_t  *call;

    call = explain->call;
    c = call->r->connection;

    if (ngx_http_editorial_explain_policy(explain)) {
        ngx_http_editorial_answer(call,
                                  ngx_http_editorial_explain_json(explain));

    } else {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "no desk is configured any more");
    }

    ngx_http_run_posted_requests(c);
}


/* Whom it was planned by, else the first policy there is.  Zero: none. */

static ngx_uint_t
ngx_http_editorial_explain_policy(ngx_http_editorial_explain_t *explain)
{
    ngx_uint_t                        i, n;
    ed_policy_t                     **policies;
    ngx_http_editorial_desk_t       **desks;
    ngx_http_editorial_main_conf_t   *emcf;

    emcf = ngx_http_get_module_main_conf(explain->call->r,
                                         ngx_http_editorial_module);

    desks = ngx_http_editorial_desks(emcf, &n);

    for (i = 0; i < n; i++) {
        if (ngx_http_editorial_explain_planned(explain, desks[i])) {
            return 1;
        }
    }

    if (n == 0) {
        return 0;
    }

    policies = desks[0]->policies.elts;

    explain->desk = desks[0];
    explain->policy = policies[0];
    explain->other = 1;

    return 1;
}


/* The head has the policy's fingerprint, with editorial_opinion in it: see
   ngx_http_editorial_cache_policy(). */

static ngx_uint_t
ngx_http_editorial_explain_planned(ngx_http_editorial_explain_t *explain,
    ngx_http_editorial_desk_t *desk)
{
    u_char                        *print;
    ngx_uint_t                     i;
    ed_opinion_e                   opinion;
    ed_policy_t                  **policies;
    ngx_http_editorial_digest_t   *prints;

    print = explain->stored.head.policy;
    policies = desk->policies.elts;
    prints = desk->prints.elts;

    for (i = 0; i < desk->prints.nelts; i++) {
        opinion = print[0] ^ prints[i][0];

        if (opinion <= ED_OPINION_YES
            && ngx_memcmp(&print[1], &prints[i][1], ED_STORED_DIGEST - 1) == 0)
        {
            explain->desk = desk;
            explain->policy = policies[i];
            explain->page.opinion = opinion;

            return 1;
        }
    }

    return 0;
}


/* The features that are off for some readers of the desk now, bit f for
   feature f. */

static unsigned
ngx_http_editorial_explain_off(ngx_http_editorial_desk_t *desk)
{
    unsigned    i, off;
    ed_desk_t   notices;

    if (ngx_http_editorial_desk_get(desk, &notices) != NGX_OK) {
        return 0;
    }

    off = 0;

    for (i = 0; i < ED_FEATURES; i++) {

        if (notices.paused
            || ngx_http_editorial_explain_is_off(&notices.features[i].state))
        {
            off |= 1u << i;
        }
    }

    return off;
}


static ngx_uint_t
ngx_http_editorial_explain_is_off(ed_state_t *state)
{
    unsigned         i;
    ed_state_mode_e  mode;

    mode = ed_state_at(state, ngx_time());

    for (i = 0; mode == ED_STATE_TEST && i < state->narms; i++) {

        if (state->arms[i].weight != 0
            && ed_str_eq(ed_name_str(&state->arms[i].name), ED_STR("off")))
        {
            return 1;
        }
    }

    return mode == ED_STATE_OFF;
}


/* NULL: no memory. */

static json_t *
ngx_http_editorial_explain_json(ngx_http_editorial_explain_t *explain)
{
    int            bad;
    json_t        *json;
    ed_page_t     *page;
    ed_stored_t   *head;
    ed_rewrite_t  *rewrite;

    page = &explain->page;
    head = &explain->stored.head;

    page->charset = ed_charset_parameter(head->content_type);
    page->off = ngx_http_editorial_explain_off(explain->desk);
    page->explain = 1;

    rewrite = ed_rewrite_create(explain->policy, page);
    if (rewrite == NULL) {
        return NULL;
    }

    ngx_http_editorial_explain_feed(explain, rewrite);

    json = ed_rewrite_skip(rewrite) != ED_SKIP_MEMORY
           ? ed_rewrite_explain_json(rewrite) : NULL;

    ed_rewrite_destroy(rewrite);

    if (json == NULL) {
        return NULL;
    }

    bad = json_object_set_new(json, "url",
                              ngx_http_editorial_explain_address(explain));
    bad |= json_object_set_new(json, "id",
                               ngx_http_editorial_json_string(
                                                    head->article.data,
                                                    head->article.len));
    bad |= json_object_set_new(json, "record_etag",
                               ngx_http_editorial_explain_etag(explain));
    bad |= json_object_set_new(json, "note",
                               explain->other
                               ? json_string(NGX_HTTP_EDITORIAL_EXPLAIN_OTHER)
                               : json_null());

    bad |= json_object_set_new(json, "dry_run",
                               json_boolean(explain->stored.value == NULL
                                         && explain->stored.page.aside));

    if (bad) {
        json_decref(json);
        return NULL;
    }

    return json;
}


/* The page as its origin sent it, until there is nothing more to decide. */

static void
ngx_http_editorial_explain_feed(ngx_http_editorial_explain_t *explain,
    ed_rewrite_t *rewrite)
{
    size_t            len, done, n;
    unsigned          i;
    ed_part_t         part;
    const u_char     *p;
    const ed_span_t  *spans;

    for (i = 0; i < explain->stored.head.nparts; i++) {
        ed_stored_part(&explain->stored.head, i, &part);

        if (part.kind != ED_SPAN_SOURCE) {
            continue;
        }

        for (done = 0; done < part.len; done += len) {
            p = ngx_http_editorial_stored_bytes(&explain->stored,
                                                part.offset + done, &len);
            len = ngx_min(len, part.len - done);

            ed_rewrite_feed(rewrite, p, len, 0, &spans, &n);

            if (ed_rewrite_settled(rewrite)) {
                return;
            }
        }
    }

    ed_rewrite_feed(rewrite, (u_char *) "", 0, 1, &spans, &n);
}


/* As the tag has it, with scheme and port. */

static json_t *
ngx_http_editorial_explain_address(ngx_http_editorial_explain_t *explain)
{
    u_char     *p, *url;
    size_t      size;
    ngx_str_t   rest;
    ed_page_t  *page;

    page = &explain->page;

    rest.data = (u_char *) page->uri.data;
    rest.len = explain->stored.tag.data + explain->stored.tag.len - rest.data;

    size = page->scheme.len + sizeof("://") - 1 + page->host.len + rest.len;

    url = ngx_pnalloc(explain->call->r->pool, size);
    if (url == NULL) {
        return NULL;
    }

    p = ngx_cpymem(url, page->scheme.data, page->scheme.len);
    p = ngx_cpymem(p, "://", sizeof("://") - 1);
    p = ngx_cpymem(p, page->host.data, page->host.len);
    ngx_memcpy(p, rest.data, rest.len);

    return ngx_http_editorial_json_string(url, size);
}


/* As api/article has it; null: there is no record. */

static json_t *
ngx_http_editorial_explain_etag(ngx_http_editorial_explain_t *explain)
{
    u_char  etag[NGX_HTTP_EDITORIAL_ETAG];

    static const u_char  none[ED_RECORD_DIGEST];

    if (ngx_memcmp(explain->digest, none, ED_RECORD_DIGEST) == 0) {
        return json_null();
    }

    ngx_http_editorial_etag_write(explain->digest, etag);

    return json_stringn((char *) etag, sizeof(etag));
}


static void
ngx_http_editorial_explain_cleanup(void *data)
{
    ngx_http_editorial_explain_t *explain = data;

    if (explain->get != NULL) {
        ngx_editorial_redis_get_cancel(explain->get);
    }

    ngx_http_editorial_stored_end(&explain->stored);

    if (explain->arena != NULL) {
        ed_arena_destroy(explain->arena);
    }
}
