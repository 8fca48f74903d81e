
/*
 * A client of Redis on nginx's event loop: commands go out pipelined on one
 * connection a worker, each with a context, a time-out and a handler.  Nothing
 * here blocks, and nothing fails in another way than by the handler's being
 * told so.
 *
 *     cmd = ngx_editorial_redis_command(redis, …, handler, data)
 *                     handler(data, rc, reply): a reply, or why there is none
 *     ngx_editorial_redis_cancel(cmd)      at any time before that
 *
 * Several URLs: the first that is up and writable is used, the next when it
 * is not.  The connection is made when the worker starts and rebuilt with
 * back-off when it is lost.  A command that times out takes the connection
 * with it, and with that all commands behind it: replies come in order.
 *
 * The breaker: after max_fails failures in a row (time-outs, losses, replies
 * that mean "not now": LOADING, READONLY, MASTERDOWN, OOM and their like)
 * commands are refused at once for fail_timeout; then one goes out as a probe,
 * and its reply closes the breaker, or its failure keeps it open.  So they are
 * after max_fails attempts to connect that failed; the next that succeeds
 * closes the breaker.  What a connection loses is one failure, however many
 * commands it was.
 */

#ifndef NGX_EDITORIAL_REDIS_H
#define NGX_EDITORIAL_REDIS_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <hiredis/hiredis.h>
#include <hiredis/async.h>


/* A reply that takes more memory than that is not taken: the connection ends.
   Nothing is to be stored that could not be read again. */
#define NGX_EDITORIAL_REDIS_MAX_REPLY  (16 * 1024 * 1024)


typedef struct ngx_editorial_redis_s  ngx_editorial_redis_t;
typedef struct ngx_editorial_redis_cmd_s  ngx_editorial_redis_cmd_t;


/* Why there is no reply. */
typedef enum {
    NGX_EDITORIAL_REDIS_OK = 0,
    NGX_EDITORIAL_REDIS_OPEN,          /* the breaker is: nothing was sent */
    NGX_EDITORIAL_REDIS_DOWN,          /* not connected */
    NGX_EDITORIAL_REDIS_TIMEOUT,
    NGX_EDITORIAL_REDIS_LOST,          /* the connection, or its protocol */
    NGX_EDITORIAL_REDIS_ERROR,         /* Redis says no: reply has its words */
    NGX_EDITORIAL_REDIS_NOMEM
} ngx_editorial_redis_rc_e;


/* reply is hiredis', and lives until the handler returns; NULL unless rc is
   _OK or _ERROR.  The command is over when the handler is called. */
typedef void (*ngx_editorial_redis_handler_pt)(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);


/* What the configuration says; one of it a configuration. */
typedef struct {
    ngx_array_t            servers;    /* of ngx_editorial_redis_server_t */
    ngx_str_t              prefix;     /* of all keys */
    ngx_msec_t             connect_timeout;
    ngx_msec_t             timeout;    /* to the first byte of a reply, and
                                          between two that come; 20 times that
                                          for one reply as a whole */
    ngx_uint_t             max_fails;  /* 0: the breaker never opens */
    time_t                 fail_timeout;
    ngx_str_t              password_file;  /* len 0: none */
} ngx_editorial_redis_conf_t;


typedef struct {
    ngx_str_t              url;        /* without its password, for the log */
    ngx_str_t              user;       /* each may be empty */
    ngx_str_t              password;
    ngx_str_t              host;       /* the address as text, or a socket's
                                          path; ended by a zero */
    ngx_uint_t             port;
    ngx_uint_t             db;
    unsigned               is_unix:1;
    ngx_addr_t             addr;       /* resolved when configured */
} ngx_editorial_redis_server_t;


/* Reads "editorial_redis URL … [prefix=P] …" from cf->args into conf (zeroed).
   NGX_CONF_OK, or NGX_CONF_ERROR with a line in the log that says what is
   wrong.  cluster=on and rediss:// are refused. */
char *ngx_editorial_redis_parse(ngx_conf_t *cf,
    ngx_editorial_redis_conf_t *conf);

/*
 * In the worker.  NULL: no memory.  destroy ends all commands with _LOST; a
 * handler may call it, too, and none is called when it has returned.
 */
ngx_editorial_redis_t *ngx_editorial_redis_create(ngx_cycle_t *cycle,
    ngx_editorial_redis_conf_t *conf);
void ngx_editorial_redis_destroy(ngx_editorial_redis_t *redis);

/*
 * A command.  argv and argvlen as redisCommandArgv() takes them (argvlen may
 * be NULL, where all of argv end with a zero); copied.  The handler is called
 * once, later, from the event loop (never from inside this call), unless the
 * command is cancelled first.  NULL: no memory, the handler will not be
 * called.
 */
ngx_editorial_redis_cmd_t *ngx_editorial_redis_command(
    ngx_editorial_redis_t *redis, int argc, const char **argv,
    const size_t *argvlen, ngx_editorial_redis_handler_pt handler,
    void *data);

/* The handler is not to be called any more; its reply is thrown away. */
void ngx_editorial_redis_cancel(ngx_editorial_redis_cmd_t *cmd);

/* Would a command be sent now?  Zero: the breaker is open, or no server is
   up, and a request need not even try. */
ngx_uint_t ngx_editorial_redis_is_up(ngx_editorial_redis_t *redis);


typedef struct {
    ngx_uint_t             connected;  /* 1 or 0 */
    ngx_str_t              server;     /* the URL in use; may be empty */
    ngx_uint_t             open;       /* the breaker is */
    uint64_t               commands;
    uint64_t               replies;
    uint64_t               timeouts;
    uint64_t               connections;  /* made so far: what was learnt of
                                            Redis before the last one is old */
    uint64_t               lost;       /* of them */
    uint64_t               refused;    /* commands, by the breaker */
} ngx_editorial_redis_stats_t;

void ngx_editorial_redis_stats(ngx_editorial_redis_t *redis,
    ngx_editorial_redis_stats_t *stats);


#endif /* NGX_EDITORIAL_REDIS_H */
