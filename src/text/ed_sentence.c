
/*
 * Where sentences end.
 *
 *     mark       . ! ? … or one of another script, several in a row too
 *     closers    quotes and brackets that belong to what ends
 *     space      needed after marks that are also used inside words
 *     openers    quotes, brackets, dashes that begin what follows
 *     letter     a small one: the sentence goes on
 *
 * A full stop is looked at twice: it may close an abbreviation.  Which ones
 * is data, ed_abbreviations[]; besides, single letters (initials, "p. 5"),
 * letters with full stops between ("U.S.", "z.B."), and a number before a
 * German month do not end a sentence.  Where an abbreviation can stand at the
 * end, a word that English sentences like to begin with, ed_starters[],
 * decides.
 *
 * Both the shown and the folded form of a text are split alike.
 */

#include "ed_text.h"
#include "ed_unicode.h"


#define ED_WORD_MAX  24            /* bytes of a word looked up */
#define ED_OPENERS   4             /* characters between space and letter */


typedef enum {
    ED_MARK_NONE = 0,
    ED_MARK_STOP,                  /* a full stop */
    ED_MARK_SPACED,                /* ends where white space follows */
    ED_MARK_ALONE                  /* ends at once */
} ed_mark_e;


typedef enum {
    ED_ABBR_NONE = 0,
    ED_ABBR_TITLE,                 /* a name or noun follows: "Mr." */
    ED_ABBR_SOFT,                  /* can end a sentence: "Inc." */
    ED_ABBR_NUMBER                 /* only before a number: "No." */
} ed_abbr_e;


typedef struct {
    const char       *word;
    ed_abbr_e         kind;
} ed_abbr_t;


typedef struct {
    ed_str_t          text;
    size_t            begin;       /* of the sentence being read */
    size_t            at;          /* what was read so far */
    unsigned          quoted:1;    /* inside straight double quotes */
    ed_buf_t          found;       /* of ed_sentence_t */
} ed_split_t;


static ed_rc_t ed_split(ed_split_t *s);
static size_t ed_split_skip(ed_split_t *s);
static ed_mark_e ed_split_marks(ed_split_t *s);
static size_t ed_split_closers(ed_split_t *s, ed_mark_e mark);
static size_t ed_split_apart(const ed_split_t *s);
static int ed_split_ends(const ed_split_t *s, size_t stop, ed_mark_e mark,
    size_t closed);
static int ed_split_ends_unspaced(const ed_split_t *s, ed_mark_e mark,
    size_t closed);
static int ed_split_abbreviated(const ed_split_t *s, size_t stop);
static ed_str_t ed_split_word(const ed_split_t *s, size_t stop);
static ed_rc_t ed_split_add(ed_split_t *s, size_t end);
static ed_mark_e ed_mark(uint32_t code);
static int ed_is_closer(uint32_t code);
static int ed_is_opener(uint32_t code);
static int ed_is_han(uint32_t code);
static size_t ed_opened(ed_str_t text, size_t at);
static ed_abbr_e ed_abbreviation(ed_str_t word);
static int ed_is_dotted(ed_str_t word);
static int ed_is_ordinal(ed_str_t word, ed_str_t next);
static int ed_is_listed(const char *const *list, ed_str_t rest);


/* Bytes a mark may begin with, and the straight quote. */

static const uint8_t  ed_split_class[256] = {
    ['.'] = 1, ['!'] = 1, ['?'] = 1, ['"'] = 1,
    [0xd6] = 1,                    /* ։ */
    [0xd8] = 1,                    /* ؟ */
    [0xdb] = 1,                    /* ۔ */
    [0xe0] = 1,                    /* । ॥ */
    [0xe1] = 1,                    /* ။ ። ។ */
    [0xe2] = 1,                    /* … ‽ */
    [0xe3] = 1,                    /* 。 */
    [0xef] = 1                     /* ！ ？ ｡ */
};


/* Sorted by bytes. */

static const ed_abbr_t  ed_abbreviations[] = {
    { "Abs", ED_ABBR_NUMBER }, { "Adm", ED_ABBR_TITLE },
    { "Alb", ED_ABBR_TITLE }, { "Amb", ED_ABBR_TITLE },
    { "Apr", ED_ABBR_NUMBER }, { "Ariz", ED_ABBR_SOFT },
    { "Art", ED_ABBR_NUMBER }, { "Assn", ED_ABBR_SOFT },
    { "Asst", ED_ABBR_TITLE }, { "Atty", ED_ABBR_TITLE },
    { "Aug", ED_ABBR_NUMBER }, { "Av", ED_ABBR_TITLE },
    { "Avda", ED_ABBR_TITLE }, { "Ave", ED_ABBR_SOFT },
    { "Avv", ED_ABBR_TITLE }, { "Bd", ED_ABBR_NUMBER },
    { "Blvd", ED_ABBR_SOFT }, { "Brig", ED_ABBR_TITLE },
    { "Bros", ED_ABBR_SOFT }, { "Cad", ED_ABBR_TITLE },
    { "Calif", ED_ABBR_SOFT }, { "Capt", ED_ABBR_TITLE },
    { "Card", ED_ABBR_TITLE }, { "Cav", ED_ABBR_TITLE },
    { "Cdr", ED_ABBR_TITLE }, { "Ch", ED_ABBR_NUMBER },
    { "Cie", ED_ABBR_SOFT }, { "Cmdr", ED_ABBR_TITLE },
    { "Cnel", ED_ABBR_TITLE }, { "Co", ED_ABBR_SOFT },
    { "Col", ED_ABBR_TITLE }, { "Colo", ED_ABBR_SOFT },
    { "Comdr", ED_ABBR_TITLE }, { "Conn", ED_ABBR_SOFT },
    { "Corp", ED_ABBR_SOFT }, { "Cpl", ED_ABBR_TITLE },
    { "DR", ED_ABBR_TITLE }, { "Dec", ED_ABBR_NUMBER },
    { "Dept", ED_ABBR_SOFT }, { "Det", ED_ABBR_TITLE },
    { "Dhr", ED_ABBR_TITLE }, { "Dipl", ED_ABBR_TITLE },
    { "Dott", ED_ABBR_TITLE }, { "Doç", ED_ABBR_TITLE },
    { "Dr", ED_ABBR_TITLE }, { "Dra", ED_ABBR_TITLE },
    { "Dres", ED_ABBR_TITLE }, { "Drs", ED_ABBR_TITLE },
    { "Dña", ED_ABBR_TITLE }, { "Excmo", ED_ABBR_TITLE },
    { "Exmo", ED_ABBR_TITLE }, { "Feb", ED_ABBR_NUMBER },
    { "Fig", ED_ABBR_NUMBER }, { "Figs", ED_ABBR_NUMBER },
    { "Fla", ED_ABBR_SOFT }, { "Fr", ED_ABBR_TITLE }, { "Frl", ED_ABBR_TITLE },
    { "Ft", ED_ABBR_TITLE }, { "Gen", ED_ABBR_TITLE },
    { "Gov", ED_ABBR_TITLE }, { "Gral", ED_ABBR_TITLE },
    { "Gör", ED_ABBR_TITLE }, { "Hj", ED_ABBR_TITLE },
    { "Hon", ED_ABBR_TITLE }, { "Hr", ED_ABBR_TITLE }, { "Hz", ED_ABBR_TITLE },
    { "Ill", ED_ABBR_SOFT }, { "Inc", ED_ABBR_SOFT }, { "Ing", ED_ABBR_TITLE },
    { "Insp", ED_ABBR_TITLE }, { "Intl", ED_ABBR_SOFT },
    { "Jan", ED_ABBR_NUMBER }, { "Jl", ED_ABBR_TITLE },
    { "Jln", ED_ABBR_TITLE }, { "Jr", ED_ABBR_SOFT },
    { "Jul", ED_ABBR_NUMBER }, { "Jun", ED_ABBR_NUMBER },
    { "Kan", ED_ABBR_SOFT }, { "Kap", ED_ABBR_NUMBER },
    { "Korg", ED_ABBR_TITLE }, { "Ky", ED_ABBR_SOFT }, { "La", ED_ABBR_SOFT },
    { "Lic", ED_ABBR_TITLE }, { "Lieut", ED_ABBR_TITLE },
    { "Lt", ED_ABBR_TITLE }, { "Ltd", ED_ABBR_SOFT }, { "MM", ED_ABBR_TITLE },
    { "MR", ED_ABBR_TITLE }, { "MRS", ED_ABBR_TITLE }, { "MS", ED_ABBR_TITLE },
    { "Mah", ED_ABBR_TITLE }, { "Maj", ED_ABBR_TITLE },
    { "Mar", ED_ABBR_NUMBER }, { "Mass", ED_ABBR_SOFT },
    { "Md", ED_ABBR_SOFT }, { "Messrs", ED_ABBR_TITLE },
    { "Mevr", ED_ABBR_TITLE }, { "Mfg", ED_ABBR_SOFT },
    { "Mgr", ED_ABBR_TITLE }, { "Mich", ED_ABBR_SOFT },
    { "Minn", ED_ABBR_SOFT }, { "Mlle", ED_ABBR_TITLE },
    { "Mme", ED_ABBR_TITLE }, { "Mmes", ED_ABBR_TITLE },
    { "Mo", ED_ABBR_SOFT }, { "Mons", ED_ABBR_TITLE },
    { "Mont", ED_ABBR_SOFT }, { "Mr", ED_ABBR_TITLE },
    { "Mrs", ED_ABBR_TITLE }, { "Ms", ED_ABBR_TITLE },
    { "Msgr", ED_ABBR_TITLE }, { "Mt", ED_ABBR_TITLE },
    { "Mw", ED_ABBR_TITLE }, { "Mx", ED_ABBR_TITLE }, { "Natl", ED_ABBR_SOFT },
    { "Neb", ED_ABBR_SOFT }, { "Nev", ED_ABBR_SOFT }, { "Nn", ED_ABBR_TITLE },
    { "No", ED_ABBR_NUMBER }, { "Nos", ED_ABBR_NUMBER },
    { "Nov", ED_ABBR_NUMBER }, { "Nr", ED_ABBR_NUMBER },
    { "Ny", ED_ABBR_TITLE }, { "Núm", ED_ABBR_NUMBER },
    { "Oct", ED_ABBR_NUMBER }, { "Okla", ED_ABBR_SOFT },
    { "Ont", ED_ABBR_SOFT }, { "Ore", ED_ABBR_SOFT }, { "Org", ED_ABBR_TITLE },
    { "Pa", ED_ABBR_SOFT }, { "Pr", ED_ABBR_TITLE }, { "Pres", ED_ABBR_TITLE },
    { "Prof", ED_ABBR_TITLE }, { "Profa", ED_ABBR_TITLE },
    { "Pvt", ED_ABBR_TITLE }, { "Pág", ED_ABBR_NUMBER },
    { "Que", ED_ABBR_SOFT }, { "Rd", ED_ABBR_SOFT }, { "Rep", ED_ABBR_TITLE },
    { "Reps", ED_ABBR_TITLE }, { "Rev", ED_ABBR_TITLE },
    { "Rp", ED_ABBR_NUMBER }, { "Rs", ED_ABBR_NUMBER },
    { "ST", ED_ABBR_TITLE }, { "Sec", ED_ABBR_NUMBER },
    { "Sen", ED_ABBR_TITLE }, { "Sens", ED_ABBR_TITLE },
    { "Sep", ED_ABBR_NUMBER }, { "Sept", ED_ABBR_NUMBER },
    { "Sgt", ED_ABBR_TITLE }, { "Sig", ED_ABBR_TITLE },
    { "Sigra", ED_ABBR_TITLE }, { "Sn", ED_ABBR_TITLE },
    { "Sok", ED_ABBR_TITLE }, { "Sr", ED_ABBR_SOFT }, { "Sra", ED_ABBR_TITLE },
    { "Sres", ED_ABBR_TITLE }, { "Srs", ED_ABBR_TITLE },
    { "Srta", ED_ABBR_TITLE }, { "Srtas", ED_ABBR_TITLE },
    { "St", ED_ABBR_TITLE }, { "Sta", ED_ABBR_TITLE },
    { "Ste", ED_ABBR_TITLE }, { "Sto", ED_ABBR_TITLE },
    { "Str", ED_ABBR_SOFT }, { "Supt", ED_ABBR_TITLE },
    { "Tel", ED_ABBR_NUMBER }, { "Tenn", ED_ABBR_SOFT },
    { "Tex", ED_ABBR_SOFT }, { "Tn", ED_ABBR_TITLE }, { "Tte", ED_ABBR_TITLE },
    { "Tuğg", ED_ABBR_TITLE }, { "Ud", ED_ABBR_TITLE },
    { "Uds", ED_ABBR_TITLE }, { "Univ", ED_ABBR_SOFT },
    { "Uzm", ED_ABBR_TITLE }, { "Va", ED_ABBR_SOFT },
    { "Vol", ED_ABBR_NUMBER }, { "Vols", ED_ABBR_NUMBER },
    { "Vt", ED_ABBR_SOFT }, { "Wash", ED_ABBR_SOFT }, { "Wis", ED_ABBR_SOFT },
    { "Wyo", ED_ABBR_SOFT }, { "Yrd", ED_ABBR_TITLE }, { "al", ED_ABBR_SOFT },
    { "approx", ED_ABBR_SOFT }, { "art", ED_ABBR_NUMBER },
    { "avv", ED_ABBR_TITLE }, { "bijv", ED_ABBR_TITLE },
    { "bkz", ED_ABBR_TITLE }, { "bzw", ED_ABBR_TITLE },
    { "ca", ED_ABBR_TITLE }, { "cf", ED_ABBR_SOFT }, { "ch", ED_ABBR_NUMBER },
    { "dhr", ED_ABBR_TITLE }, { "dott", ED_ABBR_TITLE },
    { "dr", ED_ABBR_TITLE }, { "dra", ED_ABBR_TITLE },
    { "drs", ED_ABBR_TITLE }, { "dvs", ED_ABBR_TITLE },
    { "est", ED_ABBR_NUMBER }, { "evtl", ED_ABBR_TITLE },
    { "exkl", ED_ABBR_TITLE }, { "fig", ED_ABBR_NUMBER },
    { "gen", ED_ABBR_TITLE }, { "ggf", ED_ABBR_TITLE },
    { "hab", ED_ABBR_TITLE }, { "hlm", ED_ABBR_NUMBER },
    { "im", ED_ABBR_TITLE }, { "ing", ED_ABBR_TITLE },
    { "inkl", ED_ABBR_TITLE }, { "inż", ED_ABBR_TITLE },
    { "kl", ED_ABBR_NUMBER }, { "ks", ED_ABBR_TITLE },
    { "lic", ED_ABBR_TITLE }, { "mevr", ED_ABBR_TITLE },
    { "mgr", ED_ABBR_TITLE }, { "mons", ED_ABBR_TITLE },
    { "mw", ED_ABBR_TITLE }, { "no", ED_ABBR_NUMBER }, { "np", ED_ABBR_TITLE },
    { "nr", ED_ABBR_NUMBER }, { "núm", ED_ABBR_NUMBER },
    { "pag", ED_ABBR_NUMBER }, { "pp", ED_ABBR_NUMBER },
    { "prof", ED_ABBR_TITLE }, { "pág", ED_ABBR_NUMBER },
    { "págs", ED_ABBR_NUMBER }, { "płk", ED_ABBR_TITLE },
    { "sec", ED_ABBR_NUMBER }, { "sig", ED_ABBR_TITLE },
    { "sog", ED_ABBR_TITLE }, { "sr", ED_ABBR_TITLE },
    { "sra", ED_ABBR_TITLE }, { "srta", ED_ABBR_TITLE },
    { "str", ED_ABBR_NUMBER }, { "tel", ED_ABBR_NUMBER },
    { "tzw", ED_ABBR_TITLE }, { "ul", ED_ABBR_TITLE },
    { "vgl", ED_ABBR_TITLE }, { "viz", ED_ABBR_SOFT },
    { "vol", ED_ABBR_NUMBER }, { "vs", ED_ABBR_SOFT },
    { "zzgl", ED_ABBR_TITLE }, { "Öğr", ED_ABBR_TITLE },
    { "św", ED_ABBR_TITLE }, { "Αγ", ED_ABBR_TITLE }, { "Δρ", ED_ABBR_TITLE },
    { "Καθ", ED_ABBR_TITLE }, { "αγ", ED_ABBR_TITLE },
    { "αρ", ED_ABBR_NUMBER }, { "κ", ED_ABBR_TITLE }, { "κα", ED_ABBR_TITLE },
    { "κκ", ED_ABBR_TITLE }, { "акад", ED_ABBR_TITLE },
    { "вул", ED_ABBR_TITLE }, { "гл", ED_ABBR_NUMBER },
    { "гр", ED_ABBR_TITLE }, { "доц", ED_ABBR_TITLE }, { "им", ED_ABBR_TITLE },
    { "кв", ED_ABBR_TITLE }, { "напр", ED_ABBR_TITLE },
    { "обл", ED_ABBR_TITLE }, { "пер", ED_ABBR_TITLE },
    { "пл", ED_ABBR_TITLE }, { "просп", ED_ABBR_TITLE },
    { "проф", ED_ABBR_TITLE }, { "рис", ED_ABBR_NUMBER },
    { "св", ED_ABBR_TITLE }, { "ст", ED_ABBR_NUMBER },
    { "стр", ED_ABBR_NUMBER }, { "тов", ED_ABBR_TITLE },
    { "ул", ED_ABBR_TITLE }
};


static const char *const  ed_starters[] = {
    "After", "Although", "Among", "And", "As", "At", "Because", "Before",
    "But", "During", "For", "He", "Her", "His", "How", "However", "If", "In",
    "It", "Its", "Meanwhile", "On", "Our", "She", "Since", "That", "The",
    "Their", "Then", "There", "These", "They", "This", "Those", "Though",
    "Under", "We", "What", "When", "Where", "While", "Why", "With", NULL
};


static const char *const  ed_counted[] = {
    "Januar", "Jänner", "Februar", "Feber", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
    "Jahrhundert", "Jahrhunderts", "Jahrestag", "Geburtstag", "Lebensjahr",
    "Weltkrieg", "Weltkriegs", "Spieltag", "Spielminute", "Minute", "Runde",
    NULL
};


ed_rc_t
ed_text_sentences(ed_arena_t *arena, const ed_text_t *text,
    ed_sentence_t **sentences, size_t *n)
{
    ed_rc_t     rc;
    ed_split_t  s;

    memset(&s, 0, sizeof(ed_split_t));

    s.text = ed_str(text->data, text->len);
    ed_buf_init(&s.found, SIZE_MAX / 2);

    rc = ed_split(&s);

    if (rc == ED_OK) {
        *n = ed_buf_count(&s.found, ed_sentence_t);
        *sentences = ed_arena_alloc(arena, s.found.len + 1);

        if (*sentences == NULL) {
            rc = ED_NOMEM;

        } else if (*n != 0) {
            memcpy(*sentences, s.found.data, s.found.len);
        }
    }

    ed_buf_free(&s.found);

    return rc;
}


int
ed_is_mark(uint32_t code)
{
    return ed_mark(code) != ED_MARK_NONE;
}


static ed_rc_t
ed_split(ed_split_t *s)
{
    size_t     stop, closed;
    ed_rc_t    rc;
    ed_mark_e  mark;

    for ( ;; ) {
        stop = ed_split_skip(s);

        if (stop == s->text.len) {
            break;
        }

        mark = ed_split_marks(s);
        if (mark == ED_MARK_NONE) {
            continue;
        }

        closed = ed_split_closers(s, mark);

        if (!ed_split_ends(s, stop, mark, closed)) {
            continue;
        }

        rc = ed_split_add(s, s->at);
        if (rc != ED_OK) {
            return rc;
        }
    }

    return s->begin < s->text.len ? ed_split_add(s, s->text.len) : ED_OK;
}


/* Goes on to where a mark may be. */

static size_t
ed_split_skip(ed_split_t *s)
{
    size_t          at, len;
    const uint8_t  *p;

    p = s->text.data;
    len = s->text.len;

    for (at = s->at; at < len && !ed_split_class[p[at]]; at++) {
        /* void */
    }

    s->at = at;

    return at;
}


/*
 * Reads the marks that stand here; the strongest counts, and a row of full
 * stops is an ellipsis.  Reads one character where there is no mark.
 */

static ed_mark_e
ed_split_marks(ed_split_t *s)
{
    size_t     n, len;
    uint32_t   code;
    ed_mark_e  mark, all;

    all = ED_MARK_NONE;

    for (n = 0; s->at < s->text.len; n++) {
        len = ed_utf8_get(s->text.data + s->at, s->text.len - s->at, &code);
        mark = ed_mark(code);

        if (mark == ED_MARK_NONE && n != 0) {
            break;
        }

        s->at += len;

        if (mark == ED_MARK_NONE) {
            s->quoted ^= (code == '"');
            break;
        }

        if (mark == ED_MARK_STOP && n != 0) {
            mark = ED_MARK_SPACED;
        }

        all = mark > all ? mark : all;
    }

    return all;
}


/*
 * Reads what closes behind the marks, returns how many bytes.  A quote that
 * may open as well as close (a straight one, the German closing “) closes
 * here, unless the mark needs no space before what follows.
 */

static size_t
ed_split_closers(ed_split_t *s, ed_mark_e mark)
{
    size_t    len, begin;
    uint32_t  code;

    begin = s->at;
    s->at += ed_split_apart(s);

    while (s->at < s->text.len) {
        len = ed_utf8_get(s->text.data + s->at, s->text.len - s->at, &code);

        if (code == '"') {
            if (mark == ED_MARK_ALONE && !s->quoted) {
                break;
            }

            s->quoted = !s->quoted;

        } else if (code == 0x2018 || code == 0x201c) {
            if (mark == ED_MARK_ALONE) {
                break;
            }

        } else if (!ed_is_closer(code)) {
            break;
        }

        s->at += len;
    }

    return s->at - begin;
}


/* French sets a space before a closing quote: 1 where that is so here. */

static size_t
ed_split_apart(const ed_split_t *s)
{
    size_t    at;
    uint32_t  code;

    at = s->at + 1;

    if (at >= s->text.len || s->text.data[s->at] != ' ') {
        return 0;
    }

    at += ed_utf8_get(s->text.data + at, s->text.len - at, &code);

    return ((code == '"' && s->quoted) || code == 0x00bb)
           && (at == s->text.len || s->text.data[at] == ' ');
}


/* Do the marks at stop, with what closes behind them, end the sentence? */

static int
ed_split_ends(const ed_split_t *s, size_t stop, ed_mark_e mark, size_t closed)
{
    size_t    at;
    uint32_t  code;

    if (s->at == s->text.len) {
        return 1;
    }

    if (s->text.data[s->at] != ' ') {
        return ed_split_ends_unspaced(s, mark, closed);
    }

    if (mark == ED_MARK_ALONE) {
        return 1;
    }

    at = ed_opened(s->text, s->at + 1);

    if (at < s->text.len) {
        ed_utf8_get(s->text.data + at, s->text.len - at, &code);

        if (ed_is_small(code)) {
            return 0;
        }
    }

    return mark != ED_MARK_STOP || !ed_split_abbreviated(s, stop);
}


/*
 * No space follows.  A Japanese particle behind a closed quotation goes on
 * with the sentence that quotes.
 */

static int
ed_split_ends_unspaced(const ed_split_t *s, ed_mark_e mark, size_t closed)
{
    uint32_t  code;

    ed_utf8_get(s->text.data + s->at, s->text.len - s->at, &code);

    if (closed != 0 && code >= 0x3040 && code <= 0x309f) {
        return 0;
    }

    return mark == ED_MARK_ALONE
           || (mark == ED_MARK_SPACED && ed_is_han(code));
}


static int
ed_split_abbreviated(const ed_split_t *s, size_t stop)
{
    ed_str_t  word, rest;

    word = ed_split_word(s, stop);
    rest.data = s->text.data + ed_opened(s->text, s->at + 1);
    rest.len = s->text.len - (size_t) (rest.data - s->text.data);

    switch (ed_abbreviation(word)) {

    case ED_ABBR_TITLE:
        return 1;

    case ED_ABBR_SOFT:
        return !ed_is_listed(ed_starters, rest);

    case ED_ABBR_NUMBER:
        return rest.len != 0 && (uint8_t) (rest.data[0] - '0') < 10;

    default:
        return ed_is_ordinal(word, rest);
    }
}


/*
 * The letters, digits and full stops directly before; more than ED_WORD_MAX
 * bytes where they are many, none where an apostrophe joins them to a word
 * ("John's.").
 */

static ed_str_t
ed_split_word(const ed_split_t *s, size_t stop)
{
    size_t    i, begin;
    uint32_t  code;

    begin = stop;

    while (begin > s->begin && stop - begin <= ED_WORD_MAX) {
        i = begin - 1;

        while (i > s->begin && (s->text.data[i] & 0xc0) == 0x80) {
            i--;
        }

        ed_utf8_get(s->text.data + i, begin - i, &code);

        if (code == '\'' || code == 0x2019) {
            return i > s->begin && s->text.data[i - 1] != ' '
                   ? ED_STR_EMPTY
                   : ed_str(s->text.data + begin, stop - begin);
        }

        if (code != '.' && !ed_is_word(code)) {
            break;
        }

        begin = i;
    }

    return ed_str(s->text.data + begin, stop - begin);
}


static ed_rc_t
ed_split_add(ed_split_t *s, size_t end)
{
    ed_sentence_t  sentence;

    sentence.start = (uint32_t) s->begin;
    sentence.end = (uint32_t) end;

    while (end < s->text.len && s->text.data[end] == ' ') {
        end++;
    }

    s->begin = end;
    s->at = end;

    return ed_buf_append(&s->found, &sentence, sizeof(ed_sentence_t));
}


static ed_mark_e
ed_mark(uint32_t code)
{
    switch (code) {

    case '.':
        return ED_MARK_STOP;

    case '!': case '?': case 0x2026: case 0x203c: case 0x203d: case 0x2047:
    case 0x2048: case 0x2049:
        return ED_MARK_SPACED;

    case 0x0589: case 0x061f: case 0x06d4: case 0x0964: case 0x0965:
    case 0x104b: case 0x1362: case 0x1367: case 0x17d4: case 0x3002:
    case 0xff01: case 0xff1f: case 0xff61:
        return ED_MARK_ALONE;

    default:
        return ED_MARK_NONE;
    }
}


static int
ed_is_closer(uint32_t code)
{
    switch (code) {

    case '\'': case ')': case ']': case '}': case 0x00bb: case 0x2019:
    case 0x201d: case 0x203a: case 0x300b: case 0x300d: case 0x300f:
    case 0x3011: case 0x3015: case 0xff09: case 0xff3d: case 0xff63:
        return 1;

    default:
        return 0;
    }
}


static int
ed_is_opener(uint32_t code)
{
    switch (code) {

    case '"': case '\'': case '(': case '[': case '-': case 0x00a1:
    case 0x00ab: case 0x00bb: case 0x00bf: case 0x2013: case 0x2014:
    case 0x2018: case 0x201a: case 0x201c: case 0x201d: case 0x201e:
    case 0x2039: case 0x203a: case ' ':
        return 1;

    default:
        return 0;
    }
}


/* Kana and Han, which follow an ASCII ! or ? without a space. */

static int
ed_is_han(uint32_t code)
{
    return (code >= 0x3040 && code <= 0x30ff)
           || (code >= 0x3400 && code <= 0x9fff);
}


/* Behind the quotes, brackets and dashes at a place. */

static size_t
ed_opened(ed_str_t text, size_t at)
{
    size_t    i, len;
    uint32_t  code;

    for (i = 0; i < ED_OPENERS && at < text.len; i++) {
        len = ed_utf8_get(text.data + at, text.len - at, &code);

        if (!ed_is_opener(code)) {
            break;
        }

        at += len;
    }

    return at;
}


static ed_abbr_e
ed_abbreviation(ed_str_t word)
{
    int     order;
    size_t  low, high, middle;

    if (word.len == 0 || word.len > ED_WORD_MAX) {
        return ED_ABBR_NONE;
    }

    if (ed_is_dotted(word)) {
        return ED_ABBR_SOFT;
    }

    low = 0;
    high = sizeof(ed_abbreviations) / sizeof(ed_abbreviations[0]);

    while (low < high) {
        middle = (low + high) / 2;
        order = strncmp((const char *) word.data,
                        ed_abbreviations[middle].word, word.len);

        if (order == 0
            && ed_abbreviations[middle].word[word.len] == '\0')
        {
            return ed_abbreviations[middle].kind;
        }

        if (order <= 0) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return ED_ABBR_NONE;
}


/*
 * A single letter, or up to three between full stops: "J", "U.S", "Ph.D",
 * "т.е".  Numbers are none.
 */

static int
ed_is_dotted(ed_str_t word)
{
    size_t    i, len, letters, longest;
    uint32_t  code;

    letters = 0;
    longest = 1;

    for (i = 0; i < word.len; i += len) {
        len = ed_utf8_get(word.data + i, word.len - i, &code);

        if (code == '.') {
            letters = 0;
            longest = 3;
            continue;
        }

        letters++;

        if (letters > 3 || (code >= '0' && code <= '9')) {
            return 0;
        }
    }

    return letters != 0 && letters <= longest;
}


/* "am 3." before "Oktober". */

static int
ed_is_ordinal(ed_str_t word, ed_str_t next)
{
    size_t  i;

    if (word.len == 0 || word.len > 2) {
        return 0;
    }

    for (i = 0; i < word.len; i++) {
        if ((uint8_t) (word.data[i] - '0') >= 10) {
            return 0;
        }
    }

    return ed_is_listed(ed_counted, next);
}


/* Does the text go on with one of these words? */

static int
ed_is_listed(const char *const *list, ed_str_t rest)
{
    size_t    len;
    uint32_t  code;

    for ( /* void */ ; *list != NULL; list++) {
        len = strlen(*list);

        if (len > rest.len || memcmp(*list, rest.data, len) != 0) {
            continue;
        }

        if (len == rest.len) {
            return 1;
        }

        ed_utf8_get(rest.data + len, rest.len - len, &code);

        if (!ed_is_word(code)) {
            return 1;
        }
    }

    return 0;
}
