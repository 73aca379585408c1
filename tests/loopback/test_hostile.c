/* test_hostile.c - hostile peers against a plain client: silence, a drip, no
 * end of a line, a cut. Each ends in time, says who and what, and leaves the
 * client broken; blocking, with the peer's task pumped by the waiting call. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/client.h>
#include <simpleclient/task.h>

struct peer {
    struct sc_listener *l;
    void (*play)(Stream *s);
    Stream *s;
};

static void serve(void *arg)
{
    struct peer *p = arg;

    if ((p->s = sc_accept(p->l, 5000, NULL)) != NULL)
        p->play(p->s);
    sc_stream_close(p->s);
}

static void silent(Stream *s)
{
    char byte;

    sc_stream_read(s, &byte, 1, NULL); /* until the client has gone */
}

static void drip(Stream *s)
{
    while (sc_stream_write(s, "x", 1, NULL) == 0 && sc_sleep(10) == 0)
        ;
}

static void endless(Stream *s)
{
    static char block[4096];

    memset(block, 'x', sizeof block);
    while (sc_stream_write(s, block, sizeof block, NULL) == 0)
        ;
}

static void cut(Stream *s)
{
    sc_stream_write(s, "+OK and th", 10, NULL);
}

static void dotless(Stream *s)
{
    while (sc_stream_write(s, "line\r\n", 6, NULL) == 0)
        ;
}

static SimpleClient *client_of(struct peer *p, const struct sc_options *o)
{
    p->l = sc_listen("127.0.0.1:0", NULL);
    assert_non_null(p->l);
    assert_true(sc_task_go(NULL, serve, p) > 0);
    return sc_connect(sc_listener_name(p->l), 0, o);
}

static void end(struct peer *p, SimpleClient *c)
{
    sc_close(c);
    sc_run();
    sc_listener_close(p->l);
}

/* A line is asked for: CODE, not before MS, and again CODE at once. */
static void line_ends(void (*play)(Stream *), int code, int64_t ms)
{
    struct sc_options o = {.wait_ms = 150};
    struct peer p = {.play = play};
    SimpleClient *c = client_of(&p, &o);
    int64_t start = sc_now();
    struct sc_span line;

    assert_int_equal(sc_readline(c, &line), code);
    assert_true(sc_now() - start >= ms);
    assert_true(sc_now() - start < 5000);
    assert_non_null(strstr(sc_last_error(c)->text, sc_listener_name(p.l)));
    assert_int_equal(sc_readline(c, &line), code);
    assert_int_equal(sc_writeline(c, "more"), code);
    end(&p, c);
}

static void silence_ends_at_the_deadline(void **state)
{
    (void)state;
    line_ends(silent, SC_ETIMEDOUT, 150);
}

static void a_drip_does_not_extend_a_lines_deadline(void **state)
{
    (void)state;
    line_ends(drip, SC_ETIMEDOUT, 150);
}

static void a_line_without_end_meets_its_limit(void **state)
{
    (void)state;
    line_ends(endless, SC_ETOOBIG, 0);
}

static void a_cut_line_is_no_line(void **state)
{
    (void)state;
    line_ends(cut, SC_ESHORT, 0);
}

static void a_dot_block_without_end_meets_its_limit(void **state)
{
    struct peer p = {.play = dotless};
    SimpleClient *c = client_of(&p, NULL);
    struct sc_buf box = SC_BUF(100000);

    (void)state;
    assert_int_equal(sc_read_dot(c, &box), SC_ETOOBIG);
    assert_true(box.len <= 100000);
    assert_int_equal(sc_read_dot(c, &box), SC_ETOOBIG);
    sc_buf_free(&box);
    end(&p, c);
}

static void an_overall_deadline_ends_even_a_lively_block(void **state)
{
    struct peer p = {.play = dotless};
    SimpleClient *c = client_of(&p, NULL);
    int64_t start = sc_now();

    (void)state;
    sc_deadline(c, 100);
    assert_int_equal(sc_read_dot_to(c, sc_null_sink, NULL), SC_ETIMEDOUT);
    assert_true(sc_now() - start >= 100 && sc_now() - start < 5000);
    end(&p, c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(silence_ends_at_the_deadline),
    cmocka_unit_test(a_drip_does_not_extend_a_lines_deadline),
    cmocka_unit_test(a_line_without_end_meets_its_limit),
    cmocka_unit_test(a_cut_line_is_no_line),
    cmocka_unit_test(a_dot_block_without_end_meets_its_limit),
    cmocka_unit_test(an_overall_deadline_ends_even_a_lively_block),
};

TEST_MAIN(tests)
