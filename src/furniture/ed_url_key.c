
/*
 * URLs to compare: do two of them lead to the same page?
 *
 *     HTTPS://WWW.Example.com:443/a/../caf%c3%A9?utm_source=x&b=2&a=1#top
 *     //www.example.com/caf%C3%A9?a=1&b=2
 *
 * What stands in a page is no URL yet, but what a browser makes one of: blanks
 * and letters beyond ASCII are escaped first.  libxml2 then gives the parts,
 * with the path's escapes undone, which are written again all alike.
 */

#include <stdio.h>

#include <libxml/uri.h>

#include "ed_plan.h"
#include "ed_url.h"


/* Beside letters and digits, what a path may have as it is. */
#define ED_URL_IN_PATH  "/;:@&=+$,"


static ed_str_t ed_url_escape(ed_plan_t *plan, ed_str_t url);
static int ed_url_escaped(uint8_t c, unsigned in_query);
static ed_str_t ed_url_compose(ed_plan_t *plan, xmlURIPtr uri);
static int ed_url_port(xmlURIPtr uri);
static ed_str_t ed_url_query(ed_plan_t *plan, const char *query);


ed_str_t
ed_url_key(ed_plan_t *plan, ed_str_t url)
{
    xmlURIPtr  uri;
    xmlChar   *absolute;
    ed_str_t   written, base, key;

    written = ed_url_escape(plan, url);
    base = ed_url_escape(plan, ed_url_base(plan));

    if (written.data == NULL || base.data == NULL) {
        plan->rc = ED_NOMEM;
        return ED_STR_EMPTY;
    }

    absolute = xmlBuildURI(written.data, base.data);
    uri = absolute != NULL ? xmlParseURI((char *) absolute) : NULL;
    key = written;

    if (uri != NULL && uri->server != NULL) {
        key = ed_url_compose(plan, uri);
    }

    xmlFreeURI(uri);
    xmlFree(absolute);

    return key;
}


/* Terminated; data == NULL: no memory. */

static ed_str_t
ed_url_escape(ed_plan_t *plan, ed_str_t url)
{
    char      *escaped, *p;
    size_t     i;
    unsigned   in_query;

    url = ed_url_strip(url);
    in_query = 0;

    escaped = ed_arena_alloc(plan->arena, 3 * url.len + 1);
    if (escaped == NULL) {
        return ED_STR_EMPTY;
    }

    p = escaped;

    for (i = 0; i < url.len; i++) {
        in_query |= (url.data[i] == '?');

        if (ed_url_escaped(url.data[i], in_query)) {
            p += sprintf(p, "%%%02X", url.data[i]);

        } else {
            *p++ = (char) url.data[i];
        }
    }

    *p = '\0';

    return ed_str(escaped, (size_t) (p - escaped));
}


/* In front of the query brackets are those of an address. */

static int
ed_url_escaped(uint8_t c, unsigned in_query)
{
    return c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c) != NULL
           || (in_query && (c == '[' || c == ']'));
}


static ed_str_t
ed_url_compose(ed_plan_t *plan, xmlURIPtr uri)
{
    int        port;
    char      *key, *p;
    size_t     size;
    xmlChar   *path;
    ed_str_t   query;

    port = ed_url_port(uri);

    if (uri->path != NULL) {
        (void) xmlNormalizeURIPath(uri->path);
    }

    path = xmlURIEscapeStr((xmlChar *) (uri->path != NULL
                                        && uri->path[0] != '\0'
                                        ? uri->path : "/"),
                           (xmlChar *) ED_URL_IN_PATH);

    query = ed_url_query(plan, uri->query_raw != NULL ? uri->query_raw : "");

    if (path == NULL || query.data == NULL) {
        xmlFree(path);
        plan->rc = ED_NOMEM;
        return ED_STR_EMPTY;
    }

    size = strlen(uri->server) + strlen((char *) path) + query.len
           + sizeof("//:65535?");

    key = ed_arena_alloc(plan->arena, size);
    if (key == NULL) {
        xmlFree(path);
        plan->rc = ED_NOMEM;
        return ED_STR_EMPTY;
    }

    for (p = uri->server; *p != '\0'; p++) {
        *p = (char) ed_lower((uint8_t) *p);
    }

    p = key + snprintf(key, size, "//%s", uri->server);

    if (port > 0) {
        p += snprintf(p, size - (size_t) (p - key), ":%d", port);
    }

    (void) snprintf(p, size - (size_t) (p - key), "%s%s%.*s", path,
                    query.len != 0 ? "?" : "", (int) query.len,
                    (const char *) query.data);

    xmlFree(path);

    return ed_str(key, strlen(key));
}


/* 0: it is the scheme's. */

static int
ed_url_port(xmlURIPtr uri)
{
    if (uri->scheme != NULL
        && uri->port == (strcmp(uri->scheme, "https") == 0 ? 443 : 80))
    {
        return 0;
    }

    return uri->port;
}


/* data == NULL: no memory. */

static ed_str_t
ed_url_query(ed_plan_t *plan, const char *query)
{
    size_t     len;
    uint8_t   *args;
    ed_str_t   written;

    written = ed_str(query, strlen(query));

    args = ed_arena_alloc(plan->arena, written.len + 1);

    if (args == NULL
        || ed_cache_args(written, plan->page->ignored, plan->page->nignored,
                         1, args, &len)
           != ED_OK)
    {
        return ED_STR_EMPTY;
    }

    return ed_str(args, len);
}


ed_str_t
ed_url_base(ed_plan_t *plan)
{
    size_t            size;
    char             *base;
    const ed_page_t  *page;

    if (plan->base.data != NULL) {
        return plan->base;
    }

    page = plan->page;
    size = page->scheme.len + page->host.len + page->uri.len + page->args.len
           + sizeof("https://page.invalid/?");

    base = ed_arena_alloc(plan->arena, size);
    if (base == NULL) {
        plan->rc = ED_NOMEM;
        return ED_STR_EMPTY;
    }

    (void) snprintf(base, size, "%.*s://%.*s%.*s%s%.*s",
                    page->scheme.len != 0 ? (int) page->scheme.len : 5,
                    page->scheme.len != 0 ? (const char *) page->scheme.data
                                          : "https",
                    page->host.len != 0 ? (int) page->host.len : 12,
                    page->host.len != 0 ? (const char *) page->host.data
                                        : "page.invalid",
                    page->uri.len != 0 ? (int) page->uri.len : 1,
                    page->uri.len != 0 ? (const char *) page->uri.data
                                       : "/",
                    page->args.len != 0 ? "?" : "", (int) page->args.len,
                    page->args.len != 0 ? (const char *) page->args.data
                                        : "");

    plan->base = ed_str(base, strlen(base));

    return plan->base;
}
