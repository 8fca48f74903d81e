
/*
 * Are the kept keys safe in this Redis?  Records, states, counts and the
 * audit have no end of life: a policy that evicts them, or a server that
 * forgets them when it restarts, loses what editors did.
 */

#ifndef NGX_EDITORIAL_REDIS_GUARD_H
#define NGX_EDITORIAL_REDIS_GUARD_H


#include "ngx_editorial_redis.h"


/* bits */
#define NGX_EDITORIAL_REDIS_EVICTS    0x01   /* maxmemory is set, and its
                                               policy is neither noeviction
                                               nor volatile-* */
#define NGX_EDITORIAL_REDIS_FORGETS   0x02   /* neither AOF nor snapshots */
#define NGX_EDITORIAL_REDIS_UNKNOWN   0x04   /* of one of both: this user may
                                               not ask */


/* Called with what was found: bits, 0 where all is well.  The client may be
   destroyed by it. */
typedef void (*ngx_editorial_redis_guard_pt)(void *data, ngx_uint_t problems);


/*
 * Asks the server in use (INFO memory, INFO persistence, CONFIG GET save), and
 * writes a warning to the log for each problem.  The handler is called once,
 * later; not where one of them has no reply, nor when the client is destroyed.
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_editorial_redis_guard(ngx_editorial_redis_t *redis,
    ngx_log_t *log, ngx_editorial_redis_guard_pt handler, void *data);


#endif /* NGX_EDITORIAL_REDIS_GUARD_H */
