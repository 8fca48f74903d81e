
/*
 * Template files.  The input is one.  Where it compiles:
 *
 *     - What it renders is one element, which begins and ends with the
 *       template's own bytes and leaves nothing open for what follows it.
 *     - The values do not matter: plain ones and hostile ones give the same
 *       elements with the same attributes.
 */

#include "ed_fuzz.h"
#include "ed_markup.h"
#include "ed_tree.h"


#define MAX_ERROR  512


/* An element, and the names of its attributes. */
typedef struct {
    uint32_t           tag;
    uint32_t           flags;
    uint32_t           depth;
    uint32_t           nattrs;
    uint64_t           name;
    uint64_t           attrs;
} shape_t;


typedef struct {
    uint64_t           begin;          /* of the piece in the page */
    uint64_t           end;
    unsigned           roots;
    unsigned           tail:1;
    ed_buf_t           shapes;         /* of shape_t */
} shapes_t;


static const ed_piece_t  plain = {
    .variant = ED_STR("box"),
    .label = ED_STR("Read more"),
    .url = ED_STR("/news"),
    .title = ED_STR("A title"),
    .quote = ED_STR("A quote"),
    .text = ED_STR("A text")
};

static const ed_piece_t  hostile[] = {
    {
        .variant = ED_STR("box"),
        .label = ED_STR("\"><script>x</script><p class='"),
        .url = ED_STR("//x.example/\"'><b>?a=&lt;&quot;`{{title}}"),
        .title = ED_STR("</a></title></textarea></style><!--"),
        .quote = ED_STR("' onclick='x' ]]> &amp &#0; \xff\xc0\x80 \0 \x1b"),
        .text = ED_STR("{{label}}<\xef\xbb\xbf/p><plaintext>")
    },
    {
        .variant = ED_STR("box"),
        .label = ED_STR(" x=y/"),
        .url = ED_STR(" \tht\ntps:\\\\x/ "),
        .title = ED_STR("-->`<"),
        .quote = ED_STR("\n"),
        .text = ED_STR("=")
    },
    {
        .variant = ED_STR("")
    }
};


static void render(const ed_template_t *tpl, const ed_piece_t *piece,
    unsigned feature, shapes_t *shapes);
static void read_page(shapes_t *shapes, ed_str_t page);
static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);


static const ed_tree_handler_t  handler = { on_open, on_close, NULL };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char            error[MAX_ERROR];
    size_t          i;
    ed_rc_t         rc;
    unsigned        feature;
    shapes_t        want, got;
    ed_arena_t     *arena;
    ed_template_t  *tpl;

    arena = ed_arena_create(4 << 20);
    fuzz_check(arena != NULL, "no memory");

    memset(error, 'x', sizeof(error));
    rc = ed_template_compile(arena, ed_str(data, size), &tpl, error,
                             sizeof(error));

    if (rc != ED_OK) {
        fuzz_check(memchr(error, '\0', sizeof(error)) != NULL,
                   "the reason has no end");
        fuzz_check(rc != ED_INVALID || error[0] != '\0',
                   "refused without a reason");
        ed_arena_destroy(arena);
        return 0;
    }

    for (feature = 0; feature < ED_FEATURES; feature++) {
        render(tpl, &plain, feature, &want);

        for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
            render(tpl, &hostile[i], feature, &got);
            fuzz_check(fuzz_buf_eq(&want.shapes, &got.shapes),
                       "values %zu make other elements", i);
            ed_buf_free(&got.shapes);
        }

        ed_buf_free(&want.shapes);
    }

    ed_arena_destroy(arena);

    return 0;
}


static void
render(const ed_template_t *tpl, const ed_piece_t *template_piece,
    unsigned feature, shapes_t *shapes)
{
    ed_rc_t     rc;
    ed_buf_t    page;
    ed_piece_t  piece;

    memset(shapes, 0, sizeof(shapes_t));
    ed_buf_init(&shapes->shapes, SIZE_MAX / 4);
    ed_buf_init(&page, SIZE_MAX / 4);

    piece = *template_piece;
    piece.feature = (ed_feature_e) feature;

    (void) ed_buf_literal(&page, "<!doctype html><body><article><p>x</p>");
    shapes->begin = page.len;

    rc = ed_markup_piece(&page, tpl, &piece);
    fuzz_check(rc == ED_OK, "it does not render: %u", rc);

    shapes->end = page.len;
    (void) ed_buf_literal(&page, "<p id=tail>x</p></article>");

    read_page(shapes, ed_str(page.data, page.len));
    ed_buf_free(&page);

    fuzz_check(shapes->roots == 1, "%u root elements", shapes->roots);
    fuzz_check(shapes->tail, "what follows it is not where it was");
}


static void
read_page(shapes_t *shapes, ed_str_t page)
{
    ed_rc_t     rc;
    ed_tree_t  *tree;

    tree = ed_tree_create(&handler, shapes);
    fuzz_check(tree != NULL, "no memory");

    rc = ed_tree_feed(tree, page.data, page.len);

    if (rc == ED_OK) {
        rc = ed_tree_finish(tree);
    }

    fuzz_check(rc == ED_OK, "a tree cannot be made: %u", rc);

    ed_tree_destroy(tree);
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    size_t     i;
    shape_t    shape;
    shapes_t  *shapes;

    shapes = ctx;

    if (el->start < shapes->begin) {
        return ED_OK;
    }

    if (el->start >= shapes->end) {
        fuzz_check(el->tag == ED_TAG_P && !el->implied && !el->displaced,
                   "formatting is left open");
        shapes->tail = (parent->tag == ED_TAG_ARTICLE
                        && parent->start < shapes->begin);
        return ED_OK;
    }

    fuzz_check(!el->displaced, "an element is moved");

    if (parent->start < shapes->begin) {
        fuzz_check(parent->tag == ED_TAG_ARTICLE && el->start == shapes->begin,
                   "the root begins elsewhere");
        shapes->roots++;
    }

    memset(&shape, 0, sizeof(shape_t));
    shape.tag = el->tag;
    shape.flags = (uint32_t) (el->ns | el->implied << 4);
    shape.depth = el->depth;

    if (token != NULL) {
        shape.name = ed_tag_hash(token->name);
        shape.nattrs = token->nattrs;

        for (i = 0; i < token->nattrs; i++) {
            shape.attrs = shape.attrs * 31
                          + ed_tag_hash(token->attrs[i].name);
        }
    }

    fuzz_append(&shapes->shapes, &shape, sizeof(shape_t));

    return ED_OK;
}


static ed_rc_t
on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    shapes_t  *shapes;

    shapes = ctx;

    if (el->start < shapes->begin || el->start >= shapes->end) {
        return ED_OK;
    }

    fuzz_check(end <= shapes->end, "it ends in what follows");

    if (el->start == shapes->begin) {
        fuzz_check(end == shapes->end && end_tag_start != end
                   && formatting == 0, "the root ends elsewhere");
    }

    return ED_OK;
}
