
/*
 * A URL is judged and written in the form a browser's parser would see: first
 * stripped, then read for a scheme.  What is judged and what is written are
 * walked by the same loop, so that no byte can be seen by one of them only.
 */

#include "ed_charset.h"
#include "ed_url.h"


static int ed_url_dropped(uint8_t c);
static int ed_url_unreserved(uint8_t c);
static ed_rc_t ed_url_byte(ed_buf_t *out, uint8_t c);
static ed_rc_t ed_url_percent(ed_buf_t *out, const uint8_t *p, size_t n);


int
ed_url_check(ed_str_t url)
{
    size_t    i, n;
    uint8_t   c;
    uint8_t   scheme[8];
    ed_str_t  s;

    s = ed_url_strip(url);
    n = 0;

    for (i = 0; i < s.len; i++) {
        c = ed_lower(s.data[i]);

        if (ed_url_dropped(c)) {
            continue;
        }

        if (c == ':') {
            return n == 0
                   || (n == 4 && memcmp(scheme, "http", 4) == 0)
                   || (n == 5 && memcmp(scheme, "https", 5) == 0);
        }

        if ((uint8_t) (c - 'a') >= 26
            && (n == 0 || ((uint8_t) (c - '0') >= 10 && c != '+' && c != '-'
                           && c != '.')))
        {
            return 1;
        }

        if (n < sizeof(scheme)) {
            scheme[n++] = c;
        }
    }

    return n != 0;
}


ed_str_t
ed_url_strip(ed_str_t url)
{
    while (url.len != 0 && url.data[0] <= ' ') {
        url.data++;
        url.len--;
    }

    while (url.len != 0 && url.data[url.len - 1] <= ' ') {
        url.len--;
    }

    return url;
}


ed_rc_t
ed_url_put(ed_buf_t *out, ed_str_t url)
{
    size_t    i, n, len;
    ed_rc_t   rc;
    uint32_t  code;
    ed_str_t  s;

    s = ed_url_strip(url);

    if (s.len != 0 && !ed_url_check(s)) {
        return ED_INVALID;
    }

    len = out->len;
    rc = ED_OK;

    for (i = 0; i < s.len && rc == ED_OK; i += n) {
        n = 1;

        if (s.data[i] >= 0x80) {
            n = ed_utf8_get(s.data + i, s.len - i, &code);
            rc = code == 0xfffd
                 ? ed_url_percent(out, (const uint8_t *) "\xef\xbf\xbd", 3)
                 : ed_url_percent(out, s.data + i, n);

        } else if (!ed_url_dropped(s.data[i])) {
            rc = ed_url_byte(out, s.data[i]);
        }
    }

    if (rc != ED_OK) {
        out->len = len;
    }

    return rc;
}


ed_rc_t
ed_url_component(ed_buf_t *out, ed_str_t s)
{
    size_t    i, n, len;
    ed_rc_t   rc;
    uint32_t  code;

    len = out->len;
    rc = ED_OK;

    for (i = 0; i < s.len && rc == ED_OK; i += n) {
        n = ed_utf8_get(s.data + i, s.len - i, &code);

        if (code == 0xfffd) {
            rc = ed_url_percent(out, (const uint8_t *) "\xef\xbf\xbd", 3);

        } else if (n == 1 && ed_url_unreserved(s.data[i])) {
            rc = ed_buf_byte(out, s.data[i]);

        } else {
            rc = ed_url_percent(out, s.data + i, n);
        }
    }

    if (rc != ED_OK) {
        out->len = len;
    }

    return rc;
}


static int
ed_url_dropped(uint8_t c)
{
    return c == '\t' || c == '\n' || c == '\r';
}


static int
ed_url_unreserved(uint8_t c)
{
    return (uint8_t) (ed_lower(c) - 'a') < 26 || (uint8_t) (c - '0') < 10
           || c == '-' || c == '.' || c == '_' || c == '~';
}


/* An ASCII byte of a URL, in a quoted attribute's value. */

static ed_rc_t
ed_url_byte(ed_buf_t *out, uint8_t c)
{
    switch (c) {

    case '&':
        return ed_buf_literal(out, "&amp;");

    case '\'':
        return ed_buf_literal(out, "&#39;");

    case '"': case '<': case '>': case '`': case 0x7f:
        return ed_url_percent(out, &c, 1);

    default:
        return c <= ' ' ? ed_url_percent(out, &c, 1) : ed_buf_byte(out, c);
    }
}


static ed_rc_t
ed_url_percent(ed_buf_t *out, const uint8_t *p, size_t n)
{
    size_t             i;
    uint8_t           *d;
    static const char  hex[] = "0123456789ABCDEF";

    d = ed_buf_extend(out, n * 3);
    if (d == NULL) {
        return n * 3 > out->max - out->len ? ED_LIMIT_SIZE : ED_NOMEM;
    }

    for (i = 0; i < n; i++) {
        *d++ = '%';
        *d++ = (uint8_t) hex[p[i] >> 4];
        *d++ = (uint8_t) hex[p[i] & 15];
    }

    return ED_OK;
}
