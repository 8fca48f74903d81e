
/*
 * The default markup, byte for byte, and escaping.
 */

#include "ed_markup.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))


static void test_default(void);
static void test_wraps(void);
static void test_links(void);
static void test_escape(void);
static void test_hostile(void);
static void test_refusals(void);
static ed_piece_t test_piece(ed_feature_e feature, const char *variant);


static ed_buf_t  out;


int
main(void)
{
    ed_buf_init(&out, 1 << 20);

    test_default();
    test_wraps();
    test_links();
    test_escape();
    test_hostile();
    test_refusals();

    ed_buf_free(&out);

    return ed_test_done();
}


static void
test_default(void)
{
    ed_piece_t  piece;

    out.len = 0;
    piece = test_piece(ED_READ_MORE, "box");
    is_num(ed_markup_piece(&out, NULL, &piece), ED_OK, "a box");
    is_str(ed_str(out.data, out.len),
           "<aside class=\"editorial-read-more\""
           " data-editorial=\"read_more/box\" aria-label=\"Read more\">"
           "<span class=\"editorial-label\">Read more</span>"
           " <a href=\"/news/1?a=b&amp;c=d\">Why it rains</a></aside>",
           "the box");

    out.len = 0;
    piece = test_piece(ED_PULL_QUOTE, "quote");
    is_num(ed_markup_piece(&out, NULL, &piece), ED_OK, "a quote");
    is_str(ed_str(out.data, out.len),
           "<aside class=\"editorial-pull-quote\""
           " data-editorial=\"pull_quote/quote\" aria-label=\"Read more\">"
           "<blockquote><p>It rains.</p></blockquote></aside>",
           "the quote");

    out.len = 0;
    piece = test_piece(ED_DISCLAIMER, "standard");
    is_num(ed_markup_piece(&out, NULL, &piece), ED_OK, "a disclaimer");
    is_str(ed_str(out.data, out.len),
           "<p class=\"editorial-disclaimer\""
           " data-editorial=\"disclaimer/standard\" role=\"note\">"
           "Not our view.</p>",
           "the disclaimer");

    out.len = 0;
    piece.rtl = 1;
    ed_markup_piece(&out, NULL, &piece);
    is_str(ed_str(out.data, out.len),
           "<p class=\"editorial-disclaimer\""
           " data-editorial=\"disclaimer/standard\" role=\"note\""
           " dir=\"rtl\">Not our view.</p>",
           "from right to left");
}


static void
test_wraps(void)
{
    ed_piece_t  piece;

    out.len = 0;
    piece = test_piece(ED_READ_MORE, "box");
    ed_markup_wrap_open(&out, &piece);
    ed_markup_wrap_close(&out, &piece);
    is_str(ed_str(out.data, out.len),
           "<aside class=\"editorial-read-more\""
           " data-editorial=\"read_more/box\" aria-label=\"Read more\">"
           "</aside>",
           "around a read-more");

    out.len = 0;
    piece = test_piece(ED_PULL_QUOTE, "quote");
    piece.rtl = 1;
    ed_markup_wrap_open(&out, &piece);
    ed_markup_wrap_close(&out, &piece);
    is_str(ed_str(out.data, out.len),
           "<aside class=\"editorial-pull-quote\""
           " data-editorial=\"pull_quote/quote\" aria-label=\"Read more\""
           " dir=\"rtl\"><blockquote></blockquote></aside>",
           "around a quote");

    out.len = 0;
    piece = test_piece(ED_DISCLAIMER, "standard");
    ed_markup_wrap_open(&out, &piece);
    ed_markup_wrap_close(&out, &piece);
    is_str(ed_str(out.data, out.len),
           "<div class=\"editorial-disclaimer\""
           " data-editorial=\"disclaimer/standard\" role=\"note\"></div>",
           "around a disclaimer");

    out.len = 0;
    piece = test_piece(ED_PULL_QUOTE, "quote");
    ed_markup_mark_open(&out, &piece);
    ed_markup_mark_close(&out);
    is_str(ed_str(out.data, out.len),
           "<mark class=\"editorial-highlight\""
           " data-editorial=\"pull_quote/quote\"></mark>",
           "around a sentence");
}


static void
test_links(void)
{
    out.len = 0;
    ed_markup_stylesheet(&out, ED_STR("/furniture.css?v=\"1\""));
    is_str(ed_str(out.data, out.len),
           "<link rel=\"stylesheet\" href=\"/furniture.css?v=%221%22\">",
           "the stylesheet");

    out.len = 0;
    ed_markup_script(&out, ED_STR("/f.js"), ED_STR("a \"desk\""),
                     ED_STR("/beacon"));
    is_str(ed_str(out.data, out.len),
           "<script src=\"/f.js\" defer data-desk=\"a &quot;desk&quot;\""
           " data-beacon=\"/beacon\"></script>",
           "the script");

    out.len = 0;
    ed_markup_script(&out, ED_STR("/f.js"), ED_STR("news"), ED_STR_EMPTY);
    is_str(ed_str(out.data, out.len),
           "<script src=\"/f.js\" defer data-desk=\"news\"></script>",
           "without a beacon");

    out.len = 0;
    is_num(ed_markup_script(&out, ED_STR("/f.js"), ED_STR("news"),
                            ED_STR("data:x")), ED_INVALID, "a wrong beacon");
    is_num(out.len, 0, "writes nothing");
}


static void
test_escape(void)
{
    size_t              i;
    static const char  *const  list[][2] = {
        { "", "" },
        { "plain", "plain" },
        { "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;" },
        { "&amp;", "&amp;amp;" },
        { "{{url}}", "{{url}}" },
        { "a\tb\nc\rd", "a\tb\nc\rd" },
        { "a\x01\x08\x0b\x0c\x1f\x7f" "b", "ab" },
        { "a\xc2\x80\xc2\x9f" "b\xc2\xa0", "ab\xc2\xa0" },
        { "\xef\xb7\x90\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbf" "x", "x" },
        { "a\xff\xe2\x82" "b", "a\xef\xbf\xbd\xef\xbf\xbd" "b" },
        { "é日😀", "é日😀" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }
    };

    for (i = 0; i < count(list); i++) {
        out.len = 0;
        is_num(ed_markup_escape(&out, ed_str(list[i][0],
                                             strlen(list[i][0]))),
               ED_OK, "escape, case %zu", i);
        is_str(ed_str(out.data, out.len), list[i][1], "case %zu", i);
    }

    out.len = 0;
    ed_markup_text(&out, ED_STR("<a href=\"x\">&'"));
    is_str(ed_str(out.data, out.len), "&lt;a href=\"x\"&gt;&amp;'",
           "in text quotes stay as they are");

    out.len = 0;
    ed_markup_escape(&out, ed_str("a\0b", 3));
    is_str(ed_str(out.data, out.len), "ab", "NUL is left out");
}


/* Whatever the values are, the markup has the same tags. */

static void
test_hostile(void)
{
    int                 inside;
    size_t              i, j, tags, quotes;
    ed_piece_t          piece;
    static const char  *const  values[] = {
        "\"><script>x</script>", "' onmouseover='x", "</aside>", "<!--", "-->",
        "&quot;&lt;", "\xff\"<", "\xe2\"", "\xf0\x9f<", "]]>"
    };

    for (i = 0; i < count(values); i++) {
        out.len = 0;
        piece = test_piece(ED_READ_MORE, values[i]);
        piece.label = ed_str(values[i], strlen(values[i]));
        piece.title = piece.label;
        piece.url = piece.label;

        ed_markup_piece(&out, NULL, &piece);

        tags = 0;
        quotes = 0;
        inside = 0;

        for (j = 0; j < out.len; j++) {
            tags += (out.data[j] == '<') + (out.data[j] == '>');
            inside = out.data[j] == '<' || (inside && out.data[j] != '>');
            quotes += inside
                      && (out.data[j] == '"' || out.data[j] == '\'');
        }

        ok(tags == 12 && quotes == 10, "%s", values[i]);
    }
}


static void
test_refusals(void)
{
    long        i;
    size_t      max;
    ed_rc_t     rc;
    ed_buf_t    small;
    ed_piece_t  piece;

    piece = test_piece(ED_READ_MORE, "box");
    piece.url = ED_STR("javascript:x");
    out.len = 0;
    is_num(ed_markup_piece(&out, NULL, &piece), ED_INVALID,
           "a URL that was not checked");
    is_num(out.len, 0, "writes nothing");

    piece = test_piece(ED_READ_MORE, "box");
    rc = ED_OK;

    for (max = 0; max < 1000; max++) {
        ed_buf_init(&small, max);
        rc = ed_markup_piece(&small, NULL, &piece);

        if (rc == ED_OK) {
            break;
        }

        if (rc != ED_LIMIT_SIZE || small.len != 0) {
            ok(0, "a buffer of %zu", max);
        }

        ed_buf_free(&small);
    }

    is_num(max, small.len, "the smallest buffer that is enough");
    ed_buf_free(&small);

    if (!ed_test_wrapped()) {
        ok(1, "allocation failures # SKIP not linked with --wrap");
        return;
    }

    for (i = 0; i < 10; i++) {
        ed_buf_init(&small, 10000);
        ed_test_fail_after(i);
        rc = ed_markup_piece(&small, NULL, &piece);
        ed_test_fail_after(-1);

        if (rc == ED_OK) {
            break;
        }

        ok(rc == ED_NOMEM && small.len == 0, "allocation %ld fails", i);
        ed_buf_free(&small);
    }

    is_num(rc, ED_OK, "none fails");
    ed_buf_free(&small);
}


static ed_piece_t
test_piece(ed_feature_e feature, const char *variant)
{
    ed_piece_t  piece;

    memset(&piece, 0, sizeof(ed_piece_t));

    piece.feature = feature;
    piece.variant = ed_str(variant, strlen(variant));
    piece.label = ED_STR("Read more");
    piece.url = ED_STR("/news/1?a=b&c=d");
    piece.title = ED_STR("Why it rains");
    piece.quote = ED_STR("It rains.");
    piece.text = ED_STR("Not our view.");

    return piece;
}
