
/*
 * Pages that go before their time: one of a key, or all; and those that are
 * looked through for what is to go.
 *
 * All are too many to be gone through by one who holds the mutex.  So the era
 * ends: what is of an older one is void, is no longer counted, and goes when it
 * is found, or when its room is wanted.
 */

#include "ed_zone_int.h"


unsigned
ed_zone_purge(ed_zone_t *zone, uint64_t hash, ed_str_t key, uint64_t *wake)
{
    uint32_t          i;
    unsigned          pages;
    ed_zone_entry_t  *e;

    *wake = 0;

    i = ed_zone_find_live(zone, hash, key);
    if (i == ED_ZONE_NONE) {
        return 0;
    }

    e = ed_zone_entry(zone, i);
    pages = (e->state == ED_ENTRY_PAGE);
    *wake = e->waiters;

    ed_zone_drop(zone, i);

    return pages;
}


unsigned
ed_zone_purge_revision(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t revision, uint64_t *wake)
{
    uint32_t                i;
    const ed_zone_entry_t  *e;

    *wake = 0;

    i = ed_zone_find_live(zone, hash, key);
    if (i == ED_ZONE_NONE) {
        return 0;
    }

    e = ed_zone_entry(zone, i);

    if (e->state != ED_ENTRY_PAGE || e->revision != revision) {
        return 0;
    }

    *wake = e->waiters;
    ed_zone_drop(zone, i);

    return 1;
}


void
ed_zone_purge_tag(ed_zone_t *zone, uint64_t tag)
{
    zone->told++;
    zone->purged[tag % ED_ZONE_MISSED] = zone->told;
}


int
ed_zone_is_purged(const ed_zone_t *zone, uint64_t tag,
    const ed_zone_stamp_t *stamp)
{
    return zone->purged[tag % ED_ZONE_MISSED] > stamp->doubts[ED_DOUBT_PAGE];
}


unsigned
ed_zone_purge_all(ed_zone_t *zone, uint64_t *wake)
{
    return ed_zone_renew_generation(zone, zone->generation + 1, wake);
}


unsigned
ed_zone_renew_generation(ed_zone_t *zone, uint64_t generation, uint64_t *wake)
{
    unsigned  pages;

    *wake = 0;

    if (generation == zone->generation) {
        return 0;
    }

    pages = zone->npages[0];

    zone->era++;
    ed_zone_poke(zone->generation, generation);
    ed_zone_poke(zone->npages[0], 0);
    ed_zone_poke(zone->npages[1], 0);

    *wake = ed_zone_owned(zone);

    return pages;
}


uint64_t
ed_zone_generation(const ed_zone_t *zone)
{
    return ed_zone_peek(zone->generation);
}


uint32_t
ed_zone_scan(ed_zone_t *zone, unsigned slot, uint32_t from,
    ed_zone_page_t *page)
{
    uint32_t                i, n;
    const ed_zone_entry_t  *e;

    memset(page, 0, sizeof(ed_zone_page_t));
    page->entry = ED_ZONE_NONE;

    i = from;

    for (n = 0; n < ED_ZONE_STRETCH && i < zone->at.nentries; n++) {
        e = ed_zone_entry(zone, i++);

        if (e->state == ED_ENTRY_PAGE && (!e->derived || e->aside)
            && !ed_zone_is_void(zone, e) && ed_zone_pin(zone, slot, i - 1))
        {
            ed_zone_describe(zone, i - 1, page);
            page->entry = i - 1;
            break;
        }
    }

    return i < zone->at.nentries ? i : ED_ZONE_NONE;
}
