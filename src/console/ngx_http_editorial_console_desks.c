
/*
 * What holds on the desks, as this node's board has it: no round trip.
 *
 *     GET api/desks
 *     GET api/desks/{desk}/{feature}
 *     GET api/desks/{desk}/paused
 */

#include "ed_date.h"
#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console.h"


static json_t *ngx_http_editorial_desk_json(ngx_http_editorial_desk_t *desk);
static json_t *ngx_http_editorial_feature_json(
    ngx_http_editorial_desk_t *desk, ed_feature_e feature,
    const ed_notice_t *notice);
static json_t *ngx_http_editorial_variants_json(
    ngx_http_editorial_desk_t *desk, ed_feature_e feature);
static json_t *ngx_http_editorial_control_json(
    ngx_http_editorial_desk_t *desk, ed_feature_e feature);
static json_t *ngx_http_editorial_who_json(const ed_changed_t *changed);
static json_t *ngx_http_editorial_when_json(const ed_changed_t *changed);
static json_t *ngx_http_editorial_etag_json(const uint8_t *etag);
static json_t *ngx_http_editorial_problem_text(const char *problem);


void
ngx_http_editorial_call_desks(ngx_http_editorial_call_t *call)
{
    json_t                           *root, *list;
    ngx_uint_t                        i, n;
    ngx_http_editorial_desk_t       **desks;
    ngx_http_editorial_main_conf_t   *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    desks = ngx_http_editorial_desks(emcf, &n);
    list = json_array();

    for (i = 0; i < n; i++) {

        if (json_array_append_new(list, ngx_http_editorial_desk_json(desks[i]))
            != 0)
        {
            json_decref(list);
            list = NULL;
            break;
        }
    }

    root = json_pack("{s:o}", "desks", list);

    ngx_http_editorial_answer(call, root);
}


void
ngx_http_editorial_call_feature(ngx_http_editorial_call_t *call)
{
    ed_desk_t                   notices;
    ed_feature_e                feature;
    ngx_http_editorial_desk_t  *desk;

    if (!ngx_http_editorial_find_feature(call, &desk, &feature)) {
        return;
    }

    (void) ngx_http_editorial_desk_get(desk, &notices);

    ngx_http_editorial_answer_feature(call, desk, feature,
                                      &notices.features[feature]);
}


void
ngx_http_editorial_call_is_paused(ngx_http_editorial_call_t *call)
{
    ed_desk_t                   notices;
    ngx_http_editorial_desk_t  *desk;

    if (!ngx_http_editorial_find_feature(call, &desk, NULL)) {
        return;
    }

    (void) ngx_http_editorial_desk_get(desk, &notices);

    ngx_http_editorial_answer_paused(call, desk, notices.paused);
}


void
ngx_http_editorial_answer_paused(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t *desk, ngx_uint_t paused)
{
    ngx_http_editorial_answer(call, json_pack("{s:s%, s:b}",
                                              "desk", desk->name.data,
                                              desk->name.len,
                                              "paused", (int) paused));
}


ngx_uint_t
ngx_http_editorial_find_feature(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t **desk, ed_feature_e *feature)
{
    ngx_str_t                        name;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    name.data = (u_char *) call->segments[0].data;
    name.len = call->segments[0].len;

    *desk = ngx_http_editorial_desk_find(emcf, &name);

    if (*desk == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "there is no desk \"%*s\"",
                                   ngx_min(name.len,
                                           NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   name.data);
        return 0;
    }

    if (feature == NULL) {
        return 1;
    }

    *feature = ed_feature_find(call->segments[1]);

    if (*feature == ED_FEATURES) {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "there is no feature \"%*s\": it must be "
                                   "read_more, pull_quote or disclaimer",
                                   ngx_min(call->segments[1].len,
                                           NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   call->segments[1].data);
        return 0;
    }

    return 1;
}


void
ngx_http_editorial_answer_feature(ngx_http_editorial_call_t *call,
    ngx_http_editorial_desk_t *desk, ed_feature_e feature,
    const ed_notice_t *notice)
{
    if (ngx_http_editorial_add_etag(call, notice->etag) != NGX_OK) {
        ngx_http_editorial_answer(call, NULL);
        return;
    }

    ngx_http_editorial_answer(call, ngx_http_editorial_feature_json(desk,
                                                          feature, notice));
}


static json_t *
ngx_http_editorial_desk_json(ngx_http_editorial_desk_t *desk)
{
    json_t      *list;
    ed_desk_t    notices;
    ngx_uint_t   i;

    (void) ngx_http_editorial_desk_get(desk, &notices);
    list = json_array();

    for (i = 0; i < ED_FEATURES; i++) {

        if (json_array_append_new(list,
                ngx_http_editorial_feature_json(desk, (ed_feature_e) i,
                                                &notices.features[i]))
            != 0)
        {
            json_decref(list);
            list = NULL;
            break;
        }
    }

    return json_pack("{s:s%, s:b, s:o, s:o}",
                     "name", desk->name.data, desk->name.len,
                     "paused", notices.paused,
                     "problem",
                     ngx_http_editorial_problem_text(notices.problem),
                     "features", list);
}


static json_t *
ngx_http_editorial_feature_json(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, const ed_notice_t *notice)
{
    ed_state_t           shown;
    const ed_changed_t  *changed;

    ngx_http_editorial_state_shown(desk, feature, &notice->state, &shown);

    changed = ed_notice_changed(notice);

    return json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}",
                     "name", ed_feature_name(feature).data,
                     "variants",
                     ngx_http_editorial_variants_json(desk, feature),
                     "control",
                     ngx_http_editorial_control_json(desk, feature),
                     "state", ed_state_json(&shown),
                     "source", notice->edited ? "editor" : "config",
                     "changed_by", ngx_http_editorial_who_json(changed),
                     "changed_at", ngx_http_editorial_when_json(changed),
                     "etag", ngx_http_editorial_etag_json(notice->etag),
                     "problem",
                     ngx_http_editorial_problem_text(notice->problem));
}


/* Those of all locations of the desk, each once. */

static json_t *
ngx_http_editorial_variants_json(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature)
{
    json_t               *list;
    unsigned              v;
    ngx_uint_t            i, k;
    ed_policy_t         **policies;
    const ed_variants_t  *variants;

    list = json_array();
    policies = desk->policies.elts;

    for (i = 0; i < desk->policies.nelts; i++) {
        variants = &policies[i]->features[feature];

        for (v = 0; v < variants->n; v++) {

            for (k = 0; k < i; k++) {
                if (ed_policy_variant(policies[k], feature,
                                      variants->list[v].name)
                    > 0)
                {
                    break;
                }
            }

            if (k == i
                && json_array_append_new(list,
                               json_stringn(
                                   (char *) variants->list[v].name.data,
                                   variants->list[v].name.len))
                   != 0)
            {
                json_decref(list);
                return NULL;
            }
        }
    }

    return list;
}


/* The variant that is on where nothing else holds. */

static json_t *
ngx_http_editorial_control_json(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature)
{
    ed_state_t  none, control;

    ngx_memzero(&none, sizeof(ed_state_t));

    ngx_http_editorial_state_shown(desk, feature, &none, &control);

    return control.variant.len != 0 ? json_string(control.variant.text)
                                    : json_null();
}


static json_t *
ngx_http_editorial_who_json(const ed_changed_t *changed)
{
    return changed != NULL ? json_stringn(changed->user, changed->len)
                           : json_null();
}


static json_t *
ngx_http_editorial_when_json(const ed_changed_t *changed)
{
    char  text[ED_DATE_LEN];

    if (changed == NULL) {
        return json_null();
    }

    ed_date_write(changed->at / 1000, text);

    return json_string(text);
}


static json_t *
ngx_http_editorial_etag_json(const uint8_t *etag)
{
    u_char  text[NGX_HTTP_EDITORIAL_ETAG];

    ngx_http_editorial_etag_write(etag, text);

    return json_stringn((char *) text, sizeof(text));
}


static json_t *
ngx_http_editorial_problem_text(const char *problem)
{
    return problem[0] != '\0' ? json_string(problem) : json_null();
}
