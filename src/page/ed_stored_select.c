
/*
 * What an edition takes of a stored page, and what it is called.  The rule
 * is that of a walk over spans, which is asked part by part.
 */

#include "ed_hash.h"
#include "ed_stored_int.h"


#define ED_ETAG_SECOND  0x5c           /* makes a second key of the seed */


static uint8_t *ed_etag_hex(uint8_t *p, uint64_t hash);


unsigned
ed_stored_select_parts(const ed_stored_t *page, const ed_edition_t *edition,
    uint16_t *parts, ed_taken_parts_t *taken)
{
    unsigned        i, n;
    ed_part_t       part;
    ed_walk_t       walk;
    ed_walk_step_e  step;

    part.len = 0;

    if (page->assets != page->nparts) {
        ed_part_get(page, page->assets, &part);
    }

    ed_walk_init(&walk, edition, ed_str(NULL, part.len));

    n = 0;
    taken->length = 0;
    taken->nruns = 0;

    for (i = 0; i < page->nparts; i++) {
        ed_part_get(page, i, &part);

        if (part.kind == ED_SPAN_ASSETS) {
            continue;
        }

        step = ed_walk_step(&walk, part.kind, part.feature, part.variants,
                            part.piece);

        if (step == ED_WALK_ASSETS) {
            parts[n++] = (uint16_t) page->assets;
            taken->length += walk.assets.len;

            step = ed_walk_step(&walk, part.kind, part.feature,
                                part.variants, part.piece);
        }

        if (step == ED_WALK_TAKE) {
            parts[n++] = (uint16_t) i;
            taken->length += part.len;
        }
    }

    taken->npieces = walk.pieces;
    memcpy(taken->by_feature, walk.by_feature, sizeof(walk.by_feature));

    return n;
}


void
ed_stored_select(const ed_stored_t *page, const ed_edition_t *edition,
    ed_piece_run_t *runs, ed_taken_parts_t *taken)
{
    uint16_t         parts[ED_MAX_PARTS];
    unsigned         i, n;
    ed_part_t        part;
    ed_piece_run_t  *run;

    n = ed_stored_select_parts(page, edition, parts, taken);
    run = NULL;

    for (i = 0; i < n; i++) {
        ed_part_get(page, parts[i], &part);

        if (part.len == 0) {
            continue;
        }

        if (run == NULL || run->offset + run->len != part.offset) {
            run = &runs[taken->nruns++];
            run->offset = part.offset;
            run->len = 0;
        }

        run->len += part.len;
    }
}


size_t
ed_stored_etag(const uint8_t *seed, const ed_edition_t *edition, int coded,
    uint8_t *tag)
{
    size_t    i;
    uint8_t  *p, key[ED_HASH_KEY];

    p = ed_etag_hex(tag, ed_hash(seed, edition->variant, ED_FEATURES));

    for (i = 0; i < ED_HASH_KEY; i++) {
        key[i] = seed[i] ^ ED_ETAG_SECOND;
    }

    p = ed_etag_hex(p, ed_hash(key, edition->variant, ED_FEATURES));

    if (coded) {
        memcpy(p, "-gz", 3);
        p += 3;
    }

    return (size_t) (p - tag);
}


static uint8_t *
ed_etag_hex(uint8_t *p, uint64_t hash)
{
    int  shift;

    for (shift = 60; shift >= 0; shift -= 4) {
        *p++ = (uint8_t) "0123456789abcdef"[hash >> shift & 0x0f];
    }

    return p;
}
