
/*
 * The record is read with jansson, field by field from a table.  It is read
 * strictly: a field of another type, or one that nobody knows, makes the
 * whole record malformed, since half of what an editor asked for may be worse
 * than nothing.
 */

#include <stdio.h>
#include <stdlib.h>

#include "ed_hash.h"
#include "ed_json.h"
#include "ed_le.h"
#include "ed_markup.h"
#include "ed_record.h"


#define ED_MAX_AFTER  10000


typedef struct {
    ed_arena_t        *arena;
    ed_record_t       *record;
    char              *error;
    size_t             errlen;
} ed_record_reader_t;


typedef struct {
    const char        *name;
    ed_rc_t          (*read)(ed_record_reader_t *rd, json_t *value);
} ed_record_field_t;


static ed_rc_t ed_record_opinion(ed_record_reader_t *rd, json_t *value);
static ed_rc_t ed_record_disclaimer(ed_record_reader_t *rd, json_t *value);
static ed_rc_t ed_record_links(ed_record_reader_t *rd, json_t *value);
static ed_rc_t ed_record_link(ed_record_reader_t *rd, json_t *value,
    ed_link_t *link, size_t n);
static ed_rc_t ed_record_quotes(ed_record_reader_t *rd, json_t *value);
static ed_rc_t ed_record_variants(ed_record_reader_t *rd, json_t *value);
static ed_rc_t ed_record_string(ed_record_reader_t *rd, json_t *value,
    ed_str_t *field, const char *name);
static ed_rc_t ed_record_only(ed_record_reader_t *rd, json_t *object,
    const char *const *names, const char *where);
static ed_rc_t ed_record_wrong(ed_record_reader_t *rd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static json_t *ed_record_json(const ed_record_t *record);
static int ed_record_put(json_t *object, const char *name, ed_str_t value);


static const ed_record_field_t  ed_record_fields[] = {
    { "opinion", ed_record_opinion },
    { "disclaimer", ed_record_disclaimer },
    { "read_more", ed_record_links },
    { "pull_quotes", ed_record_quotes },
    { "features", ed_record_variants }
};


ed_rc_t
ed_record_parse(ed_arena_t *arena, ed_str_t json, ed_record_t *record,
    char *error, size_t errlen)
{
    size_t              i;
    json_t             *root, *value;
    ed_rc_t             rc;
    const char         *name;
    json_error_t        err;
    ed_record_reader_t  rd;

    memset(record, 0, sizeof(ed_record_t));

    rd.arena = arena;
    rd.record = record;
    rd.error = error;
    rd.errlen = errlen;

    if (json.len > ED_MAX_RECORD) {
        return ed_record_wrong(&rd, "record of %zu bytes exceeds %d",
                               json.len, ED_MAX_RECORD);
    }

    rc = ed_json_read(json, JSON_REJECT_DUPLICATES, &root, &err);

    if (rc == ED_NOMEM) {
        return rc;
    }

    if (rc != ED_OK) {
        return ed_record_wrong(&rd, "line %d, column %d: %s", err.line,
                               err.column, err.text);
    }

    rc = json_is_object(root) ? ED_OK
                              : ed_record_wrong(&rd, "it is not an object");

    if (rc == ED_OK) {
        json_object_foreach(root, name, value) {
            rc = ED_INVALID;

            for (i = 0; i < sizeof(ed_record_fields)
                            / sizeof(ed_record_fields[0]); i++)
            {
                if (strcmp(name, ed_record_fields[i].name) == 0) {
                    rc = ed_record_fields[i].read(&rd, value);
                    break;
                }
            }

            if (i == sizeof(ed_record_fields) / sizeof(ed_record_fields[0])) {
                rc = ed_record_wrong(&rd, "unknown field \"%.64s\"", name);
            }

            if (rc != ED_OK) {
                break;
            }
        }
    }

    json_decref(root);

    return rc;
}


char *
ed_record_format(const ed_record_t *record)
{
    char    *text;
    json_t  *root;

    root = ed_record_json(record);
    if (root == NULL) {
        return NULL;
    }

    text = ed_json_write(root, JSON_COMPACT);
    json_decref(root);

    return text;
}


ed_str_t
ed_record_features(const ed_record_t *record, ed_arena_t *arena)
{
    size_t    len;
    ed_str_t  name;
    uint8_t  *p, *start;
    unsigned  i;

    len = 0;

    for (i = 0; record != NULL && i < ED_FEATURES; i++) {
        len += ed_feature_name((ed_feature_e) i).len + 1
               + record->features[i].len + 1;
    }

    start = ed_arena_alloc(arena, len + 1);
    if (start == NULL) {
        return ED_STR_EMPTY;
    }

    p = start;

    for (i = 0; record != NULL && i < ED_FEATURES; i++) {

        if (!ed_feature_is_name(record->features[i])) {
            continue;
        }

        if (p != start) {
            *p++ = ',';
        }

        name = ed_feature_name((ed_feature_e) i);

        memcpy(p, name.data, name.len);
        p += name.len;
        *p++ = '=';

        memcpy(p, record->features[i].data, record->features[i].len);
        p += record->features[i].len;
    }

    return ed_str(start, (size_t) (p - start));
}


void
ed_record_digest(ed_str_t json, uint8_t *digest)
{
    static const char  keys[2][ED_HASH_KEY + 1] = {
        "record, 1st half", "record, 2nd half"
    };

    memset(digest, 0, ED_RECORD_DIGEST);

    if (json.len != 0) {
        ed_put64(digest, ed_hash((const uint8_t *) keys[0], json.data,
                                 json.len));
        ed_put64(digest + 8, ed_hash((const uint8_t *) keys[1], json.data,
                                     json.len));
    }
}


static ed_rc_t
ed_record_opinion(ed_record_reader_t *rd, json_t *value)
{
    if (!json_is_boolean(value)) {
        return ed_record_wrong(rd, "\"opinion\" is not true or false");
    }

    rd->record->opinion = json_is_true(value) ? ED_RECORD_TRUE
                                              : ED_RECORD_FALSE;
    return ED_OK;
}


static ed_rc_t
ed_record_disclaimer(ed_record_reader_t *rd, json_t *value)
{
    if (json_is_false(value)) {
        rd->record->disclaimer = ED_RECORD_FALSE;
        return ED_OK;
    }

    if (!json_is_string(value)) {
        return ed_record_wrong(rd, "\"disclaimer\" is not a text or false");
    }

    rd->record->disclaimer = ED_RECORD_TRUE;

    return ed_record_string(rd, value, &rd->record->disclaimer_text,
                            "disclaimer");
}


static ed_rc_t
ed_record_links(ed_record_reader_t *rd, json_t *value)
{
    size_t        i, n;
    ed_rc_t       rc;
    ed_record_t  *record;

    record = rd->record;

    if (!json_is_array(value)) {
        return ed_record_wrong(rd, "\"read_more\" is not an array");
    }

    n = json_array_size(value);

    if (n > ED_MAX_RECORD_LINKS) {
        return ed_record_wrong(rd, "%zu links in \"read_more\", at most %d",
                               n, ED_MAX_RECORD_LINKS);
    }

    record->links = ed_arena_zalloc(rd->arena, (n + 1) * sizeof(ed_link_t));
    if (record->links == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        rc = ed_record_link(rd, json_array_get(value, i), &record->links[i],
                            i + 1);
        if (rc != ED_OK) {
            return rc;
        }
    }

    record->nlinks = (unsigned) n;

    return ED_OK;
}


static ed_rc_t
ed_record_link(ed_record_reader_t *rd, json_t *value, ed_link_t *link,
    size_t n)
{
    json_t                    *after;
    ed_rc_t                    rc;
    char                       where[64];
    static const char *const   names[] = {
        "url", "title", "label", "after", NULL
    };

    (void) snprintf(where, sizeof(where), "link %zu of \"read_more\"", n);

    rc = ed_record_only(rd, value, names, where);
    if (rc != ED_OK) {
        return rc;
    }

    rc = ed_record_string(rd, json_object_get(value, "url"), &link->url,
                          "url");
    if (rc != ED_OK) {
        return rc;
    }

    link->refused = !ed_url_check(link->url);

    rc = ed_record_string(rd, json_object_get(value, "title"), &link->title,
                          "title");
    if (rc != ED_OK) {
        return rc;
    }

    if (json_object_get(value, "label") != NULL) {
        rc = ed_record_string(rd, json_object_get(value, "label"),
                              &link->label, "label");
        if (rc != ED_OK) {
            return rc;
        }
    }

    after = json_object_get(value, "after");

    if (after != NULL) {
        if (!json_is_integer(after) || json_integer_value(after) < 1
            || json_integer_value(after) > ED_MAX_AFTER)
        {
            return ed_record_wrong(rd, "%s: \"after\" is not a number from 1 "
                                   "to %d", where, ED_MAX_AFTER);
        }

        link->after = (unsigned) json_integer_value(after);
    }

    return ED_OK;
}


static ed_rc_t
ed_record_quotes(ed_record_reader_t *rd, json_t *value)
{
    size_t                    i, n;
    json_t                   *quote;
    ed_rc_t                   rc;
    ed_record_t              *record;
    static const char *const  names[] = { "text", NULL };

    record = rd->record;

    if (!json_is_array(value)) {
        return ed_record_wrong(rd, "\"pull_quotes\" is not an array");
    }

    n = json_array_size(value);

    if (n > ED_MAX_RECORD_QUOTES) {
        return ed_record_wrong(rd, "%zu quotes in \"pull_quotes\", at most %d",
                               n, ED_MAX_RECORD_QUOTES);
    }

    record->quotes = ed_arena_zalloc(rd->arena, (n + 1) * sizeof(ed_str_t));
    if (record->quotes == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        quote = json_array_get(value, i);

        rc = ed_record_only(rd, quote, names, "a quote of \"pull_quotes\"");
        if (rc != ED_OK) {
            return rc;
        }

        rc = ed_record_string(rd, json_object_get(quote, "text"),
                              &record->quotes[i], "text");
        if (rc != ED_OK) {
            return rc;
        }
    }

    record->nquotes = (unsigned) n;

    return ED_OK;
}


static ed_rc_t
ed_record_variants(ed_record_reader_t *rd, json_t *value)
{
    json_t        *state;
    ed_rc_t        rc;
    const char    *name;
    ed_feature_e   feature;

    if (!json_is_object(value)) {
        return ed_record_wrong(rd, "\"features\" is not an object");
    }

    json_object_foreach(value, name, state) {
        feature = ed_feature_find(ed_str(name, strlen(name)));

        if (feature == ED_FEATURES) {
            return ed_record_wrong(rd, "unknown feature \"%.64s\"", name);
        }

        rc = ed_record_string(rd, state, &rd->record->features[feature],
                              name);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return ED_OK;
}


static ed_rc_t
ed_record_string(ed_record_reader_t *rd, json_t *value, ed_str_t *field,
    const char *name)
{
    if (!json_is_string(value) || json_string_length(value) == 0) {
        return ed_record_wrong(rd, "\"%.64s\" is not a text", name);
    }

    *field = ed_arena_dup(rd->arena, ed_str(json_string_value(value),
                                            json_string_length(value)));

    return field->data != NULL ? ED_OK : ED_NOMEM;
}


static ed_rc_t
ed_record_only(ed_record_reader_t *rd, json_t *object,
    const char *const *names, const char *where)
{
    size_t       i;
    json_t      *value;
    const char  *name;

    if (!json_is_object(object)) {
        return ed_record_wrong(rd, "%s is not an object", where);
    }

    json_object_foreach(object, name, value) {
        for (i = 0; names[i] != NULL; i++) {
            if (strcmp(name, names[i]) == 0) {
                break;
            }
        }

        if (names[i] == NULL) {
            return ed_record_wrong(rd, "%s: unknown field \"%.64s\"", where,
                                   name);
        }
    }

    return ED_OK;
}


static ed_rc_t
ed_record_wrong(ed_record_reader_t *rd, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(rd->error, rd->errlen, fmt, args);
    va_end(args);

    return ED_INVALID;
}


static json_t *
ed_record_json(const ed_record_t *record)
{
    int        bad;
    json_t    *root, *list, *item;
    unsigned   i;

    root = json_object();
    bad = 0;

    if (record->opinion != ED_RECORD_UNSET) {
        bad |= json_object_set_new(root, "opinion",
                            json_boolean(record->opinion == ED_RECORD_TRUE));
    }

    if (record->disclaimer == ED_RECORD_FALSE) {
        bad |= json_object_set_new(root, "disclaimer", json_false());

    } else {
        bad |= ed_record_put(root, "disclaimer", record->disclaimer_text);
    }

    if (record->nlinks != 0) {
        list = json_array();
        bad |= json_object_set_new(root, "read_more", list);

        for (i = 0; i < record->nlinks; i++) {
            item = json_object();
            bad |= json_array_append_new(list, item);
            bad |= ed_record_put(item, "url", record->links[i].url);
            bad |= ed_record_put(item, "title", record->links[i].title);
            bad |= ed_record_put(item, "label", record->links[i].label);

            if (record->links[i].after != 0) {
                bad |= json_object_set_new(item, "after",
                                        json_integer(record->links[i].after));
            }
        }
    }

    if (record->nquotes != 0) {
        list = json_array();
        bad |= json_object_set_new(root, "pull_quotes", list);

        for (i = 0; i < record->nquotes; i++) {
            item = json_object();
            bad |= json_array_append_new(list, item);
            bad |= ed_record_put(item, "text", record->quotes[i]);
        }
    }

    item = json_object();

    for (i = 0; i < ED_FEATURES; i++) {
        bad |= ed_record_put(item,
                      (const char *) ed_feature_name((ed_feature_e) i).data,
                      record->features[i]);
    }

    if (json_object_size(item) != 0) {
        bad |= json_object_set(root, "features", item);
    }

    json_decref(item);

    if (bad) {
        json_decref(root);
        return NULL;
    }

    return root;
}


/* Sets a text where there is one.  Non-zero: no memory. */

static int
ed_record_put(json_t *object, const char *name, ed_str_t value)
{
    if (value.len == 0) {
        return 0;
    }

    return json_object_set_new(object, name,
                               json_stringn((const char *) value.data,
                                            value.len));
}
