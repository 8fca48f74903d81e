
/*
 * What editors switch:
 *
 *     PUT    api/desks/{desk}/{feature}      a state
 *     DELETE api/desks/{desk}/{feature}      the configuration's holds again
 *     PUT    api/desks/{desk}/paused         true or false
 *
 * A state is kept in its one form, in which a test has an id.  What stands in
 * Redis and is ignored has no ETag that anybody could have seen: there that
 * of the state in force counts.
 */

#include "ed_json.h"
#include "ngx_http_editorial_console_change.h"


static ngx_http_editorial_change_t *ngx_http_editorial_state_change(
    ngx_http_editorial_call_t *call);
static ngx_int_t ngx_http_editorial_state_take(
    ngx_http_editorial_change_t *change);
static ngx_int_t ngx_http_editorial_change_name(
    ngx_http_editorial_change_t *change, ed_str_t field);
static void ngx_http_editorial_state_look(ngx_http_editorial_change_t *change,
    ed_str_t raw, ngx_http_editorial_current_t *now);
static ngx_int_t ngx_http_editorial_state_here(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_state_over(ngx_http_editorial_change_t *change);
static ngx_int_t ngx_http_editorial_state_apply(
    ngx_http_editorial_change_t *change, const ed_notice_t *expected);
static void ngx_http_editorial_paused_look(ngx_http_editorial_change_t *change,
    ed_str_t raw, ngx_http_editorial_current_t *now);
static ngx_int_t ngx_http_editorial_paused_here(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_paused_apply(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_paused_over(
    ngx_http_editorial_change_t *change);


void
ngx_http_editorial_call_state(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_change_t  *change;

    change = ngx_http_editorial_state_change(call);

    if (change != NULL && ngx_http_editorial_state_take(change) == NGX_OK) {
        ngx_http_editorial_change(change);
    }
}


void
ngx_http_editorial_call_state_off(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_change_t  *change;

    change = ngx_http_editorial_state_change(call);

    if (change != NULL) {
        ngx_http_editorial_change(change);
    }
}


/* A change of the feature that the path names.  NULL: it is answered. */

static ngx_http_editorial_change_t *
ngx_http_editorial_state_change(ngx_http_editorial_call_t *call)
{
    ed_feature_e                  feature;
    ngx_http_editorial_desk_t    *desk;
    ngx_http_editorial_change_t  *change;

    if (!ngx_http_editorial_find_feature(call, &desk, &feature)) {
        return NULL;
    }

    change = ngx_http_editorial_change_create(call);
    if (change == NULL) {
        return NULL;
    }

    change->action = "state";
    change->desk = desk;
    change->feature = feature;
    change->is_signed = 1;
    change->look = ngx_http_editorial_state_look;
    change->set = ngx_http_editorial_state_here;
    change->over = ngx_http_editorial_state_over;

    return ngx_http_editorial_change_name(change, ed_feature_name(feature))
           == NGX_OK ? change : NULL;
}


/* NGX_ERROR: no memory, which is answered. */

static ngx_int_t
ngx_http_editorial_change_name(ngx_http_editorial_change_t *change,
    ed_str_t field)
{
    u_char     *p;
    ngx_str_t  *name;

    name = &change->desk->name;

    p = ngx_pnalloc(change->call->r->pool, name->len + 1 + field.len);

    if (p == NULL) {
        ngx_http_editorial_problem(change->call,
                                   NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the change");
        return NGX_ERROR;
    }

    change->kind = "desk:";
    change->name = *name;

    change->target.data = p;
    p = ngx_cpymem(p, name->data, name->len);

    if (change->feature != ED_FEATURES) {
        *p++ = '/';
        p = ngx_cpymem(p, field.data, field.len);
    }

    change->target.len = p - change->target.data;

    change->field.data = (u_char *) field.data;
    change->field.len = field.len;

    return NGX_OK;
}


/* Makes the body what is to be kept.  NGX_ERROR: it is answered. */

static ngx_int_t
ngx_http_editorial_state_take(ngx_http_editorial_change_t *change)
{
    char                       *text;
    char                        error[ED_MAX_ERROR];
    ed_state_t                  state;
    ngx_pool_cleanup_t         *cln;
    ngx_http_editorial_call_t  *call;

    call = change->call;

    if (ngx_http_editorial_state_read(change->desk, change->feature,
                                      ed_str(call->text.data, call->text.len),
                                      &state, error)
        != NGX_OK)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST, "%s", error);
        return NGX_ERROR;
    }

    ed_state_give_id(&state, ngx_time(), (uint32_t) ngx_random());
    change->state = state;

    cln = ngx_pool_cleanup_add(call->r->pool, 0);
    text = cln != NULL ? ed_state_format(&state) : NULL;

    if (text == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the state");
        return NGX_ERROR;
    }

    cln->handler = free;
    cln->data = text;

    change->after.data = (u_char *) text;
    change->after.len = ngx_strlen(text);

    return NGX_OK;
}


/* With Redis, where the board may be behind by a moment, and without it. */

static void
ngx_http_editorial_state_look(ngx_http_editorial_change_t *change,
    ed_str_t raw, ngx_http_editorial_current_t *now)
{
    char                             error[ED_MAX_ERROR];
    ed_desk_t                        notices;
    ed_state_t                       state;
    ed_notice_t                      start;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);
    now->there = 1;
    now->tagged = 1;

    (void) ngx_http_editorial_desk_get(change->desk, &notices);
    change->notice = notices.features[change->feature];

    if (emcf->redis_conf == NULL) {
        ngx_memcpy(now->etag, change->notice.etag, ED_RECORD_DIGEST);

    } else if (raw.data == NULL) {
        ngx_http_editorial_state_start(change->desk, change->feature, &start);
        ngx_memcpy(now->etag, start.etag, ED_RECORD_DIGEST);

    } else if (ngx_http_editorial_state_read(change->desk, change->feature,
                                             raw, &state, error)
               == NGX_OK)
    {
        ed_record_digest(raw, now->etag);

    } else {
        ngx_memcpy(now->etag, change->notice.etag, ED_RECORD_DIGEST);
    }
}


static ngx_int_t
ngx_http_editorial_state_here(ngx_http_editorial_change_t *change)
{
    ed_notice_t  expected;

    change->unchanged = (change->after.data == NULL && !change->notice.edited);

    if (change->unchanged) {
        return NGX_OK;
    }

    expected = change->notice;

    if (ngx_http_editorial_change_entry(change,
                                        expected.edited
                                        ? ed_state_json(&expected.state)
                                        : json_null())
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_editorial_state_apply(change, &expected);
}


/* With Redis it was written there, and now comes to the board. */

static void
ngx_http_editorial_state_over(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);

    if (change->unchanged) {
        ngx_memzero(&change->notice, sizeof(ed_notice_t));
        ngx_http_editorial_state_start(change->desk, change->feature,
                                       &change->notice);

    } else if (emcf->redis_conf != NULL) {
        (void) ngx_http_editorial_state_apply(change, NULL);
    }

    ngx_http_editorial_answer_feature(change->call, change->desk,
                                      change->feature, &change->notice);
}


/* change->notice becomes what was made. */

static ngx_int_t
ngx_http_editorial_state_apply(ngx_http_editorial_change_t *change,
    const ed_notice_t *expected)
{
    char                             error[ED_MAX_ERROR];
    ngx_http_editorial_setting_t     setting;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);

    setting.json = ed_str(change->after.data, change->after.len);
    setting.changed = change->changed;
    setting.expected = expected;
    setting.entry = change->entry;

    return ngx_http_editorial_state_set(emcf, change->desk, change->feature,
                                        &setting, &change->notice, error);
}


void
ngx_http_editorial_call_paused(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_desk_t    *desk;
    ngx_http_editorial_change_t  *change;

    if (!ngx_http_editorial_find_feature(call, &desk, NULL)) {
        return;
    }

    change = ngx_http_editorial_change_create(call);
    if (change == NULL) {
        return;
    }

    change->action = "paused";
    change->desk = desk;
    change->feature = ED_FEATURES;
    change->look = ngx_http_editorial_paused_look;
    change->set = ngx_http_editorial_paused_here;
    change->over = ngx_http_editorial_paused_over;

    if (json_is_true(call->body)) {
        ngx_str_set(&change->after, "true");

    } else {
        ngx_str_set(&change->after, "false");
    }

    if (ngx_http_editorial_change_name(change, ED_STR("paused")) == NGX_OK) {
        ngx_http_editorial_change(change);
    }
}


/* It always is one or the other, and has no ETag. */

static void
ngx_http_editorial_paused_look(ngx_http_editorial_change_t *change,
    ed_str_t raw, ngx_http_editorial_current_t *now)
{
    now->there = 1;
}


static ngx_int_t
ngx_http_editorial_paused_here(ngx_http_editorial_change_t *change)
{
    ed_desk_t  notices;

    (void) ngx_http_editorial_desk_get(change->desk, &notices);

    if (ngx_http_editorial_change_entry(change, json_boolean(notices.paused))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_paused_apply(change);

    return NGX_OK;
}


static void
ngx_http_editorial_paused_apply(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_setting_t     setting;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);

    ngx_memzero(&setting, sizeof(ngx_http_editorial_setting_t));

    setting.changed = change->changed;
    setting.entry = change->entry;

    ngx_http_editorial_paused_set(emcf, change->desk,
                                  json_is_true(change->call->body), &setting);
}


static void
ngx_http_editorial_paused_over(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);

    if (emcf->redis_conf != NULL) {
        ngx_http_editorial_paused_apply(change);
    }

    ngx_http_editorial_answer_paused(change->call, change->desk,
                                     json_is_true(change->call->body));
}
