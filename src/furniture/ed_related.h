
/*
 * Related articles: links that a desk's other pages are worth, by the tags
 * that they share.
 *
 * Each tag has a list, from which what is newest is taken.  A line of it names
 * one article:
 *
 *     {"url":"/news/tides","host":"www.example.com","title":"The tide turns"}
 *
 * "host" may be missing, and "path" stand for "url".  A CMS that writes such
 * lists may as well write ["/news/tides", "The tide turns"], or the path, one
 * of white space, "|" and NUL, and the title.
 */

#ifndef ED_RELATED_H
#define ED_RELATED_H


#include "ed_facts.h"
#include "ed_json.h"


#define ED_MAX_RELATED       12        /* kept of one page */
#define ED_MAX_RELATED_URL   1024      /* bytes */
#define ED_MAX_RELATED_LINE  4096      /* bytes of a line */


/* Newest first, each URL once.  Strings live in arena. */
typedef struct {
    ed_arena_t        *arena;
    ed_related_t       list[ED_MAX_RELATED];
    unsigned           n;
} ed_relations_t;


/* What is kept with a page beside its record. */
typedef struct {
    ed_facts_t         facts;
    ed_relations_t     related;
} ed_notes_t;


/*
 * Writes a line, as above, to be freed with free(); *head are the bytes of it
 * that tell the article: a line that begins with them is one of the same.
 * NULL: no memory.
 */
char *ed_related_write(ed_str_t url, ed_str_t host, ed_str_t title,
    size_t *head);

/*
 * Adds what a line says, at its place.  host, uri: of the page that is to link
 * it.  Nothing where it is no line, without a title, of another host, the page
 * itself, or a URL that must not be followed; where the list is full the
 * oldest goes.  ED_NOMEM.
 */
ed_rc_t ed_related_add(ed_relations_t *related, ed_str_t line, int64_t at,
    ed_str_t host, ed_str_t uri);

/* Are they the same links, in the same order? */
int ed_related_same(const ed_relations_t *a, const ed_relations_t *b);

/* Tells one list from another, as ed_record_digest() does; all zero: it is
   empty. */
void ed_related_digest(const ed_relations_t *related, uint8_t *digest);


/*
 * Notes as JSON, to be freed with free() (NULL: no memory), and back, all of
 * them in arena.  Links before oldest (seconds since the epoch) are left out.
 * ED_INVALID: they are damaged.
 */
char *ed_notes_write(const ed_facts_t *facts, const ed_relations_t *related);
ed_rc_t ed_notes_read(ed_arena_t *arena, ed_str_t json, int64_t oldest,
    ed_notes_t *notes);


#endif /* ED_RELATED_H */
