
/*
 * Blocks: who has which, and their bytes.
 *
 * A chain gets one run of neighbours where there is one, looked for from
 * where the last one ended; else whatever is free, in the order in which it
 * lies.  The number of the block that follows is written when the chain is
 * made, and never again: a page is read without the mutex.
 */

#include "ed_zone_int.h"


static uint32_t ed_zone_run(const ed_zone_t *zone, uint32_t from, uint32_t n,
    uint32_t *len);
static uint32_t ed_zone_skip(const ed_zone_t *zone, uint32_t from,
    uint64_t flip);
static uint32_t ed_zone_append(ed_zone_t *zone, ed_zone_chain_t *chain,
    uint32_t last, uint32_t from, uint32_t n);
static uint32_t ed_zone_crc(const ed_zone_t *zone,
    const ed_zone_page_t *page, int coded, size_t whole);
static void ed_zone_mark(ed_zone_t *zone, uint32_t block);
static void ed_zone_unmark(ed_zone_t *zone, uint32_t block);
static int ed_zone_is_marked(const ed_zone_t *zone, uint32_t block);
static uint32_t ed_zone_seek(const ed_zone_t *zone,
    const ed_zone_chain_t *chain, size_t offset);


void
ed_zone_chain_take(ed_zone_t *zone, ed_zone_chain_t *chain, uint32_t n)
{
    uint32_t  from, len, last;

    from = ed_zone_run(zone, zone->cursor, n, &len);

    if (from == ED_ZONE_NONE) {
        from = ed_zone_run(zone, 0, n, &len);
    }

    if (from != ED_ZONE_NONE) {
        (void) ed_zone_append(zone, chain, ED_ZONE_NONE, from, n);
        zone->cursor = from + n;

        return;
    }

    last = ED_ZONE_NONE;
    from = 0;

    while (chain->nblocks < n) {
        from = ed_zone_run(zone, from, 1, &len);
        if (from == ED_ZONE_NONE) {
            break;
        }

        if (len > n - chain->nblocks) {
            len = n - chain->nblocks;
        }

        last = ed_zone_append(zone, chain, last, from, len);
        from += len;
    }
}


void
ed_zone_chain_give(ed_zone_t *zone, ed_zone_chain_t *chain)
{
    uint32_t  i, block;

    block = chain->first;

    for (i = 0; i < chain->nblocks; i++) {
        ed_zone_unmark(zone, block);
        block = *ed_zone_next(zone, block);
    }

    chain->first = ED_ZONE_NONE;
    chain->nblocks = 0;
    chain->len = 0;
}


int
ed_zone_chain_claim(ed_zone_t *zone, const ed_zone_chain_t *chain)
{
    uint32_t  i, n, block;

    if ((uint64_t) chain->nblocks * ED_ZONE_BLOCK < chain->len) {
        return 0;
    }

    block = chain->first;

    for (n = 0; n < chain->nblocks; n++) {
        if (block >= zone->at.nblocks || ed_zone_is_marked(zone, block)) {
            break;
        }

        ed_zone_mark(zone, block);
        block = *ed_zone_next(zone, block);
    }

    if (n == chain->nblocks && block == ED_ZONE_NONE) {
        return 1;
    }

    block = chain->first;

    for (i = 0; i < n; i++) {
        ed_zone_unmark(zone, block);
        block = *ed_zone_next(zone, block);
    }

    return 0;
}


void
ed_zone_write(ed_zone_t *zone, uint32_t entry, size_t offset,
    const uint8_t *data, size_t len)
{
    size_t                  at, n;
    uint32_t                block;
    ed_zone_entry_t        *e;
    const ed_zone_chain_t  *chain;

    if (entry >= zone->at.nentries) {
        return;
    }

    e = ed_zone_entry(zone, entry);
    chain = &e->page;

    if (len == 0 || offset > chain->len || len > chain->len - offset) {
        return;
    }

    e->page_crc = ed_crc32(e->page_crc, data, len);

    at = offset % ED_ZONE_BLOCK;

    for (block = ed_zone_seek(zone, chain, offset);
         block < zone->at.nblocks;
         block = *ed_zone_next(zone, block))
    {
        n = ED_ZONE_BLOCK - at;
        if (n > len) {
            n = len;
        }

        memcpy(ed_zone_block(zone, block) + at, data, n);

        data += n;
        len -= n;
        at = 0;

        if (len == 0) {
            break;
        }
    }
}


int
ed_zone_is_intact(const ed_zone_t *zone, const ed_zone_page_t *page)
{
    const ed_zone_entry_t  *e;

    if (page->entry >= zone->at.nentries) {
        return 0;
    }

    e = ed_zone_entry(zone, page->entry);

    return ed_zone_crc(zone, page, 0, page->len) == e->page_crc
           && (page->coded_len == 0
               || ed_zone_crc(zone, page, 1, page->coded_len)
                  == e->coded_crc);
}


static uint32_t
ed_zone_crc(const ed_zone_t *zone, const ed_zone_page_t *page, int coded,
    size_t whole)
{
    size_t          len, done;
    uint32_t        crc;
    const uint8_t  *p;

    crc = 0;

    for (done = 0; done < whole; done += len) {
        p = ed_zone_bytes(zone, page, coded, done, &len);

        if (p == NULL) {
            return ~crc;
        }

        crc = ed_crc32(crc, p, len);
    }

    return crc;
}


const uint8_t *
ed_zone_bytes(const ed_zone_t *zone, const ed_zone_page_t *page, int coded,
    size_t offset, size_t *len)
{
    size_t                  n, left;
    uint32_t                block, next, first;
    const ed_zone_entry_t  *e;
    const ed_zone_chain_t  *chain;

    *len = 0;

    if (page->entry >= zone->at.nentries) {
        return NULL;
    }

    e = ed_zone_entry(zone, page->entry);
    chain = coded ? &e->coded : &e->page;

    if (offset >= (coded ? page->coded_len : page->len)
        || offset >= chain->len)
    {
        return NULL;
    }

    left = chain->len - offset;

    first = ed_zone_seek(zone, chain, offset);
    if (first >= zone->at.nblocks) {
        return NULL;
    }

    n = ED_ZONE_BLOCK - offset % ED_ZONE_BLOCK;

    for (block = first; n < left; block = next) {
        next = *ed_zone_next(zone, block);
        if (next != block + 1 || next >= zone->at.nblocks) {
            break;
        }

        n += ED_ZONE_BLOCK;
    }

    *len = n < left ? n : left;

    return ed_zone_block(zone, first) + offset % ED_ZONE_BLOCK;
}


/* The block of a chain in which that byte lies. */

static uint32_t
ed_zone_seek(const ed_zone_t *zone, const ed_zone_chain_t *chain,
    size_t offset)
{
    size_t    i;
    uint32_t  block;

    block = chain->first;

    for (i = offset / ED_ZONE_BLOCK;
         i != 0 && block < zone->at.nblocks;
         i--)
    {
        block = *ed_zone_next(zone, block);
    }

    return block;
}


/* The first run of at least n free blocks that begins at from or later, and
   how long it is; ED_ZONE_NONE: there is none. */

static uint32_t
ed_zone_run(const ed_zone_t *zone, uint32_t from, uint32_t n, uint32_t *len)
{
    uint32_t  end;

    for ( ;; ) {
        from = ed_zone_skip(zone, from, UINT64_MAX);
        if (from >= zone->at.nblocks) {
            return ED_ZONE_NONE;
        }

        end = ed_zone_skip(zone, from, 0);

        if (end - from >= n) {
            *len = end - from;
            return from;
        }

        from = end;
    }
}


/* The first used block from there on; with all bits to flip, the first free
   one.  The number of blocks: there is none. */

static uint32_t
ed_zone_skip(const ed_zone_t *zone, uint32_t from, uint64_t flip)
{
    uint32_t         w, found;
    uint64_t         word;
    const uint64_t  *bitmap;

    if (from >= zone->at.nblocks) {
        return zone->at.nblocks;
    }

    bitmap = ed_zone_at(zone, uint64_t, bitmap);

    w = from / 64;
    word = (bitmap[w] ^ flip) & (UINT64_MAX << from % 64);

    while (word == 0) {
        if (++w == zone->at.nwords) {
            return zone->at.nblocks;
        }

        word = bitmap[w] ^ flip;
    }

    found = w * 64 + (uint32_t) __builtin_ctzll(word);

    return found < zone->at.nblocks ? found : zone->at.nblocks;
}


/* Appends n blocks that lie behind each other to a chain that ends in last;
   returns the block in which it ends then. */

static uint32_t
ed_zone_append(ed_zone_t *zone, ed_zone_chain_t *chain, uint32_t last,
    uint32_t from, uint32_t n)
{
    uint32_t  block;

    for (block = from; block < from + n; block++) {
        ed_zone_mark(zone, block);

        if (last == ED_ZONE_NONE) {
            chain->first = block;

        } else {
            *ed_zone_next(zone, last) = block;
        }

        last = block;
    }

    *ed_zone_next(zone, last) = ED_ZONE_NONE;
    chain->nblocks += n;

    return last;
}


static void
ed_zone_mark(ed_zone_t *zone, uint32_t block)
{
    uint64_t  *bitmap;

    bitmap = ed_zone_at(zone, uint64_t, bitmap);
    bitmap[block / 64] |= (uint64_t) 1 << block % 64;

    ed_zone_poke(zone->free, zone->free - 1);
}


static void
ed_zone_unmark(ed_zone_t *zone, uint32_t block)
{
    uint64_t  *bitmap;

    bitmap = ed_zone_at(zone, uint64_t, bitmap);
    bitmap[block / 64] &= ~((uint64_t) 1 << block % 64);

    ed_zone_poke(zone->free, zone->free + 1);
}


static int
ed_zone_is_marked(const ed_zone_t *zone, uint32_t block)
{
    const uint64_t  *bitmap;

    bitmap = ed_zone_at(zone, uint64_t, bitmap);

    return (bitmap[block / 64] >> block % 64) & 1;
}
