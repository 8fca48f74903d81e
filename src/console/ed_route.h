
/*
 * Paths of an API, matched against patterns:
 *
 *     api/desks/{desk}/{feature}      api/desks/opinion/read_more
 *
 * A word in braces stands for one segment, whole and not empty; everything
 * else for itself.
 */

#ifndef ED_ROUTE_H
#define ED_ROUTE_H


#include "ed_str.h"


#define ED_ROUTE_SEGMENTS  2           /* in braces, in one pattern */


/* Does the path match?  segments[] gets what stands for each word in braces,
   the rest of it is empty; they point into the path. */
int ed_route_match(ed_str_t pattern, ed_str_t path,
    ed_str_t segments[ED_ROUTE_SEGMENTS]);


#endif /* ED_ROUTE_H */
