
/*
 * What the configuration asks for: the directives that mean something
 * without a server, read by one function for nginx.conf and for
 * t/tools/rewrite alike.
 *
 *     ed_policy_t
 *       features[read_more]  -> variant 1 "box"  after, every, max, template
 *                               variant 2 ...
 *       features[pull_quote] -> ...
 *
 * Variants are numbered from 1, in the order of their declaration; the first
 * is the control, and 0 is "off".
 */

#ifndef ED_POLICY_H
#define ED_POLICY_H


#include "ed_markup.h"
#include "ed_select.h"
#include "ed_xpath.h"


#define ED_MAX_VARIANTS  16            /* of one feature */
#define ED_MAX_AGE       (90 * 86400)  /* s, of a related article */
#define ED_MAX_ERROR     512           /* bytes of an error, NUL included */


typedef enum {
    ED_MODE_HIGHLIGHT = 1,
    ED_MODE_ASIDE     = 2,
    ED_MODE_BOTH      = 3
} ed_quote_mode_e;


typedef struct {
    ed_str_t           name;
    ed_template_t     *template;       /* NULL: the default markup */

    /* read_more; max is pull_quote's too */
    ed_str_t           label;          /* empty: by the page's language */
    unsigned           after;          /* paragraphs before the first box */
    unsigned           every;          /* paragraphs from other furniture */
    unsigned           max;            /* pieces on a page */

    /* pull_quote */
    ed_quote_mode_e    mode;
    unsigned           detect:1;

    /* disclaimer */
    unsigned           at_start:1;
    ed_str_t           text;
} ed_variant_t;


typedef struct {
    ed_variant_t      *list;           /* NULL: nothing declared here */
    unsigned           n;
    unsigned           off:1;          /* "off": the feature is taken away */
} ed_variants_t;


typedef struct {
    ed_arena_t        *arena;          /* the configuration's, not owned */
    ed_select_t       *article;        /* NULL: not declared here */
    ed_xpath_t        *exclude;        /* NULL: none */
    ed_variants_t      features[ED_FEATURES];
    ed_str_t           desk;           /* data == NULL: not declared here */
    ed_str_t           stylesheet;     /* "off" is an empty string, not NULL */
    ed_str_t           script;
    ed_str_t           beacon;
    int64_t            max_size;       /* bytes of a page; -1: not declared */
    int64_t            related;        /* s: so old may a related article be;
                                          0: none is linked; -1: not
                                          declared */
} ed_policy_t;


/*
 * Reads a template file for ed_policy_set(): its content, in arena.  On
 * failure returns ED_INVALID with a sentence in error.
 */
typedef ed_rc_t (*ed_policy_read_pt)(void *ctx, ed_arena_t *arena,
    ed_str_t path, ed_str_t *content, char *error);


/* A policy in which nothing is declared. */
void ed_policy_init(ed_policy_t *policy, ed_arena_t *arena);

/*
 * One directive with its arguments, args[0] being its name.  Strings are
 * copied.  ED_INVALID: it is wrong, and error (ED_MAX_ERROR bytes) holds a
 * sentence with the value and what would be right.  ED_NOMEM.
 */
ed_rc_t ed_policy_set(ed_policy_t *policy, const ed_str_t *args, unsigned n,
    ed_policy_read_pt read, void *ctx, char *error);

/* Is it one that ed_policy_set() takes?  The list lives there alone. */
int ed_policy_knows(ed_str_t directive);

/*
 * Fills in what policy does not declare: from the outer level, or, with outer
 * NULL, by the defaults.  ED_NOMEM.
 */
ed_rc_t ed_policy_merge(ed_policy_t *policy, const ed_policy_t *outer);

/* The number of the variant of that name; 0 for "off"; -1: there is none. */
int ed_policy_variant(const ed_policy_t *policy, ed_feature_e feature,
    ed_str_t name);


#endif /* ED_POLICY_H */
