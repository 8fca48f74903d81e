
/*
 * Every <meta name|property content> whose name stands in ed_meta_names is
 * kept, at most ED_MAX_META of them, together with the text of the first
 * <title>, of <script type="application/ld+json"> and of <a rel="author">.
 */

#include "ed_json.h"
#include "ed_meta.h"


#define ED_MAX_META      64                /* values kept of a page */
#define ED_MAX_VALUE     1024              /* bytes of one */
#define ED_MAX_JSON      (64 * 1024)       /* bytes of one JSON-LD block */
#define ED_MAX_JSON_DEPTH  8


typedef enum {
    ED_CAPTURE_NONE = 0,
    ED_CAPTURE_JSON,
    ED_CAPTURE_AUTHOR,
    ED_CAPTURE_TITLE
} ed_capture_e;


typedef struct {
    ed_meta_e          kind;
    unsigned           json:1;     /* a whole JSON-LD block, not yet read */
    unsigned           text:1;     /* element content, not an attribute */
    ed_str_t           value;
} ed_meta_value_t;


struct ed_meta_s {
    ed_arena_t        *arena;
    ed_meta_value_t    values[ED_MAX_META];
    unsigned           n;
    ed_str_t           lang;
    ed_str_t           charset;
    unsigned           amp:1;
    unsigned           titled:1;   /* a <title> has been seen */
    ed_capture_e       capture;
    ed_buf_t           captured;   /* of the element being captured */
};


typedef struct {
    ed_str_t           name;
    ed_meta_e          kind;
} ed_meta_name_t;


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


static const ed_meta_name_t  ed_meta_names[] = {
    { ED_S("author"), ED_META_AUTHOR },
    { ED_S("article:author"), ED_META_AUTHOR },
    { ED_S("article:section"), ED_META_SECTION },
    { ED_S("article:opinion"), ED_META_OPINION },
    { ED_S("article:tag"), ED_META_TAG },
    { ED_S("keywords"), ED_META_KEYWORDS },
    { ED_S("og:title"), ED_META_TITLE },
    { ED_S("og:url"), ED_META_URL },
    { ED_S("article:published_time"), ED_META_PUBLISHED }
};


static ed_rc_t ed_meta_html(ed_meta_t *meta, const ed_token_t *token);
static ed_rc_t ed_meta_meta(ed_meta_t *meta, const ed_token_t *token);
static ed_rc_t ed_meta_link(ed_meta_t *meta, const ed_token_t *token);
static ed_rc_t ed_meta_keep(ed_meta_t *meta, ed_meta_e kind, ed_str_t value);
static int ed_meta_has_token(const ed_str_t *value, ed_str_t word);
static ed_rc_t ed_meta_json(ed_meta_t *meta, ed_charset_t *cs,
    ed_str_t source);
static ed_rc_t ed_meta_json_walk(ed_meta_t *meta, json_t *value,
    unsigned depth);
static ed_rc_t ed_meta_json_keep(ed_meta_t *meta, ed_meta_e kind,
    json_t *value);
static ed_rc_t ed_meta_json_author(ed_meta_t *meta, json_t *author);


ed_meta_t *
ed_meta_create(ed_arena_t *arena)
{
    ed_meta_t  *meta;

    meta = ed_arena_zalloc(arena, sizeof(ed_meta_t));
    if (meta == NULL) {
        return NULL;
    }

    meta->arena = arena;

    return meta;
}


void
ed_meta_release(ed_meta_t *meta)
{
    ed_buf_free(&meta->captured);
}


ed_rc_t
ed_meta_tag(ed_meta_t *meta, const ed_element_t *el, const ed_token_t *token,
    int *capture)
{
    const ed_str_t  *value;

    *capture = 0;

    if (el->ns != ED_NS_HTML || el->in_template) {
        return ED_OK;
    }

    switch (el->tag) {

    case ED_TAG_HTML:
        return ed_meta_html(meta, token);

    case ED_TAG_META:
        return ed_meta_meta(meta, token);

    case ED_TAG_LINK:
        return ed_meta_link(meta, token);

    case ED_TAG_SCRIPT:
        value = ed_token_attr(token, ED_STR("type"));

        if (value != NULL
            && ed_str_caseeq(ed_str_trim(*value),
                             ED_STR("application/ld+json")))
        {
            meta->capture = ED_CAPTURE_JSON;
        }

        break;

    case ED_TAG_TITLE:
        if (!meta->titled) {
            meta->titled = 1;
            meta->capture = ED_CAPTURE_TITLE;
        }

        break;

    case ED_TAG_A:
        if (ed_meta_has_token(ed_token_attr(token, ED_STR("rel")),
                              ED_STR("author")))
        {
            meta->capture = ED_CAPTURE_AUTHOR;
        }

        break;

    default:
        return ED_OK;
    }

    if (meta->capture == ED_CAPTURE_NONE) {
        return ED_OK;
    }

    *capture = 1;
    ed_buf_init(&meta->captured,
                meta->capture == ED_CAPTURE_JSON ? ED_MAX_JSON : ED_MAX_VALUE);

    return ED_OK;
}


ed_rc_t
ed_meta_text(ed_meta_t *meta, ed_str_t text)
{
    ed_rc_t  rc;

    if (meta->capture == ED_CAPTURE_NONE) {
        return ED_OK;
    }

    rc = ed_buf_str(&meta->captured, text);

    if (rc != ED_OK) {
        ed_buf_free(&meta->captured);
        meta->capture = ED_CAPTURE_NONE;
    }

    /* a longer one is not an error: it is just not read */

    return rc == ED_NOMEM ? ED_NOMEM : ED_OK;
}


ed_rc_t
ed_meta_captured(ed_meta_t *meta)
{
    ed_rc_t            rc;
    ed_meta_value_t   *v;

    if (meta->capture == ED_CAPTURE_NONE) {
        return ED_OK;
    }

    rc = ED_OK;

    if (meta->n < ED_MAX_META) {
        v = &meta->values[meta->n];

        v->kind = meta->capture == ED_CAPTURE_TITLE ? ED_META_DOCUMENT
                                                    : ED_META_AUTHOR;
        v->json = (meta->capture == ED_CAPTURE_JSON);
        v->text = 1;
        v->value = ed_arena_dup(meta->arena, ed_str(meta->captured.data,
                                                    meta->captured.len));
        if (v->value.data == NULL) {
            rc = ED_NOMEM;

        } else {
            meta->n++;
        }
    }

    ed_buf_free(&meta->captured);
    meta->capture = ED_CAPTURE_NONE;

    return rc;
}


ed_rc_t
ed_meta_decode(ed_meta_t *meta, ed_charset_t *cs)
{
    ed_rc_t            rc;
    unsigned           i, n;
    ed_text_t          text;
    ed_run_t           run;
    ed_meta_value_t   *v;

    n = meta->n;
    rc = ED_OK;

    for (i = 0; i < n && rc == ED_OK; i++) {
        v = &meta->values[i];

        if (v->json) {
            rc = ed_meta_json(meta, cs, v->value);
            v->kind = ED_METAS;
            continue;
        }

        run.start = 0;
        run.end = (uint32_t) v->value.len;
        run.raw = 0;
        run.space = 0;

        rc = ed_text_make(meta->arena, cs, v->value.data, &run, 1,
                          ED_TEXT_SHOWN, &text);

        v->value = ed_str(text.data, rc == ED_OK ? text.len : 0);
    }

    return rc;
}


ed_str_t
ed_meta_value(const ed_meta_t *meta, ed_meta_e kind, unsigned i)
{
    unsigned  k;

    for (k = 0; k < meta->n; k++) {
        if (meta->values[k].kind == kind && meta->values[k].value.len != 0
            && i-- == 0)
        {
            return meta->values[k].value;
        }
    }

    return ED_STR_EMPTY;
}


ed_str_t
ed_meta_lang(const ed_meta_t *meta)
{
    return meta->lang;
}


ed_str_t
ed_meta_charset(const ed_meta_t *meta)
{
    return meta->charset;
}


int
ed_meta_amp(const ed_meta_t *meta)
{
    return meta->amp;
}


static ed_rc_t
ed_meta_html(ed_meta_t *meta, const ed_token_t *token)
{
    const ed_str_t  *lang;

    lang = ed_token_attr(token, ED_STR("lang"));

    if (lang != NULL && meta->lang.data == NULL) {
        meta->lang = ed_arena_dup(meta->arena, *lang);

        if (meta->lang.data == NULL) {
            return ED_NOMEM;
        }
    }

    meta->amp |= ed_token_attr(token, ED_STR("amp")) != NULL
                 || ed_token_attr(token, ED_STR("\xe2\x9a\xa1")) != NULL;

    return ED_OK;
}


static ed_rc_t
ed_meta_meta(ed_meta_t *meta, const ed_token_t *token)
{
    size_t           i;
    ed_str_t         declared;
    const ed_str_t  *name, *content;

    content = ed_token_attr(token, ED_STR("content"));
    name = ed_token_attr(token, ED_STR("charset"));
    declared = name != NULL ? *name : ED_STR_EMPTY;

    if (name == NULL && content != NULL) {
        name = ed_token_attr(token, ED_STR("http-equiv"));

        if (name != NULL
            && ed_str_caseeq(ed_str_trim(*name), ED_STR("content-type")))
        {
            declared = ed_charset_parameter(*content);
        }
    }

    if (declared.len != 0 && meta->charset.data == NULL) {
        meta->charset = ed_arena_dup(meta->arena, declared);
        return meta->charset.data != NULL ? ED_OK : ED_NOMEM;
    }

    name = ed_token_attr(token, ED_STR("property"));

    if (name == NULL) {
        name = ed_token_attr(token, ED_STR("name"));
    }

    if (name == NULL || content == NULL) {
        return ED_OK;
    }

    for (i = 0; i < sizeof(ed_meta_names) / sizeof(ed_meta_names[0]); i++) {
        if (ed_str_caseeq(ed_str_trim(*name), ed_meta_names[i].name)) {
            return ed_meta_keep(meta, ed_meta_names[i].kind, *content);
        }
    }

    return ED_OK;
}


static ed_rc_t
ed_meta_link(ed_meta_t *meta, const ed_token_t *token)
{
    const ed_str_t  *href;

    href = ed_token_attr(token, ED_STR("href"));

    if (href != NULL && ed_meta_has_token(ed_token_attr(token, ED_STR("rel")),
                                          ED_STR("canonical")))
    {
        return ed_meta_keep(meta, ED_META_CANONICAL, *href);
    }

    return ED_OK;
}


static ed_rc_t
ed_meta_keep(ed_meta_t *meta, ed_meta_e kind, ed_str_t value)
{
    ed_meta_value_t  *v;

    if (meta->n == ED_MAX_META || value.len > ED_MAX_VALUE) {
        return ED_OK;
    }

    v = &meta->values[meta->n];

    v->kind = kind;
    v->json = 0;
    v->text = 0;
    v->value = ed_arena_dup(meta->arena, value);

    if (v->value.data == NULL) {
        return ED_NOMEM;
    }

    meta->n++;

    return ED_OK;
}


static int
ed_meta_has_token(const ed_str_t *value, ed_str_t word)
{
    size_t  i, start;

    if (value == NULL) {
        return 0;
    }

    for (i = 0; i < value->len; i++) {
        start = i;

        while (i < value->len && !ed_is_space(value->data[i])) {
            i++;
        }

        if (ed_str_caseeq(ed_str(value->data + start, i - start), word)) {
            return 1;
        }
    }

    return 0;
}


/* JSON is UTF-8 (RFC 8259, 8.1); in a page it is in the page's charset. */

static ed_rc_t
ed_meta_json(ed_meta_t *meta, ed_charset_t *cs, ed_str_t source)
{
    size_t      i, start;
    json_t     *root;
    ed_rc_t     rc;
    uint32_t    code;
    ed_buf_t    utf8;

    ed_buf_init(&utf8, 3 * ED_MAX_JSON);
    rc = ED_OK;

    for (i = 0; i < source.len && rc == ED_OK; /* void */ ) {
        start = i;

        while (i < source.len && source.data[i] < 0x80) {
            i++;
        }

        rc = ed_buf_append(&utf8, source.data + start, i - start);

        if (i < source.len && rc == ED_OK) {
            i += ed_charset_decode(cs, source.data + i, source.len - i, &code);
            rc = ed_utf8_put(&utf8, code);
        }
    }

    if (rc == ED_OK) {
        rc = ed_json_read(ed_str(utf8.data, utf8.len), 0, &root, NULL);

        if (rc == ED_OK) {
            rc = ed_meta_json_walk(meta, root, 0);
            json_decref(root);

        } else if (rc == ED_INVALID) {
            rc = ED_OK;
        }
    }

    ed_buf_free(&utf8);

    return rc;
}


/* The block's object, each of an array, of its @graph and its main entity. */

static ed_rc_t
ed_meta_json_walk(ed_meta_t *meta, json_t *value, unsigned depth)
{
    size_t                    i;
    json_t                   *item;
    ed_rc_t                   rc;
    static const char *const  nested[] = { "@graph", "mainEntity" };
    static const struct {
        const char           *name;
        ed_meta_e             kind;
    } fields[] = {
        { "headline", ED_META_HEADLINE },
        { "datePublished", ED_META_PUBLISHED }
    };

    if (depth == ED_MAX_JSON_DEPTH) {
        return ED_OK;
    }

    if (json_is_array(value)) {
        json_array_foreach(value, i, item) {
            rc = ed_meta_json_walk(meta, item, depth + 1);
            if (rc != ED_OK) {
                return rc;
            }
        }

        return ED_OK;
    }

    if (!json_is_object(value)) {
        return ED_OK;
    }

    rc = ed_meta_json_keep(meta, ED_META_TYPE, json_object_get(value, "@type"));

    if (rc == ED_OK) {
        rc = ed_meta_json_keep(meta, ED_META_SECTION,
                               json_object_get(value, "articleSection"));
    }

    if (rc == ED_OK) {
        rc = ed_meta_json_author(meta, json_object_get(value, "author"));
    }

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (rc == ED_OK) {
            rc = ed_meta_json_keep(meta, fields[i].kind,
                                   json_object_get(value, fields[i].name));
        }
    }

    item = json_object_get(value, "keywords");

    if (rc == ED_OK) {
        rc = ed_meta_json_keep(meta, json_is_array(item) ? ED_META_TAG
                                                         : ED_META_KEYWORDS,
                               item);
    }

    for (i = 0; i < sizeof(nested) / sizeof(nested[0]); i++) {
        item = json_object_get(value, nested[i]);

        if (rc == ED_OK && item != NULL) {
            rc = ed_meta_json_walk(meta, item, depth + 1);
        }
    }

    return rc;
}


static ed_rc_t
ed_meta_json_keep(ed_meta_t *meta, ed_meta_e kind, json_t *value)
{
    size_t   i;
    json_t  *item;
    ed_rc_t  rc;

    if (json_is_string(value)) {
        return ed_meta_keep(meta, kind, ed_str(json_string_value(value),
                                               json_string_length(value)));
    }

    if (json_is_array(value)) {
        json_array_foreach(value, i, item) {
            if (json_is_string(item)) {
                rc = ed_meta_json_keep(meta, kind, item);
                if (rc != ED_OK) {
                    return rc;
                }
            }
        }
    }

    return ED_OK;
}


/* A name, an object with a name, or an array of either. */

static ed_rc_t
ed_meta_json_author(ed_meta_t *meta, json_t *author)
{
    size_t   i;
    json_t  *item;
    ed_rc_t  rc;

    if (json_is_object(author)) {
        return ed_meta_json_keep(meta, ED_META_AUTHOR,
                                 json_object_get(author, "name"));
    }

    if (!json_is_array(author)) {
        return ed_meta_json_keep(meta, ED_META_AUTHOR, author);
    }

    json_array_foreach(author, i, item) {
        rc = json_is_array(item) ? ED_OK : ed_meta_json_author(meta, item);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return ED_OK;
}
