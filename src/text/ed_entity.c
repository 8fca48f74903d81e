
/*
 * Three sources, tried in this order:
 *
 *     numbers     with the windows-1252 remap of 13.2.5.80
 *     ed_names[]  names that need no semicolon, and those of HTML 5 that prose
 *                 is written with: punctuation, spaces, Latin Extended-A,
 *                 Cyrillic; sorted, found by halving
 *     libxml2     the rest of HTML 4 (Greek, arrows, mathematics).  Its table
 *                 is searched from end to end, so it is asked last, and only
 *                 about names that are short enough and end in a semicolon
 *
 * Names of HTML 5 beyond these (mathematics, pairs of code points) are left
 * as they are written.
 */

#include <libxml/HTMLparser.h>

#include "ed_entity.h"


#define ED_NAME_LEGACY  6          /* the longest that needs no semicolon */
#define ED_NAME_HTML4   8          /* the longest of HTML 4: "thetasym" */
#define ED_NAME_MAX     24


typedef struct {
    const char  *name;
    uint16_t     code;
    uint16_t     bare;             /* understood without a semicolon */
} ed_name_t;


static size_t ed_entity_number(const uint8_t *p, size_t len, uint32_t *code);
static uint32_t ed_entity_code(uint32_t number);
static int ed_entity_digit(uint8_t c, unsigned base);
static size_t ed_entity_name(const uint8_t *p, size_t len, int attribute,
    uint32_t *code);
static size_t ed_entity_bare(const uint8_t *p, size_t len, size_t n,
    int attribute, uint32_t *code);
static const ed_name_t *ed_entity_find(ed_str_t name);
static inline int ed_entity_order(ed_str_t name, const char *listed);
static uint32_t ed_entity_html4(ed_str_t name);


/* What 0x80 to 0x9f mean; 0: the control character itself. */

static const uint16_t  ed_entity_1252[32] = {
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
    0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178
};


static const ed_name_t  ed_names[] = {
    { "AElig", 0x00c6, 1 }, { "AMP", 0x0026, 1 }, { "Aacute", 0x00c1, 1 },
    { "Abreve", 0x0102, 0 }, { "Acirc", 0x00c2, 1 }, { "Acy", 0x0410, 0 },
    { "Agrave", 0x00c0, 1 }, { "Amacr", 0x0100, 0 }, { "Aogon", 0x0104, 0 },
    { "Aring", 0x00c5, 1 }, { "Atilde", 0x00c3, 1 }, { "Auml", 0x00c4, 1 },
    { "Bcy", 0x0411, 0 }, { "CHcy", 0x0427, 0 }, { "COPY", 0x00a9, 1 },
    { "Cacute", 0x0106, 0 }, { "Ccaron", 0x010c, 0 }, { "Ccedil", 0x00c7, 1 },
    { "Ccirc", 0x0108, 0 }, { "Cdot", 0x010a, 0 }, { "CenterDot", 0x00b7, 0 },
    { "CloseCurlyDoubleQuote", 0x201d, 0 }, { "CloseCurlyQuote", 0x2019, 0 },
    { "DJcy", 0x0402, 0 }, { "DScy", 0x0405, 0 }, { "DZcy", 0x040f, 0 },
    { "Dagger", 0x2021, 0 }, { "Dcaron", 0x010e, 0 }, { "Dcy", 0x0414, 0 },
    { "Dstrok", 0x0110, 0 }, { "ENG", 0x014a, 0 }, { "ETH", 0x00d0, 1 },
    { "Eacute", 0x00c9, 1 }, { "Ecaron", 0x011a, 0 }, { "Ecirc", 0x00ca, 1 },
    { "Ecy", 0x042d, 0 }, { "Edot", 0x0116, 0 }, { "Egrave", 0x00c8, 1 },
    { "Emacr", 0x0112, 0 }, { "Eogon", 0x0118, 0 }, { "Euml", 0x00cb, 1 },
    { "Fcy", 0x0424, 0 }, { "GJcy", 0x0403, 0 }, { "GT", 0x003e, 1 },
    { "Gbreve", 0x011e, 0 }, { "Gcedil", 0x0122, 0 }, { "Gcirc", 0x011c, 0 },
    { "Gcy", 0x0413, 0 }, { "Gdot", 0x0120, 0 }, { "HARDcy", 0x042a, 0 },
    { "Hat", 0x005e, 0 }, { "Hcirc", 0x0124, 0 }, { "Hstrok", 0x0126, 0 },
    { "IEcy", 0x0415, 0 }, { "IJlig", 0x0132, 0 }, { "IOcy", 0x0401, 0 },
    { "Iacute", 0x00cd, 1 }, { "Icirc", 0x00ce, 1 }, { "Icy", 0x0418, 0 },
    { "Idot", 0x0130, 0 }, { "Igrave", 0x00cc, 1 }, { "Imacr", 0x012a, 0 },
    { "Iogon", 0x012e, 0 }, { "Itilde", 0x0128, 0 }, { "Iukcy", 0x0406, 0 },
    { "Iuml", 0x00cf, 1 }, { "Jcirc", 0x0134, 0 }, { "Jcy", 0x0419, 0 },
    { "Jsercy", 0x0408, 0 }, { "Jukcy", 0x0404, 0 }, { "KHcy", 0x0425, 0 },
    { "KJcy", 0x040c, 0 }, { "Kcedil", 0x0136, 0 }, { "Kcy", 0x041a, 0 },
    { "LJcy", 0x0409, 0 }, { "LT", 0x003c, 1 }, { "Lacute", 0x0139, 0 },
    { "Lcaron", 0x013d, 0 }, { "Lcedil", 0x013b, 0 }, { "Lcy", 0x041b, 0 },
    { "Lmidot", 0x013f, 0 }, { "Lstrok", 0x0141, 0 }, { "Mcy", 0x041c, 0 },
    { "MediumSpace", 0x205f, 0 }, { "NJcy", 0x040a, 0 },
    { "Nacute", 0x0143, 0 }, { "Ncaron", 0x0147, 0 }, { "Ncedil", 0x0145, 0 },
    { "Ncy", 0x041d, 0 }, { "NewLine", 0x000a, 0 }, { "NoBreak", 0x2060, 0 },
    { "NonBreakingSpace", 0x00a0, 0 }, { "Ntilde", 0x00d1, 1 },
    { "OElig", 0x0152, 0 }, { "Oacute", 0x00d3, 1 }, { "Ocirc", 0x00d4, 1 },
    { "Ocy", 0x041e, 0 }, { "Odblac", 0x0150, 0 }, { "Ograve", 0x00d2, 1 },
    { "Omacr", 0x014c, 0 }, { "OpenCurlyDoubleQuote", 0x201c, 0 },
    { "OpenCurlyQuote", 0x2018, 0 }, { "Oslash", 0x00d8, 1 },
    { "Otilde", 0x00d5, 1 }, { "Ouml", 0x00d6, 1 }, { "Pcy", 0x041f, 0 },
    { "Prime", 0x2033, 0 }, { "QUOT", 0x0022, 1 }, { "REG", 0x00ae, 1 },
    { "Racute", 0x0154, 0 }, { "Rcaron", 0x0158, 0 }, { "Rcedil", 0x0156, 0 },
    { "Rcy", 0x0420, 0 }, { "SHCHcy", 0x0429, 0 }, { "SHcy", 0x0428, 0 },
    { "SOFTcy", 0x042c, 0 }, { "Sacute", 0x015a, 0 }, { "Scaron", 0x0160, 0 },
    { "Scedil", 0x015e, 0 }, { "Scirc", 0x015c, 0 }, { "Scy", 0x0421, 0 },
    { "THORN", 0x00de, 1 }, { "TSHcy", 0x040b, 0 }, { "TScy", 0x0426, 0 },
    { "Tab", 0x0009, 0 }, { "Tcaron", 0x0164, 0 }, { "Tcedil", 0x0162, 0 },
    { "Tcy", 0x0422, 0 }, { "ThinSpace", 0x2009, 0 }, { "Tstrok", 0x0166, 0 },
    { "Uacute", 0x00da, 1 }, { "Ubrcy", 0x040e, 0 }, { "Ubreve", 0x016c, 0 },
    { "Ucirc", 0x00db, 1 }, { "Ucy", 0x0423, 0 }, { "Udblac", 0x0170, 0 },
    { "Ugrave", 0x00d9, 1 }, { "Umacr", 0x016a, 0 }, { "UnderBar", 0x005f, 0 },
    { "Uogon", 0x0172, 0 }, { "Uring", 0x016e, 0 }, { "Utilde", 0x0168, 0 },
    { "Uuml", 0x00dc, 1 }, { "Vcy", 0x0412, 0 }, { "VerticalLine", 0x007c, 0 },
    { "VeryThinSpace", 0x200a, 0 }, { "Wcirc", 0x0174, 0 },
    { "YAcy", 0x042f, 0 }, { "YIcy", 0x0407, 0 }, { "YUcy", 0x042e, 0 },
    { "Yacute", 0x00dd, 1 }, { "Ycirc", 0x0176, 0 }, { "Ycy", 0x042b, 0 },
    { "Yuml", 0x0178, 0 }, { "ZHcy", 0x0416, 0 }, { "Zacute", 0x0179, 0 },
    { "Zcaron", 0x017d, 0 }, { "Zcy", 0x0417, 0 }, { "Zdot", 0x017b, 0 },
    { "ZeroWidthSpace", 0x200b, 0 }, { "aacute", 0x00e1, 1 },
    { "abreve", 0x0103, 0 }, { "acirc", 0x00e2, 1 }, { "acute", 0x00b4, 1 },
    { "acy", 0x0430, 0 }, { "aelig", 0x00e6, 1 }, { "agrave", 0x00e0, 1 },
    { "amacr", 0x0101, 0 }, { "amp", 0x0026, 1 }, { "aogon", 0x0105, 0 },
    { "apos", 0x0027, 0 }, { "aring", 0x00e5, 1 }, { "ast", 0x002a, 0 },
    { "atilde", 0x00e3, 1 }, { "auml", 0x00e4, 1 }, { "bcy", 0x0431, 0 },
    { "bdquo", 0x201e, 0 }, { "brvbar", 0x00a6, 1 }, { "bsol", 0x005c, 0 },
    { "bull", 0x2022, 0 }, { "bullet", 0x2022, 0 }, { "cacute", 0x0107, 0 },
    { "ccaron", 0x010d, 0 }, { "ccedil", 0x00e7, 1 }, { "ccirc", 0x0109, 0 },
    { "cdot", 0x010b, 0 }, { "cedil", 0x00b8, 1 }, { "cent", 0x00a2, 1 },
    { "centerdot", 0x00b7, 0 }, { "chcy", 0x0447, 0 }, { "check", 0x2713, 0 },
    { "checkmark", 0x2713, 0 }, { "colon", 0x003a, 0 }, { "comma", 0x002c, 0 },
    { "commat", 0x0040, 0 }, { "copy", 0x00a9, 1 }, { "copysr", 0x2117, 0 },
    { "curren", 0x00a4, 1 }, { "dagger", 0x2020, 0 }, { "dash", 0x2010, 0 },
    { "dcaron", 0x010f, 0 }, { "dcy", 0x0434, 0 }, { "deg", 0x00b0, 1 },
    { "divide", 0x00f7, 1 }, { "djcy", 0x0452, 0 }, { "dollar", 0x0024, 0 },
    { "dscy", 0x0455, 0 }, { "dstrok", 0x0111, 0 }, { "dzcy", 0x045f, 0 },
    { "eacute", 0x00e9, 1 }, { "ecaron", 0x011b, 0 }, { "ecirc", 0x00ea, 1 },
    { "ecy", 0x044d, 0 }, { "edot", 0x0117, 0 }, { "egrave", 0x00e8, 1 },
    { "emacr", 0x0113, 0 }, { "emsp", 0x2003, 0 }, { "emsp13", 0x2004, 0 },
    { "emsp14", 0x2005, 0 }, { "eng", 0x014b, 0 }, { "ensp", 0x2002, 0 },
    { "eogon", 0x0119, 0 }, { "equals", 0x003d, 0 }, { "eth", 0x00f0, 1 },
    { "euml", 0x00eb, 1 }, { "euro", 0x20ac, 0 }, { "excl", 0x0021, 0 },
    { "fcy", 0x0444, 0 }, { "frac12", 0x00bd, 1 }, { "frac14", 0x00bc, 1 },
    { "frac34", 0x00be, 1 }, { "gbreve", 0x011f, 0 }, { "gcirc", 0x011d, 0 },
    { "gcy", 0x0433, 0 }, { "gdot", 0x0121, 0 }, { "gjcy", 0x0453, 0 },
    { "grave", 0x0060, 0 }, { "gt", 0x003e, 1 }, { "hairsp", 0x200a, 0 },
    { "hardcy", 0x044a, 0 }, { "hcirc", 0x0125, 0 }, { "hellip", 0x2026, 0 },
    { "horbar", 0x2015, 0 }, { "hstrok", 0x0127, 0 }, { "hyphen", 0x2010, 0 },
    { "iacute", 0x00ed, 1 }, { "icirc", 0x00ee, 1 }, { "icy", 0x0438, 0 },
    { "iecy", 0x0435, 0 }, { "iexcl", 0x00a1, 1 }, { "igrave", 0x00ec, 1 },
    { "ijlig", 0x0133, 0 }, { "imacr", 0x012b, 0 }, { "imath", 0x0131, 0 },
    { "inodot", 0x0131, 0 }, { "iocy", 0x0451, 0 }, { "iogon", 0x012f, 0 },
    { "iquest", 0x00bf, 1 }, { "itilde", 0x0129, 0 }, { "iukcy", 0x0456, 0 },
    { "iuml", 0x00ef, 1 }, { "jcirc", 0x0135, 0 }, { "jcy", 0x0439, 0 },
    { "jsercy", 0x0458, 0 }, { "jukcy", 0x0454, 0 }, { "kcedil", 0x0137, 0 },
    { "kcy", 0x043a, 0 }, { "kgreen", 0x0138, 0 }, { "khcy", 0x0445, 0 },
    { "kjcy", 0x045c, 0 }, { "lacute", 0x013a, 0 }, { "laquo", 0x00ab, 1 },
    { "lbrace", 0x007b, 0 }, { "lbrack", 0x005b, 0 }, { "lcaron", 0x013e, 0 },
    { "lcedil", 0x013c, 0 }, { "lcub", 0x007b, 0 }, { "lcy", 0x043b, 0 },
    { "ldquo", 0x201c, 0 }, { "ldquor", 0x201e, 0 }, { "ljcy", 0x0459, 0 },
    { "lmidot", 0x0140, 0 }, { "lowbar", 0x005f, 0 }, { "lpar", 0x0028, 0 },
    { "lrm", 0x200e, 0 }, { "lsaquo", 0x2039, 0 }, { "lsqb", 0x005b, 0 },
    { "lsquo", 0x2018, 0 }, { "lsquor", 0x201a, 0 }, { "lstrok", 0x0142, 0 },
    { "lt", 0x003c, 1 }, { "macr", 0x00af, 1 }, { "mcy", 0x043c, 0 },
    { "mdash", 0x2014, 0 }, { "micro", 0x00b5, 1 }, { "midast", 0x002a, 0 },
    { "middot", 0x00b7, 1 }, { "minus", 0x2212, 0 }, { "mldr", 0x2026, 0 },
    { "nacute", 0x0144, 0 }, { "napos", 0x0149, 0 }, { "nbsp", 0x00a0, 1 },
    { "ncaron", 0x0148, 0 }, { "ncedil", 0x0146, 0 }, { "ncy", 0x043d, 0 },
    { "ndash", 0x2013, 0 }, { "njcy", 0x045a, 0 }, { "nldr", 0x2025, 0 },
    { "not", 0x00ac, 1 }, { "ntilde", 0x00f1, 1 }, { "num", 0x0023, 0 },
    { "numero", 0x2116, 0 }, { "numsp", 0x2007, 0 }, { "oacute", 0x00f3, 1 },
    { "ocirc", 0x00f4, 1 }, { "ocy", 0x043e, 0 }, { "odblac", 0x0151, 0 },
    { "oelig", 0x0153, 0 }, { "ograve", 0x00f2, 1 }, { "omacr", 0x014d, 0 },
    { "ordf", 0x00aa, 1 }, { "ordm", 0x00ba, 1 }, { "oslash", 0x00f8, 1 },
    { "otilde", 0x00f5, 1 }, { "ouml", 0x00f6, 1 }, { "para", 0x00b6, 1 },
    { "pcy", 0x043f, 0 }, { "percnt", 0x0025, 0 }, { "period", 0x002e, 0 },
    { "permil", 0x2030, 0 }, { "phone", 0x260e, 0 }, { "plus", 0x002b, 0 },
    { "plusmn", 0x00b1, 1 }, { "pound", 0x00a3, 1 }, { "prime", 0x2032, 0 },
    { "puncsp", 0x2008, 0 }, { "quest", 0x003f, 0 }, { "quot", 0x0022, 1 },
    { "racute", 0x0155, 0 }, { "raquo", 0x00bb, 1 }, { "rbrace", 0x007d, 0 },
    { "rbrack", 0x005d, 0 }, { "rcaron", 0x0159, 0 }, { "rcedil", 0x0157, 0 },
    { "rcub", 0x007d, 0 }, { "rcy", 0x0440, 0 }, { "rdquo", 0x201d, 0 },
    { "rdquor", 0x201d, 0 }, { "reg", 0x00ae, 1 }, { "rlm", 0x200f, 0 },
    { "rpar", 0x0029, 0 }, { "rsaquo", 0x203a, 0 }, { "rsqb", 0x005d, 0 },
    { "rsquo", 0x2019, 0 }, { "rsquor", 0x2019, 0 }, { "sacute", 0x015b, 0 },
    { "sbquo", 0x201a, 0 }, { "scaron", 0x0161, 0 }, { "scedil", 0x015f, 0 },
    { "scirc", 0x015d, 0 }, { "scy", 0x0441, 0 }, { "sect", 0x00a7, 1 },
    { "semi", 0x003b, 0 }, { "shchcy", 0x0449, 0 }, { "shcy", 0x0448, 0 },
    { "shy", 0x00ad, 1 }, { "softcy", 0x044c, 0 }, { "sol", 0x002f, 0 },
    { "star", 0x2606, 0 }, { "starf", 0x2605, 0 }, { "sup1", 0x00b9, 1 },
    { "sup2", 0x00b2, 1 }, { "sup3", 0x00b3, 1 }, { "szlig", 0x00df, 1 },
    { "tcaron", 0x0165, 0 }, { "tcedil", 0x0163, 0 }, { "tcy", 0x0442, 0 },
    { "thinsp", 0x2009, 0 }, { "thorn", 0x00fe, 1 }, { "times", 0x00d7, 1 },
    { "trade", 0x2122, 0 }, { "tscy", 0x0446, 0 }, { "tshcy", 0x045b, 0 },
    { "tstrok", 0x0167, 0 }, { "uacute", 0x00fa, 1 }, { "ubrcy", 0x045e, 0 },
    { "ubreve", 0x016d, 0 }, { "ucirc", 0x00fb, 1 }, { "ucy", 0x0443, 0 },
    { "udblac", 0x0171, 0 }, { "ugrave", 0x00f9, 1 }, { "umacr", 0x016b, 0 },
    { "uml", 0x00a8, 1 }, { "uogon", 0x0173, 0 }, { "uring", 0x016f, 0 },
    { "utilde", 0x0169, 0 }, { "uuml", 0x00fc, 1 }, { "vcy", 0x0432, 0 },
    { "verbar", 0x007c, 0 }, { "vert", 0x007c, 0 }, { "wcirc", 0x0175, 0 },
    { "yacute", 0x00fd, 1 }, { "yacy", 0x044f, 0 }, { "ycirc", 0x0177, 0 },
    { "ycy", 0x044b, 0 }, { "yen", 0x00a5, 1 }, { "yicy", 0x0457, 0 },
    { "yucy", 0x044e, 0 }, { "yuml", 0x00ff, 1 }, { "zacute", 0x017a, 0 },
    { "zcaron", 0x017e, 0 }, { "zcy", 0x0437, 0 }, { "zdot", 0x017c, 0 },
    { "zhcy", 0x0436, 0 }, { "zwj", 0x200d, 0 }, { "zwnj", 0x200c, 0 }
};


size_t
ed_entity_read(const uint8_t *p, size_t len, int attribute, uint32_t *code)
{
    if (len < 3) {
        return 0;
    }

    if (p[1] == '#') {
        return ed_entity_number(p, len, code);
    }

    return ed_entity_name(p, len, attribute, code);
}


/* "&#233;", "&#xe9;", the semicolon may be missing. */

static size_t
ed_entity_number(const uint8_t *p, size_t len, uint32_t *code)
{
    int       digit;
    size_t    i, first;
    unsigned  base;
    uint32_t  number;

    base = ed_lower(p[2]) == 'x' ? 16 : 10;
    first = base == 16 ? 3 : 2;
    number = 0;

    for (i = first; i < len; i++) {
        digit = ed_entity_digit(p[i], base);
        if (digit < 0) {
            break;
        }

        if (number <= 0x10ffff) {
            number = number * base + (uint32_t) digit;
        }
    }

    if (i == first) {
        return 0;
    }

    *code = ed_entity_code(number);

    return i + (i < len && p[i] == ';');
}


/* 13.2.5.80: numeric character reference end state. */

static uint32_t
ed_entity_code(uint32_t number)
{
    if (number == 0 || number > 0x10ffff
        || (number >= 0xd800 && number <= 0xdfff))
    {
        return 0xfffd;
    }

    if (number >= 0x80 && number <= 0x9f
        && ed_entity_1252[number - 0x80] != 0)
    {
        return ed_entity_1252[number - 0x80];
    }

    return number;
}


static int
ed_entity_digit(uint8_t c, unsigned base)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = ed_lower(c);

    return (base == 16 && c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


static size_t
ed_entity_name(const uint8_t *p, size_t len, int attribute, uint32_t *code)
{
    size_t            n;
    ed_str_t          name;
    const ed_name_t  *found;

    for (n = 1; n < len && n <= ED_NAME_MAX; n++) {
        if (ed_entity_digit(p[n], 10) < 0
            && (uint8_t) (ed_lower(p[n]) - 'a') >= 26)
        {
            break;
        }
    }

    if (n < 3) {
        return 0;
    }

    if (n < len && p[n] == ';') {
        name = ed_str(p + 1, n - 1);

        found = ed_entity_find(name);
        *code = found != NULL ? found->code : ed_entity_html4(name);

        if (*code != 0) {
            return n + 1;
        }
    }

    return ed_entity_bare(p, len, n, attribute, code);
}


/*
 * The longest name that needs no semicolon and begins the n - 1 letters and
 * digits behind the '&'.
 */

static size_t
ed_entity_bare(const uint8_t *p, size_t len, size_t n, int attribute,
    uint32_t *code)
{
    const ed_name_t  *found;

    if (n > ED_NAME_LEGACY + 1) {
        if (attribute) {
            return 0;
        }

        n = ED_NAME_LEGACY + 1;
    }

    if (attribute && n < len && p[n] == '=') {
        return 0;
    }

    for ( /* void */ ; n >= 3; n--) {
        found = ed_entity_find(ed_str(p + 1, n - 1));

        if (found != NULL && found->bare) {
            *code = found->code;
            return n;
        }

        if (attribute) {
            return 0;
        }
    }

    return 0;
}


static const ed_name_t *
ed_entity_find(ed_str_t name)
{
    int     order;
    size_t  low, high, middle;

    low = 0;
    high = sizeof(ed_names) / sizeof(ed_names[0]);

    while (low < high) {
        middle = (low + high) / 2;
        order = ed_entity_order(name, ed_names[middle].name);

        if (order == 0 && ed_names[middle].name[name.len] == '\0') {
            return &ed_names[middle];
        }

        if (order <= 0) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return NULL;
}


/* As strncmp(), without a call: most names differ in the first letters. */

static inline int
ed_entity_order(ed_str_t name, const char *listed)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (name.data[i] != (uint8_t) listed[i]) {
            return name.data[i] - (uint8_t) listed[i];
        }
    }

    return 0;
}


static uint32_t
ed_entity_html4(ed_str_t name)
{
    xmlChar                buf[ED_NAME_HTML4 + 1];
    const htmlEntityDesc  *desc;

    if (name.len > ED_NAME_HTML4) {
        return 0;
    }

    memcpy(buf, name.data, name.len);
    buf[name.len] = '\0';

    desc = htmlEntityLookup(buf);

    return desc != NULL ? desc->value : 0;
}
