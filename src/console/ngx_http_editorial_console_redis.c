
/* Commands by calls of the API, and what is said where one fails. */

#include "ngx_http_editorial_console_redis.h"


void
ngx_http_editorial_word(ngx_http_editorial_words_t *words, const void *data,
    size_t len)
{
    words->words[words->n] = len != 0 ? data : "";
    words->lens[words->n] = len;
    words->n++;
}


ngx_int_t
ngx_http_editorial_word_key(ngx_http_editorial_words_t *words,
    ngx_http_editorial_call_t *call, const char *kind, ngx_str_t *name)
{
    ngx_str_t                        key;
    ngx_str_t                        none = ngx_string("");
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    if (ngx_http_editorial_redis_key(emcf, call->r->pool, kind,
                                     name != NULL ? name : &none, 0, &key)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_editorial_word(words, key.data, key.len);

    return NGX_OK;
}


ngx_editorial_redis_cmd_t *
ngx_http_editorial_ask(ngx_http_editorial_call_t *call,
    ngx_http_editorial_words_t *words, ngx_editorial_redis_handler_pt handler,
    void *data)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    return ngx_editorial_redis_command(emcf->redis, (int) words->n,
                                       words->words, words->lens, handler,
                                       data);
}


ngx_uint_t
ngx_http_editorial_can_ask(ngx_http_editorial_call_t *call, const char *what)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    if (emcf->redis_conf == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "this is kept in Redis, and this server "
                                   "has no \"editorial_redis\"");
        return 0;
    }

    if (!ngx_http_editorial_redis_is_up(emcf)) {
        ngx_http_editorial_problem(call, NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "Redis is not there, %s", what);
        return 0;
    }

    return 1;
}


void
ngx_http_editorial_redis_problem(ngx_http_editorial_call_t *call,
    ngx_editorial_redis_rc_e rc, redisReply *reply, const char *what)
{
    ngx_uint_t  status;

    status = NGX_HTTP_SERVICE_UNAVAILABLE;

    switch (rc) {

    case NGX_EDITORIAL_REDIS_ERROR:
        ngx_http_editorial_problem(call, status, "Redis says \"%*s\", %s",
                                   (size_t) ngx_min(reply->len,
                                            NGX_HTTP_EDITORIAL_CONSOLE_SHOWN),
                                   reply->str, what);
        return;

    case NGX_EDITORIAL_REDIS_TIMEOUT:
        ngx_http_editorial_problem(call, status,
                                   "Redis did not answer in time, %s", what);
        return;

    case NGX_EDITORIAL_REDIS_OK:
        ngx_http_editorial_problem(call, status, "Redis gave an answer of "
                                   "another kind, %s", what);
        return;

    case NGX_EDITORIAL_REDIS_NOMEM:
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory, %s", what);
        return;

    default:
        ngx_http_editorial_problem(call, status, "Redis has gone away, %s",
                                   what);
    }
}
