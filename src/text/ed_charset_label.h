
/*
 * The table of the Encoding standard's names and labels; only ed_charset.c
 * uses it.
 */

#ifndef ED_CHARSET_LABEL_H
#define ED_CHARSET_LABEL_H


#include "ed_str.h"


typedef enum {
    ED_CHARSET_UNDECLARED = 0,
    ED_CHARSET_UTF8,
    ED_CHARSET_SINGLE,             /* one byte a character */
    ED_CHARSET_MULTI               /* one to four bytes */
} ed_charset_kind_e;


/* Where the standard's index and the converter's table part. */
typedef struct {
    uint8_t                 byte;      /* 0 ends the list */
    uint16_t                code;
} ed_charset_patch_t;


typedef struct {
    const char             *name;      /* the standard's */
    const char             *handler;   /* libxml2's, or iconv's, name of it */
    const char             *labels;    /* lower case, apart by spaces */
    const ed_charset_patch_t  *patches;    /* NULL: none */
    ed_charset_kind_e       kind;
    unsigned                longest;   /* bytes of the longest character that
                                          may be written */
} ed_charset_info_t;


/*
 * What a label stands for; NULL where it is not listed.  The empty label
 * stands for the charset of pages that declare none.
 */
const ed_charset_info_t *ed_charset_info(ed_str_t label);


#endif /* ED_CHARSET_LABEL_H */
