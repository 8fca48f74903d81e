
/*
 * Joined GETs.
 *
 *     redis->joins --> join --> get, get, get      those who wait
 *                        |
 *                        +----> cmd                in flight; NULL: answered
 *     redis->asked     the same joins by their hash, while they are in flight
 *
 * A join is found by the hash of its key and length.  Where another key has
 * the same hash, the later one is asked for by itself: nothing is lost but the
 * joining.
 *
 * When its reply comes, a join is taken out of the tree, so that who asks from
 * then on asks anew; then its gets are told one by one, each out of the queue
 * before its handler is called: a handler may cancel any other of them, and
 * may destroy the client, which tells the rest.  The join itself is freed by
 * whoever tells it, and belongs to nobody else then.
 *
 * A value takes the string out of hiredis' reply, and gives it back to
 * hiredis' allocator in the end.
 */

#include "ngx_editorial_redis_int.h"


typedef struct {
    ngx_rbtree_node_t            node;       /* its key: the hash */
    ngx_queue_t                  queue;      /* in redis->joins */
    ngx_queue_t                  gets;
    ngx_editorial_redis_t       *redis;
    ngx_editorial_redis_cmd_t   *cmd;
    size_t                       first;      /* bytes; 0: all */
    ngx_str_t                    key;
    unsigned                     found:1;    /* it is in the tree */
    u_char                       data[1];    /* of key */
} ngx_editorial_redis_join_t;


struct ngx_editorial_redis_get_s {
    ngx_queue_t                  queue;      /* in join->gets */
    ngx_editorial_redis_join_t  *join;
    ngx_editorial_redis_got_pt   handler;
    void                        *data;
};


static uint32_t ngx_editorial_redis_get_hash(ngx_str_t *key, size_t first);
static ngx_rbtree_node_t *ngx_editorial_redis_get_node(
    ngx_editorial_redis_t *redis, uint32_t hash);
static ngx_editorial_redis_join_t *ngx_editorial_redis_get_ask(
    ngx_editorial_redis_t *redis, ngx_str_t *key, size_t first);
static ngx_int_t ngx_editorial_redis_get_send(
    ngx_editorial_redis_join_t *join);
static void ngx_editorial_redis_get_reply(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ngx_editorial_redis_rc_e ngx_editorial_redis_get_value(
    ngx_editorial_redis_join_t *join, redisReply *reply,
    ngx_editorial_redis_value_t **value);
static void ngx_editorial_redis_get_tell(ngx_editorial_redis_join_t *join,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static void ngx_editorial_redis_get_hide(ngx_editorial_redis_join_t *join);
static void ngx_editorial_redis_get_free(ngx_editorial_redis_join_t *join);


void
ngx_editorial_redis_gets_init(ngx_editorial_redis_t *redis)
{
    ngx_queue_init(&redis->joins);
    ngx_rbtree_init(&redis->asked, &redis->asked_sentinel,
                    ngx_rbtree_insert_value);
}


/* Those in flight have been told with their commands. */

void
ngx_editorial_redis_gets_end(ngx_editorial_redis_t *redis)
{
    ngx_queue_t                 *q;
    ngx_editorial_redis_join_t  *join;

    while (!ngx_queue_empty(&redis->joins)) {
        q = ngx_queue_head(&redis->joins);
        join = ngx_queue_data(q, ngx_editorial_redis_join_t, queue);

        ngx_queue_remove(q);
        ngx_queue_init(q);

        ngx_editorial_redis_get_tell(join, NGX_EDITORIAL_REDIS_LOST, NULL);
    }
}


ngx_editorial_redis_get_t *
ngx_editorial_redis_get(ngx_editorial_redis_t *redis, ngx_str_t *key,
    size_t first, ngx_uint_t own, ngx_editorial_redis_got_pt handler,
    void *data)
{
    ngx_rbtree_node_t           *node;
    ngx_editorial_redis_get_t   *get;
    ngx_editorial_redis_join_t  *join;

    if (redis->destroyed) {
        return NULL;
    }

    get = ngx_alloc(sizeof(ngx_editorial_redis_get_t), redis->log);
    if (get == NULL) {
        return NULL;
    }

    node = ngx_editorial_redis_get_node(redis,
                                 ngx_editorial_redis_get_hash(key, first));

    join = node ? ngx_rbtree_data(node, ngx_editorial_redis_join_t, node)
                : NULL;

    if (own || join == NULL || join->first != first
        || join->key.len != key->len
        || ngx_memcmp(join->key.data, key->data, key->len) != 0)
    {
        join = ngx_editorial_redis_get_ask(redis, key, first);
    }

    if (join == NULL) {
        ngx_free(get);
        return NULL;
    }

    get->join = join;
    get->handler = handler;
    get->data = data;

    ngx_queue_insert_tail(&join->gets, &get->queue);

    return get;
}


void
ngx_editorial_redis_get_cancel(ngx_editorial_redis_get_t *get)
{
    ngx_editorial_redis_join_t  *join;

    join = get->join;

    ngx_queue_remove(&get->queue);
    ngx_free(get);

    if (ngx_queue_empty(&join->gets) && join->cmd) {
        ngx_editorial_redis_cancel(join->cmd);
        ngx_editorial_redis_get_hide(join);
        ngx_editorial_redis_get_free(join);
    }
}


void
ngx_editorial_redis_value_hold(ngx_editorial_redis_value_t *value)
{
    value->refs++;
}


void
ngx_editorial_redis_value_release(ngx_editorial_redis_value_t *value)
{
    if (--value->refs) {
        return;
    }

    ngx_editorial_redis_event_free(value->data);
    ngx_free(value);
}


static uint32_t
ngx_editorial_redis_get_hash(ngx_str_t *key, size_t first)
{
    return ngx_murmur_hash2(key->data, key->len) + (uint32_t) first;
}


static ngx_rbtree_node_t *
ngx_editorial_redis_get_node(ngx_editorial_redis_t *redis, uint32_t hash)
{
    ngx_rbtree_node_t  *node, *sentinel;

    node = redis->asked.root;
    sentinel = redis->asked.sentinel;

    while (node != sentinel) {

        if (hash == node->key) {
            return node;
        }

        node = (hash < node->key) ? node->left : node->right;
    }

    return NULL;
}


/* A new join, in flight; NULL: no memory. */

static ngx_editorial_redis_join_t *
ngx_editorial_redis_get_ask(ngx_editorial_redis_t *redis, ngx_str_t *key,
    size_t first)
{
    ngx_editorial_redis_join_t  *join;

    join = ngx_alloc(sizeof(ngx_editorial_redis_join_t) + key->len,
                     redis->log);
    if (join == NULL) {
        return NULL;
    }

    ngx_queue_init(&join->gets);

    join->redis = redis;
    join->first = first;
    join->key.len = key->len;
    join->key.data = join->data;
    ngx_memcpy(join->data, key->data, key->len);

    if (ngx_editorial_redis_get_send(join) != NGX_OK) {
        ngx_free(join);
        return NULL;
    }

    ngx_queue_insert_tail(&redis->joins, &join->queue);

    join->node.key = ngx_editorial_redis_get_hash(key, first);
    join->found = (ngx_editorial_redis_get_node(redis, join->node.key)
                   == NULL);

    if (join->found) {
        ngx_rbtree_insert(&redis->asked, &join->node);
    }

    return join;
}


static ngx_int_t
ngx_editorial_redis_get_send(ngx_editorial_redis_join_t *join)
{
    int          argc;
    size_t       argvlen[4];
    u_char       last[NGX_SIZE_T_LEN];
    const char  *argv[4];

    argv[0] = "GET";
    argvlen[0] = 3;
    argv[1] = (const char *) join->key.data;
    argvlen[1] = join->key.len;
    argc = 2;

    if (join->first) {
        argv[0] = "GETRANGE";
        argvlen[0] = 8;
        argv[2] = "0";
        argvlen[2] = 1;
        argv[3] = (const char *) last;
        argvlen[3] = ngx_sprintf(last, "%uz", join->first - 1) - last;
        argc = 4;
    }

    join->cmd = ngx_editorial_redis_command(join->redis, argc, argv, argvlen,
                                            ngx_editorial_redis_get_reply,
                                            join);

    return join->cmd ? NGX_OK : NGX_ERROR;
}


static void
ngx_editorial_redis_get_reply(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_editorial_redis_join_t *join = data;

    ngx_editorial_redis_value_t  *value;

    value = NULL;
    join->cmd = NULL;
    ngx_editorial_redis_get_hide(join);

    if (rc == NGX_EDITORIAL_REDIS_OK) {
        rc = ngx_editorial_redis_get_value(join, reply, &value);
    }

    ngx_editorial_redis_get_tell(join, rc, value);

    if (value) {
        ngx_editorial_redis_value_release(value);
    }

    ngx_editorial_redis_get_free(join);
}


static ngx_editorial_redis_rc_e
ngx_editorial_redis_get_value(ngx_editorial_redis_join_t *join,
    redisReply *reply, ngx_editorial_redis_value_t **value)
{
    ngx_editorial_redis_value_t  *v;

    if (reply->type == REDIS_REPLY_NIL && join->first == 0) {
        return NGX_EDITORIAL_REDIS_OK;
    }

    if (reply->type != REDIS_REPLY_STRING) {
        return NGX_EDITORIAL_REDIS_ERROR;
    }

    if (reply->len == 0 && join->first) {
        return NGX_EDITORIAL_REDIS_OK;
    }

    v = ngx_alloc(sizeof(ngx_editorial_redis_value_t), join->redis->log);
    if (v == NULL) {
        return NGX_EDITORIAL_REDIS_NOMEM;
    }

    v->refs = 1;
    v->len = reply->len;
    v->data = ngx_editorial_redis_event_take(reply);

    *value = v;

    return NGX_EDITORIAL_REDIS_OK;
}


static void
ngx_editorial_redis_get_tell(ngx_editorial_redis_join_t *join,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value)
{
    void                        *data;
    ngx_queue_t                 *q;
    ngx_editorial_redis_get_t   *get;
    ngx_editorial_redis_got_pt   handler;

    while (!ngx_queue_empty(&join->gets)) {
        q = ngx_queue_head(&join->gets);
        get = ngx_queue_data(q, ngx_editorial_redis_get_t, queue);

        handler = get->handler;
        data = get->data;

        ngx_queue_remove(q);
        ngx_free(get);

        handler(data, rc, value);
    }
}


static void
ngx_editorial_redis_get_hide(ngx_editorial_redis_join_t *join)
{
    if (join->found) {
        ngx_rbtree_delete(&join->redis->asked, &join->node);
        join->found = 0;
    }
}


static void
ngx_editorial_redis_get_free(ngx_editorial_redis_join_t *join)
{
    ngx_queue_remove(&join->queue);
    ngx_free(join);
}
