
/*
 * The desks of the configuration, and what holds on each of them.
 *
 *     configuration                          shared memory
 *     location --+--> desk "opinion" ------> slot of "opinion" (ed_board.h)
 *     location --+      policies, start
 *     location -----> desk "news" ---------> slot of "news"
 *
 * A desk starts in what editorial_test says, else with every feature on in its
 * first variant.  An editor's state takes its place until it is taken back.
 * With Redis those states are kept there, and one worker copies them to the
 * board (ngx_http_editorial_watch_desk.c); without it the board is where they
 * are kept.
 *
 * The memory outlives a reload.  A desk that the configuration no longer has
 * keeps its slot until another needs it.
 *
 * There is a board where there is an editorial_zone.  Without one every
 * feature is on in its first variant, always.
 */

#ifndef NGX_HTTP_EDITORIAL_BOARD_H
#define NGX_HTTP_EDITORIAL_BOARD_H


#include "ed_board.h"
#include "ed_ruling.h"
#include "ngx_http_editorial_module.h"


typedef struct ngx_http_editorial_shares_s  ngx_http_editorial_shares_t;


/* A line of editorial_test. */
struct ngx_http_editorial_test_s {
    ed_feature_e                 feature;
    ed_state_t                   state;
    u_char                      *file;
    ngx_uint_t                   line;
    unsigned                     used:1;     /* by some location, */
    unsigned                     accepted:1; /*   and one has its variants; */
    char                         error[ED_MAX_ERROR];    /* what one lacks */
};


/* A desk of the configuration. */
struct ngx_http_editorial_desk_s {
    ngx_str_t                    name;
    ngx_array_t                  policies;   /* of ed_policy_t *, those of its
                                                locations; at least one */
    ngx_array_t                  prints;     /* their fingerprints */
    ngx_http_editorial_test_t   *tests[ED_FEATURES];     /* NULL: none */
    ed_board_slot_t             *slot;       /* NULL: there is no board */

    ngx_pool_t                  *pool;       /* the configuration's */
    uint64_t                     version;    /* of which is drawn; a worker's */
    ed_drawn_t                  *drawn;      /*   own, by feature; NULL: no
                                                test has run yet */
    ngx_http_editorial_shares_t *shares[ED_FEATURES];    /* likewise; NULL:
                                                nobody has asked for results */
};


/* All of them, and the board. */
struct ngx_http_editorial_board_s {
    ngx_array_t                  desks;      /* of pointers, as the next */
    ngx_array_t                  tests;
    ed_board_t                  *sh;         /* NULL: no editorial_zone */
    ngx_slab_pool_t             *shpool;
};


/* What a location makes of its desk; a worker's own. */
struct ngx_http_editorial_rulings_s {
    uint64_t                     version;    /* of the desk; 0: none yet */
    unsigned                     paused:1;
    ed_ruling_t                  features[ED_FEATURES];
};


/* What was read from outside, for ngx_http_editorial_desk_post(). */
typedef enum {
    NGX_HTTP_EDITORIAL_ABSENT = 0,           /* the configuration's holds */
    NGX_HTTP_EDITORIAL_READ,
    NGX_HTTP_EDITORIAL_IGNORED               /* the last good one holds */
} ngx_http_editorial_reading_e;

typedef struct {
    struct {
        ngx_http_editorial_reading_e  what;
        ed_state_t                    state;
        uint8_t                       etag[ED_RECORD_DIGEST];
        char                          error[ED_MAX_ERROR];
    } features[ED_FEATURES];

    uint64_t                          set;   /* of the desk, before it was read:
                                                ngx_http_editorial_desk_count()
                                                */
    ngx_http_editorial_reading_e      paused_what;
    int                               paused;
    char                              error[ED_MAX_ERROR];   /* of paused, or
                                                of a field that is none; may
                                                be empty */
} ngx_http_editorial_posting_t;


/* What an editor makes of a feature, for ngx_http_editorial_state_set(). */
typedef struct {
    ed_str_t                          json;      /* len 0: the configuration's
                                                    state again */
    ed_changed_t                      changed;   /* who and when */
    const ed_notice_t                *expected;  /* only if that holds; NULL:
                                                    whatever does */
    ed_str_t                          entry;     /* for the journal; len 0:
                                                    none */
} ngx_http_editorial_setting_t;


/* When the configuration is read.  _create: NULL, no memory. */
ngx_http_editorial_board_t *ngx_http_editorial_board_create(ngx_conf_t *cf);
char *ngx_http_editorial_test_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_editorial_board_location(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *prev, ngx_http_editorial_loc_conf_t *conf);
ngx_int_t ngx_http_editorial_board_check(ngx_conf_t *cf,
    ngx_http_editorial_board_t *board);
ngx_int_t ngx_http_editorial_board_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);


/* The rulings of a location, as of now; NULL: there is no board. */
ngx_http_editorial_rulings_t *ngx_http_editorial_rulings(
    ngx_http_editorial_loc_conf_t *conf);

/* Of these: the variant that a bucket gets of a feature that is tested. */
ngx_uint_t ngx_http_editorial_arm(ngx_http_editorial_loc_conf_t *conf,
    ed_feature_e feature, ngx_uint_t bucket);


/* The desks: *n of them. */
ngx_http_editorial_desk_t **ngx_http_editorial_desks(
    ngx_http_editorial_main_conf_t *emcf, ngx_uint_t *n);

/* The desk of that name; NULL: there is none. */
ngx_http_editorial_desk_t *ngx_http_editorial_desk_find(
    ngx_http_editorial_main_conf_t *emcf, ngx_str_t *name);

/* A copy of what holds on it.  NGX_DECLINED: there is no board. */
ngx_int_t ngx_http_editorial_desk_get(ngx_http_editorial_desk_t *desk,
    ed_desk_t *notices);

/* A state as it is to be told: what the configuration leaves open is on in the
   first variant. */
void ngx_http_editorial_state_shown(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, const ed_state_t *state, ed_state_t *shown);

/*
 * Reads a state's JSON for a feature of the desk.  NGX_DECLINED: it is
 * malformed, or no location of the desk has the variants it names; error
 * (ED_MAX_ERROR bytes) says which.
 */
ngx_int_t ngx_http_editorial_state_read(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_str_t json, ed_state_t *state, char *error);

/* What the configuration says: state and etag of the notice. */
void ngx_http_editorial_state_start(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_notice_t *notice);


/* _board_set */

/*
 * A state, or the desk's pause, that an editor has set: where there is Redis,
 * after it was written there.  It holds at once in all workers of this node;
 * *made is what does, unless it failed.  Of a pause, only the entry and its
 * time are looked at (NULL: none).
 * NGX_DECLINED: as of ngx_http_editorial_state_read(); NGX_BUSY: what holds is
 * another than expected.
 */
ngx_int_t ngx_http_editorial_state_set(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ed_feature_e feature,
    const ngx_http_editorial_setting_t *setting, ed_notice_t *made,
    char *error);
void ngx_http_editorial_paused_set(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ngx_uint_t paused,
    const ngx_http_editorial_setting_t *setting);

/* An entry of the journal, at a time in ms; and those before one (NULL: the
   last): ed_journal_read(). */
void ngx_http_editorial_journal_add(ngx_http_editorial_main_conf_t *emcf,
    int64_t at, ed_str_t entry);
ed_rc_t ngx_http_editorial_journal_read(ngx_http_editorial_main_conf_t *emcf,
    const ed_journal_entry_t *before, ngx_uint_t count, ed_buf_t *buf);

/* How often one of these two has been called for the desk. */
uint64_t ngx_http_editorial_desk_count(ngx_http_editorial_desk_t *desk);

/*
 * All that was read of a desk at once.  What is ignored is logged, once as
 * long as it is ignored for the same reason.  NGX_AGAIN: one of the former was
 * called meanwhile, and the desk is to be read again.
 */
ngx_int_t ngx_http_editorial_desk_post(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ngx_http_editorial_posting_t *posting,
    ngx_log_t *log);

/* Who changed its features, by feature; nothing where one of the former was
   called since the count was set. */
void ngx_http_editorial_desk_sign(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, uint64_t set,
    const ed_changed_t *changed);


#endif /* NGX_HTTP_EDITORIAL_BOARD_H */
