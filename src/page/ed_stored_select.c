
/*
 * What an edition takes of a stored page, and what it is called.  The rule
 * is that of a walk over spans, which is asked part by part.
 */

#include "ed_hash.h"
#include "ed_stored_int.h"


#define ED_ETAG_SECOND  0x5c           /* makes a second key of the seed */


static uint8_t *ed_etag_hex(uint8_t *p, uint64_t hash);
static uint64_t ed_etag_digits(uint64_t n);


unsigned
ed_stored_select_parts(const ed_stored_t *page, const ed_edition_t *edition,
    uint16_t *parts, ed_taken_parts_t *taken)
{
    unsigned   n;
    ed_part_t  part;
    ed_take_t  take;

    ed_take_init(&take, page, edition, taken);
    n = 0;

    while (ed_take_next(&take, taken, &part)) {
        parts[n++] = (uint16_t) take.part;
    }

    return n;
}


void
ed_stored_select(const ed_stored_t *page, const ed_edition_t *edition,
    ed_piece_run_t *runs, ed_taken_parts_t *taken)
{
    ed_part_t        part;
    ed_take_t        take;
    ed_piece_run_t  *run;

    ed_take_init(&take, page, edition, taken);
    run = NULL;

    while (ed_take_next(&take, taken, &part)) {

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
    uint8_t  *p, key[ED_HASH_KEY], name[ED_EDITION_NAME];

    ed_edition_name(edition, name);

    p = ed_etag_hex(tag, ed_hash(seed, name, ED_EDITION_NAME));

    for (i = 0; i < ED_HASH_KEY; i++) {
        key[i] = seed[i] ^ ED_ETAG_SECOND;
    }

    p = ed_etag_hex(p, ed_hash(key, name, ED_EDITION_NAME));

    if (coded) {
        memcpy(p, "-gz", 3);
        p += 3;
    }

    return (size_t) (p - tag);
}


/* Sixteen digits, highest first. */

static uint8_t *
ed_etag_hex(uint8_t *p, uint64_t hash)
{
    ed_put64(p, ed_etag_digits(hash >> 32));
    ed_put64(p + 8, ed_etag_digits(hash & UINT32_MAX));

    return p + 16;
}


/* Eight digits in eight bytes at once: its nibbles are spread, the letters
   among them moved to where letters are. */

static uint64_t
ed_etag_digits(uint64_t n)
{
    uint64_t  letters;

    n = (n | n << 16) & 0x0000ffff0000ffff;
    n = (n | n << 8) & 0x00ff00ff00ff00ff;
    n = (n | n << 4) & 0x0f0f0f0f0f0f0f0f;

    letters = (n + 0x0606060606060606) >> 4 & 0x0101010101010101;
    n += 0x3030303030303030 + letters * ('a' - '0' - 10);

    return __builtin_bswap64(n);
}
