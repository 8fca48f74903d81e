
/*
 * The state of a feature on a desk: what an editor's switch says.
 *
 *     {"mode":"off"}
 *     {"mode":"on","variant":"box"}
 *     {"mode":"test","id":"T1","weights":{"box":50,"off":50}}
 *
 * Each may have "starts" and "ends" (RFC 3339, in UTC).  Before the one and
 * from the other on the feature is on in its control, its first variant.
 *
 * A state keeps the names of variants, not their numbers.  It belongs to a
 * desk, and outlives the configuration: the locations of a desk may declare
 * different variants, or the same in another order, and a reload may change
 * them, while the state lies in Redis and in shared memory.  What it means
 * where one policy holds is asked of ed_ruling.h, once for each policy and
 * state.
 *
 * It is a plain struct without pointers, to be copied with memcpy() wherever
 * it is kept.  Two that say the same are the same bytes: what is not used is
 * zero, and arms are in the order of their names.
 */

#ifndef ED_STATE_H
#define ED_STATE_H


#include "ed_json.h"
#include "ed_policy.h"


#define ED_MAX_STATE     (64 * 1024)   /* bytes of JSON */
#define ED_MAX_ARMS      (ED_MAX_VARIANTS + 1)     /* "off" is one too */
#define ED_MAX_WEIGHT    1000000
#define ED_NO_TIME       (-1)          /* of starts and ends: not stated */


typedef enum {
    ED_STATE_CONTROL = 0,              /* a zeroed state; none that was read */
    ED_STATE_OFF,
    ED_STATE_ON,
    ED_STATE_TEST,
    ED_STATE_MODES
} ed_state_mode_e;


/* A name of ed_feature_is_name(), or a test's id, with a NUL; len 0: none. */
typedef struct {
    uint8_t            len;
    char               text[ED_MAX_NAME + 1];
} ed_name_t;


typedef struct {
    uint32_t           weight;         /* 0 to ED_MAX_WEIGHT, relative */
    ed_name_t          name;           /* of a variant, or "off" */
} ed_arm_t;


typedef struct {
    int64_t            starts;         /* seconds since the epoch, */
    int64_t            ends;           /*   or ED_NO_TIME */
} ed_window_t;


typedef struct {
    ed_state_mode_e    mode;
    ed_name_t          variant;        /* of ON */
    ed_name_t          id;             /* of TEST */
    unsigned           narms;          /* of TEST, at least 2 */
    ed_arm_t           arms[ED_MAX_ARMS];
    ed_window_t        window;         /* outside of it: the control */
} ed_state_t;


static inline ed_str_t
ed_name_str(const ed_name_t *name)
{
    return ed_str(name->text, name->len);
}


/*
 * Reads a state, its form and not its variants: ed_state_check().  A test
 * without an "id" has an empty one: ed_state_give_id(), or _derive_id().
 * ED_INVALID: it is malformed, and error (ED_MAX_ERROR bytes) holds a sentence,
 * printable ASCII whatever came.  ED_NOMEM.  On failure *state is as it was.
 */
ed_rc_t ed_state_parse(ed_str_t json, ed_state_t *state, char *error);

/*
 * Reads the words of a directive, args[0] being its name:
 *
 *     editorial_test FEATURE VARIANT=WEIGHT …
 *
 * The test's id is made of the variants' names: it stays while weights
 * change, and other variants are another test.  Failures as above.
 */
ed_rc_t ed_state_from_words(const ed_str_t *args, unsigned n,
    ed_feature_e *feature, ed_state_t *state, char *error);

/*
 * Has the policy every variant that is named?  ED_INVALID: not, and error
 * (ED_MAX_ERROR bytes) says which and what there is.
 */
ed_rc_t ed_state_check(const ed_state_t *state, const ed_policy_t *policy,
    ed_feature_e feature, char *error);

/*
 * What holds where nobody has said anything: on in the first variant of the
 * policy, off where it has none.
 */
void ed_state_control(ed_state_t *state, const ed_policy_t *policy,
    ed_feature_e feature);

/* What holds at a time, in seconds since the epoch: the state's mode, or
   ED_STATE_CONTROL before it starts and from its end on. */
ed_state_mode_e ed_state_at(const ed_state_t *state, int64_t now);
int ed_window_holds(const ed_window_t *window, int64_t now);

/* Gives a test that has none an id, of the day and random: 2026-12-01-… */
void ed_state_give_id(ed_state_t *state, int64_t now, uint32_t random);

/*
 * Gives a test that has none an id of its variants' names: redis-…, the same
 * wherever the state is read, for as long as the variants are the same.
 */
void ed_state_derive_id(ed_state_t *state);

/* Could a test be called that?  1 to 64 of letters, digits, ".", "_", "-". */
int ed_state_is_id(ed_str_t id);

/*
 * The state as JSON, in its one form: compact, fields in the order above, arms
 * in that of their names, times in UTC.  To be released with json_decref(),
 * and freed with free(); NULL: no memory.
 */
json_t *ed_state_json(const ed_state_t *state);
char *ed_state_format(const ed_state_t *state);

/*
 * Reads a desk's "paused": true or false.  ED_INVALID with a sentence in error
 * (ED_MAX_ERROR bytes), as above; ED_NOMEM.
 */
ed_rc_t ed_state_paused(ed_str_t json, int *paused, char *error);


#endif /* ED_STATE_H */
