
/*
 * Pull quotes, as ed_repeat finds them and ed_quote plans them.
 */

#ifndef ED_QUOTE_H
#define ED_QUOTE_H


#include "ed_plan.h"


#define ED_MAX_QUOTES  64              /* of the text; and of the record */


/* A quote and its source. */
typedef struct {
    uint32_t           para;           /* that repeats it; ED_NO_INDEX: the
                                          record asks for it */
    uint32_t           source;         /* paragraph */
    uint32_t           start;          /* of the quoted bytes, in the article */
    uint32_t           end;
    unsigned           again:1;        /* another quote has these words */
} ed_quote_t;


typedef struct ed_quotes_s  ed_quotes_t;

struct ed_quotes_s {
    ed_quote_t         list[2 * ED_MAX_QUOTES];
    unsigned           n;
};


/*
 * Tells the paragraphs of running text that repeat whole sentences of others:
 * they become ED_PARA_QUOTE, and a quote is added for each.  ED_NOMEM.
 */
ed_rc_t ed_repeat_find(ed_plan_t *plan);

/*
 * Adds a quote: the len bytes at from of the source's folded text, repeated by
 * paragraph para, or, where that is ED_NO_INDEX, asked for by the record.
 */
void ed_quote_add(ed_plan_t *plan, uint32_t para, uint32_t source,
    size_t from, size_t len);


#endif /* ED_QUOTE_H */
