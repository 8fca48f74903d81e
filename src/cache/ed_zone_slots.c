
/*
 * Processes: who is inside, what each of them holds, and what is left of one
 * that was killed.
 *
 * Outside, a process is killed without harm: its slot says what it held, and
 * is reaped.  Inside, it leaves lists cut and counters wrong.  So whoever
 * enters next throws the lists away and goes through the entries.  Those that
 * a living slot has pinned or reserved are kept, the first as dead pages, as
 * somebody is sending or writing their blocks at this moment; all others are
 * free.  The slot of the one that was killed counts as not living, so that
 * nothing half-done of its own is kept.
 */

#include "ed_zone_int.h"


static void ed_zone_recover(ed_zone_t *zone);
static void ed_zone_rescue(ed_zone_t *zone, uint32_t i);
static void ed_zone_rescue_chain(ed_zone_t *zone, ed_zone_chain_t *chain);
static uint32_t ed_zone_count_pins(ed_zone_t *zone, ed_zone_entry_t *e);
static uint64_t ed_zone_reap_entry(ed_zone_t *zone, unsigned slot,
    uint32_t i);


int
ed_zone_enter(ed_zone_t *zone, uint64_t pid)
{
    unsigned  s;
    uint64_t  dead;

    dead = zone->busy;

    if (dead == 0) {
        zone->busy = pid;
        ed_zone_barrier();

        return 0;
    }

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        if (zone->slots[s].pid == dead) {
            zone->slots[s].dead = 1;
        }
    }

    ed_zone_barrier();
    zone->busy = pid;
    ed_zone_barrier();

    ed_zone_recover(zone);

    return 1;
}


void
ed_zone_leave(ed_zone_t *zone)
{
    ed_zone_barrier();
    zone->busy = 0;
}


unsigned
ed_zone_claim(ed_zone_t *zone, uint64_t pid, uint64_t start)
{
    unsigned  s;

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        if (zone->slots[s].pid == 0) {
            zone->slots[s].start = start;
            zone->slots[s].dead = 0;
            ed_zone_barrier();
            zone->slots[s].pid = pid;
            break;
        }
    }

    return s;
}


int
ed_zone_owner(const ed_zone_t *zone, unsigned slot, uint64_t *pid,
    uint64_t *start)
{
    if (slot >= ED_ZONE_SLOTS || zone->slots[slot].pid == 0) {
        return 0;
    }

    *pid = zone->slots[slot].pid;
    *start = zone->slots[slot].start;

    return 1;
}


uint64_t
ed_zone_reap(ed_zone_t *zone, unsigned slot)
{
    uint32_t  i;
    uint64_t  wake;

    if (slot >= ED_ZONE_SLOTS) {
        return 0;
    }

    wake = 0;

    for (i = 0; i < zone->at.nentries; i++) {
        if (ed_zone_entry(zone, i)->state != ED_ENTRY_FREE) {
            wake |= ed_zone_reap_entry(zone, slot, i);
        }
    }

    ed_zone_role_leave(zone, slot);

    ed_zone_barrier();
    zone->slots[slot].pid = 0;

    return wake & ~ed_zone_bit(slot);
}


uint64_t
ed_zone_owned(const ed_zone_t *zone)
{
    unsigned  s;
    uint64_t  slots;

    slots = 0;

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        if (zone->slots[s].pid != 0) {
            slots |= ed_zone_bit(s);
        }
    }

    return slots;
}


/* The clock is read before the mutex is had: that of the last who renewed it
   may be a little ahead. */

int
ed_zone_role(ed_zone_t *zone, unsigned slot, uint64_t now_ms)
{
    unsigned  holder;

    if (slot >= ED_ZONE_SLOTS) {
        return 0;
    }

    holder = ed_zone_role_holder(zone);

    if (holder != ED_ZONE_SLOTS && holder != slot
        && (int64_t) (now_ms - zone->role_ms) <= ED_ZONE_ROLE)
    {
        return 0;
    }

    zone->role_ms = now_ms;
    zone->role = slot + 1;

    return 1;
}


unsigned
ed_zone_role_holder(const ed_zone_t *zone)
{
    return zone->role != 0 && ed_zone_is_alive(zone, zone->role - 1)
           ? zone->role - 1 : ED_ZONE_SLOTS;
}


void
ed_zone_role_leave(ed_zone_t *zone, unsigned slot)
{
    if (zone->role == slot + 1) {
        zone->role = 0;
    }
}


static uint64_t
ed_zone_reap_entry(ed_zone_t *zone, unsigned slot, uint32_t i)
{
    uint64_t          wake;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    if (e->state == ED_ENTRY_RESERVED) {
        ed_zone_discard(zone, slot, i);
        return 0;
    }

    if (e->slot_pins[slot] != 0) {
        ed_zone_unpin_n(zone, slot, i, e->slot_pins[slot]);
    }

    e->waiters &= ~ed_zone_bit(slot);

    if (e->token == 0 || e->slot != slot) {
        return 0;
    }

    wake = e->waiters;

    e->token = 0;
    e->until = 0;
    e->waiters = 0;

    if (e->state == ED_ENTRY_BARE) {
        ed_zone_drop(zone, i);
    }

    return wake;
}


static void
ed_zone_recover(ed_zone_t *zone)
{
    uint32_t  i;

    ed_zone_clear_lists(zone);

    for (i = zone->at.nentries; i-- != 0; /* void */) {
        ed_zone_rescue(zone, i);
    }

    ed_zone_poke(zone->recovered, zone->recovered + 1);
}


static void
ed_zone_rescue(ed_zone_t *zone, uint32_t i)
{
    int               reserved;
    ed_zone_entry_t  *e;

    e = ed_zone_entry(zone, i);

    e->pins = ed_zone_count_pins(zone, e);

    reserved = (e->pins == 0 && e->state == ED_ENTRY_RESERVED
                && ed_zone_is_alive(zone, e->slot));

    if (e->pins == 0 && !reserved) {
        ed_zone_entry_give(zone, i);
        return;
    }

    e->state = reserved ? ED_ENTRY_RESERVED : ED_ENTRY_DEAD;
    e->token = 0;
    e->until = 0;
    e->waiters = 0;
    e->cells = ED_ZONE_NONE;
    e->derived = 0;
    e->aside = 0;
    e->doubts = 0;
    memset(e->doubted, 0, sizeof(e->doubted));

    ed_zone_rescue_chain(zone, &e->page);
    ed_zone_rescue_chain(zone, &e->coded);

    if (reserved) {
        zone->reserved += ed_zone_nblocks(e);

    } else {
        ed_zone_poke(zone->pinned, zone->pinned + ed_zone_nblocks(e));
    }
}


/* One that is not whole is given up: its reader finds no bytes. */

static void
ed_zone_rescue_chain(ed_zone_t *zone, ed_zone_chain_t *chain)
{
    if (!ed_zone_chain_claim(zone, chain)) {
        chain->first = ED_ZONE_NONE;
        chain->nblocks = 0;
        chain->len = 0;
    }
}


static uint32_t
ed_zone_count_pins(ed_zone_t *zone, ed_zone_entry_t *e)
{
    unsigned  s;
    uint32_t  pins;

    static const uint16_t  none[ED_ZONE_SLOTS];

    if (memcmp(e->slot_pins, none, sizeof(none)) == 0) {
        return 0;
    }

    pins = 0;

    for (s = 0; s < ED_ZONE_SLOTS; s++) {
        if (!ed_zone_is_alive(zone, s)) {
            e->slot_pins[s] = 0;
        }

        pins += e->slot_pins[s];
    }

    return pins;
}


int
ed_zone_is_alive(const ed_zone_t *zone, unsigned slot)
{
    return slot < ED_ZONE_SLOTS
           && zone->slots[slot].pid != 0
           && !zone->slots[slot].dead;
}
