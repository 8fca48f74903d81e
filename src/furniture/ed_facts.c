
/*
 * What several places of a page state is taken from the first that does:
 *
 *     title       og:title, JSON-LD headline, the article's first <h1>,
 *                 <title>
 *     tags        article:tag, JSON-LD keywords, meta keywords
 *     published   article:published_time, JSON-LD datePublished
 *     path        rel=canonical
 *
 * Tags are compared byte by byte: a CMS may write lists under them, which are
 * found by the tag as the page has it.
 */

#include "ed_date.h"
#include "ed_facts.h"


static ed_rc_t ed_facts_title(ed_plan_t *plan, ed_str_t *title);
static ed_rc_t ed_facts_heading(ed_plan_t *plan, ed_str_t *title);
static ed_rc_t ed_facts_tags(ed_plan_t *plan, ed_arena_t *arena,
    ed_facts_t *facts);
static ed_rc_t ed_facts_words(ed_facts_t *facts, ed_arena_t *arena,
    ed_str_t list);
static ed_rc_t ed_facts_tag(ed_facts_t *facts, ed_arena_t *arena,
    ed_str_t tag);
static ed_rc_t ed_facts_canonical(ed_plan_t *plan, ed_arena_t *arena,
    ed_facts_t *facts);
static void ed_facts_count(ed_plan_t *plan, ed_facts_t *facts);
static int ed_facts_is_off(const ed_plan_t *plan, ed_feature_e feature);
static ed_rc_t ed_facts_drifted(ed_plan_t *plan, ed_arena_t *arena,
    ed_facts_t *facts);
static int ed_facts_clock(ed_str_t *left, ed_date_t *date);
static int ed_facts_zone(ed_str_t left, int64_t *east);
static int ed_facts_skip(ed_str_t *left, uint8_t c);
static ed_rc_t ed_facts_keep(ed_arena_t *arena, ed_str_t s, size_t max,
    ed_str_t *kept);


ed_rc_t
ed_facts_make(ed_plan_t *plan, ed_arena_t *arena, ed_facts_t *facts)
{
    ed_rc_t   rc;
    ed_str_t  title;

    memset(facts, 0, sizeof(ed_facts_t));

    facts->published = ed_facts_time(ed_meta_value(plan->meta,
                                                   ED_META_PUBLISHED, 0));
    facts->opinion = plan->opinion;
    facts->no_link = plan->no_link;

    ed_facts_count(plan, facts);

    rc = ed_facts_title(plan, &title);

    if (rc == ED_OK) {
        rc = ed_facts_keep(arena, title, ED_MAX_TITLE, &facts->title);
    }

    if (rc == ED_OK) {
        rc = ed_facts_tags(plan, arena, facts);
    }

    if (rc == ED_OK) {
        rc = ed_facts_canonical(plan, arena, facts);
    }

    return rc == ED_OK ? ed_facts_drifted(plan, arena, facts) : rc;
}


static ed_rc_t
ed_facts_title(ed_plan_t *plan, ed_str_t *title)
{
    ed_rc_t    rc;
    ed_text_t  text;

    *title = ed_meta_value(plan->meta, ED_META_TITLE, 0);

    if (title->len == 0) {
        *title = ed_meta_value(plan->meta, ED_META_HEADLINE, 0);
    }

    if (title->len == 0) {
        rc = ed_facts_heading(plan, title);
        if (rc != ED_OK) {
            return rc;
        }
    }

    if (title->len == 0) {
        *title = ed_meta_value(plan->meta, ED_META_DOCUMENT, 0);
    }

    if (title->len == 0) {
        return ED_OK;
    }

    rc = ed_text_from_utf8(plan->arena, *title, ED_TEXT_SHOWN, &text);

    if (rc == ED_OK) {
        *title = ed_str(text.data, text.len);
    }

    return rc;
}


static ed_rc_t
ed_facts_heading(ed_plan_t *plan, ed_str_t *title)
{
    ed_rc_t           rc;
    uint32_t          i;
    ed_text_t         text;
    const ed_node_t  *node;

    for (i = 1; i < ed_article_nodes(plan->article); i++) {
        node = ed_article_node(plan->article, i);

        if (node->tag != ED_TAG_H1 || node->ns != ED_NS_HTML || node->hidden) {
            continue;
        }

        rc = ed_blocks_text(&plan->blocks, node->start_tag_end,
                            node->end_tag_start, ED_TEXT_SHOWN, &text);
        if (rc == ED_OK) {
            *title = ed_str(text.data, text.len);
        }

        return rc;
    }

    return ED_OK;
}


static ed_rc_t
ed_facts_tags(ed_plan_t *plan, ed_arena_t *arena, ed_facts_t *facts)
{
    ed_rc_t   rc;
    unsigned  i;
    ed_str_t  value;

    for (i = 0; /* void */ ; i++) {
        value = ed_meta_value(plan->meta, ED_META_TAG, i);

        if (value.data == NULL) {
            break;
        }

        rc = ed_facts_tag(facts, arena, value);
        if (rc != ED_OK) {
            return rc;
        }
    }

    for (i = 0; /* void */ ; i++) {
        value = ed_meta_value(plan->meta, ED_META_KEYWORDS, i);

        if (value.data == NULL) {
            return ED_OK;
        }

        rc = ed_facts_words(facts, arena, value);
        if (rc != ED_OK) {
            return rc;
        }
    }
}


static ed_rc_t
ed_facts_words(ed_facts_t *facts, ed_arena_t *arena, ed_str_t list)
{
    size_t          len;
    ed_rc_t         rc;
    const uint8_t  *comma;

    while (list.len != 0) {
        comma = memchr(list.data, ',', list.len);
        len = comma != NULL ? (size_t) (comma - list.data) : list.len;

        rc = ed_facts_tag(facts, arena, ed_str(list.data, len));
        if (rc != ED_OK) {
            return rc;
        }

        len += (comma != NULL);
        list = ed_str(list.data + len, list.len - len);
    }

    return ED_OK;
}


/* One that is too long is none: cut, it would be another's. */

static ed_rc_t
ed_facts_tag(ed_facts_t *facts, ed_arena_t *arena, ed_str_t tag)
{
    ed_rc_t   rc;
    unsigned  i;

    tag = ed_str_trim(tag);

    if (tag.len == 0 || tag.len > ED_MAX_TAG || facts->ntags == ED_MAX_TAGS) {
        return ED_OK;
    }

    for (i = 0; i < facts->ntags; i++) {
        if (ed_str_eq(facts->tags[i], tag)) {
            return ED_OK;
        }
    }

    rc = ed_facts_keep(arena, tag, ED_MAX_TAG, &facts->tags[facts->ntags]);

    facts->ntags += (rc == ED_OK);

    return rc;
}


/* Where the page says that it belongs. */

static ed_rc_t
ed_facts_canonical(ed_plan_t *plan, ed_arena_t *arena, ed_facts_t *facts)
{
    size_t           len;
    ed_str_t         canonical, key, base;
    const uint8_t   *slash, *slash_of_base;

    canonical = ed_meta_value(plan->meta, ED_META_CANONICAL, 0);

    if (canonical.len == 0) {
        return ED_OK;
    }

    key = ed_url_key(plan, canonical);
    base = ed_url_key(plan, ed_url_base(plan));

    if (plan->rc != ED_OK) {
        return ED_NOMEM;
    }

    /* a key is //host/path?query, or what could not be read as a URL */

    if (key.len < 3 || base.len < 3 || memcmp(key.data, "//", 2) != 0) {
        facts->elsewhere = 1;
        return ED_OK;
    }

    slash = memchr(key.data + 2, '/', key.len - 2);
    slash_of_base = memchr(base.data + 2, '/', base.len - 2);

    if (slash == NULL || slash_of_base == NULL) {
        facts->elsewhere = 1;
        return ED_OK;
    }

    len = (size_t) (slash - key.data);

    facts->elsewhere = !ed_str_eq(ed_str(key.data, len),
                                  ed_str(base.data, (size_t) (slash_of_base
                                                              - base.data)));

    return ed_facts_keep(arena, ed_str(slash, key.len - len), SIZE_MAX,
                         &facts->path);
}


/* What the first variants have got. */

static void
ed_facts_count(ed_plan_t *plan, ed_facts_t *facts)
{
    size_t              i, n;
    const ed_record_t  *record;
    const ed_insert_t  *insert;

    n = ed_buf_count(&plan->inserts, ed_insert_t);
    record = plan->page->record;

    for (i = 0; i < n; i++) {
        insert = ed_buf_at(&plan->inserts, const ed_insert_t, i);

        if (!insert->marker && insert->piece && (insert->variants & 1)) {
            facts->pieces[insert->feature]++;
        }
    }

    facts->no_read_more = !ed_facts_is_off(plan, ED_READ_MORE)
                          && facts->pieces[ED_READ_MORE] == 0;

    facts->no_disclaimer = plan->opinion
                           && !ed_facts_is_off(plan, ED_DISCLAIMER)
                           && facts->pieces[ED_DISCLAIMER] == 0
                           && !ed_plan_is_stated(plan)
                           && (record == NULL
                               || record->disclaimer != ED_RECORD_FALSE);
}


/* Nobody wants it here. */

static int
ed_facts_is_off(const ed_plan_t *plan, ed_feature_e feature)
{
    return plan->policy->features[feature].n == 0
           || (plan->page->record != NULL
               && ed_str_eq(plan->page->record->features[feature],
                            ED_STR("off")));
}


static ed_rc_t
ed_facts_drifted(ed_plan_t *plan, ed_arena_t *arena, ed_facts_t *facts)
{
    ed_rc_t   rc;
    unsigned  i;

    for (i = 0; i < plan->ndrifted; i++) {
        rc = ed_facts_keep(arena, plan->drifted[i], ED_MAX_TITLE,
                           &facts->drifted[i]);
        if (rc != ED_OK) {
            return rc;
        }

        facts->ndrifted++;
    }

    return ED_OK;
}


int64_t
ed_facts_time(ed_str_t text)
{
    int64_t    east, seconds;
    ed_date_t  date;

    memset(&date, 0, sizeof(ed_date_t));

    text = ed_str_trim(text);
    east = 0;

    if (!ed_date_number(&text, 4, &date.year)
        || !ed_facts_skip(&text, '-')
        || !ed_date_number(&text, 2, &date.month)
        || !ed_facts_skip(&text, '-')
        || !ed_date_number(&text, 2, &date.day))
    {
        return ED_UNDATED;
    }

    /* "00" becomes what no month is */
    date.month--;

    if (text.len != 0
        && (!ed_facts_clock(&text, &date) || !ed_facts_zone(text, &east)))
    {
        return ED_UNDATED;
    }

    if (!ed_date_is_valid(&date)) {
        return ED_UNDATED;
    }

    seconds = ed_date_seconds(&date) - east;

    return seconds >= 0 ? seconds : ED_UNDATED;
}


static int
ed_facts_clock(ed_str_t *left, ed_date_t *date)
{
    unsigned  digit;

    if ((!ed_facts_skip(left, 't') && !ed_facts_skip(left, ' '))
        || !ed_date_number(left, 2, &date->hour)
        || !ed_facts_skip(left, ':')
        || !ed_date_number(left, 2, &date->min))
    {
        return 0;
    }

    if (ed_facts_skip(left, ':') && !ed_date_number(left, 2, &date->sec)) {
        return 0;
    }

    if (ed_facts_skip(left, '.')) {
        while (ed_date_number(left, 1, &digit)) {
            /* void */
        }
    }

    return 1;
}


/* *east: seconds that its clock is before UTC's. */

static int
ed_facts_zone(ed_str_t left, int64_t *east)
{
    int       west;
    unsigned  hours, minutes;

    left = ed_str_trim(left);
    minutes = 0;

    if (left.len == 0 || ed_str_caseeq(left, ED_STR("Z"))) {
        return 1;
    }

    west = ed_facts_skip(&left, '-');

    if ((!west && !ed_facts_skip(&left, '+'))
        || !ed_date_number(&left, 2, &hours))
    {
        return 0;
    }

    (void) ed_facts_skip(&left, ':');

    if (left.len != 0 && !ed_date_number(&left, 2, &minutes)) {
        return 0;
    }

    *east = (int64_t) (hours * 3600 + minutes * 60) * (west ? -1 : 1);

    return left.len == 0 && hours < 24 && minutes < 60;
}


/* Takes that character off the head of a text, where it stands there. */

static int
ed_facts_skip(ed_str_t *left, uint8_t c)
{
    if (left->len == 0 || ed_lower(left->data[0]) != c) {
        return 0;
    }

    *left = ed_str(left->data + 1, left->len - 1);

    return 1;
}


ed_str_t
ed_facts_cut(ed_str_t s, size_t max)
{
    if (s.len <= max) {
        return s;
    }

    while (max != 0 && (s.data[max] & 0xc0) == 0x80) {
        max--;
    }

    return ed_str(s.data, max);
}


static ed_rc_t
ed_facts_keep(ed_arena_t *arena, ed_str_t s, size_t max, ed_str_t *kept)
{
    *kept = ed_arena_dup(arena, ed_facts_cut(s, max));

    return kept->data != NULL ? ED_OK : ED_NOMEM;
}
