
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
 *
 * A page is a bulk of many times 16 KB.  hiredis would copy each byte of it
 * twice, and go round the event loop for each 16 KB.  So the rest of a bulk
 * that has begun is received apart, where it stays, and the reader is left
 * with an empty one in its place:
 *
 *     "$100000\r\n" 16 KB …          read by hiredis
 *     "$0\r\n"                       what its reader is left with
 *         … 84 KB                    into memory of 100,001 bytes
 *     "\r\n"                         read by hiredis, whose reader makes an
 *                                    empty string; it is given those bytes
 *
 * hiredis does not read while it is under way, but when the connection has
 * come to its end.
 */

#include "ngx_editorial_redis_event.h"


#define NGX_EDITORIAL_REDIS_LINE    65536    /* bytes of one without an end */
#define NGX_EDITORIAL_REDIS_HEADER  24       /* of "$LENGTH" */
#define NGX_EDITORIAL_REDIS_APART   16384    /* bytes of a bulk; what hiredis
                                                reads at once */


/* hiredis' minimum version is 0.14.1; these have changed since */
#if (HIREDIS_MAJOR >= 1)
typedef size_t  ngx_editorial_redis_elements_t;
#define ngx_editorial_redis_hi_malloc    hi_malloc
#define ngx_editorial_redis_hi_free      hi_free
#define ngx_editorial_redis_top(reader)  (reader)->task[0]
#else
typedef int     ngx_editorial_redis_elements_t;
#define ngx_editorial_redis_hi_malloc    malloc
#define ngx_editorial_redis_hi_free      free
#define ngx_editorial_redis_top(reader)  (&(reader)->rstack[0])
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

    u_char                                      *bulk;       /* received apart;
                                                                NULL: none */
    size_t                                       bulk_len;
    size_t                                       bulk_got;

    size_t                                       unsent;     /* what the last
                                                                write has left
                                                                */
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

static size_t ngx_editorial_redis_event_header(redisReader *reader,
    size_t *len, uint64_t *bulk);
static ngx_uint_t ngx_editorial_redis_event_begin(
    ngx_editorial_redis_event_t *e);
static ngx_uint_t ngx_editorial_redis_event_receive(
    ngx_editorial_redis_event_t *e);

static void ngx_editorial_redis_event_read_handler(ngx_event_t *rev);
static void ngx_editorial_redis_event_read(ngx_editorial_redis_event_t *e);
static void ngx_editorial_redis_event_write_handler(ngx_event_t *wev);

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

    redisReply  *reply;

    if (e->bulk) {
        len = e->bulk_len;
    }

    if (!ngx_editorial_redis_event_may(task, len)) {
        return NULL;
    }

    if (e->bulk == NULL) {
        return e->made_by->createString(task, str, len);
    }

    reply = e->made_by->createString(task, "", 0);
    if (reply == NULL) {
        return NULL;
    }

    ngx_editorial_redis_hi_free(reply->str);
    reply->str = (char *) e->bulk;
    reply->len = len;
    e->bulk = NULL;

    return reply;
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
    size_t    len, header;
    uint64_t  bulk;

    header = ngx_editorial_redis_event_header(e->context->c.reader, &len,
                                              &bulk);
    if (header == 0) {
        return len > NGX_EDITORIAL_REDIS_LINE;
    }

    return header > NGX_INT64_LEN || bulk > e->max_reply;
}


/* The bytes of that line, without its "$", and its number; 0: there is none.
   len: the bytes that are there. */

static size_t
ngx_editorial_redis_event_header(redisReader *reader, size_t *len,
    uint64_t *bulk)
{
    const char  *p, *last, *digits;

    *len = 0;
    *bulk = 0;

    if (reader->buf == NULL || reader->len <= reader->pos) {
        return 0;
    }

    *len = reader->len - reader->pos;

    p = reader->buf + reader->pos;
    last = p + ngx_min(*len, NGX_EDITORIAL_REDIS_HEADER);

    p += (*p == '$');
    digits = p;

    while (p < last && *p >= '0' && *p <= '9') {
        *bulk = *bulk * 10 + (*p++ - '0');
    }

    if (p == digits || last - p < 2 || p[0] != '\r' || p[1] != '\n') {
        return 0;
    }

    return p + 2 - digits;
}


/* Has a bulk begun that is worth it?  Then what has come of it is moved. */

static ngx_uint_t
ngx_editorial_redis_event_begin(ngx_editorial_redis_event_t *e)
{
    char         *p;
    size_t        len, header;
    uint64_t      bulk;
    redisReader  *reader;

    reader = e->context->c.reader;

    if (reader->err
        || reader->ridx != 0
        || ngx_editorial_redis_top(reader)->type != REDIS_REPLY_STRING
        || e->context->replies.head == NULL)
    {
        return 0;
    }

    header = ngx_editorial_redis_event_header(reader, &len, &bulk);

    if (header == 0 || bulk <= NGX_EDITORIAL_REDIS_APART
        || bulk <= len - header)
    {
        return 0;
    }

    e->bulk = ngx_editorial_redis_hi_malloc(bulk + 1);
    if (e->bulk == NULL) {
        /* hiredis may do better */
        return 0;
    }

    p = reader->buf + reader->pos;

    e->bulk_len = bulk;
    e->bulk_got = len - header;
    ngx_memcpy(e->bulk, p + header, e->bulk_got);
    e->bulk[bulk] = '\0';

    ngx_memcpy(p, "0\r\n", 3);
    reader->len = reader->pos + 3;
    sdsrange(reader->buf, 0, reader->len - 1);

    return 1;
}


/* Is it hiredis' turn?  As it is where no bulk is received, or all of one has
   been, or the connection is at its end. */

static ngx_uint_t
ngx_editorial_redis_event_receive(ngx_editorial_redis_event_t *e)
{
    ssize_t  n;

    if (e->bulk == NULL) {
        return 1;
    }

    n = recv(e->connection->fd, e->bulk + e->bulk_got,
             e->bulk_len - e->bulk_got, 0);

    if (n > 0) {
        e->bulk_got += n;
        return e->bulk_got == e->bulk_len;
    }

    if (n == -1 && (ngx_socket_errno == NGX_EAGAIN
                    || ngx_socket_errno == NGX_EINTR))
    {
        return 0;
    }

    if (n == -1) {
        e->refused = "it cannot be read";
        redisAsyncFree(e->context);
        return 0;
    }

    return 1;
}


static void
ngx_editorial_redis_event_read_handler(ngx_event_t *rev)
{
    ngx_connection_t             *c = rev->data;
    ngx_editorial_redis_event_t  *e = c->data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, rev->log, 0,
                   "editorial redis read: fd:%d", c->fd);

    e->entered = 1;

    if (ngx_editorial_redis_event_receive(e)) {
        ngx_editorial_redis_event_read(e);
    }

    e->entered = 0;

    if (e->deleted) {
        ngx_free(e);
        return;
    }

    e->handlers->moved(e->data);
}


/* What a bulk has in the socket is received at once; there may be all. */

static void
ngx_editorial_redis_event_read(ngx_editorial_redis_event_t *e)
{
    redisAsyncHandleRead(e->context);

    if (e->deleted) {
        return;
    }

    if (ngx_editorial_redis_event_excess(e)) {
        e->refused = "a reply that is too large";
        redisAsyncFree(e->context);
        return;
    }

    if (ngx_editorial_redis_event_begin(e)
        && ngx_editorial_redis_event_receive(e))
    {
        redisAsyncHandleRead(e->context);
    }
}


/* What a socket with room takes says nothing of who is at its other end: a
   server that hangs has room for thousands of commands.  Where there was none,
   it has read. */

static void
ngx_editorial_redis_event_write_handler(ngx_event_t *wev)
{
    size_t                        left, before;
    ngx_connection_t             *c = wev->data;
    ngx_editorial_redis_event_t  *e = c->data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, wev->log, 0,
                   "editorial redis write: fd:%d", c->fd);

    left = e->unsent;
    before = sdslen(e->context->c.obuf);

    e->entered = 1;
    redisAsyncHandleWrite(e->context);
    e->entered = 0;

    if (e->deleted) {
        ngx_free(e);
        return;
    }

    e->unsent = sdslen(e->context->c.obuf);

    if (left != 0 && e->unsent < before) {
        e->handlers->moved(e->data);

    } else {
        e->handlers->sent(e->data);
    }
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

    if (e->bulk) {
        ngx_editorial_redis_hi_free(e->bulk);
        e->bulk = NULL;
    }

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
