/* test_pipeline.c - commands in flight: where each reply goes, what a refused
 * line or a broken connection does to them, and that nobody deadlocks. */
#include "talk.h"

#include <stdlib.h>

#include <simpleclient/task.h>

static void window_one_is_a_plain_dialogue(void **state)
{
    struct talk t = talk_to("C: A\nS: 250 a\nC: B\nS: 550 b\n", 0);
    struct sc_answer a, b;

    (void)state;
    sc_writeline(t.c, "A");
    assert_int_equal(sc_await(t.c, &a), 0);
    sc_writeline(t.c, "B");
    assert_int_equal(sc_await(t.c, &b), 0);
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_int_equal(a.code, 250);
    assert_int_equal(b.code, 550);
    assert_string_equal(b.text, "b");
    assert_int_equal(b.rc, 0);
    assert_int_equal(b.sent, 1);
    talk_over(t);
}

static void answers_come_in_order_with_a_refusal_in_the_middle(void **state)
{
    struct sc_answer a[3];

    (void)state;
    for (size_t split = 0; split < 20; split++) {
        struct talk t = talk_to("C: A\nC: B\nC: C\nS: 250-x\nS: 250 a\n"
                                "S: 550 b\nS: 354 c\n",
                                split);

        sc_window(t.c, 10);
        for (int i = 0; i < 3; i++) {
            sc_writeline(t.c, "%c", 'A' + i);
            assert_int_equal(sc_await(t.c, &a[i]), 0);
        }
        assert_int_equal(sc_answered(t.c, NULL), 0);
        assert_int_equal(a[0].code, 250);
        assert_string_equal(a[0].text, "a");
        assert_int_equal(a[1].code, 550);
        assert_int_equal(a[2].code, 354);
        talk_over(t);
    }
}

static void a_full_window_waits_until_half_is_free(void **state)
{
    struct talk t = talk_to("C: 0\nC: 1\nC: 2\nC: 3\nS: 200 0\nS: 200 1\n"
                            "S: 200 2\nS: 200 3\nC: 4\nS: 200 4\n",
                            0);
    struct sc_answer a[5];

    (void)state;
    sc_window(t.c, 4);
    for (int i = 0; i < 4; i++) {
        sc_writeline(t.c, "%d", i);
        assert_int_equal(sc_await(t.c, &a[i]), 0);
    }
    assert_int_equal(a[0].code, 200);
    assert_int_equal(a[1].code, 200);
    assert_int_equal(a[2].code, 0);
    sc_writeline(t.c, "4");
    assert_int_equal(sc_await(t.c, &a[4]), 0);
    assert_int_equal(sc_answered(t.c, &a[3]), 0);
    assert_int_equal(a[3].code, 200);
    assert_int_equal(a[4].code, 0);
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_int_equal(a[4].code, 200);
    talk_over(t);
}

/* As with LMTP, which answers a text once for each recipient. */
static void each_answer_to_one_command_is_waited_for(void **state)
{
    struct talk t = talk_to("C: A\nC: B\nS: 200 0\nS: 201 1\nS: 202 2\n"
                            "S: 203 3\nC: C\nS: 204 4\n",
                            0);
    struct sc_answer a[5];

    (void)state;
    sc_window(t.c, 10);
    sc_writeline(t.c, "A");
    sc_await(t.c, &a[0]);
    sc_writeline(t.c, "B");
    for (int i = 1; i < 4; i++)
        sc_await(t.c, &a[i]);
    assert_int_equal(sc_answered(t.c, &a[2]), 0);
    assert_int_equal(a[2].code, 202);
    assert_int_equal(a[3].code, 0);
    assert_int_equal(sc_answered(t.c, &a[1]), 0); /* there already */
    assert_int_equal(a[3].code, 0);
    sc_writeline(t.c, "C");
    sc_await(t.c, &a[4]);
    assert_int_equal(sc_answered(t.c, &a[3]), 0);
    assert_int_equal(a[3].code, 203);
    assert_int_equal(a[4].code, 0);
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_int_equal(a[4].code, 204);
    talk_over(t);
}

static void a_dot_block_follows_a_success_only(void **state)
{
    struct talk t = talk_to("C: A\nC: B\nC: C\nS: 220 a\nS: text\nS: .\n"
                            "S: 430 b\nS: 220 c\nS: more\nS: .\n",
                            3);
    struct sc_buf got = SC_BUF(100);
    struct sc_answer a[3];

    (void)state;
    sc_window(t.c, 10);
    for (int i = 0; i < 3; i++) {
        sc_writeline(t.c, "%c", 'A' + i);
        sc_await_dot(t.c, &a[i], sc_buf_sink, &got);
    }
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_string_equal(got.data, "text\r\nmore\r\n");
    assert_int_equal(a[1].code, 430);
    sc_buf_free(&got);
    talk_over(t);
}

static void a_refused_line_drops_only_what_is_unsent(void **state)
{
    struct talk t = talk_to("C: A\nS: 250 a\nC: D\nS: 250 d\n", 0);
    struct sc_answer a, b, c, d;

    (void)state;
    sc_window(t.c, 10);
    sc_writeline(t.c, "A");
    sc_await(t.c, &a);
    assert_int_equal(sc_flush(t.c), 0);
    sc_writeline(t.c, "B");
    sc_await(t.c, &b);
    assert_int_equal(sc_writeline(t.c, "C\nX"), SC_ELINE);
    assert_int_equal(sc_await(t.c, &c), 0);
    assert_int_equal(sc_answered(t.c, NULL), SC_ELINE);
    assert_int_equal(a.code, 250);
    assert_int_equal(a.sent, 1);
    assert_int_equal(b.rc, SC_ELINE);
    assert_int_equal(b.sent, 0);
    assert_int_equal(c.rc, SC_ELINE);
    assert_int_equal(sc_broken(t.c), 0);
    sc_writeline(t.c, "D");
    sc_await(t.c, &d);
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_int_equal(d.code, 250);
    talk_over(t);
}

static void breaking_settles_all(void **state)
{
    struct talk t = talk_to("C: A\nC: B\nC: C\nS: 250 a\nS.\n", 0);
    struct sc_answer a[3], late;

    (void)state;
    sc_window(t.c, 10);
    for (int i = 0; i < 3; i++) {
        sc_writeline(t.c, "%c", 'A' + i);
        sc_await(t.c, &a[i]);
    }
    assert_int_equal(sc_answered(t.c, NULL), SC_EOF);
    assert_int_equal(a[0].rc, 0);
    assert_int_equal(a[1].rc, SC_EOF);
    assert_int_equal(a[1].sent, 1);
    assert_int_equal(a[2].rc, SC_EOF);
    assert_int_equal(sc_await(t.c, &late), SC_EOF);
    assert_int_equal(late.rc, SC_EOF);
    assert_int_equal(late.sent, 0);
    sc_close(t.c);
}

static void a_readline_first_waits_for_all_answers(void **state)
{
    struct talk t = talk_to("C: A\nS: 250 a\nS: plain\n", 0);
    struct sc_answer a;
    struct sc_span line;

    (void)state;
    sc_window(t.c, 10);
    sc_writeline(t.c, "A");
    sc_await(t.c, &a);
    assert_int_equal(sc_readline(t.c, &line), 0);
    assert_span(line, "plain");
    assert_int_equal(a.code, 250);
    talk_over(t);
}

/* --- two full buffers --- */

enum { COMMANDS = 3000 };
static char pad[900];

/* Answers each line with a long one before it reads the next. */
static void echo_server(void *arg)
{
    SimpleClient *s = arg;
    struct sc_span line;

    while (sc_readline(s, &line) == 0)
        if (sc_writeline(s, "250 %s", pad) < 0 || sc_flush(s) < 0)
            break;
    sc_drop(s);
}

static void ask_much(void *arg)
{
    struct sc_answer *a = calloc(COMMANDS, sizeof *a);
    SimpleClient *c = arg;

    sc_window(c, COMMANDS + 1);
    for (int i = 0; i < COMMANDS; i++) {
        sc_writeline(c, "X %s", pad);
        assert_int_equal(sc_await(c, &a[i]), 0);
    }
    assert_int_equal(sc_answered(c, NULL), 0);
    for (int i = 0; i < COMMANDS; i++)
        assert_int_equal(a[i].code, 250);
    free(a);
    assert_int_equal(sc_close(c), 0);
}

static void full_buffers_do_not_deadlock(void **state)
{
    Stream *both[2];

    (void)state;
    memset(pad, 'x', sizeof pad - 1);
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    sc_task_go(NULL, echo_server, sc_attach(&sc_simple_class, both[0], NULL));
    ask_much(sc_attach(&sc_simple_class, both[1], NULL));
    assert_int_equal(sc_run(), 0);
}

static void full_buffers_do_not_deadlock_in_tasks(void **state)
{
    Stream *both[2];

    (void)state;
    memset(pad, 'x', sizeof pad - 1);
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    sc_task_go(NULL, echo_server, sc_attach(&sc_simple_class, both[0], NULL));
    sc_task_go(NULL, ask_much, sc_attach(&sc_simple_class, both[1], NULL));
    assert_int_equal(sc_run(), 0);
}

static void a_block_without_a_sink_is_thrown_away(void **state)
{
    struct talk t = talk_to("C: A\nC: B\nS: 220 ok\nS: line\nS: .\n"
                            "S: 250 two\n",
                            0);
    struct sc_answer a, b;

    (void)state;
    sc_window(t.c, 10);
    sc_writeline(t.c, "A");
    assert_int_equal(sc_await_dot(t.c, &a, NULL, NULL), 0);
    sc_writeline(t.c, "B");
    assert_int_equal(sc_await(t.c, &b), 0);
    assert_int_equal(sc_answered(t.c, NULL), 0);
    assert_int_equal(a.code, 220);
    assert_int_equal(b.code, 250);
    talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(window_one_is_a_plain_dialogue),
    cmocka_unit_test(answers_come_in_order_with_a_refusal_in_the_middle),
    cmocka_unit_test(a_full_window_waits_until_half_is_free),
    cmocka_unit_test(each_answer_to_one_command_is_waited_for),
    cmocka_unit_test(a_dot_block_follows_a_success_only),
    cmocka_unit_test(a_refused_line_drops_only_what_is_unsent),
    cmocka_unit_test(breaking_settles_all),
    cmocka_unit_test(a_readline_first_waits_for_all_answers),
    cmocka_unit_test(full_buffers_do_not_deadlock),
    cmocka_unit_test(full_buffers_do_not_deadlock_in_tasks),
    cmocka_unit_test(a_block_without_a_sink_is_thrown_away),
};

TEST_MAIN(tests)
