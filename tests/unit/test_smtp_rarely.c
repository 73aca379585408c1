/* test_smtp_rarely.c - an open client where things go wrong late: replies behind
 * a message that never come, or make no sense; and arguments that look well but
 * cannot be sent. */
#include "smtp_script.h"

#include "smtp/smtp_tx.h"

#define READY SMTP_HELLO("S: 250-m\nS: 250-SMTPUTF8\nS: 250 CHUNKING\n")
#define THREE                                                                  \
    "S: 220 lmtp\nC: LHLO me.example\nS: 250 m\n"                              \
    "C: MAIL FROM:<a@b>\nS: 250 ok\n"                                          \
    "C: RCPT TO:<a@b>\nS: 250 ok\n"                                            \
    "C: RCPT TO:<c@d>\nS: 250 ok\n"                                            \
    "C: RCPT TO:<e@f>\nS: 250 ok\n"                                            \
    "C: DATA\nS: 354 go\nC: x\nC: .\n"

static const struct mail_source x = {.data = SC_SPAN("x\n")};

/* --- replies behind a message --- */

static struct smtp_talk three_accepted(const char *script)
{
    struct smtp_talk t = smtp_talk_class(&smtp_lmtp_class, script, 0, NULL);

    assert_int_equal(smtp_mail(t.s, "a@b", NULL), 0);
    assert_int_equal(smtp_rcpt(t.s, "a@b", NULL), 250);
    assert_int_equal(smtp_rcpt(t.s, "c@d", NULL), 250);
    assert_int_equal(smtp_rcpt(t.s, "e@f", NULL), 250);
    return t;
}

static void lmtp_replies_that_never_come_are_unknown(void **state)
{
    struct smtp_status st[4] = {{.rc = 99}, {.rc = 99}, {.rc = 99}, {.rc = 99}};
    struct smtp_talk t = three_accepted(THREE "S: 250 one has it\nS.\n");

    (void)state;
    assert_int_equal(smtp_data(t.s, &x, st, 4), SC_EUNKNOWN);
    assert_int_equal(st[0].rc, 0);
    assert_int_equal(st[1].rc, SC_EUNKNOWN);
    assert_int_equal(st[2].rc, SC_EUNKNOWN);
    assert_int_equal(st[3].rc, 99); /* there is no fourth */
    smtp_talk_over(t);
}

static void what_is_no_reply_to_a_message_is_unknown(void **state)
{
    struct smtp_status st;
    struct smtp_talk t =
        smtp_talk(READY "C: DATA\nS: 354 go\nC: x\nC: .\nS: 354 again\n");

    (void)state;
    assert_int_equal(smtp_data(t.s, &x, &st, 1), SC_EUNKNOWN);
    assert_int_equal(st.rc, SC_EUNKNOWN);
    assert_int_equal(sc_broken(&t.s->base), SC_EPROTO);
    smtp_talk_over(t);
}

static void each_status_tells_why_nothing_was_sent(void **state)
{
    struct smtp_status st[2] = {{.rc = 99}, {.rc = 99}};
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 250 m\n") "C: NOOP\nS.\n");

    (void)state;
    assert_int_equal(smtp_bdat(t.s, "x", 1, true, st, 2), SC_ENOTSUP);
    assert_int_equal(st[0].rc, SC_ENOTSUP);
    assert_int_equal(st[1].rc, SC_ENOTSUP);
    assert_int_equal(smtp_noop(t.s), SC_EOF);
    assert_int_equal(smtp_data(t.s, &x, st, 2), SC_EOF);
    assert_int_equal(st[1].rc, SC_EOF);
    assert_int_equal(smtp_bdat(t.s, "x", 1, true, st, 1), SC_EOF);
    assert_int_equal(st[0].rc, SC_EOF);
    smtp_talk_over(t);
}

/* RFC 5321 section 4.2: by the first digit. */
static void any_success_accepts_a_recipient(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: RCPT TO:<a@b>\nS: 200 ok\n"
                                         "C: RCPT TO:<c@d>\nS: 251 ok\n");

    (void)state;
    assert_int_equal(smtp_rcpt(t.s, "a@b", NULL), 200);
    assert_int_equal(smtp_rcpt(t.s, "c@d", NULL), 251);
    smtp_talk_over(t);
}

/* --- arguments --- */

/* Open quotes would take the > behind the address, and what follows. */
static void addresses_that_swallow_what_follows_are_refused(void **state)
{
    static const char *const bad[] = {
        "\"a@b",      "a\"b@c",          "a@b\\",   "\"a\\\"@b",
        "a@b\"c\"",   "a\\@b",           "a@b\xe9", "\xc3@b",
        "\xff\xfe@b", "a\xed\xa0\x80@b", "a@b\\c"};
    struct smtp_talk t = smtp_talk(READY "C: RCPT TO:<\"a.@b\\\"\"@c>\n"
                                         "S: 250 ok\n");

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (smtp_mail(t.s, bad[i], NULL) != SC_EINVAL)
            fail_msg("%s", bad[i]);
        assert_int_equal(smtp_rcpt(t.s, bad[i], NULL), SC_EINVAL);
    }
    assert_int_equal(smtp_rcpt(t.s, "\"a.@b\\\"\"@c", NULL), 250);
    smtp_talk_over(t);
}

static int check(const char *notify, const char *orcpt, const char *envid)
{
    static const char *const to[] = {"a@b", NULL};
    struct smtp_message m = {.from = "a@b",
                             .to = to,
                             .notify = &notify,
                             .orcpt = &orcpt,
                             .envid = envid};
    struct sc_error e = {0};
    int rc = smtp_check_message(&m, &e);

    assert_int_equal(rc < 0, e.text[0] != '\0');
    return rc;
}

/* RFC 3461 sections 4.1, 4.2, 4.4: ASCII, of some length, each word once. */
static void dsn_arguments_have_their_limits(void **state)
{
    struct sc_buf many = SC_BUF(8000);

    (void)state;
    for (int i = 0; i < 400; i++)
        sc_buf_addf(&many, "%sDELAY", i > 0 ? "," : "");
    assert_int_equal(check("SUCCESS,failure,Delay", NULL, NULL), 0);
    assert_int_equal(check("never", "rfc822;a@b", "x y"), 0);
    assert_int_equal(check(many.data, NULL, NULL), SC_EINVAL);
    assert_int_equal(check("DELAY,DELAY", NULL, NULL), SC_EINVAL);
    assert_int_equal(check("DELAY,", NULL, NULL), SC_EINVAL);
    assert_int_equal(check("NEVER,DELAY", NULL, NULL), SC_EINVAL);
    assert_int_equal(check("", NULL, NULL), SC_EINVAL);
    assert_int_equal(check(NULL, "rfc822;\xc3\xb6@b", NULL), SC_EINVAL);
    assert_int_equal(check(NULL, NULL, "gr\xc3\xbc\xc3\x9f"), SC_EINVAL);
    assert_int_equal(check(NULL, NULL, ""), SC_EINVAL);
    sc_buf_free(&many);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lmtp_replies_that_never_come_are_unknown),
    cmocka_unit_test(what_is_no_reply_to_a_message_is_unknown),
    cmocka_unit_test(each_status_tells_why_nothing_was_sent),
    cmocka_unit_test(any_success_accepts_a_recipient),
    cmocka_unit_test(addresses_that_swallow_what_follows_are_refused),
    cmocka_unit_test(dsn_arguments_have_their_limits),
};

TEST_MAIN(tests)
