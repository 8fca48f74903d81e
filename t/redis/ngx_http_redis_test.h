
/*
 * What the files of the test module share.
 */

#ifndef NGX_HTTP_REDIS_TEST_H
#define NGX_HTTP_REDIS_TEST_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_editorial_redis.h"
#include "ngx_editorial_redis_track.h"


typedef struct {
    ngx_editorial_redis_conf_t    conf;
    ngx_editorial_redis_t        *redis;     /* NULL: destroyed */

    ngx_flag_t                    tracks;
    ngx_editorial_redis_track_t  *track;     /* NULL: none, or destroyed */
    ngx_uint_t                    told[4];   /* how often, of each event */
    ngx_int_t                     destroy_at;    /* event; -1: none */
    size_t                        key_len;
    u_char                        key[64];   /* told last */
} ngx_http_redis_test_main_conf_t;


typedef struct {
    ngx_uint_t                   mode;
} ngx_http_redis_test_loc_conf_t;


/* Modes by their names; cmd->post of a location's directive is a list. */
typedef struct {
    ngx_http_handler_pt          handler;
    const char                  *modes[8];
} ngx_http_redis_test_location_t;


/* Answers r with these bytes; or does, and ends it. */
ngx_int_t ngx_http_redis_test_answer(ngx_http_request_t *r, u_char *head,
    size_t head_len, const char *body, size_t body_len);
void ngx_http_redis_test_finish(ngx_http_request_t *r, u_char *head,
    size_t head_len, const char *body, size_t body_len);

/* Argument n of r, unescaped; empty: there is none. */
ngx_int_t ngx_http_redis_test_arg(ngx_http_request_t *r, ngx_uint_t n,
    ngx_str_t *value);


ngx_int_t ngx_http_redis_test_get_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_redis_test_track_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_redis_test_guard_handler(ngx_http_request_t *r);

void ngx_http_redis_test_track_create(ngx_cycle_t *cycle,
    ngx_http_redis_test_main_conf_t *rtmcf);
void ngx_http_redis_test_track_destroy(ngx_http_redis_test_main_conf_t *rtmcf);


extern const char   *ngx_http_redis_test_rc[];
extern ngx_module_t  ngx_http_redis_test_module;


#endif /* NGX_HTTP_REDIS_TEST_H */
