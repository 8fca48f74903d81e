
/*
 * Where a request of a browser comes from (RFC 6454; Fetch standard, 3.2):
 *
 *     Origin: https://www.example.com:8443
 *
 * It is our own where scheme, host and port are those of the request.  One
 * case more is taken: an "https" origin of the same host, both without a port,
 * where the request came in plain.  TLS has ended before us then.
 */

#ifndef ED_ORIGIN_H
#define ED_ORIGIN_H


#include "ed_str.h"


/* What a request says of itself. */
typedef struct {
    ed_str_t           scheme;         /* "http" or "https" */
    ed_str_t           host;           /* lower-case, without port */
    ed_str_t           header;         /* Host as it came; may be empty */
} ed_own_origin_t;


int ed_origin_is_own(ed_str_t origin, const ed_own_origin_t *own);


#endif /* ED_ORIGIN_H */
