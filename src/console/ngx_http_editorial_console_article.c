
/*
 * An article's record, in Redis:
 *
 *     GET PUT DELETE api/article?id=ID
 *
 * It is kept as it was sent, byte for byte, and so is its ETag that of what a
 * CMS has written there.  What could not be read by a page is not written: a
 * record that is malformed, or has a link that is not to be followed.
 *
 * ID is what editorial_article_id says, with %XX for what has a meaning in an
 * address; "+" is a plus.
 */

#include "ed_json.h"
#include "ngx_http_editorial_console_change.h"


#define NGX_HTTP_EDITORIAL_ARTICLE_ARENA  (4 * ED_MAX_RECORD)


/* A record that is asked for; in the request's pool. */
typedef struct {
    ngx_http_editorial_call_t         *call;
    ngx_editorial_redis_cmd_t         *cmd;      /* in flight; NULL: none */
} ngx_http_editorial_article_t;


static void ngx_http_editorial_article_get(ngx_http_editorial_call_t *call,
    ngx_str_t *id);
static void ngx_http_editorial_article_cleanup(void *data);
static void ngx_http_editorial_article_got(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_http_editorial_article_found(ngx_http_editorial_call_t *call,
    redisReply *reply);
static ngx_uint_t ngx_http_editorial_article_readable(
    ngx_http_editorial_call_t *call, ed_str_t text);
static ngx_uint_t ngx_http_editorial_article_id_of(
    ngx_http_editorial_call_t *call, ngx_str_t *id);
static u_char *ngx_http_editorial_unescape(u_char *p, ngx_str_t *value);
static ngx_http_editorial_change_t *ngx_http_editorial_article_change(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_article_check(
    ngx_http_editorial_call_t *call);
static ngx_uint_t ngx_http_editorial_record_check(
    ngx_http_editorial_call_t *call, ed_arena_t *arena);
static void ngx_http_editorial_article_look(
    ngx_http_editorial_change_t *change, ed_str_t raw,
    ngx_http_editorial_current_t *now);
static void ngx_http_editorial_article_over(
    ngx_http_editorial_change_t *change);
static void ngx_http_editorial_article_none(ngx_http_editorial_call_t *call);


void
ngx_http_editorial_call_article(ngx_http_editorial_call_t *call)
{
    ngx_str_t  id;

    if (ngx_http_editorial_article_id_of(call, &id)
        && ngx_http_editorial_can_ask(call, "the record cannot be read"))
    {
        ngx_http_editorial_article_get(call, &id);
    }
}


static void
ngx_http_editorial_article_get(ngx_http_editorial_call_t *call, ngx_str_t *id)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_editorial_words_t     words;
    ngx_http_editorial_article_t  *article;

    words.n = 0;
    ngx_http_editorial_word_literal(&words, "GET");

    cln = ngx_pool_cleanup_add(call->r->pool,
                               sizeof(ngx_http_editorial_article_t));

    if (cln == NULL
        || ngx_http_editorial_word_key(&words, call, "article:", id) != NGX_OK)
    {
        ngx_http_editorial_answer(call, NULL);
        return;
    }

    article = cln->data;
    article->call = call;
    article->cmd = ngx_http_editorial_ask(call, &words,
                                          ngx_http_editorial_article_got,
                                          article);
    cln->handler = ngx_http_editorial_article_cleanup;

    if (article->cmd == NULL) {
        ngx_http_editorial_answer(call, NULL);
    }
}


static void
ngx_http_editorial_article_cleanup(void *data)
{
    ngx_http_editorial_article_t *article = data;

    if (article->cmd != NULL) {
        ngx_editorial_redis_cancel(article->cmd);
    }
}


static void
ngx_http_editorial_article_got(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_article_t *article = data;

    ngx_connection_t           *c;
    ngx_http_editorial_call_t  *call;

    article->cmd = NULL;
    call = article->call;
    c = call->r->connection;

    if (rc == NGX_EDITORIAL_REDIS_OK && reply->type == REDIS_REPLY_STRING) {
        ngx_http_editorial_article_found(call, reply);

    } else if (rc == NGX_EDITORIAL_REDIS_OK
               && reply->type == REDIS_REPLY_NIL)
    {
        ngx_http_editorial_article_none(call);

    } else {
        ngx_http_editorial_redis_problem(call, rc, reply,
                                         "the record cannot be read");
    }

    ngx_http_run_posted_requests(c);
}


/* What is no JSON has an ETag, too, by which it can be replaced. */

static void
ngx_http_editorial_article_found(ngx_http_editorial_call_t *call,
    redisReply *reply)
{
    uint8_t    digest[ED_RECORD_DIGEST];
    ngx_str_t  text;

    text.len = reply->len;
    text.data = ngx_pnalloc(call->r->pool, reply->len + 1);

    if (text.data == NULL) {
        ngx_http_editorial_answer(call, NULL);
        return;
    }

    ngx_memcpy(text.data, reply->str, reply->len);

    ed_record_digest(ed_str(text.data, text.len), digest);

    if (ngx_http_editorial_add_etag(call, digest) != NGX_OK) {
        ngx_http_editorial_answer(call, NULL);

    } else if (ngx_http_editorial_article_readable(call, ed_str(text.data,
                                                                text.len)))
    {
        ngx_http_editorial_answer_text(call, &text);
    }
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_article_readable(ngx_http_editorial_call_t *call,
    ed_str_t text)
{
    json_t        *json;
    ed_rc_t        rc;
    json_error_t   error;

    if (text.len > ED_MAX_RECORD) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "the record has %uz bytes, the limit is %d",
                                   text.len, ED_MAX_RECORD);
        return 0;
    }

    rc = ed_json_read(text, JSON_DECODE_ANY, &json, &error);
    json_decref(json);

    if (rc == ED_OK) {
        return 1;
    }

    if (rc == ED_INVALID) {
        ngx_http_editorial_problem(call, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                   "the record is no JSON: line %d, column "
                                   "%d: %s", error.line, error.column,
                                   error.text);
        return 0;
    }

    ngx_http_editorial_answer(call, NULL);

    return 0;
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_article_id_of(ngx_http_editorial_call_t *call,
    ngx_str_t *id)
{
    u_char     *last;
    ngx_str_t   value;

    if (ngx_http_arg(call->r, (u_char *) "id", 2, &value) != NGX_OK
        || value.len == 0)
    {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "this call needs \"?id=\", the article's");
        return 0;
    }

    id->data = ngx_pnalloc(call->r->pool, value.len);

    if (id->data == NULL) {
        ngx_http_editorial_answer(call, NULL);
        return 0;
    }

    last = ngx_http_editorial_unescape(id->data, &value);

    if (last == NULL) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"id\" has a \"%%\" without two "
                                   "hexadecimal digits");
        return 0;
    }

    id->len = last - id->data;

    if (id->len > NGX_HTTP_EDITORIAL_MAX_ARTICLE) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"id\" of %uz bytes exceeds %d", id->len,
                                   NGX_HTTP_EDITORIAL_MAX_ARTICLE);
        return 0;
    }

    return 1;
}


/* Where it ends; NULL: it is malformed. */

static u_char *
ngx_http_editorial_unescape(u_char *p, ngx_str_t *value)
{
    size_t     i;
    ngx_int_t  c;

    for (i = 0; i < value->len; i++) {

        if (value->data[i] != '%') {
            *p++ = value->data[i];
            continue;
        }

        c = value->len - i > 2 ? ngx_hextoi(value->data + i + 1, 2)
                               : NGX_ERROR;
        if (c == NGX_ERROR) {
            return NULL;
        }

        *p++ = (u_char) c;
        i += 2;
    }

    return p;
}


void
ngx_http_editorial_call_article_put(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_change_t  *change;

    change = ngx_http_editorial_article_change(call);

    if (change == NULL || !ngx_http_editorial_article_check(call)) {
        return;
    }

    change->after.data = call->text.data;
    change->after.len = call->text.len;

    ngx_http_editorial_change(change);
}


void
ngx_http_editorial_call_article_delete(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_change_t  *change;

    change = ngx_http_editorial_article_change(call);

    if (change != NULL) {
        ngx_http_editorial_change(change);
    }
}


/* NULL: it is answered. */

static ngx_http_editorial_change_t *
ngx_http_editorial_article_change(ngx_http_editorial_call_t *call)
{
    ngx_str_t                     id;
    ngx_http_editorial_change_t  *change;

    if (!ngx_http_editorial_article_id_of(call, &id)) {
        return NULL;
    }

    change = ngx_http_editorial_change_create(call);
    if (change == NULL) {
        return NULL;
    }

    change->action = "article";
    change->target = id;
    change->kind = "article:";
    change->name = id;
    change->look = ngx_http_editorial_article_look;
    change->over = ngx_http_editorial_article_over;

    return change;
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_article_check(ngx_http_editorial_call_t *call)
{
    ngx_uint_t   is_good;
    ed_arena_t  *arena;

    arena = ed_arena_create(NGX_HTTP_EDITORIAL_ARTICLE_ARENA);

    if (arena == NULL) {
        ngx_http_editorial_answer(call, NULL);
        return 0;
    }

    is_good = ngx_http_editorial_record_check(call, arena);

    ed_arena_destroy(arena);

    return is_good;
}


static ngx_uint_t
ngx_http_editorial_record_check(ngx_http_editorial_call_t *call,
    ed_arena_t *arena)
{
    char         error[ED_MAX_ERROR];
    ed_rc_t      rc;
    ngx_uint_t   i;
    ed_record_t  record;

    rc = ed_record_parse(arena, ed_str(call->text.data, call->text.len),
                         &record, error, sizeof(error));

    if (rc == ED_INVALID) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST, "%s", error);
        return 0;
    }

    if (rc != ED_OK) {
        ngx_http_editorial_answer(call, NULL);
        return 0;
    }

    for (i = 0; i < record.nlinks; i++) {

        if (record.links[i].refused) {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "link %ui of \"read_more\": \"url\" "
                                       "is not http, https or relative",
                                       i + 1);
            return 0;
        }
    }

    for (i = 0; i < ED_FEATURES; i++) {

        if (record.features[i].len != 0
            && !ed_feature_is_name(record.features[i]))
        {
            ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                       "\"features\": \"%s\" is not off or "
                                       "the name of a variant",
                                       ed_feature_name((ed_feature_e) i).data);
            return 0;
        }
    }

    return 1;
}


static void
ngx_http_editorial_article_look(ngx_http_editorial_change_t *change,
    ed_str_t raw, ngx_http_editorial_current_t *now)
{
    now->there = (raw.data != NULL);
    now->tagged = now->there;

    ed_record_digest(raw, now->etag);
}


static void
ngx_http_editorial_article_over(ngx_http_editorial_change_t *change)
{
    if (change->unchanged) {
        ngx_http_editorial_article_none(change->call);

    } else if (change->after.data == NULL) {
        ngx_http_editorial_answer_nothing(change->call);

    } else if (ngx_http_editorial_add_etag(change->call, change->changed.etag)
               != NGX_OK)
    {
        ngx_http_editorial_answer(change->call, NULL);

    } else {
        ngx_http_editorial_answer_text(change->call, &change->after);
    }
}


static void
ngx_http_editorial_article_none(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_problem(call, NGX_HTTP_NOT_FOUND,
                               "this article has no record");
}
