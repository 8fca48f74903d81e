
/*
 * A part as it stands in a head, for those who read many of them.
 *
 *     offset   bytes
 *          0       4   offset in the body; it goes on to the next part's
 *          4       4   CRC-32 of its bytes
 *          8       2   variants
 *         10       1   kind | feature << 3 | piece << 7
 */

#ifndef ED_STORED_INT_H
#define ED_STORED_INT_H


#include "ed_le.h"
#include "ed_stored.h"


#define ED_PART_SIZE  11


static inline unsigned
ed_part_kind(const uint8_t *p)
{
    return p[10] & 0x07;
}


static inline unsigned
ed_part_feature(const uint8_t *p)
{
    return p[10] >> 3 & 0x0f;
}


/* Neither feature, nor piece, nor variants. */

static inline int
ed_part_is_bare(const uint8_t *p)
{
    return (p[10] & 0xf8) == 0 && ed_get16(p + 8) == 0;
}


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
    part->kind = (uint8_t) ed_part_kind(p);
    part->feature = (uint8_t) ed_part_feature(p);
    part->piece = p[10] >> 7;
}


/* A walk over the parts that an edition takes. */
typedef struct {
    const ed_stored_t  *page;
    ed_walk_t           walk;
    unsigned            part;          /* the number of the one taken last */
    unsigned            next;          /* the part to ask about */
} ed_take_t;


static inline void
ed_take_init(ed_take_t *take, const ed_stored_t *page,
    const ed_edition_t *edition, ed_taken_parts_t *taken)
{
    ed_part_t  part;

    part.len = 0;

    if (page->assets != page->nparts) {
        ed_part_get(page, page->assets, &part);
    }

    take->page = page;
    take->next = 0;
    ed_walk_init(&take->walk, edition, ed_str(NULL, part.len));

    taken->length = 0;
    taken->nruns = 0;
    taken->npieces = 0;
    memset(taken->by_feature, 0, sizeof(taken->by_feature));
}


/* The next part, take->part by its number; zero: there is none. */

static inline int
ed_take_next(ed_take_t *take, ed_taken_parts_t *taken, ed_part_t *part)
{
    ed_walk_step_e      step;
    const ed_stored_t  *page;

    page = take->page;

    for ( /* void */ ; take->next < page->nparts; take->next++) {
        ed_part_get(page, take->next, part);

        if (part->kind == ED_SPAN_ASSETS) {
            continue;
        }

        step = ed_walk_step(&take->walk, part->kind, part->feature,
                            part->variants, part->piece);

        if (step == ED_WALK_TAKE) {
            taken->length += part->len;
            take->part = take->next++;
            return 1;
        }

        if (step == ED_WALK_ASSETS) {
            ed_part_get(page, page->assets, part);
            taken->length += part->len;
            take->part = page->assets;
            return 1;
        }
    }

    taken->npieces = take->walk.pieces;
    memcpy(taken->by_feature, take->walk.by_feature,
           sizeof(taken->by_feature));

    return 0;
}


static inline void
ed_part_put(uint8_t *p, const ed_part_t *part)
{
    ed_put32(p, part->offset);
    ed_put32(p + 4, part->crc);
    ed_put16(p + 8, (uint16_t) part->variants);
    p[10] = (uint8_t) (part->kind | part->feature << 3 | part->piece << 7);
}


#endif /* ED_STORED_INT_H */
