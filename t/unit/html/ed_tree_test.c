
/*
 * What the tree tells its consumer: parents, what is implied or displaced,
 * text and whose it is, ends.  (That the elements are right is the oracle's
 * business, t/oracle.)  Every case is run whole, byte by byte, and cut in two
 * at every place.
 *
 * A log reads
 *
 *     +p(body)  an element is opened: behind its name '?' where implied, '!'
 *               where displaced, '^' in a template
 *     -p@3      it is closed, without a tag of its own, at offset 3
 *     -p@3-7    by the end tag at 3, "~2" behind it: 2 elements wait to be
 *               made again
 *     'x'(p)    text of p; slices that meet are joined
 *
 * separated by spaces; the opens and closes of html, head and body are left
 * out where they are implied and lie where they must.
 */

#include <stdarg.h>
#include <time.h>

#include "ed_tree.h"
#include "ed_test.h"


#define HOSTILE_SIZE     (1024 * 1024)
#define HOSTILE_SECONDS  1.0       /* they take hundredths; squares, minutes */


typedef struct {
    const char    *name;
    const char    *page;
    const char    *log;
} case_t;


typedef struct {
    const char    *name;
    const char    *head;           /* once */
    const char    *head_unit;      /* this many times */
    int            times;
    const char    *unit;           /* for the rest; %d counts */
} hostile_t;


typedef struct {
    ed_tree_t     *tree;
    char           log[8192];
    size_t         len;
    uint64_t       text_end;       /* of an open text run */
    ed_tag_t       text_parent;
    unsigned       opened;
    unsigned       closed;
    unsigned       deepest;
    ed_tag_t       text_in;        /* text is wanted within that element */
    ed_rc_t        stop;           /* what open() of <stop> returns */
    int            quiet;
} log_t;


static void test_case(const case_t *c);
static void test_bytes(void);
static void test_quirks(void);
static void test_depth(void);
static void test_want_text(void);
static void test_stop(void);
static void test_memory(void);
static void test_hostile(const hostile_t *h);

static ed_rc_t run(log_t *log, ed_str_t page, size_t first, size_t step);
static void reset(log_t *log);
static void add(log_t *log, const char *format, ...);
static void end_text(log_t *log);
static int is_frame(const ed_element_t *el);
static size_t repeat(char *page, const char *s, int times, size_t max);

static ed_rc_t on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token);
static ed_rc_t on_close(void *ctx, ed_element_t *el, uint64_t start,
    uint64_t end, unsigned formatting);
static ed_rc_t on_text(void *ctx, ed_element_t *parent, uint64_t offset,
    ed_str_t text);


static const ed_tree_handler_t  handler = { on_open, on_close, on_text };


static const case_t  cases[] = {
    { "nothing", "", "" },
    { "a paragraph", "<p>a</p>b", "+p(body) 'a'(p) -p@4-8 'b'(body)" },
    { "paragraphs that end each other", "<p>a<p>b",
      "+p(body) 'a'(p) -p@4 +p(body) 'b'(p) -p@8" },
    { "html, head and body with tags",
      "<html><head></head><body>x</body></html>",
      "+html() +head(html) -head@12-19 +body(html) 'x'(body)"
      " -body@26-33 -html@33-40" },
    { "html that goes on", "<html><body></html>x",
      "+html() +body(html) 'x'(body) -body@12 -html@12-19" },
    { "void elements", "<br>a<img/><hr>",
      "+br(body) -br@4 'a'(body) +img(body) -img@11 +hr(body) -hr@15" },
    { "an implied table", "<table><td>a</table>",
      "+table(body) +tbody?(table) +tr?(tbody) +td(tr) 'a'(td)"
      " -td@12 -tr@12 -tbody@12 -table@12-20" },
    { "foster parenting", "<table><b>a<tr></table>b",
      "+table(body) +b!(body) 'a'(b) -b@11~1 +tbody?(table) +tr(tbody)"
      " -tr@15~1 -tbody@15~1 -table@15-23~1 +b?(body) 'b'(b) -b@24~1" },
    { "text in a table", "<table> a <tr> <td>b</table>",
      "+table(body) ' '(table) 'a '(body) +tbody?(table) +tr(tbody) ' '(tr)"
      " +td(tr) 'b'(td) -td@20 -tr@20 -tbody@20 -table@20-28" },
    { "white space in a table", "<b><table> </table>",
      "+b(body) +table(b) ' '(table) -table@11-19 -b@19~1" },
    { "a paragraph that leaves formatting open", "<p><b><i>a</p>b",
      "+p(body) +b(p) +i(b) 'a'(i) -i@10~1 -b@10~2 -p@10-14~2"
      " +b?(body) +i?(b) 'b'(i) -i@15~1 -b@15~2" },
    { "formatting that is closed later", "<p><b>a</p><p></b>c",
      "+p(body) +b(p) 'a'(b) -b@7~1 -p@7-11~1 +p(body) 'c'(p) -p@19" },
    { "the adoption agency", "<b>1<p>2</b>3</p>",
      "+b(body) '1'(b) +p(b) '2'(p) -b@8-12 +b?(p) -b@8-12 '3'(p)"
      " -p!@13-17" },
    { "the adoption agency, with more between",
      "<b><i><u><p>x</b>y</p>",
      "+b(body) +i(b) +u(i) +p(u) 'x'(p) -u@13 -i@13 -b@13-17 +i?(body)"
      " +u?(i) +b?(p) -b@13-17 'y'(p) -p!@18-22 -u@22~1 -i@22~2" },
    { "Noah's Ark", "<p><b><b><b><b></p>x",
      "+p(body) +b(p) +b(b) +b(b) +b(b) -b@15~1 -b@15~2 -b@15~3 -b@15~3"
      " -p@15-19~3 +b?(body) +b?(b) +b?(b) 'x'(b) -b@20~1 -b@20~2 -b@20~3" },
    { "Noah's Ark: attributes in another order, and a repeated one",
      "<p><i a=1 b><i b A=1><i a=1 a=2 b=''><i b a=1></p>x",
      "+p(body) +i(p) +i(i) +i(i) +i(i) -i@46~1 -i@46~2 -i@46~3 -i@46~3"
      " -p@46-50~3 +i?(body) +i?(i) +i?(i) 'x'(i) -i@51~1 -i@51~2 -i@51~3" },
    { "Noah's Ark: other attributes",
      "<p><i a><i b><i a=b><i a=B></p>x",
      "+p(body) +i(p) +i(i) +i(i) +i(i) -i@27~1 -i@27~2 -i@27~3 -i@27~4"
      " -p@27-31~4 +i?(body) +i?(i) +i?(i) +i?(i) 'x'(i)"
      " -i@32~1 -i@32~2 -i@32~3 -i@32~4" },
    { "a link in a link", "<a>1<a>2</a>",
      "+a(body) '1'(a) -a@4 +a(body) '2'(a) -a@8-12" },
    { "a form that ends before its content", "<form><div></form>a</div>",
      "+form(body) +div(form) -form@11-18 'a'(div) -div@19-25" },
    { "a form in a table", "<table><form></table>",
      "+table(body) +form(table) -form@13 -table@13-21" },
    { "a template", "<template><p>a</template>b",
      "+template(head) +p^(template) 'a'(p) -p@14 -template@14-25"
      " 'b'(body)" },
    { "metadata behind the head", "<head></head><meta><body>",
      "+head(html) -head@6-13 +meta!(html) -meta@19 +body(html) -body@25" },
    { "raw text", "<title>a</b></title><p>b",
      "+title(head) 'a</b>'(title) -title@12-20 +p(body) 'b'(p) -p@24" },
    { "a line feed behind <pre>", "<pre>\na</pre><pre>\r\n\nb</pre>",
      "+pre(body) 'a'(pre) -pre@7-13 +pre(body) '\nb'(pre) -pre@22-28" },
    { "foreign elements", "<svg><a/><title>a</title><desc></svg>",
      "+svg(body) +a(svg) -a@9 +title(svg) 'a'(title) -title@17-25"
      " +desc(svg) -desc@31 -svg@31-37" },
    { "a way out of foreign content", "<svg><a><p>a",
      "+svg(body) +a(svg) -a@8 -svg@8 +p(body) 'a'(p) -p@12" },
    { "an end tag that makes an element", "a</p>b",
      "'a'(body) +p?(body) -p@1-5 'b'(body)" },
    { "</br>", "a</br>b", "'a'(body) +br?(body) -br@1-6 'b'(body)" },
    { "<image>", "<image src=a>", "+img(body) -img@13" },
    { "an element nobody knows", "<x-y>a</X-Y>",
      "+?(body) 'a'(?) -?@6-12" },
    { "headings", "<h1>a</h2>b", "+h1(body) 'a'(h1) -h1@5 'b'(body)" },
    { "a select", "<select><option>a<p>b<option>c</select>",
      "+select(body) +option(select) 'a'(option) 'b'(option) -option@21"
      " +option(select) 'c'(option) -option@30 -select@30-39" },
    { "text among a template's columns", "<template><col>a b\tc</template>",
      "+template(head) +col^(template) -col@15 ' '(template) '\t'(template)"
      " -template@20-31" },
    { "frames", "<frameset><frame>a</frameset>",
      "+frameset(html) +frame(frameset) -frame@17 -frameset@18-29" }
};


static const hostile_t  hostile[] = {
    { "stray end tags under deep nesting", "", "<div>", 250, "</x></b>" },
    { "stray end tags in deep SVG", "<svg>", "<g>", 240, "</x>" },
    { "second bodies", "", "", 0, "<body a=b>" },
    { "tags of many attributes", "", "", 0, "<b a%d b%d c%d d e f g h i></b>" },
    { "'<' alone", "", "", 0, "<" },
    { "'</' alone", "", "", 0, "</" },
    { "'<p' alone", "", "", 0, "<p" },
    { "'<!' alone", "", "", 0, "<!" },
    { "paragraphs with formatting of all kinds", "", "", 0, "<p><b id=%d>" },
    { "the same with text", "", "", 0, "<p><b id=%d>x" },
    { "the same element unclosed again and again", "", "", 0, "<p><b>x" },
    { "links and tables", "", "", 0, "<a><table>" },
    { "links", "", "", 0, "<a>" },
    { "links and blocks", "", "", 0, "<a href=%d><div><p></a>" },
    { "an unclosed comment", "<!--", "", 0, "x-- - -" },
    { "fonts", "", "", 0, "<font color=%d>" },
    { "fonts and paragraphs", "", "", 0, "<font size=1><p>" },
    { "misnested formatting", "", "", 0, "<b><i><u><s><p></b></i></u></s>" },
    { "the agency at depth", "<b id=1><b id=2>", "<i><span>", 100, "<b></b>" },
    { "the agency under a stack of blocks", "", "<span>", 230, "<b><p></b>" },
    { "a full ark", "", "<b id=%d>", 240, "<b id=%d></b>" },
    { "formatting made again", "<p>", "<b id=%d>", 240, "<p>x" },
    { "stray text in a deep table", "", "<div>", 200, "<table>x<tr>x" },
    { "items far from their list", "<li>", "<div>", 240, "<li>" },
    { "paragraphs out of scope", "<p><button>", "<span>", 240, "<div></div>" },
    { "markers that stay", "", "", 0, "<template><td></template>" },
    { "selects", "", "", 0, "<table><tr><td><select><tr>" },
    { "headings", "<h1><object>", "<span>", 240, "</h1>" },
    { "brackets", "<svg><![CDATA[", "", 0, "]" },
    { "half end tags in a script", "<script>", "", 0, "</scrip" },
    { "scripts in a script", "<script><!--", "", 0, "<script>--" },
    { "cells", "<table>", "", 0, "<td><b>" },
    { "white space", "", "", 0, " " },
    { "a long doctype", "<!doctype html public \"", "", 0, "x" },
    { "names that meet in a bucket", "", "<xa>", 200, "</xa%d>" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&cases[i]);
    }

    test_bytes();
    test_quirks();
    test_depth();
    test_want_text();
    test_stop();
    test_memory();

    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        test_hostile(&hostile[i]);
    }

    return ed_test_done();
}


static void
test_case(const case_t *c)
{
    size_t    i;
    log_t     log;
    ed_str_t  page;

    page = ed_str(c->page, strlen(c->page));
    reset(&log);

    run(&log, page, 0, 0);
    is_str(ed_str(log.log, log.len), c->log, "%s", c->name);
    is_num(log.opened, log.closed, "%s: what is opened is closed", c->name);

    for (i = 0; i < page.len; i++) {
        run(&log, page, i == 0 ? 1 : i, i == 0 ? 1 : 0);

        if (strcmp(log.log, c->log) != 0) {
            break;
        }
    }

    ok(i == page.len, "%s, in pieces", c->name);
}


/* Bytes that C's strings or a text's eye do not see. */

static void
test_bytes(void)
{
    log_t  log;

    reset(&log);

    run(&log, ED_STR("\xef\xbb\xbf<head></head>"), 1, 1);
    is_str(ed_str(log.log, log.len), "+head(html) -head@9-16",
           "a byte order mark is no text");

    run(&log, ED_STR("\xef\xbb<head>"), 1, 1);
    is_str(ed_str(log.log, log.len), "",
           "half of one is a text that ends the head");

    run(&log, ED_STR("<p><b></p>\0<p>\0x"), 1, 1);
    is_str(ed_str(log.log, log.len),
           "+p(body) +b(p) -b@6~1 -p@6-10~1 +p(body) +b?(p) 'x'(b) -b@16~1"
           " -p@16~1", "NUL makes nothing again");

    run(&log, ED_STR("<p>\xff\xfe\xc3</p>"), 1, 1);
    is_str(ed_str(log.log, log.len), "+p(body) '\xff\xfe\xc3'(p) -p@6-10",
           "bytes that are no UTF-8 are bytes");
}


static void
test_quirks(void)
{
    log_t  log;

    reset(&log);

    run(&log, ED_STR("<p><table>"), 0, 0);
    is_str(ed_str(log.log, log.len),
           "+p(body) +table(p) -table@10 -p@10", "no doctype: quirks");

    run(&log, ED_STR("<!DOCTYPE html><p><table>"), 0, 0);
    is_str(ed_str(log.log, log.len),
           "+p(body) -p@18 +table(body) -table@25", "a doctype: none");
}


/* ED_MAX_DEPTH elements may be open, made again or not, and no more. */

static void
test_depth(void)
{
    log_t   log;
    char   *page;
    size_t  len;

    page = malloc(65536);
    reset(&log);
    log.quiet = 1;

    len = repeat(page, "<div>", ED_MAX_DEPTH - 2, 65536);
    is_num(run(&log, ed_str(page, len), 0, 0), ED_OK, "as deep as may be");
    is_num(log.deepest, ED_MAX_DEPTH, "html and body count");
    is_num(run(&log, ed_str(page, len), 1, 1), ED_OK, "byte by byte");

    memcpy(page + len, "<br>", 4);
    is_num(run(&log, ed_str(page, len + 4), 0, 0), ED_LIMIT_DEPTH,
           "a void element counts");

    memcpy(page + len, "</x>", 4);
    is_num(run(&log, ed_str(page, len + 4), 0, 0), ED_OK,
           "a stray end tag does not");

    memcpy(page + len, "<p>", 3);
    is_num(run(&log, ed_str(page, len + 3), 0, 0), ED_LIMIT_DEPTH,
           "one more");
    is_num(run(&log, ed_str(page, len + 3), 1, 1), ED_LIMIT_DEPTH,
           "one more, byte by byte");

    len = repeat(page, "<div>", ED_MAX_DEPTH - 5, 65536);
    len += sprintf(page + len, "<p><b><i></p>x");
    is_num(run(&log, ed_str(page, len), 0, 0), ED_OK,
           "formatting made again where it was");

    len += sprintf(page + len, "<div><p>y");
    is_num(run(&log, ed_str(page, len), 0, 0), ED_LIMIT_DEPTH,
           "formatting and one element more");

    len = repeat(page, "<b id=1><i id=%d>", (ED_MAX_DEPTH - 4) / 2, 65536);
    len += sprintf(page + len, "<p><p></b></i></b></i>");
    is_num(run(&log, ed_str(page, len), 0, 0), ED_OK,
           "the agency at the limit");

    free(page);
}


static void
test_want_text(void)
{
    log_t  log;

    reset(&log);
    log.text_in = ED_TAG_ARTICLE;

    run(&log, ED_STR("a<article>b<b>c</b></article>d"), 1, 1);
    is_str(ed_str(log.log, log.len),
           "+article(body) 'b'(article) +b(article) 'c'(b) -b@15-19"
           " -article@19-29", "text is switched on and off");
}


static void
test_stop(void)
{
    log_t  log;

    reset(&log);
    log.stop = ED_INVALID;

    is_num(run(&log, ED_STR("<p>a<stop>b<p>c"), 0, 0), ED_INVALID,
           "the handler's code is passed on");
    is_str(ed_str(log.log, log.len), "+p(body) 'a'(p) +?(p)",
           "and the handler not called again");
}


static void
test_memory(void)
{
    long      n;
    log_t     log;
    ed_rc_t   rc;
    ed_str_t  page;

    if (!ed_test_wrapped()) {
        return;
    }

    page = ED_STR("<b><i><object><u><font color=1><a href=2><p>x</object></b>"
                  "<b><i><object><u><font color=1><a href=2><p>x</object></b>"
                  "<table><td><nobr><s></table><template><td>x</template>");
    reset(&log);
    log.quiet = 1;
    n = 0;

    do {
        ed_test_fail_after(n);
        rc = run(&log, page, 3, 70);
        n++;
    } while (ed_test_refused && rc == ED_NOMEM);

    ed_test_fail_after(-1);
    is_num(rc, ED_OK, "every failed allocation is reported");
    ok(n > 5, "there were some");
}


static void
test_hostile(const hostile_t *h)
{
    char     *page;
    log_t     log;
    size_t    len;
    double    seconds;
    clock_t   start;
    ed_rc_t   rc, bytewise;

    page = malloc(HOSTILE_SIZE + 64);
    reset(&log);
    log.quiet = 1;

    len = repeat(page, h->head, 1, HOSTILE_SIZE);
    len += repeat(page + len, h->head_unit, h->times, HOSTILE_SIZE - len);
    len += repeat(page + len, h->unit, HOSTILE_SIZE, HOSTILE_SIZE - len);

    start = clock();
    rc = run(&log, ed_str(page, len), 0, 0);
    seconds = (double) (clock() - start) / CLOCKS_PER_SEC;

    ok(seconds < HOSTILE_SECONDS, "%s", h->name);
    printf("# %.0f ms, code %d, %u elements\n", seconds * 1000, (int) rc,
           log.opened);

    start = clock();
    bytewise = run(&log, ed_str(page, len), 1, 1);
    seconds = (double) (clock() - start) / CLOCKS_PER_SEC;

    ok(seconds < 4 * HOSTILE_SECONDS && bytewise == rc, "%s, byte by byte",
       h->name);
    printf("# %.0f ms\n", seconds * 1000);

    free(page);
}


/* s that many times, "%d" being a number of its own; returns the length. */

static size_t
repeat(char *page, const char *s, int times, size_t max)
{
    int          i;
    char         unit[256];
    size_t       len, n;
    const char  *p;

    len = 0;

    for (i = 0; i < times && s[0] != '\0'; i++) {
        n = 0;

        for (p = s; *p != '\0'; p++) {
            if (p[0] == '%' && p[1] == 'd') {
                n += sprintf(unit + n, "%d", i);
                p++;

            } else {
                unit[n++] = *p;
            }
        }

        if (n > max - len) {
            break;
        }

        memcpy(page + len, unit, n);
        len += n;
    }

    return len;
}


static void
reset(log_t *log)
{
    memset(log, 0, sizeof(log_t));
}


static ed_rc_t
run(log_t *log, ed_str_t page, size_t first, size_t step)
{
    size_t    pos, len;
    ed_rc_t   rc;
    uint8_t  *piece;

    log->len = 0;
    log->log[0] = '\0';
    log->text_end = 0;
    log->opened = 0;
    log->closed = 0;
    log->deepest = 0;

    log->tree = ed_tree_create(&handler, log);
    if (log->tree == NULL) {
        return ED_NOMEM;
    }

    ed_tree_want_text(log->tree, !log->quiet && !log->text_in);

    rc = ED_OK;
    len = first;

    for (pos = 0; pos < page.len && rc == ED_OK; pos += len, len = step) {

        if (len == 0 || len > page.len - pos) {
            len = page.len - pos;
        }

        piece = malloc(len);
        if (piece == NULL) {
            rc = ED_NOMEM;
            break;
        }

        memcpy(piece, page.data + pos, len);
        rc = ed_tree_feed(log->tree, piece, len);
        free(piece);
    }

    if (rc == ED_OK) {
        rc = ed_tree_finish(log->tree);
    }

    end_text(log);
    ed_tree_destroy(log->tree);

    return rc;
}


static void
add(log_t *log, const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    log->len += vsnprintf(log->log + log->len, sizeof(log->log) - log->len,
                          format, args);
    va_end(args);

    if (log->len >= sizeof(log->log)) {
        log->len = sizeof(log->log) - 1;
    }
}


static void
end_text(log_t *log)
{
    if (log->text_end == 0) {
        return;
    }

    add(log, "'(%s)", log->text_parent == ED_TAG_UNKNOWN
                      ? "?" : ed_tag_info[log->text_parent].name);
    log->text_end = 0;
}


static int
is_frame(const ed_element_t *el)
{
    return el->implied && (el->tag == ED_TAG_HTML || el->tag == ED_TAG_HEAD
                           || el->tag == ED_TAG_BODY);
}


static const char *
name_of(const ed_element_t *el)
{
    if (el == NULL) {
        return "";
    }

    return el->tag == ED_TAG_UNKNOWN ? "?" : ed_tag_info[el->tag].name;
}


static ed_rc_t
on_open(void *ctx, ed_element_t *el, ed_element_t *parent,
    const ed_token_t *token)
{
    log_t  *log;

    log = ctx;
    log->opened++;
    log->deepest = el->depth > log->deepest ? el->depth : log->deepest;

    if (el->tag == log->text_in && log->text_in) {
        ed_tree_want_text(log->tree, 1);
    }

    if (log->quiet || is_frame(el)) {
        return ED_OK;
    }

    end_text(log);
    add(log, "%s+%s%s%s%s(%s)", log->len ? " " : "", name_of(el),
        el->implied ? "?" : "", el->displaced ? "!" : "",
        el->in_template ? "^" : "", name_of(parent));

    if (log->stop != ED_OK && token != NULL
        && ed_str_eq(token->name, ED_STR("stop")))
    {
        return log->stop;
    }

    return (token == NULL) == (el->implied != 0) ? ED_OK : ED_INVALID;
}


static ed_rc_t
on_close(void *ctx, ed_element_t *el, uint64_t start, uint64_t end,
    unsigned formatting)
{
    log_t  *log;

    log = ctx;
    log->closed++;

    if (el->tag == log->text_in && log->text_in) {
        ed_tree_want_text(log->tree, 0);
    }

    if (log->quiet || is_frame(el)) {
        return ED_OK;
    }

    end_text(log);
    add(log, " -%s%s@%d", name_of(el),
        el->displaced && el->tag == ED_TAG_P ? "!" : "", (int) start);

    if (end != start) {
        add(log, "-%d", (int) end);
    }

    if (formatting != 0) {
        add(log, "~%u", formatting);
    }

    return ED_OK;
}


static ed_rc_t
on_text(void *ctx, ed_element_t *parent, uint64_t offset, ed_str_t text)
{
    log_t  *log;

    log = ctx;

    if (log->text_end == 0 || log->text_end != offset
        || log->text_parent != parent->tag)
    {
        end_text(log);
        add(log, "%s'", log->len ? " " : "");
    }

    add(log, "%.*s", (int) text.len, text.data);
    log->text_end = offset + text.len;
    log->text_parent = parent->tag;

    return ED_OK;
}
