
/*
 * A purge is a row of steps, each of which ends in a command to Redis or in
 * the next turn of the event loop:
 *
 *     key   batch                                          end
 *     url   batch of the default keys, then as a tag
 *     tag   mark, list --> batch --> strike out --> list …
 *               \--> scan --> batch --> scan …             end
 *     all   raise the generation                           end
 *
 * Redis comes before the zone: a page that is still there could be read from
 * it again.
 *
 * A page that is being fetched has no tags yet: before the first is removed, the
 * zone is told of the tag, and whoever stores a page asks it behind that.  Other
 * nodes are told by a mark in Redis, for which they ask behind the page's being
 * listed (ngx_http_editorial_cache_tags.c).
 *
 * A page of a dry run, which no reader gets, goes with the others, and is not
 * counted.
 *
 * Without Redis there is no list: the pages of the zone are looked through.
 * With it they are looked through as well, for those that only this zone has.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_purge_int.h"
#include "ngx_http_editorial_redis.h"


#define NGX_HTTP_EDITORIAL_PURGE_TURN  1000000   /* ns of the zone's pages */


static void ngx_http_editorial_purge_turn(ngx_event_t *ev);
static void ngx_http_editorial_purge_free(ngx_http_editorial_purge_t *purge);
static void ngx_http_editorial_purge_key(ngx_http_editorial_purge_t *purge);
static void ngx_http_editorial_purge_url(ngx_http_editorial_purge_t *purge);
static void ngx_http_editorial_purge_tag(ngx_http_editorial_purge_t *purge);
static void ngx_http_editorial_purge_all(ngx_http_editorial_purge_t *purge);
static void ngx_http_editorial_purge_look(ngx_http_editorial_purge_t *purge,
    ed_zone_page_t *page);
static void ngx_http_editorial_purge_note(
    ngx_http_editorial_purge_item_t *item);
static ngx_uint_t ngx_http_editorial_purge_has_tag(ed_str_t tags,
    ngx_str_t *tag);


/* by ngx_http_editorial_purge_e */
static const ngx_http_editorial_purge_step_pt
    ngx_http_editorial_purge_steps[] =
{
    ngx_http_editorial_purge_key,
    ngx_http_editorial_purge_tag,
    ngx_http_editorial_purge_url,
    ngx_http_editorial_purge_all
};


ngx_http_editorial_purge_t *
ngx_http_editorial_purge_start(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_purge_e kind, ngx_str_t *what,
    ngx_http_editorial_purge_pt handler, void *data)
{
    ngx_pool_t                  *pool;
    ngx_http_editorial_purge_t  *purge;

    pool = ngx_create_pool(NGX_MIN_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    purge = ngx_pcalloc(pool, sizeof(ngx_http_editorial_purge_t));
    if (purge == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    purge->what.len = what->len;
    purge->what.data = ngx_pstrdup(pool, what);

    if (purge->what.data == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    purge->emcf = emcf;
    purge->pool = pool;
    purge->handler = handler;
    purge->data = data;

    purge->event.data = purge;
    purge->event.handler = ngx_http_editorial_purge_turn;
    purge->event.log = ngx_cycle->log;

    if (emcf->redis_conf != NULL && !ngx_http_editorial_redis_is_up(emcf)) {
        ngx_http_editorial_purge_fail(purge, "Redis is not there");
        return purge;
    }

    ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_steps[kind]);

    return purge;
}


void
ngx_http_editorial_purge_cancel(ngx_http_editorial_purge_t *purge)
{
    ngx_uint_t  i;

    if (purge->event.posted) {
        ngx_delete_posted_event(&purge->event);
    }

    if (purge->cmd != NULL) {
        ngx_editorial_redis_cancel(purge->cmd);
    }

    for (i = 0; i < purge->nitems; i++) {
        if (purge->items[i].cmd != NULL) {
            ngx_editorial_redis_cancel(purge->items[i].cmd);
        }
    }

    ngx_http_editorial_purge_free(purge);
}


static void
ngx_http_editorial_purge_turn(ngx_event_t *ev)
{
    ngx_http_editorial_purge_t *purge = ev->data;

    purge->step(purge);
}


void
ngx_http_editorial_purge_next(ngx_http_editorial_purge_t *purge,
    ngx_http_editorial_purge_step_pt step)
{
    purge->step = step;

    ngx_post_event(&purge->event, &ngx_posted_next_events);
}


void
ngx_http_editorial_purge_end(ngx_http_editorial_purge_t *purge)
{
    purge->handler(purge->data, purge->pages,
                   purge->why.len != 0 ? &purge->why : NULL);

    ngx_http_editorial_purge_free(purge);
}


static void
ngx_http_editorial_purge_free(ngx_http_editorial_purge_t *purge)
{
    ngx_http_editorial_count_n(purge->emcf, NGX_HTTP_EDITORIAL_COUNT_PURGED,
                               purge->pages);

    if (purge->keys != NULL) {
        ngx_destroy_pool(purge->keys);
    }

    ngx_destroy_pool(purge->pool);
}


void
ngx_http_editorial_purge_fail(ngx_http_editorial_purge_t *purge,
    const char *fmt, ...)
{
    va_list  args;

    if (purge->why.len == 0) {
        va_start(args, fmt);
        purge->why.data = purge->text;
        purge->why.len = ngx_vslprintf(purge->text,
                                       purge->text + sizeof(purge->text), fmt,
                                       args)
                         - purge->text;
        va_end(args);
    }

    if (purge->left == 0) {
        ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_end);
    }
}


static void
ngx_http_editorial_purge_key(ngx_http_editorial_purge_t *purge)
{
    if (ngx_http_editorial_purge_add(purge, purge->what.data, purge->what.len)
        != NGX_OK)
    {
        ngx_http_editorial_purge_fail(purge, "no memory");
        return;
    }

    purge->step = ngx_http_editorial_purge_end;

    ngx_http_editorial_purge_batch(purge);
}


/*
 * The pages of an address are found by its tag.  One that another node is
 * fetching for the first time has no tag yet, but most likely the default key.
 */

static void
ngx_http_editorial_purge_url(ngx_http_editorial_purge_t *purge)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   address;
    ngx_uint_t  i;

    static const ngx_str_t  schemes[] = {
        ngx_string("http://"), ngx_string("https://")
    };

    address.data = purge->what.data + sizeof("url:") - 1;
    address.len = purge->what.len - (sizeof("url:") - 1);

    for (i = 0; i < 2; i++) {
        len = schemes[i].len + address.len;

        p = ngx_pnalloc(purge->pool, len);

        if (p != NULL) {
            ngx_memcpy(p, schemes[i].data, schemes[i].len);
            ngx_memcpy(p + schemes[i].len, address.data, address.len);
        }

        if (p == NULL || ngx_http_editorial_purge_add(purge, p, len) != NGX_OK)
        {
            ngx_http_editorial_purge_fail(purge, "no memory");
            return;
        }
    }

    purge->step = ngx_http_editorial_purge_tag;

    ngx_http_editorial_purge_batch(purge);
}


static void
ngx_http_editorial_purge_tag(ngx_http_editorial_purge_t *purge)
{
    ngx_editorial_zone_purge_tag(purge->emcf->zone,
                                 ed_str(purge->what.data, purge->what.len));

    if (purge->emcf->redis_conf != NULL) {
        ngx_http_editorial_purge_mark(purge);

    } else {
        ngx_http_editorial_purge_scan(purge);
    }
}


static void
ngx_http_editorial_purge_all(ngx_http_editorial_purge_t *purge)
{
    if (purge->emcf->redis_conf != NULL) {
        ngx_http_editorial_purge_raise(purge);
        return;
    }

    purge->pages = ngx_editorial_zone_purge_all(purge->emcf->zone);

    ngx_http_editorial_purge_end(purge);
}


void
ngx_http_editorial_purge_scan(ngx_http_editorial_purge_t *purge)
{
    uint64_t               began;
    ed_zone_page_t         page;
    ngx_editorial_zone_t  *zone;

    zone = purge->emcf->zone;
    began = ngx_http_editorial_clock();

    while (purge->from != ED_ZONE_NONE
           && purge->nitems < NGX_HTTP_EDITORIAL_PURGE_BATCH
           && purge->why.len == 0
           && ngx_http_editorial_clock() - began
              < NGX_HTTP_EDITORIAL_PURGE_TURN)
    {
        purge->from = ngx_editorial_zone_scan(zone, purge->from, &page);

        if (page.entry != ED_ZONE_NONE) {
            ngx_http_editorial_purge_look(purge, &page);
            ngx_editorial_zone_unpin(zone, page.entry);
        }
    }

    if (purge->why.len != 0) {
        return;
    }

    if (purge->nitems == NGX_HTTP_EDITORIAL_PURGE_BATCH
        || (purge->nitems != 0 && purge->from == ED_ZONE_NONE))
    {
        purge->step = ngx_http_editorial_purge_scan;
        ngx_http_editorial_purge_batch(purge);

    } else if (purge->from != ED_ZONE_NONE) {
        ngx_http_editorial_purge_next(purge, ngx_http_editorial_purge_scan);

    } else {
        ngx_http_editorial_purge_end(purge);
    }
}


/* A page that does not read is none that could be served. */

static void
ngx_http_editorial_purge_look(ngx_http_editorial_purge_t *purge,
    ed_zone_page_t *page)
{
    size_t        len;
    ngx_str_t     key;
    ed_stored_t   head;
    const u_char *p;

    p = ngx_editorial_zone_bytes(purge->emcf->zone, page, 0, 0, &len);

    if (ed_stored_decode(p, len, 0, &head) != ED_OK
        || !ngx_http_editorial_purge_has_tag(head.tags, &purge->what))
    {
        return;
    }

    key.data = (u_char *) head.key.data;
    key.len = head.key.len;

    if (page->aside) {
        ngx_http_editorial_dry_purge(purge->emcf->zone, &key);

    } else if (purge->emcf->redis_conf == NULL) {
        ngx_http_editorial_purge_zone(purge, &key, 0);

    } else if (ngx_http_editorial_purge_add(purge, head.key.data,
                                            head.key.len)
               != NGX_OK)
    {
        ngx_http_editorial_purge_fail(purge, "no memory");
    }
}


static ngx_uint_t
ngx_http_editorial_purge_has_tag(ed_str_t tags, ngx_str_t *tag)
{
    ed_str_t  word;

    while (ed_str_word(&tags, &word)) {
        if (ed_str_eq(word, ed_str(tag->data, tag->len))) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_editorial_purge_add(ngx_http_editorial_purge_t *purge,
    const void *data, size_t len)
{
    ngx_http_editorial_purge_item_t  *item;

    if (purge->nitems == 0) {

        if (purge->keys != NULL) {
            ngx_destroy_pool(purge->keys);
        }

        purge->keys = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
        if (purge->keys == NULL) {
            return NGX_ERROR;
        }
    }

    item = &purge->items[purge->nitems];

    item->purge = purge;
    item->cmd = NULL;
    item->key.len = len;
    item->key.data = ngx_pnalloc(purge->keys, len);

    if (item->key.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(item->key.data, data, len);

    purge->nitems++;

    return NGX_OK;
}


void
ngx_http_editorial_purge_batch(ngx_http_editorial_purge_t *purge)
{
    ngx_uint_t  i;

    for (i = 0; i < purge->nitems; i++) {

        if (purge->emcf->redis_conf == NULL) {
            ngx_http_editorial_purge_zone(purge, &purge->items[i].key, 0);
            continue;
        }

        ngx_http_editorial_purge_note(&purge->items[i]);

        if (ngx_http_editorial_purge_send(&purge->items[i]) == NGX_OK) {
            purge->left++;

        } else {
            ngx_http_editorial_purge_fail(purge, "no memory");
            break;
        }
    }

    if (purge->left == 0 && purge->why.len == 0) {
        purge->nitems = 0;
        ngx_http_editorial_purge_next(purge, purge->step);
    }
}


/* By what Redis tells of its keys, another worker may take the page out of the
   zone before the answer is read here. */

static void
ngx_http_editorial_purge_note(ngx_http_editorial_purge_item_t *item)
{
    ed_zone_lookup_t  lookup;

    ngx_memzero(&lookup, sizeof(ed_zone_lookup_t));
    lookup.key = ed_str(item->key.data, item->key.len);

    ngx_editorial_zone_lookup(item->purge->emcf->zone, &lookup);

    item->there = (lookup.state != ED_PAGE_NONE);
}


void
ngx_http_editorial_purge_zone(ngx_http_editorial_purge_t *purge,
    ngx_str_t *key, ngx_uint_t removed)
{
    ngx_http_editorial_dry_purge(purge->emcf->zone, key);

    if (ngx_editorial_zone_purge(purge->emcf->zone,
                                 ed_str(key->data, key->len))
        != 0)
    {
        removed = 1;
    }

    purge->pages += removed;
}
