
/*
 * What the ledger counts goes to Redis.
 *
 *     once a second, by the worker that has the role in the zone:
 *
 *         cells of one test --> a batch of fields --> script, on one key
 *                                     |
 *         cell.written  <-------------+-- answered
 *
 *     by any worker: when it exits, once more
 *
 * Nothing is written while batches are under way, so that they cannot pile up.
 * A field whose batch failed is still not written, and goes with the next.
 *
 * All is written again when the role comes to a worker, when its connection is
 * another one than before, and when Redis tells of a FLUSHALL: whatever Redis
 * there is now may be an older one.  Who exits with the role does not say what
 * he has written; the next finds that out by writing it.
 *
 * The timer does not keep a worker that exits, unless something is unwritten.
 * It then goes off once more, within a second, and the client keeps the worker
 * until what it sent is answered, or is not in time.
 */

#include "ed_date.h"
#include "ngx_http_editorial_ledger.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_LEDGER_TICK    1000   /* ms */
#define NGX_HTTP_EDITORIAL_LEDGER_FIELDS  60     /* of one command */
#define NGX_HTTP_EDITORIAL_LEDGER_DAYS    8      /* that a written cell stays */

/* EVAL, script, 1, key; then a name and a value a field */
#define NGX_HTTP_EDITORIAL_LEDGER_ARGS                                        \
    (4 + 2 * NGX_HTTP_EDITORIAL_LEDGER_FIELDS)


typedef struct {
    unsigned                           cell;
    ed_event_e                         event;
    uint64_t                           count;
} ngx_http_editorial_ledger_field_t;


/* A command under way. */
typedef struct {
    ngx_queue_t                        queue;
    ngx_http_editorial_ledger_writer_t  *writer;
    ngx_editorial_redis_cmd_t         *cmd;
    uint64_t                           generation;
    ngx_uint_t                         n;
    ed_ledger_key_t                    keys[NGX_HTTP_EDITORIAL_LEDGER_FIELDS];
    ngx_http_editorial_ledger_field_t  fields[
                                           NGX_HTTP_EDITORIAL_LEDGER_FIELDS];
} ngx_http_editorial_ledger_batch_t;


/* A worker's own. */
struct ngx_http_editorial_ledger_writer_s {
    ngx_http_editorial_main_conf_t    *emcf;
    ngx_event_t                        timer;
    ngx_queue_t                        batches;
    uint64_t                           connection;   /* by which it writes */
    unsigned                           has_role:1;
    unsigned                           doubt:1;
    unsigned                           last:1;       /* once more, when what
                                                        is under way is over */
};


static void ngx_http_editorial_ledger_timer(ngx_event_t *ev);
static void ngx_http_editorial_ledger_role(
    ngx_http_editorial_ledger_writer_t *writer);
static void ngx_http_editorial_ledger_forget(
    ngx_http_editorial_ledger_t *ledger);
static void ngx_http_editorial_ledger_write(
    ngx_http_editorial_ledger_writer_t *writer);
static ngx_http_editorial_ledger_batch_t *ngx_http_editorial_ledger_batch(
    ngx_http_editorial_ledger_writer_t *writer, unsigned from, u_char *done);
static void ngx_http_editorial_ledger_take(
    ngx_http_editorial_ledger_batch_t *batch, unsigned i,
    ed_ledger_cell_t *cell, u_char *done);
static ngx_uint_t ngx_http_editorial_ledger_is_same(const ed_ledger_key_t *a,
    const ed_ledger_key_t *b);
static ngx_int_t ngx_http_editorial_ledger_send(
    ngx_http_editorial_ledger_batch_t *batch, ngx_pool_t *pool);
static u_char *ngx_http_editorial_ledger_field(u_char *p, u_char *node,
    size_t len, const ed_ledger_key_t *key, ed_event_e event);
static void ngx_http_editorial_ledger_answer(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);


static ngx_str_t  ngx_http_editorial_ledger_script = ngx_string(
    "for i = 1, #ARGV, 2 do "
    "local old = redis.call('HGET', KEYS[1], ARGV[i]) "
    "if (tonumber(old or '') or -1) < tonumber(ARGV[i + 1]) then "
    "redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end end "
    "return 1");


ngx_int_t
ngx_http_editorial_ledger_init_process(ngx_http_editorial_main_conf_t *emcf,
    ngx_cycle_t *cycle)
{
    ngx_http_editorial_ledger_writer_t  *writer;

    if (emcf->redis == NULL || emcf->ledger == NULL) {
        return NGX_OK;
    }

    writer = ngx_pcalloc(cycle->pool,
                         sizeof(ngx_http_editorial_ledger_writer_t));
    if (writer == NULL) {
        return NGX_ERROR;
    }

    writer->emcf = emcf;
    ngx_queue_init(&writer->batches);

    writer->timer.handler = ngx_http_editorial_ledger_timer;
    writer->timer.data = writer;
    writer->timer.log = cycle->log;
    writer->timer.cancelable = 1;

    emcf->ledger_writer = writer;

    ngx_add_timer(&writer->timer, NGX_HTTP_EDITORIAL_LEDGER_TICK);

    return NGX_OK;
}


void
ngx_http_editorial_ledger_exit_process(ngx_http_editorial_main_conf_t *emcf)
{
    ngx_queue_t                         *q;
    ngx_http_editorial_ledger_batch_t   *batch;
    ngx_http_editorial_ledger_writer_t  *writer;

    writer = emcf->ledger_writer;

    if (writer == NULL) {
        return;
    }

    while (!ngx_queue_empty(&writer->batches)) {
        q = ngx_queue_head(&writer->batches);
        batch = ngx_queue_data(q, ngx_http_editorial_ledger_batch_t, queue);

        ngx_editorial_redis_cancel(batch->cmd);
        ngx_queue_remove(&batch->queue);
        ngx_free(batch);
    }

    if (writer->timer.timer_set) {
        ngx_del_timer(&writer->timer);
    }

    emcf->ledger_writer = NULL;
}


void
ngx_http_editorial_ledger_doubt(ngx_http_editorial_main_conf_t *emcf)
{
    if (emcf->ledger_writer != NULL) {
        emcf->ledger_writer->doubt = 1;
    }
}


void
ngx_http_editorial_ledger_changed(ngx_http_editorial_main_conf_t *emcf)
{
    if (emcf->ledger_writer != NULL) {
        emcf->ledger_writer->timer.cancelable = 0;
    }
}


static void
ngx_http_editorial_ledger_timer(ngx_event_t *ev)
{
    ngx_uint_t                           cells, unwritten;
    ngx_http_editorial_ledger_writer_t  *writer;

    writer = ev->data;

    ngx_http_editorial_ledger_role(writer);

    if (!ngx_queue_empty(&writer->batches)) {
        writer->last = ngx_exiting;

    } else if (writer->has_role || ngx_exiting) {
        ngx_http_editorial_ledger_write(writer);
    }

    if (ngx_exiting) {
        return;
    }

    ngx_http_editorial_ledger_stats(writer->emcf, &cells, &unwritten);

    ev->cancelable = (unwritten == 0);
    ngx_add_timer(ev, NGX_HTTP_EDITORIAL_LEDGER_TICK);
}


/* Is it this worker's?  And is what was written still there? */

static void
ngx_http_editorial_ledger_role(ngx_http_editorial_ledger_writer_t *writer)
{
    ngx_uint_t                       had;
    ngx_editorial_redis_stats_t      stats;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = writer->emcf;
    had = writer->has_role;

    writer->has_role = ngx_exiting ? had : ngx_editorial_zone_role(emcf->zone);

    if (!writer->has_role) {
        return;
    }

    ngx_editorial_redis_stats(emcf->redis, &stats);

    if (!had || writer->doubt || writer->connection != stats.connections) {
        ed_ledger_renew(emcf->ledger->sh);
    }

    writer->doubt = 0;
    writer->connection = stats.connections;

    ngx_http_editorial_ledger_forget(emcf->ledger);
}


static void
ngx_http_editorial_ledger_forget(ngx_http_editorial_ledger_t *ledger)
{
    uint32_t  today;

    today = (uint32_t) (ngx_time() / ED_LEDGER_DAY);

    if (today < NGX_HTTP_EDITORIAL_LEDGER_DAYS) {
        return;
    }

    ngx_shmtx_lock(&ledger->shpool->mutex);
    ed_ledger_forget(ledger->sh, today - NGX_HTTP_EDITORIAL_LEDGER_DAYS,
                     today);
    ngx_shmtx_unlock(&ledger->shpool->mutex);
}


/* A batch is of one test, from its first cell on; done[]: cells that are in
   one already. */

static void
ngx_http_editorial_ledger_write(ngx_http_editorial_ledger_writer_t *writer)
{
    unsigned                            i;
    ngx_pool_t                         *pool;
    ed_ledger_cell_t                    cell;
    u_char                              done[ED_LEDGER_CELLS];
    ngx_http_editorial_ledger_batch_t  *batch;

    if (!ngx_http_editorial_redis_is_up(writer->emcf)) {
        return;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, writer->timer.log);
    if (pool == NULL) {
        return;
    }

    ngx_memzero(done, sizeof(done));
    i = 0;

    while (ed_ledger_next(writer->emcf->ledger->sh, &i, &cell)) {

        if (done[i - 1] || ed_ledger_is_written(&cell)) {
            continue;
        }

        batch = ngx_http_editorial_ledger_batch(writer, i - 1, done);

        if (batch == NULL) {
            break;
        }

        if (ngx_http_editorial_ledger_send(batch, pool) != NGX_OK) {
            ngx_free(batch);
            break;
        }
    }

    ngx_destroy_pool(pool);
}


static ngx_http_editorial_ledger_batch_t *
ngx_http_editorial_ledger_batch(ngx_http_editorial_ledger_writer_t *writer,
    unsigned from, u_char *done)
{
    ed_ledger_t                        *sh;
    ed_ledger_cell_t                    cell;
    ngx_http_editorial_ledger_batch_t  *batch;

    batch = ngx_calloc(sizeof(ngx_http_editorial_ledger_batch_t),
                       writer->timer.log);
    if (batch == NULL) {
        return NULL;
    }

    sh = writer->emcf->ledger->sh;

    batch->writer = writer;
    batch->generation = ed_ledger_generation(sh);

    while (batch->n + ED_EVENTS <= NGX_HTTP_EDITORIAL_LEDGER_FIELDS
           && ed_ledger_next(sh, &from, &cell))
    {
        if (!done[from - 1]
            && (batch->n == 0
                || ngx_http_editorial_ledger_is_same(&cell.key,
                                                     &batch->keys[0])))
        {
            ngx_http_editorial_ledger_take(batch, from - 1, &cell, done);
        }
    }

    return batch;
}


static void
ngx_http_editorial_ledger_take(ngx_http_editorial_ledger_batch_t *batch,
    unsigned i, ed_ledger_cell_t *cell, u_char *done)
{
    unsigned                            event;
    ngx_http_editorial_ledger_field_t  *field;

    done[i] = 1;

    for (event = 0; event < ED_EVENTS; event++) {

        if (cell->counts[event] == cell->written[event]) {
            continue;
        }

        field = &batch->fields[batch->n];

        field->cell = i;
        field->event = (ed_event_e) event;
        field->count = cell->counts[event];

        ngx_memcpy(&batch->keys[batch->n++], &cell->key,
                   sizeof(ed_ledger_key_t));
    }
}


/* Of one test, on whatever day, in whatever variant. */

static ngx_uint_t
ngx_http_editorial_ledger_is_same(const ed_ledger_key_t *a,
    const ed_ledger_key_t *b)
{
    return a->feature == b->feature
           && ngx_memcmp(&a->desk, &b->desk, sizeof(ed_name_t)) == 0
           && ngx_memcmp(&a->test, &b->test, sizeof(ed_name_t)) == 0;
}


static ngx_int_t
ngx_http_editorial_ledger_send(ngx_http_editorial_ledger_batch_t *batch,
    ngx_pool_t *pool)
{
    int                              argc;
    size_t                           node_len;
    size_t                           lens[NGX_HTTP_EDITORIAL_LEDGER_ARGS];
    u_char                          *p, node[NGX_HTTP_EDITORIAL_LEDGER_NODE];
    ngx_str_t                        key;
    ngx_uint_t                       i;
    const char                      *args[NGX_HTTP_EDITORIAL_LEDGER_ARGS];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = batch->writer->emcf;

    if (ngx_http_editorial_ledger_redis_key(emcf, pool, &batch->keys[0], &key)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    args[0] = "EVAL";
    lens[0] = sizeof("EVAL") - 1;
    args[1] = (char *) ngx_http_editorial_ledger_script.data;
    lens[1] = ngx_http_editorial_ledger_script.len;
    args[2] = "1";
    lens[2] = 1;
    args[3] = (char *) key.data;
    lens[3] = key.len;
    argc = 4;

    node_len = ngx_http_editorial_ledger_node(emcf, node);

    for (i = 0; i < batch->n; i++) {

        p = ngx_pnalloc(pool, node_len + sizeof("2026-12-01::exposure")
                              + ED_MAX_NAME + NGX_INT64_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        args[argc] = (char *) p;
        p = ngx_http_editorial_ledger_field(p, node, node_len,
                                            &batch->keys[i],
                                            batch->fields[i].event);
        lens[argc] = (char *) p - args[argc];
        argc++;

        args[argc] = (char *) p;
        lens[argc] = ngx_sprintf(p, "%uL", batch->fields[i].count) - p;
        argc++;
    }

    batch->cmd = ngx_editorial_redis_command(emcf->redis, argc, args, lens,
                                         ngx_http_editorial_ledger_answer,
                                         batch);
    if (batch->cmd == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&batch->writer->batches, &batch->queue);

    return NGX_OK;
}


static u_char *
ngx_http_editorial_ledger_field(u_char *p, u_char *node, size_t len,
    const ed_ledger_key_t *key, ed_event_e event)
{
    char      date[ED_DATE_LEN];
    ed_str_t  name;

    ed_date_write((int64_t) key->day * ED_LEDGER_DAY, date);

    p = ngx_cpymem(p, node, len);
    p = ngx_cpymem(p, date, sizeof("2026-12-01") - 1);
    *p++ = ':';
    p = ngx_cpymem(p, key->variant.text, key->variant.len);
    *p++ = ':';

    name = ed_event_name(event);

    return ngx_cpymem(p, name.data, name.len);
}


/* Why there is none has been logged by the client. */

static void
ngx_http_editorial_ledger_answer(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_ledger_batch_t *batch = data;

    ngx_uint_t                           i;
    ngx_http_editorial_ledger_field_t   *field;
    ngx_http_editorial_ledger_writer_t  *writer;

    writer = batch->writer;

    for (i = 0; rc == NGX_EDITORIAL_REDIS_OK && i < batch->n; i++) {
        field = &batch->fields[i];

        ed_ledger_wrote(writer->emcf->ledger->sh, field->cell,
                        &batch->keys[i], field->event, field->count,
                        batch->generation);
    }

    ngx_queue_remove(&batch->queue);
    ngx_free(batch);

    if (writer->last && ngx_queue_empty(&writer->batches)) {
        writer->last = 0;
        ngx_http_editorial_ledger_write(writer);
    }
}


ngx_int_t
ngx_http_editorial_ledger_redis_key(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, const ed_ledger_key_t *key, ngx_str_t *name)
{
    ed_str_t   feature;
    ngx_str_t  test;

    feature = ed_feature_name((ed_feature_e) key->feature);

    test.data = ngx_pnalloc(pool, key->desk.len + feature.len + key->test.len
                                  + 2);
    if (test.data == NULL) {
        return NGX_ERROR;
    }

    test.len = ngx_sprintf(test.data, "%*s:%*s:%*s",
                           (size_t) key->desk.len, key->desk.text,
                           feature.len, feature.data,
                           (size_t) key->test.len, key->test.text)
               - test.data;

    return ngx_http_editorial_redis_key(emcf, pool, NGX_HTTP_EDITORIAL_STATS,
                                        &test, 0, name);
}


size_t
ngx_http_editorial_ledger_node(ngx_http_editorial_main_conf_t *emcf,
    u_char *text)
{
    return ngx_sprintf(text, "%V:%uL:", &emcf->node->name,
                       emcf->ledger->sh->epoch)
           - text;
}
