
/*
 * The default markup, and escaping.
 *
 * The markup of each feature is written here as the contract shows it, with
 * the words of templates in it; ed_markup_format() fills them in.  Two forms
 * of a word are its own: {{href}}, the URL as an attribute's value, and
 * {{dir}}, the attribute of pieces written from right to left.
 */

#include "ed_charset.h"
#include "ed_markup.h"
#include "ed_template.h"


#define ED_DATA  "data-editorial=\"{{feature}}/{{variant}}\""


static ed_rc_t ed_markup_format(ed_buf_t *out, const char *format,
    const ed_piece_t *piece);
static ed_rc_t ed_markup_fill(ed_buf_t *out, ed_str_t word,
    ed_place_e place, const ed_piece_t *piece);
static ed_rc_t ed_markup_put(ed_buf_t *out, ed_str_t s, int quoted);
static size_t ed_markup_plain(ed_str_t s);
static ed_rc_t ed_markup_character(ed_buf_t *out, const uint8_t *p, size_t n,
    uint32_t code, int quoted);
static int ed_markup_allowed(uint32_t code);
static const char *ed_markup_reference(uint32_t code, int quoted);


static const char *const  ed_markup_default[ED_FEATURES] = {

    "<aside class=\"editorial-read-more\" " ED_DATA
    " aria-label=\"{{label}}\"{{dir}}>"
    "<span class=\"editorial-label\">{{label}}</span> "
    "<a href=\"{{href}}\">{{title}}</a></aside>",

    "<aside class=\"editorial-pull-quote\" " ED_DATA
    " aria-label=\"{{label}}\"{{dir}}>"
    "<blockquote><p>{{quote}}</p></blockquote></aside>",

    "<p class=\"editorial-disclaimer\" " ED_DATA
    " role=\"note\"{{dir}}>{{text}}</p>"
};


static const char *const  ed_markup_open[ED_FEATURES] = {

    "<aside class=\"editorial-read-more\" " ED_DATA
    " aria-label=\"{{label}}\"{{dir}}>",

    "<aside class=\"editorial-pull-quote\" " ED_DATA
    " aria-label=\"{{label}}\"{{dir}}><blockquote>",

    "<div class=\"editorial-disclaimer\" " ED_DATA " role=\"note\"{{dir}}>"
};


static const char *const  ed_markup_close[ED_FEATURES] = {
    "</aside>",
    "</blockquote></aside>",
    "</div>"
};


static const ed_str_t  ed_word_names[ED_WORDS] = {
    ED_STR("label"),
    ED_STR("url"),
    ED_STR("title"),
    ED_STR("quote"),
    ED_STR("text"),
    ED_STR("feature"),
    ED_STR("variant")
};


ed_rc_t
ed_markup_piece(ed_buf_t *out, const ed_template_t *tpl,
    const ed_piece_t *piece)
{
    if (tpl != NULL) {
        return ed_template_put(out, tpl, piece);
    }

    return ed_markup_format(out, ed_markup_default[piece->feature], piece);
}


ed_rc_t
ed_markup_wrap_open(ed_buf_t *out, const ed_piece_t *piece)
{
    return ed_markup_format(out, ed_markup_open[piece->feature], piece);
}


ed_rc_t
ed_markup_wrap_close(ed_buf_t *out, const ed_piece_t *piece)
{
    return ed_markup_format(out, ed_markup_close[piece->feature], piece);
}


ed_rc_t
ed_markup_mark_open(ed_buf_t *out, const ed_piece_t *piece)
{
    return ed_markup_format(out,
                            "<mark class=\"editorial-highlight\" " ED_DATA ">",
                            piece);
}


ed_rc_t
ed_markup_mark_close(ed_buf_t *out)
{
    return ed_buf_literal(out, "</mark>");
}


ed_rc_t
ed_markup_marker(ed_buf_t *out, ed_feature_e feature)
{
    ed_piece_t  piece;

    memset(&piece, 0, sizeof(ed_piece_t));
    piece.feature = feature;

    return ed_markup_format(out, "<span data-editorial-test=\"{{feature}}\">"
                            "</span>", &piece);
}


ed_rc_t
ed_markup_stylesheet(ed_buf_t *out, ed_str_t url)
{
    ed_piece_t  piece;

    memset(&piece, 0, sizeof(ed_piece_t));
    piece.url = url;

    return ed_markup_format(out, "<link rel=\"stylesheet\" href=\"{{href}}\">",
                            &piece);
}


ed_rc_t
ed_markup_script(ed_buf_t *out, ed_str_t url, ed_str_t desk, ed_str_t beacon)
{
    size_t      len;
    ed_rc_t     rc;
    ed_piece_t  piece;

    len = out->len;

    memset(&piece, 0, sizeof(ed_piece_t));
    piece.url = url;
    piece.text = desk;

    rc = ed_markup_format(out, "<script src=\"{{href}}\" defer"
                          " data-desk=\"{{text}}\"", &piece);

    if (rc == ED_OK && beacon.len != 0) {
        piece.url = beacon;
        rc = ed_markup_format(out, " data-beacon=\"{{href}}\"", &piece);
    }

    if (rc == ED_OK) {
        rc = ed_buf_literal(out, "></script>");
    }

    if (rc != ED_OK) {
        out->len = len;
    }

    return rc;
}


ed_rc_t
ed_markup_text(ed_buf_t *out, ed_str_t s)
{
    return ed_markup_put(out, s, 0);
}


ed_rc_t
ed_markup_escape(ed_buf_t *out, ed_str_t s)
{
    return ed_markup_put(out, s, 1);
}


static ed_rc_t
ed_markup_put(ed_buf_t *out, ed_str_t s, int quoted)
{
    size_t    i, n, len;
    ed_rc_t   rc;
    uint32_t  code;

    len = out->len;

    for (i = 0; i < s.len; i += n) {
        n = ed_markup_plain(ed_str(s.data + i, s.len - i));

        if (n != 0) {
            rc = ed_buf_append(out, s.data + i, n);

        } else {
            n = ed_utf8_get(s.data + i, s.len - i, &code);
            rc = ed_markup_character(out, s.data + i, n, code, quoted);
        }

        if (rc != ED_OK) {
            out->len = len;
            return rc;
        }
    }

    return ED_OK;
}


/* How many bytes from the beginning on stand for themselves anywhere. */

static size_t
ed_markup_plain(ed_str_t s)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < s.len; i++) {
        c = s.data[i];

        if ((uint8_t) (c - ' ') >= 0x5f || c == '&' || c == '<' || c == '>'
            || c == '"' || c == '\'')
        {
            break;
        }
    }

    return i;
}


ed_word_e
ed_word_find(ed_str_t name)
{
    unsigned  i;

    for (i = 0; i < ED_WORDS; i++) {
        if (ed_str_eq(ed_word_names[i], name)) {
            break;
        }
    }

    return (ed_word_e) i;
}


ed_str_t
ed_word_name(ed_word_e word)
{
    return ed_word_names[word];
}


ed_rc_t
ed_word_put(ed_buf_t *out, const ed_piece_t *piece, ed_word_e word,
    ed_place_e place)
{
    ed_str_t  value;

    switch (word) {

    case ED_WORD_LABEL:
        value = piece->label;
        break;

    case ED_WORD_URL:
        value = ed_url_strip(piece->url);
        break;

    case ED_WORD_TITLE:
        value = piece->title;
        break;

    case ED_WORD_QUOTE:
        value = piece->quote;
        break;

    case ED_WORD_TEXT:
        value = piece->text;
        break;

    case ED_WORD_FEATURE:
        value = ed_feature_name(piece->feature);
        break;

    default:
        value = piece->variant;
        break;
    }

    switch (place) {

    case ED_PLACE_URL:
        return ed_url_put(out, value);

    case ED_PLACE_COMPONENT:
        return ed_url_component(out, value);

    case ED_PLACE_VALUE:
        return ed_markup_escape(out, value);

    default:
        return ed_markup_text(out, value);
    }
}


/* Appends the format with its words filled in; on failure, nothing. */

static ed_rc_t
ed_markup_format(ed_buf_t *out, const char *format, const ed_piece_t *piece)
{
    size_t       len;
    ed_rc_t      rc;
    ed_place_e   place;
    const char  *open, *close, *p;

    len = out->len;
    rc = ED_OK;
    place = ED_PLACE_TEXT;

    while (rc == ED_OK) {
        open = strstr(format, "{{");

        if (open == NULL) {
            rc = ed_buf_append(out, format, strlen(format));
            break;
        }

        rc = ed_buf_append(out, format, (size_t) (open - format));

        for (p = format; p < open; p++) {
            if (*p == '"') {
                place = place == ED_PLACE_TEXT ? ED_PLACE_VALUE
                                               : ED_PLACE_TEXT;
            }
        }

        open += 2;
        close = strstr(open, "}}");
        format = close + 2;

        if (rc == ED_OK) {
            rc = ed_markup_fill(out, ed_str(open, (size_t) (close - open)),
                                place, piece);
        }
    }

    if (rc != ED_OK) {
        out->len = len;
    }

    return rc;
}


static ed_rc_t
ed_markup_fill(ed_buf_t *out, ed_str_t word, ed_place_e place,
    const ed_piece_t *piece)
{
    if (ed_str_eq(word, ED_STR("dir"))) {
        return piece->rtl ? ed_buf_literal(out, " dir=\"rtl\"") : ED_OK;
    }

    if (ed_str_eq(word, ED_STR("href"))) {
        return ed_word_put(out, piece, ED_WORD_URL, ED_PLACE_URL);
    }

    return ed_word_put(out, piece, ed_word_find(word), place);
}


static ed_rc_t
ed_markup_character(ed_buf_t *out, const uint8_t *p, size_t n, uint32_t code,
    int quoted)
{
    const char  *reference;

    reference = ed_markup_reference(code, quoted);

    if (reference != NULL) {
        return ed_buf_append(out, reference, strlen(reference));
    }

    if (code == 0xfffd) {
        return ed_utf8_put(out, code);
    }

    return ed_markup_allowed(code) ? ed_buf_append(out, p, n) : ED_OK;
}


/* No control but white space, no noncharacter. */

static int
ed_markup_allowed(uint32_t code)
{
    if (code < 0x20) {
        return code == '\t' || code == '\n' || code == '\r';
    }

    return (code < 0x7f || code > 0x9f)
           && (code < 0xfdd0 || code > 0xfdef)
           && (code & 0xfffe) != 0xfffe;
}


static const char *
ed_markup_reference(uint32_t code, int quoted)
{
    switch (code) {

    case '&':
        return "&amp;";

    case '<':
        return "&lt;";

    case '>':
        return "&gt;";

    case '"':
        return quoted ? "&quot;" : NULL;

    case '\'':
        return quoted ? "&#39;" : NULL;

    default:
        return NULL;
    }
}
