
/*
 * The order of the work, what is excluded, and the inserts that the features
 * ask for: their markup in the page's charset, their places in order.  Which
 * places are right is the features' to say; see ed_plan.h.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ed_place.h"
#include "ed_plan.h"


#define ED_MAX_INSERTS    65536                /* markers included */
#define ED_MAX_EXCLUDE    16384                /* elements of an article that
                                                  XPath is run over */
#define ED_MAX_MARKUP     (4 * 1024 * 1024)    /* bytes of all furniture */
#define ED_MAX_DECISIONS  65536
#define ED_MAX_REASON     256


static void ed_plan_language(ed_plan_t *plan);
static void ed_plan_exclude(ed_plan_t *plan);
static void ed_plan_exclude_node(void *ctx, xmlNodePtr node);
static void ed_plan_count(ed_plan_t *plan);
static uint32_t ed_plan_node_from(const ed_plan_t *plan, uint32_t at);
static int ed_plan_is_excluded_block(const ed_plan_t *plan, uint32_t i);
static int ed_plan_is_inline(const ed_node_t *node);
static int ed_plan_breaks_out(const ed_plan_t *plan, uint32_t start,
    uint32_t end);
static int ed_plan_is_wrapper(const ed_node_t *node);
static void ed_plan_insert(ed_plan_t *plan, unsigned v,
    const ed_piece_t *piece, uint32_t at, ed_insert_order_e order, int begins);
static void ed_plan_decide(ed_plan_t *plan, const ed_decision_t *decision,
    const char *fmt, va_list args) __attribute__((format(printf, 3, 0)));
static size_t ed_plan_whole_chars(const char *text, size_t len);
static int ed_insert_cmp(const void *a, const void *b);
static int ed_offset_cmp(const void *a, const void *b);


ed_rc_t
ed_plan_make(ed_plan_t *plan)
{
    unsigned  i;

    ed_buf_init(&plan->inserts, ED_MAX_INSERTS * sizeof(ed_insert_t));
    ed_buf_init(&plan->markup, ED_MAX_MARKUP);
    ed_buf_init(&plan->decisions, ED_MAX_DECISIONS * sizeof(ed_decision_t));
    ed_buf_init(&plan->utf8, ED_MAX_MARKUP);

    for (i = 0; i < ED_FEATURES; i++) {
        ed_buf_init(&plan->taken[i], ED_MAX_INSERTS * sizeof(ed_taken_t));
    }

    plan->biography = ED_NO_INDEX;

    plan->rc = ed_blocks_make(&plan->blocks, plan->arena, plan->cs,
                              plan->article);
    if (plan->rc != ED_OK) {
        return plan->rc;
    }

    ed_plan_language(plan);
    ed_plan_exclude(plan);

    ed_link_find(plan);
    ed_disclaimer_find(plan);
    ed_quote_find(plan);

    ed_plan_count(plan);

    ed_quote_plan(plan);
    ed_disclaimer_plan(plan);
    ed_link_plan(plan);

    if (plan->rc == ED_OK && plan->inserts.len != 0) {
        qsort(plan->inserts.data, ed_buf_count(&plan->inserts, ed_insert_t),
              sizeof(ed_insert_t), ed_insert_cmp);
    }

    ed_marker_plan(plan);

    return plan->rc;
}


void
ed_plan_free(ed_plan_t *plan)
{
    ed_plan_finish(plan);

    ed_buf_free(&plan->markup);
    ed_buf_free(&plan->decisions);
}


void
ed_plan_finish(ed_plan_t *plan)
{
    unsigned  i;

    ed_buf_free(&plan->inserts);
    ed_buf_free(&plan->utf8);

    for (i = 0; i < ED_FEATURES; i++) {
        ed_buf_free(&plan->taken[i]);
    }

    free(plan->excluded);
    free(plan->ends);

    plan->excluded = NULL;
    plan->ends = NULL;
}


void
ed_plan_piece(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    ed_piece_t *piece)
{
    memset(piece, 0, sizeof(ed_piece_t));

    piece->feature = feature;
    piece->variant = plan->policy->features[feature].list[v - 1].name;
    piece->rtl = plan->lang->rtl;

    if (feature == ED_READ_MORE) {
        piece->label = plan->lang->read_more;

    } else if (feature == ED_PULL_QUOTE) {
        piece->label = plan->lang->pull_quote;
    }
}


void
ed_plan_whole(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t at)
{
    if (plan->rc != ED_OK) {
        return;
    }

    plan->rc = ed_markup_piece(&plan->utf8,
               plan->policy->features[piece->feature].list[v - 1].template,
               piece);

    ed_plan_insert(plan, v, piece, at, ED_INSERT_WHOLE, 1);
}


int
ed_plan_wrap(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t start, uint32_t end)
{
    if (plan->rc != ED_OK) {
        return 0;
    }

    if (ed_plan_breaks_out(plan, start, end)) {
        ed_plan_refused(plan, piece->feature, v,
                        ed_plan_block_from(plan, start),
                        "a wrapper around it would not end where it does");
        return 0;
    }

    plan->rc = ed_markup_wrap_open(&plan->utf8, piece);
    ed_plan_insert(plan, v, piece, start, ED_INSERT_BEGIN, 1);

    if (plan->rc == ED_OK) {
        plan->rc = ed_markup_wrap_close(&plan->utf8, piece);
    }

    ed_plan_insert(plan, v, piece, end, ED_INSERT_END, 0);

    return 1;
}


/*
 * Is there an element that ends behind it, or an end tag that a parser passes
 * by as it is, but would take for a wrapper's?  Such a tag is there where more
 * are written than end elements of the article; those in comments and
 * attributes are counted too.
 */

static int
ed_plan_breaks_out(const ed_plan_t *plan, uint32_t start, uint32_t end)
{
    size_t             i, n;
    uint32_t           k;
    const uint8_t     *p, *last;
    const ed_node_t   *node;

    static const ed_str_t  names[] = {
        ED_STR("/aside"), ED_STR("/blockquote"), ED_STR("/div")
    };

    n = 0;
    p = plan->article->data + start;
    last = plan->article->data + end;

    for ( ;; ) {
        p = memchr(p, '<', (size_t) (last - p));
        if (p == NULL) {
            break;
        }

        p++;

        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            n += names[i].len <= (size_t) (last - p)
                 && ed_str_caseeq(ed_str(p, names[i].len), names[i]);
        }
    }

    k = ed_plan_node_from(plan, start);

    for ( /* void */ ; k != 0 && k < ed_article_nodes(plan->article); k++) {
        node = ed_article_node(plan->article, k);

        if (node->start >= end) {
            break;
        }

        if (node->end > end) {
            return 1;
        }

        n -= ed_plan_is_wrapper(node) && node->end <= end
             && node->end_tag_start != node->end;
    }

    return n != 0;
}


static int
ed_plan_is_wrapper(const ed_node_t *node)
{
    return node->tag == ED_TAG_ASIDE || node->tag == ED_TAG_BLOCKQUOTE
           || node->tag == ED_TAG_DIV;
}


void
ed_plan_mark(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t start, uint32_t end, int first)
{
    if (plan->rc != ED_OK) {
        return;
    }

    plan->rc = ed_markup_mark_open(&plan->utf8, piece);
    ed_plan_insert(plan, v, piece, start, ED_INSERT_BEGIN, first);

    if (plan->rc == ED_OK) {
        plan->rc = ed_markup_mark_close(&plan->utf8);
    }

    ed_plan_insert(plan, v, piece, end, ED_INSERT_END, 0);
}


void
ed_plan_take(ed_plan_t *plan, ed_feature_e feature, uint32_t first,
    uint32_t last)
{
    ed_taken_t  *taken;

    if (plan->rc != ED_OK) {
        return;
    }

    taken = ed_buf_extend(&plan->taken[feature], sizeof(ed_taken_t));
    if (taken == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    taken->first = first;
    taken->last = last;
}


void
ed_plan_placed(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    uint32_t at, const char *fmt, ...)
{
    va_list        args;
    ed_decision_t  decision;

    memset(&decision, 0, sizeof(ed_decision_t));

    decision.feature = feature;
    decision.variant = v;
    decision.placed = 1;
    decision.at = at;
    decision.block = ED_NO_INDEX;

    va_start(args, fmt);
    ed_plan_decide(plan, &decision, fmt, args);
    va_end(args);
}


void
ed_plan_refused(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    uint32_t block, const char *fmt, ...)
{
    va_list        args;
    ed_decision_t  decision;

    memset(&decision, 0, sizeof(ed_decision_t));

    decision.feature = feature;
    decision.variant = v;
    decision.block = block;

    va_start(args, fmt);
    ed_plan_decide(plan, &decision, fmt, args);
    va_end(args);
}


void
ed_plan_stays(ed_plan_t *plan, ed_feature_e feature, uint32_t block)
{
    const ed_record_t  *record;

    record = plan->page->record;

    if ((plan->page->off & (1u << feature)) != 0
        || (record != NULL
            && (ed_str_eq(record->features[feature], ED_STR("off"))
                || (feature == ED_DISCLAIMER
                    && record->disclaimer == ED_RECORD_FALSE))))
    {
        ed_plan_refused(plan, feature, 0, block,
                        "off does not hide it: the page itself has it%s",
                        block != ED_NO_INDEX ? " here"
                                             : ", before the article");
    }
}


int
ed_plan_is_excluded(const ed_plan_t *plan, uint32_t node)
{
    return plan->excluded != NULL && plan->excluded[node];
}


/*
 * White space apart, an excluded element ends right before the offset, or
 * begins right behind it.  Between two blocks of the article comments and
 * the like may stand too, so there the blocks are asked.
 */

int
ed_plan_is_beside(const ed_plan_t *plan, uint32_t at)
{
    uint32_t        before, behind, i;
    const uint8_t  *data;

    if (plan->excluded == NULL) {
        return 0;
    }

    i = ed_plan_block_from(plan, at);

    if ((i != 0 && ed_plan_is_excluded_block(plan, i - 1))
        || (i != plan->blocks.nblocks
            && ed_plan_is_excluded_block(plan, i)
            && (i == 0 || plan->blocks.blocks[i - 1].end <= at)))
    {
        return 1;
    }

    data = plan->article->data;
    before = at;
    behind = at;

    while (before > 0 && ed_is_space(data[before - 1])) {
        before--;
    }

    while (behind < plan->article->len && ed_is_space(data[behind])) {
        behind++;
    }

    if (bsearch(&before, plan->ends, plan->nends, sizeof(uint32_t),
                ed_offset_cmp) != NULL)
    {
        return 1;
    }

    i = ed_plan_node_from(plan, behind);

    return i != 0 && ed_article_node(plan->article, i)->start == behind
           && plan->excluded[i];
}


int
ed_plan_ends(const ed_plan_t *plan, uint32_t node)
{
    uint32_t          i, end;
    const ed_node_t  *nd;

    nd = ed_article_node(plan->article, node);
    end = nd->end;

    if (nd->end_tag_start != end) {
        return 1;
    }

    if (nd->tag != ED_TAG_P || nd->ns != ED_NS_HTML) {
        return 0;
    }

    for (i = node + 1; i < ed_article_nodes(plan->article); i++) {
        nd = ed_article_node(plan->article, i);

        if (nd->start >= end) {
            break;
        }

        if (nd->end >= end && nd->end_tag_start == nd->end
            && !ed_plan_is_inline(nd))
        {
            return 0;
        }
    }

    return 1;
}


/* Open ones of these do not keep a <p> from being closed. */

static int
ed_plan_is_inline(const ed_node_t *node)
{
    if (node->ns != ED_NS_HTML) {
        return 0;
    }

    switch (node->tag) {

    case ED_TAG_A:
    case ED_TAG_ABBR:
    case ED_TAG_B:
    case ED_TAG_BR:
    case ED_TAG_CITE:
    case ED_TAG_CODE:
    case ED_TAG_EM:
    case ED_TAG_FONT:
    case ED_TAG_I:
    case ED_TAG_IMG:
    case ED_TAG_MARK:
    case ED_TAG_Q:
    case ED_TAG_S:
    case ED_TAG_SMALL:
    case ED_TAG_SPAN:
    case ED_TAG_STRONG:
    case ED_TAG_SUB:
    case ED_TAG_SUP:
    case ED_TAG_TIME:
    case ED_TAG_U:
        return 1;

    default:
        return 0;
    }
}


/* The first node that begins there or behind; 0, the article: none does. */

static uint32_t
ed_plan_node_from(const ed_plan_t *plan, uint32_t at)
{
    uint32_t  lo, hi, mid, n;

    n = (uint32_t) ed_article_nodes(plan->article);
    lo = 1;
    hi = n;

    while (lo < hi) {
        mid = (lo + hi) / 2;

        if (ed_article_node(plan->article, mid)->start < at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo < n ? lo : 0;
}


static int
ed_plan_is_excluded_block(const ed_plan_t *plan, uint32_t i)
{
    uint32_t  node;

    node = plan->blocks.blocks[i].node;

    return node != ED_NO_INDEX && plan->excluded[node];
}


uint32_t
ed_plan_block_from(const ed_plan_t *plan, uint32_t at)
{
    uint32_t  lo, hi, mid;

    lo = 0;
    hi = plan->blocks.nblocks;

    while (lo < hi) {
        mid = (lo + hi) / 2;

        if (plan->blocks.blocks[mid].start < at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


static void
ed_plan_language(ed_plan_t *plan)
{
    ed_str_t  lang;

    lang = ed_article_attr(plan->article, 0, ED_STR("lang"));

    if (lang.len == 0) {
        lang = ed_meta_lang(plan->meta);
    }

    plan->lang = ed_language_find(lang);
}


/* Marks the nodes that editorial_exclude finds, and all that is in them. */

static void
ed_plan_exclude(ed_plan_t *plan)
{
    size_t            i, n;
    xmlDocPtr         doc;
    const ed_node_t  *node;

    if (plan->rc != ED_OK || plan->policy->exclude == NULL) {
        return;
    }

    n = ed_article_nodes(plan->article);

    if (n > ED_MAX_EXCLUDE) {
        plan->rc = ED_LIMIT_WORK;
        return;
    }

    plan->excluded = calloc(n, 1);
    plan->ends = malloc(n * sizeof(uint32_t));
    doc = ed_article_tree(plan->article, plan->cs);

    if (plan->excluded == NULL || plan->ends == NULL || doc == NULL) {
        plan->rc = ED_NOMEM;
        xmlFreeDoc(doc);
        return;
    }

    plan->rc = ed_xpath_each(plan->policy->exclude, doc,
                             ed_plan_exclude_node, plan);
    xmlFreeDoc(doc);

    for (i = 0; i < n; i++) {
        node = ed_article_node(plan->article, i);

        if (i != 0 && plan->excluded[node->parent]) {
            plan->excluded[i] = 1;
        }

        if (plan->excluded[i]) {
            plan->ends[plan->nends++] = node->end;
        }
    }

    qsort(plan->ends, plan->nends, sizeof(uint32_t), ed_offset_cmp);
}


static void
ed_plan_exclude_node(void *ctx, xmlNodePtr node)
{
    ed_plan_t  *plan;

    plan = ctx;
    plan->excluded[(uintptr_t) node->_private] = 1;
}


/* Numbers the paragraphs that placement counts. */

static void
ed_plan_count(ed_plan_t *plan)
{
    uint32_t    i, n;
    ed_para_t  *para;

    n = 0;

    for (i = 0; i < plan->blocks.nparas; i++) {
        para = &plan->blocks.paras[i];

        para->before = n;
        para->counted = (para->direct && para->kind == ED_PARA_TEXT);
        n += para->counted;
    }
}


static void
ed_plan_insert(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t at, ed_insert_order_e order, int begins)
{
    ed_insert_t  *insert;

    if (plan->rc != ED_OK) {
        return;
    }

    insert = ed_buf_extend(&plan->inserts, sizeof(ed_insert_t));
    if (insert == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    insert->at = at;
    insert->order = (uint8_t) order;
    insert->feature = (uint8_t) piece->feature;
    insert->piece = (begins != 0);
    insert->marker = 0;
    insert->variants = 1u << (v - 1);
    insert->seq = (uint32_t) ed_buf_count(&plan->inserts, ed_insert_t);
    insert->offset = (uint32_t) plan->markup.len;

    plan->rc = ed_charset_encode(plan->cs, ed_str(plan->utf8.data,
                                                  plan->utf8.len),
                                 &plan->markup);

    insert->len = (uint32_t) plan->markup.len - insert->offset;
    plan->utf8.len = 0;
}


static void
ed_plan_decide(ed_plan_t *plan, const ed_decision_t *decision,
    const char *fmt, va_list args)
{
    int            len;
    char           reason[ED_MAX_REASON];
    ed_decision_t  *kept;

    if (!plan->page->explain || plan->rc != ED_OK) {
        return;
    }

    if (ed_buf_count(&plan->decisions, ed_decision_t) == ED_MAX_DECISIONS) {
        return;
    }

    kept = ed_buf_extend(&plan->decisions, sizeof(ed_decision_t));
    if (kept == NULL) {
        plan->rc = ED_NOMEM;
        return;
    }

    *kept = *decision;

    len = vsnprintf(reason, sizeof(reason), fmt, args);

    if (len < 0 || (size_t) len >= sizeof(reason)) {
        len = (len < 0) ? 0 : (int) sizeof(reason) - 1;
    }

    kept->reason = ed_arena_dup(plan->arena,
                       ed_str(reason, ed_plan_whole_chars(reason,
                                                          (size_t) len)));

    if (kept->reason.data == NULL) {
        plan->rc = ED_NOMEM;
    }
}


/* Without the beginning of a character whose end was cut off: a reason may
   quote what is longer, and is UTF-8. */

static size_t
ed_plan_whole_chars(const char *text, size_t len)
{
    size_t   i;
    uint8_t  c;

    for (i = 1; i <= 4 && i <= len; i++) {
        c = (uint8_t) text[len - i];

        if ((c & 0xc0) != 0x80) {
            return (c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1) > i
                   ? len - i : len;
        }
    }

    return len;
}


/*
 * By place; at one place ends, wholes, beginnings.  Of several ends the one
 * that began last comes first, so that wrappers nest.
 */

static int
ed_insert_cmp(const void *a, const void *b)
{
    const ed_insert_t  *x, *y;

    x = a;
    y = b;

    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }

    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }

    if (x->order == ED_INSERT_END) {
        return x->seq > y->seq ? -1 : 1;
    }

    return x->seq < y->seq ? -1 : x->seq > y->seq;
}


static int
ed_offset_cmp(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}
