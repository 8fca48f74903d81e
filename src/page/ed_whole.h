
/*
 * One edition of a stored page as one gzip stream (RFC 1952), for an edition
 * that is asked for so often that the bytes which the cuts between parts cost
 * (ed_deflate.h) are worth a copy.  By steps, too.
 */

#ifndef ED_WHOLE_H
#define ED_WHOLE_H


#include "ed_stored.h"


#define ED_WHOLE_KEY  (3 + ED_STORED_DIGEST + 4 + ED_EDITION_NAME)  /* bytes */


typedef struct ed_whole_s  ed_whole_t;


/*
 * Compresses an edition of page at a level of zlib.  The page's head must
 * outlive it.  NULL: no memory.  Free with ed_whole_destroy(), which takes
 * NULL too.
 */
ed_whole_t *ed_whole_create(const ed_stored_t *page,
    const ed_edition_t *edition, int level);
void ed_whole_destroy(ed_whole_t *whole);

/* Where in the body the bytes stand that it wants next; len 0: none. */
ed_piece_run_t ed_whole_wants(const ed_whole_t *whole);

/*
 * Takes the first len bytes of what it wants.  ED_OK: it wants more; ED_DONE:
 * that was all; ED_NOMEM.
 */
ed_rc_t ed_whole_step(ed_whole_t *whole, const uint8_t *data, size_t len);

/* The stream, once done; lives until ed_whole_destroy(). */
ed_str_t ed_whole_result(const ed_whole_t *whole);

/* What it takes of the page. */
const ed_taken_parts_t *ed_whole_taken(const ed_whole_t *whole);

/* A name for it that no other edition of no other page has, and no URL:
   ED_WHOLE_KEY bytes. */
void ed_whole_key(const ed_stored_t *page, const ed_edition_t *edition,
    uint8_t *key);


#endif /* ED_WHOLE_H */
