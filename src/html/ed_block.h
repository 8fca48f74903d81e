
/*
 * The article's text as placement sees it.
 *
 *     <article>  <p>…</p>  <figure>…</figure>  <div><p>…</p></div>  text
 *     blocks      0         1                   2                   3
 *     paragraphs  0 direct                      1 (in block 2)
 *
 * Blocks are what stands directly in the article: its child elements that a
 * reader sees, and bare text between them.  Paragraphs are the <p>s that
 * carry running text: children of the article, or of plain containers (div,
 * section) in it; not those of captions, quotes, asides, tables or lists.
 */

#ifndef ED_BLOCK_H
#define ED_BLOCK_H


#include "ed_article.h"


#define ED_NO_INDEX  UINT32_MAX


typedef enum {
    ED_BLOCK_PARAGRAPH = 0,
    ED_BLOCK_EMPTY,                /* a <p> without text */
    ED_BLOCK_HEADING,
    ED_BLOCK_FIGURE,               /* figure, picture, img, a <p> of these */
    ED_BLOCK_EMBED,                /* iframe, video, object… */
    ED_BLOCK_LIST,
    ED_BLOCK_TABLE,
    ED_BLOCK_QUOTE,                /* blockquote */
    ED_BLOCK_ASIDE,
    ED_BLOCK_MORE_ON,              /* a box of links of the CMS's own */
    ED_BLOCK_TEXT,                 /* bare text */
    ED_BLOCK_OTHER,
    ED_BLOCKS
} ed_block_e;


typedef struct {
    ed_block_e         kind;
    uint32_t           node;       /* ED_NO_INDEX: bare text */
    uint32_t           start;
    uint32_t           start_tag_end;
    uint32_t           end_tag_start;
    uint32_t           end;
    uint32_t           paragraph;  /* ED_NO_INDEX: it is none */
} ed_block_t;


typedef enum {
    ED_PARA_TEXT = 0,
    ED_PARA_EMPTY,
    ED_PARA_READ_MORE,             /* the CMS wrote a READ MORE line */
    ED_PARA_QUOTE,                 /* it repeats a sentence of another */
    ED_PARA_DISCLAIMER,
    ED_PARA_BIOGRAPHY
} ed_para_e;


typedef struct {
    ed_para_e          kind;       /* EMPTY or TEXT; the furniture's rules
                                      tell the others */
    uint32_t           node;
    uint32_t           block;      /* the block it is, or stands in */
    uint32_t           start;
    uint32_t           start_tag_end;
    uint32_t           end_tag_start;
    uint32_t           end;
    uint32_t           before;     /* counted paragraphs before it */
    unsigned           counted:1;  /* it is one that placement counts */
    unsigned           alike:1;    /* it may repeat another, or be repeated */
    unsigned           direct:1;   /* a child of the article itself */
    unsigned           loose:1;    /* formatting was left open at its end */
    const ed_run_t    *runs;
    size_t             nruns;
    ed_text_t          folded;     /* mapped; data == NULL until asked for */
} ed_para_t;


typedef struct {
    ed_arena_t        *arena;
    ed_charset_t      *cs;
    const ed_article_t  *article;
    ed_block_t        *blocks;
    uint32_t           nblocks;
    ed_para_t         *paras;
    uint32_t           nparas;
} ed_blocks_t;


/* Finds blocks and paragraphs of a complete article; in arena.  ED_NOMEM. */
ed_rc_t ed_blocks_make(ed_blocks_t *b, ed_arena_t *arena, ed_charset_t *cs,
    const ed_article_t *article);

/* The paragraph's text, folded and mapped, made once.  ED_NOMEM. */
ed_rc_t ed_para_text(ed_blocks_t *b, ed_para_t *para,
    const ed_text_t **text);

/* The text within [start, end) of the article, in a form.  ED_NOMEM. */
ed_rc_t ed_blocks_text(ed_blocks_t *b, uint32_t start, uint32_t end,
    unsigned form, ed_text_t *text);

/*
 * Does the class, id, itemprop or aria-label of a node have one of the words
 * (lower case, the last one of length 0), as words are in "author-bio_box",
 * "authorBio" and "authors"?
 */
int ed_block_says(const ed_article_t *article, uint32_t node,
    const ed_str_t *words);

/* The one element that a node has in it; ED_NO_INDEX: none, or several. */
uint32_t ed_block_only_child(const ed_article_t *article, uint32_t node);

/* "paragraph", "heading"…, as explain and refusals name it. */
const char *ed_block_name(ed_block_e kind);


#endif /* ED_BLOCK_H */
