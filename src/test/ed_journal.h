
/*
 * The last changes by editors, in shared memory, where there is no Redis to
 * keep them.
 *
 *     entries    [ 41 | 42 | 37 | 38 | 39 | 40 ]     in turn
 *                    |    first
 *     bytes      …entry 41 | entry 42 |   entry 38…  entry 40 |  |
 *
 * Texts lie one behind the other, and begin anew where the next does not fit
 * behind the last.  The oldest give way, be it for their bytes or their number.
 *
 * An entry's id is its time and a number, as those of Redis' streams are, and
 * rises from each to the next.  It is counted in when all of it is there: who
 * dies while writing leaves nothing behind.  Writers and readers keep each
 * other out by a lock of their own.  Memory begins zeroed.
 */

#ifndef ED_JOURNAL_H
#define ED_JOURNAL_H


#include "ed_buf.h"


#define ED_JOURNAL_BYTES    (256 * 1024)
#define ED_JOURNAL_ENTRIES  1000
#define ED_JOURNAL_TEXT     (32 * 1024)      /* of one entry, the most */


typedef struct {
    int64_t            at;             /* ms since the epoch */
    uint32_t           seq;            /* of those of one millisecond */
    uint32_t           from;           /* of its text in bytes */
    uint32_t           len;
} ed_journal_entry_t;


typedef struct {
    uint32_t           first;          /* the oldest */
    uint32_t           n;
    uint32_t           end;            /* of the youngest in bytes */
    ed_journal_entry_t last;           /* written, be it still there or not */
    ed_journal_entry_t entries[ED_JOURNAL_ENTRIES];
    uint8_t            bytes[ED_JOURNAL_BYTES];
} ed_journal_t;


/* Writes an entry.  ED_LIMIT_SIZE: it is too long. */
ed_rc_t ed_journal_add(ed_journal_t *journal, int64_t at, ed_str_t text);

/*
 * Copies at most count entries, the youngest first: those before that one
 * (NULL: from the last).  In the buffer each is its ed_journal_entry_t and its
 * text.  ED_NOMEM, ED_LIMIT_SIZE: some are there.
 */
ed_rc_t ed_journal_read(const ed_journal_t *journal,
    const ed_journal_entry_t *before, unsigned count, ed_buf_t *buf);

/* Takes one off what was read; 0: there is none left. */
int ed_journal_next(ed_str_t *left, ed_journal_entry_t *entry, ed_str_t *text);


#endif /* ED_JOURNAL_H */
