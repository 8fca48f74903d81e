
/*
 * SipHash-2-4: two rounds for each word of eight bytes, four at the end.  The
 * last word holds the bytes that are left, and the length modulo 256 in its
 * highest byte.
 */

#include "ed_hash.h"
#include "ed_le.h"


typedef struct {
    uint64_t  v0;
    uint64_t  v1;
    uint64_t  v2;
    uint64_t  v3;
} ed_sip_t;


static inline void ed_sip_round(ed_sip_t *s);
static inline void ed_sip_word(ed_sip_t *s, uint64_t word);


uint64_t
ed_hash(const uint8_t *key, const void *data, size_t len)
{
    size_t          i;
    uint64_t        k0, k1, last;
    ed_sip_t        s;
    const uint8_t  *p;

    k0 = ed_get64(key);
    k1 = ed_get64(key + 8);

    /* "somepseudorandomlygeneratedbytes" */
    s.v0 = k0 ^ 0x736f6d6570736575ULL;
    s.v1 = k1 ^ 0x646f72616e646f6dULL;
    s.v2 = k0 ^ 0x6c7967656e657261ULL;
    s.v3 = k1 ^ 0x7465646279746573ULL;

    p = data;

    for (i = 0; i < len / 8; i++) {
        ed_sip_word(&s, ed_get64(p + i * 8));
    }

    last = (uint64_t) len << 56;

    for (i = 0; i < len % 8; i++) {
        last |= (uint64_t) p[len - len % 8 + i] << (8 * i);
    }

    ed_sip_word(&s, last);

    s.v2 ^= 0xff;

    for (i = 0; i < 4; i++) {
        ed_sip_round(&s);
    }

    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}


static inline void
ed_sip_word(ed_sip_t *s, uint64_t word)
{
    s->v3 ^= word;
    ed_sip_round(s);
    ed_sip_round(s);
    s->v0 ^= word;
}


static inline uint64_t
ed_sip_rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}


static inline void
ed_sip_round(ed_sip_t *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = ed_sip_rotate(s->v1, 13) ^ s->v0;
    s->v3 = ed_sip_rotate(s->v3, 16) ^ s->v2;
    s->v0 = ed_sip_rotate(s->v0, 32);

    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = ed_sip_rotate(s->v1, 17) ^ s->v2;
    s->v3 = ed_sip_rotate(s->v3, 21) ^ s->v0;
    s->v2 = ed_sip_rotate(s->v2, 32);
}
