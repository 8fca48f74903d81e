
/*
 * Reading coded parts.  The gzip body of an edition is made of them without
 * touching a byte of theirs: the checksum of parts behind each other is
 *
 *     crc(A B) = crc(A) * x^(8 * length of B) xor crc(B)
 *
 * and that power of x, the operator, stands in the table.
 */

#include <zlib.h>

#include "ed_coded.h"
#include "ed_crc.h"
#include "ed_deflate.h"
#include "ed_stored_int.h"


#define ED_CODED_SCRATCH  16384        /* bytes inflated at a time */


/* Deflate, no name, no time, made on Unix (RFC 1952, 2.3). */
const uint8_t  ed_gzip_head[ED_GZIP_HEAD] = {
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3
};


static void ed_coded_part(const ed_coded_t *coded, unsigned i,
    ed_piece_run_t *run, uint32_t *op);
static int ed_coded_inflates(z_stream *zlib, const uint8_t *data,
    uint32_t len, const ed_part_t *part);


size_t
ed_coded_table_len(unsigned nparts)
{
    return ED_CODED_FIXED + (size_t) nparts * ED_CODED_PART;
}


ed_rc_t
ed_coded_decode(const uint8_t *data, size_t len, const ed_stored_t *page,
    int verify, ed_coded_t *coded)
{
    size_t    table;
    uint32_t  end, next;
    unsigned  i;

    table = ed_coded_table_len(page->nparts);

    if (len < table
        || memcmp(data, ED_CODED_MAGIC, 4) != 0
        || ed_get16(data + ED_CODED_VERSION) != ED_CODED_CURRENT
        || ed_get16(data + ED_CODED_NPARTS) != page->nparts
        || ed_get32(data + ED_CODED_PAGE) != page->parts_crc)
    {
        return ED_INVALID;
    }

    coded->table = data + ED_CODED_FIXED;
    coded->nparts = page->nparts;
    coded->data = (uint32_t) table;
    coded->data_crc = ed_get32(data + ED_CODED_DATA_CRC);
    coded->len = ed_get32(data + ED_CODED_LEN);

    end = (uint32_t) table;

    for (i = 0; i < coded->nparts; i++) {
        next = ed_get32(coded->table + i * ED_CODED_PART);

        if (next < end || (i == 0 && next != end)) {
            return ED_INVALID;
        }

        end = next;
    }

    if (coded->len < end || (coded->nparts == 0 && coded->len != end)) {
        return ED_INVALID;
    }

    if (verify
        && ed_get32(data + ED_CODED_CRC)
           != ed_crc32(0, data + ED_CODED_CHECKED, table - ED_CODED_CHECKED))
    {
        return ED_INVALID;
    }

    return ED_OK;
}


static void
ed_coded_part(const ed_coded_t *coded, unsigned i, ed_piece_run_t *run,
    uint32_t *op)
{
    uint32_t        end;
    const uint8_t  *line;

    line = coded->table + i * ED_CODED_PART;
    end = i + 1 < coded->nparts ? ed_get32(line + ED_CODED_PART) : coded->len;

    run->offset = ed_get32(line);
    run->len = end - run->offset;
    *op = ed_get32(line + 4);
}


int
ed_coded_is_intact(const ed_coded_t *coded, const uint8_t *data)
{
    return coded->data_crc
           == ed_crc32(0, data + coded->data, coded->len - coded->data);
}


int
ed_coded_verify(const ed_coded_t *coded, const ed_stored_t *page,
    const uint8_t *data)
{
    int             valid;
    uint32_t        op;
    unsigned        i;
    z_stream        zlib;
    ed_part_t       part;
    ed_piece_run_t  run;

    if (!ed_coded_is_intact(coded, data)) {
        return 0;
    }

    memset(&zlib, 0, sizeof(z_stream));

    if (inflateInit2(&zlib, -MAX_WBITS) != Z_OK) {
        return 0;
    }

    valid = 1;

    for (i = 0; i < coded->nparts && valid; i++) {
        ed_part_get(page, i, &part);
        ed_coded_part(coded, i, &run, &op);

        valid = op == ed_crc32_operator(part.len)
                && (ed_span_is_hidden(part.kind)
                    ? run.len == 0
                    : ed_coded_inflates(&zlib, data + run.offset, run.len,
                                        &part));
    }

    (void) inflateEnd(&zlib);

    return valid;
}


/*
 * By itself (nothing before it is at hand), up to the end of a block that is
 * not the last one, on a byte's edge.  Nothing is the deflate data of
 * nothing.
 */

static int
ed_coded_inflates(z_stream *zlib, const uint8_t *data, uint32_t len,
    const ed_part_t *part)
{
    int       rc;
    uint8_t   scratch[ED_CODED_SCRATCH];
    uint32_t  n, crc, total;

    if (len == 0 || part->len == 0) {
        return len == part->len && part->crc == 0;
    }

    if (inflateReset(zlib) != Z_OK) {
        return 0;
    }

    zlib->next_in = (Bytef *) (uintptr_t) data;
    zlib->avail_in = len;
    crc = 0;
    total = 0;

    do {
        zlib->next_out = scratch;
        zlib->avail_out = ED_CODED_SCRATCH;

        rc = inflate(zlib, Z_BLOCK);

        n = ED_CODED_SCRATCH - zlib->avail_out;

        if (rc != Z_OK || n > part->len - total) {
            return 0;
        }

        crc = ed_crc32(crc, scratch, n);
        total += n;

    } while (zlib->avail_in != 0 || zlib->avail_out == 0);

    /* unused bits, 64 for the last block, 128 for the end of a block */

    return total == part->len && crc == part->crc
           && (zlib->data_type & 0xff) == 128;
}


void
ed_coded_select(const ed_coded_t *coded, const ed_stored_t *page,
    const ed_edition_t *edition, ed_piece_run_t *runs,
    ed_taken_parts_t *taken, uint64_t *length, uint8_t *tail)
{
    uint32_t         op, crc;
    ed_part_t        part;
    ed_take_t        take;
    ed_piece_run_t  *run, next;

    ed_take_init(&take, page, edition, taken);

    *length = ED_GZIP_HEAD + ED_GZIP_TAIL;
    run = NULL;
    crc = 0;

    while (ed_take_next(&take, taken, &part)) {
        ed_coded_part(coded, take.part, &next, &op);

        if (next.len == 0) {
            continue;
        }

        crc = ed_crc32_join(crc, part.crc, op);
        *length += next.len;

        if (run == NULL || run->offset + run->len != next.offset) {
            run = &runs[taken->nruns++];
            *run = next;

        } else {
            run->len += next.len;
        }
    }

    /* the final empty block, and what RFC 1952, 2.3.1 wants */

    tail[0] = 0x03;
    tail[1] = 0x00;
    ed_put32(tail + 2, crc);
    ed_put32(tail + 6, (uint32_t) taken->length);
}
