
/*
 * A stored page, by its address: in the zone, else in Redis.  Its origin is
 * not asked.
 *
 *     default keys --+-- the newer of both
 *                    +-- none --> pages of the zone --+-- the newest
 *                                                     +-- none --> Redis
 *
 *     Redis: the last keys of the address' tag --> page --+-- found
 *                ^                                        |
 *                +------------- of no use ----------------+
 *
 * Several keys may have one address: http and https, or whatever the key is
 * made of beside it.  In the zone the newest page of those is taken; but where
 * it is stored under a default key, the rest of the zone is not looked
 * through.  In Redis the one that lives longest is.  A page of the zone that is no
 * longer fresh, or can be served no more, is stored all the same, as is one
 * that is kept of a dry run (page.aside).
 */

#ifndef NGX_HTTP_EDITORIAL_CONSOLE_STORED_H
#define NGX_HTTP_EDITORIAL_CONSOLE_STORED_H


#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_STORED_KEYS  10       /* asked for in Redis */


typedef struct ngx_http_editorial_stored_s  ngx_http_editorial_stored_t;

/* NGX_OK: it is found.  NGX_DECLINED: nothing is stored under that address.
   NGX_ERROR: not in the zone, and Redis cannot be asked.  Called from the
   event loop. */
typedef void (*ngx_http_editorial_stored_pt)(void *data, ngx_int_t rc);

typedef void (*ngx_http_editorial_stored_step_pt)(
    ngx_http_editorial_stored_t *stored);


/* Zeroed, but for the first group. */
struct ngx_http_editorial_stored_s {
    ngx_http_request_t                *r;
    ngx_str_t                          tag;      /* of the address; in r's
                                                    pool */
    ngx_http_editorial_stored_pt       handler;
    void                              *data;

    ed_stored_t                        head;     /* of the page: valid until
                                                    _stored_end() */

    ngx_uint_t                         found;
    ed_zone_page_t                     page;     /* pinned where there is no */
    ngx_editorial_redis_value_t       *value;    /*   value, which is held */

    ngx_event_t                        event;
    ngx_http_editorial_stored_step_pt  step;     /* of the event */
    uint32_t                           from;     /* entry of the zone */
    ngx_editorial_redis_cmd_t         *cmd;
    ngx_editorial_redis_get_t         *get;
    ngx_str_t                          keys[NGX_HTTP_EDITORIAL_STORED_KEYS];
    ngx_uint_t                         nkeys;    /* still to be asked for */
};


/* The handler is called once, later, unless _stored_end() comes first. */
void ngx_http_editorial_stored_find(ngx_http_editorial_stored_t *stored);

/* Bytes of the page's body from offset on: at least one, *len of them. */
const u_char *ngx_http_editorial_stored_bytes(
    ngx_http_editorial_stored_t *stored, size_t offset, size_t *len);

/* Lets the page go, and ends what is under way. */
void ngx_http_editorial_stored_end(ngx_http_editorial_stored_t *stored);


#endif /* NGX_HTTP_EDITORIAL_CONSOLE_STORED_H */
