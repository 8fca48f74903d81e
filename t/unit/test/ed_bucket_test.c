
/*
 * Buckets and splits.  All of it is reckoned, nothing drawn by chance: what
 * passes once, passes always.  Critical values of chi-square are those of any
 * table, at 0.1 %, and at 5 % where of many a twentieth is to lie beyond.
 */

#include <math.h>

#include "ed_bucket.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define VISITORS  100000
#define TESTS     200


/* names and weights, up to an arm without a name */
typedef struct {
    const char  *name;
    unsigned     weight;
} arm_t;


static void test_visitors(void);
static void test_cookie(void);
static void test_fresh(void);
static void test_draw(void);
static void test_draw_order(void);
static void test_as_elsewhere(void);
static void test_visitors_split(void);
static void test_many_tests(void);
static void test_ramp(void);
static void test_ramps(void);
static void test_arm_added(void);
static void test_proportion(void);
static void test_independent(void);
static void test_edges(void);

static void make(ed_split_t *split, ed_feature_e feature, const char *id,
    const arm_t *arms);
static double chi_square(const unsigned *seen, const double *want, unsigned n);
static unsigned moves(const ed_split_t *from, const ed_split_t *to,
    unsigned arm, unsigned *elsewhere);
static double chi_pairs(const ed_split_t *a, const ed_split_t *b);


static const arm_t  half[] = { { "box", 50 }, { "off", 50 }, { NULL, 0 } };
static const arm_t  three[] = {
    { "a", 1 }, { "b", 2 }, { "off", 7 }, { NULL, 0 }
};


int
main(void)
{
    test_visitors();
    test_cookie();
    test_fresh();
    test_draw();
    test_draw_order();
    test_as_elsewhere();
    test_visitors_split();
    test_many_tests();
    test_ramp();
    test_ramps();
    test_arm_added();
    test_proportion();
    test_independent();
    test_edges();

    return ed_test_done();
}


/* The buckets are those of another implementation of SipHash. */

static void
test_visitors(void)
{
    char      name[32];
    double    chi, want;
    unsigned  i, seen[ED_BUCKETS];

    is_num(ed_bucket_of(ED_STR("")), 2304, "nobody");
    is_num(ed_bucket_of(ED_STR("alice")), 8795, "alice");
    is_num(ed_bucket_of(ED_STR("visitor-1")), 3580, "visitor-1");

    memset(seen, 0, sizeof(seen));

    for (i = 0; i < VISITORS; i++) {
        (void) sprintf(name, "visitor-%u", i);
        seen[ed_bucket_of(ed_str(name, strlen(name)))]++;
    }

    chi = 0;
    want = (double) VISITORS / ED_BUCKETS;

    for (i = 0; i < ED_BUCKETS; i++) {
        chi += (seen[i] - want) * (seen[i] - want) / want;
    }

    /* 9,999 degrees of freedom: 3.29 deviations of sqrt(2 * 9999) */
    ok(fabs(chi - 9999) < 465, "visitors fill all buckets alike: %.0f", chi);
}


static void
test_cookie(void)
{
    char      text[8];
    size_t    i;
    unsigned  bucket, same;

    static const char *const  wrong[] = {
        "", "10000", "00042", "-1", "+1", "1 ", " 1", "1.5", "0x1", "1e3",
        "abcd", "12\xb2"
    };

    same = 0;

    for (bucket = 0; bucket < ED_BUCKETS; bucket++) {
        (void) sprintf(text, "%04u", bucket);
        same += (ed_bucket_read(ed_str(text, 4)) == (int) bucket);
    }

    is_num(same, ED_BUCKETS, "every bucket is read from its cookie");
    is_num(ed_bucket_read(ED_STR("42")), 42, "zeros may be left out");

    for (i = 0; i < count(wrong); i++) {
        is_num(ed_bucket_read(ed_str(wrong[i], strlen(wrong[i]))), -1,
               "\"%s\" says none", wrong[i]);
    }

    is_num(ed_bucket_read(ED_STR("1\0")), -1, "nor does a NUL");
    is_num(ed_bucket_read(ED_STR_EMPTY), -1, "nor nothing");
}


static void
test_fresh(void)
{
    is_num(ed_bucket_fresh(0), 0, "the first bucket");
    is_num(ed_bucket_fresh(0x7fffffff), 3647, "one of 31 bits");
    is_num(ed_bucket_fresh(9999), 9999, "the last");
    ok(ed_bucket_fresh(UINT64_MAX) < ED_BUCKETS, "none beyond");
}


static void
test_draw(void)
{
    unsigned     i;
    double       want, wrong, sum;
    uint64_t     hash;

    ok(ed_split_draw(UINT64_MAX) == 1, "the least draw");
    ok(ed_split_draw(0) == 64ULL << 32, "the greatest");
    ok(ed_split_draw((1ULL << 63) - 1) == 1ULL << 32, "a half is 1");

    hash = 1;
    wrong = 0;
    sum = 0;

    for (i = 0; i < 100000; i++) {
        hash = hash * 6364136223846793005ULL + 1442695040888963407ULL;
        want = 64 - log2((double) hash);
        sum += want;
        wrong = fmax(wrong, fabs(ldexp((double) ed_split_draw(hash), -32)
                                 - want));
    }

    ok(wrong < ldexp(1, -28), "within 2^-28 of libm: 2^%.1f", log2(wrong));
    ok(fabs(sum / 100000 - 1 / log(2)) < 0.015, "exponential: mean %.4f",
       sum / 100000);
}


static void
test_draw_order(void)
{
    unsigned  i, fell;
    uint64_t  hash, draw, before;

    hash = UINT64_MAX - 100000 * 4096ULL;
    before = UINT64_MAX;
    fell = 0;

    for (i = 0; i < 100000; i++) {
        draw = ed_split_draw(hash);
        fell += (draw <= before);
        before = draw;
        hash += i % 2 == 0 ? 1 : 8191;
    }

    is_num(fell, 100000, "never more for a greater hash");
}


/*
 * The first buckets, and how many there are of each, from an implementation
 * of its own: SipHash in Python, and the logarithm of its libm.
 */

static void
test_as_elsewhere(void)
{
    char         first[33];
    unsigned     i, n[ED_MAX_ARMS];
    ed_split_t   split;

    make(&split, ED_READ_MORE, "T1", half);

    for (i = 0; i < 32; i++) {
        first[i] = "bo"[ed_split_arm(&split, i)];
    }

    ed_split_count(&split, n);
    is_str(ed_str(first, 32), "bbobobbobbobobobobbooobooobooooo", "a half");
    ok(n[0] == 4943 && n[1] == 5057, "%u, %u", n[0], n[1]);

    make(&split, ED_PULL_QUOTE, "T-2", three);

    for (i = 0; i < 32; i++) {
        first[i] = "abo"[ed_split_arm(&split, i)];
    }

    ed_split_count(&split, n);
    is_str(ed_str(first, 32), "oooooaboooooooooooooaooooooooooo", "10 %%, "
           "20 %%, 70 %%");
    ok(n[0] == 984 && n[1] == 2034 && n[2] == 6982, "%u, %u, %u", n[0], n[1],
       n[2]);
}


static void
test_visitors_split(void)
{
    char         name[32];
    double       chi, want[ED_MAX_ARMS];
    unsigned     i, bucket, stays, n[ED_MAX_ARMS], seen[ED_MAX_ARMS];
    ed_split_t   split, again;

    make(&split, ED_READ_MORE, "T1", three);
    make(&again, ED_READ_MORE, "T1", three);
    ed_split_count(&split, n);

    memset(seen, 0, sizeof(seen));
    stays = 0;

    for (i = 0; i < VISITORS; i++) {
        (void) sprintf(name, "visitor-%u", i);
        bucket = ed_bucket_of(ed_str(name, strlen(name)));
        seen[ed_split_arm(&split, bucket)]++;
        stays += (ed_split_arm(&again, bucket)
                  == ed_split_arm(&split, bucket));
    }

    for (i = 0; i < 3; i++) {
        want[i] = (double) VISITORS * n[i] / ED_BUCKETS;
    }

    chi = chi_square(seen, want, 3);
    ok(chi < 13.816, "100,000 visitors, as buckets are: chi-square %.2f", chi);

    for (i = 0; i < 3; i++) {
        want[i] = ED_BUCKETS * three[i].weight / 10.;
    }

    chi = chi_square(n, want, 3);
    ok(chi < 13.816, "buckets, as weights are: chi-square %.2f", chi);
    is_num(stays, VISITORS, "each visitor stays");
}


/* Of tests by other names the weights are met as often as chance has it. */

static void
test_many_tests(void)
{
    char         id[16];
    double       chi, sum, want[2];
    unsigned     i, beyond, n[ED_MAX_ARMS];
    ed_split_t   split;

    static const arm_t  arms[] = { { "box", 3 }, { "off", 1 }, { NULL, 0 } };

    want[0] = ED_BUCKETS * .75;
    want[1] = ED_BUCKETS * .25;
    sum = 0;
    beyond = 0;

    for (i = 0; i < TESTS; i++) {
        (void) sprintf(id, "T%u", i);
        make(&split, ED_READ_MORE, id, arms);
        ed_split_count(&split, n);

        chi = chi_square(n, want, 2);
        sum += chi;
        beyond += (chi > 3.841);
    }

    /* means of 1 and of 10, within 3.29 deviations */
    ok(fabs(sum / TESTS - 1) < 3.29 * sqrt(2. / TESTS),
       "chi-square of many tests: %.3f on the mean", sum / TESTS);
    ok(beyond >= 1 && beyond <= 20, "5 %% of them are beyond 5 %%: %u of %u",
       beyond, TESTS);
}


static void
test_ramp(void)
{
    double       chi, want[2];
    unsigned     moved, elsewhere, n[2], m[ED_MAX_ARMS];
    ed_split_t   ten, fifty;

    static const arm_t  tenth[] = {
        { "box", 10 }, { "off", 90 }, { NULL, 0 }
    };

    make(&ten, ED_READ_MORE, "T1", tenth);
    make(&fifty, ED_READ_MORE, "T1", half);

    moved = moves(&ten, &fifty, 0, &elsewhere);
    is_num(elsewhere, 0, "10 %% to 50 %%: nobody moves but into the arm");

    n[0] = moved;
    n[1] = ED_BUCKETS - moved;
    want[0] = ED_BUCKETS * .4;
    want[1] = ED_BUCKETS * .6;
    chi = chi_square(n, want, 2);
    ok(chi < 10.828, "and 40 %% do: %u buckets", moved);

    ed_split_count(&ten, m);
    n[0] = m[0];
    ed_split_count(&fifty, m);
    is_num(m[0] - n[0], moved, "the arm has those, and what it had");

    (void) moves(&fifty, &ten, 1, &elsewhere);
    is_num(elsewhere, 0, "back again, nobody moves but out of it");
}


/* Any weight of any arm. */

static void
test_ramps(void)
{
    arm_t        arms[6], raised[6];
    unsigned     i, k, elsewhere, wrong;
    uint32_t     random;
    ed_split_t   from, to;

    static const char *const  names[] = { "a", "b", "c", "d", "off" };

    random = 7;
    wrong = 0;

    for (i = 0; i < 40; i++) {
        for (k = 0; k < 5; k++) {
            random = random * 1664525 + 1013904223;
            arms[k].name = names[k];
            arms[k].weight = k % 2 == 0 ? random >> 25
                                        : (random >> 8) % (ED_MAX_WEIGHT + 1);
        }

        arms[5].name = NULL;
        memcpy(raised, arms, sizeof(arms));
        k = i % 5;
        raised[k].weight += 1 + (random >> 16) % (ED_MAX_WEIGHT
                                                  - arms[k].weight);

        make(&from, ED_READ_MORE, "ramps", arms);
        make(&to, ED_READ_MORE, "ramps", raised);
        (void) moves(&from, &to, k, &elsewhere);
        wrong += elsewhere;
    }

    is_num(wrong, 0, "of five arms one is raised: nobody moves elsewhere");
}


static void
test_arm_added(void)
{
    unsigned     i, wrong;
    ed_split_t   two, nothing, added;

    static const arm_t  with_nothing[] = {
        { "box", 50 }, { "card", 0 }, { "off", 50 }, { NULL, 0 }
    };
    static const arm_t  with_more[] = {
        { "box", 50 }, { "card", 25 }, { "off", 50 }, { NULL, 0 }
    };

    make(&two, ED_READ_MORE, "T1", half);
    make(&nothing, ED_READ_MORE, "T1", with_nothing);
    make(&added, ED_READ_MORE, "T1", with_more);

    wrong = 0;

    for (i = 0; i < ED_BUCKETS; i++) {
        wrong += (ed_split_arm(&two, i) * 2 != ed_split_arm(&nothing, i));
    }

    is_num(wrong, 0, "an arm of no weight is as none");

    ok(moves(&nothing, &added, 1, &wrong) > 1800, "it gets some");
    is_num(wrong, 0, "and nobody else moves");
}


static void
test_proportion(void)
{
    unsigned     i, same;
    ed_split_t   one, million;

    static const arm_t  ones[] = { { "a", 1 }, { "b", 2 }, { NULL, 0 } };
    static const arm_t  millions[] = {
        { "a", 500000 }, { "b", 1000000 }, { NULL, 0 }
    };

    make(&one, ED_READ_MORE, "T1", ones);
    make(&million, ED_READ_MORE, "T1", millions);
    same = 0;

    for (i = 0; i < ED_BUCKETS; i++) {
        same += (ed_split_arm(&one, i) == ed_split_arm(&million, i));
    }

    is_num(same, ED_BUCKETS, "only the proportion of weights matters");
}


/* Tables of who is where in two tests: 1 and 4 degrees of freedom. */

static void
test_independent(void)
{
    double       chi;
    ed_split_t   a, b;

    make(&a, ED_READ_MORE, "T1", half);
    make(&b, ED_READ_MORE, "T2", half);
    chi = chi_pairs(&a, &b);
    ok(chi < 10.828, "two tests: chi-square %.2f", chi);

    make(&b, ED_PULL_QUOTE, "T1", half);
    chi = chi_pairs(&a, &b);
    ok(chi < 10.828, "two features, and one name: chi-square %.2f", chi);

    make(&a, ED_READ_MORE, "T1", three);
    make(&b, ED_READ_MORE, "T10", three);
    chi = chi_pairs(&a, &b);
    ok(chi < 18.467, "three arms: chi-square %.2f", chi);

    chi = chi_pairs(&a, &a);
    ok(chi > 10000, "a test is not independent of itself");
}


static void
test_edges(void)
{
    unsigned     i, n[ED_MAX_ARMS];
    ed_split_t   split;

    static const arm_t  one[] = { { "a", 0 }, { "b", 1 }, { NULL, 0 } };
    static const arm_t  few[] = {
        { "a", 1 }, { "b", 1000000 }, { NULL, 0 }
    };

    make(&split, ED_DISCLAIMER, "T1", one);
    ed_split_count(&split, n);
    ok(n[0] == 0 && n[1] == ED_BUCKETS, "one arm of two has all");

    make(&split, ED_DISCLAIMER, "T1", few);
    ed_split_count(&split, n);
    ok(n[0] <= 1, "a millionth is next to nothing: %u", n[0]);

    for (i = 2; i < ED_MAX_ARMS; i++) {
        n[0] += n[i];
    }

    ok(n[0] <= 1 && n[0] + n[1] == ED_BUCKETS, "arms that are none have none");
}


static void
make(ed_split_t *split, ed_feature_e feature, const char *id,
    const arm_t *arms)
{
    char         error[ED_MAX_ERROR], json[512];
    size_t       len;
    ed_state_t   state;

    len = (size_t) sprintf(json, "{\"mode\":\"test\",\"id\":\"%s\","
                           "\"weights\":{", id);

    for ( /* void */ ; arms->name != NULL; arms++) {
        len += (size_t) sprintf(json + len, "\"%s\":%u%s", arms->name,
                                arms->weight, arms[1].name ? "," : "}}");
    }

    memset(split, 0xff, sizeof(ed_split_t));

    if (ed_state_parse(ed_str(json, len), &state, error) != ED_OK) {
        ok(0, "%s: %s", json, error);
        return;
    }

    ed_split_init(split, &state, feature);
}


static double
chi_square(const unsigned *seen, const double *want, unsigned n)
{
    double    chi;
    unsigned  i;

    chi = 0;

    for (i = 0; i < n; i++) {
        chi += (seen[i] - want[i]) * (seen[i] - want[i]) / want[i];
    }

    return chi;
}


/* Buckets that move into an arm, and those that move to any other. */

static unsigned
moves(const ed_split_t *from, const ed_split_t *to, unsigned arm,
    unsigned *elsewhere)
{
    unsigned  i, was, is, moved;

    moved = 0;
    *elsewhere = 0;

    for (i = 0; i < ED_BUCKETS; i++) {
        was = ed_split_arm(from, i);
        is = ed_split_arm(to, i);

        moved += (is != was && is == arm);
        *elsewhere += (is != was && is != arm);
    }

    return moved;
}


static double
chi_pairs(const ed_split_t *a, const ed_split_t *b)
{
    double    chi, want;
    unsigned  i, k, na[ED_MAX_ARMS], nb[ED_MAX_ARMS];
    unsigned  both[ED_MAX_ARMS][ED_MAX_ARMS];

    memset(both, 0, sizeof(both));
    ed_split_count(a, na);
    ed_split_count(b, nb);

    for (i = 0; i < ED_BUCKETS; i++) {
        both[ed_split_arm(a, i)][ed_split_arm(b, i)]++;
    }

    chi = 0;

    for (i = 0; i < a->n; i++) {
        for (k = 0; k < b->n; k++) {
            want = (double) na[i] * nb[k] / ED_BUCKETS;
            chi += (both[i][k] - want) * (both[i][k] - want) / want;
        }
    }

    return chi;
}
