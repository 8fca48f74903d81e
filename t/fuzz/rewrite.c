
/*
 * The rewriter.  The input's first three bytes choose a policy, the page's
 * charset and, bit by bit, what is known of the page:
 *
 *     1  it is an opinion piece       4  a record with links, and quotes out
 *     2  a record, as JSON, up to        of the page
 *        an RS (0x1e), comes next     8  its URL
 *    64  every feature is tested    128  every feature is off
 *
 * The rest is the page.
 *
 *     - The source spans are the page.
 *     - The control edition, and what explain says, are the same however the
 *       page is cut.
 *     - Every piece of furniture is an element of the result.
 *     - Each feature that has a piece has one marker, directly before its
 *       first piece; on an AMP page none has.
 *     - The page's own elements begin and end where they did, but for what
 *       stands in an element that the page left open.
 *     - What the page leaves open formats no furniture but the disclaimer,
 *       which has one place only.  (Where it formats the page's own
 *       paragraphs again, it may.)
 *     - Nothing is added to the result when it is rewritten again.
 */

#include "ed_fuzz_policy.h"
#include "ed_rewrite.h"


#define MAX_LINES   8          /* NULL ends them */
#define MAX_QUOTE   160
#define HEAD        3

#define OPINION     1
#define JSON        2
#define OWN_RECORD  4
#define URL         8
#define TESTED      64
#define OFF         128


/* What came out, and where each byte of it stands in the page. */
typedef struct {
    ed_buf_t           source;
    ed_buf_t           control;
    ed_buf_t           from;           /* of uint32_t: the page's byte, or
                                          the next one with the flags below */
    char              *explain;
    ed_skip_e          skip;
    unsigned           pieces;
    unsigned           placed;         /* features that have pieces, */
    unsigned           marked;         /* and that have a marker */
} result_t;

#define FURNITURE  0x80000000
#define OBLIGED    0x40000000              /* a disclaimer */
#define FLAGS      (FURNITURE | OBLIGED)


/* An element that has a start tag in the page. */
typedef struct {
    uint32_t           tag;
    uint32_t           ns;
    uint32_t           displaced;
    uint32_t           around;         /* an <a> is open before it, or some
                                          element was left open */
    uint32_t           start;
    uint32_t           start_tag_end;
    uint32_t           end_tag_start;
    uint32_t           end;
} element_t;


typedef struct {
    const uint32_t    *from;           /* NULL: it is the page itself */
    size_t             len;
    ed_buf_t           elements;       /* of element_t */
    unsigned           pieces;
    unsigned           links;          /* open <a>s of the page */
    unsigned           again:1;        /* the page itself has formatting
                                          elements that are made again */
    uint64_t           ended_at;       /* where elements ended last that
                                          have no end tag there */
    unsigned           ended[ED_TAG_COUNT];    /* how many of each did */
} elements_t;


static const char *const  policies[][MAX_LINES] = {

    { NULL },

    { "editorial_read_more|box|after=1|every=1|max=9",
      "editorial_pull_quote|quote|mode=both|max=9",
      "editorial_disclaimer|standard|text=Own views.|position=start" },

    { "editorial_exclude|//aside|//*[contains(@class, 'no')]/..|//p[2]",
      "editorial_stylesheet|/furniture.css?a=1&b=2",
      "editorial_script|/furniture.js|beacon=/beacon",
      "editorial_desk|news",
      "editorial_read_more|box|after=1|every=2" },

    { "editorial_read_more|card|template=card.html|after=1|every=1",
      "editorial_pull_quote|quote|template=figure.html|mode=aside",
      "editorial_disclaimer|table|template=table.html|text=Own views." },

    { "editorial_read_more|box|after=1|every=1",
      "editorial_read_more|late|after=3|label=Also",
      "editorial_pull_quote|mark|mode=highlight",
      "editorial_pull_quote|aside|mode=aside|detect=off",
      "editorial_disclaimer|standard",
      "editorial_disclaimer|short|text=Own.|position=start",
      "editorial_stylesheet|/s.css" },

    { "editorial_article|[data-story~=main]|div.story|section#s|body",
      "editorial_read_more|box|after=1|every=1",
      "editorial_pull_quote|off" },

    { "editorial_article|section|div",
      "editorial_pull_quote|mark|mode=highlight",
      "editorial_read_more|off" },

    { "editorial_max_size|400",
      "editorial_read_more|box|after=1|every=1" }
};

#define POLICIES  (sizeof(policies) / sizeof(policies[0]))


static const char *const  charsets[] = {
    "", "utf-8", "windows-1251", "shift_jis", "gb18030", "iso-8859-1",
    "big5", "utf-16"
};

#define CHARSETS  (sizeof(charsets) / sizeof(charsets[0]))


static const ed_policy_t *policy_of(uint8_t byte);
static void own_record(ed_record_t *record, ed_arena_t *arena, ed_str_t page);
static ed_str_t own_quote(ed_str_t page, size_t from);
static void run(result_t *r, const ed_policy_t *policy, const ed_page_t *page,
    ed_str_t html, uint8_t bits, int whole);
static void note(result_t *r, const ed_span_t *spans, size_t n, size_t i);
static void add(result_t *r, const ed_span_t *span);
static void result_free(result_t *r);
static void compare(const result_t *a, const result_t *b, ed_str_t html);
static void check_elements(const result_t *r, ed_str_t html);
static int read_elements(elements_t *e, ed_str_t html);
static void check_element(const element_t *was, const element_t *is, size_t i);
static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);
static void note_end(elements_t *e, const ed_element_t *el, uint64_t end);
static void check_again(elements_t *e, const ed_element_t *el);
static uint32_t place(const elements_t *e, uint64_t at);
static uint32_t place_end(const elements_t *e, uint64_t at);


static const ed_tree_handler_t  handler = { on_open, on_close, NULL };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                error[ED_MAX_ERROR];
    uint8_t             bits;
    ed_str_t            html, json;
    result_t            whole, cut, again;
    ed_page_t           page;
    ed_arena_t         *arena;
    const char         *charset;
    ed_record_t         record;
    const ed_policy_t  *policy;

    if (size < HEAD) {
        return 0;
    }

    policy = policy_of(data[0]);
    charset = charsets[data[1] % CHARSETS];
    bits = data[2];
    html = ed_str(data + HEAD, size - HEAD);

    arena = ed_arena_create(16 << 20);
    fuzz_check(arena != NULL, "no memory");

    memset(&page, 0, sizeof(ed_page_t));
    page.charset = ed_str(charset, strlen(charset));
    page.opinion = bits & OPINION ? ED_OPINION_YES : ED_OPINION_AUTO;
    page.explain = 1;

    if (bits & URL) {
        page.scheme = ED_STR("https");
        page.host = ED_STR("news.example");
        page.uri = ED_STR("/story");
    }

    if (bits & JSON) {
        json = fuzz_head(&html, 0x1e);

        if (ed_record_parse(arena, json, &record, error, sizeof(error))
            == ED_OK)
        {
            page.record = &record;
        }

    } else if (bits & OWN_RECORD) {
        own_record(&record, arena, html);
        page.record = &record;
    }

    run(&whole, policy, &page, html, bits, 1);
    run(&cut, policy, &page, html, bits, 0);
    compare(&whole, &cut, html);

    if (whole.control.len != html.len) {
        check_elements(&whole, html);

        run(&again, policy, &page, ed_str(whole.control.data,
                                          whole.control.len), bits, 0);
        fuzz_check(again.pieces == 0, "%u pieces more", again.pieces);
        fuzz_check(again.marked == 0, "%u markers more", again.marked);
        result_free(&again);
    }

    result_free(&whole);
    result_free(&cut);
    ed_arena_destroy(arena);

    return 0;
}


/* Made once. */

static const ed_policy_t *
policy_of(uint8_t byte)
{
    char                error[ED_MAX_ERROR];
    ed_rc_t             rc;
    unsigned            i;
    const char *const  *lines;
    ed_policy_t        *policy;
    static ed_arena_t  *arena;
    static ed_policy_t  made[POLICIES];

    if (arena == NULL) {
        arena = ed_arena_create(16 << 20);
        fuzz_check(arena != NULL, "no memory");
    }

    policy = &made[byte % POLICIES];

    if (policy->article != NULL) {
        return policy;
    }

    lines = policies[byte % POLICIES];
    ed_policy_init(policy, arena);

    for (i = 0; i < MAX_LINES && lines[i] != NULL; i++) {
        rc = fuzz_directive(policy, ed_str(lines[i], strlen(lines[i])),
                            error);
        fuzz_check(rc == ED_OK, "%s: %s", lines[i], error);
    }

    fuzz_check(ed_policy_merge(policy, NULL) == ED_OK, "no memory");

    return policy;
}


static void
own_record(ed_record_t *record, ed_arena_t *arena, ed_str_t page)
{
    unsigned  i;

    memset(record, 0, sizeof(ed_record_t));

    record->links = ed_arena_zalloc(arena, 2 * sizeof(ed_link_t));
    record->quotes = ed_arena_zalloc(arena, 2 * sizeof(ed_str_t));
    fuzz_check(record->links != NULL && record->quotes != NULL, "no memory");

    record->links[0].url = ED_STR("/one");
    record->links[0].title = ED_STR("One <\xc3\xa9> & \"two\"");
    record->links[0].after = 1 + page.len % 5;
    record->links[1].url = ED_STR("https://else.example/?a=1&b='x'");
    record->links[1].title = ED_STR("Two");
    record->nlinks = 2;

    for (i = 0; i < 2; i++) {
        record->quotes[i] = own_quote(page, page.len * (1 + i) / 3);
        record->nquotes += (record->quotes[i].len != 0);

        if (record->quotes[i].len == 0) {
            break;
        }
    }
}


/* The text behind the next tag, as far as it is UTF-8. */

static ed_str_t
own_quote(ed_str_t page, size_t from)
{
    size_t          n;
    uint32_t        code;
    const uint8_t  *p, *start, *end;

    end = page.data + page.len;
    p = from < page.len ? memchr(page.data + from, '>', page.len - from)
                        : NULL;

    if (p == NULL) {
        return ED_STR_EMPTY;
    }

    start = ++p;

    while (p < end && p - start < MAX_QUOTE && *p != '<' && *p != '\0') {
        n = ed_utf8_get(p, (size_t) (end - p), &code);

        if (code == 0xfffd) {
            break;
        }

        p += n;
    }

    return ed_str(start, (size_t) (p - start));
}


static void
run(result_t *r, const ed_policy_t *policy, const ed_page_t *page,
    ed_str_t html, uint8_t bits, int whole)
{
    size_t            i, n;
    ed_walk_t         walk;
    fuzz_cuts_t       cuts;
    ed_edition_t      edition;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans, *span;

    memset(r, 0, sizeof(result_t));
    ed_buf_init(&r->source, SIZE_MAX / 4);
    ed_buf_init(&r->control, SIZE_MAX / 4);
    ed_buf_init(&r->from, SIZE_MAX / 4);

    rw = ed_rewrite_create(policy, page);
    fuzz_check(rw != NULL, "no memory");

    ed_edition_control(&edition, policy);
    ed_edition_overrule(&edition, policy, page->record);

    if (bits & OFF) {
        memset(&edition, 0, sizeof(ed_edition_t));
    }

    edition.tested = bits & TESTED ? (1 << ED_FEATURES) - 1 : 0;

    ed_walk_init(&walk, &edition, ED_STR_EMPTY);
    fuzz_cuts_init(&cuts, html, whole);

    while (fuzz_cuts_next(&cuts)) {
        ed_rewrite_feed(rw, cuts.chunk, cuts.len, cuts.left.len == 0, &spans,
                        &n);

        for (i = 0; i < n; i++) {
            note(r, spans, n, i);
        }

        walk.assets.data = ed_rewrite_assets(rw).data;
        walk.assets.len = ed_rewrite_assets(rw).len;
        i = 0;

        for ( ;; ) {
            span = ed_walk_next(&walk, spans, n, &i);

            if (span == NULL) {
                break;
            }

            add(r, span);
        }
    }

    fuzz_check(html.len == 0 || ed_rewrite_settled(rw), "it stays open");

    fuzz_check(r->marked == r->placed
               || (r->marked == 0 && ed_rewrite_assets(rw).len == 0),
               "markers of %x, pieces of %x", r->marked, r->placed);

    r->pieces = walk.pieces;
    r->skip = ed_rewrite_skip(rw);
    r->explain = ed_rewrite_explain(rw);

    ed_rewrite_destroy(rw);
}


static void
note(result_t *r, const ed_span_t *spans, size_t n, size_t i)
{
    unsigned          bit;
    const ed_span_t  *span, *next;

    span = &spans[i];
    next = i + 1 < n ? span + 1 : NULL;
    bit = 1u << span->feature;

    switch (span->kind) {

    case ED_SPAN_SOURCE:
        fuzz_append(&r->source, span->data, span->len);
        break;

    case ED_SPAN_FURNITURE:
        r->placed |= bit;
        break;

    case ED_SPAN_MARKER:
        fuzz_check(!((r->placed | r->marked) & bit), "a marker comes late");
        fuzz_check(next != NULL && next->kind == ED_SPAN_FURNITURE
                   && next->feature == span->feature && next->piece,
                   "a marker before no piece");
        r->marked |= bit;
        break;

    default:
        fuzz_check(0, "a span of kind %u", span->kind);
    }
}


static void
add(result_t *r, const ed_span_t *span)
{
    size_t     i, at;
    uint32_t   flags, *from;

    at = ed_buf_count(&r->from, uint32_t);
    from = ed_buf_extend(&r->from, span->len * sizeof(uint32_t));
    fuzz_check(from != NULL, "no memory");

    at = at == 0 ? 0 : from[-1] & ~FLAGS;

    if (from != ed_buf_at(&r->from, uint32_t, 0)
        && (from[-1] & FURNITURE) == 0)
    {
        at++;
    }

    flags = span->kind != ED_SPAN_ASSETS
            && span->feature == ED_DISCLAIMER ? FLAGS : FURNITURE;

    for (i = 0; i < span->len; i++) {
        from[i] = span->kind == ED_SPAN_SOURCE ? (uint32_t) (at + i)
                                               : (uint32_t) at | flags;
    }

    fuzz_append(&r->control, span->data, span->len);
}


static void
result_free(result_t *r)
{
    ed_buf_free(&r->source);
    ed_buf_free(&r->control);
    ed_buf_free(&r->from);
    free(r->explain);
}


static void
compare(const result_t *a, const result_t *b, ed_str_t html)
{
    fuzz_check(ed_str_eq(ed_str(a->source.data, a->source.len), html),
               "whole: the source spans are not the page");
    fuzz_check(ed_str_eq(ed_str(b->source.data, b->source.len), html),
               "cut: the source spans are not the page");

    fuzz_check(a->skip == b->skip, "cut: skip %u, was %u", b->skip, a->skip);
    fuzz_check(fuzz_buf_eq(&a->control, &b->control), "cut: another result");
    fuzz_check((a->explain == NULL) == (b->explain == NULL)
               && (a->explain == NULL || strcmp(a->explain, b->explain) == 0),
               "cut: explained otherwise:\n%s\n%s", a->explain, b->explain);
}


static void
check_elements(const result_t *r, ed_str_t html)
{
    size_t      i, n;
    elements_t  was, is;

    memset(&was, 0, sizeof(elements_t));
    memset(&is, 0, sizeof(elements_t));

    ed_buf_init(&was.elements, SIZE_MAX / 4);
    ed_buf_init(&is.elements, SIZE_MAX / 4);

    was.len = html.len;
    is.from = ed_buf_at(&r->from, const uint32_t, 0);
    is.len = r->control.len;

    /* a limit that the page only just keeps is passed with furniture in it */

    if (!read_elements(&was, html)) {
        goto done;
    }

    is.again = was.again;

    if (read_elements(&is, ed_str(r->control.data, r->control.len))) {
        fuzz_check(is.pieces >= r->pieces, "%u pieces, but %u elements",
                   r->pieces, is.pieces);

        n = ed_buf_count(&was.elements, element_t);
        fuzz_check(n == ed_buf_count(&is.elements, element_t),
                   "%zu elements, were %zu",
                   ed_buf_count(&is.elements, element_t), n);

        for (i = 0; i < n; i++) {
            check_element(ed_buf_at(&was.elements, const element_t, i),
                          ed_buf_at(&is.elements, const element_t, i), i);
        }
    }

done:

    ed_buf_free(&was.elements);
    ed_buf_free(&is.elements);
}


static int
read_elements(elements_t *e, ed_str_t html)
{
    ed_rc_t     rc;
    ed_tree_t  *tree;

    tree = ed_tree_create(&handler, e);
    fuzz_check(tree != NULL, "no memory");

    rc = ed_tree_feed(tree, html.data, html.len);

    if (rc == ED_OK) {
        rc = ed_tree_finish(tree);
    }

    ed_tree_destroy(tree);

    return rc == ED_OK;
}


static void
check_element(const element_t *was, const element_t *is, size_t i)
{
    fuzz_check(was->tag == is->tag && was->ns == is->ns
               && was->start == is->start
               && was->start_tag_end == is->start_tag_end,
               "element %zu is %s at %u, was %s at %u", i,
               ed_tag_info[is->tag].name, is->start,
               ed_tag_info[was->tag].name, was->start);

    /*
     * An <a> left open around the article is ended by the next link, be it
     * ours, and what stands in it moved or ended with it.
     */

    fuzz_check(was->displaced == is->displaced || is->around,
               "<%s> at %u is moved", ed_tag_info[is->tag].name, is->start);

    fuzz_check(was->tag == ED_TAG_A || is->around
               || (was->end_tag_start == is->end_tag_start
                   && was->end == is->end),
               "<%s> at %u ends with [%u, %u), not [%u, %u)",
               ed_tag_info[is->tag].name, is->start, is->end_tag_start,
               is->end, was->end_tag_start, was->end);
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    size_t       i;
    element_t    element;
    elements_t  *e;

    (void) parent;

    e = ctx;

    if (token == NULL) {
        if (ed_tag_info[el->tag].flags & ED_IS_FORMATTING) {
            check_again(e, el);
        }

        return ED_OK;
    }

    if (e->from != NULL && (e->from[el->start] & FURNITURE)) {

        /* text that a table moves out of it takes its mark along, and the
           stylesheet and the marker before that */

        fuzz_check(!el->displaced || el->tag == ED_TAG_MARK
                   || el->tag == ED_TAG_LINK || el->tag == ED_TAG_SPAN,
                   "furniture is moved");

        for (i = 0; i < token->nattrs; i++) {
            e->pieces += ed_str_eq(token->attrs[i].name,
                                   ED_STR("data-editorial"));
        }

        return ED_OK;
    }

    memset(&element, 0, sizeof(element_t));

    element.tag = el->tag;
    element.ns = el->ns;
    element.around = (e->links != 0 || e->again);
    element.start = place(e, el->start);
    element.start_tag_end = place_end(e, el->start_tag_end);

    fuzz_append(&e->elements, &element, sizeof(element_t));
    el->data = (void *) (uintptr_t) ed_buf_count(&e->elements, element_t);
    e->links += (el->tag == ED_TAG_A);

    return ED_OK;
}


static ed_rc_t
on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    element_t   *element;
    elements_t  *e;

    (void) formatting;

    e = ctx;

    if (end == end_tag_start) {
        note_end(e, el, end);
    }

    if (el->data == NULL) {
        return ED_OK;
    }

    element = ed_buf_at(&e->elements, element_t,
                        (uintptr_t) el->data - 1);
    element->displaced = el->displaced;
    e->links -= (el->tag == ED_TAG_A);
    element->end_tag_start = place(e, end_tag_start);
    element->end = end != end_tag_start ? place_end(e, end)
                                        : element->end_tag_start;
    return ED_OK;
}


static void
note_end(elements_t *e, const ed_element_t *el, uint64_t end)
{
    if (e->ended_at != end) {
        memset(e->ended, 0, sizeof(e->ended));
        e->ended_at = end;
    }

    e->ended[el->tag]++;
}


/*
 * A formatting element is made again; for <a> see check_element().
 *
 * Where one like it ends just there without an end tag, that was around the
 * place in the page too, and only goes on: a link in furniture ends the <a>
 * that was left open around the article, and what is open between that and the
 * article is made again around the article.
 */

static void
check_again(elements_t *e, const ed_element_t *el)
{
    if (e->from == NULL) {
        e->again = 1;
        return;
    }

    if (e->ended_at == el->start && e->ended[el->tag] != 0) {
        e->ended[el->tag]--;
        return;
    }

    fuzz_check(e->again || el->tag == ED_TAG_A || el->start == 0
               || el->start >= e->len
               || (e->from[el->start] & FLAGS) != FURNITURE
               || (e->from[el->start - 1] & FURNITURE) == 0,
               "the page's <%s> formats furniture", ed_tag_info[el->tag].name);
}


/* An offset of the result in the page: of a byte, and behind one. */

static uint32_t
place(const elements_t *e, uint64_t at)
{
    if (e->from == NULL) {
        return (uint32_t) at;
    }

    return at < e->len ? e->from[at] & ~FLAGS
                       : place_end(e, at);
}


static uint32_t
place_end(const elements_t *e, uint64_t at)
{
    uint32_t  from;

    if (e->from == NULL || at == 0) {
        return (uint32_t) at;
    }

    from = e->from[at - 1];

    return from & FURNITURE ? from & ~FLAGS : from + 1;
}
