
/*
 * What is known of the other store, and what goes for its sake: functions of
 * ed_zone.h under the mutex.  A process without a slot neither learns nor tells
 * anything.
 */

#include "ngx_editorial_zone_int.h"


uint64_t
ngx_editorial_zone_article(ngx_editorial_zone_t *zone, ed_str_t id)
{
    uint64_t  hash;

    if (id.len == 0 || zone->process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    hash = ngx_editorial_zone_hash(zone->process, id);

    return hash != 0 ? hash : 1;
}


ngx_uint_t
ngx_editorial_zone_doubt(ngx_editorial_zone_t *zone, ed_str_t key,
    ed_doubt_e kind, ed_zone_stamp_t *stamp)
{
    uint64_t                       hash;
    ngx_uint_t                     found;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        ngx_memzero(stamp, sizeof(ed_zone_stamp_t));
        return 0;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    found = (ngx_uint_t) ed_zone_doubt(process->sh->zone, hash, key, kind,
                                       stamp);
    ngx_editorial_zone_end(process, 0);

    return found;
}


uint32_t
ngx_editorial_zone_doubt_article(ngx_editorial_zone_t *zone, uint64_t article,
    uint32_t from)
{
    uint32_t                       next;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return ED_ZONE_NONE;
    }

    ngx_editorial_zone_begin(process);
    next = ed_zone_doubt_article(process->sh->zone, article, from);
    ngx_editorial_zone_end(process, 0);

    return next;
}


void
ngx_editorial_zone_distrust(ngx_editorial_zone_t *zone)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return;
    }

    ngx_editorial_zone_begin(process);
    ed_zone_distrust(process->sh->zone);
    ngx_editorial_zone_end(process, 0);
}


void
ngx_editorial_zone_trust(ngx_editorial_zone_t *zone, ed_str_t key,
    const ed_zone_stamp_t *stamp)
{
    uint64_t                       hash;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    ed_zone_trust(process->sh->zone, hash, key, stamp);
    ngx_editorial_zone_end(process, 0);
}


void
ngx_editorial_zone_watch(ngx_editorial_zone_t *zone, ngx_msec_t life)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot != ED_ZONE_SLOTS) {
        process->sh->watched = life != 0 ? ngx_current_msec + life : 0;
    }
}


void
ngx_editorial_zone_revise(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t old, uint64_t revision)
{
    uint64_t                       hash;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    ed_zone_revise(process->sh->zone, hash, key, old, revision);
    ngx_editorial_zone_end(process, 0);
}


ngx_uint_t
ngx_editorial_zone_purge_revision(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t revision)
{
    uint64_t                       hash, wake;
    ngx_uint_t                     pages;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    hash = ngx_editorial_zone_hash(process, key);

    ngx_editorial_zone_begin(process);
    pages = ed_zone_purge_revision(process->sh->zone, hash, key, revision,
                                   &wake);
    ngx_editorial_zone_end(process, wake);

    return pages;
}


ngx_uint_t
ngx_editorial_zone_renew_generation(ngx_editorial_zone_t *zone,
    uint64_t generation)
{
    uint64_t                       wake;
    ngx_uint_t                     pages;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    ngx_editorial_zone_begin(process);
    pages = ed_zone_renew_generation(process->sh->zone, generation, &wake);
    ngx_editorial_zone_end(process, wake);

    return pages;
}


uint64_t
ngx_editorial_zone_generation(ngx_editorial_zone_t *zone)
{
    return ed_zone_generation(zone->process->sh->zone);
}


uint32_t
ngx_editorial_zone_scan(ngx_editorial_zone_t *zone, uint32_t from,
    ed_zone_page_t *page)
{
    uint32_t                       next;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        ngx_memzero(page, sizeof(ed_zone_page_t));
        page->entry = ED_ZONE_NONE;

        return ED_ZONE_NONE;
    }

    ngx_editorial_zone_begin(process);
    next = ed_zone_scan(process->sh->zone, process->slot, from, page);
    ngx_editorial_zone_end(process, 0);

    return next;
}
