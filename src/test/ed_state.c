
/*
 * A state in memory: how it is made, and what holds at a time.  Its JSON is
 * ed_state_json.c's.
 */

#include <stdarg.h>
#include <stdio.h>

#include "ed_date.h"
#include "ed_hash.h"
#include "ed_state_int.h"


static ed_rc_t ed_state_read_word(ed_state_t *state, ed_str_t word,
    char *error);
static void ed_state_id_of_arms(ed_state_t *state, const char *origin);
static ed_rc_t ed_state_check_name(const ed_name_t *name,
    const ed_policy_t *policy, ed_feature_e feature, char *error);
static int ed_name_compare(ed_str_t a, ed_str_t b);


/* of ids; every node must have the same */
static const uint8_t  ed_state_key[ED_HASH_KEY] = {
    'e', 'd', 'i', 't', 'o', 'r', 'i', 'a', 'l', ' ', 'i', 'd', ' ', ' ', ' ',
    '1'
};


ed_rc_t
ed_state_from_words(const ed_str_t *args, unsigned n, ed_feature_e *feature,
    ed_state_t *state, char *error)
{
    ed_rc_t     rc;
    unsigned    i;
    ed_state_t  read;

    if (n < 2) {
        return ed_state_wrong(error, "it needs a feature and its variants' "
                              "weights");
    }

    *feature = ed_feature_find(args[1]);

    if (*feature == ED_FEATURES) {
        return ed_state_wrong(error, "\"%.*s\" is no feature: it must be "
                              "read_more, pull_quote or disclaimer",
                              (int) args[1].len, (const char *) args[1].data);
    }

    ed_state_init(&read, ED_STATE_TEST);
    rc = ED_OK;

    for (i = 2; i < n && rc == ED_OK; i++) {
        rc = ed_state_read_word(&read, args[i], error);
    }

    if (rc == ED_OK) {
        rc = ed_state_balance(&read, error);
    }

    if (rc == ED_OK) {
        ed_state_id_of_arms(&read, "config");
        *state = read;
    }

    return rc;
}


ed_rc_t
ed_state_check(const ed_state_t *state, const ed_policy_t *policy,
    ed_feature_e feature, char *error)
{
    ed_rc_t   rc;
    unsigned  i;

    if (state->mode == ED_STATE_ON) {
        return ed_state_check_name(&state->variant, policy, feature, error);
    }

    rc = ED_OK;

    for (i = 0; i < state->narms && rc == ED_OK; i++) {
        rc = ed_state_check_name(&state->arms[i].name, policy, feature, error);
    }

    return rc;
}


void
ed_state_control(ed_state_t *state, const ed_policy_t *policy,
    ed_feature_e feature)
{
    const ed_variants_t  *variants;

    variants = &policy->features[feature];

    ed_state_init(state, variants->n != 0 ? ED_STATE_ON : ED_STATE_OFF);

    if (variants->n != 0) {
        ed_name_set(&state->variant, variants->list[0].name);
    }
}


ed_state_mode_e
ed_state_at(const ed_state_t *state, int64_t now)
{
    return ed_window_holds(&state->window, now) ? state->mode
                                                : ED_STATE_CONTROL;
}


int
ed_window_holds(const ed_window_t *window, int64_t now)
{
    return (window->starts == ED_NO_TIME || now >= window->starts)
           && (window->ends == ED_NO_TIME || now < window->ends);
}


void
ed_state_give_id(ed_state_t *state, int64_t now, uint32_t random)
{
    char  id[ED_DATE_LEN];

    if (state->mode != ED_STATE_TEST || state->id.len != 0) {
        return;
    }

    ed_date_write(now, id);

    /* over the time of day */
    (void) snprintf(id + sizeof("2026-12-01") - 1, sizeof("-01234567"),
                    "-%08x", random);

    ed_name_set(&state->id, ed_str(id, strlen(id)));
}


void
ed_state_derive_id(ed_state_t *state)
{
    if (state->mode == ED_STATE_TEST && state->id.len == 0) {
        ed_state_id_of_arms(state, "redis");
    }
}


int
ed_state_is_id(ed_str_t id)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < id.len; i++) {
        c = id.data[i];

        if (!((uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10
              || c == '.' || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return id.len != 0 && id.len <= ED_MAX_NAME;
}


void
ed_state_init(ed_state_t *state, ed_state_mode_e mode)
{
    memset(state, 0, sizeof(ed_state_t));

    state->mode = mode;
    state->window.starts = ED_NO_TIME;
    state->window.ends = ED_NO_TIME;
}


/* Adds an arm at its place. */

ed_rc_t
ed_state_add(ed_state_t *state, ed_str_t name, uint32_t weight, char *error)
{
    int        order;
    unsigned   i;
    ed_arm_t  *arms;

    arms = state->arms;

    if (!ed_feature_is_name(name)) {
        return ed_state_wrong(error, "\"%.*s\" is no name for a variant",
                              name.len < ED_MAX_NAME ? (int) name.len
                                                     : ED_MAX_NAME,
                              (const char *) name.data);
    }

    if (state->narms == ED_MAX_ARMS) {
        return ed_state_wrong(error, "a weight for \"%.*s\" is one too "
                              "many, the limit is %d", (int) name.len,
                              (const char *) name.data, ED_MAX_ARMS);
    }

    order = 1;

    for (i = 0; i < state->narms; i++) {
        order = ed_name_compare(ed_name_str(&arms[i].name), name);
        if (order >= 0) {
            break;
        }
    }

    if (i < state->narms && order == 0) {
        return ed_state_wrong(error, "the weight of \"%.*s\" is duplicate",
                              (int) name.len, (const char *) name.data);
    }

    memmove(&arms[i + 1], &arms[i], (state->narms - i) * sizeof(ed_arm_t));
    memset(&arms[i], 0, sizeof(ed_arm_t));

    ed_name_set(&arms[i].name, name);
    arms[i].weight = weight;
    state->narms++;

    return ED_OK;
}


/*
 * One arm has nothing to be compared with.  One of two may weigh nothing:
 * that is the end of a slider, where a ramp begins or is over.
 */

ed_rc_t
ed_state_balance(const ed_state_t *state, char *error)
{
    unsigned  i;

    if (state->narms < 2) {
        return ed_state_wrong(error, "a test needs the weights of two "
                              "variants at least, \"off\" being one");
    }

    for (i = 0; i < state->narms; i++) {
        if (state->arms[i].weight != 0) {
            return ED_OK;
        }
    }

    return ed_state_wrong(error, "all weights are 0");
}


void
ed_name_set(ed_name_t *name, ed_str_t value)
{
    name->len = (uint8_t) value.len;
    memcpy(name->text, value.data, value.len);
    name->text[value.len] = '\0';
}


/*
 * What is quoted may be anything.  The sentence goes into the log, and into
 * JSON: a byte that is no printable ASCII is told as "?".
 */

ed_rc_t
ed_state_wrong(char *error, const char *fmt, ...)
{
    char     *p;
    va_list   args;

    va_start(args, fmt);
    (void) vsnprintf(error, ED_MAX_ERROR, fmt, args);
    va_end(args);

    for (p = error; *p != '\0'; p++) {
        if ((uint8_t) (*p - ' ') > '~' - ' ') {
            *p = '?';
        }
    }

    return ED_INVALID;
}


/* VARIANT=WEIGHT */

static ed_rc_t
ed_state_read_word(ed_state_t *state, ed_str_t word, char *error)
{
    size_t          i;
    uint32_t        weight;
    ed_str_t        name;
    const uint8_t  *equals;

    equals = word.len != 0 ? memchr(word.data, '=', word.len) : NULL;

    if (equals == NULL) {
        return ed_state_wrong(error, "\"%.*s\" is not VARIANT=WEIGHT",
                              (int) word.len, (const char *) word.data);
    }

    name = ed_str(word.data, (size_t) (equals - word.data));
    weight = 0;

    for (i = name.len + 1; i < word.len && weight <= ED_MAX_WEIGHT; i++) {
        if ((uint8_t) (word.data[i] - '0') > 9) {
            break;
        }

        weight = weight * 10 + (word.data[i] - '0');
    }

    if (i == name.len + 1 || i < word.len || weight > ED_MAX_WEIGHT) {
        return ed_state_wrong(error, "weight \"%.*s\" is not a whole "
                              "number from 0 to %d",
                              (int) (word.len - name.len - 1),
                              (const char *) equals + 1, ED_MAX_WEIGHT);
    }

    return ed_state_add(state, name, weight, error);
}


/* ORIGIN-01234567; other variants are another test. */

static void
ed_state_id_of_arms(ed_state_t *state, const char *origin)
{
    char        id[ED_MAX_NAME + 1];
    unsigned    i;
    uint64_t    hash;
    ed_name_t  *name;

    hash = 0;

    for (i = 0; i < state->narms; i++) {
        name = &state->arms[i].name;
        hash = hash * 31 + ed_hash(ed_state_key, name->text, name->len);
    }

    (void) snprintf(id, sizeof(id), "%s-%08x", origin,
                    (uint32_t) (hash >> 32));

    ed_name_set(&state->id, ed_str(id, strlen(id)));
}


static ed_rc_t
ed_state_check_name(const ed_name_t *name, const ed_policy_t *policy,
    ed_feature_e feature, char *error)
{
    char                  names[ED_MAX_ERROR];
    size_t                len;
    unsigned              i;
    const ed_variants_t  *variants;

    if (ed_policy_variant(policy, feature, ed_name_str(name)) >= 0) {
        return ED_OK;
    }

    variants = &policy->features[feature];
    names[0] = '\0';
    len = 0;

    for (i = 0; i < variants->n && len < sizeof(names); i++) {
        len += (size_t) snprintf(names + len, sizeof(names) - len, "%s%.*s",
                                 i != 0 ? ", " : "",
                                 (int) variants->list[i].name.len,
                                 (const char *) variants->list[i].name.data);
    }

    return ed_state_wrong(error, "unknown variant \"%s\": %s has %s",
                          name->text, ed_feature_name(feature).data,
                          variants->n != 0 ? names : "none here");
}


static int
ed_name_compare(ed_str_t a, ed_str_t b)
{
    int  order;

    order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
