
/*
 * One edition as one gzip stream: of every edition of random pages, in steps
 * of any length.
 */

#include "ed_sample.h"
#include "ed_test.h"
#include "ed_whole.h"


static int  refused;                   /* an allocation was, in the last run */


static int every_edition(const ed_sample_t *sample, uint64_t *state);
static int compress_one(const ed_sample_t *sample,
    const ed_edition_t *edition, uint64_t *state);
static void random_pages(void);
static void keys(void);
static void no_memory(void);


int
main(void)
{
    random_pages();
    keys();
    no_memory();

    return ed_test_done();
}


static void
random_pages(void)
{
    int          right;
    size_t       n;
    uint8_t      bytes[4 * 30];
    uint64_t     state;
    unsigned     i, j;
    ed_sample_t  sample;

    state = 11;
    right = 1;

    for (i = 0; i < 20; i++) {
        n = ed_sample_random(&state) % (sizeof(bytes) / 4) * 4;

        for (j = 0; j < n; j++) {
            bytes[j] = (uint8_t) ed_sample_random(&state);

            if (j % 4 == 0) {
                bytes[j] &= 0xdf;           /* no long ones */
            }
        }

        ed_sample_make(&sample, bytes, n);
        right &= every_edition(&sample, &state);
        ed_sample_free(&sample);
    }

    ok(right, "every edition of random pages is one gzip stream");
}


static int
every_edition(const ed_sample_t *sample, uint64_t *state)
{
    unsigned      i;
    ed_edition_t  edition;

    for (i = 0; i < ED_SAMPLE_EDITIONS; i++) {
        edition = ed_sample_edition(i);

        if (!compress_one(sample, &edition, state)) {
            return 0;
        }
    }

    return 1;
}


static int
compress_one(const ed_sample_t *sample, const ed_edition_t *edition,
    uint64_t *state)
{
    int              right;
    size_t           len;
    ed_rc_t          rc;
    ed_buf_t         gzip, want;
    ed_str_t         result;
    ed_whole_t      *whole;
    ed_piece_run_t   run;

    whole = ed_whole_create(&sample->page, edition, 6);

    if (whole == NULL) {
        refused = ed_test_refused;
        return 0;
    }

    do {
        run = ed_whole_wants(whole);
        len = run.len != 0 ? 1 + ed_sample_random(state) % run.len : 0;

        rc = ed_whole_step(whole, len != 0 ? sample->build.body.data
                                             + run.offset
                                           : (const uint8_t *) "", len);

    } while (rc == ED_OK);

    /* what follows is the test's own */
    refused = ed_test_refused;
    ed_test_fail_after(-1);

    result = ed_whole_result(whole);

    ed_buf_init(&gzip, ED_SAMPLE_BODY);
    ed_buf_init(&want, ED_SAMPLE_BODY);

    (void) ed_buf_str(&gzip, result);
    ed_sample_walk(sample, edition, &want);

    right = rc == ED_DONE
            && ed_whole_taken(whole)->length == want.len
            && ed_sample_gunzips(&gzip, &want);

    ed_buf_free(&gzip);
    ed_buf_free(&want);
    ed_whole_destroy(whole);

    return right;
}


/* Two editions of a page, and one edition of two pages, have other names. */

static void
keys(void)
{
    uint8_t       a[ED_WHOLE_KEY], b[ED_WHOLE_KEY], c[ED_WHOLE_KEY];
    ed_sample_t   one, two;
    ed_edition_t  edition, other;

    ed_sample_make(&one, (const uint8_t *) "\0\0\144\1", 4);
    ed_sample_make(&two, (const uint8_t *) "\0\0\145\1", 4);

    edition = ed_sample_edition(0);
    other = ed_sample_edition(1);

    ed_whole_key(&one.page, &edition, a);
    ed_whole_key(&one.page, &other, b);
    ed_whole_key(&two.page, &edition, c);

    ok(memcmp(a, b, ED_WHOLE_KEY) != 0, "another edition, another key");
    ok(memcmp(a, c, ED_WHOLE_KEY) != 0, "another page, another key");

    edition.tested = 2;
    ed_whole_key(&one.page, &edition, b);

    ok(memcmp(a, b, ED_WHOLE_KEY) != 0, "another test, another key");

    ed_sample_free(&one);
    ed_sample_free(&two);
}


static void
no_memory(void)
{
    long          n;
    uint64_t      state;
    ed_sample_t   sample;
    ed_edition_t  edition;

    if (!ed_test_wrapped()) {
        return;
    }

    ed_sample_make(&sample, (const uint8_t *) "\60\0\50\1", 4);

    edition = ed_sample_edition(0);
    state = 3;

    for (n = 0; n < 1000; n++) {
        ed_test_fail_after(n);
        (void) compress_one(&sample, &edition, &state);

        if (!refused) {
            break;
        }
    }

    ed_test_fail_after(-1);

    ok(n > 2 && n < 1000, "without memory there is no stream, nor a leak");

    ed_sample_free(&sample);
}
