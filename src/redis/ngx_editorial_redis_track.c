
/*
 * Invalidations: which server is listened to, and what is told.
 *
 *     track --> link      the connection that tells; NULL: nothing is told
 *           --> trial     one that is tried
 *
 * Servers are tried as the client tries them: in their order, the first that
 * is up and, where there are several, can be written to; after the last, with
 * the client's back-off.  Where there are several, they are tried again every
 * fail_timeout: the one in use may be a master no more, or one before it be
 * there again, and nobody says so on a connection that only listens.  When
 * that ends at the server in use, all stays as it is; at another, _OFF and _ON
 * are told, as what changed there so far has not been.
 *
 * Whoever is told may destroy the track, and with it the link that tells: who
 * tells looks at nothing then but _leave().
 */

#include "ngx_editorial_redis_track_int.h"


#define NGX_EDITORIAL_REDIS_TRACK_BACKOFF_MIN  50     /* ms */
#define NGX_EDITORIAL_REDIS_TRACK_BACKOFF_MAX  1000


static ngx_int_t ngx_editorial_redis_track_words(
    ngx_editorial_redis_track_t *track, ngx_str_t *names, ngx_uint_t n);
static void ngx_editorial_redis_track_cleanup(void *data);
static ngx_uint_t ngx_editorial_redis_track_leave(
    ngx_editorial_redis_track_t *track);
static void ngx_editorial_redis_track_try(ngx_editorial_redis_track_t *track);
static void ngx_editorial_redis_track_wait(ngx_editorial_redis_track_t *track);
static void ngx_editorial_redis_track_timer_handler(ngx_event_t *ev);
static ngx_uint_t ngx_editorial_redis_track_off(
    ngx_editorial_redis_track_t *track);
static void ngx_editorial_redis_track_say_not_used(
    ngx_editorial_redis_track_t *track, ngx_uint_t n, const char *why);


ngx_editorial_redis_track_t *
ngx_editorial_redis_track_create(ngx_cycle_t *cycle,
    ngx_editorial_redis_conf_t *conf, ngx_str_t *names, ngx_uint_t n,
    ngx_editorial_redis_track_pt handler, void *data)
{
    ngx_pool_t                   *pool;
    ngx_editorial_redis_track_t  *track;

    pool = ngx_create_pool(4096, cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    track = ngx_pcalloc(pool, sizeof(ngx_editorial_redis_track_t)
                              + conf->servers.nelts
                                * sizeof(ngx_editorial_redis_said_t));
    if (track == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    track->pool = pool;
    track->conf = conf;
    track->handler = handler;
    track->data = data;
    track->log = cycle->log;
    track->quiet = *cycle->log;
    track->quiet.log_level = ngx_min(cycle->log->log_level, NGX_LOG_ALERT);
    track->not_used = (ngx_editorial_redis_said_t *) &track[1];

    track->cleanup = ngx_pool_cleanup_add(cycle->pool, 0);

    if (track->cleanup == NULL
        || ngx_editorial_redis_track_words(track, names, n) != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    track->cleanup->handler = ngx_editorial_redis_track_cleanup;
    track->cleanup->data = track;

    track->timer.handler = ngx_editorial_redis_track_timer_handler;
    track->timer.data = track;
    track->timer.log = track->log;
    track->timer.cancelable = 1;

    ngx_editorial_redis_track_try(track);

    return track;
}


/* CLIENT TRACKING with all but the id. */

static ngx_int_t
ngx_editorial_redis_track_words(ngx_editorial_redis_track_t *track,
    ngx_str_t *names, ngx_uint_t n)
{
    u_char             *p;
    ngx_str_t          *prefix;
    ngx_uint_t          i, nwords;
    static const char  *words[] = {
        "CLIENT", "TRACKING", "ON", "REDIRECT", "", "BCAST"
    };

    prefix = &track->conf->prefix;
    nwords = sizeof(words) / sizeof(words[0]);

    track->argv = ngx_palloc(track->pool, (nwords + 2 * n) * sizeof(char *));
    track->argvlen = ngx_palloc(track->pool,
                                (nwords + 2 * n) * sizeof(size_t));

    if (track->argv == NULL || track->argvlen == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < nwords; i++) {
        track->argv[i] = words[i];
        track->argvlen[i] = ngx_strlen(words[i]);
    }

    track->argc = nwords;

    for (i = 0; i < n; i++) {
        p = ngx_pnalloc(track->pool, prefix->len + names[i].len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        track->argv[track->argc] = "PREFIX";
        track->argvlen[track->argc++] = 6;
        track->argv[track->argc] = (const char *) p;
        track->argvlen[track->argc++] = prefix->len + names[i].len;

        p = ngx_cpymem(p, prefix->data, prefix->len);
        ngx_memcpy(p, names[i].data, names[i].len);
    }

    return NGX_OK;
}


void
ngx_editorial_redis_track_destroy(ngx_editorial_redis_track_t *track)
{
    track->destroyed = 1;
    track->cleanup->handler = NULL;

    if (track->link) {
        ngx_editorial_redis_track_link_close(track->link);
        track->link = NULL;
    }

    if (track->trial) {
        ngx_editorial_redis_track_link_close(track->trial);
        track->trial = NULL;
    }

    if (track->timer.timer_set) {
        ngx_del_timer(&track->timer);
    }

    (void) ngx_editorial_redis_track_leave(track);
}


/* A process without a master has no end before that of its configuration. */

static void
ngx_editorial_redis_track_cleanup(void *data)
{
    ngx_editorial_redis_track_destroy(data);
}


/* Is it destroyed?  Then it is freed when nobody looks at it any more. */

static ngx_uint_t
ngx_editorial_redis_track_leave(ngx_editorial_redis_track_t *track)
{
    if (!track->destroyed) {
        return 0;
    }

    if (track->entered == 0) {
        ngx_destroy_pool(track->pool);
    }

    return 1;
}


static void
ngx_editorial_redis_track_try(ngx_editorial_redis_track_t *track)
{
    u_char       text[NGX_EDITORIAL_REDIS_TEXT];
    ngx_uint_t   n;
    const char  *why;

    while (track->next < track->conf->servers.nelts) {
        n = track->next++;

        track->trial = ngx_editorial_redis_track_link_connect(track, n, text,
                                                              &why);
        if (track->trial) {
            return;
        }

        ngx_editorial_redis_track_say_not_used(track, n, why);
    }

    ngx_editorial_redis_track_wait(track);
}


static void
ngx_editorial_redis_track_wait(ngx_editorial_redis_track_t *track)
{
    ngx_msec_t  half;

    track->next = 0;

    if (track->link) {

        if (track->conf->servers.nelts > 1) {
            ngx_add_timer(&track->timer,
                          (ngx_msec_t) track->conf->fail_timeout * 1000);
        }

        return;
    }

    track->backoff = ngx_max(track->backoff * 2,
                             NGX_EDITORIAL_REDIS_TRACK_BACKOFF_MIN);
    track->backoff = ngx_min(track->backoff,
                             NGX_EDITORIAL_REDIS_TRACK_BACKOFF_MAX);

    half = track->backoff / 2;

    ngx_add_timer(&track->timer, half + ngx_random() % half);
}


static void
ngx_editorial_redis_track_timer_handler(ngx_event_t *ev)
{
    ngx_editorial_redis_track_t *track = ev->data;

    if (track->trial == NULL) {
        ngx_editorial_redis_track_try(track);
    }
}


ngx_int_t
ngx_editorial_redis_track_greeted(ngx_editorial_redis_track_link_t *link,
    long long id)
{
    ngx_editorial_redis_track_t  *track;

    track = link->track;

    if (track->link && track->link->n == link->n) {
        ngx_editorial_redis_track_link_close(link);
        track->trial = NULL;
        ngx_editorial_redis_track_wait(track);
        return NGX_DONE;
    }

    return ngx_editorial_redis_track_listen(link, id);
}


void
ngx_editorial_redis_track_ready(ngx_editorial_redis_track_link_t *link)
{
    ngx_editorial_redis_track_t  *track;

    track = link->track;
    track->trial = NULL;
    track->entered++;

    if (track->link) {
        ngx_editorial_redis_track_link_close(track->link);
        track->link = link;
        track->handler(track->data, NGX_EDITORIAL_REDIS_TRACK_OFF, NULL);
    }

    if (!track->destroyed) {
        track->link = link;

        ngx_editorial_redis_log(track->log, NGX_LOG_NOTICE, &track->on,
                                "redis \"%V\" tells what changes",
                                &link->server->url);

        ngx_editorial_redis_track_wait(track);
        track->handler(track->data, NGX_EDITORIAL_REDIS_TRACK_ON, NULL);
    }

    track->entered--;
    (void) ngx_editorial_redis_track_leave(track);
}


void
ngx_editorial_redis_track_changed(ngx_editorial_redis_track_link_t *link,
    ngx_str_t *key)
{
    ngx_str_t                    *prefix;
    ngx_editorial_redis_track_t  *track;

    track = link->track;
    prefix = &track->conf->prefix;

    if (key == NULL) {
        track->handler(track->data, NGX_EDITORIAL_REDIS_TRACK_FLUSHED, NULL);
        return;
    }

    if (key->len < prefix->len
        || ngx_memcmp(key->data, prefix->data, prefix->len) != 0)
    {
        return;
    }

    key->data += prefix->len;
    key->len -= prefix->len;
    track->stats.keys++;

    track->handler(track->data, NGX_EDITORIAL_REDIS_TRACK_KEY, key);
}


void
ngx_editorial_redis_track_closed(ngx_editorial_redis_track_link_t *link,
    const char *why)
{
    ngx_msec_t                    life;
    ngx_editorial_redis_track_t  *track;

    track = link->track;

    if (link == track->trial) {
        ngx_editorial_redis_track_say_not_used(track, link->n, why);
        ngx_editorial_redis_track_link_close(link);
        track->trial = NULL;
        ngx_editorial_redis_track_try(track);
        return;
    }

    ngx_editorial_redis_log(track->log, NGX_LOG_WARN, &track->lost,
                            "redis \"%V\" does not tell any more what "
                            "changes: %s", &link->server->url, why);

    track->stats.heard = link->heard;
    life = ngx_current_msec - link->since;
    ngx_editorial_redis_track_link_close(link);

    if (ngx_editorial_redis_track_off(track) || track->trial) {
        return;
    }

    /* one that ends as soon as it has begun is no reason to hurry */

    if (track->timer.timer_set) {
        ngx_del_timer(&track->timer);
    }

    track->next = 0;

    if (life < NGX_EDITORIAL_REDIS_TRACK_BACKOFF_MAX) {
        ngx_editorial_redis_track_wait(track);
        return;
    }

    track->backoff = 0;
    ngx_editorial_redis_track_try(track);
}


/* The link is closed, and that is told: is the track destroyed by that? */

static ngx_uint_t
ngx_editorial_redis_track_off(ngx_editorial_redis_track_t *track)
{
    track->stats.lost++;
    track->link = NULL;
    track->entered++;

    track->handler(track->data, NGX_EDITORIAL_REDIS_TRACK_OFF, NULL);

    track->entered--;

    return ngx_editorial_redis_track_leave(track);
}


static void
ngx_editorial_redis_track_say_not_used(ngx_editorial_redis_track_t *track,
    ngx_uint_t n, const char *why)
{
    ngx_editorial_redis_server_t  *servers;

    servers = track->conf->servers.elts;

    ngx_editorial_redis_log(track->log,
                            track->link ? NGX_LOG_INFO : NGX_LOG_WARN,
                            &track->not_used[n],
                            "redis \"%V\" cannot tell what changes: %s",
                            &servers[n].url, why);
}


void
ngx_editorial_redis_track_stats(ngx_editorial_redis_track_t *track,
    ngx_editorial_redis_track_stats_t *stats)
{
    *stats = track->stats;

    if (track->link) {
        stats->on = 1;
        stats->server = track->link->server->url;
        stats->heard = track->link->heard;
    }
}
