
/*
 * The whole core without memory: cases of t/data are configured, rewritten,
 * explained, kept, compressed and planned again, while the nth allocation
 * fails, or all from the nth on, for every n there is.  Then
 *
 *     - every byte of the page still comes out;
 *     - it comes out furnished as ever, or plain with a reason;
 *     - what fails says ED_NOMEM, and what does not is what it always was;
 *     - nothing is lost (under AddressSanitizer, which looks for that).
 *
 * malloc() itself is replaced, since most of it is called by libxml2, jansson,
 * zlib and iconv.  What the libraries keep for good they have got before, as
 * they have in nginx once the configuration is read.
 */

#include <errno.h>
#include <malloc.h>
#include <libxml/parser.h>

#include "ed_deflate.h"
#include "ed_rewrite.h"
#include "ed_test.h"


/* They run before AddressSanitizer does. */
#define UNCHECKED   __attribute__((no_sanitize_address))

#define MAX_WORDS   32
#define MAX_PATH    4096
#define MAX_ARENA   (1 << 20)
#define CHUNKS      3                  /* that a page comes in */


#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED  1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED  1
#endif
#endif

#ifdef SANITIZED
#define system_malloc   __interceptor_malloc
#define system_calloc   __interceptor_calloc
#define system_realloc  __interceptor_realloc
#else
#define system_malloc   __libc_malloc
#define system_calloc   __libc_calloc
#define system_realloc  __libc_realloc
#endif

void *system_malloc(size_t size);
void *system_calloc(size_t n, size_t size);
void *system_realloc(void *p, size_t size);

#ifdef SANITIZED
int __sanitizer_install_malloc_and_free_hooks(
    void (*got)(const volatile void *p, size_t size),
    void (*given)(const volatile void *p));
const char *__lsan_default_suppressions(void);
#else
void __libc_free(void *p);
#endif


/* Which of the core's allocations fails. */
static struct {
    long               left;           /* before it; -1: none does */
    unsigned           rest:1;         /* and all that follow */
    unsigned           watched:1;      /* it is the core that asks */
    unsigned           refused:1;
    size_t             back[2];        /* bytes of blocks just given back */
} memory;


/* A folder of t/data, read beforehand. */
typedef struct {
    const char        *name;
    ed_str_t           in;
    ed_str_t           policy;
    ed_str_t           record;         /* data == NULL: none */
    ed_str_t           charset;
    ed_str_t           url;
} case_t;


/* What has come of a case. */
typedef struct {
    ed_rc_t            rc;             /* of the first step that failed */
    const char        *step;           /* its name; NULL: none failed */
    unsigned           read:1;         /* the page has been rewritten */
    ed_skip_e          skip;
    ed_buf_t           source;         /* the source spans */
    ed_buf_t           spans;          /* all of them, kinds and variants too */
    char              *explain;
    ed_buf_t           head;
    ed_buf_t           body;
    ed_buf_t           coded;
    ed_buf_t           again;          /* the body of the page planned again */
} result_t;


/* A case at work. */
typedef struct {
    const case_t      *c;
    ed_arena_t        *arena;
    ed_policy_t        policy;
    ed_record_t        record;
    ed_page_t          page;
    ed_build_t         build;
    ed_stored_t        stored;
    result_t          *r;
} run_t;


static void test_case(const char *name);
static void each_allocation(const case_t *c, const result_t *whole, int rest);
static const char *wrong(const result_t *r, const result_t *whole,
    const case_t *c);
static int same(const ed_buf_t *a, const ed_buf_t *b);
static void run(result_t *r, const case_t *c);
static void result_free(result_t *r);
static void configure(run_t *s);
static int next_words(ed_str_t *text, ed_str_t *words, unsigned *n);
static ed_rc_t directive(run_t *s, ed_str_t *words, unsigned n);
static ed_rc_t read_template(void *ctx, ed_arena_t *arena, ed_str_t path,
    ed_str_t *content, char *error);
static void read_record(run_t *s);
static void read_url(run_t *s);
static ed_rewrite_t *start(run_t *s);
static void furnish(run_t *s);
static void feed(run_t *s, ed_rewrite_t *rw, const uint8_t *data, size_t len,
    int last, ed_build_t *build);
static void note(result_t *r, const ed_span_t *span);
static void keep(run_t *s);
static void compress(run_t *s);
static void plan_again(run_t *s);
static void copy(ed_buf_t *buf, const void *data, size_t len);
static int failed(run_t *s, ed_rc_t rc, const char *step);
static ed_str_t slurp(const char *folder, const char *file);
static void watch(int on);
static void quiet(void *ctx, const char *fmt, ...);
static int is_there(size_t size) UNCHECKED;
static void give_back(void *p);
static int refuse(size_t size) UNCHECKED;

#ifdef SANITIZED
static void got(const volatile void *p, size_t size);
static void given(const volatile void *p);
#endif


static const char  *data;              /* t/data */

static const char *const  cases[] = {
    "amp", "biography-json-ld", "disclaimer-record", "exclude-inside",
    "line-section", "opinion-json-ld", "quote-record", "quote-sentences",
    "record-features", "shift-jis", "stated-windows-1251",
    "template-read-more", "variants", "windows-1251"
};


int
main(int argc, char **argv)
{
    char    path[MAX_PATH];
    size_t  i;

    (void) argc;

    /* t/build/unit/page/ed_no_memory_test */

    (void) snprintf(path, sizeof(path), "%.*s/../../../data",
                    (int) (strrchr(argv[0], '/') - argv[0]), argv[0]);
    data = path;

#ifdef SANITIZED
    (void) __sanitizer_install_malloc_and_free_hooks(got, given);
#endif

    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, quiet);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(cases[i]);
    }

    return ed_test_done();
}


static void
test_case(const char *name)
{
    case_t    c;
    result_t  whole;

    c.name = name;
    c.in = slurp(name, "in.html");
    c.policy = slurp(name, "policy");
    c.record = slurp(name, "record.json");
    c.charset = ed_str_trim(slurp(name, "charset"));
    c.url = ed_str_trim(slurp(name, "url"));

    memory.left = -1;
    run(&whole, &c);
    result_free(&whole);
    run(&whole, &c);

    if (ok(whole.step == NULL && c.in.data != NULL && c.policy.data != NULL
           && whole.explain != NULL && same(&whole.body, &whole.again)
           && wrong(&whole, &whole, &c) == NULL,
           "%s: with memory, %zu bytes are kept", name, whole.body.len))
    {
        each_allocation(&c, &whole, 0);
        each_allocation(&c, &whole, 1);
    }

    result_free(&whole);
    free((void *) (uintptr_t) c.in.data);
    free((void *) (uintptr_t) c.policy.data);
    free((void *) (uintptr_t) c.record.data);
    free((void *) (uintptr_t) c.charset.data);
    free((void *) (uintptr_t) c.url.data);
}


static void
each_allocation(const case_t *c, const result_t *whole, int rest)
{
    long         n;
    result_t     r;
    const char  *why;

    why = NULL;

    for (n = 0; why == NULL; n++) {
        memory.left = n;
        memory.rest = (rest != 0);
        memory.refused = 0;

        run(&r, c);

        memory.left = -1;
        why = wrong(&r, whole, c);
        result_free(&r);

        if (!memory.refused) {
            break;
        }
    }

    ok(why == NULL && n > 10, "%s: %ld allocations, without %s%s%s", c->name,
       n, rest ? "all from each on" : "each of them",
       why != NULL ? ": " : "", why != NULL ? why : "");
}


/* What a run must not have done; NULL: nothing. */

static const char *
wrong(const result_t *r, const result_t *whole, const case_t *c)
{
    if (r->step != NULL && r->rc != ED_NOMEM) {
        return r->step;
    }

    if (!r->read) {
        return NULL;
    }

    if (!ed_str_eq(ed_str(r->source.data, r->source.len), c->in))
    {
        return "the source spans are not the page";
    }

    if (r->skip == ED_SKIP_MEMORY) {
        return r->body.len != 0
               && (r->body.len != c->in.len + c->record.len
                   || memcmp(r->body.data, c->in.data, c->in.len) != 0)
               ? "a page that is passed by is kept as another" : NULL;
    }

    if (r->skip != whole->skip) {
        return "the reason is not memory";
    }

    if ((r->spans.len != 0 && !same(&r->spans, &whole->spans))
        || (r->head.len != 0 && !same(&r->head, &whole->head))
        || (r->body.len != 0 && !same(&r->body, &whole->body))
        || (r->coded.len != 0 && !same(&r->coded, &whole->coded))
        || (r->again.len != 0 && !same(&r->again, &whole->again)))
    {
        return "it is another page";
    }

    return r->explain != NULL && strcmp(r->explain, whole->explain) != 0
           ? "it is explained otherwise" : NULL;
}


static int
same(const ed_buf_t *a, const ed_buf_t *b)
{
    return ed_str_eq(ed_str(a->data, a->len), ed_str(b->data, b->len));
}


static void
run(result_t *r, const case_t *c)
{
    run_t  s;

    memset(r, 0, sizeof(result_t));
    memset(&s, 0, sizeof(run_t));

    ed_buf_init(&r->source, SIZE_MAX);
    ed_buf_init(&r->spans, SIZE_MAX);
    ed_buf_init(&r->head, ED_MAX_HEAD);
    ed_buf_init(&r->body, SIZE_MAX);
    ed_buf_init(&r->coded, SIZE_MAX);
    ed_buf_init(&r->again, SIZE_MAX);

    s.c = c;
    s.r = r;

    configure(&s);
    read_record(&s);
    read_url(&s);
    furnish(&s);
    keep(&s);
    compress(&s);
    plan_again(&s);

    ed_build_free(&s.build);
    ed_xpath_free(s.policy.exclude);
    ed_arena_destroy(s.arena);
}


static void
result_free(result_t *r)
{
    ed_buf_free(&r->source);
    ed_buf_free(&r->spans);
    ed_buf_free(&r->head);
    ed_buf_free(&r->body);
    ed_buf_free(&r->coded);
    ed_buf_free(&r->again);
    free(r->explain);
}


static void
configure(run_t *s)
{
    ed_rc_t   rc;
    unsigned  n;
    ed_str_t  text, words[MAX_WORDS];

    watch(1);
    s->arena = ed_arena_create(MAX_ARENA);
    watch(0);

    if (s->arena == NULL) {
        (void) failed(s, ED_NOMEM, "arena");
        return;
    }

    ed_policy_init(&s->policy, s->arena);
    text = s->c->policy;

    while (next_words(&text, words, &n)) {
        if (n != 0 && failed(s, directive(s, words, n), "directive")) {
            return;
        }
    }

    watch(1);
    rc = ed_policy_merge(&s->policy, NULL);
    watch(0);

    (void) failed(s, rc, "merge");
}


/* The words of the next line or statement; 0 at the end. */

static int
next_words(ed_str_t *text, ed_str_t *words, unsigned *n)
{
    size_t         len;
    const uint8_t  *p, *end;

    *n = 0;
    end = text->data + text->len;

    if (text->len == 0) {
        return 0;
    }

    for (p = text->data; p < end && *p != '\n' && *p != ';'; /* void */ ) {

        if (*p == ' ') {
            p++;
            continue;
        }

        if (*p == '"' || *p == '\'') {
            len = strcspn((const char *) p + 1, *p == '"' ? "\"" : "'");
            words[(*n)++] = ed_str(p + 1, len);
            p += len + 2;
            continue;
        }

        len = strcspn((const char *) p, " ;\n");
        words[(*n)++] = ed_str(p, len);
        p += len;
    }

    p += (p < end);
    *text = ed_str(p, (size_t) (end - p));

    return 1;
}


static ed_rc_t
directive(run_t *s, ed_str_t *words, unsigned n)
{
    char     error[ED_MAX_ERROR];
    ed_rc_t  rc;

    if (ed_str_eq(words[0], ED_STR("editorial_opinion"))) {
        s->page.opinion = ED_OPINION_YES;
        return ED_OK;
    }

    if (!ed_policy_knows(words[0])) {
        return ED_OK;
    }

    watch(1);
    rc = ed_policy_set(&s->policy, words, n, read_template, s, error);
    watch(0);

    return rc;
}


static ed_rc_t
read_template(void *ctx, ed_arena_t *arena, ed_str_t path, ed_str_t *content,
    char *error)
{
    char      name[MAX_PATH];
    run_t    *s;
    ed_str_t  text;

    (void) error;

    s = ctx;
    (void) snprintf(name, sizeof(name), "%.*s", (int) path.len,
                    (const char *) path.data);

    watch(0);
    text = slurp(s->c->name, name);
    watch(1);

    *content = ed_arena_dup(arena, text);
    free((void *) (uintptr_t) text.data);

    return content->data != NULL ? ED_OK : ED_NOMEM;
}


static void
read_record(run_t *s)
{
    char     error[ED_MAX_ERROR];
    ed_rc_t  rc;

    if (s->r->step != NULL || s->c->record.data == NULL) {
        return;
    }

    watch(1);
    rc = ed_record_parse(s->arena, s->c->record, &s->record, error,
                         sizeof(error));
    watch(0);

    if (!failed(s, rc, "record")) {
        s->page.record = &s->record;
    }
}


static void
read_url(run_t *s)
{
    size_t    host;
    ed_str_t  url;

    url = s->c->url;

    if (url.len > 8) {
        host = strcspn((const char *) url.data + 8, "/") + 8;

        s->page.scheme = ED_STR("https");
        s->page.host = ed_str(url.data + 8, host - 8);
        s->page.uri = ed_str(url.data + host, url.len - host);
    }

    s->page.charset = s->c->charset;
    s->page.explain = 1;
    s->page.facts = 1;
}


/* A rewriter of the page, and a page to be kept. */

static ed_rewrite_t *
start(run_t *s)
{
    ed_rewrite_t  *rw;

    watch(1);
    rw = ed_rewrite_create(&s->policy, &s->page);
    watch(0);

    (void) failed(s, rw == NULL ? ED_NOMEM : ED_OK, "rewriter");

    return rw;
}


static void
furnish(run_t *s)
{
    size_t         at, len;
    unsigned       i;
    ed_rewrite_t  *rw;

    if (s->r->step != NULL) {
        return;
    }

    rw = start(s);
    if (rw == NULL) {
        return;
    }

    ed_build_init(&s->build, SIZE_MAX);

    for (i = 0, at = 0; i < CHUNKS; i++, at += len) {
        len = i + 1 < CHUNKS ? s->c->in.len / CHUNKS : s->c->in.len - at;
        feed(s, rw, s->c->in.data + at, len, i + 1 == CHUNKS, &s->build);
    }

    s->r->read = 1;
    s->r->skip = ed_rewrite_skip(rw);

    watch(1);
    s->r->explain = ed_rewrite_explain(rw);
    ed_build_record(&s->build, s->c->record);
    ed_build_finish(&s->build);
    watch(0);

    ed_rewrite_destroy(rw);

    if (!failed(s, s->build.rc, "build")) {
        copy(&s->r->body, s->build.body.data, s->build.body.len);
    }
}


/* A chunk in memory of its own, gone when its spans are read. */

static void
feed(run_t *s, ed_rewrite_t *rw, const uint8_t *bytes, size_t len, int last,
    ed_build_t *build)
{
    int               settled;
    size_t            i, n;
    uint8_t          *chunk;
    const ed_span_t  *spans;

    chunk = malloc(len + (len == 0));
    if (chunk == NULL) {
        abort();
    }

    memcpy(chunk, bytes, len);

    settled = ed_rewrite_settled(rw);

    watch(1);
    ed_rewrite_feed(rw, chunk, len, last, &spans, &n);

    if (!settled && ed_rewrite_settled(rw)) {
        ed_build_assets(build, ed_rewrite_assets(rw));
    }

    ed_build_spans(build, spans, n);
    watch(0);

    if (build == &s->build) {
        for (i = 0; i < n; i++) {
            note(s->r, &spans[i]);
        }
    }

    free(chunk);
}


static void
note(result_t *r, const ed_span_t *span)
{
    copy(&r->spans, &span->kind, sizeof(span->kind));
    copy(&r->spans, &span->feature, sizeof(span->feature));
    copy(&r->spans, &span->variants, sizeof(span->variants));
    copy(&r->spans, span->data, span->len);

    if (span->kind == ED_SPAN_SOURCE) {
        copy(&r->source, span->data, span->len);
    }
}


static void
keep(run_t *s)
{
    ed_rc_t      rc;
    ed_buf_t     headers;
    ed_stored_t  page;

    if (s->r->step != NULL) {
        return;
    }

    memset(&page, 0, sizeof(ed_stored_t));
    ed_buf_init(&headers, ED_MAX_HEAD);

    watch(1);
    rc = ed_stored_add_header(&headers, ED_STR("Link"), ED_STR("</a>; rel=b"));

    page.key = ED_STR("GET https://news.example/story");
    page.content_type = ED_STR("text/html");
    page.headers = ed_str(headers.data, headers.len);
    page.skip = s->r->skip;
    page.features = ed_record_features(s->page.record, s->arena);

    if (page.features.data == NULL) {
        rc = ED_NOMEM;
    }

    if (rc == ED_OK) {
        rc = ed_stored_encode(&page,
                              ed_buf_list(&s->build.parts, ed_part_t),
                              ed_buf_count(&s->build.parts, ed_part_t),
                              &s->r->head);
    }

    if (rc == ED_OK) {
        rc = ed_stored_decode(s->r->head.data, s->r->head.len, 1, &s->stored);
    }

    if (rc == ED_OK && !ed_stored_verify(&s->stored, s->build.body.data,
                                         s->build.body.len))
    {
        rc = ED_INVALID;
    }

    watch(0);

    ed_buf_free(&headers);

    if (failed(s, rc, "head")) {
        s->r->head.len = 0;
    }
}


static void
compress(run_t *s)
{
    ed_rc_t        rc;
    ed_str_t       bytes;
    ed_coded_t     coded;
    ed_deflate_t  *job;

    if (s->r->step != NULL) {
        return;
    }

    watch(1);

    rc = ED_NOMEM;
    job = ed_deflate_create(&s->stored, 6);

    if (job != NULL) {
        rc = ed_deflate_step(job, s->build.body.data, s->build.body.len);
    }

    watch(0);

    if (rc == ED_DONE) {
        bytes = ed_deflate_result(job);
        copy(&s->r->coded, bytes.data, bytes.len);

        rc = ed_coded_decode(bytes.data, bytes.len, &s->stored, 1, &coded);

        if (rc == ED_OK && !ed_coded_verify(&coded, &s->stored, bytes.data)) {
            rc = ED_INVALID;
        }
    }

    (void) failed(s, rc, "deflate");
    ed_deflate_destroy(job);
}


/* Another policy, say: from the source parts of the page that is kept. */

static void
plan_again(run_t *s)
{
    unsigned       i;
    ed_part_t      part;
    ed_build_t     build;
    ed_rewrite_t  *rw;

    if (s->r->step != NULL) {
        return;
    }

    rw = start(s);
    if (rw == NULL) {
        return;
    }

    memset(&build, 0, sizeof(ed_build_t));
    ed_build_init(&build, SIZE_MAX);

    for (i = 0; i < s->stored.nparts; i++) {
        ed_stored_part(&s->stored, i, &part);

        if (part.kind == ED_SPAN_SOURCE) {
            feed(s, rw, s->build.body.data + part.offset, part.len, 0,
                 &build);
        }
    }

    feed(s, rw, (const uint8_t *) "", 0, 1, &build);
    ed_build_record(&build, s->c->record);
    ed_build_finish(&build);

    if (ed_rewrite_skip(rw) == ED_SKIP_MEMORY) {
        (void) failed(s, ED_NOMEM, "plan");

    } else if (!failed(s, build.rc, "second build")) {
        copy(&s->r->again, build.body.data, build.body.len);
    }

    ed_build_free(&build);
    ed_rewrite_destroy(rw);
}


static void
copy(ed_buf_t *buf, const void *bytes, size_t len)
{
    if (ed_buf_append(buf, bytes, len) != ED_OK) {
        abort();
    }
}


static int
failed(run_t *s, ed_rc_t rc, const char *step)
{
    if (rc == ED_OK) {
        return 0;
    }

    s->r->rc = rc;
    s->r->step = step;

    return 1;
}


/* A file with a NUL behind it; data == NULL: there is none. */

static ed_str_t
slurp(const char *folder, const char *file)
{
    char      name[2 * MAX_PATH];
    FILE     *f;
    ed_buf_t  buf;
    uint8_t   bytes[4096];
    size_t    n;

    (void) snprintf(name, sizeof(name), "%s/%s/%s", data, folder, file);

    f = fopen(name, "rb");
    if (f == NULL) {
        return ED_STR_EMPTY;
    }

    ed_buf_init(&buf, SIZE_MAX);

    do {
        n = fread(bytes, 1, sizeof(bytes), f);
        copy(&buf, bytes, n);
    } while (n != 0);

    fclose(f);
    copy(&buf, "", 1);

    return ed_str(buf.data, buf.len - 1);
}


static void
watch(int on)
{
    memory.watched = (on != 0);
}


/* libxml2 prints that it has no memory. */

static void
quiet(void *ctx, const char *fmt, ...)
{
    (void) ctx;
    (void) fmt;
}


/* No allocator refuses what it has been given a moment ago. */

static int
is_there(size_t size)
{
    unsigned  i;

    for (i = 0; i < 2; i++) {
        if (memory.back[i] >= size && memory.back[i] - size < 16) {
            memory.back[i] = 0;
            return 1;
        }
    }

    memory.back[0] = 0;
    memory.back[1] = 0;

    return 0;
}


static void
give_back(void *p)
{
    if (p != NULL) {
        memory.back[1] = memory.back[0];
        memory.back[0] = malloc_usable_size(p);
    }
}


static int
refuse(size_t size)
{
    if (is_there(size)) {
        return 0;
    }

    if (!memory.watched || memory.left < 0) {
        return 0;
    }

    if (memory.left != 0) {
        memory.left--;
        return 0;
    }

    if (!memory.rest) {
        memory.left = -1;
    }

    memory.refused = 1;
    errno = ENOMEM;

    return 1;
}


void *
malloc(size_t size)
{
    return refuse(size) ? NULL : system_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    return refuse(n * size) ? NULL : system_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    return refuse(size) ? NULL : system_realloc(p, size);
}


#ifdef SANITIZED

/*
 * libxml2's XPath loses a node set of 16 bytes where it has no room to put
 * it.  Its frames have no names unless they are unwound slowly; to see what
 * else there is, with "leak:xmlXPathCompiledEval" here:
 *
 *     ASAN_OPTIONS=fast_unwind_on_malloc=0
 */

const char *
__lsan_default_suppressions(void)
{
    return "leak:libxml2.so\n";
}


static void
got(const volatile void *p, size_t size)
{
    (void) p;
    (void) size;
}


static void
given(const volatile void *p)
{
    give_back((void *) (uintptr_t) p);
}

#else

void
free(void *p)
{
    give_back(p);
    __libc_free(p);
}

#endif
