
/*
 * Entity-tags of If-Match and If-None-Match (RFC 9110, 8.8.3, 13.1):
 *
 *     "5f2a…", W/"x", "y"      *
 */

#ifndef ED_MATCH_H
#define ED_MATCH_H


#include "ed_str.h"


/*
 * Is the tag, strong and with its quotes, one of the list?  "*" is, whatever
 * the tag.  weak: a weak one of the same text will do.  Behind what is no tag
 * nothing is looked at.
 */
int ed_match(ed_str_t list, ed_str_t tag, int weak);


#endif /* ED_MATCH_H */
