
/*
 * A response's headers are read one at a time into what they state, and only
 * when the last has been seen is it decided what holds, as their order means
 * nothing.
 *
 *     header --> ed_fresh_headers[] --> a field, or a reason not to store
 *                        |
 *                   Cache-Control --> ed_directives[] --> likewise
 *
 * Where a number is stated twice, the smaller holds (RFC 9111, 4.2.1: the
 * most restrictive one), and what cannot be read is smaller than any number:
 * it must not make a page live longer than its origin meant.  Numbers end at
 * ED_MAX_LIFETIME, so that no sum of them overflows.
 *
 * Choices, where the standard leaves one or is left:
 *
 *     X-Accel-Expires     As in nginx, it overrules the other times, and is
 *                         passed over where it cannot be read.  Unlike there,
 *                         it does not overrule private, no-store, no-cache.
 *     private="…",        Forbid the whole response: headers are stored as
 *     no-cache="…"        they are, or not at all.
 *     s-maxage            Does not forbid stale responses (RFC 9111, 5.2.2.10
 *                         would have it so): origins combine it with windows
 *                         in which they are wanted.  must-revalidate and
 *                         proxy-revalidate do.
 *     must-understand     Does not take back a no-store.
 *     Pragma              Means nothing in a response (RFC 9111, 5.4).
 *     Date                Tells what Expires is relative to, but not how old
 *                         the response is, which Age does: an origin whose
 *                         clock is slow has pages stored nevertheless.
 *     "a=1; b" and "a b"  A missing or another separator hides no directive.
 */

#include "ed_freshness.h"


#define ED_MAX_LIFETIME  (10LL * 365 * 86400)      /* seconds */
#define ED_MAX_EPOCH     (1LL << 53)               /* of "@seconds" */

#define ED_NOT_STATED    -1
#define ED_UNREADABLE    -2


typedef struct {
    ed_str_t           name;
    unsigned           ignore;         /* passed over where this is set */
    void             (*read)(ed_freshness_t *freshness, ed_str_t value,
                             int64_t now);
} ed_fresh_header_t;


typedef struct ed_directive_s  ed_directive_t;

struct ed_directive_s {
    ed_str_t           name;
    void             (*read)(ed_freshness_t *freshness,
                             const ed_directive_t *directive, ed_str_t arg);
    ed_unstorable_e    unstorable;
    size_t             offset;         /* of the field */
};


static void ed_header_accel(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_age(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_control(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_date(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_expires(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_set_cookie(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);
static void ed_header_vary(ed_freshness_t *freshness, ed_str_t value,
    int64_t now);

static int ed_directive_next(ed_str_t *left, ed_str_t *name, ed_str_t *arg);
static ed_str_t ed_take_token(ed_str_t *left);
static ed_str_t ed_take_arg(ed_str_t *left);
static ed_str_t ed_take_quoted(ed_str_t *left);
static void ed_directive_read(ed_freshness_t *freshness, ed_str_t name,
    ed_str_t arg);
static void ed_directive_forbid(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg);
static void ed_directive_seconds(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg);
static void ed_directive_revalidate(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg);

static void ed_forbid(ed_freshness_t *freshness, ed_unstorable_e unstorable);
static int ed_is_token(uint8_t c);
static int64_t ed_number(ed_str_t digits, int64_t max);
static int64_t ed_lesser(int64_t stated, int64_t value);
static int64_t ed_clamp(int64_t seconds);
static int64_t ed_stated(const ed_freshness_t *freshness, int64_t now,
    int64_t valid);
static void ed_windows(const ed_freshness_t *freshness, int64_t stale,
    ed_lifetime_t *life);


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


static const ed_fresh_header_t  ed_fresh_headers[] = {
    { ED_S("age"), 0, ed_header_age },
    { ED_S("cache-control"), ED_IGNORE_CACHE_CONTROL, ed_header_control },
    { ED_S("date"), 0, ed_header_date },
    { ED_S("expires"), ED_IGNORE_EXPIRES, ed_header_expires },
    { ED_S("set-cookie"), ED_IGNORE_SET_COOKIE, ed_header_set_cookie },
    { ED_S("vary"), ED_IGNORE_VARY, ed_header_vary },
    { ED_S("x-accel-expires"), ED_IGNORE_ACCEL_EXPIRES, ed_header_accel }
};

static const ed_directive_t  ed_directives[] = {

    { ED_S("private"),
      ed_directive_forbid, ED_UNSTORABLE_PRIVATE, 0 },

    { ED_S("no-store"),
      ed_directive_forbid, ED_UNSTORABLE_NO_STORE, 0 },

    { ED_S("no-cache"),
      ed_directive_forbid, ED_UNSTORABLE_NO_CACHE, 0 },

    { ED_S("s-maxage"),
      ed_directive_seconds, 0, offsetof(ed_freshness_t, s_maxage) },

    { ED_S("max-age"),
      ed_directive_seconds, 0, offsetof(ed_freshness_t, max_age) },

    { ED_S("stale-while-revalidate"),
      ed_directive_seconds, 0, offsetof(ed_freshness_t, while_revalidate) },

    { ED_S("stale-if-error"),
      ed_directive_seconds, 0, offsetof(ed_freshness_t, if_error) },

    { ED_S("must-revalidate"),
      ed_directive_revalidate, 0, 0 },

    { ED_S("proxy-revalidate"),
      ed_directive_revalidate, 0, 0 }
};

static const ed_str_t  ed_unstorable_names[ED_UNSTORABLE_S] = {
    ED_S("storable"),
    ED_S("status"),
    ED_S("set-cookie"),
    ED_S("private"),
    ED_S("no-store"),
    ED_S("no-cache"),
    ED_S("vary"),
    ED_S("expired"),
    ED_S("malformed")
};


void
ed_freshness_init(ed_freshness_t *freshness, unsigned ignore)
{
    memset(freshness, 0, sizeof(ed_freshness_t));

    freshness->ignore = ignore;
    freshness->accel = ED_NOT_STATED;
    freshness->s_maxage = ED_NOT_STATED;
    freshness->max_age = ED_NOT_STATED;
    freshness->expires = ED_NOT_STATED;
    freshness->date = ED_NOT_STATED;
    freshness->age = ED_NOT_STATED;
    freshness->while_revalidate = ED_NOT_STATED;
    freshness->if_error = ED_NOT_STATED;
}


void
ed_freshness_header(ed_freshness_t *freshness, ed_str_t name, ed_str_t value,
    int64_t now)
{
    size_t                    i, n;
    const ed_fresh_header_t  *header;

    n = sizeof(ed_fresh_headers) / sizeof(ed_fresh_headers[0]);

    for (i = 0; i < n; i++) {
        header = &ed_fresh_headers[i];

        if (ed_str_caseeq(name, header->name)) {
            if ((freshness->ignore & header->ignore) == 0) {
                header->read(freshness, ed_str_trim(value), now);
            }

            return;
        }
    }
}


ed_unstorable_e
ed_freshness_finish(ed_freshness_t *freshness, int64_t now, int64_t valid,
    int64_t stale, uint32_t jitter, ed_lifetime_t *life)
{
    int64_t  left, spread;

    memset(life, 0, sizeof(ed_lifetime_t));

    left = ed_stated(freshness, now, valid);

    if (left == ED_UNREADABLE) {
        ed_forbid(freshness, ED_UNSTORABLE_MALFORMED);

    } else if (left <= 0) {
        ed_forbid(freshness, ED_UNSTORABLE_EXPIRED);
    }

    if (freshness->unstorable != ED_STORABLE) {
        return freshness->unstorable;
    }

    spread = left / 20;
    left += (int64_t) (jitter % (uint64_t) (2 * spread + 1)) - spread;

    life->dated = now - (freshness->age > 0 ? freshness->age : 0);
    life->fresh = now + left;

    ed_windows(freshness, stale, life);

    return ED_STORABLE;
}


ed_str_t
ed_unstorable_name(ed_unstorable_e unstorable)
{
    return ed_unstorable_names[unstorable];
}


/* Seconds from now, or "@" and an absolute time. */

static void
ed_header_accel(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    int64_t  seconds;

    if (value.len != 0 && value.data[0] == '@') {
        seconds = ed_number(ed_str(value.data + 1, value.len - 1),
                            ED_MAX_EPOCH);
        if (seconds != ED_UNREADABLE) {
            seconds = seconds > now ? seconds - now : 0;
        }

    } else {
        seconds = ed_number(value, ED_MAX_LIFETIME);
    }

    if (seconds != ED_UNREADABLE) {
        freshness->accel = ed_lesser(freshness->accel, ed_clamp(seconds));
        freshness->has_accel = 1;
    }
}


/* The first member of what should not be a list, and is passed over where it
   is no number (RFC 9111, 5.1). */

static void
ed_header_age(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    int64_t         age;
    const uint8_t  *comma;

    (void) now;

    comma = value.len != 0 ? memchr(value.data, ',', value.len) : NULL;

    if (comma != NULL) {
        value.len = (size_t) (comma - value.data);
    }

    age = ed_number(ed_str_trim(value), ED_MAX_LIFETIME);

    if (age != ED_UNREADABLE && freshness->age == ED_NOT_STATED) {
        freshness->age = age;
    }
}


static void
ed_header_control(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    ed_str_t  name, arg;

    (void) now;

    while (ed_directive_next(&value, &name, &arg)) {
        ed_directive_read(freshness, name, arg);
    }

    if (value.len != 0) {
        ed_forbid(freshness, ED_UNSTORABLE_MALFORMED);
    }
}


static void
ed_header_date(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    (void) now;

    if (freshness->date == ED_NOT_STATED) {
        freshness->date = ed_http_date(value);
    }
}


/* Anything that is no date, "0" above all, is in the past (RFC 9111, 5.3). */

static void
ed_header_expires(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    int64_t  expires;

    (void) now;

    expires = ed_http_date(value);
    expires = expires < 0 ? 0 : expires;

    freshness->expires = ed_lesser(freshness->expires, expires);
    freshness->has_expires = 1;
}


static void
ed_header_set_cookie(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    (void) value;
    (void) now;

    ed_forbid(freshness, ED_UNSTORABLE_SET_COOKIE);
}


static void
ed_header_vary(ed_freshness_t *freshness, ed_str_t value, int64_t now)
{
    size_t          n;
    ed_str_t        member;
    const uint8_t  *comma;

    (void) now;

    while (value.len != 0) {
        comma = memchr(value.data, ',', value.len);
        n = comma != NULL ? (size_t) (comma - value.data) : value.len;
        member = ed_str_trim(ed_str(value.data, n));

        if (member.len != 0
            && !ed_str_caseeq(member, ED_STR("accept-encoding")))
        {
            ed_forbid(freshness, ED_UNSTORABLE_VARY);
            return;
        }

        n += (comma != NULL);
        value.data += n;
        value.len -= n;
    }
}


/*
 * The next "name" or "name=arg"; bytes that begin neither are passed over.
 * Zero: there is none left, or, if *left is not empty, a quoted string that
 * does not end, in which anything may stand.
 */

static int
ed_directive_next(ed_str_t *left, ed_str_t *name, ed_str_t *arg)
{
    ed_str_t  rest, string;

    *arg = ED_STR_EMPTY;

    while (left->len != 0 && !ed_is_token(left->data[0])) {

        if (left->data[0] != '"') {
            left->data++;
            left->len--;
            continue;
        }

        string = ed_take_quoted(left);
        if (string.data == NULL) {
            return 0;
        }
    }

    if (left->len == 0) {
        return 0;
    }

    rest = *left;
    *name = ed_take_token(&rest);
    *arg = ed_take_arg(&rest);
    *left = rest;

    return 1;
}


static ed_str_t
ed_take_token(ed_str_t *left)
{
    ed_str_t  token;

    token = ed_str(left->data, 0);

    while (token.len < left->len && ed_is_token(token.data[token.len])) {
        token.len++;
    }

    left->data += token.len;
    left->len -= token.len;

    return token;
}


/* What stands behind "=", without its quotes; empty: nothing.  A string that
   does not end is left where it is. */

static ed_str_t
ed_take_arg(ed_str_t *left)
{
    ed_str_t  rest;

    rest = *left;

    while (rest.len != 0 && ed_is_space(rest.data[0])) {
        rest.data++;
        rest.len--;
    }

    if (rest.len == 0 || rest.data[0] != '=') {
        return ED_STR_EMPTY;
    }

    do {
        rest.data++;
        rest.len--;
    } while (rest.len != 0 && ed_is_space(rest.data[0]));

    *left = rest;

    return rest.len != 0 && rest.data[0] == '"' ? ed_take_quoted(left)
                                                : ed_take_token(left);
}


/* Between the quotes, its escapes as they are.  No data: it does not end, and
   nothing is taken. */

static ed_str_t
ed_take_quoted(ed_str_t *left)
{
    size_t    i;
    ed_str_t  string;

    for (i = 1; i < left->len && left->data[i] != '"'; i++) {
        i += (left->data[i] == '\\');
    }

    if (i >= left->len) {
        return ED_STR_EMPTY;
    }

    string = ed_str(left->data + 1, i - 1);

    left->data += i + 1;
    left->len -= i + 1;

    return string;
}


static void
ed_directive_read(ed_freshness_t *freshness, ed_str_t name, ed_str_t arg)
{
    size_t                 i, n;
    const ed_directive_t  *directive;

    n = sizeof(ed_directives) / sizeof(ed_directives[0]);

    for (i = 0; i < n; i++) {
        directive = &ed_directives[i];

        if (ed_str_caseeq(name, directive->name)) {
            directive->read(freshness, directive, arg);
            return;
        }
    }
}


static void
ed_directive_forbid(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg)
{
    (void) arg;

    ed_forbid(freshness, directive->unstorable);
}


static void
ed_directive_seconds(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg)
{
    int64_t  *field;

    field = (int64_t *) (void *) ((uint8_t *) freshness + directive->offset);
    *field = ed_lesser(*field, ed_number(arg, ED_MAX_LIFETIME));
}


static void
ed_directive_revalidate(ed_freshness_t *freshness,
    const ed_directive_t *directive, ed_str_t arg)
{
    (void) directive;
    (void) arg;

    freshness->must_revalidate = 1;
}


static void
ed_forbid(ed_freshness_t *freshness, ed_unstorable_e unstorable)
{
    if (freshness->unstorable == ED_STORABLE) {
        freshness->unstorable = unstorable;
    }
}


/* A token's characters (RFC 9110, 5.6.2). */

static int
ed_is_token(uint8_t c)
{
    return (uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10
           || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}


/* Digits and nothing else; no more than max. */

static int64_t
ed_number(ed_str_t digits, int64_t max)
{
    size_t   i;
    int64_t  number;

    if (digits.len == 0) {
        return ED_UNREADABLE;
    }

    number = 0;

    for (i = 0; i < digits.len; i++) {
        if ((uint8_t) (digits.data[i] - '0') >= 10) {
            return ED_UNREADABLE;
        }

        number = number * 10 + (digits.data[i] - '0');
        number = number < max ? number : max;
    }

    return number;
}


static int64_t
ed_lesser(int64_t stated, int64_t value)
{
    return stated == ED_NOT_STATED || value < stated ? value : stated;
}


static int64_t
ed_clamp(int64_t seconds)
{
    if (seconds < 0) {
        return 0;
    }

    return seconds < ED_MAX_LIFETIME ? seconds : ED_MAX_LIFETIME;
}


/*
 * How many seconds from now it is fresh.  What it has spent elsewhere counts
 * where the time is the origin's (RFC 9111, 4.2), not where it is stated for,
 * or by, this cache.
 */

static int64_t
ed_stated(const ed_freshness_t *freshness, int64_t now, int64_t valid)
{
    int64_t  lifetime;

    if (freshness->has_accel) {
        return freshness->accel;
    }

    if (freshness->s_maxage != ED_NOT_STATED) {
        lifetime = freshness->s_maxage;

    } else if (freshness->max_age != ED_NOT_STATED) {
        lifetime = freshness->max_age;

    } else if (freshness->has_expires) {
        lifetime = freshness->expires - (freshness->date >= 0
                                         ? freshness->date : now);
        lifetime = ed_clamp(lifetime);

    } else {
        return ed_clamp(valid);
    }

    if (lifetime == ED_UNREADABLE) {
        return ED_UNREADABLE;
    }

    return ed_clamp(lifetime - (freshness->age > 0 ? freshness->age : 0));
}


/*
 * How long past that it may be served.  Where the origin states only for how
 * long while it fails, this bounds the time while it is refreshed too: a page
 * that is served before the origin is asked hides that it fails.
 */

static void
ed_windows(const ed_freshness_t *freshness, int64_t stale,
    ed_lifetime_t *life)
{
    int64_t  refresh, error;

    refresh = ed_clamp(stale);
    error = refresh;

    if (freshness->if_error != ED_NOT_STATED) {
        error = ed_clamp(freshness->if_error);
        refresh = error < refresh ? error : refresh;
    }

    if (freshness->while_revalidate != ED_NOT_STATED) {
        refresh = ed_clamp(freshness->while_revalidate);
        error = error > refresh ? error : refresh;
    }

    if (freshness->must_revalidate) {
        refresh = 0;
        error = 0;
    }

    life->stale = life->fresh + refresh;
    life->error = life->fresh + error;
}
