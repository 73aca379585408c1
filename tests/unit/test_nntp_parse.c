/* test_nntp_parse.c - GROUP, LIST, HDR and DATE as servers write them; most are
 * the examples of RFC 3977 and RFC 6048. */
#include "main.h"

#include "nntp/nntp_over.h"

static void assert_span(struct sc_span s, const char *text)
{
    if (!sc_span_eq(s, text))
        print_error("\"%.*s\" is not \"%s\"\n", (int)s.len, s.len ? s.data : "",
                    text);
    assert_true(sc_span_eq(s, text));
}

static void numbers_are_strict_and_have_63_bits(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "-1",
                                      "+1",
                                      "1 ",
                                      " 1",
                                      "1x",
                                      "0x1",
                                      "1.0",
                                      "1e3",
                                      "\xb2",
                                      "9223372036854775808",
                                      "18446744073709551616",
                                      "18446744073709551617"};
    uint64_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_number(sc_span_of(bad[i]), &n), SC_EPROTO);
    assert_int_equal(nntp_number((struct sc_span){"1\0", 2}, &n), SC_EPROTO);
    assert_int_equal(nntp_number((struct sc_span){NULL, 0}, &n), SC_EPROTO);
    assert_int_equal(n, 7);
    assert_int_equal(nntp_number(sc_span_of("9223372036854775807"), &n), 0);
    assert_true(n == INT64_MAX);
    assert_int_equal(nntp_number(sc_span_of("999999999999999999"), &n), 0);
    assert_true(n == 999999999999999999);
    assert_int_equal(nntp_number(sc_span_of("0000000000000000000000042"), &n),
                     0);
    assert_int_equal(n, 42);
    assert_int_equal(nntp_number(sc_span_of("0"), &n), 0);
    assert_int_equal(n, 0);
}

/* --- GROUP --- */

struct selected {
    const char *text;
    uint64_t count, first, last;
    const char *name;
};

/* RFC 3977 section 6.1.1.3; the forms of an empty group: section 6.1.1.2. */
static void a_group_is_selected(void **state)
{
    static const struct selected told[] = {
        {"1234 3000234 3002322 misc.test", 1234, 3000234, 3002322, "misc.test"},
        {"0 4000 3999 example.currently.empty.newsgroup", 0, 4000, 3999,
         "example.currently.empty.newsgroup"},
        {"0 0 0 none", 0, 1, 0, "none"},
        {"0 4000 4321 none", 0, 4322, 4321, "none"},
        {"2 1 9223372036854775807 big group selected", 2, 1, INT64_MAX, "big"},
        {"5 0001 0009", 5, 1, 9, ""},
        {"5\t1  9 \ta ", 5, 1, 9, "a"},
    };
    struct nntp_group g;

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        memset(&g, 0xa5, sizeof g);
        assert_int_equal(nntp_parse_selected(sc_span_of(told[i].text), &g), 0);
        assert_true(g.count == told[i].count && g.first == told[i].first &&
                    g.last == told[i].last);
        assert_span(g.name, told[i].name);
        assert_span(g.status, "");
        assert_int_equal(g.created, 0);
    }
}

static void a_selected_group_needs_three_numbers(void **state)
{
    static const char *const bad[] = {
        "",         "1",       "1 2",          "1 2 name",
        "-1 2 3 a", "1 2 x a", "list follows", "1 2 9223372036854775808 a"};
    struct nntp_group g;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_parse_selected(sc_span_of(bad[i]), &g),
                         SC_EPROTO);
}

/* --- LIST --- */

/* RFC 3977 section 7.6.3.3, RFC 6048 section 3.1. */
static void list_active(void **state)
{
    struct nntp_group g;

    (void)state;
    assert_int_equal(
        nntp_parse_active(sc_span_of("misc.test 3002322 3000234 y"), &g), 0);
    assert_span(g.name, "misc.test");
    assert_int_equal(g.last, 3002322);
    assert_int_equal(g.first, 3000234);
    assert_int_equal(g.count, 0);
    assert_span(g.status, "y");
    assert_int_equal(
        nntp_parse_active(sc_span_of("alt.old 0000000003 0000000004 "
                                     "=misc.test"),
                          &g),
        0);
    assert_int_equal(g.last, 3);
    assert_int_equal(g.first, 4);
    assert_span(g.status, "=misc.test");
    assert_int_equal(nntp_parse_active(sc_span_of("a\t0 0  n "), &g), 0);
    assert_true(g.last < g.first);
    assert_span(g.status, "n");
    assert_int_equal(nntp_parse_active(sc_span_of("a 5 1"), &g), 0);
    assert_span(g.status, "");
}

static void list_counts(void **state)
{
    struct nntp_group g;

    (void)state;
    assert_int_equal(
        nntp_parse_counts(sc_span_of("misc.test 3002322 3000234 1234 y"), &g),
        0);
    assert_span(g.name, "misc.test");
    assert_int_equal(g.last, 3002322);
    assert_int_equal(g.first, 3000234);
    assert_int_equal(g.count, 1234);
    assert_span(g.status, "y");
    assert_int_equal(nntp_parse_counts(sc_span_of("a 7 3 0 m"), &g), 0);
    assert_true(g.last < g.first);
    assert_int_equal(nntp_parse_counts(sc_span_of("a 7 3 m"), &g), SC_EPROTO);
}

/* RFC 3977 section 7.6.4.3. */
static void list_active_times(void **state)
{
    struct nntp_group g;

    (void)state;
    assert_int_equal(
        nntp_parse_times(sc_span_of("misc.test 930445408 <creatme@isc.org>"),
                         &g),
        0);
    assert_span(g.name, "misc.test");
    assert_int_equal(g.created, 930445408);
    assert_span(g.creator, "<creatme@isc.org>");
    assert_int_equal(
        nntp_parse_times(sc_span_of("a 4102444800 John Doe  of X "), &g), 0);
    assert_int_equal(g.created, 4102444800);
    assert_span(g.creator, "John Doe  of X");
    assert_int_equal(nntp_parse_times(sc_span_of("a 0"), &g), 0);
    assert_span(g.creator, "");
    assert_int_equal(nntp_parse_times(sc_span_of("a -1 x"), &g), SC_EPROTO);
    assert_int_equal(nntp_parse_times(sc_span_of("a"), &g), SC_EPROTO);
}

/* RFC 3977 section 7.6.6.3: spaces or TABs. */
static void list_newsgroups(void **state)
{
    static const char *const lines[] = {
        "misc.test General Usenet testing", "misc.test\tGeneral Usenet testing",
        "misc.test\t \tGeneral Usenet testing "};
    struct nntp_group g;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(nntp_parse_newsgroups(sc_span_of(lines[i]), &g), 0);
        assert_span(g.name, "misc.test");
        assert_span(g.description, "General Usenet testing");
    }
    assert_int_equal(nntp_parse_newsgroups(sc_span_of("a\t"), &g), 0);
    assert_span(g.description, "");
}

static void a_line_of_list_needs_a_name(void **state)
{
    static int (*const parse[])(struct sc_span, struct nntp_group *) = {
        nntp_parse_active, nntp_parse_counts, nntp_parse_times,
        nntp_parse_newsgroups};
    struct nntp_group g;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(parse[i](sc_span_of(""), &g), SC_EPROTO);
        assert_int_equal(parse[i](sc_span_of(" a 1 1 1 y"), &g), SC_EPROTO);
        assert_int_equal(parse[i](sc_span_of("\ta 1 1 1 y"), &g), SC_EPROTO);
    }
    assert_int_equal(nntp_parse_active(sc_span_of("a 1 y"), &g), SC_EPROTO);
    assert_int_equal(nntp_parse_active(sc_span_of("a x 1 y"), &g), SC_EPROTO);
    assert_int_equal(
        nntp_parse_active(sc_span_of("a 1 9223372036854775808 y"), &g),
        SC_EPROTO);
}

/* --- HDR --- */

struct hdr {
    const char *line;
    uint64_t number;
    const char *value;
};

/* RFC 3977 section 8.5.3; XHDR by message-id: RFC 2980 section 2.6. */
static void hdr(void **state)
{
    static const struct hdr told[] = {
        {"3000234 I am just a test article", 3000234,
         "I am just a test article"},
        {"3000235 ", 3000235, ""},
        {"3000236", 3000236, ""},
        {"0 I am just a test article", 0, "I am just a test article"},
        {"<i.am@example> 17", 0, "17"},
        {"5   two spaces ", 5, "  two spaces "},
        {"9223372036854775807 x", INT64_MAX, "x"},
    };
    static const char *const bad[] = {
        "",     " x",   "x y",  "-1 x",
        "1\tx", "<> x", "<a x", "9223372036854775808 x"};
    struct sc_span value;
    uint64_t number;

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        assert_int_equal(
            nntp_parse_hdr(sc_span_of(told[i].line), &number, &value), 0);
        assert_true(number == told[i].number);
        assert_span(value, told[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_parse_hdr(sc_span_of(bad[i]), &number, &value),
                         SC_EPROTO);
}

/* --- DATE --- */

struct date {
    const char *text;
    int64_t when;
    const char *back;
};

/* RFC 3977 section 7.1.3; seconds as date(1) tells them. */
static void dates_go_both_ways(void **state)
{
    static const struct date told[] = {
        {"19990623135624", 930146184, "19990623 135624"},
        {"19700101000000", 0, "19700101 000000"},
        {"20000229000000", 951782400, "20000229 000000"},
        {"20260131235959", 1769903999, "20260131 235959"},
        {"99991231235959", 253402300799, "99991231 235959"},
        {"00010101000000", -62135596800, "00010101 000000"},
        {"20161231235960", 1483228800, "20170101 000000"}, /* leap second */
        {"19990623135624 UTC", 930146184, "19990623 135624"},
    };
    char back[24];
    int64_t when;

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        assert_int_equal(nntp_parse_date(sc_span_of(told[i].text), &when), 0);
        assert_true(when == told[i].when);
        assert_int_equal(nntp_format_date(back, when), 0);
        assert_string_equal(back, told[i].back);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "1999062313562",
                                      "199906231356240",
                                      "1999062313562x",
                                      "-9990623135624",
                                      " 19990623135624",
                                      "19990023135624",
                                      "19991323135624",
                                      "19990600135624",
                                      "19990631135624",
                                      "19990229135624",
                                      "21000229000000",
                                      "00000101000000",
                                      "19990623245624",
                                      "19990623136024",
                                      "19990623135661"};
    int64_t when = 7;
    char text[24] = "";

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_parse_date(sc_span_of(bad[i]), &when), SC_EPROTO);
    assert_int_equal(when, 7);
    assert_int_equal(nntp_format_date(text, 253402300800), SC_EINVAL);
    assert_int_equal(nntp_format_date(text, -62135596801), SC_EINVAL);
    assert_int_equal(nntp_format_date(text, INT64_MAX), SC_EINVAL);
    assert_int_equal(nntp_format_date(text, INT64_MIN), SC_EINVAL);
    assert_string_equal(text, "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_are_strict_and_have_63_bits),
    cmocka_unit_test(a_group_is_selected),
    cmocka_unit_test(a_selected_group_needs_three_numbers),
    cmocka_unit_test(list_active),
    cmocka_unit_test(list_counts),
    cmocka_unit_test(list_active_times),
    cmocka_unit_test(list_newsgroups),
    cmocka_unit_test(a_line_of_list_needs_a_name),
    cmocka_unit_test(hdr),
    cmocka_unit_test(dates_go_both_ways),
    cmocka_unit_test(what_is_no_date_is_refused),
};

TEST_MAIN(tests)
