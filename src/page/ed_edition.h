
/*
 * A page as a list of spans, and an edition of it: one variant (or none) of
 * each feature.
 *
 *     source  furniture          source  furniture          source
 *     <p>…    read_more {1}      <p>…    read_more {2}      </article>…
 *
 * The source spans alone are the page as the origin sent it.  A piece of
 * furniture is sent where the edition has the variant it belongs to.
 *
 * A marker stands directly before the first piece of all variants of its
 * feature.  It is sent to every edition in which a test runs on the feature,
 * be the feature off in it, so that all arms are counted at the same place.
 *
 * The page's assets (stylesheet and script) are sent once, directly before
 * the first piece or marker that the edition takes.
 */

#ifndef ED_EDITION_H
#define ED_EDITION_H


#include "ed_policy.h"
#include "ed_record.h"


typedef struct {
    uint8_t            variant[ED_FEATURES];   /* 0 = off, else from 1 */
    uint8_t            tested;         /* bit f: a test runs on feature f */
} ed_edition_t;


typedef enum {
    ED_SPAN_SOURCE = 0,
    ED_SPAN_FURNITURE,
    ED_SPAN_ASSETS,
    ED_SPAN_MARKER,                    /* where a feature is tested */
    ED_SPAN_HIDDEN,                    /* kept with the page, never sent: */
    ED_SPAN_NOTES,                     /*   its record, and its notes */
    ED_SPAN_KINDS
} ed_span_kind_e;


typedef struct {
    const uint8_t     *data;
    size_t             len;
    ed_span_kind_e     kind;
    ed_feature_e       feature;        /* of furniture, of a marker */
    uint32_t           variants;       /* of furniture: bit v - 1 for each
                                          variant under which it is sent */
    unsigned           piece:1;        /* of furniture: a piece begins here;
                                          0 for a wrapper's end, or another
                                          part of the same highlight */
} ed_span_t;


/* An edition as bytes, by which it is told from others. */
#define ED_EDITION_NAME  (ED_FEATURES + 1)

static inline void
ed_edition_name(const ed_edition_t *edition, uint8_t *name)
{
    memcpy(name, edition->variant, ED_FEATURES);
    name[ED_FEATURES] = edition->tested;
}


/* Is it a kind that nobody gets? */
#define ed_span_is_hidden(kind)  ((kind) == ED_SPAN_HIDDEN                     \
                                  || (kind) == ED_SPAN_NOTES)


/* A walk over the spans that one edition takes. */
typedef struct {
    ed_edition_t       edition;
    ed_span_t          assets;         /* len 0: none */
    unsigned           assets_sent:1;
    unsigned           pieces;         /* taken so far; */
    unsigned           by_feature[ED_FEATURES];    /* of these */
} ed_walk_t;


typedef enum {
    ED_WALK_SKIP = 0,
    ED_WALK_TAKE,
    ED_WALK_ASSETS                     /* these first; then ask again */
} ed_walk_step_e;


/*
 * A walk over a page, assets being its stylesheet and script (may be empty).
 * Spans may come in several batches, as the page streams.
 */
void ed_walk_init(ed_walk_t *walk, const ed_edition_t *edition,
    ed_str_t assets);

/*
 * The next span to send out of spans[*i .. n), advancing *i; &walk->assets
 * where those are due.  NULL at the end of the batch.
 */
const ed_span_t *ed_walk_next(ed_walk_t *walk, const ed_span_t *spans,
    size_t n, size_t *i);

/* The rule of it: what becomes of a span with these fields. */

static inline ed_walk_step_e
ed_walk_step(ed_walk_t *walk, ed_span_kind_e kind, unsigned feature,
    uint32_t variants, unsigned piece)
{
    unsigned  variant;

    switch (kind) {

    case ED_SPAN_FURNITURE:
        variant = walk->edition.variant[feature];

        if (variant == 0 || (variants & (1u << (variant - 1))) == 0) {
            return ED_WALK_SKIP;
        }

        break;

    case ED_SPAN_MARKER:
        if ((walk->edition.tested & (1u << feature)) == 0) {
            return ED_WALK_SKIP;
        }

        piece = 0;
        break;

    case ED_SPAN_HIDDEN:
    case ED_SPAN_NOTES:
        return ED_WALK_SKIP;

    default:
        return ED_WALK_TAKE;
    }

    if (!walk->assets_sent) {
        walk->assets_sent = 1;

        if (walk->assets.len != 0) {
            return ED_WALK_ASSETS;
        }
    }

    walk->pieces += piece;
    walk->by_feature[feature] += piece;

    return ED_WALK_TAKE;
}


/* The first variant of each feature that has one; no test. */
void ed_edition_control(ed_edition_t *edition, const ed_policy_t *policy);

/*
 * What the article's record says of its features; a name that the policy
 * does not have changes nothing.  record may be NULL.  Returns of which it
 * says something: bit f for feature f.
 */
unsigned ed_edition_overrule(ed_edition_t *edition, const ed_policy_t *policy,
    const ed_record_t *record);

/* The same from what ed_record_features() has made of the record: in no time,
   for every hit. */
unsigned ed_edition_overrule_names(ed_edition_t *edition,
    const ed_policy_t *policy, ed_str_t features);

/* "read_more=box,pull_quote=off,disclaimer=standard", in arena. */
ed_str_t ed_edition_names(const ed_edition_t *edition,
    const ed_policy_t *policy, ed_arena_t *arena);


#endif /* ED_EDITION_H */
