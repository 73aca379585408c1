/* test_fetch_glob.c - patterns in URLs, as curl's manual describes them. */

#include "main.h"

#include <stdlib.h>

#include "fetch/glob.h"

/* All strings of PATTERN, joined by spaces. */
static void assert_all(const char *pattern, const char *want)
{
    const char *why = "";
    size_t where = 0;
    struct glob *g = glob_open(pattern, false, &why, &where);
    struct sc_buf all = {0};
    char *text;

    if (g == NULL)
        fail_msg("%s: %s at %zu", pattern, why, where);
    for (uint64_t i = 0; i < glob_count(g); i++) {
        text = glob_text(g, i);
        if (i > 0)
            add_text(&all, " ");
        add_text(&all, text);
        free(text);
    }
    assert_string_equal(all.data, want);
    sc_buf_free(&all);
    glob_free(g);
}

static void assert_bad(const char *pattern, size_t column)
{
    const char *why = NULL;
    size_t where = 0;

    assert_null(glob_open(pattern, false, &why, &where));
    assert_non_null(why);
    assert_int_equal(where, column);
}

static void text_without_patterns_is_itself(void **state)
{
    (void)state;
    assert_all("http://x/y?z=1", "http://x/y?z=1");
}

static void sets_give_each_of_their_items(void **state)
{
    (void)state;
    assert_all("a{b,c,}d", "abd acd ad");
    assert_all("{a,b}{1,2}", "a1 a2 b1 b2"); /* the last varies fastest */
    assert_all("{a}", "a");
}

static void ranges_count(void **state)
{
    (void)state;
    assert_all("[1-3]", "1 2 3");
    assert_all("[8-11]", "8 9 10 11");
    assert_all("[1-10:4]", "1 5 9");
    assert_all("[a-e:2]", "a c e");
    assert_all("[X-Z]", "X Y Z");
    assert_all("[5-5]", "5");
}

static void zeros_in_front_keep_the_width(void **state)
{
    (void)state;
    assert_all("[008-010]", "008 009 010");
    assert_all("[0-2]", "0 1 2");
    assert_all("[099-101:2]", "099 101");
}

static void a_backslash_takes_the_meaning(void **state)
{
    (void)state;
    assert_all("a\\{b\\}", "a{b}");
    assert_all("\\[1-3\\]", "[1-3]");
    assert_all("{a\\,b,c}", "a,b c");
}

static void addresses_of_ipv6_are_no_ranges(void **state)
{
    (void)state;
    assert_all("http://[::1]:80/", "http://[::1]:80/");
    assert_all("http://[fe80::1%25eth0]/[1-2]",
               "http://[fe80::1%25eth0]/1 http://[fe80::1%25eth0]/2");
}

static void bad_patterns_are_told_by_their_column(void **state)
{
    (void)state;
    assert_bad("ab{c", 5);
    assert_bad("a}", 2);
    assert_bad("a]", 2);
    assert_bad("{}", 2);
    assert_bad("{a{b}}", 3);
    assert_bad("[3-1]", 5);
    assert_bad("[1-", 4);
    assert_bad("[a-Z]", 5);
    assert_bad("[1-9:0]", 7);
    assert_bad("[1-9:99]", 8);
}

static void endless_many_are_refused(void **state)
{
    (void)state;
    assert_bad("[0-9999999999999999999]", 19);
    assert_bad("[1-999999999][1-999999999]", 27);
}

static void a_plain_text_has_no_patterns(void **state)
{
    const char *why;
    size_t where;
    struct glob *g = glob_open("{a,b}[", true, &why, &where);
    char *text;

    (void)state;
    assert_int_equal(glob_count(g), 1);
    assert_false(glob_varies(g));
    text = glob_text(g, 0);
    assert_string_equal(text, "{a,b}[");
    free(text);
    glob_free(g);
}

static void names_are_filled_with_the_parts(void **state)
{
    const char *why;
    size_t where;
    struct glob *g = glob_open("x{a,b}y[1-3]", false, &why, &where);
    char *text = glob_fill(g, 4, "#1_#2_#3_#0_#_##");

    (void)state;
    assert_string_equal(text, "b_2_#3_#0_#_##");
    free(text);
    glob_free(g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_without_patterns_is_itself),
    cmocka_unit_test(sets_give_each_of_their_items),
    cmocka_unit_test(ranges_count),
    cmocka_unit_test(zeros_in_front_keep_the_width),
    cmocka_unit_test(a_backslash_takes_the_meaning),
    cmocka_unit_test(addresses_of_ipv6_are_no_ranges),
    cmocka_unit_test(bad_patterns_are_told_by_their_column),
    cmocka_unit_test(endless_many_are_refused),
    cmocka_unit_test(a_plain_text_has_no_patterns),
    cmocka_unit_test(names_are_filled_with_the_parts),
};

TEST_MAIN(tests)
