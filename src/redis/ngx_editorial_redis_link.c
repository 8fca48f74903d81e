
/*
 * One connection to one server.
 *
 *     connect                  the address was resolved when configured: no
 *     AUTH, SELECT, ROLE, PING name is looked up, nothing blocks
 *        |                     all of it within connect_timeout
 *        v
 *     ready:  commands, pipelined; their replies come in the same order
 *        |
 *        +--> retired:  no more commands; hiredis frees the context behind the
 *        |              last reply
 *        +--> ended:    time-out, loss, garbage: all commands of it are over
 *
 * ROLE is asked where there is more than one server, so that a replica is not
 * taken for the one that is written to, and so that a user who may not ask
 * for it is no hindrance where there is none.  PING tells whether commands
 * would be answered: a server that loads its data greets everybody.
 *
 * Time-outs.  Replies come in order, so that one clock does for all commands:
 * it runs while a reply is owed, and starts again with every byte that comes,
 * and where a long command goes out in parts, however many commands wait.  One
 * that is sent does not give more time to those before it.  A reply that
 * trickles is bounded as a whole.  A command that is late takes the connection
 * with it: what stands behind it in the line is late as well, and there is no
 * telling a server to forget a command.
 *
 * Ends.  Whoever ends a link (hiredis, which found the connection closed; the
 * clock; the client) makes hiredis free its context, which calls all callbacks
 * without a reply (they do nothing), then _closed() here: there, in one place,
 * a link is taken apart.
 */

#include "ngx_editorial_redis_int.h"


/* A reply may take that many times the time-out as a whole. */
#define NGX_EDITORIAL_REDIS_WHOLE   20

/* bytes of commands that wait for the socket */
#define NGX_EDITORIAL_REDIS_UNSENT  (64 * 1024 * 1024)


static ngx_int_t ngx_editorial_redis_link_open(
    ngx_editorial_redis_link_t *link);
static ngx_int_t ngx_editorial_redis_link_greet(
    ngx_editorial_redis_link_t *link);
static ngx_int_t ngx_editorial_redis_link_ask(
    ngx_editorial_redis_link_t *link, redisCallbackFn *callback, void *data,
    int argc, const char **argv, const size_t *argvlen);

static void ngx_editorial_redis_link_on_auth(redisAsyncContext *context,
    void *r, void *data);
static void ngx_editorial_redis_link_on_select(redisAsyncContext *context,
    void *r, void *data);
static void ngx_editorial_redis_link_on_role(redisAsyncContext *context,
    void *r, void *data);
static void ngx_editorial_redis_link_on_ping(redisAsyncContext *context,
    void *r, void *data);
static void ngx_editorial_redis_link_refuse(ngx_editorial_redis_link_t *link,
    const char *what, const char *words, size_t len);

static void ngx_editorial_redis_link_on_reply(redisAsyncContext *context,
    void *r, void *data);
static void ngx_editorial_redis_link_moved(void *data);
static void ngx_editorial_redis_link_sent(void *data);
static void ngx_editorial_redis_link_timer_handler(ngx_event_t *ev);
static ngx_uint_t ngx_editorial_redis_link_is_idle(
    ngx_editorial_redis_link_t *link);
static ngx_msec_int_t ngx_editorial_redis_link_left(
    ngx_editorial_redis_link_t *link);
static void ngx_editorial_redis_link_stop_timer(
    ngx_editorial_redis_link_t *link);
static void ngx_editorial_redis_link_closed(void *data, const char *why);


static const ngx_editorial_redis_event_handlers_t
    ngx_editorial_redis_link_handlers =
{
    ngx_editorial_redis_link_moved,
    ngx_editorial_redis_link_sent,
    ngx_editorial_redis_link_closed
};


ngx_editorial_redis_link_t *
ngx_editorial_redis_link_connect(ngx_editorial_redis_t *redis, ngx_uint_t n)
{
    ngx_editorial_redis_link_t    *link;
    ngx_editorial_redis_server_t  *servers;

    link = ngx_calloc(sizeof(ngx_editorial_redis_link_t), redis->log);
    if (link == NULL) {
        return NULL;
    }

    servers = redis->conf->servers.elts;

    link->redis = redis;
    link->n = n;
    link->server = &servers[n];
    link->rc = NGX_EDITORIAL_REDIS_LOST;

    ngx_queue_init(&link->sent);
    ngx_queue_insert_tail(&redis->links, &link->queue);

    link->timer.handler = ngx_editorial_redis_link_timer_handler;
    link->timer.data = link;
    link->timer.log = redis->log;
    link->timer.cancelable = 1;

    if (ngx_editorial_redis_link_open(link) != NGX_OK) {
        ngx_post_event(&link->timer, &ngx_posted_next_events);
        return link;
    }

    link->deadline = ngx_current_msec + redis->conf->connect_timeout;
    ngx_add_timer(&link->timer, redis->conf->connect_timeout);

    return link;
}


/* NGX_ERROR: link->why says why. */

static ngx_int_t
ngx_editorial_redis_link_open(ngx_editorial_redis_link_t *link)
{
    const char                    *host;
    redisAsyncContext             *context;
    ngx_editorial_redis_server_t  *server;

    server = link->server;
    host = (const char *) server->host.data;
    link->why = "no memory";

    context = server->is_unix ? redisAsyncConnectUnix(host)
                              : redisAsyncConnect(host, (int) server->port);

    if (context == NULL) {
        return NGX_ERROR;
    }

    if (context->err) {
        link->why = ngx_editorial_redis_text(link->text, sizeof(link->text),
                                             context->errstr,
                                             ngx_strlen(context->errstr));
        redisAsyncFree(context);
        return NGX_ERROR;
    }

    if (ngx_editorial_redis_event_attach(context,
                                         NGX_EDITORIAL_REDIS_MAX_REPLY,
                                         &ngx_editorial_redis_link_handlers,
                                         link, link->redis->log)
        != NGX_OK)
    {
        redisAsyncFree(context);
        return NGX_ERROR;
    }

    context->data = link;
    link->context = context;

    if (ngx_editorial_redis_link_greet(link) != NGX_OK) {
        return NGX_ERROR;
    }

    link->why = NULL;

    return NGX_OK;
}


/* All in one go: the answer to PING is the last. */

static ngx_int_t
ngx_editorial_redis_link_greet(ngx_editorial_redis_link_t *link)
{
    int                            argc;
    size_t                         argvlen[3];
    u_char                         db[NGX_INT_T_LEN];
    const char                    *argv[3];
    ngx_editorial_redis_server_t  *server;

    server = link->server;

    argc = ngx_editorial_redis_auth(server, argv, argvlen);

    if (argc
        && ngx_editorial_redis_link_ask(link, ngx_editorial_redis_link_on_auth,
                                        link, argc, argv, argvlen)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv[0] = "SELECT";
    argv[1] = (const char *) db;
    argvlen[0] = 6;
    argvlen[1] = ngx_sprintf(db, "%ui", server->db) - db;

    if (server->db != 0
        && ngx_editorial_redis_link_ask(link,
                                        ngx_editorial_redis_link_on_select,
                                        link, 2, argv, argvlen)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv[0] = "ROLE";
    argvlen[0] = 4;

    if (link->redis->conf->servers.nelts > 1
        && ngx_editorial_redis_link_ask(link,
                                        ngx_editorial_redis_link_on_role,
                                        link, 1, argv, argvlen)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv[0] = "PING";
    argvlen[0] = 4;

    return ngx_editorial_redis_link_ask(link, ngx_editorial_redis_link_on_ping,
                                        link, 1, argv, argvlen);
}


int
ngx_editorial_redis_auth(ngx_editorial_redis_server_t *server,
    const char **argv, size_t *argvlen)
{
    int  argc;

    if (server->password.len == 0) {
        return 0;
    }

    argv[0] = "AUTH";
    argvlen[0] = 4;
    argc = 1;

    if (server->user.len) {
        argv[argc] = (const char *) server->user.data;
        argvlen[argc++] = server->user.len;
    }

    argv[argc] = (const char *) server->password.data;
    argvlen[argc++] = server->password.len;

    return argc;
}


/*
 * hiredis does not say that it had no memory for a callback, or for the
 * command: from then on each reply would go to the wrong one.  Where the last
 * callback is not ours, the connection is of no more use.
 */

static ngx_int_t
ngx_editorial_redis_link_ask(ngx_editorial_redis_link_t *link,
    redisCallbackFn *callback, void *data, int argc, const char **argv,
    const size_t *argvlen)
{
    redisAsyncContext  *context;

    context = link->context;

    if (redisAsyncCommandArgv(context, callback, data, argc, argv, argvlen)
        != REDIS_OK)
    {
        return NGX_ERROR;
    }

    if (context->c.err
        || context->replies.tail == NULL
        || context->replies.tail->fn != callback
        || context->replies.tail->privdata != data)
    {
        return NGX_ABORT;
    }

    return NGX_OK;
}


ngx_int_t
ngx_editorial_redis_link_send(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_cmd_t *cmd, int argc, const char **argv,
    const size_t *argvlen)
{
    ngx_int_t   rc;
    ngx_msec_t  timeout;

    if (sdslen(link->context->c.obuf) > NGX_EDITORIAL_REDIS_UNSENT) {
        return NGX_ERROR;
    }

    rc = ngx_editorial_redis_link_ask(link, ngx_editorial_redis_link_on_reply,
                                      cmd, argc, argv, argvlen);

    if (rc == NGX_ABORT) {
        ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST,
                                     "no memory");
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    timeout = link->redis->conf->timeout;

    if (ngx_queue_empty(&link->sent)) {
        link->deadline = ngx_current_msec + timeout;
        link->whole_by = ngx_current_msec
                         + timeout * NGX_EDITORIAL_REDIS_WHOLE;
        link->unsent = 1;
    }

    ngx_queue_insert_tail(&link->sent, &cmd->queue);

    if (!link->timer.timer_set) {
        ngx_add_timer(&link->timer, timeout);
    }

    return NGX_OK;
}


void
ngx_editorial_redis_link_retire(ngx_editorial_redis_link_t *link)
{
    if (link->state == NGX_EDITORIAL_REDIS_LINK_READY) {
        link->state = NGX_EDITORIAL_REDIS_LINK_RETIRED;
        redisAsyncDisconnect(link->context);
    }
}


void
ngx_editorial_redis_link_end(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_rc_e rc, const char *why)
{
    if (link->state == NGX_EDITORIAL_REDIS_LINK_ENDED) {
        return;
    }

    link->state = NGX_EDITORIAL_REDIS_LINK_ENDED;
    link->rc = rc;
    link->why = why;

    if (link->context == NULL) {
        ngx_editorial_redis_link_closed(link, why);
        return;
    }

    /* from within one of its callbacks, hiredis does so when that returns */

    redisAsyncFree(link->context);
}


/* An unknown command's arguments are said in Redis' answer: of that to AUTH
   no more is taken than its first word. */

static void
ngx_editorial_redis_link_on_auth(redisAsyncContext *context, void *r,
    void *data)
{
    size_t       len;
    redisReply  *reply = r;

    if (reply == NULL || reply->type != REDIS_REPLY_ERROR) {
        return;
    }

    for (len = 0; len < reply->len && reply->str[len] != ' '; len++) {
        /* void */
    }

    ngx_editorial_redis_link_refuse(data, "AUTH", reply->str, len);
}


static void
ngx_editorial_redis_link_on_select(redisAsyncContext *context, void *r,
    void *data)
{
    redisReply  *reply = r;

    if (reply && reply->type == REDIS_REPLY_ERROR) {
        ngx_editorial_redis_link_refuse(data, "SELECT", reply->str,
                                        reply->len);
    }
}


static void
ngx_editorial_redis_link_on_role(redisAsyncContext *context, void *r,
    void *data)
{
    redisReply                  *reply = r, *role;
    ngx_editorial_redis_link_t  *link = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {

        /* who may not ask is no worse off */

        if (!ngx_editorial_redis_is_forbidden(reply->str)) {
            ngx_editorial_redis_link_refuse(link, "ROLE", reply->str,
                                            reply->len);
        }

        return;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0
        || reply->element[0]->type != REDIS_REPLY_STRING)
    {
        ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST,
                                     "it does not answer ROLE as Redis does");
        return;
    }

    role = reply->element[0];

    if (ngx_strcmp(role->str, "master") != 0) {
        ngx_editorial_redis_link_refuse(link, "it cannot be written to, its "
                                        "role is", role->str, role->len);
    }
}


static void
ngx_editorial_redis_link_on_ping(redisAsyncContext *context, void *r,
    void *data)
{
    redisReply                  *reply = r;
    ngx_editorial_redis_link_t  *link = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR
        && !ngx_editorial_redis_is_forbidden(reply->str))
    {
        ngx_editorial_redis_link_refuse(link, "PING", reply->str, reply->len);
        return;
    }

    if (reply->type != REDIS_REPLY_STATUS && reply->type != REDIS_REPLY_ERROR)
    {
        ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST,
                                     "it does not answer PING as Redis does");
        return;
    }

    ngx_editorial_redis_link_stop_timer(link);

    link->state = NGX_EDITORIAL_REDIS_LINK_READY;

    /* a worker that exits stays until what it has sent is answered */

    link->timer.cancelable = 0;

    link->since = ngx_current_msec;
    link->late = 0;

    ngx_editorial_redis_ready(link);
}


ngx_uint_t
ngx_editorial_redis_is_forbidden(const char *words)
{
    return ngx_strncmp(words, "NOPERM", 6) == 0
           || ngx_strncmp(words, "ERR unknown command", 19) == 0;
}


static void
ngx_editorial_redis_link_refuse(ngx_editorial_redis_link_t *link,
    const char *what, const char *words, size_t len)
{
    u_char       text[NGX_EDITORIAL_REDIS_TEXT], *p;
    const char  *said;

    said = ngx_editorial_redis_text(text, sizeof(text), words, len);

    p = ngx_snprintf(link->text, sizeof(link->text) - 1, "%s: \"%s\"", what,
                     said);
    *p = '\0';

    ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST,
                                 (const char *) link->text);
}


static void
ngx_editorial_redis_link_on_reply(redisAsyncContext *context, void *r,
    void *data)
{
    ngx_editorial_redis_cmd_t   *cmd = data;
    ngx_editorial_redis_link_t  *link = context->data;

    if (r == NULL) {
        /* the link is about to close: cmd is told from there */
        return;
    }

    ngx_queue_remove(&cmd->queue);

    link->whole_by = ngx_current_msec
                     + link->redis->conf->timeout * NGX_EDITORIAL_REDIS_WHOLE;

    ngx_editorial_redis_reply(link, cmd, r);
}


static void
ngx_editorial_redis_link_moved(void *data)
{
    ngx_editorial_redis_link_t *link = data;

    if (link->state != NGX_EDITORIAL_REDIS_LINK_GREETS) {
        link->deadline = ngx_current_msec + link->redis->conf->timeout;
        link->unsent = 0;
    }
}


/* A busy worker may send the first command that waits some time after it was
   given. */

static void
ngx_editorial_redis_link_sent(void *data)
{
    ngx_editorial_redis_link_t *link = data;

    if (link->unsent) {
        ngx_editorial_redis_link_moved(link);
    }
}


/*
 * nginx does not move a timer by less than 300 ms: ours stands where it was
 * set, and looks at the clock when it fires.  Where the worker was busy for
 * longer than that, the reply may have come and not been read: nobody is late
 * before the socket has been looked at once more.
 */

static void
ngx_editorial_redis_link_timer_handler(ngx_event_t *ev)
{
    ngx_msec_int_t               left;
    ngx_editorial_redis_link_t  *link = ev->data;

    if (link->why) {
        /* it could not even be opened */
        ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_LOST,
                                     link->why);
        return;
    }

    if (ngx_editorial_redis_link_is_idle(link)) {
        link->late = 0;
        return;
    }

    left = ngx_editorial_redis_link_left(link);

    if (left > 0) {
        link->late = 0;
        ngx_add_timer(ev, left);
        return;
    }

    if (!link->late) {
        link->late = 1;
        ngx_post_event(ev, &ngx_posted_next_events);
        return;
    }

    ngx_editorial_redis_link_end(link, NGX_EDITORIAL_REDIS_TIMEOUT,
                                 "no answer in time");
}


static ngx_uint_t
ngx_editorial_redis_link_is_idle(ngx_editorial_redis_link_t *link)
{
    return link->state != NGX_EDITORIAL_REDIS_LINK_GREETS
           && ngx_queue_empty(&link->sent);
}


/* Milliseconds that it has; not above zero: none. */

static ngx_msec_int_t
ngx_editorial_redis_link_left(ngx_editorial_redis_link_t *link)
{
    ngx_msec_int_t  left, whole;

    left = link->deadline - ngx_current_msec;

    if (link->state == NGX_EDITORIAL_REDIS_LINK_GREETS) {
        return left;
    }

    whole = link->whole_by - ngx_current_msec;

    return ngx_min(left, whole);
}


static void
ngx_editorial_redis_link_stop_timer(ngx_editorial_redis_link_t *link)
{
    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    if (link->timer.posted) {
        ngx_delete_posted_event(&link->timer);
    }
}


static void
ngx_editorial_redis_link_closed(void *data, const char *why)
{
    ngx_editorial_redis_link_t *link = data;

    u_char  text[NGX_EDITORIAL_REDIS_TEXT];

    link->context = NULL;

    ngx_editorial_redis_link_stop_timer(link);

    if (link->why == NULL) {
        link->why = ngx_editorial_redis_text(text, sizeof(text), why,
                                             ngx_strlen(why));
    }

    ngx_queue_remove(&link->queue);

    ngx_editorial_redis_closed(link, link->why);

    ngx_free(link);
}
