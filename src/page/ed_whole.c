
#include <stdlib.h>
#include <zlib.h>

#include "ed_whole.h"


#define ED_WHOLE_GZIP  (MAX_WBITS + 16)    /* with a gzip header and trailer */
#define ED_WHOLE_ROOM  4096                /* bytes to grow by */


struct ed_whole_s {
    z_stream           z;
    ed_buf_t           out;
    ed_piece_run_t    *runs;
    ed_taken_parts_t   taken;
    unsigned           run;            /* the one that is wanted */
    uint32_t           done;           /* bytes of it */
};


static ed_rc_t ed_whole_deflate(ed_whole_t *whole, int flush);


ed_whole_t *
ed_whole_create(const ed_stored_t *page, const ed_edition_t *edition,
    int level)
{
    ed_whole_t  *whole;

    whole = calloc(1, sizeof(ed_whole_t));
    if (whole == NULL) {
        return NULL;
    }

    whole->runs = malloc((page->nparts + 1) * sizeof(ed_piece_run_t));

    if (whole->runs == NULL
        || deflateInit2(&whole->z, level, Z_DEFLATED, ED_WHOLE_GZIP,
                        MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY)
           != Z_OK)
    {
        free(whole->runs);
        free(whole);
        return NULL;
    }

    ed_stored_select(page, edition, whole->runs, &whole->taken);

    ed_buf_init(&whole->out, whole->taken.length + whole->taken.length / 8
                             + 2 * ED_WHOLE_ROOM);

    return whole;
}


void
ed_whole_destroy(ed_whole_t *whole)
{
    if (whole == NULL) {
        return;
    }

    (void) deflateEnd(&whole->z);
    ed_buf_free(&whole->out);
    free(whole->runs);
    free(whole);
}


ed_piece_run_t
ed_whole_wants(const ed_whole_t *whole)
{
    ed_piece_run_t  run;

    run.offset = 0;
    run.len = 0;

    if (whole->run < whole->taken.nruns) {
        run.offset = whole->runs[whole->run].offset + whole->done;
        run.len = whole->runs[whole->run].len - whole->done;
    }

    return run;
}


ed_rc_t
ed_whole_step(ed_whole_t *whole, const uint8_t *data, size_t len)
{
    ed_rc_t  rc;

    whole->z.next_in = (uint8_t *) data;
    whole->z.avail_in = (uInt) len;

    rc = ed_whole_deflate(whole, Z_NO_FLUSH);
    if (rc != ED_OK) {
        return rc;
    }

    whole->done += (uint32_t) len;

    while (whole->run < whole->taken.nruns
           && whole->done == whole->runs[whole->run].len)
    {
        whole->run++;
        whole->done = 0;
    }

    if (whole->run < whole->taken.nruns) {
        return ED_OK;
    }

    rc = ed_whole_deflate(whole, Z_FINISH);

    return rc == ED_OK ? ED_DONE : rc;
}


ed_str_t
ed_whole_result(const ed_whole_t *whole)
{
    return ed_str(whole->out.data, whole->out.len);
}


const ed_taken_parts_t *
ed_whole_taken(const ed_whole_t *whole)
{
    return &whole->taken;
}


void
ed_whole_key(const ed_stored_t *page, const ed_edition_t *edition,
    uint8_t *key)
{
    memcpy(key, "\0gz", 3);
    key += 3;

    memcpy(key, page->seed, ED_STORED_DIGEST);
    key += ED_STORED_DIGEST;

    memcpy(key, &page->parts_crc, 4);
    key += 4;

    ed_edition_name(edition, key);
}


/* All of the input, and, at the end, all that zlib keeps. */

static ed_rc_t
ed_whole_deflate(ed_whole_t *whole, int flush)
{
    int       rc;
    uint8_t  *room;
    size_t    used;

    do {
        used = whole->out.len;

        room = ed_buf_extend(&whole->out, ED_WHOLE_ROOM);
        if (room == NULL) {
            return ED_NOMEM;
        }

        whole->z.next_out = room;
        whole->z.avail_out = ED_WHOLE_ROOM;

        rc = deflate(&whole->z, flush);

        whole->out.len = used + ED_WHOLE_ROOM - whole->z.avail_out;

        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
            return ED_NOMEM;
        }

    } while (whole->z.avail_out == 0
             || (flush == Z_FINISH && rc != Z_STREAM_END));

    return ED_OK;
}
