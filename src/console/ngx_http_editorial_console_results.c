
/*
 * GET api/desks/{desk}/{feature}/results?test=ID: what a test says.  Without
 * an ID it is the test that the feature's state is of.
 *
 *     Redis   fields of all nodes --+
 *                                   +--> ed_results.h --> answer
 *     ledger  cells of this one ----+
 *
 * Of this node the ledger knows better, unless a cell has left it.  Without
 * editorial_redis the ledger is all there is; with it, what this node alone
 * has counted would not be the results, and nothing is told while Redis is
 * away.
 */

#include "ed_results.h"
#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_ledger.h"
#include "ngx_http_editorial_redis.h"


/* HGETALL KEY */
#define NGX_HTTP_EDITORIAL_HGETALL  2


typedef struct {
    ngx_http_editorial_call_t       *call;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_http_editorial_desk_t       *desk;
    ed_feature_e                     feature;
    ed_str_t                         test;
    ed_state_t                      *state;      /* that test's; or NULL */
    uint32_t                         since;      /* the day from which on its
                                                    weights have held */
    ed_str_t                         control;
    ngx_editorial_redis_cmd_t       *cmd;        /* in flight; NULL: none */
    ed_results_t                     results;
} ngx_http_editorial_results_t;


/* Of a state that was counted through already, as that takes milliseconds. */
struct ngx_http_editorial_shares_s {
    ed_state_t                       state;
    unsigned                         count[ED_MAX_ARMS];
};


static ngx_http_editorial_results_t *ngx_http_editorial_results_create(
    ngx_http_editorial_call_t *call);
static void ngx_http_editorial_results_cleanup(void *data);
static ngx_uint_t ngx_http_editorial_results_what(
    ngx_http_editorial_results_t *results);
static ngx_uint_t ngx_http_editorial_results_test(
    ngx_http_editorial_results_t *results, ed_desk_t *notices);
static uint32_t ngx_http_editorial_results_day(const ed_notice_t *notice);
static ngx_int_t ngx_http_editorial_results_ask(
    ngx_http_editorial_results_t *results);
static void ngx_http_editorial_results_answer(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ed_rc_t ngx_http_editorial_results_fields(
    ngx_http_editorial_results_t *results, redisReply *reply);
static ngx_uint_t ngx_http_editorial_results_has(
    ngx_http_editorial_results_t *results, ed_results_field_t *field);
static ed_rc_t ngx_http_editorial_results_cells(
    ngx_http_editorial_results_t *results);
static void ngx_http_editorial_results_send(
    ngx_http_editorial_results_t *results, ed_rc_t rc);
static unsigned *ngx_http_editorial_shares(
    ngx_http_editorial_results_t *results);


void
ngx_http_editorial_call_results(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_results_t  *results;

    results = ngx_http_editorial_results_create(call);

    if (results == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the results");
        return;
    }

    if (!ngx_http_editorial_results_what(results)) {
        return;
    }

    if (results->emcf->redis_conf == NULL) {
        ngx_http_editorial_results_send(results,
                                ngx_http_editorial_results_cells(results));
        return;
    }

    if (ngx_http_editorial_results_ask(results) != NGX_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "Redis, where all servers' counts are, is "
                                   "not there");
    }
}


static ngx_http_editorial_results_t *
ngx_http_editorial_results_create(ngx_http_editorial_call_t *call)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_editorial_results_t  *results;

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_results_t));
    if (cln == NULL) {
        return NULL;
    }

    results = cln->data;
    ngx_memzero(results, sizeof(ngx_http_editorial_results_t));

    results->call = call;
    results->emcf = ngx_http_get_module_main_conf(call->r,
                                                  ngx_http_editorial_module);
    ed_results_init(&results->results);

    cln->handler = ngx_http_editorial_results_cleanup;

    return results;
}


static void
ngx_http_editorial_results_cleanup(void *data)
{
    ngx_http_editorial_results_t *results = data;

    if (results->cmd != NULL) {
        ngx_editorial_redis_cancel(results->cmd);
    }

    ed_results_free(&results->results);
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_results_what(ngx_http_editorial_results_t *results)
{
    ed_desk_t                   notices;
    ngx_str_t                   name;
    ed_state_t                  control;
    ngx_http_editorial_call_t  *call;

    call = results->call;

    name.data = (u_char *) call->segments[0].data;
    name.len = call->segments[0].len;

    results->desk = ngx_http_editorial_desk_find(results->emcf, &name);
    results->feature = ed_feature_find(call->segments[1]);

    if (results->desk == NULL
        || results->feature == ED_FEATURES
        || ngx_http_editorial_desk_get(results->desk, &notices) != NGX_OK)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "there is no such desk or feature");
        return 0;
    }

    ngx_memzero(&control, sizeof(ed_state_t));
    ngx_http_editorial_state_shown(results->desk, results->feature, &control,
                                   &control);

    results->control.data = ngx_pnalloc(call->r->pool, ED_MAX_NAME);

    if (results->control.data == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the results");
        return 0;
    }

    results->control.len = control.variant.len;
    ngx_memcpy((u_char *) results->control.data, control.variant.text,
               control.variant.len);

    return ngx_http_editorial_results_test(results, &notices);
}


static ngx_uint_t
ngx_http_editorial_results_test(ngx_http_editorial_results_t *results,
    ed_desk_t *notices)
{
    ngx_str_t                   id;
    ed_state_t                 *state;
    ngx_http_editorial_call_t  *call;

    call = results->call;
    state = NULL;

    if (notices->features[results->feature].state.mode == ED_STATE_TEST) {
        state = ngx_palloc(call->r->pool, sizeof(ed_state_t));

        if (state == NULL) {
            ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                       "no memory for the results");
            return 0;
        }

        *state = notices->features[results->feature].state;
        results->since = ngx_http_editorial_results_day(
                                        &notices->features[results->feature]);
        results->test = ed_name_str(&state->id);
    }

    if (ngx_http_arg(call->r, (u_char *) "test", sizeof("test") - 1, &id)
        == NGX_OK)
    {
        if (!ed_state_is_id(ed_str(id.data, id.len))) {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "\"test\" must be a test's id");
            return 0;
        }

        if (state == NULL
            || !ed_str_eq(results->test, ed_str(id.data, id.len)))
        {
            results->test = ed_str(id.data, id.len);
            state = NULL;
        }

    } else if (state == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "the feature is not in a test");
        return 0;
    }

    results->state = state;

    return 1;
}


/* The day behind that on which a running test got other weights; 0: it never
   did, as far as is known. */

static uint32_t
ngx_http_editorial_results_day(const ed_notice_t *notice)
{
    const ed_changed_t  *changed;

    changed = ed_notice_changed(notice);

    if (changed == NULL || changed->reweighted == 0) {
        return 0;
    }

    return (uint32_t) (changed->reweighted / 1000 / ED_LEDGER_DAY) + 1;
}


static ngx_int_t
ngx_http_editorial_results_ask(ngx_http_editorial_results_t *results)
{
    size_t            lens[NGX_HTTP_EDITORIAL_HGETALL];
    ngx_str_t         name;
    const char       *args[NGX_HTTP_EDITORIAL_HGETALL];
    ed_ledger_key_t   key;

    if (!ngx_http_editorial_redis_is_up(results->emcf)) {
        return NGX_DECLINED;
    }

    ed_ledger_key(&key, ed_str(results->desk->name.data,
                               results->desk->name.len),
                  results->feature, results->test, ED_STR_EMPTY, 0);

    if (ngx_http_editorial_ledger_redis_key(results->emcf,
                                            results->call->r->pool, &key,
                                            &name)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    args[0] = "HGETALL";
    lens[0] = sizeof("HGETALL") - 1;
    args[1] = (char *) name.data;
    lens[1] = name.len;

    results->cmd = ngx_editorial_redis_command(results->emcf->redis,
                                       NGX_HTTP_EDITORIAL_HGETALL, args, lens,
                                       ngx_http_editorial_results_answer,
                                       results);

    return results->cmd != NULL ? NGX_OK : NGX_ERROR;
}


/* Called from the event loop: what the answer leaves to be done in other
   requests is done here. */

static void
ngx_http_editorial_results_answer(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_results_t *results = data;

    ed_rc_t            sum;
    ngx_connection_t  *c;

    results->cmd = NULL;
    c = results->call->r->connection;

    if (rc != NGX_EDITORIAL_REDIS_OK || reply->type != REDIS_REPLY_ARRAY) {
        ngx_http_editorial_problem(results->call,
                                   NGX_HTTP_SERVICE_UNAVAILABLE,
                                   rc == NGX_EDITORIAL_REDIS_ERROR
                                   ? "Redis does not tell the counts: \"%*s\""
                                   : "Redis does not answer",
                                   reply != NULL
                                   ? ngx_min((size_t) reply->len,
                                             NGX_HTTP_EDITORIAL_CONSOLE_SHOWN)
                                   : 0,
                                   reply != NULL ? reply->str : NULL);

    } else {
        sum = ngx_http_editorial_results_fields(results, reply);

        if (sum == ED_OK) {
            sum = ngx_http_editorial_results_cells(results);
        }

        ngx_http_editorial_results_send(results, sum);
    }

    ngx_http_run_posted_requests(c);
}


static ed_rc_t
ngx_http_editorial_results_fields(ngx_http_editorial_results_t *results,
    redisReply *reply)
{
    size_t               i, len;
    u_char               node[NGX_HTTP_EDITORIAL_LEDGER_NODE];
    ed_rc_t              rc;
    redisReply          *name, *value;
    ed_results_field_t   field;

    len = ngx_http_editorial_ledger_node(results->emcf, node);
    rc = ED_OK;

    for (i = 0; i + 1 < reply->elements && rc == ED_OK; i += 2) {
        name = reply->element[i];
        value = reply->element[i + 1];

        if (name->type != REDIS_REPLY_STRING
            || value->type != REDIS_REPLY_STRING
            || !ed_results_read(ed_str(name->str, name->len), &field)
            || (ed_str_eq(field.node, ed_str(node, len))
                && ngx_http_editorial_results_has(results, &field)))
        {
            continue;
        }

        rc = ed_results_add(&results->results, field.day, field.variant,
                            field.event,
                            ed_results_number(ed_str(value->str,
                                                     value->len)));
    }

    return rc;
}


/* Has the ledger the cell of one of this node's fields? */

static ngx_uint_t
ngx_http_editorial_results_has(ngx_http_editorial_results_t *results,
    ed_results_field_t *field)
{
    ed_ledger_key_t  key;

    ed_ledger_key(&key, ed_str(results->desk->name.data,
                               results->desk->name.len),
                  results->feature, results->test, field->variant,
                  (int64_t) field->day * ED_LEDGER_DAY);

    return ed_ledger_find(results->emcf->ledger->sh, &key) != NULL;
}


static ed_rc_t
ngx_http_editorial_results_cells(ngx_http_editorial_results_t *results)
{
    ed_rc_t           rc;
    unsigned          i, event;
    ed_str_t          desk;
    ed_ledger_cell_t  cell;

    desk = ed_str(results->desk->name.data, results->desk->name.len);
    i = 0;
    rc = ED_OK;

    while (rc == ED_OK
           && ed_ledger_next(results->emcf->ledger->sh, &i, &cell))
    {
        if (cell.key.feature != (uint32_t) results->feature
            || !ed_str_eq(ed_name_str(&cell.key.desk), desk)
            || !ed_str_eq(ed_name_str(&cell.key.test), results->test))
        {
            continue;
        }

        for (event = 0; event < ED_EVENTS && rc == ED_OK; event++) {
            rc = ed_results_add(&results->results, cell.key.day,
                                ed_name_str(&cell.key.variant),
                                (ed_event_e) event, cell.counts[event]);
        }
    }

    return rc;
}


static void
ngx_http_editorial_results_send(ngx_http_editorial_results_t *results,
    ed_rc_t rc)
{
    ed_results_test_t           test;
    ngx_http_editorial_call_t  *call;

    call = results->call;

    if (rc != ED_OK) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   rc == ED_NOMEM
                                   ? "no memory for the results"
                                   : "the test has more days and variants "
                                     "than %d", ED_RESULTS_ROWS);
        return;
    }

    if (results->state == NULL && ed_results_is_empty(&results->results)) {
        ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                                   "nothing has been counted of this test");
        return;
    }

    test.test = results->test;
    test.state = results->state;
    test.shares = NULL;
    test.since = results->since;
    test.control = results->control;

    if (test.state != NULL) {
        test.shares = ngx_http_editorial_shares(results);

        if (test.shares == NULL) {
            ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                       "no memory for the results");
            return;
        }
    }

    ngx_http_editorial_answer(call, ed_results_json(&results->results, &test));
}


/* NULL: no memory. */

static unsigned *
ngx_http_editorial_shares(ngx_http_editorial_results_t *results)
{
    ed_split_t                      split;
    ngx_http_editorial_desk_t      *desk;
    ngx_http_editorial_shares_t    *shares;

    desk = results->desk;
    shares = desk->shares[results->feature];

    if (shares == NULL) {
        shares = ngx_pcalloc(desk->pool, sizeof(ngx_http_editorial_shares_t));
        if (shares == NULL) {
            return NULL;
        }

        desk->shares[results->feature] = shares;
    }

    if (ngx_memcmp(&shares->state, results->state, sizeof(ed_state_t)) != 0) {
        shares->state = *results->state;

        ed_split_init(&split, results->state, results->feature);
        ed_split_count(&split, shares->count);
    }

    return shares->count;
}
