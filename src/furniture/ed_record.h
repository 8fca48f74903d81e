
/*
 * An article's record: what editors said about one article, as JSON.
 *
 *     { "opinion": true, "disclaimer": "text, or false",
 *       "read_more": [ { "url", "title", "label", "after" } ],
 *       "pull_quotes": [ { "text" } ],
 *       "features": { "read_more": "off" } }
 */

#ifndef ED_RECORD_H
#define ED_RECORD_H


#include "ed_arena.h"
#include "ed_feature.h"


#define ED_MAX_RECORD        (256 * 1024)      /* bytes of JSON */
#define ED_RECORD_DIGEST     16                /* bytes */
#define ED_MAX_RECORD_LINKS  64
#define ED_MAX_RECORD_QUOTES 64


typedef struct {
    ed_str_t           url;
    unsigned           refused:1;      /* ed_url_check() refuses the URL: the
                                          link is never shown */
    ed_str_t           title;
    ed_str_t           label;          /* empty: the variant's */
    unsigned           after;          /* paragraphs before it; 0: no fixed
                                          place */
} ed_link_t;


typedef enum {
    ED_RECORD_UNSET = 0,
    ED_RECORD_FALSE,
    ED_RECORD_TRUE
} ed_record_bool_e;


typedef struct {
    ed_record_bool_e   opinion;
    ed_record_bool_e   disclaimer;     /* TRUE: with disclaimer_text, */
    ed_str_t           disclaimer_text;    /* where that is not empty */
    ed_link_t         *links;
    unsigned           nlinks;
    ed_str_t          *quotes;
    unsigned           nquotes;
    ed_str_t           features[ED_FEATURES];  /* "off", a variant's name, or
                                                  empty */
} ed_record_t;


/*
 * Reads a record.  All of it lives in arena.  ED_INVALID: it is malformed,
 * and error (of errlen bytes) says where and why.  ED_NOMEM.  A link whose
 * URL must not be followed is marked, and the rest of the record holds.
 */
ed_rc_t ed_record_parse(ed_arena_t *arena, ed_str_t json,
    ed_record_t *record, char *error, size_t errlen);

/*
 * Writes a record as JSON, to be freed with free().  NULL: no memory.
 */
char *ed_record_format(const ed_record_t *record);

/*
 * What it says of the features, as "read_more=off,pull_quote=big" in arena.
 * What cannot be a variant's name is left out.  Empty: nothing, or record is
 * NULL; data == NULL: no memory.
 */
ed_str_t ed_record_features(const ed_record_t *record, ed_arena_t *arena);

/*
 * Tells one record from another by its bytes (ED_RECORD_DIGEST); the same on
 * every machine.  All zero: there is none, json is empty.
 */
void ed_record_digest(ed_str_t json, uint8_t *digest);


#endif /* ED_RECORD_H */
