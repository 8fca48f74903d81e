
/*
 * What is settled of a page comes in as spans, in the order of the page, and
 * becomes parts: few of them, as each costs a line in the head, and bytes in
 * the compressed page.
 */

#include "ed_crc.h"
#include "ed_stored.h"


static void ed_build_hidden(ed_build_t *build, ed_span_kind_e kind,
    ed_str_t json);
static void ed_build_span(ed_build_t *build, const ed_span_t *span);
static int ed_build_joins(const ed_part_t *last, const ed_span_t *span);
static ed_part_t *ed_build_last(ed_build_t *build);


void
ed_build_init(ed_build_t *build, size_t max)
{
    memset(build, 0, sizeof(ed_build_t));

    ed_buf_init(&build->parts, ED_MAX_PARTS * sizeof(ed_part_t));
    ed_buf_init(&build->body, max < ED_MAX_BODY ? max : ED_MAX_BODY);
}


void
ed_build_free(ed_build_t *build)
{
    ed_buf_free(&build->parts);
    ed_buf_free(&build->body);
}


void
ed_build_spans(ed_build_t *build, const ed_span_t *spans, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        ed_build_span(build, &spans[i]);
    }
}


void
ed_build_source(ed_build_t *build, const uint8_t *data, size_t len)
{
    ed_span_t  span;

    memset(&span, 0, sizeof(ed_span_t));

    span.kind = ED_SPAN_SOURCE;
    span.data = data;
    span.len = len;

    ed_build_span(build, &span);
}


void
ed_build_assets(ed_build_t *build, ed_str_t assets)
{
    ed_span_t  span;

    memset(&span, 0, sizeof(ed_span_t));

    span.kind = ED_SPAN_ASSETS;
    span.data = assets.data;
    span.len = assets.len;

    ed_build_span(build, &span);
}


void
ed_build_record(ed_build_t *build, ed_str_t json)
{
    ed_build_hidden(build, ED_SPAN_HIDDEN, json);
}


void
ed_build_notes(ed_build_t *build, ed_str_t json)
{
    ed_build_hidden(build, ED_SPAN_NOTES, json);
}


static void
ed_build_hidden(ed_build_t *build, ed_span_kind_e kind, ed_str_t json)
{
    ed_span_t  span;

    memset(&span, 0, sizeof(ed_span_t));

    span.kind = kind;
    span.data = json.data;
    span.len = json.len;

    ed_build_span(build, &span);
}


/* Furniture without bytes still is a piece, and brings the assets; so does a
   marker. */

static void
ed_build_span(ed_build_t *build, const ed_span_t *span)
{
    ed_part_t  *part;

    if (build->rc != ED_OK
        || (span->len == 0 && span->kind != ED_SPAN_FURNITURE
            && span->kind != ED_SPAN_MARKER))
    {
        return;
    }

    part = ed_build_last(build);

    if (part == NULL || !ed_build_joins(part, span)) {

        build->rc = ed_buf_append(&build->parts, &(ed_part_t) { 0 },
                                  sizeof(ed_part_t));
        if (build->rc != ED_OK) {
            return;
        }

        part = ed_build_last(build);
        part->offset = (uint32_t) build->body.len;
        part->kind = (uint8_t) span->kind;

        if (span->kind == ED_SPAN_MARKER) {
            part->feature = (uint8_t) span->feature;

        } else if (span->kind == ED_SPAN_FURNITURE) {
            part->feature = (uint8_t) span->feature;
            part->variants = span->variants;
            part->piece = span->piece;
            build->npieces[span->feature] += span->piece;
        }
    }

    build->rc = ed_buf_append(&build->body, span->data, span->len);

    if (build->rc == ED_OK) {
        part->len += (uint32_t) span->len;
    }
}


static int
ed_build_joins(const ed_part_t *last, const ed_span_t *span)
{
    if (span->kind != last->kind) {
        return 0;
    }

    return span->kind == ED_SPAN_SOURCE
           || (span->kind == ED_SPAN_FURNITURE
               && span->feature == last->feature
               && span->variants == last->variants
               && !span->piece);
}


static ed_part_t *
ed_build_last(ed_build_t *build)
{
    size_t  n;

    n = ed_buf_count(&build->parts, ed_part_t);

    return n != 0 ? ed_buf_at(&build->parts, ed_part_t, n - 1) : NULL;
}


void
ed_build_finish(ed_build_t *build)
{
    size_t      i;
    ed_part_t  *part;

    for (i = 0; i < ed_buf_count(&build->parts, ed_part_t); i++) {
        part = ed_buf_at(&build->parts, ed_part_t, i);

        if (part->len != 0) {
            part->crc = ed_crc32(0, build->body.data + part->offset,
                                 part->len);
        }
    }
}
