/* test_buf.c - bytes that grow up to a ceiling, and spans. */

#include "main.h"

#include <simpleclient/buf.h>

static void zero_bytes_are_an_empty_buf(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&b, NULL, 0), 0);
    assert_non_null(b.data);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
    sc_buf_free(&b);
}

static void what_is_added_ends_in_a_nul(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sc_buf_add(&b, "abc", 3), 0);
    assert_int_equal(b.len, 3000);
    assert_int_equal(strlen(b.data), 3000);
    sc_buf_free(&b);
}

static void the_ceiling_is_reached_but_not_passed(void **state)
{
    struct sc_buf b = SC_BUF(5);

    (void)state;
    assert_int_equal(sc_buf_add(&b, "abcde", 5), 0);
    assert_int_equal(sc_buf_add(&b, "f", 1), SC_ETOOBIG);
    assert_int_equal(sc_buf_addf(&b, "%d", 1), SC_ETOOBIG);
    assert_string_equal(b.data, "abcde");
    assert_int_equal(b.len, 5);
    assert_int_equal(sc_buf_reserve(&b, SIZE_MAX), SC_ETOOBIG);
    sc_buf_free(&b);
    assert_int_equal(b.limit, 5);
    assert_int_equal(sc_buf_add(&b, "x", 1), 0);
    sc_buf_free(&b);
}

static void a_ceiling_lowered_below_what_is_there_holds(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&b, "abcde", 5), 0);
    b.limit = 2;
    assert_int_equal(sc_buf_add(&b, "", 0), SC_ETOOBIG);
    assert_int_equal(sc_buf_addf(&b, "x"), SC_ETOOBIG);
    assert_string_equal(b.data, "abcde");
    sc_buf_free(&b);
}

static void formatted_text_of_any_length_is_added(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(sc_buf_addf(&b, "%s-%d", "a", 7), 0);
    assert_int_equal(sc_buf_addf(&b, "%0*d", 300, 0), 0);
    assert_int_equal(sc_buf_addf(&b, "%s", "!"), 0);
    assert_int_equal(b.len, 304);
    assert_memory_equal(b.data, "a-7000", 6);
    assert_string_equal(b.data + 303, "!");
    sc_buf_free(&b);
}

static void dropping_moves_the_rest_to_the_front(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    sc_buf_drop(&b, 3);
    assert_int_equal(sc_buf_add(&b, "abcde", 5), 0);
    sc_buf_drop(&b, 2);
    assert_string_equal(b.data, "cde");
    sc_buf_drop(&b, 99);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
    sc_buf_free(&b);
}

static void sinks_take_what_they_are_given(void **state)
{
    struct sc_buf b = SC_BUF(3);

    (void)state;
    assert_int_equal(sc_buf_sink(&b, "abc", 3), 0);
    assert_int_equal(sc_buf_sink(&b, "d", 1), SC_ETOOBIG);
    assert_int_equal(sc_null_sink(NULL, "abc", 3), 0);
    sc_buf_free(&b);
}

static void spans_compare_as_bytes(void **state)
{
    struct sc_span s = SC_SPAN("Abc"), with_nul = SC_SPAN("a\0b");

    (void)state;
    assert_true(sc_span_eq(s, "Abc"));
    assert_false(sc_span_eq(s, "abc"));
    assert_false(sc_span_eq(s, "Ab"));
    assert_false(sc_span_eq(with_nul, "a"));
    assert_true(sc_span_eq_nocase(s, "aBC"));
    assert_false(sc_span_eq_nocase(s, "aBCd"));
    assert_true(sc_span_eq(sc_span_of(NULL), ""));
}

static void a_copied_span_is_cut_to_fit(void **state)
{
    struct sc_span s = SC_SPAN("abc");
    char to[4], small[3];

    (void)state;
    assert_true(sc_span_copy(to, sizeof to, s));
    assert_string_equal(to, "abc");
    assert_false(sc_span_copy(small, sizeof small, s));
    assert_string_equal(small, "ab");
    assert_false(sc_span_copy(NULL, 0, s));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(zero_bytes_are_an_empty_buf),
    cmocka_unit_test(what_is_added_ends_in_a_nul),
    cmocka_unit_test(the_ceiling_is_reached_but_not_passed),
    cmocka_unit_test(a_ceiling_lowered_below_what_is_there_holds),
    cmocka_unit_test(formatted_text_of_any_length_is_added),
    cmocka_unit_test(dropping_moves_the_rest_to_the_front),
    cmocka_unit_test(sinks_take_what_they_are_given),
    cmocka_unit_test(spans_compare_as_bytes),
    cmocka_unit_test(a_copied_span_is_cut_to_fit),
};

TEST_MAIN(tests)
