
/*
 * The results of a test: counts of all nodes added up, and what they say.
 *
 *     fields   node:epoch:2026-11-23:box:exposure  1234  --+
 *     cells    of this node, which may be ahead of those --+--> rows --> JSON
 *
 * A row is of one day and variant.  Days are told as they are; all else is of
 * their sums.
 */

#ifndef ED_RESULTS_H
#define ED_RESULTS_H


#include "ed_buf.h"
#include "ed_ledger.h"
#include "ed_stats.h"


#define ED_RESULTS_ROWS  4096          /* days times variants, at most */


typedef struct {
    ed_buf_t           rows;
} ed_results_t;


/* A field's name, taken apart. */
typedef struct {
    ed_str_t           node;           /* "NODE:EPOCH:" */
    uint32_t           day;            /* since the epoch */
    ed_str_t           variant;
    ed_event_e         event;
} ed_results_field_t;


/* Whose results they are. */
typedef struct {
    ed_str_t           test;
    const ed_state_t  *state;          /* of that test; NULL: the feature is no
                                          longer in it, or never was */
    const unsigned    *shares;         /* of ed_split_count(), of its arms */
    uint32_t           since;          /* the first day on which those were all
                                          day long, since the epoch */
    ed_str_t           control;        /* the first variant; may be empty */
} ed_results_test_t;


void ed_results_init(ed_results_t *results);
void ed_results_free(ed_results_t *results);

/* Reads a field's name; 0: it is none of ours.  It points into the name. */
int ed_results_read(ed_str_t name, ed_results_field_t *field);

/* A count as a field's value says it; 0 where it is none. */
uint64_t ed_results_number(ed_str_t value);

/* Adds to a row.  ED_NOMEM; ED_LIMIT_SIZE: there are too many of them. */
ed_rc_t ed_results_add(ed_results_t *results, uint32_t day, ed_str_t variant,
    ed_event_e event, uint64_t count);

/* Has anything been counted? */
int ed_results_is_empty(const ed_results_t *results);

/*
 * All of it, to be released with json_decref(); NULL: no memory.  It sorts the
 * rows.
 *
 * Variants are the arms of the state and whatever else was counted; the one
 * that the others are compared with, the control, comes first.  It is the
 * feature's, or "off" where a test has no such arm, or the first there is.
 */
json_t *ed_results_json(ed_results_t *results, const ed_results_test_t *test);


#endif /* ED_RESULTS_H */
