
/*
 * "In body" (13.2.6.4.7), start tags.  Elements without a rule of their own
 * go by what ed_tag_list.h says of them: whether they end a paragraph, and
 * whether they are formatting elements.
 */

#include "ed_tree_int.h"


static void ed_body_head(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_body(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_frameset(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_heading(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_pre(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_form(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_li(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_dd(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_plaintext(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_button(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_a(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_nobr(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_object(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_table(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_void(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_input(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_param(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_hr(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_image(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_textarea(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_xmp(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_iframe(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_select(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_option(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_rb(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_rt(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_math(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_svg(ed_tree_t *tree, const ed_token_t *token);
static void ed_body_other(ed_tree_t *tree, const ed_token_t *token);

static void ed_body_item(ed_tree_t *tree, const ed_token_t *token,
    ed_tag_t tag, ed_tag_t other);


static const ed_rule_pt  ed_body_starts[ED_TAG_COUNT] = {
    [ED_TAG_A] = ed_body_a,
    [ED_TAG_APPLET] = ed_body_object,
    [ED_TAG_AREA] = ed_body_void,
    [ED_TAG_BASE] = ed_body_head,
    [ED_TAG_BASEFONT] = ed_body_head,
    [ED_TAG_BGSOUND] = ed_body_head,
    [ED_TAG_BODY] = ed_body_body,
    [ED_TAG_BR] = ed_body_void,
    [ED_TAG_BUTTON] = ed_body_button,
    [ED_TAG_CAPTION] = ed_tree_ignore,
    [ED_TAG_COL] = ed_tree_ignore,
    [ED_TAG_COLGROUP] = ed_tree_ignore,
    [ED_TAG_DD] = ed_body_dd,
    [ED_TAG_DT] = ed_body_dd,
    [ED_TAG_EMBED] = ed_body_void,
    [ED_TAG_FORM] = ed_body_form,
    [ED_TAG_FRAME] = ed_tree_ignore,
    [ED_TAG_FRAMESET] = ed_body_frameset,
    [ED_TAG_H1] = ed_body_heading,
    [ED_TAG_H2] = ed_body_heading,
    [ED_TAG_H3] = ed_body_heading,
    [ED_TAG_H4] = ed_body_heading,
    [ED_TAG_H5] = ed_body_heading,
    [ED_TAG_H6] = ed_body_heading,
    [ED_TAG_HEAD] = ed_tree_ignore,
    [ED_TAG_HR] = ed_body_hr,
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_IFRAME] = ed_body_iframe,
    [ED_TAG_IMAGE] = ed_body_image,
    [ED_TAG_IMG] = ed_body_void,
    [ED_TAG_INPUT] = ed_body_input,
    [ED_TAG_KEYGEN] = ed_body_void,
    [ED_TAG_LI] = ed_body_li,
    [ED_TAG_LINK] = ed_body_head,
    [ED_TAG_LISTING] = ed_body_pre,
    [ED_TAG_MARQUEE] = ed_body_object,
    [ED_TAG_MATH] = ed_body_math,
    [ED_TAG_META] = ed_body_head,
    [ED_TAG_NOBR] = ed_body_nobr,
    [ED_TAG_NOEMBED] = ed_tree_raw,
    [ED_TAG_NOFRAMES] = ed_tree_raw,
    [ED_TAG_NOSCRIPT] = ed_tree_raw,
    [ED_TAG_OBJECT] = ed_body_object,
    [ED_TAG_OPTGROUP] = ed_body_option,
    [ED_TAG_OPTION] = ed_body_option,
    [ED_TAG_PARAM] = ed_body_param,
    [ED_TAG_PLAINTEXT] = ed_body_plaintext,
    [ED_TAG_PRE] = ed_body_pre,
    [ED_TAG_RB] = ed_body_rb,
    [ED_TAG_RP] = ed_body_rt,
    [ED_TAG_RT] = ed_body_rt,
    [ED_TAG_RTC] = ed_body_rb,
    [ED_TAG_SCRIPT] = ed_body_head,
    [ED_TAG_SELECT] = ed_body_select,
    [ED_TAG_SOURCE] = ed_body_param,
    [ED_TAG_STYLE] = ed_body_head,
    [ED_TAG_SVG] = ed_body_svg,
    [ED_TAG_TABLE] = ed_body_table,
    [ED_TAG_TBODY] = ed_tree_ignore,
    [ED_TAG_TD] = ed_tree_ignore,
    [ED_TAG_TEMPLATE] = ed_body_head,
    [ED_TAG_TEXTAREA] = ed_body_textarea,
    [ED_TAG_TFOOT] = ed_tree_ignore,
    [ED_TAG_TH] = ed_tree_ignore,
    [ED_TAG_THEAD] = ed_tree_ignore,
    [ED_TAG_TITLE] = ed_body_head,
    [ED_TAG_TR] = ed_tree_ignore,
    [ED_TAG_TRACK] = ed_body_param,
    [ED_TAG_WBR] = ed_body_void,
    [ED_TAG_XMP] = ed_body_xmp
};


const ed_mode_rules_t  ed_mode_body = {
    ed_body_starts,
    ed_body_ends,
    ed_body_other,
    ed_body_end_tag,
    ed_text_body
};


static void
ed_body_other(ed_tree_t *tree, const ed_token_t *token)
{
    uint32_t    flags;
    ed_open_t  *node;

    flags = ed_tag_info[token->tag].flags;

    if (flags & ED_IS_P_CLOSER) {
        ed_stack_close_p(tree);
        ed_stack_insert(tree, token);
        return;
    }

    ed_formatting_reconstruct(tree);
    node = ed_stack_insert(tree, token);

    if (flags & ED_IS_FORMATTING) {
        ed_formatting_push(tree, node, token);
    }
}


static void
ed_body_head(ed_tree_t *tree, const ed_token_t *token)
{
    ed_mode_start(tree, ED_MODE_HEAD, token);
}


/* A second <body> only matters to frames; its attributes are the first's. */

static void
ed_body_body(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (tree->depth > 1 && tree->stack[1]->el.tag == ED_TAG_BODY
        && tree->open[ED_TAG_TEMPLATE] == 0)
    {
        tree->frameset_ok = 0;
    }
}


static void
ed_body_frameset(ed_tree_t *tree, const ed_token_t *token)
{
    if (!tree->frameset_ok || tree->depth < 2
        || tree->stack[1]->el.tag != ED_TAG_BODY)
    {
        return;
    }

    ed_stack_pop_above(tree, 1);
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_FRAMESET;
}


static void
ed_body_heading(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_close_p(tree);

    if (ed_tree_current(tree)->flags & ED_IS_HEADING) {
        ed_stack_pop(tree);
    }

    ed_stack_insert(tree, token);
}


static void
ed_body_pre(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_close_p(tree);
    ed_stack_insert(tree, token);

    tree->skip_lf = ED_SKIP_LF_FIRST;
    tree->frameset_ok = 0;
}


static void
ed_body_form(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *node;

    if (tree->form_set && tree->open[ED_TAG_TEMPLATE] == 0) {
        return;
    }

    ed_stack_close_p(tree);
    node = ed_stack_insert(tree, token);

    if (tree->open[ED_TAG_TEMPLATE] == 0) {
        tree->form_set = 1;
        tree->form = node;
    }
}


static void
ed_body_li(ed_tree_t *tree, const ed_token_t *token)
{
    ed_body_item(tree, token, ED_TAG_LI, ED_TAG_LI);
}


static void
ed_body_dd(ed_tree_t *tree, const ed_token_t *token)
{
    ed_body_item(tree, token, ED_TAG_DD, ED_TAG_DT);
}


/* An item ends the one before, unless something special is in between. */

static void
ed_body_item(ed_tree_t *tree, const ed_token_t *token, ed_tag_t tag,
    ed_tag_t other)
{
    uint32_t    i;
    ed_tag_t    found;
    ed_open_t  *node;

    tree->frameset_ok = 0;
    found = ED_TAG_UNKNOWN;
    i = tree->open[tag] + tree->open[other] == 0 ? 0 : tree->depth;

    for ( /* void */ ; i > 0; i--) {
        node = tree->stack[i - 1];

        if (node->el.ns == ED_NS_HTML
            && (node->el.tag == tag || node->el.tag == other))
        {
            found = node->el.tag;
            break;
        }

        if ((node->flags & ED_IS_SPECIAL)
            && (node->el.ns != ED_NS_HTML
                || (node->el.tag != ED_TAG_ADDRESS
                    && node->el.tag != ED_TAG_DIV
                    && node->el.tag != ED_TAG_P)))
        {
            break;
        }
    }

    if (i != 0) {
        ed_tree_charge(tree, tree->depth - i);
    }

    if (found != ED_TAG_UNKNOWN) {
        ed_stack_implied_ends(tree, found);
        ed_stack_pop_until(tree, found);
    }

    ed_stack_close_p(tree);
    ed_stack_insert(tree, token);
}


static void
ed_body_plaintext(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_close_p(tree);
    ed_stack_insert(tree, token);
    ed_tokenizer_raw(tree->tokenizer, ED_TAG_PLAINTEXT);
}


static void
ed_body_button(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_BUTTON, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
        ed_stack_pop_until(tree, ED_TAG_BUTTON);
    }

    ed_formatting_reconstruct(tree);
    ed_stack_insert(tree, token);
    tree->frameset_ok = 0;
}


/*
 * Links do not nest.  The agency may have closed the old one, or left it; it
 * may even have made another element of its node, which the serial tells.
 */

static void
ed_body_a(ed_tree_t *tree, const ed_token_t *token)
{
    int32_t     index;
    uint64_t    serial;
    ed_open_t  *node;

    index = ed_formatting_find(tree, ED_TAG_A);

    if (index >= 0) {
        node = ed_formatting_at(tree, index)->node;
        serial = node == NULL ? 0 : node->serial;

        ed_adoption(tree, token);

        if (node != NULL && node->serial == serial) {

            if (node->entry >= 0) {
                ed_formatting_remove(tree, node->entry);
            }

            ed_stack_remove(tree, node);
        }
    }

    ed_formatting_reconstruct(tree);
    node = ed_stack_insert(tree, token);
    ed_formatting_push(tree, node, token);
}


static void
ed_body_nobr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *node;

    ed_formatting_reconstruct(tree);

    if (ed_stack_in_scope(tree, ED_TAG_NOBR, ED_SCOPE)) {
        ed_adoption(tree, token);
        ed_formatting_reconstruct(tree);
    }

    node = ed_stack_insert(tree, token);
    ed_formatting_push(tree, node, token);
}


static void
ed_body_object(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_stack_insert(tree, token);
    ed_formatting_marker(tree);
    tree->frameset_ok = 0;
}


static void
ed_body_table(ed_tree_t *tree, const ed_token_t *token)
{
    if (!tree->quirks) {
        ed_stack_close_p(tree);
    }

    ed_stack_insert(tree, token);
    tree->frameset_ok = 0;
    tree->mode = ED_MODE_TABLE;
}


static void
ed_body_void(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_stack_insert_void(tree, token);
    tree->frameset_ok = 0;
}


static void
ed_body_input(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_stack_insert_void(tree, token);

    if (!ed_body_hidden_input(token)) {
        tree->frameset_ok = 0;
    }
}


int
ed_body_hidden_input(const ed_token_t *token)
{
    const ed_str_t  *type;

    type = ed_token_attr(token, ED_STR("type"));

    return type != NULL && ed_str_caseeq(*type, ED_STR("hidden"));
}


static void
ed_body_param(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert_void(tree, token);
}


static void
ed_body_hr(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_close_p(tree);
    ed_stack_insert_void(tree, token);
    tree->frameset_ok = 0;
}


/* <image> is <img>; the consumer sees the name as it is written. */

static void
ed_body_image(ed_tree_t *tree, const ed_token_t *token)
{
    ed_token_t  img;

    img = *token;
    img.tag = ED_TAG_IMG;
    img.hash = ed_tag_info[ED_TAG_IMG].hash;

    tree->token = &img;
    ed_body_void(tree, &img);
    tree->token = token;
}


static void
ed_body_textarea(ed_tree_t *tree, const ed_token_t *token)
{
    ed_tree_raw(tree, token);
    tree->skip_lf = ED_SKIP_LF_FIRST;
    tree->frameset_ok = 0;
}


static void
ed_body_xmp(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_close_p(tree);
    ed_formatting_reconstruct(tree);
    tree->frameset_ok = 0;
    ed_tree_raw(tree, token);
}


static void
ed_body_iframe(ed_tree_t *tree, const ed_token_t *token)
{
    tree->frameset_ok = 0;
    ed_tree_raw(tree, token);
}


static void
ed_body_select(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_stack_insert(tree, token);
    tree->frameset_ok = 0;

    switch (tree->mode) {

    case ED_MODE_TABLE:
    case ED_MODE_CAPTION:
    case ED_MODE_TABLE_BODY:
    case ED_MODE_ROW:
    case ED_MODE_CELL:
        tree->mode = ED_MODE_SELECT_IN_TABLE;
        break;

    default:
        tree->mode = ED_MODE_SELECT;
    }
}


static void
ed_body_option(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_tree_current_is(tree, ED_TAG_OPTION)) {
        ed_stack_pop(tree);
    }

    ed_formatting_reconstruct(tree);
    ed_stack_insert(tree, token);
}


static void
ed_body_rb(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_RUBY, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_UNKNOWN);
    }

    ed_stack_insert(tree, token);
}


static void
ed_body_rt(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_in_scope(tree, ED_TAG_RUBY, ED_SCOPE)) {
        ed_stack_implied_ends(tree, ED_TAG_RTC);
    }

    ed_stack_insert(tree, token);
}


static void
ed_body_math(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_foreign_insert(tree, token, ED_NS_MATHML);
}


static void
ed_body_svg(ed_tree_t *tree, const ed_token_t *token)
{
    ed_formatting_reconstruct(tree);
    ed_foreign_insert(tree, token, ED_NS_SVG);
}
