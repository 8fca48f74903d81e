
/*
 * What the two files of the audit share: that which keeps entries (_audit), and
 * that which shows them (_audit_read).
 */

#ifndef NGX_HTTP_EDITORIAL_CONSOLE_AUDIT_H
#define NGX_HTTP_EDITORIAL_CONSOLE_AUDIT_H


#include "ngx_http_editorial_console_redis.h"


/* An entry that is being kept, and entries that are asked for. */
typedef struct {
    ngx_http_editorial_call_t   *call;
    ngx_editorial_redis_cmd_t   *cmd;            /* in flight; NULL: none */
    ngx_http_editorial_kept_pt   handler;
    void                        *data;
} ngx_http_editorial_audit_t;


/* One of that call, whose command is cancelled with its request.  NULL: no
   memory. */
ngx_http_editorial_audit_t *ngx_http_editorial_audit_create(
    ngx_http_editorial_call_t *call);


#endif /* NGX_HTTP_EDITORIAL_CONSOLE_AUDIT_H */
