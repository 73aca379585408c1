/* test_inn_tls.c - what lies below the commands, with a real INN: STARTTLS, TLS
 * from the first byte, COMPRESS alone and inside TLS, each way to log in.
 * Skipped (77) without INN; the SASL logins without saslpasswd2. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn_feed.h"

enum { MANY = 2000 };

static struct certs certs;
static struct inn inn;
static struct inn strict = {.strict = true};

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || inn_start(&inn, &certs) < 0 ||
        inn_start(&strict, &certs) < 0)
        return -1;
    return inn_feed(&inn, "local.many", 1, MANY);
}

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    inn_stop(&strict);
    certs_remove(&certs);
    return 0;
}

static struct sc_buf said = SC_BUF(1 << 20); /* the latest dialogue */

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static bool was_said(const char *what)
{
    return strstr(said.data, what) != NULL;
}

static struct sc_options trusting(void)
{
    return (struct sc_options){.trace = note, .tls.ca_file = certs.ca};
}

static struct sc_options joe(void)
{
    struct sc_options opt = trusting();

    opt.user = "joe";
    opt.password = "secret";
    return opt;
}

static NNTPClient *try_open(int port, struct sc_options opt)
{
    said.len = 0;
    sc_buf_add(&said, "", 0);
    return nntp_open(inn_url(&inn, port, ""), &opt);
}

static NNTPClient *must(NNTPClient *n)
{
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s\n%s", sc_last_error(nntp_base(n))->text, said.data);
    return n;
}

static NNTPClient *must_open(int port, struct sc_options opt)
{
    return must(try_open(port, opt));
}

/* --- TLS --- */

static void starttls_is_used_because_it_is_offered(void **state)
{
    NNTPClient *n = must_open(READER, trusting());

    (void)state;
    assert_true(sc_client_is_tls(nntp_base(n)));
    assert_true(was_said("> STARTTLS"));
    /* Forgotten, and asked for again (RFC 4642 section 2.2.2). */
    assert_false(nntp_capabilities(n)->have & NNTP_CAP_STARTTLS);
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_READER);
    assert_int_equal(nntp_group(n, "local.many", NULL), 0);
    assert_int_equal(nntp_close(n), 0);
}

static void never_stays_in_clear(void **state)
{
    struct sc_options opt = trusting();
    NNTPClient *n;

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    n = must_open(READER, opt);
    assert_false(sc_client_is_tls(nntp_base(n)));
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_STARTTLS);
    assert_int_equal(nntp_starttls(n, NULL), 0);
    assert_true(sc_client_is_tls(nntp_base(n)));
    assert_int_equal(nntp_group(n, "local.many", NULL), 0);
    nntp_close(n);
}

/* innd has no STARTTLS; nnrpd behind it does. */
static void a_reader_behind_innd_is_secured_too(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    n = try_open(TRANSIT, opt);
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s\n%s", sc_last_error(nntp_base(n))->text, said.data);
    assert_true(sc_client_is_tls(nntp_base(n)));
    nntp_close(n);
}

static void must_is_an_error_where_there_is_none(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    n = nntp_open_transit(inn_url(&inn, TRANSIT, ""), &opt);
    assert_true(sc_broken(nntp_base(n)) < 0);
    assert_false(was_said("secret"));
    nntp_close(n);
}

static void nntps_is_tls_from_the_first_byte(void **state)
{
    NNTPClient *n = must_open(NNTPS, trusting());

    (void)state;
    assert_true(sc_client_is_tls(nntp_base(n)));
    assert_false(was_said("> STARTTLS"));
    assert_int_equal(nntp_group(n, "local.many", NULL), 0);
    assert_int_equal(nntp_close(n), 0);
}

static void an_unknown_ca_sends_no_login(void **state)
{
    (void)state;
    for (int port = READER; port <= NNTPS; port++) {
        struct sc_options opt = joe();
        NNTPClient *n;

        opt.tls.ca_file = certs.other_ca;
        n = try_open(port, opt);
        assert_int_equal(sc_broken(nntp_base(n)), SC_ECERT);
        assert_false(was_said("AUTHINFO"));
        nntp_close(n);
    }
}

/* RFC 4642 section 2.2.2: not after AUTHINFO. */
static void no_starttls_after_a_login(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    n = must_open(READER, opt);
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    assert_false(was_said("> STARTTLS"));
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    nntp_close(n);
}

/* --- COMPRESS --- */

struct count {
    uint64_t n;
    bool wrong;
};

static int count_one(void *arg, const struct nntp_article *a)
{
    struct count *c = arg;
    char want[60];
    int len = snprintf(want, sizeof want, "article %d", (int)++c->n);

    if (a->number != c->n || a->subject.len != (size_t)len ||
        memcmp(a->subject.data, want, a->subject.len) != 0)
        c->wrong = true;
    return 0;
}

static void read_all(NNTPClient *n)
{
    static const char body[] =
        "line one of 2000\r\n.dot\r\n..dots\r\n.\r\nend\r\n";
    struct sc_buf text = SC_BUF(9999);
    struct count c = {0};

    assert_int_equal(nntp_group(n, "local.many", NULL), 0);
    assert_int_equal(nntp_over(n, 1, 0, count_one, &c), 0);
    assert_int_equal(c.n, MANY);
    assert_false(c.wrong);
    assert_int_equal(nntp_body(n, MANY, sc_buf_sink, &text, NULL), 0);
    assert_string_equal(text.data, body);
    assert_int_equal(nntp_stat(n, MANY + 1, NULL), SC_EREPLY);
    sc_buf_free(&text);
}

static void compress_then_read(NNTPClient *n)
{
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_COMPRESS_DEFLATE);
    assert_int_equal(nntp_compress(n), 0);
    assert_true(was_said("< 206"));
    read_all(n);
    assert_false(nntp_capabilities(n)->have &
                 (NNTP_CAP_COMPRESS_DEFLATE | NNTP_CAP_STARTTLS));
    assert_int_equal(nntp_compress(n), SC_EINVAL);
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    read_all(n);
    assert_int_equal(nntp_close(n), 0);
}

static void compress_in_clear(void **state)
{
    struct sc_options opt = trusting();

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    compress_then_read(must_open(READER, opt));
}

static void compress_inside_tls(void **state)
{
    NNTPClient *n = must_open(READER, trusting());

    (void)state;
    assert_true(sc_client_is_tls(nntp_base(n)));
    compress_then_read(n);
    compress_then_read(must_open(NNTPS, trusting()));
}

static void compress_behind_a_login(void **state)
{
    NNTPClient *n = must_open(READER, joe());

    (void)state;
    assert_int_equal(nntp_compress(n), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    read_all(n);
    nntp_close(n);
}

/* RFC 8054 section 2.2.2: secrets are not compressed with what others know. */
static void no_login_inside_compress(void **state)
{
    NNTPClient *n = must_open(NNTPS, trusting());

    (void)state;
    assert_int_equal(nntp_compress(n), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 480);
    assert_int_equal(nntp_authinfo_user(n, "joe", "secret"), SC_EINVAL);
    assert_false(was_said("AUTHINFO"));
    assert_int_equal(nntp_group(n, "local.many", NULL), 0);
    nntp_close(n);
}

/* --- logins --- */

static const char *const mechanisms[] = {
    "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER"};

static void each_mechanism_logs_in(void **state)
{
    (void)state;
    if (!inn.sasl)
        skip();
    for (int tls = 0; tls < 2; tls++)
        for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
            struct sc_options opt = joe();
            char want[60];
            NNTPClient *n;

            opt.mechanisms = mechanisms[i];
            opt.flags = SC_OPT_TRACE_SECRETS;
            opt.starttls = tls ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
            n = must_open(READER, opt);
            snprintf(want, sizeof want, "> AUTHINFO %s%s", i < 5 ? "SASL " : "",
                     mechanisms[i]);
            if (!was_said(want))
                fail_msg("no %s in\n%s", want, said.data);
            assert_int_equal(nntp_group(n, "private.test", NULL), 0);
            assert_false(nntp_capabilities(n)->have &
                         (NNTP_CAP_AUTHINFO_USER | NNTP_CAP_AUTHINFO_SASL));
            assert_int_equal(nntp_close(n), 0);
        }
}

static void the_strongest_mechanism_is_chosen(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    if (!inn.sasl)
        skip();
    opt.flags = SC_OPT_TRACE_SECRETS;
    n = must_open(READER, opt);
    assert_true(was_said("> AUTHINFO SASL SCRAM-SHA-256"));
    nntp_close(n);
}

static void the_trace_shows_no_password(void **state)
{
    static const char *const hidden[] = {"PLAIN", "LOGIN", "USER"};

    (void)state;
    if (!inn.sasl)
        skip();
    for (int i = 0; i < 3; i++) {
        struct sc_options opt = joe();

        opt.mechanisms = hidden[i];
        nntp_close(must_open(READER, opt));
        assert_false(was_said("secret"));
        assert_false(was_said("c2VjcmV0"));     /* LOGIN */
        assert_false(was_said("AGpvZQBzZWNy")); /* PLAIN */
    }
}

static void each_mechanism_tells_of_a_wrong_password(void **state)
{
    (void)state;
    if (!inn.sasl)
        skip();
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        struct sc_options opt = joe();
        NNTPClient *n;

        opt.mechanisms = mechanisms[i];
        opt.password = "guess";
        n = try_open(READER, opt);
        if (sc_broken(nntp_base(n)) >= 0)
            fail_msg("%s:\n%s", mechanisms[i], said.data);
        if (sc_last_error(nntp_base(n))->status != 481)
            fail_msg("%s: %s\n%s", mechanisms[i],
                     sc_last_error(nntp_base(n))->text, said.data);
        nntp_close(n);
    }
}

static void after_a_refused_login_the_connection_is_in_order(void **state)
{
    struct sc_sasl_login login = {
        .user = "joe", .password = "guess", .mechanisms = "CRAM-MD5"};
    NNTPClient *n;

    (void)state;
    if (!inn.sasl)
        skip();
    n = must_open(READER, trusting());
    assert_int_equal(nntp_authinfo_sasl(n, &login), SC_EREPLY);
    login.password = "secret";
    assert_int_equal(nntp_authinfo_sasl(n, &login), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    nntp_close(n);
}

static void a_password_of_words_and_quotes_goes_unchanged(void **state)
{
    (void)state;
    if (!inn.sasl)
        skip();
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        struct sc_options opt = trusting();
        NNTPClient *n;

        opt.user = "amy";
        opt.password = "pass \"word\" of amy";
        opt.mechanisms = mechanisms[i];
        n = must_open(READER, opt);
        assert_int_equal(nntp_group(n, "private.test", NULL), 0);
        nntp_close(n);
    }
}

/* --- a server that takes passwords only inside TLS --- */

static void a_login_in_clear_is_483(void **state)
{
    struct sc_options opt = trusting();
    NNTPClient *n;

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    n = nntp_open(inn_url(&strict, READER, ""), &opt);
    assert_false(nntp_capabilities(n)->have & NNTP_CAP_AUTHINFO_USER);
    assert_int_equal(nntp_authinfo_user(n, "joe", "secret"), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 483);
    assert_int_equal(nntp_group(n, "private.test", NULL), SC_EREPLY);
    assert_int_equal(nntp_starttls(n, NULL), 0);
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_AUTHINFO_USER);
    assert_int_equal(nntp_authinfo_user(n, "joe", "secret"), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    assert_int_equal(nntp_close(n), 0);
}

static void no_password_is_shown_to_one_that_says_483(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    said.len = 0;
    sc_buf_add(&said, "", 0);
    opt.starttls = SC_STARTTLS_NEVER;
    opt.mechanisms = "USER";
    opt.flags = SC_OPT_TRACE_SECRETS;
    n = nntp_open(inn_url(&strict, READER, ""), &opt);
    assert_int_equal(sc_broken(nntp_base(n)), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 483);
    assert_true(was_said("> AUTHINFO USER joe\n< 483"));
    assert_false(was_said("secret"));
    nntp_close(n);
}

static void inside_tls_the_same_login_is_taken(void **state)
{
    struct sc_options opt = joe();
    NNTPClient *n;

    (void)state;
    opt.mechanisms = "USER";
    n = must(nntp_open(inn_url(&strict, READER, ""), &opt));
    assert_true(sc_client_is_tls(nntp_base(n)));
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(starttls_is_used_because_it_is_offered),
    cmocka_unit_test(never_stays_in_clear),
    cmocka_unit_test(a_reader_behind_innd_is_secured_too),
    cmocka_unit_test(must_is_an_error_where_there_is_none),
    cmocka_unit_test(nntps_is_tls_from_the_first_byte),
    cmocka_unit_test(an_unknown_ca_sends_no_login),
    cmocka_unit_test(no_starttls_after_a_login),
    cmocka_unit_test(compress_in_clear),
    cmocka_unit_test(compress_inside_tls),
    cmocka_unit_test(compress_behind_a_login),
    cmocka_unit_test(no_login_inside_compress),
    cmocka_unit_test(each_mechanism_logs_in),
    cmocka_unit_test(the_strongest_mechanism_is_chosen),
    cmocka_unit_test(the_trace_shows_no_password),
    cmocka_unit_test(each_mechanism_tells_of_a_wrong_password),
    cmocka_unit_test(after_a_refused_login_the_connection_is_in_order),
    cmocka_unit_test(a_password_of_words_and_quotes_goes_unchanged),
    cmocka_unit_test(a_login_in_clear_is_483),
    cmocka_unit_test(no_password_is_shown_to_one_that_says_483),
    cmocka_unit_test(inside_tls_the_same_login_is_taken),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
