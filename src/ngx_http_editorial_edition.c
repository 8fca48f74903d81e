
/*
 * Which variant of each feature a response gets, and what keeps it from being
 * sent compressed.
 *
 *     the desk's state     off, on, or a test: by the reader's bucket
 *     the article's record what it says of a feature holds, and no test is on
 *                          that feature of the page
 *     a preview            forces variants, and nothing is counted
 *     the desk is paused   all is off
 *
 * Where editorial_preview allows, ?editorial=read_more:box,pull_quote:off
 * forces variants.  What it does not name, and names that do not exist, leave
 * a feature as it is.
 *
 * Bytes that a filter behind this module changes cannot be compressed yet.
 * The two filters of nginx that do so always, where they are on, are asked
 * through their own directives: the structs of their locations are theirs.
 */

#include "ngx_http_editorial_board.h"


static unsigned ngx_http_editorial_rule(ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition);
static void ngx_http_editorial_split(ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition, unsigned tests, ngx_uint_t bucket);
static ngx_uint_t ngx_http_editorial_preview(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition);
static ngx_uint_t ngx_http_editorial_force(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition);
static ngx_uint_t ngx_http_editorial_force_one(
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition, u_char *p,
    u_char *last);
static void ngx_http_editorial_find_recoder(ngx_conf_t *cf, const char *name,
    const char *directive, ngx_uint_t *index, ngx_uint_t *at);


void
ngx_http_editorial_assign(ngx_http_request_t *r, ngx_http_editorial_ctx_t *ctx)
{
    ngx_uint_t  what;

    what = ngx_http_editorial_edition(r, ctx, ctx->conf, &ctx->edition);

    ctx->assigned = 1;
    ctx->previewed = ((what & NGX_HTTP_EDITORIAL_PREVIEWED) != 0);
    ctx->tested = ((what & NGX_HTTP_EDITORIAL_TESTED) != 0);
    ctx->unknown = ((what & NGX_HTTP_EDITORIAL_UNKNOWN) != 0);
}


ngx_uint_t
ngx_http_editorial_edition(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition)
{
    unsigned    tests;
    ngx_uint_t  bucket, fresh;

    tests = ngx_http_editorial_rule(conf, edition);

    if (conf->rulings == NULL || !conf->rulings->paused) {
        tests &= ~ed_edition_overrule_names(edition, &conf->policy,
                                            ngx_http_editorial_features(ctx));
    }

    if (ngx_http_editorial_preview(r, conf, edition)) {
        return NGX_HTTP_EDITORIAL_PREVIEWED;
    }

    if (tests == 0) {
        return 0;
    }

    if (!ngx_http_editorial_consents(r, conf)) {
        return NGX_HTTP_EDITORIAL_TESTED;
    }

    bucket = ngx_http_editorial_bucket(r, ctx, conf, &fresh);

    ngx_http_editorial_split(conf, edition, tests, bucket);

    return fresh ? NGX_HTTP_EDITORIAL_TESTED|NGX_HTTP_EDITORIAL_UNKNOWN
                 : NGX_HTTP_EDITORIAL_TESTED;
}


unsigned
ngx_http_editorial_tests(ngx_http_editorial_loc_conf_t *conf)
{
    ed_edition_t  edition;

    return ngx_http_editorial_rule(conf, &edition);
}


/* What the desk says; which features are tested, bit f for feature f: of
   those it is the control arm. */

static unsigned
ngx_http_editorial_rule(ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition)
{
    time_t                         now;
    unsigned                       i, tests;
    ed_ruling_t                   *ruling;
    ngx_http_editorial_rulings_t  *rulings;

    rulings = ngx_http_editorial_rulings(conf);

    if (rulings == NULL) {
        ed_edition_control(edition, &conf->policy);
        return 0;
    }

    ngx_memzero(edition, sizeof(ed_edition_t));

    if (rulings->paused) {
        return 0;
    }

    now = ngx_time();
    tests = 0;

    for (i = 0; i < ED_FEATURES; i++) {
        ruling = &rulings->features[i];

        if (ed_ruling_tests(ruling, now)) {
            tests |= 1u << i;
            edition->variant[i] = ruling->control;

        } else {
            edition->variant[i] = (uint8_t) ed_ruling_variant(ruling, now, 0);
        }
    }

    return tests;
}


static void
ngx_http_editorial_split(ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition, unsigned tests, ngx_uint_t bucket)
{
    unsigned  i;

    for (i = 0; i < ED_FEATURES; i++) {

        if (tests & (1u << i)) {
            edition->variant[i] = (uint8_t) ngx_http_editorial_arm(conf,
                                                   (ed_feature_e) i, bucket);
        }
    }

    edition->tested = (uint8_t) tests;
}


static ngx_uint_t
ngx_http_editorial_preview(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf, ed_edition_t *edition)
{
    ngx_str_t  value;

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
