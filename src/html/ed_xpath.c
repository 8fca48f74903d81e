
/*
 * libxml2 compiles an expression into an object that may be evaluated any
 * number of times, by one thread at a time.  The evaluation context is made
 * for each document, with an operation limit: a costly expression on a large
 * article ends with an error and not with a held worker.
 *
 * Errors go to the context's own handler, never to libxml2's generic one:
 * nginx's xslt module has its own idea of where that leads.
 *
 * Where libxml2 has no memory it may well go on, with an expression that has
 * lost a step or a result that has lost a node; errno tells.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "ed_xpath.h"


#define ED_XPATH_STACK  10             /* values, as libxml2 begins */


struct ed_xpath_s {
    unsigned              n;
    xmlXPathCompExprPtr  *list;
    ed_str_t             *text;
};


/* An article with one of each, so that predicates are evaluated too. */
static const char  ed_xpath_sample[] =
    "<article class='a' id='b' itemprop='c' data-d='e' role='f'>"
    "<header><h1 class='a'>b</h1><p class='a' id='b'>c</p></header>"
    "<p class='a' id='b' style='c'>d <a class='a' href='b' rel='c'>e</a>"
    "<b class='a'>b</b><i class='a'>c</i><em class='a'>d</em>"
    "<strong class='a'>e</strong><span class='a' id='b'>f</span><br/></p>"
    "<h2 class='a'>b</h2><h3 class='a'>c</h3><h4 class='a'>d</h4>"
    "<div class='a' id='b' role='c' data-d='e'><p class='a'>f</p></div>"
    "<section class='a' id='b'><p>c</p></section>"
    "<figure class='a'><img class='a' src='b' alt='c'/>"
    "<figcaption class='a'>d</figcaption></figure>"
    "<ul class='a'><li class='a'>b</li></ul><ol class='a'><li>b</li></ol>"
    "<table class='a'><tbody><tr class='a'><td class='a'>b</td></tr></tbody>"
    "</table><blockquote class='a'><p>b</p></blockquote>"
    "<aside class='a' id='b'>c</aside><iframe class='a' src='b'/>"
    "<video class='a' src='b'/><nav class='a'>b</nav><form class='a'/>"
    "<footer class='a'>b</footer></article>";


typedef struct {
    xmlGenericErrorFunc   print;
    void                 *data;
} ed_xpath_printer_t;


static ed_rc_t ed_xpath_compile_list(ed_xpath_t *xpath, ed_arena_t *arena,
    const ed_str_t *expressions, unsigned n, char *error, size_t errlen);
static ed_rc_t ed_xpath_compile_one(ed_xpath_t *xpath,
    xmlXPathContextPtr context, char *error, size_t errlen);
static ed_rc_t ed_xpath_try(ed_xpath_t *xpath, char *error, size_t errlen);
static ed_rc_t ed_xpath_wrong(ed_str_t text, const char *reason, char *error,
    size_t errlen);
static void ed_xpath_mute(ed_xpath_printer_t *printer);
static void ed_xpath_unmute(const ed_xpath_printer_t *printer);
static void ed_xpath_quiet(void *data, const char *fmt, ...);
static void ed_xpath_ignore(void *ctx, xmlNodePtr node);
static void ed_xpath_error(void *data, xmlErrorPtr error);
static ed_rc_t ed_xpath_eval(xmlXPathCompExprPtr expression,
    xmlXPathContextPtr context, void (*found)(void *ctx, xmlNodePtr node),
    void *ctx);
static int ed_xpath_has_room(void);
static ed_rc_t ed_xpath_report(xmlXPathObjectPtr result,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx);


ed_rc_t
ed_xpath_compile(ed_arena_t *arena, const ed_str_t *expressions, unsigned n,
    ed_xpath_t **xpath, char *error, size_t errlen)
{
    ed_rc_t             rc;
    ed_xpath_t         *xp;
    ed_xpath_printer_t  printer;

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

    ed_xpath_mute(&printer);

    rc = ed_xpath_compile_list(xp, arena, expressions, n, error, errlen);

    if (rc == ED_OK) {
        rc = ed_xpath_try(xp, error, errlen);
    }

    ed_xpath_unmute(&printer);

    return rc;
}


static ed_rc_t
ed_xpath_compile_list(ed_xpath_t *xpath, ed_arena_t *arena,
    const ed_str_t *expressions, unsigned n, char *error, size_t errlen)
{
    ed_rc_t             rc;
    unsigned            i;
    xmlXPathContextPtr  context;

    context = xmlXPathNewContext(NULL);
    if (context == NULL) {
        return ED_NOMEM;
    }

    rc = ED_OK;

    for (i = 0; i < n && rc == ED_OK; i++) {
        xpath->text[i] = ed_arena_dup(arena, expressions[i]);

        rc = xpath->text[i].data == NULL
             ? ED_NOMEM
             : ed_xpath_compile_one(xpath, context, error, errlen);
    }

    xmlXPathFreeContext(context);

    return rc;
}


/* The expression whose text is there and nothing else. */

static ed_rc_t
ed_xpath_compile_one(ed_xpath_t *xpath, xmlXPathContextPtr context,
    char *error, size_t errlen)
{
    char                 reason[128];
    ed_str_t             text;
    xmlXPathCompExprPtr  compiled;

    text = xpath->text[xpath->n];

    (void) snprintf(reason, sizeof(reason), "it does not compile");

    context->error = ed_xpath_error;
    context->userData = reason;
    errno = 0;

    compiled = xmlXPathCtxtCompile(context, text.data);

    if (errno == ENOMEM) {
        xmlXPathFreeCompExpr(compiled);
        return ED_NOMEM;
    }

    if (compiled == NULL) {
        return ed_xpath_wrong(text, reason, error, errlen);
    }

    xpath->list[xpath->n++] = compiled;

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


/*
 * Unknown functions, and results that are no elements, show only where an
 * expression is evaluated: once, on a small article.
 */

static ed_rc_t
ed_xpath_try(ed_xpath_t *xpath, char *error, size_t errlen)
{
    ed_rc_t     rc;
    unsigned    i;
    xmlDocPtr   doc;
    ed_xpath_t  one;

    doc = xmlReadMemory(ed_xpath_sample, sizeof(ed_xpath_sample) - 1, NULL,
                        NULL, XML_PARSE_NONET|XML_PARSE_NOERROR);
    if (doc == NULL) {
        return ED_NOMEM;
    }

    rc = ED_OK;

    for (i = 0; i < xpath->n && rc == ED_OK; i++) {
        one.n = 1;
        one.list = &xpath->list[i];
        one.text = &xpath->text[i];

        rc = ed_xpath_each(&one, doc, ed_xpath_ignore, NULL);

        if (rc == ED_INVALID) {
            rc = ed_xpath_wrong(xpath->text[i], "it names an unknown function"
                                " or variable, or does not select elements",
                                error, errlen);
        }
    }

    xmlFreeDoc(doc);

    return rc;
}


static ed_rc_t
ed_xpath_wrong(ed_str_t text, const char *reason, char *error, size_t errlen)
{
    (void) snprintf(error, errlen, "XPath \"%.*s\": %s", (int) text.len,
                    (const char *) text.data, reason);

    return ED_INVALID;
}


/* libxml2 prints some errors by itself, past the context's handler. */

static void
ed_xpath_mute(ed_xpath_printer_t *printer)
{
    printer->print = xmlGenericError;
    printer->data = xmlGenericErrorContext;

    xmlSetGenericErrorFunc(NULL, ed_xpath_quiet);
}


static void
ed_xpath_unmute(const ed_xpath_printer_t *printer)
{
    xmlSetGenericErrorFunc(printer->data, printer->print);
}


static void
ed_xpath_quiet(void *data, const char *fmt, ...)
{
    (void) data;
    (void) fmt;
}


static void
ed_xpath_ignore(void *ctx, xmlNodePtr node)
{
    (void) ctx;
    (void) node;
}


ed_rc_t
ed_xpath_each(ed_xpath_t *xpath, xmlDocPtr doc,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx)
{
    char                 reason[128];
    ed_rc_t              rc;
    unsigned             i;
    ed_xpath_printer_t   printer;
    xmlXPathContextPtr   context;

    ed_xpath_mute(&printer);

    rc = ED_NOMEM;
    context = xmlXPathNewContext(doc);

    if (context != NULL) {
        context->node = xmlDocGetRootElement(doc);
        context->opLimit = ED_MAX_XPATH_OPS;
        context->error = ed_xpath_error;
        context->userData = reason;

        rc = ED_OK;
    }

    for (i = 0; i < xpath->n && rc == ED_OK; i++) {
        rc = ed_xpath_eval(xpath->list[i], context, found, ctx);
    }

    xmlXPathFreeContext(context);
    ed_xpath_unmute(&printer);

    return rc;
}


static ed_rc_t
ed_xpath_eval(xmlXPathCompExprPtr expression, xmlXPathContextPtr context,
    void (*found)(void *ctx, xmlNodePtr node), void *ctx)
{
    ed_rc_t            rc;
    xmlXPathObjectPtr  result;

    if (!ed_xpath_has_room()) {
        return ED_NOMEM;
    }

    errno = 0;
    result = xmlXPathCompiledEval(expression, context);

    if (errno == ENOMEM) {
        rc = ED_NOMEM;

    } else if (result != NULL) {
        rc = ed_xpath_report(result, found, ctx);

    } else {
        rc = context->lastError.code
                 == XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED
             ? ED_LIMIT_WORK
             : context->lastError.code
                   == XML_XPATH_EXPRESSION_OK + XPATH_MEMORY_ERROR
               ? ED_NOMEM : ED_INVALID;
    }

    xmlXPathFreeObject(result);

    return rc;
}


/*
 * xmlXPathCompiledEval() asks for two blocks first, and does not look whether
 * it got them (libxml2 2.9).  What was there a moment ago, and was given back,
 * is there still.
 */

static int
ed_xpath_has_room(void)
{
    int    there;
    void  *volatile context;   /* or the calls would be optimized away */
    void  *volatile stack;

    context = malloc(sizeof(xmlXPathParserContext));
    stack = malloc(ED_XPATH_STACK * sizeof(xmlXPathObjectPtr));

    there = (context != NULL && stack != NULL);

    free(stack);
    free(context);

    return there;
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
