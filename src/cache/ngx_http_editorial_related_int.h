
/*
 * A page whose related articles are being looked up: between the two halves of
 * that, _related and _related_plan.
 */

#ifndef NGX_HTTP_EDITORIAL_RELATED_INT_H
#define NGX_HTTP_EDITORIAL_RELATED_INT_H


#include "ngx_http_editorial_related.h"


typedef struct {
    ngx_pool_t                      *pool;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_http_editorial_loc_conf_t   *conf;
    ngx_str_t                        key;
    ngx_str_t                        article;
    ed_page_t                        page;
    ed_arena_t                      *arena;      /* of all that is read */
    ed_relations_t                   found;
    ngx_uint_t                       pending;    /* answers */
    ngx_uint_t                       failed;     /* one did not come */

    /* the page to be planned again */
    ed_zone_lookup_t                 lookup;     /* pinned, where there is a
                                                    zone; else it lies in */
    ngx_editorial_redis_value_t     *value;      /*   this; NULL: nowhere */
    ed_lifetime_t                    life;
    ed_stored_t                      head;
    ed_record_t                      record;
    ed_str_t                         json;       /* of that; may be empty */
    ed_notes_t                       notes;
} ngx_http_editorial_relation_t;


/* All that was asked for has been answered: plans the page again, where it has
   other links than were found. */
void ngx_http_editorial_relation_plan(
    ngx_http_editorial_relation_t *relation);


#endif /* NGX_HTTP_EDITORIAL_RELATED_INT_H */
