
/*
 * Characters, in every insertion mode.  A mode that minds takes what it can
 * from the beginning of the slice (white space, mostly), and where the rest
 * changes the mode, hands the rest back.  tree->at is the offset of the slice
 * and moves with it, so that what a character implies begins at that
 * character, however the input was cut.
 *
 * NUL counts as a character only where the standard says so: it makes no
 * formatting element and does not forbid framesets.
 *
 * In a table the standard holds a run of characters back until it knows
 * whether all of it is white space.  Here white space at its beginning is
 * handed on at once, as a child of the table, even where the rest of the run
 * is then foster-parented.
 */

#include "ed_tree_int.h"


static size_t ed_text_spaces(ed_str_t text);
static size_t ed_text_nuls(ed_str_t text);
static int ed_text_has_ink(ed_str_t text);
static ed_str_t ed_text_after(ed_tree_t *tree, ed_str_t text, size_t len);
static ed_str_t ed_text_insert_spaces(ed_tree_t *tree, ed_str_t text);
static ed_str_t ed_text_skip_bom(ed_tree_t *tree, ed_str_t text);


void
ed_text_before_head(ed_tree_t *tree, ed_str_t text)
{
    text = ed_text_skip_bom(tree, text);

    if (tree->mode != ED_MODE_BODY) {
        text = ed_text_after(tree, text, ed_text_spaces(text));

        if (text.len == 0) {
            return;
        }

        ed_tree_imply_head(tree);
    }

    ed_tree_text(tree, text);
}


void
ed_text_head(ed_tree_t *tree, ed_str_t text)
{
    text = ed_text_insert_spaces(tree, text);

    if (text.len != 0) {
        ed_tree_leave_head(tree);
        ed_tree_text(tree, text);
    }
}


void
ed_text_after_head(ed_tree_t *tree, ed_str_t text)
{
    text = ed_text_insert_spaces(tree, text);

    if (text.len != 0) {
        ed_tree_imply_body(tree);
        ed_tree_text(tree, text);
    }
}


void
ed_text_body(ed_tree_t *tree, ed_str_t text)
{
    size_t  nuls;

    if (ed_formatting_pending(tree)) {
        nuls = ed_text_nuls(text);

        if (nuls == text.len) {
            return;
        }

        text = ed_text_after(tree, text, nuls);
        ed_formatting_reconstruct(tree);
    }

    ed_text_insert(tree, text);

    if (tree->frameset_ok && ed_text_has_ink(text)) {
        tree->frameset_ok = 0;
    }
}


void
ed_text_insert(ed_tree_t *tree, ed_str_t text)
{
    int         displaced;
    ed_open_t  *parent;

    if (!tree->want_text || tree->handler.text == NULL || tree->rc != ED_OK) {
        return;
    }

    parent = ed_stack_place(tree, &displaced);
    tree->rc = tree->handler.text(tree->ctx, &parent->el, tree->at, text);
}


void
ed_text_foreign(ed_tree_t *tree, ed_str_t text)
{
    ed_text_insert(tree, text);

    if (tree->frameset_ok && ed_text_has_ink(text)) {
        tree->frameset_ok = 0;
    }
}


void
ed_text_table(ed_tree_t *tree, ed_str_t text)
{
    size_t  len;

    if (tree->table_text != ED_TABLE_TEXT_STRAY
        && (ed_tree_current(tree)->flags & ED_IS_FOSTER))
    {
        tree->table_text = ED_TABLE_TEXT_SPACE;

        do {
            text = ed_text_insert_spaces(tree, text);
            len = ed_text_nuls(text);
            text = ed_text_after(tree, text, len);
        } while (len != 0);

        if (text.len == 0) {
            return;
        }

        tree->table_text = ED_TABLE_TEXT_STRAY;
    }

    tree->foster = 1;
    ed_text_body(tree, text);
    tree->foster = 0;
}


void
ed_text_column_group(ed_tree_t *tree, ed_str_t text)
{
    while (text.len != 0) {
        text = ed_text_insert_spaces(tree, text);

        if (text.len == 0) {
            return;
        }

        if (ed_tree_current_is(tree, ED_TAG_COLGROUP)) {
            ed_stack_pop(tree);
            tree->mode = ED_MODE_TABLE;
            ed_tree_text(tree, text);
            return;
        }

        /* a <template>'s: what is not white is ignored */

        text = ed_text_after(tree, text, 1);
    }
}


void
ed_text_after_body(ed_tree_t *tree, ed_str_t text)
{
    size_t  len;

    len = ed_text_spaces(text);

    if (len != 0) {
        ed_text_body(tree, ed_str(text.data, len));
        text = ed_text_after(tree, text, len);
    }

    if (text.len != 0) {
        tree->mode = ED_MODE_BODY;
        ed_tree_text(tree, text);
    }
}


void
ed_text_frameset(ed_tree_t *tree, ed_str_t text)
{
    while (text.len != 0) {
        text = ed_text_insert_spaces(tree, text);

        if (text.len != 0) {
            text = ed_text_after(tree, text, 1);
        }
    }
}


void
ed_text_after_after_frameset(ed_tree_t *tree, ed_str_t text)
{
    size_t  len;

    while (text.len != 0) {
        len = ed_text_spaces(text);

        if (len != 0) {
            ed_text_body(tree, ed_str(text.data, len));

        } else {
            len = 1;
        }

        text = ed_text_after(tree, text, len);
    }
}


/* A line feed right behind <pre>, <listing> or <textarea> is no text. */

ed_str_t
ed_text_skip_lf(ed_tree_t *tree, ed_str_t text)
{
    if (tree->skip_lf == ED_SKIP_LF_FIRST && text.data[0] == '\r') {
        tree->skip_lf = ED_SKIP_LF_AFTER_CR;
        text = ed_text_after(tree, text, 1);

        if (text.len == 0) {
            return text;
        }
    }

    tree->skip_lf = ED_SKIP_LF_NO;

    return text.data[0] == '\n' ? ed_text_after(tree, text, 1) : text;
}


/*
 * A byte order mark is not part of the document (13.2.3).  One that breaks
 * off is text from its first byte on, though that is in an earlier slice.
 */

static ed_str_t
ed_text_skip_bom(ed_tree_t *tree, ed_str_t text)
{
    static const uint8_t  bom[ED_BOM_SIZE] = { 0xef, 0xbb, 0xbf };

    while (text.len != 0 && tree->at == tree->bom && tree->bom < ED_BOM_SIZE) {

        if (text.data[0] != bom[tree->bom]) {
            ed_text_break_bom(tree);
            return text;
        }

        tree->bom++;
        text = ed_text_after(tree, text, 1);
    }

    return text;
}


void
ed_text_break_bom(ed_tree_t *tree)
{
    uint64_t  at;

    if (tree->bom == 0 || tree->bom == ED_BOM_SIZE) {
        return;
    }

    at = tree->at;
    tree->at = 0;
    tree->bom = ED_BOM_SIZE;
    ed_tree_imply_body(tree);
    tree->at = at;
}


static size_t
ed_text_spaces(ed_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len && ed_is_space(text.data[i]); i++) {
        /* void */
    }

    return i;
}


static size_t
ed_text_nuls(ed_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len && text.data[i] == '\0'; i++) {
        /* void */
    }

    return i;
}


/* Is there anything but white space and NUL? */

static int
ed_text_has_ink(ed_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != '\0' && !ed_is_space(text.data[i])) {
            return 1;
        }
    }

    return 0;
}


static ed_str_t
ed_text_after(ed_tree_t *tree, ed_str_t text, size_t len)
{
    tree->at += len;

    return ed_str(text.data + len, text.len - len);
}


static ed_str_t
ed_text_insert_spaces(ed_tree_t *tree, ed_str_t text)
{
    size_t  len;

    len = ed_text_spaces(text);

    if (len == 0) {
        return text;
    }

    ed_text_insert(tree, ed_str(text.data, len));

    return ed_text_after(tree, text, len);
}
