
/*
 * TAP for the unit tests, and allocations that fail on demand.
 *
 *     int
 *     main(void)
 *     {
 *         ed_test_ok(1 + 1 == 2, "sum of %d and %d", 1, 1);
 *
 *         return ed_test_done();
 *     }
 */

#ifndef ED_TEST_H
#define ED_TEST_H


#include <stddef.h>

#include "ed_str.h"


/* One TAP line; returns the condition.  A failure shows file and line. */
#define ed_test_ok(condition, ...)                                            \
    ed_test_line((condition) != 0, __FILE__, __LINE__, __VA_ARGS__)

/* The same of two strings, which a failure shows. */
#define ed_test_str(got, expected, ...)                                       \
    ed_test_same((got), (expected), __FILE__, __LINE__, __VA_ARGS__)

int ed_test_line(int condition, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int ed_test_same(ed_str_t got, ed_str_t expected, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The plan; what main() is to return. */
int ed_test_done(void);

/*
 * From now on allocation n (0 is the next one) fails, once; also those that
 * libxml2 and jansson make.  ed_test_fail_none() ends it and returns how many
 * allocations were asked for since.
 */
void ed_test_fail_at(size_t n);
size_t ed_test_fail_none(void);


#endif /* ED_TEST_H */
