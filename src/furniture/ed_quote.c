
/*
 * Pull quotes.
 *
 * Of the text: a paragraph that repeats whole sentences of another.  All
 * sentences of the article stand in one list, in order, and are chained by
 * the hash of their folded text.  A paragraph is looked up by its first
 * sentence; then as many sentences as it has are compared as one string.
 *
 *     sentences   0 "The tide turned."  1 "Nobody left."  2 "The tide turned."
 *     paragraphs  0: [0, 2)                               1: [2, 3)
 *     slots       hash("The tide turned.") -> 0 -> 2
 *
 * Here paragraph 1 is the quote and paragraph 0 its source.
 *
 * Of the record: a text that is looked for in the paragraphs.
 */

#include "ed_place.h"
#include "ed_plan.h"
#include "ed_sketch.h"


#define ED_QUOTE_CHARS    30           /* a shorter paragraph is no quote */
#define ED_MAX_QUOTES     64           /* on one page */
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


/* A quote and its source. */
typedef struct {
    uint32_t           para;           /* that repeats it; ED_NO_INDEX: the
                                          record asks for it */
    uint32_t           source;         /* paragraph */
    uint32_t           start;          /* of the quoted bytes, in the article */
    uint32_t           end;
    unsigned           again:1;        /* another quote has these words */
} ed_quote_t;


typedef struct ed_quotes_s  ed_quotes_t;

struct ed_quotes_s {
    ed_quote_t         list[2 * ED_MAX_QUOTES];
    unsigned           n;
};


static int ed_quote_is_wanted(const ed_plan_t *plan);
static ed_rc_t ed_index_make(ed_index_t *index, ed_plan_t *plan);
static ed_rc_t ed_index_paragraph(ed_index_t *index, uint32_t i);
static ed_rc_t ed_index_chain(ed_index_t *index);
static void ed_index_free(ed_index_t *index);
static void ed_quote_tell(ed_index_t *index);
static int ed_quote_needle(ed_index_t *index, uint32_t para, int bare,
    ed_needle_t *needle);
static uint32_t ed_quote_look(ed_index_t *index, const ed_needle_t *needle,
    int source);
static int ed_quote_repeats(ed_index_t *index, const ed_needle_t *needle,
    uint32_t place);
static uint64_t ed_quote_hash(const uint8_t *p, size_t len);
static void ed_quote_add(ed_plan_t *plan, uint32_t para, uint32_t source,
    size_t from, size_t len);
static void ed_quote_of_record(ed_plan_t *plan, ed_str_t text);
static void ed_quote_variant(ed_plan_t *plan, unsigned v);
static int ed_quote_one(ed_plan_t *plan, unsigned v, const ed_quote_t *quote,
    unsigned used);
static void ed_quote_highlight(ed_plan_t *plan, unsigned v,
    const ed_quote_t *quote);
static int ed_is_blank(const uint8_t *p, const uint8_t *end);
static void ed_quote_wrap(ed_plan_t *plan, unsigned v,
    const ed_quote_t *quote);
static int ed_quote_aside(ed_plan_t *plan, unsigned v,
    const ed_quote_t *quote);


/* Tells the paragraphs that repeat others. */

void
ed_quote_find(ed_plan_t *plan)
{
    int         may;
    ed_index_t  index;

    if (plan->rc != ED_OK || !ed_quote_is_wanted(plan)) {
        return;
    }

    plan->rc = ed_sketch_repeats(&plan->blocks, &may);

    if (plan->rc != ED_OK || !may) {
        return;
    }

    plan->quotes = ed_arena_zalloc(plan->arena, sizeof(ed_quotes_t));
    if (plan->quotes == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    plan->rc = ed_index_make(&index, plan);

    if (plan->rc == ED_OK) {
        ed_quote_tell(&index);
    }

    ed_index_free(&index);
}


void
ed_quote_plan(ed_plan_t *plan)
{
    unsigned              i;
    const ed_record_t    *record;
    const ed_variants_t  *variants;

    variants = &plan->policy->features[ED_PULL_QUOTE];
    record = plan->page->record;

    if (plan->rc != ED_OK || variants->n == 0) {
        return;
    }

    if (plan->quotes == NULL) {
        plan->quotes = ed_arena_zalloc(plan->arena, sizeof(ed_quotes_t));
        if (plan->quotes == NULL) {
            plan->rc = ED_NOMEM;
            return;
        }
    }

    for (i = 0; record != NULL && i < record->nquotes; i++) {
        ed_quote_of_record(plan, record->quotes[i]);
    }

    for (i = 1; i <= variants->n && plan->rc == ED_OK; i++) {
        ed_quote_variant(plan, i);
    }
}


static int
ed_quote_is_wanted(const ed_plan_t *plan)
{
    unsigned              i;
    const ed_variants_t  *variants;

    variants = &plan->policy->features[ED_PULL_QUOTE];

    for (i = 0; i < variants->n; i++) {
        if (variants->list[i].detect) {
            return 1;
        }
    }

    return 0;
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

        if (plan->blocks.paras[i].kind == ED_PARA_TEXT) {
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
        entry->hash = ed_quote_hash(text->data + entry->start,
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
ed_quote_tell(ed_index_t *index)
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

        if (paras[i].kind != ED_PARA_TEXT
            || ed_plan_is_excluded(plan, paras[i].node))
        {
            continue;
        }

        for (bare = 0; bare < 2; bare++) {
            if (ed_quote_needle(index, i, bare, &needles[found])
                && ed_quote_look(index, &needles[found], 0) != ED_NO_INDEX)
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
        place = ed_quote_look(index, &needles[i], 1);

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
ed_quote_needle(ed_index_t *index, uint32_t para, int bare,
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
    needle->hash = ed_quote_hash(slice.data + sentences[0].start,
                                 sentences[0].end - sentences[0].start);
    return 1;
}


/*
 * Where the needle stands in another paragraph: the sentence it begins with,
 * or ED_NO_INDEX.  source: only in a paragraph that is no quote itself; else
 * only in one that makes the needle's paragraph a quote.
 */

static uint32_t
ed_quote_look(ed_index_t *index, const ed_needle_t *needle, int source)
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

        if (!ed_quote_repeats(index, needle, place)) {
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
ed_quote_repeats(ed_index_t *index, const ed_needle_t *needle,
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
ed_quote_hash(const uint8_t *p, size_t len)
{
    size_t    i;
    uint64_t  hash;

    hash = 0xcbf29ce484222325u;

    for (i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 0x100000001b3u;
    }

    return hash ^ (hash >> 32);
}


/* The len bytes of the source's folded text at from are quoted. */

static void
ed_quote_add(ed_plan_t *plan, uint32_t para, uint32_t source, size_t from,
    size_t len)
{
    unsigned          i;
    ed_quote_t       *quote;
    ed_quotes_t      *quotes;
    const ed_text_t  *text;

    quotes = plan->quotes;
    quote = &quotes->list[quotes->n];
    text = &plan->blocks.paras[source].folded;

    quote->para = para;
    quote->source = source;
    quote->start = text->start[from];
    quote->end = text->end[from + len - 1];
    quote->again = 0;

    for (i = 0; i < quotes->n; i++) {
        if (quotes->list[i].start < quote->end
            && quote->start < quotes->list[i].end)
        {
            quote->again = 1;
            break;
        }
    }

    quotes->n++;
}


static void
ed_quote_of_record(ed_plan_t *plan, ed_str_t text)
{
    size_t            at;
    ed_rc_t           rc;
    uint32_t          i;
    ed_para_t        *para;
    ed_text_t         needle;
    const ed_text_t  *folded;

    if (plan->rc != ED_OK || plan->quotes->n == 2 * ED_MAX_QUOTES) {
        return;
    }

    rc = ed_text_from_utf8(plan->arena, text, ED_TEXT_FOLDED, &needle);

    for (i = 0; i < plan->blocks.nparas && rc == ED_OK; i++) {
        para = &plan->blocks.paras[i];

        if (para->kind != ED_PARA_TEXT
            || ed_plan_is_excluded(plan, para->node))
        {
            continue;
        }

        rc = ed_para_text(&plan->blocks, para, &folded);
        if (rc != ED_OK) {
            break;
        }

        at = ed_text_find(folded, ed_str(needle.data, needle.len));

        if (at < folded->len && needle.len != 0) {
            ed_quote_add(plan, ED_NO_INDEX, i, at, needle.len);
            return;
        }
    }

    plan->rc = rc;

    ed_plan_refused(plan, ED_PULL_QUOTE, 0, ED_NO_INDEX,
                    "the record's quote is not in the text: %.*s",
                    (int) (text.len < 160 ? text.len : 160),
                    (const char *) text.data);
}


/* First what the text repeats, which stays; then the record's, up to max. */

static void
ed_quote_variant(ed_plan_t *plan, unsigned v)
{
    unsigned             i, used;
    const ed_quotes_t   *quotes;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_PULL_QUOTE].list[v - 1];
    quotes = plan->quotes;
    used = 0;

    for (i = 0; i < quotes->n; i++) {
        if (quotes->list[i].para != ED_NO_INDEX && variant->detect) {
            used += ed_quote_one(plan, v, &quotes->list[i], used);
        }
    }

    for (i = 0; i < quotes->n; i++) {
        if (quotes->list[i].para == ED_NO_INDEX) {
            used += ed_quote_one(plan, v, &quotes->list[i], used);
        }
    }
}


/* One quote in one variant; returns how much of max it uses. */

static int
ed_quote_one(ed_plan_t *plan, unsigned v, const ed_quote_t *quote,
    unsigned used)
{
    int                  excluded, wrapped;
    uint32_t             block;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_PULL_QUOTE].list[v - 1];
    wrapped = quote->para != ED_NO_INDEX
              && (variant->mode & ED_MODE_ASIDE) != 0;
    block = plan->blocks.paras[quote->source].block;

    if (!wrapped && used >= variant->max) {
        ed_plan_refused(plan, ED_PULL_QUOTE, v, block,
                        "there are %u pull quotes already, max=%u", used,
                        variant->max);
        return 0;
    }

    if (quote->again && !wrapped) {
        ed_plan_refused(plan, ED_PULL_QUOTE, v, block,
                        "its words are part of another pull quote");
        return 0;
    }

    excluded = ed_plan_is_excluded(plan,
                                plan->blocks.paras[quote->source].node);

    if (excluded) {
        ed_plan_refused(plan, ED_PULL_QUOTE, v, block,
                        "its sentence stands in an excluded block");

    } else if ((variant->mode & ED_MODE_HIGHLIGHT) != 0 && !quote->again) {
        ed_quote_highlight(plan, v, quote);
    }

    if (wrapped) {
        ed_quote_wrap(plan, v, quote);
        return 1;
    }

    if (excluded) {
        return 0;
    }

    if ((variant->mode & ED_MODE_ASIDE) != 0) {
        return ed_quote_aside(plan, v, quote)
               || (variant->mode & ED_MODE_HIGHLIGHT) != 0;
    }

    return 1;
}


/* A mark for each run of text, so that marks never cross a tag. */

static void
ed_quote_highlight(ed_plan_t *plan, unsigned v, const ed_quote_t *quote)
{
    int               first;
    size_t            i;
    uint32_t          start, end;
    ed_piece_t        piece;
    const ed_run_t   *run;
    const ed_para_t  *source;
    const uint8_t    *data;

    source = &plan->blocks.paras[quote->source];
    data = plan->article->data;
    first = 1;

    ed_plan_piece(plan, ED_PULL_QUOTE, v, &piece);

    for (i = 0; i < source->nruns; i++) {
        run = &source->runs[i];
        start = run->start > quote->start ? run->start : quote->start;
        end = run->end < quote->end ? run->end : quote->end;

        if (start >= end || ed_is_blank(data + start, data + end)) {
            continue;
        }

        ed_plan_mark(plan, v, &piece, start, end, first);

        if (first) {
            ed_plan_placed(plan, ED_PULL_QUOTE, v, start,
                           quote->para == ED_NO_INDEX
                               ? "highlight: the record's quote"
                               : "highlight: the text repeats it as a pull "
                                 "quote");
        }

        first = 0;
    }

    ed_plan_take(plan, ED_PULL_QUOTE, ed_para_gap(source),
                 ed_para_gap(source));
}


static int
ed_is_blank(const uint8_t *p, const uint8_t *end)
{
    while (p < end && ed_is_space(*p)) {
        p++;
    }

    return p == end;
}


static void
ed_quote_wrap(ed_plan_t *plan, unsigned v, const ed_quote_t *quote)
{
    ed_piece_t        piece;
    const ed_para_t  *para;

    para = &plan->blocks.paras[quote->para];

    ed_plan_piece(plan, ED_PULL_QUOTE, v, &piece);
    ed_plan_wrap(plan, v, &piece, para->start, para->end);
    ed_plan_take(plan, ED_PULL_QUOTE, para->before, para->before);

    ed_plan_placed(plan, ED_PULL_QUOTE, v, para->start,
                   "wrapped: the paragraph repeats a sentence of another");
}


/* Behind the paragraph of its sentence; returns 0 where it may not stand. */

static int
ed_quote_aside(ed_plan_t *plan, unsigned v, const ed_quote_t *quote)
{
    ed_text_t         text;
    ed_piece_t        piece;
    const ed_para_t  *source;

    source = &plan->blocks.paras[quote->source];

    if (ed_plan_is_beside(plan, source->end)) {
        ed_plan_refused(plan, ED_PULL_QUOTE, v, source->block,
                        "its aside would stand beside an excluded block");
        return 0;
    }

    if (source->loose || !ed_plan_ends(plan, source->node)) {
        ed_plan_refused(plan, ED_PULL_QUOTE, v, source->block,
                        "its aside would stand in what the page left open");
        return 0;
    }

    plan->rc = ed_blocks_text(&plan->blocks, quote->start, quote->end,
                              ED_TEXT_SHOWN, &text);
    if (plan->rc != ED_OK) {
        return 0;
    }

    ed_plan_piece(plan, ED_PULL_QUOTE, v, &piece);
    piece.quote = ed_str(text.data, text.len);

    ed_plan_whole(plan, v, &piece, source->end);
    ed_plan_take(plan, ED_PULL_QUOTE, ed_para_gap(source),
                 ed_para_gap(source));

    ed_plan_placed(plan, ED_PULL_QUOTE, v, source->end,
                   "aside: behind the paragraph of its sentence");

    return 1;
}
