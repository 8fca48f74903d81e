
/*
 * A request asks Redis: for its page and its article's record at once, by
 * commands that go out together, and sleeps until the last answer is there.
 *
 *     ask --> GET page, GET article, GET gen
 *         --> sleep --> woken once --> the handler looks at the answers
 *
 * Without a zone several may ask for the same: their GETs are joined.  With
 * one they are not: what a page of the zone is cleared by must not have been
 * asked before it was doubted.
 *
 * An answer that does not come (time-out, loss, an error) is an answer, too:
 * the request then goes on as if there was no Redis.  A client that goes away
 * cancels what is in flight.
 *
 * The client's own timers do not keep a worker that exits from exiting.  That
 * of a request that sleeps does.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_redis.h"


/* A request sleeps no longer, whatever happens; ms. */
#define NGX_HTTP_EDITORIAL_FIND_GUARD  10000


typedef struct {
    const char   *kind;
    unsigned      article:1;         /* by the article's id, not by the key */
    unsigned      nameless:1;
    size_t        first;             /* bytes; 0: all */
} ngx_http_editorial_findable_t;


static ngx_http_editorial_find_t *ngx_http_editorial_find_create(
    ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx);
static ngx_int_t ngx_http_editorial_find_get(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t i);
static void ngx_http_editorial_find_got(ngx_http_editorial_find_t *find,
    ngx_uint_t i, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value);
static void ngx_http_editorial_find_replied(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_find_done(ngx_http_editorial_find_t *find,
    ngx_editorial_redis_rc_e rc);
static ngx_int_t ngx_http_editorial_find_sleep(
    ngx_http_editorial_find_t *find);
static void ngx_http_editorial_find_guard(ngx_event_t *ev);


static ngx_http_editorial_findable_t
    ngx_http_editorial_findables[NGX_HTTP_EDITORIAL_FINDS] =
{
    { "page:", 0, 0, 0 },                              /* _PAGE */
    { "page:", 0, 0, NGX_HTTP_EDITORIAL_REVISION },    /* _REVISION */
    { "gzip:", 0, 0, 0 },                              /* _CODED */
    { "article:", 1, 0, 0 },                           /* _RECORD */
    { "gen", 0, 1, 0 }                                 /* _GENERATION */
};


/* One handler each: an answer does not say what was asked. */

#define ngx_http_editorial_find_handler(name, i)                              \
                                                                              \
static void                                                                   \
name(void *data, ngx_editorial_redis_rc_e rc,                                 \
    ngx_editorial_redis_value_t *value)                                       \
{                                                                             \
    ngx_http_editorial_find_got(data, i, rc, value);                          \
}

ngx_http_editorial_find_handler(ngx_http_editorial_find_page,
                                NGX_HTTP_EDITORIAL_FIND_PAGE)
ngx_http_editorial_find_handler(ngx_http_editorial_find_revision,
                                NGX_HTTP_EDITORIAL_FIND_REVISION)
ngx_http_editorial_find_handler(ngx_http_editorial_find_coded,
                                NGX_HTTP_EDITORIAL_FIND_CODED)
ngx_http_editorial_find_handler(ngx_http_editorial_find_record,
                                NGX_HTTP_EDITORIAL_FIND_RECORD)
ngx_http_editorial_find_handler(ngx_http_editorial_find_generation,
                                NGX_HTTP_EDITORIAL_FIND_GENERATION)


static ngx_editorial_redis_got_pt
    ngx_http_editorial_find_handlers[NGX_HTTP_EDITORIAL_FINDS] =
{
    ngx_http_editorial_find_page,
    ngx_http_editorial_find_revision,
    ngx_http_editorial_find_coded,
    ngx_http_editorial_find_record,
    ngx_http_editorial_find_generation
};


ngx_int_t
ngx_http_editorial_find_ask(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t what)
{
    ngx_uint_t                  i;
    ngx_http_editorial_find_t  *find;

    if (!ngx_http_editorial_redis_is_up(
            ngx_http_get_module_main_conf(r, ngx_http_editorial_module)))
    {
        return NGX_DECLINED;
    }

    find = ngx_http_editorial_find_create(r, ctx);
    if (find == NULL) {
        return NGX_DECLINED;
    }

    find->asked = what;

    for (i = 0; i < NGX_HTTP_EDITORIAL_FINDS; i++) {

        if ((what & ((ngx_uint_t) 1 << i))
            && ngx_http_editorial_find_get(r, ctx, i) != NGX_OK)
        {
            ngx_http_editorial_find_end(ctx);
            return NGX_DECLINED;
        }
    }

    return find->pending ? ngx_http_editorial_find_sleep(find) : NGX_DECLINED;
}


ngx_int_t
ngx_http_editorial_find_script(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_script_e script,
    ngx_str_t *name, ngx_str_t *args)
{
    ngx_http_editorial_find_t       *find;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (!ngx_http_editorial_redis_is_up(emcf)) {
        return NGX_DECLINED;
    }

    find = ngx_http_editorial_find_create(r, ctx);

    if (find == NULL
        || ngx_http_editorial_script(emcf, script, name, args,
                                     ngx_http_editorial_find_replied, find,
                                     &find->cmd)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    find->pending = 1;

    return ngx_http_editorial_find_sleep(find);
}


ngx_int_t
ngx_http_editorial_find_answer(ngx_http_editorial_ctx_t *ctx,
    ngx_http_editorial_find_e what, ngx_editorial_redis_value_t **value)
{
    ngx_http_editorial_find_t  *find;

    find = ctx->find;
    *value = NULL;

    if (find == NULL
        || !(find->asked & ((ngx_uint_t) 1 << what))
        || find->found[what].rc != NGX_EDITORIAL_REDIS_OK)
    {
        return NGX_ERROR;
    }

    *value = find->found[what].value;

    return NGX_OK;
}


ngx_uint_t
ngx_http_editorial_find_sleeps(ngx_http_editorial_ctx_t *ctx)
{
    return ctx->find != NULL && ctx->find->pending != 0;
}


void
ngx_http_editorial_find_end(ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t                   i;
    ngx_http_editorial_find_t   *find;
    ngx_http_editorial_found_t  *found;

    find = ctx->find;

    if (find == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_EDITORIAL_FINDS; i++) {
        found = &find->found[i];

        if (found->get != NULL) {
            ngx_editorial_redis_get_cancel(found->get);
            found->get = NULL;
        }

        if (found->value != NULL) {
            ngx_editorial_redis_value_release(found->value);
            found->value = NULL;
        }
    }

    if (find->cmd != NULL) {
        ngx_editorial_redis_cancel(find->cmd);
        find->cmd = NULL;
    }

    if (find->guard.timer_set) {
        ngx_del_timer(&find->guard);
    }

    find->asked = 0;
    find->pending = 0;
}


/* Empty: what it held is let go. */

static ngx_http_editorial_find_t *
ngx_http_editorial_find_create(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    if (ctx->find == NULL) {
        ctx->find = ngx_pcalloc(r->pool, sizeof(ngx_http_editorial_find_t));

        if (ctx->find == NULL) {
            return NULL;
        }

        ctx->find->r = r;
        ctx->find->guard.handler = ngx_http_editorial_find_guard;
        ctx->find->guard.data = ctx;
        ctx->find->guard.log = r->connection->log;
    }

    ngx_http_editorial_find_end(ctx);

    return ctx->find;
}


/* An article without an id has no record: that needs not be asked for. */

static ngx_int_t
ngx_http_editorial_find_get(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t i)
{
    ngx_str_t                        key, *name;
    ngx_http_editorial_found_t      *found;
    ngx_http_editorial_findable_t   *what;
    ngx_http_editorial_main_conf_t  *emcf;
    static ngx_str_t                 none = ngx_null_string;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);
    what = &ngx_http_editorial_findables[i];
    found = &ctx->find->found[i];

    name = what->nameless ? &none
                          : what->article ? &ctx->article : &ctx->cache->key;

    found->rc = NGX_EDITORIAL_REDIS_OK;

    if (what->article && name->len == 0) {
        return NGX_OK;
    }

    if (ngx_http_editorial_redis_key(emcf, r->pool, what->kind, name,
                                     !what->article && !what->nameless, &key)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    found->get = ngx_editorial_redis_get(emcf->redis, &key, what->first,
                                         emcf->zone != NULL,
                                         ngx_http_editorial_find_handlers[i],
                                         ctx->find);
    if (found->get == NULL) {
        return NGX_ERROR;
    }

    ctx->find->pending++;

    return NGX_OK;
}


static void
ngx_http_editorial_find_got(ngx_http_editorial_find_t *find, ngx_uint_t i,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_found_t  *found;

    found = &find->found[i];

    found->get = NULL;
    found->rc = rc;

    if (value != NULL) {
        ngx_editorial_redis_value_hold(value);
        found->value = value;
    }

    ngx_http_editorial_find_done(find, rc);
}


static void
ngx_http_editorial_find_replied(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_find_t *find = data;

    find->cmd = NULL;
    find->reply = NGX_ERROR;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_INTEGER) {
        find->reply = (ngx_int_t) reply->integer;

    } else if (rc == NGX_EDITORIAL_REDIS_OK) {
        rc = NGX_EDITORIAL_REDIS_ERROR;
    }

    ngx_http_editorial_find_done(find, rc);
}


static void
ngx_http_editorial_find_done(ngx_http_editorial_find_t *find,
    ngx_editorial_redis_rc_e rc)
{
    if (rc != NGX_EDITORIAL_REDIS_OK) {
        ngx_http_editorial_count(find->r,
                                 NGX_HTTP_EDITORIAL_COUNT_REDIS_FAILED);
    }

    if (--find->pending == 0) {
        ngx_del_timer(&find->guard);
        ngx_http_editorial_count_redis(find->r, ngx_http_editorial_clock()
                                                - find->since);
        ngx_http_editorial_wake(find->r);
    }
}


static ngx_int_t
ngx_http_editorial_find_sleep(ngx_http_editorial_find_t *find)
{
    find->since = ngx_http_editorial_clock();
    ngx_add_timer(&find->guard, NGX_HTTP_EDITORIAL_FIND_GUARD);

    return ngx_http_editorial_sleep(find->r);
}


/* As if nothing had been answered. */

static void
ngx_http_editorial_find_guard(ngx_event_t *ev)
{
    ngx_http_editorial_ctx_t  *ctx;

    ctx = ev->data;

    ngx_http_editorial_find_end(ctx);
    ctx->find->reply = NGX_ERROR;

    ngx_http_editorial_wake(ctx->find->r);
}
