
/*
 * A long life at random, beside a model that knows what each step must
 * answer: which pages are there and in which order they go, who has a lock
 * and who waits, how many blocks are free and pinned.
 *
 * Which pages are doubtful it knows from two sides: those that must be, as
 * something was told of them that they are not cleared of; and those that may
 * be, as it was told of something whose hash ends alike.
 */

#include "ed_zone_check.h"


#define STEPS     200000
#define BLOCKS    60
#define SLOTS     5
#define KEYS      40
#define PINS      60                   /* at a time */
#define PAGES     (KEYS + PINS)        /* that there may be, dead ones
                                          included */
#define RESERVED  6                    /* at a time */
#define STAMPS    8                    /* that look-ups gave, kept for later */
#define ARTICLES  5                    /* 0: none */
#define NONE      UINT32_MAX


/* A page, dead or alive. */
typedef struct {
    int                used;
    uint32_t           entry;
    uint32_t           id;             /* what its bytes are made of */
    uint32_t           len;
    uint32_t           coded_len;
    uint32_t           pins;
    unsigned           dead;
    unsigned           gone;
    unsigned           key;

    uint64_t           revision;
    unsigned           article;
    unsigned           derived;
    uint64_t           cleared[ED_DOUBTS];     /* up to these numbers */
    uint32_t           epoch;
    unsigned           fuzzy;          /* it may be doubtful in any case */
    uint64_t           touched;        /* ms; 0: not yet used */
} page_t;


typedef struct {
    ed_str_t           name;
    uint64_t           hash;
    uint32_t           page;           /* NONE */
    ed_zone_times_t    times;
    uint64_t           token;
    uint64_t           until;
    uint64_t           waiters;
    unsigned           slot;           /* of the lock */
    unsigned           gone;           /* what it had is void */
    uint64_t           told[ED_DOUBTS];    /* the last doubt's number */
} model_key_t;


typedef struct {
    unsigned           slot;
    uint32_t           page;
    ed_zone_page_t     answer;
    uint32_t           coded;          /* bytes, when it was pinned */
} pin_t;


typedef struct {
    unsigned           slot;
    uint32_t           entry;
    uint32_t           id;
    uint32_t           len;
} reserved_t;


typedef struct {
    unsigned           key;
    ed_zone_stamp_t    stamp;
} kept_stamp_t;


static ed_zone_t    *zone;
static page_t        pages[PAGES + 1];
static model_key_t   keys[KEYS];
static unsigned      order[KEYS];      /* keys that have pages, the one used
                                          last first */
static unsigned      norder;
static pin_t         pins[PINS];
static unsigned      npins;
static reserved_t    reserved[RESERVED];
static unsigned      nreserved;
static uint64_t      tokens[8];        /* some that were given out */
static unsigned      ntokens;
static kept_stamp_t  stamps[STAMPS];
static uint64_t      told = 1;         /* the last doubt's number */
static uint64_t      told_of[ARTICLES];    /* the last one's number */
static uint32_t      epoch;
static uint64_t      generation;
static unsigned      role = SLOTS;     /* whose it is */
static uint64_t      role_ms;
static uint64_t      now = 1000;       /* ms */
static uint32_t      ids;
static uint64_t      evictions;
static uint32_t      state = 1;
static const char   *wrong;


static void step(void);
static void step_rare(void);
static void look(void);
static void expect_stamp(const ed_zone_lookup_t *l, const model_key_t *k);
static unsigned must_doubt(const page_t *p);
static unsigned may_doubt(const page_t *p);
static void expect_lock(const ed_zone_lookup_t *l, model_key_t *k);
static uint64_t swept(void);
static void unpin(void);
static void read_pinned(void);
static void reserve(void);
static unsigned make_room(uint32_t n);
static void publish(void);
static void replace(void);
static ed_zone_stamp_t some_stamp(unsigned key);
static void stored(unsigned key, unsigned r, const ed_zone_stamp_t *stamp,
    const ed_zone_times_t *times, const ed_zone_page_t *pinned);
static void discard(void);
static void doubt(void);
static void doubt_article(void);
static void trust(void);
static void revise(void);
static void purge_revision(void);
static void scan(void);
static void ask_role(void);
static uint64_t article_hash(unsigned article);
static void unlock(void);
static void renew(void);
static void attach(void);
static void purge(void);
static void purge_all(void);
static void ask(void);
static void reap(void);
static void crash(void);
static void finish(void);
static void expect(int condition, const char *what);
static void names(void);
static uint64_t some_token(const model_key_t *k);
static int is_held(const model_key_t *k, uint64_t token);
static uint64_t released(model_key_t *k, uint64_t until);
static void use(unsigned k);
static void forget(unsigned k);
static void lose(unsigned k);
static void find(unsigned k);
static void vanish(unsigned k);
static unsigned live(unsigned derived);
static void free_page(uint32_t p);
static uint32_t blocks_of(uint32_t len);
static uint32_t blocks_used(int only_pinned);
static void write_bytes(uint32_t entry, uint32_t id, uint32_t len);
static int bytes_are(const ed_zone_page_t *page, int coded, uint32_t id,
    uint32_t len);
static void drop_pin(unsigned i);
static void drop_reserved(unsigned i);
static unsigned pick(unsigned n);


int
main(void)
{
    size_t    size;
    unsigned  i;

    size = ed_zone_min_size()
           + (BLOCKS - ED_ZONE_MIN_BLOCKS) * ED_ZONE_CHECK_BLOCK;
    size = size / ED_ZONE_PAGE * ED_ZONE_PAGE;
    zone = ed_zone_init(aligned_alloc(ED_ZONE_PAGE, size), size);

    for (i = 0; i < SLOTS; i++) {
        (void) ed_zone_claim(zone, 100 + i, i);
    }

    names();

    for (i = 0; i < STEPS && wrong == NULL; i++) {
        step();

        if (i % 16 == 0 && wrong == NULL) {
            wrong = ed_zone_check(zone);
        }
    }

    ok(wrong == NULL, "%u steps, %u pages, %lu put out", i, ids,
       (unsigned long) evictions);

    if (wrong != NULL) {
        printf("# step %u: %s\n", i, wrong);
        return ed_test_done();
    }

    finish();
    free(zone);

    return ed_test_done();
}


static void
step(void)
{
    ed_zone_stats_t  stats;

    switch (pick(40)) {

    case 0: case 1:
        reserve();
        break;

    case 2: case 3: case 4:
        publish();
        break;

    case 5:
        discard();
        break;

    case 6: case 7: case 8:
        unlock();
        break;

    case 9:
        renew();
        break;

    case 10: case 11:
        attach();
        break;

    case 12:
        purge();
        break;

    case 13: case 14: case 15:
        ask();
        break;

    case 16:
        now += pick(500) ? pick(40) : ED_ZONE_TOUCH;
        break;

    case 17:
        step_rare();
        break;

    case 28:
        replace();
        break;

    case 29:
        trust();
        break;

    case 18: case 19: case 20: case 21: case 22: case 23: case 24: case 25:
        unpin();
        break;

    case 26: case 27:
        read_pinned();
        break;

    default:
        look();
        break;
    }

    ed_zone_get_stats(zone, &stats);

    expect(stats.pages == live(0), "as many pages");
    expect(stats.derived == live(1), "as many derived ones");
    expect(stats.free == BLOCKS - blocks_used(0), "as many blocks are free");
    expect(stats.pinned == blocks_used(1), "as many are pinned");
    expect(stats.evictions == evictions, "as many pages were put out");
    expect(ed_zone_may_pin(zone) == (blocks_used(1) < BLOCKS / 2),
           "half is pinned");
}


static void
step_rare(void)
{
    switch (pick(50)) {

    case 0:
        purge_all();
        break;

    case 1: case 2:
        reap();
        break;

    case 3:
        crash();
        break;

    case 4: case 5:
        ed_zone_distrust(zone);
        epoch++;
        break;

    case 6: case 7: case 8: case 9: case 10: case 11:
        doubt();
        break;

    case 12: case 13: case 14:
        doubt_article();
        break;

    case 15: case 16: case 17: case 18:
        revise();
        break;

    case 19: case 20: case 21: case 22:
        purge_revision();
        break;

    case 23: case 24: case 25: case 26: case 27: case 28:
        scan();
        break;

    case 29: case 30: case 31: case 32: case 33: case 34:
        ask_role();
        break;

    default:
        break;
    }
}


static void
look(void)
{
    unsigned           i;
    model_key_t            *k;
    page_t            *p;
    ed_page_state_e    expected;
    ed_zone_lookup_t   l;

    i = pick(KEYS);
    k = &keys[i];

    memset(&l, 0, sizeof(l));
    l.slot = pick(SLOTS);
    l.hash = k->hash;
    l.key = k->name;
    l.now = (int64_t) pick(400);
    l.now_ms = now;
    l.lock_ms = 1 + pick(100);
    l.article = article_hash(pick(ARTICLES));
    l.lock = pick(3) != 0;
    l.force = pick(8) == 0;
    l.wait = pick(2);
    l.pin = npins < PINS && pick(2);

    ed_zone_lookup(zone, &l);
    find(i);

    expected = k->page == NONE ? ED_PAGE_NONE
               : l.now < k->times.fresh ? ED_PAGE_FRESH
               : l.now < k->times.stale ? ED_PAGE_STALE : ED_PAGE_EXPIRED;

    expect(l.state == expected, "the page's state");
    expect(l.wake == swept(), "who is woken by a look-up");
    expect_stamp(&l, k);

    stamps[pick(STAMPS)] = (kept_stamp_t) { i, l.stamp };

    if (k->page != NONE) {
        p = &pages[k->page];

        expect(l.page.len == p->len && l.page.coded_len == p->coded_len,
               "its lengths");
        expect(memcmp(&l.page.times, &k->times, sizeof(k->times)) == 0,
               "its times");
        expect(l.page.entry == (l.pin ? p->entry : NONE), "its entry");
        use(i);

        if (l.pin) {
            p->pins++;
            pins[npins].slot = l.slot;
            pins[npins].page = k->page;
            pins[npins].coded = p->coded_len;
            pins[npins++].answer = l.page;
        }
    }

    expect_lock(&l, k);
}


static void
expect_stamp(const ed_zone_lookup_t *l, const model_key_t *k)
{
    page_t                 *p;
    const ed_zone_stamp_t  *s;

    s = &l->stamp;

    expect(s->generation == generation && s->epoch == epoch
           && s->doubts[ED_DOUBT_PAGE] == told
           && s->doubts[ED_DOUBT_RECORD] == told, "what is now");

    if (k->page == NONE) {
        expect(s->revision == 0 && s->article == 0 && !s->doubtful
               && !s->derived && !l->page.doubtful && !l->page.touch,
               "a stamp of nothing");
        return;
    }

    p = &pages[k->page];

    expect(s->revision == p->revision, "its revision");
    expect(s->article == article_hash(p->article), "its article");
    expect(s->derived == p->derived, "is it derived");
    expect(l->page.doubtful || !must_doubt(p), "it must be doubtful");
    expect(!l->page.doubtful || may_doubt(p), "it cannot be doubtful");
    expect(s->doubtful == l->page.doubtful, "both say so");

    expect(l->page.touch == (l->pin && p->revision != 0 && p->touched != 0
                             && now - p->touched >= ED_ZONE_TOUCH),
           "is it to be touched");

    if (l->pin && p->revision != 0 && (p->touched == 0 || l->page.touch)) {
        p->touched = now;
    }
}


static unsigned
must_doubt(const page_t *p)
{
    const model_key_t  *k;

    k = &keys[p->key];

    return !p->derived
           && (p->epoch != epoch
               || k->told[ED_DOUBT_PAGE] > p->cleared[ED_DOUBT_PAGE]
               || k->told[ED_DOUBT_RECORD] > p->cleared[ED_DOUBT_RECORD]
               || told_of[p->article] > p->cleared[ED_DOUBT_RECORD]);
}


static unsigned
may_doubt(const page_t *p)
{
    unsigned  i;

    if (p->derived) {
        return 0;
    }

    if (p->epoch != epoch || p->fuzzy) {
        return 1;
    }

    for (i = 0; i < KEYS; i++) {
        if (keys[i].told[ED_DOUBT_RECORD] > p->cleared[ED_DOUBT_RECORD]
            || (keys[i].hash % ED_ZONE_MISSED
                == keys[p->key].hash % ED_ZONE_MISSED
                && keys[i].told[ED_DOUBT_PAGE] > p->cleared[ED_DOUBT_PAGE]))
        {
            return 1;
        }
    }

    for (i = 0; i < ARTICLES; i++) {
        if (told_of[i] > p->cleared[ED_DOUBT_RECORD]) {
            return 1;
        }
    }

    return 0;
}


static void
expect_lock(const ed_zone_lookup_t *l, model_key_t *k)
{
    ed_lock_e  expected;

    if ((!l->lock && !l->wait) || (l->state == ED_PAGE_FRESH && !l->force)) {
        expected = ED_LOCK_NONE;

    } else if (k->until > now) {
        expected = k->token != 0 ? ED_LOCK_BUSY : ED_LOCK_UNSTORABLE;

    } else {
        expected = l->lock ? ED_LOCK_TAKEN : ED_LOCK_NONE;
    }

    expect(l->locked == expected, "the lock");

    if (expected == ED_LOCK_BUSY && l->wait && l->state != ED_PAGE_STALE) {
        k->waiters |= (uint64_t) 1 << l->slot;
    }

    expect((l->token != 0) == (expected == ED_LOCK_TAKEN), "a token");

    if (expected == ED_LOCK_TAKEN) {
        k->token = l->token;
        k->until = now + l->lock_ms;
        k->slot = l->slot;
        tokens[ntokens++ % 8] = l->token;
    }
}


/* Locks that are over, and that the zone has taken away: who waited. */

static uint64_t
swept(void)
{
    uint64_t  wake;
    unsigned  i;

    wake = 0;

    for (i = 0; i < KEYS; i++) {
        if (keys[i].page == NONE && (keys[i].until <= now || keys[i].gone)
            && ed_zone_find(zone, keys[i].hash, keys[i].name) == NONE)
        {
            wake |= released(&keys[i], 0);
        }
    }

    return wake;
}


static void
unpin(void)
{
    unsigned  i;

    if (npins == 0) {
        return;
    }

    i = pick(npins);

    ed_zone_unpin(zone, pins[i].slot, pins[i].answer.entry);
    drop_pin(i);
}


static void
read_pinned(void)
{
    pin_t   *pin;
    page_t  *p;

    if (npins == 0) {
        return;
    }

    pin = &pins[pick(npins)];
    p = &pages[pin->page];

    expect(bytes_are(&pin->answer, 0, p->id, p->len), "a page's bytes");
    expect(pin->coded == 0
           || bytes_are(&pin->answer, 1, p->id + 1, pin->coded),
           "its coded parts");
}


static void
reserve(void)
{
    unsigned     room;
    uint32_t     head, body;
    reserved_t  *r;

    if (nreserved == RESERVED) {
        return;
    }

    r = &reserved[nreserved];
    head = pick(4) ? pick(300) : pick(ED_ZONE_BLOCK + 1);
    body = pick(10) ? pick(4 * ED_ZONE_BLOCK) : pick(40 * ED_ZONE_BLOCK);

    r->slot = pick(SLOTS);
    r->len = head + body;
    r->id = ids += 2;

    room = make_room(r->len);
    r->entry = ed_zone_reserve(zone, r->slot, head, body);

    expect((r->entry != NONE) == (room != 0), "is there room");

    if (r->entry != NONE) {
        write_bytes(r->entry, r->id, r->len);
        nreserved++;
    }
}


/* Puts pages out, in the zone's order; those in use come first again. */

static unsigned
make_room(uint32_t len)
{
    unsigned  i, k, n, used;
    uint32_t  need;

    need = blocks_of(len);
    used = blocks_used(1);

    for (i = 0; i < nreserved; i++) {
        used += blocks_of(reserved[i].len);
    }

    if (len > BLOCKS / 2 * ED_ZONE_BLOCK || need > BLOCKS - used) {
        return 0;
    }

    n = norder;

    while (BLOCKS - blocks_used(0) < need) {

        if (n-- == 0) {
            return 0;
        }

        k = order[norder - 1];

        if (keys[k].gone) {
            if (pages[keys[k].page].pins == 0) {
                n = norder - 1;
            }

            vanish(k);
            continue;
        }

        if (pages[keys[k].page].pins == 0 && keys[k].token == 0) {
            lose(k);
            evictions++;
            n = norder;
            continue;
        }

        use(k);
    }

    return 1;
}


static void
publish(void)
{
    int              pin;
    ed_rc_t          rc;
    model_key_t          *k;
    uint32_t         i;
    uint64_t         token, wake, expected;
    unsigned         n;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;
    ed_zone_times_t  times;

    if (nreserved == 0) {
        return;
    }

    n = pick(nreserved);
    i = pick(KEYS);
    k = &keys[i];
    pin = npins < PINS && pick(2);
    token = some_token(k);

    times.dated = pick(50);
    times.fresh = pick(200);
    times.stale = times.fresh + pick(100);
    times.error = 1000;

    stamp = some_stamp(i);

    rc = ed_zone_publish(zone, reserved[n].slot, reserved[n].entry, k->hash,
                         k->name, token, &times, &stamp, pin, &page, &wake);
    find(i);

    if (stamp.generation != generation
        || (token != 0 && !is_held(k, token)))
    {
        expect(rc == ED_DONE && wake == 0, "what is void stores nothing");
        drop_reserved(n);
        return;
    }

    expect(rc == ED_OK, "a page is stored");

    expected = token != 0 ? k->waiters : 0;
    expect(wake == expected, "who is woken by it");

    if (token != 0 || k->token == 0) {
        (void) released(k, 0);
    }

    stored(i, n, &stamp, &times, pin ? &page : NULL);
}


/* What somebody has pinned, by a page of its key or not. */

static void
replace(void)
{
    ed_rc_t          rc;
    page_t          *p, old;
    model_key_t     *k;
    uint64_t         wake;
    unsigned         n;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;

    if (nreserved == 0 || npins == 0 || npins == PINS) {
        return;
    }

    n = pick(nreserved);
    p = &pages[pins[pick(npins)].page];
    k = &keys[p->key];

    stamp = some_stamp(p->key);
    stamp.doubtful = pick(2);
    find(p->key);
    old = *p;

    rc = ed_zone_replace(zone, reserved[n].slot, reserved[n].entry, p->entry,
                         k->hash, k->name, &k->times, &stamp, &page, &wake);

    expect(wake == 0, "nobody is woken by a replacement");

    if (old.dead || stamp.generation != generation) {
        expect(rc == ED_DONE, "what has gone is not replaced");
        drop_reserved(n);
        return;
    }

    expect(rc == ED_OK, "a page is replaced");

    if (k->token == 0) {
        (void) released(k, 0);
    }

    stored(old.key, n, &stamp, &k->times, &page);

    if (stamp.doubtful) {
        p = &pages[k->page];
        memcpy(p->cleared, old.cleared, sizeof(p->cleared));
        p->epoch = old.epoch;
        p->fuzzy = 1;
    }
}


/* One of a look-up, now or some time ago, for a new page. */

static ed_zone_stamp_t
some_stamp(unsigned key)
{
    unsigned         i;
    ed_zone_stamp_t  stamp;

    i = pick(STAMPS);
    stamp = stamps[i].key == key && pick(2) ? stamps[i].stamp
                                            : ed_zone_check_stamp(zone);

    stamp.revision = pick(4) ? ids : 0;
    stamp.article = article_hash(pick(ARTICLES));
    stamp.derived = pick(8) == 0;

    return stamp;
}


/* The blocks reserved are the key's page now. */

static void
stored(unsigned key, unsigned r, const ed_zone_stamp_t *stamp,
    const ed_zone_times_t *times, const ed_zone_page_t *pinned)
{
    page_t    *page;
    uint32_t   p;

    forget(key);

    for (p = 0; pages[p].used; p++) { /* void */ }

    page = &pages[p];
    memset(page, 0, sizeof(page_t));

    page->used = 1;
    page->key = key;
    page->entry = reserved[r].entry;
    page->id = reserved[r].id;
    page->len = reserved[r].len;
    page->revision = stamp->revision;
    page->article = stamp->article % ED_ZONE_MISSED;
    page->derived = stamp->derived;
    page->epoch = stamp->epoch;
    memcpy(page->cleared, stamp->doubts, sizeof(page->cleared));

    keys[key].page = p;
    keys[key].times = *times;
    order[norder++] = key;
    use(key);

    if (pinned != NULL) {
        expect(pinned->entry == page->entry && pinned->len == page->len
               && pinned->coded_len == 0 && !pinned->check
               && !pinned->touch, "and pinned");
        page->pins = 1;
        pins[npins].slot = reserved[r].slot;
        pins[npins].page = p;
        pins[npins].coded = 0;
        pins[npins++].answer = *pinned;
    }

    drop_reserved(r);
}


static void
doubt(void)
{
    int               there;
    unsigned          i;
    ed_doubt_e        kind;
    ed_zone_stamp_t   stamp;

    i = pick(KEYS);
    kind = pick(2) ? ED_DOUBT_PAGE : ED_DOUBT_RECORD;

    there = ed_zone_doubt(zone, keys[i].hash, keys[i].name, kind, &stamp);
    find(i);

    told++;
    keys[i].told[kind] = told;

    expect((there != 0) == (keys[i].page != NONE), "a page is doubted");
    expect(stamp.doubts[kind] == told, "and can be cleared of it");

    if (there) {
        expect(stamp.revision == pages[keys[i].page].revision,
               "by its revision");
        stamps[pick(STAMPS)] = (kept_stamp_t) { i, stamp };
    }
}


static void
doubt_article(void)
{
    unsigned  article;

    article = pick(ARTICLES);

    expect(ed_zone_doubt_article(zone, article_hash(article), 0) == NONE,
           "all in one go");

    if (article != 0) {
        told++;
        told_of[article] = told;
    }
}


static void
trust(void)
{
    unsigned          kind;
    page_t           *p;
    model_key_t      *k;
    kept_stamp_t     *s;

    s = &stamps[pick(STAMPS)];
    k = &keys[s->key];

    ed_zone_trust(zone, k->hash, k->name, &s->stamp);
    find(s->key);

    if (k->page == NONE || s->stamp.generation != generation
        || s->stamp.revision != pages[k->page].revision)
    {
        return;
    }

    p = &pages[k->page];
    p->fuzzy = p->fuzzy && s->stamp.doubts[0] < told;

    for (kind = 0; kind < ED_DOUBTS; kind++) {
        if (p->cleared[kind] < s->stamp.doubts[kind]) {
            p->cleared[kind] = s->stamp.doubts[kind];
        }
    }

    if (p->epoch < s->stamp.epoch) {
        p->epoch = s->stamp.epoch;
    }
}


static void
revise(void)
{
    unsigned   i;
    uint64_t   old;
    page_t    *p;

    i = pick(KEYS);
    p = keys[i].page != NONE ? &pages[keys[i].page] : NULL;
    old = p != NULL && pick(4) ? p->revision : ids + 1;

    ed_zone_revise(zone, keys[i].hash, keys[i].name, old, ids + 2);
    find(i);

    if (keys[i].page != NONE && p->revision == old) {
        p->revision = ids + 2;
    }
}


static void
purge_revision(void)
{
    unsigned  i, n, had;
    uint64_t  wake, revision;

    i = pick(KEYS);
    find(i);
    (void) ed_zone_find_live(zone, keys[i].hash, keys[i].name);

    revision = keys[i].page != NONE && pick(4)
               ? pages[keys[i].page].revision : pick(2) * ids;
    had = (keys[i].page != NONE
           && pages[keys[i].page].revision == revision);

    n = ed_zone_purge_revision(zone, keys[i].hash, keys[i].name, revision,
                               &wake);

    expect(n == had, "a page of that revision");
    expect(wake == (had ? keys[i].waiters : 0), "who is woken by that");

    if (had) {
        lose(i);
        (void) released(&keys[i], 0);
    }
}


static void
scan(void)
{
    page_t          *p;
    unsigned         i, slot, next, best;
    uint32_t         from;
    ed_zone_page_t   page;

    if (npins == PINS) {
        return;
    }

    slot = pick(SLOTS);
    from = pick(zone->at.nentries + 2);
    best = PAGES;

    for (i = 0; i < PAGES; i++) {
        p = &pages[i];

        if (p->used && !p->dead && !p->gone && !p->derived
            && p->entry >= from
            && (best == PAGES || p->entry < pages[best].entry))
        {
            best = i;
        }
    }

    next = ed_zone_scan(zone, slot, from, &page);

    if (best == PAGES) {
        expect(page.entry == NONE && next == NONE, "no page is left");
        return;
    }

    p = &pages[best];

    expect(page.entry == p->entry && page.len == p->len, "the next page");
    expect(next == (p->entry + 1 < zone->at.nentries ? p->entry + 1 : NONE),
           "and where to go on");

    p->pins++;
    pins[npins].slot = slot;
    pins[npins].page = best;
    pins[npins].coded = p->coded_len;
    pins[npins++].answer = page;
}


static void
ask_role(void)
{
    int       mine;
    unsigned  slot;

    slot = pick(SLOTS);
    now += pick(10) ? 0 : pick(2 * ED_ZONE_ROLE);

    if (pick(8) == 0) {
        ed_zone_role_leave(zone, slot);
        role = role == slot ? SLOTS : role;
    }

    mine = ed_zone_role(zone, slot, now);

    if (role == SLOTS || role == slot || now - role_ms > ED_ZONE_ROLE) {
        role = slot;
        role_ms = now;
    }

    expect((mine != 0) == (role == slot), "whose the role is");
    expect(ed_zone_role_holder(zone) == role, "as is told");
}


/* Those of different articles may end alike. */

static uint64_t
article_hash(unsigned article)
{
    return article != 0 ? article + (uint64_t) article * 1000 * ED_ZONE_MISSED
                        : 0;
}


static void
discard(void)
{
    unsigned  n;

    if (nreserved == 0) {
        return;
    }

    n = pick(nreserved);

    ed_zone_discard(zone, reserved[n].slot, reserved[n].entry);
    drop_reserved(n);
}


/* Or marks it, and its page goes or stays. */

static void
unlock(void)
{
    int        drop;
    model_key_t    *k;
    unsigned   i;
    uint64_t   token, wake, until, expected;

    i = pick(KEYS);
    k = &keys[i];
    token = some_token(k);
    until = pick(2) ? now + 1 + pick(50) : 0;
    drop = pick(2);

    if (token != 0) {
        find(i);
    }

    expected = is_held(k, token) ? k->waiters : 0;

    if (until == 0) {
        drop = 0;
        wake = ed_zone_unlock(zone, k->hash, k->name, token);

    } else {
        wake = ed_zone_unstorable(zone, k->hash, k->name, token, now, until,
                                  drop);
    }

    if (is_held(k, token)) {
        (void) released(k, until);

        if (drop) {
            lose(i);
            k->until = until;
        }
    }

    expect(wake == (expected | swept()), "who is woken by an unlock");
}


static void
renew(void)
{
    unsigned         i;
    uint64_t         token, wake, expected;
    model_key_t     *k;
    ed_zone_times_t  times;

    i = pick(KEYS);
    k = &keys[i];
    token = some_token(k);
    find(i);
    times.dated = 5;
    times.fresh = pick(300);
    times.stale = times.fresh + pick(100);
    times.error = 5;
    expected = 0;

    wake = ed_zone_renew(zone, k->hash, k->name, token, &times);

    if (token == 0 || is_held(k, token)) {
        k->times = times;

        if (token != 0) {
            expected = released(k, 0);
        }
    }

    expect(wake == expected, "who is woken by a renewal");
}


static void
attach(void)
{
    pin_t     *pin;
    page_t    *p;
    uint32_t   len, entry;

    if (npins == 0) {
        return;
    }

    pin = &pins[pick(npins)];
    p = &pages[pin->page];
    len = 1 + pick(3 * ED_ZONE_BLOCK);

    if (!make_room(len)) {
        (void) ed_zone_reserve(zone, pin->slot, 1, len - 1);
        return;
    }

    entry = ed_zone_reserve(zone, pin->slot, 1, len - 1);
    expect(entry != NONE, "there is room for coded parts");

    write_bytes(entry, p->id + 1, len);
    ed_zone_attach(zone, pin->slot, pin->answer.entry, entry);

    if (!p->dead && !p->gone && p->coded_len == 0) {
        p->coded_len = len;
    }
}


static void
purge(void)
{
    unsigned  i, n, had;
    uint64_t  wake, expected;

    i = pick(KEYS);
    find(i);
    had = (keys[i].page != NONE);
    expected = keys[i].waiters;

    n = ed_zone_purge(zone, keys[i].hash, keys[i].name, &wake);

    expect(n == had, "pages purged");
    expect(wake == expected, "who is woken by a purge");
    lose(i);
    (void) released(&keys[i], 0);
}


static void
purge_all(void)
{
    unsigned  i, n, had;
    uint64_t  wake;

    had = live(0);

    if (pick(2)) {
        n = ed_zone_purge_all(zone, &wake);
        generation++;

    } else {
        generation = generation == 3 ? 4 : 3;
        n = ed_zone_renew_generation(zone, generation, &wake);
    }

    expect(n == had, "all are purged");
    expect(wake == (1 << SLOTS) - 1, "all are woken");
    expect(ed_zone_generation(zone) == generation, "a new generation");

    for (i = 0; i < KEYS; i++) {
        keys[i].gone = 1;

        if (keys[i].page != NONE) {
            pages[keys[i].page].gone = 1;
        }
    }
}


static void
ask(void)
{
    unsigned      i, slot;
    model_key_t  *k;

    i = pick(KEYS);
    k = &keys[i];
    slot = pick(SLOTS);
    find(i);

    expect(ed_zone_is_locked(zone, slot, k->hash, k->name, now)
           == (k->token != 0 && k->until > now), "is it locked");

    if (k->token != 0 && k->until > now) {
        k->waiters |= (uint64_t) 1 << slot;
    }
}


static void
reap(void)
{
    unsigned  i, slot;
    uint64_t  wake, expected;

    slot = pick(SLOTS);
    expected = 0;
    role = role == slot ? SLOTS : role;

    for (i = 0; i < KEYS; i++) {
        keys[i].waiters &= ~((uint64_t) 1 << slot);

        if (keys[i].token != 0 && keys[i].slot == slot) {
            expected |= released(&keys[i], 0);
        }
    }

    for (i = npins; i-- != 0; /* void */) {
        if (pins[i].slot == slot) {
            drop_pin(i);
        }
    }

    for (i = nreserved; i-- != 0; /* void */) {
        if (reserved[i].slot == slot) {
            drop_reserved(i);
        }
    }

    wake = ed_zone_reap(zone, slot);
    expect(wake == expected, "who is woken by a death");
    expect(ed_zone_claim(zone, 100 + slot, slot) == slot, "its slot is free");
}


/* One without a slot dies inside. */

static void
crash(void)
{
    unsigned  i;

    zone->busy = 1;
    expect(ed_zone_enter(zone, 2), "a death inside is noticed");
    ed_zone_leave(zone);

    for (i = 0; i < KEYS; i++) {
        vanish(i);
    }
}


/* Everything is given back. */

static void
finish(void)
{
    unsigned         i;
    uint64_t         wake;
    ed_zone_stats_t  stats;

    while (npins != 0) {
        unpin();
    }

    while (nreserved != 0) {
        discard();
    }

    for (i = 0; i < KEYS; i++) {
        (void) ed_zone_unlock(zone, keys[i].hash, keys[i].name,
                              keys[i].token);
    }

    ok(ed_zone_check_idle(zone) == NULL, "nothing is left in use");

    (void) ed_zone_purge_all(zone, &wake);

    for (i = 0; i < KEYS; i++) {
        (void) ed_zone_find_live(zone, keys[i].hash, keys[i].name);
    }

    ed_zone_get_stats(zone, &stats);

    is_num(stats.free, BLOCKS, "all blocks are free");
    is_num(zone->free_cells, zone->at.ncells, "all cells");
    is_sound(zone, "an empty zone");
}


static void
expect(int condition, const char *what)
{
    if (!condition && wrong == NULL) {
        wrong = what;
    }
}


/* Of any length; many have the same hash. */

static void
names(void)
{
    size_t    len;
    unsigned  i;

    static char  text[KEYS][1000];

    for (i = 0; i < KEYS; i++) {
        len = i % 5 == 0 ? 100 + pick(600) : 10 + pick(40);

        memset(text[i], 'a', len);
        (void) sprintf(&text[i][len - 3], "%u", i + 10);

        keys[i].name = ed_str(text[i], len - 1);
        keys[i].hash = pick(7) * 0x123456789u;
        keys[i].page = NONE;
    }
}


/* The key's own, one that was given out some time, or none. */

static uint64_t
some_token(const model_key_t *k)
{
    switch (pick(6)) {

    case 0:
        return 0;

    case 1:
        return tokens[pick(8)];

    default:
        return k->token;
    }
}


static int
is_held(const model_key_t *k, uint64_t token)
{
    return token != 0 && k->token == token;
}


static uint64_t
released(model_key_t *k, uint64_t until)
{
    uint64_t  waiters;

    waiters = k->waiters;

    k->token = 0;
    k->waiters = 0;
    k->until = until;

    return waiters;
}


static void
use(unsigned k)
{
    unsigned  i;

    for (i = 0; order[i] != k; i++) { /* void */ }

    memmove(&order[1], order, i * sizeof(order[0]));
    order[0] = k;
}


/* The key has no page any longer. */

static void
forget(unsigned k)
{
    uint32_t  p;
    unsigned  i;

    p = keys[k].page;

    if (p == NONE) {
        return;
    }

    for (i = 0; order[i] != k; i++) { /* void */ }

    memmove(&order[i], &order[i + 1], (--norder - i) * sizeof(order[0]));

    keys[k].page = NONE;
    pages[p].dead = 1;
    free_page(p);
}


/* The entry, with a mark if it has one. */

static void
lose(unsigned k)
{
    if (keys[k].page != NONE) {
        forget(k);
        keys[k].until = 0;
    }
}


/* The zone comes by. */

static void
find(unsigned k)
{
    if (keys[k].gone) {
        vanish(k);
    }
}


static void
vanish(unsigned k)
{
    forget(k);
    (void) released(&keys[k], 0);
    keys[k].gone = 0;
}


static unsigned
live(unsigned derived)
{
    unsigned  i, n;

    n = 0;

    for (i = 0; i < norder; i++) {
        n += !keys[order[i]].gone
             && pages[keys[order[i]].page].derived == derived;
    }

    return n;
}


static void
free_page(uint32_t p)
{
    if (pages[p].dead && pages[p].pins == 0) {
        pages[p].used = 0;
    }
}


static uint32_t
blocks_of(uint32_t len)
{
    return len != 0 ? (len + ED_ZONE_BLOCK - 1) / ED_ZONE_BLOCK : 1;
}


static uint32_t
blocks_used(int only_pinned)
{
    uint32_t  n;
    unsigned  i;

    n = 0;

    for (i = 0; i < PAGES; i++) {
        if (pages[i].used && (pages[i].pins != 0 || !only_pinned)) {
            n += blocks_of(pages[i].len);

            if (pages[i].coded_len != 0) {
                n += blocks_of(pages[i].coded_len);
            }
        }
    }

    for (i = 0; i < nreserved && !only_pinned; i++) {
        n += blocks_of(reserved[i].len);
    }

    return n;
}


/* Numbers that say whose they are and where they stand: few of them, as
   most of the time would be spent here. */

static void
write_bytes(uint32_t entry, uint32_t id, uint32_t len)
{
    uint32_t  at, v;

    for (at = 0; at + 4 <= len; at += 1000) {
        v = id * 2654435761u + at;
        ed_zone_write(zone, entry, at, (const uint8_t *) &v, 4);
    }
}


static int
bytes_are(const ed_zone_page_t *page, int coded, uint32_t id, uint32_t len)
{
    size_t          n, i;
    uint8_t         v[4];
    uint32_t        at, want;
    const uint8_t  *p;

    for (at = 0; at + 4 <= len; at += 1000) {

        for (i = 0; i < 4; i++) {
            p = ed_zone_bytes(zone, page, coded, at + i, &n);
            if (p == NULL || n == 0) {
                return 0;
            }

            v[i] = *p;
        }

        want = id * 2654435761u + at;

        if (memcmp(v, &want, 4) != 0) {
            return 0;
        }
    }

    return ed_zone_bytes(zone, page, coded, len, &n) == NULL;
}


static void
drop_pin(unsigned i)
{
    uint32_t  p;

    p = pins[i].page;
    pins[i] = pins[--npins];

    pages[p].pins--;
    free_page(p);
}


static void
drop_reserved(unsigned i)
{
    reserved[i] = reserved[--nreserved];
}


static unsigned
pick(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;

    return state % n;
}
