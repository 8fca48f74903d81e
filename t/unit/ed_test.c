
/*
 * The core's calls of malloc, calloc and realloc come here by the linker's
 * --wrap, so that this works under AddressSanitizer too; libxml2 and jansson
 * are told by their own means.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>
#include <libxml/xmlmemory.h>

#include "ed_test.h"


void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int ed_alloc_fails(void);
static char *ed_alloc_strdup(const char *s);
static void ed_test_print(int condition, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
static void ed_test_show(const char *what, ed_str_t s);


static unsigned  ed_test_n;
static unsigned  ed_test_failed;

static int     ed_alloc_armed;
static size_t  ed_alloc_asked;
static size_t  ed_alloc_at;


int
ed_test_line(int condition, const char *file, int line, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ed_test_print(condition, fmt, args);
    va_end(args);

    if (!condition) {
        (void) printf("#   at %s line %d\n", file, line);
    }

    return condition;
}


int
ed_test_same(ed_str_t got, ed_str_t expected, const char *file, int line,
    const char *fmt, ...)
{
    int      same;
    va_list  args;

    same = ed_str_eq(got, expected);

    va_start(args, fmt);
    ed_test_print(same, fmt, args);
    va_end(args);

    if (!same) {
        (void) printf("#   at %s line %d\n", file, line);
        ed_test_show("got     ", got);
        ed_test_show("expected", expected);
    }

    return same;
}


int
ed_test_done(void)
{
    (void) printf("1..%u\n", ed_test_n);

    return ed_test_failed != 0 || ed_test_n == 0;
}


void
ed_test_fail_at(size_t n)
{
    static int  told;

    if (!told) {
        told = 1;
        (void) xmlMemSetup(free, __wrap_malloc, __wrap_realloc,
                           ed_alloc_strdup);
        json_set_alloc_funcs(__wrap_malloc, free);
    }

    ed_alloc_armed = 1;
    ed_alloc_asked = 0;
    ed_alloc_at = n;
}


size_t
ed_test_fail_none(void)
{
    ed_alloc_armed = 0;

    return ed_alloc_asked;
}


void *
__wrap_malloc(size_t size)
{
    return ed_alloc_fails() ? NULL : __real_malloc(size);
}


void *
__wrap_calloc(size_t n, size_t size)
{
    return ed_alloc_fails() ? NULL : __real_calloc(n, size);
}


void *
__wrap_realloc(void *p, size_t size)
{
    return ed_alloc_fails() ? NULL : __real_realloc(p, size);
}


static int
ed_alloc_fails(void)
{
    return ed_alloc_armed && ed_alloc_asked++ == ed_alloc_at;
}


static char *
ed_alloc_strdup(const char *s)
{
    char    *copy;
    size_t   size;

    size = strlen(s) + 1;
    copy = __wrap_malloc(size);

    return copy != NULL ? memcpy(copy, s, size) : NULL;
}


static void
ed_test_print(int condition, const char *fmt, va_list args)
{
    ed_test_n++;
    ed_test_failed += !condition;

    (void) printf("%s %u - ", condition ? "ok" : "not ok", ed_test_n);
    (void) vprintf(fmt, args);
    (void) printf("\n");
}


/* On one line, whatever is in it. */

static void
ed_test_show(const char *what, ed_str_t s)
{
    size_t  i;

    (void) printf("#   %s ", what);

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < 0x20 || s.data[i] == '\\') {
            (void) printf("\\x%02x", s.data[i]);
        } else {
            (void) putchar(s.data[i]);
        }
    }

    (void) putchar('\n');
}
