
/*
 * What a response says of being kept.  The input's first line is four numbers:
 * what is ignored, the two times of the configuration, a random number.  The
 * rest is headers, a line each.
 *
 *     - It may not be stored, for a reason that has a name, or its times are
 *       in order and not farther from now than they may be.
 *     - A header that comes twice means nothing else.
 *     - Nor do headers in another order, nor Cache-Control on one line.
 *     - private and must-revalidate hold, whatever comes with them.
 *     - An older response is not fresh for longer.
 *     - What is a date is the same date in every form.
 */

#include <time.h>

#include "ed_fuzz.h"
#include "ed_freshness.h"


#define NOW        784111777
#define MAX_LINES  256
#define MAX_LIFE   (21LL * 366 * 86400)


typedef struct {
    ed_str_t           name;
    ed_str_t           value;
} line_t;


typedef struct {
    unsigned           ignore;
    int64_t            valid;
    int64_t            stale;
    uint32_t           jitter;
    size_t             n;
    line_t             lines[MAX_LINES];
} response_t;


typedef struct {
    ed_unstorable_e    unstorable;
    ed_lifetime_t      life;
} result_t;


static void read_response(response_t *response, ed_str_t input);
static int64_t read_number(ed_str_t word);
static result_t judge(const response_t *response);
static void check_result(const result_t *result);
static void check_twice(const response_t *response, const result_t *result);
static void check_reversed(const response_t *response,
    const result_t *result);
static void check_joined(const response_t *response, const result_t *result);
static void check_with(const response_t *response, const result_t *result);
static void check_older(const response_t *response);
static void check_date(ed_str_t value);
static int same_life(const result_t *a, const result_t *b);
static size_t count(const response_t *response, ed_str_t name);
static void put_last(response_t *response, ed_str_t name, ed_str_t value);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              i;
    result_t            result;
    static response_t   response;

    read_response(&response, ed_str(data, size));
    result = judge(&response);

    check_result(&result);
    check_twice(&response, &result);
    check_reversed(&response, &result);
    check_joined(&response, &result);
    check_with(&response, &result);
    check_older(&response);

    for (i = 0; i < response.n; i++) {
        check_date(response.lines[i].value);
    }

    return 0;
}


static void
read_response(response_t *response, ed_str_t input)
{
    line_t    *line;
    ed_str_t   head, text;

    head = fuzz_head(&input, '\n');

    response->ignore = (unsigned) (read_number(fuzz_head(&head, ' ')) & 0x1f);
    response->valid = read_number(fuzz_head(&head, ' '));
    response->stale = read_number(fuzz_head(&head, ' '));
    response->jitter = (uint32_t) read_number(head);
    response->n = 0;

    while (input.len != 0 && response->n < MAX_LINES - 2) {
        text = fuzz_head(&input, '\n');
        line = &response->lines[response->n++];
        line->name = fuzz_head(&text, ':');
        line->value = text;
    }
}


static int64_t
read_number(ed_str_t word)
{
    char  text[24];

    if (word.len >= sizeof(text)) {
        return INT64_MAX;
    }

    if (word.len != 0) {
        memcpy(text, word.data, word.len);
    }

    text[word.len] = '\0';

    return strtoll(text, NULL, 10);
}


static result_t
judge(const response_t *response)
{
    size_t          i;
    result_t        result;
    ed_freshness_t  freshness;

    ed_freshness_init(&freshness, response->ignore);

    for (i = 0; i < response->n; i++) {
        ed_freshness_header(&freshness, response->lines[i].name,
                            response->lines[i].value, NOW);
    }

    result.unstorable = ed_freshness_finish(&freshness, NOW, response->valid,
                                            response->stale, response->jitter,
                                            &result.life);
    return result;
}


static void
check_result(const result_t *result)
{
    const ed_lifetime_t  *life;

    life = &result->life;

    if (result->unstorable != ED_STORABLE) {
        fuzz_check(result->unstorable < ED_UNSTORABLE_S
                   && result->unstorable != ED_UNSTORABLE_STATUS
                   && ed_unstorable_name(result->unstorable).len != 0,
                   "reason %u", result->unstorable);
        fuzz_check(life->dated == 0 && life->fresh == 0 && life->stale == 0
                   && life->error == 0, "times of what is not stored");
        return;
    }

    fuzz_check(life->dated <= NOW && life->dated >= NOW - MAX_LIFE,
               "dated %ld", (long) life->dated);
    fuzz_check(NOW < life->fresh && life->fresh <= life->stale
               && life->stale <= life->error && life->error <= NOW + MAX_LIFE,
               "fresh %ld, stale %ld, error %ld", (long) life->fresh,
               (long) life->stale, (long) life->error);
}


static void
check_twice(const response_t *response, const result_t *result)
{
    size_t             i;
    result_t           again;
    static response_t  twice;

    if (response->n > MAX_LINES / 2) {
        return;
    }

    twice = *response;
    twice.n = 2 * response->n;

    for (i = 0; i < twice.n; i++) {
        twice.lines[i] = response->lines[i / 2];
    }

    again = judge(&twice);
    fuzz_check(again.unstorable == result->unstorable
               && same_life(&again, result), "every header twice");
}


/* Of several reasons, the first is told; of several Age and Date lines, the
   first holds. */

static void
check_reversed(const response_t *response, const result_t *result)
{
    size_t             i;
    result_t           again;
    static response_t  reversed;

    if (count(response, ED_STR("age")) > 1
        || count(response, ED_STR("date")) > 1)
    {
        return;
    }

    reversed = *response;

    for (i = 0; i < response->n; i++) {
        reversed.lines[i] = response->lines[response->n - 1 - i];
    }

    again = judge(&reversed);
    fuzz_check((again.unstorable == ED_STORABLE)
               == (result->unstorable == ED_STORABLE)
               && same_life(&again, result), "in another order");
}


/* Unless a quoted string is left open in one of the lines. */

static void
check_joined(const response_t *response, const result_t *result)
{
    size_t             i;
    line_t            *line;
    ed_buf_t           buf;
    result_t           again;
    static response_t  joined;

    joined = *response;
    joined.n = 0;
    ed_buf_init(&buf, 1 << 24);

    for (i = 0; i < response->n; i++) {
        line = &joined.lines[joined.n];
        *line = response->lines[i];

        if (!ed_str_caseeq(line->name, ED_STR("cache-control"))) {
            joined.n++;
            continue;
        }

        if (line->value.len != 0
            && memchr(line->value.data, '"', line->value.len) != NULL)
        {
            ed_buf_free(&buf);
            return;
        }

        fuzz_append(&buf, ",", 1);
        fuzz_append(&buf, line->value.data, line->value.len);
    }

    put_last(&joined, ED_STR("Cache-Control"), ed_str(buf.data, buf.len));
    again = judge(&joined);
    ed_buf_free(&buf);

    fuzz_check((again.unstorable == ED_STORABLE)
               == (result->unstorable == ED_STORABLE)
               && same_life(&again, result), "Cache-Control on one line");
}


static void
check_with(const response_t *response, const result_t *result)
{
    result_t           again;
    static response_t  with;

    if (response->ignore & ED_IGNORE_CACHE_CONTROL) {
        return;
    }

    with = *response;
    put_last(&with, ED_STR("Cache-Control"), ED_STR("private"));
    again = judge(&with);

    fuzz_check(again.unstorable != ED_STORABLE, "stored, though private");

    with.n--;
    put_last(&with, ED_STR("Cache-Control"), ED_STR("must-revalidate"));
    again = judge(&with);

    fuzz_check(again.unstorable == result->unstorable
               && again.life.fresh == result->life.fresh
               && again.life.error == again.life.fresh,
               "stale, though it must be revalidated");
}


static void
check_older(const response_t *response)
{
    result_t           young, old;
    static response_t  aged;

    if (count(response, ED_STR("age")) != 0) {
        return;
    }

    aged = *response;
    aged.jitter = 0;
    young = judge(&aged);

    put_last(&aged, ED_STR("Age"), ED_STR("100"));
    old = judge(&aged);

    fuzz_check(old.life.fresh <= young.life.fresh, "fresh for longer");
    fuzz_check(old.unstorable != ED_STORABLE
               || old.life.dated == young.life.dated - 100, "dated otherwise");
}


static void
check_date(ed_str_t value)
{
    char        text[64];
    size_t      i;
    time_t      t;
    int64_t     seconds;
    struct tm   tm;

    static const char  *const  forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y",
        "%A, %d-%b-%y %H:%M:%S GMT"
    };

    seconds = ed_http_date(value);

    fuzz_check(seconds >= -1 && seconds <= 253402300799LL, "date %ld",
               (long) seconds);

    if (seconds < 0) {
        return;
    }

    t = seconds;
    fuzz_check(gmtime_r(&t, &tm) != NULL, "date %ld", (long) seconds);

    for (i = 0; i < (tm.tm_year < 170 ? 3 : 2); i++) {
        (void) strftime(text, sizeof(text), forms[i], &tm);
        fuzz_check(ed_http_date(ed_str(text, strlen(text))) == seconds,
                   "%s is not %ld", text, (long) seconds);
    }
}


static int
same_life(const result_t *a, const result_t *b)
{
    return a->life.dated == b->life.dated && a->life.fresh == b->life.fresh
           && a->life.stale == b->life.stale
           && a->life.error == b->life.error;
}


static size_t
count(const response_t *response, ed_str_t name)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < response->n; i++) {
        n += (size_t) ed_str_caseeq(response->lines[i].name, name);
    }

    return n;
}


static void
put_last(response_t *response, ed_str_t name, ed_str_t value)
{
    response->lines[response->n].name = name;
    response->lines[response->n].value = value;
    response->n++;
}
