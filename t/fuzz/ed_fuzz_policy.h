
/*
 * Policies from text: a directive a line, its arguments apart by '|'.
 */

#ifndef ED_FUZZ_POLICY_H
#define ED_FUZZ_POLICY_H


#include "ed_fuzz.h"
#include "ed_policy.h"


#define FUZZ_MAX_ARGS  32


/* The template files: a name and its content each. */

static const char *const  fuzz_templates[][2] = {

    { "card.html",
      "<!-- a card -->\n<aside class=\"card\"><a href=\"{{url}}\" "
      "title=\"{{title}}\"><b>{{label}}</b> {{title}}</a></aside>\n" },

    { "figure.html",
      "<figure data-editorial=\"{{feature}}/{{variant}}\"><blockquote>"
      "{{quote}}</blockquote><figcaption>{{label}}</figcaption></figure>" },

    { "table.html",
      "<table><tbody><tr><td>{{text}}</td><td><b><i>{{variant}}</i></b></td>"
      "</tr></tbody></table>" },

    { "bad.html", "<p {{title}}></p>" }
};


static inline ed_rc_t
fuzz_read_template(void *ctx, ed_arena_t *arena, ed_str_t path,
    ed_str_t *content, char *error)
{
    size_t       i;
    const char  *name, *html;

    (void) ctx;

    for (i = 0; i < sizeof(fuzz_templates) / sizeof(fuzz_templates[0]); i++) {
        name = fuzz_templates[i][0];
        html = fuzz_templates[i][1];

        if (ed_str_eq(path, ed_str(name, strlen(name)))) {
            *content = ed_arena_dup(arena, ed_str(html, strlen(html)));
            return content->data != NULL ? ED_OK : ED_NOMEM;
        }
    }

    (void) snprintf(error, ED_MAX_ERROR, "no such file");

    return ED_INVALID;
}


/* One line; error has room for ED_MAX_ERROR bytes. */

static inline ed_rc_t
fuzz_directive(ed_policy_t *policy, ed_str_t line, char *error)
{
    unsigned  n;
    ed_str_t  args[FUZZ_MAX_ARGS];

    n = 0;

    do {
        args[n++] = fuzz_head(&line, '|');
    } while (line.len != 0 && n < FUZZ_MAX_ARGS);

    return ed_policy_set(policy, args, n, fuzz_read_template, NULL, error);
}


#endif /* ED_FUZZ_POLICY_H */
