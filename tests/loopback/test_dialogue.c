/* test_dialogue.c - SimpleClient over real sockets: opened anew, files sent,
 * two writers, failed writes, slow bodies, defaults, threads and forks. */
#include "main.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

/* --- a class that wants a greeting, and its server --- */

static int hello_greet(SimpleClient *c)
{
    return sc_expect(c, 220, NULL);
}

static const struct client_class hello_class = {
    .name = "hello",
    .scheme = NULL,
    .port = 0,
    .tls_port = 0,
    .size = sizeof(SimpleClient),
    .line_limit = 0,
    .greet = hello_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

static struct sc_listener *listener;
static const char *greeting; /* of the next connection */

static int listen_here(void **state)
{
    struct sc_error e = {0};

    (void)state;
    if ((listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    return 0;
}

static int listen_no_more(void **state)
{
    (void)state;
    sc_listener_close(listener);
    return 0;
}

/* Greet, take one line, answer with it, and go. */
static void serve_one(void *arg)
{
    Stream *s = sc_accept(listener, 5000, NULL);
    SimpleClient *c = sc_attach(&sc_simple_class, s, NULL);
    struct sc_span line;
    char text[100];

    (void)arg;
    sc_writeline(c, "%s", greeting);
    if (sc_readline(c, &line) == 0) {
        sc_span_copy(text, sizeof text, line);
        sc_writeline(c, "250 %s", text);
    }
    sc_close(c);
}

static SimpleClient *open_hello(void)
{
    greeting = "220 welcome";
    sc_task_go(NULL, serve_one, NULL);
    return sc_open(&hello_class, sc_listener_name(listener), 0, NULL);
}

static SimpleClient *on_a_pair(Stream **other, const struct sc_options *opt)
{
    Stream *both[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    *other = both[1];
    return sc_attach(&sc_simple_class, both[0], opt);
}

/* --- opened anew --- */

static void a_client_opens_anew_where_it_was(void **state)
{
    SimpleClient *c = open_hello();
    struct sc_span text;

    (void)state;
    sc_writeline(c, "one");
    assert_int_equal(sc_expect(c, 250, &text), 250);
    assert_true(sc_span_eq(text, "one"));
    assert_int_equal(sc_readline(c, &text), SC_EOF);
    sc_task_go(NULL, serve_one, NULL);
    assert_int_equal(sc_reopen(c), 0);
    assert_int_equal(sc_broken(c), 0);
    assert_int_equal(sc_last_error(c)->code, 0);
    sc_writeline(c, "two");
    assert_int_equal(sc_expect(c, 250, &text), 250);
    assert_true(sc_span_eq(text, "two"));
    assert_int_equal(sc_close(c), 0);
    assert_int_equal(sc_run(), 0);
}

static void what_was_queued_is_not_for_the_next_connection(void **state)
{
    SimpleClient *c = open_hello();
    struct sc_span text;

    (void)state;
    sc_writeline(c, "never");
    sc_task_go(NULL, serve_one, NULL);
    assert_int_equal(sc_reopen(c), 0);
    sc_writeline(c, "second");
    assert_int_equal(sc_expect(c, 250, &text), 250);
    assert_true(sc_span_eq(text, "second"));
    assert_int_equal(sc_close(c), 0);
    assert_int_equal(sc_run(), 0);
}

static void a_greeting_refused_at_the_second_opening_breaks(void **state)
{
    SimpleClient *c = open_hello();
    struct sc_span line;

    (void)state;
    greeting = "554 not again";
    sc_writeline(c, "one");
    assert_int_equal(sc_expect(c, 250, NULL), 250);
    sc_task_go(NULL, serve_one, NULL);
    assert_int_equal(sc_reopen(c), SC_EREPLY);
    assert_non_null(strstr(sc_last_error(c)->text, "554 not again"));
    assert_int_equal(sc_readline(c, &line), SC_EREPLY);
    assert_int_equal(sc_close(c), SC_EREPLY);
    assert_int_equal(sc_run(), 0);
}

static void a_client_on_a_given_stream_cannot_open_anew(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);

    (void)state;
    assert_int_equal(sc_reopen(c), SC_ENOTSUP);
    assert_int_equal(sc_broken(c), 0);
    assert_int_equal(sc_close(c), 0);
    sc_stream_close(other);
}

static void no_descriptor_is_told(void **state)
{
    struct rlimit old, none;
    SimpleClient *c = open_hello();
    int next = dup(0);

    (void)state;
    close(next);
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = (rlim_t)next;
    sc_drop(c);
    assert_int_equal(sc_run(), 0);
    setrlimit(RLIMIT_NOFILE, &none);
    while ((next = dup(0)) >= 0) /* what the first client gave back */
        continue;
    c = sc_open(&hello_class, sc_listener_name(listener), 0, NULL);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(sc_broken(c), SC_EMFILE);
    assert_int_equal(sc_close(c), SC_EMFILE);
}

/* --- files --- */

enum { FILE_SIZE = 1 << 20 };

static int file_of_letters(void)
{
    char name[] = "/tmp/simpleclient-file-XXXXXX";
    static char block[4096];
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    unlink(name);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)('a' + i % 26);
    for (int i = 0; i < FILE_SIZE / (int)sizeof block; i++)
        assert_int_equal(write(fd, block, sizeof block), sizeof block);
    return fd;
}

struct file_job {
    SimpleClient *c;
    int fd;
    int rc;
};

static void send_file(void *arg)
{
    struct file_job *j = arg;

    sc_writeline(j->c, "before");
    j->rc = sc_sendfile(j->c, j->fd, 2, FILE_SIZE - 2);
    sc_writeline(j->c, "after");
    sc_flush(j->c);
}

static void a_file_goes_out_between_lines(void **state)
{
    struct sc_buf got = SC_BUF(2 * FILE_SIZE);
    struct file_job j = {.fd = file_of_letters(), .rc = -1};
    Stream *other;
    SimpleClient *peer;
    struct sc_span line;

    (void)state;
    j.c = on_a_pair(&other, NULL);
    peer = sc_attach(&sc_simple_class, other, NULL);
    sc_task_go(NULL, send_file, &j);
    assert_int_equal(sc_readline(peer, &line), 0);
    assert_true(sc_span_eq(line, "before"));
    assert_int_equal(sc_buf_reserve(&got, FILE_SIZE), 0);
    assert_int_equal(sc_read_exact(peer, got.data, FILE_SIZE - 2), 0);
    assert_memory_equal(got.data, "cdefghijklmnopqrstuvwxyzab", 26);
    assert_memory_equal(got.data + 4092, "mnab", 4);
    assert_int_equal(sc_readline(peer, &line), 0);
    assert_true(sc_span_eq(line, "after"));
    assert_int_equal(sc_run(), 0);
    assert_int_equal(j.rc, 0);
    sc_buf_free(&got);
    close(j.fd);
    sc_close(j.c);
    sc_close(peer);
}

static void a_file_that_ends_early_breaks_the_client(void **state)
{
    int fd = file_of_letters();
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);

    (void)state;
    assert_true(sc_sendfile(c, fd, FILE_SIZE - 10, 20) < 0);
    assert_int_not_equal(sc_broken(c), 0);
    assert_int_not_equal(sc_last_error(c)->text[0], 0);
    close(fd);
    sc_close(c);
    sc_stream_close(other);
}

/* --- two writers --- */

enum { MUCH = 8 << 20 }; /* more than any socket takes unread */

static char much[MUCH];

struct write_job {
    SimpleClient *c;
    int rc;
};

static void write_much(void *arg)
{
    struct write_job *j = arg;

    j->rc = sc_write(j->c, much, sizeof much);
}

static void take_all(void *arg)
{
    char *part = malloc(1 << 16);
    ssize_t n;

    assert_non_null(part);
    while ((n = sc_stream_read(arg, part, 1 << 16, NULL)) > 0)
        continue;
    free(part);
}

/* One writer waits for a peer that reads nothing yet; SECOND writes too. */
static void check_second_writer(int (*second)(SimpleClient *c))
{
    Stream *other;
    struct write_job j = {on_a_pair(&other, NULL), -1};

    sc_task_go(NULL, write_much, &j);
    sc_yield();
    sc_yield();
    assert_int_equal(second(j.c), SC_EBUSY);
    assert_int_equal(sc_broken(j.c), 0);
    sc_task_go(NULL, take_all, other);
    while (j.rc == -1)
        sc_yield();
    assert_int_equal(j.rc, 0);
    assert_int_equal(sc_writeline(j.c, "and on"), 0);
    assert_int_equal(sc_flush(j.c), 0);
    assert_int_equal(sc_close(j.c), 0);
    assert_int_equal(sc_run(), 0);
    sc_stream_close(other);
}

static int write_too(SimpleClient *c)
{
    return sc_write(c, much, sizeof much);
}

static int flush_too(SimpleClient *c)
{
    assert_int_equal(sc_writeline(c, "a line"), 0);
    return sc_flush(c);
}

static void a_second_writer_is_busy_and_breaks_nothing(void **state)
{
    (void)state;
    check_second_writer(write_too);
    check_second_writer(flush_too);
}

static int file_too(SimpleClient *c)
{
    int fd = file_of_letters(), rc = sc_sendfile(c, fd, 0, 10);

    close(fd);
    return rc;
}

static void a_file_beside_a_writer_is_busy_and_breaks_nothing(void **state)
{
    (void)state;
    check_second_writer(file_too);
}

static void the_end_beside_a_writer_is_busy_and_breaks_nothing(void **state)
{
    (void)state;
    check_second_writer(sc_shutdown);
}

/* --- failed writes --- */

static void the_peers_last_words_explain_a_failed_write(void **state)
{
    static const char words[] = "421 too many of you\r\n";
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);

    (void)state;
    assert_int_equal(sc_stream_write(other, words, sizeof words - 1, NULL), 0);
    sc_stream_close(other);
    sc_writeline(c, "HELLO");
    assert_int_equal(sc_flush(c), SC_EPIPE);
    assert_non_null(strstr(sc_last_error(c)->text, "421 too many of you"));
    assert_null(strchr(sc_last_error(c)->text, '?')); /* the line's end */
    assert_int_equal(sc_last_error(c)->phase, SC_PHASE_SEND);
    assert_int_equal(sc_close(c), SC_EPIPE);
}

static void without_last_words_the_write_speaks_for_itself(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);

    (void)state;
    sc_stream_close(other);
    sc_writeline(c, "HELLO");
    assert_int_equal(sc_flush(c), SC_EPIPE);
    assert_int_not_equal(sc_last_error(c)->text[0], 0);
    assert_int_equal(sc_close(c), SC_EPIPE);
}

/* --- bodies that come slowly --- */

struct feed {
    Stream *to;
    size_t part;
    int64_t every_ms;
    int times;
};

static void feed_it(void *arg)
{
    struct feed *f = arg;

    for (int i = 0; i < f->times; i++)
        if (sc_sleep(f->every_ms) < 0 ||
            sc_stream_write(f->to, much, f->part, NULL) < 0)
            break;
    sc_stream_close(f->to);
}

static void a_body_that_drips_is_given_up(void **state)
{
    struct sc_options o = {.stall_ms = 150, .wait_ms = 20000};
    struct feed f = {.part = 1, .every_ms = 10, .times = 1000};
    SimpleClient *c = on_a_pair(&f.to, &o);
    int64_t from = sc_now();
    char body[1000];

    (void)state;
    sc_task_go(NULL, feed_it, &f);
    assert_int_equal(sc_read_exact(c, body, sizeof body), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 150, 5000);
    assert_int_equal(sc_close(c), SC_ETIMEDOUT);
    assert_int_equal(sc_run(), 0);
}

static void a_body_may_last_longer_than_a_stall(void **state)
{
    struct sc_options o = {.stall_ms = 1000, .wait_ms = 20000};
    struct feed f = {.part = 1024, .every_ms = 60, .times = 20};
    SimpleClient *c = on_a_pair(&f.to, &o);
    int64_t from = sc_now();
    char *body = malloc(20 << 10);

    (void)state;
    assert_non_null(body);
    sc_task_go(NULL, feed_it, &f);
    assert_int_equal(sc_read_exact(c, body, 20 << 10), 0);
    assert_true(sc_now() - from > o.stall_ms);
    free(body);
    assert_int_equal(sc_close(c), 0);
    assert_int_equal(sc_run(), 0);
}

/* One byte a span is enough where the options say so: an idle stream. */
static void a_body_may_be_as_slow_as_the_options_say(void **state)
{
    struct sc_options o = {.stall_ms = 400, .stall_bytes = 1, .wait_ms = 20000};
    struct feed f = {.part = 1, .every_ms = 60, .times = 15};
    SimpleClient *c = on_a_pair(&f.to, &o);
    int64_t from = sc_now();
    char body[15];

    (void)state;
    sc_task_go(NULL, feed_it, &f);
    assert_int_equal(sc_read_exact(c, body, sizeof body), 0);
    assert_true(sc_now() - from > o.stall_ms);
    assert_int_equal(sc_close(c), 0);
    assert_int_equal(sc_run(), 0);
}

static void a_block_that_drips_is_given_up(void **state)
{
    struct sc_options o = {.stall_ms = 150, .wait_ms = 20000};
    struct feed f = {.part = 1, .every_ms = 10, .times = 1000};
    SimpleClient *c = on_a_pair(&f.to, &o);
    int64_t from = sc_now();

    (void)state;
    sc_task_go(NULL, feed_it, &f);
    assert_int_equal(sc_read_dot_to(c, sc_null_sink, NULL), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 150, 5000);
    assert_int_equal(sc_close(c), SC_ETIMEDOUT);
    assert_int_equal(sc_run(), 0);
}

static void a_peer_that_takes_nothing_is_given_up(void **state)
{
    struct sc_options o = {.stall_ms = 150};
    Stream *other;
    SimpleClient *c = on_a_pair(&other, &o);
    int64_t from = sc_now();

    (void)state;
    assert_int_equal(sc_write(c, much, sizeof much), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 150, 5000);
    assert_int_equal(sc_last_error(c)->phase, SC_PHASE_SEND);
    assert_int_equal(sc_close(c), SC_ETIMEDOUT);
    sc_stream_close(other);
}

/* --- defaults --- */

static void defaults_hold_where_no_options_are_given(void **state)
{
    struct sc_options defaults = {.wait_ms = 100}, own = {.wait_ms = 200};
    int64_t from = sc_now();
    Stream *other[2];
    struct sc_span line;
    SimpleClient *c, *d;

    (void)state;
    assert_int_equal(sc_set_defaults(&defaults), 0);
    c = on_a_pair(&other[0], NULL);
    d = on_a_pair(&other[1], &own);
    assert_int_equal(sc_set_defaults(NULL), 0);
    assert_int_equal(sc_readline(c, &line), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 100, 5000);
    from = sc_now();
    assert_int_equal(sc_readline(d, &line), SC_ETIMEDOUT);
    assert_in_range(sc_now() - from, 200, 5000);
    sc_close(c);
    sc_close(d);
    sc_stream_close(other[0]);
    sc_stream_close(other[1]);
}

/* --- from elsewhere --- */

/* CODE from every call, and C stays in order. Returns how many differ. */
static int refused_with(SimpleClient *c, int code)
{
    struct sc_span line;
    char byte;
    int bad = 0;

    bad += sc_writeline(c, "x") != code;
    bad += sc_write(c, "x", 1) != code;
    bad += sc_flush(c) != code;
    bad += sc_readline(c, &line) != code;
    bad += sc_read(c, &byte, 1) != code;
    bad += sc_expect(c, 2, NULL) != code;
    bad += sc_shutdown(c) != code;
    bad += sc_close(c) != code;
    return bad;
}

static void *use_elsewhere(void *arg)
{
    return (void *)(intptr_t)refused_with(arg, SC_EWRONGLOOP);
}

static void assert_in_order(SimpleClient *c, Stream *other)
{
    struct sc_span line;

    assert_int_equal(sc_broken(c), 0);
    assert_int_equal(sc_stream_write(other, "ok\r\n", 4, NULL), 0);
    assert_int_equal(sc_readline(c, &line), 0);
    assert_true(sc_span_eq(line, "ok"));
    assert_int_equal(sc_close(c), 0);
    sc_stream_close(other);
}

static void another_thread_is_told_and_breaks_nothing(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);
    pthread_t thread;
    void *bad = NULL;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, use_elsewhere, c), 0);
    pthread_join(thread, &bad);
    assert_int_equal((intptr_t)bad, 0);
    assert_in_order(c, other);
}

static void a_forked_child_is_told_and_ends_nothing(void **state)
{
    Stream *other;
    SimpleClient *c = on_a_pair(&other, NULL);
    int status;
    pid_t child;

    (void)state;
    child = fork();
    if (child == 0)
        _exit(refused_with(c, SC_EFORK));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_in_order(c, other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listen_here, listen_no_more)
static const struct CMUnitTest tests[] = {
    TEST(a_client_opens_anew_where_it_was),
    TEST(what_was_queued_is_not_for_the_next_connection),
    TEST(a_greeting_refused_at_the_second_opening_breaks),
    TEST(a_client_on_a_given_stream_cannot_open_anew),
    TEST(no_descriptor_is_told),
    TEST(a_file_goes_out_between_lines),
    TEST(a_file_that_ends_early_breaks_the_client),
    TEST(a_second_writer_is_busy_and_breaks_nothing),
    TEST(a_file_beside_a_writer_is_busy_and_breaks_nothing),
    TEST(the_end_beside_a_writer_is_busy_and_breaks_nothing),
    TEST(the_peers_last_words_explain_a_failed_write),
    TEST(without_last_words_the_write_speaks_for_itself),
    TEST(a_body_that_drips_is_given_up),
    TEST(a_body_may_be_as_slow_as_the_options_say),
    TEST(a_body_may_last_longer_than_a_stall),
    TEST(a_block_that_drips_is_given_up),
    TEST(a_peer_that_takes_nothing_is_given_up),
    TEST(defaults_hold_where_no_options_are_given),
    TEST(another_thread_is_told_and_breaks_nothing),
    TEST(a_forked_child_is_told_and_ends_nothing),
};

TEST_MAIN(tests)
