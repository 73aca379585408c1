/* test_deflate.c - a coding as a stream: both ways, damaged, cut, too big. */
#include "main.h"

#include "stream/coding.h"

#include <simpleclient/class.h>

static struct sc_error error;
static struct sc_wait wait = {INT64_MAX, &error};

/* A stream whose other side is a piece of memory, both ways. */
struct memory {
    Stream base;
    struct sc_buf in, out;
    size_t split;
    int fail;
};

static ssize_t memory_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct memory *m = (struct memory *)s;
    size_t part = m->split > 0 && m->split < n ? m->split : n;

    (void)w;
    if (m->fail != 0)
        return m->fail;
    if (part > m->in.len)
        part = m->in.len;
    if (part > 0)
        memcpy(buf, m->in.data, part);
    sc_buf_drop(&m->in, part);
    return (ssize_t)part;
}

static int memory_writev(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    struct memory *m = (struct memory *)s;
    int rc = m->fail;

    (void)w;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = sc_buf_add(&m->out, v[i].data, v[i].len);
    return rc;
}

static int memory_shutdown(Stream *s, struct sc_wait *w)
{
    (void)s;
    (void)w;
    return 0;
}

static void memory_interrupt(Stream *s, int code)
{
    (void)s;
    (void)code;
}

static void memory_cleanup(Stream *s)
{
    struct memory *m = (struct memory *)s;

    sc_buf_free(&m->in);
    sc_buf_free(&m->out);
}

static const struct stream_class memory_class = {
    .name = "memory",
    .size = sizeof(struct memory),
    .read = memory_read,
    .writev = memory_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = memory_shutdown,
    .interrupt = memory_interrupt,
    .info = sc_stream_no_info,
    .cleanup = memory_cleanup,
};

static void need_codings(void)
{
    struct sc_coder *c = sc_coder_open(SC_CODING_GZIP, false, &error);

    if (c == NULL)
        skip();
    sc_coder_free(c);
}

static struct memory *memory_new(const void *p, size_t n, size_t split)
{
    struct memory *m;

    need_codings();
    m = sc_stream_new(&memory_class);
    assert_non_null(m);
    assert_int_equal(sc_buf_add(&m->in, p, n), 0);
    m->split = split;
    return m;
}

/* Encode TEXT as one complete coding and append it to OUT. */
static void encode(int coding, const char *text, size_t n, struct sc_buf *out)
{
    struct memory *m = memory_new("", 0, 0);
    Stream *s = sc_deflate_wrap(&m->base, coding, 0, 0, &error);

    assert_non_null(s);
    assert_int_equal(sc_stream_write(s, text, n, &wait), 0);
    assert_int_equal(sc_stream_shutdown(s, &wait), 0);
    assert_int_equal(sc_stream_write(s, text, n, &wait), SC_EPIPE);
    assert_int_equal(sc_buf_add(out, m->out.data, m->out.len), 0);
    sc_stream_close(s);
}

/* Decode IN into OUT; returns 0 or the error. */
static int decode(int coding, const struct sc_buf *in, size_t split,
                  uint64_t limit, int ratio, struct sc_buf *out)
{
    struct memory *m = memory_new(in->data, in->len, split);
    Stream *s = sc_deflate_wrap(&m->base, coding, limit, ratio, &error);
    char buf[512];
    ssize_t n;

    out->len = 0;
    while ((n = sc_stream_read(s, buf, split > 0 ? split : sizeof buf, &wait)) >
           0)
        assert_int_equal(sc_buf_add(out, buf, (size_t)n), 0);
    assert_int_equal(sc_stream_read(s, buf, sizeof buf, &wait), n);
    sc_stream_close(s);
    return (int)n;
}

static void every_coding_goes_both_ways(void **state)
{
    static const char text[] = "some text, some text, and some more text";

    (void)state;
    for (int coding = SC_CODING_GZIP; coding <= SC_CODING_DEFLATE; coding++)
        for (size_t split = 0; split < 20; split++) {
            struct sc_buf in = SC_BUF(0), out = SC_BUF(0);

            encode(coding, text, sizeof text, &in);
            assert_int_equal(decode(coding, &in, split, 0, 0, &out), 0);
            assert_int_equal(out.len, sizeof text);
            assert_string_equal(out.data, text);
            sc_buf_free(&in);
            sc_buf_free(&out);
        }
}

/* What gzip(1) makes of "hello\n". */
static const unsigned char hello_gz[] = {
    0x1f, 0x8b, 0x08, 0,    0,    0,    0,    0,    0,
    0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00,
    0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00};

static void gzip_members_follow_each_other(void **state)
{
    (void)state;
    need_codings();
    for (size_t split = 0; split < 30; split++) {
        struct sc_buf in = SC_BUF(0), out = SC_BUF(0);

        sc_buf_add(&in, hello_gz, sizeof hello_gz);
        sc_buf_add(&in, hello_gz, sizeof hello_gz);
        sc_buf_add(&in, "\0\0\0", 3);
        assert_int_equal(decode(SC_CODING_GZIP, &in, split, 0, 0, &out), 0);
        assert_string_equal(out.data, "hello\nhello\n");
        sc_buf_add(&in, "x", 1);
        assert_int_equal(decode(SC_CODING_GZIP, &in, split, 0, 0, &out),
                         SC_ECODING);
        sc_buf_free(&in);
        sc_buf_free(&out);
    }
}

static void every_cut_is_short(void **state)
{
    struct sc_buf in = SC_BUF(0), out = SC_BUF(0);

    (void)state;
    need_codings();
    for (size_t n = 1; n < sizeof hello_gz; n++) {
        in.len = 0;
        sc_buf_add(&in, hello_gz, n);
        assert_int_equal(decode(SC_CODING_GZIP, &in, 0, 0, 0, &out), SC_ESHORT);
    }
    in.len = 0;
    assert_int_equal(decode(SC_CODING_GZIP, &in, 0, 0, 0, &out), 0);
    sc_buf_free(&in);
    sc_buf_free(&out);
}

static void damage_is_seen(void **state)
{
    static const size_t at[] = {0, 1, 2, 10, 18, 22};

    (void)state;
    need_codings();
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct sc_buf in = SC_BUF(0), out = SC_BUF(0);

        sc_buf_add(&in, hello_gz, sizeof hello_gz);
        in.data[at[i]] ^= 0x7f;
        assert_int_equal(decode(SC_CODING_GZIP, &in, 0, 0, 0, &out),
                         SC_ECODING);
        sc_buf_free(&in);
        sc_buf_free(&out);
    }
}

static void sizes_are_limited_exactly(void **state)
{
    struct sc_buf in = SC_BUF(0), out = SC_BUF(0);

    (void)state;
    need_codings();
    sc_buf_add(&in, hello_gz, sizeof hello_gz);
    assert_int_equal(decode(SC_CODING_GZIP, &in, 0, 6, 0, &out), 0);
    assert_int_equal(out.len, 6);
    assert_int_equal(decode(SC_CODING_GZIP, &in, 0, 5, 0, &out), SC_ETOOBIG);
    assert_int_equal(out.len, 5);
    sc_buf_free(&in);
    sc_buf_free(&out);
}

static void a_bomb_is_too_big(void **state)
{
    struct sc_buf zeros = SC_BUF(4 << 20), in = SC_BUF(0), out = SC_BUF(0);

    (void)state;
    need_codings();
    assert_int_equal(sc_buf_reserve(&zeros, 4 << 20), 0);
    memset(zeros.data, 0, 4 << 20);
    encode(SC_CODING_ZLIB, zeros.data, 4 << 20, &in);
    assert_int_equal(decode(SC_CODING_ZLIB, &in, 0, 0, 100, &out), SC_ETOOBIG);
    assert_true(out.len <= 100 * in.len);
    assert_int_equal(decode(SC_CODING_ZLIB, &in, 0, 0, 2000, &out), 0);
    assert_int_equal(out.len, 4 << 20);
    sc_buf_free(&zeros);
    sc_buf_free(&in);
    sc_buf_free(&out);
}

static void each_write_can_be_read_at_once(void **state)
{
    struct memory *to = memory_new("", 0, 0), *from = memory_new("", 0, 0);
    Stream *w = sc_deflate_wrap(&to->base, SC_CODING_DEFLATE, 0, 0, &error);
    Stream *r = sc_deflate_wrap(&from->base, SC_CODING_DEFLATE, 0, 0, &error);
    char buf[40];

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(sc_stream_write(w, "QUIT\r\n", 6, &wait), 0);
        sc_buf_add(&from->in, to->out.data, to->out.len);
        to->out.len = 0;
        assert_int_equal(sc_stream_read(r, buf, sizeof buf, &wait), 6);
        assert_memory_equal(buf, "QUIT\r\n", 6);
    }
    sc_stream_close(w);
    sc_stream_close(r);
}

static void errors_from_below_pass(void **state)
{
    struct memory *m = memory_new(hello_gz, sizeof hello_gz, 0);
    Stream *s = sc_deflate_wrap(&m->base, SC_CODING_GZIP, 0, 0, &error);
    char buf[40];

    (void)state;
    m->fail = SC_ETIMEDOUT;
    assert_int_equal(sc_stream_read(s, buf, 40, &wait), SC_ETIMEDOUT);
    m->fail = 0;
    assert_int_equal(sc_stream_read(s, buf, 40, &wait), 6);
    m->fail = SC_ECONNRESET;
    assert_int_equal(sc_stream_write(s, buf, 6, &wait), SC_ECONNRESET);
    m->fail = 0;
    assert_int_equal(sc_stream_write(s, buf, 6, &wait), SC_ECONNRESET);
    sc_stream_close(s);
}

static void no_such_coding(void **state)
{
    struct memory *m = sc_stream_new(&memory_class);

    (void)state;
    assert_null(sc_deflate_wrap(&m->base, 0, 0, 0, &error));
    assert_true(error.code == SC_EINVAL || error.code == SC_ENOTSUP);
    assert_null(sc_deflate_wrap(&m->base, SC_CODING_ZSTD + 1, 0, 0, &error));
    sc_stream_close(&m->base);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_coding_goes_both_ways),
    cmocka_unit_test(gzip_members_follow_each_other),
    cmocka_unit_test(every_cut_is_short),
    cmocka_unit_test(damage_is_seen),
    cmocka_unit_test(sizes_are_limited_exactly),
    cmocka_unit_test(a_bomb_is_too_big),
    cmocka_unit_test(each_write_can_be_read_at_once),
    cmocka_unit_test(errors_from_below_pass),
    cmocka_unit_test(no_such_coding),
};

TEST_MAIN(tests)
