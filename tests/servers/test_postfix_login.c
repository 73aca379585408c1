/* test_postfix_login.c - logins: a real Postfix asks a real Dovecot, with each
 * mechanism that both have. Skipped (77) without them or without root. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/smtp.h>

#include "dovecot.h"
#include "postfix.h"

static struct certs certs;
static struct dovecot dovecot;
static struct postfix postfix;
static struct smtp_result result;
static struct sc_buf said = SC_BUF(1 << 20);

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || dovecot_start(&dovecot, &certs) < 0)
        return -1;
    return postfix_start(&postfix, &certs, dovecot.sasl);
}

static int stop(void **state)
{
    (void)state;
    smtp_result_free(&result);
    sc_buf_free(&said);
    postfix_stop(&postfix);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return 0;
}

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static struct sc_options login(const char *user, const char *password,
                               const char *mechanisms)
{
    said.len = 0;
    sc_buf_add(&said, "", 0);
    return (struct sc_options){.tls.ca_file = certs.ca,
                               .flags = SC_OPT_NO_POOL,
                               .user = user,
                               .password = password,
                               .mechanisms = mechanisms,
                               .trace = note};
}

static int send_to(int port, const struct sc_options *opt)
{
    static const char *const to[] = {"alice@simple.test", NULL};
    struct smtp_message m = {.from = "joe@simple.test",
                             .to = to,
                             .source.data = sc_span_of("Subject: x\n\nhi\n"),
                             .options = opt};

    return smtp_send(postfix_url(&postfix, port, ""), &m, &result);
}

static void assert_said(const char *line)
{
    if (strstr(said.data, line) == NULL)
        fail_msg("no %s in\n%s", line, said.data);
}

/* SUBMISSION takes nothing from whom it does not know. */
static void must_log_in(const struct sc_options *opt)
{
    struct sc_buf got;

    if (send_to(SUBMISSION, opt) < 0)
        fail_msg("%s\n%s", result.error.text, said.data);
    assert_int_equal(result.outcome, SMTP_SENT);
    got = maildir_take(&postfix.at, "alice");
    assert_non_null(strstr(got.data, "\n\nhi\n"));
    sc_buf_free(&got);
}

static const char *const mechanisms[] = {"PLAIN", "LOGIN", "CRAM-MD5",
                                         "SCRAM-SHA-1", "SCRAM-SHA-256"};
enum { WITH_PASSWORD = 5 };

static void each_mechanism_logs_in(void **state)
{
    char line[64];

    (void)state;
    for (size_t i = 0; i < WITH_PASSWORD; i++) {
        struct sc_options opt = login("joe", "secret", mechanisms[i]);

        opt.flags |= SC_OPT_TRACE_SECRETS;
        must_log_in(&opt);
        snprintf(line, sizeof line, "> AUTH %s", mechanisms[i]);
        assert_said(line);
    }
}

/* RFC 4616: NUL joe NUL secret; then both by themselves. */
static void nothing_secret_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_PASSWORD; i++) {
        struct sc_options opt = login("joe", "secret", mechanisms[i]);

        must_log_in(&opt);
        assert_said("> ");
        assert_null(strstr(said.data, "AGpvZQBzZWNyZXQ="));
        assert_null(strstr(said.data, "c2VjcmV0"));
        assert_null(strstr(said.data, "am9l"));
    }
}

static void a_password_may_have_spaces_and_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_PASSWORD; i++) {
        struct sc_options opt =
            login("amy", "pass \"word\" of amy", mechanisms[i]);

        must_log_in(&opt);
    }
}

static void a_wrong_password_sends_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_PASSWORD; i++) {
        struct sc_options opt = login("joe", "wrong", mechanisms[i]);

        assert_int_equal(send_to(SUBMISSION, &opt), SC_EREPLY);
        assert_int_equal(result.outcome, SMTP_NOT_SENT);
        assert_int_equal(result.error.status, 535);
        assert_null(strstr(said.data, "> MAIL"));
        assert_null(strstr(result.error.text, "wrong"));
    }
}

static void a_bearer_token_logs_in(void **state)
{
    static const char *const both[] = {"OAUTHBEARER", "XOAUTH2"};
    struct sc_buf token = dovecot_token("joe", 600);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sc_options opt = login("joe", NULL, both[i]);

        opt.token = token.data;
        must_log_in(&opt);
        assert_null(strstr(said.data, token.data));
    }
    sc_buf_free(&token);
}

/* Its challenge with an error is answered, then comes the refusal. */
static void an_old_token_does_not(void **state)
{
    static const char *const both[] = {"OAUTHBEARER", "XOAUTH2"};
    struct sc_buf token = dovecot_token("joe", -5);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sc_options opt = login("joe", NULL, both[i]);

        opt.token = token.data;
        assert_int_equal(send_to(SUBMISSION, &opt), SC_EREPLY);
        assert_int_equal(result.error.status, 535);
        assert_null(strstr(said.data, "> MAIL"));
    }
    sc_buf_free(&token);
}

static void the_strongest_is_chosen(void **state)
{
    struct sc_options opt = login("joe", "secret", NULL);

    (void)state;
    opt.flags |= SC_OPT_TRACE_SECRETS;
    must_log_in(&opt);
    assert_said("> AUTH SCRAM-SHA-256");
}

static void a_login_in_the_url_is_one(void **state)
{
    static const char *const to[] = {"alice@simple.test", NULL};
    struct sc_options opt = login(NULL, NULL, NULL);
    struct smtp_message m = {.from = "joe@simple.test",
                             .to = to,
                             .source.data = sc_span_of("Subject: x\n\nhi\n"),
                             .options = &opt};
    const char *url =
        postfix_url(&postfix, SMTPS, "amy:pass%20%22word%22%20of%20amy@");

    (void)state;
    assert_int_equal(smtp_send(url, &m, &result), 0);
    assert_said("< 235 ");
}

static void who_does_not_log_in_sends_nothing(void **state)
{
    struct sc_options opt = login(NULL, NULL, NULL);

    (void)state;
    assert_int_equal(send_to(SUBMISSION, &opt), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_int_equal(result.error.status, 554);
}

static void a_mechanism_that_is_not_offered_is_not_tried(void **state)
{
    struct sc_options opt = login("joe", "secret", "SCRAM-SHA-256-PLUS");

    (void)state;
    assert_int_equal(send_to(SUBMISSION, &opt), SC_ENOTSUP);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_null(strstr(said.data, "> AUTH"));
}

/* RFC 4954 section 4: once is enough. */
static void an_open_client_logs_in_once(void **state)
{
    struct sc_options opt = login(NULL, NULL, NULL);
    struct sc_sasl_login who = {
        .user = "joe", .password = "wrong", .protected_link = 1};
    SMTPClient *c = smtp_open(postfix_url(&postfix, SMTP, ""), &opt);

    (void)state;
    assert_int_equal(sc_broken(smtp_base(c)), 0);
    assert_non_null(strstr(smtp_capabilities(c)->auth, "SCRAM-SHA-256"));
    assert_int_equal(smtp_auth(c, &who), SC_EREPLY);
    who.password = "secret";
    assert_int_equal(smtp_auth(c, &who), 0);
    assert_int_equal(smtp_auth(c, &who), SC_EREPLY);
    assert_int_equal(smtp_noop(c), 0);
    assert_true(smtp_close(c) >= 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_mechanism_logs_in),
    cmocka_unit_test(nothing_secret_is_shown),
    cmocka_unit_test(a_password_may_have_spaces_and_quotes),
    cmocka_unit_test(a_wrong_password_sends_nothing),
    cmocka_unit_test(a_bearer_token_logs_in),
    cmocka_unit_test(an_old_token_does_not),
    cmocka_unit_test(the_strongest_is_chosen),
    cmocka_unit_test(a_login_in_the_url_is_one),
    cmocka_unit_test(who_does_not_log_in_sends_nothing),
    cmocka_unit_test(a_mechanism_that_is_not_offered_is_not_tried),
    cmocka_unit_test(an_open_client_logs_in_once),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && (!postfix_installed() || !dovecot_installed())) {
        puts("no Postfix or no Dovecot, or not root");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
