
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
 * Behind the zone there may be another store, which others write to as well.
 * Nothing here talks to it; but of each page it is kept whether it is known to
 * be what that store has:
 *
 *     doubts       one is told of a key, or of all pages of an article; each
 *                  has a number, one more than the last.  A page is doubtful
 *                  from a doubt on until it is cleared up to that number
 *     epoch        nothing was told for a while: all pages of an older one are
 *                  doubtful
 *     generation   all pages of an older one are void: they are as good as
 *                  gone, and go when somebody comes by
 *
 * Who looks a page up, or fetches one, gets what is told until then as a
 * stamp.  With it the page is published, or cleared when it was compared: so
 * what is told meanwhile still counts.
 *
 * A process may also die while it holds the mutex.  The zone is marked busy
 * from ed_zone_enter() to ed_zone_leave(): who finds the mark set throws away
 * everything that no one has pinned, and builds the lists anew.
 *
 * But for ed_zone_write(), the reading of pinned bytes, ed_zone_may_pin(),
 * ed_zone_generation() and ed_zone_get_stats(), all functions are called with
 * the mutex held, between enter and leave.  All are O(1) but for those that
 * say otherwise.
 */

#ifndef ED_ZONE_H
#define ED_ZONE_H


#include "ed_freshness.h"


#define ED_ZONE_BLOCK   (16 * 1024)    /* bytes */
#define ED_ZONE_SLOTS   64             /* processes at a time */
#define ED_ZONE_NONE    UINT32_MAX
#define ED_ZONE_CHECK   50             /* ms for which a page that was found
                                          intact is taken to be so */
#define ED_ZONE_TOUCH   (60 * 1000)    /* ms between two touches of the copy in
                                          the other store */
#define ED_ZONE_ROLE    600            /* ms after which the role is free that
                                          nobody has renewed */


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


/* What may have changed in the other store. */
typedef enum {
    ED_DOUBT_PAGE = 0,                 /* the page's copy */
    ED_DOUBT_RECORD,                   /* its article's record */
    ED_DOUBTS
} ed_doubt_e;


/* What is known of a page beside its bytes. */
typedef struct {
    uint64_t           revision;       /* of the copy in the other store; 0:
                                          none is known */
    uint64_t           article;        /* hash of its article's id; 0: none */
    uint64_t           generation;     /* the zone's, when its fetch began */
    uint64_t           doubts[ED_DOUBTS];  /* it is cleared up to these; 0: it
                                              is not cleared */
    uint32_t           epoch;          /* the zone's, when it was last known to
                                          be what the other store has */
    unsigned           derived:1;      /* made of another page: counted as no
                                          page of its own, and never doubtful */
    unsigned           aside:1;        /* … and nobody is served it: it goes
                                          before all others */
    unsigned           doubtful:1;     /* the page that was there was */
} ed_zone_stamp_t;


/* A pinned page. */
typedef struct {
    uint32_t           entry;          /* ED_ZONE_NONE: none */
    ed_zone_times_t    times;          /* those that hold now */
    uint32_t           head_len;       /* bytes at the beginning */
    uint32_t           len;            /* head and body */
    uint32_t           coded_len;      /* 0: no coded parts (yet) */
    unsigned           check:1;        /* it is time for ed_zone_is_intact() */
    unsigned           doubtful:1;     /* not known to be what the other store
                                          has */
    unsigned           touch:1;        /* it is time to touch its copy in the
                                          other store, or an LRU there drops
                                          the hottest first; told to one who
                                          pins it */
    unsigned           aside:1;        /* no page for readers */
} ed_zone_page_t;


typedef struct {
    /* asked */
    unsigned           slot;
    uint64_t           hash;           /* of the key */
    ed_str_t           key;
    uint64_t           article;        /* noted when the lock is taken and
                                          there is no page, so that a change of
                                          its record is not missed while that
                                          is fetched; 0: none */
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
    ed_zone_stamp_t    stamp;          /* revision, article and kind of the
                                          page; all else as it is now, for a
                                          fetch that begins now */
    uint64_t           wake;           /* slots, a bit each: an expired lock
                                          was taken away */
} ed_zone_lookup_t;


typedef struct {
    uint64_t           pages;          /* but for those that are derived */
    uint64_t           derived;
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


/*
 * The role: one slot of the zone has it.  Non-zero: it is this slot's, because
 * it has it already (asking renews it), or nobody has renewed it for
 * ED_ZONE_ROLE.  A slot that is reaped, or whose process died inside, has it
 * no longer.
 */
int ed_zone_role(ed_zone_t *zone, unsigned slot, uint64_t now_ms);

/* Whose it is; ED_ZONE_SLOTS: nobody's. */
unsigned ed_zone_role_holder(const ed_zone_t *zone);

/* Gives it up, if it is this slot's. */
void ed_zone_role_leave(ed_zone_t *zone, unsigned slot);


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

/* The same for a page that will be aside: it evicts no other than such. */
uint32_t ed_zone_reserve_aside(ed_zone_t *zone, unsigned slot,
    size_t head_len, size_t body_len);

/*
 * Makes it the page of that key; one that was there is dead.  The lock goes.
 * With a token, the lock must still be held by it: not so where the page was
 * purged, or the lock expired and was taken by another; token 0 stores
 * without a lock.  stamp: that of the look-up before the fetch, with the new
 * page's revision, article and kind; of what was told since, it is doubtful.
 * pin: the caller goes on to use it, *page is filled in.
 * ED_DONE: not stored (that may also be as the generation has changed), blocks
 * given back; *wake are the slots to wake.
 */
ed_rc_t ed_zone_publish(ed_zone_t *zone, unsigned slot, uint32_t entry,
    uint64_t hash, ed_str_t key, uint64_t token,
    const ed_zone_times_t *times, const ed_zone_stamp_t *stamp, int pin,
    ed_zone_page_t *page, uint64_t *wake);
void ed_zone_discard(ed_zone_t *zone, unsigned slot, uint32_t entry);

/*
 * Publishes without a lock, but only over that page, which the caller has
 * pinned: not where it has been purged or replaced meanwhile.  With
 * stamp->doubtful the new page, which is made of the old one, is as doubtful
 * as that is; who has compared it since clears that bit.
 */
ed_rc_t ed_zone_replace(ed_zone_t *zone, unsigned slot, uint32_t entry,
    uint32_t old, uint64_t hash, ed_str_t key, const ed_zone_times_t *times,
    const ed_zone_stamp_t *stamp, ed_zone_page_t *page, uint64_t *wake);

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

/* The same, but only a page of that revision. */
unsigned ed_zone_purge_revision(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t revision, uint64_t *wake);

/*
 * The pages of a tag go, one by one, and here is said of which: a page that
 * was being fetched then has it, perhaps.  ed_zone_is_purged(): was one of
 * that hash, after the look-up that gave the stamp?  (Others have the same
 * last bits: rarely, a page is taken for one that was.)
 */
void ed_zone_purge_tag(ed_zone_t *zone, uint64_t tag);
int ed_zone_is_purged(const ed_zone_t *zone, uint64_t tag,
    const ed_zone_stamp_t *stamp);

/*
 * All pages and locks are void from now on, but those that come under this
 * number; nothing where it is the zone's already.  Returns how many pages there
 * were, derived ones not counted; *wake are all slots.
 */
unsigned ed_zone_renew_generation(ed_zone_t *zone, uint64_t generation,
    uint64_t *wake);
uint64_t ed_zone_generation(const ed_zone_t *zone);

/* The next generation, where no other store has a say. */
unsigned ed_zone_purge_all(ed_zone_t *zone, uint64_t *wake);


/*
 * Pins the next page, of those that are not derived or are aside, from entry
 * from on (the first is 0), and says where to go on; ED_ZONE_NONE: at the end.
 * So many entries are looked at in one call; page->entry is ED_ZONE_NONE where
 * none of them is a page.
 */
#define ED_ZONE_STRETCH  1024

uint32_t ed_zone_scan(ed_zone_t *zone, unsigned slot, uint32_t from,
    ed_zone_page_t *page);


/*
 * The other store.  ed_zone_doubt(): something of that key may have changed
 * there.  Non-zero: a page is there, *stamp is what to clear it by.
 */
int ed_zone_doubt(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    ed_doubt_e kind, ed_zone_stamp_t *stamp);

/* ED_DOUBT_RECORD for all that belongs to that article: of ED_ZONE_STRETCH
   entries from there on.  Returns where to go on. */
uint32_t ed_zone_doubt_article(ed_zone_t *zone, uint64_t article,
    uint32_t from);

/* Everything is doubtful: a new epoch. */
void ed_zone_distrust(ed_zone_t *zone);

/* Where one of the stamp's doubts is 0, that kind was not looked at, and stays
   as it is.  The page of stamp->revision was compared, and is what the other store had
   when the stamp was made.  Nothing where there is another page by now. */
void ed_zone_trust(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    const ed_zone_stamp_t *stamp);

/* The copy there was written anew, from the page of revision old. */
void ed_zone_revise(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    uint64_t old, uint64_t revision);


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
