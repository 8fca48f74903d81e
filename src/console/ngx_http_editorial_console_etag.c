
/*
 * What an editor has seen is told by its ETag, and a change may say of which
 * it is one (RFC 9110, 13.1):
 *
 *     If-Match: "5f…"       only where that is what there is
 *     If-Match: *           only where there is anything
 *     If-None-Match: *      only where there is nothing
 *
 * An ETag is a digest of the JSON as it is kept, so that it is the same on
 * every server.  It is always strong: an answer that has one is not
 * compressed, since nginx would make it a weak one, which no If-Match takes.
 */

#include "ngx_http_editorial_console.h"
#include "ed_match.h"


/* (nginx refuses a request with two headers of one of these names.) */

ngx_uint_t
ngx_http_editorial_holds(ngx_http_editorial_call_t *call,
    const ngx_http_editorial_current_t *current)
{
    u_char                  text[NGX_HTTP_EDITORIAL_ETAG];
    ed_str_t                tag;
    ngx_str_t              *list;
    ngx_http_headers_in_t  *in;

    in = &call->r->headers_in;
    tag = ED_STR_EMPTY;

    if (current->tagged) {
        ngx_http_editorial_etag_write(current->etag, text);
        tag = ed_str(text, sizeof(text));
    }

    if (in->if_match != NULL) {
        list = &in->if_match->value;

        if (!current->there
            || !ed_match(ed_str(list->data, list->len), tag, 0))
        {
            return 0;
        }
    }

    if (in->if_none_match != NULL) {
        list = &in->if_none_match->value;

        if (current->there
            && ed_match(ed_str(list->data, list->len), tag, 1))
        {
            return 0;
        }
    }

    return 1;
}


void
ngx_http_editorial_etag_write(const uint8_t *digest, u_char *text)
{
    *text++ = '"';
    text = ngx_hex_dump(text, (u_char *) digest, ED_RECORD_DIGEST);
    *text = '"';
}


ngx_int_t
ngx_http_editorial_add_etag(ngx_http_editorial_call_t *call,
    const uint8_t *digest)
{
    u_char              *text;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = call->r;

    text = ngx_pnalloc(r->pool, NGX_HTTP_EDITORIAL_ETAG);
    h = ngx_list_push(&r->headers_out.headers);

    if (text == NULL || h == NULL) {
        return NGX_ERROR;
    }

    ngx_http_editorial_etag_write(digest, text);

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "ETag");
    h->value.data = text;
    h->value.len = NGX_HTTP_EDITORIAL_ETAG;

    r->headers_out.etag = h;

#if (NGX_HTTP_GZIP)
    r->gzip_tested = 1;
    r->gzip_ok = 0;
#endif

    return NGX_OK;
}


void
ngx_http_editorial_stale(ngx_http_editorial_call_t *call)
{
    ngx_http_editorial_problem(call, NGX_HTTP_PRECONDITION_FAILED,
                               "it is no longer as If-Match or If-None-Match "
                               "says: somebody else has changed it");
}
