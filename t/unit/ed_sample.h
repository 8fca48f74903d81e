
/*
 * Stored pages out of any bytes, for the unit tests (from random ones) and
 * the fuzz targets.  Four bytes make a span:
 *
 *     0   bits 0-1   0 source; 2 furniture; 3 furniture, a piece; 1 by
 *         bits 2-3   its feature; of 1: 1 a marker, 2 hidden, 3 notes, else
 *                    source
 *                    (what there is one of at most is source the next time)
 *         bits 4-5   how many times its length goes by 16
 *         bit  6     its bytes do not compress
 *         bit  7     the page's assets stand before it (the first time)
 *     1   variants 1 to 8 of the furniture; the marker's feature
 *     2   length
 *     3   where its bytes begin, in a text that is always the same
 *
 * What the walk over these spans sends is the reference.
 */

#ifndef ED_SAMPLE_H
#define ED_SAMPLE_H


#include <stdlib.h>
#include <zlib.h>

#include "ed_deflate.h"


#define ED_SAMPLE_TEXT      (2 * 1024 * 1024)
#define ED_SAMPLE_BODY      (4 * 1024 * 1024)
#define ED_SAMPLE_EDITIONS  128        /* variants 0 to 3 of each feature, and
                                          the same with tests */


typedef struct {
    ed_buf_t           spans;          /* of ed_span_t; no assets */
    ed_str_t           assets;
    ed_build_t         build;
    ed_buf_t           head;
    ed_stored_t        page;           /* decoded */
    ed_rc_t            rc;             /* of building and encoding */
} ed_sample_t;


static inline uint32_t
ed_sample_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;

    return (uint32_t) (*state >> 32);
}


/* A text that compresses, and as many bytes that do not. */

static inline const uint8_t *
ed_sample_text(int random)
{
    size_t    i, n;
    uint64_t  state;

    static uint8_t           *text;
    static const char *const  words[] = {
        "harbour", " ", "<p>", "</p>\n", "the tide ", "<a href=\"/x\">", "of ",
        "a"
    };

    if (text == NULL) {
        text = malloc(2 * ED_SAMPLE_TEXT);

        if (text == NULL) {
            abort();
        }

        state = 0x9e3779b97f4a7c15ULL;
        n = 0;

        while (n < ED_SAMPLE_TEXT - 16) {
            i = ed_sample_random(&state) % 8;
            memcpy(text + n, words[i], strlen(words[i]));
            n += strlen(words[i]);
        }

        for ( /* void */ ; n < 2 * ED_SAMPLE_TEXT; n++) {
            text[n] = (uint8_t) ed_sample_random(&state);
        }
    }

    return text + (random ? ED_SAMPLE_TEXT : 0);
}


static inline void
ed_sample_span(const uint8_t *p, ed_span_t *span)
{
    memset(span, 0, sizeof(ed_span_t));

    if ((p[0] & 0x02) != 0) {
        span->kind = ED_SPAN_FURNITURE;
        span->feature = (ed_feature_e) ((p[0] >> 2 & 0x03) % ED_FEATURES);
        span->variants = p[1];
        span->piece = p[0] & 0x01;

    } else if ((p[0] & 0x0f) == 0x05) {
        span->kind = ED_SPAN_MARKER;
        span->feature = (ed_feature_e) (p[1] % ED_FEATURES);

    } else if ((p[0] & 0x0f) == 0x09) {
        span->kind = ED_SPAN_HIDDEN;

    } else if ((p[0] & 0x0f) == 0x0d) {
        span->kind = ED_SPAN_NOTES;
    }

    span->len = (size_t) p[2] << 4 * (p[0] >> 4 & 0x03);
    span->data = ed_sample_text(p[0] & 0x40) + p[3] * 131;
}


/* Builds, encodes and decodes; to be freed whatever comes of it. */

static inline void
ed_sample_make(ed_sample_t *sample, const uint8_t *p, size_t len)
{
    size_t     n;
    unsigned   seen, single;
    ed_span_t  span;

    seen = 0;
    memset(sample, 0, sizeof(ed_sample_t));

    ed_buf_init(&sample->spans, SIZE_MAX);
    ed_buf_init(&sample->head, SIZE_MAX);
    ed_build_init(&sample->build, ED_SAMPLE_BODY);

    for (n = len / 4; n != 0; n--) {

        if ((p[0] & 0x80) != 0 && sample->assets.len == 0) {
            sample->assets = ED_STR("<link rel=stylesheet href=/f.css>");
            ed_build_assets(&sample->build, sample->assets);
        }

        ed_sample_span(p, &span);

        single = span.kind < ED_SPAN_MARKER
                 ? 0 : 1u << ((unsigned) span.kind + span.feature * 8);

        if (seen & single) {
            span.kind = ED_SPAN_SOURCE;
        }

        seen |= single;

        ed_build_spans(&sample->build, &span, 1);

        if (ed_buf_append(&sample->spans, &span, sizeof(ed_span_t))
            != ED_OK)
        {
            abort();
        }

        p += 4;
    }

    ed_build_finish(&sample->build);

    sample->rc = sample->build.rc;

    if (sample->rc == ED_OK) {
        sample->rc = ed_stored_encode(&sample->page,
                             ed_buf_list(&sample->build.parts, ed_part_t),
                             ed_buf_count(&sample->build.parts, ed_part_t),
                             &sample->head);
    }

    if (sample->rc == ED_OK) {
        sample->rc = ed_stored_decode(sample->head.data, sample->head.len, 1,
                                      &sample->page);
    }
}


static inline void
ed_sample_free(ed_sample_t *sample)
{
    ed_buf_free(&sample->spans);
    ed_buf_free(&sample->head);
    ed_build_free(&sample->build);
}


/* Edition i < ED_SAMPLE_EDITIONS. */

static inline ed_edition_t
ed_sample_edition(unsigned i)
{
    ed_edition_t  edition;

    memset(&edition, 0, sizeof(ed_edition_t));

    edition.variant[0] = i & 3;
    edition.variant[1] = i >> 2 & 3;
    edition.variant[2] = i >> 4 & 3;
    edition.tested = (uint8_t) (i >> 6 != 0 ? 1 + i % 7 : 0);

    return edition;
}


/* What an edition of the spans is, by ed_walk_next(), in out; returns how
   many pieces. */

static inline unsigned
ed_sample_walk(const ed_sample_t *sample, const ed_edition_t *edition,
    ed_buf_t *out)
{
    size_t            i, n;
    ed_walk_t         walk;
    const ed_span_t  *span, *spans;

    ed_walk_init(&walk, edition, sample->assets);

    spans = ed_buf_list(&sample->spans, ed_span_t);
    n = ed_buf_count(&sample->spans, ed_span_t);
    i = 0;
    out->len = 0;

    for ( ;; ) {
        span = ed_walk_next(&walk, spans, n, &i);
        if (span == NULL) {
            break;
        }

        if (ed_buf_append(out, span->data, span->len) != ED_OK) {
            abort();
        }
    }

    return walk.pieces;
}


/* The gzip body of an edition, by coded parts.  Zero where something of these
   is not as it must be. */

static inline int
ed_sample_gzip(const ed_sample_t *sample, ed_str_t bytes,
    const ed_edition_t *edition, ed_buf_t *gzip, ed_taken_parts_t *taken)
{
    int             right;
    uint8_t         tail[ED_GZIP_TAIL];
    uint64_t        length;
    unsigned        i;
    ed_coded_t      coded;
    ed_piece_run_t  runs[ED_MAX_PARTS + 1];

    gzip->len = 0;

    if (ed_coded_decode(bytes.data, bytes.len, &sample->page, 1, &coded)
        != ED_OK
        || coded.len != bytes.len
        || !ed_coded_verify(&coded, &sample->page, bytes.data))
    {
        return 0;
    }

    ed_coded_select(&coded, &sample->page, edition, runs, taken, &length,
                    tail);

    right = taken->nruns <= coded.nparts
            && ed_buf_append(gzip, ed_gzip_head, ED_GZIP_HEAD) == ED_OK;

    for (i = 0; i < taken->nruns; i++) {
        right &= runs[i].len != 0
                 && (i == 0 || runs[i - 1].offset + runs[i - 1].len
                               != runs[i].offset);

        right &= ed_buf_append(gzip, bytes.data + runs[i].offset, runs[i].len)
                 == ED_OK;
    }

    right &= ed_buf_append(gzip, tail, ED_GZIP_TAIL) == ED_OK;

    return right && length == gzip->len;
}


/* As zlib sees it, checksum and length included, and not a byte behind. */

static inline int
ed_sample_gunzips(const ed_buf_t *gzip, const ed_buf_t *want)
{
    int        same;
    uint8_t   *out;
    z_stream   zlib;

    out = malloc(want->len + 1);
    memset(&zlib, 0, sizeof(z_stream));

    if (out == NULL || inflateInit2(&zlib, MAX_WBITS + 16) != Z_OK) {
        abort();
    }

    zlib.next_in = gzip->data;
    zlib.avail_in = (uInt) gzip->len;
    zlib.next_out = out;
    zlib.avail_out = (uInt) want->len + 1;

    same = inflate(&zlib, Z_FINISH) == Z_STREAM_END && zlib.avail_in == 0
           && ed_str_eq(ed_str(out, zlib.total_out),
                        ed_str(want->data, want->len));

    (void) inflateEnd(&zlib);
    free(out);

    return same;
}


#endif /* ED_SAMPLE_H */
