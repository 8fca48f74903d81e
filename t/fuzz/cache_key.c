
/*
 * Query arguments in a key.  The input's first line is the words to ignore,
 * apart by spaces; the rest is a query.
 *
 *     - What is kept is what a split at "&" and a look at each name keep.
 *     - Sorted it is those, as the simplest stable sort would put them.
 *     - It is no longer than the query, and sorted again it is the same.
 *     - Links that differ in the order of arguments of different names have
 *       the same key.
 */

#include "ed_fuzz.h"
#include "ed_cache_key.h"


#define MAX_WORDS  16
#define MAX_ARGS   4096


typedef struct {
    ed_ignored_arg_t   ignored[MAX_WORDS];
    ed_str_t           words[MAX_WORDS];
    size_t             n;
} words_t;


typedef struct {
    ed_str_t           args[MAX_ARGS];
    size_t             n;
} list_t;


static void read_words(words_t *words, ed_str_t line);
static ed_str_t key_of(ed_str_t query, const words_t *words, int sorted);
static void split(list_t *list, ed_str_t query, const words_t *words);
static int is_ignored(ed_str_t name, const words_t *words);
static ed_str_t name_of(ed_str_t arg);
static int order(ed_str_t a, ed_str_t b);
static void sort(list_t *list);
static void drop_namesakes(list_t *list);
static void reverse(list_t *list);
static void join(const list_t *list, ed_buf_t *out);
static void check_same(ed_str_t got, const list_t *want, const char *what);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ed_buf_t        one, two;
    ed_str_t        query, key, again, none;
    words_t         words;
    static list_t   list;

    query = ed_str(data, size);
    read_words(&words, fuzz_head(&query, '\n'));

    if (query.len > 2 * MAX_ARGS) {
        return 0;
    }

    ed_buf_init(&one, 1 << 20);
    ed_buf_init(&two, 1 << 20);
    none = ED_STR_EMPTY;

    split(&list, query, &words);
    key = key_of(query, &words, 0);
    check_same(key, &list, "kept");

    again = key_of(key, &words, 1);
    free((void *) key.data);

    key = key_of(query, &words, 1);
    fuzz_check(ed_str_eq(key, again), "sorted in one step and in two");
    free((void *) again.data);

    sort(&list);
    check_same(key, &list, "sorted");

    again = key_of(key, &words, 1);
    fuzz_check(ed_str_eq(key, again), "sorted again");
    free((void *) again.data);
    free((void *) key.data);

    drop_namesakes(&list);
    join(&list, &one);
    reverse(&list);
    join(&list, &two);

    read_words(&words, none);
    key = key_of(ed_str(two.data, two.len), &words, 1);
    fuzz_check(ed_str_eq(key, ed_str(one.data, one.len)), "another order");
    free((void *) key.data);

    ed_buf_free(&one);
    ed_buf_free(&two);

    return 0;
}


static void
read_words(words_t *words, ed_str_t line)
{
    memset(words, 0, sizeof(words_t));

    while (line.len != 0 && words->n < MAX_WORDS) {
        words->words[words->n] = fuzz_head(&line, ' ');
        ed_ignored_arg(&words->ignored[words->n], words->words[words->n]);
        words->n++;
    }
}


/* In memory of as many bytes as were promised to be enough. */

static ed_str_t
key_of(ed_str_t query, const words_t *words, int sorted)
{
    size_t    len;
    ed_rc_t   rc;
    uint8_t  *out;

    out = malloc(query.len);
    fuzz_check(out != NULL || query.len == 0, "no memory");

    rc = ed_cache_args(query, words->ignored, words->n, sorted, out, &len);

    fuzz_check(rc == ED_OK, "refused with %u", rc);
    fuzz_check(len <= query.len, "%zu bytes of %zu", len, query.len);

    return ed_str(out, len);
}


static void
split(list_t *list, ed_str_t query, const words_t *words)
{
    ed_str_t  arg;

    list->n = 0;

    while (query.len != 0) {
        arg = fuzz_head(&query, '&');

        if (arg.len != 0 && !is_ignored(name_of(arg), words)) {
            list->args[list->n++] = arg;
        }
    }
}


static int
is_ignored(ed_str_t name, const words_t *words)
{
    size_t    i;
    ed_str_t  word;

    for (i = 0; i < words->n; i++) {
        word = words->words[i];

        if (word.len != 0 && word.data[word.len - 1] == '*') {
            word.len--;

            if (name.len >= word.len
                && memcmp(name.data, word.data, word.len) == 0)
            {
                return 1;
            }

        } else if (ed_str_eq(name, word)) {
            return 1;
        }
    }

    return 0;
}


static ed_str_t
name_of(ed_str_t arg)
{
    return fuzz_head(&arg, '=');
}


static int
order(ed_str_t a, ed_str_t b)
{
    size_t  i;

    for (i = 0; i < a.len && i < b.len; i++) {
        if (a.data[i] != b.data[i]) {
            return a.data[i] - b.data[i];
        }
    }

    return (a.len > b.len) - (a.len < b.len);
}


static void
sort(list_t *list)
{
    size_t    i, j;
    ed_str_t  arg;

    for (i = 1; i < list->n; i++) {
        arg = list->args[i];

        for (j = i; j > 0; j--) {
            if (order(name_of(list->args[j - 1]), name_of(arg)) <= 0) {
                break;
            }

            list->args[j] = list->args[j - 1];
        }

        list->args[j] = arg;
    }
}


/* Of a sorted list: one argument a name. */

static void
drop_namesakes(list_t *list)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < list->n; i++) {
        if (n == 0
            || !ed_str_eq(name_of(list->args[n - 1]), name_of(list->args[i])))
        {
            list->args[n++] = list->args[i];
        }
    }

    list->n = n;
}


static void
reverse(list_t *list)
{
    size_t    i;
    ed_str_t  arg;

    for (i = 0; i < list->n / 2; i++) {
        arg = list->args[i];
        list->args[i] = list->args[list->n - 1 - i];
        list->args[list->n - 1 - i] = arg;
    }
}


static void
join(const list_t *list, ed_buf_t *out)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        fuzz_append(out, "&", i != 0);
        fuzz_append(out, list->args[i].data, list->args[i].len);
    }
}


static void
check_same(ed_str_t got, const list_t *want, const char *what)
{
    ed_buf_t  buf;

    ed_buf_init(&buf, 1 << 20);
    join(want, &buf);

    fuzz_check(ed_str_eq(got, ed_str(buf.data, buf.len)),
               "%s: %.*s, not %.*s", what, (int) got.len,
               (const char *) got.data, (int) buf.len,
               (const char *) buf.data);

    ed_buf_free(&buf);
}
