
/*
 * What the fuzz targets share.  A target is one file with
 *
 *     LLVMFuzzerTestOneInput(data, size)   aborts where a property fails
 *
 * Built with -fsanitize=fuzzer and -DED_LIBFUZZER it is a fuzzer; otherwise
 * it gets a main() that takes files and runs each once, as TAP: the regression
 * test of what has been found.
 */

#ifndef ED_FUZZ_H
#define ED_FUZZ_H


#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ed_buf.h"


#define fuzz_check(holds, ...)                                                \
    ((holds) ? (void) 0 : fuzz_fail(__FILE__, __LINE__, __VA_ARGS__))


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static inline void fuzz_fail(const char *file, int line, const char *format,
    ...) __attribute__((noreturn, format(printf, 3, 4)));

static inline void
fuzz_fail(const char *file, int line, const char *format, ...)
{
    va_list  args;

    fprintf(stderr, "%s:%d: ", file, line);

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);

    fprintf(stderr, "\n");
    abort();
}


static inline void
fuzz_append(ed_buf_t *buf, const void *data, size_t len)
{
    fuzz_check(ed_buf_append(buf, data, len) == ED_OK, "no memory");
}


static inline int
fuzz_buf_eq(const ed_buf_t *a, const ed_buf_t *b)
{
    return ed_str_eq(ed_str(a->data, a->len), ed_str(b->data, b->len));
}


/*
 * Chunks: a copy of the next bytes in memory of its own, so that a look beyond
 * them is found out.  Where they are cut depends on the input's bytes alone.
 */
typedef struct {
    ed_str_t   left;
    uint64_t   random;         /* 0: one chunk */
    uint8_t   *chunk;
    size_t     len;
} fuzz_cuts_t;


static inline void
fuzz_cuts_init(fuzz_cuts_t *cuts, ed_str_t input, int whole)
{
    size_t  i;

    memset(cuts, 0, sizeof(fuzz_cuts_t));
    cuts->left = input;

    if (whole) {
        return;
    }

    cuts->random = 0xcbf29ce484222325ULL;

    for (i = 0; i < input.len; i++) {
        cuts->random = (cuts->random ^ input.data[i]) * 0x100000001b3ULL;
    }

    cuts->random |= 1;
}


static inline int
fuzz_cuts_next(fuzz_cuts_t *cuts)
{
    size_t  max;

    free(cuts->chunk);
    cuts->chunk = NULL;

    if (cuts->left.len == 0) {
        return 0;
    }

    cuts->len = cuts->left.len;

    if (cuts->random != 0) {
        cuts->random ^= cuts->random << 13;
        cuts->random ^= cuts->random >> 7;
        cuts->random ^= cuts->random << 17;

        max = (cuts->random & 0x700) != 0 ? 8 : 256;
        max = 1 + (cuts->random >> 32) % max;
        cuts->len = max < cuts->len ? max : cuts->len;
    }

    cuts->chunk = malloc(cuts->len);
    fuzz_check(cuts->chunk != NULL, "no memory");
    memcpy(cuts->chunk, cuts->left.data, cuts->len);

    cuts->left.data += cuts->len;
    cuts->left.len -= cuts->len;

    return 1;
}


/* Cuts the input's head off, up to the first such byte. */

static inline ed_str_t
fuzz_head(ed_str_t *input, uint8_t byte)
{
    ed_str_t        head;
    const uint8_t  *p;

    head = *input;
    p = input->len != 0 ? memchr(input->data, byte, input->len) : NULL;

    if (p == NULL) {
        *input = ED_STR_EMPTY;
        return head;
    }

    head.len = (size_t) (p - input->data);
    input->data += head.len + 1;
    input->len -= head.len + 1;

    return head;
}


#ifndef ED_LIBFUZZER

static inline void
fuzz_replay(const char *name)
{
    FILE     *file;
    size_t    n;
    uint8_t  *bytes, *copy;

    bytes = malloc(1 << 20);
    file = fopen(name, "rb");

    fuzz_check(bytes != NULL && file != NULL, "%s cannot be read", name);

    n = fread(bytes, 1, 1 << 20, file);
    fclose(file);

    copy = malloc(n + (n == 0));
    fuzz_check(copy != NULL, "no memory");
    memcpy(copy, bytes, n);
    free(bytes);

    (void) LLVMFuzzerTestOneInput(copy, n);

    free(copy);
}


int
main(int argc, char **argv)
{
    int          i;
    const char  *slash;

    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%d\n", argc - 1);

    for (i = 1; i < argc; i++) {
        fuzz_replay(argv[i]);

        slash = strrchr(argv[i], '/');
        printf("ok %d - %s\n", i, slash != NULL ? slash + 1 : argv[i]);
    }

    return 0;
}

#endif


#endif /* ED_FUZZ_H */
