
/*
 * The client: which server is used, what becomes of a command, the log.
 *
 * Servers are tried in their order, one after the other, each as long as
 * connect_timeout lets it; the first that greets is used.  After the last one
 * the client waits, 50 ms at first, twice as long each time, a second at most,
 * and less by chance so that workers and nodes do not come all at once.  While
 * one that is not the first is in use, those before it are tried every
 * fail_timeout; when one greets, new commands go there, and the other
 * connection ends behind its last reply.
 *
 * A command that is over without a reply is kept in a list, and told in the
 * next round of the event loop: who sends one is never called back from within
 * the call, and nothing of hiredis is on the stack.  One that is answered is
 * told from hiredis' callback, as its reply lives no longer than that.
 *
 * When it is cancelled, it stays where it is, without a handler, until its
 * reply comes.
 */

#include "ngx_editorial_redis_int.h"


#define NGX_EDITORIAL_REDIS_BACKOFF_MIN  50     /* ms */
#define NGX_EDITORIAL_REDIS_BACKOFF_MAX  1000


/* Errors that say nothing of the command, but of the server's state; some of
   them end with another connection. */
typedef struct {
    const char                *code;
    size_t                     len;
    ngx_uint_t                 elsewhere;
} ngx_editorial_redis_state_t;


static void ngx_editorial_redis_leave(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_cleanup(void *data);
static void ngx_editorial_redis_try(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_wait(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_look_again(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_timer_handler(ngx_event_t *ev);
static const ngx_editorial_redis_state_t *ngx_editorial_redis_state(
    redisReply *reply);
static void ngx_editorial_redis_not_now(ngx_editorial_redis_link_t *link,
    const ngx_editorial_redis_state_t *state, redisReply *reply);
static void ngx_editorial_redis_say_error(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_said_t *said, redisReply *reply);
static void ngx_editorial_redis_failed(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_lose(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_rc_e rc);
static void ngx_editorial_redis_say_closed(ngx_editorial_redis_link_t *link,
    const char *why);
static void ngx_editorial_redis_over(ngx_editorial_redis_t *redis,
    ngx_editorial_redis_cmd_t *cmd, ngx_editorial_redis_rc_e rc);
static void ngx_editorial_redis_tell(ngx_editorial_redis_t *redis);
static void ngx_editorial_redis_teller_handler(ngx_event_t *ev);


#define ngx_editorial_redis_code(code, elsewhere)                             \
    { code, sizeof(code) - 1, elsewhere }

static const ngx_editorial_redis_state_t  ngx_editorial_redis_states[] = {
    ngx_editorial_redis_code("LOADING ", 1),
    ngx_editorial_redis_code("READONLY ", 1),
    ngx_editorial_redis_code("MASTERDOWN ", 1),
    ngx_editorial_redis_code("NOAUTH ", 1),
    ngx_editorial_redis_code("OOM ", 0),
    ngx_editorial_redis_code("BUSY ", 0),
    ngx_editorial_redis_code("MISCONF ", 0),
    ngx_editorial_redis_code("NOREPLICAS ", 0),
    ngx_editorial_redis_code("CLUSTERDOWN ", 0),
    { NULL, 0, 0 }
};


ngx_editorial_redis_t *
ngx_editorial_redis_create(ngx_cycle_t *cycle,
    ngx_editorial_redis_conf_t *conf)
{
    ngx_editorial_redis_t  *redis;

    redis = ngx_calloc(sizeof(ngx_editorial_redis_t)
                       + conf->servers.nelts
                         * sizeof(ngx_editorial_redis_said_t),
                       cycle->log);
    if (redis == NULL) {
        return NULL;
    }

    redis->cleanup = ngx_pool_cleanup_add(cycle->pool, 0);
    if (redis->cleanup == NULL) {
        ngx_free(redis);
        return NULL;
    }

    redis->cleanup->handler = ngx_editorial_redis_cleanup;
    redis->cleanup->data = redis;

    redis->conf = conf;
    redis->log = cycle->log;
    redis->not_used = (ngx_editorial_redis_said_t *) &redis[1];
    redis->breaker.max_fails = conf->max_fails;
    redis->breaker.fail_timeout = (ngx_msec_t) conf->fail_timeout * 1000;

    ngx_queue_init(&redis->links);
    ngx_queue_init(&redis->over);
    ngx_queue_init(&redis->told);
    ngx_editorial_redis_gets_init(redis);

    redis->timer.handler = ngx_editorial_redis_timer_handler;
    redis->timer.data = redis;
    redis->timer.log = redis->log;
    redis->timer.cancelable = 1;

    redis->teller.handler = ngx_editorial_redis_teller_handler;
    redis->teller.data = redis;
    redis->teller.log = redis->log;

    ngx_editorial_redis_try(redis);

    return redis;
}


/*
 * May be called by a handler, and so from within a link's callback, or from
 * within _tell(): the link is then closed, and the client freed, when those
 * have returned; but nobody is told anything any more when this has.
 */

void
ngx_editorial_redis_destroy(ngx_editorial_redis_t *redis)
{
    ngx_queue_t                 *q, *next;
    ngx_editorial_redis_link_t  *link;

    redis->destroyed = 1;
    redis->cleanup->handler = NULL;
    redis->entered++;

    for (q = ngx_queue_head(&redis->links);
         q != ngx_queue_sentinel(&redis->links);
         q = next)
    {
        next = ngx_queue_next(q);
        link = ngx_queue_data(q, ngx_editorial_redis_link_t, queue);

        ngx_editorial_redis_lose(link, NGX_EDITORIAL_REDIS_LOST);
        ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST, "");
    }

    ngx_editorial_redis_tell(redis);
    ngx_editorial_redis_gets_end(redis);

    if (redis->timer.timer_set) {
        ngx_del_timer(&redis->timer);
    }

    if (redis->teller.posted) {
        ngx_delete_posted_event(&redis->teller);
    }

    redis->entered--;
    ngx_editorial_redis_leave(redis);
}


/* Frees a client that is destroyed when nobody looks at it any more. */

static void
ngx_editorial_redis_leave(ngx_editorial_redis_t *redis)
{
    if (redis->destroyed
        && redis->entered == 0
        && ngx_queue_empty(&redis->links))
    {
        ngx_free(redis);
    }
}


/* A process without a master has no end before that of its configuration. */

static void
ngx_editorial_redis_cleanup(void *data)
{
    ngx_editorial_redis_destroy(data);
}


/* Tries the next server, of those before the one in use; or else waits. */

static void
ngx_editorial_redis_try(ngx_editorial_redis_t *redis)
{
    ngx_uint_t  end;

    end = redis->link ? redis->link->n : redis->conf->servers.nelts;

    if (redis->next < end) {
        redis->trial = ngx_editorial_redis_link_connect(redis, redis->next++);

        if (redis->trial) {
            return;
        }
    }

    ngx_editorial_redis_wait(redis);
}


static void
ngx_editorial_redis_wait(ngx_editorial_redis_t *redis)
{
    ngx_msec_t  half;

    redis->next = 0;

    if (redis->timer.timer_set) {
        ngx_del_timer(&redis->timer);
    }

    if (redis->link) {

        if (redis->link->n > 0) {
            ngx_add_timer(&redis->timer,
                          (ngx_msec_t) redis->conf->fail_timeout * 1000);
        }

        return;
    }

    redis->backoff = ngx_max(redis->backoff * 2,
                             NGX_EDITORIAL_REDIS_BACKOFF_MIN);
    redis->backoff = ngx_min(redis->backoff, NGX_EDITORIAL_REDIS_BACKOFF_MAX);

    half = redis->backoff / 2;

    ngx_add_timer(&redis->timer, half + ngx_random() % half);
}


static void
ngx_editorial_redis_timer_handler(ngx_event_t *ev)
{
    ngx_editorial_redis_t *redis = ev->data;

    if (redis->trial == NULL) {
        ngx_editorial_redis_try(redis);
    }
}


void
ngx_editorial_redis_ready(ngx_editorial_redis_link_t *link)
{
    ngx_editorial_redis_t       *redis;
    ngx_editorial_redis_link_t  *old;

    redis = link->redis;

    old = redis->link;
    redis->link = link;
    redis->trial = NULL;
    redis->stats.connections++;

    ngx_editorial_redis_breaker_connected(&redis->breaker);

    ngx_editorial_redis_log(redis->log, NGX_LOG_NOTICE,
                            &redis->said.connected,
                            "redis \"%V\" is used", &link->server->url);

    if (old) {
        ngx_editorial_redis_link_retire(old);
    }

    ngx_editorial_redis_wait(redis);
}


/* The connection in use is so no more.  One that ends as soon as it has begun
   is no reason to hurry. */

static void
ngx_editorial_redis_look_again(ngx_editorial_redis_t *redis)
{
    ngx_msec_t  life;

    life = ngx_current_msec - redis->link->since;

    redis->link = NULL;

    if (redis->trial) {
        return;
    }

    redis->next = 0;

    if (life < NGX_EDITORIAL_REDIS_BACKOFF_MAX) {
        ngx_editorial_redis_wait(redis);
        return;
    }

    redis->backoff = 0;
    ngx_editorial_redis_try(redis);
}


void
ngx_editorial_redis_closed(ngx_editorial_redis_link_t *link, const char *why)
{
    ngx_uint_t              waited, used, tried;
    ngx_editorial_redis_t  *redis;

    redis = link->redis;
    waited = !ngx_queue_empty(&link->sent);
    used = (link == redis->link);
    tried = (link == redis->trial);

    ngx_editorial_redis_lose(link, link->rc);

    if (redis->destroyed) {
        ngx_editorial_redis_leave(redis);
        return;
    }

    if (used || tried || waited) {
        ngx_editorial_redis_say_closed(link, why);
    }

    if (waited) {
        ngx_editorial_redis_failed(redis);
    }

    if (used) {
        redis->stats.lost++;
        ngx_editorial_redis_look_again(redis);

    } else if (tried) {
        redis->trial = NULL;

        if (redis->link == NULL) {
            ngx_editorial_redis_breaker_refused(&redis->breaker);
        }

        ngx_editorial_redis_try(redis);
    }
}


/* All commands of a link are over. */

static void
ngx_editorial_redis_lose(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_rc_e rc)
{
    ngx_queue_t                *q;
    ngx_editorial_redis_cmd_t  *cmd;

    while (!ngx_queue_empty(&link->sent)) {
        q = ngx_queue_head(&link->sent);
        cmd = ngx_queue_data(q, ngx_editorial_redis_cmd_t, queue);

        ngx_queue_remove(q);
        ngx_editorial_redis_over(link->redis, cmd, rc);
    }
}


static void
ngx_editorial_redis_say_closed(ngx_editorial_redis_link_t *link,
    const char *why)
{
    ngx_editorial_redis_t  *redis;

    redis = link->redis;

    if (link == redis->trial) {
        ngx_editorial_redis_log(redis->log,
                                redis->link ? NGX_LOG_INFO : NGX_LOG_WARN,
                                &redis->not_used[link->n],
                                "redis \"%V\" is not used: %s",
                                &link->server->url, why);
        return;
    }

    if (link->rc == NGX_EDITORIAL_REDIS_TIMEOUT) {
        ngx_editorial_redis_log(redis->log, NGX_LOG_WARN,
                                &redis->said.timeout,
                                "redis \"%V\" timed out: %s",
                                &link->server->url, why);
        return;
    }

    ngx_editorial_redis_log(redis->log, NGX_LOG_WARN, &redis->said.lost,
                            "the connection to redis \"%V\" is lost: %s",
                            &link->server->url, why);
}


ngx_editorial_redis_cmd_t *
ngx_editorial_redis_command(ngx_editorial_redis_t *redis, int argc,
    const char **argv, const size_t *argvlen,
    ngx_editorial_redis_handler_pt handler, void *data)
{
    ngx_editorial_redis_cmd_t  *cmd;

    if (redis->destroyed) {
        return NULL;
    }

    cmd = ngx_alloc(sizeof(ngx_editorial_redis_cmd_t), redis->log);
    if (cmd == NULL) {
        return NULL;
    }

    cmd->handler = handler;
    cmd->data = data;
    cmd->over = 0;

    if (!ngx_editorial_redis_breaker_passes(&redis->breaker,
                                            ngx_current_msec))
    {
        redis->stats.refused++;
        ngx_editorial_redis_over(redis, cmd, NGX_EDITORIAL_REDIS_OPEN);
        return cmd;
    }

    if (redis->link == NULL) {
        ngx_editorial_redis_over(redis, cmd, NGX_EDITORIAL_REDIS_DOWN);
        return cmd;
    }

    if (ngx_editorial_redis_link_send(redis->link, cmd, argc, argv, argvlen)
        != NGX_OK)
    {
        ngx_editorial_redis_over(redis, cmd, NGX_EDITORIAL_REDIS_NOMEM);
        return cmd;
    }

    redis->stats.commands++;
    ngx_editorial_redis_breaker_sent(&redis->breaker);

    return cmd;
}


void
ngx_editorial_redis_cancel(ngx_editorial_redis_cmd_t *cmd)
{
    if (cmd->over) {
        ngx_queue_remove(&cmd->queue);
        ngx_free(cmd);
        return;
    }

    cmd->handler = NULL;
}


ngx_uint_t
ngx_editorial_redis_is_up(ngx_editorial_redis_t *redis)
{
    return redis->link != NULL
           && ngx_editorial_redis_breaker_passes(&redis->breaker,
                                                 ngx_current_msec);
}


void
ngx_editorial_redis_stats(ngx_editorial_redis_t *redis,
    ngx_editorial_redis_stats_t *stats)
{
    *stats = redis->stats;

    stats->connected = (redis->link != NULL);
    stats->open = ngx_editorial_redis_breaker_is_open(&redis->breaker);

    if (redis->link) {
        stats->server = redis->link->server->url;
    }
}


/* cmd is in no list any more. */

void
ngx_editorial_redis_reply(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_cmd_t *cmd, redisReply *reply)
{
    void                               *data;
    ngx_editorial_redis_t              *redis;
    ngx_editorial_redis_rc_e            rc;
    ngx_editorial_redis_handler_pt      handler;
    const ngx_editorial_redis_state_t  *state;

    handler = cmd->handler;
    data = cmd->data;
    ngx_free(cmd);

    redis = link->redis;
    redis->stats.replies++;

    rc = (reply->type == REDIS_REPLY_ERROR) ? NGX_EDITORIAL_REDIS_ERROR
                                            : NGX_EDITORIAL_REDIS_OK;

    state = ngx_editorial_redis_state(reply);

    if (state) {
        ngx_editorial_redis_not_now(link, state, reply);

    } else {
        ngx_editorial_redis_breaker_replied(&redis->breaker);

        if (rc == NGX_EDITORIAL_REDIS_ERROR) {
            ngx_editorial_redis_say_error(link, &redis->said.error, reply);
        }
    }

    if (handler) {
        handler(data, rc, reply);
    }
}


/* NULL: none in particular. */

static const ngx_editorial_redis_state_t *
ngx_editorial_redis_state(redisReply *reply)
{
    const ngx_editorial_redis_state_t  *state;

    if (reply->type != REDIS_REPLY_ERROR) {
        return NULL;
    }

    for (state = ngx_editorial_redis_states; state->code; state++) {
        if (reply->len >= state->len
            && ngx_memcmp(reply->str, state->code, state->len) == 0)
        {
            return state;
        }
    }

    return NULL;
}


/*
 * Another server may be better, or the same address lead to another by now.
 * Where there is but one, which has greeted all the same, it is looked for no
 * more often than every fail_timeout.
 */

static void
ngx_editorial_redis_not_now(ngx_editorial_redis_link_t *link,
    const ngx_editorial_redis_state_t *state, redisReply *reply)
{
    ngx_msec_t              life;
    ngx_editorial_redis_t  *redis;

    redis = link->redis;

    ngx_editorial_redis_say_error(link, &redis->said.not_now, reply);
    ngx_editorial_redis_failed(redis);

    life = ngx_current_msec - link->since;

    if (!state->elsewhere
        || link != redis->link
        || (redis->conf->servers.nelts == 1
            && life < redis->breaker.fail_timeout))
    {
        return;
    }

    ngx_editorial_redis_look_again(redis);
    ngx_editorial_redis_link_retire(link);
}


static void
ngx_editorial_redis_say_error(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_said_t *said, redisReply *reply)
{
    u_char  text[NGX_EDITORIAL_REDIS_TEXT];

    ngx_editorial_redis_log(link->redis->log, NGX_LOG_WARN, said,
                            "redis \"%V\" says \"%s\"", &link->server->url,
                            ngx_editorial_redis_text(text, sizeof(text),
                                                     reply->str, reply->len));
}


static void
ngx_editorial_redis_failed(ngx_editorial_redis_t *redis)
{
    ngx_uint_t  open;

    open = ngx_editorial_redis_breaker_is_open(&redis->breaker);

    ngx_editorial_redis_breaker_failed(&redis->breaker, ngx_current_msec);

    if (!open && ngx_editorial_redis_breaker_is_open(&redis->breaker)) {
        ngx_editorial_redis_log(redis->log, NGX_LOG_WARN,
                                &redis->said.breaker,
                                "redis is left alone for %T s after %ui "
                                "failures in a row", redis->conf->fail_timeout,
                                redis->breaker.fails);
    }
}


static void
ngx_editorial_redis_over(ngx_editorial_redis_t *redis,
    ngx_editorial_redis_cmd_t *cmd, ngx_editorial_redis_rc_e rc)
{
    if (rc == NGX_EDITORIAL_REDIS_TIMEOUT) {
        redis->stats.timeouts++;
    }

    if (cmd->handler == NULL) {
        ngx_free(cmd);
        return;
    }

    cmd->rc = rc;
    cmd->over = 1;

    ngx_queue_insert_tail(&redis->over, &cmd->queue);

    ngx_post_event(&redis->teller, &ngx_posted_next_events);
}


static void
ngx_editorial_redis_teller_handler(ngx_event_t *ev)
{
    ngx_editorial_redis_tell(ev->data);
}


/*
 * A handler may send again, which is told in the next round; may cancel
 * others, also of those that are told in this one; and may destroy the client,
 * which tells the rest from within.
 */

static void
ngx_editorial_redis_tell(ngx_editorial_redis_t *redis)
{
    void                            *data;
    ngx_queue_t                     *q;
    ngx_editorial_redis_cmd_t       *cmd;
    ngx_editorial_redis_rc_e         rc;
    ngx_editorial_redis_handler_pt   handler;

    redis->entered++;

    if (!ngx_queue_empty(&redis->over)) {
        ngx_queue_add(&redis->told, &redis->over);
        ngx_queue_init(&redis->over);
    }

    while (!ngx_queue_empty(&redis->told)) {
        q = ngx_queue_head(&redis->told);
        cmd = ngx_queue_data(q, ngx_editorial_redis_cmd_t, queue);

        handler = cmd->handler;
        data = cmd->data;
        rc = cmd->rc;

        ngx_queue_remove(q);
        ngx_free(cmd);

        handler(data, rc, NULL);
    }

    redis->entered--;
    ngx_editorial_redis_leave(redis);
}
