
/*
 * The features by name, in the order of ed_feature_e, and what a name of theirs
 * may be.
 */

#include "ed_feature.h"


static const ed_str_t  ed_feature_names[ED_FEATURES] = {
    ED_STR("read_more"),
    ED_STR("pull_quote"),
    ED_STR("disclaimer")
};


ed_str_t
ed_feature_name(ed_feature_e feature)
{
    return feature < ED_FEATURES ? ed_feature_names[feature] : ED_STR_EMPTY;
}


ed_feature_e
ed_feature_find(ed_str_t name)
{
    unsigned  i;

    for (i = 0; i < ED_FEATURES; i++) {
        if (ed_str_eq(ed_feature_names[i], name)) {
            break;
        }
    }

    return (ed_feature_e) i;
}


int
ed_feature_is_name(ed_str_t name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (!((uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10
              || c == '-' || c == '_'))
        {
            return 0;
        }
    }

    return name.len != 0 && name.len <= ED_MAX_NAME;
}
