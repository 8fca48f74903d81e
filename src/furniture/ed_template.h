
/*
 * The words of furniture's markup, shared by the default markup and by
 * template files, and the parts of a template's compilation; only ed_markup.c
 * and ed_template*.c use it.
 */

#ifndef ED_TEMPLATE_H
#define ED_TEMPLATE_H


#include "ed_markup.h"


#define ED_TEMPLATE_DEPTH  64      /* elements open at once */

/* For "%.*s": as much of a name or word as a message quotes. */
#define ED_QUOTED(s)  (int) ((s).len < 32 ? (s).len : 32), (s).data


typedef enum {
    ED_WORD_LABEL = 0,
    ED_WORD_URL,
    ED_WORD_TITLE,
    ED_WORD_QUOTE,
    ED_WORD_TEXT,
    ED_WORD_FEATURE,
    ED_WORD_VARIANT,
    ED_WORDS                       /* how many a template may use */
} ed_word_e;


/* Where a word stands decides how it is escaped. */
typedef enum {
    ED_PLACE_TEXT = 0,             /* text */
    ED_PLACE_VALUE,                /* an ordinary attribute's value */
    ED_PLACE_URL,                  /* {{url}} at a URL attribute's beginning */
    ED_PLACE_COMPONENT             /* further on in a URL attribute */
} ed_place_e;


/* A word and the markup before it. */
typedef struct {
    ed_str_t          literal;
    ed_word_e         word;        /* ED_WORDS: none */
    ed_place_e        place;
} ed_part_t;


/* A template being compiled; zeroed at first. */
typedef struct {
    ed_arena_t       *arena;
    ed_str_t          html;
    size_t            at;          /* read so far */
    size_t            taken;       /* made into parts so far */
    size_t            ended;       /* behind the last end tag */
    ed_buf_t          parts;       /* of ed_part_t */
    ed_str_t          open[ED_TEMPLATE_DEPTH];
    unsigned          depth;
    unsigned          rooted:1;    /* the root element has begun */
    unsigned          marked:1;    /* the root has a data-editorial */
    unsigned          slash:1;     /* the tag just read ends in a solidus */
    char             *error;
    size_t            errlen;
} ed_compile_t;


/* The word of that name; ED_WORDS where there is none. */
ed_word_e ed_word_find(ed_str_t name);
ed_str_t ed_word_name(ed_word_e word);

/* Appends what the word stands for.  Errors as ed_markup_piece(). */
ed_rc_t ed_word_put(ed_buf_t *out, const ed_piece_t *piece, ed_word_e word,
    ed_place_e place);

/* Appends the piece by template. */
ed_rc_t ed_template_put(ed_buf_t *out, const ed_template_t *tpl,
    const ed_piece_t *piece);


/*
 * Reads the word at c->at into parts, to be escaped for its place.
 * ED_INVALID with the sentence written, ED_NOMEM.
 */
ed_rc_t ed_template_word(ed_compile_t *c, ed_place_e place);

/*
 * Reads the attributes of a tag up to behind its '>': their words into parts,
 * what else matters into c->slash and, where the tag is the root's,
 * c->marked.  Errors as above.
 */
ed_rc_t ed_template_attrs(ed_compile_t *c, ed_str_t element, int root);

/*
 * Appends the markup between c->taken and end, and a word behind it
 * (ED_WORDS: none).  ED_NOMEM.
 */
ed_rc_t ed_template_part(ed_compile_t *c, size_t end, ed_word_e word,
    ed_place_e place);

/* Does "{{" begin there? */
int ed_template_opens(const ed_compile_t *c, size_t at);

/* Is the name, in any case, one of the words of a list? */
int ed_template_listed(const char *list, ed_str_t name);

/*
 * Writes the sentence, after "line N: " with the line of that place, and
 * returns ED_INVALID.
 */
ed_rc_t ed_template_fail(ed_compile_t *c, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));


#endif /* ED_TEMPLATE_H */
