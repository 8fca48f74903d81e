
/*
 * The sketch may say "maybe" for nothing, but never "surely not" where a
 * paragraph does repeat a sentence.  In windows-1252 there is no sketch, so
 * the same ASCII page must come out with the same furniture in both charsets.
 */

#include "ed_rewrite.h"
#include "ed_test.h"


#define PAGES  3000


static ed_policy_t  policy;
static uint32_t     state = 1;


static unsigned pick(unsigned n);
static void random_page(ed_buf_t *html);
static void random_sentence(ed_buf_t *html, ed_buf_t *plain);
static void written(ed_buf_t *html, ed_str_t plain);
static unsigned pieces(ed_str_t html, const char *charset);


int
main(void)
{
    unsigned     i, with, missed, utf8;
    ed_buf_t     html;
    ed_arena_t  *arena;

    arena = ed_arena_create(1024 * 1024);
    ed_policy_init(&policy, arena);
    (void) ed_policy_merge(&policy, NULL);

    ed_buf_init(&html, 1024 * 1024);

    with = 0;
    missed = 0;

    for (i = 0; i < PAGES; i++) {
        html.len = 0;
        random_page(&html);

        utf8 = pieces(ed_str(html.data, html.len), "utf-8");

        with += (utf8 != 0);

        if (utf8 != pieces(ed_str(html.data, html.len), "windows-1252")
            && missed++ == 0)
        {
            printf("# %.*s\n", (int) html.len, html.data);
        }
    }

    ok(with > PAGES / 10 && with < PAGES * 9 / 10,
       "%u of %u pages have a pull quote", with, PAGES);
    is_num(missed, 0, "none is missed by the sketch");

    ed_buf_free(&html);
    ed_arena_destroy(arena);

    return ed_test_done();
}


static unsigned
pick(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;

    return state % n;
}


static void
random_page(ed_buf_t *html)
{
    unsigned  i, k, paras, sentences;
    ed_buf_t  kept, plain;

    ed_buf_init(&kept, 4096);
    ed_buf_init(&plain, 4096);

    (void) ed_buf_literal(html, "<article>");
    paras = 2 + pick(6);

    for (i = 0; i < paras; i++) {
        (void) ed_buf_literal(html, "<p>");
        sentences = 1 + pick(4);

        for (k = 0; k < sentences; k++) {
            plain.len = 0;
            random_sentence(html, &plain);

            if (kept.len == 0 || pick(4) == 0) {
                kept.len = 0;
                (void) ed_buf_append(&kept, plain.data, plain.len);
            }

            (void) ed_buf_byte(html, ' ');
        }

        (void) ed_buf_literal(html, "</p>\n");

        if (pick(5) == 0) {
            (void) ed_buf_literal(html, "<p>");
            written(html, ed_str(kept.data, kept.len));
            (void) ed_buf_literal(html, "</p>");
        }
    }

    (void) ed_buf_literal(html, "</article>");

    ed_buf_free(&kept);
    ed_buf_free(&plain);
}


static void
random_sentence(ed_buf_t *html, ed_buf_t *plain)
{
    unsigned  i, n;

    static const char *const  words[] = {
        "the", "a tide", "council's", "\"harbour\"", "ferry", "-", "and",
        "3.5", "Mr. Oak", "it", "won't", "stop", "here"
    };
    static const char *const  ends[] = { ".", ".", "!", "?", "...", ".\"" };

    n = 4 + pick(8);
    (void) ed_buf_literal(plain, "So");

    for (i = 0; i < n; i++) {
        const char  *word = words[pick(sizeof(words) / sizeof(words[0]))];

        (void) ed_buf_byte(plain, ' ');
        (void) ed_buf_append(plain, word, strlen(word));
    }

    n = pick(sizeof(ends) / sizeof(ends[0]));
    (void) ed_buf_append(plain, ends[n], strlen(ends[n]));

    written(html, ed_str(plain->data, plain->len));
}


/* The same words in other bytes: entities, tags, white space. */

static void
written(ed_buf_t *html, ed_str_t plain)
{
    size_t  i;

    for (i = 0; i < plain.len; i++) {
        switch (plain.data[i]) {

        case '"':
            (void) ed_buf_literal(html, "&quot;");
            break;

        case '\'':
            if (pick(2)) {
                (void) ed_buf_literal(html, "&rsquo;");
            } else {
                (void) ed_buf_byte(html, '\'');
            }

            break;

        case '-':
            (void) ed_buf_literal(html, "&#8211;");
            break;

        case '.':
            if (pick(9) == 0) {
                (void) ed_buf_literal(html, "&#46;");
            } else if (plain.len - i >= 3 && pick(2)
                       && memcmp(plain.data + i, "...", 3) == 0)
            {
                (void) ed_buf_literal(html, "&hellip;");
                i += 2;
            } else {
                (void) ed_buf_byte(html, '.');
            }

            break;

        case ' ':
            if (pick(9) == 0) {
                (void) ed_buf_literal(html, "&nbsp;\n ");
            } else if (pick(9) == 0) {
                (void) ed_buf_literal(html, " <b></b>");
            } else {
                (void) ed_buf_byte(html, ' ');
            }

            break;

        case 'o':
            if (pick(20) == 0) {
                (void) ed_buf_literal(html, "&#111;");
            } else if (pick(20) == 0) {
                (void) ed_buf_literal(html, "&#x6f;");
            } else if (pick(20) == 0) {
                (void) ed_buf_literal(html, "<i>o</i>");
            } else {
                (void) ed_buf_byte(html, 'o');
            }

            break;

        default:
            (void) ed_buf_byte(html, plain.data[i]);
        }
    }
}


static unsigned
pieces(ed_str_t html, const char *charset)
{
    size_t            i, n;
    unsigned          found;
    ed_page_t         page;
    ed_rewrite_t     *rw;
    const ed_span_t  *spans;

    memset(&page, 0, sizeof(ed_page_t));
    page.charset = ed_str(charset, strlen(charset));

    rw = ed_rewrite_create(&policy, &page);
    ed_rewrite_feed(rw, html.data, html.len, 1, &spans, &n);

    found = 0;

    for (i = 0; i < n; i++) {
        found += (spans[i].kind == ED_SPAN_FURNITURE);
    }

    ed_rewrite_destroy(rw);

    return found;
}
