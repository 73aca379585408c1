/* test_pool.c - idle connections: kept, found again, dropped when they have
 * something to say. */
#include "main.h"

#include <poll.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "client/conn.h"
#include "client/pool.h"

static struct sc_listener *listener;
static Stream *peer[10];

static SimpleClient *opened(int i)
{
    SimpleClient *c = sc_connect(sc_listener_name(listener), 0, NULL);

    assert_int_equal(sc_broken(c), 0);
    peer[i] = sc_accept(listener, 1000, NULL);
    assert_non_null(peer[i]);
    return c;
}

static SimpleClient *taken(const struct sc_options *opt)
{
    return sc_pool_take(&sc_simple_class, sc_listener_name(listener), 0, opt);
}

static int set_up(void **state)
{
    (void)state;
    listener = sc_listen("127.0.0.1:0", NULL);
    return listener != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    SimpleClient *c;

    (void)state;
    while ((c = taken(NULL)) != NULL)
        sc_drop(c);
    for (int i = 0; i < 10; i++) {
        sc_stream_close(peer[i]);
        peer[i] = NULL;
    }
    sc_listener_close(listener);
    return 0;
}

static void an_idle_connection_is_found_again_once(void **state)
{
    SimpleClient *c = opened(0);

    (void)state;
    sc_pool_give(c);
    assert_ptr_equal(taken(NULL), c);
    assert_null(taken(NULL));
    sc_drop(c);
}

static void other_options_are_another_connection(void **state)
{
    struct sc_options amy = {.user = "amy"};

    (void)state;
    sc_pool_give(opened(0));
    assert_null(taken(&amy));
}

/* The descriptor of C, to see what has come to it. */
static int fd_of(SimpleClient *c)
{
    int fd = -1;

    assert_int_equal(sc_stream_info(sc_stream(c), SC_INFO_FD, &fd), 0);
    return fd;
}

static void wait_for_input(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&p, 1, 5000), 1);
}

static void one_with_unread_bytes_is_dropped(void **state)
{
    SimpleClient *c = opened(0);
    int fd = fd_of(c);

    (void)state;
    sc_pool_give(c);
    assert_int_equal(sc_stream_write(peer[0], "x", 1, NULL), 0);
    wait_for_input(fd);
    assert_null(taken(NULL));
}

static void one_that_has_ended_is_dropped(void **state)
{
    SimpleClient *c = opened(0);
    int fd = fd_of(c);

    (void)state;
    sc_pool_give(c);
    sc_stream_close(peer[0]);
    peer[0] = NULL;
    wait_for_input(fd);
    assert_null(taken(NULL));
}

static void a_broken_one_is_not_kept(void **state)
{
    SimpleClient *c = opened(0);

    (void)state;
    sc_break(c, SC_EPROTO, "no");
    sc_pool_give(c);
    assert_null(taken(NULL));
}

static void six_are_kept_for_a_host(void **state)
{
    SimpleClient *all[8], *c;
    int n = 0;

    (void)state;
    for (int i = 0; i < 8; i++)
        all[i] = opened(i);
    for (int i = 0; i < 8; i++)
        sc_pool_give(all[i]);
    for (; (c = taken(NULL)) != NULL; n++)
        sc_drop(c);
    assert_int_equal(n, 6);
}

/* --- sixty seconds --- */

static void one_is_kept_for_sixty_seconds(void **state)
{
    SimpleClient *c = opened(0);
    int64_t begin = sc_now();

    (void)state;
    sc_pool_give(c);
    assert_in_range(c->conn->idle.until, begin + 60000, sc_now() + 60001);
}

static void one_that_is_too_old_is_not_found(void **state)
{
    SimpleClient *c = opened(0);
    char byte;

    (void)state;
    sc_pool_give(c);
    c->conn->idle.until = sc_now();
    assert_null(taken(NULL));
    assert_int_equal(sc_stream_read(peer[0], &byte, 1, NULL), 0); /* closed */
}

static void read_the_end(void *arg)
{
    struct sc_wait w = {sc_now() + 5000, NULL};
    char byte;

    *(ssize_t *)arg = sc_stream_read(peer[0], &byte, 1, &w);
}

/* Nobody asks for it: its time alone closes it. */
static void one_that_nobody_wants_is_closed_in_time(void **state)
{
    int64_t begin = sc_now();
    ssize_t got = -1;

    (void)state;
    sc_pool_keep_ms = 70;
    sc_pool_give(opened(0));
    sc_pool_keep_ms = 60000;
    assert_true(sc_task_go(NULL, read_the_end, &got) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(got, 0);
    assert_in_range(sc_now() - begin, 70, 4000);
}

static void the_younger_outlives_the_older(void **state)
{
    SimpleClient *young;
    ssize_t got = -1;

    (void)state;
    sc_pool_keep_ms = 70;
    sc_pool_give(opened(0));
    sc_pool_keep_ms = 60000;
    sc_pool_give(young = opened(1));
    assert_true(sc_task_go(NULL, read_the_end, &got) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(got, 0);
    assert_ptr_equal(taken(NULL), young);
    assert_null(taken(NULL));
    sc_drop(young);
}

/* --- one that, when it closes, brings another to its end --- */

static void take_in_passing(Stream *s, int error)
{
    (void)s;
    (void)error;
    assert_null(taken(NULL));
}

static ssize_t read_nothing(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    return sc_stream_read(s->below, buf, n, w);
}

static int write_through(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    return sc_stream_writev(s->below, v, n, w);
}

static void hold_nothing(Stream *s)
{
    (void)s;
}

static const struct stream_class asking_class = {
    .name = "asking",
    .size = sizeof(Stream),
    .read = read_nothing,
    .writev = write_through,
    .sendfile = sc_stream_copy_file,
    .shutdown = sc_stream_below_shutdown,
    .interrupt = take_in_passing,
    .info = sc_stream_no_info,
    .cleanup = hold_nothing,
};

static void a_stream_that_asks_for_another_while_it_closes(void **state)
{
    Stream *asking = sc_stream_new(&asking_class);
    SimpleClient *c = opened(0), *other = opened(1);

    (void)state;
    asking->below = c->conn->s;
    c->conn->s = asking;
    sc_pool_give(other);
    sc_pool_give(c); /* the first now */
    c->conn->idle.until = other->conn->idle.until = sc_now();
    assert_null(taken(NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    TEST(an_idle_connection_is_found_again_once),
    TEST(other_options_are_another_connection),
    TEST(one_with_unread_bytes_is_dropped),
    TEST(one_that_has_ended_is_dropped),
    TEST(a_broken_one_is_not_kept),
    TEST(six_are_kept_for_a_host),
    TEST(one_is_kept_for_sixty_seconds),
    TEST(one_that_is_too_old_is_not_found),
    TEST(one_that_nobody_wants_is_closed_in_time),
    TEST(the_younger_outlives_the_older),
    TEST(a_stream_that_asks_for_another_while_it_closes),
};

TEST_MAIN(tests)
