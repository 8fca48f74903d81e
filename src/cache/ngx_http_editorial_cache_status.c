
/*
 * What a response and the log say of the cache: $editorial_status and
 * $editorial_tier, Age, and Cache-Status (RFC 9211):
 *
 *     Cache-Status: editorial; hit; ttl=42; detail=memory
 *     Cache-Status: editorial; fwd=uri-miss; ttl=60
 *     Cache-Status: editorial; fwd=uri-miss; detail=set-cookie
 */

#include "ngx_http_editorial_module.h"


typedef struct {
    ngx_str_t    name;
    ngx_str_t    member;           /* what RFC 9211 calls it */
    ngx_str_t    detail;           /* where nothing else is said */
} ngx_http_editorial_state_t;


static ngx_http_editorial_state_t
    ngx_http_editorial_states[NGX_HTTP_EDITORIAL_STATUSES] =
{
    { ngx_string("OFF"), ngx_string(""), ngx_null_string },
    { ngx_string("MISS"), ngx_string("fwd=uri-miss"), ngx_null_string },
    { ngx_string("EXPIRED"), ngx_string("fwd=stale"), ngx_null_string },
    { ngx_string("BYPASS"), ngx_string("fwd=bypass"), ngx_null_string },
    { ngx_string("HIT"), ngx_string("hit"), ngx_null_string },  /* its tier */
    { ngx_string("STALE"), ngx_string("hit"), ngx_string("stale") },
    { ngx_string("UPDATING"), ngx_string("hit"), ngx_string("updating") },
    { ngx_string("REPLAN"), ngx_string("hit"), ngx_string("replan") }
};


static ngx_str_t  ngx_http_editorial_tiers[NGX_HTTP_EDITORIAL_TIERS] = {
    ngx_null_string,                    /* _NONE */
    ngx_string("memory"),               /* _MEMORY */
    ngx_string("redis"),                /* _REDIS */
    ngx_string("origin")                /* _ORIGIN */
};


static ngx_int_t ngx_http_editorial_add_header(ngx_http_request_t *r,
    ngx_str_t *name, u_char *value, size_t len);
static u_char *ngx_http_editorial_put_time(u_char *p, time_t t);


ngx_str_t *
ngx_http_editorial_name_of_status(ngx_uint_t status)
{
    return &ngx_http_editorial_states[status].name;
}


ngx_str_t *
ngx_http_editorial_name_of_tier(ngx_uint_t tier)
{
    return &ngx_http_editorial_tiers[tier];
}


ngx_str_t *
ngx_http_editorial_status_name(ngx_http_editorial_cache_ctx_t *cache)
{
    return ngx_http_editorial_name_of_status(cache != NULL
                                         ? cache->status
                                         : NGX_HTTP_EDITORIAL_STATUS_OFF);
}


ngx_str_t *
ngx_http_editorial_tier_name(ngx_http_editorial_cache_ctx_t *cache)
{
    return ngx_http_editorial_name_of_tier(cache != NULL
                                           ? cache->tier
                                           : NGX_HTTP_EDITORIAL_TIER_NONE);
}


ngx_int_t
ngx_http_editorial_cache_headers(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx)
{
    u_char                          *p, *value;
    time_t                           now, passed;
    ngx_str_t                       *detail;
    ed_lifetime_t                   *life;
    ngx_http_editorial_state_t      *state;
    ngx_http_editorial_cache_ctx_t  *cache;
    static ngx_str_t  age = ngx_string("Age");
    static ngx_str_t  status = ngx_string("Cache-Status");

    cache = ctx->cache;
    state = &ngx_http_editorial_states[cache->status];
    now = ngx_time();

    life = cache->sent ? &cache->kept.life
                       : cache->building ? &cache->life : NULL;

    detail = cache->detail.len != 0 ? &cache->detail : &state->detail;

    if (cache->status == NGX_HTTP_EDITORIAL_STATUS_HIT) {
        detail = &ngx_http_editorial_tiers[cache->tier];
    }

    value = ngx_pnalloc(r->pool, sizeof("editorial; fwd=uri-miss; ttl="
                                        "; detail=") + 2 * NGX_TIME_T_LEN
                                 + detail->len);
    if (value == NULL) {
        return NGX_ERROR;
    }

    if (cache->sent) {
        passed = now - life->dated;
        p = ngx_http_editorial_put_time(value, ngx_max(passed, 0));

        if (ngx_http_editorial_add_header(r, &age, value, p - value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        value = p;
    }

    p = ngx_cpymem(value, "editorial; ", sizeof("editorial; ") - 1);
    p = ngx_cpymem(p, state->member.data, state->member.len);

    if (life != NULL) {
        p = ngx_cpymem(p, "; ttl=", sizeof("; ttl=") - 1);
        p = ngx_http_editorial_put_time(p, (time_t) (life->fresh - now));
    }

    if (detail->len != 0) {
        p = ngx_cpymem(p, "; detail=", sizeof("; detail=") - 1);
        p = ngx_cpymem(p, detail->data, detail->len);
    }

    return ngx_http_editorial_add_header(r, &status, value, p - value);
}


static ngx_int_t
ngx_http_editorial_add_header(ngx_http_request_t *r, ngx_str_t *name,
    u_char *value, size_t len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = *name;
    h->value.data = value;
    h->value.len = len;

    return NGX_OK;
}


/* As "%T", of which a hit has two and no time to spare. */

static u_char *
ngx_http_editorial_put_time(u_char *p, time_t t)
{
    u_char     digits[NGX_TIME_T_LEN], *first;
    uint64_t   n;

    n = t < 0 ? 0 - (uint64_t) t : (uint64_t) t;
    first = digits + NGX_TIME_T_LEN;

    do {
        *--first = (u_char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    if (t < 0) {
        *p++ = '-';
    }

    return ngx_cpymem(p, first, digits + NGX_TIME_T_LEN - first);
}
