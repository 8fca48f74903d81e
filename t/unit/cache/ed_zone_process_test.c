
/*
 * Processes that work in one zone at once, and are killed wherever they are.
 * Who was killed inside leaves the mutex locked: it is unlocked for him, as
 * nginx's master does.  Every page that somebody reads must be whole.
 */

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ed_zone_check.h"


#define CHILDREN  4
#define KEYS      12
#define BLOCKS    40
#define MS        1000                 /* of dying */
#define WORDS     8000                 /* of a page, at most */


/* Before the zone, in the shared memory. */
typedef struct {
    uint64_t           mutex;          /* the pid of its owner */
    uint64_t           stop;
    uint64_t           versions;
    uint64_t           reads;
    uint64_t           stores;
    uint64_t           errors;
} shared_t;


static shared_t   *shared;
static ed_zone_t  *zone;
static pid_t       parent;
static pid_t       children[CHILDREN];
static uint32_t    state = 1;


static void spawn(unsigned i);
static unsigned bury(void);
static void unlock(pid_t pid);
static void unlock_dead(void);
static void die_inside(int signo);
static void work(unsigned slot);
static void fetch(const ed_zone_lookup_t *l, unsigned slot);
static void compress(uint32_t page, uint64_t version, unsigned slot);
static uint32_t reserve(unsigned slot, uint64_t version, int coded);
static void verify(const ed_zone_page_t *page);
static int is_whole(const ed_zone_page_t *page, int coded, uint64_t version);
static uint32_t length(uint64_t version, int coded);
static void enter(void);
static void leave(void);
static long elapsed(const struct timespec *since);
static unsigned pick(unsigned n);


int
main(void)
{
    size_t           size;
    uint64_t         wake;
    unsigned         i, deaths;
    ed_zone_stats_t  stats;
    struct timespec  began;

    size = ed_zone_min_size()
           + (BLOCKS - ED_ZONE_MIN_BLOCKS) * ED_ZONE_CHECK_BLOCK;
    size = size / ED_ZONE_PAGE * ED_ZONE_PAGE;

    shared = mmap(NULL, ED_ZONE_PAGE + size, PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        printf("Bail out! no memory\n");
        return 1;
    }

    zone = ed_zone_init((uint8_t *) shared + ED_ZONE_PAGE, size);

    parent = getpid();

    for (i = 0; i < CHILDREN; i++) {
        spawn(i);
    }

    (void) clock_gettime(CLOCK_MONOTONIC, &began);

    for (deaths = 0; elapsed(&began) < MS; deaths++) {

        if (deaths % 3 == 0) {
            (void) usleep(pick(2000));
            (void) kill(children[pick(CHILDREN)], SIGKILL);
        }

        spawn(bury());
    }

    shared->stop = 1;

    for (i = 0; i < CHILDREN; i++) {
        (void) bury();
    }

    /* the last one may have left the mark */

    enter();
    (void) ed_zone_purge_all(zone, &wake);

    while (ed_zone_evict(zone)) { /* void */ }

    leave();

    ed_zone_get_stats(zone, &stats);

    printf("# %u killed, %lu of them inside; %lu pages stored, %lu read\n",
           deaths, (unsigned long) stats.recovered,
           (unsigned long) shared->stores, (unsigned long) shared->reads);

    ok(shared->reads != 0 && shared->stores != 0, "pages were stored and read");
    is_num(shared->errors, 0, "all of them whole");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is pinned, reserved, locked");
    is_num(stats.free, stats.blocks, "all blocks are free");

    return ed_test_done();
}


static void
spawn(unsigned i)
{
    unsigned          slot;
    struct itimerval  timer;

    fflush(stdout);
    children[i] = fork();

    if (children[i] == 0) {
        state = (uint32_t) getpid() * 2654435761u | 1;

        memset(&timer, 0, sizeof(timer));
        timer.it_value.tv_usec = 300 + pick(3000);
        timer.it_interval.tv_usec = 300 + pick(3000);

        (void) signal(SIGALRM, die_inside);
        (void) setitimer(ITIMER_REAL, &timer, NULL);

        enter();
        slot = ed_zone_claim(zone, (uint64_t) getpid(), 1);
        leave();

        work(slot);
        _exit(0);
    }
}


/* Whatever it is doing. */

static void
die_inside(int signo)
{
    (void) signo;

    if (__atomic_load_n(&shared->mutex, __ATOMIC_RELAXED)
        == (uint64_t) getpid())
    {
        (void) kill(getpid(), SIGKILL);
    }
}


/* A child that has died: whoever looks for the slots of the dead reaps its
   own. */

static unsigned
bury(void)
{
    pid_t     pid;
    uint64_t  owner, start;
    unsigned  slot, i;

    pid = waitpid(-1, NULL, 0);
    unlock(pid);

    enter();

    for (slot = 0; slot < ED_ZONE_SLOTS; slot++) {
        if (ed_zone_owner(zone, slot, &owner, &start)
            && owner == (uint64_t) pid)
        {
            (void) ed_zone_reap(zone, slot);
        }
    }

    leave();

    for (i = 0; i < CHILDREN - 1 && children[i] != pid; i++) { /* void */ }

    return i;
}


/* What the master does first when a child has died. */

static void
unlock(pid_t pid)
{
    uint64_t  owner;

    owner = (uint64_t) pid;
    (void) __atomic_compare_exchange_n(&shared->mutex, &owner, 0, 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}


/* The parent is master and worker at once: it cannot wait for a mutex whose
   owner waits to be buried. */

static void
unlock_dead(void)
{
    unsigned   i;
    siginfo_t  info;

    for (i = 0; getpid() == parent && i < CHILDREN; i++) {
        info.si_pid = 0;

        if (waitid(P_PID, (id_t) children[i], &info,
                   WEXITED|WNOHANG|WNOWAIT) == 0
            && info.si_pid != 0)
        {
            unlock(info.si_pid);
        }
    }
}


static void
work(unsigned slot)
{
    char              key[20];
    unsigned          k;
    uint64_t          wake;
    ed_zone_lookup_t  l;

    while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
        k = pick(KEYS);

        memset(&l, 0, sizeof(l));
        l.slot = slot;
        l.hash = k / 2;
        l.key = ed_str(key, (size_t) sprintf(key, "/%u", k));
        l.now = pick(3);
        l.now_ms = 1;
        l.lock_ms = 1000;
        l.lock = 1;
        l.pin = 1;

        enter();
        ed_zone_lookup(zone, &l);
        leave();

        if (l.state != ED_PAGE_NONE) {
            verify(&l.page);

            enter();
            ed_zone_unpin(zone, slot, l.page.entry);
            leave();
        }

        if (l.locked == ED_LOCK_TAKEN) {
            fetch(&l, slot);
        }

        if (pick(30) == 0) {
            enter();
            (void) ed_zone_purge(zone, l.hash, l.key, &wake);
            leave();
        }
    }
}


static void
fetch(const ed_zone_lookup_t *l, unsigned slot)
{
    ed_rc_t          rc;
    uint32_t         entry;
    uint64_t         version, wake;
    ed_zone_page_t   page;
    ed_zone_times_t  times = { 0, 1, 2, 3 };

    version = __atomic_add_fetch(&shared->versions, 1, __ATOMIC_SEQ_CST);
    entry = reserve(slot, version, 0);

    enter();

    if (entry == ED_ZONE_NONE) {
        (void) ed_zone_unlock(zone, l->hash, l->key, l->token);
        rc = ED_DONE;

    } else {
        rc = ed_zone_publish(zone, slot, entry, l->hash, l->key, l->token,
                             &times, &l->stamp, 1, &page, &wake);
    }

    leave();

    if (rc != ED_OK) {
        return;
    }

    (void) __atomic_add_fetch(&shared->stores, 1, __ATOMIC_RELAXED);

    compress(page.entry, version, slot);

    enter();
    ed_zone_unpin(zone, slot, page.entry);
    leave();
}


static void
compress(uint32_t page, uint64_t version, unsigned slot)
{
    uint32_t  entry;

    entry = reserve(slot, version, 1);

    if (entry != ED_ZONE_NONE) {
        enter();
        ed_zone_attach(zone, slot, page, entry);
        leave();
    }
}


/* Blocks with the words of that version. */

static uint32_t
reserve(unsigned slot, uint64_t version, int coded)
{
    uint32_t  i, n, entry;

    static uint64_t  words[WORDS];

    n = length(version, coded);

    enter();
    entry = ed_zone_reserve(zone, slot, 8, (n - 1) * 8);
    leave();

    if (entry == ED_ZONE_NONE) {
        return ED_ZONE_NONE;
    }

    for (i = 0; i < n; i++) {
        words[i] = coded && i != 0 ? ~version : version;
    }

    ed_zone_write(zone, entry, 0, (const uint8_t *) words, n * 8);

    return entry;
}


static void
verify(const ed_zone_page_t *page)
{
    size_t          len;
    uint64_t        version;
    const uint8_t  *p;

    (void) __atomic_add_fetch(&shared->reads, 1, __ATOMIC_RELAXED);

    p = ed_zone_bytes(zone, page, 0, 0, &len);

    if (p != NULL) {
        memcpy(&version, p, 8);

        if (page->len == length(version, 0) * 8
            && is_whole(page, 0, version)
            && (page->coded_len == 0 || is_whole(page, 1, version)))
        {
            return;
        }
    }

    (void) __atomic_add_fetch(&shared->errors, 1, __ATOMIC_RELAXED);
}


static int
is_whole(const ed_zone_page_t *page, int coded, uint64_t version)
{
    size_t          at, len, i, total;
    uint64_t        word;
    const uint8_t  *p;

    total = (size_t) length(version, coded) * 8;

    for (at = 0; at < total; at += len) {
        p = ed_zone_bytes(zone, page, coded, at, &len);
        if (p == NULL) {
            return 0;
        }

        for (i = 0; i < len; i += 8) {
            memcpy(&word, &p[i], 8);

            if (word != (coded && at + i != 0 ? ~version : version)) {
                return 0;
            }
        }
    }

    return at == total;
}


/* Words. */

static uint32_t
length(uint64_t version, int coded)
{
    return 1 + (uint32_t) (version * 7919 % (coded ? WORDS / 3 : WORDS));
}


static void
enter(void)
{
    uint64_t  none;

    for ( ;; ) {
        none = 0;

        if (__atomic_compare_exchange_n(&shared->mutex, &none,
                                        (uint64_t) getpid(), 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        {
            break;
        }

        unlock_dead();
        (void) sched_yield();
    }

    (void) ed_zone_enter(zone, (uint64_t) getpid());
}


static void
leave(void)
{
    ed_zone_leave(zone);
    __atomic_store_n(&shared->mutex, 0, __ATOMIC_SEQ_CST);
}


static long
elapsed(const struct timespec *since)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return (now.tv_sec - since->tv_sec) * 1000
           + (now.tv_nsec - since->tv_nsec) / 1000000;
}


static unsigned
pick(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;

    return state % n;
}
