
/*
 * The board: what holds on each desk, in shared memory.
 *
 *     slot     version, desk A, desk B
 *                 |
 *                 +-- odd: B is the one that holds, even: A
 *
 * A request compares the version with that of what it has made of the desk
 * (ed_ruling.h), and only where it is another one reads the desk: without a
 * lock, and without waiting for anybody.  A writer fills the copy that does
 * not hold and then raises the version.  If it dies in between, nothing has
 * happened, and the next writer begins with that copy anew.  Writers keep each
 * other out by a lock of their own; there is none in here.
 *
 * The version of a slot that was never written is 0.  Memory begins zeroed.
 */

#ifndef ED_BOARD_H
#define ED_BOARD_H


#include "ed_journal.h"
#include "ed_record.h"
#include "ed_state.h"


#define ED_BOARD_DESKS   256
#define ED_MAX_PROBLEM   256           /* bytes of one, NUL included */
#define ED_MAX_USER      128           /* bytes of a name that is shown */
#define ED_MAX_MOMENT    253402300799999   /* ms: the end of the year 9999 */


/* Who changed it last through the API, and when; all zero: nobody. */
typedef struct {
    int64_t            at;             /* ms since the epoch */
    int64_t            reweighted;     /* when the weights of a test were last
                                          changed while it ran; 0: never */
    uint8_t            etag[ED_RECORD_DIGEST];     /* of what he made of it;
                                          zero: the configuration's again */
    uint8_t            len;
    char               user[ED_MAX_USER];          /* UTF-8 */
} ed_changed_t;


/* One feature on a desk. */
typedef struct {
    ed_state_t         state;          /* in force */
    uint8_t            etag[ED_RECORD_DIGEST];     /* of the state's JSON, as
                                          it was written; of the
                                          configuration's: in its one form */
    uint8_t            edited;         /* it is an editor's, else the
                                          configuration's */
    char               problem[ED_MAX_PROBLEM];    /* why what stands in its
                                          place is ignored; empty: it is not */
    ed_changed_t       changed;        /* may be of another state than the one
                                          in force: ed_notice_changed() */
} ed_notice_t;


typedef struct {
    ed_name_t          name;
    uint8_t            paused;         /* all furniture is off */
    char               problem[ED_MAX_PROBLEM];    /* of "paused", and of
                                          fields that mean nothing */
    ed_notice_t        features[ED_FEATURES];
} ed_desk_t;


typedef struct {
    uint64_t           set;            /* how often it was written without
                                          having been read elsewhere */
    uint64_t           version;
    ed_desk_t          copies[2];
} ed_board_slot_t;


typedef struct {
    uint32_t           n;              /* slots that are in use */
    ed_journal_t       journal;        /* without Redis: what was changed */
    ed_board_slot_t    slots[ED_BOARD_DESKS];
} ed_board_t;


static inline uint64_t
ed_board_version(const ed_board_slot_t *slot)
{
    return __atomic_load_n(&slot->version, __ATOMIC_ACQUIRE);
}


/* Copies the desk that holds; returns its version. */
uint64_t ed_board_read(const ed_board_slot_t *slot, ed_desk_t *desk);

/* Puts desk in its place.  One writer at a time. */
void ed_board_write(ed_board_slot_t *slot, const ed_desk_t *desk);

/* The steps of it: fills the copy that does not hold; makes it hold. */
void ed_board_fill(ed_board_slot_t *slot, const ed_desk_t *desk);
void ed_board_turn(ed_board_slot_t *slot);

/* Who made what is in force; NULL: that is not known. */
const ed_changed_t *ed_notice_changed(const ed_notice_t *notice);

/* The name of a user, which is cut to its size at a character's edge. */
void ed_changed_user(ed_changed_t *changed, ed_str_t name);

/* Notes, of a change made at ->at, whether it gives the test that was in force
   other weights; or when that was done last, where it leaves them. */
void ed_changed_weights(ed_changed_t *changed, const ed_notice_t *before,
    const ed_state_t *after);

/* Reads it, as it is kept in Redis.  ED_INVALID: it says nothing; ED_NOMEM.
   Then it is zeroed. */
ed_rc_t ed_changed_read(ed_changed_t *changed, ed_str_t json);

/* Makes the text a problem, cut to its size; no text: there is none. */
void ed_board_problem(char problem[ED_MAX_PROBLEM], const char *text);


#endif /* ED_BOARD_H */
