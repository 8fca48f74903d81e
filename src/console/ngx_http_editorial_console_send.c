
/*
 * Answers of the API: JSON, which nobody keeps, and problems (RFC 9457):
 *
 *     { "type": "about:blank", "title": "Forbidden", "status": 403,
 *       "detail": "…" }
 *
 * A call is answered once, and its request finalized with that.  What of its
 * body has not come yet is thrown away.
 */

#include "ngx_http_editorial_console.h"
#include "ed_charset.h"
#include "ed_json.h"


#define NGX_HTTP_EDITORIAL_DETAIL  512           /* bytes */


typedef struct {
    ngx_uint_t                   status;
    const char                  *title;
} ngx_http_editorial_title_t;


static void ngx_http_editorial_printable(u_char *p, u_char *last);
static json_t *ngx_http_editorial_problem_json(ngx_uint_t status,
    const u_char *detail, size_t len);
static const char *ngx_http_editorial_title(ngx_uint_t status);
static void ngx_http_editorial_leave_body(ngx_http_request_t *r);
static void ngx_http_editorial_finish(ngx_http_editorial_call_t *call,
    ngx_uint_t status, ngx_str_t *type, ngx_buf_t *b);
static ngx_buf_t *ngx_http_editorial_json_buf(ngx_http_request_t *r,
    json_t *json);
static void ngx_http_editorial_last_buf(ngx_http_request_t *r, ngx_buf_t *b);
static ngx_int_t ngx_http_editorial_json_header(
    ngx_http_editorial_call_t *call, ngx_uint_t status, ngx_str_t *type);


/* The names of RFC 9110; others have none here. */
static const ngx_http_editorial_title_t  ngx_http_editorial_titles[] = {
    { 400, "Bad Request" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
    { 0, "Error" }
};


void
ngx_http_editorial_answer(ngx_http_editorial_call_t *call, json_t *json)
{
    ngx_str_t  type = ngx_string("application/json");

    if (json == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the answer");
        return;
    }

    ngx_http_editorial_finish(call, NGX_HTTP_OK, &type,
                              ngx_http_editorial_json_buf(call->r, json));
}


void
ngx_http_editorial_answer_text(ngx_http_editorial_call_t *call,
    ngx_str_t *json)
{
    ngx_buf_t  *b;
    ngx_str_t   type = ngx_string("application/json");

    b = ngx_calloc_buf(call->r->pool);

    if (b != NULL) {
        b->pos = json->data;
        b->last = json->data + json->len;
        b->memory = 1;

        ngx_http_editorial_last_buf(call->r, b);
    }

    ngx_http_editorial_finish(call, NGX_HTTP_OK, &type, b);
}


void
ngx_http_editorial_answer_nothing(ngx_http_editorial_call_t *call)
{
    ngx_http_request_t  *r;
    ngx_str_t            type = ngx_string("");

    r = call->r;

    if (ngx_http_editorial_json_header(call, NGX_HTTP_NO_CONTENT, &type)
        != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->header_only = 1;

    ngx_http_finalize_request(r, ngx_http_send_header(r));
}


void
ngx_http_editorial_problem(ngx_http_editorial_call_t *call, ngx_uint_t status,
    const char *detail, ...)
{
    u_char     *last, text[NGX_HTTP_EDITORIAL_DETAIL];
    va_list     args;
    ngx_str_t   type = ngx_string("application/problem+json");
    ngx_uint_t  level;

    va_start(args, detail);
    last = ngx_vslprintf(text, text + sizeof(text), detail, args);
    va_end(args);

    ngx_http_editorial_printable(text, last);

    level = status >= NGX_HTTP_INTERNAL_SERVER_ERROR ? NGX_LOG_ERR
                                                     : NGX_LOG_INFO;

    ngx_log_error(level, call->r->connection->log, 0,
                  "editorial: call refused with %ui: %*s", status,
                  (size_t) (last - text), text);

    ngx_http_editorial_leave_body(call->r);

    ngx_http_editorial_finish(call, status, &type,
                ngx_http_editorial_json_buf(call->r,
                    ngx_http_editorial_problem_json(status, text,
                                                    last - text)));
}


/* Names in a detail come from outside, and it is a line of the log, too. */

static void
ngx_http_editorial_printable(u_char *p, u_char *last)
{
    for ( /* void */ ; p < last; p++) {
        if (*p < ' ' || *p == 0x7f) {
            *p = ' ';
        }
    }
}


static json_t *
ngx_http_editorial_problem_json(ngx_uint_t status, const u_char *detail,
    size_t len)
{
    return json_pack("{s:s, s:s, s:I, s:o}",
                     "type", "about:blank",
                     "title", ngx_http_editorial_title(status),
                     "status", (json_int_t) status,
                     "detail", ngx_http_editorial_json_string(detail, len));
}


static const char *
ngx_http_editorial_title(ngx_uint_t status)
{
    const ngx_http_editorial_title_t  *title;

    title = ngx_http_editorial_titles;

    while (title->status != 0 && title->status != status) {
        title++;
    }

    return title->title;
}


json_t *
ngx_http_editorial_json_string(const u_char *data, size_t len)
{
    size_t     i;
    json_t    *json;
    ed_buf_t   text;
    uint32_t   code;

    ed_buf_init(&text, 4 * len + 1);

    for (i = 0; i < len; /* void */) {
        i += ed_utf8_get(data + i, len - i, &code);

        if (ed_utf8_put(&text, code) != ED_OK) {
            ed_buf_free(&text);
            return NULL;
        }
    }

    json = json_stringn(text.len != 0 ? (char *) text.data : "", text.len);

    ed_buf_free(&text);

    return json;
}


ngx_int_t
ngx_http_editorial_add_header(ngx_http_editorial_call_t *call,
    const char *name, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&call->r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}


/* A client that waits for "100 Continue" keeps its body; one whose body comes
   in the middle of an answer has its connection closed behind it. */

static void
ngx_http_editorial_leave_body(ngx_http_request_t *r)
{
    r->expect_tested = 1;

    if (r->reading_body || ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }
}


/* NULL: there was no memory for what is to be sent. */

static void
ngx_http_editorial_finish(ngx_http_editorial_call_t *call, ngx_uint_t status,
    ngx_str_t *type, ngx_buf_t *b)
{
    ngx_int_t            rc;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = call->r;

    if (b == NULL
        || ngx_http_editorial_json_header(call, status, type) != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->headers_out.content_length_n = b->last - b->pos;

    rc = ngx_http_send_header(r);

    if (rc == NGX_OK && !r->header_only) {
        out.buf = b;
        out.next = NULL;

        rc = ngx_http_output_filter(r, &out);
    }

    ngx_http_finalize_request(r, rc);
}


/* The reference is taken.  NULL: no memory. */

static ngx_buf_t *
ngx_http_editorial_json_buf(ngx_http_request_t *r, json_t *json)
{
    char                *text;
    ngx_buf_t           *b;
    ngx_pool_cleanup_t  *cln;

    b = ngx_calloc_buf(r->pool);
    cln = ngx_pool_cleanup_add(r->pool, 0);

    text = json != NULL && b != NULL && cln != NULL
           ? ed_json_write(json, JSON_COMPACT|JSON_ENCODE_ANY) : NULL;

    json_decref(json);

    if (text == NULL) {
        return NULL;
    }

    cln->handler = free;
    cln->data = text;

    b->pos = (u_char *) text;
    b->last = b->pos + ngx_strlen(text);
    b->memory = 1;

    ngx_http_editorial_last_buf(r, b);

    return b;
}


static void
ngx_http_editorial_last_buf(ngx_http_request_t *r, ngx_buf_t *b)
{
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;
}


static ngx_int_t
ngx_http_editorial_json_header(ngx_http_editorial_call_t *call,
    ngx_uint_t status, ngx_str_t *type)
{
    ngx_str_t            nosniff = ngx_string("nosniff");
    ngx_http_request_t  *r;

    r = call->r;

    r->headers_out.status = status;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_editorial_add_header(call, "X-Content-Type-Options",
                                      &nosniff)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_editorial_add_cache_control(r, ED_STR("no-store"));
}
