
/*
 * What a page says about itself: language, charset, title, author, section,
 * tags, JSON-LD.  Gathered as raw bytes from the tags that go by (the charset may
 * not be known yet), decoded once it is asked for.
 */

#ifndef ED_META_H
#define ED_META_H


#include "ed_text.h"
#include "ed_tree.h"


typedef enum {
    ED_META_AUTHOR = 0,            /* meta author, article:author, rel=author,
                                      JSON-LD author */
    ED_META_SECTION,               /* article:section, articleSection */
    ED_META_OPINION,               /* article:opinion */
    ED_META_TAG,                   /* article:tag; of JSON-LD's keywords
                                      those that are an array */
    ED_META_KEYWORDS,              /* keywords, separated by commas */
    ED_META_TITLE,                 /* og:title */
    ED_META_HEADLINE,              /* JSON-LD headline */
    ED_META_DOCUMENT,              /* <title> */
    ED_META_URL,                   /* og:url */
    ED_META_CANONICAL,             /* link rel=canonical */
    ED_META_PUBLISHED,             /* article:published_time, JSON-LD
                                      datePublished */
    ED_META_TYPE,                  /* JSON-LD @type */
    ED_METAS
} ed_meta_e;


typedef struct ed_meta_s  ed_meta_t;


/*
 * Nothing known yet; in arena.  NULL: no memory.  ed_meta_release() gives
 * back what a capture that never ended still holds.
 */
ed_meta_t *ed_meta_create(ed_arena_t *arena);
void ed_meta_release(ed_meta_t *meta);

/*
 * A start tag goes by.  *capture becomes non-zero where the text of this
 * element is wanted: ed_meta_text() is to be given it, ed_meta_captured() to
 * be called at its end.  Tags of foreign content do not matter.  ED_NOMEM.
 */
ed_rc_t ed_meta_tag(ed_meta_t *meta, const ed_element_t *el,
    const ed_token_t *token, int *capture);
ed_rc_t ed_meta_text(ed_meta_t *meta, ed_str_t text);
ed_rc_t ed_meta_captured(ed_meta_t *meta);

/*
 * Decodes everything; to be called once, before the values are read.
 * Malformed JSON-LD is passed over.  ED_NOMEM.
 */
ed_rc_t ed_meta_decode(ed_meta_t *meta, ed_charset_t *cs);

/* The i-th value of that kind, in UTF-8; data == NULL: there are no more. */
ed_str_t ed_meta_value(const ed_meta_t *meta, ed_meta_e kind, unsigned i);

/* As written: <html lang>, and the charset a <meta> declares; may be empty. */
ed_str_t ed_meta_lang(const ed_meta_t *meta);
ed_str_t ed_meta_charset(const ed_meta_t *meta);

/* An AMP page: <html amp> or <html ⚡>. */
int ed_meta_amp(const ed_meta_t *meta);


#endif /* ED_META_H */
