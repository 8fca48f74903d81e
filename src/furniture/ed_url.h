
/*
 * URLs that furniture leads to.
 */

#ifndef ED_URL_H
#define ED_URL_H


#include "ed_buf.h"


/*
 * May a reader be sent there?  Non-zero for http:, https: and relative
 * references, after what a browser strips first (URL standard, 4.4: leading
 * and trailing C0 controls and spaces, tabs and newlines anywhere).  An empty
 * one leads nowhere and is refused.
 */
int ed_url_check(ed_str_t url);

/* The URL without C0 controls and spaces at its ends. */
ed_str_t ed_url_strip(ed_str_t url);

/*
 * Appends the URL as it was checked, for a quoted attribute's value: stripped
 * as above; controls, spaces, ", <, >, ` and all beyond ASCII are
 * percent-encoded, & and ' become references.  Empty: nothing.  ED_INVALID
 * where it would not pass ed_url_check(); ED_NOMEM, ED_LIMIT_SIZE.
 */
ed_rc_t ed_url_put(ed_buf_t *out, ed_str_t url);

/*
 * Appends s percent-encoded throughout but for letters, digits and -._~ :
 * right behind the beginning of any URL.  Ill-formed UTF-8 becomes U+FFFD.
 */
ed_rc_t ed_url_component(ed_buf_t *out, ed_str_t s);


#endif /* ED_URL_H */
