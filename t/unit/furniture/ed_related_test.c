
/*
 * Lines of a tag's list, read liberally and believed little; a list merged of
 * several; notes, written and read again; and what comes of them in a page.
 */

#include "ed_related.h"
#include "ed_rewrite.h"
#include "ed_test.h"


static void lines(void);
static void merged(void);
static void written(void);
static void notes(void);
static void placed(void);
static const char *links_of(const char *html, ed_str_t json);
static void no_memory(void);


#define HOST  ED_STR("paper.example")
#define URI   ED_STR("/own")


static ed_arena_t  *arena;


int
main(void)
{
    arena = ed_arena_create(4 * 1024 * 1024);

    lines();
    merged();
    written();
    notes();
    placed();
    no_memory();

    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
lines(void)
{
    size_t          i;
    ed_relations_t  related;

    static const struct {
        const char  *line, *url, *title;       /* NULL: nothing is taken */
    } cases[] = {
        { "{\"url\":\"/a\",\"title\":\"T\"}", "/a", "T" },
        { "{\"path\":\"/a\",\"title\":\" <b>T</b>\\n x\"}", "/a",
          "<b>T</b> x" },
        { "{\"url\":\"/a\",\"host\":\"PAPER.example\",\"title\":\"T\","
          "\"more\":1}", "/a", "T" },
        { "{\"url\":\"https://paper.example/a?b=1\",\"title\":\"T\"}",
          "https://paper.example/a?b=1", "T" },
        { "[\"/a\",\"T\"]", "/a", "T" },
        { "/a T and more", "/a", "T and more" },
        { "/a\tT", "/a", "T" },
        { "/a|T", "/a", "T" },
        { "/a\nT", "/a", "T" },

        { "{\"url\":\"/a\",\"host\":\"other.example\",\"title\":\"T\"}",
          NULL, NULL },
        { "{\"url\":\"https://other.example/a\",\"title\":\"T\"}", NULL,
          NULL },
        { "{\"url\":\"//other.example/a\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"//other.example\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"/\\\\other.example/a\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"/\\t/other.example/a\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\" /a\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"javascript:alert(1)\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"javascript://paper.example/%0aalert(1)\","
          "\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"a\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"/own\",\"title\":\"T\"}", NULL, NULL },
        { "{\"url\":\"https://paper.example/own\",\"title\":\"T\"}", NULL,
          NULL },
        { "{\"url\":\"/a\",\"title\":\" \"}", NULL, NULL },
        { "{\"url\":\"/a\"}", NULL, NULL },
        { "{\"url\":1,\"title\":2}", NULL, NULL },
        { "{\"url\":\"/a\",\"title\":\"T\"", NULL, NULL },
        { "[\"/a\"]", NULL, NULL },
        { "[]", NULL, NULL },
        { "/a", NULL, NULL },
        { "", NULL, NULL }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&related, 0, sizeof(ed_relations_t));
        related.arena = arena;

        is_num(ed_related_add(&related, ed_str(cases[i].line,
                                               strlen(cases[i].line)),
                              1, HOST, URI),
               ED_OK, "line %zu", i);
        is_num(related.n, cases[i].url != NULL, "... taken: %s",
               cases[i].line);

        if (related.n == 1 && cases[i].url != NULL) {
            is_str(related.list[0].url, cases[i].url, "its URL");
            is_str(related.list[0].title, cases[i].title, "its title");
        }
    }
}


static void
merged(void)
{
    int             i;
    char            line[64];
    uint8_t         one[ED_RECORD_DIGEST], other[ED_RECORD_DIGEST];
    ed_relations_t  a, b;

    memset(&a, 0, sizeof(ed_relations_t));
    a.arena = arena;
    b = a;

    for (i = 0; i < 30; i++) {
        (void) snprintf(line, sizeof(line), "/%d T%d", i, i);
        (void) ed_related_add(&a, ed_str(line, strlen(line)), 100 + i, HOST,
                              URI);

        (void) snprintf(line, sizeof(line), "/%d T%d", 29 - i, 29 - i);
        (void) ed_related_add(&b, ed_str(line, strlen(line)), 129 - i, HOST,
                              URI);
    }

    is_num(a.n, ED_MAX_RELATED, "so many");
    is_str(a.list[0].url, "/29", "the newest first");
    is_str(a.list[ED_MAX_RELATED - 1].url, "/18", "the older ones are gone");
    ok(ed_related_same(&a, &b), "whatever order they come in");

    ed_related_digest(&a, one);
    ed_related_digest(&b, other);
    ok(memcmp(one, other, ED_RECORD_DIGEST) == 0, "one digest");

    (void) ed_related_add(&a, ED_STR("/20 Old"), 100, HOST, URI);
    ok(ed_related_same(&a, &b), "an older line of an article says nothing");

    (void) ed_related_add(&a, ED_STR("/20 New"), 200, HOST, URI);
    is_str(a.list[0].title, "New", "a newer one takes its place");
    is_num(a.n, ED_MAX_RELATED, "and is no more of them");
    ok(!ed_related_same(&a, &b), "it is another list");

    ed_related_digest(&a, one);
    ok(memcmp(one, other, ED_RECORD_DIGEST) != 0, "of another digest");

    memset(&a, 0, sizeof(ed_relations_t));
    a.arena = arena;
    (void) ed_related_add(&a, ED_STR("/b T"), 5, HOST, URI);
    (void) ed_related_add(&a, ED_STR("/a T"), 5, HOST, URI);
    is_str(a.list[0].url, "/a", "of one time: by the URL");
    a.n = 0;
    ed_related_digest(&a, one);
    memset(other, 0, sizeof(other));
    ok(memcmp(one, other, ED_RECORD_DIGEST) == 0, "nothing: all zero");
}


static void
written(void)
{
    char            *line;
    size_t           head;
    ed_relations_t   related;

    line = ed_related_write(ED_STR("/a\"b"), HOST, ED_STR("A <b> & \"c\""),
                            &head);

    is_str(ed_str(line, strlen(line)), "{\"url\":\"/a\\\"b\",\"host\":"
           "\"paper.example\",\"title\":\"A <b> & \\\"c\\\"\"}", "a line");
    is_str(ed_str(line, head), "{\"url\":\"/a\\\"b\",\"host\":"
           "\"paper.example\"", "what of it tells the article");

    memset(&related, 0, sizeof(ed_relations_t));
    related.arena = arena;
    (void) ed_related_add(&related, ed_str(line, strlen(line)), 1, HOST, URI);
    is_num(related.n, 1, "and it can be read");
    free(line);

    line = ed_related_write(ED_STR("/\xff"), HOST, ED_STR("T"), &head);
    ok(line != NULL, "bytes that are no text");
    free(line);
}


static void
notes(void)
{
    char            *json;
    ed_facts_t       facts;
    ed_notes_t       got;
    ed_relations_t   related;

    memset(&facts, 0, sizeof(ed_facts_t));
    facts.title = ED_STR("Title");
    facts.published = 1234;
    facts.tags[0] = ED_STR("a");
    facts.tags[1] = ED_STR("b");
    facts.ntags = 2;
    facts.opinion = 1;
    facts.no_link = 1;
    facts.pieces[2] = 7;
    facts.drifted[0] = ED_STR("q");
    facts.ndrifted = 1;

    memset(&related, 0, sizeof(ed_relations_t));
    related.arena = arena;
    (void) ed_related_add(&related, ED_STR("/new N"), 20, HOST, URI);
    (void) ed_related_add(&related, ED_STR("/old O"), 10, HOST, URI);

    json = ed_notes_write(&facts, &related);

    is_num(ed_notes_read(arena, ed_str(json, strlen(json)), 0, &got), ED_OK,
           "notes");
    is_str(got.facts.title, "Title", "title");
    is_str(got.facts.tags[1], "b", "tags");
    is_str(got.facts.drifted[0], "q", "quotes");
    ok(got.facts.published == 1234 && got.facts.opinion
       && got.facts.no_link && !got.facts.no_disclaimer
       && !got.facts.no_read_more && got.facts.pieces[2] == 7
       && got.facts.ntags == 2 && got.facts.ndrifted == 1, "the rest");
    ok(ed_related_same(&got.related, &related), "links");

    (void) ed_notes_read(arena, ed_str(json, strlen(json)), 15, &got);
    is_num(got.related.n, 1, "what is too old by now is left out");
    free(json);

    is_num(ed_notes_read(arena, ED_STR("{"), 0, &got), ED_INVALID, "damaged");
    is_num(ed_notes_read(arena, ED_STR("[]"), 0, &got), ED_INVALID,
           "something else");
    is_num(ed_notes_read(arena, ED_STR("{}"), 0, &got), ED_OK, "empty");
    is_num(ed_notes_read(arena, ED_STR("{\"links\":[{\"url\":"
           "\"javascript:x\",\"title\":\"T\",\"at\":1}]}"), 0, &got),
           ED_INVALID, "a link that must not be followed");
}


static void
placed(void)
{
    ed_relations_t  related;

#define TEXT   "<p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p><p>Five.</p>"   \
               "<p>Six.</p><p>Seven.</p><p>Eight.</p><p>Nine.</p><p>Ten.</p>"  \
               "<p>Eleven.</p><p>Twelve.</p><p>Last.</p>"

    memset(&related, 0, sizeof(ed_relations_t));

    is_str(ED_STR(""), links_of("<article>" TEXT "</article>", ED_STR("")),
           "nothing asked for, nothing placed") ;
    is_str(ED_STR("/b /c "), links_of("<link rel=canonical href=/a><article>"
                                      TEXT "</article>", ED_STR("1")),
           "newest first, but for the page itself");
    is_str(ED_STR("/a /c "), links_of("<article><p>See <a href=/b>b</a>.</p>"
                                      TEXT "</article>", ED_STR("1")),
           "but for what the article links");
    is_str(ED_STR(""), links_of("<article><p>READ MORE: <a href=/x>X</a></p>"
                                TEXT "</article>", ED_STR("1")),
           "none where the text gives one");
    is_str(ED_STR("/r "), links_of("<article>" TEXT "</article>",
           ED_STR("{\"read_more\":[{\"url\":\"/r\",\"title\":\"R\"}]}")),
           "none where the record does");
    is_str(ED_STR("/a /b "), links_of("<article>" TEXT "</article>",
           ED_STR("{\"read_more\":[{\"url\":\"/own\",\"title\":\"R\"}]}")),
           "a record's link that is not shown gives none");
}


/* The boxes' URLs in a page that is related to three; json: its record, "1"
   for none, empty: it is related to none. */

static const char *
links_of(const char *html, ed_str_t json)
{
    size_t            i, n, len;
    ed_page_t         page;
    ed_policy_t       policy;
    ed_record_t       record;
    const char       *p;
    ed_rewrite_t     *rw;
    ed_relations_t    related;
    const ed_span_t  *spans;

    char              box[1024];
    static char       found[256];

    memset(&page, 0, sizeof(ed_page_t));
    memset(&related, 0, sizeof(ed_relations_t));
    related.arena = arena;

    (void) ed_related_add(&related, ED_STR("/a A"), 3, HOST, URI);
    (void) ed_related_add(&related, ED_STR("/b B"), 2, HOST, URI);
    (void) ed_related_add(&related, ED_STR("/c <C>"), 1, HOST, URI);

    ed_policy_init(&policy, arena);
    (void) ed_policy_set(&policy, (ed_str_t []) { ED_STR("editorial_read_more"),
                         ED_STR("box"), ED_STR("max=2"), ED_STR("after=1"),
                         ED_STR("every=2") }, 5, NULL, NULL, NULL);
    (void) ed_policy_merge(&policy, NULL);

    page.scheme = ED_STR("https");
    page.host = HOST;
    page.uri = URI;

    if (json.len > 1) {
        (void) ed_record_parse(arena, json, &record, found, sizeof(found));
        page.record = &record;
    }

    if (json.len != 0) {
        page.related = related.list;
        page.nrelated = related.n;
    }

    rw = ed_rewrite_create(&policy, &page);
    ed_rewrite_feed(rw, (const uint8_t *) html, strlen(html), 1, &spans, &n);

    len = 0;
    found[0] = '\0';

    for (i = 0; i < n; i++) {
        if (spans[i].kind != ED_SPAN_FURNITURE) {
            continue;
        }

        (void) snprintf(box, sizeof(box), "%.*s", (int) spans[i].len,
                        (const char *) spans[i].data);
        p = strstr(box, "href=\"");

        if (p != NULL) {
            len += (size_t) snprintf(found + len, sizeof(found) - len, "%.*s ",
                                     (int) strcspn(p + 6, "\""), p + 6);
        }
    }

    ed_rewrite_destroy(rw);

    return found;
}


/* Without memory: nothing, or what there is with it. */

static void
no_memory(void)
{
    int             right;
    char           *line, *json;
    long            n;
    size_t          head;
    ed_facts_t      facts;
    ed_notes_t      got;
    ed_arena_t     *small;
    ed_relations_t  related;

    if (!ed_test_wrapped()) {
        return;
    }

    memset(&facts, 0, sizeof(ed_facts_t));
    facts.title = ED_STR("T");
    right = 1;

    for (n = 0; n < 500; n++) {
        ed_test_fail_after(n);

        small = ed_arena_create(100000);
        memset(&related, 0, sizeof(ed_relations_t));
        related.arena = small;

        line = ed_related_write(ED_STR("/a"), HOST, ED_STR("T"), &head);

        if (line != NULL && small != NULL
            && ed_related_add(&related, ed_str(line, strlen(line)), 1, HOST,
                              URI)
               == ED_OK)
        {
            right &= related.n == 1;
        }

        json = small != NULL ? ed_notes_write(&facts, &related) : NULL;

        if (json != NULL
            && ed_notes_read(small, ed_str(json, strlen(json)), 0, &got)
               == ED_OK)
        {
            right &= ed_related_same(&got.related, &related)
                     && ed_str_eq(got.facts.title, facts.title);
        }

        ed_test_fail_after(-1);

        free(line);
        free(json);
        ed_arena_destroy(small);

        if (!ed_test_refused) {
            break;
        }
    }

    ok(right && n < 500, "without memory, after %ld allocations", n);
}
