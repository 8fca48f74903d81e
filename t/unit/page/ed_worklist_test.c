
/*
 * The table of articles: found again, replaced, bounded.
 */

#include "ed_test.h"
#include "ed_worklist.h"


static void replaced(void);
static void bounded(void);
static void too_long(void);
static void put(const char *url, const ed_facts_t *facts, uint8_t refused);


static ed_worklist_t  list;


int
main(void)
{
    replaced();
    bounded();
    too_long();

    return ed_test_done();
}


static void
replaced(void)
{
    uint16_t            order[ED_WORKLIST];
    ed_facts_t          facts;
    ed_worklist_line_t  line;

    is_num(ed_worklist_order(&list, order), 0, "nothing yet");
    ok(!ed_worklist_get(&list, 0, &line), "an empty line");

    memset(&facts, 0, sizeof(ed_facts_t));
    facts.title = ED_STR("Title");
    facts.opinion = 1;
    facts.no_disclaimer = 1;
    facts.pieces[ED_READ_MORE] = 3;
    facts.pieces[ED_PULL_QUOTE] = 1 << 20;
    facts.drifted[0] = ED_STR("A quote.");
    facts.drifted[1] = ED_STR("Another.");
    facts.ndrifted = 2;

    put("https://a/1", &facts, 7);
    put("https://a/2", NULL, 0);

    is_num(ed_worklist_order(&list, order), 2, "two articles");
    ok(ed_worklist_get(&list, order[1], &line), "the older one");

    is_str(ed_worklist_string(&line, ED_WORKLIST_URL), "https://a/1", "URL");
    is_str(ed_worklist_string(&line, ED_WORKLIST_ID), "id", "id");
    is_str(ed_worklist_string(&line, ED_WORKLIST_DESK), "news", "desk");
    is_str(ed_worklist_string(&line, ED_WORKLIST_TITLE), "Title", "title");
    is_str(ed_worklist_string(&line, ED_WORKLIST_DRIFTED + 1), "Another.",
           "a quote");
    ok(line.opinion && line.no_disclaimer && !line.no_read_more
       && line.ndrifted == 2 && line.refused == 7 && line.at == 1000,
       "what is wrong with it");
    is_num(line.pieces[ED_READ_MORE], 3, "pieces");
    is_num(line.pieces[ED_PULL_QUOTE], UINT16_MAX, "many pieces");

    put("https://a/1", NULL, ED_REFUSED_KEEP);

    is_num(ed_worklist_order(&list, order), 2, "two still");
    (void) ed_worklist_get(&list, order[0], &line);
    is_str(ed_worklist_string(&line, ED_WORKLIST_TITLE), "Title",
           "without facts those that are known hold");
    ok(line.refused == 7 && line.ndrifted == 2, "and why it is not stored");

    ed_worklist_malformed(&list, ED_STR("id"), 1);
    (void) ed_worklist_get(&list, order[0], &line);
    ok(line.malformed, "its record cannot be read");

    ed_worklist_malformed(&list, ED_STR("other"), 0);
    (void) ed_worklist_get(&list, order[0], &line);
    ok(line.malformed, "another's can");

    facts.ndrifted = 0;
    facts.no_disclaimer = 0;
    facts.title = ED_STR("New");
    put("https://a/1", &facts, 0);
    (void) ed_worklist_get(&list, order[0], &line);

    is_str(ed_worklist_string(&line, ED_WORKLIST_TITLE), "New", "mended");
    ok(line.refused == 0 && line.ndrifted == 0 && !line.no_disclaimer
       && !line.malformed
       && ed_worklist_string(&line, ED_WORKLIST_DRIFTED).len == 0,
       "nothing is wrong any more");
}


static void
bounded(void)
{
    char                url[64];
    unsigned            i, n, in_order;
    uint16_t            order[ED_WORKLIST];
    ed_worklist_line_t  line;

    for (i = 0; i < ED_WORKLIST + 10; i++) {
        (void) snprintf(url, sizeof(url), "https://b/%u", i);
        put(url, NULL, 0);
    }

    n = ed_worklist_order(&list, order);
    is_num(n, ED_WORKLIST, "so many, and no more");

    in_order = 0;

    for (i = 0; i < n; i++) {
        (void) snprintf(url, sizeof(url), "https://b/%u",
                        ED_WORKLIST + 9 - i);
        in_order += ed_worklist_get(&list, order[i], &line)
                    && ed_str_eq(ed_worklist_string(&line, ED_WORKLIST_URL),
                                 ed_str(url, strlen(url)));
    }

    is_num(in_order, ED_WORKLIST, "the newest first, the oldest are gone");
}


static void
too_long(void)
{
    char                url[ED_WORKLIST_TEXT + 1];
    uint16_t            order[ED_WORKLIST];
    ed_facts_t          facts;
    ed_worklist_line_t  line;

    memset(&facts, 0, sizeof(ed_facts_t));
    facts.title = ED_STR("A title");
    facts.drifted[0] = ED_STR("q");
    facts.ndrifted = 1;

    memset(url, 'u', ED_WORKLIST_TEXT);
    url[ED_WORKLIST_TEXT] = '\0';

    put(url, &facts, 0);
    (void) ed_worklist_order(&list, order);
    (void) ed_worklist_get(&list, order[0], &line);
    ok(!ed_str_eq(ed_worklist_string(&line, ED_WORKLIST_URL),
                  ed_str(url, ED_WORKLIST_TEXT)), "no line for it");

    url[ED_WORKLIST_TEXT - 10] = '\0';

    put(url, &facts, 0);
    (void) ed_worklist_order(&list, order);
    (void) ed_worklist_get(&list, order[0], &line);
    is_num(ed_worklist_string(&line, ED_WORKLIST_URL).len,
           ED_WORKLIST_TEXT - 10, "room for what the line needs");
    is_num(ed_worklist_string(&line, ED_WORKLIST_TITLE).len, 0,
           "and not for its title");
    is_str(ed_worklist_string(&line, ED_WORKLIST_DRIFTED), "q",
           "but for a short quote");
}


static void
put(const char *url, const ed_facts_t *facts, uint8_t refused)
{
    ed_worklist_item_t  item;

    memset(&item, 0, sizeof(ed_worklist_item_t));

    item.url = ed_str(url, strlen(url));
    item.id = ED_STR("id");
    item.desk = ED_STR("news");
    item.facts = facts;
    item.at = 1000;
    item.refused = refused;

    ed_worklist_put(&list, &item);
}
