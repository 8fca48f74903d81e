
/*
 * A zone as a whole: how it is laid out, made and opened, and what is known
 * of it without looking inside.
 */

#include "ed_zone_int.h"


_Static_assert(sizeof(ed_zone_entry_t) % ED_ZONE_LINE == 0,
               "an entry begins a cache line");
_Static_assert(offsetof(ed_zone_entry_t, slot_pins) <= 2 * ED_ZONE_LINE,
               "a hit looks at two of them, its pins and its key");


static void ed_zone_layout(ed_zone_layout_t *at, uint32_t nblocks);
static uint32_t ed_zone_fit(size_t size);
static uint64_t ed_zone_align(uint64_t offset, uint64_t align);


size_t
ed_zone_min_size(void)
{
    ed_zone_layout_t  at;

    ed_zone_layout(&at, ED_ZONE_MIN_BLOCKS);

    return at.end;
}


ed_zone_t *
ed_zone_init(void *memory, size_t size)
{
    uint32_t    i;
    ed_zone_t  *zone = memory;

    if (size < ed_zone_min_size()) {
        return NULL;
    }

    memset(zone, 0, sizeof(ed_zone_t));

    ed_zone_layout(&zone->at, ed_zone_fit(size));
    zone->at.size = size;

    ed_zone_clear_lists(zone);

    for (i = zone->at.nentries; i-- != 0; /* void */) {
        ed_zone_entry_give(zone, i);
    }

    zone->told = 1;
    zone->entry_size = sizeof(ed_zone_entry_t);
    zone->version = ED_ZONE_VERSION;

    ed_zone_barrier();
    zone->magic = ED_ZONE_MAGIC;

    return zone;
}


ed_zone_t *
ed_zone_open(void *memory, size_t size)
{
    ed_zone_t         *zone = memory;
    ed_zone_layout_t   at;

    if (size < ed_zone_min_size()
        || zone->magic != ED_ZONE_MAGIC
        || zone->version != ED_ZONE_VERSION
        || zone->entry_size != sizeof(ed_zone_entry_t))
    {
        return NULL;
    }

    ed_zone_layout(&at, ed_zone_fit(size));
    at.size = size;

    return memcmp(&at, &zone->at, sizeof(at)) == 0 ? zone : NULL;
}


int
ed_zone_may_pin(const ed_zone_t *zone)
{
    return ed_zone_peek(zone->pinned) < zone->at.nblocks / 2;
}


void
ed_zone_get_stats(const ed_zone_t *zone, ed_zone_stats_t *stats)
{
    stats->pages = ed_zone_peek(zone->npages[0]);
    stats->derived = ed_zone_peek(zone->npages[1]);
    stats->blocks = zone->at.nblocks;
    stats->free = ed_zone_peek(zone->free);
    stats->pinned = ed_zone_peek(zone->pinned);
    stats->evictions = ed_zone_peek(zone->evictions);
    stats->refused = ed_zone_peek(zone->refused);
    stats->recovered = ed_zone_peek(zone->recovered);
}


void
ed_zone_clear_lists(ed_zone_t *zone)
{
    uint32_t         i;
    ed_zone_cell_t  *cells;

    static const ed_zone_list_t  empty = { ED_ZONE_NONE, ED_ZONE_NONE, 0 };

    zone->pages = empty;
    zone->asides = empty;
    zone->bare = empty;
    ed_zone_poke(zone->npages[0], 0);
    ed_zone_poke(zone->npages[1], 0);

    memset(ed_zone_at(zone, uint8_t, bitmap), 0,
           zone->at.nwords * sizeof(uint64_t));
    memset(ed_zone_at(zone, uint8_t, buckets), 0xff,
           zone->at.nbuckets * sizeof(uint32_t));

    zone->cursor = 0;
    zone->free = zone->at.nblocks;
    zone->pinned = 0;
    zone->reserved = 0;

    cells = ed_zone_at(zone, ed_zone_cell_t, cells);

    for (i = 0; i < zone->at.ncells; i++) {
        cells[i].next = i + 1;
    }

    cells[i - 1].next = ED_ZONE_NONE;
    zone->free_cell = 0;
    zone->free_cells = zone->at.ncells;

    zone->free_entry = ED_ZONE_NONE;
}


/*
 * A page has one block at least, so that there are never more of them than
 * blocks; the other entries are for keys without a page.
 */

static void
ed_zone_layout(ed_zone_layout_t *at, uint32_t nblocks)
{
    memset(at, 0, sizeof(ed_zone_layout_t));

    at->nblocks = nblocks;
    at->nbare = 64 + (nblocks < 960 ? nblocks : 960);
    at->nentries = nblocks + at->nbare;
    at->ncells = at->nentries;
    at->nwords = (nblocks + 63) / 64;

    at->nbuckets = 1;
    while (at->nbuckets < at->nentries) {
        at->nbuckets *= 2;
    }

    at->bitmap = ed_zone_align(sizeof(ed_zone_t), ED_ZONE_LINE);
    at->next = ed_zone_align(at->bitmap + at->nwords * sizeof(uint64_t),
                             ED_ZONE_LINE);
    at->buckets = ed_zone_align(at->next + nblocks * (uint64_t) 4,
                                ED_ZONE_LINE);
    at->entries = ed_zone_align(at->buckets + at->nbuckets * (uint64_t) 4,
                                ED_ZONE_LINE);
    at->cells = at->entries
                + at->nentries * (uint64_t) sizeof(ed_zone_entry_t);
    at->blocks = ed_zone_align(at->cells + at->ncells
                               * (uint64_t) sizeof(ed_zone_cell_t),
                               ED_ZONE_PAGE);
    at->end = at->blocks + nblocks * (uint64_t) ED_ZONE_BLOCK;
}


/* The most blocks that fit into size bytes, which are enough for some. */

static uint32_t
ed_zone_fit(size_t size)
{
    uint64_t          low, high, middle;
    ed_zone_layout_t  at;

    low = ED_ZONE_MIN_BLOCKS;
    high = size / ED_ZONE_BLOCK;

    if (high > UINT32_MAX / 4) {
        high = UINT32_MAX / 4;
    }

    while (low < high) {
        middle = (low + high + 1) / 2;

        ed_zone_layout(&at, (uint32_t) middle);

        if (at.end <= size) {
            low = middle;

        } else {
            high = middle - 1;
        }
    }

    return (uint32_t) low;
}


static uint64_t
ed_zone_align(uint64_t offset, uint64_t align)
{
    return (offset + align - 1) / align * align;
}
