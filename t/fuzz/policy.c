
/*
 * Directives.  The input is lines of a configuration, words apart by '|'; an
 * empty line begins the inner of two levels.
 *
 *     - A refusal says why, within the message's size.
 *     - What comes of it where nothing was refused, merged, is whole:
 *       selectors, variants with names of their own, numbers in their bounds.
 */

#include "ed_fuzz_policy.h"


static int set(ed_policy_t *policy, ed_str_t line);
static void check(const ed_policy_t *policy);
static void check_variants(const ed_policy_t *policy, ed_feature_e feature);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int           level, refused;
    ed_str_t      input, line;
    ed_arena_t   *arena;
    ed_policy_t   levels[2];

    arena = ed_arena_create(16 << 20);
    fuzz_check(arena != NULL, "no memory");

    ed_policy_init(&levels[0], arena);
    ed_policy_init(&levels[1], arena);

    input = ed_str(data, size);
    level = 0;
    refused = 0;

    while (input.len != 0) {
        line = fuzz_head(&input, '\n');

        if (line.len == 0) {
            level = 1;
            continue;
        }

        refused |= !set(&levels[level], line);
    }

    /* what a refused directive leaves behind is never used */

    if (!refused) {
        fuzz_check(ed_policy_merge(&levels[0], NULL) == ED_OK, "no memory");
        check(&levels[0]);

        line = levels[1].desk;
        fuzz_check(ed_policy_merge(&levels[1], &levels[0]) == ED_OK,
                   "no memory");
        check(&levels[1]);

        fuzz_check(ed_str_eq(levels[1].desk, line.data != NULL
                                             ? line : levels[0].desk),
                   "another desk");
    }

    if (levels[1].exclude != levels[0].exclude) {
        ed_xpath_free(levels[1].exclude);
    }

    ed_xpath_free(levels[0].exclude);
    ed_arena_destroy(arena);

    return 0;
}


static int
set(ed_policy_t *policy, ed_str_t line)
{
    char     error[ED_MAX_ERROR + 1];
    ed_rc_t  rc;

    memset(error, 'x', sizeof(error));
    rc = fuzz_directive(policy, line, error);

    fuzz_check(error[ED_MAX_ERROR] == 'x', "a message past its end");

    if (rc == ED_INVALID) {
        fuzz_check(memchr(error, '\0', ED_MAX_ERROR) != NULL
                   && error[0] != '\0', "refused without a reason");
    }

    return rc == ED_OK;
}


static void
check(const ed_policy_t *policy)
{
    unsigned  i;

    fuzz_check(policy->article != NULL, "no selectors");
    fuzz_check(policy->desk.len != 0, "no desk");
    fuzz_check(policy->stylesheet.data != NULL && policy->script.data != NULL
               && policy->beacon.data != NULL, "no assets");
    fuzz_check(policy->stylesheet.len == 0
               || ed_url_check(policy->stylesheet), "a stylesheet's URL");
    fuzz_check(policy->script.len == 0 || ed_url_check(policy->script),
               "a script's URL");
    fuzz_check(policy->max_size > 0, "a size of %lld",
               (long long) policy->max_size);

    for (i = 0; i < ED_FEATURES; i++) {
        check_variants(policy, (ed_feature_e) i);
    }
}


static void
check_variants(const ed_policy_t *policy, ed_feature_e feature)
{
    unsigned              i;
    const ed_variant_t   *variant;
    const ed_variants_t  *variants;

    variants = &policy->features[feature];

    fuzz_check(variants->n <= ED_MAX_VARIANTS, "%u variants", variants->n);
    fuzz_check(variants->off == (variants->n == 0), "off, with variants");

    for (i = 0; i < variants->n; i++) {
        variant = &variants->list[i];

        fuzz_check(ed_policy_variant(policy, feature, variant->name)
                   == (int) i + 1, "a variant's name is another's");

        if (feature == ED_READ_MORE) {
            fuzz_check(variant->after >= 1 && variant->every >= 1, "numbers");
        }

        if (feature != ED_DISCLAIMER) {
            fuzz_check(variant->max >= 1, "at most none");

        } else {
            fuzz_check(variant->text.len != 0, "no text");
        }

        if (feature == ED_PULL_QUOTE) {
            fuzz_check(variant->mode != 0, "no mode");
        }
    }
}
