
/*
 * Editions: what overrules them, what they are called, and the walk over spans
 * that every sender goes by.
 */

#include "ed_edition.h"
#include "ed_test.h"


static void overruled(void);
static void by_record_and_names(void);
static void control(void);
static void walked(void);
static void names(void);
static void declare(const char *directive, const char *variant);
static ed_str_t sent(const ed_edition_t *edition, ed_str_t assets,
    unsigned *pieces);


static ed_arena_t  *arena;
static ed_policy_t  policy;


int
main(void)
{
    arena = ed_arena_create(1024 * 1024);
    ed_policy_init(&policy, arena);

    declare("editorial_read_more", "box");
    declare("editorial_read_more", "card");
    declare("editorial_pull_quote", "quote");
    declare("editorial_disclaimer", "off");
    (void) ed_policy_merge(&policy, NULL);

    overruled();
    by_record_and_names();
    control();
    walked();
    names();

    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
declare(const char *directive, const char *variant)
{
    char      error[ED_MAX_ERROR];
    ed_str_t  args[2];

    args[0] = ed_str(directive, strlen(directive));
    args[1] = ed_str(variant, strlen(variant));

    is_num(ed_policy_set(&policy, args, 2, NULL, NULL, error), ED_OK,
           "%s %s", directive, variant);
}


/* From { 1, 1, 0 }. */

static void
overruled(void)
{
    size_t        i;
    ed_edition_t  edition;

    static const struct {
        const char  *features;
        uint8_t      want[ED_FEATURES];
    } cases[] = {
        { "", { 1, 1, 0 } },
        { "read_more=card", { 2, 1, 0 } },
        { "read_more=off", { 0, 1, 0 } },
        { "read_more=card,pull_quote=off", { 2, 0, 0 } },
        { "pull_quote=off,read_more=card", { 2, 0, 0 } },
        { "read_more=gone,pull_quote=off", { 1, 0, 0 } },
        { "read_more=quote", { 1, 1, 0 } },
        { "disclaimer=standard", { 1, 1, 0 } },
        { "footer=off,read_more=card", { 2, 1, 0 } },
        { "read_more=card,read_more=box", { 1, 1, 0 } },

        /* nothing writes these, but they may be read */
        { ",", { 1, 1, 0 } },
        { "=", { 1, 1, 0 } },
        { "read_more", { 1, 1, 0 } },
        { "read_more=", { 1, 1, 0 } },
        { "=card", { 1, 1, 0 } },
        { "read_more=card=", { 1, 1, 0 } },
        { "read_more,pull_quote=off", { 1, 0, 0 } },
        { ",,pull_quote=off,", { 1, 0, 0 } }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ed_edition_control(&edition, &policy);
        edition.tested = 5;

        ed_edition_overrule_names(&edition, &policy,
                                  ed_str(cases[i].features,
                                         strlen(cases[i].features)));

        ok(memcmp(edition.variant, cases[i].want, ED_FEATURES) == 0
           && edition.tested == 5, "overruled by \"%s\"", cases[i].features);
    }

    ed_edition_control(&edition, &policy);
    ed_edition_overrule_names(&edition, &policy, ED_STR_EMPTY);
    ok(edition.variant[0] == 1, "overruled by nothing");
}


static void
by_record_and_names(void)
{
    size_t        i;
    char          error[256];
    ed_record_t   record;
    ed_edition_t  one, other;

    static const char *const  records[] = {
        "{}",
        "{\"features\":{\"read_more\":\"card\",\"pull_quote\":\"off\"}}",
        "{\"features\":{\"read_more\":\"big\",\"disclaimer\":\"off\"}}",
        "{\"features\":{\"read_more\":\"x,pull_quote=off\"}}"
    };

    for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        (void) ed_record_parse(arena, ed_str(records[i], strlen(records[i])),
                               &record, error, sizeof(error));

        ed_edition_control(&one, &policy);
        other = one;

        ed_edition_overrule(&one, &policy, &record);
        ed_edition_overrule_names(&other, &policy,
                                  ed_record_features(&record, arena));

        ok(memcmp(&one, &other, sizeof(ed_edition_t)) == 0,
           "a record and its names do the same: %s", records[i]);
    }
}


static void
control(void)
{
    ed_edition_t  edition;

    memset(&edition, 0xff, sizeof(ed_edition_t));
    ed_edition_control(&edition, &policy);

    ok(edition.variant[0] == 1 && edition.variant[1] == 1
       && edition.variant[2] == 0, "the first variant of each feature");
    is_num(edition.tested, 0, "no test");
}


/* Of a page whose every span is one byte; the assets are a star. */

static void
walked(void)
{
    size_t        i;
    unsigned      pieces;
    ed_edition_t  edition;

    static const struct {
        uint8_t      variant;
        uint8_t      tested;
        const char  *want;
        unsigned     pieces;
    } cases[] = {
        { 0, 0, "ad", 0 },
        { 1, 0, "a*1d", 1 },
        { 2, 0, "a*2d", 1 },
        { 0, 1, "a*md", 0 },
        { 1, 1, "a*m1d", 1 },
        { 2, 1, "a*m2d", 1 },
        { 0, 2, "a*Md", 0 },
        { 1, 2, "a*1Md", 1 },
        { 0, 3, "a*mMd", 0 },
        { 0, 4, "ad", 0 },
        { 2, 7, "a*m2Md", 1 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&edition, 0, sizeof(ed_edition_t));
        edition.variant[0] = cases[i].variant;
        edition.tested = cases[i].tested;

        is_str(sent(&edition, ED_STR("*"), &pieces), cases[i].want,
               "variant %u, tests %u", cases[i].variant, cases[i].tested);
        is_num(pieces, cases[i].pieces, "pieces");
    }

    edition.tested = 1;
    is_str(sent(&edition, ED_STR_EMPTY, &pieces), "am2d", "without assets");
}


static ed_str_t
sent(const ed_edition_t *edition, ed_str_t assets, unsigned *pieces)
{
    size_t            i;
    ed_str_t          result;
    ed_walk_t         walk;
    const ed_span_t  *span;

    static uint8_t          out[16];
    static const ed_span_t  spans[] = {
#define S(s, k, f, v, p)  { (const uint8_t *) (s), 1, k, f, v, p }
        S("a", ED_SPAN_SOURCE, 0, 0, 0),
        S("m", ED_SPAN_MARKER, ED_READ_MORE, 0, 0),
        S("1", ED_SPAN_FURNITURE, ED_READ_MORE, 1, 1),
        S("2", ED_SPAN_FURNITURE, ED_READ_MORE, 2, 1),
        S("M", ED_SPAN_MARKER, ED_PULL_QUOTE, 0, 0),
        S("3", ED_SPAN_FURNITURE, ED_PULL_QUOTE, 1, 1),
        S("{", ED_SPAN_HIDDEN, 0, 0, 0),
        S("[", ED_SPAN_NOTES, 0, 0, 0),
        S("d", ED_SPAN_SOURCE, 0, 0, 0)
#undef S
    };

    ed_walk_init(&walk, edition, assets);

    result = ed_str(out, 0);
    i = 0;

    for ( ;; ) {
        span = ed_walk_next(&walk, spans, sizeof(spans) / sizeof(spans[0]),
                            &i);
        if (span == NULL) {
            break;
        }

        out[result.len++] = span->data[0];
    }

    *pieces = walk.pieces;

    return result;
}


static void
names(void)
{
    ed_edition_t  edition;

    memset(&edition, 0, sizeof(ed_edition_t));
    edition.variant[0] = 2;
    edition.tested = 1;

    is_str(ed_edition_names(&edition, &policy, arena),
           "read_more=card,pull_quote=off,disclaimer=off", "by name");
}
