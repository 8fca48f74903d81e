
/*
 * GET api/articles: the articles that this server planned last, newest first,
 * and what is wrong with each.
 *
 *     ?count=N   so many at most (100)
 *     ?desk=D    of that desk only
 *
 * The list is this node's: another has planned others.
 */

#include "ed_date.h"
#include "ngx_http_editorial_articles.h"
#include "ngx_http_editorial_console.h"


#define NGX_HTTP_EDITORIAL_LISTED  100       /* unless count says otherwise */


static ngx_uint_t ngx_http_editorial_articles_count(
    ngx_http_editorial_call_t *call, ngx_uint_t *count);
static json_t *ngx_http_editorial_articles_list(
    ngx_http_editorial_call_t *call, ngx_uint_t count, ngx_str_t *desk);
static ngx_uint_t ngx_http_editorial_articles_is_of(
    ed_worklist_line_t *line, ngx_str_t *desk);
static json_t *ngx_http_editorial_article_json(ed_worklist_line_t *line);
static json_t *ngx_http_editorial_article_pieces(ed_worklist_line_t *line);
static json_t *ngx_http_editorial_article_problems(ed_worklist_line_t *line);
static int ngx_http_editorial_article_problem(json_t *list, const char *kind,
    json_t *text);
static json_t *ngx_http_editorial_article_refusal(ngx_uint_t why);
static json_t *ngx_http_editorial_article_string(ed_worklist_line_t *line,
    ngx_uint_t which);


/* Why a page is not stored, as an editor may pass it on; for others the
   reason's name stands alone. */
static const struct {
    ngx_uint_t   why;
    const char  *text;
} ngx_http_editorial_article_refusals[] = {
    { ED_UNSTORABLE_SET_COOKIE, "its answer sets a cookie" },
    { ED_UNSTORABLE_PRIVATE, "its answer is private (Cache-Control)" },
    { ED_UNSTORABLE_NO_STORE, "its answer says no-store (Cache-Control)" },
    { ED_UNSTORABLE_NO_CACHE, "its answer says no-cache" },
    { ED_UNSTORABLE_VARY, "its answer differs by other headers than "
                          "Accept-Encoding (Vary)" },
    { ED_UNSTORABLE_EXPIRED, "it is stale when it comes" },
    { ED_UNSTORABLE_MALFORMED, "what it says of being kept cannot be read" },
    { NGX_HTTP_EDITORIAL_REFUSED_PAGE, "it is too large" },
    { NGX_HTTP_EDITORIAL_REFUSED_MEMORY, "there was no memory" },
    { NGX_HTTP_EDITORIAL_REFUSED_INCOMPLETE, "it was cut short" },
    { NGX_HTTP_EDITORIAL_REFUSED_LIMIT, "it exceeds a limit" },
    { NGX_HTTP_EDITORIAL_REFUSED_HEAD, "its headers are too long" },
    { 0, NULL }
};


void
ngx_http_editorial_call_articles(ngx_http_editorial_call_t *call)
{
    ngx_str_t   desk;
    ngx_uint_t  count;

    if (!ngx_http_editorial_articles_count(call, &count)) {
        return;
    }

    if (ngx_http_arg(call->r, (u_char *) "desk", 4, &desk) != NGX_OK) {
        ngx_str_null(&desk);
    }

    ngx_http_editorial_answer(call,
                              ngx_http_editorial_articles_list(call, count,
                                                               &desk));
}


/* Zero: it is answered. */

static ngx_uint_t
ngx_http_editorial_articles_count(ngx_http_editorial_call_t *call,
    ngx_uint_t *count)
{
    ngx_int_t  n;
    ngx_str_t  value;

    *count = NGX_HTTP_EDITORIAL_LISTED;

    if (ngx_http_arg(call->r, (u_char *) "count", 5, &value) != NGX_OK) {
        return 1;
    }

    n = ngx_atoi(value.data, value.len);

    if (n < 1 || n > ED_WORKLIST) {
        ngx_http_editorial_problem(call, NGX_HTTP_BAD_REQUEST,
                                   "\"count\" must be a number from 1 to %d",
                                   ED_WORKLIST);
        return 0;
    }

    *count = n;

    return 1;
}


static json_t *
ngx_http_editorial_articles_list(ngx_http_editorial_call_t *call,
    ngx_uint_t count, ngx_str_t *desk)
{
    json_t                          *list;
    uint16_t                         order[ED_WORKLIST];
    ngx_uint_t                       i, n;
    ed_worklist_line_t               line;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(call->r, ngx_http_editorial_module);

    n = ngx_http_editorial_articles_order(emcf, order);
    list = json_array();

    for (i = 0; i < n && json_array_size(list) < count; i++) {

        if (!ngx_http_editorial_articles_line(emcf, order[i], &line)
            || !ngx_http_editorial_articles_is_of(&line, desk))
        {
            continue;
        }

        if (json_array_append_new(list,
                                  ngx_http_editorial_article_json(&line))
            != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return json_pack("{s:o}", "articles", list);
}


static ngx_uint_t
ngx_http_editorial_articles_is_of(ed_worklist_line_t *line, ngx_str_t *desk)
{
    return desk->data == NULL
           || ed_str_eq(ed_worklist_string(line, ED_WORKLIST_DESK),
                        ed_str(desk->data, desk->len));
}


static json_t *
ngx_http_editorial_article_json(ed_worklist_line_t *line)
{
    char  at[ED_DATE_LEN];

    ed_date_write(line->at, at);

    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o}",
                     "url", ngx_http_editorial_article_string(line,
                                                       ED_WORKLIST_URL),
                     "id", ngx_http_editorial_article_string(line,
                                                       ED_WORKLIST_ID),
                     "title", ngx_http_editorial_article_string(line,
                                                       ED_WORKLIST_TITLE),
                     "desk", ngx_http_editorial_article_string(line,
                                                       ED_WORKLIST_DESK),
                     "at", at,
                     "opinion", (int) line->opinion,
                     "pieces", ngx_http_editorial_article_pieces(line),
                     "problems", ngx_http_editorial_article_problems(line));
}


static json_t *
ngx_http_editorial_article_pieces(ed_worklist_line_t *line)
{
    int         bad;
    json_t     *pieces;
    ed_str_t    name;
    ngx_uint_t  i;

    pieces = json_object();
    bad = 0;

    for (i = 0; i < ED_FEATURES; i++) {
        name = ed_feature_name((ed_feature_e) i);
        bad |= json_object_set_new(pieces, (const char *) name.data,
                                   json_integer(line->pieces[i]));
    }

    if (bad) {
        json_decref(pieces);
        return NULL;
    }

    return pieces;
}


static json_t *
ngx_http_editorial_article_problems(ed_worklist_line_t *line)
{
    int         bad;
    json_t     *list;
    ed_str_t    quote;
    ngx_uint_t  i;

    list = json_array();
    bad = 0;

    for (i = 0; i < line->ndrifted; i++) {
        quote = ed_worklist_string(line, ED_WORKLIST_DRIFTED + i);

        bad |= ngx_http_editorial_article_problem(list, "quote_drifted",
                   json_sprintf("The text no longer has the quote \"%.*s\".",
                                (int) quote.len, (const char *) quote.data));
    }

    if (line->no_disclaimer) {
        bad |= ngx_http_editorial_article_problem(list, "no_disclaimer",
                   json_string("An opinion piece without a disclaimer: none "
                               "could be placed, and the text has none."));
    }

    if (line->no_read_more) {
        bad |= ngx_http_editorial_article_problem(list, "no_read_more",
                   json_string("No Read More link was placed."));
    }

    if (line->malformed) {
        bad |= ngx_http_editorial_article_problem(list, "record_malformed",
                   json_string("Its record cannot be read; what held before "
                               "holds still."));
    }

    if (line->refused != 0) {
        bad |= ngx_http_editorial_article_problem(list, "not_stored",
                   ngx_http_editorial_article_refusal(line->refused - 1));
    }

    if (bad) {
        json_decref(list);
        return NULL;
    }

    return list;
}


/* The reference to text is taken; NULL: no memory. */

static int
ngx_http_editorial_article_problem(json_t *list, const char *kind,
    json_t *text)
{
    return json_array_append_new(list, json_pack("{s:s, s:o}", "kind", kind,
                                                 "text", text));
}


static json_t *
ngx_http_editorial_article_refusal(ngx_uint_t why)
{
    ed_str_t    name;
    ngx_uint_t  i;

    name = ngx_http_editorial_refusal_name(why);

    for (i = 0; ngx_http_editorial_article_refusals[i].text != NULL; i++) {

        if (ngx_http_editorial_article_refusals[i].why == why) {
            return json_sprintf("The page is not stored: %s.",
                                ngx_http_editorial_article_refusals[i].text);
        }
    }

    return json_sprintf("The page is not stored: %.*s.", (int) name.len,
                        (const char *) name.data);
}


static json_t *
ngx_http_editorial_article_string(ed_worklist_line_t *line, ngx_uint_t which)
{
    ed_str_t  s;

    s = ed_worklist_string(line, which);

    return ngx_http_editorial_json_string(s.data, s.len);
}
