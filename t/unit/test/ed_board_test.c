
/* What is read of a desk while others write it, and die doing so. */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ed_board.h"
#include "ed_test.h"


#define READS  20000


static void test_turns(void);
static void test_dies(void);
static void test_whole(void);
static void test_problem(void);

static void fill(ed_desk_t *desk, int n);
static int is_whole(const ed_desk_t *desk);


static ed_board_slot_t  *slot;
static ed_desk_t         desk, got;


int
main(void)
{
    slot = mmap(NULL, sizeof(ed_board_slot_t), PROT_READ|PROT_WRITE,
                MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    test_turns();
    test_dies();
    test_whole();
    test_problem();

    return ed_test_done();
}


static void
test_turns(void)
{
    int  n;

    is_num(ed_board_version(slot), 0, "nothing was written");
    is_num(ed_board_read(slot, &got), 0, "is read as that");

    for (n = 1; n <= 3; n++) {
        fill(&desk, n);
        ed_board_write(slot, &desk);

        is_num(ed_board_read(slot, &got), n, "version %d", n);
        ok(memcmp(&got, &desk, sizeof(desk)) == 0, "is what was written");
    }
}


/* A writer that does not come to its end. */

static void
test_dies(void)
{
    fill(&desk, 4);
    ed_board_fill(slot, &desk);

    is_num(ed_board_read(slot, &got), 3, "half a write: still version 3");
    ok(is_whole(&got) && got.paused == 3, "and its desk");

    fill(&desk, 5);
    ed_board_write(slot, &desk);

    is_num(ed_board_read(slot, &got), 4, "the next writer makes version 4");
    ok(is_whole(&got) && got.paused == 5, "which is all its own");
}


static void
test_whole(void)
{
    int       i, n, torn, changes;
    pid_t     writer;
    uint64_t  version, last;

    writer = fork();

    if (writer == 0) {
        for (n = 0; /* void */ ; n++) {
            fill(&desk, n);
            ed_board_write(slot, &desk);
        }
    }

    torn = 0;
    changes = 0;
    last = 0;

    for (i = 0; i < READS || changes < 500; i++) {
        version = ed_board_read(slot, &got);
        torn += !is_whole(&got);
        changes += (version != last);
        last = version;
    }

    (void) kill(writer, SIGKILL);
    (void) waitpid(writer, NULL, 0);

    is_num(torn, 0, "%d reads under a writer, of %d versions: each is whole",
           i, changes);

    version = ed_board_read(slot, &got);
    ok(version >= last && is_whole(&got), "and so when it was killed");
}


static void
test_problem(void)
{
    int   i;
    char  text[2 * ED_MAX_PROBLEM], problem[ED_MAX_PROBLEM];

    for (i = 0; i < ED_MAX_PROBLEM; i++) {
        problem[i] = 'y';
    }

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';

    ed_board_problem(problem, text);
    is_num(strlen(problem), ED_MAX_PROBLEM - 1, "a long problem is cut");

    ed_board_problem(problem, "short");
    is_str(ed_str(problem, strlen(problem)), "short", "a short one is not");

    for (i = sizeof("short"); i < ED_MAX_PROBLEM && problem[i] == '\0'; i++) {
        /* void */
    }

    is_num(i, ED_MAX_PROBLEM, "and has nothing behind it");

    ed_board_problem(problem, NULL);
    is_num(problem[0], 0, "none");
}


/* Every byte of it says which one it is. */

static void
fill(ed_desk_t *d, int n)
{
    memset(d, n & 0x7f, sizeof(ed_desk_t));
}


static int
is_whole(const ed_desk_t *d)
{
    size_t          i;
    const uint8_t  *p;

    p = (const uint8_t *) d;

    for (i = 1; i < sizeof(ed_desk_t); i++) {
        if (p[i] != p[0]) {
            return 0;
        }
    }

    return 1;
}
