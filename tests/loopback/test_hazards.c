/* test_hazards.c - what goes wrong in runtimes like this one: closing under a
 * waiter, a descriptor number used again, deadlines after long work, data that
 * comes with the time-out, a stack that overflows. */
#include "main.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/stream.h>
#include <simpleclient/task.h>
#include <uv.h>

struct reader {
    Stream *s;
    int64_t ms;
    ssize_t rc;
    int64_t took;
    int64_t id;
};

static void read_byte(void *arg)
{
    struct reader *r = arg;
    struct sc_wait w = {sc_now() + r->ms, NULL};
    int64_t start = sc_now();
    char byte;

    r->rc = sc_stream_read(r->s, &byte, 1, &w);
    r->took = sc_now() - start;
}

static void go(struct reader *r)
{
    r->rc = 99;
    r->id = sc_task_go(NULL, read_byte, r);
    assert_true(r->id > 0);
}

static int pair_up(void **state)
{
    static Stream *pair[2];

    *state = pair;
    return sc_stream_pair(pair, NULL);
}

static int close_both(void **state)
{
    Stream **pair = *state;

    sc_stream_close(pair[0]);
    sc_stream_close(pair[1]);
    return 0;
}

static void closing_wakes_the_waiter(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 60000, 0, 0, 0};

    go(&r);
    sc_yield();
    sc_stream_close(pair[0]);
    pair[0] = NULL;
    sc_run();
    assert_int_equal(r.rc, SC_ECLOSED);
}

static void cancelling_wakes_the_waiter_and_loses_nothing(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 60000, 0, 0, 0};

    go(&r);
    sc_yield();
    assert_int_equal(sc_stream_write(pair[1], "x", 1, NULL), 0);
    sc_task_cancel(r.id); /* the byte has come, but nobody took it */
    sc_run();
    assert_int_equal(r.rc, SC_ECANCELED);
    go(&r);
    sc_run();
    assert_int_equal(r.rc, 1);
}

static void a_second_waiter_is_told_busy_at_once(void **state)
{
    Stream **pair = *state;
    struct reader a = {pair[0], 60000, 0, 0, 0}, b = a;

    go(&a);
    go(&b);
    sc_yield();
    sc_yield();
    assert_int_equal(b.rc, SC_EBUSY);
    sc_stream_write(pair[1], "x", 1, NULL);
    sc_run();
    assert_int_equal(a.rc, 1);
}

static void burn(int64_t ms)
{
    int64_t end = sc_now() + ms;

    while (sc_now() < end)
        ;
}

static void a_deadline_does_not_fire_early_after_long_work(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 50, 0, 0, 0};

    burn(150); /* the loop's own clock stands still meanwhile */
    go(&r);
    sc_run();
    assert_int_equal(r.rc, SC_ETIMEDOUT);
    assert_true(r.took >= 50 && r.took < 5000);
}

static void burn_and_write(void *arg)
{
    burn(100);
    sc_stream_write(arg, "x", 1, NULL);
}

static void data_that_comes_with_the_deadline_wins(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 40, 0, 0, 0};

    go(&r);
    sc_yield();
    sc_task_go(NULL, burn_and_write, pair[1]); /* past the deadline */
    sc_run();
    assert_int_equal(r.rc, 1);
}

static void shorten(void *arg)
{
    struct reader *r = arg;

    read_byte(r);
    r->ms = 20;
    read_byte(r);
}

static void a_later_wait_may_end_earlier(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 30000, 0, 0, 0};
    int64_t start = sc_now();

    sc_task_go(NULL, shorten, &r);
    sc_yield();
    sc_stream_write(pair[1], "x", 1, NULL);
    sc_run();
    assert_int_equal(r.rc, SC_ETIMEDOUT);
    assert_true(sc_now() - start < 5000);
}

static void a_writer_does_not_move_the_readers_deadline(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 100, 0, 0, 0};
    struct sc_wait w = {sc_now() + 30000, NULL};

    go(&r);
    sc_yield();
    assert_int_equal(sc_stream_write(pair[0], "x", 1, &w), 0);
    sc_run();
    assert_int_equal(r.rc, SC_ETIMEDOUT);
    assert_true(r.took >= 100 && r.took < 5000);
}

static void a_reused_descriptor_sees_no_old_event(void **state)
{
    Stream **pair = *state, *fresh[2];
    struct reader old = {pair[0], 60000, 0, 0, 0}, new = {NULL, 60, 0, 0, 0};

    go(&old);
    sc_yield();
    sc_stream_write(pair[1], "x", 1, NULL); /* an event for the old one */
    sc_stream_close(pair[0]);
    pair[0] = NULL;
    assert_int_equal(sc_stream_pair(fresh, NULL), 0); /* the same number */
    new.s = fresh[0];
    go(&new);
    sc_run();
    assert_int_equal(old.rc, SC_ECLOSED);
    assert_int_equal(new.rc, SC_ETIMEDOUT);
    sc_stream_close(fresh[0]);
    sc_stream_close(fresh[1]);
}

static void a_failed_write_is_sticky_and_no_signal_comes(void **state)
{
    Stream **pair = *state;

    signal(SIGPIPE, SIG_DFL);
    sc_stream_close(pair[1]);
    pair[1] = NULL;
    assert_int_equal(sc_stream_write(pair[0], "x", 1, NULL), SC_EPIPE);
    assert_int_equal(sc_stream_write(pair[0], "x", 1, NULL), SC_EPIPE);
}

static void no_signal_comes_from_a_pipe_or_sendfile(void **state)
{
    int fd[2], file = open("/proc/self/exe", O_RDONLY);
    Stream **pair = *state, *s;

    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(pipe(fd), 0);
    close(fd[0]);
    s = sc_stream_fd(fd[1], NULL);
    assert_int_equal(sc_stream_write(s, "x", 1, NULL), SC_EPIPE);
    sc_stream_close(s);
    sc_stream_close(pair[1]);
    pair[1] = NULL;
    assert_int_equal(sc_stream_sendfile(pair[0], file, 0, 100, NULL), SC_EPIPE);
    close(file);
}

static void a_short_write_times_out_and_breaks_the_stream(void **state)
{
    Stream **pair = *state;
    struct sc_wait w = {sc_now() + 30, NULL};
    size_t n = 8 << 20;
    char *big = test_calloc(1, n);

    assert_int_equal(sc_stream_write(pair[0], big, n, &w), SC_ETIMEDOUT);
    assert_int_equal(sc_stream_write(pair[0], "x", 1, NULL), SC_ETIMEDOUT);
    test_free(big);
}

static volatile int deep = 1 << 30;

static void overflow(void *arg)
{
    volatile char frame[1024];

    frame[0] = (char)(intptr_t)arg;
    if (--deep > 0)
        overflow((void *)(intptr_t)frame[0]);
    frame[1] = frame[0]; /* no tail call */
}

static void an_overflowing_stack_meets_its_guard(void **state)
{
    struct rlimit none = {0, 0};
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        setrlimit(RLIMIT_CORE, &none);
        close(2);
        sc_task_go(NULL, overflow, NULL);
        sc_run();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    /* A sanitizer reports it and exits in its own way. */
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV
                                    : WEXITSTATUS(status) != 0);
}

static void starve(void *arg)
{
    Stream *s = arg;
    char buf[512];

    while (sc_stream_read(s, buf, sizeof buf, NULL) > 0)
        if (sc_stream_write(s, buf, sizeof buf, NULL) < 0)
            break;
}

static void count_turns(void *arg)
{
    for (int i = 0; i < 20; i++, ++*(int *)arg)
        sc_yield();
}

static void a_busy_stream_lets_others_have_their_turn(void **state)
{
    Stream **pair = *state;
    int turns = 0;
    int64_t a, b;

    a = sc_task_go(NULL, starve, pair[0]);
    b = sc_task_go(NULL, starve, pair[1]);
    for (int i = 0; i < 64; i++) {
        char block[512] = {0};
        sc_stream_write(pair[0], block, sizeof block, NULL);
    }
    assert_int_equal(sc_task_join(sc_task_go(NULL, count_turns, &turns)), 0);
    assert_int_equal(turns, 20);
    sc_task_cancel(a);
    sc_task_cancel(b);
    sc_run();
}

static int loop_turns;
static void count_turn(uv_check_t *h)
{
    (void)h;
    loop_turns++;
}

static void sleep_a_while(void *arg)
{
    sc_sleep(*(int *)arg);
}

/* Nobody will read what comes: it must not keep the loop awake. */
static void input_of_an_interrupted_stream_does_not_spin_the_loop(void **state)
{
    Stream **pair = *state;
    struct reader r = {pair[0], 60000, 0, 0, 0};
    static uv_check_t check;
    int ms = 100;

    go(&r);
    sc_yield();
    pair[0]->cls->interrupt(pair[0], SC_EPROTO);
    assert_int_equal(sc_stream_write(pair[1], "x", 1, NULL), 0);
    uv_check_init(sc_loop(), &check);
    uv_check_start(&check, count_turn);
    uv_unref((uv_handle_t *)&check);
    loop_turns = 0;
    sc_task_go(NULL, sleep_a_while, &ms);
    sc_run();
    uv_close((uv_handle_t *)&check, NULL);
    assert_int_equal(r.rc, SC_EPROTO);
    assert_true(loop_turns < 50);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_up, close_both)
static void return_at_once(void *arg)
{
    (void)arg;
}

static void sleep_a_little_and_long(void *arg)
{
    (void)arg;
    sc_sleep(1);
    sc_sleep(5000);
}

/* The timer is due when the turn begins: its callback runs all that is ready,
 * and with it ends what is waited for. */
static void a_wait_that_a_timer_ends_ends_at_once(void **state)
{
    int64_t sleeper = sc_task_go(NULL, sleep_a_little_and_long, NULL), task,
            from;

    (void)state;
    sc_yield();
    task = sc_task_go(NULL, return_at_once, NULL);
    from = sc_now();
    while (sc_now() < from + 10)
        continue;
    assert_int_equal(sc_task_join(task), 0);
    assert_true(sc_now() < from + 2000);
    sc_task_cancel(sleeper);
    sc_run();
}

static const struct CMUnitTest tests[] = {
    TEST(closing_wakes_the_waiter),
    TEST(cancelling_wakes_the_waiter_and_loses_nothing),
    TEST(a_second_waiter_is_told_busy_at_once),
    TEST(a_deadline_does_not_fire_early_after_long_work),
    TEST(data_that_comes_with_the_deadline_wins),
    TEST(a_later_wait_may_end_earlier),
    TEST(a_writer_does_not_move_the_readers_deadline),
    TEST(a_reused_descriptor_sees_no_old_event),
    TEST(a_failed_write_is_sticky_and_no_signal_comes),
    TEST(no_signal_comes_from_a_pipe_or_sendfile),
    TEST(a_short_write_times_out_and_breaks_the_stream),
    TEST(an_overflowing_stack_meets_its_guard),
    TEST(a_busy_stream_lets_others_have_their_turn),
    TEST(input_of_an_interrupted_stream_does_not_spin_the_loop),
    cmocka_unit_test(a_wait_that_a_timer_ends_ends_at_once),
};

TEST_MAIN(tests)
