
/*
 * A compressed body, inflated in pieces of the caller's choosing.
 *
 *     gzip      any number of members one after the other (RFC 1952, 2.2);
 *               what follows the last of them and is no member is dropped
 *     deflate   in zlib's wrapping (RFC 1950) as RFC 9110, 8.4.1.2 wants it,
 *               or bare (RFC 1951) as half of the world sends it
 */

#ifndef NGX_HTTP_EDITORIAL_INFLATE_H
#define NGX_HTTP_EDITORIAL_INFLATE_H


#include <ngx_config.h>
#include <ngx_core.h>

#include <zlib.h>


typedef enum {
    NGX_HTTP_EDITORIAL_GZIP = 0,
    NGX_HTTP_EDITORIAL_DEFLATE
} ngx_http_editorial_coding_e;


typedef enum {
    NGX_HTTP_EDITORIAL_IN_STREAM = 0,
    NGX_HTTP_EDITORIAL_AFTER_STREAM,     /* another member may begin */
    NGX_HTTP_EDITORIAL_AFTER_MAGIC,      /* … its first byte has been seen */
    NGX_HTTP_EDITORIAL_ENDED             /* the rest is dropped */
} ngx_http_editorial_inflate_e;


typedef struct {
    z_stream                      stream;
    ngx_http_editorial_coding_e   coding;
    ngx_http_editorial_inflate_e  state;
    const char                   *error;     /* why it failed, or NULL */
    size_t                        nreplay;   /* bytes to be read before the
                                                input: they looked like
                                                something else at first */
    u_char                        replay[2];
    u_char                        head[2];   /* of the stream */
    size_t                        nhead;
    unsigned                      bare:1;    /* deflate without zlib's header */
    unsigned                      produced:1;
} ngx_http_editorial_inflate_t;


/*
 * An inflater that needs one call of ngx_http_editorial_inflate_end().
 * NULL: no memory.
 */
ngx_http_editorial_inflate_t *ngx_http_editorial_inflate_create(
    ngx_pool_t *pool, ngx_http_editorial_coding_e coding);
void ngx_http_editorial_inflate_end(ngx_http_editorial_inflate_t *inf);

/* Begins anew, as if nothing had been read. */
void ngx_http_editorial_inflate_reset(ngx_http_editorial_inflate_t *inf);

/*
 * Inflates [*pos, last) into [out->last, out->end), of which there must be
 * some, and advances *pos and out->last.  Where out is full afterwards there
 * may be more to come without any input.  NGX_ERROR: inf->error says why;
 * what was appended to out is good.
 */
ngx_int_t ngx_http_editorial_inflate(ngx_http_editorial_inflate_t *inf,
    u_char **pos, u_char *last, ngx_buf_t *out);

/* Was that all?  NGX_ERROR, with inf->error set: the stream is cut short. */
ngx_int_t ngx_http_editorial_inflate_finish(ngx_http_editorial_inflate_t *inf);


#endif /* NGX_HTTP_EDITORIAL_INFLATE_H */
