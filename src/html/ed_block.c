
/*
 * One pass over the nodes makes blocks and paragraphs; bare text between the
 * blocks is found in the runs that belong to the article itself.
 */

#include "ed_block.h"


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


typedef struct {
    ed_blocks_t      *b;
    ed_buf_t          blocks;      /* of ed_block_t */
    ed_buf_t          paras;       /* of ed_para_t */
    uint32_t          last;        /* end of the last element child seen */
    size_t            run;         /* the next run to look at */
} ed_block_scan_t;


static const ed_str_t  ed_more_on_words[] = {
    ED_S("related"), ED_S("more"), ED_S("readmore"), ED_S("recommended"),
    ED_S("recirculation"), ED_S("newsletter"), ED_S("promo"), { NULL, 0 }
};

static const char *const  ed_block_names[ED_BLOCKS] = {
    "paragraph",
    "empty paragraph",
    "heading",
    "figure",
    "embed",
    "list",
    "table",
    "block quote",
    "aside",
    "more-on section",
    "bare text",
    "other block"
};


static ed_rc_t ed_block_scan(ed_block_scan_t *scan);
static ed_rc_t ed_block_bare_text(ed_block_scan_t *scan, uint32_t until);
static ed_rc_t ed_block_add(ed_block_scan_t *scan, uint32_t i);
static ed_rc_t ed_para_add(ed_block_scan_t *scan, uint32_t i);
static ed_block_e ed_block_kind(const ed_article_t *article, uint32_t i);
static int ed_block_is_container(const ed_article_t *article, uint32_t i);
static int ed_block_is_void(ed_tag_t tag);
static ed_block_e ed_para_media(const ed_article_t *article, uint32_t i);
static ed_rc_t ed_para_is_empty(ed_blocks_t *b, const ed_run_t *runs,
    size_t n, int *empty);
static int ed_block_has_word(ed_str_t value, const ed_str_t *words);


ed_rc_t
ed_blocks_make(ed_blocks_t *b, ed_arena_t *arena, ed_charset_t *cs,
    const ed_article_t *article)
{
    ed_rc_t          rc;
    ed_str_t         copy;
    ed_block_scan_t  scan;

    memset(b, 0, sizeof(ed_blocks_t));

    b->arena = arena;
    b->cs = cs;
    b->article = article;

    memset(&scan, 0, sizeof(ed_block_scan_t));

    scan.b = b;
    ed_buf_init(&scan.blocks, 2 * ED_MAX_NODES * sizeof(ed_block_t));
    ed_buf_init(&scan.paras, ED_MAX_NODES * sizeof(ed_para_t));

    rc = ed_block_scan(&scan);

    if (rc == ED_OK) {
        copy = ed_arena_dup(arena, ed_str(scan.blocks.data, scan.blocks.len));
        b->blocks = (ed_block_t *) (uintptr_t) copy.data;
        b->nblocks = (uint32_t) ed_buf_count(&scan.blocks, ed_block_t);

        copy = ed_arena_dup(arena, ed_str(scan.paras.data, scan.paras.len));
        b->paras = (ed_para_t *) (uintptr_t) copy.data;
        b->nparas = (uint32_t) ed_buf_count(&scan.paras, ed_para_t);

        if (b->blocks == NULL || b->paras == NULL) {
            rc = ED_NOMEM;
        }
    }

    ed_buf_free(&scan.blocks);
    ed_buf_free(&scan.paras);

    return rc;
}


ed_rc_t
ed_para_text(ed_blocks_t *b, ed_para_t *para, const ed_text_t **text)
{
    ed_rc_t  rc;

    if (para->folded.data == NULL) {
        rc = ed_text_make(b->arena, b->cs, b->article->data, para->runs,
                          para->nruns, ED_TEXT_FOLDED|ED_TEXT_MAPPED,
                          &para->folded);
        if (rc != ED_OK) {
            return rc;
        }
    }

    *text = &para->folded;

    return ED_OK;
}


ed_rc_t
ed_blocks_text(ed_blocks_t *b, uint32_t start, uint32_t end, unsigned form,
    ed_text_t *text)
{
    size_t           i, n;
    ed_run_t        *clipped;
    const ed_run_t  *runs;

    runs = ed_article_runs(b->article, start, end, &n);

    clipped = ed_arena_alloc(b->arena, (n + 1) * sizeof(ed_run_t));
    if (clipped == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        clipped[i] = runs[i];

        if (clipped[i].start < start) {
            clipped[i].start = start;
        }

        if (clipped[i].end > end) {
            clipped[i].end = end;
        }
    }

    return ed_text_make(b->arena, b->cs, b->article->data, clipped, n, form,
                        text);
}


int
ed_block_says(const ed_article_t *article, uint32_t node,
    const ed_str_t *words)
{
    size_t                 i;
    ed_attr_t              attrs[ED_MAX_ATTRS];
    ed_token_t             token;
    const ed_str_t        *value;
    static const ed_str_t  names[] = {
        ED_S("class"), ED_S("id"), ED_S("itemprop"), ED_S("aria-label")
    };

    if (!ed_article_token(article, node, &token, attrs)) {
        return 0;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        value = ed_token_attr(&token, names[i]);

        if (value != NULL && ed_block_has_word(*value, words)) {
            return 1;
        }
    }

    return 0;
}


uint32_t
ed_block_only_child(const ed_article_t *article, uint32_t node)
{
    uint32_t          child, end, i;
    const ed_node_t  *nd;

    end = ed_article_node(article, node)->end;
    child = ED_NO_INDEX;

    for (i = node + 1; i < ed_article_nodes(article); i++) {
        nd = ed_article_node(article, i);

        if (nd->start >= end) {
            break;
        }

        if (nd->parent != node) {
            continue;
        }

        if (child != ED_NO_INDEX) {
            return ED_NO_INDEX;
        }

        child = i;
    }

    return child;
}


const char *
ed_block_name(ed_block_e kind)
{
    return ed_block_names[kind];
}


static ed_rc_t
ed_block_scan(ed_block_scan_t *scan)
{
    size_t                nodes;
    ed_rc_t               rc;
    uint32_t              i;
    const ed_node_t      *node;
    const ed_article_t   *article;

    article = scan->b->article;
    nodes = ed_article_nodes(article);

    for (i = 1; i < nodes; i++) {
        node = ed_article_node(article, i);

        if (node->hidden) {
            continue;
        }

        if (node->parent == 0 && !node->displaced) {
            rc = ed_block_add(scan, i);
            if (rc != ED_OK) {
                return rc;
            }
        }

        if (node->tag == ED_TAG_P && node->ns == ED_NS_HTML
            && !node->displaced && !node->implied
            && ed_block_is_container(article, node->parent))
        {
            rc = ed_para_add(scan, i);
            if (rc != ED_OK) {
                return rc;
            }
        }
    }

    return ed_block_bare_text(scan, article->len);
}


/*
 * Bare text of the article from the last block up to an offset: one block,
 * from the first to the last run that shows anything.
 */

static ed_rc_t
ed_block_bare_text(ed_block_scan_t *scan, uint32_t until)
{
    int               empty;
    size_t            n;
    ed_rc_t           rc;
    ed_block_t       *block;
    const ed_run_t   *run;
    const ed_buf_t   *runs;

    runs = &scan->b->article->runs;
    n = ed_buf_count(runs, ed_run_t);
    block = NULL;

    for ( /* void */ ; scan->run < n; scan->run++) {
        run = ed_buf_at(runs, const ed_run_t, scan->run);

        if (run->start >= until) {
            break;
        }

        if (run->owner != 0 || run->start < scan->last) {
            continue;
        }

        rc = ed_para_is_empty(scan->b, run, 1, &empty);
        if (rc != ED_OK) {
            return rc;
        }

        if (empty) {
            continue;
        }

        if (block == NULL) {
            block = ed_buf_extend(&scan->blocks, sizeof(ed_block_t));
            if (block == NULL) {
                return ED_NOMEM;
            }

            block->kind = ED_BLOCK_TEXT;
            block->node = ED_NO_INDEX;
            block->start = run->start;
            block->start_tag_end = run->start;
            block->paragraph = ED_NO_INDEX;
        }

        block->end_tag_start = run->end;
        block->end = run->end;
    }

    return ED_OK;
}


static ed_rc_t
ed_block_add(ed_block_scan_t *scan, uint32_t i)
{
    ed_rc_t           rc;
    ed_block_t       *block;
    const ed_node_t  *node;

    node = ed_article_node(scan->b->article, i);

    if (ed_block_is_void(node->tag)) {
        return ED_OK;
    }

    rc = ed_block_bare_text(scan, node->start);
    if (rc != ED_OK) {
        return rc;
    }

    scan->last = node->end;

    block = ed_buf_extend(&scan->blocks, sizeof(ed_block_t));
    if (block == NULL) {
        return ED_NOMEM;
    }

    block->kind = ed_block_kind(scan->b->article, i);
    block->node = i;
    block->start = node->start;
    block->start_tag_end = node->start_tag_end;
    block->end_tag_start = node->end_tag_start;
    block->end = node->end;
    block->paragraph = ED_NO_INDEX;

    return ED_OK;
}


static ed_rc_t
ed_para_add(ed_block_scan_t *scan, uint32_t i)
{
    int                   empty;
    ed_rc_t               rc;
    uint32_t              n;
    ed_para_t            *para;
    ed_block_t           *block;
    const ed_node_t      *node;
    const ed_article_t   *article;

    article = scan->b->article;
    node = ed_article_node(article, i);
    n = (uint32_t) ed_buf_count(&scan->blocks, ed_block_t);

    if (n == 0) {
        return ED_OK;
    }

    block = ed_buf_at(&scan->blocks, ed_block_t, n - 1);

    para = ed_buf_extend(&scan->paras, sizeof(ed_para_t));
    if (para == NULL) {
        return ED_NOMEM;
    }

    memset(para, 0, sizeof(ed_para_t));

    para->node = i;
    para->block = n - 1;
    para->start = node->start;
    para->start_tag_end = node->start_tag_end;
    para->end_tag_start = node->end_tag_start;
    para->end = node->end;
    para->direct = (block->node == i);
    para->loose = node->loose;
    para->runs = ed_article_runs(article, node->start_tag_end,
                                 node->end_tag_start, &para->nruns);

    rc = ed_para_is_empty(scan->b, para->runs, para->nruns, &empty);
    if (rc != ED_OK) {
        return rc;
    }

    if (empty) {
        para->kind = ED_PARA_EMPTY;
    }

    if (para->direct) {
        block->paragraph =
                   (uint32_t) ed_buf_count(&scan->paras, ed_para_t) - 1;

        if (empty) {
            block->kind = ed_para_media(article, i);
        }
    }

    return ED_OK;
}


static ed_block_e
ed_block_kind(const ed_article_t *article, uint32_t i)
{
    const ed_node_t  *node;

    node = ed_article_node(article, i);

    if (node->ns != ED_NS_HTML) {
        return ED_BLOCK_EMBED;
    }

    switch (node->tag) {

    case ED_TAG_P:
        return ED_BLOCK_PARAGRAPH;

    case ED_TAG_H1:
    case ED_TAG_H2:
    case ED_TAG_H3:
    case ED_TAG_H4:
    case ED_TAG_H5:
    case ED_TAG_H6:
    case ED_TAG_HGROUP:
    case ED_TAG_HEADER:
        return ED_BLOCK_HEADING;

    case ED_TAG_FIGURE:
    case ED_TAG_PICTURE:
    case ED_TAG_IMG:
        return ED_BLOCK_FIGURE;

    case ED_TAG_IFRAME:
    case ED_TAG_VIDEO:
    case ED_TAG_AUDIO:
    case ED_TAG_OBJECT:
    case ED_TAG_EMBED:
    case ED_TAG_CANVAS:
        return ED_BLOCK_EMBED;

    case ED_TAG_UL:
    case ED_TAG_OL:
    case ED_TAG_DL:
    case ED_TAG_MENU:
        return ED_BLOCK_LIST;

    case ED_TAG_TABLE:
        return ED_BLOCK_TABLE;

    case ED_TAG_BLOCKQUOTE:
        return ED_BLOCK_QUOTE;

    case ED_TAG_ASIDE:
        return ED_BLOCK_ASIDE;

    default:
        return ed_block_says(article, i, ed_more_on_words) ? ED_BLOCK_MORE_ON
                                                           : ED_BLOCK_OTHER;
    }
}


/* What a reader does not see: no block, and in nobody's way. */

static int
ed_block_is_void(ed_tag_t tag)
{
    switch (tag) {

    case ED_TAG_SCRIPT:
    case ED_TAG_STYLE:
    case ED_TAG_LINK:
    case ED_TAG_META:
    case ED_TAG_TEMPLATE:
    case ED_TAG_NOSCRIPT:
    case ED_TAG_BR:
    case ED_TAG_WBR:
        return 1;

    default:
        return 0;
    }
}


/* The article, or a plain container that stands in plain containers. */

static int
ed_block_is_container(const ed_article_t *article, uint32_t i)
{
    const ed_node_t  *node;

    while (i != 0) {
        node = ed_article_node(article, i);

        if (node->ns != ED_NS_HTML || node->displaced
            || (node->tag != ED_TAG_DIV && node->tag != ED_TAG_SECTION))
        {
            return 0;
        }

        i = node->parent;
    }

    return 1;
}


/* A <p> without text: of pictures, of embeds, or empty. */

static ed_block_e
ed_para_media(const ed_article_t *article, uint32_t i)
{
    uint32_t          end;
    ed_block_e        kind;
    const ed_node_t  *node;

    end = ed_article_node(article, i)->end;

    for (i++; i < ed_article_nodes(article); i++) {
        node = ed_article_node(article, i);

        if (node->start >= end) {
            break;
        }

        kind = ed_block_kind(article, i);

        if (kind == ED_BLOCK_FIGURE || kind == ED_BLOCK_EMBED) {
            return kind;
        }
    }

    return ED_BLOCK_EMPTY;
}


static ed_rc_t
ed_para_is_empty(ed_blocks_t *b, const ed_run_t *runs, size_t n, int *empty)
{
    size_t          i;
    ed_rc_t         rc;
    ed_text_t       text;
    const uint8_t  *p, *end;

    *empty = 1;

    for (i = 0; i < n; i++) {
        p = b->article->data + runs[i].start;
        end = b->article->data + runs[i].end;

        while (p < end && ed_is_space(*p)) {
            p++;
        }

        if (p == end) {
            continue;
        }

        if (*p != '&' && *p < 0x80) {
            *empty = 0;
            return ED_OK;
        }

        /* it may be a no-break space */

        rc = ed_text_make(b->arena, b->cs, b->article->data, &runs[i], 1,
                          ED_TEXT_SHOWN, &text);
        if (rc != ED_OK) {
            return rc;
        }

        if (text.len != 0) {
            *empty = 0;
            return ED_OK;
        }
    }

    return ED_OK;
}


/*
 * Words end where letters end, and where a capital follows a small letter
 * ("authorBio"); an s at the end makes no difference.
 */

static int
ed_block_has_word(ed_str_t value, const ed_str_t *words)
{
    size_t    i, len, start;
    unsigned  w;

    for (i = 0; i < value.len; /* void */ ) {
        start = i;

        while (i < value.len
               && (uint8_t) (ed_lower(value.data[i]) - 'a') < 26
               && (i == start || (value.data[i] & 0x20) != 0
                   || (value.data[i - 1] & 0x20) == 0))
        {
            i++;
        }

        len = i - start;

        for (w = 0; words[w].len != 0 && len != 0; w++) {
            if (ed_str_caseeq(ed_str(value.data + start, len), words[w])
                || (len == words[w].len + 1
                    && ed_lower(value.data[i - 1]) == 's'
                    && ed_str_caseeq(ed_str(value.data + start, len - 1),
                                     words[w])))
            {
                return 1;
            }
        }

        i += (len == 0);
    }

    return 0;
}
