
/*
 * A process' part in a zone: its slot, the eventfd by which others wake it,
 * and the requests that wait.
 *
 *     bucket --> A --> A --> A --> B --> C        waiters; those of one key
 *                                                 stand next to each other
 *
 * Whoever lets a lock go writes to the eventfds of the slots whose bits the
 * zone hands him.  That says that something happened, not to which key: the
 * one that wakes asks for each key that somebody waits for.
 */

#include <sys/eventfd.h>

#include "ngx_editorial_zone_int.h"


#define NGX_EDITORIAL_ZONE_TICK   1000   /* ms */
#define NGX_EDITORIAL_ZONE_CHECK  500    /* ms between looks at all slots, by
                                            whichever process */


static ngx_int_t ngx_editorial_zone_eventfds(
    ngx_editorial_zone_process_t *process, ngx_log_t *log);
static void ngx_editorial_zone_close_eventfds(
    ngx_editorial_zone_process_t *process);
static ngx_int_t ngx_editorial_zone_listen(
    ngx_editorial_zone_process_t *process, ngx_cycle_t *cycle);
static void ngx_editorial_zone_deafen(ngx_editorial_zone_process_t *process);
static void ngx_editorial_zone_give_slot(
    ngx_editorial_zone_process_t *process);
static void ngx_editorial_zone_wake(ngx_editorial_zone_process_t *process,
    uint64_t slots);
static void ngx_editorial_zone_event_handler(ngx_event_t *ev);
static void ngx_editorial_zone_timer_handler(ngx_event_t *ev);
static void ngx_editorial_zone_call_waiters(
    ngx_editorial_zone_process_t *process);
static void ngx_editorial_zone_collect(ngx_editorial_zone_process_t *process,
    ngx_queue_t *bucket, ngx_queue_t *called);
static ngx_uint_t ngx_editorial_zone_is_locked(
    ngx_editorial_zone_process_t *process, ngx_editorial_waiter_t *waiter);
static ngx_uint_t ngx_editorial_zone_same_key(ngx_editorial_waiter_t *a,
    ngx_editorial_waiter_t *b);
static ngx_uint_t ngx_editorial_zone_is_mapped(
    ngx_editorial_zone_process_t *process);


ngx_editorial_zone_process_t *
ngx_editorial_zone_process_create(ngx_str_t *name, ngx_log_t *log)
{
    ngx_uint_t                     i;
    ngx_editorial_zone_process_t  *process;

    process = ngx_calloc(sizeof(ngx_editorial_zone_process_t) + name->len,
                         log);
    if (process == NULL) {
        return NULL;
    }

    process->refs = 1;
    process->slot = ED_ZONE_SLOTS;
    process->name.len = name->len;
    process->name.data = (u_char *) &process[1];
    ngx_memcpy(process->name.data, name->data, name->len);

    for (i = 0; i < NGX_EDITORIAL_ZONE_BUCKETS; i++) {
        ngx_queue_init(&process->waiting[i]);
    }

    if (ngx_editorial_zone_eventfds(process, log) != NGX_OK) {
        ngx_editorial_zone_process_release(process);
        return NULL;
    }

    return process;
}


void
ngx_editorial_zone_process_release(ngx_editorial_zone_process_t *process)
{
    if (--process->refs == 0) {
        ngx_editorial_zone_deafen(process);
        ngx_editorial_zone_close_eventfds(process);
        ngx_free(process);
    }
}


ngx_int_t
ngx_editorial_zone_init_process(ngx_editorial_zone_t *zone,
    ngx_cycle_t *cycle)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    ngx_editorial_zone_reap(process, 0);

    ngx_editorial_zone_begin(process);
    process->slot = ed_zone_claim(process->sh->zone, ngx_pid,
                                  ngx_editorial_zone_start_time(ngx_pid));
    ngx_editorial_zone_end(process, 0);

    if (process->slot == ED_ZONE_SLOTS) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "%d processes use the zone \"%V\" already, this one "
                      "goes without it", ED_ZONE_SLOTS, &process->name);
        return NGX_ERROR;
    }

    if (ngx_editorial_zone_listen(process, cycle) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "no connection for the zone \"%V\", this process goes "
                      "without it", &process->name);
        ngx_editorial_zone_give_slot(process);

        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_editorial_zone_exit_process(ngx_editorial_zone_t *zone)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot != ED_ZONE_SLOTS) {
        ngx_editorial_zone_give_slot(process);
        ngx_editorial_zone_deafen(process);
    }
}


void
ngx_editorial_zone_begin(ngx_editorial_zone_process_t *process)
{
    ngx_shmtx_lock(&process->shpool->mutex);

    if (ed_zone_enter(process->sh->zone, ngx_pid)) {
        process->recovered = 1;
    }
}


void
ngx_editorial_zone_end(ngx_editorial_zone_process_t *process, uint64_t wake)
{
    ed_zone_leave(process->sh->zone);
    ngx_shmtx_unlock(&process->shpool->mutex);

    if (process->recovered) {
        process->recovered = 0;
        wake = UINT64_MAX;

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "a process died inside the zone \"%V\", its pages are "
                      "gone", &process->name);
    }

    if (wake) {
        ngx_editorial_zone_wake(process, wake);
    }
}


void
ngx_editorial_zone_wait(ngx_editorial_zone_t *zone,
    ngx_editorial_waiter_t *waiter)
{
    ngx_queue_t                   *bucket, *q;
    ngx_editorial_waiter_t        *other;
    ngx_editorial_zone_process_t  *process = zone->process;

    waiter->hash = ngx_editorial_zone_hash(process, waiter->key);
    waiter->waiting = 1;

    bucket = &process->waiting[waiter->hash % NGX_EDITORIAL_ZONE_BUCKETS];

    for (q = ngx_queue_last(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_prev(q))
    {
        other = ngx_queue_data(q, ngx_editorial_waiter_t, queue);

        if (ngx_editorial_zone_same_key(waiter, other)) {
            break;
        }
    }

    if (q == ngx_queue_sentinel(bucket)) {
        q = ngx_queue_last(bucket);
    }

    ngx_queue_insert_after(q, &waiter->queue);

    /* it may have gone since the look-up */

    if (!ngx_editorial_zone_is_locked(process, waiter) && process->connection)
    {
        ngx_post_event(process->connection->read, &ngx_posted_events);
    }
}


void
ngx_editorial_zone_leave(ngx_editorial_waiter_t *waiter)
{
    if (waiter->waiting) {
        waiter->waiting = 0;
        ngx_queue_remove(&waiter->queue);
    }
}


static ngx_int_t
ngx_editorial_zone_eventfds(ngx_editorial_zone_process_t *process,
    ngx_log_t *log)
{
    ngx_uint_t  i;

    for (i = 0; i < ED_ZONE_SLOTS; i++) {
        process->fds[i] = -1;
    }

    for (i = 0; i < ED_ZONE_SLOTS; i++) {
        process->fds[i] = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

        if (process->fds[i] == -1) {
            ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                          "eventfd() for the zone \"%V\" failed",
                          &process->name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_editorial_zone_close_eventfds(ngx_editorial_zone_process_t *process)
{
    ngx_uint_t  i;

    for (i = 0; i < ED_ZONE_SLOTS && process->fds[i] != -1; i++) {
        (void) close(process->fds[i]);
    }
}


static ngx_int_t
ngx_editorial_zone_listen(ngx_editorial_zone_process_t *process,
    ngx_cycle_t *cycle)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(process->fds[process->slot], cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = process;
    c->read->handler = ngx_editorial_zone_event_handler;
    c->read->log = cycle->log;
    process->connection = c;

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_editorial_zone_deafen(process);
        return NGX_ERROR;
    }

    process->timer.handler = ngx_editorial_zone_timer_handler;
    process->timer.data = c;
    process->timer.log = cycle->log;
    process->timer.cancelable = 1;

    ngx_add_timer(&process->timer, NGX_EDITORIAL_ZONE_TICK);

    return NGX_OK;
}


/* The eventfd is not the connection's to close: it stays for the slot's next
   owner. */

static void
ngx_editorial_zone_deafen(ngx_editorial_zone_process_t *process)
{
    ngx_connection_t  *c;

    c = process->connection;

    if (c == NULL) {
        return;
    }

    process->connection = NULL;

    if (process->timer.timer_set) {
        ngx_del_timer(&process->timer);
    }

    if (c->read->active || c->read->disabled) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, 0);
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    c->read->closed = 1;
    c->write->closed = 1;

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
}


static void
ngx_editorial_zone_give_slot(ngx_editorial_zone_process_t *process)
{
    uint64_t    wake;
    ngx_uint_t  slot;

    slot = process->slot;
    process->slot = ED_ZONE_SLOTS;

    ngx_editorial_zone_begin(process);
    wake = ed_zone_reap(process->sh->zone, slot);
    ngx_editorial_zone_end(process, wake);
}


static void
ngx_editorial_zone_wake(ngx_editorial_zone_process_t *process, uint64_t slots)
{
    ngx_uint_t             i;
    static const uint64_t  one = 1;

    for (i = 0; i < ED_ZONE_SLOTS; i++) {

        if (!((slots >> i) & 1)) {
            continue;
        }

        if (i == process->slot) {
            if (process->connection) {
                ngx_post_event(process->connection->read, &ngx_posted_events);
            }

            continue;
        }

        if (write(process->fds[i], &one, sizeof(one)) == -1
            && ngx_errno != NGX_EAGAIN)
        {
            ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno,
                          "write() to an eventfd of the zone \"%V\" failed",
                          &process->name);
        }
    }
}


static void
ngx_editorial_zone_event_handler(ngx_event_t *ev)
{
    ssize_t            n;
    uint64_t           count;
    ngx_connection_t  *c;

    c = ev->data;

    n = read(c->fd, &count, sizeof(uint64_t));

    ngx_log_debug2(NGX_LOG_DEBUG_EVENT, ev->log, 0,
                   "editorial zone woken, eventfd %d: %z", c->fd, n);

    ev->ready = 0;

    if (ngx_handle_read_event(ev, 0) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, ev->log, 0,
                      "an eventfd is no longer listened to");
    }

    ngx_editorial_zone_call_waiters(c->data);
}


/* Some locks go without anybody who lets them go: their life is over, or that
   of the process. */

static void
ngx_editorial_zone_timer_handler(ngx_event_t *ev)
{
    ngx_connection_t              *c;
    ngx_editorial_zone_process_t  *process;

    c = ev->data;
    process = c->data;

    if (!ngx_editorial_zone_is_mapped(process)) {
        process->slot = ED_ZONE_SLOTS;
        ngx_editorial_zone_deafen(process);

        return;
    }

    ngx_editorial_zone_reap(process, NGX_EDITORIAL_ZONE_CHECK);

    ngx_add_timer(ev, NGX_EDITORIAL_ZONE_TICK);

    ngx_editorial_zone_call_waiters(process);
}


/*
 * A handler may wait again, and may make others leave, also of those that are
 * to be called.
 */

static void
ngx_editorial_zone_call_waiters(ngx_editorial_zone_process_t *process)
{
    ngx_uint_t               i;
    ngx_queue_t              called, *q;
    ngx_editorial_waiter_t  *waiter;

    ngx_queue_init(&called);

    for (i = 0; i < NGX_EDITORIAL_ZONE_BUCKETS; i++) {
        ngx_editorial_zone_collect(process, &process->waiting[i], &called);
    }

    while (!ngx_queue_empty(&called)) {
        q = ngx_queue_head(&called);
        waiter = ngx_queue_data(q, ngx_editorial_waiter_t, queue);

        ngx_editorial_zone_leave(waiter);

        waiter->handler(waiter);
    }
}


/* Moves those of a bucket whose lock has gone, in their order. */

static void
ngx_editorial_zone_collect(ngx_editorial_zone_process_t *process,
    ngx_queue_t *bucket, ngx_queue_t *called)
{
    ngx_uint_t               locked;
    ngx_queue_t             *q, *next;
    ngx_editorial_waiter_t  *waiter, *last;

    last = NULL;
    locked = 0;

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = next)
    {
        next = ngx_queue_next(q);
        waiter = ngx_queue_data(q, ngx_editorial_waiter_t, queue);

        if (last == NULL || !ngx_editorial_zone_same_key(waiter, last)) {
            locked = ngx_editorial_zone_is_locked(process, waiter);
        }

        last = waiter;

        if (!locked) {
            ngx_queue_remove(q);
            ngx_queue_insert_tail(called, q);
        }
    }
}


static ngx_uint_t
ngx_editorial_zone_is_locked(ngx_editorial_zone_process_t *process,
    ngx_editorial_waiter_t *waiter)
{
    ngx_uint_t  locked;

    ngx_editorial_zone_begin(process);
    locked = ed_zone_is_locked(process->sh->zone, process->slot, waiter->hash,
                               waiter->key, ngx_current_msec);
    ngx_editorial_zone_end(process, 0);

    return locked;
}


static ngx_uint_t
ngx_editorial_zone_same_key(ngx_editorial_waiter_t *a,
    ngx_editorial_waiter_t *b)
{
    return a->hash == b->hash && ed_str_eq(a->key, b->key);
}


/* Without a master there is no fork to keep memory that a reload gives up. */

static ngx_uint_t
ngx_editorial_zone_is_mapped(ngx_editorial_zone_process_t *process)
{
    ngx_uint_t        i;
    ngx_shm_zone_t   *shm_zone;
    ngx_list_part_t  *part;

    if (ngx_process != NGX_PROCESS_SINGLE) {
        return 1;
    }

    for (part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;
         part != NULL;
         part = part->next)
    {
        shm_zone = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (shm_zone[i].shm.addr == (u_char *) process->shpool) {
                return 1;
            }
        }
    }

    return 0;
}
