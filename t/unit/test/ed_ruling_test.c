
/* States where a policy holds. */

#include "ed_ruling.h"
#include "ed_test.h"


#define NOW   1796083200LL             /* 2026-12-01T00:00:00Z */


static void test_modes(void);
static void test_test(void);
static void test_drawn(void);
static void test_window(void);
static void test_lacks(void);
static void test_other_order(void);

static void rule(ed_ruling_t *ruling, ed_feature_e feature, const char *json);
static void declare(ed_policy_t *policy, const char *directive,
    const char *variant);


static ed_policy_t  policy;


int
main(void)
{
    ed_arena_t  *arena;

    arena = ed_arena_create(1 << 20);
    ed_policy_init(&policy, arena);
    declare(&policy, "editorial_read_more", "box");
    declare(&policy, "editorial_read_more", "card");
    declare(&policy, "editorial_disclaimer", "off");
    (void) ed_policy_merge(&policy, NULL);

    test_modes();
    test_test();
    test_drawn();
    test_window();
    test_lacks();
    test_other_order();

    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
test_modes(void)
{
    ed_state_t    state;
    ed_ruling_t   ruling;

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"off\"}");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 0, "off");
    ok(!ed_ruling_tests(&ruling, NOW), "is no test");

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"on\",\"variant\":\"card\"}");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 2, "on in the second variant");
    ok(!ruling.lacks && !ed_ruling_tests(&ruling, NOW), "is no test");

    ed_state_control(&state, &policy, ED_READ_MORE);
    ed_ruling_init(&ruling, &state, &policy, ED_READ_MORE);
    is_num(ed_ruling_variant(&ruling, NOW, 1), 1, "the control");

    memset(&state, 0, sizeof(state));
    ed_ruling_init(&ruling, &state, &policy, ED_READ_MORE);
    is_num(ed_ruling_variant(&ruling, NOW, 1), 1, "is that of zeroed memory");
}


static void
test_test(void)
{
    unsigned      bucket, n[4];
    ed_ruling_t   ruling;

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"test\",\"id\":\"T1\","
         "\"weights\":{\"off\":2,\"card\":1,\"box\":1}}");
    ok(ed_ruling_tests(&ruling, NOW) && !ruling.lacks, "a test runs");

    memset(n, 0, sizeof(n));

    for (bucket = 0; bucket < ED_BUCKETS; bucket++) {
        n[ed_ruling_variant(&ruling, NOW, bucket) & 3]++;
    }

    ok(n[0] > 4800 && n[0] < 5200 && n[1] > 2300 && n[1] < 2700
       && n[2] > 2300 && n[2] < 2700, "off %u, box %u, card %u", n[0], n[1],
       n[2]);
}


/* What was drawn before is what would be drawn now. */

static void
test_drawn(void)
{
    unsigned           i, bucket, variant, wrong;
    ed_ruling_t        ruling;
    static ed_drawn_t  drawn;

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"test\",\"id\":\"T1\","
         "\"weights\":{\"off\":2,\"card\":1,\"box\":1}}");

    wrong = 0;

    for (i = 0; i < 2 * ED_BUCKETS; i++) {
        bucket = i % ED_BUCKETS;
        variant = ed_ruling_variant(&ruling, NOW, bucket);

        wrong += (ed_ruling_drawn(&ruling, &drawn, bucket) != variant);
        wrong += (ed_ruling_drawn(&ruling, NULL, bucket) != variant);
    }

    is_num(wrong, 0, "what was drawn is remembered");

    bucket = 0;

    while (drawn.arms[bucket] == drawn.arms[0]) {
        bucket++;
    }

    drawn.arms[0] = drawn.arms[bucket];
    is_num(ed_ruling_drawn(&ruling, &drawn, 0),
           ed_ruling_variant(&ruling, NOW, bucket), "and not drawn again");
}


static void
test_window(void)
{
    unsigned      bucket, control;
    ed_ruling_t   ruling;

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"off\","
         "\"starts\":\"2026-12-01T00:00:00Z\","
         "\"ends\":\"2026-12-01T00:01:00Z\"}");
    is_num(ed_ruling_variant(&ruling, NOW - 1, 1), 1, "before it, control");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 0, "off in its time");
    is_num(ed_ruling_variant(&ruling, NOW + 60, 1), 1, "and control again");

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"test\",\"weights\":{"
         "\"card\":1,\"off\":1},\"ends\":\"2026-12-01T00:00:00Z\"}");
    ok(ed_ruling_tests(&ruling, NOW - 1), "a test runs until it ends");
    ok(!ed_ruling_tests(&ruling, NOW), "and not longer");

    control = 0;

    for (bucket = 0; bucket < ED_BUCKETS; bucket++) {
        control += (ed_ruling_variant(&ruling, NOW, bucket) == 1);
    }

    is_num(control, ED_BUCKETS, "then everybody gets the control");
}


static void
test_lacks(void)
{
    ed_ruling_t  ruling;

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"on\",\"variant\":\"list\"}");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 1, "on in what is not there");
    ok(ruling.lacks, "is told");

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"test\",\"weights\":{"
         "\"list\":1,\"off\":1000}}");
    ok(!ed_ruling_tests(&ruling, NOW), "no test of what is not there");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 1, "but the control");
    ok(ruling.lacks, "is told");

    rule(&ruling, ED_READ_MORE, "{\"mode\":\"test\",\"weights\":{"
         "\"list\":0,\"card\":1,\"off\":0}}");
    ok(ed_ruling_tests(&ruling, NOW) && !ruling.lacks, "it does not matter "
       "where it weighs nothing");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 2, "the others do");

    rule(&ruling, ED_DISCLAIMER, "{\"mode\":\"on\",\"variant\":\"x\"}");
    is_num(ed_ruling_variant(&ruling, NOW, 1), 0, "a feature taken away");
    ok(!ruling.lacks, "is meant to be");

    rule(&ruling, ED_DISCLAIMER, "{\"mode\":\"test\",\"weights\":{"
         "\"standard\":1,\"off\":1}}");
    ok(!ed_ruling_tests(&ruling, NOW) && !ruling.lacks, "nor is it tested");

    rule(&ruling, ED_DISCLAIMER, "{\"mode\":\"test\",\"weights\":{"
         "\"standard\":0,\"off\":1}}");
    ok(!ed_ruling_tests(&ruling, NOW), "be it off in all that weigh");
}


/* Locations of a desk that declare the same in another order agree. */

static void
test_other_order(void)
{
    char          error[ED_MAX_ERROR];
    unsigned      bucket, a, b, same;
    ed_arena_t   *arena;
    ed_state_t    state;
    ed_policy_t   other;
    ed_ruling_t   here, there;

    arena = ed_arena_create(1 << 20);
    ed_policy_init(&other, arena);
    declare(&other, "editorial_read_more", "list");
    declare(&other, "editorial_read_more", "card");
    declare(&other, "editorial_read_more", "box");
    (void) ed_policy_merge(&other, NULL);

    (void) ed_state_parse(ED_STR("{\"mode\":\"test\",\"id\":\"T1\","
                                 "\"weights\":{\"card\":1,\"box\":1}}"),
                          &state, error);
    ed_ruling_init(&here, &state, &policy, ED_READ_MORE);
    ed_ruling_init(&there, &state, &other, ED_READ_MORE);

    same = 0;

    for (bucket = 0; bucket < ED_BUCKETS; bucket++) {
        a = ed_ruling_variant(&here, NOW, bucket);
        b = ed_ruling_variant(&there, NOW, bucket);
        same += ed_str_eq(policy.features[ED_READ_MORE].list[a - 1].name,
                          other.features[ED_READ_MORE].list[b - 1].name);
    }

    is_num(same, ED_BUCKETS, "the same variant by name");
    ed_arena_destroy(arena);
}


static void
rule(ed_ruling_t *ruling, ed_feature_e feature, const char *json)
{
    char         error[ED_MAX_ERROR];
    ed_state_t   state;

    memset(ruling, 0xff, sizeof(ed_ruling_t));

    if (ed_state_parse(ed_str(json, strlen(json)), &state, error) != ED_OK) {
        ok(0, "%s: %s", json, error);
        return;
    }

    ed_ruling_init(ruling, &state, &policy, feature);
}


static void
declare(ed_policy_t *p, const char *directive, const char *variant)
{
    char      error[ED_MAX_ERROR];
    ed_str_t  args[2];

    args[0] = ed_str(directive, strlen(directive));
    args[1] = ed_str(variant, strlen(variant));

    if (ed_policy_set(p, args, 2, NULL, NULL, error) != ED_OK) {
        ok(0, "%s %s: %s", directive, variant, error);
    }
}
