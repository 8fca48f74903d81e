
/*
 * Pull quotes: the text's own, which are wrapped where they stand, and the
 * record's, which are looked for in the paragraphs.  Either's sentence is
 * highlighted in the running text; the record's is set again as an aside
 * behind its paragraph.
 */

#include "ed_place.h"
#include "ed_quote.h"


static int ed_quote_is_wanted(const ed_plan_t *plan);
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
    if (plan->rc != ED_OK || !ed_quote_is_wanted(plan)) {
        return;
    }

    plan->quotes = ed_arena_zalloc(plan->arena, sizeof(ed_quotes_t));
    if (plan->quotes == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    plan->rc = ed_repeat_find(plan);
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

    for (i = 0; i < plan->quotes->n; i++) {
        ed_plan_stays(plan, ED_PULL_QUOTE,
                      plan->blocks.paras[plan->quotes->list[i].para].block);
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


void
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

    if (plan->ndrifted < ED_MAX_DRIFTED) {
        plan->drifted[plan->ndrifted++] = text;
    }

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

    if (ed_plan_wrap(plan, v, &piece, para->start, para->end)) {
        ed_plan_placed(plan, ED_PULL_QUOTE, v, para->start,
                       "wrapped: the paragraph repeats a sentence of another");
    }

    ed_plan_take(plan, ED_PULL_QUOTE, para->before, para->before);
}


/* Behind the paragraph of its sentence; returns 0 where it may not stand. */

static int
ed_quote_aside(ed_plan_t *plan, unsigned v, const ed_quote_t *quote)
{
    ed_text_t         text;
    ed_piece_t        piece;
    const ed_para_t  *source;

    if (plan->rc != ED_OK) {
        return 0;
    }

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
