/* test_http_date.c - the examples of RFC 9110 section 5.6.7 and RFC 6265, the
 * rule of 50 years, leap years, and what is no date. */

#include "main.h"

#include <simpleclient/http.h>

#include "http/http_date.h"

enum { EXAMPLE = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT */

static int64_t cookie(const char *s)
{
    return http_date_parse_cookie(sc_span_of(s));
}

static void the_three_forms_of_rfc_9110_are_one_moment(void **state)
{
    (void)state;
    assert_int_equal(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(http_date("Sun Nov  6 08:49:37 1994"), EXAMPLE);
    assert_int_equal(http_date("Wed Nov 16 08:49:37 1994"),
                     EXAMPLE + 10 * 86400);
}

static void known_moments_are_met(void **state)
{
    (void)state;
    assert_int_equal(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    assert_int_equal(http_date("Tue, 29 Feb 2000 23:59:59 GMT"), 951868799);
    assert_int_equal(http_date("Tue, 19 Jan 2038 03:14:08 GMT"), 2147483648LL);
    assert_int_equal(http_date("Fri, 31 Dec 9999 23:59:59 GMT"),
                     253402300799LL);
    assert_int_equal(http_date("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
    assert_int_equal(http_date("Mon, 01 Jan 1900 00:00:00 GMT"), 0);
}

static void other_texts_are_no_dates(void **state)
{
    static const char *const bad[] = {
        "",
        "Sun",
        "Sun,",
        "0",
        "-1",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Thu, 29 Feb 2001 00:00:00 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  16 08:49:37 1994",
        "1994-11-06T08:49:37Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (http_date(bad[i]) != -1)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(http_date(NULL), -1);
}

/* RFC 9110 section 5.6.7: what appears to lie more than 50 years ahead is the
 * latest year in the past with these digits. */
static void two_digits_are_at_most_50_years_ahead(void **state)
{
    struct sc_span in_26 = SC_SPAN("Monday, 01-Jun-26 00:00:00 GMT");
    struct sc_span in_76 = SC_SPAN("Monday, 01-Jun-76 00:00:00 GMT");
    struct sc_span in_99 = SC_SPAN("Monday, 01-Jun-99 00:00:00 GMT");
    int64_t june_2026 = http_date("Mon, 01 Jun 2026 00:00:00 GMT");
    int64_t june_1999 = http_date("Tue, 01 Jun 1999 00:00:00 GMT");

    (void)state;
    assert_int_equal(http_date_parse_at(in_26, june_2026), june_2026);
    assert_int_equal(http_date_parse_at(in_76, june_2026),
                     http_date("Mon, 01 Jun 2076 00:00:00 GMT"));
    assert_int_equal(http_date_parse_at(in_76, june_2026 - 1),
                     http_date("Tue, 01 Jun 1976 00:00:00 GMT"));
    assert_int_equal(http_date_parse_at(in_99, june_2026), june_1999);
    assert_int_equal(http_date_parse_at(in_26, june_1999), june_2026);
}

static void the_preferred_form_is_written(void **state)
{
    char text[HTTP_DATE_SIZE];

    (void)state;
    http_date_format(EXAMPLE, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date_format(0, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    http_date_format(951868799, text);
    assert_string_equal(text, "Tue, 29 Feb 2000 23:59:59 GMT");
    http_date_format(INT64_MAX, text);
    assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
    http_date_format(INT64_MIN, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
}

static void what_is_written_is_read_again(void **state)
{
    char text[HTTP_DATE_SIZE];

    (void)state;
    for (int64_t t = 0; t < 253402300799LL; t += 86400LL * 17 + 12345) {
        http_date_format(t, text);
        assert_int_equal(http_date(text), t);
    }
}

static void cookie_dates_are_read_leniently(void **state)
{
    (void)state;
    assert_int_equal(cookie("Wed, 09 Jun 2021 10:18:14 GMT"), 1623233894);
    assert_int_equal(cookie("Sun, 06-Nov-1994 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(cookie("Sunday, 06-Nov-94 08:49:37 GMT"), EXAMPLE);
    assert_int_equal(cookie("Sun Nov  6 08:49:37 1994"), EXAMPLE);
    assert_int_equal(cookie("1994 NOVEMBER 6th 8:49:37pm"), EXAMPLE);
    assert_int_equal(cookie("08:49:37;6/nov/94"), EXAMPLE);
    assert_int_equal(cookie("1 Jan 70 0:0:0"), 0);
    assert_int_equal(cookie("1 Jan 69 0:0:0"), 3124224000LL);
    assert_int_equal(cookie("1 Jan 1601 0:0:0"), 0);
}

static void cookie_dates_have_limits(void **state)
{
    static const char *const bad[] = {
        "",
        "tomorrow",
        "6 Nov 1994",
        "Nov 1994 08:49:37",
        "6 1994 08:49:37",
        "6 Nov 08:49:37",
        "31 Feb 2021 10:18:14",
        "0 Nov 1994 08:49:37",
        "32 Nov 1994 08:49:37",
        "6 Nov 1600 08:49:37",
        "6 Nov 19940 08:49:37",
        "6 Nov 1994 24:49:37",
        "6 Nov 1994 08:60:37",
        "6 Nov 1994 08:49:60",
        "6 Nov 1994 08:49:377",
        "6 Nov 1994 08:49",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (cookie(bad[i]) != -1)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(http_date_parse_cookie((struct sc_span){NULL, 0}), -1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_three_forms_of_rfc_9110_are_one_moment),
    cmocka_unit_test(known_moments_are_met),
    cmocka_unit_test(other_texts_are_no_dates),
    cmocka_unit_test(two_digits_are_at_most_50_years_ahead),
    cmocka_unit_test(the_preferred_form_is_written),
    cmocka_unit_test(what_is_written_is_read_again),
    cmocka_unit_test(cookie_dates_are_read_leniently),
    cmocka_unit_test(cookie_dates_have_limits),
};

TEST_MAIN(tests)
