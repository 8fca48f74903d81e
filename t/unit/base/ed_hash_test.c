
/*
 * SipHash-2-4 against the vectors of its reference: the key 00 01 … 0f, and
 * as message the first bytes of 00 01 02 …
 */

#include "ed_hash.h"
#include "ed_test.h"


#define MAX  256


static const struct {
    size_t    len;
    uint64_t  hash;
} vectors[] = {
    { 0, 0x726fdb47dd0e0e31ULL },
    { 1, 0x74f839c593dc67fdULL },
    { 2, 0x0d6c8009d9a94f5aULL },
    { 3, 0x85676696d7fb7e2dULL },
    { 4, 0xcf2794e0277187b7ULL },
    { 5, 0x18765564cd99a68dULL },
    { 6, 0xcbc9466e58fee3ceULL },
    { 7, 0xab0200f58b01d137ULL },
    { 8, 0x93f5f5799a932462ULL },
    { 9, 0x9e0082df0ba9e4b0ULL },
    { 10, 0x7a5dbbc594ddb9f3ULL },
    { 11, 0xf4b32f46226bada7ULL },
    { 12, 0x751e8fbc860ee5fbULL },
    { 13, 0x14ea5627c0843d90ULL },
    { 14, 0xf723ca908e7af2eeULL },
    { 15, 0xa129ca6149be45e5ULL },
    { 16, 0x3f2acc7f57c29bdbULL },
    { 63, 0x958a324ceb064572ULL },
    { 64, 0xacd2c40b8502cad8ULL },
    { 255, 0xa9c169fec74db21aULL },
    { 256, 0x999d0526d2a7bfd7ULL }
};


int
main(void)
{
    size_t    i, j;
    uint8_t  *copy, key[ED_HASH_KEY], bytes[MAX];

    for (i = 0; i < MAX; i++) {
        bytes[i] = (uint8_t) i;
    }

    memcpy(key, bytes, sizeof(key));

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {

        /* in memory of its own, so that a look beyond it is found out, and
           at an odd address */

        copy = malloc(vectors[i].len + 1);
        memcpy(copy + 1, bytes, vectors[i].len);

        ok(ed_hash(key, copy + 1, vectors[i].len) == vectors[i].hash,
           "%d bytes", (int) vectors[i].len);

        free(copy);
    }

    for (i = 0, j = 0; i < sizeof(key); i++) {
        key[i] ^= 0x80;
        j += (ed_hash(key, bytes, 15) != 0xa129ca6149be45e5ULL);
        key[i] ^= 0x80;
    }

    is_num(j, ED_HASH_KEY, "every byte of the key matters");
    ok(ed_hash(key, NULL, 0) == vectors[0].hash, "nothing");

    return ed_test_done();
}
