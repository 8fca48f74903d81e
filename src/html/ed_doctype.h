
/*
 * <!DOCTYPE …>, scanned from behind its keyword (WHATWG 13.2.5.53 to
 * 13.2.5.68) for one purpose: is the document in quirks mode (13.2.6.4.1)?
 * Names and identifiers are kept as far as the longest that is looked for.
 */

#ifndef ED_DOCTYPE_H
#define ED_DOCTYPE_H


#include "ed_str.h"


#define ED_DOCTYPE_KEPT  96


typedef struct {
    uint32_t          len;         /* at most ED_DOCTYPE_KEPT: longer is cut */
    uint8_t           present;
    uint8_t           data[ED_DOCTYPE_KEPT];   /* lower-case */
} ed_doctype_word_t;


typedef struct {
    uint8_t             state;
    uint8_t             quote;
    uint8_t             matched;   /* letters of PUBLIC or SYSTEM */
    uint8_t             bad;       /* the standard's force-quirks flag */
    uint8_t             done;      /* '>' has been passed */
    ed_doctype_word_t   name;
    ed_doctype_word_t   public;
    ed_doctype_word_t   system;
} ed_doctype_t;


/* A doctype whose "<!DOCTYPE" has been passed. */
void ed_doctype_init(ed_doctype_t *doctype);

/* Scans on.  Returns behind the '>', with doctype->done set, or end. */
const uint8_t *ed_doctype_scan(ed_doctype_t *doctype, const uint8_t *p,
    const uint8_t *end);

/*
 * Non-zero where a document with this doctype is in quirks mode.  Of one that
 * is not done: as if the input ended here.
 */
int ed_doctype_quirks(const ed_doctype_t *doctype);


#endif /* ED_DOCTYPE_H */
