
/*
 * A page as it is kept: the origin's bytes once, and each piece of furniture
 * of every variant with the condition under which it is sent.
 *
 *     head   what is known of the page, and a table of its parts
 *     body   the bytes of the parts, one behind the other
 *
 *     part      0        1         2        3       4          5        6, 7
 *     kind      source   assets    source   marker  furniture  source   hidden
 *     variants  -        -         -        -       {1}        -        -
 *     body      <html>…  <link …>  <p>…     <span…  <aside>…   </div>…  {"op…
 *
 * A part is sent to every edition that takes it, in this order, but for the
 * assets, which go directly before the first piece or marker that the edition
 * takes.  The source parts alone are the page as its origin sent it.  Two
 * parts nobody gets: the article's record, as it was when the page was
 * planned, and the notes (ed_related.h): what is to be known of the article,
 * and those that are related to it.
 *
 * Head and body are bytes, the same in shared memory and in Redis: integers
 * are little-endian, strings are counted, nothing is aligned.  The head
 * carries a checksum of itself, a part one of its bytes.
 */

#ifndef ED_STORED_H
#define ED_STORED_H


#include "ed_buf.h"
#include "ed_edition.h"


#define ED_STORED_VERSION  3
#define ED_STORED_DIGEST   16          /* bytes */
#define ED_MAX_PARTS       1024        /* of one page */
#define ED_MAX_HEAD        16384       /* bytes of a head */
#define ED_MAX_BODY        (1u << 30)  /* bytes of a body */

#define ED_STORED_LOOK       64        /* bytes of a head by which a page is
                                          told from another version of it */
#define ED_STORED_TIMES_END  72        /* bytes that ed_stored_renew() writes
                                          to, from a head's beginning */


typedef struct {
    uint32_t           offset;         /* of its bytes in the body */
    uint32_t           len;
    uint32_t           crc;            /* CRC-32 of them (RFC 1952, 8) */
    uint32_t           variants;       /* as in ed_span_t */
    uint8_t            kind;           /* ed_span_kind_e */
    uint8_t            feature;
    uint8_t            piece;          /* as in ed_span_t */
} ed_part_t;


/* A head, decoded: its strings point into the bytes it was decoded from. */
typedef struct {
    /* seconds since the epoch */
    int64_t            stored;         /* when the origin answered */
    int64_t            dated;          /* Age is counted from here */
    int64_t            fresh;          /* until then it is served as it is, */
    int64_t            stale;          /* until then while it is refreshed, */
    int64_t            error;          /* until then while the origin fails */

    uint64_t           generation;     /* raised by "purge all" */
    uint8_t            policy[ED_STORED_DIGEST];   /* what it was planned by */
    uint8_t            record[ED_STORED_DIGEST];   /* zero: no record */
    uint8_t            seed[ED_STORED_DIGEST];     /* of its ETags */
    unsigned           weak:1;         /* its ETags are weak */
    unsigned           modified_true:1;    /* its Last-Modified holds for the
                                              page as it is sent */
    unsigned           skip;           /* ed_skip_e: why nothing was placed */

    ed_str_t           key;
    ed_str_t           content_type;   /* whole, parameters included */
    ed_str_t           etag;           /* the origin's; may be empty */
    ed_str_t           modified;       /* its Last-Modified; may be empty */
    ed_str_t           cache_control;  /* its Cache-Control lines, joined */
    ed_str_t           headers;        /* its other headers, in the form of
                                          ed_stored_header() */
    ed_str_t           tags;           /* separated by single spaces */
    ed_str_t           features;       /* of ed_record_features() */
    ed_str_t           article;        /* the article's id */

    const uint8_t     *parts;          /* encoded, for ed_stored_part() */
    unsigned           nparts;
    unsigned           assets;         /* the number of the part that is the
                                          assets; nparts where there is none */
    unsigned           hidden;         /* likewise of the record, */
    unsigned           notes;          /*   and of the notes */
    uint32_t           parts_crc;      /* CRC-32 of the table: two pages with
                                          the same one have the same bytes */
    uint32_t           head_len;       /* bytes */
    uint32_t           body_len;
} ed_stored_t;


/* How long a page may be served, as in ed_stored_t. */
typedef struct {
    int64_t            dated;
    int64_t            fresh;
    int64_t            stale;
    int64_t            error;
} ed_stored_times_t;


/* A page that is being built.  Zeroed, then ed_build_init(). */
typedef struct {
    ed_buf_t           parts;          /* of ed_part_t */
    ed_buf_t           body;
    unsigned           npieces[ED_FEATURES];
    ed_rc_t            rc;             /* the first failure */
} ed_build_t;


/* A run of a body's bytes. */
typedef struct {
    uint32_t           offset;
    uint32_t           len;
} ed_piece_run_t;


/* What one edition takes of a page. */
typedef struct {
    uint64_t           length;         /* bytes, plain */
    unsigned           nruns;
    unsigned           npieces;
    unsigned           by_feature[ED_FEATURES];    /* of these */
} ed_taken_parts_t;


/* Builds pages of at most max bytes of body (and never over ED_MAX_BODY). */
void ed_build_init(ed_build_t *build, size_t max);
void ed_build_free(ed_build_t *build);

/*
 * Appends copies of spans; neighbours of the same condition, source above
 * all, become one part (a piece begins a part of its own).  A failure
 * (ED_NOMEM, ED_LIMIT_SIZE) stays in build->rc, and nothing more is appended.
 */
void ed_build_spans(ed_build_t *build, const ed_span_t *spans, size_t n);
void ed_build_source(ed_build_t *build, const uint8_t *data, size_t len);

/*
 * The page's stylesheet and script, once; they may be empty.  They lie where
 * this is called, which costs least directly before the first furniture, and
 * are sent where ed_walk_next() would send them.
 */
void ed_build_assets(ed_build_t *build, ed_str_t assets);

/* The record that the page was planned by, as JSON; once, when the last span
   is there; it may be empty. */
void ed_build_record(ed_build_t *build, ed_str_t json);

/* Its notes, as JSON; likewise. */
void ed_build_notes(ed_build_t *build, ed_str_t json);

/* Sets the checksums of all parts, when the last byte is there. */
void ed_build_finish(ed_build_t *build);

/*
 * Encodes a head of these parts into head (an empty buffer).  Of page, the
 * fields from parts on are not read.  ED_NOMEM; ED_LIMIT_SIZE: longer than
 * ED_MAX_HEAD; ED_INVALID: what ed_stored_decode() would not take.
 */
ed_rc_t ed_stored_encode(const ed_stored_t *page, const ed_part_t *parts,
    size_t nparts, ed_buf_t *head);

/* The format of what begins so, ED_STORED_VERSION or another's; 0: it is no
   stored page at all. */
unsigned ed_stored_format(const uint8_t *data, size_t len);

/*
 * Decodes a head at the beginning of len bytes.  Every length is checked
 * against len and against the others: whatever it returns ED_OK for can be
 * read safely.  verify, for bytes from elsewhere: the checksum too, and that
 * no string which becomes a header would end that header.  ED_INVALID: it is
 * not a head of this version, or damaged.
 */
ed_rc_t ed_stored_decode(const uint8_t *data, size_t len, int verify,
    ed_stored_t *page);

/*
 * What tells this version of the page from any other, out of the first
 * ED_STORED_LOOK bytes of its head: never 0, but where they are no head of
 * this version, or len is shorter.  Other times are another version.
 */
uint64_t ed_stored_revision(const uint8_t *head, size_t len);

/*
 * Sets new times in an encoded head at the beginning of len bytes, and its
 * checksum.  Only the first ED_STORED_TIMES_END bytes change: who keeps a copy
 * elsewhere need overwrite no more.  ED_INVALID: it is no intact head of this
 * version, or a time is too far; then nothing has changed.
 */
ed_rc_t ed_stored_renew(uint8_t *head, size_t len,
    const ed_stored_times_t *times);

/* The i-th part, i < page->nparts. */
void ed_stored_part(const ed_stored_t *page, unsigned i, ed_part_t *part);

/* Where in the body the record lies that the page was planned by; zero: there
   was none. */
int ed_stored_record(const ed_stored_t *page, uint32_t *offset,
    uint32_t *len);

/* … and its notes. */
int ed_stored_notes(const ed_stored_t *page, uint32_t *offset, uint32_t *len);

/* Do the bytes of the whole body have the parts' checksums? */
int ed_stored_verify(const ed_stored_t *page, const uint8_t *body,
    size_t len);

/*
 * The runs of the body that an edition takes, in the order they are sent.
 * runs has room for page->nparts + 1.  Neighbours in the body are one run,
 * and none is empty.
 */
void ed_stored_select(const ed_stored_t *page, const ed_edition_t *edition,
    ed_piece_run_t *runs, ed_taken_parts_t *taken);

/* The parts instead: their numbers, for a gzip body (ed_deflate.h).  parts
   has room for page->nparts; returns how many there are; taken->nruns is 0. */
unsigned ed_stored_select_parts(const ed_stored_t *page,
    const ed_edition_t *edition, uint16_t *parts, ed_taken_parts_t *taken);

/*
 * The entity tag of an edition without quotes or W/: 32 hexadecimal digits,
 * and "-gz" behind them where coded.  tag has room for ED_MAX_ETAG bytes;
 * returns how many were written.
 */
#define ED_MAX_ETAG  35
size_t ed_stored_etag(const uint8_t *seed, const ed_edition_t *edition,
    int coded, uint8_t *tag);

/* Headers as bytes: appends one (ED_NOMEM, ED_LIMIT_SIZE); reads the one at
   *offset, advancing it (zero: there is none left). */
ed_rc_t ed_stored_add_header(ed_buf_t *headers, ed_str_t name,
    ed_str_t value);
int ed_stored_header(ed_str_t headers, size_t *offset, ed_str_t *name,
    ed_str_t *value);


#endif /* ED_STORED_H */
