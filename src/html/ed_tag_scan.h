
/*
 * One tag, scanned from behind its name's first delimiter to its '>' (WHATWG
 * 13.2.5.8, 13.2.5.32 to 13.2.5.40), in as many pieces as it comes in.
 *
 *     < a   h r e f = " x "   d o w n l o a d >
 *     0   2                                     behind '>'
 *         name . . name_end                     all positions count from '<'
 *                     value . value_end
 *
 * A scan only keeps positions; the bytes stay with the caller, who has them
 * in one run when the tag is whole and then asks for the token.
 */

#ifndef ED_TAG_SCAN_H
#define ED_TAG_SCAN_H


#include "ed_tokenizer.h"


typedef struct {
    uint32_t          name;
    uint32_t          name_end;
    uint32_t          value;
    uint32_t          value_end;   /* value where there is none */
} ed_attr_span_t;


typedef struct {
    uint8_t           state;
    uint8_t           quote;       /* of the value being scanned */
    uint8_t           done;        /* '>' has been passed */
    uint32_t          name_end;
    uint32_t          attr;        /* the one being scanned */
    ed_token_t        token;       /* hash, nattrs and flags as they come */
    ed_attr_span_t    attrs[ED_MAX_ATTRS + 1];  /* the last is never read */
} ed_tag_scan_t;


/* What a byte means inside a tag. */

#define ED_BYTE_SPACE      0x01
#define ED_BYTE_LETTER     0x02
#define ED_BYTE_NAME_END   0x04    /* ends a tag's name */
#define ED_BYTE_ATTR_END   0x08    /* ends an attribute's name */
#define ED_BYTE_VALUE_END  0x10    /* ends an unquoted value */
#define ED_BYTE_MARKUP     0x20    /* after '<', begins something */

extern const uint8_t  ed_byte_class[256];

/* A byte of a tag's name in lower case; 0 for those that end it, and NUL. */

extern const uint8_t  ed_name_byte[256];


/* Reads on in a tag's name: returns where it ends, or end. */

static inline const uint8_t *
ed_tag_scan_name(const uint8_t *p, const uint8_t *end, uint64_t *hash)
{
    uint8_t   c;
    uint64_t  h;

    h = *hash;

    for ( /* void */ ; p < end; p++) {
        c = ed_name_byte[*p];

        if (c == 0 && *p != 0) {
            break;
        }

        h = ed_tag_hash_add(h, c);
    }

    *hash = h;

    return p;
}


/* A tag whose name's first letter comes next. */
void ed_tag_scan_init(ed_tag_scan_t *scan, int closing);

/*
 * A tag whose name was read by the caller and ends at name_end: what comes
 * next is what follows the name.
 */
void ed_tag_scan_init_named(ed_tag_scan_t *scan, int closing, uint64_t hash,
    uint32_t name_end);

/*
 * Scans on.  p is at position pos of the tag.  Returns behind the tag's '>',
 * with scan->done set, or end.
 */
const uint8_t *ed_tag_scan(ed_tag_scan_t *scan, const uint8_t *p,
    const uint8_t *end, uint32_t pos);

/*
 * The token of a finished scan, in scan->token, but for its offsets.  bytes
 * is the whole tag from its '<'; attrs has room for ED_MAX_ATTRS.
 */
void ed_tag_scan_token(ed_tag_scan_t *scan, const uint8_t *bytes,
    ed_attr_t *attrs);


#endif /* ED_TAG_SCAN_H */
