
/*
 * The board in shared memory, how it is read, and what locations make of it.
 * How it is written: ngx_http_editorial_board_set.c.
 */

#include "ngx_http_editorial_board.h"


#define NGX_HTTP_EDITORIAL_OVERHEAD  8       /* pages, of the slab pool */


static ngx_int_t ngx_http_editorial_board_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_editorial_board_memory(ngx_shm_zone_t *shm_zone,
    ngx_http_editorial_board_t *board);
static ngx_int_t ngx_http_editorial_board_seat(
    ngx_http_editorial_board_t *board, ngx_http_editorial_board_t *old,
    ngx_http_editorial_desk_t *desk);
static ed_board_slot_t *ngx_http_editorial_board_slot(
    ngx_http_editorial_board_t *board, ngx_http_editorial_board_t *old,
    ngx_str_t *name);
static ngx_uint_t ngx_http_editorial_board_is(ed_desk_t *notices,
    ngx_str_t *name);
static ngx_http_editorial_desk_t *ngx_http_editorial_board_find(
    ngx_http_editorial_board_t *board, ed_str_t name);

static void ngx_http_editorial_notice_renew(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_notice_t *notice);
static ngx_int_t ngx_http_editorial_desk_accepts(
    ngx_http_editorial_desk_t *desk, ed_feature_e feature, ed_state_t *state,
    char *error);


ngx_int_t
ngx_http_editorial_board_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    size_t           size;
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    if (ngx_http_editorial_board_check(cf, emcf->board) != NGX_OK) {
        return NGX_ERROR;
    }

    if (emcf->zone == NULL) {
        return NGX_OK;
    }

    /* no directive can make a name with a colon in it */

    ngx_str_set(&name, "editorial:desks");

    size = ngx_align(sizeof(ed_board_t), ngx_pagesize)
           + NGX_HTTP_EDITORIAL_OVERHEAD * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_editorial_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_editorial_board_init;
    shm_zone->data = emcf->board;

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_board_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_editorial_board_t *old = data;

    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_http_editorial_desk_t   **desks;
    ngx_http_editorial_board_t   *board;

    board = shm_zone->data;

    if (old) {
        board->sh = old->sh;
        board->shpool = old->shpool;

    } else if (ngx_http_editorial_board_memory(shm_zone, board) != NGX_OK) {
        return NGX_ERROR;
    }

    desks = board->desks.elts;
    rc = NGX_OK;

    ngx_shmtx_lock(&board->shpool->mutex);

    for (i = 0; i < board->desks.nelts && rc == NGX_OK; i++) {
        rc = ngx_http_editorial_board_seat(board, old, desks[i]);
    }

    ngx_shmtx_unlock(&board->shpool->mutex);

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "editorial: the desks of this and of the former "
                      "configuration are more than %d together; desk \"%V\" "
                      "needs a restart", ED_BOARD_DESKS,
                      &desks[i - 1]->name);
    }

    return rc;
}


/* Slots are zeroed as they are taken: those that never are cost nothing. */

static ngx_int_t
ngx_http_editorial_board_memory(ngx_shm_zone_t *shm_zone,
    ngx_http_editorial_board_t *board)
{
    board->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        board->sh = board->shpool->data;
        return NGX_OK;
    }

    board->sh = ngx_slab_alloc(board->shpool, sizeof(ed_board_t));
    if (board->sh == NULL) {
        return NGX_ERROR;
    }

    board->sh->n = 0;
    ngx_memzero(&board->sh->journal, offsetof(ed_journal_t, entries));
    board->shpool->data = board->sh;

    return NGX_OK;
}


/* Gives a desk its slot, and puts there what now holds. */

static ngx_int_t
ngx_http_editorial_board_seat(ngx_http_editorial_board_t *board,
    ngx_http_editorial_board_t *old, ngx_http_editorial_desk_t *desk)
{
    ed_desk_t   notices, was;
    ngx_uint_t  i;

    desk->slot = ngx_http_editorial_board_slot(board, old, &desk->name);

    if (desk->slot == NULL) {
        return NGX_ERROR;
    }

    (void) ed_board_read(desk->slot, &notices);
    was = notices;

    for (i = 0; i < ED_FEATURES; i++) {
        ngx_http_editorial_notice_renew(desk, (ed_feature_e) i,
                                        &notices.features[i]);
    }

    if (ngx_memcmp(&was, &notices, sizeof(ed_desk_t)) != 0) {
        ed_board_write(desk->slot, &notices);
    }

    return NGX_OK;
}


/* The slot of that name: the one it has, a new one, or that of a desk which
   neither this configuration nor the one before it has.  NULL: none is left. */

static ed_board_slot_t *
ngx_http_editorial_board_slot(ngx_http_editorial_board_t *board,
    ngx_http_editorial_board_t *old, ngx_str_t *name)
{
    ed_desk_t         desk;
    ngx_uint_t        i;
    ed_board_slot_t  *slot, *spare;

    spare = NULL;

    for (i = 0; i < board->sh->n; i++) {
        slot = &board->sh->slots[i];

        (void) ed_board_read(slot, &desk);

        if (ngx_http_editorial_board_is(&desk, name)) {
            return slot;
        }

        if (ngx_http_editorial_board_find(board, ed_name_str(&desk.name))
            == NULL
            && (old == NULL
                || ngx_http_editorial_board_find(old, ed_name_str(&desk.name))
                   == NULL))
        {
            spare = slot;
        }
    }

    if (board->sh->n < ED_BOARD_DESKS) {
        spare = &board->sh->slots[board->sh->n++];
        ngx_memzero(spare, sizeof(ed_board_slot_t));
    }

    if (spare != NULL) {
        ngx_memzero(&desk, sizeof(ed_desk_t));
        desk.name.len = (uint8_t) name->len;
        ngx_memcpy(desk.name.text, name->data, name->len);

        ed_board_write(spare, &desk);
    }

    return spare;
}


/* A slot may have become another's, of whom this configuration, an older one,
   has never heard. */

static ngx_uint_t
ngx_http_editorial_board_is(ed_desk_t *notices, ngx_str_t *name)
{
    return notices->name.len == name->len
           && ngx_memcmp(notices->name.text, name->data, name->len) == 0;
}


static ngx_http_editorial_desk_t *
ngx_http_editorial_board_find(ngx_http_editorial_board_t *board, ed_str_t name)
{
    ngx_uint_t                   i;
    ngx_http_editorial_desk_t  **desks;

    desks = board->desks.elts;

    for (i = 0; i < board->desks.nelts; i++) {

        if (desks[i]->name.len == name.len
            && ngx_memcmp(desks[i]->name.data, name.data, name.len) == 0)
        {
            return desks[i];
        }
    }

    return NULL;
}


ngx_http_editorial_rulings_t *
ngx_http_editorial_rulings(ngx_http_editorial_loc_conf_t *conf)
{
    ed_desk_t                      notices;
    ngx_uint_t                     i;
    ed_board_slot_t               *slot;
    ngx_http_editorial_rulings_t  *rulings;

    rulings = conf->rulings;

    if (rulings == NULL || conf->desk->slot == NULL) {
        return NULL;
    }

    slot = conf->desk->slot;

    if (rulings->version == ed_board_version(slot)) {
        return rulings;
    }

    rulings->version = ed_board_read(slot, &notices);

    if (!ngx_http_editorial_board_is(&notices, &conf->desk->name)) {
        ngx_memzero(&notices, sizeof(ed_desk_t));
    }

    rulings->paused = (notices.paused != 0);

    for (i = 0; i < ED_FEATURES; i++) {
        ed_ruling_init(&rulings->features[i], &notices.features[i].state,
                       &conf->policy, (ed_feature_e) i);
    }

    return rulings;
}


/* Locations of one desk draw alike, whatever they call their variants. */

ngx_uint_t
ngx_http_editorial_arm(ngx_http_editorial_loc_conf_t *conf,
    ed_feature_e feature, ngx_uint_t bucket)
{
    ed_drawn_t                    *drawn;
    ngx_http_editorial_desk_t     *desk;
    ngx_http_editorial_rulings_t  *rulings;

    desk = conf->desk;
    rulings = conf->rulings;

    if (desk->drawn == NULL) {
        desk->drawn = ngx_palloc(desk->pool,
                                 ED_FEATURES * sizeof(ed_drawn_t));
        desk->version = 0;
    }

    drawn = desk->drawn;

    if (drawn != NULL && desk->version != rulings->version) {
        desk->version = rulings->version;
        ngx_memzero(drawn, ED_FEATURES * sizeof(ed_drawn_t));
    }

    return ed_ruling_drawn(&rulings->features[feature],
                           drawn != NULL ? &drawn[feature] : NULL,
                           (unsigned) bucket);
}


ngx_http_editorial_desk_t **
ngx_http_editorial_desks(ngx_http_editorial_main_conf_t *emcf, ngx_uint_t *n)
{
    *n = emcf->board->desks.nelts;

    return emcf->board->desks.elts;
}


ngx_http_editorial_desk_t *
ngx_http_editorial_desk_find(ngx_http_editorial_main_conf_t *emcf,
    ngx_str_t *name)
{
    return ngx_http_editorial_board_find(emcf->board,
                                         ed_str(name->data, name->len));
}


ngx_int_t
ngx_http_editorial_desk_get(ngx_http_editorial_desk_t *desk,
    ed_desk_t *notices)
{
    if (desk->slot == NULL) {
        return NGX_DECLINED;
    }

    (void) ed_board_read(desk->slot, notices);

    return NGX_OK;
}


void
ngx_http_editorial_state_start(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_notice_t *notice)
{
    char        *json;
    ed_state_t   shown;

    ngx_memzero(&notice->state, sizeof(ed_state_t));

    if (desk->tests[feature] != NULL) {
        notice->state = desk->tests[feature]->state;
    }

    notice->edited = 0;

    ngx_http_editorial_state_shown(desk, feature, &notice->state, &shown);

    json = ed_state_format(&shown);

    ed_record_digest(json != NULL ? ed_str(json, ngx_strlen(json))
                                  : ED_STR_EMPTY,
                     notice->etag);
    free(json);
}


/* Locations of one desk may differ in their first variants: of those that have
   the feature the first is told of. */

void
ngx_http_editorial_state_shown(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, const ed_state_t *state, ed_state_t *shown)
{
    ngx_uint_t     i;
    ed_policy_t  **policies;

    *shown = *state;

    if (state->mode != ED_STATE_CONTROL) {
        return;
    }

    policies = desk->policies.elts;

    for (i = 0; i + 1 < desk->policies.nelts; i++) {

        if (policies[i]->features[feature].n != 0) {
            break;
        }
    }

    ed_state_control(shown, policies[i], feature);
}


/* After a reload: an editor's state stays, though it may no longer be one that
   a location knows. */

static void
ngx_http_editorial_notice_renew(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_notice_t *notice)
{
    char  error[ED_MAX_ERROR];

    if (!notice->edited) {
        ngx_http_editorial_state_start(desk, feature, notice);
        return;
    }

    if (ngx_http_editorial_desk_accepts(desk, feature, &notice->state, error)
        != NGX_OK)
    {
        ed_board_problem(notice->problem, error);
    }
}


static ngx_int_t
ngx_http_editorial_desk_accepts(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_state_t *state, char *error)
{
    ngx_uint_t     i;
    ed_policy_t  **policies;

    policies = desk->policies.elts;

    for (i = 0; i < desk->policies.nelts; i++) {

        if (ed_state_check(state, policies[i], feature, error) == ED_OK) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_editorial_state_read(ngx_http_editorial_desk_t *desk,
    ed_feature_e feature, ed_str_t json, ed_state_t *state, char *error)
{
    ed_rc_t  rc;

    rc = ed_state_parse(json, state, error);

    if (rc == ED_OK) {
        return ngx_http_editorial_desk_accepts(desk, feature, state, error);
    }

    if (rc == ED_NOMEM) {
        ngx_memcpy(error, "no memory", sizeof("no memory"));
    }

    return NGX_DECLINED;
}
