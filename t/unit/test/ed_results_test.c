
/* Fields of Redis, taken apart; what they add up to; what that says. */

#include "ed_bucket.h"
#include "ed_json.h"
#include "ed_results.h"
#include "ed_test.h"


#define DAY  20780                     /* 2026-11-23 */


static void test_fields(void);
static void test_numbers(void);
static void test_adds(void);
static void test_control(void);
static void test_nothing(void);
static void test_sample_ratio(void);
static void test_limits(void);
static void test_no_memory(void);

static void state_of(ed_state_t *state, const char *json);
static void count(uint32_t day, const char *variant, unsigned exposures,
    unsigned clicks, unsigned finishes);
static json_t *say(const ed_state_t *state, const char *control);
static void *allocate(size_t size);
static void release(void *p);
static json_t *value_at(json_t *root, const char *list, size_t i,
    const char *name);
static const char *text_at(json_t *root, const char *list, size_t i,
    const char *name);
static double real_at(json_t *root, const char *list, size_t i,
    const char *name);


static ed_results_t  results;
static unsigned      shares[ED_MAX_ARMS];
static uint32_t      since;


int
main(void)
{
    test_fields();
    test_numbers();
    test_adds();
    test_control();
    test_nothing();
    test_sample_ratio();
    test_limits();
    test_no_memory();

    return ed_test_done();
}


static void
test_fields(void)
{
    unsigned            i;
    ed_results_field_t  field;

    static const char  *wrong[] = {
        "", ":", "::::", "n:e:2026-11-23:box:view", "n:e:2026-11-23:box:",
        "n:e:2026-11-31:box:click", "n:e:2026-1-23:box:click",
        "n:e:20261123:box:click", "n:e:2026-11-23::click",
        "n:e:2026-11-23:b x:click", "n:e:2026-11-23:b\xff:click",
        "2026-11-23:box:click", "box:click", "click",
        "n:e:2026-11-23T:box:click", "n:e:1969-12-31:box:click", NULL
    };

    ok(ed_results_read(ED_STR("web1-9f03c2:1795401248123:2026-11-23:box:"
                              "exposure"), &field), "a field");
    is_str(field.node, "web1-9f03c2:1795401248123:", "its node");
    is_num(field.day, DAY, "its day");
    is_str(field.variant, "box", "its variant");
    is_num(field.event, ED_EVENT_EXPOSURE, "its event");

    ok(ed_results_read(ED_STR("a:b:c:2026-11-23:off:finish"), &field),
       "a node of more words");
    is_str(field.node, "a:b:c:", "is whole");

    for (i = 0; wrong[i] != NULL; i++) {
        ok(!ed_results_read(ed_str(wrong[i], strlen(wrong[i])), &field),
           "no field: %s", wrong[i]);
    }
}


static void
test_numbers(void)
{
    is_num(ed_results_number(ED_STR("0")), 0, "0");
    is_num(ed_results_number(ED_STR("1234567890123")), 1234567890123,
           "a long one");
    is_num(ed_results_number(ED_STR("-1")), 0, "below 0");
    is_num(ed_results_number(ED_STR("1.5")), 0, "no whole one");
    is_num(ed_results_number(ED_STR("")), 0, "none");
    is_num(ed_results_number(ED_STR("99999999999999999999999")), 0,
           "one that does not fit");
}


static void
test_adds(void)
{
    json_t      *root;
    ed_state_t   state;

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":50,\"off\":50,\"card\":0}}");

    ed_results_init(&results);
    count(DAY + 1, "off", 500, 25, 100);
    count(DAY, "off", 500, 25, 100);
    count(DAY, "box", 700, 60, 100);
    count(DAY, "box", 300, 40, 100);
    count(DAY, "gone", 1, 0, 0);

    root = say(&state, "box");

    is_str(ed_str(text_at(root, NULL, 0, "test"), 2), "T1", "the test");
    is_num(strcmp(text_at(root, NULL, 0, "started"), "2026-11-23T00:00:00Z"),
           0, "the first day");
    ok(json_is_null(json_object_get(root, "ends")), "no end");
    is_num(strcmp(text_at(root, NULL, 0, "control"), "box"), 0, "the control");

    is_num(json_array_size(json_object_get(root, "variants")), 4,
           "all variants");
    is_num(strcmp(text_at(root, "variants", 0, "name"), "box"), 0,
           "the control is the first");
    is_num(strcmp(text_at(root, "variants", 1, "name"), "card"), 0,
           "the others by name");
    is_num((long) real_at(root, "variants", 0, "weight"), 50, "a weight");
    is_num((long) real_at(root, "variants", 2, "weight"), 0, "of no arm");
    is_num((long) real_at(root, "variants", 0, "exposures"), 1000, "a sum");
    is_num((long) real_at(root, "variants", 3, "finishes"), 200,
           "of several days");
    ok(real_at(root, "variants", 0, "click_rate") == 0.1, "a rate");
    ok(json_is_null(json_object_get(json_array_get(json_object_get(root,
                    "variants"), 1), "click_rate")), "of nobody");
    is_num(json_array_size(json_object_get(json_array_get(json_object_get(
           root, "variants"), 0), "click_interval")), 2, "an interval");

    is_num(json_array_size(json_object_get(root, "comparisons")), 6,
           "two for each but the control");
    is_num(strcmp(text_at(root, "comparisons", 4, "variant"), "off"), 0,
           "off");
    is_num(strcmp(text_at(root, "comparisons", 4, "metric"), "click"), 0,
           "by clicks");
    ok(real_at(root, "comparisons", 4, "lift") == -0.5, "half as many");
    ok(real_at(root, "comparisons", 4, "p") < 1, "a p");
    is_num(strcmp(text_at(root, "comparisons", 5, "metric"), "finish"), 0,
           "by finished articles");

    is_num(json_array_size(json_object_get(root, "days")), 4, "days");
    is_num(strcmp(text_at(root, "days", 0, "variant"), "box"), 0,
           "by variant");
    is_num(strcmp(text_at(root, "days", 3, "day"), "2026-11-24"), 0,
           "and by day");
    json_decref(root);

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":50,\"off\":50},"
                     "\"starts\":\"2026-11-20T10:00:00Z\","
                     "\"ends\":\"2026-12-01T00:00:00Z\"}");
    root = say(&state, "box");
    is_num(strcmp(text_at(root, NULL, 0, "started"), "2026-11-20T10:00:00Z"),
           0, "as the state says");
    is_num(strcmp(text_at(root, NULL, 0, "ends"), "2026-12-01T00:00:00Z"),
           0, "to its end");
    json_decref(root);

    root = say(NULL, "box");
    ok(json_is_null(json_object_get(json_array_get(json_object_get(root,
                    "variants"), 0), "weight")), "of another test: no weight");
    ok(json_is_null(json_object_get(json_object_get(root, "sample_ratio"),
                    "p")), "and no sample ratio");
    json_decref(root);

    ed_results_free(&results);
}


static void
test_control(void)
{
    json_t      *root;
    unsigned     i;
    ed_state_t   state;

    static const struct {
        const char  *weights;
        const char  *control;
        const char  *want;
    } cases[] = {
        { "{\"box\":1,\"off\":1}", "box", "box" },
        { "{\"box\":1,\"card\":1}", "card", "card" },
        { "{\"bold\":1,\"off\":1}", "box", "off" },
        { "{\"box\":0,\"bold\":1,\"off\":1}", "box", "off" },
        { "{\"box\":0,\"card\":1,\"bold\":1}", "box", "bold" },
        { "{\"box\":1,\"card\":1}", "", "box" },
        { NULL, NULL, NULL }
    };

    for (i = 0; cases[i].weights != NULL; i++) {
        char  json[200];

        snprintf(json, sizeof(json), "{\"mode\":\"test\",\"id\":\"T1\","
                 "\"weights\":%s}", cases[i].weights);
        state_of(&state, json);

        ed_results_init(&results);
        root = say(&state, cases[i].control);
        is_num(strcmp(text_at(root, NULL, 0, "control"), cases[i].want), 0,
               "%s, %s: %s", cases[i].weights, cases[i].control,
               cases[i].want);
        is_num(strcmp(text_at(root, "variants", 0, "name"), cases[i].want), 0,
               "the first of them");
        json_decref(root);
    }

    /* what was counted is compared, weight or not */

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":0,\"off\":1,\"card\":1}}");
    ed_results_init(&results);
    count(DAY, "box", 10, 1, 1);
    root = say(&state, "box");
    is_num(strcmp(text_at(root, NULL, 0, "control"), "box"), 0,
           "an arm that was taken back");
    json_decref(root);
    ed_results_free(&results);
}


static void
test_nothing(void)
{
    char        *text;
    json_t      *root;
    ed_state_t   state;

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":1,\"off\":1}}");
    ed_results_init(&results);
    ok(ed_results_is_empty(&results), "nothing was counted");

    root = say(&state, "box");
    text = ed_json_write(root, JSON_COMPACT);

    is_str(ed_str(text, strlen(text)),
        "{\"test\":\"T1\",\"started\":null,\"ends\":null,\"control\":\"box\","
        "\"variants\":[{\"name\":\"box\",\"weight\":1,\"exposures\":0,"
        "\"clicks\":0,\"finishes\":0,\"click_rate\":null,"
        "\"click_interval\":[0.0,1.0],\"finish_rate\":null,"
        "\"finish_interval\":[0.0,1.0]},{\"name\":\"off\",\"weight\":1,"
        "\"exposures\":0,\"clicks\":0,\"finishes\":0,\"click_rate\":null,"
        "\"click_interval\":[0.0,1.0],\"finish_rate\":null,"
        "\"finish_interval\":[0.0,1.0]}],\"comparisons\":["
        "{\"variant\":\"off\",\"metric\":\"click\",\"lift\":null,\"p\":1.0},"
        "{\"variant\":\"off\",\"metric\":\"finish\",\"lift\":null,\"p\":1.0}],"
        "\"sample_ratio\":{\"p\":1.0,\"broken\":false},\"days\":[]}",
        "all of it");

    free(text);
    json_decref(root);
}


/* What buckets give is no skew, though it is not quite the weights. */

static void
test_sample_ratio(void)
{
    json_t      *root;
    ed_split_t   split;
    ed_state_t   state;

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":1,\"off\":1}}");
    ed_split_init(&split, &state, ED_READ_MORE);
    ed_split_count(&split, shares);

    ed_results_init(&results);
    count(DAY, "box", shares[0] * 1000, 0, 0);
    count(DAY, "off", shares[1] * 1000, 0, 0);
    root = say(&state, "box");
    ok(json_real_value(json_object_get(json_object_get(root, "sample_ratio"),
                                       "p")) > 0.99, "as buckets have it");
    ok(json_is_false(json_object_get(json_object_get(root, "sample_ratio"),
                                     "broken")), "is not broken");
    json_decref(root);

    count(DAY, "off", 100000, 0, 0);
    root = say(&state, "box");
    ok(json_is_true(json_object_get(json_object_get(root, "sample_ratio"),
                                    "broken")), "2 % more are");
    json_decref(root);

    count(DAY + 1, "box", shares[0], 0, 0);
    count(DAY + 1, "off", shares[1], 0, 0);
    since = DAY + 1;
    root = say(&state, "box");
    ok(json_is_false(json_object_get(json_object_get(root, "sample_ratio"),
                                     "broken")),
       "not where weights were others then");
    ok(json_integer_value(json_object_get(json_array_get(
           json_object_get(root, "variants"), 1), "exposures"))
       == shares[1] * 1001 + 100000, "though readers count");
    json_decref(root);
    since = 0;
    ed_results_free(&results);
}


static void
test_limits(void)
{
    char        name[16];
    json_t     *root;
    ed_rc_t     rc;
    uint32_t    n;

    ed_results_init(&results);
    rc = ED_OK;

    for (n = 0; n < 100 && rc == ED_OK; n++) {
        snprintf(name, sizeof(name), "v%u", n);
        count(DAY, name, 1, 0, 0);
    }

    root = say(NULL, "v1");
    is_num(json_array_size(json_object_get(root, "variants")), 64,
           "so many variants are told of");
    json_decref(root);

    for (n = 0; n < 2 * ED_RESULTS_ROWS && rc == ED_OK; n++) {
        rc = ed_results_add(&results, n, ED_STR("x"), ED_EVENT_CLICK, 1);
    }

    is_num(rc, ED_LIMIT_SIZE, "too many rows");
    is_num(n, ED_RESULTS_ROWS - 100 + 1, "are refused");
    ed_results_free(&results);
}


static void
test_no_memory(void)
{
    json_t            *root;
    unsigned           i;
    ed_state_t         state;
    ed_results_test_t  test;

    if (!ed_test_wrapped()) {
        return;
    }

    json_set_alloc_funcs(allocate, release);

    state_of(&state, "{\"mode\":\"test\",\"id\":\"T1\","
                     "\"weights\":{\"box\":1,\"off\":1}}");
    memset(&test, 0, sizeof(test));
    test.test = ED_STR("T1");
    test.state = &state;
    test.shares = shares;
    test.control = ED_STR("box");

    ed_results_init(&results);
    count(DAY, "box", 10, 1, 1);

    for (i = 0; i < 1000; i++) {
        ed_test_left = (long) i;
        ed_test_refused = 0;
        root = ed_results_json(&results, &test);
        ed_test_left = -1;

        if (!ed_test_refused) {
            break;
        }

        if (root != NULL) {
            ok(0, "an answer without memory for allocation %u", i);
            json_decref(root);
        }
    }

    ok(i > 50 && root != NULL, "%u allocations, each refused", i);
    json_decref(root);
    ed_results_free(&results);
}


static void
state_of(ed_state_t *state, const char *json)
{
    char  error[ED_MAX_ERROR];

    if (ed_state_parse(ed_str(json, strlen(json)), state, error) != ED_OK) {
        ok(0, "%s: %s", json, error);
    }
}


static void
count(uint32_t day, const char *variant, unsigned exposures, unsigned clicks,
    unsigned finishes)
{
    ed_str_t  name;

    name = ed_str(variant, strlen(variant));

    (void) ed_results_add(&results, day, name, ED_EVENT_EXPOSURE, exposures);
    (void) ed_results_add(&results, day, name, ED_EVENT_CLICK, clicks);
    (void) ed_results_add(&results, day, name, ED_EVENT_FINISH, finishes);
}


static json_t *
say(const ed_state_t *state, const char *control)
{
    ed_split_t         split;
    ed_results_test_t  test;

    test.test = ED_STR("T1");
    test.state = state;
    test.shares = shares;
    test.since = since;
    test.control = ed_str(control, strlen(control));

    if (state != NULL) {
        ed_split_init(&split, state, ED_READ_MORE);
        ed_split_count(&split, shares);
    }

    return ed_results_json(&results, &test);
}


/* jansson's own calls are not those that the linker wraps. */

static void *
allocate(size_t size)
{
    return malloc(size);
}


static void
release(void *p)
{
    free(p);
}


static json_t *
value_at(json_t *root, const char *list, size_t i, const char *name)
{
    if (list != NULL) {
        root = json_array_get(json_object_get(root, list), i);
    }

    return json_object_get(root, name);
}


static const char *
text_at(json_t *root, const char *list, size_t i, const char *name)
{
    const char  *text;

    text = json_string_value(value_at(root, list, i, name));

    return text != NULL ? text : "(none)";
}


static double
real_at(json_t *root, const char *list, size_t i, const char *name)
{
    return json_number_value(value_at(root, list, i, name));
}
