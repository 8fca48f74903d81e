
/* What is counted, by several at once; what makes room, and what must not. */

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ed_ledger.h"
#include "ed_test.h"


#define TODAY     20780
#define COUNTERS  4
#define EVENTS    50000
#define TESTS     50


static void test_names(void);
static void test_counts(void);
static void test_keys(void);
static void test_full(void);
static void test_forget(void);
static void test_written(void);
static void test_at_once(void);

static void key_of(ed_ledger_key_t *key, unsigned test, uint32_t day);
static ed_ledger_cell_t *add(unsigned test, uint32_t day);
static unsigned used(void);
static void write_all(void);
static void count_all(unsigned id);


static ed_ledger_t  *ledger;


int
main(void)
{
    ledger = mmap(NULL, sizeof(ed_ledger_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    test_names();
    test_counts();
    test_keys();
    test_full();
    test_forget();
    test_written();
    test_at_once();

    return ed_test_done();
}


static void
test_names(void)
{
    is_num(ed_event_find(ED_STR("exposure")), ED_EVENT_EXPOSURE, "exposure");
    is_num(ed_event_find(ED_STR("finish")), ED_EVENT_FINISH, "finish");
    is_num(ed_event_find(ED_STR("finis")), ED_EVENTS, "is none");
    is_num(ed_event_find(ED_STR_EMPTY), ED_EVENTS, "nor is nothing");
    is_str(ed_event_name(ED_EVENT_CLICK), "click", "click");
}


static void
test_counts(void)
{
    unsigned           i;
    ed_ledger_key_t    key;
    ed_ledger_cell_t  *cell, copy;

    memset(ledger, 0xa5, sizeof(ed_ledger_t));
    ed_ledger_init(ledger, 7);

    key_of(&key, 1, TODAY);

    i = 0;
    ok(ed_ledger_next(ledger, &i, &copy) == 0, "an empty one has no cells");
    ok(ed_ledger_find(ledger, &key) == NULL, "nor this one");

    cell = ed_ledger_add(ledger, &key);
    ok(cell != NULL && ed_ledger_find(ledger, &key) == cell, "it is made");
    ok(ed_ledger_add(ledger, &key) == cell, "once");

    ed_ledger_count(cell, ED_EVENT_CLICK);
    ed_ledger_count(cell, ED_EVENT_CLICK);
    ed_ledger_count(cell, ED_EVENT_FINISH);

    i = 0;
    ok(ed_ledger_next(ledger, &i, &copy) == 1, "there is one");
    is_num(i, 1, "the first");
    ok(memcmp(&copy.key, &key, sizeof(key)) == 0, "of that key");
    is_num(copy.counts[ED_EVENT_EXPOSURE], 0, "no exposures");
    is_num(copy.counts[ED_EVENT_CLICK], 2, "two clicks");
    is_num(copy.counts[ED_EVENT_FINISH], 1, "one end");
    is_num(copy.written[ED_EVENT_CLICK], 0, "nothing is written");
    ok(!ed_ledger_is_written(&copy), "which shows");
    ok(ed_ledger_next(ledger, &i, &copy) == 0, "there is no other");
}


/* Each part of a key tells it from others. */

static void
test_keys(void)
{
    char               name[ED_MAX_NAME + 1];
    unsigned           i;
    ed_ledger_key_t    keys[8];
    ed_ledger_cell_t  *cell;

    static const char  *words[][3] = {
        { "a", "T", "box" }, { "b", "T", "box" }, { "a", "U", "box" },
        { "a", "T", "off" }, { "ab", "T", "ox" }, { "", "aT", "box" }
    };

    ed_ledger_init(ledger, 7);

    for (i = 0; i < 8; i++) {
        const char  **w = words[i < 6 ? i : 0];

        ed_ledger_key(&keys[i], ed_str(w[0], strlen(w[0])),
                      i == 6 ? ED_DISCLAIMER : ED_READ_MORE,
                      ed_str(w[1], strlen(w[1])), ed_str(w[2], strlen(w[2])),
                      (int64_t) (TODAY + (i == 7)) * ED_LEDGER_DAY + 5);

        ok(ed_ledger_find(ledger, &keys[i]) == NULL, "key %u is new", i);
        cell = ed_ledger_add(ledger, &keys[i]);
        ok(cell == &ledger->cells[i], "and has a cell");
    }

    memset(name, 'n', sizeof(name));
    ed_ledger_key(&keys[0], ed_str(name, ED_MAX_NAME), ED_READ_MORE,
                  ed_str(name, ED_MAX_NAME), ed_str(name, ED_MAX_NAME), 0);
    ok(ed_ledger_add(ledger, &keys[0]) != NULL, "the longest names");
    is_num(keys[0].desk.len, ED_MAX_NAME, "are whole");
}


/* Today's cells stay, and those that nobody has written. */

static void
test_full(void)
{
    unsigned           i;
    ed_ledger_key_t    key;
    ed_ledger_cell_t  *cell;

    ed_ledger_init(ledger, 7);

    for (i = 0; i < ED_LEDGER_CELLS; i++) {
        cell = add(i, TODAY - i % 4);

        if (cell != &ledger->cells[i]) {
            break;
        }

        ed_ledger_count(cell, ED_EVENT_EXPOSURE);
    }

    is_num(i, ED_LEDGER_CELLS, "all cells");
    ok(add(i, TODAY) == NULL, "one more has no room");

    key_of(&key, 7, TODAY - 3);
    ok(ed_ledger_find(ledger, &key) != NULL, "none was taken away");

    write_all();

    ok(add(i, TODAY) == &ledger->cells[3], "the oldest goes, once written");
    key_of(&key, 3, TODAY - 3);
    ok(ed_ledger_find(ledger, &key) == NULL, "it is gone");
    key_of(&key, 2, TODAY - 2);
    ok(ed_ledger_find(ledger, &key) != NULL, "a younger one is not");
    is_num(used(), ED_LEDGER_CELLS, "all are in use again");

    while (add(++i, TODAY) != NULL) {
        /* void */
    }

    is_num(i - ED_LEDGER_CELLS, ED_LEDGER_CELLS / 2,
           "what is of yesterday and today stays");
}


static void
test_forget(void)
{
    unsigned         i;
    ed_ledger_key_t  key;

    ed_ledger_init(ledger, 7);

    for (i = 0; i < 20; i++) {
        ed_ledger_count(add(i, TODAY - i), ED_EVENT_CLICK);
    }

    ed_ledger_forget(ledger, TODAY - 8, TODAY);
    is_num(used(), 20, "nothing is written: nothing goes");

    write_all();
    key_of(&key, 15, TODAY - 15);
    ed_ledger_count(ed_ledger_find(ledger, &key), ED_EVENT_CLICK);

    ed_ledger_forget(ledger, TODAY - 8, TODAY);
    is_num(used(), 10, "what is older than eight days and written goes");
    ok(ed_ledger_find(ledger, &key) != NULL, "what has changed stays");

    ed_ledger_forget(ledger, TODAY + 1, TODAY);
    is_num(used(), 3, "two days always stay");

    ok(add(50, TODAY) == &ledger->cells[2], "free cells are taken first");
    is_num(ledger->n, 20, "no new ones are");
}


static void
test_written(void)
{
    unsigned           i;
    uint64_t           before;
    ed_ledger_key_t    key, other;
    ed_ledger_cell_t  *cell, copy;

    ed_ledger_init(ledger, 7);
    key_of(&key, 1, TODAY);
    key_of(&other, 2, TODAY);

    cell = ed_ledger_add(ledger, &key);
    ed_ledger_count(cell, ED_EVENT_CLICK);
    before = ed_ledger_generation(ledger);

    ed_ledger_wrote(ledger, 0, &other, ED_EVENT_CLICK, 1, before);
    is_num(cell->written[ED_EVENT_CLICK], 0, "another's cell is not written");

    ed_ledger_wrote(ledger, 0, &key, ED_EVENT_CLICK, 1, before);
    i = 0;
    (void) ed_ledger_next(ledger, &i, &copy);
    ok(ed_ledger_is_written(&copy), "it is written");

    ed_ledger_count(cell, ED_EVENT_CLICK);
    i = 0;
    (void) ed_ledger_next(ledger, &i, &copy);
    ok(!ed_ledger_is_written(&copy), "and no longer");

    ed_ledger_wrote(ledger, 0, &key, ED_EVENT_CLICK, 2, before);
    ed_ledger_renew(ledger);
    is_num(cell->written[ED_EVENT_CLICK], 0, "all is to be written again");
    is_num(cell->counts[ED_EVENT_CLICK], 2, "and has not changed");

    ed_ledger_wrote(ledger, 0, &key, ED_EVENT_CLICK, 2, before);
    is_num(cell->written[ED_EVENT_CLICK], 0,
           "what was sent before that does not count");

    ed_ledger_wrote(ledger, 0, &key, ED_EVENT_CLICK, 2, before + 1);
    is_num(cell->written[ED_EVENT_CLICK], 2, "what is sent now does");
}


/* Cells are made by one while others look for them, and count. */

static void
test_at_once(void)
{
    unsigned           i, sum, event;
    ed_ledger_cell_t   copy;

    ed_ledger_init(ledger, 7);

    for (i = 0; i < COUNTERS; i++) {
        if (fork() == 0) {
            count_all(i);
            _exit(0);
        }
    }

    for (i = 0; i < TESTS; i++) {
        (void) add(i, TODAY);
        usleep(200);
    }

    while (wait(NULL) > 0) {
        /* void */
    }

    is_num(used(), TESTS, "each cell was made once");

    sum = 0;
    i = 0;

    while (ed_ledger_next(ledger, &i, &copy)) {
        for (event = 0; event < ED_EVENTS; event++) {
            sum += (unsigned) copy.counts[event];
        }
    }

    is_num(sum, COUNTERS * EVENTS, "no event was lost");
}


static void
count_all(unsigned id)
{
    unsigned           i;
    ed_ledger_key_t    key;
    ed_ledger_cell_t  *cell;

    for (i = 0; i < EVENTS; i++) {
        key_of(&key, (i * 7 + id) % TESTS, TODAY);

        do {
            cell = ed_ledger_find(ledger, &key);
        } while (cell == NULL);

        ed_ledger_count(cell, (ed_event_e) (i % ED_EVENTS));
    }
}


static void
key_of(ed_ledger_key_t *key, unsigned test, uint32_t day)
{
    char  id[16];
    int   len;

    len = snprintf(id, sizeof(id), "T%u", test);

    ed_ledger_key(key, ED_STR("opinion"), ED_READ_MORE,
                  ed_str(id, (size_t) len), ED_STR("box"),
                  (int64_t) day * ED_LEDGER_DAY);
}


static ed_ledger_cell_t *
add(unsigned test, uint32_t day)
{
    ed_ledger_key_t  key;

    key_of(&key, test, day);

    return ed_ledger_add(ledger, &key);
}


static unsigned
used(void)
{
    unsigned          i, n;
    ed_ledger_cell_t  copy;

    n = 0;
    i = 0;

    while (ed_ledger_next(ledger, &i, &copy)) {
        n++;
    }

    return n;
}


static void
write_all(void)
{
    unsigned          i, event;
    ed_ledger_cell_t  copy;

    i = 0;

    while (ed_ledger_next(ledger, &i, &copy)) {
        for (event = 0; event < ED_EVENTS; event++) {
            ed_ledger_wrote(ledger, i - 1, &copy.key, (ed_event_e) event,
                            copy.counts[event],
                            ed_ledger_generation(ledger));
        }
    }
}
