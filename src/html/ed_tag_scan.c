
#include "ed_tag_scan.h"


/*
 * The states of a tag.  The standard's "after attribute value (quoted)" is
 * the same as "before attribute name" but for errors, and so is what follows
 * the tag's name; both are ED_SCAN_BEFORE_NAME here.
 */

enum {
    ED_SCAN_TAG_NAME = 0,
    ED_SCAN_BEFORE_NAME,
    ED_SCAN_NAME,
    ED_SCAN_AFTER_NAME,
    ED_SCAN_BEFORE_VALUE,
    ED_SCAN_QUOTED,
    ED_SCAN_UNQUOTED,
    ED_SCAN_SELF_CLOSING
};


static const uint8_t *ed_scan_tag_name(ed_tag_scan_t *scan, const uint8_t *p,
    const uint8_t *end);
static ed_attr_span_t *ed_scan_attr(ed_tag_scan_t *scan, uint32_t pos);
static const uint8_t *ed_scan_done(ed_tag_scan_t *scan, const uint8_t *p);


const uint8_t  ed_byte_class[256] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x1d, 0x1d, 0x00, 0x1d, 0x1d, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x1d, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2c,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x1c, 0x20,
    0x00, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
    0x22, 0x22, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00,
    /* no byte above 0x7f means anything */
};


/* The first byte from p on that is, or is not, of a class; end if none. */

static inline const uint8_t *
ed_scan_until(const uint8_t *p, const uint8_t *end, uint8_t class)
{
    while (p < end && (ed_byte_class[*p] & class) == 0) {
        p++;
    }

    return p;
}


static inline const uint8_t *
ed_scan_spaces(const uint8_t *p, const uint8_t *end)
{
    while (p < end && (ed_byte_class[*p] & ED_BYTE_SPACE) != 0) {
        p++;
    }

    return p;
}


void
ed_tag_scan_init(ed_tag_scan_t *scan, int closing)
{
    scan->state = ED_SCAN_TAG_NAME;
    scan->closing = closing;
    scan->self_closing = 0;
    scan->done = 0;
    scan->attr = 0;
    scan->nattrs = 0;
    scan->hash = ED_TAG_HASH_SEED;
}


void
ed_tag_scan_init_matched(ed_tag_scan_t *scan, uint64_t hash, uint32_t name_end)
{
    ed_tag_scan_init(scan, 1);

    scan->state = ED_SCAN_BEFORE_NAME;
    scan->hash = hash;
    scan->name_end = name_end;
}


/*
 * The states in the order that an attribute passes them, so that the usual
 * name="value" falls through from one to the next.
 */

const uint8_t *
ed_tag_scan(ed_tag_scan_t *scan, const uint8_t *p, const uint8_t *end,
    uint32_t pos)
{
    uint8_t           state;
    const uint8_t    *from;
    ed_attr_span_t   *attr;

#define ed_scan_pos()  (pos + (uint32_t) (p - from))

    from = p;
    state = scan->state;
    attr = &scan->attrs[scan->attr];

    while (p < end) {

        switch (state) {

        case ED_SCAN_TAG_NAME:
            p = ed_scan_tag_name(scan, p, end);
            if (p == end) {
                break;
            }

            scan->name_end = ed_scan_pos();
            state = ED_SCAN_BEFORE_NAME;

            /* fall through */

        case ED_SCAN_BEFORE_NAME:
            p = ed_scan_spaces(p, end);
            if (p == end) {
                break;
            }

            if (*p == '>') {
                return ed_scan_done(scan, p);
            }

            if (*p == '/') {
                p++;
                state = ED_SCAN_SELF_CLOSING;
                break;
            }

            attr = ed_scan_attr(scan, ed_scan_pos());
            state = ED_SCAN_NAME;
            p++;        /* a name may begin with '=' */

            /* fall through */

        case ED_SCAN_NAME:
            p = ed_scan_until(p, end, ED_BYTE_ATTR_END);
            if (p == end) {
                break;
            }

            attr->name_end = ed_scan_pos();

            if (*p != '=') {
                state = ED_SCAN_AFTER_NAME;
                break;
            }

            p++;
            state = ED_SCAN_BEFORE_VALUE;

            /* fall through */

        case ED_SCAN_BEFORE_VALUE:
            p = ed_scan_spaces(p, end);
            if (p == end) {
                break;
            }

            if (*p == '>') {
                return ed_scan_done(scan, p);
            }

            if (*p != '"' && *p != '\'') {
                attr->value = ed_scan_pos();
                state = ED_SCAN_UNQUOTED;
                break;
            }

            scan->quote = *p++;
            attr->value = ed_scan_pos();
            attr->value_end = attr->value;
            state = ED_SCAN_QUOTED;

            /* fall through */

        case ED_SCAN_QUOTED:
            p = memchr(p, scan->quote, end - p);
            if (p == NULL) {
                p = end;
                break;
            }

            attr->value_end = ed_scan_pos();
            p++;
            state = ED_SCAN_BEFORE_NAME;
            break;

        case ED_SCAN_UNQUOTED:
            p = ed_scan_until(p, end, ED_BYTE_VALUE_END);
            attr->value_end = ed_scan_pos();

            if (p < end) {
                state = ED_SCAN_BEFORE_NAME;
            }

            break;

        case ED_SCAN_AFTER_NAME:
            p = ed_scan_spaces(p, end);
            if (p == end) {
                break;
            }

            if (*p == '=') {
                p++;
                state = ED_SCAN_BEFORE_VALUE;

            } else {
                state = ED_SCAN_BEFORE_NAME;
            }

            break;

        case ED_SCAN_SELF_CLOSING:
            if (*p == '>') {
                scan->self_closing = 1;
                return ed_scan_done(scan, p);
            }

            state = ED_SCAN_BEFORE_NAME;
            break;
        }
    }

    scan->state = state;

    return end;

#undef ed_scan_pos
}


void
ed_tag_scan_token(const ed_tag_scan_t *scan, const uint8_t *bytes,
    ed_token_t *token, ed_attr_t *attrs)
{
    uint32_t               i, name;
    const ed_attr_span_t  *span;

    name = scan->closing ? 2 : 1;

    token->tag = ed_tag_by_hash(scan->hash);
    token->hash = scan->hash;
    token->name = ed_str(bytes + name, scan->name_end - name);
    token->closing = scan->closing;
    token->self_closing = scan->self_closing;
    token->nattrs = scan->nattrs;
    token->attrs = attrs;

    for (i = 0; i < scan->nattrs; i++) {
        span = &scan->attrs[i];
        attrs[i].name = ed_str(bytes + span->name,
                               span->name_end - span->name);
        attrs[i].value = ed_str(bytes + span->value,
                                span->value_end - span->value);
    }
}


ed_rc_t
ed_token_parse(ed_str_t bytes, ed_token_t *token, ed_attr_t *attrs)
{
    ed_tag_scan_t   scan;
    const uint8_t  *p, *end;

    if (bytes.len < 3 || bytes.len > ED_MAX_TOKEN || bytes.data[0] != '<'
        || (ed_byte_class[bytes.data[1]] & ED_BYTE_LETTER) == 0)
    {
        return ED_INVALID;
    }

    ed_tag_scan_init(&scan, 0);

    end = bytes.data + bytes.len;
    p = ed_tag_scan(&scan, bytes.data + 1, end, 1);

    if (p != end || !scan.done) {
        return ED_INVALID;
    }

    ed_tag_scan_token(&scan, bytes.data, token, attrs);
    token->start = 0;
    token->end = bytes.len;

    return ED_OK;
}


const ed_str_t *
ed_token_attr(const ed_token_t *token, ed_str_t name)
{
    unsigned  i;

    for (i = 0; i < token->nattrs; i++) {
        if (ed_str_caseeq(token->attrs[i].name, name)) {
            return &token->attrs[i].value;
        }
    }

    return NULL;
}


static const uint8_t *
ed_scan_tag_name(ed_tag_scan_t *scan, const uint8_t *p, const uint8_t *end)
{
    uint64_t  hash;

    hash = scan->hash;

    while (p < end && (ed_byte_class[*p] & ED_BYTE_NAME_END) == 0) {
        hash = ed_tag_hash_add(hash, ed_lower(*p));
        p++;
    }

    scan->hash = hash;

    return p;
}


/* The next attribute, its name at pos, with no value until one is found. */

static ed_attr_span_t *
ed_scan_attr(ed_tag_scan_t *scan, uint32_t pos)
{
    ed_attr_span_t  *attr;

    scan->attr = scan->nattrs;
    attr = &scan->attrs[scan->attr];

    attr->name = pos;
    attr->name_end = pos;
    attr->value = pos;
    attr->value_end = pos;

    if (scan->nattrs < ED_MAX_ATTRS) {
        scan->nattrs++;
    }

    return attr;
}


static const uint8_t *
ed_scan_done(ed_tag_scan_t *scan, const uint8_t *p)
{
    scan->done = 1;

    return p + 1;
}
