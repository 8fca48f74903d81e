
#include "ed_policy.h"
#include "ed_test.h"


#define MAX_WORDS  16


static ed_arena_t  *arena;
static char         error[ED_MAX_ERROR];


static ed_rc_t set(ed_policy_t *policy, const char *line);
static ed_rc_t read_template(void *ctx, ed_arena_t *a, ed_str_t path,
    ed_str_t *content, char *err);
static void accepts(void);
static void refuses(void);
static void merges(void);
static void survives_no_memory(void);


int
main(void)
{
    arena = ed_arena_create(1024 * 1024);

    accepts();
    refuses();
    merges();
    survives_no_memory();

    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
accepts(void)
{
    ed_policy_t    p;
    ed_variant_t  *v;

    ed_policy_init(&p, arena);

    is_num(set(&p, "editorial_read_more|box|label=Read more|after=2|every=3"
                   "|max=1"), ED_OK, "a read-more variant");
    is_num(set(&p, "editorial_read_more|plain"), ED_OK, "and another");

    v = p.features[ED_READ_MORE].list;

    is_num(p.features[ED_READ_MORE].n, 2, "both are declared");
    is_str(v[0].label, "Read more", "label");
    is_num(v[0].after, 2, "after");
    is_num(v[0].every, 3, "every");
    is_num(v[0].max, 1, "max");
    is_num(v[1].after, 4, "what a line does not name has the default");
    is_num(v[1].every, 6, "likewise every");
    is_num(v[1].max, 3, "likewise max");

    is_num(set(&p, "editorial_pull_quote|q|mode=highlight|detect=off|max=9"),
           ED_OK, "a pull-quote variant");
    is_num(p.features[ED_PULL_QUOTE].list->mode, ED_MODE_HIGHLIGHT, "mode");
    is_num(p.features[ED_PULL_QUOTE].list->detect, 0, "detect");
    is_num(p.features[ED_PULL_QUOTE].list->max, 9, "max of a pull quote");

    is_num(set(&p, "editorial_disclaimer|s|text=Not ours.|position=start"),
           ED_OK, "a disclaimer variant");
    is_str(p.features[ED_DISCLAIMER].list->text, "Not ours.", "text");
    is_num(p.features[ED_DISCLAIMER].list->at_start, 1, "position");

    is_num(set(&p, "editorial_script|/f.js|beacon=/b"), ED_OK, "a script");
    is_str(p.beacon, "/b", "its beacon");
    is_num(set(&p, "editorial_stylesheet|off"), ED_OK, "stylesheet off");
    is_num(set(&p, "editorial_related|1w1d"), ED_OK, "an age");
    is_num(p.related, 8 * 86400, "is so many seconds");
    is_num(set(&p, "editorial_max_size|64k"), ED_OK, "a size in kilobytes");
    is_num(p.max_size, 65536, "is so many bytes");
    is_num(set(&p, "editorial_desk|opinion"), ED_OK, "a desk");

    is_num(ed_policy_variant(&p, ED_READ_MORE, ED_STR("plain")), 2,
           "variants are numbered from 1");
    is_num(ed_policy_variant(&p, ED_READ_MORE, ED_STR("off")), 0, "off is 0");
    is_num(ed_policy_variant(&p, ED_READ_MORE, ED_STR("none")), -1,
           "an unknown one is -1");

    ok(ed_policy_knows(ED_STR("editorial_desk")), "knows its directives");
    ok(!ed_policy_knows(ED_STR("editorial")), "and no others");
}


/* Each with what the sentence must name. */

static void
refuses(void)
{
    size_t       i;
    ed_policy_t  p;

    static const struct {
        const char  *line;
        const char  *says;
    } wrong[] = {
        { "editorial_read_more", "needs a value" },
        { "editorial_read_more|box|after=0", "\"0\" is not from 1 to 10000" },
        { "editorial_read_more|box|after=-1", "\"-1\" is not from 1" },
        { "editorial_read_more|box|every=4x", "\"4x\"" },
        { "editorial_read_more|box|max=99999999999", "is not from 1" },
        { "editorial_read_more|box|max=", "\"\" is not from 1" },
        { "editorial_read_more|box|after=1|after=2", "\"after\" is duplicate" },
        { "editorial_read_more|box|mode=both", "unknown parameter \"mode=" },
        { "editorial_read_more|box|after", "unknown parameter \"after\"" },
        { "editorial_read_more|a b", "\"a b\" is no name for a variant" },
        { "editorial_read_more|", "\"\" is no name for a variant" },
        { "editorial_read_more|off|max=1", "takes no parameters" },
        { "editorial_read_more|box|label=", "a text is empty" },
        { "editorial_read_more|box|template=unknown.html", "{{titel}}" },
        { "editorial_read_more|box|template=", "file name is empty" },
        { "editorial_read_more|box|template=missing.html", "no such file" },
        { "editorial_pull_quote|q|mode=none",
          "\"none\" is not highlight, aside or both" },
        { "editorial_pull_quote|q|detect=1", "\"1\" is not on or off" },
        { "editorial_disclaimer|s|position=top",
          "\"top\" is not end or start" },
        { "editorial_stylesheet|javascript:x", "\"javascript:x\" is neither" },
        { "editorial_stylesheet|/a|/b", "one URL" },
        { "editorial_script|/a|beacon=data:x", "\"data:x\" is neither" },
        { "editorial_script|/a|defer", "parameter \"defer\"" },
        { "editorial_related|90d1s", "\"90d1s\" is neither" },
        { "editorial_related|", "\"\" is neither" },
        { "editorial_max_size|0", "\"0\" is not a number of bytes" },
        { "editorial_max_size|4g", "\"4g\" is not" },
        { "editorial_max_size|m", "\"m\" is not" },
        { "editorial_desk|a b", "\"a b\" is no name for a desk" },
        { "editorial_script|beacon=/b", "URL is missing" },
        { "editorial_script|off|beacon=/b", "takes no parameters" },
        { "editorial_article|*", "selector \"*\"" },
        { "editorial_article|a::before", "selector \"a::before\"" },
        { "editorial_exclude|//a[$x]", "variable" },
        { "editorial_article|div p", "selector \"div p\"" },
        { "editorial_article|", "it is empty" },
        { "editorial_article|[a", "is missing" },
        { "editorial_article|[a=]", "the value is empty" },
        { "editorial_exclude|//p[", "XPath \"//p[\"" },
        { "editorial_exclude|nosuch()", "unknown function" },
        { "editorial_exclude|//p|1+1", "XPath \"1+1\"" },
        { "editorial_exclude|$x", "variable" },
        { "editorial_typo|on", "unknown directive" }
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ed_policy_init(&p, arena);
        error[0] = '\0';

        ok(set(&p, wrong[i].line) == ED_INVALID
           && strstr(error, wrong[i].says) != NULL,
           "%s: %s", wrong[i].line, error);

        ed_xpath_free(p.exclude);
    }

    ed_policy_init(&p, arena);

    (void) set(&p, "editorial_read_more|box");
    ok(set(&p, "editorial_read_more|box") == ED_INVALID
       && strstr(error, "\"box\" is duplicate") != NULL,
       "the same variant twice: %s", error);
    ok(set(&p, "editorial_read_more|off") == ED_INVALID,
       "off beside a variant: %s", error);

    (void) set(&p, "editorial_desk|a");
    ok(set(&p, "editorial_desk|b") == ED_INVALID, "two desks: %s", error);

    for (i = 0; i < ED_MAX_VARIANTS; i++) {
        char  line[64];

        (void) snprintf(line, sizeof(line), "editorial_disclaimer|v%zu", i);
        (void) set(&p, line);
    }

    ok(set(&p, "editorial_disclaimer|more") == ED_INVALID
       && strstr(error, "the limit is 16") != NULL,
       "one variant too many: %s", error);
}


static void
merges(void)
{
    ed_policy_t  outer, inner;

    ed_policy_init(&outer, arena);
    ed_policy_init(&inner, arena);

    (void) set(&outer, "editorial_read_more|a");
    (void) set(&outer, "editorial_read_more|b");
    (void) set(&outer, "editorial_pull_quote|off");
    (void) set(&outer, "editorial_stylesheet|/s.css");
    (void) set(&outer, "editorial_desk|news");
    (void) set(&inner, "editorial_read_more|c");
    (void) set(&inner, "editorial_stylesheet|off");

    is_num(ed_policy_merge(&outer, NULL), ED_OK, "the outer level, defaults");
    is_num(ed_policy_merge(&inner, &outer), ED_OK, "the inner level");

    is_num(inner.features[ED_READ_MORE].n, 1,
           "variants are inherited as a whole or not at all");
    is_num(inner.features[ED_PULL_QUOTE].n, 0, "off is inherited");
    is_num(inner.features[ED_DISCLAIMER].n, 1, "defaults are inherited");
    is_str(inner.features[ED_DISCLAIMER].list->name, "standard",
           "the default disclaimer");
    is_num(inner.stylesheet.len, 0, "off takes the outer one away");
    is_str(inner.desk, "news", "the desk is inherited");
    is_num(inner.related, 90 * 86400, "the default age");
    is_num(inner.max_size, 4 * 1024 * 1024, "the default size");
    ok(inner.article != NULL, "the default selectors");
}


static void
survives_no_memory(void)
{
    long         n;
    ed_rc_t      rc;
    ed_arena_t  *a;
    ed_policy_t  p;

    for (n = 0; n < 64; n++) {
        a = ed_arena_create(1024 * 1024);
        ed_policy_init(&p, a);

        ed_test_fail_after(n);

        rc = set(&p, "editorial_article|div.a[b~=c]|main");

        if (rc == ED_OK) {
            rc = set(&p, "editorial_read_more|b|template=good.html");
        }

        if (rc == ED_OK) {
            rc = ed_policy_merge(&p, NULL);
        }

        ed_test_fail_after(-1);
        ed_arena_destroy(a);

        if (rc != ED_NOMEM) {
            break;
        }
    }

    ok(n > 0 && rc == ED_OK, "no memory at the n-th allocation, %ld times", n);
}


/* A line whose words are divided by "|". */

static ed_rc_t
set(ed_policy_t *policy, const char *line)
{
    unsigned     n;
    ed_str_t     words[MAX_WORDS];
    const char  *end;

    n = 0;

    for ( ;; ) {
        end = line + strcspn(line, "|");
        words[n++] = ed_str(line, (size_t) (end - line));

        if (*end == '\0') {
            break;
        }

        line = end + 1;
    }

    return ed_policy_set(policy, words, n, read_template, NULL, error);
}


static ed_rc_t
read_template(void *ctx, ed_arena_t *a, ed_str_t path, ed_str_t *content,
    char *err)
{
    (void) ctx;
    (void) a;

    if (ed_str_eq(path, ED_STR("good.html"))) {
        *content = ED_STR("<aside><a href=\"{{url}}\">{{title}}</a></aside>");
        return ED_OK;
    }

    if (ed_str_eq(path, ED_STR("unknown.html"))) {
        *content = ED_STR("<aside>{{titel}}</aside>");
        return ED_OK;
    }

    (void) snprintf(err, ED_MAX_ERROR, "no such file");

    return ED_INVALID;
}
