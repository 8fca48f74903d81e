
/*
 * Foreign content (13.2.6.5): SVG and MathML inside HTML, the tags that break
 * out of it, and the integration points where HTML goes on inside it.
 */

#include "ed_tree_int.h"


static int ed_foreign_breaks_out(const ed_token_t *token);
static void ed_foreign_break_out(ed_tree_t *tree);
static uint32_t ed_foreign_flags(const ed_token_t *token, ed_ns_t ns);
static uint32_t ed_foreign_annotation_flags(const ed_token_t *token);
static uint32_t ed_foreign_find(ed_tree_t *tree, uint64_t name);


/* The current node is foreign: is a start tag for the foreign rules? */

int
ed_foreign_start_applies(const ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *current;

    current = ed_tree_current(tree);

    if (current->flags & ED_IS_HTML_POINT) {
        return 0;
    }

    if (current->flags & ED_IS_TEXT_POINT) {
        return token->tag == ED_TAG_MGLYPH || token->tag == ED_TAG_MALIGNMARK;
    }

    return token->tag != ED_TAG_SVG
           || current->el.tag != ED_TAG_ANNOTATION_XML
           || current->el.ns != ED_NS_MATHML;
}


void
ed_foreign_start(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_foreign_breaks_out(token)) {
        ed_foreign_break_out(tree);
        ed_mode_start(tree, tree->mode, token);
        return;
    }

    ed_foreign_insert(tree, token, ed_tree_current(tree)->el.ns);
}


void
ed_foreign_end(ed_tree_t *tree, const ed_token_t *token)
{
    uint32_t  pos;

    if (token->tag == ED_TAG_P || token->tag == ED_TAG_BR) {
        ed_foreign_break_out(tree);
        ed_mode_end(tree, tree->mode, token);
        return;
    }

    pos = ed_foreign_find(tree, token->hash);

    if (pos != 0) {
        ed_stack_pop_above(tree, pos);
        return;
    }

    ed_mode_end(tree, tree->mode, token);
}


void
ed_foreign_insert(ed_tree_t *tree, const ed_token_t *token, ed_ns_t ns)
{
    ed_open_t  *node;

    node = ed_stack_insert_foreign(tree, token, ns,
                                   ed_foreign_flags(token, ns));

    if (node != NULL && token->self_closing) {
        ed_stack_pop_void(tree);
    }
}


static int
ed_foreign_breaks_out(const ed_token_t *token)
{
    if (token->tag == ED_TAG_FONT) {
        return ed_token_attr(token, ED_STR("color")) != NULL
               || ed_token_attr(token, ED_STR("face")) != NULL
               || ed_token_attr(token, ED_STR("size")) != NULL;
    }

    return (ed_tag_info[token->tag].flags & ED_IS_BREAKOUT) != 0;
}


static void
ed_foreign_break_out(ed_tree_t *tree)
{
    ed_open_t  *node;

    node = ed_tree_current(tree);

    while (node->el.ns != ED_NS_HTML
           && !(node->flags & (ED_IS_TEXT_POINT | ED_IS_HTML_POINT)))
    {
        ed_stack_pop(tree);
        node = ed_tree_current(tree);
    }
}


/*
 * The place of the topmost foreign element of that name, if nothing of HTML
 * is above it; 0 where there is none.
 */

static uint32_t
ed_foreign_find(ed_tree_t *tree, uint64_t name)
{
    uint32_t    i;
    ed_open_t  *node;

    if (tree->foreign[name % ED_NAME_BUCKETS] == 0) {
        return 0;
    }

    for (i = tree->depth; i > 1; i--) {
        node = tree->stack[i - 1];

        if (node->el.ns == ED_NS_HTML) {
            break;
        }

        if (node->name == name) {
            ed_tree_charge(tree, tree->depth - i);
            return i - 1;
        }
    }

    ed_tree_charge(tree, tree->depth - i);

    return 0;
}


/* Of foreign elements those that are integration points are special. */

static uint32_t
ed_foreign_flags(const ed_token_t *token, ed_ns_t ns)
{
    if (ns == ED_NS_SVG) {

        switch (token->tag) {

        case ED_TAG_FOREIGNOBJECT:
        case ED_TAG_DESC:
        case ED_TAG_TITLE:
            return ED_IS_SPECIAL | ED_IS_SCOPE | ED_IS_HTML_POINT;

        default:
            return 0;
        }
    }

    switch (token->tag) {

    case ED_TAG_MI:
    case ED_TAG_MN:
    case ED_TAG_MO:
    case ED_TAG_MS:
    case ED_TAG_MTEXT:
        return ED_IS_SPECIAL | ED_IS_SCOPE | ED_IS_TEXT_POINT;

    case ED_TAG_ANNOTATION_XML:
        return ed_foreign_annotation_flags(token);

    default:
        return 0;
    }
}


static uint32_t
ed_foreign_annotation_flags(const ed_token_t *token)
{
    const ed_str_t  *encoding;

    encoding = ed_token_attr(token, ED_STR("encoding"));

    if (encoding != NULL
        && (ed_str_caseeq(*encoding, ED_STR("text/html"))
            || ed_str_caseeq(*encoding, ED_STR("application/xhtml+xml"))))
    {
        return ED_IS_SPECIAL | ED_IS_SCOPE | ED_IS_HTML_POINT;
    }

    return ED_IS_SPECIAL | ED_IS_SCOPE;
}
