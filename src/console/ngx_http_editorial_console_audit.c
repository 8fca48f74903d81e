
/*
 * Who did what, when.  It is a line of the error log, at the level "notice",
 *
 *     editorial: "anna" did purge {"tag":"tides"}: {"purged":12}
 *
 * and an entry that is kept: in a stream in Redis, whose ids are times, or,
 * where there is none, in the board's journal.
 *
 *     1795400000000-0   user anna, action state, target opinion/read_more,
 *                       before {"mode":"off"}, after null
 *
 * Changes write theirs themselves, in one step with what they change.  Names
 * come from outside, so the line is JSON in ASCII, which has no line ends.  A
 * value that is long is not kept, only how long it was.
 */

#include "ed_charset.h"
#include "ed_json.h"
#include "ngx_http_editorial_console_audit.h"


#define NGX_HTTP_EDITORIAL_AUDIT  (JSON_COMPACT|JSON_ENSURE_ASCII             \
                                   |JSON_ENCODE_ANY)


static void ngx_http_editorial_audit_log(ngx_http_editorial_call_t *call,
    const char *action, const char *user, const char *target,
    const char *after);
static json_t *ngx_http_editorial_audit_value(json_t *value);
static void ngx_http_editorial_audit_cleanup(void *data);
static ngx_int_t ngx_http_editorial_audit_store(
    ngx_http_editorial_call_t *call, const char *action, ed_str_t target,
    json_t *after);
static ngx_int_t ngx_http_editorial_audit_send(
    ngx_http_editorial_audit_t *audit, const char *action, ed_str_t target,
    json_t *after);
static void ngx_http_editorial_audit_sent(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ed_str_t ngx_http_editorial_audit_cut(ed_str_t text, size_t most);


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


ngx_int_t
ngx_http_editorial_audit_entry(ngx_http_editorial_call_t *call, ed_str_t user,
    const char *action, ed_str_t target, json_t *before, json_t *after,
    ed_str_t *entry)
{
    char                *text;
    json_t              *root;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(call->r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    target = ngx_http_editorial_audit_cut(target,
                                          NGX_HTTP_EDITORIAL_AUDIT_TARGET);

    root = json_pack("{s:o, s:s, s:o, s:o, s:o}",
                     "user",
                     ngx_http_editorial_json_string(user.data, user.len),
                     "action", action,
                     "target",
                     ngx_http_editorial_json_string(target.data, target.len),
                     "before", ngx_http_editorial_audit_value(before),
                     "after", ngx_http_editorial_audit_value(after));

    text = root != NULL ? ed_json_write(root, JSON_COMPACT) : NULL;
    json_decref(root);

    if (text == NULL) {
        return NGX_ERROR;
    }

    cln->handler = free;
    cln->data = text;

    *entry = ed_str(text, ngx_strlen(text));

    return NGX_OK;
}


/* A new reference, of the value or of what is told in its place. */

static json_t *
ngx_http_editorial_audit_value(json_t *value)
{
    char    *text;
    size_t   len;

    text = ed_json_write(value, JSON_COMPACT|JSON_ENCODE_ANY);
    if (text == NULL) {
        return NULL;
    }

    len = ngx_strlen(text);
    free(text);

    if (len > (size_t) ngx_atoi((u_char *) NGX_HTTP_EDITORIAL_AUDIT_VALUE,
                                sizeof(NGX_HTTP_EDITORIAL_AUDIT_VALUE) - 1))
    {
        return json_pack("{s:I}", "omitted", (json_int_t) len);
    }

    return json_incref(value);
}


void
ngx_http_editorial_audit_keep(ngx_http_editorial_call_t *call,
    const char *action, ed_str_t target, json_t *after,
    ngx_http_editorial_kept_pt handler, void *data)
{
    ngx_http_editorial_audit_t      *audit;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);
    target = ngx_http_editorial_audit_cut(target,
                                          NGX_HTTP_EDITORIAL_AUDIT_TARGET);

    if (emcf->redis_conf == NULL) {

        if (ngx_http_editorial_audit_store(call, action, target, after)
            == NGX_OK)
        {
            handler(data);
            return;
        }

    } else {
        audit = ngx_http_editorial_audit_create(call);

        if (audit != NULL) {
            audit->handler = handler;
            audit->data = data;

            if (ngx_http_editorial_audit_send(audit, action, target, after)
                == NGX_OK)
            {
                return;
            }
        }
    }

    ngx_log_error(NGX_LOG_ERR, call->r->connection->log, 0,
                  "editorial: no memory for an entry of the audit");

    handler(data);
}


ngx_http_editorial_audit_t *
ngx_http_editorial_audit_create(ngx_http_editorial_call_t *call)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_editorial_audit_t  *audit;

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_audit_t));
    if (cln == NULL) {
        return NULL;
    }

    audit = cln->data;
    audit->call = call;
    audit->cmd = NULL;

    cln->handler = ngx_http_editorial_audit_cleanup;

    return audit;
}


static void
ngx_http_editorial_audit_cleanup(void *data)
{
    ngx_http_editorial_audit_t *audit = data;

    if (audit->cmd != NULL) {
        ngx_editorial_redis_cancel(audit->cmd);
    }
}


static ngx_int_t
ngx_http_editorial_audit_store(ngx_http_editorial_call_t *call,
    const char *action, ed_str_t target, json_t *after)
{
    json_t                          *none;
    ed_str_t                         entry;
    ngx_int_t                        rc;
    ngx_time_t                      *now;
    ed_changed_t                     by;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    none = json_null();
    ed_changed_user(&by, ed_str(call->user.data, call->user.len));

    rc = ngx_http_editorial_audit_entry(call, ed_str(by.user, by.len), action,
                                        target, none, after, &entry);
    if (rc == NGX_OK) {
        now = ngx_timeofday();

        ngx_http_editorial_journal_add(emcf, (int64_t) now->sec * 1000
                                             + now->msec, entry);
    }

    return rc;
}


static ngx_int_t
ngx_http_editorial_audit_send(ngx_http_editorial_audit_t *audit,
    const char *action, ed_str_t target, json_t *after)
{
    char                        *text;
    json_t                      *user;
    ed_changed_t                 by;
    ngx_http_editorial_call_t   *call;
    ngx_http_editorial_words_t   words;

    call = audit->call;
    words.n = 0;

    user = ngx_http_editorial_json_string(call->user.data, call->user.len);
    text = ed_json_write(after, JSON_COMPACT);

    if (user != NULL && text != NULL) {
        ed_changed_user(&by, ed_str(json_string_value(user),
                                    json_string_length(user)));

        ngx_http_editorial_word_literal(&words, "XADD");

        if (ngx_http_editorial_word_key(&words, call, "audit", NULL)
            == NGX_OK)
        {
            ngx_http_editorial_word_literal(&words, "MAXLEN");
            ngx_http_editorial_word_literal(&words,
                                            NGX_HTTP_EDITORIAL_AUDIT_ENTRIES);
            ngx_http_editorial_word_literal(&words, "*");
            ngx_http_editorial_word_literal(&words, "user");
            ngx_http_editorial_word(&words, by.user, by.len);
            ngx_http_editorial_word_literal(&words, "action");
            ngx_http_editorial_word(&words, action, ngx_strlen(action));
            ngx_http_editorial_word_literal(&words, "target");
            ngx_http_editorial_word(&words, target.data, target.len);
            ngx_http_editorial_word_literal(&words, "before");
            ngx_http_editorial_word_literal(&words, "null");
            ngx_http_editorial_word_literal(&words, "after");
            ngx_http_editorial_word(&words, text, ngx_strlen(text));

            audit->cmd = ngx_http_editorial_ask(call, &words,
                                                ngx_http_editorial_audit_sent,
                                                audit);
        }
    }

    free(text);
    json_decref(user);

    return audit->cmd != NULL ? NGX_OK : NGX_ERROR;
}


/* It is done, whether or not it is written down: then the line of the log is
   all there is. */

static void
ngx_http_editorial_audit_sent(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_audit_t *audit = data;

    ngx_connection_t  *c;

    audit->cmd = NULL;
    c = audit->call->r->connection;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "editorial: Redis has not taken an entry of the audit");
    }

    audit->handler(audit->data);

    ngx_http_run_posted_requests(c);
}


/* At a character's edge. */

static ed_str_t
ngx_http_editorial_audit_cut(ed_str_t text, size_t most)
{
    if (text.len > most) {
        text.len = most;

        while (text.len != 0 && (text.data[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }

    return text;
}
