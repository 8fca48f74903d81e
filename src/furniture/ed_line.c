
/*
 * READ MORE lines that the CMS wrote plainly: a paragraph that is a label, a
 * colon and one link which holds all the rest.
 *
 *     <p><strong>READ MORE:</strong> <a href="/ferry">The last ferry</a></p>
 *        label, any language         link
 */

#include "ed_plan.h"


#define ED_MAX_LINE      1024          /* bytes of a line's source */
#define ED_MAX_LABEL     64            /* bytes of its label */
#define ED_MAX_LABEL_SOURCE  256       /* bytes of its source, white space
                                          included */
#define ED_MAX_LINES     256           /* wrapped on a page */


static int ed_line_is_read_more(ed_plan_t *plan, ed_para_t *para);
static int ed_line_may_be(const ed_plan_t *plan, const ed_para_t *para);
static uint32_t ed_line_link(ed_plan_t *plan, const ed_para_t *para);
static int ed_line_goes_on(const ed_plan_t *plan, const ed_para_t *para,
    uint32_t link);
static size_t ed_line_label(const ed_text_t *text);
static int ed_line_is_label(ed_str_t label);
static int ed_is_punctuation(uint8_t c);


/* Tells the lines that the CMS wrote. */

void
ed_link_find(ed_plan_t *plan)
{
    unsigned    lines;
    uint32_t    i;
    ed_para_t  *para;

    if (plan->rc != ED_OK || plan->policy->features[ED_READ_MORE].n == 0) {
        return;
    }

    lines = 0;

    for (i = 0; i < plan->blocks.nparas && lines < ED_MAX_LINES; i++) {
        para = &plan->blocks.paras[i];

        if (plan->rc == ED_OK && para->kind == ED_PARA_TEXT
            && ed_line_is_read_more(plan, para))
        {
            para->kind = ED_PARA_READ_MORE;
            lines++;
        }
    }
}


/* A label, a colon, and one link that holds all the rest. */

static int
ed_line_is_read_more(ed_plan_t *plan, ed_para_t *para)
{
    size_t            i, label;
    uint32_t          link;
    const ed_node_t  *node;
    const ed_text_t  *text;

    if (para->end_tag_start - para->start_tag_end > ED_MAX_LINE
        || ed_plan_is_excluded(plan, para->node))
    {
        return 0;
    }

    if (!ed_line_may_be(plan, para)) {
        return 0;
    }

    link = ed_line_link(plan, para);

    if (link == 0) {
        return 0;
    }

    plan->rc = ed_para_text(&plan->blocks, para, &text);

    if (plan->rc != ED_OK) {
        return 0;
    }

    label = ed_line_label(text);

    if (label == 0) {
        return 0;
    }

    node = ed_article_node(plan->article, link);
    i = label;

    while (i < text->len && text->data[i] == ' ') {
        i++;
    }

    if (i == text->len || text->start[i] < node->start
        || text->start[i] >= node->end)
    {
        return 0;
    }

    while (i < text->len && text->start[i] < node->end) {
        i++;
    }

    while (i < text->len && ed_is_punctuation(text->data[i])) {
        i++;
    }

    return i == text->len;
}


/*
 * Is there a colon among the first bytes of the text, or what may be one: a
 * reference, the end of a full-width one in UTF-8?
 */

static int
ed_line_may_be(const ed_plan_t *plan, const ed_para_t *para)
{
    size_t          i, len, room;
    const uint8_t  *p;

    if (strcmp(ed_charset_name(plan->cs), "UTF-8") != 0) {
        return 1;
    }

    room = ED_MAX_LABEL_SOURCE;

    for (i = 0; i < para->nruns && room != 0; i++) {
        p = plan->article->data + para->runs[i].start;
        len = para->runs[i].end - para->runs[i].start;
        len = len < room ? len : room;

        if (memchr(p, ':', len) != NULL || memchr(p, '&', len) != NULL
            || memchr(p, 0x9a, len) != NULL)
        {
            return 1;
        }

        room -= len;
    }

    return 0;
}


/* The only link of the paragraph; 0: it has none, or several. */

static uint32_t
ed_line_link(ed_plan_t *plan, const ed_para_t *para)
{
    uint32_t          i, link, n;
    const ed_node_t  *node;

    n = (uint32_t) ed_article_nodes(plan->article);
    link = 0;

    for (i = para->node + 1; i < n; i++) {
        node = ed_article_node(plan->article, i);

        if (node->start >= para->end) {
            break;
        }

        if (node->tag != ED_TAG_A || node->ns != ED_NS_HTML
            || node->implied)
        {
            continue;
        }

        if (link != 0) {
            return 0;
        }

        link = i;
    }

    if (link == 0 || ed_line_goes_on(plan, para, link)
        || ed_article_attr(plan->article, link, ED_STR("href")).len == 0)
    {
        return 0;
    }

    return link;
}


/*
 * Do letters follow the link for sure?  Seen at a glance, in the source: most
 * links stand in the middle of a sentence.
 */

static int
ed_line_goes_on(const ed_plan_t *plan, const ed_para_t *para, uint32_t link)
{
    size_t           i;
    uint32_t         at, end;
    const uint8_t   *data;
    const ed_run_t  *run;

    data = plan->article->data;
    end = ed_article_node(plan->article, link)->end;

    for (i = 0; i < para->nruns; i++) {
        run = &para->runs[i];

        for (at = run->start < end ? end : run->start; at < run->end; at++) {
            if (!ed_is_punctuation(data[at]) && !ed_is_space(data[at])) {
                return (uint8_t) (ed_lower(data[at]) - 'a') < 26;
            }
        }
    }

    return 0;
}


/* The bytes of a label and its colon at the beginning of a line; or 0. */

static size_t
ed_line_label(const ed_text_t *text)
{
    size_t  i, len, colon;

    for (i = 0; i < text->len && i < ED_MAX_LABEL; i++) {

        colon = text->data[i] == ':' ? 1
                : text->len - i >= 3
                  && memcmp(text->data + i, "\xef\xbc\x9a", 3) == 0 ? 3 : 0;

        if (colon == 0) {
            continue;
        }

        len = i;

        while (len != 0 && text->data[len - 1] == ' ') {
            len--;
        }

        return ed_line_is_label(ed_str(text->data, len)) ? i + colon : 0;
    }

    return 0;
}


static int
ed_line_is_label(ed_str_t label)
{
    size_t                i, n;
    const ed_str_t       *written;
    const ed_language_t  *languages;

    languages = ed_languages(&n);

    for (i = 0; i < n && label.len != 0; i++) {

        if (ed_str_eq(label, languages[i].read_more)) {
            return 1;
        }

        for (written = languages[i].written; written->len != 0; written++) {
            if (ed_text_caseeq(label, *written)) {
                return 1;
            }
        }
    }

    return 0;
}


static int
ed_is_punctuation(uint8_t c)
{
    return c == ' ' || c == '.' || c == '"' || c == '\'' || c == ')'
           || c == ']' || c == '!' || c == '?';
}
