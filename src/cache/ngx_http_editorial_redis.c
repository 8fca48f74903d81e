
/*
 * editorial_redis, and a worker's client of it.  A worker whose client cannot
 * be made serves its readers without Redis.
 */

#include "ngx_http_editorial_ledger.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_DIGITS  18      /* of a number that fits */


char *
ngx_http_editorial_redis_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_main_conf_t *emcf = conf;

    if (emcf->redis_conf != NULL) {
        return "is duplicate";
    }

    emcf->redis_conf = ngx_pcalloc(cf->pool,
                                   sizeof(ngx_editorial_redis_conf_t));
    if (emcf->redis_conf == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_editorial_redis_parse(cf, emcf->redis_conf);
}


ngx_int_t
ngx_http_editorial_redis_init_process(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    if (emcf->redis_conf == NULL
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    emcf->redis = ngx_editorial_redis_create(cycle, emcf->redis_conf);

    if (emcf->redis == NULL) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "editorial: no memory for a client of Redis, this "
                      "process goes without it");
    }

    if (ngx_http_editorial_report_init_process(emcf, cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_editorial_ledger_init_process(emcf, cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_watch_init_process(emcf, cycle);
}


void
ngx_http_editorial_redis_exit_process(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_http_editorial_watch_exit_process(emcf);
    ngx_http_editorial_ledger_exit_process(emcf);
    ngx_http_editorial_report_exit_process(emcf);

    if (emcf->redis != NULL) {
        ngx_editorial_redis_destroy(emcf->redis);
        emcf->redis = NULL;
    }
}


ngx_uint_t
ngx_http_editorial_redis_is_up(ngx_http_editorial_main_conf_t *emcf)
{
    return emcf->redis != NULL && ngx_editorial_redis_is_up(emcf->redis);
}


ngx_int_t
ngx_http_editorial_redis_key(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, const char *kind, ngx_str_t *name, ngx_uint_t braces,
    ngx_str_t *key)
{
    u_char     *p;
    ngx_str_t  *prefix;

    prefix = &emcf->redis_conf->prefix;

    p = ngx_pnalloc(pool, prefix->len + ngx_strlen(kind) + name->len + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    key->data = p;
    key->len = ngx_sprintf(p, braces ? "%V%s{%V}" : "%V%s%V", prefix, kind,
                           name)
               - p;

    return NGX_OK;
}


ngx_int_t
ngx_http_editorial_redis_number(ngx_editorial_redis_value_t *value)
{
    if (value == NULL) {
        return 0;
    }

    if (value->len > NGX_HTTP_EDITORIAL_DIGITS) {
        return NGX_ERROR;
    }

    return ngx_atoi(value->data, value->len);
}
