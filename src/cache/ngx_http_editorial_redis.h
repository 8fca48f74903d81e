
/*
 * Redis behind the zone: pages and records that the whole web tier shares.
 *
 *     _redis         the directive, a worker's client, names of keys
 *     _redis_script  what must happen in one step there
 *
 *     P is the prefix
 *     P page:{KEY}     a stored page: head and body (ed_stored.h)
 *     P gzip:{KEY}     its head again, and its coded parts (ed_deflate.h)
 *     P lock:{KEY}     a token: somebody fetches it; or "unstorable"
 *     P purged:{KEY}   when it was purged, ms by Redis' clock
 *     P article:ID     an article's record
 *     P tag:TAG        keys of pages by the end of their life
 *     P gen            the generation; raised by "purge all"
 */

#ifndef NGX_HTTP_EDITORIAL_REDIS_H
#define NGX_HTTP_EDITORIAL_REDIS_H


#include "ngx_http_editorial_module.h"


char *ngx_http_editorial_redis_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A worker begins and ends. */
ngx_int_t ngx_http_editorial_redis_init_process(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);
void ngx_http_editorial_redis_exit_process(
    ngx_http_editorial_main_conf_t *emcf);

/* Would a command be sent now? */
ngx_uint_t ngx_http_editorial_redis_is_up(
    ngx_http_editorial_main_conf_t *emcf);

/* Prefix, kind ("page:"), name; with braces around the name, or without.
   NGX_ERROR: no memory in pool. */
ngx_int_t ngx_http_editorial_redis_key(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, const char *kind, ngx_str_t *name, ngx_uint_t braces,
    ngx_str_t *key);


#endif /* NGX_HTTP_EDITORIAL_REDIS_H */
