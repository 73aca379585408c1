/* test_text.c - ASCII classes, numbers with a maximum, safe lines. */

#include "main.h"

#include "core/text.h"

static void only_ascii_letters_change_case(void **state)
{
    (void)state;
    assert_int_equal(sc_lower('A'), 'a');
    assert_int_equal(sc_lower('['), '[');
    assert_int_equal(sc_lower(0xc4), 0xc4);
    assert_int_equal(sc_casecmp("HeLLo", "hEllO"), 0);
    assert_true(sc_casecmp("a", "b") < 0);
    assert_true(sc_casecmp("ab", "a") > 0);
}

static void tokens_are_those_of_rfc_9110(void **state)
{
    static const char tchar[] = "!#$%&'*+-.^_`|~"
                                "0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    (void)state;
    for (int c = 0; c < 256; c++)
        assert_int_equal(sc_is_token(c), c != 0 && strchr(tchar, c) != NULL);
    assert_false(sc_is_token(-1));
}

static void hex_digits_have_values(void **state)
{
    (void)state;
    assert_int_equal(sc_hex_digit('0'), 0);
    assert_int_equal(sc_hex_digit('f'), 15);
    assert_int_equal(sc_hex_digit('A'), 10);
    assert_int_equal(sc_hex_digit('g'), -1);
    assert_int_equal(sc_hex_digit(-1), -1);
}

static void trimming_takes_blanks_only(void **state)
{
    (void)state;
    assert_true(sc_span_eq(sc_trim(sc_span_of(" \ta b\t ")), "a b"));
    assert_true(sc_span_eq(sc_trim(sc_span_of(" \t ")), ""));
    assert_true(sc_span_eq(sc_trim(sc_span_of("\ra\n")), "\ra\n"));
    assert_true(sc_span_eq(sc_trim((struct sc_span){NULL, 0}), ""));
}

static void words_are_cut_off(void **state)
{
    struct sc_span line = sc_span_of("SIZE  1000 x");

    (void)state;
    assert_true(sc_span_eq(sc_next_word(&line), "SIZE"));
    assert_true(sc_span_eq(line, "1000 x"));
    assert_true(sc_span_eq(sc_next_word(&line), "1000"));
    assert_true(sc_span_eq(sc_next_word(&line), "x"));
    assert_int_equal(sc_next_word(&line).len, 0);
}

static void numbers_have_a_maximum(void **state)
{
    uint64_t n = 0;

    (void)state;
    assert_int_equal(sc_parse_u64(sc_span_of("65535"), 65535, &n), 0);
    assert_int_equal(n, 65535);
    assert_int_equal(sc_parse_u64(sc_span_of("65536"), 65535, &n), SC_EPROTO);
    assert_int_equal(sc_parse_u64(sc_span_of("0007"), 7, &n), 0);
    assert_int_equal(sc_parse_u64(sc_span_of("8"), 7, &n), SC_EPROTO);
    assert_int_equal(
        sc_parse_u64(sc_span_of("18446744073709551615"), UINT64_MAX, &n), 0);
    assert_true(n == UINT64_MAX);
    assert_int_equal(
        sc_parse_u64(sc_span_of("18446744073709551616"), UINT64_MAX, &n),
        SC_EPROTO);
}

static void numbers_are_digits_only(void **state)
{
    static const char *const bad[] = {"", "+1", "-1", " 1", "1 ", "0x1", "1a"};
    uint64_t n = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sc_parse_u64(sc_span_of(bad[i]), 99, &n), SC_EPROTO);
    assert_int_equal(n, 42);
}

static void hex_numbers_have_a_maximum_too(void **state)
{
    uint64_t n = 0;

    (void)state;
    assert_int_equal(sc_parse_hex(sc_span_of("fF"), 255, &n), 0);
    assert_int_equal(n, 255);
    assert_int_equal(sc_parse_hex(sc_span_of("100"), 255, &n), SC_EPROTO);
    assert_int_equal(sc_parse_hex(sc_span_of("0x1"), 255, &n), SC_EPROTO);
    assert_int_equal(
        sc_parse_hex(sc_span_of("10000000000000000"), UINT64_MAX, &n),
        SC_EPROTO);
}

static void a_line_has_no_cr_lf_or_nul(void **state)
{
    (void)state;
    assert_true(sc_line_safe("a\tb", 3));
    assert_true(sc_line_safe(NULL, 0));
    assert_false(sc_line_safe("a\rb", 3));
    assert_false(sc_line_safe("a\nb", 3));
    assert_false(sc_line_safe("a\0b", 3));
}

static void shown_text_is_cut_and_clean(void **state)
{
    char to[5];

    (void)state;
    assert_int_equal(sc_show(to, sizeof to,
                             "a\0\x1b"
                             "bcd",
                             6),
                     4);
    assert_string_equal(to, "a??b");
    assert_int_equal(sc_show(to, 0, "a", 1), 0);
    assert_int_equal(sc_show(to, 1, "a", 1), 0);
    assert_string_equal(to, "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(words_are_cut_off),
    cmocka_unit_test(only_ascii_letters_change_case),
    cmocka_unit_test(tokens_are_those_of_rfc_9110),
    cmocka_unit_test(hex_digits_have_values),
    cmocka_unit_test(trimming_takes_blanks_only),
    cmocka_unit_test(numbers_have_a_maximum),
    cmocka_unit_test(numbers_are_digits_only),
    cmocka_unit_test(hex_numbers_have_a_maximum_too),
    cmocka_unit_test(a_line_has_no_cr_lf_or_nul),
    cmocka_unit_test(shown_text_is_cut_and_clean),
};

TEST_MAIN(tests)
