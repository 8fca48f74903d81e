
/*
 * Which origins are the request's own.
 */

#include "ed_test.h"
#include "ed_origin.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


int
main(void)
{
    size_t           i;
    ed_own_origin_t  own;

    static const struct {
        const char  *origin;
        const char  *scheme, *host, *header;
        int          is_own;
    } list[] = {
        { "http://a.b", "http", "a.b", "a.b", 1 },
        { "http://a.b:80", "http", "a.b", "a.b", 1 },
        { "http://a.b", "http", "a.b", "a.b:80", 1 },
        { "HTTP://A.B", "http", "a.b", "A.b", 1 },
        { "http://a.b.", "http", "a.b", "a.b.", 1 },
        { "http://a.b:8080", "http", "a.b", "a.b:8080", 1 },
        { "https://a.b", "https", "a.b", "a.b", 1 },
        { "https://a.b", "https", "a.b", "a.b:443", 1 },
        { "http://[::1]", "http", "[::1]", "[::1]", 1 },
        { "http://[::1]:8080", "http", "[::1]", "[::1]:8080", 1 },
        { "http://127.0.0.1:81", "http", "127.0.0.1", "127.0.0.1:81", 1 },
        { "http://a.b", "http", "a.b", "", 1 },

        /* TLS ended before us */
        { "https://a.b", "http", "a.b", "a.b", 1 },
        { "https://a.b:443", "http", "a.b", "a.b", 0 },
        { "https://a.b:8080", "http", "a.b", "a.b:8080", 0 },
        { "https://a.b", "http", "a.b", "a.b:8080", 0 },

        { "http://a.b", "https", "a.b", "a.b", 0 },
        { "http://a.b", "http", "a.b", "a.b:8080", 0 },
        { "http://a.b:8080", "http", "a.b", "a.b", 0 },
        { "http://a.b:808", "http", "a.b", "a.b:8080", 0 },
        { "http://evil", "http", "a.b", "a.b", 0 },
        { "https://evil", "http", "a.b", "a.b", 0 },
        { "http://a.b.evil", "http", "a.b", "a.b", 0 },
        { "http://evil.a.b", "http", "a.b", "a.b", 0 },
        { "http://a.b/", "http", "a.b", "a.b", 0 },
        { "http://u@a.b", "http", "a.b", "a.b", 0 },
        { "http://[::2]", "http", "[::1]", "[::1]", 0 },
        { "ftp://a.b", "http", "a.b", "a.b", 0 },
        { "null", "http", "a.b", "a.b", 0 },
        { "null", "http", "null", "null", 0 },
        { "", "http", "a.b", "a.b", 0 },
        { "http", "http", "a.b", "a.b", 0 },
        { "http:", "http", "a.b", "a.b", 0 },
        { "http://", "http", "", "", 0 },
        { "http://:80", "http", "", "", 0 },
        { "://a.b", "http", "a.b", "a.b", 0 },
        { "a.b", "http", "a.b", "a.b", 0 }
    };

    for (i = 0; i < count(list); i++) {
        own.scheme = ed_str(list[i].scheme, strlen(list[i].scheme));
        own.host = ed_str(list[i].host, strlen(list[i].host));
        own.header = ed_str(list[i].header, strlen(list[i].header));

        is_num(ed_origin_is_own(ed_str(list[i].origin,
                                       strlen(list[i].origin)), &own),
               list[i].is_own, "\"%s\" to %s, Host \"%s\"", list[i].origin,
               list[i].scheme, list[i].header);
    }

    return ed_test_done();
}
