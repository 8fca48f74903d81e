
/*
 * Records.  The input is JSON.
 *
 *     - A refusal says why.
 *     - What is read can be written, and is the same when it is read again.
 */

#include "ed_fuzz.h"
#include "ed_record.h"


#define MAX_ERROR  512


static void same(const ed_record_t *a, const ed_record_t *b);
static void same_link(const ed_link_t *a, const ed_link_t *b);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char         error[MAX_ERROR], *json, *again;
    ed_rc_t      rc;
    ed_arena_t  *arena;
    ed_record_t  record, copy;

    arena = ed_arena_create(16 << 20);
    fuzz_check(arena != NULL, "no memory");

    memset(error, 'x', sizeof(error));
    rc = ed_record_parse(arena, ed_str(data, size), &record, error,
                         sizeof(error));

    if (rc != ED_OK) {
        fuzz_check(rc == ED_INVALID, "refused with %u", rc);
        fuzz_check(memchr(error, '\0', sizeof(error)) != NULL
                   && error[0] != '\0', "refused without a reason");
        ed_arena_destroy(arena);
        return 0;
    }

    json = ed_record_format(&record);
    fuzz_check(json != NULL, "it cannot be written");

    rc = ed_record_parse(arena, ed_str(json, strlen(json)), &copy, error,
                         sizeof(error));
    fuzz_check(rc == ED_OK, "what was written is refused: %s", error);
    same(&record, &copy);

    again = ed_record_format(&copy);
    fuzz_check(again != NULL && strcmp(json, again) == 0, "written otherwise");

    free(again);
    free(json);
    ed_arena_destroy(arena);

    return 0;
}


static void
same(const ed_record_t *a, const ed_record_t *b)
{
    unsigned  i;

    fuzz_check(a->opinion == b->opinion, "opinion");
    fuzz_check(a->disclaimer == b->disclaimer, "disclaimer");
    fuzz_check(ed_str_eq(a->disclaimer_text, b->disclaimer_text),
               "disclaimer's text");
    fuzz_check(a->nlinks == b->nlinks && a->nlinks <= ED_MAX_RECORD_LINKS,
               "%u links, not %u", b->nlinks, a->nlinks);
    fuzz_check(a->nquotes == b->nquotes && a->nquotes <= ED_MAX_RECORD_QUOTES,
               "%u quotes, not %u", b->nquotes, a->nquotes);

    for (i = 0; i < a->nlinks; i++) {
        same_link(&a->links[i], &b->links[i]);
    }

    for (i = 0; i < a->nquotes; i++) {
        fuzz_check(ed_str_eq(a->quotes[i], b->quotes[i]), "quote %u", i);
    }

    for (i = 0; i < ED_FEATURES; i++) {
        fuzz_check(ed_str_eq(a->features[i], b->features[i]), "feature %u", i);
    }
}


static void
same_link(const ed_link_t *a, const ed_link_t *b)
{
    fuzz_check(ed_str_eq(a->url, b->url), "url");
    fuzz_check(a->refused == b->refused, "refused");
    fuzz_check(ed_str_eq(a->title, b->title), "title");
    fuzz_check(ed_str_eq(a->label, b->label), "label");
    fuzz_check(a->after == b->after, "after");
}
