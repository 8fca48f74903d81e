
/*
 * Text in which no tag counts but one: the end tag of the raw text element
 * that it stands in.  The standard's RCDATA and RAWTEXT (13.2.5.2, 13.2.5.3)
 * differ only in character references and are one state here.
 *
 * A script (13.2.5.4) may hide its end tag in what looks like a comment with
 * another script in it:
 *
 *     SCRIPT  <!--  ESCAPED  <script>  NESTED  </script>  ESCAPED
 *
 * "-->" leads from both back to SCRIPT; "</script>" ends the element but in
 * NESTED.  The markup of that comment is text: only '<' and what follows it
 * are held, and those only where an end tag is possible.
 */

#include "ed_tokenizer_int.h"


static ed_rc_t ed_tokenizer_raw_lt(ed_tokenizer_t *tz, const uint8_t *p);
static ed_rc_t ed_tokenizer_script_name(ed_tokenizer_t *tz, ed_state_t yes,
    ed_state_t no);
static int ed_tokenizer_dashes(ed_tokenizer_t *tz);


void
ed_tokenizer_raw(ed_tokenizer_t *tz, ed_tag_t tag)
{
    tz->raw = tag;

    switch (tag) {

    case ED_TAG_PLAINTEXT:
        tz->state = ED_STATE_PLAINTEXT;
        break;

    case ED_TAG_SCRIPT:
        tz->state = ED_STATE_SCRIPT;
        break;

    default:
        tz->state = ED_STATE_RAW;
    }
}


/*
 * Raw text: of all '<' only those before a '/' and the name's first letter
 * are of interest.
 */

ed_rc_t
ed_state_raw(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = ed_tokenizer_lt(tz);
    if (p == NULL) {
        return ED_OK;
    }

    return ed_tokenizer_raw_lt(tz, p);
}


ed_rc_t
ed_state_script(ed_tokenizer_t *tz)
{
    const uint8_t  *p;

    p = ed_tokenizer_lt(tz);
    if (p == NULL) {
        return ED_OK;
    }

    if (p + 1 < tz->end && p[1] == '!') {
        tz->pos++;
        tz->dashes = 0;
        tz->state = ED_STATE_SCRIPT_ESCAPE;
        return ED_OK;
    }

    return ed_tokenizer_raw_lt(tz, p);
}


/* A '<' at p in any kind of raw text; ->pos is behind it. */

static ed_rc_t
ed_tokenizer_raw_lt(ed_tokenizer_t *tz, const uint8_t *p)
{
    if (tz->end - p > 2) {

        if (p[1] != '/' || ed_lower(p[2]) != ed_tag_info[tz->raw].name[0]) {
            return ED_OK;
        }

        tz->pos = p + 2;
        tz->matched = 0;

        return ed_tokenizer_hold(tz, p, ED_STATE_RAW_END);
    }

    return ed_tokenizer_hold(tz, p, ED_STATE_RAW_OPEN);
}


ed_rc_t
ed_state_raw_open(ed_tokenizer_t *tz)
{
    ed_rc_t  rc;

    if (*tz->pos == '/') {
        tz->pos++;
        tz->matched = 0;
        tz->state = ED_STATE_RAW_END;
        return ED_OK;
    }

    rc = ed_tokenizer_unhold(tz);
    if (rc != ED_OK) {
        return rc;
    }

    if (tz->state == ED_STATE_SCRIPT && *tz->pos == '!') {
        tz->pos++;
        tz->dashes = 0;
        tz->state = ED_STATE_SCRIPT_ESCAPE;

    } else if (tz->state == ED_STATE_SCRIPT_ESCAPED && ed_is_letter(*tz->pos)) {
        tz->matched = 0;
        tz->state = ED_STATE_SCRIPT_NEST;
    }

    return ED_OK;
}


/* "</" and ->matched letters of the name have been passed. */

ed_rc_t
ed_state_raw_end(ed_tokenizer_t *tz)
{
    const ed_tag_info_t  *info;

    info = &ed_tag_info[tz->raw];

    while (tz->matched < info->len) {

        if (tz->pos == tz->end) {
            return ED_OK;
        }

        if (ed_lower(*tz->pos) != (uint8_t) info->name[tz->matched]) {
            return ed_tokenizer_unhold(tz);
        }

        tz->pos++;
        tz->matched++;
    }

    if (tz->pos == tz->end) {
        return ED_OK;
    }

    if ((ed_byte_class[*tz->pos] & ED_BYTE_NAME_END) == 0) {
        return ed_tokenizer_unhold(tz);
    }

    tz->state = ED_STATE_TAG;
    ed_tag_scan_init_named(&tz->scan, 1, info->hash, info->len + 2);

    return ed_state_tag(tz);
}


/* "<!" and ->dashes dashes of a script have been passed. */

ed_rc_t
ed_state_script_escape(ed_tokenizer_t *tz)
{
    if (*tz->pos != '-') {
        tz->state = ED_STATE_SCRIPT;
        return ED_OK;
    }

    tz->pos++;
    tz->dashes++;

    if (tz->dashes == 2) {
        tz->state = ED_STATE_SCRIPT_ESCAPED;
    }

    return ED_OK;
}


/*
 * Counts dashes up to a byte that decides something: leaves ->pos behind a
 * '<' or the '>' of "-->", which it returns, or at the end, returning 0.
 */

static int
ed_tokenizer_dashes(ed_tokenizer_t *tz)
{
    uint8_t         dashes;
    const uint8_t  *p;

    dashes = tz->dashes;

    for (p = tz->pos; p < tz->end; p++) {

        if (*p == '-') {
            dashes = dashes == 2 ? 2 : dashes + 1;
            continue;
        }

        if (*p == '<' || (*p == '>' && dashes == 2)) {
            tz->pos = p + 1;
            tz->dashes = 0;
            return *p;
        }

        dashes = 0;
    }

    tz->pos = p;
    tz->dashes = dashes;

    return 0;
}


ed_rc_t
ed_state_script_escaped(ed_tokenizer_t *tz)
{
    switch (ed_tokenizer_dashes(tz)) {

    case '<':
        if (tz->pos < tz->end && ed_is_letter(*tz->pos)) {
            tz->matched = 0;
            tz->state = ED_STATE_SCRIPT_NEST;
            return ED_OK;
        }

        return ed_tokenizer_raw_lt(tz, tz->pos - 1);

    case '>':
        tz->state = ED_STATE_SCRIPT;
        return ED_OK;

    default:
        return ED_OK;
    }
}


ed_rc_t
ed_state_script_nest(ed_tokenizer_t *tz)
{
    return ed_tokenizer_script_name(tz, ED_STATE_SCRIPT_NESTED,
                                    ED_STATE_SCRIPT_ESCAPED);
}


ed_rc_t
ed_state_script_unnest(ed_tokenizer_t *tz)
{
    return ed_tokenizer_script_name(tz, ED_STATE_SCRIPT_ESCAPED,
                                    ED_STATE_SCRIPT_NESTED);
}


/* Is the name that begins here, or has begun, "script"? */

static ed_rc_t
ed_tokenizer_script_name(ed_tokenizer_t *tz, ed_state_t yes, ed_state_t no)
{
    static const char  name[] = "script";

    uint8_t  c;

    while (tz->pos < tz->end) {
        c = *tz->pos;

        if (ed_byte_class[c] & ED_BYTE_NAME_END) {
            tz->pos++;
            tz->state = tz->matched == sizeof(name) - 1 ? yes : no;
            return ED_OK;
        }

        if (!ed_is_letter(c)) {
            tz->state = no;
            return ED_OK;
        }

        if (tz->matched < sizeof(name) - 1
            && ed_lower(c) == (uint8_t) name[tz->matched])
        {
            tz->matched++;

        } else {
            tz->matched = sizeof(name);
        }

        tz->pos++;
    }

    return ED_OK;
}


ed_rc_t
ed_state_script_nested(ed_tokenizer_t *tz)
{
    switch (ed_tokenizer_dashes(tz)) {

    case '<':
        tz->state = ED_STATE_SCRIPT_NESTED_OPEN;
        break;

    case '>':
        tz->state = ED_STATE_SCRIPT;
        break;
    }

    return ED_OK;
}


ed_rc_t
ed_state_script_nested_open(ed_tokenizer_t *tz)
{
    if (*tz->pos == '/') {
        tz->pos++;
        tz->matched = 0;
        tz->state = ED_STATE_SCRIPT_UNNEST;

    } else {
        tz->state = ED_STATE_SCRIPT_NESTED;
    }

    return ED_OK;
}


ed_rc_t
ed_state_plaintext(ed_tokenizer_t *tz)
{
    tz->pos = tz->end;

    return ED_OK;
}
