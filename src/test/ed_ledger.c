
#include "ed_hash.h"
#include "ed_ledger.h"


static uint64_t ed_ledger_hash(const ed_ledger_key_t *key);
static void ed_ledger_name(ed_name_t *name, ed_str_t s);
static unsigned ed_ledger_room(ed_ledger_t *ledger,
    const ed_ledger_key_t *key);
static unsigned ed_ledger_oldest(ed_ledger_t *ledger, uint32_t today);
static int ed_ledger_is_over(const ed_ledger_cell_t *cell, uint32_t today);


#define ED_LEDGER_NONE  ED_LEDGER_CELLS

#define ed_load(p)      __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define ed_store(p, v)  __atomic_store_n(p, v, __ATOMIC_RELEASE)


static const ed_str_t  ed_event_names[ED_EVENTS] = {
    { (const uint8_t *) "exposure", 8 },
    { (const uint8_t *) "click", 5 },
    { (const uint8_t *) "finish", 6 }
};


ed_str_t
ed_event_name(ed_event_e event)
{
    return ed_event_names[event];
}


ed_event_e
ed_event_find(ed_str_t name)
{
    unsigned  i;

    for (i = 0; i < ED_EVENTS; i++) {
        if (ed_str_eq(ed_event_names[i], name)) {
            break;
        }
    }

    return (ed_event_e) i;
}


void
ed_ledger_init(ed_ledger_t *ledger, uint64_t epoch)
{
    memset(ledger, 0, offsetof(ed_ledger_t, cells));

    ledger->epoch = epoch;
    ledger->generation = 1;
}


/* Zeroed first: what lies between the fields is compared, too. */

void
ed_ledger_key(ed_ledger_key_t *key, ed_str_t desk, ed_feature_e feature,
    ed_str_t test, ed_str_t variant, int64_t now)
{
    memset(key, 0, sizeof(ed_ledger_key_t));

    key->day = (uint32_t) (now / ED_LEDGER_DAY);
    key->feature = (uint32_t) feature;

    ed_ledger_name(&key->desk, desk);
    ed_ledger_name(&key->test, test);
    ed_ledger_name(&key->variant, variant);
}


static void
ed_ledger_name(ed_name_t *name, ed_str_t s)
{
    name->len = (uint8_t) (s.len < ED_MAX_NAME ? s.len : ED_MAX_NAME);

    if (name->len != 0) {
        memcpy(name->text, s.data, name->len);
    }
}


/* 0 is that of a cell that is free. */

static uint64_t
ed_ledger_hash(const ed_ledger_key_t *key)
{
    uint64_t              hash;
    static const uint8_t  zero[ED_HASH_KEY];

    hash = ed_hash(zero, key, sizeof(ed_ledger_key_t));

    return hash != 0 ? hash : 1;
}


ed_ledger_cell_t *
ed_ledger_find(ed_ledger_t *ledger, const ed_ledger_key_t *key)
{
    unsigned  i, n;
    uint64_t  hash;

    hash = ed_ledger_hash(key);
    n = ed_load(&ledger->n);

    for (i = 0; i < n; i++) {

        if (ed_load(&ledger->hashes[i]) == hash
            && memcmp(&ledger->cells[i].key, key, sizeof(ed_ledger_key_t))
               == 0)
        {
            return &ledger->cells[i];
        }
    }

    return NULL;
}


ed_ledger_cell_t *
ed_ledger_add(ed_ledger_t *ledger, const ed_ledger_key_t *key)
{
    unsigned           i;
    ed_ledger_cell_t  *cell;

    cell = ed_ledger_find(ledger, key);

    if (cell != NULL) {
        return cell;
    }

    i = ed_ledger_room(ledger, key);

    if (i == ED_LEDGER_NONE) {
        return NULL;
    }

    cell = &ledger->cells[i];

    memset(cell, 0, sizeof(ed_ledger_cell_t));
    memcpy(&cell->key, key, sizeof(ed_ledger_key_t));

    ed_store(&ledger->hashes[i], ed_ledger_hash(key));

    return cell;
}


static unsigned
ed_ledger_room(ed_ledger_t *ledger, const ed_ledger_key_t *key)
{
    unsigned  i;

    for (i = 0; i < ledger->n; i++) {
        if (ledger->hashes[i] == 0) {
            return i;
        }
    }

    if (ledger->n < ED_LEDGER_CELLS) {
        i = ledger->n;

        ledger->hashes[i] = 0;
        ed_store(&ledger->n, i + 1);

        return i;
    }

    i = ed_ledger_oldest(ledger, key->day);

    if (i != ED_LEDGER_NONE) {
        ed_store(&ledger->hashes[i], 0);
    }

    return i;
}


static unsigned
ed_ledger_oldest(ed_ledger_t *ledger, uint32_t today)
{
    unsigned  i, oldest;

    oldest = ED_LEDGER_NONE;

    for (i = 0; i < ledger->n; i++) {

        if (ed_ledger_is_over(&ledger->cells[i], today)
            && (oldest == ED_LEDGER_NONE
                || ledger->cells[i].key.day < ledger->cells[oldest].key.day))
        {
            oldest = i;
        }
    }

    return oldest;
}


static int
ed_ledger_is_over(const ed_ledger_cell_t *cell, uint32_t today)
{
    return cell->key.day + ED_LEDGER_OVER <= today
           && ed_ledger_is_written(cell);
}


void
ed_ledger_forget(ed_ledger_t *ledger, uint32_t day, uint32_t today)
{
    unsigned  i;

    for (i = 0; i < ledger->n; i++) {

        if (ledger->hashes[i] != 0
            && ledger->cells[i].key.day < day
            && ed_ledger_is_over(&ledger->cells[i], today))
        {
            ed_store(&ledger->hashes[i], 0);
        }
    }
}


/* A cell that becomes another's meanwhile has another hash then. */

int
ed_ledger_next(ed_ledger_t *ledger, unsigned *i, ed_ledger_cell_t *cell)
{
    unsigned  n, event;
    uint64_t  hash;

    n = ed_load(&ledger->n);

    while (*i < n) {
        hash = ed_load(&ledger->hashes[*i]);

        memcpy(&cell->key, &ledger->cells[*i].key, sizeof(ed_ledger_key_t));

        for (event = 0; event < ED_EVENTS; event++) {
            cell->written[event] = ed_load(
                                      &ledger->cells[*i].written[event]);
            cell->counts[event] = ed_load(&ledger->cells[*i].counts[event]);
        }

        (*i)++;

        if (hash != 0
            && hash == ed_load(&ledger->hashes[*i - 1])
            && hash == ed_ledger_hash(&cell->key))
        {
            return 1;
        }
    }

    return 0;
}


int
ed_ledger_is_written(const ed_ledger_cell_t *cell)
{
    unsigned  event;

    for (event = 0; event < ED_EVENTS; event++) {
        if (cell->written[event] != cell->counts[event]) {
            return 0;
        }
    }

    return 1;
}


void
ed_ledger_renew(ed_ledger_t *ledger)
{
    unsigned  i, event;

    (void) __atomic_fetch_add(&ledger->generation, 1, __ATOMIC_SEQ_CST);

    for (i = 0; i < ED_LEDGER_CELLS && i < ledger->n; i++) {
        for (event = 0; event < ED_EVENTS; event++) {
            ed_store(&ledger->cells[i].written[event], 0);
        }
    }
}


uint64_t
ed_ledger_generation(const ed_ledger_t *ledger)
{
    return ed_load(&ledger->generation);
}


/* If another renews it at this very moment, what was said in here last may
   stand: so it is looked at again. */

void
ed_ledger_wrote(ed_ledger_t *ledger, unsigned i, const ed_ledger_key_t *key,
    ed_event_e event, uint64_t count, uint64_t generation)
{
    ed_ledger_cell_t  *cell;

    cell = &ledger->cells[i];

    if (ed_ledger_generation(ledger) != generation
        || ed_load(&ledger->hashes[i]) != ed_ledger_hash(key))
    {
        return;
    }

    ed_store(&cell->written[event], count);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);

    if (ed_ledger_generation(ledger) != generation) {
        ed_store(&cell->written[event], 0);
    }
}
