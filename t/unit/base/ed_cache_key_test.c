
/*
 * Query arguments in a key: which stand there, and in what order.
 */

#include <time.h>

#include "ed_test.h"
#include "ed_cache_key.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define IGNORED  16
#define LONG     8192


static void test_words(void);
static void test_sorted(void);
static void test_order(void);
static void test_ignored(void);
static void test_many(void);
static void test_no_memory(void);
static void test_hostile(void);

static size_t read_ignored(const char *words, ed_ignored_arg_t *ignored);
static ed_str_t args_of(const char *args, const char *ignored, int sorted);
static ed_str_t numbered(unsigned n, int reversed);
static double best_ms(ed_str_t args);


static uint8_t  out[LONG];
static char     text[LONG];

static const char  defaults[] = "utm_* fbclid gclid gbraid wbraid msclkid"
                                " mc_cid mc_eid editorial";


int
main(void)
{
    test_words();
    test_sorted();
    test_order();
    test_ignored();
    test_many();
    test_no_memory();
    test_hostile();

    return ed_test_done();
}


static void
test_words(void)
{
    size_t            i;
    ed_ignored_arg_t  arg;

    static const struct {
        const char  *word;
        const char  *name;
        int          prefix;
    } list[] = {
        { "gclid", "gclid", 0 },
        { "utm_*", "utm_", 1 },
        { "*", "", 1 },
        { "a*b", "a*b", 0 },
        { "a**", "a*", 1 },
        { "", "", 0 }
    };

    for (i = 0; i < count(list); i++) {
        ed_ignored_arg(&arg, ed_str(list[i].word, strlen(list[i].word)));

        is_str(arg.name, list[i].name, "\"%s\": name", list[i].word);
        is_num(arg.prefix, list[i].prefix, "\"%s\": prefix", list[i].word);
    }
}


static void
test_sorted(void)
{
    size_t  i;

    static const struct {
        const char  *args;
        const char  *want;
    } list[] = {
        { "", "" },
        { "&", "" },
        { "&&&", "" },
        { "a", "a" },
        { "a=1", "a=1" },
        { "b=2&a=1", "a=1&b=2" },
        { "a=1&&b=2", "a=1&b=2" },
        { "&b=2&a=1&", "a=1&b=2" },

        /* of the same name, in their order */
        { "b=2&a=1&b=1", "a=1&b=2&b=1" },
        { "a=2&a=1&a=2", "a=2&a=1&a=2" },
        { "a=&a&a=1", "a=&a&a=1" },
        { "a&a=&a=1", "a&a=&a=1" },

        /* by name, not by the whole */
        { "a-b=1&a=2", "a=2&a-b=1" },
        { "ab=1&a=z&aa=1", "a=z&aa=1&ab=1" },
        { "a!&a=1", "a=1&a!" },

        /* names as they are written */
        { "a=1&%61=1&A=1&\xc3\xa4=1", "%61=1&A=1&a=1&\xc3\xa4=1" },

        { "=1&a=1&=0", "=1&=0&a=1" },
        { "=&==&=", "=&==&=" },
        { "a=b=c&a=a=d", "a=b=c&a=a=d" },
        { "b?c=1&a/d;e=1", "a/d;e=1&b?c=1" },
        { "q=a+b%20c&p=%26", "p=%26&q=a+b%20c" }
    };

    for (i = 0; i < count(list); i++) {
        is_str(args_of(list[i].args, "", 1), list[i].want, "sorted: %s",
               list[i].args);
        is_str(args_of(list[i].want, "", 1), list[i].want, "again: %s",
               list[i].want);
    }

    is_num(ed_cache_args(ED_STR_EMPTY, NULL, 0, 1, NULL, &i), ED_OK,
           "no arguments and no room");
    is_num(i, 0, "nothing is written");
}


static void
test_order(void)
{
    is_str(args_of("b=2&a=1&b=1", "", 0), "b=2&a=1&b=1",
           "as they came: all of them");
    is_str(args_of("&b=2&&a=1&", "", 0), "b=2&a=1",
           "as they came: not the empty ones");
    is_str(args_of("utm_x=1&b=2&gclid&a=1&fbclid=3", defaults, 0), "b=2&a=1",
           "as they came: not the ignored ones");
    is_str(args_of("", "", 0), "", "as they came: none");
}


static void
test_ignored(void)
{
    size_t  i;

    static const struct {
        const char  *args;
        const char  *ignored;
        const char  *want;
    } list[] = {
        { "b=2&utm_source=x&a=1&b=1&fbclid=y", defaults, "a=1&b=2&b=1" },
        { "utm_source=x&utm_medium=y", defaults, "" },
        { "utm_&utm_=&utm&utm=1", defaults, "utm&utm=1" },
        { "gclid&gclid=&gclid=1&gclids=2&Gclid=3&xgclid=4", defaults,
          "Gclid=3&gclids=2&xgclid=4" },
        { "%75tm_source=x", defaults, "%75tm_source=x" },
        { "editorial=read_more:box&editorials=1", defaults, "editorials=1" },
        { "a=utm_source&b=gclid", defaults, "a=utm_source&b=gclid" },
        { "b=1&a=1&=2", "*", "" },
        { "a*=1&ab=2", "a** b", "ab=2" },
        { "b=1&a=1", "", "a=1&b=1" }
    };

    for (i = 0; i < count(list); i++) {
        is_str(args_of(list[i].args, list[i].ignored, 1), list[i].want,
               "without \"%s\": %s", list[i].ignored, list[i].args);
    }
}


/* Around the number that fits on the stack, all ignored or none. */

static void
test_many(void)
{
    int        same, none;
    char       want[LONG];
    unsigned   n;
    ed_str_t   s;

    same = 1;
    none = 1;

    for (n = 0; n <= 100; n++) {
        s = numbered(n, 0);
        memcpy(want, s.data, s.len);
        want[s.len] = '\0';

        s = numbered(n, 1);
        same = same && ed_str_eq(args_of(text, "", 1),
                                 ed_str(want, strlen(want)));
        none = none && args_of(text, "0*", 1).len == 0;
    }

    ok(same, "up to 100 arguments in reverse order are sorted");
    ok(none, "and all ignored");
}


static void
test_no_memory(void)
{
    size_t   len;
    ed_rc_t  rc;

    if (!ed_test_wrapped()) {
        return;
    }

    (void) numbered(32, 1);

    ed_test_fail_after(0);
    rc = ed_cache_args(ed_str(text, strlen(text)), NULL, 0, 1, out, &len);
    ed_test_fail_after(-1);

    is_num(rc, ED_OK, "few arguments take no memory");
    is_num(len, strlen(text), "all are there");

    (void) numbered(33, 1);

    ed_test_fail_after(0);
    rc = ed_cache_args(ed_str(text, strlen(text)), NULL, 0, 1, out, &len);
    ed_test_fail_after(-1);

    is_num(rc, ED_NOMEM, "many do");
    is_num(len, 0, "nothing is written without it");

    ed_test_fail_after(0);
    rc = ed_cache_args(ed_str(text, strlen(text)), NULL, 0, 0, out, &len);
    ed_test_fail_after(-1);

    is_num(rc, ED_OK, "but not in the order they came in");
}


/* The bounds are far off what it takes, so that a busy machine passes too. */

static void
test_hostile(void)
{
    int       i;
    ed_str_t  s;

    memset(text, '&', LONG);
    ok(best_ms(ed_str(text, LONG)) < 5, "8 KB of \"&\"");

    for (i = 0; i < LONG; i++) {
        text[i] = i % 2 ? '&' : (char) ('z' - i / 2 % 26);
    }

    ok(best_ms(ed_str(text, LONG)) < 20, "4,096 arguments of one letter");

    memset(text, '=', LONG);

    for (i = 0; i < LONG; i += 2) {
        text[i] = '&';
    }

    ok(best_ms(ed_str(text, LONG)) < 20, "4,096 arguments of no name");

    memset(text, 'a', LONG);

    for (i = 90; i < LONG; i += 90) {
        text[i] = '&';
    }

    ok(best_ms(ed_str(text, LONG)) < 20, "long names that are the same");

    s = numbered(LONG / 5, 1);
    ok(best_ms(s) < 20, "%d arguments in reverse order", LONG / 5);
}


static size_t
read_ignored(const char *words, ed_ignored_arg_t *ignored)
{
    size_t  n, len;

    n = 0;

    while (*words != '\0' && n < IGNORED) {
        len = strcspn(words, " ");
        ed_ignored_arg(&ignored[n++], ed_str(words, len));
        words += len + (words[len] == ' ');
    }

    return n;
}


static ed_str_t
args_of(const char *args, const char *words, int sorted)
{
    size_t            n, len;
    uint8_t          *exact;
    ed_rc_t           rc;
    ed_ignored_arg_t  ignored[IGNORED];

    n = read_ignored(words, ignored);
    len = strlen(args);

    /* no byte more than was promised */
    exact = malloc(len + 1);

    if (exact == NULL) {
        return ED_STR("no memory");
    }

    exact[len] = 'x';
    rc = ed_cache_args(ed_str(args, len), ignored, n, sorted, exact, &n);

    if (rc != ED_OK || n > len || exact[len] != 'x') {
        free(exact);
        return ED_STR("failed");
    }

    memcpy(out, exact, n);
    free(exact);

    return ed_str(out, n);
}


/* "0001&0002&…" in text. */

static ed_str_t
numbered(unsigned n, int reversed)
{
    size_t    len;
    unsigned  i;

    len = 0;
    text[0] = '\0';

    for (i = 0; i < n; i++) {
        len += (size_t) snprintf(text + len, LONG - len, "%s%04u",
                                 i != 0 ? "&" : "",
                                 reversed ? n - i : i + 1);
    }

    return ed_str(text, len);
}


/* Of a few runs, the fastest. */

static double
best_ms(ed_str_t args)
{
    int               i;
    size_t            n, len;
    double            ms, best;
    struct timespec   start, end;
    ed_ignored_arg_t  ignored[IGNORED];

    best = 1e9;
    n = read_ignored(defaults, ignored);

    for (i = 0; i < 5; i++) {
        clock_gettime(CLOCK_MONOTONIC, &start);

        if (ed_cache_args(args, ignored, n, 1, out, &len) != ED_OK) {
            return 1e9;
        }

        clock_gettime(CLOCK_MONOTONIC, &end);

        ms = (double) (end.tv_sec - start.tv_sec) * 1e3
             + (double) (end.tv_nsec - start.tv_nsec) / 1e6;
        best = ms < best ? ms : best;
    }

    printf("# %.3f ms\n", best);

    return best;
}
