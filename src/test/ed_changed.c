
/*
 * Who changed a feature last, as Redis keeps it beside the desk's states:
 *
 *     {"user":"anna","at":1795400000000,"etag":"5f2a…"}
 *
 * and of a test whose weights were changed while it ran, when that was done,
 * as "reweighted": who was counted before was not split as the state says.
 *
 * Anybody can have written it: what is not of that form says nothing.
 */

#include "ed_board.h"


static int ed_changed_moment(const json_t *json, int64_t *moment);
static int ed_changed_etag(ed_str_t text, uint8_t etag[ED_RECORD_DIGEST]);
static int ed_changed_digit(uint8_t c);


const ed_changed_t *
ed_notice_changed(const ed_notice_t *notice)
{
    const ed_changed_t    *changed;
    static const uint8_t   none[ED_RECORD_DIGEST];

    changed = &notice->changed;

    if (changed->at == 0
        || memcmp(changed->etag, notice->edited ? notice->etag : none,
                  ED_RECORD_DIGEST)
           != 0)
    {
        return NULL;
    }

    return changed;
}


void
ed_changed_user(ed_changed_t *changed, ed_str_t name)
{
    size_t  len;

    len = name.len;

    if (len > ED_MAX_USER) {
        len = ED_MAX_USER;

        while (len != 0 && (name.data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    memset(changed->user, 0, ED_MAX_USER);

    if (len != 0) {
        memcpy(changed->user, name.data, len);
    }

    changed->len = (uint8_t) len;
}


void
ed_changed_weights(ed_changed_t *changed, const ed_notice_t *before,
    const ed_state_t *after)
{
    const ed_state_t    *was;
    const ed_changed_t  *last;

    was = &before->state;
    changed->reweighted = 0;

    if (was->mode != ED_STATE_TEST || after->mode != ED_STATE_TEST
        || memcmp(&was->id, &after->id, sizeof(ed_name_t)) != 0)
    {
        return;
    }

    if (was->narms != after->narms
        || memcmp(was->arms, after->arms, sizeof(was->arms)) != 0)
    {
        changed->reweighted = changed->at;
        return;
    }

    last = ed_notice_changed(before);

    if (last != NULL) {
        changed->reweighted = last->reweighted;
    }
}


ed_rc_t
ed_changed_read(ed_changed_t *changed, ed_str_t json)
{
    json_t       *root, *user, *etag, *reweighted;
    ed_rc_t       rc;
    json_error_t  error;

    memset(changed, 0, sizeof(ed_changed_t));

    rc = ed_json_read(json, JSON_REJECT_DUPLICATES, &root, &error);
    if (rc != ED_OK) {
        return rc;
    }

    user = json_object_get(root, "user");
    etag = json_object_get(root, "etag");
    reweighted = json_object_get(root, "reweighted");

    rc = ED_INVALID;

    if (json_is_string(user) && json_is_string(etag)
        && ed_changed_moment(json_object_get(root, "at"), &changed->at)
        && (reweighted == NULL
            || ed_changed_moment(reweighted, &changed->reweighted))
        && ed_changed_etag(ed_str(json_string_value(etag),
                                  json_string_length(etag)), changed->etag))
    {
        ed_changed_user(changed, ed_str(json_string_value(user),
                                        json_string_length(user)));
        rc = ED_OK;

    } else {
        memset(changed, 0, sizeof(ed_changed_t));
    }

    json_decref(root);

    return rc;
}


static int
ed_changed_moment(const json_t *json, int64_t *moment)
{
    json_int_t  ms;

    ms = json_integer_value(json);

    if (ms <= 0 || ms > ED_MAX_MOMENT) {
        return 0;
    }

    *moment = ms;

    return 1;
}


/* Hexadecimal; zero where it fails, or is of nothing. */

static int
ed_changed_etag(ed_str_t text, uint8_t etag[ED_RECORD_DIGEST])
{
    int     high, low;
    size_t  i;

    if (text.len != 2 * ED_RECORD_DIGEST) {
        return text.len == 0;
    }

    for (i = 0; i < ED_RECORD_DIGEST; i++) {
        high = ed_changed_digit(text.data[2 * i]);
        low = ed_changed_digit(text.data[2 * i + 1]);

        if (high < 0 || low < 0) {
            memset(etag, 0, ED_RECORD_DIGEST);
            return 0;
        }

        etag[i] = (uint8_t) (high << 4 | low);
    }

    return 1;
}


static int
ed_changed_digit(uint8_t c)
{
    if ((uint8_t) (c - '0') < 10) {
        return c - '0';
    }

    return (uint8_t) (c - 'a') < 6 ? c - 'a' + 10 : -1;
}
