
/*
 * What is to be inserted into one article, where, and why.
 *
 * The plan reads the article once, tells the paragraphs apart (running text,
 * READ MORE lines, repeated sentences, the disclaimer, the biography), and
 * then lets each feature decide:
 *
 *     ed_stated       a disclaimer that the text states already
 *     ed_disclaimer   biography; the disclaimer's own place
 *     ed_quote        repeated sentences, record's quotes, highlights
 *     ed_line         READ MORE lines that the text has
 *     ed_link         record's links; ed_place for those without a place
 *
 * When all have, ed_marker puts a marker before each feature's first piece.
 *
 * Every variant of a feature is planned, each as if its siblings were not
 * there, so that a place never depends on the edition.
 */

#ifndef ED_PLAN_H
#define ED_PLAN_H


#include "ed_block.h"
#include "ed_cache_key.h"
#include "ed_language.h"
#include "ed_meta.h"
#include "ed_policy.h"
#include "ed_record.h"


#define ED_MAX_DRIFTED  4


typedef enum {
    ED_OPINION_AUTO = 0,
    ED_OPINION_NO,
    ED_OPINION_YES
} ed_opinion_e;


/* An article that shares a tag with the page. */
typedef struct {
    ed_str_t           url;
    ed_str_t           title;
    int64_t            at;             /* seconds since the epoch */
} ed_related_t;


/* What is known of the page besides its bytes.  All of it is only borrowed. */
typedef struct {
    ed_str_t           charset;        /* of the Content-Type; may be empty */
    ed_str_t           scheme;         /* "https"; may be empty */
    ed_str_t           host;           /* of the page, with a port where it
                                          is not the scheme's; may be empty */
    ed_str_t           uri;            /* path, escaped; may be empty */
    ed_str_t           args;           /* of its address, as its key has them;
                                          may be empty */
    const ed_ignored_arg_t *ignored;   /* which tell no pages apart */
    size_t             nignored;
    ed_opinion_e       opinion;
    const ed_record_t *record;         /* NULL: none */
    const ed_related_t *related;       /* newest first; used where neither
                                          record nor text gives a link */
    unsigned           nrelated;
    ed_str_t           id;             /* the article's; for explain */
    unsigned           explain:1;      /* keep decisions and blocks */
    unsigned           facts:1;        /* ed_rewrite_facts() is wanted */
    unsigned           off;            /* for explain: bit f, feature f is
                                          switched off, at least for some */
} ed_page_t;


/* A piece of markup and its place.  At one offset, ends of what began before
   come first, then what stands there, then what begins. */
typedef struct {
    uint32_t           at;             /* offset from the article's base */
    uint8_t            order;          /* ed_insert_order_e */
    uint8_t            feature;
    unsigned           piece:1;        /* as in ed_span_t */
    unsigned           marker:1;       /* it is a marker, not furniture */
    uint32_t           variants;       /* as in ed_span_t */
    uint32_t           seq;            /* order of its making */
    uint32_t           offset;         /* in ed_plan_t.markup */
    uint32_t           len;
} ed_insert_t;


typedef enum {
    ED_INSERT_END = 0,
    ED_INSERT_WHOLE,
    ED_INSERT_BEGIN
} ed_insert_order_e;


typedef struct {
    ed_feature_e       feature;
    unsigned           variant;        /* 0: all of them */
    unsigned           placed:1;
    uint32_t           at;             /* of a placement, from base */
    uint32_t           block;          /* of a refusal; ED_NO_INDEX: none */
    ed_str_t           reason;
} ed_decision_t;


/* A piece of the article that states the disclaimer. */
typedef struct {
    uint32_t           start;
    uint32_t           end;
    uint32_t           para;           /* ED_NO_INDEX: a block */
    uint32_t           block;
    unsigned           whole:1;        /* it says little else */
} ed_stated_t;


typedef struct {
    /* what it is made from; set by the caller, borrowed */
    ed_arena_t        *arena;
    ed_charset_t      *cs;
    const ed_policy_t *policy;
    const ed_page_t   *page;
    const ed_article_t  *article;      /* complete */
    const ed_meta_t   *meta;           /* decoded */
    ed_str_t           before;         /* text of the page's body before the
                                          article, as written */

    /* the result */
    ed_buf_t           inserts;        /* of ed_insert_t, sorted */
    ed_buf_t           markup;         /* in the page's charset */
    ed_buf_t           decisions;      /* of ed_decision_t; with .explain */
    unsigned           opinion:1;      /* it is an opinion piece */
    unsigned           no_link:1;      /* neither record nor text gives one */
    unsigned           stated_before:1;    /* the page states the disclaimer
                                          before the article */
    uint32_t           biography;      /* the block of the biography, or
                                          ED_NO_INDEX */
    ed_str_t           drifted[ED_MAX_DRIFTED];    /* the record's quotes that
                                          are not in the text, */
    unsigned           ndrifted;       /*   the first of them */
    ed_blocks_t        blocks;
    const ed_language_t  *lang;

    /* while it is made */
    struct ed_quotes_s *quotes;        /* ed_quote's */
    ed_str_t           base;           /* ed_link's: the page's URL */
    ed_stated_t       *stated;         /* ed_stated's; NULL: nowhere */
    uint8_t           *excluded;       /* of nodes; NULL: no exclusion */
    uint32_t          *ends;           /* of excluded nodes, sorted */
    size_t             nends;
    ed_buf_t           taken[ED_FEATURES];   /* of ed_taken_t */
    ed_buf_t           utf8;           /* markup before it is encoded */
    ed_rc_t            rc;             /* the first failure */
} ed_plan_t;


/*
 * Makes the plan; the fields of the first group are set, the rest is zero.
 * ED_NOMEM or another limit: nothing is to be inserted.  In any case to be
 * released with ed_plan_free().
 */
ed_rc_t ed_plan_make(ed_plan_t *plan);
void ed_plan_free(ed_plan_t *plan);

/* Gives back all but the markup and the decisions: the inserts are spliced. */
void ed_plan_finish(ed_plan_t *plan);


/*
 * For the features.  Each adds markup or a decision; a failure is kept in
 * plan->rc and found by ed_plan_make().
 */

/* The features' own parts of the work, in this order. */
void ed_link_find(ed_plan_t *plan);
void ed_stated_find(ed_plan_t *plan);
void ed_disclaimer_find(ed_plan_t *plan);
void ed_quote_find(ed_plan_t *plan);
void ed_quote_plan(ed_plan_t *plan);
void ed_disclaimer_plan(ed_plan_t *plan);
void ed_link_plan(ed_plan_t *plan);

/* The markers, among the sorted inserts; none on an AMP page, where no script
   could see them. */
void ed_marker_plan(ed_plan_t *plan);

/* Does the page state the disclaimer already? */
#define ed_plan_is_stated(plan)  ((plan)->stated_before                       \
                                  || (plan)->stated != NULL)

/* The disclaimer's text in variant v: the record's, or the variant's. */
ed_str_t ed_disclaimer_text(const ed_plan_t *plan, unsigned v);

/*
 * An absolute URL to compare, in arena: //host[:port]/path[?query], the host
 * in lower case, the path without dot segments (RFC 3986, 6.2.2), a port only
 * where it is not the scheme's, arguments without those that are ignored and
 * by name, all of it escaped in one way.  What libxml2 cannot read is compared
 * as it is written.  data == NULL: no memory, in plan->rc.
 */
ed_str_t ed_url_key(ed_plan_t *plan, ed_str_t url);

/* The page's own URL, with its arguments; without a host still good for
   comparing paths. */
ed_str_t ed_url_base(ed_plan_t *plan);

/* The first block that begins at the offset or behind it. */
uint32_t ed_plan_block_from(const ed_plan_t *plan, uint32_t at);

/* A piece of variant v (from 1) with the page's language in it. */
void ed_plan_piece(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    ed_piece_t *piece);

/* Inserts the piece as a whole, or begin and end of a mark. */
void ed_plan_whole(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t at);
void ed_plan_mark(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t start, uint32_t end, int first);

/*
 * Puts the piece's wrapper around.  Zero where the plan has failed, or where
 * what stands there would end the wrapper early, which is then refused.
 */
int ed_plan_wrap(ed_plan_t *plan, unsigned v, const ed_piece_t *piece,
    uint32_t start, uint32_t end);

/* The gaps [first, last] are taken by a piece of that feature. */
void ed_plan_take(ed_plan_t *plan, ed_feature_e feature, uint32_t first,
    uint32_t last);

/* Keeps a decision; fmt and what follows make its reason. */
void ed_plan_placed(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    uint32_t at, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void ed_plan_refused(ed_plan_t *plan, ed_feature_e feature, unsigned v,
    uint32_t block, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * The page itself has a piece of the feature, in that block (ED_NO_INDEX: in
 * none).  Where the feature is off, for some or by the record, that is told as
 * a refusal: what the CMS wrote is not hidden.
 */
void ed_plan_stays(ed_plan_t *plan, ed_feature_e feature, uint32_t block);

/* Is the node itself, or what it stands in, excluded? */
int ed_plan_is_excluded(const ed_plan_t *plan, uint32_t node);

/* Would something at that offset stand beside an excluded block? */
int ed_plan_is_beside(const ed_plan_t *plan, uint32_t at);

/*
 * Would a block that is inserted at the end of this node stand behind it?  Not
 * where the page left the node open, unless it is a <p>, which a block closes,
 * with nothing open in it that keeps it from that (HTML 13.2.4.2).
 */
int ed_plan_ends(const ed_plan_t *plan, uint32_t node);

/* Counted paragraphs up to the end of this one. */
#define ed_para_gap(para)  ((para)->before + (para)->counted)


#endif /* ED_PLAN_H */
