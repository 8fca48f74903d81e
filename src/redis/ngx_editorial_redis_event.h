
/*
 * hiredis' asynchronous context on nginx's event loop.
 *
 *     context = redisAsyncConnect(…)
 *     ngx_editorial_redis_event_attach(…)
 *                     moved(data): bytes have come, or gone that had to wait
 *                     sent(data): others have gone
 *                     closed(data, why): the context is about to be freed
 *     redisAsyncCommandArgv(context, …)
 *     redisAsyncDisconnect(context), or redisAsyncFree(context)
 *
 * The socket is hiredis': it made it, and closes it when it frees the context.
 * The ngx_connection_t around it is the adapter's.  Both are gone a moment
 * after closed().
 */

#ifndef NGX_EDITORIAL_REDIS_EVENT_H
#define NGX_EDITORIAL_REDIS_EVENT_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <hiredis/hiredis.h>
#include <hiredis/async.h>


typedef struct {
    void                 (*moved)(void *data);
    void                 (*sent)(void *data);

    /* why: text of hiredis or ours, of any bytes; never NULL, but empty where
       the end was asked for */
    void                 (*closed)(void *data, const char *why);
} ngx_editorial_redis_event_handlers_t;


/*
 * Attaches context, which has not been used yet, for as long as it lives.  A
 * reply that takes more than max_reply bytes ends the connection.  handlers
 * outlive the context.
 *
 * NGX_ERROR: no memory, or no connection; handlers will not be called, and
 * the context is still the caller's to free.
 */
ngx_int_t ngx_editorial_redis_event_attach(redisAsyncContext *context,
    size_t max_reply, const ngx_editorial_redis_event_handlers_t *handlers,
    void *data, ngx_log_t *log);

/* The bytes of a reply's string, ended by a zero, for the caller to keep: the
   reply has none any more.  They are hiredis', and freed as such. */
u_char *ngx_editorial_redis_event_take(redisReply *reply);
void ngx_editorial_redis_event_free(u_char *data);


#endif /* NGX_EDITORIAL_REDIS_EVENT_H */
