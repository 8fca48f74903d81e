
/*
 * A state is read strictly, as a record is: a field of another type, one that
 * nobody knows, or one that the mode has no use for makes it malformed.  Half
 * of what an editor meant may be the opposite of it.
 *
 * Each field is a row of ed_state_fields, with the modes that take it; "mode"
 * itself is read first.  A row's reader gets a value and fills in the state.
 */

#include "ed_date.h"
#include "ed_state_int.h"


#define ED_OFF_  (1u << ED_STATE_OFF)
#define ED_ON_   (1u << ED_STATE_ON)
#define ED_TEST_ (1u << ED_STATE_TEST)


typedef struct {
    ed_state_t        *state;
    char              *error;
} ed_state_reader_t;


typedef struct {
    const char        *name;
    unsigned           modes;          /* bits of those that take it */
    ed_rc_t          (*read)(ed_state_reader_t *rd, json_t *value);
} ed_state_field_t;


static ed_rc_t ed_state_read(ed_str_t json, size_t flags, json_t **root,
    char *error);
static ed_rc_t ed_state_object(ed_state_reader_t *rd, json_t *root);
static ed_rc_t ed_state_field(ed_state_reader_t *rd, const char *name,
    json_t *value);
static ed_rc_t ed_state_read_mode(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_variant(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_id(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_weights(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_starts(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_ends(ed_state_reader_t *rd, json_t *value);
static ed_rc_t ed_state_read_time(ed_state_reader_t *rd, json_t *value,
    const char *name, int64_t *time);
static ed_rc_t ed_state_whole(ed_state_reader_t *rd);
static int ed_state_put_time(json_t *root, const char *name, int64_t time);
static ed_str_t ed_json_str(const json_t *value);


static const char *const  ed_state_modes[ED_STATE_MODES] = {
    "", "off", "on", "test"
};

static const ed_state_field_t  ed_state_fields[] = {
    { "mode", ED_OFF_|ED_ON_|ED_TEST_, ed_state_read_mode },
    { "variant", ED_ON_, ed_state_read_variant },
    { "id", ED_TEST_, ed_state_read_id },
    { "weights", ED_TEST_, ed_state_read_weights },
    { "starts", ED_OFF_|ED_ON_|ED_TEST_, ed_state_read_starts },
    { "ends", ED_OFF_|ED_ON_|ED_TEST_, ed_state_read_ends }
};


ed_rc_t
ed_state_parse(ed_str_t json, ed_state_t *state, char *error)
{
    json_t            *root;
    ed_rc_t            rc;
    ed_state_t         read;
    ed_state_reader_t  rd;

    rc = ed_state_read(json, JSON_REJECT_DUPLICATES, &root, error);
    if (rc != ED_OK) {
        return rc;
    }

    ed_state_init(&read, ED_STATE_CONTROL);
    rd.state = &read;
    rd.error = error;

    rc = ed_state_object(&rd, root);
    json_decref(root);

    if (rc == ED_OK) {
        rc = ed_state_whole(&rd);
    }

    if (rc == ED_OK) {
        *state = read;
    }

    return rc;
}


json_t *
ed_state_json(const ed_state_t *state)
{
    int        bad;
    json_t    *root, *weights;
    unsigned   i;

    root = json_object();
    bad = json_object_set_new(root, "mode",
                              json_string(ed_state_modes[state->mode]));

    if (state->variant.len != 0) {
        bad |= json_object_set_new(root, "variant",
                                   json_string(state->variant.text));
    }

    if (state->id.len != 0) {
        bad |= json_object_set_new(root, "id", json_string(state->id.text));
    }

    if (state->narms != 0) {
        weights = json_object();
        bad |= json_object_set_new(root, "weights", weights);

        for (i = 0; i < state->narms && !bad; i++) {
            bad |= json_object_set_new(weights, state->arms[i].name.text,
                                       json_integer(state->arms[i].weight));
        }
    }

    bad |= ed_state_put_time(root, "starts", state->window.starts);
    bad |= ed_state_put_time(root, "ends", state->window.ends);

    if (bad) {
        json_decref(root);
        return NULL;
    }

    return root;
}


char *
ed_state_format(const ed_state_t *state)
{
    char    *text;
    json_t  *root;

    root = ed_state_json(state);
    if (root == NULL) {
        return NULL;
    }

    text = ed_json_write(root, JSON_COMPACT);
    json_decref(root);

    return text;
}


ed_rc_t
ed_state_paused(ed_str_t json, int *paused, char *error)
{
    json_t   *root;
    ed_rc_t   rc;

    rc = ed_state_read(json, JSON_DECODE_ANY, &root, error);

    if (rc == ED_OK) {

        if (json_is_boolean(root)) {
            *paused = json_is_true(root);

        } else {
            rc = ED_INVALID;
        }

        json_decref(root);
    }

    /* it stands among what is said of the desk: it has to say of what it is */

    if (rc == ED_INVALID) {
        (void) ed_state_wrong(error, "\"paused\" is not true or false");
    }

    return rc;
}


static ed_rc_t
ed_state_read(ed_str_t json, size_t flags, json_t **root, char *error)
{
    ed_rc_t       rc;
    json_error_t  err;

    if (json.len > ED_MAX_STATE) {
        return ed_state_wrong(error, "state of %zu bytes exceeds %d",
                              json.len, ED_MAX_STATE);
    }

    rc = ed_json_read(json, flags, root, &err);

    if (rc == ED_INVALID) {
        return ed_state_wrong(error, "line %d, column %d: %s", err.line,
                              err.column, err.text);
    }

    return rc;
}


static ed_rc_t
ed_state_object(ed_state_reader_t *rd, json_t *root)
{
    json_t      *value;
    ed_rc_t      rc;
    const char  *name;

    if (!json_is_object(root)) {
        return ed_state_wrong(rd->error, "it is not an object");
    }

    value = json_object_get(root, "mode");

    if (value == NULL) {
        return ed_state_wrong(rd->error, "\"mode\" is missing: it must be "
                              "off, on or test");
    }

    rc = ed_state_read_mode(rd, value);

    if (rc != ED_OK) {
        return rc;
    }

    json_object_foreach(root, name, value) {
        rc = ed_state_field(rd, name, value);
        if (rc != ED_OK) {
            break;
        }
    }

    return rc;
}


static ed_rc_t
ed_state_field(ed_state_reader_t *rd, const char *name, json_t *value)
{
    size_t                   i;
    const ed_state_field_t  *field;

    for (i = 0; i < sizeof(ed_state_fields) / sizeof(ed_state_fields[0]); i++)
    {
        field = &ed_state_fields[i];

        if (strcmp(name, field->name) != 0) {
            continue;
        }

        if ((field->modes & (1u << rd->state->mode)) == 0) {
            return ed_state_wrong(rd->error, "\"%s\" does not belong to mode "
                                  "\"%s\"", name,
                                  ed_state_modes[rd->state->mode]);
        }

        return field->read(rd, value);
    }

    return ed_state_wrong(rd->error, "unknown field \"%.64s\"", name);
}


static ed_rc_t
ed_state_read_mode(ed_state_reader_t *rd, json_t *value)
{
    unsigned     i;
    const char  *mode;

    mode = json_is_string(value) ? json_string_value(value) : "";

    for (i = ED_STATE_OFF; i < ED_STATE_MODES; i++) {
        if (strcmp(mode, ed_state_modes[i]) == 0) {
            rd->state->mode = (ed_state_mode_e) i;
            return ED_OK;
        }
    }

    return ed_state_wrong(rd->error, "\"mode\" is not off, on or test");
}


static ed_rc_t
ed_state_read_variant(ed_state_reader_t *rd, json_t *value)
{
    ed_str_t  name;

    name = ed_json_str(value);

    if (!ed_feature_is_name(name)) {
        return ed_state_wrong(rd->error, "\"variant\" is not a variant's "
                              "name");
    }

    if (ed_str_eq(name, ED_STR("off"))) {
        return ed_state_wrong(rd->error, "\"off\" is no variant, but a mode");
    }

    ed_name_set(&rd->state->variant, name);

    return ED_OK;
}


static ed_rc_t
ed_state_read_id(ed_state_reader_t *rd, json_t *value)
{
    ed_str_t  id;

    id = ed_json_str(value);

    if (!ed_state_is_id(id)) {
        return ed_state_wrong(rd->error, "\"id\" is not a word of 1 to %d "
                              "letters, digits, \".\", \"_\" and \"-\"",
                              ED_MAX_NAME);
    }

    ed_name_set(&rd->state->id, id);

    return ED_OK;
}


static ed_rc_t
ed_state_read_weights(ed_state_reader_t *rd, json_t *value)
{
    json_t      *weight;
    ed_rc_t      rc;
    const char  *name;

    if (!json_is_object(value)) {
        return ed_state_wrong(rd->error, "\"weights\" is not an object");
    }

    json_object_foreach(value, name, weight) {

        if (!json_is_integer(weight) || json_integer_value(weight) < 0
            || json_integer_value(weight) > ED_MAX_WEIGHT)
        {
            return ed_state_wrong(rd->error, "the weight of \"%.64s\" is not a "
                                  "whole number from 0 to %d", name,
                                  ED_MAX_WEIGHT);
        }

        rc = ed_state_add(rd->state, ed_str(name, strlen(name)),
                          (uint32_t) json_integer_value(weight), rd->error);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return ed_state_balance(rd->state, rd->error);
}


static ed_rc_t
ed_state_read_starts(ed_state_reader_t *rd, json_t *value)
{
    return ed_state_read_time(rd, value, "starts", &rd->state->window.starts);
}


static ed_rc_t
ed_state_read_ends(ed_state_reader_t *rd, json_t *value)
{
    return ed_state_read_time(rd, value, "ends", &rd->state->window.ends);
}


static ed_rc_t
ed_state_read_time(ed_state_reader_t *rd, json_t *value, const char *name,
    int64_t *time)
{
    *time = ed_date_read(ed_json_str(value));

    if (*time < 0) {
        return ed_state_wrong(rd->error, "\"%s\" is not a time in UTC such as "
                              "\"2026-12-01T00:00:00Z\"", name);
    }

    return ED_OK;
}


/* What only the whole of it can tell. */

static ed_rc_t
ed_state_whole(ed_state_reader_t *rd)
{
    const ed_state_t   *state;
    const ed_window_t  *window;

    state = rd->state;
    window = &state->window;

    if (state->mode == ED_STATE_ON && state->variant.len == 0) {
        return ed_state_wrong(rd->error, "\"variant\" is missing: mode \"on\" "
                              "is on in one");
    }

    if (state->mode == ED_STATE_TEST && state->narms == 0) {
        return ed_state_wrong(rd->error, "\"weights\" is missing: mode "
                              "\"test\" splits by them");
    }

    if (window->starts != ED_NO_TIME && window->ends != ED_NO_TIME
        && window->ends <= window->starts)
    {
        return ed_state_wrong(rd->error, "\"ends\" is not after \"starts\"");
    }

    return ED_OK;
}


/* Sets a time where there is one.  Non-zero: no memory. */

static int
ed_state_put_time(json_t *root, const char *name, int64_t time)
{
    char  text[ED_DATE_LEN];

    if (time == ED_NO_TIME) {
        return 0;
    }

    ed_date_write(time, text);

    return json_object_set_new(root, name, json_string(text));
}


/* A text; empty where it is none. */

static ed_str_t
ed_json_str(const json_t *value)
{
    return ed_str(json_string_value(value), json_string_length(value));
}
