
/*
 * One connection of invalidations, to one server.
 *
 *     greeting     within connect_timeout
 *     telling      PING every 250 ms; 750 ms of silence are the end
 *
 * At one event no more than 8 KB are read, and what they say is told; what is
 * left has its turn in the next round of the event loop.
 *
 * The connection is nginx's, and so are the bytes; only to read them there is
 * hiredis' reader.  A link ends in two steps, as a handler may end it while
 * the reader is at work: _link_close() closes the connection, and frees the
 * rest, unless the reader is entered: then that is freed when it has returned.
 */

#include "ngx_editorial_redis_track_int.h"
#include <ngx_event_connect.h>


#define NGX_EDITORIAL_REDIS_TRACK_EVERY    250    /* ms from PING to PING */
#define NGX_EDITORIAL_REDIS_TRACK_SILENCE  750    /* ms, and it is lost */
#define NGX_EDITORIAL_REDIS_TRACK_BYTES    8192   /* read at an event */


static ngx_int_t ngx_editorial_redis_track_link_open(
    ngx_editorial_redis_track_link_t *link);
static void ngx_editorial_redis_track_link_fail(
    ngx_editorial_redis_track_link_t *link, ngx_err_t err);
static void ngx_editorial_redis_track_link_free(
    ngx_editorial_redis_track_link_t *link);
static void ngx_editorial_redis_track_link_write_handler(ngx_event_t *wev);
static ngx_int_t ngx_editorial_redis_track_link_connected(
    ngx_editorial_redis_track_link_t *link);
static void ngx_editorial_redis_track_link_read_handler(ngx_event_t *rev);
static ngx_int_t ngx_editorial_redis_track_link_feed(
    ngx_editorial_redis_track_link_t *link, u_char *buf, size_t size);
static void ngx_editorial_redis_track_link_timer_handler(ngx_event_t *ev);
static ngx_int_t ngx_editorial_redis_track_link_ping(
    ngx_editorial_redis_track_link_t *link);
static void ngx_editorial_redis_track_link_stop_timer(
    ngx_editorial_redis_track_link_t *link);


ngx_editorial_redis_track_link_t *
ngx_editorial_redis_track_link_connect(ngx_editorial_redis_track_t *track,
    ngx_uint_t n, u_char *text, const char **why)
{
    ngx_editorial_redis_server_t      *servers;
    ngx_editorial_redis_track_link_t  *link;

    *why = "no memory";

    link = ngx_calloc(sizeof(ngx_editorial_redis_track_link_t), track->log);
    if (link == NULL) {
        return NULL;
    }

    servers = track->conf->servers.elts;

    link->track = track;
    link->n = n;
    link->server = &servers[n];

    link->timer.handler = ngx_editorial_redis_track_link_timer_handler;
    link->timer.data = link;
    link->timer.log = track->log;
    link->timer.cancelable = 1;

    link->reader = ngx_editorial_redis_track_reader(link);

    if (link->reader == NULL
        || ngx_editorial_redis_track_greet(link) != NGX_OK
        || ngx_editorial_redis_track_link_open(link) != NGX_OK)
    {
        if (link->why) {
            *why = ngx_editorial_redis_text(text, NGX_EDITORIAL_REDIS_TEXT,
                                            link->why, ngx_strlen(link->why));
        }

        ngx_editorial_redis_track_link_close(link);
        return NULL;
    }

    ngx_add_timer(&link->timer, track->conf->connect_timeout);

    return link;
}


static ngx_int_t
ngx_editorial_redis_track_link_open(ngx_editorial_redis_track_link_t *link)
{
    ngx_int_t               rc;
    ngx_err_t               err;
    ngx_connection_t       *c;
    ngx_peer_connection_t   pc;

    ngx_memzero(&pc, sizeof(ngx_peer_connection_t));

    pc.sockaddr = link->server->addr.sockaddr;
    pc.socklen = link->server->addr.socklen;
    pc.name = &link->server->url;
    pc.get = ngx_event_get_peer;
    pc.log = &link->track->quiet;
    pc.log_error = NGX_ERROR_INFO;

    ngx_set_errno(0);
    rc = ngx_event_connect_peer(&pc);
    err = ngx_socket_errno;

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        ngx_editorial_redis_track_link_fail(link, err);

        if (pc.connection) {
            ngx_close_connection(pc.connection);
        }

        return NGX_ERROR;
    }

    c = pc.connection;

    c->data = link;
    c->read->handler = ngx_editorial_redis_track_link_read_handler;
    c->write->handler = ngx_editorial_redis_track_link_write_handler;

    link->connection = c;

    if (rc == NGX_OK) {
        /* it was connected at once, and no event may say so */
        ngx_post_event(c->write, &ngx_posted_next_events);
    }

    return NGX_OK;
}


static void
ngx_editorial_redis_track_link_fail(ngx_editorial_redis_track_link_t *link,
    ngx_err_t err)
{
    *ngx_strerror(err, link->text, sizeof(link->text) - 1) = '\0';
    link->why = (const char *) link->text;
}


ngx_int_t
ngx_editorial_redis_track_link_word(ngx_editorial_redis_track_link_t *link,
    const char *word)
{
    size_t  len;

    len = ngx_strlen(word);

    return ngx_editorial_redis_track_link_ask(link, 1, &word, &len);
}


/* A command behind what is still to be sent.  NGX_ERROR: no memory. */

ngx_int_t
ngx_editorial_redis_track_link_ask(ngx_editorial_redis_track_link_t *link,
    int argc, const char **argv, const size_t *argvlen)
{
    char     *cmd;
    size_t    left;
    u_char   *out;
    ssize_t   len;

    len = redisFormatCommandArgv(&cmd, argc, argv, argvlen);
    if (len < 0) {
        return NGX_ERROR;
    }

    left = link->out_len - link->out_sent;

    out = ngx_alloc(left + len, link->track->log);
    if (out == NULL) {
        redisFreeCommand(cmd);
        return NGX_ERROR;
    }

    if (left) {
        ngx_memcpy(out, link->out + link->out_sent, left);
    }

    ngx_memcpy(out + left, cmd, len);
    redisFreeCommand(cmd);

    if (link->out) {
        ngx_free(link->out);
    }

    link->out = out;
    link->out_len = left + len;
    link->out_sent = 0;

    return NGX_OK;
}


void
ngx_editorial_redis_track_link_close(ngx_editorial_redis_track_link_t *link)
{
    link->ended = 1;

    ngx_editorial_redis_track_link_stop_timer(link);

    if (link->connection) {
        ngx_close_connection(link->connection);
        link->connection = NULL;
    }

    if (!link->entered) {
        ngx_editorial_redis_track_link_free(link);
    }
}


static void
ngx_editorial_redis_track_link_free(ngx_editorial_redis_track_link_t *link)
{
    if (link->reader) {
        redisReaderFree(link->reader);
    }

    if (link->out) {
        ngx_free(link->out);
    }

    ngx_free(link);
}


static void
ngx_editorial_redis_track_link_write_handler(ngx_event_t *wev)
{
    ngx_connection_t                  *c = wev->data;
    ngx_editorial_redis_track_link_t  *link = c->data;

    if (ngx_editorial_redis_track_link_connected(link) != NGX_OK
        || ngx_editorial_redis_track_link_send(link) != NGX_OK)
    {
        ngx_editorial_redis_track_closed(link, link->why);
    }
}


/* NGX_ERROR: it is not, and link->why says why. */

static ngx_int_t
ngx_editorial_redis_track_link_connected(
    ngx_editorial_redis_track_link_t *link)
{
    int        err;
    socklen_t  len;

    if (link->connected) {
        return NGX_OK;
    }

    err = 0;
    len = sizeof(int);

    if (getsockopt(link->connection->fd, SOL_SOCKET, SO_ERROR, (void *) &err,
                   &len)
        == -1)
    {
        err = ngx_socket_errno;
    }

    if (err) {
        ngx_editorial_redis_track_link_fail(link, err);
        return NGX_ERROR;
    }

    link->connected = 1;

    return NGX_OK;
}


ngx_int_t
ngx_editorial_redis_track_link_send(ngx_editorial_redis_track_link_t *link)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = link->connection;

    while (link->connected && c->write->ready
           && link->out_sent < link->out_len)
    {
        n = c->send(c, link->out + link->out_sent,
                    link->out_len - link->out_sent);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR) {
            link->why = "it cannot be written to";
            return NGX_ERROR;
        }

        link->out_sent += n;
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        link->why = "it cannot be listened to";
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_editorial_redis_track_link_read_handler(ngx_event_t *rev)
{
    ssize_t                            n;
    u_char                             buf[NGX_EDITORIAL_REDIS_TRACK_BYTES];
    ngx_connection_t                  *c = rev->data;
    ngx_editorial_redis_track_link_t  *link = c->data;

    if (ngx_editorial_redis_track_link_connected(link) != NGX_OK) {
        ngx_editorial_redis_track_closed(link, link->why);
        return;
    }

    n = c->recv(c, buf, sizeof(buf));

    if (n == 0) {
        ngx_editorial_redis_track_closed(link, "the server closed it");
        return;
    }

    if (n == NGX_ERROR) {
        ngx_editorial_redis_track_link_fail(link, ngx_socket_errno);
        ngx_editorial_redis_track_closed(link, link->why);
        return;
    }

    if (n > 0) {

        switch (ngx_editorial_redis_track_link_feed(link, buf, n)) {

        case NGX_DONE:
            return;

        case NGX_ERROR:
            ngx_editorial_redis_track_closed(link, link->why);
            return;
        }
    }

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_next_events);
        return;
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_editorial_redis_track_closed(link, "it cannot be listened to");
    }
}


/* NGX_DONE: the link is no more.  NGX_ERROR: link->why says why. */

static ngx_int_t
ngx_editorial_redis_track_link_feed(ngx_editorial_redis_track_link_t *link,
    u_char *buf, size_t size)
{
    ngx_int_t  rc;

    link->heard = ngx_current_msec;
    link->late = 0;
    link->why = "no memory";

    if (redisReaderFeed(link->reader, (const char *) buf, size) != REDIS_OK) {
        return NGX_ERROR;
    }

    link->why = NULL;
    link->entered = 1;

    do {
        rc = ngx_editorial_redis_track_read(link);

        if (rc == NGX_OK) {
            rc = ngx_editorial_redis_track_answer(link);
        }

    } while (rc == NGX_OK && !link->ended);

    link->entered = 0;

    if (link->ended) {
        ngx_editorial_redis_track_link_free(link);
        return NGX_DONE;
    }

    return rc;
}


/*
 * Where the worker was busy, or stopped, it may not have asked, or the answer
 * may have come and not been read: nobody is silent before he was asked, and
 * the socket has been looked at once more.
 */

static void
ngx_editorial_redis_track_link_timer_handler(ngx_event_t *ev)
{
    ngx_msec_int_t                     left;
    ngx_editorial_redis_track_link_t  *link = ev->data;

    left = 0;

    if (link->step == NGX_EDITORIAL_REDIS_TRACK_TELLS) {
        left = NGX_EDITORIAL_REDIS_TRACK_SILENCE
               - (ngx_msec_int_t) (ngx_current_msec - link->heard);

        if (!link->pinged) {
            left = ngx_max(left, NGX_EDITORIAL_REDIS_TRACK_EVERY);
        }
    }

    if (left > 0) {

        if (ngx_editorial_redis_track_link_ping(link) != NGX_OK) {
            ngx_editorial_redis_track_closed(link, link->why);
            return;
        }

        ngx_add_timer(ev, ngx_min(left, NGX_EDITORIAL_REDIS_TRACK_EVERY));
        return;
    }

    if (!link->late) {
        link->late = 1;
        ngx_post_event(ev, &ngx_posted_next_events);
        return;
    }

    ngx_editorial_redis_track_closed(link, "no answer in time");
}


void
ngx_editorial_redis_track_link_tells(ngx_editorial_redis_track_link_t *link)
{
    ngx_editorial_redis_track_link_stop_timer(link);
    ngx_add_timer(&link->timer, NGX_EDITORIAL_REDIS_TRACK_EVERY);

    link->since = ngx_current_msec;
}


static ngx_int_t
ngx_editorial_redis_track_link_ping(ngx_editorial_redis_track_link_t *link)
{
    if (link->pinged) {
        return NGX_OK;
    }

    if (ngx_editorial_redis_track_link_word(link, "PING") != NGX_OK) {
        link->why = "no memory";
        return NGX_ERROR;
    }

    link->pinged = 1;
    link->asked = ngx_current_msec;

    return ngx_editorial_redis_track_link_send(link);
}


static void
ngx_editorial_redis_track_link_stop_timer(
    ngx_editorial_redis_track_link_t *link)
{
    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    if (link->timer.posted) {
        ngx_delete_posted_event(&link->timer);
    }
}
