
/*
 * The arena and the growing buffer: their maxima, alignment, refusals.
 */

#include "ed_arena.h"
#include "ed_buf.h"
#include "ed_test.h"


static void test_arena(void);
static void test_arena_limits(void);
static void test_buf(void);
static void test_refusals(void);


int
main(void)
{
    test_arena();
    test_arena_limits();
    test_buf();
    test_refusals();

    return ed_test_done();
}


static void
test_arena(void)
{
    int          aligned;
    size_t       i;
    uint8_t     *p;
    ed_str_t     s;
    ed_arena_t  *arena;

    arena = ed_arena_create(1 << 20);
    aligned = 1;

    for (i = 1; i < 3000; i += 7) {
        p = ed_arena_alloc(arena, i);
        memset(p, (int) i, i);
        aligned &= ((uintptr_t) p % _Alignof(max_align_t)) == 0;
    }

    ok(aligned, "every allocation is aligned");

    p = ed_arena_zalloc(arena, 100);
    ok(p[0] == 0 && memcmp(p, p + 1, 99) == 0, "zalloc gives zeroes");

    s = ed_arena_dup(arena, ED_STR("abc"));
    is_str(s, "abc", "dup copies");
    is_num(s.data[3], 0, "dup ends in a NUL");

    s = ed_arena_dup(arena, ED_STR_EMPTY);
    ok(s.data != NULL && s.len == 0, "dup of nothing is something");

    ed_arena_destroy(arena);
    ed_arena_destroy(NULL);
}


static void
test_arena_limits(void)
{
    ed_arena_t  *arena;

    arena = ed_arena_create(10000);

    ok(ed_arena_alloc(arena, SIZE_MAX) == NULL, "SIZE_MAX is refused");
    ok(ed_arena_alloc(arena, 10001) == NULL, "more than the maximum");
    ok(ed_arena_alloc(arena, 100) != NULL, "a little is given");
    ok(ed_arena_alloc(arena, 5000) != NULL, "a large one of its own");
    ok(ed_arena_alloc(arena, 5000) == NULL, "not beyond the maximum");
    ok(ed_arena_alloc(arena, 100) != NULL, "the first block still serves");
    ok(ed_arena_size(arena) <= 10000, "the size keeps below the maximum");

    ed_arena_destroy(arena);
}


static void
test_buf(void)
{
    ed_buf_t  buf;

    ed_buf_init(&buf, 1000);

    is_num(ed_buf_append(&buf, NULL, 0), ED_OK, "nothing is appended");
    ok(buf.data == NULL, "and nothing allocated");

    is_num(ed_buf_literal(&buf, "abc"), ED_OK, "a literal");
    is_num(ed_buf_byte(&buf, 'd'), ED_OK, "a byte");
    is_str(ed_str(buf.data, buf.len), "abcd", "both are there");

    ok(ed_buf_extend(&buf, 996) != NULL, "up to the maximum");
    is_num(ed_buf_byte(&buf, 'e'), ED_LIMIT_SIZE, "not beyond");
    ok(ed_buf_extend(&buf, SIZE_MAX) == NULL, "SIZE_MAX does not wrap");
    is_num(buf.len, 1000, "a refusal changes nothing");

    ed_buf_free(&buf);
    is_num(buf.len, 0, "free empties");
    is_num(ed_buf_byte(&buf, 'a'), ED_OK, "and it may be used again");
    ed_buf_free(&buf);
}


static void
test_refusals(void)
{
    ed_buf_t     buf;
    ed_arena_t  *arena;

    if (!ed_test_wrapped()) {
        ok(1, "allocation failures # SKIP not linked with --wrap");
        return;
    }

    ed_test_fail_after(0);
    ok(ed_arena_create(1000) == NULL, "no memory for an arena");

    ed_test_fail_after(1);
    arena = ed_arena_create(10000);
    ok(ed_arena_alloc(arena, 10) == NULL, "no memory for a block");
    ed_arena_destroy(arena);

    ed_test_fail_after(1);
    ed_buf_init(&buf, 10000);
    is_num(ed_buf_byte(&buf, 'a'), ED_OK, "a first byte");
    ok(ed_buf_extend(&buf, 1000) == NULL, "no memory to grow");
    is_num(buf.len, 1, "the buffer is as it was");

    ed_test_fail_after(-1);
    ed_buf_free(&buf);
}
