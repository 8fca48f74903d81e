
/*
 * spans [--chunk N] FILE
 *
 * Where the elements of a page begin and end: a line an element that has a
 * start tag of its own, in order of start:
 *
 *     start start_tag_end end name
 *
 * in bytes, ends exclusive, the name as the DOM's.  FILE may be "-".  --chunk
 * feeds the page in pieces of N bytes.  A page that is refused gives a line
 * on stderr and exit status 1.
 *
 * spans --batch
 *
 * Many pages, on stdin: a line "LENGTH FIRST STEP", then LENGTH bytes, to be
 * fed as FIRST bytes and then pieces of STEP (0: all the rest at once).  Each
 * page's lines are followed by a line ".", or by "error NAME" alone.
 */

#include <stdio.h>
#include <stdlib.h>

#include "ed_tree.h"


typedef struct {
    uint64_t    start;
    uint64_t    start_tag_end;
    uint64_t    end;
    size_t      name;              /* offset in names */
    size_t      len;
} span_t;


typedef struct {
    ed_buf_t    spans;
    ed_buf_t    names;
} spans_t;


static ed_rc_t spans_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t spans_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);
static ed_rc_t spans_name(spans_t *spans, span_t *span,
    const ed_element_t *el, const ed_token_t *token);
static ed_rc_t spans_of(spans_t *spans, ed_str_t page, size_t first,
    size_t step);
static void spans_print(const spans_t *spans);
static int spans_file(const char *name, size_t chunk);
static int spans_batch(void);
static int spans_read(FILE *file, ed_buf_t *page);
static const char *spans_error(ed_rc_t rc);


static const ed_tree_handler_t  spans_handler = {
    spans_open,
    spans_close,
    NULL
};


int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--batch") == 0) {
        return spans_batch();
    }

    if (argc == 4 && strcmp(argv[1], "--chunk") == 0) {
        return spans_file(argv[3], strtoul(argv[2], NULL, 10));
    }

    if (argc == 2) {
        return spans_file(argv[1], 0);
    }

    fprintf(stderr, "usage: spans [--chunk N] FILE\n       spans --batch\n");

    return 2;
}


static int
spans_file(const char *name, size_t chunk)
{
    int       ok;
    FILE     *file;
    ed_rc_t   rc;
    spans_t   spans;
    ed_buf_t  page;

    file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        return 1;
    }

    ed_buf_init(&page, SIZE_MAX / 4);
    ok = spans_read(file, &page);

    if (file != stdin) {
        fclose(file);
    }

    if (!ok) {
        ed_buf_free(&page);
        fprintf(stderr, "%s: cannot be read\n", name);
        return 1;
    }

    rc = spans_of(&spans, ed_str(page.data, page.len), chunk, chunk);

    if (rc == ED_OK) {
        spans_print(&spans);

    } else {
        fprintf(stderr, "%s: %s\n", name, spans_error(rc));
    }

    ed_buf_free(&spans.spans);
    ed_buf_free(&spans.names);
    ed_buf_free(&page);

    return rc != ED_OK;
}


static int
spans_batch(void)
{
    size_t    len, first, step;
    ed_rc_t   rc;
    uint8_t  *p;
    spans_t   spans;
    ed_buf_t  page;

    ed_buf_init(&page, SIZE_MAX / 4);

    while (scanf("%zu %zu %zu", &len, &first, &step) == 3 && getchar() == '\n')
    {
        page.len = 0;

        if (len != 0) {
            p = ed_buf_extend(&page, len);
            if (p == NULL || fread(p, 1, len, stdin) != len) {
                break;
            }
        }

        rc = spans_of(&spans, ed_str(page.data, len), first, step);

        if (rc == ED_OK) {
            spans_print(&spans);
            puts(".");

        } else {
            printf("error %s\n", spans_error(rc));
        }

        ed_buf_free(&spans.spans);
        ed_buf_free(&spans.names);
    }

    ed_buf_free(&page);

    return 0;
}


static int
spans_read(FILE *file, ed_buf_t *page)
{
    char    chunk[65536];
    size_t  n;

    for ( ;; ) {
        n = fread(chunk, 1, sizeof(chunk), file);

        if (n == 0) {
            return !ferror(file);
        }

        if (ed_buf_append(page, chunk, n) != ED_OK) {
            return 0;
        }
    }
}


/* Each piece in memory of its own, so that a look beyond it is found out. */

static ed_rc_t
spans_of(spans_t *spans, ed_str_t page, size_t first, size_t step)
{
    size_t      pos, len;
    ed_rc_t     rc;
    uint8_t    *piece;
    ed_tree_t  *tree;

    ed_buf_init(&spans->spans, SIZE_MAX / 4);
    ed_buf_init(&spans->names, SIZE_MAX / 4);

    tree = ed_tree_create(&spans_handler, spans);
    if (tree == NULL) {
        return ED_NOMEM;
    }

    rc = ED_OK;
    pos = 0;
    len = first;

    while (pos < page.len && rc == ED_OK) {

        if (len == 0 || len > page.len - pos) {
            len = page.len - pos;
        }

        piece = malloc(len);
        if (piece == NULL) {
            rc = ED_NOMEM;
            break;
        }

        memcpy(piece, page.data + pos, len);
        rc = ed_tree_feed(tree, piece, len);
        free(piece);

        pos += len;
        len = step;
    }

    if (rc == ED_OK) {
        rc = ed_tree_finish(tree);
    }

    ed_tree_destroy(tree);

    return rc;
}


static ed_rc_t
spans_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    span_t    span;
    ed_rc_t   rc;
    spans_t  *spans;

    (void) parent;

    if (token == NULL) {
        return ED_OK;
    }

    spans = ctx;
    span.start = el->start;
    span.start_tag_end = el->start_tag_end;
    span.end = 0;

    rc = spans_name(spans, &span, el, token);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_buf_append(&spans->spans, &span, sizeof(span));
    el->data = (void *) (uintptr_t) ed_buf_count(&spans->spans, span_t);

    return rc;
}


static ed_rc_t
spans_name(spans_t *spans, span_t *span, const ed_element_t *el,
    const ed_token_t *token)
{
    size_t    i;
    ed_rc_t   rc;
    ed_str_t  name;

    name = ed_tag_name(el->tag, el->ns == ED_NS_SVG);

    if (el->tag == ED_TAG_UNKNOWN) {
        name = token->name;
    }

    span->name = spans->names.len;
    span->len = name.len;

    rc = ed_buf_str(&spans->names, name);

    if (rc == ED_OK && el->tag == ED_TAG_UNKNOWN) {
        for (i = span->name; i < spans->names.len; i++) {
            spans->names.data[i] = ed_lower(spans->names.data[i]);
        }
    }

    return rc;
}


static ed_rc_t
spans_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    size_t    i;
    spans_t  *spans;

    (void) end_tag_start;
    (void) formatting;

    spans = ctx;
    i = (size_t) (uintptr_t) el->data;

    if (i != 0) {
        ed_buf_at(&spans->spans, span_t, i - 1)->end = end;
    }

    return ED_OK;
}


static void
spans_print(const spans_t *spans)
{
    size_t   i;
    span_t  *span;

    for (i = 0; i < ed_buf_count(&spans->spans, span_t); i++) {
        span = ed_buf_at(&spans->spans, span_t, i);

        printf("%llu %llu %llu ", (unsigned long long) span->start,
               (unsigned long long) span->start_tag_end,
               (unsigned long long) span->end);

        fwrite(spans->names.data + span->name, 1, span->len, stdout);
        putchar('\n');
    }
}


static const char *
spans_error(ed_rc_t rc)
{
    switch (rc) {

    case ED_NOMEM:
        return "no memory";

    case ED_LIMIT_DEPTH:
        return "depth limit";

    case ED_LIMIT_TOKEN:
        return "token limit";

    case ED_LIMIT_WORK:
        return "work limit";

    default:
        return "failed";
    }
}
