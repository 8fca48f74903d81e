
/*
 * What furniture says, by the page's language: labels as data.
 */

#ifndef ED_LANGUAGE_H
#define ED_LANGUAGE_H


#include "ed_str.h"


typedef struct {
    ed_str_t          tag;             /* primary subtag of BCP 47: "en" */
    ed_str_t          read_more;       /* "Read more" */
    ed_str_t          pull_quote;      /* "Pull quote", an aside's name */
    const ed_str_t   *written;         /* how a CMS writes the label in plain
                                          text, without the colon, folded and
                                          in lower case: "read more",
                                          "read also"… ends with len 0 */
    const ed_str_t   *opinion;         /* names of the opinion section, in
                                          lower case: "opinion", "comment",
                                          "op-ed"… ends with len 0 */
    unsigned          rtl:1;
} ed_language_t;


/*
 * The language of a lang attribute ("ar", "pt-BR", "zh_Hans"); English where
 * it is empty or not listed.
 */
const ed_language_t *ed_language_find(ed_str_t lang);

/* All of them, English first; *n is their number. */
const ed_language_t *ed_languages(size_t *n);


#endif /* ED_LANGUAGE_H */
