
/*
 * Coded parts.  The input's first byte chooses what of it is tried, its second
 * one a level and editions, its third one how many spans follow, in the form of
 * t/unit/ed_sample.h; the rest is coded parts.
 *
 *     'c'  The page is compressed, in pieces cut anywhere: the result is valid
 *          and every edition gunzips to what a walk over the spans sends.
 *     else The rest is decoded as coded parts of that page, with the checksums
 *          it should have: what is decoded can be read, and what is verified
 *          gunzips like the above.
 */

#include "ed_coded.h"
#include "ed_fuzz.h"
#include "ed_le.h"
#include "ed_sample.h"


#define MAX_SPANS  64


static void compress_page(const ed_sample_t *sample, uint8_t choice,
    ed_str_t input);
static void read_coded(const ed_sample_t *sample, uint8_t choice,
    ed_str_t coded);
static void mend(const ed_sample_t *sample, uint8_t *p, size_t len);
static void check_runs(const ed_sample_t *sample, const ed_coded_t *coded,
    uint8_t choice);
static void check_editions(const ed_sample_t *sample, ed_str_t coded,
    uint8_t choice);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t       i, n;
    uint8_t      spans[4 * MAX_SPANS];
    ed_sample_t  sample;

    if (size < 3) {
        return 0;
    }

    n = data[2] % (MAX_SPANS + 1) * 4;
    n = n < size - 3 ? n : (size - 3) / 4 * 4;

    memcpy(spans, data + 3, n);

    for (i = 0; i < n; i += 4) {
        spans[i] &= 0xdf;              /* 4 KB at most */
    }

    ed_sample_make(&sample, spans, n);
    fuzz_check(sample.rc == ED_OK, "a page is refused: %d", sample.rc);

    if (data[0] == 'c') {
        compress_page(&sample, data[1], ed_str(data, size));

    } else {
        read_coded(&sample, data[1], ed_str(data + 3 + n, size - 3 - n));
    }

    ed_sample_free(&sample);

    return 0;
}


static void
compress_page(const ed_sample_t *sample, uint8_t choice, ed_str_t input)
{
    ed_rc_t        rc;
    ed_str_t       body;
    fuzz_cuts_t    cuts;
    ed_deflate_t  *job;

    job = ed_deflate_create(&sample->page, choice % 11 - 1);
    fuzz_check(job != NULL, "no memory");

    /* where it is cut depends on the input */

    fuzz_cuts_init(&cuts, input, (choice & 0x80) != 0);

    body = ed_str(sample->build.body.data, sample->build.body.len);
    cuts.left = body;
    rc = ed_deflate_step(job, NULL, 0);

    while (fuzz_cuts_next(&cuts)) {
        fuzz_check(rc == ED_OK, "step: %d", rc);
        rc = ed_deflate_step(job, cuts.chunk, cuts.len);
    }

    fuzz_check(rc == ED_DONE, "the last step: %d", rc);

    check_editions(sample, ed_deflate_result(job), choice);

    rc = ed_deflate_step(job, input.data, 1);
    fuzz_check(rc == ED_INVALID, "a byte too much: %d", rc);

    ed_deflate_destroy(job);
}


static void
check_editions(const ed_sample_t *sample, ed_str_t coded, uint8_t choice)
{
    ed_buf_t          want, gzip;
    unsigned          i, pieces;
    ed_edition_t      edition;
    ed_taken_parts_t  taken;

    ed_buf_init(&want, SIZE_MAX);
    ed_buf_init(&gzip, SIZE_MAX);

    for (i = choice % 8; i < ED_SAMPLE_EDITIONS; i += 13) {
        edition = ed_sample_edition(i);
        pieces = ed_sample_walk(sample, &edition, &want);

        fuzz_check(ed_sample_gzip(sample, coded, &edition, &gzip, &taken),
                   "edition %u: no body", i);
        fuzz_check(taken.length == want.len, "edition %u: length", i);
        fuzz_check(taken.npieces == pieces, "edition %u: pieces", i);
        fuzz_check(ed_sample_gunzips(&gzip, &want), "edition %u: bytes", i);
    }

    ed_buf_free(&want);
    ed_buf_free(&gzip);
}


static void
read_coded(const ed_sample_t *sample, uint8_t choice, ed_str_t bytes)
{
    uint8_t     *copy;
    ed_coded_t   coded;

    if (ed_coded_decode(bytes.data, bytes.len, &sample->page, choice & 1,
                        &coded)
        == ED_OK)
    {
        check_runs(sample, &coded, choice);
    }

    if (bytes.len < ed_coded_table_len(sample->page.nparts)) {
        return;
    }

    copy = malloc(bytes.len);
    fuzz_check(copy != NULL, "no memory");
    memcpy(copy, bytes.data, bytes.len);

    mend(sample, copy, bytes.len);

    if (ed_coded_decode(copy, bytes.len, &sample->page, 1, &coded) == ED_OK) {

        check_runs(sample, &coded, choice);

        fuzz_check(ed_coded_is_intact(&coded, copy), "damaged, it says");

        if (ed_coded_verify(&coded, &sample->page, copy)) {
            check_editions(sample, ed_str(copy, bytes.len), choice);
        }
    }

    free(copy);
}


/* Makes the table one of that page, with all checksums: offsets and deflate
   data are what is tried. */

static void
mend(const ed_sample_t *sample, uint8_t *p, size_t len)
{
    size_t     table;
    unsigned   i;
    ed_part_t  part;

    table = ed_coded_table_len(sample->page.nparts);

    memcpy(p, ED_CODED_MAGIC, 4);
    ed_put16(p + ED_CODED_VERSION, ED_CODED_CURRENT);
    ed_put16(p + ED_CODED_NPARTS, (uint16_t) sample->page.nparts);
    ed_put32(p + ED_CODED_PAGE, sample->page.parts_crc);
    ed_put32(p + ED_CODED_LEN, (uint32_t) len);
    ed_put32(p + ED_CODED_DATA_CRC,
             (uint32_t) crc32(0, p + table, (uInt) (len - table)));

    for (i = 0; i < sample->page.nparts; i++) {
        ed_stored_part(&sample->page, i, &part);
        ed_put32(p + ED_CODED_FIXED + i * ED_CODED_PART + 4,
                 (uint32_t) crc32_combine_gen(part.len));
    }

    ed_put32(p + ED_CODED_CRC,
             (uint32_t) crc32(0, p + ED_CODED_CHECKED,
                              (uInt) (table - ED_CODED_CHECKED)));
}


static void
check_runs(const ed_sample_t *sample, const ed_coded_t *coded, uint8_t choice)
{
    uint8_t           tail[ED_GZIP_TAIL];
    uint64_t          length, sum;
    unsigned          i;
    ed_edition_t      edition;
    ed_piece_run_t    runs[ED_MAX_PARTS + 1];
    ed_taken_parts_t  taken;

    edition = ed_sample_edition(choice % ED_SAMPLE_EDITIONS);
    ed_coded_select(coded, &sample->page, &edition, runs, &taken, &length,
                    tail);

    sum = ED_GZIP_HEAD + ED_GZIP_TAIL;

    for (i = 0; i < taken.nruns; i++) {
        fuzz_check(runs[i].offset >= coded->data
                   && (uint64_t) runs[i].offset + runs[i].len <= coded->len,
                   "a run outside of the data");
        sum += runs[i].len;
    }

    fuzz_check(sum == length, "another length");
}
