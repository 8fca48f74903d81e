
/*
 * Sentences of news prose.  In the cases | marks where one ends.
 */

#include <time.h>

#include "ed_test.h"
#include "ed_text.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define TEST_LARGE  (1024 * 1024)


static void test_prose(void);
static void test_cover(void);
static void test_large(void);
static void test_refusals(void);
static void test_split(const char *marked, unsigned form);


static const char *const  test_prose_list[] = {

    /* English */

    "",
    "One",
    "One.",
    "One.| Two.",
    "No full stop at the end| ",
    "The talks failed.| Nobody was surprised.| \"We tried,\" she said.",
    "Was it late?| It was!| Very late?!| Indeed.",
    "\"Are you sure?\" he asked.| \"Yes.\"| She was not.",
    "\"It is over,\" he said. \"we lost\" was all he added.",
    "He stopped... then went on.| He stopped...| Then he left.",
    "He stopped… then went on.| He stopped…| Then he left.",
    "Mr. Brown met Dr. Lee and Gen. Ortiz on St. James's Street.| It rained.",
    "Sen. Mary K. Doe, Rep. J. R. Roe and Gov. Poe agreed.",
    "Inflation rose 3.5 percent in 2016.| Wages did not.",
    "The U.S. economy grew.| The U.K. did not follow.",
    "He flew back to the U.S.| That was in May.",
    "They met at 5 p.m. on Friday.| It ended at 7 p.m.| The mood was good.",
    "Acme Corp. shares fell.| So did those of Beta Inc.| They had risen.",
    "John Smith Jr. won.| It was close.",
    "See No. 5 of Vol. 3, pp. 7.| He said no.| Then yes.",
    "On Jan. 5 it snowed.| It melted by Feb. 7.",
    "Some animals, e.g. cats, i.e. pets, stayed.",
    "Read it at example.com.| It is free.",
    "He has a Ph.D. in law.| She does not.",
    "That is John's.| Nobody else's.| We can't.| They won't.",
    "It ended (badly.)| Next came another.",
    "It ended [sic].| “Next,” he said.",
    "He was 42.| She was 39.",
    "Version 2.0 is out. iPhones sell.",
    "Why?| Because.| “Really?”| Yes.",

    /* German, French, Spanish, Portuguese, Italian, Dutch, Polish */

    "Am 3. Oktober wird gefeiert.| Das ist z. B. in Berlin so, d. h. laut.",
    "Herr Dr. Weiß, Prof. Klein u. a. kamen.| „Gut so.“| Danach war Schluss.",
    "M. Dupont et Mme. Durand sont là.| « C'est fini ! »| Il partit.",
    "El Sr. García habló.| ¿Qué dijo?| ¡Nada!| La Sra. López calló.",
    "O Sr. Silva e a Dra. Costa falaram.| Ninguém ouviu.",
    "Il sig. Rossi e il dott. Bianchi parlano.| È tardi.",
    "Dhr. De Vries en mevr. Jansen kwamen.| Het was laat.",
    "Mieszka przy ul. Długiej, np. Jan.| To prof. Nowak.| Wyszedł.",

    /* Russian, Ukrainian, Greek, Turkish, Swedish */

    "Он жил на ул. Ленина в г. Москве.| «Нет!» — сказал он.| Всё.",
    "А. С. Пушкин родился в Москве.| Это известно, т. е. Всем.",
    "Він живе на вул. Шевченка.| «Так», — сказав він.",
    "Ο κ. Παπαδόπουλος μίλησε.| Κανείς δεν άκουσε.",
    "Prof. Dr. Yılmaz geldi.| İstanbul'a döndü.",
    "Det kostar t.ex. Fem kronor.| Ån är djup.",

    /* scripts without case, and without spaces */

    "قال د. محمد ذلك.| هل هذا صحيح؟| نعم.",
    "یہ درست ہے۔| کیا واقعی؟| ہاں۔",
    "הוא אמר כן.| היא שתקה.",
    "यह सही है।| क्या सच में?| हाँ।",
    "今日は晴れ。|明日は雨？|はい！|終わり。",
    "「はい。」と言った。|「いいえ。」|「そう。」",
    "他说：“好。”|然后走了。|真的？|是的！",
    "비가 왔다.| 눈도 왔다!| 끝."
};


static ed_arena_t  *arena;


int
main(void)
{
    size_t  i;

    arena = ed_arena_create(256 * TEST_LARGE);

    for (i = 0; i < count(test_prose_list); i++) {
        test_split(test_prose_list[i], ED_TEXT_SHOWN);
        test_split(test_prose_list[i], ED_TEXT_FOLDED);
    }

    test_prose();
    test_cover();
    test_large();
    test_refusals();

    ed_arena_destroy(arena);

    return ed_test_done();
}


/* Every abbreviation is found: the table is in order. */

static void
test_prose(void)
{
    size_t              i;
    char                text[64];
    static const char  *const  list[] = {
        "Adm", "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Rep", "Rev", "Sgt",
        "sig", "Lt", "Col", "Capt", "Hon", "bzw", "vgl", "Sra", "Mme", "Mlle",
        "ul", "np", "dr", "prof", "ул", "им", "просп", "вул", "акад", "Доц", "κ",
        "Öğr", "Doç", "Tuğg", "św", "płk", "Dña", "Inc", "Ltd", "Calif",
        "Wash", "vs", "cf", "ca", "dvs"
    };

    for (i = 0; i < count(list); i++) {
        if (strcmp(list[i], "Доц") == 0) {
            snprintf(text, sizeof(text), "X %s.| Zeta.", list[i]);

        } else {
            snprintf(text, sizeof(text), "X %s. Zeta.", list[i]);
        }

        test_split(text, ED_TEXT_SHOWN);
    }
}


/* Whatever the text, sentences cover it but for the spaces between. */

static void
test_cover(void)
{
    int                 good;
    size_t              i, j, n, len, at;
    char                source[96];
    unsigned            seed;
    ed_text_t           text;
    const char         *piece;
    ed_arena_t         *own;
    ed_sentence_t      *list;
    static const char  *const  pieces[] = {
        "a", "B", " ", ".", "!", "?", "…", "。", "\"", "'", "”", "Mr", "3",
        "é", "日", "(", ")", "؟", "ж", "\xc2", "U.S", "-"
    };

    seed = 7;
    good = 1;

    for (i = 0; i < 20000 && good; i++) {
        len = 0;

        for (j = 0; j < 1 + i % 20; j++) {
            seed = seed * 1103515245 + 12345;
            piece = pieces[(seed >> 16) % count(pieces)];
            memcpy(source + len, piece, strlen(piece));
            len += strlen(piece);
        }

        own = ed_arena_create(1 << 16);
        ed_text_from_utf8(own, ed_str(source, len), i & ED_TEXT_FOLDED, &text);
        ed_text_sentences(own, &text, &list, &n);

        at = 0;

        for (j = 0; j < n && good; j++) {
            while (at < list[j].start && text.data[at] == ' ') {
                at++;
            }

            good = (at == list[j].start && list[j].end > list[j].start
                    && list[j].end <= text.len);
            at = list[j].end;
        }

        good = good && at == text.len && (n != 0 || text.len == 0);

        if (!good) {
            printf("# |%.*s|\n", (int) len, source);
        }

        ed_arena_destroy(own);
    }

    ok(good, "20,000 random texts are covered");
}


static void
test_large(void)
{
    char               *source;
    size_t              i, j, n, len;
    clock_t             begin;
    ed_text_t           text;
    ed_arena_t         *own;
    ed_sentence_t      *list;
    static const char  *const  cases[] = {
        ".", "!", "a.", "ab. ", "Mr. ", "a b", ". \"", "。", "x.y", "...... ",
        "5. ", "A. ", "'", "\"", "ж. "
    };

    source = malloc(TEST_LARGE);

    for (i = 0; i < count(cases); i++) {
        len = strlen(cases[i]);

        for (j = 0; j < TEST_LARGE; j++) {
            source[j] = cases[i][j % len];
        }

        own = ed_arena_create(64 * TEST_LARGE);
        ed_text_from_utf8(own, ed_str(source, TEST_LARGE), ED_TEXT_SHOWN,
                          &text);

        begin = clock();
        ed_text_sentences(own, &text, &list, &n);
        ok(clock() - begin < 2 * CLOCKS_PER_SEC, "1 MB of \"%s\"", cases[i]);

        ed_arena_destroy(own);
    }

    free(source);
}


static void
test_refusals(void)
{
    long            i;
    size_t          n;
    ed_rc_t         rc;
    ed_text_t       text;
    ed_sentence_t  *list;

    if (!ed_test_wrapped()) {
        ok(1, "allocation failures # SKIP not linked with --wrap");
        return;
    }

    ed_text_from_utf8(arena, ED_STR("A b. C d. E f. G h."), ED_TEXT_SHOWN,
                      &text);
    rc = ED_NOMEM;

    for (i = 0; i < 10; i++) {
        ed_test_fail_after(i);
        rc = ed_text_sentences(arena, &text, &list, &n);

        if (!ed_test_refused) {
            break;
        }

        is_num(rc, ED_NOMEM, "allocation %ld fails", i);
    }

    ed_test_fail_after(-1);
    is_num(rc, ED_OK, "none fails");
}


static void
test_split(const char *marked, unsigned form)
{
    char            plain[512], got[512];
    size_t          i, n, len, at;
    ed_str_t        expected;
    ed_text_t       text, want;
    ed_sentence_t  *list;

    len = 0;

    for (i = 0; marked[i] != '\0'; i++) {
        if (marked[i] != '|') {
            plain[len++] = marked[i];
        }
    }

    ed_text_from_utf8(arena, ed_str(plain, len), form, &text);
    ed_text_from_utf8(arena, ed_str(marked, strlen(marked)), form, &want);
    ed_text_sentences(arena, &text, &list, &n);

    len = 0;
    at = 0;

    for (i = 0; i < n; i++) {
        memcpy(got + len, text.data + at, list[i].end - at);
        len += list[i].end - at;
        at = list[i].end;

        if (i + 1 < n) {
            got[len++] = '|';
        }
    }

    got[len] = '\0';

    while (want.len != 0 && strchr("| ", want.data[want.len - 1]) != NULL) {
        want.len--;
    }

    expected = ed_arena_dup(arena, ed_str(want.data, want.len));
    is_str(ed_str(got, len), (const char *) expected.data, "%s: %s",
           form == ED_TEXT_FOLDED ? "folded" : "shown", marked);
}
