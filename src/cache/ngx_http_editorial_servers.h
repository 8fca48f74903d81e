
/*
 * The servers that share a Redis, and what each of them knows.
 *
 *     P servers     a hash: node --> {"at":…,"states":"…","lag_ms":…}
 *
 * The worker of a node that is told of changes writes its field once a second:
 * the time by Redis' clock (ms since 1970), a digest of what editors have
 * switched, and how long the connection that tells took to answer, last.
 * Where the digests are the same, so are the states; a change has reached all
 * when that is so, and each field is younger than the change.
 *
 * Who reads leaves out what is older than 10 s.  Fields of servers that are
 * gone stay for an hour; then the others drop them.
 */

#ifndef NGX_HTTP_EDITORIAL_SERVERS_H
#define NGX_HTTP_EDITORIAL_SERVERS_H


#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_SERVERS_PERIOD  1000          /* ms */
#define NGX_HTTP_EDITORIAL_SERVERS_FRESH   (10 * 1000)   /* ms */
#define NGX_HTTP_EDITORIAL_SERVERS_DIGEST  32            /* hex digits */


/* In a worker.  NULL: no memory, or no Redis. */
ngx_http_editorial_servers_t *ngx_http_editorial_servers_create(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);

/* It is the one that is told of changes: writes, where it is time; lag, ms. */
void ngx_http_editorial_servers_tick(ngx_http_editorial_servers_t *servers,
    ngx_msec_t lag);

/* It no longer is. */
void ngx_http_editorial_servers_end(ngx_http_editorial_servers_t *servers);

/* What editors have switched on all desks, in hexadecimal digits: as many as
   _DIGEST.  A desk that nobody has touched makes no difference. */
void ngx_http_editorial_servers_digest(ngx_http_editorial_main_conf_t *emcf,
    u_char *digest);

/* Asks for the whole hash: an array of Redis' time (ms) and of names and
   values by turns.  Otherwise as ngx_editorial_redis_command(). */
ngx_editorial_redis_cmd_t *ngx_http_editorial_servers_ask(
    ngx_http_editorial_main_conf_t *emcf, ngx_pool_t *pool,
    ngx_editorial_redis_handler_pt handler, void *data);


#endif /* NGX_HTTP_EDITORIAL_SERVERS_H */
