
/*
 * The calls of the API, and what the bodies of each may hold.  Where one path
 * matches two patterns, the first that takes the method is meant.
 */

#include "ngx_http_editorial_console.h"


#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


static const ngx_http_editorial_call_field_t
    ngx_http_editorial_purge_fields[] =
{
    { "url", NGX_HTTP_EDITORIAL_STRING },
    { "key", NGX_HTTP_EDITORIAL_STRING },
    { "tag", NGX_HTTP_EDITORIAL_STRING },
    { "all", NGX_HTTP_EDITORIAL_TRUE },
    { NULL, 0 }
};


static const ngx_http_editorial_route_t  ngx_http_editorial_routes[] = {

    { NGX_HTTP_GET, ED_S("api/desks/{desk}/{feature}/results"),
      ngx_http_editorial_call_results, 0, NULL },

    { NGX_HTTP_GET, ED_S("api/articles"), ngx_http_editorial_call_articles,
      0, NULL },

    { NGX_HTTP_GET, ED_S("api/desks"), ngx_http_editorial_call_desks,
      0, NULL },

    { NGX_HTTP_GET, ED_S("api/desks/{desk}/paused"),
      ngx_http_editorial_call_is_paused, 0, NULL },

    { NGX_HTTP_PUT, ED_S("api/desks/{desk}/paused"),
      ngx_http_editorial_call_paused, NGX_HTTP_EDITORIAL_BOOLEAN, NULL },

    { NGX_HTTP_GET, ED_S("api/desks/{desk}/{feature}"),
      ngx_http_editorial_call_feature, 0, NULL },

    { NGX_HTTP_PUT, ED_S("api/desks/{desk}/{feature}"),
      ngx_http_editorial_call_state, NGX_HTTP_EDITORIAL_OBJECT, NULL },

    { NGX_HTTP_DELETE, ED_S("api/desks/{desk}/{feature}"),
      ngx_http_editorial_call_state_off, 0, NULL },

    { NGX_HTTP_GET, ED_S("api/article"), ngx_http_editorial_call_article,
      0, NULL },

    { NGX_HTTP_PUT, ED_S("api/article"), ngx_http_editorial_call_article_put,
      NGX_HTTP_EDITORIAL_OBJECT, NULL },

    { NGX_HTTP_DELETE, ED_S("api/article"),
      ngx_http_editorial_call_article_delete, 0, NULL },

    { NGX_HTTP_GET, ED_S("api/audit"), ngx_http_editorial_call_audit,
      0, NULL },

    { NGX_HTTP_POST, ED_S("api/purge"), ngx_http_editorial_call_purge,
      NGX_HTTP_EDITORIAL_OBJECT, ngx_http_editorial_purge_fields },

    { NGX_HTTP_GET, ED_S("api/explain"), ngx_http_editorial_call_explain,
      0, NULL },

    { NGX_HTTP_GET, ED_S("api/status"), ngx_http_editorial_call_status,
      0, NULL },

    { 0, { NULL, 0 }, NULL, 0, NULL }
};


const ngx_http_editorial_api_t  ngx_http_editorial_console_api = {
    ngx_http_editorial_routes,
    NGX_HTTP_EDITORIAL_CONSOLE_BODY,
    "a change",
    0,
    0,
    NULL
};
