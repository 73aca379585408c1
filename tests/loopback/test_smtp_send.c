/* test_smtp_send.c - smtp_send to a server of our own: what goes out, in how
 * many flights, and what is told about each recipient. */
#include "main.h"

#include "smtp_peer.h"

#define ALL "PIPELINING\nCHUNKING\n8BITMIME\nSIZE 100000\nSMTPUTF8\nDSN\n"
#define TEXT "Subject: hello\r\n\r\n.a dot\r\nthe end\r\n"

static const struct sc_options own = {.hello = "me.example"};
static const char *const bob[] = {"bob@b.example", NULL};
static const char *const three[] = {"amy@b.example", "bob@b.example",
                                    "eve@b.example", NULL};

static struct smtp_message to_all(const char *const *to, const char *text)
{
    return (struct smtp_message){.from = "me@a.example",
                                 .to = to,
                                 .source.data = sc_span_of(text),
                                 .options = &own};
}

static int send_text(struct smtp_peer *p, const char *const *to,
                     const char *text, struct smtp_result *r)
{
    struct smtp_message m = to_all(to, text);

    return smtp_send(p->url, &m, r);
}

static void assert_sent(int rc, const struct smtp_result *r)
{
    if (rc != 0 || r->outcome != SMTP_SENT)
        fail_msg("%d: %s", rc, r->error.text);
}

/* --- flights --- */

struct server_kind {
    const char *caps;
    int trips; /* of each later message */
};

static void round_trips_are_as_few_as_the_server_allows(void **state)
{
    static const struct server_kind kinds[] = {
        {ALL, 1}, {"PIPELINING\n", 2}, {"CHUNKING\n", 3}, {"", 4}};
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, kinds[i].caps);
        assert_sent(send_text(&p, bob, TEXT, &r), &r);
        for (int n = 1; n < 4; n++) {
            int before = p.waits;

            assert_sent(send_text(&p, bob, TEXT, &r), &r);
            assert_int_equal(r.round_trips, kinds[i].trips);
            assert_int_equal(p.waits - before, kinds[i].trips);
        }
        assert_int_equal(p.connections, 1);
        assert_int_equal(p.taken, 4);
        for (int n = 0; n < 4; n++)
            assert_string_equal(p.message[n].data, TEXT);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void a_pooled_transaction_begins_with_rset(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, ALL);
    assert_sent(send_text(&p, bob, "a\r\n", &r), &r);
    assert_sent(send_text(&p, bob, "bc\r\n", &r), &r);
    assert_string_equal(p.log.data, "EHLO me.example\n"
                                    "MAIL FROM:<me@a.example> SIZE=3\n"
                                    "RCPT TO:<bob@b.example>\n"
                                    "BDAT 3 LAST\n"
                                    "RSET\n"
                                    "MAIL FROM:<me@a.example> SIZE=4\n"
                                    "RCPT TO:<bob@b.example>\n"
                                    "BDAT 4 LAST\n");
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void all_or_none_costs_one_more(void **state)
{
    struct smtp_result r = {0};
    struct smtp_message m = to_all(three, TEXT);
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, ALL);
    m.flags = SMTP_ALL_OR_NONE;
    assert_sent(smtp_send(p.url, &m, &r), &r);
    assert_int_equal(r.round_trips, 2);
    peer_says(&p, "RCPT TO:<bob@", "550 5.1.1 no bob");
    assert_int_equal(smtp_send(p.url, &m, &r), SC_EREPLY);
    assert_int_equal(r.outcome, SMTP_NOT_SENT);
    assert_int_equal(r.to[0].rc, SC_ECANCELED);
    assert_int_equal(r.to[1].code, 550);
    assert_int_equal(p.taken, 1);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

/* --- each recipient --- */

static const char *const all_kinds[] = {ALL, "PIPELINING\n", "CHUNKING\n", ""};

static void one_refused_recipient_is_told_and_the_others_get_it(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, all_kinds[i]);
        peer_says(&p, "RCPT TO:<bob@", "550 5.1.1 no bob");
        assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
        assert_int_equal(r.outcome, SMTP_PARTLY);
        assert_int_equal(r.n, 3);
        assert_int_equal(r.to[0].rc, 0);
        assert_int_equal(r.to[0].code, 250);
        assert_int_equal(r.to[1].rc, SC_EREPLY);
        assert_int_equal(r.to[1].code, 550);
        assert_string_equal(r.to[1].enhanced, "5.1.1");
        assert_string_equal(r.to[1].text, "5.1.1 no bob");
        assert_int_equal(r.to[2].rc, 0);
        assert_int_equal(r.data.code, 250);
        assert_int_equal(r.error.status, 550);
        assert_non_null(strstr(r.error.text, "<bob@b.example>: 550 5.1.1"));
        assert_string_equal(p.message[0].data, TEXT);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void nobody_accepted_means_no_message(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, all_kinds[i]);
        peer_says(&p, "RCPT", "450 4.2.1 later");
        for (int n = 0; n < 2; n++) {
            assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
            assert_int_equal(r.outcome, SMTP_NOT_SENT);
            for (int k = 0; k < 3; k++)
                assert_int_equal(r.to[k].code, 450);
        }
        assert_int_equal(p.taken, 0);
        /* The connection is in step: the next one goes through. */
        p.n_rules = 0;
        assert_sent(send_text(&p, three, TEXT, &r), &r);
        assert_int_equal(p.connections, 1);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* RFC 2920 section 3.1: DATA was answered by 354 all the same. */
static void data_accepted_for_nobody_gets_an_empty_text(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "PIPELINING\n");
    peer_says(&p, "RCPT", "550 no");
    peer_says(&p, "DATA", "354 go on");
    peer_says(&p, ".", "250 queued");
    assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
    assert_int_equal(r.outcome, SMTP_NOT_SENT);
    assert_true(peer_saw(&p, "\nDATA\n.\n"));
    p.n_rules = 0;
    assert_sent(send_text(&p, three, TEXT, &r), &r);
    assert_int_equal(p.connections, 1);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_refused_sender_is_told_for_all(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, all_kinds[i]);
        peer_says(&p, "MAIL", "550 5.7.1 not you");
        assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
        /* The answer to each RCPT was read, too: it says less. */
        assert_int_equal(r.data.code, 550);
        assert_int_equal(r.error.status / 100, 5);
        assert_int_equal(p.taken, 0);
        p.n_rules = 0;
        assert_sent(send_text(&p, three, TEXT, &r), &r);
        assert_int_equal(p.connections, 1);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void success_instead_of_354_is_out_of_step(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 1; i < 4; i += 2) {
        smtp_peer_start(&p, all_kinds[i]);
        peer_says(&p, "DATA", "250 fine");
        assert_int_equal(send_text(&p, three, TEXT, &r), SC_EPROTO);
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
        assert_non_null(strstr(r.error.text, "250 fine"));
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void a_reply_of_class_one_breaks_the_pipeline(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "PIPELINING\n");
    peer_says(&p, "RCPT TO:<eve@", "150 well");
    assert_int_equal(send_text(&p, three, TEXT, &r), SC_EPROTO);
    assert_int_equal(r.outcome, SMTP_NOT_SENT);
    assert_int_equal(p.taken, 0);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_refused_message_is_told_for_all(void **state)
{
    static const char *const codes[] = {"451 4.3.0 x", "552 5.3.4 x",
                                        "554 5.6.0 x"};
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            smtp_peer_start(&p, all_kinds[i]);
            peer_says(&p, "(dot)", codes[k]);
            peer_says(&p, "(last)", codes[k]);
            assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
            assert_int_equal(r.outcome, SMTP_NOT_SENT);
            assert_int_equal(r.to[2].code, (int)strtol(codes[k], NULL, 10));
            p.n_rules = 0;
            assert_sent(send_text(&p, three, TEXT, &r), &r);
            assert_int_equal(p.connections, 1);
            smtp_result_free(&r);
            smtp_peer_stop(&p);
        }
}

static const char *const seven[] = {"a@b", "c@d", "e@f", "g@h",
                                    "i@j", "k@l", "m@n", NULL};

static void those_beyond_the_servers_limit_go_in_another(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        smtp_peer_start(&p, all_kinds[i % 4]);
        if (i == 4)
            smtp_peer_is_lmtp(&p);
        p.most = 3;
        assert_sent(send_text(&p, seven, TEXT, &r), &r);
        assert_int_equal(p.transactions, 3);
        assert_int_equal(p.taken, 3);
        assert_int_equal(p.connections, 1);
        assert_string_equal(p.message[2].data, TEXT);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void who_is_put_off_for_ever_is_told(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, all_kinds[i]);
        peer_says(&p, "RCPT TO:<eve@", "452 4.5.3 too many");
        assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
        /* Asked for once more, and refused again: no progress. */
        assert_int_equal(p.transactions, 2);
        assert_int_equal(r.outcome, SMTP_PARTLY);
        assert_int_equal(r.to[2].code, 452);
        assert_int_equal(p.taken, 1);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* --- what the message needs --- */

static void a_message_beyond_size_is_refused_here(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "SIZE 7\nPIPELINING\n");
    /* Counted with CRLF: "a\nb\nc" has 9. */
    assert_int_equal(send_text(&p, bob, "a\nb\nc", &r), SC_ETOOBIG);
    assert_int_equal(r.outcome, SMTP_NOT_SENT);
    assert_false(peer_saw(&p, "MAIL"));
    /* Dots that are added do not count: 7. */
    assert_sent(send_text(&p, bob, ".\n..\n", &r), &r);
    assert_true(peer_saw(&p, "SIZE=7"));
    assert_string_equal(p.message[0].data, ".\r\n..\r\n");
    assert_int_equal(p.connections, 1);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void eight_bits_are_declared_or_refused(void **state)
{
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "8BITMIME\n");
    assert_sent(send_text(&p, bob, "A: b\n\n\xc3\xb6\n", &r), &r);
    assert_true(peer_saw(&p, "MAIL FROM:<me@a.example> BODY=8BITMIME\n"));
    smtp_peer_stop(&p);
    smtp_peer_start(&p, "");
    assert_int_equal(send_text(&p, bob, "A: b\n\n\xc3\xb6\n", &r), SC_ENOTSUP);
    assert_non_null(strstr(r.error.text, "8BITMIME"));
    assert_false(peer_saw(&p, "MAIL"));
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void smtputf8_is_sent_only_if_needed(void **state)
{
    static const char *const jo[] = {"j\xc3\xb6@b.example", NULL};
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "SMTPUTF8\n8BITMIME\n");
    assert_sent(send_text(&p, bob, TEXT, &r), &r);
    assert_false(peer_saw(&p, " SMTPUTF8"));
    assert_sent(send_text(&p, jo, TEXT, &r), &r);
    assert_true(peer_saw(&p, "MAIL FROM:<me@a.example> SMTPUTF8\n"));
    p.log.len = 0;
    assert_sent(send_text(&p, bob, "Subject: \xc3\xb6\r\n\r\n", &r), &r);
    assert_true(peer_saw(&p, " BODY=8BITMIME SMTPUTF8\n"));
    smtp_peer_stop(&p);

    smtp_peer_start(&p, "8BITMIME\n");
    assert_int_equal(send_text(&p, jo, TEXT, &r), SC_ENOTSUP);
    assert_int_equal(send_text(&p, bob, "Subject: \xc3\xb6\r\n\r\n", &r),
                     SC_ENOTSUP);
    assert_false(peer_saw(&p, "MAIL"));
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_domain_beyond_ascii_becomes_a_labels(void **state)
{
    static const char *const jo[] = {"jo@b\xc3\xbc"
                                     "cher.example",
                                     NULL};
    struct smtp_result r = {0};
    struct smtp_peer p;
    int rc;

    (void)state;
    if (strstr(sc_features(), "no-libidn2") != NULL)
        skip();
    smtp_peer_start(&p, "");
    rc = send_text(&p, jo, TEXT, &r);
    assert_sent(rc, &r);
    assert_true(peer_saw(&p, "RCPT TO:<jo@xn--bcher-kva.example>\n"));
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void dsn_is_asked_for_in_full(void **state)
{
    static const char *const notify[] = {"SUCCESS,FAILURE", NULL, "NEVER"};
    static const char *const orcpt[] = {"rfc822;a+b=c@b.example", NULL, NULL};
    struct smtp_message m = to_all(three, "x\r\n");
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    m.notify = notify;
    m.orcpt = orcpt;
    m.ret = "HDRS";
    m.envid = "a b+1";
    smtp_peer_start(&p, "DSN\n");
    assert_sent(smtp_send(p.url, &m, &r), &r);
    assert_true(
        peer_saw(&p, "MAIL FROM:<me@a.example> RET=HDRS ENVID=a+20b+2B1\n"));
    assert_true(peer_saw(&p, "RCPT TO:<amy@b.example> NOTIFY=SUCCESS,FAILURE"
                             " ORCPT=rfc822;a+2Bb+3Dc@b.example\n"));
    assert_true(peer_saw(&p, "RCPT TO:<bob@b.example>\n"));
    assert_true(peer_saw(&p, "RCPT TO:<eve@b.example> NOTIFY=NEVER\n"));
    smtp_peer_stop(&p);
    smtp_peer_start(&p, "");
    assert_int_equal(smtp_send(p.url, &m, &r), SC_ENOTSUP);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void binary_goes_untouched_in_chunks(void **state)
{
    static const char bytes[] = "a\nb\rc\0d\r\n.";
    struct smtp_message m = to_all(bob, "");
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    m.flags = SMTP_BINARY;
    m.source.data = (struct sc_span){bytes, sizeof bytes - 1};
    smtp_peer_start(&p, "CHUNKING\nBINARYMIME\n8BITMIME\n");
    assert_sent(smtp_send(p.url, &m, &r), &r);
    assert_true(peer_saw(&p, " BODY=BINARYMIME\n"));
    assert_int_equal(p.message[0].len, sizeof bytes - 1);
    assert_memory_equal(p.message[0].data, bytes, sizeof bytes - 1);
    smtp_peer_stop(&p);
    smtp_peer_start(&p, "CHUNKING\n");
    assert_int_equal(smtp_send(p.url, &m, &r), SC_ENOTSUP);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_server_of_helo_gets_no_parameter(void **state)
{
    struct smtp_result r = {0};
    struct smtp_message m = to_all(bob, TEXT);
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "");
    peer_says(&p, "EHLO", "502 5.5.1 what");
    assert_sent(smtp_send(p.url, &m, &r), &r);
    assert_true(peer_saw(&p, "HELO me.example\nMAIL FROM:<me@a.example>\n"));
    m.mail_params = "X=1";
    assert_int_equal(smtp_send(p.url, &m, &r), SC_ENOTSUP);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

/* --- refused before connecting --- */

static void arguments_are_refused_before_connecting(void **state)
{
    static const char *const bad_to[] = {"a@b\r\nDATA", NULL};
    static const char *const nobody[] = {NULL};
    static const char *const bad_notify[] = {"SOMETIMES"};
    static const char *const bad_orcpt[] = {"rfc822"};
    struct smtp_message good = to_all(bob, TEXT), bad[11];
    struct sc_options o = {.hello = "me\r\nRSET"};
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "");
    for (int i = 0; i < 11; i++)
        bad[i] = good;
    bad[0].from = "a@b> SIZE=1";
    bad[1].to = bad_to;
    bad[2].to = nobody;
    bad[3].notify = bad_notify;
    bad[4].orcpt = bad_orcpt;
    bad[5].ret = "ALL";
    bad[6].envid = "a\nb";
    bad[7].mail_params = "A=1\r\nRSET";
    bad[8].options = &o;
    bad[9].auth = "<x>";
    bad[10].rcpt_params = "A=1\nRSET";
    for (int i = 0; i < 11; i++) {
        if (smtp_send(p.url, &bad[i], &r) != SC_EINVAL)
            fail_msg("%d: %s", i, r.error.text);
        assert_int_equal(r.error.code, SC_EINVAL);
        assert_true(r.error.text[0] != '\0');
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
    }
    smtp_peer_settle(&p);
    assert_int_equal(p.connections, 0);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

/* --- LMTP --- */

static void lmtp_tells_of_each_recipient(void **state)
{
    static const char *const kinds[] = {"PIPELINING\n",
                                        "PIPELINING\nCHUNKING\n", ""};
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        smtp_peer_start(&p, kinds[i]);
        smtp_peer_is_lmtp(&p);
        peer_says(&p, "RCPT TO:<bob@", "550 5.1.1 no bob");
        for (int n = 0; n < 2; n++) {
            assert_int_equal(send_text(&p, three, TEXT, &r), SC_EREPLY);
            assert_int_equal(r.outcome, SMTP_PARTLY);
            assert_string_equal(r.to[0].text, "2.0.0 taken");
            assert_int_equal(r.to[1].code, 550);
            assert_string_equal(r.to[2].text, "2.0.0 taken");
        }
        p.n_rules = 0;
        assert_sent(send_text(&p, three, TEXT, &r), &r);
        assert_int_equal(p.connections, 1);
        assert_string_equal(p.message[2].data, TEXT);
        assert_true(peer_saw(&p, "LHLO me.example\n"));
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void lmtp_is_not_for_port_25(void **state)
{
    struct smtp_message m = to_all(bob, TEXT);
    struct sc_options o = {.connect_to = NULL};
    struct smtp_result r = {0};
    struct smtp_peer p;
    char to[64];

    (void)state;
    smtp_peer_start(&p, "");
    snprintf(to, sizeof to, "::127.0.0.1:%d", sc_listener_port(p.listener));
    o.connect_to = to;
    m.options = &o;
    assert_int_equal(smtp_send("lmtp://mail.example:25/", &m, &r), SC_EINVAL);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(round_trips_are_as_few_as_the_server_allows),
    cmocka_unit_test(a_pooled_transaction_begins_with_rset),
    cmocka_unit_test(all_or_none_costs_one_more),
    cmocka_unit_test(one_refused_recipient_is_told_and_the_others_get_it),
    cmocka_unit_test(nobody_accepted_means_no_message),
    cmocka_unit_test(data_accepted_for_nobody_gets_an_empty_text),
    cmocka_unit_test(a_refused_sender_is_told_for_all),
    cmocka_unit_test(success_instead_of_354_is_out_of_step),
    cmocka_unit_test(a_reply_of_class_one_breaks_the_pipeline),
    cmocka_unit_test(a_refused_message_is_told_for_all),
    cmocka_unit_test(those_beyond_the_servers_limit_go_in_another),
    cmocka_unit_test(who_is_put_off_for_ever_is_told),
    cmocka_unit_test(a_message_beyond_size_is_refused_here),
    cmocka_unit_test(eight_bits_are_declared_or_refused),
    cmocka_unit_test(smtputf8_is_sent_only_if_needed),
    cmocka_unit_test(a_domain_beyond_ascii_becomes_a_labels),
    cmocka_unit_test(dsn_is_asked_for_in_full),
    cmocka_unit_test(binary_goes_untouched_in_chunks),
    cmocka_unit_test(a_server_of_helo_gets_no_parameter),
    cmocka_unit_test(arguments_are_refused_before_connecting),
    cmocka_unit_test(lmtp_tells_of_each_recipient),
    cmocka_unit_test(lmtp_is_not_for_port_25),
};

TEST_MAIN(tests)
