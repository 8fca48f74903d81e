
/*
 * Making text: white space, references, folding, the map back to the source.
 */

#include <time.h>

#include "ed_entity.h"
#include "ed_test.h"
#include "ed_text.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define TEST_LARGE  (1024 * 1024)


typedef struct {
    const char  *source;
    const char  *shown;
    const char  *folded;
} test_case_t;


static void test_forms(void);
static void test_runs(void);
static void test_map(void);
static void test_map_random(void);
static void test_map_check(ed_str_t source, const ed_run_t *runs, size_t n,
    unsigned form);
static void test_charsets(void);
static void test_attributes(void);
static void test_entities(void);
static void test_large(void);
static void test_refusals(void);
static ed_text_t test_make(const char *source, unsigned form);


static ed_arena_t    *arena;
static ed_charset_t  *utf8;


static const test_case_t  test_cases[] = {
    { "", "", "" },
    { " \t\r\n\f ", "", "" },
    { "a", "a", "a" },
    { " a  b\n\nc ", "a b c", "a b c" },
    { "a b c d", "a b c d", "a b c d" },
    { "a &nbsp; b\xc2\xa0\xe2\x80\x89" "c", "a b c", "a b c" },
    { "A&amp;B &lt;i&gt;", "A&B <i>", "A&B <i>" },
    { "&", "&", "&" },
    { "a & b &", "a & b &", "a & b &" },
    { "&ldquo;x&rdquo; &lsquo;y&#8217;", "“x” ‘y’", "\"x\" 'y'" },
    { "«x» „y“ ‹z›", "«x» „y“ ‹z›", "\"x\" \"y\" 'z'" },
    { "a – b — c −1", "a – b — c −1", "a - b - c -1" },
    { "a -- b --- c", "a -- b --- c", "a - b - c" },
    { "well-known", "well-known", "well-known" },
    { "so… no...", "so… no...", "so... no..." },
    { "co\xc2\xadop\xe2\x80\x8b\xe2\x80\x8e",
      "co\xc2\xadop\xe2\x80\x8b\xe2\x80\x8e", "coop" },
    { "don`t", "don`t", "don't" },
    { "a\xff" "b", "a\xef\xbf\xbd" "b", "a\xef\xbf\xbd" "b" },
    { "&#147;x&#148; &#x2014;", "“x” —", "\"x\" -" },
    { "&copy 2016 &notit; &notin;", "© 2016 ¬it; ∉", "© 2016 ¬it; ∉" },
    { "ctl \x01x", "ctl \x01x", "ctl \x01x" }
};


int
main(void)
{
    arena = ed_arena_create(512 * TEST_LARGE);
    ed_charset_open(ED_STR("utf-8"), &utf8);

    test_forms();
    test_runs();
    test_map();
    test_map_random();
    test_charsets();
    test_attributes();
    test_entities();
    test_large();
    test_refusals();

    ed_charset_close(utf8);
    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
test_forms(void)
{
    size_t              i;
    ed_str_t            s;
    ed_text_t           text;
    const test_case_t  *t;

    for (i = 0; i < count(test_cases); i++) {
        t = &test_cases[i];

        text = test_make(t->source, ED_TEXT_SHOWN);
        is_str(ed_str(text.data, text.len), t->shown, "shown: %s", t->source);

        text = test_make(t->source, ED_TEXT_FOLDED);
        is_str(ed_str(text.data, text.len), t->folded, "folded: %s",
               t->source);
        ok(text.start == NULL && text.end == NULL, "and no map");

        text = test_make(t->source, ED_TEXT_FOLDED | ED_TEXT_MAPPED);
        is_str(ed_str(text.data, text.len), t->folded, "mapped: %s",
               t->source);

        s = ed_str(t->source, strlen(t->source));
        test_map_check(s, NULL, 0, ED_TEXT_SHOWN);
        test_map_check(s, NULL, 0, ED_TEXT_FOLDED);
    }

    ed_text_from_utf8(arena, ED_STR(" A &amp; “b” "), ED_TEXT_FOLDED, &text);
    is_str(ed_str(text.data, text.len), "A &amp; \"b\"",
           "decoded strings have no references");

    is_num(ed_text_chars(ED_STR("aé日😀")), 4, "characters are counted");
    is_num(ed_text_chars(ED_STR_EMPTY), 0, "none are");
}


static void
test_runs(void)
{
    ed_text_t        text;
    const ed_run_t   inline_runs[] = {
        { 0, 4, 0, 0, 0 }, { 7, 11, 0, 0, 0 }, { 15, 21, 0, 0, 0 }
    };
    const ed_run_t   block_runs[] = { { 0, 3, 0, 0, 0 }, { 7, 10, 0, 1, 0 } };
    const ed_run_t   cut_runs[] = { { 0, 4, 0, 0, 0 }, { 5, 9, 0, 0, 0 } };
    const ed_run_t   raw_runs[] = { { 0, 5, 1, 0, 0 } };
    const uint8_t   *source;

    source = (const uint8_t *) "The <b> tru</b>ce now";
    ed_text_make(arena, utf8, source, inline_runs, 3,
                 ED_TEXT_SHOWN | ED_TEXT_MAPPED, &text);
    is_str(ed_str(text.data, text.len), "The truce now",
           "words go on across inline tags");
    ok(text.start[3] == 3 && text.end[3] == 8,
       "a space is all of its white space");
    ok(text.start[7] == 15 && text.end[6] == 11, "the tag is nobody's");

    source = (const uint8_t *) "one<br>two";
    ed_text_make(arena, utf8, source, block_runs, 2,
                 ED_TEXT_SHOWN | ED_TEXT_MAPPED, &text);
    is_str(ed_str(text.data, text.len), "one two", "words end at blocks");
    ok(text.start[3] == 7 && text.end[3] == 7, "that space is nowhere");

    source = (const uint8_t *) "a&am|p;b ";
    ed_text_make(arena, utf8, source, cut_runs, 2, ED_TEXT_SHOWN, &text);
    is_str(ed_str(text.data, text.len), "a&amp;b", "a run cuts a reference");

    source = (const uint8_t *) "&amp;";
    ed_text_make(arena, utf8, source, raw_runs, 1, ED_TEXT_SHOWN, &text);
    is_str(ed_str(text.data, text.len), "&amp;", "CDATA has no references");

    ed_text_make(arena, utf8, source, NULL, 0, ED_TEXT_SHOWN, &text);
    is_num(text.len, 0, "no runs, no text");

    source = (const uint8_t *) "a\0b";
    ed_text_make(arena, utf8, source, block_runs, 1, ED_TEXT_SHOWN, &text);
    is_str(ed_str(text.data, text.len), "ab", "NUL is left out");
}


static void
test_map(void)
{
    ed_text_t  text;

    text = test_make(" x&nbsp; &mdash;é…", ED_TEXT_FOLDED | ED_TEXT_MAPPED);

    is_str(ed_str(text.data, text.len), "x -é...", "the text");
    ok(text.start[0] == 1 && text.end[0] == 2, "x");
    ok(text.start[1] == 2 && text.end[1] == 9, "the spaces");
    ok(text.start[2] == 9 && text.end[2] == 16, "the dash");
    ok(text.start[3] == 16 && text.end[3] == 18, "é, first byte");
    ok(text.start[4] == 16 && text.end[4] == 18, "é, second byte");
    ok(text.start[5] == 18 && text.end[7] == 21, "the dots");

    text = test_make("a--b", ED_TEXT_FOLDED | ED_TEXT_MAPPED);
    ok(text.start[1] == 1 && text.end[1] == 3, "two hyphens are one dash");
}


/* Whatever the source: the map is ordered, and leads back to each byte. */

static void
test_map_random(void)
{
    int                 failed;
    size_t              i, j, n, len;
    char                source[64];
    unsigned            seed;
    ed_run_t            runs[2];
    const char         *piece;
    static const char  *const  pieces[] = {
        "a", "b", " ", "  ", "\n", "&", "&amp;", "&nbsp;", "é", "日", "—", "-",
        "…", "\xe2\x80", "\xff", "\xc2\xad", "&#8", "&lt", "“", "😀"
    };

    seed = 1;
    failed = ed_test_failed;

    for (i = 0; i < 20000; i++) {
        len = 0;
        n = 1 + i % 12;

        for (j = 0; j < n; j++) {
            seed = seed * 1103515245 + 12345;
            piece = pieces[(seed >> 16) % count(pieces)];
            memcpy(source + len, piece, strlen(piece));
            len += strlen(piece);
        }

        memset(runs, 0, sizeof(runs));
        runs[0].end = (uint32_t) ((seed >> 8) % (len + 1));
        runs[1].start = runs[0].end;
        runs[1].end = (uint32_t) len;
        runs[1].space = (seed >> 5) & 1;

        test_map_check(ed_str(source, len), runs, 2, i & ED_TEXT_FOLDED);

        if (ed_test_failed != failed) {
            break;
        }
    }

    ok(ed_test_failed == failed, "20,000 random sources");
}


static void
test_map_check(ed_str_t source, const ed_run_t *runs, size_t n, unsigned form)
{
    int          good;
    size_t       i;
    ed_run_t     run;
    ed_text_t    plain, text, again;
    ed_arena_t  *own;

    memset(&run, 0, sizeof(ed_run_t));
    run.end = (uint32_t) source.len;

    if (runs == NULL) {
        runs = &run;
        n = 1;
    }

    own = ed_arena_create(1 << 20);
    ed_text_make(own, utf8, source.data, runs, n, form, &plain);
    ed_text_make(own, utf8, source.data, runs, n, form | ED_TEXT_MAPPED,
                 &text);

    good = ed_str_eq(ed_str(plain.data, plain.len),
                     ed_str(text.data, text.len));

    for (i = 0; i < text.len && good; i++) {
        good = text.start[i] <= text.end[i] && text.end[i] <= source.len
               && (i == 0 || (text.start[i] >= text.start[i - 1]
                              && text.end[i] >= text.end[i - 1]));

        /* ASCII that is one byte of source is that byte, or a fold of it */

        if (good && text.end[i] - text.start[i] == 1
            && text.data[i] < 0x80 && text.data[i] != '-'
            && text.data[i] != ' ' && text.data[i] != '\'')
        {
            good = text.data[i] == source.data[text.start[i]];
        }
    }

    /* the text of the text is the same */

    ed_text_from_utf8(own, ed_str(text.data, text.len), form, &again);
    good = good && ed_str_eq(ed_str(again.data, again.len),
                             ed_str(text.data, text.len));

    if (!good || text.len == 0) {
        ok(good, "map of |%.*s|", (int) source.len, source.data);
    }

    ed_arena_destroy(own);
}


static void
test_charsets(void)
{
    size_t              i;
    ed_run_t            run;
    ed_text_t           text;
    ed_charset_t       *cs;
    static const char  *const  list[][3] = {
        { "windows-1252", "\x93""a\x94 \x85 \xa0 \x97", "\"a\" ... -" },
        { "windows-1251", "\xab\xc4\xe0\xbb \x97 \xed\xe5\xf2\x85",
          "\"Да\" - нет..." },
        { "shift_jis", "\x93\xfa\x96{\x81@\x81u\x83\\\x81v", "日本 「ソ」" },
        { "gb18030", "\xa1\xb0\xd6\xd0\xa1\xb1\x81", "\"中\"\xef\xbf\xbd" },
        { "", "caf\xc3\xa9 \xe9", "café \xef\xbf\xbd" },
        { "windows-1252", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
          "€€€€€€€€€€€€" }
    };

    for (i = 0; i < count(list); i++) {
        ed_charset_open(ed_str(list[i][0], strlen(list[i][0])), &cs);

        memset(&run, 0, sizeof(ed_run_t));
        run.end = (uint32_t) strlen(list[i][1]);

        ed_text_make(arena, cs, (const uint8_t *) list[i][1], &run, 1,
                     ED_TEXT_FOLDED | ED_TEXT_MAPPED, &text);
        is_str(ed_str(text.data, text.len), list[i][2], "text in %s",
               list[i][0]);
        is_num(text.end[text.len - 1], run.end, "its last byte");

        ed_charset_close(cs);
    }
}


static void
test_attributes(void)
{
    size_t              i;
    ed_str_t            s;
    ed_charset_t       *cs;
    static const char  *const  list[][2] = {
        { "", "" },
        { " a  b ", " a  b " },
        { "/x?a=1&amp;b=2", "/x?a=1&b=2" },
        { "/x?a=1&copy=2", "/x?a=1&copy=2" },
        { "/x?a=1&copy2", "/x?a=1&copy2" },
        { "/x?a=1&copy", "/x?a=1©" },
        { "/x?a=1&copy&", "/x?a=1©&" },
        { "&ampersand &amp", "&ampersand &" },
        { "&notit; &notin;", "&notit; ∉" },
        { "&#x27;&quot;&apos;", "'\"'" },
        { "&acute=1&plusmnx", "&acute=1&plusmnx" },
        { "\xff", "\xef\xbf\xbd" }
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_text_attr(arena, utf8, ed_str(list[i][0],
                                                strlen(list[i][0])), &s),
               ED_OK, "an attribute");
        is_str(s, list[i][1], "attribute |%s|", list[i][0]);
    }

    ed_charset_open(ED_STR("windows-1251"), &cs);
    ed_text_attr(arena, cs, ED_STR("\xcf\xf0\xe0\xe2\xe4\xe0"), &s);
    is_str(s, "Правда", "an attribute in windows-1251");
    ed_charset_close(cs);

    ed_text_attr(arena, utf8, ed_str("a\0b", 3), &s);
    is_str(s, "a\xef\xbf\xbd" "b", "NUL in an attribute");
}


static void
test_entities(void)
{
    size_t    i, n;
    uint32_t  code;
    static const struct {
        const char  *source;
        size_t       len;
        uint32_t     code;
    } list[] = {
        { "&amp;", 5, '&' }, { "&amp", 4, '&' }, { "&AMP;", 5, '&' },
        { "&Amp;", 0, 0 }, { "&lt", 3, '<' }, { "&l", 0, 0 }, { "&", 0, 0 },
        { "&;", 0, 0 }, { "& amp;", 0, 0 }, { "&apos;", 6, '\'' },
        { "&apos", 0, 0 }, { "&hellip;", 8, 0x2026 }, { "&hellip", 0, 0 },
        { "&eacute", 7, 0xe9 }, { "&eacutes", 7, 0xe9 },
        { "&alpha;", 7, 0x3b1 }, { "&thetasym;", 10, 0x3d1 },
        { "&rarr;", 6, 0x2192 }, { "&NewLine;", 9, '\n' },
        { "&Tab;", 5, '\t' }, { "&NonBreakingSpace;", 18, 0xa0 },
        { "&period;", 8, '.' }, { "&comma;", 7, ',' },
        { "&OpenCurlyDoubleQuote;", 22, 0x201c },
        { "&lstrok;", 8, 0x142 }, { "&zhcy;", 6, 0x436 },
        { "&sup1;", 6, 0xb9 }, { "&frac12x", 7, 0xbd },
        { "&nosuchname;", 4, 0 }, { "&unknown;", 0, 0 },
        { "&#65;", 5, 'A' }, { "&#65", 4, 'A' }, { "&#65x", 4, 'A' },
        { "&#x41;", 6, 'A' }, { "&#X4a", 5, 'J' }, { "&#;", 0, 0 },
        { "&#x;", 0, 0 }, { "&#xg", 0, 0 }, { "&#0;", 4, 0xfffd },
        { "&#x110000;", 10, 0xfffd }, { "&#xd800;", 8, 0xfffd },
        { "&#99999999999999999999;", 23, 0xfffd },
        { "&#128;", 6, 0x20ac }, { "&#129;", 6, 0x81 },
        { "&#x9f;", 6, 0x178 }, { "&#x10ffff;", 10, 0x10ffff }
    };

    for (i = 0; i < count(list); i++) {
        code = 0;
        n = ed_entity_read((const uint8_t *) list[i].source,
                           strlen(list[i].source), 0, &code);

        if (strcmp(list[i].source, "&nosuchname;") == 0) {
            is_num(n, 0, "no prefix of %s is a name", list[i].source);
            continue;
        }

        ok(n == list[i].len && (n == 0 || code == list[i].code), "%s",
           list[i].source);
    }
}


/* A megabyte of each takes well under a second: nothing is quadratic. */

static void
test_large(void)
{
    char               *source;
    size_t              i, j, len;
    clock_t             begin;
    ed_run_t            run;
    ed_text_t           text;
    ed_arena_t         *own;
    static const char  *const  list[] = {
        "word and word ", " ", "&", "&a", "&amp", "&abcdefg;", "&#1", "é", "-",
        "\xff", "&alpha;", "a\n\n\n", "…"
    };

    source = malloc(TEST_LARGE);

    for (i = 0; i < count(list); i++) {
        len = strlen(list[i]);

        for (j = 0; j < TEST_LARGE; j++) {
            source[j] = list[i][j % len];
        }

        memset(&run, 0, sizeof(ed_run_t));
        run.end = TEST_LARGE;

        own = ed_arena_create(64 * TEST_LARGE);
        begin = clock();
        ed_text_make(own, utf8, (uint8_t *) source, &run, 1,
                     ED_TEXT_FOLDED | ED_TEXT_MAPPED, &text);

        ok(clock() - begin < 2 * CLOCKS_PER_SEC, "1 MB of \"%s\"", list[i]);
        ed_arena_destroy(own);
    }

    free(source);
}


static void
test_refusals(void)
{
    ed_rc_t      rc;
    size_t       max;
    ed_str_t     s;
    ed_run_t     run;
    uint8_t      wrong[400];
    ed_text_t    text;
    ed_arena_t  *small;

    memset(wrong, 0xff, sizeof(wrong));
    memset(&run, 0, sizeof(ed_run_t));
    run.end = sizeof(wrong);
    rc = ED_NOMEM;

    for (max = 100; max < 40000; max += 100) {
        small = ed_arena_create(max);
        rc = ed_text_make(small, utf8, wrong, &run, 1, ED_TEXT_MAPPED,
                          &text);
        ed_arena_destroy(small);

        if (rc == ED_OK) {
            break;
        }
    }

    ok(rc == ED_OK && max > 5000 && text.len == 3 * sizeof(wrong),
       "a small arena gives ED_NOMEM, a larger one the text");

    small = ed_arena_create(100);
    is_num(ed_text_attr(small, utf8, ed_str(wrong, 200), &s), ED_NOMEM,
           "an attribute without memory");
    ed_arena_destroy(small);
}


static ed_text_t
test_make(const char *source, unsigned form)
{
    ed_run_t   run;
    ed_text_t  text;

    memset(&run, 0, sizeof(ed_run_t));
    run.end = (uint32_t) strlen(source);

    if (ed_text_make(arena, utf8, (const uint8_t *) source, &run, 1, form,
                     &text)
        != ED_OK)
    {
        printf("Bail out! no memory\n");
        exit(1);
    }

    return text;
}
