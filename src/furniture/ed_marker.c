
/*
 * Markers: an empty element where the first piece of any variant of a feature
 * stands, by which a test on the feature counts its readers.  All arms of the
 * test get it, the one without furniture too, at the same place.
 *
 *     … </p> | marker | <aside> of variant 1 | <aside> of variant 2 | <p> …
 *
 * A feature that has no piece on this page has no marker: nothing is there to
 * be tested.
 */

#include "ed_plan.h"


static void ed_marker_put(ed_plan_t *plan, ed_feature_e feature);
static size_t ed_marker_place(const ed_plan_t *plan, ed_feature_e feature);
static ed_rc_t ed_marker_write(ed_plan_t *plan, ed_feature_e feature);


void
ed_marker_plan(ed_plan_t *plan)
{
    unsigned  i;

    if (ed_meta_amp(plan->meta)) {
        return;
    }

    for (i = 0; i < ED_FEATURES && plan->rc == ED_OK; i++) {
        ed_marker_put(plan, (ed_feature_e) i);
    }
}


static void
ed_marker_put(ed_plan_t *plan, ed_feature_e feature)
{
    size_t        i, n;
    ed_insert_t  *insert;

    n = ed_buf_count(&plan->inserts, ed_insert_t);
    i = ed_marker_place(plan, feature);

    if (i == n) {
        return;
    }

    if (ed_buf_extend(&plan->inserts, sizeof(ed_insert_t)) == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    insert = ed_buf_at(&plan->inserts, ed_insert_t, i);
    memmove(insert + 1, insert, (n - i) * sizeof(ed_insert_t));

    /* at, order and seq are those of the piece */

    insert->feature = (uint8_t) feature;
    insert->piece = 0;
    insert->marker = 1;
    insert->variants = 0;
    insert->offset = (uint32_t) plan->markup.len;

    plan->rc = ed_marker_write(plan, feature);

    insert->len = (uint32_t) plan->markup.len - insert->offset;
}


/* The insert that is the feature's first; how many there are: it has none. */

static size_t
ed_marker_place(const ed_plan_t *plan, ed_feature_e feature)
{
    size_t              i, n;
    const ed_insert_t  *insert;

    n = ed_buf_count(&plan->inserts, ed_insert_t);

    for (i = 0; i < n; i++) {
        insert = ed_buf_at(&plan->inserts, const ed_insert_t, i);

        if (insert->feature == feature) {
            break;
        }
    }

    return i;
}


static ed_rc_t
ed_marker_write(ed_plan_t *plan, ed_feature_e feature)
{
    ed_rc_t  rc;

    plan->utf8.len = 0;

    rc = ed_markup_marker(&plan->utf8, feature);

    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_charset_encode(plan->cs, ed_str(plan->utf8.data, plan->utf8.len),
                           &plan->markup);
    plan->utf8.len = 0;

    return rc;
}
