
/*
 * GETs that are joined: whoever asks for a key that is being asked for already
 * gets the same reply.
 *
 *     a request --+
 *     a request --+--> GET key --> one value, counted by its owners
 *     a request --+
 *
 * A value is Redis' bytes, in one piece, without another copy: it lives as
 * long as somebody holds it.
 */

#ifndef NGX_EDITORIAL_REDIS_GET_H
#define NGX_EDITORIAL_REDIS_GET_H


#include "ngx_editorial_redis.h"


typedef struct ngx_editorial_redis_get_s  ngx_editorial_redis_get_t;


typedef struct {
    ngx_uint_t             refs;
    size_t                 len;
    u_char                *data;
} ngx_editorial_redis_value_t;


/* value: NULL where there is no such key (rc is _OK then), or no reply.  It
   goes when the handler returns, unless _hold() was called for it. */
typedef void (*ngx_editorial_redis_got_pt)(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);


/*
 * GET key (whole, with its prefix; copied), or the first `first` bytes of it
 * where first is not 0 (GETRANGE; there an absent key is an empty value, told
 * as NULL).  Joined with one of the same key and length that is in flight,
 * unless own: a reply to what was asked before this call may be older than
 * what the caller knows.
 * The handler is called once, later, from the event loop.  A reply of another
 * type is _ERROR.  NULL: no memory, the handler will not be called.
 */
ngx_editorial_redis_get_t *ngx_editorial_redis_get(
    ngx_editorial_redis_t *redis, ngx_str_t *key, size_t first,
    ngx_uint_t own, ngx_editorial_redis_got_pt handler, void *data);

/* The handler is not to be called any more; not after it was. */
void ngx_editorial_redis_get_cancel(ngx_editorial_redis_get_t *get);

void ngx_editorial_redis_value_hold(ngx_editorial_redis_value_t *value);
void ngx_editorial_redis_value_release(ngx_editorial_redis_value_t *value);


#endif /* NGX_EDITORIAL_REDIS_GET_H */
