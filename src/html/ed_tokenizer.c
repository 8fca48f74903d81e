
/*
 * The tokenizer: its life, the loop over a chunk, what becomes of a state
 * where the chunk ends, and the two things that most of a page is made of,
 * text and tags.  Raw text and markup declarations have files of their own;
 * ed_tokenizer_int.h says how all of them work together.
 *
 * A tag's inside is ed_tag_scan's.  Here it is found, held where a chunk's
 * edge cuts it, and handed on.  No byte is looked at twice but those of a '<'
 * that turned out to be text, which are bounded by a raw text element's name.
 */

#include <stdlib.h>

#include "ed_tokenizer_int.h"


typedef enum {
    ED_TEXT = 0,
    ED_HELD,
    ED_SKIPPED
} ed_family_t;


typedef ed_rc_t (*ed_state_pt)(ed_tokenizer_t *tokenizer);


static ed_rc_t ed_state_data(ed_tokenizer_t *tz);
static ed_rc_t ed_state_tag_open(ed_tokenizer_t *tz);
static ed_rc_t ed_state_end_tag_open(ed_tokenizer_t *tz);

static ed_rc_t ed_tokenizer_cut(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_tag_begins(ed_tokenizer_t *tz,
    const uint8_t *name, int closing);
static ed_rc_t ed_tokenizer_tag(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_bare_tag(ed_tokenizer_t *tz, const uint8_t *name,
    int closing, uint64_t hash);


static const struct {
    ed_state_pt   run;
    ed_family_t   family;
} ed_states[ED_STATE_COUNT] = {
    [ED_STATE_DATA] = { ed_state_data, ED_TEXT },
    [ED_STATE_RAW] = { ed_state_raw, ED_TEXT },
    [ED_STATE_SCRIPT] = { ed_state_script, ED_TEXT },
    [ED_STATE_SCRIPT_ESCAPE] = { ed_state_script_escape, ED_TEXT },
    [ED_STATE_SCRIPT_ESCAPED] = { ed_state_script_escaped, ED_TEXT },
    [ED_STATE_SCRIPT_NEST] = { ed_state_script_nest, ED_TEXT },
    [ED_STATE_SCRIPT_NESTED] = { ed_state_script_nested, ED_TEXT },
    [ED_STATE_SCRIPT_NESTED_OPEN] = { ed_state_script_nested_open, ED_TEXT },
    [ED_STATE_SCRIPT_UNNEST] = { ed_state_script_unnest, ED_TEXT },
    [ED_STATE_PLAINTEXT] = { ed_state_plaintext, ED_TEXT },
    [ED_STATE_CDATA] = { ed_state_cdata, ED_TEXT },
    [ED_STATE_CDATA_END] = { ed_state_cdata_end, ED_HELD },
    [ED_STATE_TAG_OPEN] = { ed_state_tag_open, ED_HELD },
    [ED_STATE_END_TAG_OPEN] = { ed_state_end_tag_open, ED_HELD },
    [ED_STATE_TAG] = { ed_state_tag, ED_HELD },
    [ED_STATE_RAW_OPEN] = { ed_state_raw_open, ED_HELD },
    [ED_STATE_RAW_END] = { ed_state_raw_end, ED_HELD },
    [ED_STATE_MARKUP] = { ed_state_markup, ED_SKIPPED },
    [ED_STATE_COMMENT_START] = { ed_state_comment_start, ED_SKIPPED },
    [ED_STATE_COMMENT] = { ed_state_comment, ED_SKIPPED },
    [ED_STATE_COMMENT_BANG] = { ed_state_comment_bang, ED_SKIPPED },
    [ED_STATE_BOGUS_COMMENT] = { ed_state_bogus_comment, ED_SKIPPED },
    [ED_STATE_DOCTYPE] = { ed_state_doctype, ED_SKIPPED }
};


ed_tokenizer_t *
ed_tokenizer_create(const ed_tokenizer_handler_t *handler, void *ctx)
{
    ed_tokenizer_t  *tz;

    tz = malloc(sizeof(ed_tokenizer_t));
    if (tz == NULL) {
        return NULL;
    }

    tz->handler = handler;
    tz->ctx = ctx;
    tz->state = ED_STATE_DATA;
    tz->resume = ED_STATE_DATA;
    tz->matched = 0;
    tz->dashes = 0;
    tz->keyword = NULL;
    tz->raw = ED_TAG_UNKNOWN;
    tz->offset = 0;
    tz->start = 0;
    ed_buf_init(&tz->hold, ED_MAX_TOKEN);

    return tz;
}


void
ed_tokenizer_destroy(ed_tokenizer_t *tz)
{
    if (tz == NULL) {
        return;
    }

    ed_buf_free(&tz->hold);
    free(tz);
}


ed_rc_t
ed_tokenizer_feed(ed_tokenizer_t *tz, const uint8_t *data, size_t len)
{
    ed_rc_t  rc;

    if (len == 0) {
        return ED_OK;
    }

    tz->chunk = data;
    tz->end = data + len;
    tz->pos = data;
    tz->text = data;
    tz->mark = data;

    while (tz->pos < tz->end) {
        rc = ed_states[tz->state].run(tz);
        if (rc != ED_OK) {
            return rc;
        }
    }

    rc = ed_tokenizer_cut(tz);

    tz->offset += len;

    return rc;
}


ed_rc_t
ed_tokenizer_finish(ed_tokenizer_t *tz)
{
    switch (tz->state) {

    case ED_STATE_TAG:
        return ED_OK;

    case ED_STATE_DOCTYPE:
        return tz->handler->doctype(tz->ctx, ed_doctype_quirks(&tz->doctype));

    case ED_STATE_MARKUP:
        return ed_tokenizer_comment(tz);

    default:
        break;
    }

    if (ed_states[tz->state].family != ED_HELD) {
        return ED_OK;
    }

    return tz->handler->text(tz->ctx, tz->start,
                             ed_str(tz->hold.data, tz->hold.len));
}


int
ed_tokenizer_in_text(const ed_tokenizer_t *tz)
{
    return tz->state == ED_STATE_DATA;
}


uint64_t
ed_tokenizer_offset(const ed_tokenizer_t *tz)
{
    return tz->offset;
}


/* The chunk ends here. */

static ed_rc_t
ed_tokenizer_cut(ed_tokenizer_t *tz)
{
    size_t  len;

    switch (ed_states[tz->state].family) {

    case ED_TEXT:
        return ed_tokenizer_text(tz, tz->end);

    case ED_HELD:
        len = tz->end - tz->mark;

        if (len > ED_MAX_TOKEN - tz->hold.len) {
            return ED_LIMIT_TOKEN;
        }

        return ed_buf_append(&tz->hold, tz->mark, len);

    default:
        return ED_OK;
    }
}


ed_rc_t
ed_tokenizer_text(ed_tokenizer_t *tz, const uint8_t *to)
{
    const uint8_t  *from;

    from = tz->text;

    if (from == to) {
        return ED_OK;
    }

    tz->text = to;

    return tz->handler->text(tz->ctx, ed_tokenizer_at(tz, from),
                             ed_str(from, to - from));
}


ed_rc_t
ed_tokenizer_hold(ed_tokenizer_t *tz, const uint8_t *mark, ed_state_t state)
{
    tz->resume = tz->state;
    tz->state = state;
    tz->mark = mark;
    tz->start = ed_tokenizer_at(tz, mark);

    return ed_tokenizer_text(tz, mark);
}


ed_rc_t
ed_tokenizer_unhold(ed_tokenizer_t *tz)
{
    size_t  len;

    len = tz->hold.len;

    tz->state = tz->resume;
    tz->text = tz->mark;
    tz->hold.len = 0;

    if (len == 0) {
        return ED_OK;
    }

    return tz->handler->text(tz->ctx, tz->start, ed_str(tz->hold.data, len));
}


/* Tag after tag, as long as they are whole and nothing else comes between. */

static ed_rc_t
ed_state_data(ed_tokenizer_t *tz)
{
    int             closing;
    ed_rc_t         rc;
    const uint8_t  *p;

    while (tz->pos < tz->end) {
        p = ed_tokenizer_lt(tz);
        if (p == NULL) {
            return ED_OK;
        }

        if (tz->end - p < 3) {
            return ed_tokenizer_hold(tz, p, ED_STATE_TAG_OPEN);
        }

        if ((ed_byte_class[p[1]] & ED_BYTE_MARKUP) == 0) {
            continue;
        }

        closing = (p[1] == '/');

        if (!ed_is_letter(p[1 + closing])) {
            return ed_tokenizer_hold(tz, p, ED_STATE_TAG_OPEN);
        }

        rc = ed_tokenizer_hold(tz, p, ED_STATE_TAG);
        if (rc != ED_OK) {
            return rc;
        }

        rc = ed_tokenizer_tag_begins(tz, p + 1 + closing, closing);
        if (rc != ED_OK || tz->state != ED_STATE_DATA) {
            return rc;
        }
    }

    return ED_OK;
}


static ed_rc_t
ed_tokenizer_tag_begins(ed_tokenizer_t *tz, const uint8_t *name, int closing)
{
    uint64_t        hash;
    const uint8_t  *p;

    hash = ED_TAG_HASH_SEED;
    p = ed_tag_scan_name(name, tz->end, &hash);

    if (p == tz->end) {
        tz->pos = name;
        ed_tag_scan_init(&tz->scan, closing);

        return ed_state_tag(tz);
    }

    tz->pos = p;

    if (*p == '>') {
        return ed_tokenizer_bare_tag(tz, name, closing, hash);
    }

    ed_tag_scan_init_named(&tz->scan, closing, hash,
                           (uint32_t) (p - tz->mark));
    return ed_state_tag(tz);
}


static ed_rc_t
ed_state_tag_open(ed_tokenizer_t *tz)
{
    uint8_t  c;

    c = *tz->pos;

    if (ed_is_letter(c)) {
        tz->state = ED_STATE_TAG;
        ed_tag_scan_init(&tz->scan, 0);
        return ed_state_tag(tz);
    }

    switch (c) {

    case '/':
        tz->pos++;
        tz->state = ED_STATE_END_TAG_OPEN;
        return ED_OK;

    case '!':
        tz->pos++;
        tz->state = ED_STATE_MARKUP;
        tz->matched = 0;
        return ED_OK;

    case '?':
        return ed_tokenizer_comment(tz);

    default:
        return ed_tokenizer_unhold(tz);
    }
}


static ed_rc_t
ed_state_end_tag_open(ed_tokenizer_t *tz)
{
    uint8_t  c;

    c = *tz->pos;

    if (ed_is_letter(c)) {
        tz->state = ED_STATE_TAG;
        ed_tag_scan_init(&tz->scan, 1);
        return ed_state_tag(tz);
    }

    if (c == '>') {
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;
    }

    return ed_tokenizer_comment(tz);
}


ed_rc_t
ed_state_tag(ed_tokenizer_t *tz)
{
    uint32_t  pos;

    pos = (uint32_t) (tz->hold.len + (size_t) (tz->pos - tz->mark));
    tz->pos = ed_tag_scan(&tz->scan, tz->pos, tz->end, pos);

    if (!tz->scan.done) {
        return ED_OK;
    }

    return ed_tokenizer_tag(tz);
}


/* A tag ends before ->pos: its bytes in one run, its token. */

static ed_rc_t
ed_tokenizer_tag(ed_tokenizer_t *tz)
{
    size_t          len;
    ed_rc_t         rc;
    const uint8_t  *bytes;

    len = tz->pos - tz->mark;

    if (len > ED_MAX_TOKEN - tz->hold.len) {
        return ED_LIMIT_TOKEN;
    }

    bytes = tz->mark;

    if (tz->hold.len != 0) {
        rc = ed_buf_append(&tz->hold, tz->mark, len);
        if (rc != ED_OK) {
            return rc;
        }

        bytes = tz->hold.data;
    }

    ed_tag_scan_token(&tz->scan, bytes, tz->attrs);
    tz->scan.token.start = tz->start;
    tz->scan.token.end = ed_tokenizer_at(tz, tz->pos);

    ed_tokenizer_back_to_data(tz);

    return tz->handler->tag(tz->ctx, &tz->scan.token);
}


/* Most tags: a name, which ends before the '>' at ->pos, and nothing else. */

static ed_rc_t
ed_tokenizer_bare_tag(ed_tokenizer_t *tz, const uint8_t *name, int closing,
    uint64_t hash)
{
    ed_token_t  *token;

    token = &tz->scan.token;

    token->tag = ed_tag_by_hash(hash);
    token->hash = hash;
    token->name = ed_str(name, (size_t) (tz->pos - name));
    token->closing = (uint8_t) closing;
    token->self_closing = 0;
    token->nattrs = 0;
    token->attrs = tz->attrs;

    tz->pos++;
    token->start = tz->start;
    token->end = ed_tokenizer_at(tz, tz->pos);

    ed_tokenizer_back_to_data(tz);

    return tz->handler->tag(tz->ctx, token);
}
