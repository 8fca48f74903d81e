
/*
 * Which variant a visitor gets while a test runs.
 *
 *     a visitor --> bucket 0 … 9999 --> the test's arm
 *
 * A bucket is all that is known of a visitor, and tells nothing about him.
 * What it gets depends on the feature, the test's id, and the names and
 * weights of its arms: on nothing that a node could have otherwise than
 * another.  No floating point takes part.
 *
 * It is weighted rendezvous hashing.  Each arm draws for each bucket a number
 * e, exponentially distributed, from a hash of feature, test, arm and bucket;
 * the bucket goes to the arm whose e / weight is least.  So
 *
 *     - an arm gets its share of the weights, within chance: of 10,000
 *       buckets a half is 5,000, give or take 50.  ed_split_count() says how
 *       many they really are, and what has been counted is to be held against
 *       those;
 *     - a bucket goes from one arm to another only where the latter's weight
 *       has grown as against the former's.  Where one weight is raised, or an
 *       arm added, buckets move into that arm and nowhere else, and where it
 *       is taken back they are where they were.  That holds exactly, for any
 *       number of arms, since products of integers are compared;
 *     - only the proportion of weights matters, not their sum, nor the order
 *       of arms;
 *     - tests are independent of each other, of the same name on two features
 *       too.  On two desks a test of the same name on the same feature is the
 *       same to a visitor.
 */

#ifndef ED_BUCKET_H
#define ED_BUCKET_H


#include "ed_hash.h"
#include "ed_state.h"


#define ED_BUCKETS  10000


typedef struct {
    uint32_t           weight;
    uint8_t            key[ED_HASH_KEY];
} ed_split_arm_t;


/* A test made ready to be asked for many buckets.  Plain, as a state is. */
typedef struct {
    unsigned           n;
    ed_split_arm_t     arms[ED_MAX_ARMS];      /* as the state's */
} ed_split_t;


/* The bucket of what a visitor is told apart by; the same on every node. */
unsigned ed_bucket_of(ed_str_t visitor);

/*
 * The bucket that a cookie's value says: 1 to 4 digits, and nothing else.
 * -1: it says none.
 */
int ed_bucket_read(ed_str_t value);

/* A bucket out of a random number, of 31 bits at least. */
unsigned ed_bucket_fresh(uint64_t random);

/* Makes a state of mode test ready. */
void ed_split_init(ed_split_t *split, const ed_state_t *state,
    ed_feature_e feature);

/* The number of the arm, in the state's arms, that a bucket gets: never one
   without weight, unless all of them are. */
unsigned ed_split_arm(const ed_split_t *split, unsigned bucket);

/*
 * Arms that were drawn before, by bucket, from 1; 0: not yet.  Drawing takes
 * as long as a good part of what else a stored page does.  Zeroed memory is
 * empty; one of it for each split.
 */
typedef struct {
    uint8_t            arms[ED_BUCKETS];
} ed_drawn_t;

static inline unsigned
ed_split_drawn(const ed_split_t *split, ed_drawn_t *drawn, unsigned bucket)
{
    if (drawn->arms[bucket] == 0) {
        drawn->arms[bucket] = (uint8_t) (1 + ed_split_arm(split, bucket));
    }

    return drawn->arms[bucket] - 1u;
}

/* How many buckets each arm gets; some 0.1 us a bucket and arm. */
void ed_split_count(const ed_split_t *split, unsigned count[ED_MAX_ARMS]);

/*
 * -log2((hash + 1) / 2^64), in units of 2^-32, to 2^-28: an
 * exponentially distributed number where hash is uniformly.  From 1 to
 * 64 * 2^32, and never more for a greater hash.
 */
uint64_t ed_split_draw(uint64_t hash);


#endif /* ED_BUCKET_H */
