
/*
 * A process that is killed inside the zone, at every single instruction: a
 * child is traced step by step, and whenever it has changed something, a copy
 * of the zone as it left it is entered by another.
 *
 *     slot 0   lives, and has pages pinned and blocks reserved
 *     slot 1   is the one that is killed
 *     slot 2   died some time ago
 */

#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ed_zone_check.h"


#define BLOCKS   24
#define LIVING   0
#define VICTIM   1
#define LONG_AGO 2
#define HELD     4
#define NAMES    100
#define GARBAGE  300                   /* zones */

/* instructions of one child, at most; a sanitizer adds many of its own */
#define STEPS    20000

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#undef STEPS
#define STEPS    5000
#endif
#endif


/* What the living slot has; its chains must stay. */
typedef struct {
    uint32_t           entry;
    uint32_t           pins;           /* 0: reserved */
    uint32_t           blocks[BLOCKS];
    uint32_t           nblocks;
    uint32_t           ncoded;
} held_t;


typedef struct {
    const char        *name;
    void             (*set_up)(void);
    void             (*act)(void);
} scenario_t;


static ed_zone_t        *zone;
static ed_zone_t        *copy;
static size_t            size;
static held_t            held[HELD];
static unsigned          nheld;
static uint32_t          entry;        /* of the victim */
static uint32_t          pinned;       /* one of its pages */
static uint64_t          token;
static uint32_t          state = 1;
static char              names[NAMES][300];

static const ed_zone_times_t  times = { 0, 100, 200, 300 };
static const ed_zone_times_t  later = { 50, 150, 250, 350 };


static void full(void);
static void look(void);
static void look_for_none(void);
static void set_up_unpin(void);
static void unpin(void);
static void reserve(void);
static void set_up_publish(void);
static void publish(void);
static void set_up_lock(void);
static void unlock(void);
static void mark(void);
static void renew(void);
static void discard(void);
static void set_up_attach(void);
static void attach(void);
static void purge(void);
static void purge_all(void);
static void set_up_void(void);
static void find_void(void);
static void evict_void(void);
static void doubt(void);
static void set_up_doubt(void);
static void trust(void);
static void replace(void);
static void scan(void);
static void role(void);
static void claim(void);
static void reap(void);
static void set_up_recovery(void);
static void nothing(void);
static void run(const scenario_t *scenario);
static int begin(const scenario_t *scenario);
static void hold(uint32_t i);
static const char *survives(void);
static const char *kept(const ed_zone_t *z);
static int chain_is(const ed_zone_t *z, const ed_zone_chain_t *chain,
    const uint32_t *blocks);
static void garbage(void);
static void fresh_zone(void);
static uint32_t store(unsigned slot, unsigned n, size_t len, int pin);
static ed_zone_lookup_t ask(unsigned slot, unsigned n, int64_t now, int pin);
static ed_str_t name(unsigned n);
static uint32_t pick(void);


static const scenario_t  scenarios[] = {
    { "finds and pins a page", full, look },
    { "takes a lock", full, look_for_none },
    { "unpins a dead page", set_up_unpin, unpin },
    { "reserves blocks of others", full, reserve },
    { "publishes what replaces a pinned page", set_up_publish, publish },
    { "unlocks", set_up_lock, unlock },
    { "marks, and drops the page", set_up_lock, mark },
    { "renews", set_up_lock, renew },
    { "discards", set_up_publish, discard },
    { "attaches to a page that another has pinned", set_up_attach, attach },
    { "purges", full, purge },
    { "purges all", full, purge_all },
    { "drops what is void", set_up_void, find_void },
    { "puts void pages out", set_up_void, evict_void },
    { "doubts", full, doubt },
    { "trusts, and revises", set_up_doubt, trust },
    { "replaces a doubtful page", set_up_doubt, replace },
    { "pins what it comes by", full, scan },
    { "takes the role, distrusts, and gives it up", full, role },
    { "claims a slot", full, claim },
    { "reaps another", full, reap },
    { "puts the zone in order", set_up_recovery, nothing }
};


int
main(void)
{
    size_t  i;

    size = ed_zone_min_size()
           + (BLOCKS - ED_ZONE_MIN_BLOCKS) * ED_ZONE_CHECK_BLOCK;
    size = size / ED_ZONE_PAGE * ED_ZONE_PAGE;

    zone = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS,
                -1, 0);
    copy = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS,
                -1, 0);

    if (zone == MAP_FAILED || copy == MAP_FAILED) {
        printf("Bail out! no memory\n");
        return 1;
    }

    for (i = 0; i < NAMES; i++) {
        (void) sprintf(names[i], "%0290zu", i + 1000);
        memcpy(names[i], &names[i][280], 10);
    }

    for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        run(&scenarios[i]);
    }

    garbage();

    return ed_test_done();
}


/*
 * All blocks are in use.  The living slot has page 0, that also the others
 * have pinned, page 1, which is dead, and blocks of its own.
 */

static void
full(void)
{
    unsigned  i;
    uint32_t  dead;

    fresh_zone();

    store(LIVING, 0, 2 * ED_ZONE_BLOCK, 1);
    (void) ask(VICTIM, 0, 0, 1);
    pinned = ask(LONG_AGO, 0, 0, 1).page.entry;

    dead = store(LIVING, 1, ED_ZONE_BLOCK, 1);
    (void) ask(LONG_AGO, 1, 0, 1);
    store(LIVING, 1, ED_ZONE_BLOCK, 0);

    hold(pinned);
    hold(dead);
    hold(ed_zone_reserve(zone, LIVING, 10, 3 * ED_ZONE_BLOCK));
    (void) ed_zone_reserve(zone, LONG_AGO, 10, 10);
    (void) ask(LONG_AGO, 90, 0, 0);
    (void) ask(LIVING, 90, 0, 0);
    (void) ask(LIVING, 91, 0, 0);

    for (i = 2; i < 2 + BLOCKS / 2; i++) {
        store(LIVING, i, 100, 0);
    }
}


static void
look(void)
{
    (void) ask(VICTIM, 5, 0, 1);
}


static void
look_for_none(void)
{
    (void) ask(VICTIM, 70, 0, 1);
}


static void
set_up_unpin(void)
{
    full();
    entry = store(VICTIM, 60, 100, 1);
    store(VICTIM, 60, 100, 0);
}


static void
unpin(void)
{
    ed_zone_unpin(zone, VICTIM, entry);
    ed_zone_unpin(zone, VICTIM, pinned);
}


static void
reserve(void)
{
    entry = ed_zone_reserve(zone, VICTIM, 10, 4 * ED_ZONE_BLOCK);
}


/* Page 0 is fetched, and the answer is there. */

static void
set_up_publish(void)
{
    full();
    token = ask(VICTIM, 0, 250, 0).token;
    (void) ask(LIVING, 0, 250, 0);
    entry = ed_zone_reserve(zone, VICTIM, 10, ED_ZONE_BLOCK);
}


static void
publish(void)
{
    uint64_t         wake;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;

    stamp = ed_zone_check_stamp(zone);

    (void) ed_zone_publish(zone, VICTIM, entry, 0, name(0), token, &times,
                           &stamp, 1, &page, &wake);
}


static void
set_up_lock(void)
{
    full();
    token = ask(VICTIM, 0, 250, 0).token;
    (void) ask(LIVING, 0, 250, 0);
}


static void
unlock(void)
{
    (void) ed_zone_unlock(zone, 0, name(0), token);
}


static void
mark(void)
{
    (void) ed_zone_unstorable(zone, 0, name(0), token, 10, 1000, 1);
}


static void
renew(void)
{
    (void) ed_zone_renew(zone, 0, name(0), token, &later);
}


static void
discard(void)
{
    ed_zone_discard(zone, VICTIM, entry);
}


static void
set_up_attach(void)
{
    full();
    entry = ed_zone_reserve(zone, VICTIM, 10, ED_ZONE_BLOCK);
}


static void
attach(void)
{
    ed_zone_attach(zone, VICTIM, pinned, entry);
}


static void
purge(void)
{
    uint64_t  wake;

    (void) ed_zone_purge(zone, 0, name(0), &wake);
    (void) ed_zone_purge(zone, 5, name(5), &wake);
    (void) ed_zone_purge(zone, 90, name(90), &wake);
}


static void
purge_all(void)
{
    uint64_t  wake;

    (void) ed_zone_purge_all(zone, &wake);
}


static void
set_up_void(void)
{
    uint64_t  wake;

    full();
    (void) ed_zone_purge_all(zone, &wake);
}


/* A pinned page, another, and a lock. */

static void
find_void(void)
{
    (void) ask(VICTIM, 0, 0, 1);
    (void) ask(VICTIM, 5, 0, 1);
    (void) ask(VICTIM, 90, 0, 1);
}


static void
evict_void(void)
{
    store(VICTIM, 70, 3 * ED_ZONE_BLOCK, 1);
}


static void
doubt(void)
{
    ed_zone_stamp_t  stamp;

    (void) ed_zone_doubt(zone, 0, name(0), ED_DOUBT_PAGE, &stamp);
    (void) ed_zone_doubt_article(zone, 5, 0);
}


static void
set_up_doubt(void)
{
    full();
    doubt();
    entry = ed_zone_reserve(zone, VICTIM, 10, ED_ZONE_BLOCK);
}


static void
trust(void)
{
    ed_zone_stamp_t  stamp;

    stamp = ask(VICTIM, 0, 0, 0).stamp;
    ed_zone_trust(zone, 0, name(0), &stamp);
    ed_zone_revise(zone, 0, name(0), stamp.revision, 77);
}


static void
replace(void)
{
    uint64_t          wake;
    ed_zone_page_t    page;
    ed_zone_lookup_t  l;

    l = ask(VICTIM, 0, 0, 0);
    (void) ed_zone_replace(zone, VICTIM, entry, pinned, 0, name(0), &times,
                           &l.stamp, &page, &wake);
}


static void
scan(void)
{
    ed_zone_page_t  page;

    (void) ed_zone_scan(zone, VICTIM, 0, &page);
}


static void
role(void)
{
    (void) ed_zone_role(zone, VICTIM, 5000);
    ed_zone_distrust(zone);
    ed_zone_role_leave(zone, VICTIM);
}


static void
claim(void)
{
    (void) ed_zone_claim(zone, 500, 5);
}


static void
reap(void)
{
    (void) ed_zone_reap(zone, LONG_AGO);
}


static void
set_up_recovery(void)
{
    full();
    zone->busy = 1000 + LONG_AGO;
    zone->pages.head = 77777;
}


static void
nothing(void)
{
    /* void */
}


static void
run(const scenario_t *scenario)
{
    int          status;
    pid_t        pid;
    size_t       looked;
    unsigned     steps, states;
    const char  *wrong;

    pid = begin(scenario);
    if (pid < 0) {
        ok(1, "%s # SKIP processes cannot be traced", scenario->name);
        return;
    }

    looked = zone->at.blocks;
    memcpy(copy, zone, looked);

    steps = 0;
    states = 0;
    wrong = NULL;

    while (wrong == NULL && steps++ < STEPS
           && ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0
           && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
    {
        if (memcmp(copy, zone, looked) == 0) {
            continue;
        }

        states++;
        memcpy(copy, zone, looked);
        wrong = survives();
        memcpy(copy, zone, looked);
    }

    ok(wrong == NULL && states != 0, "%s: %u states in %u steps",
       scenario->name, states, steps);

    if (wrong != NULL) {
        printf("# %s\n", wrong);
    }

    (void) kill(pid, SIGKILL);
    (void) waitpid(pid, &status, 0);
}


/* The child that is to be traced, stopped before it enters. */

static int
begin(const scenario_t *scenario)
{
    int    status;
    pid_t  pid;

    nheld = 0;
    scenario->set_up();

    fflush(stdout);
    pid = fork();

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(1);
        }

        (void) raise(SIGSTOP);

        (void) ed_zone_enter(zone, 1000 + VICTIM);
        scenario->act();
        ed_zone_leave(zone);
        _exit(0);
    }

    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
        return -1;
    }

    return pid;
}


static void
hold(uint32_t i)
{
    uint32_t                block, n;
    held_t                 *h;
    const ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);
    h = &held[nheld++];

    h->entry = i;
    h->pins = e->slot_pins[LIVING];
    h->nblocks = e->page.nblocks;
    h->ncoded = e->coded.nblocks;
    block = e->page.first;

    for (n = 0; n < h->nblocks; n++) {
        h->blocks[n] = block;
        block = *ed_zone_next(zone, block);
    }
}


/* Enters the copy twice, as whoever is inside dies again, and gives back what
   the three of them have. */

static const char *
survives(void)
{
    uint32_t     i;
    uint64_t     dead;
    const char  *wrong;

    dead = copy->busy;

    sound(ed_zone_enter(copy, 9999) == (dead != 0));
    ed_zone_leave(copy);
    wrong = kept(copy);

    if (wrong != NULL) {
        return wrong;
    }

    for (i = 0; dead == 1000 + VICTIM && i < copy->at.nentries; i++) {
        sound(ed_zone_entry(copy, i)->slot_pins[VICTIM] == 0);
        sound(ed_zone_entry(copy, i)->state != ED_ENTRY_RESERVED
              || ed_zone_entry(copy, i)->slot != VICTIM);
    }

    copy->busy = 9999;
    sound(ed_zone_enter(copy, 9998));
    ed_zone_leave(copy);
    wrong = kept(copy);

    if (wrong != NULL) {
        return wrong;
    }

    for (i = 0; i < 4; i++) {
        (void) ed_zone_reap(copy, i);
    }

    return ed_zone_check_idle(copy);
}


static const char *
kept(const ed_zone_t *z)
{
    unsigned                i;
    const char             *wrong;
    const held_t           *h;
    const ed_zone_entry_t  *e;

    wrong = ed_zone_check(z);

    for (i = 0; wrong == NULL && i < nheld; i++) {
        h = &held[i];
        e = ed_zone_entry(z, h->entry);

        sound(e->slot_pins[LIVING] == h->pins);
        sound(h->pins != 0 || (e->state == ED_ENTRY_RESERVED
                               && e->slot == LIVING));
        sound(e->page.nblocks == h->nblocks);
        sound(chain_is(z, &e->page, h->blocks));
        sound(e->coded.nblocks >= h->ncoded);
    }

    return wrong;
}


static int
chain_is(const ed_zone_t *z, const ed_zone_chain_t *chain,
    const uint32_t *blocks)
{
    uint32_t  i, block;

    block = chain->first;

    for (i = 0; i < chain->nblocks; i++) {
        if (block != blocks[i]) {
            return 0;
        }

        block = *ed_zone_next(z, block);
    }

    return block == ED_ZONE_NONE;
}


/* Whatever stands there: entering ends, and makes a zone of it. */

static void
garbage(void)
{
    size_t       at;
    uint8_t     *bytes;
    unsigned     i, n, s;
    const char  *wrong;

    wrong = NULL;

    for (i = 0; i < GARBAGE && wrong == NULL; i++) {
        nheld = 0;
        full();

        bytes = (uint8_t *) zone;
        n = i % 2 ? 30 : zone->at.blocks - zone->at.bitmap;

        while (n-- != 0) {
            at = zone->at.bitmap
                 + pick() % (zone->at.blocks - zone->at.bitmap);
            bytes[at] = (uint8_t) (pick() >> 8);
        }

        zone->free_entry = pick();
        zone->pages.head = pick();
        zone->free = pick();
        zone->busy = 1000 + VICTIM;

        (void) ed_zone_enter(zone, 9999);
        ed_zone_leave(zone);
        wrong = ed_zone_check(zone);

        for (s = 0; s < ED_ZONE_SLOTS; s++) {
            (void) ed_zone_reap(zone, s);
        }

        if (wrong == NULL) {
            wrong = ed_zone_check_idle(zone);
        }
    }

    ok(wrong == NULL, "%u zones of garbage", i);

    if (wrong != NULL) {
        printf("# %s\n", wrong);
    }
}


static void
fresh_zone(void)
{
    unsigned  s;

    (void) ed_zone_init(zone, size);

    for (s = 0; s < 3; s++) {
        (void) ed_zone_claim(zone, 1000 + s, 1);
    }
}


static uint32_t
store(unsigned slot, unsigned n, size_t len, int pin)
{
    uint32_t         i;
    uint64_t         wake;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;

    i = ed_zone_reserve(zone, slot, 10, len);
    stamp = ed_zone_check_stamp(zone);
    (void) ed_zone_publish(zone, slot, i, n, name(n), 0, &times, &stamp, pin,
                           &page, &wake);

    return i;
}


static ed_zone_lookup_t
ask(unsigned slot, unsigned n, int64_t now, int pin)
{
    ed_zone_lookup_t  l;

    memset(&l, 0, sizeof(l));

    l.slot = slot;
    l.hash = n;
    l.key = name(n);
    l.now = now;
    l.now_ms = 10;
    l.lock_ms = 100;
    l.lock = 1;
    l.wait = 1;
    l.pin = pin != 0;

    ed_zone_lookup(zone, &l);

    return l;
}


/* Some of them need cells.  Written before anything is traced. */

static ed_str_t
name(unsigned n)
{
    return ed_str(names[n], n % 2 ? 290 : 10);
}


static uint32_t
pick(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;

    return state;
}
