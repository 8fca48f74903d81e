
/*
 * The connection by which Redis says which keys have changed: one a node, held
 * by one of its workers (server-assisted invalidation in RESP2: CLIENT
 * TRACKING ON REDIRECT <its own id> BCAST, then SUBSCRIBE
 * __redis__:invalidate on the same connection).
 *
 *     connect, AUTH, ROLE, CLIENT ID, CLIENT TRACKING, SUBSCRIBE
 *         --> _ON         from now on every change is told; what is older is
 *                         to be checked
 *         --> _KEY …      a key has changed, expired, or was evicted
 *         --> _FLUSHED    all of them
 *         --> _OFF        the connection is lost; nothing is told any more
 *
 * It is asked every 250 ms whether it lives; 750 ms of silence are its end.
 * It is made again with back-off for as long as this exists; where there are
 * several servers it is looked for a better one every fail_timeout, and to
 * change to it is told as _OFF and _ON.  Of what comes at once only a bounded
 * part is told before other events have their turn.
 */

#ifndef NGX_EDITORIAL_REDIS_TRACK_H
#define NGX_EDITORIAL_REDIS_TRACK_H


#include "ngx_editorial_redis.h"


typedef struct ngx_editorial_redis_track_s  ngx_editorial_redis_track_t;


typedef enum {
    NGX_EDITORIAL_REDIS_TRACK_ON = 0,
    NGX_EDITORIAL_REDIS_TRACK_KEY,
    NGX_EDITORIAL_REDIS_TRACK_FLUSHED,
    NGX_EDITORIAL_REDIS_TRACK_OFF
} ngx_editorial_redis_track_e;


/* key: of _KEY, without the prefix of the configuration; lives until the
   handler returns. */
typedef void (*ngx_editorial_redis_track_pt)(void *data,
    ngx_editorial_redis_track_e what, ngx_str_t *key);


/*
 * In the worker.  names: what keys begin with behind the configuration's
 * prefix ("page:"), n of them, none the beginning of another; copied.  conf
 * lives as long as this.  NULL: no memory.  The handler is never called from
 * inside _create() or _destroy(), and may call _destroy().
 */
ngx_editorial_redis_track_t *ngx_editorial_redis_track_create(
    ngx_cycle_t *cycle, ngx_editorial_redis_conf_t *conf, ngx_str_t *names,
    ngx_uint_t n, ngx_editorial_redis_track_pt handler, void *data);
void ngx_editorial_redis_track_destroy(ngx_editorial_redis_track_t *track);


typedef struct {
    ngx_uint_t             on;         /* 1 or 0 */
    ngx_str_t              server;     /* its URL without password; may be
                                          empty */
    ngx_msec_t             lag;        /* of the last PING's answer, ms */
    ngx_msec_t             heard;      /* ngx_current_msec when anything came,
                                          last */
    uint64_t               keys;       /* told so far */
    uint64_t               lost;       /* connections that told */
} ngx_editorial_redis_track_stats_t;

void ngx_editorial_redis_track_stats(ngx_editorial_redis_track_t *track,
    ngx_editorial_redis_track_stats_t *stats);


#endif /* NGX_EDITORIAL_REDIS_TRACK_H */
