
/*
 * What the files of the nginx side share: the configuration of a location,
 * the context of a request, and each other's functions.
 *
 *     _module     directives, and what follows from them once
 *     _handler    before the content: which request headers the origin sees
 *     _headers    validators, preconditions and ranges of what goes out
 *     _last       … and what no other module may say of it
 *     _filter     which response is worked on, and its bytes in and out
 *     _coded      … where its origin compressed it
 *     _dry_run    … where it is only looked at
 *     _output     spans of the rewriter -> buffers of nginx
 *     _inflate    compressed bytes, in pieces
 *     _request    what the request says of the page
 *     _sleep      a request waits before its content
 *     _edition    which variant of each feature the response gets
 *     _board      … as the editors of its desk have switched it
 *     _bucket     … and as it is split over visitors
 *     _variables  what the configuration and the log may ask
 *     _log        why a page was left alone, said once a second
 *     _assets     files that are built into the module
 *     _console    the editors' page and API
 *     _articles   the pages that were planned last, and what they lack
 *     _beacon     what readers' browsers tell of tests
 *     _ledger     … counted, in shared memory and in Redis
 *     _counters   what all workers count, in shared memory
 *     _metrics    … as Prometheus reads it
 *     _node       the name of this nginx among others
 */

#ifndef NGX_HTTP_EDITORIAL_MODULE_H
#define NGX_HTTP_EDITORIAL_MODULE_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_md5.h>

#include "ed_related.h"
#include "ed_rewrite.h"
#include "ngx_editorial_redis.h"
#include "ngx_http_editorial_cache.h"
#include "ngx_http_editorial_inflate.h"


#define NGX_HTTP_EDITORIAL_VERSION   "1.0.0"

#define NGX_HTTP_EDITORIAL_OFF       0
#define NGX_HTTP_EDITORIAL_ON        1
#define NGX_HTTP_EDITORIAL_DRY_RUN   2

#define NGX_HTTP_EDITORIAL_DIGEST    16           /* bytes of an MD5 */
#define NGX_HTTP_EDITORIAL_CODING    32           /* bytes of one, shown */
#define NGX_HTTP_EDITORIAL_BUFS      2            /* of inflated bytes, */
#define NGX_HTTP_EDITORIAL_BUF_SIZE  8192         /*   each of that size */
#define NGX_HTTP_EDITORIAL_PROBE     1024         /* compressed bytes that
                                                     the header may wait for */

/* what the header waits for */
#define NGX_HTTP_EDITORIAL_WAIT_CODING   0x01     /* bytes that inflate */
#define NGX_HTTP_EDITORIAL_WAIT_ARTICLE  0x02     /* the article's beginning, */
#define NGX_HTTP_EDITORIAL_PATIENCE      65536    /*   for so many bytes */

/* in r->connection->buffered: 0x0f is nginx's transports, 0x10 the write
   filter, 0x20 gzip and gunzip */
#define NGX_HTTP_EDITORIAL_BUFFERED  0x40


/*
 * Why a response is none of our business, or ran into something only this
 * side knows.  Names by ngx_http_editorial_skip_name(); what the rewriter
 * itself refuses is named by ed_skip_name().
 */
typedef enum {
    NGX_HTTP_EDITORIAL_SKIP_NONE = 0,
    NGX_HTTP_EDITORIAL_SKIP_OFF,
    NGX_HTTP_EDITORIAL_SKIP_SUBREQUEST,
    NGX_HTTP_EDITORIAL_SKIP_METHOD,
    NGX_HTTP_EDITORIAL_SKIP_STATUS,
    NGX_HTTP_EDITORIAL_SKIP_TYPE,
    NGX_HTTP_EDITORIAL_SKIP_SIZE,
    NGX_HTTP_EDITORIAL_SKIP_CODING,      /* followed by its name */
    NGX_HTTP_EDITORIAL_SKIP_BROKEN,
    NGX_HTTP_EDITORIAL_SKIP_MEMORY,
    NGX_HTTP_EDITORIAL_SKIPS
} ngx_http_editorial_skip_e;


/* What is said at most once a second: the core's reasons, then ours, then
   what stops a page that is already under way. */
#define NGX_HTTP_EDITORIAL_INFLATE     NGX_HTTP_EDITORIAL_SKIPS
#define NGX_HTTP_EDITORIAL_DAMAGED     (NGX_HTTP_EDITORIAL_SKIPS + 1)
#define NGX_HTTP_EDITORIAL_INCOMPLETE  (NGX_HTTP_EDITORIAL_SKIPS + 2)
#define NGX_HTTP_EDITORIAL_RECORD      (NGX_HTTP_EDITORIAL_SKIPS + 3)
#define NGX_HTTP_EDITORIAL_STRANGE     (NGX_HTTP_EDITORIAL_SKIPS + 4)
#define NGX_HTTP_EDITORIAL_FULL        (NGX_HTTP_EDITORIAL_SKIPS + 5)
#define NGX_HTTP_EDITORIAL_FORMAT      (NGX_HTTP_EDITORIAL_SKIPS + 6)
#define NGX_HTTP_EDITORIAL_CAUSES                                             \
    (ED_SKIPS + NGX_HTTP_EDITORIAL_SKIPS + 7)

typedef struct {
    time_t                       said;       /* when, last */
    ngx_uint_t                   swallowed;  /* times since */
} ngx_http_editorial_cause_t;


/* A worker's own; made before the fork, so that each has a copy. */
typedef struct {
    ngx_http_editorial_cause_t   causes[NGX_HTTP_EDITORIAL_CAUSES];
    ngx_http_editorial_coder_t   coder;
    ngx_uint_t                   detached;   /* requests under way */
    ngx_uint_t                   relating;   /* pages whose related articles
                                                are being looked up */
} ngx_http_editorial_worker_t;


typedef struct ngx_http_editorial_counters_s  ngx_http_editorial_counters_t;
typedef struct ngx_http_editorial_series_s  ngx_http_editorial_series_t;
typedef struct ngx_http_editorial_find_s  ngx_http_editorial_find_t;
typedef struct ngx_http_editorial_watch_s  ngx_http_editorial_watch_t;
typedef struct ngx_http_editorial_board_s  ngx_http_editorial_board_t;
typedef struct ngx_http_editorial_desk_s  ngx_http_editorial_desk_t;
typedef struct ngx_http_editorial_test_s  ngx_http_editorial_test_t;
typedef struct ngx_http_editorial_rulings_s  ngx_http_editorial_rulings_t;
typedef struct ngx_http_editorial_report_s  ngx_http_editorial_report_t;
typedef struct ngx_http_editorial_servers_s  ngx_http_editorial_servers_t;
typedef struct ngx_http_editorial_articles_s  ngx_http_editorial_articles_t;
typedef struct ngx_http_editorial_ledger_s  ngx_http_editorial_ledger_t;
typedef struct ngx_http_editorial_ledger_writer_s
    ngx_http_editorial_ledger_writer_t;
typedef struct ngx_http_editorial_api_s  ngx_http_editorial_api_t;


/* Bytes of a node's name, at most: letters, digits, "." and "-". */
#define NGX_HTTP_EDITORIAL_NODE_NAME  64

typedef struct {
    ngx_str_t                    name;
    uint64_t                     epoch;      /* ms since 1970: since then it
                                                has counted */
} ngx_http_editorial_node_t;


struct ngx_http_editorial_main_conf_s {
    ed_arena_t                  *arena;      /* of all policies */
    ngx_editorial_zone_t        *zone;       /* NULL: none */
    ngx_editorial_redis_conf_t  *redis_conf; /* NULL: no editorial_redis */
    ngx_editorial_redis_t       *redis;      /* of this worker; NULL: none */
    ngx_http_editorial_watch_t  *watch;      /* likewise, as is this */
    ngx_http_editorial_report_t *report;
    ngx_uint_t                   ssi;        /* their modules' ctx_index; */
    ngx_uint_t                   charset;    /*   NGX_CONF_UNSET_UINT: not
                                                there */
    ngx_uint_t                   ssi_at;     /* offset of the directive's */
    ngx_uint_t                   charset_at; /*   value in its location */
    ngx_http_editorial_worker_t *worker;
    ngx_str_t                   *assets;     /* their ETags; NULL: nowhere
                                                served; */
    ngx_str_t                   *console;    /*   of the console's files */
    ngx_http_editorial_counters_t  *counters;
    ngx_http_editorial_node_t   *node;       /* shared memory; NULL: none */
    ngx_http_editorial_board_t  *board;      /* the desks */
    ngx_http_editorial_articles_t  *articles;    /* planned last */
    ngx_http_editorial_ledger_t *ledger;     /* NULL: there is no zone */
    ngx_http_editorial_ledger_writer_t  *ledger_writer;     /* of this worker;
                                                NULL: none */
    ngx_uint_t                   metrics;    /* editorial_metrics stands
                                                somewhere */
    ngx_str_t                    zoned;      /* the first directive that needs
                                                a zone; len 0: none does; */
    u_char                      *zoned_file; /*   where it stands */
    ngx_uint_t                   zoned_line;
};


/*
 * The directives that ed_policy_set() reads.  Of each the configuration keeps
 * a digest of its words and templates, all zero where it is not given: the
 * digests of all of them are the fingerprint of a policy.
 */
typedef enum {
    NGX_HTTP_EDITORIAL_ARTICLE = 0,
    NGX_HTTP_EDITORIAL_EXCLUDE,
    NGX_HTTP_EDITORIAL_DESK,
    NGX_HTTP_EDITORIAL_READ_MORE,
    NGX_HTTP_EDITORIAL_PULL_QUOTE,
    NGX_HTTP_EDITORIAL_DISCLAIMER,
    NGX_HTTP_EDITORIAL_STYLESHEET,
    NGX_HTTP_EDITORIAL_SCRIPT,
    NGX_HTTP_EDITORIAL_MAX_SIZE,
    NGX_HTTP_EDITORIAL_RELATED,
    NGX_HTTP_EDITORIAL_POLICIES
} ngx_http_editorial_policy_e;


typedef u_char  ngx_http_editorial_digest_t[NGX_HTTP_EDITORIAL_DIGEST];


struct ngx_http_editorial_loc_conf_s {
    ngx_uint_t                   mode;
    ed_policy_t                  policy;
    ed_xpath_t                  *exclude;    /* owned; the policy's may be an
                                                outer level's */
    ngx_http_editorial_digest_t  digests[NGX_HTTP_EDITORIAL_POLICIES];
    ngx_http_editorial_digest_t  fingerprint;

    ngx_http_complex_value_t    *article_id; /* NULL: $editorial_uri */
    ngx_http_complex_value_t    *opinion;    /* NULL: auto */
    ngx_http_complex_value_t    *preview;    /* NULL: off */
    ngx_http_complex_value_t    *visitor;    /* NULL: the cookie */
    ngx_http_complex_value_t    *consent;    /* NULL: none is needed */
    ngx_http_complex_value_t    *control;    /* Cache-Control; NULL: that of
                                                the origin */
    ngx_http_editorial_cache_conf_t  cache;

    ngx_http_editorial_test_t   *tests[ED_FEATURES];    /* NULL: none */
    ngx_http_editorial_desk_t   *desk;       /* NULL: the mode is off */
    ngx_http_editorial_rulings_t  *rulings;  /* of its desk; likewise */

    ngx_http_editorial_series_t **series[ED_FEATURES];  /* by variant; NULL:
                                                the feature has none */
    ngx_uint_t                   own;        /* what it serves is no page, but
                                                our own */
    const ngx_http_editorial_api_t  *api;    /* that it serves; NULL: none */
    ngx_http_complex_value_t    *console;    /* its user; NULL: no console */

    ngx_hash_t                   types;
    ngx_array_t                 *types_keys;
};


/*
 * The request headers that the origin is not to see.  While they are hidden,
 * r->headers_in has a copy of the list without them, and the client's own
 * list and pointers are kept here.
 */
#define NGX_HTTP_EDITORIAL_HIDDEN    6

typedef struct {
    ngx_list_t                   headers;
    ngx_table_elt_t             *typed[NGX_HTTP_EDITORIAL_HIDDEN];

    ngx_str_t                    args;       /* the client's, while others */
    ngx_str_t                    unparsed_uri;   /* stand in their place: */
    u_char                      *own_args;       /* these; NULL: none do */
    u_char                      *own_uri;
} ngx_http_editorial_client_t;


/* The record of an article, and what Redis says of it. */
typedef struct {
    ed_str_t                     json;       /* in force; len 0: none */
    ed_record_t                  parsed;     /* of it */
    ed_str_t                     features;   /* ed_record_features() */
    u_char                       digest[ED_RECORD_DIGEST];   /* of what Redis
                                                has; zero: nothing */
    ed_arena_t                  *arena;      /* NULL: nothing to be freed */
    unsigned                     known:1;    /* Redis was asked, and said so */
    unsigned                     malformed:1;    /* … something unreadable */
} ngx_http_editorial_record_t;

/* The notes of the page that is kept so far (ed_related.h). */
typedef struct {
    ed_notes_t                   parsed;
    u_char                       digest[ED_RECORD_DIGEST];   /* of the links */
    ed_arena_t                  *arena;
} ngx_http_editorial_notes_t;

/* Bytes of an article's id; one that is longer is none. */
#define NGX_HTTP_EDITORIAL_MAX_ARTICLE  2048


/*
 * The context of a request.  It hangs on a cleanup of the pool, where it is
 * found again after an internal redirect has cleared r->ctx.
 *
 *     in  --inflate-->  bufs  --rewrite-->  out  --next filter-->  busy
 *     (compressed         the input's own buffers,            given back as
 *      bodies only)       where it is not compressed          they are sent
 */
struct ngx_http_editorial_ctx_s {
    ngx_http_editorial_loc_conf_t  *conf;    /* where the answer came from */
    ngx_http_editorial_cache_ctx_t *cache;   /* NULL: not looked up */
    ngx_http_editorial_cache_ctx_t *kept_dry;    /* of a dry run; NULL: the
                                                page is not kept */

    ngx_http_editorial_client_t    *client;  /* NULL: never hidden */

    ngx_str_t                       article; /* its id, once identified */
    ngx_http_editorial_find_t      *find;    /* NULL: Redis was not asked */
    ngx_http_editorial_record_t    *record;  /* NULL: not known */
    ngx_http_editorial_notes_t     *notes;   /* NULL: none are known */

    ngx_http_editorial_skip_e       skip;
    ngx_str_t                       coding;  /* that cannot be read */

    ed_page_t                       page;
    ed_edition_t                    edition;
    ed_rewrite_t                   *rewrite; /* NULL where there is no body */
    ed_walk_t                       walk;
    uint64_t                        spent;   /* ns in the rewriter */
    ngx_uint_t                      fresh;   /* a bucket that was drawn for
                                                him, from 1; 0: none yet */
    ngx_str_t                       etag;    /* len 0: the page has none */
    u_char                          seed[ED_STORED_DIGEST];  /* of it */

    ngx_http_editorial_inflate_t   *inflate; /* NULL: not compressed */
    ngx_chain_t                    *in;
    ngx_buf_t                      *probe;
    ngx_buf_t                       bufs[NGX_HTTP_EDITORIAL_BUFS];

    ngx_chain_t                    *out;
    ngx_chain_t                   **last_out;
    ngx_chain_t                    *busy;
    ngx_chain_t                    *free;

    ngx_uint_t                      wait;    /* for what in the body the header
                                                waits, and all output */
    size_t                          waited;  /* bytes of the page, plain, that
                                                came meanwhile */

    unsigned                        identified:1;
    unsigned                        hidden:1;    /* request headers are */
    unsigned                        answered:1;  /* a response has begun */
    unsigned                        working:1;   /* its body is ours */
    unsigned                        dry:1;       /* … to look at only */
    unsigned                        settled:1;   /* the rest goes through */
    unsigned                        failed:1;    /* … or nothing more does */
    unsigned                        weak:1;      /* its ETag is */
    unsigned                        assigned:1;  /* … its edition is known */
    unsigned                        previewed:1; /* variants are forced */
    unsigned                        tested:1;    /* a test runs here, though
                                                    maybe without him, */
    unsigned                        unknown:1;   /*   and his bucket is new */
    unsigned                        divided:1;   /* the page is one of several
                                                    at a time, */
    unsigned                        cookie:1;    /*   and he is to know his
                                                    bucket */
};


extern ngx_module_t  ngx_http_editorial_module;


/* _handler */

/* The request's context: NULL where it has none; made where it has none
   (NULL: no memory). */
ngx_http_editorial_ctx_t *ngx_http_editorial_find(ngx_http_request_t *r);
ngx_http_editorial_ctx_t *ngx_http_editorial_get(ngx_http_request_t *r);

ngx_int_t ngx_http_editorial_handler(ngx_http_request_t *r);

/* Hides from the origin what it is not to see; NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_hide(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Gives r->headers_in its own headers back, where they are hidden. */
void ngx_http_editorial_unhide(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The arguments as the client sent them, also while others are in place. */
ngx_str_t ngx_http_editorial_client_args(ngx_http_request_t *r);

/* Does an Accept-Encoding take gzip, with q above 0? (RFC 9110, 12.5.3) */
ngx_uint_t ngx_http_editorial_accepts_gzip(ngx_list_t *headers);


/* _headers */

/* Makes ctx->seed and ctx->etag from the origin's; NGX_ERROR: no memory. */
ngx_int_t ngx_http_editorial_make_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Makes ctx->etag of ctx->seed and ctx->edition. */
ngx_int_t ngx_http_editorial_format_etag(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t coded);

/* Does If-None-Match list the tag? */
ngx_uint_t ngx_http_editorial_has_copy(ngx_http_request_t *r,
    ngx_str_t *etag);

/* The Cache-Control that goes downstream, where it is not the origin's. */
ngx_int_t ngx_http_editorial_control(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_add_cache_control(ngx_http_request_t *r,
    ed_str_t value);

/*
 * The client's preconditions against a representation (RFC 9110, 13.2.2):
 * NGX_OK, NGX_HTTP_NOT_MODIFIED or NGX_HTTP_PRECONDITION_FAILED.  etag may
 * be empty, modified -1.
 */
ngx_int_t ngx_http_editorial_preconditions(ngx_http_request_t *r,
    ngx_str_t *etag, time_t modified);

/* The body is not coded, or no longer. */
void ngx_http_editorial_clear_coding(ngx_http_request_t *r);

/* Turns the response into a 304. */
void ngx_http_editorial_not_modified(ngx_http_request_t *r);

/* Lets the range filter serve the range that the origin was not asked for. */
void ngx_http_editorial_offer_ranges(ngx_http_request_t *r);

/* Makes the headers those of the page as it is sent. */
ngx_int_t ngx_http_editorial_page_headers(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _filter */

ngx_int_t ngx_http_editorial_filter_init(ngx_conf_t *cf);

ngx_int_t ngx_http_editorial_next_header(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);
ngx_int_t ngx_http_editorial_next_body(ngx_http_request_t *r,
    ngx_chain_t *out);

/*
 * The header no longer waits for that.  NGX_ERROR: it could not be sent, or
 * is not to be followed by a body.
 */
ngx_int_t ngx_http_editorial_release(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_uint_t what);

/* The page is left alone, there is no memory for it: NGX_DECLINED. */
ngx_int_t ngx_http_editorial_nomem(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _coded */

/*
 * Makes ctx->inflate where the body needs one.  NGX_DECLINED: it is in a
 * coding that cannot be read, or there is no memory.
 */
ngx_int_t ngx_http_editorial_coding(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The body filter of a compressed page. */
ngx_int_t ngx_http_editorial_coded(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);

/*
 * An empty buffer of ours; NULL where all are on their way to the client;
 * its start is NULL where there is no memory.
 */
ngx_buf_t *ngx_http_editorial_free_buf(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _dry_run */

/* Is the body only to be looked at? */
ngx_uint_t ngx_http_editorial_is_aside(ngx_http_editorial_ctx_t *ctx);

/* The body filter of a dry run, and of a refresh. */
ngx_int_t ngx_http_editorial_aside(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_chain_t *in);


/* _output */

/* Feeds a buffer to the rewriter and appends what is settled to ctx->out. */
ngx_int_t ngx_http_editorial_feed(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);

/* Appends a buffer as it is. */
ngx_int_t ngx_http_editorial_pass(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_buf_t *b);

/* Does a buffer say that the origin has failed in the middle of the page? */
ngx_uint_t ngx_http_editorial_is_cut(ngx_http_request_t *r, ngx_buf_t *b);

/* Appends what the rewriter holds, unchanged, and ends its work. */
ngx_int_t ngx_http_editorial_abandon(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* After each feed: has the rewriter settled? */
void ngx_http_editorial_settle(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Before each walk: stylesheet and script, which the rewriter knows before
   the first piece. */
void ngx_http_editorial_set_assets(ngx_http_editorial_ctx_t *ctx);

/* Sends ctx->out on, unless the header still waits. */
ngx_int_t ngx_http_editorial_send(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* Gives back what has been sent. */
void ngx_http_editorial_reclaim(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The buffer's bytes are no longer needed. */
void ngx_http_editorial_consume(ngx_buf_t *b);


/* _request */

/* What the rewriter is told of the page; all of it lives in r->pool. */
ngx_int_t ngx_http_editorial_describe(ngx_http_request_t *r,
    ed_page_t *page);

/* $editorial_uri: the path of the request line, normalised and escaped. */
ngx_int_t ngx_http_editorial_uri(ngx_http_request_t *r, ngx_str_t *uri);

/* The same of any path, as it is written; a query behind it is left out.
   NGX_DECLINED: it is none. */
ngx_int_t ngx_http_editorial_uri_of(ngx_http_request_t *r, ngx_str_t *written,
    ngx_str_t *uri);

/* $editorial_article_id. */
ngx_int_t ngx_http_editorial_article_id(ngx_http_request_t *r,
    ngx_str_t *id);

/* "http" or "https"; the host as $host has it. */
void ngx_http_editorial_scheme(ngx_http_request_t *r, ngx_str_t *scheme);
void ngx_http_editorial_server(ngx_http_request_t *r, ngx_str_t *host);

/* page->host: as $host has it, with the port of the Host header where that is
   not the one of page->scheme. */
ngx_int_t ngx_http_editorial_host(ngx_http_request_t *r, ed_page_t *page);

/* editorial_opinion, for this request. */
ed_opinion_e ngx_http_editorial_opinion(ngx_http_request_t *r);


/* _record */

/* What the record of the response's article says of features, by names; its
   digest. */
ed_str_t ngx_http_editorial_features(ngx_http_editorial_ctx_t *ctx);
const u_char *ngx_http_editorial_digest_of(ngx_http_editorial_ctx_t *ctx);


/* _notes */

/* The related articles that are known, for a page that is to be planned, and
   their digest. */
void ngx_http_editorial_use_notes(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_page_t *page);
const u_char *ngx_http_editorial_related_of(ngx_http_editorial_ctx_t *ctx);

void ngx_http_editorial_notes_end(ngx_http_editorial_ctx_t *ctx);


/* _sleep */

/* NGX_AGAIN, to be returned by our phase handler: the request sleeps until it
   is woken; or an error of a phase handler. */
ngx_int_t ngx_http_editorial_sleep(ngx_http_request_t *r);

/* Calls our phase handler again.  The request may be gone after that. */
void ngx_http_editorial_wake(ngx_http_request_t *r);


/* _edition */

/* The edition of the response: ctx->edition, and all that goes with it. */
void ngx_http_editorial_assign(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);

/* The edition that a response of that location has; returns of it: */
#define NGX_HTTP_EDITORIAL_PREVIEWED  0x01   /* variants were forced */
#define NGX_HTTP_EDITORIAL_TESTED     0x02   /* a test runs here */
#define NGX_HTTP_EDITORIAL_UNKNOWN    0x04   /* … and the reader is new */
ngx_uint_t ngx_http_editorial_edition(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf,
    ed_edition_t *edition);

/* The features that are tested in a location now, bit f for feature f. */
unsigned ngx_http_editorial_tests(ngx_http_editorial_loc_conf_t *conf);

/* Does a filter after us rewrite the body, so that it must not be coded? */
ngx_uint_t ngx_http_editorial_recoded(ngx_http_request_t *r);
void ngx_http_editorial_find_recoders(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);


/* _bucket */

/* The reader's bucket; *fresh: it was drawn for this request. */
ngx_uint_t ngx_http_editorial_bucket(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ngx_http_editorial_loc_conf_t *conf,
    ngx_uint_t *fresh);

/* The bucket that the request says; NGX_DECLINED: it says none. */
ngx_int_t ngx_http_editorial_said_bucket(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf);

/* Does he consent to be told apart? */
ngx_uint_t ngx_http_editorial_consents(ngx_http_request_t *r,
    ngx_http_editorial_loc_conf_t *conf);

/* $editorial_bucket */
ngx_int_t ngx_http_editorial_bucket_name(ngx_http_request_t *r,
    ngx_str_t *name);

/* Tells him the bucket that was drawn. */
ngx_int_t ngx_http_editorial_bucket_cookie(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx);


/* _variables */

ngx_int_t ngx_http_editorial_add_variables(ngx_conf_t *cf);

ngx_str_t *ngx_http_editorial_skip_name(ngx_http_editorial_skip_e skip);

/* Why nothing was done, as far as is known: an ed_skip_e, or ED_SKIPS + a
   ngx_http_editorial_skip_e.  ED_SKIP_NONE: it was, or is still open. */
ngx_uint_t ngx_http_editorial_reason(ngx_http_editorial_ctx_t *ctx);
void ngx_http_editorial_reason_name(ngx_uint_t reason, ngx_str_t *name);


/* _log */

/* Says why the rewriter gave up, where that is a failure. */
void ngx_http_editorial_log_skip(ngx_http_request_t *r,
    ngx_http_editorial_ctx_t *ctx, ed_skip_e skip);

/* One line, unless the same cause had one within the second.  cause is a
   ngx_http_editorial_skip_e or NGX_HTTP_EDITORIAL_INFLATE. */
void ngx_http_editorial_log(ngx_http_request_t *r, ngx_uint_t level,
    ngx_uint_t cause, const char *fmt, ...);


/* _assets */

/* The directive "editorial_assets". */
char *ngx_http_editorial_assets_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* _console */

/* The directive "editorial_console". */
char *ngx_http_editorial_console_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Before the rest of a location is merged: in "if" and "limit_except" blocks,
   the location around them is a console, or a beacon, too. */
void ngx_http_editorial_api_merge(ngx_conf_t *cf,
    ngx_http_editorial_loc_conf_t *prev, ngx_http_editorial_loc_conf_t *conf);


/* _beacon */

/* The directive "editorial_beacon". */
char *ngx_http_editorial_beacon_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* _metrics */

/* The directive "editorial_metrics". */
char *ngx_http_editorial_metrics_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* _node */

/* Its memory, where there is that of the counters. */
ngx_int_t ngx_http_editorial_node_add(ngx_conf_t *cf,
    ngx_http_editorial_main_conf_t *emcf);

/* This nginx: name and epoch stay until it is started anew.  NULL: there are
   neither a zone nor metrics. */
const ngx_http_editorial_node_t *ngx_http_editorial_node(
    ngx_http_editorial_main_conf_t *emcf);


#endif /* NGX_HTTP_EDITORIAL_MODULE_H */
