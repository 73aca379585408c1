/* test_http_body.c - bodies by length, in chunks and to the end, cut anywhere
 * and wrong in every way. */
#include "main.h"

#include <simpleclient/script.h>

#include "http/http_body.h"

static struct sc_fields trailers;
static struct sc_error error;

static SimpleClient *on_script(const char *text, size_t split,
                               const struct sc_options *opt)
{
    Stream *s = sc_script_open(text, split, &error);

    if (s == NULL)
        fail_msg("%s", error.text);
    return sc_attach(&sc_simple_class, s, opt);
}

/* Read a whole body; returns http_body_all's result. */
static int read_all(const char *script, size_t split, int framing,
                    uint64_t length, struct sc_buf *out)
{
    SimpleClient *c = on_script(script, split, NULL);
    struct http_body b;
    int rc;

    trailers.n = 0;
    trailers.text.len = 0;
    http_body_begin(&b, framing, length, &trailers);
    rc = http_body_all(c, &b, out);
    if (rc == 0)
        assert_int_equal(b.framing, HTTP_NO_BODY);
    else
        assert_int_equal(sc_broken(c), rc);
    sc_close(c);
    return rc;
}

static void expect_body(const char *script, int framing, uint64_t length,
                        const char *want)
{
    for (size_t split = 0; split < 8; split++) {
        struct sc_buf out = SC_BUF(1000);

        assert_int_equal(read_all(script, split, framing, length, &out), 0);
        assert_string_equal(out.data, want);
        sc_buf_free(&out);
    }
}

static void expect_failure(const char *script, int framing, uint64_t length,
                           int code)
{
    for (size_t split = 0; split < 4; split++) {
        struct sc_buf out = SC_BUF(1000);
        int rc = read_all(script, split, framing, length, &out);

        if (rc != code)
            fail_msg("%d, not %d: %s", rc, code, script);
        sc_buf_free(&out);
    }
}

static void a_length_ends_a_body(void **state)
{
    (void)state;
    expect_body("s: hello and more", HTTP_LENGTH, 5, "hello");
    expect_failure("s: hell", HTTP_LENGTH, 5, SC_ESHORT);
}

static void the_end_ends_a_body(void **state)
{
    (void)state;
    expect_body("s: hello\\r\\n", HTTP_TO_END, 0, "hello\r\n");
    expect_body("S.", HTTP_TO_END, 0, "");
    expect_failure("s: hello\nS!", HTTP_TO_END, 0, SC_ECONNRESET);
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    expect_body("S: 5\nS: hello\nS: 0\nS:\n", HTTP_CHUNKED, 0, "hello");
    expect_body("S: 3\nS: hel\nS: 00002\nS: lo\nS: 0\nS:\n", HTTP_CHUNKED, 0,
                "hello");
    expect_body("S: A;x=y;z=\"q\"\nS: 0123456789\nS: 000 ; last\nS:\n",
                HTTP_CHUNKED, 0, "0123456789");
    expect_body("S: 0\nS:\n", HTTP_CHUNKED, 0, "");
}

static void trailers_are_kept_apart(void **state)
{
    (void)state;
    expect_body("S: 1\nS: a\nS: 0\nS: X-Sum: 7\nS: Content-Length: 9\nS:\n",
                HTTP_CHUNKED, 0, "a");
    assert_string_equal(sc_fields_get(&trailers, "x-sum", ""), "7");
    sc_fields_free(&trailers);
}

static void chunk_framing_is_strict(void **state)
{
    static const char *const bad[] = {
        "S: 0x5\nS: hello\nS: 0\nS:\n",
        "S: +5\nS: hello\nS: 0\nS:\n",
        "s:  5\\r\\nhello\\r\\n0\\r\\n\\r\\n",
        "S: 0_5\nS: hello\nS: 0\nS:\n",
        "S: -5\nS: hello\nS: 0\nS:\n",
        "S:\nS: hello\nS: 0\nS:\n",
        "S: 5 5\nS: hello\nS: 0\nS:\n",
        "S: ;x\nS: hello\nS: 0\nS:\n",
        "S: 8000000000000000\nS: x\n",
        "S: 10000000000000005\nS: hello\n",
        "S: 5\nS: helloX\nS: 0\nS:\n",
        "s: 5\\nhello\\r\\n0\\r\\n\\r\\n",
        "s: 5\\r\\nhello\\n0\\r\\n\\r\\n",
        "s: 5;a\\nb\\r\\nhello\\r\\n0\\r\\n",
        "s: 5\\r\\nhello0\\r\\n\\r\\n",
        "s: 5;a\\rb\\r\\nhello\\r\\n",
        "S: 0\nS: no colon\nS:\n",
        "s: 0\\r\\n\\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_failure(bad[i], HTTP_CHUNKED, 0, SC_EPROTO);
}

static void a_cut_chunked_body_is_short(void **state)
{
    static const char *const cut[] = {
        "s: 5",
        "S: 5",
        "s: 5\\r\\nhel",
        "s: 5\\r\\nhello",
        "S: 5\nS: hello",
        "S: 5\nS: hello\ns: 0",
        "S: 5\nS: hello\nS: 0",
        "S: 0\ns: X: y",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++)
        expect_failure(cut[i], HTTP_CHUNKED, 0, SC_ESHORT);
}

static void the_ceiling_holds_for_all_kinds(void **state)
{
    struct sc_buf out = SC_BUF(5);

    (void)state;
    assert_int_equal(read_all("s: 123456", 0, HTTP_LENGTH, 6, &out),
                     SC_ETOOBIG);
    assert_int_equal(out.len, 0); /* known before: nothing is read */
    assert_int_equal(read_all("s: 12345", 0, HTTP_TO_END, 0, &out), 0);
    assert_int_equal(out.len, 5);
    out.len = 0;
    assert_int_equal(read_all("s: 123456", 0, HTTP_TO_END, 0, &out),
                     SC_ETOOBIG);
    assert_int_equal(out.len, 5);
    out.len = 0;
    assert_int_equal(
        read_all("S: 6\nS: 123456\nS: 0\nS:\n", 0, HTTP_CHUNKED, 0, &out),
        SC_ETOOBIG);
    assert_memory_equal(out.data, "12345", 5);
    sc_buf_free(&out);
}

static void endless_extensions_are_refused(void **state)
{
    static char script[64 * 1024];
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        n += (size_t)snprintf(script + n, sizeof script - n, "S: 1;");
        memset(script + n, 'x', 2000);
        n += 2000;
        n += (size_t)snprintf(script + n, sizeof script - n, "\nS: a\n");
    }
    snprintf(script + n, sizeof script - n, "S: 0\nS:\n");
    expect_failure(script, HTTP_CHUNKED, 0, SC_ETOOBIG);
}

static void a_long_chunk_line_is_refused(void **state)
{
    static char script[6000] = "S: 1;";

    (void)state;
    memset(script + 5, 'x', 5000);
    expect_failure(script, HTTP_CHUNKED, 0, SC_ETOOBIG);
}

static int refuse_all(void *arg, const void *p, size_t n)
{
    (void)p;
    *(size_t *)arg += n;
    return SC_EINVAL;
}

static void a_sink_gets_the_body_and_may_stop_it(void **state)
{
    SimpleClient *c = on_script("S: 5\nS: hello\nS: 0\nS:\n", 3, NULL);
    struct http_body b;
    struct sc_buf out = SC_BUF(100);
    size_t got = 0;

    (void)state;
    http_body_begin(&b, HTTP_CHUNKED, 0, &trailers);
    assert_int_equal(http_body_sink(c, &b, sc_buf_sink, &out), 0);
    assert_string_equal(out.data, "hello");
    sc_buf_free(&out);
    sc_close(c);
    c = on_script("s: hello", 0, NULL);
    http_body_begin(&b, HTTP_LENGTH, 5, &trailers);
    assert_int_equal(http_body_sink(c, &b, refuse_all, &got), SC_EINVAL);
    assert_int_equal(got, 5);
    assert_int_equal(sc_broken(c), SC_EINVAL);
    sc_close(c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_length_ends_a_body),
    cmocka_unit_test(the_end_ends_a_body),
    cmocka_unit_test(chunks_are_put_together),
    cmocka_unit_test(trailers_are_kept_apart),
    cmocka_unit_test(chunk_framing_is_strict),
    cmocka_unit_test(a_cut_chunked_body_is_short),
    cmocka_unit_test(the_ceiling_holds_for_all_kinds),
    cmocka_unit_test(endless_extensions_are_refused),
    cmocka_unit_test(a_long_chunk_line_is_refused),
    cmocka_unit_test(a_sink_gets_the_body_and_may_stop_it),
};

TEST_MAIN(tests)
