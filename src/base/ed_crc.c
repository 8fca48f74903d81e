
/*
 * A CRC is the rest of a division of polynomials over GF(2), so that bytes may
 * be taken away from the front of a message if something that leaves the same
 * rest is added further behind:
 *
 *     A x^128 + B  =  A (x^128 mod P) + B        modulo P
 *
 * With a processor that multiplies such polynomials, four lanes of 16 bytes
 * each are folded onto the 64 bytes behind them, until one lane is left.  What
 * zlib makes of these 16 bytes is the checksum of them all.
 *
 * The two halves of a lane are 64 bits apart and are multiplied by powers of
 * their own.  Bits are reflected in this CRC, for which a product is one place
 * too low, so that the powers stand here one place higher; and as the product
 * of 64 by 32 bits is 96 bits long, a fold over n bits takes x^(n+32) for the
 * half in front and x^(n-32) for the one behind.
 *
 * Joining two checksums is one such product, of the first by x^(8 * length of
 * the second), and its division by P.  The division is two more of them
 * (Barrett): by the quotient of x^64 and P, and by P.
 */

#include <zlib.h>

#include "ed_crc.h"

#ifdef __x86_64__
#include <immintrin.h>
#define ED_CRC_FOLDS
#endif


#ifdef ED_CRC_FOLDS

#define ED_CRC_LANE     16             /* bytes */
#define ED_CRC_BLOCK    (4 * ED_CRC_LANE)
#define ED_CRC_TARGET   __attribute__((target("pclmul,sse2")))

/* reflected, x^n mod P */
#define ED_CRC_X544     0x154442bd4    /* over four lanes: 512 + 32, */
#define ED_CRC_X480     0x1c6e41596    /*   512 - 32 */
#define ED_CRC_X160     0x1751997d0    /* over one: 128 + 32, */
#define ED_CRC_X96      0x0ccaa009e    /*   128 - 32 */

/* reflected, whole */
#define ED_CRC_P        0x1db710641
#define ED_CRC_X64_P    0x1f7011641    /* x^64 / P */


static uint32_t ed_crc_fold(uint32_t crc, const uint8_t *p, size_t len);
static uint32_t ed_crc_multiply(uint32_t a, uint32_t b);

#endif


uint32_t
ed_crc32(uint32_t crc, const void *data, size_t len)
{
    uInt            n;
    const uint8_t  *p;

    p = data;

#ifdef ED_CRC_FOLDS

    if (len >= ED_CRC_BLOCK && __builtin_cpu_supports("pclmul")) {
        crc = ed_crc_fold(crc, p, len);

        p += len - len % ED_CRC_LANE;
        len %= ED_CRC_LANE;
    }

#endif

    while (len != 0) {
        n = len < UINT32_MAX ? (uInt) len : UINT32_MAX;
        crc = (uint32_t) crc32(crc, p, n);

        p += n;
        len -= n;
    }

    return crc;
}


uint32_t
ed_crc32_operator(uint32_t len)
{
    return (uint32_t) crc32_combine_gen(len);
}


uint32_t
ed_crc32_join(uint32_t crc, uint32_t next, uint32_t op)
{
#ifdef ED_CRC_FOLDS

    if (__builtin_cpu_supports("pclmul")) {
        return ed_crc_multiply(crc, op) ^ next;
    }

#endif

    return (uint32_t) crc32_combine_op(crc, next, op);
}


#ifdef ED_CRC_FOLDS

ED_CRC_TARGET
static inline __m128i
ed_crc_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *) (const void *) p);
}


/* A lane, folded onto next. */

ED_CRC_TARGET
static inline __m128i
ed_crc_step(__m128i lane, __m128i powers, __m128i next)
{
    __m128i  front, behind;

    front = _mm_clmulepi64_si128(lane, powers, 0x00);
    behind = _mm_clmulepi64_si128(lane, powers, 0x11);

    return _mm_xor_si128(next, _mm_xor_si128(front, behind));
}


/* All whole lanes of len bytes, at least ED_CRC_BLOCK. */

ED_CRC_TARGET
static uint32_t
ed_crc_fold(uint32_t crc, const uint8_t *p, size_t len)
{
    uint8_t  rest[ED_CRC_LANE];
    __m128i  a, b, c, d, powers;

    a = ed_crc_load(p);
    b = ed_crc_load(p + ED_CRC_LANE);
    c = ed_crc_load(p + ED_CRC_LANE * 2);
    d = ed_crc_load(p + ED_CRC_LANE * 3);

    a = _mm_xor_si128(a, _mm_cvtsi32_si128((int) ~crc));
    powers = _mm_set_epi64x(ED_CRC_X480, ED_CRC_X544);

    p += ED_CRC_BLOCK;
    len -= ED_CRC_BLOCK;

    for ( /* void */ ; len >= ED_CRC_BLOCK; len -= ED_CRC_BLOCK) {
        a = ed_crc_step(a, powers, ed_crc_load(p));
        b = ed_crc_step(b, powers, ed_crc_load(p + ED_CRC_LANE));
        c = ed_crc_step(c, powers, ed_crc_load(p + ED_CRC_LANE * 2));
        d = ed_crc_step(d, powers, ed_crc_load(p + ED_CRC_LANE * 3));

        p += ED_CRC_BLOCK;
    }

    powers = _mm_set_epi64x(ED_CRC_X96, ED_CRC_X160);

    b = ed_crc_step(a, powers, b);
    c = ed_crc_step(b, powers, c);
    d = ed_crc_step(c, powers, d);

    for ( /* void */ ; len >= ED_CRC_LANE; len -= ED_CRC_LANE) {
        d = ed_crc_step(d, powers, ed_crc_load(p));
        p += ED_CRC_LANE;
    }

    _mm_storeu_si128((__m128i *) (void *) rest, d);

    /* the checksum so far is in there already: of all ones zlib makes zero */

    return (uint32_t) crc32(UINT32_MAX, rest, ED_CRC_LANE);
}


/* a b modulo P. */

ED_CRC_TARGET
static uint32_t
ed_crc_multiply(uint32_t a, uint32_t b)
{
    __m128i   product, quotient;
    uint64_t  n;

    product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(a),
                                   _mm_cvtsi64_si128(b), 0x00);

    n = (uint64_t) _mm_cvtsi128_si64(product) << 1;

    quotient = _mm_clmulepi64_si128(_mm_cvtsi64_si128((uint32_t) n),
                                    _mm_cvtsi64_si128(ED_CRC_X64_P), 0x00);

    product = _mm_clmulepi64_si128(
                  _mm_cvtsi64_si128((uint32_t) _mm_cvtsi128_si64(quotient)),
                  _mm_cvtsi64_si128(ED_CRC_P), 0x00);

    return (uint32_t) ((n ^ (uint64_t) _mm_cvtsi128_si64(product)) >> 32);
}

#endif
