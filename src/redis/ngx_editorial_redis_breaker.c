
#include "ngx_editorial_redis_breaker.h"


ngx_uint_t
ngx_editorial_redis_breaker_is_open(ngx_editorial_redis_breaker_t *breaker)
{
    return breaker->max_fails != 0
           && (breaker->fails >= breaker->max_fails
               || breaker->refusals >= breaker->max_fails);
}


ngx_uint_t
ngx_editorial_redis_breaker_passes(ngx_editorial_redis_breaker_t *breaker,
    ngx_msec_t now)
{
    if (!ngx_editorial_redis_breaker_is_open(breaker)) {
        return 1;
    }

    if (breaker->refusals >= breaker->max_fails) {
        /* there is no connection to probe */
        return 0;
    }

    return !breaker->probing
           && (ngx_msec_int_t) (now - breaker->until) >= 0;
}


void
ngx_editorial_redis_breaker_sent(ngx_editorial_redis_breaker_t *breaker)
{
    breaker->probing = ngx_editorial_redis_breaker_is_open(breaker);
}


void
ngx_editorial_redis_breaker_replied(ngx_editorial_redis_breaker_t *breaker)
{
    breaker->fails = 0;
    breaker->probing = 0;
}


void
ngx_editorial_redis_breaker_failed(ngx_editorial_redis_breaker_t *breaker,
    ngx_msec_t now)
{
    breaker->fails++;
    breaker->until = now + breaker->fail_timeout;
    breaker->probing = 0;
}


void
ngx_editorial_redis_breaker_connected(ngx_editorial_redis_breaker_t *breaker)
{
    breaker->refusals = 0;
}


void
ngx_editorial_redis_breaker_refused(ngx_editorial_redis_breaker_t *breaker)
{
    breaker->refusals++;
}
