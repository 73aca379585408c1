/* test_dot.c - dot blocks in and out, cut anywhere. */
#include "talk.h"

#include "client/conn.h"
#include "client/scan.h"

enum { SPLITS = 30 };

/* The block IN of a script becomes OUT, and the next line is untouched. */
static void check_in(const char *in, const char *out, unsigned flags)
{
    struct sc_options o = {.flags = flags};
    struct sc_buf got = SC_BUF(200);
    struct sc_span line;
    char script[300];

    snprintf(script, sizeof script, "%sS: next\n", in);
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_class(&sc_simple_class, script, split, &o);

        got.len = 0;
        assert_int_equal(sc_read_dot(t.c, &got), 0);
        assert_string_equal(got.data, out);
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "next");
        talk_over(t);
    }
    sc_buf_free(&got);
}

/* The same in parts of at most N bytes. */
static void check_parts(const char *in, const char *out, size_t n)
{
    struct sc_buf got = SC_BUF(200);
    struct sc_span line;
    char script[300], part[8];
    ssize_t came;

    snprintf(script, sizeof script, "%sS: next\n", in);
    for (size_t split = 0; split < SPLITS; split++) {
        struct talk t = talk_class(&sc_simple_class, script, split, NULL);

        got.len = 0;
        while ((came = sc_read_dot_part(t.c, part, n)) > 0) {
            assert_true((size_t)came <= n);
            assert_int_equal(sc_buf_add(&got, part, (size_t)came), 0);
            assert_int_equal(sc_readline(t.c, &line), SC_EBUSY);
        }
        assert_int_equal(came, 0);
        assert_int_equal(got.len, strlen(out));
        assert_memory_equal(got.len ? got.data : "", out, got.len);
        assert_int_equal(sc_readline(t.c, &line), 0);
        assert_span(line, "next");
        talk_over(t);
    }
    sc_buf_free(&got);
}

static void a_block_comes_in_parts_of_any_size(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 8; n++) {
        check_parts("S: a\nS: ..b\nS: c.\nS: ...\nS:\nS: .x\nS: .\n",
                    "a\r\n.b\r\nc.\r\n..\r\n\r\nx\r\n", n);
        check_parts("S: .\n", "", n);
    }
}

static void a_block_left_in_the_middle_ends_the_connection(void **state)
{
    struct talk t = talk_class(&sc_simple_class, "S: a\nS: .\nS: b\n", 0, NULL);
    char part[1];

    (void)state;
    assert_int_equal(sc_read_dot_part(t.c, part, 0), SC_EINVAL);
    assert_int_equal(sc_read_dot_part(t.c, part, 1), 1);
    assert_false(sc_client_idle(t.c));
    assert_int_equal(sc_close(t.c), SC_ESHORT);
}

static void a_part_that_is_cut_is_an_error(void **state)
{
    struct talk t = talk_class(&sc_simple_class, "S: abc\nS.\n", 0, NULL);
    char part[64];

    (void)state;
    assert_int_equal(sc_read_dot_part(t.c, part, sizeof part), 5);
    assert_int_equal(sc_read_dot_part(t.c, part, sizeof part), SC_ESHORT);
    assert_int_equal(sc_read_dot_part(t.c, part, sizeof part), SC_ESHORT);
    assert_int_equal(sc_close(t.c), SC_ESHORT);
}

static void a_block_is_unstuffed_at_every_split(void **state)
{
    (void)state;
    check_in("S: a\nS: ..b\nS: c.\nS: ...\nS:\nS: .x\nS: .\n",
             "a\r\n.b\r\nc.\r\n..\r\n\r\nx\r\n", 0);
}

static void an_empty_block_is_empty(void **state)
{
    (void)state;
    check_in("S: .\n", "", 0);
}

static void a_lenient_lf_is_kept_and_ends_a_line(void **state)
{
    (void)state;
    check_in("s: a\\n..b\\n.\\n\n", "a\n.b\n", 0);
}

static void a_strict_block_ends_in_crlf_dot_crlf_only(void **state)
{
    (void)state;
    check_in("s: a\\n.\\nb\\n.\\r\\nc\\r\\n.\\nd\\r\\n.\\r\\n\n",
             "a\n.\nb\n.\r\nc\r\n\nd\r\n", SC_OPT_STRICT_LINES);
}

static void a_dot_and_a_bare_cr_do_not_end_a_block(void **state)
{
    (void)state;
    check_in("s: .\\rx\\r\\n.\\r\\n\n", "\rx\r\n", 0);
}

static void a_cut_block_is_short(void **state)
{
    struct sc_buf got = SC_BUF(100);

    (void)state;
    for (size_t split = 0; split < 8; split++) {
        struct talk t = talk_to("S: a\ns: .\\r\n", split);

        got.len = 0;
        assert_int_equal(sc_read_dot(t.c, &got), SC_ESHORT);
        assert_string_equal(got.data, "a\r\n");
        sc_close(t.c);
    }
    sc_buf_free(&got);
}

static void a_full_buf_breaks_the_client(void **state)
{
    struct talk t = talk_to("S: a\nS: .b\nS: 123456789\nS: .\n", 0);
    struct sc_buf got = SC_BUF(8);

    (void)state;
    assert_int_equal(sc_read_dot(t.c, &got), SC_ETOOBIG);
    assert_int_equal(sc_broken(t.c), SC_ETOOBIG);
    sc_buf_free(&got);
    sc_close(t.c);
}

static int stop(void *arg, const void *p, size_t n)
{
    (void)p;
    *(size_t *)arg += n;
    return SC_EINVAL;
}

static void a_sink_that_stops_breaks_the_client(void **state)
{
    struct talk t = talk_to("S: a\nS: .\n", 0);
    size_t n = 0;

    (void)state;
    assert_int_equal(sc_read_dot_to(t.c, stop, &n), SC_EINVAL);
    assert_int_equal(n, 3);
    assert_int_equal(sc_broken(t.c), SC_EINVAL);
    sc_close(t.c);
}

struct pieces {
    size_t n, bytes;
};

static int count(void *arg, const void *p, size_t n)
{
    struct pieces *c = arg;

    (void)p;
    c->n++;
    c->bytes += n;
    return 0;
}

static void a_sink_gets_large_pieces(void **state)
{
    struct pieces got = {0, 0};
    struct sc_buf script = SC_BUF(1 << 20);
    struct talk t;

    (void)state;
    for (int i = 0; i < 5000; i++)
        sc_buf_add(&script, "S: short line\n", 14);
    sc_buf_add(&script, "S: .\n", 5);
    t = talk_to(script.data, 0);
    assert_int_equal(sc_read_dot_to(t.c, count, &got), 0);
    assert_int_equal(got.bytes, 5000 * 12);
    assert_in_range(got.n, 1, 8);
    sc_buf_free(&script);
    talk_over(t);
}

/* P, given in two parts cut anywhere, goes out as WIRE. */
static void check_out(const char *p, const char *wire)
{
    size_t n = strlen(p);

    for (size_t cut = 0; cut <= n; cut++) {
        struct talk t = talk_to(wire, 0);

        assert_int_equal(sc_write_dot(t.c, p, cut), 0);
        assert_int_equal(sc_write_dot(t.c, p + cut, n - cut), 0);
        assert_int_equal(sc_end_dot(t.c), 0);
        assert_int_equal(sc_flush(t.c), 0);
        talk_over(t);
    }
}

static void what_goes_out_is_stuffed_and_ended(void **state)
{
    (void)state;
    check_out("a\n.b\r\n\r\n..\nc", "C: a\nC: ..b\nC:\nC: ...\nC: c\nC: .\n");
    check_out("", "C: .\n");
    check_out(".", "C: ..\nC: .\n");
    check_out("a\r\n", "C: a\nC: .\n");
    check_out("a\r\nb\r\n.c\r\nd\ne\r\n\r\n\nf\r\n.",
              "C: a\nC: b\nC: ..c\nC: d\nC: e\nC:\nC:\nC: f\nC: ..\nC: .\n");
}

/* Runs of lines in order that are shorter and longer than what is sent at
 * once. */
static void many_lines_go_out_as_they_are_meant(void **state)
{
    struct sc_buf text = SC_BUF(1 << 20), wire = SC_BUF(1 << 20);
    struct talk t;

    (void)state;
    for (int i = 1; i <= 6000; i++) {
        const char *dot = i % 1900 == 0 || (i > 5000 && i % 3 == 0) ? "." : "";

        sc_buf_addf(&text, "%sline %d%s\n", dot, i,
                    i > 5500 && i % 7 == 0 ? "" : "\r");
        sc_buf_addf(&wire, "C: %s%sline %d\n", dot, dot, i);
    }
    sc_buf_add(&wire, "C: .\n", 5);
    t = talk_to(wire.data, 0);
    assert_int_equal(sc_write_dot(t.c, text.data, text.len), 0);
    assert_int_equal(sc_end_dot(t.c), 0);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
    sc_buf_free(&text);
    sc_buf_free(&wire);
}

static void lines_in_order_are_stuffed_at_every_cut(void **state)
{
    static const char text[] = ".\r\n..a\r\n\r\n.\r\nb.\r\n.";
    size_t n = sizeof text - 1;

    (void)state;
    for (size_t cut = 0; cut <= n; cut++) {
        struct talk t = talk_to("C: ..\nC: ...a\nC:\nC: ..\nC: b.\nC: ..\n"
                                "C: .\n",
                                0);

        assert_int_equal(sc_write_dot_lines(t.c, text, cut), 0);
        assert_int_equal(sc_write_dot_lines(t.c, text + cut, n - cut), 0);
        assert_int_equal(sc_end_dot(t.c), 0);
        assert_int_equal(sc_flush(t.c), 0);
        talk_over(t);
    }
}

static void a_bare_cr_before_all_else_leaves_the_client_in_order(void **state)
{
    struct talk t = talk_to("C: ok\nC: .\n", 0);

    (void)state;
    assert_int_equal(sc_write_dot(t.c, "a\rb", 3), SC_EINVAL);
    assert_int_equal(sc_write_dot(t.c, "\r\r\n", 3), SC_EINVAL);
    assert_int_equal(sc_write_dot(t.c, "ok\r", 3), 0);
    assert_int_equal(sc_write_dot(t.c, "\n", 1), 0);
    assert_int_equal(sc_end_dot(t.c), 0);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

/* Nothing could end the block but the text that is refused. */
static void a_bare_cr_in_a_block_breaks(void **state)
{
    struct talk t = talk_to("C: DATA\nC: text\n", 0);

    (void)state;
    sc_writeline(t.c, "DATA");
    assert_int_equal(sc_write_dot(t.c, "text\r\nx\r", 8), 0);
    assert_int_equal(sc_write_dot(t.c, "y", 1), SC_EINVAL);
    assert_int_equal(sc_broken(t.c), SC_EINVAL);
    sc_close(t.c);
    t = talk_to("C: DATA\nC: text\n", 0);
    assert_int_equal(sc_write_dot(t.c, "x\r", 2), 0);
    assert_int_equal(sc_end_dot(t.c), SC_EINVAL);
    assert_int_equal(sc_broken(t.c), SC_EINVAL);
    sc_close(t.c);
}

static int bye_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

static const struct client_class bye_class = {
    .name = "bye",
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = bye_quit,
    .cleanup = sc_client_cleanup,
};

/* It would be a line of the text. */
static void nothing_is_said_at_the_end_of_half_a_block(void **state)
{
    struct talk t = talk_class(&bye_class, "C: te\n", 0, NULL);

    (void)state;
    assert_int_equal(sc_write_dot(t.c, "te\n", 3), 0);
    sc_stream_hold(t.s);
    assert_int_equal(sc_close(t.c), SC_ESHORT);
    assert_int_equal(sc_script_done(t.s, NULL), 0);
    sc_stream_let_go(t.s);
    t = talk_class(&bye_class, "C: QUIT\n", 0, NULL);
    assert_int_equal(sc_write_dot(t.c, "a\rb", 3), SC_EINVAL);
    assert_int_equal(sc_close(t.c), SC_ESHORT);
}

/* A refused line drops a block that nothing has left of. */
static void a_block_after_a_dropped_one_begins_a_line(void **state)
{
    struct talk t = talk_to("C: ..hidden\nC: .\n", 0);

    (void)state;
    assert_int_equal(sc_write_dot(t.c, "abc\r", 4), 0);
    assert_int_equal(sc_writeline(t.c, "x\ny"), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_write_dot(t.c, ".hidden\n", 8), 0);
    assert_int_equal(sc_end_dot(t.c), 0);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

static void a_line_refused_within_a_block_breaks(void **state)
{
    struct talk t = talk_to("C: abc\n", 0);

    (void)state;
    assert_int_equal(sc_write_dot(t.c, "abc\r\n", 5), 0);
    assert_int_equal(sc_flush(t.c), 0);
    assert_int_equal(sc_writeline(t.c, "x\ny"), SC_ELINE);
    assert_int_equal(sc_flush(t.c), SC_ELINE);
    assert_int_equal(sc_broken(t.c), SC_ELINE);
    sc_close(t.c);
}

static void a_second_block_begins_anew(void **state)
{
    struct talk t = talk_to("C: a\nC: .\nC: ..b\nC: .\n", 0);

    (void)state;
    sc_write_dot(t.c, "a", 1);
    sc_end_dot(t.c);
    sc_write_dot(t.c, ".b", 2);
    sc_end_dot(t.c);
    assert_int_equal(sc_flush(t.c), 0);
    talk_over(t);
}

static void both_scans_agree(void **state)
{
    static const char alphabet[] = "\n.x";
    char text[80];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n = (seed >> 8) % sizeof text;

        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = alphabet[(seed >> 16) % 64 < 2 ? (seed >> 24) % 2 : 2];
        }
        assert_ptr_equal(sc_scan_dot(text, text + n),
                         sc_scan_dot_plain(text, text + n));
        seed = seed * 1103515245 + 12345;
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_block_is_unstuffed_at_every_split),
    cmocka_unit_test(a_block_comes_in_parts_of_any_size),
    cmocka_unit_test(a_block_left_in_the_middle_ends_the_connection),
    cmocka_unit_test(a_part_that_is_cut_is_an_error),
    cmocka_unit_test(an_empty_block_is_empty),
    cmocka_unit_test(a_lenient_lf_is_kept_and_ends_a_line),
    cmocka_unit_test(a_strict_block_ends_in_crlf_dot_crlf_only),
    cmocka_unit_test(a_dot_and_a_bare_cr_do_not_end_a_block),
    cmocka_unit_test(a_cut_block_is_short),
    cmocka_unit_test(a_full_buf_breaks_the_client),
    cmocka_unit_test(a_sink_that_stops_breaks_the_client),
    cmocka_unit_test(a_sink_gets_large_pieces),
    cmocka_unit_test(what_goes_out_is_stuffed_and_ended),
    cmocka_unit_test(many_lines_go_out_as_they_are_meant),
    cmocka_unit_test(lines_in_order_are_stuffed_at_every_cut),
    cmocka_unit_test(a_bare_cr_before_all_else_leaves_the_client_in_order),
    cmocka_unit_test(a_bare_cr_in_a_block_breaks),
    cmocka_unit_test(nothing_is_said_at_the_end_of_half_a_block),
    cmocka_unit_test(a_block_after_a_dropped_one_begins_a_line),
    cmocka_unit_test(a_line_refused_within_a_block_breaks),
    cmocka_unit_test(a_second_block_begins_anew),
    cmocka_unit_test(both_scans_agree),
};

TEST_MAIN(tests)
