
/*
 * Heads of stored pages from anywhere, and a body behind them.
 *
 *     - Whatever is decoded can be read: no part, no run, no header leads
 *       outside of head and body, in any edition.
 *     - An edition takes what ed_walk_next() sends of such spans.
 *     - No edition has a byte of the hidden part.
 *     - With the checksums it should have, a head that is decoded is encoded
 *       to the same bytes again, has a revision, and gets new times.
 *     - A body is verified if its checksums are right, and not if they are
 *       not.
 */

#include <zlib.h>

#include "ed_fuzz.h"
#include "ed_le.h"
#include "ed_sample.h"


/* Offsets in a head, as in ed_stored.c. */
#define HEAD_CRC        4
#define HEAD_CHECKED    8
#define HEAD_PARTS_CRC  20
#define PART_SIZE       11


static void read_all(const ed_stored_t *page);
static void select_all(const ed_stored_t *page);
static void check_walk(const ed_stored_t *page, const ed_edition_t *edition,
    const ed_taken_parts_t *taken);
static void check_body(uint8_t *head, ed_stored_t *page, ed_str_t body);
static void check_again(uint8_t *head, size_t len);
static void check_renewed(uint8_t *head, size_t len,
    const ed_stored_t *page);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ed_rc_t      rc;
    uint8_t     *head;
    ed_stored_t  page;

    if (ed_stored_decode(data, size, 0, &page) != ED_OK) {
        rc = ed_stored_decode(data, size, 1, &page);
        fuzz_check(rc == ED_INVALID, "refused, but with its checksum not");
        return 0;
    }

    fuzz_check(page.head_len <= size, "longer than it is");

    read_all(&page);
    select_all(&page);

    head = malloc(page.head_len);
    fuzz_check(head != NULL, "no memory");
    memcpy(head, data, page.head_len);

    rc = ed_stored_decode(head, page.head_len, 0, &page);
    fuzz_check(rc == ED_OK, "what stands behind a head matters");

    if (size - page.head_len >= page.body_len) {
        check_body(head, &page, ed_str(data + page.head_len, page.body_len));
    }

    check_again(head, page.head_len);
    free(head);

    return 0;
}


static void
read_all(const ed_stored_t *page)
{
    size_t     offset;
    uint64_t   end;
    ed_str_t   name, value;
    unsigned   i;
    ed_part_t  part;

    end = 0;

    for (i = 0; i < page->nparts; i++) {
        ed_stored_part(page, i, &part);

        fuzz_check(part.offset == end, "part %u does not follow", i);
        fuzz_check((part.kind == ED_SPAN_ASSETS) == (i == page->assets),
                   "part %u is not the assets", i);
        fuzz_check((part.kind == ED_SPAN_HIDDEN) == (i == page->hidden),
                   "part %u is not the hidden one", i);
        fuzz_check((part.kind == ED_SPAN_NOTES) == (i == page->notes),
                   "part %u is not the notes", i);
        fuzz_check(part.kind < ED_SPAN_KINDS && part.feature < ED_FEATURES,
                   "part %u is of no kind", i);
        end += part.len;
    }

    fuzz_check(end == page->body_len, "the body has another length");

    offset = 0;
    end = 0;

    while (ed_stored_header(page->headers, &offset, &name, &value)) {
        end += 4 + name.len + value.len;

        for (i = 0; i < name.len + value.len; i++) {
            (void) ((const volatile uint8_t *) name.data)[i];
        }
    }

    fuzz_check(end == offset && end <= page->headers.len,
               "headers longer than they are");
}


static void
select_all(const ed_stored_t *page)
{
    uint32_t          from, len;
    uint64_t          length;
    unsigned          i, j;
    ed_edition_t      edition;
    ed_piece_run_t    runs[ED_MAX_PARTS + 1];
    ed_taken_parts_t  taken;

    from = 0;
    len = 0;

    fuzz_check(!ed_stored_record(page, &from, &len)
               || (uint64_t) from + len <= page->body_len,
               "a record behind the body");

    for (i = 0; i < ED_SAMPLE_EDITIONS; i++) {
        edition = ed_sample_edition(i);
        ed_stored_select(page, &edition, runs, &taken);

        fuzz_check(taken.nruns <= page->nparts, "%u runs", taken.nruns);
        length = 0;

        for (j = 0; j < taken.nruns; j++) {
            fuzz_check(runs[j].len != 0, "an empty run");
            fuzz_check((uint64_t) runs[j].offset + runs[j].len
                       <= page->body_len, "a run behind the body");
            fuzz_check(len == 0 || runs[j].offset >= from + len
                       || runs[j].offset + runs[j].len <= from,
                       "the record is sent");
            length += runs[j].len;
        }

        fuzz_check(length == taken.length && length <= page->body_len,
                   "an edition has another length");
        check_walk(page, &edition, &taken);
    }
}


static void
check_walk(const ed_stored_t *page, const ed_edition_t *edition,
    const ed_taken_parts_t *taken)
{
    size_t            done;
    uint64_t          length;
    unsigned          i;
    ed_part_t         part;
    ed_span_t         span;
    ed_walk_t         walk;
    const ed_span_t  *next;

    memset(&part, 0, sizeof(ed_part_t));
    memset(&span, 0, sizeof(ed_span_t));

    if (page->assets != page->nparts) {
        ed_stored_part(page, page->assets, &part);
    }

    ed_walk_init(&walk, edition, ed_str(NULL, part.len));
    length = 0;

    for (i = 0; i < page->nparts; i++) {
        ed_stored_part(page, i, &part);

        span.kind = (ed_span_kind_e) part.kind;
        span.feature = (ed_feature_e) part.feature;
        span.variants = part.variants;
        span.piece = part.piece & 1;
        span.len = part.len;
        done = (i == page->assets);

        while (!done) {
            next = ed_walk_next(&walk, &span, 1, &done);
            length += next != NULL ? next->len : 0;
        }
    }

    fuzz_check(length == taken->length && walk.pieces == taken->npieces,
               "a walk sends something else");
}


static void
check_body(uint8_t *head, ed_stored_t *page, ed_str_t body)
{
    uLong      crc;
    uint8_t   *copy, *table;
    unsigned   i;
    ed_part_t  part;

    table = head + (page->parts - head);

    for (i = 0; i < page->nparts; i++) {
        ed_stored_part(page, i, &part);

        crc = part.len != 0 ? crc32(0, body.data + part.offset, part.len) : 0;
        ed_put32(table + i * PART_SIZE + 4, (uint32_t) crc);
    }

    fuzz_check(ed_stored_verify(page, body.data, body.len),
               "a body is refused");

    if (body.len == 0) {
        return;
    }

    fuzz_check(!ed_stored_verify(page, body.data, body.len - 1),
               "a body that is cut is not refused");

    copy = malloc(body.len);
    fuzz_check(copy != NULL, "no memory");
    memcpy(copy, body.data, body.len);
    copy[body.data[0] % body.len] ^= 0x10;

    fuzz_check(!ed_stored_verify(page, copy, body.len),
               "a body that is damaged is not refused");
    free(copy);
}


/* A head in memory of its own, with the checksums it should have. */

static void
check_again(uint8_t *head, size_t len)
{
    ed_rc_t      rc;
    ed_buf_t     again;
    unsigned     i;
    ed_part_t    parts[ED_MAX_PARTS];
    ed_stored_t  page;

    (void) ed_stored_decode(head, len, 0, &page);

    ed_put32(head + HEAD_PARTS_CRC,
             (uint32_t) crc32(0, page.parts, page.nparts * PART_SIZE));
    ed_put32(head + HEAD_CRC,
             (uint32_t) crc32(0, head + HEAD_CHECKED,
                              (uInt) (len - HEAD_CHECKED)));

    if (ed_stored_decode(head, len, 1, &page) != ED_OK) {
        return;                        /* a string that ends its line */
    }

    for (i = 0; i < page.nparts; i++) {
        ed_stored_part(&page, i, &parts[i]);
    }

    ed_buf_init(&again, ED_MAX_HEAD);

    rc = ed_stored_encode(&page, parts, page.nparts, &again);

    fuzz_check(rc == ED_OK, "it cannot be encoded again: %d", rc);
    fuzz_check(ed_str_eq(ed_str(again.data, again.len), ed_str(head, len)),
               "encoded again it is another");

    ed_buf_free(&again);

    check_renewed(head, len, &page);
}


static void
check_renewed(uint8_t *head, size_t len, const ed_stored_t *page)
{
    ed_stored_t        renewed;
    ed_stored_times_t  times;

    fuzz_check(ed_stored_revision(head, ED_STORED_LOOK) != 0, "no revision");

    times.dated = page->error;
    times.fresh = page->stale;
    times.stale = page->fresh;
    times.error = page->dated;

    fuzz_check(ed_stored_renew(head, len, &times) == ED_OK, "no new times");
    fuzz_check(ed_stored_decode(head, len, 1, &renewed) == ED_OK
               && renewed.stored == page->stored
               && renewed.dated == page->error
               && renewed.fresh == page->stale
               && renewed.stale == page->fresh
               && renewed.error == page->dated
               && renewed.body_len == page->body_len
               && renewed.article.len == page->article.len,
               "other new times");
}
