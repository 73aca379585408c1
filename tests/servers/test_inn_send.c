/* test_inn_send.c - the call that sends, with a real INN. Skipped (77) without
 * INN. */
#include "main.h"

#include "inn_test.h"

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    return inn_start(&inn, &certs);
}

static const char *server(int port, const char *login)
{
    return inn_url(&inn, port, login);
}

static struct sc_options trusting(void)
{
    return (struct sc_options){.tls.ca_file = certs.ca};
}

static struct mail_source text(const char *p)
{
    return (struct mail_source){.data = {p, strlen(p)}};
}

static void assert_body(const char *id, const char *want)
{
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(1 << 20);

    assert_int_equal(nntp_body_id(n, id, sc_buf_sink, &got, NULL), 0);
    assert_string_equal(got.data, want);
    sc_buf_free(&got);
    nntp_close(n);
}

#define FROM "From: joe@simple.test\nNewsgroups: local.test\nSubject: sent\n"

static void an_article_without_an_id_is_sent_with_one(void **state)
{
    struct mail_source a = text(FROM "\n.Without an id.\n");
    struct sc_options opt = trusting();

    (void)state;
    for (int port = READER; port <= NNTPS; port++) {
        struct nntp_sent r = {0};

        if (nntp_send(server(port, ""), &a, &opt, &r) < 0)
            fail_msg("%s", r.error.text);
        assert_int_equal(r.outcome, NNTP_SENT);
        assert_int_equal(r.code, 240);
        assert_body(r.id, ".Without an id.\r\n");
    }
}

static void an_article_keeps_its_id(void **state)
{
    struct mail_source a =
        text(FROM "Message-ID: <mine@simple.test>\n\n.\n..\nend");
    struct sc_options opt = trusting();
    struct nntp_sent r = {0};

    (void)state;
    if (nntp_send(server(READER, "joe:secret@"), &a, &opt, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_string_equal(r.id, "<mine@simple.test>");
    assert_body("<mine@simple.test>", ".\r\n..\r\nend\r\n");
}

static void assert_not_sent(const char *to, const char *article, int code)
{
    struct mail_source a = text(article);
    struct sc_options opt = trusting();
    struct nntp_sent r = {0};

    assert_int_equal(nntp_send(to, &a, &opt, &r), SC_EREPLY);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
    assert_int_equal(r.code, code);
    assert_true(strlen(r.text) > 0);
}

static void an_article_that_is_refused_was_not_sent(void **state)
{
    (void)state;
    assert_not_sent(server(READER, ""),
                    "From: joe@simple.test\nNewsgroups: none.such\n"
                    "Subject: x\n\ny\n",
                    441);
    assert_not_sent(server(READER, "max:secret@"), FROM "\nUnheard.\n", 440);
}

static void a_header_that_cannot_be_is_not_sent(void **state)
{
    static const char *const all[] = {
        FROM "no field\n\nx\n",
        FROM "No blank line: x\n",
        FROM "\nbare \r in it\n",
    };
    struct sc_options opt = trusting();

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct mail_source a = text(all[i]);
        struct nntp_sent r = {0};

        assert_int_equal(nntp_send(server(READER, ""), &a, &opt, &r),
                         SC_EINVAL);
        assert_int_equal(r.outcome, NNTP_NOT_SENT);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_article_without_an_id_is_sent_with_one),
    cmocka_unit_test(an_article_keeps_its_id),
    cmocka_unit_test(an_article_that_is_refused_was_not_sent),
    cmocka_unit_test(a_header_that_cannot_be_is_not_sent),
};

int main(int argc, char **argv)
{
    return inn_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc, argv,
                    start);
}
