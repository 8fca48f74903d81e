
/*
 * Files that are built into the module: C, made of them by src/assets/embed
 * when nginx is configured.  A table of them ends with an empty name.
 */

#ifndef NGX_HTTP_EDITORIAL_ASSETS_H
#define NGX_HTTP_EDITORIAL_ASSETS_H


#include "ngx_http_editorial_module.h"


typedef struct {
    ngx_str_t                    name;       /* in its folder */
    ngx_str_t                    type;
    ngx_str_t                    content;    /* as it lies there */
    ngx_str_t                    gzip;       /* len 0: not made */
} ngx_http_editorial_asset_t;


/* An ETag of each, of its bytes; NULL: no memory. */
ngx_str_t *ngx_http_editorial_assets_etags(ngx_conf_t *cf,
    const ngx_http_editorial_asset_t *assets);


#endif /* NGX_HTTP_EDITORIAL_ASSETS_H */
