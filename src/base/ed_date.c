
/*
 * Years are counted from March, so that the day that may be missing is the
 * last of one: then (153 * month + 2) / 5 days are before a month, and
 * 719,468 before 1970, counted from the year 0.
 */

#include <stdio.h>

#include "ed_date.h"


#define ED_DATE_EPOCH  719468          /* days */


static int ed_date_zone(ed_str_t zone);
static int64_t ed_date_year(int64_t year);
static void ed_date_split(int64_t seconds, ed_date_t *date);


int
ed_date_is_valid(const ed_date_t *date)
{
    int                   leap;
    static const uint8_t  days[12] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    leap = date->month == 1 && date->year % 4 == 0
           && (date->year % 100 != 0 || date->year % 400 == 0);

    return date->year >= 1970
           && date->year <= 9999
           && date->month <= 11
           && date->day >= 1
           && date->day <= (unsigned) days[date->month] + (leap ? 1 : 0)
           && date->hour <= 23
           && date->min <= 59
           && date->sec <= 60;
}


int64_t
ed_date_seconds(const ed_date_t *date)
{
    int64_t   days;
    unsigned  month, sec;

    month = (date->month + 10) % 12;

    days = ed_date_year((int64_t) date->year - (date->month < 2))
           + (153 * month + 2) / 5 + date->day - 1 - ED_DATE_EPOCH;

    sec = date->sec < 60 ? date->sec : 59;

    return days * 86400 + date->hour * 3600 + date->min * 60 + sec;
}


int
ed_date_number(ed_str_t *left, size_t digits, unsigned *number)
{
    size_t  i;

    if (left->len < digits) {
        return 0;
    }

    *number = 0;

    for (i = 0; i < digits; i++) {
        if ((uint8_t) (left->data[i] - '0') >= 10) {
            return 0;
        }

        *number = *number * 10 + (left->data[i] - '0');
    }

    left->data += digits;
    left->len -= digits;

    return 1;
}


int64_t
ed_date_read(ed_str_t text)
{
    unsigned    i;
    unsigned   *field;
    ed_date_t   date;

    static const struct {
        size_t   digits;
        uint8_t  after;
        size_t   offset;
    } form[] = {
        { 4, '-', offsetof(ed_date_t, year) },
        { 2, '-', offsetof(ed_date_t, month) },
        { 2, 't', offsetof(ed_date_t, day) },
        { 2, ':', offsetof(ed_date_t, hour) },
        { 2, ':', offsetof(ed_date_t, min) },
        { 2, '\0', offsetof(ed_date_t, sec) }
    };

    for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
        field = (unsigned *) (void *) ((char *) &date + form[i].offset);

        if (!ed_date_number(&text, form[i].digits, field)) {
            return -1;
        }

        if (form[i].after == '\0') {
            break;
        }

        if (text.len == 0 || ed_lower(text.data[0]) != form[i].after) {
            return -1;
        }

        text.data++;
        text.len--;
    }

    /* "00" becomes what no month is */
    date.month--;

    return ed_date_zone(text) && ed_date_is_valid(&date)
           ? ed_date_seconds(&date) : -1;
}


void
ed_date_write(int64_t seconds, char *text)
{
    ed_date_t  date;

    ed_date_split(seconds, &date);

    (void) snprintf(text, ED_DATE_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ",
                    date.year % 10000, (date.month + 1) % 100,
                    date.day % 100, date.hour % 100, date.min % 100,
                    date.sec % 100);
}


/* What stands behind the seconds: a fraction of them, and the zone. */

static int
ed_date_zone(ed_str_t zone)
{
    size_t    i;
    unsigned  digit;

    if (zone.len != 0 && zone.data[0] == '.') {
        zone.data++;
        zone.len--;

        for (i = 0; ed_date_number(&zone, 1, &digit); i++) {
            /* void */
        }

        if (i == 0) {
            return 0;
        }
    }

    return ed_str_caseeq(zone, ED_STR("Z"))
           || ed_str_eq(zone, ED_STR("+00:00"))
           || ed_str_eq(zone, ED_STR("-00:00"));
}


/* The days before the March of a year. */

static int64_t
ed_date_year(int64_t year)
{
    return 365 * year + year / 4 - year / 100 + year / 400;
}


static void
ed_date_split(int64_t seconds, ed_date_t *date)
{
    int64_t   days, year;
    unsigned  day, month;

    days = seconds / 86400 + ED_DATE_EPOCH;

    /* of 400 years' 146,097 days; at most one year too few */
    year = days * 400 / 146097;

    if (ed_date_year(year + 1) <= days) {
        year++;
    }

    if (ed_date_year(year) > days) {
        year--;
    }

    day = (unsigned) (days - ed_date_year(year));
    month = (5 * day + 2) / 153;

    date->day = day - (153 * month + 2) / 5 + 1;
    date->month = (month + 2) % 12;
    date->year = (unsigned) (year + (date->month < 2));

    date->hour = (unsigned) (seconds % 86400 / 3600);
    date->min = (unsigned) (seconds % 3600 / 60);
    date->sec = (unsigned) (seconds % 60);
}
