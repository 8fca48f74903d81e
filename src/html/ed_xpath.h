
/*
 * XPath expressions compiled once, at configuration, by libxml2.
 */

#ifndef ED_XPATH_H
#define ED_XPATH_H


#include <libxml/tree.h>

#include "ed_arena.h"


#define ED_MAX_XPATH_OPS  1000000      /* libxml2's opLimit, of one page */


typedef struct ed_xpath_s  ed_xpath_t;


/*
 * Compiles n expressions.  The struct lives in arena, what libxml2 holds is
 * to be given back with ed_xpath_free() before the arena goes.  ED_INVALID
 * with a sentence in error where one does not compile.  ED_NOMEM.
 */
ed_rc_t ed_xpath_compile(ed_arena_t *arena, const ed_str_t *expressions,
    unsigned n, ed_xpath_t **xpath, char *error, size_t errlen);
void ed_xpath_free(ed_xpath_t *xpath);

/*
 * Evaluates all of them with the root element of doc as context node and
 * calls found() for every element in a result.  ED_LIMIT_WORK: over the
 * operation limit, ED_NOMEM, ED_INVALID: an expression failed (a function
 * that does not exist…); what was found until then has been reported.
 */
ed_rc_t ed_xpath_each(ed_xpath_t *xpath, xmlDocPtr doc,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx);


#endif /* ED_XPATH_H */
