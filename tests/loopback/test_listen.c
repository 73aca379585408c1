/* test_listen.c - listen and accept, on TCP and Unix sockets. */
#include "main.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>

#include "sockets.h"

static struct sc_listener *at(const char *where)
{
    struct sc_error e = {0};
    struct sc_listener *l = sc_listen(where, &e);

    if (l == NULL)
        fail_msg("%s", e.text);
    return l;
}

/* Take one and see that bytes come through. */
static void check_accept(struct sc_listener *l, int fd, const char *peer)
{
    struct sc_error e = {0};
    Stream *s = sc_accept(l, 2000, &e);
    struct sc_peer who = {0};
    char text[8];

    if (s == NULL)
        fail_msg("%s", e.text);
    assert_int_equal(send(fd, "hi", 2, 0), 2);
    assert_int_equal(sc_stream_read(s, text, sizeof text, NULL), 2);
    assert_int_equal(sc_stream_info(s, SC_INFO_PEER, &who), 0);
    assert_string_equal(who.address, peer);
    sc_stream_close(s);
    close(fd);
}

static void free_port_is_named(void **state)
{
    struct sc_listener *l = at("127.0.0.1:0");
    char name[64];

    (void)state;
    snprintf(name, sizeof name, "127.0.0.1:%d", sc_listener_port(l));
    assert_true(sc_listener_port(l) > 0);
    assert_string_equal(sc_listener_name(l), name);
    check_accept(l, dial4(sc_listener_port(l)), "127.0.0.1");
    sc_listener_close(l);
}

static void localhost_and_v6_are_taken(void **state)
{
    struct sc_listener *l = at("localhost:0"), *six = at("[::1]:0");
    char name[64];

    (void)state;
    check_accept(l, dial4(sc_listener_port(l)), "127.0.0.1");
    check_accept(six, dial6(sc_listener_port(six)), "::1");
    snprintf(name, sizeof name, "[::1]:%d", sc_listener_port(six));
    assert_string_equal(sc_listener_name(six), name);
    sc_listener_close(l);
    sc_listener_close(six);
}

static void no_host_means_both_families(void **state)
{
    struct sc_listener *l = at(":0");

    (void)state;
    check_accept(l, dial4(sc_listener_port(l)), "127.0.0.1");
    check_accept(l, dial6(sc_listener_port(l)), "::1");
    sc_listener_close(l);
}

static void bad_places_are_refused(void **state)
{
    static const char *const bad[] = {"example.org:80", "127.0.0.1", "", "a b",
                                      "127.0.0.1:99999"};
    struct sc_listener *l = at("127.0.0.1:0");
    struct sc_error e = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(sc_listen(bad[i], &e));
        assert_int_equal(e.code, SC_EINVAL);
    }
    assert_null(sc_listen(sc_listener_name(l), &e));
    assert_int_equal(e.code, -EADDRINUSE);
    assert_non_null(strstr(e.text, sc_listener_name(l)));
    assert_null(sc_listen("/nowhere/at/all", &e));
    assert_int_equal(e.code, -ENOENT);
    sc_listener_close(l);
    sc_listener_close(NULL);
}

static void port_is_free_again_at_once(void **state)
{
    struct sc_listener *l = at("127.0.0.1:0");
    char name[64];

    (void)state;
    snprintf(name, sizeof name, "%s", sc_listener_name(l));
    check_accept(l, dial4(sc_listener_port(l)), "127.0.0.1"); /* TIME_WAIT */
    sc_listener_close(l);
    sc_listener_close(at(name));
}

/* --- Unix sockets --- */

static const char *path_of_test(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/sc-listen-%d", (int)getpid());
    return path;
}

static void path_is_listened_at_and_removed(void **state)
{
    const char *path = path_of_test();
    struct sc_listener *l = at(path);

    (void)state;
    assert_string_equal(sc_listener_name(l), path);
    assert_int_equal(sc_listener_port(l), 0);
    check_accept(l, dial_path(path), "");
    sc_listener_close(l);
    assert_int_equal(access(path, F_OK), -1);
}

static void stale_socket_is_replaced_a_live_one_is_not(void **state)
{
    const char *path = path_of_test();
    struct sc_listener *l;
    struct sc_error e = {0};

    (void)state;
    close(bind_path(path)); /* stale */
    l = at(path);
    assert_null(sc_listen(path, &e));
    assert_int_equal(e.code, -EADDRINUSE);
    assert_int_equal(access(path, F_OK), 0);
    sc_listener_close(l);
}

/* It refuses as a stale one does. */
static void one_that_is_about_to_listen_is_left_alone(void **state)
{
    const char *path = path_of_test();
    struct sc_error e = {0};
    int fd = bind_path(path);

    (void)state;
    assert_null(sc_listen(path, &e));
    assert_int_equal(e.code, -EADDRINUSE);
    assert_int_equal(listen(fd, 1), 0);
    close(dial_path(path));
    close(fd);
    unlink(path);
}

/* Whoever was accepted has the path for his name: that is no listener. */
static void one_whose_connections_live_on_is_stale(void **state)
{
    const char *path = path_of_test();
    int fd = bind_path(path), there, here;
    struct sc_listener *l;

    (void)state;
    assert_int_equal(listen(fd, 1), 0);
    here = dial_path(path);
    there = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 5000) == 1
                ? accept(fd, NULL, NULL)
                : -1;
    assert_true(there >= 0);
    close(fd);
    l = at(path);
    check_accept(l, dial_path(path), "");
    sc_listener_close(l);
    close(here);
    close(there);
}

/* There is a descriptor for the socket, none for the new thread's loop. */
static void *listen_at_the_limit(void *arg)
{
    struct rlimit old, few;
    int fd = dup(0);

    close(fd);
    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = (rlim_t)fd + 1;
    setrlimit(RLIMIT_NOFILE, &few);
    sc_listener_close(sc_listen(path_of_test(), arg));
    setrlimit(RLIMIT_NOFILE, &old);
    return NULL;
}

static void no_path_is_left_by_a_failure(void **state)
{
    struct sc_error e = {0};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, listen_at_the_limit, &e), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(e.code, SC_EMFILE);
    assert_int_equal(access(path_of_test(), F_OK), -1);
}

static void plain_file_is_never_removed(void **state)
{
    const char *path = path_of_test();
    FILE *f = fopen(path, "w");
    struct sc_error e = {0};
    struct stat st;

    (void)state;
    fclose(f);
    assert_null(sc_listen(path, &e));
    assert_int_equal(e.code, -EADDRINUSE);
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    unlink(path);
}

static void path_of_another_is_left_alone(void **state)
{
    const char *path = path_of_test();
    struct sc_listener *l = at(path);

    (void)state;
    unlink(path);
    close(bind_path(path)); /* stale */
    sc_listener_close(l);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
}

static void forked_child_leaves_the_path(void **state)
{
    const char *path = path_of_test();
    struct sc_listener *l = at(path);
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        sc_listener_close(l);
        _exit(0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    check_accept(l, dial_path(path), "");
    sc_listener_close(l);
}

/* --- waiting --- */

static void waiting_ends_in_time(void **state)
{
    struct sc_listener *l = at("127.0.0.1:0");
    int64_t begun = sc_now(), took;
    struct sc_error e = {0};

    (void)state;
    assert_null(sc_accept(l, 60, &e));
    took = sc_now() - begun;
    assert_int_equal(e.code, SC_ETIMEDOUT);
    assert_true(took >= 60 && took < 5000);
    assert_null(sc_accept(l, 0, NULL));
    sc_listener_close(l);
}

struct acceptor {
    struct sc_listener *l;
    int64_t ms;
    int taken, code;
};

static void take_all(void *arg)
{
    struct acceptor *a = arg;
    struct sc_error e = {0};
    Stream *s;

    while ((s = sc_accept(a->l, a->ms, &e)) != NULL) {
        a->taken++;
        sc_stream_close(s);
    }
    a->code = e.code;
}

static void task_deadline_and_cancel(void **state)
{
    struct acceptor a = {.l = at("127.0.0.1:0"), .ms = 50};
    int64_t task;

    (void)state;
    assert_true(sc_task_go(NULL, take_all, &a) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(a.code, SC_ETIMEDOUT);
    a.ms = -1;
    task = sc_task_go(NULL, take_all, &a);
    sc_yield();
    sc_task_cancel(task);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(a.code, SC_ECANCELED);
    sc_listener_close(a.l);
}

static void close_wakes_whoever_waits(void **state)
{
    struct acceptor a = {.l = at("127.0.0.1:0"), .ms = -1};
    struct acceptor second = {.l = a.l, .ms = -1};

    (void)state;
    assert_true(sc_task_go(NULL, take_all, &a) > 0);
    assert_true(sc_task_go(NULL, take_all, &second) > 0);
    sc_yield();
    assert_int_equal(second.code, SC_EBUSY);
    sc_listener_close(a.l);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(a.code, SC_ECLOSED);
}

static void many_connections_do_not_hold_other_tasks_up(void **state)
{
    struct acceptor a = {.l = at("127.0.0.1:0"), .ms = 100};
    int fd[100], port = sc_listener_port(a.l), seen;

    (void)state;
    for (int i = 0; i < 100; i++)
        fd[i] = dial4(port);
    assert_true(sc_task_go(NULL, take_all, &a) > 0);
    sc_yield();
    seen = a.taken;
    assert_true(seen < 100);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(a.taken, 100);
    for (int i = 0; i < 100; i++)
        close(fd[i]);
    sc_listener_close(a.l);
}

/* The connection waits in the queue until a descriptor is free again. */
static void no_descriptor_is_told_and_passes(void **state)
{
    struct sc_listener *l = at("127.0.0.1:0");
    int fd = dial4(sc_listener_port(l));
    struct rlimit old, none;
    struct sc_error e = {0};
    Stream *s;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = (rlim_t)fd + 1;
    setrlimit(RLIMIT_NOFILE, &none);
    s = sc_accept(l, 1000, &e);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_null(s);
    assert_int_equal(e.code, SC_EMFILE);
    check_accept(l, fd, "127.0.0.1");
    sc_listener_close(l);
}

static const struct CMUnitTest tests[] = {
    TEST_CLOSING_ALL(free_port_is_named),
    TEST_CLOSING_ALL(localhost_and_v6_are_taken),
    TEST_CLOSING_ALL(no_host_means_both_families),
    TEST_CLOSING_ALL(bad_places_are_refused),
    TEST_CLOSING_ALL(port_is_free_again_at_once),
    TEST_CLOSING_ALL(path_is_listened_at_and_removed),
    TEST_CLOSING_ALL(stale_socket_is_replaced_a_live_one_is_not),
    TEST_CLOSING_ALL(one_that_is_about_to_listen_is_left_alone),
    TEST_CLOSING_ALL(one_whose_connections_live_on_is_stale),
    TEST_CLOSING_ALL(no_path_is_left_by_a_failure),
    TEST_CLOSING_ALL(plain_file_is_never_removed),
    TEST_CLOSING_ALL(path_of_another_is_left_alone),
    TEST_CLOSING_ALL(forked_child_leaves_the_path),
    TEST_CLOSING_ALL(waiting_ends_in_time),
    TEST_CLOSING_ALL(task_deadline_and_cancel),
    TEST_CLOSING_ALL(close_wakes_whoever_waits),
    TEST_CLOSING_ALL(many_connections_do_not_hold_other_tasks_up),
    TEST_CLOSING_ALL(no_descriptor_is_told_and_passes),
};

TEST_MAIN(tests)
