
/*
 * What the files of the connection of invalidations share.
 *
 *     _track           which server is listened to, what is told, the log
 *     _track_link      one connection: bytes, PING, silence, end
 *     _track_greet     what is asked on it, and what is answered
 *     _track_reader    what comes on it, as it comes
 */

#ifndef NGX_EDITORIAL_REDIS_TRACK_INT_H
#define NGX_EDITORIAL_REDIS_TRACK_INT_H


#include "ngx_editorial_redis_int.h"
#include "ngx_editorial_redis_track.h"


#define NGX_EDITORIAL_REDIS_TRACK_CHANNEL  "__redis__:invalidate"
#define NGX_EDITORIAL_REDIS_TRACK_STRANGE  "it does not answer as Redis does"

/* "CLIENT", "TRACKING", "ON", "REDIRECT", its id */
#define NGX_EDITORIAL_REDIS_TRACK_OWN_ID   4


typedef struct ngx_editorial_redis_track_link_s
    ngx_editorial_redis_track_link_t;


/* What a reader has read last. */
typedef struct {
    int                                type;       /* REDIS_REPLY_… */
    long long                          integer;
    size_t                             len;
    u_char                             text[NGX_EDITORIAL_REDIS_TEXT];
                                                   /* of a string, a status,
                                                      an error, or an array's
                                                      first string; its
                                                      beginning, and a zero */
    unsigned                           ours:1;     /* a message, and of our
                                                      channel */
} ngx_editorial_redis_track_reply_t;


struct ngx_editorial_redis_track_s {
    ngx_editorial_redis_conf_t        *conf;
    ngx_editorial_redis_track_pt       handler;
    void                              *data;

    int                                argc;       /* of CLIENT TRACKING */
    const char                       **argv;
    size_t                            *argvlen;

    ngx_pool_t                        *pool;       /* of this and of these */
    ngx_log_t                         *log;
    ngx_log_t                          quiet;      /* what goes wrong with a
                                                      connection, we say */
    ngx_pool_cleanup_t                *cleanup;    /* of the cycle's pool */

    ngx_editorial_redis_track_link_t  *link;       /* NULL: nothing is told */
    ngx_editorial_redis_track_link_t  *trial;      /* NULL: none is tried */
    ngx_uint_t                         next;       /* server to try */
    ngx_event_t                        timer;      /* until one is tried */
    ngx_msec_t                         backoff;    /* ms; 0: none so far */

    ngx_editorial_redis_track_stats_t  stats;
    ngx_editorial_redis_said_t         on;
    ngx_editorial_redis_said_t         lost;
    ngx_editorial_redis_said_t        *not_used;   /* of each server */

    ngx_uint_t                         entered;    /* calls that will yet look
                                                      at this */
    unsigned                           destroyed:1;
};


/* Which answer is next. */
typedef enum {
    NGX_EDITORIAL_REDIS_TRACK_AUTH = 0,
    NGX_EDITORIAL_REDIS_TRACK_ROLE,
    NGX_EDITORIAL_REDIS_TRACK_PING,
    NGX_EDITORIAL_REDIS_TRACK_ID,
    NGX_EDITORIAL_REDIS_TRACK_TRACKING,
    NGX_EDITORIAL_REDIS_TRACK_SUBSCRIBE,
    NGX_EDITORIAL_REDIS_TRACK_TELLS        /* none but to PING */
} ngx_editorial_redis_track_step_e;


struct ngx_editorial_redis_track_link_s {
    ngx_editorial_redis_track_t       *track;
    ngx_uint_t                         n;          /* of its server */
    ngx_editorial_redis_server_t      *server;
    ngx_connection_t                  *connection;
    redisReader                       *reader;
    ngx_editorial_redis_track_reply_t  reply;
    ngx_editorial_redis_track_step_e   step;

    u_char                            *out;        /* what is to be sent */
    size_t                             out_len;
    size_t                             out_sent;   /* of it */

    ngx_event_t                        timer;
    ngx_msec_t                         since;      /* it tells */
    ngx_msec_t                         heard;      /* when anything came */
    ngx_msec_t                         asked;      /* when PING was sent */

    const char                        *why;        /* it is to end; NULL */
    u_char                             text[NGX_EDITORIAL_REDIS_TEXT];

    unsigned                           connected:1;
    unsigned                           pinged:1;   /* and no answer yet */
    unsigned                           late:1;     /* if nothing has come when
                                                      it is asked again */
    unsigned                           entered:1;  /* its reader is */
    unsigned                           ended:1;
};


/* NULL: it could not be; *why says why, in text or not. */
ngx_editorial_redis_track_link_t *ngx_editorial_redis_track_link_connect(
    ngx_editorial_redis_track_t *track, ngx_uint_t n, u_char *text,
    const char **why);

/* A command behind what is still to be sent.  NGX_ERROR: no memory. */
ngx_int_t ngx_editorial_redis_track_link_ask(
    ngx_editorial_redis_track_link_t *link, int argc, const char **argv,
    const size_t *argvlen);
ngx_int_t ngx_editorial_redis_track_link_word(
    ngx_editorial_redis_track_link_t *link, const char *word);

/* What can be sent is.  NGX_ERROR: link->why says why. */
ngx_int_t ngx_editorial_redis_track_link_send(
    ngx_editorial_redis_track_link_t *link);

/* From now on it tells, and is asked whether it lives. */
void ngx_editorial_redis_track_link_tells(
    ngx_editorial_redis_track_link_t *link);

/* At once, and without a word to the track. */
void ngx_editorial_redis_track_link_close(
    ngx_editorial_redis_track_link_t *link);


/* The questions that come first; those that make it tell, where id is its own;
   and what is done with an answer (NGX_DONE: the link has ended; NGX_ERROR:
   it is to end, and link->why says why). */
ngx_int_t ngx_editorial_redis_track_greet(
    ngx_editorial_redis_track_link_t *link);
ngx_int_t ngx_editorial_redis_track_listen(
    ngx_editorial_redis_track_link_t *link, long long id);
ngx_int_t ngx_editorial_redis_track_answer(
    ngx_editorial_redis_track_link_t *link);


/* What a link says to the track that has it: there is a server that may be
   used, whose id for it is this (NGX_OK: it goes on; NGX_DONE: it is closed;
   NGX_ERROR: no memory); it tells from now on; a key, or with NULL, all of
   them, have changed; it has come to an end, and is closed by the track. */
ngx_int_t ngx_editorial_redis_track_greeted(
    ngx_editorial_redis_track_link_t *link, long long id);
void ngx_editorial_redis_track_ready(ngx_editorial_redis_track_link_t *link);
void ngx_editorial_redis_track_changed(ngx_editorial_redis_track_link_t *link,
    ngx_str_t *key);
void ngx_editorial_redis_track_closed(ngx_editorial_redis_track_link_t *link,
    const char *why);


/* A reader that keeps no replies: keys are told as they are read, of the rest
   only link->reply is left. */
redisReader *ngx_editorial_redis_track_reader(
    ngx_editorial_redis_track_link_t *link);

/* NGX_OK: a reply has been read.  NGX_AGAIN: more bytes are needed; NGX_DONE:
   the link has ended meanwhile; NGX_ERROR: link->why says why. */
ngx_int_t ngx_editorial_redis_track_read(
    ngx_editorial_redis_track_link_t *link);


#endif /* NGX_EDITORIAL_REDIS_TRACK_INT_H */
