
/*
 * What a response says of being kept: its headers, "Name: value" each and "|"
 * between them, and what they come to.
 */

#include <time.h>

#include "ed_test.h"
#include "ed_freshness.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

/* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW    784111777
#define VALID  60
#define STALE  3600
#define YEARS  (10LL * 365 * 86400)


typedef struct {
    const char        *headers;
    ed_unstorable_e    unstorable;
    int64_t            fresh;          /* seconds from NOW, without jitter, */
    int64_t            stale;          /*   from there */
    int64_t            error;          /*   likewise */
} case_t;


static void test_times(void);
static void test_windows(void);
static void test_unstorable(void);
static void test_control(void);
static void test_age(void);
static void test_ignored(void);
static void test_limits(void);
static void test_jitter(void);
static void test_names(void);
static void test_date(void);
static void test_date_wrong(void);
static void test_date_calendar(void);

static void check(const case_t *list, size_t n, unsigned ignore);
static void feed(ed_freshness_t *freshness, const char *headers);
static ed_unstorable_e finish(const char *headers, unsigned ignore,
    uint32_t jitter, ed_lifetime_t *life);
static uint32_t no_jitter(int64_t left);
static int64_t date(const char *value);


int
main(void)
{
    test_times();
    test_windows();
    test_unstorable();
    test_control();
    test_age();
    test_ignored();
    test_limits();
    test_jitter();
    test_names();
    test_date();
    test_date_wrong();
    test_date_calendar();

    return ed_test_done();
}


/* Which of the times holds. */

static void
test_times(void)
{
    static const case_t  list[] = {

        { "", 0, VALID, STALE, STALE },
        { "Content-Type: text/html", 0, VALID, STALE, STALE },
        { "Cache-Control: max-age=300", 0, 300, STALE, STALE },
        { "Cache-Control: s-maxage=30", 0, 30, STALE, STALE },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 0, 600, STALE, STALE },
        { "X-Accel-Expires: 10", 0, 10, STALE, STALE },

        { "Cache-Control: max-age=300, s-maxage=30", 0, 30, STALE, STALE },
        { "Cache-Control: s-maxage=30|Cache-Control: max-age=300", 0, 30,
          STALE, STALE },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT|"
          "Cache-Control: max-age=300", 0, 300, STALE, STALE },
        { "Cache-Control: max-age=0, s-maxage=30", 0, 30, STALE, STALE },
        { "Cache-Control: s-maxage=30|X-Accel-Expires: 10|Expires: 0", 0, 10,
          STALE, STALE },
        { "X-Accel-Expires: 10|Cache-Control: max-age=x", 0, 10, STALE,
          STALE },
        { "Cache-Control: public|Expires: Sun, 06 Nov 1994 08:59:37 GMT", 0,
          600, STALE, STALE },

        /* Expires is relative to Date */
        { "Date: Sun, 06 Nov 1994 08:39:37 GMT|"
          "Expires: Sun, 06 Nov 1994 08:41:37 GMT", 0, 120, STALE, STALE },
        { "Expires: Sun, 06 Nov 1994 09:10:37 GMT|"
          "Date: Sun, 06 Nov 1994 09:09:37 GMT", 0, 60, STALE, STALE },
        { "Date: yesterday|Expires: Sun, 06 Nov 1994 08:59:37 GMT", 0, 600,
          STALE, STALE },
        { "Date: Sun, 06 Nov 1994 08:39:37 GMT|Date: x|"
          "Expires: Sun, 06 Nov 1994 08:41:37 GMT", 0, 120, STALE, STALE },
        { "Date: Sun, 06 Nov 1994 08:39:37 GMT", 0, VALID, STALE, STALE },

        /* X-Accel-Expires */
        { "X-Accel-Expires: @784111807", 0, 30, STALE, STALE },
        { "X-Accel-Expires:  10 ", 0, 10, STALE, STALE },
        { "X-Accel-Expires: 10|X-Accel-Expires: 20", 0, 10, STALE, STALE },
        { "X-Accel-Expires: off|Cache-Control: max-age=300", 0, 300, STALE,
          STALE },
        { "X-Accel-Expires: -1", 0, VALID, STALE, STALE },
        { "X-Accel-Expires: @", 0, VALID, STALE, STALE },
        { "X-Accel-Expires: @-1", 0, VALID, STALE, STALE },
        { "X-Accel-Expires: ", 0, VALID, STALE, STALE },
        { "X-Accel-Expires: 10s", 0, VALID, STALE, STALE },
        { "X-Accel-Expires: 0", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "X-Accel-Expires: @784111777", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "X-Accel-Expires: @1|Cache-Control: max-age=300",
          ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "X-Accel-Expires: 10|X-Accel-Expires: 0", ED_UNSTORABLE_EXPIRED, 0,
          0, 0 },

        /* stale when it comes */
        { "Cache-Control: max-age=0", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Cache-Control: max-age=300, s-maxage=0", ED_UNSTORABLE_EXPIRED, 0,
          0, 0 },
        { "Expires: 0", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Expires: -1", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Expires: ", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Expires: never", ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Expires: Thu, 19 Nov 1981 08:52:00 GMT", ED_UNSTORABLE_EXPIRED, 0,
          0, 0 },
        { "Expires: Sun, 06 Nov 1994 08:49:37 GMT", ED_UNSTORABLE_EXPIRED, 0,
          0, 0 },
        { "Expires: Sun, 06 Nov 1994 08:59:37 GMT|Expires: 0",
          ED_UNSTORABLE_EXPIRED, 0, 0, 0 },
        { "Expires: 0|Expires: Sun, 06 Nov 1994 08:59:37 GMT",
          ED_UNSTORABLE_EXPIRED, 0, 0, 0 }
    };

    check(list, count(list), 0);
}


static void
test_windows(void)
{
    static const case_t  list[] = {

        { "Cache-Control: max-age=9, stale-while-revalidate=30", 0, 9, 30,
          STALE },
        { "Cache-Control: max-age=9, stale-while-revalidate=7200", 0, 9, 7200,
          7200 },
        { "Cache-Control: max-age=9, stale-while-revalidate=0", 0, 9, 0,
          STALE },
        { "Cache-Control: max-age=9, stale-if-error=30", 0, 9, 30, 30 },
        { "Cache-Control: max-age=9, stale-if-error=7200", 0, 9, STALE,
          7200 },
        { "Cache-Control: max-age=9, stale-if-error=0", 0, 9, 0, 0 },
        { "Cache-Control: max-age=9, stale-while-revalidate=30,"
          " stale-if-error=90", 0, 9, 30, 90 },
        { "Cache-Control: max-age=9, stale-if-error=30,"
          " stale-while-revalidate=90", 0, 9, 90, 90 },
        { "Cache-Control: max-age=9, stale-while-revalidate=0,"
          " stale-if-error=0", 0, 9, 0, 0 },
        { "Cache-Control: stale-while-revalidate=30, stale-if-error=90", 0,
          VALID, 30, 90 },
        { "Cache-Control: stale-while-revalidate=30|X-Accel-Expires: 9", 0,
          9, 30, STALE },

        /* the smaller, and none where it cannot be read */
        { "Cache-Control: max-age=9, stale-while-revalidate=30,"
          " stale-while-revalidate=20", 0, 9, 20, STALE },
        { "Cache-Control: max-age=9, stale-while-revalidate=x", 0, 9, 0,
          STALE },
        { "Cache-Control: max-age=9, stale-if-error", 0, 9, 0, 0 },

        { "Cache-Control: max-age=9, must-revalidate", 0, 9, 0, 0 },
        { "Cache-Control: max-age=9, proxy-revalidate", 0, 9, 0, 0 },
        { "Cache-Control: Must-Revalidate", 0, VALID, 0, 0 },
        { "Cache-Control: max-age=9, must-revalidate,"
          " stale-while-revalidate=30, stale-if-error=90", 0, 9, 0, 0 },
        { "Cache-Control: must-revalidate|X-Accel-Expires: 9", 0, 9, 0, 0 },

        /* s-maxage does not imply proxy-revalidate */
        { "Cache-Control: s-maxage=9", 0, 9, STALE, STALE },
        { "Cache-Control: s-maxage=9, stale-while-revalidate=30", 0, 9, 30,
          STALE }
    };

    check(list, count(list), 0);
}


static void
test_unstorable(void)
{
    static const case_t  list[] = {

        { "Cache-Control: private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: no-store", ED_UNSTORABLE_NO_STORE, 0, 0, 0 },
        { "Cache-Control: no-cache", ED_UNSTORABLE_NO_CACHE, 0, 0, 0 },
        { "Cache-Control: max-age=60, private", ED_UNSTORABLE_PRIVATE, 0, 0,
          0 },
        { "Cache-Control: public, private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: private=\"set-cookie\", max-age=60",
          ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: no-cache=\"set-cookie, x\"", ED_UNSTORABLE_NO_CACHE,
          0, 0, 0 },
        { "Cache-Control: no-cache=x", ED_UNSTORABLE_NO_CACHE, 0, 0, 0 },
        { "Cache-Control: must-understand, no-store", ED_UNSTORABLE_NO_STORE,
          0, 0, 0 },

        /* whatever X-Accel-Expires says, and wherever */
        { "Cache-Control: private|X-Accel-Expires: 60",
          ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "X-Accel-Expires: 60|Cache-Control: no-store",
          ED_UNSTORABLE_NO_STORE, 0, 0, 0 },

        { "Set-Cookie: a=b", ED_UNSTORABLE_SET_COOKIE, 0, 0, 0 },
        { "SET-COOKIE: ", ED_UNSTORABLE_SET_COOKIE, 0, 0, 0 },
        { "Set-Cookie: a=b|X-Accel-Expires: 60", ED_UNSTORABLE_SET_COOKIE, 0,
          0, 0 },

        { "Vary: *", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Cookie", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Accept-Encoding, Cookie", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Cookie,Accept-Encoding", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Accept-Encoding|Vary: Cookie", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Accept-Encoding *", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Accept", ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Vary: Accept-Encoding", 0, VALID, STALE, STALE },
        { "Vary: accept-ENCODING , ,Accept-Encoding", 0, VALID, STALE, STALE },
        { "Vary: ", 0, VALID, STALE, STALE },
        { "Vary: ,", 0, VALID, STALE, STALE },

        /* the first reason */
        { "Vary: *|Set-Cookie: a=b|Cache-Control: private",
          ED_UNSTORABLE_VARY, 0, 0, 0 },
        { "Cache-Control: no-store, no-cache, private, max-age=0",
          ED_UNSTORABLE_NO_STORE, 0, 0, 0 },
        { "Cache-Control: max-age=0, no-cache", ED_UNSTORABLE_NO_CACHE, 0, 0,
          0 },

        { "Pragma: no-cache", 0, VALID, STALE, STALE },
        { "Surrogate-Control: no-store", 0, VALID, STALE, STALE },
        { "Set-Cookies: a", 0, VALID, STALE, STALE },
        { "X-Cache-Control: private", 0, VALID, STALE, STALE }
    };

    check(list, count(list), 0);
}


/* The syntax of Cache-Control. */

static void
test_control(void)
{
    static const case_t  list[] = {

        { "Cache-Control: ", 0, VALID, STALE, STALE },
        { "Cache-Control: ,, ,", 0, VALID, STALE, STALE },
        { "Cache-Control: ,max-age=9,,", 0, 9, STALE, STALE },
        { "cache-control: MAX-AGE=9", 0, 9, STALE, STALE },
        { "Cache-Control:\tmax-age=9\t,\tpublic", 0, 9, STALE, STALE },
        { "Cache-Control: max-age = 9", 0, 9, STALE, STALE },
        { "Cache-Control: max-age=\"9\"", 0, 9, STALE, STALE },
        { "Cache-Control: max-age=0009", 0, 9, STALE, STALE },
        { "Cache-Control: PRIVATE", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: No-Store", ED_UNSTORABLE_NO_STORE, 0, 0, 0 },

        /* a directive is a whole word */
        { "Cache-Control: x-private, privateer, no-stored, no-cache-x,"
          " s-maxages=1, xmax-age=1", 0, VALID, STALE, STALE },
        { "Cache-Control: community=private", 0, VALID, STALE, STALE },
        { "Cache-Control: x=\"private, no-store\"", 0, VALID, STALE, STALE },
        { "Cache-Control: x=\"\\\", private, \\\\\", max-age=9", 0, 9, STALE,
          STALE },
        { "Cache-Control: \"private\"", 0, VALID, STALE, STALE },
        { "Cache-Control: x=\"\", max-age=9", 0, 9, STALE, STALE },
        { "Cache-Control: x=, max-age=9", 0, 9, STALE, STALE },
        { "Cache-Control: immutable, public, max-age=9, y=z", 0, 9, STALE,
          STALE },

        /* twice */
        { "Cache-Control: max-age=9, max-age=9", 0, 9, STALE, STALE },
        { "Cache-Control: max-age=9, max-age=8", 0, 8, STALE, STALE },
        { "Cache-Control: max-age=8|Cache-Control: max-age=9", 0, 8, STALE,
          STALE },
        { "Cache-Control: s-maxage=9, s-maxage=0", ED_UNSTORABLE_EXPIRED, 0, 0,
          0 },

        /* what cannot be read is stale */
        { "Cache-Control: max-age", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=x", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=-1", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=+9", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=9.5", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=9s", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=\"\"", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=\" 9\"", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=9, max-age=x", ED_UNSTORABLE_MALFORMED, 0,
          0, 0 },
        { "Cache-Control: max-age=9, s-maxage=x", ED_UNSTORABLE_MALFORMED, 0,
          0, 0 },
        { "Cache-Control: max-age=x, s-maxage=9", 0, 9, STALE, STALE },

        /* another separator, or none, hides nothing */
        { "Cache-Control: max-age=9; private", ED_UNSTORABLE_PRIVATE, 0, 0,
          0 },
        { "Cache-Control: private; max-age=9", ED_UNSTORABLE_PRIVATE, 0, 0,
          0 },
        { "Cache-Control: public max-age=9 no-store", ED_UNSTORABLE_NO_STORE,
          0, 0, 0 },
        { "Cache-Control: max-age=9; s-maxage=8", 0, 8, STALE, STALE },
        { "Cache-Control: (private)", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: =private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: x==private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: x=\"a\"private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },
        { "Cache-Control: \xff private", ED_UNSTORABLE_PRIVATE, 0, 0, 0 },

        /* a string that does not end */
        { "Cache-Control: max-age=9, x=\"private", ED_UNSTORABLE_MALFORMED, 0,
          0, 0 },
        { "Cache-Control: max-age=9, \"", ED_UNSTORABLE_MALFORMED, 0, 0, 0 },
        { "Cache-Control: max-age=9, x=\"\\\"", ED_UNSTORABLE_MALFORMED, 0, 0,
          0 },
        { "Cache-Control: max-age=9, x=\"\\", ED_UNSTORABLE_MALFORMED, 0, 0,
          0 },
        { "Cache-Control: private=\"x", ED_UNSTORABLE_PRIVATE, 0, 0, 0 }
    };
    ed_freshness_t  freshness;

    check(list, count(list), 0);

    ed_freshness_init(&freshness, 0);
    ed_freshness_header(&freshness, ED_STR("Cache-Control"),
                        ED_STR("x\0, private"), NOW);
    is_num(freshness.unstorable, ED_UNSTORABLE_PRIVATE, "NUL ends nothing");
}


static void
test_age(void)
{
    size_t         i;
    ed_lifetime_t  life;

    static const case_t  list[] = {

        { "Age: 5|Cache-Control: max-age=20", 0, 15, STALE, STALE },
        { "Cache-Control: s-maxage=20|Age: 5", 0, 15, STALE, STALE },
        { "Age: 5|Expires: Sun, 06 Nov 1994 08:49:57 GMT", 0, 15, STALE,
          STALE },
        { "Age: 20|Cache-Control: max-age=20", ED_UNSTORABLE_EXPIRED, 0, 0,
          0 },
        { "Age: 99999999999999999999|Cache-Control: max-age=20",
          ED_UNSTORABLE_EXPIRED, 0, 0, 0 },

        /* not where the time is stated for this cache, or by it */
        { "Age: 5|X-Accel-Expires: 20", 0, 20, STALE, STALE },
        { "Age: 500", 0, VALID, STALE, STALE },

        /* RFC 9111, 5.1 */
        { "Age: 5, 9|Cache-Control: max-age=20", 0, 15, STALE, STALE },
        { "Age: 5|Age: 9|Cache-Control: max-age=20", 0, 15, STALE, STALE },
        { "Age: old|Cache-Control: max-age=20", 0, 20, STALE, STALE },
        { "Age: -5|Cache-Control: max-age=20", 0, 20, STALE, STALE },
        { "Age: |Cache-Control: max-age=20", 0, 20, STALE, STALE }
    };

    static const struct {
        const char  *headers;
        int64_t      dated;
    } dates[] = {
        { "", NOW },
        { "Age: 5", NOW - 5 },
        { "Age: 0", NOW },
        { "Age: x", NOW },
        { "Age: 99999999999999999999", NOW - YEARS },
        { "Age: 5|X-Accel-Expires: 20", NOW - 5 },
        { "Date: Sun, 06 Nov 1994 08:39:37 GMT", NOW }
    };

    check(list, count(list), 0);

    for (i = 0; i < count(dates); i++) {
        is_num(finish(dates[i].headers, 0, 0, &life), ED_STORABLE,
               "stored, dates case %zu", i);
        is_num(life.dated, dates[i].dated, "dated: %s", dates[i].headers);
    }
}


static void
test_ignored(void)
{
    static const case_t  accel[] = {
        { "X-Accel-Expires: 0|Cache-Control: max-age=9", 0, 9, STALE, STALE },
        { "X-Accel-Expires: 9", 0, VALID, STALE, STALE }
    };
    static const case_t  expires[] = {
        { "Expires: 0", 0, VALID, STALE, STALE },
        { "Expires: 0|Cache-Control: private", ED_UNSTORABLE_PRIVATE, 0, 0,
          0 }
    };
    static const case_t  control[] = {
        { "Cache-Control: private, max-age=0", 0, VALID, STALE, STALE },
        { "Cache-Control: must-revalidate, max-age=\"", 0, VALID, STALE,
          STALE },
        { "Cache-Control: no-store|Expires: Sun, 06 Nov 1994 08:59:37 GMT", 0,
          600, STALE, STALE }
    };
    static const case_t  others[] = {
        { "Set-Cookie: a=b|Vary: *", 0, VALID, STALE, STALE },
        { "Set-Cookie: a=b|Cache-Control: no-store", ED_UNSTORABLE_NO_STORE,
          0, 0, 0 }
    };

    check(accel, count(accel), ED_IGNORE_ACCEL_EXPIRES);
    check(expires, count(expires), ED_IGNORE_EXPIRES);
    check(control, count(control), ED_IGNORE_CACHE_CONTROL);
    check(others, count(others), ED_IGNORE_SET_COOKIE|ED_IGNORE_VARY);
}


/* Numbers end at ten years. */

static void
test_limits(void)
{
    ed_lifetime_t   life;
    ed_freshness_t  freshness;

    static const case_t  list[] = {
        { "Cache-Control: max-age=315360000", 0, YEARS, STALE, STALE },
        { "Cache-Control: max-age=315360001", 0, YEARS, STALE, STALE },
        { "Cache-Control: max-age=4294967296", 0, YEARS, STALE, STALE },
        { "Cache-Control: s-maxage=18446744073709551617", 0, YEARS, STALE,
          STALE },
        { "Cache-Control: max-age=99999999999999999999999999999999999999", 0,
          YEARS, STALE, STALE },
        { "X-Accel-Expires: 99999999999999999999", 0, YEARS, STALE, STALE },
        { "X-Accel-Expires: @99999999999999999999", 0, YEARS, STALE, STALE },
        { "Expires: Fri, 31 Dec 9999 23:59:59 GMT", 0, YEARS, STALE, STALE },
        { "Date: Thu, 01 Jan 1970 00:00:00 GMT|"
          "Expires: Fri, 31 Dec 9999 23:59:59 GMT", 0, YEARS, STALE, STALE },
        { "Cache-Control: max-age=9, stale-if-error=99999999999999999999,"
          " stale-while-revalidate=99999999999999999999", 0, 9, YEARS, YEARS }
    };

    check(list, count(list), 0);

    ed_freshness_init(&freshness, 0);
    is_num(ed_freshness_finish(&freshness, NOW, 0, STALE, 0, &life),
           ED_UNSTORABLE_EXPIRED, "valid for no time");
    ok(life.dated == 0 && life.fresh == 0 && life.stale == 0
       && life.error == 0, "has no times");

    ed_freshness_init(&freshness, 0);
    is_num(ed_freshness_finish(&freshness, NOW, -1, STALE, 0, &life),
           ED_UNSTORABLE_EXPIRED, "valid for less");

    ed_freshness_init(&freshness, 0);
    is_num(ed_freshness_finish(&freshness, NOW, INT64_MAX, INT64_MAX,
                               UINT32_MAX, &life),
           ED_STORABLE, "valid for ever");
    ok(life.fresh <= NOW + YEARS + YEARS / 20
       && life.stale == life.fresh + YEARS && life.error == life.stale,
       "is ten years, and as many stale");

    ed_freshness_init(&freshness, 0);
    is_num(ed_freshness_finish(&freshness, NOW, 1, -1, 0, &life), ED_STORABLE,
           "stale for less than no time");
    ok(life.stale == life.fresh && life.error == life.fresh, "is never");
}


static void
test_jitter(void)
{
    int            inside, low, high;
    int64_t        left;
    uint32_t       i;
    ed_lifetime_t  life;

    inside = 1;
    low = 0;
    high = 0;

    for (i = 0; i < 100000; i++) {
        (void) finish("Cache-Control: max-age=1000", 0, i * 2654435761u,
                      &life);
        left = life.fresh - NOW;

        inside = inside && left >= 950 && left <= 1050
                 && life.stale == life.fresh + STALE
                 && life.error == life.fresh + STALE;
        low |= (left == 950);
        high |= (left == 1050);
    }

    ok(inside, "between 95 %% and 105 %%, and the windows behind it");
    ok(low && high, "both ends are reached");

    inside = 1;

    for (i = 0; i < 1000; i++) {
        (void) finish("Cache-Control: max-age=1", 0, i, &life);
        inside = inside && life.fresh == NOW + 1;
    }

    ok(inside, "a second stays one");

    (void) finish("Age: 900|Cache-Control: max-age=1000", 0, 0, &life);
    is_num(life.fresh - NOW, 95, "of what is left");
}


static void
test_names(void)
{
    int       i, j, good;
    ed_str_t  name;

    good = 1;

    for (i = 0; i < ED_UNSTORABLE_S; i++) {
        name = ed_unstorable_name((ed_unstorable_e) i);
        good = good && name.len != 0;

        for (j = 0; j < i; j++) {
            good = good
                   && !ed_str_eq(name, ed_unstorable_name((ed_unstorable_e) j));
        }
    }

    ok(good, "every reason has a name of its own");
    is_str(ed_unstorable_name(ED_UNSTORABLE_SET_COOKIE), "set-cookie",
           "the name of a reason");
    is_str(ed_unstorable_name(ED_UNSTORABLE_MALFORMED), "malformed",
           "the name of the last");
}


static void
test_date(void)
{
    size_t  i;

    static const struct {
        const char  *value;
        int64_t      want;
    } list[] = {
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
        { "Sun Nov  6 08:49:37 1994", 784111777 },
        { "Sun Nov 06 08:49:37 1994", 784111777 },
        { "Wed Nov 16 08:49:37 1994", 784975777 },
        { " Sun, 06 Nov 1994 08:49:37 GMT\t", 784111777 },
        { "sun, 06 NOV 1994 08:49:37 gmt", 784111777 },
        { "SUNDAY, 06-nov-94 08:49:37 Gmt", 784111777 },
        { "Mon, 06 Nov 1994 08:49:37 GMT", 784111777 },

        { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
        { "Thu, 01 Jan 1970 00:00:01 GMT", 1 },
        { "Tue, 29 Feb 2000 12:00:00 GMT", 951825600 },
        { "Wed, 01 Mar 2000 00:00:00 GMT", 951868800 },
        { "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199 },
        { "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648LL },
        { "Mon, 01 Mar 2100 00:00:00 GMT", 4107542400LL },
        { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799LL },

        /* a leap second */
        { "Sat, 31 Dec 2016 23:59:60 GMT", 1483228799 },

        { "Thursday, 01-Jan-70 00:00:00 GMT", 0 },
        { "Friday, 31-Dec-99 23:59:59 GMT", 946684799 },
        { "Saturday, 01-Jan-00 00:00:00 GMT", 946684800 },
        { "Tuesday, 31-Dec-69 23:59:59 GMT", 3155759999LL }
    };

    for (i = 0; i < count(list); i++) {
        is_num(date(list[i].value), list[i].want, "%s", list[i].value);
    }
}


static void
test_date_wrong(void)
{
    char        cut[32];
    size_t      i, j, len;
    static const char  *const  list[] = {
        "", " ", "0", "-1", "now", "784111777", "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMTX",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 8:49:37 1994",
        "06 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 No 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 32 Dec 1994 08:49:37 GMT", "Tue, 29 Feb 1994 08:49:37 GMT",
        "Mon, 29 Feb 2100 08:49:37 GMT", "Sun, 30 Feb 2000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
        "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 0\xb2 Nov 1994 08:49:37 GMT"
    };
    static const char  *const  whole[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
    };

    for (i = 0; i < count(list); i++) {
        is_num(date(list[i]), -1, "no date: %s", list[i]);
    }

    for (i = 0; i < count(whole); i++) {
        len = strlen(whole[i]);

        for (j = 0; j < len; j++) {
            memcpy(cut, whole[i], j);
            cut[j] = '\0';

            if (date(cut) != -1) {
                break;
            }
        }

        is_num(j, len, "no beginning is a date: %s", whole[i]);
    }
}


/* Every day of four centuries, in every form that can tell it. */

static void
test_date_calendar(void)
{
    char       text[64];
    int        good;
    time_t     t;
    int64_t    got;
    struct tm  tm;

    good = 1;

    for (t = 43200; t < 400LL * 366 * 86400 && good; t += 86399) {
        (void) gmtime_r(&t, &tm);

        (void) strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        got = date(text);
        good = (got == t);

        (void) strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
        good = good && date(text) == t;

        (void) strftime(text, sizeof(text), "%A, %d-%b-%y %H:%M:%S GMT", &tm);
        good = good && (tm.tm_year >= 170 || date(text) == t);
    }

    ok(good, "every day from 1970 to 2370");
}


static void
check(const case_t *list, size_t n, unsigned ignore)
{
    size_t           i;
    ed_lifetime_t    life;
    ed_unstorable_e  got;

    for (i = 0; i < n; i++) {
        got = finish(list[i].headers, ignore, no_jitter(list[i].fresh), &life);

        if (!is_num(got, list[i].unstorable, "%s: stored?", list[i].headers)
            || got != ED_STORABLE)
        {
            continue;
        }

        is_num(life.fresh - NOW, list[i].fresh, "fresh");
        is_num(life.stale - life.fresh, list[i].stale, "while refreshed");
        is_num(life.error - life.fresh, list[i].error, "if the origin fails");
    }
}


static void
feed(ed_freshness_t *freshness, const char *headers)
{
    size_t       name, len;
    const char  *end;

    for ( /* void */ ; *headers != '\0'; headers = end) {
        len = strcspn(headers, "|");
        name = strcspn(headers, ":");
        end = headers + len + (headers[len] == '|');

        ed_freshness_header(freshness, ed_str(headers, name),
                            ed_str(headers + name + 1, len - name - 1), NOW);
    }
}


static ed_unstorable_e
finish(const char *headers, unsigned ignore, uint32_t jitter,
    ed_lifetime_t *life)
{
    ed_freshness_t  freshness;

    ed_freshness_init(&freshness, ignore);
    feed(&freshness, headers);

    return ed_freshness_finish(&freshness, NOW, VALID, STALE, jitter, life);
}


/* The random number that is the middle. */

static uint32_t
no_jitter(int64_t left)
{
    return (uint32_t) (left / 20);
}


static int64_t
date(const char *value)
{
    return ed_http_date(ed_str(value, strlen(value)));
}
