
/*
 * What the files of the Redis client share.
 *
 *     _redis           which server is used, commands, what is logged
 *     _redis_link      one connection: greeting, commands, time-outs, end
 *     _redis_event     hiredis on nginx's event loop
 *     _redis_breaker   does it make sense to send a command?
 *     _redis_conf      the directive
 *     _redis_get       GETs that are joined
 *     _redis_track     the connection of invalidations: see _track_int.h
 *     _redis_guard     are kept keys safe?
 *     _redis_log       what is said
 *
 *     redis --> links --> the one in use (link) ----> commands in the order
 *                 |                                   of their replies
 *                 +-----> one that is tried (trial)
 *                 +-----> those that only wait for replies
 *     redis --> commands that are over: their handlers are called in the next
 *               round of the event loop
 */

#ifndef NGX_EDITORIAL_REDIS_INT_H
#define NGX_EDITORIAL_REDIS_INT_H


#include "ngx_editorial_redis.h"
#include "ngx_editorial_redis_breaker.h"
#include "ngx_editorial_redis_event.h"
#include "ngx_editorial_redis_get.h"


#define NGX_EDITORIAL_REDIS_TEXT  128   /* bytes of a server's words in the
                                           log */


/* Something that is said at most once a second; zeroed: never so far. */
typedef struct {
    time_t                           said;       /* when, last */
    ngx_uint_t                       swallowed;  /* times since */
} ngx_editorial_redis_said_t;


typedef struct ngx_editorial_redis_link_s  ngx_editorial_redis_link_t;


struct ngx_editorial_redis_cmd_s {
    ngx_queue_t                      queue;      /* its link's or redis' */
    ngx_editorial_redis_handler_pt   handler;    /* NULL: cancelled */
    void                            *data;
    ngx_editorial_redis_rc_e         rc;         /* once it is over */
    unsigned                         over:1;     /* and not yet told */
};


struct ngx_editorial_redis_s {
    ngx_editorial_redis_conf_t      *conf;
    ngx_log_t                       *log;
    ngx_pool_cleanup_t              *cleanup;    /* of the cycle's pool */

    ngx_queue_t                      links;
    ngx_editorial_redis_link_t      *link;       /* NULL: not connected */
    ngx_editorial_redis_link_t      *trial;      /* NULL: none is tried */
    ngx_uint_t                       next;       /* server to try */
    ngx_event_t                      timer;      /* until servers are tried */
    ngx_msec_t                       backoff;    /* ms; 0: none so far */

    ngx_queue_t                      over;       /* commands */
    ngx_queue_t                      told;       /* those that are, now */
    ngx_event_t                      teller;     /* tells them */

    ngx_queue_t                      joins;      /* GETs, and those of them */
    ngx_rbtree_t                     asked;      /* that are in flight */
    ngx_rbtree_node_t                asked_sentinel;

    ngx_editorial_redis_breaker_t    breaker;
    ngx_editorial_redis_stats_t      stats;
    struct {
        ngx_editorial_redis_said_t   connected;
        ngx_editorial_redis_said_t   lost;
        ngx_editorial_redis_said_t   timeout;
        ngx_editorial_redis_said_t   not_now;
        ngx_editorial_redis_said_t   error;
        ngx_editorial_redis_said_t   breaker;
    } said;
    ngx_editorial_redis_said_t      *not_used;   /* of each server */

    ngx_uint_t                       entered;    /* calls that will yet look
                                                    at this */
    unsigned                         destroyed:1;
};


typedef enum {
    NGX_EDITORIAL_REDIS_LINK_GREETS = 0,  /* connects, and is greeted */
    NGX_EDITORIAL_REDIS_LINK_READY,
    NGX_EDITORIAL_REDIS_LINK_RETIRED,     /* waits for its last replies */
    NGX_EDITORIAL_REDIS_LINK_ENDED        /* hiredis has been told so */
} ngx_editorial_redis_link_state_e;


struct ngx_editorial_redis_link_s {
    ngx_queue_t                        queue;      /* in redis->links */
    ngx_editorial_redis_t             *redis;
    ngx_uint_t                         n;          /* of its server */
    ngx_editorial_redis_server_t      *server;
    redisAsyncContext                 *context;
    ngx_editorial_redis_link_state_e   state;
    ngx_msec_t                         since;      /* when it became ready */

    ngx_queue_t                        sent;       /* commands */
    ngx_event_t                        timer;
    ngx_msec_t                         deadline;   /* of the next bytes */
    ngx_msec_t                         whole_by;   /* of the reply that is
                                                      next */

    ngx_editorial_redis_rc_e           rc;         /* why it ended */
    const char                        *why;        /* NULL: hiredis says */
    u_char                             text[NGX_EDITORIAL_REDIS_TEXT];

    unsigned                           late:1;     /* if nothing has come when
                                                      it is asked again */
    unsigned                           unsent:1;   /* the first that waits, as
                                                      far as we know */
};


/* NULL: no memory.  All else that goes wrong is said later, by _closed(). */
ngx_editorial_redis_link_t *ngx_editorial_redis_link_connect(
    ngx_editorial_redis_t *redis, ngx_uint_t n);

/* NGX_ERROR: no memory; the link may have ended. */
ngx_int_t ngx_editorial_redis_link_send(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_cmd_t *cmd, int argc, const char **argv,
    const size_t *argvlen);

/* Ends it when the replies that it owes have come; at once. */
void ngx_editorial_redis_link_retire(ngx_editorial_redis_link_t *link);
void ngx_editorial_redis_link_end(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_rc_e rc, const char *why);


/* What a link says to the client that has it: it has been greeted; a command
   is answered; it has ended, and is freed next. */
void ngx_editorial_redis_ready(ngx_editorial_redis_link_t *link);
void ngx_editorial_redis_reply(ngx_editorial_redis_link_t *link,
    ngx_editorial_redis_cmd_t *cmd, redisReply *reply);
void ngx_editorial_redis_closed(ngx_editorial_redis_link_t *link,
    const char *why);


/* Joined GETs: with the client, and at the end of it. */
void ngx_editorial_redis_gets_init(ngx_editorial_redis_t *redis);
void ngx_editorial_redis_gets_end(ngx_editorial_redis_t *redis);


void ngx_cdecl ngx_editorial_redis_log(ngx_log_t *log, ngx_uint_t level,
    ngx_editorial_redis_said_t *said, const char *fmt, ...);

/* AUTH with what the server's URL or the password file says, as arguments: how
   many; 0: there is no password.  argv and argvlen have room for three. */
int ngx_editorial_redis_auth(ngx_editorial_redis_server_t *server,
    const char **argv, size_t *argvlen);

/* The user may not ask, or the command has been renamed: words are of an
   error, ended by a zero. */
ngx_uint_t ngx_editorial_redis_is_forbidden(const char *words);

/* A server's words as they may be logged, in buf: bounded, printable, and
   ended by a zero. */
const char *ngx_editorial_redis_text(u_char *buf, size_t size,
    const char *text, size_t len);


#endif /* NGX_EDITORIAL_REDIS_INT_H */
