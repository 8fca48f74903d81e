
/*
 * The tree construction stage's frame (13.2.6): takes tokens from the
 * tokenizer and finds the rules that they meet, by the current node and the
 * insertion mode.  The rules are tables, one a mode, in the files that
 * ed_tree_int.h lists.
 */

#include <stdlib.h>

#include "ed_tree_int.h"


static ed_rc_t ed_tree_on_tag(void *ctx, const ed_token_t *token);
static ed_rc_t ed_tree_on_text(void *ctx, uint64_t offset, ed_str_t text);
static ed_rc_t ed_tree_on_comment(void *ctx);
static ed_rc_t ed_tree_on_doctype(void *ctx, int quirks);
static int ed_tree_on_foreign(void *ctx);

static int ed_tree_text_idle(const ed_tree_t *tree);
static ed_rc_t ed_tree_pass_text(ed_tree_t *tree, uint64_t offset,
    ed_str_t text);
static void ed_tree_eof(ed_tree_t *tree);
static ed_mode_t ed_tree_mode_of(const ed_tree_t *tree, uint32_t pos);
static ed_mode_t ed_tree_mode_of_select(const ed_tree_t *tree, uint32_t pos);


static const ed_tokenizer_handler_t  ed_tree_tokens = {
    ed_tree_on_tag,
    ed_tree_on_text,
    ed_tree_on_comment,
    ed_tree_on_doctype,
    ed_tree_on_foreign
};


static const ed_mode_rules_t *const  ed_tree_modes[ED_MODE_COUNT] = {
    [ED_MODE_INITIAL] = &ed_mode_initial,
    [ED_MODE_BEFORE_HTML] = &ed_mode_before_html,
    [ED_MODE_BEFORE_HEAD] = &ed_mode_before_head,
    [ED_MODE_HEAD] = &ed_mode_head,
    [ED_MODE_AFTER_HEAD] = &ed_mode_after_head,
    [ED_MODE_BODY] = &ed_mode_body,
    [ED_MODE_TEXT] = &ed_mode_text,
    [ED_MODE_TABLE] = &ed_mode_table,
    [ED_MODE_CAPTION] = &ed_mode_caption,
    [ED_MODE_COLUMN_GROUP] = &ed_mode_column_group,
    [ED_MODE_TABLE_BODY] = &ed_mode_table_body,
    [ED_MODE_ROW] = &ed_mode_row,
    [ED_MODE_CELL] = &ed_mode_cell,
    [ED_MODE_SELECT] = &ed_mode_select,
    [ED_MODE_SELECT_IN_TABLE] = &ed_mode_select_in_table,
    [ED_MODE_TEMPLATE] = &ed_mode_template,
    [ED_MODE_AFTER_BODY] = &ed_mode_after_body,
    [ED_MODE_FRAMESET] = &ed_mode_frameset,
    [ED_MODE_AFTER_FRAMESET] = &ed_mode_after_frameset,
    [ED_MODE_AFTER_AFTER_BODY] = &ed_mode_after_after_body,
    [ED_MODE_AFTER_AFTER_FRAMESET] = &ed_mode_after_after_frameset
};


ed_tree_t *
ed_tree_create(const ed_tree_handler_t *handler, void *ctx)
{
    ed_tree_t  *tree;

    tree = malloc(sizeof(ed_tree_t));
    if (tree == NULL) {
        return NULL;
    }

    /* all but the pool, which is large and needs none of it */
    memset(tree, 0, offsetof(ed_tree_t, pool));

    tree->handler = *handler;
    tree->ctx = ctx;
    tree->mode = ED_MODE_INITIAL;
    tree->frameset_ok = 1;
    ed_buf_init(&tree->formats, ED_MAX_FORMATS * sizeof(ed_format_t));

    tree->tokenizer = ed_tokenizer_create(&ed_tree_tokens, tree);
    if (tree->tokenizer == NULL) {
        free(tree);
        return NULL;
    }

    return tree;
}


void
ed_tree_destroy(ed_tree_t *tree)
{
    if (tree == NULL) {
        return;
    }

    ed_tokenizer_destroy(tree->tokenizer);
    ed_buf_free(&tree->formats);
    free(tree);
}


ed_rc_t
ed_tree_feed(ed_tree_t *tree, const uint8_t *data, size_t len)
{
    return ed_tokenizer_feed(tree->tokenizer, data, len);
}


ed_rc_t
ed_tree_finish(ed_tree_t *tree)
{
    ed_rc_t  rc;

    rc = ed_tokenizer_finish(tree->tokenizer);
    if (rc != ED_OK) {
        return rc;
    }

    tree->token = NULL;
    tree->at = ed_tokenizer_offset(tree->tokenizer);

    ed_tree_eof(tree);
    ed_stack_pop_above(tree, 0);

    return tree->rc;
}


int
ed_tree_in_text(const ed_tree_t *tree)
{
    return ed_tokenizer_in_text(tree->tokenizer);
}


int
ed_tree_in_p(ed_tree_t *tree)
{
    return ed_stack_in_scope(tree, ED_TAG_P, ED_SCOPE_BUTTON);
}


void
ed_tree_want_text(ed_tree_t *tree, int on)
{
    tree->want_text = (on != 0);
}


int
ed_tree_quirks(const ed_tree_t *tree)
{
    return tree->quirks;
}


static ed_rc_t
ed_tree_on_tag(void *ctx, const ed_token_t *token)
{
    ed_tree_t  *tree;

    tree = ctx;
    tree->token = NULL;
    tree->at = token->start;
    tree->table_text = ED_TABLE_TEXT_NONE;
    tree->skip_lf = ED_SKIP_LF_NO;

    if (tree->depth == 0) {
        ed_text_break_bom(tree);
    }

    tree->token = token;

    if (token->closing) {
        ed_tree_end(tree, token);

    } else {
        ed_tree_start(tree, token);
    }

    tree->token = NULL;

    return tree->rc;
}


static ed_rc_t
ed_tree_on_text(void *ctx, uint64_t offset, ed_str_t text)
{
    ed_tree_t  *tree;

    tree = ctx;

    if (ed_tree_text_idle(tree)) {
        return tree->want_text ? ed_tree_pass_text(tree, offset, text) : ED_OK;
    }

    tree->at = offset;
    ed_tree_text(tree, text);

    return tree->rc;
}


/* Most text means nothing to the tree: it is a child of the current node. */

static int
ed_tree_text_idle(const ed_tree_t *tree)
{
    if (tree->frameset_ok || tree->skip_lf) {
        return 0;
    }

    switch (tree->mode) {

    case ED_MODE_TEXT:
    case ED_MODE_SELECT:
    case ED_MODE_SELECT_IN_TABLE:
        return 1;

    case ED_MODE_BODY:
    case ED_MODE_CELL:
    case ED_MODE_CAPTION:
    case ED_MODE_TEMPLATE:
        return !ed_formatting_pending(tree);

    default:
        return 0;
    }
}


static ed_rc_t
ed_tree_pass_text(ed_tree_t *tree, uint64_t offset, ed_str_t text)
{
    if (tree->handler.text == NULL || tree->rc != ED_OK) {
        return tree->rc;
    }

    tree->rc = tree->handler.text(tree->ctx, &ed_tree_current(tree)->el,
                                  offset, text);

    return tree->rc;
}


static ed_rc_t
ed_tree_on_comment(void *ctx)
{
    ed_tree_t  *tree;

    tree = ctx;
    tree->table_text = ED_TABLE_TEXT_NONE;
    tree->skip_lf = ED_SKIP_LF_NO;

    return ED_OK;
}


static ed_rc_t
ed_tree_on_doctype(void *ctx, int quirks)
{
    ed_tree_t  *tree;

    tree = ctx;
    tree->table_text = ED_TABLE_TEXT_NONE;
    tree->skip_lf = ED_SKIP_LF_NO;

    if (tree->depth == 0) {
        ed_text_break_bom(tree);
    }

    if (tree->mode == ED_MODE_INITIAL) {
        tree->quirks = (quirks != 0);
        tree->mode = ED_MODE_BEFORE_HTML;
    }

    return ED_OK;
}


static int
ed_tree_on_foreign(void *ctx)
{
    ed_tree_t  *tree;

    tree = ctx;

    return tree->depth != 0 && ed_tree_current(tree)->el.ns != ED_NS_HTML;
}


/* The tree construction dispatcher. */

void
ed_tree_start(ed_tree_t *tree, const ed_token_t *token)
{
    if (tree->depth != 0
        && ed_tree_current(tree)->el.ns != ED_NS_HTML
        && ed_foreign_start_applies(tree, token))
    {
        ed_foreign_start(tree, token);
        return;
    }

    ed_mode_start(tree, tree->mode, token);
}


void
ed_tree_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (tree->depth != 0 && ed_tree_current(tree)->el.ns != ED_NS_HTML) {
        ed_foreign_end(tree, token);
        return;
    }

    ed_mode_end(tree, tree->mode, token);
}


void
ed_mode_start(ed_tree_t *tree, ed_mode_t mode, const ed_token_t *token)
{
    ed_rule_pt              rule;
    const ed_mode_rules_t  *rules;

    rules = ed_tree_modes[mode];
    rule = rules->start == NULL ? NULL : rules->start[token->tag];

    if (rule == NULL) {
        rule = rules->other_start;
    }

    rule(tree, token);
}


void
ed_mode_end(ed_tree_t *tree, ed_mode_t mode, const ed_token_t *token)
{
    ed_rule_pt              rule;
    const ed_mode_rules_t  *rules;

    rules = ed_tree_modes[mode];
    rule = rules->end == NULL ? NULL : rules->end[token->tag];

    if (rule == NULL) {
        rule = rules->other_end;
    }

    rule(tree, token);
}


void
ed_tree_ignore(ed_tree_t *tree, const ed_token_t *token)
{
    (void) tree;
    (void) token;
}


void
ed_tree_text(ed_tree_t *tree, ed_str_t text)
{
    ed_open_t  *current;

    if (tree->skip_lf != ED_SKIP_LF_NO) {
        text = ed_text_skip_lf(tree, text);
    }

    if (text.len == 0) {
        return;
    }

    if (tree->depth != 0) {
        current = ed_tree_current(tree);

        if (current->el.ns != ED_NS_HTML
            && !(current->flags & (ED_IS_TEXT_POINT | ED_IS_HTML_POINT)))
        {
            ed_text_foreign(tree, text);
            return;
        }
    }

    ed_tree_modes[tree->mode]->text(tree, text);
}


void
ed_tree_reset_mode(ed_tree_t *tree)
{
    uint32_t   i;
    ed_mode_t  mode;

    mode = ED_MODE_BODY;

    for (i = tree->depth; i > 0; i--) {
        mode = ed_tree_mode_of(tree, i - 1);
        if (mode != ED_MODE_COUNT) {
            break;
        }
    }

    tree->mode = mode;
    ed_tree_charge(tree, tree->depth - i);
}


/* The mode that an element selects; ED_MODE_COUNT where it selects none. */

static ed_mode_t
ed_tree_mode_of(const ed_tree_t *tree, uint32_t pos)
{
    const ed_open_t  *node;

    node = tree->stack[pos];

    if (node->el.ns != ED_NS_HTML) {
        return ED_MODE_COUNT;
    }

    switch (node->el.tag) {

    case ED_TAG_SELECT:
        return ed_tree_mode_of_select(tree, pos);

    case ED_TAG_TD:
    case ED_TAG_TH:
        return ED_MODE_CELL;

    case ED_TAG_TR:
        return ED_MODE_ROW;

    case ED_TAG_TBODY:
    case ED_TAG_THEAD:
    case ED_TAG_TFOOT:
        return ED_MODE_TABLE_BODY;

    case ED_TAG_CAPTION:
        return ED_MODE_CAPTION;

    case ED_TAG_COLGROUP:
        return ED_MODE_COLUMN_GROUP;

    case ED_TAG_TABLE:
        return ED_MODE_TABLE;

    case ED_TAG_TEMPLATE:
        return tree->templates[tree->ntemplates - 1];

    case ED_TAG_HEAD:
        return ED_MODE_HEAD;

    case ED_TAG_BODY:
        return ED_MODE_BODY;

    case ED_TAG_FRAMESET:
        return ED_MODE_FRAMESET;

    case ED_TAG_HTML:
        return tree->head ? ED_MODE_AFTER_HEAD : ED_MODE_BEFORE_HEAD;

    default:
        return ED_MODE_COUNT;
    }
}


static ed_mode_t
ed_tree_mode_of_select(const ed_tree_t *tree, uint32_t pos)
{
    uint32_t          i;
    const ed_open_t  *node;

    for (i = pos; i > 0; i--) {
        node = tree->stack[i - 1];

        if (node->el.ns != ED_NS_HTML) {
            continue;
        }

        if (node->el.tag == ED_TAG_TEMPLATE) {
            break;
        }

        if (node->el.tag == ED_TAG_TABLE) {
            return ED_MODE_SELECT_IN_TABLE;
        }
    }

    return ED_MODE_SELECT;
}


/* The end-of-file token, in every mode: what it still makes or ends. */

static void
ed_tree_eof(ed_tree_t *tree)
{
    if (tree->mode == ED_MODE_TEXT) {
        ed_stack_pop(tree);
        tree->mode = tree->text_mode;
    }

    while (tree->ntemplates > 0 && tree->open[ED_TAG_TEMPLATE] > 0) {
        ed_stack_pop_until(tree, ED_TAG_TEMPLATE);
        ed_template_pop(tree);
    }

    switch (tree->mode) {

    case ED_MODE_INITIAL:
    case ED_MODE_BEFORE_HTML:
    case ED_MODE_BEFORE_HEAD:
    case ED_MODE_HEAD:
    case ED_MODE_AFTER_HEAD:
        ed_tree_imply_body(tree);
        break;

    default:
        break;
    }
}
