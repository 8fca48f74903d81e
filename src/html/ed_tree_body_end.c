
/*
 * "In body" (13.2.6.4.7), end tags.  Whether there is anything for an end tag
 * to end is asked of the counts first, so that stray ones cost nothing.
 */

#include "ed_tree_int.h"


static void ed_body_end_block(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_body(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_html(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_form(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_p(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_li(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_dd(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_heading(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_object(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_end_br(ed_tree_t *tree, const ed_token_t *token);

static int ed_body_may_be_open(const ed_tree_t *tree, const ed_token_t *token);


const ed_rule_pt  ed_body_ends[ED_TAG_COUNT] = {
    [ED_TAG_APPLET] = ed_body_end_object,
    [ED_TAG_BODY] = ed_body_end_body,
    [ED_TAG_BR] = ed_body_end_br,
    [ED_TAG_BUTTON] = ed_body_end_block,
    [ED_TAG_DD] = ed_body_end_dd,
    [ED_TAG_DT] = ed_body_end_dd,
    [ED_TAG_FORM] = ed_body_end_form,
    [ED_TAG_H1] = ed_body_end_heading,
    [ED_TAG_H2] = ed_body_end_heading,
    [ED_TAG_H3] = ed_body_end_heading,
    [ED_TAG_H4] = ed_body_end_heading,
    [ED_TAG_H5] = ed_body_end_heading,
    [ED_TAG_H6] = ed_body_end_heading,
    [ED_TAG_HR] = ed_body_end_other,
    [ED_TAG_HTML] = ed_body_end_html,
    [ED_TAG_LI] = ed_body_end_li,
    [ED_TAG_MARQUEE] = ed_body_end_object,
    [ED_TAG_OBJECT] = ed_body_end_object,
    [ED_TAG_P] = ed_body_end_p,
    [ED_TAG_PLAINTEXT] = ed_body_end_other,
    [ED_TAG_TABLE] = ed_body_end_other,
    [ED_TAG_TEMPLATE] = ed_template_end,
    [ED_TAG_XMP] = ed_body_end_other
};


/* The rest by what the element is: a block, formatting, or neither. */

void
ed_body_end_tag(ed_tree_t *tree, const ed_token_t *token)
{
    uint32_t  flags;

    flags = ed_tag_info[token->tag].flags;

    if (flags & ED_IS_P_CLOSER) {
        ed_body_end_block(tree, token);

    } else if (flags & ED_IS_FORMATTING) {
        ed_adoption(tree, token);

    } else {
        ed_body_end_other(tree, token);
    }
}


/* "Any other end tag." */

void
ed_body_end_other(ed_tree_t *tree, const ed_token_t *token)
{
    uint32_t    i;
    ed_open_t  *node;

    if (!ed_body_may_be_open(tree, token)) {
        return;
    }

    for (i = tree->depth; i > 1; i--) {
        node = tree->stack[i - 1];

        if (node->name == token->hash && node->el.ns == ED_NS_HTML) {
            ed_tree_charge(tree, tree->depth - i);
            ed_stack_implied_ends(tree, token->tag);
            ed_stack_pop_above(tree, i - 1);
            return;
        }

        if (node->flags & ED_IS_SPECIAL) {
            break;
        }
    }

    ed_tree_charge(tree, tree->depth - i);
}


static int
ed_body_may_be_open(const ed_tree_t *tree, const ed_token_t *token)
{
    if (token->tag == ED_TAG_UNKNOWN) {
        return tree->names[token->hash % ED_NAME_BUCKETS] != 0;
    }

    return tree->open[token->tag] != 0;
}


static void
ed_body_end_block(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
        ed_stack_pop_until(tree, token->tag);
    }
}


/* The body stays on the stack; the last of its end tags is its end. */

static void
ed_body_end_body(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *body;

    if (!ed_stack_in_scope(tree, ED_TAG_BODY, ED_SCOPE)) {
        return;
    }

    tree->mode = ED_MODE_AFTER_BODY;

    body = tree->stack[1];
    body->ended = ED_END_TAG;
    body->end_tag_start = token->start;
    body->end = token->end;
}


static void
ed_body_end_html(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_BODY, ED_SCOPE)) {
        tree->mode = ED_MODE_AFTER_BODY;
        ed_mode_end(tree, ED_MODE_AFTER_BODY, token);
    }
}


static void
ed_body_end_form(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *form;

    if (tree->open[ED_TAG_TEMPLATE] != 0) {
        ed_body_end_block(tree, token);
        return;
    }

    form = tree->form;
    tree->form = NULL;
    tree->form_set = 0;

    if (form == NULL || !ed_stack_in_scope_node(tree, form)) {
        return;
    }

    ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
    ed_stack_remove(tree, form);
}


static void
ed_body_end_p(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (!ed_stack_in_scope(tree, ED_TAG_P, ED_SCOPE_BUTTON)) {
        ed_stack_insert_implied(tree, ED_TAG_P);
    }

    ed_stack_close_p(tree);
}


static void
ed_body_end_li(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (ed_stack_in_scope(tree, ED_TAG_LI, ED_SCOPE_LIST)) {
        ed_stack_implied_ends(tree, ED_TAG_LI);
        ed_stack_pop_until(tree, ED_TAG_LI);
    }
}


static void
ed_body_end_dd(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE)) {
        ed_stack_implied_ends(tree, token->tag);
        ed_stack_pop_until(tree, token->tag);
    }
}


/* Any heading's end tag ends any heading. */

static void
ed_body_end_heading(ed_tree_t *tree, const ed_token_t *token)
{
    ed_tag_t  tag;
    unsigned  open;

    (void) token;

    open = 0;

    for (tag = ED_TAG_H1; tag <= ED_TAG_H6; tag++) {
        open += tree->open[tag];
    }

    if (open != 0 && ed_stack_in_scope_flags(tree, ED_IS_HEADING, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
        ed_stack_pop_until_flags(tree, ED_IS_HEADING);
    }
}


static void
ed_body_end_object(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
        ed_stack_pop_until(tree, token->tag);
        ed_formatting_clear(tree);
    }
}


/* </br> is <br>. */

static void
ed_body_end_br(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_formatting_reconstruct(tree);

    if (ed_stack_insert_implied(tree, ED_TAG_BR) != NULL) {
        ed_stack_pop(tree);
    }

    tree->frameset_ok = 0;
}
