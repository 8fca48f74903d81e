
/*
 * The parts of a stored page, each compressed by itself, so that any choice
 * of them is the body of a valid gzip stream (RFC 1952, RFC 1951):
 *
 *     gzip header | part 0 | part 3 | part 4 | final empty block | crc | size
 *
 * Each part ends in a full flush: on a byte's edge, with nothing behind it
 * referring to what stands before.  The checksum of the whole is combined
 * from those of the parts; what zlib needs to do that for a part's length is
 * computed once and kept beside it.  The hidden part, which nobody gets, has
 * no deflate data.
 *
 *     coded   magic, version, checksum | table, a line a part | deflate bytes
 *
 * Compressing goes by steps, so that its caller decides how long one takes.
 */

#ifndef ED_DEFLATE_H
#define ED_DEFLATE_H


#include "ed_stored.h"


#define ED_GZIP_HEAD  10               /* bytes of a gzip header */
#define ED_GZIP_TAIL  10               /* final empty block, crc, size */


typedef struct ed_deflate_s  ed_deflate_t;


/* Coded parts, decoded: points into the bytes it was decoded from. */
typedef struct {
    const uint8_t     *table;
    unsigned           nparts;
    uint32_t           data;           /* offset of the deflate bytes */
    uint32_t           data_crc;       /* CRC-32 of them */
    uint32_t           len;            /* of all of it */
} ed_coded_t;


/*
 * Compresses the parts of page at a level of zlib.  The page's head must
 * outlive it.  NULL: no memory.  Free with ed_deflate_destroy(), which takes
 * NULL too.
 */
ed_deflate_t *ed_deflate_create(const ed_stored_t *page, int level);
void ed_deflate_destroy(ed_deflate_t *job);

/*
 * Takes the body's next bytes, in order, in pieces of any length (0 where the
 * body is empty); the ends of parts are found by itself.  ED_OK: more is to
 * come; ED_DONE: that was all; ED_NOMEM; ED_INVALID: more bytes than the body
 * has, or bytes that do not have their part's checksum.  A failure stays.
 */
ed_rc_t ed_deflate_step(ed_deflate_t *job, const uint8_t *data,
    size_t len);

/* The coded parts, once done (else empty); they live until
   ed_deflate_destroy(). */
ed_str_t ed_deflate_result(const ed_deflate_t *job);

/*
 * Decodes coded parts at the beginning of len bytes, which need hold no more
 * than the table (ed_coded_table_len() bytes).  verify: the table's checksum
 * too.  ED_INVALID: they are not of this page, or damaged.
 */
ed_rc_t ed_coded_decode(const uint8_t *data, size_t len,
    const ed_stored_t *page, int verify, ed_coded_t *coded);
size_t ed_coded_table_len(unsigned nparts);

/* Are the deflate bytes those that were compressed?  data is all of it; for
   bytes that may be damaged. */
int ed_coded_is_intact(const ed_coded_t *coded, const uint8_t *data);

/*
 * Does each part's deflate data inflate, by itself, to as many bytes with its
 * checksum?  data is all of it; for bytes that may be forged.  Costs what a
 * client pays for the whole page.
 */
int ed_coded_verify(const ed_coded_t *coded, const ed_stored_t *page,
    const uint8_t *data);

/*
 * The runs (offsets from the beginning of the coded parts) of an edition's
 * gzip body, between head and tail; *length is that of the whole body with
 * both.  runs has room for page->nparts + 1.
 */
void ed_coded_select(const ed_coded_t *coded, const ed_stored_t *page,
    const ed_edition_t *edition, ed_piece_run_t *runs,
    ed_taken_parts_t *taken, uint64_t *length, uint8_t *tail);

extern const uint8_t  ed_gzip_head[ED_GZIP_HEAD];


#endif /* ED_DEFLATE_H */
