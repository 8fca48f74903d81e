
/*
 * Where does an element really begin and end?  The tree construction stage
 * of the HTML standard (13.2.6) without its tree: insertion modes, the stack
 * of open elements, the list of active formatting elements, template modes,
 * foster parenting, foreign content.  It owns the tokenizer, since the two
 * steer each other (raw text, CDATA).
 *
 *     bytes -> tokenizer -> tags, text -> tree -> open(), text(), close()
 *
 * Scripting is taken as enabled, as in a reader's browser: <noscript> in the
 * head or body is raw text.
 *
 * Character references are not decoded: one that stands for white space counts
 * as a letter where white space makes a difference, and attribute values are
 * compared as they are written.
 *
 * Cost is linear: depth is limited to ED_MAX_DEPTH, stray end tags are
 * refused by a count of open elements per name, and all stack work is paid
 * from a budget that grows with the bytes fed (ED_LIMIT_WORK past it).
 */

#ifndef ED_TREE_H
#define ED_TREE_H


#include "ed_tokenizer.h"


#define ED_MAX_DEPTH  256


typedef enum {
    ED_NS_HTML = 0,
    ED_NS_SVG,
    ED_NS_MATHML
} ed_ns_t;


/*
 * An element on the stack.  Valid from its open() until its close() returns;
 * not to be kept.
 */
typedef struct {
    ed_tag_t          tag;
    uint8_t           ns;              /* ed_ns_t */
    unsigned          in_template:1;   /* inside <template>'s content */
    unsigned          implied:1;       /* no tag of its own in the source: an
                                          implied html, head, body, tbody…, or
                                          a formatting element made again */
    unsigned          displaced:1;     /* stands elsewhere in the document
                                          than in the source: foster-parented,
                                          or moved by the adoption agency */
    unsigned          depth;           /* of the stack; html is 1 */
    uint64_t          start;           /* byte offsets of its start tag, */
    uint64_t          start_tag_end;   /*   exclusive; equal where implied */
    void             *data;            /* the consumer's; NULL at open() */
} ed_element_t;


typedef struct {
    /*
     * An element was inserted.  parent is the element it became a child of
     * (NULL for html).  token is its start tag, NULL where implied.  Slices
     * of token live during the call only.  A void element (br, img…) is
     * opened and closed at once.
     */
    ed_rc_t  (*open)(void *ctx, ed_element_t *el, ed_element_t *parent,
                 const ed_token_t *token);

    /*
     * An element left the stack (the moment the standard pops it).  Where its
     * own end tag closed it, [end_tag_start, end) is that tag; else both are
     * the offset of the tag that implied its end, or of the end of input.
     * formatting: how many formatting elements are now waiting to be made
     * again before the next text (the page left <b>, <a>… unclosed).
     */
    ed_rc_t  (*close)(void *ctx, ed_element_t *el, uint64_t end_tag_start,
                 uint64_t end, unsigned formatting);

    /*
     * Character data, in slices cut anywhere, as it stands in the source at
     * [offset, offset + text.len): raw text included, comments and tags not.
     * parent is the element it became a child of.  Called only while
     * ed_tree_want_text() is on.
     */
    ed_rc_t  (*text)(void *ctx, ed_element_t *parent, uint64_t offset,
                 ed_str_t text);
} ed_tree_handler_t;


typedef struct ed_tree_s  ed_tree_t;


/*
 * A tree at the beginning of a document.  handler's functions may be NULL;
 * one that returns anything but ED_OK ends the feeding with that code.
 * NULL: no memory.  Free with ed_tree_destroy(), which takes NULL too.
 */
ed_tree_t *ed_tree_create(const ed_tree_handler_t *handler, void *ctx);
void ed_tree_destroy(ed_tree_t *tree);

/*
 * Feeds the next chunk.  The handler is called for everything that the bytes
 * up to here settle.  ED_OK, or why nothing more can be said about this page:
 * ED_NOMEM, ED_LIMIT_DEPTH, ED_LIMIT_TOKEN, ED_LIMIT_WORK, or what the
 * handler returned.  After a failure only ed_tree_destroy() may follow.
 */
ed_rc_t ed_tree_feed(ed_tree_t *tree, const uint8_t *data, size_t len);

/* The end of input: closes what is open, innermost first. */
ed_rc_t ed_tree_finish(ed_tree_t *tree);

/*
 * Non-zero where markup put behind what has been fed would be read as such:
 * it does not end in a tag, a comment, a CDATA section or raw text.
 */
int ed_tree_in_text(const ed_tree_t *tree);

/*
 * Non-zero where a <p> is open that a block's start tag would end, and with
 * it all that is open in it ("has a p element in button scope", 13.2.4.2).
 */
int ed_tree_in_p(ed_tree_t *tree);

/* Switches text() on or off, from the next byte on; off at the start. */
void ed_tree_want_text(ed_tree_t *tree, int on);

/* Non-zero where the document is in quirks mode (13.2.6.4.1). */
int ed_tree_quirks(const ed_tree_t *tree);


#endif /* ED_TREE_H */
