
#include "ed_doctype.h"


typedef enum {
    ED_DOCTYPE_BEFORE_NAME = 0,
    ED_DOCTYPE_NAME,
    ED_DOCTYPE_AFTER_NAME,
    ED_DOCTYPE_PUBLIC,             /* the keyword */
    ED_DOCTYPE_SYSTEM,
    ED_DOCTYPE_BEFORE_PUBLIC_ID,
    ED_DOCTYPE_PUBLIC_ID,
    ED_DOCTYPE_AFTER_PUBLIC_ID,
    ED_DOCTYPE_BEFORE_SYSTEM_ID,
    ED_DOCTYPE_SYSTEM_ID,
    ED_DOCTYPE_AFTER_SYSTEM_ID,
    ED_DOCTYPE_BOGUS
} ed_doctype_state_t;


static void ed_doctype_byte(ed_doctype_t *doctype, uint8_t c);
static void ed_doctype_end(ed_doctype_t *doctype);
static void ed_doctype_after_name(ed_doctype_t *doctype, uint8_t c);
static void ed_doctype_keyword(ed_doctype_t *doctype, uint8_t c,
    const char *keyword, ed_doctype_state_t next);
static int ed_doctype_quote(ed_doctype_t *doctype, uint8_t c,
    ed_doctype_word_t *word, ed_doctype_state_t next);
static void ed_doctype_bogus(ed_doctype_t *doctype);
static void ed_doctype_add(ed_doctype_word_t *word, uint8_t c);
static int ed_doctype_is(const ed_doctype_word_t *word, const char *s);
static int ed_doctype_begins(const ed_doctype_word_t *word,
    const char *const *prefixes);


/* Public identifiers that mean quirks mode by their beginning. */

static const char *const  ed_doctype_old[] = {
    "+//silmaril//dtd html pro v0r11 19970101//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html 2.0 level 1//",
    "-//ietf//dtd html 2.0 level 2//",
    "-//ietf//dtd html 2.0 strict level 1//",
    "-//ietf//dtd html 2.0 strict level 2//",
    "-//ietf//dtd html 2.0 strict//",
    "-//ietf//dtd html 2.0//",
    "-//ietf//dtd html 2.1e//",
    "-//ietf//dtd html 3.0//",
    "-//ietf//dtd html 3.2 final//",
    "-//ietf//dtd html 3.2//",
    "-//ietf//dtd html 3//",
    "-//ietf//dtd html level 0//",
    "-//ietf//dtd html level 1//",
    "-//ietf//dtd html level 2//",
    "-//ietf//dtd html level 3//",
    "-//ietf//dtd html strict level 0//",
    "-//ietf//dtd html strict level 1//",
    "-//ietf//dtd html strict level 2//",
    "-//ietf//dtd html strict level 3//",
    "-//ietf//dtd html strict//",
    "-//ietf//dtd html//",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0 html strict//",
    "-//microsoft//dtd internet explorer 2.0 html//",
    "-//microsoft//dtd internet explorer 2.0 tables//",
    "-//microsoft//dtd internet explorer 3.0 html strict//",
    "-//microsoft//dtd internet explorer 3.0 html//",
    "-//microsoft//dtd internet explorer 3.0 tables//",
    "-//netscape comm. corp.//dtd html//",
    "-//netscape comm. corp.//dtd strict html//",
    "-//o'reilly and associates//dtd html 2.0//",
    "-//o'reilly and associates//dtd html extended 1.0//",
    "-//o'reilly and associates//dtd html extended relaxed 1.0//",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601"
        "::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sun microsystems corp.//dtd hotjava html//",
    "-//sun microsystems corp.//dtd hotjava strict html//",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html 2.0//",
    "-//webtechs//dtd mozilla html//",
    NULL
};


/* Likewise, where there is no system identifier. */

static const char *const  ed_doctype_loose[] = {
    "-//w3c//dtd html 4.01 frameset//",
    "-//w3c//dtd html 4.01 transitional//",
    NULL
};


void
ed_doctype_init(ed_doctype_t *doctype)
{
    memset(doctype, 0, sizeof(ed_doctype_t));
}


const uint8_t *
ed_doctype_scan(ed_doctype_t *doctype, const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *q;

    while (p < end && doctype->state != ED_DOCTYPE_BOGUS) {

        if (*p == '>') {
            ed_doctype_end(doctype);
            doctype->done = 1;
            return p + 1;
        }

        ed_doctype_byte(doctype, *p);
        p++;
    }

    if (p == end) {
        return end;
    }

    q = memchr(p, '>', end - p);
    if (q == NULL) {
        return end;
    }

    doctype->done = 1;

    return q + 1;
}


int
ed_doctype_quirks(const ed_doctype_t *doctype)
{
    const ed_doctype_word_t  *public, *system;

    public = &doctype->public;
    system = &doctype->system;

    if (doctype->bad || !ed_doctype_is(&doctype->name, "html")) {
        return 1;
    }

    if (!doctype->done && doctype->state != ED_DOCTYPE_BOGUS) {
        return 1;
    }

    if (ed_doctype_is(system, "http://www.ibm.com/data/dtd/v11/"
                              "ibmxhtml1-transitional.dtd")
        || ed_doctype_is(public, "-//w3o//dtd w3 html strict 3.0//en//")
        || ed_doctype_is(public, "-/w3c/dtd html 4.0 transitional/en")
        || ed_doctype_is(public, "html"))
    {
        return 1;
    }

    return ed_doctype_begins(public, ed_doctype_old)
           || (!system->present && ed_doctype_begins(public, ed_doctype_loose));
}


/* Any byte but '>'. */

static void
ed_doctype_byte(ed_doctype_t *doctype, uint8_t c)
{
    int  space;

    space = ed_is_space(c);

    switch (doctype->state) {

    case ED_DOCTYPE_BEFORE_NAME:
        if (!space) {
            doctype->state = ED_DOCTYPE_NAME;
            ed_doctype_add(&doctype->name, c);
        }

        return;

    case ED_DOCTYPE_NAME:
        if (space) {
            doctype->state = ED_DOCTYPE_AFTER_NAME;

        } else {
            ed_doctype_add(&doctype->name, c);
        }

        return;

    case ED_DOCTYPE_AFTER_NAME:
        if (!space) {
            ed_doctype_after_name(doctype, c);
        }

        return;

    case ED_DOCTYPE_PUBLIC:
        ed_doctype_keyword(doctype, c, "public", ED_DOCTYPE_BEFORE_PUBLIC_ID);
        return;

    case ED_DOCTYPE_SYSTEM:
        ed_doctype_keyword(doctype, c, "system", ED_DOCTYPE_BEFORE_SYSTEM_ID);
        return;

    case ED_DOCTYPE_BEFORE_PUBLIC_ID:
        if (!space && !ed_doctype_quote(doctype, c, &doctype->public,
                                        ED_DOCTYPE_PUBLIC_ID))
        {
            ed_doctype_bogus(doctype);
        }

        return;

    case ED_DOCTYPE_PUBLIC_ID:
        if (c == doctype->quote) {
            doctype->state = ED_DOCTYPE_AFTER_PUBLIC_ID;

        } else {
            ed_doctype_add(&doctype->public, c);
        }

        return;

    case ED_DOCTYPE_AFTER_PUBLIC_ID:
    case ED_DOCTYPE_BEFORE_SYSTEM_ID:
        if (!space && !ed_doctype_quote(doctype, c, &doctype->system,
                                        ED_DOCTYPE_SYSTEM_ID))
        {
            ed_doctype_bogus(doctype);
        }

        return;

    case ED_DOCTYPE_SYSTEM_ID:
        if (c == doctype->quote) {
            doctype->state = ED_DOCTYPE_AFTER_SYSTEM_ID;

        } else {
            ed_doctype_add(&doctype->system, c);
        }

        return;

    case ED_DOCTYPE_AFTER_SYSTEM_ID:
        if (!space) {
            doctype->state = ED_DOCTYPE_BOGUS;     /* and not bad for it */
        }

        return;
    }
}


/* '>': well where the doctype could end, in most other states it is bad. */

static void
ed_doctype_end(ed_doctype_t *doctype)
{
    switch (doctype->state) {

    case ED_DOCTYPE_NAME:
    case ED_DOCTYPE_AFTER_NAME:
    case ED_DOCTYPE_AFTER_PUBLIC_ID:
    case ED_DOCTYPE_AFTER_SYSTEM_ID:
        return;

    default:
        doctype->bad = 1;
    }
}


static void
ed_doctype_after_name(ed_doctype_t *doctype, uint8_t c)
{
    switch (ed_lower(c)) {

    case 'p':
        doctype->state = ED_DOCTYPE_PUBLIC;
        doctype->matched = 1;
        return;

    case 's':
        doctype->state = ED_DOCTYPE_SYSTEM;
        doctype->matched = 1;
        return;

    default:
        ed_doctype_bogus(doctype);
    }
}


/*
 * A keyword that breaks off makes the doctype bogus from its first letter on,
 * which is the same as from here on: the letters before were none of '>'.
 */

static void
ed_doctype_keyword(ed_doctype_t *doctype, uint8_t c, const char *keyword,
    ed_doctype_state_t next)
{
    if (ed_lower(c) != (uint8_t) keyword[doctype->matched]) {
        ed_doctype_bogus(doctype);
        return;
    }

    doctype->matched++;

    if (keyword[doctype->matched] == '\0') {
        doctype->state = next;
    }
}


static int
ed_doctype_quote(ed_doctype_t *doctype, uint8_t c, ed_doctype_word_t *word,
    ed_doctype_state_t next)
{
    if (c != '"' && c != '\'') {
        return 0;
    }

    doctype->quote = c;
    doctype->state = next;
    word->present = 1;

    return 1;
}


static void
ed_doctype_bogus(ed_doctype_t *doctype)
{
    doctype->bad = 1;
    doctype->state = ED_DOCTYPE_BOGUS;
}


static void
ed_doctype_add(ed_doctype_word_t *word, uint8_t c)
{
    if (word->len == ED_DOCTYPE_KEPT) {
        return;
    }

    word->data[word->len] = ed_lower(c);
    word->len++;
}


static int
ed_doctype_is(const ed_doctype_word_t *word, const char *s)
{
    size_t  len;

    len = strlen(s);

    return word->len == len && memcmp(word->data, s, len) == 0;
}


static int
ed_doctype_begins(const ed_doctype_word_t *word, const char *const *prefixes)
{
    size_t  len;

    for ( /* void */ ; *prefixes != NULL; prefixes++) {
        len = strlen(*prefixes);

        if (word->len >= len && memcmp(word->data, *prefixes, len) == 0) {
            return 1;
        }
    }

    return 0;
}
