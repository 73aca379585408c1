/* test_loop.c - the caller's loop: attached, run by its owner, detached. */
#include "main.h"

#include <fcntl.h>
#include <simpleclient/class.h>
#include <simpleclient/stream.h>
#include <simpleclient/task.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "client/pool.h"

static int attach(void **state)
{
    static uv_loop_t loop;

    uv_loop_init(&loop);
    *state = &loop;
    return sc_loop_attach(&loop);
}

static int detach(void **state)
{
    uv_loop_t *loop = *state;

    sc_loop_detach(loop);
    uv_run(loop, UV_RUN_NOWAIT);
    assert_int_equal(uv_loop_close(loop), 0); /* no handle is left */
    return 0;
}

static void add_one(void *arg)
{
    sc_sleep(1);
    ++*(int *)arg;
}

static void the_owner_runs_it_and_it_ends_with_the_tasks(void **state)
{
    uv_loop_t *loop = *state;
    int n = 0;

    for (int i = 0; i < 50; i++)
        assert_true(sc_task_go(loop, add_one, &n) > 0);
    assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(n, 50);
}

static void a_loop_is_attached_once(void **state)
{
    uv_loop_t other;

    assert_int_equal(sc_loop_attach(*state), SC_EBUSY);
    uv_loop_init(&other);
    assert_int_equal(sc_loop_attach(&other), SC_EBUSY);
    assert_int_equal(sc_loop_detach(&other), SC_EWRONGLOOP);
    uv_loop_close(&other);
    assert_int_equal(sc_loop_attach(NULL), SC_EINVAL);
}

static void waiting_outside_tasks_never_runs_the_callers_loop(void **state)
{
    uv_loop_t *loop = *state;
    int n = 0;
    int64_t t = sc_task_go(loop, add_one, &n);
    struct sc_group *g = sc_group_new(loop, 1);

    sc_group_go(g, add_one, &n);
    assert_int_equal(sc_task_join(t), SC_EDEADLK);
    assert_int_equal(sc_group_wait(g), SC_EDEADLK);
    assert_int_equal(sc_sleep(5), 0); /* blocks: nothing runs meanwhile */
    assert_int_equal(n, 0);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(n, 2);
    assert_int_equal(sc_group_wait(g), 0); /* it has ended, and was ours */
}

static void sleep_long(void *arg)
{
    *(int *)arg = sc_sleep(60000);
}

static void detaching_cancels_its_tasks_and_needs_no_turn(void **state)
{
    uv_loop_t *loop = *state;
    int rc[2] = {1, 1};

    sc_task_go(loop, sleep_long, &rc[0]);
    uv_run(loop, UV_RUN_NOWAIT);
    sc_task_go(loop, sleep_long, &rc[1]); /* has not begun */
    assert_int_equal(sc_loop_detach(loop), 0);
    assert_int_equal(rc[0], SC_ECANCELED);
    assert_int_equal(rc[1], SC_ECANCELED);
    assert_int_equal(sc_task_go(loop, sleep_long, NULL), SC_ECLOSED);
    assert_int_equal(sc_loop_detach(loop), SC_EWRONGLOOP);
}

static void detach_inside(void *arg)
{
    uv_loop_t *loop = sc_loop();

    *(int *)arg = sc_loop_detach(loop);
}

static void a_task_cannot_detach_its_own_loop(void **state)
{
    int rc = 1;

    sc_task_go(*state, detach_inside, &rc);
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(rc, SC_EDEADLK);
}

static int offloaded(void *arg)
{
    char byte;

    /* Until the other side is closed. */
    return read(*(int *)arg, &byte, 1) == 0 ? 7 : 8;
}

struct work {
    int fd;
    int rc;
};

static void offload_it(void *arg)
{
    struct work *w = arg;

    w->rc = sc_offload(offloaded, &w->fd);
}

static void detaching_waits_for_offloaded_work(void **state)
{
    uv_loop_t *loop = *state;
    int fd[2];
    struct work w = {0, 1};

    assert_int_equal(pipe(fd), 0);
    w.fd = fd[0];
    sc_task_go(loop, offload_it, &w);
    uv_run(loop, UV_RUN_NOWAIT);
    close(fd[1]);
    assert_int_equal(sc_loop_detach(loop), 0);
    assert_int_equal(w.rc, 7);
    close(fd[0]);
    uv_run(loop, UV_RUN_DEFAULT); /* libuv's own end of the work */
}

static void open_pair(void *arg)
{
    assert_int_equal(sc_stream_pair(arg, NULL), 0);
    /* Make them known to the loop. */
    struct sc_wait w = {sc_now() + 1, NULL};
    char byte;
    sc_stream_read(((Stream **)arg)[0], &byte, 1, &w);
}

static void idle_streams_do_not_keep_the_loop_alive(void **state)
{
    Stream *pair[2];
    char byte;

    sc_task_go(*state, open_pair, pair);
    assert_int_equal(uv_run(*state, UV_RUN_DEFAULT), 0);
    assert_int_equal(sc_stream_read(pair[0], &byte, 1, NULL), SC_EWRONGLOOP);
    assert_int_equal(sc_loop_detach(*state), 0); /* closes them */
    assert_int_equal(sc_stream_read(pair[0], &byte, 1, NULL), SC_ECLOSED);
    sc_stream_close(pair[0]);
    sc_stream_close(pair[1]);
}

static int then_rc;
static void detach_then(void *arg, int rc)
{
    then_rc = rc;
    assert_int_equal(sc_loop_detach(arg), 0);
}

static void a_then_callback_may_detach(void **state)
{
    struct sc_group *g = sc_group_new(*state, 0);
    int n = 0;

    then_rc = 1;
    sc_group_go(g, add_one, &n);
    sc_group_then(g, detach_then, *state);
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(then_rc, 0);
    assert_int_equal(n, 1);
}

/* A blocking call inside an application's callback works; it stalls that
 * loop, and reaches what another thread or the kernel answers. */
static void block_in_callback(uv_timer_t *t)
{
    Stream *pair[2];
    char byte = 0;
    struct sc_wait w = {sc_now() + 20, NULL};

    assert_int_equal(sc_stream_pair(pair, NULL), 0);
    assert_int_equal(sc_stream_write(pair[0], "x", 1, NULL), 0);
    assert_int_equal(sc_stream_read(pair[1], &byte, 1, NULL), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(sc_stream_read(pair[1], &byte, 1, &w), SC_ETIMEDOUT);
    sc_stream_close(pair[0]);
    sc_stream_close(pair[1]);
    *(int *)t->data = 1;
    uv_close((uv_handle_t *)t, NULL);
}

static void a_callback_may_call_what_blocks(void **state)
{
    uv_timer_t t;
    int done = 0, n = 0;

    uv_timer_init(*state, &t);
    t.data = &done;
    uv_timer_start(&t, block_in_callback, 1, 0);
    sc_task_go(*state, add_one, &n);
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(done, 1);
    assert_int_equal(n, 1);
}

static void a_forked_child_is_told(void **state)
{
    Stream *pair[2];
    int status;
    pid_t child;

    assert_int_equal(sc_stream_pair(pair, NULL), 0);
    child = fork();
    if (child == 0) {
        char byte;
        int bad = sc_stream_read(pair[0], &byte, 1, NULL) != SC_EFORK;
        int n = 0;
        if (sc_task_go(NULL, add_one, &n) < 0 || sc_run() != 0 || n != 1)
            bad = 2;
        if (sc_task_go(*state, add_one, &n) != SC_EFORK ||
            sc_loop_detach(*state) != SC_EFORK)
            bad = 3;
        _exit(bad);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(sc_stream_write(pair[0], "x", 1, NULL), 0);
    sc_stream_close(pair[0]);
    sc_stream_close(pair[1]);
}

static void sleep_and_count(void *arg)
{
    if (sc_sleep(60000) == SC_ECANCELED)
        ++*(int *)arg;
}

static void note_then(void *arg, int rc)
{
    (void)rc;
    ++*(int *)arg;
}

static void detaching_ends_what_stood_in_line_too(void **state)
{
    struct sc_group *g = sc_group_new(*state, 1);
    int ended = 0, told = 0;

    for (int i = 0; i < 3; i++)
        assert_int_equal(sc_group_go(g, sleep_and_count, &ended), 0);
    assert_int_equal(sc_group_then(g, note_then, &told), 0);
    uv_run(*state, UV_RUN_NOWAIT);
    assert_int_equal(sc_loop_detach(*state), 0);
    assert_int_equal(ended, 3);
    assert_int_equal(told, 1);
}

static uv_loop_t *posted_to;
static void wait_for_group(void *arg)
{
    struct sc_group **g = arg;

    if (sc_group_wait(*g) == SC_ECANCELED)
        *g = NULL;
}

static void detaching_waits_for_a_group_of_the_private_loop(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int n = 0;

    assert_int_equal(sc_group_go(g, sleep_and_count, &n), 0);
    assert_true(sc_task_go(*state, wait_for_group, &g) > 0);
    uv_run(*state, UV_RUN_NOWAIT);
    assert_int_equal(sc_loop_detach(*state), 0);
    assert_null(g);
    assert_int_equal(n, 1);
}

static void go_posted(void *arg)
{
    assert_true(sc_task_go(posted_to, sleep_and_count, arg) > 0);
}

static void detaching_ends_what_was_posted_too(void **state)
{
    int ended = 0;

    posted_to = *state;
    assert_int_equal(sc_post(*state, go_posted, &ended), 0);
    assert_int_equal(sc_loop_detach(*state), 0);
    assert_int_equal(ended, 1);
}

static int cleaned;
static void clean(SimpleClient *c)
{
    (void)c;
    cleaned++;
}

static const struct client_class counted_class = {
    .name = "counted",
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = clean,
};

static void open_for_the_pool(void *arg)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    SimpleClient *c = sc_open(&counted_class, sc_listener_name(l), 0, NULL);

    assert_int_equal(sc_broken(c), 0);
    *(Stream **)arg = sc_accept(l, 1000, NULL);
    sc_listener_close(l);
    sc_pool_give(c);
}

static void detaching_frees_idle_connections(void **state)
{
    Stream *peer = NULL;

    cleaned = 0;
    sc_task_go(*state, open_for_the_pool, &peer);
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(cleaned, 0);
    assert_int_equal(sc_loop_detach(*state), 0);
    assert_int_equal(cleaned, 1);
    sc_stream_close(peer);
}

static void attach_client(void *arg)
{
    Stream *both[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    sc_stream_close(both[1]);
    *(SimpleClient **)arg = sc_attach(&counted_class, both[0], NULL);
}

static void a_client_may_be_dropped_outside_tasks(void **state)
{
    SimpleClient *c = NULL;

    cleaned = 0;
    sc_task_go(*state, attach_client, &c);
    uv_run(*state, UV_RUN_DEFAULT);
    sc_drop(c);
    assert_int_equal(cleaned, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, attach, detach)
static const struct CMUnitTest tests[] = {
    TEST(the_owner_runs_it_and_it_ends_with_the_tasks),
    TEST(a_loop_is_attached_once),
    TEST(waiting_outside_tasks_never_runs_the_callers_loop),
    TEST(detaching_cancels_its_tasks_and_needs_no_turn),
    TEST(a_task_cannot_detach_its_own_loop),
    TEST(detaching_waits_for_offloaded_work),
    TEST(idle_streams_do_not_keep_the_loop_alive),
    TEST(a_then_callback_may_detach),
    TEST(a_callback_may_call_what_blocks),
    TEST(a_forked_child_is_told),
    TEST(detaching_ends_what_stood_in_line_too),
    TEST(detaching_waits_for_a_group_of_the_private_loop),
    TEST(detaching_ends_what_was_posted_too),
    TEST(detaching_frees_idle_connections),
    TEST(a_client_may_be_dropped_outside_tasks),
};

TEST_MAIN(tests)
