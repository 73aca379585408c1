/* test_smtp_text.c - the text of a message: line ends put right at every split
 * and buffer edge, what is counted before, what is refused; and what was
 * stuffed is unstuffed to the same bytes. */
#include "smtp_script.h"

#include <stdlib.h>

#include <simpleclient/smtp.h>

#include "smtp/smtp_data.h"
#include "smtp/smtp_text.h"

/* A source that gives EACH bytes at a time. */
struct slow {
    struct sc_span text;
    size_t at, each;
};

static ssize_t slow_read(void *arg, void *buf, size_t n)
{
    struct slow *s = arg;
    size_t left = s->text.len - s->at;

    n = n < s->each ? n : s->each;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(buf, s->text.data + s->at, n);
    s->at += n;
    return (ssize_t)n;
}

/* All pieces, in OUT. */
static int collect(struct smtp_text *t, struct sc_buf *out)
{
    struct sc_span piece;
    int rc;

    out->len = 0;
    sc_buf_add(out, "", 0);
    while ((rc = smtp_text_next(t, &piece)) > 0)
        assert_int_equal(sc_buf_add(out, piece.data, piece.len), 0);
    return rc;
}

static int from_memory(struct sc_span text, unsigned flags, struct sc_buf *out,
                       struct smtp_scan *scan)
{
    struct mail_source m = {.data = text};
    struct smtp_text t;
    int rc;

    smtp_text_init(&t, &m, flags);
    rc = smtp_text_scan(&t, scan);
    if (rc == 0)
        rc = collect(&t, out);
    smtp_text_free(&t);
    return rc;
}

static int from_source(struct sc_span text, size_t each, struct sc_buf *out,
                       struct smtp_scan *scan)
{
    struct slow s = {.text = text, .each = each};
    struct mail_source m = {.read = slow_read, .arg = &s};
    struct smtp_text t;
    int rc;

    smtp_text_init(&t, &m, 0);
    rc = smtp_text_scan(&t, scan);
    if (rc == 0)
        rc = collect(&t, out);
    smtp_text_free(&t);
    return rc;
}

static void assert_bytes(const struct sc_buf *got, struct sc_span want)
{
    assert_int_equal(got->len, want.len);
    assert_memory_equal(got->data, want.data, want.len);
}

struct pair {
    const char *text, *sent;
};

static const struct pair pairs[] = {
    {"", ""},
    {"a", "a\r\n"},
    {"a\r\n", "a\r\n"},
    {"a\n", "a\r\n"},
    {"a\r", "a\r\n"},
    {"\n", "\r\n"},
    {"\r", "\r\n"},
    {"\r\n", "\r\n"},
    {"\r\r", "\r\n\r\n"},
    {"\n\n", "\r\n\r\n"},
    {"\n\r", "\r\n\r\n"},
    {"\r\r\n", "\r\n\r\n"},
    {"\r\n\n", "\r\n\r\n"},
    {"a\rb\nc\r\nd", "a\r\nb\r\nc\r\nd\r\n"},
    {"a\n.\nb", "a\r\n.\r\nb\r\n"},
    {"a\n.\r\nb", "a\r\n.\r\nb\r\n"},
    {"a\r.\rb", "a\r\n.\r\nb\r\n"},
    {"a\r\n.\r\n", "a\r\n.\r\n"},
    {".", ".\r\n"},
    {"..\n...\n", "..\r\n...\r\n"},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static void line_ends_are_put_right_at_every_split(void **state)
{
    struct sc_buf out = SC_BUF(1000);
    struct smtp_scan scan;

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        struct sc_span text = sc_span_of(pairs[i].text);
        struct sc_span sent = sc_span_of(pairs[i].sent);

        assert_int_equal(from_memory(text, 0, &out, &scan), 0);
        assert_bytes(&out, sent);
        assert_int_equal(scan.size, sent.len);
        assert_int_equal(scan.clean, strcmp(pairs[i].text, pairs[i].sent) == 0);
        for (size_t each = 1; each < 4; each++) {
            assert_int_equal(from_source(text, each, &out, &scan), 0);
            assert_bytes(&out, sent);
        }
    }
    sc_buf_free(&out);
}

/* A line end of each kind around each edge of what is read at once. */
static void line_ends_are_put_right_at_buffer_edges(void **state)
{
    static const size_t edges[] = {64,    128,   4096,  SMTP_PIECE,
                                   65536, 98304, 131072};
    struct sc_buf out = SC_BUF(1 << 20);
    struct smtp_scan scan;
    char *text = malloc(140000);

    (void)state;
    for (size_t e = 0; e < sizeof edges / sizeof edges[0]; e++)
        for (size_t at = edges[e] - 3; at <= edges[e] + 2; at++)
            for (size_t i = 0; i < PAIRS; i++) {
                size_t n = strlen(pairs[i].text), m = strlen(pairs[i].sent);

                memset(text, 'x', 140000);
                memcpy(text + at, pairs[i].text, n);
                if (n == 0 || strchr("\r\n", pairs[i].text[n - 1]) == NULL)
                    continue;
                text[at + n] = 'y';
                assert_int_equal(from_memory((struct sc_span){text, at + n + 1},
                                             0, &out, &scan),
                                 0);
                assert_int_equal(out.len, at + m + 3);
                assert_memory_equal(out.data + at, pairs[i].sent, m);
                assert_memory_equal(out.data + at + m, "y\r\n", 3);
                assert_int_equal(scan.size, out.len);
            }
    free(text);
    sc_buf_free(&out);
}

static void strict_refuses_bare_ends_and_long_lines(void **state)
{
    static const char *const bad[] = {"a\n", "a\rb\r\n", "\r\r\n", "a\r",
                                      "a\r\n\n"};
    struct sc_buf out = SC_BUF(4000);
    struct smtp_scan scan;
    char line[1002];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            from_memory(sc_span_of(bad[i]), SMTP_STRICT, &out, &scan),
            SC_EINVAL);
    assert_int_equal(
        from_memory(sc_span_of("a\r\n.\r\nb"), SMTP_STRICT, &out, &scan), 0);
    assert_string_equal(out.data, "a\r\n.\r\nb\r\n");
    memset(line, 'x', sizeof line);
    memcpy(line + 998, "\r\n", 3);
    assert_int_equal(from_memory(sc_span_of(line), SMTP_STRICT, &out, &scan),
                     0);
    memset(line, 'x', sizeof line);
    memcpy(line + 999, "\r\n", 3);
    assert_int_equal(from_memory(sc_span_of(line), SMTP_STRICT, &out, &scan),
                     SC_EINVAL);
    assert_int_equal(from_memory(sc_span_of(line), 0, &out, &scan), 0);
    assert_int_equal(out.len, 1001);
    sc_buf_free(&out);
}

static void a_nul_is_for_binary_only(void **state)
{
    static const char text[] = "a\0b\n";
    struct sc_span s = {text, sizeof text - 1};
    struct sc_buf out = SC_BUF(100);
    struct smtp_scan scan;

    (void)state;
    assert_int_equal(from_memory(s, 0, &out, &scan), SC_EINVAL);
    assert_int_equal(from_source(s, 1, &out, &scan), SC_EINVAL);
    assert_int_equal(from_memory(s, SMTP_BINARY, &out, &scan), 0);
    assert_bytes(&out, s);
    assert_int_equal(scan.size, s.len);
    sc_buf_free(&out);
}

static void eight_bits_in_head_and_body_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        bool high, head;
    } all[] = {
        {"A: b\n\nc\n", false, false},
        {"A: \xc3\xb6\n\nc\n", true, true},
        {"A: b\n\n\xc3\xb6\n", true, false},
        {"A: b\r\n\r\n\xc3\xb6\r\n", true, false},
        {"A: b\n \n\xc3\xb6\n", true, true},
        {"\n\xc3\xb6\n", true, false},
        {"A: \xff", true, true},
        {"", false, false},
    };
    struct sc_buf out = SC_BUF(1000);
    struct smtp_scan scan;

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sc_span s = sc_span_of(all[i].text);

        assert_int_equal(from_memory(s, 0, &out, &scan), 0);
        assert_int_equal(scan.high, all[i].high);
        assert_int_equal(scan.high_head, all[i].head);
        for (size_t each = 1; each < 9; each++) {
            assert_int_equal(from_source(s, each, &out, &scan), 0);
            assert_int_equal(scan.high_head, all[i].head);
        }
    }
    sc_buf_free(&out);
}

/* Only the head of a source that cannot rewind is read ahead. */
static void a_source_is_read_ahead_to_the_end_of_its_head(void **state)
{
    struct slow s = {.each = 10000};
    struct mail_source m = {.read = slow_read, .arg = &s};
    struct sc_buf out = SC_BUF(1 << 20);
    struct smtp_scan scan;
    struct smtp_text t;
    char *text = malloc(400001);

    (void)state;
    memset(text, 'x', 400000);
    memcpy(text, "A: b\r\n\r\n", 8);
    text[400000] = '\0';
    s.text = sc_span_of(text);
    smtp_text_init(&t, &m, 0);
    assert_int_equal(smtp_text_scan(&t, &scan), 0);
    assert_false(scan.whole);
    assert_true(s.at <= SMTP_PIECE);
    assert_int_equal(collect(&t, &out), 0);
    assert_int_equal(out.len, 400002);
    smtp_text_free(&t);
    /* A head that never ends: 256 KiB, no more. */
    memset(text, 'x', 8);
    s.at = 0;
    smtp_text_init(&t, &m, 0);
    assert_int_equal(smtp_text_scan(&t, &scan), 0);
    assert_false(scan.whole);
    assert_true(s.at <= SMTP_HEAD_MOST + SMTP_PIECE);
    assert_int_equal(collect(&t, &out), 0);
    assert_int_equal(out.len, 400002);
    smtp_text_free(&t);
    free(text);
    sc_buf_free(&out);
}

/* --- dots: what goes out comes back --- */

/* Undo RFC 5321 section 4.5.2 without the library's help. */
static void unstuff(const struct sc_buf *wire, struct sc_buf *out)
{
    bool start = true;
    size_t end = wire->len - 3;

    assert_memory_equal(wire->data + end, ".\r\n", 3);
    out->len = 0;
    for (size_t i = 0; i < end; i++) {
        if (start && wire->data[i] == '.') {
            assert_true(wire->data[i + 1] != '\r'); /* no early end */
            start = false;
            continue;
        }
        sc_buf_add(out, wire->data + i, 1);
        start = wire->data[i] == '\n';
        if (start)
            assert_int_equal(wire->data[i - 1], '\r');
    }
}

struct wire {
    Stream *both[2];
    struct sc_buf got;
};

static void through_the_wire(struct sc_span text, size_t each,
                             struct sc_buf *wire)
{
    struct slow s = {.text = text, .each = each};
    struct mail_source m = {.read = slow_read, .arg = &s};
    struct smtp_text t;
    struct smtp_scan scan;
    Stream *both[2];
    SMTPClient *c;
    struct sc_options o = {.flags = SC_OPT_NO_GREET};
    char buf[4096];
    ssize_t n;

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    c = sc_attach(&smtp_class.base, both[0], &o);
    smtp_text_init(&t, &m, 0);
    assert_int_equal(smtp_text_scan(&t, &scan), 0);
    assert_int_equal(smtp_put_dots(c, &t, SMTP_ANY_SIZE), 0);
    assert_int_equal(sc_flush(&c->base), 0);
    sc_drop(&c->base);
    smtp_text_free(&t);
    wire->len = 0;
    while ((n = sc_stream_read(both[1], buf, sizeof buf, NULL)) > 0)
        sc_buf_add(wire, buf, (size_t)n);
    sc_stream_close(both[1]);
}

/* A dot in the middle of a line begins a piece, one that begins a line ends
 * one. */
static void dots_at_the_edges_of_pieces(void **state)
{
    static char text[3 * SMTP_PIECE];
    struct sc_buf wire = SC_BUF(4 * SMTP_PIECE), want = SC_BUF(4 * SMTP_PIECE);

    (void)state;
    for (size_t at = SMTP_PIECE - 4; at < SMTP_PIECE + 4; at++)
        for (int begins = 0; begins < 2; begins++) {
            size_t n = 2 * SMTP_PIECE;

            memset(text, 'x', n);
            text[at] = '.';
            if (begins)
                memcpy(text + at - 2, "\r\n", 2);
            memcpy(text + n - 2, "\r\n", 2);
            want.len = 0;
            sc_buf_add(&want, text, at);
            sc_buf_add(&want, "..", begins ? 2 : 1);
            sc_buf_add(&want, text + at + 1, n - at - 1);
            sc_buf_add(&want, ".\r\n", 3);
            through_the_wire((struct sc_span){text, n}, n, &wire);
            assert_int_equal(wire.len, want.len);
            assert_memory_equal(wire.data, want.data, want.len);
        }
    sc_buf_free(&wire);
    sc_buf_free(&want);
}

static void stuffed_text_is_unstuffed_to_the_same_bytes(void **state)
{
    static const char letters[] = "..\r\n\r\n.a";
    struct sc_buf wire = SC_BUF(10000), back = SC_BUF(10000),
                  sent = SC_BUF(10000);
    struct smtp_scan scan;
    char text[64];

    (void)state;
    srand(7);
    for (int i = 0; i < 3000; i++) {
        size_t n = (size_t)rand() % sizeof text;
        struct sc_span s = {text, n};

        for (size_t k = 0; k < n; k++)
            text[k] = letters[(size_t)rand() % (sizeof letters - 1)];
        assert_int_equal(from_memory(s, 0, &sent, &scan), 0);
        assert_int_equal(scan.size, sent.len);
        through_the_wire(s, 1 + (size_t)rand() % 9, &wire);
        unstuff(&wire, &back);
        assert_int_equal(back.len, sent.len);
        if (sent.len > 0)
            assert_memory_equal(back.data, sent.data, sent.len);
    }
    sc_buf_free(&wire);
    sc_buf_free(&back);
    sc_buf_free(&sent);
}

static void an_empty_text_is_the_dot_alone(void **state)
{
    struct sc_buf wire = SC_BUF(100);

    (void)state;
    through_the_wire((struct sc_span){"", 0}, 1, &wire);
    assert_bytes(&wire, sc_span_of(".\r\n"));
    through_the_wire(sc_span_of("\n.\n"), 1, &wire);
    assert_bytes(&wire, sc_span_of("\r\n..\r\n.\r\n"));
    sc_buf_free(&wire);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(line_ends_are_put_right_at_every_split),
    cmocka_unit_test(line_ends_are_put_right_at_buffer_edges),
    cmocka_unit_test(strict_refuses_bare_ends_and_long_lines),
    cmocka_unit_test(a_nul_is_for_binary_only),
    cmocka_unit_test(eight_bits_in_head_and_body_are_told_apart),
    cmocka_unit_test(a_source_is_read_ahead_to_the_end_of_its_head),
    cmocka_unit_test(stuffed_text_is_unstuffed_to_the_same_bytes),
    cmocka_unit_test(dots_at_the_edges_of_pieces),
    cmocka_unit_test(an_empty_text_is_the_dot_alone),
};

TEST_MAIN(tests)
