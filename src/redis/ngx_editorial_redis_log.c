
/*
 * What the client says, and what it shows of what a server said.
 */

#include "ngx_editorial_redis_int.h"


#define NGX_EDITORIAL_REDIS_LINE  512    /* bytes of one in the log */


void ngx_cdecl
ngx_editorial_redis_log(ngx_log_t *log, ngx_uint_t level,
    ngx_editorial_redis_said_t *said, const char *fmt, ...)
{
    u_char      line[NGX_EDITORIAL_REDIS_LINE];
    va_list     args;
    ngx_str_t   text;
    ngx_uint_t  swallowed;

    if (said->said == ngx_time()) {
        said->swallowed++;
        return;
    }

    swallowed = said->swallowed;

    said->said = ngx_time();
    said->swallowed = 0;

    text.data = line;

    va_start(args, fmt);
    text.len = ngx_vslprintf(line, line + sizeof(line), fmt, args) - line;
    va_end(args);

    if (swallowed == 0) {
        ngx_log_error(level, log, 0, "editorial: %V", &text);
        return;
    }

    ngx_log_error(level, log, 0,
                  "editorial: %V (%ui more like it before)", &text, swallowed);
}


const char *
ngx_editorial_redis_text(u_char *buf, size_t size, const char *text,
    size_t len)
{
    size_t  i;

    len = ngx_min(len, size - 1);

    for (i = 0; i < len; i++) {
        buf[i] = (text[i] < ' ' || text[i] > '~') ? '?' : text[i];
    }

    buf[len] = '\0';

    return (const char *) buf;
}
