
/*
 * A request without a client.
 *
 * What is fetched behind a response, to refresh a stale page, must neither
 * hold the reader's connection nor end with it.  A subrequest does both.  So
 * the refresh is a main request on a connection of its own, which all of
 * nginx may treat as any other:
 *
 *     worker's count --+
 *     guard, log ------+-- c->pool -- c -- d -- d->pool -- copies (_copy)
 *     socket ----------+
 *
 * The connection is one of the worker's, with a socket that is connected to
 * nothing: a datagram socket without a name, which no one can send to.  To
 * nginx it is a client that reads at once and never says a word:
 *
 *     write->ready = 1     output never waits, timers are never set for it
 *     read, write active   nothing is registered with epoll or kqueue
 *     read->eof = 1        when all is done the connection is closed, neither
 *                          kept alive nor lingered on
 *     send_chain           takes all there is.  The filters of this module
 *                          let nothing through; what reaches the connection
 *                          by other ways, subrequests for one, ends here
 *
 * As the descriptor is a real one, nginx closes it and counts it, and a
 * worker that shuts down finds it.
 *
 * Where the reader came by TLS, so does the copy: c->ssl is an object of the
 * same configuration that has never shaken hands.  $scheme and whoever else
 * looks only for its being there is right; nginx frees it without a word to
 * anyone, as it does where a handshake was cut short.
 *
 * A request ends by itself, bounded by the time-outs of its origin.  A guard
 * ends what has none.  It does not keep a worker from exiting: what waits
 * with a timer of nginx's own is let finish, what is left then is ended by
 * ngx_http_editorial_detach_exit().
 *
 * The count of a worker goes down with c->pool.  The access log has no line
 * for such a request; stub_status counts it while it is there.
 */

#include "ngx_http_editorial_module.h"
#include "ngx_http_editorial_detach.h"


/* What belongs to the connection; it lives in its pool. */
typedef struct {
    ngx_event_t                   guard;
    ngx_log_t                     log;
    ngx_http_log_ctx_t            log_ctx;
    ngx_http_connection_t         http;
    ngx_http_editorial_worker_t  *worker;
} ngx_http_editorial_detached_t;


static ngx_uint_t ngx_http_editorial_detach_allowed(ngx_http_request_t *r);
static ngx_connection_t *ngx_http_editorial_detach_connection(
    ngx_http_request_t *r);
static ngx_connection_t *ngx_http_editorial_detach_socket(ngx_pool_t *pool);
static ngx_int_t ngx_http_editorial_detach_init(ngx_connection_t *c,
    ngx_http_request_t *r);
static void ngx_http_editorial_detach_io(ngx_connection_t *c);
static ngx_int_t ngx_http_editorial_detach_addresses(ngx_connection_t *c,
    ngx_connection_t *from);
static ngx_int_t ngx_http_editorial_detach_proxy_protocol(
    ngx_connection_t *c, ngx_connection_t *from);
static ngx_int_t ngx_http_editorial_detach_ssl(ngx_connection_t *c,
    ngx_http_request_t *r);
static void ngx_http_editorial_detach_cleanup(void *data);
static void ngx_http_editorial_detach_event(ngx_event_t *ev);
static void ngx_http_editorial_detach_guard(ngx_event_t *ev);
static ssize_t ngx_http_editorial_detach_send(ngx_connection_t *c,
    u_char *buf, size_t size);
static ngx_chain_t *ngx_http_editorial_detach_send_chain(ngx_connection_t *c,
    ngx_chain_t *in, off_t limit);
static u_char *ngx_http_editorial_detach_log(ngx_log_t *log, u_char *buf,
    size_t len);


ngx_http_request_t *
ngx_http_editorial_detach(ngx_http_request_t *r, ngx_str_t *args)
{
    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *d;

    if (!ngx_http_editorial_detach_allowed(r)) {
        return NULL;
    }

    c = ngx_http_editorial_detach_connection(r);
    if (c == NULL) {
        return NULL;
    }

    d = ngx_http_create_request(c);
    if (d == NULL) {
        ngx_http_close_connection(c);
        return NULL;
    }

    c->data = d;
    d->logged = 1;
    d->write_event_handler = ngx_http_request_empty_handler;

#if (NGX_STAT_STUB)
    (void) ngx_atomic_fetch_add(ngx_stat_reading, -1);
    d->stat_reading = 0;
    (void) ngx_atomic_fetch_add(ngx_stat_writing, 1);
    d->stat_writing = 1;
#endif

    /* a handler of a header that has no memory closes the request: not yet */

    d->count++;

    rc = ngx_http_editorial_detach_copy(d, r, args);

    d->count = 1;

    if (rc != NGX_OK) {
        ngx_http_editorial_detach_cancel(d);
        return NULL;
    }

    return d;
}


/*
 * A refresh takes two connections, this one and the origin's.  It is not
 * worth one that a reader may need.
 */

static ngx_uint_t
ngx_http_editorial_detach_allowed(ngx_http_request_t *r)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (ngx_http_editorial_is_detached(r)
        || ngx_terminate
        || ngx_exiting
        || emcf->worker->detached >= NGX_HTTP_EDITORIAL_DETACHED)
    {
        return 0;
    }

    return ngx_cycle->free_connection_n > ngx_cycle->connection_n / 16 + 1;
}


void
ngx_http_editorial_detach_run(ngx_http_request_t *d)
{
    d->write_event_handler = ngx_http_core_run_phases;

    ngx_post_event(d->connection->write, &ngx_posted_events);
}


/* As nginx ends a request whose connection it wants back. */

void
ngx_http_editorial_detach_cancel(ngx_http_request_t *d)
{
    ngx_connection_t  *c;

    c = d->connection;
    d = d->main;

    ngx_http_set_log_request(c->log, d);

    /* a request that has failed would begin its post_action */
    c->error = 0;

    /* for the content handler, which lets go of the request in its cleanup */
    d->count++;

    ngx_http_finalize_request(d, NGX_HTTP_CLOSE);
    ngx_http_run_posted_requests(c);
}


ngx_uint_t
ngx_http_editorial_is_detached(ngx_http_request_t *r)
{
    return r->connection->send_chain == ngx_http_editorial_detach_send_chain;
}


void
ngx_http_editorial_detach_exit(ngx_cycle_t *cycle)
{
    ngx_uint_t         i;
    ngx_connection_t  *c;

    for (i = 0; i < cycle->connection_n; i++) {
        c = &cycle->connections[i];

        if (c->fd != (ngx_socket_t) -1
            && c->send_chain == ngx_http_editorial_detach_send_chain)
        {
            ngx_http_editorial_detach_cancel(c->data);
        }
    }
}


/* A connection that is ready for ngx_http_create_request(). */

static ngx_connection_t *
ngx_http_editorial_detach_connection(ngx_http_request_t *r)
{
    ngx_pool_t        *pool;
    ngx_connection_t  *c;

    pool = ngx_create_pool(r->connection->listening->pool_size,
                           ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    c = ngx_http_editorial_detach_socket(pool);

    if (c == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    if (ngx_http_editorial_detach_init(c, r) != NGX_OK) {
        ngx_http_close_connection(c);
        return NULL;
    }

    return c;
}


static ngx_connection_t *
ngx_http_editorial_detach_socket(ngx_pool_t *pool)
{
    ngx_socket_t       s;
    ngx_connection_t  *c;

    s = ngx_socket(AF_UNIX, SOCK_DGRAM, 0);

    if (s == (ngx_socket_t) -1) {
        ngx_log_error(NGX_LOG_ERR, pool->log, ngx_socket_errno,
                      "no socket for a refresh: " ngx_socket_n " failed");
        return NULL;
    }

    if (ngx_nonblocking(s) == -1) {
        ngx_log_error(NGX_LOG_ERR, pool->log, ngx_socket_errno,
                      "no socket for a refresh: " ngx_nonblocking_n
                      " failed");
        (void) ngx_close_socket(s);
        return NULL;
    }

    c = ngx_get_connection(s, pool->log);

    if (c == NULL) {
        (void) ngx_close_socket(s);
        return NULL;
    }

#if (NGX_STAT_STUB)
    (void) ngx_atomic_fetch_add(ngx_stat_active, 1);
#endif

    c->pool = pool;

    return c;
}


static ngx_int_t
ngx_http_editorial_detach_init(ngx_connection_t *c, ngx_http_request_t *r)
{
    ngx_pool_cleanup_t              *cln;
    ngx_http_editorial_main_conf_t  *emcf;
    ngx_http_editorial_detached_t   *detached;

    ngx_http_editorial_detach_io(c);

    cln = ngx_pool_cleanup_add(c->pool,
                               sizeof(ngx_http_editorial_detached_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    detached = cln->data;
    ngx_memzero(detached, sizeof(ngx_http_editorial_detached_t));

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    detached->worker = emcf->worker;
    detached->worker->detached++;
    cln->handler = ngx_http_editorial_detach_cleanup;

    c->listening = r->connection->listening;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    c->start_time = ngx_current_msec;

    detached->log = c->listening->log;
    detached->log.connection = c->number;
    detached->log.action = NULL;
    detached->log.handler = ngx_http_editorial_detach_log;
    detached->log.data = &detached->log_ctx;
    detached->log_ctx.connection = c;

    c->log = &detached->log;
    c->pool->log = c->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->log_error = NGX_ERROR_INFO;

    detached->http.addr_conf = r->http_connection->addr_conf;
    detached->http.conf_ctx = r->http_connection->conf_ctx;
    detached->http.ssl = r->http_connection->ssl;

    c->data = &detached->http;

    detached->guard.handler = ngx_http_editorial_detach_guard;
    detached->guard.data = c;
    detached->guard.log = c->log;
    detached->guard.cancelable = 1;

    ngx_add_timer(&detached->guard, NGX_HTTP_EDITORIAL_DETACH_TIME);

    /* r->header_in, empty */

    c->buffer = ngx_calloc_buf(c->pool);
    if (c->buffer == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_editorial_detach_addresses(c, r->connection) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_detach_ssl(c, r);
}


/* The ends of the connection, and what nginx is to believe of them. */

static void
ngx_http_editorial_detach_io(ngx_connection_t *c)
{
    c->type = SOCK_STREAM;

    c->recv = ngx_recv;
    c->send = ngx_http_editorial_detach_send;
    c->recv_chain = ngx_recv_chain;
    c->send_chain = ngx_http_editorial_detach_send_chain;

    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;

    c->read->handler = ngx_http_editorial_detach_event;
    c->write->handler = ngx_http_editorial_detach_event;

    c->read->eof = 1;
    c->write->ready = 1;

    if (ngx_event_flags & NGX_USE_CLEAR_EVENT) {
        c->read->active = 1;
        c->write->active = 1;
    }
}


static ngx_int_t
ngx_http_editorial_detach_addresses(ngx_connection_t *c,
    ngx_connection_t *from)
{
    /* not an address that would be asked of the socket */

    if (ngx_connection_local_sockaddr(from, NULL, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    c->sockaddr = ngx_palloc(c->pool, from->socklen);
    c->local_sockaddr = ngx_palloc(c->pool, from->local_socklen);

    if (c->sockaddr == NULL || c->local_sockaddr == NULL) {
        return NGX_ERROR;
    }

    c->socklen = from->socklen;
    ngx_memcpy(c->sockaddr, from->sockaddr, from->socklen);

    c->local_socklen = from->local_socklen;
    ngx_memcpy(c->local_sockaddr, from->local_sockaddr, from->local_socklen);

    if (ngx_http_editorial_detach_str(c->pool, &c->addr_text,
                                      &from->addr_text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_editorial_detach_proxy_protocol(c, from);
}


static ngx_int_t
ngx_http_editorial_detach_proxy_protocol(ngx_connection_t *c,
    ngx_connection_t *from)
{
    ngx_proxy_protocol_t  *to;

    if (from->proxy_protocol == NULL) {
        return NGX_OK;
    }

    to = ngx_palloc(c->pool, sizeof(ngx_proxy_protocol_t));
    if (to == NULL) {
        return NGX_ERROR;
    }

    *to = *from->proxy_protocol;
    c->proxy_protocol = to;

    if (ngx_http_editorial_detach_str(c->pool, &to->src_addr,
                                      &from->proxy_protocol->src_addr)
        != NGX_OK
        || ngx_http_editorial_detach_str(c->pool, &to->dst_addr,
                                         &from->proxy_protocol->dst_addr)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

#if (nginx_version >= 1023002)
    return ngx_http_editorial_detach_str(c->pool, &to->tlvs,
                                         &from->proxy_protocol->tlvs);
#else
    return NGX_OK;
#endif
}


/*
 * The configuration is that of the listening address, as for a handshake: a
 * server that shares the address need not have one.
 */

static ngx_int_t
ngx_http_editorial_detach_ssl(ngx_connection_t *c, ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)

    ngx_http_conf_ctx_t      *conf_ctx;
    ngx_http_ssl_srv_conf_t  *sscf;

    if (r->connection->ssl == NULL) {
        return NGX_OK;
    }

    conf_ctx = r->http_connection->addr_conf->default_server->ctx;
    sscf = ngx_http_get_module_srv_conf(conf_ctx, ngx_http_ssl_module);

    if (sscf->ssl.ctx == NULL) {
        return NGX_ERROR;
    }

    return ngx_ssl_create_connection(&sscf->ssl, c, NGX_SSL_BUFFER);

#else

    return NGX_OK;

#endif
}


/* By c->pool, which goes last. */

static void
ngx_http_editorial_detach_cleanup(void *data)
{
    ngx_http_editorial_detached_t *detached = data;

    detached->worker->detached--;

    if (detached->guard.timer_set) {
        ngx_del_timer(&detached->guard);
    }
}


/* As nginx's own handler of a request's events, which cannot be had. */

static void
ngx_http_editorial_detach_event(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = ev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    if (c->close) {
        ngx_http_editorial_detach_cancel(r);
        return;
    }

    if (ev->delayed && ev->timedout) {
        ev->delayed = 0;
        ev->timedout = 0;
    }

    if (ev->write) {
        r->write_event_handler(r);

    } else {
        r->read_event_handler(r);
    }

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_editorial_detach_guard(ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = ev->data;

    ngx_log_error(NGX_LOG_WARN, c->log, 0,
                  "refresh of a page given up after %M ms",
                  (ngx_msec_t) NGX_HTTP_EDITORIAL_DETACH_TIME);

    ngx_http_editorial_detach_cancel(c->data);
}


static ssize_t
ngx_http_editorial_detach_send(ngx_connection_t *c, u_char *buf, size_t size)
{
    c->sent += size;

    return (ssize_t) size;
}


static ngx_chain_t *
ngx_http_editorial_detach_send_chain(ngx_connection_t *c, ngx_chain_t *in,
    off_t limit)
{
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        c->sent += ngx_buf_size(cl->buf);
    }

    return ngx_chain_update_sent(in, NGX_MAX_OFF_T_VALUE);
}


/* Behind every message: what was done, for which page, for whom. */

static u_char *
ngx_http_editorial_detach_log(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char              *p;
    ngx_http_request_t  *r;
    ngx_http_log_ctx_t  *ctx;

    if (log->action) {
        p = ngx_snprintf(buf, len, " while %s", log->action);
        len -= p - buf;
        buf = p;
    }

    ctx = log->data;
    r = ctx->request;

    if (r != NULL) {
        p = ngx_snprintf(buf, len, " while refreshing \"%V\"",
                         &r->unparsed_uri);
        len -= p - buf;
        buf = p;
    }

    p = ngx_snprintf(buf, len, ", client: %V", &ctx->connection->addr_text);
    len -= p - buf;

    if (r == NULL) {
        return p;
    }

    return r->log_handler(r, ctx->current_request, p, len);
}
