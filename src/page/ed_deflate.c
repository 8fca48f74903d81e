
/*
 * Compressing a page's parts: one raw deflate stream, flushed at each part's
 * end so that the next one begins as if it were the first.  The output grows
 * as it comes; the table, whose length is known, has its place in front.
 */

#include <stdlib.h>
#include <zlib.h>

#include "ed_coded.h"
#include "ed_crc.h"
#include "ed_deflate.h"
#include "ed_le.h"


#define ED_DEFLATE_ROOM    4096        /* bytes, for one call of zlib; it must
                                          be more than 6 for a flush */
#define ED_DEFLATE_MEMORY  8           /* zlib's own default */


struct ed_deflate_s {
    z_stream           zlib;
    ed_stored_t        page;
    ed_part_t          part;           /* the current one, */
    unsigned           i;              /* its number, */
    uint32_t           taken;          /* how many bytes of it, */
    uint32_t           crc;            /* and theirs */
    ed_buf_t           out;
    ed_rc_t            rc;
};


static size_t ed_deflate_bound(const ed_stored_t *page);
static ed_rc_t ed_deflate_take(ed_deflate_t *job, const uint8_t *data,
    uint32_t len);
static ed_rc_t ed_deflate_run(ed_deflate_t *job, int flush);
static ed_rc_t ed_deflate_begin(ed_deflate_t *job, unsigned i);
static void ed_deflate_finish(ed_deflate_t *job);


ed_deflate_t *
ed_deflate_create(const ed_stored_t *page, int level)
{
    ed_deflate_t  *job;

    job = calloc(1, sizeof(ed_deflate_t));
    if (job == NULL) {
        return NULL;
    }

    if (deflateInit2(&job->zlib, level, Z_DEFLATED, -MAX_WBITS,
                     ED_DEFLATE_MEMORY, Z_DEFAULT_STRATEGY)
        != Z_OK)
    {
        free(job);
        return NULL;
    }

    job->page = *page;

    ed_buf_init(&job->out, ed_deflate_bound(page));

    if (ed_buf_extend(&job->out, ed_coded_table_len(page->nparts))
        == NULL)
    {
        ed_deflate_destroy(job);
        return NULL;
    }

    job->rc = ed_deflate_begin(job, 0);

    return job;
}


void
ed_deflate_destroy(ed_deflate_t *job)
{
    if (job == NULL) {
        return;
    }

    (void) deflateEnd(&job->zlib);
    ed_buf_free(&job->out);
    free(job);
}


/*
 * What incompressible parts make, with room to spare: blocks are stored with
 * five bytes each, and a flush is such a block.
 */

static size_t
ed_deflate_bound(const ed_stored_t *page)
{
    size_t  len;

    len = page->body_len;

    return ed_coded_table_len(page->nparts) + len + len / 8 + len / 64
           + page->nparts * 16 + ED_DEFLATE_ROOM;
}


ed_rc_t
ed_deflate_step(ed_deflate_t *job, const uint8_t *data, size_t len)
{
    uint32_t  n;

    while (len != 0 && job->rc == ED_OK) {
        n = job->part.len - job->taken;
        n = len < n ? (uint32_t) len : n;

        job->rc = ed_deflate_take(job, data, n);

        data += n;
        len -= n;
    }

    if (len != 0 && job->rc == ED_DONE) {
        job->rc = ED_INVALID;
    }

    return job->rc;
}


/* Bytes of the current part. */

static ed_rc_t
ed_deflate_take(ed_deflate_t *job, const uint8_t *data, uint32_t len)
{
    int      last;
    ed_rc_t  rc;

    job->taken += len;
    job->crc = ed_crc32(job->crc, data, len);

    last = (job->taken == job->part.len);

    if (last && job->crc != job->part.crc) {
        return ED_INVALID;
    }

    rc = ED_OK;

    if (!ed_span_is_hidden(job->part.kind)) {
        job->zlib.next_in = (Bytef *) (uintptr_t) data;
        job->zlib.avail_in = len;

        rc = ed_deflate_run(job, last ? Z_FULL_FLUSH : Z_NO_FLUSH);
    }

    return rc == ED_OK && last ? ed_deflate_begin(job, job->i + 1) : rc;
}


static ed_rc_t
ed_deflate_run(ed_deflate_t *job, int flush)
{
    do {
        job->zlib.next_out = ed_buf_extend(&job->out, ED_DEFLATE_ROOM);
        if (job->zlib.next_out == NULL) {
            return ED_NOMEM;
        }

        job->zlib.avail_out = ED_DEFLATE_ROOM;

        (void) deflate(&job->zlib, flush);

        job->out.len -= job->zlib.avail_out;

    } while (job->zlib.avail_out == 0);

    return ED_OK;
}


/*
 * The i-th part, or the first one behind it that is not empty.  A hidden part
 * is read, for its checksum, and makes nothing.
 */

static ed_rc_t
ed_deflate_begin(ed_deflate_t *job, unsigned i)
{
    uint8_t  *line;

    for ( /* void */ ; i < job->page.nparts; i++) {
        ed_stored_part(&job->page, i, &job->part);

        line = job->out.data + ED_CODED_FIXED + i * ED_CODED_PART;

        ed_put32(line, (uint32_t) job->out.len);
        ed_put32(line + 4, ed_crc32_operator(job->part.len));

        if (job->part.len != 0) {
            job->i = i;
            job->taken = 0;
            job->crc = 0;

            return ED_OK;
        }
    }

    ed_deflate_finish(job);

    return ED_DONE;
}


static void
ed_deflate_finish(ed_deflate_t *job)
{
    size_t    table, len;
    uint8_t  *p;

    p = job->out.data;
    len = job->out.len;
    table = ed_coded_table_len(job->page.nparts);

    memcpy(p, ED_CODED_MAGIC, 4);

    p[ED_CODED_VERSION] = ED_CODED_CURRENT;
    p[ED_CODED_VERSION + 1] = 0;
    ed_put16(p + ED_CODED_NPARTS, (uint16_t) job->page.nparts);
    ed_put32(p + ED_CODED_PAGE, job->page.parts_crc);
    ed_put32(p + ED_CODED_LEN, (uint32_t) len);
    ed_put32(p + ED_CODED_DATA_CRC, ed_crc32(0, p + table, len - table));
    ed_put32(p + ED_CODED_CRC, ed_crc32(0, p + ED_CODED_CHECKED,
                                        table - ED_CODED_CHECKED));
}


ed_str_t
ed_deflate_result(const ed_deflate_t *job)
{
    return job->rc == ED_DONE
           ? ed_str(job->out.data, job->out.len)
           : ED_STR_EMPTY;
}
