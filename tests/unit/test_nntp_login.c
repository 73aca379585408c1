/* test_nntp_login.c - AUTHINFO (RFC 4643), 480, 483 and STARTTLS (RFC 4642)
 * against scripts: which login is chosen, when, and what is never sent. Numbers of
 * statements: docs/design/nntp-status.md. */
#include "nntp_script.h"

#define READER "S: READER\n"
#define USER "S: AUTHINFO USER\n"
#define OPEN(lines) "S: 200 news\n" CAPS(READER lines)
#define LOGIN                                                                  \
    "C: AUTHINFO USER fred\n"                                                  \
    "S: 381 Enter passphrase\n"                                                \
    "C: AUTHINFO PASS flintstone\n"                                            \
    "S: 281 Authentication accepted\n"

static const struct sc_options clear = {.user = "fred",
                                        .password = "flintstone"};
static const struct sc_options shown = {
    .user = "fred", .password = "flintstone", .flags = SC_OPT_PLAIN_LOGIN};
static const struct sc_options nobody = {.flags = SC_OPT_PLAIN_LOGIN};

/* --- USER and PASS --- */

/* RFC 4643 section 2.3.3. */
static void user_and_pass_are_the_example_of_rfc_4643(void **state)
{
    (void)state;
    nntp_play(OPEN(USER) LOGIN CAPS(READER), &shown, 0);
}

static void a_user_alone_may_be_enough(void **state)
{
    (void)state;
    nntp_play(OPEN(USER) "C: AUTHINFO USER fred\nS: 281 welcome\n" CAPS(READER),
              &shown, 0);
}

static void a_password_goes_unchanged(void **state)
{
    struct sc_options opt = {.user = "joe q",
                             .password = " two \"words\" \\ %s ",
                             .flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    nntp_play(OPEN(USER) "C: AUTHINFO USER joe q\nS: 381\n"
                         "c: AUTHINFO PASS  two \"words\" \\\\ %s \\r\\n\n"
                         "S: 281\n" CAPS(READER),
              &opt, 0);
}

static void a_server_without_capabilities_is_asked_by_user(void **state)
{
    (void)state;
    nntp_play(NNTP_OLD LOGIN "C: CAPABILITIES\nS: 500\n", &shown, 0);
}

static void refusals_are_told_apart(void **state)
{
    static const struct {
        const char *script;
        int code;
    } all[] = {
        {"C: AUTHINFO USER fred\nS: 481 unknown\n", 481},
        {"C: AUTHINFO USER fred\nS: 482 out of sequence\n", 482},
        {"C: AUTHINFO USER fred\nS: 502 already in\n", 502},
        {"C: AUTHINFO USER fred\nS: 500 what\n", 500},
        {"C: AUTHINFO USER fred\nS: 480 no\n", 480},
        {"C: AUTHINFO USER fred\nS: 381\nC: AUTHINFO PASS flintstone\n"
         "S: 481 wrong\n",
         481},
        {"C: AUTHINFO USER fred\nS: 381\nC: AUTHINFO PASS flintstone\n"
         "S: 482 wrong\n",
         482},
        {"C: AUTHINFO USER fred\nS: 381\nC: AUTHINFO PASS flintstone\n"
         "S: 502 no\n",
         502},
    };
    char script[600];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t;

        snprintf(script, sizeof script, OPEN(USER) "%sC: NEXT\nS: 421 no\n",
                 all[i].script);
        t = nntp_talk_with(script, 0, &nobody);
        assert_refused(t, nntp_authinfo_user(t.n, "fred", "flintstone"),
                       all[i].code);
        assert_null(strstr(sc_last_error(&t.n->base)->text, "flintstone"));
        assert_refused(t, nntp_next(t.n, NULL), 421);
        nntp_talk_over(t);
    }
}

static void status_400_to_a_login_ends_the_connection(void **state)
{
    (void)state;
    nntp_play(OPEN(USER) "C: AUTHINFO USER fred\nS: 400 bye\n", &shown,
              SC_EREPLY);
}

static void a_password_asked_for_twice_breaks(void **state)
{
    (void)state;
    nntp_play(OPEN(USER) "C: AUTHINFO USER fred\nS: 381\n"
                         "C: AUTHINFO PASS flintstone\nS: 381 again\n",
              &shown, SC_EPROTO);
}

static void a_line_break_is_refused_before_a_byte_leaves(void **state)
{
    static const char *const bad[][2] = {
        {"joe\r\nQUIT", "x"},
        {"joe", "x\r\nQUIT"},
        {"joe\n", "x"},
        {"joe", "x\r"},
        {"", "x"},
        {"joe", ""},
        {NULL, "x"},
        {"joe", NULL},
    };
    struct nntp_talk t =
        nntp_talk_with(OPEN(USER) "C: NEXT\nS: 421 no\n", 0, &nobody);
    char password[600];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_authinfo_user(t.n, bad[i][0], bad[i][1]),
                         SC_EINVAL);
    memset(password, 'a', sizeof password);
    password[512 - 15] = '\0';
    assert_int_equal(nntp_authinfo_user(t.n, "joe", password), SC_EINVAL);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

/* 512 bytes with CRLF (RFC 3977 section 3.1). */
static void a_password_that_fits_goes(void **state)
{
    char password[512 - 15], script[1200];
    struct nntp_talk t;

    (void)state;
    memset(password, 'a', sizeof password);
    password[sizeof password - 1] = '\0';
    snprintf(script, sizeof script,
             OPEN(USER) "C: AUTHINFO USER fred\nS: 381\nC: AUTHINFO PASS %s\n"
                        "S: 481\n",
             password);
    t = nntp_talk_with(script, 0, &nobody);
    assert_refused(t, nntp_authinfo_user(t.n, "fred", password), 481);
    nntp_talk_over(t);
}

static void a_password_is_not_shown_in_clear(void **state)
{
    struct nntp_talk t = nntp_talk(OPEN(USER));

    (void)state;
    nntp_play(OPEN(USER), &clear, SC_EPLAINTEXT);
    nntp_play(OPEN("S: AUTHINFO USER SASL\nS: SASL PLAIN LOGIN\n"), &clear,
              SC_EPLAINTEXT);
    assert_int_equal(nntp_authinfo_user(t.n, "fred", "x"), SC_EPLAINTEXT);
    assert_in_order(t);
    nntp_talk_over(t);
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
    nntp_play(OPEN(USER) LOGIN CAPS(READER), &opt, 0);
    assert_null(strstr(all.data, "flintstone"));
    assert_non_null(strstr(all.data, "***"));
    sc_buf_free(&all);
}

static void what_the_login_changes_is_asked_again(void **state)
{
    struct nntp_talk t = nntp_talk_with(
        OPEN(USER) LOGIN CAPS(READER "S: POST\nS: OVER\n"), 0, &shown);

    (void)state;
    assert_int_equal(nntp_capabilities(t.n)->have,
                     NNTP_CAP_CAPABILITIES | NNTP_CAP_READER | NNTP_CAP_POST |
                         NNTP_CAP_OVER);
    nntp_talk_over(t);
}

/* --- SASL --- */

#define SASL(mechanisms)                                                       \
    "S: AUTHINFO USER SASL\n"                                                  \
    "S: SASL " mechanisms "\n"

/* RFC 4643 section 2.4.4. */
static void sasl_plain_is_the_example_of_rfc_4643(void **state)
{
    struct sc_options opt = {
        .user = "test", .password = "1234", .flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    nntp_play(
        OPEN(SASL(
            "PLAIN DIGEST-MD5 GSSAPI")) "C: AUTHINFO SASL PLAIN "
                                        "AHRlc3QAMTIzNA==\n"
                                        "S: 281 Authentication accepted\n" CAPS(
                                            READER),
        &opt, 0);
}

/* RFC 2195 section 2, carried as RFC 4643 section 2.4.2 says. */
static void cram_md5_is_preferred_to_the_password_in_clear(void **state)
{
    struct sc_options opt = {.user = "tim", .password = "tanstaaftanstaaf"};

    (void)state;
    nntp_play(OPEN(SASL("PLAIN CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\n"
                                           "S: 383 PDE4OTYuNjk3MTcwOTUyQH"
                                           "Bvc3RvZmZpY2UucmVzdG9uLm1ja"
                                           "S5uZXQ+\n"
                                           "C: dGltIGI5MTNhNjAyYzdlZGE3"
                                           "YTQ5NWI0ZTZlNzMzNGQzODkw\n"
                                           "S: 281 in\n" CAPS(READER),
              &opt, 0);
}

/* RFC 4643 section 2.4.2: "=" stands for no bytes, at the beginning and later.
 */
static void no_bytes_are_an_equals_sign(void **state)
{
    struct sc_options opt = {.mechanisms = "EXTERNAL"};

    (void)state;
    nntp_play(OPEN(SASL("EXTERNAL")) "C: AUTHINFO SASL EXTERNAL =\n"
                                     "S: 281 in\n" CAPS(READER),
              &opt, 0);
}

static void bad_base64_is_cancelled(void **state)
{
    struct nntp_talk t =
        nntp_talk(OPEN(SASL("CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\n"
                                         "S: 383 !!\n"
                                         "C: *\n"
                                         "S: 481 cancelled\n"
                                         "C: NEXT\nS: 421 no\n");
    struct sc_sasl_login login = {.user = "tim", .password = "x"};

    (void)state;
    assert_int_equal(nntp_authinfo_sasl(t.n, &login), SC_EPROTO);
    assert_in_order(t);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

/* Over 512 bytes: after an empty challenge. */
static void a_long_initial_response_waits(void **state)
{
    char token[500];
    struct sc_options opt = {.user = "joe",
                             .token = token,
                             .mechanisms = "XOAUTH2",
                             .flags = SC_OPT_PLAIN_LOGIN};

    (void)state;
    memset(token, 'a', sizeof token);
    token[499] = '\0';
    nntp_play(OPEN(SASL("XOAUTH2")) "C: AUTHINFO SASL XOAUTH2\nS: 481 no\n",
              &opt, SC_EREPLY);
}

/* INN offers what its SASL library has, and knows its users otherwise. */
static void a_refused_mechanism_leaves_user_and_pass(void **state)
{
    struct sc_options named = shown;

    (void)state;
    nntp_play(OPEN(SASL("CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\nS: 481 no "
                                     "such user\n" LOGIN CAPS(READER),
              &shown, 0);
    /* but not in clear, nor where SASL was named, or is all that there is */
    nntp_play(OPEN(SASL("CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\nS: 481 no\n",
              &clear, SC_EREPLY);
    named.mechanisms = "CRAM-MD5";
    nntp_play(OPEN(SASL("CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\nS: 481 no\n",
              &named, SC_EREPLY);
    nntp_play(
        OPEN("S: AUTHINFO SASL\nS: SASL CRAM-MD5\n") "C: AUTHINFO SASL "
                                                     "CRAM-MD5\nS: 481 no\n",
        &shown, SC_EREPLY);
}

static void user_may_be_named(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.mechanisms = "SCRAM-SHA-256 USER";
    nntp_play(OPEN(SASL("PLAIN")) LOGIN CAPS(READER), &opt, 0);
    opt.mechanisms = "SCRAM-SHA-256";
    nntp_play(OPEN(SASL("PLAIN")), &opt, SC_ENOTSUP);
}

/* --- 480 --- */

#define GROUP_480 "C: GROUP misc.test\nS: 480 log in first\n"
#define GROUP_211 "C: GROUP misc.test\nS: 211 3 5 9 misc.test\n"

/* RFC 4643 section 2.2: nothing is offered, and yet a login is asked for. */
static void status_480_is_answered_and_the_command_repeated(void **state)
{
    struct nntp_talk t = nntp_talk_with(
        OPEN("") GROUP_480 LOGIN CAPS(READER) GROUP_211, 0, &shown);
    struct nntp_group g;

    (void)state;
    assert_in_order(t);
    assert_int_equal(nntp_group(t.n, "misc.test", &g), 0);
    assert_int_equal(g.last, 9);
    nntp_talk_over(t);
}

static void status_480_is_answered_once(void **state)
{
    struct nntp_talk t = nntp_talk_with(
        OPEN("") GROUP_480 LOGIN CAPS(READER) GROUP_480 GROUP_480, 0, &shown);

    (void)state;
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 480);
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 480);
    nntp_talk_over(t);
}

static void status_480_without_a_login_is_a_refusal(void **state)
{
    struct nntp_talk t = nntp_talk_with(OPEN(USER) GROUP_480, 0, &nobody);

    (void)state;
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 480);
    assert_words(t, "480 log in first");
    nntp_talk_over(t);
}

static void a_login_that_was_refused_is_not_tried_again(void **state)
{
    struct nntp_talk t =
        nntp_talk_with(OPEN("") GROUP_480 "C: AUTHINFO USER fred\n"
                                          "S: 481 unknown\n" GROUP_480,
                       0, &shown);

    (void)state;
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 481);
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 480);
    nntp_talk_over(t);
}

static void status_480_shows_no_password_in_clear(void **state)
{
    struct nntp_talk t = nntp_talk_with(OPEN("") GROUP_480, 0, &clear);

    (void)state;
    assert_int_equal(nntp_group(t.n, "misc.test", NULL), SC_EPLAINTEXT);
    assert_in_order(t);
    nntp_talk_over(t);
}

static void mode_reader_may_want_a_login(void **state)
{
    (void)state;
    nntp_play(
        "S: 200\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 480\n" LOGIN
            CAPS("S: MODE-READER\n") "C: MODE READER\nS: 200\n" CAPS(READER),
        &shown, 0);
}

/* Each of them, not GROUP alone: POST sends nothing before it is wanted. */
static void status_480_to_any_command(void **state)
{
    struct mail_source article = {.data = SC_SPAN("A: b\n\nc\n")};
    struct nntp_talk t = nntp_talk_with(
        OPEN("") "C: POST\nS: 480\n" LOGIN CAPS(
            READER) "C: POST\nS: 340 go\nC: A: b\nC: \nC: c\nC: .\nS: 240 ok\n",
        0, &shown);

    (void)state;
    assert_int_equal(nntp_post(t.n, &article, NULL), 0);
    nntp_talk_over(t);
}

/* --- 483 and STARTTLS --- */

static void status_483_begins_tls(void **state)
{
    struct nntp_talk t =
        nntp_talk(OPEN("") "C: GROUP misc.test\nS: 483 in clear?\n"
                           "C: STARTTLS\nS: 580 no, after all\n");

    (void)state;
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 580);
    nntp_talk_over(t);
}

static void status_483_to_a_login_begins_tls(void **state)
{
    (void)state;
    nntp_play(OPEN(USER) "C: AUTHINFO USER fred\nS: 483 in clear?\n"
                         "C: STARTTLS\nS: 580 no, after all\n",
              &shown, SC_EREPLY);
}

/* What wants TLS is not shown the password in clear, whatever is allowed. */
static void status_483_to_sasl_shows_no_password(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    nntp_play(OPEN(SASL("CRAM-MD5")) "C: AUTHINFO SASL CRAM-MD5\n"
                                     "S: 483 in clear?\n",
              &opt, SC_EREPLY);
}

static void status_483_and_tls_never_is_a_refusal(void **state)
{
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};
    struct nntp_talk t = nntp_talk_with(
        OPEN("S: STARTTLS\n") "C: GROUP misc.test\nS: 483 in clear?\n", 0,
        &opt);

    (void)state;
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 483);
    nntp_talk_over(t);
}

static void tls_required_and_not_offered_sends_no_login(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    nntp_play(OPEN(USER), &opt, SC_ETLS);
    nntp_play(
        "S: 200\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 200\n" CAPS(
            READER USER),
        &opt, SC_ETLS);
}

/* openssl/openssl#7722: a server may have STARTTLS and no CAPABILITIES. */
static void tls_required_is_asked_of_old_servers(void **state)
{
    struct sc_options opt = shown;

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    nntp_play("S: 200\nC: CAPABILITIES\nS: 500\nC: STARTTLS\nS: 500 what?\n",
              &opt, SC_EREPLY);
}

static void tls_refused_sends_no_login(void **state)
{
    (void)state;
    nntp_play(OPEN(USER "S: STARTTLS\n") "C: STARTTLS\nS: 580 no\n", &shown,
              SC_EREPLY);
    nntp_play(OPEN(USER "S: STARTTLS\n") "C: STARTTLS\nS: 502 no\n", &shown,
              SC_EREPLY);
}

static void bytes_before_tls_are_an_error(void **state)
{
    (void)state;
    nntp_play(
        OPEN("S: STARTTLS\n") "C: STARTTLS\ns: 382 go\\r\\n101 hello\\r\\n\n",
        &shown, SC_EPLAINTEXT);
    nntp_play(OPEN("S: STARTTLS\n") "C: STARTTLS\ns: 382 go\\r\\n1\n", &shown,
              SC_EPLAINTEXT);
}

static void never_means_never(void **state)
{
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};

    (void)state;
    nntp_play(OPEN("S: STARTTLS\n"), &opt, 0);
}

/* RFC 4642 section 2.2.2. */
static void tls_never_follows_a_login(void **state)
{
    struct nntp_talk t = nntp_talk_with(
        OPEN(USER) LOGIN CAPS(
            READER "S: STARTTLS\n") "C: GROUP misc.test\nS: 483 in clear?\n",
        0, &shown);

    (void)state;
    assert_int_equal(nntp_starttls(t.n, NULL), SC_EINVAL);
    assert_refused(t, nntp_group(t.n, "misc.test", NULL), 483);
    nntp_talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(user_and_pass_are_the_example_of_rfc_4643),
    cmocka_unit_test(a_user_alone_may_be_enough),
    cmocka_unit_test(a_password_goes_unchanged),
    cmocka_unit_test(a_server_without_capabilities_is_asked_by_user),
    cmocka_unit_test(refusals_are_told_apart),
    cmocka_unit_test(status_400_to_a_login_ends_the_connection),
    cmocka_unit_test(a_password_asked_for_twice_breaks),
    cmocka_unit_test(a_line_break_is_refused_before_a_byte_leaves),
    cmocka_unit_test(a_password_that_fits_goes),
    cmocka_unit_test(a_password_is_not_shown_in_clear),
    cmocka_unit_test(secrets_are_not_traced),
    cmocka_unit_test(what_the_login_changes_is_asked_again),
    cmocka_unit_test(sasl_plain_is_the_example_of_rfc_4643),
    cmocka_unit_test(cram_md5_is_preferred_to_the_password_in_clear),
    cmocka_unit_test(no_bytes_are_an_equals_sign),
    cmocka_unit_test(bad_base64_is_cancelled),
    cmocka_unit_test(a_long_initial_response_waits),
    cmocka_unit_test(a_refused_mechanism_leaves_user_and_pass),
    cmocka_unit_test(user_may_be_named),
    cmocka_unit_test(status_480_is_answered_and_the_command_repeated),
    cmocka_unit_test(status_480_is_answered_once),
    cmocka_unit_test(status_480_without_a_login_is_a_refusal),
    cmocka_unit_test(a_login_that_was_refused_is_not_tried_again),
    cmocka_unit_test(status_480_shows_no_password_in_clear),
    cmocka_unit_test(mode_reader_may_want_a_login),
    cmocka_unit_test(status_480_to_any_command),
    cmocka_unit_test(status_483_begins_tls),
    cmocka_unit_test(status_483_to_a_login_begins_tls),
    cmocka_unit_test(status_483_to_sasl_shows_no_password),
    cmocka_unit_test(status_483_and_tls_never_is_a_refusal),
    cmocka_unit_test(tls_required_and_not_offered_sends_no_login),
    cmocka_unit_test(tls_required_is_asked_of_old_servers),
    cmocka_unit_test(tls_refused_sends_no_login),
    cmocka_unit_test(bytes_before_tls_are_an_error),
    cmocka_unit_test(never_means_never),
    cmocka_unit_test(tls_never_follows_a_login),
};

TEST_MAIN(tests)
