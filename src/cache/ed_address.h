
/*
 * The tag that every page has of its own, by which a page is found whose
 * address is known:
 *
 *     url:www.example.com/news/tides?page=2
 *         host           path        arguments, but for those that are
 *                                    ignored, sorted by name
 *
 * It says less than the key does: http or https, and what else a key may be
 * made of, so that all pages of an address have the same one.  What a browser
 * escapes in a query is escaped here, so that an address has that tag however
 * it was written.
 */

#ifndef ED_ADDRESS_H
#define ED_ADDRESS_H


#include "ed_cache_key.h"


/* An address as somebody writes it; the parts point into it. */
typedef struct {
    ed_str_t           scheme;         /* "http", "https"; empty: not said */
    ed_str_t           host;           /* without port; empty: none is said */
    ed_str_t           port;           /* as it is written; may be empty */
    ed_str_t           path;           /* at least "/" */
    ed_str_t           args;           /* behind "?"; may be empty */
} ed_address_t;


/*
 * Reads http://HOST/PATH, https://HOST/PATH, //HOST/PATH or /PATH, without
 * white space around it, port and fragment.  ED_INVALID: it is none of these,
 * or has a user, a control character or a host beyond ASCII (which browsers
 * write as xn--).
 */
ed_rc_t ed_address_read(ed_str_t url, ed_address_t *address);

/* Takes ":PORT" off a host, and the dot that may end its name; the port, which
   may be empty. */
ed_str_t ed_address_port(ed_str_t *host);

/*
 * Writes the tag of an address to out, which has room for
 * ed_address_tag_size() bytes, and how many there are to *len.  The host
 * becomes lower-case; the path is one that is normalised and escaped.
 * ED_NOMEM: as ed_cache_args().
 */
ed_rc_t ed_address_tag(const ed_address_t *address,
    const ed_ignored_arg_t *ignored, size_t nignored, uint8_t *out,
    size_t *len);
size_t ed_address_tag_size(const ed_address_t *address);


#endif /* ED_ADDRESS_H */
