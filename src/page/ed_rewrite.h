
/*
 * The one entry of the core: a page's bytes in, spans out.
 *
 *     before   bytes go through as they come; metadata is gathered
 *     holding  the article has begun: its bytes are kept
 *     after    the article is complete, its furniture stands, or there is a
 *              reason to do nothing: bytes go through, nothing is read
 *
 * It cannot fail in a way that loses a byte.  Whatever goes wrong (memory,
 * a limit, markup it refuses) ends in "after" with a reason, and what was
 * held goes out as it came.
 */

#ifndef ED_REWRITE_H
#define ED_REWRITE_H


#include "ed_edition.h"
#include "ed_facts.h"
#include "ed_json.h"


#define ED_MAX_HELD  (1024 * 1024)     /* bytes of an article */


/* Why nothing was done; names by ed_skip_name(). */
typedef enum {
    ED_SKIP_NONE = 0,
    ED_SKIP_NO_ARTICLE,                /* no selector matched */
    ED_SKIP_NO_FURNITURE,              /* an article, and nothing to place */
    ED_SKIP_DONE_ALREADY,              /* it carries our data-editorial */
    ED_SKIP_CHARSET,                   /* one it cannot read */
    ED_SKIP_EXCLUDE,                   /* an XPath of editorial_exclude failed
                                          on this page */
    ED_SKIP_SIZE,                      /* longer than editorial_max_size */
    ED_SKIP_HELD,                      /* article longer than ED_MAX_HELD */
    ED_SKIP_DEPTH,
    ED_SKIP_TOKEN,
    ED_SKIP_WORK,
    ED_SKIP_MEMORY,
    ED_SKIP_CUT,                       /* it ends before its article does */
    ED_SKIPS
} ed_skip_e;


typedef struct ed_rewrite_s  ed_rewrite_t;


/*
 * A rewriter for one page.  policy must be merged and outlive it.  NULL: no
 * memory.  Free with ed_rewrite_destroy(), which takes NULL too.
 */
ed_rewrite_t *ed_rewrite_create(const ed_policy_t *policy,
    const ed_page_t *page);
void ed_rewrite_destroy(ed_rewrite_t *rw);

/*
 * Feeds the next chunk (last: the page ends with it; len may be 0).  *spans
 * are the *n spans that are settled now, valid until the next feed.  Their
 * bytes: those that point into data are the caller's, all others live until
 * ed_rewrite_destroy().
 */
void ed_rewrite_feed(ed_rewrite_t *rw, const uint8_t *data, size_t len,
    int last, const ed_span_t **spans, size_t *n);

/*
 * Gives up: what is held comes out as source spans, and the rest of the page
 * goes through.  For a caller that knows better (it has run into a limit of
 * its own).
 */
void ed_rewrite_abandon(ed_rewrite_t *rw, ed_skip_e reason,
    const ed_span_t **spans, size_t *n);

/* Non-zero once nothing that is still to come can change. */
int ed_rewrite_settled(const ed_rewrite_t *rw);

/* Has an article begun?  What was taken for one counts, too. */
int ed_rewrite_begun(const ed_rewrite_t *rw);

/* Stylesheet and script for ed_walk_init(); complete once settled. */
ed_str_t ed_rewrite_assets(const ed_rewrite_t *rw);

/* Why nothing was done; ED_SKIP_NONE while it is open or where furniture was
   placed. */
ed_skip_e ed_rewrite_skip(const ed_rewrite_t *rw);
ed_str_t ed_skip_name(ed_skip_e skip);

/*
 * What is to be known of the article; lives as long as the rewriter.  NULL:
 * the page was created without .facts, no article of it has been planned (so
 * far), or there was no memory.
 */
const ed_facts_t *ed_rewrite_facts(const ed_rewrite_t *rw);

/*
 * The decisions as JSON (api/explain), to be released with json_decref(), or
 * as text, to be freed with free(); NULL: no memory, or the page was created
 * without .explain, or it is not settled.
 */
json_t *ed_rewrite_explain_json(ed_rewrite_t *rw);
char *ed_rewrite_explain(ed_rewrite_t *rw);


#endif /* ED_REWRITE_H */
