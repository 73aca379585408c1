/* test_smtp.c - the greeting, what the server can do, and commands one by one,
 * against scripts. Numbers of statements: docs/design/smtp-status.md. */
#include "smtp_script.h"

/* --- greeting and hello --- */

static void ehlo_teaches_what_the_server_can_do(void **state)
{
    const struct smtp_caps *caps;

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct smtp_talk t =
            smtp_talk_class(&smtp_class,
                            SMTP_HELLO("S: 250-mail.example hello\n"
                                       "S: 250-PipeLining\n"
                                       "S: 250-SIZE 1000000\n"
                                       "S: 250-AUTH PLAIN SCRAM-SHA-256\n"
                                       "S: 250-AUTH=LOGIN PLAIN\n"
                                       "S: 250-X-UNKNOWN a b\n"
                                       "S: 250 8BITMIME\n"),
                            split, NULL);

        assert_in_order(t);
        caps = smtp_capabilities(t.s);
        assert_int_equal(caps->esmtp, 1);
        assert_int_equal(caps->have, SMTP_EXT_PIPELINING | SMTP_EXT_SIZE |
                                         SMTP_EXT_AUTH | SMTP_EXT_8BITMIME);
        assert_int_equal(caps->size, 1000000);
        assert_string_equal(caps->name, "mail.example");
        assert_string_equal(caps->auth, "PLAIN SCRAM-SHA-256 LOGIN PLAIN");
        smtp_talk_over(t);
    }
}

static void size_without_a_number_or_zero_is_no_limit(void **state)
{
    static const char *const sizes[] = {"SIZE", "SIZE 0", "size x", "SIZE -1",
                                        "SIZE 99999999999999999999999"};
    char script[200];

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct smtp_talk t;

        snprintf(script, sizeof script, SMTP_HELLO("S: 250-m\nS: 250 %s\n"),
                 sizes[i]);
        t = smtp_talk(script);
        assert_in_order(t);
        assert_true(smtp_has(t.s, SMTP_EXT_SIZE));
        assert_int_equal(smtp_capabilities(t.s)->size, 0);
        smtp_talk_over(t);
    }
}

static void ehlo_refused_falls_back_to_helo(void **state)
{
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 502 what?\n"
                                              "C: HELO me.example\n"
                                              "S: 250 old.example\n"));

    (void)state;
    assert_in_order(t);
    assert_int_equal(smtp_capabilities(t.s)->esmtp, 0);
    assert_int_equal(smtp_capabilities(t.s)->have, 0);
    assert_string_equal(smtp_capabilities(t.s)->name, "old.example");
    /* And no parameter is sent from then on. */
    assert_int_equal(smtp_mail(t.s, "a@b", "SIZE=1"), SC_ENOTSUP);
    assert_in_order(t);
    smtp_talk_over(t);
}

static void ehlo_refused_for_now_is_no_helo(void **state)
{
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 451 later\n"));

    (void)state;
    assert_int_equal(sc_broken(&t.s->base), SC_EREPLY);
    smtp_talk_over(t);
}

struct greeting {
    const char *script;
    int code, status;
};

static void each_greeting_has_its_error(void **state)
{
    static const struct greeting all[] = {
        {"S: 554 no service\nC: QUIT\n", SC_EREPLY, 554},
        {"S: 521 no mail here\nC: QUIT\n", SC_EREPLY, 521},
        {"S: 450 busy\n", SC_EREPLY, 450},
        {"S: 421 closing\n", SC_EREPLY, 421},
        {"S: 120 wait\n", SC_EPROTO, 0},
        {"S: 354 what\n", SC_EPROTO, 0},
        {"S: 250 hello\n", SC_EPROTO, 0},
        {"S: +ERR no\n", SC_EPROTO, 0},
        {"S: 2200 no\n", SC_EPROTO, 0},
        {"S: 22 no\n", SC_EPROTO, 0},
        {"S: 650 no\n", SC_EPROTO, 0},
        {"S~\n", SC_ETIMEDOUT, 0},
        {"S.\n", SC_EOF, 0},
        {"s: 220 mai\nS.\n", SC_ESHORT, 0},
        {"S!\n", SC_ECONNRESET, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct smtp_talk t = smtp_talk(all[i].script);
        const struct sc_error *e = sc_last_error(&t.s->base);

        if (sc_broken(&t.s->base) != all[i].code || e->status != all[i].status)
            fail_msg("%s: %d %d %s", all[i].script, sc_broken(&t.s->base),
                     e->status, e->text);
        smtp_talk_over(t);
    }
}

static void a_greeting_of_many_lines_is_one(void **state)
{
    struct smtp_talk t = smtp_talk("S: 220-one\nS: 220-two\nS: 220 three\n"
                                   "C: EHLO me.example\nS: 250 m\n");

    (void)state;
    assert_in_order(t);
    smtp_talk_over(t);
}

/* --- replies --- */

static void success_before_its_command_closes(void **state)
{
    struct smtp_talk t =
        smtp_talk("S: 220 mail.example ESMTP\nS: 250 mail.example\n");

    (void)state;
    assert_int_equal(sc_broken(&t.s->base), SC_EPROTO);
    smtp_talk_over(t);
    t = smtp_talk("S: 220 mail.example ESMTP\n"
                  "C: EHLO me.example\nS: 250 mail.example\nS: 250 ok\n");
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), SC_EPROTO);
    smtp_talk_over(t);
}

#define READY SMTP_HELLO("S: 250-m\nS: 250-DSN\nS: 250 SMTPUTF8\n")

static void mixed_codes_in_a_reply_close(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: NOOP\nS: 250-ok\nS: 550 no\n");

    (void)state;
    assert_int_equal(smtp_noop(t.s), SC_EPROTO);
    assert_int_equal(sc_broken(&t.s->base), SC_EPROTO);
    smtp_talk_over(t);
}

static void a_code_alone_is_a_reply(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: NOOP\nS: 250\n");

    (void)state;
    assert_int_equal(smtp_noop(t.s), 0);
    smtp_talk_over(t);
}

static void a_reply_of_class_one_closes(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: NOOP\nS: 150 well\n");

    (void)state;
    assert_int_equal(smtp_noop(t.s), SC_EPROTO);
    assert_int_equal(sc_broken(&t.s->base), SC_EPROTO);
    smtp_talk_over(t);
}

static void the_end_within_a_reply_is_an_error(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: NOOP\nS: 250-ok\nS.\n");

    (void)state;
    assert_true(smtp_noop(t.s) < 0);
    assert_true(sc_broken(&t.s->base) < 0);
    smtp_talk_over(t);
}

static void an_endless_reply_is_an_error(void **state)
{
    struct sc_options o = {.reply_lines = 3};
    struct smtp_talk t = smtp_talk_class(
        &smtp_class, READY "C: NOOP\nS: 250-1\nS: 250-2\nS: 250-3\nS: 250-4\n",
        0, &o);

    (void)state;
    assert_int_equal(smtp_noop(t.s), SC_ETOOBIG);
    smtp_talk_over(t);
}

static void bytes_of_a_reply_survive_with_their_length(void **state)
{
    struct sc_buf out = SC_BUF(100);
    struct smtp_talk t =
        smtp_talk(READY "C: VRFY joe\ns: 250 a\\x00b\\xff\\r\\n\n");

    (void)state;
    assert_int_equal(smtp_vrfy(t.s, "joe", &out), 250);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.data, "a\0b\xff", 4);
    sc_buf_free(&out);
    smtp_talk_over(t);
}

static void enhanced_codes_are_parsed(void **state)
{
    static const struct {
        const char *text, *code;
        int reply;
    } all[] = {
        {"5.1.1 no such user", "5.1.1", 550},
        {"5.123.456 x", "5.123.456", 550},
        {"5.1.1", "5.1.1", 550},
        {"2.0.0 ok", "2.0.0", 250},
        {"5.1.1 x", "", 450},
        {"5.1 x", "", 550},
        {"5.1.1234 x", "", 550},
        {"5.1.1x", "", 550},
        {"no such user", "", 550},
        {"", "", 550},
        {"5.1.", "", 550},
        {"5..1 x", "", 550},
    };
    char got[12];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        smtp_enhanced_of(all[i].reply, sc_span_of(all[i].text), got);
        assert_string_equal(got, all[i].code);
    }
}

static void the_service_closes_at_any_command(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: MAIL FROM:<a@b>\n"
                                         "S: 421 4.3.2 going down\n");

    (void)state;
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), SC_EREPLY);
    assert_int_equal(sc_last_error(&t.s->base)->status, 421);
    assert_string_equal(smtp_enhanced(t.s), "4.3.2");
    /* The connection is not used again: the script would object. */
    assert_int_equal(smtp_rset(t.s), SC_EREPLY);
    assert_int_equal(sc_broken(&t.s->base), SC_EREPLY);
    smtp_talk_over(t);
}

/* --- commands --- */

static void a_message_goes_step_by_step(void **state)
{
    struct mail_source m = {.data = SC_SPAN("Subject: x\n\n.dot\nend")};
    struct smtp_status st;
    struct smtp_talk t = smtp_talk(READY "C: MAIL FROM:<amy@example.org>\n"
                                         "S: 250 2.1.0 ok\n"
                                         "C: RCPT TO:<bob@example.org>\n"
                                         "S: 251 will forward\n"
                                         "C: RCPT TO:<eve@example.org>\n"
                                         "S: 550 5.1.1 no\n"
                                         "C: DATA\n"
                                         "S: 354 go on\n"
                                         "C: Subject: x\n"
                                         "C:\n"
                                         "C: ..dot\n"
                                         "C: end\n"
                                         "C: .\n"
                                         "S: 250 2.0.0 queued as 7\n"
                                         "C: QUIT\n"
                                         "S: 221 bye\n");

    (void)state;
    assert_int_equal(smtp_mail(t.s, "amy@example.org", NULL), 0);
    assert_int_equal(smtp_rcpt(t.s, "bob@example.org", NULL), 251);
    assert_int_equal(smtp_rcpt(t.s, "eve@example.org", NULL), SC_EREPLY);
    assert_string_equal(smtp_enhanced(t.s), "5.1.1");
    assert_int_equal(smtp_data(t.s, &m, &st, 1), 0);
    assert_int_equal(st.code, 250);
    assert_string_equal(st.enhanced, "2.0.0");
    assert_string_equal(st.text, "2.0.0 queued as 7");
    assert_int_equal(smtp_quit(t.s), 221);
    smtp_talk_over(t);
}

static void without_354_no_body_is_sent(void **state)
{
    struct mail_source m = {.data = SC_SPAN("x\n")};
    struct smtp_status st;
    struct smtp_talk t = smtp_talk(READY "C: DATA\nS: 554 5.5.1 no valid\n"
                                         "C: RSET\nS: 250 ok\n");

    (void)state;
    assert_int_equal(smtp_data(t.s, &m, &st, 1), SC_EREPLY);
    assert_int_equal(st.code, 554);
    assert_string_equal(st.enhanced, "5.5.1");
    assert_int_equal(smtp_rset(t.s), 0);
    smtp_talk_over(t);
}

static void the_end_after_the_dot_is_unknown(void **state)
{
    struct mail_source m = {.data = SC_SPAN("x\n")};
    struct smtp_status st;
    struct smtp_talk t =
        smtp_talk(READY "C: DATA\nS: 354 go\nC: x\nC: .\nS.\n");

    (void)state;
    assert_int_equal(smtp_data(t.s, &m, &st, 1), SC_EUNKNOWN);
    assert_int_equal(st.rc, SC_EUNKNOWN);
    smtp_talk_over(t);
}

static void each_class_after_the_dot_is_told(void **state)
{
    static const int codes[] = {451, 452, 552, 554};
    struct mail_source m = {.data = SC_SPAN("x\n")};
    struct smtp_status st;
    char script[300];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct smtp_talk t;

        snprintf(script, sizeof script,
                 READY "C: DATA\nS: 354 go\nC: x\nC: .\nS: %d no\n", codes[i]);
        t = smtp_talk(script);
        assert_int_equal(smtp_data(t.s, &m, &st, 1), SC_EREPLY);
        assert_int_equal(st.code, codes[i]);
        assert_in_order(t);
        smtp_talk_over(t);
    }
}

static void the_null_sender_is_sent(void **state)
{
    struct smtp_talk t = smtp_talk(READY "C: MAIL FROM:<>\nS: 250 ok\n");

    (void)state;
    assert_int_equal(smtp_mail(t.s, "", NULL), 0);
    smtp_talk_over(t);
}

static void chunks_go_as_they_are(void **state)
{
    struct smtp_status st;
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 250-m\nS: 250 CHUNKING\n") //
                                   "C: BDAT 4\nc: .\\r\\n.\nS: 250 ok\n"
                                   "C: BDAT 0 LAST\nS: 250 taken\n");

    (void)state;
    assert_int_equal(smtp_bdat(t.s, ".\r\n.", 4, false, NULL, 0), 0);
    assert_int_equal(smtp_bdat(t.s, "", 0, true, &st, 1), 0);
    assert_string_equal(st.text, "taken");
    smtp_talk_over(t);
}

static void questions_get_all_lines(void **state)
{
    struct sc_buf out = SC_BUF(200);
    struct smtp_talk t = smtp_talk(READY "C: EXPN staff\n"
                                         "S: 250-<a@b>\nS: 250 <c@d>\n"
                                         "C: HELP\nS: 214 read RFC 5321\n"
                                         "C: VRFY joe\nS: 252 perhaps\n"
                                         "C: ETRN example.org\nS: 251 ok\n"
                                         "C: VRFY bob\nS: 550 no\n");

    (void)state;
    assert_int_equal(smtp_expn(t.s, "staff", &out), 250);
    assert_string_equal(out.data, "<a@b>\n<c@d>");
    assert_int_equal(smtp_help(t.s, NULL, &out), 214);
    assert_int_equal(smtp_vrfy(t.s, "joe", &out), 252);
    assert_int_equal(smtp_etrn(t.s, "example.org"), 251);
    assert_int_equal(smtp_vrfy(t.s, "bob", &out), SC_EREPLY);
    sc_buf_free(&out);
    smtp_talk_over(t);
}

/* --- what is refused before a byte leaves --- */

static void bad_addresses_are_refused_unsent(void **state)
{
    static const char *const bad[] = {"a@b\r\nRCPT TO:<x@y>",
                                      "a@b\n",
                                      "a\rb@c",
                                      "a@b> SIZE=1",
                                      "<a@b>",
                                      "a @b",
                                      "a@b SIZE=1",
                                      "a\tb@c",
                                      "@b",
                                      "a@",
                                      "a\x7f@b",
                                      NULL};
    struct smtp_talk t = smtp_talk(READY);
    char longer[300];

    (void)state;
    for (size_t i = 0; bad[i] != NULL; i++) {
        assert_int_equal(smtp_mail(t.s, bad[i], NULL), SC_EINVAL);
        assert_int_equal(smtp_rcpt(t.s, bad[i], NULL), SC_EINVAL);
        assert_in_order(t);
    }
    assert_int_equal(smtp_rcpt(t.s, "", NULL), SC_EINVAL);
    assert_int_equal(smtp_rcpt(t.s, NULL, NULL), SC_EINVAL);
    memset(longer, 'x', sizeof longer);
    memcpy(longer + 65, "@b", 3); /* a local part of 65 */
    assert_int_equal(smtp_rcpt(t.s, longer, NULL), SC_EINVAL);
    memset(longer, 'x', sizeof longer);
    longer[1] = '@';
    longer[255] = '\0'; /* 255 in all */
    assert_int_equal(smtp_rcpt(t.s, longer, NULL), SC_EINVAL);
    smtp_talk_over(t);
}

static void an_address_of_its_limit_is_sent(void **state)
{
    char address[300], script[600];
    struct smtp_talk t;

    (void)state;
    memset(address, 'x', sizeof address);
    address[64] = '@';
    address[254] = '\0';
    snprintf(script, sizeof script, READY "C: RCPT TO:<%s>\nS: 250 ok\n",
             address);
    t = smtp_talk(script);
    assert_int_equal(smtp_rcpt(t.s, address, NULL), 250);
    smtp_talk_over(t);
}

static void bad_parameters_and_names_are_refused_unsent(void **state)
{
    static const char *const bad[] = {"A=1\r\nRSET", "A=1\nB", " A",  "A  B",
                                      "A=<x>",       "A ",     "\x01"};
    struct sc_buf out = SC_BUF(100);
    struct smtp_talk t = smtp_talk(READY);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(smtp_mail(t.s, "a@b", bad[i]), SC_EINVAL);
        assert_int_equal(smtp_rcpt(t.s, "a@b", bad[i]), SC_EINVAL);
    }
    assert_int_equal(smtp_vrfy(t.s, "a\r\nQUIT", &out), SC_EINVAL);
    assert_int_equal(smtp_expn(t.s, "", &out), SC_EINVAL);
    assert_int_equal(smtp_help(t.s, "a\nb", &out), SC_EINVAL);
    assert_int_equal(smtp_etrn(t.s, "a\rb"), SC_EINVAL);
    assert_int_equal(smtp_ehlo(t.s, "a\r\nQUIT"), SC_EINVAL);
    assert_int_equal(smtp_ehlo(t.s, "a b"), SC_EINVAL);
    assert_int_equal(smtp_helo(t.s, ""), SC_EINVAL);
    assert_in_order(t);
    smtp_talk_over(t);
}

static void a_bad_own_name_is_refused_before_connecting(void **state)
{
    struct sc_options o = {.hello = "me\r\nMAIL FROM:<a@b>"};
    SMTPClient *s = smtp_open("127.0.0.1:1", &o); /* nobody listens there */

    (void)state;
    assert_int_equal(sc_broken(smtp_base(s)), SC_EINVAL);
    assert_non_null(strstr(sc_last_error(smtp_base(s))->text, "hello"));
    smtp_close(s);
}

static void an_address_beyond_ascii_needs_smtputf8(void **state)
{
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 250 m\n"));

    (void)state;
    assert_int_equal(smtp_mail(t.s, "j\xc3\xb6@b", NULL), SC_ENOTSUP);
    assert_in_order(t);
    smtp_talk_over(t);
    t = smtp_talk(READY "C: MAIL FROM:<j\xc3\xb6@b> SMTPUTF8\nS: 250 ok\n");
    assert_int_equal(smtp_mail(t.s, "j\xc3\xb6@b", "SMTPUTF8"), 0);
    smtp_talk_over(t);
}

/* --- LMTP --- */

static void lmtp_says_lhlo_and_reads_one_reply_for_each(void **state)
{
    struct mail_source m = {.data = SC_SPAN("x\r\n")};
    struct smtp_status st[2];
    struct smtp_talk t = smtp_talk_class(&smtp_lmtp_class,
                                         "S: 220 lmtp\n"
                                         "C: LHLO me.example\n"
                                         "S: 250 m\n"
                                         "C: MAIL FROM:<a@b>\nS: 250 ok\n"
                                         "C: RCPT TO:<pat@b>\nS: 250 ok\n"
                                         "C: RCPT TO:<jones@b>\nS: 550 no\n"
                                         "C: RCPT TO:<green@b>\nS: 250 ok\n"
                                         "C: DATA\nS: 354 go\n"
                                         "C: x\nC: .\n"
                                         "S: 250 pat has it\n"
                                         "S: 452 4.2.2 green is full\n"
                                         "C: QUIT\nS: 221 bye\n",
                                         0, NULL);

    (void)state;
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), 0);
    assert_int_equal(smtp_rcpt(t.s, "pat@b", NULL), 250);
    assert_int_equal(smtp_rcpt(t.s, "jones@b", NULL), SC_EREPLY);
    assert_int_equal(smtp_rcpt(t.s, "green@b", NULL), 250);
    assert_int_equal(smtp_data(t.s, &m, st, 2), SC_EREPLY);
    assert_int_equal(st[0].code, 250);
    assert_int_equal(st[1].code, 452);
    assert_string_equal(st[1].enhanced, "4.2.2");
    assert_int_equal(smtp_quit(t.s), 221);
    smtp_talk_over(t);
}

static void lmtp_has_no_helo(void **state)
{
    struct smtp_talk t = smtp_talk_class(&smtp_lmtp_class,
                                         "S: 220 lmtp\n"
                                         "C: LHLO me.example\n"
                                         "S: 500 what?\n",
                                         0, NULL);

    (void)state;
    assert_int_equal(sc_broken(&t.s->base), SC_EREPLY);
    smtp_talk_over(t);
    t = smtp_talk_class(&smtp_lmtp_class,
                        "S: 220 l\nC: LHLO me.example\nS: 250 m\n", 0, NULL);
    assert_int_equal(smtp_helo(t.s, "me.example"), SC_ENOTSUP);
    assert_in_order(t);
    smtp_talk_over(t);
}

static void schemes_choose_the_class(void **state)
{
    (void)state;
    assert_ptr_equal(smtp_class_for("smtp://a/"), &smtp_class);
    assert_ptr_equal(smtp_class_for("smtps://a/"), &smtp_class);
    assert_ptr_equal(smtp_class_for("lmtp.example:24"), &smtp_class);
    assert_ptr_equal(smtp_class_for("lmtp://a/"), &smtp_lmtp_class);
    assert_ptr_equal(smtp_class_for("/run/lmtp"), &smtp_lmtp_class);
    assert_ptr_equal(smtp_class_for(NULL), &smtp_class);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ehlo_teaches_what_the_server_can_do),
    cmocka_unit_test(size_without_a_number_or_zero_is_no_limit),
    cmocka_unit_test(ehlo_refused_falls_back_to_helo),
    cmocka_unit_test(ehlo_refused_for_now_is_no_helo),
    cmocka_unit_test(each_greeting_has_its_error),
    cmocka_unit_test(a_greeting_of_many_lines_is_one),
    cmocka_unit_test(success_before_its_command_closes),
    cmocka_unit_test(mixed_codes_in_a_reply_close),
    cmocka_unit_test(a_code_alone_is_a_reply),
    cmocka_unit_test(a_reply_of_class_one_closes),
    cmocka_unit_test(the_end_within_a_reply_is_an_error),
    cmocka_unit_test(an_endless_reply_is_an_error),
    cmocka_unit_test(bytes_of_a_reply_survive_with_their_length),
    cmocka_unit_test(enhanced_codes_are_parsed),
    cmocka_unit_test(the_service_closes_at_any_command),
    cmocka_unit_test(a_message_goes_step_by_step),
    cmocka_unit_test(without_354_no_body_is_sent),
    cmocka_unit_test(the_end_after_the_dot_is_unknown),
    cmocka_unit_test(each_class_after_the_dot_is_told),
    cmocka_unit_test(the_null_sender_is_sent),
    cmocka_unit_test(chunks_go_as_they_are),
    cmocka_unit_test(questions_get_all_lines),
    cmocka_unit_test(bad_addresses_are_refused_unsent),
    cmocka_unit_test(an_address_of_its_limit_is_sent),
    cmocka_unit_test(bad_parameters_and_names_are_refused_unsent),
    cmocka_unit_test(a_bad_own_name_is_refused_before_connecting),
    cmocka_unit_test(an_address_beyond_ascii_needs_smtputf8),
    cmocka_unit_test(lmtp_says_lhlo_and_reads_one_reply_for_each),
    cmocka_unit_test(lmtp_has_no_helo),
    cmocka_unit_test(schemes_choose_the_class),
};

TEST_MAIN(tests)
