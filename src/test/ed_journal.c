
#include "ed_journal.h"


static void ed_journal_make_room(ed_journal_t *journal, uint32_t from,
    uint32_t len);
static const ed_journal_entry_t *ed_journal_at(const ed_journal_t *journal,
    unsigned i);
static int ed_journal_is_before(const ed_journal_entry_t *a,
    const ed_journal_entry_t *b);


ed_rc_t
ed_journal_add(ed_journal_t *journal, int64_t at, ed_str_t text)
{
    uint32_t            from;
    ed_journal_entry_t  entry;

    if (text.len > ED_JOURNAL_TEXT) {
        return ED_LIMIT_SIZE;
    }

    from = journal->end;

    if (from + text.len > ED_JOURNAL_BYTES) {
        from = 0;
    }

    ed_journal_make_room(journal, from, (uint32_t) text.len);

    entry.at = at;
    entry.seq = 0;
    entry.from = from;
    entry.len = (uint32_t) text.len;

    if (at <= journal->last.at) {
        entry.at = journal->last.at;
        entry.seq = journal->last.seq + 1;
    }

    if (text.len != 0) {
        memcpy(journal->bytes + from, text.data, text.len);
    }

    journal->entries[(journal->first + journal->n) % ED_JOURNAL_ENTRIES]
        = entry;
    journal->last = entry;
    journal->end = from + entry.len;

    __atomic_store_n(&journal->n, journal->n + 1, __ATOMIC_RELEASE);

    return ED_OK;
}


ed_rc_t
ed_journal_read(const ed_journal_t *journal, const ed_journal_entry_t *before,
    unsigned count, ed_buf_t *buf)
{
    ed_rc_t                    rc;
    unsigned                   i;
    const ed_journal_entry_t  *entry;

    rc = ED_OK;

    for (i = journal->n; i > 0 && count > 0 && rc == ED_OK; i--) {
        entry = ed_journal_at(journal, i - 1);

        if (before != NULL && !ed_journal_is_before(entry, before)) {
            continue;
        }

        rc = ed_buf_append(buf, entry, sizeof(ed_journal_entry_t));

        if (rc == ED_OK) {
            rc = ed_buf_append(buf, journal->bytes + entry->from, entry->len);
        }

        count--;
    }

    return rc;
}


int
ed_journal_next(ed_str_t *left, ed_journal_entry_t *entry, ed_str_t *text)
{
    size_t  size;

    size = sizeof(ed_journal_entry_t);

    if (left->len < size) {
        return 0;
    }

    memcpy(entry, left->data, size);

    if (left->len - size < entry->len) {
        return 0;
    }

    *text = ed_str(left->data + size, entry->len);
    *left = ed_str(left->data + size + entry->len,
                   left->len - size - entry->len);

    return 1;
}


/* The oldest are those behind the end, and, where it begins anew, those at the
   beginning behind them. */

static void
ed_journal_make_room(ed_journal_t *journal, uint32_t from, uint32_t len)
{
    int                        is_behind, is_there;
    const ed_journal_entry_t  *oldest;

    while (journal->n != 0) {
        oldest = ed_journal_at(journal, 0);

        is_behind = (from < journal->end && oldest->from >= journal->end);
        is_there = (oldest->from < from + len
                    && oldest->from + oldest->len > from);

        if (journal->n < ED_JOURNAL_ENTRIES && !is_behind && !is_there) {
            return;
        }

        journal->first = (journal->first + 1) % ED_JOURNAL_ENTRIES;
        journal->n--;
    }
}


static const ed_journal_entry_t *
ed_journal_at(const ed_journal_t *journal, unsigned i)
{
    return &journal->entries[(journal->first + i) % ED_JOURNAL_ENTRIES];
}


static int
ed_journal_is_before(const ed_journal_entry_t *a, const ed_journal_entry_t *b)
{
    return a->at < b->at || (a->at == b->at && a->seq < b->seq);
}
