
/*
 * What an origin's response says of being kept: may a shared cache store it,
 * and how long is it fresh (RFC 9111; RFC 5861 for stale responses)?
 *
 *     ed_freshness_init()
 *     ed_freshness_header() for each header of the response
 *     ed_freshness_finish() -> why it may not be stored, or its times
 *
 * X-Accel-Expires goes before s-maxage, that before max-age, that before
 * Expires, and where there is none the default holds.
 */

#ifndef ED_FRESHNESS_H
#define ED_FRESHNESS_H


#include "ed_str.h"


/* Names by ed_unstorable_name(): they stand in Cache-Status and the log. */
typedef enum {
    ED_STORABLE = 0,
    ED_UNSTORABLE_STATUS,              /* the caller's to tell */
    ED_UNSTORABLE_SET_COOKIE,
    ED_UNSTORABLE_PRIVATE,
    ED_UNSTORABLE_NO_STORE,
    ED_UNSTORABLE_NO_CACHE,
    ED_UNSTORABLE_VARY,
    ED_UNSTORABLE_EXPIRED,             /* it is stale when it comes */
    ED_UNSTORABLE_MALFORMED,           /* its Cache-Control, or the time that
                                          would hold, cannot be read */
    ED_UNSTORABLE_S
} ed_unstorable_e;


/* What the caller lets it overlook; as proxy_ignore_headers. */
#define ED_IGNORE_ACCEL_EXPIRES  0x01
#define ED_IGNORE_EXPIRES        0x02
#define ED_IGNORE_CACHE_CONTROL  0x04
#define ED_IGNORE_SET_COOKIE     0x08
#define ED_IGNORE_VARY           0x10


typedef struct {
    unsigned           ignore;         /* ED_IGNORE_… */
    ed_unstorable_e    unstorable;     /* the first reason */

    /* seconds; -1: not stated, -2: cannot be read */
    int64_t            accel;          /* X-Accel-Expires, from now */
    int64_t            s_maxage;
    int64_t            max_age;
    int64_t            expires;        /* Expires, since the epoch */
    int64_t            date;           /* Date, since the epoch */
    int64_t            age;            /* Age */
    int64_t            while_revalidate;
    int64_t            if_error;
    unsigned           must_revalidate:1;  /* proxy-revalidate too */
    unsigned           has_accel:1;
    unsigned           has_expires:1;
} ed_freshness_t;


/* Seconds since the epoch; as in ed_stored_t. */
typedef struct {
    int64_t            dated;
    int64_t            fresh;
    int64_t            stale;
    int64_t            error;
} ed_lifetime_t;


void ed_freshness_init(ed_freshness_t *freshness, unsigned ignore);

/* One line of the response; those that do not matter are passed over.
   now: seconds since the epoch. */
void ed_freshness_header(ed_freshness_t *freshness, ed_str_t name,
    ed_str_t value, int64_t now);

/*
 * The times of a response that came at now, where it states none fresh for
 * valid seconds and then usable for stale seconds more.  jitter is a random
 * number: freshness lasts between 95 % and 105 % of what is left of it, so
 * that pages which were stored together do not all end together.
 *
 * now < fresh <= stale <= error, or all of them 0 where it returns why it may
 * not be stored.  None is more than 21 years from now.
 */
ed_unstorable_e ed_freshness_finish(ed_freshness_t *freshness, int64_t now,
    int64_t valid, int64_t stale, uint32_t jitter, ed_lifetime_t *life);

ed_str_t ed_unstorable_name(ed_unstorable_e unstorable);

/* An HTTP date in any of its three forms (RFC 9110, 5.6.7), in seconds since
   the epoch; -1: it is none, or before the epoch. */
int64_t ed_http_date(ed_str_t value);


#endif /* ED_FRESHNESS_H */
