
/*
 * How calls of the API ask Redis: a command is a row of words, and what comes
 * of it goes to a handler.
 *
 *     words.n = 0;
 *     ngx_http_editorial_word(&words, "GET", 3);
 *     ngx_http_editorial_word_key(&words, call, "article:", &id)
 *     cmd = ngx_http_editorial_ask(call, &words, handler, data);
 *
 * Words are not copied before _ask() does.
 */

#ifndef NGX_HTTP_EDITORIAL_CONSOLE_REDIS_H
#define NGX_HTTP_EDITORIAL_CONSOLE_REDIS_H


#include "ngx_http_editorial_console.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_WORDS_MAX  24


typedef struct {
    ngx_uint_t                         n;
    size_t                             lens[NGX_HTTP_EDITORIAL_WORDS_MAX];
    const char                        *words[NGX_HTTP_EDITORIAL_WORDS_MAX];
} ngx_http_editorial_words_t;


#define ngx_http_editorial_word_literal(words, s)                             \
    ngx_http_editorial_word(words, s, sizeof(s) - 1)

void ngx_http_editorial_word(ngx_http_editorial_words_t *words,
    const void *data, size_t len);

/* A key: prefix, kind, name (NULL: that is all of it).  NGX_ERROR: no
   memory. */
ngx_int_t ngx_http_editorial_word_key(ngx_http_editorial_words_t *words,
    ngx_http_editorial_call_t *call, const char *kind, ngx_str_t *name);

/* As ngx_editorial_redis_command(). */
ngx_editorial_redis_cmd_t *ngx_http_editorial_ask(
    ngx_http_editorial_call_t *call, ngx_http_editorial_words_t *words,
    ngx_editorial_redis_handler_pt handler, void *data);

/* Can it be asked?  Zero: that is answered, with what has not come about. */
ngx_uint_t ngx_http_editorial_can_ask(ngx_http_editorial_call_t *call,
    const char *what);

/* 503: why there is no answer, or none that was expected, and what of it. */
void ngx_http_editorial_redis_problem(ngx_http_editorial_call_t *call,
    ngx_editorial_redis_rc_e rc, redisReply *reply, const char *what);


#endif /* NGX_HTTP_EDITORIAL_CONSOLE_REDIS_H */
