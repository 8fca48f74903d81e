
/*
 * Pages: stored, found, pinned, replaced, put out.
 */

#include "ed_zone_check.h"


#define HEAD  100


typedef struct {
    ed_zone_lookup_t   l;
    uint8_t            key[ED_ZONE_MAX_KEY + 100];
} found_t;


static ed_zone_t      *zone;
static ed_zone_page_t  page;           /* the one stored last */
static uint64_t        wake;

static const ed_zone_times_t  times = { 10, 100, 200, 300 };
static const ed_zone_stamp_t  none;


static void opens(void);
static void stores(void);
static void tells_states(void);
static void replaces(void);
static void evicts(void);
static void spares(void);
static void refuses(void);
static void attaches(void);
static void half_pinned(void);
static void runs(void);
static void scatters(void);
static void collides(void);
static void long_keys(void);
static void purges(void);
static void purges_tags(void);
static void many_pins(void);
static void replaces_that_page(void);
static void checks(void);
static void fresh_zone(size_t nblocks);
static ed_str_t name(unsigned n);
static uint64_t hash(ed_str_t key);
static uint32_t store(ed_str_t key, size_t body, int pin);
static uint32_t store_times(ed_str_t key, size_t body, int pin,
    const ed_zone_times_t *t);
static void fill(uint32_t entry, size_t len, uint8_t seed);
static int holds(const ed_zone_page_t *p, int coded, size_t len,
    uint8_t seed);
static ed_zone_lookup_t look(ed_str_t key, int pin);
static int is_there(unsigned n);
static ed_zone_stats_t stats(void);


int
main(void)
{
    opens();
    stores();
    tells_states();
    replaces();
    evicts();
    spares();
    refuses();
    attaches();
    half_pinned();
    runs();
    scatters();
    collides();
    long_keys();
    purges();
    purges_tags();
    many_pins();
    replaces_that_page();
    checks();

    free(zone);

    return ed_test_done();
}


static void
opens(void)
{
    size_t  size;
    void   *memory;

    size = ed_zone_min_size();
    memory = aligned_alloc(ED_ZONE_PAGE, size + ED_ZONE_PAGE);

    memset(memory, 0xa5, size);

    ok(ed_zone_open(memory, size) == NULL, "what is no zone is not opened");
    ok(ed_zone_init(memory, size - 1) == NULL, "too small for a zone");
    ok(ed_zone_init(memory, size) == memory, "the least that makes a zone");
    ok(ed_zone_open(memory, size) == memory, "opened again");
    ok(ed_zone_open(memory, size - 1) == NULL, "but not as a smaller one");
    ok(ed_zone_open(memory, size + 100) == NULL, "nor as a larger one");

    zone = memory;
    zone->version++;
    ok(ed_zone_open(memory, size) == NULL, "nor of another version");

    zone = NULL;
    free(memory);

    fresh_zone(60);
    is_num(stats().blocks, 60, "as many blocks as fit");
    is_num(stats().free, 60, "all of them free");
    is_sound(zone, "a new zone");
}


static void
stores(void)
{
    size_t            len;
    ed_zone_lookup_t  l;

    for (len = 0; len <= 5 * ED_ZONE_BLOCK; len += ED_ZONE_BLOCK / 2 - 13) {
        fresh_zone(16);

        ok(store(name(1), len, 0) != ED_ZONE_NONE, "%zu bytes", len);

        l = look(name(1), 1);
        is_num(l.page.len, HEAD + len, "all there");
        is_num(l.page.head_len, HEAD, "the head's length");
        ok(holds(&l.page, 0, HEAD + len, 1), "the same bytes");

        ed_zone_unpin(zone, 0, l.page.entry);
    }

    is_num(look(name(2), 1).state, ED_PAGE_NONE, "another key finds nothing");
    is_num(look(name(2), 1).page.entry, ED_ZONE_NONE, "nor pins it");

    l = look(name(1), 0);
    is_num(l.page.entry, ED_ZONE_NONE, "nothing is pinned unasked");
    is_num(l.page.len, HEAD + len - (ED_ZONE_BLOCK / 2 - 13),
           "the length is told");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is left");
}


static void
tells_states(void)
{
    ed_zone_lookup_t  l;

    fresh_zone(16);
    store(name(1), 10, 0);

    memset(&l, 0, sizeof(l));
    l.key = name(1);
    l.hash = hash(l.key);

    l.now = 99;
    ed_zone_lookup(zone, &l);
    is_num(l.state, ED_PAGE_FRESH, "fresh");

    l.now = 100;
    ed_zone_lookup(zone, &l);
    is_num(l.state, ED_PAGE_STALE, "stale");

    l.now = 200;
    ed_zone_lookup(zone, &l);
    is_num(l.state, ED_PAGE_EXPIRED, "expired");
    is_num(l.page.times.dated, 10, "its times: dated,");
    is_num(l.page.times.error, 300, "error");
}


static void
replaces(void)
{
    ed_zone_page_t  old, older;

    fresh_zone(20);

    store(name(1), 3 * ED_ZONE_BLOCK, 1);
    older = page;
    store(name(1), 2 * ED_ZONE_BLOCK, 1);
    old = page;
    store(name(1), ED_ZONE_BLOCK, 0);

    is_num(stats().pages, 1, "one page has the key");
    is_num(stats().free, 20 - 4 - 3 - 2, "the dead ones have their blocks");
    ok(holds(&older, 0, older.len, 1), "the first is read still");
    ok(holds(&old, 0, old.len, 1), "and the second");
    is_sound(zone, "two dead pages");

    ed_zone_unpin(zone, 0, older.entry);
    is_num(stats().free, 20 - 3 - 2, "unpinned, the first is free");

    ed_zone_unpin(zone, 0, older.entry);
    is_num(stats().free, 20 - 3 - 2, "unpinned twice is unpinned once");

    ed_zone_unpin(zone, 0, old.entry);
    is_num(stats().free, 20 - 2, "the second");
    is_num(stats().pinned, 0, "nothing is pinned");
    is_sound(zone, "no dead page");

    store(name(1), ED_ZONE_BLOCK, 0);
    is_num(stats().free, 20 - 2, "what nobody has pinned goes at once");
}


/* Twenty blocks, pages of two. */

static void
evicts(void)
{
    unsigned  i;

    fresh_zone(20);

    for (i = 0; i < 10; i++) {
        store(name(i), ED_ZONE_BLOCK, 0);
    }

    is_num(stats().free, 0, "the zone is full");
    is_num(stats().evictions, 0, "and all are in");

    (void) look(name(0), 0);
    (void) look(name(2), 0);
    store(name(10), ED_ZONE_BLOCK, 0);

    ok(!is_there(1), "the page used least recently is out");
    ok(is_there(0) && is_there(2) && is_there(3), "the others are in");

    store(name(11), 5 * ED_ZONE_BLOCK, 0);
    ok(!is_there(3) && !is_there(4) && !is_there(5), "three for a large one");
    is_num(stats().evictions, 4, "evictions are counted");
    is_sound(zone, "full");
}


/* What is pinned, or is being fetched, stays. */

static void
spares(void)
{
    unsigned          i;
    ed_zone_lookup_t  l;

    fresh_zone(20);

    for (i = 0; i < 10; i++) {
        store_times(name(i), ED_ZONE_BLOCK, i == 0, &times);
    }

    memset(&l, 0, sizeof(l));
    l.key = name(1);
    l.hash = hash(l.key);
    l.now = 150;
    l.lock_ms = 10;
    l.lock = 1;
    ed_zone_lookup(zone, &l);
    is_num(l.locked, ED_LOCK_TAKEN, "a stale page is being fetched");

    for (i = 20; i < 40; i++) {
        store(name(i), ED_ZONE_BLOCK, 0);
    }

    ok(is_there(0), "the pinned one is in");
    ok(is_there(1), "the one that is fetched");
    is_num(stats().pages, 10, "and as many as fit");
    is_sound(zone, "after twenty others");
}


static void
refuses(void)
{
    unsigned  i;
    uint32_t  entries[20];

    fresh_zone(20);

    ok(store(name(1), 10 * ED_ZONE_BLOCK - HEAD, 0) != ED_ZONE_NONE,
       "half of the zone");
    ok(store(name(2), 10 * ED_ZONE_BLOCK - HEAD + 1, 0) == ED_ZONE_NONE,
       "a byte more is refused");
    ok(ed_zone_reserve(zone, 0, ED_ZONE_BLOCK + 1, 0) == ED_ZONE_NONE,
       "so is a head of more than a block");
    ok(ed_zone_reserve(zone, 0, 1, (size_t) 1 << 40) == ED_ZONE_NONE,
       "and more than can be counted");
    ok(ed_zone_reserve(zone, ED_ZONE_SLOTS, 1, 1) == ED_ZONE_NONE,
       "and who has no slot");
    is_num(stats().refused, 4, "refusals are counted");
    ok(is_there(1), "nothing was put out for them");

    for (i = 0; i < 20; i++) {
        entries[i] = ed_zone_reserve(zone, 0, 1, 1);
    }

    ok(entries[19] != ED_ZONE_NONE, "every block can be reserved");
    ok(ed_zone_reserve(zone, 0, 1, 1) == ED_ZONE_NONE, "but no more");
    is_sound(zone, "all reserved");

    for (i = 0; i < 20; i++) {
        ed_zone_discard(zone, 0, entries[i]);
        ed_zone_discard(zone, 0, entries[i]);
    }

    ok(ed_zone_check_idle(zone) == NULL, "given back");
    is_num(stats().free, 20, "all of them");

    ed_zone_unpin(zone, 0, ED_ZONE_NONE);
    ed_zone_unpin(zone, 99, 0);
    ed_zone_discard(zone, 0, ED_ZONE_NONE);
    ed_zone_write(zone, ED_ZONE_NONE, 0, (const uint8_t *) "x", 1);
    is_sound(zone, "numbers that are none do no harm");
}


static void
attaches(void)
{
    uint32_t          coded;
    ed_zone_page_t    before;
    ed_zone_lookup_t  l;

    fresh_zone(20);

    store(name(1), ED_ZONE_BLOCK, 1);
    before = page;

    coded = ed_zone_reserve(zone, 0, 20, 2 * ED_ZONE_BLOCK);
    fill(coded, 20 + 2 * ED_ZONE_BLOCK, 7);
    ed_zone_attach(zone, 0, page.entry, coded);

    l = look(name(1), 1);
    is_num(l.page.coded_len, 20 + 2 * ED_ZONE_BLOCK, "it has coded parts");
    ok(holds(&l.page, 1, l.page.coded_len, 7), "their bytes");
    ok(holds(&l.page, 0, l.page.len, 1), "beside its own");
    ok(holds(&before, 1, 0, 0), "who looked before has none");
    is_num(stats().pinned, 5, "they are pinned with it");

    coded = ed_zone_reserve(zone, 0, 20, 20);
    ed_zone_attach(zone, 0, page.entry, coded);
    is_num(stats().free, 15, "others are given back");
    ok(holds(&l.page, 1, l.page.coded_len, 7), "the first ones stay");

    store(name(1), ED_ZONE_BLOCK, 0);
    ok(holds(&l.page, 1, l.page.coded_len, 7), "even of a dead page");

    ed_zone_unpin(zone, 0, l.page.entry);
    coded = ed_zone_reserve(zone, 0, 20, 20);
    ed_zone_attach(zone, 0, before.entry, coded);
    is_num(stats().free, 20 - 5 - 2, "a dead page gets none");

    ed_zone_unpin(zone, 0, before.entry);
    is_num(stats().free, 20 - 2, "they go with their page");

    l = look(name(1), 0);
    coded = ed_zone_reserve(zone, 0, 20, 20);
    ed_zone_attach(zone, 0, ED_ZONE_NONE, coded);
    ok(ed_zone_check_idle(zone) == NULL, "nor does none at all");
}


static void
half_pinned(void)
{
    unsigned  i;

    fresh_zone(20);

    for (i = 0; i < 5; i++) {
        ok(ed_zone_may_pin(zone), "%u of 20 blocks are pinned", i * 2);
        store(name(i), ED_ZONE_BLOCK, 1);
    }

    ok(!ed_zone_may_pin(zone), "half of them: no more");

    (void) look(name(3), 1);
    is_num(stats().pinned, 10, "a page is counted once");

    ed_zone_unpin(zone, 0, page.entry);
    ok(ed_zone_may_pin(zone), "one less: more");
}


static void
runs(void)
{
    size_t            len;
    const uint8_t    *p;
    ed_zone_lookup_t  l;

    fresh_zone(20);
    store(name(1), 5 * ED_ZONE_BLOCK, 0);

    l = look(name(1), 1);
    p = ed_zone_bytes(zone, &l.page, 0, 0, &len);
    is_num(len, HEAD + 5 * ED_ZONE_BLOCK, "a page is one piece");

    ok(ed_zone_bytes(zone, &l.page, 0, 12345, &len) == p + 12345
       && len == HEAD + 5 * ED_ZONE_BLOCK - 12345, "from anywhere");
    ok(ed_zone_bytes(zone, &l.page, 0, l.page.len, &len) == NULL && len == 0,
       "but not behind its end");
}


/* Every other block is free. */

static void
scatters(void)
{
    size_t            len;
    unsigned          i;
    ed_zone_lookup_t  l;

    fresh_zone(20);

    for (i = 0; i < 20; i++) {
        store(name(i), 10, 0);
    }

    for (i = 0; i < 20; i += 2) {
        (void) ed_zone_purge(zone, hash(name(i)), name(i), &wake);
    }

    is_num(stats().free, 10, "ten holes");
    ok(store(name(50), 4 * ED_ZONE_BLOCK, 0) != ED_ZONE_NONE,
       "a page of five blocks");

    l = look(name(50), 1);
    ok(holds(&l.page, 0, l.page.len, 1), "its bytes");
    (void) ed_zone_bytes(zone, &l.page, 0, 5, &len);
    is_num(len, ED_ZONE_BLOCK - 5, "a piece a block");
    is_num(stats().evictions, 0, "nothing was put out for a run");
    is_sound(zone, "scattered");
}


static void
collides(void)
{
    uint32_t  entry;

    fresh_zone(20);

    entry = ed_zone_reserve(zone, 0, 1, 0);
    fill(entry, 1, 'a');
    (void) ed_zone_publish(zone, 0, entry, 5, ED_STR("a"), 0, &times,
                           &none, 1, &page, &wake);
    ok(holds(&page, 0, 1, 'a'), "a");

    entry = ed_zone_reserve(zone, 0, 1, 0);
    fill(entry, 1, 'b');
    (void) ed_zone_publish(zone, 0, entry, 5, ED_STR("b"), 0, &times,
                           &none, 1, &page, &wake);
    ok(holds(&page, 0, 1, 'b'), "b of the same hash");

    is_num(stats().pages, 2, "two pages");
    is_num(ed_zone_purge(zone, 5, ED_STR("aa"), &wake), 0, "aa is neither");
    is_num(ed_zone_purge(zone, 6, ED_STR("a"), &wake), 0, "a of another hash");
    is_num(ed_zone_purge(zone, 5, ED_STR("a"), &wake), 1, "a");
    is_sound(zone, "b is left");
    is_num(stats().pages, 1, "one page");
    ok(ed_zone_find(zone, 5, ED_STR("b")) != ED_ZONE_NONE, "it is b");
    ok(ed_zone_find(zone, 5, ED_STR_EMPTY) == ED_ZONE_NONE, "not nothing");
}


static void
long_keys(void)
{
    size_t    len, i;
    ed_str_t  other;

    static uint8_t  a[ED_ZONE_MAX_KEY + 1], b[ED_ZONE_MAX_KEY + 1];

    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));

    static const size_t  lens[] = {
        0, 1, 135, 136, 137, 136 + 123, 136 + 124, 136 + 125, 1000, 4095, 4096
    };

    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        fresh_zone(20);
        len = lens[i];

        ok(store(ed_str(a, len), 10, 0) != ED_ZONE_NONE, "key of %zu", len);
        is_num(look(ed_str(a, len), 0).state, ED_PAGE_FRESH, "is found");
        is_sound(zone, "a key of %zu bytes", len);

        if (len == 0) {
            continue;
        }

        b[len - 1] = 'y';
        other = ed_str(b, len);
        ok(ed_zone_find(zone, hash(ed_str(a, len)), other) == ED_ZONE_NONE,
           "one that ends otherwise is not");
        b[len - 1] = 'x';
        ok(ed_zone_find(zone, hash(ed_str(a, len)), ed_str(b, len - 1))
           == ED_ZONE_NONE, "nor a shorter one");

        store(ed_str(a, len), 10, 0);
        is_num(stats().pages, 1, "it is replaced");
        is_num(ed_zone_purge(zone, hash(ed_str(a, len)), ed_str(a, len),
                             &wake), 1, "and purged");
        is_sound(zone, "a key of %zu bytes that went", len);
    }

    ok(store(ed_str(a, ED_ZONE_MAX_KEY + 1), 10, 0) == ED_ZONE_NONE,
       "a longer key is not stored");
    ok(ed_zone_check_idle(zone) == NULL, "and leaves nothing");

    /* there are cells for three of these */

    fresh_zone(16);

    for (i = 0; i < 10; i++) {
        a[3000] = (uint8_t) i;
        store(ed_str(a, ED_ZONE_MAX_KEY), 10, 0);
        is_num(look(ed_str(a, ED_ZONE_MAX_KEY), 0).state, ED_PAGE_FRESH,
               "long key %zu is in", i);
    }

    ok(stats().evictions != 0, "others went for it");
    is_sound(zone, "many long keys");
}


static void
purges(void)
{
    unsigned        i;
    ed_zone_page_t  pinned;

    fresh_zone(20);

    for (i = 0; i < 5; i++) {
        store(name(i), ED_ZONE_BLOCK, i == 2);

        if (i == 2) {
            pinned = page;
        }
    }

    is_num(ed_zone_purge(zone, hash(name(1)), name(1), &wake), 1, "purged");
    is_num(ed_zone_purge(zone, hash(name(1)), name(1), &wake), 0, "once");
    is_num(ed_zone_purge_all(zone, &wake), 4, "all: four pages");
    is_num(stats().pages, 0, "none is left");
    ok(holds(&pinned, 0, pinned.len, 1), "a pinned one is read still");
    is_sound(zone, "four void pages");

    ed_zone_unpin(zone, 0, pinned.entry);
    ok(ed_zone_check_idle(zone) == NULL, "nothing is in use");
    is_num(stats().free, 20 - 4 * 2, "their blocks are kept,");

    for (i = 0; i < 5; i++) {
        is_num(look(name(i), 0).state, ED_PAGE_NONE, "void page %u", i);
    }

    is_num(stats().free, 20, "until somebody comes by");
    is_num(stats().evictions, 0, "which is no eviction");
    is_sound(zone, "an empty zone");
}


/* Of pages that are being fetched, whose tags nobody knows. */

static void
purges_tags(void)
{
    ed_zone_stamp_t  before, after;

    fresh_zone(20);

    before = look(name(1), 0).stamp;

    ok(!ed_zone_is_purged(zone, 7, &before), "no tag is purged");

    ed_zone_purge_tag(zone, 7);
    after = look(name(1), 0).stamp;

    ok(ed_zone_is_purged(zone, 7, &before), "one is, after the look-up");
    ok(!ed_zone_is_purged(zone, 7, &after), "and was, before another");
    ok(!ed_zone_is_purged(zone, 8, &before), "another tag is not");

    ed_zone_purge_tag(zone, 8);
    ok(!ed_zone_is_purged(zone, 7, &after), "until it is,");
    ok(ed_zone_is_purged(zone, 8, &after), "which is another purge");
    ok(ed_zone_is_purged(zone, 7, &before), "that takes nothing back");
    is_sound(zone, "tags are no pages");
}


static void
many_pins(void)
{
    unsigned          i;
    ed_zone_lookup_t  l;

    fresh_zone(16);
    store(name(1), 10, 0);

    for (i = 0; i < UINT16_MAX; i++) {
        l = look(name(1), 1);
    }

    is_num(l.state, ED_PAGE_FRESH, "%u pins of one process", i);

    l = look(name(1), 1);
    is_num(l.state, ED_PAGE_NONE, "one more finds nothing");
    is_num(l.locked, ED_LOCK_NONE, "and is not to fetch for others");
    is_num(l.page.entry, ED_ZONE_NONE, "nothing is pinned");

    memset(&l, 0, sizeof(l));
    l.slot = 1;
    l.key = name(1);
    l.hash = hash(l.key);
    l.pin = 1;
    ed_zone_lookup(zone, &l);
    is_num(l.state, ED_PAGE_FRESH, "another process finds it");

    (void) ed_zone_reap(zone, 0);
    (void) ed_zone_reap(zone, 1);
    ok(ed_zone_check_idle(zone) == NULL, "all are given back");
}


/* A zone of so many blocks, and slots 0 and 1. */

/* A page that was planned anew takes the place of the one it was made of, and
   of no other. */

static void
replaces_that_page(void)
{
    uint32_t        entry, old;
    ed_str_t        key;
    ed_zone_page_t  first, second;

    fresh_zone(64);
    key = ED_STR("a");

    (void) store(key, 1000, 1);
    first = page;
    old = first.entry;

    entry = ed_zone_reserve(zone, 0, 100, 900);
    fill(entry, 1000, 7);

    is_num(ed_zone_replace(zone, 0, entry, old, hash(key), key, &times,
                           &none, &second, &wake), ED_OK, "replaced");
    ok(second.entry != old && look(key, 0).state != ED_PAGE_NONE,
       "the new one is found");

    entry = ed_zone_reserve(zone, 0, 100, 900);

    is_num(ed_zone_replace(zone, 0, entry, old, hash(key), key, &times,
                           &none, &first, &wake), ED_DONE,
           "not the page of that key any more");

    (void) ed_zone_purge(zone, hash(key), key, &wake);
    entry = ed_zone_reserve(zone, 0, 100, 900);

    is_num(ed_zone_replace(zone, 0, entry, second.entry, hash(key), key,
                           &times, &none, &first, &wake), ED_DONE, "purged");
    is_num(look(key, 0).state, ED_PAGE_NONE, "and stays so");

    ed_zone_unpin(zone, 0, old);
    ed_zone_unpin(zone, 0, second.entry);

    is_num(stats().free, stats().blocks, "no block is left behind");
}


/* Each byte that changes is noticed; when it was looked for, it is not again
   for a moment. */

static void
checks(void)
{
    size_t            i, len;
    uint8_t          *byte;
    unsigned          missed;
    ed_zone_lookup_t  lookup;

    fresh_zone(64);

    (void) store(ED_STR("a"), 40000, 1);
    ok(ed_zone_is_intact(zone, &page), "a page as it was written");

    missed = 0;

    for (i = 0; i < page.len; i += 997) {
        byte = (uint8_t *) ed_zone_bytes(zone, &page, 0, i, &len);

        *byte ^= 0x10;
        missed += ed_zone_is_intact(zone, &page) != 0;
        *byte ^= 0x10;
    }

    is_num(missed, 0, "any flipped byte is noticed");
    ok(ed_zone_is_intact(zone, &page), "and that it is right again");

    memset(&lookup, 0, sizeof(ed_zone_lookup_t));
    lookup.hash = hash(ED_STR("a"));
    lookup.key = ED_STR("a");
    lookup.pin = 1;
    lookup.now_ms = 1000;

    ed_zone_lookup(zone, &lookup);
    is_num(lookup.page.check, 1, "it is time to check");
    ed_zone_unpin(zone, 0, lookup.page.entry);

    lookup.now_ms += ED_ZONE_CHECK - 1;
    ed_zone_lookup(zone, &lookup);
    is_num(lookup.page.check, 0, "not so soon again");
    ed_zone_unpin(zone, 0, lookup.page.entry);

    lookup.now_ms += 1;
    ed_zone_lookup(zone, &lookup);
    is_num(lookup.page.check, 1, "now it is");
    ed_zone_unpin(zone, 0, lookup.page.entry);
    ed_zone_unpin(zone, 0, page.entry);
}


static void
fresh_zone(size_t nblocks)
{
    size_t  size;

    free(zone);

    size = ed_zone_min_size()
           + (nblocks - ED_ZONE_MIN_BLOCKS) * ED_ZONE_CHECK_BLOCK;
    size = (size + ED_ZONE_PAGE) / ED_ZONE_PAGE * ED_ZONE_PAGE;

    zone = aligned_alloc(ED_ZONE_PAGE, size);
    memset(zone, 0xa5, size);

    if (ed_zone_init(zone, size) == NULL || zone->at.nblocks != nblocks) {
        printf("Bail out! a zone of %u blocks, not %zu\n", zone->at.nblocks,
               nblocks);
        exit(1);
    }

    (void) ed_zone_claim(zone, 100, 1);
    (void) ed_zone_claim(zone, 101, 1);
}


static ed_str_t
name(unsigned n)
{
    static char      names[8][64];
    static unsigned  i;

    i = (i + 1) % 8;

    return ed_str(names[i], (size_t) sprintf(names[i], "/story/%u", n));
}


static uint64_t
hash(ed_str_t key)
{
    size_t    i;
    uint64_t  h;

    h = 0xcbf29ce484222325u;

    for (i = 0; i < key.len; i++) {
        h = (h ^ key.data[i]) * 0x100000001b3u;
    }

    return h;
}


static uint32_t
store(ed_str_t key, size_t body, int pin)
{
    return store_times(key, body, pin, &times);
}


static uint32_t
store_times(ed_str_t key, size_t body, int pin, const ed_zone_times_t *t)
{
    uint32_t  entry;

    entry = ed_zone_reserve(zone, 0, HEAD, body);
    if (entry == ED_ZONE_NONE) {
        return ED_ZONE_NONE;
    }

    fill(entry, HEAD + body, 1);

    if (ed_zone_publish(zone, 0, entry, hash(key), key, 0, t, &none, pin,
                        &page, &wake) != ED_OK)
    {
        return ED_ZONE_NONE;
    }

    return entry;
}


/* Written in pieces that end anywhere. */

static void
fill(uint32_t entry, size_t len, uint8_t seed)
{
    size_t   i, n, at;
    uint8_t  piece[5003];

    for (at = 0; at < len; at += n) {
        n = len - at < sizeof(piece) ? len - at : sizeof(piece);

        for (i = 0; i < n; i++) {
            piece[i] = (uint8_t) (seed + (at + i) * 7 / 3);
        }

        ed_zone_write(zone, entry, at, piece, n);
    }
}


static int
holds(const ed_zone_page_t *p, int coded, size_t len, uint8_t seed)
{
    size_t          i, n, at;
    const uint8_t  *bytes;

    for (at = 0; /* void */ ; at += n) {
        bytes = ed_zone_bytes(zone, p, coded, at, &n);
        if (bytes == NULL) {
            return at == len;
        }

        for (i = 0; i < n; i++) {
            if (bytes[i] != (uint8_t) (seed + (at + i) * 7 / 3)) {
                return 0;
            }
        }
    }
}


static ed_zone_lookup_t
look(ed_str_t key, int pin)
{
    ed_zone_lookup_t  l;

    memset(&l, 0, sizeof(l));

    l.key = key;
    l.hash = hash(key);
    l.now = 50;
    l.pin = pin != 0;

    ed_zone_lookup(zone, &l);

    return l;
}


static int
is_there(unsigned n)
{
    return ed_zone_find(zone, hash(name(n)), name(n)) != ED_ZONE_NONE;
}


static ed_zone_stats_t
stats(void)
{
    ed_zone_stats_t  s;

    ed_zone_get_stats(zone, &s);

    return s;
}
