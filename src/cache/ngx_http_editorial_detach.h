
/*
 * A request without a client: a copy of one that has, which goes on by itself
 * and outlives it.
 *
 *     d = ngx_http_editorial_detach(r, args);
 *     ... the caller gives d what it needs, in d->pool ...
 *     ngx_http_editorial_detach_run(d);
 */

#ifndef NGX_HTTP_EDITORIAL_DETACH_H
#define NGX_HTTP_EDITORIAL_DETACH_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Of a worker, under way at once. */
#define NGX_HTTP_EDITORIAL_DETACHED     64

/* Milliseconds after which one is given up, whatever it waits for. */
#define NGX_HTTP_EDITORIAL_DETACH_TIME  300000


/*
 * A copy of the main request r that is to go on from the phase handler r is
 * in, as a GET of the same URI with these arguments.  Nothing in it is r's.
 * It has none of what makes an answer one reader's: Cookie, Authorization,
 * Proxy-Authorization, conditionals, ranges; and no body.
 *
 * NULL: no memory, no connection to spare, as many as are allowed are under
 * way, or r is detached itself.
 */
ngx_http_request_t *ngx_http_editorial_detach(ngx_http_request_t *r,
    ngx_str_t *args);

/* Starts it, once the event that is being handled is done with. */
void ngx_http_editorial_detach_run(ngx_http_request_t *d);

/* Ends it, started or not; not for use inside of its own handlers, which
   finalize it as any request. */
void ngx_http_editorial_detach_cancel(ngx_http_request_t *d);

/* Is r, or the request that r is a subrequest of, detached? */
ngx_uint_t ngx_http_editorial_is_detached(ngx_http_request_t *r);

/* When a worker exits: ends those that it has. */
void ngx_http_editorial_detach_exit(ngx_cycle_t *cycle);


/* _detach_copy */

/* Makes d, as ngx_http_create_request() leaves it, that copy of r. */
ngx_int_t ngx_http_editorial_detach_copy(ngx_http_request_t *d,
    ngx_http_request_t *r, ngx_str_t *args);

/* Copies a string, with a zero behind it. */
ngx_int_t ngx_http_editorial_detach_str(ngx_pool_t *pool, ngx_str_t *to,
    ngx_str_t *from);


#endif /* NGX_HTTP_EDITORIAL_DETACH_H */
