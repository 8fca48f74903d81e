
/*
 * The memory tier: pages, and who fetches them, in one piece of memory that
 * several processes share.  Nothing here knows of nginx: the caller brings
 * the memory, the mutex and the clock, and wakes those who wait.
 *
 *     zone header   counters, free lists, hash buckets
 *     entries       one a key: a page, a fetch that is under way, or the mark
 *                   that this page cannot be stored
 *     blocks        16 KB each; a page's head, then its body; its coded parts
 *                   have blocks of their own
 *
 *     entry --> blocks 7, 8, 9, 31          neighbours wherever there are any,
 *          \--> coded: blocks 12, 13        so that a page is few buffers
 *
 * Everything is an index, not a pointer.  A page in use is pinned: its blocks
 * stay until the last pin goes, even when the page is replaced, purged or
 * evicted meanwhile (it is dead then: no longer found).  Pins and locks
 * belong to a slot, one a process; when a process dies its slot is reaped.
 *
 * A process may also die while it holds the mutex.  The zone is marked busy
 * from ed_zone_enter() to ed_zone_leave(): who finds the mark set throws away
 * everything that no one has pinned, and builds the lists anew.
 *
 * But for ed_zone_write(), the reading of pinned bytes, ed_zone_may_pin() and
 * ed_zone_get_stats(), all functions are called with the mutex held, between
 * enter and leave.  All are O(1) but for those that say otherwise.
 */

#ifndef ED_ZONE_H
#define ED_ZONE_H


#include "ed_freshness.h"


#define ED_ZONE_BLOCK   (16 * 1024)    /* bytes */
#define ED_ZONE_SLOTS   64             /* processes at a time */
#define ED_ZONE_NONE    UINT32_MAX
#define ED_ZONE_CHECK   50             /* ms for which a page that was found
                                          intact is taken to be so */


typedef struct ed_zone_s  ed_zone_t;


/* Of a page, at the time of the look-up. */
typedef enum {
    ED_PAGE_NONE = 0,
    ED_PAGE_FRESH,
    ED_PAGE_STALE,                     /* may be served while refreshed */
    ED_PAGE_EXPIRED,                   /* only if the origin fails, or for its
                                          validators */
} ed_page_state_e;


/* Of the fetch of a page. */
typedef enum {
    ED_LOCK_NONE = 0,                  /* not asked for, or the zone has no
                                          entry left: fetch, but do not store */
    ED_LOCK_TAKEN,                     /* the caller fetches it now */
    ED_LOCK_BUSY,                      /* another does */
    ED_LOCK_UNSTORABLE                 /* it is known not to be storable:
                                          fetch, nobody waits */
} ed_lock_e;


typedef ed_lifetime_t  ed_zone_times_t;


/* A pinned page. */
typedef struct {
    uint32_t           entry;          /* ED_ZONE_NONE: none */
    ed_zone_times_t    times;          /* those that hold now */
    uint32_t           head_len;       /* bytes at the beginning */
    uint32_t           len;            /* head and body */
    uint32_t           coded_len;      /* 0: no coded parts (yet) */
    unsigned           check:1;        /* it is time for ed_zone_is_intact() */
} ed_zone_page_t;


typedef struct {
    /* asked */
    unsigned           slot;
    uint64_t           hash;           /* of the key */
    ed_str_t           key;
    int64_t            now;            /* seconds */
    uint64_t           now_ms;         /* of a clock that never goes back */
    uint64_t           lock_ms;        /* how long a lock taken now may last */
    unsigned           lock:1;         /* take it, unless the page is fresh */
    unsigned           force:1;        /* … even if it is */
    unsigned           wait:1;         /* wake this slot when a busy lock goes
                                          (not with a stale page) */
    unsigned           pin:1;          /* a page that is found */

    /* answered */
    ed_page_state_e    state;
    ed_lock_e          locked;
    uint64_t           token;          /* of a lock that was taken; else 0 */
    ed_zone_page_t     page;
    uint64_t           wake;           /* slots, a bit each: an expired lock
                                          was taken away */
} ed_zone_lookup_t;


typedef struct {
    uint64_t           pages;
    uint64_t           blocks;         /* all of them, */
    uint64_t           free;           /*   in no use, */
    uint64_t           pinned;         /*   of pinned pages */
    uint64_t           evictions;      /* pages put out for room */
    uint64_t           refused;        /* pages for which there was no room */
    uint64_t           recovered;      /* times a process died in the zone */
} ed_zone_stats_t;


/* The least memory that makes a zone, bytes. */
size_t ed_zone_min_size(void);

/* A new zone in size bytes of memory, aligned to a page; NULL: too small. */
ed_zone_t *ed_zone_init(void *memory, size_t size);

/* The zone that is there; NULL: none, or of another version or size. */
ed_zone_t *ed_zone_open(void *memory, size_t size);

/* Around every use.  pid is the caller's, never 0.  Non-zero: somebody had
   died inside, and the zone has been put in order (in O(zone)). */
int ed_zone_enter(ed_zone_t *zone, uint64_t pid);
void ed_zone_leave(ed_zone_t *zone);


/*
 * Processes.  A slot for this one, ED_ZONE_SLOTS where all are taken.  start
 * is when the process began, in any unit, so that a pid that is used again
 * is told apart.
 */
unsigned ed_zone_claim(ed_zone_t *zone, uint64_t pid, uint64_t start);

/* Who has a slot; zero: it is free. */
int ed_zone_owner(const ed_zone_t *zone, unsigned slot, uint64_t *pid,
    uint64_t *start);

/* Gives back all that the slot holds, and the slot; returns the slots to
   wake.  O(entries). */
uint64_t ed_zone_reap(ed_zone_t *zone, unsigned slot);


/* Looks a key up: page, lock or both in one step. */
void ed_zone_lookup(ed_zone_t *zone, ed_zone_lookup_t *lookup);

/* Is that key's lock held still?  For who was woken: if it is, by another by
   now, the slot is woken again when it goes.  ED_ZONE_SLOTS only asks. */
int ed_zone_is_locked(ed_zone_t *zone, unsigned slot, uint64_t hash,
    ed_str_t key, uint64_t now_ms);

/* Does anybody wait for that key's lock to go? */
int ed_zone_is_wanted(ed_zone_t *zone, uint64_t hash, ed_str_t key);

/* Lets a pin go. */
void ed_zone_unpin(ed_zone_t *zone, unsigned slot, uint32_t entry);

/* Lets a lock go; nothing where the token is no longer that of the lock.
   Returns the slots to wake. */
uint64_t ed_zone_unlock(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t token);

/* The same, and the page is known to be unstorable until then (ms).  drop:
   the one that is there goes. */
uint64_t ed_zone_unstorable(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t token, uint64_t now_ms, uint64_t until_ms, int drop);

/*
 * The page was found unchanged by its origin: new times, and the lock goes.
 * token may be 0 (no lock was held).  Nothing where the page or the lock has
 * gone meanwhile.  Returns the slots to wake.
 */
uint64_t ed_zone_renew(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t token, const ed_zone_times_t *times);


/*
 * Storing, in three steps: blocks, their bytes (without the mutex), the page.
 *
 *     entry = ed_zone_reserve(…)        mutex
 *     ed_zone_write(…) …                no mutex
 *     ed_zone_publish(…)                mutex
 *
 * Bytes are written in their order.  ed_zone_reserve() evicts what was used
 * least recently.  The blocks are the
 * slot's own until they are published; head_len is at most ED_ZONE_BLOCK, and
 * is contiguous.  ED_ZONE_NONE: no room, or more than half of the zone.
 */
uint32_t ed_zone_reserve(ed_zone_t *zone, unsigned slot, size_t head_len,
    size_t body_len);
void ed_zone_write(ed_zone_t *zone, uint32_t entry, size_t offset,
    const uint8_t *data, size_t len);

/*
 * Makes it the page of that key; one that was there is dead.  The lock goes.
 * With a token, the lock must still be held by it: not so where the page was
 * purged, or the lock expired and was taken by another; token 0 stores
 * without a lock.  pin: the caller goes on to use it, *page is filled in.
 * ED_DONE: not stored, blocks given back; *wake are the slots to wake.
 */
ed_rc_t ed_zone_publish(ed_zone_t *zone, unsigned slot, uint32_t entry,
    uint64_t hash, ed_str_t key, uint64_t token,
    const ed_zone_times_t *times, int pin, ed_zone_page_t *page,
    uint64_t *wake);
void ed_zone_discard(ed_zone_t *zone, unsigned slot, uint32_t entry);

/* Publishes without a lock, but only over that page, which the caller has
   pinned: not where it has been purged or replaced meanwhile. */
ed_rc_t ed_zone_replace(ed_zone_t *zone, unsigned slot, uint32_t entry,
    uint32_t old, uint64_t hash, ed_str_t key, const ed_zone_times_t *times,
    ed_zone_page_t *page, uint64_t *wake);

/*
 * Gives a page that the caller has pinned its coded parts, whose bytes were
 * reserved (head_len: those that must be contiguous) and written.  Where it
 * has some already, or is dead, they are given back.
 */
void ed_zone_attach(ed_zone_t *zone, unsigned slot, uint32_t page,
    uint32_t coded);


/* Removes a key's page and forbids what is under way to be stored.  Returns
   how many pages went (0 or 1); *wake as above. */
unsigned ed_zone_purge(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t *wake);

/* All of them.  O(entries). */
unsigned ed_zone_purge_all(ed_zone_t *zone, uint64_t *wake);


/*
 * Bytes of a pinned page, or of its coded parts: those from offset on that
 * lie behind each other, at least one, *len of them.  Without the mutex.
 */
const uint8_t *ed_zone_bytes(const ed_zone_t *zone,
    const ed_zone_page_t *page, int coded, size_t offset, size_t *len);

/* Are the bytes of a pinned page those that were written, its coded parts
   included?  Without the mutex; O(bytes). */
int ed_zone_is_intact(const ed_zone_t *zone, const ed_zone_page_t *page);

/* May one more page be pinned for as long as a client likes?  Not when half
   of the zone is. */
int ed_zone_may_pin(const ed_zone_t *zone);

void ed_zone_get_stats(const ed_zone_t *zone, ed_zone_stats_t *stats);


#endif /* ED_ZONE_H */
