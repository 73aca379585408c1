/* test_reply.c - replies of one and many lines, and comparing them. */
#include "talk.h"

enum { SPLITS = 30 };

static void a_reply_of_one_line_is_code_and_text(void **state)
{
    struct sc_reply r;

    (void)state;
    for (size_t split = 0; split < 10; split++) {
        struct talk t = talk_to("S: 220 ready\nS: 250\nS: 250 \n", split);

        assert_int_equal(sc_reply(t.c, &r), 0);
        assert_int_equal(r.code, 220);
        assert_int_equal(r.lines, 1);
        assert_span(r.text, "ready");
        assert_span(r.all, "ready");
        assert_int_equal(sc_reply(t.c, &r), 0);
        assert_span(r.text, "");
        assert_int_equal(sc_reply(t.c, &r), 0);
        assert_span(r.text, "");
        talk_over(t);
    }
}

/* RFC 5321 section 4.3.2's example of EHLO, shortened. */
static void a_reply_of_many_lines_is_gathered(void **state)
{
    struct sc_reply r;

    (void)state;
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_to("S: 250-foo.com greets\nS: 250-8BITMIME\n"
                                "S: 250-\nS: 250 HELP\n",
                                split);

        assert_int_equal(sc_reply(t.c, &r), 0);
        assert_int_equal(r.code, 250);
        assert_int_equal(r.lines, 4);
        assert_span(r.all, "foo.com greets\n8BITMIME\n\nHELP");
        assert_span(r.text, "HELP");
        talk_over(t);
    }
}

static void check_no_reply(const char *script)
{
    struct talk t = talk_to(script, 0);
    struct sc_reply r;

    assert_int_equal(sc_reply(t.c, &r), SC_EPROTO);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    assert_non_null(strstr(sc_last_error(t.c)->text, "not a reply: "));
    sc_close(t.c);
}

static void what_is_no_reply_breaks(void **state)
{
    (void)state;
    check_no_reply("S: hello\n");
    check_no_reply("S:\n");
    check_no_reply("S: 25\n");
    check_no_reply("S: 2500 x\n");
    check_no_reply("S: 650 x\n");
    check_no_reply("S: 250-a\nS: 251 b\n");
    check_no_reply("S: 250-a\nS: b\n");
}

static void expect_compares_one_two_or_three_digits(void **state)
{
    struct talk t = talk_to("S: 220 a\nS: 221 b\nS: 250 c\n", 0);
    struct sc_span text;

    (void)state;
    assert_int_equal(sc_expect(t.c, 220, &text), 220);
    assert_span(text, "a");
    assert_int_equal(sc_expect(t.c, 22, NULL), 221);
    assert_int_equal(sc_expect(t.c, 2, NULL), 250);
    talk_over(t);
}

static void a_refusal_leaves_the_client_in_order(void **state)
{
    struct talk t =
        talk_to("C: RETR 7\nS: 550 no\\x07such\nC: NOOP\nS: 250\n", 0);

    (void)state;
    sc_script_done(t.s, NULL);
    sc_writeline(t.c, "RETR %d", 7);
    assert_int_equal(sc_expect(t.c, 2, NULL), SC_EREPLY);
    assert_int_equal(sc_last_error(t.c)->status, 550);
    assert_non_null(strstr(sc_last_error(t.c)->text, "RETR 7: 550 no"));
    assert_int_equal(sc_broken(t.c), 0);
    sc_writeline(t.c, "NOOP");
    assert_int_equal(sc_expect(t.c, 250, NULL), 250);
    talk_over(t);
}

static void an_unexpected_success_breaks(void **state)
{
    struct talk t = talk_to("S: 354 go\n", 0);

    (void)state;
    assert_int_equal(sc_expect(t.c, 2, NULL), SC_EPROTO);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    sc_close(t.c);
}

static void a_reply_of_too_many_lines_or_bytes_breaks(void **state)
{
    struct sc_options lines = {.reply_lines = 2}, bytes = {.reply_limit = 5};
    const char *script = "S: 250-abc\nS: 250-def\nS: 250 ghi\n";
    struct sc_reply r;
    struct talk t;

    (void)state;
    t = talk_class(&sc_simple_class, script, 0, &lines);
    assert_int_equal(sc_reply(t.c, &r), SC_ETOOBIG);
    sc_close(t.c);
    t = talk_class(&sc_simple_class, script, 0, &bytes);
    assert_int_equal(sc_reply(t.c, &r), SC_ETOOBIG);
    sc_close(t.c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_reply_of_one_line_is_code_and_text),
    cmocka_unit_test(a_reply_of_many_lines_is_gathered),
    cmocka_unit_test(what_is_no_reply_breaks),
    cmocka_unit_test(expect_compares_one_two_or_three_digits),
    cmocka_unit_test(a_refusal_leaves_the_client_in_order),
    cmocka_unit_test(an_unexpected_success_breaks),
    cmocka_unit_test(a_reply_of_too_many_lines_or_bytes_breaks),
};

TEST_MAIN(tests)
