
/*
 * The memory of one page, or of one configuration: a list of blocks that is
 * only ever given back whole.  An arena has a maximum, so that no input can
 * make a page cost more than its owner allowed.
 *
 *     arena --> block --> block --> (NULL)
 *               [ used | free ]     the first block is the one being filled;
 *                                   a large request gets a block of its own
 */

#ifndef ED_ARENA_H
#define ED_ARENA_H


#include "ed_str.h"


typedef struct ed_arena_s  ed_arena_t;


/*
 * An arena that hands out at most max bytes, its own overhead included.
 * NULL: no memory.  Free with ed_arena_destroy(), which takes NULL too.
 */
ed_arena_t *ed_arena_create(size_t max);
void ed_arena_destroy(ed_arena_t *arena);

/*
 * size bytes aligned for any type, uninitialised (zeroed by ed_arena_zalloc),
 * living as long as the arena.  NULL: no memory, or the maximum is reached.
 */
void *ed_arena_alloc(ed_arena_t *arena, size_t size);
void *ed_arena_zalloc(ed_arena_t *arena, size_t size);

/*
 * A copy of s with a NUL after it (not counted in len).  On failure the
 * result has data == NULL.
 */
ed_str_t ed_arena_dup(ed_arena_t *arena, ed_str_t s);

/* Bytes taken from the system so far. */
size_t ed_arena_size(const ed_arena_t *arena);


#endif /* ED_ARENA_H */
