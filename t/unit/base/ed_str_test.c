
/*
 * Words of a list.
 */

#include "ed_test.h"
#include "ed_str.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


int
main(void)
{
    char      got[64];
    size_t    i;
    ed_str_t  list, word;

    static const struct {
        const char  *list;
        const char  *want;
    } lists[] = {
        { "", "" },
        { " ", "" },
        { "a", "a|" },
        { "a b", "a|b|" },
        { "  a   bc ", "a|bc|" },
        { "a\tb c", "a\tb|c|" }
    };

    for (i = 0; i < count(lists); i++) {
        list = ed_str(lists[i].list, strlen(lists[i].list));
        got[0] = '\0';

        while (ed_str_word(&list, &word)) {
            strncat(got, (const char *) word.data, word.len);
            strcat(got, "|");
        }

        is_str(ed_str(got, strlen(got)), lists[i].want, "words of list %zu",
               i);
        is_num(list.len, 0, "... nothing is left");
    }

    list = ED_STR_EMPTY;
    ok(!ed_str_word(&list, &word), "no list has no words");

    return ed_test_done();
}
