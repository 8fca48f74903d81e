
/*
 * Directives as data.  A directive that declares a variant is a row of
 * ed_variant_directives with the parameters it takes; every parameter is a
 * row of ed_params with what its value must be.  The others have a setter
 * each.  Errors say the value and what would be right; file and line are the
 * caller's to add.
 */

#include <stdarg.h>
#include <stdio.h>

#include "ed_policy.h"


#define ED_MAX_NUMBER  10000           /* of after, every, max */


typedef struct {
    ed_policy_t        *policy;
    const ed_str_t     *args;
    unsigned            n;
    ed_policy_read_pt   read;
    void               *ctx;
    char               *error;
} ed_directive_t;


typedef struct {
    ed_str_t            name;
    ed_rc_t           (*set)(ed_directive_t *d);
} ed_setter_t;


typedef ed_rc_t (*ed_param_pt)(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);

typedef struct {
    ed_str_t            name;          /* with its "=" */
    unsigned            features;      /* bits of those that take it */
    ed_param_pt         set;
    size_t              offset;        /* of the field in ed_variant_t */
} ed_param_t;


static ed_rc_t ed_set_article(ed_directive_t *d);
static ed_rc_t ed_set_exclude(ed_directive_t *d);
static ed_rc_t ed_set_desk(ed_directive_t *d);
static ed_rc_t ed_set_stylesheet(ed_directive_t *d);
static ed_rc_t ed_set_script(ed_directive_t *d);
static ed_rc_t ed_set_max_size(ed_directive_t *d);
static ed_rc_t ed_set_related(ed_directive_t *d);
static int64_t ed_age(ed_str_t value);
static int64_t ed_age_unit(uint8_t c);
static ed_rc_t ed_set_read_more(ed_directive_t *d);
static ed_rc_t ed_set_pull_quote(ed_directive_t *d);
static ed_rc_t ed_set_disclaimer(ed_directive_t *d);
static ed_rc_t ed_set_variant(ed_directive_t *d, ed_feature_e feature);
static ed_rc_t ed_set_asset(ed_directive_t *d, ed_str_t *field);

static ed_rc_t ed_param_text(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);
static ed_rc_t ed_param_number(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);
static ed_rc_t ed_param_template(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);
static ed_rc_t ed_param_mode(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);
static ed_rc_t ed_param_detect(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);
static ed_rc_t ed_param_position(ed_directive_t *d, ed_variant_t *variant,
    ed_str_t value, size_t offset);

static ed_rc_t ed_parse_params(ed_directive_t *d, ed_feature_e feature,
    ed_variant_t *variant);
static ed_rc_t ed_parse_param(ed_directive_t *d, ed_feature_e feature,
    ed_variant_t *variant, ed_str_t arg);
static void ed_variant_defaults(ed_variant_t *variant, ed_feature_e feature);
static ed_rc_t ed_default_variants(ed_policy_t *policy, ed_feature_e feature);
static ed_rc_t ed_default_article(ed_policy_t *policy);
static int ed_has_prefix(ed_str_t s, ed_str_t prefix);
static ed_rc_t ed_copy(ed_directive_t *d, ed_str_t *field, ed_str_t value);
static ed_rc_t ed_wrong(ed_directive_t *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }
#define ED_RM    (1u << ED_READ_MORE)
#define ED_PQ    (1u << ED_PULL_QUOTE)
#define ED_DI    (1u << ED_DISCLAIMER)


static const ed_setter_t  ed_setters[] = {
    { ED_S("editorial_article"), ed_set_article },
    { ED_S("editorial_exclude"), ed_set_exclude },
    { ED_S("editorial_desk"), ed_set_desk },
    { ED_S("editorial_read_more"), ed_set_read_more },
    { ED_S("editorial_pull_quote"), ed_set_pull_quote },
    { ED_S("editorial_disclaimer"), ed_set_disclaimer },
    { ED_S("editorial_stylesheet"), ed_set_stylesheet },
    { ED_S("editorial_script"), ed_set_script },
    { ED_S("editorial_max_size"), ed_set_max_size },
    { ED_S("editorial_related"), ed_set_related }
};

static const ed_param_t  ed_params[] = {

    { ED_S("label="), ED_RM,
      ed_param_text, offsetof(ed_variant_t, label) },

    { ED_S("after="), ED_RM,
      ed_param_number, offsetof(ed_variant_t, after) },

    { ED_S("every="), ED_RM,
      ed_param_number, offsetof(ed_variant_t, every) },

    { ED_S("max="), ED_RM|ED_PQ,
      ed_param_number, offsetof(ed_variant_t, max) },

    { ED_S("mode="), ED_PQ,
      ed_param_mode, 0 },

    { ED_S("detect="), ED_PQ,
      ed_param_detect, 0 },

    { ED_S("text="), ED_DI,
      ed_param_text, offsetof(ed_variant_t, text) },

    { ED_S("position="), ED_DI,
      ed_param_position, 0 },

    { ED_S("template="), ED_RM|ED_PQ|ED_DI,
      ed_param_template, 0 }
};

static const ed_str_t  ed_control_names[ED_FEATURES] = {
    ED_S("box"),
    ED_S("quote"),
    ED_S("standard")
};

static const ed_str_t  ed_default_text = ED_S(
    "The views expressed in this article are the author's own and do not "
    "necessarily reflect the editorial policy of this publication.");


void
ed_policy_init(ed_policy_t *policy, ed_arena_t *arena)
{
    memset(policy, 0, sizeof(ed_policy_t));

    policy->arena = arena;
    policy->max_size = -1;
    policy->related = -1;
}


int
ed_policy_knows(ed_str_t directive)
{
    size_t  i;

    for (i = 0; i < sizeof(ed_setters) / sizeof(ed_setters[0]); i++) {
        if (ed_str_eq(ed_setters[i].name, directive)) {
            return 1;
        }
    }

    return 0;
}


ed_rc_t
ed_policy_set(ed_policy_t *policy, const ed_str_t *args, unsigned n,
    ed_policy_read_pt read, void *ctx, char *error)
{
    size_t          i;
    ed_directive_t  d;

    d.policy = policy;
    d.args = args;
    d.n = n;
    d.read = read;
    d.ctx = ctx;
    d.error = error;

    for (i = 0; i < sizeof(ed_setters) / sizeof(ed_setters[0]); i++) {
        if (!ed_str_eq(ed_setters[i].name, args[0])) {
            continue;
        }

        if (n < 2) {
            return ed_wrong(&d, "it needs a value");
        }

        return ed_setters[i].set(&d);
    }

    return ed_wrong(&d, "unknown directive");
}


ed_rc_t
ed_policy_merge(ed_policy_t *policy, const ed_policy_t *outer)
{
    ed_rc_t         rc;
    unsigned        i;
    ed_policy_t     none;
    ed_variants_t  *variants;

    if (outer == NULL) {
        ed_policy_init(&none, policy->arena);
        none.desk = ED_STR("default");
        none.stylesheet = ED_STR("");
        none.script = ED_STR("");
        none.beacon = ED_STR("");
        none.max_size = 4 * 1024 * 1024;
        none.related = ED_MAX_AGE;
        outer = &none;
    }

    for (i = 0; i < ED_FEATURES; i++) {
        variants = &policy->features[i];

        if (variants->n == 0 && !variants->off) {
            *variants = outer->features[i];
        }

        if (variants->n == 0 && !variants->off) {
            rc = ed_default_variants(policy, (ed_feature_e) i);
            if (rc != ED_OK) {
                return rc;
            }
        }
    }

    if (policy->article == NULL) {
        policy->article = outer->article;
    }

    if (policy->article == NULL) {
        rc = ed_default_article(policy);
        if (rc != ED_OK) {
            return rc;
        }
    }

    if (policy->exclude == NULL) {
        policy->exclude = outer->exclude;
    }

    if (policy->desk.data == NULL) {
        policy->desk = outer->desk;
    }

    if (policy->stylesheet.data == NULL) {
        policy->stylesheet = outer->stylesheet;
    }

    if (policy->script.data == NULL) {
        policy->script = outer->script;
        policy->beacon = outer->beacon;
    }

    if (policy->max_size == -1) {
        policy->max_size = outer->max_size;
    }

    if (policy->related == -1) {
        policy->related = outer->related;
    }

    return ED_OK;
}


int
ed_policy_variant(const ed_policy_t *policy, ed_feature_e feature,
    ed_str_t name)
{
    unsigned              i;
    const ed_variants_t  *variants;

    if (ed_str_eq(name, ED_STR("off"))) {
        return 0;
    }

    variants = &policy->features[feature];

    for (i = 0; i < variants->n; i++) {
        if (ed_str_eq(variants->list[i].name, name)) {
            return (int) i + 1;
        }
    }

    return -1;
}


static ed_rc_t
ed_set_article(ed_directive_t *d)
{
    ed_policy_t  *policy;

    policy = d->policy;

    if (policy->article != NULL) {
        return ed_wrong(d, "is duplicate");
    }

    return ed_select_compile(policy->arena, d->args + 1, d->n - 1,
                             &policy->article, d->error, ED_MAX_ERROR);
}


static ed_rc_t
ed_set_exclude(ed_directive_t *d)
{
    ed_policy_t  *policy;

    policy = d->policy;

    if (policy->exclude != NULL) {
        return ed_wrong(d, "is duplicate");
    }

    return ed_xpath_compile(policy->arena, d->args + 1, d->n - 1,
                            &policy->exclude, d->error, ED_MAX_ERROR);
}


static ed_rc_t
ed_set_desk(ed_directive_t *d)
{
    if (d->policy->desk.data != NULL) {
        return ed_wrong(d, "is duplicate");
    }

    if (d->n != 2 || !ed_feature_is_name(d->args[1])) {
        return ed_wrong(d, "\"%.*s\" is no name for a desk: it must be one "
                        "word of at most %d letters, digits, \"-\" and \"_\"",
                        (int) d->args[d->n - 1].len,
                        (const char *) d->args[d->n - 1].data, ED_MAX_NAME);
    }

    return ed_copy(d, &d->policy->desk, d->args[1]);
}


static ed_rc_t
ed_set_stylesheet(ed_directive_t *d)
{
    if (d->n != 2) {
        return ed_wrong(d, "it takes one URL, or \"off\"");
    }

    return ed_set_asset(d, &d->policy->stylesheet);
}


static ed_rc_t
ed_set_script(ed_directive_t *d)
{
    ed_rc_t   rc;
    ed_str_t  beacon, value;

    beacon = ED_STR("beacon=");

    if (ed_has_prefix(d->args[1], beacon)) {
        return ed_wrong(d, "the script's URL is missing before \"%.*s\"",
                        (int) d->args[1].len, (const char *) d->args[1].data);
    }

    rc = ed_set_asset(d, &d->policy->script);
    if (rc != ED_OK) {
        return rc;
    }

    if (d->policy->script.len == 0 && d->n != 2) {
        return ed_wrong(d, "\"off\" takes no parameters");
    }

    d->policy->beacon = ED_STR("");

    if (d->n == 2) {
        return ED_OK;
    }

    if (d->n != 3 || !ed_has_prefix(d->args[2], beacon)) {
        return ed_wrong(d, "parameter \"%.*s\": it takes a URL and "
                        "\"beacon=URL\"", (int) d->args[2].len,
                        (const char *) d->args[2].data);
    }

    value = ed_str(d->args[2].data + beacon.len, d->args[2].len - beacon.len);

    if (!ed_url_check(value)) {
        return ed_wrong(d, "URL \"%.*s\" is neither http, https nor relative",
                        (int) value.len, (const char *) value.data);
    }

    return ed_copy(d, &d->policy->beacon, value);
}


static ed_rc_t
ed_set_asset(ed_directive_t *d, ed_str_t *field)
{
    if (field->data != NULL) {
        return ed_wrong(d, "is duplicate");
    }

    if (ed_str_eq(d->args[1], ED_STR("off"))) {
        *field = ED_STR("");
        return ED_OK;
    }

    if (!ed_url_check(d->args[1])) {
        return ed_wrong(d, "URL \"%.*s\" is neither http, https nor relative",
                        (int) d->args[1].len, (const char *) d->args[1].data);
    }

    return ed_copy(d, field, d->args[1]);
}


/* Bytes, with "k" or "m" behind the number, as nginx writes sizes. */

static ed_rc_t
ed_set_max_size(ed_directive_t *d)
{
    size_t    i, digits;
    int64_t   size, unit;
    ed_str_t  value;

    if (d->policy->max_size != -1) {
        return ed_wrong(d, "is duplicate");
    }

    value = d->args[1];
    digits = value.len;
    unit = 1;

    if (value.len != 0 && ed_lower(value.data[value.len - 1]) == 'k') {
        unit = 1024;
        digits--;

    } else if (value.len != 0 && ed_lower(value.data[value.len - 1]) == 'm') {
        unit = 1024 * 1024;
        digits--;
    }

    size = 0;

    for (i = 0; i < digits; i++) {
        if ((uint8_t) (value.data[i] - '0') > 9 || i > 9) {
            digits = 0;
            break;
        }

        size = size * 10 + (value.data[i] - '0');
    }

    if (d->n != 2 || digits == 0 || size == 0) {
        return ed_wrong(d, "size \"%.*s\" is not a number of bytes above 0, "
                        "such as 512k or 4m", (int) value.len,
                        (const char *) value.data);
    }

    d->policy->max_size = size * unit;

    return ED_OK;
}


static ed_rc_t
ed_set_related(ed_directive_t *d)
{
    int64_t  age;

    if (d->policy->related != -1) {
        return ed_wrong(d, "is duplicate");
    }

    if (d->n == 2 && ed_str_eq(d->args[1], ED_STR("off"))) {
        d->policy->related = 0;
        return ED_OK;
    }

    age = d->n == 2 ? ed_age(d->args[1]) : 0;

    if (age <= 0 || age > ED_MAX_AGE) {
        return ed_wrong(d, "time \"%.*s\" is neither \"off\" nor a time of at "
                        "most 90d, such as 12h or 30d",
                        (int) d->args[1].len,
                        (const char *) d->args[1].data);
    }

    d->policy->related = age;

    return ED_OK;
}


/* Seconds of "1d12h", or of a number alone, as nginx writes times; 0: it is
   none, or too long. */

static int64_t
ed_age(ed_str_t value)
{
    size_t   i;
    int64_t  total, n;

    total = 0;

    for (i = 0; i < value.len && total <= ED_MAX_AGE; i++) {
        n = 0;

        if ((uint8_t) (value.data[i] - '0') > 9) {
            return 0;
        }

        for ( /* void */ ;
             i < value.len && (uint8_t) (value.data[i] - '0') <= 9;
             i++)
        {
            n = n <= ED_MAX_AGE ? n * 10 + (value.data[i] - '0') : n;
        }

        if (n > ED_MAX_AGE) {
            return 0;
        }

        total += n * ed_age_unit(i < value.len ? value.data[i] : 's');

        if (i < value.len && ed_age_unit(value.data[i]) == 0) {
            return 0;
        }
    }

    return total <= ED_MAX_AGE ? total : 0;
}


static int64_t
ed_age_unit(uint8_t c)
{
    switch (c) {

    case 'w':
        return 7 * 86400;

    case 'd':
        return 86400;

    case 'h':
        return 3600;

    case 'm':
        return 60;

    default:
        return c == 's';
    }
}


static ed_rc_t
ed_set_read_more(ed_directive_t *d)
{
    return ed_set_variant(d, ED_READ_MORE);
}


static ed_rc_t
ed_set_pull_quote(ed_directive_t *d)
{
    return ed_set_variant(d, ED_PULL_QUOTE);
}


static ed_rc_t
ed_set_disclaimer(ed_directive_t *d)
{
    return ed_set_variant(d, ED_DISCLAIMER);
}


static ed_rc_t
ed_set_variant(ed_directive_t *d, ed_feature_e feature)
{
    ed_rc_t         rc;
    ed_str_t        name;
    ed_variant_t   *variant;
    ed_variants_t  *variants;

    name = d->args[1];
    variants = &d->policy->features[feature];

    if (ed_str_eq(name, ED_STR("off"))) {
        if (d->n != 2 || variants->off) {
            return ed_wrong(d, d->n != 2 ? "\"off\" takes no parameters"
                                         : "is duplicate");
        }

        if (variants->n != 0) {
            return ed_wrong(d, "\"off\" stands beside variants");
        }

        variants->off = 1;

        return ED_OK;
    }

    if (variants->off) {
        return ed_wrong(d, "a variant stands beside \"off\"");
    }

    if (!ed_feature_is_name(name)) {
        return ed_wrong(d, "\"%.*s\" is no name for a variant: it must be one "
                        "word of at most %d letters, digits, \"-\" and \"_\"",
                        (int) name.len, (const char *) name.data, ED_MAX_NAME);
    }

    if (ed_policy_variant(d->policy, feature, name) > 0) {
        return ed_wrong(d, "variant \"%.*s\" is duplicate", (int) name.len,
                        (const char *) name.data);
    }

    if (variants->n == ED_MAX_VARIANTS) {
        return ed_wrong(d, "variant \"%.*s\" is one too many, the limit is %d",
                        (int) name.len, (const char *) name.data,
                        ED_MAX_VARIANTS);
    }

    if (variants->list == NULL) {
        variants->list = ed_arena_zalloc(d->policy->arena,
                                      ED_MAX_VARIANTS * sizeof(ed_variant_t));
        if (variants->list == NULL) {
            return ED_NOMEM;
        }
    }

    variant = &variants->list[variants->n];
    ed_variant_defaults(variant, feature);

    rc = ed_copy(d, &variant->name, name);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_parse_params(d, feature, variant);
    if (rc != ED_OK) {
        return rc;
    }

    variants->n++;

    return ED_OK;
}


static ed_rc_t
ed_parse_params(ed_directive_t *d, ed_feature_e feature,
    ed_variant_t *variant)
{
    size_t    name;
    ed_rc_t   rc;
    unsigned  i, k;

    for (i = 2; i < d->n; i++) {
        rc = ed_parse_param(d, feature, variant, d->args[i]);
        if (rc != ED_OK) {
            return rc;
        }

        name = (size_t) ((const uint8_t *) memchr(d->args[i].data, '=',
                                                  d->args[i].len)
                         - d->args[i].data) + 1;

        for (k = 2; k < i; k++) {
            if (ed_has_prefix(d->args[k], ed_str(d->args[i].data, name))) {
                return ed_wrong(d, "parameter \"%.*s\" is duplicate",
                                (int) name - 1,
                                (const char *) d->args[i].data);
            }
        }
    }

    return ED_OK;
}


static ed_rc_t
ed_parse_param(ed_directive_t *d, ed_feature_e feature, ed_variant_t *variant,
    ed_str_t arg)
{
    size_t             i;
    const ed_param_t  *param;

    for (i = 0; i < sizeof(ed_params) / sizeof(ed_params[0]); i++) {
        param = &ed_params[i];

        if ((param->features & (1u << feature)) != 0
            && ed_has_prefix(arg, param->name))
        {
            return param->set(d, variant,
                              ed_str(arg.data + param->name.len,
                                     arg.len - param->name.len),
                              param->offset);
        }
    }

    return ed_wrong(d, "unknown parameter \"%.*s\", it takes %s", (int) arg.len,
                    (const char *) arg.data,
                    feature == ED_READ_MORE
                        ? "label=, after=, every=, max=, template="
                    : feature == ED_PULL_QUOTE
                        ? "mode=, max=, detect=, template="
                        : "text=, position=, template=");
}


static ed_rc_t
ed_param_text(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    if (value.len == 0) {
        return ed_wrong(d, "a text is empty");
    }

    return ed_copy(d, (ed_str_t *) (void *) ((char *) variant + offset),
                   value);
}


static ed_rc_t
ed_param_number(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    size_t    i;
    unsigned  number;

    number = 0;

    for (i = 0; i < value.len; i++) {
        if ((uint8_t) (value.data[i] - '0') > 9) {
            break;
        }

        number = number * 10 + (value.data[i] - '0');

        if (number > ED_MAX_NUMBER) {
            break;
        }
    }

    if (value.len == 0 || i < value.len || number == 0) {
        return ed_wrong(d, "number \"%.*s\" is not from 1 to %d",
                        (int) value.len, (const char *) value.data,
                        ED_MAX_NUMBER);
    }

    *(unsigned *) (void *) ((char *) variant + offset) = number;

    return ED_OK;
}


static ed_rc_t
ed_param_template(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    char      error[ED_MAX_ERROR / 2];
    ed_rc_t   rc;
    ed_str_t  html;

    (void) offset;

    if (value.len == 0) {
        return ed_wrong(d, "a template's file name is empty");
    }

    rc = d->read(d->ctx, d->policy->arena, value, &html, d->error);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_template_compile(d->policy->arena, html, &variant->template,
                             error, sizeof(error));
    if (rc == ED_INVALID) {
        return ed_wrong(d, "template \"%.*s\": %s", (int) value.len,
                        (const char *) value.data, error);
    }

    return rc;
}


static ed_rc_t
ed_param_mode(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    (void) offset;

    if (ed_str_eq(value, ED_STR("highlight"))) {
        variant->mode = ED_MODE_HIGHLIGHT;

    } else if (ed_str_eq(value, ED_STR("aside"))) {
        variant->mode = ED_MODE_ASIDE;

    } else if (ed_str_eq(value, ED_STR("both"))) {
        variant->mode = ED_MODE_BOTH;

    } else {
        return ed_wrong(d, "mode \"%.*s\" is not highlight, aside or both",
                        (int) value.len, (const char *) value.data);
    }

    return ED_OK;
}


static ed_rc_t
ed_param_detect(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    (void) offset;

    if (!ed_str_eq(value, ED_STR("on")) && !ed_str_eq(value, ED_STR("off"))) {
        return ed_wrong(d, "detect \"%.*s\" is not on or off",
                        (int) value.len, (const char *) value.data);
    }

    variant->detect = (value.len == 2);

    return ED_OK;
}


static ed_rc_t
ed_param_position(ed_directive_t *d, ed_variant_t *variant, ed_str_t value,
    size_t offset)
{
    (void) offset;

    if (!ed_str_eq(value, ED_STR("start")) && !ed_str_eq(value, ED_STR("end")))
    {
        return ed_wrong(d, "position \"%.*s\" is not end or start",
                        (int) value.len, (const char *) value.data);
    }

    variant->at_start = (value.len == 5);

    return ED_OK;
}


static void
ed_variant_defaults(ed_variant_t *variant, ed_feature_e feature)
{
    memset(variant, 0, sizeof(ed_variant_t));

    variant->after = 4;
    variant->every = 6;
    variant->max = 3;
    variant->mode = ED_MODE_BOTH;
    variant->detect = 1;

    if (feature == ED_DISCLAIMER) {
        variant->text = ed_default_text;
    }
}


static ed_rc_t
ed_default_variants(ed_policy_t *policy, ed_feature_e feature)
{
    ed_variants_t  *variants;

    variants = &policy->features[feature];

    variants->list = ed_arena_zalloc(policy->arena, sizeof(ed_variant_t));
    if (variants->list == NULL) {
        return ED_NOMEM;
    }

    ed_variant_defaults(variants->list, feature);
    variants->list->name = ed_control_names[feature];
    variants->n = 1;

    return ED_OK;
}


static ed_rc_t
ed_default_article(ed_policy_t *policy)
{
    char            error[ED_MAX_ERROR];
    const ed_str_t  selectors[] = {
        ED_S("[itemprop~=articleBody]"),
        ED_S("article"),
        ED_S("main")
    };

    return ed_select_compile(policy->arena, selectors, 3, &policy->article,
                             error, sizeof(error));
}


static int
ed_has_prefix(ed_str_t s, ed_str_t prefix)
{
    return s.len >= prefix.len
           && memcmp(s.data, prefix.data, prefix.len) == 0;
}


static ed_rc_t
ed_copy(ed_directive_t *d, ed_str_t *field, ed_str_t value)
{
    *field = ed_arena_dup(d->policy->arena, value);

    return field->data != NULL ? ED_OK : ED_NOMEM;
}


static ed_rc_t
ed_wrong(ed_directive_t *d, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(d->error, ED_MAX_ERROR, fmt, args);
    va_end(args);

    return ED_INVALID;
}
