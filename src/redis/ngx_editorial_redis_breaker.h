
/*
 * The breaker: does it make sense to send a command?
 *
 *     closed --max_fails in a row--> open --fail_timeout--> one probe
 *        ^                             ^                      |    |
 *        |                             +------- failure ------+    |
 *        +--------------------------- reply -----------------------+
 *
 * Two things are counted, each in a row: failures of commands, which a reply
 * sets to zero, and failures to connect, which a connection does.  (A server
 * whose connections are fine and whose commands hang must not be closed in on
 * by each new connection; one that was away is back as soon as it has greeted,
 * which was the probe.)
 *
 * Nothing here knows of connections or clocks; times are milliseconds.
 */

#ifndef NGX_EDITORIAL_REDIS_BREAKER_H
#define NGX_EDITORIAL_REDIS_BREAKER_H


#include <ngx_config.h>
#include <ngx_core.h>


/* Zeroed, but for the first two. */
typedef struct {
    ngx_uint_t             max_fails;  /* 0: never opens */
    ngx_msec_t             fail_timeout;

    ngx_uint_t             fails;      /* of commands, in a row */
    ngx_uint_t             refusals;   /* of connections, in a row */
    ngx_msec_t             until;      /* when it is time for a probe */
    unsigned               probing:1;  /* one is under way */
} ngx_editorial_redis_breaker_t;


ngx_uint_t ngx_editorial_redis_breaker_is_open(
    ngx_editorial_redis_breaker_t *breaker);

/* May a command be sent?  Then, when it has been sent, sent() is called, and
   in the end replied() or failed(). */
ngx_uint_t ngx_editorial_redis_breaker_passes(
    ngx_editorial_redis_breaker_t *breaker, ngx_msec_t now);
void ngx_editorial_redis_breaker_sent(ngx_editorial_redis_breaker_t *breaker);
void ngx_editorial_redis_breaker_replied(
    ngx_editorial_redis_breaker_t *breaker);
void ngx_editorial_redis_breaker_failed(
    ngx_editorial_redis_breaker_t *breaker, ngx_msec_t now);

void ngx_editorial_redis_breaker_connected(
    ngx_editorial_redis_breaker_t *breaker);
void ngx_editorial_redis_breaker_refused(
    ngx_editorial_redis_breaker_t *breaker);


#endif /* NGX_EDITORIAL_REDIS_BREAKER_H */
