
/*
 * The guard of kept keys: three questions, and what their answers mean.
 *
 *     INFO memory         maxmemory, maxmemory_policy
 *     INFO persistence    aof_enabled
 *     CONFIG GET save     when snapshots are made; often forbidden, and of no
 *                         matter where there is an AOF
 *
 * All are asked at once; the last answer ends it.  Without one of them (the
 * connection is lost, the server loads its data) nothing is said: it is asked
 * again with the next connection.
 */

#include "ngx_editorial_redis_int.h"
#include "ngx_editorial_redis_guard.h"


#define NGX_EDITORIAL_REDIS_QUESTIONS  3


typedef struct ngx_editorial_redis_questions_s
    ngx_editorial_redis_questions_t;


typedef struct {
    ngx_editorial_redis_questions_t  *all;
    ngx_editorial_redis_cmd_t        *cmd;
} ngx_editorial_redis_question_t;


struct ngx_editorial_redis_questions_s {
    ngx_editorial_redis_question_t    each[NGX_EDITORIAL_REDIS_QUESTIONS];
    ngx_uint_t                        left;      /* answers to come */

    ngx_log_t                        *log;
    ngx_editorial_redis_guard_pt      handler;
    void                             *data;

    u_char                            policy[NGX_EDITORIAL_REDIS_TEXT];
    u_char                            words[NGX_EDITORIAL_REDIS_TEXT];
                                                 /* why it may not be asked */
    unsigned                          evicts:1;
    unsigned                          aof:1;
    unsigned                          saves:1;
    unsigned                          unknown_policy:1;
    unsigned                          unknown_aof:1;
    unsigned                          unknown_saves:1;
    unsigned                          unanswered:1;
};


typedef struct {
    int                               argc;
    const char                       *argv[3];
    ngx_editorial_redis_handler_pt    handler;
} ngx_editorial_redis_asked_t;


static void ngx_editorial_redis_guard_on_memory(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_editorial_redis_guard_on_persistence(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static void ngx_editorial_redis_guard_on_save(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ngx_int_t ngx_editorial_redis_guard_answer(
    ngx_editorial_redis_question_t *question, ngx_editorial_redis_rc_e rc,
    redisReply *reply);
static ngx_int_t ngx_editorial_redis_guard_info(redisReply *reply,
    const char *name, ngx_str_t *value);
static void ngx_editorial_redis_guard_next(
    ngx_editorial_redis_questions_t *all);
static ngx_uint_t ngx_editorial_redis_guard_problems(
    ngx_editorial_redis_questions_t *all);
static void ngx_editorial_redis_guard_say(
    ngx_editorial_redis_questions_t *all, ngx_uint_t problems);


static const ngx_editorial_redis_asked_t
    ngx_editorial_redis_asked[NGX_EDITORIAL_REDIS_QUESTIONS] =
{
    { 2, { "INFO", "memory", NULL }, ngx_editorial_redis_guard_on_memory },
    { 2, { "INFO", "persistence", NULL },
      ngx_editorial_redis_guard_on_persistence },
    { 3, { "CONFIG", "GET", "save" }, ngx_editorial_redis_guard_on_save }
};


ngx_int_t
ngx_editorial_redis_guard(ngx_editorial_redis_t *redis, ngx_log_t *log,
    ngx_editorial_redis_guard_pt handler, void *data)
{
    ngx_uint_t                          i;
    const ngx_editorial_redis_asked_t  *asked;
    ngx_editorial_redis_question_t     *question;
    ngx_editorial_redis_questions_t    *all;

    all = ngx_calloc(sizeof(ngx_editorial_redis_questions_t), log);
    if (all == NULL) {
        return NGX_ERROR;
    }

    all->log = log;
    all->handler = handler;
    all->data = data;
    all->left = NGX_EDITORIAL_REDIS_QUESTIONS;

    for (i = 0; i < NGX_EDITORIAL_REDIS_QUESTIONS; i++) {
        asked = &ngx_editorial_redis_asked[i];
        question = &all->each[i];

        question->all = all;
        question->cmd = ngx_editorial_redis_command(redis, asked->argc,
                                          (const char **) asked->argv, NULL,
                                          asked->handler, question);
        if (question->cmd == NULL) {
            goto failed;
        }
    }

    return NGX_OK;

failed:

    while (i--) {
        ngx_editorial_redis_cancel(all->each[i].cmd);
    }

    ngx_free(all);

    return NGX_ERROR;
}


static void
ngx_editorial_redis_guard_on_memory(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_editorial_redis_question_t *question = data;

    ngx_str_t                         max, policy;
    ngx_editorial_redis_questions_t  *all;

    all = question->all;

    if (ngx_editorial_redis_guard_answer(question, rc, reply) != NGX_OK
        || ngx_editorial_redis_guard_info(reply, "maxmemory:", &max) != NGX_OK
        || ngx_editorial_redis_guard_info(reply, "maxmemory_policy:", &policy)
           != NGX_OK)
    {
        all->unknown_policy = 1;

    } else {
        (void) ngx_editorial_redis_text(all->policy, sizeof(all->policy),
                                        (const char *) policy.data,
                                        policy.len);

        all->evicts = !(max.len == 1 && max.data[0] == '0')
                      && ngx_strcmp(all->policy, "noeviction") != 0
                      && ngx_strncmp(all->policy, "volatile-", 9) != 0;
    }

    ngx_editorial_redis_guard_next(all);
}


static void
ngx_editorial_redis_guard_on_persistence(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply)
{
    ngx_editorial_redis_question_t *question = data;

    ngx_str_t                         aof;
    ngx_editorial_redis_questions_t  *all;

    all = question->all;

    if (ngx_editorial_redis_guard_answer(question, rc, reply) != NGX_OK
        || ngx_editorial_redis_guard_info(reply, "aof_enabled:", &aof)
           != NGX_OK)
    {
        all->unknown_aof = 1;

    } else {
        all->aof = (aof.len == 1 && aof.data[0] == '1');
    }

    ngx_editorial_redis_guard_next(all);
}


static void
ngx_editorial_redis_guard_on_save(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_editorial_redis_question_t *question = data;

    ngx_editorial_redis_questions_t  *all;

    all = question->all;

    if (ngx_editorial_redis_guard_answer(question, rc, reply) != NGX_OK
        || reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 2
        || reply->element[1]->type != REDIS_REPLY_STRING)
    {
        all->unknown_saves = 1;

    } else {
        all->saves = (reply->element[1]->len != 0);
    }

    ngx_editorial_redis_guard_next(all);
}


/* NGX_DECLINED: there is no answer, or none that says anything. */

static ngx_int_t
ngx_editorial_redis_guard_answer(ngx_editorial_redis_question_t *question,
    ngx_editorial_redis_rc_e rc, redisReply *reply)
{
    ngx_editorial_redis_questions_t  *all;

    all = question->all;
    question->cmd = NULL;

    if (rc == NGX_EDITORIAL_REDIS_OK) {
        return NGX_OK;
    }

    if (rc == NGX_EDITORIAL_REDIS_ERROR
        && (ngx_strncmp(reply->str, "NOPERM ", 7) == 0
            || ngx_strncmp(reply->str, "ERR ", 4) == 0))
    {
        (void) ngx_editorial_redis_text(all->words, sizeof(all->words),
                                        reply->str, reply->len);

    } else {
        all->unanswered = 1;
    }

    return NGX_DECLINED;
}


/* The value of a line "name:value"; NGX_DECLINED: there is none. */

static ngx_int_t
ngx_editorial_redis_guard_info(redisReply *reply, const char *name,
    ngx_str_t *value)
{
    size_t   len;
    u_char  *p, *last, *end;

    if (reply->type != REDIS_REPLY_STRING) {
        return NGX_DECLINED;
    }

    len = ngx_strlen(name);
    p = (u_char *) reply->str;
    last = p + reply->len;

    while (p < last) {
        end = ngx_strlchr(p, last, CR);
        end = end ? end : last;

        if ((size_t) (end - p) > len && ngx_strncmp(p, name, len) == 0) {
            value->data = p + len;
            value->len = end - value->data;
            return NGX_OK;
        }

        p = end + sizeof(CRLF) - 1;
    }

    return NGX_DECLINED;
}


static void
ngx_editorial_redis_guard_next(ngx_editorial_redis_questions_t *all)
{
    void                          *data;
    ngx_uint_t                     problems, unanswered;
    ngx_editorial_redis_guard_pt   handler;

    if (--all->left) {
        return;
    }

    problems = ngx_editorial_redis_guard_problems(all);

    handler = all->handler;
    data = all->data;
    unanswered = all->unanswered;

    if (!unanswered) {
        ngx_editorial_redis_guard_say(all, problems);
    }

    ngx_free(all);

    if (!unanswered) {
        handler(data, problems);
    }
}


static ngx_uint_t
ngx_editorial_redis_guard_problems(ngx_editorial_redis_questions_t *all)
{
    ngx_uint_t  problems;

    problems = 0;

    if (all->evicts) {
        problems |= NGX_EDITORIAL_REDIS_EVICTS;
    }

    if (all->unknown_policy) {
        problems |= NGX_EDITORIAL_REDIS_UNKNOWN;
    }

    if (all->aof || all->saves) {
        return problems;
    }

    problems |= (all->unknown_aof || all->unknown_saves)
                ? NGX_EDITORIAL_REDIS_UNKNOWN : NGX_EDITORIAL_REDIS_FORGETS;

    return problems;
}


static void
ngx_editorial_redis_guard_say(ngx_editorial_redis_questions_t *all,
    ngx_uint_t problems)
{
    if (problems & NGX_EDITORIAL_REDIS_EVICTS) {
        ngx_log_error(NGX_LOG_WARN, all->log, 0,
                      "editorial: redis may evict what editors did: its "
                      "maxmemory-policy is \"%s\", neither \"noeviction\" nor "
                      "one of \"volatile-*\"", all->policy);
    }

    if (problems & NGX_EDITORIAL_REDIS_FORGETS) {
        ngx_log_error(NGX_LOG_WARN, all->log, 0,
                      "editorial: redis forgets what editors did when it "
                      "restarts: both \"appendonly\" and \"save\" are off");
    }

    if (problems & NGX_EDITORIAL_REDIS_UNKNOWN) {
        ngx_log_error(NGX_LOG_WARN, all->log, 0,
                      "editorial: it is not known whether redis keeps what "
                      "editors did: it says %s%s%s",
                      all->words[0] ? "\"" : "nothing that is known",
                      all->words, all->words[0] ? "\"" : "");
    }
}
