
/*
 * Only text that is plainly UTF-8 can be sketched: an accented letter may be
 * written as itself or as a reference, and other charsets have their quotes
 * elsewhere.  Whatever is not understood here makes the answer "maybe".
 */

#include "ed_sketch.h"


#define ED_SKETCH_LETTERS  16
#define ED_SKETCH_FURTHER  40          /* letters that tell those apart whose
                                          first ones are equal */
#define ED_SKETCH_FIRST    4           /* letters that decide whether to read
                                          the others */
#define ED_SKETCH_BITS     4096
#define ED_SKETCH_SEED     0xcbf29ce484222325u
#define ED_SKETCH_PRIME    0x100000001b3u
#define ED_SKETCH_COMPARE  64          /* letters compared where sketches are
                                          equal; then they are alike */
#define ED_SKETCH_ASCII    3           /* marks that end a sentence of ASCII */
#define ED_SKETCH_BYTES    30          /* a shorter paragraph is no quote, and
                                          cannot hold one */


typedef enum {
    ED_SKETCH_WHOLE = 0,               /* so many letters were found */
    ED_SKETCH_SHORT,                   /* the text ended before */
    ED_SKETCH_UNSURE                   /* something that may be a letter */
} ed_sketch_e;


/* A place in the runs of a paragraph. */
typedef struct {
    const uint8_t     *data;
    const ed_run_t    *runs;
    size_t             nruns;
    size_t             run;
    uint32_t           at;
} ed_sketch_cursor_t;


typedef struct {
    uint64_t           sketch;         /* 0: an empty slot */
    uint64_t           further;        /* of ED_SKETCH_FURTHER letters; 0: the
                                          paragraph has not so many */
    uint32_t           para;
} ed_sketch_slot_t;


/* The sketches of the paragraphs' beginnings, equal ones in several slots. */
typedef struct {
    ed_blocks_t       *blocks;
    ed_sketch_slot_t  *slots;
    size_t             mask;
    size_t             budget;         /* letters that may be compared still */
    uint64_t           first[ED_SKETCH_BITS / 64];  /* by the first letters:
                                                       is there one? */
} ed_sketch_set_t;


static ed_sketch_e ed_sketch(const ed_sketch_set_t *set,
    ed_sketch_cursor_t cursor, uint64_t *sketch);
static uint64_t ed_sketch_further(ed_sketch_cursor_t cursor);
static ed_sketch_e ed_sketch_read(ed_sketch_cursor_t *c, unsigned n,
    uint64_t *hash);
static int ed_sketch_has_first(const ed_sketch_set_t *set, uint64_t hash);
static int ed_sketch_next(ed_sketch_cursor_t *cursor);
static void ed_sketch_begin(ed_sketch_cursor_t *cursor,
    const ed_blocks_t *blocks, uint32_t para);
static size_t ed_sketch_skip(const uint8_t *p, size_t len, int *letter);
static size_t ed_sketch_reference(const uint8_t *p, size_t len, int *letter);
static int ed_sketch_is_punctuation(ed_str_t name);
static int ed_sketch_add(ed_sketch_set_t *set, uint32_t para);
static int ed_sketch_sentences(ed_sketch_set_t *set, uint32_t para);
static int ed_sketch_is_ascii(const uint8_t *p, const uint8_t *end);
static int ed_sketch_find(ed_sketch_set_t *set, uint64_t sketch,
    uint32_t para, ed_sketch_cursor_t cursor);
static int ed_sketch_goes_on(ed_sketch_cursor_t a, ed_sketch_cursor_t b,
    size_t *budget);
static int ed_sketch_is_text(const ed_para_t *para);
static ed_rc_t ed_sketch_all(ed_blocks_t *blocks, int *sure);


#define ED_LETTER_NONE    0            /* the character adds none */
#define ED_LETTER_END    -1            /* the text has ended */
#define ED_LETTER_UNSURE -2


ed_rc_t
ed_sketch_repeats(ed_blocks_t *blocks, int *any)
{
    int       sure;
    ed_rc_t   rc;
    uint32_t  i;

    rc = ed_sketch_all(blocks, &sure);
    if (rc != ED_OK) {
        return rc;
    }

    *any = !sure;

    for (i = 0; i < blocks->nparas; i++) {
        blocks->paras[i].alike |= !sure;
        *any |= blocks->paras[i].alike;
    }

    return ED_OK;
}


/* *sure is 0 where something was not understood: any may repeat any. */

static ed_rc_t
ed_sketch_all(ed_blocks_t *blocks, int *sure)
{
    size_t           size;
    uint32_t         i;
    ed_sketch_set_t  set;

    *sure = 0;

    if (strcmp(ed_charset_name(blocks->cs), "UTF-8") != 0) {
        return ED_OK;
    }

    for (size = 16; size < 2 * (size_t) blocks->nparas; size *= 2) {
        /* void */
    }

    memset(set.first, 0, sizeof(set.first));

    set.blocks = blocks;
    set.mask = size - 1;
    set.budget = (size_t) blocks->article->len + ED_SKETCH_COMPARE;
    set.slots = ed_arena_zalloc(blocks->arena,
                                size * sizeof(ed_sketch_slot_t));
    if (set.slots == NULL) {
        return ED_NOMEM;
    }

    for (i = 0; i < blocks->nparas; i++) {
        if (ed_sketch_is_text(&blocks->paras[i]) && !ed_sketch_add(&set, i)) {
            return ED_OK;
        }
    }

    for (i = 0; i < blocks->nparas; i++) {
        if (ed_sketch_is_text(&blocks->paras[i])
            && !ed_sketch_sentences(&set, i))
        {
            return ED_OK;
        }
    }

    *sure = 1;

    return ED_OK;
}


/* Running text, long enough to be a quote or to hold one. */

static int
ed_sketch_is_text(const ed_para_t *para)
{
    size_t  i, len;

    if (para->kind != ED_PARA_TEXT) {
        return 0;
    }

    len = 0;

    for (i = 0; i < para->nruns; i++) {
        len += para->runs[i].end - para->runs[i].start;

        if (len >= ED_SKETCH_BYTES) {
            return 1;
        }
    }

    return 0;
}


/*
 * The hash of the next letters, never 0.  Where no sketch of the set has the
 * first few of them, the rest need not be read: that is SHORT, too.
 */

static ed_sketch_e
ed_sketch(const ed_sketch_set_t *set, ed_sketch_cursor_t cursor,
    uint64_t *sketch)
{
    uint64_t     hash;
    ed_sketch_e  rc;

    hash = ED_SKETCH_SEED;

    rc = ed_sketch_read(&cursor, ED_SKETCH_FIRST, &hash);

    if (rc == ED_SKETCH_WHOLE && !ed_sketch_has_first(set, hash)) {
        return ED_SKETCH_SHORT;
    }

    if (rc == ED_SKETCH_WHOLE) {
        rc = ed_sketch_read(&cursor, ED_SKETCH_LETTERS - ED_SKETCH_FIRST,
                            &hash);
    }

    *sketch = hash | 1;

    return rc;
}


/* Like a sketch, of more letters; 0: there are not so many. */

static uint64_t
ed_sketch_further(ed_sketch_cursor_t cursor)
{
    uint64_t  hash;

    hash = ED_SKETCH_SEED;

    return ed_sketch_read(&cursor, ED_SKETCH_FURTHER, &hash) == ED_SKETCH_WHOLE
           ? hash | 1 : 0;
}


/* FNV-1a over n letters. */

static ed_sketch_e
ed_sketch_read(ed_sketch_cursor_t *c, unsigned n, uint64_t *hash)
{
    int              letter;
    uint8_t          byte;
    const uint8_t   *p, *end;
    const ed_run_t  *run;

    for ( /* void */ ; c->run < c->nruns; c->run++) {
        run = &c->runs[c->run];

        p = c->data + (c->at < run->start ? run->start : c->at);
        end = c->data + run->end;

        while (p < end) {
            byte = *p;
            letter = byte;

            if ((uint8_t) ((byte | 0x20) - 'a') < 26
                || (uint8_t) (byte - '0') < 10)
            {
                p++;

            } else if (byte < 0x80 && byte != '&') {
                p++;
                continue;

            } else {
                p += ed_sketch_skip(p, (size_t) (end - p), &letter);

                if (letter == ED_LETTER_NONE) {
                    continue;
                }

                if (letter == ED_LETTER_UNSURE) {
                    return ED_SKETCH_UNSURE;
                }
            }

            *hash = (*hash ^ (unsigned) letter) * ED_SKETCH_PRIME;

            if (--n == 0) {
                c->at = (uint32_t) (p - c->data);
                return ED_SKETCH_WHOLE;
            }
        }
    }

    return ED_SKETCH_SHORT;
}


/* Is there a sketch whose first letters have that hash? */

static int
ed_sketch_has_first(const ed_sketch_set_t *set, uint64_t hash)
{
    hash = hash >> 20 & (ED_SKETCH_BITS - 1);

    return (set->first[hash / 64] >> (hash % 64) & 1) != 0;
}


/* The next letter, or ED_LETTER_END, ED_LETTER_UNSURE. */

static int
ed_sketch_next(ed_sketch_cursor_t *c)
{
    int              letter;
    const ed_run_t  *run;

    for ( /* void */ ; c->run < c->nruns; c->run++) {
        run = &c->runs[c->run];

        if (c->at < run->start) {
            c->at = run->start;
        }

        while (c->at < run->end) {
            c->at += (uint32_t) ed_sketch_skip(c->data + c->at,
                                               run->end - c->at, &letter);
            if (letter != ED_LETTER_NONE) {
                return letter;
            }
        }
    }

    return ED_LETTER_END;
}


static void
ed_sketch_begin(ed_sketch_cursor_t *cursor, const ed_blocks_t *blocks,
    uint32_t para)
{
    cursor->data = blocks->article->data;
    cursor->runs = blocks->paras[para].runs;
    cursor->nruns = blocks->paras[para].nruns;
    cursor->run = 0;
    cursor->at = 0;
}


/*
 * The bytes that the next character takes, and what it adds to a sketch
 * (0: nothing).  Of a letter beyond ASCII every byte counts.
 */

static size_t
ed_sketch_skip(const uint8_t *p, size_t len, int *letter)
{
    uint8_t  c;

    c = *p;
    *letter = ED_LETTER_NONE;

    if ((uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10) {
        *letter = c;
        return 1;
    }

    if (c == '&') {
        return ed_sketch_reference(p, len, letter);
    }

    if (c < 0x80) {
        return 1;
    }

    /* U+0080..BF, general punctuation, CJK punctuation, a BOM */

    if (c == 0xc2) {
        return len < 2 ? len : 2;
    }

    if (len >= 3 && ((c == 0xe2 && p[1] == 0x80)
                     || (c == 0xe3 && p[1] == 0x80)
                     || (c == 0xef && p[1] == 0xbb)
                     || (c == 0xd8 && p[1] == 0x9c)))
    {
        return 3 - (c == 0xd8);
    }

    if (c == 0xe2 || c >= 0xef) {
        *letter = ED_LETTER_UNSURE;
        return 1;
    }

    *letter = c;

    return 1;
}


static size_t
ed_sketch_reference(const uint8_t *p, size_t len, int *letter)
{
    size_t    i;
    uint32_t  code;

    for (i = 1; i < len && i < 12; i++) {
        if (p[i] == ';') {
            break;
        }
    }

    if (i == len || i == 12) {

        /* a lone ampersand, unless a name stands right behind it */

        if (len > 1 && ((uint8_t) (ed_lower(p[1]) - 'a') < 26
                        || p[1] == '#'))
        {
            *letter = ED_LETTER_UNSURE;
        }

        return 1;
    }

    if (p[1] != '#') {
        if (!ed_sketch_is_punctuation(ed_str(p + 1, i - 1))) {
            *letter = ED_LETTER_UNSURE;
        }

        return i + 1;
    }

    code = 0;

    for (len = 2; len < i; len++) {
        if ((uint8_t) (p[len] - '0') > 9) {
            *letter = ED_LETTER_UNSURE;
            return i + 1;
        }

        code = code * 10 + (uint32_t) (p[len] - '0');
    }

    if ((code >= '0' && code <= '9')
        || (code < 0x80 && (uint8_t) (ed_lower((uint8_t) code) - 'a') < 26))
    {
        *letter = (int) code;

    } else if ((code >= 0x80 && code < 0xa0)
               || (code >= 0xc0 && (code < 0x2000 || code > 0x206f)))
    {
        *letter = ED_LETTER_UNSURE;
    }

    return i + 1;
}


static int
ed_sketch_is_punctuation(ed_str_t name)
{
    size_t                    i;
    static const char *const  names[] = {
        "amp", "lt", "gt", "quot", "apos", "nbsp", "shy", "hellip",
        "ldquo", "rdquo", "lsquo", "rsquo", "bdquo", "sbquo", "laquo",
        "raquo", "lsaquo", "rsaquo", "ndash", "mdash", "middot", "bull"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ed_str_eq(name, ed_str(names[i], strlen(names[i])))) {
            return 1;
        }
    }

    return 0;
}


/* Adds a paragraph's beginning; zero: it cannot be told. */

static int
ed_sketch_add(ed_sketch_set_t *set, uint32_t para)
{
    size_t              i;
    uint64_t            hash, bit;
    ed_sketch_cursor_t  start, cursor;

    ed_sketch_begin(&start, set->blocks, para);

    cursor = start;
    hash = ED_SKETCH_SEED;

    if (ed_sketch_read(&cursor, ED_SKETCH_FIRST, &hash) != ED_SKETCH_WHOLE) {
        return 0;
    }

    bit = hash >> 20 & (ED_SKETCH_BITS - 1);
    set->first[bit / 64] |= (uint64_t) 1 << (bit % 64);

    if (ed_sketch_read(&cursor, ED_SKETCH_LETTERS - ED_SKETCH_FIRST, &hash)
        != ED_SKETCH_WHOLE)
    {
        return 0;
    }

    hash |= 1;

    if (!ed_sketch_find(set, hash, para, start)) {
        return 0;
    }

    i = (size_t) hash >> 7 & set->mask;

    while (set->slots[i].sketch != 0) {
        i = (i + 1) & set->mask;
    }

    set->slots[i].sketch = hash;
    set->slots[i].further = ed_sketch_further(start);
    set->slots[i].para = para;

    return 1;
}


/*
 * Looks up what follows every byte that may end a sentence: ASCII's marks,
 * and the last bytes of the marks of other scripts.  Zero: it cannot be told.
 */

static int
ed_sketch_sentences(ed_sketch_set_t *set, uint32_t para)
{
    size_t              i, n;
    uint64_t            sketch;
    ed_sketch_e         rc;
    const uint8_t      *p, *end, *mark;
    ed_sketch_cursor_t  cursor;

    static const uint8_t  marks[] = {
        '.', '!', '?',                 /* ED_SKETCH_ASCII of them */
        0xa6,                          /* U+2026 */
        0x82, 0x81, 0x9f,              /* U+3002, FF01, FF1F, 061F */
        0x94, 0xa4                     /* U+06D4, 0964 */
    };

    ed_sketch_begin(&cursor, set->blocks, para);

    for ( /* void */ ; cursor.run < cursor.nruns; cursor.run++) {
        end = cursor.data + cursor.runs[cursor.run].end;

        n = ed_sketch_is_ascii(cursor.data + cursor.runs[cursor.run].start,
                               end)
            ? ED_SKETCH_ASCII : sizeof(marks);

        for (i = 0; i < n; i++) {
            p = cursor.data + cursor.runs[cursor.run].start;

            for ( ;; ) {
                mark = memchr(p, marks[i], (size_t) (end - p));
                if (mark == NULL) {
                    break;
                }

                p = mark + 1;
                cursor.at = (uint32_t) (p - cursor.data);

                rc = ed_sketch(set, cursor, &sketch);

                if (rc == ED_SKETCH_UNSURE
                    || (rc == ED_SKETCH_WHOLE
                        && !ed_sketch_find(set, sketch, para, cursor)))
                {
                    return 0;
                }
            }
        }
    }

    return 1;
}


static int
ed_sketch_is_ascii(const uint8_t *p, const uint8_t *end)
{
    uint64_t  word, bits;

    bits = 0;

    while (end - p >= (ptrdiff_t) sizeof(uint64_t)) {
        memcpy(&word, p, sizeof(uint64_t));
        bits |= word;
        p += sizeof(uint64_t);
    }

    while (p < end) {
        bits |= *p++;
    }

    return (bits & 0x8080808080808080u) == 0;
}


/*
 * Marks the other paragraphs of that sketch which go on as the text at the
 * cursor does, or which end before that is told, and its paragraph.  Zero:
 * too many have had to be compared.
 */

static int
ed_sketch_find(ed_sketch_set_t *set, uint64_t sketch, uint32_t para,
    ed_sketch_cursor_t cursor)
{
    size_t              i;
    uint64_t            further;
    ed_sketch_cursor_t  other;

    further = 0;

    for (i = (size_t) sketch >> 7 & set->mask;
         set->slots[i].sketch != 0;
         i = (i + 1) & set->mask)
    {
        if (set->slots[i].sketch != sketch || set->slots[i].para == para) {
            continue;
        }

        if (further == 0) {
            further = ed_sketch_further(cursor);
        }

        if (further != 0 && set->slots[i].further != 0
            && further != set->slots[i].further)
        {
            continue;
        }

        if (set->budget < ED_SKETCH_COMPARE) {
            return 0;
        }

        ed_sketch_begin(&other, set->blocks, set->slots[i].para);

        if (ed_sketch_goes_on(other, cursor, &set->budget)) {
            set->blocks->paras[set->slots[i].para].alike = 1;
            set->blocks->paras[para].alike = 1;
        }
    }

    return 1;
}


static int
ed_sketch_goes_on(ed_sketch_cursor_t a, ed_sketch_cursor_t b, size_t *budget)
{
    int       here, there;
    unsigned  n;

    for (n = 0; n < ED_SKETCH_COMPARE; n++) {
        there = ed_sketch_next(&a);
        here = ed_sketch_next(&b);
        (*budget)--;

        if (there < 0 || here < 0) {
            return 1;
        }

        if (here != there) {
            return 0;
        }
    }

    return 1;
}
