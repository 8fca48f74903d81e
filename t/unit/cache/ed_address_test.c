
/*
 * Addresses as an editor writes them, and the tag of a page's own.
 */

#include "ed_test.h"
#include "ed_address.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


static void test_read(void);
static void test_origin(void);
static void test_refused(void);
static void test_tags(void);
static void test_room(void);

static ed_str_t tag_of(const char *host, const char *path, const char *args);


static uint8_t  out[4096];


int
main(void)
{
    test_read();
    test_origin();
    test_refused();
    test_tags();
    test_room();

    return ed_test_done();
}


static void
test_origin(void)
{
    size_t        i;
    ed_address_t  a;

    static const struct {
        const char  *url;
        const char  *scheme, *port;
    } list[] = {
        { "/x", "", "" },
        { "//a.b:80/x", "", "80" },
        { "HTTPS://A.b/C", "https", "" },
        { "https://a.b:8443/", "https", "8443" },
        { "https://a.b:/", "https", "" },
        { "http://a.b.:80", "http", "80" },
        { "http://[::1]:8080/x", "http", "8080" },
        { "http://[::1]/x:1", "http", "" }
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_address_read(ed_str(list[i].url, strlen(list[i].url)), &a),
               ED_OK, "an origin: %zu", i);
        is_str(a.scheme, list[i].scheme, "... scheme");
        is_str(a.port, list[i].port, "... port");
    }
}


static void
test_read(void)
{
    size_t        i;
    ed_address_t  a;

    static const struct {
        const char  *url;
        const char  *host, *path, *args;
    } list[] = {
        { "/", "", "/", "" },
        { "/news/x", "", "/news/x", "" },
        { " /news/x\n", "", "/news/x", "" },
        { "/news/x?", "", "/news/x", "" },
        { "/news/x?a=1", "", "/news/x", "a=1" },
        { "/x?a=1?b", "", "/x", "a=1?b" },
        { "/x?a=1#b?c", "", "/x", "a=1" },
        { "/x#b?c=1", "", "/x", "" },
        { "/x y", "", "/x y", "" },
        { "/x:80/y@z", "", "/x:80/y@z", "" },
        { "http://a.b", "a.b", "/", "" },
        { "http://a.b?c", "a.b", "/", "c" },
        { "http://a.b#c", "a.b", "/", "" },
        { "HTTPS://A.b/C", "A.b", "/C", "" },
        { "https://a.b:443/", "a.b", "/", "" },
        { "https://a.b:8443/", "a.b", "/", "" },
        { "https://a.b:/", "a.b", "/", "" },
        { "https://a.b./", "a.b", "/", "" },
        { "https://a.b.:80/", "a.b", "/", "" },
        { "http://127.0.0.1/", "127.0.0.1", "/", "" },
        { "http://127.0.0.1:1/", "127.0.0.1", "/", "" },
        { "http://[::1]/", "[::1]", "/", "" },
        { "http://[::1]:8080/x", "[::1]", "/x", "" },
        { "//a.b/x", "a.b", "/x", "" },
        { "/x//y", "", "/x//y", "" }
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_address_read(ed_str(list[i].url, strlen(list[i].url)), &a),
               ED_OK, "an address: %zu", i);
        is_str(a.host, list[i].host, "... host");
        is_str(a.path, list[i].path, "... path");
        is_str(a.args, list[i].args, "... arguments");
    }
}


static void
test_refused(void)
{
    size_t        i;
    ed_address_t  a;

    static const char *const  list[] = {
        "", " ", "#x", "?x", "x", "news/x", "a.b/x", "http:", "http:/x",
        "http://", "http:///x", "http://?x", "https://:80/", "https://./",
        "//", "///x", "ftp://a.b/", "javascript:alert(1)",
        "http://u@a.b/", "http://u:p@a.b/", "http://a b/", "http://a\\b/",
        "http://a%2eb/", "http://\xc3\xa4.b/", "/x\ny", "/x\ty", "/x\x7f",
        "\x01/x", "http://a|b/"
    };

    for (i = 0; i < count(list); i++) {
        is_num(ed_address_read(ed_str(list[i], strlen(list[i])), &a),
               ED_INVALID, "no address: %zu", i);
    }

    is_num(ed_address_read(ed_str("/x\0y", 4), &a), ED_INVALID, "a NUL");
}


static void
test_tags(void)
{
    size_t  i;

    static const struct {
        const char  *host, *path, *args;
        const char  *want;
    } list[] = {
        { "a.b", "/", "", "url:a.b/" },
        { "A.b", "/C%20d", "", "url:a.b/C%20d" },
        { "a", "/x", "b=2&utm_source=y&a=1&b=1", "url:a/x?a=1&b=2&b=1" },
        { "a", "/x", "utm_source=y&gclid=z", "url:a/x" },
        { "a", "/x", "&&", "url:a/x" },
        { "", "", "", "url:" },

        /* however it was written */
        { "a", "/x", "q=a b", "url:a/x?q=a%20b" },
        { "a", "/x", "q=a%20b", "url:a/x?q=a%20b" },
        { "a", "/x", "q=\xc3\xa9", "url:a/x?q=%C3%A9" },
        { "a", "/x", "z=1&\xc3\xa9=2", "url:a/x?%C3%A9=2&z=1" },
        { "a", "/x", "z=1&%C3%A9=2", "url:a/x?%C3%A9=2&z=1" },
        { "a", "/x", "q='\"<>#\x7f\x01", "url:a/x?q=%27%22%3C%3E%23%7F%01" },
        { "a", "/x", "q=[]{}|\\^`@:/?+", "url:a/x?q=[]{}|\\^`@:/?+" }
    };

    for (i = 0; i < count(list); i++) {
        is_str(tag_of(list[i].host, list[i].path, list[i].args), list[i].want,
               "%s", list[i].want);
    }
}


/* Not a byte is written past the room that was asked for. */

static void
test_room(void)
{
    size_t        i, len, size;
    char          args[300];
    ed_address_t  a;

    memset(args, 0xe9, sizeof(args));

    a.host = ED_STR("a.b");
    a.path = ED_STR("/x");

    for (i = 0; i <= sizeof(args); i++) {
        a.args = ed_str(args, i);
        size = ed_address_tag_size(&a);

        memset(out, 0xaa, sizeof(out));

        if (ed_address_tag(&a, NULL, 0, out, &len) != ED_OK
            || len != 9 + (i != 0) + 3 * i || len > size || out[size] != 0xaa)
        {
            break;
        }
    }

    is_num(i, sizeof(args) + 1, "the room that is asked for is enough");
}


static ed_str_t
tag_of(const char *host, const char *path, const char *args)
{
    size_t            len;
    ed_address_t      a;
    ed_ignored_arg_t  ignored[2];

    a.host = ed_str(host, strlen(host));
    a.path = ed_str(path, strlen(path));
    a.args = ed_str(args, strlen(args));

    ed_ignored_arg(&ignored[0], ED_STR("utm_*"));
    ed_ignored_arg(&ignored[1], ED_STR("gclid"));

    if (ed_address_tag(&a, ignored, 2, out, &len) != ED_OK) {
        return ED_STR("failed");
    }

    return ed_str(out, len);
}
