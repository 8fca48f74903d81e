
/*
 * Desks, as the configuration has them, and in which states they start.
 *
 * What is wrong with a line of editorial_test shows when all locations that
 * have it are known: no location has its variants, or two locations of one
 * desk start in different states.
 */

#include "ngx_http_editorial_board.h"


static char *ngx_http_editorial_test_add(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_http_editorial_loc_conf_t *elcf, ngx_http_editorial_test_t *test);
static void ngx_http_editorial_test_try(ngx_http_editorial_test_t *test,
    ed_policy_t *policy);
static ngx_http_editorial_desk_t *ngx_http_editorial_desk_add(ngx_conf_t *cf,
    ngx_http_editorial_board_t *board, ngx_str_t *name);
static ngx_int_t ngx_http_editorial_desk_location(ngx_conf_t *cf,
    ngx_http_editorial_desk_t *desk, ngx_http_editorial_loc_conf_t *conf);
static ngx_int_t ngx_http_editorial_desk_policy(
    ngx_http_editorial_desk_t *desk, ngx_http_editorial_loc_conf_t *conf);


ngx_http_editorial_board_t *
ngx_http_editorial_board_create(ngx_conf_t *cf)
{
    ngx_http_editorial_board_t  *board;

    board = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_board_t));
    if (board == NULL) {
        return NULL;
    }

    if (ngx_array_init(&board->desks, cf->pool, 4, sizeof(void *)) != NGX_OK
        || ngx_array_init(&board->tests, cf->pool, 4, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    return board;
}


/* editorial_test FEATURE VARIANT=WEIGHT … */

char *
ngx_http_editorial_test_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ed_rc_t                     rc;
    ed_str_t                   *args;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_editorial_test_t  *test;

    ngx_http_editorial_need_zone(cf, cmd);

    args = ngx_palloc(cf->temp_pool, cf->args->nelts * sizeof(ed_str_t));
    test = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_test_t));

    if (args == NULL || test == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 0; i < cf->args->nelts; i++) {
        args[i] = ed_str(value[i].data, value[i].len);
    }

    rc = ed_state_from_words(args, (unsigned) cf->args->nelts, &test->feature,
                             &test->state, test->error);
    if (rc != ED_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive: %s",
                           &cmd->name,
                           rc == ED_INVALID ? test->error : "no memory");
        return NGX_CONF_ERROR;
    }

    return ngx_http_editorial_test_add(cf, cmd, conf, test);
}


static char *
ngx_http_editorial_test_add(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_http_editorial_loc_conf_t *elcf, ngx_http_editorial_test_t *test)
{
    ed_str_t                          name;
    ngx_http_editorial_test_t       **slot;
    ngx_http_editorial_main_conf_t   *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (elcf->tests[test->feature] != NULL) {
        name = ed_feature_name(test->feature);

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" directive is duplicate for %s",
                           &cmd->name, name.data);
        return NGX_CONF_ERROR;
    }

    slot = ngx_array_push(&emcf->board->tests);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    test->file = cf->conf_file->file.name.data;
    test->line = cf->conf_file->line;

    *slot = test;
    elcf->tests[test->feature] = test;

    return NGX_CONF_OK;
}


/* A merged location: its desk, and what that starts in. */

ngx_int_t
ngx_http_editorial_board_location(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *prev, ngx_http_editorial_loc_conf_t *conf)
{
    ngx_str_t                        name;
    ngx_uint_t                       i;
    ngx_http_editorial_desk_t       *desk;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    for (i = 0; i < ED_FEATURES; i++) {

        if (conf->tests[i] == NULL) {
            conf->tests[i] = prev->tests[i];
        }

        if (conf->tests[i] != NULL) {
            ngx_http_editorial_test_try(conf->tests[i], &conf->policy);
        }
    }

    if (conf->mode == NGX_HTTP_EDITORIAL_OFF) {
        return NGX_OK;
    }

    name.data = (u_char *) conf->policy.desk.data;
    name.len = conf->policy.desk.len;

    desk = ngx_http_editorial_desk_find(emcf, &name);

    if (desk == NULL) {
        desk = ngx_http_editorial_desk_add(cf, emcf->board, &name);

        if (desk == NULL) {
            return NGX_ERROR;
        }
    }

    conf->desk = desk;

    conf->rulings = ngx_pcalloc(cf->pool,
                                sizeof(ngx_http_editorial_rulings_t));
    if (conf->rulings == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_editorial_desk_location(cf, desk, conf);
}


static void
ngx_http_editorial_test_try(ngx_http_editorial_test_t *test,
    ed_policy_t *policy)
{
    char  error[ED_MAX_ERROR];

    if (ed_state_check(&test->state, policy, test->feature, error) == ED_OK) {
        test->accepted = 1;

    } else if (!test->used) {
        ngx_memcpy(test->error, error, ED_MAX_ERROR);
    }

    test->used = 1;
}


static ngx_http_editorial_desk_t *
ngx_http_editorial_desk_add(ngx_conf_t *cf, ngx_http_editorial_board_t *board,
    ngx_str_t *name)
{
    ngx_http_editorial_desk_t  *desk, **slot;

    if (board->desks.nelts == ED_BOARD_DESKS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "desk \"%V\" is one too many, the limit is %d",
                           name, ED_BOARD_DESKS);
        return NULL;
    }

    slot = ngx_array_push(&board->desks);
    desk = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_desk_t));

    if (slot == NULL || desk == NULL) {
        return NULL;
    }

    *slot = desk;

    desk->name = *name;
    desk->pool = cf->pool;

    if (ngx_array_init(&desk->policies, cf->pool, 2, sizeof(ed_policy_t *))
        != NGX_OK
        || ngx_array_init(&desk->prints, cf->pool, 2,
                          sizeof(ngx_http_editorial_digest_t))
           != NGX_OK)
    {
        return NULL;
    }

    return desk;
}


static ngx_int_t
ngx_http_editorial_desk_location(ngx_conf_t *cf,
    ngx_http_editorial_desk_t *desk, ngx_http_editorial_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_editorial_test_t  *test, *other;

    for (i = 0; i < ED_FEATURES; i++) {
        test = conf->tests[i];
        other = desk->tests[i];

        if (test == NULL) {
            continue;
        }

        if (other == NULL) {
            desk->tests[i] = test;
            continue;
        }

        if (ngx_memcmp(&test->state, &other->state, sizeof(ed_state_t)) != 0) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"editorial_test\" directive: desk \"%V\" has "
                          "another one for %s in %s:%ui, and can start in one "
                          "state only in %s:%ui",
                          &desk->name,
                          ed_feature_name((ed_feature_e) i).data,
                          other->file, other->line, test->file, test->line);
            return NGX_ERROR;
        }
    }

    return ngx_http_editorial_desk_policy(desk, conf);
}


/* Many locations of a desk have the same policy. */

static ngx_int_t
ngx_http_editorial_desk_policy(ngx_http_editorial_desk_t *desk,
    ngx_http_editorial_loc_conf_t *conf)
{
    ngx_uint_t                    i;
    ed_policy_t                 **policy;
    ngx_http_editorial_digest_t  *prints;

    prints = desk->prints.elts;

    for (i = 0; i < desk->prints.nelts; i++) {

        if (ngx_memcmp(prints[i], conf->fingerprint, sizeof(*prints)) == 0) {
            return NGX_OK;
        }
    }

    policy = ngx_array_push(&desk->policies);
    prints = ngx_array_push(&desk->prints);

    if (policy == NULL || prints == NULL) {
        return NGX_ERROR;
    }

    *policy = &conf->policy;
    ngx_memcpy(*prints, conf->fingerprint, sizeof(*prints));

    return NGX_OK;
}


/* When all has been read. */

ngx_int_t
ngx_http_editorial_board_check(ngx_conf_t *cf,
    ngx_http_editorial_board_t *board)
{
    ngx_uint_t                   i;
    ngx_http_editorial_test_t  **tests;

    tests = board->tests.elts;

    for (i = 0; i < board->tests.nelts; i++) {

        if (tests[i]->used && !tests[i]->accepted) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"editorial_test\" directive: %s in %s:%ui",
                          tests[i]->error, tests[i]->file, tests[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
