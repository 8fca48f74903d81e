
/*
 * Where a reader may be sent, and how it is written.
 */

#include "ed_test.h"
#include "ed_url.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


static void test_check(void);
static void test_put(void);
static void test_agreement(void);
static void test_refusals(void);


int
main(void)
{
    test_check();
    test_put();
    test_agreement();
    test_refusals();

    return ed_test_done();
}


static void
test_check(void)
{
    size_t              i;
    static const char  *const  good[] = {
        "http://example.com/", "HTTPS://example.com", "https:x",
        "ht\ntp://example.com", "\x01 https://example.com\x1f", "/news/1",
        "news/1", "../x", "//example.com/x", "?q=a:b", "#top", "#a:b",
        "./javascript:x", "/javascript:x", "1javascript:x", ":x",
        "new\ts/a:b", "é:x", "http", "a b:c", "\xa0javascript:x",
        "java%73cript:x", "news/a:b", "[javascript:x"
    };
    static const char  *const  bad[] = {
        "", " ", "\t\n", "\x01\x02", "javascript:alert(1)",
        "JavaScript:alert(1)", " javascript:x", "\x01javascript:x",
        "java\nscript:x", "java\tscript\r:x", "javascript\t:x",
        "\x1f\x0cjavascript:x", "data:text/html,x", "vbscript:x", "file:///x",
        "mailto:a@b.c", "tel:1", "blob:x", "about:blank", "view-source:x",
        "ftp://example.com", "httpx://x", "http+x://x", "x-http:y", "h\nttps2:",
        "feed:https://example.com", "a.b-c+d:e", "abcdefghijklmnop:x"
    };

    for (i = 0; i < count(good); i++) {
        ok(ed_url_check(ed_str(good[i], strlen(good[i]))), "good, case %zu",
           i);
    }

    for (i = 0; i < count(bad); i++) {
        ok(!ed_url_check(ed_str(bad[i], strlen(bad[i]))), "bad, case %zu", i);
    }

    ok(!ed_url_check(ed_str("\0javascript:x", 13)), "NUL in front is stripped");
}


static void
test_put(void)
{
    size_t              i;
    ed_buf_t            out;
    static const char  *const  list[][2] = {
        { "/news/1", "/news/1" },
        { "", "" },
        { "  ", "" },
        { " https://a.b/c \n", "https://a.b/c" },
        { "/a\nb\tc", "/abc" },
        { "/?a=1&b=2", "/?a=1&amp;b=2" },
        { "/\"><script>'`", "/%22%3E%3Cscript%3E&#39;%60" },
        { "/é ж", "/%C3%A9%20%D0%B6" },
        { "/a%20b", "/a%20b" },
        { "/\x01\x7f", "/%01%7F" },
        { "/\xff", "/%EF%BF%BD" },
        { "/{{title}}", "/{{title}}" }
    };

    ed_buf_init(&out, 10000);

    for (i = 0; i < count(list); i++) {
        out.len = 0;

        is_num(ed_url_put(&out, ed_str(list[i][0], strlen(list[i][0]))),
               ED_OK, "put, case %zu", i);
        is_str(ed_str(out.data, out.len), list[i][1], "|%s|", list[i][0]);
    }

    out.len = 0;
    is_num(ed_url_put(&out, ED_STR("java\nscript:x")), ED_INVALID,
           "what is not checked is not written");
    is_num(out.len, 0, "not even its beginning");

    ed_url_component(&out, ED_STR("javascript:a/b?c=d&é\xff-._~"));
    is_str(ed_str(out.data, out.len),
           "javascript%3Aa%2Fb%3Fc%3Dd%26%C3%A9%EF%BF%BD-._~", "a component");

    ed_buf_free(&out);
}


/* What is written passes as what was checked: no byte is seen by one only. */

static void
test_agreement(void)
{
    int                 good;
    char                url[32];
    size_t              i, j, n, passed;
    unsigned            seed;
    ed_buf_t            out;
    static const char   bytes[] = "jh:tps/\t\n\r\x01 .+-&'\"<a\x80\xc3";

    seed = 5;
    good = 1;
    passed = 0;
    ed_buf_init(&out, 10000);

    for (i = 0; i < 100000 && good; i++) {
        n = i % 16;

        for (j = 0; j < n; j++) {
            seed = seed * 1103515245 + 12345;
            url[j] = bytes[(seed >> 16) % (sizeof(bytes) - 1)];
        }

        if (!ed_url_check(ed_str(url, n))) {
            continue;
        }

        out.len = 0;
        passed++;

        good = ed_url_put(&out, ed_str(url, n)) == ED_OK
               && ed_url_check(ed_str(out.data, out.len))
               && memchr(out.data, '"', out.len) == NULL
               && memchr(out.data, '<', out.len) == NULL
               && memchr(out.data, '\'', out.len) == NULL;

        for (j = 0; j < out.len && good; j++) {
            good = out.data[j] > ' ' && out.data[j] < 0x7f;
        }
    }

    ok(good && passed > 10000, "%zu random URLs", passed);
    ed_buf_free(&out);
}


static void
test_refusals(void)
{
    ed_buf_t  out;

    ed_buf_init(&out, 6);

    is_num(ed_url_put(&out, ED_STR("/abcéd")), ED_LIMIT_SIZE, "a full buffer");
    is_num(out.len, 0, "is as it was");
    is_num(ed_url_component(&out, ED_STR("ab:cd:")), ED_LIMIT_SIZE,
           "likewise a component");
    is_num(out.len, 0, "is as it was");

    ed_buf_free(&out);
}
