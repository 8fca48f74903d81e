
/*
 * GET api/audit: entries of the audit, the last first, out of the stream in
 * Redis or the board's journal.
 *
 *     ?count=100&before=1795400000000-0
 *
 * Anybody may write to the stream.  What is no entry is left out, and a value
 * that should be JSON and is none is shown as the string it is.
 */

#include "ed_date.h"
#include "ed_json.h"
#include "ngx_http_editorial_console_audit.h"


#define NGX_HTTP_EDITORIAL_AUDIT_COUNT  100
#define NGX_HTTP_EDITORIAL_AUDIT_MOST   1000


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
