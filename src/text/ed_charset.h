
/*
 * Charsets by their names on the web (Encoding standard, 4.2), decoded
 * character by character so that each knows its bytes, and encoded so that
 * nothing is lost: what a charset lacks becomes a numeric reference.
 *
 * UTF-8 is decoded here; all else by libxml2's handlers (iconv).
 */

#ifndef ED_CHARSET_H
#define ED_CHARSET_H


#include "ed_buf.h"


typedef struct ed_charset_s  ed_charset_t;


/*
 * A charset by label ("utf-8", "Windows-1251", "latin1", "x-sjis" …, ASCII
 * case and surrounding white space ignored).  Labels mean what the Encoding
 * standard says: iso-8859-1 is windows-1252, gb2312 is gbk, shift_jis is
 * windows-31j.  An empty label gives the charset of pages that declare none:
 * bytes above 0x7f are taken as UTF-8 where they are well-formed, and only
 * ASCII is ever written.
 *
 * *cs is NULL where the label is unknown, where the system has no converter
 * for it, or where it names a charset whose markup is not plain ASCII bytes
 * (UTF-16, ISO-2022-JP, UTF-7, HZ, "replacement"): such a page cannot be
 * worked on.  ED_NOMEM is the only failure.  Free with ed_charset_close(),
 * which takes NULL too.
 */
ed_rc_t ed_charset_open(ed_str_t label, ed_charset_t **cs);
void ed_charset_close(ed_charset_t *cs);

/* Are bytes above 0x7f UTF-8 (also where the charset is undeclared)? */
int ed_charset_is_utf8(const ed_charset_t *cs);

/* The standard's name of it ("UTF-8", "windows-1251"), "" for undeclared. */
const char *ed_charset_name(const ed_charset_t *cs);

/*
 * What a byte order mark at the beginning of a page says (Encoding standard,
 * 6.1 "BOM sniff"): a label, or an empty string where there is none.
 */
ed_str_t ed_charset_bom(ed_str_t page);

/*
 * The charset parameter of a Content-Type or of <meta http-equiv> content,
 * as a slice of it (HTML 2.6.3 "extracting a character encoding from a meta
 * element").  Empty where there is none.
 */
ed_str_t ed_charset_parameter(ed_str_t content_type);

/*
 * Decodes the character at p, of len > 0 bytes left.  Returns how many bytes
 * it takes (at least 1) and its code point; U+FFFD, for one byte or for the
 * maximal ill-formed part, where the bytes are no character.
 */
size_t ed_charset_decode(ed_charset_t *cs, const uint8_t *p, size_t len,
    uint32_t *code);

/*
 * Appends markup written in UTF-8 to out, in the charset; characters it lacks
 * become &#N;.  The markup must have such characters only where a reference
 * is understood: in text and in attribute values.  ED_NOMEM, ED_LIMIT_SIZE.
 */
ed_rc_t ed_charset_encode(ed_charset_t *cs, ed_str_t utf8, ed_buf_t *out);

/*
 * The character at p, of len > 0 bytes left, in UTF-8 (Unicode 3.9, table
 * 3-7).  Returns its bytes; where they are ill-formed, *code is U+FFFD and the
 * result is the maximal part that could have begun a character, at least 1.
 */
size_t ed_utf8_get(const uint8_t *p, size_t len, uint32_t *code);

/*
 * Writes one code point in UTF-8 to p, which has room for 4 bytes, and
 * returns how many it took.  Surrogates and what is past U+10FFFF: U+FFFD.
 */
size_t ed_utf8_write(uint8_t *p, uint32_t code);

/* Appends one code point in UTF-8.  ED_NOMEM, ED_LIMIT_SIZE. */
ed_rc_t ed_utf8_put(ed_buf_t *out, uint32_t code);


#endif /* ED_CHARSET_H */
