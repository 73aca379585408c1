/* test_http_range.c - Content-Range taken apart and compared with what was
 * asked for (RFC 9110 section 14.4). */
#include "main.h"

#include "http/http_range.h"

static int parse(const char *text, struct http_range *r)
{
    return http_range_parse(sc_span_of(text), r);
}

/* The examples of RFC 9110 section 14.4. */
static void a_part_is_read(void **state)
{
    struct http_range r;

    (void)state;
    assert_int_equal(parse("bytes 42-1233/1234", &r), 0);
    assert_int_equal(r.first, 42);
    assert_int_equal(r.last, 1233);
    assert_int_equal(r.total, 1234);
    assert_int_equal(parse("bytes 42-1233/*", &r), 0);
    assert_true(r.total == UINT64_MAX);
}

static void an_unsatisfied_one_has_only_its_total(void **state)
{
    struct http_range r;

    (void)state;
    assert_int_equal(parse("bytes */1234", &r), 0);
    assert_true(r.first > r.last);
    assert_int_equal(r.total, 1234);
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "bytes",
                                      "bytes ",
                                      "bytes */*",
                                      "bytes 5-4/10",
                                      "bytes 0-10/10",
                                      "bytes -4/10",
                                      "bytes 1-/10",
                                      "bytes +1-2/10",
                                      "bytes 1-2",
                                      "bytes 1-2/",
                                      "bytes=1-2/10",
                                      "items 1-2/10",
                                      "bytes 1-2/10 ",
                                      "bytes 0x1-2/10",
                                      "bytes 1-99999999999999999999/*"};
    struct http_range r;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i], &r) != SC_EPROTO)
            fail_msg("%s", bad[i]);
}

static bool fits(const char *asked, const char *text)
{
    struct http_range r;

    assert_int_equal(parse(text, &r), 0);
    return http_range_fits(asked, &r);
}

static void a_part_fits_what_was_asked_for(void **state)
{
    (void)state;
    assert_true(fits("2-4", "bytes 2-4/10"));
    assert_true(fits("2-40", "bytes 2-9/10"));
    assert_true(fits("2-", "bytes 2-9/10"));
    assert_true(fits("2-", "bytes 2-9/*"));
    assert_false(fits("2-4", "bytes 1-4/10"));
    assert_false(fits("2-4", "bytes 3-4/10"));
    assert_false(fits("2-4", "bytes 2-5/10"));
    assert_false(fits("2-4", "bytes */10"));
}

static void the_last_bytes_are_the_last(void **state)
{
    (void)state;
    assert_true(fits("-3", "bytes 7-9/10"));
    assert_true(fits("-30", "bytes 0-9/10"));
    assert_true(fits("-3", "bytes 7-9/*"));
    assert_false(fits("-3", "bytes 6-8/10"));
    assert_false(fits("-3", "bytes 6-9/10"));
    assert_false(fits("-3", "bytes 5-9/*"));
}

static void of_several_any_may_come(void **state)
{
    (void)state;
    assert_true(fits("0-1,5-6", "bytes 5-6/10"));
    assert_true(fits("0-1,5-6", "bytes 0-6/10"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_part_is_read),
    cmocka_unit_test(an_unsatisfied_one_has_only_its_total),
    cmocka_unit_test(what_makes_no_sense_is_refused),
    cmocka_unit_test(a_part_fits_what_was_asked_for),
    cmocka_unit_test(the_last_bytes_are_the_last),
    cmocka_unit_test(of_several_any_may_come),
};

TEST_MAIN(tests)
