
/*
 * Processes that are gone: what they held of a zone is given back.
 *
 * That one is gone is seen by its pid, and by when the process began that has
 * this pid now.  All slots are looked at twice a second; the one that has the
 * role, also by whoever asks for that.
 */

#include "ngx_editorial_zone_int.h"


/* Who has a slot. */
typedef struct {
    ngx_uint_t             used;
    uint64_t               pid;
    uint64_t               start;
} ngx_editorial_zone_owner_t;


static ngx_uint_t ngx_editorial_zone_role_ask(
    ngx_editorial_zone_process_t *process, ngx_uint_t *holder,
    ngx_editorial_zone_owner_t *owner);
static void ngx_editorial_zone_reap_slot(
    ngx_editorial_zone_process_t *process, ngx_uint_t slot,
    ngx_editorial_zone_owner_t *owner);
static ngx_uint_t ngx_editorial_zone_is_dead(
    ngx_editorial_zone_owner_t *owner);


void
ngx_editorial_zone_reap(ngx_editorial_zone_process_t *process,
    ngx_msec_t period)
{
    ngx_uint_t                   i, due;
    ngx_editorial_zone_sh_t     *sh;
    ngx_editorial_zone_owner_t   owners[ED_ZONE_SLOTS];

    sh = process->sh;

    ngx_editorial_zone_begin(process);

    due = (ngx_current_msec - sh->checked >= period);

    if (due) {
        sh->checked = ngx_current_msec;
    }

    for (i = 0; i < ED_ZONE_SLOTS; i++) {
        owners[i].used = due && i != process->slot
                         && ed_zone_owner(sh->zone, i, &owners[i].pid,
                                          &owners[i].start);
    }

    ngx_editorial_zone_end(process, 0);

    for (i = 0; i < ED_ZONE_SLOTS; i++) {
        if (owners[i].used && ngx_editorial_zone_is_dead(&owners[i])) {
            ngx_editorial_zone_reap_slot(process, i, &owners[i]);
        }
    }
}


ngx_uint_t
ngx_editorial_zone_role(ngx_editorial_zone_t *zone)
{
    ngx_uint_t                     mine, holder;
    ngx_editorial_zone_owner_t     owner;
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return 0;
    }

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        ngx_editorial_zone_role_leave(zone);
        return 0;
    }

    mine = ngx_editorial_zone_role_ask(process, &holder, &owner);

    if (mine || !owner.used || !ngx_editorial_zone_is_dead(&owner)) {
        return mine;
    }

    ngx_editorial_zone_reap_slot(process, holder, &owner);

    return ngx_editorial_zone_role_ask(process, &holder, &owner);
}


void
ngx_editorial_zone_role_leave(ngx_editorial_zone_t *zone)
{
    ngx_editorial_zone_process_t  *process = zone->process;

    if (process->slot == ED_ZONE_SLOTS) {
        return;
    }

    ngx_editorial_zone_begin(process);
    ed_zone_role_leave(process->sh->zone, process->slot);
    ngx_editorial_zone_end(process, 0);
}


/* Non-zero: it is ours; else who has it. */

static ngx_uint_t
ngx_editorial_zone_role_ask(ngx_editorial_zone_process_t *process,
    ngx_uint_t *holder, ngx_editorial_zone_owner_t *owner)
{
    ngx_uint_t  mine;

    ngx_editorial_zone_begin(process);

    mine = (ngx_uint_t) ed_zone_role(process->sh->zone, process->slot,
                                     ngx_current_msec);

    *holder = ed_zone_role_holder(process->sh->zone);
    owner->used = ed_zone_owner(process->sh->zone, *holder, &owner->pid,
                                &owner->start);

    ngx_editorial_zone_end(process, 0);

    return mine;
}


static void
ngx_editorial_zone_reap_slot(ngx_editorial_zone_process_t *process,
    ngx_uint_t slot, ngx_editorial_zone_owner_t *owner)
{
    uint64_t    pid, start, wake;
    ngx_uint_t  reaped;

    wake = 0;

    ngx_editorial_zone_begin(process);

    /* another may have been here before */

    reaped = ed_zone_owner(process->sh->zone, slot, &pid, &start)
             && pid == owner->pid && start == owner->start;

    if (reaped) {
        wake = ed_zone_reap(process->sh->zone, slot);
    }

    ngx_editorial_zone_end(process, wake);

    if (reaped) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "process %P is gone, what it held of the zone \"%V\" is "
                      "given back", (ngx_pid_t) pid, &process->name);
    }
}


static ngx_uint_t
ngx_editorial_zone_is_dead(ngx_editorial_zone_owner_t *owner)
{
    uint64_t  start;

    if (kill((ngx_pid_t) owner->pid, 0) == -1 && ngx_errno == NGX_ESRCH) {
        return 1;
    }

    start = ngx_editorial_zone_start_time((ngx_pid_t) owner->pid);

    return start != 0 && owner->start != 0 && start != owner->start;
}


/* The 22nd field of what proc(5) says of it. */

uint64_t
ngx_editorial_zone_start_time(ngx_pid_t pid)
{
    u_char      path[sizeof("/proc//stat") + NGX_INT64_LEN];
    u_char     *p, *last;
    u_char      stat[1024];
    ssize_t     n;
    uint64_t    start;
    ngx_fd_t    fd;
    ngx_uint_t  field;

    (void) ngx_sprintf(path, "/proc/%P/stat%Z", pid);

    fd = ngx_open_file(path, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        return 0;
    }

    n = ngx_read_fd(fd, stat, sizeof(stat));
    (void) ngx_close_file(fd);

    last = stat + ngx_max(n, 0);

    /* the second field is a name in parentheses, of any bytes */

    for (p = last; p > stat && p[-1] != ')'; p--) { /* void */ }

    for (field = 2; p < last && field < 22; p++) {
        field += (*p == ' ');
    }

    for (start = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        start = start * 10 + (*p - '0');
    }

    return start;
}
