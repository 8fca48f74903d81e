
/*
 * The calendar, in UTC, from 1970 to 9999, and dates as RFC 3339 writes them.
 * Not by libc: gmtime() and strptime() ask the environment and the locale.
 */

#ifndef ED_DATE_H
#define ED_DATE_H


#include "ed_str.h"


#define ED_DATE_LEN  sizeof("2026-12-01T00:00:00Z")    /* NUL included */


typedef struct {
    unsigned           year;
    unsigned           month;          /* 0 to 11 */
    unsigned           day;            /* 1 to 31 */
    unsigned           hour;
    unsigned           min;
    unsigned           sec;            /* 60: a leap second */
} ed_date_t;


/* Is there such a moment, from 1970 to 9999? */
int ed_date_is_valid(const ed_date_t *date);

/* Seconds since the epoch of a valid date; a leap second is the one before. */
int64_t ed_date_seconds(const ed_date_t *date);

/*
 * Seconds since the epoch of "2026-12-01T00:00:00Z" (RFC 3339, 5.6), a
 * fraction of a second being dropped; -1: it is no such date, before 1970, or
 * in a zone other than "Z" and "+00:00".
 */
int64_t ed_date_read(ed_str_t text);

/*
 * The same way back, ED_DATE_LEN bytes with the NUL.  seconds: from 0 to the
 * end of the year 9999.
 */
void ed_date_write(int64_t seconds, char *text);

/* Takes exactly so many digits off the head of a text; 0: they are not there,
   and the text is as it was. */
int ed_date_number(ed_str_t *left, size_t digits, unsigned *number);


#endif /* ED_DATE_H */
