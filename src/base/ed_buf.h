
/*
 * A growing run of bytes with a maximum given at birth: the held article, a
 * token cut by a chunk's edge, an array of records (append whole structs,
 * read them through ed_buf_at()).
 */

#ifndef ED_BUF_H
#define ED_BUF_H


#include "ed_str.h"


typedef struct {
    uint8_t  *data;        /* NULL until the first append */
    size_t    len;         /* bytes used */
    size_t    size;        /* bytes allocated */
    size_t    max;         /* bytes it may ever hold */
} ed_buf_t;


#define ed_buf_at(buf, type, i)   (&((type *) (void *) (buf)->data)[i])
#define ed_buf_count(buf, type)   ((buf)->len / sizeof(type))

/* All of them; NULL where there are none. */
#define ed_buf_list(buf, type)    ((type *) (void *) (buf)->data)


/* An empty buffer of at most max bytes; allocates nothing. */
void ed_buf_init(ed_buf_t *buf, size_t max);

/* Gives the memory back; the buffer is empty and may be used again. */
void ed_buf_free(ed_buf_t *buf);

/*
 * Appends a copy of len bytes.  ED_LIMIT_SIZE: it would pass the maximum;
 * ED_NOMEM: no memory.  In both cases the buffer is as it was.
 */
ed_rc_t ed_buf_append(ed_buf_t *buf, const void *data, size_t len);

/*
 * Appends len bytes and returns where they stand, uninitialised, until the
 * next append.  NULL: no memory or past the maximum.
 */
static inline void *ed_buf_extend(ed_buf_t *buf, size_t len);

/* Makes room for len more bytes; 0: no memory or past the maximum. */
int ed_buf_grow(ed_buf_t *buf, size_t len);


/* Appends a string literal, an ed_str_t, one byte. */
#define ed_buf_literal(buf, s)  ed_buf_append(buf, s, sizeof(s) - 1)
#define ed_buf_str(buf, s)      ed_buf_append(buf, (s).data, (s).len)
ed_rc_t ed_buf_byte(ed_buf_t *buf, uint8_t byte);


static inline void *
ed_buf_extend(ed_buf_t *buf, size_t len)
{
    uint8_t  *data;

    if (len > buf->size - buf->len && !ed_buf_grow(buf, len)) {
        return NULL;
    }

    data = buf->data + buf->len;
    buf->len += len;

    return data;
}


#endif /* ED_BUF_H */
