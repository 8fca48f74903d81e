
#include "ed_place.h"


/*
 * The nearest furniture on both sides of a gap, as the gaps are gone through
 * in order.
 */
typedef struct {
    const ed_taken_t  *taken;
    size_t             n;
    size_t             next;       /* the first that begins behind the gap */
    uint32_t           left;       /* the last gap touched so far */
    unsigned           any:1;      /* left is set */
} ed_place_scan_t;


static int ed_place_is_near(ed_place_scan_t *scan, uint32_t gap,
    unsigned every);
static void ed_place_touch(ed_place_scan_t *scan, uint32_t gap);


unsigned
ed_place(ed_gap_e *gaps, uint32_t ngaps, const ed_place_rule_t *rule,
    const ed_taken_t *taken, size_t ntaken)
{
    unsigned         chosen;
    uint32_t         gap;
    ed_place_scan_t  scan;

    memset(&scan, 0, sizeof(ed_place_scan_t));

    scan.taken = taken;
    scan.n = ntaken;
    chosen = 0;

    for (gap = 1; gap <= ngaps && chosen < rule->max; gap++) {

        if (gaps[gap - 1] != ED_GAP_FREE) {
            continue;
        }

        if (gap < rule->after) {
            gaps[gap - 1] = ED_GAP_EARLY;
            continue;
        }

        if (ed_place_is_near(&scan, gap, rule->every)) {
            gaps[gap - 1] = ED_GAP_NEAR;
            continue;
        }

        gaps[gap - 1] = ED_GAP_TAKEN;
        ed_place_touch(&scan, gap);
        chosen++;
    }

    return chosen;
}


/* Are there fewer than `every` paragraphs between the gap and a piece? */

static int
ed_place_is_near(ed_place_scan_t *scan, uint32_t gap, unsigned every)
{
    while (scan->next < scan->n && scan->taken[scan->next].first <= gap) {
        ed_place_touch(scan, scan->taken[scan->next].last);
        scan->next++;
    }

    if (scan->any && (scan->left >= gap || gap - scan->left < every)) {
        return 1;
    }

    return scan->next < scan->n
           && scan->taken[scan->next].first - gap < every;
}


static void
ed_place_touch(ed_place_scan_t *scan, uint32_t gap)
{
    if (!scan->any || gap > scan->left) {
        scan->left = gap;
    }

    scan->any = 1;
}
