
/*
 * POST api/purge: {"url":…}, {"key":…}, {"tag":…} or {"all":true}.
 *
 * What is written down is also what a purge did that failed half-way.
 */

#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_purge.h"


#define NGX_HTTP_EDITORIAL_CALL_PURGE_WHY  256       /* bytes, the most */


typedef struct {
    ngx_http_editorial_call_t   *call;
    ngx_http_editorial_purge_t  *purge;          /* NULL: over */
    ngx_uint_t                   pages;          /* that were removed */
    ngx_str_t                    why;            /* it failed; len 0: not */
    u_char                       text[NGX_HTTP_EDITORIAL_CALL_PURGE_WHY];
} ngx_http_editorial_call_purge_t;


typedef struct {
    const char                  *field;
    ngx_http_editorial_purge_e   kind;
} ngx_http_editorial_purge_kind_t;


static ngx_uint_t ngx_http_editorial_purge_what(
    ngx_http_editorial_call_t *call, ngx_http_editorial_purge_e *kind,
    ngx_str_t *what);
static ngx_uint_t ngx_http_editorial_purge_address(
    ngx_http_editorial_call_t *call, ngx_str_t *what);
static void ngx_http_editorial_call_purged(void *data, ngx_uint_t pages,
    ngx_str_t *why);
static void ngx_http_editorial_call_purge_keep(
    ngx_http_editorial_call_purge_t *cp, json_t *result);
static void ngx_http_editorial_call_purge_over(void *data);
static void ngx_http_editorial_call_purge_cleanup(void *data);


static const ngx_http_editorial_purge_kind_t
    ngx_http_editorial_purge_kinds[] =
{
    { "url", NGX_HTTP_EDITORIAL_PURGE_URL },
    { "key", NGX_HTTP_EDITORIAL_PURGE_KEY },
    { "tag", NGX_HTTP_EDITORIAL_PURGE_TAG },
    { "all", NGX_HTTP_EDITORIAL_PURGE_ALL },
    { NULL, 0 }
};


void
ngx_http_editorial_call_purge(ngx_http_editorial_call_t *call)
{
    ngx_str_t                         what;
    ngx_pool_cleanup_t               *cln;
    ngx_http_editorial_purge_e        kind;
    ngx_http_editorial_main_conf_t   *emcf;
    ngx_http_editorial_call_purge_t  *cp;

    if (!ngx_http_editorial_purge_what(call, &kind, &what)) {
        return;
    }

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_call_purge_t));

    if (cln != NULL) {
        cp = cln->data;
        ngx_memzero(cp, sizeof(ngx_http_editorial_call_purge_t));

        cp->call = call;
        cp->purge = ngx_http_editorial_purge_start(emcf, kind, &what,
                                               ngx_http_editorial_call_purged,
                                               cp);
        cln->handler = ngx_http_editorial_call_purge_cleanup;

        if (cp->purge != NULL) {
            return;
        }
    }

    ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                               "no memory for the purge");
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_purge_what(ngx_http_editorial_call_t *call,
    ngx_http_editorial_purge_e *kind, ngx_str_t *what)
{
    json_t                                 *value;
    const ngx_http_editorial_purge_kind_t  *k;

    if (json_object_size(call->body) != 1) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "one of \"url\", \"key\", \"tag\" and "
                                   "\"all\" is needed");
        return 0;
    }

    k = ngx_http_editorial_purge_kinds;

    do {
        value = json_object_get(call->body, k->field);
        *kind = k->kind;
        k++;
    } while (value == NULL);

    ngx_str_set(what, "");

    if (*kind == NGX_HTTP_EDITORIAL_PURGE_ALL) {
        return 1;
    }

    what->data = (u_char *) json_string_value(value);
    what->len = json_string_length(value);

    if (*kind == NGX_HTTP_EDITORIAL_PURGE_URL) {
        return ngx_http_editorial_purge_address(call, what);
    }

    if (what->len == 0
        || (*kind == NGX_HTTP_EDITORIAL_PURGE_TAG
            && ngx_strlchr(what->data, what->data + what->len, ' ') != NULL))
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"%s\" must not be empty%s", k[-1].field,
                                   what->len != 0 ? " or have a space in it"
                                                  : "");
        return 0;
    }

    return 1;
}


/* Makes a URL its tag.  Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_purge_address(ngx_http_editorial_call_t *call,
    ngx_str_t *what)
{
    ngx_int_t   rc;
    ngx_str_t   url;

    url = *what;
    rc = ngx_http_editorial_url_tag(call->r, &url, what);

    if (rc == NGX_DECLINED) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"url\" must be http://HOST/PATH, "
                                   "https://HOST/PATH or /PATH");

    } else if (rc != NGX_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the purge");
    }

    return rc == NGX_OK;
}


/* Called from the event loop: what the answer leaves to be done in other
   requests is done here. */

static void
ngx_http_editorial_call_purged(void *data, ngx_uint_t pages, ngx_str_t *why)
{
    ngx_http_editorial_call_purge_t *cp = data;

    json_t                     *result;
    ngx_connection_t           *c;
    ngx_http_editorial_call_t  *call;

    cp->purge = NULL;
    cp->pages = pages;
    call = cp->call;
    c = call->r->connection;

    if (why != NULL) {
        cp->why.data = cp->text;
        cp->why.len = ngx_min(why->len, sizeof(cp->text));
        ngx_memcpy(cp->text, why->data, cp->why.len);
    }

    result = json_pack("{s:I}", "purged", (json_int_t) pages);

    if (result != NULL) {
        ngx_http_editorial_audit(call, "purge", call->body, result);
    }

    ngx_http_editorial_call_purge_keep(cp, result);
    json_decref(result);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_editorial_call_purge_keep(ngx_http_editorial_call_purge_t *cp,
    json_t *result)
{
    u_char                     *p, *target;
    json_t                     *what;
    const char                 *field;
    ngx_http_editorial_call_t  *call;

    call = cp->call;
    field = json_object_iter_key(json_object_iter(call->body));
    what = json_object_get(call->body, field);

    target = ngx_pnalloc(call->r->pool,
                         ngx_strlen(field) + 1 + json_string_length(what));

    if (target == NULL || result == NULL) {
        ngx_http_editorial_call_purge_over(cp);
        return;
    }

    p = ngx_cpymem(target, field, ngx_strlen(field));

    if (json_is_string(what)) {
        *p++ = ':';
        p = ngx_cpymem(p, json_string_value(what), json_string_length(what));
    }

    ngx_http_editorial_audit_keep(call, "purge",
                                  ed_str(target, (size_t) (p - target)),
                                  result, ngx_http_editorial_call_purge_over,
                                  cp);
}


static void
ngx_http_editorial_call_purge_over(void *data)
{
    ngx_http_editorial_call_purge_t *cp = data;

    if (cp->why.len == 0) {
        ngx_http_editorial_answer(cp->call,
                                  json_pack("{s:I}", "purged",
                                            (json_int_t) cp->pages));

    } else {
        ngx_http_editorial_problem(cp->call, NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "%V; pages removed before that: %ui",
                                   &cp->why, cp->pages);
    }
}


static void
ngx_http_editorial_call_purge_cleanup(void *data)
{
    ngx_http_editorial_call_purge_t *cp = data;

    if (cp->purge != NULL) {
        ngx_http_editorial_purge_cancel(cp->purge);
    }
}
