
/*
 * Finding phrases: word boundaries, case, and time.
 */

#include <time.h>

#include "ed_test.h"
#include "ed_text.h"
#include "ed_unicode.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define TEST_LARGE  (1024 * 1024)


static void test_words(void);
static void test_case(void);
static void test_random(void);
static void test_large(void);
static void test_unicode(void);
static ed_text_t test_text(const char *s);
static size_t test_naive(ed_str_t text, ed_str_t needle, int fold);
static int test_boundary(ed_str_t text, size_t at);


static ed_arena_t  *arena;


int
main(void)
{
    arena = ed_arena_create(64 * TEST_LARGE);

    test_words();
    test_case();
    test_random();
    test_large();
    test_unicode();

    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
test_words(void)
{
    long                i;
    size_t              at;
    ed_text_t           text;
    static const struct {
        const char     *text;
        const char     *needle;
        long            at;        /* -1: nowhere */
    } list[] = {
        { "the truce held", "truce", 4 },
        { "the truce held", "the", 0 },
        { "the truce held", "held", 10 },
        { "the truce held", "ruce", -1 },
        { "the truce held", "truc", -1 },
        { "bathe the cat", "the", 6 },
        { "the truce held", "Truce", -1 },
        { "the truce held", "", -1 },
        { "a", "ab", -1 },
        { "", "a", -1 },
        { "say \"yes.\"", "yes.", 5 },
        { "say \"yes.\"", "\"yes.\"", 4 },
        { "no.yes", "yes", 3 },
        { "2016", "16", -1 },
        { "cafés", "café", -1 },
        { "un café ici", "café", 3 },
        { "правда", "вда", -1 },
        { "это правда", "правда", 7 },
        { "今日は晴れ", "日は", 3 },
        { "ภาษาไทย", "ไทย", 12 },
        { "سلام عليكم", "عليكم", 9 },
        { "e\xcc\x81t", "e", -1 }
    };

    for (i = 0; i < (long) count(list); i++) {
        text = test_text(list[i].text);
        at = ed_text_find(&text, ed_str(list[i].needle,
                                        strlen(list[i].needle)));

        is_num(at == text.len ? -1 : (long) at, list[i].at, "\"%s\" in \"%s\"",
               list[i].needle, list[i].text);
    }
}


static void
test_case(void)
{
    long                i;
    size_t              at;
    ed_text_t           text;
    static const struct {
        const char     *text;
        const char     *needle;
        long            at;
    } list[] = {
        { "READ MORE: x", "read more", 0 },
        { "see: Read More", "READ more", 5 },
        { "spread more", "read more", -1 },
        { "read more", "read mores", -1 },
        { "À LIRE AUSSI", "à lire aussi", 0 },
        { "ЧИТАЙТЕ ТАКЖЕ: x", "читайте также", 0 },
        { "x ЁЖ", "ёж", 2 },
        { "ΔΙΑΒΑΣΤΕ", "διαβαστε", 0 },
        { "ΕΠΙΣΗΣ", "επισης", 0 },
        { "DEVAMINI OKU", "devamini oku", 0 },
        { "İLGİLİ HABER", "İlgİlİ haber", 0 },
        { "ԿԱՐԴԱԼ", "կարդալ", 0 },
        { "CZYTAJ WIĘCEJ", "czytaj więcej", 0 },
        { "ŹDŹBŁO", "źdźbło", 0 },
        { "اقرأ المزيد", "المزيد", 9 },
        { "関連記事：x", "関連記事", 0 },
        { "a b", "", -1 }
    };

    for (i = 0; i < (long) count(list); i++) {
        text = test_text(list[i].text);
        at = ed_text_casefind(&text, ed_str(list[i].needle,
                                            strlen(list[i].needle)));

        is_num(at == text.len ? -1 : (long) at, list[i].at,
               "\"%s\" in \"%s\", any case", list[i].needle, list[i].text);
    }

    ok(ed_text_caseeq(ED_STR("Opinión"), ED_STR("OPINIÓN")), "caseeq");
    ok(!ed_text_caseeq(ED_STR("opinion"), ED_STR("opinions")), "not shorter");
    ok(!ed_text_caseeq(ED_STR("opiniom"), ED_STR("opinion")), "not another");
    ok(ed_text_caseeq(ED_STR_EMPTY, ED_STR("")), "nothing is nothing");
}


/*
 * Against trying at every place.  Few letters, so that needles are periodic
 * and many matches are refused by their boundaries: the second step, too, is
 * reached.
 */

static void
test_random(void)
{
    int                 good;
    char                source[400], needle[40];
    size_t              i, j, n, len, round;
    unsigned            seed;
    ed_str_t            s;
    ed_text_t           text;
    const char         *piece;
    static const char  *const  pieces[] = { "a", "a", "A", "b", "ж", "Ж", "-" };

    seed = 3;
    good = 1;

    for (round = 0; round < 40000 && good; round++) {
        len = 0;

        for (i = 0; i < 20 + round % 150; i++) {
            seed = seed * 1103515245 + 12345;
            j = (seed >> 16) % count(pieces);
            piece = pieces[round % 3 == 0 && j > 1 && j < 6 ? 0 : j];
            memcpy(source + len, piece, strlen(piece));
            len += strlen(piece);
        }

        n = 1 + (seed >> 8) % 30;
        n = n < len ? n : len;
        i = (seed >> 3) % (len - n + 1);

        while (i > 0 && (source[i] & 0xc0) == 0x80) {
            i--;
        }

        while (i + n < len && (source[i + n] & 0xc0) == 0x80) {
            n++;
        }

        memcpy(needle, source + i, n);
        s = ed_str(needle, n);

        memset(&text, 0, sizeof(ed_text_t));
        text.data = (uint8_t *) source;
        text.len = len;

        good = ed_text_find(&text, s)
               == test_naive(ed_str(source, len), s, 0)
               && ed_text_casefind(&text, s)
               == test_naive(ed_str(source, len), s, 1);

        if (!good) {
            printf("# |%.*s| in |%.*s|\n", (int) n, needle, (int) len, source);
        }
    }

    ok(good, "40,000 random searches");
}


static void
test_large(void)
{
    char               *source, *needle;
    size_t              i, j, n, len, at;
    clock_t             begin;
    ed_text_t           text;
    static const struct {
        const char     *text;
        const char     *needle;
        size_t          n;         /* bytes of the needle, repeated */
        const char     *end;       /* of the needle */
    } list[] = {
        { "a", "a", 10, "" },
        { "a", "a", 500, "" },
        { "a", "a", 60000, "" },
        { "aa ", "aa ", 10, "a" },
        { "aa ", "aa ", 1002, "a" },
        { "aa ", "aa ", 60000, "a" },
        { "aa ", "aa ", 300000, "b" },
        { "ab ", "ab ", 200, "ax" },
        { "жа ", "жа ", 60000, "ж" },
        { "read mor ", "read mor ", 9000, "e" }
    };

    source = malloc(TEST_LARGE);
    needle = malloc(TEST_LARGE);

    for (i = 0; i < count(list); i++) {
        len = strlen(list[i].text);

        for (j = 0; j + len <= TEST_LARGE; j += len) {
            memcpy(source + j, list[i].text, len);
        }

        memset(&text, 0, sizeof(ed_text_t));
        text.data = (uint8_t *) source;
        text.len = j;

        len = strlen(list[i].needle);

        for (n = 0; n + len <= list[i].n; n += len) {
            memcpy(needle + n, list[i].needle, len);
        }

        memcpy(needle + n, list[i].end, strlen(list[i].end));
        n += strlen(list[i].end);

        begin = clock();
        at = ed_text_find(&text, ed_str(needle, n));
        ok(clock() - begin < 2 * CLOCKS_PER_SEC && at == text.len,
           "%zu bytes of \"%s\" in 1 MB", n, list[i].needle);

        begin = clock();
        at = ed_text_casefind(&text, ed_str(needle, n));
        ok(clock() - begin < 3 * CLOCKS_PER_SEC && at == text.len,
           "the same in any case");

        /* and where it does stand at last */

        memcpy(source + j - n - 4, "xxx-", 4);
        memcpy(source + j - n, needle, n);

        is_num(ed_text_find(&text, ed_str(needle, n)), j - n, "at the end");
        is_num(ed_text_casefind(&text, ed_str(needle, n)), j - n,
               "at the end in any case");
    }

    free(source);
    free(needle);
}


static void
test_unicode(void)
{
    size_t    wrong, longer;
    uint8_t   p[4];
    uint32_t  code, folded;

    wrong = 0;
    longer = 0;

    for (code = 0; code < 0x20000; code++) {
        folded = ed_fold_case(code);
        wrong += ed_fold_case(folded) != folded;
        longer += ed_utf8_write(p, folded) != ed_utf8_write(p, code);
        wrong += folded != code && !ed_is_word(code);
        wrong += folded != code && ed_is_small(code);
    }

    is_num(wrong, 0, "what is folded stays, and is a letter");
    is_num(longer, 0, "folding keeps the number of bytes");

    is_num(ed_fold_case(0x0130), 0x0130, "the dotted capital I stays");
    is_num(ed_fold_case(0x1e9e), 0x1e9e, "the capital sharp s stays");
    ok(ed_is_small(0xdf) && ed_is_small(0x43f) && !ed_is_small(0x41f),
       "small letters");
    ok(!ed_is_small(0x05d0) && !ed_is_small(0x4e00), "no case, none small");
    ok(ed_is_white(0xa0) && ed_is_white(0x3000) && !ed_is_white(0x200b),
       "white space");
    ok(ed_is_invisible(0xad) && ed_is_invisible(0xfeff)
       && !ed_is_invisible('a'), "what cannot be seen");
    ok(ed_is_word('a') && ed_is_word('9') && ed_is_word(0x5d0)
       && !ed_is_word('_') && !ed_is_word(0x61f) && !ed_is_word(0x3042),
       "letters of words");
}


static ed_text_t
test_text(const char *s)
{
    ed_text_t  text;

    ed_text_from_utf8(arena, ed_str(s, strlen(s)), ED_TEXT_FOLDED, &text);

    return text;
}


static size_t
test_naive(ed_str_t text, ed_str_t needle, int fold)
{
    size_t    at;
    ed_str_t  s;

    for (at = 0; at + needle.len <= text.len; at++) {
        s = ed_str(text.data + at, needle.len);

        if ((fold ? ed_text_caseeq(s, needle) : ed_str_eq(s, needle))
            && test_boundary(text, at)
            && test_boundary(text, at + needle.len))
        {
            return at;
        }
    }

    return text.len;
}


/* All that is used in test_random() is a letter, but "-". */

static int
test_boundary(ed_str_t text, size_t at)
{
    return at == 0 || at == text.len || text.data[at - 1] == '-'
           || text.data[at] == '-';
}
