
/*
 * Taking pages away, in every tier at once: by key, by tag, by address (which
 * is a tag, see ed_address.h), or all of them.
 *
 *     list of the tag in Redis --+--> 100 keys --> each: Redis, then zone
 *     pages of the zone ---------+         <------ and so on
 *
 * It goes on a little in each turn of the event loop, and has no more than a
 * hundred commands on their way.  Other nodes learn of it by what Redis tells
 * them of the keys.  Nothing here knows of requests.
 */

#ifndef NGX_HTTP_EDITORIAL_PURGE_H
#define NGX_HTTP_EDITORIAL_PURGE_H


#include "ngx_http_editorial_module.h"


typedef enum {
    NGX_HTTP_EDITORIAL_PURGE_KEY = 0,
    NGX_HTTP_EDITORIAL_PURGE_TAG,
    NGX_HTTP_EDITORIAL_PURGE_URL,        /* a tag of an address */
    NGX_HTTP_EDITORIAL_PURGE_ALL
} ngx_http_editorial_purge_e;


typedef struct ngx_http_editorial_purge_s  ngx_http_editorial_purge_t;

/*
 * It is over, and no longer to be cancelled.  pages: how many have been
 * removed, each counted once wherever it was; of all, those of this node's
 * zone.  why: NULL, or what went wrong, so that some may be left; it lives
 * until the handler returns.
 */
typedef void (*ngx_http_editorial_purge_pt)(void *data, ngx_uint_t pages,
    ngx_str_t *why);


/*
 * Begins; what is the key or the tag (copied), and nothing for all.  The
 * handler is called once, later, unless it is cancelled first.  NULL: no
 * memory.
 */
ngx_http_editorial_purge_t *ngx_http_editorial_purge_start(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_purge_e kind,
    ngx_str_t *what, ngx_http_editorial_purge_pt handler, void *data);

/* What is done stays done. */
void ngx_http_editorial_purge_cancel(ngx_http_editorial_purge_t *purge);


#endif /* NGX_HTTP_EDITORIAL_PURGE_H */
