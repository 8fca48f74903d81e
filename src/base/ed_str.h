
/*
 * A string is a pointer and a length, never NUL-terminated by promise and
 * never owned: whoever fills one in says how long its bytes live.
 *
 * Every function of the ed_* layer that can fail returns an ed_rc_t.  The
 * names of the codes, as a log or a reader of $editorial_skip sees them,
 * are in ed_rc_name() and nowhere else.
 */

#ifndef ED_STR_H
#define ED_STR_H


#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>


typedef struct {
    const uint8_t  *data;
    size_t          len;
} ed_str_t;


typedef enum {
    ED_OK = 0,
    ED_DONE,               /* a handler has seen all it wants */
    ED_NOMEM,              /* an allocation failed */
    ED_LIMIT_DEPTH,        /* more than ED_MAX_DEPTH elements open */
    ED_LIMIT_TOKEN,        /* one tag longer than ED_MAX_TOKEN bytes */
    ED_LIMIT_HELD,         /* the article is longer than ED_MAX_HELD bytes */
    ED_LIMIT_WORK,         /* more tree work than the page's length pays for */
    ED_LIMIT_SIZE,         /* the page is longer than the policy allows */
    ED_CHARSET,            /* the page is in a charset that cannot be read */
    ED_INVALID             /* the input is not what it must be */
} ed_rc_t;


#define ED_STR(literal)                                                       \
    ((ed_str_t) { (const uint8_t *) (literal), sizeof(literal) - 1 })

#define ED_STR_EMPTY  ((ed_str_t) { NULL, 0 })


static inline ed_str_t
ed_str(const void *data, size_t len)
{
    ed_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


static inline int
ed_str_eq(ed_str_t a, ed_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static inline uint8_t
ed_lower(uint8_t c)
{
    return (uint8_t) (c - 'A') < 26 ? (uint8_t) (c | 0x20) : c;
}


/* ASCII case-insensitive equality (Infra standard, 4.6). */

static inline int
ed_str_caseeq(ed_str_t a, ed_str_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (ed_lower(a.data[i]) != ed_lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


/* Takes the next word off a list of them, which are separated by spaces; 0:
   there is none left. */

static inline int
ed_str_word(ed_str_t *list, ed_str_t *word)
{
    const uint8_t  *p, *last;

    *word = ED_STR_EMPTY;

    if (list->len == 0) {
        return 0;
    }

    p = list->data;
    last = p + list->len;

    while (p < last && *p == ' ') {
        p++;
    }

    word->data = p;

    while (p < last && *p != ' ') {
        p++;
    }

    word->len = (size_t) (p - word->data);
    *list = ed_str(p, (size_t) (last - p));

    return word->len != 0;
}


/* White space of HTML: tab, LF, FF, CR, space (Infra standard, 4.6). */

static inline int
ed_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


/* Without the white space at both ends. */

static inline ed_str_t
ed_str_trim(ed_str_t s)
{
    while (s.len != 0 && ed_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len != 0 && ed_is_space(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


#endif /* ED_STR_H */
