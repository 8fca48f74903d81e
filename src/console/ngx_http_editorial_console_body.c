
/*
 * The body of a write, as it comes: in buffers of nginx' own that are emptied
 * at once, so that no more bytes of it than the API takes are ever held,
 * whatever client_max_body_size says.  (Where somebody before
 * us has read it all, "mirror" for one, it lies in memory or in a file.)
 *
 *     buffers --> call->text --> call->body --> the route's handler
 *                 over: 413      no JSON, or not what the route takes: 400
 */

#include "ngx_http_editorial_console.h"
#include "ed_json.h"


/* A type, as a message has it. */
typedef struct {
    unsigned                     types;
    const char                  *name;
} ngx_http_editorial_type_name_t;


static ngx_uint_t ngx_http_editorial_is_identity(
    ngx_http_editorial_call_t *call, ngx_str_t *value);
static ngx_uint_t ngx_http_editorial_is_json(ngx_http_request_t *r);
static void ngx_http_editorial_body_began(ngx_http_request_t *r);
static void ngx_http_editorial_body_event(ngx_http_request_t *r);
static void ngx_http_editorial_body_take(ngx_http_editorial_call_t *call);
static void ngx_http_editorial_body_failed(ngx_http_editorial_call_t *call,
    ngx_int_t rc);
static ngx_int_t ngx_http_editorial_body_append(
    ngx_http_editorial_call_t *call, ngx_buf_t *b);
static ngx_int_t ngx_http_editorial_body_file(ngx_buf_t *b, u_char *p);
static void ngx_http_editorial_body_done(ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_body_parse(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_body_check(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_fields_check(
    ngx_http_editorial_call_t *call);
static const ngx_http_editorial_call_field_t *ngx_http_editorial_field(
    const ngx_http_editorial_call_field_t *fields, const char *name);
static const char *ngx_http_editorial_type_name(unsigned types);


static const ngx_http_editorial_type_name_t
    ngx_http_editorial_type_names[] =
{
    { NGX_HTTP_EDITORIAL_OBJECT, "an object" },
    { NGX_HTTP_EDITORIAL_ARRAY, "an array" },
    { NGX_HTTP_EDITORIAL_STRING, "a string" },
    { NGX_HTTP_EDITORIAL_TRUE, "true" },
    { NGX_HTTP_EDITORIAL_BOOLEAN, "true or false" },
    { 0, "of another type" }
};


ngx_uint_t
ngx_http_editorial_refuse_body(ngx_http_editorial_call_t *call)
{
    off_t                len;
    ngx_http_request_t  *r;
    ngx_str_t            coding = ngx_string("content-encoding");

    r = call->r;
    len = r->headers_in.content_length_n;

    if (len > (off_t) call->api->body) {
        ngx_http_editorial_problem(call, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                   "a body of %O bytes exceeds %uz bytes",
                                   len, call->api->body);
        return 1;
    }

    if ((len > 0 || r->headers_in.chunked) && !ngx_http_editorial_is_json(r)) {
        ngx_http_editorial_problem(call, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                   "a body must be application/json");
        return 1;
    }

    if (!ngx_http_editorial_every_header(call, &coding,
                                         ngx_http_editorial_is_identity))
    {
        ngx_http_editorial_problem(call, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                   "a body must not be compressed");
        return 1;
    }

    return 0;
}


static ngx_uint_t
ngx_http_editorial_is_identity(ngx_http_editorial_call_t *call,
    ngx_str_t *value)
{
    return value->len == 0
           || (value->len == sizeof("identity") - 1
               && ngx_strncasecmp(value->data, (u_char *) "identity",
                                  value->len)
                  == 0);
}


static ngx_uint_t
ngx_http_editorial_is_json(ngx_http_request_t *r)
{
    size_t      len;
    ngx_str_t  *type;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;

    for (len = 0; len < type->len; len++) {
        if (type->data[len] == ';' || type->data[len] == ' '
            || type->data[len] == '\t')
        {
            break;
        }
    }

    return len == sizeof("application/json") - 1
           && ngx_strncasecmp(type->data, (u_char *) "application/json", len)
              == 0;
}


/* Reading takes a count of the request of its own. */

void
ngx_http_editorial_read_body(ngx_http_editorial_call_t *call)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = call->r;
    r->request_body_no_buffering = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_editorial_body_began);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_editorial_body_failed(call, rc);
        return;
    }

    ngx_http_finalize_request(r, NGX_DONE);
}


static void
ngx_http_editorial_body_began(ngx_http_request_t *r)
{
    if (r->reading_body) {
        r->read_event_handler = ngx_http_editorial_body_event;
    }

    ngx_http_editorial_body_take(ngx_http_editorial_call_of(r));
}


static void
ngx_http_editorial_body_event(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_editorial_call_t  *call;

    call = ngx_http_editorial_call_of(r);
    rc = ngx_http_read_unbuffered_request_body(r);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_editorial_body_failed(call, rc);
        return;
    }

    ngx_http_editorial_body_take(call);
}


/* Takes what has come, and has nginx read on, until there is no more now. */

static void
ngx_http_editorial_body_take(ngx_http_editorial_call_t *call)
{
    ngx_int_t            rc;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = call->r;

    for ( ;; ) {

        cl = r->request_body != NULL ? r->request_body->bufs : NULL;

        if (cl == NULL && r->reading_body) {
            return;
        }

        for ( /* void */ ; cl != NULL; cl = cl->next) {
            rc = ngx_http_editorial_body_append(call, cl->buf);

            if (rc != NGX_OK) {
                ngx_http_editorial_body_failed(call, rc);
                return;
            }
        }

        if (!r->reading_body) {
            break;
        }

        r->request_body->bufs = NULL;
        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            ngx_http_editorial_body_failed(call, rc);
            return;
        }
    }

    r->read_event_handler = ngx_http_block_reading;

    ngx_http_editorial_body_done(call);
}


static void
ngx_http_editorial_body_failed(ngx_http_editorial_call_t *call, ngx_int_t rc)
{
    /* where the next request begins is not known */

    call->r->keepalive = 0;

    if (call->r->connection->error || rc == NGX_HTTP_REQUEST_TIME_OUT) {
        ngx_http_finalize_request(call->r, rc);
        return;
    }

    switch (rc) {

    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        ngx_http_editorial_problem(call, rc, "the body exceeds %uz bytes, or "
                                   "what this server takes at all",
                                   call->api->body);
        return;

    case NGX_HTTP_BAD_REQUEST:
        ngx_http_editorial_problem(call, rc, "the body's chunked coding is "
                                   "broken");
        return;

    default:
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "the body could not be read");
    }
}


/* NGX_OK, or a status. */

static ngx_int_t
ngx_http_editorial_body_append(ngx_http_editorial_call_t *call, ngx_buf_t *b)
{
    u_char  *p;
    size_t   len;

    if (ngx_buf_size(b) > (off_t) (call->text.max - call->text.len)) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    len = (size_t) ngx_buf_size(b);

    if (len == 0) {
        return NGX_OK;
    }

    p = ed_buf_extend(&call->text, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ngx_buf_in_memory(b)) {
        return ngx_http_editorial_body_file(b, p);
    }

    ngx_memcpy(p, b->pos, len);

    /* or nginx has no room to read on; elsewhere, others may need it */

    if (call->r->reading_body) {
        b->pos = b->last;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_body_file(ngx_buf_t *b, u_char *p)
{
    size_t  len;

    len = (size_t) (b->file_last - b->file_pos);

    return ngx_read_file(b->file, p, len, b->file_pos) == (ssize_t) len
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static void
ngx_http_editorial_body_done(ngx_http_editorial_call_t *call)
{
    if (call->text.len != 0) {

        if (!ngx_http_editorial_is_json(call->r)) {
            ngx_http_editorial_problem(call, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                       "a body must be application/json");
            return;
        }

        if (!ngx_http_editorial_body_parse(call)) {
            return;
        }
    }

    if (!ngx_http_editorial_body_check(call)) {
        return;
    }

    call->route->handler(call);
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_body_parse(ngx_http_editorial_call_t *call)
{
    ed_rc_t       rc;
    json_error_t  error;

    rc = ed_json_read(ed_str(call->text.data, call->text.len),
                      JSON_REJECT_DUPLICATES|JSON_DECODE_ANY, &call->body,
                      &error);

    if (rc == ED_INVALID) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "malformed JSON at line %d, column %d: %s",
                                   error.line, error.column, error.text);
        return 0;
    }

    if (rc != ED_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the body");
        return 0;
    }

    return 1;
}


/* Is it what the route takes?  Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_body_check(ngx_http_editorial_call_t *call)
{
    const ngx_http_editorial_route_t  *route;

    route = call->route;

    if (call->body == NULL && route->types == 0) {
        return 1;
    }

    if (call->body == NULL || route->types == 0) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   route->types == 0
                                   ? "this call takes no body"
                                   : "this call needs a body");
        return 0;
    }

    if (!(route->types & 1u << json_typeof(call->body))) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "the body must be %s",
                                   ngx_http_editorial_type_name(route->types));
        return 0;
    }

    return route->fields == NULL || ngx_http_editorial_fields_check(call);
}


static ngx_uint_t
ngx_http_editorial_fields_check(ngx_http_editorial_call_t *call)
{
    json_t                                 *value;
    const char                             *name;
    const ngx_http_editorial_call_field_t  *field;

    json_object_foreach(call->body, name, value) {
        field = ngx_http_editorial_field(call->route->fields, name);

        if (field == NULL) {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "unknown field \"%*s\"",
                                       (size_t) ngx_min(ngx_strlen(name),
                                            NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                       name);
            return 0;
        }

        if (!(field->types & 1u << json_typeof(value))) {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "\"%s\" must be %s", name,
                                       ngx_http_editorial_type_name(
                                                             field->types));
            return 0;
        }
    }

    return 1;
}


static const ngx_http_editorial_call_field_t *
ngx_http_editorial_field(const ngx_http_editorial_call_field_t *fields,
    const char *name)
{
    for ( /* void */ ; fields->name != NULL; fields++) {
        if (ngx_strcmp(fields->name, name) == 0) {
            return fields;
        }
    }

    return NULL;
}


static const char *
ngx_http_editorial_type_name(unsigned types)
{
    const ngx_http_editorial_type_name_t  *name;

    name = ngx_http_editorial_type_names;

    while (name->types != 0 && name->types != types) {
        name++;
    }

    return name->name;
}
