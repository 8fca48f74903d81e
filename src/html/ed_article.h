
/*
 * The article as it was seen going by: its elements and its character data
 * as byte ranges, recorded while the tree is built, read once it is complete.
 *
 *     page    <html>…<article class=a><p>One <b>two</b>.</p>…</article>…
 *                    |start           |base = offset 0 of all ranges below
 *     nodes   0 article   1 p   2 b   …
 *     runs    "One "/1   "two"/2   "."/1   …
 *
 * Nodes stand in the order of their start tags, runs in the order of their
 * bytes.  What no reader sees as text (script, style, template…) has nodes
 * but no runs.
 */

#ifndef ED_ARTICLE_H
#define ED_ARTICLE_H


#include <libxml/tree.h>

#include "ed_text.h"
#include "ed_tree.h"


#define ED_MAX_NODES  65536            /* elements of one article */


/* Of a long article there are thousands: the small fields share a word. */
typedef struct {
    unsigned           parent:16;      /* a node; 0 for 0 itself */
    unsigned           tag:8;          /* ed_tag_t */
    unsigned           ns:2;           /* ed_ns_t */
    unsigned           implied:1;      /* no start tag of its own */
    unsigned           displaced:1;    /* its place in the source is not its
                                          place in the document */
    unsigned           hidden:1;       /* in a <template> */
    unsigned           loose:1;        /* formatting elements were left open
                                          at its end: what is inserted there
                                          would be formatted by them */
    uint32_t           start;          /* offsets from base */
    uint32_t           start_tag_end;
    uint32_t           end_tag_start;  /* == end where there is no end tag */
    uint32_t           end;
} ed_node_t;


_Static_assert(ED_MAX_NODES <= 65536, "a node's number has 16 bits");


typedef struct {
    uint64_t           start;          /* of the start tag, in the page */
    uint64_t           base;           /* behind the start tag, in the page */
    ed_buf_t           start_tag;      /* a copy of its bytes */
    ed_buf_t           nodes;          /* of ed_node_t */
    ed_buf_t           runs;           /* of ed_run_t */
    uint32_t           generation;     /* how often it has begun: elements
                                          from before are strangers */
    unsigned           apart:1;        /* a block or <br> came since the last
                                          run */
    const uint8_t     *data;           /* its bytes from base on; set once it
                                          is complete, the caller's */
    uint32_t           len;            /* up to the end of its end tag */
} ed_article_t;


void ed_article_init(ed_article_t *article);
void ed_article_free(ed_article_t *article);

/*
 * The article begins with el; what was recorded before is forgotten.
 * ED_NOMEM.
 */
ed_rc_t ed_article_begin(ed_article_t *article, ed_element_t *el,
    ed_str_t start_tag);

/*
 * To be called from the tree's handler for all that follows, until
 * ed_article_close() returns ED_DONE: the article's own element has closed.
 * ED_LIMIT_WORK: more than ED_MAX_NODES elements.  ED_NOMEM.
 */
ed_rc_t ed_article_open(ed_article_t *article, ed_element_t *el,
    const ed_element_t *parent);
ed_rc_t ed_article_close(ed_article_t *article, const ed_element_t *el,
    uint64_t end_tag_start, uint64_t end, unsigned formatting);
ed_rc_t ed_article_text(ed_article_t *article, const ed_element_t *parent,
    uint64_t offset, size_t len);

/* Is text in this element what a reader sees as text?  Not in a script. */
int ed_article_is_text(const ed_element_t *parent);

/* The article's bytes, from base to the end that was reported. */
void ed_article_complete(ed_article_t *article, const uint8_t *data);


#define ed_article_node(article, i)   ed_buf_at(&(article)->nodes, ed_node_t, i)
#define ed_article_nodes(article)     ed_buf_count(&(article)->nodes, ed_node_t)

/*
 * The value, as written, of an attribute of a node (name in lower case);
 * data == NULL where it has none.
 */
ed_str_t ed_article_attr(const ed_article_t *article, uint32_t node,
    ed_str_t name);

/*
 * The start tag of a node that may have attributes with a value, read again;
 * attrs as for ed_token_parse().  Zero: it has none.
 */
int ed_article_token(const ed_article_t *article, uint32_t node,
    ed_token_t *token, ed_attr_t *attrs);

/* Its name, as written in the source, or by its tag where implied. */
ed_str_t ed_article_name(const ed_article_t *article, uint32_t node);

/*
 * The runs that [start, end) touches: the first, and how many in *n (NULL
 * and 0: none).
 */
const ed_run_t *ed_article_runs(const ed_article_t *article, uint32_t start,
    uint32_t end, size_t *n);

/* Is the node, or an element it stands in, one of that tag (HTML's)? */
int ed_article_within(const ed_article_t *article, uint32_t node,
    ed_tag_t tag);

/*
 * The article as a libxml2 document for XPath: names in lower case, no
 * namespaces, each element's _private its node's index.  To be freed with
 * xmlFreeDoc().  NULL: no memory.
 */
xmlDocPtr ed_article_tree(const ed_article_t *article, ed_charset_t *cs);


#endif /* ED_ARTICLE_H */
