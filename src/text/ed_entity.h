
/*
 * Character references (HTML 13.2.5.72 to 13.2.5.80).
 */

#ifndef ED_ENTITY_H
#define ED_ENTITY_H


#include "ed_str.h"


/*
 * Reads the reference that begins with the '&' at p, of len > 0 bytes left.
 * Returns how many bytes it takes and its code point; 0 where the '&' stands
 * for itself.  In an attribute's value a name without a semicolon is none
 * where '=', a letter or a digit follows.
 */
size_t ed_entity_read(const uint8_t *p, size_t len, int attribute,
    uint32_t *code);


#endif /* ED_ENTITY_H */
