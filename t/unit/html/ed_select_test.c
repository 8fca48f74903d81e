
#include "ed_select.h"
#include "ed_test.h"


static void matches(const char *selectors, const char *tag, int expected);


int
main(void)
{
    matches("article", "<article>", 0);
    matches("article", "<ARTICLE>", 0);
    matches("Article", "<article>", 0);
    matches("article", "<articles>", -1);
    matches("x-y", "<x-y>", 0);
    matches("[xlink:href]", "<div xlink:href=a>", 0);
    matches(".story", "<div class=story>", 0);
    matches(".story", "<div class='a\tstory b'>", 0);
    matches(".story", "<div class=stories>", -1);
    matches(".story", "<div CLASS=story>", 0);
    matches(".story", "<div class=Story>", -1);
    matches(".story", "<div>", -1);
    matches("#main", "<div id=main>", 0);
    matches("#main", "<div id='main '>", -1);
    matches("div#a.b", "<div class='x b' id=a>", 0);
    matches("div#a.b", "<p class='x b' id=a>", -1);
    matches("[itemprop]", "<div itemprop>", 0);
    matches("[itemprop=x]", "<div itemprop=x>", 0);
    matches("[itemprop=x]", "<div itemprop='x y'>", -1);
    matches("[itemprop~=x]", "<div itemprop='y x'>", 0);
    matches("[a=\"b c\"]", "<div a='b c'>", 0);
    matches("[a='b']", "<div a=b>", 0);
    matches("[A=b]", "<div a=b>", 0);
    matches("[data-x~=y][z]", "<div data-x='y' z>", 0);
    matches("[data-x~=y][z]", "<div data-x='y'>", -1);
    matches(".a .b main", "<div class=b>", 1);
    matches(".a .b main", "<main class=b>", 1);
    matches(".a .b main", "<main class='a b'>", 0);
    matches(".a", "<div class=b class=a>", -1);

    return ed_test_done();
}


/* Selectors divided by spaces; the index of the first that matches. */

static void
matches(const char *selectors, const char *tag, int expected)
{
    char          error[256];
    ed_rc_t       rc;
    unsigned      n;
    ed_str_t      words[8];
    ed_attr_t     attrs[ED_MAX_ATTRS];
    ed_token_t    token;
    const char   *p, *end;
    ed_arena_t   *arena;
    ed_select_t  *select;

    n = 0;

    if (strchr(selectors, '"') != NULL) {
        words[n++] = ed_str(selectors, strlen(selectors));

    } else {
        for (p = selectors; *p != '\0'; p = *end == ' ' ? end + 1 : end) {
            end = p + strcspn(p, " ");
            words[n++] = ed_str(p, (size_t) (end - p));
        }
    }

    arena = ed_arena_create(65536);
    rc = ed_select_compile(arena, words, n, &select, error, sizeof(error));

    ok(rc == ED_OK
       && ed_token_parse(ed_str(tag, strlen(tag)), &token, attrs) == ED_OK
       && ed_select_match(select, &token) == expected,
       "%s on %s", selectors, tag);

    ed_arena_destroy(arena);
}
