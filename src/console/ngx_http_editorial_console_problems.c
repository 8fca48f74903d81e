
/*
 * What is wrong, for who looks at the status: { "where", "text" } each.
 *
 *     redis              kept keys are in danger there
 *     opinion            "paused" is malformed, or a field that is none
 *     opinion/read_more  a state that is ignored
 *     article:ID         a record that is
 *
 * Nothing is kept for this: the board has the problems of desks, and the list
 * of articles those of records, until they are mended.
 */

#include "ngx_editorial_redis_guard.h"
#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_counters.h"


#define NGX_HTTP_EDITORIAL_RECORDS  16     /* that are told of */


typedef struct {
    ngx_uint_t                   bit;
    const char                  *text;
} ngx_http_editorial_warning_t;


static int ngx_http_editorial_problems_redis(json_t *list,
    ngx_http_editorial_main_conf_t *emcf);
static int ngx_http_editorial_problems_desk(json_t *list,
    ngx_http_editorial_desk_t *desk);
static int ngx_http_editorial_problems_records(json_t *list,
    ngx_http_editorial_main_conf_t *emcf);
static int ngx_http_editorial_problem_add(json_t *list, json_t *where,
    const char *text);


static const ngx_http_editorial_warning_t  ngx_http_editorial_warnings[] = {

    { NGX_EDITORIAL_REDIS_EVICTS,
      "Redis may evict what is to be kept (records, states, counts): its "
      "maxmemory-policy must be volatile-* or noeviction." },

    { NGX_EDITORIAL_REDIS_FORGETS,
      "Redis has neither an AOF nor snapshots: it loses what is to be kept "
      "(records, states, counts) when it restarts." },

    { NGX_EDITORIAL_REDIS_UNKNOWN,
      "Whether Redis keeps what is to be kept is not known: its user may not "
      "ask (INFO, CONFIG GET)." },

    { 0, NULL }
};


json_t *
ngx_http_editorial_redis_warnings(ngx_http_editorial_main_conf_t *emcf)
{
    json_t                              *list;
    uint64_t                             bits;
    const ngx_http_editorial_warning_t  *warning;

    list = json_array();
    bits = ngx_http_editorial_gauged(emcf->counters,
                                     NGX_HTTP_EDITORIAL_GAUGE_PROBLEMS);

    for (warning = ngx_http_editorial_warnings; warning->bit != 0; warning++) {

        if ((bits & warning->bit)
            && json_array_append_new(list, json_string(warning->text)) != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


json_t *
ngx_http_editorial_problems(ngx_http_editorial_main_conf_t *emcf)
{
    int                          bad;
    json_t                      *list;
    ngx_uint_t                   i, n;
    ngx_http_editorial_desk_t  **desks;

    list = json_array();
    desks = ngx_http_editorial_desks(emcf, &n);

    bad = ngx_http_editorial_problems_redis(list, emcf);

    for (i = 0; i < n; i++) {
        bad |= ngx_http_editorial_problems_desk(list, desks[i]);
    }

    bad |= ngx_http_editorial_problems_records(list, emcf);

    if (bad) {
        json_decref(list);
        return NULL;
    }

    return list;
}


static int
ngx_http_editorial_problems_redis(json_t *list,
    ngx_http_editorial_main_conf_t *emcf)
{
    int      bad;
    size_t   i;
    json_t  *warnings;

    warnings = ngx_http_editorial_redis_warnings(emcf);
    bad = (warnings == NULL);

    for (i = 0; i < json_array_size(warnings); i++) {
        bad |= ngx_http_editorial_problem_add(list, json_string("redis"),
                            json_string_value(json_array_get(warnings, i)));
    }

    json_decref(warnings);

    return bad;
}


static int
ngx_http_editorial_problems_desk(json_t *list,
    ngx_http_editorial_desk_t *desk)
{
    int         bad;
    ed_desk_t   notices;
    ngx_uint_t  i;

    if (ngx_http_editorial_desk_get(desk, &notices) != NGX_OK) {
        return 0;
    }

    bad = 0;

    if (notices.problem[0] != '\0') {
        bad |= ngx_http_editorial_problem_add(list,
                       ngx_http_editorial_json_string(desk->name.data,
                                                      desk->name.len),
                       notices.problem);
    }

    for (i = 0; i < ED_FEATURES; i++) {

        if (notices.features[i].problem[0] == '\0') {
            continue;
        }

        bad |= ngx_http_editorial_problem_add(list,
                   json_sprintf("%.*s/%s", (int) desk->name.len,
                                (char *) desk->name.data,
                                ed_feature_name((ed_feature_e) i).data),
                   notices.features[i].problem);
    }

    return bad;
}


/* Of the articles that this node has planned last, the newest. */

static int
ngx_http_editorial_problems_records(json_t *list,
    ngx_http_editorial_main_conf_t *emcf)
{
    int                  bad;
    json_t              *where;
    ed_str_t             id;
    uint16_t             order[ED_WORKLIST];
    ngx_uint_t           i, n, told;
    ed_worklist_line_t   line;

    bad = 0;
    told = 0;
    n = ngx_http_editorial_articles_order(emcf, order);

    for (i = 0; i < n && told < NGX_HTTP_EDITORIAL_RECORDS; i++) {

        if (!ngx_http_editorial_articles_line(emcf, order[i], &line)
            || !line.malformed)
        {
            continue;
        }

        id = ed_worklist_string(&line, ED_WORKLIST_ID);
        where = ngx_http_editorial_json_string(id.data, id.len);

        bad |= ngx_http_editorial_problem_add(list,
                   where != NULL
                   ? json_sprintf("article:%s", json_string_value(where))
                   : NULL,
                   "Its record cannot be read; what held before holds still.");
        json_decref(where);

        told++;
    }

    return bad;
}


/* The reference is taken. */

static int
ngx_http_editorial_problem_add(json_t *list, json_t *where, const char *text)
{
    return json_array_append_new(list, json_pack("{s:o, s:s}", "where", where,
                                                 "text", text));
}
