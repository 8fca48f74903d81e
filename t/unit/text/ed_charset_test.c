
/*
 * Labels, decoding and encoding, by the Encoding standard.
 */

#include <unistd.h>

#include "ed_charset.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


typedef struct {
    const char  *label;
    const char  *name;             /* NULL: not worked on */
} test_label_t;


typedef struct {
    const char  *label;
    const char  *bytes;
    const char  *utf8;
} test_text_t;


static void test_labels(void);
static void test_sources(void);
static void test_utf8(void);
static void test_utf8_writing(void);
static void test_decoding(void);
static void test_encoding(void);
static void test_latin1(void);
static void test_wrong_bytes(void);
static void test_every_byte(void);
static void test_limits(void);
static void test_refusals(void);
static ed_charset_t *test_open(const char *label);
static void test_decode(ed_charset_t *cs, ed_str_t bytes, ed_buf_t *out);


static const test_label_t  test_label_list[] = {
    { "utf-8", "UTF-8" },
    { " UTF8\n", "UTF-8" },
    { "unicode-1-1-utf-8", "UTF-8" },
    { "ISO-8859-1", "windows-1252" },
    { "us-ascii", "windows-1252" },
    { "latin1", "windows-1252" },
    { "Windows-1251", "windows-1251" },
    { "x-cp1251", "windows-1251" },
    { "iso-8859-9", "windows-1254" },
    { "tis-620", "windows-874" },
    { "iso-8859-8-i", "ISO-8859-8-I" },
    { "iso-8859-8", "ISO-8859-8" },
    { "koi8-ru", "KOI8-U" },
    { "x-mac-ukrainian", "x-mac-cyrillic" },
    { "mac", "macintosh" },
    { "866", "IBM866" },
    { "gb2312", "GBK" },
    { "GB18030", "gb18030" },
    { "x-x-big5", "Big5" },
    { "x-sjis", "Shift_JIS" },
    { "ms932", "Shift_JIS" },
    { "x-euc-jp", "EUC-JP" },
    { "ks_c_5601-1987", "EUC-KR" },
    { "windows-949", "EUC-KR" },
    { "", "" },
    { " \t", "" },
    { "utf-16", NULL },
    { "utf-16le", NULL },
    { "UTF-16BE", NULL },
    { "utf-7", NULL },
    { "iso-2022-jp", NULL },
    { "csiso2022kr", NULL },
    { "hz-gb-2312", NULL },
    { "replacement", NULL },
    { "x-user-defined", NULL },
    { "cp12", NULL },
    { "cp1251 x-cp1251", NULL },
    { "latin1;", NULL },
    { "klingon", NULL }
};


static const test_text_t  test_texts[] = {
    { "utf-8", "\xd0\x96\xc3\xa9\xe2\x82\xac", "Жé€" },
    { "windows-1251", "\xcf\xf0\xe0\xe2\xe4\xe0 \x97 \xb9 1", "Правда — № 1" },
    { "windows-1252", "\x93" "caf\xe9\x94 \x80 5\x85", "“café” € 5…" },
    { "iso-8859-2", "\xb6r\xf3" "d\xb3o", "śródło" },
    { "windows-1250", "\x9cr\xf3" "d\xb3o", "śródło" },
    { "iso-8859-7", "\xc5\xeb\xeb\xdc\xe4\xe1", "Ελλάδα" },
    { "windows-1253", "\xc5\xeb\xeb\xdc\xe4\xe1", "Ελλάδα" },
    { "iso-8859-9", "\xddstanbul", "İstanbul" },
    { "windows-1255", "\xf9\xec\xe5\xed", "שלום" },
    { "windows-1256", "\xd3\xe1\xc7\xe3", "سلام" },
    { "windows-874", "\xe4\xb7\xc2", "ไทย" },
    { "koi8-r", "\xf0\xd2\xc1\xd7\xc4\xc1", "Правда" },
    { "koi8-u", "\xeb\xc9\xa7\xd7 \xae", "Київ ў" },
    { "ibm866", "\x8f\xe0\xa0\xa2\xa4\xa0", "Правда" },
    { "macintosh", "caf\x8e \xdb", "café €" },
    { "x-mac-cyrillic", "\x8f\xff", "П€" },
    { "shift_jis", "\x93\xfa\x96{\x8c\xea \x83\\ \xb1", "日本語 ソ ｱ" },
    { "euc-jp", "\xc6\xfc\xcb\xdc\xb8\xec \x8e\xb1", "日本語 ｱ" },
    { "gb18030", "\xd6\xd0\xce\xc4 \x94\x39\xfc\x36", "中文 😀" },
    { "gbk", "\xd6\xd0\xce\xc4 \xa8\xa6", "中文 é" },
    { "big5", "\xa4\xa4\xa4\xe5", "中文" },
    { "euc-kr", "\xc7\xd1\xb1\xdb \x8c\x63", "한글 똠" }
};


int
main(void)
{
    test_labels();
    test_sources();
    test_utf8();
    test_utf8_writing();
    test_decoding();
    test_encoding();
    test_latin1();
    test_wrong_bytes();
    test_every_byte();
    test_limits();
    test_refusals();

    return ed_test_done();
}


static void
test_labels(void)
{
    size_t               i;
    ed_rc_t              rc;
    ed_charset_t        *cs;
    const test_label_t  *t;

    for (i = 0; i < count(test_label_list); i++) {
        t = &test_label_list[i];
        rc = ed_charset_open(ed_str(t->label, strlen(t->label)), &cs);

        if (t->name == NULL) {
            ok(rc == ED_OK && cs == NULL, "\"%s\" is unknown", t->label);

        } else {
            ok(rc == ED_OK && cs != NULL
               && strcmp(ed_charset_name(cs), t->name) == 0,
               "\"%s\" is \"%s\"", t->label, t->name);
        }

        ed_charset_close(cs);
    }
}


static void
test_sources(void)
{
    size_t             i;
    ed_str_t           s;
    static const char *const  headers[][2] = {
        { "text/html; charset=utf-8", "utf-8" },
        { "text/html;CHARSET = \"koi8-r\" ; x", "koi8-r" },
        { "text/html; charset='big5'", "big5" },
        { "text/html; charset=\"big5", "" },
        { "text/html; charset", "" },
        { "text/html; charset=", "" },
        { "charset charset=latin1;a", "latin1" },
        { "text/html", "" },
        { "", "" }
    };

    for (i = 0; i < count(headers); i++) {
        s = ed_charset_parameter(ed_str(headers[i][0],
                                        strlen(headers[i][0])));
        is_str(s, headers[i][1], "charset of %s", headers[i][0]);
    }

    is_str(ed_charset_bom(ED_STR("\xef\xbb\xbf<")), "utf-8", "BOM of UTF-8");
    is_str(ed_charset_bom(ED_STR("\xfe\xff")), "utf-16be", "BOM of UTF-16BE");
    is_str(ed_charset_bom(ED_STR("\xff\xfe" "a")), "utf-16le",
           "BOM of UTF-16LE");
    is_str(ed_charset_bom(ED_STR("\xef\xbb")), "", "half a BOM");
    is_str(ed_charset_bom(ED_STR("")), "", "no BOM");
}


/* Unicode 3.9: how many U+FFFD the ill-formed sequences become. */

static void
test_utf8(void)
{
    size_t             i, j, n, wrong, len;
    uint32_t           code;
    static const struct {
        const char    *bytes;
        size_t         wrong;
        size_t         first;      /* bytes the first character takes */
    } list[] = {
        { "a", 0, 1 },
        { "\xc2\x80", 0, 2 },
        { "\xf4\x8f\xbf\xbf", 0, 4 },
        { "\x80", 1, 1 },
        { "\xc0\xaf", 2, 1 },
        { "\xe0\x80\xaf", 3, 1 },
        { "\xed\xa0\x80", 3, 1 },
        { "\xf0\x80\x80\x80", 4, 1 },
        { "\xf4\x90\x80\x80", 4, 1 },
        { "\xf5\x80", 2, 1 },
        { "\xff", 1, 1 },
        { "\xc3", 1, 1 },
        { "\xe2\x82", 1, 2 },
        { "\xf0\x9f\x98", 1, 3 },
        { "\xe2\x82" "a", 1, 2 },
        { "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A", 4, 2 }
    };

    for (i = 0; i < count(list); i++) {
        len = strlen(list[i].bytes);
        wrong = 0;

        for (j = 0; j < len; j += n) {
            n = ed_utf8_get((const uint8_t *) list[i].bytes + j, len - j,
                            &code);
            wrong += (code == 0xfffd);

            if (j == 0 && n != list[i].first) {
                wrong = 99;
            }
        }

        is_num(wrong, list[i].wrong, "ill-formed sequences, case %zu", i);
    }
}


static void
test_utf8_writing(void)
{
    size_t    n, same, total;
    uint8_t   p[4];
    uint32_t  code, back;

    same = 0;
    total = 0;

    for (code = 0; code <= 0x10ffff; code += 1 + code / 1000) {
        if (code >= 0xd800 && code <= 0xdfff) {
            continue;
        }

        n = ed_utf8_write(p, code);
        total++;
        same += (ed_utf8_get(p, n, &back) == n && back == code);
    }

    is_num(same, total, "what is written is read again");

    ed_utf8_get(p, ed_utf8_write(p, 0xd800), &back);
    is_num(back, 0xfffd, "a surrogate is written as U+FFFD");

    ed_utf8_get(p, ed_utf8_write(p, 0x110000), &back);
    is_num(back, 0xfffd, "what is past the end is written as U+FFFD");
}


static void
test_decoding(void)
{
    size_t              i;
    ed_buf_t            out;
    ed_charset_t       *cs;
    const test_text_t  *t;

    ed_buf_init(&out, 10000);

    for (i = 0; i < count(test_texts); i++) {
        t = &test_texts[i];
        cs = test_open(t->label);
        out.len = 0;

        /* twice: what is remembered must be the same */

        test_decode(cs, ed_str(t->bytes, strlen(t->bytes)), &out);
        is_str(ed_str(out.data, out.len), t->utf8, "%s decoded", t->label);

        out.len = 0;
        test_decode(cs, ed_str(t->bytes, strlen(t->bytes)), &out);
        is_str(ed_str(out.data, out.len), t->utf8, "%s again", t->label);

        ed_charset_close(cs);
    }

    ed_buf_free(&out);
}


static void
test_encoding(void)
{
    size_t              i;
    ed_buf_t            out;
    ed_charset_t       *cs;
    const test_text_t  *t;
    static const char  *const  lacking[][3] = {
        { "windows-1251", "é 日 x", "&#233; &#26085; x" },
        { "windows-1252", "Ж\xef\xbf\xbd", "&#1046;&#65533;" },
        { "", "é“x”", "&#233;&#8220;x&#8221;" },
        { "shift_jis", "¥‾é\xc2\xa0", "&#165;&#8254;&#233;&#160;" },
        { "gbk", "😀", "&#128512;" },
        { "euc-kr", "ß😀", "\xa9\xac&#128512;" },
        { "windows-1258", "ế", "&#7871;" },
        { "utf-8", "a\xff" "b\xc3", "a\xef\xbf\xbd" "b\xef\xbf\xbd" }
    };

    ed_buf_init(&out, 10000);

    for (i = 0; i < count(test_texts); i++) {
        t = &test_texts[i];
        cs = test_open(t->label);
        out.len = 0;

        is_num(ed_charset_encode(cs, ed_str(t->utf8, strlen(t->utf8)), &out),
               ED_OK, "%s is written", t->label);
        is_str(ed_str(out.data, out.len), t->bytes, "%s encoded", t->label);

        ed_charset_close(cs);
    }

    for (i = 0; i < count(lacking); i++) {
        cs = test_open(lacking[i][0]);
        out.len = 0;

        ed_charset_encode(cs, ed_str(lacking[i][1], strlen(lacking[i][1])),
                          &out);
        is_str(ed_str(out.data, out.len), lacking[i][2],
               "what %s lacks is a reference", lacking[i][0]);

        ed_charset_close(cs);
    }

    ed_buf_free(&out);
}


/* What only windows-1252 has is read under other labels, never written. */

static void
test_latin1(void)
{
    size_t         i;
    ed_buf_t       out;
    ed_charset_t  *cs;
    static const char *const  list[][2] = {
        { "windows-1252", "\x97 \xe9" },
        { "ISO-8859-1", "&#8212; \xe9" },
        { " latin1 ", "&#8212; \xe9" },
        { "us-ascii", "&#8212; &#233;" }
    };

    ed_buf_init(&out, 64);

    for (i = 0; i < count(list); i++) {
        out.len = 0;
        cs = test_open(list[i][0]);

        ed_charset_encode(cs, ED_STR("\xe2\x80\x94 \xc3\xa9"), &out);
        is_str(ed_str(out.data, out.len), list[i][1], "%s", list[i][0]);

        ed_charset_close(cs);
    }

    ed_buf_free(&out);
}


static void
test_wrong_bytes(void)
{
    size_t             i;
    ed_buf_t           out;
    ed_charset_t      *cs;
    static const char *const  list[][3] = {
        { "shift_jis", "\x93", "\xef\xbf\xbd" },
        { "shift_jis", "\x93<", "\xef\xbf\xbd<" },
        { "shift_jis", "\xa0\xfd", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "gb18030", "\x94\x39\xfc", "\xef\xbf\xbd" "9\xef\xbf\xbd" },
        { "gb18030", "\x80\xff", "€\xef\xbf\xbd" },
        { "euc-jp", "\xc6" "a\x8f", "\xef\xbf\xbd" "a\xef\xbf\xbd" },
        { "big5", "\xa4 x", "\xef\xbf\xbd x" },
        { "euc-kr", "\xc7\xff", "\xef\xbf\xbd" },
        { "windows-1252", "\x81\x8d", "\xc2\x81\xc2\x8d" },
        { "windows-1253", "\xd2", "\xef\xbf\xbd" },
        { "", "caf\xe9 \xc3\xa9", "caf\xef\xbf\xbd \xc3\xa9" }
    };

    ed_buf_init(&out, 10000);

    for (i = 0; i < count(list); i++) {
        cs = test_open(list[i][0]);
        out.len = 0;

        test_decode(cs, ed_str(list[i][1], strlen(list[i][1])), &out);
        is_str(ed_str(out.data, out.len), list[i][2], "wrong bytes of %s",
               list[i][0]);

        ed_charset_close(cs);
    }

    ed_buf_free(&out);
}


/* All pairs of bytes: nothing is printed, and nothing is read twice. */

static void
test_every_byte(void)
{
    int                saved, quiet;
    FILE              *log;
    size_t             i, n, bad;
    unsigned           a, b;
    uint8_t            p[4];
    uint32_t           code;
    ed_charset_t      *cs;
    static const char *const  labels[] = {
        "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr", "windows-1255",
        "windows-1258", "utf-8"
    };

    fflush(stderr);
    log = tmpfile();
    saved = dup(2);
    dup2(fileno(log), 2);

    for (i = 0; i < count(labels); i++) {
        cs = test_open(labels[i]);
        bad = 0;

        for (a = 0; a < 256; a++) {
            for (b = 0; b < 256; b++) {
                p[0] = (uint8_t) a;
                p[1] = (uint8_t) b;
                p[2] = 0x81;
                p[3] = '0';

                n = ed_charset_decode(cs, p, 1 + b % 4, &code);
                bad += (n == 0 || n > 1 + b % 4 || code > 0x10ffff);
                bad += (a < 0x80 && code != a);
            }
        }

        is_num(bad, 0, "all pairs of bytes of %s", labels[i]);
        ed_charset_close(cs);
    }

    fflush(stderr);
    quiet = (lseek(2, 0, SEEK_END) == 0);
    dup2(saved, 2);
    close(saved);
    fclose(log);

    ok(quiet, "nothing is printed");
}


static void
test_limits(void)
{
    ed_buf_t       out;
    ed_charset_t  *cs;

    cs = test_open("windows-1251");

    ed_buf_init(&out, 10);
    ed_buf_literal(&out, "12");

    is_num(ed_charset_encode(cs, ED_STR("abcdé"), &out), ED_LIMIT_SIZE,
           "a full buffer");
    is_num(out.len, 2, "is as it was");

    is_num(ed_charset_encode(cs, ED_STR(""), &out), ED_OK, "nothing");

    ed_buf_free(&out);
    ed_charset_close(cs);
    ed_charset_close(NULL);
}


static void
test_refusals(void)
{
    long           n;
    ed_rc_t        rc;
    ed_buf_t       out;
    ed_charset_t  *cs;

    if (!ed_test_wrapped()) {
        ok(1, "allocation failures # SKIP not linked with --wrap");
        return;
    }

    for (n = 0; n < 10; n++) {
        ed_test_fail_after(n);
        rc = ed_charset_open(ED_STR("shift_jis"), &cs);

        if (!ed_test_refused) {
            break;
        }

        ok(rc == ED_NOMEM && cs == NULL, "open, allocation %ld fails", n);
    }

    ok(rc == ED_OK && cs != NULL && n > 1, "open, none fails");

    ed_buf_init(&out, 1000);
    ed_test_fail_after(0);
    is_num(ed_charset_encode(cs, ED_STR("日"), &out), ED_NOMEM,
           "encode without memory");
    ed_test_fail_after(-1);

    ed_buf_free(&out);
    ed_charset_close(cs);
}


static ed_charset_t *
test_open(const char *label)
{
    ed_charset_t  *cs;

    if (ed_charset_open(ed_str(label, strlen(label)), &cs) != ED_OK
        || cs == NULL)
    {
        printf("Bail out! no charset %s\n", label);
        exit(1);
    }

    return cs;
}


static void
test_decode(ed_charset_t *cs, ed_str_t bytes, ed_buf_t *out)
{
    size_t    i;
    uint32_t  code;

    for (i = 0; i < bytes.len; /* void */ ) {
        i += ed_charset_decode(cs, bytes.data + i, bytes.len - i, &code);
        ed_utf8_put(out, code);
    }
}
