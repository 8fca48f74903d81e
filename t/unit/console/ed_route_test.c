
/*
 * Paths of the API against patterns.
 */

#include "ed_test.h"
#include "ed_route.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


int
main(void)
{
    int       match;
    size_t    i;
    ed_str_t  segments[ED_ROUTE_SEGMENTS];

    static const struct {
        const char  *pattern, *path;
        int          match;
        const char  *first, *second;
    } list[] = {
        { "", "", 1, "", "" },
        { "", "x", 0, "", "" },
        { "", "/", 0, "", "" },
        { "api/purge", "api/purge", 1, "", "" },
        { "api/purge", "api/purg", 0, "", "" },
        { "api/purge", "api/purger", 0, "", "" },
        { "api/purge", "api/purge/", 0, "", "" },
        { "api/purge", "api", 0, "", "" },
        { "api/purge", "api/", 0, "", "" },
        { "api/purge", "/api/purge", 0, "", "" },
        { "api/purge", "api//purge", 0, "", "" },
        { "api/purge", "API/purge", 0, "", "" },
        { "api/purge", "", 0, "", "" },
        { "d/{a}", "d/x", 1, "x", "" },
        { "d/{a}", "d/", 0, "", "" },
        { "d/{a}", "d", 0, "", "" },
        { "d/{a}", "d/x/", 0, "x", "" },
        { "d/{a}", "d/x/y", 0, "x", "" },
        { "d/{a}", "d/{a}", 1, "{a}", "" },
        { "d/{a}/{b}", "d/x y/\xc3\xa4", 1, "x y", "\xc3\xa4" },
        { "d/{a}/{b}", "d//y", 0, "", "" },
        { "d/{a}/{b}/r", "d/x/y/r", 1, "x", "y" },
        { "d/{a}/{b}/r", "d/x/y/s", 0, "x", "y" },
        { "d/{a}/{b}/r", "d/x/y", 0, "x", "y" },
        { "d/{a}/r", "d/r/r", 1, "r", "" },
        { "{a}/{b}/{c}", "x/y/z", 0, "x", "y" }
    };

    for (i = 0; i < count(list); i++) {
        match = ed_route_match(ed_str(list[i].pattern,
                                      strlen(list[i].pattern)),
                               ed_str(list[i].path, strlen(list[i].path)),
                               segments);

        is_num(match, list[i].match, "\"%s\" by \"%s\"", list[i].path,
               list[i].pattern);

        if (match) {
            is_str(segments[0], list[i].first, "... first segment");
            is_str(segments[1], list[i].second, "... second segment");
        }
    }

    return ed_test_done();
}
