/* test_http_auth.c - the examples of RFC 2617, RFC 7616 and RFC 7617, several
 * challenges in a field, and hostile ones. */

#include "main.h"

#include "http/http_auth.h"

enum { BOTH = HTTP_AUTH_BASIC | HTTP_AUTH_DIGEST };

/* Read the challenges of one field or two. */
static int challenge(struct http_auth *a, const char *one, const char *two,
                     unsigned allowed, bool *stale)
{
    struct sc_span name = SC_SPAN("www-authenticate");
    struct sc_fields head = {0};
    int rc;

    assert_int_equal(sc_fields_add(&head, name, sc_span_of(one)), 0);
    if (two != NULL)
        assert_int_equal(sc_fields_add(&head, name, sc_span_of(two)), 0);
    rc = http_auth_challenge(a, &head, "WWW-Authenticate", allowed, stale);
    sc_fields_free(&head);
    return rc;
}

static void answers(struct http_auth *a, const char *user, const char *password,
                    const char *method, const char *target, const char *want)
{
    struct sc_buf out = {0};

    assert_int_equal(http_auth_answer(a, user, password, method, target, &out),
                     0);
    assert_string_equal(out.data, want);
    sc_buf_free(&out);
}

static void fix_cnonce(struct http_auth *a, const char *cnonce)
{
    a->cnonce.len = 0;
    assert_int_equal(sc_buf_add(&a->cnonce, cnonce, strlen(cnonce)), 0);
}

/* RFC 7617 sections 2 and 2.1 */
static void basic_is_that_of_rfc_7617(void **state)
{
    struct http_auth a = {.scheme = HTTP_AUTH_BASIC};

    (void)state;
    answers(&a, "Aladdin", "open sesame", "GET", "/",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_int_equal(challenge(&a, "Basic realm=\"foo\", charset=\"UTF-8\"",
                               NULL, BOTH, NULL),
                     HTTP_AUTH_BASIC);
    assert_true(a.utf8);
    answers(&a, "test", "123\xc2\xa3", "GET", "/", "Basic dGVzdDoxMjPCow==");
    http_auth_free(&a);
}

static void users_that_cannot_be_sent_are_refused(void **state)
{
    struct http_auth basic = {.scheme = HTTP_AUTH_BASIC}, digest = {0};
    struct http_auth none = {0};
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&out, "x", 1), 0);
    assert_int_equal(http_auth_answer(&basic, "a:b", "p", "GET", "/", &out),
                     SC_EINVAL);
    assert_int_equal(http_auth_answer(&basic, "a\n", "p", "GET", "/", &out),
                     SC_EINVAL);
    assert_int_equal(http_auth_answer(&basic, "a", "p\r\n", "GET", "/", &out),
                     SC_EINVAL);
    challenge(&digest, "Digest realm=\"r\", nonce=\"n\"", NULL, BOTH, NULL);
    assert_int_equal(
        http_auth_answer(&digest, "a\r\nEvil: 1", "p", "GET", "/", &out),
        SC_EINVAL);
    assert_int_equal(http_auth_answer(&digest, "a", "p", "GET", "/\n", &out),
                     SC_EINVAL);
    assert_int_equal(http_auth_answer(&none, "a", "p", "GET", "/", &out),
                     SC_EINVAL);
    assert_string_equal(out.data, "x");
    http_auth_free(&digest);
    sc_buf_free(&out);
}

/* RFC 2617 section 3.5 */
static void digest_is_that_of_rfc_2617(void **state)
{
    struct http_auth a = {0};

    (void)state;
    assert_int_equal(
        challenge(&a,
                  "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
                  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                  "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                  NULL, BOTH, NULL),
        HTTP_AUTH_DIGEST);
    fix_cnonce(&a, "0a4f113b");
    answers(&a, "Mufasa", "Circle Of Life", "GET", "/dir/index.html",
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
            "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "uri=\"/dir/index.html\", cnonce=\"0a4f113b\", nc=00000001, "
            "qop=auth, response=\"6629fae49393a05397450978507c4ef1\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
    http_auth_free(&a);
}

/* RFC 7616 section 3.9.1: two fields, SHA-256 and MD5. */
#define CHALLENGE_391(algorithm)                                               \
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "         \
    "algorithm=" algorithm ", "                                                \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "                 \
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define ANSWER_391(algorithm, response)                                        \
    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "            \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "                 \
    "uri=\"/dir/index.html\", "                                                \
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "                \
    "nc=00000001, qop=auth, response=\"" response "\", "                       \
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", "                \
    "algorithm=" algorithm

static void digest_is_that_of_rfc_7616(void **state)
{
    const char *cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    struct http_auth a = {0};

    (void)state;
    challenge(&a, CHALLENGE_391("MD5"), NULL, BOTH, NULL);
    fix_cnonce(&a, cnonce);
    answers(&a, "Mufasa", "Circle of Life", "GET", "/dir/index.html",
            ANSWER_391("MD5", "8ca523f5e9506fed4657c9700eebdbec"));
    challenge(&a, CHALLENGE_391("MD5"), CHALLENGE_391("SHA-256"), BOTH, NULL);
    fix_cnonce(&a, cnonce);
    answers(&a, "Mufasa", "Circle of Life", "GET", "/dir/index.html",
            ANSWER_391("SHA-256", "753927fa0e85d155564e2e272a28d180"
                                  "2ca10daf4496794697cf8db5856cb6c1"));
    http_auth_free(&a);
}

/* RFC 7616 section 3.9.2, as corrected by erratum 4897. */
static void a_hashed_user_is_that_of_rfc_7616(void **state)
{
    struct http_auth a = {0};

    (void)state;
    challenge(&a,
              "Digest realm=\"api@example.org\", qop=\"auth\", "
              "algorithm=SHA-512-256, "
              "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
              "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", "
              "charset=UTF-8, userhash=true",
              NULL, BOTH, NULL);
    fix_cnonce(&a, "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
    answers(&a, "J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "GET",
            "/doe.json",
            "Digest username=\"793263caabb707a56211940d90411ea4"
            "a575adeccb7e360aeb624ed06ece9b0b\", realm=\"api@example.org\", "
            "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
            "uri=\"/doe.json\", "
            "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", "
            "nc=00000001, qop=auth, response=\"3798d4131c277846293534c3edc11bd8"
            "a5e4cdcbff78b05db9d95eeb1cec68a5\", "
            "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", "
            "algorithm=SHA-512-256, userhash=true");
    http_auth_free(&a);
}

static void a_user_beyond_ascii_is_written_as_in_rfc_8187(void **state)
{
    struct http_auth a = {0};
    struct sc_buf out = {0};

    (void)state;
    challenge(&a, "Digest realm=\"r\", nonce=\"n\", charset=utf-8", NULL, BOTH,
              NULL);
    assert_int_equal(
        http_auth_answer(&a, "J\xc3\xa4s\xc3\xb8n Doe", "p", "GET", "/", &out),
        0);
    /* the notation is that of RFC 7616 section 3.4 */
    assert_non_null(
        strstr(out.data, "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe,"));
    sc_buf_free(&out);
    http_auth_free(&a);
}

/* RFC 2069's answer has no qop, nc and cnonce; its response is that of erratum
 * 749. */
static void a_challenge_without_qop_is_answered_as_in_rfc_2069(void **state)
{
    struct http_auth a = {0};

    (void)state;
    challenge(&a,
              "Digest realm=\"testrealm@host.com\", "
              "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
              "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
              NULL, BOTH, NULL);
    answers(&a, "Mufasa", "CircleOfLife", "GET", "/dir/index.html",
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
            "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "uri=\"/dir/index.html\", "
            "response=\"1949323746fe6a43ef61f9606e7febea\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
    http_auth_free(&a);
}

/* The numbers are md5sum's of the texts of RFC 7616 section 3.4. */
static void a_session_keeps_its_first_cnonce(void **state)
{
    struct http_auth a = {0};
    struct sc_buf one = {0}, two = {0};
    char *cnonce, *again;

    (void)state;
    challenge(&a,
              "Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=MD5-sess",
              NULL, BOTH, NULL);
    assert_int_equal(http_auth_answer(&a, "u", "p", "GET", "/", &one), 0);
    assert_int_equal(http_auth_answer(&a, "u", "p", "GET", "/", &two), 0);
    cnonce = strstr(one.data, "cnonce=\"");
    again = strstr(two.data, "cnonce=\"");
    assert_non_null(cnonce);
    assert_non_null(again);
    assert_memory_equal(cnonce, again, 8 + 32);
    assert_non_null(strstr(one.data, "nc=00000001"));
    assert_non_null(strstr(two.data, "nc=00000002"));
    fix_cnonce(&a, "c");
    a.count = 0;
    answers(
        &a, "u", "p", "GET", "/",
        "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", "
        "cnonce=\"c\", nc=00000001, qop=auth, "
        "response=\"6e4aac8b22e97762f88ccd0d5ccf5b1d\", algorithm=MD5-sess");
    sc_buf_free(&one);
    sc_buf_free(&two);
    http_auth_free(&a);
}

static void each_request_has_a_cnonce_of_its_own(void **state)
{
    struct http_auth a = {0};
    struct sc_buf one = {0}, two = {0};

    (void)state;
    challenge(&a, "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"", NULL, BOTH,
              NULL);
    assert_int_equal(http_auth_answer(&a, "u", "p", "GET", "/", &one), 0);
    assert_int_equal(http_auth_answer(&a, "u", "p", "GET", "/", &two), 0);
    assert_memory_not_equal(strstr(one.data, "cnonce="),
                            strstr(two.data, "cnonce="), 40);
    sc_buf_free(&one);
    sc_buf_free(&two);
    http_auth_free(&a);
}

static void the_same_nonce_counts_on_and_a_new_one_begins(void **state)
{
    const char *first = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
    const char *stale =
        "Digest realm=\"r\", nonce=\"m\", qop=\"auth\", stale=TRUE";
    struct http_auth a = {0};
    struct sc_buf out = {0};
    bool is_stale = true;

    (void)state;
    challenge(&a, first, NULL, BOTH, &is_stale);
    assert_false(is_stale);
    http_auth_answer(&a, "u", "p", "GET", "/", &out);
    challenge(&a, first, NULL, BOTH, NULL);
    http_auth_answer(&a, "u", "p", "GET", "/", &out);
    assert_non_null(strstr(out.data, "nc=00000002"));
    out.len = 0;
    challenge(&a, stale, NULL, BOTH, &is_stale);
    assert_true(is_stale);
    http_auth_answer(&a, "u", "p", "GET", "/", &out);
    assert_non_null(strstr(out.data, "nc=00000001"));
    sc_buf_free(&out);
    http_auth_free(&a);
}

/* RFC 9110 section 11.6.1 has the first of these. */
static void several_challenges_may_share_a_field(void **state)
{
    struct http_auth a = {0};

    (void)state;
    assert_int_equal(
        challenge(&a,
                  "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, "
                  "title=\"Login to \\\"apps\\\"\"",
                  NULL, BOTH, NULL),
        HTTP_AUTH_BASIC);
    assert_string_equal(a.realm.data, "simple");
    assert_int_equal(
        challenge(&a,
                  "Newauth realm=\"apps\", type=1, title=\"Login to "
                  "\\\"apps\\\", Basic realm=no\", Basic realm=\"simple\"",
                  NULL, BOTH, NULL),
        HTTP_AUTH_BASIC);
    assert_string_equal(a.realm.data, "simple");
    assert_int_equal(challenge(&a,
                               ", ,Negotiate dG9rZW4=, NTLM,Digest "
                               "realm = \"a, b\" ,\tnonce=\"x\\\"\\y\",,Basic ",
                               NULL, BOTH, NULL),
                     HTTP_AUTH_DIGEST);
    assert_string_equal(a.realm.data, "a, b");
    assert_string_equal(a.nonce.data, "x\"y");
    assert_int_equal(
        challenge(&a, "Negotiate, basic", NULL, HTTP_AUTH_BASIC, NULL),
        HTTP_AUTH_BASIC);
    http_auth_free(&a);
}

static void the_strongest_that_is_allowed_is_taken(void **state)
{
    const char *basic = "Basic realm=\"b\"";
    const char *md5 = "Digest realm=\"m\", nonce=\"n\"";
    const char *sha = "Digest realm=\"s\", nonce=\"n\", algorithm=SHA-256, "
                      "qop=\"auth\", Digest realm=\"t\", nonce=\"n\", "
                      "algorithm=\"sha-512-256\", qop=auth";
    struct http_auth a = {0};

    (void)state;
    assert_int_equal(challenge(&a, basic, md5, BOTH, NULL), HTTP_AUTH_DIGEST);
    assert_string_equal(a.realm.data, "m");
    assert_int_equal(challenge(&a, sha, md5, BOTH, NULL), HTTP_AUTH_DIGEST);
    assert_string_equal(a.realm.data, "s"); /* the first of equals */
    assert_int_equal(challenge(&a, md5, sha, BOTH, NULL), HTTP_AUTH_DIGEST);
    assert_string_equal(a.realm.data, "s");
    assert_int_equal(challenge(&a, md5, basic, HTTP_AUTH_BASIC, NULL),
                     HTTP_AUTH_BASIC);
    assert_int_equal(challenge(&a, basic, NULL, HTTP_AUTH_DIGEST, NULL), 0);
    assert_int_equal(a.scheme, 0);
    assert_null(a.realm.data);
    http_auth_free(&a);
}

static void what_cannot_be_answered_is_passed_over(void **state)
{
    static const char *const bad[] = {
        "",
        ",",
        "=",
        "\"Basic\"",
        "Basic realm=\"open",
        "Basic realm=\"a\\",
        "Basic realm=\"a\x01\"",
        "Basic realm=\"a\" charset=\"UTF-8\"",
        "Basic realm=\"a\", realm=\"b\"",
        "Basic/realm=a",
        "Basic dG9rZW4=",
        "Bearer realm=\"a\"",
        "Digest",
        "Digest realm=\"r\"",
        "Digest nonce=\"n\"",
        "Digest realm=\"r\", nonce=",
        "Digest realm=\"r\", nonce=\"n\", nonce=\"m\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-1",
        "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"\"",
    };
    struct http_auth a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (challenge(&a, bad[i], NULL, BOTH, NULL) != 0)
            fail_msg("understood: %s", bad[i]);
    http_auth_free(&a);
}

static void values_have_a_ceiling_and_others_go_on(void **state)
{
    struct sc_buf field = {0};
    struct http_auth a = {0};

    (void)state;
    sc_buf_addf(&field,
                "Digest realm=\"r\", nonce=\"%0*d\", Basic realm=\"a\", "
                "x=\"%0*d\", Basic realm=\"b\"",
                4097, 0, 100000, 0);
    assert_int_equal(challenge(&a, field.data, NULL, BOTH, NULL),
                     HTTP_AUTH_BASIC);
    assert_string_equal(a.realm.data, "b");
    field.len = 0;
    sc_buf_addf(&field, "Digest realm=\"r\", nonce=\"%0*d\"", 4096, 0);
    assert_int_equal(challenge(&a, field.data, NULL, BOTH, NULL),
                     HTTP_AUTH_DIGEST);
    sc_buf_free(&field);
    http_auth_free(&a);
}

static void quotes_are_escaped_again(void **state)
{
    struct http_auth a = {0};
    struct sc_buf out = {0};

    (void)state;
    challenge(&a, "Digest realm=\"a\\\"b\\\\c\", nonce=\"n\"", NULL, BOTH,
              NULL);
    http_auth_answer(&a, "u\"", "p", "GET", "/", &out);
    assert_non_null(strstr(out.data, "username=\"u\\\"\", "
                                     "realm=\"a\\\"b\\\\c\", "));
    sc_buf_free(&out);
    http_auth_free(&a);
}

static void an_answer_beyond_the_ceiling_leaves_out_as_it_was(void **state)
{
    struct http_auth a = {.scheme = HTTP_AUTH_BASIC};
    struct sc_buf out = SC_BUF(10);

    (void)state;
    assert_int_equal(sc_buf_add(&out, "x", 1), 0);
    assert_int_equal(http_auth_answer(&a, "user", "pass", "GET", "/", &out),
                     SC_ETOOBIG);
    assert_string_equal(out.data, "x");
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(basic_is_that_of_rfc_7617),
    cmocka_unit_test(users_that_cannot_be_sent_are_refused),
    cmocka_unit_test(digest_is_that_of_rfc_2617),
    cmocka_unit_test(digest_is_that_of_rfc_7616),
    cmocka_unit_test(a_hashed_user_is_that_of_rfc_7616),
    cmocka_unit_test(a_user_beyond_ascii_is_written_as_in_rfc_8187),
    cmocka_unit_test(a_challenge_without_qop_is_answered_as_in_rfc_2069),
    cmocka_unit_test(a_session_keeps_its_first_cnonce),
    cmocka_unit_test(each_request_has_a_cnonce_of_its_own),
    cmocka_unit_test(the_same_nonce_counts_on_and_a_new_one_begins),
    cmocka_unit_test(several_challenges_may_share_a_field),
    cmocka_unit_test(the_strongest_that_is_allowed_is_taken),
    cmocka_unit_test(what_cannot_be_answered_is_passed_over),
    cmocka_unit_test(values_have_a_ceiling_and_others_go_on),
    cmocka_unit_test(quotes_are_escaped_again),
    cmocka_unit_test(an_answer_beyond_the_ceiling_leaves_out_as_it_was),
};

TEST_MAIN(tests)
