
/*
 * The editors' page and API.
 *
 *     _console         the directive; which call it is, and may it be made
 *     _console_routes  the table of calls
 *     _console_body    the body of a write: read, parsed, checked
 *     _console_send    answers and problems
 *     _console_etag    what a change may say of what was there before
 *     _console_redis   how calls ask Redis
 *     _console_change  one change, and its entry in the audit, in one step
 *     _console_audit   who did what: the log, and what is kept
 *     _console_audit_read  GET api/audit
 *     _console_articles  GET api/articles
 *     _console_desks   GET api/desks, and one feature of a desk
 *     _console_state   PUT and DELETE of a feature's state, PUT of a pause
 *     _console_article GET, PUT and DELETE of an article's record
 *     _console_purge   POST api/purge
 *     _console_explain GET api/explain
 *     _console_stored  a stored page, by its address
 *     _console_status  GET api/status
 *     _console_problems  … and what in it is wrong
 *     _console_assets  the page itself, which is no call
 *     _console_results GET api/desks/{desk}/{feature}/results
 *
 * The readers' beacon is an API of its own, of two calls on one path:
 *
 *     _beacon          which tests run; what happened on a page
 *
 *     request --> route --> may it? --> body --> handler --> answer
 *                  404       403        413       later,      problem
 *                  405                  415       or at
 *                                       400       once
 *
 * A call is a line of the table: method, path, handler, and what its body may
 * hold.  Its handler answers exactly once, by one of the functions of _send:
 * at once, or from any callback later.  What it starts it cancels in a cleanup
 * of the request's pool.  A client that hangs up ends a read; a write that has
 * begun is carried through.
 */

#ifndef NGX_HTTP_EDITORIAL_CONSOLE_H
#define NGX_HTTP_EDITORIAL_CONSOLE_H


#include <jansson.h>

#include "ed_route.h"
#include "ngx_http_editorial_assets.h"
#include "ngx_http_editorial_board.h"


#define NGX_HTTP_EDITORIAL_CONSOLE_BODY  (256 * 1024)  /* bytes, the most */
#define NGX_HTTP_EDITORIAL_CONSOLE_SHOWN 100           /* bytes of a foreign
                                                          string in a message */

#define NGX_HTTP_EDITORIAL_ETAG  (2 + 2 * ED_RECORD_DIGEST)   /* bytes */

#define NGX_HTTP_EDITORIAL_AUDIT_VALUE  "6000"   /* bytes: what is longer is
                                                    not kept */

/* Types of JSON values, as a mask. */
#define NGX_HTTP_EDITORIAL_OBJECT   (1u << JSON_OBJECT)
#define NGX_HTTP_EDITORIAL_ARRAY    (1u << JSON_ARRAY)
#define NGX_HTTP_EDITORIAL_STRING   (1u << JSON_STRING)
#define NGX_HTTP_EDITORIAL_TRUE     (1u << JSON_TRUE)
#define NGX_HTTP_EDITORIAL_BOOLEAN  (1u << JSON_TRUE | 1u << JSON_FALSE)


typedef struct ngx_http_editorial_call_s  ngx_http_editorial_call_t;

typedef void (*ngx_http_editorial_call_pt)(ngx_http_editorial_call_t *call);


/* A field that a body may have; a list of them ends with a NULL name. */
typedef struct {
    const char                        *name;
    unsigned                           types;
} ngx_http_editorial_call_field_t;


typedef struct {
    ngx_uint_t                         method;   /* GET takes HEAD, too */
    ed_str_t                           path;     /* of ed_route_match(), behind
                                                    the location's name */
    ngx_http_editorial_call_pt         handler;
    unsigned                           types;    /* of the body; 0: none */
    const ngx_http_editorial_call_field_t
                                      *fields;   /* of an object; NULL: the
                                                    handler looks itself */
} ngx_http_editorial_route_t;


/* What a location serves. */
struct ngx_http_editorial_api_s {
    const ngx_http_editorial_route_t  *routes;   /* ended by an empty handler */
    size_t                             body;     /* bytes, the most */
    const char                        *what;     /* a write is, in a message */
    unsigned                           open:1;   /* a write needs no user */
    unsigned                           flat:1;   /* the whole location is one
                                                    path, the empty one, and
                                                    there are no files */
    void                             (*over)(     /* a call is; or NULL */
                                          ngx_http_editorial_call_t *call);
};


/* One call; lives in the request's pool. */
struct ngx_http_editorial_call_s {
    ngx_http_request_t                *r;
    const ngx_http_editorial_api_t    *api;
    const ngx_http_editorial_route_t  *route;
    ed_str_t                           segments[ED_ROUTE_SEGMENTS];
    ngx_str_t                          user;     /* UTF-8; empty: nobody, or a
                                                    call that only reads */
    ed_buf_t                           text;     /* of the body */
    json_t                            *body;     /* NULL: it has none */
};


/* _console */

/* Serves the location's API, conf->api, and the files beside it. */
ngx_int_t ngx_http_editorial_api_handler(ngx_http_request_t *r);

/* The headers of that name (lower-case), all of them; is every one good?
   There may be none. */
typedef ngx_uint_t (*ngx_http_editorial_header_pt)(
    ngx_http_editorial_call_t *call, ngx_str_t *value);
ngx_uint_t ngx_http_editorial_every_header(ngx_http_editorial_call_t *call,
    ngx_str_t *name, ngx_http_editorial_header_pt is_good);


/* _console_routes */

extern const ngx_http_editorial_api_t  ngx_http_editorial_console_api;


/* _console_body */

/* May this body come at all?  Non-zero: it may not, and that is answered. */
ngx_uint_t ngx_http_editorial_refuse_body(ngx_http_editorial_call_t *call);

/* Reads it, and calls the route's handler; or answers what is wrong. */
void ngx_http_editorial_read_body(ngx_http_editorial_call_t *call);

/* The call of a request. */
ngx_http_editorial_call_t *ngx_http_editorial_call_of(ngx_http_request_t *r);


/* _console_etag */

/* What a call is about, as it is now. */
typedef struct {
    uint8_t                            etag[ED_RECORD_DIGEST];
    unsigned                           there:1;
    unsigned                           tagged:1;     /* it has an ETag */
} ngx_http_editorial_current_t;

/* Do If-Match and If-None-Match of the request hold? */
ngx_uint_t ngx_http_editorial_holds(ngx_http_editorial_call_t *call,
    const ngx_http_editorial_current_t *current);

/* Answers 412: they do not. */
void ngx_http_editorial_stale(ngx_http_editorial_call_t *call);

/* An ETag with its quotes, NGX_HTTP_EDITORIAL_ETAG bytes. */
void ngx_http_editorial_etag_write(const uint8_t *digest, u_char *text);

/* That of the answer, before it.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_add_etag(ngx_http_editorial_call_t *call,
    const uint8_t *digest);


/* _console_send: each ends the call */

/* 200 with that JSON, whose reference is taken; NULL: no memory for it. */
void ngx_http_editorial_answer(ngx_http_editorial_call_t *call, json_t *json);

/* 200 with JSON as text, in the request's pool; 204. */
void ngx_http_editorial_answer_text(ngx_http_editorial_call_t *call,
    ngx_str_t *json);
void ngx_http_editorial_answer_nothing(ngx_http_editorial_call_t *call);

/* An error; the detail is formatted as ngx_sprintf() does it. */
void ngx_http_editorial_problem(ngx_http_editorial_call_t *call,
    ngx_uint_t status, const char *detail, ...);

/* A header of the answer, before it.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_add_header(ngx_http_editorial_call_t *call,
    const char *name, ngx_str_t *value);

/* A string that may hold anything, as JSON: ill-formed UTF-8 becomes U+FFFD.
   NULL: no memory. */
json_t *ngx_http_editorial_json_string(const u_char *data, size_t len);


/* _console_audit */

#define NGX_HTTP_EDITORIAL_AUDIT_ENTRIES  "10000"    /* in Redis */
#define NGX_HTTP_EDITORIAL_AUDIT_TARGET   2048       /* bytes, the most */

/* What is kept of it in the journal, where there is no Redis; in the request's
   pool.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_audit_entry(ngx_http_editorial_call_t *call,
    ed_str_t user, const char *action, ed_str_t target, json_t *before,
    json_t *after, ed_str_t *entry);

/* Keeps the entry of what is done already, and calls the handler, in any
   case, at once or later: it must answer the call. */
typedef void (*ngx_http_editorial_kept_pt)(void *data);
void ngx_http_editorial_audit_keep(ngx_http_editorial_call_t *call,
    const char *action, ed_str_t target, json_t *after,
    ngx_http_editorial_kept_pt handler, void *data);

/*
 * That call has done this: the action by its name, what it was done to, and
 * what came of it.  References are not taken.
 */
void ngx_http_editorial_audit(ngx_http_editorial_call_t *call,
    const char *action, const json_t *target, const json_t *after);


/* _console_assets */

/* Makes the ETags of the page's files, once. */
ngx_int_t ngx_http_editorial_console_etags(ngx_conf_t *cf);

/* The file of that path behind the location's name, which may be empty; NULL:
   there is none. */
const ngx_http_editorial_asset_t *ngx_http_editorial_console_file(
    ed_str_t path);

/* Serves a file, to GET and HEAD: what nginx's content handlers return. */
ngx_int_t ngx_http_editorial_console_serve(ngx_http_request_t *r,
    const ngx_http_editorial_asset_t *asset);

/* From a location without a slash at its end to what is in it. */
ngx_int_t ngx_http_editorial_console_redirect(ngx_http_request_t *r);
/* _console_desks */

/* Answer 200 with a feature of a desk; with its pause. */
void ngx_http_editorial_answer_feature(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t *desk, ed_feature_e feature,
    const ed_notice_t *notice);
void ngx_http_editorial_answer_paused(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t *desk, ngx_uint_t paused);

/* The desk that the path names, and, unless it is NULL, the feature.  Zero:
   there is none, and that is answered. */
ngx_uint_t ngx_http_editorial_find_feature(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t **desk, ed_feature_e *feature);


/* _console_problems: lists, NULL: no memory */

/* What is wrong with the Redis in use, in words. */
json_t *ngx_http_editorial_redis_warnings(
    ngx_http_editorial_main_conf_t *emcf);

/* That; states and pauses of desks that are ignored; records of articles that
   cannot be read, as far as this node has met them lately. */
json_t *ngx_http_editorial_problems(ngx_http_editorial_main_conf_t *emcf);


/* handlers of calls */

void ngx_http_editorial_call_articles(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_desks(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_feature(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_state(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_state_off(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_is_paused(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_paused(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_article(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_article_put(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_article_delete(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_audit(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_purge(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_explain(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_status(ngx_http_editorial_call_t *call);
void ngx_http_editorial_call_results(ngx_http_editorial_call_t *call);


#endif /* NGX_HTTP_EDITORIAL_CONSOLE_H */
