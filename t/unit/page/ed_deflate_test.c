
/*
 * Coded parts: whatever an edition takes of them is a gzip body of what it
 * takes of the page, as zlib's own inflate sees it, checksum and length
 * included.
 */

#include <time.h>
#include <zlib.h>

#include "ed_coded.h"
#include "ed_deflate.h"
#include "ed_le.h"
#include "ed_sample.h"
#include "ed_test.h"


#define LEVEL  6


static void editions(void);
static void parts_of_all_sizes(void);
static void thousand(void);
static void nothing(void);
static void hidden(void);
static int every_edition(const ed_sample_t *sample, ed_str_t coded);
static ed_deflate_t *compress_by(const ed_sample_t *sample, int level,
    size_t step);
static void steps(void);
static void refused(void);
static void damaged(void);
static void forged(void);
static void forge(const char *name, ed_sample_t *sample, ed_str_t coded,
    const uint8_t *deflated, size_t len);
static void no_memory(void);
static void speed(void);
static double now(void);


/* Source, assets, pieces, a marker, a record; in the form of ed_sample.h. */

static const uint8_t  plain[] = {
    0x00, 0x00, 40, 1,
    0x83, 0x01, 60, 2,
    0x02, 0x01, 9, 3,
    0x00, 0x00, 80, 4,
    0x07, 0x03, 30, 5,
    0x07, 0x04, 0, 6,
    0x10, 0x00, 99, 7,
    0x05, 0x01, 20, 8,
    0x09, 0x00, 70, 9
};


int
main(void)
{
    editions();
    parts_of_all_sizes();
    thousand();
    nothing();
    hidden();
    steps();
    refused();
    damaged();
    forged();
    no_memory();
    speed();

    return ed_test_done();
}


static void
editions(void)
{
    int            right;
    size_t         n;
    uint8_t        bytes[4 * 30];
    uint64_t       state;
    unsigned       i, j;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    state = 7;
    right = 1;

    for (i = 0; i < 60; i++) {
        n = ed_sample_random(&state) % (sizeof(bytes) / 4) * 4;

        for (j = 0; j < n; j++) {
            bytes[j] = (uint8_t) ed_sample_random(&state);

            if (j % 4 == 0) {
                bytes[j] &= 0xdf;           /* no long ones */
            }
        }

        ed_sample_make(&sample, bytes, n);
        job = compress_by(&sample, (int) (i % 10), SIZE_MAX);

        right &= job != NULL && every_edition(&sample, ed_deflate_result(job));

        ed_deflate_destroy(job);
        ed_sample_free(&sample);
    }

    ok(right, "every edition of random pages gunzips to what it takes of them");
}


static void
parts_of_all_sizes(void)
{
    size_t         i;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    static const struct {
        const char  *name;
        uint8_t      bytes[8];
        size_t       len;
    } cases[] = {
        { "source alone", { 0x00, 0, 100, 1 }, 4 },
        { "one byte", { 0x00, 0, 1, 1 }, 4 },
        { "a piece alone", { 0x83, 1, 100, 1 }, 4 },
        { "a piece without bytes", { 0x03, 1, 0, 1 }, 4 },
        { "and its assets", { 0x83, 1, 0, 1 }, 4 },
        { "over 64 KB", { 0x30, 0, 40, 1, 0x33, 1, 20, 9 }, 8 },
        { "a megabyte", { 0x30, 0, 255, 1 }, 4 },
        { "over 64 KB that do not compress",
          { 0x70, 0, 40, 1, 0x73, 1, 20, 9 }, 8 },
        { "a megabyte that does not", { 0x70, 0, 255, 1 }, 4 },
        { "16 KB", { 0x30, 0, 4, 1 }, 4 },
        { "16 KB that do not compress", { 0x70, 0, 4, 1 }, 4 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ed_sample_make(&sample, cases[i].bytes, cases[i].len);
        job = compress_by(&sample, i % 2 == 0 ? 1 : LEVEL, 8192);

        ok(job != NULL && every_edition(&sample, ed_deflate_result(job)),
           "%s", cases[i].name);

        ed_deflate_destroy(job);
        ed_sample_free(&sample);
    }
}


static void
thousand(void)
{
    size_t         i;
    uint8_t        bytes[4 * 1000];
    ed_sample_t    sample;
    ed_deflate_t  *job;

    for (i = 0; i < sizeof(bytes); i += 4) {
        bytes[i] = i % 8 == 0 ? 0x00 : 0x03;
        bytes[i + 1] = (uint8_t) (1 + i % 3);
        bytes[i + 2] = (uint8_t) (i % 251);
        bytes[i + 3] = (uint8_t) i;
    }

    bytes[40] |= 0x80;
    bytes[2] = 1;

    ed_sample_make(&sample, bytes, sizeof(bytes));
    job = compress_by(&sample, LEVEL, 1000);

    ok(sample.page.nparts > 990, "%u parts", sample.page.nparts);
    ok(job != NULL && every_edition(&sample, ed_deflate_result(job)),
       "their editions");

    ed_deflate_destroy(job);
    ed_sample_free(&sample);
}


static void
nothing(void)
{
    ed_buf_t          gzip;
    ed_coded_t        coded;
    ed_sample_t       sample;
    ed_edition_t      edition;
    ed_deflate_t     *job;
    ed_taken_parts_t  taken;

    ed_sample_make(&sample, NULL, 0);
    job = compress_by(&sample, LEVEL, SIZE_MAX);

    is_num(ed_deflate_result(job).len, ed_coded_table_len(0),
           "a page without a byte has a table without a line");
    ok(every_edition(&sample, ed_deflate_result(job)), "its editions");
    is_num(ed_deflate_step(job, plain, 1), ED_INVALID, "a byte too much");

    ed_deflate_destroy(job);
    ed_sample_free(&sample);

    /* two variants' pieces, and the edition has neither */

    ed_sample_make(&sample, plain + 16, 8);
    job = compress_by(&sample, LEVEL, SIZE_MAX);
    ed_buf_init(&gzip, SIZE_MAX);

    edition = ed_sample_edition(0);
    ok(ed_sample_gzip(&sample, ed_deflate_result(job), &edition, &gzip,
                      &taken), "an edition with nothing");
    is_num(gzip.len, ED_GZIP_HEAD + ED_GZIP_TAIL,
           "is head and tail");
    is_num(taken.nruns, 0, "without a run between");

    is_num(ed_coded_decode(ed_deflate_result(job).data,
                           ed_coded_table_len(2), &sample.page, 1, &coded),
           ED_OK, "the table alone can be decoded");

    ed_buf_free(&gzip);
    ed_deflate_destroy(job);
    ed_sample_free(&sample);
}


/* A part that nobody gets is not compressed, be it in the middle. */

static void
hidden(void)
{
    size_t         table, len;
    uint8_t       *copy;
    ed_str_t       bytes;
    ed_coded_t     coded;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    static const uint8_t  spans[] = {
        0x00, 0x00, 30, 1,
        0x09, 0x00, 5, 2,
        0x10, 0x00, 40, 3
    };

    ed_sample_make(&sample, spans, sizeof(spans));
    job = compress_by(&sample, LEVEL, 1);
    bytes = ed_deflate_result(job);
    table = ed_coded_table_len(3);

    ok(every_edition(&sample, bytes), "a hidden part: the editions");

    copy = malloc(bytes.len + 10);
    memcpy(copy, bytes.data, bytes.len);

    len = ed_get32(copy + ED_CODED_FIXED + ED_CODED_PART);
    is_num(ed_get32(copy + ED_CODED_FIXED + 2 * ED_CODED_PART), len,
           "it has no deflate data");

    /* a stored block (RFC 1951, 3.2.4) that would be right */

    memmove(copy + len + 10, copy + len, bytes.len - len);
    memcpy(copy + len, "\0\5\0\372\377", 5);
    memcpy(copy + len + 5, sample.build.body.data + 30, 5);

    ed_put32(copy + ED_CODED_FIXED + 2 * ED_CODED_PART, (uint32_t) len + 10);
    ed_put32(copy + ED_CODED_LEN, (uint32_t) bytes.len + 10);
    ed_put32(copy + ED_CODED_DATA_CRC,
             (uint32_t) crc32(0, copy + table,
                              (uInt) (bytes.len + 10 - table)));
    ed_put32(copy + ED_CODED_CRC,
             (uint32_t) crc32(0, copy + ED_CODED_CHECKED,
                              (uInt) (table - ED_CODED_CHECKED)));

    ok(ed_coded_decode(copy, bytes.len + 10, &sample.page, 1, &coded) == ED_OK
       && ed_coded_is_intact(&coded, copy)
       && !ed_coded_verify(&coded, &sample.page, copy),
       "where it has, it is refused");

    free(copy);
    ed_deflate_destroy(job);

    sample.build.body.data[32] ^= 1;
    ok(compress_by(&sample, LEVEL, SIZE_MAX) == NULL,
       "its bytes are checked all the same");

    ed_sample_free(&sample);
}


/* What comes of bytes that are fed by so many; NULL where it failed. */

static ed_deflate_t *
compress_by(const ed_sample_t *sample, int level, size_t step)
{
    size_t         n, left;
    ed_rc_t        rc;
    ed_deflate_t  *job;

    job = ed_deflate_create(&sample->page, level);
    if (job == NULL) {
        return NULL;
    }

    left = sample->build.body.len;
    rc = ed_deflate_step(job, NULL, 0);

    while (rc == ED_OK && left != 0) {
        n = left < step ? left : step;

        rc = ed_deflate_step(job, sample->build.body.data
                                  + sample->build.body.len - left, n);
        left -= n;
    }

    if (rc != ED_DONE || left != 0) {
        ed_deflate_destroy(job);
        return NULL;
    }

    return job;
}


static int
every_edition(const ed_sample_t *sample, ed_str_t coded)
{
    int               right;
    ed_buf_t          want, gzip;
    unsigned          i, pieces;
    ed_edition_t      edition;
    ed_taken_parts_t  taken;

    right = 1;
    ed_buf_init(&want, SIZE_MAX);
    ed_buf_init(&gzip, SIZE_MAX);

    for (i = 0; i < ED_SAMPLE_EDITIONS && right; i += 5) {
        edition = ed_sample_edition(i);
        pieces = ed_sample_walk(sample, &edition, &want);

        right = ed_sample_gzip(sample, coded, &edition, &gzip, &taken)
                && taken.length == want.len && taken.npieces == pieces
                && ed_sample_gunzips(&gzip, &want);
    }

    ed_buf_free(&want);
    ed_buf_free(&gzip);

    return right;
}


static void
steps(void)
{
    int            level;
    size_t         step;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    ed_sample_make(&sample, plain, sizeof(plain));

    for (step = 1; step < 300; step = step * 2 + 1) {
        job = compress_by(&sample, LEVEL, step);

        ok(job != NULL && every_edition(&sample, ed_deflate_result(job)),
           "by steps of %d", (int) step);
        ed_deflate_destroy(job);
    }

    for (level = -1; level <= 9; level++) {
        job = compress_by(&sample, level, 50);

        ok(job != NULL && every_edition(&sample, ed_deflate_result(job)),
           "level %d", level);
        ed_deflate_destroy(job);
    }

    ok(ed_deflate_create(&sample.page, 10) == NULL, "there is no level 10");
    ed_deflate_destroy(NULL);

    ed_sample_free(&sample);
}


static void
refused(void)
{
    size_t         len;
    uint8_t       *body;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    ed_sample_make(&sample, plain, sizeof(plain));

    body = sample.build.body.data;
    len = sample.build.body.len;

    job = ed_deflate_create(&sample.page, LEVEL);

    is_num(ed_deflate_step(job, body, 10), ED_OK, "more is to come");
    is_num(ed_deflate_result(job).len, 0, "no result yet");
    is_num(ed_deflate_step(job, body + 10, len - 10), ED_DONE, "all of it");
    is_num(ed_deflate_step(job, NULL, 0), ED_DONE, "and no more");
    is_num(ed_deflate_step(job, body, 1), ED_INVALID, "a byte too much");
    is_num(ed_deflate_result(job).len, 0, "there is no result then");
    ed_deflate_destroy(job);

    body[len - 1] ^= 1;
    job = ed_deflate_create(&sample.page, LEVEL);
    is_num(ed_deflate_step(job, body, len), ED_INVALID,
           "bytes that are not those of their part");
    is_num(ed_deflate_step(job, body, len), ED_INVALID, "a failure stays");
    ed_deflate_destroy(job);

    ed_sample_free(&sample);
}


static void
damaged(void)
{
    int            missed, table_missed;
    size_t         i, table;
    uint8_t       *copy;
    ed_str_t       bytes;
    ed_coded_t     coded;
    ed_sample_t    sample, other;
    ed_deflate_t  *job;

    ed_sample_make(&sample, plain, sizeof(plain));
    job = compress_by(&sample, LEVEL, SIZE_MAX);

    bytes = ed_deflate_result(job);
    table = ed_coded_table_len(sample.page.nparts);
    missed = 0;
    table_missed = 0;

    for (i = 0; i < bytes.len; i++) {
        copy = malloc(bytes.len);
        memcpy(copy, bytes.data, bytes.len);
        copy[i] ^= 1 << i % 8;

        if (i < table) {
            table_missed += ed_coded_decode(copy, bytes.len, &sample.page, 1,
                                            &coded) != ED_INVALID;

            (void) ed_coded_decode(copy, bytes.len, &sample.page, 0, &coded);

        } else {
            (void) ed_coded_decode(copy, bytes.len, &sample.page, 1, &coded);

            missed += ed_coded_is_intact(&coded, copy);
            missed += ed_coded_verify(&coded, &sample.page, copy);
        }

        free(copy);
    }

    is_num(table_missed, 0, "every flipped byte of the table is found");
    is_num(missed, 0, "every flipped byte of the rest is found");

    missed = 0;

    for (i = 0; i < table; i++) {
        copy = malloc(i + (i == 0));
        memcpy(copy, bytes.data, i);

        missed += ed_coded_decode(copy, i, &sample.page, 0, &coded)
                  != ED_INVALID;
        free(copy);
    }

    is_num(missed, 0, "a table cut anywhere is refused");

    sample.build.body.data[0] ^= 1;
    ed_sample_make(&other, plain, sizeof(plain) - 4);

    is_num(ed_coded_decode(bytes.data, bytes.len, &other.page, 0, &coded),
           ED_INVALID, "parts of another page");

    ed_sample_free(&other);
    ed_deflate_destroy(job);
    ed_sample_free(&sample);
}


/* Deflate data of one part, with the checksums it should have. */

static void
forge(const char *name, ed_sample_t *sample, ed_str_t coded,
    const uint8_t *deflated, size_t len)
{
    int         valid;
    size_t      table;
    uint8_t    *copy;
    ed_coded_t  decoded;

    table = ed_coded_table_len(1);
    copy = malloc(table + len);

    memcpy(copy, coded.data, table);
    memcpy(copy + table, deflated, len);

    ed_put32(copy + ED_CODED_LEN, (uint32_t) (table + len));
    ed_put32(copy + ED_CODED_DATA_CRC,
             (uint32_t) crc32(0, copy + table, (uInt) len));
    ed_put32(copy + ED_CODED_CRC,
             (uint32_t) crc32(0, copy + ED_CODED_CHECKED,
                              (uInt) (table - ED_CODED_CHECKED)));

    valid = ed_coded_decode(copy, table + len, &sample->page, 1, &decoded)
            == ED_OK
            && ed_coded_is_intact(&decoded, copy);

    ok(valid, "%s: its checksums are right", name);
    ok(!ed_coded_verify(&decoded, &sample->page, copy), "%s: refused", name);

    free(copy);
}


static void
forged(void)
{
    size_t         table, i;
    uint8_t        stored[64], *copy;
    ed_str_t       bytes;
    ed_coded_t     coded;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    static const struct {
        const char  *name;
        size_t       at;
        uint32_t     value;
    } cases[] = {
        { "another version", 8, 2 | 1 << 16 },
        { "another number of parts", 8, 1 | 2 << 16 },
        { "another page", 12, 0 },
        { "a total too short", 16, 20 },
        { "a part within the table", 24, 31 },
        { "a part not at the beginning", 24, 33 }
    };

    /* one part of three bytes, "abc" */

    ed_sample_make(&sample, NULL, 0);
    ed_build_source(&sample.build, (const uint8_t *) "abc", 3);
    ed_build_finish(&sample.build);
    sample.head.len = 0;
    (void) ed_stored_encode(&sample.page,
                            ed_buf_list(&sample.build.parts, ed_part_t), 1,
                            &sample.head);
    (void) ed_stored_decode(sample.head.data, sample.head.len, 1,
                            &sample.page);

    job = compress_by(&sample, LEVEL, SIZE_MAX);
    bytes = ed_deflate_result(job);
    table = ed_coded_table_len(1);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        copy = malloc(bytes.len);
        memcpy(copy, bytes.data, bytes.len);

        ed_put32(copy + cases[i].at, cases[i].value);
        ed_put32(copy + ED_CODED_CRC,
                 (uint32_t) crc32(0, copy + ED_CODED_CHECKED,
                                  (uInt) (table - ED_CODED_CHECKED)));

        is_num(ed_coded_decode(copy, bytes.len, &sample.page, 1, &coded),
               ED_INVALID, "forged: %s", cases[i].name);
        free(copy);
    }

    copy = malloc(bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    copy[28] ^= 1;
    (void) ed_coded_decode(copy, bytes.len, &sample.page, 0, &coded);
    ok(!ed_coded_verify(&coded, &sample.page, copy), "a wrong operator");
    free(copy);

    /* a stored block (RFC 1951, 3.2.4): one byte of header, lengths, bytes */

    memcpy(stored, "\0\3\0\374\377abc", 8);

    copy = malloc(table + 8);
    memcpy(copy, bytes.data, table);
    memcpy(copy + table, stored, 8);
    ed_put32(copy + ED_CODED_LEN, (uint32_t) table + 8);
    ed_put32(copy + ED_CODED_DATA_CRC, (uint32_t) crc32(0, stored, 8));
    (void) ed_coded_decode(copy, table + 8, &sample.page, 0, &coded);
    ok(ed_coded_verify(&coded, &sample.page, copy), "a stored block is right");
    free(copy);

    forge("nothing", &sample, bytes, stored, 0);
    forge("a block that is cut", &sample, bytes, stored, 7);

    stored[0] = 1;
    forge("a last block", &sample, bytes, stored, 8);
    stored[0] = 0;

    stored[8] = 0;
    forge("the beginning of another block", &sample, bytes, stored, 9);

    memcpy(stored + 8, "\0\1\0\376\377d", 6);
    forge("bytes too many", &sample, bytes, stored, 14);

    stored[7] = 'd';
    forge("other bytes", &sample, bytes, stored, 8);

    /* fixed codes: a, b, c, end of block: 3 + 3 * 8 + 7 bits = 34 */

    forge("an end within a byte", &sample, bytes,
          (const uint8_t *) "\x4a\x4c\x4a\x06\x00", 5);

    forge("no deflate data", &sample, bytes, (const uint8_t *) "\xff\xff", 2);

    ed_deflate_destroy(job);
    ed_sample_free(&sample);
}


static void
no_memory(void)
{
    int            right;
    long           n;
    ed_rc_t        rc;
    ed_sample_t    sample;
    ed_deflate_t  *job;

    static const uint8_t  large[] = { 0x70, 0, 255, 1, 0x03, 1, 20, 1 };

    if (!ed_test_wrapped()) {
        return;
    }

    ed_sample_make(&sample, large, sizeof(large));
    right = 1;

    for (n = 0; n < 100; n++) {
        ed_test_fail_after(n);

        rc = ED_NOMEM;
        job = ed_deflate_create(&sample.page, 1);

        if (job != NULL) {
            rc = ed_deflate_step(job, sample.build.body.data,
                                 sample.build.body.len);

            right &= (rc == ED_DONE) == (ed_deflate_result(job).len != 0);
        }

        ed_deflate_destroy(job);

        if (!ed_test_refused) {
            break;
        }

        right &= rc == ED_NOMEM;
    }

    ed_test_fail_after(-1);

    ok(right && rc == ED_DONE && n > 2,
       "no memory from any of %ld allocations on", n);

    ed_sample_free(&sample);
}


/* Twelve parts, as a page with some furniture has; the fastest of many runs,
   since others run here too. */

static void
speed(void)
{
    double            ns, best[4] = { 0, 1e12, 1e12, 1e12 };
    uint8_t           bytes[4 * 12], tail[ED_GZIP_TAIL];
    uint64_t          length;
    unsigned          i, n;
    ed_str_t          result;
    ed_coded_t        coded;
    ed_sample_t       sample;
    ed_edition_t      edition;
    ed_deflate_t     *job;
    ed_piece_run_t    runs[12 + 1];
    ed_taken_parts_t  taken;

    for (i = 0; i < sizeof(bytes); i += 4) {
        bytes[i] = i % 8 == 0 ? 0x20 : 0x03;
        bytes[i + 1] = 1;
        bytes[i + 2] = 60;
        bytes[i + 3] = (uint8_t) i;
    }

    ed_sample_make(&sample, bytes, sizeof(bytes));

    best[0] = now();
    job = compress_by(&sample, LEVEL, 16384);
    best[0] = now() - best[0];

    result = ed_deflate_result(job);
    edition = ed_sample_edition(1);

    for (i = 0; i < 200; i++) {
        ns = now();

        for (n = 0; n < 20; n++) {
            (void) ed_coded_decode(result.data, result.len, &sample.page, 0,
                                   &coded);
            ed_coded_select(&coded, &sample.page, &edition, runs, &taken,
                            &length, tail);
        }

        ns = (now() - ns) / 20;
        best[1] = ns < best[1] ? ns : best[1];

        ns = now();
        (void) ed_coded_is_intact(&coded, result.data);
        ns = now() - ns;
        best[2] = ns < best[2] ? ns : best[2];

        ns = now();
        (void) ed_coded_verify(&coded, &sample.page, result.data);
        ns = now() - ns;
        best[3] = ns < best[3] ? ns : best[3];
    }

    printf("# %u parts, %u bytes, coded %u: compressed in %.0f us; a gzip body "
           "of all put together in %.0f ns; intact in %.1f us, verified in "
           "%.0f us\n", sample.page.nparts, sample.page.body_len, coded.len,
           best[0] / 1e3, best[1], best[2] / 1e3, best[3] / 1e3);

    ed_deflate_destroy(job);
    ed_sample_free(&sample);
}


/* Nanoseconds. */

static double
now(void)
{
    struct timespec  t;

    (void) clock_gettime(CLOCK_MONOTONIC, &t);

    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}
