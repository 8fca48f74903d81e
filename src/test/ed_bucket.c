
#include "ed_bucket.h"
#include "ed_le.h"


static int ed_split_beats(uint64_t a, uint32_t weight_a, uint64_t b,
    uint32_t weight_b);


/* No secrets, but what every node must have the same. */

static const uint8_t  ed_bucket_key[ED_HASH_KEY] = {
    'e', 'd', 'i', 't', 'o', 'r', 'i', 'a', 'l', ' ', 'b', 'u', 'c', 'k', 'e',
    't'
};

static const uint8_t  ed_split_key[ED_HASH_KEY] = {
    'e', 'd', 'i', 't', 'o', 'r', 'i', 'a', 'l', ' ', 's', 'p', 'l', 'i', 't',
    ' '
};


unsigned
ed_bucket_of(ed_str_t visitor)
{
    return (unsigned) (ed_hash(ed_bucket_key, visitor.data, visitor.len)
                       % ED_BUCKETS);
}


int
ed_bucket_read(ed_str_t value)
{
    int     bucket;
    size_t  i;

    if (value.len == 0 || value.len > 4) {
        return -1;
    }

    bucket = 0;

    for (i = 0; i < value.len; i++) {
        if ((uint8_t) (value.data[i] - '0') > 9) {
            return -1;
        }

        bucket = bucket * 10 + (value.data[i] - '0');
    }

    return bucket;
}


unsigned
ed_bucket_fresh(uint64_t random)
{
    return (unsigned) (random % ED_BUCKETS);
}


/* "read_more/T1/box": none of the three has a slash. */

void
ed_split_init(ed_split_t *split, const ed_state_t *state,
    ed_feature_e feature)
{
    char             text[3 * (ED_MAX_NAME + 1)];
    size_t           len;
    ed_str_t         parts[3];
    unsigned         i, k;
    ed_split_arm_t  *arm;

    memset(split, 0, sizeof(ed_split_t));
    split->n = state->narms;

    parts[0] = ed_feature_name(feature);
    parts[1] = ed_name_str(&state->id);

    for (i = 0; i < state->narms; i++) {
        parts[2] = ed_name_str(&state->arms[i].name);
        len = 0;

        for (k = 0; k < 3; k++) {
            memcpy(text + len, parts[k].data, parts[k].len);
            len += parts[k].len;
            text[len++] = '/';
        }

        arm = &split->arms[i];
        arm->weight = state->arms[i].weight;
        ed_put64(arm->key, ed_hash(ed_split_key, text, len));
        memcpy(arm->key + 8, ed_split_key, 8);
    }
}


unsigned
ed_split_arm(const ed_split_t *split, unsigned bucket)
{
    uint8_t                bytes[4];
    uint64_t               draw, least;
    unsigned               i, best;
    const ed_split_arm_t  *arm;

    ed_put32(bytes, bucket);

    best = 0;
    least = 0;

    for (i = 0; i < split->n; i++) {
        arm = &split->arms[i];

        if (arm->weight == 0) {
            continue;
        }

        draw = ed_split_draw(ed_hash(arm->key, bytes, sizeof(bytes)));

        if (least == 0
            || ed_split_beats(draw, arm->weight, least,
                              split->arms[best].weight))
        {
            best = i;
            least = draw;
        }
    }

    return best;
}


void
ed_split_count(const ed_split_t *split, unsigned count[ED_MAX_ARMS])
{
    unsigned  bucket;

    memset(count, 0, ED_MAX_ARMS * sizeof(unsigned));

    for (bucket = 0; bucket < ED_BUCKETS; bucket++) {
        count[ed_split_arm(split, bucket)]++;
    }
}


/*
 * The logarithm digit by digit: of m in [1, 2), as 31 binary digits behind the
 * point, the next digit of log2(m) says whether m * m reaches 2.  What each
 * squaring cuts off is less than 2^-30 of m, and counts half as much as what
 * the one before cut off: the sum is good to 2^-28.
 */

uint64_t
ed_split_draw(uint64_t hash)
{
    unsigned  i;
    uint64_t  m, log, digit;

    if (hash == UINT64_MAX) {
        return 1;
    }

    m = hash + 1;
    log = 63;

    while (m >> 63 == 0) {
        m <<= 1;
        log--;
    }

    m >>= 32;

    for (i = 0; i < 32; i++) {
        m = m * m >> 31;
        digit = m >> 32;
        m >>= digit;
        log = log << 1 | digit;
    }

    return (64ULL << 32) - log;
}


/*
 * a / weight_a < b / weight_b.  A draw has 39 bits at most, a weight 20.  Of
 * two that are equal the first arm's stands, and arms are in an order of their
 * own.
 */

static int
ed_split_beats(uint64_t a, uint32_t weight_a, uint64_t b, uint32_t weight_b)
{
    return a * weight_b < b * weight_a;
}
