
#include "ed_tag.h"


/*
 * The hashes are told apart by eleven bits of their product with a number
 * that was looked for until no two of the list's names met.
 */

#define ED_TAG_SLOT_MIX    0x238191e9d2969d35ULL
#define ED_TAG_SLOT_SHIFT  53
#define ED_TAG_SLOTS       2048


#define ED_TAG(id, name, hash, slot, flags)                                   \
    [ED_TAG_##id] = { name, NULL, hash, flags, sizeof(name) - 1 },
#define ED_TAG_SVG(id, name, svg, hash, slot, flags)                          \
    [ED_TAG_##id] = { name, svg, hash, flags, sizeof(name) - 1 },

const ed_tag_info_t  ed_tag_info[ED_TAG_COUNT] = {
    [ED_TAG_UNKNOWN] = { "", NULL, 0, 0, 0 },
#include "ed_tag_list.h"
};

#undef ED_TAG
#undef ED_TAG_SVG


#define ED_TAG(id, name, hash, slot, flags)           [slot] = ED_TAG_##id,
#define ED_TAG_SVG(id, name, svg, hash, slot, flags)  [slot] = ED_TAG_##id,

static const uint8_t  ed_tag_slots[ED_TAG_SLOTS] = {
#include "ed_tag_list.h"
};

#undef ED_TAG
#undef ED_TAG_SVG


_Static_assert(ED_TAG_COUNT <= 256, "a tag's number is one byte of a slot");


uint64_t
ed_tag_hash(ed_str_t name)
{
    size_t    i;
    uint64_t  hash;

    hash = ED_TAG_HASH_SEED;

    for (i = 0; i < name.len; i++) {
        hash = ed_tag_hash_add(hash, ed_lower(name.data[i]));
    }

    return hash;
}


ed_tag_t
ed_tag_by_hash(uint64_t hash)
{
    ed_tag_t  tag;

    tag = ed_tag_slots[hash * ED_TAG_SLOT_MIX >> ED_TAG_SLOT_SHIFT];

    return ed_tag_info[tag].hash == hash ? tag : ED_TAG_UNKNOWN;
}


ed_tag_t
ed_tag_lookup(ed_str_t name)
{
    return ed_tag_by_hash(ed_tag_hash(name));
}


ed_str_t
ed_tag_name(ed_tag_t tag, int svg)
{
    const ed_tag_info_t  *info;

    info = &ed_tag_info[tag];

    return ed_str(svg && info->svg != NULL ? info->svg : info->name,
                  info->len);
}
