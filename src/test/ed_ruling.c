
#include "ed_ruling.h"


static void ed_ruling_test(ed_ruling_t *ruling, const ed_state_t *state,
    const ed_policy_t *policy, ed_feature_e feature);
static void ed_ruling_lacks(ed_ruling_t *ruling);
static ed_state_mode_e ed_ruling_mode(const ed_ruling_t *ruling, int64_t now);


void
ed_ruling_init(ed_ruling_t *ruling, const ed_state_t *state,
    const ed_policy_t *policy, ed_feature_e feature)
{
    int  variant;

    memset(ruling, 0, sizeof(ed_ruling_t));

    ruling->mode = state->mode;
    ruling->window = state->window;
    ruling->control = (policy->features[feature].n != 0);

    if (state->mode == ED_STATE_ON) {
        variant = ed_policy_variant(policy, feature,
                                    ed_name_str(&state->variant));
        if (variant < 0) {
            ed_ruling_lacks(ruling);
            return;
        }

        ruling->variant = (uint8_t) variant;
        return;
    }

    if (state->mode == ED_STATE_TEST) {
        ed_ruling_test(ruling, state, policy, feature);
    }
}


int
ed_ruling_tests(const ed_ruling_t *ruling, int64_t now)
{
    return ed_ruling_mode(ruling, now) == ED_STATE_TEST;
}


unsigned
ed_ruling_variant(const ed_ruling_t *ruling, int64_t now, unsigned bucket)
{
    switch (ed_ruling_mode(ruling, now)) {

    case ED_STATE_OFF:
        return 0;

    case ED_STATE_ON:
        return ruling->variant;

    case ED_STATE_TEST:
        return ed_ruling_drawn(ruling, NULL, bucket);

    default:
        return ruling->control;
    }
}


unsigned
ed_ruling_drawn(const ed_ruling_t *ruling, ed_drawn_t *drawn, unsigned bucket)
{
    unsigned  arm;

    arm = drawn != NULL ? ed_split_drawn(&ruling->split, drawn, bucket)
                        : ed_split_arm(&ruling->split, bucket);

    return ruling->arms[arm];
}


static void
ed_ruling_test(ed_ruling_t *ruling, const ed_state_t *state,
    const ed_policy_t *policy, ed_feature_e feature)
{
    int       variant;
    unsigned  i;

    for (i = 0; i < state->narms; i++) {

        if (state->arms[i].weight == 0) {
            continue;
        }

        variant = ed_policy_variant(policy, feature,
                                    ed_name_str(&state->arms[i].name));
        if (variant < 0) {
            ed_ruling_lacks(ruling);
            return;
        }

        ruling->arms[i] = (uint8_t) variant;
    }

    if (ruling->control == 0) {
        ed_ruling_lacks(ruling);
        return;
    }

    ed_split_init(&ruling->split, state, feature);
}


/* A location that takes the feature away lacks nothing: it is meant to. */

static void
ed_ruling_lacks(ed_ruling_t *ruling)
{
    ruling->mode = ED_STATE_CONTROL;
    ruling->lacks = (ruling->control != 0);
}


static ed_state_mode_e
ed_ruling_mode(const ed_ruling_t *ruling, int64_t now)
{
    return ed_window_holds(&ruling->window, now) ? ruling->mode
                                                 : ED_STATE_CONTROL;
}
