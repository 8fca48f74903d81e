
/*
 * Bytes of a page to characters and back.
 *
 *     UTF-8, undeclared    by ed_utf8.c
 *     one byte a character by table[], filled at open from the converter
 *     several bytes        table[] says which lead bytes stand alone; of the
 *                          rest the converter is asked for 2, 3, 4 bytes, and
 *                          what took two is remembered in slots[]
 *
 *     byte 00..7f ---------------------------------> ASCII, always
 *     byte 80..ff --> table[byte - 80] --> code
 *                                     \--> ED_CHARSET_LEAD --> slots[], iconv
 *                                     \--> ED_CHARSET_WRONG (U+FFFD)
 *
 * The converters are libxml2's handlers.  Its own conversion functions report
 * every wrong byte to the process' error handler, which prints it; so the
 * handler's iconv descriptors are called here directly, and a handler without
 * them (a libxml2 built otherwise, a missing gconv module) is as good as
 * none: the charset is unknown.
 *
 * Writing is safe before it is complete: a character is written in the
 * charset only if reading it back gives the same character and its first byte
 * is not ASCII; otherwise it becomes &#N;.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <libxml/encoding.h>
#include <libxml/xmlerror.h>

#include "ed_charset.h"
#include "ed_charset_label.h"


#define ED_CHARSET_WRONG  0xfffd
#define ED_CHARSET_LEAD   0xffffffff
#define ED_CHARSET_SLOTS  1024


typedef struct {
    uint16_t                   bytes;      /* 0: free */
    uint32_t                   code;
} ed_charset_slot_t;


struct ed_charset_s {
    const ed_charset_info_t   *info;
    xmlCharEncodingHandlerPtr  handler;    /* NULL: UTF-8, undeclared */
    ed_charset_slot_t         *slots;      /* NULL: no multi-byte charset */
    uint16_t                   least;      /* of the bytes from 0x80 on, those
                                              below it are only read */
    uint32_t                   table[128];
};


static uint16_t ed_charset_least(ed_str_t label);
static ed_rc_t ed_charset_handler(const char *name,
    xmlCharEncodingHandlerPtr *handler);
static void ed_charset_drop(xmlCharEncodingHandlerPtr handler);
static void ed_charset_silent(void *data, xmlErrorPtr error);
static void ed_charset_fill(ed_charset_t *cs);
static int ed_charset_step(ed_charset_t *cs, const uint8_t *p, size_t n,
    uint32_t *code);
static size_t ed_charset_decode_multi(ed_charset_t *cs, const uint8_t *p,
    size_t len, uint32_t *code);
static const uint8_t *ed_charset_run(const ed_charset_t *cs, const uint8_t *p,
    const uint8_t *end);
static ed_rc_t ed_charset_put(ed_charset_t *cs, uint32_t code, ed_buf_t *out);
static size_t ed_charset_write(ed_charset_t *cs, uint32_t code,
    uint8_t *bytes, size_t size);
static size_t ed_charset_write_single(ed_charset_t *cs, uint32_t code,
    uint8_t *bytes);
static size_t ed_charset_write_multi(ed_charset_t *cs, uint32_t code,
    uint8_t *bytes, size_t size);


ed_rc_t
ed_charset_open(ed_str_t label, ed_charset_t **csp)
{
    ed_rc_t                   rc;
    ed_charset_t             *cs;
    const ed_charset_info_t  *info;

    *csp = NULL;

    info = ed_charset_info(label);
    if (info == NULL) {
        return ED_OK;
    }

    cs = calloc(1, sizeof(ed_charset_t));
    if (cs == NULL) {
        return ED_NOMEM;
    }

    cs->info = info;
    cs->least = ed_charset_least(label);

    if (info->handler != NULL) {
        rc = ed_charset_handler(info->handler, &cs->handler);
        if (cs->handler == NULL) {
            ed_charset_close(cs);
            return rc;
        }

        ed_charset_fill(cs);
    }

    if (info->kind == ED_CHARSET_MULTI) {
        cs->slots = calloc(ED_CHARSET_SLOTS, sizeof(ed_charset_slot_t));
        if (cs->slots == NULL) {
            ed_charset_close(cs);
            return ED_NOMEM;
        }
    }

    *csp = cs;

    return ED_OK;
}


void
ed_charset_close(ed_charset_t *cs)
{
    if (cs == NULL) {
        return;
    }

    if (cs->handler != NULL) {
        xmlCharEncCloseFunc(cs->handler);
    }

    free(cs->slots);
    free(cs);
}


const char *
ed_charset_name(const ed_charset_t *cs)
{
    return cs->info->name;
}


int
ed_charset_is_utf8(const ed_charset_t *cs)
{
    return cs->handler == NULL;
}


size_t
ed_charset_decode(ed_charset_t *cs, const uint8_t *p, size_t len,
    uint32_t *code)
{
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }

    switch (cs->info->kind) {

    case ED_CHARSET_SINGLE:
        *code = cs->table[p[0] - 0x80];
        return 1;

    case ED_CHARSET_MULTI:
        return ed_charset_decode_multi(cs, p, len, code);

    default:
        return ed_utf8_get(p, len, code);
    }
}


ed_rc_t
ed_charset_encode(ed_charset_t *cs, ed_str_t utf8, ed_buf_t *out)
{
    size_t          len;
    ed_rc_t         rc;
    uint32_t        code;
    const uint8_t  *p, *end, *run;

    if (utf8.len == 0) {
        return ED_OK;
    }

    len = out->len;
    p = utf8.data;
    end = p + utf8.len;

    while (p < end) {
        run = p;
        p = ed_charset_run(cs, p, end);

        rc = ed_buf_append(out, run, p - run);

        if (rc == ED_OK && p < end) {
            p += ed_utf8_get(p, end - p, &code);
            rc = ed_charset_put(cs, code, out);
        }

        if (rc != ED_OK) {
            out->len = len;
            return rc;
        }
    }

    return ED_OK;
}


/*
 * A page that says ISO 8859-1 or ASCII is read as windows-1252, as browsers
 * do; what only windows-1252 has is written as a reference there, which is
 * right for those who take the page at its word, too.
 */

static uint16_t
ed_charset_least(ed_str_t label)
{
    ed_str_t  name;

    name = ed_str_trim(label);

    if (ed_str_caseeq(name, ED_STR("us-ascii"))
        || ed_str_caseeq(name, ED_STR("ascii")))
    {
        return 0x100;
    }

    return ed_str_caseeq(name, ED_STR("iso-8859-1"))
           || ed_str_caseeq(name, ED_STR("iso8859-1"))
           || ed_str_caseeq(name, ED_STR("iso_8859-1"))
           || ed_str_caseeq(name, ED_STR("latin1")) ? 0xa0 : 0;
}


/*
 * libxml2's handler, if it converts by iconv; NULL: there is none.  A failed
 * look-up may report an allocation's failure, which is kept from the process'
 * stderr and known by errno.
 */

static ed_rc_t
ed_charset_handler(const char *name, xmlCharEncodingHandlerPtr *handler)
{
    void                    *data;
    xmlStructuredErrorFunc   report;

    report = xmlStructuredError;
    data = xmlStructuredErrorContext;

    xmlSetStructuredErrorFunc(NULL, ed_charset_silent);
    errno = 0;
    *handler = xmlFindCharEncodingHandler(name);
    xmlSetStructuredErrorFunc(data, report);

    if (*handler == NULL) {
        return errno == ENOMEM ? ED_NOMEM : ED_OK;
    }

    if ((*handler)->name == NULL) {
        ed_charset_drop(*handler);
        *handler = NULL;

        return ED_NOMEM;
    }

    if ((*handler)->iconv_in == NULL || (*handler)->iconv_out == NULL) {
        xmlCharEncCloseFunc(*handler);
        *handler = NULL;
    }

    return ED_OK;
}


/* One that got no memory for its name, which libxml2 would not free. */

static void
ed_charset_drop(xmlCharEncodingHandlerPtr handler)
{
    if (handler->iconv_in != NULL) {
        (void) iconv_close(handler->iconv_in);
    }

    if (handler->iconv_out != NULL) {
        (void) iconv_close(handler->iconv_out);
    }

    xmlFree(handler);
}


static void
ed_charset_silent(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}


/*
 * Each byte above 0x7f by itself.  What no table defines stands for itself
 * where it would be a C1 control of a single-byte charset, as the standard
 * has it.  In multi-byte charsets only the half-width katakana of Shift_JIS,
 * and what is patched, are one byte.
 */

static void
ed_charset_fill(ed_charset_t *cs)
{
    int                        rc, multi;
    uint8_t                    i, byte;
    uint32_t                   code;
    const ed_charset_patch_t  *patch;

    multi = (cs->info->kind == ED_CHARSET_MULTI);

    for (i = 0; i < 128; i++) {
        byte = 0x80 | i;
        rc = ed_charset_step(cs, &byte, 1, &code);

        if (rc == EINVAL) {
            code = ED_CHARSET_LEAD;

        } else if (rc != 0) {
            code = (!multi && byte < 0xa0) ? byte : ED_CHARSET_WRONG;

        } else if (multi && (code < 0xff61 || code > 0xff9f)) {
            code = ED_CHARSET_WRONG;
        }

        cs->table[i] = code;
    }

    for (patch = cs->info->patches; patch != NULL && patch->byte; patch++) {
        cs->table[patch->byte - 0x80] = patch->code;
    }
}


/*
 * Is it one character?  0 and its code; EINVAL where bytes are missing; any
 * other error where they are wrong.  Converters that hold a character back,
 * for a combining one that may follow, are made to give it by the flush.
 */

static int
ed_charset_step(ed_charset_t *cs, const uint8_t *p, size_t n, uint32_t *code)
{
    char     *in, *out, bytes[32];
    size_t    left, room;
    iconv_t   cd;

    cd = cs->handler->iconv_in;
    in = (char *) p;
    left = n;
    out = bytes;
    room = sizeof(bytes);

    iconv(cd, NULL, NULL, NULL, NULL);

    if (iconv(cd, &in, &left, &out, &room) == (size_t) -1) {
        return errno;
    }

    iconv(cd, NULL, NULL, &out, &room);

    if (out == bytes) {
        return EILSEQ;
    }

    ed_utf8_get((uint8_t *) bytes, out - bytes, code);

    return 0;
}


/*
 * Wrong bytes: an ASCII byte behind a lead byte is left to stand for itself
 * (Encoding standard, 10 to 14: "prepend byte").
 */

static size_t
ed_charset_decode_multi(ed_charset_t *cs, const uint8_t *p, size_t len,
    uint32_t *code)
{
    int                 rc;
    size_t              n;
    uint16_t            bytes;
    ed_charset_slot_t  *slot;

    *code = cs->table[p[0] - 0x80];

    if (*code != ED_CHARSET_LEAD) {
        return 1;
    }

    if (len == 1) {
        *code = ED_CHARSET_WRONG;
        return 1;
    }

    bytes = (uint16_t) (p[0] << 8 | p[1]);
    slot = &cs->slots[(bytes ^ bytes >> 6) % ED_CHARSET_SLOTS];

    if (slot->bytes == bytes) {
        *code = slot->code;
        return 2;
    }

    rc = EINVAL;

    for (n = 2; n <= len && n <= 4 && rc == EINVAL; n++) {
        rc = ed_charset_step(cs, p, n, code);
    }

    n--;

    if (rc != 0) {
        *code = ED_CHARSET_WRONG;
        return p[1] < 0x80 ? 1 : 2;
    }

    if (n == 2) {
        slot->bytes = bytes;
        slot->code = *code;
    }

    return n;
}


/* The end of what needs no conversion: ASCII, or well-formed UTF-8. */

static const uint8_t *
ed_charset_run(const ed_charset_t *cs, const uint8_t *p, const uint8_t *end)
{
    size_t    n;
    uint32_t  code;

    for ( ;; ) {
        while (p < end && *p < 0x80) {
            p++;
        }

        if (p == end || cs->info->kind != ED_CHARSET_UTF8) {
            return p;
        }

        n = ed_utf8_get(p, end - p, &code);

        if (code == ED_CHARSET_WRONG) {
            return p;
        }

        p += n;
    }
}


static ed_rc_t
ed_charset_put(ed_charset_t *cs, uint32_t code, ed_buf_t *out)
{
    char     reference[16];
    size_t   n;
    uint8_t  bytes[32];

    n = ed_charset_write(cs, code, bytes, sizeof(bytes));

    if (n != 0) {
        return ed_buf_append(out, bytes, n);
    }

    n = (size_t) snprintf(reference, sizeof(reference), "&#%u;",
                          (unsigned) code);

    return ed_buf_append(out, reference, n);
}


/* Its bytes in the charset; 0 where the charset lacks it. */

static size_t
ed_charset_write(ed_charset_t *cs, uint32_t code, uint8_t *bytes, size_t size)
{
    switch (cs->info->kind) {

    case ED_CHARSET_UTF8:
        return ed_utf8_write(bytes, code);

    case ED_CHARSET_SINGLE:
        return ed_charset_write_single(cs, code, bytes);

    case ED_CHARSET_MULTI:
        return ed_charset_write_multi(cs, code, bytes, size);

    default:
        return 0;
    }
}


static size_t
ed_charset_write_single(ed_charset_t *cs, uint32_t code, uint8_t *bytes)
{
    uint8_t  i;

    if (code == ED_CHARSET_WRONG) {
        return 0;
    }

    for (i = 0; i < 128; i++) {
        if (cs->table[i] == code && (0x80 | i) >= cs->least) {
            bytes[0] = 0x80 | i;
            return 1;
        }
    }

    return 0;
}


static size_t
ed_charset_write_multi(ed_charset_t *cs, uint32_t code, uint8_t *bytes,
    size_t size)
{
    char      *in, *out;
    size_t     n, left, room;
    iconv_t    cd;
    uint8_t    utf8[4];
    uint32_t   back;

    cd = cs->handler->iconv_out;
    in = (char *) utf8;
    left = ed_utf8_write(utf8, code);
    out = (char *) bytes;
    room = size;

    iconv(cd, NULL, NULL, NULL, NULL);

    if (iconv(cd, &in, &left, &out, &room) == (size_t) -1) {
        return 0;
    }

    iconv(cd, NULL, NULL, &out, &room);
    n = size - room;

    if (n == 0 || n > cs->info->longest || bytes[0] < 0x80) {
        return 0;
    }

    if (ed_charset_decode_multi(cs, bytes, n, &back) != n || back != code) {
        return 0;
    }

    return n;
}
