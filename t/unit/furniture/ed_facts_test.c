
/*
 * What is to be known of an article, read of whole pages.
 */

#include "ed_rewrite.h"
#include "ed_test.h"


static ed_policy_t   policy;
static ed_page_t     page;
static ed_record_t   record;


static ed_rewrite_t *read_page(const char *html);
static void titles(void);
static void tags(void);
static void times(void);
static void canonicals(void);
static void problems(void);
static void no_memory(void);


#define HEAD   "<html><head><title>Doc &amp; site</title>"
#define BODY   "</head><body><article><p>One.</p><p>Two.</p></article>"
#define MANY   "<p>A first one.</p><p>A second one.</p><p>A third one.</p>"    \
               "<p>A fourth one.</p><p>A fifth one.</p><p>A sixth one.</p>"


int
main(void)
{
    ed_arena_t  *arena;

    arena = ed_arena_create(1024 * 1024);
    ed_policy_init(&policy, arena);
    (void) ed_policy_merge(&policy, NULL);

    page.scheme = ED_STR("https");
    page.host = ED_STR("paper.example");
    page.uri = ED_STR("/news/a");
    page.facts = 1;

    titles();
    tags();
    times();
    canonicals();
    problems();
    no_memory();

    ed_arena_destroy(arena);

    return ed_test_done();
}


/* NULL: nothing is known. */

static ed_rewrite_t *
read_page(const char *html)
{
    size_t            n;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    rw = ed_rewrite_create(&policy, &page);
    if (rw == NULL) {
        return NULL;
    }

    ed_rewrite_feed(rw, (const uint8_t *) html, strlen(html), 1, &spans, &n);

    if (ed_rewrite_facts(rw) == NULL) {
        ed_rewrite_destroy(rw);
        return NULL;
    }

    return rw;
}


static void
titles(void)
{
    size_t         i;
    char           html[2048];
    ed_rewrite_t  *rw;

    static const struct {
        const char  *name, *html, *title;
    } cases[] = {
        { "<title>", HEAD BODY, "Doc & site" },
        { "<h1> of the article", HEAD "</head><body><article><h1>The\n <i>big"
          "</i> one</h1><p>One.</p></article>", "The big one" },
        { "headline", HEAD "<script type=application/ld+json>"
          "{\"headline\":\"Line\"}</script></head><body><article><h1>No</h1>"
          "<p>x</p></article>", "Line" },
        { "og:title", HEAD "<script type=application/ld+json>"
          "{\"headline\":\"Line\"}</script><meta property=og:title "
          "content=' Own  &lt;b&gt;'>" BODY, "Own <b>" },
        { "nothing", "<article><p>One.</p></article>", "" },
        { "the first <title>", "<title>A</title><title>B</title>" BODY, "A" },
        { "no <title> of a picture", "<body><svg><title>S</title></svg>"
          "<article><p>One.</p></article>", "" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rw = read_page(cases[i].html);

        ok(rw != NULL, "%s: read", cases[i].name);

        if (rw != NULL) {
            is_str(ed_rewrite_facts(rw)->title, cases[i].title, "title: %s",
                   cases[i].name);
        }

        ed_rewrite_destroy(rw);
    }

    /* 199 bytes, then one of two */
    snprintf(html, sizeof(html), "<meta property=og:title content='%0199d"
             "\xc3\xa9 and more'>" BODY, 0);

    rw = read_page(html);
    is_num(ed_rewrite_facts(rw)->title.len, 199,
           "a long title is cut between characters");
    ed_rewrite_destroy(rw);

    is_num(ed_facts_cut(ED_STR("\x80\x80\x80"), 2).len, 0,
           "what is no text is cut, too");

    rw = ed_rewrite_create(&policy, &page);
    ok(ed_rewrite_facts(rw) == NULL, "nothing before the article");
    ed_rewrite_destroy(rw);

    ok(read_page("<p>no article") == NULL, "nothing without one");
}


static void
tags(void)
{
    unsigned           i, n;
    char               html[2048];
    ed_rewrite_t      *rw;
    const ed_facts_t  *facts;

    static const char *const  want[] = {
        "Turkey", "Washington, D.C.", "Caf\xc3\xa9", "one", "two"
    };

    rw = read_page("<meta name=keywords content='one, two ,,Turkey,one'>"
                   "<meta property=article:tag content=' Turkey '>"
                   "<meta property=article:tag content='Washington, D.C.'>"
                   "<meta property=article:tag content='  '>"
                   "<script type=application/ld+json>{\"keywords\":"
                   "[\"Caf\xc3\xa9\",\"Turkey\"]}</script>" BODY);
    facts = ed_rewrite_facts(rw);

    is_num(facts->ntags, 5, "each tag once");

    for (i = 0; i < 5; i++) {
        is_str(facts->tags[i], want[i], "tag %u", i);
    }

    ed_rewrite_destroy(rw);

    rw = read_page("<script type=application/ld+json>{\"keywords\":\"a, b\"}"
                   "</script>" BODY);
    facts = ed_rewrite_facts(rw);
    ok(facts->ntags == 2 && ed_str_eq(facts->tags[1], ED_STR("b")),
       "JSON-LD keywords in one string");
    ed_rewrite_destroy(rw);

    n = (unsigned) snprintf(html, sizeof(html),
                            "<meta name=keywords content='%0101d", 0);

    for (i = 0; i < 20; i++) {
        n += (unsigned) snprintf(html + n, sizeof(html) - n, ",k%u", i);
    }

    (void) snprintf(html + n, sizeof(html) - n, "'>" BODY);

    rw = read_page(html);
    facts = ed_rewrite_facts(rw);
    is_num(facts->ntags, ED_MAX_TAGS, "so many, and no more");
    is_str(facts->tags[0], "k0", "one that is too long is none");
    ed_rewrite_destroy(rw);
}


static void
times(void)
{
    size_t         i;
    ed_rewrite_t  *rw;

    static const struct {
        const char  *text;
        int64_t      time;
    } cases[] = {
        { "2026-11-22T10:00:30Z", 1795341630 },
        { "2026-11-22t10:00:30.125z", 1795341630 },
        { "2026-11-22 10:00:30", 1795341630 },
        { "2026-11-22T12:30:30+02:30", 1795341630 },
        { "2026-11-22T12:00:30+0200", 1795341630 },
        { "2026-11-22T03:00:30-07", 1795341630 },
        { " 2026-11-22T10:00 ", 1795341600 },
        { "2026-11-22T10:00Z", 1795341600 },
        { "2026-11-22", 1795305600 },
        { "1970-01-01T00:00:00+01:00", ED_UNDATED },
        { "2026-02-30", ED_UNDATED },
        { "2026-00-01", ED_UNDATED },
        { "2026-11-22T25:00", ED_UNDATED },
        { "2026-11-22T10", ED_UNDATED },
        { "2026-11-22T10:00:", ED_UNDATED },
        { "2026-11-22T10:00 CET", ED_UNDATED },
        { "2026-11-22T10:00+1", ED_UNDATED },
        { "2026-11-22T10:00+01:00x", ED_UNDATED },
        { "22 November 2026", ED_UNDATED },
        { "2026", ED_UNDATED },
        { "2026-", ED_UNDATED },
        { "", ED_UNDATED }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is_num(ed_facts_time(ed_str(cases[i].text, strlen(cases[i].text))),
               cases[i].time, "\"%s\"", cases[i].text);
    }

    rw = read_page("<script type=application/ld+json>{\"datePublished\":"
                   "\"2026-11-22\"}</script>" BODY);
    is_num(ed_rewrite_facts(rw)->published, 1795305600, "datePublished");
    ed_rewrite_destroy(rw);

    rw = read_page("<meta property=article:published_time "
                   "content=2026-11-22T10:00Z><script type=application/ld+json>"
                   "{\"datePublished\":\"2020-11-22\"}</script>" BODY);
    is_num(ed_rewrite_facts(rw)->published, 1795341600, "published_time");
    ed_rewrite_destroy(rw);

    rw = read_page(HEAD BODY);
    is_num(ed_rewrite_facts(rw)->published, ED_UNDATED, "none");
    ed_rewrite_destroy(rw);
}


static void
canonicals(void)
{
    size_t             i;
    char               html[1024];
    ed_rewrite_t      *rw;
    const ed_facts_t  *facts;

    static const struct {
        const char  *href, *path;
        int          elsewhere;
    } cases[] = {
        { "https://paper.example/news/b?x=1", "/news/b?x=1", 0 },
        { "HTTP://PAPER.example:80/news/../b", "/b", 0 },
        { "/c", "/c", 0 },
        { "//paper.example", "/", 0 },
        { "https://other.example/news/a", "/news/a", 1 },
        { "https://paper.example:8443/a", "/a", 1 },
        { "", "", 0 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) snprintf(html, sizeof(html), "<link rel=canonical href='%s'>"
                        BODY, cases[i].href);

        rw = read_page(html);
        facts = ed_rewrite_facts(rw);

        is_num(facts->elsewhere, cases[i].elsewhere, "canonical \"%s\"",
               cases[i].href);
        is_str(facts->path, cases[i].path, "its path");
        ed_rewrite_destroy(rw);
    }
}


static void
problems(void)
{
    ed_str_t           quotes[6];
    ed_link_t          link;
    ed_rewrite_t      *rw;
    const ed_facts_t  *facts;

    rw = read_page("<body><article>" MANY "</article>");
    facts = ed_rewrite_facts(rw);
    ok(!facts->opinion && !facts->no_disclaimer && facts->no_read_more
       && facts->ndrifted == 0, "no link");
    ed_rewrite_destroy(rw);

    page.opinion = ED_OPINION_YES;

    rw = read_page("<body><article>" MANY "<p>READ MORE: <a href=/x>X</a></p>"
                   "</article>");
    facts = ed_rewrite_facts(rw);
    ok(facts->opinion && !facts->no_disclaimer && !facts->no_read_more,
       "a line, and a disclaimer");
    is_num(facts->pieces[ED_READ_MORE], 1, "one link");
    is_num(facts->pieces[ED_DISCLAIMER], 1, "one disclaimer");
    ed_rewrite_destroy(rw);

    memset(&link, 0, sizeof(ed_link_t));
    link.url = ED_STR("/y");
    link.title = ED_STR("Y");
    link.after = 4;

    quotes[0] = ED_STR("A second one.");
    quotes[1] = ED_STR("Nobody said it.");
    quotes[2] = quotes[3] = quotes[4] = quotes[5] = ED_STR("Nor that.");

    record.links = &link;
    record.nlinks = 1;
    record.quotes = quotes;
    record.nquotes = 6;
    record.disclaimer = ED_RECORD_FALSE;
    page.record = &record;

    rw = read_page("<body><article>" MANY "</article>");
    facts = ed_rewrite_facts(rw);
    is_num(facts->ndrifted, ED_MAX_DRIFTED, "quotes that are not there");
    is_str(facts->drifted[0], "Nobody said it.", "the first of them");
    ok(!facts->no_disclaimer, "nor is a disclaimer wanted");
    is_num(facts->pieces[ED_READ_MORE], 1, "the record's link");
    is_num(facts->pieces[ED_PULL_QUOTE], 2, "the record's quote: two pieces");
    ed_rewrite_destroy(rw);

    record.nlinks = 0;
    record.disclaimer = ED_RECORD_UNSET;
    record.features[ED_READ_MORE] = ED_STR("off");

    rw = read_page("<body><article>" MANY "</article>");
    ok(!ed_rewrite_facts(rw)->no_read_more, "no link is wanted");
    ed_rewrite_destroy(rw);

    rw = read_page("<body><article></article>");
    facts = ed_rewrite_facts(rw);
    ok(facts->opinion && facts->pieces[ED_DISCLAIMER]
       != facts->no_disclaimer, "placed, or missed");
    ed_rewrite_destroy(rw);

    rw = read_page("<p>The views expressed here are the author's own.</p>"
                   "<body><article>" MANY "</article>");
    facts = ed_rewrite_facts(rw);
    ok(!facts->no_disclaimer && facts->pieces[ED_DISCLAIMER] == 0,
       "stated before the article");
    ed_rewrite_destroy(rw);

    page.record = NULL;
    page.opinion = ED_OPINION_AUTO;
}


/* Facts may be missing, but never the page. */

static void
no_memory(void)
{
    long              n;
    size_t            i, len, nspans;
    unsigned          whole, lost;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    static const char  html[] = "<meta property=article:tag content=a>"
        "<link rel=canonical href=/x><title>T</title><body><article><p>x</p>"
        "</article>";

    if (!ed_test_wrapped()) {
        return;
    }

    whole = 0;
    lost = 0;

    for (n = 0; n < 2000 && whole == 0; n++) {
        ed_test_fail_after(n);

        rw = ed_rewrite_create(&policy, &page);

        if (rw != NULL) {
            ed_rewrite_feed(rw, (const uint8_t *) html, sizeof(html) - 1, 1,
                            &spans, &nspans);

            for (i = 0, len = 0; i < nspans; i++) {
                len += spans[i].kind == ED_SPAN_SOURCE ? spans[i].len : 0;
            }

            lost += (len != sizeof(html) - 1);
            whole = !ed_test_refused && ed_rewrite_facts(rw) != NULL;
        }

        ed_test_fail_after(-1);
        ed_rewrite_destroy(rw);
    }

    ok(whole, "without memory: in the end there is enough");
    is_num(lost, 0, "no byte is lost");
}
