
/*
 * core tree|rewrite|hostile TIMES CHUNK FILE
 *
 * The core alone on a page, TIMES times over, in pieces of CHUNK bytes:
 *
 *     tree      tokenizer and element stack, to the end of the page, for a
 *               consumer that does nothing
 *     rewrite   all of the core with nginx's default policy, as for a
 *               response that gets furniture
 *     hostile   the same, whatever becomes of the page
 *
 * Prints the nanoseconds of CPU that this took.  Under callgrind the difference
 * of two TIMES is what a page costs, without the start of the process.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ed_rewrite.h"


static void fail(const char *what);
static ed_str_t slurp(const char *name);
static long long cpu(void);
static void tree(ed_str_t page, size_t chunk);
static ed_rc_t tree_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t tree_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);
static void rewrite(const ed_policy_t *policy, ed_str_t page, size_t chunk,
    int hostile);


static const ed_tree_handler_t  handler = {
    tree_open,
    tree_close,
    NULL
};


int
main(int argc, char **argv)
{
    size_t         chunk;
    ed_str_t       page;
    long long      start;
    unsigned long  times;
    ed_arena_t    *arena;
    ed_policy_t    policy;

    if (argc != 5
        || (strcmp(argv[1], "tree") != 0 && strcmp(argv[1], "rewrite") != 0
            && strcmp(argv[1], "hostile") != 0))
    {
        fprintf(stderr, "usage: core tree|rewrite|hostile TIMES CHUNK FILE\n");
        return 2;
    }

    times = strtoul(argv[2], NULL, 10);
    chunk = strtoul(argv[3], NULL, 10);
    page = slurp(argv[4]);

    arena = ed_arena_create(1024 * 1024);
    if (arena == NULL || chunk == 0) {
        fail("memory or chunk");
    }

    ed_policy_init(&policy, arena);

    if (ed_policy_merge(&policy, NULL) != ED_OK) {
        fail("policy");
    }

    start = cpu();

    while (times-- > 0) {

        if (argv[1][0] == 't') {
            tree(page, chunk);

        } else {
            rewrite(&policy, page, chunk, argv[1][0] == 'h');
        }
    }

    printf("%lld\n", cpu() - start);

    ed_arena_destroy(arena);
    free((void *) (uintptr_t) page.data);

    return 0;
}


static void
fail(const char *what)
{
    fprintf(stderr, "core: %s\n", what);
    exit(1);
}


static ed_str_t
slurp(const char *name)
{
    FILE     *file;
    long      size;
    uint8_t  *data;

    file = fopen(name, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fail(name);
    }

    size = ftell(file);
    rewind(file);

    data = malloc((size_t) size);
    if (data == NULL || fread(data, 1, (size_t) size, file) != (size_t) size)
    {
        fail(name);
    }

    fclose(file);

    return ed_str(data, (size_t) size);
}


static long long
cpu(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);

    return (long long) now.tv_sec * 1000000000 + now.tv_nsec;
}


static void
tree(ed_str_t page, size_t chunk)
{
    size_t      pos, len;
    ed_tree_t  *t;

    t = ed_tree_create(&handler, NULL);
    if (t == NULL) {
        fail("no memory");
    }

    for (pos = 0; pos < page.len; pos += len) {
        len = page.len - pos < chunk ? page.len - pos : chunk;

        if (ed_tree_feed(t, page.data + pos, len) != ED_OK) {
            fail("the page is refused");
        }
    }

    if (ed_tree_finish(t) != ED_OK) {
        fail("the page is refused");
    }

    ed_tree_destroy(t);
}


static ed_rc_t
tree_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    (void) ctx;
    (void) el;
    (void) parent;
    (void) token;

    return ED_OK;
}


static ed_rc_t
tree_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    (void) ctx;
    (void) el;
    (void) end_tag_start;
    (void) end;
    (void) formatting;

    return ED_OK;
}


static void
rewrite(const ed_policy_t *policy, ed_str_t page, size_t chunk, int hostile)
{
    size_t            n, pos, len;
    ed_page_t         info;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    memset(&info, 0, sizeof(ed_page_t));

    info.scheme = ED_STR("http");
    info.host = ED_STR("bench");
    info.uri = ED_STR("/opinion/page.html");
    info.charset = ED_STR("utf-8");

    rw = ed_rewrite_create(policy, &info);
    if (rw == NULL) {
        fail("no memory");
    }

    /* what is settled goes through without the rewriter, as in nginx */

    for (pos = 0; pos < page.len && !ed_rewrite_settled(rw); pos += len) {
        len = page.len - pos < chunk ? page.len - pos : chunk;

        ed_rewrite_feed(rw, page.data + pos, len, pos + len == page.len,
                        &spans, &n);
    }

    if (!hostile && ed_rewrite_skip(rw) != ED_SKIP_NONE) {
        fail("no furniture");
    }

    ed_rewrite_destroy(rw);
}
