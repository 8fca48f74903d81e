
/* The last changes, in memory that has room for so many. */

#include <stdio.h>
#include <stdlib.h>

#include "ed_journal.h"
#include "ed_test.h"


static void test_few(void);
static void test_many(void);
static void test_random(void);
static void add(int64_t at, unsigned n, size_t len);
static unsigned check(unsigned last);


static ed_journal_t  *journal;
static char           text[ED_JOURNAL_TEXT + 1];


int
main(void)
{
    test_few();
    test_many();
    test_random();

    return ed_test_done();
}


static void
test_few(void)
{
    ed_buf_t            buf;
    ed_str_t            left, got;
    ed_journal_entry_t  entry;

    journal = calloc(1, sizeof(ed_journal_t));

    ed_buf_init(&buf, 1024 * 1024);
    is_num(ed_journal_read(journal, NULL, 10, &buf), ED_OK, "none");
    is_num(buf.len, 0, "... is read");

    add(1000, 1, 20);
    add(1000, 2, 20);
    add(900, 3, 20);
    add(2000, 4, 20);

    ed_journal_read(journal, NULL, 3, &buf);
    left = ed_str(buf.data, buf.len);

    ok(ed_journal_next(&left, &entry, &got), "the last");
    ok(entry.at == 2000 && entry.seq == 0, "has its time");
    is_num(got.len, 20, "and its text");
    ok(memcmp(got.data, "000000004x", 10) == 0, "which is its own");
    ok(ed_journal_next(&left, &entry, &got), "one before");
    ok(entry.at == 1000 && entry.seq == 2, "ids rise though clocks do not");
    ok(ed_journal_next(&left, &entry, &got), "one more");
    ok(!ed_journal_next(&left, &entry, &got), "no more than were asked for");

    buf.len = 0;
    ed_journal_read(journal, &entry, 10, &buf);
    left = ed_str(buf.data, buf.len);
    ok(ed_journal_next(&left, &entry, &got) && entry.at == 1000
       && entry.seq == 0, "those before one");
    ok(!ed_journal_next(&left, &entry, &got), "... are all");

    is_num(ed_journal_add(journal, 1, ed_str(text, sizeof(text))),
           ED_LIMIT_SIZE, "one that is too long");

    ed_buf_free(&buf);
    free(journal);
}


static void
test_many(void)
{
    unsigned  i;

    journal = calloc(1, sizeof(ed_journal_t));

    for (i = 1; i <= 3000; i++) {
        add(i, i, 10);
    }

    is_num(check(3000), ED_JOURNAL_ENTRIES, "short ones: by their number");

    for (i = 3001; i <= 3100; i++) {
        add(i, i, ED_JOURNAL_TEXT);
    }

    is_num(check(3100), ED_JOURNAL_BYTES / ED_JOURNAL_TEXT,
           "long ones: by their bytes");

    free(journal);
}


static void
test_random(void)
{
    unsigned  i, n;

    journal = calloc(1, sizeof(ed_journal_t));
    srand(1);

    for (i = 1; i <= 20000; i++) {
        add(i / 3, i, rand() % 7 ? 10 + (unsigned) rand() % 500
                                 : 10 + (unsigned) rand() % 30000);

        n = check(i);

        if (n == 0) {
            break;
        }
    }

    is_num(i, 20001, "of any length: the last ones are whole, in order");

    free(journal);
}


static void
add(int64_t at, unsigned n, size_t len)
{
    char  number[16];

    memset(text, 'x', sizeof(text));
    (void) snprintf(number, sizeof(number), "%09u", n);
    memcpy(text, number, 9);
    text[len - 1] = n % 7 + 'a';

    (void) ed_journal_add(journal, at, ed_str(text, len));
}


/* How many there are, down from last without a gap; 0: something is wrong. */

static unsigned
check(unsigned last)
{
    unsigned            n;
    ed_buf_t            buf;
    ed_str_t            left, got;
    ed_journal_entry_t  entry;

    ed_buf_init(&buf, 1024 * 1024);
    n = 0;

    if (ed_journal_read(journal, NULL, 5000, &buf) != ED_OK) {
        return 0;
    }

    left = ed_str(buf.data, buf.len);

    while (ed_journal_next(&left, &entry, &got)) {

        if (got.len < 10 || (unsigned) atoi((char *) got.data) != last - n
            || got.data[got.len - 1] != (last - n) % 7 + 'a')
        {
            n = 0;
            break;
        }

        n++;
    }

    ed_buf_free(&buf);

    return n;
}
