
/*
 * How a zone lies in its memory, for the files that work on it.
 *
 *     ed_zone_s   counters, heads of lists, slots
 *     bitmap      a bit a block: it is in use
 *     next        a number a block: the block that follows it in its chain
 *     buckets     a number a bucket: the first entry with such a hash
 *     entries
 *     cells       what of a key does not fit into its entry
 *     blocks
 *
 * An entry is in one of these states:
 *
 *     FREE --> RESERVED --> PAGE --> DEAD --> FREE       a page's
 *     FREE --> BARE --> FREE                             a lock's or a mark's
 *
 * PAGE and BARE are found by their key.  A page may have a lock, too: that of
 * the fetch that will replace it, by an entry of its own.  Those of an era that
 * is over are void: whoever comes by drops them.  There are so many
 * entries that those with blocks and ED_ZONE_BARE of the others never use
 * them up.
 *
 * What recovery builds on, so that it may be killed for at any instruction:
 *
 *     the chain of an entry that a slot has pinned or reserved is complete,
 *     its own, and stays as it is;
 *
 *     nobody but its owner adds to slot_pins[], or reserves for it.
 *
 * All else, it builds anew.
 */

#ifndef ED_ZONE_INT_H
#define ED_ZONE_INT_H


#include "ed_crc.h"
#include "ed_zone.h"


#define ED_ZONE_MAGIC       0x656e6f7a2d646531u    /* "1de-zone" */
#define ED_ZONE_VERSION     4          /* of the layout */
#define ED_ZONE_PAGE        4096       /* what the blocks are aligned to */
#define ED_ZONE_LINE        64         /* what everything else is */
#define ED_ZONE_MIN_BLOCKS  16
#define ED_ZONE_INLINE      136        /* bytes of a key in its entry, */
#define ED_ZONE_CELL        124        /*   of a key in a cell, */
#define ED_ZONE_MAX_KEY     4096       /*   of a key */
#define ED_ZONE_SCAN        64         /* entries looked at for one to put
                                          out */
#define ED_ZONE_MISSED      256        /* numbers of doubts, a kind */


/* The compiler must not move a write over this: whoever is killed here has
   written all that stands before it, and nothing that stands behind it. */
#define ed_zone_barrier()  __atomic_signal_fence(__ATOMIC_SEQ_CST)


typedef enum {
    ED_ENTRY_FREE = 0,
    ED_ENTRY_RESERVED,                 /* its slot is writing its blocks */
    ED_ENTRY_PAGE,
    ED_ENTRY_BARE,                     /* no page: a lock, or a mark */
    ED_ENTRY_DEAD                      /* a page that waits for its last
                                          unpin */
} ed_entry_state_e;


/* Blocks, by next[]. */
typedef struct {
    uint32_t           first;          /* ED_ZONE_NONE: none */
    uint32_t           nblocks;
    uint32_t           len;            /* bytes */
} ed_zone_chain_t;


/* Entries, by their prev and next; the one used last comes first. */
typedef struct {
    uint32_t           head;
    uint32_t           tail;
    uint32_t           count;
} ed_zone_list_t;


/* What a hit looks at comes first, in two cache lines. */
typedef struct {
    uint64_t           hash;
    uint64_t           revision;
    uint64_t           article;
    uint32_t           chain;          /* the next of its bucket, or of the
                                          free ones */
    uint32_t           prev;
    uint32_t           next;
    uint32_t           pins;           /* the sum of slot_pins */
    uint16_t           key_len;
    uint8_t            state;
    uint8_t            slot;           /* who reserved it, or has its lock */
    uint8_t            derived;
    uint8_t            doubts;         /* kinds of which it is not cleared, a
                                          bit each */
    uint8_t            aside;
    uint8_t            unused;
    uint32_t           era;
    uint32_t           epoch;
    uint32_t           head_len;
    uint32_t           checked;        /* ms, when its bytes were, last */
    uint32_t           touched;        /* ms, when its copy was, or, before
                                          that, when it was first used; 0: not
                                          yet */
    ed_zone_chain_t    page;
    ed_zone_chain_t    coded;
    ed_zone_times_t    times;

    uint16_t           slot_pins[ED_ZONE_SLOTS];

    uint8_t            key[ED_ZONE_INLINE];
    uint32_t           cells;          /* the first of the key's rest */

    uint32_t           page_crc;       /* CRC-32 of what was written, */
    uint32_t           coded_crc;      /*   and of the coded parts */

    uint64_t           token;          /* of its lock; 0: none */
    uint64_t           until;          /* ms: the end of the lock or, where
                                          there is none, of the mark */
    uint64_t           waiters;        /* slots to wake when the lock goes */
    uint64_t           doubted[ED_DOUBTS];     /* the last doubt's number; 0:
                                                  it is cleared of it */
} ed_zone_entry_t;


typedef struct {
    uint32_t           next;           /* of the key, or of the free ones */
    uint8_t            data[ED_ZONE_CELL];
} ed_zone_cell_t;


typedef struct {
    uint64_t           pid;            /* 0: free */
    uint64_t           start;
    uint64_t           dead;           /* it died inside; still to be reaped */
} ed_zone_slot_t;


/* Where everything lies: follows from the size alone. */
typedef struct {
    uint64_t           size;           /* bytes of memory */
    uint32_t           nblocks;
    uint32_t           nentries;
    uint32_t           nbuckets;       /* a power of two */
    uint32_t           ncells;
    uint32_t           nbare;          /* the most entries without page */
    uint32_t           nwords;         /* of the bitmap */

    /* bytes from the beginning */
    uint64_t           bitmap;
    uint64_t           next;
    uint64_t           buckets;
    uint64_t           entries;
    uint64_t           cells;
    uint64_t           blocks;
    uint64_t           end;
} ed_zone_layout_t;


struct ed_zone_s {
    uint64_t           magic;
    uint32_t           version;
    uint32_t           entry_size;     /* bytes */
    ed_zone_layout_t   at;

    uint64_t           busy;           /* the pid of who is inside */
    uint64_t           token;          /* the last one given out */
    uint64_t           generation;
    uint64_t           told;           /* the last doubt's number; never 0 */
    uint32_t           era;            /* one more with each generation, so that
                                          one that comes back is another */
    uint32_t           epoch;
    uint32_t           role;           /* whose it is, and 1; 0: nobody's */
    uint64_t           role_ms;        /* when it was renewed */

    uint32_t           free_entry;
    uint32_t           free_cell;
    uint32_t           free_cells;     /* how many */
    uint32_t           cursor;         /* the block to look for room from */
    ed_zone_list_t     pages;          /* least recently used last; also void
                                          ones */
    ed_zone_list_t     asides;         /* likewise; those that nobody is
                                          served */
    uint32_t           npages[2];      /* not void; [1]: derived */
    ed_zone_list_t     bare;           /* oldest last */

    /* blocks; also read without the mutex */
    uint32_t           free;
    uint32_t           pinned;
    uint32_t           reserved;

    uint64_t           evictions;
    uint64_t           refused;
    uint64_t           recovered;

    ed_zone_slot_t     slots[ED_ZONE_SLOTS];

    /* The last doubt's number, of those keys and articles whose hash ends so:
       for pages that have no entry yet. */
    uint64_t           missed[ED_DOUBTS][ED_ZONE_MISSED];

    /* The same when tags were purged whose hash ends so: for pages that are
       being fetched, whose tags nobody knows yet. */
    uint64_t           purged[ED_ZONE_MISSED];
};


/* Reads and writes of what somebody may read without the mutex. */
#define ed_zone_peek(field)        __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define ed_zone_poke(field, value)                                            \
    __atomic_store_n(&(field), value, __ATOMIC_RELAXED)


#define ed_zone_at(zone, type, offset)                                        \
    ((type *) (void *) ((uint8_t *) (zone) + (zone)->at.offset))


static inline ed_zone_entry_t *
ed_zone_entry(const ed_zone_t *zone, uint32_t i)
{
    return ed_zone_at(zone, ed_zone_entry_t, entries) + i;
}


static inline uint32_t *
ed_zone_next(const ed_zone_t *zone, uint32_t block)
{
    return ed_zone_at(zone, uint32_t, next) + block;
}


static inline uint8_t *
ed_zone_block(const ed_zone_t *zone, uint32_t block)
{
    return ed_zone_at(zone, uint8_t, blocks) + (size_t) block * ED_ZONE_BLOCK;
}


static inline uint32_t *
ed_zone_bucket(const ed_zone_t *zone, uint64_t hash)
{
    return ed_zone_at(zone, uint32_t, buckets)
           + (hash & (zone->at.nbuckets - 1));
}


static inline uint64_t
ed_zone_bit(unsigned slot)
{
    return (uint64_t) 1 << slot;
}


static inline int
ed_zone_is_void(const ed_zone_t *zone, const ed_zone_entry_t *e)
{
    return e->era != zone->era;
}


static inline int
ed_zone_is_doubtful(const ed_zone_t *zone, const ed_zone_entry_t *e)
{
    return !e->derived
           && (e->epoch != zone->epoch || e->doubts != 0);
}


static inline uint32_t
ed_zone_nblocks(const ed_zone_entry_t *e)
{
    return e->page.nblocks + e->coded.nblocks;
}


/* ed_zone.c: all lists are empty, all cells and blocks free; no entry is, until
   it is given. */
void ed_zone_clear_lists(ed_zone_t *zone);

/* ed_zone_entry.c */

/* The entry of that key; ED_ZONE_NONE: there is none. */
uint32_t ed_zone_find(const ed_zone_t *zone, uint64_t hash, ed_str_t key);

/* The same, but a void one goes, and is none. */
uint32_t ed_zone_find_live(ed_zone_t *zone, uint64_t hash, ed_str_t key);

/* An empty entry that no list knows of; ED_ZONE_NONE: all are in use. */
uint32_t ed_zone_entry_take(ed_zone_t *zone);
void ed_zone_entry_give(ed_zone_t *zone, uint32_t i);

/* Gives an entry a key, so that it is found.  Zero: too long, or no room. */
int ed_zone_key_set(ed_zone_t *zone, uint32_t i, uint64_t hash, ed_str_t key);

/* Gives it the key of another, which is not found any longer. */
void ed_zone_key_move(ed_zone_t *zone, uint32_t to, uint32_t from);

/* To the front of its list: pages, asides, or bare. */
void ed_zone_list_add(ed_zone_t *zone, uint32_t i);
void ed_zone_list_remove(ed_zone_t *zone, uint32_t i);

/* A PAGE or BARE entry loses its key and its lock, and is dead or free; one
   whose key was moved. */
void ed_zone_drop(ed_zone_t *zone, uint32_t i);
void ed_zone_bury(ed_zone_t *zone, uint32_t i);

/* Puts out the page used least recently, first of those that are aside.  Zero:
   all of those that were looked at are in use. */
int ed_zone_evict(ed_zone_t *zone);

/* The same, but no other than one that is aside, or void. */
int ed_zone_evict_aside(ed_zone_t *zone);

/* One more pin.  Zero: the slot has as many as can be counted. */
int ed_zone_pin(ed_zone_t *zone, unsigned slot, uint32_t i);

/* n pins less, of those that the slot has. */
void ed_zone_unpin_n(ed_zone_t *zone, unsigned slot, uint32_t i, uint32_t n);

/* ed_zone_lookup.c: what is told of a page.  No bit says that it is time for
   anything, and its entry is not. */
void ed_zone_describe(const ed_zone_t *zone, uint32_t i,
    ed_zone_page_t *page);

/* ed_zone_slots.c */

/* Those that have an owner, a bit each. */
uint64_t ed_zone_owned(const ed_zone_t *zone);
int ed_zone_is_alive(const ed_zone_t *zone, unsigned slot);

/* ed_zone_trust.c */

/* A look-up's stamp; i: its entry, or ED_ZONE_NONE. */
void ed_zone_stamp_get(const ed_zone_t *zone, uint32_t i,
    ed_zone_stamp_t *stamp);

/* A new page's, and what was told of its key and article since. */
void ed_zone_stamp_set(ed_zone_t *zone, uint32_t i,
    const ed_zone_stamp_t *stamp);

/* ed_zone_blocks.c */

/* Free blocks into an empty chain of n; there are as many. */
void ed_zone_chain_take(ed_zone_t *zone, ed_zone_chain_t *chain, uint32_t n);
void ed_zone_chain_give(ed_zone_t *zone, ed_zone_chain_t *chain);

/* Marks the blocks of a chain as used.  Zero, and nothing is changed: it is
   not whole, or one of them is in use. */
int ed_zone_chain_claim(ed_zone_t *zone, const ed_zone_chain_t *chain);


#endif /* ED_ZONE_INT_H */
