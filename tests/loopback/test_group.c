/* test_group.c - groups: many tasks, at most K at a time. */
#include "main.h"

#include <pthread.h>

#include <simpleclient/task.h>

static int running, most, called, cancelled;

static int fresh(void **state)
{
    (void)state;
    running = most = called = cancelled = 0;
    return 0;
}

static void work(void *arg)
{
    (void)arg;
    called++;
    if (++running > most)
        most = running;
    if (sc_sleep(1) == SC_ECANCELED)
        cancelled++;
    running--;
}

static void at_most_k_run_at_a_time(void **state)
{
    (void)state;
    struct sc_group *g = sc_group_new(NULL, 3);

    for (int i = 0; i < 20; i++)
        assert_int_equal(sc_group_go(g, work, NULL), 0);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(called, 20);
    assert_int_equal(most, 3);
}

static void without_k_all_run_at_once(void **state)
{
    (void)state;
    struct sc_group *g = sc_group_new(NULL, 0);

    for (int i = 0; i < 20; i++)
        sc_group_go(g, work, NULL);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(most, 20);
}

static void an_empty_group_ends_at_once(void **state)
{
    (void)state;
    assert_int_equal(sc_group_wait(sc_group_new(NULL, 5)), 0);
}

static void no_group_is_no_memory(void **state)
{
    (void)state;
    assert_int_equal(sc_group_go(NULL, work, NULL), SC_ENOMEM);
    assert_int_equal(sc_group_wait(NULL), SC_ENOMEM);
    assert_int_equal(sc_group_then(NULL, NULL, NULL), SC_ENOMEM);
    sc_group_cancel(NULL);
}

static void every_function_is_called_after_a_cancel_too(void **state)
{
    (void)state;
    struct sc_group *g = sc_group_new(NULL, 2);

    for (int i = 0; i < 10; i++)
        sc_group_go(g, work, NULL);
    sc_yield();
    sc_group_cancel(g);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(called, 10);
    assert_int_equal(cancelled, 10);
}

static struct sc_group *inner;
static int inner_rc;

static void wait_for_inner(void *arg)
{
    (void)arg;
    inner = sc_group_new(NULL, 1);
    for (int i = 0; i < 5; i++)
        sc_group_go(inner, work, NULL);
    inner_rc = sc_group_wait(inner);
    assert_int_equal(running, 0); /* it has waited for all */
}

static void a_cancelled_waiter_cancels_the_group_and_waits_it_out(void **state)
{
    (void)state;
    int64_t t = sc_task_go(NULL, wait_for_inner, NULL);

    sc_yield();
    sc_yield();
    sc_task_cancel(t);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(inner_rc, SC_ECANCELED);
    assert_int_equal(called, 5);
}

static int then_rc, then_called;

static void then(void *arg, int rc)
{
    then_rc = rc;
    then_called++;
    assert_int_equal(running, 0);
    (void)arg;
}

static void then_is_called_on_the_loop(void **state)
{
    (void)state;
    struct sc_group *g = sc_group_new(NULL, 4);

    then_rc = 1;
    for (int i = 0; i < 10; i++)
        sc_group_go(g, work, NULL);
    assert_int_equal(sc_group_then(g, then, NULL), 0);
    assert_int_equal(then_called, 0);
    while (then_called == 0)
        sc_yield();
    assert_int_equal(then_rc, 0);
    assert_int_equal(called, 10);
}

static int64_t member_self;

static void wait_in_member(void *arg)
{
    struct sc_group **g = arg;

    member_self = sc_task_self();
    called++;
    sc_group_go(*g, work, NULL); /* a member may add members */
}

static void a_member_may_add_members(void **state)
{
    (void)state;
    struct sc_group *g = sc_group_new(NULL, 1);

    sc_group_go(g, wait_in_member, &g);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(called, 2);
    assert_true(member_self > 0);
}

static void note_rc(void *arg, int rc)
{
    *(int *)arg = rc;
}

static void the_loop_is_run_until_the_end_was_told(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int told = 1;

    (void)state;
    assert_int_equal(sc_group_go(g, work, NULL), 0);
    assert_int_equal(sc_group_then(g, note_rc, &told), 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(told, 0);
}

static void *use_from_afar(void *arg)
{
    static int wrong;

    sc_group_cancel(arg);
    wrong = sc_group_go(arg, work, NULL) != SC_EWRONGLOOP ||
            sc_group_wait(arg) != SC_EWRONGLOOP ||
            sc_group_then(arg, note_rc, NULL) != SC_EWRONGLOOP;
    return &wrong;
}

static void another_thread_changes_nothing(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    pthread_t thread;
    void *wrong;

    (void)state;
    assert_int_equal(sc_group_go(g, work, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, use_from_afar, g), 0);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_int_equal(*(int *)wrong, 0);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(called, 1);
    assert_int_equal(cancelled, 0);
}

static void time_past_is_no_wait(void **state)
{
    (void)state;
    assert_int_equal(sc_sleep(-1), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)
static const struct CMUnitTest tests[] = {
    TEST(at_most_k_run_at_a_time),
    TEST(without_k_all_run_at_once),
    TEST(an_empty_group_ends_at_once),
    TEST(no_group_is_no_memory),
    TEST(every_function_is_called_after_a_cancel_too),
    TEST(a_cancelled_waiter_cancels_the_group_and_waits_it_out),
    TEST(then_is_called_on_the_loop),
    TEST(a_member_may_add_members),
    TEST(the_loop_is_run_until_the_end_was_told),
    TEST(another_thread_changes_nothing),
    TEST(time_past_is_no_wait),
};

TEST_MAIN(tests)
