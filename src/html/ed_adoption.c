
/*
 * The adoption agency (13.2.6.4.7): what becomes of <b><p></b> and its like.
 *
 *     before   … ancestor  F  x  y  B  z …        F formatting element
 *     after    … ancestor  y' B  F' z …           B furthest block
 *
 * Of the elements between F and B those that are not formatting elements (x)
 * leave the stack, up to three that are (y) are made again, and F is made
 * again inside B.  B itself moves in the document, from within F to behind
 * it, which its ->displaced says.
 *
 * The consumer hears of it in an order that a stack could have: all closes,
 * innermost first, then all opens, outermost first.
 */

#include "ed_tree_int.h"


#define ED_ADOPTION_ROUNDS  8
#define ED_ADOPTION_KEPT    3


typedef struct {
    uint32_t          old;         /* the formatting element's entry */
    uint32_t          bottom;      /* its place on the stack */
    uint32_t          ngone;
    uint32_t          nkept;
    ed_open_t        *gone[ED_MAX_DEPTH];      /* off the stack, not closed */
    ed_open_t        *kept[ED_ADOPTION_KEPT];  /* those made again */
    ed_open_t        *again;       /* the formatting element made again */
} ed_adoption_t;


static int ed_adoption_round(ed_tree_t *tree, const ed_token_t *token);
static ed_open_t *ed_adoption_furthest_block(ed_tree_t *tree,
    const ed_open_t *formatting);
static void ed_adoption_simple(ed_tree_t *tree, ed_open_t *formatting);
static void ed_adoption_move(ed_tree_t *tree, ed_open_t *formatting,
    ed_open_t *block);
static void ed_adoption_between(ed_tree_t *tree, ed_adoption_t *move,
    ed_open_t *block);
static void ed_adoption_tell(ed_tree_t *tree, const ed_adoption_t *move,
    ed_open_t *block);


void
ed_adoption(ed_tree_t *tree, const ed_token_t *token)
{
    int         i;
    ed_open_t  *current;

    current = ed_tree_current(tree);

    if (current->el.tag == token->tag && current->el.ns == ED_NS_HTML
        && current->entry < 0)
    {
        ed_stack_pop(tree);
        return;
    }

    for (i = 0; i < ED_ADOPTION_ROUNDS; i++) {
        if (!ed_adoption_round(tree, token)) {
            return;
        }
    }
}


/* Steps 4.3 to 4.19.  Zero: there is nothing left to do. */

static int
ed_adoption_round(ed_tree_t *tree, const ed_token_t *token)
{
    int32_t     index;
    ed_open_t  *formatting, *block;

    index = ed_formatting_find(tree, token->tag);

    if (index < 0) {
        ed_body_end_other(tree, token);
        return 0;
    }

    formatting = ed_formatting_at(tree, index)->node;

    if (formatting == NULL) {
        ed_formatting_remove(tree, index);
        return 0;
    }

    if (!ed_stack_in_scope_node(tree, formatting)) {
        return 0;
    }

    block = ed_adoption_furthest_block(tree, formatting);

    if (block == NULL) {
        ed_adoption_simple(tree, formatting);
        return 0;
    }

    ed_adoption_move(tree, formatting, block);

    return tree->rc == ED_OK;
}


static ed_open_t *
ed_adoption_furthest_block(ed_tree_t *tree, const ed_open_t *formatting)
{
    uint32_t  i;

    for (i = formatting->pos + 1; i < tree->depth; i++) {
        if (tree->stack[i]->flags & ED_IS_SPECIAL) {
            break;
        }
    }

    ed_tree_charge(tree, i - formatting->pos - 1);

    return i == tree->depth ? NULL : tree->stack[i];
}


/* Nothing but inline elements above it: they end with it. */

static void
ed_adoption_simple(ed_tree_t *tree, ed_open_t *formatting)
{
    ed_formatting_remove(tree, formatting->entry);
    ed_stack_pop_above(tree, formatting->pos);
}


/*
 * Steps 4.9 to 4.19.  formatting leaves the stack first, so that there is
 * room for what is made again however deep the stack is; old is where its
 * entry stands in the list, until it goes too (if there was memory to put the
 * new one in).
 */

static void
ed_adoption_move(ed_tree_t *tree, ed_open_t *formatting, ed_open_t *block)
{
    uint32_t       index;
    ed_format_t    entry;
    ed_adoption_t  move;

    move.ngone = 0;
    move.nkept = 0;
    move.bottom = formatting->pos;
    move.old = (uint32_t) formatting->entry;
    entry = *ed_formatting_at(tree, move.old);

    ed_stack_take(tree, formatting);
    ed_adoption_between(tree, &move, block);
    move.gone[move.ngone++] = formatting;

    move.again = ed_stack_clone(tree, formatting->el.tag);
    ed_stack_put(tree, move.again, block->pos + 1);

    index = move.nkept == 0 ? move.old + 1
                            : (uint32_t) move.kept[0]->entry + 1;
    ed_formatting_put(tree, move.again, entry.attrs, index);

    if (tree->rc == ED_OK) {
        move.old += index <= move.old;
        ed_formatting_remove(tree, move.old);
    }

    block->el.displaced = 1;

    ed_adoption_tell(tree, &move, block);
}


/* Step 4.13: what stands between the two, from the block down. */

static void
ed_adoption_between(ed_tree_t *tree, ed_adoption_t *move, ed_open_t *block)
{
    int         n;
    int32_t     index;
    uint32_t    pos;
    ed_open_t  *node, *clone;

    n = 0;

    for (pos = block->pos; pos > move->bottom; pos--) {
        node = tree->stack[pos - 1];
        index = node->entry;

        ed_stack_take(tree, node);
        move->gone[move->ngone++] = node;
        n++;

        if (index < 0) {
            continue;
        }

        if (n > ED_ADOPTION_KEPT) {
            ed_formatting_remove(tree, (uint32_t) index);
            move->old -= (uint32_t) index < move->old;
            continue;
        }

        clone = ed_stack_clone(tree, node->el.tag);
        ed_stack_put(tree, clone, pos - 1);
        ed_formatting_at(tree, (uint32_t) index)->node = clone;
        clone->entry = index;
        move->kept[move->nkept++] = clone;
    }
}


static void
ed_adoption_tell(ed_tree_t *tree, const ed_adoption_t *move, ed_open_t *block)
{
    uint32_t    i;
    ed_open_t  *node;

    for (i = 0; i < move->ngone; i++) {
        ed_stack_close(tree, move->gone[i]);
    }

    for (i = move->nkept; i > 0; i--) {
        node = move->kept[i - 1];
        ed_stack_open(tree, node, tree->stack[node->pos - 1]);
    }

    ed_stack_open(tree, move->again, block);
}
