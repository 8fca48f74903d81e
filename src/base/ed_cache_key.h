
/*
 * A page's query arguments as they stand in its key: those that tell pages
 * apart, in an order that does not depend on how the link was written.
 *
 *     b=2&utm_source=x&a=1&b=1&fbclid=y   ->   a=1&b=2&b=1
 *
 * Names are compared as they are written: %61 is not a.  Arguments of the
 * same name keep their order, since an origin may read the first or the last.
 */

#ifndef ED_CACHE_KEY_H
#define ED_CACHE_KEY_H


#include "ed_str.h"


/* Arguments to ignore: a name, or its beginning where prefix is set. */
typedef struct {
    ed_str_t           name;
    unsigned           prefix:1;
} ed_ignored_arg_t;


/* Reads NAME or NAME* into arg, which points into word from then on. */
void ed_ignored_arg(ed_ignored_arg_t *arg, ed_str_t word);

/*
 * Writes args (what stands behind "?", may be empty) without the ignored
 * ones, sorted stably by name, to out, which has room for args.len bytes and
 * does not overlap them, and how many were written to *len.  sorted zero: in
 * the order they came in, as the origin gets them.  Empty arguments
 * ("a=1&&b=2") are dropped.  ED_NOMEM, where sorted only: more arguments than
 * fit on the stack, and no memory for them.
 */
ed_rc_t ed_cache_args(ed_str_t args, const ed_ignored_arg_t *ignored,
    size_t nignored, int sorted, uint8_t *out, size_t *len);


#endif /* ED_CACHE_KEY_H */
