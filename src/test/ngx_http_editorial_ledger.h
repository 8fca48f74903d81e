
/*
 * The ledger (ed_ledger.h) in shared memory, and in Redis.
 *
 *     event --> ledger of this server --> P stats:DESK:FEATURE:TEST
 *               all its workers           all servers, a field each:
 *                                         node:epoch:day:variant:event
 *
 * What is written are totals, not differences: writing one again does no harm,
 * and where Redis has come back with an older state of its own all of them are
 * written again.  A total only ever grows, so one that comes late must not
 * take the place of a later one: the greater stays.
 *
 * Nodes do not share fields, and an nginx that is started anew, and begins to
 * count at 0, has another epoch.  Who reads adds all of them up.
 *
 * There is a ledger where there is an editorial_zone.
 */

#ifndef NGX_HTTP_EDITORIAL_LEDGER_H
#define NGX_HTTP_EDITORIAL_LEDGER_H


#include "ed_ledger.h"
#include "ngx_http_editorial_module.h"


/* "stats:", desk, feature and test; without a NUL, or a prefix */
#define NGX_HTTP_EDITORIAL_STATS  "stats:"


struct ngx_http_editorial_ledger_s {
    ed_ledger_t                 *sh;
    ngx_slab_pool_t             *shpool;
};


/* When the configuration is read: its memory, where there is a zone. */
ngx_int_t ngx_http_editorial_ledger_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);

/* One more.  NGX_DECLINED: all cells are in use; the event is lost. */
ngx_int_t ngx_http_editorial_ledger_count(
    ngx_http_editorial_main_conf_t *emcf, const ed_ledger_key_t *key,
    ed_event_e event);

/* Cells that are in use, and those of them that Redis has not yet. */
void ngx_http_editorial_ledger_stats(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t *cells, ngx_uint_t *unwritten);


/* _ledger_redis: in a worker; writes what has changed once a second, where
   this worker has the role, and what is left when it exits. */
ngx_int_t ngx_http_editorial_ledger_init_process(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);
void ngx_http_editorial_ledger_exit_process(
    ngx_http_editorial_main_conf_t *emcf);

/* Redis may have lost what was written. */
void ngx_http_editorial_ledger_doubt(ngx_http_editorial_main_conf_t *emcf);

/* Something was counted here: the worker does not exit without its writing. */
void ngx_http_editorial_ledger_changed(ngx_http_editorial_main_conf_t *emcf);

/* The key of a test's counts; NGX_ERROR: no memory in pool. */
ngx_int_t ngx_http_editorial_ledger_redis_key(
    ngx_http_editorial_main_conf_t *emcf, ngx_pool_t *pool,
    const ed_ledger_key_t *key, ngx_str_t *name);

/* "NODE:EPOCH:", with which this node's fields begin. */
#define NGX_HTTP_EDITORIAL_LEDGER_NODE                                        \
    (NGX_HTTP_EDITORIAL_NODE_NAME + NGX_INT64_LEN + 2)
size_t ngx_http_editorial_ledger_node(ngx_http_editorial_main_conf_t *emcf,
    u_char *text);


#endif /* NGX_HTTP_EDITORIAL_LEDGER_H */
