
/*
 * The small selectors of editorial_article: compound selectors of a tag,
 * .class, #id, [attr], [attr=v], [attr~=v] (Selectors 4, sections 5 to 7,
 * without combinators), tried on each start tag as it streams by.
 */

#ifndef ED_SELECT_H
#define ED_SELECT_H


#include "ed_arena.h"
#include "ed_tokenizer.h"


typedef struct ed_select_s  ed_select_t;


/*
 * Compiles n selectors, best first, into arena.  ED_INVALID with a sentence
 * in error where one is wrong.  ED_NOMEM.
 */
ed_rc_t ed_select_compile(ed_arena_t *arena, const ed_str_t *selectors,
    unsigned n, ed_select_t **select, char *error, size_t errlen);

/* The index of the first selector that the start tag matches; -1: none. */
int ed_select_match(const ed_select_t *select, const ed_token_t *token);


#endif /* ED_SELECT_H */
