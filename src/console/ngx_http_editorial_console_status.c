
/*
 * GET api/status: how this server is, and which others there are.
 *
 * All is of this server, but for the list of servers, for which Redis is asked
 * (ngx_http_editorial_servers.h).  Where it is not there, or does not answer,
 * this server alone is listed.
 */

#include "ed_date.h"
#include "ed_json.h"
#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_servers.h"


#define NGX_HTTP_EDITORIAL_PREFIX  (sizeof("editorial_") - 1)
#define NGX_HTTP_EDITORIAL_SUFFIX  (sizeof("_total") - 1)


typedef struct {
    ngx_http_editorial_call_t       *call;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_editorial_redis_cmd_t       *cmd;        /* NULL: none under way */
} ngx_http_editorial_status_t;


static void ngx_http_editorial_status_servers(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static json_t *ngx_http_editorial_status_list(
    ngx_http_editorial_status_t *status, redisReply *reply);
static json_t *ngx_http_editorial_status_field(redisReply *name,
    redisReply *value, int64_t now);
static ngx_uint_t ngx_http_editorial_status_is_own(
    ngx_http_editorial_main_conf_t *emcf, redisReply *name);
static json_t *ngx_http_editorial_status_own(
    ngx_http_editorial_main_conf_t *emcf);
static void ngx_http_editorial_status_answer(
    ngx_http_editorial_status_t *status, json_t *servers);
static json_t *ngx_http_editorial_status_zone(
    ngx_http_editorial_main_conf_t *emcf);
static uint64_t ngx_http_editorial_status_lookups(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_status_e status,
    ngx_http_editorial_tier_e tier);
static json_t *ngx_http_editorial_status_redis(
    ngx_http_editorial_main_conf_t *emcf);
static json_t *ngx_http_editorial_status_counters(
    ngx_http_editorial_main_conf_t *emcf);
static json_t *ngx_http_editorial_status_time(int64_t seconds);
static void ngx_http_editorial_status_cleanup(void *data);


void
ngx_http_editorial_call_status(ngx_http_editorial_call_t *call)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_editorial_status_t  *status;

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_status_t));
    if (cln == NULL) {
        ngx_http_editorial_answer(call, NULL);
        return;
    }

    status = cln->data;
    ngx_memzero(status, sizeof(ngx_http_editorial_status_t));

    status->call = call;
    status->emcf = ngx_http_get_module_main_conf(call->r,
                                                 ngx_http_editorial_module);
    cln->handler = ngx_http_editorial_status_cleanup;

    if (status->emcf->redis_conf != NULL
        && ngx_http_editorial_redis_is_up(status->emcf))
    {
        status->cmd = ngx_http_editorial_servers_ask(status->emcf,
                                           call->r->pool,
                                           ngx_http_editorial_status_servers,
                                           status);
        if (status->cmd != NULL) {
            return;
        }
    }

    ngx_http_editorial_status_answer(status,
                              ngx_http_editorial_status_list(status, NULL));
}


/* Called from the event loop: what the answer leaves to be done in other
   requests is done here. */

static void
ngx_http_editorial_status_servers(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_status_t *status = data;

    ngx_connection_t  *c;

    c = status->call->r->connection;
    status->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK
        || reply->type != REDIS_REPLY_ARRAY
        || reply->elements == 0
        || reply->element[0]->type != REDIS_REPLY_INTEGER)
    {
        reply = NULL;
    }

    ngx_http_editorial_status_answer(status,
                              ngx_http_editorial_status_list(status, reply));

    ngx_http_run_posted_requests(c);
}


/* This server is always there.  A field that cannot be read is none of ours.
   NULL: no memory. */

static json_t *
ngx_http_editorial_status_list(ngx_http_editorial_status_t *status,
    redisReply *reply)
{
    int          bad;
    json_t      *list, *server;
    size_t       i;
    redisReply **e;
    ngx_uint_t   own;

    list = json_array();
    bad = 0;
    own = 0;

    for (i = 1; reply != NULL && i + 1 < reply->elements; i += 2) {
        e = &reply->element[i];

        if (e[0]->type != REDIS_REPLY_STRING
            || e[1]->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        server = ngx_http_editorial_status_field(e[0], e[1],
                                                 reply->element[0]->integer);
        if (server != NULL) {
            own |= ngx_http_editorial_status_is_own(status->emcf, e[0]);
            bad |= json_array_append_new(list, server);
        }
    }

    if (!own) {
        bad |= json_array_append_new(list,
                                 ngx_http_editorial_status_own(status->emcf));
    }

    if (bad) {
        json_decref(list);
        return NULL;
    }

    return list;
}


/* NULL: it cannot be read, or is too old. */

static json_t *
ngx_http_editorial_status_field(redisReply *name, redisReply *value,
    int64_t now)
{
    json_t      *root, *server;
    json_int_t   at, lag;
    const char  *states;

    if (ed_json_read(ed_str(value->str, value->len), 0, &root, NULL)
        != ED_OK)
    {
        return NULL;
    }

    server = NULL;

    if (json_unpack(root, "{s:I, s:s, s:I}", "at", &at, "states", &states,
                    "lag_ms", &lag)
        == 0
        && at >= 0 && at <= now
        && now - at < NGX_HTTP_EDITORIAL_SERVERS_FRESH)
    {
        server = json_pack("{s:o, s:o, s:s, s:I}",
                           "name", ngx_http_editorial_json_string(
                                          (u_char *) name->str, name->len),
                           "at", ngx_http_editorial_status_time(at / 1000),
                           "states", states,
                           "lag_ms", lag);
    }

    json_decref(root);

    return server;
}


static ngx_uint_t
ngx_http_editorial_status_is_own(ngx_http_editorial_main_conf_t *emcf,
    redisReply *name)
{
    const ngx_http_editorial_node_t  *node;

    node = ngx_http_editorial_node(emcf);

    return name->len == node->name.len
           && ngx_memcmp(name->str, node->name.data, node->name.len) == 0;
}


/* As it would say of itself now. */

static json_t *
ngx_http_editorial_status_own(ngx_http_editorial_main_conf_t *emcf)
{
    u_char                            states[NGX_HTTP_EDITORIAL_SERVERS_DIGEST];
    uint64_t                          told;
    const ngx_http_editorial_node_t  *node;

    node = ngx_http_editorial_node(emcf);
    told = ngx_http_editorial_gauged(emcf->counters,
                                     NGX_HTTP_EDITORIAL_GAUGE_WATCHES);

    ngx_http_editorial_servers_digest(emcf, states);

    return json_pack("{s:s%, s:o, s:s%, s:o}",
                     "name", node->name.data, node->name.len,
                     "at", ngx_http_editorial_status_time(ngx_time()),
                     "states", states, sizeof(states),
                     "lag_ms", told != 0
                               ? json_integer((json_int_t)
                                     ngx_http_editorial_gauged(emcf->counters,
                                               NGX_HTTP_EDITORIAL_GAUGE_LAG))
                               : json_null());
}


static void
ngx_http_editorial_status_answer(ngx_http_editorial_status_t *status,
    json_t *servers)
{
    ngx_http_editorial_main_conf_t   *emcf;
    const ngx_http_editorial_node_t  *node;

    emcf = status->emcf;
    node = ngx_http_editorial_node(emcf);

    ngx_http_editorial_answer(status->call,
        json_pack("{s:s, s:s%, s:o, s:o, s:o, s:o, s:o, s:o}",
                  "version", NGX_HTTP_EDITORIAL_VERSION,
                  "node", node->name.data, node->name.len,
                  "now", ngx_http_editorial_status_time(ngx_time()),
                  "zone", ngx_http_editorial_status_zone(emcf),
                  "redis", ngx_http_editorial_status_redis(emcf),
                  "servers", servers,
                  "counters", ngx_http_editorial_status_counters(emcf),
                  "problems", ngx_http_editorial_problems(emcf)));
}


/* A hit or a stale page is one that came out of the zone; a miss is what was
   looked up there, and came from elsewhere. */

static json_t *
ngx_http_editorial_status_zone(ngx_http_editorial_main_conf_t *emcf)
{
    uint64_t         hits, stale, all;
    ngx_uint_t       s, t;
    ed_zone_stats_t  stats;

    ngx_editorial_zone_stats(emcf->zone, &stats);

    all = 0;

    for (s = 0; s < NGX_HTTP_EDITORIAL_STATUSES; s++) {

        if (s == NGX_HTTP_EDITORIAL_STATUS_OFF
            || s == NGX_HTTP_EDITORIAL_STATUS_BYPASS)
        {
            continue;
        }

        for (t = 0; t < NGX_HTTP_EDITORIAL_TIERS; t++) {
            all += ngx_http_editorial_status_lookups(emcf, s, t);
        }
    }

    hits = ngx_http_editorial_status_lookups(emcf,
                                          NGX_HTTP_EDITORIAL_STATUS_HIT,
                                          NGX_HTTP_EDITORIAL_TIER_MEMORY)
           + ngx_http_editorial_status_lookups(emcf,
                                          NGX_HTTP_EDITORIAL_STATUS_REPLAN,
                                          NGX_HTTP_EDITORIAL_TIER_MEMORY);

    stale = ngx_http_editorial_status_lookups(emcf,
                                          NGX_HTTP_EDITORIAL_STATUS_STALE,
                                          NGX_HTTP_EDITORIAL_TIER_MEMORY)
            + ngx_http_editorial_status_lookups(emcf,
                                          NGX_HTTP_EDITORIAL_STATUS_UPDATING,
                                          NGX_HTTP_EDITORIAL_TIER_MEMORY);

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "size", (json_int_t) (stats.blocks * ED_ZONE_BLOCK),
                     "used", (json_int_t) ((stats.blocks - stats.free)
                                           * ED_ZONE_BLOCK),
                     "pages", (json_int_t) stats.pages,
                     "hits", (json_int_t) hits,
                     "misses", (json_int_t) (all - hits - stale),
                     "stale", (json_int_t) stale,
                     "evictions", (json_int_t) stats.evictions);
}


static uint64_t
ngx_http_editorial_status_lookups(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_status_e status, ngx_http_editorial_tier_e tier)
{
    return ngx_http_editorial_counted(emcf->counters,
                                      NGX_HTTP_EDITORIAL_COUNT_LOOKUPS
                                      + status * NGX_HTTP_EDITORIAL_TIERS
                                      + tier);
}


/* How this worker stands with it, and what all workers have met. */

static json_t *
ngx_http_editorial_status_redis(ngx_http_editorial_main_conf_t *emcf)
{
    json_t                       *server;
    ngx_editorial_redis_stats_t   stats;

    if (emcf->redis_conf == NULL) {
        return json_null();
    }

    ngx_memzero(&stats, sizeof(ngx_editorial_redis_stats_t));

    if (emcf->redis != NULL) {
        ngx_editorial_redis_stats(emcf->redis, &stats);
    }

    server = stats.server.len != 0
             ? ngx_http_editorial_json_string(stats.server.data,
                                              stats.server.len)
             : json_null();

    return json_pack("{s:b, s:b, s:o, s:s, s:b, s:I, s:I, s:o}",
             "configured", 1,
             "up", (int) ngx_http_editorial_redis_is_up(emcf),
             "server", server,
             "breaker", stats.open ? "open" : "closed",
             "tracking", ngx_http_editorial_gauged(emcf->counters,
                                   NGX_HTTP_EDITORIAL_GAUGE_WATCHES) != 0,
             "timeouts", (json_int_t) ngx_http_editorial_counted(
                                   emcf->counters,
                                   NGX_HTTP_EDITORIAL_COUNT_REDIS_TIMEOUTS),
             "lost", (json_int_t) ngx_http_editorial_counted(emcf->counters,
                                   NGX_HTTP_EDITORIAL_COUNT_REDIS_LOST),
             "warnings", ngx_http_editorial_redis_warnings(emcf));
}


/* Those of the metrics that have no labels: editorial_stored_total is
   "stored". */

static json_t *
ngx_http_editorial_status_counters(ngx_http_editorial_main_conf_t *emcf)
{
    int         bad;
    char        text[NGX_HTTP_EDITORIAL_NAME];
    json_t     *counters;
    size_t      len;
    uint64_t    value;
    ed_str_t    name;
    ngx_uint_t  i;

    counters = json_object();
    bad = 0;
    i = 0;

    while (ngx_http_editorial_metric_plain(emcf, &i, &name, &value)) {
        len = ngx_min(name.len - NGX_HTTP_EDITORIAL_PREFIX
                      - NGX_HTTP_EDITORIAL_SUFFIX, sizeof(text) - 1);

        ngx_memcpy(text, name.data + NGX_HTTP_EDITORIAL_PREFIX, len);
        text[len] = '\0';

        bad |= json_object_set_new(counters, text,
                                   json_integer((json_int_t) value));
    }

    if (bad) {
        json_decref(counters);
        return NULL;
    }

    return counters;
}


static json_t *
ngx_http_editorial_status_time(int64_t seconds)
{
    char  text[ED_DATE_LEN];

    ed_date_write(seconds, text);

    return json_string(text);
}


static void
ngx_http_editorial_status_cleanup(void *data)
{
    ngx_http_editorial_status_t *status = data;

    if (status->cmd != NULL) {
        ngx_editorial_redis_cancel(status->cmd);
    }
}
