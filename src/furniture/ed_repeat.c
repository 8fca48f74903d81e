
/*
 * Which paragraphs repeat others?
 *
 * All sentences of the article stand in one list, in order, and are chained
 * by the hash of their folded text.  A paragraph is looked up by its first
 * sentence; then as many sentences as it has are compared as one string.
 *
 *     sentences   0 "The tide turned."  1 "Nobody left."  2 "The tide turned."
 *     paragraphs  0: [0, 2)                               1: [2, 3)
 *     slots       hash("The tide turned.") -> 0 -> 2
 *
 * Here paragraph 1 is the quote and paragraph 0 its source.  ed_sketch says
 * beforehand, and cheaply, which paragraphs surely repeat nothing and are
 * not repeated: those are not read.
 */

#include "ed_quote.h"
#include "ed_sketch.h"


#define ED_QUOTE_CHARS    30           /* a shorter paragraph is no quote */
#define ED_MAX_SENTENCES  262144       /* in one article */
#define ED_MAX_LOOKS      64           /* places compared for one paragraph */


typedef struct {
    uint64_t           hash;
    uint32_t           para;
    uint32_t           start;          /* in the paragraph's folded text */
    uint32_t           end;
    uint32_t           next;           /* of the same slot, or ED_NO_INDEX */
} ed_indexed_t;


typedef struct {
    ed_plan_t         *plan;
    ed_buf_t           sentences;      /* of ed_indexed_t */
    uint32_t          *first;          /* per paragraph and one behind: its
                                          first sentence */
    uint32_t          *slots;
    uint32_t           mask;
} ed_index_t;


/* What a paragraph repeats: its own text, as sentences. */
typedef struct {
    uint32_t           para;
    ed_str_t           text;
    size_t             sentences;
    uint64_t           hash;           /* of the first */
} ed_needle_t;


static ed_rc_t ed_index_make(ed_index_t *index, ed_plan_t *plan);
static ed_rc_t ed_index_paragraph(ed_index_t *index, uint32_t i);
static ed_rc_t ed_index_chain(ed_index_t *index);
static void ed_index_free(ed_index_t *index);
static void ed_repeat_tell(ed_index_t *index);
static int ed_repeat_needle(ed_index_t *index, uint32_t para, int bare,
    ed_needle_t *needle);
static uint32_t ed_repeat_look(ed_index_t *index, const ed_needle_t *needle,
    int source);
static int ed_repeat_at(ed_index_t *index, const ed_needle_t *needle,
    uint32_t place);
static uint64_t ed_repeat_hash(const uint8_t *p, size_t len);


ed_rc_t
ed_repeat_find(ed_plan_t *plan)
{
    int         may;
    ed_rc_t     rc;
    ed_index_t  index;

    rc = ed_sketch_repeats(&plan->blocks, &may);

    if (rc != ED_OK || !may) {
        return rc;
    }

    rc = ed_index_make(&index, plan);

    if (rc == ED_OK) {
        ed_repeat_tell(&index);
    }

    ed_index_free(&index);

    return rc;
}


static ed_rc_t
ed_index_make(ed_index_t *index, ed_plan_t *plan)
{
    size_t    n;
    ed_rc_t   rc;
    uint32_t  i;

    memset(index, 0, sizeof(ed_index_t));

    index->plan = plan;
    ed_buf_init(&index->sentences, ED_MAX_SENTENCES * sizeof(ed_indexed_t));

    n = plan->blocks.nparas;

    index->first = ed_arena_alloc(plan->arena, (n + 1) * sizeof(uint32_t));
    if (index->first == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        index->first[i] = (uint32_t) ed_buf_count(&index->sentences,
                                                  ed_indexed_t);

        if (plan->blocks.paras[i].kind == ED_PARA_TEXT
            && plan->blocks.paras[i].alike)
        {
            rc = ed_index_paragraph(index, i);
            if (rc != ED_OK) {
                return rc;
            }
        }
    }

    index->first[n] = (uint32_t) ed_buf_count(&index->sentences,
                                              ed_indexed_t);

    return ed_index_chain(index);
}


static ed_rc_t
ed_index_paragraph(ed_index_t *index, uint32_t i)
{
    size_t            k, n;
    ed_rc_t           rc;
    ed_plan_t        *plan;
    ed_indexed_t     *entry;
    ed_sentence_t    *sentences;
    const ed_text_t  *text;

    plan = index->plan;

    rc = ed_para_text(&plan->blocks, &plan->blocks.paras[i], &text);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_text_sentences(plan->arena, text, &sentences, &n);
    if (rc != ED_OK) {
        return rc;
    }

    for (k = 0; k < n; k++) {
        entry = ed_buf_extend(&index->sentences, sizeof(ed_indexed_t));
        if (entry == NULL) {
            return ED_NOMEM;
        }

        entry->para = i;
        entry->start = sentences[k].start;
        entry->end = sentences[k].end;
        entry->hash = ed_repeat_hash(text->data + entry->start,
                                    entry->end - entry->start);
    }

    return ED_OK;
}


static ed_rc_t
ed_index_chain(ed_index_t *index)
{
    uint32_t       i, n, size, slot;
    ed_indexed_t  *entry;

    n = (uint32_t) ed_buf_count(&index->sentences, ed_indexed_t);

    for (size = 16; size < n; size *= 2) { /* void */ }

    index->mask = size - 1;
    index->slots = ed_arena_alloc(index->plan->arena, size * sizeof(uint32_t));
    if (index->slots == NULL) {
        return ED_NOMEM;
    }

    memset(index->slots, 0xff, size * sizeof(uint32_t));

    /* from the end, so that each chain is in order of the text */

    for (i = n; i-- != 0; /* void */ ) {
        entry = ed_buf_at(&index->sentences, ed_indexed_t, i);
        slot = (uint32_t) entry->hash & index->mask;

        entry->next = index->slots[slot];
        index->slots[slot] = i;
    }

    return ED_OK;
}


static void
ed_index_free(ed_index_t *index)
{
    ed_buf_free(&index->sentences);
}


/*
 * First all quotes are told from the text, then each gets its source: the
 * first paragraph with these words that is no quote itself.
 */

static void
ed_repeat_tell(ed_index_t *index)
{
    int            bare;
    uint32_t       i, found, place;
    ed_plan_t     *plan;
    ed_para_t     *paras;
    ed_needle_t    needles[ED_MAX_QUOTES];

    plan = index->plan;
    paras = plan->blocks.paras;
    found = 0;

    for (i = 0; i < plan->blocks.nparas && found < ED_MAX_QUOTES; i++) {

        if (paras[i].kind != ED_PARA_TEXT || !paras[i].alike
            || ed_plan_is_excluded(plan, paras[i].node))
        {
            continue;
        }

        for (bare = 0; bare < 2; bare++) {
            if (ed_repeat_needle(index, i, bare, &needles[found])
                && ed_repeat_look(index, &needles[found], 0) != ED_NO_INDEX)
            {
                found++;
                break;
            }
        }
    }

    for (i = 0; i < found; i++) {
        paras[needles[i].para].kind = ED_PARA_QUOTE;
    }

    for (i = 0; i < found; i++) {
        place = ed_repeat_look(index, &needles[i], 1);

        if (place == ED_NO_INDEX) {
            paras[needles[i].para].kind = ED_PARA_TEXT;
            continue;
        }

        ed_quote_add(plan, needles[i].para,
             ed_buf_at(&index->sentences, ed_indexed_t, place)->para,
             ed_buf_at(&index->sentences, ed_indexed_t, place)->start,
             needles[i].text.len);
    }
}


/*
 * The text of a paragraph as something to look for; bare: without the
 * quotation marks around it.  Zero: it is too short, or has none.
 */

static int
ed_repeat_needle(ed_index_t *index, uint32_t para, int bare,
    ed_needle_t *needle)
{
    size_t            n;
    ed_plan_t        *plan;
    ed_text_t         slice;
    ed_sentence_t    *sentences;
    const ed_text_t  *text;

    plan = index->plan;
    text = &plan->blocks.paras[para].folded;
    slice = *text;

    if (bare) {
        if (slice.len < 2 || (slice.data[0] != '"' && slice.data[0] != '\'')
            || slice.data[slice.len - 1] != slice.data[0])
        {
            return 0;
        }

        slice.data++;
        slice.len -= 2;
    }

    if (slice.len < ED_QUOTE_CHARS
        || ed_text_chars(ed_str(slice.data, slice.len)) < ED_QUOTE_CHARS)
    {
        return 0;
    }

    needle->para = para;
    needle->text = ed_str(slice.data, slice.len);

    if (!bare) {
        needle->sentences = index->first[para + 1] - index->first[para];
        needle->hash = ed_buf_at(&index->sentences, ed_indexed_t,
                                 index->first[para])->hash;
        return 1;
    }

    slice.start = NULL;
    slice.end = NULL;

    if (ed_text_sentences(plan->arena, &slice, &sentences, &n) != ED_OK
        || n == 0)
    {
        return 0;
    }

    needle->sentences = n;
    needle->hash = ed_repeat_hash(slice.data + sentences[0].start,
                                 sentences[0].end - sentences[0].start);
    return 1;
}


/*
 * Where the needle stands in another paragraph: the sentence it begins with,
 * or ED_NO_INDEX.  source: only in a paragraph that is no quote itself; else
 * only in one that makes the needle's paragraph a quote.
 */

static uint32_t
ed_repeat_look(ed_index_t *index, const ed_needle_t *needle, int source)
{
    unsigned          looks;
    uint32_t          place;
    ed_para_t        *paras;
    const ed_para_t  *other;
    ed_indexed_t     *entry;

    paras = index->plan->blocks.paras;
    looks = 0;

    for (place = index->slots[(uint32_t) needle->hash & index->mask];
         place != ED_NO_INDEX && looks < ED_MAX_LOOKS;
         place = entry->next)
    {
        entry = ed_buf_at(&index->sentences, ed_indexed_t, place);

        if (entry->hash != needle->hash || entry->para == needle->para) {
            continue;
        }

        looks++;

        if (!ed_repeat_at(index, needle, place)) {
            continue;
        }

        other = &paras[entry->para];

        if (source ? other->kind == ED_PARA_TEXT
                   : other->folded.len > needle->text.len
                     || entry->para < needle->para)
        {
            return place;
        }
    }

    return ED_NO_INDEX;
}


static int
ed_repeat_at(ed_index_t *index, const ed_needle_t *needle,
    uint32_t place)
{
    uint32_t             last;
    const ed_text_t     *text;
    const ed_indexed_t  *entry, *end;

    entry = ed_buf_at(&index->sentences, ed_indexed_t, place);
    last = place + (uint32_t) needle->sentences - 1;

    if (last >= index->first[entry->para + 1]) {
        return 0;
    }

    end = ed_buf_at(&index->sentences, ed_indexed_t, last);
    text = &index->plan->blocks.paras[entry->para].folded;

    return ed_str_eq(needle->text, ed_str(text->data + entry->start,
                                          end->end - entry->start));
}


/* FNV-1a, 64 bits. */

static uint64_t
ed_repeat_hash(const uint8_t *p, size_t len)
{
    size_t    i;
    uint64_t  hash;

    hash = 0xcbf29ce484222325u;

    for (i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 0x100000001b3u;
    }

    return hash ^ (hash >> 32);
}
