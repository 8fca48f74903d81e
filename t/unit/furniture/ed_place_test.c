
#include "ed_place.h"
#include "ed_test.h"


/*
 * Gaps as a string: '.' free, '|' not fit.  The result: '#' chosen, 'e'
 * early, 'n' near, '.' not looked at.
 */

static void place(const char *name, const char *gaps, unsigned after,
    unsigned every, unsigned max, const ed_taken_t *taken, size_t ntaken,
    const char *expected);


int
main(void)
{
    static const ed_taken_t  aside[] = { { 6, 6 } };
    static const ed_taken_t  highlight[] = { { 6, 7 } };
    static const ed_taken_t  two[] = { { 2, 2 }, { 10, 10 } };
    static const ed_taken_t  long_first[] = { { 0, 9 }, { 3, 3 } };

    place("after, every and max", "...................", 4, 6, 3, NULL, 0,
          "eee#nnnnn#nnnnn#...");
    place("max ends it", "............", 1, 2, 1, NULL, 0, "#...........");
    place("nothing to place", "....", 1, 1, 0, NULL, 0, "....");
    place("no gaps", "", 1, 1, 3, NULL, 0, "");
    place("fewer paragraphs than after", "...", 4, 6, 3, NULL, 0, "eee");
    place("an unfit gap is passed over", "...||...", 4, 6, 1, NULL, 0,
          "eee||#..");
    place("every=1: next to each other", "....", 1, 1, 9, NULL, 0, "####");
    place("other furniture on both sides", "............", 1, 3, 1, aside, 1,
          "#...........");
    place("behind other furniture", "............", 4, 3, 1, aside, 1,
          "eeennnnn#...");
    place("a highlight touches two gaps", "............", 4, 3, 1, highlight,
          1, "eeennnnnn#..");
    place("between two pieces", "............", 1, 4, 3, two, 2,
          "nnnnn#nnnnnn");
    place("a later piece may begin in an earlier one", "............", 1, 2,
          1, long_first, 2, "nnnnnnnnnn#.");

    return ed_test_done();
}


static void
place(const char *name, const char *gaps, unsigned after, unsigned every,
    unsigned max, const ed_taken_t *taken, size_t ntaken,
    const char *expected)
{
    char             got[64];
    size_t           i, n;
    ed_gap_e         list[64];
    unsigned         chosen, marks;
    ed_place_rule_t  rule;
    static const char  marks_of[ED_GAP_REASONS] = {
        '.', '?', '|', '?', '?', '?', 'e', 'n', '#'
    };

    n = strlen(gaps);
    rule.after = after;
    rule.every = every;
    rule.max = max;

    for (i = 0; i < n; i++) {
        list[i] = gaps[i] == '.' ? ED_GAP_FREE : ED_GAP_BESIDE;
    }

    chosen = ed_place(list, (uint32_t) n, &rule, taken, ntaken);
    marks = 0;

    for (i = 0; i < n; i++) {
        got[i] = marks_of[list[i]];
        marks += (got[i] == '#');
    }

    is_str(ed_str(got, n), expected, "%s", name);
    is_num(chosen, marks, "%s: the number is right", name);
}
