
/*
 * The arguments of a query, as a key has them.
 *
 *     b=2&&utm_source=x&a=1&b=1     as it came
 *     b=2  utm_source=x  a=1  b=1   those that are not empty
 *     b=2                a=1  b=1   without those to ignore
 *     a=1&b=2&b=1                   by name, then by where they stood
 *
 * Where an argument stood breaks every tie, so that any sort is a stable one.
 * Only the sorted form needs a list; it is on the stack for what a link has
 * in practice.
 */

#include <stdlib.h>

#include "ed_cache_key.h"


#define ED_ARGS_ON_STACK  32


typedef struct {
    ed_str_t           text;
    ed_str_t           name;           /* up to the first "=" */
} ed_arg_t;


static int ed_arg_next(ed_str_t *left, ed_arg_t *arg);
static int ed_arg_is_ignored(const ed_arg_t *arg,
    const ed_ignored_arg_t *ignored, size_t n);
static size_t ed_args_count(ed_str_t args);
static void ed_args_put(uint8_t *out, size_t *len, const ed_arg_t *arg);
static ed_rc_t ed_args_sorted(ed_str_t args, const ed_ignored_arg_t *ignored,
    size_t nignored, uint8_t *out, size_t *len);
static int ed_arg_cmp(const void *one, const void *two);


void
ed_ignored_arg(ed_ignored_arg_t *arg, ed_str_t word)
{
    arg->prefix = (word.len != 0 && word.data[word.len - 1] == '*');
    arg->name = ed_str(word.data, word.len - arg->prefix);
}


ed_rc_t
ed_cache_args(ed_str_t args, const ed_ignored_arg_t *ignored, size_t nignored,
    int sorted, uint8_t *out, size_t *len)
{
    ed_arg_t  arg;

    *len = 0;

    if (sorted) {
        return ed_args_sorted(args, ignored, nignored, out, len);
    }

    while (ed_arg_next(&args, &arg)) {
        if (!ed_arg_is_ignored(&arg, ignored, nignored)) {
            ed_args_put(out, len, &arg);
        }
    }

    return ED_OK;
}


static int
ed_arg_next(ed_str_t *left, ed_arg_t *arg)
{
    size_t          n;
    const uint8_t  *p;

    while (left->len != 0 && left->data[0] == '&') {
        left->data++;
        left->len--;
    }

    if (left->len == 0) {
        return 0;
    }

    p = memchr(left->data, '&', left->len);
    n = p != NULL ? (size_t) (p - left->data) : left->len;
    arg->text = ed_str(left->data, n);

    p = memchr(arg->text.data, '=', n);
    arg->name = ed_str(arg->text.data,
                       p != NULL ? (size_t) (p - arg->text.data) : n);

    left->data += n;
    left->len -= n;

    return 1;
}


static int
ed_arg_is_ignored(const ed_arg_t *arg, const ed_ignored_arg_t *ignored,
    size_t n)
{
    size_t    i;
    ed_str_t  name;

    for (i = 0; i < n; i++) {
        name = arg->name;

        if (ignored[i].prefix && name.len > ignored[i].name.len) {
            name.len = ignored[i].name.len;
        }

        if (ed_str_eq(name, ignored[i].name)) {
            return 1;
        }
    }

    return 0;
}


/* The ignored ones too: room for the list, not its length. */

static size_t
ed_args_count(ed_str_t args)
{
    size_t    n;
    ed_arg_t  arg;

    for (n = 0; ed_arg_next(&args, &arg); n++) {
        /* void */
    }

    return n;
}


static void
ed_args_put(uint8_t *out, size_t *len, const ed_arg_t *arg)
{
    if (*len != 0) {
        out[(*len)++] = '&';
    }

    memcpy(out + *len, arg->text.data, arg->text.len);
    *len += arg->text.len;
}


static ed_rc_t
ed_args_sorted(ed_str_t args, const ed_ignored_arg_t *ignored, size_t nignored,
    uint8_t *out, size_t *len)
{
    size_t     i, n, room;
    ed_arg_t  *list, few[ED_ARGS_ON_STACK];

    list = few;
    room = ed_args_count(args);

    if (room > ED_ARGS_ON_STACK) {
        list = malloc(room * sizeof(ed_arg_t));
        if (list == NULL) {
            return ED_NOMEM;
        }
    }

    n = 0;

    while (n < room && ed_arg_next(&args, &list[n])) {
        n += !ed_arg_is_ignored(&list[n], ignored, nignored);
    }

    qsort(list, n, sizeof(ed_arg_t), ed_arg_cmp);

    for (i = 0; i < n; i++) {
        ed_args_put(out, len, &list[i]);
    }

    if (list != few) {
        free(list);
    }

    return ED_OK;
}


static int
ed_arg_cmp(const void *one, const void *two)
{
    int              order;
    size_t           n;
    const ed_arg_t  *a, *b;

    a = one;
    b = two;
    n = a->name.len < b->name.len ? a->name.len : b->name.len;

    order = memcmp(a->name.data, b->name.data, n);

    if (order != 0) {
        return order;
    }

    if (a->name.len != b->name.len) {
        return a->name.len < b->name.len ? -1 : 1;
    }

    return a->text.data < b->text.data ? -1 : 1;
}
