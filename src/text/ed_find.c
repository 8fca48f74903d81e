
/*
 * Finding a phrase in a text, at word boundaries.
 *
 * The C library's memmem() is fast, but asked again behind every place that
 * is no word boundary it can be led into quadratic work, by "aa aa aa" say.
 * So it is asked a few times, and if that was not enough the rest is searched
 * by the two-way algorithm (Crochemore and Perrin, 1991), which meets every
 * occurrence in linear time and constant space.  Comparing without case goes
 * the same two steps, the first by trying at each word's beginning until the
 * work exceeds what the text's length pays for.
 *
 * Case folding keeps the number of bytes (see ed_fold_case()), so both can
 * look at any byte of a text as it would be folded.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                /* memmem() */
#endif

#include "ed_text.h"
#include "ed_unicode.h"


#define ED_FIND_ATTEMPTS  16
#define ED_FIND_WORK      4        /* comparisons a byte of the text */


typedef struct {
    ed_str_t       text;
    ed_str_t       needle;
    ssize_t        critical;       /* the needle's left part ends here */
    size_t         period;
    unsigned       fold:1;
    unsigned       periodic:1;     /* the period is the whole needle's */
} ed_find_t;


static size_t ed_find_first(const ed_text_t *text, ed_str_t needle);
static size_t ed_find_match(ed_str_t text, ed_str_t needle, size_t *matched);
static size_t ed_find_all(const ed_text_t *text, ed_str_t needle, size_t from,
    unsigned fold);
static void ed_find_factorize(ed_find_t *f);
static ssize_t ed_find_suffix(const ed_find_t *f, int reverse,
    size_t *period);
static size_t ed_find_periodic(const ed_find_t *f, size_t at);
static size_t ed_find_aperiodic(const ed_find_t *f, size_t at);
static int ed_find_same(const ed_find_t *f, size_t i, size_t at);
static int ed_find_bounded(const ed_find_t *f, size_t at);
static int ed_find_boundary(ed_str_t text, size_t at);
static uint8_t ed_find_byte(const ed_find_t *f, ed_str_t s, size_t i);


size_t
ed_text_find(const ed_text_t *text, ed_str_t needle)
{
    size_t          at, i;
    ed_find_t       f;
    const uint8_t  *p;

    if (needle.len == 0) {
        return text->len;
    }

    f.text = ed_str(text->data, text->len);
    f.needle = needle;
    at = 0;

    for (i = 0; i < ED_FIND_ATTEMPTS; i++) {
        p = memmem(text->data + at, text->len - at, needle.data, needle.len);
        if (p == NULL) {
            return text->len;
        }

        at = p - text->data;

        if (ed_find_bounded(&f, at)) {
            return at;
        }

        at++;
    }

    return ed_find_all(text, needle, at, 0);
}


size_t
ed_text_casefind(const ed_text_t *text, ed_str_t needle)
{
    return needle.len != 0 ? ed_find_first(text, needle) : text->len;
}


int
ed_text_casestarts(const ed_text_t *text, ed_str_t needle)
{
    size_t    matched;
    ed_str_t  all;

    all = ed_str(text->data, text->len);

    return needle.len != 0 && needle.len <= text->len
           && ed_find_match(ed_str(text->data, needle.len), needle, &matched)
           && ed_find_boundary(all, needle.len);
}


int
ed_text_caseeq(ed_str_t a, ed_str_t b)
{
    size_t  matched;

    return a.len == b.len && ed_find_match(a, b, &matched);
}


/* Tries at each beginning of a word; hands over when it costs too much. */

static size_t
ed_find_first(const ed_text_t *text, ed_str_t needle)
{
    size_t     at, matched, work;
    uint8_t    c;
    uint32_t   code, first;
    ed_find_t  f;

    f.text = ed_str(text->data, text->len);
    f.needle = needle;
    work = 0;

    ed_utf8_get(needle.data, needle.len, &first);
    first = ed_fold_case(first);

    for (at = 0; needle.len <= text->len - at; /* void */ ) {

        c = text->data[at];

        /* what is ASCII and what is not stay so when they are folded */

        if (c < 0x80 ? ed_lower(c) != first : first < 0x80) {
            at++;
            continue;
        }

        matched = ed_utf8_get(text->data + at, text->len - at, &code);

        if (ed_fold_case(code) != first || !ed_find_boundary(f.text, at)) {
            at += matched;
            continue;
        }

        if (ed_find_match(ed_str(text->data + at, needle.len), needle,
                          &matched)
            && ed_find_boundary(f.text, at + needle.len))
        {
            return at;
        }

        work += matched;
        at++;

        if (work / ED_FIND_WORK > text->len) {
            return ed_find_all(text, needle, at, 1);
        }
    }

    return text->len;
}


/* Are they the same without case?  *matched is how many bytes were. */

static size_t
ed_find_match(ed_str_t text, ed_str_t needle, size_t *matched)
{
    size_t    i, n;
    uint32_t  a, b;

    for (i = 0; i < needle.len; i += n) {
        n = ed_utf8_get(needle.data + i, needle.len - i, &b);

        if (i + n > text.len
            || ed_utf8_get(text.data + i, text.len - i, &a) != n
            || (a != b && ed_fold_case(a) != ed_fold_case(b)))
        {
            break;
        }
    }

    *matched = i;

    return i == needle.len;
}


/* The first occurrence at word boundaries from there on; linear. */

static size_t
ed_find_all(const ed_text_t *text, ed_str_t needle, size_t from, unsigned fold)
{
    ed_find_t  f;

    if (from > text->len || needle.len > text->len - from) {
        return text->len;
    }

    f.text = ed_str(text->data, text->len);
    f.needle = needle;
    f.fold = fold;

    ed_find_factorize(&f);

    return f.periodic ? ed_find_periodic(&f, from)
                      : ed_find_aperiodic(&f, from);
}


/*
 * Cuts the needle where the local period is that of the whole: behind the
 * start of the longer of its two maximal suffixes, by either order.
 */

static void
ed_find_factorize(ed_find_t *f)
{
    size_t   i, forward_period, reverse_period;
    ssize_t  forward, reverse;

    forward = ed_find_suffix(f, 0, &forward_period);
    reverse = ed_find_suffix(f, 1, &reverse_period);

    f->critical = forward > reverse ? forward : reverse;
    f->period = forward > reverse ? forward_period : reverse_period;
    f->periodic = 1;

    for (i = 0; (ssize_t) i <= f->critical; i++) {
        if (i + f->period >= f->needle.len
            || ed_find_byte(f, f->needle, i)
               != ed_find_byte(f, f->needle, i + f->period))
        {
            f->periodic = 0;
            break;
        }
    }

    if (!f->periodic) {
        i = (size_t) (f->critical + 1);
        f->period = (i > f->needle.len - i ? i : f->needle.len - i) + 1;
    }
}


/* The maximal suffix begins at the result plus one; its period. */

static ssize_t
ed_find_suffix(const ed_find_t *f, int reverse, size_t *period)
{
    size_t   j, k, p;
    ssize_t  suffix;
    uint8_t  a, b;

    suffix = -1;
    j = 0;
    k = 1;
    p = 1;

    while (j + k < f->needle.len) {
        a = ed_find_byte(f, f->needle, j + k);
        b = ed_find_byte(f, f->needle, (size_t) (suffix + (ssize_t) k));

        if (a == b) {
            j += (k == p) ? p : 0;
            k = (k == p) ? 1 : k + 1;

        } else if ((a < b) != reverse) {
            j += k;
            k = 1;
            p = (size_t) ((ssize_t) j - suffix);

        } else {
            suffix = (ssize_t) j;
            j++;
            k = 1;
            p = 1;
        }
    }

    *period = p;

    return suffix;
}


/*
 * The needle repeats itself: after a match, what its shift by one period
 * leaves matched is not compared again.
 */

static size_t
ed_find_periodic(const ed_find_t *f, size_t at)
{
    size_t   n, last;
    ssize_t  i, known;

    n = f->needle.len;
    last = f->text.len - n;
    known = -1;

    while (at <= last) {
        i = (f->critical > known ? f->critical : known) + 1;

        while ((size_t) i < n && ed_find_same(f, (size_t) i, at)) {
            i++;
        }

        if ((size_t) i < n) {
            at += (size_t) (i - f->critical);
            known = -1;
            continue;
        }

        i = f->critical;

        while (i > known && ed_find_same(f, (size_t) i, at)) {
            i--;
        }

        if (i <= known && ed_find_bounded(f, at)) {
            return at;
        }

        at += f->period;
        known = (ssize_t) (n - f->period) - 1;
    }

    return f->text.len;
}


static size_t
ed_find_aperiodic(const ed_find_t *f, size_t at)
{
    size_t   i, n, last;
    ssize_t  left;

    n = f->needle.len;
    last = f->text.len - n;

    while (at <= last) {
        i = (size_t) (f->critical + 1);

        while (i < n && ed_find_same(f, i, at)) {
            i++;
        }

        if (i < n) {
            at += (size_t) ((ssize_t) i - f->critical);
            continue;
        }

        left = f->critical;

        while (left >= 0 && ed_find_same(f, (size_t) left, at)) {
            left--;
        }

        if (left < 0 && ed_find_bounded(f, at)) {
            return at;
        }

        at += f->period;
    }

    return f->text.len;
}


static int
ed_find_same(const ed_find_t *f, size_t i, size_t at)
{
    return ed_find_byte(f, f->needle, i) == ed_find_byte(f, f->text, at + i);
}


static int
ed_find_bounded(const ed_find_t *f, size_t at)
{
    return ed_find_boundary(f->text, at)
           && ed_find_boundary(f->text, at + f->needle.len);
}


/* No boundary: a letter or digit of a spaced script on either side. */

static int
ed_find_boundary(ed_str_t text, size_t at)
{
    size_t    i;
    uint32_t  before, behind;

    if (at == 0 || at == text.len) {
        return 1;
    }

    if ((text.data[at] & 0xc0) == 0x80) {
        return 0;
    }

    for (i = at - 1; i > 0 && (text.data[i] & 0xc0) == 0x80; i--) {
        /* void */
    }

    ed_utf8_get(text.data + i, at - i, &before);
    ed_utf8_get(text.data + at, text.len - at, &behind);

    return !ed_is_word(before) || !ed_is_word(behind);
}


/* The byte at i as it would be with its character folded. */

static uint8_t
ed_find_byte(const ed_find_t *f, ed_str_t s, size_t i)
{
    size_t    begin;
    uint8_t   bytes[4];
    uint32_t  code, folded;

    if (!f->fold) {
        return s.data[i];
    }

    if (s.data[i] < 0x80) {
        return ed_lower(s.data[i]);
    }

    begin = i;

    while (begin > 0 && i - begin < 3 && (s.data[begin] & 0xc0) == 0x80) {
        begin--;
    }

    if (ed_utf8_get(s.data + begin, s.len - begin, &code) <= i - begin) {
        return s.data[i];
    }

    folded = ed_fold_case(code);

    if (folded == code) {
        return s.data[i];
    }

    ed_utf8_write(bytes, folded);

    return bytes[i - begin];
}
