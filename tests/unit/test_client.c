/* test_client.c - opening, closing, who is inside, errors, and no memory. */
#include "talk.h"

#include <fcntl.h>
#include <stdlib.h>

#include <simpleclient/task.h>

#include "client/conn.h"

/* --- the n-th allocation fails --- */

static long fail_at = -1, live;

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

/* --- a class that greets and says goodbye --- */

static int hello_greet(SimpleClient *c)
{
    return sc_expect(c, 220, NULL);
}

static int hello_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

static const struct client_class hello_class = {
    .name = "hello",
    .scheme = "hello",
    .port = 4711,
    .tls_port = 4712,
    .size = sizeof(SimpleClient),
    .line_limit = 20,
    .greet = hello_greet,
    .reply = sc_client_reply,
    .quit = hello_quit,
    .cleanup = sc_client_cleanup,
};

static void close_says_quit_and_returns_its_result(void **state)
{
    struct talk t =
        talk_class(&hello_class, "S: 220 hi\nC: QUIT\nS: 221\n", 0, NULL);

    (void)state;
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_close(t.c), 221);
}

static void a_failed_greeting_leaves_a_broken_client(void **state)
{
    struct talk t = talk_class(&hello_class, "S: 554 go away\n", 0, NULL);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_broken(t.c), SC_EREPLY);
    assert_int_equal(sc_readline(t.c, &line), SC_EREPLY);
    assert_int_equal(sc_last_error(t.c)->phase, SC_PHASE_GREET);
    assert_string_equal(sc_last_error(t.c)->text, "hello script: 554 go away");
    assert_int_equal(sc_close(t.c), SC_EREPLY);
}

static void the_class_limits_its_lines(void **state)
{
    struct talk t =
        talk_class(&hello_class, "S: 220\nC: QUIT\nS: 221\n", 0, NULL);

    (void)state;
    assert_int_equal(sc_writeline(t.c, "%s", "1234567890123456789"), SC_ELINE);
    assert_int_equal(sc_close(t.c), 221);
}

static void the_first_error_stays(void **state)
{
    struct talk t = talk_to("S: x\n", 0);

    (void)state;
    assert_int_equal(sc_break(t.c, SC_EPROTO, "first"), SC_EPROTO);
    assert_int_equal(sc_break(t.c, SC_ETOOBIG, "second"), SC_EPROTO);
    assert_int_equal(sc_fail(t.c, SC_EINVAL, "third"), SC_EPROTO);
    assert_string_equal(sc_last_error(t.c)->text, "simple script: first");
    assert_int_equal(sc_close(t.c), SC_EPROTO);
}

static void errors_say_what_was_sent_and_seen(void **state)
{
    struct talk t = talk_to("C: A\nS: x\nC: B\nS.\n", 0);
    struct sc_span line;

    (void)state;
    sc_writeline(t.c, "A");
    sc_readline(t.c, &line);
    sc_writeline(t.c, "B");
    assert_int_equal(sc_readline(t.c, &line), SC_EOF);
    assert_int_equal(sc_last_error(t.c)->flags, SC_SENT);
    sc_close(t.c);
}

static void bad_names_are_told(void **state)
{
    static const char *const names[] = {"", "a b", "host:99999",
                                        "gopher://host/", "host"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        SimpleClient *c = sc_connect(names[i], 0, NULL);

        assert_int_not_equal(sc_broken(c), 0);
        assert_int_not_equal(sc_last_error(c)->text[0], 0);
        sc_close(c);
    }
    sc_close(NULL);
    sc_drop(NULL);
}

static void a_url_names_server_login_and_tls(void **state)
{
    struct sc_options o = {0};
    struct sc_server_name n;
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(sc_options_copy(&o, NULL), 0);
    assert_int_equal(
        sc_conn_name(&hello_class, "hellos://amy:p%41@[::1]/", 0, &n, &o, &e),
        0);
    assert_string_equal(n.host, "::1");
    assert_int_equal(n.port, 4712);
    assert_string_equal(o.user, "amy");
    assert_string_equal(o.password, "pA");
    assert_int_equal(o.flags & SC_OPT_TLS, SC_OPT_TLS);
    sc_options_free(&o);
    assert_int_equal(sc_options_copy(&o, NULL), 0);
    assert_int_equal(sc_conn_name(&hello_class, "h:1", 9, &n, &o, &e), 0);
    assert_int_equal(n.port, 1);
    assert_int_equal(sc_conn_name(&hello_class, "h", 9, &n, &o, &e), 0);
    assert_int_equal(n.port, 9);
    assert_int_equal(sc_conn_name(&hello_class, "helloo://h", 0, &n, &o, &e),
                     SC_EURL);
    sc_options_free(&o);
}

static void a_server_that_has_no_name_is_not_told(void **state)
{
    SimpleClient *c = sc_open(&hello_class, "helloo://h", 0, NULL);

    (void)state;
    assert_string_equal(sc_last_error(c)->text,
                        "hello: not a URL of hello: helloo://");
    sc_close(c);
    c = sc_open(&hello_class, "", 0, NULL);
    assert_string_equal(sc_last_error(c)->text, "hello: no server named");
    sc_close(c);
}

static void a_class_too_large_is_refused(void **state)
{
    struct client_class big = hello_class;
    SimpleClient *c;

    (void)state;
    big.size = 4097;
    c = sc_open(&big, "localhost", 1, NULL);
    assert_int_equal(sc_broken(c), SC_EINVAL);
    sc_close(c);
}

/* Every call works on the stand-in. */
static void use_broken(SimpleClient *c)
{
    struct sc_buf out = SC_BUF(10);
    struct sc_fields f = {0};
    struct sc_answer a;
    struct sc_reply r;
    struct sc_span v;
    const int code = sc_broken(c);
    char b[2];

    assert_int_equal(sc_writeline(c, "x"), code);
    assert_int_equal(sc_writeline_n(c, "x", 1), code);
    assert_int_equal(sc_write(c, "x", 1), code);
    assert_int_equal(sc_flush(c), code);
    assert_int_equal(sc_write_dot(c, "x", 1), code);
    assert_int_equal(sc_end_dot(c), code);
    assert_int_equal(sc_sendfile(c, 0, 0, 1), code);
    assert_int_equal(sc_shutdown(c), code);
    assert_int_equal(sc_readline(c, &v), code);
    assert_int_equal(sc_read(c, b, 1), code);
    assert_int_equal(sc_read_body(c, b, 1), code);
    assert_int_equal(sc_read_view(c, 1, &v), code);
    assert_int_equal(sc_read_exact(c, b, 1), code);
    assert_int_equal(sc_read_until(c, NULL, &out), code);
    assert_int_equal(sc_peek(c, 1, &v), code);
    assert_int_equal(sc_read_dot(c, &out), code);
    assert_int_equal(sc_reply(c, &r), code);
    assert_int_equal(sc_expect(c, 2, NULL), code);
    assert_int_equal(sc_refuse(c, &r), code);
    assert_int_equal(sc_read_fields(c, &f), code);
    assert_int_equal(sc_window(c, 2), code);
    assert_int_equal(sc_await(c, &a), code);
    assert_int_equal(sc_answered(c, NULL), code);
    assert_int_equal(sc_starttls(c, NULL), code);
    sc_secret(c);
    sc_timeout(c, 1);
    sc_deadline(c, 1);
    sc_trace(c, NULL, NULL);
    assert_null(sc_stream(c));
    assert_int_equal(sc_last_error(c)->code, code);
    assert_non_null(sc_client_host(c));
}

static void every_call_works_on_a_broken_client(void **state)
{
    struct client_class big = hello_class;
    SimpleClient *c = sc_attach(&sc_simple_class, NULL, NULL);

    (void)state;
    use_broken(c);
    assert_int_equal(sc_close(c), SC_EINVAL);
    big.size = 5000;
    c = sc_open(&big, "x", 1, NULL);
    use_broken(c);
    assert_int_equal(sc_reopen(c), SC_EINVAL);
    assert_null(sc_detach(c));
}

/* A dialogue whose n-th allocation fails, for every n. */
static int dialogue(Stream *s)
{
    struct sc_options o = {.user = "u", .password = "p"};
    SimpleClient *c = sc_attach(&hello_class, s, &o);
    struct sc_buf out = SC_BUF(1000);
    struct sc_fields f = {0};
    struct sc_answer a;
    struct sc_reply r;
    int rc;

    sc_window(c, 2);
    sc_writeline(c, "A");
    sc_await(c, &a);
    sc_answered(c, NULL);
    sc_reply(c, &r);
    sc_read_fields(c, &f);
    sc_read_dot(c, &out);
    rc = sc_close(c);
    sc_buf_free(&out);
    sc_fields_free(&f);
    return rc;
}

static void no_memory_is_an_ordinary_error(void **state)
{
    const char *script = "S: 220\nC: A\nS: 250 a\nS: 250-b\nS: 250 c\n"
                         "S: X: y\nS:\nS: text\nS: .\nC: QUIT\nS: 221\n";
    int rc = SC_ENOMEM;
    long before = 0, n = -1;

    (void)state;
    assert_int_equal(dialogue(sc_script_open(script, 0, NULL)), 221);
    while (rc != 221) {
        Stream *s = sc_script_open(script, 0, NULL);

        assert_non_null(s);
        if (n < 0)
            before = live;
        fail_at = ++n;
        rc = dialogue(s);
        fail_at = -1;
        if (rc != 221 && rc != SC_ENOMEM)
            fail_msg("allocation %ld: %d", n, rc);
        assert_true(n < 100);
        if (n > 0)
            assert_true(live < before + 1);
    }
    assert_true(n > 5);
}

/* --- tasks --- */

static int waiter_rc;

static void wait_for_a_line(void *arg)
{
    SimpleClient *c = arg;
    struct sc_span line;

    waiter_rc = sc_readline(c, &line);
    assert_int_equal(sc_last_error(c)->code, waiter_rc);
}

static SimpleClient *on_a_pair(Stream **other)
{
    Stream *both[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    *other = both[1];
    return sc_attach(&sc_simple_class, both[0], NULL);
}

static void close_it(void *arg)
{
    sc_yield();
    sc_close(arg);
}

static void a_waiter_gets_closed_when_its_client_is(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other);

    (void)state;
    sc_task_go(NULL, wait_for_a_line, c);
    sc_task_go(NULL, close_it, c);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(waiter_rc, SC_ECLOSED);
    sc_stream_close(other);
}

static void second_reader(void *arg)
{
    SimpleClient *c = arg;
    struct sc_span line;

    sc_yield();
    assert_int_equal(sc_readline(c, &line), SC_EBUSY);
    assert_int_equal(sc_broken(c), 0);
    sc_close(c);
}

static void a_second_reader_is_busy_and_breaks_nothing(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other);

    (void)state;
    sc_task_go(NULL, wait_for_a_line, c);
    sc_task_go(NULL, second_reader, c);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(waiter_rc, SC_ECLOSED);
    sc_stream_close(other);
}

static void write_without_flush(void *arg)
{
    sc_yield();
    assert_int_equal(sc_writeline(arg, "at once"), 0);
}

static void answer_line(void *arg)
{
    char got[20];

    assert_int_equal(sc_stream_read(arg, got, sizeof got, NULL), 9);
    assert_memory_equal(got, "at once\r\n", 9);
    assert_int_equal(sc_stream_write(arg, "yes\r\n", 5, NULL), 0);
}

static void
a_line_leaves_at_once_when_another_task_waits_for_input(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other);

    (void)state;
    waiter_rc = -1;
    sc_task_go(NULL, wait_for_a_line, c);
    sc_task_go(NULL, write_without_flush, c);
    sc_task_go(NULL, answer_line, other);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(waiter_rc, 0);
    sc_close(c);
    sc_stream_close(other);
}

static void a_cancelled_client_sends_nothing_at_close(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other);
    int64_t task = sc_task_go(NULL, wait_for_a_line, c);
    char got[8];

    (void)state;
    sc_yield();
    sc_task_cancel(task);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(waiter_rc, SC_ECANCELED);
    sc_writeline(c, "never");
    assert_int_equal(sc_close(c), SC_ECANCELED);
    assert_int_equal(sc_stream_read(other, got, sizeof got, NULL), 0);
    sc_stream_close(other);
}

static void drip(void *arg)
{
    for (int i = 0; i < 100; i++)
        if (sc_sleep(20) < 0 || sc_stream_write(arg, "x", 1, NULL) < 0)
            break;
    sc_stream_close(arg);
}

static void a_drip_does_not_extend_a_line(void **state)
{
    struct sc_span line;
    Stream *other;
    SimpleClient *c = on_a_pair(&other);
    int64_t from = sc_now();

    (void)state;
    sc_timeout(c, 150);
    sc_task_go(NULL, drip, other);
    assert_int_equal(sc_readline(c, &line), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 140, 600);
    sc_close(c);
    assert_int_equal(sc_run(), 0);
}

static void the_earliest_deadline_wins(void **state)
{
    struct sc_span line;
    Stream *other;
    SimpleClient *c = on_a_pair(&other);
    int64_t from = sc_now();

    (void)state;
    sc_timeout(c, 10000);
    sc_deadline(c, 60);
    assert_int_equal(sc_readline(c, &line), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 50, 500);
    sc_close(c);
    sc_stream_close(other);
}

static void starttls_refuses_plaintext_that_came_before(void **state)
{
    struct talk t = talk_to("C: STARTTLS\nS: 220 go\nS: 250 injected\n", 0);

    (void)state;
    sc_writeline(t.c, "STARTTLS");
    assert_int_equal(sc_expect(t.c, 220, NULL), 220);
    assert_int_equal(sc_starttls(t.c, NULL), SC_EPLAINTEXT);
    assert_int_equal(sc_close(t.c), SC_EPLAINTEXT);
}

static void defaults_are_copied_and_reset(void **state)
{
    char user[] = "amy";
    struct sc_options o = {.wait_ms = 5, .user = user};
    struct talk t;

    (void)state;
    assert_int_equal(sc_set_defaults(&o), 0);
    user[0] = 'X';
    t = talk_to("S: a\n", 0);
    assert_int_equal(sc_client_options(t.c)->wait_ms, 5);
    assert_string_equal(sc_client_options(t.c)->user, "amy");
    sc_drop(t.c);
    assert_int_equal(sc_set_defaults(NULL), 0);
    t = talk_to("S: a\n", 0);
    assert_int_equal(sc_client_options(t.c)->wait_ms, 30000);
    assert_null(sc_client_options(t.c)->user);
    sc_drop(t.c);
}

/* No read of it ever waits. */
static void a_fast_peer_does_not_outrun_the_deadline(void **state)
{
    Stream *zeros = sc_stream_fd(open("/dev/zero", O_RDONLY | O_CLOEXEC), NULL);
    SimpleClient *c = sc_attach(&sc_simple_class, zeros, NULL);
    int64_t end = sc_now() + 3000;
    char some[512];
    ssize_t n;

    (void)state;
    sc_deadline(c, 60);
    while ((n = sc_read(c, some, sizeof some)) > 0 && sc_now() < end)
        ;
    assert_int_equal(n, SC_ETIMEDOUT);
    sc_drop(c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(close_says_quit_and_returns_its_result),
    cmocka_unit_test(a_failed_greeting_leaves_a_broken_client),
    cmocka_unit_test(the_class_limits_its_lines),
    cmocka_unit_test(the_first_error_stays),
    cmocka_unit_test(errors_say_what_was_sent_and_seen),
    cmocka_unit_test(bad_names_are_told),
    cmocka_unit_test(a_url_names_server_login_and_tls),
    cmocka_unit_test(a_server_that_has_no_name_is_not_told),
    cmocka_unit_test(a_class_too_large_is_refused),
    cmocka_unit_test(every_call_works_on_a_broken_client),
    cmocka_unit_test(no_memory_is_an_ordinary_error),
    cmocka_unit_test(a_waiter_gets_closed_when_its_client_is),
    cmocka_unit_test(a_second_reader_is_busy_and_breaks_nothing),
    cmocka_unit_test(a_line_leaves_at_once_when_another_task_waits_for_input),
    cmocka_unit_test(a_cancelled_client_sends_nothing_at_close),
    cmocka_unit_test(a_drip_does_not_extend_a_line),
    cmocka_unit_test(the_earliest_deadline_wins),
    cmocka_unit_test(a_fast_peer_does_not_outrun_the_deadline),
    cmocka_unit_test(starttls_refuses_plaintext_that_came_before),
    cmocka_unit_test(defaults_are_copied_and_reset),
};

static int use_allocator(void **state)
{
    static const struct sc_allocator a = {counted_malloc, counted_realloc,
                                          counted_free};

    (void)state;
    return sc_set_allocator(&a);
}

TEST_MAIN_WITH(tests, use_allocator, NULL)
