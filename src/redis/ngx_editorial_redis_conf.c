
/*
 * editorial_redis URL … [prefix=P] [connect_timeout=T] [timeout=T]
 *     [max_fails=N] [fail_timeout=T] [cluster=on|off] [password_file=F]
 *
 *     redis://[USER:PASSWORD@]HOST[:PORT][/DB]
 *     unix:/PATH
 *
 * User and password may be escaped (%40).  A host with several addresses
 * counts as so many servers.
 *
 * No message shows a password: of a word that may hold one, all before its
 * last "@" is left out.
 */

#include "ngx_editorial_redis_int.h"


#define NGX_EDITORIAL_REDIS_PORT      6379
#define NGX_EDITORIAL_REDIS_PASSWORD  512    /* bytes of one in a file */


typedef struct {
    ngx_editorial_redis_conf_t  *conf;
    ngx_str_t                    password;   /* of password_file */
    ngx_uint_t                   given;      /* parameters: bits, in the order
                                                of their table */
} ngx_editorial_redis_parse_t;


typedef struct {
    ngx_str_t                    name;
    char                      *(*set)(ngx_conf_t *cf,
                                      ngx_editorial_redis_parse_t *ctx,
                                      ngx_str_t *value, ngx_uint_t offset);
    ngx_uint_t                   offset;
} ngx_editorial_redis_param_t;


static char *ngx_editorial_redis_parse_params(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx);
static ngx_editorial_redis_param_t *ngx_editorial_redis_param(ngx_str_t *word);
static char *ngx_editorial_redis_set_str(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_set_msec(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_set_sec(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_set_number(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_set_cluster(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_set_password_file(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset);
static char *ngx_editorial_redis_read_password(ngx_conf_t *cf,
    ngx_str_t *name, ngx_str_t *password);

static char *ngx_editorial_redis_parse_word(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word);
static char *ngx_editorial_redis_parse_unix(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word);
static char *ngx_editorial_redis_parse_url(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word);
static char *ngx_editorial_redis_parse_user(ngx_conf_t *cf,
    ngx_editorial_redis_server_t *server, ngx_str_t *info);
static char *ngx_editorial_redis_parse_db(
    ngx_editorial_redis_server_t *server, ngx_str_t *rest);
static char *ngx_editorial_redis_add_server(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_editorial_redis_server_t *server,
    ngx_addr_t *addr);

static ngx_int_t ngx_editorial_redis_shown(ngx_pool_t *pool, ngx_str_t *word,
    ngx_str_t *shown);
static u_char *ngx_editorial_redis_last_at(ngx_str_t *s);
static ngx_int_t ngx_editorial_redis_unescape(ngx_pool_t *pool, u_char *start,
    u_char *end, ngx_str_t *value);
static ngx_int_t ngx_editorial_redis_print_host(ngx_pool_t *pool,
    ngx_addr_t *addr, ngx_str_t *host);


static ngx_editorial_redis_param_t  ngx_editorial_redis_params[] = {

    { ngx_string("prefix="),
      ngx_editorial_redis_set_str,
      offsetof(ngx_editorial_redis_conf_t, prefix) },

    { ngx_string("connect_timeout="),
      ngx_editorial_redis_set_msec,
      offsetof(ngx_editorial_redis_conf_t, connect_timeout) },

    { ngx_string("timeout="),
      ngx_editorial_redis_set_msec,
      offsetof(ngx_editorial_redis_conf_t, timeout) },

    { ngx_string("max_fails="),
      ngx_editorial_redis_set_number,
      offsetof(ngx_editorial_redis_conf_t, max_fails) },

    { ngx_string("fail_timeout="),
      ngx_editorial_redis_set_sec,
      offsetof(ngx_editorial_redis_conf_t, fail_timeout) },

    { ngx_string("cluster="),
      ngx_editorial_redis_set_cluster,
      0 },

    { ngx_string("password_file="),
      ngx_editorial_redis_set_password_file,
      offsetof(ngx_editorial_redis_conf_t, password_file) },

    { ngx_null_string, NULL, 0 }
};


char *
ngx_editorial_redis_parse(ngx_conf_t *cf, ngx_editorial_redis_conf_t *conf)
{
    char                         *rv;
    ngx_str_t                    *word;
    ngx_uint_t                    i;
    ngx_editorial_redis_parse_t   ctx;

    ngx_memzero(&ctx, sizeof(ngx_editorial_redis_parse_t));
    ctx.conf = conf;

    ngx_str_set(&conf->prefix, "editorial:");
    conf->connect_timeout = 100;
    conf->timeout = 50;
    conf->max_fails = 3;
    conf->fail_timeout = 5;

    if (ngx_array_init(&conf->servers, cf->pool, 2,
                       sizeof(ngx_editorial_redis_server_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* a password that they name is of use to the servers */

    rv = ngx_editorial_redis_parse_params(cf, &ctx);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    word = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_editorial_redis_param(&word[i])) {
            continue;
        }

        rv = ngx_editorial_redis_parse_word(cf, &ctx, &word[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (conf->servers.nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" names no server", &word[0]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_parse_params(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx)
{
    char                         *rv;
    ngx_str_t                    *word, value;
    ngx_uint_t                    i, bit;
    ngx_editorial_redis_param_t  *param;

    word = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        param = ngx_editorial_redis_param(&word[i]);
        if (param == NULL) {
            continue;
        }

        bit = 1 << (param - ngx_editorial_redis_params);

        value.data = word[i].data + param->name.len;
        value.len = word[i].len - param->name.len;

        if (ctx->given & bit) {
            rv = "it is there twice";

        } else if (value.len == 0) {
            rv = "its value is empty";

        } else {
            rv = param->set(cf, ctx, &value, param->offset);
        }

        if (rv == NGX_CONF_ERROR) {
            return rv;
        }

        if (rv != NGX_CONF_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of \"%V\": %s",
                               &word[i], &word[0], rv);
            return NGX_CONF_ERROR;
        }

        ctx->given |= bit;
    }

    return NGX_CONF_OK;
}


/* NULL: word is no parameter. */

static ngx_editorial_redis_param_t *
ngx_editorial_redis_param(ngx_str_t *word)
{
    ngx_editorial_redis_param_t  *param;

    for (param = ngx_editorial_redis_params; param->name.len; param++) {
        if (word->len >= param->name.len
            && ngx_strncmp(word->data, param->name.data, param->name.len) == 0)
        {
            return param;
        }
    }

    return NULL;
}


static char *
ngx_editorial_redis_set_str(ngx_conf_t *cf, ngx_editorial_redis_parse_t *ctx,
    ngx_str_t *value, ngx_uint_t offset)
{
    ngx_str_t  *field;

    field = (ngx_str_t *) ((u_char *) ctx->conf + offset);
    *field = *value;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_set_msec(ngx_conf_t *cf, ngx_editorial_redis_parse_t *ctx,
    ngx_str_t *value, ngx_uint_t offset)
{
    ngx_int_t    msec;
    ngx_msec_t  *field;

    field = (ngx_msec_t *) ((u_char *) ctx->conf + offset);

    msec = ngx_parse_time(value, 0);

    if (msec == NGX_ERROR || msec == 0) {
        return "it is not a time, such as 50ms";
    }

    *field = msec;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_set_sec(ngx_conf_t *cf, ngx_editorial_redis_parse_t *ctx,
    ngx_str_t *value, ngx_uint_t offset)
{
    time_t     *field;
    ngx_int_t   sec;

    field = (time_t *) ((u_char *) ctx->conf + offset);

    sec = ngx_parse_time(value, 1);

    if (sec == NGX_ERROR || sec == 0) {
        return "it is not a time in seconds, such as 5s";
    }

    *field = sec;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_set_number(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset)
{
    ngx_int_t    n;
    ngx_uint_t  *field;

    field = (ngx_uint_t *) ((u_char *) ctx->conf + offset);

    n = ngx_atoi(value->data, value->len);

    if (n == NGX_ERROR) {
        return "it is not a number";
    }

    *field = n;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_set_cluster(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset)
{
    if (ngx_strcmp(value->data, "off") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "on") == 0) {
        return "Redis Cluster is not supported by this version";
    }

    return "it is neither \"on\" nor \"off\"";
}


static char *
ngx_editorial_redis_set_password_file(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *value, ngx_uint_t offset)
{
    ngx_str_t  *field;

    field = (ngx_str_t *) ((u_char *) ctx->conf + offset);
    *field = *value;

    if (ngx_conf_full_name(cf->cycle, field, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_editorial_redis_read_password(cf, field, &ctx->password);
}


/* The file's bytes, without the end of its line. */

static char *
ngx_editorial_redis_read_password(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *password)
{
    u_char    *buf;
    ssize_t    n;
    ngx_fd_t   fd;

    buf = ngx_pnalloc(cf->pool, NGX_EDITORIAL_REDIS_PASSWORD);
    if (buf == NULL) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_CONF_ERROR;
    }

    n = ngx_read_fd(fd, buf, NGX_EDITORIAL_REDIS_PASSWORD);

    if (n == -1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%V\" failed", name);
        n = NGX_EDITORIAL_REDIS_PASSWORD;
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    if (n == NGX_EDITORIAL_REDIS_PASSWORD) {
        return "the file cannot be read, or is no password";
    }

    while (n > 0 && (buf[n - 1] == LF || buf[n - 1] == CR)) {
        n--;
    }

    if (n == 0) {
        return "the file is empty";
    }

    password->data = buf;
    password->len = n;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_parse_word(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word)
{
    char       *rv;
    ngx_str_t  *name, shown;

    if (ngx_editorial_redis_shown(cf->pool, word, &shown) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_strncmp(word->data, "redis://", 8) == 0) {
        rv = ngx_editorial_redis_parse_url(cf, ctx, word);

    } else if (ngx_strncmp(word->data, "unix:", 5) == 0) {
        rv = ngx_editorial_redis_parse_unix(cf, ctx, word);

    } else if (ngx_strncmp(word->data, "rediss://", 9) == 0) {
        rv = "TLS to Redis is not supported by this version";

    } else {
        rv = "it is neither a parameter nor \"redis://HOST\" nor "
             "\"unix:/PATH\"";
    }

    if (rv == NGX_CONF_OK || rv == NGX_CONF_ERROR) {
        return rv;
    }

    name = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid server \"%V\" of \"%V\": %s", &shown, name,
                       rv);

    return NGX_CONF_ERROR;
}


static char *
ngx_editorial_redis_parse_unix(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word)
{
    ngx_url_t                     u;
    ngx_editorial_redis_server_t  server;

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.url = *word;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? u.err : NGX_CONF_ERROR;
    }

    ngx_memzero(&server, sizeof(ngx_editorial_redis_server_t));

    server.url = *word;
    server.is_unix = 1;
    server.host.data = word->data + 5;
    server.host.len = word->len - 5;

    return ngx_editorial_redis_add_server(cf, ctx, &server, &u.addrs[0]);
}


static char *
ngx_editorial_redis_parse_url(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_str_t *word)
{
    char                          *rv;
    u_char                        *at, *p, *last;
    ngx_str_t                      info, rest;
    ngx_url_t                      u;
    ngx_uint_t                     i;
    ngx_editorial_redis_server_t   server;

    ngx_memzero(&server, sizeof(ngx_editorial_redis_server_t));

    if (ngx_editorial_redis_shown(cf->pool, word, &server.url) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    last = word->data + word->len;
    p = word->data + 8;

    at = ngx_editorial_redis_last_at(word);

    if (at) {
        info.data = p;
        info.len = at - p;
        p = at + 1;

        rv = ngx_editorial_redis_parse_user(cf, &server, &info);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (ngx_strncmp(p, "unix:", 5) == 0) {
        return "a socket is \"unix:/PATH\"";
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url.data = p;
    u.default_port = NGX_EDITORIAL_REDIS_PORT;

    while (p < last && *p != '/' && *p != '?' && *p != '#') {
        p++;
    }

    u.url.len = p - u.url.data;

    rest.data = p;
    rest.len = last - p;

    rv = ngx_editorial_redis_parse_db(&server, &rest);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? u.err : NGX_CONF_ERROR;
    }

    if (u.wildcard) {
        return "it names no host";
    }

    server.port = u.port;

    for (i = 0; i < u.naddrs; i++) {
        rv = ngx_editorial_redis_add_server(cf, ctx, &server, &u.addrs[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


/* USER, USER:PASSWORD, or :PASSWORD */

static char *
ngx_editorial_redis_parse_user(ngx_conf_t *cf,
    ngx_editorial_redis_server_t *server, ngx_str_t *info)
{
    u_char  *colon, *last;

    last = info->data + info->len;

    colon = ngx_strlchr(info->data, last, ':');
    if (colon == NULL) {
        colon = last;
    }

    if (ngx_editorial_redis_unescape(cf->pool, info->data, colon,
                                     &server->user)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (colon == last) {
        return NGX_CONF_OK;
    }

    if (colon + 1 == last) {
        return "its password is empty";
    }

    if (ngx_editorial_redis_unescape(cf->pool, colon + 1, last,
                                     &server->password)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* "", "/", or "/NUMBER" */

static char *
ngx_editorial_redis_parse_db(ngx_editorial_redis_server_t *server,
    ngx_str_t *rest)
{
    ngx_int_t  n;

    if (rest->len == 0 || (rest->len == 1 && rest->data[0] == '/')) {
        return NGX_CONF_OK;
    }

    n = (rest->data[0] == '/') ? ngx_atoi(rest->data + 1, rest->len - 1)
                               : NGX_ERROR;

    if (n == NGX_ERROR) {
        return "what follows the host is not a database's number";
    }

    server->db = n;

    return NGX_CONF_OK;
}


static char *
ngx_editorial_redis_add_server(ngx_conf_t *cf,
    ngx_editorial_redis_parse_t *ctx, ngx_editorial_redis_server_t *server,
    ngx_addr_t *addr)
{
    ngx_editorial_redis_server_t  *s;

    s = ngx_array_push(&ctx->conf->servers);
    if (s == NULL) {
        return NGX_CONF_ERROR;
    }

    *s = *server;
    s->addr = *addr;

    if (s->password.len == 0) {
        s->password = ctx->password;
    }

    if (s->user.len && s->password.len == 0) {
        return "it has a user without a password";
    }

    if (s->is_unix) {
        return NGX_CONF_OK;
    }

    if (ngx_editorial_redis_print_host(cf->pool, addr, &s->host) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* A word without the user and password that it may have. */

static ngx_int_t
ngx_editorial_redis_shown(ngx_pool_t *pool, ngx_str_t *word, ngx_str_t *shown)
{
    u_char  *at, *p, *slashes;

    at = ngx_editorial_redis_last_at(word);

    if (at == NULL) {
        *shown = *word;
        return NGX_OK;
    }

    slashes = ngx_strnstr(word->data, "://", at - word->data);
    p = slashes ? slashes + 3 : word->data;

    shown->data = ngx_pnalloc(pool, word->len);
    if (shown->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(shown->data, word->data, p - word->data);
    p = ngx_cpymem(p, at + 1, word->data + word->len - (at + 1));
    shown->len = p - shown->data;

    return NGX_OK;
}


static u_char *
ngx_editorial_redis_last_at(ngx_str_t *s)
{
    u_char  *p;

    for (p = s->data + s->len; p > s->data; p--) {
        if (p[-1] == '@') {
            return p - 1;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_editorial_redis_unescape(ngx_pool_t *pool, u_char *start, u_char *end,
    ngx_str_t *value)
{
    u_char  *dst, *src;

    dst = ngx_pnalloc(pool, ngx_max(end - start, 1));
    if (dst == NULL) {
        return NGX_ERROR;
    }

    value->data = dst;
    src = start;

    ngx_unescape_uri(&dst, &src, end - start, 0);

    value->len = dst - value->data;

    return NGX_OK;
}


/* hiredis wants an address as text: it is given one that nobody need look
   up. */

static ngx_int_t
ngx_editorial_redis_print_host(ngx_pool_t *pool, ngx_addr_t *addr,
    ngx_str_t *host)
{
    host->data = ngx_pnalloc(pool, NGX_SOCKADDR_STRLEN + 1);
    if (host->data == NULL) {
        return NGX_ERROR;
    }

    host->len = ngx_sock_ntop(addr->sockaddr, addr->socklen, host->data,
                              NGX_SOCKADDR_STRLEN, 0);

    host->data[host->len] = '\0';

    return NGX_OK;
}
