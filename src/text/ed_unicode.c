
/*
 * Characters by ranges and rules.  Case pairs of Latin and Cyrillic lie side
 * by side, the capital on the even or on the odd code; a range says which.
 */

#include <stddef.h>

#include "ed_unicode.h"


typedef struct {
    uint32_t  first;
    uint32_t  last;
} ed_range_t;


typedef struct {
    uint16_t  first;               /* capitals */
    uint16_t  last;
    int16_t   distance;            /* to the small letter; 0: pairs, those
                                      as even or odd as the first are capital */
} ed_case_t;


#define ed_ranges(list)  list, sizeof(list) / sizeof(list[0])


static int ed_in_ranges(uint32_t code, const ed_range_t *list, size_t n);


static const ed_range_t  ed_white[] = {
    { 0x0009, 0x000d }, { 0x0020, 0x0020 }, { 0x0085, 0x0085 },
    { 0x00a0, 0x00a0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a },
    { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
    { 0x3000, 0x3000 }
};


static const ed_range_t  ed_invisible[] = {
    { 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c },
    { 0x180b, 0x180e }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
    { 0x2060, 0x206f }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }
};


/* Beyond ASCII.  Thai, Lao, Burmese, Khmer, kana and Han are left out. */

static const ed_range_t  ed_word[] = {
    { 0x00aa, 0x00aa }, { 0x00b2, 0x00b3 }, { 0x00b5, 0x00b5 },
    { 0x00b9, 0x00ba }, { 0x00c0, 0x00d6 }, { 0x00d8, 0x00f6 },
    { 0x00f8, 0x037d }, { 0x037f, 0x0386 }, { 0x0388, 0x0559 },
    { 0x0560, 0x0588 }, { 0x0591, 0x05bd }, { 0x05bf, 0x05bf },
    { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 }, { 0x05c7, 0x05f2 },
    { 0x0610, 0x061a }, { 0x0620, 0x0669 }, { 0x066e, 0x06d3 },
    { 0x06d5, 0x06ff }, { 0x0710, 0x0963 }, { 0x0966, 0x096f },
    { 0x0971, 0x0df3 }, { 0x10a0, 0x10fa }, { 0x10fc, 0x135f },
    { 0x1369, 0x166c }, { 0x166f, 0x167f }, { 0x1681, 0x169a },
    { 0x16a0, 0x16ea }, { 0x16ee, 0x1734 }, { 0x1810, 0x1fff },
    { 0x200c, 0x200d }, { 0x2071, 0x2071 }, { 0x207f, 0x207f },
    { 0x2c00, 0x2dff }, { 0xa000, 0xd7ff }, { 0xfb00, 0xfd3d },
    { 0xfd50, 0xfdef }, { 0xfe20, 0xfe2f }, { 0xfe70, 0xfefe },
    { 0xff10, 0xff19 }, { 0xff21, 0xff3a }, { 0xff41, 0xff5a },
    { 0x10000, 0x1efff }
};


/* Small letters, and what has no case among them; never a capital's code. */

static const ed_range_t  ed_small[] = {
    { 0x0061, 0x007a }, { 0x00df, 0x00f6 }, { 0x00f8, 0x012f },
    { 0x0131, 0x02af }, { 0x03ac, 0x03ff }, { 0x0430, 0x052f },
    { 0x0561, 0x0587 }, { 0x1e00, 0x1e9d }, { 0x1e9f, 0x1fff },
    { 0xff41, 0xff5a }
};


static const ed_case_t  ed_case[] = {
    { 0x0041, 0x005a, 32 }, { 0x00c0, 0x00d6, 32 }, { 0x00d8, 0x00de, 32 },
    { 0x0100, 0x012f, 0 }, { 0x0132, 0x0137, 0 }, { 0x0139, 0x0148, 0 },
    { 0x014a, 0x0177, 0 }, { 0x0178, 0x0178, -121 }, { 0x0179, 0x017e, 0 },
    { 0x01a0, 0x01a5, 0 }, { 0x01af, 0x01b0, 0 }, { 0x01cd, 0x01dc, 0 },
    { 0x01de, 0x01ef, 0 }, { 0x01f8, 0x021f, 0 }, { 0x0222, 0x0233, 0 },
    { 0x0246, 0x024f, 0 }, { 0x0386, 0x0386, 38 }, { 0x0388, 0x038a, 37 },
    { 0x038c, 0x038c, 64 }, { 0x038e, 0x038f, 63 }, { 0x0391, 0x03a1, 32 },
    { 0x03a3, 0x03ab, 32 }, { 0x03c2, 0x03c2, 1 }, { 0x03d8, 0x03ef, 0 },
    { 0x0400, 0x040f, 80 }, { 0x0410, 0x042f, 32 }, { 0x0460, 0x0481, 0 },
    { 0x048a, 0x04bf, 0 }, { 0x04c0, 0x04c0, 15 }, { 0x04c1, 0x04ce, 0 },
    { 0x04d0, 0x052f, 0 }, { 0x0531, 0x0556, 48 }, { 0x1e00, 0x1e95, 0 },
    { 0x1ea0, 0x1eff, 0 }, { 0x1f08, 0x1f0f, -8 }, { 0x1f18, 0x1f1d, -8 },
    { 0x1f28, 0x1f2f, -8 }, { 0x1f38, 0x1f3f, -8 }, { 0x1f48, 0x1f4d, -8 },
    { 0x1f59, 0x1f5f, -8 }, { 0x1f68, 0x1f6f, -8 }, { 0xff21, 0xff3a, 32 }
};


int
ed_is_white(uint32_t code)
{
    return ed_in_ranges(code, ed_ranges(ed_white));
}


int
ed_is_invisible(uint32_t code)
{
    return code >= 0xad && ed_in_ranges(code, ed_ranges(ed_invisible));
}


int
ed_is_word(uint32_t code)
{
    if (code < 0x80) {
        return (code | 0x20) - 'a' < 26 || code - '0' < 10;
    }

    return ed_in_ranges(code, ed_ranges(ed_word));
}


int
ed_is_small(uint32_t code)
{
    if (code < 0x80) {
        return code - 'a' < 26;
    }

    return ed_in_ranges(code, ed_ranges(ed_small))
           && ed_fold_case(code) == code;
}


uint32_t
ed_fold_case(uint32_t code)
{
    size_t            low, high, middle;
    const ed_case_t  *c;

    low = 0;
    high = sizeof(ed_case) / sizeof(ed_case[0]);

    while (low < high) {
        middle = (low + high) / 2;
        c = &ed_case[middle];

        if (code < c->first) {
            high = middle;

        } else if (code > c->last) {
            low = middle + 1;

        } else if (c->distance != 0) {
            return code + (uint32_t) c->distance;

        } else {
            return code + ((code & 1) == (c->first & 1u));
        }
    }

    return code;
}


uint32_t
ed_fold_mark(uint32_t code)
{
    switch (code) {

    case 0x0060: case 0x00b4: case 0x02b9: case 0x02bb: case 0x02bc:
    case 0x02c8: case 0x05f3: case 0x2018: case 0x2019: case 0x201a:
    case 0x201b: case 0x2032: case 0x2035: case 0x2039: case 0x203a:
    case 0x275b: case 0x275c: case 0xff07: case 0xff40:
        return '\'';

    case 0x00ab: case 0x00bb: case 0x02ba: case 0x05f4: case 0x201c:
    case 0x201d: case 0x201e: case 0x201f: case 0x2033: case 0x2036:
    case 0x275d: case 0x275e: case 0x301d: case 0x301e: case 0x301f:
    case 0xff02:
        return '"';

    case 0x058a: case 0x05be: case 0x2010: case 0x2011: case 0x2012:
    case 0x2013: case 0x2014: case 0x2015: case 0x2043: case 0x2212:
    case 0x2e3a: case 0x2e3b: case 0xfe31: case 0xfe32: case 0xfe58:
    case 0xfe63: case 0xff0d:
        return '-';

    default:
        return code;
    }
}


static int
ed_in_ranges(uint32_t code, const ed_range_t *list, size_t n)
{
    size_t  low, high, middle;

    low = 0;
    high = n;

    while (low < high) {
        middle = (low + high) / 2;

        if (code < list[middle].first) {
            high = middle;

        } else if (code > list[middle].last) {
            low = middle + 1;

        } else {
            return 1;
        }
    }

    return 0;
}
