
#include "ed_record.h"
#include "ed_test.h"


static void reads(void);
static void refuses(void);
static void writes(void);
static void names_features(void);
static void has_a_digest(void);
static void survives_no_memory(void);


static const char  whole[] =
    "{\"opinion\":true,\"disclaimer\":\"Not ours.\","
    "\"read_more\":[{\"url\":\"/a\",\"title\":\"A \\u00e9\","
    "\"label\":\"READ\",\"after\":6},{\"url\":\"https://b.test/\","
    "\"title\":\"B\"}],"
    "\"pull_quotes\":[{\"text\":\"One.\"},{\"text\":\"Two.\"}],"
    "\"features\":{\"read_more\":\"off\",\"disclaimer\":\"standard\"}}";


int
main(void)
{
    reads();
    refuses();
    writes();
    names_features();
    has_a_digest();
    survives_no_memory();

    return ed_test_done();
}


static void
reads(void)
{
    char          error[256];
    ed_arena_t   *arena;
    ed_record_t   r;

    arena = ed_arena_create(65536);

    is_num(ed_record_parse(arena, ED_STR(whole), &r, error, sizeof(error)),
           ED_OK, "a whole record");
    is_num(r.opinion, ED_RECORD_TRUE, "opinion");
    is_str(r.disclaimer_text, "Not ours.", "disclaimer");
    is_num(r.nlinks, 2, "links");
    is_str(r.links[0].url, "/a", "url");
    is_str(r.links[0].title, "A \xc3\xa9", "title");
    is_str(r.links[0].label, "READ", "label");
    is_num(r.links[0].after, 6, "after");
    is_num(r.links[1].after, 0, "no fixed place");
    is_num(r.nquotes, 2, "quotes");
    is_str(r.quotes[1], "Two.", "text");
    is_str(r.features[ED_READ_MORE], "off", "a feature off");
    is_str(r.features[ED_DISCLAIMER], "standard", "a feature's variant");
    is_num(r.features[ED_PULL_QUOTE].len, 0, "a feature not named");

    is_num(ed_record_parse(arena, ED_STR("{\"read_more\":["
                "{\"url\":\"javascript:alert(1)\",\"title\":\"T\"},"
                "{\"url\":\" java\\tscript:x\",\"title\":\"T\"},"
                "{\"url\":\"data:text/html,x\",\"title\":\"T\"},"
                "{\"url\":\"/good\",\"title\":\"T\"}]}"),
                &r, error, sizeof(error)), ED_OK, "links not to be followed");
    ok(r.links[0].refused && r.links[1].refused && r.links[2].refused,
       "are marked");
    ok(!r.links[3].refused, "and others are not");

    is_num(ed_record_parse(arena, ED_STR("{}"), &r, error, sizeof(error)),
           ED_OK, "an empty record");
    is_num(r.opinion, ED_RECORD_UNSET, "says nothing");

    is_num(ed_record_parse(arena,
                           ED_STR("{\"opinion\":false,\"disclaimer\":false}"),
                           &r, error, sizeof(error)), ED_OK, "false");
    is_num(r.disclaimer, ED_RECORD_FALSE, "no disclaimer");

    ed_arena_destroy(arena);
}


static void
refuses(void)
{
    size_t        i;
    char          error[256];
    ed_arena_t   *arena;
    ed_record_t   r;

    static const char *const  wrong[] = {
        "",
        "[]",
        "\"text\"",
        "{\"opinion\":1}",
        "{\"opinion\":true",
        "{\"opinion\":true,\"opinion\":false}",
        "{\"disclaimer\":true}",
        "{\"disclaimer\":\"\"}",
        "{\"read_more\":{}}",
        "{\"read_more\":[\"/a\"]}",
        "{\"read_more\":[{\"title\":\"T\"}]}",
        "{\"read_more\":[{\"url\":\"/a\"}]}",
        "{\"read_more\":[{\"url\":\"/a\",\"title\":\"T\",\"after\":0}]}",
        "{\"read_more\":[{\"url\":\"/a\",\"title\":\"T\",\"after\":1.5}]}",
        "{\"read_more\":[{\"url\":\"/a\",\"title\":\"T\",\"after\":\"6\"}]}",
        "{\"read_more\":[{\"url\":\"/a\",\"title\":\"T\",\"rel\":\"x\"}]}",
        "{\"pull_quotes\":[\"One.\"]}",
        "{\"pull_quotes\":[{\"text\":7}]}",
        "{\"features\":{\"footer\":\"off\"}}",
        "{\"features\":{\"read_more\":false}}",
        "{\"featuers\":{}}",
        "{\"pull_quotes\":[{\"text\":\"\\u0000\"}]}",
        "{\"opinion\":true} trailing"
    };

    arena = ed_arena_create(65536);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        error[0] = '\0';

        ok(ed_record_parse(arena, ed_str(wrong[i], strlen(wrong[i])), &r,
                           error, sizeof(error)) == ED_INVALID
           && error[0] != '\0',
           "%s: %s", wrong[i], error);
    }

    ed_arena_destroy(arena);
}


static void
writes(void)
{
    char         *text;
    char          error[256];
    ed_arena_t   *arena;
    ed_record_t   r;

    arena = ed_arena_create(65536);

    (void) ed_record_parse(arena, ED_STR(whole), &r, error, sizeof(error));
    text = ed_record_format(&r);

    ok(text != NULL
       && ed_record_parse(arena, ed_str(text, strlen(text)), &r, error,
                          sizeof(error)) == ED_OK
       && r.nlinks == 2 && r.nquotes == 2 && r.links[0].after == 6
       && r.opinion == ED_RECORD_TRUE,
       "what is written can be read again: %s", text);

    free(text);
    ed_arena_destroy(arena);
}


static void
names_features(void)
{
    size_t        i;
    char          error[256];
    ed_str_t      name;
    ed_arena_t   *arena;
    ed_record_t   r;

    static const struct {
        const char  *json;
        const char  *want;
    } cases[] = {
        { "{}", "" },
        { "{\"opinion\":true}", "" },
        { "{\"features\":{\"pull_quote\":\"big-2_b\"}}",
          "pull_quote=big-2_b" },
        { "{\"features\":{\"disclaimer\":\"off\",\"read_more\":\"box\"}}",
          "read_more=box,disclaimer=off" },
        { "{\"features\":{\"read_more\":\"a\",\"pull_quote\":\"b\","
          "\"disclaimer\":\"c\"}}",
          "read_more=a,pull_quote=b,disclaimer=c" },

        /* names that no variant can have */
        { "{\"features\":{\"read_more\":\"x,disclaimer=off\"}}", "" },
        { "{\"features\":{\"read_more\":\"a b\",\"disclaimer\":\"off\"}}",
          "disclaimer=off" },
        { "{\"features\":{\"read_more\":\"123456789012345678901234567890"
          "12345678901234567890123456789012345\"}}", "" }
    };

    arena = ed_arena_create(65536);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) ed_record_parse(arena, ed_str(cases[i].json,
                                             strlen(cases[i].json)),
                               &r, error, sizeof(error));
        name = ed_record_features(&r, arena);

        ok(name.data != NULL, "there is a line");
        is_str(name, cases[i].want, "features of %s", cases[i].json);
    }

    name = ed_record_features(NULL, arena);
    ok(name.data != NULL && name.len == 0, "no record says nothing");

    ed_arena_destroy(arena);
    arena = ed_arena_create(8);

    name = ed_record_features(&r, arena);
    ok(name.data == NULL && name.len == 0, "no memory for it");

    ed_arena_destroy(arena);
}


/* Nodes of a fleet compare it: whoever changes it changes the version of
   stored pages too. */

static void
has_a_digest(void)
{
    char      hex[2 * ED_RECORD_DIGEST + 1];
    uint8_t   a[ED_RECORD_DIGEST], b[ED_RECORD_DIGEST];
    unsigned  i;

    static const uint8_t  none[ED_RECORD_DIGEST];

    memset(a, 0xff, sizeof(a));
    ed_record_digest(ED_STR_EMPTY, a);
    ok(memcmp(a, none, sizeof(a)) == 0, "no record: zero");

    ed_record_digest(ED_STR("{}"), a);
    ok(memcmp(a, none, sizeof(a)) != 0, "an empty one: not");

    ed_record_digest(ED_STR("{ }"), b);
    ok(memcmp(a, b, 8) != 0 && memcmp(a + 8, b + 8, 8) != 0,
       "other bytes, another digest, in both halves");
    ok(memcmp(a, a + 8, 8) != 0, "the halves are two");

    for (i = 0; i < sizeof(a); i++) {
        (void) snprintf(hex + 2 * i, 3, "%02x", a[i]);
    }

    is_str(ed_str(hex, strlen(hex)), "bd67f2781ea31cd204d3b1e8930f1d53",
           "a known one");
}


static void
survives_no_memory(void)
{
    long          n;
    char          error[256];
    ed_rc_t       rc;
    ed_arena_t   *arena;
    ed_record_t   r;

    rc = ED_NOMEM;

    for (n = 0; n < 16 && rc == ED_NOMEM; n++) {
        arena = ed_arena_create(65536);

        ed_test_fail_after(n);
        rc = ed_record_parse(arena, ED_STR(whole), &r, error, sizeof(error));
        ed_test_fail_after(-1);

        ed_arena_destroy(arena);
    }

    ok(n > 1 && rc == ED_OK, "no memory at the n-th allocation");
}
