
/*
 * Who did what, when: a line of the error log at the level "notice".
 *
 *     editorial: "anna" did purge {"tag":"tides"}: {"purged":12}
 *
 * Names come from outside, so all of it is JSON in ASCII, which has no line
 * ends.
 */

#include "ngx_http_editorial_console.h"
#include "ed_json.h"


#define NGX_HTTP_EDITORIAL_AUDIT  (JSON_COMPACT|JSON_ENSURE_ASCII             \
                                   |JSON_ENCODE_ANY)


static void ngx_http_editorial_audit_log(ngx_http_editorial_call_t *call,
    const char *action, const char *user, const char *target,
    const char *after);


void
ngx_http_editorial_audit(ngx_http_editorial_call_t *call, const char *action,
    const json_t *target, const json_t *after)
{
    char    *who, *what, *how;
    json_t  *user;

    user = ngx_http_editorial_json_string(call->user.data, call->user.len);

    who = user != NULL ? ed_json_write(user, NGX_HTTP_EDITORIAL_AUDIT) : NULL;
    what = ed_json_write(target, NGX_HTTP_EDITORIAL_AUDIT);
    how = ed_json_write(after, NGX_HTTP_EDITORIAL_AUDIT);

    ngx_http_editorial_audit_log(call, action, who, what, how);

    free(who);
    free(what);
    free(how);

    json_decref(user);
}


/* What there was no memory for is not left out unsaid. */

static void
ngx_http_editorial_audit_log(ngx_http_editorial_call_t *call,
    const char *action, const char *user, const char *target,
    const char *after)
{
    ngx_log_error(NGX_LOG_NOTICE, call->r->connection->log, 0,
                  "editorial: %s did %s %s: %s",
                  user != NULL ? user : "(no memory)", action,
                  target != NULL ? target : "(no memory)",
                  after != NULL ? after : "(no memory)");
}
