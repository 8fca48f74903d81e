
/*
 * The inside of ed_tokenizer, shared by its files:
 *
 *     ed_tokenizer.c            create, feed, finish; data and tags
 *     ed_tokenizer_raw.c        raw text: textarea, style, script, plaintext
 *     ed_tokenizer_markup.c     what "<!", "<?" or "</" without a name begin
 *
 * The states of WHATWG 13.2.5 fall into three families, and what is to be
 * done where a chunk ends depends on the family alone:
 *
 *     text     nothing but characters so far: those since ->text are handed
 *              on, nothing is kept
 *     held     since ->mark stands something that begins with '<' (or the
 *              brackets that may end a CDATA section) and may turn out to be
 *              a tag or text: its bytes are appended to ->hold
 *     skipped  a comment or doctype: nothing is handed on, nothing kept
 *
 *     chunk  | t e x t e x t < p   i d = x > t e x t < ! - -   - - > t e |
 *             ^text         ^mark           ^text
 *
 * Each state is a function that takes what it can from ->pos on and leaves
 * ->pos and ->state for the next.  It is called with at least one byte there.
 */

#ifndef ED_TOKENIZER_INT_H
#define ED_TOKENIZER_INT_H


#include "ed_doctype.h"
#include "ed_tag_scan.h"


typedef enum {
    ED_STATE_DATA = 0,             /* 13.2.5.1 */
    ED_STATE_RAW,                  /* 13.2.5.2, 13.2.5.3 */
    ED_STATE_SCRIPT,               /* 13.2.5.4 */
    ED_STATE_SCRIPT_ESCAPE,        /* 13.2.5.18: "<!", "<!-" passed */
    ED_STATE_SCRIPT_ESCAPED,       /* 13.2.5.20 */
    ED_STATE_SCRIPT_NEST,          /* 13.2.5.26: matching "script" */
    ED_STATE_SCRIPT_NESTED,        /* 13.2.5.27 "double escaped" */
    ED_STATE_SCRIPT_NESTED_OPEN,   /* 13.2.5.30: '<' passed */
    ED_STATE_SCRIPT_UNNEST,        /* 13.2.5.31: matching "script" */
    ED_STATE_PLAINTEXT,            /* 13.2.5.5 */
    ED_STATE_CDATA,                /* 13.2.5.69 */
    ED_STATE_CDATA_END,            /* 13.2.5.70: brackets */
    ED_STATE_TAG_OPEN,             /* 13.2.5.6 */
    ED_STATE_END_TAG_OPEN,         /* 13.2.5.7 */
    ED_STATE_TAG,                  /* ed_tag_scan() */
    ED_STATE_RAW_OPEN,             /* 13.2.5.9 and its like */
    ED_STATE_RAW_END,              /* 13.2.5.11 and its like */
    ED_STATE_MARKUP,               /* 13.2.5.42: "<!" passed */
    ED_STATE_COMMENT_START,        /* 13.2.5.43, 13.2.5.44 */
    ED_STATE_COMMENT,              /* 13.2.5.45 to 13.2.5.51 */
    ED_STATE_COMMENT_BANG,         /* 13.2.5.52 */
    ED_STATE_BOGUS_COMMENT,        /* 13.2.5.41 */
    ED_STATE_DOCTYPE,              /* ed_doctype_scan() */
    ED_STATE_COUNT
} ed_state_t;


struct ed_tokenizer_s {
    const ed_tokenizer_handler_t  *handler;
    void                          *ctx;

    uint8_t                        state;
    uint8_t                        resume;     /* text state of a held '<' */
    uint8_t                        matched;    /* bytes of what is awaited */
    uint8_t                        dashes;     /* just before pos, at most 2 */
    const char                    *keyword;    /* after "<!": is awaited */
    ed_tag_t                       raw;        /* whose end tag ends it */

    const uint8_t                 *chunk;
    const uint8_t                 *end;        /* of the chunk */
    const uint8_t                 *pos;
    const uint8_t                 *text;
    const uint8_t                 *mark;
    uint64_t                       offset;     /* of the chunk */
    uint64_t                       start;      /* of the held bytes */
    ed_buf_t                       hold;       /* those in earlier chunks */

    ed_doctype_t                   doctype;
    ed_tag_scan_t                  scan;
    ed_attr_t                      attrs[ED_MAX_ATTRS];
};


/* The offset of a byte of the chunk. */

static inline uint64_t
ed_tokenizer_at(const ed_tokenizer_t *tz, const uint8_t *p)
{
    return tz->offset + (uint64_t) (p - tz->chunk);
}


static inline int
ed_is_letter(uint8_t c)
{
    return (ed_byte_class[c] & ED_BYTE_LETTER) != 0;
}


/* Markup ends before ->pos, and text begins. */

static inline void
ed_tokenizer_back_to_data(ed_tokenizer_t *tz)
{
    tz->state = ED_STATE_DATA;
    tz->text = tz->pos;
    tz->hold.len = 0;
}


/* The next '<' of a text state; NULL, and all is text, where there is none. */

static inline const uint8_t *
ed_tokenizer_lt(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, '<', tz->end - tz->pos);
    tz->pos = (p == NULL) ? tz->end : p + 1;

    return p;
}


/* ed_tokenizer.c */

/* Hands on the text from ->text to there. */
ed_rc_t ed_tokenizer_text(ed_tokenizer_t *tz, const uint8_t *to);

/* Text ends at mark, where something begins that may be markup. */
ed_rc_t ed_tokenizer_hold(ed_tokenizer_t *tz, const uint8_t *mark,
    ed_state_t state);

/* What is held was text after all, and more of it may follow. */
ed_rc_t ed_tokenizer_unhold(ed_tokenizer_t *tz);

ed_rc_t ed_state_tag(ed_tokenizer_t *tz);


/* ed_tokenizer_raw.c */

ed_rc_t ed_state_raw(ed_tokenizer_t *tz);
ed_rc_t ed_state_script(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_escape(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_escaped(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_nest(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_nested(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_nested_open(ed_tokenizer_t *tz);
ed_rc_t ed_state_script_unnest(ed_tokenizer_t *tz);
ed_rc_t ed_state_plaintext(ed_tokenizer_t *tz);
ed_rc_t ed_state_raw_open(ed_tokenizer_t *tz);
ed_rc_t ed_state_raw_end(ed_tokenizer_t *tz);


/* ed_tokenizer_markup.c */

/* A comment, or what the standard makes one, begins; it ends with a '>'. */
ed_rc_t ed_tokenizer_comment(ed_tokenizer_t *tz);

ed_rc_t ed_state_markup(ed_tokenizer_t *tz);
ed_rc_t ed_state_comment_start(ed_tokenizer_t *tz);
ed_rc_t ed_state_comment(ed_tokenizer_t *tz);
ed_rc_t ed_state_comment_bang(ed_tokenizer_t *tz);
ed_rc_t ed_state_bogus_comment(ed_tokenizer_t *tz);
ed_rc_t ed_state_doctype(ed_tokenizer_t *tz);
ed_rc_t ed_state_cdata(ed_tokenizer_t *tz);
ed_rc_t ed_state_cdata_end(ed_tokenizer_t *tz);


#endif /* ED_TOKENIZER_INT_H */
