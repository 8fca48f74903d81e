
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a short hash that whoever
 * chooses the input cannot steer, as he does not know the key.
 */

#ifndef ED_HASH_H
#define ED_HASH_H


#include "ed_str.h"


#define ED_HASH_KEY  16                /* bytes */


/* The 64 bits of data under key (ED_HASH_KEY bytes). */
uint64_t ed_hash(const uint8_t *key, const void *data, size_t len);


#endif /* ED_HASH_H */
