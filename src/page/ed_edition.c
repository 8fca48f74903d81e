
#include "ed_edition.h"


static unsigned ed_edition_overrule_one(ed_edition_t *edition,
    const ed_policy_t *policy, ed_str_t pair);
static unsigned ed_edition_set(ed_edition_t *edition, const ed_policy_t *policy,
    ed_feature_e feature, ed_str_t name);


void
ed_walk_init(ed_walk_t *walk, const ed_edition_t *edition, ed_str_t assets)
{
    memset(walk, 0, sizeof(ed_walk_t));

    walk->edition = *edition;
    walk->assets.kind = ED_SPAN_ASSETS;
    walk->assets.data = assets.data;
    walk->assets.len = assets.len;
}


const ed_span_t *
ed_walk_next(ed_walk_t *walk, const ed_span_t *spans, size_t n, size_t *i)
{
    ed_walk_step_e    step;
    const ed_span_t  *span;

    for ( /* void */ ; *i < n; (*i)++) {
        span = &spans[*i];

        step = ed_walk_step(walk, span->kind, span->feature, span->variants,
                            span->piece);

        if (step == ED_WALK_ASSETS) {
            return &walk->assets;
        }

        if (step == ED_WALK_TAKE) {
            (*i)++;
            return span;
        }
    }

    return NULL;
}


void
ed_edition_control(ed_edition_t *edition, const ed_policy_t *policy)
{
    unsigned  i;

    for (i = 0; i < ED_FEATURES; i++) {
        edition->variant[i] = (policy->features[i].n != 0);
    }

    edition->tested = 0;
}


unsigned
ed_edition_overrule(ed_edition_t *edition, const ed_policy_t *policy,
    const ed_record_t *record)
{
    unsigned  i, overruled;

    overruled = 0;

    for (i = 0; record != NULL && i < ED_FEATURES; i++) {
        overruled |= ed_edition_set(edition, policy, (ed_feature_e) i,
                                    record->features[i]);
    }

    return overruled;
}


unsigned
ed_edition_overrule_names(ed_edition_t *edition, const ed_policy_t *policy,
    ed_str_t features)
{
    size_t          len;
    unsigned        overruled;
    const uint8_t  *comma;

    overruled = 0;

    while (features.len != 0) {
        comma = memchr(features.data, ',', features.len);
        len = comma != NULL ? (size_t) (comma - features.data) : features.len;

        overruled |= ed_edition_overrule_one(edition, policy,
                                             ed_str(features.data, len));

        len += (comma != NULL);
        features.data += len;
        features.len -= len;
    }

    return overruled;
}


/* FEATURE=VARIANT */

static unsigned
ed_edition_overrule_one(ed_edition_t *edition, const ed_policy_t *policy,
    ed_str_t pair)
{
    size_t          len;
    ed_feature_e    feature;
    const uint8_t  *equals;

    if (pair.len == 0) {
        return 0;
    }

    equals = memchr(pair.data, '=', pair.len);

    if (equals == NULL) {
        return 0;
    }

    len = (size_t) (equals - pair.data);
    feature = ed_feature_find(ed_str(pair.data, len));

    if (feature == ED_FEATURES) {
        return 0;
    }

    return ed_edition_set(edition, policy, feature,
                          ed_str(equals + 1, pair.len - len - 1));
}


static unsigned
ed_edition_set(ed_edition_t *edition, const ed_policy_t *policy,
    ed_feature_e feature, ed_str_t name)
{
    int  variant;

    variant = ed_policy_variant(policy, feature, name);

    if (variant < 0) {
        return 0;
    }

    edition->variant[feature] = (uint8_t) variant;

    return 1u << feature;
}


ed_str_t
ed_edition_names(const ed_edition_t *edition, const ed_policy_t *policy,
    ed_arena_t *arena)
{
    ed_buf_t  names;
    ed_rc_t   rc;
    ed_str_t  result, name;
    unsigned  i, variant;

    ed_buf_init(&names, 1024);
    rc = ED_OK;

    for (i = 0; i < ED_FEATURES && rc == ED_OK; i++) {
        variant = edition->variant[i];
        name = variant != 0 ? policy->features[i].list[variant - 1].name
                            : ED_STR("off");

        rc = i != 0 ? ed_buf_byte(&names, ',') : ED_OK;

        if (rc == ED_OK) {
            rc = ed_buf_str(&names, ed_feature_name((ed_feature_e) i));
        }

        if (rc == ED_OK) {
            rc = ed_buf_byte(&names, '=');
        }

        if (rc == ED_OK) {
            rc = ed_buf_str(&names, name);
        }
    }

    result = rc == ED_OK ? ed_arena_dup(arena, ed_str(names.data, names.len))
                         : ED_STR_EMPTY;
    ed_buf_free(&names);

    return result;
}
