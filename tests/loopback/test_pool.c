/* test_pool.c - idle connections: kept, found again, dropped when they have
 * something to say. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/task.h>

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
    return listener ? 0 : -1;
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

static void one_with_unread_bytes_is_dropped(void **state)
{
    (void)state;
    sc_pool_give(opened(0));
    assert_int_equal(sc_stream_write(peer[0], "x", 1, NULL), 0);
    sc_sleep(20);
    assert_null(taken(NULL));
}

static void one_that_has_ended_is_dropped(void **state)
{
    (void)state;
    sc_pool_give(opened(0));
    sc_stream_close(peer[0]);
    peer[0] = NULL;
    sc_sleep(20);
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(an_idle_connection_is_found_again_once,
                                    set_up, tear_down),
    cmocka_unit_test_setup_teardown(other_options_are_another_connection,
                                    set_up, tear_down),
    cmocka_unit_test_setup_teardown(one_with_unread_bytes_is_dropped, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(one_that_has_ended_is_dropped, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_broken_one_is_not_kept, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(six_are_kept_for_a_host, set_up, tear_down),
};

TEST_MAIN(tests)
