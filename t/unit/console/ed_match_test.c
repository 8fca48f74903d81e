
/* Which entity-tags a list has. */

#include "ed_test.h"
#include "ed_match.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


int
main(void)
{
    size_t    i;
    ed_str_t  list;

    static const struct {
        const char  *list;
        int          strong, weak;
    } cases[] = {
        { "\"x\"", 1, 1 },
        { "W/\"x\"", 0, 1 },
        { "w/\"x\"", 0, 0 },
        { "*", 1, 1 },
        { " \t\"x\" ", 1, 1 },
        { "\"a\", \"x\"", 1, 1 },
        { "\"a\",\"x\"", 1, 1 },
        { ",, \"a\" ,\t, \"x\",", 1, 1 },
        { "\"a\", W/\"x\"", 0, 1 },
        { "W/\"x\", \"x\"", 1, 1 },
        { "\"a\"", 0, 0 },
        { "\"X\"", 0, 0 },
        { "\"xx\"", 0, 0 },
        { "\"\"", 0, 0 },
        { "\"x,\", \"a\"", 0, 0 },
        { "", 0, 0 },
        { ",", 0, 0 },
        { "x", 0, 0 },
        { "\"x", 0, 0 },
        { "\"", 0, 0 },
        { "W/", 0, 0 },
        { "W/x", 0, 0 },
        { "W/\"", 0, 0 },
        { "x, \"x\"", 0, 0 },
        { "\"a\"\"x\"", 0, 0 },
        { "\"a\"x, \"x\"", 0, 0 },
        { "**", 0, 0 },
        { "*x", 0, 0 }
    };

    for (i = 0; i < count(cases); i++) {
        list = ed_str(cases[i].list, strlen(cases[i].list));

        is_num(ed_match(list, ED_STR("\"x\""), 0), cases[i].strong, "%s",
               cases[i].list);
        is_num(ed_match(list, ED_STR("\"x\""), 1), cases[i].weak, "... weakly");
    }

    is_num(ed_match(ED_STR("*"), ED_STR_EMPTY, 0), 1, "* of what has no tag");
    is_num(ed_match(ED_STR("\"x\""), ED_STR_EMPTY, 0), 0, "... nothing else");

    return ed_test_done();
}
