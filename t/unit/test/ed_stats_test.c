
/*
 * Statistics, held against published figures, against figures that were
 * reckoned in another way (said where they stand), and against tens of
 * thousands of simulated tests.
 */

#include <math.h>

#include "ed_stats.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define DAYS   60
#define TESTS  10000


/* What visitors of an arm do on a day: so many come, and the chance that x of
   them or fewer convert is cdf[x]. */
typedef struct {
    unsigned           n;
    double            *cdf;
} day_t;


static void test_rate(void);
static void test_lift(void);
static void test_tally(void);
static void test_chi_square(void);
static void test_chi_square_exact(void);
static void test_sample_ratio(void);
static void test_sample_ratio_few(void);
static void test_sample_ratio_chance(void);
static void test_p(void);
static void test_p_edges(void);
static void test_false_alarms(void);
static void test_power(void);

static int is_near(double got, double want, double within);
static double p_of(uint64_t n1, uint64_t x1, uint64_t n2, uint64_t x2);
static unsigned finds(const day_t *a, const day_t *b, unsigned tests,
    unsigned *naive);
static int is_naive_find(ed_tally_t a, ed_tally_t b);
static void day_init(day_t *day, unsigned n, double rate);
static unsigned day_draw(const day_t *day);
static double uniform(void);


static uint64_t  seed;


int
main(void)
{
    test_rate();
    test_lift();
    test_tally();
    test_chi_square();
    test_chi_square_exact();
    test_sample_ratio();
    test_sample_ratio_few();
    test_sample_ratio_chance();
    test_p();
    test_p_edges();
    test_false_alarms();
    test_power();

    return ed_test_done();
}


/*
 * The first four are in R. G. Newcombe, "Two-sided confidence intervals for
 * the single proportion: comparison of seven methods" (Statistics in Medicine,
 * 1998), table I, method 3.  The others by bisection: the interval's ends are
 * the rates p from which x/n is 1.96 of p's own deviations away.
 */

static void
test_rate(void)
{
    size_t      i;
    ed_rate_t   rate;

    static const struct {
        uint64_t  x;
        uint64_t  n;
        double    low;
        double    high;
        double    within;
    } list[] = {
        { 81, 263, 0.2553, 0.3662, 5e-5 },
        { 15, 148, 0.0624, 0.1605, 5e-5 },
        { 0, 20, 0, 0.1611, 5e-5 },
        { 1, 29, 0.0061, 0.1718, 5e-5 },
        { 29, 29, 0.8830302015, 1, 1e-9 },
        { 412, 9876, 0.0379489012, 0.0458420648, 1e-9 },
        { 500000, 1000000, 0.4990200199, 0.5009799801, 1e-9 }
    };

    for (i = 0; i < count(list); i++) {
        ed_stats_rate((ed_tally_t) { list[i].n, list[i].x }, &rate);

        ok(is_near(rate.low, list[i].low, list[i].within)
           && is_near(rate.high, list[i].high, list[i].within),
           "%d of %d: %.6f to %.6f", (int) list[i].x, (int) list[i].n,
           rate.low, rate.high);
        ok(rate.low <= rate.rate && rate.rate <= rate.high
           && is_near(rate.rate, (double) list[i].x / (double) list[i].n,
                      1e-15), "around %.4f", rate.rate);
    }

    ed_stats_rate((ed_tally_t) { 0, 0 }, &rate);
    ok(rate.rate == 0 && rate.low == 0 && rate.high == 1,
       "of nobody nothing is known");

    ed_stats_rate((ed_tally_t) { UINT64_MAX, UINT64_MAX / 2 }, &rate);
    ok(is_near(rate.low, 0.5, 1e-9) && is_near(rate.high, 0.5, 1e-9),
       "of everybody all");
}


static void
test_lift(void)
{
    double  lift;

    ok(ed_stats_lift((ed_tally_t) { 1000, 50 }, (ed_tally_t) { 2000, 120 },
                     &lift) && is_near(lift, 0.2, 1e-12), "5 %% to 6 %%");
    ok(ed_stats_lift((ed_tally_t) { 1000, 50 }, (ed_tally_t) { 2000, 0 },
                     &lift) && lift == -1, "to nothing");
    ok(ed_stats_lift((ed_tally_t) { 7, 3 }, (ed_tally_t) { 7, 3 }, &lift)
       && lift == 0, "none");

    lift = 7;
    ok(!ed_stats_lift((ed_tally_t) { 1000, 0 }, (ed_tally_t) { 2000, 120 },
                      &lift) && lift == 0, "from nothing there is none");
    ok(!ed_stats_lift((ed_tally_t) { 0, 0 }, (ed_tally_t) { 2000, 120 },
                      &lift), "nor without a control");
    ok(!ed_stats_lift((ed_tally_t) { 1000, 50 }, (ed_tally_t) { 0, 0 },
                      &lift), "nor without a variant");
}


static void
test_tally(void)
{
    ed_tally_t     tally;
    ed_counted_t   counted;

    counted.exposures = 100;
    counted.clicks = 7;
    counted.finishes = 101;

    tally = ed_stats_tally(&counted, ED_METRIC_CLICK);
    ok(tally.n == 100 && tally.x == 7, "clicks of exposures");

    tally = ed_stats_tally(&counted, ED_METRIC_FINISH);
    ok(tally.n == 100 && tally.x == 100, "finishes, all of them at most");

    is_str(ed_metric_name(ED_METRIC_CLICK), "click", "name");
    is_str(ed_metric_name(ED_METRIC_FINISH), "finish", "name");
}


/* The critical values of any table. */

static void
test_chi_square(void)
{
    size_t    i, k;
    double    p;

    static const double  levels[3] = { 0.05, 0.01, 0.001 };

    static const struct {
        unsigned  degrees;
        double    x[3];
    } table[] = {
        { 1, { 3.841, 6.635, 10.828 } },
        { 2, { 5.991, 9.210, 13.816 } },
        { 3, { 7.815, 11.345, 16.266 } },
        { 4, { 9.488, 13.277, 18.467 } },
        { 5, { 11.070, 15.086, 20.515 } },
        { 10, { 18.307, 23.209, 29.588 } },
        { 16, { 26.296, 32.000, 39.252 } }
    };

    for (i = 0; i < count(table); i++) {
        for (k = 0; k < 3; k++) {
            p = ed_stats_chi_square(table[i].x[k], table[i].degrees);

            ok(is_near(p, levels[k], levels[k] * 5e-4),
               "%.3f of %u degrees: %.6f", table[i].x[k], table[i].degrees,
               p);
        }
    }

    ok(ed_stats_chi_square(0, 1) == 1 && ed_stats_chi_square(-1, 2) == 1,
       "nothing is off");
    ok(ed_stats_chi_square(1e9, 1) == 0 && ed_stats_chi_square(1e9, 16) == 0,
       "all is");
}


/* The density, integrated by Simpson's rule. */

static void
test_chi_square_exact(void)
{
    size_t  i;
    double  p;

    static const struct {
        double    x;
        unsigned  degrees;
        double    p;
    } list[] = {
        { 0.5, 1, 4.795001221870e-01 },
        { 22.774, 1, 1.822142558085e-06 },
        { 0.9, 2, 6.376281516218e-01 },
        { 3.3, 3, 3.476426447323e-01 },
        { 25.3, 4, 4.378319550939e-05 },
        { 1.2, 5, 9.448773650021e-01 },
        { 47, 7, 5.582017173571e-08 },
        { 11, 16, 8.094852825195e-01 },
        { 60, 16, 5.233734167071e-07 }
    };

    for (i = 0; i < count(list); i++) {
        p = ed_stats_chi_square(list[i].x, list[i].degrees);

        ok(is_near(p, list[i].p, list[i].p * 1e-9),
           "%.3f of %u degrees: %.12e", list[i].x, list[i].degrees, p);
    }
}


/*
 * R. Kohavi, D. Tang, Y. Xu, "Trustworthy Online Controlled Experiments"
 * (2020), chapter 3: 821,588 users and 815,482, of which each should have been
 * a half, have a p-value of 1.8e-6.  G. Mendel's peas of two characters, 315,
 * 101, 108, 32, by 9:3:3:1: chi-square 0.470 of 3 degrees, as in many
 * textbooks, p 0.925.
 */

static void
test_sample_ratio(void)
{
    double  p;

    p = ed_stats_sample_ratio((uint64_t [2]) { 821588, 815482 },
                              (uint64_t [2]) { 1, 1 }, 2);
    ok(is_near(p, 1.8e-6, 5e-8) && p < ED_STATS_BROKEN, "users: %.2e", p);

    p = ed_stats_sample_ratio((uint64_t [4]) { 315, 101, 108, 32 },
                              (uint64_t [4]) { 9, 3, 3, 1 }, 4);
    ok(is_near(p, 0.925, 5e-4), "peas: %.4f", p);

    p = ed_stats_sample_ratio((uint64_t [3]) { 1000, 17, 1000 },
                              (uint64_t [3]) { 4943, 0, 4943 }, 3);
    ok(p == 1, "an arm of no share is left out");

    p = ed_stats_sample_ratio((uint64_t [2]) { 10000, 9000 },
                              (uint64_t [2]) { 5000, 5000 }, 2);
    ok(p < ED_STATS_BROKEN, "a tenth is lost of one arm: %.2e", p);
}


static void
test_sample_ratio_few(void)
{
    double  p, q;

    ok(ed_stats_sample_ratio((uint64_t [2]) { 0, 0 },
                             (uint64_t [2]) { 1, 1 }, 2) == 1, "nobody");
    ok(ed_stats_sample_ratio((uint64_t [2]) { 9, 0 },
                             (uint64_t [2]) { 1, 1 }, 2) == 1,
       "nine are too few");
    ok(ed_stats_sample_ratio((uint64_t [2]) { 10, 0 },
                             (uint64_t [2]) { 1, 1 }, 2) < 0.01,
       "ten are not");
    ok(ed_stats_sample_ratio((uint64_t [2]) { 100, 0 },
                             (uint64_t [2]) { 1, 0 }, 2) == 1,
       "one arm with a share");
    ok(ed_stats_sample_ratio((uint64_t [2]) { 1, 1 },
                             (uint64_t [2]) { 0, 0 }, 2) == 1,
       "none with one");
    ok(ed_stats_sample_ratio(NULL, NULL, 0) == 1, "no arm");

    p = ed_stats_sample_ratio((uint64_t [4]) { 1, 500, 3, 540 },
                              (uint64_t [4]) { 1, 500, 2, 500 }, 4);
    q = ed_stats_sample_ratio((uint64_t [2]) { 500, 544 },
                              (uint64_t [2]) { 500, 503 }, 2);
    ok(p < 1 && is_near(p, q, 1e-12), "small arms are one with the next: %f",
       p);
}


/* Units that are split as they should be are said to be broken as seldom as
   the level says: 10,000 times, 10 on the mean. */

static void
test_sample_ratio_chance(void)
{
    day_t      day;
    double     p;
    unsigned   i, below, broken;
    uint64_t   units[2];

    seed = 11;
    below = 0;
    broken = 0;
    day_init(&day, 2000, 0.3);

    for (i = 0; i < TESTS; i++) {
        units[0] = day_draw(&day);
        units[1] = 2000 - units[0];

        p = ed_stats_sample_ratio(units, (uint64_t [2]) { 3, 7 }, 2);
        below += (p < 0.05);
        broken += (p < ED_STATS_BROKEN);
    }

    ok(below > 430 && below < 570, "5 %% are below 5 %%: %u of %u", below,
       TESTS);
    ok(broken <= 21, "and 0.1 %% broken: %u", broken);
    free(day.cdf);
}


/* The mixture's integral over normally distributed differences, by Simpson's
   rule, without the form that it has. */

static void
test_p(void)
{
    size_t  i;
    double  p;

    static const struct {
        uint64_t  x1;
        uint64_t  n1;
        uint64_t  x2;
        uint64_t  n2;
        double    p;
    } list[] = {
        { 500, 10000, 600, 10000, 4.581771671630e-02 },
        { 500, 10000, 580, 10000, 1.808205671764e-01 },
        { 500, 10000, 500, 10000, 1 },
        { 4000, 10000, 4300, 10000, 1.194049722795e-03 },
        { 90, 9000, 25, 1000, 2.499094434363e-02 },
        { 1000, 50000, 1150, 50000, 2.897055368194e-02 },
        { 10, 100, 20, 100, 9.394814118815e-01 }
    };

    for (i = 0; i < count(list); i++) {
        p = p_of(list[i].n1, list[i].x1, list[i].n2, list[i].x2);

        ok(is_near(p, list[i].p, list[i].p * 1e-9),
           "%d of %d, %d of %d: %.12f", (int) list[i].x1, (int) list[i].n1,
           (int) list[i].x2, (int) list[i].n2, p);
        ok(is_near(p, p_of(list[i].n2, list[i].x2, list[i].n1, list[i].x1),
                   1e-14)
           && is_near(p, p_of(list[i].n1, list[i].n1 - list[i].x1,
                              list[i].n2, list[i].n2 - list[i].x2),
                      p * 1e-9), "either way round");
    }
}


static void
test_p_edges(void)
{
    ok(p_of(0, 0, 0, 0) == 1, "nobody");
    ok(p_of(0, 0, 100, 50) == 1, "no control");
    ok(p_of(100, 50, 0, 0) == 1, "no variant");
    ok(p_of(1000000, 0, 1000000, 0) == 1, "nothing converts");
    ok(p_of(1000000, 1000000, 1000, 1000) == 1, "everything does");
    ok(p_of(1, 0, 1, 1) > 0.99, "two visitors");
    ok(p_of(10, 0, 10, 10) > 0.9, "twenty are no find, whatever they do");
    ok(p_of(1000000, 20000, 1000000, 30000) < 1e-300, "a landslide");
    ok(p_of(UINT64_MAX, 1, UINT64_MAX, 1) == 1, "as many as can be counted");
}


/*
 * Two arms without a difference, looked at daily for two months, 10,000 times
 * each: how many are ever below 5 %?  The p-value of the schoolbook, looked at
 * as often, shows that there was something to withstand.
 */

static void
test_false_alarms(void)
{
    day_t      a, b;
    size_t     i;
    unsigned   found, naive;

    static const struct {
        unsigned  n1;                  /* visitors a day */
        unsigned  n2;
        double    rate;
    } list[] = {
        { 100, 100, 0.05 },
        { 1000, 1000, 0.01 },
        { 1000, 1000, 0.6 },
        { 900, 100, 0.02 },
        { 100, 900, 0.001 },
        { 10000, 10000, 0.05 }
    };

    seed = 5;

    for (i = 0; i < count(list); i++) {
        day_init(&a, list[i].n1, list[i].rate);
        day_init(&b, list[i].n2, list[i].rate);
        found = finds(&a, &b, TESTS, &naive);

        ok(found <= TESTS / 20, "%u and %u a day, %.1f %%: %u false alarms of "
           "%u", list[i].n1, list[i].n2, 100 * list[i].rate, found, TESTS);
        ok(naive > TESTS / 5, "where the schoolbook has %u", naive);

        free(a.cdf);
        free(b.cdf);
    }
}


static void
test_power(void)
{
    day_t      a, b;
    unsigned   found, naive;

    seed = 6;

    day_init(&a, 1000, 0.05);
    day_init(&b, 1000, 0.06);
    found = finds(&a, &b, 1000, &naive);
    ok(found > 950, "5 %% to 6 %%, 1,000 a day: found %u of 1,000 times",
       found);
    free(b.cdf);

    day_init(&b, 1000, 0.055);
    found = finds(&a, &b, 1000, &naive);
    ok(found > 500, "5 %% to 5.5 %%: %u", found);
    free(b.cdf);
    free(a.cdf);

    day_init(&a, 200, 0.4);
    day_init(&b, 200, 0.45);
    found = finds(&a, &b, 1000, &naive);
    ok(found > 950, "40 %% to 45 %%, 200 a day: %u", found);
    free(b.cdf);
    free(a.cdf);
}


static int
is_near(double got, double want, double within)
{
    return fabs(got - want) <= within;
}


static double
p_of(uint64_t n1, uint64_t x1, uint64_t n2, uint64_t x2)
{
    return ed_stats_p((ed_tally_t) { n1, x1 }, (ed_tally_t) { n2, x2 });
}


/* How many tests are ever below 5 %. */

static unsigned
finds(const day_t *a, const day_t *b, unsigned tests, unsigned *naive)
{
    int         found, found_naively;
    unsigned    i, day, n;
    ed_tally_t  x, y;

    n = 0;
    *naive = 0;

    for (i = 0; i < tests; i++) {
        memset(&x, 0, sizeof(x));
        memset(&y, 0, sizeof(y));
        found = 0;
        found_naively = 0;

        for (day = 0; day < DAYS; day++) {
            x.n += a->n;
            x.x += day_draw(a);
            y.n += b->n;
            y.x += day_draw(b);

            found |= (ed_stats_p(x, y) < 0.05);
            found_naively |= is_naive_find(x, y);
        }

        n += (unsigned) found;
        *naive += (unsigned) found_naively;
    }

    return n;
}


static int
is_naive_find(ed_tally_t a, ed_tally_t b)
{
    double  p, difference;

    p = (double) (a.x + b.x) / (double) (a.n + b.n);
    difference = (double) a.x / (double) a.n - (double) b.x / (double) b.n;

    return difference * difference
           > 3.8415 * p * (1 - p) * (1. / (double) a.n + 1. / (double) b.n);
}


static void
day_init(day_t *day, unsigned n, double rate)
{
    double    sum;
    unsigned  x;

    day->n = n;
    day->cdf = malloc((n + 1) * sizeof(double));
    sum = 0;

    for (x = 0; x <= n; x++) {
        sum += exp(lgamma(n + 1.) - lgamma(x + 1.) - lgamma(n - x + 1.)
                   + x * log(rate) + (n - x) * log1p(-rate));
        day->cdf[x] = sum;
    }
}


static unsigned
day_draw(const day_t *day)
{
    double    u;
    unsigned  low, high, middle;

    u = uniform();
    low = 0;
    high = day->n;

    while (low < high) {
        middle = (low + high) / 2;

        if (day->cdf[middle] > u) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return low;
}


/* SplitMix64, by G. Steele, D. Lea and C. Flood. */

static double
uniform(void)
{
    uint64_t  z;

    seed += 0x9e3779b97f4a7c15ULL;

    z = seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    z ^= z >> 31;

    return (double) (z >> 11) / 9007199254740992.;
}
