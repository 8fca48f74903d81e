
/*
 * A head as bytes.  Its first 64 tell one version of a page from another.
 *
 *     offset   bytes
 *          0       4   "EdPg"
 *          4       4   CRC-32 of all that follows
 *          8       1   version
 *          9       1   flags
 *         10       2   parts
 *         12       4   length of the head
 *         16       4   length of the body
 *         20       4   CRC-32 of the table of parts
 *         24       8   generation
 *         32   5 x 8   stored, dated, fresh, stale, error
 *         72  3 x 16   digests: policy, record, seed
 *        120       1   skip
 *        121   9 x 2   lengths of the strings
 *        139       -   table of parts (ed_stored_int.h), then the strings
 *
 * One content has one encoding: a length is not stated twice, and what has no
 * meaning for a kind of part is zero.
 */

#include "ed_crc.h"
#include "ed_rewrite.h"
#include "ed_stored_int.h"


#define ED_HEAD_MAGIC       "EdPg"

/* offsets */
#define ED_HEAD_CRC         4
#define ED_HEAD_CHECKED     8          /* by that checksum, up to the end */
#define ED_HEAD_VERSION     8
#define ED_HEAD_FLAGS       9
#define ED_HEAD_NPARTS      10
#define ED_HEAD_LEN         12
#define ED_HEAD_BODY        16
#define ED_HEAD_PARTS_CRC   20
#define ED_HEAD_GENERATION  24
#define ED_HEAD_TIMES       32
#define ED_HEAD_DIGESTS     72
#define ED_HEAD_SKIP        120
#define ED_HEAD_STRINGS     121
#define ED_HEAD_FIXED       139        /* length of all these */

/* flags */
#define ED_HEAD_WEAK        0x01
#define ED_HEAD_MODIFIED    0x02

#define ED_MAX_TIME         ((int64_t) 1 << 40)   /* seconds, either way */


/* The fields of a kind that stand behind each other in a head. */

static const size_t  ed_head_times[] = {
    offsetof(ed_stored_t, stored),
    offsetof(ed_stored_t, dated),
    offsetof(ed_stored_t, fresh),
    offsetof(ed_stored_t, stale),
    offsetof(ed_stored_t, error)
};

static const size_t  ed_head_digests[] = {
    offsetof(ed_stored_t, policy),
    offsetof(ed_stored_t, record),
    offsetof(ed_stored_t, seed)
};

static const struct {
    size_t    field;
    unsigned  line:1;              /* it is sent in a line of headers */
} ed_head_strings[] = {
    { offsetof(ed_stored_t, key), 0 },
    { offsetof(ed_stored_t, content_type), 1 },
    { offsetof(ed_stored_t, etag), 1 },
    { offsetof(ed_stored_t, modified), 1 },
    { offsetof(ed_stored_t, cache_control), 1 },
    { offsetof(ed_stored_t, headers), 0 },
    { offsetof(ed_stored_t, tags), 1 },
    { offsetof(ed_stored_t, features), 0 },
    { offsetof(ed_stored_t, article), 0 }
};

#define ED_HEAD_NTIMES    (sizeof(ed_head_times) / sizeof(size_t))
#define ED_HEAD_NDIGESTS  (sizeof(ed_head_digests) / sizeof(size_t))
#define ED_HEAD_NSTRINGS                                                      \
    (sizeof(ed_head_strings) / sizeof(ed_head_strings[0]))

/* A field of a page by its offset. */
#define ed_head_field(page, type, offset)                                     \
    ((type *) (uintptr_t) ((const uint8_t *) (page) + (offset)))

static int ed_parts_are_valid(const ed_part_t *parts, size_t nparts);
static int ed_part_is_valid(const ed_part_t *part);
static size_t ed_head_size(const ed_stored_t *page, size_t nparts);
static void ed_head_write(const ed_stored_t *page, uint8_t *p);
static void ed_head_write_parts(const ed_part_t *parts, size_t nparts,
    uint8_t *p);
static void ed_head_write_strings(const ed_stored_t *page, uint8_t *p,
    uint8_t *next);
static int ed_time_is_valid(int64_t time);
static ed_rc_t ed_head_read(const uint8_t *p, ed_stored_t *page);
static ed_rc_t ed_head_read_parts(ed_stored_t *page);
static int ed_head_read_single(ed_stored_t *page, unsigned i,
    unsigned *markers);
static ed_rc_t ed_head_read_strings(const uint8_t *p, ed_stored_t *page);
static int ed_stored_hidden(const ed_stored_t *page, unsigned i,
    uint32_t *offset, uint32_t *len);
static int ed_head_is_intact(const uint8_t *p, const ed_stored_t *page);
static int ed_line_is_valid(ed_str_t s);


ed_rc_t
ed_stored_encode(const ed_stored_t *page, const ed_part_t *parts,
    size_t nparts, ed_buf_t *head)
{
    size_t       len, table_len;
    uint8_t     *p;
    ed_stored_t  decoded;

    if (nparts > ED_MAX_PARTS) {
        return ED_LIMIT_SIZE;
    }

    if (!ed_parts_are_valid(parts, nparts)) {
        return ED_INVALID;
    }

    len = ed_head_size(page, nparts);

    if (len > ED_MAX_HEAD || len > head->max - head->len) {
        return ED_LIMIT_SIZE;
    }

    p = ed_buf_extend(head, len);
    if (p == NULL) {
        return ED_NOMEM;
    }

    table_len = nparts * ED_PART_SIZE;

    ed_head_write(page, p);
    ed_put32(p + ED_HEAD_LEN, (uint32_t) len);
    ed_head_write_parts(parts, nparts, p);
    ed_head_write_strings(page, p, p + ED_HEAD_FIXED + table_len);
    ed_put32(p + ED_HEAD_CRC, ed_crc32(0, p + ED_HEAD_CHECKED,
                                       len - ED_HEAD_CHECKED));

    if (ed_stored_decode(p, len, 1, &decoded) != ED_OK) {
        head->len -= len;
        return ED_INVALID;
    }

    return ED_OK;
}


static int
ed_parts_are_valid(const ed_part_t *parts, size_t nparts)
{
    size_t    i;
    uint64_t  end;

    end = 0;

    for (i = 0; i < nparts; i++) {

        if (parts[i].offset != end || !ed_part_is_valid(&parts[i])) {
            return 0;
        }

        end += parts[i].len;
    }

    return end <= ED_MAX_BODY;
}


static int
ed_part_is_valid(const ed_part_t *part)
{
    if (part->kind == ED_SPAN_FURNITURE) {
        return part->feature < ED_FEATURES && part->piece <= 1
               && part->variants >> ED_MAX_VARIANTS == 0;
    }

    return part->kind < ED_SPAN_KINDS && part->piece == 0
           && part->variants == 0
           && part->feature < (part->kind == ED_SPAN_MARKER ? ED_FEATURES : 1);
}


/* More than ED_MAX_HEAD where a string alone is. */

static size_t
ed_head_size(const ed_stored_t *page, size_t nparts)
{
    size_t           i, len;
    const ed_str_t  *s;

    len = ED_HEAD_FIXED + nparts * ED_PART_SIZE;

    for (i = 0; i < ED_HEAD_NSTRINGS && len <= ED_MAX_HEAD; i++) {
        s = ed_head_field(page, ed_str_t, ed_head_strings[i].field);
        len = s->len <= ED_MAX_HEAD ? len + s->len : SIZE_MAX;
    }

    return len;
}


static void
ed_head_write(const ed_stored_t *page, uint8_t *p)
{
    size_t    i;
    uint8_t  *q;

    memset(p, 0, ED_HEAD_FIXED);
    memcpy(p, ED_HEAD_MAGIC, 4);

    p[ED_HEAD_VERSION] = ED_STORED_VERSION;
    p[ED_HEAD_FLAGS] = (uint8_t) ((page->weak ? ED_HEAD_WEAK : 0)
                                  | (page->modified_true ? ED_HEAD_MODIFIED
                                                         : 0));
    ed_put64(p + ED_HEAD_GENERATION, page->generation);

    q = p + ED_HEAD_TIMES;

    for (i = 0; i < ED_HEAD_NTIMES; i++) {
        ed_put64(q, (uint64_t) *ed_head_field(page, int64_t,
                                              ed_head_times[i]));
        q += 8;
    }

    q = p + ED_HEAD_DIGESTS;

    for (i = 0; i < ED_HEAD_NDIGESTS; i++) {
        memcpy(q, ed_head_field(page, uint8_t, ed_head_digests[i]),
               ED_STORED_DIGEST);
        q += ED_STORED_DIGEST;
    }

    p[ED_HEAD_SKIP] = (uint8_t) (page->skip < ED_SKIPS ? page->skip
                                                       : ED_SKIPS);
}


static void
ed_head_write_parts(const ed_part_t *parts, size_t nparts, uint8_t *p)
{
    size_t    i;
    uint8_t  *q;
    uint32_t  body_len;

    q = p + ED_HEAD_FIXED;
    body_len = 0;

    for (i = 0; i < nparts; i++) {
        ed_part_put(q, &parts[i]);

        body_len += parts[i].len;
        q += ED_PART_SIZE;
    }

    ed_put16(p + ED_HEAD_NPARTS, (uint16_t) nparts);
    ed_put32(p + ED_HEAD_BODY, body_len);
    ed_put32(p + ED_HEAD_PARTS_CRC,
             ed_crc32(0, p + ED_HEAD_FIXED, nparts * ED_PART_SIZE));
}


static void
ed_head_write_strings(const ed_stored_t *page, uint8_t *p, uint8_t *next)
{
    size_t           i;
    const ed_str_t  *s;

    for (i = 0; i < ED_HEAD_NSTRINGS; i++) {
        s = ed_head_field(page, ed_str_t, ed_head_strings[i].field);

        ed_put16(p + ED_HEAD_STRINGS + i * 2, (uint16_t) s->len);

        if (s->len != 0) {
            memcpy(next, s->data, s->len);
            next += s->len;
        }
    }
}


ed_rc_t
ed_stored_decode(const uint8_t *data, size_t len, int verify,
    ed_stored_t *page)
{
    if (len < ED_HEAD_FIXED
        || ed_stored_format(data, len) != ED_STORED_VERSION)
    {
        return ED_INVALID;
    }

    if (ed_head_read(data, page) != ED_OK
        || page->head_len > len
        || ed_head_read_strings(data, page) != ED_OK
        || ed_head_read_parts(page) != ED_OK)
    {
        return ED_INVALID;
    }

    return !verify || ed_head_is_intact(data, page) ? ED_OK : ED_INVALID;
}


unsigned
ed_stored_format(const uint8_t *data, size_t len)
{
    return len > ED_HEAD_VERSION && memcmp(data, ED_HEAD_MAGIC, 4) == 0
           ? data[ED_HEAD_VERSION] : 0;
}


static int
ed_time_is_valid(int64_t time)
{
    return time <= ED_MAX_TIME && time >= -ED_MAX_TIME;
}


static ed_rc_t
ed_head_read(const uint8_t *p, ed_stored_t *page)
{
    size_t          i;
    int64_t         time;
    const uint8_t  *q;

    page->weak = (p[ED_HEAD_FLAGS] & ED_HEAD_WEAK) != 0;
    page->modified_true = (p[ED_HEAD_FLAGS] & ED_HEAD_MODIFIED) != 0;
    page->skip = p[ED_HEAD_SKIP];
    page->generation = ed_get64(p + ED_HEAD_GENERATION);
    page->nparts = ed_get16(p + ED_HEAD_NPARTS);
    page->head_len = ed_get32(p + ED_HEAD_LEN);
    page->body_len = ed_get32(p + ED_HEAD_BODY);
    page->parts_crc = ed_get32(p + ED_HEAD_PARTS_CRC);

    if ((p[ED_HEAD_FLAGS] & ~(ED_HEAD_WEAK | ED_HEAD_MODIFIED)) != 0
        || page->skip >= ED_SKIPS
        || page->nparts > ED_MAX_PARTS
        || page->head_len > ED_MAX_HEAD
        || page->body_len > ED_MAX_BODY)
    {
        return ED_INVALID;
    }

    q = p + ED_HEAD_TIMES;

    for (i = 0; i < ED_HEAD_NTIMES; i++) {
        time = (int64_t) ed_get64(q);

        if (!ed_time_is_valid(time)) {
            return ED_INVALID;
        }

        *ed_head_field(page, int64_t, ed_head_times[i]) = time;
        q += 8;
    }

    q = p + ED_HEAD_DIGESTS;

    for (i = 0; i < ED_HEAD_NDIGESTS; i++) {
        memcpy(ed_head_field(page, uint8_t, ed_head_digests[i]), q,
               ED_STORED_DIGEST);
        q += ED_STORED_DIGEST;
    }

    return ED_OK;
}


/* Table and strings fill the head, to its last byte. */

static ed_rc_t
ed_head_read_strings(const uint8_t *p, ed_stored_t *page)
{
    size_t  i, len, next;

    page->parts = p + ED_HEAD_FIXED;
    next = ED_HEAD_FIXED + page->nparts * ED_PART_SIZE;

    for (i = 0; i < ED_HEAD_NSTRINGS; i++) {
        len = ed_get16(p + ED_HEAD_STRINGS + i * 2);

        *ed_head_field(page, ed_str_t, ed_head_strings[i].field)
            = ed_str(p + next, len);
        next += len;
    }

    return next == page->head_len ? ED_OK : ED_INVALID;
}


/* Every reader of the page waits for this: it looks at the bytes themselves.
   Offsets that never fall, from 0 to the body's length, make no length wrong. */

static ed_rc_t
ed_head_read_parts(ed_stored_t *page)
{
    uint32_t        end, next;
    unsigned        i, markers;
    const uint8_t  *p;

    end = 0;
    markers = 0;
    page->assets = page->nparts;
    page->hidden = page->nparts;
    page->notes = page->nparts;

    for (i = 0, p = page->parts; i < page->nparts; i++, p += ED_PART_SIZE) {
        next = ed_get32(p);

        if (next < end || (i == 0 && next != 0)) {
            return ED_INVALID;
        }

        end = next;

        if (ed_part_kind(p) == ED_SPAN_SOURCE && ed_part_is_bare(p)) {
            continue;
        }

        if (ed_part_kind(p) == ED_SPAN_FURNITURE
            && ed_part_feature(p) < ED_FEATURES)
        {
            continue;
        }

        if (!ed_head_read_single(page, i, &markers)) {
            return ED_INVALID;
        }
    }

    return end <= page->body_len && (i != 0 || page->body_len == 0)
           ? ED_OK : ED_INVALID;
}


/* A part of which there is one at most: a marker is one of its feature's. */

static int
ed_head_read_single(ed_stored_t *page, unsigned i, unsigned *markers)
{
    unsigned       *single, feature;
    const uint8_t  *p;

    p = page->parts + i * ED_PART_SIZE;

    if (ed_part_kind(p) == ED_SPAN_MARKER) {
        feature = ed_part_feature(p);

        if (feature >= ED_FEATURES || p[10] >> 7 || ed_get16(p + 8) != 0
            || (*markers & 1u << feature))
        {
            return 0;
        }

        *markers |= 1u << feature;

        return 1;
    }

    switch (ed_part_kind(p)) {

    case ED_SPAN_ASSETS:
        single = &page->assets;
        break;

    case ED_SPAN_HIDDEN:
        single = &page->hidden;
        break;

    case ED_SPAN_NOTES:
        single = &page->notes;
        break;

    default:
        return 0;
    }

    if (*single != page->nparts || !ed_part_is_bare(p)) {
        return 0;
    }

    *single = i;

    return 1;
}


uint64_t
ed_stored_revision(const uint8_t *head, size_t len)
{
    uint64_t  revision;

    if (len < ED_STORED_LOOK
        || ed_stored_format(head, len) != ED_STORED_VERSION)
    {
        return 0;
    }

    revision = (uint64_t) ed_get32(head + ED_HEAD_CRC) << 32
               | ed_get32(head + ED_HEAD_PARTS_CRC);

    return revision != 0 ? revision : 1;
}


ed_rc_t
ed_stored_renew(uint8_t *head, size_t len, const ed_stored_times_t *times)
{
    size_t       i;
    uint8_t     *p;
    ed_stored_t  page;

    const int64_t  list[] = {
        times->dated, times->fresh, times->stale, times->error
    };

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (!ed_time_is_valid(list[i])) {
            return ED_INVALID;
        }
    }

    if (ed_stored_decode(head, len, 1, &page) != ED_OK) {
        return ED_INVALID;
    }

    p = head + ED_HEAD_TIMES;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        p += 8;                        /* behind "stored", which stays */
        ed_put64(p, (uint64_t) list[i]);
    }

    ed_put32(head + ED_HEAD_CRC, ed_crc32(0, head + ED_HEAD_CHECKED,
                                          page.head_len - ED_HEAD_CHECKED));

    return ED_OK;
}


void
ed_stored_part(const ed_stored_t *page, unsigned i, ed_part_t *part)
{
    ed_part_get(page, i, part);
}


int
ed_stored_record(const ed_stored_t *page, uint32_t *offset, uint32_t *len)
{
    return ed_stored_hidden(page, page->hidden, offset, len);
}


int
ed_stored_notes(const ed_stored_t *page, uint32_t *offset, uint32_t *len)
{
    return ed_stored_hidden(page, page->notes, offset, len);
}


static int
ed_stored_hidden(const ed_stored_t *page, unsigned i, uint32_t *offset,
    uint32_t *len)
{
    ed_part_t  part;

    if (i == page->nparts) {
        return 0;
    }

    ed_part_get(page, i, &part);

    *offset = part.offset;
    *len = part.len;

    return part.len != 0;
}


static int
ed_head_is_intact(const uint8_t *p, const ed_stored_t *page)
{
    size_t           i, offset;
    ed_str_t         name, value;
    const ed_str_t  *s;

    if (ed_get32(p + ED_HEAD_CRC)
        != ed_crc32(0, p + ED_HEAD_CHECKED, page->head_len - ED_HEAD_CHECKED)
        || page->parts_crc
           != ed_crc32(0, page->parts, page->nparts * ED_PART_SIZE))
    {
        return 0;
    }

    for (i = 0; i < ED_HEAD_NSTRINGS; i++) {
        s = ed_head_field(page, ed_str_t, ed_head_strings[i].field);

        if (ed_head_strings[i].line && !ed_line_is_valid(*s)) {
            return 0;
        }
    }

    offset = 0;

    while (ed_stored_header(page->headers, &offset, &name, &value)) {
        if (!ed_line_is_valid(name) || !ed_line_is_valid(value)) {
            return 0;
        }
    }

    return offset == page->headers.len;
}


/* Nothing in it ends a line of headers. */

static int
ed_line_is_valid(ed_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '\r' || s.data[i] == '\n' || s.data[i] == '\0') {
            return 0;
        }
    }

    return 1;
}


int
ed_stored_verify(const ed_stored_t *page, const uint8_t *body, size_t len)
{
    uint32_t   crc;
    unsigned   i;
    ed_part_t  part;

    if (len != page->body_len) {
        return 0;
    }

    for (i = 0; i < page->nparts; i++) {
        ed_part_get(page, i, &part);

        crc = part.len != 0 ? ed_crc32(0, body + part.offset, part.len) : 0;

        if (crc != part.crc) {
            return 0;
        }
    }

    return 1;
}


/* A header: two bytes of its name's length, two of its value's, both. */

ed_rc_t
ed_stored_add_header(ed_buf_t *headers, ed_str_t name, ed_str_t value)
{
    uint8_t  *p;

    if (name.len > UINT16_MAX || value.len > UINT16_MAX
        || 4 + name.len + value.len > headers->max - headers->len)
    {
        return ED_LIMIT_SIZE;
    }

    p = ed_buf_extend(headers, 4 + name.len + value.len);
    if (p == NULL) {
        return ED_NOMEM;
    }

    ed_put16(p, (uint16_t) name.len);
    ed_put16(p + 2, (uint16_t) value.len);
    p += 4;

    if (name.len != 0) {
        memcpy(p, name.data, name.len);
    }

    if (value.len != 0) {
        memcpy(p + name.len, value.data, value.len);
    }

    return ED_OK;
}


int
ed_stored_header(ed_str_t headers, size_t *offset, ed_str_t *name,
    ed_str_t *value)
{
    size_t          left;
    const uint8_t  *p;

    left = headers.len - *offset;
    if (left < 4) {
        return 0;
    }

    p = headers.data + *offset;

    *name = ed_str(p + 4, ed_get16(p));
    *value = ed_str(p + 4 + name->len, ed_get16(p + 2));

    if (name->len + value->len > left - 4) {
        return 0;
    }

    *offset += 4 + name->len + value->len;

    return 1;
}
