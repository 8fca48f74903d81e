
/*
 * What the counts of a test say.  The unit is the visitor, counted once: of
 * n who were exposed, x have clicked, or finished the article.
 *
 * Editors look at a test whenever they like, and stop it when they like what
 * they see.  A p-value of the schoolbook is wrong then: looked at daily for
 * two months, every third test of nothing is a find at 5 %.  The p-value here
 * is valid however often it is looked at, and whatever decides when to stop:
 * where there is no difference, the chance that it is ever below 5 %, at any
 * time, is 5 % at most.  It is that of the mixture sequential probability
 * ratio test, by R. Johari, P. Koomen, L. Pekelis and D. Walsh: "Peeking at
 * A/B Tests" (KDD 2017), for the mixture by H. Robbins: "Statistical Methods
 * Related to the Law of the Iterated Logarithm" (Annals of Mathematical
 * Statistics, 1970).
 *
 * It holds for one comparison.  Of ten tests of nothing one may well be below
 * 10 %: who looks at many for the best has to ask for less.
 */

#ifndef ED_STATS_H
#define ED_STATS_H


#include "ed_str.h"


/* Below it visitors were not split as the weights say: something is broken,
   and no other number means anything. */
#define ED_STATS_BROKEN  0.001


/* What has been counted of one arm. */
typedef struct {
    uint64_t           exposures;
    uint64_t           clicks;
    uint64_t           finishes;
} ed_counted_t;


typedef enum {
    ED_METRIC_CLICK = 0,               /* clicks of exposures */
    ED_METRIC_FINISH,                  /* finishes of exposures */
    ED_METRICS
} ed_metric_e;


typedef struct {
    uint64_t           n;              /* units */
    uint64_t           x;              /* of these converted, n at most */
} ed_tally_t;


typedef struct {
    double             rate;           /* x / n; 0 where n is 0 */
    double             low;            /* its interval of 95 %, */
    double             high;           /*   0 to 1 where n is 0 */
} ed_rate_t;


/* "click", "finish". */
ed_str_t ed_metric_name(ed_metric_e metric);

/* One metric of an arm.  Where more was counted than there are exposures, as
   a forged or a lost message may do, all of those have converted. */
ed_tally_t ed_stats_tally(const ed_counted_t *counted, ed_metric_e metric);

/* The share that converts, with the interval of E. B. Wilson (Journal of the
   American Statistical Association, 1927). */
void ed_stats_rate(ed_tally_t tally, ed_rate_t *rate);

/*
 * How much more converts than in the control, relatively: 0.1 is 10 % more.
 * 0: there is no such number, as nothing converts in the control, or nobody
 * has been counted; *lift is 0 then.
 */
int ed_stats_lift(ed_tally_t control, ed_tally_t variant, double *lift);

/*
 * The p-value of a difference, valid under continuous looking; 1 where
 * nothing can be said.  Of several looks at the same test the least is valid
 * too.
 */
double ed_stats_p(ed_tally_t control, ed_tally_t variant);

/*
 * The p-value of units being spread over n arms (ED_STATS_ARMS at most) as
 * shares are, by chi-square; 1 where they are too few to say.  shares are
 * relative: those of ed_split_count(), as buckets meet weights within chance
 * only, and a hundred thousand visitors are enough to see by how much.  An arm
 * of no share is left out.
 */
#define ED_STATS_ARMS  32

double ed_stats_sample_ratio(const uint64_t *units, const uint64_t *shares,
    unsigned n);

/* The chance that chi-square of so many degrees of freedom (at least 1) is x
   or more. */
double ed_stats_chi_square(double x, unsigned degrees);


#endif /* ED_STATS_H */
