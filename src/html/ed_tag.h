
/*
 * Element names.  Every name that the tree construction of the HTML standard
 * (13.2.6) knows, the other elements of HTML, and the SVG names that it
 * respells have a number; what the standard says of a name alone is a set of
 * flags.  All of it is data, in ed_tag_list.h.
 *
 *     "FieldSet"  --ed_tag_hash()-->     64 bits
 *                 --ed_tag_by_hash()-->  ED_TAG_FIELDSET
 *                 --ed_tag_info[]-->     { "fieldset", hash, ED_IS_SPECIAL … }
 *
 * The hash (FNV-1a over the lower-case name) is made byte by byte, so that
 * the tokenizer has it when it has scanned the name.  Of names that are not
 * in the list it is taken as the identity: two such names with one hash would
 * count as one name.
 */

#ifndef ED_TAG_H
#define ED_TAG_H


#include "ed_str.h"


#define ED_TAG(id, name, hash, slot, flags)           ED_TAG_##id,
#define ED_TAG_SVG(id, name, svg, hash, slot, flags)  ED_TAG_##id,

typedef enum {
    ED_TAG_UNKNOWN = 0,
#include "ed_tag_list.h"
    ED_TAG_COUNT
} ed_tag_t;

#undef ED_TAG
#undef ED_TAG_SVG


/* What an HTML element is by its name (sections of the HTML standard). */

#define ED_IS_VOID               0x00001  /* never has content (13.1.2) */
#define ED_IS_SPECIAL            0x00002  /* "special" (13.2.4.2) */
#define ED_IS_FORMATTING         0x00004  /* "formatting" (13.2.4.2) */
#define ED_IS_RAW_TEXT           0x00008  /* its content is text only */
#define ED_IS_P_CLOSER           0x00010  /* its start tag ends a <p> */
#define ED_IS_HEADING            0x00020  /* h1 to h6 */
#define ED_IS_IMPLIED_END        0x00040  /* its end is implied (13.2.6.3), */
#define ED_IS_IMPLIED_TABLE_END  0x00080  /*   or only "thoroughly" */
#define ED_IS_SCOPE              0x00100  /* bounds every scope but table's */
#define ED_IS_LIST_SCOPE         0x00200  /* bounds list item scope too */
#define ED_IS_BUTTON_SCOPE       0x00400  /* bounds button scope too */
#define ED_IS_TABLE_SCOPE        0x00800  /* bounds table scope */
#define ED_IS_TABLE_ROOT         0x01000  /* a table context (13.2.6.4.9), */
#define ED_IS_TBODY_ROOT         0x02000  /*   table body context, */
#define ED_IS_ROW_ROOT           0x04000  /*   table row context */
#define ED_IS_FOSTER             0x08000  /* has no place for a stray child */
#define ED_IS_BREAKOUT           0x10000  /* ends foreign content (13.2.6.5) */

/* Of foreign elements, set by the tree (13.2.6). */

#define ED_IS_TEXT_POINT         0x20000  /* MathML text integration point */
#define ED_IS_HTML_POINT         0x40000  /* HTML integration point */


typedef struct {
    const char       *name;        /* lower-case */
    const char       *svg;         /* as SVG spells it; NULL: as name */
    uint64_t          hash;
    uint32_t          flags;       /* ED_IS_* of the HTML element */
    uint32_t          len;         /* of either spelling */
} ed_tag_info_t;


extern const ed_tag_info_t  ed_tag_info[ED_TAG_COUNT];


#define ED_TAG_HASH_SEED   0xcbf29ce484222325ULL
#define ED_TAG_HASH_PRIME  0x00000100000001b3ULL

/* The hash of a name so far and one byte more, which must be lower-case. */
#define ed_tag_hash_add(hash, byte)  (((hash) ^ (byte)) * ED_TAG_HASH_PRIME)


/* The hash of a whole name, in any case. */
uint64_t ed_tag_hash(ed_str_t name);

/* The number of a name by its hash; ED_TAG_UNKNOWN where it has none. */
ed_tag_t ed_tag_by_hash(uint64_t hash);

/* The number of a name, in any case; ED_TAG_UNKNOWN where it has none. */
ed_tag_t ed_tag_lookup(ed_str_t name);

/*
 * A name as the DOM has it: lower-case, for an SVG element in SVG's spelling
 * (foreignObject).  Static; empty for ED_TAG_UNKNOWN.
 */
ed_str_t ed_tag_name(ed_tag_t tag, int svg);


#endif /* ED_TAG_H */
