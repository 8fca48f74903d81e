
/*
 * URLs to compare: do two of them lead to the same page?
 */

#include <stdio.h>

#include <libxml/uri.h>

#include "ed_plan.h"


static ed_str_t ed_url_compose(ed_plan_t *plan, xmlURIPtr uri);


ed_str_t
ed_url_key(ed_plan_t *plan, ed_str_t url)
{
    xmlURIPtr  uri;
    xmlChar   *absolute;
    ed_str_t   written, base, key;

    written = ed_arena_dup(plan->arena, url);
    base = ed_arena_dup(plan->arena, ed_url_base(plan));

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


static ed_str_t
ed_url_compose(ed_plan_t *plan, xmlURIPtr uri)
{
    int          port;
    char        *key, *p;
    size_t       size;
    const char  *path, *query;

    port = uri->port;

    if (uri->scheme != NULL
        && port == (strcmp(uri->scheme, "https") == 0 ? 443 : 80))
    {
        port = 0;
    }

    if (uri->path != NULL) {
        (void) xmlNormalizeURIPath(uri->path);
    }

    path = uri->path != NULL && uri->path[0] != '\0' ? uri->path : "/";
    query = uri->query_raw != NULL ? uri->query_raw : "";

    size = strlen(uri->server) + strlen(path) + strlen(query)
           + sizeof("//:65535?");

    key = ed_arena_alloc(plan->arena, size);
    if (key == NULL) {
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

    (void) snprintf(p, size - (size_t) (p - key), "%s%s%s", path,
                    query[0] != '\0' ? "?" : "", query);

    return ed_str(key, strlen(key));
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
    size = page->scheme.len + page->host.len + page->uri.len
           + sizeof("https://page.invalid/");

    base = ed_arena_alloc(plan->arena, size);
    if (base == NULL) {
        plan->rc = ED_NOMEM;
        return ED_STR_EMPTY;
    }

    (void) snprintf(base, size, "%.*s://%.*s%.*s",
                    page->scheme.len != 0 ? (int) page->scheme.len : 5,
                    page->scheme.len != 0 ? (const char *) page->scheme.data
                                          : "https",
                    page->host.len != 0 ? (int) page->host.len : 12,
                    page->host.len != 0 ? (const char *) page->host.data
                                        : "page.invalid",
                    page->uri.len != 0 ? (int) page->uri.len : 1,
                    page->uri.len != 0 ? (const char *) page->uri.data
                                       : "/");

    plan->base = ed_str(base, strlen(base));

    return plan->base;
}
