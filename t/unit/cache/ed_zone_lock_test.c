
/*
 * One fetch at a time: locks, their tokens, who waits, marks.
 */

#include "ed_zone_check.h"


#define KEY   ED_STR("/story")
#define HASH  42


static ed_zone_t  *zone;
static uint64_t    now = 1000;         /* ms */


static void takes(void);
static void expires(void);
static void waits(void);
static void stale_pages(void);
static void unstorable(void);
static void drops(void);
static void forces(void);
static void renews(void);
static void publishes(void);
static void without_token(void);
static void purge_under_way(void);
static void woken_for_nothing(void);
static void bounded(void);
static void marks_make_room(void);
static void long_key(void);
static void reaps(void);
static void fresh_zone(void);
static ed_zone_lookup_t ask(unsigned slot, int64_t at);
static ed_zone_lookup_t ask_key(unsigned slot, int64_t at, uint64_t hash,
    ed_str_t key);
static uint64_t mark(uint64_t token, int drop);
static ed_rc_t store(unsigned slot, uint64_t token, uint64_t *wake);


int
main(void)
{
    takes();
    expires();
    waits();
    stale_pages();
    unstorable();
    drops();
    forces();
    renews();
    publishes();
    without_token();
    purge_under_way();
    woken_for_nothing();
    bounded();
    marks_make_room();
    long_key();
    reaps();

    free(zone);

    return ed_test_done();
}


static void
takes(void)
{
    ed_zone_lookup_t  l, other;

    fresh_zone();

    l = ask(1, 0);
    is_num(l.locked, ED_LOCK_TAKEN, "the first who asks fetches");
    ok(l.token != 0, "he has a token");
    is_num(l.state, ED_PAGE_NONE, "there is no page");
    is_sound(zone, "a lock");

    other = ask(2, 0);
    is_num(other.locked, ED_LOCK_BUSY, "the second waits");
    is_num(other.token, 0, "and has none");
    is_num(ask(1, 0).locked, ED_LOCK_BUSY, "so does one of the same process");

    other = ask_key(2, 0, HASH, ED_STR("/other"));
    is_num(other.locked, ED_LOCK_TAKEN, "another key is another lock");
    ok(other.token != l.token, "with another token");

    memset(&other, 0, sizeof(other));
    other.key = KEY;
    other.hash = HASH;
    other.now_ms = now;
    ed_zone_lookup(zone, &other);
    is_num(other.locked, ED_LOCK_NONE, "who does not ask is not told");

    ok(ed_zone_is_locked(zone, ED_ZONE_SLOTS, HASH, KEY, now), "locked");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token + 100), 0, "another token");
    is_num(ed_zone_unlock(zone, HASH, KEY, 0), 0, "no token");
    ok(ed_zone_is_locked(zone, ED_ZONE_SLOTS, HASH, KEY, now), "locked still");

    (void) ed_zone_unlock(zone, HASH, KEY, l.token);
    ok(!ed_zone_is_locked(zone, ED_ZONE_SLOTS, HASH, KEY, now), "unlocked");

    other = ask(2, 0);
    is_num(other.locked, ED_LOCK_TAKEN, "the next one fetches");
    ok(other.token != l.token, "a token is never given out twice");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0, "the old one is void");
    ok(ed_zone_is_locked(zone, ED_ZONE_SLOTS, HASH, KEY, now), "locked still");
    is_sound(zone, "two locks");
}


static void
expires(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l, other;

    fresh_zone();
    l = ask(1, 0);

    now += 99;
    is_num(ask(2, 0).locked, ED_LOCK_BUSY, "in its last millisecond");

    now += 1;
    ok(!ed_zone_is_locked(zone, 2, HASH, KEY, now), "its life is over");

    other = ask(3, 0);
    is_num(other.locked, ED_LOCK_TAKEN, "who asks next takes it");
    is_num(store(1, l.token, &wake), ED_DONE, "the first is too late");
    is_num(ed_zone_unlock(zone, HASH, KEY, other.token), (1 << 2),
           "who waited for the first is woken by the second");

    l = ask(1, 0);
    now += 200;
    is_num(store(1, l.token, &wake), ED_OK,
           "late, but nobody else has asked: stored");
    is_sound(zone, "stored");
}


static void
waits(void)
{
    unsigned          s;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);

    for (s = 2; s < ED_ZONE_SLOTS; s += 3) {
        (void) ask(s, 0);
        (void) ask(s, 0);
    }

    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0x4924924924924924,
           "each slot that waits is a bit");

    l = ask(1, 0);
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0, "once");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is left");
}


static void
stale_pages(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) store(1, l.token, &wake);

    l = ask(1, 99);
    is_num(l.state, ED_PAGE_FRESH, "a fresh page");
    is_num(l.locked, ED_LOCK_NONE, "is not fetched");

    l = ask(1, 100);
    is_num(l.state, ED_PAGE_STALE, "a stale one");
    is_num(l.locked, ED_LOCK_TAKEN, "is");

    is_num(ask(2, 100).locked, ED_LOCK_BUSY, "by one");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0,
           "and nobody waits, as there is a page");

    l = ask(1, 200);
    is_num(l.state, ED_PAGE_EXPIRED, "an expired one");
    is_num(l.locked, ED_LOCK_TAKEN, "is fetched");
    is_num(ask(2, 200).locked, ED_LOCK_BUSY, "by one");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), (1 << 2),
           "and others wait");
    is_num(ask(3, 0).state, ED_PAGE_FRESH, "the page stays");
    is_sound(zone, "a page");
}


static void
unstorable(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) ask(2, 0);

    is_num(mark(l.token + 1, 0), 0,
           "who has not the lock cannot say so");
    is_num(mark(l.token, 0), (1 << 2),
           "who waits is woken");
    is_sound(zone, "a mark");

    is_num(ask(2, 0).locked, ED_LOCK_UNSTORABLE, "nobody waits for it");
    ok(!ed_zone_is_locked(zone, 2, HASH, KEY, now), "it is not locked");

    now += 50;
    l = ask(2, 0);
    is_num(l.locked, ED_LOCK_TAKEN, "until the mark is over");

    (void) mark(l.token, 0);
    is_num(store(1, l.token, &wake), ED_DONE, "its token is void");
    is_num(store(1, 0, &wake), ED_OK, "but a page may come from elsewhere");
    is_num(ask(2, 0).state, ED_PAGE_FRESH, "and is found");
    is_num(ask(2, 100).locked, ED_LOCK_TAKEN, "the mark has gone");
    is_sound(zone, "a page");
}


/* A page that its origin does not want to be stored any longer. */

static void
drops(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) store(1, l.token, &wake);
    l = ask(1, 250);
    (void) ask(2, 250);

    is_num(mark(l.token, 1), (1 << 2), "who waits is woken");
    is_num(zone->pages.count, 0, "the page has gone");
    is_sound(zone, "a mark");

    l = ask(1, 250);
    is_num(l.state, ED_PAGE_NONE, "it is not found");
    is_num(l.locked, ED_LOCK_UNSTORABLE, "nobody waits for another");

    now += 50;
    l = ask(1, 250);
    is_num(mark(l.token, 1), 0, "without a page,");
    is_num(ask(1, 250).locked, ED_LOCK_UNSTORABLE, "the mark is as any");
    is_sound(zone, "a mark");
}


/* A reload by a client that may ask for one. */

static void
forces(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) store(1, l.token, &wake);

    l.force = 1;
    ed_zone_lookup(zone, &l);
    is_num(l.state, ED_PAGE_FRESH, "a fresh page");
    is_num(l.locked, ED_LOCK_TAKEN, "is fetched all the same");
    is_num(ask(2, 0).locked, ED_LOCK_NONE, "others are served it");

    l.slot = 2;
    ed_zone_lookup(zone, &l);
    is_num(l.locked, ED_LOCK_BUSY, "but who insists waits");
    is_sound(zone, "a fresh page with a lock");
}


static void
renews(void)
{
    uint64_t          wake;
    ed_zone_times_t   times = { 60, 500, 600, 600 };
    ed_zone_lookup_t  l, first;

    fresh_zone();
    l = ask(1, 0);
    (void) store(1, l.token, &wake);

    is_num(ed_zone_renew(zone, HASH, KEY, l.token, &times), 0, "a void token");
    is_num(ask_key(1, 100, HASH, KEY).state, ED_PAGE_STALE, "renews nothing");

    now += 1000;
    first = ask(1, 250);
    is_num(first.locked, ED_LOCK_TAKEN, "found expired");
    (void) ask(2, 250);
    is_num(ed_zone_renew(zone, HASH, KEY, first.token, &times), (1 << 2),
           "renewed, who waits is woken");
    l = ask(2, 499);
    is_num(l.state, ED_PAGE_FRESH, "it is fresh");
    is_num(l.page.times.dated, 60, "its times are the new ones");
    is_num(ask(2, 500).locked, ED_LOCK_TAKEN, "the lock was free");

    times.fresh = 1000;
    is_num(ed_zone_renew(zone, HASH, KEY, 0, &times), 0, "without a lock");
    is_num(ask(2, 700).state, ED_PAGE_FRESH, "renewed");
    ok(ed_zone_is_locked(zone, 2, HASH, KEY, now), "another's lock stays");

    is_num(ed_zone_renew(zone, 1, ED_STR("none"), 0, &times), 0, "no page");
    is_sound(zone, "a page and its lock");
}


static void
publishes(void)
{
    uint64_t          wake;
    ed_zone_page_t    page;
    ed_zone_times_t   times = { 0, 100, 200, 300 };
    ed_zone_stamp_t   stamp = { 0 };
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) ask(2, 0);

    is_num(store(1, l.token + 1, &wake), ED_DONE, "another's token");
    is_num(wake, 0, "wakes nobody");
    is_sound(zone, "the blocks are given back");

    is_num(store(1, l.token, &wake), ED_OK, "the right one");
    is_num(wake, (1 << 2), "wakes who waits");
    ok(ed_zone_check_idle(zone) == NULL, "the lock has gone");

    is_num(store(1, l.token, &wake), ED_DONE, "it stores once");
    is_num(ed_zone_publish(zone, 1, 3, HASH, KEY, 0, &times, &stamp, 1,
                           &page, &wake),
           ED_DONE, "what was not reserved is not stored");
}


/* A page from elsewhere (another tier) while somebody fetches it. */

static void
without_token(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) ask(2, 0);

    is_num(store(3, 0, &wake), ED_OK, "stored without a lock");
    is_num(wake, 0, "the fetch goes on");
    ok(ed_zone_is_locked(zone, ED_ZONE_SLOTS, HASH, KEY, now), "it is locked");
    is_sound(zone, "a page and its lock");

    is_num(store(1, l.token, &wake), ED_OK, "who fetched it may store it");
    is_num(wake, (1 << 2), "who waits is woken then");
    ok(ed_zone_check_idle(zone) == NULL, "a page without lock");
}


static void
purge_under_way(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l, other;

    fresh_zone();
    l = ask(1, 0);
    (void) ask(2, 0);

    is_num(ed_zone_purge(zone, HASH, KEY, &wake), 0, "no page to purge");
    is_num(wake, (1 << 2), "who waits is woken");
    is_num(store(1, l.token, &wake), ED_DONE, "what was under way is void");

    other = ask(2, 0);
    is_num(other.locked, ED_LOCK_TAKEN, "fetched again");
    is_num(store(1, l.token, &wake), ED_DONE, "it is void still");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0, "and has no lock");
    is_num(store(2, other.token, &wake), ED_OK, "the new one is stored");

    l = ask(1, 250);
    (void) ask(5, 250);
    other = ask_key(3, 0, 7, ED_STR("/other"));
    (void) ask_key(4, 0, 7, ED_STR("/other"));

    is_num(ed_zone_purge_all(zone, &wake), 1, "all: one page");
    is_num(wake, ed_zone_owned(zone), "whoever may wait is woken");
    is_num(ed_zone_is_locked(zone, 5, HASH, KEY, now), 0,
           "and finds no lock");
    is_num(store(1, l.token, &wake), ED_DONE, "neither of these");
    is_num(ed_zone_unlock(zone, 7, ED_STR("/other"), other.token), 0,
           "has its lock still");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is left");
}


/* Slots 2 and 3 wait, 2 is faster: 3 must be woken again. */

static void
woken_for_nothing(void)
{
    ed_zone_lookup_t  l;

    fresh_zone();
    l = ask(1, 0);
    (void) ask(2, 0);
    (void) ask(3, 0);

    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), (1 << 2 | 1 << 3),
           "both are woken");
    l = ask(2, 0);
    is_num(l.locked, ED_LOCK_TAKEN, "one takes the lock");
    ok(ed_zone_is_locked(zone, 3, HASH, KEY, now), "the other goes on waiting");
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), (1 << 3),
           "and is woken again");
}


/* Locks without page: no more than so many, whatever is asked for. */

static void
bounded(void)
{
    char              key[32];
    uint64_t          wake;
    unsigned          i, taken;
    ed_zone_lookup_t  l;

    fresh_zone();
    taken = 0;

    for (i = 0; i < 1000; i++) {
        l = ask_key(1, 0, i, ed_str(key, (size_t) sprintf(key, "/%u", i)));
        taken += (l.locked == ED_LOCK_TAKEN);
    }

    is_num(taken, zone->at.nbare, "as many locks as there is room for");
    is_num(l.locked, ED_LOCK_NONE, "others fetch without");
    is_num(store(1, 0, &wake), ED_OK, "a page is stored");
    is_sound(zone, "full of locks");

    now += 100;
    l = ask_key(2, 0, 5000, ED_STR("/5000"));
    is_num(l.locked, ED_LOCK_TAKEN, "locks that are over make room");
    is_sound(zone, "some less");

    for (i = 0; i < 1000; i++) {
        l = ask_key(2, 0, i, ed_str(key, (size_t) sprintf(key, "/%u", i)));
        (void) ed_zone_unlock(zone, i, l.key, l.token);
    }

    now += 100;
    (void) ask(2, 250);
    ok(zone->bare.count < zone->at.nbare, "what nobody gives back goes, too");
}


static void
marks_make_room(void)
{
    char              key[32];
    unsigned          i;
    ed_zone_lookup_t  l;

    fresh_zone();

    for (i = 0; i < 1000; i++) {
        l = ask_key(1, 0, i, ed_str(key, (size_t) sprintf(key, "/%u", i)));

        if (l.locked == ED_LOCK_TAKEN) {
            (void) ed_zone_unstorable(zone, i, l.key, l.token, now, now + 50,
                                      0);
        }
    }

    is_num(l.locked, ED_LOCK_TAKEN, "a mark makes room for a lock");
    is_sound(zone, "full of marks");
}


static void
long_key(void)
{
    uint64_t          wake;
    ed_zone_lookup_t  l;
    static uint8_t    key[ED_ZONE_MAX_KEY + 1];

    fresh_zone();

    l = ask_key(1, 0, 1, ed_str(key, sizeof(key)));
    is_num(l.locked, ED_LOCK_NONE, "too long a key has no lock");

    l = ask_key(1, 0, 1, ed_str(key, sizeof(key) - 1));
    is_num(l.locked, ED_LOCK_TAKEN, "the longest has");
    is_num(ask_key(2, 0, 1, l.key).locked, ED_LOCK_BUSY, "it is found");
    is_sound(zone, "a long key");

    (void) ed_zone_unlock(zone, 1, l.key, l.token);
    ok(ed_zone_check_idle(zone) == NULL, "and goes");

    l = ask_key(1, 0, 1, ed_str(key, sizeof(key) - 1));
    is_num(ed_zone_purge(zone, 1, l.key, &wake), 0, "is purged");
    ok(ed_zone_check_idle(zone) == NULL, "and goes");
}


static void
reaps(void)
{
    uint32_t          mine, its;
    uint64_t          wake, pid, start;
    ed_zone_lookup_t  l;

    fresh_zone();

    ok(ed_zone_owner(zone, 5, &pid, &start) && pid == 105 && start == 1005,
       "a slot's owner");
    is_num(ed_zone_claim(zone, 1, 1), ED_ZONE_SLOTS, "all slots are taken");

    l = ask(5, 0);
    (void) ask(2, 0);
    (void) ask_key(2, 0, 7, ED_STR("/other"));
    (void) ask_key(5, 0, 7, ED_STR("/other"));
    (void) ask_key(3, 0, 7, ED_STR("/other"));
    mine = ed_zone_reserve(zone, 2, 10, 10);
    its = ed_zone_reserve(zone, 5, 10, 10);

    is_num(ed_zone_reap(zone, 5), (1 << 2), "who waited for it is woken");
    is_sound(zone, "reaped");
    ok(!ed_zone_owner(zone, 5, &pid, &start), "its slot is free");
    ok(!ed_zone_is_locked(zone, 2, HASH, KEY, now), "its lock is");
    is_num(store(5, l.token, &wake), ED_DONE, "its token is void");
    ok(ed_zone_is_locked(zone, ED_ZONE_SLOTS, 7, ED_STR("/other"), now),
       "others' locks stay");
    is_num(ed_zone_entry(zone, mine)->state, ED_ENTRY_RESERVED,
           "others' blocks");
    is_num(ed_zone_entry(zone, its)->state, ED_ENTRY_FREE, "its own do not");
    is_num(ed_zone_reap(zone, 2), (1 << 3), "it waits for nothing itself");
    is_num(ed_zone_reap(zone, ED_ZONE_SLOTS), 0, "no slot");
    is_num(ed_zone_claim(zone, 9, 9), 2, "the slot is given to another");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is left");
}


/* All slots are taken, by 100 and those behind. */

static void
fresh_zone(void)
{
    size_t    size;
    unsigned  s;

    free(zone);

    size = (ed_zone_min_size() + 8 * ED_ZONE_BLOCK) / ED_ZONE_PAGE
           * ED_ZONE_PAGE;
    zone = ed_zone_init(aligned_alloc(ED_ZONE_PAGE, size), size);

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        (void) ed_zone_claim(zone, 100 + s, 1000 + s);
    }
}


/* For the page and its lock, of 100 ms, waiting if it is busy. */

static ed_zone_lookup_t
ask(unsigned slot, int64_t at)
{
    return ask_key(slot, at, HASH, KEY);
}


static ed_zone_lookup_t
ask_key(unsigned slot, int64_t at, uint64_t hash, ed_str_t key)
{
    ed_zone_lookup_t  l;

    memset(&l, 0, sizeof(l));

    l.slot = slot;
    l.hash = hash;
    l.key = key;
    l.now = at;
    l.now_ms = now;
    l.lock_ms = 100;
    l.lock = 1;
    l.wait = 1;

    ed_zone_lookup(zone, &l);

    return l;
}


/* Unstorable for 50 ms. */

static uint64_t
mark(uint64_t token, int drop)
{
    return ed_zone_unstorable(zone, HASH, KEY, token, now, now + 50, drop);
}


static ed_rc_t
store(unsigned slot, uint64_t token, uint64_t *wake)
{
    uint32_t         entry;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;
    ed_zone_times_t  times = { 0, 100, 200, 300 };

    entry = ed_zone_reserve(zone, slot, 10, 10);
    stamp = ed_zone_check_stamp(zone);

    return ed_zone_publish(zone, slot, entry, HASH, KEY, token, &times,
                           &stamp, 0, &page, wake);
}
