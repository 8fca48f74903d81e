
/*
 * The kinds of furniture.  Their names live here, once.
 */

#ifndef ED_FEATURE_H
#define ED_FEATURE_H


#include "ed_str.h"


typedef enum {
    ED_READ_MORE = 0,
    ED_PULL_QUOTE,
    ED_DISCLAIMER,
    ED_FEATURES                    /* how many there are */
} ed_feature_e;


#define ED_MAX_NAME  64                /* bytes */


/* "read_more", "pull_quote", "disclaimer". */
ed_str_t ed_feature_name(ed_feature_e feature);

/* The feature of that name; ED_FEATURES where there is none. */
ed_feature_e ed_feature_find(ed_str_t name);

/* Can it be the name of a variant, or of a desk?  Those go into keys, cookies
   and class names: at most ED_MAX_NAME letters, digits, "-" and "_". */
int ed_feature_is_name(ed_str_t name);


#endif /* ED_FEATURE_H */
