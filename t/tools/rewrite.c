
/*
 * The rewriter on a file: the page comes out with the furniture of its
 * control edition.
 *
 *     rewrite [--policy FILE] [--record FILE] [--chunk N] [--explain]
 *             [--url URL] [--charset NAME] [--edition F=V,…] [--test F]
 *             FILE
 *
 * A policy is written as in nginx.conf: one directive a line, the semicolon
 * may be left out.  --chunk 0 cuts the page into pieces of random size.
 * --test, as often as there are features: a test runs on it.  FILE may be "-".
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "ed_rewrite.h"


#define MAX_WORDS  64
#define MAX_FILE   (1u << 30)


typedef struct {
    const char    *policy;
    const char    *record;
    const char    *url;
    const char    *charset;
    const char    *edition;
    const char    *file;
    size_t         chunk;
    unsigned       tested;         /* as in ed_edition_t */
    unsigned       random:1;
    unsigned       explain:1;
} options_t;


typedef struct {
    ed_arena_t    *arena;
    ed_policy_t    policy;
    ed_page_t      page;
    ed_record_t    record;
    const char    *policy_file;
    unsigned       line;
    unsigned       off:1;          /* "editorial off", or dry_run */
} state_t;


static void options(options_t *o, int argc, char **argv);
static unsigned read_test(const char *name);
static void usage(void);
static ed_str_t slurp(const char *name);
static void read_policy(state_t *s, const char *file);
static int read_statement(state_t *s, ed_str_t text, size_t *pos,
    ed_str_t *words, unsigned *n);
static void run_directive(state_t *s, ed_str_t *words, unsigned n);
static ed_rc_t read_template(void *ctx, ed_arena_t *arena, ed_str_t path,
    ed_str_t *content, char *error);
static void read_record(state_t *s, const char *file);
static void read_url(state_t *s, const char *url);
static void read_edition(ed_edition_t *edition, const ed_policy_t *policy,
    const char *text);
static void rewrite(state_t *s, const options_t *o);
static void fail(const char *what, const char *why);


int
main(int argc, char **argv)
{
    state_t    s;
    options_t  o;

    memset(&s, 0, sizeof(state_t));
    options(&o, argc, argv);

    s.arena = ed_arena_create(MAX_FILE);
    if (s.arena == NULL) {
        fail("memory", "none");
    }

    ed_policy_init(&s.policy, s.arena);

    if (o.policy != NULL) {
        read_policy(&s, o.policy);
    }

    if (ed_policy_merge(&s.policy, NULL) != ED_OK) {
        fail("policy", "no memory");
    }

    if (o.record != NULL) {
        read_record(&s, o.record);
    }

    if (o.url != NULL) {
        read_url(&s, o.url);
    }

    if (o.charset != NULL) {
        s.page.charset = ed_str(o.charset, strlen(o.charset));
    }

    s.page.explain = o.explain;

    rewrite(&s, &o);

    ed_xpath_free(s.policy.exclude);
    ed_arena_destroy(s.arena);

    return 0;
}


static void
options(options_t *o, int argc, char **argv)
{
    int                         c;
    static const struct option  names[] = {
        { "policy", required_argument, NULL, 'p' },
        { "record", required_argument, NULL, 'r' },
        { "chunk", required_argument, NULL, 'c' },
        { "explain", no_argument, NULL, 'x' },
        { "url", required_argument, NULL, 'u' },
        { "charset", required_argument, NULL, 's' },
        { "edition", required_argument, NULL, 'e' },
        { "test", required_argument, NULL, 't' },
        { NULL, 0, NULL, 0 }
    };

    memset(o, 0, sizeof(options_t));
    o->chunk = SIZE_MAX;

    for ( ;; ) {
        c = getopt_long(argc, argv, "", names, NULL);

        switch (c) {

        case -1:
            if (optind != argc - 1) {
                usage();
            }

            o->file = argv[optind];
            return;

        case 'p':
            o->policy = optarg;
            break;

        case 'r':
            o->record = optarg;
            break;

        case 'c':
            o->chunk = strtoul(optarg, NULL, 10);
            o->random = (o->chunk == 0);
            break;

        case 'x':
            o->explain = 1;
            break;

        case 'u':
            o->url = optarg;
            break;

        case 's':
            o->charset = optarg;
            break;

        case 'e':
            o->edition = optarg;
            break;

        case 't':
            o->tested |= read_test(optarg);
            break;

        default:
            usage();
        }
    }
}


static unsigned
read_test(const char *name)
{
    ed_feature_e  feature;

    feature = ed_feature_find(ed_str(name, strlen(name)));

    if (feature == ED_FEATURES) {
        fail(name, "is no feature");
    }

    return 1u << feature;
}


static void
usage(void)
{
    (void) fprintf(stderr,
                   "usage: rewrite [--policy FILE] [--record FILE] [--chunk N]"
                   " [--explain]\n               [--url URL] "
                   "[--charset NAME] [--edition FEATURE=VARIANT,...]\n"
                   "               [--test FEATURE]... FILE\n");
    exit(2);
}


static void
fail(const char *what, const char *why)
{
    (void) fprintf(stderr, "rewrite: %s: %s\n", what, why);
    exit(1);
}


/* A whole file; lives until the process ends. */

static ed_str_t
slurp(const char *name)
{
    FILE      *f;
    size_t     n;
    ed_buf_t   buf;
    uint8_t    chunk[65536];

    f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (f == NULL) {
        fail(name, "cannot be opened");
    }

    ed_buf_init(&buf, MAX_FILE);

    do {
        n = fread(chunk, 1, sizeof(chunk), f);

        if (ed_buf_append(&buf, chunk, n) != ED_OK) {
            fail(name, "too large");
        }

    } while (n != 0);

    if (ferror(f)) {
        fail(name, "cannot be read");
    }

    if (f != stdin) {
        (void) fclose(f);
    }

    return ed_str(buf.data, buf.len);
}


static void
read_policy(state_t *s, const char *file)
{
    size_t     pos;
    unsigned   n;
    ed_str_t   text, words[MAX_WORDS];

    text = slurp(file);
    pos = 0;
    s->line = 1;
    s->policy_file = file;

    while (read_statement(s, text, &pos, words, &n)) {
        if (n != 0) {
            run_directive(s, words, n);
        }
    }

    free((void *) (uintptr_t) text.data);
}


/* The words up to a semicolon or the end of the line; 0 at the end. */

static int
read_statement(state_t *s, ed_str_t text, size_t *pos, ed_str_t *words,
    unsigned *n)
{
    size_t   start;
    uint8_t  c;

    *n = 0;

    while (*pos < text.len) {
        c = text.data[*pos];

        if (c == ';' || c == '\n') {
            s->line += (c == '\n');
            (*pos)++;
            return 1;
        }

        if (ed_is_space(c)) {
            (*pos)++;
            continue;
        }

        if (c == '#') {
            while (*pos < text.len && text.data[*pos] != '\n') {
                (*pos)++;
            }

            continue;
        }

        if (*n == MAX_WORDS) {
            fail(s->policy_file, "too many words in a directive");
        }

        if (c == '"' || c == '\'') {
            start = ++(*pos);

            while (*pos < text.len && text.data[*pos] != c) {
                (*pos)++;
            }

            words[(*n)++] = ed_str(text.data + start, *pos - start);
            (*pos)++;
            continue;
        }

        start = *pos;

        while (*pos < text.len && !ed_is_space(text.data[*pos])
               && text.data[*pos] != ';')
        {
            (*pos)++;
        }

        words[(*n)++] = ed_str(text.data + start, *pos - start);
    }

    return *n != 0;
}


static void
run_directive(state_t *s, ed_str_t *words, unsigned n)
{
    char      error[ED_MAX_ERROR], where[ED_MAX_ERROR];
    ed_rc_t   rc;

    if (ed_str_eq(words[0], ED_STR("editorial_opinion")) && n == 2) {
        s->page.opinion = ed_str_eq(words[1], ED_STR("auto"))
                          ? ED_OPINION_AUTO
                          : words[1].len == 0
                            || ed_str_eq(words[1], ED_STR("0"))
                            ? ED_OPINION_NO : ED_OPINION_YES;
        return;
    }

    (void) snprintf(where, sizeof(where), "%s:%u: \"%.*s\"", s->policy_file,
                    s->line, (int) words[0].len,
                    (const char *) words[0].data);

    if (ed_str_eq(words[0], ED_STR("editorial")) && n == 2) {
        s->off = !ed_str_eq(words[1], ED_STR("on"));

        if (s->off && !ed_str_eq(words[1], ED_STR("off"))
            && !ed_str_eq(words[1], ED_STR("dry_run")))
        {
            fail(where, "it is on, off or dry_run");
        }

        return;
    }

    if (ed_str_eq(words[0], ED_STR("editorial_article_id")) && n == 2) {
        s->page.id = ed_arena_dup(s->arena, words[1]);
        return;
    }

    if (ed_str_eq(words[0], ED_STR("editorial_types")) && n > 1) {
        return;
    }

    (void) snprintf(error, sizeof(error), "no memory");

    rc = ed_policy_set(&s->policy, words, n, read_template, s, error);

    if (rc != ED_OK) {
        fail(where, error);
    }
}


/* A path is relative to the policy's folder. */

static ed_rc_t
read_template(void *ctx, ed_arena_t *arena, ed_str_t path, ed_str_t *content,
    char *error)
{
    char         name[4096];
    state_t     *s;
    ed_str_t     text;
    const char  *slash;

    s = ctx;
    slash = strrchr(s->policy_file, '/');

    if (slash == NULL || path.data[0] == '/') {
        (void) snprintf(name, sizeof(name), "%.*s", (int) path.len,
                        (const char *) path.data);

    } else {
        (void) snprintf(name, sizeof(name), "%.*s/%.*s",
                        (int) (slash - s->policy_file), s->policy_file,
                        (int) path.len, (const char *) path.data);
    }

    (void) error;

    text = slurp(name);
    *content = ed_arena_dup(arena, text);
    free((void *) (uintptr_t) text.data);

    return content->data != NULL ? ED_OK : ED_NOMEM;
}


static void
read_record(state_t *s, const char *file)
{
    char      error[ED_MAX_ERROR];
    ed_rc_t   rc;
    ed_str_t  json;

    json = slurp(file);
    (void) snprintf(error, sizeof(error), "no memory");

    rc = ed_record_parse(s->arena, json, &s->record, error, sizeof(error));

    if (rc == ED_OK) {
        s->page.record = &s->record;

    } else {
        (void) fprintf(stderr, "rewrite: %s: %s; the record is ignored\n",
                       file, error);
    }

    free((void *) (uintptr_t) json.data);
}


static void
read_url(state_t *s, const char *url)
{
    const char  *colon, *host, *path;

    colon = strstr(url, "://");
    if (colon == NULL) {
        fail(url, "is not an absolute URL");
    }

    host = colon + 3;
    path = host + strcspn(host, "/?#");

    s->page.scheme = ed_str(url, (size_t) (colon - url));
    s->page.host = ed_str(host, (size_t) (path - host));
    s->page.uri = ed_str(path, strcspn(path, "?#"));

    if (s->page.id.len == 0) {
        s->page.id = s->page.uri;
    }
}


static void
read_edition(ed_edition_t *edition, const ed_policy_t *policy,
    const char *text)
{
    int           variant;
    size_t        len;
    const char   *equals;
    ed_feature_e  feature;

    while (*text != '\0') {
        len = strcspn(text, ",");
        equals = memchr(text, '=', len);

        if (equals == NULL) {
            fail(text, "is not FEATURE=VARIANT");
        }

        feature = ed_feature_find(ed_str(text, (size_t) (equals - text)));

        if (feature == ED_FEATURES) {
            fail(text, "is no feature");
        }

        variant = ed_policy_variant(policy, feature,
                      ed_str(equals + 1, len - (size_t) (equals + 1 - text)));

        if (variant < 0) {
            fail(text, "is no variant");
        }

        edition->variant[feature] = (uint8_t) variant;
        text += len + (text[len] == ',');
    }
}


static void
rewrite(state_t *s, const options_t *o)
{
    char             *json;
    size_t            i, n, pos, len;
    ed_str_t          page;
    ed_walk_t         walk;
    ed_edition_t      edition;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans, *span;

    page = slurp(o->file);

    rw = ed_rewrite_create(&s->policy, &s->page);
    if (rw == NULL) {
        fail(o->file, "no memory");
    }

    ed_edition_control(&edition, &s->policy);
    ed_edition_overrule(&edition, &s->policy, s->page.record);

    if (o->edition != NULL) {
        read_edition(&edition, &s->policy, o->edition);
    }

    edition.tested = (uint8_t) o->tested;

    if (s->off) {
        memset(&edition, 0, sizeof(ed_edition_t));
    }

    ed_walk_init(&walk, &edition, ED_STR_EMPTY);
    srand(1);

    pos = 0;

    do {
        len = o->random ? (size_t) (rand() % 4096) + 1 : o->chunk;

        if (len > page.len - pos) {
            len = page.len - pos;
        }

        ed_rewrite_feed(rw, page.data + pos, len, pos + len == page.len,
                        &spans, &n);

        walk.assets.data = ed_rewrite_assets(rw).data;
        walk.assets.len = ed_rewrite_assets(rw).len;
        i = 0;

        for ( ;; ) {
            span = ed_walk_next(&walk, spans, n, &i);

            if (span == NULL) {
                break;
            }

            if (!o->explain) {
                (void) fwrite(span->data, 1, span->len, stdout);
            }
        }

        pos += len;

    } while (pos < page.len);

    if (o->explain) {
        json = ed_rewrite_explain(rw);
        if (json == NULL) {
            fail(o->file, "no memory");
        }

        (void) puts(json);
        free(json);
    }

    ed_rewrite_destroy(rw);
    free((void *) (uintptr_t) page.data);
}
