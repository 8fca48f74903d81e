
/*
 * One change by an editor: of a feature's state, a desk's pause, an article's
 * record.
 *
 *     what is there? --> is it what the editor has seen? --> change and audit
 *          ^                          412                    in one step
 *          |                                                     |
 *          +------------ somebody was faster --------------------+
 *
 * Where there is Redis it is kept there, and each arrow is one round trip;
 * else it is the board that is changed, at once.
 */

#ifndef NGX_HTTP_EDITORIAL_CONSOLE_CHANGE_H
#define NGX_HTTP_EDITORIAL_CONSOLE_CHANGE_H


#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console_redis.h"


typedef struct ngx_http_editorial_change_s  ngx_http_editorial_change_t;

typedef void (*ngx_http_editorial_change_pt)(
    ngx_http_editorial_change_t *change);


/* In the request's pool. */
struct ngx_http_editorial_change_s {
    ngx_http_editorial_call_t        *call;

    /* by who begins it */

    const char                       *action;    /* for the audit */
    ngx_str_t                         target;
    const char                       *kind;      /* of its key: "desk:" */
    ngx_str_t                         name;
    ngx_str_t                         field;     /* of a hash; len 0: the key
                                                    is a string */
    ngx_str_t                         after;     /* JSON; data NULL: it is
                                                    taken away */
    unsigned                          is_signed:1;   /* "changed:" says who */

    ngx_http_editorial_desk_t        *desk;      /* NULL: a record */
    ed_feature_e                      feature;   /* ED_FEATURES: its pause */
    ed_state_t                        state;     /* to be; zeroed: that of the
                                                    configuration */
    ed_notice_t                       notice;    /* what was in force, then
                                                    what is; of a feature */

    /* What is there, of its raw value (data NULL: nothing is). */
    void                            (*look)(
                                          ngx_http_editorial_change_t *change,
                                          ed_str_t raw,
                                          ngx_http_editorial_current_t *now);
    /* Without Redis: NGX_OK; NGX_BUSY, it is no longer as it was looked at;
       NGX_ERROR.  NULL: it needs Redis. */
    ngx_int_t                       (*set)(
                                          ngx_http_editorial_change_t *change);
    /* It is done: the call is to be answered. */
    ngx_http_editorial_change_pt      over;

    /* by the change */

    ngx_http_editorial_current_t      before;    /* what was found there */
    ed_changed_t                      changed;   /* who, when, and what */
    unsigned                          unchanged:1;   /* there was nothing that
                                                    could be taken away */
    ed_str_t                          entry;     /* without Redis: for the
                                                    journal */
    ngx_uint_t                        tries;
    ngx_str_t                         raw;       /* as it was looked at */
    ngx_editorial_redis_cmd_t        *cmd;       /* in flight; NULL: none */
};


/* A change of that call, zeroed; NULL: no memory, and that is answered. */
ngx_http_editorial_change_t *ngx_http_editorial_change_create(
    ngx_http_editorial_call_t *call);

/* Without Redis: makes its entry, of what was there before (a reference that is
   taken).  NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_change_entry(
    ngx_http_editorial_change_t *change, json_t *before);

/* Begins.  It ends with ->over(), or the call is answered with what is wrong.
   A client that goes away does not end it. */
void ngx_http_editorial_change(ngx_http_editorial_change_t *change);


#endif /* NGX_HTTP_EDITORIAL_CONSOLE_CHANGE_H */
