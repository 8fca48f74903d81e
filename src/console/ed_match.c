
/* A list is looked through tag by tag; what is empty between commas is none. */

#include "ed_match.h"


static int ed_match_next(ed_str_t *list, ed_str_t *tag, int *weak);
static int ed_match_is_between(uint8_t c);


int
ed_match(ed_str_t list, ed_str_t tag, int weak)
{
    int       is_weak;
    ed_str_t  next;

    while (ed_match_next(&list, &next, &is_weak)) {

        if (ed_str_eq(next, ED_STR("*"))
            || (ed_str_eq(next, tag) && (weak || !is_weak)))
        {
            return 1;
        }
    }

    return 0;
}


/* Takes a tag off the list, quotes included, or "*" where that is all. */

static int
ed_match_next(ed_str_t *list, ed_str_t *tag, int *weak)
{
    size_t          i, from;
    const uint8_t  *p;

    p = list->data;

    for (i = 0; i < list->len && ed_match_is_between(p[i]); i++) {
        /* void */
    }

    *weak = (list->len - i > 2 && p[i] == 'W' && p[i + 1] == '/');

    if (*weak) {
        i += 2;
    }

    if (i == list->len || (p[i] != '"' && p[i] != '*')) {
        return 0;
    }

    from = i++;

    if (p[from] == '"') {

        while (i < list->len && p[i] != '"') {
            i++;
        }

        if (i++ >= list->len) {
            return 0;
        }
    }

    *tag = ed_str(p + from, i - from);
    *list = ed_str(p + i, list->len - i);

    return list->len == 0 || ed_match_is_between(*list->data);
}


static int
ed_match_is_between(uint8_t c)
{
    return c == ' ' || c == '\t' || c == ',';
}
