/* test_recording.c - the record option: what a client's dialogue looks like as
 * a script, what of it is secret, and that it can be played. */
#include "talk.h"

#include <stdlib.h>

#include "stream/script_text.h"

static struct sc_error error;
static struct sc_wait wait = {INT64_MAX, &error};

/* A connection's number is of the thread: 1 here. */
static void assert_recorded(const struct sc_buf *out, const char *text)
{
    const char *line = out->data, *rest;

    assert_non_null(line);
    rest = strchr(line, '\n');
    if (strncmp(line, "@ ", 2) != 0 || rest == NULL ||
        strstr(line, " script\n") == NULL)
        fail_msg("no connection: %s", line);
    assert_string_equal(rest + 1, text);
}

static struct talk talk_recorded(const char *text, struct sc_buf *out,
                                 unsigned flags)
{
    struct sc_options o = {
        .flags = flags, .record = sc_buf_sink, .record_arg = out};

    *out = (struct sc_buf)SC_BUF(100000);
    return talk_class(&sc_simple_class, text, 3, &o);
}

static void a_dialogue_is_the_script_it_came_from(void **state)
{
    static const char text[] = "S: +OK ready\nC: RETR 1\nS: +OK\n"
                               "s: raw\\n\nC: QUIT\nS: +OK\n";
    struct sc_buf out;
    struct talk t = talk_recorded(text, &out, 0);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), 0);
    sc_writeline(t.c, "RETR %d", 1);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    sc_writeline(t.c, "QUIT");
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_span(line, "+OK");
    talk_over(t);
    assert_recorded(&out, text);
    sc_buf_free(&out);
}

static void log_in(struct talk t)
{
    struct sc_span line;

    sc_writeline(t.c, "USER me");
    sc_secret(t.c);
    sc_writeline(t.c, "PASS hunter2");
    sc_writeline(t.c, "STAT");
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
}

static void a_secret_line_is_stars(void **state)
{
    static const char text[] = "C: USER me\nC: PASS hunter2\nC: STAT\nS: +OK\n";
    struct sc_buf out;

    (void)state;
    log_in(talk_recorded(text, &out, 0));
    assert_recorded(&out, "C: USER me\nC: ***\nC: STAT\nS: +OK\n");
    sc_buf_free(&out);
    log_in(talk_recorded(text, &out, SC_OPT_TRACE_SECRETS));
    assert_recorded(&out, text);
    sc_buf_free(&out);
}

/* The refused line was to follow a secret one that is never sent. */
static void what_was_dropped_hides_nothing(void **state)
{
    static const char text[] = "C: 12345\nS: a\n";
    struct sc_buf out;
    struct talk t = talk_recorded(text, &out, 0);
    struct sc_span line;

    (void)state;
    sc_secret(t.c);
    sc_writeline(t.c, "PASS hunter2");
    sc_writeline(t.c, "a\nb");
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    sc_writeline(t.c, "12345");
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
    assert_recorded(&out, text);
    sc_buf_free(&out);
}

static void a_long_secret_is_one_line(void **state)
{
    static char text[9100], secret[9001];
    struct sc_options o = {.send_limit = 10000, .record = sc_buf_sink};
    struct sc_buf out = SC_BUF(100000);
    struct sc_span line;
    struct talk t;

    (void)state;
    memset(secret, 'x', sizeof secret - 1);
    snprintf(text, sizeof text, "C: %s\nC: a\nS: b\n", secret);
    o.record_arg = &out;
    t = talk_class(&sc_simple_class, text, 0, &o);
    sc_secret(t.c);
    sc_writeline_n(t.c, secret, sizeof secret - 1);
    sc_writeline(t.c, "a");
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
    assert_recorded(&out, "C: ***\nC: a\nS: b\n");
    sc_buf_free(&out);
}

static void a_body_and_a_file_are_lines_too(void **state)
{
    static const char text[] = "C: a\nc: file\\n\nS: one\nS: two\n";
    struct sc_buf out;
    struct talk t = talk_recorded(text, &out, 0);
    char body[10];
    FILE *f = tmpfile();

    (void)state;
    assert_non_null(f);
    fputs("file\n", f);
    fflush(f);
    sc_writeline(t.c, "a");
    assert_int_equal(sc_sendfile(t.c, fileno(f), 0, 5), 0);
    assert_int_equal(sc_read_exact(t.c, body, 10), 0);
    talk_over(t);
    fclose(f);
    assert_recorded(&out, text);
    sc_buf_free(&out);
}

static void a_secret_is_found_behind_a_file(void **state)
{
    static const char text[] = "c: file\\n\nC: PASS x\nC: b\nS: c\n";
    struct sc_buf out;
    struct talk t = talk_recorded(text, &out, 0);
    struct sc_span line;
    FILE *f = tmpfile();

    (void)state;
    assert_non_null(f);
    fputs("file\n", f);
    fflush(f);
    assert_int_equal(sc_sendfile(t.c, fileno(f), 0, 5), 0);
    sc_secret(t.c);
    sc_writeline(t.c, "PASS x");
    sc_writeline(t.c, "b");
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
    fclose(f);
    assert_recorded(&out, "c: file\\n\nC: ***\nC: b\nS: c\n");
    sc_buf_free(&out);
}

/* What a terminal would act on, and what would mean any line. */
static void lines_are_harmless(void **state)
{
    static const char text[] = "s: \\x1b[2J\\r\\n\nc: ***\\r\\n\nS: \xc3\xa4\n";
    struct sc_buf out;
    struct talk t = talk_recorded(text, &out, 0);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), 0);
    sc_writeline(t.c, "***");
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
    assert_recorded(&out, text);
    sc_buf_free(&out);
}

static void the_end_is_recorded_and_a_detached_stream_goes_on(void **state)
{
    struct sc_buf out;
    struct talk t = talk_recorded("S: a\n", &out, 0);
    struct sc_span line;
    Stream *s;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_int_equal(sc_readline(t.c, &line), SC_EOF);
    talk_over(t);
    assert_recorded(&out, "S: a\nS.\n");
    sc_buf_free(&out);
    t = talk_recorded("S: a\nS: b\n", &out, 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_non_null(s = sc_detach(t.c));
    sc_stream_close(s);
    assert_non_null(strstr(out.data, "S: a\n"));
    assert_non_null(strstr(out.data, "C~\n"));
    sc_buf_free(&out);
}

static void a_full_sink_breaks_the_client(void **state)
{
    struct sc_buf out = SC_BUF(20);
    struct sc_options o = {.record = sc_buf_sink, .record_arg = &out};
    struct talk t =
        talk_class(&sc_simple_class, "S: much more than twenty bytes\n", 0, &o);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), SC_ETOOBIG);
    assert_non_null(strstr(sc_last_error(t.c)->text, "record"));
    sc_drop(t.c);
    sc_buf_free(&out);
}

/* Lines of two connections in one sink tell whose they are. */
static void connections_are_told_apart(void **state)
{
    struct sc_buf out = SC_BUF(1000);
    struct sc_options o = {.record = sc_buf_sink, .record_arg = &out};
    struct sc_script s = {0};
    struct sc_span line;
    struct talk a, b;

    (void)state;
    a = talk_class(&sc_simple_class, "S: a1\nC: a2\nS: a3\n", 4, &o);
    b = talk_class(&sc_simple_class, "S: b1\nC: b2\nS: b3\n", 4, &o);
    assert_int_equal(sc_readline(a.c, &line), 0);
    assert_int_equal(sc_readline(b.c, &line), 0);
    sc_writeline(b.c, "b2");
    assert_int_equal(sc_readline(b.c, &line), 0);
    sc_writeline(a.c, "a2");
    assert_int_equal(sc_readline(a.c, &line), 0);
    talk_over(a);
    talk_over(b);
    assert_int_equal(sc_script_connections(out.data, NULL), 2);
    assert_null(sc_script_open(out.data, 0, &error));
    assert_non_null(strstr(error.text, "a second connection"));
    assert_int_equal(sc_script_parse_one(&s, out.data, 1, &error), 0);
    assert_int_equal(sc_script_count(&s), 3);
    assert_span(s.bytes.len ? (struct sc_span){s.bytes.data, s.bytes.len}
                            : line,
                "b1\r\nb2\r\nb3\r\n");
    sc_script_free(&s);
    sc_buf_free(&out);
}

static void any_line_stands_for_a_secret(void **state)
{
    Stream *s = sc_script_open("C: a\nC: ***\nS: b\nC: c\n", 0, &error);
    char b[3];

    (void)state;
    assert_non_null(s);
    assert_int_equal(sc_stream_write(s, "a\r\nhunter", 9, &wait), 0);
    assert_int_equal(sc_stream_read(s, b, 3, &wait), SC_ESCRIPT);
    sc_stream_close(s);
    s = sc_script_open("C: a\nC: ***\nS: b\nC: c\n", 0, &error);
    assert_int_equal(sc_stream_write(s, "a\r\nhun", 6, &wait), 0);
    assert_int_equal(sc_stream_write(s, "ter2\r\nc\r\n", 9, &wait), 0);
    assert_int_equal(sc_stream_read(s, b, 3, &wait), 3);
    assert_int_equal(sc_script_done(s, &error), 0);
    sc_stream_close(s);
}

static void marks_are_nothing_to_a_script(void **state)
{
    Stream *s =
        sc_script_open("@ 7 host:1\nS: a\nT.\nD.\nS: b\nC~\n", 0, &error);
    char b[8];

    (void)state;
    assert_non_null(s);
    assert_int_equal(sc_stream_read(s, b, sizeof b, &wait), 6);
    assert_int_equal(sc_script_done(s, &error), 0);
    sc_stream_close(s);
    assert_null(sc_script_open("@ x\n", 0, &error));
    assert_null(sc_script_open("@\n", 0, &error));
    assert_int_equal(sc_script_connections("S: a\nQ\n", &error), SC_EINVAL);
    assert_int_equal(sc_script_connections("", &error), 0);
    assert_int_equal(sc_script_connections("# nobody\n", &error), 0);
    assert_int_equal(sc_script_connections("@ 3\n@ 4\n@ 3\n", &error), 2);
}

/* --- the n-th allocation fails --- */

static long live, fail_at = -1;

static bool fails(void)
{
    return fail_at >= 0 && fail_at-- == 0;
}

static void *counted_malloc(size_t n)
{
    void *p = fails() ? NULL : malloc(n);

    live += p != NULL;
    return p;
}

static void *counted_realloc(void *p, size_t n)
{
    void *q = fails() ? NULL : realloc(p, n);

    live += p == NULL && q != NULL;
    return q;
}

static void counted_free(void *p)
{
    live -= p != NULL;
    free(p);
}

static char told[1000];
static size_t told_len;

static int tell(void *arg, const void *p, size_t n)
{
    (void)arg;
    assert_true(told_len + n < sizeof told);
    memcpy(told + told_len, p, n);
    told_len += n;
    return 0;
}

/* Without memory the client is broken, and the password is not in what was
 * written. */
static int recorded_login(Stream *s)
{
    struct sc_options o = {.record = tell};
    SimpleClient *c = sc_attach(&sc_simple_class, s, &o);
    struct sc_span line;
    int rc;

    told_len = 0;
    memset(told, 0, sizeof told);
    sc_writeline(c, "USER me");
    sc_secret(c);
    sc_writeline(c, "PASS hunter2");
    rc = sc_readline(c, &line);
    sc_drop(c);
    return rc;
}

static void no_memory_is_an_error_and_shows_no_secret(void **state)
{
    static const char script[] = "C: USER me\nC: PASS hunter2\nS: +OK\n";
    long before = 0, n = -1;
    int rc = SC_ENOMEM;

    (void)state;
    assert_int_equal(recorded_login(sc_script_open(script, 0, NULL)), 0);
    assert_non_null(strstr(told, "C: ***\nS: +OK\n"));
    while (rc != 0) {
        Stream *s = sc_script_open(script, 0, NULL);

        if (n < 0)
            before = live;
        fail_at = ++n;
        rc = recorded_login(s);
        fail_at = -1;
        if (rc != 0 && rc != SC_ENOMEM)
            fail_msg("allocation %ld: %d", n, rc);
        assert_null(strstr(told, "hunter2"));
        assert_true(n < 100);
        if (n > 0)
            assert_true(live < before + 1);
    }
    assert_true(n > 10);
}

static int count_memory(void **state)
{
    static const struct sc_allocator a = {counted_malloc, counted_realloc,
                                          counted_free};

    (void)state;
    return sc_set_allocator(&a);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dialogue_is_the_script_it_came_from),
    cmocka_unit_test(a_secret_line_is_stars),
    cmocka_unit_test(what_was_dropped_hides_nothing),
    cmocka_unit_test(a_long_secret_is_one_line),
    cmocka_unit_test(a_body_and_a_file_are_lines_too),
    cmocka_unit_test(a_secret_is_found_behind_a_file),
    cmocka_unit_test(lines_are_harmless),
    cmocka_unit_test(the_end_is_recorded_and_a_detached_stream_goes_on),
    cmocka_unit_test(a_full_sink_breaks_the_client),
    cmocka_unit_test(connections_are_told_apart),
    cmocka_unit_test(any_line_stands_for_a_secret),
    cmocka_unit_test(marks_are_nothing_to_a_script),
    cmocka_unit_test(no_memory_is_an_error_and_shows_no_secret),
};

TEST_MAIN_WITH(tests, count_memory, NULL)
