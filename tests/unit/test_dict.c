/* test_dict.c - the example protocol against scripts. */
#include "main.h"

#include <simpleclient/script.h>

#include "client/conn.h"

int dict_main(int argc, char **argv);
#define main dict_main
#include "../../clients/dict.c"
#undef main

static SimpleClient *dict_on_script(const char *text)
{
    struct sc_error error = {0};
    Stream *s = sc_script_open(text, 0, &error);

    if (s == NULL)
        fail_msg("%s", error.text);
    return sc_attach(&dict_class, s, NULL);
}

/* Ask for one word, say goodbye; the script must be played to its end. */
static int define(const char *script, const char *word, struct sc_buf *out)
{
    SimpleClient *c = dict_on_script(script);
    struct sc_error error = {0};
    int found = dict_define(c, word, out);

    if (sc_broken(c) == 0) {
        assert_int_equal(dict_quit(c), 221);
        if (sc_script_done(c->conn->s, &error) < 0)
            fail_msg("%s", error.text);
    }
    sc_drop(c);
    return found;
}

static void definitions_are_appended(void **state)
{
    struct sc_buf out = SC_BUF(1000);

    (void)state;
    assert_int_equal(define("S: 220 dict.example ready\n"
                            "C: DEFINE * \"shortcake\"\n"
                            "S: 150 2 definitions retrieved\n"
                            "S: 151 \"shortcake\" wn \"WordNet\"\n"
                            "S: a cake\nS: ..with a dot\nS: .\n"
                            "S: 151 \"shortcake\" web \"Webster\"\n"
                            "S: brittle\nS: .\n"
                            "S: 250 Command complete\n"
                            "C: QUIT\n"
                            "S: 221 Closing\n",
                            "shortcake", &out),
                     2);
    assert_string_equal(out.data, "a cake\r\n.with a dot\r\nbrittle\r\n");
    sc_buf_free(&out);
}

static void no_match_is_no_error(void **state)
{
    struct sc_buf out = SC_BUF(1000);

    (void)state;
    assert_int_equal(define("S: 220 ready\n"
                            "C: DEFINE * \"xyzzy\"\n"
                            "S: 552 No match\n"
                            "C: QUIT\nS: 221 Bye\n",
                            "xyzzy", &out),
                     0);
    sc_buf_free(&out);
}

static void a_refusal_leaves_the_client_in_order(void **state)
{
    struct sc_buf out = SC_BUF(1000);

    (void)state;
    assert_int_equal(define("S: 220 ready\n"
                            "C: DEFINE * \"x\"\n"
                            "S: 420 Temporarily unavailable\n"
                            "C: QUIT\nS: 221 Bye\n",
                            "x", &out),
                     SC_EREPLY);
    sc_buf_free(&out);
}

static void a_line_end_in_a_word_is_refused_unsent(void **state)
{
    struct sc_buf out = SC_BUF(1000);

    (void)state;
    assert_int_equal(define("S: 220 ready\n"
                            "C: QUIT\nS: 221 Bye\n",
                            "x\r\nQUIT", &out),
                     SC_ELINE);
    sc_buf_free(&out);
}

static void a_refused_greeting_is_told_by_the_first_call(void **state)
{
    struct sc_buf out = SC_BUF(1000);

    (void)state;
    assert_int_equal(define("S: 530 Access denied\n", "x", &out), SC_EREPLY);
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(definitions_are_appended),
    cmocka_unit_test(no_match_is_no_error),
    cmocka_unit_test(a_refusal_leaves_the_client_in_order),
    cmocka_unit_test(a_line_end_in_a_word_is_refused_unsent),
    cmocka_unit_test(a_refused_greeting_is_told_by_the_first_call),
};

TEST_MAIN(tests)
