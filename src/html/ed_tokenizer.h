
/*
 * A streaming HTML tokenizer (WHATWG HTML 13.2.5) that yields byte ranges.
 *
 * Bytes come in chunks cut anywhere, tokens come out by callback, the same
 * for every way of cutting.  Every offset counts bytes from the first byte
 * ever fed.  Nothing is decoded: no character references, no charset, no
 * newline normalisation; a byte above 0x7f is a letter like any other.
 * Only charsets whose markup characters are ASCII bytes may be fed.
 *
 * A tag that a chunk's edge cuts is collected in a bounded buffer; where it
 * is whole in its chunk (nearly always) nothing is copied.
 */

#ifndef ED_TOKENIZER_H
#define ED_TOKENIZER_H


#include "ed_buf.h"
#include "ed_tag.h"


#define ED_MAX_TOKEN  65536        /* bytes of one tag */
#define ED_MAX_ATTRS  128          /* recorded of one tag; the rest is passed */


typedef struct {
    ed_str_t          name;        /* as written; compare without case */
    ed_str_t          value;       /* as written, quotes stripped, references
                                      not decoded; len 0 where there is none */
} ed_attr_t;


typedef struct {
    uint64_t          start;       /* offset of '<' */
    uint64_t          end;         /* offset behind '>' */
    ed_tag_t          tag;         /* ED_TAG_UNKNOWN: see name */
    uint64_t          hash;        /* ed_tag_hash() of name */
    ed_str_t          name;        /* as written */
    uint8_t           closing;     /* an end tag */
    uint8_t           self_closing;    /* written with a solidus at its end */
    unsigned          nattrs;
    const ed_attr_t  *attrs;       /* in order; of equal names the first
                                      counts (13.2.5.33), the later ones are
                                      listed too */
} ed_token_t;


/*
 * What becomes of the tokens; all five must be there.  One that returns
 * anything but ED_OK ends the feeding with that code.
 */
typedef struct {
    ed_rc_t  (*tag)(void *ctx, const ed_token_t *token);

    /* Character data, in slices cut anywhere; CDATA sections' too. */
    ed_rc_t  (*text)(void *ctx, uint64_t offset, ed_str_t text);

    /* A comment, or what the standard makes one, has begun. */
    ed_rc_t  (*comment)(void *ctx);

    /* A doctype has ended, and asks for quirks mode or not. */
    ed_rc_t  (*doctype)(void *ctx, int quirks);

    /* Is the current node foreign, so that there are CDATA sections? */
    int      (*foreign)(void *ctx);
} ed_tokenizer_handler_t;


typedef struct ed_tokenizer_s  ed_tokenizer_t;


/*
 * A tokenizer at the beginning of a document.  handler must outlive it.
 * NULL: no memory.  Free with ed_tokenizer_destroy(), which takes NULL too.
 */
ed_tokenizer_t *ed_tokenizer_create(const ed_tokenizer_handler_t *handler,
    void *ctx);
void ed_tokenizer_destroy(ed_tokenizer_t *tokenizer);

/*
 * Feeds the next chunk.  ED_NOMEM, ED_LIMIT_TOKEN, or what the handler
 * returned; after a failure only ed_tokenizer_destroy() may follow.
 */
ed_rc_t ed_tokenizer_feed(ed_tokenizer_t *tokenizer, const uint8_t *data,
    size_t len);

/* The end of input: a tag that is not complete is dropped. */
ed_rc_t ed_tokenizer_finish(ed_tokenizer_t *tokenizer);

/*
 * From within the handler's tag(), for a start tag: what follows is text up
 * to the end tag of that raw text element (script, style, textarea…); for
 * ED_TAG_PLAINTEXT up to the end of input.
 */
void ed_tokenizer_raw(ed_tokenizer_t *tokenizer, ed_tag_t tag);

/*
 * Non-zero where what has been fed ends in text: not in a tag, a comment, a
 * CDATA section or a raw text element.
 */
int ed_tokenizer_in_text(const ed_tokenizer_t *tokenizer);

/* How many bytes have been fed. */
uint64_t ed_tokenizer_offset(const ed_tokenizer_t *tokenizer);

/*
 * The value of the first attribute of that (lower-case) name; NULL where the
 * tag has none.  The result lives as long as the token.
 */
const ed_str_t *ed_token_attr(const ed_token_t *token, ed_str_t name);

/*
 * Reads one whole start tag, from '<' to behind '>', as the tokenizer would:
 * for code that kept a tag's bytes and wants its attributes later.  attrs
 * has room for ED_MAX_ATTRS; token->attrs points to it.  ED_INVALID where the
 * bytes are not exactly one tag.
 */
ed_rc_t ed_token_parse(ed_str_t bytes, ed_token_t *token, ed_attr_t *attrs);


#endif /* ED_TOKENIZER_H */
