/* test_http_head.c - what a head may look like, and what it must not. */
#include "main.h"

#include "http/http_head.h"

static struct http_head head;
static struct sc_fields fields;

static int forget(void **state)
{
    (void)state;
    sc_fields_free(&fields);
    return 0;
}

/* Parse lines that each end in LF; the first is the status line. */
static int parse(const char *text)
{
    int rc = 0;

    fields.n = 0;
    fields.text.len = 0;
    for (int i = 0; rc == 0 && *text != '\0'; i++) {
        size_t n = strcspn(text, "\n");
        struct sc_span line = {text, n};

        rc = i == 0 ? http_head_status(&head, line)
                    : http_head_field(&head, line, 1000, 5, &fields);
        text += n + 1;
    }
    return rc;
}

static int frame(const char *text, bool was_head, bool *keep)
{
    int rc = parse(text);

    return rc < 0 ? rc : http_head_framing(&head, was_head, keep);
}

static void status_lines_are_taken_apart(void **state)
{
    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\n"), 0);
    assert_int_equal(head.status, 200);
    assert_int_equal(head.version, 11);
    assert_int_equal(head.reason.len, 2);
    assert_int_equal(parse("HTTP/1.0 404 Not Found\n"), 0);
    assert_int_equal(head.version, 10);
    assert_int_equal(parse("HTTP/1.1 204\n"), 0);
    assert_int_equal(head.reason.len, 0);
    assert_int_equal(parse("HTTP/1.1 204 \n"), 0);
    assert_int_equal(parse("HTTP/1.9 999 odd\n"), 0);
    assert_int_equal(head.version, 11);
}

static void other_status_lines_are_refused(void **state)
{
    static const char *const bad[] = {
        "HTTP/3.0 200 OK\n",  "HTTP/1.1x 200 OK\n",   "HTTP/1.1 +20 OK\n",
        "HTTP/1.1 099 low\n", "HTTP/1.1 2000 OK\n",   "HTTP/1.1 20\n",
        "http/1.1 200 OK\n",  "<html>hello</html>\n", "\n",
        "HTTP/1.1  200 OK\n", "HTTP/1.1 200 O\rK\n",  "ICY 200 OK\n",
        "HTTP/1.1\t200 OK\n", "HTTP/1.12 200 OK\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i]) != SC_EPROTO)
            fail_msg("accepted: %s", bad[i]);
}

static void fields_are_kept_in_order(void **state)
{
    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\nB:  two words \nA:1\nC:\n"), 0);
    assert_int_equal(fields.n, 3);
    assert_string_equal(sc_fields_get(&fields, "b", ""), "two words");
    assert_string_equal(sc_fields_get(&fields, "a", ""), "1");
    assert_string_equal(sc_fields_get(&fields, "c", "none"), "");
}

static void a_folded_line_is_joined_by_one_space(void **state)
{
    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\nX: a\n \t b\nY: c\n"), 0);
    assert_string_equal(sc_fields_get(&fields, "X", ""), "a b");
}

static void other_fields_are_refused(void **state)
{
    static const char *const bad[] = {
        " folded: first\n",
        "no colon\n",
        ": no name\n",
        "bad name: x\n",
        "b\xe4"
        "d: x\n",
        "x: a\rb\n",
        "Content-Length : 5\n",
        "Transfer-Encoding : chunked\n",
        "Content-Length: 5\n 6\n",
        "Transfer-Encoding: chun\n ked\n",
        "X: a\n b\rc\n",
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "HTTP/1.1 200 OK\n%s", bad[i]);
        if (parse(text) != SC_EPROTO)
            fail_msg("accepted: %s", bad[i]);
    }
}

static void a_nul_is_refused(void **state)
{
    struct sc_span line = SC_SPAN("X: a\0b");

    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\n"), 0);
    assert_int_equal(http_head_field(&head, line, 1000, 5, &fields), SC_EPROTO);
}

static void a_space_before_the_colon_of_others_is_let_pass(void **state)
{
    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\nX-Old : yes\n"), 0);
    assert_string_equal(sc_fields_get(&fields, "X-Old", ""), "yes");
}

static void size_and_number_are_limited(void **state)
{
    char text[1100] = "HTTP/1.1 200 OK\nX: ";

    (void)state;
    assert_int_equal(parse("HTTP/1.1 200 OK\na:\nb:\nc:\nd:\ne:\n"), 0);
    assert_int_equal(parse("HTTP/1.1 200 OK\na:\nb:\nc:\nd:\ne:\nf:\n"),
                     SC_ETOOBIG);
    memset(text + 19, 'x', 1000);
    assert_int_equal(parse(text), SC_ETOOBIG);
}

static void lengths_are_digits_that_agree(void **state)
{
    static const struct {
        const char *fields;
        int64_t length; /* -1: refused */
    } cases[] = {
        {"Content-Length: 5\n", 5},
        {"content-length:5\nCONTENT-LENGTH: 5\n", 5},
        {"Content-Length: 5, 5\n", 5},
        {"Content-Length: 9223372036854775807\n", INT64_MAX},
        {"Content-Length: 9223372036854775808\n", -1},
        {"Content-Length: 99999999999999999999\n", -1},
        {"Content-Length: 5\nContent-Length: 6\n", -1},
        {"Content-Length: 5, 6\n", -1},
        {"Content-Length: 5,\n", -1},
        {"Content-Length:\n", -1},
        {"Content-Length: +5\n", -1},
        {"Content-Length: -1\n", -1},
        {"Content-Length: 5x\n", -1},
        {"Content-Length: 0x5\n", -1},
        {"Content-Length: 1_0\n", -1},
    };
    char text[200];
    bool keep;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text, "HTTP/1.1 200 OK\n%s", cases[i].fields);
        if (frame(text, false, &keep) !=
            (cases[i].length < 0 ? SC_EPROTO : HTTP_LENGTH))
            fail_msg("%s", cases[i].fields);
        if (cases[i].length >= 0)
            assert_true(head.length == (uint64_t)cases[i].length && keep);
    }
}

static void codings_are_chunked_or_refused(void **state)
{
    static const struct {
        const char *fields;
        int framing;
    } cases[] = {
        {"Transfer-Encoding: chunked\n", HTTP_CHUNKED},
        {"transfer-encoding:\tCHUNKED \n", HTTP_CHUNKED},
        {"Transfer-Encoding: gzip, chunked\n", SC_EPROTO},
        {"Transfer-Encoding: chunked, identity\n", SC_EPROTO},
        {"Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", SC_EPROTO},
        {"Transfer-Encoding: identity\n", SC_EPROTO},
        {"Transfer-Encoding: \vchunked\n", SC_EPROTO},
        {"Transfer-Encoding:\nContent-Length: 3\n", SC_EPROTO},
    };
    char text[200];
    bool keep;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text, "HTTP/1.1 200 OK\n%s", cases[i].fields);
        if (frame(text, false, &keep) != cases[i].framing)
            fail_msg("%s", cases[i].fields);
    }
    assert_int_equal(
        frame("HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n", false, &keep),
        SC_EPROTO);
}

static void both_framings_are_the_last_on_a_connection(void **state)
{
    bool keep = true;

    (void)state;
    assert_int_equal(frame("HTTP/1.1 200 OK\nContent-Length: 3\n"
                           "Transfer-Encoding: chunked\n",
                           false, &keep),
                     HTTP_CHUNKED);
    assert_false(keep);
}

static void some_answers_have_no_body(void **state)
{
    static const char *const none[] = {
        "HTTP/1.1 204 No\nContent-Length: 5\n",
        "HTTP/1.1 304 No\nTransfer-Encoding: chunked\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n",
    };
    bool keep;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(frame(none[i], false, &keep), HTTP_NO_BODY);
    assert_int_equal(frame("HTTP/1.1 200 OK\nContent-Length: 9\n", true, &keep),
                     HTTP_NO_BODY);
    assert_true(keep);
}

static void persistence_follows_version_and_connection(void **state)
{
    static const struct {
        const char *text;
        bool keep;
    } cases[] = {
        {"HTTP/1.1 200 OK\nContent-Length: 1\n", true},
        {"HTTP/1.1 200 OK\nContent-Length: 1\nConnection: close\n", false},
        {"HTTP/1.1 200 OK\nContent-Length: 1\nConnection: foo, Close\n", false},
        {"HTTP/1.1 200 OK\nContent-Length: 1\nConnection: closer\n", true},
        {"HTTP/1.0 200 OK\nContent-Length: 1\n", false},
        {"HTTP/1.0 200 OK\nContent-Length: 1\nConnection: Keep-Alive\n", true},
        {"HTTP/1.0 200 OK\nContent-Length: 1\nConnection: keep-alive, close\n",
         false},
        {"HTTP/1.1 200 OK\n", false},
    };
    bool keep;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(frame(cases[i].text, false, &keep) >= 0);
        if (keep != cases[i].keep)
            fail_msg("%s", cases[i].text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(status_lines_are_taken_apart),
    cmocka_unit_test(other_status_lines_are_refused),
    cmocka_unit_test_teardown(fields_are_kept_in_order, forget),
    cmocka_unit_test_teardown(a_folded_line_is_joined_by_one_space, forget),
    cmocka_unit_test_teardown(other_fields_are_refused, forget),
    cmocka_unit_test_teardown(a_nul_is_refused, forget),
    cmocka_unit_test_teardown(a_space_before_the_colon_of_others_is_let_pass,
                              forget),
    cmocka_unit_test_teardown(size_and_number_are_limited, forget),
    cmocka_unit_test_teardown(lengths_are_digits_that_agree, forget),
    cmocka_unit_test_teardown(codings_are_chunked_or_refused, forget),
    cmocka_unit_test_teardown(both_framings_are_the_last_on_a_connection,
                              forget),
    cmocka_unit_test_teardown(some_answers_have_no_body, forget),
    cmocka_unit_test_teardown(persistence_follows_version_and_connection,
                              forget),
};

TEST_MAIN(tests)
