
/* How a state is made, by its JSON and by the words of a directive alike. */

#ifndef ED_STATE_INT_H
#define ED_STATE_INT_H


#include "ed_state.h"


/* A state of that mode that says no more. */
void ed_state_init(ed_state_t *state, ed_state_mode_e mode);

/* Adds an arm at its place.  ED_INVALID with a sentence in error: it is no
   name, a duplicate or one too many. */
ed_rc_t ed_state_add(ed_state_t *state, ed_str_t name, uint32_t weight,
    char *error);

/* Are its arms enough for a test?  ED_INVALID with a sentence in error. */
ed_rc_t ed_state_balance(const ed_state_t *state, char *error);

/* A value of at most ED_MAX_NAME bytes. */
void ed_name_set(ed_name_t *name, ed_str_t value);

/* Writes the sentence into error (ED_MAX_ERROR bytes); ED_INVALID. */
ed_rc_t ed_state_wrong(char *error, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


#endif /* ED_STATE_INT_H */
