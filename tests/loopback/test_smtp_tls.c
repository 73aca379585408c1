/* test_smtp_tls.c - STARTTLS (RFC 3207) as the options say, TLS from the first
 * byte (RFC 8314), and that neither login nor mail goes where it must not. */
#include "main.h"

#include "certs.h"
#include "smtp_peer.h"

static struct certs certs;
static struct sc_tls_options server_tls;
static const char *const bob[] = {"bob@b.example", NULL};

struct
try {
    struct smtp_peer p;
    struct sc_options opt;
    struct smtp_result r;
};

static void begin(struct try *t, const char *caps, const char *cert)
{
    memset(t, 0, sizeof *t);
    smtp_peer_start(&t->p, caps);
    server_tls = (struct sc_tls_options){.server = 1, .cert = cert};
    t->p.tls = &server_tls;
    t->opt.hello = "me.example";
    t->opt.tls.ca_file = certs.ca;
    t->opt.flags = SC_OPT_NO_POOL;
}

static int send_it(struct try *t, const char *user)
{
    struct smtp_message m = {.from = "me@a.example",
                             .to = bob,
                             .source.data = SC_SPAN("hi\r\n"),
                             .options = &t->opt};

    if (user != NULL) {
        t->opt.user = user;
        t->opt.password = "secret";
    }
    return smtp_send(t->p.url, &m, &t->r);
}

static void end(struct try *t)
{
    smtp_result_free(&t->r);
    smtp_peer_stop(&t->p);
}

static void assert_no_mail(const struct try *t)
{
    assert_false(peer_saw(&t->p, "MAIL"));
    assert_false(peer_saw(&t->p, "AUTH"));
    assert_int_equal(t->r.outcome, SMTP_NOT_SENT);
}

static void tls_is_used_where_it_is_offered(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "STARTTLS\nSIZE 1\n", certs.good);
    t.p.caps_inside = "PIPELINING\n";
    assert_int_equal(send_it(&t, NULL), 0);
    /* What was said outside is forgotten: no SIZE. */
    assert_string_equal(t.p.log.data, "EHLO me.example\n"
                                      "STARTTLS\n"
                                      "EHLO me.example\n"
                                      "MAIL FROM:<me@a.example>\n"
                                      "RCPT TO:<bob@b.example>\n"
                                      "DATA\nQUIT\n");
    end(&t);
}

static void tls_never_is_never(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "STARTTLS\n", certs.good);
    t.opt.starttls = SC_STARTTLS_NEVER;
    assert_int_equal(send_it(&t, NULL), 0);
    assert_false(peer_saw(&t.p, "STARTTLS"));
    end(&t);
}

static void tls_from_the_first_byte(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "STARTTLS\n", certs.good);
    t.p.implicit = true;
    snprintf(t.p.url, sizeof t.p.url, "smtps://127.0.0.1:%d/",
             sc_listener_port(t.p.listener));
    t.opt.starttls = SC_STARTTLS_MUST; /* it is there already */
    assert_int_equal(send_it(&t, NULL), 0);
    assert_false(peer_saw(&t.p, "STARTTLS"));
    end(&t);
}

static void stripped_starttls_is_an_error_if_required(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "AUTH PLAIN\n", certs.good);
    t.opt.starttls = SC_STARTTLS_MUST;
    assert_int_equal(send_it(&t, "amy"), SC_ETLS);
    assert_no_mail(&t);
    end(&t);
    begin(&t, "", certs.good); /* or EHLO itself */
    peer_says(&t.p, "EHLO", "502 what");
    t.opt.starttls = SC_STARTTLS_MUST;
    assert_int_equal(send_it(&t, "amy"), SC_ETLS);
    assert_no_mail(&t);
    end(&t);
}

static void refused_starttls_is_an_error(void **state)
{
    static const char *const replies[] = {"454 4.7.0 later", "501 5.5.4 no",
                                          "580 what"};
    struct try t;

    (void)state;
    for (int policy = SC_STARTTLS_MAY; policy <= SC_STARTTLS_MUST; policy++)
        for (int i = 0; i < 3; i++) {
            begin(&t, "STARTTLS\nAUTH PLAIN\n", certs.good);
            t.opt.starttls = policy;
            peer_says(&t.p, "STARTTLS", replies[i]);
            assert_int_equal(send_it(&t, "amy"), SC_EREPLY);
            assert_int_equal(t.r.error.status,
                             (int)strtol(replies[i], NULL, 10));
            assert_no_mail(&t);
            end(&t);
        }
}

static void a_bad_certificate_is_an_error(void **state)
{
    const char *const bad[] = {certs.wrong, certs.expired, certs.self};
    struct try t;

    (void)state;
    for (int policy = SC_STARTTLS_MAY; policy <= SC_STARTTLS_MUST; policy++)
        for (int i = 0; i < 3; i++) {
            begin(&t, "STARTTLS\nAUTH PLAIN\n", bad[i]);
            t.opt.starttls = policy;
            assert_int_equal(send_it(&t, "amy"), SC_ECERT);
            assert_no_mail(&t);
            end(&t);
        }
}

/* CVE-2011-0411 and its like: same packet, whole line or half of one. */
static void bytes_behind_the_starttls_reply_are_an_error(void **state)
{
    static const char *const replies[] = {
        "=220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n", "=220 go\r\n250",
        "=220 go\r\n\r\n"};
    struct try t;

    (void)state;
    for (int i = 0; i < 3; i++) {
        begin(&t, "STARTTLS\n", certs.good);
        peer_says(&t.p, "STARTTLS", replies[i]);
        assert_int_equal(send_it(&t, "amy"), SC_EPLAINTEXT);
        assert_no_mail(&t);
        end(&t);
    }
}

static void a_login_uses_what_is_offered_inside(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "STARTTLS\nAUTH LOGIN\n", certs.good);
    t.p.caps_inside = "AUTH PLAIN\n";
    peer_says(&t.p, "AUTH PLAIN", "235 2.7.0 welcome");
    assert_int_equal(send_it(&t, "amy"), 0);
    /* NUL amy NUL secret */
    assert_true(peer_saw(&t.p, "EHLO me.example\nAUTH PLAIN AGFteQBzZWNyZXQ=\n"
                               "MAIL"));
    assert_false(peer_saw(&t.p, "AUTH LOGIN"));
    end(&t);
}

static void a_login_that_nobody_offers_is_an_error(void **state)
{
    struct try t;

    (void)state;
    begin(&t, "STARTTLS\nAUTH PLAIN\n", certs.good);
    t.p.caps_inside = "PIPELINING\n";
    assert_int_equal(send_it(&t, "amy"), SC_ENOTSUP);
    assert_no_mail(&t);
    end(&t);
}

static void a_refused_login_sends_no_mail(void **state)
{
    static const char *const replies[] = {
        "432 4.7.12 a new password", "454 4.7.0 later", "534 5.7.9 too weak",
        "535 5.7.8 no", "538 5.7.11 only inside TLS"};
    struct try t;

    (void)state;
    for (int i = 0; i < 5; i++) {
        begin(&t, "AUTH PLAIN\n", certs.good);
        peer_says(&t.p, "AUTH", replies[i]);
        assert_int_equal(send_it(&t, "amy"), SC_EREPLY);
        assert_int_equal(t.r.error.status, (int)strtol(replies[i], NULL, 10));
        assert_null(strstr(t.r.error.text, "AGFteQBz"));
        assert_false(peer_saw(&t.p, "MAIL"));
        end(&t);
    }
}

static void requiretls_needs_tls_and_the_extension(void **state)
{
    struct try t;
    struct smtp_message m = {.from = "me@a.example",
                             .to = bob,
                             .source.data = SC_SPAN("hi\r\n"),
                             .flags = SMTP_REQUIRETLS};

    (void)state;
    begin(&t, "STARTTLS\nREQUIRETLS\n", certs.good);
    m.options = &t.opt;
    assert_int_equal(smtp_send(t.p.url, &m, &t.r), 0);
    assert_true(peer_saw(&t.p, "MAIL FROM:<me@a.example> REQUIRETLS\n"));
    t.opt.starttls = SC_STARTTLS_NEVER;
    assert_int_equal(smtp_send(t.p.url, &m, &t.r), SC_ENOTSUP);
    end(&t);
}

static int setup(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int teardown(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tls_is_used_where_it_is_offered),
    cmocka_unit_test(tls_never_is_never),
    cmocka_unit_test(tls_from_the_first_byte),
    cmocka_unit_test(stripped_starttls_is_an_error_if_required),
    cmocka_unit_test(refused_starttls_is_an_error),
    cmocka_unit_test(a_bad_certificate_is_an_error),
    cmocka_unit_test(bytes_behind_the_starttls_reply_are_an_error),
    cmocka_unit_test(a_login_uses_what_is_offered_inside),
    cmocka_unit_test(a_login_that_nobody_offers_is_an_error),
    cmocka_unit_test(a_refused_login_sends_no_mail),
    cmocka_unit_test(requiretls_needs_tls_and_the_extension),
};

TEST_MAIN_WITH(tests, setup, teardown)
