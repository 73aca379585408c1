/* test_outgoing.c - connecting as the options say: only where it is allowed,
 * by another way, from an address or interface, with the program's own
 * setsockopt; and when each phase ended. */
#include "main.h"

#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include <simpleclient/client.h>

#include "client/conn.h"
#include "dialler.h"
#include "sockets.h"

static struct sc_listener *listener;

static int set_up(void **state)
{
    int rc = count_descriptors(state);

    listener = sc_listen("127.0.0.1:0", NULL);
    return rc == 0 && listener != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    sc_listener_close(listener);
    return same_descriptors(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* --- what is allowed --- */

static void a_literal_that_is_not_public_is_refused(void **state)
{
    static const char *const hosts[] = {
        "127.0.0.1", "::1", "localhost", "::ffff:127.0.0.1",
        "0.0.0.0",   "::",  "10.0.0.1",  "169.254.169.254",
        "fe80::1%1"};

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct job j = {.server = hosts[i],
                        .port = sc_listener_port(listener),
                        .opt.flags = SC_OPT_PUBLIC_ONLY};

        connect_it(&j);
        check_failed(&j, SC_EACCES, "not a public address");
        assert_int_equal(j.err.phase, SC_PHASE_CONNECT);
    }
}

static void every_address_of_a_name_is_refused_and_named(void **state)
{
    struct job both[2],
        like = {.server = "three.test",
                .port = sc_listener_port(listener),
                .opt = {.resolver = &player, .flags = SC_OPT_PUBLIC_ONLY}};

    (void)state;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_EACCES, "127.0.0.1: not a public address");
        check_failed(&both[i], SC_EACCES, "127.0.0.2: not a public address");
        check_failed(&both[i], SC_EACCES, "127.0.0.3: not a public address");
        check_failed(&both[i], SC_EACCES, "::1: not a public address");
    }
}

static void a_path_is_refused_where_only_the_public_is_allowed(void **state)
{
    struct job j = {.server = "/tmp/none", .opt.flags = SC_OPT_PUBLIC_ONLY};

    (void)state;
    connect_it(&j);
    check_failed(&j, SC_EACCES, "/tmp/none: not a public address");
    j.server = "example.test:80";
    j.opt.unix_socket = "/tmp/none";
    connect_it(&j);
    check_failed(&j, SC_EACCES, "/tmp/none: not a public address");
}

/* A name given in the options is no way around it. */
static void an_override_is_asked_about_too(void **state)
{
    char list[64];
    struct job j = {.server = "example.test:80",
                    .opt = {.flags = SC_OPT_PUBLIC_ONLY}};

    (void)state;
    j.opt.resolve = "example.test:80:127.0.0.1";
    connect_it(&j);
    check_failed(&j, SC_EACCES, "127.0.0.1");
    j.opt.resolve = NULL;
    snprintf(list, sizeof list, "::127.0.0.1:%d", sc_listener_port(listener));
    j.opt.connect_to = list;
    connect_it(&j);
    check_failed(&j, SC_EACCES, "127.0.0.1");
}

struct asked {
    int n;
    struct sc_peer last;
    const char *only; /* allowed; NULL: none */
};

static int ask(void *arg, const struct sc_peer *peer)
{
    struct asked *a = arg;

    a->n++;
    a->last = *peer;
    return a->only != NULL && strcmp(a->only, peer->address) == 0 ? 0 : -EPERM;
}

static void the_program_is_asked_for_each_address(void **state)
{
    struct asked a = {0};
    struct job j = {.server = "three.test",
                    .port = sc_listener_port(listener),
                    .opt = {.resolver = &player,
                            .flags = SC_OPT_IPV4,
                            .allow = ask,
                            .allow_arg = &a}};

    (void)state;
    connect_it(&j);
    check_failed(&j, -EPERM, "127.0.0.1: ");
    assert_int_equal(a.n, 3);
    assert_string_equal(a.last.address, "127.0.0.3");
    assert_int_equal(a.last.port, j.port);
    assert_int_equal(a.last.family, AF_INET);
    a.only = "127.0.0.1";
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
}

static void the_program_is_asked_for_a_path(void **state)
{
    struct asked a = {0};
    struct job j = {.server = "/tmp/none",
                    .opt = {.allow = ask, .allow_arg = &a}};

    (void)state;
    connect_it(&j);
    check_failed(&j, -EPERM, "/tmp/none");
    assert_int_equal(a.last.family, AF_UNIX);
    assert_string_equal(a.last.address, "/tmp/none");
}

/* --- another way --- */

static void a_name_has_the_address_that_the_options_give(void **state)
{
    char list[64];
    struct job both[2], like = {.server = "none.test",
                                .port = sc_listener_port(listener),
                                .opt = {.resolver = &player, .resolve = list}};

    (void)state;
    snprintf(list, sizeof list, "none.test:%d:127.0.0.1", like.port);
    connect_both_ways(both, &like);
    check_reached(&both[0], "127.0.0.1");
    check_reached(&both[1], "127.0.0.1");
    like.opt.flags = SC_OPT_IPV6;
    connect_it(&like);
    check_failed(&like, SC_ERESOLVE, "not of the family");
    like.opt.resolve = "none.test:80";
    connect_it(&like);
    check_failed(&like, SC_EINVAL, "resolve: ");
}

static void another_server_is_connected_to(void **state)
{
    char list[64];
    struct job j = {.server = "none.test:80", .opt.connect_to = list};

    (void)state;
    snprintf(list, sizeof list, "none.test:80:127.0.0.1:%d",
             sc_listener_port(listener));
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
}

static void a_path_is_connected_to_whatever_the_server(void **state)
{
    char path[64];
    struct sc_listener *l;
    struct job j = {.server = "none.test:80", .opt.unix_socket = path};

    (void)state;
    snprintf(path, sizeof path, "/tmp/sc-outgoing-%d", (int)getpid());
    l = sc_listen(path, NULL);
    connect_it(&j);
    check_reached(&j, path);
    sc_listener_close(l);
}

/* --- the socket --- */

struct seen {
    int n, fd_ok, rc;
};

static int touch(void *arg, int fd)
{
    struct seen *s = arg;
    int size = 65536, connected;
    struct sockaddr_storage at;
    socklen_t len = sizeof at;

    s->n++;
    connected = getpeername(fd, (struct sockaddr *)&at, &len) == 0;
    s->fd_ok = !connected &&
               setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0;
    return s->rc;
}

static void the_program_sees_each_socket_before_it_connects(void **state)
{
    struct seen seen = {0};
    struct job j = {.server = sc_listener_name(listener),
                    .opt = {.on_socket = touch, .on_socket_arg = &seen}};

    (void)state;
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    assert_int_equal(seen.n, 1);
    assert_true(seen.fd_ok);
    seen.rc = -EPERM;
    connect_it(&j);
    check_failed(&j, -EPERM, "127.0.0.1");
    j.server = "/tmp/none";
    connect_it(&j);
    check_failed(&j, -EPERM, "/tmp/none");
}

static int option(const Stream *s, int level, int name)
{
    int fd = -1, value = 0;
    socklen_t len = sizeof value;

    sc_stream_info((Stream *)(uintptr_t)s, SC_INFO_FD, &fd);
    getsockopt(fd, level, name, &value, &len);
    return value;
}

static void probes_keep_the_connection_alive(void **state)
{
    struct sc_options o = {.keepalive_s = 45};
    Stream *s = sc_stream_connect(sc_listener_name(listener), 0, &o, NULL);
    Stream *plain =
        sc_stream_connect(sc_listener_name(listener), 0, NULL, NULL);

    (void)state;
    assert_int_equal(option(s, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option(s, IPPROTO_TCP, TCP_KEEPIDLE), 45);
    assert_int_equal(option(s, IPPROTO_TCP, TCP_KEEPINTVL), 45);
    assert_int_equal(option(plain, SOL_SOCKET, SO_KEEPALIVE), 0);
    sc_stream_close(s);
    sc_stream_close(plain);
}

static void an_interface_is_connected_from(void **state)
{
    struct job j = {.server = sc_listener_name(listener),
                    .opt.local_address = "lo"};

    (void)state;
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    assert_string_equal(j.local.address, "127.0.0.1");
    j.opt.local_address = "nonsense";
    connect_it(&j);
    check_failed(&j, SC_EINVAL, "\"nonsense\": neither an address nor an");
}

/* A socket that is bound to a device already is not bound to one again without
 * the privilege. */
static int bind_device(void *arg, int fd)
{
    (void)arg;
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2);
    return 0;
}

/* The thread's own privileges: the others keep theirs. */
static void *connect_as_nobody(void *arg)
{
    if (geteuid() == 0 && syscall(SYS_setresuid, 65534, 65534, 65534) != 0)
        return NULL;
    connect_it(arg);
    return arg;
}

static void an_interface_is_its_address_without_privilege(void **state)
{
    struct job j = {.server = sc_listener_name(listener),
                    .opt = {.local_address = "lo", .on_socket = bind_device}};
    pthread_t thread;
    void *done;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, connect_as_nobody, &j), 0);
    pthread_join(thread, &done);
    if (done == NULL)
        skip();
    check_reached(&j, "127.0.0.1");
    assert_string_equal(j.local.address, "127.0.0.1");
}

/* --- times, at the client --- */

static void times_and_connections_are_told(void **state)
{
    int64_t before = sc_now() * 1000;
    SimpleClient *c = sc_connect(sc_listener_name(listener), 0, NULL);
    struct sc_dial_times *t = &c->conn->dialed;

    (void)state;
    assert_int_equal(sc_broken(c), 0);
    assert_true(t->begun >= before);
    assert_true(t->resolved >= t->begun && t->connected >= t->resolved);
    assert_true(t->connected <= sc_now() * 1000 + 1000);
    assert_int_equal(t->secured, 0);
    assert_int_equal(c->conn->connects, 1);
    before = t->connected;
    assert_int_equal(sc_reopen(c), 0);
    assert_int_equal(c->conn->connects, 2);
    assert_true(t->begun >= before);
    sc_close(c);
}

static const struct CMUnitTest tests[] = {
    TEST(a_literal_that_is_not_public_is_refused),
    TEST(every_address_of_a_name_is_refused_and_named),
    TEST(a_path_is_refused_where_only_the_public_is_allowed),
    TEST(an_override_is_asked_about_too),
    TEST(the_program_is_asked_for_each_address),
    TEST(the_program_is_asked_for_a_path),
    TEST(a_name_has_the_address_that_the_options_give),
    TEST(another_server_is_connected_to),
    TEST(a_path_is_connected_to_whatever_the_server),
    TEST(the_program_sees_each_socket_before_it_connects),
    TEST(probes_keep_the_connection_alive),
    TEST(an_interface_is_connected_from),
    TEST(an_interface_is_its_address_without_privilege),
    TEST(times_and_connections_are_told),
};

TEST_MAIN(tests)
