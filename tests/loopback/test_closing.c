/* test_closing.c - a client that ends while a task is inside it: the task is
 * told, and may close it once more. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/task.h>

static int said;

static int bye_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

/* Once, when the object goes. */
static void bye_cleanup(SimpleClient *c)
{
    (void)c;
    said++;
}

static const struct client_class bye_class = {
    .name = "bye",
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = bye_quit,
    .cleanup = bye_cleanup,
};

static SimpleClient *client;
static int first, text;

static void close_it(void *arg)
{
    (void)arg;
    first = sc_close(client); /* nobody answers its QUIT */
}

static void detach_it(void *arg)
{
    static struct sc_answer a;

    (void)arg;
    sc_writeline(client, "NOOP");
    sc_await(client, &a); /* nobody answers */
    first = sc_detach(client) != NULL ? -1 : 0;
}

static void ask_and_close(void *arg)
{
    struct sc_span line;

    (void)arg;
    first = sc_readline(client, &line);
    text = sc_last_error(client)->code;
    sc_close(client);
    sc_drop(client);
}

static void drop_it(void *arg)
{
    (void)arg;
    sc_drop(client);
}

static void close_it_too(void *arg)
{
    (void)arg;
    assert_int_equal(sc_close(client), 0);
}

/* INSIDE waits in the client while OTHER ends it. */
static void check(void (*inside)(void *), void (*other)(void *), int want)
{
    Stream *both[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    client = sc_attach(&bye_class, both[0], NULL);
    said = 0;
    first = 1;
    sc_task_go(NULL, inside, NULL);
    sc_yield();
    sc_task_go(NULL, other, NULL);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(first, want);
    assert_int_equal(said, 1);
    sc_stream_close(both[1]);
}

static void dropped_while_it_is_closed(void **state)
{
    (void)state;
    check(close_it, drop_it, SC_ECLOSED);
}

static void closed_while_it_is_closed(void **state)
{
    (void)state;
    check(close_it, close_it_too, SC_ECLOSED);
}

static void dropped_while_it_is_detached(void **state)
{
    (void)state;
    check(detach_it, drop_it, 0);
}

static void whoever_waits_may_close_it_again(void **state)
{
    (void)state;
    check(ask_and_close, drop_it, SC_ECLOSED);
    assert_int_equal(text, SC_ECLOSED);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(dropped_while_it_is_closed),
    cmocka_unit_test(closed_while_it_is_closed),
    cmocka_unit_test(dropped_while_it_is_detached),
    cmocka_unit_test(whoever_waits_may_close_it_again),
};

TEST_MAIN(tests)
