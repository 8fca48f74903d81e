
/*
 * Recording is done as the tree's events come, one struct an element and a
 * run; reading, once the article is complete, goes back to its bytes.  The
 * libxml2 tree is made from both, and only where XPath is asked for.
 */

#include <errno.h>
#include <stdlib.h>

#include "ed_article.h"


#define ED_STRANGER  UINT32_MAX
#define ED_MAX_TREE  (16 * 1024 * 1024)    /* bytes of decoded strings */


typedef struct {
    const ed_article_t  *article;
    ed_charset_t        *cs;
    ed_arena_t          *arena;        /* of decoded strings */
    xmlNodePtr          *made;         /* the element of each node */
} ed_tree_builder_t;


static void ed_article_bind(const ed_article_t *article, ed_element_t *el,
    uint32_t i);
static uint32_t ed_article_index(const ed_article_t *article,
    const ed_element_t *el);
static uint32_t ed_article_parent(const ed_article_t *article,
    const ed_element_t *parent);
static int ed_article_sets_apart(ed_tag_t tag);
static void ed_article_end(ed_article_t *article);
static ed_rc_t ed_builder_run(ed_tree_builder_t *b, xmlDocPtr doc);
static xmlNodePtr ed_builder_element(ed_tree_builder_t *b, uint32_t i);
static ed_rc_t ed_builder_attrs(ed_tree_builder_t *b, xmlNodePtr element,
    ed_str_t tag);
static ed_rc_t ed_builder_attr(xmlNodePtr element, const xmlChar *name,
    const xmlChar *value);
static ed_rc_t ed_builder_text(ed_tree_builder_t *b, size_t run);
static xmlChar *ed_builder_name(ed_str_t name);


void
ed_article_init(ed_article_t *article)
{
    memset(article, 0, sizeof(ed_article_t));

    ed_buf_init(&article->start_tag, ED_MAX_TOKEN);
    ed_buf_init(&article->nodes, ED_MAX_NODES * sizeof(ed_node_t));
    ed_buf_init(&article->runs, 4 * ED_MAX_NODES * sizeof(ed_run_t));
}


void
ed_article_free(ed_article_t *article)
{
    ed_buf_free(&article->start_tag);
    ed_buf_free(&article->nodes);
    ed_buf_free(&article->runs);
}


ed_rc_t
ed_article_begin(ed_article_t *article, ed_element_t *el, ed_str_t start_tag)
{
    ed_node_t  *node;

    article->start_tag.len = 0;
    article->nodes.len = 0;
    article->runs.len = 0;
    article->apart = 0;

    article->start = el->start;
    article->base = el->start_tag_end;

    node = ed_buf_extend(&article->nodes, sizeof(ed_node_t));
    if (node == NULL) {
        return ED_NOMEM;
    }

    memset(node, 0, sizeof(ed_node_t));

    node->tag = el->tag;
    node->ns = el->ns;
    article->generation++;
    ed_article_bind(article, el, 0);

    return ed_buf_str(&article->start_tag, start_tag);
}


ed_rc_t
ed_article_open(ed_article_t *article, ed_element_t *el,
    const ed_element_t *parent)
{
    uint32_t    i;
    ed_node_t  *node;

    i = (uint32_t) ed_article_nodes(article);

    if (i == ED_MAX_NODES) {
        return ED_LIMIT_WORK;
    }

    node = ed_buf_extend(&article->nodes, sizeof(ed_node_t));
    if (node == NULL) {
        return ED_NOMEM;
    }

    node->tag = el->tag;
    node->ns = el->ns;
    node->implied = el->implied;
    node->displaced = el->displaced || parent == NULL
                      || ed_article_index(article, parent) == ED_STRANGER;
    node->hidden = el->in_template;
    node->loose = 0;
    node->parent = ed_article_parent(article, parent);
    node->start = (uint32_t) (el->start - article->base);
    node->start_tag_end = (uint32_t) (el->start_tag_end - article->base);
    node->end_tag_start = UINT32_MAX;
    node->end = UINT32_MAX;

    ed_article_bind(article, el, i);

    if (ed_article_sets_apart(el->tag)) {
        article->apart = 1;
    }

    return ED_OK;
}


ed_rc_t
ed_article_close(ed_article_t *article, const ed_element_t *el,
    uint64_t end_tag_start, uint64_t end, unsigned formatting)
{
    uint32_t    i;
    ed_node_t  *node;

    i = ed_article_index(article, el);

    if (i == ED_STRANGER) {
        return ED_OK;
    }

    node = ed_article_node(article, i);

    node->end_tag_start = (uint32_t) (end_tag_start - article->base);
    node->end = (uint32_t) (end - article->base);
    node->loose = (formatting != 0);
    node->displaced |= el->displaced;

    if (ed_article_sets_apart(el->tag)) {
        article->apart = 1;
    }

    if (i != 0) {
        return ED_OK;
    }

    ed_article_end(article);

    return ED_DONE;
}


/*
 * No node ends behind the article, and each ends.  A <body> is the parent of
 * what stands behind </body> too, so it has no end tag then; and a <form> may
 * close before what stands in it.
 */

static void
ed_article_end(ed_article_t *article)
{
    size_t      n;
    uint32_t    i, end;
    ed_node_t  *root, *node;

    root = ed_article_node(article, 0);
    end = root->end;
    n = ed_buf_count(&article->runs, ed_run_t);

    if (n != 0 && end < ed_buf_at(&article->runs, ed_run_t, n - 1)->end) {
        end = ed_buf_at(&article->runs, ed_run_t, n - 1)->end;
    }

    for (i = 1; i < ed_article_nodes(article); i++) {
        node = ed_article_node(article, i);

        if (node->end == UINT32_MAX) {
            node->end_tag_start = root->end_tag_start;
            node->end = root->end_tag_start;

        } else if (end < node->end) {
            end = node->end;
        }
    }

    if (end != root->end) {
        root->end_tag_start = end;
        root->end = end;
    }
}


ed_rc_t
ed_article_text(ed_article_t *article, const ed_element_t *parent,
    uint64_t offset, size_t len)
{
    size_t     n;
    uint32_t   at, owner;
    ed_run_t  *run;

    if (!ed_article_is_text(parent)) {
        return ED_OK;
    }

    at = (uint32_t) (offset - article->base);
    owner = ed_article_parent(article, parent);
    n = ed_buf_count(&article->runs, ed_run_t);

    if (n != 0) {
        run = ed_buf_at(&article->runs, ed_run_t, n - 1);

        if (run->end == at && !article->apart
            && run->owner == owner)
        {
            run->end += (uint32_t) len;
            return ED_OK;
        }
    }

    run = ed_buf_extend(&article->runs, sizeof(ed_run_t));
    if (run == NULL) {
        return ED_NOMEM;
    }

    run->start = at;
    run->end = at + (uint32_t) len;
    run->raw = 0;
    run->space = article->apart;
    run->owner = owner;

    article->apart = 0;

    return ED_OK;
}


void
ed_article_complete(ed_article_t *article, const uint8_t *data)
{
    article->data = data;
    article->len = ed_article_node(article, 0)->end;
}


ed_str_t
ed_article_attr(const ed_article_t *article, uint32_t node, ed_str_t name)
{
    ed_token_t       token;
    ed_attr_t        attrs[ED_MAX_ATTRS];
    const ed_str_t  *value;

    if (!ed_article_token(article, node, &token, attrs)) {
        return ED_STR_EMPTY;
    }

    value = ed_token_attr(&token, name);

    if (value == NULL) {
        return ED_STR_EMPTY;
    }

    return value->data != NULL ? *value : ED_STR("");
}


int
ed_article_token(const ed_article_t *article, uint32_t node,
    ed_token_t *token, ed_attr_t *attrs)
{
    ed_str_t          bytes;
    const ed_node_t  *nd;

    nd = ed_article_node(article, node);

    if (nd->implied) {
        return 0;
    }

    bytes = node == 0 ? ed_str(article->start_tag.data, article->start_tag.len)
                      : ed_str(article->data + nd->start,
                               nd->start_tag_end - nd->start);

    return memchr(bytes.data, '=', bytes.len) != NULL
           && ed_token_parse(bytes, token, attrs) == ED_OK;
}


ed_str_t
ed_article_name(const ed_article_t *article, uint32_t node)
{
    ed_str_t          tag;
    ed_token_t        token;
    ed_attr_t         attrs[ED_MAX_ATTRS];
    const ed_node_t  *nd;

    nd = ed_article_node(article, node);

    if (nd->tag == ED_TAG_UNKNOWN && node != 0) {
        tag = ed_str(article->data + nd->start,
                     nd->start_tag_end - nd->start);

        if (ed_token_parse(tag, &token, attrs) == ED_OK) {
            return token.name;
        }
    }

    return ed_tag_name(nd->tag, nd->ns == ED_NS_SVG);
}


const ed_run_t *
ed_article_runs(const ed_article_t *article, uint32_t start, uint32_t end,
    size_t *n)
{
    size_t           lo, hi, mid, count, first;
    const ed_run_t  *runs;

    runs = ed_buf_list(&article->runs, const ed_run_t);
    count = ed_buf_count(&article->runs, ed_run_t);

    lo = 0;
    hi = count;

    while (lo < hi) {
        mid = (lo + hi) / 2;

        if (runs[mid].end <= start) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    first = lo;

    while (lo < count && runs[lo].start < end) {
        lo++;
    }

    *n = lo - first;

    return *n != 0 ? &runs[first] : NULL;
}


int
ed_article_within(const ed_article_t *article, uint32_t node, ed_tag_t tag)
{
    const ed_node_t  *nd;

    while (node != 0) {
        nd = ed_article_node(article, node);

        if (nd->tag == tag && nd->ns == ED_NS_HTML) {
            return 1;
        }

        node = nd->parent;
    }

    return 0;
}


xmlDocPtr
ed_article_tree(const ed_article_t *article, ed_charset_t *cs)
{
    xmlDocPtr          doc;
    ed_rc_t            rc;
    ed_tree_builder_t  b;

    doc = xmlNewDoc(BAD_CAST "1.0");
    if (doc == NULL) {
        return NULL;
    }

    b.article = article;
    b.cs = cs;
    b.arena = ed_arena_create(ED_MAX_TREE);
    b.made = calloc(ed_article_nodes(article), sizeof(xmlNodePtr));

    rc = b.made != NULL && b.arena != NULL ? ed_builder_run(&b, doc)
                                           : ED_NOMEM;
    free(b.made);
    ed_arena_destroy(b.arena);

    if (rc != ED_OK) {
        xmlFreeDoc(doc);
        return NULL;
    }

    return doc;
}


/*
 * An element keeps its node in its data, and which beginning of the article
 * the node belongs to.
 */

static void
ed_article_bind(const ed_article_t *article, ed_element_t *el, uint32_t i)
{
    el->data = (void *) (uintptr_t) ((uint64_t) article->generation << 32 | i);
}


/* ED_STRANGER: it was opened before the article. */

static uint32_t
ed_article_index(const ed_article_t *article, const ed_element_t *el)
{
    uint64_t  bound;

    bound = (uint64_t) (uintptr_t) el->data;

    return bound >> 32 == article->generation ? (uint32_t) bound
                                              : ED_STRANGER;
}


/* What stands in a stranger counts as standing in the article itself. */

static uint32_t
ed_article_parent(const ed_article_t *article, const ed_element_t *parent)
{
    uint32_t  i;

    i = parent != NULL ? ed_article_index(article, parent) : ED_STRANGER;

    return i != ED_STRANGER ? i : 0;
}


int
ed_article_is_text(const ed_element_t *parent)
{
    if (parent == NULL) {
        return 1;
    }

    if (parent->ns != ED_NS_HTML || parent->in_template) {
        return 0;
    }

    switch (parent->tag) {

    case ED_TAG_SCRIPT:
    case ED_TAG_STYLE:
    case ED_TAG_NOSCRIPT:
    case ED_TAG_IFRAME:
    case ED_TAG_NOEMBED:
    case ED_TAG_NOFRAMES:
    case ED_TAG_TEXTAREA:
    case ED_TAG_TITLE:
    case ED_TAG_SELECT:
    case ED_TAG_OPTGROUP:
    case ED_TAG_OPTION:
    case ED_TAG_TEMPLATE:
        return 0;

    default:
        return 1;
    }
}


/* Inline elements join the words on their two sides; all others do not. */

static int
ed_article_sets_apart(ed_tag_t tag)
{
    switch (tag) {

    case ED_TAG_UNKNOWN:
    case ED_TAG_A:
    case ED_TAG_ABBR:
    case ED_TAG_ACRONYM:
    case ED_TAG_B:
    case ED_TAG_BDI:
    case ED_TAG_BDO:
    case ED_TAG_BIG:
    case ED_TAG_CITE:
    case ED_TAG_CODE:
    case ED_TAG_DATA:
    case ED_TAG_DEL:
    case ED_TAG_DFN:
    case ED_TAG_EM:
    case ED_TAG_FONT:
    case ED_TAG_I:
    case ED_TAG_INS:
    case ED_TAG_KBD:
    case ED_TAG_LABEL:
    case ED_TAG_MARK:
    case ED_TAG_NOBR:
    case ED_TAG_Q:
    case ED_TAG_S:
    case ED_TAG_SAMP:
    case ED_TAG_SMALL:
    case ED_TAG_SPAN:
    case ED_TAG_STRIKE:
    case ED_TAG_STRONG:
    case ED_TAG_SUB:
    case ED_TAG_SUP:
    case ED_TAG_TIME:
    case ED_TAG_TT:
    case ED_TAG_U:
    case ED_TAG_VAR:
    case ED_TAG_WBR:
        return 0;

    default:
        return 1;
    }
}


/* Nodes and runs in one order of bytes, as the elements' children. */

static ed_rc_t
ed_builder_run(ed_tree_builder_t *b, xmlDocPtr doc)
{
    size_t           nodes, runs, r;
    ed_rc_t          rc;
    uint32_t         i;
    xmlNodePtr       element;
    const ed_node_t *node;

    nodes = ed_article_nodes(b->article);
    runs = ed_buf_count(&b->article->runs, ed_run_t);
    r = 0;

    for (i = 0; i < nodes; i++) {
        node = ed_article_node(b->article, i);

        while (i != 0 && r < runs
               && ed_buf_at(&b->article->runs, ed_run_t, r)->start
                  < node->start)
        {
            rc = ed_builder_text(b, r++);
            if (rc != ED_OK) {
                return rc;
            }
        }

        element = ed_builder_element(b, i);
        if (element == NULL) {
            return ED_NOMEM;
        }

        b->made[i] = element;

        if (i == 0) {
            (void) xmlDocSetRootElement(doc, element);

        } else if (xmlAddChild(b->made[node->parent], element) == NULL) {
            xmlFreeNode(element);
            return ED_NOMEM;
        }
    }

    while (r < runs) {
        rc = ed_builder_text(b, r++);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return ED_OK;
}


static xmlNodePtr
ed_builder_element(ed_tree_builder_t *b, uint32_t i)
{
    xmlChar          *name;
    ed_str_t          tag;
    ed_token_t        token;
    ed_attr_t         attrs[ED_MAX_ATTRS];
    xmlNodePtr        element;
    const ed_node_t  *node;

    node = ed_article_node(b->article, i);

    tag = i == 0 ? ed_str(b->article->start_tag.data,
                          b->article->start_tag.len)
                 : ed_str(b->article->data + node->start,
                          node->start_tag_end - node->start);

    if (node->implied || ed_token_parse(tag, &token, attrs) != ED_OK) {
        token.name = ed_tag_name(node->tag, 0);
        token.nattrs = 0;
    }

    name = ed_builder_name(token.name);
    if (name == NULL) {
        return NULL;
    }

    element = xmlNewNodeEatName(NULL, name);
    if (element == NULL) {
        xmlFree(name);
        return NULL;
    }

    element->_private = (void *) (uintptr_t) i;

    if (token.nattrs != 0 && ed_builder_attrs(b, element, tag) != ED_OK) {
        xmlFreeNode(element);
        return NULL;
    }

    return element;
}


static ed_rc_t
ed_builder_attrs(ed_tree_builder_t *b, xmlNodePtr element, ed_str_t tag)
{
    xmlChar     *name;
    ed_rc_t      rc;
    unsigned     i;
    ed_str_t     value;
    ed_token_t   token;
    ed_attr_t    attrs[ED_MAX_ATTRS];

    (void) ed_token_parse(tag, &token, attrs);
    rc = ED_OK;

    for (i = 0; i < token.nattrs && rc == ED_OK; i++) {
        name = ed_builder_name(attrs[i].name);
        if (name == NULL) {
            rc = ED_NOMEM;
            break;
        }

        rc = ed_text_attr(b->arena, b->cs, attrs[i].value, &value);

        /* value has a NUL behind it: it was made in the arena */

        if (rc == ED_OK && xmlHasProp(element, name) == NULL) {
            rc = ed_builder_attr(element, name,
                                 value.len != 0 ? value.data : BAD_CAST "");
        }

        xmlFree(name);
    }

    return rc;
}


/* libxml2 makes an attribute without its value where there is no memory. */

static ed_rc_t
ed_builder_attr(xmlNodePtr element, const xmlChar *name, const xmlChar *value)
{
    errno = 0;

    return xmlNewProp(element, name, value) == NULL || errno == ENOMEM
           ? ED_NOMEM : ED_OK;
}


static ed_rc_t
ed_builder_text(ed_tree_builder_t *b, size_t run)
{
    ed_rc_t           rc;
    ed_str_t          value;
    xmlNodePtr        text;
    const ed_run_t   *r;

    r = ed_buf_at(&b->article->runs, ed_run_t, run);

    rc = ed_text_attr(b->arena, b->cs,
                      ed_str(b->article->data + r->start, r->end - r->start),
                      &value);

    if (rc != ED_OK || value.len == 0) {
        return rc;
    }

    text = xmlNewTextLen(value.data, (int) value.len);

    if (text == NULL || xmlAddChild(b->made[r->owner], text) == NULL) {
        xmlFreeNode(text);
        return ED_NOMEM;
    }

    return ED_OK;
}


static xmlChar *
ed_builder_name(ed_str_t name)
{
    size_t    i;
    xmlChar  *copy;

    copy = xmlStrndup(name.data, (int) name.len);

    if (copy != NULL) {
        for (i = 0; i < name.len; i++) {
            copy[i] = ed_lower(copy[i]);
        }
    }

    return copy;
}
