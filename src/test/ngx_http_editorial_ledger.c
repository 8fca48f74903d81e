
/*
 * The ledger's memory.  Cells are made under the mutex of it, which the master
 * gives back where a worker dies with it; that is once a day, test and variant.
 */

#include "ngx_http_editorial_ledger.h"


#define NGX_HTTP_EDITORIAL_OVERHEAD  8       /* pages, of the slab pool */


static ngx_int_t ngx_http_editorial_ledger_init(ngx_shm_zone_t *shm_zone,
    void *data);


ngx_int_t
ngx_http_editorial_ledger_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    size_t           size;
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    if (emcf->zone == NULL) {
        return NGX_OK;
    }

    emcf->ledger = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_ledger_t));
    if (emcf->ledger == NULL) {
        return NGX_ERROR;
    }

    /* no directive can make a name with a colon in it */

    ngx_str_set(&name, "editorial:ledger");

    size = ngx_align(sizeof(ed_ledger_t), ngx_pagesize)
           + NGX_HTTP_EDITORIAL_OVERHEAD * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_editorial_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_editorial_ledger_init;
    shm_zone->data = emcf->ledger;

    return NGX_OK;
}


/* Cells are zeroed as they are made: those that never are cost nothing. */

static ngx_int_t
ngx_http_editorial_ledger_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_editorial_ledger_t *old = data;

    ngx_time_t                   *now;
    ngx_http_editorial_ledger_t  *ledger;

    ledger = shm_zone->data;

    if (old) {
        *ledger = *old;
        return NGX_OK;
    }

    ledger->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        ledger->sh = ledger->shpool->data;
        return NGX_OK;
    }

    ledger->sh = ngx_slab_alloc(ledger->shpool, sizeof(ed_ledger_t));
    if (ledger->sh == NULL) {
        return NGX_ERROR;
    }

    now = ngx_timeofday();

    ed_ledger_init(ledger->sh, (uint64_t) now->sec * 1000 + now->msec);
    ledger->shpool->data = ledger->sh;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_ledger_count(ngx_http_editorial_main_conf_t *emcf,
    const ed_ledger_key_t *key, ed_event_e event)
{
    ed_ledger_cell_t             *cell;
    ngx_http_editorial_ledger_t  *ledger;

    ledger = emcf->ledger;

    cell = ed_ledger_find(ledger->sh, key);

    if (cell == NULL) {
        ngx_shmtx_lock(&ledger->shpool->mutex);
        cell = ed_ledger_add(ledger->sh, key);
        ngx_shmtx_unlock(&ledger->shpool->mutex);
    }

    if (cell == NULL) {
        return NGX_DECLINED;
    }

    ed_ledger_count(cell, event);
    ngx_http_editorial_ledger_changed(emcf);

    return NGX_OK;
}


void
ngx_http_editorial_ledger_stats(ngx_http_editorial_main_conf_t *emcf,
    ngx_uint_t *cells, ngx_uint_t *unwritten)
{
    unsigned          i;
    ed_ledger_cell_t  cell;

    *cells = 0;
    *unwritten = 0;
    i = 0;

    while (ed_ledger_next(emcf->ledger->sh, &i, &cell)) {
        (*cells)++;
        *unwritten += !ed_ledger_is_written(&cell);
    }
}
