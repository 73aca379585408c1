/* test_queue.c - what goes out, when, and what never does. */
#include "talk.h"

#include <simpleclient/task.h>

#include <stdlib.h>
#include <unistd.h>

static void a_group_leaves_when_a_read_waits(void **state)
{
    struct talk t = talk_to("C: one\nC: two 2\nS: ok\n", 0);
    struct sc_span line;

    (void)state;
    assert_int_equal(sc_writeline(t.c, "one"), 0);
    assert_int_equal(sc_writeline(t.c, "two %d", 2), 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_span(line, "ok");
    talk_over(t);
}

/* TEXT is refused, and so is its group; then the client goes on. */
static void check_refused(const char *text, size_t n)
{
    struct talk t = talk_to("C: fine\nS: ok\n", 0);
    struct sc_span line;

    assert_int_equal(sc_writeline(t.c, "MAIL"), 0);
    assert_int_equal(sc_writeline_n(t.c, text, n), SC_ELINE);
    assert_int_equal(sc_writeline(t.c, "DATA"), SC_ELINE);
    assert_int_equal(sc_write(t.c, "x", 1), SC_ELINE);
    assert_int_equal(sc_readline(t.c, &line), SC_ELINE);
    assert_int_equal(sc_last_error(t.c)->code, SC_ELINE);
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_writeline(t.c, "fine"), 0);
    assert_int_equal(sc_readline(t.c, &line), 0);
    talk_over(t);
}

static void cr_lf_and_nul_poison_their_group(void **state)
{
    (void)state;
    check_refused("a\rb", 3);
    check_refused("a\nb", 3);
    check_refused("a\0b", 3);
    check_refused("\r\n", 2);
}

static void a_formatted_argument_is_looked_at_too(void **state)
{
    struct talk t = talk_to("C: ok\n", 0);

    (void)state;
    assert_int_equal(sc_writeline(t.c, "RCPT TO:<%s>", "a>\r\nDATA"), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_writeline(t.c, "%c", 0), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_writeline(t.c, "ok"), 0);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

static void a_line_beyond_its_limit_is_refused_never_cut(void **state)
{
    struct sc_options o = {.send_limit = 8};
    struct talk t = talk_class(&sc_simple_class, "C: 123456\n", 0, &o);

    (void)state;
    assert_int_equal(sc_writeline(t.c, "%s", "1234567"), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_writeline_n(t.c, "1234567", 7), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_writeline(t.c, "%s", "123456"), 0);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

static void a_refused_line_after_part_has_left_breaks(void **state)
{
    static char big[20000];
    static char script[20010];
    struct talk t;

    (void)state;
    memset(big, 'x', sizeof big);
    memcpy(script, "c: ", 3);
    memcpy(script + 3, big, sizeof big);
    t = talk_to(script, 0);
    assert_int_equal(sc_write(t.c, big, sizeof big), 0);
    assert_int_equal(sc_writeline(t.c, "a\nb"), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_broken(t.c), SC_ELINE);
    assert_int_equal(sc_writeline(t.c, "c"), SC_ELINE);
    sc_close(t.c);
}

static void a_long_line_is_formatted_whole(void **state)
{
    static char x[5001];
    struct sc_buf script = SC_BUF(10000);
    struct talk t;

    (void)state;
    memset(x, 'x', 5000);
    sc_buf_addf(&script, "C: first\nC: %s\n", x);
    t = talk_to(script.data, 0);
    assert_int_equal(sc_writeline(t.c, "first"), 0);
    assert_int_equal(sc_writeline(t.c, "%s", x), 0);
    assert_int_equal(sc_flush(t.c), 0);
    sc_buf_free(&script);
    talk_over(t);
}

static void note(void *arg, int direction, const char *text, size_t n)
{
    sc_buf_addf(arg, "%c%.*s|", direction, (int)n, text);
}

static void a_secret_is_masked_in_traces_and_errors(void **state)
{
    struct sc_buf seen = SC_BUF(1000);
    struct sc_options o = {.trace = note, .trace_arg = &seen};
    struct talk t = talk_class(&sc_simple_class,
                               "C: PASS hunter2\nS: 530 no\nC: NOOP\n", 0, &o);

    (void)state;
    sc_secret(t.c);
    assert_int_equal(sc_writeline(t.c, "PASS %s", "hunter2"), 0);
    assert_int_equal(sc_expect(t.c, 2, NULL), SC_EREPLY);
    assert_null(strstr(sc_last_error(t.c)->text, "hunter2"));
    assert_non_null(strstr(sc_last_error(t.c)->text, "***: 530 no"));
    assert_int_equal(sc_writeline(t.c, "NOOP"), 0);
    assert_int_equal(sc_flush(t.c), 0);
    assert_string_equal(seen.data, ">***|<530 no|>NOOP|");
    talk_over(t);
    sc_buf_free(&seen);
}

static void a_refused_secret_is_not_shown(void **state)
{
    struct talk t = talk_to("C: x\n", 0);

    (void)state;
    sc_secret(t.c);
    assert_int_equal(sc_writeline(t.c, "PASS a\nhunter2"), SC_ELINE);
    assert_null(strstr(sc_last_error(t.c)->text, "hunter2"));
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    sc_writeline(t.c, "x");
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

static void many_small_writes_leave_together(void **state)
{
    struct sc_buf script = SC_BUF(1 << 20);
    struct talk t;

    (void)state;
    for (int i = 0; i < 3000; i++)
        sc_buf_addf(&script, "C: line %d\n", i);
    t = talk_to(script.data, 0);
    for (int i = 0; i < 3000; i++)
        assert_int_equal(sc_writeline(t.c, "line %d", i), 0);
    assert_int_equal(sc_flush(t.c), 0);
    sc_buf_free(&script);
    talk_over(t);
}

/* --- a reader's line while a file is being sent --- */

enum { FILE_BYTES = 4 << 20 };

static void send_a_file(void *arg)
{
    FILE *f = tmpfile();

    assert_int_equal(ftruncate(fileno(f), FILE_BYTES), 0);
    assert_int_equal(sc_sendfile(arg, fileno(f), 0, FILE_BYTES), 0);
    fclose(f);
}

static void ask_meanwhile(void *arg)
{
    struct sc_span line;

    assert_int_equal(sc_writeline(arg, "NEXT"), 0);
    assert_int_equal(sc_readline(arg, &line), 0);
    assert_span(line, "OK");
}

static void take_file_and_line(void *arg)
{
    char *all = malloc(FILE_BYTES);
    struct sc_span line;

    assert_int_equal(sc_read_exact(arg, all, FILE_BYTES), 0);
    free(all);
    assert_int_equal(sc_readline(arg, &line), 0);
    assert_span(line, "NEXT");
    assert_int_equal(sc_writeline(arg, "OK"), 0);
    assert_int_equal(sc_flush(arg), 0);
}

static void a_line_queued_while_a_file_is_sent_follows_it(void **state)
{
    struct sc_options opt = {.wait_ms = 2000};
    SimpleClient *c, *peer;
    Stream *both[2];

    (void)state;
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    c = sc_attach(&sc_simple_class, both[0], &opt);
    peer = sc_attach(&sc_simple_class, both[1], &opt);
    sc_task_go(NULL, send_a_file, c);
    sc_task_go(NULL, ask_meanwhile, c);
    sc_task_go(NULL, take_file_and_line, peer);
    sc_run();
    sc_drop(c);
    sc_drop(peer);
}

enum { LONG_LINE = 2 << 20 };

static void take_a_long_line(void *arg)
{
    struct sc_span line;

    assert_int_equal(sc_readline(arg, &line), 0);
    assert_int_equal(line.len, LONG_LINE);
}

/* Longer than all that may wait while somebody is sending: nobody is. */
static void a_line_of_two_megabytes_goes_out(void **state)
{
    struct sc_options opt = {.line_limit = 4 << 20, .send_limit = 4 << 20};
    char *text = malloc(LONG_LINE);
    SimpleClient *c, *peer;
    Stream *both[2];

    (void)state;
    memset(text, 'x', LONG_LINE);
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    c = sc_attach(&sc_simple_class, both[0], &opt);
    peer = sc_attach(&sc_simple_class, both[1], &opt);
    sc_task_go(NULL, take_a_long_line, peer);
    assert_int_equal(sc_writeline_n(c, text, LONG_LINE), 0);
    assert_int_equal(sc_flush(c), 0);
    sc_run();
    sc_drop(c);
    sc_drop(peer);
    free(text);
}

/* --- after the deadline --- */

static int one_line(SimpleClient *c)
{
    assert_int_equal(sc_writeline(c, "late"), 0);
    return sc_flush(c);
}

static int before_a_read(SimpleClient *c)
{
    struct sc_span line;

    assert_int_equal(sc_writeline(c, "late"), 0);
    return sc_readline(c, &line);
}

static int many_bytes(SimpleClient *c)
{
    static const char much[20000];

    return sc_write(c, much, sizeof much);
}

static int a_file(SimpleClient *c)
{
    FILE *f = tmpfile();
    int rc;

    assert_int_equal(ftruncate(fileno(f), 100), 0);
    rc = sc_sendfile(c, fileno(f), 0, 100);
    fclose(f);
    return rc;
}

static int commands(SimpleClient *c)
{
    struct sc_answer a;

    sc_window(c, 2);
    assert_int_equal(sc_writeline(c, "%05000d", 1), 0);
    assert_int_equal(sc_await(c, &a), 0);
    assert_int_equal(sc_flush(c), SC_ETIMEDOUT);
    assert_int_equal(a.rc, SC_ETIMEDOUT);
    assert_int_equal(a.sent, 0);
    return SC_ETIMEDOUT;
}

/* Nothing goes out, though the socket has room. */
static void check_late(int (*send)(SimpleClient *c), bool total)
{
    struct sc_options o = {.total_ms = total ? 1 : 0};
    Stream *both[2];
    SimpleClient *c;
    int pending = 0;
    int64_t from;

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    c = sc_attach(&sc_simple_class, both[0], &o);
    if (!total)
        sc_deadline(c, 1);
    from = sc_now();
    while (sc_now() < from + 3)
        continue;
    assert_int_equal(send(c), SC_ETIMEDOUT);
    assert_int_equal(sc_broken(c), SC_ETIMEDOUT);
    assert_int_equal(sc_last_error(c)->phase, SC_PHASE_SEND);
    assert_int_equal(sc_last_error(c)->flags & SC_SENT, 0);
    assert_int_equal(sc_stream_info(both[1], SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 0);
    sc_close(c);
    sc_stream_close(both[1]);
}

static void nothing_is_sent_after_the_deadline(void **state)
{
    int (*const ways[])(SimpleClient * c) = {
        one_line, before_a_read, many_bytes, a_file, commands, sc_shutdown};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        check_late(ways[i], false);
        check_late(ways[i], true);
    }
}

static void a_deadline_before_now_is_over(void **state)
{
    struct talk t = talk_to("S~\n", 0);

    (void)state;
    sc_deadline(t.c, -5);
    assert_int_equal(one_line(t.c), SC_ETIMEDOUT);
    sc_close(t.c);
}

static void without_the_deadline_it_is_sent_again(void **state)
{
    struct talk t = talk_to("C: late\n", 0);
    int64_t from = sc_now();

    (void)state;
    sc_deadline(t.c, 1);
    while (sc_now() < from + 3)
        continue;
    sc_deadline(t.c, 0);
    assert_int_equal(one_line(t.c), 0);
    talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_group_leaves_when_a_read_waits),
    cmocka_unit_test(cr_lf_and_nul_poison_their_group),
    cmocka_unit_test(a_formatted_argument_is_looked_at_too),
    cmocka_unit_test(a_line_beyond_its_limit_is_refused_never_cut),
    cmocka_unit_test(a_refused_line_after_part_has_left_breaks),
    cmocka_unit_test(a_long_line_is_formatted_whole),
    cmocka_unit_test(a_secret_is_masked_in_traces_and_errors),
    cmocka_unit_test(a_refused_secret_is_not_shown),
    cmocka_unit_test(many_small_writes_leave_together),
    cmocka_unit_test(a_line_queued_while_a_file_is_sent_follows_it),
    cmocka_unit_test(a_line_of_two_megabytes_goes_out),
    cmocka_unit_test(nothing_is_sent_after_the_deadline),
    cmocka_unit_test(a_deadline_before_now_is_over),
    cmocka_unit_test(without_the_deadline_it_is_sent_again),
};

TEST_MAIN(tests)
