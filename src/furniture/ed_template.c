
/*
 * Template files, compiled into parts.
 *
 *     <aside class="box"><a href="{{url}}">{{title}}</a></aside>
 *
 *     literal: <aside class="box" data-editorial="     word: feature
 *     literal: /                                       word: variant
 *     literal: "><a href="                             word: url, as a URL
 *     literal: ">                                      word: title
 *     literal: </a></aside>                            word: none
 *
 * A template is spliced into pages it knows nothing about, so it has to be
 * stricter than HTML: one root element, every element closed by its own end
 * tag and in order, nothing that a parser would close early or move, no markup
 * declarations.  What passes has the same effect wherever it is put.
 *
 * The scanner knows as much of HTML 13.2.5 as that takes: text, tags with
 * their attributes (ed_template_attr.c), comments, raw text.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                /* memmem() */
#endif

#include <stdarg.h>
#include <stdio.h>

#include "ed_charset.h"
#include "ed_template.h"


#define ED_TEMPLATE_PARTS  4096


struct ed_template_s {
    const ed_part_t  *parts;
    size_t            n;
};


static ed_rc_t ed_template_scan(ed_compile_t *c);
static ed_rc_t ed_template_valid(ed_compile_t *c);
static ed_rc_t ed_template_content(ed_compile_t *c);
static ed_rc_t ed_template_text(ed_compile_t *c);
static size_t ed_template_in_strict(const ed_compile_t *c);
static ed_rc_t ed_template_comment(ed_compile_t *c);
static ed_rc_t ed_template_start(ed_compile_t *c);
static ed_rc_t ed_template_root(ed_compile_t *c, size_t begin,
    ed_str_t name);
static ed_rc_t ed_template_nest(ed_compile_t *c, size_t begin,
    ed_str_t name);
static ed_rc_t ed_template_mark(ed_compile_t *c);
static ed_rc_t ed_template_literal(ed_compile_t *c, ed_str_t literal,
    ed_word_e word);
static ed_rc_t ed_template_push(ed_compile_t *c, size_t begin, ed_str_t name);
static ed_rc_t ed_template_raw(ed_compile_t *c, ed_str_t name);
static size_t ed_template_raw_end(const ed_compile_t *c, ed_str_t name);
static ed_rc_t ed_template_end(ed_compile_t *c);
static ed_str_t ed_template_tag_name(ed_compile_t *c);
static int ed_template_is_open(const ed_compile_t *c, const char *list,
    const char *barriers);
static int ed_template_is_foreign(const ed_compile_t *c, ed_str_t name);
static ed_rc_t ed_template_finish(ed_compile_t *c, ed_template_t **tpl);


static const char  ed_template_void[] =
    "area base br col embed hr img input link meta param source track wbr";

static const char  ed_template_rawtext[] =
    "iframe noembed noframes noscript script style xmp";

static const char  ed_template_rcdata[] = "textarea title";

/* No root: a page's parser drops or moves them, or a reader sees nothing. */

static const char  ed_template_no_root[] =
    "body caption col colgroup frame frameset head html iframe li noembed "
    "noframes noscript option optgroup script style tbody td template "
    "textarea tfoot th thead title tr xmp";

/* Nowhere: they end or swallow what follows them in the page. */

static const char  ed_template_nowhere[] =
    "body frame frameset head html plaintext";

/* What the beginning of these would close. */

static const char  ed_template_blocks[] =
    "address article aside blockquote center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup "
    "hr li listing main menu nav ol p pre search section summary table ul "
    "xmp";

/* What alone can stand in these: all else is dropped, or moved out of them. */

static const struct {
    ed_str_t     name;
    const char  *content;
    unsigned     text:1;
} ed_template_strict[] = {
    { ED_STR("table"),
      "caption col colgroup script style tbody template tfoot thead tr", 0 },
    { ED_STR("colgroup"), "col template", 0 },
    { ED_STR("tbody"), "script style template tr", 0 },
    { ED_STR("thead"), "script style template tr", 0 },
    { ED_STR("tfoot"), "script style template tr", 0 },
    { ED_STR("tr"), "script style td template th", 0 },
    { ED_STR("select"), "hr optgroup option script template", 1 },
    { ED_STR("optgroup"), "hr option script template", 1 },
    { ED_STR("option"), "script template", 1 }
};

/* What ends SVG and MathML where it begins in them (HTML 13.2.6.5). */
static const char  ed_template_breakout[] =
    "b big blockquote body br center code dd div dl dt em embed font h1 h2 h3 "
    "h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small "
    "span strong strike sub sup table tt u ul var";

static const char  ed_template_integration[] =
    "desc foreignobject mi mn mo ms mtext";

/* The beginning of the first ends one of the second that is open, with none of
   the third inside it (HTML 13.2.6.4.7). */

static const struct {
    const char  *begins;
    const char  *open;
    const char  *barriers;
} ed_template_ends[] = {
    { "li", "li", "dir menu ol ul" },
    { "dd dt", "dd dt", "dl" },
    { "h1 h2 h3 h4 h5 h6", "h1 h2 h3 h4 h5 h6", "" },
    { "rb rtc", "rb rp rt rtc", "ruby" },
    { "rp rt", "rb rp rt", "rtc ruby" },
    { "optgroup option", "option", "select" }
};

#define ED_TEMPLATE_STRICT                                                    \
    (sizeof(ed_template_strict) / sizeof(ed_template_strict[0]))

static const char  ed_template_alone[] = "a button form nobr";

static const char  ed_template_barriers[] =
    "button caption foreignobject marquee object table td template th";


ed_rc_t
ed_template_compile(ed_arena_t *arena, ed_str_t html, ed_template_t **tpl,
    char *error, size_t errlen)
{
    ed_rc_t       rc;
    ed_compile_t  c;

    *tpl = NULL;

    if (errlen != 0) {
        error[0] = '\0';
    }

    memset(&c, 0, sizeof(ed_compile_t));

    c.arena = arena;
    c.error = error;
    c.errlen = errlen;

    c.html = ed_arena_dup(arena, html);
    if (c.html.data == NULL) {
        return ED_NOMEM;
    }

    ed_buf_init(&c.parts, ED_TEMPLATE_PARTS * sizeof(ed_part_t));

    rc = ed_template_scan(&c);

    if (rc == ED_OK) {
        rc = ed_template_finish(&c, tpl);
    }

    ed_buf_free(&c.parts);

    return rc;
}


ed_rc_t
ed_template_put(ed_buf_t *out, const ed_template_t *tpl,
    const ed_piece_t *piece)
{
    size_t   i, len;
    ed_rc_t  rc;

    len = out->len;

    for (i = 0; i < tpl->n; i++) {
        rc = ed_buf_str(out, tpl->parts[i].literal);

        if (rc == ED_OK && tpl->parts[i].word != ED_WORDS) {
            rc = ed_word_put(out, piece, tpl->parts[i].word,
                             tpl->parts[i].place);
        }

        if (rc != ED_OK) {
            out->len = len;
            return rc;
        }
    }

    return ED_OK;
}


ed_rc_t
ed_template_part(ed_compile_t *c, size_t end, ed_word_e word,
    ed_place_e place)
{
    size_t     literal;
    ed_part_t  part;

    /* a word's part ends before its braces */

    literal = (word == ED_WORDS) ? end : c->at;

    part.literal = ed_str(c->html.data + c->taken, literal - c->taken);
    part.word = word;
    part.place = place;

    c->taken = end;
    c->at = end;

    if (ed_buf_append(&c->parts, &part, sizeof(ed_part_t)) == ED_OK) {
        return ED_OK;
    }

    return c->parts.len + sizeof(ed_part_t) > c->parts.max
           ? ed_template_fail(c, c->at, "more than %d words",
                              ED_TEMPLATE_PARTS)
           : ED_NOMEM;
}


int
ed_template_opens(const ed_compile_t *c, size_t at)
{
    return c->html.len - at >= 2 && memcmp(c->html.data + at, "{{", 2) == 0;
}


int
ed_template_listed(const char *list, ed_str_t name)
{
    size_t       len;
    const char  *p;

    for (p = list; *p != '\0'; p += len + (p[len] == ' ')) {
        len = strcspn(p, " ");

        if (ed_str_caseeq(ed_str(p, len), name)) {
            return 1;
        }
    }

    return 0;
}


ed_rc_t
ed_template_fail(ed_compile_t *c, size_t at, const char *format, ...)
{
    int      n;
    size_t   i, line;
    va_list  args;

    line = 1;

    for (i = 0; i < at && i < c->html.len; i++) {
        line += (c->html.data[i] == '\n');
    }

    n = snprintf(c->error, c->errlen, "line %zu: ", line);

    if (n > 0 && (size_t) n < c->errlen) {
        va_start(args, format);
        vsnprintf(c->error + n, c->errlen - (size_t) n, format, args);
        va_end(args);
    }

    return ED_INVALID;
}


/*
 * Reads all of it.  What stands around the root element (white space, notes in
 * comments, a byte order mark) belongs to the file and not to the template.
 */

static ed_rc_t
ed_template_scan(ed_compile_t *c)
{
    ed_rc_t  rc;

    rc = ed_template_valid(c);

    if (ed_str_eq(ed_charset_bom(c->html), ED_STR("utf-8"))) {
        c->at = 3;
    }

    while (rc == ED_OK && c->at < c->html.len) {
        rc = ed_template_content(c);
    }

    if (rc != ED_OK) {
        return rc;
    }

    if (!c->rooted) {
        return ed_template_fail(c, c->at, "there is no root element");
    }

    if (c->depth != 0) {
        return ed_template_fail(c, c->at, "<%.*s> is not closed",
                                ED_QUOTED(c->open[c->depth - 1]));
    }

    return ED_OK;
}


static ed_rc_t
ed_template_valid(ed_compile_t *c)
{
    size_t    i, n;
    uint32_t  code;

    for (i = 0; i < c->html.len; i += n) {
        n = ed_utf8_get(c->html.data + i, c->html.len - i, &code);

        if (code == 0) {
            return ed_template_fail(c, i, "a NUL byte");
        }

        if (code == 0xfffd && (n != 3 || c->html.data[i] != 0xef)) {
            return ed_template_fail(c, i, "the file is not UTF-8");
        }
    }

    return ED_OK;
}


/* One tag, comment, word or byte of text. */

static ed_rc_t
ed_template_content(ed_compile_t *c)
{
    uint8_t         next;
    const uint8_t  *p;

    p = c->html.data + c->at;
    next = c->at + 1 < c->html.len ? p[1] : '\0';

    if (*p != '<') {
        return ed_template_text(c);
    }

    if (next == '!' && c->html.len - c->at >= 4 && memcmp(p, "<!--", 4) == 0) {
        return ed_template_comment(c);
    }

    if (next == '!' || next == '?') {
        return ed_template_fail(c, c->at, "only elements, text and comments"
                                " can stand in a template");
    }

    if (next == '/') {
        return ed_template_end(c);
    }

    return (uint8_t) (ed_lower(next) - 'a') < 26 ? ed_template_start(c)
                                                  : ed_template_text(c);
}


static ed_rc_t
ed_template_text(ed_compile_t *c)
{
    size_t  i;

    if (c->depth == 0 && !ed_is_space(c->html.data[c->at])) {
        return ed_template_fail(c, c->at, "text outside the root element");
    }

    i = ed_template_in_strict(c);

    if (i != ED_TEMPLATE_STRICT && !ed_template_strict[i].text
        && !ed_is_space(c->html.data[c->at]))
    {
        return ed_template_fail(c, c->at, "text cannot stand in <%.*s>",
                                ED_QUOTED(ed_template_strict[i].name));
    }

    if (ed_template_opens(c, c->at)) {
        return ed_template_word(c, ED_PLACE_TEXT);
    }

    c->at++;

    return ED_OK;
}


/* The entry of the innermost open element; ED_TEMPLATE_STRICT: none. */

static size_t
ed_template_in_strict(const ed_compile_t *c)
{
    size_t  i;

    for (i = 0; c->depth != 0 && i < ED_TEMPLATE_STRICT; i++) {
        if (ed_str_caseeq(c->open[c->depth - 1], ed_template_strict[i].name)) {
            return i;
        }
    }

    return ED_TEMPLATE_STRICT;
}


/*
 * 13.2.5.43 ff.: ends at "-->" or "--!>"; "<!-->" and "<!--->" are whole
 * comments.
 */

static ed_rc_t
ed_template_comment(ed_compile_t *c)
{
    size_t          at;
    const uint8_t  *p;

    for (at = c->at + 2; at + 2 < c->html.len; at++) {
        p = c->html.data + at;

        if (memcmp(p, "-->", 3) == 0
            || (at >= c->at + 4 && at + 3 < c->html.len
                && memcmp(p, "--!>", 4) == 0))
        {
            c->at = at + (p[2] == '>' ? 3 : 4);
            return ED_OK;
        }

        if (ed_template_opens(c, at)) {
            return ed_template_fail(c, at, "a word cannot stand in a comment");
        }
    }

    return ed_template_fail(c, c->at, "the comment is not closed");
}


static ed_rc_t
ed_template_start(ed_compile_t *c)
{
    int       root;
    size_t    begin;
    ed_rc_t   rc;
    ed_str_t  name;

    begin = c->at;
    c->at++;
    name = ed_template_tag_name(c);
    root = (c->depth == 0);

    if (memchr(name.data, '{', name.len) != NULL) {
        return ed_template_fail(c, begin, "a word cannot stand in a tag's"
                                " name");
    }

    rc = root ? ed_template_root(c, begin, name)
              : ed_template_nest(c, begin, name);

    if (rc == ED_OK) {
        rc = ed_template_attrs(c, name, root);
    }

    if (rc == ED_OK && root && !c->marked) {
        rc = ed_template_mark(c);
    }

    if (rc != ED_OK || ed_template_listed(ed_template_void, name)
        || (c->slash && ed_template_is_foreign(c, name)))
    {
        return rc;
    }

    rc = ed_template_push(c, begin, name);

    if (rc == ED_OK && (ed_template_listed(ed_template_rawtext, name)
                        || ed_template_listed(ed_template_rcdata, name)))
    {
        rc = ed_template_raw(c, name);
    }

    return rc;
}


static ed_rc_t
ed_template_root(ed_compile_t *c, size_t begin, ed_str_t name)
{
    if (c->rooted) {
        return ed_template_fail(c, begin, "<%.*s> is a second root element",
                                ED_QUOTED(name));
    }

    if (ed_template_listed(ed_template_no_root, name)
        || ed_template_listed(ed_template_nowhere, name)
        || ed_template_listed(ed_template_void, name))
    {
        return ed_template_fail(c, begin, "<%.*s> cannot be the root element",
                                ED_QUOTED(name));
    }

    c->rooted = 1;
    c->taken = begin;

    return ED_OK;
}


/* May the element begin inside those that are open? */

static ed_rc_t
ed_template_nest(ed_compile_t *c, size_t begin, ed_str_t name)
{
    char    list[16];
    size_t  i;

    if (ed_template_listed(ed_template_nowhere, name)) {
        return ed_template_fail(c, begin, "<%.*s> cannot stand in a template",
                                ED_QUOTED(name));
    }

    i = ed_template_in_strict(c);

    if (i != ED_TEMPLATE_STRICT
        && !ed_template_listed(ed_template_strict[i].content, name))
    {
        return ed_template_fail(c, begin, "<%.*s> cannot stand in <%.*s>",
                                ED_QUOTED(name),
                                ED_QUOTED(ed_template_strict[i].name));
    }

    if (ed_template_listed(ed_template_breakout, name)
        && ed_template_is_open(c, "svg math", ed_template_integration))
    {
        return ed_template_fail(c, begin, "<%.*s> would end <svg> or <math>",
                                ED_QUOTED(name));
    }

    /* elsewhere it is a name like any other, and no barrier */

    if (ed_template_listed("foreignobject", name)
        && !ed_template_is_open(c, "svg", "foreignobject"))
    {
        return ed_template_fail(c, begin, "<%.*s> cannot stand outside <svg>",
                                ED_QUOTED(name));
    }

    if (ed_template_listed(ed_template_blocks, name)
        && ed_template_is_open(c, "p", ed_template_barriers))
    {
        return ed_template_fail(c, begin, "<%.*s> cannot stand inside <p>",
                                ED_QUOTED(name));
    }

    for (i = 0; i < sizeof(ed_template_ends) / sizeof(ed_template_ends[0]);
         i++)
    {
        if (ed_template_listed(ed_template_ends[i].begins, name)
            && ed_template_is_open(c, ed_template_ends[i].open,
                                   ed_template_ends[i].barriers))
        {
            return ed_template_fail(c, begin, "<%.*s> would end one that is"
                                    " open", ED_QUOTED(name));
        }
    }

    if (ed_template_listed(ed_template_alone, name)) {
        snprintf(list, sizeof(list), "%.*s", ED_QUOTED(name));

        if (ed_template_is_open(c, list, "")) {
            return ed_template_fail(c, begin, "<%.*s> inside another",
                                    ED_QUOTED(name));
        }
    }

    return ED_OK;
}


/* Gives the root, whose start tag ends at c->at, its data-editorial. */

static ed_rc_t
ed_template_mark(ed_compile_t *c)
{
    size_t   end;
    ed_rc_t  rc;

    if (c->slash) {
        return ed_template_fail(c, c->at - 1, "the root element is written as"
                                " an empty one");
    }

    end = c->at;

    rc = ed_template_part(c, end - 1, ED_WORDS, ED_PLACE_TEXT);

    if (rc == ED_OK) {
        rc = ed_template_literal(c, ED_STR(" data-editorial=\""),
                                 ED_WORD_FEATURE);
    }

    if (rc == ED_OK) {
        rc = ed_template_literal(c, ED_STR("/"), ED_WORD_VARIANT);
    }

    if (rc == ED_OK) {
        rc = ed_template_literal(c, ED_STR("\""), ED_WORDS);
    }

    c->at = end;

    return rc;
}


/* A part of our own making. */

static ed_rc_t
ed_template_literal(ed_compile_t *c, ed_str_t literal, ed_word_e word)
{
    ed_part_t  part;

    part.literal = literal;
    part.word = word;
    part.place = ED_PLACE_TEXT;

    return ed_buf_append(&c->parts, &part, sizeof(ed_part_t)) == ED_OK
           ? ED_OK : ED_NOMEM;
}


static ed_rc_t
ed_template_push(ed_compile_t *c, size_t begin, ed_str_t name)
{
    if (c->depth == ED_TEMPLATE_DEPTH) {
        return ed_template_fail(c, begin, "more than %d elements inside each"
                                " other", ED_TEMPLATE_DEPTH);
    }

    c->open[c->depth] = name;
    c->depth++;

    return ED_OK;
}


/* Reads the content of an element whose content is no markup. */

static ed_rc_t
ed_template_raw(ed_compile_t *c, ed_str_t name)
{
    size_t   begin, end;
    ed_rc_t  rc;

    begin = c->at;
    end = ed_template_raw_end(c, name);

    if (end == c->html.len) {
        return ed_template_fail(c, begin, "<%.*s> is not closed",
                                ED_QUOTED(name));
    }

    /* in SVG and MathML it is markup, for a page's parser */

    if (ed_template_is_open(c, "svg math", "foreignobject")
        && memchr(c->html.data + begin, '<', end - begin) != NULL)
    {
        return ed_template_fail(c, begin, "\"<\" cannot stand in <%.*s>"
                                " inside <svg> or <math>", ED_QUOTED(name));
    }

    while (c->at < end) {

        if (!ed_template_opens(c, c->at)) {
            c->at++;
            continue;
        }

        if (ed_template_listed(ed_template_rawtext, name)) {
            return ed_template_fail(c, c->at, "a word cannot stand in <%.*s>",
                                    ED_QUOTED(name));
        }

        rc = ed_template_word(c, ED_PLACE_TEXT);
        if (rc != ED_OK) {
            return rc;
        }
    }

    if (ed_str_caseeq(name, ED_STR("script"))
        && memmem(c->html.data + begin, end - begin, "<!--", 4) != NULL)
    {
        return ed_template_fail(c, begin, "\"<!--\" cannot stand in <script>");
    }

    return ED_OK;
}


/* Where the end tag of that name begins; the template's length: nowhere. */

static size_t
ed_template_raw_end(const ed_compile_t *c, ed_str_t name)
{
    size_t          at, end;
    const uint8_t  *p;

    p = c->html.data;

    for (at = c->at; at + 2 + name.len < c->html.len; at++) {
        end = at + 2 + name.len;

        if (p[at] == '<' && p[at + 1] == '/'
            && ed_str_caseeq(ed_str(p + at + 2, name.len), name)
            && (ed_is_space(p[end]) || p[end] == '/' || p[end] == '>'))
        {
            return at;
        }
    }

    return c->html.len;
}


static ed_rc_t
ed_template_end(ed_compile_t *c)
{
    size_t    begin;
    ed_str_t  name, open;

    begin = c->at;
    c->at += 2;
    name = ed_template_tag_name(c);

    while (c->at < c->html.len && ed_is_space(c->html.data[c->at])) {
        c->at++;
    }

    if (c->at == c->html.len || c->html.data[c->at] != '>') {
        return ed_template_fail(c, begin, "the end tag of <%.*s> has no '>'",
                                ED_QUOTED(name));
    }

    c->at++;

    if (c->depth == 0) {
        return ed_template_fail(c, begin, "</%.*s> closes nothing",
                                ED_QUOTED(name));
    }

    open = c->open[c->depth - 1];

    if (!ed_str_caseeq(open, name)) {
        return ed_template_fail(c, begin, "</%.*s> where <%.*s> is open",
                                ED_QUOTED(name), ED_QUOTED(open));
    }

    c->depth--;
    c->ended = c->at;

    return ED_OK;
}


/* 13.2.5.8: up to white space, '/' or '>'. */

static ed_str_t
ed_template_tag_name(ed_compile_t *c)
{
    size_t   begin;
    uint8_t  byte;

    begin = c->at;

    while (c->at < c->html.len) {
        byte = c->html.data[c->at];

        if (ed_is_space(byte) || byte == '/' || byte == '>') {
            break;
        }

        c->at++;
    }

    return ed_str(c->html.data + begin, c->at - begin);
}


/* Is an element of the list open, with none of the barriers inside it? */

static int
ed_template_is_open(const ed_compile_t *c, const char *list,
    const char *barriers)
{
    unsigned  i;

    for (i = c->depth; i > 0; i--) {
        if (ed_template_listed(list, c->open[i - 1])) {
            return 1;
        }

        if (ed_template_listed(barriers, c->open[i - 1])) {
            return 0;
        }
    }

    return 0;
}


/* In SVG and MathML, a solidus at its end makes a tag an empty element. */

static int
ed_template_is_foreign(const ed_compile_t *c, ed_str_t name)
{
    return ed_template_listed("svg math", name)
           || ed_template_is_open(c, "svg math", "foreignobject");
}


static ed_rc_t
ed_template_finish(ed_compile_t *c, ed_template_t **tpl)
{
    ed_rc_t         rc;
    ed_part_t      *parts;
    ed_template_t  *t;

    rc = ed_template_part(c, c->ended, ED_WORDS, ED_PLACE_TEXT);
    if (rc != ED_OK) {
        return rc;
    }

    t = ed_arena_alloc(c->arena, sizeof(ed_template_t));
    parts = ed_arena_alloc(c->arena, c->parts.len);

    if (t == NULL || parts == NULL) {
        return ED_NOMEM;
    }

    memcpy(parts, c->parts.data, c->parts.len);

    t->parts = parts;
    t->n = ed_buf_count(&c->parts, ed_part_t);
    *tpl = t;

    return ED_OK;
}
