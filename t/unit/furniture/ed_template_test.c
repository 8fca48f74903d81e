
/*
 * Templates: what they become, and what is refused, with the sentence an
 * operator reads.
 */

#include "ed_markup.h"
#include "ed_test.h"


#define count(array)  (sizeof(array) / sizeof(array[0]))

#define TEST_KNOWN  "known are label, url, title, quote, text, feature, variant"


static void test_good(void);
static void test_bad(void);
static void test_hostile(void);
static void test_depth(void);
static void test_random(void);
static void test_refusals(void);
static ed_rc_t test_compile(ed_str_t html, ed_template_t **tpl);
static ed_str_t test_put(const ed_template_t *tpl);


static ed_arena_t  *arena;
static ed_buf_t     out;
static char         error[256];
static ed_piece_t   piece;


static const char *const  test_good_list[][2] = {

    { "<p>{{text}}</p>\n",
      "<p data-editorial=\"read_more/box\">T &amp; T</p>" },

    { "\xef\xbb\xbf \n<!-- note -->\n<ASIDE CLASS='x' >{{ title }}</aside >"
      "<!---->\n",
      "<ASIDE CLASS='x'  data-editorial=\"read_more/box\">A: \"b\""
      "</aside >" },

    { "<div data-editorial=\"mine\">{{quote}}</div>",
      "<div data-editorial=\"mine\">Q</div>" },

    { "<div DATA-EDITORIAL='{{feature}}/{{variant}}'></div>",
      "<div DATA-EDITORIAL='read_more/box'></div>" },

    { "<div><i data-editorial=x></i></div>",
      "<div data-editorial=\"read_more/box\"><i data-editorial=x></i></div>" },

    { "<div><a href=\"{{url}}\">{{url}}</a></div>",
      "<div data-editorial=\"read_more/box\"><a href=\"/n?a=1&amp;b=%C3%A9\">"
      "/n?a=1&amp;b=é</a></div>" },

    { "<div><a href='{{url}}&amp;from={{variant}}#{{title}}'>x</a></div>",
      "<div data-editorial=\"read_more/box\">"
      "<a href='/n?a=1&amp;b=%C3%A9&amp;from=box#A%3A%20%22b%22'>x</a></div>" },

    { "<div><img src=\"/i/{{variant}}.png\" alt=\"{{title}}\"></div>",
      "<div data-editorial=\"read_more/box\"><img src=\"/i/box.png\""
      " alt=\"A: &quot;b&quot;\"></div>" },

    { "<div><a href=\"https://x.y/?t={{title}}\" title='{{label}}'></a></div>",
      "<div data-editorial=\"read_more/box\">"
      "<a href=\"https://x.y/?t=A%3A%20%22b%22\" title='L'></a></div>" },

    { "<div><a href=javascript:x onclick=\"y()\">a < b {x} }} </a></div>",
      "<div data-editorial=\"read_more/box\"><a href=javascript:x"
      " onclick=\"y()\">a < b {x} }} </a></div>" },

    { "<div><style>a{b:c}</style><script>if (a</b/) {}</script></div>",
      "<div data-editorial=\"read_more/box\"><style>a{b:c}</style>"
      "<script>if (a</b/) {}</script></div>" },

    { "<div><textarea><b>{{text}}</textarea><br><hr/></div>",
      "<div data-editorial=\"read_more/box\"><textarea><b>T &amp; T</textarea>"
      "<br><hr/></div>" },

    { "<div><svg><path d='M0'/><g></g></svg><svg/></div>",
      "<div data-editorial=\"read_more/box\"><svg><path d='M0'/><g></g></svg>"
      "<svg/></div>" },

    { "<div><!--> x --><!-- > --!>y<!---></div>",
      "<div data-editorial=\"read_more/box\"><!--> x --><!-- > --!>y<!--->"
      "</div>" },

    { "<div><p>a<button><p>b</p></button></p></div>",
      "<div data-editorial=\"read_more/box\"><p>a<button><p>b</p></button></p>"
      "</div>" }
};


static const char *const  test_bad_list[][2] = {

    { "", "line 1: there is no root element" },
    { " \n<!-- x -->\n", "line 3: there is no root element" },
    { "text", "line 1: text outside the root element" },
    { "<p></p>\nx", "line 2: text outside the root element" },
    { "{{title}}", "line 1: text outside the root element" },
    { "<p></p>\n\n<i></i>", "line 3: <i> is a second root element" },
    { "<br>", "line 1: <br> cannot be the root element" },
    { "<TR></TR>", "line 1: <TR> cannot be the root element" },
    { "<script></script>", "line 1: <script> cannot be the root element" },
    { "<plaintext>", "line 1: <plaintext> cannot be the root element" },
    { "<p/>", "line 1: the root element is written as an empty one" },
    { "<div>\n<p>", "line 2: <p> is not closed" },
    { "<div>\n</p></div>", "line 2: </p> where <div> is open" },
    { "<b><i></b></i>", "line 1: </b> where <i> is open" },
    { "</p>", "line 1: </p> closes nothing" },
    { "<p></p></p>", "line 1: </p> closes nothing" },
    { "<p></p x>", "line 1: the end tag of <p> has no '>'" },
    { "<p", "line 1: the tag of <p> has no '>'" },
    { "<p class", "line 1: the tag of <p> has no '>'" },
    { "<p class=", "line 1: the tag of <p> has no '>'" },
    { "<p class=x", "line 1: the tag of <p> has no '>'" },
    { "<p class=\"x", "line 1: the value of class has no closing quote" },
    { "<p><div></div></p>", "line 1: <div> cannot stand inside <p>" },
    { "<p><b><ul></ul></b></p>", "line 1: <ul> cannot stand inside <p>" },
    { "<a><i><a></a></i></a>", "line 1: <a> inside another" },
    { "<table><div></div></table>", "line 1: <div> cannot stand in <table>" },
    { "<table><tr>{{title}}</tr></table>",
      "line 1: text cannot stand in <tr>" },
    { "<table><colgroup><dt></dt></colgroup></table>",
      "line 1: <dt> cannot stand in <colgroup>" },
    { "<p><svg><g><br/></g></svg></p>",
      "line 1: <br> would end <svg> or <math>" },
    { "<ul><li>a<li>b</li></li></ul>",
      "line 1: <li> would end one that is open" },
    { "<dl><dt>a<dd>b</dd></dt></dl>",
      "line 1: <dd> would end one that is open" },
    { "<h2>a<h3>b</h3></h2>", "line 1: <h3> would end one that is open" },
    { "<ruby><rb>a<rt>b</rt></rb></ruby>",
      "line 1: <rt> would end one that is open" },
    { "<div><svg><title>{<path d{title}}<img </title></svg></div>",
      "line 1: \"<\" cannot stand in <title> inside <svg> or <math>" },
    { "<p><select><b></b></select></p>",
      "line 1: <b> cannot stand in <select>" },
    { "<b><body></body></b>", "line 1: <body> cannot stand in a template" },
    { "<b><plaintext></b>", "line 1: <plaintext> cannot stand in a template" },
    { "<!doctype html><p></p>",
      "line 1: only elements, text and comments can stand in a template" },
    { "<p><?x?></p>",
      "line 1: only elements, text and comments can stand in a template" },
    { "<p><![CDATA[x]]></p>",
      "line 1: only elements, text and comments can stand in a template" },
    { "<!-- x", "line 1: the comment is not closed" },
    { "<!-- {{title}} --><p></p>",
      "line 1: a word cannot stand in a comment" },
    { "<p>\n\n{{titel}}</p>",
      "line 3: unknown word \"{{titel}}\", " TEST_KNOWN },
    { "<p>{{}}</p>", "line 1: unknown word \"{{}}\", " TEST_KNOWN },
    { "<p>{{Title}}</p>", "line 1: unknown word \"{{Title}}\", " TEST_KNOWN },
    { "<p>{{title}</p>", "line 1: \"{{\" is not closed by \"}}\"" },
    { "<p>{{title</p>", "line 1: \"{{\" is not closed by \"}}\"" },
    { "<p>{{tit\nle}}</p>", "line 1: \"{{\" is not closed by \"}}\"" },
    { "<p>{{{title}}}</p>", "line 1: \"{{\" is not closed by \"}}\"" },
    { "<p>{{", "line 1: \"{{\" is not closed by \"}}\"" },
    { "<p title=\"{{ti\"tle}}\"></p>",
      "line 1: unknown word \"{{ti\"tle}}\", " TEST_KNOWN },
    { "<b {{title}}></b>",
      "line 1: \"{{title}}\" cannot stand in a tag but in an attribute's"
      " quoted value" },
    { "<b x{{title}}=1></b>",
      "line 1: \"{{title}}\" cannot stand in a tag but in an attribute's"
      " quoted value" },
    { "<b class={{title}}></b>",
      "line 1: \"{{title}}\" needs quotes around the value of class" },
    { "<b><{{title}}</b>", "line 1: a word cannot stand right behind \"<\"" },
    { "<b><textarea></{{title}}></textarea></b>",
      "line 1: a word cannot stand right behind \"<\"" },
    { "<b><textarea></text{{title}}</textarea></b>",
      "line 1: a word cannot stand right behind \"<\"" },
    { "<b><x{{title}}></b>", "line 1: a word cannot stand in a tag's name" },
    { "<b><script>\n{{title}}</script></b>",
      "line 2: a word cannot stand in <script>" },
    { "<b><STYLE>{{title}}</style></b>",
      "line 1: a word cannot stand in <STYLE>" },
    { "<b><noscript>{{title}}</noscript></b>",
      "line 1: a word cannot stand in <noscript>" },
    { "<b><script></b>", "line 1: <script> is not closed" },
    { "<b><script><!--</script></b>",
      "line 1: \"<!--\" cannot stand in <script>" },
    { "<b><script src=\"{{url}}\"></script></b>",
      "line 1: \"{{url}}\" cannot stand in the tag of <script>" },
    { "<b OnClick=\"{{title}}\"></b>",
      "line 1: \"{{title}}\" cannot stand in the attribute OnClick" },
    { "<b style=\"{{title}}\"></b>",
      "line 1: \"{{title}}\" cannot stand in the attribute style" },
    { "<b><iframe srcdoc='{{title}}'></iframe></b>",
      "line 1: \"{{title}}\" cannot stand in the attribute srcdoc" },
    { "<b><img srcset=\"{{url}} 2x\"></b>",
      "line 1: \"{{url}}\" cannot stand in the attribute srcset" },
    { "<b><a href=\"{{title}}\"></a></b>",
      "line 1: \"{{title}}\" cannot begin the URL in href, only {{url}} can" },
    { "<b><a href=\" \t{{label}}\"></a></b>",
      "line 1: \"{{label}}\" cannot begin the URL in href, only {{url}} can" },
    { "<b><a href=\"{{url}}:x\"></a></b>",
      "line 1: a colon cannot follow {{url}} in href" },
    { "<b><a href=\"{{url}}&#58;x\"></a></b>",
      "line 1: a colon cannot follow {{url}} in href" },
    { "<b><a href=\"{{url}}a&colon;\"></a></b>",
      "line 1: a colon cannot follow {{url}} in href" },
    { "<b><a href=\"javascript:x('/{{title}}')\"></a></b>",
      "line 1: before \"{{title}}\" the value of href must say where it leads:"
      " by http:, https:, / ? or #" },
    { "<b><a href=\"java&Tab;script&colon;/{{title}}\"></a></b>",
      "line 1: before \"{{title}}\" the value of href must say where it leads:"
      " by http:, https:, / ? or #" },
    { "<b><form action=\"x{{title}}\"></form></b>",
      "line 1: before \"{{title}}\" the value of action must say where it"
      " leads: by http:, https:, / ? or #" },
    { "<b>\n\xe9</b>", "line 2: the file is not UTF-8" }
};


int
main(void)
{
    arena = ed_arena_create(256 << 20);
    ed_buf_init(&out, 1 << 20);

    piece.variant = ED_STR("box");
    piece.label = ED_STR("L");
    piece.url = ED_STR(" /n?a=1&b=é\n");
    piece.title = ED_STR("A: \"b\"");
    piece.quote = ED_STR("Q");
    piece.text = ED_STR("T & T");

    test_good();
    test_bad();
    test_hostile();
    test_depth();
    test_random();
    test_refusals();

    ed_buf_free(&out);
    ed_arena_destroy(arena);

    return ed_test_done();
}


static void
test_good(void)
{
    size_t          i;
    ed_rc_t         rc;
    const char     *html;
    ed_template_t  *tpl;

    for (i = 0; i < count(test_good_list); i++) {
        html = test_good_list[i][0];
        rc = test_compile(ed_str(html, strlen(html)), &tpl);

        if (!ok(rc == ED_OK && error[0] == '\0', "good, case %zu", i)) {
            printf("# %s\n", error);
            continue;
        }

        is_str(test_put(tpl), test_good_list[i][1], "case %zu", i);
    }

    /* unset words are empty, a URL's too */

    rc = test_compile(ED_STR("<a href=\"{{url}}\">{{title}}</a>"), &tpl);
    is_num(rc, ED_OK, "a link");

    piece.url = ED_STR_EMPTY;
    is_str(test_put(tpl),
           "<a href=\"\" data-editorial=\"read_more/box\">A: \"b\"</a>",
           "without a URL");

    piece.url = ED_STR("javascript:x");
    out.len = 0;
    is_num(ed_markup_piece(&out, tpl, &piece), ED_INVALID, "a wrong URL");
    is_num(out.len, 0, "writes nothing");

    piece.url = ED_STR(" /n?a=1&b=é\n");
}


static void
test_bad(void)
{
    size_t          i;
    ed_rc_t         rc;
    const char     *html;
    ed_template_t  *tpl;

    for (i = 0; i < count(test_bad_list); i++) {
        html = test_bad_list[i][0];
        rc = test_compile(ed_str(html, strlen(html)), &tpl);

        ok(rc == ED_INVALID && tpl == NULL, "bad, case %zu", i);
        is_str(ed_str(error, strlen(error)), test_bad_list[i][1], "case %zu",
               i);
    }

    rc = test_compile(ed_str("<p>\0</p>", 8), &tpl);
    is_num(rc, ED_INVALID, "a NUL byte");
    is_str(ed_str(error, strlen(error)), "line 1: a NUL byte", "is named");

    rc = ed_template_compile(arena, ED_STR("<p>{{x}}</p>"), &tpl, error, 20);
    is_num(rc, ED_INVALID, "little room for the sentence");
    is_str(ed_str(error, strlen(error)), "line 1: unknown wor", "is cut");

    rc = ed_template_compile(arena, ED_STR("<p>{{x}}</p>"), &tpl, NULL, 0);
    is_num(rc, ED_INVALID, "no room at all");
}


/* Values that look like markup or like words stay values. */

static void
test_hostile(void)
{
    ed_rc_t         rc;
    ed_template_t  *tpl;

    piece.title = ED_STR("{{url}}'\"><script>{{x}}");

    rc = test_compile(ED_STR("<b title='{{title}}'>{{title}}</b>"), &tpl);
    is_num(rc, ED_OK, "hostile values");
    is_str(test_put(tpl),
           "<b title='{{url}}&#39;&quot;&gt;&lt;script&gt;{{x}}'"
           " data-editorial=\"read_more/box\">"
           "{{url}}'\"&gt;&lt;script&gt;{{x}}</b>", "are escaped");

    piece.title = ED_STR("A: \"b\"");
}


static void
test_depth(void)
{
    size_t          i;
    ed_rc_t         rc;
    ed_buf_t        html;
    ed_template_t  *tpl;

    ed_buf_init(&html, 1 << 20);

    for (i = 0; i < 64; i++) {
        ed_buf_literal(&html, "<i>");
    }

    for (i = 0; i < 64; i++) {
        ed_buf_literal(&html, "</i>");
    }

    rc = test_compile(ed_str(html.data, html.len), &tpl);
    is_num(rc, ED_OK, "64 elements");

    html.len = 0;

    for (i = 0; i < 65; i++) {
        ed_buf_literal(&html, "<i>");
    }

    rc = test_compile(ed_str(html.data, html.len), &tpl);
    is_num(rc, ED_INVALID, "65 elements");
    is_str(ed_str(error, strlen(error)),
           "line 1: more than 64 elements inside each other", "are refused");

    html.len = 0;
    ed_buf_literal(&html, "<i>");

    for (i = 0; i < 5000; i++) {
        ed_buf_literal(&html, "{{title}}");
    }

    ed_buf_literal(&html, "</i>");

    rc = test_compile(ed_str(html.data, html.len), &tpl);
    is_num(rc, ED_INVALID, "5000 words");
    is_str(ed_str(error, strlen(error)), "line 1: more than 4096 words",
           "are refused");

    ed_buf_free(&html);
}


/* Pieces of templates in any order: no crash; what passes can be put. */

static void
test_random(void)
{
    size_t              i, j, len, passed;
    char                html[512];
    unsigned            seed;
    ed_rc_t             rc;
    ed_arena_t         *own;
    const char         *part;
    ed_template_t      *tpl;
    static const char  *const  parts[] = {
        "<b>", "</b>", "<a href=\"", "{{url}}", "{{title}}", "\"", "'", ">",
        "</a>", "<!--", "-->", "<script>", "</script>", "x", " ", "=", "/",
        "<", "{{", "}}", "<br>", "&#58;", "\xc3\xa9", "<p class='", "</p>"
    };

    seed = 11;
    passed = 0;

    for (i = 0; i < 100000; i++) {
        len = 0;

        if (i % 2 == 0) {
            memcpy(html, "<b>", 3);
            len = 3;
        }

        for (j = 0; j < 1 + i % 9; j++) {
            seed = seed * 1103515245 + 12345;
            part = parts[(seed >> 16) % count(parts)];
            memcpy(html + len, part, strlen(part));
            len += strlen(part);
        }

        if (i % 2 == 0) {
            memcpy(html + len, "</b>", 4);
            len += 4;
        }

        own = ed_arena_create(1 << 16);
        rc = ed_template_compile(own, ed_str(html, len), &tpl, error,
                                 sizeof(error));

        if (rc == ED_OK) {
            passed++;
            out.len = 0;

            if (ed_markup_piece(&out, tpl, &piece) != ED_OK) {
                ok(0, "|%.*s|", (int) len, html);
            }
        }

        ed_arena_destroy(own);
    }

    ok(passed > 100, "100,000 random templates, %zu of them good", passed);
}


static void
test_refusals(void)
{
    long            i;
    size_t          max;
    ed_rc_t         rc;
    ed_str_t        html;
    ed_arena_t     *own;
    ed_template_t  *tpl;

    html = ED_STR("<b><a href=\"{{url}}?a={{title}}\">{{text}}</a></b>");
    rc = ED_NOMEM;

    for (max = 60; max < 20000; max += 20) {
        own = ed_arena_create(max);
        rc = ed_template_compile(own, html, &tpl, error, sizeof(error));
        ed_arena_destroy(own);

        if (rc == ED_OK) {
            break;
        }

        if (rc != ED_NOMEM || tpl != NULL) {
            ok(0, "an arena of %zu bytes", max);
        }
    }

    is_num(rc, ED_OK, "small arenas give ED_NOMEM");

    if (!ed_test_wrapped()) {
        ok(1, "allocation failures # SKIP not linked with --wrap");
        return;
    }

    for (i = 0; i < 10; i++) {
        own = ed_arena_create(1 << 20);
        ed_test_fail_after(i);
        rc = ed_template_compile(own, html, &tpl, error, sizeof(error));
        ed_test_fail_after(-1);
        ed_arena_destroy(own);

        if (rc == ED_OK) {
            break;
        }

        is_num(rc, ED_NOMEM, "allocation %ld fails", i);
    }

    is_num(rc, ED_OK, "none fails");
}


static ed_rc_t
test_compile(ed_str_t html, ed_template_t **tpl)
{
    return ed_template_compile(arena, html, tpl, error, sizeof(error));
}


static ed_str_t
test_put(const ed_template_t *tpl)
{
    out.len = 0;
    ed_markup_piece(&out, tpl, &piece);

    return ed_str(out.data, out.len);
}
