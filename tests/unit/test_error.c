/* test_error.c - the words for codes, and the one line about a failure. */

#include "main.h"

#include <simpleclient/error.h>

static void every_code_has_words(void **state)
{
    (void)state;
    for (int code = SC_EREPLY; code > SC_ERROR_LAST; code--)
        assert_string_not_equal(sc_strerror(code), "unknown error");
    assert_string_equal(sc_strerror(SC_EOF), "the peer ended the connection");
    assert_string_equal(sc_strerror(SC_EURL), "bad URL");
    assert_string_equal(sc_strerror(-ENOENT), strerror(ENOENT));
}

static void an_unknown_code_has_words_too(void **state)
{
    static const int odd[] = {1, 5001, SC_ERROR_LAST, -4096, INT32_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_string_equal(sc_strerror(odd[i]), "unknown error");
    assert_non_null(sc_strerror(-4094));
}

static void control_bytes_become_question_marks(void **state)
{
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(
        sc_error_set(&e, SC_EPROTO, "a\r\nb\x1b[1m\x7f %s", "\xc3\xa4"),
        SC_EPROTO);
    assert_int_equal(e.code, SC_EPROTO);
    assert_string_equal(e.text, "a??b?[1m? \xc3\xa4");
}

static void a_long_text_is_cut(void **state)
{
    struct sc_error e = {0};

    (void)state;
    sc_error_set(&e, SC_EPROTO, "%0*d", 5000, 0);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

static void an_error_may_quote_itself(void **state)
{
    struct sc_error e = {0};

    (void)state;
    sc_error_set(&e, SC_ETLS, "inner");
    sc_error_set(&e, SC_ECERT, "outer: %s", e.text);
    assert_string_equal(e.text, "outer: inner");
}

static void no_error_to_set_is_allowed(void **state)
{
    (void)state;
    errno = ENOENT;
    assert_int_equal(sc_error_set(NULL, SC_EOF, "%s", "x"), SC_EOF);
    assert_int_equal(errno, ENOENT);
}

static void the_build_names_itself(void **state)
{
    (void)state;
    assert_non_null(strchr(sc_version(), '.'));
    assert_non_null(strstr(sc_features(), "libuv"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_code_has_words),
    cmocka_unit_test(an_unknown_code_has_words_too),
    cmocka_unit_test(control_bytes_become_question_marks),
    cmocka_unit_test(a_long_text_is_cut),
    cmocka_unit_test(an_error_may_quote_itself),
    cmocka_unit_test(no_error_to_set_is_allowed),
    cmocka_unit_test(the_build_names_itself),
};

TEST_MAIN(tests)
