
/*
 * UTF-8, one character at a time.
 *
 * What follows a lead byte is decided by one range for the second byte and
 * 80..BF for the rest; the narrowed ranges shut out overlong forms (E0, F0),
 * surrogates (ED) and what lies past U+10FFFF (F4):
 *
 *     C2..DF  80..BF
 *     E0      A0..BF  80..BF
 *     E1..EF  80..BF  80..BF      ED: second byte 80..9F
 *     F0      90..BF  80..BF  80..BF
 *     F1..F4  80..BF  80..BF  80..BF      F4: second byte 80..8F
 */

#include "ed_charset.h"


#define ED_UTF8_WRONG  0xfffd


size_t
ed_utf8_get(const uint8_t *p, size_t len, uint32_t *code)
{
    size_t    i, n;
    uint8_t   c, low, high;
    uint32_t  value;

    c = p[0];

    if (c < 0x80) {
        *code = c;
        return 1;
    }

    *code = ED_UTF8_WRONG;

    if (c < 0xc2 || c > 0xf4) {
        return 1;
    }

    n = (c < 0xe0) ? 2 : (c < 0xf0) ? 3 : 4;
    low = (c == 0xe0) ? 0xa0 : (c == 0xf0) ? 0x90 : 0x80;
    high = (c == 0xed) ? 0x9f : (c == 0xf4) ? 0x8f : 0xbf;
    value = c & (0x7f >> n);

    for (i = 1; i < n; i++) {
        if (i == len || p[i] < low || p[i] > high) {
            return i;
        }

        value = value << 6 | (p[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }

    *code = value;

    return n;
}


size_t
ed_utf8_write(uint8_t *p, uint32_t code)
{
    if (code < 0x80) {
        p[0] = (uint8_t) code;
        return 1;
    }

    if (code < 0x800) {
        p[0] = (uint8_t) (0xc0 | code >> 6);
        p[1] = (uint8_t) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        code = ED_UTF8_WRONG;
    }

    if (code < 0x10000) {
        p[0] = (uint8_t) (0xe0 | code >> 12);
        p[1] = (uint8_t) (0x80 | (code >> 6 & 0x3f));
        p[2] = (uint8_t) (0x80 | (code & 0x3f));
        return 3;
    }

    p[0] = (uint8_t) (0xf0 | code >> 18);
    p[1] = (uint8_t) (0x80 | (code >> 12 & 0x3f));
    p[2] = (uint8_t) (0x80 | (code >> 6 & 0x3f));
    p[3] = (uint8_t) (0x80 | (code & 0x3f));

    return 4;
}


ed_rc_t
ed_utf8_put(ed_buf_t *out, uint32_t code)
{
    uint8_t  bytes[4];

    return ed_buf_append(out, bytes, ed_utf8_write(bytes, code));
}
