
/*
 * Words in the tags of a template: which attributes may hold them, and what
 * else their values must look like.
 *
 *     href="{{url}}"                 the URL itself
 *     href="{{url}}?from={{variant}}"    the rest is percent-encoded
 *     href="/go?{{variant}}"         a literal that fixes where it leads
 *     href="/share?u={{url}}"        likewise: the URL percent-encoded
 *     href="{{title}}"               refused: "javascript:…" is a title too
 *     href="{{url}}:80"              refused: would make "javascript" a scheme
 *     onclick, style, srcdoc, srcset refused: read by parsers of their own
 *     anything else="{{title}}"      escaped
 */

#include <stdio.h>

#include "ed_template.h"
#include "ed_text.h"


static int ed_template_begins_tag(const ed_compile_t *c);
static ed_rc_t ed_template_unknown(ed_compile_t *c);
static ed_rc_t ed_template_attr(ed_compile_t *c, ed_str_t element, int root);
static ed_rc_t ed_template_name(ed_compile_t *c, ed_str_t *name);
static ed_rc_t ed_template_bare(ed_compile_t *c, ed_str_t name);
static ed_rc_t ed_template_value(ed_compile_t *c, ed_str_t element,
    ed_str_t name);
static ed_rc_t ed_template_refuse(ed_compile_t *c, ed_str_t element,
    ed_str_t name);
static ed_rc_t ed_template_place(ed_compile_t *c, ed_str_t name,
    size_t begin, ed_place_e *place);
static ed_rc_t ed_template_behind(ed_compile_t *c, ed_str_t name, size_t end);
static int ed_template_fixed(ed_compile_t *c, ed_str_t prefix, ed_rc_t *rc);
static ed_word_e ed_template_named(const ed_compile_t *c, size_t at,
    size_t *end);
static ed_str_t ed_template_quote(const ed_compile_t *c);
static void ed_template_space(ed_compile_t *c);


static const char  ed_template_urls[] =
    "action cite data formaction href poster src xlink:href";

static const char  ed_template_refused[] =
    "archive background by classid codebase content from http-equiv "
    "imagesrcset manifest ping profile srcdoc srcset style to values";

static const char  ed_template_powerful[] = "base link meta script style";


ed_rc_t
ed_template_attrs(ed_compile_t *c, ed_str_t element, int root)
{
    size_t   begin;
    ed_rc_t  rc;

    begin = c->at;
    c->slash = 0;

    for ( ;; ) {
        ed_template_space(c);

        if (c->at == c->html.len) {
            return ed_template_fail(c, begin, "the tag of <%.*s> has no '>'",
                                    ED_QUOTED(element));
        }

        if (c->html.data[c->at] == '>') {
            c->at++;
            return ED_OK;
        }

        c->slash = (c->html.data[c->at] == '/');

        if (c->slash) {
            c->at++;
            continue;
        }

        rc = ed_template_attr(c, element, root);
        if (rc != ED_OK) {
            return rc;
        }
    }
}


ed_rc_t
ed_template_word(ed_compile_t *c, ed_place_e place)
{
    size_t     end;
    ed_word_e  word;

    word = ed_template_named(c, c->at, &end);

    if (end == 0) {
        return ed_template_fail(c, c->at, "\"{{\" is not closed by \"}}\"");
    }

    if (word == ED_WORDS) {
        return ed_template_unknown(c);
    }

    if (place == ED_PLACE_TEXT && ed_template_begins_tag(c)) {
        return ed_template_fail(c, c->at, "a word cannot stand right behind"
                                " \"<\"");
    }

    return ed_template_part(c, end, word, place);
}


/*
 * Would letters at c->at be a tag's?  They would behind a '<' that is text
 * only as long as something else follows it; in <textarea> and <title> behind
 * "</" and a part of the name too.
 */

static int
ed_template_begins_tag(const ed_compile_t *c)
{
    size_t          at;
    const uint8_t  *p;

    p = c->html.data;

    for (at = c->at; at > c->taken; at--) {

        if (p[at - 1] == '<') {
            return 1;
        }

        if (p[at - 1] != '/' && (uint8_t) (ed_lower(p[at - 1]) - 'a') >= 26) {
            return 0;
        }
    }

    return 0;
}


static ed_rc_t
ed_template_unknown(ed_compile_t *c)
{
    char      known[128];
    size_t    n;
    ed_str_t  name, word;
    unsigned  i;

    n = 0;
    word = ed_template_quote(c);

    for (i = 0; i < ED_WORDS; i++) {
        name = ed_word_name((ed_word_e) i);
        n += (size_t) snprintf(known + n, sizeof(known) - n, "%s%.*s",
                               i != 0 ? ", " : "", ED_QUOTED(name));
    }

    return ed_template_fail(c, c->at, "unknown word \"%.*s\", known are %s",
                            ED_QUOTED(word), known);
}


/* One attribute: its name and, if it has one, its value. */

static ed_rc_t
ed_template_attr(ed_compile_t *c, ed_str_t element, int root)
{
    ed_rc_t   rc;
    uint8_t   quote;
    ed_str_t  name;

    rc = ed_template_name(c, &name);
    if (rc != ED_OK) {
        return rc;
    }

    if (root && ed_str_caseeq(name, ED_STR("data-editorial"))) {
        c->marked = 1;
    }

    ed_template_space(c);

    if (c->at == c->html.len || c->html.data[c->at] != '=') {
        return ED_OK;
    }

    c->at++;
    ed_template_space(c);

    if (c->at == c->html.len) {
        return ED_OK;
    }

    quote = c->html.data[c->at];

    return (quote == '"' || quote == '\'')
           ? ed_template_value(c, element, name)
           : ed_template_bare(c, name);
}


static ed_rc_t
ed_template_name(ed_compile_t *c, ed_str_t *name)
{
    size_t    begin;
    uint8_t   byte;
    ed_str_t  word;

    begin = c->at;
    *name = ED_STR_EMPTY;

    while (c->at < c->html.len) {
        byte = c->html.data[c->at];

        if (ed_is_space(byte) || byte == '/' || byte == '>'
            || (byte == '=' && c->at != begin))
        {
            break;
        }

        if (ed_template_opens(c, c->at)) {
            word = ed_template_quote(c);

            return ed_template_fail(c, c->at,
                                    "\"%.*s\" cannot stand in a tag but in an"
                                    " attribute's quoted value",
                                    ED_QUOTED(word));
        }

        c->at++;
    }

    *name = ed_str(c->html.data + begin, c->at - begin);

    return ED_OK;
}


/* A value without quotes. */

static ed_rc_t
ed_template_bare(ed_compile_t *c, ed_str_t name)
{
    ed_str_t  word;

    while (c->at < c->html.len && !ed_is_space(c->html.data[c->at])
           && c->html.data[c->at] != '>')
    {
        if (ed_template_opens(c, c->at)) {
            word = ed_template_quote(c);

            return ed_template_fail(c, c->at,
                                    "\"%.*s\" needs quotes around the value"
                                    " of %.*s",
                                    ED_QUOTED(word),
                                    ED_QUOTED(name));
        }

        c->at++;
    }

    return ED_OK;
}


static ed_rc_t
ed_template_value(ed_compile_t *c, ed_str_t element, ed_str_t name)
{
    size_t          begin, end;
    ed_rc_t         rc;
    ed_place_e      place;
    const uint8_t  *quote;

    place = ED_PLACE_VALUE;
    begin = c->at + 1;

    quote = memchr(c->html.data + begin, c->html.data[c->at],
                   c->html.len - begin);

    if (quote == NULL) {
        return ed_template_fail(c, c->at, "the value of %.*s has no closing"
                                " quote", ED_QUOTED(name));
    }

    end = (size_t) (quote - c->html.data);

    for (c->at = begin; c->at < end; /* void */ ) {

        if (!ed_template_opens(c, c->at)) {
            c->at++;
            continue;
        }

        rc = ed_template_refuse(c, element, name);

        if (rc == ED_OK) {
            rc = ed_template_place(c, name, begin, &place);
        }

        if (rc == ED_OK) {
            rc = ed_template_word(c, place);
        }

        if (rc == ED_OK && place == ED_PLACE_URL) {
            rc = ed_template_behind(c, name, end);
        }

        if (rc != ED_OK) {
            return rc;
        }
    }

    c->at = end + 1;

    return ED_OK;
}


/* May this attribute of this element hold words at all? */

static ed_rc_t
ed_template_refuse(ed_compile_t *c, ed_str_t element, ed_str_t name)
{
    ed_str_t  word;

    word = ed_template_quote(c);

    if (ed_template_listed(ed_template_powerful, element)) {
        return ed_template_fail(c, c->at, "\"%.*s\" cannot stand in the tag"
                                " of <%.*s>", ED_QUOTED(word),
                                ED_QUOTED(element));
    }

    if (ed_template_listed(ed_template_refused, name)
        || (name.len > 2 && ed_lower(name.data[0]) == 'o'
            && ed_lower(name.data[1]) == 'n'))
    {
        return ed_template_fail(c, c->at, "\"%.*s\" cannot stand in the"
                                " attribute %.*s", ED_QUOTED(word),
                                ED_QUOTED(name));
    }

    return ED_OK;
}


/* What the word at c->at must be escaped for, in a value from begin on. */

static ed_rc_t
ed_template_place(ed_compile_t *c, ed_str_t name, size_t begin,
    ed_place_e *place)
{
    int       url;
    size_t    i;
    ed_rc_t   rc;
    ed_str_t  prefix, word;

    *place = ED_PLACE_VALUE;

    if (!ed_template_listed(ed_template_urls, name)) {
        return ED_OK;
    }

    word = ed_template_quote(c);
    url = (ed_template_named(c, c->at, &i) == ED_WORD_URL);

    /* the value's literal beginning */

    prefix = ed_str(c->html.data + begin, 0);

    while (begin + prefix.len < c->at
           && !ed_template_opens(c, begin + prefix.len))
    {
        prefix.len++;
    }

    for (i = 0; i < prefix.len && prefix.data[i] <= ' '; i++) {
        /* void */
    }

    if (i == prefix.len && begin + prefix.len == c->at) {
        *place = ED_PLACE_URL;

        return url ? ED_OK
               : ed_template_fail(c, c->at, "\"%.*s\" cannot begin the URL in"
                                  " %.*s, only {{url}} can", ED_QUOTED(word),
                                  ED_QUOTED(name));
    }

    *place = ED_PLACE_COMPONENT;

    if (i == prefix.len) {
        return ED_OK;              /* {{url}} begins it */
    }

    rc = ED_OK;

    if (ed_template_fixed(c, prefix, &rc) || rc != ED_OK) {
        return rc;
    }

    return ed_template_fail(c, c->at, "before \"%.*s\" the value of %.*s must"
                            " say where it leads: by http:, https:, / ? or #",
                            ED_QUOTED(word), ED_QUOTED(name));
}


/*
 * What stands behind {{url}}, at c->at: a colon there could make a scheme of
 * a relative URL.
 */

static ed_rc_t
ed_template_behind(ed_compile_t *c, ed_str_t name, size_t end)
{
    size_t    i;
    ed_rc_t   rc;
    ed_str_t  value;

    rc = ed_text_attr(c->arena, NULL, ed_str(c->html.data + c->at,
                                             end - c->at), &value);
    if (rc != ED_OK) {
        return rc;
    }

    for (i = 0; i < value.len; i++) {
        switch (value.data[i]) {

        case '/': case '?': case '#': case '{':
            return ED_OK;

        case ':':
            return ed_template_fail(c, c->at, "a colon cannot follow {{url}}"
                                    " in %.*s", ED_QUOTED(name));

        default:
            break;
        }
    }

    return ED_OK;
}


/* Does a URL that begins so lead to a known scheme whatever follows? */

static int
ed_template_fixed(ed_compile_t *c, ed_str_t prefix, ed_rc_t *rc)
{
    size_t    i;
    ed_str_t  value;

    *rc = ed_text_attr(c->arena, NULL, prefix, &value);

    if (*rc != ED_OK || !ed_url_check(value)) {
        return 0;
    }

    for (i = 0; i < value.len; i++) {
        if (value.data[i] == '/' || value.data[i] == '?'
            || value.data[i] == '#')
        {
            return 1;
        }
    }

    return 0;
}


/*
 * The word at a place where "{{" begins, and where it ends; ED_WORDS where
 * it is unknown.  *end is 0 where the braces do not close.
 */

static ed_word_e
ed_template_named(const ed_compile_t *c, size_t at, size_t *end)
{
    size_t    i;
    ed_str_t  name;

    *end = 0;

    for (i = at + 2; i < c->html.len; i++) {
        if (strchr("{}\n", c->html.data[i]) != NULL) {
            break;
        }
    }

    if (i + 1 >= c->html.len || memcmp(c->html.data + i, "}}", 2) != 0) {
        return ED_WORDS;
    }

    *end = i + 2;
    name = ed_str(c->html.data + at + 2, i - at - 2);

    while (name.len != 0 && ed_is_space(name.data[0])) {
        name.data++;
        name.len--;
    }

    while (name.len != 0 && ed_is_space(name.data[name.len - 1])) {
        name.len--;
    }

    return ed_word_find(name);
}


/* The word at c->at as it is written, for messages. */

static ed_str_t
ed_template_quote(const ed_compile_t *c)
{
    size_t  end;

    ed_template_named(c, c->at, &end);

    return end != 0 ? ed_str(c->html.data + c->at, end - c->at)
                    : ED_STR("{{");
}


static void
ed_template_space(ed_compile_t *c)
{
    while (c->at < c->html.len && ed_is_space(c->html.data[c->at])) {
        c->at++;
    }
}
