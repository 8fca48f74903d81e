
/*
 * The directives, and what follows from them once: the policy of a location,
 * its fingerprint, the places in nginx where the rest is hooked in.
 *
 * Most directives mean something without a server, so ed_policy_set() reads
 * them, for this module and for tools alike.  This file gives it the words
 * and the template files, and turns its answers into lines of "nginx -t".
 *
 *     main conf   arena of all policies; worker's own state
 *     loc conf    policy, digests of its directives, what needs a request
 *
 * All policies of one configuration live in one arena.  It is freed by a
 * cleanup of the configuration's pool, after the cleanups that give back what
 * libxml2 holds: they were registered later, and so run earlier.
 */

#include "ngx_http_editorial_module.h"
#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_board.h"
#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_detach.h"
#include "ngx_http_editorial_ledger.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_ARENA     (64 * 1024 * 1024)
#define NGX_HTTP_EDITORIAL_TEMPLATE  (64 * 1024)

/* raised when the same policy begins to make other pages */
#define NGX_HTTP_EDITORIAL_MARKUP    "1"


/* What a template is read with. */
typedef struct {
    ngx_conf_t                  *cf;
    ngx_md5_t                    md5;        /* of the directive so far */
} ngx_http_editorial_reader_t;


static ngx_int_t ngx_http_editorial_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_editorial_init_process(ngx_cycle_t *cycle);
static void ngx_http_editorial_exit_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_editorial_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_editorial_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_editorial_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_editorial_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static void ngx_http_editorial_merge_digests(
    ngx_http_editorial_loc_conf_t *prev, ngx_http_editorial_loc_conf_t *conf);
static ngx_http_complex_value_t *ngx_http_editorial_default_control(
    ngx_conf_t *cf);
static void ngx_http_editorial_arena_cleanup(void *data);
static void ngx_http_editorial_exclude_cleanup(void *data);

static char *ngx_http_editorial_mode(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_editorial_opinion_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_editorial_control_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_editorial_preview_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_editorial_exclude_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_editorial_policy_once(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_editorial_policy_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ed_rc_t ngx_http_editorial_read(void *ctx, ed_arena_t *arena,
    ed_str_t path, ed_str_t *content, char *error);
static ed_rc_t ngx_http_editorial_read_fd(ed_arena_t *arena, ngx_fd_t fd,
    ngx_str_t *name, ed_str_t *content, char *error);
static void ngx_http_editorial_error(char *error, const char *fmt, ...);


static ngx_str_t  ngx_http_editorial_modes[] = {
    ngx_string("off"),                      /* NGX_HTTP_EDITORIAL_OFF */
    ngx_string("on"),                       /* NGX_HTTP_EDITORIAL_ON */
    ngx_string("dry_run"),                  /* NGX_HTTP_EDITORIAL_DRY_RUN */
    ngx_null_string
};


#define NGX_HTTP_EDITORIAL_CONTEXTS                                           \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF

#define ngx_http_editorial_digest(name)                                       \
    offsetof(ngx_http_editorial_loc_conf_t, digests)                          \
        + NGX_HTTP_EDITORIAL_##name * sizeof(ngx_http_editorial_digest_t)


static ngx_command_t  ngx_http_editorial_commands[] = {

    { ngx_string("editorial"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_mode,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, mode),
      NULL },

    { ngx_string("editorial_article"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(ARTICLE),
      NULL },

    { ngx_string("editorial_exclude"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_exclude_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(EXCLUDE),
      NULL },

    { ngx_string("editorial_desk"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(DESK),
      NULL },

    { ngx_string("editorial_article_id"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, article_id),
      NULL },

    { ngx_string("editorial_read_more"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_policy_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(READ_MORE),
      NULL },

    { ngx_string("editorial_pull_quote"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_policy_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(PULL_QUOTE),
      NULL },

    { ngx_string("editorial_disclaimer"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_policy_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(DISCLAIMER),
      NULL },

    { ngx_string("editorial_opinion"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_opinion_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, opinion),
      NULL },

    { ngx_string("editorial_test"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_2MORE,
      ngx_http_editorial_test_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_visitor"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, visitor),
      NULL },

    { ngx_string("editorial_consent"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, consent),
      NULL },

    { ngx_string("editorial_stylesheet"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(STYLESHEET),
      NULL },

    { ngx_string("editorial_script"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE12,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(SCRIPT),
      NULL },

    { ngx_string("editorial_types"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_types_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, types_keys),
      &ngx_http_html_default_types[0] },

    { ngx_string("editorial_max_size"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(MAX_SIZE),
      NULL },

    { ngx_string("editorial_related"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_policy_once,
      NGX_HTTP_LOC_CONF_OFFSET,
      ngx_http_editorial_digest(RELATED),
      NULL },

    { ngx_string("editorial_assets"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_editorial_assets_conf,
      0,
      0,
      NULL },

    { ngx_string("editorial_console"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_editorial_console_conf,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_beacon"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_editorial_beacon_conf,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_editorial_metrics_conf,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_editorial_zone_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_redis"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_editorial_redis_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_cache"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_FLAG,
      ngx_http_editorial_cache_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.enable),
      NULL },

    { ngx_string("editorial_cache_key"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.key),
      NULL },

    { ngx_string("editorial_cache_ignore_args"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_cache_ignore_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_cache_valid"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.valid),
      NULL },

    { ngx_string("editorial_cache_stale"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.stale),
      NULL },

    { ngx_string("editorial_cache_lock_timeout"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.lock_timeout),
      NULL },

    { ngx_string("editorial_cache_bypass"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_set_predicate_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.bypass),
      NULL },

    { ngx_string("editorial_no_cache"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_set_predicate_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.no_cache),
      NULL },

    { ngx_string("editorial_cache_tag"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_1MORE,
      ngx_http_editorial_cache_tag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("editorial_gzip"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, cache.gzip),
      NULL },

    { ngx_string("editorial_cache_control"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_control_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, control),
      NULL },

    { ngx_string("editorial_preview"),
      NGX_HTTP_EDITORIAL_CONTEXTS|NGX_CONF_TAKE1,
      ngx_http_editorial_preview_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_editorial_loc_conf_t, preview),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_editorial_module_ctx = {
    ngx_http_editorial_preconfiguration,    /* preconfiguration */
    ngx_http_editorial_postconfiguration,   /* postconfiguration */

    ngx_http_editorial_create_main_conf,    /* create main configuration */
    NULL,                                   /* init main configuration */

    NULL,                                   /* create server configuration */
    NULL,                                   /* merge server configuration */

    ngx_http_editorial_create_loc_conf,     /* create location configuration */
    ngx_http_editorial_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_editorial_module = {
    NGX_MODULE_V1,
    &ngx_http_editorial_module_ctx,         /* module context */
    ngx_http_editorial_commands,            /* module directives */
    NGX_HTTP_MODULE,                        /* module type */
    NULL,                                   /* init master */
    NULL,                                   /* init module */
    ngx_http_editorial_init_process,        /* init process */
    NULL,                                   /* init thread */
    NULL,                                   /* exit thread */
    ngx_http_editorial_exit_process,        /* exit process */
    NULL,                                   /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_editorial_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_editorial_add_variables(cf);
}


/*
 * Handlers of one phase run in the reverse order of this registration, so
 * that ours comes before the modules of nginx: before try_files and mirror.
 */

static ngx_int_t
ngx_http_editorial_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_handler_pt             *h;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_editorial_main_conf_t  *emcf;

    if (ngx_http_editorial_check_zone(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_editorial_handler;

    ngx_http_editorial_find_recoders(cf, emcf);

    if (ngx_http_editorial_counters_add(cf, emcf) != NGX_OK
        || ngx_http_editorial_node_add(cf, emcf) != NGX_OK
        || ngx_http_editorial_board_add(cf, emcf) != NGX_OK
        || ngx_http_editorial_articles_add(cf, emcf) != NGX_OK
        || ngx_http_editorial_ledger_add(cf, emcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_editorial_filter_init(cf);
}


static ngx_int_t
ngx_http_editorial_init_process(ngx_cycle_t *cycle)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_editorial_module);

    if (emcf == NULL) {
        return NGX_OK;
    }

    ngx_http_editorial_counters_init_process(emcf);
    ngx_http_editorial_coder_init(emcf, cycle->log);

    /* without a slot in the zone this worker serves its readers without it */

    if (emcf->zone != NULL) {
        (void) ngx_editorial_zone_init_process(emcf->zone, cycle);
    }

    return ngx_http_editorial_redis_init_process(emcf, cycle);
}


static void
ngx_http_editorial_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_editorial_main_conf_t  *emcf;

    ngx_http_editorial_detach_exit(cycle);

    emcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_editorial_module);

    if (emcf == NULL) {
        return;
    }

    ngx_http_editorial_coder_exit(emcf);
    ngx_http_editorial_redis_exit_process(emcf);

    if (emcf->zone != NULL) {
        ngx_editorial_zone_exit_process(emcf->zone);
    }
}


static void *
ngx_http_editorial_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t              *cln;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_main_conf_t));
    if (emcf == NULL) {
        return NULL;
    }

    emcf->worker = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_worker_t));
    if (emcf->worker == NULL) {
        return NULL;
    }

    emcf->counters = ngx_http_editorial_counters_create(cf);
    emcf->board = ngx_http_editorial_board_create(cf);
    emcf->articles = ngx_http_editorial_articles_create(cf);

    if (emcf->counters == NULL || emcf->board == NULL
        || emcf->articles == NULL)
    {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_editorial_arena_cleanup;
    cln->data = emcf;

    emcf->arena = ed_arena_create(NGX_HTTP_EDITORIAL_ARENA);
    if (emcf->arena == NULL) {
        return NULL;
    }

    return emcf;
}


static void *
ngx_http_editorial_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_editorial_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_editorial_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->exclude = NULL;
     *     conf->tests = { NULL };
     *     conf->desk = NULL;
     *     conf->rulings = NULL;
     *     conf->series = { NULL };
     *     conf->own = 0;
     *     conf->api = NULL;
     *     conf->console = NULL;
     *     conf->digests = { 0 };
     *     conf->types = { NULL };
     *     conf->types_keys = NULL;
     */

    conf->mode = NGX_CONF_UNSET_UINT;
    conf->article_id = NGX_CONF_UNSET_PTR;
    conf->opinion = NGX_CONF_UNSET_PTR;
    conf->preview = NGX_CONF_UNSET_PTR;
    conf->visitor = NGX_CONF_UNSET_PTR;
    conf->consent = NGX_CONF_UNSET_PTR;
    conf->control = NGX_CONF_UNSET_PTR;

    ngx_http_editorial_cache_create_conf(&conf->cache);

    /* the arena is set by the first directive, or when merged */
    ed_policy_init(&conf->policy, NULL);

    return conf;
}


static char *
ngx_http_editorial_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_editorial_loc_conf_t *prev = parent;
    ngx_http_editorial_loc_conf_t *conf = child;

    ngx_http_editorial_main_conf_t  *emcf;

    ngx_http_editorial_api_merge(cf, prev, conf);

    ngx_conf_merge_uint_value(conf->mode, prev->mode, NGX_HTTP_EDITORIAL_OFF);

    if (conf->own) {
        conf->mode = NGX_HTTP_EDITORIAL_OFF;
    }

    ngx_conf_merge_ptr_value(conf->article_id, prev->article_id, NULL);
    ngx_conf_merge_ptr_value(conf->opinion, prev->opinion, NULL);
    ngx_conf_merge_ptr_value(conf->preview, prev->preview, NULL);
    ngx_conf_merge_ptr_value(conf->visitor, prev->visitor, NULL);
    ngx_conf_merge_ptr_value(conf->consent, prev->consent, NULL);

    if (conf->control == NGX_CONF_UNSET_PTR) {

        if (prev->control == NGX_CONF_UNSET_PTR) {
            prev->control = ngx_http_editorial_default_control(cf);

            if (prev->control == NULL) {
                return NGX_CONF_ERROR;
            }
        }

        conf->control = prev->control;
    }

    if (ngx_http_editorial_cache_merge_conf(cf, &prev->cache, &conf->cache)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_merge_types(cf, &conf->types_keys, &conf->types,
                             &prev->types_keys, &prev->types,
                             ngx_http_html_default_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    conf->policy.arena = emcf->arena;

    /* the outer level may be http {}, which nothing has been merged into */

    if (ed_policy_merge(&conf->policy, &prev->policy) != ED_OK
        || ed_policy_merge(&conf->policy, NULL) != ED_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no memory for the policy of a location");
        return NGX_CONF_ERROR;
    }

    ngx_http_editorial_merge_digests(prev, conf);

    if (ngx_http_editorial_board_location(cf, prev, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->mode != NGX_HTTP_EDITORIAL_OFF
        && ngx_http_editorial_counters_location(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void
ngx_http_editorial_merge_digests(ngx_http_editorial_loc_conf_t *prev,
    ngx_http_editorial_loc_conf_t *conf)
{
    ngx_md5_t                            md5;
    ngx_uint_t                           i;
    static ngx_http_editorial_digest_t   none;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, NGX_HTTP_EDITORIAL_MARKUP,
                   sizeof(NGX_HTTP_EDITORIAL_MARKUP));

    for (i = 0; i < NGX_HTTP_EDITORIAL_POLICIES; i++) {

        if (ngx_memcmp(conf->digests[i], none, sizeof(none)) == 0) {
            ngx_memcpy(conf->digests[i], prev->digests[i], sizeof(none));
        }

        ngx_md5_update(&md5, conf->digests[i], sizeof(none));
    }

    ngx_md5_final(conf->fingerprint, &md5);
}


static void
ngx_http_editorial_arena_cleanup(void *data)
{
    ngx_http_editorial_main_conf_t *emcf = data;

    ed_arena_destroy(emcf->arena);
}


static void
ngx_http_editorial_exclude_cleanup(void *data)
{
    ngx_http_editorial_loc_conf_t *conf = data;

    if (conf->exclude != NULL) {
        ed_xpath_free(conf->exclude);
    }
}


static char *
ngx_http_editorial_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    if (elcf->mode != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; ngx_http_editorial_modes[i].len != 0; i++) {

        if (value[1].len == ngx_http_editorial_modes[i].len
            && ngx_strcasecmp(value[1].data, ngx_http_editorial_modes[i].data)
               == 0)
        {
            elcf->mode = i;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "it must be \"on\", \"off\" or \"dry_run\"",
                       &value[1], &cmd->name);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_editorial_opinion_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t  *value;

    if (elcf->opinion != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "auto") == 0) {
        elcf->opinion = NULL;
        return NGX_CONF_OK;
    }

    return ngx_http_set_complex_value_slot(cf, cmd, conf);
}


static char *
ngx_http_editorial_control_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t  *value;

    if (elcf->control != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "origin") == 0) {
        elcf->control = NULL;
        return NGX_CONF_OK;
    }

    return ngx_http_set_complex_value_slot(cf, cmd, conf);
}


static ngx_http_complex_value_t *
ngx_http_editorial_default_control(ngx_conf_t *cf)
{
    ngx_http_complex_value_t  *control;

    control = ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t));

    if (control != NULL) {
        ngx_str_set(&control->value, "no-cache");
    }

    return control;
}


static char *
ngx_http_editorial_preview_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t  *value;

    if (elcf->preview != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        elcf->preview = NULL;
        return NGX_CONF_OK;
    }

    return ngx_http_set_complex_value_slot(cf, cmd, conf);
}


/* Its expressions are libxml2's, to be freed before the arena. */

static char *
ngx_http_editorial_exclude_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    char                *rv;
    ngx_pool_cleanup_t  *cln;

    if (elcf->exclude != NULL) {
        return "is duplicate";
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_editorial_exclude_cleanup;
    cln->data = elcf;

    rv = ngx_http_editorial_policy_once(cf, cmd, conf);

    elcf->exclude = elcf->policy.exclude;

    return rv;
}


static char *
ngx_http_editorial_policy_once(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    static ngx_http_editorial_digest_t  none;

    if (ngx_memcmp((u_char *) conf + cmd->offset, none, sizeof(none)) != 0) {
        return "is duplicate";
    }

    return ngx_http_editorial_policy_slot(cf, cmd, conf);
}


/*
 * cmd->offset is that of the directive's digest.  Of one that is repeated
 * each line is added to the digest of those before.
 */

static char *
ngx_http_editorial_policy_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    char                             error[ED_MAX_ERROR];
    u_char                          *digest;
    ed_rc_t                          rc;
    ed_str_t                        *args;
    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ngx_http_editorial_reader_t      reader;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    elcf->policy.arena = emcf->arena;

    args = ngx_palloc(cf->temp_pool, cf->args->nelts * sizeof(ed_str_t));
    if (args == NULL) {
        return NGX_CONF_ERROR;
    }

    digest = (u_char *) conf + cmd->offset;

    reader.cf = cf;
    ngx_md5_init(&reader.md5);
    ngx_md5_update(&reader.md5, digest, NGX_HTTP_EDITORIAL_DIGEST);

    value = cf->args->elts;

    for (i = 0; i < cf->args->nelts; i++) {
        args[i] = ed_str(value[i].data, value[i].len);
        ngx_md5_update(&reader.md5, value[i].data, value[i].len + 1);
    }

    error[0] = '\0';

    rc = ed_policy_set(&elcf->policy, args, (unsigned) cf->args->nelts,
                       ngx_http_editorial_read, &reader, error);

    ngx_md5_final(digest, &reader.md5);

    if (rc == ED_OK) {
        return NGX_CONF_OK;
    }

    if (rc == ED_NOMEM) {
        ngx_http_editorial_error(error, "no memory");
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive: %s",
                       &cmd->name, error);

    return NGX_CONF_ERROR;
}


/* ed_policy_read_pt: a relative path is relative to nginx.conf. */

static ed_rc_t
ngx_http_editorial_read(void *ctx, ed_arena_t *arena, ed_str_t path,
    ed_str_t *content, char *error)
{
    ngx_http_editorial_reader_t *reader = ctx;

    ed_rc_t    rc;
    ngx_fd_t   fd;
    ngx_str_t  name;

    name.len = path.len;
    name.data = ngx_pnalloc(reader->cf->pool, path.len + 1);
    if (name.data == NULL) {
        return ED_NOMEM;
    }

    ngx_cpystrn(name.data, (u_char *) path.data, path.len + 1);

    if (ngx_conf_full_name(reader->cf->cycle, &name, 1) != NGX_OK) {
        return ED_NOMEM;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_http_editorial_error(error,
                                 "template file \"%V\" cannot be opened (%s)",
                                 &name, strerror(ngx_errno));
        return ED_INVALID;
    }

    rc = ngx_http_editorial_read_fd(arena, fd, &name, content, error);

    (void) ngx_close_file(fd);

    if (rc == ED_OK) {
        ngx_md5_update(&reader->md5, content->data, content->len);
    }

    return rc;
}


static ed_rc_t
ngx_http_editorial_read_fd(ed_arena_t *arena, ngx_fd_t fd, ngx_str_t *name,
    ed_str_t *content, char *error)
{
    off_t             size;
    u_char           *p;
    ngx_file_info_t   fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_http_editorial_error(error, "template \"%V\" is not a file", name);
        return ED_INVALID;
    }

    size = ngx_file_size(&fi);

    if (size > NGX_HTTP_EDITORIAL_TEMPLATE) {
        ngx_http_editorial_error(error, "template file \"%V\" of %O bytes "
                                 "exceeds %d bytes",
                                 name, size, NGX_HTTP_EDITORIAL_TEMPLATE);
        return ED_INVALID;
    }

    p = ed_arena_alloc(arena, (size_t) size + 1);
    if (p == NULL) {
        return ED_NOMEM;
    }

    if (ngx_read_fd(fd, p, (size_t) size) != (ssize_t) size) {
        ngx_http_editorial_error(error, "template file \"%V\" cannot be read",
                                 name);
        return ED_INVALID;
    }

    *content = ed_str(p, (size_t) size);

    return ED_OK;
}


/* Formats into an error of ED_MAX_ERROR bytes. */

static void
ngx_http_editorial_error(char *error, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf((u_char *) error, (u_char *) error + ED_MAX_ERROR - 1,
                      fmt, args);
    va_end(args);

    *p = '\0';
}
