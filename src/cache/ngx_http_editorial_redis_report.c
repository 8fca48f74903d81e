
/*
 * How a worker stands with Redis, a few times a second: what its client has
 * counted goes to the counters of all workers, and what holds now to the
 * gauges.
 *
 * The first worker also looks after the keys that have no end of life, each
 * time that it has connected: would Redis evict them, or forget them?
 */

#include "ngx_editorial_redis_guard.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_REPORT_TICK  250     /* ms */


struct ngx_http_editorial_report_s {
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_event_t                      timer;
    ngx_editorial_redis_stats_t      last;
    uint64_t                         guarded;    /* connection */
};


typedef struct {
    size_t                           from;       /* in the client's stats */
    ngx_uint_t                       counter;
} ngx_http_editorial_reported_t;


static void ngx_http_editorial_report_timer(ngx_event_t *ev);
static void ngx_http_editorial_report_guard(
    ngx_http_editorial_report_t *report, uint64_t connection);
static void ngx_http_editorial_report_guarded(void *data,
    ngx_uint_t problems);


static ngx_http_editorial_reported_t  ngx_http_editorial_reported[] = {
    { offsetof(ngx_editorial_redis_stats_t, commands),
      NGX_HTTP_EDITORIAL_COUNT_REDIS_COMMANDS },

    { offsetof(ngx_editorial_redis_stats_t, timeouts),
      NGX_HTTP_EDITORIAL_COUNT_REDIS_TIMEOUTS },

    { offsetof(ngx_editorial_redis_stats_t, lost),
      NGX_HTTP_EDITORIAL_COUNT_REDIS_LOST },

    { offsetof(ngx_editorial_redis_stats_t, refused),
      NGX_HTTP_EDITORIAL_COUNT_REDIS_REFUSED }
};

#define ngx_http_editorial_report_field(stats, offset)                        \
    (*(uint64_t *) ((u_char *) (stats) + (offset)))


ngx_int_t
ngx_http_editorial_report_init_process(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    ngx_http_editorial_report_t  *report;

    if (emcf->redis == NULL) {
        return NGX_OK;
    }

    report = ngx_pcalloc(cycle->pool, sizeof(ngx_http_editorial_report_t));
    if (report == NULL) {
        return NGX_ERROR;
    }

    report->emcf = emcf;

    report->timer.handler = ngx_http_editorial_report_timer;
    report->timer.data = report;
    report->timer.log = cycle->log;
    report->timer.cancelable = 1;

    emcf->report = report;

    ngx_add_timer(&report->timer, NGX_HTTP_EDITORIAL_REPORT_TICK);

    return NGX_OK;
}


void
ngx_http_editorial_report_exit_process(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_uint_t  i;

    if (emcf->report == NULL) {
        return;
    }

    if (emcf->report->timer.timer_set) {
        ngx_del_timer(&emcf->report->timer);
    }

    for (i = NGX_HTTP_EDITORIAL_GAUGE_CONNECTED;
         i < NGX_HTTP_EDITORIAL_GAUGES;
         i++)
    {
        ngx_http_editorial_set_gauge(emcf, i, 0);
    }

    emcf->report = NULL;
}


static void
ngx_http_editorial_report_timer(ngx_event_t *ev)
{
    uint64_t                         n;
    ngx_uint_t                       i, on;
    ngx_msec_t                       lag;
    ngx_editorial_redis_stats_t      stats;
    ngx_http_editorial_report_t     *report;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_http_editorial_reported_t   *reported;

    report = ev->data;
    emcf = report->emcf;

    ngx_editorial_redis_stats(emcf->redis, &stats);

    for (i = 0;
         i < sizeof(ngx_http_editorial_reported)
             / sizeof(ngx_http_editorial_reported_t);
         i++)
    {
        reported = &ngx_http_editorial_reported[i];

        n = ngx_http_editorial_report_field(&stats, reported->from)
            - ngx_http_editorial_report_field(&report->last, reported->from);

        if (n != 0) {
            ngx_http_editorial_count_n(emcf, reported->counter, n);
        }
    }

    report->last = stats;

    on = ngx_http_editorial_watch_is_on(emcf, &lag);

    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_CONNECTED,
                                 stats.connected);
    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_OPEN,
                                 stats.open);
    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_WATCHES, on);
    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_LAG, lag);

    if (ngx_worker == 0 && stats.connected) {
        ngx_http_editorial_report_guard(report, stats.connections);
    }

    ngx_add_timer(ev, NGX_HTTP_EDITORIAL_REPORT_TICK);
}


static void
ngx_http_editorial_report_guard(ngx_http_editorial_report_t *report,
    uint64_t connection)
{
    if (report->guarded != connection
        && ngx_editorial_redis_guard(report->emcf->redis,
                                     report->timer.log,
                                     ngx_http_editorial_report_guarded,
                                     report)
           == NGX_OK)
    {
        report->guarded = connection;
    }
}


static void
ngx_http_editorial_report_guarded(void *data, ngx_uint_t problems)
{
    ngx_http_editorial_report_t *report = data;

    ngx_http_editorial_set_gauge(report->emcf,
                                 NGX_HTTP_EDITORIAL_GAUGE_PROBLEMS, problems);
}
