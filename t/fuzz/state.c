
/*
 * States of a feature.  The input is JSON; and, up to the first line break,
 * the words of a directive, as far apart as spaces.
 *
 *     - A refusal says why, in printable ASCII, and changes nothing.
 *     - What is read is sound, can be written, and is the same, to the byte,
 *       when it is read again.
 *     - So is what a directive says.
 */

#include "ed_fuzz.h"
#include "ed_state.h"


#define MAX_WORDS  32


static void check_json(ed_str_t json);
static void check_words(ed_str_t line);
static void check_paused(ed_str_t json);
static void check_error(ed_rc_t rc, const char *error);
static void check_sound(const ed_state_t *state);
static void check_again(const ed_state_t *state);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ed_str_t  input;

    input = ed_str(data, size);

    check_json(input);
    check_paused(input);
    check_words(fuzz_head(&input, '\n'));

    return 0;
}


static void
check_json(ed_str_t json)
{
    char        error[ED_MAX_ERROR];
    size_t      i;
    ed_rc_t     rc;
    ed_state_t  state;

    memset(&state, 'x', sizeof(ed_state_t));
    memset(error, 'x', sizeof(error));

    rc = ed_state_parse(json, &state, error);

    if (rc != ED_OK) {
        check_error(rc, error);

        for (i = 0; i < sizeof(ed_state_t); i++) {
            fuzz_check(((char *) &state)[i] == 'x', "byte %zu has changed", i);
        }

        return;
    }

    check_sound(&state);
    check_again(&state);
}


static void
check_words(ed_str_t line)
{
    char           error[ED_MAX_ERROR];
    ed_rc_t        rc;
    unsigned       n;
    ed_str_t       args[MAX_WORDS];
    ed_state_t     state;
    ed_feature_e   feature;

    args[0] = ED_STR("editorial_test");

    for (n = 1; line.len != 0 && n < MAX_WORDS; n++) {
        args[n] = fuzz_head(&line, ' ');
    }

    memset(error, 'x', sizeof(error));
    rc = ed_state_from_words(args, n, &feature, &state, error);

    if (rc != ED_OK) {
        check_error(rc, error);
        return;
    }

    fuzz_check(feature < ED_FEATURES, "feature %u", feature);
    fuzz_check(state.mode == ED_STATE_TEST && state.id.len != 0, "no test");

    check_sound(&state);
    check_again(&state);
}


static void
check_paused(ed_str_t json)
{
    int      paused;
    char     error[ED_MAX_ERROR];
    ed_rc_t  rc;

    paused = 7;
    memset(error, 'x', sizeof(error));
    rc = ed_state_paused(json, &paused, error);

    if (rc != ED_OK) {
        check_error(rc, error);
        fuzz_check(paused == 7, "changed");
        return;
    }

    fuzz_check(paused == 0 || paused == 1, "paused %d", paused);
}


static void
check_error(ed_rc_t rc, const char *error)
{
    size_t  i;

    fuzz_check(rc == ED_INVALID, "refused with %u", rc);
    fuzz_check(error[0] != '\0', "refused without a reason");

    for (i = 0; i < ED_MAX_ERROR && error[i] != '\0'; i++) {
        fuzz_check(error[i] >= ' ' && error[i] <= '~', "byte %u in the reason",
                   (uint8_t) error[i]);
    }

    fuzz_check(i < ED_MAX_ERROR, "the reason has no end");
}


static void
check_sound(const ed_state_t *state)
{
    unsigned            i;
    uint64_t            sum;
    const ed_arm_t     *arm;
    const ed_window_t  *window;

    window = &state->window;

    fuzz_check(state->mode > ED_STATE_CONTROL && state->mode < ED_STATE_MODES,
               "mode %u", state->mode);
    fuzz_check((state->mode == ED_STATE_ON) == (state->variant.len != 0),
               "variant");
    fuzz_check(state->mode == ED_STATE_TEST
               ? state->narms >= 2 && state->narms <= ED_MAX_ARMS
               : state->narms == 0 && state->id.len == 0, "arms");
    fuzz_check(window->starts >= ED_NO_TIME && window->ends >= ED_NO_TIME
               && (window->ends == ED_NO_TIME
                   || window->ends > window->starts), "times");

    sum = 0;

    for (i = 0; i < state->narms; i++) {
        arm = &state->arms[i];
        sum += arm->weight;

        fuzz_check(ed_feature_is_name(ed_name_str(&arm->name))
                   && arm->name.text[arm->name.len] == '\0'
                   && arm->weight <= ED_MAX_WEIGHT, "arm %u", i);
        fuzz_check(i == 0 || strcmp(arm[-1].name.text, arm->name.text) < 0,
                   "order of arm %u", i);
    }

    fuzz_check(state->narms == 0 || sum != 0, "all weights are 0");
}


static void
check_again(const ed_state_t *state)
{
    char        *json, *again, error[ED_MAX_ERROR];
    ed_rc_t      rc;
    ed_state_t   copy;

    json = ed_state_format(state);
    fuzz_check(json != NULL, "it cannot be written");

    memset(&copy, 'x', sizeof(ed_state_t));
    rc = ed_state_parse(ed_str(json, strlen(json)), &copy, error);

    fuzz_check(rc == ED_OK, "what was written is refused: %s", error);
    fuzz_check(memcmp(state, &copy, sizeof(ed_state_t)) == 0, "not the same");

    again = ed_state_format(&copy);
    fuzz_check(again != NULL && strcmp(json, again) == 0, "written otherwise");

    free(again);
    free(json);
}
