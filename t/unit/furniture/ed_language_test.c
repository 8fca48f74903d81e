
/*
 * Languages and features: found by name, whole, and in the form that text is
 * compared in.
 */

#include "ed_feature.h"
#include "ed_language.h"
#include "ed_test.h"
#include "ed_text.h"
#include "ed_unicode.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


static void test_features(void);
static void test_find(void);
static void test_lists(void);
static int test_folded(const ed_str_t *list);


int
main(void)
{
    test_features();
    test_find();
    test_lists();

    return ed_test_done();
}


static void
test_features(void)
{
    is_str(ed_feature_name(ED_READ_MORE), "read_more", "read_more");
    is_str(ed_feature_name(ED_PULL_QUOTE), "pull_quote", "pull_quote");
    is_str(ed_feature_name(ED_DISCLAIMER), "disclaimer", "disclaimer");
    is_str(ed_feature_name(ED_FEATURES), "", "no feature");

    is_num(ed_feature_find(ED_STR("pull_quote")), ED_PULL_QUOTE, "found");
    is_num(ed_feature_find(ED_STR("Pull_quote")), ED_FEATURES, "not found");
    is_num(ed_feature_find(ED_STR("")), ED_FEATURES, "nor nothing");
}


static void
test_find(void)
{
    size_t                i;
    const ed_language_t  *language;
    static const char    *const  list[][2] = {
        { "en", "en" }, { "EN-gb", "en" }, { "", "en" }, { "xx", "en" },
        { "pt-BR", "pt" }, { "zh_Hans", "zh" }, { "zh-Hant-TW", "zh" },
        { "AR", "ar" }, { "ara", "en" }, { "-ar", "en" }, { "a", "en" },
        { "he-IL", "he" }, { "fa", "fa" }, { "ur", "ur" }, { "sv-SE", "sv" },
        { "el", "el" }, { "uk", "uk" }, { "id", "id" }, { "ko-KR", "ko" }
    };

    for (i = 0; i < count(list); i++) {
        language = ed_language_find(ed_str(list[i][0], strlen(list[i][0])));
        is_str(language->tag, list[i][1], "lang=\"%s\"", list[i][0]);
    }

    ok(ed_language_find(ED_STR("ar"))->rtl
       && ed_language_find(ED_STR("he"))->rtl
       && ed_language_find(ED_STR("fa"))->rtl
       && ed_language_find(ED_STR("ur"))->rtl
       && !ed_language_find(ED_STR("hi"))->rtl, "right to left");

    is_str(ed_language_find(ED_STR("en"))->read_more, "Read more", "English");
}


static void
test_lists(void)
{
    size_t                i, n;
    const ed_language_t  *list;

    list = ed_languages(&n);

    ok(n >= 22, "%zu languages", n);
    is_str(list[0].tag, "en", "English comes first");

    for (i = 0; i < n; i++) {
        ok(list[i].read_more.len != 0 && list[i].pull_quote.len != 0
           && test_folded(list[i].written) && test_folded(list[i].opinion),
           "%.*s", (int) list[i].tag.len, list[i].tag.data);
    }
}


/* Each is as ed_text_make() would give it, folded and in lower case. */

static int
test_folded(const ed_str_t *list)
{
    int          good;
    size_t       i;
    uint32_t     code;
    ed_text_t    text;
    ed_arena_t  *arena;

    good = (list->len != 0);

    for ( /* void */ ; list->len != 0; list++) {
        arena = ed_arena_create(1 << 16);
        ed_text_from_utf8(arena, *list, ED_TEXT_FOLDED, &text);

        if (!ed_str_eq(ed_str(text.data, text.len), *list)) {
            printf("# not folded: %.*s\n", (int) list->len, list->data);
            good = 0;
        }

        for (i = 0; i < list->len; /* void */ ) {
            i += ed_utf8_get(list->data + i, list->len - i, &code);

            if (ed_fold_case(code) != code && code != 0x03c2) {
                printf("# capital: %.*s\n", (int) list->len, list->data);
                good = 0;
            }
        }

        ed_arena_destroy(arena);
    }

    return good;
}
