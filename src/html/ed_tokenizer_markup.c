
/*
 * Markup declarations: comments, doctypes, CDATA sections, and all that the
 * standard calls a bogus comment (13.2.5.41 to 13.2.5.52, 13.2.5.69).
 *
 *     <!  --       a comment, ended by "-->", "--!>"
 *         doctype  in any case, for ed_doctype_scan()
 *         [CDATA[  in foreign content: text up to "]]>"
 *         else     a bogus comment, ended by '>'
 *
 * The content of comments is of no use to anyone and is not kept: the many
 * comment states of the standard only differ in errors from counting dashes.
 * A CDATA section is text, but for brackets that may end it, which are held.
 */

#include "ed_tokenizer_int.h"


static ed_rc_t ed_tokenizer_keyword(ed_tokenizer_t *tz);
static ed_rc_t ed_tokenizer_bracket(ed_tokenizer_t *tz);


/* "<!" has been passed: two dashes, a keyword, or a comment all the same. */

ed_rc_t
ed_state_markup(ed_tokenizer_t *tz)
{
    uint8_t  c;

    if (tz->matched != 0) {
        return ed_tokenizer_keyword(tz);
    }

    c = *tz->pos;

    switch (ed_lower(c)) {

    case '-':
        tz->keyword = "--";
        break;

    case 'd':
        tz->keyword = "doctype";
        break;

    case '[':
        tz->keyword = "[CDATA[";
        break;

    default:
        return ed_tokenizer_comment(tz);
    }

    tz->pos++;
    tz->matched = 1;

    return ED_OK;
}


static ed_rc_t
ed_tokenizer_keyword(ed_tokenizer_t *tz)
{
    uint8_t  c;

    c = *tz->pos;

    if (tz->keyword[0] == 'd') {
        c = ed_lower(c);
    }

    if (c != (uint8_t) tz->keyword[tz->matched]) {
        return ed_tokenizer_comment(tz);
    }

    tz->pos++;
    tz->matched++;

    if (tz->keyword[tz->matched] != '\0') {
        return ED_OK;
    }

    switch (tz->keyword[0]) {

    case 'd':
        tz->state = ED_STATE_DOCTYPE;
        ed_doctype_init(&tz->doctype);
        return ED_OK;

    case '[':
        if (!tz->handler->foreign(tz->ctx)) {
            return ed_tokenizer_comment(tz);
        }

        ed_tokenizer_back_to_data(tz);
        tz->state = ED_STATE_CDATA;
        return ED_OK;

    default:
        tz->dashes = 0;
        tz->state = ED_STATE_COMMENT_START;
        return tz->handler->comment(tz->ctx);
    }
}


ed_rc_t
ed_tokenizer_comment(ed_tokenizer_t *tz)
{
    tz->state = ED_STATE_BOGUS_COMMENT;

    return tz->handler->comment(tz->ctx);
}


ed_rc_t
ed_state_bogus_comment(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, '>', tz->end - tz->pos);
    if (p == NULL) {
        tz->pos = tz->end;
        return ED_OK;
    }

    tz->pos = p + 1;
    ed_tokenizer_back_to_data(tz);

    return ED_OK;
}


/* Behind "<!--" and ->dashes dashes: here alone "<!-->", "<!--->" end it. */

ed_rc_t
ed_state_comment_start(ed_tokenizer_t *tz)
{
    switch (*tz->pos) {

    case '>':
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;

    case '-':
        tz->pos++;
        tz->dashes++;

        if (tz->dashes == 2) {
            tz->state = ED_STATE_COMMENT;
        }

        return ED_OK;

    default:
        tz->dashes = 0;
        tz->state = ED_STATE_COMMENT;
        return ED_OK;
    }
}


ed_rc_t
ed_state_comment(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    if (tz->dashes == 0) {
        p = memchr(tz->pos, '-', tz->end - tz->pos);
        if (p == NULL) {
            tz->pos = tz->end;
            return ED_OK;
        }

        tz->pos = p + 1;
        tz->dashes = 1;
        return ED_OK;
    }

    switch (*tz->pos) {

    case '-':
        tz->pos++;
        tz->dashes = 2;
        return ED_OK;

    case '>':
        tz->pos++;

        if (tz->dashes == 2) {
            ed_tokenizer_back_to_data(tz);
        }

        tz->dashes = 0;
        return ED_OK;

    case '!':
        tz->pos++;

        if (tz->dashes == 2) {
            tz->state = ED_STATE_COMMENT_BANG;
        }

        tz->dashes = 0;
        return ED_OK;

    default:
        tz->dashes = 0;
        return ED_OK;
    }
}


/* "--!" has been passed. */

ed_rc_t
ed_state_comment_bang(ed_tokenizer_t *tz)
{
    if (*tz->pos == '>') {
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;
    }

    tz->state = ED_STATE_COMMENT;

    return ED_OK;
}


ed_rc_t
ed_state_doctype(ed_tokenizer_t *tz)
{
    tz->pos = ed_doctype_scan(&tz->doctype, tz->pos, tz->end);

    if (!tz->doctype.done) {
        return ED_OK;
    }

    ed_tokenizer_back_to_data(tz);

    return tz->handler->doctype(tz->ctx, ed_doctype_quirks(&tz->doctype));
}


ed_rc_t
ed_state_cdata(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = memchr(tz->pos, ']', tz->end - tz->pos);
    if (p == NULL) {
        tz->pos = tz->end;
        return ED_OK;
    }

    tz->pos = p + 1;
    tz->matched = 1;

    return ed_tokenizer_hold(tz, p, ED_STATE_CDATA_END);
}


/* ->matched brackets are held, at most 2. */

ed_rc_t
ed_state_cdata_end(ed_tokenizer_t *tz)
{
    if (*tz->pos == '>' && tz->matched == 2) {
        tz->pos++;
        ed_tokenizer_back_to_data(tz);
        return ED_OK;
    }

    if (*tz->pos != ']') {
        return ed_tokenizer_unhold(tz);
    }

    tz->pos++;

    if (tz->matched == 1) {
        tz->matched = 2;
        return ED_OK;
    }

    return ed_tokenizer_bracket(tz);
}


/* Of three brackets the first is text: two are held, one further on. */

static ed_rc_t
ed_tokenizer_bracket(ed_tokenizer_t *tz)
{
    uint64_t  start;

    start = tz->start++;

    if (tz->hold.len != 0) {
        tz->hold.len--;

    } else {
        tz->mark++;
    }

    return tz->handler->text(tz->ctx, start, ED_STR("]"));
}
