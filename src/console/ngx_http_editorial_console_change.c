
/*
 * Redis is asked by two scripts.  LOOK says what is there, and what time it
 * is; CHANGE does it, if that is still there and not much later.  So a change
 * that was refused, as Redis hangs, is not made when it wakes up: whoever was
 * told so may have done something else by then.
 *
 * CHANGE writes the value, the entry of the audit, and who it was.  Redis does
 * not take back what a script has done before it fails, so the value is put
 * back by the script if the entry cannot be written.
 *
 * The keys of CHANGE are of several slots: cluster=on is refused when the
 * configuration is read.
 */

#include "ed_json.h"
#include "ngx_http_editorial_console_change.h"


#define NGX_HTTP_EDITORIAL_CHANGE_TRIES  16


static ngx_int_t ngx_http_editorial_change_user(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_change_here(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_change_look(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_change_looked(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_change_found(
    ngx_http_editorial_change_t *change, redisReply *reply);
static ngx_int_t ngx_http_editorial_change_send(
    ngx_http_editorial_change_t *change, int64_t now);
static ngx_int_t ngx_http_editorial_change_keys(
    ngx_http_editorial_change_t *change, ngx_http_editorial_words_t *words);
static const char *ngx_http_editorial_change_mode(
    ngx_http_editorial_change_t *change);
static ngx_int_t ngx_http_editorial_change_sign(
    ngx_http_editorial_change_t *change, ngx_http_editorial_words_t *words);
static void ngx_http_editorial_change_sent(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_change_answer(
    ngx_http_editorial_change_t *change, redisReply *reply);
static void ngx_http_editorial_change_done(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_change_failed(
    ngx_http_editorial_change_t *change, ngx_editorial_redis_rc_e rc,
    redisReply *reply, ngx_uint_t sent);
static void ngx_http_editorial_change_memory(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_change_cleanup(void *data);


/* KEYS: what it is; ARGV: its field, or "" */
static ngx_str_t  ngx_http_editorial_change_look_script = ngx_string(
    "local t = redis.call('TIME')\n"
    "local v\n"
    "if ARGV[1] == '' then v = redis.call('GET', KEYS[1])\n"
    "else v = redis.call('HGET', KEYS[1], ARGV[1]) end\n"
    "return {string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)), v}"
    "\n");

/* KEYS: what it is, audit, who changed it (may be missing); ARGV: field or "",
   "=", "-" (nothing) or "*" (whatever), what is expected, "set" or "del",
   value, until when, user, action, target; user and the value's etag as
   JSON, and when a test was reweighted, or 0 */
static ngx_str_t  ngx_http_editorial_change_script = ngx_string(
    "local key, field = KEYS[1], ARGV[1]\n"
    "local function put(v)\n"
    "  if field == '' then\n"
    "    if v then return redis.pcall('SET', key, v) end\n"
    "    return redis.pcall('DEL', key)\n"
    "  end\n"
    "  if v then return redis.pcall('HSET', key, field, v) end\n"
    "  return redis.pcall('HDEL', key, field)\n"
    "end\n"
    "local function failed(r) return type(r) == 'table' and r.err end\n"
    "local function shown(v)\n"
    "  if not v then return 'null' end\n"
    "  if #v > " NGX_HTTP_EDITORIAL_AUDIT_VALUE " then\n"
    "    return '{\"omitted\":' .. #v .. '}'\n"
    "  end\n"
    "  return v\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "if t[1] * 1000 + math.floor(t[2] / 1000) > tonumber(ARGV[6]) then\n"
    "  return -1\n"
    "end\n"
    "local before\n"
    "if field == '' then before = redis.call('GET', key)\n"
    "else before = redis.call('HGET', key, field) end\n"
    "if ARGV[2] == '=' and before ~= ARGV[3]\n"
    "  or ARGV[2] == '-' and before then return 0 end\n"
    "local after = ARGV[4] == 'set' and ARGV[5]\n"
    "if not before and not after then return '' end\n"
    "local done = put(after)\n"
    "if failed(done) then return done end\n"
    "local id = redis.pcall('XADD', KEYS[2], 'MAXLEN',\n"
    "  " NGX_HTTP_EDITORIAL_AUDIT_ENTRIES ", '*',\n"
    "  'user', ARGV[7], 'action', ARGV[8], 'target', ARGV[9],\n"
    "  'before', shown(before), 'after', shown(after))\n"
    "if failed(id) then put(before) return id end\n"
    "if KEYS[3] then\n"
    "  redis.pcall('HSET', KEYS[3], field, '{\"user\":' .. ARGV[10]\n"
    "    .. ',\"at\":' .. id:match('^%d+') .. ',\"etag\":' .. ARGV[11]\n"
    "    .. (ARGV[12] ~= '0' and ',\"reweighted\":' .. ARGV[12] or '')"
    " .. '}')\n"
    "end\n"
    "return id\n");


ngx_http_editorial_change_t *
ngx_http_editorial_change_create(ngx_http_editorial_call_t *call)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_editorial_change_t  *change;

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_change_t));
    if (cln == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "no memory for the change");
        return NULL;
    }

    change = cln->data;
    ngx_memzero(change, sizeof(ngx_http_editorial_change_t));

    change->call = call;
    cln->handler = ngx_http_editorial_change_cleanup;

    return change;
}


void
ngx_http_editorial_change(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);

    if (ngx_http_editorial_change_user(change) != NGX_OK) {
        ngx_http_editorial_change_memory(change);
        return;
    }

    ed_record_digest(ed_str(change->after.data, change->after.len),
                     change->changed.etag);

    if (emcf->redis_conf == NULL && change->set != NULL) {
        ngx_http_editorial_change_here(change);

    } else if (ngx_http_editorial_can_ask(change->call, "nothing was changed"))
    {
        ngx_http_editorial_change_look(change);
    }
}


/* What is no UTF-8 is made that: it goes into JSON. */

static ngx_int_t
ngx_http_editorial_change_user(ngx_http_editorial_change_t *change)
{
    json_t     *user;
    ngx_str_t  *name;

    name = &change->call->user;

    user = ngx_http_editorial_json_string(name->data, name->len);
    if (user == NULL) {
        return NGX_ERROR;
    }

    ed_changed_user(&change->changed, ed_str(json_string_value(user),
                                             json_string_length(user)));
    json_decref(user);

    return NGX_OK;
}


static void
ngx_http_editorial_change_here(ngx_http_editorial_change_t *change)
{
    ngx_int_t    rc;
    ngx_time_t  *now;

    now = ngx_timeofday();
    change->changed.at = (int64_t) now->sec * 1000 + now->msec;

    do {
        change->look(change, ED_STR_EMPTY, &change->before);

        if (!ngx_http_editorial_holds(change->call, &change->before)) {
            ngx_http_editorial_stale(change->call);
            return;
        }

        ed_changed_weights(&change->changed, &change->notice, &change->state);

        rc = change->set(change);

    } while (rc == NGX_BUSY);

    if (rc != NGX_OK) {
        ngx_http_editorial_change_memory(change);
        return;
    }

    ngx_http_editorial_change_done(change);
}


ngx_int_t
ngx_http_editorial_change_entry(ngx_http_editorial_change_t *change,
    json_t *before)
{
    json_t     *after;
    ed_str_t    user, target;
    ngx_int_t   rc;

    user = ed_str(change->changed.user, change->changed.len);
    target = ed_str(change->target.data, change->target.len);
    after = json_null();

    if (change->after.data != NULL) {
        (void) ed_json_read(ed_str(change->after.data, change->after.len),
                            JSON_DECODE_ANY, &after, NULL);
    }

    rc = ngx_http_editorial_audit_entry(change->call, user, change->action,
                                        target, before, after,
                                        &change->entry);
    json_decref(before);
    json_decref(after);

    return rc;
}


static void
ngx_http_editorial_change_look(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_words_t  words;

    words.n = 0;

    ngx_http_editorial_word_literal(&words, "EVAL");
    ngx_http_editorial_word(&words, ngx_http_editorial_change_look_script.data,
                            ngx_http_editorial_change_look_script.len);
    ngx_http_editorial_word_literal(&words, "1");

    if (ngx_http_editorial_word_key(&words, change->call, change->kind,
                                    &change->name)
        != NGX_OK)
    {
        ngx_http_editorial_change_memory(change);
        return;
    }

    ngx_http_editorial_word(&words, change->field.data, change->field.len);

    change->cmd = ngx_http_editorial_ask(change->call, &words,
                                         ngx_http_editorial_change_looked,
                                         change);
    if (change->cmd == NULL) {
        ngx_http_editorial_change_memory(change);
    }
}


static void
ngx_http_editorial_change_looked(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_change_t *change = data;

    ngx_connection_t  *c;

    change->cmd = NULL;
    c = change->call->r->connection;

    if (rc != NGX_EDITORIAL_REDIS_OK
        || reply->type != REDIS_REPLY_ARRAY
        || reply->elements < 1
        || reply->element[0]->type != REDIS_REPLY_STRING)
    {
        ngx_http_editorial_change_failed(change, rc, reply, 0);

    } else {
        ngx_http_editorial_change_found(change, reply);
    }

    ngx_http_run_posted_requests(c);
}


/* A nil at the end of what a script returns may not be there at all. */

static void
ngx_http_editorial_change_found(ngx_http_editorial_change_t *change,
    redisReply *reply)
{
    int64_t      now;
    redisReply  *value;

    ngx_str_null(&change->raw);

    if (reply->elements > 1 && reply->element[1]->type == REDIS_REPLY_STRING) {
        value = reply->element[1];

        change->raw.len = value->len;
        change->raw.data = ngx_pnalloc(change->call->r->pool, value->len + 1);

        if (change->raw.data == NULL) {
            ngx_http_editorial_change_memory(change);
            return;
        }

        ngx_memcpy(change->raw.data, value->str, value->len);
    }

    change->look(change, ed_str(change->raw.data, change->raw.len),
                 &change->before);

    if (!change->before.there && change->after.data == NULL) {
        change->unchanged = 1;
        change->over(change);
        return;
    }

    if (!ngx_http_editorial_holds(change->call, &change->before)) {
        ngx_http_editorial_stale(change->call);
        return;
    }

    now = ngx_atoof((u_char *) reply->element[0]->str,
                    reply->element[0]->len);

    if (ngx_http_editorial_change_send(change, now) != NGX_OK) {
        ngx_http_editorial_change_memory(change);
    }
}


static ngx_int_t
ngx_http_editorial_change_send(ngx_http_editorial_change_t *change,
    int64_t now)
{
    u_char                           until[NGX_INT64_LEN];
    ngx_str_t                       *after;
    ngx_http_editorial_words_t       words;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(change->call->r,
                                         ngx_http_editorial_module);
    after = &change->after;
    words.n = 0;

    change->changed.at = now;
    ed_changed_weights(&change->changed, &change->notice, &change->state);

    ngx_http_editorial_word_literal(&words, "EVAL");
    ngx_http_editorial_word(&words, ngx_http_editorial_change_script.data,
                            ngx_http_editorial_change_script.len);

    if (ngx_http_editorial_change_keys(change, &words) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_editorial_word(&words, change->field.data, change->field.len);
    ngx_http_editorial_word(&words, ngx_http_editorial_change_mode(change), 1);
    ngx_http_editorial_word(&words, change->raw.data, change->raw.len);
    ngx_http_editorial_word(&words, after->data != NULL ? "set" : "del", 3);
    ngx_http_editorial_word(&words, after->data, after->len);
    ngx_http_editorial_word(&words, until,
                            ngx_sprintf(until, "%L",
                                        now + emcf->redis_conf->timeout)
                            - until);
    ngx_http_editorial_word(&words, change->changed.user,
                            change->changed.len);
    ngx_http_editorial_word(&words, change->action,
                            ngx_strlen(change->action));
    ngx_http_editorial_word(&words, change->target.data, change->target.len);

    if (ngx_http_editorial_change_sign(change, &words) != NGX_OK) {
        return NGX_ERROR;
    }

    change->cmd = ngx_http_editorial_ask(change->call, &words,
                                         ngx_http_editorial_change_sent,
                                         change);

    return change->cmd != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_editorial_change_keys(ngx_http_editorial_change_t *change,
    ngx_http_editorial_words_t *words)
{
    ngx_http_editorial_call_t  *call;

    call = change->call;

    ngx_http_editorial_word(words, change->is_signed ? "3" : "2", 1);

    if (ngx_http_editorial_word_key(words, call, change->kind, &change->name)
        != NGX_OK
        || ngx_http_editorial_word_key(words, call, "audit", NULL) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!change->is_signed) {
        return NGX_OK;
    }

    return ngx_http_editorial_word_key(words, call, "changed:",
                                       &change->name);
}


/* What CHANGE is to expect: what was looked at, nothing, or whatever there
   is. */

static const char *
ngx_http_editorial_change_mode(ngx_http_editorial_change_t *change)
{
    ngx_http_headers_in_t  *in;

    in = &change->call->r->headers_in;

    if (in->if_match == NULL && in->if_none_match == NULL) {
        return "*";
    }

    return change->raw.data != NULL ? "=" : "-";
}


/* Who, and of what state, as JSON; and when its weights became others. */

static ngx_int_t
ngx_http_editorial_change_sign(ngx_http_editorial_change_t *change,
    ngx_http_editorial_words_t *words)
{
    char                *text;
    u_char              *etag, *moment;
    json_t              *user;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(change->call->r->pool, 0);
    etag = ngx_pnalloc(change->call->r->pool, NGX_HTTP_EDITORIAL_ETAG);
    moment = ngx_pnalloc(change->call->r->pool, NGX_INT64_LEN);

    if (cln == NULL || etag == NULL || moment == NULL) {
        return NGX_ERROR;
    }

    user = json_stringn(change->changed.user, change->changed.len);
    text = user != NULL ? ed_json_write(user, JSON_ENCODE_ANY) : NULL;
    json_decref(user);

    if (text == NULL) {
        return NGX_ERROR;
    }

    cln->handler = free;
    cln->data = text;

    ngx_http_editorial_word(words, text, ngx_strlen(text));

    if (change->after.data != NULL) {
        ngx_http_editorial_etag_write(change->changed.etag, etag);
        ngx_http_editorial_word(words, etag, NGX_HTTP_EDITORIAL_ETAG);

    } else {
        ngx_http_editorial_word(words, "\"\"", 2);
    }

    ngx_http_editorial_word(words, moment,
                            ngx_sprintf(moment, "%L",
                                        change->changed.reweighted)
                            - moment);

    return NGX_OK;
}


static void
ngx_http_editorial_change_sent(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_change_t *change = data;

    ngx_connection_t  *c;

    change->cmd = NULL;
    c = change->call->r->connection;

    if (rc != NGX_EDITORIAL_REDIS_OK
        || (reply->type != REDIS_REPLY_STRING
            && reply->type != REDIS_REPLY_INTEGER))
    {
        ngx_http_editorial_change_failed(change, rc, reply, 1);

    } else {
        ngx_http_editorial_change_answer(change, reply);
    }

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_editorial_change_answer(ngx_http_editorial_change_t *change,
    redisReply *reply)
{
    size_t  len;

    if (reply->type == REDIS_REPLY_INTEGER) {

        /* it has changed meanwhile, or that was too long ago */

        if (++change->tries < NGX_HTTP_EDITORIAL_CHANGE_TRIES) {
            ngx_http_editorial_change_look(change);
            return;
        }

        ngx_http_editorial_problem(change->call, NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "Redis is too slow, or too many change it "
                                   "at once, nothing was changed");
        return;
    }

    for (len = 0; len < reply->len && reply->str[len] != '-'; len++) {
        /* void */
    }

    change->unchanged = (len == 0);

    if (len != 0) {
        change->changed.at = ngx_atoof((u_char *) reply->str, len);
    }

    ngx_http_editorial_change_done(change);
}


static void
ngx_http_editorial_change_done(ngx_http_editorial_change_t *change)
{
    json_t  *target, *after;

    if (!change->unchanged) {
        target = ngx_http_editorial_json_string(change->target.data,
                                                change->target.len);
        after = NULL;

        if (change->after.data == NULL) {
            after = json_null();

        } else {
            (void) ed_json_read(ed_str(change->after.data, change->after.len),
                                JSON_DECODE_ANY, &after, NULL);
        }

        ngx_http_editorial_audit(change->call, change->action, target, after);

        json_decref(target);
        json_decref(after);
    }

    change->over(change);
}


/* sent: whether the change was made cannot be known, unless Redis has said
   no. */

static void
ngx_http_editorial_change_failed(ngx_http_editorial_change_t *change,
    ngx_editorial_redis_rc_e rc, redisReply *reply, ngx_uint_t sent)
{
    const char  *what;

    if (sent && rc != NGX_EDITORIAL_REDIS_ERROR
        && rc != NGX_EDITORIAL_REDIS_OPEN && rc != NGX_EDITORIAL_REDIS_DOWN)
    {
        what = "whether it was changed is not known";

    } else {
        what = "nothing was changed";
    }

    ngx_http_editorial_redis_problem(change->call, rc, reply, what);
}


static void
ngx_http_editorial_change_memory(ngx_http_editorial_change_t *change)
{
    ngx_http_editorial_problem(change->call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                               "no memory for the change");
}


/* What was sent is not called back. */

static void
ngx_http_editorial_change_cleanup(void *data)
{
    ngx_http_editorial_change_t *change = data;

    if (change->cmd != NULL) {
        ngx_editorial_redis_cancel(change->cmd);
    }
}
