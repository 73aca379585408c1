/* test_sock.c - sockets as streams: what is said when a call fails, closing
 * that never waits, files that sendfile(2) takes only in part. */
#include "main.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include "sockets.h"

/* --- what is said --- */

static Stream *both[2];

static int pair_up(void **state)
{
    (void)state;
    return sc_stream_pair(both, NULL);
}

static int pair_down(void **state)
{
    (void)state;
    sc_stream_close(both[0]);
    sc_stream_close(both[1]);
    return 0;
}

static void read_one(void *arg)
{
    char c;

    *(ssize_t *)arg = sc_stream_read(both[0], &c, 1, NULL);
}

static void a_second_reader_is_told_why(void **state)
{
    struct sc_error err = {0};
    struct sc_wait w = {sc_now() + 5000, &err};
    ssize_t got = 0;
    char c;

    (void)state;
    assert_true(sc_task_go(NULL, read_one, &got) > 0);
    sc_yield();
    assert_int_equal(sc_stream_read(both[0], &c, 1, &w), SC_EBUSY);
    assert_int_equal(err.code, SC_EBUSY);
    assert_non_null(strstr(err.text, "read"));
    assert_int_equal(sc_stream_write(both[1], "x", 1, NULL), 0);
    sc_run();
    assert_int_equal(got, 1);
}

static void a_write_after_a_failed_one_is_told_why(void **state)
{
    struct sc_error err = {0};
    struct sc_wait w = {sc_now() + 5000, &err};

    (void)state;
    sc_stream_close(both[1]);
    both[1] = NULL;
    assert_int_equal(sc_stream_write(both[0], "x", 1, NULL), SC_EPIPE);
    assert_int_equal(sc_stream_write(both[0], "x", 1, &w), SC_EPIPE);
    assert_int_equal(err.code, SC_EPIPE);
    assert_non_null(strstr(err.text, "write"));
}

static void a_stream_that_has_failed_tells_its_end(void **state)
{
    struct sc_error err = {0};
    struct sc_wait w = {sc_now() + 5000, &err};

    (void)state;
    both[0]->cls->interrupt(both[0], SC_EPROTO);
    assert_int_equal(sc_stream_shutdown(both[0], &w), SC_EPROTO);
    assert_int_equal(err.code, SC_EPROTO);
    assert_non_null(strstr(err.text, "shutdown"));
}

static void *use_it_elsewhere(void *arg)
{
    int *rc = arg, fd;
    char c;

    rc[0] = (int)sc_stream_read(both[0], &c, 1, NULL);
    rc[1] = sc_stream_write(both[0], "x", 1, NULL);
    rc[2] = sc_stream_info(both[0], SC_INFO_FD, &fd);
    rc[3] = sc_stream_shutdown(both[0], NULL);
    sc_stream_close(both[0]);
    return NULL;
}

static void another_thread_changes_nothing(void **state)
{
    pthread_t thread;
    int rc[4];
    char c;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, use_it_elsewhere, rc), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(rc[i], SC_EWRONGLOOP);
    assert_int_equal(sc_stream_write(both[0], "x", 1, NULL), 0);
    assert_int_equal(sc_stream_read(both[1], &c, 1, NULL), 1);
}

/* A new thread needs descriptors of its own for its loop: there are two, for
 * the pair itself. */
static void *pair_at_the_limit(void *arg)
{
    struct sc_error *err = arg;
    struct rlimit old, few;
    Stream *two[2];
    int fd = dup(0), rc;

    close(fd);
    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = (rlim_t)fd + 2;
    setrlimit(RLIMIT_NOFILE, &few);
    rc = sc_stream_pair(two, err);
    setrlimit(RLIMIT_NOFILE, &old);
    return rc == err->code && two[0] == NULL ? NULL : arg;
}

static void a_pair_without_a_loop_is_told_why(void **state)
{
    struct sc_error err = {0};
    void *wrong = &err;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, pair_at_the_limit, &err), 0);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_null(wrong);
    assert_int_equal(err.code, SC_EMFILE);
}

static void nothing_cannot_be_wrapped(void **state)
{
    struct sc_error err = {0};

    (void)state;
    assert_null(sc_tls_wrap(NULL, "localhost", NULL, 0, &err));
    assert_int_equal(err.code, SC_EINVAL);
    err.code = 0;
    assert_null(sc_deflate_wrap(NULL, SC_CODING_GZIP, 0, 0, &err));
    assert_int_equal(err.code, SC_EINVAL);
    err.code = 0;
    assert_null(sc_record_wrap(NULL, sc_buf_sink, NULL, &err));
    assert_int_equal(err.code, SC_EINVAL);
}

/* --- files --- */

static int calls, refuse_from = -1;

/* Stands before the system's own. */
ssize_t sendfile(int to, int from, off_t *at, size_t n)
{
    char piece[1000];
    ssize_t got;

    if (calls++ == refuse_from) {
        errno = EINVAL;
        return -1;
    }
    got = pread(from, piece, n < sizeof piece ? n : sizeof piece, *at);
    got = got > 0 ? send(to, piece, (size_t)got, MSG_NOSIGNAL) : got;
    *at += got > 0 ? got : 0;
    return got;
}

/* The file comes once and whole, wherever sendfile(2) ends. */
static void check_file(int calls_that_work)
{
    char text[3000], came[3001];
    FILE *f = tmpfile();
    size_t n = 0;
    ssize_t got;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 23);
    assert_int_equal(fwrite(text, 1, sizeof text, f), sizeof text);
    fflush(f);
    calls = 0;
    refuse_from = calls_that_work;
    assert_int_equal(
        sc_stream_sendfile(both[0], fileno(f), 0, sizeof text, NULL), 0);
    sc_stream_close(both[0]);
    both[0] = NULL;
    while ((got = sc_stream_read(both[1], came + n, sizeof came - n, NULL)) > 0)
        n += (size_t)got;
    assert_int_equal(n, sizeof text);
    assert_memory_equal(came, text, n);
    fclose(f);
}

static void a_file_that_is_not_taken_is_copied(void **state)
{
    (void)state;
    check_file(0);
}

static void a_file_that_is_taken_in_part_is_copied_from_there(void **state)
{
    (void)state;
    check_file(2);
}

#define ON_A_PAIR(f) cmocka_unit_test_setup_teardown(f, pair_up, pair_down)

static const struct CMUnitTest tests[] = {
    ON_A_PAIR(a_second_reader_is_told_why),
    ON_A_PAIR(a_write_after_a_failed_one_is_told_why),
    ON_A_PAIR(a_stream_that_has_failed_tells_its_end),
    ON_A_PAIR(another_thread_changes_nothing),
    TEST_CLOSING_ALL(a_pair_without_a_loop_is_told_why),
    cmocka_unit_test(nothing_cannot_be_wrapped),
    ON_A_PAIR(a_file_that_is_not_taken_is_copied),
    ON_A_PAIR(a_file_that_is_taken_in_part_is_copied_from_there),
};

TEST_MAIN(tests)
