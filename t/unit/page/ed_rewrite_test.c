
/*
 * What the rewriter promises: no byte is lost, no chunking shows, and what
 * goes wrong leaves the page as it was.
 */

#include "ed_rewrite.h"
#include "ed_test.h"


typedef struct {
    ed_buf_t           out;            /* the control edition */
    ed_buf_t           source;         /* the source spans alone */
    ed_skip_e          skip;
    unsigned           pieces;
} result_t;


static ed_policy_t  policy;
static ed_page_t    page;


static int run(ed_str_t html, size_t chunk, result_t *r);
static void result_free(result_t *r);
static void add(result_t *r, ed_walk_t *walk, const ed_rewrite_t *rw,
    const ed_span_t *spans, size_t n);
static void every_split(const char *name, ed_str_t html);
static void stays(const char *name, ed_str_t html, ed_skip_e skip);
static void limits(void);
static void hostile(void);
static void no_memory(void);
static void editions(void);
static void markers(void);
static void marked(const char *name, ed_str_t html, unsigned tested,
    const char *want);
static void explained(void);
static ed_str_t repeat(const char *before, const char *what, size_t n,
    const char *after);


#define P  "<p>A short paragraph.</p>"

static const char  plain[] =
    "<!DOCTYPE html><html lang=en><head><meta name=author content='A. Roe'>"
    "<meta property=article:section content=Opinion></head><body><main>"
    "<h1>T</h1><article class=a>" P P P P
    "<p>READ MORE: <a href='/x'>Title</a></p>"
    "<p>The tide has <b>turned for</b> the harbour. More follows.</p>"
    "<p>The tide has turned for the harbour.</p>" P
    "<p>A. Roe writes.</p></article><p>behind</p></main></body></html>";


int
main(void)
{
    size_t       i;
    result_t     r;
    ed_arena_t  *arena;

    static const struct {
        const char  *name;
        ed_str_t     html;
    } odd[] = {
#define S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }
        { "NUL bytes", S("<article>a\0b<p>c\0</p></article>\0") },
        { "invalid UTF-8", S("<article><p>\xff\xfe\xc3(</p></article>") },
        { "CRLF", S("<article>\r\n<p>a\r\n</p>\r\n</article>\r\n") },
        { "a byte order mark", S("\xef\xbb\xbf<article><p>a</p></article>") },
        { "nothing", S("") },
        { "one byte", S("<") },
        { "no markup", S("just text") },
        { "no <html>", S("<p>a<article><p>b</article>") },
        { "unclosed everything", S("<div><article><p>a<b><i>c<ul><li>d") },
        { "two documents", S("<html><article><p>a</p></article></html>"
                             "<html><article><p>b</p></article></html>") },
        { "</p> in script", S("<article><script>'</p>'</script><p>a</p>"
                              "</article>") },
        { "</p> in a comment", S("<article><!-- </p> --><p>a</p></article>") },
        { "</p> in a value", S("<article><p title='</p>'>a</p></article>") },
        { "script escapes", S("<article><script><!--<script></script>"
                              "--></script><p>a</p></article>") },
        { "odd comments", S("<article><!--><p>a</p><!---><p>b</p><!--x--!>"
                            "</article>") },
        { "CDATA", S("<article><![CDATA[<p>]]><p>a</p></article>") },
        { "template", S("<article><template><p>a</p></template><p>b</p>"
                        "</article>") },
        { "svg p", S("<article><svg><p>a</p></svg><p>b</p></article>") },
        { "an article in a better one", S("<main><p>m</p><article><p>a</p>"
                                          "<div itemprop=articleBody><p>b"
                                          "</div></article></main>") },
        { "cut in a tag", S("<article><p>a</p><p title='") },
        { "misnested", S("<b><article><p>a</b><p>b</article>") },
        { "in a table", S("<table><tr><article><p>a</p></article></table>") }
#undef S
    };

    arena = ed_arena_create(1024 * 1024);
    ed_policy_init(&policy, arena);
    (void) ed_policy_merge(&policy, NULL);

    ok(run(ED_STR(plain), SIZE_MAX, &r) && r.skip == ED_SKIP_NONE,
       "furniture in a page");
    is_num(r.pieces, 4, "four pieces: a line, a highlight of three marks, an "
           "aside, a disclaimer");
    result_free(&r);

    every_split("a page with everything", ED_STR(plain));

    page.opinion = ED_OPINION_YES;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        every_split(odd[i].name, odd[i].html);
    }

    limits();
    hostile();
    editions();
    markers();
    explained();
    no_memory();

    ed_arena_destroy(arena);

    return ed_test_done();
}


/* Zero where a byte of the source is lost. */

static int
run(ed_str_t html, size_t chunk, result_t *r)
{
    size_t            n, pos, len;
    ed_walk_t         walk;
    ed_edition_t      edition;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    memset(r, 0, sizeof(result_t));
    ed_buf_init(&r->out, SIZE_MAX);
    ed_buf_init(&r->source, SIZE_MAX);

    rw = ed_rewrite_create(&policy, &page);
    if (rw == NULL) {
        return 0;
    }

    ed_edition_control(&edition, &policy);
    ed_walk_init(&walk, &edition, ED_STR_EMPTY);

    pos = 0;

    if (html.len == 0) {
        html = ED_STR("");
    }

    do {
        len = html.len - pos < chunk ? html.len - pos : chunk;

        ed_rewrite_feed(rw, html.data + pos, len, pos + len == html.len,
                        &spans, &n);
        add(r, &walk, rw, spans, n);
        pos += len;

    } while (pos < html.len);

    r->skip = ed_rewrite_skip(rw);
    r->pieces = walk.pieces;

    ed_rewrite_destroy(rw);

    return ed_str_eq(ed_str(r->source.data, r->source.len), html);
}


static void
add(result_t *r, ed_walk_t *walk, const ed_rewrite_t *rw,
    const ed_span_t *spans, size_t n)
{
    size_t            i;
    const ed_span_t  *span;

    for (i = 0; i < n; i++) {
        if (spans[i].kind == ED_SPAN_SOURCE) {
            (void) ed_buf_append(&r->source, spans[i].data, spans[i].len);
        }
    }

    walk->assets.data = ed_rewrite_assets(rw).data;
    walk->assets.len = ed_rewrite_assets(rw).len;
    i = 0;

    for ( ;; ) {
        span = ed_walk_next(walk, spans, n, &i);
        if (span == NULL) {
            break;
        }

        (void) ed_buf_append(&r->out, span->data, span->len);
    }
}


static void
result_free(result_t *r)
{
    ed_buf_free(&r->out);
    ed_buf_free(&r->source);
}


/* Whole, byte by byte, and in every two parts: all the same. */

static void
every_split(const char *name, ed_str_t html)
{
    int       kept, same;
    size_t    at;
    result_t  whole, r;

    kept = run(html, SIZE_MAX, &whole);
    same = 1;

    for (at = 1; at < html.len + 1; at++) {
        kept &= run(html, at == html.len ? 1 : at, &r);
        same &= ed_str_eq(ed_str(r.out.data, r.out.len),
                          ed_str(whole.out.data, whole.out.len));
        result_free(&r);
    }

    ok(kept, "%s: every byte is kept", name);
    ok(same, "%s: no chunking shows", name);

    kept = run(ed_str(whole.out.data, whole.out.len), SIZE_MAX, &r);

    ok(kept && (whole.pieces == 0
                || (r.skip == ED_SKIP_DONE_ALREADY && r.pieces == 0)),
       "%s: the result is not transformed again", name);

    result_free(&r);
    result_free(&whole);
}


static void
stays(const char *name, ed_str_t html, ed_skip_e skip)
{
    int       kept;
    result_t  r;

    kept = run(html, 8192, &r);

    ok(kept && r.pieces == 0, "%s: the page stays as it is", name);
    is_str(ed_skip_name(r.skip), (const char *) ed_skip_name(skip).data,
           "%s: the reason", name);

    result_free(&r);
}


/* A chunk's bytes may be gone when it is asked for. */

static void
explained(void)
{
    size_t            n;
    char             *json;
    uint8_t          *chunk;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    page.explain = 1;
    rw = ed_rewrite_create(&policy, &page);
    page.explain = 0;

    chunk = malloc(sizeof(plain) - 1);
    memcpy(chunk, plain, sizeof(plain) - 1);

    ed_rewrite_feed(rw, chunk, sizeof(plain) - 1, 1, &spans, &n);

    memset(chunk, '#', sizeof(plain) - 1);

    json = ed_rewrite_explain(rw);

    ok(json != NULL && strstr(json, "\"A short paragraph.\"") != NULL,
       "explained when the page's bytes are gone");

    free(json);
    free(chunk);
    ed_rewrite_destroy(rw);
}


static void
limits(void)
{
    int64_t   size;
    ed_str_t  html;

    html = repeat("<article>", "<div>", 300, "<p>a</p></article>");
    stays("300 levels", html, ED_SKIP_DEPTH);
    free((void *) (uintptr_t) html.data);

    html = repeat("<article><p title=\"", "x", 70000, "\">a</p></article>");
    stays("a tag of 70,000 bytes", html, ED_SKIP_TOKEN);
    free((void *) (uintptr_t) html.data);

    html = repeat("<article><p>a</p>", "xxxxxxxx", 140000, "</article>");
    stays("an article of 1.1 MB", html, ED_SKIP_HELD);
    free((void *) (uintptr_t) html.data);

    size = policy.max_size;
    policy.max_size = 100;
    html = repeat("<article>", "<p>a</p>", 100, "</article>");
    stays("a page over the size", html, ED_SKIP_SIZE);
    free((void *) (uintptr_t) html.data);
    policy.max_size = size;

    stays("no article", ED_STR("<p>a</p>"), ED_SKIP_NO_ARTICLE);
    stays("UTF-16", ED_STR("\xff\xfe<\0a\0"), ED_SKIP_CHARSET);

    page.charset = ED_STR("iso-2022-jp");
    stays("ISO-2022-JP", ED_STR(plain), ED_SKIP_CHARSET);
    page.charset = ED_STR_EMPTY;

    stays("an end in a tag", ED_STR("<article>" P "<a "), ED_SKIP_CUT);
    stays("an end in a tag's name", ED_STR("<article>" P "</"), ED_SKIP_CUT);
    stays("an end in a comment", ED_STR("<article>" P "<!-- "), ED_SKIP_CUT);
    stays("an end in a script", ED_STR("<article>" P "<script>x"),
          ED_SKIP_CUT);

    page.opinion = ED_OPINION_NO;
    stays("nothing to add", ED_STR("<article><p>a</p></article>"),
          ED_SKIP_NO_FURNITURE);
    page.opinion = ED_OPINION_YES;
}


/* A megabyte of each; the time is bounded by the tests' own time-out. */

static void
hostile(void)
{
    size_t    i;
    result_t  r;
    ed_str_t  html;

    static const struct {
        const char  *before;
        const char  *what;
    } attacks[] = {
        { "<article>", "<p>" },
        { "<article>", "<p><b>x" },
        { "<article>", "</p>" },
        { "<article>", "<p>READ MORE: <a href=/x>T</a></p>" },
        { "<article>", "<p>The same sentence stands here again.</p>" },
        { "<article>", "<p>The same sentence. Another one follows it </p>" },
        { "<article><p>", "One more sentence. " },
        { "<article><p>", "&amp;&nbsp;&lt" },
        { "<article><p>", "<b>a</b>" },
        { "<article>", "<" },
        { "<article>", "<!--" },
        { "<article><a ", "b=c " },
        { "", "<article class=" },
        { "", "<meta name=author content=x>" },
        { "<article>", "<section><p>x</section>" }
    };

    for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        html = repeat(attacks[i].before, attacks[i].what,
                      1000000 / strlen(attacks[i].what), "");

        ok(run(html, 16384, &r), "a megabyte of %s", attacks[i].what);

        result_free(&r);
        free((void *) (uintptr_t) html.data);
    }
}


/* The spans serve any edition; the assets come once, before the first piece. */

static void
editions(void)
{
    size_t            i, n;
    ed_walk_t         walk;
    ed_edition_t      edition;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans, *span, *next;

    page.opinion = ED_OPINION_AUTO;
    policy.stylesheet = ED_STR("/s.css");

    rw = ed_rewrite_create(&policy, &page);
    ed_rewrite_feed(rw, (const uint8_t *) plain, sizeof(plain) - 1, 1, &spans,
                    &n);

    memset(&edition, 0, sizeof(ed_edition_t));
    ed_walk_init(&walk, &edition, ed_rewrite_assets(rw));
    i = 0;

    do {
        span = ed_walk_next(&walk, spans, n, &i);
    } while (span != NULL && span->kind == ED_SPAN_SOURCE);

    ok(span == NULL, "all features off: the source alone");

    edition.variant[ED_DISCLAIMER] = 1;
    ed_walk_init(&walk, &edition, ed_rewrite_assets(rw));
    i = 0;

    do {
        span = ed_walk_next(&walk, spans, n, &i);
    } while (span != NULL && span->kind == ED_SPAN_SOURCE);

    next = ed_walk_next(&walk, spans, n, &i);

    ok(span != NULL && span->kind == ED_SPAN_ASSETS, "first the assets");
    ok(next != NULL && next->kind == ED_SPAN_FURNITURE
       && next->feature == ED_DISCLAIMER, "then the only piece");

    while (ed_walk_next(&walk, spans, n, &i) != NULL) { /* void */ }

    is_num(walk.pieces, 1, "one piece");

    ed_rewrite_destroy(rw);
    policy.stylesheet = ED_STR("");
}


/* All features off, all tested: markers where the first pieces would stand. */

static void
markers(void)
{
#define M(feature)  "<span data-editorial-test=\"" feature "\"></span>"
#define A           "<article>" P P P P

    page.opinion = ED_OPINION_NO;

    marked("no piece, no marker", ED_STR(A "</article>"), 7, A "</article>");

    marked("before a wrapper", ED_STR(A "<p>READ MORE: <a href='/x'>T</a></p>"
                                      P "</article>"), 7,
           A M("read_more") "<p>READ MORE: <a href='/x'>T</a></p>" P
           "</article>");

    marked("another feature is tested",
           ED_STR(A "<p>READ MORE: <a href='/x'>T</a></p>" P "</article>"), 6,
           A "<p>READ MORE: <a href='/x'>T</a></p>" P "</article>");

#define TIDE  "The tide has turned for the harbour."

    marked("in the paragraph of a highlight",
           ED_STR(A "<p>So it is. The <b>tide has</b> turned for the harbour."
                  "</p><p>" TIDE "</p>" P "</article>"), 7,
           A "<p>So it is. " M("pull_quote") "The <b>tide has</b> turned for "
           "the harbour.</p><p>" TIDE "</p>" P "</article>");

    marked("one before the first of two",
           ED_STR(A "<p>READ MORE: <a href='/x'>T</a></p>" P
                  "<p>READ MORE: <a href='/y'>U</a></p>" P "</article>"), 1,
           A M("read_more") "<p>READ MORE: <a href='/x'>T</a></p>" P
           "<p>READ MORE: <a href='/y'>U</a></p>" P "</article>");

    page.opinion = ED_OPINION_YES;

    marked("the disclaimer's", ED_STR(A "</article>x"), 4,
           A M("disclaimer") "</article>x");

    marked("two", ED_STR("<article>" P "<p>READ MORE: <a href='/x'>T</a></p>"
                         "</article>"), 7,
           "<article>" P M("read_more") "<p>READ MORE: <a href='/x'>T</a></p>"
           M("disclaimer") "</article>");

    policy.stylesheet = ED_STR("/s.css");

    marked("the assets stand before", ED_STR(A "</article>x"), 4,
           A "<link rel=\"stylesheet\" href=\"/s.css\">" M("disclaimer")
           "</article>x");

    marked("none on an AMP page", ED_STR("<html amp><body>" A "</article>"),
           7, "<html amp><body>" A "</article>");

    policy.stylesheet = ED_STR("");

    marked("none where one is already",
           ED_STR(A M("pull_quote") "</article>"), 7,
           A M("pull_quote") "</article>");

    marked("one behind the article does not matter",
           ED_STR(A "</article>" M("pull_quote")), 4,
           A M("disclaimer") "</article>" M("pull_quote"));

    marked("another's does not", ED_STR(A M("footer") "</article>"), 4,
           A M("disclaimer") M("footer") "</article>");

    page.charset = ED_STR("shift_jis");
    marked("in Shift_JIS", ED_STR(A "</article>\x83\x5c"), 4,
           A M("disclaimer") "</article>\x83\x5c");
    page.charset = ED_STR_EMPTY;
    page.opinion = ED_OPINION_AUTO;

#undef M
#undef A
#undef TIDE
}


static void
marked(const char *name, ed_str_t html, unsigned tested, const char *want)
{
    size_t            i, n;
    ed_buf_t          out;
    ed_walk_t         walk;
    ed_edition_t      edition;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans, *span;

    memset(&edition, 0, sizeof(ed_edition_t));
    edition.tested = (uint8_t) tested;

    ed_buf_init(&out, SIZE_MAX);

    rw = ed_rewrite_create(&policy, &page);
    ed_rewrite_feed(rw, html.data, html.len, 1, &spans, &n);
    ed_walk_init(&walk, &edition, ed_rewrite_assets(rw));
    i = 0;

    for ( ;; ) {
        span = ed_walk_next(&walk, spans, n, &i);
        if (span == NULL) {
            break;
        }

        (void) ed_buf_append(&out, span->data, span->len);
    }

    is_str(ed_str(out.data, out.len), want, "markers: %s", name);
    is_num(walk.pieces, 0, "they are no pieces");

    ed_buf_free(&out);
    ed_rewrite_destroy(rw);
}


static void
no_memory(void)
{
    int       kept, refused;
    long      n;
    result_t  r;

    refused = 1;

    for (n = 0; n < 20000 && refused; n++) {
        ed_rewrite_t     *rw;
        const ed_span_t  *spans;
        size_t            i, count, at;

        ed_test_fail_after(n);
        rw = ed_rewrite_create(&policy, &page);
        refused = ed_test_refused;

        if (rw == NULL) {
            ed_test_fail_after(-1);
            continue;
        }

        ed_rewrite_feed(rw, (const uint8_t *) plain, 100, 0, &spans, &count);
        at = count == 1 ? spans[0].len : 0;

        ed_rewrite_feed(rw, (const uint8_t *) plain + 100, sizeof(plain) - 101,
                        1, &spans, &count);
        refused = ed_test_refused;
        ed_test_fail_after(-1);

        kept = (at == 100);

        for (i = 0; i < count; i++) {
            if (spans[i].kind == ED_SPAN_SOURCE) {
                kept &= memcmp(plain + at, spans[i].data, spans[i].len) == 0;
                at += spans[i].len;
            }
        }

        if (!kept || at != sizeof(plain) - 1) {
            ok(0, "no memory from allocation %ld on: bytes are lost", n);
            ed_rewrite_destroy(rw);
            return;
        }

        ed_rewrite_destroy(rw);
    }

    ok(n > 10 && !refused, "no memory from any of %ld allocations on", n);

    kept = run(ED_STR(plain), SIZE_MAX, &r);
    ok(kept && r.skip == ED_SKIP_NONE, "and then all is well again");
    result_free(&r);
}


static ed_str_t
repeat(const char *before, const char *what, size_t n, const char *after)
{
    size_t    len;
    uint8_t  *p, *s;

    len = strlen(before) + n * strlen(what) + strlen(after);
    s = malloc(len + 1);
    p = s + strlen(before);

    memcpy(s, before, strlen(before));

    while (n-- != 0) {
        memcpy(p, what, strlen(what));
        p += strlen(what);
    }

    memcpy(p, after, strlen(after) + 1);

    return ed_str(s, len);
}
