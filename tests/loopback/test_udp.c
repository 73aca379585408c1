/* test_udp.c - datagrams on the loopback interfaces. */
#include "main.h"

#include <simpleclient/task.h>
#include <simpleclient/udp.h>

#include "sockets.h"

static struct sc_udp *at(const char *local, char *name, size_t size)
{
    struct sc_error e = {0};
    struct sc_udp *u = sc_udp_open(local, &e);

    if (u == NULL)
        fail_msg("%s", e.text);
    assert_true(sc_udp_port(u) > 0);
    if (strchr(local, '[') != NULL)
        snprintf(name, size, "[::1]:%d", sc_udp_port(u));
    else
        snprintf(name, size, "127.0.0.1:%d", sc_udp_port(u));
    return u;
}

static void check_there_and_back(const char *local, const char *peer)
{
    char a_name[64], b_name[64], text[16];
    struct sc_udp *a = at(local, a_name, sizeof a_name);
    struct sc_udp *b = at(local, b_name, sizeof b_name);
    struct sc_peer from;

    assert_int_equal(sc_udp_send(a, b_name, "hello", 5), 0);
    assert_int_equal(sc_udp_recv(b, text, sizeof text, 2000, &from), 5);
    assert_memory_equal(text, "hello", 5);
    assert_string_equal(from.address, peer);
    assert_int_equal(from.port, sc_udp_port(a));
    sc_udp_close(a);
    sc_udp_close(b);
}

static void datagrams_go_there(void **state)
{
    (void)state;
    check_there_and_back("127.0.0.1:0", "127.0.0.1");
    check_there_and_back("[::1]:0", "::1");
}

static void any_port_speaks_both_families(void **state)
{
    struct sc_udp *any = sc_udp_open(NULL, NULL);
    char four[64], six[64], text[4];
    struct sc_udp *a = at("127.0.0.1:0", four, sizeof four);
    struct sc_udp *b = at("[::1]:0", six, sizeof six);
    struct sc_peer from;

    (void)state;
    assert_non_null(any);
    assert_int_equal(sc_udp_send(any, four, "4", 1), 0);
    assert_int_equal(sc_udp_recv(a, text, sizeof text, 2000, &from), 1);
    assert_string_equal(from.address, "127.0.0.1");
    assert_int_equal(sc_udp_send(any, six, "6", 1), 0);
    assert_int_equal(sc_udp_recv(b, text, sizeof text, 2000, &from), 1);
    assert_string_equal(from.address, "::1");
    snprintf(six, sizeof six, "127.0.0.1:%d", sc_udp_port(any));
    assert_int_equal(sc_udp_send(a, six, "5", 1), 0);
    assert_int_equal(sc_udp_recv(any, text, sizeof text, 2000, &from), 1);
    assert_string_equal(from.address, "127.0.0.1"); /* not mapped */
    assert_int_equal(from.family, AF_INET);
    sc_udp_close(any);
    sc_udp_close(a);
    sc_udp_close(b);
}

static void too_long_a_datagram_is_told_and_gone(void **state)
{
    char name[64], text[4];
    struct sc_udp *u = at("127.0.0.1:0", name, sizeof name);

    (void)state;
    assert_int_equal(sc_udp_send(u, name, "12345", 5), 0);
    assert_int_equal(sc_udp_send(u, name, "1234", 4), 0);
    assert_int_equal(sc_udp_send(u, name, "", 0), 0);
    assert_int_equal(sc_udp_recv(u, text, sizeof text, 2000, NULL), -EMSGSIZE);
    assert_int_equal(sc_udp_recv(u, text, sizeof text, 2000, NULL), 4);
    assert_int_equal(sc_udp_recv(u, text, sizeof text, 2000, NULL), 0);
    sc_udp_close(u);
}

static void too_long_a_datagram_is_not_sent(void **state)
{
    char name[64];
    struct sc_udp *u = at("127.0.0.1:0", name, sizeof name);
    static char big[70000];

    (void)state;
    assert_int_equal(sc_udp_send(u, name, big, sizeof big), -EMSGSIZE);
    sc_udp_close(u);
}

static void only_numbers_are_sent_to(void **state)
{
    static const char *const bad[] = {"localhost:53", "127.0.0.1", "/tmp/x",
                                      "[::1]:53",     "",          ":53"};
    char name[64];
    struct sc_udp *u = at("127.0.0.1:0", name, sizeof name);
    struct sc_error e = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sc_udp_send(u, bad[i], "x", 1), SC_EINVAL);
    assert_null(sc_udp_open("example.org:0", &e));
    assert_int_equal(e.code, SC_EINVAL);
    assert_null(sc_udp_open("/tmp/x", &e));
    assert_null(sc_udp_open(name, &e));
    assert_int_equal(e.code, -EADDRINUSE);
    sc_udp_close(u);
    sc_udp_close(NULL);
}

static void waiting_ends_in_time(void **state)
{
    char name[64], text[4];
    struct sc_udp *u = at("127.0.0.1:0", name, sizeof name);
    int64_t begun = sc_now(), took;

    (void)state;
    assert_int_equal(sc_udp_recv(u, text, 4, 60, NULL), SC_ETIMEDOUT);
    took = sc_now() - begun;
    assert_true(took >= 60);
    assert_true(took < 5000);
    assert_int_equal(sc_udp_recv(u, text, 4, 0, NULL), SC_ETIMEDOUT);
    sc_udp_close(u);
}

/* --- tasks --- */

struct receiver {
    struct sc_udp *u;
    int64_t ms;
    ssize_t rc;
    char text[16];
};

static void receive(void *arg)
{
    struct receiver *r = arg;

    r->rc = sc_udp_recv(r->u, r->text, sizeof r->text, r->ms, NULL);
}

static void task_gets_what_another_sends(void **state)
{
    char name[64];
    struct receiver r = {.u = at("127.0.0.1:0", name, sizeof name), .ms = 3000};

    (void)state;
    assert_true(sc_task_go(NULL, receive, &r) > 0);
    sc_yield();
    assert_int_equal(sc_udp_send(r.u, name, "task", 4), 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(r.rc, 4);
    sc_udp_close(r.u);
}

static void task_deadline_and_cancel(void **state)
{
    char name[64];
    struct receiver r = {.u = at("127.0.0.1:0", name, sizeof name), .ms = 50};
    int64_t begun = sc_now(), task;

    (void)state;
    assert_true(sc_task_go(NULL, receive, &r) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(r.rc, SC_ETIMEDOUT);
    assert_true(sc_now() - begun >= 50);
    r.ms = -1;
    task = sc_task_go(NULL, receive, &r);
    sc_yield();
    sc_task_cancel(task);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(r.rc, SC_ECANCELED);
    sc_udp_close(r.u);
}

static void close_wakes_whoever_waits(void **state)
{
    char name[64];
    struct receiver r = {.u = at("127.0.0.1:0", name, sizeof name), .ms = -1};

    (void)state;
    assert_true(sc_task_go(NULL, receive, &r) > 0);
    sc_yield();
    sc_udp_close(r.u);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(r.rc, SC_ECLOSED);
}

static const struct CMUnitTest tests[] = {
    TEST_CLOSING_ALL(datagrams_go_there),
    TEST_CLOSING_ALL(any_port_speaks_both_families),
    TEST_CLOSING_ALL(too_long_a_datagram_is_told_and_gone),
    TEST_CLOSING_ALL(too_long_a_datagram_is_not_sent),
    TEST_CLOSING_ALL(only_numbers_are_sent_to),
    TEST_CLOSING_ALL(waiting_ends_in_time),
    TEST_CLOSING_ALL(task_gets_what_another_sends),
    TEST_CLOSING_ALL(task_deadline_and_cancel),
    TEST_CLOSING_ALL(close_wakes_whoever_waits),
};

TEST_MAIN(tests)
