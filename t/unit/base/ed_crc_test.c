
/*
 * CRC-32 against its published check value and against zlib's.
 */

#include <time.h>
#include <zlib.h>

#include "ed_crc.h"
#include "ed_test.h"


#define SIZE  (100 * 1024)


static void speed(const uint8_t *bytes);
static double now(void);


int
main(void)
{
    int        right;
    size_t     i, len, at;
    uint8_t   *bytes, *copy;
    uint32_t   random, crc, op;

    is_num(ed_crc32(0, "123456789", 9), 0xcbf43926, "the check value");
    is_num(ed_crc32(0, NULL, 0), 0, "of nothing");
    is_num(ed_crc32(0x12345678, NULL, 0), 0x12345678, "nothing behind it");

    bytes = malloc(SIZE);
    random = 1;

    for (i = 0; i < SIZE; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (uint8_t) (random >> 24);
    }

    right = 1;

    for (len = 0; len < 400; len++) {

        /* in memory of its own, so that a look beyond it is found out */

        for (at = 0; at < 17; at += 4) {
            copy = malloc(len + at + 1);
            memcpy(copy + at, bytes, len);

            for (crc = 0; crc < 3; crc++) {
                right &= ed_crc32(crc * UINT32_MAX / 2, copy + at, len)
                         == crc32(crc * UINT32_MAX / 2, copy + at,
                                  (uInt) len);
            }

            free(copy);
        }
    }

    ok(right, "zlib's, for every length, wherever it stands");

    right = 1;

    for (len = 0; len < SIZE; len += 997) {
        crc = ed_crc32(ed_crc32(0, bytes, len), bytes + len, SIZE - len);
        right &= crc == crc32(0, bytes, SIZE);
    }

    ok(right, "in two parts, whatever they are");

    right = 1;

    for (len = 0; len < SIZE; len += 997) {
        crc = ed_crc32_join(ed_crc32(0, bytes, len),
                            ed_crc32(0, bytes + len, SIZE - len),
                            ed_crc32_operator((uint32_t) (SIZE - len)));
        right &= crc == crc32(0, bytes, SIZE);
    }

    ok(right, "joined of two parts' checksums");

    right = 1;

    for (i = 0; i < 100000; i++) {
        random = random * 1664525 + 1013904223;
        op = ed_crc32_operator((uint32_t) i * 10007 % (1u << 30));
        right &= ed_crc32_join(random, crc, op)
                 == crc32_combine_op(random, crc, op);
    }

    ok(right, "joined like zlib does");

    crc = ed_crc32(0, bytes, 200);

    for (len = 0, at = 0; len < 200; len++) {
        bytes[len] ^= 0x10;
        at += ed_crc32(0, bytes, 200) == crc;
        bytes[len] ^= 0x10;
    }

    is_num(at, 0, "every byte matters");

    speed(bytes);

    free(bytes);

    return ed_test_done();
}


/* The fastest of many, since others run here too. */

static void
speed(const uint8_t *bytes)
{
    double    ours, zlibs, us;
    unsigned  i;
    uint32_t  crc;

    ours = 1e9;
    zlibs = 1e9;
    crc = 0;

    for (i = 0; i < 500; i++) {
        us = now();
        crc += ed_crc32(crc, bytes, SIZE);
        us = now() - us;
        ours = us < ours ? us : ours;

        us = now();
        crc += (uint32_t) crc32(crc, bytes, SIZE);
        us = now() - us;
        zlibs = us < zlibs ? us : zlibs;
    }

    printf("# 100 KB: %.1f us, by zlib %.1f us (%x)\n", ours, zlibs, crc);
}


/* Microseconds. */

static double
now(void)
{
    struct timespec  t;

    (void) clock_gettime(CLOCK_MONOTONIC, &t);

    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}
