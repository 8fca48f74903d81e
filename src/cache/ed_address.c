
/*
 * An address, as it is written in an address bar or a script.
 *
 *     https://Example.com:8443/news/tides?page=2#comments
 *             host             path       args
 *
 * The arguments are escaped before they are sorted: in its two forms an
 * argument's name may stand in two places.  So the tag is written from the
 * end of out: escaped arguments at the back, sorted ones behind the path.
 */

#include "ed_address.h"


static int ed_address_skip(ed_str_t *url, ed_str_t word);
static ed_rc_t ed_address_authority(ed_str_t *url, ed_address_t *address);
static size_t ed_address_span(ed_str_t s, const char *ends);
static int ed_address_is_escaped(uint8_t c);
static ed_str_t ed_address_escape(ed_str_t args, uint8_t *out);


ed_rc_t
ed_address_read(ed_str_t url, ed_address_t *address)
{
    size_t    i;
    ed_rc_t   rc;

    url = ed_str_trim(url);
    memset(address, 0, sizeof(ed_address_t));

    for (i = 0; i < url.len; i++) {
        if (url.data[i] < 0x20 || url.data[i] == 0x7f) {
            return ED_INVALID;
        }
    }

    url.len = ed_address_span(url, "#");

    if (ed_address_skip(&url, ED_STR("http:"))) {
        address->scheme = ED_STR("http");

    } else if (ed_address_skip(&url, ED_STR("https:"))) {
        address->scheme = ED_STR("https");
    }

    if (ed_address_skip(&url, ED_STR("//"))) {
        rc = ed_address_authority(&url, address);

        if (rc != ED_OK) {
            return rc;
        }

    } else if (address->scheme.len != 0 || url.len == 0 || url.data[0] != '/')
    {
        return ED_INVALID;
    }

    i = ed_address_span(url, "?");

    address->path = i != 0 ? ed_str(url.data, i) : ED_STR("/");
    address->args = i < url.len ? ed_str(url.data + i + 1, url.len - i - 1)
                                : ED_STR_EMPTY;

    return ED_OK;
}


static int
ed_address_skip(ed_str_t *url, ed_str_t word)
{
    if (url->len < word.len
        || !ed_str_caseeq(ed_str(url->data, word.len), word))
    {
        return 0;
    }

    url->data += word.len;
    url->len -= word.len;

    return 1;
}


static ed_rc_t
ed_address_authority(ed_str_t *url, ed_address_t *address)
{
    size_t  i, n;

    n = ed_address_span(*url, "/?");

    for (i = 0; i < n; i++) {
        if (url->data[i] <= ' ' || url->data[i] >= 0x80
            || strchr("@\\%\"<>^`{|}", url->data[i]) != NULL)
        {
            return ED_INVALID;
        }
    }

    address->host = ed_str(url->data, n);
    address->port = ed_address_port(&address->host);

    url->data += n;
    url->len -= n;

    return address->host.len != 0 ? ED_OK : ED_INVALID;
}


ed_str_t
ed_address_port(ed_str_t *host)
{
    size_t    i;
    ed_str_t  port;

    port = ED_STR_EMPTY;

    for (i = host->len; i != 0; i--) {

        if (host->data[i - 1] == ':') {
            port = ed_str(host->data + i, host->len - i);
            host->len = i - 1;
            break;
        }

        if ((uint8_t) (host->data[i - 1] - '0') > 9) {
            break;
        }
    }

    if (host->len != 0 && host->data[host->len - 1] == '.') {
        host->len--;
    }

    return port;
}


/* How many bytes stand before the first of those that end it. */

static size_t
ed_address_span(ed_str_t s, const char *ends)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] != '\0' && strchr(ends, s.data[i]) != NULL) {
            break;
        }
    }

    return i;
}


size_t
ed_address_tag_size(const ed_address_t *address)
{
    size_t  i, args;

    args = address->args.len;

    for (i = 0; i < address->args.len; i++) {
        if (ed_address_is_escaped(address->args.data[i])) {
            args += 2;
        }
    }

    return sizeof("url:?") - 1 + address->host.len + address->path.len
           + 2 * args;
}


ed_rc_t
ed_address_tag(const ed_address_t *address, const ed_ignored_arg_t *ignored,
    size_t nignored, uint8_t *out, size_t *len)
{
    size_t     i, n;
    ed_rc_t    rc;
    uint8_t   *p;
    ed_str_t   args;

    memcpy(out, "url:", 4);
    p = out + 4;

    for (i = 0; i < address->host.len; i++) {
        *p++ = ed_lower(address->host.data[i]);
    }

    memcpy(p, address->path.data, address->path.len);
    p += address->path.len;

    *len = (size_t) (p - out);

    args = ed_address_escape(address->args,
                             out + ed_address_tag_size(address));

    rc = ed_cache_args(args, ignored, nignored, 1, p + 1, &n);

    if (rc == ED_OK && n != 0) {
        *p = '?';
        *len += 1 + n;
    }

    return rc;
}


/* What a browser escapes (URL standard, 1.3: the special-query set). */

static int
ed_address_is_escaped(uint8_t c)
{
    return c <= ' ' || c >= 0x7f || c == '"' || c == '#' || c == '\''
           || c == '<' || c == '>';
}


/* Writes them so that they end where out points. */

static ed_str_t
ed_address_escape(ed_str_t args, uint8_t *out)
{
    size_t    i;
    uint8_t   c, *end;

    static const char  hex[] = "0123456789ABCDEF";

    end = out;

    for (i = args.len; i != 0; i--) {
        c = args.data[i - 1];

        if (ed_address_is_escaped(c)) {
            *--out = (uint8_t) hex[c & 0xf];
            *--out = (uint8_t) hex[c >> 4];
            c = '%';
        }

        *--out = c;
    }

    return ed_str(out, (size_t) (end - out));
}
