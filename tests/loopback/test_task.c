/* test_task.c - tasks: go, yield, sleep, join, cancel, post; on the private
 * loop. */
#include "main.h"

#include <pthread.h>
#include <simpleclient/stream.h>
#include <simpleclient/task.h>

static int order[16];
static int n_order;

static void note(void *arg)
{
    order[n_order++] = (int)(intptr_t)arg;
}

static void note_yield_note(void *arg)
{
    note(arg);
    assert_int_equal(sc_yield(), 0);
    note(arg);
}

static int fresh(void **state)
{
    (void)state;
    n_order = 0;
    memset(order, 0, sizeof order);
    return 0;
}

static void *number(int i)
{
    return (void *)(intptr_t)i;
}

static void tasks_take_turns_at_yield(void **state)
{
    (void)state;
    assert_true(sc_task_go(NULL, note_yield_note, number(1)) > 0);
    assert_true(sc_task_go(NULL, note_yield_note, number(2)) > 0);
    assert_int_equal(n_order, 0); /* they start at the loop's next turn */
    assert_int_equal(sc_run(), 0);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 2);
    assert_int_equal(order[2], 1);
    assert_int_equal(order[3], 2);
}

static void numbers_are_never_used_again(void **state)
{
    (void)state;
    int64_t a = sc_task_go(NULL, note, number(1)), b;

    sc_run();
    b = sc_task_go(NULL, note, number(1));
    sc_run();
    assert_true(b > a && a > 0);
}

static void join_of_an_ended_task_returns_at_once(void **state)
{
    (void)state;
    int64_t a = sc_task_go(NULL, note, number(1));

    assert_int_equal(sc_task_join(a), 0); /* pumps the private loop */
    assert_int_equal(n_order, 1);
    assert_int_equal(sc_task_join(a), 0);
    assert_int_equal(sc_task_cancel(a), 0);
    assert_int_equal(sc_task_join(a + 1000), SC_EINVAL);
    assert_int_equal(sc_task_join(0), SC_EINVAL);
    assert_int_equal(sc_task_join(-1), SC_EINVAL);
}

static void join_self(void *arg)
{
    *(int *)arg = sc_task_join(sc_task_self());
}

static void a_task_cannot_join_itself(void **state)
{
    (void)state;
    int rc = 1;

    sc_task_go(NULL, join_self, &rc);
    sc_run();
    assert_int_equal(rc, SC_EDEADLK);
}

struct joiner {
    int64_t target;
    int rc;
};

static void join_it(void *arg)
{
    struct joiner *j = arg;

    j->rc = sc_task_join(j->target);
    note(number(9));
}

static void several_may_join_one(void **state)
{
    (void)state;
    int64_t t = sc_task_go(NULL, note_yield_note, number(1));
    struct joiner a = {t, 1}, b = {t, 1};

    sc_task_go(NULL, join_it, &a);
    sc_task_go(NULL, join_it, &b);
    sc_run();
    assert_int_equal(a.rc, 0);
    assert_int_equal(b.rc, 0);
    assert_int_equal(n_order, 4);
    assert_int_equal(order[3], 9);
}

static void sleep_and_tell(void *arg)
{
    int64_t *took = arg, start = sc_now();

    took[1] = sc_sleep(took[0]);
    took[0] = sc_now() - start;
}

static void a_sleep_is_not_short_and_others_go_on(void **state)
{
    (void)state;
    int64_t a[2] = {40, 1}, b[2] = {10, 1};

    sc_task_go(NULL, sleep_and_tell, a);
    sc_task_go(NULL, sleep_and_tell, b);
    sc_task_go(NULL, note, number(1));
    sc_run();
    assert_true(a[0] >= 40 && a[0] < 5000 && a[1] == 0);
    assert_true(b[0] >= 10 && b[0] < 5000 && b[1] == 0);
    assert_int_equal(n_order, 1);
}

static void sleeps_outside_tasks_block(void **state)
{
    (void)state;
    int64_t start = sc_now();

    assert_int_equal(sc_sleep(15), 0);
    assert_true(sc_now() - start >= 15);
}

static void a_cancelled_task_gets_it_from_every_wait(void **state)
{
    (void)state;
    int64_t a[2] = {60000, 1}, b[2] = {60000, 1}, t;

    t = sc_task_go(NULL, sleep_and_tell, a);
    sc_yield(); /* it sleeps now */
    assert_int_equal(sc_task_cancel(t), 0);
    t = sc_task_go(NULL, sleep_and_tell, b); /* cancelled before it starts */
    assert_int_equal(sc_task_cancel(t), 0);
    sc_run();
    assert_int_equal(a[1], SC_ECANCELED);
    assert_int_equal(b[1], SC_ECANCELED);
}

static void use_yield_after_cancel(void *arg)
{
    int *rc = arg;

    sc_task_cancel(sc_task_self());
    rc[0] = sc_yield();
    rc[1] = sc_sleep(1);
}

static void a_task_may_cancel_itself(void **state)
{
    (void)state;
    int rc[2] = {1, 1};

    sc_task_go(NULL, use_yield_after_cancel, rc);
    sc_run();
    assert_int_equal(rc[0], SC_ECANCELED);
    assert_int_equal(rc[1], SC_ECANCELED);
}

static void run_inside(void *arg)
{
    *(int *)arg = sc_run();
}

static void re_entering_the_loop_is_refused(void **state)
{
    (void)state;
    int rc = 1;

    sc_task_go(NULL, run_inside, &rc);
    sc_run();
    assert_int_equal(rc, SC_EDEADLK);
}

static int sum(void *arg)
{
    return *(int *)arg + 1;
}

static void offload_it(void *arg)
{
    int *n = arg;

    *n = sc_offload(sum, n);
}

static void offloaded_work_gives_its_result_back(void **state)
{
    (void)state;
    int a = 41, b = 1;

    sc_task_go(NULL, offload_it, &a);
    assert_int_equal(sc_offload(sum, &b), 2); /* outside, tasks alive */
    sc_run();
    assert_int_equal(a, 42);
    b = 6;
    assert_int_equal(sc_offload(sum, &b), 7); /* outside, none alive */
}

static void a_cancel_does_not_cut_offloaded_work_short(void **state)
{
    (void)state;
    int a = 41;
    int64_t t = sc_task_go(NULL, offload_it, &a);

    sc_yield();
    sc_task_cancel(t);
    sc_run();
    assert_int_equal(a, 42);
}

struct post {
    uv_loop_t *loop;
    pthread_t on;
    int rc;
};

static void posted(void *arg)
{
    ((struct post *)arg)->on = pthread_self();
}

static void *post_from_a_thread(void *arg)
{
    struct post *p = arg;

    p->rc = sc_post(p->loop, posted, p);
    return NULL;
}

static void sleep_a_little(void *arg)
{
    struct post *p = arg;

    while (!p->on)
        sc_sleep(1);
}

static void another_thread_may_post(void **state)
{
    (void)state;
    struct post p = {.loop = sc_loop(), .rc = 1};
    pthread_t thread;

    pthread_create(&thread, NULL, post_from_a_thread, &p);
    sc_task_go(NULL, sleep_a_little, &p);
    sc_run();
    pthread_join(thread, NULL);
    assert_int_equal(p.rc, 0);
    assert_true(pthread_equal(p.on, pthread_self()));
}

static void *loop_of_a_thread(void *arg)
{
    (void)arg;
    return sc_loop(); /* freed with the thread */
}

static void a_loop_that_is_gone_is_told(void **state)
{
    (void)state;
    pthread_t thread;
    void *loop;

    pthread_create(&thread, NULL, loop_of_a_thread, NULL);
    pthread_join(thread, &loop);
    assert_non_null(loop);
    assert_int_equal(sc_post(loop, note, NULL), SC_ECLOSED);
    assert_int_equal(sc_task_go(loop, note, NULL), SC_ECLOSED);
}

static void *tasks_in_a_thread(void *arg)
{
    int64_t a[2] = {5, 1};

    for (int i = 0; i < 100; i++)
        sc_task_go(NULL, sleep_and_tell, a), a[0] = 1;
    *(int *)arg = sc_run();
    return NULL;
}

static void two_threads_have_a_runtime_each(void **state)
{
    (void)state;
    pthread_t t[2];
    int rc[2] = {1, 1};

    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, tasks_in_a_thread, &rc[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(rc[0], 0);
    assert_int_equal(rc[1], 0);
}

static void *leave_live_tasks(void *arg)
{
    static int64_t forever[2] = {60000, 1};

    sc_task_go(NULL, sleep_and_tell, forever);
    sc_yield();
    sc_task_go(NULL, note, number(1));
    *(int64_t **)arg = forever;
    return NULL;
}

static void a_thread_that_ends_cancels_its_tasks(void **state)
{
    (void)state;
    int64_t *left = NULL;
    pthread_t t;

    pthread_create(&t, NULL, leave_live_tasks, &left);
    pthread_join(t, NULL);
    assert_int_equal(left[1], SC_ECANCELED);
    assert_int_equal(n_order, 1); /* every task given is called */
}

static void count(void *arg)
{
    ++*(int *)arg;
    sc_sleep(1);
    ++*(int *)arg;
}

/* ThreadSanitizer counts each as a thread, and knows 8,128. */
extern void *__tsan_create_fiber(unsigned) __attribute__((weak));

static void ten_thousand_tasks_live_at_once(void **state)
{
    int n = 0, many = __tsan_create_fiber != NULL ? 5000 : 10000;

    (void)state;
    for (int i = 0; i < many; i++)
        assert_true(sc_task_go(NULL, count, &n) > 0);
    sc_run();
    assert_int_equal(n, 2 * many);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)
static const struct CMUnitTest tests[] = {
    TEST(tasks_take_turns_at_yield),
    TEST(numbers_are_never_used_again),
    TEST(join_of_an_ended_task_returns_at_once),
    TEST(a_task_cannot_join_itself),
    TEST(several_may_join_one),
    TEST(a_sleep_is_not_short_and_others_go_on),
    TEST(sleeps_outside_tasks_block),
    TEST(a_cancelled_task_gets_it_from_every_wait),
    TEST(a_task_may_cancel_itself),
    TEST(re_entering_the_loop_is_refused),
    TEST(offloaded_work_gives_its_result_back),
    TEST(a_cancel_does_not_cut_offloaded_work_short),
    TEST(another_thread_may_post),
    TEST(a_loop_that_is_gone_is_told),
    TEST(two_threads_have_a_runtime_each),
    TEST(a_thread_that_ends_cancels_its_tasks),
    TEST(ten_thousand_tasks_live_at_once),
};

TEST_MAIN(tests)
