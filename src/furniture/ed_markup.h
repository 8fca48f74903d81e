
/*
 * Furniture as HTML: the default markup, template files, escaping.
 *
 * All markup is made in UTF-8; the caller brings it into the page's charset
 * with ed_charset_encode().
 */

#ifndef ED_MARKUP_H
#define ED_MARKUP_H


#include "ed_arena.h"
#include "ed_buf.h"
#include "ed_feature.h"
#include "ed_url.h"


typedef struct ed_template_s  ed_template_t;


/* What the {{words}} of a template stand for; unset ones are empty. */
typedef struct {
    ed_feature_e      feature;
    ed_str_t          variant;
    ed_str_t          label;       /* UTF-8, plain text, not escaped */
    ed_str_t          url;         /* UTF-8, as the author wrote it */
    ed_str_t          title;
    ed_str_t          quote;
    ed_str_t          text;
    unsigned          rtl:1;       /* the label's language is written from
                                      right to left */
} ed_piece_t;


/*
 * Compiles a template: HTML with {{label}} {{url}} {{title}} {{quote}}
 * {{text}} {{feature}} {{variant}}, each allowed in text and in quoted
 * attribute values, and one root element; white space and comments around it
 * are left out.  ED_INVALID with a sentence in error (of errlen bytes,
 * NUL-terminated; it names the line and the word) where a word is unknown or
 * stands where it cannot be escaped (tag and attribute names, right behind a
 * "<" that is text, unquoted values, script, style, comments, on… and style
 * attributes; at the beginning of a URL attribute only {{url}} may), where
 * braces do not close, where an element is not closed by its own end tag, or
 * where there is not exactly one root element.  ED_NOMEM.  *tpl lives in
 * arena.
 */
ed_rc_t ed_template_compile(ed_arena_t *arena, ed_str_t html,
    ed_template_t **tpl, char *error, size_t errlen);

/*
 * Appends the piece, by template or, with tpl NULL, in the default markup of
 * its feature (contract: .editorial-read-more, .editorial-pull-quote,
 * .editorial-disclaimer).  The root element has data-editorial, dir="rtl"
 * where the piece is (default markup only).  The URL must have passed
 * ed_url_check(); in a URL attribute it is written by ed_url_put().
 * ED_INVALID where it would not pass and is not empty; ED_NOMEM,
 * ED_LIMIT_SIZE.  On failure, here and below, out is as it was.
 */
ed_rc_t ed_markup_piece(ed_buf_t *out, const ed_template_t *tpl,
    const ed_piece_t *piece);

/*
 * The tags around what the CMS wrote: <aside …> </aside> for a read-more,
 * <aside …><blockquote> </blockquote></aside> for a pull quote, <div …>
 * </div> for a disclaimer; and around a highlighted sentence: <mark …>
 * </mark>.
 */
ed_rc_t ed_markup_wrap_open(ed_buf_t *out, const ed_piece_t *piece);
ed_rc_t ed_markup_wrap_close(ed_buf_t *out, const ed_piece_t *piece);
ed_rc_t ed_markup_mark_open(ed_buf_t *out, const ed_piece_t *piece);
ed_rc_t ed_markup_mark_close(ed_buf_t *out);

/* <span data-editorial-test="FEATURE"></span> */
ed_rc_t ed_markup_marker(ed_buf_t *out, ed_feature_e feature);

/*
 * <link rel="stylesheet" href="…"> and <script src="…" defer data-desk="…"
 * data-beacon="…"></script>; an empty beacon leaves its attribute out.
 */
ed_rc_t ed_markup_stylesheet(ed_buf_t *out, ed_str_t url);
ed_rc_t ed_markup_script(ed_buf_t *out, ed_str_t url, ed_str_t desk,
    ed_str_t beacon);

/*
 * Appends s with & < > as references, which is enough in text, or with " and
 * ' too, as quoted values need it.  Control characters are left out, what is
 * no UTF-8 becomes U+FFFD.
 */
ed_rc_t ed_markup_text(ed_buf_t *out, ed_str_t s);
ed_rc_t ed_markup_escape(ed_buf_t *out, ed_str_t s);


#endif /* ED_MARKUP_H */
