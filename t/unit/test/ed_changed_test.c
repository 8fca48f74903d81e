
/* Who changed a state, and when a test got other weights. */

#include "ed_board.h"
#include "ed_test.h"


#define NOW  1795400000000


static void test_read(void);
static void test_malformed(void);
static void test_weights(void);
static int64_t weighed(const char *before, const char *after, int64_t last);
static void state_of(ed_state_t *state, const char *json);


int
main(void)
{
    test_read();
    test_malformed();
    test_weights();

    return ed_test_done();
}


static void
test_read(void)
{
    ed_changed_t  changed;

    ok(ed_changed_read(&changed, ED_STR("{\"user\":\"anna\",\"at\":5,"
           "\"etag\":\"00112233445566778899aabbccddeeff\","
           "\"reweighted\":3}")) == ED_OK, "is read");
    ok(changed.at == 5 && changed.reweighted == 3, "times");
    ok(changed.len == 4 && memcmp(changed.user, "anna", 4) == 0, "user");
    ok(changed.etag[0] == 0 && changed.etag[15] == 0xff, "ETag");

    ok(ed_changed_read(&changed, ED_STR("{\"user\":\"b\",\"at\":5,"
                                        "\"etag\":\"\"}")) == ED_OK,
       "of what the configuration says");
    ok(changed.reweighted == 0, "never reweighted");
}


static void
test_malformed(void)
{
    unsigned              i;
    ed_changed_t          changed;
    static const char    *texts[] = {
        "", "[]", "{}", "{\"user\":\"a\",\"at\":5}",
        "{\"user\":1,\"at\":5,\"etag\":\"\"}",
        "{\"user\":\"a\",\"at\":\"5\",\"etag\":\"\"}",
        "{\"user\":\"a\",\"at\":0,\"etag\":\"\"}",
        "{\"user\":\"a\",\"at\":253402300800000,\"etag\":\"\"}",
        "{\"user\":\"a\",\"at\":5,\"etag\":\"0011\"}",
        "{\"user\":\"a\",\"at\":5,\"etag\":\"\",\"reweighted\":-1}",
        "{\"user\":\"a\",\"at\":5,\"etag\":\"\",\"reweighted\":null}"
    };
    static ed_changed_t   none;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok(ed_changed_read(&changed, ed_str(texts[i], strlen(texts[i])))
           == ED_INVALID, "%s says nothing", texts[i]);
        ok(memcmp(&changed, &none, sizeof(none)) == 0, "and is zero");
    }
}


static void
test_weights(void)
{
    const char  *half = "{\"mode\":\"test\",\"id\":\"T1\","
                        "\"weights\":{\"box\":50,\"off\":50}}";
    const char  *most = "{\"mode\":\"test\",\"id\":\"T1\","
                        "\"weights\":{\"box\":90,\"off\":10}}";
    const char  *other = "{\"mode\":\"test\",\"id\":\"T2\","
                         "\"weights\":{\"box\":90,\"off\":10}}";
    const char  *ends = "{\"mode\":\"test\",\"id\":\"T1\",\"weights\":"
                        "{\"box\":90,\"off\":10},"
                        "\"ends\":\"2099-01-01T00:00:00Z\"}";
    const char  *off = "{\"mode\":\"off\"}";

    ok(weighed(half, most, 0) == NOW, "other weights");
    ok(weighed(half, most, 7) == NOW, "once more");
    ok(weighed(most, ends, 7) == 7, "another end leaves them");
    ok(weighed(most, ends, 0) == 0, "that were never changed");
    ok(weighed(half, other, 7) == 0, "another test begins anew");
    ok(weighed(off, half, 7) == 0, "a test begins");
    ok(weighed(half, off, 7) == 0, "it is over");
}


static int64_t
weighed(const char *before, const char *after, int64_t last)
{
    ed_state_t    state;
    ed_notice_t   notice;
    ed_changed_t  changed;

    memset(&notice, 0, sizeof(notice));
    memset(&changed, 0, sizeof(changed));

    state_of(&notice.state, before);
    notice.edited = 1;
    notice.changed.at = 5;
    notice.changed.reweighted = last;
    state_of(&state, after);
    changed.at = NOW;
    changed.reweighted = 99;

    ed_changed_weights(&changed, &notice, &state);

    return changed.reweighted;
}


static void
state_of(ed_state_t *state, const char *json)
{
    char  error[ED_MAX_ERROR];

    if (ed_state_parse(ed_str(json, strlen(json)), state, error) != ED_OK) {
        ok(0, "%s: %s", json, error);
    }
}
