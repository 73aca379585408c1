/* test_postfix_smtpsend.c - smtpsend as a program (the argument is the folder
 * that it is in) with a real Postfix, whose logins a real Dovecot knows, and with
 * Dovecot's LMTP. Skipped (77) without them or without root. */
#include "main.h"

#include "../loopback/program.h"
#include "dovecot.h"
#include "postfix.h"

static char path[512];
static struct program program = {.path = path};
static struct certs certs;
static struct dovecot dovecot;
static struct postfix postfix;

static const char text[] = "From: joe@simple.test\nSubject: greetings\n"
                           "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
                           "Message-ID: <1@simple.test>\n\n.Hello.\n";

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
    program_free(&program);
    postfix_stop(&postfix);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return 0;
}

static int set_in(void **state)
{
    (void)state;
    program.in = sc_span_of(text);
    return 0;
}

#define SEND(port, login, ...)                                                 \
    program_run(&program,                                                      \
                (const char *const[]){"smtpsend", "--server",                  \
                                      postfix_url(&postfix, port, login),      \
                                      "--cacert", certs.ca, "--from",          \
                                      "joe@simple.test", __VA_ARGS__, NULL})

static void must(int code)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
}

static void must_fail(int code, int want, const char *words)
{
    if (code != want || strstr(program.err.data, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 program.err.data);
}

static struct sc_buf take(const struct server *s, const char *user,
                          const char *with)
{
    struct sc_buf got = maildir_take(s, user);

    if (strstr(got.data, with) == NULL)
        fail_msg("no %s in\n%s", with, got.data);
    return got;
}

static void a_message_is_delivered(void **state)
{
    struct sc_buf got;

    (void)state;
    must(SEND(SMTP, "", "--to", "alice@simple.test"));
    got = take(&postfix.at, "alice", text);
    assert_non_null(strstr(got.data, "using TLSv1.3"));
    sc_buf_free(&got);
    must(SEND(BARE, "", "--to", "Alice <alice@simple.test>"));
    got = take(&postfix.at, "alice", text);
    sc_buf_free(&got);
}

static void each_recipient_is_told(void **state)
{
    struct sc_buf got;

    (void)state;
    assert_int_equal(SEND(SMTP, "", "--to", "alice@simple.test", "--to",
                          "gone@simple.test, full@simple.test"),
                     90);
    assert_string_equal(
        program.err.data,
        "smtpsend: <alice@simple.test>: 250 2.1.5 Ok\n"
        "smtpsend: <gone@simple.test>: 550 5.1.1 <gone@simple.test>: Recipient "
        "address rejected: no such user here\n"
        "smtpsend: <full@simple.test>: 452 4.2.2 <full@simple.test>: Recipient "
        "address rejected: mailbox full\n");
    got = take(&postfix.at, "alice", text);
    sc_buf_free(&got);
    must_fail(SEND(SMTP, "", "--to", "gone@simple.test"), 55, "550 5.1.1");
}

static void a_login_is_needed(void **state)
{
    struct sc_buf got;

    (void)state;
    server_write(&postfix.at, "password", "secret\n");
    must(SEND(SUBMISSION, "joe@", "--to", "alice@simple.test",
              "--password-file", server_path(&postfix.at, "password")));
    got = take(&postfix.at, "alice", text);
    sc_buf_free(&got);
    must(SEND(SUBMISSION, "joe@", "--to", "alice@simple.test", "--passwordeval",
              "echo secret", "--auth", "LOGIN"));
    got = take(&postfix.at, "alice", text);
    sc_buf_free(&got);
    must_fail(SEND(SUBMISSION, "joe@", "--to", "alice@simple.test",
                   "--passwordeval", "echo wrong"),
              67, "535 5.7.8");
    must_fail(SEND(SUBMISSION, "", "--to", "alice@simple.test"), 55,
              "554 5.7.1");
}

static void a_netrc_file_logs_in(void **state)
{
    struct sc_buf got;

    (void)state;
    server_write(&postfix.at, "netrc",
                 "machine localhost login amy password \"pass \\\"word\\\" of "
                 "amy\"\n");
    must(SEND(SMTPS, "", "--to", "alice@simple.test", "--netrc-file",
              server_path(&postfix.at, "netrc")));
    got = take(&postfix.at, "alice", text);
    sc_buf_free(&got);
}

static void a_composed_message_arrives(void **state)
{
    struct sc_buf got;

    (void)state;
    server_write(&postfix.at, "notes.txt", "what is attached");
    must(SEND(SMTP, "", "--to", "J\xc3\xb6rg <alice@simple.test>", "--subject",
              "Gr\xc3\xbc\xc3\x9f"
              "e",
              "--text", "see there\n", "--attach",
              server_path(&postfix.at, "notes.txt")));
    got = take(&postfix.at, "alice", "Content-Type: multipart/mixed;");
    assert_non_null(strstr(got.data, "\nsee there\n"));
    assert_non_null(strstr(got.data, "filename=\"notes.txt\""));
    assert_non_null(strstr(got.data, "=?UTF-8?"));
    sc_buf_free(&got);
}

static void the_server_shows_what_it_has(void **state)
{
    (void)state;
    assert_int_equal(SEND(SMTP, "", "--serverinfo"), 0);
    assert_non_null(strstr(program.out.data, "name: mail.simple.test\n"));
    assert_non_null(strstr(program.out.data, "\n  CHUNKING\n"));
    assert_non_null(strstr(program.out.data, "\n  AUTH PLAIN LOGIN"));
    assert_non_null(strstr(program.out.data, "TLS: TLSv1.3"));
    assert_int_equal(SEND(BARE, "", "--serverinfo"), 0);
    assert_non_null(strstr(program.out.data, "TLS: none\n"));
}

static void a_socket_takes_mail_by_lmtp(void **state)
{
    struct sc_buf got;

    (void)state;
    must(program_run(&program,
                     (const char *const[]){"smtpsend", "-s", dovecot.lmtp, "-f",
                                           "me@simple.test", "-t",
                                           "joe@simple.test", NULL}));
    got = take(&dovecot.at, "joe", text);
    sc_buf_free(&got);
    assert_int_equal(
        program_run(&program,
                    (const char *const[]){
                        "smtpsend", "-s", dovecot.lmtp, "-f", "me@simple.test",
                        "-t", "joe@simple.test,none@simple.test", NULL}),
        90);
    got = take(&dovecot.at, "joe", text);
    sc_buf_free(&got);
}

#define TEST(name) cmocka_unit_test_setup(name, set_in)

static const struct CMUnitTest tests[] = {
    TEST(a_message_is_delivered),      TEST(each_recipient_is_told),
    TEST(a_login_is_needed),           TEST(a_netrc_file_logs_in),
    TEST(a_composed_message_arrives),  TEST(the_server_shows_what_it_has),
    TEST(a_socket_takes_mail_by_lmtp),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/smtpsend", argv[1]);
    if (argc == 2 && (!postfix_installed() || !dovecot_installed())) {
        puts("no Postfix or no Dovecot, or not root");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, start, stop);
}
