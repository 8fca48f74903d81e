
/*
 * What the two files of a purge share: its steps (_purge), and those that
 * Redis takes part in (_purge_redis).
 */

#ifndef NGX_HTTP_EDITORIAL_PURGE_INT_H
#define NGX_HTTP_EDITORIAL_PURGE_INT_H


#include "ngx_http_editorial_purge.h"


#define NGX_HTTP_EDITORIAL_PURGE_BATCH  100      /* keys at a time */
#define NGX_HTTP_EDITORIAL_PURGE_WHY    256      /* bytes */


typedef void (*ngx_http_editorial_purge_step_pt)(
    ngx_http_editorial_purge_t *purge);

typedef struct {
    ngx_http_editorial_purge_t       *purge;
    ngx_str_t                         key;
    ngx_editorial_redis_cmd_t        *cmd;   /* NULL: over, or none */
    ngx_uint_t                        there; /* the zone had it when the command
                                                was sent */
} ngx_http_editorial_purge_item_t;


struct ngx_http_editorial_purge_s {
    ngx_http_editorial_main_conf_t   *emcf;
    ngx_pool_t                       *pool;
    ngx_str_t                         what;
    ngx_http_editorial_purge_pt       handler;
    void                             *data;

    ngx_event_t                       event; /* the next turn, in which */
    ngx_http_editorial_purge_step_pt  step;  /*   this is done; also when a
                                                  batch has been */

    ngx_pool_t                       *keys;  /* of the batch */
    ngx_http_editorial_purge_item_t   items[NGX_HTTP_EDITORIAL_PURGE_BATCH];
    ngx_uint_t                        nitems;
    ngx_uint_t                        left;  /* of them, without a reply */
    ngx_editorial_redis_cmd_t        *cmd;   /* any other; NULL: none */

    uint32_t                          from;  /* where in the zone */
    uint64_t                          generation;    /* before all, */
    ngx_uint_t                        before;        /*   and its pages */

    ngx_uint_t                        pages;
    ngx_str_t                         why;   /* len 0: nothing yet */
    u_char                            text[NGX_HTTP_EDITORIAL_PURGE_WHY];
};


/* _purge */

/* Does that in the next turn of the event loop. */
void ngx_http_editorial_purge_next(ngx_http_editorial_purge_t *purge,
    ngx_http_editorial_purge_step_pt step);

/* Steps: the end, at which the purge is freed, and the zone's pages. */
void ngx_http_editorial_purge_end(ngx_http_editorial_purge_t *purge);
void ngx_http_editorial_purge_scan(ngx_http_editorial_purge_t *purge);

/* Something went wrong.  The first reason stays; the purge ends when what is
   under way has been answered. */
void ngx_http_editorial_purge_fail(ngx_http_editorial_purge_t *purge,
    const char *fmt, ...);

/* A key for the next batch.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_purge_add(ngx_http_editorial_purge_t *purge,
    const void *data, size_t len);

/* Removes the pages of the batch, and goes on with purge->step. */
void ngx_http_editorial_purge_batch(ngx_http_editorial_purge_t *purge);

/* Removes a page from the zone and counts it; removed: it has gone from
   elsewhere already.  That of a dry run goes, too. */
void ngx_http_editorial_purge_zone(ngx_http_editorial_purge_t *purge,
    ngx_str_t *key, ngx_uint_t removed);


/* _purge_redis */

/* Steps: a new generation; the tag's mark; keys of its list, as a batch, and
   their end there. */
void ngx_http_editorial_purge_raise(ngx_http_editorial_purge_t *purge);
void ngx_http_editorial_purge_mark(ngx_http_editorial_purge_t *purge);
void ngx_http_editorial_purge_list(ngx_http_editorial_purge_t *purge);
void ngx_http_editorial_purge_strike(ngx_http_editorial_purge_t *purge);

/* Sends the command that removes a page.  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_purge_send(ngx_http_editorial_purge_item_t *item);


#endif /* NGX_HTTP_EDITORIAL_PURGE_INT_H */
