
/*
 * CRC-32 (RFC 1952, 8), as zlib's crc32() computes it, where the processor
 * can several times as fast: each page that comes from Redis is checked with
 * it while its reader waits.
 *
 * Two checksums make that of what they are of, one behind the other.  Only the
 * length of the second is needed, as an operator that does not change.
 */

#ifndef ED_CRC_H
#define ED_CRC_H


#include "ed_str.h"


/* The checksum of what has crc, and len bytes of data behind it; of nothing
   it is 0. */
uint32_t ed_crc32(uint32_t crc, const void *data, size_t len);

/* The operator of a length.  It takes a microsecond to make. */
uint32_t ed_crc32_operator(uint32_t len);

/* The checksum of what has crc, and behind it what has next and is of that
   operator's length. */
uint32_t ed_crc32_join(uint32_t crc, uint32_t next, uint32_t op);


#endif /* ED_CRC_H */
