
/*
 * Dates of HTTP (RFC 9110, 5.6.7), each of the three forms a pattern, in the
 * letters of strptime(), which itself would ask the locale:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT      IMF-fixdate
 *     Sunday, 06-Nov-94 08:49:37 GMT     RFC 850
 *     Sun Nov  6 08:49:37 1994           asctime()
 *
 * Letters are read in any case, and no zone but GMT (RFC 9111, 4.2).  Which
 * day of the week it is said to be does not matter, as origins get it wrong.
 * Two digits of a year are one of 1970 to 2069: time begins in 1970 here, and
 * what is before is no date.
 */

#include "ed_freshness.h"


typedef struct {
    ed_str_t           left;
    unsigned           year;
    unsigned           month;          /* 0 to 11 */
    unsigned           day;            /* 1 to 31 */
    unsigned           hour;
    unsigned           min;
    unsigned           sec;
} ed_date_t;


static int ed_date_match(ed_date_t *date, const char *form);
static int ed_date_field(ed_date_t *date, char field);
static int ed_date_short_year(ed_date_t *date);
static int ed_date_space(ed_date_t *date);
static int ed_date_name(ed_date_t *date, const char *const *names, unsigned n,
    unsigned *which);
static int ed_date_number(ed_date_t *date, size_t digits, unsigned *number);
static int ed_date_is_valid(const ed_date_t *date);
static int64_t ed_date_seconds(const ed_date_t *date);


static const char *const  ed_date_forms[] = {
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y"
};

static const char *const  ed_date_days[] = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"
};

static const char *const  ed_date_long_days[] = {
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday"
};

static const char *const  ed_date_months[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
    "nov", "dec"
};


int64_t
ed_http_date(ed_str_t value)
{
    size_t     i;
    ed_date_t  date;

    for (i = 0; i < sizeof(ed_date_forms) / sizeof(ed_date_forms[0]); i++) {
        memset(&date, 0, sizeof(ed_date_t));
        date.left = ed_str_trim(value);

        if (ed_date_match(&date, ed_date_forms[i])) {
            return ed_date_is_valid(&date) ? ed_date_seconds(&date) : -1;
        }
    }

    return -1;
}


/* The whole of it. */

static int
ed_date_match(ed_date_t *date, const char *form)
{
    for ( /* void */ ; *form != '\0'; form++) {

        if (*form == '%') {
            form++;

            if (!ed_date_field(date, *form)) {
                return 0;
            }

            continue;
        }

        if (date->left.len == 0
            || ed_lower(date->left.data[0]) != ed_lower((uint8_t) *form))
        {
            return 0;
        }

        date->left.data++;
        date->left.len--;
    }

    return date->left.len == 0;
}


static int
ed_date_field(ed_date_t *date, char field)
{
    unsigned  ignored;

    switch (field) {

    case 'a':
        return ed_date_name(date, ed_date_days, 7, &ignored);

    case 'A':
        return ed_date_name(date, ed_date_long_days, 7, &ignored);

    case 'b':
        return ed_date_name(date, ed_date_months, 12, &date->month);

    case 'd':
        return ed_date_number(date, 2, &date->day);

    case 'e':
        return ed_date_number(date, ed_date_space(date) ? 1 : 2, &date->day);

    case 'Y':
        return ed_date_number(date, 4, &date->year);

    case 'y':
        return ed_date_short_year(date);

    case 'H':
        return ed_date_number(date, 2, &date->hour);

    case 'M':
        return ed_date_number(date, 2, &date->min);

    default: /* 'S' */
        return ed_date_number(date, 2, &date->sec);
    }
}


static int
ed_date_short_year(ed_date_t *date)
{
    if (!ed_date_number(date, 2, &date->year)) {
        return 0;
    }

    date->year += date->year < 70 ? 2000 : 1900;

    return 1;
}


static int
ed_date_space(ed_date_t *date)
{
    if (date->left.len == 0 || date->left.data[0] != ' ') {
        return 0;
    }

    date->left.data++;
    date->left.len--;

    return 1;
}


static int
ed_date_name(ed_date_t *date, const char *const *names, unsigned n,
    unsigned *which)
{
    size_t    len;
    unsigned  i;

    for (i = 0; i < n; i++) {
        len = strlen(names[i]);

        if (date->left.len >= len
            && ed_str_caseeq(ed_str(date->left.data, len),
                             ed_str(names[i], len)))
        {
            date->left.data += len;
            date->left.len -= len;
            *which = i;

            return 1;
        }
    }

    return 0;
}


static int
ed_date_number(ed_date_t *date, size_t digits, unsigned *number)
{
    size_t  i;

    if (date->left.len < digits) {
        return 0;
    }

    *number = 0;

    for (i = 0; i < digits; i++) {
        if ((uint8_t) (date->left.data[i] - '0') >= 10) {
            return 0;
        }

        *number = *number * 10 + (date->left.data[i] - '0');
    }

    date->left.data += digits;
    date->left.len -= digits;

    return 1;
}


/* A leap second is one. */

static int
ed_date_is_valid(const ed_date_t *date)
{
    int                   leap;
    static const uint8_t  days[12] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    leap = date->month == 1 && date->year % 4 == 0
           && (date->year % 100 != 0 || date->year % 400 == 0);

    return date->year >= 1970
           && date->day >= 1
           && date->day <= (unsigned) days[date->month] + (leap ? 1 : 0)
           && date->hour <= 23
           && date->min <= 59
           && date->sec <= 60;
}


/*
 * Years are counted from March, so that the day that may be missing is the
 * last of one: then (153 * month + 2) / 5 days are before a month, and
 * 719,468 before 1970, counted from the year 0.
 */

static int64_t
ed_date_seconds(const ed_date_t *date)
{
    int64_t   days;
    unsigned  year, month, sec;

    year = date->year - (date->month < 2);
    month = (date->month + 10) % 12;

    days = 365 * year + year / 4 - year / 100 + year / 400
           + (153 * month + 2) / 5 + date->day - 1;
    days -= 719468;

    sec = date->sec < 60 ? date->sec : 59;

    return days * 86400 + date->hour * 3600 + date->min * 60 + sec;
}
