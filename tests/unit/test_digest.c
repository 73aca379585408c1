/* test_digest.c - the vectors of RFC 1321, RFC 6234, RFC 2202, RFC 4231, RFC
 * 6070 and RFC 7914, and what a policy forbids. */

#include "main.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "sasl/digest.h"

static void is_digest(enum sc_digest_kind kind, const char *text,
                      const char *want)
{
    unsigned char got[SC_DIGEST_MAX];
    char hex[SC_DIGEST_HEX_MAX];
    int n = sc_digest(kind, sc_span_of(text), got);

    assert_int_equal(n, sc_digest_size(kind));
    sc_hex(hex, got, (size_t)n);
    assert_string_equal(hex, want);
}

/* RFC 1321 appendix A.5 */
static void md5_is_that_of_rfc_1321(void **state)
{
    static const char *const suite[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"1234567890123456789012345678901234567890123456789012345678901234567"
         "8901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof suite / sizeof suite[0]; i++)
        is_digest(SC_DIGEST_MD5, suite[i][0], suite[i][1]);
}

/* RFC 6234 section 8.5; SHA-512/256: NIST's example of FIPS 180-4. */
static void shas_are_those_of_rfc_6234(void **state)
{
    (void)state;
    is_digest(SC_DIGEST_SHA1, "abc",
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    is_digest(SC_DIGEST_SHA1,
              "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
              "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    is_digest(
        SC_DIGEST_SHA256, "abc",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    is_digest(
        SC_DIGEST_SHA256,
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    is_digest(SC_DIGEST_SHA512, "abc",
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49"
              "f");
    is_digest(
        SC_DIGEST_SHA512_256, "abc",
        "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
}

/* RFC 6234 section 8.5, TEST3: a million of "a". */
static void pieces_make_the_same_digest(void **state)
{
    struct sc_digest *d = sc_digest_new(SC_DIGEST_SHA256, NULL);
    unsigned char got[SC_DIGEST_MAX];
    char piece[1000], hex[SC_DIGEST_HEX_MAX];

    (void)state;
    assert_non_null(d);
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sc_digest_add(d, piece, sizeof piece), 0);
    assert_int_equal(sc_digest_end(d, got), 32);
    sc_hex(hex, got, 32);
    assert_string_equal(
        hex,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_int_equal(sc_digest_end(d, got), 32); /* of nothing */
    sc_hex(hex, got, 32);
    assert_string_equal(
        hex,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sc_digest_free(d);
    sc_digest_free(NULL);
}

static void is_hmac(enum sc_digest_kind kind, struct sc_span key,
                    const char *text, const char *want)
{
    unsigned char got[SC_DIGEST_MAX];
    char hex[SC_DIGEST_HEX_MAX];
    int n = sc_hmac(kind, key, sc_span_of(text), got);

    assert_int_equal(n, sc_digest_size(kind));
    sc_hex(hex, got, (size_t)n);
    assert_string_equal(hex, want);
}

/* RFC 2202 sections 2 and 3, cases 2 and 6; RFC 4231 sections 4.3 and 4.7. */
static void hmacs_are_those_of_rfc_2202_and_4231(void **state)
{
    const char *large =
        "Test Using Larger Than Block-Size Key - Hash Key First";
    struct sc_span jefe = SC_SPAN("Jefe");
    char aa[131];

    (void)state;
    memset(aa, 0xaa, sizeof aa);
    is_hmac(SC_DIGEST_MD5, jefe, "what do ya want for nothing?",
            "750c783e6ab0b503eaa86e310a5db738");
    is_hmac(SC_DIGEST_MD5, (struct sc_span){aa, 80}, large,
            "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    is_hmac(SC_DIGEST_SHA1, jefe, "what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    is_hmac(SC_DIGEST_SHA1, (struct sc_span){aa, 80}, large,
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    is_hmac(SC_DIGEST_SHA256, jefe, "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    is_hmac(SC_DIGEST_SHA256, (struct sc_span){aa, 131}, large,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    is_hmac(SC_DIGEST_SHA512, jefe, "what do ya want for nothing?",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

static void an_empty_key_and_text_have_an_hmac(void **state)
{
    struct sc_span none = {NULL, 0};
    unsigned char got[SC_DIGEST_MAX];

    (void)state;
    is_hmac(SC_DIGEST_SHA256, none, "",
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    assert_int_equal(sc_hmac(SC_DIGEST_SHA256, none, none, got), 32);
    assert_int_equal(sc_digest(SC_DIGEST_MD5, none, got), 16);
}

static void is_key(enum sc_digest_kind kind, struct sc_span password,
                   struct sc_span salt, unsigned rounds, size_t n,
                   const char *want)
{
    unsigned char got[64];
    char hex[129];

    assert_int_equal(sc_pbkdf2(kind, password, salt, rounds, got, n), 0);
    sc_hex(hex, got, n);
    assert_string_equal(hex, want);
}

/* RFC 6070 section 2; RFC 7914 section 11. */
static void derived_keys_are_those_of_rfc_6070_and_7914(void **state)
{
    struct sc_span password = SC_SPAN("password"), salt = SC_SPAN("salt");
    struct sc_span zero_password = SC_SPAN("pass\0word");
    struct sc_span zero_salt = SC_SPAN("sa\0lt");
    struct sc_span passwd = SC_SPAN("passwd");

    (void)state;
    is_key(SC_DIGEST_SHA1, password, salt, 1, 20,
           "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    is_key(SC_DIGEST_SHA1, password, salt, 4096, 20,
           "4b007901b765489abead49d926f721d065a429c1");
    is_key(SC_DIGEST_SHA1, zero_password, zero_salt, 4096, 16,
           "56fa6aa75548099dcc37d7f03425e0c3");
    is_key(SC_DIGEST_SHA256, passwd, salt, 1, 64,
           "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
           "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

static void keys_of_nothing_are_refused(void **state)
{
    struct sc_span p = SC_SPAN("p");
    char out[4];

    (void)state;
    assert_int_equal(sc_pbkdf2(SC_DIGEST_SHA1, p, p, 0, out, 4), SC_EINVAL);
    assert_int_equal(sc_pbkdf2(SC_DIGEST_SHA1, p, p, 1, out, 0), SC_EINVAL);
    assert_int_equal(sc_pbkdf2(SC_DIGEST_SHA1, p, p, UINT32_MAX, out, 4),
                     SC_EINVAL);
}

static void random_bytes_differ(void **state)
{
    unsigned char a[16] = {0}, b[16] = {0};

    (void)state;
    assert_int_equal(sc_random(a, sizeof a), 0);
    assert_int_equal(sc_random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

/* No provider with fips=yes is loaded: everything is forbidden. */
static void what_the_policy_forbids_is_not_available(void **state)
{
    struct sc_span s = SC_SPAN("abc");
    unsigned char out[SC_DIGEST_MAX];
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(EVP_default_properties_enable_fips(NULL, 1), 1);
    assert_int_equal(sc_digest(SC_DIGEST_MD5, s, out), SC_ENOTSUP);
    assert_int_equal(sc_hmac(SC_DIGEST_MD5, s, s, out), SC_ENOTSUP);
    assert_int_equal(sc_pbkdf2(SC_DIGEST_MD5, s, s, 1, out, 8), SC_ENOTSUP);
    assert_null(sc_digest_new(SC_DIGEST_MD5, &e));
    assert_string_equal(e.text, "MD5 is not available here");
    assert_int_equal(EVP_default_properties_enable_fips(NULL, 0), 1);
    assert_int_equal(sc_digest(SC_DIGEST_MD5, s, out), 16);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(md5_is_that_of_rfc_1321),
    cmocka_unit_test(shas_are_those_of_rfc_6234),
    cmocka_unit_test(pieces_make_the_same_digest),
    cmocka_unit_test(hmacs_are_those_of_rfc_2202_and_4231),
    cmocka_unit_test(an_empty_key_and_text_have_an_hmac),
    cmocka_unit_test(derived_keys_are_those_of_rfc_6070_and_7914),
    cmocka_unit_test(keys_of_nothing_are_refused),
    cmocka_unit_test(random_bytes_differ),
    cmocka_unit_test(what_the_policy_forbids_is_not_available),
};

TEST_MAIN(tests)
