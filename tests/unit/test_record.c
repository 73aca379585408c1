/* test_record.c - what is recorded can be played, and is the same again. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

static struct sc_error error;
static struct sc_wait wait = {INT64_MAX, &error};

/* Do what a client of SCRIPT would do, over a recorder. */
static void record(const char *script, size_t split, struct sc_buf *out,
                   const char *const *says, bool half)
{
    Stream *low = sc_script_open(script, split, &error), *s;
    char buf[300];
    ssize_t n = 1;

    assert_non_null(low);
    assert_non_null(s = sc_record_wrap(low, sc_buf_sink, out, &error));
    for (; *says != NULL; says++) {
        if (strcmp(*says, "<") == 0)
            n = sc_stream_read(s, buf, sizeof buf, &wait);
        else
            assert_int_equal(sc_stream_write(s, *says, strlen(*says), &wait),
                             0);
    }
    if (half)
        assert_int_equal(sc_stream_shutdown(s, &wait), 0);
    while (n > 0)
        n = sc_stream_read(s, buf, sizeof buf, &wait);
    if (sc_script_done(s, &error) < 0)
        fail_msg("%s", error.text);
    sc_stream_close(s);
}

static void a_recording_is_the_script(void **state)
{
    static const char text[] = "S: +OK ready\nC: RETR 1\nS: +OK\n"
                               "S: .\nC: QUIT\nS: +OK\nS.\n";
    static const char *const says[] = {"<", "RETR 1\r\n", "<", "QUIT\r\n",
                                       NULL};
    struct sc_buf out = SC_BUF(4096), again = SC_BUF(4096);

    (void)state;
    record(text, 0, &out, says, false);
    assert_string_equal(out.data, text);
    record(out.data, 0, &again, says, false);
    assert_string_equal(again.data, text);
    sc_buf_free(&out);
    sc_buf_free(&again);
}

static void split_reads_give_whole_lines(void **state)
{
    static const char text[] = "S:  two words\nS: \nS: last\nS.\n";
    static const char *const says[] = {NULL};

    (void)state;
    for (size_t split = 1; split < 20; split++) {
        struct sc_buf out = SC_BUF(4096);

        record(text, split, &out, says, false);
        assert_string_equal(out.data, text);
        sc_buf_free(&out);
    }
}

static void what_is_no_line_is_raw(void **state)
{
    static const char text[] = "s: prompt: \nC: me\ns: a\\x00\\\\\\xff\\r\\n\n"
                               "s: bare\\n\nc: half\nC.\nS!\n";
    static const char *const says[] = {"<", "me\r\n", "<", "half", NULL};
    struct sc_buf out = SC_BUF(4096), again = SC_BUF(4096);

    (void)state;
    record(text, 0, &out, says, true);
    assert_string_equal(out.data, text);
    record(out.data, 0, &again, says, true);
    assert_string_equal(again.data, text);
    sc_buf_free(&out);
    sc_buf_free(&again);
}

static void a_silence_is_recorded(void **state)
{
    struct sc_buf out = SC_BUF(100);
    static const char *const says[] = {"<", "<", NULL};

    (void)state;
    record("S~\nS: x\nS.\n", 0, &out, says, false);
    assert_string_equal(out.data, "S~\nS: x\nS.\n");
    sc_buf_free(&out);
}

static void a_full_sink_stops_the_dialogue(void **state)
{
    struct sc_buf out = SC_BUF(4);
    Stream *low = sc_script_open("S: hello\nC: x\n", 0, &error);
    Stream *s = sc_record_wrap(low, sc_buf_sink, &out, &error);
    char buf[20];

    (void)state;
    assert_int_equal(sc_stream_read(s, buf, sizeof buf, &wait), SC_ETOOBIG);
    assert_int_equal(sc_stream_write(s, "x\r\n", 3, &wait), SC_ETOOBIG);
    sc_stream_close(s);
    sc_buf_free(&out);
}

static void what_is_left_is_written_at_close(void **state)
{
    struct sc_buf out = SC_BUF(100);
    Stream *low = sc_script_open("s: no end\n", 0, &error);
    Stream *s = sc_record_wrap(low, sc_buf_sink, &out, &error);
    char buf[20];

    (void)state;
    assert_int_equal(sc_stream_read(s, buf, sizeof buf, &wait), 6);
    sc_stream_close(s);
    assert_string_equal(out.data, "s: no end\n");
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_recording_is_the_script),
    cmocka_unit_test(split_reads_give_whole_lines),
    cmocka_unit_test(what_is_no_line_is_raw),
    cmocka_unit_test(a_silence_is_recorded),
    cmocka_unit_test(a_full_sink_stops_the_dialogue),
    cmocka_unit_test(what_is_left_is_written_at_close),
};

TEST_MAIN(tests)
