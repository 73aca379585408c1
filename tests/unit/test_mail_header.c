/* test_mail_header.c - header fields as they go out: expected lines by RFC 5322
 * section 3.4, RFC 2047 sections 2, 5, 8 and RFC 2231 section 4. */
#include "main.h"

#include <simpleclient/mail.h>

#include "mail/mail_header.h"

static struct sc_buf out;

static int fresh(void **state)
{
    (void)state;
    out.len = 0;
    return 0;
}

static int release(void **state)
{
    (void)state;
    sc_buf_free(&out);
    return 0;
}

static void assert_addresses(const char *value, const char *expected)
{
    out.len = 0;
    assert_int_equal(mail_header_addresses(&out, "To", value), 0);
    assert_string_equal(out.data, expected);
}

static void assert_text(const char *value, const char *expected)
{
    out.len = 0;
    assert_int_equal(mail_header_text(&out, "Subject", value), 0);
    assert_string_equal(out.data, expected);
}

static void names_are_quoted_as_they_need(void **state)
{
    (void)state;
    assert_addresses("a@b.c", "To: a@b.c\r\n");
    assert_addresses("<a@b.c>", "To: a@b.c\r\n");
    assert_addresses("Joe Blow <a@b.c>", "To: Joe Blow <a@b.c>\r\n");
    assert_addresses("Joe Q. Public <a@b.c>",
                     "To: \"Joe Q. Public\" <a@b.c>\r\n");
    assert_addresses("\"Blow, Joe\" <a@b.c>, d@e.f",
                     "To: \"Blow, Joe\" <a@b.c>, d@e.f\r\n");
    assert_addresses("\"say \\\"hi\\\"\" <a@b.c>",
                     "To: \"say \\\"hi\\\"\" <a@b.c>\r\n");
    assert_addresses("\"Joe\" <a@b.c>", "To: Joe <a@b.c>\r\n");
}

static void names_beyond_ascii_are_encoded(void **state)
{
    (void)state;
    assert_addresses("J\xc3\xb6rg <j@e.f>",
                     "To: =?UTF-8?B?SsO2cmc=?= <j@e.f>\r\n");
    /* What looks encoded must not be decoded. */
    assert_addresses("=?x <j@e.f>", "To: \"=?x\" <j@e.f>\r\n");
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",         "joe",         "@b.c",        "a@",
        "<a@b.c",   "a@b.c d@e.f", "Joe a@b.c",   "a@b.c <d@e.f> x",
        "\"Joe",    "a b@c.d",     "group: a@b;", "<>",
        "a@b\\c.d", "a@b@c.d",     "<a@b@c.d>"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        out.len = 0;
        assert_int_equal(mail_header_addresses(&out, "To", bad[i]), SC_EINVAL);
    }
}

static void lists_are_taken_apart(void **state)
{
    static const char list[] = "\"a, b\" <c@d.e>,, f@g.h";
    size_t pos = 0;

    (void)state;
    assert_int_equal(mail_next_address(list, &pos, &out), 1);
    assert_string_equal(out.data, "c@d.e");
    assert_int_equal(mail_next_address(list, &pos, &out), 1);
    assert_string_equal(out.data, "f@g.h");
    assert_int_equal(mail_next_address(list, &pos, &out), 0);
}

static void text_is_encoded_from_the_first_word_that_wants_it(void **state)
{
    (void)state;
    assert_text("plain words", "Subject: plain words\r\n");
    assert_text("", "Subject:\r\n");
    assert_text("on Gr\xc3\xbc\xc3\x9f"
                "e now",
                "Subject: on =?UTF-8?B?R3LDvMOfZQ==?= now\r\n");
    assert_text("\xc3\xa4 b \xc3\xa4", "Subject: =?UTF-8?B?w6QgYiDDpA==?=\r\n");
    assert_text("=?utf-8?q?no?=",
                "Subject: =?UTF-8?B?PT91dGYtOD9xP25vPz0=?=\r\n");
}

/* No line beyond 78, no encoded word beyond 75, no character cut in two. */
static void long_lines_are_folded(void **state)
{
    struct sc_buf value = SC_BUF(0);
    const char *p, *crlf;

    (void)state;
    for (int i = 0; i < 60; i++)
        sc_buf_addf(&value, "%s", i % 2 ? "\xe2\x82\xac" : "\xc3\xa4");
    assert_int_equal(mail_header_text(&out, "Subject", value.data), 0);
    for (p = out.data; (crlf = strstr(p, "\r\n")) != NULL; p = crlf + 2) {
        assert_true(crlf - p <= 78);
        assert_true(p == out.data || *p == ' ' || *p == '\0');
    }
    for (p = out.data; (p = strstr(p, "=?UTF-8?B?")) != NULL; p += 10)
        assert_true(strstr(p, "?=") + 2 - p <= 75);
    out.len = 0;
    value.len = 0;
    for (int i = 0; i < 30; i++)
        sc_buf_addf(&value, "eleven char ");
    assert_int_equal(mail_header_text(&out, "Subject", value.data), 0);
    for (p = out.data; (crlf = strstr(p, "\r\n")) != NULL; p = crlf + 2)
        assert_true(crlf - p <= 78);
    sc_buf_free(&value);
}

static void parameters_are_quoted_or_extended(void **state)
{
    (void)state;
    assert_int_equal(mail_header_parameter(&out, "name", "a \"b\".txt"), 0);
    assert_string_equal(out.data, ";\r\n name=\"a \\\"b\\\".txt\"");
    out.len = 0;
    assert_int_equal(mail_header_parameter(&out, "name", "\xc3\xa4 %.txt"), 0);
    assert_string_equal(out.data, ";\r\n name*=UTF-8''%C3%A4%20%25.txt");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, release)
static const struct CMUnitTest tests[] = {
    TEST(names_are_quoted_as_they_need),
    TEST(names_beyond_ascii_are_encoded),
    TEST(what_is_no_address_is_refused),
    TEST(lists_are_taken_apart),
    TEST(text_is_encoded_from_the_first_word_that_wants_it),
    TEST(long_lines_are_folded),
    TEST(parameters_are_quoted_or_extended),
};

TEST_MAIN(tests)
