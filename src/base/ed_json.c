
#include <errno.h>
#include <stdlib.h>

#include "ed_buf.h"
#include "ed_json.h"


#define ED_JSON_LEAST  64              /* bytes, of jansson's buffer */


typedef struct {
    ed_buf_t           text;
    ed_rc_t            rc;             /* the first failure stays */
} ed_json_writer_t;


static int ed_json_has_room(size_t len);
static int ed_json_append(const char *bytes, size_t len, void *data);


ed_rc_t
ed_json_read(ed_str_t text, size_t flags, json_t **root, json_error_t *error)
{
    *root = NULL;

    if (!ed_json_has_room(text.len)) {
        return ED_NOMEM;
    }

    errno = 0;

    *root = json_loadb((const char *) text.data, text.len, flags, error);

    if (errno == ENOMEM) {
        json_decref(*root);
        *root = NULL;

        return ED_NOMEM;
    }

    return *root != NULL ? ED_OK : ED_INVALID;
}


/*
 * jansson collects a string in a buffer that doubles, and does not see when it
 * cannot: the string has lost a byte then, and where that is its closing quote
 * it is read past its end.  So what is the most it may ask for is asked for
 * here, and given back for it to find.
 */

static int
ed_json_has_room(size_t len)
{
    void  *volatile room;      /* or the pair would be optimized away */

    room = malloc(2 * len + ED_JSON_LEAST);
    free(room);

    return room != NULL;
}


char *
ed_json_write(const json_t *root, size_t flags)
{
    ed_json_writer_t  w;

    ed_buf_init(&w.text, SIZE_MAX / 2);
    w.rc = ED_OK;

    if (json_dump_callback(root, ed_json_append, &w, flags) != 0
        || ed_json_append("", 1, &w) != 0)
    {
        ed_buf_free(&w.text);
        return NULL;
    }

    return (char *) w.text.data;
}


static int
ed_json_append(const char *bytes, size_t len, void *data)
{
    ed_json_writer_t  *w;

    w = data;

    if (w->rc == ED_OK) {
        w->rc = ed_buf_append(&w->text, bytes, len);
    }

    return w->rc == ED_OK ? 0 : -1;
}
