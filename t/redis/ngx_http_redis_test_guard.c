
/*
 * redis_test_guard: asks, and writes "problems: BITS" to the log
 */

#include "ngx_http_redis_test.h"
#include "ngx_editorial_redis_guard.h"


static void ngx_http_redis_test_guarded(void *data, ngx_uint_t problems);


ngx_int_t
ngx_http_redis_test_guard_handler(ngx_http_request_t *r)
{
    ngx_http_redis_test_main_conf_t  *rtmcf;

    rtmcf = ngx_http_get_module_main_conf(r, ngx_http_redis_test_module);

    if (rtmcf->redis == NULL
        || ngx_editorial_redis_guard(rtmcf->redis, ngx_cycle->log,
                                     ngx_http_redis_test_guarded, rtmcf)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_redis_test_answer(r, (u_char *) "asked\n", 6, "", 0);
}


static void
ngx_http_redis_test_guarded(void *data, ngx_uint_t problems)
{
    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "problems: %ui",
                  problems);
}
