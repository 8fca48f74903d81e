
/*
 * Lines come from outside: what one of them says is believed as little as what
 * a record says.  A URL that a browser may read otherwise than it looks here
 * (white space, controls, backslashes) is refused, since what seems a path
 * could lead to another host.
 */

#include <stdlib.h>

#include "ed_hash.h"
#include "ed_related.h"
#include "ed_url.h"


#define ED_RELATED_MARK  1             /* byte between two strings of which a
                                          digest is made */


static ed_rc_t ed_related_json(ed_relations_t *related, ed_str_t line,
    int64_t at, ed_str_t host, ed_str_t uri);
static ed_str_t ed_related_string(const json_t *value);
static ed_rc_t ed_related_text(ed_relations_t *related, ed_str_t line,
    int64_t at, ed_str_t host, ed_str_t uri);
static ed_rc_t ed_related_put(ed_relations_t *related, ed_str_t url,
    ed_str_t title, int64_t at, ed_str_t host, ed_str_t uri);
static int ed_related_is_wanted(ed_str_t url, ed_str_t host, ed_str_t uri);
static unsigned ed_related_place(ed_relations_t *related, ed_str_t url,
    int64_t at);
static int ed_related_cmp(ed_str_t a, ed_str_t b);
static int ed_notes_facts(json_t *root, const ed_facts_t *facts);
static int ed_notes_strings(json_t *root, const char *name,
    const ed_str_t *list, unsigned n);
static int ed_notes_links(json_t *root, const ed_relations_t *related);
static json_t *ed_notes_string(ed_str_t s);
static ed_rc_t ed_notes_parse(ed_arena_t *arena, json_t *root, int64_t oldest,
    ed_notes_t *notes);
static unsigned ed_notes_list(ed_arena_t *arena, json_t *list, ed_str_t *to,
    unsigned max);


char *
ed_related_write(ed_str_t url, ed_str_t host, ed_str_t title, size_t *head)
{
    int      bad;
    char    *text, *line;
    json_t  *root;

    root = json_object();

    bad = json_object_set_new(root, "url", ed_notes_string(url));
    bad |= json_object_set_new(root, "host", ed_notes_string(host));

    text = bad ? NULL
               : ed_json_write(root, JSON_COMPACT|JSON_PRESERVE_ORDER);

    bad |= json_object_set_new(root, "title", ed_notes_string(title));

    line = bad || text == NULL
           ? NULL : ed_json_write(root, JSON_COMPACT|JSON_PRESERVE_ORDER);

    /* all but the brace */
    *head = text != NULL ? strlen(text) - 1 : 0;

    free(text);
    json_decref(root);

    return line;
}


ed_rc_t
ed_related_add(ed_relations_t *related, ed_str_t line, int64_t at,
    ed_str_t host, ed_str_t uri)
{
    if (line.len == 0 || line.len > ED_MAX_RELATED_LINE) {
        return ED_OK;
    }

    if (line.data[0] == '{' || line.data[0] == '[') {
        return ed_related_json(related, line, at, host, uri);
    }

    return ed_related_text(related, line, at, host, uri);
}


static ed_rc_t
ed_related_json(ed_relations_t *related, ed_str_t line, int64_t at,
    ed_str_t host, ed_str_t uri)
{
    json_t    *root;
    ed_rc_t    rc;
    ed_str_t   url, title, of;

    rc = ed_json_read(line, 0, &root, NULL);

    if (rc != ED_OK) {
        return rc == ED_NOMEM ? rc : ED_OK;
    }

    of = ED_STR_EMPTY;

    if (json_is_array(root)) {
        url = ed_related_string(json_array_get(root, 0));
        title = ed_related_string(json_array_get(root, 1));

    } else {
        url = ed_related_string(json_object_get(root, "url"));
        title = ed_related_string(json_object_get(root, "title"));
        of = ed_related_string(json_object_get(root, "host"));

        if (url.len == 0) {
            url = ed_related_string(json_object_get(root, "path"));
        }
    }

    if (of.len == 0 || ed_str_caseeq(of, host)) {
        rc = ed_related_put(related, url, title, at, host, uri);
    }

    json_decref(root);

    return rc;
}


static ed_str_t
ed_related_string(const json_t *value)
{
    return json_is_string(value)
           ? ed_str(json_string_value(value), json_string_length(value))
           : ED_STR_EMPTY;
}


static ed_rc_t
ed_related_text(ed_relations_t *related, ed_str_t line, int64_t at,
    ed_str_t host, ed_str_t uri)
{
    size_t  i;

    for (i = 0; i < line.len; i++) {
        if (line.data[i] <= ' ' || line.data[i] == '|') {
            break;
        }
    }

    if (i == line.len) {
        return ED_OK;
    }

    return ed_related_put(related, ed_str(line.data, i),
                          ed_str(line.data + i + 1, line.len - i - 1), at,
                          host, uri);
}


static ed_rc_t
ed_related_put(ed_relations_t *related, ed_str_t url, ed_str_t title,
    int64_t at, ed_str_t host, ed_str_t uri)
{
    ed_rc_t        rc;
    unsigned       i;
    ed_text_t      text;
    ed_related_t   link;

    if (title.len == 0 || !ed_related_is_wanted(url, host, uri)) {
        return ED_OK;
    }

    rc = ed_text_from_utf8(related->arena, ed_facts_cut(title,
                                                        ED_MAX_RELATED_LINE),
                           ED_TEXT_SHOWN, &text);
    if (rc != ED_OK || text.len == 0) {
        return rc;
    }

    i = ed_related_place(related, url, at);

    if (i == ED_MAX_RELATED) {
        return ED_OK;
    }

    link.at = at;
    link.url = ed_arena_dup(related->arena, url);
    link.title = ed_arena_dup(related->arena,
                              ed_facts_cut(ed_str(text.data, text.len),
                                           ED_MAX_TITLE));

    if (link.url.data == NULL || link.title.data == NULL) {
        return ED_NOMEM;
    }

    if (related->n < ED_MAX_RELATED) {
        related->n++;
    }

    memmove(&related->list[i + 1], &related->list[i],
            (related->n - i - 1) * sizeof(ed_related_t));
    related->list[i] = link;

    return ED_OK;
}


/* A path, or the same with this host before it; and not the page itself. */

static int
ed_related_is_wanted(ed_str_t url, ed_str_t host, ed_str_t uri)
{
    size_t          i, len;
    ed_str_t        path;
    const uint8_t  *slash;

    if (url.len == 0 || url.len > ED_MAX_RELATED_URL || !ed_url_check(url)) {
        return 0;
    }

    for (i = 0; i < url.len; i++) {
        if (url.data[i] <= ' ' || url.data[i] == 0x7f
            || url.data[i] == '\\')
        {
            return 0;
        }
    }

    path = url;

    for (i = 0; i < url.len && url.data[i] != '/'; i++) {
        /* void: the scheme */
    }

    if (i + 1 < url.len && url.data[i + 1] == '/') {
        path = ed_str(url.data + i + 2, url.len - i - 2);
        slash = path.len != 0 ? memchr(path.data, '/', path.len) : NULL;

        if (slash == NULL) {
            return 0;
        }

        len = (size_t) (slash - path.data);

        if (host.len == 0 || !ed_str_caseeq(ed_str(path.data, len), host)) {
            return 0;
        }

        path = ed_str(slash, path.len - len);
    }

    return path.data[0] == '/' && !ed_str_eq(path, uri);
}


/* Where it is to stand; one of the same URL that is older goes.
   ED_MAX_RELATED: nowhere. */

static unsigned
ed_related_place(ed_relations_t *related, ed_str_t url, int64_t at)
{
    unsigned  i;

    for (i = 0; i < related->n; i++) {
        if (!ed_str_eq(related->list[i].url, url)) {
            continue;
        }

        if (related->list[i].at >= at) {
            return ED_MAX_RELATED;
        }

        related->n--;
        memmove(&related->list[i], &related->list[i + 1],
                (related->n - i) * sizeof(ed_related_t));
        break;
    }

    /* of the same time the lesser URL comes first, whatever list came first */

    for (i = 0; i < related->n; i++) {
        if (related->list[i].at < at
            || (related->list[i].at == at
                && ed_related_cmp(related->list[i].url, url) > 0))
        {
            break;
        }
    }

    return i;
}


static int
ed_related_cmp(ed_str_t a, ed_str_t b)
{
    int     order;

    order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}


int
ed_related_same(const ed_relations_t *a, const ed_relations_t *b)
{
    unsigned  i;

    if (a->n != b->n) {
        return 0;
    }

    for (i = 0; i < a->n; i++) {
        if (!ed_str_eq(a->list[i].url, b->list[i].url)
            || !ed_str_eq(a->list[i].title, b->list[i].title))
        {
            return 0;
        }
    }

    return 1;
}


void
ed_related_digest(const ed_relations_t *related, uint8_t *digest)
{
    size_t    len;
    unsigned  i;
    uint8_t  *p, text[ED_MAX_RELATED
                      * (ED_MAX_RELATED_URL + ED_MAX_TITLE + 2)];

    p = text;

    for (i = 0; i < related->n; i++) {
        len = related->list[i].url.len;
        memcpy(p, related->list[i].url.data, len);
        p += len;
        *p++ = ED_RELATED_MARK;

        len = related->list[i].title.len;
        memcpy(p, related->list[i].title.data, len);
        p += len;
        *p++ = ED_RELATED_MARK;
    }

    ed_record_digest(ed_str(text, (size_t) (p - text)), digest);
}


char *
ed_notes_write(const ed_facts_t *facts, const ed_relations_t *related)
{
    int      bad;
    char    *text;
    json_t  *root;

    root = json_object();

    bad = ed_notes_facts(root, facts);
    bad |= ed_notes_links(root, related);

    text = bad ? NULL
               : ed_json_write(root, JSON_COMPACT|JSON_PRESERVE_ORDER);
    json_decref(root);

    return text;
}


static int
ed_notes_facts(json_t *root, const ed_facts_t *facts)
{
    int       bad;
    unsigned  i;
    json_t   *pieces;

    bad = json_object_set_new(root, "title", ed_notes_string(facts->title));
    bad |= json_object_set_new(root, "published",
                               json_integer(facts->published));
    bad |= json_object_set_new(root, "opinion", json_boolean(facts->opinion));
    bad |= json_object_set_new(root, "no_disclaimer",
                               json_boolean(facts->no_disclaimer));
    bad |= json_object_set_new(root, "no_read_more",
                               json_boolean(facts->no_read_more));
    bad |= json_object_set_new(root, "no_link", json_boolean(facts->no_link));
    bad |= ed_notes_strings(root, "tags", facts->tags, facts->ntags);
    bad |= ed_notes_strings(root, "drifted", facts->drifted,
                            facts->ndrifted);

    pieces = json_array();

    for (i = 0; i < ED_FEATURES; i++) {
        bad |= json_array_append_new(pieces, json_integer(facts->pieces[i]));
    }

    return bad | json_object_set_new(root, "pieces", pieces);
}


static int
ed_notes_strings(json_t *root, const char *name, const ed_str_t *list,
    unsigned n)
{
    int       bad;
    json_t   *array;
    unsigned  i;

    array = json_array();
    bad = 0;

    for (i = 0; i < n; i++) {
        bad |= json_array_append_new(array, ed_notes_string(list[i]));
    }

    return bad | json_object_set_new(root, name, array);
}


static int
ed_notes_links(json_t *root, const ed_relations_t *related)
{
    int       bad;
    json_t   *array, *link;
    unsigned  i;

    array = json_array();
    bad = 0;

    for (i = 0; i < related->n; i++) {
        link = json_pack("{s:o, s:o, s:I}",
                         "url", ed_notes_string(related->list[i].url),
                         "title", ed_notes_string(related->list[i].title),
                         "at", (json_int_t) related->list[i].at);
        bad |= json_array_append_new(array, link);
    }

    return bad | json_object_set_new(root, "links", array);
}


/* What is no UTF-8 cannot be kept, and is not worth it: it becomes empty. */

static json_t *
ed_notes_string(ed_str_t s)
{
    json_t  *json;

    json = json_stringn(s.len != 0 ? (const char *) s.data : "", s.len);

    return json != NULL ? json : json_string("");
}


ed_rc_t
ed_notes_read(ed_arena_t *arena, ed_str_t json, int64_t oldest,
    ed_notes_t *notes)
{
    json_t   *root;
    ed_rc_t   rc;

    memset(notes, 0, sizeof(ed_notes_t));
    notes->related.arena = arena;

    rc = ed_json_read(json, 0, &root, NULL);

    if (rc == ED_OK) {
        rc = ed_notes_parse(arena, root, oldest, notes);
        json_decref(root);
    }

    return rc;
}


static ed_rc_t
ed_notes_parse(ed_arena_t *arena, json_t *root, int64_t oldest,
    ed_notes_t *notes)
{
    size_t         i;
    json_t        *links, *pieces, *link;
    ed_facts_t    *facts;
    ed_related_t  *to;

    if (!json_is_object(root)) {
        return ED_INVALID;
    }

    facts = &notes->facts;

    facts->title = ed_arena_dup(arena,
                       ed_related_string(json_object_get(root, "title")));
    if (facts->title.data == NULL) {
        return ED_NOMEM;
    }

    facts->published = json_integer_value(json_object_get(root, "published"));
    facts->opinion = json_is_true(json_object_get(root, "opinion"));
    facts->no_disclaimer = json_is_true(json_object_get(root,
                                                        "no_disclaimer"));
    facts->no_read_more = json_is_true(json_object_get(root, "no_read_more"));
    facts->no_link = json_is_true(json_object_get(root, "no_link"));
    facts->ntags = ed_notes_list(arena, json_object_get(root, "tags"),
                                 facts->tags, ED_MAX_TAGS);
    facts->ndrifted = ed_notes_list(arena, json_object_get(root, "drifted"),
                                    facts->drifted, ED_MAX_DRIFTED);

    pieces = json_object_get(root, "pieces");

    for (i = 0; i < ED_FEATURES; i++) {
        facts->pieces[i] = (unsigned) json_integer_value(
                                                json_array_get(pieces, i));
    }

    links = json_object_get(root, "links");

    json_array_foreach(links, i, link) {
        if (notes->related.n == ED_MAX_RELATED) {
            break;
        }

        to = &notes->related.list[notes->related.n];
        to->at = json_integer_value(json_object_get(link, "at"));

        if (to->at < oldest) {
            break;
        }

        to->url = ed_arena_dup(arena, ed_related_string(
                                          json_object_get(link, "url")));
        to->title = ed_arena_dup(arena, ed_related_string(
                                            json_object_get(link, "title")));

        if (to->url.data == NULL || to->title.data == NULL) {
            return ED_NOMEM;
        }

        if (!ed_url_check(to->url) || to->title.len > ED_MAX_TITLE
            || to->url.len > ED_MAX_RELATED_URL)
        {
            return ED_INVALID;
        }

        notes->related.n++;
    }

    return ED_OK;
}


/* As many strings of it as there is room and memory for. */

static unsigned
ed_notes_list(ed_arena_t *arena, json_t *list, ed_str_t *to, unsigned max)
{
    size_t    i;
    json_t   *item;
    unsigned  n;

    n = 0;

    json_array_foreach(list, i, item) {
        if (n == max) {
            break;
        }

        to[n] = ed_arena_dup(arena, ed_related_string(item));

        if (to[n].data == NULL) {
            break;
        }

        n++;
    }

    return n;
}
