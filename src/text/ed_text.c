
/*
 * Text of a piece of the source.
 *
 *     source   T h e &nbsp; <b> t r u c e &ndash; ...
 *              |run 1     |    |run 2
 *     text     T h e ' ' t r u c e –
 *     start    0 1 2 3   12 ...
 *     end      1 2 3 9   13 ...
 *
 * A run is read in stretches: what stands for itself, single spaces between
 * it included, is copied at once.  That is most of ASCII, found sixteen bytes
 * at a time, and in UTF-8 the letters of most scripts.  Everything else goes
 * character by character through ed_text_character().
 * White space is not written when it is met but when something follows it, so
 * that none stands at either end and any amount of it, across tags too, is
 * one space.
 *
 * Room: nearly all texts are no longer than their source.  Only a byte that
 * is one character of a legacy charset, or no character at all, grows, to
 * three bytes at most.  So the first guess is the source's length, and the
 * second, if it comes to that, is never too small.
 */

#include "ed_entity.h"
#include "ed_text.h"
#include "ed_unicode.h"


/* Bytes that do not stand for themselves, or not in the folded form. */

#define ED_TEXT_STOP         1
#define ED_TEXT_STOP_FOLDED  2

/* More than one character and a space that waits before it. */

#define ED_TEXT_SLACK        8


/* As the compiler has them on any machine: vectors of 16 bytes. */

typedef int8_t    ed_bytes_t __attribute__((vector_size(16)));
typedef uint64_t  ed_halves_t __attribute__((vector_size(16)));
typedef uint32_t  ed_offsets_t __attribute__((vector_size(16)));


typedef struct {
    ed_arena_t    *arena;
    unsigned       form;
    unsigned       stop;           /* classes at which a stretch ends */
    uint8_t       *data;
    uint32_t      *start;          /* NULL: no map */
    uint32_t      *end;
    size_t         len;
    size_t         size;           /* of data; start and end have as many */
    size_t         max;            /* what size can need to be */
    unsigned       utf8:1;         /* the source's charset */
    unsigned       wide:1;         /* a stretch may have more than ASCII */
    unsigned       space:1;        /* met, not written */
    uint32_t       space_start;
    uint32_t       space_end;
} ed_text_out_t;


static ed_rc_t ed_text_runs(ed_arena_t *arena, ed_charset_t *cs,
    const uint8_t *source, const ed_run_t *runs, size_t nruns, unsigned form,
    ed_text_t *text);
static ed_rc_t ed_text_run(ed_text_out_t *out, ed_charset_t *cs,
    const uint8_t *source, const ed_run_t *run);
static const uint8_t *ed_text_stretch(ed_text_out_t *out, const uint8_t *p,
    const uint8_t *end);
static inline size_t ed_text_itself(ed_text_out_t *out, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *ed_text_leap(const uint8_t *p, const uint8_t *end,
    unsigned stop);
static ed_rc_t ed_text_room(ed_text_out_t *out, size_t n);
static ed_rc_t ed_text_size(ed_text_out_t *out, size_t size);
static void ed_text_space(ed_text_out_t *out, uint32_t start, uint32_t end);
static ed_rc_t ed_text_plain(ed_text_out_t *out, const uint8_t *source,
    uint32_t start, uint32_t end);
static void ed_text_count(uint32_t *map, uint32_t first, size_t n);
static void ed_text_join(ed_text_out_t *out, size_t n);
static ed_rc_t ed_text_character(ed_text_out_t *out, uint32_t code,
    uint32_t start, uint32_t end);
static ed_rc_t ed_text_put(ed_text_out_t *out, uint32_t code, uint32_t start,
    uint32_t end);
static void ed_text_write(ed_text_out_t *out, const uint8_t *bytes, size_t n,
    uint32_t start, uint32_t end);


static const uint8_t  ed_text_class[256] = {
    [0x00 ... 0x1f] = ED_TEXT_STOP,
    [0x80 ... 0xff] = ED_TEXT_STOP,
    [' '] = ED_TEXT_STOP,
    ['&'] = ED_TEXT_STOP,
    ['-'] = ED_TEXT_STOP_FOLDED,
    ['`'] = ED_TEXT_STOP_FOLDED
};


ed_rc_t
ed_text_make(ed_arena_t *arena, ed_charset_t *cs, const uint8_t *source,
    const ed_run_t *runs, size_t nruns, unsigned form, ed_text_t *text)
{
    return ed_text_runs(arena, cs, source, runs, nruns, form, text);
}


ed_rc_t
ed_text_from_utf8(ed_arena_t *arena, ed_str_t utf8, unsigned form,
    ed_text_t *text)
{
    ed_run_t  run;

    run.start = 0;
    run.end = (uint32_t) utf8.len;
    run.raw = 1;
    run.space = 0;

    return ed_text_runs(arena, NULL, utf8.data, &run, 1, form, text);
}


ed_rc_t
ed_text_attr(ed_arena_t *arena, ed_charset_t *cs, ed_str_t value,
    ed_str_t *utf8)
{
    size_t          i, n, size;
    uint8_t        *data, *d;
    uint32_t        code;
    const uint8_t  *p, *end;

    size = value.len + 1;

    for (i = 0; i < value.len; i++) {
        /* as U+FFFD it takes three bytes; references never grow */
        size += (value.data[i] >= 0x80 || value.data[i] == '\0') ? 2 : 0;
    }

    data = ed_arena_alloc(arena, size);
    if (data == NULL) {
        return ED_NOMEM;
    }

    d = data;
    p = value.data;
    end = p + value.len;
    code = 0;

    while (p < end) {
        n = 0;

        if (*p == '&') {
            n = ed_entity_read(p, end - p, 1, &code);
        }

        if (n == 0) {
            n = cs != NULL ? ed_charset_decode(cs, p, end - p, &code)
                           : ed_utf8_get(p, end - p, &code);
        }

        d += ed_utf8_write(d, code != 0 ? code : 0xfffd);
        p += n;
    }

    *d = '\0';
    *utf8 = ed_str(data, d - data);

    return ED_OK;
}


size_t
ed_text_chars(ed_str_t utf8)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < utf8.len; i++) {
        n += (utf8.data[i] & 0xc0) != 0x80;
    }

    return n;
}


/* As ed_text_make(); without a charset the source is UTF-8. */

static ed_rc_t
ed_text_runs(ed_arena_t *arena, ed_charset_t *cs, const uint8_t *source,
    const ed_run_t *runs, size_t nruns, unsigned form, ed_text_t *text)
{
    size_t         i, len;
    ed_rc_t        rc;
    ed_text_out_t  out;

    len = 0;

    for (i = 0; i < nruns; i++) {
        len += runs[i].end - runs[i].start;
    }

    memset(&out, 0, sizeof(ed_text_out_t));

    out.arena = arena;
    out.utf8 = (cs == NULL || ed_charset_is_utf8(cs));
    out.form = form;
    out.stop = ED_TEXT_STOP;
    out.max = len * 3 + nruns + ED_TEXT_SLACK;

    if (form & ED_TEXT_FOLDED) {
        out.stop |= ED_TEXT_STOP_FOLDED;
    }

    rc = ed_text_size(&out, len + nruns + ED_TEXT_SLACK);

    for (i = 0; i < nruns && rc == ED_OK; i++) {
        rc = ed_text_run(&out, cs, source, &runs[i]);
    }

    if (rc != ED_OK) {
        return rc;
    }

    text->data = out.data;
    text->len = out.len;
    text->start = out.start;
    text->end = out.end;

    return ED_OK;
}


static ed_rc_t
ed_text_run(ed_text_out_t *out, ed_charset_t *cs, const uint8_t *source,
    const ed_run_t *run)
{
    ed_rc_t         rc;
    uint32_t        code, at;
    const uint8_t  *p, *end, *next;

    if (run->space) {
        ed_text_space(out, run->start, run->start);
    }

    p = source + run->start;
    end = source + run->end;

    while (p < end) {
        at = (uint32_t) (p - source);

        next = ed_text_stretch(out, p, end);

        if (next != p) {
            rc = ed_text_plain(out, source, at, (uint32_t) (next - source));

        } else {
            next = p + ed_text_read(cs, p, end - p, run->raw, &code);
            rc = ed_text_character(out, code, at, (uint32_t) (next - source));
        }

        if (rc != ED_OK) {
            return rc;
        }

        p = next;
    }

    return ED_OK;
}


size_t
ed_text_read(ed_charset_t *cs, const uint8_t *p, size_t len, int raw,
    uint32_t *code)
{
    size_t  n;

    if (*p < 0x80) {
        n = (*p == '&' && !raw) ? ed_entity_read(p, len, 0, code) : 0;

        if (n == 0) {
            *code = *p;
            n = 1;
        }

        return n;
    }

    return cs != NULL ? ed_charset_decode(cs, p, len, code)
                      : ed_utf8_get(p, len, code);
}


/*
 * The end of what stands for itself from p on; p where nothing does.  A space
 * is taken with the character before and the one behind it, so it is neither
 * at the beginning nor at the end nor beside another.
 */

static const uint8_t *
ed_text_stretch(ed_text_out_t *out, const uint8_t *p, const uint8_t *end)
{
    size_t          n;
    const uint8_t  *begin;

    begin = p;
    out->wide = 0;

    for ( ;; ) {

        if (*p < 0x80 && p != begin) {
            p = ed_text_leap(p, end, out->stop);
        }

        n = 1;

        while (p < end && n != 0) {
            n = ed_text_itself(out, p, end);
            p += n;
        }

        if (p == begin || end - p < 2 || *p != ' ') {
            return p;
        }

        n = ed_text_itself(out, p + 1, end);
        if (n == 0) {
            return p;
        }

        p += 1 + n;

        if (p == end) {
            return p;
        }
    }
}


/* The bytes of the character at p that stands for itself; 0: it does not. */

static inline size_t
ed_text_itself(ed_text_out_t *out, const uint8_t *p, const uint8_t *end)
{
    size_t    n;
    uint32_t  code;

    if ((ed_text_class[*p] & out->stop) == 0) {
        return 1;
    }

    if (*p < 0xc3 || !out->utf8 || end - p < 2) {
        return 0;
    }

    if (*p < 0xe0 && (p[1] & 0xc0) == 0x80) {
        n = 2;
        code = (uint32_t) (*p & 0x1f) << 6 | (p[1] & 0x3f);

    } else {
        n = ed_utf8_get(p, (size_t) (end - p), &code);
    }

    out->wide = 1;

    return ed_text_ordinary(code) ? n : 0;
}


/*
 * The same, sixteen bytes at a time, as long as there are as many.  As signed
 * numbers both controls and all beyond ASCII are less than a space.
 */

static const uint8_t *
ed_text_leap(const uint8_t *p, const uint8_t *end, unsigned stop)
{
    int          folded;
    ed_bytes_t   here, next, wrong, dash, grave;
    ed_halves_t  any;

    folded = (stop & ED_TEXT_STOP_FOLDED) != 0;
    dash = (ed_bytes_t) { 0 } + (int8_t) (folded ? '-' : '&');
    grave = (ed_bytes_t) { 0 } + (int8_t) (folded ? '`' : '&');

    while (end - p > 16) {
        memcpy(&here, p, 16);
        memcpy(&next, p + 1, 16);

        wrong = (here < ' ') | (here == '&') | (here == dash)
                | (here == grave) | ((here == ' ') & (next == ' '));

        any = (ed_halves_t) wrong;

        if ((any[0] | any[1]) != 0) {
            break;
        }

        p += 16 - (p[15] == ' ');
    }

    return p;
}


static ed_rc_t
ed_text_room(ed_text_out_t *out, size_t n)
{
    return out->size - out->len >= n ? ED_OK : ed_text_size(out, out->max);
}


static ed_rc_t
ed_text_size(ed_text_out_t *out, size_t size)
{
    uint8_t   *data;
    uint32_t  *map;

    map = NULL;

    data = ed_arena_alloc(out->arena, size);
    if (data == NULL) {
        return ED_NOMEM;
    }

    if (out->form & ED_TEXT_MAPPED) {
        map = ed_arena_alloc(out->arena, 2 * size * sizeof(uint32_t));
        if (map == NULL) {
            return ED_NOMEM;
        }
    }

    if (out->len != 0) {
        memcpy(data, out->data, out->len);

        if (map != NULL) {
            memcpy(map, out->start, out->len * sizeof(uint32_t));
            memcpy(map + size, out->end, out->len * sizeof(uint32_t));
        }
    }

    out->data = data;
    out->start = map;
    out->end = map != NULL ? map + size : NULL;
    out->size = size;

    return ED_OK;
}


static void
ed_text_space(ed_text_out_t *out, uint32_t start, uint32_t end)
{
    if (!out->space) {
        out->space = 1;
        out->space_start = start;
    }

    out->space_end = end;
}


/* A stretch of bytes that stand for themselves. */

static ed_rc_t
ed_text_plain(ed_text_out_t *out, const uint8_t *source, uint32_t start,
    uint32_t end)
{
    size_t  n;

    n = end - start;

    /* one more: a space that waits */

    if (ed_text_room(out, n + 1) != ED_OK) {
        return ED_NOMEM;
    }

    ed_text_write(out, NULL, 0, 0, 0);
    memcpy(out->data + out->len, source + start, n);

    if (out->start != NULL) {
        ed_text_count(out->start + out->len, start, n);
        ed_text_count(out->end + out->len, start + 1, n);

        if (out->wide) {
            ed_text_join(out, n);
        }
    }

    out->len += n;

    return ED_OK;
}


/* map[0] = first, map[1] = first + 1, … */

static void
ed_text_count(uint32_t *map, uint32_t first, size_t n)
{
    size_t        i;
    ed_offsets_t  four;

    four = (ed_offsets_t) { 0, 1, 2, 3 } + first;

    for (i = 0; i + 4 <= n; i += 4) {
        memcpy(map + i, &four, sizeof(four));
        four += 4;
    }

    for ( /* void */ ; i < n; i++) {
        map[i] = first + (uint32_t) i;
    }
}


/*
 * The n bytes at the text's end are mapped one by one: maps those of one
 * character to all of it.
 */

static void
ed_text_join(ed_text_out_t *out, size_t n)
{
    size_t          i, begin;
    uint32_t       *start, *end;
    const uint8_t  *p;

    p = out->data + out->len;
    start = out->start + out->len;
    end = out->end + out->len;
    begin = 0;

    for (i = 1; i <= n; i++) {
        if (i < n && (p[i] & 0xc0) == 0x80) {
            start[i] = start[begin];
            continue;
        }

        for ( /* void */ ; begin + 1 < i; begin++) {
            end[begin] = end[i - 1];
        }

        begin = i;
    }
}


static ed_rc_t
ed_text_character(ed_text_out_t *out, uint32_t code, uint32_t start,
    uint32_t end)
{
    int      common;       /* dashes, quotes, an ellipsis */
    ed_rc_t  rc;

    if (ed_text_ordinary(code)) {
        return ed_text_put(out, code, start, end);
    }

    common = code >= 0x2010 && code <= 0x2027;

    if (!common && (code == ' ' || ed_is_white(code))) {
        ed_text_space(out, start, end);
        return ED_OK;
    }

    if (code == 0) {
        return ED_OK;
    }

    if ((out->form & ED_TEXT_FOLDED) == 0) {
        return ed_text_put(out, code, start, end);
    }

    if (!common && ed_is_invisible(code)) {
        return ED_OK;
    }

    if (code == 0x2026) {
        rc = ed_text_put(out, '.', start, end);
        rc = (rc == ED_OK) ? ed_text_put(out, '.', start, end) : rc;
        return (rc == ED_OK) ? ed_text_put(out, '.', start, end) : rc;
    }

    code = ed_fold_mark(code);

    if (code == '-' && out->len != 0 && !out->space
        && out->data[out->len - 1] == '-')
    {
        /* "--" is how a typewriter writes a dash */

        if (out->end != NULL) {
            out->end[out->len - 1] = end;
        }

        return ED_OK;
    }

    return ed_text_put(out, code, start, end);
}


int
ed_text_ordinary(uint32_t code)
{
    return (code >= 0x00c0 && code <= 0x02b8)
           || (code >= 0x0370 && code <= 0x0588)
           || (code >= 0x0620 && code <= 0x0dff)
           || (code >= 0x3041 && code <= 0xd7ff);
}


static ed_rc_t
ed_text_put(ed_text_out_t *out, uint32_t code, uint32_t start, uint32_t end)
{
    uint8_t  bytes[4];

    if (ed_text_room(out, sizeof(bytes) + 1) != ED_OK) {
        return ED_NOMEM;
    }

    ed_text_write(out, bytes, ed_utf8_write(bytes, code), start, end);

    return ED_OK;
}


/* Appends bytes of one character, and before them the space that waits. */

static void
ed_text_write(ed_text_out_t *out, const uint8_t *bytes, size_t n,
    uint32_t start, uint32_t end)
{
    size_t  i;

    if (out->space) {
        out->space = 0;

        if (out->len != 0) {
            ed_text_write(out, (const uint8_t *) " ", 1, out->space_start,
                          out->space_end);
        }
    }

    for (i = 0; i < n; i++) {
        out->data[out->len] = bytes[i];

        if (out->start != NULL) {
            out->start[out->len] = start;
            out->end[out->len] = end;
        }

        out->len++;
    }
}
