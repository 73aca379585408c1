/* test_listen.c - listen and accept, on TCP and Unix sockets. */
#include "main.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>

static int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static struct sc_listener *at(const char *where)
{
    struct sc_error e = {0};
    struct sc_listener *l = sc_listen(where, &e);

    if (l == NULL)
        fail_msg("%s", e.text);
    return l;
}

static int dial4(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int dial6(int port)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int dial_path(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
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

static void leave_stale(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    close(fd);
}

static void stale_socket_is_replaced_a_live_one_is_not(void **state)
{
    const char *path = path_of_test();
    struct sc_listener *l;
    struct sc_error e = {0};

    (void)state;
    leave_stale(path);
    l = at(path);
    assert_null(sc_listen(path, &e));
    assert_int_equal(e.code, -EADDRINUSE);
    assert_int_equal(access(path, F_OK), 0);
    sc_listener_close(l);
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
    leave_stale(path);
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
    sc_sleep(20);
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
    sc_sleep(20);
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

static void no_descriptor_is_left(void **state)
{
    int before = open_descriptors();

    (void)state;
    for (int i = 0; i < 5; i++) {
        free_port_is_named(state);
        path_is_listened_at_and_removed(state);
        stale_socket_is_replaced_a_live_one_is_not(state);
        bad_places_are_refused(state);
        close_wakes_whoever_waits(state);
        no_descriptor_is_told_and_passes(state);
    }
    assert_int_equal(open_descriptors(), before);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(free_port_is_named),
    cmocka_unit_test(localhost_and_v6_are_taken),
    cmocka_unit_test(no_host_means_both_families),
    cmocka_unit_test(bad_places_are_refused),
    cmocka_unit_test(port_is_free_again_at_once),
    cmocka_unit_test(path_is_listened_at_and_removed),
    cmocka_unit_test(stale_socket_is_replaced_a_live_one_is_not),
    cmocka_unit_test(plain_file_is_never_removed),
    cmocka_unit_test(path_of_another_is_left_alone),
    cmocka_unit_test(forked_child_leaves_the_path),
    cmocka_unit_test(waiting_ends_in_time),
    cmocka_unit_test(task_deadline_and_cancel),
    cmocka_unit_test(close_wakes_whoever_waits),
    cmocka_unit_test(many_connections_do_not_hold_other_tasks_up),
    cmocka_unit_test(no_descriptor_is_told_and_passes),
    cmocka_unit_test(no_descriptor_is_left),
};

TEST_MAIN(tests)
