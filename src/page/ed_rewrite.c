
/*
 * The states before, holding and after are in ed_rewrite.h.  Here: what the
 * tree's events mean in each of them, what is held, and giving up without
 * losing a byte.  What is held is never moved once a span points into it:
 * when a better article begins, the old buffer is kept until the end.
 */

#include <limits.h>
#include <stdlib.h>

#include "ed_explain.h"
#include "ed_rewrite.h"


#define ED_MAX_ARENA    (64 * 1024 * 1024)     /* bytes, of one page */
#define ED_MAX_SPANS    (4 * 65536)
#define ED_MAX_ASSETS   (16 * 1024)            /* bytes */
#define ED_MAX_FACTS    (256 * 1024)           /* bytes */
#define ED_MAX_BOM      3
#define ED_MAX_BEFORE   (16 * 1024)            /* bytes of text kept */
#define ED_FIRST_HELD   (64 * 1024)            /* bytes: most articles are not
                                                  moved as they grow */
#define ED_PLAIN_SPANS  4                      /* of an unchanged page: a
                                                  released buffer, two parts
                                                  of a chunk, a held one */


typedef enum {
    ED_BEFORE = 0,
    ED_HOLDING,
    ED_AFTER
} ed_rewrite_state_e;


/* A held buffer that has been sent: kept, since spans point into it. */
typedef struct ed_released_s  ed_released_t;

struct ed_released_s {
    ed_buf_t             buf;
    ed_released_t       *next;
};


struct ed_rewrite_s {
    const ed_policy_t   *policy;
    ed_page_t            page;
    ed_rewrite_state_e   state;
    ed_skip_e            skip;

    ed_arena_t          *arena;
    ed_tree_t           *tree;
    ed_meta_t           *meta;
    ed_charset_t        *cs;
    ed_article_t         article;
    ed_plan_t            plan;

    int                  selector;     /* that the article matched */
    unsigned             already:1;    /* our furniture is in the page */
    unsigned             want_before:1;    /* before is to be filled */
    unsigned             in_body:1;    /* and before has room */
    void                *captured;     /* element whose text ed_meta wants */

    ed_buf_t             before;       /* text of the body before the article,
                                          for the disclaimer */
    uint64_t             fed;          /* bytes of the page so far */
    uint8_t              bom[ED_MAX_BOM];
    unsigned             nbom;

    uint64_t             held_from;    /* offset of the held bytes */
    ed_buf_t             held;
    ed_released_t       *released;

    ed_arena_t          *facts_arena;  /* of the facts; NULL: none */
    ed_facts_t           facts;

    ed_buf_t             spans;        /* of ed_span_t; room for those of an
                                          unchanged page from the start */
    ed_buf_t             assets;
};


static const ed_str_t  ed_skip_names[ED_SKIPS] = {
#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }
    ED_S(""),
    ED_S("no article"),
    ED_S("no furniture"),
    ED_S("done already"),
    ED_S("charset"),
    ED_S("exclude failed"),
    ED_S("size"),
    ED_S("article too long"),
    ED_S("depth"),
    ED_S("token too long"),
    ED_S("too much work"),
    ED_S("memory"),
    ED_S("cut short")
};


static ed_rc_t ed_rewrite_open(void *ctx, ed_element_t *el,
    ed_element_t *parent, const ed_token_t *token);
static ed_rc_t ed_rewrite_close(void *ctx, ed_element_t *el,
    uint64_t end_tag_start, uint64_t end, unsigned formatting);
static ed_rc_t ed_rewrite_text(void *ctx, ed_element_t *parent,
    uint64_t offset, ed_str_t text);
static ed_rc_t ed_rewrite_keep(ed_rewrite_t *rw, const ed_element_t *parent,
    ed_str_t text);
static int ed_rewrite_is_ours(const ed_token_t *token);
static int ed_rewrite_is_piece(ed_str_t value);
static ed_rc_t ed_rewrite_begin(ed_rewrite_t *rw, ed_element_t *el,
    const ed_token_t *token, int selector);
static void ed_rewrite_parse(ed_rewrite_t *rw, const uint8_t *data,
    size_t len, int last);
static ed_rc_t ed_rewrite_charset(ed_rewrite_t *rw);
static int ed_rewrite_sniff(ed_rewrite_t *rw, const uint8_t *data,
    size_t len);
static ed_rc_t ed_rewrite_hold(ed_rewrite_t *rw, const uint8_t *data,
    size_t len);
static ed_rc_t ed_rewrite_release(ed_rewrite_t *rw);
static ed_rc_t ed_rewrite_finish_article(ed_rewrite_t *rw,
    const uint8_t *data, size_t len);
static ed_rc_t ed_rewrite_plan(ed_rewrite_t *rw, const uint8_t *bytes);
static ed_rc_t ed_rewrite_make_assets(ed_rewrite_t *rw);
static void ed_rewrite_make_facts(ed_rewrite_t *rw);
static ed_rc_t ed_rewrite_splice(ed_rewrite_t *rw, const uint8_t *bytes);
static void ed_rewrite_give_up(ed_rewrite_t *rw, ed_skip_e skip,
    const uint8_t *data, size_t len);
static void ed_rewrite_settle(ed_rewrite_t *rw, ed_skip_e skip);
static ed_rc_t ed_rewrite_source(ed_rewrite_t *rw, const uint8_t *data,
    size_t len);
static ed_skip_e ed_rewrite_reason(ed_rc_t rc);


static const ed_tree_handler_t  ed_rewrite_handler = {
    ed_rewrite_open,
    ed_rewrite_close,
    ed_rewrite_text
};


ed_rewrite_t *
ed_rewrite_create(const ed_policy_t *policy, const ed_page_t *page)
{
    ed_rewrite_t  *rw;

    rw = calloc(1, sizeof(ed_rewrite_t));
    if (rw == NULL) {
        return NULL;
    }

    rw->policy = policy;
    rw->page = *page;
    rw->plan.policy = policy;
    rw->plan.page = &rw->page;

    ed_article_init(&rw->article);
    ed_buf_init(&rw->held, ED_MAX_HELD);
    ed_buf_init(&rw->spans, ED_MAX_SPANS * sizeof(ed_span_t));
    ed_buf_init(&rw->assets, ED_MAX_ASSETS);
    ed_buf_init(&rw->before, ED_MAX_BEFORE);

    rw->selector = INT_MAX;
    rw->arena = ed_arena_create(ED_MAX_ARENA);
    rw->tree = ed_tree_create(&ed_rewrite_handler, rw);
    rw->meta = rw->arena != NULL ? ed_meta_create(rw->arena) : NULL;

    rw->want_before = policy->features[ED_DISCLAIMER].n != 0
                      && page->opinion != ED_OPINION_NO;

    if (rw->tree == NULL || rw->meta == NULL
        || ed_buf_extend(&rw->spans, ED_PLAIN_SPANS * sizeof(ed_span_t))
           == NULL)
    {
        ed_rewrite_destroy(rw);
        return NULL;
    }

    if (page->charset.len != 0) {
        if (ed_charset_open(page->charset, &rw->cs) != ED_OK) {
            ed_rewrite_destroy(rw);
            return NULL;
        }

        if (rw->cs == NULL) {
            ed_rewrite_settle(rw, ED_SKIP_CHARSET);
        }
    }

    return rw;
}


void
ed_rewrite_destroy(ed_rewrite_t *rw)
{
    ed_released_t  *released;

    if (rw == NULL) {
        return;
    }

    rw->page.explain = 0;
    ed_rewrite_settle(rw, rw->skip);

    ed_plan_free(&rw->plan);
    ed_arena_destroy(rw->facts_arena);
    ed_buf_free(&rw->held);
    ed_buf_free(&rw->spans);
    ed_buf_free(&rw->assets);

    while (rw->released != NULL) {
        released = rw->released;
        rw->released = released->next;

        ed_buf_free(&released->buf);
        free(released);
    }

    free(rw);
}


void
ed_rewrite_feed(ed_rewrite_t *rw, const uint8_t *data, size_t len, int last,
    const ed_span_t **spans, size_t *n)
{
    size_t   whole, room;

    rw->spans.len = 0;

    if (rw->state == ED_AFTER) {
        (void) ed_rewrite_source(rw, data, len);

    } else if ((uint64_t) rw->policy->max_size >= rw->fed + len) {
        ed_rewrite_parse(rw, data, len, last);

    } else {
        /* as much as is allowed, so that chunks make no difference */

        whole = len;
        room = (size_t) ((uint64_t) rw->policy->max_size - rw->fed);

        ed_rewrite_parse(rw, data, room, 0);

        if (rw->state != ED_AFTER) {
            ed_rewrite_give_up(rw, ED_SKIP_SIZE, data + room, whole - room);

        } else {
            (void) ed_rewrite_source(rw, data + room, whole - room);
        }
    }

    *spans = ed_buf_list(&rw->spans, const ed_span_t);
    *n = ed_buf_count(&rw->spans, ed_span_t);
}


void
ed_rewrite_abandon(ed_rewrite_t *rw, ed_skip_e reason,
    const ed_span_t **spans, size_t *n)
{
    rw->spans.len = 0;

    if (rw->state != ED_AFTER) {
        ed_rewrite_give_up(rw, reason, NULL, 0);
    }

    *spans = ed_buf_list(&rw->spans, const ed_span_t);
    *n = ed_buf_count(&rw->spans, ed_span_t);
}


int
ed_rewrite_settled(const ed_rewrite_t *rw)
{
    return rw->state == ED_AFTER;
}


int
ed_rewrite_begun(const ed_rewrite_t *rw)
{
    return rw->selector != INT_MAX;
}


ed_str_t
ed_rewrite_assets(const ed_rewrite_t *rw)
{
    return ed_str(rw->assets.data, rw->assets.len);
}


ed_skip_e
ed_rewrite_skip(const ed_rewrite_t *rw)
{
    return rw->skip;
}


ed_str_t
ed_skip_name(ed_skip_e skip)
{
    return ed_skip_names[skip];
}


const ed_facts_t *
ed_rewrite_facts(const ed_rewrite_t *rw)
{
    return rw->facts_arena != NULL ? &rw->facts : NULL;
}


json_t *
ed_rewrite_explain_json(ed_rewrite_t *rw)
{
    if (!rw->page.explain || rw->state != ED_AFTER) {
        return NULL;
    }

    return ed_explain(&rw->plan, ed_skip_names[rw->skip]);
}


char *
ed_rewrite_explain(ed_rewrite_t *rw)
{
    char    *text;
    json_t  *json;

    json = ed_rewrite_explain_json(rw);
    if (json == NULL) {
        return NULL;
    }

    text = ed_json_write(json, JSON_INDENT(2)|JSON_PRESERVE_ORDER);
    json_decref(json);

    return text;
}


/*
 * Reads a chunk and sends on what it settles.  The article is held from its
 * base on: what lies before it in this chunk, or in what was held for a
 * lesser selector's match, goes out first.
 */

static void
ed_rewrite_parse(ed_rewrite_t *rw, const uint8_t *data, size_t len, int last)
{
    size_t     skip;
    ed_rc_t    rc;
    uint64_t   start, base;

    start = rw->fed;
    rw->fed += len;

    if (rw->nbom < ED_MAX_BOM && !ed_rewrite_sniff(rw, data, len)) {
        ed_rewrite_give_up(rw, ED_SKIP_CHARSET, data, len);
        return;
    }

    rc = ed_tree_feed(rw->tree, data, len);

    if (rc == ED_OK && last) {
        rc = ed_tree_finish(rw->tree);

        /* what is put at the page's end would be lost in a tag, or a script */

        if (rc == ED_DONE && !ed_tree_in_text(rw->tree)) {
            ed_rewrite_give_up(rw, ED_SKIP_CUT, data, len);
            return;
        }
    }

    if (rw->already || (rc != ED_OK && rc != ED_DONE)) {
        ed_rewrite_give_up(rw, rw->already ? ED_SKIP_DONE_ALREADY
                                           : ed_rewrite_reason(rc),
                           data, len);
        return;
    }

    if (rw->state == ED_BEFORE) {
        (void) ed_rewrite_source(rw, data, len);

        if (last) {
            ed_rewrite_settle(rw, ED_SKIP_NO_ARTICLE);
        }

        return;
    }

    base = rw->article.base;
    skip = 0;

    if (base != rw->held_from) {

        /* it began in this chunk */

        skip = (size_t) (base - start);

        if (ed_rewrite_release(rw) != ED_OK) {
            ed_rewrite_give_up(rw, ED_SKIP_MEMORY, data, len);
            return;
        }

        (void) ed_rewrite_source(rw, data, skip);
        rw->held_from = base;
    }

    rc = rc == ED_DONE
         ? ed_rewrite_finish_article(rw, data + skip, len - skip)
         : ed_rewrite_hold(rw, data + skip, len - skip);

    if (rc != ED_OK) {
        ed_rewrite_give_up(rw, ed_rewrite_reason(rc), data + skip,
                           len - skip);
    }
}


static ed_rc_t
ed_rewrite_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    int            selector, capture;
    ed_rc_t        rc;
    ed_rewrite_t  *rw;

    rw = ctx;

    if (el->tag == ED_TAG_BODY && el->ns == ED_NS_HTML && rw->want_before) {
        rw->in_body = 1;
        ed_tree_want_text(rw->tree, 1);
    }

    if (token != NULL) {
        if (token->nattrs != 0 && ed_rewrite_is_ours(token)) {
            rw->already = 1;
            return ED_DONE;
        }

        if (rw->captured == NULL) {
            rc = ed_meta_tag(rw->meta, el, token, &capture);
            if (rc != ED_OK) {
                return rc;
            }

            if (capture) {
                rw->captured = el;
                ed_tree_want_text(rw->tree, 1);
            }
        }

        if (el->ns == ED_NS_HTML && !el->in_template && !el->displaced
            && rw->selector != 0)
        {
            selector = ed_select_match(rw->policy->article, token);

            /* in a <p>, the first piece of furniture would end it */

            if (selector >= 0
                && (rw->state == ED_BEFORE || selector < rw->selector)
                && !ed_tree_in_p(rw->tree))
            {
                return ed_rewrite_begin(rw, el, token, selector);
            }
        }
    }

    return rw->state == ED_HOLDING ? ed_article_open(&rw->article, el, parent)
                                   : ED_OK;
}


static ed_rc_t
ed_rewrite_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting)
{
    ed_rc_t        rc;
    ed_rewrite_t  *rw;

    rw = ctx;

    if (rw->captured == el) {
        rw->captured = NULL;
        ed_tree_want_text(rw->tree, rw->state == ED_HOLDING || rw->in_body);

        rc = ed_meta_captured(rw->meta);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return rw->state == ED_HOLDING
           ? ed_article_close(&rw->article, el, end_tag_start, end,
                              formatting)
           : ED_OK;
}


static ed_rc_t
ed_rewrite_text(void *ctx, ed_element_t *parent, uint64_t offset,
    ed_str_t text)
{
    ed_rc_t        rc;
    ed_rewrite_t  *rw;

    rw = ctx;

    if (rw->captured != NULL) {
        rc = ed_meta_text(rw->meta, text);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return rw->state == ED_HOLDING
           ? ed_article_text(&rw->article, parent, offset, text.len)
           : ed_rewrite_keep(rw, parent, text);
}


/* Text before the article, as much as there is room for. */

static ed_rc_t
ed_rewrite_keep(ed_rewrite_t *rw, const ed_element_t *parent, ed_str_t text)
{
    size_t  room;

    if (!rw->in_body || !ed_article_is_text(parent)) {
        return ED_OK;
    }

    room = ED_MAX_BEFORE - rw->before.len;

    if (text.len >= room) {
        text.len = room;
        rw->in_body = 0;
        ed_tree_want_text(rw->tree, rw->captured != NULL);
    }

    return ed_buf_append(&rw->before, text.data, text.len);
}


/* data-editorial="FEATURE/VARIANT", or data-editorial-test="FEATURE" */

static int
ed_rewrite_is_ours(const ed_token_t *token)
{
    size_t           len;
    unsigned         i, piece, marker;
    const ed_str_t  *value;

    piece = 0;
    marker = 0;

    for (i = 0; i < token->nattrs; i++) {
        len = token->attrs[i].name.len;

        piece |= (len == sizeof("data-editorial") - 1);
        marker |= (len == sizeof("data-editorial-test") - 1);
    }

    if (piece) {
        value = ed_token_attr(token, ED_STR("data-editorial"));

        if (value != NULL && ed_rewrite_is_piece(*value)) {
            return 1;
        }
    }

    if (marker) {
        value = ed_token_attr(token, ED_STR("data-editorial-test"));

        return value != NULL && ed_feature_find(*value) != ED_FEATURES;
    }

    return 0;
}


static int
ed_rewrite_is_piece(ed_str_t value)
{
    const uint8_t  *slash;

    if (value.len == 0) {
        return 0;
    }

    slash = memchr(value.data, '/', value.len);

    return slash != NULL
           && slash + 1 < value.data + value.len
           && ed_feature_find(ed_str(value.data,
                                     (size_t) (slash - value.data)))
              != ED_FEATURES;
}


/* The element may be the article, unless a better one begins in it. */

static ed_rc_t
ed_rewrite_begin(ed_rewrite_t *rw, ed_element_t *el, const ed_token_t *token,
    int selector)
{
    rw->state = ED_HOLDING;
    rw->selector = selector;

    ed_tree_want_text(rw->tree, 1);

    /* a token's name stands right behind its "<" */

    return ed_article_begin(&rw->article, el,
                            ed_str(token->name.data - 1,
                                   (size_t) (token->end - token->start)));
}


/* A byte order mark overrules the Content-Type; zero: a charset to pass by. */

static int
ed_rewrite_sniff(ed_rewrite_t *rw, const uint8_t *data, size_t len)
{
    size_t    n;
    ed_str_t  label;

    n = ED_MAX_BOM - rw->nbom;
    n = len < n ? len : n;

    memcpy(rw->bom + rw->nbom, data, n);
    rw->nbom += (unsigned) n;

    label = ed_charset_bom(ed_str(rw->bom, rw->nbom));

    if (label.len == 0) {
        return 1;
    }

    ed_charset_close(rw->cs);
    rw->cs = NULL;

    return ed_charset_open(label, &rw->cs) == ED_OK && rw->cs != NULL;
}


/* What the page declares, where neither HTTP nor a mark did. */

static ed_rc_t
ed_rewrite_charset(ed_rewrite_t *rw)
{
    ed_rc_t   rc;
    ed_str_t  label;

    if (rw->cs != NULL) {
        return ED_OK;
    }

    label = ed_meta_charset(rw->meta);

    /* a page whose <meta> could be read is not UTF-16 (13.2.3.2) */

    if (label.len >= 6
        && ed_str_caseeq(ed_str(label.data, 6), ED_STR("utf-16")))
    {
        label = ED_STR("utf-8");
    }

    rc = ed_charset_open(label, &rw->cs);

    return rc == ED_OK && rw->cs == NULL ? ED_CHARSET : rc;
}


static ed_rc_t
ed_rewrite_hold(ed_rewrite_t *rw, const uint8_t *data, size_t len)
{
    ed_rc_t  rc;

    if (rw->held.size == 0 && !ed_buf_grow(&rw->held, ED_FIRST_HELD)) {
        return ED_NOMEM;
    }

    rc = ed_buf_append(&rw->held, data, len);

    return rc == ED_LIMIT_SIZE ? ED_LIMIT_HELD : rc;
}


/*
 * What was held for a lesser selector's match goes out.  The buffer stays
 * where it is, since a span points into it now.
 */

static ed_rc_t
ed_rewrite_release(ed_rewrite_t *rw)
{
    ed_released_t  *released;

    if (rw->held.len == 0) {
        return ED_OK;
    }

    released = malloc(sizeof(ed_released_t));
    if (released == NULL) {
        return ED_NOMEM;
    }

    released->buf = rw->held;
    released->next = rw->released;
    rw->released = released;

    ed_buf_init(&rw->held, ED_MAX_HELD);

    return ed_rewrite_source(rw, released->buf.data, released->buf.len);
}


/* The article ends in this chunk; it may have begun in it too. */

static ed_rc_t
ed_rewrite_finish_article(ed_rewrite_t *rw, const uint8_t *data, size_t len)
{
    int             copied;
    size_t          end, held, part;
    ed_rc_t         rc;
    const uint8_t  *bytes;

    end = ed_article_node(&rw->article, 0)->end;
    held = rw->held.len;

    /* a tag cut by the chunk's edge may have ended it in the last one */

    part = end > held ? end - held : 0;

    if (end > ED_MAX_HELD) {
        return ED_LIMIT_HELD;
    }

    /* explain reads the article when the chunk is gone */

    copied = held != 0 || (rw->page.explain && part != 0);

    if (copied) {
        rc = ed_rewrite_hold(rw, data, part);
        if (rc != ED_OK) {
            return rc;
        }
    }

    bytes = copied ? rw->held.data : data;

    rc = ed_rewrite_plan(rw, bytes);

    if (rc != ED_OK) {
        rw->held.len = held;
        return rc;
    }

    if (held > end) {
        (void) ed_rewrite_source(rw, rw->held.data + end, held - end);
    }

    return ed_rewrite_source(rw, data + part, len - part);
}


/* Makes the plan of the article at bytes and the spans that follow from it. */

static ed_rc_t
ed_rewrite_plan(ed_rewrite_t *rw, const uint8_t *bytes)
{
    ed_rc_t  rc;

    rc = ed_rewrite_charset(rw);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_meta_decode(rw->meta, rw->cs);
    if (rc != ED_OK) {
        return rc;
    }

    ed_article_complete(&rw->article, bytes);

    rw->plan.arena = rw->arena;
    rw->plan.cs = rw->cs;
    rw->plan.article = &rw->article;
    rw->plan.meta = rw->meta;
    rw->plan.before = ed_str(rw->before.data, rw->before.len);

    rc = ed_plan_make(&rw->plan);

    if (rc == ED_OK) {
        rc = ed_rewrite_make_assets(rw);
    }

    if (rc == ED_OK) {
        rc = ed_rewrite_splice(rw, bytes);
    }

    if (rc != ED_OK) {
        return rc;
    }

    if (rw->page.facts) {
        ed_rewrite_make_facts(rw);
    }

    ed_rewrite_settle(rw, rw->plan.inserts.len != 0 ? ED_SKIP_NONE
                                                    : ED_SKIP_NO_FURNITURE);
    ed_plan_finish(&rw->plan);

    return ED_OK;
}


/* Stylesheet and script; an AMP page must have neither. */

static ed_rc_t
ed_rewrite_make_assets(ed_rewrite_t *rw)
{
    ed_rc_t             rc;
    ed_buf_t            utf8;
    const ed_policy_t  *policy;

    policy = rw->policy;
    rc = ED_OK;

    if (ed_meta_amp(rw->meta)) {
        return ED_OK;
    }

    ed_buf_init(&utf8, ED_MAX_ASSETS);

    if (policy->stylesheet.len != 0) {
        rc = ed_markup_stylesheet(&utf8, policy->stylesheet);
    }

    if (rc == ED_OK && policy->script.len != 0) {
        rc = ed_markup_script(&utf8, policy->script, policy->desk,
                              policy->beacon);
    }

    if (rc == ED_OK) {
        rc = ed_charset_encode(rw->cs, ed_str(utf8.data, utf8.len),
                               &rw->assets);
    }

    ed_buf_free(&utf8);

    return rc;
}


/* Where there is no memory for them, the page goes out all the same. */

static void
ed_rewrite_make_facts(ed_rewrite_t *rw)
{
    rw->facts_arena = ed_arena_create(ED_MAX_FACTS);

    if (rw->facts_arena != NULL
        && ed_facts_make(&rw->plan, rw->facts_arena, &rw->facts) != ED_OK)
    {
        ed_arena_destroy(rw->facts_arena);
        rw->facts_arena = NULL;
    }
}


/*
 * The article's bytes with the plan's markup between them, as spans.  Room
 * for all of them is made first: behind that nothing can fail.
 */

static ed_rc_t
ed_rewrite_splice(ed_rewrite_t *rw, const uint8_t *bytes)
{
    size_t              i, n, used;
    uint32_t            at;
    ed_span_t          *span;
    const ed_insert_t  *insert;

    n = ed_buf_count(&rw->plan.inserts, ed_insert_t);
    used = rw->spans.len;
    at = 0;

    if (ed_buf_extend(&rw->spans,
                      (2 * n + ED_PLAIN_SPANS) * sizeof(ed_span_t)) == NULL)
    {
        return ED_NOMEM;
    }

    rw->spans.len = used;

    for (i = 0; i < n; i++) {
        insert = ed_buf_at(&rw->plan.inserts, const ed_insert_t, i);

        (void) ed_rewrite_source(rw, bytes + at, insert->at - at);
        at = insert->at;

        span = ed_buf_extend(&rw->spans, sizeof(ed_span_t));

        span->data = rw->plan.markup.data + insert->offset;
        span->len = insert->len;
        span->kind = insert->marker ? ED_SPAN_MARKER : ED_SPAN_FURNITURE;
        span->feature = (ed_feature_e) insert->feature;
        span->variants = insert->variants;
        span->piece = insert->piece;
    }

    return ed_rewrite_source(rw, bytes + at, rw->article.len - at);
}


/* Everything that is held, and the rest of the chunk, go out as they came. */

static void
ed_rewrite_give_up(ed_rewrite_t *rw, ed_skip_e skip, const uint8_t *data,
    size_t len)
{
    ed_rewrite_settle(rw, skip);

    (void) ed_rewrite_source(rw, rw->held.data, rw->held.len);
    (void) ed_rewrite_source(rw, data, len);
}


/* Nothing more will be read: gives back what only reading needs. */

static void
ed_rewrite_settle(ed_rewrite_t *rw, ed_skip_e skip)
{
    rw->state = ED_AFTER;
    rw->skip = skip;

    ed_tree_destroy(rw->tree);
    rw->tree = NULL;

    if (rw->page.explain) {
        return;
    }

    if (rw->meta != NULL) {
        ed_meta_release(rw->meta);
        rw->meta = NULL;
    }

    ed_article_free(&rw->article);
    ed_buf_free(&rw->before);
    ed_charset_close(rw->cs);
    rw->cs = NULL;

    ed_arena_destroy(rw->arena);
    rw->arena = NULL;
}


/*
 * A source span, joined to the one before where the bytes go on.  Those of an
 * unchanged page need no memory: they have had room from the start.
 */

static ed_rc_t
ed_rewrite_source(ed_rewrite_t *rw, const uint8_t *data, size_t len)
{
    size_t      n;
    ed_span_t  *span;

    if (len == 0) {
        return ED_OK;
    }

    n = ed_buf_count(&rw->spans, ed_span_t);

    if (n != 0) {
        span = ed_buf_at(&rw->spans, ed_span_t, n - 1);

        if (span->kind == ED_SPAN_SOURCE && span->data + span->len == data) {
            span->len += len;
            return ED_OK;
        }
    }

    span = ed_buf_extend(&rw->spans, sizeof(ed_span_t));
    if (span == NULL) {
        return ED_NOMEM;
    }

    memset(span, 0, sizeof(ed_span_t));

    span->data = data;
    span->len = len;
    span->kind = ED_SPAN_SOURCE;

    return ED_OK;
}


static ed_skip_e
ed_rewrite_reason(ed_rc_t rc)
{
    switch (rc) {

    case ED_LIMIT_DEPTH:
        return ED_SKIP_DEPTH;

    case ED_LIMIT_TOKEN:
        return ED_SKIP_TOKEN;

    case ED_LIMIT_HELD:
        return ED_SKIP_HELD;

    case ED_LIMIT_WORK:
        return ED_SKIP_WORK;

    case ED_CHARSET:
        return ED_SKIP_CHARSET;

    case ED_INVALID:
        return ED_SKIP_EXCLUDE;

    default:
        return ED_SKIP_MEMORY;
    }
}
