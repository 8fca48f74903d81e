
/*
 * The text of a piece of an article, and comparing it.
 *
 * Source bytes are taken as runs of character data (what stands between the
 * tags), decoded from the charset, with character references resolved and
 * white space collapsed.  Two forms:
 *
 *     shown    what a reader sees: "The truce - “fragile” - held."
 *     folded   what is compared: quotes and dashes of any kind become ' " -,
 *              an ellipsis three dots, soft hyphens, zero-width and bidi
 *              marks vanish
 *
 * Either knows, byte for byte, where in the source each character stands.
 */

#ifndef ED_TEXT_H
#define ED_TEXT_H


#include "ed_arena.h"
#include "ed_charset.h"


/* Character data of the source: [start, end), offsets into the article. */
typedef struct {
    uint32_t          start;
    uint32_t          end;
    unsigned          raw:1;       /* references are not decoded (CDATA) */
    unsigned          space:1;     /* a block or <br> stands before it: the
                                      words on both sides do not join */
    unsigned          owner:30;    /* ed_article's: the node it belongs to */
} ed_run_t;


typedef struct {
    const uint8_t    *data;        /* UTF-8, no space at either end */
    size_t            len;
    const uint32_t   *start;       /* per byte: the first source byte of the */
    const uint32_t   *end;         /*   character it belongs to, and the one
                                        behind; a collapsed space stands for
                                        all of its white space; NULL where no
                                        map was asked for */
} ed_text_t;


typedef enum {
    ED_TEXT_SHOWN  = 0,
    ED_TEXT_FOLDED = 1,            /* fold quotes, dashes… */
    ED_TEXT_MAPPED = 2             /* with start and end */
} ed_text_form_t;


/* A sentence: bytes [start, end) of an ed_text_t. */
typedef struct {
    uint32_t          start;
    uint32_t          end;
} ed_sentence_t;


/*
 * The text of nruns runs of source, in the given form (flags or-ed), living
 * in arena.  ED_NOMEM.
 */
ed_rc_t ed_text_make(ed_arena_t *arena, ed_charset_t *cs,
    const uint8_t *source, const ed_run_t *runs, size_t nruns, unsigned form,
    ed_text_t *text);

/* The same of a string already decoded (a record's quote, a label). */
ed_rc_t ed_text_from_utf8(ed_arena_t *arena, ed_str_t utf8, unsigned form,
    ed_text_t *text);

/*
 * An attribute's value: charset decoded, references resolved (13.2.5.72 ff.,
 * with the attribute's rule for references without a semicolon), white space
 * kept.  UTF-8, in arena.  ED_NOMEM.  Without a charset (NULL) the value is
 * UTF-8.
 */
ed_rc_t ed_text_attr(ed_arena_t *arena, ed_charset_t *cs, ed_str_t value,
    ed_str_t *utf8);

/*
 * Splits a text into sentences.  A sentence ends at . ! ? … and their like in
 * other scripts (؟ 。 ！ ？ ۔ ।), with the closing quotes and brackets behind
 * them, where white space and not a lower-case letter follows (in scripts
 * written without spaces: at once); not after initials, single letters and
 * usual abbreviations (Mr. Dr. St. U.S. e.g. No. Gen. …).  The whole text is
 * covered but for the spaces between; a text has at least one sentence unless
 * it is empty.  *sentences lives in arena.  ED_NOMEM.
 */
ed_rc_t ed_text_sentences(ed_arena_t *arena, const ed_text_t *text,
    ed_sentence_t **sentences, size_t *n);

/*
 * Where the folded needle stands in the folded text, at word boundaries on
 * both sides: the offset of the first such place, or text->len.  Between two
 * letters or digits there is no boundary, but in scripts written without
 * spaces it is everywhere.  Time grows with the sum of both lengths.
 */
size_t ed_text_find(const ed_text_t *text, ed_str_t needle);

/* The same, without regard to ASCII and simple non-ASCII letter case. */
size_t ed_text_casefind(const ed_text_t *text, ed_str_t needle);

/* Does the needle stand at the text's beginning so? */
int ed_text_casestarts(const ed_text_t *text, ed_str_t needle);

/*
 * Is a the same as b but for letter case?  Both UTF-8, compared whole, white
 * space and marks as they are.
 */
int ed_text_caseeq(ed_str_t a, ed_str_t b);

/* Characters, not bytes. */
size_t ed_text_chars(ed_str_t utf8);


/*
 * The source, character by character, for code that need not make a text of
 * it.  Reads the character at p, of len > 0 bytes left, or the reference,
 * unless raw; returns how many bytes it takes.  Without a charset: UTF-8.
 */
size_t ed_text_read(ed_charset_t *cs, const uint8_t *p, size_t len, int raw,
    uint32_t *code);

/*
 * Is it surely the same in either form, and no white space?  Letters of Latin
 * beyond ASCII, Greek, Cyrillic, Arabic, of the scripts of India, kana, Han,
 * Hangul.
 */
int ed_text_ordinary(uint32_t code);

/* May it end a sentence? */
int ed_is_mark(uint32_t code);


#endif /* ED_TEXT_H */
