
/*
 * What the files of the zone share: its memory (ngx_editorial_zone.c, and
 * ngx_editorial_zone_trust.c for what is known of another store), a process'
 * part in it (ngx_editorial_zone_process.c), and those that are gone
 * (ngx_editorial_zone_reap.c).
 *
 *     configuration --> zone --+
 *     older one     --> zone --+--> process     slot, eventfds, who waits
 *                                      |
 *     shared memory       slab pool <--+--> sh --> ed_zone_t
 *
 * The process' part is kept when a reload keeps the memory.  It belongs to
 * the configurations that use it, and goes with the last of them.
 */

#ifndef NGX_EDITORIAL_ZONE_INT_H
#define NGX_EDITORIAL_ZONE_INT_H


#include "ed_hash.h"
#include "ngx_editorial_zone.h"


#define NGX_EDITORIAL_ZONE_BUCKETS  256


/* In the shared memory; changed under the mutex. */
typedef struct {
    ed_zone_t             *zone;
    size_t                 size;         /* of its memory */
    ngx_msec_t             checked;      /* when slots were last looked at */
    ngx_atomic_t           watched;      /* ms: until then changes elsewhere
                                            are told; 0: they are not */
    u_char                 key[ED_HASH_KEY];
} ngx_editorial_zone_sh_t;


/* Made by the master; each worker has a copy. */
typedef struct {
    ngx_uint_t                refs;      /* configurations */
    ngx_str_t                 name;      /* in the memory of this struct */
    ngx_slab_pool_t          *shpool;
    ngx_editorial_zone_sh_t  *sh;
    ngx_fd_t                  fds[ED_ZONE_SLOTS];
    ngx_uint_t                slot;      /* ED_ZONE_SLOTS: none */
    ngx_connection_t         *connection;    /* of the slot's eventfd */
    ngx_event_t               timer;
    ngx_queue_t               waiting[NGX_EDITORIAL_ZONE_BUCKETS];
    unsigned                  recovered:1;   /* to be said */
} ngx_editorial_zone_process_t;


struct ngx_editorial_zone_s {
    ngx_editorial_zone_process_t  *process;  /* NULL until the memory is
                                                there */
};


/* NULL: the log says why. */
ngx_editorial_zone_process_t *ngx_editorial_zone_process_create(
    ngx_str_t *name, ngx_log_t *log);

/* One configuration less. */
void ngx_editorial_zone_process_release(
    ngx_editorial_zone_process_t *process);

/* The mutex, and who is to be woken. */
void ngx_editorial_zone_begin(ngx_editorial_zone_process_t *process);
void ngx_editorial_zone_end(ngx_editorial_zone_process_t *process,
    uint64_t wake);

/* Gives back what dead processes held; at most once a period (ms), for all
   processes together. */
void ngx_editorial_zone_reap(ngx_editorial_zone_process_t *process,
    ngx_msec_t period);

/* When a process began, in ticks since the boot; 0: not known. */
uint64_t ngx_editorial_zone_start_time(ngx_pid_t pid);

uint64_t ngx_editorial_zone_hash(ngx_editorial_zone_process_t *process,
    ed_str_t key);


#endif /* NGX_EDITORIAL_ZONE_INT_H */
