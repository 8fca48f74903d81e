
#include <stdlib.h>

#include "ed_arena.h"


#define ED_ARENA_BLOCK  4096
#define ED_ARENA_ALIGN  (sizeof(max_align_t))


typedef struct ed_arena_block_s  ed_arena_block_t;

struct ed_arena_block_s {
    ed_arena_block_t  *next;
    size_t             used;        /* bytes, this header included */
    size_t             size;        /* bytes, this header included */
};


struct ed_arena_s {
    ed_arena_block_t  *blocks;      /* the one being filled comes first */
    size_t             size;        /* bytes taken from the system */
    size_t             max;
};


static size_t ed_arena_align(size_t size);
static ed_arena_block_t *ed_arena_block(ed_arena_t *arena, size_t size);


ed_arena_t *
ed_arena_create(size_t max)
{
    ed_arena_t  *arena;

    arena = malloc(sizeof(ed_arena_t));
    if (arena == NULL) {
        return NULL;
    }

    arena->blocks = NULL;
    arena->size = sizeof(ed_arena_t);
    arena->max = max;

    return arena;
}


void
ed_arena_destroy(ed_arena_t *arena)
{
    ed_arena_block_t  *block, *next;

    if (arena == NULL) {
        return;
    }

    for (block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }

    free(arena);
}


void *
ed_arena_alloc(ed_arena_t *arena, size_t size)
{
    uint8_t           *p;
    ed_arena_block_t  *block;

    if (size > arena->max) {
        return NULL;
    }

    size = ed_arena_align(size);
    block = arena->blocks;

    if (block == NULL || block->size - block->used < size) {
        block = ed_arena_block(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }

    p = (uint8_t *) block + block->used;
    block->used += size;

    return p;
}


void *
ed_arena_zalloc(ed_arena_t *arena, size_t size)
{
    void  *p;

    p = ed_arena_alloc(arena, size);
    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


ed_str_t
ed_arena_dup(ed_arena_t *arena, ed_str_t s)
{
    uint8_t  *p;

    p = ed_arena_alloc(arena, s.len + 1);
    if (p == NULL) {
        return ED_STR_EMPTY;
    }

    if (s.len != 0) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    return ed_str(p, s.len);
}


size_t
ed_arena_size(const ed_arena_t *arena)
{
    return arena->size;
}


static size_t
ed_arena_align(size_t size)
{
    return (size + ED_ARENA_ALIGN - 1) / ED_ARENA_ALIGN * ED_ARENA_ALIGN;
}


/*
 * A new block with room for size bytes.  One made for a large request goes
 * behind the first, so that the space left in the first is still used.
 */

static ed_arena_block_t *
ed_arena_block(ed_arena_t *arena, size_t size)
{
    int                large;
    size_t             header, total;
    ed_arena_block_t  *block;

    header = ed_arena_align(sizeof(ed_arena_block_t));
    large = (size > ED_ARENA_BLOCK / 4);
    total = large ? header + size : ED_ARENA_BLOCK;

    if (total > arena->max - arena->size || arena->size > arena->max) {
        return NULL;
    }

    block = malloc(total);
    if (block == NULL) {
        return NULL;
    }

    block->size = total;
    block->used = header;
    arena->size += total;

    if (large && arena->blocks != NULL) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;

    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }

    return block;
}
