/* test_sasl_scram.c - SCRAM: the exchanges of RFC 5802 and RFC 7677, and
 * everything that a server may get wrong in one. */
#include "main.h"

#include "sasl/mechanism.h"

/* RFC 5802 section 5 */
#define NONCE1 "fyko+d2lbbFgONRv9qkxdawL"
#define FIRST1 "n,,n=user,r=" NONCE1
#define OFFER1 "r=" NONCE1 "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
#define FINAL1                                                                 \
    "c=biws,r=" NONCE1 "3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
#define LAST1 "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

/* RFC 7677 section 3 */
#define NONCE256 "rOprNGfwEbeRWgbNEkqO"
#define SERVER256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT256 "s=W22ZaJ0SNY7soEsUEjb6gQ=="
#define OFFER256 "r=" NONCE256 SERVER256 "," SALT256 ",i=4096"
#define FINAL256                                                               \
    "c=biws,r=" NONCE256 SERVER256                                             \
    ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define LAST256 "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static struct sc_sasl_login user(void)
{
    return (struct sc_sasl_login){.user = "user", .password = "pencil"};
}

static struct sc_sasl_login bound(void)
{
    struct sc_sasl_login l = user();

    l.binding_type = "tls-exporter";
    l.binding = (struct sc_span){"\0\1\2\3\4\5\6\7", 8};
    return l;
}

static struct sc_sasl *begin(const char *offered, struct sc_sasl_login l,
                             const char *nonce)
{
    struct sc_error err = {0};
    struct sc_sasl *s = sc_sasl_new(offered, &l, &err);

    if (s == NULL)
        fail_msg("%s: %s", offered, err.text);
    assert_true(sc_sasl_speaks_first(s));
    if (nonce != NULL)
        sc_scram_fix_nonce(s, nonce);
    return s;
}

static void says(struct sc_sasl *s, const char *challenge, const char *want)
{
    struct sc_buf out = {0};
    int rc = sc_sasl_step(s, sc_span_of(challenge), &out);

    if (rc < 0)
        fail_msg("%d %s", rc, sc_sasl_why(s));
    assert_string_equal(out.data, want);
    sc_buf_free(&out);
}

static void fails(struct sc_sasl *s, const char *challenge, size_t n, int code)
{
    struct sc_buf out = {0};
    int rc = sc_sasl_step(s, (struct sc_span){challenge, n}, &out);

    if (rc != code)
        fail_msg("%s: %d, not %d: %s", challenge, rc, code, sc_sasl_why(s));
    assert_int_equal(out.len, 0);
    assert_true(sc_sasl_why(s)[0] != '\0');
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), code);
    sc_buf_free(&out);
    sc_sasl_free(s);
}

static struct sc_sasl *after_first(void)
{
    struct sc_sasl *s = begin("SCRAM-SHA-256", user(), NONCE256);

    says(s, "", "n,,n=user,r=" NONCE256);
    return s;
}

static struct sc_sasl *after_final(void)
{
    struct sc_sasl *s = after_first();

    says(s, OFFER256, FINAL256);
    return s;
}

/* OFFER in place of the server's first message. */
static void refuses(const char *offer, int code)
{
    fails(after_first(), offer, strlen(offer), code);
}

/* --- as the RFCs have it --- */

static void sha_1_is_rfc_5802s(void **state)
{
    struct sc_sasl *s = begin("SCRAM-SHA-1", user(), NONCE1);

    (void)state;
    says(s, "", FIRST1);
    says(s, OFFER1, FINAL1);
    says(s, LAST1, "");
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), 0);
    sc_sasl_free(s);
}

static void sha_256_is_rfc_7677s(void **state)
{
    struct sc_sasl *s = after_final();

    (void)state;
    says(s, LAST256, "");
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), 0);
    sc_sasl_free(s);
}

/* RFC 4422 section 3.6: NNTP's 283 carries it. */
static void the_signature_may_come_with_success(void **state)
{
    struct sc_sasl *s = after_final();

    (void)state;
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(LAST256)), 0);
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), 0);
    sc_sasl_free(s);
}

static void only_the_second_step_is_heavy(void **state)
{
    struct sc_sasl *s = begin("SCRAM-SHA-256", user(), NONCE256);

    (void)state;
    assert_false(sc_sasl_heavy(s));
    says(s, "", "n,,n=user,r=" NONCE256);
    assert_true(sc_sasl_heavy(s));
    says(s, OFFER256, FINAL256);
    assert_false(sc_sasl_heavy(s));
    sc_sasl_free(s);
}

static void nonces_are_long_and_never_the_same(void **state)
{
    struct sc_sasl *a = begin("SCRAM-SHA-1", user(), NULL);
    struct sc_sasl *b = begin("SCRAM-SHA-1", user(), NULL);
    struct sc_buf first = {0}, second = {0};

    (void)state;
    assert_int_equal(sc_sasl_step(a, sc_span_of(""), &first), 0);
    assert_int_equal(sc_sasl_step(b, sc_span_of(""), &second), 0);
    assert_memory_equal(first.data, "n,,n=user,r=", 12);
    assert_int_equal(first.len, 12 + 24);
    assert_string_not_equal(first.data, second.data);
    sc_buf_free(&first);
    sc_buf_free(&second);
    sc_sasl_free(a);
    sc_sasl_free(b);
}

/* --- names --- */

static void commas_and_equals_signs_are_escaped(void **state)
{
    struct sc_sasl_login l = user();
    struct sc_sasl *s;

    (void)state;
    l.user = "a,b=c";
    s = begin("SCRAM-SHA-1", l, "x");
    says(s, "", "n,,n=a=2Cb=3Dc,r=x");
    sc_sasl_free(s);
    l.authzid = "=,";
    s = begin("SCRAM-SHA-1", l, "x");
    says(s, "", "n,a==3D=2C,n=a=2Cb=3Dc,r=x");
    sc_sasl_free(s);
}

static void utf8_goes_as_it_is(void **state)
{
    struct sc_sasl_login l = user();
    struct sc_sasl *s;

    (void)state;
    l.user = "ren\xc3\xa9";
    s = begin("SCRAM-SHA-1", l, "x");
    says(s, "", "n,,n=ren\xc3\xa9,r=x");
    sc_sasl_free(s);
}

/* --- channel binding --- */

static void plus_binds_to_the_channel(void **state)
{
    struct sc_sasl *s = begin("SCRAM-SHA-256-PLUS", bound(), NONCE256);

    (void)state;
    says(s, "", "p=tls-exporter,,n=user,r=" NONCE256);
    says(s, OFFER256,
         "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYH,r=" NONCE256 SERVER256
         ",p=QAd7eifevIt6X/f2Cv9W4HLXcFLw7OayX8dQ2scckyI=");
    says(s, "v=8dbpxwe4DaC4ESpY8u6aAvFeP2ks9+LClF/ADCxyWOE=", "");
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), 0);
    sc_sasl_free(s);
}

static void header_is(const char *offered, struct sc_sasl_login l,
                      const char *want)
{
    struct sc_sasl *s = begin(offered, l, "x");

    says(s, "", want);
    sc_sasl_free(s);
}

/* RFC 5802 section 6 */
static void the_flag_tells_what_we_saw(void **state)
{
    struct sc_sasl_login l = bound();

    (void)state;
    header_is("SCRAM-SHA-1", user(), "n,,n=user,r=x");
    header_is("SCRAM-SHA-1 SCRAM-SHA-1-PLUS", user(), "n,,n=user,r=x");
    header_is("SCRAM-SHA-1", l, "y,,n=user,r=x");
    header_is("SCRAM-SHA-1-PLUS", l, "p=tls-exporter,,n=user,r=x");
    /* It is offered, but not asked for: "y" would be a lie. */
    header_is("SCRAM-SHA-1 SCRAM-SHA-512-PLUS", l, "n,,n=user,r=x");
    l.mechanisms = "SCRAM-SHA-1";
    header_is("SCRAM-SHA-1 scram-sha-1-plus", l, "n,,n=user,r=x");
}

static void the_flag_is_bound_too(void **state)
{
    struct sc_sasl *s = begin("SCRAM-SHA-256", bound(), NONCE256);
    struct sc_buf out = {0};

    (void)state;
    says(s, "", "y,,n=user,r=" NONCE256);
    assert_int_equal(sc_sasl_step(s, sc_span_of(OFFER256), &out), 0);
    assert_memory_equal(out.data, "c=eSws,r=", 9); /* "y,," */
    sc_buf_free(&out);
    sc_sasl_free(s);
}

/* --- what the server may get wrong --- */

static void the_nonce_must_begin_with_ours(void **state)
{
    (void)state;
    refuses("r=" SERVER256 "," SALT256 ",i=4096", SC_EPROTO);
    refuses("r=rOprNGfwEbeRWgbNEkqX" SERVER256 "," SALT256 ",i=4096",
            SC_EPROTO);
    refuses("r=" NONCE256 "," SALT256 ",i=4096", SC_EPROTO); /* nothing added */
    refuses("r=" NONCE256 "a b," SALT256 ",i=4096", SC_EPROTO);
    refuses("r=" NONCE256 "\xc3\xa9," SALT256 ",i=4096", SC_EPROTO);
    refuses("r=," SALT256 ",i=4096", SC_EPROTO);
}

static void the_salt_must_be_base64(void **state)
{
    (void)state;
    refuses("r=" NONCE256 "x,s=,i=4096", SC_EPROTO);
    refuses("r=" NONCE256 "x,s=W22Z*J0S,i=4096", SC_EPROTO);
    refuses("r=" NONCE256 "x,s=W22ZaJ0,i=4096", SC_EPROTO);
    refuses("r=" NONCE256 "x,i=4096", SC_EPROTO);
}

static void rounds(const char *n, int code)
{
    char offer[200];

    snprintf(offer, sizeof offer, "r=%sx,%s,i=%s", NONCE256, SALT256, n);
    refuses(offer, code);
}

static void rounds_have_a_floor_and_a_ceiling(void **state)
{
    struct sc_sasl *s = after_first();
    struct sc_buf out = {0};

    (void)state;
    rounds("4095", SC_ETOOBIG);
    rounds("1", SC_ETOOBIG);
    rounds("600001", SC_ETOOBIG);
    rounds("4294967296", SC_ETOOBIG);
    rounds("99999999999999999999999999999999999999", SC_ETOOBIG);
    rounds("0", SC_EPROTO);
    rounds("04096", SC_EPROTO);
    rounds("-4096", SC_EPROTO);
    rounds("+4096", SC_EPROTO);
    rounds("4096 ", SC_EPROTO);
    rounds("0x1000", SC_EPROTO);
    rounds("", SC_EPROTO);
    assert_int_equal(
        sc_sasl_step(s, sc_span_of("r=" NONCE256 "x," SALT256 ",i=600000"),
                     &out),
        0);
    sc_buf_free(&out);
    sc_sasl_free(s);
}

static void extensions_that_must_be_understood_are_refused(void **state)
{
    struct sc_sasl *s = after_first();
    struct sc_buf out = {0};

    (void)state;
    refuses("m=x," OFFER256, SC_EPROTO);
    refuses(OFFER256 ",m=x", SC_EPROTO);
    refuses(OFFER256 ",x=1,m=x", SC_EPROTO);
    refuses(OFFER256 ",1=x", SC_EPROTO);
    refuses(OFFER256 ",x", SC_EPROTO);
    refuses(OFFER256 ",,", SC_EPROTO);
    assert_int_equal(sc_sasl_step(s, sc_span_of(OFFER256 ",x=1,y="), &out), 0);
    sc_buf_free(&out);
    sc_sasl_free(s);
}

static void messages_are_in_order_and_whole(void **state)
{
    static const char nul[] =
        "r=" NONCE256 "x,s=W22ZaJ0SNY7soEsUEjb6gQ==\0,i=1";

    (void)state;
    refuses("", SC_EPROTO);
    refuses("r", SC_EPROTO);
    refuses("hello", SC_EPROTO);
    refuses(SALT256 ",r=" NONCE256 "x,i=4096", SC_EPROTO);
    refuses("r=" NONCE256 "x," SALT256, SC_EPROTO);
    refuses(LAST256, SC_EPROTO);
    fails(after_first(), nul, sizeof nul - 1, SC_EPROTO);
}

/* --- the server's signature (statement 31) --- */

static void a_wrong_signature_is_an_error(void **state)
{
    static const char wrong[] =
        "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    struct sc_sasl *s = after_final();

    (void)state;
    fails(after_final(), wrong, strlen(wrong), SC_ECERT);
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(wrong)), SC_ECERT);
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(LAST256)), SC_ECERT);
    sc_sasl_free(s);
    fails(after_final(), LAST1, strlen(LAST1), SC_ECERT); /* shorter */
    fails(after_final(), "v=6rri", 6, SC_ECERT);
    fails(after_final(), "v=", 2, SC_ECERT);
    fails(after_final(), "v=6rr*", 6, SC_EPROTO);
    fails(after_final(), "x=6rri", 6, SC_EPROTO);
    fails(after_final(), "", 0, SC_EPROTO);
}

static void success_without_the_signature_is_an_error(void **state)
{
    struct sc_sasl *s = after_final();

    (void)state;
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), SC_ECERT);
    sc_sasl_free(s);
    s = after_first();
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("")), SC_EPROTO);
    sc_sasl_free(s);
    s = after_first();
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(LAST256)), SC_EPROTO);
    sc_sasl_free(s);
}

static void the_signature_comes_once(void **state)
{
    struct sc_sasl *s = after_final();

    (void)state;
    says(s, LAST256, "");
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(LAST256)), SC_EPROTO);
    sc_sasl_free(s);
    s = after_final();
    says(s, LAST256, "");
    fails(s, LAST256, strlen(LAST256), SC_EPROTO);
}

static void a_server_error_is_told(void **state)
{
    struct sc_sasl *s = after_final();
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_sasl_step(s, sc_span_of("e=invalid-proof,x=y"), &out),
                     SC_EREPLY);
    assert_string_equal(sc_sasl_said(s), "invalid-proof");
    assert_non_null(strstr(sc_sasl_why(s), "invalid-proof"));
    sc_sasl_free(s);
    s = after_first();
    assert_int_equal(sc_sasl_step(s, sc_span_of("e=unknown\1user"), &out),
                     SC_EREPLY);
    assert_string_equal(sc_sasl_said(s), "unknown?user");
    sc_sasl_free(s);
    s = after_final();
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of("e=other-error")),
                     SC_EREPLY);
    assert_string_equal(sc_sasl_said(s), "other-error");
    sc_sasl_free(s);
    sc_buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sha_1_is_rfc_5802s),
    cmocka_unit_test(sha_256_is_rfc_7677s),
    cmocka_unit_test(the_signature_may_come_with_success),
    cmocka_unit_test(only_the_second_step_is_heavy),
    cmocka_unit_test(nonces_are_long_and_never_the_same),
    cmocka_unit_test(commas_and_equals_signs_are_escaped),
    cmocka_unit_test(utf8_goes_as_it_is),
    cmocka_unit_test(plus_binds_to_the_channel),
    cmocka_unit_test(the_flag_tells_what_we_saw),
    cmocka_unit_test(the_flag_is_bound_too),
    cmocka_unit_test(the_nonce_must_begin_with_ours),
    cmocka_unit_test(the_salt_must_be_base64),
    cmocka_unit_test(rounds_have_a_floor_and_a_ceiling),
    cmocka_unit_test(extensions_that_must_be_understood_are_refused),
    cmocka_unit_test(messages_are_in_order_and_whole),
    cmocka_unit_test(a_wrong_signature_is_an_error),
    cmocka_unit_test(success_without_the_signature_is_an_error),
    cmocka_unit_test(the_signature_comes_once),
    cmocka_unit_test(a_server_error_is_told),
};

TEST_MAIN(tests)
