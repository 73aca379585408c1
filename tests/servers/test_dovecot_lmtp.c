/* test_dovecot_lmtp.c - LMTP (RFC 2033) to a real Dovecot: one answer for each
 * recipient, over TCP, TLS and a Unix socket. Skipped (77) without Dovecot. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/smtp.h>

#include "dovecot.h"

static struct certs certs;
static struct dovecot dovecot;
static struct smtp_result result;
static char url[64];

static const char text[] = "Subject: greetings\nX-Body: next\n\n.one\n..two\n";

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || dovecot_start(&dovecot, &certs) < 0)
        return -1;
    snprintf(url, sizeof url, "lmtp://localhost:%d/", dovecot.port[LMTP]);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    smtp_result_free(&result);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return 0;
}

static int send_to(const char *where, const char *const *to)
{
    struct sc_options opt = {.tls.ca_file = certs.ca, .flags = SC_OPT_NO_POOL};
    struct smtp_message m = {.from = "me@simple.test",
                             .to = to,
                             .source.data = sc_span_of(text),
                             .options = &opt};

    return smtp_send(where, &m, &result);
}

/* Dovecot keeps LF. */
static void assert_delivered(const char *user)
{
    struct sc_buf got = maildir_take(&dovecot.at, user);

    if (strstr(got.data, text) == NULL)
        fail_msg("%s got: %s", user, got.data);
    sc_buf_free(&got);
}

static void each_recipient_has_an_answer_of_its_own(void **state)
{
    static const char *const to[] = {"joe@simple.test", "amy@simple.test",
                                     NULL};

    (void)state;
    if (send_to(url, to) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.outcome, SMTP_SENT);
    assert_int_equal(result.to[0].code, 250);
    assert_non_null(strstr(result.to[0].text, "<joe@simple.test>"));
    assert_non_null(strstr(result.to[1].text, "<amy@simple.test>"));
    assert_delivered("joe");
    assert_delivered("amy");
}

static void a_refused_recipient_keeps_nobody_else_from_it(void **state)
{
    static const char *const to[] = {"joe@simple.test", "nobody@simple.test",
                                     "amy@simple.test", NULL};

    (void)state;
    assert_int_equal(send_to(url, to), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_PARTLY);
    assert_int_equal(result.to[0].rc, 0);
    assert_int_equal(result.to[1].rc, SC_EREPLY);
    assert_int_equal(result.to[1].code, 550);
    assert_string_equal(result.to[1].enhanced, "5.1.1");
    assert_int_equal(result.to[2].rc, 0);
    assert_delivered("joe");
    assert_delivered("amy");
}

static void nobody_at_all_is_not_sent(void **state)
{
    static const char *const to[] = {"nobody@simple.test", NULL};

    (void)state;
    assert_int_equal(send_to(url, to), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_int_equal(result.error.status, 550);
}

static void a_unix_socket_takes_mail(void **state)
{
    static const char *const to[] = {"joe@simple.test", NULL};

    (void)state;
    if (send_to(dovecot.lmtp, to) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.outcome, SMTP_SENT);
    assert_delivered("joe");
}

/* One Maildir is full, or no directory: the answer behind the message. */
static void a_delivery_that_fails_is_told_behind_the_message(void **state)
{
    static const char *const to[] = {"joe@simple.test", "amy@simple.test",
                                     NULL};
    char saved[96], path[96];

    (void)state;
    snprintf(path, sizeof path, "%s/mail/amy", dovecot.at.dir);
    snprintf(saved, sizeof saved, "%s/amy", dovecot.at.dir);
    rename(path, saved);
    assert_int_equal(server_write(&dovecot.at, "mail/amy", "a file"), 0);
    assert_int_equal(send_to(url, to), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_PARTLY);
    assert_int_equal(result.to[0].rc, 0);
    assert_int_equal(result.to[1].code / 100, 4);
    assert_delivered("joe");
    unlink(path);
    rename(saved, path);
}

static void count_sent(void *arg, const struct smtp_message *m,
                       const struct smtp_result *r)
{
    (void)m;
    *(int *)arg += r->outcome == SMTP_SENT;
}

static void a_batch_stays_in_step(void **state)
{
    static const char *const to[] = {"joe@simple.test", "amy@simple.test",
                                     NULL};
    static const char *const some[] = {"nobody@simple.test", "joe@simple.test",
                                       NULL};
    struct smtp_message all = {
        .from = "me@simple.test", .to = to, .source.data = sc_span_of(text)};
    struct smtp_message part = all;
    struct maildir_name name[20];
    struct smtp_queue *q;
    int sent = 0;

    (void)state;
    part.to = some;
    q = smtp_queue_new(url, &(struct sc_options){.starttls = SC_STARTTLS_NEVER},
                       count_sent, &sent);
    for (int i = 0; i < 20; i++)
        smtp_queue_add(q, i % 2 ? &part : &all);
    smtp_queue_wait(q);
    smtp_queue_free(q);
    assert_int_equal(sent, 10);
    assert_int_equal(maildir_wait(&dovecot.at, "joe", name, 20), 20);
    assert_int_equal(maildir_wait(&dovecot.at, "amy", name, 10), 10);
}

static void it_says_lhlo(void **state)
{
    SMTPClient *c =
        smtp_open(url, &(struct sc_options){.tls.ca_file = certs.ca});

    (void)state;
    if (sc_broken(smtp_base(c)) < 0)
        fail_msg("%s", sc_last_error(smtp_base(c))->text);
    assert_string_equal(smtp_base(c)->cls->name, "lmtp");
    assert_true(smtp_capabilities(c)->have & SMTP_EXT_PIPELINING);
    assert_int_equal(smtp_noop(c), 0);
    assert_true(smtp_close(c) >= 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_recipient_has_an_answer_of_its_own),
    cmocka_unit_test(a_refused_recipient_keeps_nobody_else_from_it),
    cmocka_unit_test(nobody_at_all_is_not_sent),
    cmocka_unit_test(a_unix_socket_takes_mail),
    cmocka_unit_test(a_delivery_that_fails_is_told_behind_the_message),
    cmocka_unit_test(a_batch_stays_in_step),
    cmocka_unit_test(it_says_lhlo),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !dovecot_installed()) {
        puts("no Dovecot with LMTP");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
