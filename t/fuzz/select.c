
/*
 * Selectors of editorial_article.  The input's first line is selectors, apart
 * by '|'; the rest is a page on whose start tags they are tried.
 *
 *     - A refusal says why.
 *     - Of several selectors the one that matches alone, and first, wins.
 */

#include "ed_fuzz.h"
#include "ed_select.h"
#include "ed_tree.h"


#define MAX_SELECTORS  8
#define MAX_ERROR      512


typedef struct {
    ed_select_t       *all;
    ed_select_t       *each[MAX_SELECTORS];
    unsigned           n;
} selectors_t;


static ed_rc_t compile(ed_arena_t *arena, const ed_str_t *selectors,
    unsigned n, ed_select_t **select);
static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);


static const ed_tree_handler_t  handler = { on_open, NULL, NULL };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ed_rc_t        rc;
    ed_str_t       page, line, words[MAX_SELECTORS];
    unsigned       i;
    ed_tree_t     *tree;
    ed_arena_t    *arena;
    selectors_t    s;
    fuzz_cuts_t    cuts;

    memset(&s, 0, sizeof(selectors_t));
    page = ed_str(data, size);
    line = fuzz_head(&page, '\n');

    do {
        words[s.n++] = fuzz_head(&line, '|');
    } while (line.len != 0 && s.n < MAX_SELECTORS);

    arena = ed_arena_create(1 << 20);
    fuzz_check(arena != NULL, "no memory");

    if (compile(arena, words, s.n, &s.all) != ED_OK) {
        ed_arena_destroy(arena);
        return 0;
    }

    for (i = 0; i < s.n; i++) {
        rc = compile(arena, &words[i], 1, &s.each[i]);
        fuzz_check(rc == ED_OK, "selector %u is refused alone", i);
    }

    tree = ed_tree_create(&handler, &s);
    fuzz_check(tree != NULL, "no memory");
    fuzz_cuts_init(&cuts, page, 0);
    rc = ED_OK;

    while (fuzz_cuts_next(&cuts)) {
        if (rc == ED_OK) {
            rc = ed_tree_feed(tree, cuts.chunk, cuts.len);
        }
    }

    ed_tree_destroy(tree);
    ed_arena_destroy(arena);

    return 0;
}


static ed_rc_t
compile(ed_arena_t *arena, const ed_str_t *selectors, unsigned n,
    ed_select_t **select)
{
    char     error[MAX_ERROR];
    ed_rc_t  rc;

    memset(error, 'x', sizeof(error));
    rc = ed_select_compile(arena, selectors, n, select, error, sizeof(error));

    if (rc == ED_INVALID) {
        fuzz_check(memchr(error, '\0', sizeof(error)) != NULL
                   && error[0] != '\0', "refused without a reason");
    }

    return rc;
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    int           found, alone;
    unsigned      i;
    selectors_t  *s;

    (void) el;
    (void) parent;

    if (token == NULL) {
        return ED_OK;
    }

    s = ctx;
    found = ed_select_match(s->all, token);
    fuzz_check(found >= -1 && found < (int) s->n, "match %d", found);

    for (i = 0; i < s->n; i++) {
        alone = ed_select_match(s->each[i], token);

        if (alone == 0) {
            break;
        }

        fuzz_check(alone == -1, "match %d of one", alone);
    }

    fuzz_check(found == (i == s->n ? -1 : (int) i), "%d matches, not %u",
               found, i);

    return ED_OK;
}
