
/*
 * redis_test_track_status: what has been told so far, "NAME VALUE" a line
 * redis_test_track_status destroy: /?EVENT, the track ends from within the
 * handler of the next such event; or at once, where there is none of the name
 */

#include "ngx_http_redis_test.h"


static void ngx_http_redis_test_told(void *data,
    ngx_editorial_redis_track_e what, ngx_str_t *key);


static const char  *ngx_http_redis_test_track_events[] = {
    "on", "key", "flushed", "off"
};


static ngx_str_t  ngx_http_redis_test_track_names[] = {
    ngx_string("page:"),
    ngx_string("desk:")
};


void
ngx_http_redis_test_track_create(ngx_cycle_t *cycle,
    ngx_http_redis_test_main_conf_t *rtmcf)
{
    rtmcf->destroy_at = -1;
    rtmcf->track = ngx_editorial_redis_track_create(cycle, &rtmcf->conf,
                                             ngx_http_redis_test_track_names,
                                             2, ngx_http_redis_test_told,
                                             rtmcf);
}


void
ngx_http_redis_test_track_destroy(ngx_http_redis_test_main_conf_t *rtmcf)
{
    if (rtmcf->track) {
        ngx_editorial_redis_track_destroy(rtmcf->track);
        rtmcf->track = NULL;
    }
}


static void
ngx_http_redis_test_told(void *data, ngx_editorial_redis_track_e what,
    ngx_str_t *key)
{
    ngx_http_redis_test_main_conf_t *rtmcf = data;

    rtmcf->told[what]++;

    if (rtmcf->track == NULL) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "a handler is called after, or while, its track is "
                      "destroyed or created");
        return;
    }

    if (key) {
        rtmcf->key_len = ngx_min(key->len, sizeof(rtmcf->key));
        ngx_memcpy(rtmcf->key, key->data, rtmcf->key_len);
    }

    if (what == rtmcf->destroy_at) {
        ngx_http_redis_test_track_destroy(rtmcf);
    }
}


ngx_int_t
ngx_http_redis_test_track_handler(ngx_http_request_t *r)
{
    u_char                              buf[1024], *p;
    ngx_str_t                           arg;
    ngx_int_t                           i;
    ngx_http_redis_test_loc_conf_t     *rtlcf;
    ngx_http_redis_test_main_conf_t    *rtmcf;
    ngx_editorial_redis_track_stats_t   stats;

    rtlcf = ngx_http_get_module_loc_conf(r, ngx_http_redis_test_module);
    rtmcf = ngx_http_get_module_main_conf(r, ngx_http_redis_test_module);

    ngx_memzero(&stats, sizeof(ngx_editorial_redis_track_stats_t));

    if (rtmcf->track) {
        ngx_editorial_redis_track_stats(rtmcf->track, &stats);
    }

    if (ngx_http_redis_test_arg(r, 0, &arg) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_slprintf(buf, buf + sizeof(buf),
                     "track %d\non %ui\nserver %V\nlag %M\nsilent %M\n"
                     "keys %uL\nlost %uL\nkey %*s\n",
                     rtmcf->track != NULL, stats.on, &stats.server, stats.lag,
                     ngx_current_msec - stats.heard, stats.keys, stats.lost,
                     rtmcf->key_len, rtmcf->key);

    for (i = 0; i < 4; i++) {
        p = ngx_slprintf(p, buf + sizeof(buf), "told_%s %ui\n",
                         ngx_http_redis_test_track_events[i], rtmcf->told[i]);

        if (rtlcf->mode
            && arg.len == ngx_strlen(ngx_http_redis_test_track_events[i])
            && ngx_memcmp(arg.data, ngx_http_redis_test_track_events[i],
                          arg.len) == 0)
        {
            rtmcf->destroy_at = i;
        }
    }

    if (rtlcf->mode && rtmcf->destroy_at == -1) {
        ngx_http_redis_test_track_destroy(rtmcf);
    }

    return ngx_http_redis_test_answer(r, buf, p - buf, "", 0);
}
