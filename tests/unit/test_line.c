/* test_line.c - lines and bytes out of a stream, however it cuts them. */
#include "talk.h"

#include "client/conn.h"

enum { SPLITS = 24 };

static void lines_come_whole_at_every_split(void **state)
{
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_to("S: one\nS:\ns: lenient\\n\nS: last\n", split);

        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "one");
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "");
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "lenient");
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "last");
        assert_int_equal(sc_readline(t.c, &line), SC_EOF);
        assert_int_equal(sc_readline(t.c, &line), SC_EOF);
        assert_int_equal(sc_close(t.c), SC_EOF);
    }
}

static void strict_lines_end_in_crlf_only(void **state)
{
    struct sc_options o = {.flags = SC_OPT_STRICT_LINES};
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t =
            talk_class(&sc_simple_class, "s: a\\nb\\r\\n\n", split, &o);

        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "a\nb");
        talk_over(t);
    }
}

static void a_line_of_the_limit_is_read_and_a_longer_one_is_not(void **state)
{
    struct sc_options o = {.line_limit = 5};
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t =
            talk_class(&sc_simple_class, "S: 12345\nS: 123456\n", split, &o);

        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "12345");
        assert_int_equal(sc_readline(t.c, &line), SC_ETOOBIG);
        assert_int_equal(sc_broken(t.c), SC_ETOOBIG);
        sc_close(t.c);
    }
}

static void a_limit_may_be_as_large_as_numbers_are(void **state)
{
    struct sc_options o = {.line_limit = SIZE_MAX};
    struct talk t = talk_class(&sc_simple_class, "S: hello\n", 3, &o);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_peek(t.c, 1, &line), 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_span(line, "hello");
    talk_over(t);
}

static void a_read_of_no_bytes_is_not_an_end(void **state)
{
    struct talk t = talk_to("S: a\n", 0);
    struct sc_span line;
    char c;

    (void)state;
    assert_int_equal(sc_read(t.c, &c, 0), SC_EINVAL);
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
}

static void an_end_within_a_line_is_short(void **state)
{
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < 5; split++) {
        struct talk t = talk_to("s: half\n", split);

        assert_int_equal(sc_readline(t.c, &line), SC_ESHORT);
        assert_int_equal(sc_close(t.c), SC_ESHORT);
    }
}

static void a_line_longer_than_the_buffer_comes_whole(void **state)
{
    static char text[40020];
    struct sc_options o = {.line_limit = 40000};
    struct sc_span line;
    struct talk t;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "S: a\nS: ", 8);
    memcpy(text + 40008, "\n", 2);
    t = talk_class(&sc_simple_class, text, 1000, &o);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_int_equal(line.len, 40000);
    talk_over(t);
}

static void bytes_behind_a_line_are_read_as_bytes(void **state)
{
    char got[8] = "";
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_to("S: 5\ns: \\x00bcde\nS: end\n", split);

        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_int_equal(sc_read_exact(t.c, got, 5), 0);
        assert_memory_equal(got, "\0bcde", 5);
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "end");
        assert_int_equal(sc_read(t.c, got, 5), 0);
        assert_int_equal(sc_broken(t.c), 0);
        talk_over(t);
    }
}

static void fewer_bytes_than_asked_for_are_short(void **state)
{
    struct talk t = talk_to("s: abc\n", 1);
    char got[8];

    (void)state;
    assert_int_equal(sc_read_exact(t.c, got, 4), SC_ESHORT);
    sc_close(t.c);
}

static void a_peek_takes_nothing(void **state)
{
    struct sc_span view, line;

    (void)state;
    for (size_t split = 0; split < 6; split++) {
        struct talk t = talk_to("S: HTTP/1.1\n", split);

        assert_int_equal(sc_peek(t.c, 5, &view), 0);
        assert_true(view.len >= 5);
        assert_memory_equal(view.data, "HTTP/", 5);
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "HTTP/1.1");
        assert_int_equal(sc_peek(t.c, 1, &view), SC_EOF);
        talk_over(t);
    }
}

static void read_until_finds_the_first_of_its_strings(void **state)
{
    static const char *const prompts[] = {"login: ", "$ ", NULL};
    struct sc_span line;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_to("s: last logi login: rest $ \\n\n", split);
        struct sc_buf out = SC_BUF(100);

        assert_int_equal(sc_read_until(t.c, prompts, &out), 0);
        assert_string_equal(out.data, "last logi login: ");
        assert_int_equal(sc_read_until(t.c, prompts, &out), 1);
        assert_string_equal(out.data, "last logi login: rest $ ");
        assert_int_equal(sc_readline(t.c, &line), 0);
        sc_buf_free(&out);
        talk_over(t);
    }
}

static void read_until_without_strings_reads_to_the_end(void **state)
{
    struct talk t = talk_to("S: a\nS: b\n", 1);
    struct sc_buf out = SC_BUF(100);

    (void)state;
    assert_int_equal(sc_read_until(t.c, NULL, &out), 0);
    assert_string_equal(out.data, "a\r\nb\r\n");
    sc_buf_free(&out);
    talk_over(t);
}

static void fields_are_read_and_unfolded_at_every_split(void **state)
{
    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_to("S: Subject: a\nS:   b\nS: X-Y:\nS:\n", split);
        struct sc_fields f = {0};

        assert_int_equal(sc_read_fields(t.c, &f), 0);
        assert_int_equal(f.n, 2);
        assert_string_equal(sc_fields_get(&f, "subject", ""), "a b");
        assert_string_equal(sc_fields_get(&f, "x-y", "none"), "");
        sc_fields_free(&f);
        talk_over(t);
    }
}

static void a_line_without_a_colon_is_no_field(void **state)
{
    struct talk t = talk_to("S: a: b\nS: nothing\n", 0);
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(sc_read_fields(t.c, &f), SC_EPROTO);
    assert_non_null(strstr(sc_last_error(t.c)->text, "not a field: nothing"));
    sc_fields_free(&f);
    sc_close(t.c);
}

static void more_fields_than_allowed_break(void **state)
{
    struct sc_options o = {.head_fields = 2};
    struct talk t =
        talk_class(&sc_simple_class, "S: a: 1\nS: b: 2\nS: c: 3\nS:\n", 0, &o);
    struct sc_fields f = {0};

    (void)state;
    assert_int_equal(sc_read_fields(t.c, &f), SC_ETOOBIG);
    sc_fields_free(&f);
    sc_close(t.c);
}

static void a_view_lends_what_has_come(void **state)
{
    struct talk t = talk_to("s: abcdef\n", 0);
    struct sc_span view;

    (void)state;
    assert_int_equal(sc_read_view(t.c, 4, &view), 4);
    assert_span(view, "abcd");
    assert_int_equal(sc_read_view(t.c, 4, &view), 2);
    assert_span(view, "ef");
    assert_int_equal(sc_read_view(t.c, 4, &view), 0);
    talk_over(t);
}

static void silence_breaks_with_a_time_out(void **state)
{
    struct talk t = talk_to("S: a\nS~\n", 0);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_int_equal(sc_readline(t.c, &line), SC_ETIMEDOUT);
    assert_int_equal(sc_writeline(t.c, "x"), SC_ETIMEDOUT);
    assert_int_equal(sc_close(t.c), SC_ETIMEDOUT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_come_whole_at_every_split),
    cmocka_unit_test(strict_lines_end_in_crlf_only),
    cmocka_unit_test(a_line_of_the_limit_is_read_and_a_longer_one_is_not),
    cmocka_unit_test(a_limit_may_be_as_large_as_numbers_are),
    cmocka_unit_test(a_read_of_no_bytes_is_not_an_end),
    cmocka_unit_test(an_end_within_a_line_is_short),
    cmocka_unit_test(a_line_longer_than_the_buffer_comes_whole),
    cmocka_unit_test(bytes_behind_a_line_are_read_as_bytes),
    cmocka_unit_test(fewer_bytes_than_asked_for_are_short),
    cmocka_unit_test(a_peek_takes_nothing),
    cmocka_unit_test(read_until_finds_the_first_of_its_strings),
    cmocka_unit_test(read_until_without_strings_reads_to_the_end),
    cmocka_unit_test(fields_are_read_and_unfolded_at_every_split),
    cmocka_unit_test(a_line_without_a_colon_is_no_field),
    cmocka_unit_test(more_fields_than_allowed_break),
    cmocka_unit_test(a_view_lends_what_has_come),
    cmocka_unit_test(silence_breaks_with_a_time_out),
};

TEST_MAIN(tests)
