
/*
 * How the board is written: by editors, through the API, and by what was read
 * of Redis.
 *
 * Writers take the mutex of its memory, which the master gives back where a
 * worker dies with it.  All that they do with it is copying.
 *
 *     editor --> Redis --> the worker that asked it ---- set ----> board
 *                  \----> the worker that is told, reads -- post --/
 *
 * What comes by these two ways may come in another order than it happened in
 * Redis.  So each slot counts what was set, and what was read before the last
 * of it is not posted, but read again.
 */

#include "ngx_http_editorial_board.h"


static void ngx_http_editorial_desk_write(ngx_http_editorial_desk_t *desk,
    ed_desk_t *notices);
static void ngx_http_editorial_desk_note(ngx_http_editorial_main_conf_t *emcf,
    const ngx_http_editorial_setting_t *setting);
static void ngx_http_editorial_desk_apply(ngx_http_editorial_desk_t *desk,
    ngx_http_editorial_posting_t *posting, ed_desk_t *notices);
static void ngx_http_editorial_desk_log(ngx_http_editorial_desk_t *desk,
    const char *what, char *problem, char *before, ngx_log_t *log);


ngx_int_t
ngx_http_editorial_state_set(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ed_feature_e feature,
    const ngx_http_editorial_setting_t *setting, ed_notice_t *made,
    char *error)
{
    ngx_int_t    rc;
    ed_desk_t    notices;
    ed_notice_t  notice, *was;

    ngx_memzero(&notice, sizeof(ed_notice_t));

    if (setting->json.len == 0) {
        ngx_http_editorial_state_start(desk, feature, &notice);

    } else {
        if (ngx_http_editorial_state_read(desk, feature, setting->json,
                                          &notice.state, error)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        notice.edited = 1;
        ed_record_digest(setting->json, notice.etag);
    }

    notice.changed = setting->changed;
    ed_record_digest(setting->json, notice.changed.etag);

    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    (void) ed_board_read(desk->slot, &notices);
    was = &notices.features[feature];
    rc = NGX_OK;

    if (setting->expected != NULL
        && (was->edited != setting->expected->edited
            || ngx_memcmp(was->etag, setting->expected->etag,
                          ED_RECORD_DIGEST)
               != 0))
    {
        rc = NGX_BUSY;

    } else {
        *was = notice;
        *made = notice;
        ngx_http_editorial_desk_write(desk, &notices);
        ngx_http_editorial_desk_note(emcf, setting);
    }

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);

    return rc;
}


void
ngx_http_editorial_paused_set(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ngx_uint_t paused,
    const ngx_http_editorial_setting_t *setting)
{
    ed_desk_t  notices;

    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    (void) ed_board_read(desk->slot, &notices);
    notices.paused = (paused != 0);
    ngx_http_editorial_desk_write(desk, &notices);
    ngx_http_editorial_desk_note(emcf, setting);

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);
}


static void
ngx_http_editorial_desk_note(ngx_http_editorial_main_conf_t *emcf,
    const ngx_http_editorial_setting_t *setting)
{
    if (setting != NULL && setting->entry.len != 0) {
        (void) ed_journal_add(&emcf->board->sh->journal, setting->changed.at,
                              setting->entry);
    }
}


void
ngx_http_editorial_journal_add(ngx_http_editorial_main_conf_t *emcf,
    int64_t at, ed_str_t entry)
{
    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    (void) ed_journal_add(&emcf->board->sh->journal, at, entry);

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);
}


ed_rc_t
ngx_http_editorial_journal_read(ngx_http_editorial_main_conf_t *emcf,
    const ed_journal_entry_t *before, ngx_uint_t count, ed_buf_t *buf)
{
    ed_rc_t  rc;

    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    rc = ed_journal_read(&emcf->board->sh->journal, before, (unsigned) count,
                         buf);

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);

    return rc;
}


/* Is counted before it holds: if this worker dies in between, the desk is read
   once more than needed. */

static void
ngx_http_editorial_desk_write(ngx_http_editorial_desk_t *desk,
    ed_desk_t *notices)
{
    __atomic_fetch_add(&desk->slot->set, 1, __ATOMIC_SEQ_CST);

    ed_board_write(desk->slot, notices);
}


uint64_t
ngx_http_editorial_desk_count(ngx_http_editorial_desk_t *desk)
{
    return desk->slot != NULL
           ? __atomic_load_n(&desk->slot->set, __ATOMIC_SEQ_CST) : 0;
}


ngx_int_t
ngx_http_editorial_desk_post(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, ngx_http_editorial_posting_t *posting,
    ngx_log_t *log)
{
    ed_desk_t   notices, was;
    ngx_uint_t  i;

    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    if (desk->slot->set != posting->set) {
        ngx_shmtx_unlock(&emcf->board->shpool->mutex);
        return NGX_AGAIN;
    }

    (void) ed_board_read(desk->slot, &was);
    notices = was;

    ngx_http_editorial_desk_apply(desk, posting, &notices);

    if (ngx_memcmp(&was, &notices, sizeof(ed_desk_t)) != 0) {
        ed_board_write(desk->slot, &notices);
    }

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);

    ngx_http_editorial_desk_log(desk, "fields", notices.problem, was.problem,
                                log);

    for (i = 0; i < ED_FEATURES; i++) {
        ngx_http_editorial_desk_log(desk,
                             (char *) ed_feature_name((ed_feature_e) i).data,
                             notices.features[i].problem,
                             was.features[i].problem, log);
    }

    return NGX_OK;
}


void
ngx_http_editorial_desk_sign(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_desk_t *desk, uint64_t set,
    const ed_changed_t *changed)
{
    ed_desk_t   notices, was;
    ngx_uint_t  i;

    ngx_shmtx_lock(&emcf->board->shpool->mutex);

    if (desk->slot->set == set) {
        (void) ed_board_read(desk->slot, &was);
        notices = was;

        for (i = 0; i < ED_FEATURES; i++) {
            notices.features[i].changed = changed[i];
        }

        if (ngx_memcmp(&was, &notices, sizeof(ed_desk_t)) != 0) {
            ed_board_write(desk->slot, &notices);
        }
    }

    ngx_shmtx_unlock(&emcf->board->shpool->mutex);
}


static void
ngx_http_editorial_desk_apply(ngx_http_editorial_desk_t *desk,
    ngx_http_editorial_posting_t *posting, ed_desk_t *notices)
{
    ngx_uint_t    i;
    ed_notice_t  *notice;

    if (posting->paused_what != NGX_HTTP_EDITORIAL_IGNORED) {
        notices->paused = (posting->paused_what == NGX_HTTP_EDITORIAL_READ
                           && posting->paused);
    }

    ed_board_problem(notices->problem, posting->error);

    for (i = 0; i < ED_FEATURES; i++) {
        notice = &notices->features[i];

        switch (posting->features[i].what) {

        case NGX_HTTP_EDITORIAL_ABSENT:
            ngx_http_editorial_state_start(desk, (ed_feature_e) i, notice);
            ed_board_problem(notice->problem, NULL);
            break;

        case NGX_HTTP_EDITORIAL_READ:
            notice->edited = 1;
            notice->state = posting->features[i].state;
            ngx_memcpy(notice->etag, posting->features[i].etag,
                       ED_RECORD_DIGEST);
            ed_board_problem(notice->problem, NULL);
            break;

        case NGX_HTTP_EDITORIAL_IGNORED:
            ed_board_problem(notice->problem, posting->features[i].error);
            break;
        }
    }
}


static void
ngx_http_editorial_desk_log(ngx_http_editorial_desk_t *desk, const char *what,
    char *problem, char *before, ngx_log_t *log)
{
    if (problem[0] != '\0' && ngx_strcmp(problem, before) != 0) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "editorial: desk \"%V\" in Redis, %s is ignored: %s",
                      &desk->name, what, problem);
    }
}
