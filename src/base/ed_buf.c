
#include <stdlib.h>

#include "ed_buf.h"


#define ED_BUF_FIRST  256
#define ED_BUF_SMALL  4096             /* up to there it grows fast: many a
                                          list of a page does not stay small */


void
ed_buf_init(ed_buf_t *buf, size_t max)
{
    buf->data = NULL;
    buf->len = 0;
    buf->size = 0;
    buf->max = max;
}


void
ed_buf_free(ed_buf_t *buf)
{
    free(buf->data);
    ed_buf_init(buf, buf->max);
}


ed_rc_t
ed_buf_append(ed_buf_t *buf, const void *data, size_t len)
{
    void  *p;

    if (len == 0) {
        return ED_OK;
    }

    p = ed_buf_extend(buf, len);
    if (p == NULL) {
        return len > buf->max - buf->len ? ED_LIMIT_SIZE : ED_NOMEM;
    }

    memcpy(p, data, len);

    return ED_OK;
}


ed_rc_t
ed_buf_byte(ed_buf_t *buf, uint8_t byte)
{
    return ed_buf_append(buf, &byte, 1);
}


int
ed_buf_grow(ed_buf_t *buf, size_t len)
{
    size_t    need, size;
    uint8_t  *data;

    if (len > buf->max - buf->len) {
        return 0;
    }

    need = buf->len + len;
    size = buf->size != 0 ? buf->size : ED_BUF_FIRST;

    while (size < need) {
        size *= size < ED_BUF_SMALL ? 4 : 2;
    }

    if (size > buf->max) {
        size = buf->max;
    }

    data = realloc(buf->data, size);
    if (data == NULL) {
        return 0;
    }

    buf->data = data;
    buf->size = size;

    return 1;
}
