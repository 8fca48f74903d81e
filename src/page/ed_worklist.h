
/*
 * The articles that were planned last, and what is wrong with them: a table
 * in memory that several processes share.  Nothing here takes a lock: the
 * caller has one, but for ed_worklist_init().
 *
 *     stamps    when each line was written, as a number that only grows; 0:
 *               the line is empty, or its writer has died over it
 *     lines     one an article; of a full table the oldest goes
 *
 * An article is found by the hash of its URL.  Its line is written anew each
 * time that it is planned, so that what has been mended is gone from it.
 */

#ifndef ED_WORKLIST_H
#define ED_WORKLIST_H


#include "ed_facts.h"


#define ED_WORKLIST       512          /* articles */
#define ED_WORKLIST_TEXT  2048         /* bytes of the strings of one */

#define ED_REFUSED_KEEP   UINT8_MAX    /* what is known of it holds still */


/* What a line says, its strings borrowed. */
typedef struct {
    ed_str_t           url;
    ed_str_t           id;             /* the article's */
    ed_str_t           desk;
    const ed_facts_t  *facts;          /* NULL: none; those that are known hold
                                          still */
    int64_t            at;             /* seconds since the epoch */
    unsigned           malformed:1;    /* its record; */
    unsigned           unasked:1;      /*   nobody has looked: what is known
                                            of that holds still */
    uint8_t            refused;        /* why it is not stored: a number of the
                                          caller's; 0: it is */
} ed_worklist_item_t;


typedef enum {
    ED_WORKLIST_URL = 0,
    ED_WORKLIST_ID,
    ED_WORKLIST_DESK,
    ED_WORKLIST_TITLE,
    ED_WORKLIST_DRIFTED,               /* the first; the others follow */
    ED_WORKLIST_STRINGS = ED_WORKLIST_DRIFTED + ED_MAX_DRIFTED
} ed_worklist_string_e;


typedef struct {
    int64_t            at;
    uint16_t           pieces[ED_FEATURES];
    uint8_t            opinion;
    uint8_t            no_disclaimer;
    uint8_t            no_read_more;
    uint8_t            ndrifted;
    uint8_t            malformed;
    uint8_t            refused;
    uint16_t           ends[ED_WORKLIST_STRINGS];  /* of each in the text */
    uint8_t            text[ED_WORKLIST_TEXT];
} ed_worklist_line_t;


/* Zeroed memory is an empty one. */
typedef struct {
    uint64_t           last;           /* stamp given */
    uint64_t           stamps[ED_WORKLIST];
    uint64_t           urls[ED_WORKLIST];  /* hashes, by the lines; */
    uint64_t           ids[ED_WORKLIST];   /*   likewise */
    ed_worklist_line_t lines[ED_WORKLIST];
} ed_worklist_t;


/* Writes an article's line.  One whose strings are too long together, even
   without its quotes, has none. */
void ed_worklist_put(ed_worklist_t *list, const ed_worklist_item_t *item);

/* Whether the record of that article can be read, where that is another than
   what its lines say.  O(lines). */
void ed_worklist_malformed(ed_worklist_t *list, ed_str_t id, int malformed);

/* The lines by age, the newest first: their numbers; returns how many. */
unsigned ed_worklist_order(const ed_worklist_t *list,
    uint16_t order[ED_WORKLIST]);

/* A copy of a line; zero: it is empty by now. */
int ed_worklist_get(const ed_worklist_t *list, unsigned i,
    ed_worklist_line_t *line);

/* A string of a copy. */
ed_str_t ed_worklist_string(const ed_worklist_line_t *line, unsigned which);


#endif /* ED_WORKLIST_H */
