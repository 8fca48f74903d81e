
/*
 * Entries: found by their key, held in one of three lists, taken and given
 * back, pinned.
 *
 *     bucket --> entry --> entry --> (ED_ZONE_NONE)      by chain
 *                  |
 *                  key[136] --> cell --> cell            the rest of the key
 */

#include "ed_zone_int.h"


#define ED_ZONE_ROOM_PAGES  8          /* put out for a key's cells, at most */


static int ed_zone_key_eq(const ed_zone_t *zone, const ed_zone_entry_t *e,
    ed_str_t key);
static uint32_t ed_zone_key_cells(size_t len);
static void ed_zone_key_free(ed_zone_t *zone, ed_zone_entry_t *e);
static ed_zone_cell_t *ed_zone_cell(const ed_zone_t *zone, uint32_t i);
static void ed_zone_index_add(ed_zone_t *zone, uint32_t i);
static void ed_zone_index_remove(ed_zone_t *zone, uint32_t i);
static ed_zone_list_t *ed_zone_list(ed_zone_t *zone,
    const ed_zone_entry_t *e);
static int ed_zone_evict_of(ed_zone_t *zone, const ed_zone_list_t *list);


uint32_t
ed_zone_find(const ed_zone_t *zone, uint64_t hash, ed_str_t key)
{
    uint32_t                i;
    const ed_zone_entry_t  *e;

    for (i = *ed_zone_bucket(zone, hash); i != ED_ZONE_NONE; i = e->chain) {
        e = ed_zone_entry(zone, i);

        if (e->hash == hash && ed_zone_key_eq(zone, e, key)) {
            break;
        }
    }

    return i;
}


uint32_t
ed_zone_find_live(ed_zone_t *zone, uint64_t hash, ed_str_t key)
{
    uint32_t  i;

    i = ed_zone_find(zone, hash, key);

    if (i != ED_ZONE_NONE && ed_zone_is_void(zone, ed_zone_entry(zone, i))) {
        ed_zone_drop(zone, i);
        return ED_ZONE_NONE;
    }

    return i;
}


uint32_t
ed_zone_entry_take(ed_zone_t *zone)
{
    uint32_t  i;

    i = zone->free_entry;

    if (i != ED_ZONE_NONE) {
        zone->free_entry = ed_zone_entry(zone, i)->chain;
    }

    return i;
}


void
ed_zone_entry_give(ed_zone_t *zone, uint32_t i)
{
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    memset(e, 0, sizeof(ed_zone_entry_t));

    e->page.first = ED_ZONE_NONE;
    e->coded.first = ED_ZONE_NONE;
    e->prev = ED_ZONE_NONE;
    e->next = ED_ZONE_NONE;
    e->cells = ED_ZONE_NONE;

    e->chain = zone->free_entry;
    zone->free_entry = i;
}


int
ed_zone_key_set(ed_zone_t *zone, uint32_t i, uint64_t hash, ed_str_t key)
{
    size_t            n;
    uint32_t          cells, *last;
    ed_zone_cell_t   *cell;
    ed_zone_entry_t  *e;

    if (key.len > ED_ZONE_MAX_KEY) {
        return 0;
    }

    cells = ed_zone_key_cells(key.len);

    for (n = 0; zone->free_cells < cells; n++) {
        if (n == ED_ZONE_ROOM_PAGES || !ed_zone_evict(zone)) {
            return 0;
        }
    }

    e = ed_zone_entry(zone, i);
    e->hash = hash;
    e->key_len = (uint16_t) key.len;

    n = key.len < ED_ZONE_INLINE ? key.len : ED_ZONE_INLINE;

    if (n != 0) {
        memcpy(e->key, key.data, n);
    }

    last = &e->cells;

    for ( /* void */ ; cells != 0; cells--) {
        *last = zone->free_cell;
        cell = ed_zone_cell(zone, *last);

        zone->free_cell = cell->next;
        zone->free_cells--;
        last = &cell->next;

        key.data += n;
        key.len -= n;
        n = key.len < ED_ZONE_CELL ? key.len : ED_ZONE_CELL;

        memcpy(cell->data, key.data, n);
    }

    *last = ED_ZONE_NONE;

    ed_zone_index_add(zone, i);

    return 1;
}


void
ed_zone_key_move(ed_zone_t *zone, uint32_t to, uint32_t from)
{
    ed_zone_entry_t  *e, *old;

    e = ed_zone_entry(zone, to);
    old = ed_zone_entry(zone, from);

    ed_zone_index_remove(zone, from);

    e->hash = old->hash;
    e->key_len = old->key_len;
    e->cells = old->cells;
    memcpy(e->key, old->key, ED_ZONE_INLINE);

    old->cells = ED_ZONE_NONE;

    ed_zone_index_add(zone, to);
}


void
ed_zone_list_add(ed_zone_t *zone, uint32_t i)
{
    ed_zone_list_t   *list;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    list = ed_zone_list(zone, e);

    e->prev = ED_ZONE_NONE;
    e->next = list->head;

    if (list->head != ED_ZONE_NONE) {
        ed_zone_entry(zone, list->head)->prev = i;

    } else {
        list->tail = i;
    }

    list->head = i;
    ed_zone_poke(list->count, list->count + 1);
}


void
ed_zone_list_remove(ed_zone_t *zone, uint32_t i)
{
    ed_zone_list_t   *list;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    list = ed_zone_list(zone, e);

    if (e->prev != ED_ZONE_NONE) {
        ed_zone_entry(zone, e->prev)->next = e->next;

    } else {
        list->head = e->next;
    }

    if (e->next != ED_ZONE_NONE) {
        ed_zone_entry(zone, e->next)->prev = e->prev;

    } else {
        list->tail = e->prev;
    }

    ed_zone_poke(list->count, list->count - 1);
}


void
ed_zone_drop(ed_zone_t *zone, uint32_t i)
{
    ed_zone_index_remove(zone, i);
    ed_zone_key_free(zone, ed_zone_entry(zone, i));
    ed_zone_bury(zone, i);
}


void
ed_zone_bury(ed_zone_t *zone, uint32_t i)
{
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    ed_zone_list_remove(zone, i);

    if (e->state == ED_ENTRY_PAGE && !ed_zone_is_void(zone, e)) {
        ed_zone_poke(zone->npages[e->derived],
                     zone->npages[e->derived] - 1);
    }

    e->token = 0;
    e->until = 0;
    e->waiters = 0;

    if (e->pins != 0) {
        e->state = ED_ENTRY_DEAD;
        return;
    }

    ed_zone_chain_give(zone, &e->page);
    ed_zone_chain_give(zone, &e->coded);
    ed_zone_entry_give(zone, i);
}


int
ed_zone_evict(ed_zone_t *zone)
{
    return ed_zone_evict_aside(zone)
           || ed_zone_evict_of(zone, &zone->pages);
}


int
ed_zone_evict_aside(ed_zone_t *zone)
{
    uint32_t  last;

    if (ed_zone_evict_of(zone, &zone->asides)) {
        return 1;
    }

    last = zone->pages.tail;

    if (last == ED_ZONE_NONE
        || !ed_zone_is_void(zone, ed_zone_entry(zone, last))
        || ed_zone_entry(zone, last)->pins != 0)
    {
        return 0;
    }

    ed_zone_drop(zone, last);

    return 1;
}


static int
ed_zone_evict_of(ed_zone_t *zone, const ed_zone_list_t *list)
{
    int                     room;
    uint32_t                i, n;
    const ed_zone_entry_t  *e;

    n = list->count < ED_ZONE_SCAN ? list->count : ED_ZONE_SCAN;

    for ( /* void */ ; n != 0; n--) {
        i = list->tail;
        e = ed_zone_entry(zone, i);

        if (ed_zone_is_void(zone, e)) {
            room = (e->pins == 0);
            ed_zone_drop(zone, i);

            if (room) {
                return 1;
            }

            continue;
        }

        if (e->pins == 0 && e->token == 0) {
            if (!e->aside) {
                ed_zone_poke(zone->evictions, zone->evictions + 1);
            }

            ed_zone_drop(zone, i);

            return 1;
        }

        /* in use just now */
        ed_zone_list_remove(zone, i);
        ed_zone_list_add(zone, i);
    }

    return 0;
}


int
ed_zone_pin(ed_zone_t *zone, unsigned slot, uint32_t i)
{
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    if (slot >= ED_ZONE_SLOTS || e->slot_pins[slot] == UINT16_MAX) {
        return 0;
    }

    e->slot_pins[slot]++;

    if (e->pins++ == 0) {
        ed_zone_poke(zone->pinned, zone->pinned + ed_zone_nblocks(e));
    }

    return 1;
}


void
ed_zone_unpin_n(ed_zone_t *zone, unsigned slot, uint32_t i, uint32_t n)
{
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    e->slot_pins[slot] -= (uint16_t) n;
    e->pins -= n;

    if (e->pins != 0 || n == 0) {
        return;
    }

    ed_zone_poke(zone->pinned, zone->pinned - ed_zone_nblocks(e));

    if (e->state == ED_ENTRY_DEAD) {
        ed_zone_chain_give(zone, &e->page);
        ed_zone_chain_give(zone, &e->coded);
        ed_zone_entry_give(zone, i);
    }
}


static int
ed_zone_key_eq(const ed_zone_t *zone, const ed_zone_entry_t *e, ed_str_t key)
{
    size_t                 n;
    uint32_t               i;
    const ed_zone_cell_t  *cell;

    if (e->key_len != key.len) {
        return 0;
    }

    n = key.len < ED_ZONE_INLINE ? key.len : ED_ZONE_INLINE;

    if (n != 0 && memcmp(e->key, key.data, n) != 0) {
        return 0;
    }

    for (i = e->cells; i != ED_ZONE_NONE; i = cell->next) {
        cell = ed_zone_cell(zone, i);

        key.data += n;
        key.len -= n;
        n = key.len < ED_ZONE_CELL ? key.len : ED_ZONE_CELL;

        if (memcmp(cell->data, key.data, n) != 0) {
            return 0;
        }
    }

    return 1;
}


static uint32_t
ed_zone_key_cells(size_t len)
{
    if (len <= ED_ZONE_INLINE) {
        return 0;
    }

    return (uint32_t) ((len - ED_ZONE_INLINE + ED_ZONE_CELL - 1)
                       / ED_ZONE_CELL);
}


static void
ed_zone_key_free(ed_zone_t *zone, ed_zone_entry_t *e)
{
    uint32_t         i;
    ed_zone_cell_t  *cell;

    while (e->cells != ED_ZONE_NONE) {
        i = e->cells;
        cell = ed_zone_cell(zone, i);
        e->cells = cell->next;

        cell->next = zone->free_cell;
        zone->free_cell = i;
        zone->free_cells++;
    }
}


static ed_zone_cell_t *
ed_zone_cell(const ed_zone_t *zone, uint32_t i)
{
    return ed_zone_at(zone, ed_zone_cell_t, cells) + i;
}


static void
ed_zone_index_add(ed_zone_t *zone, uint32_t i)
{
    uint32_t         *bucket;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    bucket = ed_zone_bucket(zone, e->hash);

    e->chain = *bucket;
    *bucket = i;
}


static void
ed_zone_index_remove(ed_zone_t *zone, uint32_t i)
{
    uint32_t         *link;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    for (link = ed_zone_bucket(zone, e->hash);
         *link != i;
         link = &ed_zone_entry(zone, *link)->chain)
    {
        /* void */
    }

    *link = e->chain;
}


static ed_zone_list_t *
ed_zone_list(ed_zone_t *zone, const ed_zone_entry_t *e)
{
    if (e->state != ED_ENTRY_PAGE) {
        return &zone->bare;
    }

    return e->aside ? &zone->asides : &zone->pages;
}
