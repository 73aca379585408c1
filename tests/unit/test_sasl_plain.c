/* test_sasl_plain.c - what PLAIN, LOGIN, EXTERNAL, CRAM-MD5 and the OAuth
 * mechanisms say: the examples of RFC 2195, RFC 4616, RFC 7628 and of Google's
 * XOAUTH2 pages. SCRAM has its own file. */
#include "sasl_steps.h"

#include <stdlib.h>

static const struct sc_sasl_login amy = {
    .user = "amy", .password = "secret", .protected_link = 1};

/* --- PLAIN, LOGIN, EXTERNAL --- */

/* RFC 4616 section 4 */
static void plain_is_rfc_4616s(void **state)
{
    struct sc_sasl_login l = {
        .user = "tim", .password = "tanstaaftanstaaf", .protected_link = 1};
    struct sc_sasl *s = begin("PLAIN", l);

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    assert_false(sc_sasl_heavy(s));
    says_n(s, "", "\0tim\0tanstaaftanstaaf", 21);
    ends(s, "", 0);
    l = (struct sc_sasl_login){.user = "Kurt",
                               .password = "xipj3plmq",
                               .authzid = "Ursel",
                               .protected_link = 1};
    s = begin("PLAIN", l);
    says_n(s, "", "Ursel\0Kurt\0xipj3plmq", 20);
    ends(s, "", 0);
}

static void login_answers_whatever_is_asked(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);

    (void)state;
    assert_false(sc_sasl_speaks_first(s));
    says(s, "User Name", "amy");
    says(s, "", "secret");
    ends(s, "", 0);
}

static void external_says_whom_to_act_as(void **state)
{
    struct sc_sasl_login l = {.mechanisms = "EXTERNAL"};
    struct sc_sasl *s = begin("EXTERNAL", l);

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    says(s, "", "");
    ends(s, "", 0);
    l.authzid = "fred@example.com";
    s = begin("EXTERNAL", l);
    says(s, "", "fred@example.com");
    ends(s, "", 0);
}

/* --- CRAM-MD5 --- */

/* RFC 2195 section 2 */
static void cram_md5_is_rfc_2195s(void **state)
{
    struct sc_sasl_login l = {.user = "tim", .password = "tanstaaftanstaaf"};
    struct sc_sasl *s = begin("CRAM-MD5", l);

    (void)state;
    assert_false(sc_sasl_speaks_first(s));
    says64(s, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
           "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    ends(s, "", 0);
}

static void cram_md5_needs_a_challenge(void **state)
{
    struct sc_sasl *s = begin("CRAM-MD5", amy);

    (void)state;
    fails(s, "", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

/* --- OAuth 2.0 --- */

static struct sc_sasl_login google(void)
{
    return (struct sc_sasl_login){
        .user = "someuser@example.com",
        .token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
        .protected_link = 1};
}

/* The example of Google's "OAuth 2.0 Mechanism". */
static void xoauth2_is_googles(void **state)
{
    struct sc_sasl *s = begin("XOAUTH2", google());

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    says64(s, "",
           "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmd"
           "DRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==");
    ends(s, "", 0);
}

/* Statement 32. */
static void xoauth2_error_is_answered_with_nothing_and_kept(void **state)
{
    static const char error[] = "{\"status\":\"400\",\"schemes\":\"Bearer\","
                                "\"scope\":\"https://mail.google.com/\"}\r\n";
    struct sc_sasl *s = begin("XOAUTH2", google());
    struct sc_buf out = {0};

    (void)state;
    assert_string_equal(sc_sasl_said(s), "");
    assert_int_equal(sc_sasl_step(s, sc_span_of(""), &out), 0);
    sc_buf_free(&out);
    says(s, error, "");
    assert_memory_equal(sc_sasl_said(s), error, strlen(error) - 2);
    fails(s, "more", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

static struct sc_sasl_login rfc7628(void)
{
    return (struct sc_sasl_login){
        .user = "user@example.com",
        .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
        .host = "server.example.com",
        .port = 143,
        .protected_link = 1};
}

static const char rfc7628_first[] =
    "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAW"
    "F1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQE"
    "B";

/* RFC 7628 section 4.1 */
static void oauthbearer_is_rfc_7628s(void **state)
{
    struct sc_sasl *s = begin("OAUTHBEARER", rfc7628());

    (void)state;
    says64(s, "", rfc7628_first);
    ends(s, "", 0);
}

/* RFC 7628 section 4.3 */
static void oauthbearer_error_is_answered_with_control_a(void **state)
{
    struct sc_sasl *s = begin("OAUTHBEARER", rfc7628());

    (void)state;
    says64(s, "", rfc7628_first);
    says64(s,
           "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIi"
           "wib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxs"
           "LWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=",
           "AQ==");
    assert_string_equal(
        sc_sasl_said(s),
        "{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
        "\"openid-configuration\":\"https://example.com/.well-known/"
        "openid-configuration\"}");
    ends(s, "", SC_EPROTO);
}

static void oauthbearer_leaves_out_what_is_unknown(void **state)
{
    struct sc_sasl_login l = {.token = "t", .protected_link = 1};
    struct sc_sasl *s = begin("OAUTHBEARER", l);

    (void)state;
    says(s, "", "n,,\1auth=Bearer t\1\1");
    ends(s, "", 0);
    l.user = "amy";
    l.authzid = "a=b,c";
    s = begin("OAUTHBEARER", l);
    says(s, "", "n,a=a=3Db=2Cc,\1auth=Bearer t\1\1");
    ends(s, "", 0);
}

/* --- what does not belong to an exchange --- */

static void nothing_comes_before_the_first_response(void **state)
{
    static const char *const names[] = {"PLAIN", "SCRAM-SHA-256", "XOAUTH2",
                                        "OAUTHBEARER"};
    struct sc_sasl_login l = amy;

    (void)state;
    l.token = "t";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sc_sasl *s = begin(names[i], l);

        fails(s, "hello", SC_EPROTO);
        fails(s, "", SC_EPROTO); /* and it stays so */
        ends(s, "", SC_EPROTO);
    }
}

static void nothing_comes_after_the_last_response(void **state)
{
    struct sc_sasl *s = begin("PLAIN", amy);

    (void)state;
    says_n(s, "", "\0amy\0secret", 11);
    fails(s, "", SC_EPROTO);
    ends(s, "", SC_EPROTO);
    s = begin("LOGIN", amy);
    says(s, "u", "amy");
    says(s, "p", "secret");
    fails(s, "again", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

/* Statement 31, its second half. */
static void success_before_the_end_is_an_error(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);

    (void)state;
    says(s, "u", "amy");
    ends(s, "", SC_EPROTO);
    ends(begin("CRAM-MD5", amy), "", SC_EPROTO);
    ends(begin("PLAIN", amy), "", SC_EPROTO);
    s = begin("PLAIN", amy);
    says_n(s, "", "\0amy\0secret", 11);
    ends(s, "data", SC_EPROTO);
}

/* --- sizes --- */

static char *letters(size_t n)
{
    char *p = malloc(n + 1);

    assert_non_null(p);
    memset(p, 'x', n);
    p[n] = '\0';
    return p;
}

static void tokens_have_up_to_64_kib(void **state)
{
    struct sc_sasl_login l = google();
    char *token = letters(65536);
    size_t rest = strlen("user=someuser@example.com\1auth=Bearer \1\1");
    struct sc_sasl *s;
    struct sc_buf out = {0};

    (void)state;
    l.token = token + rest;
    s = begin("XOAUTH2", l);
    assert_int_equal(sc_sasl_step(s, sc_span_of(""), &out), 0);
    assert_int_equal(out.len, 65536);
    sc_buf_free(&out);
    ends(s, "", 0);
    l.token = token + rest - 1;
    s = begin("XOAUTH2", l);
    fails(s, "", SC_ETOOBIG);
    sc_sasl_free(s);
    free(token);
}

static void challenges_have_up_to_64_kib(void **state)
{
    struct sc_sasl *s = begin("CRAM-MD5", amy);
    char *big = letters(65537);
    struct sc_buf out = {0};

    (void)state;
    fails(s, big, SC_ETOOBIG);
    sc_sasl_free(s);
    s = begin("CRAM-MD5", amy);
    assert_int_equal(sc_sasl_step(s, sc_span_of(big + 1), &out), 0);
    sc_buf_free(&out);
    sc_sasl_free(s);
    free(big);
}

static void a_response_is_appended(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&out, "AUTH ", 5), 0);
    assert_int_equal(sc_sasl_step(s, sc_span_of("?"), &out), 0);
    assert_string_equal(out.data, "AUTH amy");
    sc_buf_free(&out);
    sc_sasl_free(s);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_is_rfc_4616s),
    cmocka_unit_test(login_answers_whatever_is_asked),
    cmocka_unit_test(external_says_whom_to_act_as),
    cmocka_unit_test(cram_md5_is_rfc_2195s),
    cmocka_unit_test(cram_md5_needs_a_challenge),
    cmocka_unit_test(xoauth2_is_googles),
    cmocka_unit_test(xoauth2_error_is_answered_with_nothing_and_kept),
    cmocka_unit_test(oauthbearer_is_rfc_7628s),
    cmocka_unit_test(oauthbearer_error_is_answered_with_control_a),
    cmocka_unit_test(oauthbearer_leaves_out_what_is_unknown),
    cmocka_unit_test(nothing_comes_before_the_first_response),
    cmocka_unit_test(nothing_comes_after_the_last_response),
    cmocka_unit_test(success_before_the_end_is_an_error),
    cmocka_unit_test(tokens_have_up_to_64_kib),
    cmocka_unit_test(challenges_have_up_to_64_kib),
    cmocka_unit_test(a_response_is_appended),
};

TEST_MAIN(tests)
