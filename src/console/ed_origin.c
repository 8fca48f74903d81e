
/*
 * An origin is split as it is written; nothing in it is decoded.  A browser
 * leaves the port out where it is the scheme's, in Origin and Host alike.
 */

#include "ed_address.h"
#include "ed_origin.h"


static ed_str_t ed_origin_or_default(ed_str_t port, ed_str_t scheme);


int
ed_origin_is_own(ed_str_t origin, const ed_own_origin_t *own)
{
    size_t    i;
    ed_str_t  scheme, host, header, port, own_port;

    for (i = 0; i < origin.len && origin.data[i] != ':'; i++) {
        /* void */
    }

    scheme = ed_str(origin.data, i);

    if (origin.len - i < 3 || memcmp(origin.data + i, "://", 3) != 0) {
        return 0;                                    /* "null" */
    }

    host = ed_str(origin.data + i + 3, origin.len - i - 3);
    port = ed_address_port(&host);

    header = own->header;
    own_port = ed_address_port(&header);

    if (host.len == 0 || !ed_str_caseeq(host, own->host)) {
        return 0;
    }

    if (ed_str_caseeq(scheme, own->scheme)) {
        return ed_str_eq(ed_origin_or_default(port, own->scheme),
                         ed_origin_or_default(own_port, own->scheme));
    }

    return ed_str_caseeq(scheme, ED_STR("https")) && port.len == 0
           && own_port.len == 0;
}


static ed_str_t
ed_origin_or_default(ed_str_t port, ed_str_t scheme)
{
    if (port.len != 0) {
        return port;
    }

    return ed_str_caseeq(scheme, ED_STR("https")) ? ED_STR("443")
                                                  : ED_STR("80");
}
