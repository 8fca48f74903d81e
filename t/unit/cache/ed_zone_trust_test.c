
/*
 * A zone before another store: what is told of that one makes pages doubtful,
 * or void; what was compared is trusted again.
 */

#include "ed_zone_check.h"


#define HASH     42
#define KEY      ED_STR("/story")
#define ARTICLE  7
#define MANY     3000                  /* blocks, so that there are several
                                          stretches */


static ed_zone_t       *zone;
static uint64_t         wake;
static uint64_t         now = 100000;  /* ms */

static const ed_zone_times_t  times = { 0, 100, 200, 300 };


static void doubts(void);
static void doubts_by_kind(void);
static void doubts_under_way(void);
static void doubts_without_entry(void);
static void doubts_articles(void);
static void doubts_in_between(void);
static void distrusts(void);
static void trusts_that_page(void);
static void trusts_in_any_order(void);
static void replaces(void);
static void purges_revision(void);
static void revises(void);
static void touches(void);
static void derives(void);
static void sets_aside(void);
static void renews_generation(void);
static void comes_back(void);
static void makes_room(void);
static void void_locks(void);
static void scans(void);
static void has_role(void);
static void survives(void);
static void fresh_zone(size_t nblocks);
static ed_zone_lookup_t look(void);
static ed_zone_lookup_t look_at(ed_str_t key, uint64_t hash);
static ed_zone_lookup_t fetch(uint64_t article);
static ed_rc_t store(const ed_zone_lookup_t *l, uint64_t revision);
static unsigned put_aside(unsigned i);
static unsigned count_asides(void);
static ed_rc_t store_as(ed_str_t key, uint64_t hash, uint64_t token,
    const ed_zone_stamp_t *stamp);
static void put(uint64_t revision, uint64_t article);
static int doubt(ed_doubt_e kind);
static ed_zone_stats_t stats(void);


int
main(void)
{
    doubts();
    doubts_by_kind();
    doubts_under_way();
    doubts_without_entry();
    doubts_articles();
    doubts_in_between();
    distrusts();
    trusts_that_page();
    trusts_in_any_order();
    replaces();
    purges_revision();
    revises();
    touches();
    derives();
    sets_aside();
    renews_generation();
    comes_back();
    makes_room();
    void_locks();
    scans();
    has_role();
    survives();

    free(zone);

    return ed_test_done();
}


static void
doubts(void)
{
    ed_zone_stamp_t   stamp;
    ed_zone_lookup_t  l;

    fresh_zone(16);
    put(11, ARTICLE);

    l = look();
    is_num(l.page.doubtful, 0, "a new page is what the other store has");
    is_num(l.stamp.revision, 11, "its revision");
    is_num(l.stamp.article, ARTICLE, "its article");
    is_num(l.stamp.doubtful, 0, "its stamp says so, too");

    is_num(ed_zone_doubt(zone, HASH, KEY, ED_DOUBT_PAGE, &stamp), 1,
           "a page is there to be doubted");
    is_num(stamp.revision, 11, "that of this revision");

    l = look();
    is_num(l.page.doubtful, 1, "it is doubtful");
    is_num(l.stamp.doubtful, 1, "and the stamp says it");
    is_num(l.state, ED_PAGE_FRESH, "but there");

    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 0, "compared, it is not");

    is_num(ed_zone_doubt(zone, HASH + 1, ED_STR("/other"), ED_DOUBT_PAGE,
                         &stamp), 0, "no page is there");
    is_num(stamp.revision, 0, "nor a revision");
    is_num(look().page.doubtful, 0, "another key's doubt");

    (void) doubt(ED_DOUBT_PAGE);
    l = look();
    is_num(store(&l, 12), ED_OK, "a page fetched since the doubt");
    is_num(look().page.doubtful, 0, "is not doubtful");
}


static void
doubts_by_kind(void)
{
    ed_zone_stamp_t  stamp;

    fresh_zone(16);
    put(11, ARTICLE);

    (void) doubt(ED_DOUBT_PAGE);
    (void) doubt(ED_DOUBT_RECORD);

    stamp = look().stamp;
    stamp.doubts[ED_DOUBT_RECORD] = 0;
    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 1, "its record is doubtful still");

    stamp = look().stamp;
    stamp.doubts[ED_DOUBT_PAGE] = 0;
    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 0, "neither is");
}


/* Between the look-up and the publishing. */

static void
doubts_under_way(void)
{
    ed_zone_lookup_t  l;

    fresh_zone(16);

    l = fetch(ARTICLE);
    is_num(doubt(ED_DOUBT_PAGE), 0, "told of a page that is fetched");
    is_num(store(&l, 11), ED_OK, "which is stored");
    is_num(look().page.doubtful, 1, "and doubtful");

    l = look();
    l.stamp.revision = 11;
    ed_zone_trust(zone, HASH, KEY, &l.stamp);

    l = fetch(ARTICLE);
    is_num(doubt(ED_DOUBT_RECORD), 1, "told of one that is fetched again");
    is_num(store(&l, 12), ED_OK, "which is replaced");
    is_num(look().page.doubtful, 1, "the new one is doubtful");

    fresh_zone(16);
    l = fetch(ARTICLE);
    is_num(ed_zone_doubt_article(zone, ARTICLE, 0), ED_ZONE_NONE,
           "told of the article of a page that is fetched");
    l.stamp.article = 0;
    is_num(store(&l, 13), ED_OK, "whose look-up told of it");
    is_num(look().page.doubtful, 1, "doubtful");

    fresh_zone(16);
    l = fetch(ARTICLE);
    (void) ed_zone_doubt_article(zone, ARTICLE + 1, 0);
    is_num(store(&l, 14), ED_OK, "of another article");
    is_num(look().page.doubtful, 0, "not doubtful");
}


/* Fetched without a lock, nothing in the zone knows of it. */

static void
doubts_without_entry(void)
{
    ed_zone_lookup_t  l;

    fresh_zone(16);

    l = look();
    is_num(doubt(ED_DOUBT_PAGE), 0, "there is no entry");
    is_num(store(&l, 11), ED_OK, "but a page is published");
    is_num(look().page.doubtful, 1, "the doubt was kept");

    fresh_zone(16);

    l = look();
    is_num(doubt(ED_DOUBT_RECORD), 0, "likewise of the record by the key,");
    is_num(store(&l, 11), ED_OK, "published");
    is_num(look().page.doubtful, 1, "doubtful");

    fresh_zone(16);

    l = look();
    l.stamp.article = ARTICLE;
    (void) ed_zone_doubt_article(zone, ARTICLE, 0);
    is_num(store(&l, 11), ED_OK, "and by the article");
    is_num(look().page.doubtful, 1, "doubtful");

    l = look();
    is_num(store(&l, 12), ED_OK, "one that begins after all that");
    is_num(look().page.doubtful, 0, "is not");
}


static void
doubts_articles(void)
{
    char              key[3][4];
    unsigned          i;
    ed_zone_stamp_t   stamp;

    fresh_zone(16);

    for (i = 0; i < 3; i++) {
        (void) sprintf(key[i], "/%u", i);

        stamp = ed_zone_check_stamp(zone);
        stamp.article = i == 2 ? 8 : 7;
        stamp.revision = 10 + i;
        (void) store_as(ed_str(key[i], 2), i, 0, &stamp);
    }

    is_num(ed_zone_doubt_article(zone, 0, 0), ED_ZONE_NONE, "no article");
    is_num(look_at(ed_str(key[0], 2), 0).page.doubtful, 0, "is nobody's");

    is_num(ed_zone_doubt_article(zone, 7, 0), ED_ZONE_NONE, "article 7");
    is_num(look_at(ed_str(key[0], 2), 0).page.doubtful, 1, "this is of it,");
    is_num(look_at(ed_str(key[1], 2), 1).page.doubtful, 1, "this one, too");
    is_num(look_at(ed_str(key[2], 2), 2).page.doubtful, 0, "this is not");
    is_sound(zone, "doubted");
}


/* A page that is published where the entries have been gone through already,
   by one who has not been gone through yet. */

static void
doubts_in_between(void)
{
    uint32_t          next, calls;
    ed_zone_lookup_t  l;

    fresh_zone(MANY);

    l = look();
    l.stamp.article = ARTICLE;

    next = ed_zone_doubt_article(zone, ARTICLE, 0);
    is_num(next, ED_ZONE_STRETCH, "a stretch");

    is_num(store(&l, 11), ED_OK, "published in the first one");
    ok(ed_zone_find(zone, HASH, KEY) < ED_ZONE_STRETCH, "indeed");

    for (calls = 1; next != ED_ZONE_NONE; calls++) {
        next = ed_zone_doubt_article(zone, ARTICLE, next);
    }

    is_num(calls, (zone->at.nentries + ED_ZONE_STRETCH - 1) / ED_ZONE_STRETCH,
           "all stretches");
    is_num(look().page.doubtful, 1, "it was not missed");
}


static void
distrusts(void)
{
    ed_zone_stamp_t   stamp;
    ed_zone_lookup_t  l, under_way;

    fresh_zone(16);
    put(11, ARTICLE);

    stamp = look().stamp;
    under_way = fetch(ARTICLE);
    ed_zone_distrust(zone);

    l = look();
    is_num(l.page.doubtful, 1, "everything is doubtful");
    is_num(l.stamp.epoch, 1, "in the new epoch");

    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 1, "compared before, it is doubtful still");

    ed_zone_trust(zone, HASH, KEY, &l.stamp);
    is_num(look().page.doubtful, 0, "compared since, it is not");

    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 0, "an old one takes nothing back");

    is_num(store(&under_way, 12), ED_OK, "fetched before, and stored");
    is_num(look().page.doubtful, 1, "it is doubtful");
}


static void
trusts_that_page(void)
{
    ed_zone_stamp_t  stamp;

    fresh_zone(16);
    put(11, ARTICLE);
    (void) doubt(ED_DOUBT_PAGE);

    stamp = look().stamp;
    stamp.revision = 12;
    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 1, "another revision was compared");

    stamp.revision = 11;
    stamp.generation++;
    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 1, "of another generation");

    stamp.generation--;
    ed_zone_trust(zone, HASH + 1, KEY, &stamp);
    is_num(look().page.doubtful, 1, "of another key");

    ed_zone_trust(zone, HASH, KEY, &stamp);
    is_num(look().page.doubtful, 0, "this one");
}


static void
trusts_in_any_order(void)
{
    ed_zone_stamp_t  first, second;

    fresh_zone(16);
    put(11, ARTICLE);

    (void) ed_zone_doubt(zone, HASH, KEY, ED_DOUBT_PAGE, &first);
    (void) ed_zone_doubt(zone, HASH, KEY, ED_DOUBT_PAGE, &second);

    ed_zone_trust(zone, HASH, KEY, &first);
    is_num(look().page.doubtful, 1, "the second is not cleared");

    ed_zone_trust(zone, HASH, KEY, &second);
    is_num(look().page.doubtful, 0, "now it is");

    ed_zone_trust(zone, HASH, KEY, &first);
    is_num(look().page.doubtful, 0, "the first again");
}


static void
replaces(void)
{
    uint32_t          entry, old;
    ed_zone_page_t    page;
    ed_zone_lookup_t  l;

    fresh_zone(16);
    put(11, ARTICLE);

    (void) doubt(ED_DOUBT_PAGE);
    ed_zone_distrust(zone);
    l = look();

    old = ed_zone_find(zone, HASH, KEY);
    entry = ed_zone_reserve(zone, 0, 1, 1);
    is_num(ed_zone_replace(zone, 0, entry, old, HASH, KEY, &times, &l.stamp,
                           &page, &wake), ED_OK, "a doubtful page, replaced");
    is_num(page.doubtful, 1, "is as doubtful as before");
    ed_zone_unpin(zone, 0, page.entry);

    ed_zone_trust(zone, HASH, KEY, &l.stamp);
    is_num(look().page.doubtful, 0, "until it is compared");

    (void) doubt(ED_DOUBT_PAGE);
    l = look();
    l.stamp.doubtful = 0;

    old = ed_zone_find(zone, HASH, KEY);
    entry = ed_zone_reserve(zone, 0, 1, 1);
    is_num(ed_zone_replace(zone, 0, entry, old, HASH, KEY, &times, &l.stamp,
                           &page, &wake), ED_OK, "one that was compared");
    is_num(page.doubtful, 0, "is not");
    ed_zone_unpin(zone, 0, page.entry);

    l = look();
    (void) doubt(ED_DOUBT_RECORD);

    old = ed_zone_find(zone, HASH, KEY);
    entry = ed_zone_reserve(zone, 0, 1, 1);
    is_num(ed_zone_replace(zone, 0, entry, old, HASH, KEY, &times, &l.stamp,
                           &page, &wake), ED_OK, "told meanwhile");
    is_num(page.doubtful, 1, "doubtful");
    ed_zone_unpin(zone, 0, page.entry);

    l = look();
    (void) ed_zone_renew_generation(zone, 5, &wake);

    entry = ed_zone_reserve(zone, 0, 1, 1);
    is_num(ed_zone_replace(zone, 0, entry, page.entry, HASH, KEY, &times,
                           &l.stamp, &page, &wake), ED_DONE,
           "a void page is not replaced");
    ok(ed_zone_check_idle(zone) == NULL, "nothing is left");
}


static void
purges_revision(void)
{
    ed_zone_lookup_t  l;

    fresh_zone(16);
    put(11, ARTICLE);

    is_num(ed_zone_purge_revision(zone, HASH, KEY, 12, &wake), 0,
           "another revision");
    is_num(look().state, ED_PAGE_FRESH, "stays");
    is_num(ed_zone_purge_revision(zone, HASH, KEY, 11, &wake), 1, "this one");
    is_num(look().state, ED_PAGE_NONE, "goes");

    l = fetch(0);
    is_num(ed_zone_purge_revision(zone, HASH, KEY, 0, &wake), 0,
           "a fetch is no page");
    is_num(store(&l, 12), ED_OK, "and goes on");

    l = fetch(0);
    l.slot = 1;
    (void) ed_zone_is_locked(zone, 3, HASH, KEY, now);
    is_num(ed_zone_purge_revision(zone, HASH, KEY, 12, &wake), 1, "a page");
    is_num(wake, 1 << 3, "who waits is woken");
    is_num(store(&l, 13), ED_DONE, "that of its fetch goes with it");
}


static void
revises(void)
{
    fresh_zone(16);
    put(11, ARTICLE);

    ed_zone_revise(zone, HASH, KEY, 10, 12);
    is_num(look().stamp.revision, 11, "it was another's copy");

    ed_zone_revise(zone, HASH, KEY, 11, 12);
    is_num(look().stamp.revision, 12, "the copy of this page");

    ed_zone_revise(zone, HASH + 1, KEY, 12, 13);
    is_num(look().stamp.revision, 12, "of no page");
}


static void
touches(void)
{
    unsigned  i, n;

    fresh_zone(16);
    put(11, ARTICLE);

    n = 0;

    for (i = 0; i <= 10 * 60; i++) {
        n += look().page.touch;
        now += 1000;
    }

    is_num(n, 10, "touched once a minute");

    put(0, ARTICLE);
    n = 0;

    for (i = 0; i < 10; i++) {
        n += look().page.touch;
        now += ED_ZONE_TOUCH;
    }

    is_num(n, 0, "but not where there is no copy");
}


static void
derives(void)
{
    ed_zone_stamp_t   stamp;
    ed_zone_lookup_t  l;

    fresh_zone(16);
    put(11, ARTICLE);

    stamp = look().stamp;
    stamp.derived = 1;
    (void) store_as(ED_STR("whole"), 9, 0, &stamp);

    is_num(stats().pages, 1, "it counts as no page");
    is_num(stats().derived, 1, "but as what it is");

    ed_zone_distrust(zone);
    l = look_at(ED_STR("whole"), 9);
    is_num(l.state, ED_PAGE_FRESH, "it is found");
    is_num(l.page.doubtful, 0, "never doubtful");
    is_num(l.stamp.derived, 1, "and known to be derived");

    is_num(ed_zone_purge_all(zone, &wake), 1, "all: one page");
    is_num(stats().derived, 0, "nothing derived");
    is_num(look_at(ED_STR("whole"), 9).state, ED_PAGE_NONE, "is found");
    is_sound(zone, "a void page");
}


static void
sets_aside(void)
{
    char              key[16];
    unsigned          i;
    ed_zone_page_t    page;
    ed_zone_stamp_t   stamp;

    fresh_zone(20);
    stamp = ed_zone_check_stamp(zone);

    for (i = 0; i < 10; i++) {
        (void) sprintf(key, "/%02u", i);
        (void) store_as(ed_str(key, 3), i, 0, &stamp);
    }

    for (i = 0; i < 10; i++) {
        is_num(put_aside(i), 1, "aside, %u", i);
    }

    is_num(stats().free, 0, "the zone is full");
    is_num(stats().pages, 10, "those aside are no pages");
    is_num(count_asides(), 10, "a scan finds them");
    ok(!look_at(ED_STR("/00"), 0).page.aside, "a page is none");
    is_sound(zone, "with pages aside");

    is_num(put_aside(10), 1, "one more aside");
    is_num(count_asides(), 10, "puts out one of them");
    is_num(look_at(ED_STR("a00"), 1000).state, ED_PAGE_NONE, "the first");

    page = look_at(ED_STR("a10"), 1010).page;
    is_num(page.aside, 1, "and is there");
    ed_zone_unpin(zone, 0, page.entry);

    for (i = 10; i < 19; i++) {
        (void) sprintf(key, "/%02u", i);
        is_num(store_as(ed_str(key, 3), i, 0, &stamp), ED_OK, "page %u", i);
    }

    is_num(count_asides(), 1, "a page puts out those first");
    is_num(stats().evictions, 0, "which nobody misses");
    is_sound(zone, "fewer aside");

    is_num(ed_zone_purge(zone, 1010, ED_STR("a10"), &wake), 1, "the last");
    is_num(store_as(ED_STR("/19"), 19, 0, &stamp), ED_OK, "a page");
    is_num(put_aside(11), 0, "there is no room aside");
    is_num(stats().pages, 20, "which costs no page");
    is_num(stats().refused, 0, "nor is it told");
    is_sound(zone, "none aside");

    (void) ed_zone_purge_all(zone, &wake);
    is_num(put_aside(12), 1, "but among void ones");
    is_num(ed_zone_purge_all(zone, &wake), 0, "all: it is no page");
    is_num(count_asides(), 0, "it goes with all");
    is_sound(zone, "all void");
}


static void
renews_generation(void)
{
    ed_zone_page_t    pinned;
    ed_zone_lookup_t  l, under_way;

    fresh_zone(16);

    is_num(ed_zone_generation(zone), 0, "the first generation");
    under_way = look();
    put(11, ARTICLE);
    pinned = look().page;

    is_num(ed_zone_renew_generation(zone, 0, &wake), 0, "it is that already");
    is_num(wake, 0, "nobody is woken");
    is_num(look().state, ED_PAGE_FRESH, "the page is there");

    is_num(ed_zone_renew_generation(zone, 9, &wake), 1, "another: one page");
    is_num(wake, 7, "all are woken");
    is_num(stats().pages, 0, "there is none now");
    is_num(ed_zone_generation(zone), 9, "its number");
    is_num(ed_zone_renew_generation(zone, 9, &wake), 0, "once");
    ok(ed_zone_is_intact(zone, &pinned), "who reads it goes on");

    l = look();
    is_num(l.state, ED_PAGE_NONE, "it is not found");
    is_num(l.stamp.revision, 0, "nor its revision");
    is_num(l.stamp.generation, 9, "but the generation");
    is_sound(zone, "a dead page");

    is_num(store(&under_way, 12), ED_DONE, "what was fetched before");
    is_num(look().state, ED_PAGE_NONE, "is not stored");
    is_num(store(&l, 13), ED_OK, "what was since, is");
    is_num(stats().pages, 1, "a page");
    is_num(look().stamp.revision, 13, "this one");
}


/* A store that was emptied counts from the beginning. */

static void
comes_back(void)
{
    fresh_zone(16);
    put(11, ARTICLE);

    (void) ed_zone_renew_generation(zone, 1, &wake);
    (void) ed_zone_renew_generation(zone, 0, &wake);
    is_num(look().state, ED_PAGE_NONE, "a page of the first generation 0");
    is_sound(zone, "is not one of the second");
}


/* Void pages are the first to go, whoever holds their locks. */

static void
makes_room(void)
{
    char              key[16];
    unsigned          i;
    uint32_t          pinned;
    ed_zone_stamp_t   stamp;

    fresh_zone(20);
    pinned = ED_ZONE_NONE;
    stamp = ed_zone_check_stamp(zone);

    for (i = 0; i < 20; i++) {
        (void) sprintf(key, "/%02u", i);
        (void) store_as(ed_str(key, 3), i, 0, &stamp);

        if (i == 0) {
            pinned = look_at(ED_STR("/00"), 0).page.entry;
        }
    }

    is_num(stats().free, 0, "the zone is full");

    (void) ed_zone_purge_all(zone, &wake);
    is_num(stats().free, 0, "of void pages");

    stamp = ed_zone_check_stamp(zone);

    for (i = 0; i < 19; i++) {
        (void) sprintf(key, "/n%02u", i);
        is_num(store_as(ed_str(key, 4), 100 + i, 0, &stamp), ED_OK,
               "room for %u", i);
    }

    is_num(stats().evictions, 0, "nothing was put out for it");
    is_num(stats().pages, 19, "all but the one that is read");
    is_num(look_at(ED_STR("/n00"), 100).state, ED_PAGE_FRESH, "the first");
    is_sound(zone, "full again");

    ed_zone_unpin(zone, 0, pinned);
    is_num(stats().free, 1, "that one's block");
}


static void
void_locks(void)
{
    char              key[16];
    unsigned          i;
    ed_zone_lookup_t  l, other;

    fresh_zone(16);

    l = fetch(0);
    is_num(l.locked, ED_LOCK_TAKEN, "a lock");
    (void) ed_zone_is_locked(zone, 2, HASH, KEY, now);
    (void) ed_zone_purge_all(zone, &wake);

    ok(wake & 1 << 2, "who waits is woken");
    is_num(ed_zone_is_locked(zone, 2, HASH, KEY, now), 0, "it is not locked");
    is_num(ed_zone_is_wanted(zone, HASH, KEY), 0, "nor wanted");

    other = fetch(0);
    is_num(other.locked, ED_LOCK_TAKEN, "another fetches it");
    is_num(store(&l, 11), ED_DONE, "the first one is void");
    is_num(store(&other, 12), ED_OK, "the second is not");

    fresh_zone(16);
    l = fetch(0);
    (void) ed_zone_purge_all(zone, &wake);
    is_num(ed_zone_unlock(zone, HASH, KEY, l.token), 0, "it is let go");
    is_num(ed_zone_unstorable(zone, HASH, KEY, l.token, now, now + 50, 0), 0,
           "or marked");
    is_num(fetch(0).locked, ED_LOCK_TAKEN, "in vain");

    /* as many as there may be */

    fresh_zone(16);

    for (i = 0; i < zone->at.nbare; i++) {
        (void) sprintf(key, "/%u", i);
        memset(&l, 0, sizeof(l));
        l.key = ed_str(key, strlen(key));
        l.hash = i;
        l.lock = 1;
        l.lock_ms = 100;
        l.now_ms = now;
        ed_zone_lookup(zone, &l);
    }

    is_num(l.locked, ED_LOCK_TAKEN, "the last lock");
    is_num(fetch(0).locked, ED_LOCK_NONE, "there is no other");
    (void) ed_zone_purge_all(zone, &wake);
    is_num(fetch(0).locked, ED_LOCK_TAKEN, "void ones make room");
    is_sound(zone, "many void locks");
}


static void
scans(void)
{
    char             key[16];
    unsigned         i, n, calls;
    uint32_t         next;
    uint64_t         seen;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;

    fresh_zone(MANY);
    stamp = ed_zone_check_stamp(zone);

    for (i = 0; i < 2 * ED_ZONE_STRETCH; i++) {
        (void) sprintf(key, "/%u", i);
        (void) store_as(ed_str(key, strlen(key)), i, 0, &stamp);
    }

    (void) ed_zone_purge_all(zone, &wake);
    stamp = ed_zone_check_stamp(zone);

    for (i = 0; i < 8; i++) {
        stamp.derived = i % 2;
        (void) sprintf(key, "/n%u", i);
        (void) store_as(ed_str(key, 3), i, 0, &stamp);
    }

    (void) fetch(0);

    next = 0;
    seen = 0;
    n = 0;

    for (calls = 0; next != ED_ZONE_NONE && calls < 100; calls++) {
        next = ed_zone_scan(zone, 1, next, &page);

        if (page.entry != ED_ZONE_NONE) {
            seen |= (uint64_t) 1 << ed_zone_entry(zone, page.entry)->hash;
            n++;
            is_num(ed_zone_entry(zone, page.entry)->slot_pins[1], 1, "pinned");
            ed_zone_unpin(zone, 1, page.entry);
        }
    }

    is_num(n, 4, "four pages, neither void nor derived");
    is_num(seen, 0x55, "these");
    ok(calls <= 4 + zone->at.nentries / ED_ZONE_STRETCH + 1, "%u calls",
       calls);

    is_num(ed_zone_scan(zone, 1, ED_ZONE_NONE, &page), ED_ZONE_NONE,
           "behind the end");
    is_num(page.entry, ED_ZONE_NONE, "there is nothing");
}


static void
has_role(void)
{
    fresh_zone(16);

    is_num(ed_zone_role_holder(zone), ED_ZONE_SLOTS, "nobody has it");
    is_num(ed_zone_role(zone, ED_ZONE_SLOTS, now), 0, "who is no slot");
    is_num(ed_zone_role(zone, 1, now), 1, "the first who asks");
    is_num(ed_zone_role_holder(zone), 1, "has it");
    is_num(ed_zone_role(zone, 2, now), 0, "another has not");

    is_num(ed_zone_role(zone, 1, now + 500), 1, "renewed");
    is_num(ed_zone_role(zone, 2, now + 500 + ED_ZONE_ROLE), 0, "not yet");
    is_num(ed_zone_role(zone, 2, now - 100), 0, "nor by a slow clock");
    is_num(ed_zone_role(zone, 2, now + 501 + ED_ZONE_ROLE), 1, "now it moves");
    is_num(ed_zone_role(zone, 1, now + 502 + ED_ZONE_ROLE), 0, "for good");

    (void) ed_zone_reap(zone, 1);
    is_num(ed_zone_role_holder(zone), 2, "another is reaped");
    (void) ed_zone_reap(zone, 2);
    is_num(ed_zone_role_holder(zone), ED_ZONE_SLOTS, "so is the holder");
    is_num(ed_zone_role(zone, 0, now), 1, "it moves at once");

    ed_zone_role_leave(zone, 1);
    is_num(ed_zone_role_holder(zone), 0, "only its holder gives it up");
    ed_zone_role_leave(zone, 0);
    is_num(ed_zone_role_holder(zone), ED_ZONE_SLOTS, "which it does");
}


/* Slot 0 dies inside. */

static void
survives(void)
{
    ed_zone_lookup_t  l;

    fresh_zone(16);

    (void) ed_zone_renew_generation(zone, 77, &wake);
    ed_zone_distrust(zone);
    (void) ed_zone_role(zone, 1, now);
    put(11, ARTICLE);
    l = look();
    (void) doubt(ED_DOUBT_PAGE);

    zone->busy = 100;
    is_num(ed_zone_enter(zone, 101), 1, "died inside");
    ed_zone_leave(zone);

    is_num(ed_zone_generation(zone), 77, "its generation is left");
    is_num(look().stamp.epoch, 1, "the epoch");
    is_num(ed_zone_role_holder(zone), 1, "the role");
    is_num(stats().pages, 0, "but no page");
    is_num(store(&l, 12), ED_OK, "one whose fetch began before");
    is_num(look().page.doubtful, 1, "and is doubtful since");
    is_sound(zone, "a page");

    (void) ed_zone_role(zone, 0, now);
    (void) ed_zone_reap(zone, 1);
    (void) ed_zone_claim(zone, 101, 1);
    (void) ed_zone_role(zone, 1, now);
    zone->busy = 101;
    (void) ed_zone_enter(zone, 102);
    ed_zone_leave(zone);
    is_num(ed_zone_role(zone, 2, now), 1, "the role of who died is free");
}


static void
fresh_zone(size_t nblocks)
{
    size_t    size;
    unsigned  s;

    free(zone);

    size = ed_zone_min_size()
           + (nblocks - ED_ZONE_MIN_BLOCKS) * ED_ZONE_CHECK_BLOCK;
    size = (size + ED_ZONE_PAGE) / ED_ZONE_PAGE * ED_ZONE_PAGE;

    zone = aligned_alloc(ED_ZONE_PAGE, size);
    memset(zone, 0xa5, sizeof(ed_zone_t));

    if (ed_zone_init(zone, size) == NULL) {
        printf("Bail out! no zone\n");
        exit(1);
    }

    for (s = 0; s < 3; s++) {
        (void) ed_zone_claim(zone, 100 + s, 1);
    }
}


/* Nothing stays pinned. */

static ed_zone_lookup_t
look(void)
{
    ed_zone_lookup_t  l;

    l = look_at(KEY, HASH);
    ed_zone_unpin(zone, 0, l.page.entry);

    return l;
}


static ed_zone_lookup_t
look_at(ed_str_t key, uint64_t hash)
{
    ed_zone_lookup_t  l;

    memset(&l, 0, sizeof(l));

    l.key = key;
    l.hash = hash;
    l.now_ms = now;
    l.pin = 1;

    ed_zone_lookup(zone, &l);

    return l;
}


/* Takes the lock, even if the page is fresh. */

static ed_zone_lookup_t
fetch(uint64_t article)
{
    ed_zone_lookup_t  l;

    memset(&l, 0, sizeof(l));

    l.key = KEY;
    l.hash = HASH;
    l.article = article;
    l.now_ms = now;
    l.lock_ms = 1000;
    l.lock = 1;
    l.force = 1;

    ed_zone_lookup(zone, &l);

    return l;
}


static ed_rc_t
store(const ed_zone_lookup_t *l, uint64_t revision)
{
    ed_zone_stamp_t  stamp;

    stamp = l->stamp;
    stamp.revision = revision;

    return store_as(KEY, HASH, l->token, &stamp);
}


/* Zero: there was no room. */

static unsigned
put_aside(unsigned i)
{
    char             key[16];
    uint32_t         entry;
    ed_zone_page_t   page;
    ed_zone_stamp_t  stamp;

    entry = ed_zone_reserve_aside(zone, 0, 10, 10);

    if (entry == ED_ZONE_NONE) {
        return 0;
    }

    stamp = ed_zone_check_stamp(zone);
    stamp.aside = 1;

    (void) sprintf(key, "a%02u", i);
    ed_zone_write(zone, entry, 0, (const uint8_t *) "of twenty bytes here", 20);

    return ed_zone_publish(zone, 0, entry, 1000 + i, ed_str(key, 3), 0,
                           &times, &stamp, 0, &page, &wake)
           == ED_OK;
}


static unsigned
count_asides(void)
{
    unsigned        n;
    uint32_t        next;
    ed_zone_page_t  page;

    n = 0;

    for (next = 0; next != ED_ZONE_NONE; /* void */ ) {
        next = ed_zone_scan(zone, 1, next, &page);

        if (page.entry != ED_ZONE_NONE) {
            n += page.aside;
            ed_zone_unpin(zone, 1, page.entry);
        }
    }

    return n;
}


static ed_rc_t
store_as(ed_str_t key, uint64_t hash, uint64_t token,
    const ed_zone_stamp_t *stamp)
{
    uint32_t        entry;
    ed_zone_page_t  page;

    entry = ed_zone_reserve(zone, 0, 10, 10);
    ed_zone_write(zone, entry, 0, (const uint8_t *) "of twenty bytes here", 20);

    return ed_zone_publish(zone, 0, entry, hash, key, token, &times, stamp, 0,
                           &page, &wake);
}


static void
put(uint64_t revision, uint64_t article)
{
    ed_zone_lookup_t  l;

    l = look();
    l.stamp.article = article;
    (void) store(&l, revision);
}


static int
doubt(ed_doubt_e kind)
{
    ed_zone_stamp_t  stamp;

    return ed_zone_doubt(zone, HASH, KEY, kind, &stamp);
}


static ed_zone_stats_t
stats(void)
{
    ed_zone_stats_t  s;

    ed_zone_get_stats(zone, &s);

    return s;
}
