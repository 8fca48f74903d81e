
/*
 * The memory tier on nginx: ed_zone.h in a shared memory zone, under its
 * mutex, with a slot for each worker, and a wake-up from one worker to
 * another.
 *
 *     worker 1                          worker 2
 *     look-up: busy, wait               fetches
 *     request sleeps                    publishes, eventfd of worker 1 --+
 *     eventfd --> its key is free --> request goes on   <----------------+
 *
 * The eventfds are made by the master before it forks, one a slot, and live
 * as long as the zone: workers before and after a reload wake each other.
 *
 * Every worker looks once a second for slots whose process is gone, and reaps
 * them.  (Cleanups do not run when a process is killed; of what it held the
 * master gives back the mutex alone.)
 */

#ifndef NGX_EDITORIAL_ZONE_H
#define NGX_EDITORIAL_ZONE_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ed_zone.h"


typedef struct ngx_editorial_zone_s  ngx_editorial_zone_t;


/* Somebody who waits for a key's lock to go; owned by the caller. */
typedef struct ngx_editorial_waiter_s  ngx_editorial_waiter_t;

struct ngx_editorial_waiter_s {
    ngx_queue_t            queue;
    uint64_t               hash;
    ed_str_t               key;          /* lives as long as it waits */
    void                 (*handler)(ngx_editorial_waiter_t *waiter);
    void                  *data;
    unsigned               waiting:1;
};


/* Creates the shared memory when the configuration is read.  NULL: said why.
   tag: the module's. */
ngx_editorial_zone_t *ngx_editorial_zone_add(ngx_conf_t *cf, ngx_str_t *name,
    size_t size, void *tag);

/* One that is not there: every look-up finds nothing. */
ngx_editorial_zone_t *ngx_editorial_zone_none(void);

/* In the worker: takes a slot, starts the timer; at its end gives all back.
   NGX_ERROR: no slot, or no connection for the eventfd; the zone is then not
   used by this worker (all look-ups find nothing), and the log says so.  In
   other processes than workers it does nothing. */
ngx_int_t ngx_editorial_zone_init_process(ngx_editorial_zone_t *zone,
    ngx_cycle_t *cycle);
void ngx_editorial_zone_exit_process(ngx_editorial_zone_t *zone);


/* The functions of ed_zone.h under the mutex, with this worker's slot, clock
   and wake-ups.  Of lookup, the caller sets key, article, lock_ms, lock, wait,
   pin.  With no slot nothing is found or done. */
void ngx_editorial_zone_lookup(ngx_editorial_zone_t *zone,
    ed_zone_lookup_t *lookup);
ngx_uint_t ngx_editorial_zone_is_wanted(ngx_editorial_zone_t *zone,
    ed_str_t key);
void ngx_editorial_zone_unpin(ngx_editorial_zone_t *zone, uint32_t entry);
void ngx_editorial_zone_unlock(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token);
void ngx_editorial_zone_unstorable(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, ngx_msec_t life, ngx_uint_t drop);
void ngx_editorial_zone_renew(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, const ed_zone_times_t *times);

/*
 * Stores head and body.  stamp: of the look-up before the fetch, see
 * ed_zone_publish().  pin: *page is pinned and filled in.  NGX_DECLINED: no
 * room, or no longer wanted (token, generation); the lock is gone in any case.
 */
ngx_int_t ngx_editorial_zone_store(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t token, const ed_zone_times_t *times,
    const ed_zone_stamp_t *stamp, ed_str_t head, ed_str_t body,
    ngx_uint_t pin, ed_zone_page_t *page);

/* The same without a lock, in the place of a page that the caller has pinned,
   if that is still the page of this key; *page is pinned and filled in. */
ngx_int_t ngx_editorial_zone_replace(ngx_editorial_zone_t *zone,
    ed_str_t key, uint32_t old, const ed_zone_times_t *times,
    const ed_zone_stamp_t *stamp, ed_str_t head, ed_str_t body,
    ed_zone_page_t *page);

/* Stores the coded parts of a pinned page; head_len bytes contiguous. */
ngx_int_t ngx_editorial_zone_store_coded(ngx_editorial_zone_t *zone,
    uint32_t page, ed_str_t coded, size_t head_len);

const u_char *ngx_editorial_zone_bytes(ngx_editorial_zone_t *zone,
    const ed_zone_page_t *page, ngx_uint_t coded, size_t offset, size_t *len);
ngx_uint_t ngx_editorial_zone_is_intact(ngx_editorial_zone_t *zone,
    const ed_zone_page_t *page);
ngx_uint_t ngx_editorial_zone_may_pin(ngx_editorial_zone_t *zone);

ngx_uint_t ngx_editorial_zone_purge(ngx_editorial_zone_t *zone, ed_str_t key);
ngx_uint_t ngx_editorial_zone_purge_revision(ngx_editorial_zone_t *zone,
    ed_str_t key, uint64_t revision);
void ngx_editorial_zone_purge_tag(ngx_editorial_zone_t *zone, ed_str_t tag);

/* Has one of these tags (separated by spaces) been purged since? */
ngx_uint_t ngx_editorial_zone_is_purged(ngx_editorial_zone_t *zone,
    ed_str_t tags, const ed_zone_stamp_t *stamp);

ngx_uint_t ngx_editorial_zone_purge_all(ngx_editorial_zone_t *zone);
ngx_uint_t ngx_editorial_zone_renew_generation(ngx_editorial_zone_t *zone,
    uint64_t generation);
uint64_t ngx_editorial_zone_generation(ngx_editorial_zone_t *zone);
uint32_t ngx_editorial_zone_scan(ngx_editorial_zone_t *zone, uint32_t from,
    ed_zone_page_t *page);
void ngx_editorial_zone_stats(ngx_editorial_zone_t *zone,
    ed_zone_stats_t *stats);


/* An article as the stamps have it; 0 for an empty id only. */
uint64_t ngx_editorial_zone_article(ngx_editorial_zone_t *zone, ed_str_t id);

ngx_uint_t ngx_editorial_zone_doubt(ngx_editorial_zone_t *zone, ed_str_t key,
    ed_doubt_e kind, ed_zone_stamp_t *stamp);
uint32_t ngx_editorial_zone_doubt_article(ngx_editorial_zone_t *zone,
    uint64_t article, uint32_t from);
void ngx_editorial_zone_distrust(ngx_editorial_zone_t *zone);
void ngx_editorial_zone_trust(ngx_editorial_zone_t *zone, ed_str_t key,
    const ed_zone_stamp_t *stamp);
void ngx_editorial_zone_revise(ngx_editorial_zone_t *zone, ed_str_t key,
    uint64_t old, uint64_t revision);


/* For so long (ms) what changes in the other store is told, so that pages are
   not doubtful that nobody has doubted; 0: no longer.  In a new zone nothing
   is told. */
void ngx_editorial_zone_watch(ngx_editorial_zone_t *zone, ngx_msec_t life);

/*
 * The role that one worker of the zone has: non-zero, it is this one's, for as
 * long as it asks again within ED_ZONE_ROLE.  It is taken from a process that
 * is gone, whose slot is reaped thereby; one that exits gives it up.
 */
ngx_uint_t ngx_editorial_zone_role(ngx_editorial_zone_t *zone);
void ngx_editorial_zone_role_leave(ngx_editorial_zone_t *zone);


/*
 * Waiting.  After a look-up with wait that answered ED_LOCK_BUSY: key, handler
 * and data are set.  The handler is called once, from the event loop, when
 * the lock has gone (another waiter may have taken it again by then).  Not
 * called after ngx_editorial_zone_leave(), which may be called at any time.
 */
void ngx_editorial_zone_wait(ngx_editorial_zone_t *zone,
    ngx_editorial_waiter_t *waiter);
void ngx_editorial_zone_leave(ngx_editorial_waiter_t *waiter);


#endif /* NGX_EDITORIAL_ZONE_H */
