/* test_postfix.c - mail to a real Postfix: plain and in TLS, with each extension
 * it has, and its refusals. Skipped (77) without Postfix or without root. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/smtp.h>

#include "postfix.h"

static struct certs certs;
static struct postfix postfix;
static struct smtp_result result;
static struct sc_options trusting;

static const char text[] = "From: joe@simple.test\nSubject: greetings\n"
                           "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
                           "Message-ID: <1@simple.test>\n\nHello.\n";

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || postfix_start(&postfix, &certs, NULL) < 0)
        return -1;
    trusting.tls.ca_file = certs.ca;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    smtp_result_free(&result);
    postfix_stop(&postfix);
    certs_remove(&certs);
    return 0;
}

/* --- sending --- */

static struct sc_buf said = SC_BUF(1 << 20); /* lines of the latest message */

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static const char *one[] = {"alice@simple.test", NULL};

static struct smtp_message message(const char *const *to, const char *data,
                                   size_t n)
{
    static struct sc_options opt;

    opt = trusting;
    opt.flags = SC_OPT_NO_POOL;
    opt.trace = note;
    return (struct smtp_message){.from = "joe@simple.test",
                                 .to = to,
                                 .source.data = {data, n},
                                 .options = &opt};
}

static int send_to(int port, const struct smtp_message *m)
{
    said.len = 0;
    sc_buf_add(&said, "", 0);
    return smtp_send(postfix_url(&postfix, port, ""), m, &result);
}

static void must_send(int port, const struct smtp_message *m)
{
    if (send_to(port, m) < 0)
        fail_msg("%s\n%s", result.error.text, said.data);
    assert_int_equal(result.outcome, SMTP_SENT);
}

static void assert_said(const char *line)
{
    if (strstr(said.data, line) == NULL)
        fail_msg("no %s in\n%s", line, said.data);
}

static void assert_not_said(const char *line)
{
    if (strstr(said.data, line) != NULL)
        fail_msg("%s in\n%s", line, said.data);
}

/* USER got a message that ends with WHAT. */
static void assert_delivered(const char *user, const char *what)
{
    struct sc_buf got = maildir_take(&postfix.at, user);
    size_t n = strlen(what);

    if (got.len < n || memcmp(got.data + got.len - n, what, n) != 0)
        fail_msg("%s got: %s", user, got.data);
    sc_buf_free(&got);
}

static void assert_nothing_for(const char *user)
{
    struct maildir_name name[1];

    assert_int_equal(maildir_list(&postfix.at, user, name, 1), 0);
}

/* --- the ways in --- */

static void a_message_arrives_as_it_was(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_options clear = *m.options;

    (void)state;
    clear.starttls = SC_STARTTLS_NEVER;
    m.options = &clear;
    must_send(SMTP, &m);
    assert_not_said("> STARTTLS");
    assert_delivered("alice", text);
}

static void starttls_is_used_where_it_is_offered(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_buf got;

    (void)state;
    must_send(SMTP, &m);
    assert_said("> STARTTLS");
    got = maildir_take(&postfix.at, "alice");
    assert_non_null(strstr(got.data, "using TLSv1.3"));
    sc_buf_free(&got);
}

static void tls_may_begin_with_the_first_byte(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);

    (void)state;
    must_send(SMTPS, &m);
    assert_not_said("> STARTTLS");
    assert_delivered("alice", text);
}

static void an_unknown_authority_gets_no_mail(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_options strange = *m.options;

    (void)state;
    strange.tls.ca_file = certs.other_ca;
    m.options = &strange;
    assert_int_equal(send_to(SMTP, &m), SC_ECERT);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_not_said("> MAIL");
    assert_int_equal(send_to(SMTPS, &m), SC_ECERT);
}

static void a_port_without_tls_gets_none_that_must_have_it(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_options must = *m.options;

    (void)state;
    must.starttls = SC_STARTTLS_MUST;
    m.options = &must;
    assert_int_equal(send_to(BARE, &m), SC_ETLS);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_not_said("> MAIL");
}

static void a_port_that_wants_tls_says_530(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_options never = *m.options;

    (void)state;
    never.starttls = SC_STARTTLS_NEVER;
    m.options = &never;
    assert_int_equal(send_to(SUBMISSION, &m), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_int_equal(result.to[0].code, 530);
    assert_string_equal(result.to[0].enhanced, "5.7.0");
}

static void a_port_without_extensions_takes_plain_mail(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);

    (void)state;
    must_send(BARE, &m);
    assert_said("> MAIL FROM:<joe@simple.test>\n");
    assert_said("> RCPT TO:<alice@simple.test>\n");
    assert_said("> DATA\n");
    assert_delivered("alice", text);
}

/* --- SIZE --- */

enum { TOO_MUCH = 1000001 };
static char big[TOO_MUCH + 1];

static void fill_big(void)
{
    memcpy(big, "Subject: big\r\n\r\n", 16);
    for (size_t i = 16; i < TOO_MUCH; i++)
        big[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'x';
    memcpy(big + TOO_MUCH - 2, "\r\n", 2);
}

static void what_is_too_large_is_not_begun(void **state)
{
    struct smtp_message m = message(one, big, TOO_MUCH);

    (void)state;
    fill_big();
    assert_int_equal(send_to(SMTP, &m), SC_ETOOBIG);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_not_said("> MAIL");
}

/* Postfix counts what it adds to each line, too. */
static void nearly_as_large_as_it_takes_is_sent(void **state)
{
    struct smtp_message m = message(one, big, TOO_MUCH - 100001);

    (void)state;
    fill_big();
    memcpy(big + TOO_MUCH - 100003, "\r\n", 2);
    must_send(SMTP, &m);
    assert_said(" SIZE=900000");
    assert_delivered("alice", "x\n");
}

static ssize_t read_big(void *arg, void *buf, size_t n)
{
    size_t *at = arg;

    if (n > TOO_MUCH - *at)
        n = TOO_MUCH - *at;
    memcpy(buf, big + *at, n);
    *at += n;
    return (ssize_t)n;
}

/* Nobody knows beforehand: Postfix counts. */
static void a_stream_that_is_too_large_is_refused(void **state)
{
    for (int port = SMTP; port <= NO_CHUNKS; port += NO_CHUNKS - SMTP) {
        size_t at = 0;
        struct smtp_message m = message(one, NULL, 0);

        (void)state;
        fill_big();
        m.source.read = read_big;
        m.source.arg = &at;
        assert_int_equal(send_to(port, &m), SC_EREPLY);
        assert_int_equal(result.outcome, SMTP_NOT_SENT);
        assert_int_equal(result.to[0].code, 552);
        assert_string_equal(result.to[0].enhanced, "5.3.4");
        assert_not_said("SIZE=");
    }
    assert_nothing_for("alice");
}

/* --- 8BITMIME and SMTPUTF8 --- */

static const char eight[] = "From: joe@simple.test\nSubject: eight bits\n"
                            "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
                            "Message-ID: <2@simple.test>\n\nGr\xc3\xbc\xdf"
                            "e\n";

static void eight_bits_are_announced(void **state)
{
    struct smtp_message m = message(one, eight, sizeof eight - 1);

    (void)state;
    must_send(SMTP, &m);
    assert_said(" BODY=8BITMIME");
    assert_delivered("alice", eight);
    must_send(NO_CHUNKS, &m);
    assert_delivered("alice", eight);
}

static void eight_bits_do_not_go_where_they_are_not_taken(void **state)
{
    struct smtp_message m = message(one, eight, sizeof eight - 1);

    (void)state;
    assert_int_equal(send_to(BARE, &m), SC_ENOTSUP);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_not_said("> MAIL");
}

static const char *uebung[] = {"\xc3\xbc"
                               "bung@simple.test",
                               NULL};

static void an_address_beyond_ascii_needs_smtputf8(void **state)
{
    struct smtp_message m = message(uebung, text, sizeof text - 1);

    (void)state;
    must_send(SMTP, &m);
    assert_said(" SMTPUTF8");
    assert_delivered("uebung", text);
    assert_int_equal(send_to(BARE, &m), SC_ENOTSUP);
    assert_not_said("> MAIL");
}

static const char utf8_head[] = "From: joe@simple.test\n"
                                "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
                                "Message-ID: <3@simple.test>\n"
                                "Subject: Gr\xc3\xbc\xc3\x9f"
                                "e\n\nHello.\n";

static void a_header_beyond_ascii_needs_smtputf8(void **state)
{
    struct smtp_message m = message(one, utf8_head, sizeof utf8_head - 1);

    (void)state;
    must_send(SMTP, &m);
    assert_said(" SMTPUTF8");
    assert_delivered("alice", utf8_head);
    assert_int_equal(send_to(BARE, &m), SC_ENOTSUP);
}

static const char *munich[] = {"alice@m\xc3\xbcnchen.test", NULL};

static void a_domain_beyond_ascii_has_another_spelling(void **state)
{
    struct smtp_message m = message(munich, text, sizeof text - 1);

    (void)state;
    if (strstr(sc_features(), "libidn2") == NULL)
        skip();
    must_send(BARE, &m);
    assert_said("> RCPT TO:<alice@xn--mnchen-3ya.test>\n");
    assert_delivered("munich", text);
}

/* --- DSN and CHUNKING --- */

static void a_report_of_success_comes_back(void **state)
{
    static const char *const notify[] = {"SUCCESS", NULL};
    static const char *const orcpt[] = {"rfc822;al+ice@simple.test", NULL};
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_buf got;

    (void)state;
    m.from = "bob@simple.test";
    m.notify = notify;
    m.orcpt = orcpt;
    m.ret = "HDRS";
    m.envid = "q 1+2";
    must_send(SMTP, &m);
    assert_said(" ENVID=q+201+2B2"); /* RFC 3461 section 4: xtext */
    assert_said(" ORCPT=rfc822;al+2Bice@simple.test");
    assert_delivered("alice", text);
    got = maildir_take(&postfix.at, "bob");
    assert_non_null(strstr(got.data, "Original-Envelope-Id: q 1+2\n"));
    assert_non_null(strstr(got.data, "rfc822;al+ice@simple.test"));
    assert_null(strstr(got.data, "\nHello.\n"));
    sc_buf_free(&got);
}

static void chunks_are_used_where_they_are_taken(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);

    (void)state;
    must_send(SMTP, &m);
    assert_said("> BDAT ");
    assert_not_said("> DATA");
    assert_delivered("alice", text);
    must_send(NO_CHUNKS, &m);
    assert_said("> DATA");
    assert_not_said("> BDAT");
    assert_delivered("alice", text);
}

/* --- recipients --- */

static const char *mixed[] = {"alice@simple.test",    "gone@simple.test",
                              "tempfail@simple.test", "full@simple.test",
                              "bob@simple.test",      NULL};

static void assert_status(size_t i, int code, const char *enhanced)
{
    assert_int_equal(result.to[i].code, code);
    assert_string_equal(result.to[i].enhanced, enhanced);
}

static void each_recipient_has_its_answer(void **state)
{
    (void)state;
    for (int port = SMTP; port <= BARE; port++) {
        struct smtp_message m = message(mixed, text, sizeof text - 1);

        if (port == SUBMISSION)
            continue;
        assert_int_equal(send_to(port, &m), SC_EREPLY);
        assert_int_equal(result.outcome, SMTP_PARTLY);
        assert_int_equal(result.n, 5);
        assert_int_equal(result.to[0].rc, 0);
        assert_status(1, 550, "5.1.1");
        assert_status(2, 451, "4.3.0");
        assert_status(3, 452, "4.2.2");
        assert_int_equal(result.to[4].rc, 0);
        assert_delivered("alice", text);
        assert_delivered("bob", text);
    }
}

static void without_any_recipient_nothing_is_sent(void **state)
{
    static const char *none[] = {"gone@simple.test", "tempfail@simple.test",
                                 NULL};

    (void)state;
    for (int port = SMTP; port <= BARE; port++) {
        struct smtp_message m = message(none, text, sizeof text - 1);

        if (port == SUBMISSION)
            continue;
        assert_int_equal(send_to(port, &m), SC_EREPLY);
        assert_int_equal(result.outcome, SMTP_NOT_SENT);
        assert_status(0, 550, "5.1.1");
        assert_status(1, 451, "4.3.0");
    }
}

static void all_or_none_is_none(void **state)
{
    struct smtp_message m = message(mixed, text, sizeof text - 1);

    (void)state;
    m.flags = SMTP_ALL_OR_NONE;
    assert_int_equal(send_to(SMTP, &m), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_int_equal(send_to(NO_CHUNKS, &m), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_nothing_for("alice");
}

static void after_421_nothing_was_sent(void **state)
{
    static const char *closed[] = {"alice@simple.test", "closed@simple.test",
                                   NULL};

    (void)state;
    for (int port = SMTP; port <= BARE; port++) {
        struct smtp_message m = message(closed, text, sizeof text - 1);

        if (port == SUBMISSION)
            continue;
        assert_int_equal(send_to(port, &m), SC_EREPLY);
        assert_int_equal(result.outcome, SMTP_NOT_SENT);
        assert_int_equal(result.error.status, 421);
        assert_int_equal(result.to[1].code, 421);
    }
    assert_nothing_for("alice");
}

static void the_null_sender_is_one(void **state)
{
    struct smtp_message m = message(one, text, sizeof text - 1);
    struct sc_buf got;

    (void)state;
    m.from = "";
    must_send(SMTP, &m);
    assert_said("> MAIL FROM:<>");
    got = maildir_take(&postfix.at, "alice");
    assert_memory_equal(got.data, "Return-Path: <>\n", 16);
    sc_buf_free(&got);
}

/* --- an open client --- */

static void an_open_client_has_every_command(void **state)
{
    struct sc_buf out = SC_BUF(10000);
    SMTPClient *c = smtp_open(postfix_url(&postfix, SMTP, ""), &trusting);
    struct smtp_status status;
    struct mail_source source = {.data = {text, sizeof text - 1}};

    (void)state;
    if (sc_broken(smtp_base(c)))
        fail_msg("%s", sc_last_error(smtp_base(c))->text);
    assert_string_equal(smtp_capabilities(c)->name, "mail.simple.test");
    assert_int_equal(smtp_capabilities(c)->size, 1000000);
    assert_int_equal(smtp_noop(c), 0);
    assert_int_equal(smtp_vrfy(c, "alice@simple.test", &out), 252);
    assert_int_equal(smtp_vrfy(c, "gone@simple.test", &out), SC_EREPLY);
    assert_int_equal(smtp_expn(c, "all", &out), SC_EREPLY);
    assert_int_equal(smtp_mail(c, "joe@simple.test", NULL), 0);
    assert_int_equal(smtp_rset(c), 0);
    assert_int_equal(smtp_mail(c, "joe@simple.test", NULL), 0);
    assert_int_equal(smtp_rcpt(c, "gone@simple.test", NULL), SC_EREPLY);
    assert_string_equal(smtp_enhanced(c), "5.1.1");
    assert_int_equal(smtp_rcpt(c, "alice@simple.test", NULL), 250);
    assert_int_equal(smtp_data(c, &source, &status, 1), 0);
    assert_int_equal(status.code, 250);
    assert_true(smtp_close(c) >= 0);
    assert_delivered("alice", text);
    sc_buf_free(&out);
}

/* --- a batch --- */

static void count_sent(void *arg, const struct smtp_message *m,
                       const struct smtp_result *r)
{
    (void)m;
    *(int *)arg += r->outcome == SMTP_SENT;
}

static void a_batch_goes_over_one_connection(void **state)
{
    static const int ports[] = {SMTP, NO_CHUNKS, BARE};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct smtp_message m = message(one, text, sizeof text - 1);
        struct maildir_name name[31];
        int sent = 0;
        struct smtp_queue *q = smtp_queue_new(
            postfix_url(&postfix, ports[i], ""), &trusting, count_sent, &sent);

        for (int k = 0; k < 30; k++)
            assert_int_equal(smtp_queue_add(q, &m), 0);
        assert_int_equal(smtp_queue_wait(q), 0);
        assert_int_equal(sent, 30);
        assert_int_equal(smtp_queue_free(q), 0);
        assert_int_equal(maildir_wait(&postfix.at, "alice", name, 30), 30);
        maildir_clear(&postfix.at, "alice");
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_message_arrives_as_it_was),
    cmocka_unit_test(starttls_is_used_where_it_is_offered),
    cmocka_unit_test(tls_may_begin_with_the_first_byte),
    cmocka_unit_test(an_unknown_authority_gets_no_mail),
    cmocka_unit_test(a_port_without_tls_gets_none_that_must_have_it),
    cmocka_unit_test(a_port_that_wants_tls_says_530),
    cmocka_unit_test(a_port_without_extensions_takes_plain_mail),
    cmocka_unit_test(what_is_too_large_is_not_begun),
    cmocka_unit_test(nearly_as_large_as_it_takes_is_sent),
    cmocka_unit_test(a_stream_that_is_too_large_is_refused),
    cmocka_unit_test(eight_bits_are_announced),
    cmocka_unit_test(eight_bits_do_not_go_where_they_are_not_taken),
    cmocka_unit_test(an_address_beyond_ascii_needs_smtputf8),
    cmocka_unit_test(a_header_beyond_ascii_needs_smtputf8),
    cmocka_unit_test(a_domain_beyond_ascii_has_another_spelling),
    cmocka_unit_test(a_report_of_success_comes_back),
    cmocka_unit_test(chunks_are_used_where_they_are_taken),
    cmocka_unit_test(each_recipient_has_its_answer),
    cmocka_unit_test(without_any_recipient_nothing_is_sent),
    cmocka_unit_test(all_or_none_is_none),
    cmocka_unit_test(after_421_nothing_was_sent),
    cmocka_unit_test(the_null_sender_is_one),
    cmocka_unit_test(an_open_client_has_every_command),
    cmocka_unit_test(a_batch_goes_over_one_connection),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !postfix_installed()) {
        puts("no Postfix, or not root");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
