
/*
 * The list of active formatting elements (13.2.4.3): the <b>, <a>, <font>…
 * that a page has not closed, and markers that keep those outside a cell or
 * an object apart from those inside.
 *
 *     [b] [i] [marker] [a] [font] [b]      an entry is open (->node) or waits
 *                       o     o    -       to be made again; those that wait
 *                                          after the last open one are at the
 *                                          end, up to a marker
 *
 * "Noah's Ark" asks whether elements have the same attributes.  The list
 * keeps a hash of the set, not the attributes: an element that is made again
 * has no token, so nobody needs them.
 */

#include "ed_tree_int.h"


static uint64_t ed_formatting_attrs(const ed_token_t *token);
static int ed_formatting_repeated(const uint64_t *names, unsigned n);
static uint64_t ed_formatting_mix(uint64_t hash, ed_str_t s);
static void ed_formatting_noah(ed_tree_t *tree, ed_tag_t tag, uint64_t attrs);
static void ed_formatting_renumber(ed_tree_t *tree, uint32_t from);


void
ed_formatting_marker(ed_tree_t *tree)
{
    ed_formatting_put(tree, NULL, 0, ed_formatting_count(tree));
}


/* "Clear the list of active formatting elements up to the last marker." */

void
ed_formatting_clear(ed_tree_t *tree)
{
    uint32_t      n;
    ed_format_t  *entry;

    for (n = ed_formatting_count(tree); n > 0; n--) {
        entry = ed_formatting_at(tree, n - 1);
        tree->formats.len -= sizeof(ed_format_t);

        if (entry->tag == ED_TAG_UNKNOWN) {
            return;
        }

        if (entry->node != NULL) {
            entry->node->entry = -1;
        }
    }
}


void
ed_formatting_push(ed_tree_t *tree, ed_open_t *node, const ed_token_t *token)
{
    uint64_t  attrs;

    if (node == NULL) {
        return;
    }

    attrs = ed_formatting_attrs(token);

    ed_formatting_noah(tree, node->el.tag, attrs);
    ed_formatting_put(tree, node, attrs, ed_formatting_count(tree));
}


/* An entry, or with no node a marker, before the one at index. */

void
ed_formatting_put(ed_tree_t *tree, ed_open_t *node, uint64_t attrs,
    uint32_t index)
{
    uint32_t      n;
    ed_format_t  *entry;

    n = ed_formatting_count(tree);

    if (n == ED_MAX_FORMATS) {
        ed_tree_fail(tree, ED_LIMIT_WORK);
        return;
    }

    if (ed_buf_extend(&tree->formats, sizeof(ed_format_t)) == NULL) {
        ed_tree_fail(tree, ED_NOMEM);
        return;
    }

    entry = ed_formatting_at(tree, index);

    if (index != n) {
        memmove(entry + 1, entry, (n - index) * sizeof(ed_format_t));
        ed_formatting_renumber(tree, index + 1);
    }

    entry->node = node;
    entry->attrs = attrs;
    entry->tag = ED_TAG_UNKNOWN;

    if (node != NULL) {
        entry->tag = node->el.tag;
        node->entry = (int32_t) index;
    }
}


void
ed_formatting_remove(ed_tree_t *tree, uint32_t index)
{
    uint32_t      n;
    ed_format_t  *entry;

    entry = ed_formatting_at(tree, index);

    if (entry->node != NULL) {
        entry->node->entry = -1;
    }

    n = ed_formatting_count(tree) - 1;
    tree->formats.len -= sizeof(ed_format_t);

    if (index != n) {
        memmove(entry, entry + 1, (n - index) * sizeof(ed_format_t));
        ed_formatting_renumber(tree, index);
    }
}


static void
ed_formatting_renumber(ed_tree_t *tree, uint32_t from)
{
    uint32_t      i, n;
    ed_format_t  *entry;

    n = ed_formatting_count(tree);

    for (i = from; i < n; i++) {
        entry = ed_formatting_at(tree, i);

        if (entry->node != NULL) {
            entry->node->entry = (int32_t) i;
        }
    }

    ed_tree_charge(tree, n - from);
}


int32_t
ed_formatting_find(ed_tree_t *tree, ed_tag_t tag)
{
    uint32_t      i, n;
    ed_format_t  *entry;

    n = ed_formatting_count(tree);

    for (i = n; i > 0; i--) {
        entry = ed_formatting_at(tree, i - 1);

        if (entry->tag == ED_TAG_UNKNOWN) {
            break;
        }

        if (entry->tag == tag) {
            ed_tree_charge(tree, n - i);
            return (int32_t) (i - 1);
        }
    }

    ed_tree_charge(tree, n - i);

    return -1;
}


unsigned
ed_formatting_waiting(ed_tree_t *tree)
{
    uint32_t      i, n;
    ed_format_t  *entry;

    n = ed_formatting_count(tree);

    for (i = n; i > 0; i--) {
        entry = ed_formatting_at(tree, i - 1);

        if (entry->node != NULL || entry->tag == ED_TAG_UNKNOWN) {
            break;
        }
    }

    ed_tree_charge(tree, n - i);

    return n - i;
}


/* "Reconstruct the active formatting elements, if any." */

void
ed_formatting_reconstruct(ed_tree_t *tree)
{
    uint32_t    i, n;
    ed_open_t  *node;

    if (!ed_formatting_pending(tree)) {
        return;
    }

    n = ed_formatting_count(tree);
    i = n - ed_formatting_waiting(tree);
    ed_tree_charge(tree, ED_WORK_AGAIN * (n - i));

    for ( /* void */ ; i < n; i++) {
        node = ed_stack_insert_implied(tree, ed_formatting_at(tree, i)->tag);
        if (node == NULL) {
            return;
        }

        ed_formatting_at(tree, i)->node = node;
        node->entry = (int32_t) i;
    }
}


/* At most three alike behind the last marker: the earliest gives way. */

static void
ed_formatting_noah(ed_tree_t *tree, ed_tag_t tag, uint64_t attrs)
{
    unsigned      alike;
    uint32_t      i, n, earliest;
    ed_format_t  *entry;

    alike = 0;
    earliest = 0;
    n = ed_formatting_count(tree);

    for (i = n; i > 0; i--) {
        entry = ed_formatting_at(tree, i - 1);

        if (entry->tag == ED_TAG_UNKNOWN) {
            break;
        }

        if (entry->tag == tag && entry->attrs == attrs) {
            earliest = i - 1;
            alike++;
        }
    }

    ed_tree_charge(tree, n - i);

    if (alike >= 3) {
        ed_formatting_remove(tree, earliest);
    }
}


/* The same for every order of the attributes; repeated ones do not count. */

static uint64_t
ed_formatting_attrs(const ed_token_t *token)
{
    unsigned  i;
    uint64_t  sum, hash, names[ED_MAX_ATTRS];

    sum = token->nattrs;

    if (sum == 0 || token->tag == ED_TAG_A) {
        return sum;        /* of links there is never a second in the list */
    }

    for (i = 0; i < token->nattrs; i++) {
        names[i] = ed_tag_hash(token->attrs[i].name);

        if (ed_formatting_repeated(names, i)) {
            sum--;
            continue;
        }

        hash = ed_formatting_mix(names[i], token->attrs[i].value);
        sum += hash ^ (hash >> 29);
    }

    return sum;
}


static int
ed_formatting_repeated(const uint64_t *names, unsigned n)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (names[i] == names[n]) {
            return 1;
        }
    }

    return 0;
}


static uint64_t
ed_formatting_mix(uint64_t hash, ed_str_t s)
{
    size_t    i;
    uint64_t  word;

    hash = (hash ^ s.len) * 0x9e3779b97f4a7c15ULL;

    for (i = 0; i < s.len; i += sizeof(word)) {
        word = 0;
        memcpy(&word, s.data + i,
               s.len - i < sizeof(word) ? s.len - i : sizeof(word));

        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 32;
    }

    return hash;
}
