
/*
 * The recorded article: nodes and runs, blocks and paragraphs, its libxml2
 * tree and XPath over it.  <article> is always the article here.
 */

#include "ed_block.h"
#include "ed_test.h"
#include "ed_xpath.h"


typedef struct {
    ed_tree_t         *tree;
    ed_article_t       article;
    unsigned           began:1;
} recorder_t;


static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start,
    uint64_t end, unsigned formatting);
static ed_rc_t on_text(void *ctx, ed_element_t *parent, uint64_t offset,
    ed_str_t text);
static void record(recorder_t *r, const char *html);
static void blocks_are(const char *html, const char *expected);
static void paragraphs_are(const char *html, const char *expected);
static void finds(const char *html, const char *xpath, const char *expected);
static void found(void *ctx, xmlNodePtr node);
static void limits_xpath(void);
static void ranges(void);


static const ed_tree_handler_t  handler = { on_open, on_close, on_text };


int
main(void)
{
    ranges();

    blocks_are("<article><p>a</p><h2>b</h2><ul><li>c</ul><table></table>"
               "<blockquote>d</blockquote><aside>e</aside></article>",
               "paragraph heading list table block quote aside");
    blocks_are("<article><figure></figure><img><iframe></iframe><video>"
               "</video><svg></svg></article>",
               "figure figure embed embed embed");
    blocks_are("<article><p><img></p><p> &nbsp; </p><p></p><p><iframe>"
               "</iframe></p></article>",
               "figure empty paragraph empty paragraph embed");
    blocks_are("<article>bare <br> text<p>a</p> more <b>b</b></article>",
               "bare text paragraph bare text other block");
    blocks_are("<article><script>x</script><!-- c --><style></style><p>a</p>"
               "<template><p>b</p></template></article>", "paragraph");
    blocks_are("<article><div class=related-links></div><div></div>"
               "<section id=newsletter-box></section></article>",
               "more-on section other block more-on section");

    paragraphs_are("<article><p>a</p><div><p>b</p><section><p>c</section>"
                   "</div></article>", "a! b c");
    paragraphs_are("<article><blockquote><p>a</p></blockquote><ul><li><p>b"
                   "</ul><figure><p>c</figure><aside><p>d</aside><table><td>"
                   "<p>e</table><p>f</article>", "f!");
    paragraphs_are("<!DOCTYPE html><article><p>a<table><td><p>b</p></table>"
                   "</article>", "a!");
    paragraphs_are("<article><p>a<script>x</script><br>b <i>c</i>d"
                   "<!-- e --></article>", "a b cd!");

    finds("<article class=x><p id=a>1<p id=b>2</article>", "//p", "a b");
    finds("<article><p id=a>1<p id=b><i>2</i></article>", "//p[i]", "b");
    finds("<article><DIV ID=a CLASS='x &amp; y'></DIV></article>",
          "div[@class='x & y']", "a");
    finds("<article><p id=a>T&eacute;xt</article>",
          "p[contains(., 'T\xc3\xa9xt')]", "a");
    finds("<article><p id=a>1</p><ul><li id=b>x</ul></article>",
          "ul/li | p", "a b");
    finds("<article><x-tweet id=a></x-tweet></article>", "x-tweet", "a");
    finds("<article><p id=a>1</p></article>", "//h2", "");

    limits_xpath();

    return ed_test_done();
}


static void
ranges(void)
{
    recorder_t        r;
    const ed_node_t  *p, *b;

    record(&r, "<i><article><p>a<b>c</b></p>x</article>z");

    p = ed_article_node(&r.article, 1);
    b = ed_article_node(&r.article, 2);

    is_num(r.article.start, 3, "the article's start");
    is_num(r.article.base, 12, "its base");
    is_num(r.article.len, 27, "its end, from the base");
    is_num(p->start, 0, "a paragraph's start");
    is_num(p->start_tag_end, 3, "its start tag's end");
    is_num(p->end_tag_start, 12, "its end tag");
    is_num(p->end, 16, "its end");
    is_num(b->parent, 1, "its child");
    is_num(ed_buf_count(&r.article.runs, ed_run_t), 3, "runs of text");

    ed_article_free(&r.article);

    record(&r, "<b><article><p>a<b>c<p>d</article>");
    ok(ed_article_node(&r.article, 1)->loose, "formatting left open");
    ed_article_free(&r.article);
}


static void
blocks_are(const char *html, const char *expected)
{
    char           got[512];
    uint32_t       i;
    recorder_t     r;
    ed_arena_t    *arena;
    ed_blocks_t    b;
    ed_charset_t  *cs;

    arena = ed_arena_create(1024 * 1024);
    (void) ed_charset_open(ED_STR("utf-8"), &cs);
    record(&r, html);

    (void) ed_blocks_make(&b, arena, cs, &r.article);
    got[0] = '\0';

    for (i = 0; i < b.nblocks; i++) {
        (void) snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
                        i != 0 ? " " : "", ed_block_name(b.blocks[i].kind));
    }

    is_str(ed_str(got, strlen(got)), expected, "blocks of %s", html);

    ed_article_free(&r.article);
    ed_charset_close(cs);
    ed_arena_destroy(arena);
}


/* The texts of the paragraphs, "!" behind children of the article. */

static void
paragraphs_are(const char *html, const char *expected)
{
    char              got[512];
    uint32_t          i;
    recorder_t        r;
    ed_arena_t       *arena;
    ed_blocks_t       b;
    ed_charset_t     *cs;
    const ed_text_t  *text;

    arena = ed_arena_create(1024 * 1024);
    (void) ed_charset_open(ED_STR("utf-8"), &cs);
    record(&r, html);

    (void) ed_blocks_make(&b, arena, cs, &r.article);
    got[0] = '\0';

    for (i = 0; i < b.nparas; i++) {
        (void) ed_para_text(&b, &b.paras[i], &text);
        (void) snprintf(got + strlen(got), sizeof(got) - strlen(got),
                        "%s%.*s%s", i != 0 ? " " : "", (int) text->len,
                        text->data, b.paras[i].direct ? "!" : "");
    }

    is_str(ed_str(got, strlen(got)), expected, "paragraphs of %s", html);

    ed_article_free(&r.article);
    ed_charset_close(cs);
    ed_arena_destroy(arena);
}


/* The ids of the elements that an expression finds. */

static void
finds(const char *html, const char *xpath, const char *expected)
{
    char           got[512], error[256];
    ed_rc_t        rc;
    ed_str_t       text;
    xmlDocPtr      doc;
    recorder_t     r;
    ed_arena_t    *arena;
    ed_xpath_t    *xp;
    ed_charset_t  *cs;

    arena = ed_arena_create(1024 * 1024);
    (void) ed_charset_open(ED_STR("utf-8"), &cs);
    record(&r, html);

    text = ed_str(xpath, strlen(xpath));
    rc = ed_xpath_compile(arena, &text, 1, &xp, error, sizeof(error));
    doc = ed_article_tree(&r.article, cs);
    got[0] = '\0';

    if (rc == ED_OK && doc != NULL) {
        rc = ed_xpath_each(xp, doc, found, got);
    }

    ok(rc == ED_OK && strcmp(got, expected) == 0, "%s in %s: %s", xpath, html,
       got);

    xmlFreeDoc(doc);
    ed_xpath_free(xp);
    ed_article_free(&r.article);
    ed_charset_close(cs);
    ed_arena_destroy(arena);
}


static void
found(void *ctx, xmlNodePtr node)
{
    char     *got;
    xmlChar  *id;

    got = ctx;
    id = xmlGetProp(node, BAD_CAST "id");

    if (got[0] != '\0') {
        (void) strcat(got, " ");
    }

    (void) strcat(got, id != NULL ? (const char *) id : "?");
    xmlFree(id);
}


static void
limits_xpath(void)
{
    char           error[256], *html;
    ed_rc_t        rc;
    ed_str_t       text;
    unsigned       i;
    xmlDocPtr      doc;
    recorder_t     r;
    ed_arena_t    *arena;
    ed_xpath_t    *xp;
    ed_charset_t  *cs;

    arena = ed_arena_create(16 * 1024 * 1024);
    (void) ed_charset_open(ED_STR("utf-8"), &cs);

    html = calloc(1, 5 * 3000 + 32);
    (void) strcpy(html, "<article>");

    for (i = 0; i < 3000; i++) {
        (void) strcpy(html + 9 + 5 * i, "<p>a ");
    }

    record(&r, html);

    text = ED_STR("//p[count(//p[count(//p) > 1]) > 1]");
    rc = ed_xpath_compile(arena, &text, 1, &xp, error, sizeof(error));
    doc = ed_article_tree(&r.article, cs);

    ok(rc == ED_OK && ed_xpath_each(xp, doc, found, error) == ED_LIMIT_WORK,
       "a costly expression ends");

    xmlFreeDoc(doc);
    ed_xpath_free(xp);
    ed_article_free(&r.article);
    ed_charset_close(cs);
    ed_arena_destroy(arena);
    free(html);
}


static void
record(recorder_t *r, const char *html)
{
    ed_rc_t  rc;

    r->began = 0;
    ed_article_init(&r->article);
    r->tree = ed_tree_create(&handler, r);

    rc = ed_tree_feed(r->tree, (const uint8_t *) html, strlen(html));

    if (rc == ED_OK) {
        rc = ed_tree_finish(r->tree);
    }

    if (rc != ED_DONE) {
        ok(0, "an article in %.60s", html);
    }

    ed_article_complete(&r->article, (const uint8_t *) html + r->article.base);
    ed_tree_destroy(r->tree);
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    recorder_t  *r;

    r = ctx;

    if (r->began) {
        return ed_article_open(&r->article, el, parent);
    }

    if (el->tag != ED_TAG_ARTICLE || token == NULL) {
        return ED_OK;
    }

    r->began = 1;
    ed_tree_want_text(r->tree, 1);

    return ed_article_begin(&r->article, el,
                            ed_str(token->name.data - 1,
                                   (size_t) (token->end - token->start)));
}


static ed_rc_t
on_close(void *ctx, ed_element_t *el, uint64_t end_tag_start, uint64_t end,
    unsigned formatting)
{
    recorder_t  *r;

    r = ctx;

    return r->began ? ed_article_close(&r->article, el, end_tag_start, end,
                                       formatting)
                    : ED_OK;
}


static ed_rc_t
on_text(void *ctx, ed_element_t *parent, uint64_t offset, ed_str_t text)
{
    recorder_t  *r;

    r = ctx;

    return r->began ? ed_article_text(&r->article, parent, offset, text.len)
                    : ED_OK;
}
