
/*
 * The opinion disclaimer: is it an opinion piece, where does the biography
 * end the article, and where does the disclaimer stand?  Whether the text
 * states it already is ed_stated's part.
 */

#include "ed_place.h"
#include "ed_plan.h"


#define ED_MAX_WRAPPERS  4             /* elements around a biography */
#define ED_MAX_AUTHORS   64
#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


typedef struct {
    ed_str_t           names[ED_MAX_AUTHORS];  /* folded, none is empty */
    unsigned           n;
} ed_authors_t;


static const ed_str_t  ed_bio_words[] = {
    ED_S("author"), ED_S("bio"), ED_S("biography"), ED_S("contributor"),
    { NULL, 0 }
};


static int ed_is_opinion(const ed_plan_t *plan);
static int ed_is_opinion_among(ed_str_t sections);
static int ed_is_opinion_section(ed_str_t section);
static int ed_is_true(ed_str_t value);
static void ed_biography_find(ed_plan_t *plan);
static int ed_is_biography(ed_plan_t *plan, const ed_authors_t *authors,
    uint32_t block);
static void ed_authors_find(ed_plan_t *plan, ed_authors_t *authors);
static void ed_disclaimer_variant(ed_plan_t *plan, unsigned v);
static uint32_t ed_disclaimer_place(const ed_plan_t *plan, int at_start);
static int ed_block_ends(const ed_plan_t *plan, uint32_t i);
static int ed_is_body(const ed_plan_t *plan, uint32_t i);
static int ed_is_rtl(ed_str_t text);
static int ed_stated_is_excluded(const ed_plan_t *plan);


void
ed_disclaimer_find(ed_plan_t *plan)
{
    if (plan->rc != ED_OK) {
        return;
    }

    plan->opinion = ed_is_opinion(plan);

    if (plan->opinion && plan->policy->features[ED_DISCLAIMER].n != 0) {
        ed_stated_find(plan);
    }

    if (plan->rc == ED_OK) {
        ed_biography_find(plan);
    }
}


ed_str_t
ed_disclaimer_text(const ed_plan_t *plan, unsigned v)
{
    const ed_record_t  *record;

    record = plan->page->record;

    if (record != NULL && record->disclaimer_text.len != 0) {
        return record->disclaimer_text;
    }

    return plan->policy->features[ED_DISCLAIMER].list[v - 1].text;
}


void
ed_disclaimer_plan(ed_plan_t *plan)
{
    unsigned              v;
    const ed_record_t    *record;
    const ed_variants_t  *variants;

    variants = &plan->policy->features[ED_DISCLAIMER];
    record = plan->page->record;

    if (plan->rc != ED_OK || variants->n == 0) {
        return;
    }

    if (!plan->opinion) {
        ed_plan_refused(plan, ED_DISCLAIMER, 0, ED_NO_INDEX,
                        "it is not an opinion piece");
        return;
    }

    if (plan->stated_before) {
        ed_plan_stays(plan, ED_DISCLAIMER, ED_NO_INDEX);

    } else if (plan->stated != NULL) {
        ed_plan_stays(plan, ED_DISCLAIMER, plan->stated->block);
    }

    if (record != NULL && record->disclaimer == ED_RECORD_FALSE) {
        ed_plan_refused(plan, ED_DISCLAIMER, 0, ED_NO_INDEX,
                        "the record says that there is none");
        return;
    }

    for (v = 1; v <= variants->n && plan->rc == ED_OK; v++) {
        ed_disclaimer_variant(plan, v);
    }
}


/* The record, else the configuration, else the page. */

static int
ed_is_opinion(const ed_plan_t *plan)
{
    unsigned            i;
    ed_str_t            value;
    const ed_record_t  *record;

    record = plan->page->record;

    if (record != NULL && record->opinion != ED_RECORD_UNSET) {
        return record->opinion == ED_RECORD_TRUE;
    }

    if (plan->page->opinion != ED_OPINION_AUTO) {
        return plan->page->opinion == ED_OPINION_YES;
    }

    for (i = 0; /* void */ ; i++) {
        value = ed_meta_value(plan->meta, ED_META_TYPE, i);

        if (value.data == NULL) {
            break;
        }

        if (ed_str_eq(value, ED_STR("OpinionNewsArticle"))
            || ed_str_eq(value,
                         ED_STR("http://schema.org/OpinionNewsArticle"))
            || ed_str_eq(value,
                         ED_STR("https://schema.org/OpinionNewsArticle")))
        {
            return 1;
        }
    }

    value = ed_meta_value(plan->meta, ED_META_OPINION, 0);

    if (value.data != NULL) {
        return ed_is_true(value);
    }

    for (i = 0; /* void */ ; i++) {
        value = ed_meta_value(plan->meta, ED_META_SECTION, i);

        if (value.data == NULL) {
            return 0;
        }

        if (ed_is_opinion_among(value)) {
            return 1;
        }
    }
}


/* Of several sections in one value ("News, Opinion") any will do. */

static int
ed_is_opinion_among(ed_str_t sections)
{
    size_t  i, start;

    for (i = 0; i <= sections.len; i++) {
        start = i;

        while (i < sections.len
               && memchr(",;|/&>", sections.data[i], 6) == NULL)
        {
            i++;
        }

        if (ed_is_opinion_section(ed_str_trim(ed_str(sections.data + start,
                                                     i - start))))
        {
            return 1;
        }
    }

    return 0;
}


static int
ed_is_opinion_section(ed_str_t section)
{
    size_t                i, n;
    const ed_str_t       *name;
    const ed_language_t  *languages;

    languages = ed_languages(&n);

    for (i = 0; i < n; i++) {
        for (name = languages[i].opinion; name->len != 0; name++) {
            if (ed_text_caseeq(section, *name)) {
                return 1;
            }
        }
    }

    return 0;
}


static int
ed_is_true(ed_str_t value)
{
    return value.len != 0
           && !ed_str_eq(value, ED_STR("0"))
           && !ed_str_caseeq(value, ED_STR("false"))
           && !ed_str_caseeq(value, ED_STR("no"));
}


/*
 * The last blocks of the text: behind it may stand the stated disclaimer,
 * READ MORE lines, and what a CMS hangs on.
 */

static void
ed_biography_find(ed_plan_t *plan)
{
    uint32_t       i;
    ed_block_t    *block;
    ed_authors_t   authors;

    ed_authors_find(plan, &authors);

    if (plan->rc != ED_OK) {
        return;
    }

    for (i = plan->blocks.nblocks; i-- != 0; /* void */ ) {
        block = &plan->blocks.blocks[i];

        if (plan->stated != NULL && plan->stated->block == i
            && plan->stated->whole)
        {
            continue;
        }

        if (ed_is_biography(plan, &authors, i)) {
            if (plan->biography == ED_NO_INDEX) {
                plan->biography = i;
            }

            if (block->paragraph != ED_NO_INDEX) {
                plan->blocks.paras[block->paragraph].kind =
                                                        ED_PARA_BIOGRAPHY;
            }

            continue;
        }

        if (plan->rc != ED_OK || plan->biography != ED_NO_INDEX
            || (ed_is_body(plan, i)
                && (block->paragraph == ED_NO_INDEX
                    || plan->blocks.paras[block->paragraph].kind
                       == ED_PARA_TEXT)))
        {
            return;
        }
    }
}


static int
ed_is_biography(ed_plan_t *plan, const ed_authors_t *authors, uint32_t i)
{
    unsigned     k;
    uint32_t     node;
    ed_text_t    text;
    ed_block_t  *block;

    block = &plan->blocks.blocks[i];

    /* the element that says so may be wrapped in others */

    for (node = block->node, k = 0;
         node != ED_NO_INDEX && k < ED_MAX_WRAPPERS;
         node = ed_block_only_child(plan->article, node), k++)
    {
        if (ed_block_says(plan->article, node, ed_bio_words)) {
            return 1;
        }
    }

    if (block->kind == ED_BLOCK_HEADING || authors->n == 0) {
        return 0;
    }

    plan->rc = ed_blocks_text(&plan->blocks, block->start_tag_end,
                              block->end_tag_start, ED_TEXT_FOLDED, &text);

    for (k = 0; k < authors->n && plan->rc == ED_OK; k++) {
        if (text.len > authors->names[k].len
            && ed_text_casestarts(&text, authors->names[k]))
        {
            return 1;
        }
    }

    return 0;
}


/* The authors' names as texts are compared. */

static void
ed_authors_find(ed_plan_t *plan, ed_authors_t *authors)
{
    unsigned   k;
    ed_str_t   author;
    ed_text_t  name;

    authors->n = 0;

    for (k = 0; k < ED_MAX_AUTHORS; k++) {
        author = ed_meta_value(plan->meta, ED_META_AUTHOR, k);

        if (author.data == NULL) {
            return;
        }

        plan->rc = ed_text_from_utf8(plan->arena, author, ED_TEXT_FOLDED,
                                     &name);
        if (plan->rc != ED_OK) {
            return;
        }

        if (name.len != 0) {
            authors->names[authors->n++] = ed_str(name.data, name.len);
        }
    }
}


static void
ed_disclaimer_variant(ed_plan_t *plan, unsigned v)
{
    uint32_t             at, gap;
    ed_piece_t           piece;
    const ed_para_t     *last;
    const ed_stated_t   *stated;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_DISCLAIMER].list[v - 1];
    stated = plan->stated;

    ed_plan_piece(plan, ED_DISCLAIMER, v, &piece);

    last = plan->blocks.nparas != 0
           ? &plan->blocks.paras[plan->blocks.nparas - 1] : NULL;
    gap = last != NULL ? ed_para_gap(last) : 0;

    if (plan->stated_before) {
        ed_plan_refused(plan, ED_DISCLAIMER, v, ED_NO_INDEX,
                        "the page states it before the article");
        return;
    }

    if (stated != NULL) {
        if (!stated->whole || ed_stated_is_excluded(plan)) {
            ed_plan_refused(plan, ED_DISCLAIMER, v, stated->block,
                            "the text states it already");
            return;
        }

        if (stated->para != ED_NO_INDEX) {
            gap = plan->blocks.paras[stated->para].before;
        }

        if (ed_plan_wrap(plan, v, &piece, stated->start, stated->end)) {
            ed_plan_placed(plan, ED_DISCLAIMER, v, stated->start,
                           "wrapped: the text states it here");
        }

        ed_plan_take(plan, ED_DISCLAIMER, gap, gap);
        return;
    }

    at = ed_disclaimer_place(plan, variant->at_start);

    if (ed_plan_is_beside(plan, at)) {
        ed_plan_refused(plan, ED_DISCLAIMER, v, ED_NO_INDEX,
                        "its place is beside an excluded block");
        return;
    }

    if (variant->at_start) {
        gap = 0;
    }

    piece.text = ed_disclaimer_text(plan, v);
    piece.rtl = piece.rtl && ed_is_rtl(piece.text);

    ed_plan_whole(plan, v, &piece, at);
    ed_plan_take(plan, ED_DISCLAIMER, gap, gap);
    ed_plan_placed(plan, ED_DISCLAIMER, v, at, variant->at_start
                       ? "opinion piece: before the first paragraph"
                   : plan->biography != ED_NO_INDEX
                       ? "opinion piece: after the author's biography"
                       : "opinion piece: after the last block of the text");
}


/*
 * At the start: before the first paragraph.  At the end: behind the
 * biography, else behind the last block of the text, what a CMS hangs on
 * (tags, share buttons, links) left behind it.
 */

static uint32_t
ed_disclaimer_place(const ed_plan_t *plan, int at_start)
{
    uint32_t             i;
    const ed_blocks_t   *blocks;

    blocks = &plan->blocks;

    if (at_start) {
        for (i = 0; i < blocks->nblocks; i++) {
            if (blocks->blocks[i].kind == ED_BLOCK_PARAGRAPH) {
                return blocks->blocks[i].start;
            }
        }

        return 0;
    }

    if (plan->biography != ED_NO_INDEX
        && ed_block_ends(plan, plan->biography))
    {
        return blocks->blocks[plan->biography].end;
    }

    for (i = blocks->nblocks; i-- != 0; /* void */ ) {
        if (ed_is_body(plan, i) && ed_block_ends(plan, i)) {
            return blocks->blocks[i].end;
        }
    }

    return blocks->nblocks != 0
           ? 0 : ed_article_node(plan->article, 0)->end_tag_start;
}


static int
ed_block_ends(const ed_plan_t *plan, uint32_t i)
{
    uint32_t  node;

    node = plan->blocks.blocks[i].node;

    return node == ED_NO_INDEX || ed_plan_ends(plan, node);
}


static int
ed_is_body(const ed_plan_t *plan, uint32_t i)
{
    uint32_t  k;

    switch (plan->blocks.blocks[i].kind) {

    case ED_BLOCK_ASIDE:
    case ED_BLOCK_MORE_ON:
    case ED_BLOCK_EMPTY:
        return 0;

    case ED_BLOCK_OTHER:
        break;

    default:
        return 1;
    }

    /* a container of paragraphs is text, all else is hung on */

    for (k = plan->blocks.nparas; k-- != 0; /* void */ ) {
        if (plan->blocks.paras[k].block <= i) {
            return plan->blocks.paras[k].block == i;
        }
    }

    return 0;
}


/* Has it a letter of Hebrew, Arabic or their like: U+0590 to U+07FF? */

static int
ed_is_rtl(ed_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] >= 0xd6 && text.data[i] <= 0xdf) {
            return 1;
        }
    }

    return 0;
}


/* An exclusion leaves a stated disclaimer as it is. */

static int
ed_stated_is_excluded(const ed_plan_t *plan)
{
    uint32_t  node;

    node = plan->stated->para != ED_NO_INDEX
           ? plan->blocks.paras[plan->stated->para].node
           : plan->blocks.blocks[plan->stated->block].node;

    return node != ED_NO_INDEX && ed_plan_is_excluded(plan, node);
}
