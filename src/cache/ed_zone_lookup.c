
/*
 * A key's page, and the lock on its fetch.
 *
 * A lock is a number that is never used again.  Whoever holds it shows it
 * when he stores the page or gives the lock back; if the entry has another
 * one by then, or none, what he does is void.  So a lock can be taken from
 * him at any time: when its life is over, by who asks next; when the page is
 * purged, by nobody.
 *
 * Those who wait are a bit each, of their slot.  The bits stay when a lock
 * that is over changes hands, and go, to be woken, when it is given back.
 *
 * A mark (the page is known to be unstorable) is the end of a life without a
 * lock.
 */

#include "ed_zone_int.h"


static int ed_zone_lookup_page(ed_zone_t *zone, uint32_t i,
    ed_zone_lookup_t *lookup);
static void ed_zone_look_after(ed_zone_entry_t *e, uint32_t now,
    ed_zone_page_t *page);
static void ed_zone_lookup_lock(ed_zone_t *zone, uint32_t i,
    ed_zone_lookup_t *lookup);
static uint32_t ed_zone_bare(ed_zone_t *zone, ed_zone_lookup_t *lookup);
static void ed_zone_bare_clean(ed_zone_t *zone, ed_zone_lookup_t *lookup);
static uint32_t ed_zone_held(ed_zone_t *zone, uint64_t hash,
    ed_str_t key, uint64_t token);
static uint64_t ed_zone_release(ed_zone_t *zone, uint32_t i, uint64_t until);


void
ed_zone_lookup(ed_zone_t *zone, ed_zone_lookup_t *lookup)
{
    uint32_t  i;

    static const ed_zone_page_t  none = { .entry = ED_ZONE_NONE };

    lookup->state = ED_PAGE_NONE;
    lookup->locked = ED_LOCK_NONE;
    lookup->token = 0;
    lookup->wake = 0;

    i = ed_zone_find_live(zone, lookup->hash, lookup->key);
    ed_zone_stamp_get(zone, i, &lookup->stamp);

    if (i == ED_ZONE_NONE
        || ed_zone_entry(zone, i)->state != ED_ENTRY_PAGE)
    {
        lookup->page = none;

    } else if (!ed_zone_lookup_page(zone, i, lookup)) {
        lookup->page = none;
        return;
    }

    if ((lookup->lock || lookup->wait)
        && (lookup->state != ED_PAGE_FRESH || lookup->force))
    {
        ed_zone_lookup_lock(zone, i, lookup);
    }
}


int
ed_zone_is_locked(ed_zone_t *zone, unsigned slot, uint64_t hash,
    ed_str_t key, uint64_t now_ms)
{
    uint32_t          i;
    ed_zone_entry_t  *e;

    i = ed_zone_find_live(zone, hash, key);
    if (i == ED_ZONE_NONE) {
        return 0;
    }

    e = ed_zone_entry(zone, i);

    if (e->token == 0 || e->until <= now_ms) {
        return 0;
    }

    if (slot < ED_ZONE_SLOTS) {
        e->waiters |= ed_zone_bit(slot);
    }

    return 1;
}


int
ed_zone_is_wanted(ed_zone_t *zone, uint64_t hash, ed_str_t key)
{
    uint32_t  i;

    i = ed_zone_find_live(zone, hash, key);

    return i != ED_ZONE_NONE && ed_zone_entry(zone, i)->waiters != 0;
}


void
ed_zone_unpin(ed_zone_t *zone, unsigned slot, uint32_t entry)
{
    if (slot < ED_ZONE_SLOTS
        && entry < zone->at.nentries
        && ed_zone_entry(zone, entry)->slot_pins[slot] != 0)
    {
        ed_zone_unpin_n(zone, slot, entry, 1);
    }
}


uint64_t
ed_zone_unlock(ed_zone_t *zone, uint64_t hash, ed_str_t key, uint64_t token)
{
    uint32_t  i;

    i = ed_zone_held(zone, hash, key, token);

    return i != ED_ZONE_NONE ? ed_zone_release(zone, i, 0) : 0;
}


uint64_t
ed_zone_unstorable(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t token, uint64_t now_ms, uint64_t until_ms, int drop)
{
    uint32_t          i;
    uint64_t          wake;
    ed_zone_lookup_t  lookup;

    i = ed_zone_held(zone, hash, key, token);

    if (i == ED_ZONE_NONE) {
        return 0;
    }

    wake = ed_zone_release(zone, i, until_ms);

    if (!drop || ed_zone_entry(zone, i)->state != ED_ENTRY_PAGE) {
        return wake;
    }

    ed_zone_drop(zone, i);

    if (until_ms == 0) {
        return wake;
    }

    memset(&lookup, 0, sizeof(ed_zone_lookup_t));
    lookup.hash = hash;
    lookup.key = key;
    lookup.now_ms = now_ms;

    i = ed_zone_bare(zone, &lookup);

    if (i != ED_ZONE_NONE) {
        ed_zone_entry(zone, i)->until = until_ms;
    }

    return wake | lookup.wake;
}


uint64_t
ed_zone_renew(ed_zone_t *zone, uint64_t hash, ed_str_t key, uint64_t token,
    const ed_zone_times_t *times)
{
    uint32_t          i;
    ed_zone_entry_t  *e;

    i = token != 0 ? ed_zone_held(zone, hash, key, token)
                   : ed_zone_find_live(zone, hash, key);

    if (i == ED_ZONE_NONE) {
        return 0;
    }

    e = ed_zone_entry(zone, i);

    if (e->state == ED_ENTRY_PAGE) {
        e->times = *times;
    }

    return token != 0 ? ed_zone_release(zone, i, 0) : 0;
}


void
ed_zone_describe(const ed_zone_t *zone, uint32_t i, ed_zone_page_t *page)
{
    const ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    *page = (ed_zone_page_t) {
        .entry = ED_ZONE_NONE,
        .times = e->times,
        .head_len = e->head_len,
        .len = e->page.len,
        .coded_len = e->coded.len,
        .doubtful = ed_zone_is_doubtful(zone, e),
        .aside = e->aside
    };
}


/* Zero: the page is there, but cannot be pinned once more. */

static int
ed_zone_lookup_page(ed_zone_t *zone, uint32_t i, ed_zone_lookup_t *lookup)
{
    ed_zone_page_t   *page;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    page = &lookup->page;

    if (lookup->pin) {
        if (!ed_zone_pin(zone, lookup->slot, i)) {
            return 0;
        }
    }

    ed_zone_describe(zone, i, page);

    if (lookup->pin) {
        page->entry = i;
        ed_zone_look_after(e, (uint32_t) lookup->now_ms, page);
    }

    lookup->state = lookup->now < e->times.fresh ? ED_PAGE_FRESH
                    : lookup->now < e->times.stale ? ED_PAGE_STALE
                    : ED_PAGE_EXPIRED;

    if (zone->pages.head != i) {
        ed_zone_list_remove(zone, i);
        ed_zone_list_add(zone, i);
    }

    return 1;
}


/* What it is time for, by the clock. */

static void
ed_zone_look_after(ed_zone_entry_t *e, uint32_t now, ed_zone_page_t *page)
{
    if (now - e->checked >= ED_ZONE_CHECK) {
        e->checked = now;
        page->check = 1;
    }

    if (e->revision == 0) {
        return;
    }

    if (e->touched == 0 || now - e->touched >= ED_ZONE_TOUCH) {
        page->touch = (e->touched != 0);
        e->touched = now != 0 ? now : 1;
    }
}


static void
ed_zone_lookup_lock(ed_zone_t *zone, uint32_t i, ed_zone_lookup_t *lookup)
{
    ed_zone_entry_t  *e;

    if (i == ED_ZONE_NONE && lookup->lock) {
        i = ed_zone_bare(zone, lookup);
    }

    if (i == ED_ZONE_NONE) {
        return;
    }

    e = ed_zone_entry(zone, i);

    if (e->until > lookup->now_ms) {

        if (e->token == 0) {
            lookup->locked = ED_LOCK_UNSTORABLE;
            return;
        }

        lookup->locked = ED_LOCK_BUSY;

        if (lookup->wait && lookup->state != ED_PAGE_STALE
            && lookup->slot < ED_ZONE_SLOTS)
        {
            e->waiters |= ed_zone_bit(lookup->slot);
        }

        return;
    }

    if (!lookup->lock) {
        return;
    }

    e->slot = (uint8_t) lookup->slot;
    e->until = lookup->now_ms + lookup->lock_ms;
    e->token = ++zone->token;

    if (e->state == ED_ENTRY_BARE) {
        e->article = lookup->article;
    }

    lookup->locked = ED_LOCK_TAKEN;
    lookup->token = e->token;
}


/* An entry for a key that has none, with neither lock nor mark; ED_ZONE_NONE:
   there are too many of them. */

static uint32_t
ed_zone_bare(ed_zone_t *zone, ed_zone_lookup_t *lookup)
{
    uint32_t  i;

    ed_zone_bare_clean(zone, lookup);

    if (zone->bare.count >= zone->at.nbare) {
        return ED_ZONE_NONE;
    }

    i = ed_zone_entry_take(zone);
    if (i == ED_ZONE_NONE) {
        return ED_ZONE_NONE;
    }

    if (!ed_zone_key_set(zone, i, lookup->hash, lookup->key)) {
        ed_zone_entry_give(zone, i);
        return ED_ZONE_NONE;
    }

    ed_zone_entry(zone, i)->state = ED_ENTRY_BARE;
    ed_zone_entry(zone, i)->era = zone->era;
    ed_zone_list_add(zone, i);

    return i;
}


/*
 * Entries without page go when their lock or mark is over, or void.  For each
 * new one, two are looked at, so that they do not pile up; where there is no
 * room for it, more of them, and a mark goes before its time.
 */

static void
ed_zone_bare_clean(ed_zone_t *zone, ed_zone_lookup_t *lookup)
{
    int               full;
    uint32_t          i, n;
    ed_zone_entry_t  *e;

    full = (zone->bare.count >= zone->at.nbare);

    for (n = full ? ED_ZONE_SCAN : 2; n != 0; n--) {
        i = zone->bare.tail;
        if (i == ED_ZONE_NONE) {
            return;
        }

        e = ed_zone_entry(zone, i);

        if (e->until <= lookup->now_ms || ed_zone_is_void(zone, e)
            || (full && e->token == 0))
        {
            lookup->wake |= e->waiters;
            ed_zone_drop(zone, i);
            full = 0;
            continue;
        }

        ed_zone_list_remove(zone, i);
        ed_zone_list_add(zone, i);
    }
}


/* The entry of that key, if that is its lock. */

static uint32_t
ed_zone_held(ed_zone_t *zone, uint64_t hash, ed_str_t key, uint64_t token)
{
    uint32_t  i;

    if (token == 0) {
        return ED_ZONE_NONE;
    }

    i = ed_zone_find_live(zone, hash, key);

    if (i == ED_ZONE_NONE || ed_zone_entry(zone, i)->token != token) {
        return ED_ZONE_NONE;
    }

    return i;
}


/* The lock goes; until is the end of a mark, or 0.  Who is to be woken. */

static uint64_t
ed_zone_release(ed_zone_t *zone, uint32_t i, uint64_t until)
{
    uint64_t          wake;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    wake = e->waiters;

    e->token = 0;
    e->until = until;
    e->waiters = 0;

    if (e->state == ED_ENTRY_BARE && until == 0) {
        ed_zone_drop(zone, i);
    }

    return wake;
}
