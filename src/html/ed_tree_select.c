
/*
 * "In select", "in select in table" and "in template" (13.2.6.4.16 to
 * 13.2.6.4.18 of the standard before selects became customizable, which is
 * what browsers in use do).
 */

#include "ed_tree_int.h"


static void ed_select_option(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_optgroup(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_hr(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_select(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_input(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_head(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_optgroup_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_option_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_table(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_table_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_select_pop_option(ed_tree_t *tree);
static void ed_select_leave(ed_tree_t *tree);

static void ed_template_head(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_table(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_col(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_tr(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_td(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_other(ed_tree_t *tree, const ed_token_t *token);
static void ed_template_become(ed_tree_t *tree, ed_mode_t mode,
    const ed_token_t *token);


static const ed_rule_pt  ed_select_starts[ED_TAG_COUNT] = {
    [ED_TAG_OPTION] = ed_select_option,
    [ED_TAG_OPTGROUP] = ed_select_optgroup,
    [ED_TAG_HR] = ed_select_hr,
    [ED_TAG_SELECT] = ed_select_select,
    [ED_TAG_INPUT] = ed_select_input,
    [ED_TAG_KEYGEN] = ed_select_input,
    [ED_TAG_TEXTAREA] = ed_select_input,
    [ED_TAG_SCRIPT] = ed_select_head,
    [ED_TAG_TEMPLATE] = ed_select_head
};

static const ed_rule_pt  ed_select_ends[ED_TAG_COUNT] = {
    [ED_TAG_OPTION] = ed_select_option_end,
    [ED_TAG_OPTGROUP] = ed_select_optgroup_end,
    [ED_TAG_SELECT] = ed_select_select,
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_select = {
    ed_select_starts,
    ed_select_ends,
    ed_tree_ignore,
    ed_tree_ignore,
    ed_text_insert
};


static const ed_rule_pt  ed_select_table_starts[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_select_table,
    [ED_TAG_TABLE] = ed_select_table,
    [ED_TAG_TBODY] = ed_select_table,
    [ED_TAG_TFOOT] = ed_select_table,
    [ED_TAG_THEAD] = ed_select_table,
    [ED_TAG_TR] = ed_select_table,
    [ED_TAG_TD] = ed_select_table,
    [ED_TAG_TH] = ed_select_table
};

static const ed_rule_pt  ed_select_table_ends[ED_TAG_COUNT] = {
    [ED_TAG_CAPTION] = ed_select_table_end,
    [ED_TAG_TABLE] = ed_select_table_end,
    [ED_TAG_TBODY] = ed_select_table_end,
    [ED_TAG_TFOOT] = ed_select_table_end,
    [ED_TAG_THEAD] = ed_select_table_end,
    [ED_TAG_TR] = ed_select_table_end,
    [ED_TAG_TD] = ed_select_table_end,
    [ED_TAG_TH] = ed_select_table_end
};

const ed_mode_rules_t  ed_mode_select_in_table = {
    ed_select_table_starts,
    ed_select_table_ends,
    ed_select_start,
    ed_select_end,
    ed_text_insert
};


static const ed_rule_pt  ed_template_starts[ED_TAG_COUNT] = {
    [ED_TAG_BASE] = ed_template_head,
    [ED_TAG_BASEFONT] = ed_template_head,
    [ED_TAG_BGSOUND] = ed_template_head,
    [ED_TAG_LINK] = ed_template_head,
    [ED_TAG_META] = ed_template_head,
    [ED_TAG_NOFRAMES] = ed_template_head,
    [ED_TAG_SCRIPT] = ed_template_head,
    [ED_TAG_STYLE] = ed_template_head,
    [ED_TAG_TEMPLATE] = ed_template_head,
    [ED_TAG_TITLE] = ed_template_head,
    [ED_TAG_CAPTION] = ed_template_table,
    [ED_TAG_COLGROUP] = ed_template_table,
    [ED_TAG_TBODY] = ed_template_table,
    [ED_TAG_TFOOT] = ed_template_table,
    [ED_TAG_THEAD] = ed_template_table,
    [ED_TAG_COL] = ed_template_col,
    [ED_TAG_TR] = ed_template_tr,
    [ED_TAG_TD] = ed_template_td,
    [ED_TAG_TH] = ed_template_td
};

static const ed_rule_pt  ed_template_ends[ED_TAG_COUNT] = {
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_template = {
    ed_template_starts,
    ed_template_ends,
    ed_template_other,
    ed_tree_ignore,
    ed_text_body
};


static void
ed_select_option(ed_tree_t *tree, const ed_token_t *token)
{
    ed_select_pop_option(tree);
    ed_stack_insert(tree, token);
}


static void
ed_select_optgroup(ed_tree_t *tree, const ed_token_t *token)
{
    ed_select_pop_option(tree);

    if (ed_tree_current_is(tree, ED_TAG_OPTGROUP)) {
        ed_stack_pop(tree);
    }

    ed_stack_insert(tree, token);
}


static void
ed_select_hr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_select_pop_option(tree);

    if (ed_tree_current_is(tree, ED_TAG_OPTGROUP)) {
        ed_stack_pop(tree);
    }

    ed_stack_insert_void(tree, token);
}


static void
ed_select_pop_option(ed_tree_t *tree)
{
    if (ed_tree_current_is(tree, ED_TAG_OPTION)) {
        ed_stack_pop(tree);
    }
}


/* <select> ends a select as </select> does. */

static void
ed_select_select(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_select_leave(tree);
}


static void
ed_select_input(ed_tree_t *tree, const ed_token_t *token)
{
    ed_select_leave(tree);
    ed_tree_start(tree, token);
}


static void
ed_select_leave(ed_tree_t *tree)
{
    ed_stack_pop_until(tree, ED_TAG_SELECT);
    ed_tree_reset_mode(tree);
}


static void
ed_select_head(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_HEAD, token);
}


static void
ed_select_optgroup_end(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *below;

    (void) token;

    if (ed_tree_current_is(tree, ED_TAG_OPTION)) {
        below = tree->stack[tree->depth - 2];

        if (below->el.tag == ED_TAG_OPTGROUP && below->el.ns == ED_NS_HTML) {
            ed_stack_pop(tree);
        }
    }

    if (ed_tree_current_is(tree, ED_TAG_OPTGROUP)) {
        ed_stack_pop(tree);
    }
}


static void
ed_select_option_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_select_pop_option(tree);
}


static void
ed_select_table(ed_tree_t *tree, const ed_token_t *token)
{
    ed_select_leave(tree);
    ed_tree_start(tree, token);
}


static void
ed_select_table_end(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, token->tag, ED_SCOPE_TABLE)) {
        ed_select_leave(tree);
        ed_tree_end(tree, token);
    }
}


static void
ed_select_start(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_SELECT, token);
}


static void
ed_select_end(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_end(tree, ED_MODE_SELECT, token);
}


void
ed_template_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (tree->open[ED_TAG_TEMPLATE] == 0) {
        return;
    }

    ed_stack_implied_ends_thoroughly(tree);
    ed_stack_pop_until(tree, ED_TAG_TEMPLATE);
    ed_template_pop(tree);
}


/* What is left to do when a template's element has been popped. */

void
ed_template_pop(ed_tree_t *tree)
{
    ed_formatting_clear(tree);
    tree->ntemplates--;
    ed_tree_reset_mode(tree);
}


static void
ed_template_head(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_HEAD, token);
}


static void
ed_template_table(ed_tree_t *tree, const ed_token_t *token)
{
    ed_template_become(tree, ED_MODE_TABLE, token);
}


static void
ed_template_col(ed_tree_t *tree, const ed_token_t *token)
{
    ed_template_become(tree, ED_MODE_COLUMN_GROUP, token);
}


static void
ed_template_tr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_template_become(tree, ED_MODE_TABLE_BODY, token);
}


static void
ed_template_td(ed_tree_t *tree, const ed_token_t *token)
{
    ed_template_become(tree, ED_MODE_ROW, token);
}


static void
ed_template_other(ed_tree_t *tree, const ed_token_t *token)
{
    ed_template_become(tree, ED_MODE_BODY, token);
}


/* The first tag that tells decides how the template's content is read. */

static void
ed_template_become(ed_tree_t *tree, ed_mode_t mode, const ed_token_t *token)
{
    tree->templates[tree->ntemplates - 1] = mode;
    tree->mode = mode;
    ed_tree_start(tree, token);
}
