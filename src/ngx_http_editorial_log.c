
/*
 * Why a page was left alone, in the error log: once per cause and second.
 *
 * A site that meets a fault meets it with every request.  Of each cause the
 * worker keeps when it was said last and how often it happened since; the
 * next line says how many it stands for.
 */

#include "ngx_http_editorial_counters.h"


#define NGX_HTTP_EDITORIAL_LINE  512


typedef struct {
    ngx_uint_t    level;            /* 0: no failure, not logged */
    const char   *what;
    int64_t       limit;            /* 0: none to be named */
} ngx_http_editorial_failure_t;


static void ngx_http_editorial_say(ngx_http_request_t *r, ngx_uint_t level,
    ngx_uint_t cause, ngx_str_t *line);


static ngx_http_editorial_failure_t  ngx_http_editorial_failures[ED_SKIPS] = {
    [ED_SKIP_EXCLUDE] = {
        NGX_LOG_WARN, "an expression of editorial_exclude failed, or took "
                      "more than its operations", ED_MAX_XPATH_OPS },
    [ED_SKIP_SIZE] = {
        NGX_LOG_WARN, "the page exceeds editorial_max_size", 0 },
    [ED_SKIP_HELD] = {
        NGX_LOG_WARN, "the article exceeds the bytes that are held of one",
        ED_MAX_HELD },
    [ED_SKIP_DEPTH] = {
        NGX_LOG_WARN, "the page's elements are nested deeper than is followed",
        ED_MAX_DEPTH },
    [ED_SKIP_TOKEN] = {
        NGX_LOG_WARN, "a tag of the page exceeds the bytes that one may have",
        ED_MAX_TOKEN },
    [ED_SKIP_WORK] = {
        NGX_LOG_WARN, "the page's markup takes more work than its length "
                      "pays for", 0 },
    [ED_SKIP_MEMORY] = {
        NGX_LOG_ERR, "no memory to work on the page", 0 }
};


void
ngx_http_editorial_log_skip(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_skip_e skip)
{
    u_char                         line[NGX_HTTP_EDITORIAL_LINE], *p, *last;
    int64_t                        limit;
    ngx_str_t                      text;
    ngx_http_editorial_failure_t  *failure;

    failure = &ngx_http_editorial_failures[skip];

    if (failure->level == 0) {
        return;
    }

    limit = (skip == ED_SKIP_SIZE) ? ctx->conf->policy.max_size
                                   : failure->limit;

    last = line + sizeof(line);
    p = ngx_slprintf(line, last, "%s", failure->what);

    if (limit != 0) {
        p = ngx_slprintf(p, last, " (%L)", limit);
    }

    text.data = line;
    text.len = p - line;

    ngx_http_editorial_say(r, failure->level, skip, &text);
}


void
ngx_http_editorial_log(ngx_http_request_t *r, ngx_uint_t level,
    ngx_uint_t cause, const char *fmt, ...)
{
    u_char     line[NGX_HTTP_EDITORIAL_LINE];
    va_list    args;
    ngx_str_t  text;

    text.data = line;

    va_start(args, fmt);
    text.len = ngx_vslprintf(line, line + sizeof(line), fmt, args) - line;
    va_end(args);

    ngx_http_editorial_say(r, level, ED_SKIPS + cause, &text);
}


static void
ngx_http_editorial_say(ngx_http_request_t *r, ngx_uint_t level,
    ngx_uint_t cause, ngx_str_t *line)
{
    ngx_uint_t                       swallowed;
    ngx_http_editorial_cause_t      *c;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    c = &emcf->worker->causes[cause];

    if (c->said == ngx_time()) {
        c->swallowed++;
        ngx_http_editorial_count_n(emcf, NGX_HTTP_EDITORIAL_COUNT_SWALLOWED,
                                   1);
        return;
    }

    swallowed = c->swallowed;

    c->said = ngx_time();
    c->swallowed = 0;

    if (swallowed == 0) {
        ngx_log_error(level, r->connection->log, 0, "editorial: %V", line);
        return;
    }

    ngx_log_error(level, r->connection->log, 0,
                  "editorial: %V (%ui more like it before)", line, swallowed);
}
