
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
#include "ed_date.h"
#include "ed_json.h"
#include "ngx_http_editorial_console_redis.h"


#define NGX_HTTP_EDITORIAL_AUDIT  (JSON_COMPACT|JSON_ENSURE_ASCII             \
                                   |JSON_ENCODE_ANY)

#define NGX_HTTP_EDITORIAL_AUDIT_COUNT  100
#define NGX_HTTP_EDITORIAL_AUDIT_MOST   1000


/* An entry that is being kept, and entries that are asked for. */
typedef struct {
    ngx_http_editorial_call_t   *call;
    ngx_editorial_redis_cmd_t   *cmd;            /* in flight; NULL: none */
    ngx_http_editorial_kept_pt   handler;
    void                        *data;
} ngx_http_editorial_audit_t;


static void ngx_http_editorial_audit_log(ngx_http_editorial_call_t *call,
    const char *action, const char *user, const char *target,
    const char *after);
static json_t *ngx_http_editorial_audit_value(json_t *value);
static ngx_http_editorial_audit_t *ngx_http_editorial_audit_create(
    ngx_http_editorial_call_t *call);
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

static ngx_uint_t ngx_http_editorial_audit_args(
    ngx_http_editorial_call_t *call, ngx_uint_t *count,
    ed_journal_entry_t *before);
static ngx_int_t ngx_http_editorial_audit_id(ed_str_t id,
    ed_journal_entry_t *entry);
static void ngx_http_editorial_audit_journal(ngx_http_editorial_call_t *call,
    const ed_journal_entry_t *before, ngx_uint_t count);
static void ngx_http_editorial_audit_ask(ngx_http_editorial_call_t *call,
    const ed_journal_entry_t *before, ngx_uint_t count);
static void ngx_http_editorial_audit_got(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static json_t *ngx_http_editorial_audit_list(redisReply *reply);
static ngx_uint_t ngx_http_editorial_audit_is_item(redisReply *reply,
    ed_journal_entry_t *entry);
static json_t *ngx_http_editorial_audit_item(redisReply *fields,
    const ed_journal_entry_t *entry);
static json_t *ngx_http_editorial_audit_field(redisReply *fields,
    const char *name, ngx_uint_t is_json);
static ngx_int_t ngx_http_editorial_audit_stamp(json_t *item,
    const ed_journal_entry_t *entry);
static void ngx_http_editorial_audit_answer(ngx_http_editorial_call_t *call,
    json_t *list);


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


static ngx_http_editorial_audit_t *
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


void
ngx_http_editorial_call_audit(ngx_http_editorial_call_t *call)
{
    ngx_uint_t                       count;
    ed_journal_entry_t               before;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    if (!ngx_http_editorial_audit_args(call, &count, &before)) {
        return;
    }

    if (before.at == 0 && before.seq == 0) {
        /* to Redis, a range that ends before the first id is an error */
        ngx_http_editorial_audit_answer(call, json_array());

    } else if (emcf->redis_conf == NULL) {
        ngx_http_editorial_audit_journal(call, &before, count);

    } else if (ngx_http_editorial_can_ask(call, "the audit cannot be read")) {
        ngx_http_editorial_audit_ask(call, &before, count);
    }
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_audit_args(ngx_http_editorial_call_t *call,
    ngx_uint_t *count, ed_journal_entry_t *before)
{
    ngx_int_t  n;
    ngx_str_t  value;

    *count = NGX_HTTP_EDITORIAL_AUDIT_COUNT;
    before->at = ED_MAX_MOMENT + 1;
    before->seq = 0;

    if (ngx_http_arg(call->r, (u_char *) "count", 5, &value) == NGX_OK) {
        n = ngx_atoi(value.data, value.len);

        if (n < 1 || n > NGX_HTTP_EDITORIAL_AUDIT_MOST) {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "\"count\" must be a number from 1 to "
                                       "%d", NGX_HTTP_EDITORIAL_AUDIT_MOST);
            return 0;
        }

        *count = (ngx_uint_t) n;
    }

    if (ngx_http_arg(call->r, (u_char *) "before", 6, &value) == NGX_OK
        && ngx_http_editorial_audit_id(ed_str(value.data, value.len), before)
           != NGX_OK)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"before\" must be the id of an entry");
        return 0;
    }

    return 1;
}


/* 1795400000000-0 */

static ngx_int_t
ngx_http_editorial_audit_id(ed_str_t id, ed_journal_entry_t *entry)
{
    off_t      at;
    size_t     i;
    ngx_int_t  seq;

    for (i = 0; i < id.len && id.data[i] != '-'; i++) {
        /* void */
    }

    if (i == id.len) {
        return NGX_ERROR;
    }

    at = ngx_atoof((u_char *) id.data, i);
    seq = ngx_atoi((u_char *) id.data + i + 1, id.len - i - 1);

    if (at < 0 || at > ED_MAX_MOMENT || seq < 0 || seq > UINT32_MAX) {
        return NGX_ERROR;
    }

    entry->at = at;
    entry->seq = (uint32_t) seq;

    return NGX_OK;
}


static void
ngx_http_editorial_audit_journal(ngx_http_editorial_call_t *call,
    const ed_journal_entry_t *before, ngx_uint_t count)
{
    json_t                          *list, *item;
    ed_rc_t                          rc;
    ed_buf_t                         buf;
    ed_str_t                         left, text;
    ed_journal_entry_t               entry;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    ed_buf_init(&buf, sizeof(ed_journal_t));

    rc = ngx_http_editorial_journal_read(emcf, before, count, &buf);

    list = rc == ED_OK ? json_array() : NULL;
    left = ed_str(buf.data, buf.len);

    while (list != NULL && ed_journal_next(&left, &entry, &text)) {

        item = NULL;

        if (ed_json_read(text, 0, &item, NULL) != ED_OK
            || ngx_http_editorial_audit_stamp(item, &entry) != NGX_OK
            || json_array_append(list, item) != 0)
        {
            json_decref(list);
            list = NULL;
        }

        json_decref(item);
    }

    ed_buf_free(&buf);

    ngx_http_editorial_audit_answer(call, list);
}


static void
ngx_http_editorial_audit_ask(ngx_http_editorial_call_t *call,
    const ed_journal_entry_t *before, ngx_uint_t count)
{
    u_char                       from[2 * NGX_INT64_LEN], n[NGX_INT_T_LEN];
    ngx_http_editorial_audit_t  *audit;
    ngx_http_editorial_words_t   words;

    words.n = 0;
    ngx_http_editorial_word_literal(&words, "XREVRANGE");

    audit = ngx_http_editorial_audit_create(call);

    if (audit != NULL
        && ngx_http_editorial_word_key(&words, call, "audit", NULL) == NGX_OK)
    {
        ngx_http_editorial_word(&words, from,
                                ngx_sprintf(from, "(%L-%uD", before->at,
                                            before->seq)
                                - from);
        ngx_http_editorial_word_literal(&words, "-");
        ngx_http_editorial_word_literal(&words, "COUNT");
        ngx_http_editorial_word(&words, n, ngx_sprintf(n, "%ui", count) - n);

        audit->cmd = ngx_http_editorial_ask(call, &words,
                                            ngx_http_editorial_audit_got,
                                            audit);
    }

    if (audit == NULL || audit->cmd == NULL) {
        ngx_http_editorial_answer(call, NULL);
    }
}


static void
ngx_http_editorial_audit_got(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_audit_t *audit = data;

    ngx_connection_t  *c;

    audit->cmd = NULL;
    c = audit->call->r->connection;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_ARRAY) {
        ngx_http_editorial_audit_answer(audit->call,
                                        ngx_http_editorial_audit_list(reply));

    } else {
        ngx_http_editorial_redis_problem(audit->call, rc, reply,
                                         "the audit cannot be read");
    }

    ngx_http_run_posted_requests(c);
}


/* NULL: no memory. */

static json_t *
ngx_http_editorial_audit_list(redisReply *reply)
{
    size_t               i;
    json_t              *list;
    ed_journal_entry_t   entry;

    list = json_array();

    for (i = 0; i < reply->elements; i++) {

        if (!ngx_http_editorial_audit_is_item(reply->element[i], &entry)) {
            continue;
        }

        if (json_array_append_new(list,
                  ngx_http_editorial_audit_item(reply->element[i]->element[1],
                                                &entry))
            != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


/* [ id, [ name, value, … ] ], with an id that could be asked for. */

static ngx_uint_t
ngx_http_editorial_audit_is_item(redisReply *reply, ed_journal_entry_t *entry)
{
    return reply->type == REDIS_REPLY_ARRAY
           && reply->elements == 2
           && reply->element[0]->type == REDIS_REPLY_STRING
           && reply->element[1]->type == REDIS_REPLY_ARRAY
           && ngx_http_editorial_audit_id(ed_str(reply->element[0]->str,
                                                 reply->element[0]->len),
                                          entry)
              == NGX_OK;
}


/* NULL: no memory. */

static json_t *
ngx_http_editorial_audit_item(redisReply *fields,
    const ed_journal_entry_t *entry)
{
    json_t  *item;

    item = json_pack("{s:o, s:o, s:o, s:o, s:o}",
              "user", ngx_http_editorial_audit_field(fields, "user", 0),
              "action", ngx_http_editorial_audit_field(fields, "action", 0),
              "target", ngx_http_editorial_audit_field(fields, "target", 0),
              "before", ngx_http_editorial_audit_field(fields, "before", 1),
              "after", ngx_http_editorial_audit_field(fields, "after", 1));

    if (item != NULL
        && ngx_http_editorial_audit_stamp(item, entry) != NGX_OK)
    {
        json_decref(item);
        return NULL;
    }

    return item;
}


/* What is no JSON, though it should be, had been written by somebody else: it
   is shown as a string. */

static json_t *
ngx_http_editorial_audit_field(redisReply *fields, const char *name,
    ngx_uint_t is_json)
{
    size_t       i;
    json_t      *value;
    ed_str_t     text;
    redisReply  *field;

    for (i = 0; i + 1 < fields->elements; i += 2) {
        field = fields->element[i];

        if (field->type == REDIS_REPLY_STRING
            && ngx_strcmp(field->str, name) == 0
            && fields->element[i + 1]->type == REDIS_REPLY_STRING)
        {
            text = ed_str(fields->element[i + 1]->str,
                          fields->element[i + 1]->len);

            if (is_json
                && ed_json_read(text, JSON_DECODE_ANY, &value, NULL) == ED_OK)
            {
                return value;
            }

            return ngx_http_editorial_json_string(text.data, text.len);
        }
    }

    return json_null();
}


static ngx_int_t
ngx_http_editorial_audit_stamp(json_t *item, const ed_journal_entry_t *entry)
{
    char    at[ED_DATE_LEN];
    u_char  id[2 * NGX_INT64_LEN];

    (void) ngx_sprintf(id, "%L-%uD%Z", entry->at, entry->seq);
    ed_date_write(entry->at / 1000, at);

    if (json_object_set_new(item, "id", json_string((char *) id)) != 0
        || json_object_set_new(item, "at", json_string(at)) != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The reference is taken; NULL: no memory. */

static void
ngx_http_editorial_audit_answer(ngx_http_editorial_call_t *call, json_t *list)
{
    ngx_http_editorial_answer(call, list != NULL
                                    ? json_pack("{s:o}", "entries", list)
                                    : NULL);
}
