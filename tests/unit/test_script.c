/* test_script.c - a peer played from text: what it says, what it demands, and
 * how it tells the difference. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

static struct sc_error error;
static struct sc_wait wait = {INT64_MAX, &error};

static Stream *open_script(const char *text, size_t split)
{
    Stream *s;

    memset(&error, 0, sizeof error);
    s = sc_script_open(text, split, &error);
    if (s == NULL)
        fail_msg("%s", error.text);
    return s;
}

static void expect_read(Stream *s, const char *text)
{
    char buf[200];
    ssize_t n = sc_stream_read(s, buf, sizeof buf, &wait);

    assert_int_equal(n, strlen(text));
    assert_memory_equal(buf, text, (size_t)n);
}

static int say(Stream *s, const char *text)
{
    return sc_stream_write(s, text, strlen(text), &wait);
}

static void close_done(Stream *s)
{
    if (sc_script_done(s, &error) < 0)
        fail_msg("%s", error.text);
    sc_stream_close(s);
}

static void a_dialogue_is_played_to_its_end(void **state)
{
    Stream *s = open_script("# a comment\n\nS: +OK ready\nC: RETR 1\n"
                            "S: +OK\nS: one\nS: .\n",
                            0);

    (void)state;
    expect_read(s, "+OK ready\r\n");
    assert_int_equal(say(s, "RETR 1\r\n"), 0);
    expect_read(s, "+OK\r\none\r\n.\r\n");
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), 0);
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), 0);
    close_done(s);
}

static void reads_are_split(void **state)
{
    (void)state;
    for (size_t split = 1; split < 12; split++) {
        Stream *s = open_script("S: a line\ns: tail\n", split);
        char all[32];
        size_t len = 0;
        ssize_t n;

        while ((n = sc_stream_read(s, all + len, 20, &wait)) > 0) {
            assert_true((size_t)n <= split);
            len += (size_t)n;
        }
        assert_int_equal(len, 12);
        assert_memory_equal(all, "a line\r\ntail", 12);
        close_done(s);
    }
}

static void raw_bytes_are_unescaped(void **state)
{
    Stream *s = open_script("s: a\\x00\\xfF\\r\\n\\t\\\\\nc: q\\n\n", 0);
    char buf[20];

    (void)state;
    assert_int_equal(sc_stream_read(s, buf, sizeof buf, &wait), 7);
    assert_memory_equal(buf, "a\0\xff\r\n\t\\", 7);
    assert_int_equal(say(s, "q\n"), 0);
    close_done(s);
}

static void a_wrong_line_is_named(void **state)
{
    Stream *s = open_script("S: +OK\nC: RETR 1\n", 0);

    (void)state;
    expect_read(s, "+OK\r\n");
    assert_int_equal(say(s, "RETR 2\r\n"), SC_ESCRIPT);
    assert_string_equal(error.text, "script line 2: expected \"RETR 1\\r\\n\","
                                    " got \"RETR 2\\r\\n\"");
    assert_int_equal(say(s, "RETR 1\r\n"), SC_ESCRIPT);
    memset(&error, 0, sizeof error);
    assert_int_equal(sc_script_done(s, &error), SC_ESCRIPT);
    assert_non_null(strstr(error.text, "line 2"));
    sc_stream_close(s);
}

static void lines_may_be_written_in_pieces(void **state)
{
    struct sc_span v[] = {SC_SPAN("H"), SC_SPAN(""), SC_SPAN("ELO\r"),
                          SC_SPAN("\nQUIT\r\n")};
    Stream *s = open_script("C: HELO\nC: QUIT\n", 0);

    (void)state;
    assert_int_equal(sc_stream_writev(s, v, 4, &wait), 0);
    close_done(s);
}

static void a_client_may_send_ahead(void **state)
{
    Stream *s = open_script("C: a\nS: 1\nC: b\nS: 2\n", 0);

    (void)state;
    assert_int_equal(say(s, "a\r\nb\r\n"), 0);
    expect_read(s, "1\r\n2\r\n");
    close_done(s);
}

static void reading_before_writing_is_a_mistake(void **state)
{
    Stream *s = open_script("C: HELO\nS: 250 hi\n", 0);

    (void)state;
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), SC_ESCRIPT);
    assert_string_equal(error.text,
                        "script line 1: expected \"HELO\\r\\n\", got a read");
    sc_stream_close(s);
}

static void what_was_not_played_is_named(void **state)
{
    Stream *s = open_script("S: hi\nC: HELO\n", 0);

    (void)state;
    assert_int_equal(sc_script_done(s, &error), SC_ESCRIPT);
    assert_string_equal(error.text, "script line 1: \"hi\\r\\n\" was not read");
    expect_read(s, "hi\r\n");
    assert_int_equal(sc_script_done(s, &error), SC_ESCRIPT);
    assert_string_equal(error.text, "script line 2: expected \"HELO\\r\\n\","
                                    " got nothing");
    sc_stream_close(s);
}

static void more_than_the_script_is_a_mistake(void **state)
{
    Stream *s = open_script("C: QUIT\n", 0);

    (void)state;
    assert_int_equal(say(s, "QUIT\r\nQUIT\r\n"), SC_ESCRIPT);
    assert_string_equal(error.text, "script line 1: expected no more,"
                                    " got \"QUIT\\r\\n\"");
    sc_stream_close(s);
}

static void the_server_ends_resets_and_is_silent(void **state)
{
    Stream *s = open_script("S~\nS: late\nC: x\nS!\n", 0);

    (void)state;
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), SC_ETIMEDOUT);
    expect_read(s, "late\r\n");
    assert_int_equal(say(s, "x\r\n"), 0);
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), SC_ECONNRESET);
    assert_int_equal(say(s, "x"), SC_ECONNRESET);
    assert_int_equal(say(s, "x"), SC_ECONNRESET);
    close_done(s);
    s = open_script("S: bye\nS.\n", 0);
    expect_read(s, "bye\r\n");
    assert_int_equal(say(s, "QUIT\r\n"), SC_EPIPE);
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), 0);
    close_done(s);
}

static void half_closes_are_checked(void **state)
{
    Stream *s = open_script("C: GET /\nC.\nS: body\n", 0);

    (void)state;
    assert_int_equal(say(s, "GET /\r\n"), 0);
    assert_int_equal(sc_stream_shutdown(s, &wait), 0);
    expect_read(s, "body\r\n");
    close_done(s);
    s = open_script("C: GET /\n", 0);
    assert_int_equal(sc_stream_shutdown(s, &wait), SC_ESCRIPT);
    sc_stream_close(s);
    s = open_script("C.\n", 0);
    assert_int_equal(say(s, "x"), SC_ESCRIPT);
    assert_string_equal(error.text,
                        "script line 1: expected a half-close, got \"x\"");
    sc_stream_close(s);
}

static void bad_scripts_are_refused_by_line(void **state)
{
    static const char *const bad[] = {"S: ok\nX: no\n",    "S: ok\ns: \\q\n",
                                      "S: ok\nc: \\x4\n",  "S: ok\n indented\n",
                                      "S: ok\ns: end\\\n", "S.\nS: late\n",
                                      "S!\nC: late\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(sc_script_open(bad[i], 0, &error));
        assert_int_equal(error.code, SC_EINVAL);
        assert_non_null(strstr(error.text, "script line 2: "));
    }
}

static void pending_tells_what_a_read_would_do(void **state)
{
    Stream *s = open_script("S: a\nC: b\n", 0);
    struct sc_peer peer;
    int pending = -1;

    (void)state;
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 1);
    expect_read(s, "a\r\n");
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 0);
    assert_int_equal(sc_stream_info(s, SC_INFO_PEER, &peer), 0);
    assert_string_equal(peer.address, "script");
    assert_int_equal(sc_stream_info(s, SC_INFO_TLS, &peer), SC_ENOTSUP);
    assert_int_equal(say(s, "b\r\n"), 0);
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 1);
    close_done(s);
}

static void a_held_stream_outlives_its_close(void **state)
{
    Stream *s = open_script("S: a\n", 0);

    (void)state;
    sc_stream_hold(s);
    sc_stream_close(s);
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), SC_ECLOSED);
    assert_int_equal(say(s, "x"), SC_ECLOSED);
    assert_int_equal(sc_stream_shutdown(s, &wait), SC_ECLOSED);
    assert_int_equal(sc_stream_info(s, SC_INFO_PEER, NULL), SC_ECLOSED);
    assert_int_equal(sc_script_done(s, &error), SC_ESCRIPT);
    sc_stream_let_go(s);
    sc_stream_close(NULL);
}

/* One script plays both sides: what the player says, the other one expects. */
static void a_script_is_played_to_a_client(void **state)
{
    Stream *s = open_script("C: hello\nS: hi\nC: bye\nC.\n", 2);

    (void)state;
    if (sc_script_play(s, "S: hello\nC: hi\nS: bye\nS.\nC.\n", &wait) != 0)
        fail_msg("%s", error.text);
    close_done(s);
    s = open_script("S: ho\n", 0);
    assert_int_equal(sc_script_play(s, "C: hi\n", &wait), SC_ESCRIPT);
    assert_string_equal(error.text, "script line 1: expected \"hi\\r\\n\","
                                    " got \"ho\\r\\n\"");
    sc_stream_close(s);
    s = open_script("S: h\nS.\n", 1);
    assert_int_equal(sc_script_play(s, "C: h\nC: i\n", NULL), SC_ESCRIPT);
    sc_stream_close(s);
    s = open_script("", 0);
    assert_int_equal(sc_script_play(s, "?\n", &wait), SC_EINVAL);
    assert_int_equal(sc_script_play(s, "S~\n", &wait), 0);
    sc_stream_close(s);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dialogue_is_played_to_its_end),
    cmocka_unit_test(reads_are_split),
    cmocka_unit_test(raw_bytes_are_unescaped),
    cmocka_unit_test(a_wrong_line_is_named),
    cmocka_unit_test(lines_may_be_written_in_pieces),
    cmocka_unit_test(a_client_may_send_ahead),
    cmocka_unit_test(reading_before_writing_is_a_mistake),
    cmocka_unit_test(what_was_not_played_is_named),
    cmocka_unit_test(more_than_the_script_is_a_mistake),
    cmocka_unit_test(the_server_ends_resets_and_is_silent),
    cmocka_unit_test(half_closes_are_checked),
    cmocka_unit_test(bad_scripts_are_refused_by_line),
    cmocka_unit_test(pending_tells_what_a_read_would_do),
    cmocka_unit_test(a_held_stream_outlives_its_close),
    cmocka_unit_test(a_script_is_played_to_a_client),
};

TEST_MAIN(tests)
