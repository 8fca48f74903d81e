
/*
 * What a character is, as far as comparing prose needs it: white space,
 * letters, case, the look-alikes of quotes and dashes.  No locale, no tables
 * of the C library: the same answer on every machine.
 */

#ifndef ED_UNICODE_H
#define ED_UNICODE_H


#include <stdint.h>


/* White_Space of Unicode, the no-break spaces among it. */
int ed_is_white(uint32_t code);

/*
 * What a reader cannot see and an editor does not type twice alike: soft
 * hyphen, zero-width and bidi marks, variation selectors.
 */
int ed_is_invisible(uint32_t code);

/* A letter, digit or mark of a script that puts spaces between its words. */
int ed_is_word(uint32_t code);

/* A small letter; 0 for scripts that have no case. */
int ed_is_small(uint32_t code);

/*
 * The small letter of a capital of Latin, Greek, Cyrillic, Armenian; all else
 * as it is.  The result takes as many bytes in UTF-8 as the capital did: the
 * few that would not (dotted I, Kelvin sign, capital sharp s) stay.
 */
uint32_t ed_fold_case(uint32_t code);

/* Quotes of any kind become ' or ", dashes - ; all else as it is. */
uint32_t ed_fold_mark(uint32_t code);


#endif /* ED_UNICODE_H */
