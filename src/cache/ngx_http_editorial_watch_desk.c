
/*
 * What editors write to Redis: desk:DESK, a hash of features and "paused", and
 * changed:DESK, which says who did where it was done through the API.
 *
 * The worker that has the watcher's role reads the hash of every desk when it
 * begins to be told of changes, and that of one desk when it is told of it,
 * and puts what it has read on the board.  A desk is read once at a time; if
 * it changes meanwhile, it is read again.  What could not be read is tried
 * again as the watcher's timer ticks, a second later where Redis refused it.
 *
 *     told --> due --> HGETALL --+--> board --> HGETALL --> board
 *               ^                |              changed:
 *               +-- no answer, --+
 *                   told again,
 *                   set meanwhile by a worker of this node
 *
 * What a worker has set is read again, too: it may have been overwritten in
 * Redis before it came to the board.
 */

#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_redis.h"


/* HGETALL KEY */
#define NGX_HTTP_EDITORIAL_HGETALL  2

#define NGX_HTTP_EDITORIAL_REFUSED  1000     /* ms until it is asked again */


/* A desk that is read. */
typedef struct {
    ngx_http_editorial_watch_desks_t  *desks;
    ngx_http_editorial_desk_t         *desk;
    ngx_str_t                          key;
    ngx_str_t                          changed_key;
    uint64_t                           set;      /* the board's count, before
                                                    it was last read */
    ngx_editorial_redis_cmd_t         *cmd;      /* in flight; NULL: none */
    ngx_msec_t                         not_before;   /* that is asked again */
    unsigned                           due:1;
    unsigned                           refused:1;
} ngx_http_editorial_watch_desk_t;


struct ngx_http_editorial_watch_desks_s {
    ngx_http_editorial_main_conf_t    *emcf;
    ngx_log_t                         *log;
    ngx_http_editorial_watch_desk_t   *list;
    ngx_uint_t                         n;
};


static void ngx_http_editorial_watch_desk_ask(
    ngx_http_editorial_watch_desk_t *watched);
static ngx_editorial_redis_cmd_t *ngx_http_editorial_watch_desk_send(
    ngx_http_editorial_watch_desk_t *watched, ngx_str_t *key,
    ngx_editorial_redis_handler_pt handler);
static void ngx_http_editorial_watch_desk_answer(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_watch_desk_again(
    ngx_http_editorial_watch_desk_t *watched, ngx_editorial_redis_rc_e rc);
static void ngx_http_editorial_watch_desk_changed(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_watch_desk_sign(
    ngx_http_editorial_watch_desk_t *watched, redisReply *reply);
static void ngx_http_editorial_watch_desk_strange(
    ngx_http_editorial_watch_desk_t *watched);
static void ngx_http_editorial_watch_desk_read(
    ngx_http_editorial_watch_desk_t *watched, redisReply *reply);
static void ngx_http_editorial_watch_desk_field(
    ngx_http_editorial_desk_t *desk, ed_str_t name, ed_str_t value,
    ngx_http_editorial_posting_t *posting);
static void ngx_http_editorial_watch_desk_feature(
    ngx_http_editorial_desk_t *desk, ed_feature_e feature, ed_str_t value,
    ngx_http_editorial_posting_t *posting);
static void ngx_http_editorial_watch_desk_unknown(ed_str_t name,
    ngx_http_editorial_posting_t *posting);
static void ngx_http_editorial_watch_desk_post(
    ngx_http_editorial_watch_desk_t *watched,
    ngx_http_editorial_posting_t *posting);


ngx_http_editorial_watch_desks_t *
ngx_http_editorial_watch_desks_create(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    ngx_uint_t                         i;
    ngx_http_editorial_desk_t        **list;
    ngx_http_editorial_watch_desk_t   *watched;
    ngx_http_editorial_watch_desks_t  *desks;

    desks = ngx_pcalloc(cycle->pool, sizeof(ngx_http_editorial_watch_desks_t));
    if (desks == NULL) {
        return NULL;
    }

    desks->emcf = emcf;
    desks->log = cycle->log;

    list = ngx_http_editorial_desks(emcf, &desks->n);

    desks->list = ngx_pcalloc(cycle->pool, desks->n
                                  * sizeof(ngx_http_editorial_watch_desk_t));
    if (desks->list == NULL) {
        return NULL;
    }

    for (i = 0; i < desks->n; i++) {
        watched = &desks->list[i];

        watched->desks = desks;
        watched->desk = list[i];

        if (ngx_http_editorial_redis_key(emcf, cycle->pool, "desk:",
                                         &list[i]->name, 0, &watched->key)
            != NGX_OK
            || ngx_http_editorial_redis_key(emcf, cycle->pool, "changed:",
                                            &list[i]->name, 0,
                                            &watched->changed_key)
               != NGX_OK)
        {
            return NULL;
        }
    }

    return desks;
}


void
ngx_http_editorial_watch_desks_all(ngx_http_editorial_watch_desks_t *desks)
{
    ngx_uint_t  i;

    for (i = 0; i < desks->n; i++) {
        desks->list[i].due = 1;
    }

    ngx_http_editorial_watch_desks_tick(desks);
}


void
ngx_http_editorial_watch_desks_told(ngx_http_editorial_watch_desks_t *desks,
    ngx_str_t *name)
{
    ngx_uint_t                        i;
    ngx_http_editorial_watch_desk_t  *watched;

    for (i = 0; i < desks->n; i++) {
        watched = &desks->list[i];

        if (watched->desk->name.len == name->len
            && ngx_memcmp(watched->desk->name.data, name->data, name->len)
               == 0)
        {
            watched->due = 1;
            ngx_http_editorial_watch_desk_ask(watched);
            return;
        }
    }
}


void
ngx_http_editorial_watch_desks_tick(ngx_http_editorial_watch_desks_t *desks)
{
    ngx_uint_t                        i;
    ngx_http_editorial_watch_desk_t  *watched;

    for (i = 0; i < desks->n; i++) {
        watched = &desks->list[i];

        if (ngx_http_editorial_desk_count(watched->desk) != watched->set) {
            watched->due = 1;
        }

        ngx_http_editorial_watch_desk_ask(watched);
    }
}


void
ngx_http_editorial_watch_desks_end(ngx_http_editorial_watch_desks_t *desks)
{
    ngx_uint_t                        i;
    ngx_http_editorial_watch_desk_t  *watched;

    for (i = 0; i < desks->n; i++) {
        watched = &desks->list[i];

        watched->due = 0;

        if (watched->cmd != NULL) {
            ngx_editorial_redis_cancel(watched->cmd);
            watched->cmd = NULL;
        }
    }
}


static void
ngx_http_editorial_watch_desk_ask(ngx_http_editorial_watch_desk_t *watched)
{
    if (!watched->due
        || watched->cmd != NULL
        || watched->desk->slot == NULL
        || (watched->refused
            && (ngx_msec_int_t) (watched->not_before - ngx_current_msec) > 0)
        || !ngx_http_editorial_redis_is_up(watched->desks->emcf))
    {
        return;
    }

    watched->set = ngx_http_editorial_desk_count(watched->desk);

    watched->cmd = ngx_http_editorial_watch_desk_send(watched, &watched->key,
                                       ngx_http_editorial_watch_desk_answer);
    watched->due = (watched->cmd == NULL);
}


static ngx_editorial_redis_cmd_t *
ngx_http_editorial_watch_desk_send(ngx_http_editorial_watch_desk_t *watched,
    ngx_str_t *key, ngx_editorial_redis_handler_pt handler)
{
    size_t       lens[NGX_HTTP_EDITORIAL_HGETALL];
    const char  *args[NGX_HTTP_EDITORIAL_HGETALL];

    args[0] = "HGETALL";
    lens[0] = sizeof("HGETALL") - 1;
    args[1] = (char *) key->data;
    lens[1] = key->len;

    return ngx_editorial_redis_command(watched->desks->emcf->redis,
                                       NGX_HTTP_EDITORIAL_HGETALL, args, lens,
                                       handler, watched);
}


static void
ngx_http_editorial_watch_desk_answer(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_watch_desk_t *watched = data;

    watched->cmd = NULL;
    watched->refused = 0;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_ARRAY) {
        ngx_http_editorial_watch_desk_read(watched, reply);

    } else if (rc == NGX_EDITORIAL_REDIS_ERROR
               && ngx_strncmp(reply->str, "WRONGTYPE", 9) == 0)
    {
        ngx_http_editorial_watch_desk_strange(watched);

    } else {
        ngx_http_editorial_watch_desk_again(watched, rc);
        return;
    }

    if (watched->due) {
        ngx_http_editorial_watch_desk_ask(watched);
        return;
    }

    watched->cmd = ngx_http_editorial_watch_desk_send(watched,
                                       &watched->changed_key,
                                       ngx_http_editorial_watch_desk_changed);
    watched->due = (watched->cmd == NULL);
}


static void
ngx_http_editorial_watch_desk_again(ngx_http_editorial_watch_desk_t *watched,
    ngx_editorial_redis_rc_e rc)
{
    watched->refused = (rc == NGX_EDITORIAL_REDIS_ERROR
                        || rc == NGX_EDITORIAL_REDIS_OK);
    watched->not_before = ngx_current_msec + NGX_HTTP_EDITORIAL_REFUSED;
    watched->due = 1;
}


/* Who it was is not worth asking twice where Redis refuses to say. */

static void
ngx_http_editorial_watch_desk_changed(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_watch_desk_t *watched = data;

    watched->cmd = NULL;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_ARRAY) {
        ngx_http_editorial_watch_desk_sign(watched, reply);

    } else if (rc != NGX_EDITORIAL_REDIS_OK && rc != NGX_EDITORIAL_REDIS_ERROR)
    {
        ngx_http_editorial_watch_desk_again(watched, rc);
        return;
    }

    ngx_http_editorial_watch_desk_ask(watched);
}


static void
ngx_http_editorial_watch_desk_sign(ngx_http_editorial_watch_desk_t *watched,
    redisReply *reply)
{
    size_t         i;
    redisReply    *name, *value;
    ed_changed_t   changed[ED_FEATURES], read;
    ed_feature_e   feature;

    ngx_memzero(changed, sizeof(changed));

    for (i = 0; i + 1 < reply->elements; i += 2) {
        name = reply->element[i];
        value = reply->element[i + 1];

        if (name->type != REDIS_REPLY_STRING
            || value->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        feature = ed_feature_find(ed_str(name->str, name->len));

        if (feature != ED_FEATURES
            && ed_changed_read(&read, ed_str(value->str, value->len))
               == ED_OK)
        {
            changed[feature] = read;
        }
    }

    ngx_http_editorial_desk_sign(watched->desks->emcf, watched->desk,
                                 watched->set, changed);
}


/* It is no hash: all of it is ignored. */

static void
ngx_http_editorial_watch_desk_strange(ngx_http_editorial_watch_desk_t *watched)
{
    ngx_uint_t                      i;
    ngx_http_editorial_posting_t    posting;
    ed_desk_t                       notices;

    ngx_memzero(&posting, sizeof(ngx_http_editorial_posting_t));

    posting.paused_what = NGX_HTTP_EDITORIAL_IGNORED;

    ngx_memcpy(posting.error, "the key holds no hash",
               sizeof("the key holds no hash"));

    (void) ngx_http_editorial_desk_get(watched->desk, &notices);

    for (i = 0; i < ED_FEATURES; i++) {
        posting.features[i].what = NGX_HTTP_EDITORIAL_IGNORED;
        ngx_memcpy(posting.features[i].error, notices.features[i].problem,
                   ED_MAX_PROBLEM);
    }

    ngx_http_editorial_watch_desk_post(watched, &posting);
}


static void
ngx_http_editorial_watch_desk_read(ngx_http_editorial_watch_desk_t *watched,
    redisReply *reply)
{
    size_t                         i;
    redisReply                    *name, *value;
    ngx_http_editorial_posting_t   posting;

    ngx_memzero(&posting, sizeof(ngx_http_editorial_posting_t));

    for (i = 0; i + 1 < reply->elements; i += 2) {
        name = reply->element[i];
        value = reply->element[i + 1];

        if (name->type == REDIS_REPLY_STRING
            && value->type == REDIS_REPLY_STRING)
        {
            ngx_http_editorial_watch_desk_field(watched->desk,
                                        ed_str(name->str, name->len),
                                        ed_str(value->str, value->len),
                                        &posting);
        }
    }

    ngx_http_editorial_watch_desk_post(watched, &posting);
}


static void
ngx_http_editorial_watch_desk_field(ngx_http_editorial_desk_t *desk,
    ed_str_t name, ed_str_t value, ngx_http_editorial_posting_t *posting)
{
    ed_feature_e  feature;

    feature = ed_feature_find(name);

    if (feature != ED_FEATURES) {
        ngx_http_editorial_watch_desk_feature(desk, feature, value, posting);
        return;
    }

    if (!ed_str_eq(name, ED_STR("paused"))) {

        if (posting->error[0] == '\0') {
            ngx_http_editorial_watch_desk_unknown(name, posting);
        }

        return;
    }

    posting->paused_what = NGX_HTTP_EDITORIAL_READ;

    if (ed_state_paused(value, &posting->paused, posting->error) != ED_OK) {
        posting->paused_what = NGX_HTTP_EDITORIAL_IGNORED;
    }
}


static void
ngx_http_editorial_watch_desk_feature(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_str_t value,
    ngx_http_editorial_posting_t *posting)
{
    if (ngx_http_editorial_state_read(desk, feature, value,
                                      &posting->features[feature].state,
                                      posting->features[feature].error)
        != NGX_OK)
    {
        posting->features[feature].what = NGX_HTTP_EDITORIAL_IGNORED;
        return;
    }

    /* without one its readers would be split, and never counted */
    ed_state_derive_id(&posting->features[feature].state);

    posting->features[feature].what = NGX_HTTP_EDITORIAL_READ;
    ed_record_digest(value, posting->features[feature].etag);
}


/* Its name may be anything, and goes into the log. */

static void
ngx_http_editorial_watch_desk_unknown(ed_str_t name,
    ngx_http_editorial_posting_t *posting)
{
    char    *p;
    size_t   len;

    p = (char *) ngx_cpymem(posting->error, "\"", 1);

    for (len = 0; len < name.len && len < ED_MAX_NAME; len++) {
        *p++ = (name.data[len] > ' ' && name.data[len] < 0x7f)
               ? (char) name.data[len] : '?';
    }

    ngx_memcpy(p, "\" is no feature", sizeof("\" is no feature"));
}


static void
ngx_http_editorial_watch_desk_post(ngx_http_editorial_watch_desk_t *watched,
    ngx_http_editorial_posting_t *posting)
{
    posting->set = watched->set;

    if (ngx_http_editorial_desk_post(watched->desks->emcf, watched->desk,
                                     posting, watched->desks->log)
        == NGX_AGAIN)
    {
        watched->due = 1;
    }
}
