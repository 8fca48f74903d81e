
/*
 * What must hold of a zone whenever nobody is inside: each entry, block and
 * cell has one owner, and every number agrees with what it counts.
 *
 *     is_sound(zone, "after a purge");
 */

#ifndef ED_ZONE_CHECK_H
#define ED_ZONE_CHECK_H


#include <stdlib.h>

#include "ed_zone_int.h"
#include "ed_test.h"


#define is_sound(zone, ...)                                                   \
    ed_zone_check_ok(ed_zone_check(zone), __FILE__, __LINE__, __VA_ARGS__)

/* A block of a small zone, with all that goes with it, bytes. */
#define ED_ZONE_CHECK_BLOCK  17600

/* Leaves ed_zone_check() with what is wrong. */
#define sound(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            return #condition;                                                \
        }                                                                     \
    } while (0)


typedef struct {
    uint8_t   seen[4096];              /* entries: in how many places */
    uint8_t   blocks[4096];
    uint8_t   cells[4096];
    uint32_t  used;
    uint32_t  pinned;
    uint32_t  reserved;
    uint32_t  ncells;
    uint32_t  npages[2];
} ed_zone_seen_t;


static inline const char *
ed_zone_check_chain(const ed_zone_t *zone, const ed_zone_chain_t *chain,
    ed_zone_seen_t *seen)
{
    uint32_t         i, block;
    const uint64_t  *bitmap;

    bitmap = ed_zone_at(zone, uint64_t, bitmap);
    block = chain->first;

    for (i = 0; i < chain->nblocks; i++) {
        sound(block < zone->at.nblocks);
        sound(seen->blocks[block]++ == 0);
        sound((bitmap[block / 64] >> block % 64) & 1);

        seen->used++;
        block = *ed_zone_next(zone, block);
    }

    sound(block == ED_ZONE_NONE);
    sound(chain->len <= (uint64_t) chain->nblocks * ED_ZONE_BLOCK);

    return NULL;
}


static inline const char *
ed_zone_check_cells(const ed_zone_t *zone, uint32_t i, uint32_t n,
    ed_zone_seen_t *seen)
{
    const ed_zone_cell_t  *cells;

    cells = ed_zone_at(zone, ed_zone_cell_t, cells);

    for ( /* void */ ; n != 0; n--) {
        sound(i < zone->at.ncells);
        sound(seen->cells[i]++ == 0);

        seen->ncells++;
        i = cells[i].next;
    }

    sound(i == ED_ZONE_NONE);

    return NULL;
}


static inline const char *
ed_zone_check_list(const ed_zone_t *zone, const ed_zone_list_t *list,
    ed_entry_state_e state, ed_zone_seen_t *seen)
{
    uint32_t                i, n, prev;
    const ed_zone_entry_t  *e;

    prev = ED_ZONE_NONE;
    n = 0;

    for (i = list->head; i != ED_ZONE_NONE; i = e->next) {
        sound(i < zone->at.nentries);
        e = ed_zone_entry(zone, i);

        sound(seen->seen[i]++ == 0);
        sound(e->state == state);
        sound(e->prev == prev);

        prev = i;
        n++;
    }

    sound(list->tail == prev);
    sound(list->count == n);

    return NULL;
}


/* How many cells an entry has. */

static inline uint32_t
ed_zone_check_rest(const ed_zone_entry_t *e)
{
    if ((e->state != ED_ENTRY_PAGE && e->state != ED_ENTRY_BARE)
        || e->key_len <= ED_ZONE_INLINE)
    {
        return 0;
    }

    return (e->key_len - ED_ZONE_INLINE + ED_ZONE_CELL - 1) / ED_ZONE_CELL;
}


/* That each is found, and that nothing else is. */

static inline const char *
ed_zone_check_buckets(const ed_zone_t *zone)
{
    uint32_t                b, i, n;
    const uint32_t         *buckets;
    const ed_zone_entry_t  *e;

    buckets = ed_zone_at(zone, uint32_t, buckets);
    n = 0;

    for (b = 0; b < zone->at.nbuckets; b++) {
        for (i = buckets[b]; i != ED_ZONE_NONE; i = e->chain) {
            sound(i < zone->at.nentries);
            e = ed_zone_entry(zone, i);

            sound((e->hash & (zone->at.nbuckets - 1)) == b);
            sound(e->state == ED_ENTRY_PAGE || e->state == ED_ENTRY_BARE);
            sound(++n <= zone->at.nentries);
        }
    }

    sound(n == zone->pages.count + zone->asides.count + zone->bare.count);

    return NULL;
}


static inline const char *
ed_zone_check_entry(const ed_zone_t *zone, uint32_t i, ed_zone_seen_t *seen)
{
    uint32_t                s, pins;
    const char             *wrong;
    const ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    pins = 0;

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        pins += e->slot_pins[s];
    }

    sound(e->pins == pins);
    sound(!(e->doubts & 1 << ED_DOUBT_PAGE)
          == (e->doubted[ED_DOUBT_PAGE] == 0));
    sound(!(e->doubts & 1 << ED_DOUBT_RECORD)
          == (e->doubted[ED_DOUBT_RECORD] == 0));

    wrong = ed_zone_check_chain(zone, &e->page, seen);

    if (wrong == NULL) {
        wrong = ed_zone_check_chain(zone, &e->coded, seen);
    }

    if (wrong == NULL) {
        wrong = ed_zone_check_cells(zone, e->cells, ed_zone_check_rest(e),
                                    seen);
    }

    if (pins != 0) {
        seen->pinned += ed_zone_nblocks(e);
    }

    switch ((ed_entry_state_e) e->state) {

    case ED_ENTRY_FREE:
        sound(pins == 0 && ed_zone_nblocks(e) == 0 && seen->seen[i] == 1);
        break;

    case ED_ENTRY_RESERVED:
        sound(pins == 0 && seen->seen[i] == 0);
        seen->reserved += ed_zone_nblocks(e);
        break;

    case ED_ENTRY_PAGE:
        sound(e->page.nblocks != 0 && seen->seen[i] == 1);

        if (!ed_zone_is_void(zone, e)) {
            seen->npages[e->derived]++;
        }

        break;

    case ED_ENTRY_BARE:
        sound(pins == 0 && ed_zone_nblocks(e) == 0 && seen->seen[i] == 1);
        sound(e->until != 0);
        break;

    case ED_ENTRY_DEAD:
        sound(pins != 0 && seen->seen[i] == 0);
        break;

    default:
        return "an entry is in no state";
    }

    return wrong;
}


/* What is wrong; NULL: nothing. */

static inline const char *
ed_zone_check(const ed_zone_t *zone)
{
    uint32_t         i;
    const char      *wrong;
    ed_zone_seen_t  *seen;

    static ed_zone_seen_t  all;

    seen = &all;
    memset(seen, 0, sizeof(ed_zone_seen_t));

    sound(zone->at.nentries <= 4096);
    sound(zone->busy == 0);

    for (i = zone->free_entry;
         i != ED_ZONE_NONE;
         i = ed_zone_entry(zone, i)->chain)
    {
        sound(i < zone->at.nentries);
        sound(seen->seen[i]++ == 0);
        sound(ed_zone_entry(zone, i)->state == ED_ENTRY_FREE);
    }

    wrong = ed_zone_check_list(zone, &zone->pages, ED_ENTRY_PAGE, seen);

    if (wrong == NULL) {
        wrong = ed_zone_check_list(zone, &zone->asides, ED_ENTRY_PAGE, seen);
    }

    if (wrong == NULL) {
        wrong = ed_zone_check_list(zone, &zone->bare, ED_ENTRY_BARE, seen);
    }

    if (wrong == NULL) {
        wrong = ed_zone_check_buckets(zone);
    }

    for (i = 0; wrong == NULL && i < zone->at.nentries; i++) {
        wrong = ed_zone_check_entry(zone, i, seen);
    }

    if (wrong == NULL) {
        wrong = ed_zone_check_cells(zone, zone->free_cell, zone->free_cells,
                                    seen);
    }

    if (wrong != NULL) {
        return wrong;
    }

    sound(zone->free == zone->at.nblocks - seen->used);
    sound(zone->pinned == seen->pinned);
    sound(zone->reserved == seen->reserved);
    sound(seen->ncells == zone->at.ncells);
    sound(zone->npages[0] == seen->npages[0]);
    sound(zone->npages[1] == seen->npages[1]);

    return NULL;
}


/* What a look-up that finds nothing says now. */

static inline ed_zone_stamp_t
ed_zone_check_stamp(const ed_zone_t *zone)
{
    ed_zone_stamp_t  stamp;

    ed_zone_stamp_get(zone, ED_ZONE_NONE, &stamp);

    return stamp;
}


/* Everything has been given back: nothing is pinned, reserved or locked. */

static inline const char *
ed_zone_check_idle(const ed_zone_t *zone)
{
    uint32_t                i;
    const ed_zone_entry_t  *e;

    for (i = 0; i < zone->at.nentries; i++) {
        e = ed_zone_entry(zone, i);

        sound(e->state != ED_ENTRY_RESERVED && e->state != ED_ENTRY_DEAD);
        sound(e->pins == 0);
        sound(ed_zone_is_void(zone, e)
              || (e->token == 0 && e->waiters == 0));
    }

    sound(zone->pinned == 0 && zone->reserved == 0);

    return ed_zone_check(zone);
}


static inline int
ed_zone_check_ok(const char *wrong, const char *file, int line,
    const char *format, ...)
{
    char     name[256];
    va_list  args;

    va_start(args, format);
    vsnprintf(name, sizeof(name), format, args);
    va_end(args);

    if (!ed_test_ok(wrong == NULL, file, line, "%s", name)) {
        printf("# %s\n", wrong);
        return 0;
    }

    return 1;
}


#endif /* ED_ZONE_CHECK_H */
