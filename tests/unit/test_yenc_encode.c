/* test_yenc_encode.c - bytes into yEnc (yenc.org, draft 1.3) and back; CRCs are
 * those of Python's zlib.crc32. */
#include "yenc_script.h"

/* --- encoding --- */

/* The draft: =@ is NUL, =J LF, =M CR, =} the escape itself. */
static void the_critical_characters(void **state)
{
    struct sc_buf out = {0};
    struct nntp_yenc what = {.name = "x"};

    (void)state;
    assert_int_equal(nntp_yenc_encode(&out, &what, "\xd6\xe0\xe3\x13", 4), 0);
    assert_non_null(strstr(out.data, "name=x\r\n=@=J=M=}\r\n=yend size=4 "));
    assert_int_equal(what.size, 4);
    assert_int_equal(what.end, 4);
    sc_buf_free(&out);
}

/* Each line of OUT but the keywords: as long as the draft says, nothing critical
 * in it. */
static void check_lines(const struct sc_buf *out)
{
    const char *p = memchr(out->data, '\n', out->len), *lf;
    const char *end = out->data + out->len;

    for (p++; memcmp(p, "=yend ", 6) != 0; p = lf + 1) {
        size_t n;

        lf = memchr(p, '\n', (size_t)(end - p));
        n = (size_t)(lf - p) - 1;
        assert_int_equal(p[n], '\r');
        assert_null(memchr(p, '\0', n));
        assert_null(memchr(p, '\r', n));
        assert_true(*p != '.' && *p != ' ' && *p != '\t');
        assert_true(p[n - 1] != '=');
        assert_true((p[n - 1] != ' ' && p[n - 1] != '\t') || p[n - 2] == '=');
        assert_true(n <= 129);
        if (n == 129)
            assert_int_equal(p[127], '=');
        if (memcmp(lf + 1, "=yend ", 6) != 0)
            assert_true(n >= 128);
    }
}

static void round_trip(const unsigned char *bytes, size_t n, const char *crc)
{
    struct sc_buf out = {0};
    struct nntp_yenc what = {.name = "round trip"};
    struct decoded r;

    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, n), 0);
    check_lines(&out);
    if (crc != NULL)
        assert_non_null(strstr(out.data + out.len - 20, crc));
    r = decode_in(out.data, out.len, out.len);
    assert_int_equal(r.rc, 0);
    assert_int_equal(r.bytes.len, n);
    if (n > 0)
        assert_memory_equal(r.bytes.data, bytes, n);
    assert_int_equal(r.info.crc, what.crc);
    assert_string_equal(r.info.name, "round trip");
    sc_buf_free(&r.bytes);
    sc_buf_free(&out);
}

static void every_byte_at_every_place_makes_the_round(void **state)
{
    unsigned char bytes[400];

    (void)state;
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    round_trip(bytes, 256, "crc32=29058c73\r\n");
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)(255 - i);
    round_trip(bytes, 256, "crc32=da3ba10a\r\n");
    round_trip(bytes, 0, "crc32=00000000\r\n");
    for (int c = 0; c < 256; c++) {
        memset(bytes, c, sizeof bytes);
        round_trip(bytes, sizeof bytes, NULL);
        memset(bytes, 'x', sizeof bytes);
        for (size_t n = 1; n <= 260; n++) {
            bytes[n - 1] = (unsigned char)c;
            if (n < 4 || (n > 120 && n < 136) || n > 250)
                round_trip(bytes, n, NULL);
            bytes[n - 1] = 'x';
        }
    }
}

/* The draft: these only where a line begins or ends. */
static void spaces_tabs_and_dots_are_escaped_at_the_edges(void **state)
{
    unsigned char bytes[300];
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};
    const char *line;

    (void)state;
    memset(bytes, '.' - 42, sizeof bytes);
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 130), 0);
    line = strchr(out.data, '\n') + 1;
    assert_memory_equal(line, "=n...", 5);
    assert_int_equal(strchr(line, '\r') - line, 128);
    assert_memory_equal(strchr(line, '\n') + 1, "=n..\r\n=yend", 11);
    out.len = 0;
    memset(bytes, ' ' - 42, sizeof bytes);
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 131), SC_EINVAL);
    what.size = what.end = 0;
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 130), 0);
    line = strchr(out.data, '\n') + 1;
    assert_memory_equal(line, "=`   ", 5);
    assert_int_equal(strchr(line, '\r') - line, 129);
    assert_memory_equal(line + 125, "  =`\r\n=` =`\r\n=yend", 18);
    sc_buf_free(&out);
}

static void a_part_is_encoded(void **state)
{
    struct nntp_yenc what = {
        .name = "d", .part = 2, .total = 3, .size = 27, .begin = 9, .end = 18};
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_string_equal(out.data,
                        PART "=yend size=9 part=2 pcrc32=cbf43926\r\n");
    assert_int_equal(what.crc, 0xcbf43926);
    out.len = 0;
    what.total = 0;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_non_null(strstr(out.data, "=ybegin part=2 line=128 size=27 "));
    sc_buf_free(&out);
    what = (struct nntp_yenc){.name = "digits.txt"};
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_string_equal(out.data, WHOLE);
    sc_buf_free(&out);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct nntp_yenc bad[] = {
        {.name = "a\nb"},
        {.name = "a\rb"},
        {.name = "a", .begin = 1, .end = 10},
        {.name = "a", .end = 8},
        {.name = "a", .size = 10},
        {.name = "a", .total = 1},
        {.name = "a", .part = 1},
        {.name = "a", .part = 1, .size = 9, .end = 10},
        {.name = "a", .part = 1, .size = 9, .begin = 1, .end = 10},
        {.name = "a", .part = 1, .size = 20, .begin = 10, .end = 1},
        {.name = "a", .part = 3, .total = 2, .size = 9, .end = 9},
    };
    struct sc_buf out = {0};
    struct nntp_yenc what;

    (void)state;
    sc_buf_addf(&out, "before");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        what = bad[i];
        assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9),
                         SC_EINVAL);
    }
    memset(&what, 0, sizeof what);
    memset(what.name, 'x', sizeof what.name);
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), SC_EINVAL);
    what = (struct nntp_yenc){.name = "a"};
    out.limit = 40;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), SC_ETOOBIG);
    assert_string_equal(out.data, "before");
    assert_int_equal(out.len, 6);
    sc_buf_free(&out);
}

/* --- runs --- */

static void vectors_and_plain_code_agree(void **state)
{
    unsigned char in[80], a[80], b[80];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)(round % 65), from = (size_t)(round % 13), got;

        for (size_t i = 0; i < sizeof in; i++) {
            seed = seed * 1103515245 + 12345;
            in[i] = (unsigned char)(seed >> 16);
        }
        if (round % 3 == 0 && n > 0)
            in[from + seed % n] = "=\r\n\xd6"[seed >> 20 & 3];
        got = nntp_yenc_run_plain(in + from, n, a);
        assert_int_equal(nntp_yenc_run(in + from, n, b), got);
        assert_memory_equal(a, b, got);
        got = nntp_yenc_clean_plain(in + from, n, a);
        assert_int_equal(nntp_yenc_clean(in + from, n, b), got);
        assert_memory_equal(a, b, got);
    }
}

/* --- much --- */

static void more_than_a_slice_makes_the_round(void **state)
{
    enum { SIZE = 100000 };
    static const size_t pieces[] = {1, 2, 127, 4096, 16384, 65536, SIZE * 2};
    struct nntp_yenc what = {.name = "random"};
    unsigned char *bytes = malloc(SIZE);
    struct sc_buf out = {0};
    unsigned seed = 7;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = (unsigned char)(seed >> 16);
    }
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, SIZE), 0);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct decoded r = decode_in(out.data, out.len, pieces[i]);

        assert_int_equal(r.rc, 0);
        assert_int_equal(r.bytes.len, SIZE);
        assert_memory_equal(r.bytes.data, bytes, SIZE);
        sc_buf_free(&r.bytes);
    }
    sc_buf_free(&out);
    free(bytes);
}

/* --- memory --- */

static int run(void)
{
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(sc_null_sink, NULL);
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};
    static char bytes[1000];
    int rc = d != NULL ? 0 : SC_ENOMEM;

    if (rc == 0)
        rc = nntp_yenc_encode(&out, &what, bytes, sizeof bytes);
    if (rc < 0)
        assert_int_equal(out.len, 0);
    else
        rc = nntp_yenc_sink(d, out.data, out.len);
    if (rc == 0)
        rc = nntp_yenc_finish(d, NULL);
    nntp_yenc_decoder_free(d);
    sc_buf_free(&out);
    return rc;
}

static void no_memory_is_an_ordinary_error(void **state)
{
    int rc = SC_ENOMEM;
    long n;

    (void)state;
    assert_int_equal(live, 0);
    for (n = 0; rc != 0; n++) {
        left = n;
        rc = run();
        left = -1;
        assert_true(rc == 0 || rc == SC_ENOMEM);
        assert_int_equal(live, 0);
        assert_true(n < 100);
    }
    assert_true(n > 3);
}

/* --- a build without zlib --- */

static void without_a_crc_nothing_is_encoded(void **state)
{
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(nntp_yenc_encode(&out, &what, "x", 1), SC_ENOTSUP);
    assert_int_equal(out.len, 0);
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_critical_characters),
    cmocka_unit_test(every_byte_at_every_place_makes_the_round),
    cmocka_unit_test(spaces_tabs_and_dots_are_escaped_at_the_edges),
    cmocka_unit_test(a_part_is_encoded),
    cmocka_unit_test(what_does_not_fit_is_refused),
    cmocka_unit_test(vectors_and_plain_code_agree),
    cmocka_unit_test(more_than_a_slice_makes_the_round),
    cmocka_unit_test(no_memory_is_an_ordinary_error),
};

static const struct CMUnitTest without_zlib[] = {
    cmocka_unit_test(without_a_crc_nothing_is_encoded),
    cmocka_unit_test(vectors_and_plain_code_agree),
};

YENC_MAIN(tests, without_zlib)
