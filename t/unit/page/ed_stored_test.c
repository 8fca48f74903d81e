
/*
 * Stored pages: what an edition takes is what a walk over the page's spans
 * sends, and bytes that are damaged or forged are refused.
 */

#include <time.h>
#include <zlib.h>

#include "ed_le.h"
#include "ed_rewrite.h"
#include "ed_sample.h"
#include "ed_stored.h"
#include "ed_test.h"


static void built(void);
static void limits(void);
static void editions(void);
static int edition_is_right(const ed_sample_t *sample, unsigned i);
static void nothing(void);
static void round_trip(void);
static void same_bytes(void);
static void damaged(void);
static void forged(void);
static void refused(void);
static void markers(void);
static void record(void);
static void revision(void);
static void renew(void);
static void headers(void);
static void etags(void);
static void no_memory(void);
static void speed(void);
static double now(void);
static void example(ed_stored_t *page);
static ed_sample_t example_sample(void);
static int reencodes(const ed_sample_t *sample);


/* Source, assets, a marker, three pieces and a record; in the form of
   ed_sample.h. */

static const uint8_t  plain[] = {
    0x00, 0x00, 40, 1,
    0x85, 0x00, 50, 8,
    0x03, 0x01, 60, 2,
    0x02, 0x01, 9, 3,
    0x00, 0x00, 80, 4,
    0x07, 0x03, 30, 5,
    0x07, 0x04, 31, 6,
    0x10, 0x00, 99, 7,
    0x09, 0x00, 70, 9
};

#define PARTS  9                       /* of it */


int
main(void)
{
    built();
    limits();
    editions();
    nothing();
    round_trip();
    same_bytes();
    damaged();
    forged();
    refused();
    markers();
    record();
    revision();
    renew();
    headers();
    etags();
    no_memory();
    speed();

    return ed_test_done();
}


static void
built(void)
{
    size_t      i;
    ed_build_t  build;
    ed_part_t  *part;

    static const struct {
        const char  *name;
        ed_span_t    span;
        unsigned     parts;        /* after it */
    } steps[] = {
#define SPAN(k, f, v, p)                                                      \
        { (const uint8_t *) "abc", 3, k, f, v, p }
#define SOURCE       SPAN(ED_SPAN_SOURCE, 0, 0, 0)
#define PIECE(f, v)  SPAN(ED_SPAN_FURNITURE, f, v, 1)
#define REST(f, v)   SPAN(ED_SPAN_FURNITURE, f, v, 0)
        { "source", SOURCE, 1 },
        { "source behind source", SOURCE, 1 },
        { "a piece", PIECE(0, 1), 2 },
        { "the rest of a piece", REST(0, 1), 2 },
        { "a second piece", PIECE(0, 1), 3 },
        { "another variant", PIECE(0, 2), 4 },
        { "the rest for other variants", REST(0, 3), 5 },
        { "the rest of another feature", REST(1, 3), 6 },
        { "a rest goes on", REST(1, 3), 6 },
        { "source again", SOURCE, 7 },
        { "a rest alone", REST(1, 3), 8 },
        { "a piece behind a rest", PIECE(1, 3), 9 },
        { "a marker", SPAN(ED_SPAN_MARKER, 1, 0, 0), 10 },
        { "a marker behind it", SPAN(ED_SPAN_MARKER, 2, 0, 0), 11 },
        { "what is hidden", SPAN(ED_SPAN_HIDDEN, 0, 0, 0), 12 },
        { "more of it", SPAN(ED_SPAN_HIDDEN, 0, 0, 0), 13 },
        { "notes", SPAN(ED_SPAN_NOTES, 0, 0, 0), 14 }
    };

    ed_build_init(&build, 1000);

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        ed_build_spans(&build, &steps[i].span, 1);

        is_num(ed_buf_count(&build.parts, ed_part_t), steps[i].parts,
               "parts: %s", steps[i].name);
    }

    ed_build_source(&build, NULL, 0);
    ed_build_assets(&build, ED_STR_EMPTY);
    ed_build_record(&build, ED_STR_EMPTY);

    ed_build_notes(&build, ED_STR_EMPTY);

    is_num(ed_buf_count(&build.parts, ed_part_t), 14,
           "no source, no assets and no record are no parts");
    is_num(ed_buf_at(&build.parts, ed_part_t, 10)->feature, 2,
           "a marker's feature");
    is_num(build.npieces[0], 3, "pieces of the first feature");
    is_num(build.npieces[1], 1, "pieces of the second");

    ed_build_finish(&build);

    part = ed_buf_at(&build.parts, ed_part_t, 0);

    is_num(part->len, 6, "length of a part");
    ok(part->crc == crc32(0, (const Bytef *) "abcabc", 6), "its checksum");
    is_num(build.rc, ED_OK, "built");

    ed_build_free(&build);
}


static void
limits(void)
{
    size_t       i, n;
    ed_buf_t     head;
    ed_build_t   build;
    ed_stored_t  page;

    ed_build_init(&build, 10);
    ed_build_source(&build, (const uint8_t *) "0123456789", 10);
    is_num(build.rc, ED_OK, "a body of its maximum");
    ed_build_source(&build, (const uint8_t *) "x", 1);
    is_num(build.rc, ED_LIMIT_SIZE, "a body over its maximum");
    ed_build_source(&build, NULL, 0);
    is_num(build.rc, ED_LIMIT_SIZE, "a failure stays");
    ed_build_free(&build);

    ed_build_init(&build, SIZE_MAX);
    ok(build.body.max == ED_MAX_BODY, "no body is longer than ED_MAX_BODY");

    for (i = 0; i <= ED_MAX_PARTS; i++) {

        if (i % 2 == 0) {
            ed_build_source(&build, (const uint8_t *) "ab", 2);

        } else {
            ed_build_spans(&build, &(ed_span_t) {
                .data = (const uint8_t *) "c", .len = 1,
                .kind = ED_SPAN_FURNITURE, .variants = 1
            }, 1);
        }

        if (i == ED_MAX_PARTS - 1) {
            is_num(build.rc, ED_OK, "ED_MAX_PARTS parts");
        }
    }

    is_num(build.rc, ED_LIMIT_SIZE, "one more");
    is_num(ed_buf_count(&build.parts, ed_part_t), ED_MAX_PARTS,
           "and none is added");

    ed_build_finish(&build);
    example(&page);
    ed_buf_init(&head, SIZE_MAX);

    n = ed_buf_count(&build.parts, ed_part_t);

    is_num(ed_stored_encode(&page, ed_buf_list(&build.parts, ed_part_t), n,
                            &head),
           ED_OK, "a head of as many");
    is_num(ed_stored_decode(head.data, head.len, 1, &page), ED_OK,
           "it is decoded");
    is_num(page.nparts, ED_MAX_PARTS, "all of them");
    ok(ed_stored_verify(&page, build.body.data, build.body.len),
       "all are there");

    page.cache_control = ed_str(ed_sample_text(0), 8000);
    head.len = 0;
    is_num(ed_stored_encode(&page, ed_buf_list(&build.parts, ed_part_t), n,
                            &head),
           ED_LIMIT_SIZE, "a head that is too long");

    page.cache_control = ED_STR_EMPTY;
    page.key = ed_str(ed_sample_text(0), SIZE_MAX);
    is_num(ed_stored_encode(&page, NULL, 0, &head), ED_LIMIT_SIZE,
           "a string that is too long");
    is_num(ed_stored_encode(&page, NULL, ED_MAX_PARTS + 1, &head),
           ED_LIMIT_SIZE, "too many parts");
    is_num(head.len, 0, "nothing is written");

    ed_buf_free(&head);
    ed_build_free(&build);
}


/* The heart of it: random pages, all editions. */

static void
editions(void)
{
    int          right;
    size_t       n;
    uint8_t      bytes[4 * 60];
    uint64_t     state;
    unsigned     i, j, made;
    ed_sample_t  sample;

    state = 1;
    right = 1;
    made = 0;

    for (i = 0; i < 300; i++) {
        n = ed_sample_random(&state) % (sizeof(bytes) / 4) * 4;

        for (j = 0; j < n; j++) {
            bytes[j] = (uint8_t) ed_sample_random(&state);

            if (j % 4 == 0) {
                bytes[j] &= 0xdf;           /* no long ones */
            }
        }

        ed_sample_make(&sample, bytes, n);
        made += sample.rc == ED_OK;

        for (j = 0; j < ED_SAMPLE_EDITIONS && right; j++) {
            right = edition_is_right(&sample, j);
        }

        right &= reencodes(&sample);
        ed_sample_free(&sample);
    }

    is_num(made, 300, "random pages");
    ok(right, "every edition of them is what a walk over its spans sends");
}


static int
edition_is_right(const ed_sample_t *sample, unsigned i)
{
    int                right;
    ed_buf_t           want, got;
    unsigned           j, pieces;
    ed_edition_t       edition;
    ed_piece_run_t     runs[ED_MAX_PARTS + 1];
    ed_taken_parts_t   taken;

    ed_buf_init(&want, SIZE_MAX);
    ed_buf_init(&got, SIZE_MAX);

    edition = ed_sample_edition(i);
    pieces = ed_sample_walk(sample, &edition, &want);

    ed_stored_select(&sample->page, &edition, runs, &taken);

    right = taken.nruns <= sample->page.nparts && taken.npieces == pieces;

    for (j = 0; j < ED_FEATURES; j++) {
        pieces -= taken.by_feature[j];
        right &= edition.variant[j] != 0 || taken.by_feature[j] == 0;
    }

    right &= pieces == 0;

    for (j = 0; j < taken.nruns; j++) {
        right &= runs[j].len != 0;
        right &= j == 0
                 || runs[j - 1].offset + runs[j - 1].len != runs[j].offset;

        right &= ed_buf_append(&got, sample->build.body.data + runs[j].offset,
                               runs[j].len)
                 == ED_OK;
    }

    right &= taken.length == got.len;
    right &= ed_str_eq(ed_str(got.data, got.len),
                       ed_str(want.data, want.len));
    ed_buf_free(&want);
    ed_buf_free(&got);

    return right;
}


static int
reencodes(const ed_sample_t *sample)
{
    int        same;
    ed_buf_t   head;
    unsigned   i;
    ed_part_t  parts[ED_MAX_PARTS];

    for (i = 0; i < sample->page.nparts; i++) {
        ed_stored_part(&sample->page, i, &parts[i]);
    }

    ed_buf_init(&head, SIZE_MAX);

    same = ed_stored_encode(&sample->page, parts, sample->page.nparts, &head)
           == ED_OK
           && ed_str_eq(ed_str(head.data, head.len),
                        ed_str(sample->head.data, sample->head.len))
           && ed_stored_verify(&sample->page, sample->build.body.data,
                               sample->build.body.len);
    ed_buf_free(&head);

    return same;
}


static void
nothing(void)
{
    ed_sample_t       sample;
    ed_edition_t      off;
    ed_piece_run_t    run;
    ed_taken_parts_t  taken;

    memset(&off, 0, sizeof(ed_edition_t));

    ed_sample_make(&sample, NULL, 0);
    ed_stored_select(&sample.page, &off, &run, &taken);

    is_num(sample.rc, ED_OK, "a page without a byte");
    is_num(sample.page.nparts, 0, "without a part");
    ok(taken.length == 0 && taken.nruns == 0 && taken.npieces == 0,
       "nothing is taken of it");
    ok(ed_stored_verify(&sample.page, NULL, 0), "nothing is there");
    ok(!ed_stored_verify(&sample.page, plain, 1), "something is too much");
    ed_sample_free(&sample);

    /* a variant's piece, where the edition has another */

    ed_sample_make(&sample, plain + 4, 4);
    ed_stored_select(&sample.page, &off, &run, &taken);

    ok(sample.page.nparts == 2 && taken.length == 0 && taken.nruns == 0,
       "an edition with nothing");
    ed_sample_free(&sample);

    ed_sample_make(&sample, plain, 4);
    ed_stored_select(&sample.page, &off, &run, &taken);

    ok(sample.page.nparts == 1 && taken.length == 40 && taken.nruns == 1
       && run.offset == 0 && run.len == 40, "a page of one part");
    ed_sample_free(&sample);
}


static void
example(ed_stored_t *page)
{
    unsigned  i;

    memset(page, 0, sizeof(ed_stored_t));

    page->stored = 1700000000;
    page->dated = -5;
    page->fresh = 1700000060;
    page->stale = 1700003660;
    page->error = (int64_t) 1 << 40;
    page->generation = 0x0123456789abcdefULL;
    page->weak = 1;
    page->modified_true = 1;
    page->skip = ED_SKIP_CUT;
    page->key = ED_STR("https://example.org/a?b=1");
    page->content_type = ED_STR("text/html; charset=utf-8");
    page->etag = ED_STR("W/\"5e-1\"");
    page->modified = ED_STR("Tue, 01 Mar 2016 10:00:00 GMT");
    page->cache_control = ED_STR("max-age=60, stale-if-error=5");
    page->headers = ED_STR("\1\0\2\0Xab\2\0\0\0Yz");
    page->tags = ED_STR("opinion harbour");
    page->features = ED_STR("read_more=off,pull_quote=big");
    page->article = ED_STR("/news/5");

    for (i = 0; i < ED_STORED_DIGEST; i++) {
        page->policy[i] = (uint8_t) (1 + i);
        page->record[i] = (uint8_t) (32 + i);
        page->seed[i] = (uint8_t) (64 + i);
    }
}


/* The plain page with all of a head's fields. */

static ed_sample_t
example_sample(void)
{
    ed_sample_t  sample;

    ed_sample_make(&sample, plain, sizeof(plain));

    example(&sample.page);
    sample.head.len = 0;

    sample.rc = ed_stored_encode(&sample.page,
                                 ed_buf_list(&sample.build.parts, ed_part_t),
                                 ed_buf_count(&sample.build.parts, ed_part_t),
                                 &sample.head);

    memset(&sample.page, 0xff, sizeof(ed_stored_t));

    (void) ed_stored_decode(sample.head.data, sample.head.len, 1,
                            &sample.page);

    return sample;
}


static void
round_trip(void)
{
    ed_sample_t         sample;
    ed_stored_t         want;
    const ed_stored_t  *got;

    sample = example_sample();
    example(&want);
    got = &sample.page;

    is_num(sample.rc, ED_OK, "a head with everything");

    ok(got->stored == want.stored && got->dated == want.dated
       && got->fresh == want.fresh && got->stale == want.stale
       && got->error == want.error, "times");
    ok(got->generation == want.generation, "generation");
    ok(memcmp(got->policy, want.policy, ED_STORED_DIGEST) == 0
       && memcmp(got->record, want.record, ED_STORED_DIGEST) == 0
       && memcmp(got->seed, want.seed, ED_STORED_DIGEST) == 0, "digests");
    ok(got->weak && got->modified_true, "flags");
    is_num(got->skip, want.skip, "skip");
    ok(ed_str_eq(got->key, want.key), "key");
    ok(ed_str_eq(got->content_type, want.content_type), "content type");
    ok(ed_str_eq(got->etag, want.etag), "entity tag");
    ok(ed_str_eq(got->modified, want.modified), "last modified");
    ok(ed_str_eq(got->cache_control, want.cache_control), "cache control");
    ok(ed_str_eq(got->headers, want.headers), "headers");
    ok(ed_str_eq(got->tags, want.tags), "tags");
    ok(ed_str_eq(got->features, want.features), "features");
    ok(ed_str_eq(got->article, want.article), "article");
    is_num(got->nparts, PARTS, "parts");
    is_num(got->assets, 1, "one of which is the assets");
    is_num(got->hidden, PARTS - 1, "and one is hidden");
    is_num(got->head_len, sample.head.len, "length of the head");
    is_num(got->body_len, sample.build.body.len, "length of the body");

    ok(edition_is_right(&sample, 0) && edition_is_right(&sample, 5)
       && edition_is_right(&sample, 64) && edition_is_right(&sample, 65),
       "its editions");
    ok(reencodes(&sample), "encoded again it is the same");

    ed_sample_free(&sample);
}


/* Nodes of a fleet read each other's pages, and clients keep entity tags:
   whoever changes these bytes changes ED_STORED_VERSION too. */

static void
same_bytes(void)
{
    ed_sample_t  sample;

    sample = example_sample();

    is_num(ED_STORED_VERSION, 3, "the version");
    is_num(sample.head.len, 415, "the length of its example");
    is_num(crc32(0, sample.head.data, (uInt) sample.head.len), 0xa98e3e64,
           "its bytes");

    ed_sample_free(&sample);
}


static void
damaged(void)
{
    int          missed;
    size_t       i, bit;
    uint8_t     *copy;
    ed_sample_t  sample;
    ed_stored_t  page;

    sample = example_sample();
    missed = 0;

    for (i = 0; i < sample.head.len; i++) {
        for (bit = 0; bit <= 8; bit++) {
            sample.head.data[i] ^= bit < 8 ? 1 << bit : 0xff;

            missed += ed_stored_decode(sample.head.data, sample.head.len, 1,
                                       &page) != ED_INVALID;

            /* it may be taken unverified, but must be safe then */

            (void) ed_stored_decode(sample.head.data, sample.head.len, 0,
                                    &page);

            sample.head.data[i] ^= bit < 8 ? 1 << bit : 0xff;
        }
    }

    is_num(missed, 0, "every flipped bit of the head is found");

    missed = 0;

    for (i = 0; i < sample.build.body.len; i++) {
        sample.build.body.data[i] ^= 1 << i % 8;

        missed += ed_stored_verify(&sample.page, sample.build.body.data,
                                   sample.build.body.len);

        sample.build.body.data[i] ^= 1 << i % 8;
    }

    is_num(missed, 0, "every flipped byte of the body is found");

    missed = 0;

    for (i = 0; i < sample.head.len; i++) {
        copy = malloc(i + (i == 0));
        memcpy(copy, sample.head.data, i);

        missed += ed_stored_decode(copy, i, 0, &page) != ED_INVALID;
        free(copy);
    }

    is_num(missed, 0, "a head cut anywhere is refused");

    ok(!ed_stored_verify(&sample.page, sample.build.body.data,
                         sample.build.body.len - 1), "a body cut");

    (void) ed_buf_append(&sample.head, sample.build.body.data, 100);

    ok(ed_stored_decode(sample.head.data, sample.head.len, 1, &page) == ED_OK
       && page.head_len == sample.head.len - 100,
       "what stands behind a head does not matter");

    ed_sample_free(&sample);
}


/* Checksums that are right, over bytes that are not. */

static void
forged(void)
{
    size_t       i, table;
    uint8_t     *p;
    ed_sample_t  sample;
    ed_stored_t  page;

    static const struct {
        const char  *name;
        int          at;           /* below zero: of the table */
        size_t       len;
        uint64_t     value;
    } cases[] = {
        { "the version before", 8, 1, 1 },
        { "a version to come", 8, 1, 4 },
        { "a flag that there is not", 9, 1, 4 },
        { "fewer parts", 10, 2, PARTS - 1 },
        { "more parts", 10, 2, PARTS + 1 },
        { "far more parts", 10, 2, 0xffff },
        { "a shorter head", 12, 4, 300 },
        { "a longer head", 12, 4, 500 },
        { "a far longer head", 12, 4, 0xffffffff },
        { "a head of nothing", 12, 4, 0 },
        { "a shorter body", 16, 4, 250 },
        { "a body too long", 16, 4, 0xffffffff },
        { "a time too far", 32, 8, ((uint64_t) 1 << 40) + 1 },
        { "a time too long ago", 64, 8, (uint64_t) 1 << 63 },
        { "a reason that there is not", 120, 1, ED_SKIPS },
        { "a longer key", 121, 2, 26 },
        { "far longer tags", 133, 2, 0xffff },
        { "a first part not at the beginning", -1, 4, 1 },
        { "a part before the one before", -12, 4, 0xfffffff0 },
        { "a part behind the end", -23, 4, 0x00ffffff },
        { "kind 6", -11, 1, 6 },
        { "kind 7", -11, 1, 7 },
        { "source with a feature", -11, 1, 1 << 3 },
        { "source that is a piece", -11, 1, 0x80 },
        { "source with variants", -9, 2, 1 },
        { "feature 3", -44, 1, 1 | 3 << 3 },
        { "feature 16", -44, 1, 1 | 0x80 | 15 << 3 },
        { "assets with a feature", -22, 1, 2 | 1 << 3 },
        { "assets twice", -55, 1, 2 },
        { "a marker of feature 3", -33, 1, 3 | 3 << 3 },
        { "a marker that is a piece", -33, 1, 3 | 0x80 },
        { "a marker with variants", -31, 2, 1 },
        { "a feature's marker twice", -55, 1, 3 },
        { "hidden with a feature", -99, 1, 4 | 1 << 3 },
        { "hidden that is a piece", -99, 1, 4 | 0x80 },
        { "hidden with variants", -97, 2, 1 },
        { "hidden twice", -55, 1, 4 },
        { "notes with a feature", -99, 1, 5 | 1 << 3 },
        { "notes that are a piece", -99, 1, 5 | 0x80 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sample = example_sample();
        table = (size_t) (sample.page.parts - sample.head.data);
        p = sample.head.data;

        p += cases[i].at < 0 ? (int) table - cases[i].at - 1 : cases[i].at;

        if (cases[i].len == 1) {
            p[0] = (uint8_t) cases[i].value;

        } else if (cases[i].len == 2) {
            ed_put16(p, (uint16_t) cases[i].value);

        } else if (cases[i].len == 4) {
            ed_put32(p, (uint32_t) cases[i].value);

        } else {
            ed_put64(p, cases[i].value);
        }

        p = sample.head.data;
        ed_put32(p + 20, (uint32_t) crc32(0, p + table, PARTS * 11));
        ed_put32(p + 4, (uint32_t) crc32(0, p + 8,
                                         (uInt) (sample.head.len - 8)));

        is_num(ed_stored_decode(p, sample.head.len, 1, &page), ED_INVALID,
               "forged: %s", cases[i].name);
        ed_sample_free(&sample);
    }
}


/* What could not be read again is not written. */

static void
refused(void)
{
    size_t       i;
    ed_buf_t     head;
    ed_part_t    parts[2];
    ed_stored_t  page;

    static const struct {
        const char  *name;
        ed_part_t    parts[2];
    } cases[] = {
        { "a gap", { { 0, 4, 0, 0, 0, 0, 0 }, { 5, 1, 0, 0, 0, 0, 0 } } },
        { "an overlap", { { 0, 4, 0, 0, 0, 0, 0 }, { 3, 1, 0, 0, 0, 0, 0 } } },
        { "a late beginning", { { 1, 4, 0, 0, 0, 0, 0 },
                                { 5, 1, 0, 0, 0, 0, 0 } } },
        { "too much", { { 0, ED_MAX_BODY, 0, 0, 0, 0, 0 },
                        { ED_MAX_BODY, 1, 0, 0, 0, 0, 0 } } },
        { "kind 6", { { 0, 4, 0, 0, 6, 0, 0 }, { 4, 1, 0, 0, 0, 0, 0 } } },
        { "feature 3", { { 0, 4, 0, 0, 1, 3, 0 }, { 4, 1, 0, 0, 0, 0, 0 } } },
        { "variant 17", { { 0, 4, 0, 0x10000, 1, 0, 0 },
                          { 4, 1, 0, 0, 0, 0, 0 } } },
        { "two assets", { { 0, 4, 0, 0, 2, 0, 0 },
                          { 4, 1, 0, 0, 2, 0, 0 } } },
        { "two markers of a feature", { { 0, 4, 0, 0, 3, 1, 0 },
                                        { 4, 1, 0, 0, 3, 1, 0 } } },
        { "a marker of feature 3", { { 0, 4, 0, 0, 3, 3, 0 },
                                     { 4, 1, 0, 0, 0, 0, 0 } } },
        { "a marker with variants", { { 0, 4, 0, 1, 3, 0, 0 },
                                      { 4, 1, 0, 0, 0, 0, 0 } } },
        { "a marker that is a piece", { { 0, 4, 0, 0, 3, 0, 1 },
                                        { 4, 1, 0, 0, 0, 0, 0 } } },
        { "hidden with a feature", { { 0, 4, 0, 0, 4, 1, 0 },
                                     { 4, 1, 0, 0, 0, 0, 0 } } },
        { "hidden twice", { { 0, 4, 0, 0, 4, 0, 0 },
                            { 4, 1, 0, 0, 4, 0, 0 } } },
        { "notes twice", { { 0, 4, 0, 0, 5, 0, 0 },
                           { 4, 1, 0, 0, 5, 0, 0 } } }
    };

    ed_buf_init(&head, SIZE_MAX);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        example(&page);
        is_num(ed_stored_encode(&page, cases[i].parts, 2, &head), ED_INVALID,
               "parts: %s", cases[i].name);
    }

    memset(parts, 0, sizeof(parts));

    example(&page);
    page.etag = ED_STR("\"x\"\r\nSet-Cookie: a=b");
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_INVALID,
           "a string that would end its line");

    example(&page);
    page.headers = ED_STR("\1\0\3\0Xa\nb");
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_INVALID,
           "a header that would end its line");

    example(&page);
    page.headers = ED_STR("\1\0\4\0Xab");
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_INVALID,
           "headers that are cut");

    example(&page);
    page.skip = ED_SKIPS + 256;
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_INVALID,
           "a reason that there is not");

    example(&page);
    page.fresh = INT64_MAX;
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_INVALID,
           "a time too far");

    example(&page);
    page.key = ED_STR("a\nkey\0may");
    is_num(ed_stored_encode(&page, parts, 2, &head), ED_OK,
           "a key is any bytes");
    ok(head.len != 0, "and is written");

    ed_buf_free(&head);
}


/* All three of them, each by its own test, be their features off. */

static void
markers(void)
{
    unsigned          i;
    ed_sample_t       sample;
    ed_edition_t      edition;
    ed_piece_run_t    runs[8];
    ed_taken_parts_t  taken;

    static const uint8_t  bytes[] = {
        0x00, 0x00, 100, 1,
        0x85, 0x00, 1, 2,
        0x05, 0x01, 2, 3,
        0x05, 0x02, 4, 4,
        0x03, 0x01, 8, 5
    };

    ed_sample_make(&sample, bytes, sizeof(bytes));
    is_num(sample.rc, ED_OK, "a page with three markers");

    for (i = 0; i < 8; i++) {
        memset(&edition, 0, sizeof(ed_edition_t));
        edition.tested = (uint8_t) i;

        ed_stored_select(&sample.page, &edition, runs, &taken);

        is_num(taken.length, 100 + i + (i ? sample.assets.len : 0),
               "all off, tests %u: source, assets and markers", i);
        is_num(taken.npieces, 0, "and no piece");
    }

    edition.variant[0] = 1;
    edition.tested = 0;
    ed_stored_select(&sample.page, &edition, runs, &taken);

    ok(taken.length == 108 + sample.assets.len && taken.npieces == 1,
       "a piece and no test: no marker");

    edition.tested = 1;
    ed_stored_select(&sample.page, &edition, runs, &taken);

    ok(taken.length == 109 + sample.assets.len && taken.npieces == 1
       && taken.by_feature[0] == 1, "both");

    ed_sample_free(&sample);
}


/* It lies in the page; no edition has it. */

static void
record(void)
{
    uint32_t          offset, len;
    unsigned          i, sent;
    ed_sample_t       sample;
    ed_edition_t      edition;
    ed_piece_run_t    runs[PARTS + 1];
    ed_taken_parts_t  taken;

    sample = example_sample();
    offset = 0;
    len = 0;

    ok(ed_stored_record(&sample.page, &offset, &len), "a page with a record");
    is_num(len, 70, "its length");
    is_num(offset, sample.build.body.len - 70, "its place");

    sent = 0;

    for (i = 0; i < ED_SAMPLE_EDITIONS; i++) {
        edition = ed_sample_edition(i);
        ed_stored_select(&sample.page, &edition, runs, &taken);

        sent += taken.nruns == 0
                || runs[taken.nruns - 1].offset + runs[taken.nruns - 1].len
                   != offset;
    }

    is_num(sent, 0, "every edition ends where it begins");
    ed_sample_free(&sample);

    ed_sample_make(&sample, plain, 4);
    ok(!ed_stored_record(&sample.page, &offset, &len), "a page without");
    ed_sample_free(&sample);

    ed_sample_make(&sample, plain + sizeof(plain) - 4, 4);
    ok(ed_stored_record(&sample.page, &offset, &len) && offset == 0
       && len == 70, "nothing but a record");
    ed_sample_free(&sample);
}


static void
revision(void)
{
    size_t       i, same;
    uint64_t     of;
    ed_sample_t  sample, other;

    sample = example_sample();
    of = ed_stored_revision(sample.head.data, ED_STORED_LOOK);

    ok(of != 0, "a head has a revision");
    ok(of == ed_stored_revision(sample.head.data, sample.head.len),
       "which its beginning tells");
    ok(ed_stored_revision(sample.head.data, ED_STORED_LOOK - 1) == 0,
       "a shorter one does not");
    ok(ed_stored_revision(NULL, 0) == 0, "nothing has none");

    sample.head.data[8] = 1;
    ok(ed_stored_revision(sample.head.data, sample.head.len) == 0,
       "another version has none");
    sample.head.data[8] = ED_STORED_VERSION;

    sample.head.data[0] ^= 1;
    ok(ed_stored_revision(sample.head.data, sample.head.len) == 0,
       "nor has what is no head");
    sample.head.data[0] ^= 1;

    memset(sample.head.data + 4, 0, 4);
    memset(sample.head.data + 20, 0, 4);
    ok(ed_stored_revision(sample.head.data, sample.head.len) != 0,
       "it is never 0");

    ed_sample_free(&sample);

    /* a byte of any part, the record's too, is another version */

    sample = example_sample();
    same = 0;

    for (i = 0; i < sample.build.body.len; i += 10) {
        other = example_sample();
        other.build.body.data[i] ^= 1;
        ed_build_finish(&other.build);

        other.head.len = 0;
        (void) ed_stored_encode(&sample.page,
                                ed_buf_list(&other.build.parts, ed_part_t),
                                ed_buf_count(&other.build.parts, ed_part_t),
                                &other.head);

        same += ed_stored_revision(other.head.data, other.head.len) == of;
        ed_sample_free(&other);
    }

    is_num(same, 0, "another byte, another revision");
    ed_sample_free(&sample);
}


static void
renew(void)
{
    uint8_t            *p;
    uint64_t            of;
    ed_sample_t         sample, fresh;
    ed_stored_t         page;
    ed_stored_times_t   times;

    sample = example_sample();
    fresh = example_sample();
    p = fresh.head.data;
    of = ed_stored_revision(p, ED_STORED_LOOK);

    times.dated = 1700000100;
    times.fresh = -7;
    times.stale = (int64_t) 1 << 40;
    times.error = 1700009999;

    is_num(ed_stored_renew(p, fresh.head.len, &times), ED_OK, "new times");
    is_num(ed_stored_decode(p, fresh.head.len, 1, &page), ED_OK,
           "the head is intact");
    ok(page.dated == times.dated && page.fresh == times.fresh
       && page.stale == times.stale && page.error == times.error,
       "it has them");
    is_num(page.stored, 1700000000, "when it was stored is the same");
    ok(ed_stored_revision(p, ED_STORED_LOOK) != of, "the revision is not");
    ok(memcmp(p + ED_STORED_TIMES_END, sample.head.data + ED_STORED_TIMES_END,
              fresh.head.len - ED_STORED_TIMES_END) == 0,
       "nothing changes behind ED_STORED_TIMES_END");

    memcpy(sample.head.data, p, ED_STORED_TIMES_END);
    ok(ed_stored_decode(sample.head.data, sample.head.len, 1, &page) == ED_OK
       && page.error == times.error, "a copy is renewed by these bytes");

    times.error++;
    times.stale++;
    is_num(ed_stored_renew(p, fresh.head.len, &times), ED_INVALID,
           "a time too far");
    times.stale--;

    is_num(ed_stored_renew(p, fresh.head.len - 1, &times), ED_INVALID,
           "a head that is cut");

    p[100] ^= 1;
    is_num(ed_stored_renew(p, fresh.head.len, &times), ED_INVALID,
           "a damaged head stays damaged");
    p[100] ^= 1;

    ok(memcmp(p, sample.head.data, fresh.head.len) == 0,
       "what is refused changes nothing");

    ed_sample_free(&sample);
    ed_sample_free(&fresh);
}


static void
headers(void)
{
    size_t    offset, cut;
    uint8_t  *copy;
    ed_buf_t  buf;
    ed_str_t  all, name, value;
    unsigned  n;

    ed_buf_init(&buf, 60);

    is_num(ed_stored_add_header(&buf, ED_STR("Link"), ED_STR("</x>; rel=y")),
           ED_OK, "a header");
    is_num(ed_stored_add_header(&buf, ED_STR("X-Empty"), ED_STR_EMPTY),
           ED_OK, "an empty one");
    is_num(ed_stored_add_header(&buf, ED_STR("Link"), ED_STR("</z>")), ED_OK,
           "one of the same name");
    is_num(ed_stored_add_header(&buf, ED_STR("X"), ED_STR("0123456789abcd")),
           ED_LIMIT_SIZE, "one too many");
    is_num(ed_stored_add_header(&buf, ed_str(ed_sample_text(0), 65536),
                                ED_STR("x")),
           ED_LIMIT_SIZE, "a name too long");

    all = ed_str(buf.data, buf.len);
    offset = 0;

    ok(ed_stored_header(all, &offset, &name, &value), "the first");
    is_str(name, "Link", "its name");
    is_str(value, "</x>; rel=y", "its value");
    ok(ed_stored_header(all, &offset, &name, &value), "the second");
    is_str(name, "X-Empty", "its name");
    is_num(value.len, 0, "it is empty");
    ok(ed_stored_header(all, &offset, &name, &value), "the third");
    is_str(value, "</z>", "its value");
    ok(!ed_stored_header(all, &offset, &name, &value), "no more");

    for (cut = 0, n = 0; cut < all.len; cut++) {
        copy = malloc(cut + (cut == 0));
        memcpy(copy, all.data, cut);
        offset = 0;

        while (ed_stored_header(ed_str(copy, cut), &offset, &name, &value)) {
            n++;
        }

        free(copy);
    }

    /* they are 19, 11 and 12 bytes */

    is_num(n, 11 * 1 + 12 * 2, "cut anywhere, only whole ones are read");

    ed_buf_free(&buf);
}


static void
etags(void)
{
    int           equal;
    size_t        i, len;
    uint8_t       seed[ED_STORED_DIGEST];
    uint8_t       tags[ED_SAMPLE_EDITIONS][ED_MAX_ETAG];
    unsigned      a, b;
    ed_edition_t  edition;

    for (i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t) i;
    }

    equal = 0;

    for (a = 0; a < ED_SAMPLE_EDITIONS; a++) {
        edition = ed_sample_edition(a);

        is_num(ed_stored_etag(seed, &edition, 0, tags[a]), 32,
               "length of the tag of edition %u", a);

        for (b = 0; b < a; b++) {
            equal += memcmp(tags[a], tags[b], 32) == 0;
        }
    }

    is_num(equal, 0, "no two editions have the same");

    edition = ed_sample_edition(0);
    len = ed_stored_etag(seed, &edition, 1, tags[1]);

    is_str(ed_str(tags[1], len),
           "eff099d7f6039771490be4a7af0b2133-gz", "a known one");
    ok(memcmp(tags[0], tags[1], 32) == 0, "coded, it is the same but for -gz");

    seed[15] ^= 1;
    (void) ed_stored_etag(seed, &edition, 0, tags[1]);
    ok(memcmp(tags[0], tags[1], 32) != 0, "another page's is another");
}


static void
no_memory(void)
{
    int          right;
    long         n;
    ed_rc_t      rc;
    ed_buf_t     head;
    ed_build_t   build;
    ed_stored_t  page;

    if (!ed_test_wrapped()) {
        return;
    }

    right = 1;
    example(&page);
    ed_buf_init(&head, SIZE_MAX);

    for (n = 0; n < 100; n++) {
        ed_test_fail_after(n);

        ed_build_init(&build, SIZE_MAX);
        ed_build_source(&build, ed_sample_text(0), 1000);
        ed_build_assets(&build, ED_STR("assets"));
        ed_build_source(&build, ed_sample_text(0), 5000);
        ed_build_record(&build, ed_str(ed_sample_text(0), 9000));
        ed_build_finish(&build);

        rc = build.rc;

        if (rc == ED_OK) {
            rc = ed_stored_encode(&page,
                                  ed_buf_list(&build.parts, ed_part_t),
                                  ed_buf_count(&build.parts, ed_part_t),
                                  &head);
        }

        ed_build_free(&build);
        ed_buf_free(&head);

        if (!ed_test_refused) {
            break;
        }

        right &= rc == ED_NOMEM;
    }

    ed_test_fail_after(-1);

    ok(right && rc == ED_OK && n > 2,
       "no memory from any of %ld allocations on", n);
}


/* The fastest of many runs, since others run here too. */

static void
speed(void)
{
    double            ns, best;
    unsigned          i, n;
    ed_sample_t       sample;
    ed_stored_t       page;
    ed_edition_t      edition;
    ed_piece_run_t    runs[ED_MAX_PARTS + 1];
    ed_taken_parts_t  taken;

    sample = example_sample();
    edition = ed_sample_edition(5);
    best = 1e12;

    for (i = 0; i < 200; i++) {
        ns = now();

        for (n = 0; n < 20; n++) {
            (void) ed_stored_decode(sample.head.data, sample.head.len, 0,
                                    &page);
            ed_stored_select(&page, &edition, runs, &taken);
        }

        ns = (now() - ns) / 20;
        best = ns < best ? ns : best;
    }

    printf("# a head of %u parts decoded, an edition selected: %.0f ns\n",
           page.nparts, best);

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
