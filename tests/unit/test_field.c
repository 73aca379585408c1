/* test_field.c - header fields: kept in order, and one line taken apart. */

#include "main.h"

#include "client/field_parse.h"

static int add(struct sc_fields *f, const char *name, const char *value)
{
    return sc_fields_add(f, sc_span_of(name), sc_span_of(value));
}

static void fields_keep_their_order_and_case(void **state)
{
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(add(&f, "Host", "h"), 0);
    assert_int_equal(add(&f, "X-y", ""), 0);
    assert_int_equal(f.n, 2);
    assert_string_equal(f.at[0].name.data, "Host");
    assert_string_equal(f.at[1].name.data, "X-y");
    assert_string_equal(f.at[1].value.data, "");
    sc_fields_free(&f);
    assert_int_equal(add(&f, "again", "1"), 0);
    sc_fields_free(&f);
}

static void the_first_of_a_name_is_found_in_any_case(void **state)
{
    struct sc_fields f = {0};

    (void)state;
    assert_string_equal(sc_fields_get(&f, "a", "none"), "none");
    assert_int_equal(add(&f, "Set-Cookie", "1"), 0);
    assert_int_equal(add(&f, "set-cookie", "2"), 0);
    assert_string_equal(sc_fields_get(&f, "SET-COOKIE", NULL), "1");
    assert_int_equal(sc_fields_count(&f, "set-Cookie"), 2);
    assert_int_equal(sc_fields_count(&f, "set"), 0);
    assert_null(sc_fields_get(&f, "set", NULL));
    sc_fields_free(&f);
}

static void spans_stay_right_while_the_text_moves(void **state)
{
    struct sc_fields f = {0};
    char name[16], value[16];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "N%d", i);
        snprintf(value, sizeof value, "v%d", i * 7);
        assert_int_equal(add(&f, name, value), 0);
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "N%d", i);
        snprintf(value, sizeof value, "v%d", i * 7);
        assert_string_equal(f.at[i].name.data, name);
        assert_string_equal(f.at[i].value.data, value);
        assert_int_equal(f.at[i].value.len, strlen(value));
    }
    sc_fields_free(&f);
}

static void a_field_may_be_copied_from_the_same_fields(void **state)
{
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(add(&f, "A", "0123456789"), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sc_fields_add(&f, f.at[0].name, f.at[0].value), 0);
    assert_string_equal(f.at[100].value.data, "0123456789");
    sc_fields_free(&f);
}

static void bad_names_and_values_are_refused(void **state)
{
    struct sc_span with_nul = SC_SPAN("a\0b");
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(add(&f, "", "x"), SC_EINVAL);
    assert_int_equal(add(&f, "a b", "x"), SC_EINVAL);
    assert_int_equal(add(&f, "a:", "x"), SC_EINVAL);
    assert_int_equal(add(&f, "a\r\n", "x"), SC_EINVAL);
    assert_int_equal(add(&f, "\xc3\xa4", "x"), SC_EINVAL);
    assert_int_equal(add(&f, "a", "x\r\nEvil: 1"), SC_EINVAL);
    assert_int_equal(sc_fields_add(&f, sc_span_of("a"), with_nul), SC_EINVAL);
    assert_int_equal(f.n, 0);
    sc_fields_free(&f);
}

static void the_ceiling_leaves_fields_as_they_were(void **state)
{
    struct sc_fields f = {.text = SC_BUF(20)};

    (void)state;
    assert_int_equal(add(&f, "Name", "value"), 0);
    assert_int_equal(add(&f, "Name", "value"), SC_ETOOBIG);
    assert_int_equal(f.n, 1);
    assert_string_equal(sc_fields_get(&f, "name", NULL), "value");
    sc_fields_free(&f);
}

static void folded_lines_join_the_last_value(void **state)
{
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(sc_fields_fold(&f, sc_span_of(" x")), SC_EINVAL);
    assert_int_equal(add(&f, "First", "1"), 0);
    assert_int_equal(add(&f, "Subject", "a"), 0);
    assert_int_equal(sc_fields_fold(&f, sc_span_of("\t b \t")), 0);
    assert_int_equal(sc_fields_fold(&f, sc_span_of("  ")), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sc_fields_fold(&f, sc_span_of(" c")), 0);
    assert_int_equal(sc_fields_fold(&f, sc_span_of(" d\n")), SC_EINVAL);
    assert_int_equal(f.at[1].value.len, 203);
    assert_int_equal(strlen(f.at[1].value.data), 203);
    assert_memory_equal(f.at[1].value.data, "a b c c", 7);
    assert_string_equal(f.at[0].value.data, "1");
    assert_int_equal(add(&f, "Last", ""), 0);
    assert_int_equal(sc_fields_fold(&f, sc_span_of(" z")), 0);
    assert_string_equal(sc_fields_get(&f, "last", NULL), "z");
    sc_fields_free(&f);
}

static void a_line_is_name_colon_value(void **state)
{
    struct sc_span name, value;

    (void)state;
    assert_int_equal(
        sc_field_parse(sc_span_of("Host: \t h:80 \t"), &name, &value), 0);
    assert_true(sc_span_eq(name, "Host"));
    assert_true(sc_span_eq(value, "h:80"));
    assert_int_equal(sc_field_parse(sc_span_of("A:"), &name, &value), 0);
    assert_true(sc_span_eq(value, ""));
}

static void a_line_that_is_no_field_is_refused(void **state)
{
    static const char *const bad[] = {"",       "Host",   ": v",  "Host : v",
                                      " H: v",  "H\t: v", "(: v", "A: b\rC: d",
                                      "A: b\n", "\xff: v"};
    struct sc_span name, value, nul = SC_SPAN("A: b\0c");

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sc_field_parse(sc_span_of(bad[i]), &name, &value),
                         SC_EPROTO);
    assert_int_equal(sc_field_parse(nul, &name, &value), SC_EPROTO);
    assert_int_equal(sc_field_parse((struct sc_span){NULL, 0}, &name, &value),
                     SC_EPROTO);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields_keep_their_order_and_case),
    cmocka_unit_test(the_first_of_a_name_is_found_in_any_case),
    cmocka_unit_test(spans_stay_right_while_the_text_moves),
    cmocka_unit_test(a_field_may_be_copied_from_the_same_fields),
    cmocka_unit_test(bad_names_and_values_are_refused),
    cmocka_unit_test(the_ceiling_leaves_fields_as_they_were),
    cmocka_unit_test(folded_lines_join_the_last_value),
    cmocka_unit_test(a_line_is_name_colon_value),
    cmocka_unit_test(a_line_that_is_no_field_is_refused),
};

TEST_MAIN(tests)
