/* test_stream_tasks.c - several tasks on one stream: who waits, who is sent
 * away, what a close or a cancel does to them; asked of every class. */
#include "main.h"

#include "stream_kinds.h"

static void stay(struct side *me)
{
    sc_task_join(me->talk->side[!me->number].task);
}

static void wait_for_input(void *arg)
{
    struct side *me = arg;

    me->waiting = true;
    me->result = get(me, 1);
    me->waiting = false;
}

static void wait_for_room(void *arg)
{
    struct side *me = arg;

    me->waiting = true;
    me->result = 0;
    while (me->result == 0)
        me->result = put(me, me->buf, BUFFER);
    me->waiting = false;
}

/* Start a helper and let it come as far as its wait. */
static int64_t start(struct side *me, void (*fn)(void *))
{
    int64_t task = sc_task_go(NULL, fn, me);

    while (!me->waiting)
        sc_yield();
    for (int i = 0; i < 1000; i++)
        sc_yield();
    return task;
}

static void close_under_a_reader(struct side *me)
{
    int64_t reader = start(me, wait_for_input);

    CHECK(me->waiting);
    sc_stream_close(me->s);
    me->s = NULL;
    CHECK(sc_task_join(reader) == 0);
    CHECK(me->result == SC_ECLOSED);
}

static void close_under_a_writer(struct side *me)
{
    int64_t writer = start(me, wait_for_room);

    CHECK(me->waiting);
    sc_stream_close(me->s);
    me->s = NULL;
    CHECK(sc_task_join(writer) == 0);
    CHECK(me->result == SC_ECLOSED);
}

static void a_close_wakes_who_waits(void **state)
{
    (void)state;
    for_all(close_under_a_reader, stay, TASKS);
    for_all(close_under_a_writer, stay, TASKS);
}

static void be_second(struct side *me)
{
    struct sc_wait own = {sc_now() + PATIENCE_MS, NULL};
    int64_t task = start(me, wait_for_input);
    char c;

    CHECK(sc_stream_read(me->s, &c, 1, &own) == SC_EBUSY);
    CHECK(me->waiting);
    CHECK(sc_task_cancel(task) == 0);
    CHECK(sc_task_join(task) == 0);
    CHECK(me->result == SC_ECANCELED);
    task = start(me, wait_for_room);
    CHECK(sc_stream_write(me->s, &c, 1, &own) == SC_EBUSY);
    CHECK(me->waiting);
    CHECK(sc_task_cancel(task) == 0);
    CHECK(sc_task_join(task) == 0);
    CHECK(me->result == SC_ECANCELED);
    CHECK(sc_stream_write(me->s, "x", 1, &own) < 0);
}

static void the_second_in_a_direction_is_sent_away(void **state)
{
    (void)state;
    for_all(be_second, stay, TASKS);
}

static void cancel_and_read_on(struct side *me)
{
    int64_t reader = start(me, wait_for_input);

    CHECK(sc_task_cancel(reader) == 0);
    CHECK(sc_task_join(reader) == 0);
    CHECK(me->result == SC_ECANCELED);
    CHECK(put(me, "go", 2) == 0);
    CHECK(get(me, 1) == 1);
    CHECK(put(me, "go", 2) == 0);
    CHECK(get(me, 1) == 1);
}

static void a_cancelled_read_loses_nothing(void **state)
{
    (void)state;
    for_all(cancel_and_read_on, answer_when_told, TASKS);
}

static void write_too_long(struct side *me)
{
    int64_t begin = sc_now(), late;
    int rc = 0;

    within(me, 60);
    fill(me->buf, 0, BUFFER);
    while (rc == 0 && sc_now() - begin < 5000)
        rc = sc_stream_write(me->s, me->buf, BUFFER, &me->w);
    late = sc_now() - begin;
    CHECK(rc == SC_ETIMEDOUT);
    CHECK(late >= 60 && late < 5000);
    CHECK(put(me, "x", 1) < 0);
}

static void a_write_that_times_out_breaks_the_stream(void **state)
{
    (void)state;
    for_all(write_too_long, stay, TASKS);
}

static void write_on_the_side(void *arg)
{
    struct side *me = arg;
    struct sc_wait own = {sc_now() + PATIENCE_MS, NULL};
    char *p = malloc(50021);

    me->result = p == NULL ? SC_ENOMEM : 0;
    for (size_t done = 0; me->result == 0 && done < 50021 * 20; done += 50021) {
        fill(p, done, 50021);
        me->result = sc_stream_write(me->s, p, 50021, &own);
    }
    free(p);
    if (me->result == 0)
        me->result = sc_stream_shutdown(me->s, &own);
}

static void speak_and_listen(struct side *me)
{
    int64_t writer = sc_task_go(NULL, write_on_the_side, me);
    size_t done = 0;
    ssize_t n;

    while ((n = get(me, 30011)) > 0) {
        bool good = holds(me->buf, done, (size_t)n);

        done += (size_t)n;
        if (!good)
            break;
    }
    sc_task_join(writer);
    CHECK(n == 0);
    CHECK(me->result == 0);
    CHECK(done == 50021 * 20);
}

static void both_ways_at_once(void **state)
{
    (void)state;
    for_all(speak_and_listen, speak_and_listen, TASKS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_close_wakes_who_waits),
    cmocka_unit_test(the_second_in_a_direction_is_sent_away),
    cmocka_unit_test(a_cancelled_read_loses_nothing),
    cmocka_unit_test(a_write_that_times_out_breaks_the_stream),
    cmocka_unit_test(both_ways_at_once),
};

TEST_MAIN_WITH(tests, set_up, tear_down)
