
/* The calendar against libc's, and what is a date of RFC 3339. */

#include <time.h>

#include "ed_date.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define LAST  253402300799LL           /* 9999-12-31T23:59:59Z */


static void reads(void);
static void refuses(void);
static void agrees_with_libc(void);
static int is_same(int64_t seconds);


int
main(void)
{
    reads();
    refuses();
    agrees_with_libc();

    return ed_test_done();
}


static void
reads(void)
{
    size_t  i;

    static const struct {
        const char  *text;
        int64_t      seconds;
    } list[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1994-11-06T08:49:37Z", 784111777 },
        { "2000-02-29T12:00:00Z", 951825600 },
        { "2001-09-09T01:46:40Z", 1000000000 },
        { "2026-12-01T00:00:00Z", 1796083200 },
        { "2038-01-19T03:14:08Z", 2147483648LL },
        { "9999-12-31T23:59:59Z", LAST },
        { "2026-12-01t00:00:00z", 1796083200 },
        { "2026-12-01T00:00:00.000Z", 1796083200 },
        { "2026-12-01T00:00:00.999999999Z", 1796083200 },
        { "2026-12-01T00:00:00+00:00", 1796083200 },
        { "2026-12-01T00:00:00.5-00:00", 1796083200 },
        { "2016-12-31T23:59:60Z", 1483228799 }
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_date_read(ed_str(list[i].text, strlen(list[i].text))),
               list[i].seconds, "%s", list[i].text);
    }
}


static void
refuses(void)
{
    size_t     i;
    ed_str_t   left;
    unsigned   number;

    static const char *const  list[] = {
        "",
        "2026",
        "2026-12-01",
        "2026-12-01T00:00:00",
        "2026-12-01 00:00:00Z",
        "2026-12-01T00:00Z",
        "2026-12-01T00:00:00ZZ",
        " 2026-12-01T00:00:00Z",
        "2026-12-01T00:00:00.Z",
        "2026-12-01T00:00:00,5Z",
        "2026-12-01T00:00:00+01:00",
        "2026-12-01T00:00:00+0000",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-12-00T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-12-01T24:00:00Z",
        "2026-12-01T00:60:00Z",
        "2026-12-01T00:00:61Z",
        "1969-12-31T23:59:59Z",
        "02026-12-01T00:00:00Z",
        "-026-12-01T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-12-01T00:00:0\xb2Z"
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_date_read(ed_str(list[i], strlen(list[i]))), -1, "\"%s\"",
               list[i]);
    }

    is_num(ed_date_read(ED_STR("2026-12-01T00:00:00\0Z")), -1, "a NUL");

    left = ED_STR("12x");
    ok(!ed_date_number(&left, 3, &number), "too few digits");
    is_str(left, "12x", "and the text is as it was");
}


static void
agrees_with_libc(void)
{
    long      n, same;
    int64_t   seconds;

    n = 0;
    same = 0;

    /* each day to 2400, and later each 97th, at another time of it */

    for (seconds = 0; seconds <= LAST;
         seconds += seconds < 13569465600LL ? 86399 : 97 * 86399)
    {
        n++;
        same += is_same(seconds);
    }

    is_num(same, n, "as gmtime() has it, and back: %ld moments", n);
    ok(is_same(LAST) && is_same(951782400) && is_same(951868799)
       && is_same(951868800), "the last second, and a leap day");
}


static int
is_same(int64_t seconds)
{
    char       text[ED_DATE_LEN], want[ED_DATE_LEN];
    time_t     t;
    struct tm  tm;

    t = seconds;

    (void) gmtime_r(&t, &tm);
    (void) strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
    ed_date_write(seconds, text);

    return strcmp(text, want) == 0
           && ed_date_read(ed_str(text, strlen(text))) == seconds;
}
