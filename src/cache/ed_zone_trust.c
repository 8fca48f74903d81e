
/*
 * Is a page what the other store has?
 *
 *     told      1     2     3     4     5            the zone's
 *                     |           |
 *     look-up, stamp  2 ........  | ....  publish    up to 2 it is cleared
 *                                 4                  doubted[]: still doubtful
 *
 * An entry keeps the number of its last doubt of each kind, until it is
 * cleared up to a number that is not less.  So a clearance that comes late does
 * no harm, and an older one takes nothing back.
 *
 * A page that is being fetched without a lock has no entry; and while the
 * entries of an article are gone through, piece by piece, a page may be
 * published where they have been gone through already.  Therefore the number
 * is also kept by the last bits of the key's hash, or the article's, and a
 * new page looks there.  Others have the same bits: that page is compared
 * once for nothing.
 */

#include "ed_zone_int.h"


static uint64_t ed_zone_tell(ed_zone_t *zone, ed_doubt_e kind, uint64_t hash);
static uint64_t *ed_zone_missed(ed_zone_t *zone, ed_doubt_e kind,
    uint64_t hash);
static void ed_zone_set_doubt(ed_zone_entry_t *e, ed_doubt_e kind,
    uint64_t number);
static void ed_zone_clear(ed_zone_entry_t *e, const ed_zone_stamp_t *stamp);


void
ed_zone_stamp_get(const ed_zone_t *zone, uint32_t i, ed_zone_stamp_t *stamp)
{
    const ed_zone_entry_t  *e;

    e = i != ED_ZONE_NONE ? ed_zone_entry(zone, i) : NULL;

    if (e == NULL || e->state != ED_ENTRY_PAGE) {
        *stamp = (ed_zone_stamp_t) {
            .generation = zone->generation,
            .doubts = { zone->told, zone->told },
            .epoch = zone->epoch
        };

        return;
    }

    *stamp = (ed_zone_stamp_t) {
        .revision = e->revision,
        .article = e->article,
        .generation = zone->generation,
        .doubts = { zone->told, zone->told },
        .epoch = zone->epoch,
        .derived = e->derived,
        .aside = e->aside,
        .doubtful = ed_zone_is_doubtful(zone, e)
    };
}


void
ed_zone_stamp_set(ed_zone_t *zone, uint32_t i, const ed_zone_stamp_t *stamp)
{
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    e->revision = stamp->revision;
    e->article = stamp->article;
    e->aside = stamp->aside;
    e->derived = stamp->derived || stamp->aside;
    e->era = zone->era;
    e->epoch = stamp->epoch;
    e->touched = 0;

    ed_zone_set_doubt(e, ED_DOUBT_PAGE,
                      *ed_zone_missed(zone, ED_DOUBT_PAGE, e->hash));
    ed_zone_set_doubt(e, ED_DOUBT_RECORD,
                      *ed_zone_missed(zone, ED_DOUBT_RECORD, e->hash));

    if (e->article != 0) {
        ed_zone_set_doubt(e, ED_DOUBT_RECORD,
                          *ed_zone_missed(zone, ED_DOUBT_RECORD, e->article));
    }

    ed_zone_clear(e, stamp);
}


int
ed_zone_doubt(ed_zone_t *zone, uint64_t hash, ed_str_t key, ed_doubt_e kind,
    ed_zone_stamp_t *stamp)
{
    uint32_t          i;
    uint64_t          number;
    ed_zone_entry_t  *e;

    number = ed_zone_tell(zone, kind, hash);

    i = ed_zone_find_live(zone, hash, key);

    if (i == ED_ZONE_NONE) {
        ed_zone_stamp_get(zone, i, stamp);
        return 0;
    }

    e = ed_zone_entry(zone, i);
    ed_zone_set_doubt(e, kind, number);

    ed_zone_stamp_get(zone, i, stamp);

    return e->state == ED_ENTRY_PAGE;
}


uint32_t
ed_zone_doubt_article(ed_zone_t *zone, uint64_t article, uint32_t from)
{
    uint32_t          i, n;
    uint64_t          number;
    ed_zone_entry_t  *e;

    if (article == 0) {
        return ED_ZONE_NONE;
    }

    number = ed_zone_tell(zone, ED_DOUBT_RECORD, article);

    i = from;

    for (n = 0; n < ED_ZONE_STRETCH && i < zone->at.nentries; n++) {
        e = ed_zone_entry(zone, i++);

        if (e->article == article
            && (e->state == ED_ENTRY_PAGE || e->state == ED_ENTRY_BARE))
        {
            ed_zone_set_doubt(e, ED_DOUBT_RECORD, number);
        }
    }

    return i < zone->at.nentries ? i : ED_ZONE_NONE;
}


void
ed_zone_distrust(ed_zone_t *zone)
{
    zone->epoch++;
}


void
ed_zone_trust(ed_zone_t *zone, uint64_t hash, ed_str_t key,
    const ed_zone_stamp_t *stamp)
{
    uint32_t          i;
    ed_zone_entry_t  *e;

    i = ed_zone_find_live(zone, hash, key);

    if (i == ED_ZONE_NONE || stamp->generation != zone->generation) {
        return;
    }

    e = ed_zone_entry(zone, i);

    if (e->state != ED_ENTRY_PAGE || e->revision != stamp->revision) {
        return;
    }

    ed_zone_clear(e, stamp);

    if (stamp->doubts[ED_DOUBT_PAGE] != 0
        && stamp->doubts[ED_DOUBT_RECORD] != 0
        && (int32_t) (stamp->epoch - e->epoch) > 0)
    {
        e->epoch = stamp->epoch;
    }
}


void
ed_zone_revise(ed_zone_t *zone, uint64_t hash, ed_str_t key, uint64_t old,
    uint64_t revision)
{
    uint32_t          i;
    ed_zone_entry_t  *e;

    i = ed_zone_find_live(zone, hash, key);
    if (i == ED_ZONE_NONE) {
        return;
    }

    e = ed_zone_entry(zone, i);

    if (e->state == ED_ENTRY_PAGE && e->revision == old) {
        e->revision = revision;
    }
}


/* One doubt more, of what has that hash; its number. */

static uint64_t
ed_zone_tell(ed_zone_t *zone, ed_doubt_e kind, uint64_t hash)
{
    zone->told++;
    *ed_zone_missed(zone, kind, hash) = zone->told;

    return zone->told;
}


static uint64_t *
ed_zone_missed(ed_zone_t *zone, ed_doubt_e kind, uint64_t hash)
{
    return &zone->missed[kind][hash % ED_ZONE_MISSED];
}


static void
ed_zone_set_doubt(ed_zone_entry_t *e, ed_doubt_e kind, uint64_t number)
{
    if (number > e->doubted[kind]) {
        e->doubted[kind] = number;
        e->doubts |= 1 << kind;
    }
}


static void
ed_zone_clear(ed_zone_entry_t *e, const ed_zone_stamp_t *stamp)
{
    unsigned  kind;

    for (kind = 0; kind < ED_DOUBTS; kind++) {
        if (e->doubted[kind] <= stamp->doubts[kind]) {
            e->doubted[kind] = 0;
            e->doubts &= ~(1 << kind);
        }
    }
}
