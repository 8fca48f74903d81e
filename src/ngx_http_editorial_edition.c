
/*
 * Which variant of each feature a response gets, and what keeps it from being
 * sent compressed.
 *
 * Where editorial_preview allows, ?editorial=read_more:box,pull_quote:off
 * forces variants.  What it does not name, and names that do not exist, leave
 * a feature as it is.
 *
 * Bytes that a filter behind this module changes cannot be compressed yet.
 * The two filters of nginx that do so always, where they are on, are asked
 * through their own directives: the structs of their locations are theirs.
 */

#include "ngx_http_editorial_module.h"


static ngx_uint_t ngx_http_editorial_force(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition);
static ngx_uint_t ngx_http_editorial_force_one(
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition, u_char *p,
    u_char *last);
static void ngx_http_editorial_find_recoder(ngx_conf_t *cf, const char *name,
    const char *directive, ngx_uint_t *index, ngx_uint_t *at);


ngx_uint_t
ngx_http_editorial_edition(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_str_t features,
    ed_edition_t *edition)
{
    ngx_str_t  value;

    ed_edition_control(edition, &conf->policy);
    ed_edition_overrule_names(edition, &conf->policy, features);

    if (conf->preview == NULL || r->main->unparsed_uri.len == r->uri.len) {
        return 0;
    }

    if (ngx_http_complex_value(r, conf->preview, &value) != NGX_OK
        || value.len == 0
        || (value.len == 1 && value.data[0] == '0'))
    {
        return 0;
    }

    return ngx_http_editorial_force(r, conf, edition);
}


/* The argument is that of the request line: the origin's has none. */

static ngx_uint_t
ngx_http_editorial_force(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition)
{
    u_char      *p, *end, *last, *dst, *src;
    ngx_str_t    args, value;
    ngx_uint_t   forced;

    args = r->main->args;
    r->main->args = ngx_http_editorial_client_args(r->main);

    forced = (ngx_http_arg(r->main, (u_char *) "editorial",
                           sizeof("editorial") - 1, &value)
              == NGX_OK);

    r->main->args = args;

    if (!forced || value.len == 0) {
        return 0;
    }

    p = ngx_pnalloc(r->pool, value.len);
    if (p == NULL) {
        return 0;
    }

    dst = p;
    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);

    forced = 0;
    last = dst;

    for ( /* void */ ; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        forced |= ngx_http_editorial_force_one(conf, edition, p, end);
    }

    return forced;
}


/* FEATURE:VARIANT */

static ngx_uint_t
ngx_http_editorial_force_one(ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition, u_char *p, u_char *last)
{
    int            variant;
    u_char        *colon;
    ed_feature_e   feature;

    colon = ngx_strlchr(p, last, ':');

    if (colon == NULL) {
        return 0;
    }

    feature = ed_feature_find(ed_str(p, colon - p));

    if (feature == ED_FEATURES) {
        return 0;
    }

    variant = ed_policy_variant(&conf->policy, feature,
                                ed_str(colon + 1, last - colon - 1));

    if (variant < 0) {
        return 0;
    }

    edition->variant[feature] = (uint8_t) variant;

    return 1;
}


ngx_uint_t
ngx_http_editorial_recoded(ngx_http_request_t *r)
{
    u_char                          *conf;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_editorial_module);

    if (emcf->ssi != NGX_CONF_UNSET_UINT) {
        conf = r->loc_conf[emcf->ssi];

        if (*(ngx_flag_t *) (conf + emcf->ssi_at)) {
            return 1;
        }
    }

    if (emcf->charset != NGX_CONF_UNSET_UINT) {
        conf = r->loc_conf[emcf->charset];

        /* NGX_HTTP_CHARSET_OFF */

        if (*(ngx_int_t *) (conf + emcf->charset_at) != -2) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_editorial_find_recoders(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    ngx_http_editorial_find_recoder(cf, "ngx_http_ssi_filter_module", "ssi",
                                    &emcf->ssi, &emcf->ssi_at);
    ngx_http_editorial_find_recoder(cf, "ngx_http_charset_filter_module",
                                    "charset", &emcf->charset,
                                    &emcf->charset_at);
}


/* Where in the module's location the value of its directive stands. */

static void
ngx_http_editorial_find_recoder(ngx_conf_t *cf, const char *name,
    const char *directive, ngx_uint_t *index, ngx_uint_t *at)
{
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    *index = NGX_CONF_UNSET_UINT;

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (ngx_strcmp(cf->cycle->modules[i]->name, name) != 0) {
            continue;
        }

        for (cmd = cf->cycle->modules[i]->commands; cmd->name.len; cmd++) {

            if (ngx_strcmp(cmd->name.data, directive) == 0) {
                *index = cf->cycle->modules[i]->ctx_index;
                *at = cmd->offset;
                return;
            }
        }
    }
}
