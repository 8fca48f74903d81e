
/*
 * The directives of the cache: editorial_zone, and those of a location whose
 * arguments no slot of nginx reads.
 */

#include "ngx_http_editorial_module.h"


static ngx_array_t *ngx_http_editorial_default_ignored(ngx_conf_t *cf);
static ngx_array_t *ngx_http_editorial_create_ignored(ngx_conf_t *cf);
static ngx_array_t *ngx_http_editorial_default_tags(ngx_conf_t *cf);
static ngx_int_t ngx_http_editorial_add_ignored(ngx_array_t *ignored,
    ngx_str_t *word);
static ngx_int_t ngx_http_editorial_add_tag(ngx_conf_t *cf, ngx_array_t *tags,
    ngx_str_t *value);


/* What analytics and mailings add to a link, and no page depends on. */
static ngx_str_t  ngx_http_editorial_ignored[] = {
    ngx_string("utm_*"),
    ngx_string("fbclid"),
    ngx_string("gclid"),
    ngx_string("gbraid"),
    ngx_string("wbraid"),
    ngx_string("msclkid"),
    ngx_string("mc_cid"),
    ngx_string("mc_eid"),
    ngx_null_string
};


void
ngx_http_editorial_cache_create_conf(ngx_http_editorial_cache_conf_t *conf)
{
    conf->enable = NGX_CONF_UNSET;
    conf->key = NGX_CONF_UNSET_PTR;
    conf->ignored = NGX_CONF_UNSET_PTR;
    conf->valid = NGX_CONF_UNSET;
    conf->stale = NGX_CONF_UNSET;
    conf->lock_timeout = NGX_CONF_UNSET_MSEC;
    conf->bypass = NGX_CONF_UNSET_PTR;
    conf->no_cache = NGX_CONF_UNSET_PTR;
    conf->tags = NGX_CONF_UNSET_PTR;
    conf->gzip = NGX_CONF_UNSET;
}


char *
ngx_http_editorial_cache_merge_conf(ngx_conf_t *cf,
    ngx_http_editorial_cache_conf_t *prev,
    ngx_http_editorial_cache_conf_t *conf)
{
    ngx_http_editorial_main_conf_t  *emcf;

    if (conf->enable == NGX_CONF_UNSET) {
        conf->file = prev->file;
        conf->line = prev->line;
    }

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_ptr_value(conf->key, prev->key, NULL);
    ngx_conf_merge_sec_value(conf->valid, prev->valid, 60);
    ngx_conf_merge_sec_value(conf->stale, prev->stale, 3600);
    ngx_conf_merge_msec_value(conf->lock_timeout, prev->lock_timeout, 5000);
    ngx_conf_merge_ptr_value(conf->bypass, prev->bypass, NULL);
    ngx_conf_merge_ptr_value(conf->no_cache, prev->no_cache, NULL);
    ngx_conf_merge_value(conf->gzip, prev->gzip, 1);

    if (conf->ignored == NGX_CONF_UNSET_PTR) {

        if (prev->ignored == NGX_CONF_UNSET_PTR) {
            prev->ignored = ngx_http_editorial_default_ignored(cf);
        }

        conf->ignored = prev->ignored;
    }

    if (conf->tags == NGX_CONF_UNSET_PTR) {

        if (prev->tags == NGX_CONF_UNSET_PTR) {
            prev->tags = ngx_http_editorial_default_tags(cf);
        }

        conf->tags = prev->tags;
    }

    if (conf->ignored == NULL || conf->tags == NULL) {
        return NGX_CONF_ERROR;
    }

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (conf->enable && emcf->zone == NULL && emcf->redis_conf == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"editorial_cache on\" needs \"editorial_zone\" or "
                      "\"editorial_redis\" to keep pages in %s:%ui",
                      conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* Whether there is a zone is known when all has been read. */

char *
ngx_http_editorial_cache_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    elcf->cache.file = cf->conf_file->file.name.data;
    elcf->cache.line = cf->conf_file->line;

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}


void
ngx_http_editorial_need_zone(ngx_conf_t *cf, ngx_command_t *cmd)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (emcf->zoned.len == 0) {
        emcf->zoned = cmd->name;
        emcf->zoned_file = cf->conf_file->file.name.data;
        emcf->zoned_line = cf->conf_file->line;
    }
}


ngx_int_t
ngx_http_editorial_check_zone(ngx_conf_t *cf)
{
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_editorial_module);

    if (emcf->zoned.len == 0 || emcf->zone != NULL) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"%V\" needs \"editorial_zone\" in %s:%ui",
                  &emcf->zoned, emcf->zoned_file, emcf->zoned_line);

    return NGX_ERROR;
}


/* NAME:SIZE */

char *
ngx_http_editorial_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_editorial_main_conf_t *emcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, s;

    if (emcf->zone != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    p = (u_char *) ngx_strchr(value[1].data, ':');

    if (p == NULL || p == value[1].data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, "
                           "it must be NAME:SIZE", &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data;
    name.len = p - value[1].data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"%V\" directive",
                           &s, &cmd->name);
        return NGX_CONF_ERROR;
    }

    emcf->zone = ngx_editorial_zone_add(cf, &name, (size_t) size,
                                        &ngx_http_editorial_module);

    return emcf->zone != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_editorial_cache_ignore_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t    *value;
    ngx_uint_t    i;
    ngx_array_t  *ignored;

    if (elcf->cache.ignored != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0
            || ngx_strlchr(value[i].data, value[i].data + value[i].len - 1,
                           '*')
               != NULL)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid name \"%V\" in \"%V\" directive, "
                               "\"*\" may only stand at its end",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }
    }

    ignored = ngx_http_editorial_create_ignored(cf);
    if (ignored == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_editorial_add_ignored(ignored, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    elcf->cache.ignored = ignored;

    return NGX_CONF_OK;
}


char *
ngx_http_editorial_cache_tag_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_editorial_loc_conf_t *elcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    if (elcf->cache.tags != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    elcf->cache.tags = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                        sizeof(ngx_http_complex_value_t));
    if (elcf->cache.tags == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_editorial_add_tag(cf, elcf->cache.tags, &value[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_array_t *
ngx_http_editorial_default_ignored(ngx_conf_t *cf)
{
    ngx_uint_t    i;
    ngx_array_t  *ignored;

    ignored = ngx_http_editorial_create_ignored(cf);
    if (ignored == NULL) {
        return NULL;
    }

    for (i = 0; ngx_http_editorial_ignored[i].len != 0; i++) {

        if (ngx_http_editorial_add_ignored(ignored,
                                           &ngx_http_editorial_ignored[i])
            != NGX_OK)
        {
            return NULL;
        }
    }

    return ignored;
}


/* A list with what is always ignored: the argument that forces variants. */

static ngx_array_t *
ngx_http_editorial_create_ignored(ngx_conf_t *cf)
{
    ngx_array_t  *ignored;
    ngx_str_t     name = ngx_string("editorial");

    ignored = ngx_array_create(cf->pool, 10, sizeof(ed_ignored_arg_t));

    if (ignored == NULL
        || ngx_http_editorial_add_ignored(ignored, &name) != NGX_OK)
    {
        return NULL;
    }

    return ignored;
}


static ngx_array_t *
ngx_http_editorial_default_tags(ngx_conf_t *cf)
{
    ngx_array_t  *tags;
    ngx_str_t     value = ngx_string("$upstream_http_surrogate_key");

    tags = ngx_array_create(cf->pool, 1, sizeof(ngx_http_complex_value_t));

    if (tags == NULL
        || ngx_http_editorial_add_tag(cf, tags, &value) != NGX_OK)
    {
        return NULL;
    }

    return tags;
}


static ngx_int_t
ngx_http_editorial_add_ignored(ngx_array_t *ignored, ngx_str_t *word)
{
    ed_ignored_arg_t  *arg;

    arg = ngx_array_push(ignored);
    if (arg == NULL) {
        return NGX_ERROR;
    }

    ed_ignored_arg(arg, ed_str(word->data, word->len));

    return NGX_OK;
}


static ngx_int_t
ngx_http_editorial_add_tag(ngx_conf_t *cf, ngx_array_t *tags,
    ngx_str_t *value)
{
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    cv = ngx_array_push(tags);
    if (cv == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = cv;

    return ngx_http_compile_complex_value(&ccv);
}
