
/*
 * libxml2 compiles an expression into an object that may be evaluated any
 * number of times, by one thread at a time.  The evaluation context is made
 * for each document, with an operation limit: a costly expression on a large
 * article ends with an error and not with a held worker.
 *
 * Errors go to the context's own handler, never to libxml2's generic one:
 * nginx's xslt module has its own idea of where that leads.
 */

#include <stdio.h>

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "ed_xpath.h"


struct ed_xpath_s {
    unsigned              n;
    xmlXPathCompExprPtr  *list;
    ed_str_t             *text;
};


static void ed_xpath_error(void *data, xmlErrorPtr error);
static ed_rc_t ed_xpath_report(xmlXPathObjectPtr result,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx);


ed_rc_t
ed_xpath_compile(ed_arena_t *arena, const ed_str_t *expressions, unsigned n,
    ed_xpath_t **xpath, char *error, size_t errlen)
{
    unsigned            i;
    char                reason[128];
    ed_xpath_t         *xp;
    xmlXPathContextPtr  context;

    xp = ed_arena_alloc(arena, sizeof(ed_xpath_t));
    if (xp == NULL) {
        return ED_NOMEM;
    }

    xp->n = 0;
    xp->list = ed_arena_zalloc(arena, n * sizeof(xmlXPathCompExprPtr));
    xp->text = ed_arena_zalloc(arena, n * sizeof(ed_str_t));

    if (xp->list == NULL || xp->text == NULL) {
        return ED_NOMEM;
    }

    /* from here on the caller can give back what has been compiled */
    *xpath = xp;

    context = xmlXPathNewContext(NULL);
    if (context == NULL) {
        return ED_NOMEM;
    }

    context->error = ed_xpath_error;
    context->userData = reason;

    for (i = 0; i < n; i++) {
        xp->text[i] = ed_arena_dup(arena, expressions[i]);
        if (xp->text[i].data == NULL) {
            xmlXPathFreeContext(context);
            return ED_NOMEM;
        }

        (void) snprintf(reason, sizeof(reason), "it does not compile");

        xp->list[i] = xmlXPathCtxtCompile(context, xp->text[i].data);

        if (xp->list[i] == NULL) {
            (void) snprintf(error, errlen, "XPath \"%.*s\": %s",
                            (int) xp->text[i].len,
                            (const char *) xp->text[i].data, reason);
            xmlXPathFreeContext(context);
            return ED_INVALID;
        }

        xp->n++;
    }

    xmlXPathFreeContext(context);

    return ED_OK;
}


void
ed_xpath_free(ed_xpath_t *xpath)
{
    unsigned  i;

    if (xpath == NULL) {
        return;
    }

    for (i = 0; i < xpath->n; i++) {
        xmlXPathFreeCompExpr(xpath->list[i]);
    }

    xpath->n = 0;
}


ed_rc_t
ed_xpath_each(ed_xpath_t *xpath, xmlDocPtr doc,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx)
{
    ed_rc_t             rc;
    unsigned            i;
    char                reason[128];
    xmlXPathContextPtr  context;
    xmlXPathObjectPtr   result;

    context = xmlXPathNewContext(doc);
    if (context == NULL) {
        return ED_NOMEM;
    }

    context->node = xmlDocGetRootElement(doc);
    context->opLimit = ED_MAX_XPATH_OPS;
    context->error = ed_xpath_error;
    context->userData = reason;

    rc = ED_OK;

    for (i = 0; i < xpath->n && rc == ED_OK; i++) {
        result = xmlXPathCompiledEval(xpath->list[i], context);

        if (result == NULL) {
            rc = context->lastError.code
                     == XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED
                 ? ED_LIMIT_WORK
                 : context->lastError.code
                       == XML_XPATH_EXPRESSION_OK + XPATH_MEMORY_ERROR
                   ? ED_NOMEM : ED_INVALID;
            break;
        }

        rc = ed_xpath_report(result, found, ctx);
        xmlXPathFreeObject(result);
    }

    xmlXPathFreeContext(context);

    return rc;
}


static ed_rc_t
ed_xpath_report(xmlXPathObjectPtr result,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx)
{
    int         i;
    xmlNodePtr  node;

    if (result->type != XPATH_NODESET) {
        return ED_INVALID;
    }

    if (result->nodesetval == NULL) {
        return ED_OK;
    }

    for (i = 0; i < result->nodesetval->nodeNr; i++) {
        node = result->nodesetval->nodeTab[i];

        if (node->type == XML_ELEMENT_NODE) {
            found(ctx, node);
        }
    }

    return ED_OK;
}


/* Keeps libxml2's sentence, bounded and on one line. */

static void
ed_xpath_error(void *data, xmlErrorPtr error)
{
    char    *reason, *p;
    size_t   size;

    reason = data;
    size = 128;

    if (error == NULL || error->message == NULL) {
        return;
    }

    (void) snprintf(reason, size, "%s", error->message);

    for (p = reason; *p != '\0'; p++) {
        if (*p == '\n') {
            *p = '\0';
            break;
        }
    }
}
