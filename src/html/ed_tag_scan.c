
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


static const uint8_t *ed_scan_attrs(ed_tag_scan_t *scan, const uint8_t *p,
    const uint8_t *end, uint32_t pos);
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


const uint8_t  ed_name_byte[256] = {
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
    0x08, 0x00, 0x00, 0x0b, 0x00, 0x00, 0x0e, 0x0f,
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
    0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
    0x00, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
    0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x00,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
    0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x00, 0x3f,
    0x40, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67,
    0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
    0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
    0x78, 0x79, 0x7a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f,
    0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67,
    0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
    0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
    0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f,
    0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
    0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
    0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
    0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
    0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
    0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
    0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
    0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
    0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7,
    0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf,
    0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7,
    0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef,
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
    0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff
};


/*
 * The first byte from p on that is, or is not, of a class; end if none.  Four
 * bytes a turn: names and values are most of what tags are made of.
 */

static inline const uint8_t *
ed_scan_until(const uint8_t *p, const uint8_t *end, uint8_t class)
{
    for ( /* void */ ; end - p >= 4; p += 4) {

        if (ed_byte_class[p[0]] & class) {
            return p;
        }

        if (ed_byte_class[p[1]] & class) {
            return p + 1;
        }

        if (ed_byte_class[p[2]] & class) {
            return p + 2;
        }

        if (ed_byte_class[p[3]] & class) {
            return p + 3;
        }
    }

    while (p < end && (ed_byte_class[*p] & class) == 0) {
        p++;
    }

    return p;
}


static inline const uint8_t *
ed_scan_spaces(const uint8_t *p, const uint8_t *end)
{
    while (p < end && (ed_byte_class[*p] & ED_BYTE_SPACE)) {
        p++;
    }

    return p;
}


void
ed_tag_scan_init(ed_tag_scan_t *scan, int closing)
{
    scan->state = ED_SCAN_TAG_NAME;
    scan->done = 0;
    scan->attr = 0;
    scan->token.hash = ED_TAG_HASH_SEED;
    scan->token.closing = closing;
    scan->token.self_closing = 0;
    scan->token.nattrs = 0;
}


void
ed_tag_scan_init_named(ed_tag_scan_t *scan, int closing, uint64_t hash,
    uint32_t name_end)
{
    ed_tag_scan_init(scan, closing);

    scan->state = ED_SCAN_BEFORE_NAME;
    scan->token.hash = hash;
    scan->name_end = name_end;
}


/* Most tags are a name and nothing else. */

const uint8_t *
ed_tag_scan(ed_tag_scan_t *scan, const uint8_t *p, const uint8_t *end,
    uint32_t pos)
{
    const uint8_t  *from;

    if (scan->state == ED_SCAN_TAG_NAME) {
        from = p;
        p = ed_tag_scan_name(p, end, &scan->token.hash);

        if (p == end) {
            return end;
        }

        pos += (uint32_t) (p - from);
        scan->name_end = pos;

        if (*p == '>') {
            return ed_scan_done(scan, p);
        }

        scan->state = ED_SCAN_BEFORE_NAME;
    }

    return ed_scan_attrs(scan, p, end, pos);
}


/*
 * The states in the order that an attribute passes them, so that the usual
 * name="value" falls through from one to the next.
 */

static const uint8_t *
ed_scan_attrs(ed_tag_scan_t *scan, const uint8_t *p, const uint8_t *end,
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

            if (*p != '"' && *p != '\'') {

                if (*p == '>') {
                    return ed_scan_done(scan, p);
                }

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
                scan->token.self_closing = 1;
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
ed_tag_scan_token(ed_tag_scan_t *scan, const uint8_t *bytes, ed_attr_t *attrs)
{
    uint32_t               i, name;
    ed_token_t            *token;
    const ed_attr_span_t  *span;

    token = &scan->token;
    name = 1 + token->closing;

    token->tag = ed_tag_by_hash(token->hash);
    token->name = ed_str(bytes + name, scan->name_end - name);
    token->attrs = attrs;

    for (i = 0; i < token->nattrs; i++) {
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

    ed_tag_scan_token(&scan, bytes.data, attrs);

    *token = scan.token;
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


/* The next attribute, its name at pos, with no value until one is found. */

static ed_attr_span_t *
ed_scan_attr(ed_tag_scan_t *scan, uint32_t pos)
{
    ed_attr_span_t  *attr;

    scan->attr = scan->token.nattrs;
    attr = &scan->attrs[scan->attr];

    attr->name = pos;
    attr->name_end = pos;
    attr->value = pos;
    attr->value_end = pos;

    if (scan->token.nattrs < ED_MAX_ATTRS) {
        scan->token.nattrs++;
    }

    return attr;
}


static const uint8_t *
ed_scan_done(ed_tag_scan_t *scan, const uint8_t *p)
{
    scan->done = 1;

    return p + 1;
}
