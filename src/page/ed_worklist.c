
/*
 * A line is emptied before it is written, and gets its stamp at the end: who
 * dies in between leaves an empty one.
 */

#include <stdlib.h>

#include "ed_hash.h"
#include "ed_worklist.h"


typedef struct {
    uint64_t           stamp;
    uint16_t           line;
} ed_worklist_age_t;


static uint64_t ed_worklist_hash(ed_str_t s);
static unsigned ed_worklist_find(const ed_worklist_t *list, uint64_t url);
static unsigned ed_worklist_oldest(const ed_worklist_t *list);
static void ed_worklist_facts(ed_worklist_line_t *line,
    const ed_facts_t *facts);
static void ed_worklist_strings(ed_str_t *strings,
    const ed_worklist_item_t *item, const ed_worklist_line_t *before);
static int ed_worklist_write(ed_worklist_line_t *line,
    const ed_str_t *strings);
static int ed_worklist_age_cmp(const void *a, const void *b);


void
ed_worklist_put(ed_worklist_t *list, const ed_worklist_item_t *item)
{
    uint64_t            url;
    unsigned            i;
    ed_str_t            strings[ED_WORKLIST_STRINGS];
    ed_worklist_line_t  before, line;

    url = ed_worklist_hash(item->url);
    i = ed_worklist_find(list, url);

    memset(&before, 0, sizeof(ed_worklist_line_t));

    if (i != ED_WORKLIST) {
        before = list->lines[i];

    } else {
        i = ed_worklist_oldest(list);
    }

    line = before;
    line.at = item->at;

    if (!item->unasked) {
        line.malformed = item->malformed;
    }

    if (item->refused != ED_REFUSED_KEEP) {
        line.refused = item->refused;
    }

    if (item->facts != NULL) {
        ed_worklist_facts(&line, item->facts);
    }

    ed_worklist_strings(strings, item, &before);

    if (!ed_worklist_write(&line, strings)) {
        return;
    }

    __atomic_store_n(&list->stamps[i], 0, __ATOMIC_SEQ_CST);

    list->lines[i] = line;
    list->urls[i] = url;
    list->ids[i] = ed_worklist_hash(item->id);

    __atomic_store_n(&list->stamps[i], ++list->last, __ATOMIC_SEQ_CST);
}


void
ed_worklist_malformed(ed_worklist_t *list, ed_str_t id, int malformed)
{
    uint64_t  hash;
    unsigned  i;

    hash = ed_worklist_hash(id);

    for (i = 0; i < ED_WORKLIST; i++) {
        if (list->ids[i] == hash && list->stamps[i] != 0) {
            list->lines[i].malformed = (malformed != 0);
        }
    }
}


unsigned
ed_worklist_order(const ed_worklist_t *list, uint16_t order[ED_WORKLIST])
{
    unsigned           i, n;
    ed_worklist_age_t  ages[ED_WORKLIST];

    n = 0;

    for (i = 0; i < ED_WORKLIST; i++) {
        if (list->stamps[i] != 0) {
            ages[n].stamp = list->stamps[i];
            ages[n++].line = (uint16_t) i;
        }
    }

    if (n != 0) {
        qsort(ages, n, sizeof(ed_worklist_age_t), ed_worklist_age_cmp);
    }

    for (i = 0; i < n; i++) {
        order[i] = ages[i].line;
    }

    return n;
}


int
ed_worklist_get(const ed_worklist_t *list, unsigned i,
    ed_worklist_line_t *line)
{
    if (list->stamps[i] == 0) {
        return 0;
    }

    *line = list->lines[i];

    return 1;
}


ed_str_t
ed_worklist_string(const ed_worklist_line_t *line, unsigned which)
{
    size_t  start;

    start = which != 0 ? line->ends[which - 1] : 0;

    return ed_str(line->text + start, line->ends[which] - start);
}


/* Who chooses URLs to make two articles one spoils his own list: the key need
   not be a secret. */

static uint64_t
ed_worklist_hash(ed_str_t s)
{
    static const uint8_t  key[ED_HASH_KEY] = "work list";

    return ed_hash(key, s.len != 0 ? (const void *) s.data : "", s.len);
}


static unsigned
ed_worklist_find(const ed_worklist_t *list, uint64_t url)
{
    unsigned  i;

    for (i = 0; i < ED_WORKLIST; i++) {
        if (list->urls[i] == url && list->stamps[i] != 0) {
            break;
        }
    }

    return i;
}


/* An empty line is older than any. */

static unsigned
ed_worklist_oldest(const ed_worklist_t *list)
{
    unsigned  i, oldest;

    oldest = 0;

    for (i = 1; i < ED_WORKLIST; i++) {
        if (list->stamps[i] < list->stamps[oldest]) {
            oldest = i;
        }
    }

    return oldest;
}


static void
ed_worklist_facts(ed_worklist_line_t *line, const ed_facts_t *facts)
{
    unsigned  i;

    for (i = 0; i < ED_FEATURES; i++) {
        line->pieces[i] = (uint16_t) (facts->pieces[i] < UINT16_MAX
                                      ? facts->pieces[i] : UINT16_MAX);
    }

    line->opinion = facts->opinion;
    line->no_disclaimer = facts->no_disclaimer;
    line->no_read_more = facts->no_read_more;
    line->ndrifted = (uint8_t) facts->ndrifted;
}


static void
ed_worklist_strings(ed_str_t *strings, const ed_worklist_item_t *item,
    const ed_worklist_line_t *before)
{
    unsigned           i;
    const ed_facts_t  *facts;

    facts = item->facts;

    strings[ED_WORKLIST_URL] = item->url;
    strings[ED_WORKLIST_ID] = item->id;
    strings[ED_WORKLIST_DESK] = item->desk;

    for (i = ED_WORKLIST_TITLE; i < ED_WORKLIST_STRINGS; i++) {
        strings[i] = ed_worklist_string(before, i);
    }

    if (facts == NULL) {
        return;
    }

    strings[ED_WORKLIST_TITLE] = facts->title;

    for (i = 0; i < ED_MAX_DRIFTED; i++) {
        strings[ED_WORKLIST_DRIFTED + i] = i < facts->ndrifted
                                           ? facts->drifted[i] : ED_STR_EMPTY;
    }
}


/* What there is no room for becomes empty, unless the line needs it: then it
   returns zero. */

static int
ed_worklist_write(ed_worklist_line_t *line, const ed_str_t *strings)
{
    size_t    end;
    unsigned  i;
    uint8_t   text[ED_WORKLIST_TEXT];

    end = 0;

    for (i = 0; i < ED_WORKLIST_STRINGS; i++) {

        if (strings[i].len <= ED_WORKLIST_TEXT - end) {

            if (strings[i].len != 0) {
                memcpy(text + end, strings[i].data, strings[i].len);
            }

            end += strings[i].len;

        } else if (i < ED_WORKLIST_TITLE) {
            return 0;
        }

        line->ends[i] = (uint16_t) end;
    }

    memcpy(line->text, text, end);

    return 1;
}


static int
ed_worklist_age_cmp(const void *a, const void *b)
{
    const ed_worklist_age_t  *x, *y;

    x = a;
    y = b;

    return x->stamp > y->stamp ? -1 : x->stamp < y->stamp;
}
