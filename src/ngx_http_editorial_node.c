
/*
 * A name for this nginx among those that share a Redis: the machine's, and a
 * few random digits, as two may run on one.
 *
 *     shared memory   { "web1-9f03c2", 1795401248123 }
 *
 * It is made with its memory, which like that of the counters outlives a
 * reload, and is new when nginx is started anew: what is counted from 0 then
 * has another name.
 */

#include <sys/random.h>

#include "ngx_http_editorial_module.h"


#define NGX_HTTP_EDITORIAL_NODE_HOST      48     /* bytes of the machine's */
#define NGX_HTTP_EDITORIAL_NODE_RANDOM    3      /* bytes, in hex */
#define NGX_HTTP_EDITORIAL_NODE_OVERHEAD  8      /* pages, of the slab pool */


static ngx_int_t ngx_http_editorial_node_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_http_editorial_node_t *ngx_http_editorial_node_create(
    ngx_slab_pool_t *shpool);
static u_char *ngx_http_editorial_node_host(u_char *p);
static u_char *ngx_http_editorial_node_digits(u_char *p);


ngx_int_t
ngx_http_editorial_node_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf)
{
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    if (emcf->zone == NULL && !emcf->metrics) {
        return NGX_OK;
    }

    /* no directive can make a name with a colon in it */

    ngx_str_set(&name, "editorial:node");

    shm_zone = ngx_shared_memory_add(cf, &name,
                                     NGX_HTTP_EDITORIAL_NODE_OVERHEAD
                                     * ngx_pagesize,
                                     &ngx_http_editorial_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_editorial_node_init;
    shm_zone->data = emcf;

    return NGX_OK;
}


const ngx_http_editorial_node_t *
ngx_http_editorial_node(ngx_http_editorial_main_conf_t *emcf)
{
    return emcf->node;
}


static ngx_int_t
ngx_http_editorial_node_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_editorial_main_conf_t *old = data;

    ngx_slab_pool_t                 *shpool;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = shm_zone->data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old) {
        emcf->node = old->node;

    } else if (shm_zone->shm.exists) {
        emcf->node = shpool->data;

    } else {
        emcf->node = ngx_http_editorial_node_create(shpool);
        shpool->data = emcf->node;
    }

    return emcf->node != NULL ? NGX_OK : NGX_ERROR;
}


/* The name stands behind it. */

static ngx_http_editorial_node_t *
ngx_http_editorial_node_create(ngx_slab_pool_t *shpool)
{
    u_char                     *p;
    ngx_time_t                 *now;
    ngx_http_editorial_node_t  *node;

    node = ngx_slab_calloc(shpool, sizeof(ngx_http_editorial_node_t)
                                   + NGX_HTTP_EDITORIAL_NODE_NAME);
    if (node == NULL) {
        return NULL;
    }

    now = ngx_timeofday();
    node->epoch = (uint64_t) now->sec * 1000 + now->msec;

    node->name.data = (u_char *) &node[1];

    p = ngx_http_editorial_node_host(node->name.data);
    *p++ = '-';
    p = ngx_http_editorial_node_digits(p);

    node->name.len = p - node->name.data;

    return node;
}


/* It becomes a part of names in Redis, in which a colon divides. */

static u_char *
ngx_http_editorial_node_host(u_char *p)
{
    char     host[NGX_MAXHOSTNAMELEN];
    size_t   i;
    u_char   c;

    if (gethostname(host, sizeof(host)) == -1) {
        host[0] = '\0';
    }

    host[sizeof(host) - 1] = '\0';

    for (i = 0; i < NGX_HTTP_EDITORIAL_NODE_HOST && host[i] != '\0'; i++) {
        c = ngx_tolower((u_char) host[i]);

        *p++ = ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
               ? c : '-';
    }

    if (i == 0) {
        p = ngx_cpymem(p, "nginx", sizeof("nginx") - 1);
    }

    return p;
}


static u_char *
ngx_http_editorial_node_digits(u_char *p)
{
    u_char      bytes[NGX_HTTP_EDITORIAL_NODE_RANDOM];
    ngx_uint_t  i;

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t) sizeof(bytes)) {

        for (i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (u_char) (ngx_random() ^ ngx_pid >> (8 * i));
        }
    }

    return ngx_hex_dump(p, bytes, sizeof(bytes));
}
