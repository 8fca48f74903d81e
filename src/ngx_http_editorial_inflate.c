
#include "ngx_http_editorial_inflate.h"


#define NGX_HTTP_EDITORIAL_MAGIC_1   0x1f
#define NGX_HTTP_EDITORIAL_MAGIC_2   0x8b


static int ngx_http_editorial_inflate_bits(ngx_http_editorial_inflate_t *inf);
static int ngx_http_editorial_inflate_step(ngx_http_editorial_inflate_t *inf,
    u_char **pos, u_char *last, ngx_buf_t *out);
static ngx_uint_t ngx_http_editorial_inflate_bare(
    ngx_http_editorial_inflate_t *inf);
static void ngx_http_editorial_inflate_member(
    ngx_http_editorial_inflate_t *inf, u_char **pos, u_char *last);


ngx_http_editorial_inflate_t *
ngx_http_editorial_inflate_create(ngx_pool_t *pool,
    ngx_http_editorial_coding_e coding)
{
    ngx_http_editorial_inflate_t  *inf;

    inf = ngx_pcalloc(pool, sizeof(ngx_http_editorial_inflate_t));
    if (inf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     inf->stream.zalloc, zfree, opaque: zlib's own
     *     inf->state = NGX_HTTP_EDITORIAL_IN_STREAM
     */

    inf->coding = coding;

    if (inflateInit2(&inf->stream, ngx_http_editorial_inflate_bits(inf))
        != Z_OK)
    {
        return NULL;
    }

    return inf;
}


void
ngx_http_editorial_inflate_end(ngx_http_editorial_inflate_t *inf)
{
    (void) inflateEnd(&inf->stream);
}


void
ngx_http_editorial_inflate_reset(ngx_http_editorial_inflate_t *inf)
{
    inf->bare = 0;
    inf->produced = 0;
    inf->nhead = 0;
    inf->nreplay = 0;
    inf->error = NULL;
    inf->state = NGX_HTTP_EDITORIAL_IN_STREAM;

    (void) inflateReset2(&inf->stream, ngx_http_editorial_inflate_bits(inf));
}


ngx_int_t
ngx_http_editorial_inflate(ngx_http_editorial_inflate_t *inf, u_char **pos,
    u_char *last, ngx_buf_t *out)
{
    int  rc;

    for ( ;; ) {

        if (inf->state != NGX_HTTP_EDITORIAL_IN_STREAM) {
            ngx_http_editorial_inflate_member(inf, pos, last);

            if (inf->state != NGX_HTTP_EDITORIAL_IN_STREAM) {
                return NGX_OK;
            }
        }

        rc = ngx_http_editorial_inflate_step(inf, pos, last, out);

        switch (rc) {

        case Z_OK:
        case Z_BUF_ERROR:
            if (out->last == out->end || (*pos == last && inf->nreplay == 0)) {
                return NGX_OK;
            }

            break;

        case Z_STREAM_END:
            inf->state = (inf->coding == NGX_HTTP_EDITORIAL_GZIP)
                             ? NGX_HTTP_EDITORIAL_AFTER_STREAM
                             : NGX_HTTP_EDITORIAL_ENDED;
            break;

        default:
            if (rc == Z_DATA_ERROR && ngx_http_editorial_inflate_bare(inf)) {
                break;
            }

            inf->error = inf->stream.msg ? inf->stream.msg : "bad data";
            return NGX_ERROR;
        }
    }
}


ngx_int_t
ngx_http_editorial_inflate_finish(ngx_http_editorial_inflate_t *inf)
{
    if (inf->state == NGX_HTTP_EDITORIAL_IN_STREAM) {
        inf->error = "unexpected end";
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The window's size for inflateInit2(), with what it says of the wrapping. */

static int
ngx_http_editorial_inflate_bits(ngx_http_editorial_inflate_t *inf)
{
    if (inf->coding == NGX_HTTP_EDITORIAL_GZIP) {
        return MAX_WBITS + 16;
    }

    return inf->bare ? -MAX_WBITS : MAX_WBITS;
}


/* One call of inflate(): of the replayed bytes where there are, else of the
   input. */

static int
ngx_http_editorial_inflate_step(ngx_http_editorial_inflate_t *inf,
    u_char **pos, u_char *last, ngx_buf_t *out)
{
    int        rc;
    u_char    *p;
    z_stream  *z;

    z = &inf->stream;

    if (inf->nreplay != 0) {
        z->next_in = inf->replay + sizeof(inf->replay) - inf->nreplay;
        z->avail_in = (uInt) inf->nreplay;

    } else {
        for (p = *pos; p < last && inf->nhead < sizeof(inf->head); p++) {
            inf->head[inf->nhead++] = *p;
        }

        z->next_in = *pos;
        z->avail_in = (uInt) (last - *pos);
    }

    z->next_out = out->last;
    z->avail_out = (uInt) (out->end - out->last);

    rc = inflate(z, Z_NO_FLUSH);

    if (inf->nreplay != 0) {
        inf->nreplay = z->avail_in;

    } else {
        *pos = last - z->avail_in;
    }

    if (z->next_out != out->last) {
        inf->produced = 1;
    }

    out->last = z->next_out;

    return rc;
}


/*
 * Was it only that zlib's two bytes of header are missing?  Then what was
 * taken for them is read again, as the first bytes of bare deflate.
 */

static ngx_uint_t
ngx_http_editorial_inflate_bare(ngx_http_editorial_inflate_t *inf)
{
    if (inf->coding != NGX_HTTP_EDITORIAL_DEFLATE
        || inf->bare
        || inf->stream.total_in > sizeof(inf->head))
    {
        return 0;
    }

    inf->bare = 1;

    if (inflateReset2(&inf->stream, ngx_http_editorial_inflate_bits(inf))
        != Z_OK)
    {
        return 0;
    }

    ngx_memcpy(inf->replay, inf->head, sizeof(inf->replay));
    inf->nreplay = sizeof(inf->replay);

    return 1;
}


/*
 * Between the members of a gzip file: the magic begins another one, anything
 * else ends it all.
 */

static void
ngx_http_editorial_inflate_member(ngx_http_editorial_inflate_t *inf,
    u_char **pos, u_char *last)
{
    while (*pos < last) {

        if (inf->state == NGX_HTTP_EDITORIAL_AFTER_STREAM
            && **pos == NGX_HTTP_EDITORIAL_MAGIC_1)
        {
            inf->state = NGX_HTTP_EDITORIAL_AFTER_MAGIC;
            (*pos)++;
            continue;
        }

        if (inf->state == NGX_HTTP_EDITORIAL_AFTER_MAGIC
            && **pos == NGX_HTTP_EDITORIAL_MAGIC_2
            && inflateReset(&inf->stream) == Z_OK)
        {
            inf->state = NGX_HTTP_EDITORIAL_IN_STREAM;
            inf->replay[0] = NGX_HTTP_EDITORIAL_MAGIC_1;
            inf->replay[1] = NGX_HTTP_EDITORIAL_MAGIC_2;
            inf->nreplay = sizeof(inf->replay);
            (*pos)++;
            return;
        }

        inf->state = NGX_HTTP_EDITORIAL_ENDED;
        *pos = last;
    }
}
