
/*
 * Charsets and text.  The input's first byte chooses a charset, the second
 * how its bytes are divided into runs; the rest is text in it.
 *
 *     - Decoding goes on and ends; what it yields are Unicode's characters.
 *     - What is encoded can be decoded again, reference or not.
 *     - Text is UTF-8 without space at its ends; its map stays in the source
 *       and never goes back.
 *     - Sentences follow each other and leave out nothing but spaces, and each
 *       of them is found.
 */

#include "ed_fuzz.h"
#include "ed_text.h"


#define MAX_RUNS  64


static const char *const  labels[] = {
    "", "utf-8", "windows-1252", "windows-1251", "koi8-u", "macintosh",
    "windows-1255", "iso-8859-8", "windows-874", "gbk", "gb18030", "big5",
    "euc-jp", "shift_jis", "euc-kr", "iso-8859-2", "x-mac-cyrillic",
    "windows-1258", "iso-8859-16", "ibm866"
};


static void decode(ed_charset_t *cs, ed_str_t input, ed_buf_t *utf8);
static void encode(ed_charset_t *cs, ed_str_t utf8);
static uint32_t read_back(ed_charset_t *cs, ed_str_t s);
static size_t divide(ed_str_t input, uint8_t how, ed_run_t *runs);
static void make_text(ed_charset_t *cs, ed_str_t input, const ed_run_t *runs,
    size_t n, unsigned form);
static void check_text(const ed_text_t *text);
static void check_map(const ed_text_t *text, size_t size);
static void check_sentences(ed_arena_t *arena, const ed_text_t *text);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         n;
    ed_rc_t        rc;
    ed_run_t       runs[MAX_RUNS];
    ed_str_t       input;
    ed_buf_t       utf8;
    const char    *label;
    ed_charset_t  *cs;

    if (size < 3) {
        return 0;
    }

    label = labels[data[0] % (sizeof(labels) / sizeof(labels[0]))];
    rc = ed_charset_open(ed_str(label, strlen(label)), &cs);
    fuzz_check(rc == ED_OK && cs != NULL, "no charset \"%s\"", label);

    input = ed_str(data + 2, size - 2);
    ed_buf_init(&utf8, SIZE_MAX / 4);

    decode(cs, input, &utf8);
    encode(cs, ed_str(utf8.data, utf8.len));

    n = divide(input, data[1], runs);

    make_text(cs, input, runs, n, ED_TEXT_SHOWN);
    make_text(cs, input, runs, n, ED_TEXT_FOLDED | ED_TEXT_MAPPED);
    make_text(cs, input, runs, n, ED_TEXT_SHOWN | ED_TEXT_MAPPED);

    ed_buf_free(&utf8);
    ed_charset_close(cs);

    return 0;
}


static void
decode(ed_charset_t *cs, ed_str_t input, ed_buf_t *utf8)
{
    size_t    i, n;
    uint32_t  code;

    for (i = 0; i < input.len; i += n) {
        n = ed_charset_decode(cs, input.data + i, input.len - i, &code);

        fuzz_check(n >= 1 && n <= input.len - i, "%zu bytes of %zu", n,
                   input.len - i);
        fuzz_check(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff),
                   "U+%x", code);
        fuzz_check(ed_utf8_put(utf8, code) == ED_OK, "no memory");
    }
}


/* Character by character, and all at once. */

static void
encode(ed_charset_t *cs, ed_str_t utf8)
{
    size_t    i, n, from;
    uint32_t  code, back;
    ed_buf_t  each, all;

    ed_buf_init(&each, SIZE_MAX / 4);
    ed_buf_init(&all, SIZE_MAX / 4);

    for (i = 0; i < utf8.len; i += n) {
        n = ed_utf8_get(utf8.data + i, utf8.len - i, &code);
        from = each.len;

        fuzz_check(ed_charset_encode(cs, ed_str(utf8.data + i, n), &each)
                   == ED_OK, "it is not encoded");

        back = read_back(cs, ed_str(each.data + from, each.len - from));
        fuzz_check(back == code, "U+%x becomes U+%x", code, back);
    }

    fuzz_check(ed_charset_encode(cs, utf8, &all) == ED_OK, "not encoded");
    fuzz_check(fuzz_buf_eq(&each, &all), "it depends on what is beside it");

    ed_buf_free(&each);
    ed_buf_free(&all);
}


static uint32_t
read_back(ed_charset_t *cs, ed_str_t s)
{
    size_t    n;
    uint32_t  code;

    if (s.len > 3 && memcmp(s.data, "&#", 2) == 0) {
        fuzz_check(s.data[s.len - 1] == ';', "a reference without an end");
        return (uint32_t) strtoul((const char *) s.data + 2, NULL, 10);
    }

    n = ed_charset_decode(cs, s.data, s.len, &code);
    fuzz_check(n == s.len, "%zu bytes of %zu are a character", n, s.len);

    return code;
}


/* Runs with gaps between them; all of the input, where how is 0. */

static size_t
divide(ed_str_t input, uint8_t how, ed_run_t *runs)
{
    size_t    n, pos, len;
    uint32_t  random;

    random = how;
    pos = 0;

    for (n = 0; n < MAX_RUNS && pos < input.len; n++) {
        random = random * 1103515245 + 12345;
        len = how == 0 ? input.len : 1 + (random >> 16) % 32;
        len = len < input.len - pos ? len : input.len - pos;

        memset(&runs[n], 0, sizeof(ed_run_t));
        runs[n].start = (uint32_t) pos;
        runs[n].end = (uint32_t) (pos + len);
        runs[n].raw = (how != 0 && (random >> 8) % 16 == 0);
        runs[n].space = (random >> 12) & 1;

        pos += len + ((random >> 24) & 3);
    }

    return n;
}


static void
make_text(ed_charset_t *cs, ed_str_t input, const ed_run_t *runs, size_t n,
    unsigned form)
{
    ed_rc_t      rc;
    ed_text_t    text;
    ed_arena_t  *arena;

    arena = ed_arena_create(256 << 20);
    fuzz_check(arena != NULL, "no memory");

    rc = ed_text_make(arena, cs, input.data, runs, n, form, &text);
    fuzz_check(rc == ED_OK, "no text: %u", rc);

    check_text(&text);

    if (form & ED_TEXT_MAPPED) {
        check_map(&text, input.len);
    }

    check_sentences(arena, &text);

    ed_arena_destroy(arena);
}


static void
check_text(const ed_text_t *text)
{
    size_t    i, n;
    uint32_t  code;

    if (text->len == 0) {
        return;
    }

    fuzz_check(text->data[0] != ' ' && text->data[text->len - 1] != ' ',
               "space at an end");

    for (i = 0; i < text->len; i += n) {
        n = ed_utf8_get(text->data + i, text->len - i, &code);

        fuzz_check(code != 0xfffd || n == 3, "it is not UTF-8");
        fuzz_check(code != ' ' || text->data[i + 1] != ' ', "two spaces");
        fuzz_check(code != '\n' && code != '\t' && code != '\r'
                   && code != '\f', "white space is kept");
    }
}


static void
check_map(const ed_text_t *text, size_t size)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        /* a space that a block makes has no bytes of its own */

        fuzz_check(text->start[i] < text->end[i] + (text->data[i] == ' ')
                   && text->end[i] <= size,
                   "byte %zu is [%u, %u)", i, text->start[i], text->end[i]);

        fuzz_check(i == 0 || (text->start[i - 1] <= text->start[i]
                              && text->end[i - 1] <= text->end[i]),
                   "byte %zu goes back", i);
    }
}


static void
check_sentences(ed_arena_t *arena, const ed_text_t *text)
{
    size_t          i, n, pos, at;
    ed_str_t        needle;
    ed_sentence_t  *sentences;

    fuzz_check(ed_text_sentences(arena, text, &sentences, &n) == ED_OK,
               "no memory");
    fuzz_check((n == 0) == (text->len == 0), "%zu sentences", n);

    pos = 0;

    for (i = 0; i < n; i++) {
        fuzz_check(sentences[i].start >= pos
                   && sentences[i].start < sentences[i].end
                   && sentences[i].end <= text->len, "sentence %zu", i);

        for ( /* void */ ; pos < sentences[i].start; pos++) {
            fuzz_check(text->data[pos] == ' ', "byte %zu is left out", pos);
        }

        pos = sentences[i].end;
        needle = ed_str(text->data + sentences[i].start,
                        sentences[i].end - sentences[i].start);

        at = ed_text_find(text, needle);
        fuzz_check(at == text->len
                   || memcmp(text->data + at, needle.data, needle.len) == 0,
                   "something else is found");

        /* between words on both sides, so it is there to be found */

        if (i > 0 && i + 1 < n && sentences[i].start > sentences[i - 1].end
            && sentences[i].end < sentences[i + 1].start)
        {
            fuzz_check(at <= sentences[i].start, "sentence %zu is not found",
                       i);
            fuzz_check(ed_text_casefind(text, needle) <= at,
                       "it is not found without case");
        }
    }

    fuzz_check(pos == text->len, "bytes after the last sentence");
}
