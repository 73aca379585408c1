/* test_coding.c - decoders fed by pieces: what the programs brotli(1), zstd(1)
 * and zlib itself made of one line, whole, cut, damaged and followed by junk. */
#include "main.h"

#include "stream/coding.h"

static const char text[] = "hello hello hello hello\n";

/* What a coding looks like, and where the program that made it says it ends. */
static const struct sample {
    int coding;
    unsigned char bytes[32];
    size_t n;
    bool repeats; /* another one may follow */
} samples[] = {
    {SC_CODING_BR,
     {0xa1, 0xb8, 0x00, 0xc0, 0x6f, 0xa4, 0x74, 0xf3, 0x26, 0xaa, 0x32, 0xb4,
      0x56, 0x00, 0x61, 0x7b, 0x53, 0x8a, 0xc8, 0x13, 0x07, 0x74, 0xb5, 0x00},
     24,
     false},
    {SC_CODING_ZSTD,
     {0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x18, 0x6d, 0x00, 0x00,
      0x38, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x20, 0x0a, 0x01,
      0x00, 0x99, 0x4b, 0x11, 0xa8, 0x7c, 0x2e, 0xa8},
     26,
     true},
    {SC_CODING_HTTP_DEFLATE, /* raw */
     {0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9, 0x00},
     11,
     false},
    {SC_CODING_HTTP_DEFLATE, /* zlib */
     {0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9,
      0x00, 0x70, 0xbe, 0x08, 0xbb},
     17,
     false},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

/* Decode N bytes in pieces of SPLIT; returns 0 or the code that ended it. */
static int decode(const struct sample *s, const unsigned char *p, size_t n,
                  size_t split, uint64_t limit, struct sc_buf *out)
{
    struct sc_coder *c = sc_decoder_new(s->coding, limit, 0, NULL);
    ssize_t got = 1;
    char piece[7];
    int rc = 0;

    if (c == NULL)
        skip();
    for (size_t at = 0; rc == 0 && at < n; at += split) {
        struct sc_span in = {(const char *)p + at,
                             n - at < split ? n - at : split};

        do {
            got = sc_decode(c, &in, piece, sizeof piece);
            if (got > 0)
                assert_int_equal(sc_buf_add(out, piece, (size_t)got), 0);
        } while (got > 0 || (got == 0 && in.len > 0));
        rc = got < 0 ? (int)got : 0;
    }
    if (rc == 0)
        rc = c->cls->finish(c);
    sc_coder_free(c);
    return rc;
}

static void samples_are_decoded_however_they_come(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++)
        for (size_t split = 1; split <= samples[i].n; split++) {
            struct sc_buf out = SC_BUF(0);
            const struct sample *s = &samples[i];

            assert_int_equal(decode(s, s->bytes, s->n, split, 0, &out), 0);
            assert_string_equal(out.data, text);
            sc_buf_free(&out);
        }
}

static void every_cut_is_short(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++)
        for (size_t n = 1; n < samples[i].n; n++) {
            struct sc_buf out = SC_BUF(0);

            assert_int_equal(
                decode(&samples[i], samples[i].bytes, n, 5, 0, &out),
                SC_ESHORT);
            sc_buf_free(&out);
        }
}

static void nothing_at_all_is_an_empty_body(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        struct sc_buf out = SC_BUF(0);

        assert_int_equal(decode(&samples[i], (const void *)"", 0, 1, 0, &out),
                         0);
        assert_int_equal(out.len, 0);
    }
}

static void a_second_one_is_decoded_or_junk(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct sc_buf out = SC_BUF(0);
        unsigned char both[64];
        int rc;

        memcpy(both, s->bytes, s->n);
        memcpy(both + s->n, s->bytes, s->n);
        rc = decode(s, both, 2 * s->n, 64, 0, &out);
        assert_int_equal(rc, s->repeats ? 0 : SC_ECODING);
        if (s->repeats)
            assert_int_equal(out.len, 2 * strlen(text));
        sc_buf_free(&out);
    }
}

static void damage_is_seen_or_changes_nothing_else(void **state)
{
    (void)state;
    for (size_t at = 4; at < samples[1].n; at++) {
        struct sc_buf out = SC_BUF(0);
        unsigned char bad[32];
        int rc;

        memcpy(bad, samples[1].bytes, samples[1].n);
        bad[at] ^= 0xff;
        rc = decode(&samples[1], bad, samples[1].n, 32, 0, &out);
        assert_true(rc == SC_ECODING || rc == SC_ESHORT);
        sc_buf_free(&out);
    }
}

static void sizes_are_limited_exactly(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct sc_buf out = SC_BUF(0);

        assert_int_equal(decode(s, s->bytes, s->n, 32, strlen(text), &out), 0);
        out.len = 0;
        assert_int_equal(decode(s, s->bytes, s->n, 32, strlen(text) - 1, &out),
                         SC_ETOOBIG);
        sc_buf_free(&out);
    }
}

static void what_is_only_read_is_not_written(void **state)
{
    struct sc_error e = {0};

    (void)state;
    assert_null(sc_coder_open(SC_CODING_BR, true, &e));
    assert_int_equal(e.code, SC_ENOTSUP);
    assert_int_equal(sc_coding_known(0), 0);
    assert_int_equal(sc_coding_known(SC_CODING_ZSTD + 1), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(samples_are_decoded_however_they_come),
    cmocka_unit_test(every_cut_is_short),
    cmocka_unit_test(nothing_at_all_is_an_empty_body),
    cmocka_unit_test(a_second_one_is_decoded_or_junk),
    cmocka_unit_test(damage_is_seen_or_changes_nothing_else),
    cmocka_unit_test(sizes_are_limited_exactly),
    cmocka_unit_test(what_is_only_read_is_not_written),
};

TEST_MAIN(tests)
