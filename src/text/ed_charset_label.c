
/*
 * Names of charsets: the labels of the Encoding standard (4.2), and where a
 * page's own label is written (byte order mark, Content-Type).
 *
 * Charsets whose markup is not plain ASCII bytes have no entry here, so that
 * they are as unknown as a misspelt one: utf-16, iso-2022-jp, the
 * "replacement" group.  Nor has x-user-defined, whose characters mean
 * nothing to anyone but its author.
 *
 * The converters are libxml2's, which are iconv's.  Of their tables and the
 * standard's indexes every code was compared; the few single bytes that
 * differ are patched.  Double bytes: Shift_JIS and EUC-KR agree throughout,
 * GB18030 but for 7 codes, EUC-JP but for 374 IBM extensions beyond JIS X
 * 0208, Big5 but for 142 of 18,590.
 */

#include "ed_charset.h"
#include "ed_charset_label.h"


static int ed_charset_listed(const char *labels, ed_str_t label);
static ed_str_t ed_charset_value(ed_str_t s);


static const ed_charset_patch_t  ed_charset_koi8_u[] = {
    { 0xae, 0x045e },
    { 0xbe, 0x040e },
    { 0, 0 }
};


static const ed_charset_patch_t  ed_charset_macintosh[] = {
    { 0xc6, 0x2206 },
    { 0xf0, 0xf8ff },
    { 0, 0 }
};


static const ed_charset_patch_t  ed_charset_mac_cyrillic[] = {
    { 0xff, 0x20ac },
    { 0, 0 }
};


static const ed_charset_patch_t  ed_charset_windows_1255[] = {
    { 0xca, 0x05ba },
    { 0, 0 }
};


static const ed_charset_patch_t  ed_charset_gb18030[] = {
    { 0x80, 0x20ac },
    { 0, 0 }
};


static const ed_charset_patch_t  ed_charset_shift_jis[] = {
    { 0x80, 0x0080 },
    { 0, 0 }
};


static const ed_charset_info_t  ed_charset_undeclared = {
    "", NULL, "", NULL, ED_CHARSET_UNDECLARED, 1
};


static const ed_charset_info_t  ed_charset_list[] = {

    { "UTF-8", NULL,
      "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 "
      "x-unicode20utf8",
      NULL, ED_CHARSET_UTF8, 4 },

    { "windows-1252", "WINDOWS-1252",
      "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 "
      "iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 "
      "us-ascii windows-1252 x-cp1252",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1251", "WINDOWS-1251",
      "cp1251 windows-1251 x-cp1251",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1250", "WINDOWS-1250",
      "cp1250 windows-1250 x-cp1250",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1253", "WINDOWS-1253",
      "cp1253 windows-1253 x-cp1253",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1254", "WINDOWS-1254",
      "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 "
      "iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1255", "WINDOWS-1255",
      "cp1255 windows-1255 x-cp1255",
      ed_charset_windows_1255, ED_CHARSET_SINGLE, 1 },

    { "windows-1256", "WINDOWS-1256",
      "cp1256 windows-1256 x-cp1256",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1257", "WINDOWS-1257",
      "cp1257 windows-1257 x-cp1257",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-1258", "WINDOWS-1258",
      "cp1258 windows-1258 x-cp1258",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "windows-874", "WINDOWS-874",
      "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-2", "ISO-8859-2",
      "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
      "iso_8859-2:1987 l2 latin2",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-3", "ISO-8859-3",
      "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
      "iso_8859-3:1988 l3 latin3",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-4", "ISO-8859-4",
      "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
      "iso_8859-4:1988 l4 latin4",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-5", "ISO-8859-5",
      "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
      "iso_8859-5 iso_8859-5:1988",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-6", "ISO-8859-6",
      "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 "
      "iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 "
      "iso_8859-6 iso_8859-6:1987",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-7", "ISO-8859-7",
      "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
      "iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-8", "ISO-8859-8",
      "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e "
      "iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-8-I", "ISO-8859-8",
      "csiso88598i iso-8859-8-i logical",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-10", "ISO-8859-10",
      "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-13", "ISO-8859-13",
      "iso-8859-13 iso8859-13 iso885913",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-14", "ISO-8859-14",
      "iso-8859-14 iso8859-14 iso885914",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-15", "ISO-8859-15",
      "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "ISO-8859-16", "ISO-8859-16",
      "iso-8859-16",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "IBM866", "IBM866",
      "866 cp866 csibm866 ibm866",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "KOI8-R", "KOI8-R",
      "cskoi8r koi koi8 koi8-r koi8_r",
      NULL, ED_CHARSET_SINGLE, 1 },

    { "KOI8-U", "KOI8-U",
      "koi8-u koi8-ru",
      ed_charset_koi8_u, ED_CHARSET_SINGLE, 1 },

    { "macintosh", "MACINTOSH",
      "csmacintosh mac macintosh x-mac-roman",
      ed_charset_macintosh, ED_CHARSET_SINGLE, 1 },

    { "x-mac-cyrillic", "MAC-CYRILLIC",
      "x-mac-cyrillic x-mac-ukrainian",
      ed_charset_mac_cyrillic, ED_CHARSET_SINGLE, 1 },

    { "GBK", "GB18030",
      "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk "
      "iso-ir-58 x-gbk",
      ed_charset_gb18030, ED_CHARSET_MULTI, 2 },

    { "gb18030", "GB18030",
      "gb18030",
      ed_charset_gb18030, ED_CHARSET_MULTI, 4 },

    { "Big5", "BIG5-HKSCS",
      "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
      NULL, ED_CHARSET_MULTI, 2 },

    { "EUC-JP", "EUC-JP-MS",
      "cseucpkdfmtjapanese euc-jp x-euc-jp",
      NULL, ED_CHARSET_MULTI, 2 },

    { "Shift_JIS", "WINDOWS-31J",
      "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
      ed_charset_shift_jis, ED_CHARSET_MULTI, 2 },

    { "EUC-KR", "CP949",
      "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 "
      "ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
      NULL, ED_CHARSET_MULTI, 2 }
};


const ed_charset_info_t *
ed_charset_info(ed_str_t label)
{
    size_t  i, n;

    while (label.len != 0 && ed_is_space(label.data[0])) {
        label.data++;
        label.len--;
    }

    while (label.len != 0 && ed_is_space(label.data[label.len - 1])) {
        label.len--;
    }

    if (label.len == 0) {
        return &ed_charset_undeclared;
    }

    n = sizeof(ed_charset_list) / sizeof(ed_charset_list[0]);

    for (i = 0; i < n; i++) {
        if (ed_charset_listed(ed_charset_list[i].labels, label)) {
            return &ed_charset_list[i];
        }
    }

    return NULL;
}


ed_str_t
ed_charset_bom(ed_str_t page)
{
    if (page.len >= 3 && memcmp(page.data, "\xef\xbb\xbf", 3) == 0) {
        return ED_STR("utf-8");
    }

    if (page.len >= 2 && memcmp(page.data, "\xfe\xff", 2) == 0) {
        return ED_STR("utf-16be");
    }

    if (page.len >= 2 && memcmp(page.data, "\xff\xfe", 2) == 0) {
        return ED_STR("utf-16le");
    }

    return ED_STR_EMPTY;
}


ed_str_t
ed_charset_parameter(ed_str_t s)
{
    ed_str_t  word;

    while (s.len >= 7) {
        word = ed_str(s.data, 7);

        if (!ed_str_caseeq(word, ED_STR("charset"))) {
            s.data++;
            s.len--;
            continue;
        }

        s.data += 7;
        s.len -= 7;

        while (s.len != 0 && ed_is_space(s.data[0])) {
            s.data++;
            s.len--;
        }

        if (s.len != 0 && s.data[0] == '=') {
            return ed_charset_value(ed_str(s.data + 1, s.len - 1));
        }
    }

    return ED_STR_EMPTY;
}


/* Is the label one of the words of the list? */

static int
ed_charset_listed(const char *labels, ed_str_t label)
{
    size_t       len;
    const char  *p;

    for (p = labels; *p != '\0'; p += len + (p[len] == ' ')) {
        len = strcspn(p, " ");

        if (ed_str_caseeq(ed_str(p, len), label)) {
            return 1;
        }
    }

    return 0;
}


/*
 * What follows "charset=": in quotes, which must close, or up to white space
 * or a semicolon.
 */

static ed_str_t
ed_charset_value(ed_str_t s)
{
    size_t          i;
    const uint8_t  *quote;

    while (s.len != 0 && ed_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }

    if (s.len == 0) {
        return ED_STR_EMPTY;
    }

    if (s.data[0] == '"' || s.data[0] == '\'') {
        quote = memchr(s.data + 1, s.data[0], s.len - 1);

        return quote != NULL ? ed_str(s.data + 1, quote - s.data - 1)
                             : ED_STR_EMPTY;
    }

    for (i = 0; i < s.len; i++) {
        if (ed_is_space(s.data[i]) || s.data[i] == ';') {
            break;
        }
    }

    return ed_str(s.data, i);
}
