
/*
 * Redis behind the zone: pages and records that the whole web tier shares.
 *
 *     _redis         the directive, a worker's client, names of keys
 *     _redis_script  what must happen in one step there
 *     _find          a request asks, and sleeps until it is answered
 *     _record        the article's record, as the answer has it
 *     _cache_redis   the steps of a look-up that need an answer
 *     _cache_adopt   what becomes of a page that was found
 *     _cache_share   what is written: pages, coded forms, marks
 *     _notes         what is kept with a page beside its record
 *     _related       articles that share tags: their lists, written and read
 *     _cache_tags    … and under which tags
 *     _watch         what others write, and which of the zone's pages that is
 *     _watch_desk    … and what of it editors say of their desks
 *     _servers       which servers there are, and what each has been told
 *     _redis_report  what the metrics say of the client
 *
 *     P is the prefix
 *     P page:{KEY}     a stored page: head and body (ed_stored.h)
 *     P gzip:{KEY}     its head again, and its coded parts (ed_deflate.h)
 *     P lock:{KEY}     a token: somebody fetches it; or "unstorable"
 *     P purged:{KEY}   when it was purged, ms by Redis' clock
 *     P article:ID     an article's record
 *     P tag:TAG        keys of pages by the end of their life
 *     P related:D:TAG  articles of desk D by their time (ed_related.h)
 *     P desk:DESK      states of features, and "paused"
 *     P servers        the servers that share it
 *     P gen            the generation; raised by "purge all"
 */

#ifndef NGX_HTTP_EDITORIAL_REDIS_H
#define NGX_HTTP_EDITORIAL_REDIS_H


#include "ngx_editorial_redis_get.h"
#include "ngx_http_editorial_module.h"


/* Bytes at the beginning of a page that tell which one it is. */
#define NGX_HTTP_EDITORIAL_REVISION  ED_STORED_LOOK

/* What stands in a lock that nobody is to wait for. */
#define NGX_HTTP_EDITORIAL_UNSTORABLE  "unstorable"


/* What a request may ask Redis for, all in one go. */
typedef enum {
    NGX_HTTP_EDITORIAL_FIND_PAGE = 0,
    NGX_HTTP_EDITORIAL_FIND_REVISION,      /* the page's first bytes */
    NGX_HTTP_EDITORIAL_FIND_CODED,
    NGX_HTTP_EDITORIAL_FIND_RECORD,
    NGX_HTTP_EDITORIAL_FIND_GENERATION,
    NGX_HTTP_EDITORIAL_FINDS
} ngx_http_editorial_find_e;

#define ngx_http_editorial_find_bit(name)                                     \
    (1 << NGX_HTTP_EDITORIAL_FIND_##name)


typedef struct {
    ngx_editorial_redis_get_t    *get;     /* in flight; NULL: not */
    ngx_editorial_redis_rc_e      rc;
    ngx_editorial_redis_value_t  *value;   /* held; NULL: there is none */
} ngx_http_editorial_found_t;


/* What was asked, and the answers; ctx->find. */
struct ngx_http_editorial_find_s {
    ngx_http_request_t           *r;
    ngx_http_editorial_found_t    found[NGX_HTTP_EDITORIAL_FINDS];
    ngx_uint_t                    asked;   /* bits */
    ngx_uint_t                    pending;
    ngx_editorial_redis_cmd_t    *cmd;     /* a script in flight; or NULL */
    ngx_int_t                     reply;   /* of a script that answers by a
                                              number; NGX_ERROR: no answer */
    uint64_t                      since;   /* ngx_http_editorial_clock() */
    ngx_event_t                   guard;
};


/* Steps that Redis does at once; see _redis_script. */
typedef enum {
    NGX_HTTP_EDITORIAL_SCRIPT_LOCK = 0,
    NGX_HTTP_EDITORIAL_SCRIPT_UNLOCK,
    NGX_HTTP_EDITORIAL_SCRIPT_STORE,
    NGX_HTTP_EDITORIAL_SCRIPT_STORE_CODED,
    NGX_HTTP_EDITORIAL_SCRIPT_RENEW,
    NGX_HTTP_EDITORIAL_SCRIPT_TAG,
    NGX_HTTP_EDITORIAL_SCRIPT_RELATE,
    NGX_HTTP_EDITORIAL_SCRIPT_SWAP,
    NGX_HTTP_EDITORIAL_SCRIPTS
} ngx_http_editorial_script_e;

#define NGX_HTTP_EDITORIAL_SCRIPT_KEYS  3
#define NGX_HTTP_EDITORIAL_SCRIPT_ARGS  4


/* _redis */

char *ngx_http_editorial_redis_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A worker begins and ends. */
ngx_int_t ngx_http_editorial_redis_init_process(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);
void ngx_http_editorial_redis_exit_process(
    ngx_http_editorial_main_conf_t *emcf);

/* Would a command be sent now? */
ngx_uint_t ngx_http_editorial_redis_is_up(
    ngx_http_editorial_main_conf_t *emcf);

/* Prefix, kind ("page:"), name; with braces around the name, or without.
   NGX_ERROR: no memory in pool. */
ngx_int_t ngx_http_editorial_redis_key(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, const char *kind, ngx_str_t *name, ngx_uint_t braces,
    ngx_str_t *key);

/* What a value says as a whole number, 0 where there is none (NULL);
   NGX_ERROR: it says something else. */
ngx_int_t ngx_http_editorial_redis_number(ngx_editorial_redis_value_t *value);


/* _redis_script */

/*
 * Runs a script on the page of that name, with its arguments (as many as it
 * takes).  handler may be NULL: nobody waits for the answer.  NGX_ERROR: no
 * memory, or no Redis; *cmd (may be NULL) is the command.
 */
ngx_int_t ngx_http_editorial_script(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_script_e script, ngx_str_t *name, ngx_str_t *args,
    ngx_editorial_redis_handler_pt handler, void *data,
    ngx_editorial_redis_cmd_t **cmd);

/* A new token, NGX_HTTP_EDITORIAL_TOKEN bytes. */
void ngx_http_editorial_make_token(u_char *token);

/* A revision as scripts compare it: returns how many bytes, 0 for none. */
#define NGX_HTTP_EDITORIAL_REVISION_LEN  8
size_t ngx_http_editorial_revision_bytes(uint64_t revision, u_char *bytes);

/* What LOCK answers. */
#define NGX_HTTP_EDITORIAL_LOCK_BUSY        -2   /* another fetches it */
#define NGX_HTTP_EDITORIAL_LOCK_UNSTORABLE  -3
#define NGX_HTTP_EDITORIAL_LOCK_PAGE        -4   /* another page is there than
                                                    the one that is known */
                                  /* above 0: taken; Redis' clock, ms */


/* _find */

/*
 * Asks for these (bits), in place of what was asked before.  NGX_AGAIN: the
 * request sleeps, and is woken when all answers are there; NGX_DECLINED:
 * Redis is not up; an error of a phase handler.
 */
ngx_int_t ngx_http_editorial_find_ask(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t what);

/* Sleeps until a script has answered: find->reply. */
ngx_int_t ngx_http_editorial_find_script(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_script_e script,
    ngx_str_t *name, ngx_str_t *args);

/* The answer to one of what was asked: NGX_OK, *value may be NULL; NGX_ERROR:
   there is none. */
ngx_int_t ngx_http_editorial_find_answer(ngx_http_editorial_ctx_t *ctx,
    ngx_http_editorial_find_e what, ngx_editorial_redis_value_t **value);

/* Does it sleep? */
ngx_uint_t ngx_http_editorial_find_sleeps(ngx_http_editorial_ctx_t *ctx);

/* Cancels what is in flight, and lets the answers go. */
void ngx_http_editorial_find_end(ngx_http_editorial_ctx_t *ctx);


/* _record */

/* The article's id, once; ctx->article. */
void ngx_http_editorial_identify_article(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Without a cache: asks for the record.  NGX_DECLINED: it is there, or never
   will be; else the phase handler's result. */
ngx_int_t ngx_http_editorial_record_wait(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Makes ctx->record of the answer, where there is one. */
void ngx_http_editorial_record_take(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Puts the one that a kept page was planned by in force, unless Redis has one
   that can be read (or has none). */
void ngx_http_editorial_record_fall_back(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_str_t json, const u_char *digest);

/* What is in force; NULL: nothing. */
const ed_record_t *ngx_http_editorial_record_of(
    ngx_http_editorial_ctx_t *ctx);

void ngx_http_editorial_record_end(ngx_http_editorial_ctx_t *ctx);


/* _cache_redis */

/*
 * Steps of a look-up.  Each: NGX_DECLINED, the origin is to be asked; else the
 * phase handler's result.
 */

/* Asks for what passes the cache by needs, too: record and generation. */
ngx_int_t ngx_http_editorial_cache_inquire(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* A page of the zone that may be old. */
ngx_int_t ngx_http_editorial_cache_check(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* A page that the zone has not. */
ngx_int_t ngx_http_editorial_cache_find(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* May this node fetch it? */
ngx_int_t ngx_http_editorial_cache_claim(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* A refresh begins. */
ngx_int_t ngx_http_editorial_cache_begin_refresh(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* What goes on when the request is woken; by cache->step. */
ngx_int_t ngx_http_editorial_cache_inquired(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_checked(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_was_found(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_claimed(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_cache_refresh_inquired(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _cache_adopt */

/* What was found: the page, or its coded form if that is of the page that is
   there.  NULL: there is none. */
ngx_editorial_redis_value_t *ngx_http_editorial_cache_answer(
    ngx_http_editorial_ctx_t *ctx);

/* That becomes the page in hand: in the zone, where that has room for it, or
   where it is.  NGX_DECLINED: it is of no use. */
ngx_int_t ngx_http_editorial_cache_adopt(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_editorial_redis_value_t *value);


/* _cache_share: none of these waits for an answer. */

/* The page of cache->head, as encoded, and its tags; the lock goes.  head and
   body may go when it returns. */
void ngx_http_editorial_share_page(ngx_http_editorial_cache_ctx_t *cache,
    ed_str_t head, ed_str_t body);

/* The coded parts of a page with that head. */
void ngx_http_editorial_share_coded(ngx_http_editorial_main_conf_t *emcf,
    ngx_str_t *key, ed_str_t head, ed_str_t coded);

/* The kept page has new times; the lock goes.  life: those it had. */
void ngx_http_editorial_share_times(ngx_http_editorial_cache_ctx_t *cache,
    ed_lifetime_t *old, ed_lifetime_t *life);

/* Lets the fleet's lock go; mark, ms: nobody is to wait for the page so long;
   drop: the page that is there goes. */
void ngx_http_editorial_share_unlock(ngx_http_editorial_cache_ctx_t *cache,
    ngx_msec_t mark, ngx_uint_t drop);

/* The page is in use; it is of no use, or its coded form alone is not. */
void ngx_http_editorial_share_touch(ngx_http_editorial_cache_ctx_t *cache);
void ngx_http_editorial_share_drop(ngx_http_editorial_cache_ctx_t *cache,
    ngx_uint_t coded);


/* _cache_tags */

/* Lists the page under its tags, to the end of its life (s); and purges it
   where one of them was purged after its fetch began. */
void ngx_http_editorial_share_tags(ngx_http_editorial_main_conf_t *emcf,
    ngx_http_editorial_cache_ctx_t *cache, ed_str_t tags, int64_t end);

/* The key of the mark that a purge leaves.  NGX_ERROR: no memory in pool. */
ngx_int_t ngx_http_editorial_tag_mark(ngx_http_editorial_main_conf_t *emcf,
    ngx_pool_t *pool, ngx_str_t *tag, ngx_str_t *key);


/* _watch */

/* In a worker: takes its part in watching, where there is a zone. */
ngx_int_t ngx_http_editorial_watch_init_process(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);
void ngx_http_editorial_watch_exit_process(
    ngx_http_editorial_main_conf_t *emcf);


/* _watch_desk */

typedef struct ngx_http_editorial_watch_desks_s
    ngx_http_editorial_watch_desks_t;

/* In a worker.  NULL: no memory. */
ngx_http_editorial_watch_desks_t *ngx_http_editorial_watch_desks_create(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);

/* Reads all desks, or that one; whatever is still to be read; nothing more. */
void ngx_http_editorial_watch_desks_all(
    ngx_http_editorial_watch_desks_t *desks);
void ngx_http_editorial_watch_desks_told(
    ngx_http_editorial_watch_desks_t *desks, ngx_str_t *name);
void ngx_http_editorial_watch_desks_tick(
    ngx_http_editorial_watch_desks_t *desks);
void ngx_http_editorial_watch_desks_end(
    ngx_http_editorial_watch_desks_t *desks);


/* Does this worker hold the connection that tells of changes?  *lag: of its
   last answer, ms. */
ngx_uint_t ngx_http_editorial_watch_is_on(
    ngx_http_editorial_main_conf_t *emcf, ngx_msec_t *lag);


/* _redis_report: a worker says how it stands with Redis, for the metrics, and
   one of them looks after the kept keys. */
ngx_int_t ngx_http_editorial_report_init_process(
    ngx_http_editorial_main_conf_t *emcf, ngx_cycle_t *cycle);
void ngx_http_editorial_report_exit_process(
    ngx_http_editorial_main_conf_t *emcf);


#endif /* NGX_HTTP_EDITORIAL_REDIS_H */
