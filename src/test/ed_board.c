
#include "ed_board.h"


/*
 * The copy is being overwritten only where the version has been raised since:
 * then what was read may be of two desks, and is read again.
 */

uint64_t
ed_board_read(const ed_board_slot_t *slot, ed_desk_t *desk)
{
    uint64_t  version;

    do {
        version = ed_board_version(slot);

        memcpy(desk, &slot->copies[version & 1], sizeof(ed_desk_t));

        __atomic_thread_fence(__ATOMIC_ACQUIRE);

    } while (__atomic_load_n(&slot->version, __ATOMIC_RELAXED) != version);

    return version;
}


void
ed_board_write(ed_board_slot_t *slot, const ed_desk_t *desk)
{
    ed_board_fill(slot, desk);
    ed_board_turn(slot);
}


void
ed_board_fill(ed_board_slot_t *slot, const ed_desk_t *desk)
{
    uint64_t  version;

    version = ed_board_version(slot);

    /* readers must know of the last turn before they can see these bytes */

    __atomic_thread_fence(__ATOMIC_SEQ_CST);

    memcpy(&slot->copies[(version + 1) & 1], desk, sizeof(ed_desk_t));
}


void
ed_board_turn(ed_board_slot_t *slot)
{
    __atomic_store_n(&slot->version, slot->version + 1, __ATOMIC_RELEASE);
}


void
ed_board_problem(char problem[ED_MAX_PROBLEM], const char *text)
{
    size_t  len;

    memset(problem, 0, ED_MAX_PROBLEM);

    if (text != NULL) {
        len = strnlen(text, ED_MAX_PROBLEM - 1);
        memcpy(problem, text, len);
    }
}
