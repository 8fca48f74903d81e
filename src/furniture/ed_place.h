
/*
 * The placement rule for furniture that has no fixed place.  Pure: gaps in,
 * chosen gaps and reasons out.
 *
 *     paragraphs    1     2     3     4     5     6     7     8
 *     gaps             1     2     3     4     5     6     7
 *
 * Gap k lies behind paragraph k.  Other furniture is known by the gaps it
 * touches: a box in gap k is at [k, k], and so is a highlight in paragraph k,
 * whose aside would stand there.
 */

#ifndef ED_PLACE_H
#define ED_PLACE_H


#include "ed_str.h"


typedef enum {
    ED_GAP_FREE = 0,
    ED_GAP_BEFORE_LAST,            /* before the last paragraph of the body */
    ED_GAP_BESIDE,                 /* beside something that is no paragraph */
    ED_GAP_COLON,                  /* after a paragraph ending in a colon */
    ED_GAP_EXCLUDED,               /* beside or inside an excluded block */
    ED_GAP_LOOSE,                  /* where formatting was left open */
    ED_GAP_EARLY,                  /* fewer than `after` paragraphs before */
    ED_GAP_NEAR,                   /* nearer than `every` to other furniture */
    ED_GAP_TAKEN,                  /* chosen */
    ED_GAP_REASONS
} ed_gap_e;


typedef struct {
    uint32_t           first;      /* the gaps a piece of furniture touches */
    uint32_t           last;
} ed_taken_t;


typedef struct {
    unsigned           after;      /* paragraphs before the first box */
    unsigned           every;      /* paragraphs from any other furniture */
    unsigned           max;        /* boxes to place */
} ed_place_rule_t;


/*
 * Chooses at most rule->max of ngaps gaps.  gaps[k - 1] is the state of gap k
 * as far as the page goes; those still FREE that come under the rule's eye
 * become TAKEN, EARLY or NEAR.  taken lists the furniture that stands
 * already, sorted by first.  Linear.  Returns how many were chosen.
 */
unsigned ed_place(ed_gap_e *gaps, uint32_t ngaps, const ed_place_rule_t *rule,
    const ed_taken_t *taken, size_t ntaken);


#endif /* ED_PLACE_H */
