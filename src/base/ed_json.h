
/*
 * JSON by jansson, where memory may end: jansson does not say that it did.
 * Reading, it calls a token invalid that it had no room for; writing, it goes
 * on behind a string that it has lost.
 */

#ifndef ED_JSON_H
#define ED_JSON_H


#include <jansson.h>

#include "ed_str.h"


/*
 * Reads a text; *root is to be released with json_decref().  flags are those
 * of json_loadb().  ED_INVALID: error (may be NULL) says why.  ED_NOMEM.
 */
ed_rc_t ed_json_read(ed_str_t text, size_t flags, json_t **root,
    json_error_t *error);

/*
 * Writes a value; flags are those of json_dumps().  To be freed with free();
 * NULL: no memory.
 */
char *ed_json_write(const json_t *root, size_t flags);


#endif /* ED_JSON_H */
