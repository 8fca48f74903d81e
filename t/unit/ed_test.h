
/*
 * TAP for the unit tests of the ed_* layer, one program a file:
 *
 *     int
 *     main(void)
 *     {
 *         ok(1 + 1 == 2, "adds");
 *         is_num(strlen("x"), 1, "counts %s", "one");
 *         is_str(ed_str("a", 1), "a", "same");
 *
 *         return ed_test_done();
 *     }
 *
 * Allocations of the code under test can be made to fail, from the nth on,
 * where the program is linked with
 *
 *     -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
 *
 * ed_test_wrapped() says whether it is.
 */

#ifndef ED_TEST_H
#define ED_TEST_H


#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ed_str.h"


#define ok(passed, ...)                                                       \
    ed_test_ok((passed) ? 1 : 0, __FILE__, __LINE__, __VA_ARGS__)

#define is_num(got, want, ...)                                                \
    ed_test_num((long) (got), (long) (want), __FILE__, __LINE__, __VA_ARGS__)

#define is_str(got, want, ...)                                                \
    ed_test_str(got, want, __FILE__, __LINE__, __VA_ARGS__)


static int   ed_test_count;
static int   ed_test_failed;
static long  ed_test_left = -1;        /* allocations that succeed; -1: all */
static int   ed_test_refused;          /* an allocation was made to fail */


void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t n, size_t size) __attribute__((weak));
void *__real_realloc(void *p, size_t size) __attribute__((weak));
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);


static inline int
ed_test_ok(int passed, const char *file, int line, const char *format, ...)
{
    va_list  args;

    ed_test_count++;
    printf("%sok %d - ", passed ? "" : "not ", ed_test_count);

    va_start(args, format);
    vprintf(format, args);
    va_end(args);

    printf("\n");

    if (!passed) {
        ed_test_failed++;
        printf("# %s:%d\n", file, line);
    }

    return passed;
}


static inline int
ed_test_num(long got, long want, const char *file, int line,
    const char *format, ...)
{
    char     name[256];
    va_list  args;

    va_start(args, format);
    vsnprintf(name, sizeof(name), format, args);
    va_end(args);

    if (!ed_test_ok(got == want, file, line, "%s", name)) {
        printf("# got %ld, want %ld\n", got, want);
        return 0;
    }

    return 1;
}


static inline int
ed_test_str(ed_str_t got, const char *want, const char *file, int line,
    const char *format, ...)
{
    char      name[256];
    va_list   args;
    ed_str_t  s;

    va_start(args, format);
    vsnprintf(name, sizeof(name), format, args);
    va_end(args);

    s = ed_str(want, strlen(want));

    if (!ed_test_ok(ed_str_eq(got, s), file, line, "%s", name)) {
        printf("# got  |%.*s|\n# want |%s|\n", (int) got.len, got.data, want);
        return 0;
    }

    return 1;
}


/* The plan, and what main() returns. */

static inline int
ed_test_done(void)
{
    printf("1..%d\n", ed_test_count);

    return ed_test_failed != 0;
}


static inline int
ed_test_wrapped(void)
{
    return __real_malloc != NULL;
}


/* From now on n allocations succeed and all later ones fail; -1: none do. */

static inline void
ed_test_fail_after(long n)
{
    ed_test_left = n;
    ed_test_refused = 0;
}


static inline int
ed_test_refuse(void)
{
    if (ed_test_left < 0) {
        return 0;
    }

    if (ed_test_left == 0) {
        ed_test_refused = 1;
        return 1;
    }

    ed_test_left--;

    return 0;
}


void *
__wrap_malloc(size_t size)
{
    return ed_test_refuse() ? NULL : __real_malloc(size);
}


void *
__wrap_calloc(size_t n, size_t size)
{
    return ed_test_refuse() ? NULL : __real_calloc(n, size);
}


void *
__wrap_realloc(void *p, size_t size)
{
    return ed_test_refuse() ? NULL : __real_realloc(p, size);
}


#endif /* ED_TEST_H */
