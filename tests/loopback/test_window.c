/* test_window.c - pipelining over real sockets: what a caller may do while the
 * writer task still sends, and commands in flight in a callback of the private
 * loop, where no task can go on. */
#include "main.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "client/conn.h"

/* --- a peer that reads two lines, answers, and stops reading for a while; the
 * third line does not fit into the socket --- */

enum { LONG_LINE = 15000, SMALL_BUFFER = 1, EARLY = 2 };

static int goodbye(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_flush(c);
}

static const struct client_class quit_class = {
    .name = "quit",
    .scheme = NULL,
    .port = 0,
    .tls_port = 0,
    .size = sizeof(SimpleClient),
    .line_limit = 0,
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = goodbye,
    .cleanup = sc_client_cleanup,
};

static struct {
    SimpleClient *c, *server;
    struct sc_answer a[3];
    int early_answers;
    bool released;   /* the server reads on */
    int lines;       /* it has read */
    size_t bytes;    /* in them */
    char last[8];    /* the beginning of the last one */
    char first_left; /* what a reader got */
} w;

static void count_line(struct sc_span line)
{
    w.lines++;
    w.bytes += line.len;
    sc_span_copy(w.last, sizeof w.last, line);
}

static void serve(void *arg)
{
    struct sc_span line;

    (void)arg;
    while (w.lines < EARLY && sc_readline(w.server, &line) == 0)
        count_line(line);
    for (int i = 0; i < w.early_answers; i++)
        sc_writeline(w.server, "250 ok");
    sc_flush(w.server);
    while (!w.released)
        sc_yield();
    while (sc_readline(w.server, &line) == 0) {
        count_line(line);
        if (w.lines > w.early_answers)
            sc_writeline(w.server, "250 ok");
    }
}

/* Runs only while somebody waits. */
static void release(void *arg)
{
    (void)arg;
    for (int i = 0; i < 50; i++)
        sc_yield();
    w.released = true;
}

static const char *long_line(void)
{
    static char text[LONG_LINE + 1];

    memset(text, 'x', LONG_LINE);
    return text;
}

static const struct sc_options options = {
    .send_limit = 1 << 16, .line_limit = 1 << 21, .wait_ms = 5000};

static void shrink(void)
{
    int small = SMALL_BUFFER, fd;

    assert_int_equal(sc_stream_info(sc_stream(w.c), SC_INFO_FD, &fd), 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
}

static void open_both(int early_answers)
{
    Stream *both[2];

    memset(&w, 0, sizeof w);
    w.early_answers = early_answers;
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    w.c = sc_attach(&quit_class, both[0], &options);
    w.server = sc_attach(&sc_simple_class, both[1], &options);
    shrink();
}

/* Two of three commands are answered, the writer task sends the third. */
static void ask_three(void)
{
    sc_task_go(NULL, serve, NULL);
    sc_window(w.c, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            sc_writeline(w.c, "%s", i < EARLY ? "short" : long_line()), 0);
        assert_int_equal(sc_await(w.c, &w.a[i]), 0);
    }
    assert_true(w.c->conn->writing);
    assert_false(w.released);
}

static void start(int early_answers)
{
    open_both(early_answers);
    ask_three();
}

/* What start queued has come, and LINES more; the last began with LAST. */
static void finish(int lines, const char *last)
{
    w.released = true;
    assert_int_equal(sc_answered(w.c, NULL), 0);
    assert_int_equal(w.a[2].code, 250);
    sc_drop(w.c);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(w.lines, 3 + lines);
    assert_string_equal(w.last, last);
    sc_drop(w.server);
}

static void a_flush_waits_until_the_writer_task_has_sent(void **state)
{
    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_flush(w.c), 0);
    assert_true(w.released);
    assert_false(w.c->conn->writing);
    finish(0, "xxxxxxx");
}

static void a_line_flushed_beside_the_writer_task_follows(void **state)
{
    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_writeline(w.c, "next"), 0);
    assert_int_equal(sc_flush(w.c), 0);
    assert_true(w.released);
    finish(1, "next");
}

static void much_written_beside_the_writer_task_follows(void **state)
{
    enum { MUCH = 100000 };
    char *much = malloc(MUCH);

    (void)state;
    assert_non_null(much);
    memset(much, 'y', MUCH);
    much[MUCH - 1] = '\n';
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_write(w.c, much, MUCH), 0);
    assert_int_equal(sc_flush(w.c), 0);
    assert_true(w.released);
    finish(1, "yyyyyyy");
    free(much);
}

static void a_queue_that_fills_beside_the_writer_task_is_sent(void **state)
{
    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    for (int i = 0; i < 200; i++)
        assert_int_equal(sc_writeline(w.c, "%s", long_line()), 0);
    assert_true(w.released);
    assert_int_equal(sc_flush(w.c), 0);
    finish(200, "xxxxxxx");
}

static void a_refusal_after_a_full_queue_spares_what_was_awaited(void **state)
{
    struct sc_answer a;

    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    sc_window(w.c, 1000);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(sc_writeline(w.c, "%s", long_line()), 0);
        assert_int_equal(sc_await(w.c, &a), 0);
        if (w.released)
            break;
    }
    assert_true(w.released);
    assert_int_equal(sc_writeline(w.c, "a\nb"), SC_ELINE);
    assert_int_equal(sc_answered(w.c, NULL), SC_ELINE);
    assert_int_equal(sc_broken(w.c), 0);
    sc_drop(w.c);
    assert_int_equal(sc_run(), 0);
    sc_drop(w.server);
}

static void a_file_beside_the_writer_task_follows(void **state)
{
    FILE *f = tmpfile();

    (void)state;
    assert_non_null(f);
    fputs("of file\n", f);
    fflush(f);
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_sendfile(w.c, fileno(f), 0, 8), 0);
    assert_true(w.released);
    finish(1, "of file");
    fclose(f);
}

static void the_end_beside_the_writer_task_follows(void **state)
{
    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_shutdown(w.c), 0);
    assert_true(w.released);
    finish(0, "xxxxxxx");
}

/* The server answers what it has not read to its end. */
static void a_client_closed_beside_the_writer_task_says_goodbye(void **state)
{
    (void)state;
    start(3);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_answered(w.c, NULL), 0);
    assert_true(w.c->conn->writing);
    assert_int_equal(sc_close(w.c), 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(w.lines, 4);
    assert_string_equal(w.last, "QUIT");
    sc_drop(w.server);
}

static void a_stream_detached_beside_the_writer_task_is_given(void **state)
{
    Stream *s;

    (void)state;
    start(3);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_answered(w.c, NULL), 0);
    assert_true(w.c->conn->writing);
    s = sc_detach(w.c);
    assert_non_null(s);
    assert_int_equal(sc_stream_write(s, "more\n", 5, NULL), 0);
    sc_stream_close(s);
    assert_int_equal(sc_run(), 0);
    assert_string_equal(w.last, "more");
    sc_drop(w.server);
}

static void a_client_broken_beside_the_writer_task_is_busy_no_more(void **state)
{
    (void)state;
    start(EARLY);
    sc_break(w.c, SC_EPROTO, "broken here");
    assert_int_equal(sc_flush(w.c), SC_EPROTO);
    assert_int_equal(sc_close(w.c), SC_EPROTO);
    w.released = true;
    assert_int_equal(sc_run(), 0);
    sc_drop(w.server);
}

/* The server knows no TLS: what matters is that it is asked. */
static void tls_begins_once_the_writer_task_has_ended(void **state)
{
    (void)state;
    start(EARLY);
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_starttls(w.c, NULL), SC_ETLS);
    assert_true(w.released);
    assert_int_equal(w.a[2].code, 250);
    sc_drop(w.c);
    assert_int_equal(sc_run(), 0);
    sc_drop(w.server);
}

static void a_client_opened_anew_leaves_the_writer_task_behind(void **state)
{
    char dir[] = "/tmp/sc-window-XXXXXX", path[64];
    struct sc_listener *l;
    struct sc_span line;
    SimpleClient *again;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/socket", dir);
    assert_non_null(l = sc_listen(path, NULL));
    memset(&w, 0, sizeof w);
    w.early_answers = EARLY;
    w.c = sc_open(&quit_class, path, 0, &options);
    w.server = sc_attach(&sc_simple_class, sc_accept(l, 5000, NULL), &options);
    shrink();
    ask_three();
    assert_int_equal(sc_reopen(w.c), 0);
    assert_int_equal(w.a[2].rc, SC_ECLOSED);
    assert_int_equal(sc_writeline(w.c, "anew"), 0);
    assert_int_equal(sc_flush(w.c), 0);
    again = sc_attach(&sc_simple_class, sc_accept(l, 5000, NULL), &options);
    assert_int_equal(sc_readline(again, &line), 0);
    assert_true(sc_span_eq(line, "anew"));
    sc_drop(w.c);
    sc_drop(again);
    w.released = true;
    assert_int_equal(sc_run(), 0);
    sc_drop(w.server);
    sc_listener_close(l);
    unlink(path);
    rmdir(dir);
}

/* --- what a read sends --- */

static void read_one(void *arg)
{
    struct sc_span line;

    (void)arg;
    assert_int_equal(sc_readline(w.c, &line), 0);
    w.first_left = line.data[0];
}

static void serve_late(void *arg)
{
    struct sc_span line;

    (void)arg;
    while (!w.released)
        sc_yield();
    while (sc_readline(w.server, &line) == 0) {
        count_line(line);
        sc_writeline(w.server, "250 ok");
    }
}

static void a_flush_waits_for_what_a_reader_sends(void **state)
{
    (void)state;
    open_both(0);
    assert_int_equal(sc_writeline(w.c, "%s", long_line()), 0);
    sc_task_go(NULL, serve_late, NULL);
    sc_task_go(NULL, read_one, NULL);
    while (!w.c->conn->writing)
        sc_yield();
    sc_task_go(NULL, release, NULL);
    assert_int_equal(sc_writeline(w.c, "next"), 0);
    assert_int_equal(sc_flush(w.c), 0);
    assert_true(w.released);
    while (!w.first_left || w.lines < 2)
        sc_yield();
    assert_int_equal(w.first_left, '2');
    sc_drop(w.c);
    assert_int_equal(sc_run(), 0);
    assert_string_equal(w.last, "next");
    sc_drop(w.server);
}

/* --- in a callback of the private loop --- */

enum { COMMANDS = 2000, PAD = 900 };

struct callback {
    uv_timer_t timer;
    void (*fn)(void);
    bool done;
};

static void on_timer(uv_timer_t *t)
{
    struct callback *cb = t->data;

    cb->fn();
    cb->done = true;
    uv_close((uv_handle_t *)t, NULL);
}

/* Call FN in a callback of the loop that this thread runs. */
static void call_back(void (*fn)(void))
{
    struct callback cb = {.fn = fn};

    cb.timer.data = &cb;
    uv_timer_init(sc_loop(), &cb.timer);
    uv_timer_start(&cb.timer, on_timer, 0, 0);
    while (!cb.done || uv_is_active((uv_handle_t *)&cb.timer))
        sc_yield();
    sc_yield(); /* its close callback */
}

static void use_while_the_writer_task_stands_still(void)
{
    int64_t from = sc_now();

    assert_int_equal(sc_flush(w.c), SC_EDEADLK);
    assert_int_equal(sc_answered(w.c, NULL), SC_EDEADLK);
    assert_int_equal(sc_broken(w.c), 0);
    assert_in_range(sc_now() - from, 0, 1000);
}

static void what_only_the_loop_can_finish_is_told_at_once(void **state)
{
    (void)state;
    start(EARLY);
    call_back(use_while_the_writer_task_stands_still);
    finish(0, "xxxxxxx");
}

static struct {
    int fd[2];
    const struct sc_options *opt; /* the server's */
    SimpleClient *c;
} cb;

/* Answers each line with a long one before it reads the next. */
static void *echo(void *arg)
{
    char pad[PAD + 1];
    SimpleClient *s =
        sc_attach(&sc_simple_class, sc_stream_fd(cb.fd[1], NULL), cb.opt);
    struct sc_span line;

    (void)arg;
    memset(pad, 'y', PAD);
    pad[PAD] = '\0';
    while (sc_readline(s, &line) == 0)
        if (sc_writeline(s, "250 %s", pad) < 0 || sc_flush(s) < 0)
            break;
    sc_drop(s);
    return NULL;
}

static void ask_much(void)
{
    struct sc_answer *a = calloc(COMMANDS, sizeof *a);
    char pad[PAD + 1];

    assert_non_null(a);
    memset(pad, 'x', PAD);
    pad[PAD] = '\0';
    sc_window(cb.c, COMMANDS + 1);
    for (int i = 0; i < COMMANDS; i++) {
        assert_int_equal(sc_writeline(cb.c, "X %s", pad), 0);
        assert_int_equal(sc_await(cb.c, &a[i]), 0);
    }
    assert_int_equal(sc_answered(cb.c, NULL), 0);
    for (int i = 0; i < COMMANDS; i++)
        assert_int_equal(a[i].code, 250);
    free(a);
}

/* A window that is taken down by sc_await: what a read sends. */
static void ask_in_windows(void)
{
    struct sc_answer a[COMMANDS / 10];
    char pad[PAD + 1];

    memset(pad, 'x', PAD);
    pad[PAD] = '\0';
    sc_window(cb.c, 12);
    for (int i = 0; i < COMMANDS / 10; i++) {
        assert_int_equal(sc_writeline(cb.c, "X %s", pad), 0);
        assert_int_equal(sc_await(cb.c, &a[i]), 0);
    }
    assert_int_equal(sc_flush(cb.c), 0);
    assert_int_equal(cb.c->conn->wn, 0);
    assert_int_equal(sc_answered(cb.c, NULL), 0);
    for (int i = 0; i < COMMANDS / 10; i++)
        assert_int_equal(a[i].code, 250);
}

static void check_callback(void (*ask)(void), const struct sc_options *client,
                           const struct sc_options *server)
{
    pthread_t thread;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, cb.fd), 0);
    cb.opt = server;
    assert_int_equal(pthread_create(&thread, NULL, echo, NULL), 0);
    cb.c = sc_attach(&sc_simple_class, sc_stream_fd(cb.fd[0], NULL), client);
    assert_int_equal(sc_broken(cb.c), 0);
    call_back(ask);
    assert_int_equal(sc_close(cb.c), 0);
    pthread_join(thread, NULL);
}

static void commands_in_flight_go_on_in_a_callback(void **state)
{
    struct sc_options opt = {.wait_ms = 3000, .stall_ms = 3000};

    (void)state;
    check_callback(ask_much, &opt, &opt);
    check_callback(ask_in_windows, &opt, &opt);
}

static void commands_in_flight_go_on_in_a_callback_over_tls(void **state)
{
    struct certs certs;
    struct sc_options opt = {
        .flags = SC_OPT_TLS, .wait_ms = 5000, .stall_ms = 5000};
    struct sc_options server = opt;

    (void)state;
    assert_int_equal(certs_make(&certs), 0);
    opt.tls.ca_file = certs.ca;
    opt.tls.host = "localhost";
    server.tls.server = 1;
    server.tls.cert = certs.good;
    check_callback(ask_much, &opt, &server);
    check_callback(ask_in_windows, &opt, &server);
    certs_remove(&certs);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_flush_waits_until_the_writer_task_has_sent),
    cmocka_unit_test(a_line_flushed_beside_the_writer_task_follows),
    cmocka_unit_test(much_written_beside_the_writer_task_follows),
    cmocka_unit_test(a_queue_that_fills_beside_the_writer_task_is_sent),
    cmocka_unit_test(a_refusal_after_a_full_queue_spares_what_was_awaited),
    cmocka_unit_test(a_file_beside_the_writer_task_follows),
    cmocka_unit_test(the_end_beside_the_writer_task_follows),
    cmocka_unit_test(a_client_closed_beside_the_writer_task_says_goodbye),
    cmocka_unit_test(a_stream_detached_beside_the_writer_task_is_given),
    cmocka_unit_test(a_client_broken_beside_the_writer_task_is_busy_no_more),
    cmocka_unit_test(tls_begins_once_the_writer_task_has_ended),
    cmocka_unit_test(a_client_opened_anew_leaves_the_writer_task_behind),
    cmocka_unit_test(a_flush_waits_for_what_a_reader_sends),
    cmocka_unit_test(what_only_the_loop_can_finish_is_told_at_once),
    cmocka_unit_test(commands_in_flight_go_on_in_a_callback),
    cmocka_unit_test(commands_in_flight_go_on_in_a_callback_over_tls),
};

TEST_MAIN(tests)
