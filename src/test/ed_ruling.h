
/*
 * A state where one policy holds: variants by their numbers there, ready to
 * be asked once a request.
 *
 *     ed_state_t  --ed_ruling_init()-->  ed_ruling_t     once for a policy
 *                    ed_policy_t                         and a state
 *
 *     ed_ruling_tests(now)            does a test run?
 *     ed_ruling_variant(now, bucket)  what the visitor gets
 *
 * A policy may lack a variant that the state names, since the locations of a
 * desk may differ, and configurations change.  Then the control holds there,
 * and of a test whose every weighted arm is not at hand none runs: readers of
 * a missing arm would have to be counted as another's.
 */

#ifndef ED_RULING_H
#define ED_RULING_H


#include "ed_bucket.h"


typedef struct {
    ed_state_mode_e    mode;
    uint8_t            control;        /* numbers of variants, 0 = off */
    uint8_t            variant;        /* of mode on */
    uint8_t            arms[ED_MAX_ARMS];      /* of mode test, by arm */
    unsigned           lacks:1;        /* the policy has variants of the
                                          feature, but not one that is named;
                                          ed_state_check() says which */
    ed_window_t        window;         /* outside of it: the control */
    ed_split_t         split;          /* of mode test */
} ed_ruling_t;


void ed_ruling_init(ed_ruling_t *ruling, const ed_state_t *state,
    const ed_policy_t *policy, ed_feature_e feature);

/* Does a test run at a time, in seconds since the epoch? */
int ed_ruling_tests(const ed_ruling_t *ruling, int64_t now);

/* The number of the variant that a bucket gets then, 0 for off; bucket does
   not matter where no test runs. */
unsigned ed_ruling_variant(const ed_ruling_t *ruling, int64_t now,
    unsigned bucket);

/* The same while a test runs, by what was drawn before; NULL: nothing was. */
unsigned ed_ruling_drawn(const ed_ruling_t *ruling, ed_drawn_t *drawn,
    unsigned bucket);


#endif /* ED_RULING_H */
