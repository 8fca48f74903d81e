
/*
 * Compressing kept pages, off every reader's path: a page is served from the
 * moment it is stored, and gets its coded parts (ed_deflate.h) a little later.
 *
 *     jobs --> [ page, position ] --> [ page ] --> …     a queue a worker
 *
 * One slice of the first job is done each time the event loop has come round,
 * so that no event waits longer than a slice takes.  A job that finds no place
 * in the queue is dropped: the page's next reader who takes gzip asks again.
 *
 * A job's page is pinned in the zone; where there is none the job has a copy.
 * The coded parts go to Redis, too, for the other nodes.
 *
 * The coded parts serve every edition, and cost some bytes for that, as what
 * stands before a cut is forgotten there.  An edition that is asked for often
 * gets a gzip stream of its own (ed_whole.h), kept in the zone like a page,
 * under a key that only this edition of these bytes has.  A new page has
 * another, and the old stream goes as whatever is not asked for goes.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_JOBS   64
#define NGX_HTTP_EDITORIAL_SLICE  (16 * 1024)     /* bytes, under 1 ms */
#define NGX_HTTP_EDITORIAL_LEVEL  6


typedef struct {
    ngx_queue_t                   queue;
    ngx_str_t                     key;
    ed_zone_page_t                page;          /* pinned, once begun */
    ed_zone_stamp_t               stamp;         /* of its look-up */
    u_char                       *bytes;         /* the page; owned; NULL: in
                                                    the zone */
    ed_stored_t                   head;          /* in it */
    ed_deflate_t                 *deflate;       /* NULL: not begun */
    size_t                        offset;        /* in head and body */

    ed_edition_t                  edition;       /* of a whole stream */
    ed_whole_t                   *whole;         /* NULL: not begun */
    unsigned                      is_whole:1;
} ngx_http_editorial_job_t;


static ngx_http_editorial_job_t *ngx_http_editorial_job_add(
    ngx_http_request_t *r, ngx_str_t *key, ed_edition_t *edition);
static void ngx_http_editorial_job_copy(ngx_http_request_t *r,
    ngx_http_editorial_job_t *job, ed_str_t head, ed_str_t body);
static ngx_uint_t ngx_http_editorial_job_is(ngx_http_editorial_job_t *job,
    ngx_str_t *key, ed_edition_t *edition);
static void ngx_http_editorial_coder_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_editorial_job_open(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job);
static ngx_int_t ngx_http_editorial_job_begin(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job);
static const u_char *ngx_http_editorial_job_bytes(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_job_t *job,
    size_t offset, size_t *len);
static ngx_int_t ngx_http_editorial_job_slice(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_job_t *job);
static void ngx_http_editorial_job_keep(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job);
static ngx_int_t ngx_http_editorial_whole_begin(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job);
static ngx_int_t ngx_http_editorial_whole_slice(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_job_t *job);
static void ngx_http_editorial_whole_keep(
    ngx_http_editorial_main_conf_t *emcf, ngx_http_editorial_job_t *job);
static void ngx_http_editorial_job_end(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job);


void
ngx_http_editorial_coder_init(ngx_http_editorial_main_conf_t *emcf,
    ngx_log_t *log)
{
    ngx_http_editorial_coder_t  *coder;

    coder = &emcf->worker->coder;

    ngx_queue_init(&coder->jobs);

    coder->event.handler = ngx_http_editorial_coder_handler;
    coder->event.data = emcf;
    coder->event.log = log;
}


void
ngx_http_editorial_coder_exit(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_http_editorial_coder_t  *coder;

    coder = &emcf->worker->coder;

    while (!ngx_queue_empty(&coder->jobs)) {
        ngx_http_editorial_job_end(emcf,
                           ngx_queue_data(ngx_queue_head(&coder->jobs),
                                          ngx_http_editorial_job_t, queue));
    }

    if (coder->event.posted) {
        ngx_delete_posted_event(&coder->event);
    }
}


void
ngx_http_editorial_cache_code(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache)
{
    ngx_http_editorial_job_t   *job;
    ngx_http_editorial_kept_t  *kept;

    kept = &cache->kept;

    if (kept->pinned.entry == ED_ZONE_NONE
        && ngx_http_editorial_zone_is_there(r))
    {
        return;
    }

    job = ngx_http_editorial_job_add(r, &cache->key, NULL);

    if (job != NULL && kept->bytes != NULL) {
        ngx_http_editorial_job_copy(r, job,
                                    ed_str(kept->bytes, kept->pinned.len),
                                    ED_STR_EMPTY);
    }
}


void
ngx_http_editorial_cache_code_new(ngx_http_request_t *r,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t head)
{
    ngx_http_editorial_job_t  *job;

    if (!cache->conf->cache.gzip) {
        return;
    }

    job = ngx_http_editorial_job_add(r, &cache->key, NULL);

    if (job != NULL && !ngx_http_editorial_zone_is_there(r)) {
        ngx_http_editorial_job_copy(r, job, head,
                                    ed_str(cache->build.body.data,
                                           cache->build.body.len));
    }
}


/*
 * Counts in a table in which keys share places: whoever comes takes the place
 * over with a count of one.  So only what comes often enough counts up.
 */

void
ngx_http_editorial_cache_hot(ngx_http_request_t *r,
    ngx_http_editorial_kept_t *kept, ngx_str_t *key, ed_edition_t *edition,
    const u_char *name)
{
    uint32_t                         hash;
    ngx_http_editorial_hot_t        *hot;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    hash = ngx_murmur_hash2((u_char *) name, ED_WHOLE_KEY);
    hot = &emcf->worker->coder.hot[hash % NGX_HTTP_EDITORIAL_HOT];

    if (hot->hash != hash) {
        hot->hash = hash;
        hot->n = 0;
    }

    hot->n++;

    if (hot->n < NGX_HTTP_EDITORIAL_OFTEN || kept->head.nparts < 2) {
        return;
    }

    hot->n = 0;

    (void) ngx_http_editorial_job_add(r, key, edition);
}


/* edition: of a whole stream, else NULL.  NULL: there is such a job already,
   or no room for it. */

static ngx_http_editorial_job_t *
ngx_http_editorial_job_add(ngx_http_request_t *r, ngx_str_t *key,
    ed_edition_t *edition)
{
    ngx_queue_t                     *q;
    ngx_http_editorial_job_t        *job;
    ngx_http_editorial_coder_t      *coder;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    coder = &emcf->worker->coder;

    if (coder->njobs == NGX_HTTP_EDITORIAL_JOBS) {
        return NULL;
    }

    for (q = ngx_queue_head(&coder->jobs);
         q != ngx_queue_sentinel(&coder->jobs);
         q = ngx_queue_next(q))
    {
        job = ngx_queue_data(q, ngx_http_editorial_job_t, queue);

        if (ngx_http_editorial_job_is(job, key, edition)) {
            return NULL;
        }
    }

    job = ngx_calloc(sizeof(ngx_http_editorial_job_t) + key->len,
                     r->connection->log);
    if (job == NULL) {
        return NULL;
    }

    job->key.data = (u_char *) (job + 1);
    job->key.len = key->len;
    ngx_memcpy(job->key.data, key->data, key->len);

    job->page.entry = ED_ZONE_NONE;

    if (edition != NULL) {
        job->is_whole = 1;
        job->edition = *edition;
    }

    ngx_queue_insert_tail(&coder->jobs, &job->queue);
    coder->njobs++;
    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_JOBS,
                                 emcf->worker->coder.njobs);

    ngx_post_event(&coder->event, &ngx_posted_next_events);

    return job;
}


/* Without memory for it the job finds no page, and is done. */

static void
ngx_http_editorial_job_copy(ngx_http_request_t *r,
    ngx_http_editorial_job_t *job, ed_str_t head, ed_str_t body)
{
    u_char  *p;

    job->bytes = ngx_alloc(head.len + body.len, r->connection->log);

    if (job->bytes != NULL) {
        p = ngx_cpymem(job->bytes, head.data, head.len);

        if (body.len != 0) {
            ngx_memcpy(p, body.data, body.len);
        }

        job->page.len = (uint32_t) (head.len + body.len);
    }
}


static ngx_uint_t
ngx_http_editorial_job_is(ngx_http_editorial_job_t *job, ngx_str_t *key,
    ed_edition_t *edition)
{
    if (job->key.len != key->len
        || ngx_memcmp(job->key.data, key->data, key->len) != 0)
    {
        return 0;
    }

    return edition == NULL
           ? !job->is_whole
           : job->is_whole
             && ngx_memcmp(&job->edition, edition, sizeof(ed_edition_t)) == 0;
}


static void
ngx_http_editorial_coder_handler(ngx_event_t *ev)
{
    ngx_int_t                        rc;
    ngx_http_editorial_job_t        *job;
    ngx_http_editorial_coder_t      *coder;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ev->data;
    coder = &emcf->worker->coder;

    if (ngx_queue_empty(&coder->jobs)) {
        return;
    }

    job = ngx_queue_data(ngx_queue_head(&coder->jobs),
                         ngx_http_editorial_job_t, queue);

    if (job->is_whole) {
        rc = (job->whole == NULL)
             ? ngx_http_editorial_whole_begin(emcf->zone, job)
             : ngx_http_editorial_whole_slice(emcf, job);

    } else {
        rc = (job->deflate == NULL)
             ? ngx_http_editorial_job_begin(emcf->zone, job)
             : ngx_http_editorial_job_slice(emcf, job);
    }

    if (rc != NGX_AGAIN) {
        ngx_http_editorial_job_end(emcf, job);
    }

    if (!ngx_queue_empty(&coder->jobs)) {
        ngx_post_event(ev, &ngx_posted_next_events);
    }
}


/* Pins the job's page; NGX_DECLINED: it has gone, or is damaged. */

static ngx_int_t
ngx_http_editorial_job_open(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job)
{
    size_t             len;
    const u_char      *p;
    ed_zone_lookup_t   lookup;

    if (job->bytes != NULL) {
        return ed_stored_decode(job->bytes, job->page.len, 0, &job->head)
               == ED_OK ? NGX_OK : NGX_DECLINED;
    }

    if (zone == NULL) {
        return NGX_DECLINED;
    }

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));

    lookup.key = ed_str(job->key.data, job->key.len);
    lookup.pin = 1;

    ngx_editorial_zone_lookup(zone, &lookup);

    job->page = lookup.page;
    job->stamp = lookup.stamp;

    if (lookup.state == ED_PAGE_NONE) {
        return NGX_DECLINED;
    }

    p = ngx_editorial_zone_bytes(zone, &job->page, 0, 0, &len);

    return ed_stored_decode(p, len, 0, &job->head) == ED_OK ? NGX_OK
                                                            : NGX_DECLINED;
}


/* NGX_AGAIN: it has begun; NGX_DONE: there is nothing to do. */

static ngx_int_t
ngx_http_editorial_job_begin(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job)
{
    if (ngx_http_editorial_job_open(zone, job) != NGX_OK
        || job->page.coded_len != 0)
    {
        return NGX_DONE;
    }

    job->offset = job->head.head_len;
    job->deflate = ed_deflate_create(&job->head, NGX_HTTP_EDITORIAL_LEVEL);

    return job->deflate != NULL ? NGX_AGAIN : NGX_DONE;
}


/* Bytes of its page from offset on, *len of them in one piece. */

static const u_char *
ngx_http_editorial_job_bytes(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job, size_t offset, size_t *len)
{
    if (job->bytes != NULL) {
        *len = job->page.len - offset;
        return job->bytes + offset;
    }

    return ngx_editorial_zone_bytes(emcf->zone, &job->page, 0, offset, len);
}


static ngx_int_t
ngx_http_editorial_job_slice(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job)
{
    size_t         len, left;
    ed_rc_t        rc;
    const u_char  *p;

    left = NGX_HTTP_EDITORIAL_SLICE;
    rc = ED_OK;

    while (left != 0 && rc == ED_OK) {
        len = 0;
        p = (u_char *) "";

        if (job->offset < job->page.len) {
            p = ngx_http_editorial_job_bytes(emcf, job, job->offset, &len);
            len = ngx_min(len, left);
        }

        rc = ed_deflate_step(job->deflate, p, len);

        if (rc == ED_OK && len == 0) {
            rc = ED_INVALID;
        }

        job->offset += len;
        left -= len;
    }

    if (rc == ED_OK) {
        return NGX_AGAIN;
    }

    if (rc != ED_DONE) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "editorial: the stored page of \"%V\" cannot be "
                      "compressed, it is damaged or memory is short",
                      &job->key);
        return NGX_ERROR;
    }

    ngx_http_editorial_job_keep(emcf, job);

    return NGX_DONE;
}


static void
ngx_http_editorial_job_keep(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job)
{
    size_t         len;
    ed_str_t       coded;
    const u_char  *head;

    coded = ed_deflate_result(job->deflate);

    ngx_http_editorial_count_n(emcf, NGX_HTTP_EDITORIAL_COUNT_CODED, 1);
    ngx_http_editorial_count_n(emcf, NGX_HTTP_EDITORIAL_COUNT_CODED_FROM,
                               job->head.body_len);
    ngx_http_editorial_count_n(emcf, NGX_HTTP_EDITORIAL_COUNT_CODED_TO,
                               coded.len);

    head = ngx_http_editorial_job_bytes(emcf, job, 0, &len);

    ngx_http_editorial_share_coded(emcf, &job->key,
                                   ed_str(head, job->head.head_len), coded);

    if (job->bytes == NULL) {
        (void) ngx_editorial_zone_store_coded(emcf->zone, job->page.entry,
                                     coded,
                                     ed_coded_table_len(job->head.nparts));
    }
}


static ngx_int_t
ngx_http_editorial_whole_begin(ngx_editorial_zone_t *zone,
    ngx_http_editorial_job_t *job)
{
    if (ngx_http_editorial_job_open(zone, job) != NGX_OK) {
        return NGX_DONE;
    }

    job->whole = ed_whole_create(&job->head, &job->edition,
                                 NGX_HTTP_EDITORIAL_LEVEL);

    return job->whole != NULL ? NGX_AGAIN : NGX_DONE;
}


static ngx_int_t
ngx_http_editorial_whole_slice(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job)
{
    size_t           len, left;
    ed_rc_t          rc;
    const u_char    *p;
    ed_piece_run_t   run;

    left = NGX_HTTP_EDITORIAL_SLICE;
    rc = ED_OK;

    while (left != 0 && rc == ED_OK) {
        run = ed_whole_wants(job->whole);

        len = 0;
        p = (u_char *) "";

        if (run.len != 0) {
            p = ngx_http_editorial_job_bytes(emcf, job,
                                             job->head.head_len + run.offset,
                                             &len);
            len = ngx_min(ngx_min(len, run.len), left);
        }

        rc = ed_whole_step(job->whole, p, len);

        left -= len;
    }

    if (rc == ED_OK) {
        return NGX_AGAIN;
    }

    if (rc == ED_DONE) {
        ngx_http_editorial_whole_keep(emcf, job);
    }

    return NGX_DONE;
}


/* Before the stream stands what it takes of the page, for the workers of this
   zone: the bytes of a struct. */

static void
ngx_http_editorial_whole_keep(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job)
{
    u_char    key[ED_WHOLE_KEY];
    ed_str_t  stream;

    ed_whole_key(&job->head, &job->edition, key);

    stream = ed_whole_result(job->whole);
    job->stamp.derived = 1;

    (void) ngx_editorial_zone_store(emcf->zone, ed_str(key, sizeof(key)), 0,
                                    &job->page.times, &job->stamp,
                                    ed_str(ed_whole_taken(job->whole),
                                           sizeof(ed_taken_parts_t)),
                                    stream, 0, NULL);
}


static void
ngx_http_editorial_job_end(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_job_t *job)
{
    ngx_queue_remove(&job->queue);
    emcf->worker->coder.njobs--;
    ngx_http_editorial_set_gauge(emcf, NGX_HTTP_EDITORIAL_GAUGE_JOBS,
                                 emcf->worker->coder.njobs);

    ed_deflate_destroy(job->deflate);
    ed_whole_destroy(job->whole);

    if (job->page.entry != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(emcf->zone, job->page.entry);
    }

    if (job->bytes != NULL) {
        ngx_free(job->bytes);
    }

    ngx_free(job);
}
