
/*
 * The tokenizer, token by token: every case whole, byte by byte, and cut in
 * two at every place, each piece in memory of its own.
 *
 * A log of tokens reads: 'text' runs as they are joined, <name attr=value> at
 * its offsets, {!} for a comment, {quirks} and {doctype} for doctypes.
 */

#include <stdarg.h>

#include "ed_tokenizer.h"
#include "ed_test.h"


typedef struct {
    const char      *name;
    const char      *page;
    const char      *log;
    int              foreign;
} case_t;


typedef struct {
    ed_tokenizer_t  *tokenizer;
    char             log[4096];
    size_t           len;
    uint64_t         text_end;     /* of an open text run; 0: none */
    int              foreign;
    ed_rc_t          stop;         /* what tag() returns */
} log_t;


static void test_case(const case_t *c);
static void test_limits(void);
static void test_attributes(void);
static void test_parse(void);
static void test_stop(void);
static void test_memory(void);

static ed_rc_t run(log_t *log, ed_str_t page, size_t first, size_t step);
static void add(log_t *log, const char *format, ...);
static void end_text(log_t *log);

static ed_rc_t on_tag(void *ctx, const ed_token_t *token);
static ed_rc_t on_text(void *ctx, uint64_t offset, ed_str_t text);
static ed_rc_t on_comment(void *ctx);
static ed_rc_t on_doctype(void *ctx, int quirks);
static int on_foreign(void *ctx);


static const ed_tokenizer_handler_t  handler = {
    on_tag, on_text, on_comment, on_doctype, on_foreign
};


static const case_t  cases[] = {
    { "nothing", "", "", 0 },
    { "text", "a b", "'a b'@0", 0 },
    { "a tag", "a<p>b</p>c", "'a'@0<p>@1-4'b'@4</p>@5-9'c'@9", 0 },
    { "no tags", "a < b <3 <", "'a < b <3 <'@0", 0 },
    { "'<' before a tag", "<<<p>", "'<<'@0<p>@2-5", 0 },
    { "'</' at the end", "a</", "'a</'@0", 0 },
    { "an end tag without a name", "a</>b", "'a'@0'b'@4", 0 },
    { "an end tag that is a comment", "</ p>a</3>", "{!}'a'@5{!}", 0 },
    { "a tag cut off", "a<p b=c", "'a'@0", 0 },
    { "an end tag cut off", "a</p", "'a'@0", 0 },
    { "attributes", "<a b c=d e='f' g=\"h\">",
      "<a b c=d e=f g=h>@0-21", 0 },
    { "spaces", "<a\nb = c\t=d\f>", "<a b=c =d>@0-13", 0 },
    { "solidi", "<a/b/c=d/>", "<a b c=d/>@0-10", 0 },
    { "self-closing", "<a/><a / >", "<a />@0-4<a>@4-10", 0 },
    { "self-closing behind a value", "<a b='c'/>", "<a b=c />@0-10", 0 },
    { "attributes without space", "<a b=\"c\"d='e'f>",
      "<a b=c d=e f>@0-15", 0 },
    { "odd names", "<a =b \"c 'd <e>", "<a =b \"c 'd <e>@0-15", 0 },
    { "an equals sign in a name's place", "<a ==b>", "<a ==b>@0-7", 0 },
    { "odd values", "<a b=<c d=e\"f g=`h>", "<a b=<c d=e\"f g=`h>@0-19", 0 },
    { "empty values", "<a b='' c=\"\" d=>", "<a b c d>@0-16", 0 },
    { "'>' in values", "<a b='>' c=\">\">", "<a b=> c=>>@0-15", 0 },
    { "upper case", "<A B=C></A>", "<A B=C>@0-7</A>@7-11", 0 },
    { "an end tag's attributes", "</a b=c />", "</a b=c />@0-10", 0 },
    { "comments", "<!--a-->b<!---->c", "{!}'b'@8{!}'c'@16", 0 },
    { "comments that end at once", "<!-->a<!--->b", "{!}'a'@5{!}'b'@12", 0 },
    { "a comment that ends with a bang", "<!--a--!>b", "{!}'b'@9", 0 },
    { "a bang that ends none", "<!--!>b-->c", "{!}'c'@10", 0 },
    { "dashes", "<!-- - -- --->a", "{!}'a'@14", 0 },
    { "a bang and a dash", "<!----!->a-->b", "{!}'b'@13", 0 },
    { "a comment in a comment", "<!--<!--a-->b-->", "{!}'b-->'@12", 0 },
    { "half a comment in a comment", "<!--<!-->a", "{!}'a'@9", 0 },
    { "a comment cut off", "<!--a", "{!}", 0 },
    { "'<!' at the end", "a<!", "'a'@0{!}", 0 },
    { "bogus comments", "<!a>b<?c>d<!-e>f", "{!}'b'@4{!}'d'@9{!}'f'@15", 0 },
    { "an empty comment", "<!>a", "{!}'a'@3", 0 },
    { "CDATA in HTML", "<![CDATA[a]]>b", "{!}'b'@13", 0 },
    { "CDATA", "<![CDATA[a<b>]]>c", "'a<b>'@9'c'@16", 1 },
    { "CDATA's brackets", "<![CDATA[]a]]b]]]>c", "']a]]b]'@9'c'@18", 1 },
    { "CDATA cut off", "<![CDATA[a]]", "'a]]'@9", 1 },
    { "CDATA in lower case", "<![cdata[a]]>b", "{!}'b'@13", 1 },
    { "doctype", "<!DOCTYPE html>a", "{doctype}'a'@15", 0 },
    { "a doctype that is none", "<!DOCTYP html>a", "{!}'a'@14", 0 },
    { "an empty doctype", "<!doctype>a", "{quirks}'a'@10", 0 },
    { "a doctype with '>' in its identifier",
      "<!doctype html public \"a>b\">", "{quirks}'b\">'@25", 0 },
    { "an old doctype",
      "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 3.2 Final//EN'>",
      "{quirks}", 0 },
    { "a doctype cut off", "<!DOCTYPE html", "{quirks}", 0 },
    { "a bogus doctype cut off", "<!DOCTYPE html SYSTEM 'a' b",
      "{doctype}", 0 },
    { "raw text", "<title>a<b></titl></title>c",
      "<title>@0-7'a<b></titl>'@7</title>@18-26'c'@26", 0 },
    { "raw text's end tag in upper case", "<title></TITLE x>",
      "<title>@0-7</TITLE x>@7-17", 0 },
    { "raw text cut off", "<title>a</title", "<title>@0-7'a</title'@7", 0 },
    { "raw text cut off in its end tag", "<title>a</title b",
      "<title>@0-7'a'@7", 0 },
    { "raw text with '<'", "<title><<</<</title></title>",
      "<title>@0-7'<<</<'@7</title>@12-20</title>@20-28", 0 },
    { "a longer name", "<title></titles></title/>",
      "<title>@0-7'</titles>'@7</title />@16-25", 0 },
    { "plain text", "<plaintext><p></plaintext>",
      "<plaintext>@0-11'<p></plaintext>'@11", 0 },
    { "a script", "<script>a<b</script>c",
      "<script>@0-8'a<b'@8</script>@11-20'c'@20", 0 },
    { "a script that escapes", "<script><!--<script></script>--></script>",
      "<script>@0-8'<!--<script></script>-->'@8</script>@32-41", 0 },
    { "a script that escapes no more", "<script><!--></script>",
      "<script>@0-8'<!-->'@8</script>@13-22", 0 },
    { "a script that escapes and ends", "<script><!--a</script>b",
      "<script>@0-8'<!--a'@8</script>@13-22'b'@22", 0 },
    { "a script nested in a script",
      "<script><!--<script>--></script>",
      "<script>@0-8'<!--<script>-->'@8</script>@23-32", 0 },
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&cases[i]);
    }

    test_limits();
    test_attributes();
    test_parse();
    test_stop();
    test_memory();

    return ed_test_done();
}


static void
test_case(const case_t *c)
{
    size_t    i;
    log_t     log;
    ed_str_t  page;

    page = ed_str(c->page, strlen(c->page));
    log.foreign = c->foreign;
    log.stop = ED_OK;

    run(&log, page, 0, 0);
    is_str(ed_str(log.log, log.len), c->log, "%s", c->name);

    run(&log, page, 1, 1);
    is_str(ed_str(log.log, log.len), c->log, "%s, byte by byte", c->name);

    for (i = 1; i < page.len; i++) {
        run(&log, page, i, 0);

        if (strcmp(log.log, c->log) != 0) {
            break;
        }
    }

    ok(i >= page.len, "%s, in two", c->name);
}


/* A tag of ED_MAX_TOKEN bytes passes, one byte more does not, however cut. */

static void
test_limits(void)
{
    static const size_t  steps[] = { 0, 1, 1000, ED_MAX_TOKEN };

    log_t     log;
    size_t    i, len;
    ed_rc_t   want;
    uint8_t  *page;

    page = malloc(ED_MAX_TOKEN + 16);
    log.foreign = 0;
    log.stop = ED_OK;

    for (len = ED_MAX_TOKEN; len <= ED_MAX_TOKEN + 1; len++) {
        memset(page, 'x', len);
        memcpy(page, "<p a='", 6);
        memcpy(page + len - 2, "'>", 2);
        want = len == ED_MAX_TOKEN ? ED_OK : ED_LIMIT_TOKEN;

        for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            is_num(run(&log, ed_str(page, len), steps[i], steps[i]), want,
                   "a tag of %d bytes, in pieces of %d", (int) len,
                   (int) steps[i]);

            is_num(run(&log, ed_str(page, len - 1), steps[i], steps[i]), ED_OK,
                   "one that never ends, of %d bytes, in pieces of %d",
                   (int) len - 1, (int) steps[i]);
        }
    }

    page[ED_MAX_TOKEN - 1] = 'x';
    page[ED_MAX_TOKEN] = 'x';

    is_num(run(&log, ed_str(page, ED_MAX_TOKEN + 1), 0, 0), ED_LIMIT_TOKEN,
           "a longer one that never ends");

    free(page);
}


/* The first ED_MAX_ATTRS are listed, whatever the chunks. */

static void
test_attributes(void)
{
    int          i;
    size_t       len, cut;
    log_t        whole, log;
    char         page[2048];

    len = sprintf(page, "<p");

    for (i = 0; i < ED_MAX_ATTRS + 20; i++) {
        len += sprintf(page + len, " a%d=%d", i, i);
    }

    len += sprintf(page + len, ">");

    whole.foreign = 0;
    whole.stop = ED_OK;
    log = whole;
    run(&whole, ed_str(page, len), 0, 0);

    ok(strstr(whole.log, " a127=127>") != NULL, "128 attributes are listed");

    for (cut = 1; cut < len; cut++) {
        run(&log, ed_str(page, len), cut, 0);

        if (strcmp(whole.log, log.log) != 0) {
            break;
        }
    }

    ok(cut == len, "the same ones wherever the tag is cut");
}


static void
test_parse(void)
{
    ed_attr_t        attrs[ED_MAX_ATTRS];
    ed_token_t       token;
    const ed_str_t  *value;

    is_num(ed_token_parse(ED_STR("<Meta NAME=x content='a b' name=y/>"),
                          &token, attrs),
           ED_OK, "a start tag is parsed");
    is_num(token.tag, ED_TAG_META, "its tag");
    is_str(token.name, "Meta", "its name");
    is_num(token.nattrs, 3, "its attributes");
    is_num(token.self_closing, 0, "not self-closing: y/ is the value");

    value = ed_token_attr(&token, ED_STR("name"));
    is_str(value == NULL ? ED_STR_EMPTY : *value, "x", "the first counts");

    value = ed_token_attr(&token, ED_STR("content"));
    is_str(value == NULL ? ED_STR_EMPTY : *value, "a b", "a quoted value");
    ok(ed_token_attr(&token, ED_STR("id")) == NULL, "no such attribute");

    is_num(ed_token_parse(ED_STR("<p"), &token, attrs), ED_INVALID, "half");
    is_num(ed_token_parse(ED_STR("<p a='>"), &token, attrs), ED_INVALID,
           "not ended");
    is_num(ed_token_parse(ED_STR("<p>x"), &token, attrs), ED_INVALID,
           "more than a tag");
    is_num(ed_token_parse(ED_STR("</p>"), &token, attrs), ED_INVALID,
           "an end tag");
    is_num(ed_token_parse(ED_STR("<!-->"), &token, attrs), ED_INVALID,
           "a comment");
    is_num(ed_token_parse(ED_STR_EMPTY, &token, attrs), ED_INVALID, "nothing");
}


static void
test_stop(void)
{
    log_t  log;

    log.foreign = 0;
    log.stop = ED_INVALID;

    is_num(run(&log, ED_STR("a<b>c<d>"), 0, 0), ED_INVALID,
           "the handler's code is passed on");
    is_str(ed_str(log.log, log.len), "'a'@0<b>@1-4",
           "and nothing more is handed out");
}


static void
test_memory(void)
{
    long     n;
    log_t    log;
    ed_rc_t  rc;

    if (!ed_test_wrapped()) {
        return;
    }

    log.foreign = 0;
    log.stop = ED_OK;
    n = 0;

    /* run() needs a piece of its own before each feed */

    do {
        ed_test_fail_after(n);
        rc = run(&log, ED_STR("<p aaaaaaaaaaaaaaaaa='b'>c"), 5, 0);
        n++;
    } while (ed_test_refused && rc == ED_NOMEM);

    ed_test_fail_after(-1);
    is_num(rc, ED_OK, "every failed allocation is reported");
    ok(n > 3, "there were some");
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

    log->tokenizer = ed_tokenizer_create(&handler, log);
    if (log->tokenizer == NULL) {
        return ED_NOMEM;
    }

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
        rc = ed_tokenizer_feed(log->tokenizer, piece, len);
        free(piece);
    }

    if (rc == ED_OK) {
        rc = ed_tokenizer_finish(log->tokenizer);
        end_text(log);
    }

    ed_tokenizer_destroy(log->tokenizer);

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


/* A run's offset is where it began: its bytes are counted from its end. */

static void
end_text(log_t *log)
{
    char  *quote;

    if (log->text_end == 0) {
        return;
    }

    quote = log->log + log->len;

    do {
        quote--;
    } while (*quote != '\x01');

    *quote = '\'';
    add(log, "'@%d", (int) (log->text_end
                            - (log->log + log->len - quote - 1)));
    log->text_end = 0;
}


static ed_rc_t
on_tag(void *ctx, const ed_token_t *token)
{
    log_t     *log;
    unsigned   i;

    log = ctx;
    end_text(log);

    add(log, "<%s%.*s", token->closing ? "/" : "", (int) token->name.len,
        token->name.data);

    for (i = 0; i < token->nattrs; i++) {
        add(log, " %.*s%s%.*s", (int) token->attrs[i].name.len,
            token->attrs[i].name.data, token->attrs[i].value.len ? "=" : "",
            (int) token->attrs[i].value.len, token->attrs[i].value.data);
    }

    add(log, "%s>@%d-%d", token->self_closing ? " /" : "", (int) token->start,
        (int) token->end);

    if (!token->closing
        && (ed_tag_info[token->tag].flags & ED_IS_RAW_TEXT))
    {
        ed_tokenizer_raw(log->tokenizer, token->tag);
    }

    return log->stop;
}


static ed_rc_t
on_text(void *ctx, uint64_t offset, ed_str_t text)
{
    log_t  *log;

    log = ctx;

    if (log->text_end != offset) {
        end_text(log);
    }

    if (log->text_end == 0) {
        add(log, "\x01");
    }

    add(log, "%.*s", (int) text.len, text.data);
    log->text_end = offset + text.len;

    return ED_OK;
}


static ed_rc_t
on_comment(void *ctx)
{
    end_text(ctx);
    add(ctx, "{!}");

    return ED_OK;
}


static ed_rc_t
on_doctype(void *ctx, int quirks)
{
    end_text(ctx);
    add(ctx, quirks ? "{quirks}" : "{doctype}");

    return ED_OK;
}


static int
on_foreign(void *ctx)
{
    log_t  *log;

    log = ctx;

    return log->foreign;
}
