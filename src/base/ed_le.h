
/*
 * Integers as they stand in kept bytes: little-endian, wherever they stand.
 * Compilers make one load or store of each.
 */

#ifndef ED_LE_H
#define ED_LE_H


#include <stdint.h>


static inline uint16_t
ed_get16(const uint8_t *p)
{
    return (uint16_t) (p[0] | p[1] << 8);
}


static inline uint32_t
ed_get32(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8
           | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}


static inline uint64_t
ed_get64(const uint8_t *p)
{
    return ed_get32(p) | (uint64_t) ed_get32(p + 4) << 32;
}


static inline void
ed_put16(uint8_t *p, uint16_t n)
{
    p[0] = (uint8_t) n;
    p[1] = (uint8_t) (n >> 8);
}


static inline void
ed_put32(uint8_t *p, uint32_t n)
{
    ed_put16(p, (uint16_t) n);
    ed_put16(p + 2, (uint16_t) (n >> 16));
}


static inline void
ed_put64(uint8_t *p, uint64_t n)
{
    ed_put32(p, (uint32_t) n);
    ed_put32(p + 4, (uint32_t) (n >> 32));
}


#endif /* ED_LE_H */
