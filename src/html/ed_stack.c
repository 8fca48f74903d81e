
/*
 * The stack of open elements (13.2.4.2).  Its nodes come from the tree's
 * pool, which has some more than the stack is deep: while the adoption agency
 * replaces elements, the old ones are off the stack and not yet given back.
 *
 * The counts of open elements per name answer most questions of "is there
 * one?" with no, without a look at the stack; all walks are charged.
 */

#include "ed_tree_int.h"


static ed_open_t *ed_stack_node(ed_tree_t *tree);
static ed_open_t *ed_stack_element(ed_tree_t *tree, const ed_token_t *token,
    ed_tag_t tag, ed_ns_t ns, uint32_t flags);
static ed_open_t *ed_stack_push(ed_tree_t *tree, ed_open_t *node);
static void ed_stack_count(ed_tree_t *tree, const ed_open_t *node, int n);
static ed_open_t *ed_stack_foster_parent(ed_tree_t *tree);
static int ed_stack_walk(ed_tree_t *tree, uint32_t pos, int found);
static void ed_stack_renumber(ed_tree_t *tree, uint32_t from);


ed_open_t *
ed_stack_insert(ed_tree_t *tree, const ed_token_t *token)
{
    return ed_stack_push(tree,
                         ed_stack_element(tree, token, token->tag, ED_NS_HTML,
                                          ed_tag_info[token->tag].flags));
}


ed_open_t *
ed_stack_insert_foreign(ed_tree_t *tree, const ed_token_t *token, ed_ns_t ns,
    uint32_t flags)
{
    return ed_stack_push(tree,
                         ed_stack_element(tree, token, token->tag, ns, flags));
}


ed_open_t *
ed_stack_insert_implied(ed_tree_t *tree, ed_tag_t tag)
{
    return ed_stack_push(tree, ed_stack_clone(tree, tag));
}


void
ed_stack_insert_void(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_insert(tree, token) != NULL) {
        ed_stack_pop_void(tree);
    }
}


void
ed_stack_pop_void(ed_tree_t *tree)
{
    ed_open_t  *node;

    node = ed_tree_current(tree);
    node->ended = ED_END_IMPLIED;
    node->end_tag_start = node->el.start_tag_end;
    node->end = node->el.start_tag_end;

    ed_stack_pop(tree);
}


ed_open_t *
ed_stack_clone(ed_tree_t *tree, ed_tag_t tag)
{
    return ed_stack_element(tree, NULL, tag, ED_NS_HTML,
                            ed_tag_info[tag].flags);
}


/* A new element, not on the stack yet; NULL where it has no room. */

static ed_open_t *
ed_stack_element(ed_tree_t *tree, const ed_token_t *token, ed_tag_t tag,
    ed_ns_t ns, uint32_t flags)
{
    ed_open_t  *node;

    node = ed_stack_node(tree);
    if (node == NULL) {
        return NULL;
    }

    node->el.tag = tag;
    node->el.ns = ns;
    node->el.in_template = (tree->open[ED_TAG_TEMPLATE] != 0);
    node->el.implied = (token == NULL);
    node->el.displaced = 0;
    node->el.start = token == NULL ? tree->at : token->start;
    node->el.start_tag_end = token == NULL ? tree->at : token->end;
    node->el.data = NULL;
    node->name = token == NULL ? ed_tag_info[tag].hash : token->hash;
    node->flags = flags;
    node->entry = -1;
    node->ended = ED_END_NONE;

    return node;
}


static ed_open_t *
ed_stack_node(ed_tree_t *tree)
{
    ed_open_t  *node;

    if (tree->depth == ED_MAX_DEPTH) {
        ed_tree_fail(tree, ED_LIMIT_DEPTH);
        return NULL;
    }

    node = tree->free;

    if (node != NULL) {
        tree->free = node->next;

    } else {
        node = &tree->pool[tree->used++];
    }

    node->serial = ++tree->serial;

    return node;
}


static ed_open_t *
ed_stack_push(ed_tree_t *tree, ed_open_t *node)
{
    int         displaced;
    ed_open_t  *parent;

    if (node == NULL) {
        return NULL;
    }

    displaced = 0;
    parent = tree->depth == 0 ? NULL : ed_stack_place(tree, &displaced);

    node->el.displaced = displaced;
    node->pos = tree->depth;
    tree->stack[tree->depth] = node;
    tree->depth++;
    node->el.depth = tree->depth;
    ed_stack_count(tree, node, 1);

    ed_stack_open(tree, node, parent);

    return node;
}


void
ed_stack_open(ed_tree_t *tree, ed_open_t *node, ed_open_t *parent)
{
    if (tree->rc != ED_OK || tree->handler.open == NULL) {
        return;
    }

    tree->rc = tree->handler.open(tree->ctx, &node->el,
                                  parent == NULL ? NULL : &parent->el,
                                  node->el.implied ? NULL : tree->token);
}


/*
 * Where the element ends: as was noted for html and body, behind its own end
 * tag, or before whatever made it end.
 */

void
ed_stack_close(ed_tree_t *tree, ed_open_t *node)
{
    unsigned           waiting;
    uint64_t           start, end;
    const ed_token_t  *token;

    token = tree->token;

    if (node->ended != ED_END_NONE) {
        start = node->end_tag_start;
        end = node->end;

    } else if (token != NULL && token->closing && token->hash == node->name) {
        start = token->start;
        end = token->end;

    } else {
        start = tree->at;
        end = tree->at;
    }

    if (tree->rc == ED_OK && tree->handler.close != NULL) {
        waiting = 0;

        if (ed_formatting_pending(tree)) {
            waiting = ed_formatting_waiting(tree);
        }

        tree->rc = tree->handler.close(tree->ctx, &node->el, start, end,
                                       waiting);
    }

    node->serial = 0;
    node->next = tree->free;
    tree->free = node;
}


static void
ed_stack_count(ed_tree_t *tree, const ed_open_t *node, int n)
{
    if (node->el.ns != ED_NS_HTML) {
        tree->foreign[node->name % ED_NAME_BUCKETS] += n;
        return;
    }

    tree->open[node->el.tag] += n;

    if (node->el.tag == ED_TAG_UNKNOWN) {
        tree->names[node->name % ED_NAME_BUCKETS] += n;
    }
}


ed_open_t *
ed_stack_place(ed_tree_t *tree, int *displaced)
{
    ed_open_t  *current;

    current = ed_tree_current(tree);

    if (tree->foster && (current->flags & ED_IS_FOSTER)) {
        *displaced = 1;
        return ed_stack_foster_parent(tree);
    }

    *displaced = tree->adrift;

    return current;
}


/*
 * 13.2.6.1.  The standard asks for the parent of the table in the document;
 * it is the element below it on the stack unless that one has left the stack
 * since, in which case the next one below stands in.
 */

static ed_open_t *
ed_stack_foster_parent(ed_tree_t *tree)
{
    uint32_t    i;
    ed_open_t  *node;

    for (i = tree->depth - 1; i > 0; i--) {
        node = tree->stack[i];

        if (node->el.ns != ED_NS_HTML) {
            continue;
        }

        if (node->el.tag == ED_TAG_TEMPLATE) {
            return node;
        }

        if (node->el.tag == ED_TAG_TABLE) {
            return tree->stack[i - 1];
        }
    }

    return tree->stack[0];
}


/*
 * Off the stack, and out of all that refers to open elements but the list of
 * formatting elements, where it is not open any more.
 */

void
ed_stack_take(ed_tree_t *tree, ed_open_t *node)
{
    uint32_t  above;

    tree->depth--;
    above = tree->depth - node->pos;

    if (above != 0) {
        memmove(&tree->stack[node->pos], &tree->stack[node->pos + 1],
                above * sizeof(ed_open_t *));
        ed_stack_renumber(tree, node->pos);
    }

    ed_stack_count(tree, node, -1);

    if (node->entry >= 0) {
        ed_formatting_at(tree, node->entry)->node = NULL;
        node->entry = -1;
    }

    if (tree->form == node) {
        tree->form = NULL;
    }
}


void
ed_stack_put(ed_tree_t *tree, ed_open_t *node, uint32_t pos)
{
    memmove(&tree->stack[pos + 1], &tree->stack[pos],
            (tree->depth - pos) * sizeof(ed_open_t *));

    tree->stack[pos] = node;
    tree->depth++;
    ed_stack_renumber(tree, pos);
    ed_stack_count(tree, node, 1);
}


static void
ed_stack_renumber(ed_tree_t *tree, uint32_t from)
{
    uint32_t  i;

    for (i = from; i < tree->depth; i++) {
        tree->stack[i]->pos = i;
        tree->stack[i]->el.depth = i + 1;
    }

    ed_tree_charge(tree, tree->depth - from);
}


void
ed_stack_pop(ed_tree_t *tree)
{
    ed_stack_remove(tree, ed_tree_current(tree));
}


void
ed_stack_remove(ed_tree_t *tree, ed_open_t *node)
{
    ed_stack_take(tree, node);
    ed_stack_close(tree, node);
}


void
ed_stack_pop_above(ed_tree_t *tree, uint32_t depth)
{
    while (tree->depth > depth) {
        ed_stack_pop(tree);
    }
}


void
ed_stack_pop_until(ed_tree_t *tree, ed_tag_t tag)
{
    int  found;

    do {
        found = ed_tree_current_is(tree, tag);
        ed_stack_pop(tree);
    } while (!found && tree->depth > 1);
}


void
ed_stack_pop_until_flags(ed_tree_t *tree, uint32_t flags)
{
    int  found;

    do {
        found = (ed_tree_current(tree)->flags & flags) != 0;
        ed_stack_pop(tree);
    } while (!found && tree->depth > 1);
}


void
ed_stack_clear_to(ed_tree_t *tree, uint32_t flags)
{
    while ((ed_tree_current(tree)->flags & flags) == 0) {
        ed_stack_pop(tree);
    }
}


int
ed_stack_in_scope(ed_tree_t *tree, ed_tag_t tag, uint32_t scope)
{
    uint32_t    i;
    ed_open_t  *node;

    if (tree->open[tag] == 0) {
        return 0;
    }

    for (i = tree->depth; i > 0; i--) {
        node = tree->stack[i - 1];

        if (node->el.tag == tag && node->el.ns == ED_NS_HTML) {
            return ed_stack_walk(tree, i, 1);
        }

        if (node->flags & scope) {
            break;
        }
    }

    return ed_stack_walk(tree, i, 0);
}


int
ed_stack_in_scope_flags(ed_tree_t *tree, uint32_t flags, uint32_t scope)
{
    uint32_t  i;

    for (i = tree->depth; i > 0; i--) {

        if (tree->stack[i - 1]->flags & flags) {
            return ed_stack_walk(tree, i, 1);
        }

        if (tree->stack[i - 1]->flags & scope) {
            break;
        }
    }

    return ed_stack_walk(tree, i, 0);
}


int
ed_stack_in_scope_node(ed_tree_t *tree, const ed_open_t *node)
{
    uint32_t  i;

    for (i = tree->depth - 1; i > node->pos; i--) {
        if (tree->stack[i]->flags & ED_SCOPE) {
            return ed_stack_walk(tree, i, 0);
        }
    }

    return ed_stack_walk(tree, i, 1);
}


/* Pays for a walk from the top down to there, and passes on what it found. */

static int
ed_stack_walk(ed_tree_t *tree, uint32_t pos, int found)
{
    ed_tree_charge(tree, tree->depth - pos);

    return found;
}


void
ed_stack_implied_ends(ed_tree_t *tree, ed_tag_t except)
{
    ed_open_t  *node;

    node = ed_tree_current(tree);

    while ((node->flags & ED_IS_IMPLIED_END) && node->el.tag != except) {
        ed_stack_pop(tree);
        node = ed_tree_current(tree);
    }
}


void
ed_stack_implied_ends_thoroughly(ed_tree_t *tree)
{
    while (ed_tree_current(tree)->flags
           & (ED_IS_IMPLIED_END | ED_IS_IMPLIED_TABLE_END))
    {
        ed_stack_pop(tree);
    }
}


void
ed_stack_close_p(ed_tree_t *tree)
{
    if (!ed_stack_in_scope(tree, ED_TAG_P, ED_SCOPE_BUTTON)) {
        return;
    }

    ed_stack_implied_ends(tree, ED_TAG_P);
    ed_stack_pop_until(tree, ED_TAG_P);
}
