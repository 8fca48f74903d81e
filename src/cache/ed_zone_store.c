
/*
 * Storing: blocks are reserved, written without the mutex, and become a page
 * in one step.  The entry that was reserved is that of the page; the one that
 * had its key before, a lock's or an older page's, gives it up.
 */

#include "ed_zone_int.h"


static uint32_t ed_zone_take(ed_zone_t *zone, unsigned slot, size_t head_len,
    uint64_t size);
static int ed_zone_room(ed_zone_t *zone, uint64_t size, uint32_t n,
    int aside);
static uint32_t ed_zone_count(uint64_t size);
static ed_zone_entry_t *ed_zone_own(const ed_zone_t *zone, unsigned slot,
    uint32_t i);
static uint64_t ed_zone_inherit(ed_zone_t *zone, uint32_t to, uint32_t from,
    uint64_t token);


uint32_t
ed_zone_reserve(ed_zone_t *zone, unsigned slot, size_t head_len,
    size_t body_len)
{
    uint64_t  size;

    size = (uint64_t) head_len + body_len;

    if (slot >= ED_ZONE_SLOTS || head_len > ED_ZONE_BLOCK
        || !ed_zone_room(zone, size, ed_zone_count(size), 0))
    {
        ed_zone_poke(zone->refused, zone->refused + 1);
        return ED_ZONE_NONE;
    }

    return ed_zone_take(zone, slot, head_len, size);
}


uint32_t
ed_zone_reserve_aside(ed_zone_t *zone, unsigned slot, size_t head_len,
    size_t body_len)
{
    uint64_t  size;

    size = (uint64_t) head_len + body_len;

    if (slot >= ED_ZONE_SLOTS || head_len > ED_ZONE_BLOCK
        || !ed_zone_room(zone, size, ed_zone_count(size), 1))
    {
        return ED_ZONE_NONE;
    }

    return ed_zone_take(zone, slot, head_len, size);
}


/* There is room. */

static uint32_t
ed_zone_take(ed_zone_t *zone, unsigned slot, size_t head_len, uint64_t size)
{
    uint32_t          i, n;
    ed_zone_entry_t  *e;

    n = ed_zone_count(size);

    i = ed_zone_entry_take(zone);
    if (i == ED_ZONE_NONE) {
        return ED_ZONE_NONE;
    }

    e = ed_zone_entry(zone, i);

    ed_zone_chain_take(zone, &e->page, n);
    e->page.len = (uint32_t) size;
    e->head_len = (uint32_t) head_len;
    e->slot = (uint8_t) slot;
    e->checked = 0;
    e->page_crc = 0;
    e->coded_crc = 0;
    zone->reserved += n;

    ed_zone_barrier();
    e->state = ED_ENTRY_RESERVED;

    return i;
}


ed_rc_t
ed_zone_publish(ed_zone_t *zone, unsigned slot, uint32_t entry,
    uint64_t hash, ed_str_t key, uint64_t token,
    const ed_zone_times_t *times, const ed_zone_stamp_t *stamp, int pin,
    ed_zone_page_t *page, uint64_t *wake)
{
    uint32_t          old;
    ed_zone_entry_t  *e;

    *wake = 0;

    e = ed_zone_own(zone, slot, entry);
    if (e == NULL) {
        return ED_DONE;
    }

    old = ed_zone_find_live(zone, hash, key);

    if (stamp->generation != zone->generation
        || (token != 0
            && (old == ED_ZONE_NONE
                || ed_zone_entry(zone, old)->token != token)))
    {
        ed_zone_discard(zone, slot, entry);
        return ED_DONE;
    }

    if (old != ED_ZONE_NONE) {
        *wake = ed_zone_inherit(zone, entry, old, token);

    } else if (!ed_zone_key_set(zone, entry, hash, key)) {
        ed_zone_discard(zone, slot, entry);
        return ED_DONE;
    }

    zone->reserved -= e->page.nblocks;
    e->times = *times;
    ed_zone_stamp_set(zone, entry, stamp);
    e->state = ED_ENTRY_PAGE;
    ed_zone_list_add(zone, entry);
    ed_zone_poke(zone->npages[e->derived], zone->npages[e->derived] + 1);

    if (pin) {
        (void) ed_zone_pin(zone, slot, entry);
        ed_zone_describe(zone, entry, page);
        page->entry = entry;
    }

    return ED_OK;
}


ed_rc_t
ed_zone_replace(ed_zone_t *zone, unsigned slot, uint32_t entry, uint32_t old,
    uint64_t hash, ed_str_t key, const ed_zone_times_t *times,
    const ed_zone_stamp_t *stamp, ed_zone_page_t *page, uint64_t *wake)
{
    ed_zone_stamp_t  own;

    if (old == ED_ZONE_NONE || ed_zone_find_live(zone, hash, key) != old) {
        *wake = 0;
        ed_zone_discard(zone, slot, entry);
        return ED_DONE;
    }

    own = *stamp;

    if (stamp->doubtful) {
        own.epoch = ed_zone_entry(zone, old)->epoch;
        memset(own.doubts, 0, sizeof(own.doubts));
    }

    return ed_zone_publish(zone, slot, entry, hash, key, 0, times, &own, 1,
                           page, wake);
}


void
ed_zone_discard(ed_zone_t *zone, unsigned slot, uint32_t entry)
{
    ed_zone_entry_t  *e;

    e = ed_zone_own(zone, slot, entry);
    if (e == NULL) {
        return;
    }

    zone->reserved -= e->page.nblocks;

    ed_zone_chain_give(zone, &e->page);
    ed_zone_entry_give(zone, entry);
}


void
ed_zone_attach(ed_zone_t *zone, unsigned slot, uint32_t page, uint32_t coded)
{
    ed_zone_entry_t  *e, *from;

    from = ed_zone_own(zone, slot, coded);
    if (from == NULL) {
        return;
    }

    e = page < zone->at.nentries ? ed_zone_entry(zone, page) : NULL;

    if (e == NULL || e->state != ED_ENTRY_PAGE || ed_zone_is_void(zone, e)
        || e->slot_pins[slot] == 0 || e->coded.nblocks != 0)
    {
        ed_zone_discard(zone, slot, coded);
        return;
    }

    e->coded = from->page;
    e->coded_crc = from->page_crc;

    zone->reserved -= from->page.nblocks;
    ed_zone_poke(zone->pinned, zone->pinned + from->page.nblocks);

    ed_zone_entry_give(zone, coded);
}


/* Sees to it that n blocks are free.  What cannot be had is not tried for, so
   that no page is put out for nothing; but for pages that are aside, where one
   that is aside itself finds too few of them. */

static int
ed_zone_room(ed_zone_t *zone, uint64_t size, uint32_t n, int aside)
{
    if (size > (uint64_t) zone->at.nblocks / 2 * ED_ZONE_BLOCK
        || size > UINT32_MAX
        || n > zone->at.nblocks - zone->pinned - zone->reserved)
    {
        return 0;
    }

    while (zone->free < n) {
        if (!(aside ? ed_zone_evict_aside(zone) : ed_zone_evict(zone))) {
            return 0;
        }
    }

    return 1;
}


/* Blocks of so many bytes. */

static uint32_t
ed_zone_count(uint64_t size)
{
    return size != 0 ? (uint32_t) ((size + ED_ZONE_BLOCK - 1) / ED_ZONE_BLOCK)
                     : 1;
}


/* An entry that the slot has reserved; NULL: it is none. */

static ed_zone_entry_t *
ed_zone_own(const ed_zone_t *zone, unsigned slot, uint32_t i)
{
    ed_zone_entry_t  *e;

    if (i >= zone->at.nentries) {
        return NULL;
    }

    e = ed_zone_entry(zone, i);

    return e->state == ED_ENTRY_RESERVED && e->slot == slot ? e : NULL;
}


/*
 * Takes over the key of from, which is dead or free then, and its doubts.  Its
 * lock, where it is not that of token, goes with the key, for its holder and
 * those who wait; else they are to be woken.
 */

static uint64_t
ed_zone_inherit(ed_zone_t *zone, uint32_t to, uint32_t from, uint64_t token)
{
    uint64_t          wake;
    ed_zone_entry_t  *e, *old;

    e = ed_zone_entry(zone, to);
    old = ed_zone_entry(zone, from);
    wake = 0;

    if (token != 0) {
        wake = old->waiters;

    } else if (old->token != 0) {
        e->token = old->token;
        e->until = old->until;
        e->waiters = old->waiters;
        e->slot = old->slot;
    }

    memcpy(e->doubted, old->doubted, sizeof(e->doubted));
    e->doubts = old->doubts;

    ed_zone_key_move(zone, to, from);
    ed_zone_bury(zone, from);

    return wake;
}
