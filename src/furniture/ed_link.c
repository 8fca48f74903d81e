
/*
 * Read More links.
 *
 * Where they come from: the record, and lines that the CMS wrote plainly,
 * "READ MORE: <a href>".  Lines are wrapped where they stand.  The record's
 * links stand behind the paragraph they name, or where ed_place finds room.
 * Where neither gives a link, related articles do (ed_related.h).
 * A link to the page itself, or to what the article links already, says
 * nothing new and is dropped; URLs are compared as absolute ones, without
 * their fragments, http and https alike.
 */

#include <stdlib.h>

#include "ed_place.h"
#include "ed_plan.h"


#define ED_MAX_ENDING    256           /* bytes of a paragraph's end */
#define ED_MAX_HREFS     4096          /* links of an article looked at */


/* A link of the record that is to be shown. */
typedef struct {
    const ed_link_t   *link;
    ed_str_t           key;
    ed_para_t         *para;           /* its fixed place; NULL: none */
} ed_wanted_t;


typedef struct {
    ed_wanted_t        list[ED_MAX_RECORD_LINKS];
    unsigned           n;
} ed_links_t;


static void ed_links_make(ed_plan_t *plan, ed_links_t *links,
    const ed_link_t *list, unsigned n, unsigned max, const char *whose);
static int ed_links_has_line(const ed_plan_t *plan);
static void ed_links_related(ed_plan_t *plan, ed_links_t *links);
static const char *ed_links_drop(ed_plan_t *plan, const ed_links_t *links,
    const ed_link_t *link, ed_str_t key, const ed_str_t *hrefs,
    unsigned nhrefs);
static ed_str_t *ed_links_hrefs(ed_plan_t *plan, unsigned *n);
static int ed_links_is_self(ed_plan_t *plan, ed_str_t key);
static ed_para_t *ed_links_paragraph(ed_plan_t *plan, unsigned after);
static void ed_link_variant(ed_plan_t *plan, unsigned v,
    const ed_links_t *links);
static void ed_link_stays(ed_plan_t *plan);
static unsigned ed_link_lines(ed_plan_t *plan, unsigned v, ed_buf_t *taken);
static unsigned ed_link_fixed(ed_plan_t *plan, unsigned v,
    const ed_links_t *links, unsigned used, ed_buf_t *taken);
static void ed_link_floating(ed_plan_t *plan, unsigned v,
    const ed_links_t *links, unsigned room, ed_buf_t *taken);
static void ed_link_box(ed_plan_t *plan, unsigned v, const ed_link_t *link,
    uint32_t at);
static void ed_link_take(ed_plan_t *plan, ed_buf_t *taken, uint32_t gap);
static void ed_link_others(ed_plan_t *plan, ed_buf_t *taken);
static ed_gap_e *ed_link_gaps(ed_plan_t *plan, ed_para_t ***counted,
    uint32_t *n);
static ed_gap_e ed_link_gap(ed_plan_t *plan, const ed_para_t *para,
    int last, int before_last);
static int ed_link_ends_in_colon(ed_plan_t *plan, const ed_para_t *para);
static const ed_block_t *ed_link_next_block(const ed_plan_t *plan,
    const ed_para_t *para);
static void ed_link_refuse_gap(ed_plan_t *plan, unsigned v,
    const ed_para_t *para, ed_gap_e gap);
static int ed_taken_cmp(const void *a, const void *b);


void
ed_link_plan(ed_plan_t *plan)
{
    unsigned              v;
    ed_links_t            links;
    const ed_record_t    *record;
    const ed_variants_t  *variants;

    variants = &plan->policy->features[ED_READ_MORE];
    record = plan->page->record;

    if (plan->rc != ED_OK || variants->n == 0) {
        return;
    }

    links.n = 0;

    if (record != NULL) {
        ed_links_make(plan, &links, record->links, record->nlinks,
                      ED_MAX_RECORD_LINKS, "record's");
    }

    plan->no_link = (links.n == 0 && !ed_links_has_line(plan));

    if (plan->no_link && plan->policy->related != 0) {
        ed_links_related(plan, &links);
    }

    ed_link_stays(plan);

    for (v = 1; v <= variants->n && plan->rc == ED_OK; v++) {
        ed_link_variant(plan, v, &links);
    }
}


/* The links that say something new, up to max, with their fixed places. */

static void
ed_links_make(ed_plan_t *plan, ed_links_t *links, const ed_link_t *list,
    unsigned n, unsigned max, const char *whose)
{
    unsigned            i, nhrefs;
    ed_str_t           *hrefs, key;
    const char         *why;
    ed_wanted_t        *wanted;
    const ed_link_t    *link;

    if (n == 0) {
        return;
    }

    hrefs = ed_links_hrefs(plan, &nhrefs);

    for (i = 0; i < n && links->n < max && plan->rc == ED_OK; i++) {
        link = &list[i];
        key = ed_url_key(plan, link->url);
        why = ed_links_drop(plan, links, link, key, hrefs, nhrefs);

        if (why != NULL) {
            ed_plan_refused(plan, ED_READ_MORE, 0, ED_NO_INDEX,
                            "the %s link to %.*s %s", whose,
                            (int) link->url.len,
                            (const char *) link->url.data, why);
            continue;
        }

        wanted = &links->list[links->n];

        wanted->link = link;
        wanted->key = key;
        wanted->para = NULL;

        if (link->after != 0) {
            wanted->para = ed_links_paragraph(plan, link->after);

            if (wanted->para == NULL) {
                ed_plan_refused(plan, ED_READ_MORE, 0, ED_NO_INDEX,
                                "the %s link to %.*s names paragraph %u, "
                                "which the text does not have", whose,
                                (int) link->url.len,
                                (const char *) link->url.data, link->after);
                continue;
            }
        }

        links->n++;
    }
}


static int
ed_links_has_line(const ed_plan_t *plan)
{
    uint32_t  i;

    for (i = 0; i < plan->blocks.nparas; i++) {
        if (plan->blocks.paras[i].kind == ED_PARA_READ_MORE) {
            return 1;
        }
    }

    return 0;
}


/* As many as the variant with the most of them has room for. */

static void
ed_links_related(ed_plan_t *plan, ed_links_t *links)
{
    unsigned              i, max;
    ed_link_t            *list;
    const ed_related_t   *related;
    const ed_variants_t  *variants;

    variants = &plan->policy->features[ED_READ_MORE];
    max = 0;

    for (i = 0; i < variants->n; i++) {
        max = variants->list[i].max > max ? variants->list[i].max : max;
    }

    list = ed_arena_zalloc(plan->arena, (plan->page->nrelated + 1)
                                        * sizeof(ed_link_t));
    if (list == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    for (i = 0; i < plan->page->nrelated; i++) {
        related = &plan->page->related[i];

        list[i].url = related->url;
        list[i].title = related->title;
    }

    ed_links_make(plan, links, list, plan->page->nrelated,
                  max < ED_MAX_RECORD_LINKS ? max : ED_MAX_RECORD_LINKS,
                  "related");
}


/* Why a link is not shown; NULL: it is. */

static const char *
ed_links_drop(ed_plan_t *plan, const ed_links_t *links,
    const ed_link_t *link, ed_str_t key, const ed_str_t *hrefs,
    unsigned nhrefs)
{
    unsigned  i;

    if (link->refused) {
        return "is neither http, https nor relative";
    }

    if (ed_links_is_self(plan, key)) {
        return "is the page itself";
    }

    for (i = 0; i < nhrefs; i++) {
        if (ed_str_eq(hrefs[i], key)) {
            return "is in the article already";
        }
    }

    for (i = 0; i < links->n; i++) {
        if (ed_str_eq(links->list[i].key, key)) {
            return "is there twice";
        }
    }

    return NULL;
}


/* What the article links, as keys; NULL with *n == 0 where nothing. */

static ed_str_t *
ed_links_hrefs(ed_plan_t *plan, unsigned *n)
{
    uint32_t          i;
    ed_str_t         *hrefs, href;
    const ed_node_t  *node;

    *n = 0;

    hrefs = ed_arena_alloc(plan->arena, ED_MAX_HREFS * sizeof(ed_str_t));
    if (hrefs == NULL) {
        plan->rc = ED_NOMEM;
        return NULL;
    }

    for (i = 1; i < ed_article_nodes(plan->article); i++) {
        node = ed_article_node(plan->article, i);

        if (node->tag != ED_TAG_A || node->implied || node->hidden) {
            continue;
        }

        href = ed_article_attr(plan->article, i, ED_STR("href"));

        if (href.len == 0 || *n == ED_MAX_HREFS) {
            continue;
        }

        plan->rc = ed_text_attr(plan->arena, plan->cs, href, &href);

        if (plan->rc == ED_OK) {
            hrefs[*n] = ed_url_key(plan, href);
        }

        if (plan->rc != ED_OK) {
            return NULL;
        }

        (*n)++;
    }

    return hrefs;
}


/* So it is also without its arguments: what they are for is not known. */

static int
ed_links_is_self(ed_plan_t *plan, ed_str_t key)
{
    ed_str_t        canonical, self;
    const uint8_t  *query;

    self = ed_url_key(plan, ed_url_base(plan));
    query = self.len != 0 ? memchr(self.data, '?', self.len) : NULL;

    if (ed_str_eq(key, self)
        || (query != NULL
            && ed_str_eq(key, ed_str(self.data,
                                     (size_t) (query - self.data)))))
    {
        return 1;
    }

    canonical = ed_meta_value(plan->meta, ED_META_CANONICAL, 0);

    return canonical.len != 0
           && ed_str_eq(key, ed_url_key(plan, canonical));
}


/* The n-th counted paragraph, from 1; NULL: there are not so many. */

static ed_para_t *
ed_links_paragraph(ed_plan_t *plan, unsigned after)
{
    uint32_t    i;
    ed_para_t  *para;

    for (i = 0; i < plan->blocks.nparas; i++) {
        para = &plan->blocks.paras[i];

        if (para->counted && para->before + 1 == after) {
            return para;
        }
    }

    return NULL;
}


static void
ed_link_variant(ed_plan_t *plan, unsigned v, const ed_links_t *links)
{
    unsigned             used;
    ed_buf_t             taken;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_READ_MORE].list[v - 1];

    ed_buf_init(&taken, plan->taken[ED_READ_MORE].max);

    used = ed_link_lines(plan, v, &taken);
    used = ed_link_fixed(plan, v, links, used, &taken);

    ed_link_floating(plan, v, links,
                     used < variant->max ? variant->max - used : 0, &taken);

    ed_buf_free(&taken);
}


/* The lines of the CMS stay, whatever max says. */

static unsigned
ed_link_lines(ed_plan_t *plan, unsigned v, ed_buf_t *taken)
{
    unsigned     n;
    uint32_t     i;
    ed_piece_t   piece;
    ed_para_t   *para;

    n = 0;
    ed_plan_piece(plan, ED_READ_MORE, v, &piece);

    if (plan->policy->features[ED_READ_MORE].list[v - 1].label.len != 0) {
        piece.label = plan->policy->features[ED_READ_MORE].list[v - 1].label;
    }

    for (i = 0; i < plan->blocks.nparas && plan->rc == ED_OK; i++) {
        para = &plan->blocks.paras[i];

        if (para->kind != ED_PARA_READ_MORE) {
            continue;
        }

        if (ed_plan_wrap(plan, v, &piece, para->start, para->end)) {
            ed_plan_placed(plan, ED_READ_MORE, v, para->start,
                           "wrapped: the text has the line here");
        }

        ed_link_take(plan, taken, para->before);
        n++;
    }

    return n;
}


static void
ed_link_stays(ed_plan_t *plan)
{
    uint32_t  i;

    for (i = 0; i < plan->blocks.nparas; i++) {

        if (plan->blocks.paras[i].kind == ED_PARA_READ_MORE) {
            ed_plan_stays(plan, ED_READ_MORE, plan->blocks.paras[i].block);
        }
    }
}


/* Links that name their place get it, unless an exclusion forbids it. */

static unsigned
ed_link_fixed(ed_plan_t *plan, unsigned v, const ed_links_t *links,
    unsigned used, ed_buf_t *taken)
{
    unsigned          i, max;
    const ed_para_t  *para;

    max = plan->policy->features[ED_READ_MORE].list[v - 1].max;

    for (i = 0; i < links->n && plan->rc == ED_OK; i++) {
        para = links->list[i].para;

        if (para == NULL) {
            continue;
        }

        if (used >= max) {
            ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                            "there are %u Read More links already, max=%u",
                            used, max);
            continue;
        }

        if (ed_plan_is_beside(plan, para->end)) {
            ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                            "the record's place for it is beside an excluded "
                            "block");
            continue;
        }

        if (para->loose || !ed_plan_ends(plan, para->node)) {
            ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                            "the record's place for it is in what the page "
                            "left open");
            continue;
        }

        ed_link_box(plan, v, links->list[i].link, para->end);
        ed_link_take(plan, taken, ed_para_gap(para));
        ed_plan_placed(plan, ED_READ_MORE, v, para->end,
                       "the record puts it after paragraph %u",
                       links->list[i].link->after);
        used++;
    }

    return used;
}


/* The others stand where the rule finds room, in their order. */

static void
ed_link_floating(ed_plan_t *plan, unsigned v, const ed_links_t *links,
    unsigned room, ed_buf_t *taken)
{
    unsigned             i, k, wanted;
    uint32_t             gap, ngaps;
    ed_gap_e            *gaps;
    ed_para_t          **counted;
    ed_place_rule_t      rule;
    const ed_variant_t  *variant;

    wanted = 0;

    for (i = 0; i < links->n; i++) {
        wanted += (links->list[i].para == NULL);
    }

    if (wanted == 0 || plan->rc != ED_OK) {
        return;
    }

    gaps = ed_link_gaps(plan, &counted, &ngaps);
    ed_link_others(plan, taken);

    if (plan->rc != ED_OK) {
        return;
    }

    if (taken->len != 0) {
        qsort(taken->data, ed_buf_count(taken, ed_taken_t),
              sizeof(ed_taken_t), ed_taken_cmp);
    }

    variant = &plan->policy->features[ED_READ_MORE].list[v - 1];

    rule.after = variant->after;
    rule.every = variant->every;
    rule.max = room < wanted ? room : wanted;

    (void) ed_place(gaps, ngaps, &rule,
                    ed_buf_list(taken, const ed_taken_t),
                    ed_buf_count(taken, ed_taken_t));

    k = 0;

    for (gap = 1; gap <= ngaps && plan->rc == ED_OK; gap++) {

        if (gaps[gap - 1] != ED_GAP_TAKEN) {
            ed_link_refuse_gap(plan, v, counted[gap - 1], gaps[gap - 1]);
            continue;
        }

        while (links->list[k].para != NULL) {
            k++;
        }

        ed_link_box(plan, v, links->list[k++].link, counted[gap - 1]->end);
        ed_plan_placed(plan, ED_READ_MORE, v, counted[gap - 1]->end,
                       "room after paragraph %u: after=%u, every=%u", gap,
                       variant->after, variant->every);
    }

    for ( /* void */ ; k < links->n; k++) {
        if (links->list[k].para == NULL) {
            ed_plan_refused(plan, ED_READ_MORE, v, ED_NO_INDEX,
                            "no room for the link to %.*s (max=%u)",
                            (int) links->list[k].link->url.len,
                            (const char *) links->list[k].link->url.data,
                            variant->max);
        }
    }
}


static void
ed_link_box(ed_plan_t *plan, unsigned v, const ed_link_t *link, uint32_t at)
{
    ed_piece_t           piece;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_READ_MORE].list[v - 1];

    ed_plan_piece(plan, ED_READ_MORE, v, &piece);

    if (link->label.len != 0) {
        piece.label = link->label;

    } else if (variant->label.len != 0) {
        piece.label = variant->label;
    }

    piece.url = link->url;
    piece.title = link->title;

    ed_plan_whole(plan, v, &piece, at);
}


static void
ed_link_take(ed_plan_t *plan, ed_buf_t *taken, uint32_t gap)
{
    ed_taken_t  t;

    t.first = gap;
    t.last = gap;

    if (plan->rc == ED_OK) {
        plan->rc = ed_buf_append(taken, &t, sizeof(ed_taken_t));
    }
}


static void
ed_link_others(ed_plan_t *plan, ed_buf_t *taken)
{
    unsigned  i;

    for (i = 0; i < ED_FEATURES && plan->rc == ED_OK; i++) {
        if (i != ED_READ_MORE) {
            plan->rc = ed_buf_append(taken, plan->taken[i].data,
                                     plan->taken[i].len);
        }
    }
}


/* The gaps behind each counted paragraph, as far as the page goes. */

static ed_gap_e *
ed_link_gaps(ed_plan_t *plan, ed_para_t ***counted, uint32_t *n)
{
    uint32_t     i;
    ed_gap_e    *gaps;
    ed_para_t   *para;

    *n = 0;

    gaps = ed_arena_alloc(plan->arena, (plan->blocks.nparas + 1)
                                       * sizeof(ed_gap_e));
    *counted = ed_arena_alloc(plan->arena, (plan->blocks.nparas + 1)
                                           * sizeof(ed_para_t *));

    if (gaps == NULL || *counted == NULL) {
        plan->rc = ED_NOMEM;
        return NULL;
    }

    for (i = 0; i < plan->blocks.nparas; i++) {
        para = &plan->blocks.paras[i];

        if (para->counted) {
            (*counted)[(*n)++] = para;
        }
    }

    for (i = 0; i < *n; i++) {
        gaps[i] = ed_link_gap(plan, (*counted)[i], i + 1 == *n,
                              i + 2 == *n);
    }

    return gaps;
}


static ed_gap_e
ed_link_gap(ed_plan_t *plan, const ed_para_t *para, int last,
    int before_last)
{
    const ed_block_t  *next;

    if (last) {
        return ED_GAP_BESIDE;
    }

    next = ed_link_next_block(plan, para);

    if (next == NULL || next->paragraph == ED_NO_INDEX
        || !plan->blocks.paras[next->paragraph].counted)
    {
        return ED_GAP_BESIDE;
    }

    if (before_last) {
        return ED_GAP_BEFORE_LAST;
    }

    if (para->loose || !ed_plan_ends(plan, para->node)) {
        return ED_GAP_LOOSE;
    }

    if (ed_plan_is_excluded(plan, para->node)
        || ed_plan_is_beside(plan, para->end))
    {
        return ED_GAP_EXCLUDED;
    }

    if (ed_link_ends_in_colon(plan, para)) {
        return ED_GAP_COLON;
    }

    return ED_GAP_FREE;
}


/* A colon, of ASCII or of full width; the end of the source tells. */

static int
ed_link_ends_in_colon(ed_plan_t *plan, const ed_para_t *para)
{
    uint32_t   start;
    ed_text_t  text;

    start = para->start_tag_end;

    if (para->end_tag_start - start > ED_MAX_ENDING) {
        start = para->end_tag_start - ED_MAX_ENDING;
    }

    if (plan->rc == ED_OK) {
        plan->rc = ed_blocks_text(&plan->blocks, start, para->end_tag_start,
                                  ED_TEXT_FOLDED, &text);
    }

    if (plan->rc != ED_OK || text.len == 0) {
        return 0;
    }

    return text.data[text.len - 1] == ':'
           || (text.len >= 3
               && memcmp(text.data + text.len - 3, "\xef\xbc\x9a", 3) == 0);
}


/* What comes behind a paragraph; empty ones are nothing. */

static const ed_block_t *
ed_link_next_block(const ed_plan_t *plan, const ed_para_t *para)
{
    uint32_t  i;

    for (i = para->block + 1; i < plan->blocks.nblocks; i++) {
        if (plan->blocks.blocks[i].kind != ED_BLOCK_EMPTY) {
            return &plan->blocks.blocks[i];
        }
    }

    return NULL;
}


static void
ed_link_refuse_gap(ed_plan_t *plan, unsigned v, const ed_para_t *para,
    ed_gap_e gap)
{
    const ed_block_t    *next;
    const ed_variant_t  *variant;

    variant = &plan->policy->features[ED_READ_MORE].list[v - 1];

    switch (gap) {

    case ED_GAP_BESIDE:
        next = ed_link_next_block(plan, para);
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "after it comes no paragraph of the text but %s%s",
                        next == NULL ? "the end"
                        : next->kind == ED_BLOCK_PARAGRAPH
                          ? "furniture or the biography" : "a block: ",
                        next == NULL || next->kind == ED_BLOCK_PARAGRAPH
                        ? "" : ed_block_name(next->kind));
        break;

    case ED_GAP_BEFORE_LAST:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "after it comes the last paragraph");
        break;

    case ED_GAP_COLON:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "it ends in a colon");
        break;

    case ED_GAP_EXCLUDED:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "an excluded block is beside it");
        break;

    case ED_GAP_LOOSE:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "the page left formatting open in it");
        break;

    case ED_GAP_EARLY:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "fewer than after=%u paragraphs before",
                        variant->after);
        break;

    case ED_GAP_NEAR:
        ed_plan_refused(plan, ED_READ_MORE, v, para->block,
                        "other furniture is nearer than every=%u paragraphs",
                        variant->every);
        break;

    default:
        break;
    }
}


static int
ed_taken_cmp(const void *a, const void *b)
{
    const ed_taken_t  *x, *y;

    x = a;
    y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}
