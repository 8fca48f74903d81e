
/*
 * What is to be known of an article beyond its bytes, once it has been
 * planned: its title, its tags, when it was published, what was placed in it
 * and what was not.
 */

#ifndef ED_FACTS_H
#define ED_FACTS_H


#include "ed_plan.h"


#define ED_MAX_TITLE    200            /* bytes of a title, */
#define ED_MAX_TAG      100            /*   of a tag */
#define ED_MAX_TAGS     10             /* of one article */

#define ED_UNDATED      (-1)


/* Strings are UTF-8, in the arena they were made in; none is NULL. */
typedef struct {
    ed_str_t           title;          /* at most ED_MAX_TITLE; may be empty */
    int64_t            published;      /* seconds since the epoch, or
                                          ED_UNDATED */
    ed_str_t           tags[ED_MAX_TAGS];  /* each once, none is empty */
    unsigned           ntags;
    unsigned           elsewhere:1;    /* its canonical URL is of another
                                          host */
    ed_str_t           path;           /* of its canonical URL, query
                                          included; empty: it names none */

    unsigned           opinion:1;
    unsigned           no_disclaimer:1;    /* it ought to have one, and there
                                          is none */
    unsigned           no_read_more:1; /* no link was placed, */
    unsigned           no_link:1;      /*   nor do record and text give one */
    unsigned           pieces[ED_FEATURES];    /* of the first variants */
    ed_str_t           drifted[ED_MAX_DRIFTED];    /* quotes of its record
                                          that are not in the text */
    unsigned           ndrifted;
} ed_facts_t;


/*
 * Reads them of a plan that has been made, and not yet finished.  ED_NOMEM.
 */
ed_rc_t ed_facts_make(ed_plan_t *plan, ed_arena_t *arena, ed_facts_t *facts);

/*
 * Seconds since the epoch of a date as pages state it: RFC 3339, with a blank
 * or without a time, without seconds or zone (then UTC), the zone with or
 * without a colon.  ED_UNDATED: it is none, or before 1970.
 */
int64_t ed_facts_time(ed_str_t text);

/* The string, cut behind its last whole character within max bytes. */
ed_str_t ed_facts_cut(ed_str_t s, size_t max);


#endif /* ED_FACTS_H */
