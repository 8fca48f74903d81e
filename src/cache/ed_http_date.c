
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

#include "ed_date.h"
#include "ed_freshness.h"


typedef struct {
    ed_str_t           left;           /* of the text */
    ed_date_t          date;
} ed_http_date_t;


static int ed_http_date_match(ed_http_date_t *h, const char *form);
static int ed_http_date_field(ed_http_date_t *h, char field);
static int ed_http_date_short_year(ed_http_date_t *h);
static int ed_http_date_space(ed_http_date_t *h);
static int ed_http_date_name(ed_http_date_t *h, const char *const *names,
    unsigned n, unsigned *which);


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
    size_t          i;
    ed_http_date_t  h;

    for (i = 0; i < sizeof(ed_date_forms) / sizeof(ed_date_forms[0]); i++) {
        memset(&h, 0, sizeof(ed_http_date_t));
        h.left = ed_str_trim(value);

        if (ed_http_date_match(&h, ed_date_forms[i])) {
            return ed_date_is_valid(&h.date) ? ed_date_seconds(&h.date)
                                             : -1;
        }
    }

    return -1;
}


/* The whole of it. */

static int
ed_http_date_match(ed_http_date_t *h, const char *form)
{
    for ( /* void */ ; *form != '\0'; form++) {

        if (*form == '%') {
            form++;

            if (!ed_http_date_field(h, *form)) {
                return 0;
            }

            continue;
        }

        if (h->left.len == 0
            || ed_lower(h->left.data[0]) != ed_lower((uint8_t) *form))
        {
            return 0;
        }

        h->left.data++;
        h->left.len--;
    }

    return h->left.len == 0;
}


static int
ed_http_date_field(ed_http_date_t *h, char field)
{
    unsigned  ignored;

    switch (field) {

    case 'a':
        return ed_http_date_name(h, ed_date_days, 7, &ignored);

    case 'A':
        return ed_http_date_name(h, ed_date_long_days, 7, &ignored);

    case 'b':
        return ed_http_date_name(h, ed_date_months, 12, &h->date.month);

    case 'd':
        return ed_date_number(&h->left, 2, &h->date.day);

    case 'e':
        return ed_date_number(&h->left, ed_http_date_space(h) ? 1 : 2,
                              &h->date.day);

    case 'Y':
        return ed_date_number(&h->left, 4, &h->date.year);

    case 'y':
        return ed_http_date_short_year(h);

    case 'H':
        return ed_date_number(&h->left, 2, &h->date.hour);

    case 'M':
        return ed_date_number(&h->left, 2, &h->date.min);

    default: /* 'S' */
        return ed_date_number(&h->left, 2, &h->date.sec);
    }
}


static int
ed_http_date_short_year(ed_http_date_t *h)
{
    if (!ed_date_number(&h->left, 2, &h->date.year)) {
        return 0;
    }

    h->date.year += h->date.year < 70 ? 2000 : 1900;

    return 1;
}


static int
ed_http_date_space(ed_http_date_t *h)
{
    if (h->left.len == 0 || h->left.data[0] != ' ') {
        return 0;
    }

    h->left.data++;
    h->left.len--;

    return 1;
}


static int
ed_http_date_name(ed_http_date_t *h, const char *const *names, unsigned n,
    unsigned *which)
{
    size_t    len;
    unsigned  i;

    for (i = 0; i < n; i++) {
        len = strlen(names[i]);

        if (h->left.len >= len
            && ed_str_caseeq(ed_str(h->left.data, len),
                             ed_str(names[i], len)))
        {
            h->left.data += len;
            h->left.len -= len;
            *which = i;

            return 1;
        }
    }

    return 0;
}
