
/*
 * A part as it stands in a head, for those who read many of them.
 *
 *     offset   bytes
 *          0       4   offset in the body; it goes on to the next part's
 *          4       4   CRC-32 of its bytes
 *          8       2   variants
 *         10       1   kind | feature << 2 | piece << 7
 */

#ifndef ED_STORED_INT_H
#define ED_STORED_INT_H


#include "ed_le.h"
#include "ed_stored.h"


#define ED_PART_SIZE  11


/* ed_stored_part() without a call. */

static inline void
ed_part_get(const ed_stored_t *page, unsigned i, ed_part_t *part)
{
    uint32_t        end;
    const uint8_t  *p;

    p = page->parts + i * ED_PART_SIZE;
    end = i + 1 < page->nparts ? ed_get32(p + ED_PART_SIZE) : page->body_len;

    part->offset = ed_get32(p);
    part->len = end - part->offset;
    part->crc = ed_get32(p + 4);
    part->variants = ed_get16(p + 8);
    part->kind = p[10] & 0x03;
    part->feature = p[10] >> 2 & 0x1f;
    part->piece = p[10] >> 7;
}


static inline void
ed_part_put(uint8_t *p, const ed_part_t *part)
{
    ed_put32(p, part->offset);
    ed_put32(p + 4, part->crc);
    ed_put16(p + 8, (uint16_t) part->variants);
    p[10] = (uint8_t) (part->kind | part->feature << 2 | part->piece << 7);
}


#endif /* ED_STORED_INT_H */
