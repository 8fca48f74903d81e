
/*
 * A kept page is planned again by the related articles that were found.  In
 * Redis it is swapped only for the one it was made of, and in the zone only
 * while that is still there, so that nobody's newer page is lost.  Other nodes
 * hear of it as of any page that was written.
 */

#include "ngx_http_editorial_counters.h"
#include "ngx_http_editorial_related_int.h"


static ngx_int_t ngx_http_editorial_relation_open(
    ngx_http_editorial_relation_t *relation);
static ngx_int_t ngx_http_editorial_relation_read(
    ngx_http_editorial_relation_t *relation);
static void ngx_http_editorial_relation_rewrite(
    ngx_http_editorial_relation_t *relation);
static const u_char *ngx_http_editorial_relation_bytes(
    ngx_http_editorial_relation_t *relation, size_t offset, size_t *len);
static ngx_int_t ngx_http_editorial_relation_copy(
    ngx_http_editorial_relation_t *relation, uint32_t offset, uint32_t len,
    ed_str_t *copy);
static ed_rc_t ngx_http_editorial_relation_build(
    ngx_http_editorial_relation_t *relation, ed_rewrite_t *rewrite,
    ed_build_t *build);
static void ngx_http_editorial_relation_feed(ed_rewrite_t *rewrite,
    ed_build_t *build, const u_char *data, size_t len, ngx_uint_t last);
static ed_rc_t ngx_http_editorial_relation_encode(
    ngx_http_editorial_relation_t *relation, ed_rewrite_t *rewrite,
    ed_build_t *build, ed_buf_t *head);
static void ngx_http_editorial_relation_store(
    ngx_http_editorial_relation_t *relation, ed_buf_t *head, ed_buf_t *body);
static void ngx_http_editorial_relation_swap(
    ngx_http_editorial_relation_t *relation, uint64_t was, ed_buf_t *head,
    ed_buf_t *body);
static void ngx_http_editorial_relation_note(
    ngx_http_editorial_relation_t *relation, const ed_facts_t *facts);


void
ngx_http_editorial_relation_plan(ngx_http_editorial_relation_t *relation)
{
    if (ngx_http_editorial_relation_open(relation) == NGX_OK
        && ngx_http_editorial_relation_read(relation) == NGX_OK)
    {
        ngx_http_editorial_relation_rewrite(relation);
    }
}


/* The page that is kept now, and its head.  NGX_DECLINED: there is none that
   could be planned again. */

static ngx_int_t
ngx_http_editorial_relation_open(ngx_http_editorial_relation_t *relation)
{
    size_t                        len;
    const u_char                 *p;
    ed_zone_lookup_t             *lookup;
    ngx_editorial_zone_t         *zone;
    ngx_editorial_redis_value_t  *value;

    lookup = &relation->lookup;
    zone = relation->emcf->zone;

    if (zone == NULL) {
        value = relation->value;

        if (ed_stored_decode(value->data, value->len, 1, &relation->head)
            != ED_OK
            || !ed_stored_verify(&relation->head,
                                 value->data + relation->head.head_len,
                                 value->len - relation->head.head_len))
        {
            return NGX_DECLINED;
        }

        relation->life.dated = relation->head.dated;
        relation->life.fresh = relation->head.fresh;
        relation->life.stale = relation->head.stale;
        relation->life.error = relation->head.error;

        return NGX_OK;
    }

    ngx_memzero(lookup, sizeof(ed_zone_lookup_t));

    lookup->key = ed_str(relation->key.data, relation->key.len);
    lookup->article = ngx_editorial_zone_article(zone,
                                            ed_str(relation->article.data,
                                                   relation->article.len));
    lookup->pin = 1;

    ngx_editorial_zone_lookup(zone, lookup);

    if (lookup->state == ED_PAGE_NONE) {
        lookup->page.entry = ED_ZONE_NONE;
        return NGX_DECLINED;
    }

    lookup->stamp.article = lookup->article;
    relation->life = lookup->page.times;

    p = ngx_http_editorial_relation_bytes(relation, 0, &len);

    return ed_stored_decode(p, len, 0, &relation->head) == ED_OK
           && relation->head.head_len == lookup->page.head_len
           && ngx_editorial_zone_is_intact(zone, &lookup->page)
           ? NGX_OK : NGX_DECLINED;
}


/* Its record and its notes.  NGX_DECLINED: it has these links already, or was
   planned by another configuration, which is for the next reader to mend. */

static ngx_int_t
ngx_http_editorial_relation_read(ngx_http_editorial_relation_t *relation)
{
    char       error[ED_MAX_ERROR];
    u_char     policy[ED_STORED_DIGEST];
    uint32_t   offset, len;
    ed_str_t   json;

    ngx_http_editorial_cache_policy(relation->conf, relation->page.opinion,
                                    policy);

    if (ngx_memcmp(policy, relation->head.policy, ED_STORED_DIGEST) != 0
        || !ed_stored_notes(&relation->head, &offset, &len)
        || ngx_http_editorial_relation_copy(relation, offset, len, &json)
           != NGX_OK
        || ed_notes_read(relation->arena, json, 0, &relation->notes) != ED_OK
        || ed_related_same(&relation->notes.related, &relation->found))
    {
        return NGX_DECLINED;
    }

    if (!ed_stored_record(&relation->head, &offset, &len)) {
        return NGX_OK;
    }

    if (ngx_http_editorial_relation_copy(relation, offset, len,
                                         &relation->json)
        != NGX_OK
        || ed_record_parse(relation->arena, relation->json, &relation->record,
                           error, sizeof(error))
           != ED_OK)
    {
        return NGX_DECLINED;
    }

    relation->page.record = &relation->record;

    return NGX_OK;
}


static const u_char *
ngx_http_editorial_relation_bytes(ngx_http_editorial_relation_t *relation,
    size_t offset, size_t *len)
{
    if (relation->value != NULL) {
        *len = relation->value->len - offset;
        return relation->value->data + offset;
    }

    return ngx_editorial_zone_bytes(relation->emcf->zone,
                                    &relation->lookup.page, 0, offset, len);
}


/* Of its body. */

static ngx_int_t
ngx_http_editorial_relation_copy(ngx_http_editorial_relation_t *relation,
    uint32_t offset, uint32_t len, ed_str_t *copy)
{
    size_t         n, done;
    u_char        *p;
    const u_char  *bytes;

    p = ed_arena_alloc(relation->arena, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    for (done = 0; done < len; done += n) {
        bytes = ngx_http_editorial_relation_bytes(relation,
                                  relation->head.head_len + offset + done, &n);
        n = ngx_min(n, len - done);
        ngx_memcpy(p + done, bytes, n);
    }

    *copy = ed_str(p, len);

    return NGX_OK;
}


static void
ngx_http_editorial_relation_rewrite(ngx_http_editorial_relation_t *relation)
{
    ed_buf_t       head;
    ed_page_t     *page;
    ed_build_t     build;
    ed_rewrite_t  *rewrite;

    page = &relation->page;

    page->charset = ed_charset_parameter(relation->head.content_type);
    page->related = relation->found.list;
    page->nrelated = relation->found.n;

    rewrite = ed_rewrite_create(&relation->conf->policy, page);
    if (rewrite == NULL) {
        return;
    }

    ed_build_init(&build, (size_t) relation->head.body_len
                          + NGX_HTTP_EDITORIAL_MAX_FURNITURE);
    ed_buf_init(&head, ED_MAX_HEAD);

    if (ngx_http_editorial_relation_build(relation, rewrite, &build) == ED_OK
        && ngx_http_editorial_relation_encode(relation, rewrite, &build,
                                              &head)
           == ED_OK)
    {
        ngx_http_editorial_relation_note(relation, ed_rewrite_facts(rewrite));
        ngx_http_editorial_relation_store(relation, &head, &build.body);
    }

    ed_buf_free(&head);
    ed_build_free(&build);
    ed_rewrite_destroy(rewrite);
}


/* ED_NOMEM, or nothing is known of the article any more. */

static ed_rc_t
ngx_http_editorial_relation_build(ngx_http_editorial_relation_t *relation,
    ed_rewrite_t *rewrite, ed_build_t *build)
{
    char          *notes;
    size_t         len, done;
    ngx_uint_t     i;
    ed_part_t      part;
    const u_char  *p;

    for (i = 0; i < relation->head.nparts; i++) {
        ed_stored_part(&relation->head, i, &part);

        for (done = 0;
             part.kind == ED_SPAN_SOURCE && done < part.len;
             done += len)
        {
            p = ngx_http_editorial_relation_bytes(relation,
                             relation->head.head_len + part.offset + done,
                             &len);
            len = ngx_min(len, part.len - done);

            ngx_http_editorial_relation_feed(rewrite, build, p, len, 0);
        }
    }

    ngx_http_editorial_relation_feed(rewrite, build, (u_char *) "", 0, 1);

    if (ed_rewrite_facts(rewrite) == NULL) {
        return ED_NOMEM;
    }

    notes = ed_notes_write(ed_rewrite_facts(rewrite), &relation->found);
    if (notes == NULL) {
        return ED_NOMEM;
    }

    ed_build_record(build, relation->json);
    ed_build_notes(build, ed_str(notes, ngx_strlen(notes)));
    ed_build_finish(build);

    free(notes);

    return build->rc;
}


static void
ngx_http_editorial_relation_feed(ed_rewrite_t *rewrite, ed_build_t *build,
    const u_char *data, size_t len, ngx_uint_t last)
{
    size_t            n;
    ngx_uint_t        settled;
    const ed_span_t  *spans;

    settled = ed_rewrite_settled(rewrite);

    ed_rewrite_feed(rewrite, data, len, last, &spans, &n);

    if (!settled && ed_rewrite_settled(rewrite)) {
        ed_build_assets(build, ed_rewrite_assets(rewrite));
    }

    ed_build_spans(build, spans, n);
}


/* The head of the page as it was, but for what is another now. */

static ed_rc_t
ngx_http_editorial_relation_encode(ngx_http_editorial_relation_t *relation,
    ed_rewrite_t *rewrite, ed_build_t *build, ed_buf_t *head)
{
    u_char        digest[ED_RECORD_DIGEST];
    ngx_str_t     etag;
    ed_stored_t   page;

    page = relation->head;

    page.dated = relation->life.dated;
    page.fresh = relation->life.fresh;
    page.stale = relation->life.stale;
    page.error = relation->life.error;

    etag.data = (u_char *) page.etag.data;
    etag.len = page.etag.len;

    if (etag.len == 0) {
        etag.data = relation->head.seed;
        etag.len = ED_STORED_DIGEST;
    }

    ed_related_digest(&relation->found, digest);
    ngx_http_editorial_cache_seed(page.policy, page.record, digest, &etag,
                                  page.seed);

    page.skip = ed_rewrite_skip(rewrite);
    page.modified_true = !ngx_http_editorial_cache_furnished(build);

    return ed_stored_encode(&page, ed_buf_list(&build->parts, ed_part_t),
                            ed_buf_count(&build->parts, ed_part_t), head);
}


/* In the zone it must take the old one's place, or another is there by now,
   and in Redis, too. */

static void
ngx_http_editorial_relation_store(ngx_http_editorial_relation_t *relation,
    ed_buf_t *head, ed_buf_t *body)
{
    uint64_t               was;
    ed_zone_page_t         page;
    ngx_editorial_zone_t  *zone;

    zone = relation->emcf->zone;

    if (zone == NULL) {
        was = ed_stored_revision(relation->value->data, relation->value->len);

    } else {
        was = relation->lookup.stamp.revision;
        relation->lookup.stamp.revision = ed_stored_revision(head->data,
                                                             head->len);

        if (ngx_editorial_zone_replace(zone,
                                       ed_str(relation->key.data,
                                              relation->key.len),
                                       relation->lookup.page.entry,
                                       &relation->life,
                                       &relation->lookup.stamp,
                                       ed_str(head->data, head->len),
                                       ed_str(body->data, body->len), &page)
            != NGX_OK)
        {
            return;
        }

        ngx_editorial_zone_unpin(zone, page.entry);
    }

    ngx_http_editorial_count_n(relation->emcf,
                               NGX_HTTP_EDITORIAL_COUNT_REPLANS, 1);

    ngx_http_editorial_relation_swap(relation, was, head, body);
}


static void
ngx_http_editorial_relation_swap(ngx_http_editorial_relation_t *relation,
    uint64_t was, ed_buf_t *head, ed_buf_t *body)
{
    u_char     *bytes;
    u_char      revision[NGX_HTTP_EDITORIAL_REVISION_LEN];
    ngx_str_t   args[NGX_HTTP_EDITORIAL_SCRIPT_ARGS];

    bytes = ngx_pnalloc(relation->pool, head->len + body->len);
    if (bytes == NULL) {
        return;
    }

    ngx_memcpy(bytes, head->data, head->len);
    ngx_memcpy(bytes + head->len, body->data, body->len);

    args[0].data = revision;
    args[0].len = ngx_http_editorial_revision_bytes(was, revision);
    args[1].data = bytes;
    args[1].len = head->len + body->len;

    (void) ngx_http_editorial_script(relation->emcf,
                                     NGX_HTTP_EDITORIAL_SCRIPT_SWAP,
                                     &relation->key, args, NULL, NULL, NULL);
}


/* Its line in the list of articles: it may have links now. */

static void
ngx_http_editorial_relation_note(ngx_http_editorial_relation_t *relation,
    const ed_facts_t *facts)
{
    u_char              *p;
    ed_page_t           *page;
    ed_worklist_item_t   item;

    page = &relation->page;

    p = ngx_pnalloc(relation->pool, page->scheme.len + sizeof("://") - 1
                                    + page->host.len + page->uri.len);
    if (p == NULL) {
        return;
    }

    ngx_memzero(&item, sizeof(ed_worklist_item_t));

    item.url.data = p;
    p = ngx_cpymem(p, page->scheme.data, page->scheme.len);
    p = ngx_cpymem(p, "://", sizeof("://") - 1);
    p = ngx_cpymem(p, page->host.data, page->host.len);
    p = ngx_cpymem(p, page->uri.data, page->uri.len);
    item.url.len = p - item.url.data;

    item.id = ed_str(relation->article.data, relation->article.len);
    item.desk = relation->conf->policy.desk;
    item.facts = facts;
    item.at = ngx_time();
    item.refused = ED_REFUSED_KEEP;
    item.unasked = 1;

    ngx_http_editorial_articles_put(relation->emcf, &item);
}
