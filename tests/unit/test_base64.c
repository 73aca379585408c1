/* test_base64.c - the vectors of RFC 4648 section 10, and what is refused. */

#include "main.h"

#include <simpleclient/buf.h>

static void the_vectors_of_rfc_4648_hold(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct sc_span plain = sc_span_of(vectors[i][0]);
        struct sc_buf coded = {0}, back = {0};

        assert_int_equal(sc_base64_encode(&coded, plain.data, plain.len), 0);
        assert_string_equal(coded.data, vectors[i][1]);
        assert_int_equal(sc_base64_decode(&back, sc_span_of(coded.data)), 0);
        assert_string_equal(back.data, plain.data);
        sc_buf_free(&coded);
        sc_buf_free(&back);
    }
}

static void every_byte_survives(void **state)
{
    struct sc_buf coded = {0}, back = {0};
    unsigned char all[256];

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    assert_int_equal(sc_base64_encode(&coded, all, sizeof all), 0);
    assert_int_equal(
        sc_base64_decode(&back, (struct sc_span){coded.data, coded.len}), 0);
    assert_int_equal(back.len, sizeof all);
    assert_memory_equal(back.data, all, sizeof all);
    sc_buf_free(&coded);
    sc_buf_free(&back);
}

static void what_is_not_canonical_is_refused(void **state)
{
    static const char *const bad[] = {
        "Z",      "Zg",           "Zg=",  "Zh==",     "Zm9=",
        "=",      "====",         "Z===", "Zg==Zg==", "Zm 9v",
        "Zm9v\n", "Zm9v\r\n\r\n", "Zm-_", "Z=g=",     "Zm9vZ\xff==",
    };
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&out, "x", 1), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (sc_base64_decode(&out, sc_span_of(bad[i])) != SC_EPROTO)
            fail_msg("accepted: %s", bad[i]);
    assert_string_equal(out.data, "x");
    sc_buf_free(&out);
}

static void the_ceiling_counts(void **state)
{
    struct sc_buf out = SC_BUF(7);

    (void)state;
    assert_int_equal(sc_base64_encode(&out, "abcd", 4), SC_ETOOBIG);
    assert_int_equal(sc_base64_decode(&out, sc_span_of("Zm9vYmFyZm9v")),
                     SC_ETOOBIG);
    assert_int_equal(out.len, 0);
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_vectors_of_rfc_4648_hold),
    cmocka_unit_test(every_byte_survives),
    cmocka_unit_test(what_is_not_canonical_is_refused),
    cmocka_unit_test(the_ceiling_counts),
};

TEST_MAIN(tests)
