
/*
 *     rows, by day and variant --> sums, by variant --> shares, comparisons
 *
 * Sums are a short list: variants of one test are few.  JSON has no infinity
 * and no NaN; where there is no number, it says null.
 */

#include <math.h>
#include <stdlib.h>

#include "ed_date.h"
#include "ed_results.h"


#define ED_RESULTS_VARIANTS  64        /* of one test */
#define ED_RESULTS_DIGITS    18        /* of a number that fits */
#define ED_RESULTS_DAY       sizeof("2026-12-01") - 1


/* Of one day, or of all of them. */
typedef struct {
    uint32_t           day;
    ed_name_t          variant;
    ed_counted_t       counted;
} ed_results_row_t;


typedef struct {
    ed_results_row_t   list[ED_RESULTS_VARIANTS];
    unsigned           n;
} ed_results_sums_t;


static int ed_results_tail(ed_str_t *left, ed_str_t *word);
static uint64_t *ed_results_count(ed_counted_t *counted, ed_event_e event);
static int ed_results_order(const void *a, const void *b);
static int ed_results_names(const ed_name_t *a, const ed_name_t *b);

static void ed_results_sum(const ed_results_t *results,
    const ed_results_test_t *test, ed_results_sums_t *sums);
static ed_results_row_t *ed_results_sum_of(ed_results_sums_t *sums,
    const ed_name_t *name);
static void ed_results_first(ed_results_sums_t *sums,
    const ed_results_test_t *test);
static unsigned ed_results_control(const ed_results_sums_t *sums,
    const ed_results_test_t *test);
static int ed_results_takes_part(const ed_results_row_t *row,
    const ed_results_test_t *test);
static const ed_arm_t *ed_results_arm(const ed_results_test_t *test,
    const ed_name_t *name);

static json_t *ed_results_times(const ed_results_t *results,
    const ed_results_test_t *test, json_t **ends);
static json_t *ed_results_time(int64_t seconds);
static json_t *ed_results_variants(const ed_results_sums_t *sums,
    const ed_results_test_t *test);
static json_t *ed_results_weight(const ed_results_row_t *row,
    const ed_results_test_t *test);
static json_t *ed_results_comparisons(const ed_results_sums_t *sums);
static json_t *ed_results_comparison(const ed_results_row_t *control,
    const ed_results_row_t *variant, ed_metric_e metric);
static json_t *ed_results_sample_ratio(const ed_results_t *results,
    const ed_results_test_t *test);
static uint64_t ed_results_since(const ed_results_t *results,
    const ed_name_t *variant, uint32_t day);
static json_t *ed_results_days(const ed_results_t *results);
static json_t *ed_results_name(const ed_name_t *name);
static json_t *ed_results_real(double x);


void
ed_results_init(ed_results_t *results)
{
    ed_buf_init(&results->rows, ED_RESULTS_ROWS * sizeof(ed_results_row_t));
}


void
ed_results_free(ed_results_t *results)
{
    ed_buf_free(&results->rows);
}


int
ed_results_is_empty(const ed_results_t *results)
{
    return results->rows.len == 0;
}


/* From its end: what a node is called is not our business. */

int
ed_results_read(ed_str_t name, ed_results_field_t *field)
{
    int64_t   seconds;
    ed_str_t  left, day, event;
    char      date[ED_DATE_LEN] = "2026-12-01T00:00:00Z";

    left = name;

    if (!ed_results_tail(&left, &event)
        || !ed_results_tail(&left, &field->variant)
        || !ed_results_tail(&left, &day)
        || day.len != ED_RESULTS_DAY
        || !ed_feature_is_name(field->variant))
    {
        return 0;
    }

    memcpy(date, day.data, day.len);

    seconds = ed_date_read(ed_str(date, sizeof(date) - 1));
    field->event = ed_event_find(event);

    if (seconds < 0 || field->event == ED_EVENTS) {
        return 0;
    }

    field->day = (uint32_t) (seconds / ED_LEDGER_DAY);
    field->node = ed_str(left.data, left.len + 1);

    return 1;
}


/* Takes what stands behind the last colon off, and the colon. */

static int
ed_results_tail(ed_str_t *left, ed_str_t *word)
{
    size_t  i;

    for (i = left->len; i != 0; i--) {

        if (left->data[i - 1] == ':') {
            *word = ed_str(left->data + i, left->len - i);
            left->len = i - 1;
            return 1;
        }
    }

    return 0;
}


uint64_t
ed_results_number(ed_str_t value)
{
    size_t    i;
    uint64_t  n;

    n = 0;

    for (i = 0; i < value.len; i++) {

        if (value.data[i] < '0' || value.data[i] > '9'
            || i == ED_RESULTS_DIGITS)
        {
            return 0;
        }

        n = n * 10 + (uint64_t) (value.data[i] - '0');
    }

    return n;
}


ed_rc_t
ed_results_add(ed_results_t *results, uint32_t day, ed_str_t variant,
    ed_event_e event, uint64_t count)
{
    size_t             i;
    ed_rc_t            rc;
    ed_results_row_t  *row, fresh;

    for (i = ed_buf_count(&results->rows, ed_results_row_t); i != 0; i--) {
        row = ed_buf_at(&results->rows, ed_results_row_t, i - 1);

        if (row->day == day && ed_str_eq(ed_name_str(&row->variant), variant))
        {
            *ed_results_count(&row->counted, event) += count;
            return ED_OK;
        }
    }

    memset(&fresh, 0, sizeof(ed_results_row_t));

    fresh.day = day;
    fresh.variant.len = (uint8_t) variant.len;
    memcpy(fresh.variant.text, variant.data, variant.len);

    *ed_results_count(&fresh.counted, event) = count;

    rc = ed_buf_append(&results->rows, &fresh, sizeof(ed_results_row_t));

    return rc;
}


static uint64_t *
ed_results_count(ed_counted_t *counted, ed_event_e event)
{
    switch (event) {

    case ED_EVENT_CLICK:
        return &counted->clicks;

    case ED_EVENT_FINISH:
        return &counted->finishes;

    default:
        return &counted->exposures;
    }
}


json_t *
ed_results_json(ed_results_t *results, const ed_results_test_t *test)
{
    json_t             *started, *ends;
    ed_results_sums_t   sums;

    if (!ed_results_is_empty(results)) {
        qsort(results->rows.data,
              ed_buf_count(&results->rows, ed_results_row_t),
              sizeof(ed_results_row_t), ed_results_order);
    }

    ed_results_sum(results, test, &sums);
    ed_results_first(&sums, test);

    started = ed_results_times(results, test, &ends);

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "test", json_stringn((char *) test->test.data,
                                          test->test.len),
                     "started", started,
                     "ends", ends,
                     "control", sums.n != 0
                                ? ed_results_name(&sums.list[0].variant)
                                : json_null(),
                     "variants", ed_results_variants(&sums, test),
                     "comparisons", ed_results_comparisons(&sums),
                     "sample_ratio", ed_results_sample_ratio(results, test),
                     "days", ed_results_days(results));
}


static int
ed_results_order(const void *a, const void *b)
{
    const ed_results_row_t  *x, *y;

    x = a;
    y = b;

    if (x->day != y->day) {
        return x->day < y->day ? -1 : 1;
    }

    return ed_results_names(&x->variant, &y->variant);
}


static int
ed_results_names(const ed_name_t *a, const ed_name_t *b)
{
    return strcmp(a->text, b->text);
}


static void
ed_results_sum(const ed_results_t *results, const ed_results_test_t *test,
    ed_results_sums_t *sums)
{
    size_t             i;
    ed_results_row_t  *row, *sum;

    sums->n = 0;

    for (i = 0; test->state != NULL && i < test->state->narms; i++) {
        (void) ed_results_sum_of(sums, &test->state->arms[i].name);
    }

    for (i = 0; i < ed_buf_count(&results->rows, ed_results_row_t); i++) {
        row = ed_buf_at(&results->rows, ed_results_row_t, i);
        sum = ed_results_sum_of(sums, &row->variant);

        if (sum != NULL) {
            sum->counted.exposures += row->counted.exposures;
            sum->counted.clicks += row->counted.clicks;
            sum->counted.finishes += row->counted.finishes;
        }
    }
}


/* In the order of names.  NULL: more variants than any test has. */

static ed_results_row_t *
ed_results_sum_of(ed_results_sums_t *sums, const ed_name_t *name)
{
    int       order;
    unsigned  i;

    order = 1;

    for (i = 0; i < sums->n; i++) {
        order = ed_results_names(&sums->list[i].variant, name);

        if (order >= 0) {
            break;
        }
    }

    if (i < sums->n && order == 0) {
        return &sums->list[i];
    }

    if (sums->n == ED_RESULTS_VARIANTS) {
        return NULL;
    }

    memmove(&sums->list[i + 1], &sums->list[i],
            (sums->n - i) * sizeof(ed_results_row_t));
    sums->n++;

    memset(&sums->list[i], 0, sizeof(ed_results_row_t));
    sums->list[i].variant = *name;

    return &sums->list[i];
}


/* The control to the front. */

static void
ed_results_first(ed_results_sums_t *sums, const ed_results_test_t *test)
{
    unsigned          i;
    ed_results_row_t  control;

    if (sums->n == 0) {
        return;
    }

    i = ed_results_control(sums, test);

    control = sums->list[i];
    memmove(&sums->list[1], &sums->list[0], i * sizeof(ed_results_row_t));
    sums->list[0] = control;
}


static unsigned
ed_results_control(const ed_results_sums_t *sums,
    const ed_results_test_t *test)
{
    unsigned  i, k;
    ed_str_t  names[2];

    names[0] = test->control;
    names[1] = ED_STR("off");

    for (k = 0; k < 2; k++) {
        for (i = 0; i < sums->n; i++) {

            if (ed_results_takes_part(&sums->list[i], test)
                && ed_str_eq(ed_name_str(&sums->list[i].variant), names[k]))
            {
                return i;
            }
        }
    }

    for (i = 0; i < sums->n; i++) {
        if (ed_results_takes_part(&sums->list[i], test)) {
            return i;
        }
    }

    return 0;
}


static int
ed_results_takes_part(const ed_results_row_t *row,
    const ed_results_test_t *test)
{
    const ed_arm_t  *arm;

    arm = ed_results_arm(test, &row->variant);

    return row->counted.exposures != 0 || (arm != NULL && arm->weight != 0);
}


static const ed_arm_t *
ed_results_arm(const ed_results_test_t *test, const ed_name_t *name)
{
    unsigned  i;

    for (i = 0; test->state != NULL && i < test->state->narms; i++) {

        if (ed_results_names(&test->state->arms[i].name, name) == 0) {
            return &test->state->arms[i];
        }
    }

    return NULL;
}


/* Where nobody has said when it starts, it did on the first day that has
   something. */

static json_t *
ed_results_times(const ed_results_t *results, const ed_results_test_t *test,
    json_t **ends)
{
    int64_t  start, end;

    start = ED_NO_TIME;
    end = ED_NO_TIME;

    if (test->state != NULL) {
        start = test->state->window.starts;
        end = test->state->window.ends;
    }

    if (start == ED_NO_TIME && !ed_results_is_empty(results)) {
        start = (int64_t) ed_buf_at(&results->rows, ed_results_row_t, 0)->day
                * ED_LEDGER_DAY;
    }

    *ends = ed_results_time(end);

    return ed_results_time(start);
}


static json_t *
ed_results_time(int64_t seconds)
{
    char  date[ED_DATE_LEN];

    if (seconds == ED_NO_TIME) {
        return json_null();
    }

    ed_date_write(seconds, date);

    return json_string(date);
}


static json_t *
ed_results_variants(const ed_results_sums_t *sums,
    const ed_results_test_t *test)
{
    json_t                  *list, *item;
    unsigned                 i;
    ed_rate_t                click, finish;
    const ed_results_row_t  *row;

    list = json_array();

    for (i = 0; i < sums->n; i++) {
        row = &sums->list[i];

        ed_stats_rate(ed_stats_tally(&row->counted, ED_METRIC_CLICK), &click);
        ed_stats_rate(ed_stats_tally(&row->counted, ED_METRIC_FINISH),
                      &finish);

        item = json_pack("{s:o, s:o, s:I, s:I, s:I, s:o, s:[o, o], s:o, "
                         "s:[o, o]}",
                         "name", ed_results_name(&row->variant),
                         "weight", ed_results_weight(row, test),
                         "exposures", (json_int_t) row->counted.exposures,
                         "clicks", (json_int_t) row->counted.clicks,
                         "finishes", (json_int_t) row->counted.finishes,
                         "click_rate", row->counted.exposures != 0
                                       ? ed_results_real(click.rate)
                                       : json_null(),
                         "click_interval", ed_results_real(click.low),
                                           ed_results_real(click.high),
                         "finish_rate", row->counted.exposures != 0
                                        ? ed_results_real(finish.rate)
                                        : json_null(),
                         "finish_interval", ed_results_real(finish.low),
                                            ed_results_real(finish.high));

        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


/* Of an arm that a running test no longer has, 0; of another test, nobody
   knows. */

static json_t *
ed_results_weight(const ed_results_row_t *row, const ed_results_test_t *test)
{
    const ed_arm_t  *arm;

    if (test->state == NULL) {
        return json_null();
    }

    arm = ed_results_arm(test, &row->variant);

    return json_integer(arm != NULL ? arm->weight : 0);
}


static json_t *
ed_results_comparisons(const ed_results_sums_t *sums)
{
    json_t    *list;
    unsigned   i, metric;

    list = json_array();

    for (i = 1; i < sums->n; i++) {
        for (metric = 0; metric < ED_METRICS; metric++) {

            if (json_array_append_new(list,
                          ed_results_comparison(&sums->list[0],
                                                &sums->list[i],
                                                (ed_metric_e) metric))
                != 0)
            {
                json_decref(list);
                return NULL;
            }
        }
    }

    return list;
}


static json_t *
ed_results_comparison(const ed_results_row_t *control,
    const ed_results_row_t *variant, ed_metric_e metric)
{
    double      lift;
    ed_tally_t  a, b;

    a = ed_stats_tally(&control->counted, metric);
    b = ed_stats_tally(&variant->counted, metric);

    return json_pack("{s:o, s:s, s:o, s:o}",
                     "variant", ed_results_name(&variant->variant),
                     "metric", (char *) ed_metric_name(metric).data,
                     "lift", ed_stats_lift(a, b, &lift)
                             ? ed_results_real(lift) : json_null(),
                     "p", ed_results_real(ed_stats_p(a, b)));
}


/* By what buckets are, not by weights; only of a test whose weights are
   known. */

static json_t *
ed_results_sample_ratio(const ed_results_t *results,
    const ed_results_test_t *test)
{
    double    p;
    uint64_t  units[ED_MAX_ARMS], shares[ED_MAX_ARMS];
    unsigned  i;

    if (test->state == NULL) {
        return json_pack("{s:n, s:b}", "p", "broken", 0);
    }

    for (i = 0; i < test->state->narms; i++) {
        units[i] = ed_results_since(results, &test->state->arms[i].name,
                                    test->since);
        shares[i] = test->shares[i];
    }

    p = ed_stats_sample_ratio(units, shares, test->state->narms);

    return json_pack("{s:o, s:b}", "p", ed_results_real(p),
                     "broken", p < ED_STATS_BROKEN);
}


/* Who was exposed from that day on. */

static uint64_t
ed_results_since(const ed_results_t *results, const ed_name_t *variant,
    uint32_t day)
{
    size_t             i;
    uint64_t           exposures;
    ed_results_row_t  *row;

    exposures = 0;

    for (i = 0; i < ed_buf_count(&results->rows, ed_results_row_t); i++) {
        row = ed_buf_at(&results->rows, ed_results_row_t, i);

        if (row->day >= day && ed_results_names(&row->variant, variant) == 0) {
            exposures += row->counted.exposures;
        }
    }

    return exposures;
}


static json_t *
ed_results_days(const ed_results_t *results)
{
    char               date[ED_DATE_LEN];
    size_t             i;
    json_t            *list;
    ed_results_row_t  *row;

    list = json_array();

    for (i = 0; i < ed_buf_count(&results->rows, ed_results_row_t); i++) {
        row = ed_buf_at(&results->rows, ed_results_row_t, i);

        ed_date_write((int64_t) row->day * ED_LEDGER_DAY, date);

        if (json_array_append_new(list,
                json_pack("{s:o, s:o, s:I, s:I, s:I}",
                          "day", json_stringn(date, ED_RESULTS_DAY),
                          "variant", ed_results_name(&row->variant),
                          "exposures", (json_int_t) row->counted.exposures,
                          "clicks", (json_int_t) row->counted.clicks,
                          "finishes", (json_int_t) row->counted.finishes))
            != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
ed_results_name(const ed_name_t *name)
{
    return json_stringn(name->text, name->len);
}


static json_t *
ed_results_real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}
