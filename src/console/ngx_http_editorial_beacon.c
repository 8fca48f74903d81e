
/*
 * editorial_beacon: what furniture.js asks, and what it tells.
 *
 *     GET  ?desk=opinion   {"tests":{"read_more":"T1"}}
 *
 *     POST                 {"desk":"opinion","events":[
 *                             {"furniture":"read_more/box",
 *                              "event":"exposure"}, ...]}
 *
 * It is an API of two calls, and its bodies are read and refused as those of
 * the console are, by smaller limits and without a user.  All or nothing: a
 * body with one event that is wrong counts nothing.
 *
 * Names are those of the configuration.  An event that is right may still not
 * count, and its sender is not told, as it is nothing that he could mend: the
 * test is over, or has other arms by now, while his page was still open; or he
 * takes no part.  Where his bucket is known, he is counted in the arm that it
 * draws, and in no other: whoever says he saw another has an old page, or lies.
 */

#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_ledger.h"


#define NGX_HTTP_EDITORIAL_BEACON_BODY    4096   /* bytes, as furniture.js */
#define NGX_HTTP_EDITORIAL_BEACON_EVENTS  100    /* of one body */


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


typedef struct {
    ed_feature_e                 feature;
    ed_str_t                     variant;
    ed_event_e                   event;
} ngx_http_editorial_event_t;


/* A body that is right. */
typedef struct {
    ngx_http_editorial_desk_t   *desk;
    ed_desk_t                    notices;        /* as of now */
    ngx_int_t                    bucket;         /* NGX_DECLINED: not known */
    ngx_uint_t                   n;
    ngx_http_editorial_event_t   events[NGX_HTTP_EDITORIAL_BEACON_EVENTS];
} ngx_http_editorial_beacon_t;


typedef struct {
    ngx_uint_t                   status;
    ngx_http_editorial_beacon_e  beacon;
} ngx_http_editorial_beacon_status_t;


static void ngx_http_editorial_beacon_tests(ngx_http_editorial_call_t *call);
static json_t *ngx_http_editorial_beacon_running(ed_desk_t *notices);
static void ngx_http_editorial_beacon_take(ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_beacon_read(
    ngx_http_editorial_call_t *call, ngx_http_editorial_beacon_t *beacon);
static ngx_uint_t ngx_http_editorial_beacon_events(
    ngx_http_editorial_call_t *call, json_t *events,
    ngx_http_editorial_beacon_t *beacon);
static ngx_uint_t ngx_http_editorial_event_read(
    ngx_http_editorial_call_t *call, ngx_http_editorial_beacon_t *beacon,
    json_t *json, ngx_http_editorial_event_t *event);
static ngx_uint_t ngx_http_editorial_event_furniture(
    ngx_http_editorial_beacon_t *beacon, ed_str_t furniture,
    ngx_http_editorial_event_t *event);
static ngx_http_editorial_told_e ngx_http_editorial_event_count(
    ngx_http_editorial_call_t *call, ngx_http_editorial_beacon_t *beacon,
    ngx_http_editorial_event_t *event);
static ngx_uint_t ngx_http_editorial_tests_now(ed_desk_t *notices,
    ed_feature_e feature);
static void ngx_http_editorial_beacon_over(ngx_http_editorial_call_t *call);


static const ngx_http_editorial_call_field_t
    ngx_http_editorial_beacon_fields[] =
{
    { "desk", NGX_HTTP_EDITORIAL_STRING },
    { "events", NGX_HTTP_EDITORIAL_ARRAY },
    { NULL, 0 }
};


static const ngx_http_editorial_route_t  ngx_http_editorial_beacon_routes[] = {

    { NGX_HTTP_GET, ED_S(""), ngx_http_editorial_beacon_tests, 0, NULL },

    { NGX_HTTP_POST, ED_S(""), ngx_http_editorial_beacon_take,
      NGX_HTTP_EDITORIAL_OBJECT, ngx_http_editorial_beacon_fields },

    { 0, { NULL, 0 }, NULL, 0, NULL }
};


static const ngx_http_editorial_api_t  ngx_http_editorial_beacon_api = {
    ngx_http_editorial_beacon_routes,
    NGX_HTTP_EDITORIAL_BEACON_BODY,
    "an event",
    1,
    1,
    ngx_http_editorial_beacon_over
};


static const ngx_http_editorial_beacon_status_t
    ngx_http_editorial_beacon_statuses[] =
{
    { 204, NGX_HTTP_EDITORIAL_BEACON_TAKEN },
    { 400, NGX_HTTP_EDITORIAL_BEACON_MALFORMED },
    { 403, NGX_HTTP_EDITORIAL_BEACON_FOREIGN },
    { 405, NGX_HTTP_EDITORIAL_BEACON_METHOD },
    { 413, NGX_HTTP_EDITORIAL_BEACON_LARGE },
    { 415, NGX_HTTP_EDITORIAL_BEACON_TYPE },
    { 0, NGX_HTTP_EDITORIAL_BEACON_FAILED }
};


static const ed_str_t
    ngx_http_editorial_beacon_names[NGX_HTTP_EDITORIAL_BEACONS] =
{
    ED_S("taken"),
    ED_S("malformed"),
    ED_S("foreign"),
    ED_S("method"),
    ED_S("large"),
    ED_S("type"),
    ED_S("failed")
};


static const ed_str_t
    ngx_http_editorial_told_names[NGX_HTTP_EDITORIAL_TOLDS] =
{
    ED_S("counted"),
    ED_S("no_test"),
    ED_S("no_arm"),
    ED_S("other_arm"),
    ED_S("no_consent"),
    ED_S("full")
};


char *
ngx_http_editorial_beacon_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (elcf->api != NULL) {
        return elcf->api == &ngx_http_editorial_beacon_api
               ? "is duplicate" : "stands beside another of its kind";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    clcf->handler = ngx_http_editorial_api_handler;
    elcf->api = &ngx_http_editorial_beacon_api;
    elcf->own = 1;

    ngx_http_editorial_need_zone(cf, cmd);

    return NGX_CONF_OK;
}


/* GET */

static void
ngx_http_editorial_beacon_tests(ngx_http_editorial_call_t *call)
{
    u_char                          *dst, *src;
    ed_desk_t                        notices;
    ngx_str_t                        name;
    ngx_http_editorial_desk_t       *desk;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);
    desk = NULL;

    if (ngx_http_arg(call->r, (u_char *) "desk", sizeof("desk") - 1, &name)
        == NGX_OK)
    {
        src = name.data;
        dst = ngx_pnalloc(call->r->pool, name.len + 1);

        if (dst == NULL) {
            ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                       "no memory for the desk's name");
            return;
        }

        name.data = dst;
        ngx_unescape_uri(&dst, &src, name.len, 0);
        name.len = dst - name.data;

        desk = ngx_http_editorial_desk_find(emcf, &name);
    }

    if (desk == NULL
        || ngx_http_editorial_desk_get(desk, &notices) != NGX_OK)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "there is no such desk");
        return;
    }

    ngx_http_editorial_answer(call,
                              ngx_http_editorial_beacon_running(&notices));
}


/* NULL: no memory. */

static json_t *
ngx_http_editorial_beacon_running(ed_desk_t *notices)
{
    json_t      *root, *tests;
    ed_str_t     feature;
    ed_name_t   *id;
    ngx_uint_t   i;

    tests = json_object();
    root = json_pack("{s:o}", "tests", tests);

    for (i = 0; root != NULL && i < ED_FEATURES; i++) {

        if (!ngx_http_editorial_tests_now(notices, (ed_feature_e) i)) {
            continue;
        }

        feature = ed_feature_name((ed_feature_e) i);
        id = &notices->features[i].state.id;

        if (json_object_set_new(tests, (char *) feature.data,
                                json_stringn(id->text, id->len))
            != 0)
        {
            json_decref(root);
            return NULL;
        }
    }

    return root;
}


/* As a page has it that is made now. */

static ngx_uint_t
ngx_http_editorial_tests_now(ed_desk_t *notices, ed_feature_e feature)
{
    return !notices->paused
           && ed_state_at(&notices->features[feature].state, ngx_time())
              == ED_STATE_TEST;
}


/* POST */

static void
ngx_http_editorial_beacon_take(ngx_http_editorial_call_t *call)
{
    ngx_uint_t                      i, told;
    ngx_http_editorial_beacon_t    *beacon;
    ngx_http_editorial_loc_conf_t  *conf;

    beacon = ngx_palloc(call->r->pool, sizeof(ngx_http_editorial_beacon_t));
    if (beacon == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the events");
        return;
    }

    if (!ngx_http_editorial_beacon_read(call, beacon)) {
        return;
    }

    conf = ngx_http_get_module_loc_conf(call->r, ngx_http_editorial_module);
    beacon->bucket = ngx_http_editorial_said_bucket(call->r, conf);

    for (i = 0; i < beacon->n; i++) {
        told = ngx_http_editorial_consents(call->r, conf)
               ? ngx_http_editorial_event_count(call, beacon,
                                                &beacon->events[i])
               : NGX_HTTP_EDITORIAL_TOLD_NO_CONSENT;

        ngx_http_editorial_count(call->r, NGX_HTTP_EDITORIAL_COUNT_TOLD
                                          + told);
    }

    ngx_http_editorial_answer_nothing(call);
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_beacon_read(ngx_http_editorial_call_t *call,
    ngx_http_editorial_beacon_t *beacon)
{
    json_t                          *desk, *events;
    ngx_str_t                        name;
    ngx_http_editorial_main_conf_t  *emcf;

    desk = json_object_get(call->body, "desk");
    events = json_object_get(call->body, "events");

    if (desk == NULL || events == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"%s\" is missing",
                                   desk == NULL ? "desk" : "events");
        return 0;
    }

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    name.data = (u_char *) json_string_value(desk);
    name.len = json_string_length(desk);

    beacon->desk = ngx_http_editorial_desk_find(emcf, &name);

    if (beacon->desk == NULL
        || ngx_http_editorial_desk_get(beacon->desk, &beacon->notices)
           != NGX_OK)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "there is no desk \"%*s\"",
                                   ngx_min(name.len,
                                           NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   name.data);
        return 0;
    }

    return ngx_http_editorial_beacon_events(call, events, beacon);
}


static ngx_uint_t
ngx_http_editorial_beacon_events(ngx_http_editorial_call_t *call,
    json_t *events, ngx_http_editorial_beacon_t *beacon)
{
    beacon->n = json_array_size(events);

    if (beacon->n == 0 || beacon->n > NGX_HTTP_EDITORIAL_BEACON_EVENTS) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"events\" must be 1 to %d, not %ui",
                                   NGX_HTTP_EDITORIAL_BEACON_EVENTS,
                                   beacon->n);
        return 0;
    }

    for (beacon->n = 0; beacon->n < json_array_size(events); beacon->n++) {

        if (!ngx_http_editorial_event_read(call, beacon,
                                           json_array_get(events, beacon->n),
                                           &beacon->events[beacon->n]))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_editorial_event_read(ngx_http_editorial_call_t *call,
    ngx_http_editorial_beacon_t *beacon, json_t *json,
    ngx_http_editorial_event_t *event)
{
    json_t    *furniture, *what;
    ed_str_t   name;

    furniture = json_object_get(json, "furniture");
    what = json_object_get(json, "event");

    if (json_object_size(json) != 2
        || !json_is_string(furniture) || !json_is_string(what))
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "event %ui must be an object of two "
                                   "strings, \"furniture\" and \"event\"",
                                   beacon->n + 1);
        return 0;
    }

    name = ed_str(json_string_value(what), json_string_length(what));
    event->event = ed_event_find(name);

    if (event->event == ED_EVENTS) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "event %ui: there is no event \"%*s\"",
                                   beacon->n + 1,
                                   ngx_min(name.len,
                                           NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   name.data);
        return 0;
    }

    name = ed_str(json_string_value(furniture),
                  json_string_length(furniture));

    if (!ngx_http_editorial_event_furniture(beacon, name, event)) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "event %ui: the desk has no furniture "
                                   "\"%*s\"", beacon->n + 1,
                                   ngx_min(name.len,
                                           NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   name.data);
        return 0;
    }

    return 1;
}


/* FEATURE/VARIANT, of some location of the desk.  Zero: there is none. */

static ngx_uint_t
ngx_http_editorial_event_furniture(ngx_http_editorial_beacon_t *beacon,
    ed_str_t furniture, ngx_http_editorial_event_t *event)
{
    size_t         len;
    ngx_uint_t     i;
    ed_policy_t  **policies;

    for (len = 0; len < furniture.len && furniture.data[len] != '/'; len++) {
        /* void */
    }

    if (len == furniture.len) {
        return 0;
    }

    event->feature = ed_feature_find(ed_str(furniture.data, len));
    event->variant = ed_str(furniture.data + len + 1,
                            furniture.len - len - 1);

    if (event->feature == ED_FEATURES) {
        return 0;
    }

    policies = beacon->desk->policies.elts;

    for (i = 0; i < beacon->desk->policies.nelts; i++) {

        if (ed_policy_variant(policies[i], event->feature, event->variant)
            >= 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_http_editorial_told_e
ngx_http_editorial_event_count(ngx_http_editorial_call_t *call,
    ngx_http_editorial_beacon_t *beacon, ngx_http_editorial_event_t *event)
{
    unsigned                         arm;
    ed_split_t                       split;
    ed_state_t                      *state;
    ed_ledger_key_t                  key;
    ngx_http_editorial_main_conf_t  *emcf;

    if (!ngx_http_editorial_tests_now(&beacon->notices, event->feature)) {
        return NGX_HTTP_EDITORIAL_TOLD_NO_TEST;
    }

    state = &beacon->notices.features[event->feature].state;

    for (arm = 0; arm < state->narms; arm++) {
        if (ed_str_eq(ed_name_str(&state->arms[arm].name), event->variant)) {
            break;
        }
    }

    if (arm == state->narms) {
        return NGX_HTTP_EDITORIAL_TOLD_NO_ARM;
    }

    if (beacon->bucket != NGX_DECLINED) {
        ed_split_init(&split, state, event->feature);

        if (ed_split_arm(&split, (unsigned) beacon->bucket) != arm) {
            return NGX_HTTP_EDITORIAL_TOLD_OTHER;
        }
    }

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    ed_ledger_key(&key, ed_str(beacon->desk->name.data,
                               beacon->desk->name.len),
                  event->feature, ed_name_str(&state->id), event->variant,
                  ngx_time());

    if (ngx_http_editorial_ledger_count(emcf, &key, event->event) != NGX_OK) {
        ngx_http_editorial_log(call->r, NGX_LOG_WARN, NGX_HTTP_EDITORIAL_FULL,
                               "an event is not counted, all %d cells of the "
                               "ledger are in use", ED_LEDGER_CELLS);
        return NGX_HTTP_EDITORIAL_TOLD_FULL;
    }

    return NGX_HTTP_EDITORIAL_TOLD_COUNTED;
}


/* Who asks which tests run is not counted, unless he asks wrongly. */

static void
ngx_http_editorial_beacon_over(ngx_http_editorial_call_t *call)
{
    ngx_uint_t                                 status;
    const ngx_http_editorial_beacon_status_t  *known;

    if (call->r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        return;
    }

    status = call->r->headers_out.status;
    known = ngx_http_editorial_beacon_statuses;

    while (known->status != 0 && known->status != status) {
        known++;
    }

    ngx_http_editorial_count(call->r, NGX_HTTP_EDITORIAL_COUNT_BEACONS
                                      + known->beacon);
}


ed_str_t
ngx_http_editorial_beacon_name(ngx_uint_t beacon)
{
    return ngx_http_editorial_beacon_names[beacon];
}


ed_str_t
ngx_http_editorial_told_name(ngx_uint_t told)
{
    return ngx_http_editorial_told_names[told];
}
