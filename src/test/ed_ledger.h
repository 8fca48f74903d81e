
/*
 * The ledger: what readers did while tests ran, counted in shared memory.
 *
 *     a cell     desk, feature, test, day, variant --> exposures, clicks,
 *                                                      finishes
 *
 *     hashes     [ of cell 0 | of cell 1 |  0: free | of cell 3 | ... ]
 *     cells      [ key, counts, written | ... ]
 *
 * An event is one atomic addition to a cell, which is found without a lock: by
 * the hash of its key, which is put there last when a cell is made.  Cells are
 * made and taken away under a lock of the caller's.  If he dies with it, the
 * cell he was making is free, and the one he was taking away still there.
 *
 * A cell is of one day, in UTC.  One is taken away only when its day is at
 * least two days over, so that nobody is still adding to it, and only when
 * somebody has said that its counts are written down elsewhere; and then, where
 * all are in use, those of the oldest day go first.
 *
 * Counts only ever grow.  What is known to be written is kept beside them; when
 * that was lost, all is to be written again: that is a new generation, and what
 * was sent in an older one does not count as written.
 *
 * The epoch tells this memory from that of a process before it, whose counts
 * are not in here.
 */

#ifndef ED_LEDGER_H
#define ED_LEDGER_H


#include "ed_state.h"


#define ED_LEDGER_CELLS  4096
#define ED_LEDGER_DAY    (24 * 60 * 60)    /* seconds */
#define ED_LEDGER_OVER   2                 /* days until nobody adds to one */


typedef enum {
    ED_EVENT_EXPOSURE = 0,
    ED_EVENT_CLICK,
    ED_EVENT_FINISH,
    ED_EVENTS
} ed_event_e;


/* Made by ed_ledger_key() alone: keys are compared as bytes. */
typedef struct {
    uint32_t           day;            /* since the epoch */
    uint32_t           feature;        /* ed_feature_e */
    ed_name_t          desk;
    ed_name_t          test;
    ed_name_t          variant;        /* "off" is one */
} ed_ledger_key_t;


typedef struct {
    ed_ledger_key_t    key;
    uint64_t           counts[ED_EVENTS];
    uint64_t           written[ED_EVENTS];
} ed_ledger_cell_t;


typedef struct {
    uint64_t           epoch;
    uint64_t           generation;
    uint32_t           n;              /* cells that were ever in use */
    uint64_t           hashes[ED_LEDGER_CELLS];
    ed_ledger_cell_t   cells[ED_LEDGER_CELLS];
} ed_ledger_t;


/* "exposure", "click", "finish"; ED_EVENTS: none is called that. */
ed_str_t ed_event_name(ed_event_e event);
ed_event_e ed_event_find(ed_str_t name);

/* Makes it empty; cells need not be zeroed. */
void ed_ledger_init(ed_ledger_t *ledger, uint64_t epoch);

/* The names are at most ED_MAX_NAME bytes; now in seconds since the epoch. */
void ed_ledger_key(ed_ledger_key_t *key, ed_str_t desk, ed_feature_e feature,
    ed_str_t test, ed_str_t variant, int64_t now);

/* The cell of a key; NULL: there is none.  Without a lock. */
ed_ledger_cell_t *ed_ledger_find(ed_ledger_t *ledger,
    const ed_ledger_key_t *key);

/* The same, made where there is none; NULL: all are in use.  One caller at a
   time, of this and of ed_ledger_forget(). */
ed_ledger_cell_t *ed_ledger_add(ed_ledger_t *ledger,
    const ed_ledger_key_t *key);

/* Takes cells away whose day is before that one, and which are written. */
void ed_ledger_forget(ed_ledger_t *ledger, uint32_t day, uint32_t today);

static inline void
ed_ledger_count(ed_ledger_cell_t *cell, ed_event_e event)
{
    (void) __atomic_fetch_add(&cell->counts[event], 1, __ATOMIC_RELAXED);
}

/*
 * A copy of the next cell in use, from *i on, which is moved behind it; its
 * number is *i - 1 then.  0: there are no more.  Without a lock.
 */
int ed_ledger_next(ed_ledger_t *ledger, unsigned *i, ed_ledger_cell_t *cell);

/* Has a copy something that is not written? */
int ed_ledger_is_written(const ed_ledger_cell_t *cell);

/* All is to be written again. */
void ed_ledger_renew(ed_ledger_t *ledger);
uint64_t ed_ledger_generation(const ed_ledger_t *ledger);

/* That count of cell i, whose key is the copy's, was written in that
   generation. */
void ed_ledger_wrote(ed_ledger_t *ledger, unsigned i,
    const ed_ledger_key_t *key, ed_event_e event, uint64_t count,
    uint64_t generation);


#endif /* ED_LEDGER_H */
