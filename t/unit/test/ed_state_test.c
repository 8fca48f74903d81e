
/*
 * States: what is read, what is refused and why, and what is written.
 */

#include <errno.h>

#include "ed_state.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define STARTS  1793491200LL           /* 2026-11-01T00:00:00Z */
#define ENDS    1796083200LL           /* 2026-12-01T00:00:00Z */


static void test_reads(void);
static void test_refuses(void);
static void test_refuses_size(void);
static void test_refuses_arms(void);
static void test_quotes(void);
static void test_writes(void);
static void test_same_bytes(void);
static void test_words(void);
static void test_words_wrong(void);
static void test_words_id(void);
static void test_check(void);
static void test_control(void);
static void test_at(void);
static void test_id(void);
static void test_paused(void);
static void test_no_memory(void);

static void *json_malloc(size_t size);
static ed_rc_t parse(const char *json, ed_state_t *state);
static ed_rc_t words(const char *line, ed_state_t *state);
static void declare(ed_policy_t *policy, const char *directive,
    const char *variant);


static char  error[ED_MAX_ERROR];

static const char  whole[] =
    "{\"mode\":\"test\",\"id\":\"T1\",\"weights\":{\"off\":50,\"box\":50},"
    "\"starts\":\"2026-11-01T00:00:00Z\",\"ends\":\"2026-12-01T00:00:00Z\"}";


int
main(void)
{
    test_reads();
    test_refuses();
    test_refuses_size();
    test_refuses_arms();
    test_quotes();
    test_writes();
    test_same_bytes();
    test_words();
    test_words_wrong();
    test_words_id();
    test_check();
    test_control();
    test_at();
    test_id();
    test_paused();
    test_no_memory();

    return ed_test_done();
}


static void
test_reads(void)
{
    ed_state_t  s;

    is_num(parse("{\"mode\":\"off\"}", &s), ED_OK, "off");
    ok(s.mode == ED_STATE_OFF && s.window.starts == ED_NO_TIME
       && s.window.ends == ED_NO_TIME && s.narms == 0, "and no more");

    is_num(parse("{ \"variant\" : \"box\", \"mode\" : \"on\" }", &s), ED_OK,
           "on");
    is_num(s.mode, ED_STATE_ON, "mode");
    is_str(ed_name_str(&s.variant), "box", "variant");

    is_num(parse(whole, &s), ED_OK, "a test");
    is_num(s.mode, ED_STATE_TEST, "mode");
    is_str(ed_name_str(&s.id), "T1", "id");
    is_num(s.narms, 2, "arms");
    is_str(ed_name_str(&s.arms[0].name), "box", "in the order of their names");
    is_str(ed_name_str(&s.arms[1].name), "off", "\"off\" being one");
    is_num(s.arms[0].weight, 50, "weight");
    is_num(s.window.starts, STARTS, "starts");
    is_num(s.window.ends, ENDS, "ends");

    is_num(parse("{\"mode\":\"test\",\"weights\":{\"box\":1,\"off\":0,"
                 "\"bo\":1000000}}", &s), ED_OK, "a test without an id");
    is_num(s.id.len, 0, "has none");
    is_str(ed_name_str(&s.arms[0].name), "bo", "the shorter name first");
    is_num(s.arms[0].weight, 1000000, "the most that one weighs");

    is_num(parse("{\"mode\":\"off\",\"starts\":\"2026-11-01T00:00:00Z\"}",
                 &s), ED_OK, "off from a time on");
    is_num(s.window.starts, STARTS, "starts");
}


static void
test_refuses(void)
{
    size_t       i;
    ed_state_t   s;

    static const char *const  wrong[][2] = {
        { "", "line 1, column 0: '[' or '{' expected near end of file" },
        { "true", "'[' or '{' expected near 'true'" },
        { "[]", "it is not an object" },
        { "{}", "\"mode\" is missing" },
        { "{\"mode\":\"off\"} x", "end of file expected near 'x'" },
        { "{\"mode\":\"off\",\"mode\":\"off\"}", "duplicate object key" },
        { "{\"mode\":\"OFF\"}", "\"mode\" is not off, on or test" },
        { "{\"mode\":\"\"}", "\"mode\" is not off, on or test" },
        { "{\"mode\":true}", "\"mode\" is not off, on or test" },
        { "{\"mode\":\"off\",\"made\":1}", "unknown field \"made\"" },
        { "{\"mode\":\"off\",\"variant\":\"box\"}",
          "\"variant\" does not belong to mode \"off\"" },
        { "{\"mode\":\"on\",\"variant\":\"box\",\"weights\":{}}",
          "\"weights\" does not belong to mode \"on\"" },
        { "{\"mode\":\"on\",\"variant\":\"box\",\"id\":\"T1\"}",
          "\"id\" does not belong to mode \"on\"" },
        { "{\"mode\":\"on\"}", "\"variant\" is missing" },
        { "{\"mode\":\"on\",\"variant\":null}",
          "\"variant\" is not a variant's name" },
        { "{\"mode\":\"on\",\"variant\":\"a box\"}",
          "\"variant\" is not a variant's name" },
        { "{\"mode\":\"on\",\"variant\":\"off\"}", "\"off\" is no variant" },
        { "{\"mode\":\"test\"}", "\"weights\" is missing" },
        { "{\"mode\":\"test\",\"weights\":[50,50]}",
          "\"weights\" is not an object" },
        { "{\"mode\":\"test\",\"weights\":{}}", "two variants at least" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":1}}",
          "two variants at least" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":0,\"off\":0}}",
          "all weights are 0" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":-1,\"off\":1}}",
          "the weight of \"box\" is not a whole number from 0 to 1000000" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":1000001,\"off\":1}}",
          "the weight of \"box\" is not a whole number" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":0.5,\"off\":1}}",
          "the weight of \"box\" is not a whole number" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":\"1\",\"off\":1}}",
          "the weight of \"box\" is not a whole number" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":9223372036854775808,"
          "\"off\":1}}", "too big integer" },
        { "{\"mode\":\"test\",\"weights\":{\"a box\":1,\"off\":1}}",
          "\"a box\" is no name for a variant" },
        { "{\"mode\":\"test\",\"weights\":{\"\":1,\"off\":1}}",
          "\"\" is no name for a variant" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":1,\"box\":1}}",
          "duplicate object key" },
        { "{\"mode\":\"test\",\"id\":\"\",\"weights\":{\"a\":1,\"b\":1}}",
          "\"id\" is not a word of 1 to 64" },
        { "{\"mode\":\"test\",\"id\":\"T 1\",\"weights\":{\"a\":1,\"b\":1}}",
          "\"id\" is not a word of 1 to 64" },
        { "{\"mode\":\"test\",\"id\":1,\"weights\":{\"a\":1,\"b\":1}}",
          "\"id\" is not a word of 1 to 64" },
        { "{\"mode\":\"test\",\"id\":\"12345678901234567890123456789012"
          "345678901234567890123456789012345\",\"weights\":{\"a\":1,\"b\":1}}",
          "\"id\" is not a word of 1 to 64" },
        { "{\"mode\":\"off\",\"starts\":1796083200}",
          "\"starts\" is not a time in UTC" },
        { "{\"mode\":\"off\",\"ends\":\"2026-12-01\"}",
          "\"ends\" is not a time in UTC" },
        { "{\"mode\":\"off\",\"ends\":\"2026-12-01T00:00:00+01:00\"}",
          "\"ends\" is not a time in UTC" },
        { "{\"mode\":\"off\",\"starts\":\"2026-12-01T00:00:00Z\","
          "\"ends\":\"2026-12-01T00:00:00Z\"}",
          "\"ends\" is not after \"starts\"" },
        { "{\"mode\":\"off\",\"starts\":\"2026-12-01T00:00:01Z\","
          "\"ends\":\"2026-12-01T00:00:00Z\"}",
          "\"ends\" is not after \"starts\"" }
    };

    for (i = 0; i < count(wrong); i++) {
        memset(&s, 'x', sizeof(s));
        memset(error, 0, sizeof(error));

        ok(parse(wrong[i][0], &s) == ED_INVALID
           && strstr(error, wrong[i][1]) != NULL
           && s.arms[0].weight == 0x78787878,
           "%s: %s", wrong[i][0], error);
    }
}


static void
test_refuses_size(void)
{
    char        *json;
    ed_rc_t      rc;
    ed_state_t   s;

    json = malloc(ED_MAX_STATE + 2);
    memset(json, ' ', ED_MAX_STATE + 1);
    memcpy(json, "{\"mode\":\"off\"}", 14);

    rc = ed_state_parse(ed_str(json, ED_MAX_STATE), &s, error);
    is_num(rc, ED_OK, "64 KB");

    rc = ed_state_parse(ed_str(json, ED_MAX_STATE + 1), &s, error);
    ok(rc == ED_INVALID && strstr(error, "65537 bytes") != NULL,
       "a byte more: %s", error);

    memset(json, '[', ED_MAX_STATE);
    memcpy(json, "{\"mode\":", 8);

    rc = ed_state_parse(ed_str(json, ED_MAX_STATE), &s, error);
    ok(rc == ED_INVALID && strstr(error, "depth") != NULL,
       "as deep as it can be: %s", error);

    free(json);
}


static void
test_refuses_arms(void)
{
    char        json[1024];
    size_t      len;
    unsigned    i, n;
    ed_state_t  s;

    for (n = ED_MAX_ARMS; n <= ED_MAX_ARMS + 1; n++) {
        len = (size_t) sprintf(json, "{\"mode\":\"test\",\"weights\":{");

        for (i = 0; i < n; i++) {
            len += (size_t) sprintf(json + len, "%s\"v%u\":%u",
                                    i != 0 ? "," : "", i, i);
        }

        (void) sprintf(json + len, "}}");

        if (n == ED_MAX_ARMS) {
            is_num(parse(json, &s), ED_OK, "%u arms", n);
            is_str(ed_name_str(&s.arms[9].name), "v2", "in their order");
            is_num(s.arms[9].weight, 2, "each with its weight");

        } else {
            ok(parse(json, &s) == ED_INVALID
               && strstr(error, "one too many, the limit is 17") != NULL,
               "%u arms: %s", n, error);
        }
    }
}


/* A sentence may go anywhere. */

static void
test_quotes(void)
{
    char        *p, json[2048];
    size_t       i, plain;
    ed_state_t   s;

    static const char *const  names[] = {
        "\\n\\u001b[31m", "\xc3\xa9\xe2\x82\xac", "\xf0\x9f\x98\x80"
    };

    for (i = 0; i < count(names); i++) {
        (void) sprintf(json, "{\"mode\":\"off\",\"%s%0*d\":1}", names[i],
                       i == 2 ? 1000 : 61, 0);
        is_num(parse(json, &s), ED_INVALID, "a field of any name");

        plain = 0;

        for (p = error; *p != '\0'; p++) {
            plain += (*p >= ' ' && *p <= '~');
        }

        ok(plain == (size_t) (p - error) && plain < 100, "%s", error);
    }
}


static void
test_writes(void)
{
    char        *text;
    size_t       i;
    ed_state_t   s, again;

    static const char *const  list[][2] = {

        { "{\"mode\":\"off\"}", NULL },
        { "{\"mode\":\"on\",\"variant\":\"box\"}", NULL },
        { "{\"mode\":\"test\",\"id\":\"T1\",\"weights\":{\"box\":50,"
          "\"off\":50},\"ends\":\"2026-12-01T00:00:00Z\"}", NULL },
        { "{\"mode\":\"test\",\"weights\":{\"a\":0,\"b\":1}}", NULL },

        { " { \"ends\":\"2026-12-01T00:00:00.5z\", \"variant\":\"box\", "
          "\"mode\":\"on\" } ",
          "{\"mode\":\"on\",\"variant\":\"box\","
          "\"ends\":\"2026-12-01T00:00:00Z\"}" },

        { whole,
          "{\"mode\":\"test\",\"id\":\"T1\",\"weights\":{\"box\":50,"
          "\"off\":50},\"starts\":\"2026-11-01T00:00:00Z\","
          "\"ends\":\"2026-12-01T00:00:00Z\"}" }
    };

    for (i = 0; i < count(list); i++) {
        is_num(parse(list[i][0], &s), ED_OK, "%s", list[i][0]);

        text = ed_state_format(&s);
        is_str(ed_str(text, strlen(text)),
               list[i][1] != NULL ? list[i][1] : list[i][0], "is written");

        ok(parse(text, &again) == ED_OK
           && memcmp(&s, &again, sizeof(s)) == 0, "and is the same again");
        free(text);
    }
}


static void
test_same_bytes(void)
{
    ed_state_t  a, b;

    memset(&a, 0, sizeof(a));
    memset(&b, 0xff, sizeof(b));

    (void) parse(whole, &a);
    (void) parse("{\"weights\":{\"box\":50,\"off\":50},"
                 "\"ends\":\"2026-12-01T00:00:00Z\",\"id\":\"T1\","
                 "\"starts\":\"2026-11-01T00:00:00Z\",\"mode\":\"test\"}", &b);

    ok(memcmp(&a, &b, sizeof(a)) == 0, "two that say the same are the same");

    (void) parse("{\"mode\":\"test\",\"weights\":{\"bo\":1,\"box\":1}}", &a);
    (void) parse("{\"mode\":\"test\",\"weights\":{\"box\":1,\"bo\":1}}", &b);
    ok(memcmp(&a, &b, sizeof(a)) == 0, "in whatever order arms are added");
}


static void
test_words(void)
{
    ed_state_t  s;

    is_num(words("read_more box=90 off=10", &s), ED_READ_MORE,
           "the words of a directive");
    is_num(s.mode, ED_STATE_TEST, "are a test");
    ok(s.window.starts == ED_NO_TIME && s.window.ends == ED_NO_TIME,
       "without an end");
    is_num(s.narms, 2, "arms");
    is_str(ed_name_str(&s.arms[0].name), "box", "name");
    is_num(s.arms[0].weight, 90, "weight");

    is_num(words("disclaimer b=1000000 a=0 off=007", &s), ED_DISCLAIMER,
           "three arms");
    is_num(s.arms[1].weight, 1000000, "the most");
    is_num(s.arms[2].weight, 7, "digits");
}


static void
test_words_wrong(void)
{
    size_t       i;
    ed_state_t   s;

    static const char *const  wrong[][2] = {
        { "", "\"\" is no feature" },
        { "footer a=1 b=1", "\"footer\" is no feature" },
        { "read_more", "two variants at least" },
        { "read_more box=1", "two variants at least" },
        { "read_more box=0 off=0", "all weights are 0" },
        { "read_more box off=1", "\"box\" is not VARIANT=WEIGHT" },
        { "read_more box= off=1", "weight \"\" is not a whole number" },
        { "read_more box=-1 off=1", "weight \"-1\" is not" },
        { "read_more box=1.5 off=1", "weight \"1.5\" is not" },
        { "read_more box=1000001 off=1", "weight \"1000001\" is not" },
        { "read_more box=99999999999999999999 off=1", "is not a whole" },
        { "read_more box=50% off=1", "weight \"50%\" is not" },
        { "read_more box=1 box=1", "the weight of \"box\" is duplicate" },
        { "read_more =1 off=1", "\"\" is no name for a variant" },
        { "read_more b*x=1 off=1", "\"b*x\" is no name for a variant" }
    };

    for (i = 0; i < count(wrong); i++) {
        ok(words(wrong[i][0], &s) == (ed_rc_t) -1
           && strstr(error, wrong[i][1]) != NULL, "%s: %s", wrong[i][0],
           error);
    }

    is_num(ed_state_from_words(&ED_STR("editorial_test"), 1,
                               &(ed_feature_e) { 0 }, &s, error),
           ED_INVALID, "no word at all: %s", error);
}


static void
test_words_id(void)
{
    ed_state_t  a, b;

    (void) words("read_more box=90 off=10", &a);
    (void) words("read_more off=50 box=50", &b);

    is_str(ed_name_str(&a.id), "config-89dbae97",
           "an id that every machine makes");
    ok(memcmp(&a.id, &b.id, sizeof(a.id)) == 0, "it stays while weights "
       "change");

    (void) words("read_more box=90 card=10", &b);
    ok(memcmp(&a.id, &b.id, sizeof(a.id)) != 0, "other arms, another test");
    ok(ed_state_is_id(ed_name_str(&b.id)), "it is an id");
}


static void
test_check(void)
{
    unsigned      i;
    ed_arena_t   *arena;
    ed_state_t    s;
    ed_policy_t   policy;

    static const struct {
        const char    *json;
        ed_feature_e   feature;
        const char    *error;
    } list[] = {

        { "{\"mode\":\"off\"}", ED_READ_MORE, NULL },
        { "{\"mode\":\"on\",\"variant\":\"card\"}", ED_READ_MORE, NULL },
        { "{\"mode\":\"test\",\"weights\":{\"box\":1,\"card\":0,\"off\":1}}",
          ED_READ_MORE, NULL },
        { "{\"mode\":\"test\",\"weights\":{\"quote\":1,\"off\":1}}",
          ED_PULL_QUOTE, NULL },

        { "{\"mode\":\"on\",\"variant\":\"list\"}", ED_READ_MORE,
          "unknown variant \"list\": read_more has box, card" },
        { "{\"mode\":\"test\",\"weights\":{\"box\":1,\"list\":0}}",
          ED_READ_MORE, "unknown variant \"list\": read_more has box, card" },
        { "{\"mode\":\"on\",\"variant\":\"Box\"}", ED_READ_MORE,
          "unknown variant \"Box\": read_more has box, card" },
        { "{\"mode\":\"on\",\"variant\":\"standard\"}", ED_DISCLAIMER,
          "unknown variant \"standard\": disclaimer has none here" }
    };

    arena = ed_arena_create(1 << 20);
    ed_policy_init(&policy, arena);
    declare(&policy, "editorial_read_more", "box");
    declare(&policy, "editorial_read_more", "card");
    declare(&policy, "editorial_disclaimer", "off");
    (void) ed_policy_merge(&policy, NULL);

    for (i = 0; i < count(list); i++) {
        error[0] = '\0';
        (void) parse(list[i].json, &s);

        if (list[i].error == NULL) {
            is_num(ed_state_check(&s, &policy, list[i].feature, error), ED_OK,
                   "%s", list[i].json);

        } else {
            is_num(ed_state_check(&s, &policy, list[i].feature, error),
                   ED_INVALID, "%s", list[i].json);
            is_str(ed_str(error, strlen(error)), list[i].error, "says why");
        }
    }

    ed_arena_destroy(arena);
}


static void
test_control(void)
{
    char         *text;
    ed_arena_t   *arena;
    ed_state_t    s;
    ed_policy_t   policy;

    arena = ed_arena_create(1 << 20);
    ed_policy_init(&policy, arena);
    declare(&policy, "editorial_read_more", "card");
    declare(&policy, "editorial_read_more", "box");
    declare(&policy, "editorial_disclaimer", "off");
    (void) ed_policy_merge(&policy, NULL);

    ed_state_control(&s, &policy, ED_READ_MORE);
    text = ed_state_format(&s);
    is_str(ed_str(text, strlen(text)),
           "{\"mode\":\"on\",\"variant\":\"card\"}",
           "where nothing is said, the first variant");
    free(text);

    ed_state_control(&s, &policy, ED_DISCLAIMER);
    text = ed_state_format(&s);
    is_str(ed_str(text, strlen(text)), "{\"mode\":\"off\"}",
           "and where there is none, off");
    free(text);

    ed_arena_destroy(arena);
}


static void
test_at(void)
{
    ed_state_t  s;

    (void) parse(whole, &s);
    is_num(ed_state_at(&s, STARTS - 1), ED_STATE_CONTROL, "before it starts");
    is_num(ed_state_at(&s, STARTS), ED_STATE_TEST, "from its start on");
    is_num(ed_state_at(&s, ENDS - 1), ED_STATE_TEST, "up to its end");
    is_num(ed_state_at(&s, ENDS), ED_STATE_CONTROL, "and not at it");
    is_num(ed_state_at(&s, ENDS + 1), ED_STATE_CONTROL, "nor after");

    (void) parse("{\"mode\":\"off\",\"ends\":\"2026-12-01T00:00:00Z\"}", &s);
    is_num(ed_state_at(&s, 0), ED_STATE_OFF, "off until");
    is_num(ed_state_at(&s, ENDS), ED_STATE_CONTROL, "that time");

    (void) parse("{\"mode\":\"on\",\"variant\":\"box\","
                 "\"starts\":\"1970-01-01T00:00:00Z\"}", &s);
    is_num(s.window.starts, 0, "the epoch is a time");
    is_num(ed_state_at(&s, 0), ED_STATE_ON, "from which on it holds");

    (void) parse("{\"mode\":\"off\"}", &s);
    is_num(ed_state_at(&s, INT64_MAX), ED_STATE_OFF, "for ever");

    memset(&s, 0, sizeof(s));
    is_num(ed_state_at(&s, 1), ED_STATE_CONTROL, "zeroed memory");
}


static void
test_id(void)
{
    ed_state_t  s, more;

    (void) parse("{\"mode\":\"test\",\"weights\":{\"a\":1,\"b\":1}}", &s);
    ed_state_give_id(&s, ENDS - 1, 0xbeef);
    is_str(ed_name_str(&s.id), "2026-11-30-0000beef", "a test gets an id");
    ok(ed_state_is_id(ed_name_str(&s.id)), "which is one");

    ed_state_give_id(&s, ENDS, 1);
    is_str(ed_name_str(&s.id), "2026-11-30-0000beef", "and keeps it");

    (void) parse("{\"mode\":\"off\"}", &s);
    ed_state_give_id(&s, ENDS, 1);
    ed_state_derive_id(&s);
    is_num(s.id.len, 0, "no other state has one");

    (void) parse("{\"mode\":\"test\",\"weights\":{\"a\":1,\"b\":1}}", &s);
    ed_state_derive_id(&s);
    ok(s.id.len == 14 && memcmp(s.id.text, "redis-", 6) == 0
       && ed_state_is_id(ed_name_str(&s.id)), "an id that is derived: %s",
       s.id.text);

    (void) parse("{\"mode\":\"test\",\"weights\":{\"b\":5,\"a\":1}}", &more);
    ed_state_derive_id(&more);
    is_str(ed_name_str(&more.id), s.id.text, "stays while weights change");

    (void) parse("{\"mode\":\"test\",\"weights\":{\"b\":5,\"c\":1}}", &more);
    ed_state_derive_id(&more);
    ok(strcmp(more.id.text, s.id.text) != 0, "and is another of others");

    (void) parse("{\"mode\":\"test\",\"id\":\"T1\","
                 "\"weights\":{\"a\":1,\"b\":1}}", &s);
    ed_state_derive_id(&s);
    is_str(ed_name_str(&s.id), "T1", "one that has an id keeps it");

    ok(ed_state_is_id(ED_STR("A.b_c-9")), "letters, digits, \".\", \"_\", "
       "\"-\"");
    ok(!ed_state_is_id(ED_STR("a:b")) && !ed_state_is_id(ED_STR(""))
       && !ed_state_is_id(ED_STR("\xc3\xa9")), "and no others");
}


static void
test_paused(void)
{
    int     paused;
    size_t  i;

    static const char *const  wrong[] = {
        "", "1", "\"true\"", "null", "{}", "true true", "tru"
    };

    paused = -1;
    is_num(ed_state_paused(ED_STR("true"), &paused, error), ED_OK, "true");
    is_num(paused, 1, "is paused");
    is_num(ed_state_paused(ED_STR(" false\n"), &paused, error), ED_OK,
           "false");
    is_num(paused, 0, "is not");

    for (i = 0; i < count(wrong); i++) {
        error[0] = '\0';
        ok(ed_state_paused(ed_str(wrong[i], strlen(wrong[i])), &paused,
                           error) == ED_INVALID
           && paused == 0, "%s is wrong", wrong[i]);
        is_str(ed_str(error, strlen(error)),
               "\"paused\" is not true or false", "which says of what");
    }
}


/* jansson's memory ends, too. */

static void
test_no_memory(void)
{
    int          paused, changed;
    char        *text;
    long         n;
    ed_rc_t      rc;
    ed_state_t   s, first;

    json_set_alloc_funcs(json_malloc, free);

    (void) parse(whole, &first);
    rc = ED_NOMEM;
    changed = 0;

    for (n = 0; n < 1000 && rc == ED_NOMEM; n++) {
        s = first;
        s.narms = 7;

        ed_test_fail_after(n);
        rc = parse(whole, &s);
        ed_test_fail_after(-1);

        changed += (rc != ED_OK && s.narms != 7);
    }

    ok(n > 20 && rc == ED_OK && !changed
       && memcmp(&s, &first, sizeof(s)) == 0,
       "no memory to read, at the n-th allocation");

    text = NULL;

    for (n = 0; n < 1000 && text == NULL; n++) {
        ed_test_fail_after(n);
        text = ed_state_format(&first);
        ed_test_fail_after(-1);
    }

    ok(n > 20 && text != NULL && parse(text, &s) == ED_OK
       && memcmp(&s, &first, sizeof(s)) == 0, "nor to write");
    free(text);

    rc = ED_NOMEM;
    paused = 7;

    for (n = 0; n < 100 && rc == ED_NOMEM; n++) {
        changed += (paused != 7);

        ed_test_fail_after(n);
        rc = ed_state_paused(ED_STR("true"), &paused, error);
        ed_test_fail_after(-1);
    }

    ok(n > 2 && rc == ED_OK && paused == 1 && !changed, "nor for a word");
}


static void *
json_malloc(size_t size)
{
    void  *p;

    p = malloc(size);

    if (p == NULL) {
        errno = ENOMEM;
    }

    return p;
}


static ed_rc_t
parse(const char *json, ed_state_t *state)
{
    return ed_state_parse(ed_str(json, strlen(json)), state, error);
}


/* The feature; -1: it is refused. */

static ed_rc_t
words(const char *line, ed_state_t *state)
{
    size_t         len;
    unsigned       n;
    ed_str_t       args[8];
    ed_feature_e   feature;

    args[0] = ED_STR("editorial_test");

    for (n = 1; n < 8; n++) {
        len = strcspn(line, " ");
        args[n] = ed_str(line, len);
        line += len;

        if (*line == '\0') {
            n++;
            break;
        }

        line++;
    }

    return ed_state_from_words(args, n, &feature, state, error) == ED_OK
           ? (ed_rc_t) feature : (ed_rc_t) -1;
}


static void
declare(ed_policy_t *policy, const char *directive, const char *variant)
{
    ed_str_t  args[2];

    args[0] = ed_str(directive, strlen(directive));
    args[1] = ed_str(variant, strlen(variant));

    (void) ed_policy_set(policy, args, 2, NULL, NULL, error);
}
