/* test_fetch_date.c - dates of -z, in the ways people write them. The moments
 * are those that date(1) gives. */

#include "main.h"

#include "fetch/date.h"

enum { EXAMPLE = 784111777, DAY = 784080000 }; /* Sun, 06 Nov 1994 08:49:37 */

static void forms_of_http_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(read_date("Sunday, 06-Nov-94 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(read_date("Sun Nov  6 08:49:37 1994"), EXAMPLE);
}

static void parts_may_be_left_out(void **state)
{
    (void)state;
    assert_int_equal(read_date("6 Nov 1994"), DAY);
    assert_int_equal(read_date("Nov 6 1994"), DAY);
    assert_int_equal(read_date("1994 6 november"), DAY);
    assert_int_equal(read_date("19941106"), DAY);
    assert_int_equal(read_date("1994-11-06"), DAY);
    assert_int_equal(read_date("1994-11-06 08:49"), EXAMPLE - 37);
    assert_int_equal(read_date("1994-11-06T08:49:37Z"), EXAMPLE);
}

static void zones_are_taken_off(void **state)
{
    (void)state;
    assert_int_equal(read_date("6 Nov 1994 09:49:37 +0100"), EXAMPLE);
    assert_int_equal(read_date("6 Nov 1994 03:49:37 EST"), EXAMPLE);
    assert_int_equal(read_date("6 Nov 1994 03:19:37 -0530"), EXAMPLE);
    assert_int_equal(read_date("6 Nov 1994 09:49:37 CET"), EXAMPLE);
}

static void what_is_no_date_is_none(void **state)
{
    static const char *const bad[] = {"",
                                      "soon",
                                      "index.html",
                                      "Nov",
                                      "1994",
                                      "6 Nov",
                                      "32 Nov 1994",
                                      "0 Nov 1994",
                                      "6 Nov 1994 25:00",
                                      "6 Nov 123456789",
                                      "1994-13-06",
                                      "6 7 8 Nov 1994"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (read_date(bad[i]) != -1)
            fail_msg("'%s' is a date", bad[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(forms_of_http_are_read),
    cmocka_unit_test(parts_may_be_left_out),
    cmocka_unit_test(zones_are_taken_off),
    cmocka_unit_test(what_is_no_date_is_none),
};

TEST_MAIN(tests)
