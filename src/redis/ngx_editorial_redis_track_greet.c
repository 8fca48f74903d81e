
/*
 * What is asked on a connection of invalidations, and what the answers mean.
 *
 *     AUTH, ROLE, PING, CLIENT ID      in one go
 *        |
 *        v
 *     CLIENT TRACKING ON REDIRECT ID BCAST PREFIX …, SUBSCRIBE
 *        |
 *        v
 *     it tells: messages, as they come, and an answer to each PING
 *
 * It redirects to itself.  With two connections, one that tracks and one that
 * listens, the end of the first would pass unseen: the other hears nothing,
 * which is what it hears when nothing changes.
 *
 * What changes between CLIENT TRACKING and SUBSCRIBE is told to nobody: it is
 * older than the answer to SUBSCRIBE, and only that is taken for a beginning.
 *
 * PING is among the first because a server that loads its data greets
 * everybody, and has nothing to tell.
 */

#include "ngx_editorial_redis_track_int.h"


static ngx_int_t ngx_editorial_redis_track_role(
    ngx_editorial_redis_track_link_t *link);
static ngx_int_t ngx_editorial_redis_track_may_listen(
    ngx_editorial_redis_track_link_t *link);
static ngx_int_t ngx_editorial_redis_track_subscribed(
    ngx_editorial_redis_track_link_t *link);
static ngx_int_t ngx_editorial_redis_track_told(
    ngx_editorial_redis_track_link_t *link);
static ngx_int_t ngx_editorial_redis_track_expect(
    ngx_editorial_redis_track_link_t *link, int type, const char *what,
    ngx_uint_t forbidden);
static ngx_int_t ngx_editorial_redis_track_refuse(
    ngx_editorial_redis_track_link_t *link, const char *what);


ngx_int_t
ngx_editorial_redis_track_greet(ngx_editorial_redis_track_link_t *link)
{
    int          argc;
    size_t       argvlen[3];
    const char  *argv[3];

    argc = ngx_editorial_redis_auth(link->server, argv, argvlen);

    link->step = argc ? NGX_EDITORIAL_REDIS_TRACK_AUTH
                      : NGX_EDITORIAL_REDIS_TRACK_ROLE;

    if (argc
        && ngx_editorial_redis_track_link_ask(link, argc, argv, argvlen)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv[0] = "CLIENT";
    argvlen[0] = 6;
    argv[1] = "ID";
    argvlen[1] = 2;

    if (ngx_editorial_redis_track_link_word(link, "ROLE") != NGX_OK
        || ngx_editorial_redis_track_link_word(link, "PING") != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_editorial_redis_track_link_ask(link, 2, argv, argvlen);
}


ngx_int_t
ngx_editorial_redis_track_listen(ngx_editorial_redis_track_link_t *link,
    long long id)
{
    size_t                        argvlen[2];
    u_char                        number[NGX_INT64_LEN];
    const char                   *argv[2];
    ngx_editorial_redis_track_t  *track;

    track = link->track;

    track->argv[NGX_EDITORIAL_REDIS_TRACK_OWN_ID] = (const char *) number;
    track->argvlen[NGX_EDITORIAL_REDIS_TRACK_OWN_ID] =
                             ngx_sprintf(number, "%L", (int64_t) id) - number;

    if (ngx_editorial_redis_track_link_ask(link, track->argc, track->argv,
                                           track->argvlen)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv[0] = "SUBSCRIBE";
    argvlen[0] = 9;
    argv[1] = NGX_EDITORIAL_REDIS_TRACK_CHANNEL;
    argvlen[1] = sizeof(NGX_EDITORIAL_REDIS_TRACK_CHANNEL) - 1;

    return ngx_editorial_redis_track_link_ask(link, 2, argv, argvlen);
}


ngx_int_t
ngx_editorial_redis_track_answer(ngx_editorial_redis_track_link_t *link)
{
    ngx_editorial_redis_track_reply_t  *reply;

    reply = &link->reply;

    switch (link->step++) {

    case NGX_EDITORIAL_REDIS_TRACK_AUTH:

        /* an unknown command's arguments are said in the answer: no more is
           shown of it than its first word */

        reply->text[strcspn((const char *) reply->text, " ")] = '\0';
        return ngx_editorial_redis_track_expect(link, REDIS_REPLY_STATUS,
                                                "AUTH", 0);

    case NGX_EDITORIAL_REDIS_TRACK_ROLE:
        return ngx_editorial_redis_track_role(link);

    case NGX_EDITORIAL_REDIS_TRACK_PING:
        return ngx_editorial_redis_track_expect(link, REDIS_REPLY_STATUS,
                                                "PING", 1);

    case NGX_EDITORIAL_REDIS_TRACK_ID:
        return ngx_editorial_redis_track_may_listen(link);

    case NGX_EDITORIAL_REDIS_TRACK_TRACKING:
        return ngx_editorial_redis_track_expect(link, REDIS_REPLY_STATUS,
                                                "CLIENT TRACKING", 0);

    case NGX_EDITORIAL_REDIS_TRACK_SUBSCRIBE:
        return ngx_editorial_redis_track_subscribed(link);

    default:
        link->step = NGX_EDITORIAL_REDIS_TRACK_TELLS;
        return ngx_editorial_redis_track_told(link);
    }
}


static ngx_int_t
ngx_editorial_redis_track_role(ngx_editorial_redis_track_link_t *link)
{
    ngx_editorial_redis_track_reply_t  *reply;

    reply = &link->reply;

    if (link->track->conf->servers.nelts == 1) {
        /* whatever it is, there is no other */
        return NGX_OK;
    }

    if (ngx_editorial_redis_track_expect(link, REDIS_REPLY_ARRAY, "ROLE", 1)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (reply->type == REDIS_REPLY_ARRAY
        && ngx_strcmp(reply->text, "master") != 0)
    {
        return ngx_editorial_redis_track_refuse(link,
                                       "it cannot be written to, its role is");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_editorial_redis_track_may_listen(ngx_editorial_redis_track_link_t *link)
{
    ngx_int_t  rc;

    rc = ngx_editorial_redis_track_expect(link, REDIS_REPLY_INTEGER,
                                          "CLIENT ID", 0);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_editorial_redis_track_greeted(link, link->reply.integer);

    if (rc == NGX_ERROR) {
        link->why = "no memory";
    }

    return (rc == NGX_OK) ? ngx_editorial_redis_track_link_send(link) : rc;
}


static ngx_int_t
ngx_editorial_redis_track_subscribed(ngx_editorial_redis_track_link_t *link)
{
    ngx_int_t  rc;

    rc = ngx_editorial_redis_track_expect(link, REDIS_REPLY_ARRAY,
                                          "SUBSCRIBE", 0);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_editorial_redis_track_link_tells(link);
    ngx_editorial_redis_track_ready(link);

    return NGX_OK;
}


/* What is not a message answers PING; where that is forbidden, an error is as
   good a sign of life. */

static ngx_int_t
ngx_editorial_redis_track_told(ngx_editorial_redis_track_link_t *link)
{
    ngx_editorial_redis_track_reply_t  *reply;

    reply = &link->reply;

    if (reply->type == REDIS_REPLY_ARRAY
        && ngx_strcmp(reply->text, "message") == 0)
    {
        return NGX_OK;
    }

    if (!link->pinged
        || (reply->type == REDIS_REPLY_ARRAY
            && ngx_strcmp(reply->text, "pong") != 0))
    {
        link->why = NGX_EDITORIAL_REDIS_TRACK_STRANGE;
        return NGX_ERROR;
    }

    link->pinged = 0;
    link->track->stats.lag = ngx_current_msec - link->asked;

    return (reply->type == REDIS_REPLY_ARRAY)
           ? NGX_OK
           : ngx_editorial_redis_track_expect(link, REDIS_REPLY_STATUS,
                                              "PING", 1);
}


/* forbidden: it does not matter if this user may not ask. */

static ngx_int_t
ngx_editorial_redis_track_expect(ngx_editorial_redis_track_link_t *link,
    int type, const char *what, ngx_uint_t forbidden)
{
    ngx_editorial_redis_track_reply_t  *reply;

    reply = &link->reply;

    if (reply->type == type) {
        return NGX_OK;
    }

    if (reply->type != REDIS_REPLY_ERROR) {
        link->why = NGX_EDITORIAL_REDIS_TRACK_STRANGE;
        return NGX_ERROR;
    }

    if (forbidden
        && ngx_editorial_redis_is_forbidden((const char *) reply->text))
    {
        return NGX_OK;
    }

    return ngx_editorial_redis_track_refuse(link, what);
}


static ngx_int_t
ngx_editorial_redis_track_refuse(ngx_editorial_redis_track_link_t *link,
    const char *what)
{
    *ngx_snprintf(link->text, sizeof(link->text) - 1, "%s: \"%s\"", what,
                  link->reply.text) = '\0';

    link->why = (const char *) link->text;

    return NGX_ERROR;
}
