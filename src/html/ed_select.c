
/*
 * A selector is a list of conditions that one start tag must all meet:
 *
 *     div.story[itemprop~=articleBody]
 *         tag   class  attribute
 *
 * .c is [class~=c] and #i is [id=i], so there are but two kinds of condition:
 * on the tag's name, and on the value of one attribute.
 */

#include <stdio.h>

#include "ed_select.h"


typedef enum {
    ED_SELECT_PRESENT,             /* [a] */
    ED_SELECT_EQUALS,              /* [a=v], #v */
    ED_SELECT_WORD                 /* [a~=v], .v */
} ed_select_how_e;


typedef struct ed_select_attr_s  ed_select_attr_t;

struct ed_select_attr_s {
    ed_str_t           name;       /* lower case */
    ed_str_t           value;
    ed_select_how_e    how;
    ed_select_attr_t  *next;
};


typedef struct {
    ed_str_t           tag;        /* lower case; empty: any */
    ed_select_attr_t  *attrs;
} ed_compound_t;


struct ed_select_s {
    unsigned           n;
    ed_compound_t     *list;
};


/* The selector being read. */
typedef struct {
    ed_arena_t        *arena;
    ed_str_t           text;
    size_t             pos;
    const char        *wrong;      /* what is wrong at pos */
} ed_select_reader_t;


static ed_rc_t ed_select_read(ed_select_reader_t *rd, ed_compound_t *compound);
static ed_rc_t ed_select_read_attr(ed_select_reader_t *rd,
    ed_select_attr_t *attr);
static ed_rc_t ed_select_read_value(ed_select_reader_t *rd,
    ed_select_attr_t *attr);
static ed_str_t ed_select_name(ed_select_reader_t *rd, int colons);
static ed_rc_t ed_select_lower(ed_arena_t *arena, ed_str_t *s);
static ed_rc_t ed_select_wrong(ed_select_reader_t *rd, const char *wrong);
static int ed_select_compound_match(const ed_compound_t *compound,
    const ed_token_t *token);
static int ed_select_attr_match(const ed_select_attr_t *attr,
    const ed_token_t *token);
static int ed_select_has_word(ed_str_t list, ed_str_t word);


ed_rc_t
ed_select_compile(ed_arena_t *arena, const ed_str_t *selectors, unsigned n,
    ed_select_t **select, char *error, size_t errlen)
{
    ed_rc_t              rc;
    unsigned             i;
    ed_select_t         *sel;
    ed_select_reader_t   rd;

    sel = ed_arena_alloc(arena, sizeof(ed_select_t));
    if (sel == NULL) {
        return ED_NOMEM;
    }

    sel->n = n;
    sel->list = ed_arena_zalloc(arena, n * sizeof(ed_compound_t));
    if (sel->list == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        rd.arena = arena;
        rd.pos = 0;
        rd.wrong = NULL;
        rd.text = ed_arena_dup(arena, selectors[i]);

        if (rd.text.data == NULL) {
            return ED_NOMEM;
        }

        rc = ed_select_read(&rd, &sel->list[i]);

        if (rc == ED_INVALID) {
            (void) snprintf(error, errlen, "selector \"%.*s\": %s at "
                            "character %zu; a selector is a tag, .class, #id,"
                            " [attr], [attr=value], [attr~=value], or several"
                            " of them without a space",
                            (int) rd.text.len, (const char *) rd.text.data,
                            rd.wrong, rd.pos + 1);
        }

        if (rc != ED_OK) {
            return rc;
        }
    }

    *select = sel;

    return ED_OK;
}


int
ed_select_match(const ed_select_t *select, const ed_token_t *token)
{
    unsigned  i;

    for (i = 0; i < select->n; i++) {
        if (ed_select_compound_match(&select->list[i], token)) {
            return (int) i;
        }
    }

    return -1;
}


static ed_rc_t
ed_select_read(ed_select_reader_t *rd, ed_compound_t *compound)
{
    ed_rc_t             rc;
    ed_select_attr_t   *attr, **tail;

    if (rd->text.len == 0) {
        return ed_select_wrong(rd, "it is empty");
    }

    tail = &compound->attrs;

    compound->tag = ed_select_name(rd, 0);

    rc = ed_select_lower(rd->arena, &compound->tag);
    if (rc != ED_OK) {
        return rc;
    }

    while (rd->pos < rd->text.len) {
        attr = ed_arena_zalloc(rd->arena, sizeof(ed_select_attr_t));
        if (attr == NULL) {
            return ED_NOMEM;
        }

        rc = ed_select_read_attr(rd, attr);
        if (rc != ED_OK) {
            return rc;
        }

        *tail = attr;
        tail = &attr->next;
    }

    return ED_OK;
}


static ed_rc_t
ed_select_read_attr(ed_select_reader_t *rd, ed_select_attr_t *attr)
{
    ed_rc_t  rc;
    uint8_t  c;

    c = rd->text.data[rd->pos];

    if (c != '.' && c != '#' && c != '[') {
        return ed_select_wrong(rd, "a character that starts nothing");
    }

    rd->pos++;

    if (c != '[') {
        attr->name = c == '.' ? ED_STR("class") : ED_STR("id");
        attr->how = c == '.' ? ED_SELECT_WORD : ED_SELECT_EQUALS;
        attr->value = ed_select_name(rd, 0);

        return attr->value.len != 0 ? ED_OK
                                    : ed_select_wrong(rd, "a name is missing");
    }

    attr->name = ed_select_name(rd, 1);

    if (attr->name.len == 0) {
        return ed_select_wrong(rd, "an attribute's name is missing");
    }

    rc = ed_select_lower(rd->arena, &attr->name);
    if (rc != ED_OK) {
        return rc;
    }

    return ed_select_read_value(rd, attr);
}


/* What stands behind the attribute's name: "]", "=v]" or "~=v]". */

static ed_rc_t
ed_select_read_value(ed_select_reader_t *rd, ed_select_attr_t *attr)
{
    uint8_t         quote;
    ed_str_t        rest;
    const uint8_t  *p, *end;

    rest = ed_str(rd->text.data + rd->pos, rd->text.len - rd->pos);

    if (rest.len != 0 && rest.data[0] == ']') {
        attr->how = ED_SELECT_PRESENT;
        rd->pos++;
        return ED_OK;
    }

    attr->how = ED_SELECT_EQUALS;

    if (rest.len != 0 && rest.data[0] == '~') {
        attr->how = ED_SELECT_WORD;
        rd->pos++;
    }

    if (rd->pos >= rd->text.len || rd->text.data[rd->pos] != '=') {
        return ed_select_wrong(rd, "\"=\", \"~=\" or \"]\" is missing");
    }

    rd->pos++;

    p = rd->text.data + rd->pos;
    end = rd->text.data + rd->text.len;
    quote = ']';

    if (p < end && (*p == '"' || *p == '\'')) {
        quote = *p++;
    }

    attr->value.data = p;
    p = memchr(p, quote, (size_t) (end - p));

    if (p == NULL) {
        return ed_select_wrong(rd, "the value does not end");
    }

    attr->value.len = (size_t) (p - attr->value.data);

    if (quote != ']') {
        p++;
    }

    rd->pos = (size_t) (p - rd->text.data);

    if (p == end || *p != ']') {
        return ed_select_wrong(rd, "\"]\" is missing");
    }

    rd->pos++;

    if (attr->value.len == 0) {
        return ed_select_wrong(rd, "the value is empty");
    }

    return ED_OK;
}


/* Colons are part of attributes' names only ("xlink:href"). */

static ed_str_t
ed_select_name(ed_select_reader_t *rd, int colons)
{
    uint8_t  c;
    size_t   start;

    start = rd->pos;

    while (rd->pos < rd->text.len) {
        c = rd->text.data[rd->pos];

        if (!((uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10
              || c == '-' || c == '_' || (c == ':' && colons)
              || c >= 0x80))
        {
            break;
        }

        rd->pos++;
    }

    return ed_str(rd->text.data + start, rd->pos - start);
}


static ed_rc_t
ed_select_lower(ed_arena_t *arena, ed_str_t *s)
{
    size_t    i;
    uint8_t  *p;

    if (s->len == 0) {
        return ED_OK;
    }

    p = ed_arena_alloc(arena, s->len);
    if (p == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < s->len; i++) {
        p[i] = ed_lower(s->data[i]);
    }

    s->data = p;

    return ED_OK;
}


static ed_rc_t
ed_select_wrong(ed_select_reader_t *rd, const char *wrong)
{
    rd->wrong = wrong;

    return ED_INVALID;
}


static int
ed_select_compound_match(const ed_compound_t *compound,
    const ed_token_t *token)
{
    const ed_select_attr_t  *attr;

    if (compound->tag.len != 0
        && !ed_str_caseeq(compound->tag, token->name))
    {
        return 0;
    }

    for (attr = compound->attrs; attr != NULL; attr = attr->next) {
        if (!ed_select_attr_match(attr, token)) {
            return 0;
        }
    }

    return 1;
}


static int
ed_select_attr_match(const ed_select_attr_t *attr, const ed_token_t *token)
{
    const ed_str_t  *value;

    if (token->nattrs == 0) {
        return 0;
    }

    value = ed_token_attr(token, attr->name);

    if (value == NULL) {
        return 0;
    }

    switch (attr->how) {

    case ED_SELECT_EQUALS:
        return ed_str_eq(*value, attr->value);

    case ED_SELECT_WORD:
        return ed_select_has_word(*value, attr->value);

    default: /* ED_SELECT_PRESENT */
        return 1;
    }
}


static int
ed_select_has_word(ed_str_t list, ed_str_t word)
{
    size_t  i, start;

    for (i = 0; i < list.len; /* void */ ) {
        while (i < list.len && ed_is_space(list.data[i])) {
            i++;
        }

        start = i;

        while (i < list.len && !ed_is_space(list.data[i])) {
            i++;
        }

        if (ed_str_eq(ed_str(list.data + start, i - start), word)) {
            return 1;
        }
    }

    return 0;
}
