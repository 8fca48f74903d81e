
/*
 * The table modes (13.2.6.4.9, 13.2.6.4.11 to 13.2.6.4.15); "in table text"
 * is in ed_tree_text.c.
 */

#include "ed_tree_int.h"


static void ed_table_head(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_caption(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_colgroup(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_col(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_tbody(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_tr(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_table(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_input(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_form(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_stray_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_table_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_stray_end(ed_tree_t *tree, const ed_token_t *token);

static void ed_caption_part(ed_tree_t *tree, const ed_token_t *token);
static void ed_caption_caption_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_caption_table_end(ed_tree_t *tree, const ed_token_t *token);
static int ed_caption_leave(ed_tree_t *tree);

static void ed_colgroup_col(ed_tree_t *tree, const ed_token_t *token);
static void ed_colgroup_other(ed_tree_t *tree, const ed_token_t *token);
static void ed_colgroup_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_colgroup_other_end(ed_tree_t *tree, const ed_token_t *token);
static int ed_colgroup_leave(ed_tree_t *tree);

static void ed_tbody_tr(ed_tree_t *tree, const ed_token_t *token);
static void ed_tbody_td(ed_tree_t *tree, const ed_token_t *token);
static void ed_tbody_part(ed_tree_t *tree, const ed_token_t *token);
static void ed_tbody_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_tbody_table_end(ed_tree_t *tree, const ed_token_t *token);
static int ed_tbody_leave(ed_tree_t *tree);

static void ed_row_td(ed_tree_t *tree, const ed_token_t *token);
static void ed_row_part(ed_tree_t *tree, const ed_token_t *token);
static void ed_row_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_row_table_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_row_tbody_end(ed_tree_t *tree, const ed_token_t *token);
static int ed_row_leave(ed_tree_t *tree);

static void ed_cell_part(ed_tree_t *tree, const ed_token_t *token);
static void ed_cell_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_cell_part_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_cell_leave(ed_tree_t *tree);

static void ed_table_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_body_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_table_body_end(ed_tree_t *tree, const ed_token_t *token);


/* 13.2.6.4.9, "in table" */

static const ed_rule_pt  ed_table_starts[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_table_caption,
    [ED_TAG_COLGROUP] = ed_table_colgroup,
    [ED_TAG_COL] = ed_table_col,
    [ED_TAG_TBODY] = ed_table_tbody,
    [ED_TAG_TFOOT] = ed_table_tbody,
    [ED_TAG_THEAD] = ed_table_tbody,
    [ED_TAG_TD] = ed_table_tr,
    [ED_TAG_TH] = ed_table_tr,
    [ED_TAG_TR] = ed_table_tr,
    [ED_TAG_TABLE] = ed_table_table,
    [ED_TAG_STYLE] = ed_table_head,
    [ED_TAG_SCRIPT] = ed_table_head,
    [ED_TAG_TEMPLATE] = ed_table_head,
    [ED_TAG_INPUT] = ed_table_input,
    [ED_TAG_FORM] = ed_table_form
};

static const ed_rule_pt  ed_table_ends[ED_TAG_COUNT] = {
    [ED_TAG_TABLE] = ed_table_table_end,
    [ED_TAG_BODY] = ed_tree_ignore,
    [ED_TAG_CAPTION] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_TBODY] = ed_tree_ignore,
    [ED_TAG_TD] = ed_tree_ignore,
    [ED_TAG_TFOOT] = ed_tree_ignore,
    [ED_TAG_TH] = ed_tree_ignore,
    [ED_TAG_THEAD] = ed_tree_ignore,
    [ED_TAG_TR] = ed_tree_ignore,
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_table = {
    ed_table_starts,
    ed_table_ends,
    ed_table_stray_start,
    ed_table_stray_end,
    ed_text_table
};


/* 13.2.6.4.11, "in caption" */

static const ed_rule_pt  ed_caption_starts[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_caption_part,
    [ED_TAG_COL] = ed_caption_part,
    [ED_TAG_COLGROUP] = ed_caption_part,
    [ED_TAG_TBODY] = ed_caption_part,
    [ED_TAG_TD] = ed_caption_part,
    [ED_TAG_TFOOT] = ed_caption_part,
    [ED_TAG_TH] = ed_caption_part,
    [ED_TAG_THEAD] = ed_caption_part,
    [ED_TAG_TR] = ed_caption_part
};

static const ed_rule_pt  ed_caption_ends[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_caption_caption_end,
    [ED_TAG_TABLE] = ed_caption_table_end,
    [ED_TAG_BODY] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_TBODY] = ed_tree_ignore,
    [ED_TAG_TD] = ed_tree_ignore,
    [ED_TAG_TFOOT] = ed_tree_ignore,
    [ED_TAG_TH] = ed_tree_ignore,
    [ED_TAG_THEAD] = ed_tree_ignore,
    [ED_TAG_TR] = ed_tree_ignore
};

const ed_mode_rules_t  ed_mode_caption = {
    ed_caption_starts,
    ed_caption_ends,
    ed_table_body_start,
    ed_table_body_end,
    ed_text_body
};


/* 13.2.6.4.12, "in column group" */

static const ed_rule_pt  ed_colgroup_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_COL] = ed_colgroup_col,
    [ED_TAG_TEMPLATE] = ed_table_head
};

static const ed_rule_pt  ed_colgroup_ends[ED_TAG_COUNT] = {
    [ED_TAG_COLGROUP] = ed_colgroup_end,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_column_group = {
    ed_colgroup_starts,
    ed_colgroup_ends,
    ed_colgroup_other,
    ed_colgroup_other_end,
    ed_text_column_group
};


/* 13.2.6.4.13, "in table body" */

static const ed_rule_pt  ed_tbody_starts[ED_TAG_COUNT] = {
    [ED_TAG_TR] = ed_tbody_tr,
    [ED_TAG_TH] = ed_tbody_td,
    [ED_TAG_TD] = ed_tbody_td,
    [ED_TAG_CAPTION] = ed_tbody_part,
    [ED_TAG_COL] = ed_tbody_part,
    [ED_TAG_COLGROUP] = ed_tbody_part,
    [ED_TAG_TBODY] = ed_tbody_part,
    [ED_TAG_TFOOT] = ed_tbody_part,
    [ED_TAG_THEAD] = ed_tbody_part
};

static const ed_rule_pt  ed_tbody_ends[ED_TAG_COUNT] = {
    [ED_TAG_TBODY] = ed_tbody_end,
    [ED_TAG_TFOOT] = ed_tbody_end,
    [ED_TAG_THEAD] = ed_tbody_end,
    [ED_TAG_TABLE] = ed_tbody_table_end,
    [ED_TAG_BODY] = ed_tree_ignore,
    [ED_TAG_CAPTION] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_TD] = ed_tree_ignore,
    [ED_TAG_TH] = ed_tree_ignore,
    [ED_TAG_TR] = ed_tree_ignore
};

const ed_mode_rules_t  ed_mode_table_body = {
    ed_tbody_starts,
    ed_tbody_ends,
    ed_table_start,
    ed_table_end,
    ed_text_table
};


/* 13.2.6.4.14, "in row" */

static const ed_rule_pt  ed_row_starts[ED_TAG_COUNT] = {
    [ED_TAG_TH] = ed_row_td,
    [ED_TAG_TD] = ed_row_td,
    [ED_TAG_CAPTION] = ed_row_part,
    [ED_TAG_COL] = ed_row_part,
    [ED_TAG_COLGROUP] = ed_row_part,
    [ED_TAG_TBODY] = ed_row_part,
    [ED_TAG_TFOOT] = ed_row_part,
    [ED_TAG_THEAD] = ed_row_part,
    [ED_TAG_TR] = ed_row_part
};

static const ed_rule_pt  ed_row_ends[ED_TAG_COUNT] = {
    [ED_TAG_TR] = ed_row_end,
    [ED_TAG_TABLE] = ed_row_table_end,
    [ED_TAG_TBODY] = ed_row_tbody_end,
    [ED_TAG_TFOOT] = ed_row_tbody_end,
    [ED_TAG_THEAD] = ed_row_tbody_end,
    [ED_TAG_BODY] = ed_tree_ignore,
    [ED_TAG_CAPTION] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_TD] = ed_tree_ignore,
    [ED_TAG_TH] = ed_tree_ignore
};

const ed_mode_rules_t  ed_mode_row = {
    ed_row_starts,
    ed_row_ends,
    ed_table_start,
    ed_table_end,
    ed_text_table
};


/* 13.2.6.4.15, "in cell" */

static const ed_rule_pt  ed_cell_starts[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_cell_part,
    [ED_TAG_COL] = ed_cell_part,
    [ED_TAG_COLGROUP] = ed_cell_part,
    [ED_TAG_TBODY] = ed_cell_part,
    [ED_TAG_TD] = ed_cell_part,
    [ED_TAG_TFOOT] = ed_cell_part,
    [ED_TAG_TH] = ed_cell_part,
    [ED_TAG_THEAD] = ed_cell_part,
    [ED_TAG_TR] = ed_cell_part
};

static const ed_rule_pt  ed_cell_ends[ED_TAG_COUNT] = {
    [ED_TAG_TD] = ed_cell_end,
    [ED_TAG_TH] = ed_cell_end,
    [ED_TAG_TABLE] = ed_cell_part_end,
    [ED_TAG_TBODY] = ed_cell_part_end,
    [ED_TAG_TFOOT] = ed_cell_part_end,
    [ED_TAG_THEAD] = ed_cell_part_end,
    [ED_TAG_TR] = ed_cell_part_end,
    [ED_TAG_BODY] = ed_tree_ignore,
    [ED_TAG_CAPTION] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_HTML] = ed_tree_ignore
};

const ed_mode_rules_t  ed_mode_cell = {
    ed_cell_starts,
    ed_cell_ends,
    ed_table_body_start,
    ed_table_body_end,
    ed_text_body
};


static void
ed_table_head(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_HEAD, token);
}


static void
ed_table_caption(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TABLE_ROOT);
    ed_formatting_marker(tree);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_CAPTION;
}


static void
ed_table_colgroup(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TABLE_ROOT);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_COLUMN_GROUP;
}


static void
ed_table_col(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TABLE_ROOT);
    ed_stack_insert_implied(tree, ED_TAG_COLGROUP);
    tree->mode = ED_MODE_COLUMN_GROUP;
    ed_tree_start(tree, token);
}


static void
ed_table_tbody(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TABLE_ROOT);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_TABLE_BODY;
}


static void
ed_table_tr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TABLE_ROOT);
    ed_stack_insert_implied(tree, ED_TAG_TBODY);
    tree->mode = ED_MODE_TABLE_BODY;
    ed_tree_start(tree, token);
}


static void
ed_table_table(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_TABLE, ED_SCOPE_TABLE)) {
        ed_stack_pop_until(tree, ED_TAG_TABLE);
        ed_tree_reset_mode(tree);
        ed_tree_start(tree, token);
    }
}


static void
ed_table_input(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_body_hidden_input(token)) {
        ed_stack_insert_void(tree, token);

    } else {
        ed_table_stray_start(tree, token);
    }
}


static void
ed_table_form(ed_tree_t *tree, const ed_token_t *token)
{
    if (tree->form_set || tree->open[ED_TAG_TEMPLATE] != 0) {
        return;
    }

    ed_stack_insert_void(tree, token);
    tree->form_set = 1;
    tree->form = NULL;
}


/* "Anything else" is foster-parented. */

static void
ed_table_stray_start(ed_tree_t *tree, const ed_token_t *token)
{
    tree->foster = 1;
    ed_mode_start(tree, ED_MODE_BODY, token);
    tree->foster = 0;
}


static void
ed_table_stray_end(ed_tree_t *tree, const ed_token_t *token)
{
    tree->foster = 1;
    ed_mode_end(tree, ED_MODE_BODY, token);
    tree->foster = 0;
}


static void
ed_table_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (ed_stack_in_scope(tree, ED_TAG_TABLE, ED_SCOPE_TABLE)) {
        ed_stack_pop_until(tree, ED_TAG_TABLE);
        ed_tree_reset_mode(tree);
    }
}


static void
ed_caption_part(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_caption_leave(tree)) {
        ed_tree_start(tree, token);
    }
}


static void
ed_caption_caption_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_caption_leave(tree);
}


static void
ed_caption_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_caption_leave(tree)) {
        ed_tree_end(tree, token);
    }
}


static int
ed_caption_leave(ed_tree_t *tree)
{
    if (!ed_stack_in_scope(tree, ED_TAG_CAPTION, ED_SCOPE_TABLE)) {
        return 0;
    }

    ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
    ed_stack_pop_until(tree, ED_TAG_CAPTION);
    ed_formatting_clear(tree);
    tree->mode = ED_MODE_TABLE;

    return 1;
}


static void
ed_colgroup_col(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert_void(tree, token);
}


static void
ed_colgroup_other(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_colgroup_leave(tree)) {
        ed_tree_start(tree, token);
    }
}


static void
ed_colgroup_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_colgroup_leave(tree);
}


static void
ed_colgroup_other_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_colgroup_leave(tree)) {
        ed_tree_end(tree, token);
    }
}


static int
ed_colgroup_leave(ed_tree_t *tree)
{
    if (!ed_tree_current_is(tree, ED_TAG_COLGROUP)) {
        return 0;
    }

    ed_stack_pop(tree);
    tree->mode = ED_MODE_TABLE;

    return 1;
}


static void
ed_tbody_tr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TBODY_ROOT);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_ROW;
}


static void
ed_tbody_td(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_TBODY_ROOT);
    ed_stack_insert_implied(tree, ED_TAG_TR);
    tree->mode = ED_MODE_ROW;
    ed_tree_start(tree, token);
}


static void
ed_tbody_part(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_tbody_leave(tree)) {
        ed_tree_start(tree, token);
    }
}


static void
ed_tbody_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE_TABLE)) {
        ed_stack_clear_to(tree, ED_IS_TBODY_ROOT);
        ed_stack_pop(tree);
        tree->mode = ED_MODE_TABLE;
    }
}


static void
ed_tbody_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_tbody_leave(tree)) {
        ed_tree_end(tree, token);
    }
}


static int
ed_tbody_leave(ed_tree_t *tree)
{
    if (!ed_stack_in_scope(tree, ED_TAG_TBODY, ED_SCOPE_TABLE)
        && !ed_stack_in_scope(tree, ED_TAG_THEAD, ED_SCOPE_TABLE)
        && !ed_stack_in_scope(tree, ED_TAG_TFOOT, ED_SCOPE_TABLE))
    {
        return 0;
    }

    ed_stack_clear_to(tree, ED_IS_TBODY_ROOT);
    ed_stack_pop(tree);
    tree->mode = ED_MODE_TABLE;

    return 1;
}


static void
ed_row_td(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_clear_to(tree, ED_IS_ROW_ROOT);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_CELL;
    ed_formatting_marker(tree);
}


static void
ed_row_part(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_row_leave(tree)) {
        ed_tree_start(tree, token);
    }
}


static void
ed_row_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_row_leave(tree);
}


static void
ed_row_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_row_leave(tree)) {
        ed_tree_end(tree, token);
    }
}


static void
ed_row_tbody_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE_TABLE)
        && ed_row_leave(tree))
    {
        ed_tree_end(tree, token);
    }
}


static int
ed_row_leave(ed_tree_t *tree)
{
    if (!ed_stack_in_scope(tree, ED_TAG_TR, ED_SCOPE_TABLE)) {
        return 0;
    }

    ed_stack_clear_to(tree, ED_IS_ROW_ROOT);
    ed_stack_pop(tree);
    tree->mode = ED_MODE_TABLE_BODY;

    return 1;
}


static void
ed_cell_part(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_TD, ED_SCOPE_TABLE)
        || ed_stack_in_scope(tree, ED_TAG_TH, ED_SCOPE_TABLE))
    {
        ed_cell_leave(tree);
        ed_tree_start(tree, token);
    }
}


static void
ed_cell_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE_TABLE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
        ed_stack_pop_until(tree, token->tag);
        ed_formatting_clear(tree);
        tree->mode = ED_MODE_ROW;
    }
}


static void
ed_cell_part_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE_TABLE)) {
        ed_cell_leave(tree);
        ed_tree_end(tree, token);
    }
}


/* "Close the cell." */

static void
ed_cell_leave(ed_tree_t *tree)
{
    ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);

    while (!ed_tree_current_is(tree, ED_TAG_TD)
           && !ed_tree_current_is(tree, ED_TAG_TH)
           && tree->depth > 1)
    {
        ed_stack_pop(tree);
    }

    ed_stack_pop(tree);
    ed_formatting_clear(tree);
    tree->mode = ED_MODE_ROW;
}


/* As in the table, or as in the body. */

static void
ed_table_start(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_TABLE, token);
}


static void
ed_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_end(tree, ED_MODE_TABLE, token);
}


static void
ed_table_body_start(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_BODY, token);
}


static void
ed_table_body_end(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_end(tree, ED_MODE_BODY, token);
}
