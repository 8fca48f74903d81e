
/*
 * The inside of ed_tree, shared by its files, one for each part of 13.2.4
 * and 13.2.6:
 *
 *     ed_tree.c             create, feed, finish; which rules a token meets
 *     ed_tree_text.c        characters, in every mode
 *     ed_tree_head.c        up to <body>, and behind </body>; framesets
 *     ed_tree_body.c        "in body": start tags
 *     ed_tree_body_end.c    "in body": end tags
 *     ed_tree_table.c       the table modes
 *     ed_tree_select.c      "in select", "in template"
 *     ed_tree_foreign.c     SVG and MathML
 *     ed_stack.c            the stack of open elements
 *     ed_formatting.c       the list of active formatting elements
 *     ed_adoption.c         the adoption agency
 *
 *     stack    html  body  div  p  b              nodes of the pool
 *                                  ^ |
 *     list     [marker]  [i]  [b] -' v entry      i is not open: it waits to
 *                                                 be made again
 *
 * A failure sticks: the first one is kept in ->rc, the consumer is not called
 * any more, and the token is worked off as if nothing had happened.  So the
 * rules return nothing, and read like the standard's.
 *
 * Work that a token's O(1) does not cover is charged, a unit a step.  What is
 * allowed grows with the offset of the token, not with the bytes that happen
 * to have been fed, so that it is the same for every chunking.  A formatting
 * element that is made again costs more than a step: a page must not have
 * more elements than its own bytes can pay for.
 */

#ifndef ED_TREE_INT_H
#define ED_TREE_INT_H


#include "ed_tree.h"


#define ED_WORK_FIRST     65536
#define ED_WORK_PER_BYTE  8
#define ED_WORK_AGAIN     16       /* a formatting element made again */
#define ED_MAX_FORMATS    65536    /* entries of the list, markers included */
#define ED_NAME_BUCKETS   256
#define ED_BOM_SIZE       3
#define ED_MAX_NODES      (ED_MAX_DEPTH + 8)  /* some in the agency's hands */


typedef enum {
    ED_MODE_INITIAL = 0,
    ED_MODE_BEFORE_HTML,
    ED_MODE_BEFORE_HEAD,
    ED_MODE_HEAD,
    ED_MODE_AFTER_HEAD,
    ED_MODE_BODY,
    ED_MODE_TEXT,
    ED_MODE_TABLE,
    ED_MODE_CAPTION,
    ED_MODE_COLUMN_GROUP,
    ED_MODE_TABLE_BODY,
    ED_MODE_ROW,
    ED_MODE_CELL,
    ED_MODE_SELECT,
    ED_MODE_SELECT_IN_TABLE,
    ED_MODE_TEMPLATE,
    ED_MODE_AFTER_BODY,
    ED_MODE_FRAMESET,
    ED_MODE_AFTER_FRAMESET,
    ED_MODE_AFTER_AFTER_BODY,
    ED_MODE_AFTER_AFTER_FRAMESET,
    ED_MODE_COUNT
} ed_mode_t;


typedef enum {
    ED_END_NONE = 0,
    ED_END_IMPLIED,                /* by </html>: its start ends the body */
    ED_END_TAG
} ed_ended_t;


typedef struct ed_open_s  ed_open_t;

struct ed_open_s {
    ed_element_t      el;          /* what the consumer sees; comes first */
    uint64_t          name;        /* ed_tag_hash() */
    uint64_t          serial;      /* no two elements of a page share one */
    uint32_t          flags;       /* ED_IS_*, as its namespace has it */
    uint32_t          pos;         /* in the stack */
    int32_t           entry;       /* in the formatting list; -1: none */
    uint8_t           ended;       /* ed_ended_t; of html and body, which */
    uint64_t          end_tag_start;   /* stay on the stack when they */
    uint64_t          end;             /* are ended */
    ed_open_t        *next;        /* of the free ones */
};


typedef struct {
    ed_open_t        *node;        /* NULL: not open, or a marker */
    uint64_t          attrs;       /* hash of the set of attributes */
    ed_tag_t          tag;         /* ED_TAG_UNKNOWN: a marker */
} ed_format_t;


struct ed_tree_s {
    ed_tree_handler_t   handler;
    void               *ctx;
    ed_tokenizer_t     *tokenizer;
    ed_rc_t             rc;

    const ed_token_t   *token;     /* the tag being worked on; NULL: text */
    uint64_t            at;        /* its offset, or the text's */
    uint64_t            serial;
    uint64_t            work;

    uint8_t             mode;
    uint8_t             text_mode; /* to return to from ED_MODE_TEXT */
    uint8_t             table_text;    /* ed_table_text_t */
    uint8_t             skip_lf;       /* ed_skip_lf_t */
    uint8_t             bom;       /* bytes of a byte order mark passed */

    unsigned            want_text:1;
    unsigned            quirks:1;
    unsigned            frameset_ok:1;
    unsigned            foster:1;  /* the standard's foster parenting flag */
    unsigned            head:1;    /* the head element pointer is set */
    unsigned            form_set:1;    /* the form element pointer is set, */
    ed_open_t          *form;      /*   NULL: to one no longer open */
    unsigned            adrift:1;  /* elements of a closed head are coming */

    uint32_t            depth;
    uint32_t            ntemplates;
    uint8_t             templates[ED_MAX_DEPTH];  /* their insertion modes */
    uint16_t            open[ED_TAG_COUNT];       /* HTML elements by tag */
    uint16_t            names[ED_NAME_BUCKETS];   /* unknown ones by name */
    uint16_t            foreign[ED_NAME_BUCKETS]; /* foreign ones by name */
    ed_buf_t            formats;   /* of ed_format_t */
    ed_open_t          *stack[ED_MAX_DEPTH];
    ed_open_t          *free;      /* those given back */
    uint32_t            used;      /* of the pool: the rest is untouched */
    ed_open_t           pool[ED_MAX_NODES];
};


typedef enum {
    ED_TABLE_TEXT_NONE = 0,
    ED_TABLE_TEXT_SPACE,           /* a run of characters, white so far */
    ED_TABLE_TEXT_STRAY            /* not white: foster-parented */
} ed_table_text_t;


typedef enum {
    ED_SKIP_LF_NO = 0,
    ED_SKIP_LF_FIRST,              /* <pre> was the token before */
    ED_SKIP_LF_AFTER_CR
} ed_skip_lf_t;


typedef void (*ed_rule_pt)(ed_tree_t *tree, const ed_token_t *token);
typedef void (*ed_text_rule_pt)(ed_tree_t *tree, ed_str_t text);

/*
 * What a mode does with tags: a rule for a tag, or the one for all others.
 * Text rules find the text's offset in tree->at.
 */
typedef struct {
    const ed_rule_pt  *start;      /* [ED_TAG_COUNT]; NULL: none of its own */
    const ed_rule_pt  *end;
    ed_rule_pt         other_start;
    ed_rule_pt         other_end;
    ed_text_rule_pt    text;
} ed_mode_rules_t;


extern const ed_mode_rules_t  ed_mode_initial;
extern const ed_mode_rules_t  ed_mode_before_html;
extern const ed_mode_rules_t  ed_mode_before_head;
extern const ed_mode_rules_t  ed_mode_head;
extern const ed_mode_rules_t  ed_mode_after_head;
extern const ed_mode_rules_t  ed_mode_body;
extern const ed_mode_rules_t  ed_mode_text;
extern const ed_mode_rules_t  ed_mode_table;
extern const ed_mode_rules_t  ed_mode_caption;
extern const ed_mode_rules_t  ed_mode_column_group;
extern const ed_mode_rules_t  ed_mode_table_body;
extern const ed_mode_rules_t  ed_mode_row;
extern const ed_mode_rules_t  ed_mode_cell;
extern const ed_mode_rules_t  ed_mode_select;
extern const ed_mode_rules_t  ed_mode_select_in_table;
extern const ed_mode_rules_t  ed_mode_template;
extern const ed_mode_rules_t  ed_mode_after_body;
extern const ed_mode_rules_t  ed_mode_frameset;
extern const ed_mode_rules_t  ed_mode_after_frameset;
extern const ed_mode_rules_t  ed_mode_after_after_body;
extern const ed_mode_rules_t  ed_mode_after_after_frameset;


/* The current node.  There is one from <html> on. */

static inline ed_open_t *
ed_tree_current(const ed_tree_t *tree)
{
    return tree->stack[tree->depth - 1];
}


/* Is the current node an HTML element of that name? */

static inline int
ed_tree_current_is(const ed_tree_t *tree, ed_tag_t tag)
{
    ed_open_t  *node;

    node = ed_tree_current(tree);

    return node->el.tag == tag && node->el.ns == ED_NS_HTML;
}


static inline void
ed_tree_fail(ed_tree_t *tree, ed_rc_t rc)
{
    if (tree->rc == ED_OK) {
        tree->rc = rc;
    }
}


/* Pays for steps of work that one token does not pay for. */

static inline void
ed_tree_charge(ed_tree_t *tree, uint64_t steps)
{
    tree->work += steps;

    if (tree->work > ED_WORK_FIRST + ED_WORK_PER_BYTE * tree->at) {
        ed_tree_fail(tree, ED_LIMIT_WORK);
    }
}


/* ed_tree.c: a tag by the rules of the current node, or of a mode. */

void ed_tree_start(ed_tree_t *tree, const ed_token_t *token);
void ed_tree_end(ed_tree_t *tree, const ed_token_t *token);
void ed_mode_start(ed_tree_t *tree, ed_mode_t mode, const ed_token_t *token);
void ed_mode_end(ed_tree_t *tree, ed_mode_t mode, const ed_token_t *token);
void ed_tree_ignore(ed_tree_t *tree, const ed_token_t *token);

/* The "reset the insertion mode appropriately" of 13.2.4.1. */
void ed_tree_reset_mode(ed_tree_t *tree);


/* Characters at tree->at, by the current node and mode. */
void ed_tree_text(ed_tree_t *tree, ed_str_t text);


/* ed_tree_text.c: the modes' rules for characters. */

ed_str_t ed_text_skip_lf(ed_tree_t *tree, ed_str_t text);
void ed_text_break_bom(ed_tree_t *tree);
void ed_text_before_head(ed_tree_t *tree, ed_str_t text);
void ed_text_head(ed_tree_t *tree, ed_str_t text);
void ed_text_after_head(ed_tree_t *tree, ed_str_t text);
void ed_text_body(ed_tree_t *tree, ed_str_t text);
void ed_text_insert(ed_tree_t *tree, ed_str_t text);
void ed_text_foreign(ed_tree_t *tree, ed_str_t text);
void ed_text_foreign(ed_tree_t *tree, ed_str_t text);
void ed_text_table(ed_tree_t *tree, ed_str_t text);
void ed_text_column_group(ed_tree_t *tree, ed_str_t text);
void ed_text_after_body(ed_tree_t *tree, ed_str_t text);
void ed_text_frameset(ed_tree_t *tree, ed_str_t text);
void ed_text_after_after_frameset(ed_tree_t *tree, ed_str_t text);


/*
 * ed_stack.c.  Inserting an element opens it for the consumer; NULL where the
 * stack is full, which is a failure already noted.
 */

ed_open_t *ed_stack_insert(ed_tree_t *tree, const ed_token_t *token);
ed_open_t *ed_stack_insert_foreign(ed_tree_t *tree, const ed_token_t *token,
    ed_ns_t ns, uint32_t flags);
ed_open_t *ed_stack_insert_implied(ed_tree_t *tree, ed_tag_t tag);

/* An element that is popped at once: its end is its tag's. */
void ed_stack_insert_void(ed_tree_t *tree, const ed_token_t *token);
void ed_stack_pop_void(ed_tree_t *tree);

/* Where a new child of the current node goes (13.2.6.1). */
ed_open_t *ed_stack_place(ed_tree_t *tree, int *displaced);

void ed_stack_pop(ed_tree_t *tree);
void ed_stack_pop_above(ed_tree_t *tree, uint32_t depth);
void ed_stack_pop_until(ed_tree_t *tree, ed_tag_t tag);
void ed_stack_pop_until_flags(ed_tree_t *tree, uint32_t flags);

/* Pops down to, not including, an element with one of the flags. */
void ed_stack_clear_to(ed_tree_t *tree, uint32_t flags);

void ed_stack_remove(ed_tree_t *tree, ed_open_t *node);

/* Off the stack or on it, the consumer not told. */
void ed_stack_take(ed_tree_t *tree, ed_open_t *node);
void ed_stack_put(ed_tree_t *tree, ed_open_t *node, uint32_t pos);

/* Tells the consumer, and gives the node of a closed element back. */
void ed_stack_open(ed_tree_t *tree, ed_open_t *node, ed_open_t *parent);
void ed_stack_close(ed_tree_t *tree, ed_open_t *node);

/* A node as a formatting element that is made again; not on the stack. */
ed_open_t *ed_stack_clone(ed_tree_t *tree, ed_tag_t tag);

/* "Has an element in scope" (13.2.4.2); scope is what bounds it, ED_IS_*. */
int ed_stack_in_scope(ed_tree_t *tree, ed_tag_t tag, uint32_t scope);
int ed_stack_in_scope_flags(ed_tree_t *tree, uint32_t flags, uint32_t scope);
int ed_stack_in_scope_node(ed_tree_t *tree, const ed_open_t *node);

#define ED_SCOPE         ED_IS_SCOPE
#define ED_SCOPE_LIST    (ED_IS_SCOPE | ED_IS_LIST_SCOPE)
#define ED_SCOPE_BUTTON  (ED_IS_SCOPE | ED_IS_BUTTON_SCOPE)
#define ED_SCOPE_TABLE   ED_IS_TABLE_SCOPE

/* "Generate implied end tags" (13.2.6.3), except for one. */
void ed_stack_implied_ends(ed_tree_t *tree, ed_tag_t except);
void ed_stack_implied_ends_thoroughly(ed_tree_t *tree);

/* "Close a p element", where one is in button scope. */
void ed_stack_close_p(ed_tree_t *tree);


/* ed_formatting.c: the list of active formatting elements (13.2.4.3). */

void ed_formatting_marker(ed_tree_t *tree);
void ed_formatting_clear(ed_tree_t *tree);
void ed_formatting_push(ed_tree_t *tree, ed_open_t *node,
    const ed_token_t *token);
void ed_formatting_reconstruct(ed_tree_t *tree);
void ed_formatting_remove(ed_tree_t *tree, uint32_t index);
void ed_formatting_put(ed_tree_t *tree, ed_open_t *node, uint64_t attrs,
    uint32_t index);

/* The last entry of that name behind the last marker; -1: there is none. */
int32_t ed_formatting_find(ed_tree_t *tree, ed_tag_t tag);

/* How many elements wait at the list's end to be made again. */
unsigned ed_formatting_waiting(ed_tree_t *tree);

static inline ed_format_t *
ed_formatting_at(const ed_tree_t *tree, uint32_t index)
{
    return ed_buf_at(&tree->formats, ed_format_t, index);
}

static inline uint32_t
ed_formatting_count(const ed_tree_t *tree)
{
    return (uint32_t) ed_buf_count(&tree->formats, ed_format_t);
}


/* Does any? */

static inline int
ed_formatting_pending(const ed_tree_t *tree)
{
    ed_format_t  *last;

    if (tree->formats.len == 0) {
        return 0;
    }

    last = ed_formatting_at(tree, ed_formatting_count(tree) - 1);

    return last->node == NULL && last->tag != ED_TAG_UNKNOWN;
}


/* ed_adoption.c: 13.2.6.4.7, "adoption agency algorithm", for a tag. */

void ed_adoption(ed_tree_t *tree, const ed_token_t *token);


/* ed_tree_head.c */

/* The generic raw text and RCDATA element parsing algorithms (13.2.6.2). */
void ed_tree_raw(ed_tree_t *tree, const ed_token_t *token);

/* From the current mode up to the next that insists on nothing (13.2.6.4). */
void ed_tree_imply_html(ed_tree_t *tree);
void ed_tree_imply_head(ed_tree_t *tree);
void ed_tree_leave_head(ed_tree_t *tree);
void ed_tree_imply_body(ed_tree_t *tree);


/* ed_tree_select.c */

void ed_template_end(ed_tree_t *tree, const ed_token_t *token);
void ed_template_pop(ed_tree_t *tree);


/* ed_tree_body.c, ed_tree_body_end.c: rules that other modes share. */

extern const ed_rule_pt  ed_body_ends[ED_TAG_COUNT];

int ed_body_hidden_input(const ed_token_t *token);
void ed_body_end_tag(ed_tree_t *tree, const ed_token_t *token);
void ed_body_end_other(ed_tree_t *tree, const ed_token_t *token);


/* ed_tree_foreign.c: the rules for a foreign current node (13.2.6.5). */

int ed_foreign_start_applies(const ed_tree_t *tree, const ed_token_t *token);
void ed_foreign_start(ed_tree_t *tree, const ed_token_t *token);
void ed_foreign_end(ed_tree_t *tree, const ed_token_t *token);
void ed_foreign_insert(ed_tree_t *tree, const ed_token_t *token, ed_ns_t ns);


#endif /* ED_TREE_INT_H */
