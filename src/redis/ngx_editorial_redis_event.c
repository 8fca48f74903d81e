
/*
 * The adapter, and a guard on what hiredis reads.
 *
 * hiredis reads at most 16 KB when it is told that there is something to read,
 * and does not say whether that was all: events are level-triggered, so that
 * nothing is left lying.  It may free its context while it is told so: the
 * adapter is then only marked, and freed when hiredis has returned.
 *
 *     redisAsyncHandleRead()         entered
 *         …callback…
 *         redisAsyncFree()
 *             cleanup                deleted: closed() is called, the
 *                                    connection given back
 *             close(fd)
 *     return                         the adapter is freed
 *
 * What hiredis does not guard against, from a server that is broken, or is no
 * Redis at all:
 *
 *   - a bulk of 512 MB, a line without an end, an array of 2^31 elements: it
 *     takes the memory, and much time.  A bulk is refused when its length is
 *     read, an array and the sum of its elements when they are made, a line
 *     when it is longer than any that Redis sends.
 *   - a reply that nobody asked for: it aborts the process.  The functions by
 *     which its reader makes objects are wrapped: what answers no command is
 *     not made, which is an error of the protocol.
 */

#include "ngx_editorial_redis_event.h"


#define NGX_EDITORIAL_REDIS_LINE    65536    /* bytes of one without an end */
#define NGX_EDITORIAL_REDIS_HEADER  24       /* of "$LENGTH" */


/* hiredis' minimum version is 0.14.1; these have changed since */
#if (HIREDIS_MAJOR >= 1)
typedef size_t  ngx_editorial_redis_elements_t;
#define ngx_editorial_redis_hi_free  hi_free
#else
typedef int     ngx_editorial_redis_elements_t;
#define ngx_editorial_redis_hi_free  free
#endif


typedef struct {
    redisAsyncContext                           *context;
    ngx_connection_t                            *connection;

    const ngx_editorial_redis_event_handlers_t  *handlers;
    void                                        *data;

    redisReplyObjectFunctions                   *made_by;    /* hiredis' */
    redisReplyObjectFunctions                    functions;  /* ours */
    uint64_t                                     max_reply;
    uint64_t                                     size;       /* of the one that
                                                                is read */
    const char                                  *refused;    /* why; NULL */

    unsigned                                     entered:1;
    unsigned                                     deleted:1;
} ngx_editorial_redis_event_t;


static void ngx_editorial_redis_event_guard(ngx_editorial_redis_event_t *e);
static void *ngx_editorial_redis_event_string(const redisReadTask *task,
    char *str, size_t len);
static void *ngx_editorial_redis_event_array(const redisReadTask *task,
    ngx_editorial_redis_elements_t elements);
static void *ngx_editorial_redis_event_integer(const redisReadTask *task,
    long long value);
static void *ngx_editorial_redis_event_nil(const redisReadTask *task);
static ngx_uint_t ngx_editorial_redis_event_may(const redisReadTask *task,
    uint64_t size);
static ngx_uint_t ngx_editorial_redis_event_excess(
    ngx_editorial_redis_event_t *e);

static void ngx_editorial_redis_event_read_handler(ngx_event_t *rev);
static void ngx_editorial_redis_event_write_handler(ngx_event_t *wev);
static void ngx_editorial_redis_event_leave(ngx_editorial_redis_event_t *e);

static void ngx_editorial_redis_event_add_read(void *data);
static void ngx_editorial_redis_event_del_read(void *data);
static void ngx_editorial_redis_event_add_write(void *data);
static void ngx_editorial_redis_event_del_write(void *data);
static void ngx_editorial_redis_event_add(ngx_editorial_redis_event_t *e,
    ngx_event_t *ev, ngx_int_t event);
static void ngx_editorial_redis_event_del(ngx_event_t *ev, ngx_int_t event);
static void ngx_editorial_redis_event_cleanup(void *data);
static void ngx_editorial_redis_event_detach(ngx_connection_t *c);


ngx_int_t
ngx_editorial_redis_event_attach(redisAsyncContext *context, size_t max_reply,
    const ngx_editorial_redis_event_handlers_t *handlers, void *data,
    ngx_log_t *log)
{
    ngx_connection_t             *c;
    ngx_editorial_redis_event_t  *e;

    e = ngx_calloc(sizeof(ngx_editorial_redis_event_t), log);
    if (e == NULL) {
        return NGX_ERROR;
    }

    c = ngx_get_connection(context->c.fd, log);
    if (c == NULL) {
        ngx_free(e);
        return NGX_ERROR;
    }

    c->data = e;
    c->log = log;
    c->read->log = log;
    c->write->log = log;
    c->read->handler = ngx_editorial_redis_event_read_handler;
    c->write->handler = ngx_editorial_redis_event_write_handler;

    e->context = context;
    e->connection = c;
    e->handlers = handlers;
    e->data = data;
    e->max_reply = max_reply;

    ngx_editorial_redis_event_guard(e);

    context->ev.data = e;
    context->ev.addRead = ngx_editorial_redis_event_add_read;
    context->ev.delRead = ngx_editorial_redis_event_del_read;
    context->ev.addWrite = ngx_editorial_redis_event_add_write;
    context->ev.delWrite = ngx_editorial_redis_event_del_write;
    context->ev.cleanup = ngx_editorial_redis_event_cleanup;

    return NGX_OK;
}


static void
ngx_editorial_redis_event_guard(ngx_editorial_redis_event_t *e)
{
    redisReader  *reader;

    reader = e->context->c.reader;

    e->made_by = reader->fn;

    e->functions = *reader->fn;
    e->functions.createString = ngx_editorial_redis_event_string;
    e->functions.createArray = ngx_editorial_redis_event_array;
    e->functions.createInteger = ngx_editorial_redis_event_integer;
    e->functions.createNil = ngx_editorial_redis_event_nil;

    reader->fn = &e->functions;
    reader->privdata = e;
}


static void *
ngx_editorial_redis_event_string(const redisReadTask *task, char *str,
    size_t len)
{
    ngx_editorial_redis_event_t *e = task->privdata;

    if (!ngx_editorial_redis_event_may(task, len)) {
        return NULL;
    }

    return e->made_by->createString(task, str, len);
}


static void *
ngx_editorial_redis_event_array(const redisReadTask *task,
    ngx_editorial_redis_elements_t elements)
{
    ngx_editorial_redis_event_t *e = task->privdata;

    uint64_t  n;

    n = ngx_min((uint64_t) elements, e->max_reply);

    if (!ngx_editorial_redis_event_may(task, n * sizeof(redisReply *))) {
        return NULL;
    }

    return e->made_by->createArray(task, elements);
}


static void *
ngx_editorial_redis_event_integer(const redisReadTask *task, long long value)
{
    ngx_editorial_redis_event_t *e = task->privdata;

    if (!ngx_editorial_redis_event_may(task, 0)) {
        return NULL;
    }

    return e->made_by->createInteger(task, value);
}


static void *
ngx_editorial_redis_event_nil(const redisReadTask *task)
{
    ngx_editorial_redis_event_t *e = task->privdata;

    if (!ngx_editorial_redis_event_may(task, 0)) {
        return NULL;
    }

    return e->made_by->createNil(task);
}


u_char *
ngx_editorial_redis_event_take(redisReply *reply)
{
    u_char  *data;

    data = (u_char *) reply->str;

    reply->str = NULL;
    reply->len = 0;

    return data;
}


void
ngx_editorial_redis_event_free(u_char *data)
{
    ngx_editorial_redis_hi_free(data);
}


/*
 * May an object of that many bytes be made?  When no command waits, hiredis
 * itself ends the connection in good order where the reply is an error.
 */

static ngx_uint_t
ngx_editorial_redis_event_may(const redisReadTask *task, uint64_t size)
{
    redisAsyncContext            *context;
    ngx_editorial_redis_event_t  *e = task->privdata;

    context = e->context;

    if (task->parent == NULL) {
        e->size = 0;

        if (context->replies.head == NULL
            && !(context->c.flags & REDIS_SUBSCRIBED)
            && task->type != REDIS_REPLY_ERROR)
        {
            e->refused = "a reply that answers no command";
            return 0;
        }
    }

    e->size += sizeof(redisReply) + size;

    if (e->size > e->max_reply) {
        e->refused = "a reply that is too large";
        return 0;
    }

    return 1;
}


/*
 * What the reader has not made an object of begins with a line that is not
 * whole, or else with a bulk's length and as much of the bulk as has come.
 * (The byte before the length may be gone already.)
 */

static ngx_uint_t
ngx_editorial_redis_event_excess(ngx_editorial_redis_event_t *e)
{
    size_t        len;
    uint64_t      bulk;
    const char   *p, *last, *digits;
    redisReader  *reader;

    reader = e->context->c.reader;

    if (reader->buf == NULL || reader->len <= reader->pos) {
        return 0;
    }

    p = reader->buf + reader->pos;
    len = reader->len - reader->pos;
    last = p + ngx_min(len, NGX_EDITORIAL_REDIS_HEADER);

    p += (*p == '$');
    digits = p;

    for (bulk = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        bulk = bulk * 10 + (*p - '0');
    }

    if (p == digits || last - p < 2 || p[0] != '\r' || p[1] != '\n') {
        return len > NGX_EDITORIAL_REDIS_LINE;
    }

    return (size_t) (p - digits) > NGX_INT64_LEN - 2 || bulk > e->max_reply;
}


static void
ngx_editorial_redis_event_read_handler(ngx_event_t *rev)
{
    ngx_connection_t             *c = rev->data;
    ngx_editorial_redis_event_t  *e = c->data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, rev->log, 0,
                   "editorial redis read: fd:%d", c->fd);

    e->entered = 1;
    redisAsyncHandleRead(e->context);
    e->entered = 0;

    if (!e->deleted && ngx_editorial_redis_event_excess(e)) {
        e->refused = "a reply that is too large";

        e->entered = 1;
        redisAsyncFree(e->context);
        e->entered = 0;
    }

    ngx_editorial_redis_event_leave(e);
}


static void
ngx_editorial_redis_event_write_handler(ngx_event_t *wev)
{
    ngx_connection_t             *c = wev->data;
    ngx_editorial_redis_event_t  *e = c->data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, wev->log, 0,
                   "editorial redis write: fd:%d", c->fd);

    e->entered = 1;
    redisAsyncHandleWrite(e->context);
    e->entered = 0;

    ngx_editorial_redis_event_leave(e);
}


static void
ngx_editorial_redis_event_leave(ngx_editorial_redis_event_t *e)
{
    if (e->deleted) {
        ngx_free(e);
        return;
    }

    e->handlers->moved(e->data);
}


/* hiredis asks for what it has already, and does not want what it never
   had. */

static void
ngx_editorial_redis_event_add_read(void *data)
{
    ngx_editorial_redis_event_t *e = data;

    ngx_editorial_redis_event_add(e, e->connection->read, NGX_READ_EVENT);
}


static void
ngx_editorial_redis_event_del_read(void *data)
{
    ngx_editorial_redis_event_t *e = data;

    ngx_editorial_redis_event_del(e->connection->read, NGX_READ_EVENT);
}


static void
ngx_editorial_redis_event_add_write(void *data)
{
    ngx_editorial_redis_event_t *e = data;

    ngx_editorial_redis_event_add(e, e->connection->write, NGX_WRITE_EVENT);
}


static void
ngx_editorial_redis_event_del_write(void *data)
{
    ngx_editorial_redis_event_t *e = data;

    ngx_editorial_redis_event_del(e->connection->write, NGX_WRITE_EVENT);
}


/* A connection that is not listened to looks like one on which nothing comes:
   the time-out ends it. */

static void
ngx_editorial_redis_event_add(ngx_editorial_redis_event_t *e, ngx_event_t *ev,
    ngx_int_t event)
{
    if (ev->active) {
        return;
    }

    if (ngx_add_event(ev, event, NGX_LEVEL_EVENT) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, ev->log, 0,
                      "a connection to Redis is not listened to");
    }
}


static void
ngx_editorial_redis_event_del(ngx_event_t *ev, ngx_int_t event)
{
    if (ev->active) {
        (void) ngx_del_event(ev, event, 0);
    }
}


/* The last that hiredis says of a context; its socket is closed next. */

static void
ngx_editorial_redis_event_cleanup(void *data)
{
    const char                   *why;
    redisReader                  *reader;
    ngx_editorial_redis_event_t  *e = data;

    /* it may have half a reply to free */

    reader = e->context->c.reader;
    reader->fn = e->made_by;
    reader->privdata = NULL;

    ngx_editorial_redis_event_detach(e->connection);

    why = e->refused;

    if (why == NULL) {
        why = e->context->c.err ? e->context->c.errstr : "";
    }

    e->deleted = 1;
    e->handlers->closed(e->data, why);

    if (!e->entered) {
        ngx_free(e);
    }
}


/* ngx_close_connection() without the close. */

static void
ngx_editorial_redis_event_detach(ngx_connection_t *c)
{
    if (ngx_del_conn) {
        ngx_del_conn(c, NGX_CLOSE_EVENT);

    } else {
        if (c->read->active || c->read->disabled) {
            (void) ngx_del_event(c->read, NGX_READ_EVENT, NGX_CLOSE_EVENT);
        }

        if (c->write->active || c->write->disabled) {
            (void) ngx_del_event(c->write, NGX_WRITE_EVENT, NGX_CLOSE_EVENT);
        }
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    c->read->closed = 1;
    c->write->closed = 1;

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
}
