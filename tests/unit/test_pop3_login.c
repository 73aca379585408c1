/* test_pop3_login.c - STLS and logins against scripts: which one is chosen, and
 * what is never sent. Numbers of statements: docs/design/pop3-status.md. */
#include "pop3_script.h"

#define CAPA(lines)                                                            \
    "C: CAPA\n"                                                                \
    "S: +OK\n" lines "S: .\n"

/* RFC 1939 section 7, APOP: tanstaaf, c4c9334bac560ecc979e58001b3e22fb. */
#define STAMP "<1896.697170952@dbc.mtview.ca.us>"
#define STAMPED "S: +OK POP3 server ready " STAMP "\n"
#define DIGEST "c4c9334bac560ecc979e58001b3e22fb"

static const struct sc_options clear = {.user = "mrose",
                                        .password = "tanstaaf"};
static const struct sc_options shown = {
    .user = "mrose", .password = "tanstaaf", .flags = SC_OPT_PLAIN_LOGIN};

static void play(const char *script, const struct sc_options *opt, int code)
{
    struct pop3_talk t = pop3_talk_with(script, 0, opt);

    if (sc_broken(&t.p->base) != code)
        fail_msg("%s: %d %s", script, sc_broken(&t.p->base),
                 sc_last_error(&t.p->base)->text);
    pop3_talk_over(t);
}

/* --- APOP --- */

static void apop_is_the_example_of_rfc_1939(void **state)
{
    (void)state;
    play(STAMPED CAPA("S: USER\n") "C: APOP mrose " DIGEST "\n"
                                   "S: +OK maildrop has 1 message\n" CAPA(""),
         &clear, 0);
}

static void only_a_msg_id_is_a_timestamp(void **state)
{
    static const char *const all[][2] = {
        {"ready " STAMP, STAMP},
        {STAMP, STAMP},
        {"a < b <1@c> d", "<1@c>"},
        {"<<1@c>>", "<1@c>"},
        {"<1.c>", ""},
        {"<1 @c>", ""},
        {"<1@c", ""},
        {"1@c>", ""},
        {"<@", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_span(pop3_stamp_of(sc_span_of(all[i][0])), all[i][1]);
}

static void apop_is_not_preferred_where_the_password_is_safe(void **state)
{
    (void)state;
    play(STAMPED CAPA("S: USER\n") "C: USER mrose\nS: +OK\n"
                                   "C: PASS tanstaaf\nS: +OK\n" CAPA(""),
         &shown, 0);
}

static void apop_without_a_timestamp_is_not_sent(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK ready\n" CAPA(""));

    (void)state;
    assert_int_equal(pop3_apop(t.p, "mrose", "tanstaaf"), SC_ENOTSUP);
    assert_in_order(t);
    pop3_talk_over(t);
}

static void apop_may_be_named(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.mechanisms = "SCRAM-SHA-256 APOP";
    play(STAMPED CAPA("S: USER\nS: SASL PLAIN\n") "C: APOP mrose " DIGEST "\n"
                                                  "S: +OK\n" CAPA(""),
         &opt, 0);
}

/* --- USER and PASS --- */

static void a_password_goes_unchanged(void **state)
{
    struct sc_options opt = {.user = "joe q",
                             .password = " two \"words\" \\ %s ",
                             .flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    play("S: +OK\n" CAPA("S: USER\n") "C: USER joe q\nS: +OK\n"
                                      "c: PASS  two \"words\" \\\\ %s \\r\\n\n"
                                      "S: +OK\n" CAPA(""),
         &opt, 0);
}

static void a_line_break_is_refused_before_a_byte_leaves(void **state)
{
    static const char *const bad[][2] = {
        {"joe\r\nDELE 1", "x"},
        {"joe", "x\r\nDELE 1"},
        {"joe\n", "x"},
        {"joe", "x\r"},
        {"", "x"},
        {"joe", ""},
    };
    struct sc_options opt = {.flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pop3_talk t = pop3_talk_with(
            "S: +OK <1@c>\n" CAPA("S: USER\n") "C: NOOP\nS: +OK\n", 0, &opt);

        assert_int_equal(pop3_user(t.p, bad[i][0], bad[i][1]), SC_EINVAL);
        assert_int_equal(pop3_apop(t.p, bad[i][0], bad[i][1]), SC_EINVAL);
        assert_in_order(t);
        assert_int_equal(pop3_noop(t.p), 0);
        pop3_talk_over(t);
    }
}

static void a_command_beyond_255_bytes_is_refused(void **state)
{
    struct sc_options opt = {.flags = SC_OPT_PLAIN_LOGIN};
    struct pop3_talk t = pop3_talk_with("S: +OK\n" CAPA("S: USER\n"), 0, &opt);
    char password[300];

    (void)state;
    memset(password, 'a', sizeof password);
    password[249] = '\0';
    assert_int_equal(pop3_user(t.p, "joe", password), SC_EINVAL);
    assert_in_order(t);
    pop3_talk_over(t);
}

static void a_password_is_not_shown_in_clear(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK\n" CAPA("S: USER\n"));

    (void)state;
    play("S: +OK\n" CAPA("S: USER\n"), &clear, SC_EPLAINTEXT);
    play("S: +OK\n" CAPA("S: USER\nS: SASL PLAIN LOGIN\n"), &clear,
         SC_EPLAINTEXT);
    assert_int_equal(pop3_user(t.p, "joe", "secret"), SC_EPLAINTEXT);
    assert_in_order(t);
    pop3_talk_over(t);
}

static void a_server_without_capa_is_asked_by_user(void **state)
{
    (void)state;
    play(POP3_OLD "C: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: +OK\n"
                  "C: CAPA\nS: -ERR what?\n",
         &shown, 0);
}

static void what_is_not_offered_is_not_tried(void **state)
{
    (void)state;
    play("S: +OK\n" CAPA("S: UIDL\n"), &shown, SC_ENOTSUP);
}

static void a_refused_login_tells_why(void **state)
{
    struct pop3_talk t = pop3_talk_with(
        "S: +OK\n" CAPA("S: USER\n") "C: USER mrose\nS: +OK\n"
                                     "C: PASS tanstaaf\n"
                                     "S: -ERR [AUTH] wrong password\n",
        0, &shown);

    (void)state;
    assert_int_equal(sc_broken(&t.p->base), SC_EREPLY);
    assert_words(t, "-ERR [AUTH] wrong password");
    assert_string_equal(pop3_response_code(t.p), "AUTH");
    assert_null(strstr(sc_last_error(&t.p->base)->text, "tanstaaf"));
    pop3_talk_over(t);
}

static void keep_line(void *arg, int direction, const char *text, size_t n)
{
    (void)direction;
    sc_buf_add(arg, text, n);
}

static void secrets_are_not_traced(void **state)
{
    struct sc_buf all = {0};
    struct sc_options opt = shown;

    (void)state;
    opt.trace = keep_line;
    opt.trace_arg = &all;
    play("S: +OK\n" CAPA("S: USER\n") "C: USER mrose\nS: +OK\n"
                                      "C: PASS tanstaaf\nS: +OK\n" CAPA(""),
         &opt, 0);
    assert_null(strstr(all.data, "tanstaaf"));
    assert_non_null(strstr(all.data, "***"));
    sc_buf_free(&all);
}

/* --- AUTH --- */

/* RFC 5034 section 6, with an initial response. */
static void auth_plain_has_an_initial_response(void **state)
{
    struct sc_options opt = {.user = "test",
                             .password = "test",
                             .authzid = "test",
                             .flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    play("S: +OK\n" CAPA(
             "S: SASL DIGEST-MD5 GSSAPI PLAIN\n") "C: AUTH PLAIN "
                                                  "dGVzdAB0ZXN0AHRlc3Q=\n"
                                                  "S: +OK Maildrop locked and "
                                                  "ready\n" CAPA(""),
         &opt, 0);
}

/* RFC 2195 section 2. */
static void cram_md5_is_preferred_to_the_password_in_clear(void **state)
{
    struct sc_options opt = {.user = "tim", .password = "tanstaaftanstaaf"};

    (void)state;
    play("S: +OK <1@c>\n" CAPA(
             "S: USER\nS: SASL PLAIN CRAM-MD5\n") "C: AUTH CRAM-MD5\n"
                                                  "S: + PDE4OTYuNjk3MTcwOTUyQH"
                                                  "Bvc3RvZmZpY2UucmVzdG9uLm1ja"
                                                  "S5uZXQ+\n"
                                                  "C: dGltIGI5MTNhNjAyYzdlZGE3"
                                                  "YTQ5NWI0ZTZlNzMzNGQzODkw\n"
                                                  "S: +OK\n" CAPA(""),
         &opt, 0);
}

static void bad_base64_is_cancelled(void **state)
{
    struct pop3_talk t =
        pop3_talk("S: +OK\n" CAPA("S: SASL CRAM-MD5\n") "C: AUTH CRAM-MD5\n"
                                                        "S: + !!\n"
                                                        "C: *\n"
                                                        "S: -ERR cancelled\n"
                                                        "C: NOOP\nS: +OK\n");
    struct sc_sasl_login login = {.user = "tim", .password = "x"};

    (void)state;
    assert_int_equal(pop3_auth(t.p, &login), SC_EPROTO);
    assert_in_order(t);
    assert_int_equal(pop3_noop(t.p), 0);
    pop3_talk_over(t);
}

/* Over 255 bytes: after an empty challenge. */
static void a_long_initial_response_waits(void **state)
{
    char token[300], script[1000];
    struct sc_options opt = {.user = "joe",
                             .token = token,
                             .mechanisms = "XOAUTH2",
                             .flags = SC_OPT_PLAIN_LOGIN};
    struct pop3_talk t;

    (void)state;
    memset(token, 'a', sizeof token);
    token[299] = '\0';
    snprintf(script, sizeof script,
             "S: +OK\n" CAPA("S: SASL XOAUTH2\n") "C: AUTH XOAUTH2\nS: -ERR\n");
    t = pop3_talk_with(script, 0, &opt);
    assert_int_equal(sc_broken(&t.p->base), SC_EREPLY);
    pop3_talk_over(t);
}

static void a_refused_mechanism_is_no_leave_for_another(void **state)
{
    (void)state;
    play("S: +OK\n" CAPA(
             "S: USER\nS: SASL PLAIN\n") "C: AUTH PLAIN "
                                         "AG1yb3NlAHRhbnN0YWFm\nS: -ERR no\n",
         &shown, SC_EREPLY);
}

/* In the server's words: there are no codes of three digits in POP3. */
static void a_refused_mechanism_tells_why(void **state)
{
    struct pop3_talk t = pop3_talk_with(
        "S: +OK\n" CAPA("S: SASL PLAIN\n") "C: AUTH PLAIN "
                                           "AG1yb3NlAHRhbnN0YWFm\n"
                                           "S: -ERR [AUTH] go away\n",
        0, &shown);

    (void)state;
    assert_int_equal(sc_broken(&t.p->base), SC_EREPLY);
    assert_words(t, ": -ERR [AUTH] go away");
    assert_int_equal(sc_last_error(&t.p->base)->status, 500);
    assert_string_equal(pop3_response_code(t.p), "AUTH");
    pop3_talk_over(t);
}

/* The error comes as a challenge, and is answered by an empty line. */
static void xoauth2_error_is_answered_and_told(void **state)
{
    struct sc_options opt = {.user = "joe",
                             .token = "abc",
                             .mechanisms = "XOAUTH2",
                             .flags = SC_OPT_PLAIN_LOGIN};
    struct pop3_talk t = pop3_talk_with(
        "S: +OK\n" CAPA(
            "S: SASL XOAUTH2\n") "C: AUTH XOAUTH2 "
                                 "dXNlcj1qb2UBYXV0aD1CZWFyZXIgYWJjAQE=\n"
                                 "S: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: -ERR "
                                 "[AUTH] no\n",
        0, &opt);

    (void)state;
    assert_int_equal(sc_broken(&t.p->base), SC_EREPLY);
    assert_words(t, "-ERR [AUTH] no");
    assert_words(t, "\"status\":\"401\"");
    assert_null(strstr(sc_last_error(&t.p->base)->text, "abc"));
    pop3_talk_over(t);
}

/* Nobody has shown that it knows the password. */
static void success_before_the_end_breaks(void **state)
{
    struct sc_options opt = {.user = "joe", .password = "x"};

    (void)state;
    opt.mechanisms = "CRAM-MD5";
    play("S: +OK\n" CAPA("S: SASL CRAM-MD5\n") "C: AUTH CRAM-MD5\nS: +OK\n",
         &opt, SC_EPROTO);
}

/* --- STLS --- */

static void tls_required_and_not_offered_sends_no_login(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    play("S: +OK\n" CAPA("S: USER\n"), &opt, SC_ETLS);
    play(POP3_OLD, &opt, SC_ETLS);
}

static void tls_refused_sends_no_login(void **state)
{
    (void)state;
    play("S: +OK\n" CAPA("S: USER\nS: STLS\n") "C: STLS\nS: -ERR no\n", &shown,
         SC_EREPLY);
}

static void bytes_before_tls_are_an_error(void **state)
{
    (void)state;
    play("S: +OK\n" CAPA("S: STLS\n") "C: STLS\ns: +OK\\r\\n+OK hello\\r\\n\n",
         &shown, SC_EPLAINTEXT);
    play("S: +OK\n" CAPA("S: STLS\n") "C: STLS\ns: +OK\\r\\n+\n", &shown,
         SC_EPLAINTEXT);
}

static void never_means_never(void **state)
{
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};

    (void)state;
    play("S: +OK\n" CAPA("S: STLS\n"), &opt, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(apop_is_the_example_of_rfc_1939),
    cmocka_unit_test(only_a_msg_id_is_a_timestamp),
    cmocka_unit_test(apop_is_not_preferred_where_the_password_is_safe),
    cmocka_unit_test(apop_without_a_timestamp_is_not_sent),
    cmocka_unit_test(apop_may_be_named),
    cmocka_unit_test(a_password_goes_unchanged),
    cmocka_unit_test(a_line_break_is_refused_before_a_byte_leaves),
    cmocka_unit_test(a_command_beyond_255_bytes_is_refused),
    cmocka_unit_test(a_password_is_not_shown_in_clear),
    cmocka_unit_test(a_server_without_capa_is_asked_by_user),
    cmocka_unit_test(what_is_not_offered_is_not_tried),
    cmocka_unit_test(a_refused_login_tells_why),
    cmocka_unit_test(secrets_are_not_traced),
    cmocka_unit_test(auth_plain_has_an_initial_response),
    cmocka_unit_test(cram_md5_is_preferred_to_the_password_in_clear),
    cmocka_unit_test(bad_base64_is_cancelled),
    cmocka_unit_test(a_long_initial_response_waits),
    cmocka_unit_test(a_refused_mechanism_is_no_leave_for_another),
    cmocka_unit_test(a_refused_mechanism_tells_why),
    cmocka_unit_test(xoauth2_error_is_answered_and_told),
    cmocka_unit_test(success_before_the_end_breaks),
    cmocka_unit_test(tls_required_and_not_offered_sends_no_login),
    cmocka_unit_test(tls_refused_sends_no_login),
    cmocka_unit_test(bytes_before_tls_are_an_error),
    cmocka_unit_test(never_means_never),
};

TEST_MAIN(tests)
