
#include "ed_record.h"
#include "ed_test.h"


static void reads(void);
static void refuses(void);
static void writes(void);
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
