
/*
 * What others write to Redis, and which of the zone's pages that is.
 *
 * One worker of a node, the one that has the role in the zone, holds the
 * connection by which Redis tells of changes (ngx_editorial_redis_track.h).
 *
 *     page:{KEY}     the page may be old: its beginning is compared at once
 *     purged:{KEY}   if the mark is there, the page and whatever fetches it go
 *     article:ID     pages of the article are doubtful: the next reader of each
 *                    compares the record
 *     gen            the generation is asked for, and the zone told
 *     desk:DESK      it is read, and the board told (_watch_desk)
 *
 *     connected      all that the zone learnt before is doubtful: a new epoch
 *     lost           nothing is told any more; while that lasts, readers
 *                    compare whatever they are served from the zone
 *
 * A node's own writes come back like those of others, and so do keys whose
 * life has ended.  That costs one comparison of a few bytes.  Where too many
 * comparisons are under way (a tag of many pages was purged), the page's next
 * reader compares it instead.
 */

#include "ngx_editorial_redis_track.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_ledger.h"
#include "ngx_http_editorial_redis.h"
#include "ngx_http_editorial_servers.h"


#define NGX_HTTP_EDITORIAL_WATCH_TICK    200     /* ms */
#define NGX_HTTP_EDITORIAL_WATCH_LIFE    500     /* ms without a tick */
#define NGX_HTTP_EDITORIAL_WATCH_CHECKS  256     /* under way at once */
#define NGX_HTTP_EDITORIAL_WATCH_SCANS   64


struct ngx_http_editorial_watch_s {
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_cycle_t                     *cycle;
    ngx_event_t                      timer;
    ngx_editorial_redis_track_t     *track;      /* NULL: another's role */
    ngx_http_editorial_watch_desks_t  *desks;
    ngx_http_editorial_servers_t    *servers;
    ngx_queue_t                      checks;     /* under way */
    ngx_uint_t                       nchecks;

    ngx_event_t                      scanner;    /* articles whose pages are */
    uint64_t                         scans[NGX_HTTP_EDITORIAL_WATCH_SCANS];
    ngx_uint_t                       nscans;     /*   looked for, and where */
    uint32_t                         at;         /*   in the zone */
};


/* A question on a key that was told; with its name behind it. */
typedef struct {
    ngx_queue_t                      queue;
    ngx_http_editorial_watch_t      *watch;
    ngx_editorial_redis_get_t       *get;
    ed_zone_stamp_t                  stamp;
    ngx_str_t                        name;
} ngx_http_editorial_watch_check_t;


typedef struct {
    ngx_str_t    name;                   /* what its keys begin with */
    void       (*told)(ngx_http_editorial_watch_t *watch, ngx_str_t *name);
} ngx_http_editorial_watched_t;


static void ngx_http_editorial_watch_timer(ngx_event_t *ev);
static void ngx_http_editorial_watch_begin(ngx_http_editorial_watch_t *watch);
static void ngx_http_editorial_watch_end(ngx_http_editorial_watch_t *watch);
static void ngx_http_editorial_watch_handler(void *data,
    ngx_editorial_redis_track_e what, ngx_str_t *key);
static void ngx_http_editorial_watch_told(ngx_http_editorial_watch_t *watch,
    ngx_str_t *key);
static void ngx_http_editorial_watch_page(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name);
static void ngx_http_editorial_watch_compared(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_watch_purged(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name);
static void ngx_http_editorial_watch_marked(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_watch_article(
    ngx_http_editorial_watch_t *watch, ngx_str_t *name);
static void ngx_http_editorial_watch_scan(ngx_event_t *ev);
static void ngx_http_editorial_watch_desk(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name);
static void ngx_http_editorial_watch_generation(
    ngx_http_editorial_watch_t *watch, ngx_str_t *name);
static void ngx_http_editorial_watch_renewed(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static ngx_int_t ngx_http_editorial_watch_ask(
    ngx_http_editorial_watch_t *watch, const char *kind, ngx_str_t *name,
    ngx_uint_t braces, size_t first, ngx_editorial_redis_got_pt handler,
    ed_zone_stamp_t *stamp);
static void ngx_http_editorial_watch_answered(
    ngx_http_editorial_watch_check_t *check);
static ngx_int_t ngx_http_editorial_watch_unbrace(ngx_str_t *name);


static ngx_http_editorial_watched_t  ngx_http_editorial_watched[] = {
    { ngx_string("page:"), ngx_http_editorial_watch_page },
    { ngx_string("purged:"), ngx_http_editorial_watch_purged },
    { ngx_string("article:"), ngx_http_editorial_watch_article },
    { ngx_string("desk:"), ngx_http_editorial_watch_desk },
    { ngx_string("gen"), ngx_http_editorial_watch_generation }
};

#define NGX_HTTP_EDITORIAL_WATCHED                                            \
    (sizeof(ngx_http_editorial_watched)                                       \
     / sizeof(ngx_http_editorial_watched_t))


ngx_int_t
ngx_http_editorial_watch_init_process(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    ngx_http_editorial_watch_t  *watch;

    if (emcf->redis == NULL || emcf->zone == NULL) {
        return NGX_OK;
    }

    watch = ngx_pcalloc(cycle->pool, sizeof(ngx_http_editorial_watch_t));
    if (watch == NULL) {
        return NGX_ERROR;
    }

    watch->emcf = emcf;
    watch->cycle = cycle;

    watch->desks = ngx_http_editorial_watch_desks_create(emcf, cycle);
    watch->servers = ngx_http_editorial_servers_create(emcf, cycle);

    if (watch->desks == NULL || watch->servers == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&watch->checks);

    watch->timer.handler = ngx_http_editorial_watch_timer;
    watch->timer.data = watch;
    watch->timer.log = cycle->log;
    watch->timer.cancelable = 1;

    watch->scanner.handler = ngx_http_editorial_watch_scan;
    watch->scanner.data = watch;
    watch->scanner.log = cycle->log;

    emcf->watch = watch;

    ngx_http_editorial_watch_timer(&watch->timer);

    return NGX_OK;
}


void
ngx_http_editorial_watch_exit_process(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_http_editorial_watch_t  *watch;

    watch = emcf->watch;

    if (watch == NULL) {
        return;
    }

    ngx_http_editorial_watch_end(watch);
    ngx_editorial_zone_role_leave(emcf->zone);

    if (watch->timer.timer_set) {
        ngx_del_timer(&watch->timer);
    }

    emcf->watch = NULL;
}


ngx_uint_t
ngx_http_editorial_watch_is_on(ngx_http_editorial_main_conf_t *emcf,
    ngx_msec_t *lag)
{
    ngx_editorial_redis_track_stats_t  stats;

    *lag = 0;

    if (emcf->watch == NULL || emcf->watch->track == NULL) {
        return 0;
    }

    ngx_editorial_redis_track_stats(emcf->watch->track, &stats);
    *lag = stats.on ? stats.lag : 0;

    return stats.on;
}


/* Who has the role? */

static void
ngx_http_editorial_watch_timer(ngx_event_t *ev)
{
    ngx_http_editorial_watch_t         *watch;
    ngx_editorial_redis_track_stats_t   stats;

    watch = ev->data;

    if (!ngx_editorial_zone_role(watch->emcf->zone)) {
        ngx_http_editorial_watch_end(watch);

    } else if (watch->track == NULL) {
        ngx_http_editorial_watch_begin(watch);

    } else {
        ngx_editorial_redis_track_stats(watch->track, &stats);

        if (stats.on) {
            ngx_editorial_zone_watch(watch->emcf->zone,
                                     NGX_HTTP_EDITORIAL_WATCH_LIFE);
            ngx_http_editorial_watch_desks_tick(watch->desks);
            ngx_http_editorial_servers_tick(watch->servers, stats.lag);
        }
    }

    ngx_add_timer(ev, NGX_HTTP_EDITORIAL_WATCH_TICK);
}


static void
ngx_http_editorial_watch_begin(ngx_http_editorial_watch_t *watch)
{
    ngx_str_t   names[NGX_HTTP_EDITORIAL_WATCHED];
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_EDITORIAL_WATCHED; i++) {
        names[i] = ngx_http_editorial_watched[i].name;
    }

    watch->track = ngx_editorial_redis_track_create(watch->cycle,
                                       watch->emcf->redis_conf, names,
                                       NGX_HTTP_EDITORIAL_WATCHED,
                                       ngx_http_editorial_watch_handler,
                                       watch);
}


static void
ngx_http_editorial_watch_end(ngx_http_editorial_watch_t *watch)
{
    ngx_queue_t                       *q;
    ngx_http_editorial_watch_check_t  *check;

    if (watch->track == NULL) {
        return;
    }

    ngx_editorial_redis_track_destroy(watch->track);
    watch->track = NULL;

    while (!ngx_queue_empty(&watch->checks)) {
        q = ngx_queue_head(&watch->checks);
        check = ngx_queue_data(q, ngx_http_editorial_watch_check_t, queue);

        ngx_editorial_redis_get_cancel(check->get);
        ngx_http_editorial_watch_answered(check);
    }

    ngx_http_editorial_watch_desks_end(watch->desks);
    ngx_http_editorial_servers_end(watch->servers);

    watch->nscans = 0;

    if (watch->scanner.posted) {
        ngx_delete_posted_event(&watch->scanner);
    }
}


static void
ngx_http_editorial_watch_handler(void *data, ngx_editorial_redis_track_e what,
    ngx_str_t *key)
{
    ngx_http_editorial_watch_t *watch = data;

    ngx_editorial_zone_t  *zone;

    zone = watch->emcf->zone;

    switch (what) {

    case NGX_EDITORIAL_REDIS_TRACK_ON:
        ngx_editorial_zone_distrust(zone);
        ngx_editorial_zone_watch(zone, NGX_HTTP_EDITORIAL_WATCH_LIFE);
        ngx_http_editorial_watch_generation(watch, NULL);
        ngx_http_editorial_watch_desks_all(watch->desks);
        ngx_http_editorial_ledger_doubt(watch->emcf);
        break;

    case NGX_EDITORIAL_REDIS_TRACK_KEY:
        ngx_http_editorial_watch_told(watch, key);
        break;

    case NGX_EDITORIAL_REDIS_TRACK_FLUSHED:
        ngx_editorial_zone_distrust(zone);
        ngx_http_editorial_watch_generation(watch, NULL);
        ngx_http_editorial_watch_desks_all(watch->desks);
        ngx_http_editorial_ledger_doubt(watch->emcf);
        break;

    case NGX_EDITORIAL_REDIS_TRACK_OFF:
        ngx_editorial_zone_watch(zone, 0);
        break;
    }
}


static void
ngx_http_editorial_watch_told(ngx_http_editorial_watch_t *watch,
    ngx_str_t *key)
{
    ngx_str_t                      name;
    ngx_uint_t                     i;
    ngx_http_editorial_watched_t  *watched;

    for (i = 0; i < NGX_HTTP_EDITORIAL_WATCHED; i++) {
        watched = &ngx_http_editorial_watched[i];

        if (key->len < watched->name.len
            || ngx_memcmp(key->data, watched->name.data, watched->name.len)
               != 0)
        {
            continue;
        }

        name.data = key->data + watched->name.len;
        name.len = key->len - watched->name.len;

        watched->told(watch, &name);
        return;
    }
}


static void
ngx_http_editorial_watch_page(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name)
{
    ed_zone_stamp_t  stamp;

    if (ngx_http_editorial_watch_unbrace(name) != NGX_OK
        || !ngx_editorial_zone_doubt(watch->emcf->zone,
                                     ed_str(name->data, name->len),
                                     ED_DOUBT_PAGE, &stamp))
    {
        return;
    }

    /* of the article's record this says nothing */

    stamp.doubts[ED_DOUBT_RECORD] = 0;

    (void) ngx_http_editorial_watch_ask(watch, "page:", name, 1,
                                        NGX_HTTP_EDITORIAL_REVISION,
                                        ngx_http_editorial_watch_compared,
                                        &stamp);
}


static void
ngx_http_editorial_watch_compared(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_watch_check_t *check = data;

    ed_str_t                         key;
    uint64_t                         revision;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = check->watch->emcf;
    key = ed_str(check->name.data, check->name.len);

    if (rc == NGX_EDITORIAL_REDIS_OK) {
        ngx_http_editorial_count_n(emcf, NGX_HTTP_EDITORIAL_COUNT_CHECKS, 1);

        revision = value != NULL ? ed_stored_revision(value->data, value->len)
                                 : 0;

        if (revision != 0 && revision == check->stamp.revision) {
            ngx_editorial_zone_trust(emcf->zone, key, &check->stamp);

        } else if (ngx_editorial_zone_purge_revision(emcf->zone, key,
                                                     check->stamp.revision))
        {
            ngx_http_editorial_count_n(emcf,
                               NGX_HTTP_EDITORIAL_COUNT_CHECKS_DROPPED, 1);
        }
    }

    ngx_http_editorial_watch_answered(check);
}


/* A mark whose life has ended is told, too.  Where it cannot be asked for, the
   page goes: that is never wrong. */

static void
ngx_http_editorial_watch_purged(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name)
{
    if (ngx_http_editorial_watch_unbrace(name) == NGX_OK
        && ngx_http_editorial_watch_ask(watch, "purged:", name, 1, 0,
                                        ngx_http_editorial_watch_marked, NULL)
           != NGX_OK)
    {
        (void) ngx_editorial_zone_purge(watch->emcf->zone,
                                        ed_str(name->data, name->len));
    }
}


static void
ngx_http_editorial_watch_marked(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_watch_check_t *check = data;

    if (rc != NGX_EDITORIAL_REDIS_OK || value != NULL) {
        (void) ngx_editorial_zone_purge(check->watch->emcf->zone,
                                        ed_str(check->name.data,
                                               check->name.len));
    }

    ngx_http_editorial_watch_answered(check);
}


/* Its pages are looked for in stretches.  Where too many articles change at
   once, all pages are doubtful. */

static void
ngx_http_editorial_watch_article(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name)
{
    if (watch->nscans == NGX_HTTP_EDITORIAL_WATCH_SCANS) {
        ngx_editorial_zone_distrust(watch->emcf->zone);
        watch->nscans = 0;

        return;
    }

    if (watch->nscans == 0) {
        watch->at = 0;
    }

    watch->scans[watch->nscans++] =
                  ngx_editorial_zone_article(watch->emcf->zone,
                                             ed_str(name->data, name->len));

    if (!watch->scanner.posted) {
        ngx_post_event(&watch->scanner, &ngx_posted_events);
    }
}


static void
ngx_http_editorial_watch_scan(ngx_event_t *ev)
{
    ngx_http_editorial_watch_t  *watch;

    watch = ev->data;

    if (watch->nscans == 0) {
        return;
    }

    watch->at = ngx_editorial_zone_doubt_article(watch->emcf->zone,
                                                 watch->scans[0], watch->at);
    if (watch->at == ED_ZONE_NONE) {
        watch->at = 0;
        watch->nscans--;
        ngx_memmove(&watch->scans[0], &watch->scans[1],
                    watch->nscans * sizeof(watch->scans[0]));
    }

    if (watch->nscans != 0) {
        ngx_post_event(ev, &ngx_posted_next_events);
    }
}


static void
ngx_http_editorial_watch_desk(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name)
{
    ngx_http_editorial_watch_desks_told(watch->desks, name);
}


static void
ngx_http_editorial_watch_generation(ngx_http_editorial_watch_t *watch,
    ngx_str_t *name)
{
    static ngx_str_t  none = ngx_string("");

    if (name != NULL && name->len != 0) {
        return;
    }

    if (ngx_http_editorial_watch_ask(watch, "gen", &none, 0, 0,
                                     ngx_http_editorial_watch_renewed, NULL)
        != NGX_OK)
    {
        ngx_editorial_zone_distrust(watch->emcf->zone);
    }
}


static void
ngx_http_editorial_watch_renewed(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_watch_check_t *check = data;

    ngx_int_t              generation;
    ngx_editorial_zone_t  *zone;

    zone = check->watch->emcf->zone;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        /* whoever compares a page asks for the generation, too */
        ngx_editorial_zone_distrust(zone);

    } else {
        generation = ngx_http_editorial_redis_number(value);

        if (generation >= 0) {
            (void) ngx_editorial_zone_renew_generation(zone, generation);
        }
    }

    ngx_http_editorial_watch_answered(check);
}


/* NGX_DECLINED: too much is asked already, or Redis cannot be. */

static ngx_int_t
ngx_http_editorial_watch_ask(ngx_http_editorial_watch_t *watch,
    const char *kind, ngx_str_t *name, ngx_uint_t braces, size_t first,
    ngx_editorial_redis_got_pt handler, ed_zone_stamp_t *stamp)
{
    ngx_int_t                          rc;
    ngx_str_t                          key;
    ngx_pool_t                        *pool;
    ngx_http_editorial_watch_check_t  *check;

    if (watch->nchecks == NGX_HTTP_EDITORIAL_WATCH_CHECKS
        || !ngx_http_editorial_redis_is_up(watch->emcf))
    {
        return NGX_DECLINED;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, watch->cycle->log);
    if (pool == NULL) {
        return NGX_DECLINED;
    }

    check = ngx_calloc(sizeof(ngx_http_editorial_watch_check_t) + name->len,
                       watch->cycle->log);
    rc = NGX_DECLINED;

    if (check != NULL
        && ngx_http_editorial_redis_key(watch->emcf, pool, kind, name, braces,
                                        &key)
           == NGX_OK)
    {
        check->watch = watch;
        check->name.data = (u_char *) &check[1];
        check->name.len = name->len;
        ngx_memcpy(check->name.data, name->data, name->len);

        if (stamp != NULL) {
            check->stamp = *stamp;
        }

        check->get = ngx_editorial_redis_get(watch->emcf->redis, &key, first,
                                             1, handler, check);
        if (check->get != NULL) {
            ngx_queue_insert_tail(&watch->checks, &check->queue);
            watch->nchecks++;
            rc = NGX_OK;
        }
    }

    if (rc != NGX_OK && check != NULL) {
        ngx_free(check);
    }

    ngx_destroy_pool(pool);

    return rc;
}


static void
ngx_http_editorial_watch_answered(ngx_http_editorial_watch_check_t *check)
{
    ngx_queue_remove(&check->queue);
    check->watch->nchecks--;

    ngx_free(check);
}


/* {KEY} */

static ngx_int_t
ngx_http_editorial_watch_unbrace(ngx_str_t *name)
{
    if (name->len < 2
        || name->data[0] != '{'
        || name->data[name->len - 1] != '}')
    {
        return NGX_DECLINED;
    }

    name->data++;
    name->len -= 2;

    return NGX_OK;
}
