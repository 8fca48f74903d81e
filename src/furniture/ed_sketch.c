
/*
 * What the letters of a piece of text add up to is the same however they are
 * written: with or without tags between them, as references, in another kind
 * of quotes.  A paragraph that repeats sentences of another begins where one
 * of them begins, so that both go on with the same letters up to a mark that
 * ends a sentence:
 *
 *     paragraph   "Every fare is paid again. Nobody says so."
 *                  |<----- opening ----->|
 *     another     Mr. Oak knew. <b>Every</b> fare is paid again. Nobody …
 *                 |<--------->| |<------------------------->|
 *                        looked up
 *
 * An opening ends at the first mark that has enough letters before it ("Mr."
 * has not).  The openings of all paragraphs stand in a table; then what goes
 * on behind each mark of the article is looked up in it.
 *
 * What is a letter, and what is a mark, is told from the same characters that
 * the text is made of, so that nothing is missed.
 */

#include "ed_sketch.h"


#define ED_SKETCH_ENOUGH  1600         /* as much as some 16 letters add up to,
                                          each of which is 64 to 127 */
#define ED_SKETCH_STARTS  32           /* sentences that have begun: each has
                                          one letter more than the next */
#define ED_SKETCH_BYTES   30           /* a shorter paragraph is no quote, and
                                          cannot hold one */
#define ED_SKETCH_LEAP    1024         /* bytes added up before the lanes of a
                                          vector can be full */
#define ED_SKETCH_MIX     0x9e3779b97f4a7c15u


/* As the compiler has them on any machine: vectors of 16 bytes. */

typedef int8_t    ed_bytes_t __attribute__((vector_size(16)));
typedef uint8_t   ed_ubytes_t __attribute__((vector_size(16)));
typedef uint16_t  ed_pairs_t __attribute__((vector_size(16)));
typedef uint64_t  ed_halves_t __attribute__((vector_size(16)));


/* What letters add up to; those of a part are the difference of two. */
typedef struct {
    uint32_t           letters;
    uint16_t           squares;
} ed_tally_t;


/* The same, in the lanes of vectors. */
typedef struct {
    ed_pairs_t         letters;
    ed_pairs_t         squares;
} ed_tallies_t;


/* The text of a paragraph from its beginning on. */
typedef struct {
    ed_charset_t      *cs;
    const uint8_t     *data;
    const ed_run_t    *runs;
    size_t             nruns;          /* left */
    const uint8_t     *p;              /* in the first of them */
    ed_tally_t         tally;
} ed_reader_t;


typedef struct {
    uint64_t           opening;        /* 0: an empty slot */
    uint32_t           para;           /* the first that opens so */
    unsigned           found:1;        /* in another paragraph, too */
} ed_opening_t;


/* A hash table with linear probing, at least half of it empty. */
typedef struct {
    ed_blocks_t       *blocks;
    ed_opening_t      *slots;
    unsigned           shift;          /* of a mixed opening: its slot */
    uint32_t           mask;
    uint32_t          *of;             /* paragraphs: the slot of each */
} ed_openings_t;


static ed_rc_t ed_sketch_all(ed_blocks_t *blocks, int *sure);
static int ed_sketch_is_text(const ed_para_t *para);
static ed_rc_t ed_openings_make(ed_openings_t *openings, ed_blocks_t *blocks);
static int ed_openings_add(ed_openings_t *openings, uint32_t para);
static void ed_openings_look(ed_openings_t *openings, uint32_t para);
static void ed_openings_found(ed_openings_t *openings, uint64_t opening,
    uint32_t para);
static uint32_t ed_openings_slot(const ed_openings_t *openings,
    uint64_t opening);
static void ed_reader_init(ed_reader_t *reader, const ed_blocks_t *blocks,
    uint32_t para);
static int ed_reader_mark(ed_reader_t *reader);
static size_t ed_reader_character(ed_reader_t *reader, const uint8_t *p,
    const uint8_t *end, int *mark);
static uint64_t ed_tally_opening(const ed_tally_t *from,
    const ed_tally_t *to);
static const uint8_t *ed_tally_plain(ed_tally_t *tally, const uint8_t *p,
    const uint8_t *end);
static inline ed_bytes_t ed_tally_stops(ed_bytes_t bytes);
static inline void ed_tally_letters(ed_tallies_t *t, ed_bytes_t bytes);
static inline ed_bytes_t ed_first_bytes(size_t n);
static size_t ed_first_of(ed_bytes_t bytes);
static uint32_t ed_sum(ed_pairs_t lanes);


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


/* *sure is 0 where it cannot be told: any may repeat any. */

static ed_rc_t
ed_sketch_all(ed_blocks_t *blocks, int *sure)
{
    ed_rc_t         rc;
    uint32_t        i;
    ed_openings_t   openings;

    *sure = 0;

    if (!ed_charset_is_utf8(blocks->cs)) {
        return ED_OK;
    }

    rc = ed_openings_make(&openings, blocks);
    if (rc != ED_OK) {
        return rc;
    }

    for (i = 0; i < blocks->nparas; i++) {
        if (ed_sketch_is_text(&blocks->paras[i])
            && !ed_openings_add(&openings, i))
        {
            return ED_OK;
        }
    }

    for (i = 0; i < blocks->nparas; i++) {
        if (ed_sketch_is_text(&blocks->paras[i])) {
            ed_openings_look(&openings, i);
        }
    }

    for (i = 0; i < blocks->nparas; i++) {
        if (ed_sketch_is_text(&blocks->paras[i])
            && openings.slots[openings.of[i]].found)
        {
            blocks->paras[i].alike = 1;
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


static ed_rc_t
ed_openings_make(ed_openings_t *openings, ed_blocks_t *blocks)
{
    unsigned  bits;

    for (bits = 4; (size_t) 1 << bits < 2 * (size_t) blocks->nparas; bits++) {
        /* void */
    }

    openings->blocks = blocks;
    openings->shift = 64 - bits;
    openings->mask = ((uint32_t) 1 << bits) - 1;
    openings->slots = ed_arena_zalloc(blocks->arena,
                                      sizeof(ed_opening_t) << bits);
    openings->of = ed_arena_alloc(blocks->arena,
                                  (blocks->nparas + 1) * sizeof(uint32_t));

    return openings->slots != NULL && openings->of != NULL ? ED_OK : ED_NOMEM;
}


/* Adds a paragraph's opening; zero: it has not letters enough for one. */

static int
ed_openings_add(ed_openings_t *openings, uint32_t para)
{
    uint32_t       i;
    uint64_t       opening;
    ed_tally_t     none;
    ed_reader_t    reader;
    ed_opening_t  *slot;

    memset(&none, 0, sizeof(ed_tally_t));
    ed_reader_init(&reader, openings->blocks, para);

    while (ed_reader_mark(&reader)
           && reader.tally.letters < ED_SKETCH_ENOUGH)
    {
        /* void */
    }

    if (reader.tally.letters < ED_SKETCH_ENOUGH) {
        return 0;
    }

    opening = ed_tally_opening(&none, &reader.tally);
    i = ed_openings_slot(openings, opening);
    slot = &openings->slots[i];

    if (slot->opening == 0) {
        slot->opening = opening;
        slot->para = para;
    }

    openings->of[para] = i;

    return 1;
}


/*
 * Looks up what follows each mark of the paragraph, and its beginning.  A
 * sentence waits in starts[] until enough of the text behind it is read.
 */

static void
ed_openings_look(ed_openings_t *openings, uint32_t para)
{
    int           more;
    unsigned      first, next;
    ed_tally_t    starts[ED_SKETCH_STARTS], *start;
    ed_reader_t   reader;

    ed_reader_init(&reader, openings->blocks, para);

    starts[0] = reader.tally;
    first = 0;
    next = 1;

    do {
        more = ed_reader_mark(&reader);

        while (first != next) {
            start = &starts[first % ED_SKETCH_STARTS];

            if (reader.tally.letters - start->letters < ED_SKETCH_ENOUGH) {
                break;
            }

            ed_openings_found(openings, ed_tally_opening(start, &reader.tally),
                              para);
            first++;
        }

        /* marks in a row are one */

        if (first == next
            || starts[(next - 1) % ED_SKETCH_STARTS].letters
               != reader.tally.letters)
        {
            starts[next++ % ED_SKETCH_STARTS] = reader.tally;
        }

    } while (more);
}


/* A sentence of the paragraph begins as others open, perhaps. */

static void
ed_openings_found(ed_openings_t *openings, uint64_t opening, uint32_t para)
{
    ed_opening_t  *slot;

    slot = &openings->slots[ed_openings_slot(openings, opening)];

    if (slot->opening != 0 && slot->para != para) {
        slot->found = 1;
        openings->blocks->paras[para].alike = 1;
    }
}


/* The slot that has the opening, or the empty one where it belongs. */

static uint32_t
ed_openings_slot(const ed_openings_t *openings, uint64_t opening)
{
    uint32_t  i;

    i = (uint32_t) (opening * ED_SKETCH_MIX >> openings->shift);

    while (openings->slots[i].opening != 0
           && openings->slots[i].opening != opening)
    {
        i = (i + 1) & openings->mask;
    }

    return i;
}


static void
ed_reader_init(ed_reader_t *reader, const ed_blocks_t *blocks, uint32_t para)
{
    reader->cs = blocks->cs;
    reader->data = blocks->article->data;
    reader->runs = blocks->paras[para].runs;
    reader->nruns = blocks->paras[para].nruns;
    reader->p = reader->data + reader->runs[0].start;

    memset(&reader->tally, 0, sizeof(ed_tally_t));
}


/* Reads on to behind the next mark; zero: there is none. */

static int
ed_reader_mark(ed_reader_t *reader)
{
    int             mark;
    const uint8_t  *p, *end;

    mark = 0;
    p = reader->p;

    while (reader->nruns != 0) {
        end = reader->data + reader->runs->end;

        while (p < end) {
            p = ed_tally_plain(&reader->tally, p, end);

            if (p == end) {
                break;
            }

            if (*p == '.' || *p == '!' || *p == '?') {
                reader->p = p + 1;
                return 1;
            }

            p += ed_reader_character(reader, p, end, &mark);

            if (mark) {
                reader->p = p;
                return 1;
            }
        }

        reader->nruns--;

        if (reader->nruns != 0) {
            reader->runs++;
            p = reader->data + reader->runs->start;
        }
    }

    return 0;
}


/* Any character, or a reference to one; how many bytes it takes. */

static size_t
ed_reader_character(ed_reader_t *reader, const uint8_t *p, const uint8_t *end,
    int *mark)
{
    size_t    n;
    uint32_t  code;

    n = ed_text_read(reader->cs, p, (size_t) (end - p), reader->runs->raw,
                     &code);

    *mark = ed_is_mark(code);

    if (*mark) {
        return n;
    }

    if (code >= 0x80) {
        if (!ed_text_ordinary(code)) {
            return n;
        }

        code = 0x40 | (code & 0x3f);

    } else if ((code | 0x20) - 'a' >= 26) {
        return n;
    }

    reader->tally.letters += code;
    reader->tally.squares += (uint16_t) (code * code);

    return n;
}


/* The letters between two places of a paragraph; never 0. */

static uint64_t
ed_tally_opening(const ed_tally_t *from, const ed_tally_t *to)
{
    return (uint64_t) (to->letters - from->letters) << 16
           | (uint16_t) (to->squares - from->squares);
}


/*
 * Adds the letters of plain ASCII up to a mark, a reference or something
 * beyond ASCII, sixteen bytes at a time; may stop before one.  Behind the end
 * of the text nothing is read.
 */

static const uint8_t *
ed_tally_plain(ed_tally_t *tally, const uint8_t *p, const uint8_t *end)
{
    size_t        n, left;
    ed_bytes_t    bytes, stop;
    ed_halves_t   any;
    ed_tallies_t  t;

    memset(&t, 0, sizeof(ed_tallies_t));
    bytes = (ed_bytes_t) { 0 };
    stop = bytes;

    if (end - p > ED_SKETCH_LEAP) {
        end = p + ED_SKETCH_LEAP;
    }

    for ( /* void */ ; end - p >= 16; p += 16) {
        memcpy(&bytes, p, 16);

        stop = ed_tally_stops(bytes);
        any = (ed_halves_t) stop;

        if ((any[0] | any[1]) != 0) {
            break;
        }

        ed_tally_letters(&t, bytes);
    }

    left = (size_t) (end - p);

    if (left != 0) {
        if (left < 16) {
            bytes = (ed_bytes_t) { 0 };
            memcpy(&bytes, p, left);
            stop = ed_tally_stops(bytes);
        }

        n = ed_first_of(stop);
        n = n < left ? n : left;

        ed_tally_letters(&t, bytes & ed_first_bytes(n));

        p += n;
    }

    tally->letters += ed_sum(t.letters);
    tally->squares += (uint16_t) ed_sum(t.squares);

    return p;
}


/* As signed numbers, all bytes beyond ASCII are less than 0. */

static inline ed_bytes_t
ed_tally_stops(ed_bytes_t bytes)
{
    return (bytes < 0) | (bytes == '.') | (bytes == '&') | (bytes == '!')
           | (bytes == '?');
}


/* Letters in either case, so moved that the range ends with the numbers'. */

static inline void
ed_tally_letters(ed_tallies_t *t, ed_bytes_t bytes)
{
    ed_pairs_t  low, high;
    ed_bytes_t  small;

    small = (ed_bytes_t) ((ed_ubytes_t) (bytes | 0x20) + (0x7f - 'z'));
    bytes &= small > 0x7f - 26;

    low = (ed_pairs_t) bytes & 0xff;
    high = (ed_pairs_t) bytes >> 8;

    t->letters += low + high;
    t->squares += low * low + high * high;
}


/* The first n bytes are kept, at most 16. */

static inline ed_bytes_t
ed_first_bytes(size_t n)
{
    ed_bytes_t  mask;

    static const uint8_t  kept[32] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
    };

    memcpy(&mask, kept + 16 - n, 16);

    return mask;
}


/* The first byte that is not 0, or 16. */

static size_t
ed_first_of(ed_bytes_t bytes)
{
    ed_halves_t  any;

    any = (ed_halves_t) bytes;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return any[0] != 0 ? (size_t) __builtin_ctzll(any[0]) / 8
           : any[1] != 0 ? 8 + (size_t) __builtin_ctzll(any[1]) / 8 : 16;
#else
    return any[0] != 0 ? (size_t) __builtin_clzll(any[0]) / 8
           : any[1] != 0 ? 8 + (size_t) __builtin_clzll(any[1]) / 8 : 16;
#endif
}


static uint32_t
ed_sum(ed_pairs_t lanes)
{
    uint64_t     sum;
    ed_halves_t  halves;

    halves = (ed_halves_t) lanes;

    halves = (halves & 0x0000ffff0000ffff)
             + (halves >> 16 & 0x0000ffff0000ffff);
    sum = halves[0] + halves[1];

    return (uint32_t) sum + (uint32_t) (sum >> 32);
}
