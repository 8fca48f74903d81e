
/*
 * The search for a stored page, in steps of the event loop; see the header.
 * The best page so far is pinned, and let go for a better one.
 */

#include "ngx_http_editorial_console_stored.h"
#include "ngx_http_editorial_counters.h"


#define NGX_HTTP_EDITORIAL_STORED_TURN  1000000      /* ns of the zone's pages
                                                        at a time */


static void ngx_http_editorial_stored_turn(ngx_event_t *ev);
static void ngx_http_editorial_stored_next(
    ngx_http_editorial_stored_t *stored,
    ngx_http_editorial_stored_step_pt step);
static void ngx_http_editorial_stored_default(
    ngx_http_editorial_stored_t *stored);
static void ngx_http_editorial_stored_key(ngx_http_editorial_stored_t *stored,
    ngx_str_t *scheme);
static void ngx_http_editorial_stored_lookup(
    ngx_http_editorial_stored_t *stored, ed_str_t key);
static void ngx_http_editorial_stored_scan(
    ngx_http_editorial_stored_t *stored);
static void ngx_http_editorial_stored_look(
    ngx_http_editorial_stored_t *stored, ed_zone_page_t *page);
static ngx_uint_t ngx_http_editorial_stored_is_it(
    ngx_http_editorial_stored_t *stored, ed_stored_t *head);
static void ngx_http_editorial_stored_list(
    ngx_http_editorial_stored_t *stored);
static void ngx_http_editorial_stored_listed(void *data,
    ngx_editorial_redis_rc_e rc, redisReply *reply);
static ngx_int_t ngx_http_editorial_stored_members(
    ngx_http_editorial_stored_t *stored, redisReply *reply);
static void ngx_http_editorial_stored_get(ngx_http_editorial_stored_t *stored);
static void ngx_http_editorial_stored_got(void *data,
    ngx_editorial_redis_rc_e rc, ngx_editorial_redis_value_t *value);
static ngx_uint_t ngx_http_editorial_stored_take(
    ngx_http_editorial_stored_t *stored, ngx_editorial_redis_value_t *value);


void
ngx_http_editorial_stored_find(ngx_http_editorial_stored_t *stored)
{
    stored->page.entry = ED_ZONE_NONE;

    stored->event.data = stored;
    stored->event.handler = ngx_http_editorial_stored_turn;
    stored->event.log = stored->r->connection->log;

    ngx_http_editorial_stored_next(stored, ngx_http_editorial_stored_default);
}


const u_char *
ngx_http_editorial_stored_bytes(ngx_http_editorial_stored_t *stored,
    size_t offset, size_t *len)
{
    offset += stored->head.head_len;

    if (stored->value != NULL) {
        *len = stored->value->len - offset;
        return stored->value->data + offset;
    }

    return ngx_editorial_zone_bytes(ngx_http_editorial_zone(stored->r),
                                    &stored->page, 0, offset, len);
}


void
ngx_http_editorial_stored_end(ngx_http_editorial_stored_t *stored)
{
    if (stored->event.posted) {
        ngx_delete_posted_event(&stored->event);
    }

    if (stored->cmd != NULL) {
        ngx_editorial_redis_cancel(stored->cmd);
        stored->cmd = NULL;
    }

    if (stored->get != NULL) {
        ngx_editorial_redis_get_cancel(stored->get);
        stored->get = NULL;
    }

    if (stored->value != NULL) {
        ngx_editorial_redis_value_release(stored->value);
        stored->value = NULL;
    }

    if (stored->found && stored->page.entry != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(ngx_http_editorial_zone(stored->r),
                                 stored->page.entry);
        stored->page.entry = ED_ZONE_NONE;
    }

    stored->found = 0;
}


static void
ngx_http_editorial_stored_turn(ngx_event_t *ev)
{
    ngx_http_editorial_stored_t *stored = ev->data;

    stored->step(stored);
}


static void
ngx_http_editorial_stored_next(ngx_http_editorial_stored_t *stored,
    ngx_http_editorial_stored_step_pt step)
{
    stored->step = step;

    ngx_post_event(&stored->event, &ngx_posted_next_events);
}


static void
ngx_http_editorial_stored_default(ngx_http_editorial_stored_t *stored)
{
    ngx_uint_t  i;

    static ngx_str_t  schemes[] = {
        ngx_string("http://"), ngx_string("https://")
    };

    for (i = 0; i < 2; i++) {
        ngx_http_editorial_stored_key(stored, &schemes[i]);
    }

    if (stored->found) {
        stored->handler(stored->data, NGX_OK);
        return;
    }

    ngx_http_editorial_stored_next(stored, ngx_http_editorial_stored_scan);
}


/* The default key is the scheme, and what the tag says of the address.  With
   no memory for it, it is found among all pages. */

static void
ngx_http_editorial_stored_key(ngx_http_editorial_stored_t *stored,
    ngx_str_t *scheme)
{
    u_char      dry[NGX_HTTP_EDITORIAL_DRY_KEY];
    ngx_str_t   key;

    key.len = scheme->len + stored->tag.len - (sizeof("url:") - 1);

    key.data = ngx_pnalloc(stored->r->pool, key.len);
    if (key.data == NULL) {
        return;
    }

    ngx_memcpy(key.data, scheme->data, scheme->len);
    ngx_memcpy(key.data + scheme->len, stored->tag.data + sizeof("url:") - 1,
               key.len - scheme->len);

    ngx_http_editorial_stored_lookup(stored, ed_str(key.data, key.len));

    ngx_http_editorial_dry_key(&key, dry);

    ngx_http_editorial_stored_lookup(stored, ed_str(dry, sizeof(dry)));
}


static void
ngx_http_editorial_stored_lookup(ngx_http_editorial_stored_t *stored,
    ed_str_t key)
{
    ed_zone_lookup_t  lookup;

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));
    lookup.key = key;
    lookup.pin = 1;

    ngx_editorial_zone_lookup(ngx_http_editorial_zone(stored->r), &lookup);

    if (lookup.page.entry != ED_ZONE_NONE) {
        ngx_http_editorial_stored_look(stored, &lookup.page);
    }
}


static void
ngx_http_editorial_stored_scan(ngx_http_editorial_stored_t *stored)
{
    uint64_t                         began;
    ed_zone_page_t                   page;
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(stored->r, ngx_http_editorial_module);
    began = ngx_http_editorial_clock();

    while (stored->from != ED_ZONE_NONE
           && ngx_http_editorial_clock() - began
              < NGX_HTTP_EDITORIAL_STORED_TURN)
    {
        stored->from = ngx_editorial_zone_scan(emcf->zone, stored->from,
                                               &page);

        if (page.entry != ED_ZONE_NONE) {
            ngx_http_editorial_stored_look(stored, &page);
        }
    }

    if (stored->from != ED_ZONE_NONE) {
        ngx_http_editorial_stored_next(stored, ngx_http_editorial_stored_scan);

    } else if (stored->found) {
        stored->handler(stored->data, NGX_OK);

    } else if (emcf->redis_conf != NULL) {
        ngx_http_editorial_stored_list(stored);

    } else {
        stored->handler(stored->data, NGX_DECLINED);
    }
}


/* A pinned page: it stays so where it is of the address, and newer than what
   was found before. */

static void
ngx_http_editorial_stored_look(ngx_http_editorial_stored_t *stored,
    ed_zone_page_t *page)
{
    size_t                 len;
    uint32_t               worse;
    ed_stored_t            head;
    const u_char          *p;
    ngx_editorial_zone_t  *zone;

    zone = ngx_http_editorial_zone(stored->r);
    worse = page->entry;

    p = ngx_editorial_zone_bytes(zone, page, 0, 0, &len);

    if (ed_stored_decode(p, len, 0, &head) == ED_OK
        && (uint64_t) head.head_len + head.body_len == page->len
        && ngx_http_editorial_stored_is_it(stored, &head)
        && (!stored->found || head.stored > stored->head.stored)
        && ngx_editorial_zone_is_intact(zone, page))
    {
        worse = stored->found ? stored->page.entry : ED_ZONE_NONE;

        stored->found = 1;
        stored->page = *page;
        stored->head = head;
    }

    if (worse != ED_ZONE_NONE) {
        ngx_editorial_zone_unpin(zone, worse);
    }
}


static ngx_uint_t
ngx_http_editorial_stored_is_it(ngx_http_editorial_stored_t *stored,
    ed_stored_t *head)
{
    ed_str_t  tags, word;

    tags = head->tags;

    while (ed_str_word(&tags, &word)) {
        if (ed_str_eq(word, ed_str(stored->tag.data, stored->tag.len))) {
            return 1;
        }
    }

    return 0;
}


/* Those that live longest stand last. */

static void
ngx_http_editorial_stored_list(ngx_http_editorial_stored_t *stored)
{
    size_t                           argvlen[4];
    ngx_str_t                        key;
    const char                      *argv[4];
    ngx_http_editorial_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(stored->r, ngx_http_editorial_module);

    if (!ngx_http_editorial_redis_is_up(emcf)
        || ngx_http_editorial_redis_key(emcf, stored->r->pool, "tag:",
                                        &stored->tag, 0, &key)
           != NGX_OK)
    {
        stored->handler(stored->data, NGX_ERROR);
        return;
    }

    argv[0] = "ZRANGE";
    argvlen[0] = sizeof("ZRANGE") - 1;
    argv[1] = (char *) key.data;
    argvlen[1] = key.len;
    argv[2] = "-10";
    argvlen[2] = sizeof("-10") - 1;
    argv[3] = "-1";
    argvlen[3] = sizeof("-1") - 1;

    stored->cmd = ngx_editorial_redis_command(emcf->redis, 4, argv, argvlen,
                                             ngx_http_editorial_stored_listed,
                                             stored);
    if (stored->cmd == NULL) {
        stored->handler(stored->data, NGX_ERROR);
    }
}


static void
ngx_http_editorial_stored_listed(void *data, ngx_editorial_redis_rc_e rc,
    redisReply *reply)
{
    ngx_http_editorial_stored_t *stored = data;

    stored->cmd = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK
        || reply->type != REDIS_REPLY_ARRAY
        || ngx_http_editorial_stored_members(stored, reply) != NGX_OK)
    {
        stored->handler(stored->data, NGX_ERROR);
        return;
    }

    ngx_http_editorial_stored_get(stored);
}


static ngx_int_t
ngx_http_editorial_stored_members(ngx_http_editorial_stored_t *stored,
    redisReply *reply)
{
    size_t       i;
    ngx_str_t    member, *key;
    redisReply  *element;

    for (i = 0;
         i < reply->elements && i < NGX_HTTP_EDITORIAL_STORED_KEYS;
         i++)
    {
        element = reply->element[i];

        if (element->type != REDIS_REPLY_STRING) {
            return NGX_ERROR;
        }

        member.data = (u_char *) element->str;
        member.len = element->len;

        key = &stored->keys[stored->nkeys++];
        key->len = member.len;
        key->data = ngx_pstrdup(stored->r->pool, &member);

        if (key->data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* The next page, from the last of the keys on. */

static void
ngx_http_editorial_stored_get(ngx_http_editorial_stored_t *stored)
{
    ngx_str_t                        key;
    ngx_http_editorial_main_conf_t  *emcf;

    if (stored->nkeys == 0) {
        stored->handler(stored->data, NGX_DECLINED);
        return;
    }

    emcf = ngx_http_get_module_main_conf(stored->r, ngx_http_editorial_module);

    if (ngx_http_editorial_redis_key(emcf, stored->r->pool, "page:",
                                     &stored->keys[--stored->nkeys], 1, &key)
        == NGX_OK)
    {
        stored->get = ngx_editorial_redis_get(emcf->redis, &key, 0, 0,
                                              ngx_http_editorial_stored_got,
                                              stored);
    }

    if (stored->get == NULL) {
        stored->handler(stored->data, NGX_ERROR);
    }
}


static void
ngx_http_editorial_stored_got(void *data, ngx_editorial_redis_rc_e rc,
    ngx_editorial_redis_value_t *value)
{
    ngx_http_editorial_stored_t *stored = data;

    stored->get = NULL;

    if (rc != NGX_EDITORIAL_REDIS_OK) {
        stored->handler(stored->data, NGX_ERROR);

    } else if (value != NULL && ngx_http_editorial_stored_take(stored, value))
    {
        stored->handler(stored->data, NGX_OK);

    } else {
        ngx_http_editorial_stored_get(stored);
    }
}


/* Zero: it is damaged, of another address, or from before "purge all". */

static ngx_uint_t
ngx_http_editorial_stored_take(ngx_http_editorial_stored_t *stored,
    ngx_editorial_redis_value_t *value)
{
    ed_stored_t  *head;

    head = &stored->head;

    if (ed_stored_decode(value->data, value->len, 1, head) != ED_OK
        || !ed_stored_verify(head, value->data + head->head_len,
                             value->len - head->head_len)
        || !ngx_http_editorial_stored_is_it(stored, head)
        || head->generation
           != ngx_editorial_zone_generation(ngx_http_editorial_zone(
                                                                  stored->r)))
    {
        return 0;
    }

    ngx_editorial_redis_value_hold(value);

    stored->value = value;
    stored->found = 1;

    return 1;
}
