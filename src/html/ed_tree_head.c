
/*
 * The modes before and behind the body (13.2.6.4.1 to 13.2.6.4.6, 13.2.6.4.19
 * to 13.2.6.4.23), and "text" (13.2.6.4.8).
 */

#include "ed_tree_int.h"


static void ed_before_body_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_before_body_end(ed_tree_t *tree, const ed_token_t *token);

static void ed_before_html_html(ed_tree_t *tree, const ed_token_t *token);
static void ed_before_head_head(ed_tree_t *tree, const ed_token_t *token);
static void ed_head_void(ed_tree_t *tree, const ed_token_t *token);
static void ed_head_template(ed_tree_t *tree, const ed_token_t *token);
static void ed_head_head_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_head_body(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_head_frameset(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_head_metadata(ed_tree_t *tree, const ed_token_t *token);
static void ed_text_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_body_start(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_body_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_body_html_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_frameset_frameset(ed_tree_t *tree, const ed_token_t *token);
static void ed_frameset_frame(ed_tree_t *tree, const ed_token_t *token);
static void ed_frameset_end(ed_tree_t *tree, const ed_token_t *token);
static void ed_after_frameset_html_end(ed_tree_t *tree,
    const ed_token_t *token);


/* 13.2.6.4.1, "initial"; 13.2.6.4.2, "before html" */

static const ed_rule_pt  ed_before_html_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_before_html_html
};

static const ed_rule_pt  ed_before_body_ends[ED_TAG_COUNT] = {
    [ED_TAG_HEAD] = ed_before_body_end,
    [ED_TAG_BODY] = ed_before_body_end,
    [ED_TAG_HTML] = ed_before_body_end,
    [ED_TAG_BR] = ed_before_body_end
};

const ed_mode_rules_t  ed_mode_initial = {
    NULL,
    NULL,
    ed_before_body_start,
    ed_before_body_end,
    ed_text_before_head
};

const ed_mode_rules_t  ed_mode_before_html = {
    ed_before_html_starts,
    ed_before_body_ends,
    ed_before_body_start,
    ed_tree_ignore,
    ed_text_before_head
};


/* 13.2.6.4.3, "before head" */

static const ed_rule_pt  ed_before_head_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_HEAD] = ed_before_head_head
};

const ed_mode_rules_t  ed_mode_before_head = {
    ed_before_head_starts,
    ed_before_body_ends,
    ed_before_body_start,
    ed_tree_ignore,
    ed_text_before_head
};


/* 13.2.6.4.4, "in head" */

static const ed_rule_pt  ed_head_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_HEAD] = ed_tree_ignore,
    [ED_TAG_BASE] = ed_head_void,
    [ED_TAG_BASEFONT] = ed_head_void,
    [ED_TAG_BGSOUND] = ed_head_void,
    [ED_TAG_LINK] = ed_head_void,
    [ED_TAG_META] = ed_head_void,
    [ED_TAG_TITLE] = ed_tree_raw,
    [ED_TAG_NOSCRIPT] = ed_tree_raw,
    [ED_TAG_NOFRAMES] = ed_tree_raw,
    [ED_TAG_STYLE] = ed_tree_raw,
    [ED_TAG_SCRIPT] = ed_tree_raw,
    [ED_TAG_TEMPLATE] = ed_head_template
};

static const ed_rule_pt  ed_head_ends[ED_TAG_COUNT] = {
    [ED_TAG_HEAD] = ed_head_head_end,
    [ED_TAG_BODY] = ed_before_body_end,
    [ED_TAG_HTML] = ed_before_body_end,
    [ED_TAG_BR] = ed_before_body_end,
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_head = {
    ed_head_starts,
    ed_head_ends,
    ed_before_body_start,
    ed_tree_ignore,
    ed_text_head
};


/* 13.2.6.4.6, "after head" */

static const ed_rule_pt  ed_after_head_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_tree_ignore,
    [ED_TAG_HEAD] = ed_tree_ignore,
    [ED_TAG_BODY] = ed_after_head_body,
    [ED_TAG_FRAMESET] = ed_after_head_frameset,
    [ED_TAG_BASE] = ed_after_head_metadata,
    [ED_TAG_BASEFONT] = ed_after_head_metadata,
    [ED_TAG_BGSOUND] = ed_after_head_metadata,
    [ED_TAG_LINK] = ed_after_head_metadata,
    [ED_TAG_META] = ed_after_head_metadata,
    [ED_TAG_NOFRAMES] = ed_after_head_metadata,
    [ED_TAG_SCRIPT] = ed_after_head_metadata,
    [ED_TAG_STYLE] = ed_after_head_metadata,
    [ED_TAG_TEMPLATE] = ed_after_head_metadata,
    [ED_TAG_TITLE] = ed_after_head_metadata
};

static const ed_rule_pt  ed_after_head_ends[ED_TAG_COUNT] = {
    [ED_TAG_BODY] = ed_before_body_end,
    [ED_TAG_HTML] = ed_before_body_end,
    [ED_TAG_BR] = ed_before_body_end,
    [ED_TAG_TEMPLATE] = ed_template_end
};

const ed_mode_rules_t  ed_mode_after_head = {
    ed_after_head_starts,
    ed_after_head_ends,
    ed_before_body_start,
    ed_tree_ignore,
    ed_text_after_head
};


/* 13.2.6.4.8, "text": the tokenizer yields nothing but the one end tag */

const ed_mode_rules_t  ed_mode_text = {
    NULL,
    NULL,
    ed_tree_ignore,
    ed_text_end,
    ed_text_insert
};


/* 13.2.6.4.19, "after body"; 13.2.6.4.22, "after after body" */

static const ed_rule_pt  ed_after_body_starts[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_tree_ignore
};

static const ed_rule_pt  ed_after_body_ends[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_after_body_html_end
};

const ed_mode_rules_t  ed_mode_after_body = {
    ed_after_body_starts,
    ed_after_body_ends,
    ed_after_body_start,
    ed_after_body_end,
    ed_text_after_body
};

const ed_mode_rules_t  ed_mode_after_after_body = {
    ed_after_body_starts,
    NULL,
    ed_after_body_start,
    ed_after_body_end,
    ed_text_after_body
};


/* 13.2.6.4.20, "in frameset" */

static const ed_rule_pt  ed_frameset_starts[ED_TAG_COUNT] = {
    [ED_TAG_FRAMESET] = ed_frameset_frameset,
    [ED_TAG_FRAME] = ed_frameset_frame,
    [ED_TAG_NOFRAMES] = ed_tree_raw
};

static const ed_rule_pt  ed_frameset_ends[ED_TAG_COUNT] = {
    [ED_TAG_FRAMESET] = ed_frameset_end
};

const ed_mode_rules_t  ed_mode_frameset = {
    ed_frameset_starts,
    ed_frameset_ends,
    ed_tree_ignore,
    ed_tree_ignore,
    ed_text_frameset
};


/* 13.2.6.4.21, "after frameset"; 13.2.6.4.23, "after after frameset" */

static const ed_rule_pt  ed_after_frameset_starts[ED_TAG_COUNT] = {
    [ED_TAG_NOFRAMES] = ed_tree_raw
};

static const ed_rule_pt  ed_after_frameset_ends[ED_TAG_COUNT] = {
    [ED_TAG_HTML] = ed_after_frameset_html_end
};

const ed_mode_rules_t  ed_mode_after_frameset = {
    ed_after_frameset_starts,
    ed_after_frameset_ends,
    ed_tree_ignore,
    ed_tree_ignore,
    ed_text_frameset
};

const ed_mode_rules_t  ed_mode_after_after_frameset = {
    ed_after_frameset_starts,
    NULL,
    ed_tree_ignore,
    ed_tree_ignore,
    ed_text_after_after_frameset
};


/* Up to "before head". */

void
ed_tree_imply_html(ed_tree_t *tree)
{
    if (tree->mode == ED_MODE_INITIAL) {
        tree->quirks = 1;
        tree->mode = ED_MODE_BEFORE_HTML;
    }

    if (tree->mode == ED_MODE_BEFORE_HTML) {
        ed_stack_insert_implied(tree, ED_TAG_HTML);
        tree->mode = ED_MODE_BEFORE_HEAD;
    }
}


/* Up to "in head". */

void
ed_tree_imply_head(ed_tree_t *tree)
{
    ed_tree_imply_html(tree);

    if (tree->mode == ED_MODE_BEFORE_HEAD) {
        ed_stack_insert_implied(tree, ED_TAG_HEAD);
        tree->head = 1;
        tree->mode = ED_MODE_HEAD;
    }
}


/* Up to "after head". */

void
ed_tree_leave_head(ed_tree_t *tree)
{
    ed_tree_imply_head(tree);

    if (tree->mode == ED_MODE_HEAD) {
        ed_stack_pop(tree);
        tree->mode = ED_MODE_AFTER_HEAD;
    }
}


/* Up to "in body". */

void
ed_tree_imply_body(ed_tree_t *tree)
{
    ed_tree_leave_head(tree);

    if (tree->mode == ED_MODE_AFTER_HEAD) {
        ed_stack_insert_implied(tree, ED_TAG_BODY);
        tree->mode = ED_MODE_BODY;
    }
}


void
ed_tree_raw(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
    ed_tokenizer_raw(tree->tokenizer, token->tag);

    tree->text_mode = tree->mode;
    tree->mode = ED_MODE_TEXT;
}


/* "Anything else" of the modes up to the body: on to the next one. */

static void
ed_before_body_start(ed_tree_t *tree, const ed_token_t *token)
{
    switch (tree->mode) {

    case ED_MODE_INITIAL:
        tree->quirks = 1;
        tree->mode = ED_MODE_BEFORE_HTML;
        break;

    case ED_MODE_BEFORE_HTML:
        ed_tree_imply_html(tree);
        break;

    case ED_MODE_BEFORE_HEAD:
        ed_tree_imply_head(tree);
        break;

    case ED_MODE_HEAD:
        ed_tree_leave_head(tree);
        break;

    default:
        ed_tree_imply_body(tree);
    }

    ed_tree_start(tree, token);
}


static void
ed_before_body_end(ed_tree_t *tree, const ed_token_t *token)
{
    switch (tree->mode) {

    case ED_MODE_INITIAL:
        tree->quirks = 1;
        tree->mode = ED_MODE_BEFORE_HTML;
        break;

    case ED_MODE_BEFORE_HTML:
        ed_tree_imply_html(tree);
        break;

    case ED_MODE_BEFORE_HEAD:
        ed_tree_imply_head(tree);
        break;

    case ED_MODE_HEAD:
        ed_tree_leave_head(tree);
        break;

    default:
        ed_tree_imply_body(tree);
    }

    ed_tree_end(tree, token);
}


static void
ed_before_html_html(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_BEFORE_HEAD;
}


static void
ed_before_head_head(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
    tree->head = 1;
    tree->mode = ED_MODE_HEAD;
}


static void
ed_head_void(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert_void(tree, token);
}


static void
ed_head_template(ed_tree_t *tree, const ed_token_t *token)
{
    if (ed_stack_insert(tree, token) == NULL) {
        return;
    }

    ed_formatting_marker(tree);
    tree->frameset_ok = 0;
    tree->mode = ED_MODE_TEMPLATE;

    tree->templates[tree->ntemplates] = ED_MODE_TEMPLATE;
    tree->ntemplates++;
}


static void
ed_head_head_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_stack_pop(tree);
    tree->mode = ED_MODE_AFTER_HEAD;
}


static void
ed_after_head_body(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
    tree->frameset_ok = 0;
    tree->mode = ED_MODE_BODY;
}


static void
ed_after_head_frameset(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
    tree->mode = ED_MODE_FRAMESET;
}


/*
 * Such an element goes into the head, which is closed already: the consumer
 * sees it as a displaced child of the root.
 */

static void
ed_after_head_metadata(ed_tree_t *tree, const ed_token_t *token)
{
    tree->adrift = 1;
    ed_mode_start(tree, ED_MODE_HEAD, token);
    tree->adrift = 0;
}


static void
ed_text_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    ed_stack_pop(tree);
    tree->mode = tree->text_mode;
}


static void
ed_after_body_start(ed_tree_t *tree, const ed_token_t *token)
{
    tree->mode = ED_MODE_BODY;
    ed_tree_start(tree, token);
}


static void
ed_after_body_end(ed_tree_t *tree, const ed_token_t *token)
{
    tree->mode = ED_MODE_BODY;
    ed_tree_end(tree, token);
}


/*
 * html ends here, and the body too if it has no end tag of its own; both stay
 * on the stack, and what comes next may end them anew.
 */

static void
ed_after_body_html_end(ed_tree_t *tree, const ed_token_t *token)
{
    ed_open_t  *html, *body;

    html = tree->stack[0];
    html->ended = ED_END_TAG;
    html->end_tag_start = token->start;
    html->end = token->end;

    if (tree->depth > 1 && tree->stack[1]->ended != ED_END_TAG) {
        body = tree->stack[1];
        body->ended = ED_END_IMPLIED;
        body->end_tag_start = token->start;
        body->end = token->start;
    }

    tree->mode = ED_MODE_AFTER_AFTER_BODY;
}


static void
ed_frameset_frameset(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert(tree, token);
}


static void
ed_frameset_frame(ed_tree_t *tree, const ed_token_t *token)
{
    ed_stack_insert_void(tree, token);
}


static void
ed_frameset_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    if (tree->depth == 1) {
        return;
    }

    ed_stack_pop(tree);

    if (!ed_tree_current_is(tree, ED_TAG_FRAMESET)) {
        tree->mode = ED_MODE_AFTER_FRAMESET;
    }
}


static void
ed_after_frameset_html_end(ed_tree_t *tree, const ed_token_t *token)
{
    (void) token;

    tree->mode = ED_MODE_AFTER_AFTER_FRAMESET;
}
