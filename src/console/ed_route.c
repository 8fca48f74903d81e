
/*
 * Pattern and path are walked a segment at a time.
 */

#include "ed_route.h"


static ed_str_t ed_route_segment(ed_str_t *left);


int
ed_route_match(ed_str_t pattern, ed_str_t path,
    ed_str_t segments[ED_ROUTE_SEGMENTS])
{
    size_t    i, n;
    ed_str_t  want, got;

    for (i = 0; i < ED_ROUTE_SEGMENTS; i++) {
        segments[i] = ED_STR_EMPTY;
    }

    n = 0;

    while (pattern.data != NULL && path.data != NULL) {
        want = ed_route_segment(&pattern);
        got = ed_route_segment(&path);

        if (want.len == 0 || want.data[0] != '{') {

            if (!ed_str_eq(want, got)) {
                return 0;
            }

            continue;
        }

        if (got.len == 0 || n == ED_ROUTE_SEGMENTS) {
            return 0;
        }

        segments[n++] = got;
    }

    return pattern.data == NULL && path.data == NULL;
}


/* Takes a segment off; what is left has no data behind the last one. */

static ed_str_t
ed_route_segment(ed_str_t *left)
{
    size_t    len;
    ed_str_t  segment;

    for (len = 0; len < left->len && left->data[len] != '/'; len++) {
        /* void */
    }

    segment = ed_str(left->data, len);

    *left = len < left->len ? ed_str(left->data + len + 1, left->len - len - 1)
                            : ED_STR_EMPTY;

    return segment;
}
