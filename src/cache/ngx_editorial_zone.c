
/*
 * The zone's memory, and the functions of ed_zone.h under its mutex.
 *
 * The shared memory begins with nginx's slab pool, whose mutex is the one
 * that the master gives back when a process dies.  Of what the pool can hand
 * out, the zone is one run.
 */

#include <sys/random.h>

#include "ngx_editorial_zone_int.h"


#define NGX_EDITORIAL_ZONE_OVERHEAD  5   /* pages: of the slab pool, and of
                                            what we keep in it */


static ngx_int_t ngx_editorial_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static void ngx_editorial_zone_say_resized(ngx_shm_zone_t *shm_zone);
static ngx_int_t ngx_editorial_zone_create(ngx_shm_zone_t *shm_zone,
    ngx_slab_pool_t *shpool);
static ngx_int_t ngx_editorial_zone_log_ctx(ngx_shm_zone_t *shm_zone,
    ngx_slab_pool_t *shpool);
static void ngx_editorial_zone_random(u_char *key);
static void ngx_editorial_zone_cleanup(void *data);
static uint32_t ngx_editorial_zone_reserve(
    ngx_editorial_zone_process_t *process, size_t head_len, size_t body_len,
    ngx_uint_t aside);


ngx_editorial_zone_t *
ngx_editorial_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size, void *tag)
{
    size_t                 min;
    ngx_shm_zone_t        *shm_zone;
    ngx_pool_cleanup_t    *cln;
    ngx_editorial_zone_t  *zone;

    min = ngx_align(ed_zone_min_size(), ngx_pagesize)
          + NGX_EDITORIAL_ZONE_OVERHEAD * ngx_pagesize;

    if (size < min) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" of %uz bytes is too small, "
                           "at least %uz are needed", name, size, min);
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_editorial_zone_t));
    if (cln == NULL) {
        return NULL;
    }

    zone = cln->data;
    zone->process = NULL;
    cln->handler = ngx_editorial_zone_cleanup;

    shm_zone = ngx_shared_memory_add(cf, name, size, tag);
    if (shm_zone == NULL) {
        return NULL;
    }

    if (shm_zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate zone \"%V\"",
                           name);
        return NULL;
    }

    shm_zone->init = ngx_editorial_zone_init;
    shm_zone->data = zone;

    return zone;
}


ngx_editorial_zone_t *
ngx_editorial_zone_none(void)
{
    static ngx_editorial_zone_process_t  nobody = { .slot = ED_ZONE_SLOTS };
    static ngx_editorial_zone_t          none = { &nobody };

    return &none;
}


void
ngx_editorial_zone_lookup(ngx_editorial_zone_t *zone,
    ed_zone_lookup_t *lookup)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        lookup->state = ED_PAGE_NONE;
        lookup->locked = ED_LOCK_NONE;
        lookup->token = 0;
        lookup->wake = 0;
        ngx_memzero(&lookup->page, sizeof(ed_zone_page_t));
        lookup->page.entry = ED_ZONE_NONE;
        ngx_memzero(&lookup->stamp, sizeof(ed_zone_stamp_t));

        return;
    }

    lookup->slot = process->slot;
    lookup->hash = ngx_editorial_zone_hash(process, lookup->key);
    lookup->now = ngx_time();
    lookup->now_ms = ngx_current_msec;

    ngx_editorial_zone_begin(process);
    ed_zone_lookup(process->sh->zone, lookup);
    ngx_editorial_zone_end(process, lookup->wake);

    if ((ngx_msec_int_t) (process->sh->watched - ngx_current_msec) <= 0) {
        lookup->page.doubtful = 1;
    }
}


ngx_uint_t
ngx_editorial_zone_is_wanted(ngx_editorial_zone_t *zone, ed_str_t key)
{
    uint64_t                       hash;
    ngx_uint_t                     wanted;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    wanted = (ngx_uint_t) ed_zone_is_wanted(process->sh->zone, hash, key);
    ngx_editorial_zone_end(process, 0);

    return wanted;
}


void
ngx_editorial_zone_unpin(ngx_editorial_zone_t *zone, uint32_t entry)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS || entry == ED_ZONE_NONE) {
        return;
    }

    ngx_editorial_zone_begin(process);
    ed_zone_unpin(process->sh->zone, process->slot, entry);
    ngx_editorial_zone_end(process, 0);
}


void
ngx_editorial_zone_unlock(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token)
{
    uint64_t                       hash, wake;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (token == 0) {
        return;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    wake = ed_zone_unlock(process->sh->zone, hash, key, token);
    ngx_editorial_zone_end(process, wake);
}


void
ngx_editorial_zone_unstorable(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, ngx_msec_t life, ngx_uint_t drop)
{
    uint64_t                       hash, wake;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (token == 0) {
        return;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    wake = ed_zone_unstorable(process->sh->zone, hash, key, token,
                              ngx_current_msec, ngx_current_msec + life,
                              (int) drop);
    ngx_editorial_zone_end(process, wake);
}


void
ngx_editorial_zone_renew(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, const ed_zone_times_t *times)
{
    uint64_t                       hash, wake;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    wake = ed_zone_renew(process->sh->zone, hash, key, token, times);
    ngx_editorial_zone_end(process, wake);
}


ngx_int_t
ngx_editorial_zone_store(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, const ed_zone_times_t *times,
    const ed_zone_stamp_t *stamp, ed_str_t head, ed_str_t body,
    ngx_uint_t pin, ed_zone_page_t *page)
{
    ed_rc_t                        rc;
    uint32_t                       entry;
    uint64_t                       hash, wake;
    ngx_editorial_zone_process_t  *process = zone->process;

    entry = ngx_editorial_zone_reserve(process, head.len, body.len,
                                       stamp->aside);

    if (entry == ED_ZONE_NONE) {
        ngx_editorial_zone_unlock(zone, key, token);
        return NGX_DECLINED;
    }

    ed_zone_write(process->sh->zone, entry, 0, head.data, head.len);
    ed_zone_write(process->sh->zone, entry, head.len, body.data, body.len);

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    rc = ed_zone_publish(process->sh->zone, process->slot, entry, hash, key,
                         token, times, stamp, pin, page, &wake);
    ngx_editorial_zone_end(process, wake);

    return rc == ED_OK ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_editorial_zone_replace(ngx_editorial_zone_t *zone, ed_str_t key,
    uint32_t old, const ed_zone_times_t *times, const ed_zone_stamp_t *stamp,
    ed_str_t head, ed_str_t body, ed_zone_page_t *page)
{
    ed_rc_t                        rc;
    uint32_t                       entry;
    uint64_t                       hash, wake;
    ngx_editorial_zone_process_t  *process = zone->process;

    entry = ngx_editorial_zone_reserve(process, head.len, body.len,
                                       stamp->aside);

    if (entry == ED_ZONE_NONE) {
        return NGX_DECLINED;
    }

    ed_zone_write(process->sh->zone, entry, 0, head.data, head.len);
    ed_zone_write(process->sh->zone, entry, head.len, body.data, body.len);

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    rc = ed_zone_replace(process->sh->zone, process->slot, entry, old, hash,
                         key, times, stamp, page, &wake);
    ngx_editorial_zone_end(process, wake);

    return rc == ED_OK ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_editorial_zone_store_coded(ngx_editorial_zone_t *zone, uint32_t page,
    ed_str_t coded, size_t head_len)
{
    uint32_t                       entry;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (head_len > coded.len) {
        return NGX_DECLINED;
    }

    entry = ngx_editorial_zone_reserve(process, head_len,
                                       coded.len - head_len, 0);
    if (entry == ED_ZONE_NONE) {
        return NGX_DECLINED;
    }

    ed_zone_write(process->sh->zone, entry, 0, coded.data, coded.len);

    ngx_editorial_zone_begin(process);
    ed_zone_attach(process->sh->zone, process->slot, page, entry);
    ngx_editorial_zone_end(process, 0);

    return NGX_OK;
}


const u_char *
ngx_editorial_zone_bytes(ngx_editorial_zone_t *zone,
    const ed_zone_page_t *page, ngx_uint_t coded, size_t offset, size_t *len)
{
    return ed_zone_bytes(zone->process->sh->zone, page, coded, offset, len);
}


ngx_uint_t
ngx_editorial_zone_is_intact(ngx_editorial_zone_t *zone,
    const ed_zone_page_t *page)
{
    return (ngx_uint_t) ed_zone_is_intact(zone->process->sh->zone, page);
}


ngx_uint_t
ngx_editorial_zone_may_pin(ngx_editorial_zone_t *zone)
{
    return ed_zone_may_pin(zone->process->sh->zone);
}


ngx_uint_t
ngx_editorial_zone_purge(ngx_editorial_zone_t *zone, ed_str_t key)
{
    uint64_t                       hash, wake;
    ngx_uint_t                     pages;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    pages = ed_zone_purge(process->sh->zone, hash, key, &wake);
    ngx_editorial_zone_end(process, wake);

    return pages;
}


void
ngx_editorial_zone_purge_tag(ngx_editorial_zone_t *zone, ed_str_t tag)
{
    uint64_t                       hash;
    ngx_editorial_zone_process_t  *process = zone->process;

    hash = ngx_editorial_zone_hash(process, tag);

    ngx_editorial_zone_begin(process);
    ed_zone_purge_tag(process->sh->zone, hash);
    ngx_editorial_zone_end(process, 0);
}


ngx_uint_t
ngx_editorial_zone_is_purged(ngx_editorial_zone_t *zone, ed_str_t tags,
    const ed_zone_stamp_t *stamp)
{
    ed_str_t                       tag;
    uint64_t                       hash;
    ngx_uint_t                     purged;
    ngx_editorial_zone_process_t  *process = zone->process;

    purged = 0;

    ngx_editorial_zone_begin(process);

    while (!purged && ed_str_word(&tags, &tag)) {
        hash = ngx_editorial_zone_hash(process, tag);
        purged = (ngx_uint_t) ed_zone_is_purged(process->sh->zone, hash,
                                                stamp);
    }

    ngx_editorial_zone_end(process, 0);

    return purged;
}


ngx_uint_t
ngx_editorial_zone_purge_all(ngx_editorial_zone_t *zone)
{
    uint64_t                       wake;
    ngx_uint_t                     pages;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    ngx_editorial_zone_begin(process);
    pages = ed_zone_purge_all(process->sh->zone, &wake);
    ngx_editorial_zone_end(process, wake);

    return pages;
}


void
ngx_editorial_zone_stats(ngx_editorial_zone_t *zone, ed_zone_stats_t *stats)
{
    ed_zone_get_stats(zone->process->sh->zone, stats);
}


uint64_t
ngx_editorial_zone_hash(ngx_editorial_zone_process_t *process, ed_str_t key)
{
    return ed_hash(process->sh->key, key.data, key.len);
}


static uint32_t
ngx_editorial_zone_reserve(ngx_editorial_zone_process_t *process,
    size_t head_len, size_t body_len, ngx_uint_t aside)
{
    uint32_t  entry;

    if (process->slot == ED_ZONE_SLOTS) {
        return ED_ZONE_NONE;
    }

    ngx_editorial_zone_begin(process);
    entry = aside ? ed_zone_reserve_aside(process->sh->zone, process->slot,
                                          head_len, body_len)
                  : ed_zone_reserve(process->sh->zone, process->slot,
                                    head_len, body_len);
    ngx_editorial_zone_end(process, 0);

    return entry;
}


/* Called in the master, while the configuration that was in force is still
   ngx_cycle's. */

static ngx_int_t
ngx_editorial_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_editorial_zone_t  *old = data;

    ngx_slab_pool_t       *shpool;
    ngx_editorial_zone_t  *zone;

    zone = shm_zone->data;

    if (old) {
        zone->process = old->process;
        zone->process->refs++;

        return NGX_OK;
    }

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (!shm_zone->shm.exists
        && ngx_editorial_zone_create(shm_zone, shpool) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_editorial_zone_say_resized(shm_zone);

    zone->process = ngx_editorial_zone_process_create(&shm_zone->shm.name,
                                                      shm_zone->shm.log);
    if (zone->process == NULL) {
        return NGX_ERROR;
    }

    zone->process->shpool = shpool;
    zone->process->sh = shpool->data;

    return NGX_OK;
}


/* nginx keeps the memory of a zone only where its size is the same. */

static void
ngx_editorial_zone_say_resized(ngx_shm_zone_t *shm_zone)
{
    ngx_uint_t        i;
    ngx_shm_zone_t   *old;
    ngx_list_part_t  *part;

    for (part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;
         part != NULL;
         part = part->next)
    {
        old = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (old[i].tag == shm_zone->tag
                && old[i].shm.size != shm_zone->shm.size
                && old[i].shm.name.len == shm_zone->shm.name.len
                && ngx_strncmp(old[i].shm.name.data, shm_zone->shm.name.data,
                               shm_zone->shm.name.len)
                   == 0)
            {
                ngx_log_error(NGX_LOG_NOTICE, shm_zone->shm.log, 0,
                              "zone \"%V\" has %uz bytes instead of %uz now, "
                              "the pages of the old one are gone",
                              &shm_zone->shm.name, shm_zone->shm.size,
                              old[i].shm.size);
            }
        }
    }
}


static ngx_int_t
ngx_editorial_zone_create(ngx_shm_zone_t *shm_zone, ngx_slab_pool_t *shpool)
{
    void                     *memory;
    ngx_editorial_zone_sh_t  *sh;

    sh = ngx_slab_calloc(shpool, sizeof(ngx_editorial_zone_sh_t));

    if (sh == NULL
        || ngx_editorial_zone_log_ctx(shm_zone, shpool) != NGX_OK)
    {
        return NGX_ERROR;
    }

    sh->size = shpool->pfree * ngx_pagesize;

    memory = ngx_slab_alloc(shpool, sh->size);
    if (memory == NULL) {
        return NGX_ERROR;
    }

    sh->zone = ed_zone_init(memory, sh->size);

    if (sh->zone == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone \"%V\" has room for %uz bytes, at least %uz are "
                      "needed", &shm_zone->shm.name, sh->size,
                      ed_zone_min_size());
        return NGX_ERROR;
    }

    ngx_editorial_zone_random(sh->key);

    shpool->data = sh;
    shpool->log_nomem = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_editorial_zone_log_ctx(ngx_shm_zone_t *shm_zone, ngx_slab_pool_t *shpool)
{
    size_t  len;

    len = sizeof(" in editorial zone \"\"") + shm_zone->shm.name.len;

    shpool->log_ctx = ngx_slab_alloc(shpool, len);
    if (shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(shpool->log_ctx, " in editorial zone \"%V\"%Z",
                &shm_zone->shm.name);

    return NGX_OK;
}


/* The hash's key, so that nobody can choose pages of one bucket. */

static void
ngx_editorial_zone_random(u_char *key)
{
    ngx_uint_t  i;

    if (getrandom(key, ED_HASH_KEY, 0) == ED_HASH_KEY) {
        return;
    }

    for (i = 0; i < ED_HASH_KEY; i++) {
        key[i] = (u_char) (ngx_random() ^ ngx_pid ^ ngx_cached_time->msec);
    }
}


static void
ngx_editorial_zone_cleanup(void *data)
{
    ngx_editorial_zone_t  *zone = data;

    if (zone->process) {
        ngx_editorial_zone_process_release(zone->process);
        zone->process = NULL;
    }
}
