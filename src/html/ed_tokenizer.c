
/*
 * The states of WHATWG 13.2.5 fall into three families, and what is to be
 * done where a chunk ends depends on the family alone:
 *
 *     text     nothing but characters so far: those since ->text are handed
 *              on, nothing is kept
 *     held     since ->mark stands something that begins with '<' (or the
 *              brackets that may end a CDATA section) and may turn out to be
 *              a tag or text: its bytes are appended to ->hold
 *     skipped  a comment or doctype: nothing is handed on, nothing kept
 *
 *     chunk  | t e x t e x t < p   i d = x > t e x t < ! - -   - - > t e |
 *             ^text         ^mark           ^text
 *
 * Each state is a function that takes what it can from ->pos on and leaves
 * ->pos and ->state for the next.  No byte is looked at twice but those of a
 * '<' that turned out to be text, which are bounded by a raw text element's
 * name.
 *
 * The standard's RCDATA and RAWTEXT differ only in character references and
 * are one state here.  Its many comment states only differ in errors from
 * counting dashes.
 */

#include <stdlib.h>

#include "ed_doctype.h"
#include "ed_tag_scan.h"


typedef enum {
    ED_TEXT = 0,
    ED_HELD,
    ED_SKIPPED
} ed_family_t;


typedef enum {
    ED_STATE_DATA = 0,             /* 13.2.5.1 */
    ED_STATE_RAW,                  /* 13.2.5.2, 13.2.5.3 */
    ED_STATE_SCRIPT,               /* 13.2.5.4 */
    ED_STATE_SCRIPT_ESCAPE,        /* 13.2.5.18: "<!", "<!-" passed */
    ED_STATE_SCRIPT_ESCAPED,       /* 13.2.5.20 */
    ED_STATE_SCRIPT_NEST,          /* 13.2.5.26: matching "script" */
    ED_STATE_SCRIPT_NESTED,        /* 13.2.5.27 "double escaped" */
    ED_STATE_SCRIPT_NESTED_OPEN,   /* 13.2.5.30: '<' passed */
    ED_STATE_SCRIPT_UNNEST,        /* 13.2.5.31: matching "script" */
    ED_STATE_PLAINTEXT,            /* 13.2.5.5 */
    ED_STATE_CDATA,                /* 13.2.5.69 */
    ED_STATE_CDATA_END,            /* 13.2.5.70: brackets */
    ED_STATE_TAG_OPEN,             /* 13.2.5.6 */
    ED_STATE_END_TAG_OPEN,         /* 13.2.5.7 */
    ED_STATE_TAG,                  /* ed_tag_scan() */
    ED_STATE_RAW_OPEN,             /* 13.2.5.9 and its like */
    ED_STATE_RAW_END,              /* 13.2.5.11 and its like */
    ED_STATE_MARKUP,               /* 13.2.5.42: "<!" passed */
    ED_STATE_COMMENT_START,        /* 13.2.5.43, 13.2.5.44 */
    ED_STATE_COMMENT,              /* 13.2.5.45 to 13.2.5.51 */
    ED_STATE_COMMENT_BANG,         /* 13.2.5.52 */
    ED_STATE_BOGUS_COMMENT,        /* 13.2.5.41 */
    ED_STATE_DOCTYPE,              /* ed_doctype_scan() */
    ED_STATE_COUNT
} ed_state_t;


struct ed_tokenizer_s {
    const ed_tokenizer_handler_t  *handler;
    void                          *ctx;

    uint8_t                        state;
    uint8_t                        resume;     /* text state of a held '<' */
    uint8_t                        matched;    /* bytes of what is awaited */
    uint8_t                        dashes;     /* just before pos, at most 2 */
    const char                    *keyword;    /* after "<!": is awaited */
    ed_tag_t                       raw;        /* whose end tag ends it */

    const uint8_t                 *chunk;
    const uint8_t                 *end;        /* of the chunk */
    const uint8_t                 *pos;
    const uint8_t                 *text;
    const uint8_t                 *mark;
    uint64_t                       offset;     /* of the chunk */
    uint64_t                       start;      /* of the held bytes */
    ed_buf_t                       hold;       /* those in earlier chunks */

    ed_doctype_t                   doctype;
    ed_tag_scan_t                  scan;
    ed_attr_t                      attrs[ED_MAX_ATTRS];
};


typedef ed_rc_t (*ed_state_pt)(ed_tokenizer_t *tokenizer);


static ed_rc_t ed_state_data(ed_tokenizer_t *tz);
static ed_rc_t ed_state_raw(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_escape(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_escaped(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_nest(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_nested(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_nested_open(ed_tokenizer_t *tz);
static ed_rc_t ed_state_script_unnest(ed_tokenizer_t *tz);
static ed_rc_t ed_state_plaintext(ed_tokenizer_t *tz);
static ed_rc_t ed_state_cdata(ed_tokenizer_t *tz);
static ed_rc_t ed_state_cdata_end(ed_tokenizer_t *tz);
static ed_rc_t ed_state_tag_open(ed_tokenizer_t *tz);
static ed_rc_t ed_state_end_tag_open(ed_tokenizer_t *tz);
static ed_rc_t ed_state_tag(ed_tokenizer_t *tz);
static ed_rc_t ed_state_raw_open(ed_tokenizer_t *tz);
static ed_rc_t ed_state_raw_end(ed_tokenizer_t *tz);
static ed_rc_t ed_state_markup(ed_tokenizer_t *tz);
static ed_rc_t ed_state_comment_start(ed_tokenizer_t *tz);
static ed_rc_t ed_state_comment(ed_tokenizer_t *tz);
static ed_rc_t ed_state_comment_bang(ed_tokenizer_t *tz);
static ed_rc_t ed_state_bogus_comment(ed_tokenizer_t *tz);
static ed_rc_t ed_state_doctype(ed_tokenizer_t *tz);

static ed_rc_t ed_tokenizer_cut(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_text(ed_tokenizer_t *tz, const uint8_t *to);
static ed_rc_t ed_tokenizer_hold(ed_tokenizer_t *tz, const uint8_t *mark,
    ed_state_t state);
static ed_rc_t ed_tokenizer_unhold(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_tag(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_comment(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_keyword(ed_tokenizer_t *tz);
static void ed_tokenizer_back_to_data(ed_tokenizer_t *tz);
static const uint8_t *ed_tokenizer_lt(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_raw_lt(ed_tokenizer_t *tz, const uint8_t *p);
static ed_rc_t ed_tokenizer_script_name(ed_tokenizer_t *tz, ed_state_t yes,
    ed_state_t no);
static ed_rc_t ed_tokenizer_bracket(ed_tokenizer_t *tz);
static int ed_tokenizer_dashes(ed_tokenizer_t *tz);


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


static inline uint64_t
ed_tokenizer_at(const ed_tokenizer_t *tz, const uint8_t *p)
{
    return tz->offset + (uint64_t) (p - tz->chunk);
}


static inline int
ed_is_letter(uint8_t c)
{
    return (ed_byte_class[c] & ED_BYTE_LETTER) != 0;
}


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


void
ed_tokenizer_raw(ed_tokenizer_t *tz, ed_tag_t tag)
{
    tz->raw = tag;

    switch (tag) {

    case ED_TAG_PLAINTEXT:
        tz->state = ED_STATE_PLAINTEXT;
        break;

    case ED_TAG_SCRIPT:
        tz->state = ED_STATE_SCRIPT;
        break;

    default:
        tz->state = ED_STATE_RAW;
    }
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


/* Hands on the text from ->text to there. */

static ed_rc_t
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


/* Text ends at mark, where something begins that may be markup. */

static ed_rc_t
ed_tokenizer_hold(ed_tokenizer_t *tz, const uint8_t *mark, ed_state_t state)
{
    tz->resume = tz->state;
    tz->state = state;
    tz->mark = mark;
    tz->start = ed_tokenizer_at(tz, mark);

    return ed_tokenizer_text(tz, mark);
}


/* What is held was text after all, and more of it may follow. */

static ed_rc_t
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


/* The next '<' of a text state; NULL, and all is text, where there is none. */

static const uint8_t *
ed_tokenizer_lt(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, '<', tz->end - tz->pos);
    tz->pos = (p == NULL) ? tz->end : p + 1;

    return p;
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

        tz->pos += closing;
        ed_tag_scan_init(&tz->scan, closing);

        rc = ed_state_tag(tz);
        if (rc != ED_OK || tz->state != ED_STATE_DATA) {
            return rc;
        }
    }

    return ED_OK;
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


static ed_rc_t
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


static void
ed_tokenizer_back_to_data(ed_tokenizer_t *tz)
{
    tz->state = ED_STATE_DATA;
    tz->text = tz->pos;
    tz->hold.len = 0;
}


/*
 * Raw text: of all '<' only those before a '/' and the name's first letter
 * are of interest.
 */

static ed_rc_t
ed_state_raw(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = ed_tokenizer_lt(tz);
    if (p == NULL) {
        return ED_OK;
    }

    return ed_tokenizer_raw_lt(tz, p);
}


static ed_rc_t
ed_state_script(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = ed_tokenizer_lt(tz);
    if (p == NULL) {
        return ED_OK;
    }

    if (p + 1 < tz->end && p[1] == '!') {
        tz->pos++;
        tz->dashes = 0;
        tz->state = ED_STATE_SCRIPT_ESCAPE;
        return ED_OK;
    }

    return ed_tokenizer_raw_lt(tz, p);
}


/* A '<' at p in any kind of raw text; ->pos is behind it. */

static ed_rc_t
ed_tokenizer_raw_lt(ed_tokenizer_t *tz, const uint8_t *p)
{
    if (tz->end - p > 2) {

        if (p[1] != '/' || ed_lower(p[2]) != ed_tag_info[tz->raw].name[0]) {
            return ED_OK;
        }

        tz->pos = p + 2;
        tz->matched = 0;

        return ed_tokenizer_hold(tz, p, ED_STATE_RAW_END);
    }

    return ed_tokenizer_hold(tz, p, ED_STATE_RAW_OPEN);
}


static ed_rc_t
ed_state_raw_open(ed_tokenizer_t *tz)
{
    ed_rc_t  rc;

    if (*tz->pos == '/') {
        tz->pos++;
        tz->matched = 0;
        tz->state = ED_STATE_RAW_END;
        return ED_OK;
    }

    rc = ed_tokenizer_unhold(tz);
    if (rc != ED_OK) {
        return rc;
    }

    if (tz->state == ED_STATE_SCRIPT && *tz->pos == '!') {
        tz->pos++;
        tz->dashes = 0;
        tz->state = ED_STATE_SCRIPT_ESCAPE;

    } else if (tz->state == ED_STATE_SCRIPT_ESCAPED && ed_is_letter(*tz->pos)) {
        tz->matched = 0;
        tz->state = ED_STATE_SCRIPT_NEST;
    }

    return ED_OK;
}


/* "</" and ->matched letters of the name have been passed. */

static ed_rc_t
ed_state_raw_end(ed_tokenizer_t *tz)
{
    const ed_tag_info_t  *info;

    info = &ed_tag_info[tz->raw];

    while (tz->matched < info->len) {

        if (tz->pos == tz->end) {
            return ED_OK;
        }

        if (ed_lower(*tz->pos) != (uint8_t) info->name[tz->matched]) {
            return ed_tokenizer_unhold(tz);
        }

        tz->pos++;
        tz->matched++;
    }

    if (tz->pos == tz->end) {
        return ED_OK;
    }

    if ((ed_byte_class[*tz->pos] & ED_BYTE_NAME_END) == 0) {
        return ed_tokenizer_unhold(tz);
    }

    tz->state = ED_STATE_TAG;
    ed_tag_scan_init_matched(&tz->scan, info->hash, info->len + 2);

    return ed_state_tag(tz);
}


/* "<!" and ->dashes dashes of a script have been passed. */

static ed_rc_t
ed_state_script_escape(ed_tokenizer_t *tz)
{
    if (*tz->pos != '-') {
        tz->state = ED_STATE_SCRIPT;
        return ED_OK;
    }

    tz->pos++;
    tz->dashes++;

    if (tz->dashes == 2) {
        tz->state = ED_STATE_SCRIPT_ESCAPED;
    }

    return ED_OK;
}


/*
 * Counts dashes up to a byte that decides something: leaves ->pos behind a
 * '<' or the '>' of "-->", which it returns, or at the end, returning 0.
 */

static int
ed_tokenizer_dashes(ed_tokenizer_t *tz)
{
    uint8_t         dashes;
    const uint8_t  *p;

    dashes = tz->dashes;

    for (p = tz->pos; p < tz->end; p++) {

        if (*p == '-') {
            dashes = dashes == 2 ? 2 : dashes + 1;
            continue;
        }

        if (*p == '<' || (*p == '>' && dashes == 2)) {
            tz->pos = p + 1;
            tz->dashes = 0;
            return *p;
        }

        dashes = 0;
    }

    tz->pos = p;
    tz->dashes = dashes;

    return 0;
}


static ed_rc_t
ed_state_script_escaped(ed_tokenizer_t *tz)
{
    switch (ed_tokenizer_dashes(tz)) {

    case '<':
        if (tz->pos < tz->end && ed_is_letter(*tz->pos)) {
            tz->matched = 0;
            tz->state = ED_STATE_SCRIPT_NEST;
            return ED_OK;
        }

        return ed_tokenizer_raw_lt(tz, tz->pos - 1);

    case '>':
        tz->state = ED_STATE_SCRIPT;
        return ED_OK;

    default:
        return ED_OK;
    }
}


static ed_rc_t
ed_state_script_nest(ed_tokenizer_t *tz)
{
    return ed_tokenizer_script_name(tz, ED_STATE_SCRIPT_NESTED,
                                    ED_STATE_SCRIPT_ESCAPED);
}


static ed_rc_t
ed_state_script_unnest(ed_tokenizer_t *tz)
{
    return ed_tokenizer_script_name(tz, ED_STATE_SCRIPT_ESCAPED,
                                    ED_STATE_SCRIPT_NESTED);
}


/* Is the name that begins here, or has begun, "script"? */

static ed_rc_t
ed_tokenizer_script_name(ed_tokenizer_t *tz, ed_state_t yes, ed_state_t no)
{
    static const char  name[] = "script";

    uint8_t  c;

    while (tz->pos < tz->end) {
        c = *tz->pos;

        if (ed_byte_class[c] & ED_BYTE_NAME_END) {
            tz->pos++;
            tz->state = tz->matched == sizeof(name) - 1 ? yes : no;
            return ED_OK;
        }

        if (!ed_is_letter(c)) {
            tz->state = no;
            return ED_OK;
        }

        if (tz->matched < sizeof(name) - 1
            && ed_lower(c) == (uint8_t) name[tz->matched])
        {
            tz->matched++;

        } else {
            tz->matched = sizeof(name);
        }

        tz->pos++;
    }

    return ED_OK;
}


static ed_rc_t
ed_state_script_nested(ed_tokenizer_t *tz)
{
    switch (ed_tokenizer_dashes(tz)) {

    case '<':
        tz->state = ED_STATE_SCRIPT_NESTED_OPEN;
        break;

    case '>':
        tz->state = ED_STATE_SCRIPT;
        break;
    }

    return ED_OK;
}


static ed_rc_t
ed_state_script_nested_open(ed_tokenizer_t *tz)
{
    if (*tz->pos == '/') {
        tz->pos++;
        tz->matched = 0;
        tz->state = ED_STATE_SCRIPT_UNNEST;

    } else {
        tz->state = ED_STATE_SCRIPT_NESTED;
    }

    return ED_OK;
}


static ed_rc_t
ed_state_plaintext(ed_tokenizer_t *tz)
{
    tz->pos = tz->end;

    return ED_OK;
}


/* "<!" has been passed: two dashes, a keyword, or a comment all the same. */

static ed_rc_t
ed_state_markup(ed_tokenizer_t *tz)
{
    uint8_t  c;

    if (tz->matched != 0) {
        return ed_tokenizer_keyword(tz);
    }

    c = *tz->pos;

    switch (ed_lower(c)) {

    case '-':
        tz->keyword = "--";
        break;

    case 'd':
        tz->keyword = "doctype";
        break;

    case '[':
        tz->keyword = "[CDATA[";
        break;

    default:
        return ed_tokenizer_comment(tz);
    }

    tz->pos++;
    tz->matched = 1;

    return ED_OK;
}


static ed_rc_t
ed_tokenizer_keyword(ed_tokenizer_t *tz)
{
    uint8_t  c;

    c = *tz->pos;

    if (tz->keyword[0] == 'd') {
        c = ed_lower(c);
    }

    if (c != (uint8_t) tz->keyword[tz->matched]) {
        return ed_tokenizer_comment(tz);
    }

    tz->pos++;
    tz->matched++;

    if (tz->keyword[tz->matched] != '\0') {
        return ED_OK;
    }

    switch (tz->keyword[0]) {

    case 'd':
        tz->state = ED_STATE_DOCTYPE;
        ed_doctype_init(&tz->doctype);
        return ED_OK;

    case '[':
        if (!tz->handler->foreign(tz->ctx)) {
            return ed_tokenizer_comment(tz);
        }

        ed_tokenizer_back_to_data(tz);
        tz->state = ED_STATE_CDATA;
        return ED_OK;

    default:
        tz->dashes = 0;
        tz->state = ED_STATE_COMMENT_START;
        return tz->handler->comment(tz->ctx);
    }
}


static ed_rc_t
ed_tokenizer_comment(ed_tokenizer_t *tz)
{
    tz->state = ED_STATE_BOGUS_COMMENT;

    return tz->handler->comment(tz->ctx);
}


static ed_rc_t
ed_state_bogus_comment(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, '>', tz->end - tz->pos);
    if (p == NULL) {
        tz->pos = tz->end;
        return ED_OK;
    }

    tz->pos = p + 1;
    ed_tokenizer_back_to_data(tz);

    return ED_OK;
}


/* Behind "<!--" and ->dashes dashes: here alone "<!-->", "<!--->" end it. */

static ed_rc_t
ed_state_comment_start(ed_tokenizer_t *tz)
{
    switch (*tz->pos) {

    case '>':
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;

    case '-':
        tz->pos++;
        tz->dashes++;

        if (tz->dashes == 2) {
            tz->state = ED_STATE_COMMENT;
        }

        return ED_OK;

    default:
        tz->dashes = 0;
        tz->state = ED_STATE_COMMENT;
        return ED_OK;
    }
}


static ed_rc_t
ed_state_comment(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    if (tz->dashes == 0) {
        p = memchr(tz->pos, '-', tz->end - tz->pos);
        if (p == NULL) {
            tz->pos = tz->end;
            return ED_OK;
        }

        tz->pos = p + 1;
        tz->dashes = 1;
        return ED_OK;
    }

    switch (*tz->pos) {

    case '-':
        tz->pos++;
        tz->dashes = 2;
        return ED_OK;

    case '>':
        tz->pos++;

        if (tz->dashes == 2) {
            ed_tokenizer_back_to_data(tz);
        }

        tz->dashes = 0;
        return ED_OK;

    case '!':
        tz->pos++;

        if (tz->dashes == 2) {
            tz->state = ED_STATE_COMMENT_BANG;
        }

        tz->dashes = 0;
        return ED_OK;

    default:
        tz->dashes = 0;
        return ED_OK;
    }
}


/* "--!" has been passed. */

static ed_rc_t
ed_state_comment_bang(ed_tokenizer_t *tz)
{
    if (*tz->pos == '>') {
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;
    }

    tz->state = ED_STATE_COMMENT;

    return ED_OK;
}


static ed_rc_t
ed_state_doctype(ed_tokenizer_t *tz)
{
    tz->pos = ed_doctype_scan(&tz->doctype, tz->pos, tz->end);

    if (!tz->doctype.done) {
        return ED_OK;
    }

    ed_tokenizer_back_to_data(tz);

    return tz->handler->doctype(tz->ctx, ed_doctype_quirks(&tz->doctype));
}


static ed_rc_t
ed_state_cdata(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, ']', tz->end - tz->pos);
    if (p == NULL) {
        tz->pos = tz->end;
        return ED_OK;
    }

    tz->pos = p + 1;
    tz->matched = 1;

    return ed_tokenizer_hold(tz, p, ED_STATE_CDATA_END);
}


/* ->matched brackets are held, at most 2. */

static ed_rc_t
ed_state_cdata_end(ed_tokenizer_t *tz)
{
    if (*tz->pos == '>' && tz->matched == 2) {
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;
    }

    if (*tz->pos != ']') {
        return ed_tokenizer_unhold(tz);
    }

    tz->pos++;

    if (tz->matched == 1) {
        tz->matched = 2;
        return ED_OK;
    }

    return ed_tokenizer_bracket(tz);
}


/* Of three brackets the first is text: two are held, one further on. */

static ed_rc_t
ed_tokenizer_bracket(ed_tokenizer_t *tz)
{
    uint64_t  start;

    start = tz->start++;

    if (tz->hold.len != 0) {
        tz->hold.len--;

    } else {
        tz->mark++;
    }

    return tz->handler->text(tz->ctx, start, ED_STR("]"));
}
