
/*
 * The list of element names: every name is found by its hash, in any case,
 * and nothing else is.  With --list, prints hash and slot of every name.
 */

#include "ed_tag.h"
#include "ed_test.h"


#define SLOT_MIX    0x238191e9d2969d35ULL
#define SLOT_SHIFT  53


static void test_names(void);
static void test_strangers(void);
static void test_svg(void);
static void test_flags(void);
static void print_list(void);


int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        print_list();
        return 0;
    }

    test_names();
    test_strangers();
    test_svg();
    test_flags();

    return ed_test_done();
}


static void
test_names(void)
{
    int       tag;
    size_t    i;
    uint8_t   upper[32];
    ed_str_t  name;

    for (tag = ED_TAG_UNKNOWN + 1; tag < ED_TAG_COUNT; tag++) {
        name = ed_tag_name(tag, 0);

        for (i = 0; i < name.len; i++) {
            upper[i] = name.data[i];

            if (upper[i] >= 'a' && upper[i] <= 'z') {
                upper[i] -= 'a' - 'A';
            }
        }

        ok(ed_tag_hash(name) == ed_tag_info[tag].hash
           && ed_tag_lookup(name) == (ed_tag_t) tag
           && ed_tag_lookup(ed_str(upper, name.len)) == (ed_tag_t) tag,
           "%s", ed_tag_info[tag].name);
    }
}


static void
test_strangers(void)
{
    static const char *const  names[] = {
        "", "x", "pp", "di", "divv", "h7", "h", "article1", "foreign-object",
        "annotation_xml", "p ", "\xc3\xa9", NULL
    };

    int  i;

    for (i = 0; names[i] != NULL; i++) {
        ok(ed_tag_lookup(ed_str(names[i], strlen(names[i]))) == ED_TAG_UNKNOWN,
           "\"%s\" is no name of the list", names[i]);
    }
}


static void
test_svg(void)
{
    is_str(ed_tag_name(ED_TAG_FOREIGNOBJECT, 1), "foreignObject",
           "SVG's spelling");
    is_str(ed_tag_name(ED_TAG_FOREIGNOBJECT, 0), "foreignobject",
           "HTML's spelling");
    is_str(ed_tag_name(ED_TAG_P, 1), "p", "a name that SVG does not respell");
    is_str(ed_tag_name(ED_TAG_UNKNOWN, 0), "", "an unknown name is empty");
}


static void
test_flags(void)
{
    uint32_t  flags;

    flags = ED_IS_SPECIAL | ED_IS_P_CLOSER | ED_IS_BREAKOUT;
    ok(ed_tag_info[ED_TAG_P].flags == (flags | ED_IS_IMPLIED_END), "p");
    ok(ed_tag_info[ED_TAG_DIV].flags == flags, "div");
    ok(ed_tag_info[ED_TAG_UNKNOWN].flags == 0, "an unknown name");
    ok(ed_tag_info[ED_TAG_SPAN].flags == ED_IS_BREAKOUT, "span");
}


static void
print_list(void)
{
    int       tag;
    uint64_t  hash;

    for (tag = ED_TAG_UNKNOWN + 1; tag < ED_TAG_COUNT; tag++) {
        hash = ed_tag_hash(ed_tag_name(tag, 0));

        printf("%-20s 0x%016llx, %d\n", ed_tag_info[tag].name,
               (unsigned long long) hash,
               (int) (hash * SLOT_MIX >> SLOT_SHIFT));
    }
}
