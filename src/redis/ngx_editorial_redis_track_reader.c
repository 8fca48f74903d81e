
/*
 * What comes on the connection of invalidations, read by hiredis' reader, but
 * made into nothing: a message may name any number of keys, and each is told
 * when it is read.
 *
 *     [ "message", "__redis__:invalidate", [ key, key, … ] ]    or nil
 *     [ "pong", "" ]
 *     [ "subscribe", "__redis__:invalidate", 1 ]
 *
 * The reader wants an object of each; it is given the link's address.  A link
 * that has ended, as a handler may end it, gives none any more, which stops
 * the reader.
 *
 * So much of a message as is not read is no more than one key: there is no
 * other limit to keep, and no memory to run out of.
 */

#include "ngx_editorial_redis_track_int.h"


#define NGX_EDITORIAL_REDIS_TRACK_KEY_MAX  65536   /* bytes */
#define NGX_EDITORIAL_REDIS_TRACK_ARRAY    3       /* elements of a message */


/* hiredis' minimum version is 0.14.1; this has changed since */
#if (HIREDIS_MAJOR >= 1)
typedef size_t  ngx_editorial_redis_elements_t;
#else
typedef int     ngx_editorial_redis_elements_t;
#endif


static void *ngx_editorial_redis_track_string(const redisReadTask *task,
    char *str, size_t len);
static void *ngx_editorial_redis_track_array(const redisReadTask *task,
    ngx_editorial_redis_elements_t elements);
static void *ngx_editorial_redis_track_integer(const redisReadTask *task,
    long long value);
static void *ngx_editorial_redis_track_nil(const redisReadTask *task);
static void ngx_editorial_redis_track_free(void *object);
static ngx_editorial_redis_track_link_t *ngx_editorial_redis_track_object(
    const redisReadTask *task);
static ngx_uint_t ngx_editorial_redis_track_is_told(
    const redisReadTask *task);
static void ngx_editorial_redis_track_text(
    ngx_editorial_redis_track_reply_t *reply, const char *str, size_t len);


static redisReplyObjectFunctions  ngx_editorial_redis_track_functions = {
    .createString = ngx_editorial_redis_track_string,
    .createArray = ngx_editorial_redis_track_array,
    .createInteger = ngx_editorial_redis_track_integer,
    .createNil = ngx_editorial_redis_track_nil,
    .freeObject = ngx_editorial_redis_track_free
};


redisReader *
ngx_editorial_redis_track_reader(ngx_editorial_redis_track_link_t *link)
{
    redisReader  *reader;

    reader = redisReaderCreateWithFunctions(
                                        &ngx_editorial_redis_track_functions);
    if (reader) {
        reader->privdata = link;
    }

    return reader;
}


ngx_int_t
ngx_editorial_redis_track_read(ngx_editorial_redis_track_link_t *link)
{
    int           rc;
    void         *object;
    redisReader  *reader;

    reader = link->reader;

    rc = redisReaderGetReply(reader, &object);

    if (link->ended) {
        return NGX_DONE;
    }

    if (rc != REDIS_OK) {

        if (link->why == NULL) {
            link->why = ngx_editorial_redis_text(link->text,
                                                 sizeof(link->text),
                                                 reader->errstr,
                                                 ngx_strlen(reader->errstr));
        }

        return NGX_ERROR;
    }

    if (object) {
        return NGX_OK;
    }

    if (reader->len - reader->pos > NGX_EDITORIAL_REDIS_TRACK_KEY_MAX) {
        link->why = "a line or a key that is too long";
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static void *
ngx_editorial_redis_track_string(const redisReadTask *task, char *str,
    size_t len)
{
    ngx_str_t                          key;
    ngx_editorial_redis_track_link_t  *link;

    link = ngx_editorial_redis_track_object(task);
    if (link == NULL) {
        return NULL;
    }

    if (task->parent == NULL || (task->parent->parent == NULL
                                 && task->idx == 0))
    {
        ngx_editorial_redis_track_text(&link->reply, str, len);
        return link;
    }

    if (task->parent->parent == NULL) {

        if (task->idx == 1) {
            link->reply.ours =
                ngx_strcmp(link->reply.text, "message") == 0
                && len == sizeof(NGX_EDITORIAL_REDIS_TRACK_CHANNEL) - 1
                && ngx_memcmp(str, NGX_EDITORIAL_REDIS_TRACK_CHANNEL, len)
                   == 0;
        }

        return link;
    }

    if (ngx_editorial_redis_track_is_told(task->parent)) {
        key.data = (u_char *) str;
        key.len = len;
        ngx_editorial_redis_track_changed(link, &key);
    }

    return link->ended ? NULL : link;
}


static void *
ngx_editorial_redis_track_array(const redisReadTask *task,
    ngx_editorial_redis_elements_t elements)
{
    ngx_editorial_redis_track_link_t  *link;

    link = ngx_editorial_redis_track_object(task);
    if (link == NULL) {
        return NULL;
    }

    if (task->parent == NULL
        && link->step == NGX_EDITORIAL_REDIS_TRACK_TELLS
        && elements > NGX_EDITORIAL_REDIS_TRACK_ARRAY)
    {
        link->why = NGX_EDITORIAL_REDIS_TRACK_STRANGE;
        return NULL;
    }

    return link;
}


static void *
ngx_editorial_redis_track_integer(const redisReadTask *task, long long value)
{
    ngx_editorial_redis_track_link_t  *link;

    link = ngx_editorial_redis_track_object(task);

    if (link && task->parent == NULL) {
        link->reply.integer = value;
    }

    return link;
}


static void *
ngx_editorial_redis_track_nil(const redisReadTask *task)
{
    ngx_editorial_redis_track_link_t  *link;

    link = ngx_editorial_redis_track_object(task);
    if (link == NULL) {
        return NULL;
    }

    if (ngx_editorial_redis_track_is_told(task)) {
        ngx_editorial_redis_track_changed(link, NULL);
    }

    return link->ended ? NULL : link;
}


/* There is nothing to free. */

static void
ngx_editorial_redis_track_free(void *object)
{
}


/* A link in the place of any object; NULL: it has ended. */

static ngx_editorial_redis_track_link_t *
ngx_editorial_redis_track_object(const redisReadTask *task)
{
    ngx_editorial_redis_track_link_t *link = task->privdata;

    if (link->ended) {
        return NULL;
    }

    if (task->parent == NULL) {
        ngx_memzero(&link->reply, sizeof(ngx_editorial_redis_track_reply_t));
        link->reply.type = task->type;
    }

    return link;
}


/* Is task what a message of our channel says? */

static ngx_uint_t
ngx_editorial_redis_track_is_told(const redisReadTask *task)
{
    ngx_editorial_redis_track_link_t *link = task->privdata;

    return link->reply.ours
           && link->step == NGX_EDITORIAL_REDIS_TRACK_TELLS
           && task->parent != NULL
           && task->parent->parent == NULL
           && task->idx == 2;
}


static void
ngx_editorial_redis_track_text(ngx_editorial_redis_track_reply_t *reply,
    const char *str, size_t len)
{
    (void) ngx_editorial_redis_text(reply->text, sizeof(reply->text), str,
                                    len);
    reply->len = ngx_min(len, sizeof(reply->text) - 1);
}
