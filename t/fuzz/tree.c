
/*
 * Tokenizer and tree.  The input is a page.
 *
 *     - Elements and text are the same however the page is cut; elements also
 *       where nobody asks for text.
 *     - Every element is closed once, after its open(); its offsets are in
 *       order and within the page, and an element that was not moved lies
 *       within its parent.
 *     - Text lies where it says.
 */

#include "ed_fuzz.h"
#include "ed_tree.h"


typedef enum {
    OPEN = 1,
    CLOSE,
    TEXT
} kind_t;


/* One call of the handler.  Compared byte by byte, so zeroed first. */
typedef struct {
    uint32_t           kind;
    uint32_t           element;        /* its number; text: the parent's */
    uint32_t           parent;
    uint32_t           depth;
    uint32_t           tag;
    uint32_t           flags;
    uint64_t           name;           /* hash of its start tag, as written */
    uint64_t           start;
    uint64_t           end;
    uint64_t           formatting;
} event_t;


typedef struct {
    ed_tag_t           tag;
    uint32_t           parent;         /* 0: none */
    uint64_t           start;
    uint64_t           end;            /* UINT64_MAX: it is open */
    uint64_t           content;        /* where its last child ended */
} element_t;


typedef struct {
    ed_str_t           page;
    ed_buf_t           events;         /* of event_t */
    ed_buf_t           elements;       /* of element_t, the first unused */
    uint64_t           tag_start;      /* the last end tag that ended one */
    uint64_t           tag_end;
    ed_rc_t            rc;
} run_t;


static void run(run_t *r, ed_str_t page, int whole, int text);
static void run_free(run_t *r);
static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);
static ed_rc_t on_text(void *ctx, ed_element_t *parent, uint64_t offset,
    ed_str_t text);
static void compare(const run_t *a, const run_t *b, const char *what);


static const ed_tree_handler_t  handler = { on_open, on_close, on_text };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_t     whole, cut, silent;
    ed_str_t  page;

    page = ed_str(data, size);

    run(&whole, page, 1, 1);
    run(&cut, page, 0, 1);
    compare(&whole, &cut, "cut in pieces");

    run_free(&cut);
    run_free(&whole);

    run(&whole, page, 1, 0);
    run(&silent, page, 0, 0);
    compare(&whole, &silent, "cut, without text");

    run_free(&silent);
    run_free(&whole);

    return 0;
}


static void
run(run_t *r, ed_str_t page, int whole, int text)
{
    size_t        i;
    element_t    *element;
    ed_tree_t    *tree;
    fuzz_cuts_t   cuts;

    memset(r, 0, sizeof(run_t));
    r->page = page;
    ed_buf_init(&r->events, SIZE_MAX / 4);
    ed_buf_init(&r->elements, SIZE_MAX / 4);
    (void) ed_buf_extend(&r->elements, sizeof(element_t));

    tree = ed_tree_create(&handler, r);
    fuzz_check(tree != NULL, "no memory");
    ed_tree_want_text(tree, text);

    fuzz_cuts_init(&cuts, page, whole);
    r->rc = ED_OK;

    while (fuzz_cuts_next(&cuts)) {
        if (r->rc == ED_OK) {
            r->rc = ed_tree_feed(tree, cuts.chunk, cuts.len);
        }
    }

    if (r->rc == ED_OK) {
        r->rc = ed_tree_finish(tree);
    }

    ed_tree_destroy(tree);

    for (i = 1; r->rc == ED_OK && i < ed_buf_count(&r->elements, element_t);
         i++)
    {
        element = ed_buf_at(&r->elements, element_t, i);
        fuzz_check(element->end != UINT64_MAX, "element %zu stays open", i);
    }
}


static void
run_free(run_t *r)
{
    ed_buf_free(&r->events);
    ed_buf_free(&r->elements);
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    run_t       *r;
    size_t       i;
    event_t      event;
    element_t    element, *outer;

    r = ctx;
    memset(&event, 0, sizeof(event_t));
    memset(&element, 0, sizeof(element_t));

    element.tag = el->tag;
    element.start = el->start;
    element.end = UINT64_MAX;

    if (parent != NULL) {
        element.parent = (uint32_t) (uintptr_t) parent->data;
        fuzz_check(element.parent != 0, "a parent that was never opened");

        outer = ed_buf_at(&r->elements, element_t, element.parent);
        fuzz_check(outer->start <= el->start, "it begins before its parent");
    }

    fuzz_check(el->start <= el->start_tag_end
               && el->start_tag_end <= r->page.len, "its tag's offsets");
    fuzz_check(el->implied == (token == NULL)
               || el->start != el->start_tag_end, "implied, with a tag");

    el->data = (void *) (uintptr_t) ed_buf_count(&r->elements, element_t);

    event.kind = OPEN;
    event.element = (uint32_t) (uintptr_t) el->data;
    event.parent = element.parent;
    event.depth = el->depth;
    event.tag = el->tag;
    event.flags = (uint32_t) (el->ns | el->in_template << 4 | el->implied << 5
                              | el->displaced << 6);
    event.start = el->start;
    event.end = el->start_tag_end;

    if (token != NULL) {
        event.name = ed_tag_hash(token->name);

        for (i = 0; i < token->nattrs; i++) {
            event.name = event.name * 31
                         + ed_tag_hash(token->attrs[i].name) * 7
                         + ed_tag_hash(token->attrs[i].value);
        }
    }

    fuzz_append(&r->elements, &element, sizeof(element_t));
    fuzz_append(&r->events, &event, sizeof(event_t));

    return ED_OK;
}


static ed_rc_t
on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    run_t      *r;
    event_t     event;
    element_t  *element, *parent;

    r = ctx;
    memset(&event, 0, sizeof(event_t));

    event.kind = CLOSE;
    event.element = (uint32_t) (uintptr_t) el->data;
    event.flags = el->displaced;
    event.start = end_tag_start;
    event.end = end;
    event.formatting = formatting;

    fuzz_check(event.element != 0, "closed, but never opened");

    element = ed_buf_at(&r->elements, element_t, event.element);

    fuzz_check(element->end == UINT64_MAX, "closed twice");
    fuzz_check(el->start_tag_end <= end_tag_start && end_tag_start <= end
               && end <= r->page.len, "its offsets: %u %llu %llu %llu",
               el->tag, (unsigned long long) el->start_tag_end,
               (unsigned long long) end_tag_start, (unsigned long long) end);

    element->end = end;

    /*
     * What stands behind </body> or </html> is a child of the body.  Of all
     * that one </b> ends only one has it for its own; the others end before
     * it.
     */

    fuzz_check(element->content <= end || el->tag == ED_TAG_BODY
               || el->tag == ED_TAG_HTML
               || (end == r->tag_start && element->content == r->tag_end),
               "a child of <%s> ends behind it", ed_tag_info[el->tag].name);

    if (end_tag_start != end) {
        r->tag_start = end_tag_start;
        r->tag_end = end;
    }

    if (element->parent != 0 && !el->displaced) {
        parent = ed_buf_at(&r->elements, element_t, element->parent);

        /* </form> and <a> take what they end from among its descendants */

        fuzz_check(parent->end == UINT64_MAX || parent->tag == ED_TAG_FORM
                   || (ed_tag_info[parent->tag].flags & ED_IS_FORMATTING),
                   "its parent <%s> is closed already",
                   ed_tag_info[parent->tag].name);

        if (parent->content < end) {
            parent->content = end;
        }
    }

    fuzz_append(&r->events, &event, sizeof(event_t));

    return ED_OK;
}


static ed_rc_t
on_text(void *ctx, ed_element_t *parent, uint64_t offset, ed_str_t text)
{
    run_t    *r;
    size_t    n;
    event_t   event, *last;

    r = ctx;
    memset(&event, 0, sizeof(event_t));

    event.kind = TEXT;
    event.element = (uint32_t) (uintptr_t) parent->data;
    event.start = offset;
    event.end = offset + text.len;

    fuzz_check(text.len != 0 && event.end <= r->page.len, "no text there");
    fuzz_check(memcmp(r->page.data + offset, text.data, text.len) == 0,
               "another text than the page's");

    /* slices are cut anywhere */

    n = ed_buf_count(&r->events, event_t);

    if (n != 0) {
        last = ed_buf_at(&r->events, event_t, n - 1);

        if (last->kind == TEXT && last->element == event.element
            && last->end == event.start)
        {
            last->end = event.end;
            return ED_OK;
        }
    }

    fuzz_append(&r->events, &event, sizeof(event_t));

    return ED_OK;
}


static void
compare(const run_t *a, const run_t *b, const char *what)
{
    size_t          i, n;
    const event_t  *x, *y;

    n = ed_buf_count(&a->events, event_t);

    for (i = 0; i < n && i < ed_buf_count(&b->events, event_t); i++) {
        x = ed_buf_at(&a->events, const event_t, i);
        y = ed_buf_at(&b->events, const event_t, i);

        fuzz_check(memcmp(x, y, sizeof(event_t)) == 0,
                   "%s: event %zu is %u %u [%llu, %llu), was %u %u [%llu, "
                   "%llu)", what, i, y->kind, y->element,
                   (unsigned long long) y->start, (unsigned long long) y->end,
                   x->kind, x->element, (unsigned long long) x->start,
                   (unsigned long long) x->end);
    }

    fuzz_check(n == ed_buf_count(&b->events, event_t),
               "%s: %zu events, were %zu", what,
               ed_buf_count(&b->events, event_t), n);
    fuzz_check(a->rc == b->rc, "%s: ends with %u, was %u", what, b->rc, a->rc);
}
