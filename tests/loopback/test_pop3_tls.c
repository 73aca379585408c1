/* test_pop3_tls.c - STLS (RFC 2595) as the options say, TLS from the first byte
 * (RFC 8314), and that no login goes where it must not. */
#include "main.h"

#include "certs.h"
#include "pop3_peer.h"

static struct certs certs;
static struct sc_tls_options server_tls;
static struct pop3_peer peer;
static struct sc_options opt;

static int start(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int stop(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static int make(void **state)
{
    (void)state;
    pop3_peer_start(&peer, "STLS\nUSER\nUIDL\n");
    server_tls = (struct sc_tls_options){.server = 1, .cert = certs.good};
    peer.tls = &server_tls;
    opt = (struct sc_options){.tls.ca_file = certs.ca, .wait_ms = 5000};
    return 0;
}

static int clean(void **state)
{
    (void)state;
    pop3_peer_stop(&peer);
    return 0;
}

/* Log in, and say goodbye. Returns what the client is broken with. */
static int visit(void)
{
    POP3Client *p = pop3_open(peer.url, &opt);
    int rc = sc_broken(pop3_base(p));

    pop3_close(p);
    return rc;
}

static void assert_no_login(void)
{
    assert_false(peer_saw(&peer, "USER"));
    assert_false(peer_saw(&peer, "PASS"));
    assert_false(peer_saw(&peer, "APOP"));
    assert_false(peer_saw(&peer, "AUTH"));
}

static void what_was_said_in_clear_is_forgotten(void **state)
{
    POP3Client *p;

    (void)state;
    peer.caps = "STLS\nUSER\nUIDL\nPIPELINING\nSASL PLAIN\n";
    peer.caps_inside = "USER\n";
    peer.greeting = "+OK <1@c>";
    p = pop3_open(peer.url, &opt);
    assert_int_equal(sc_broken(pop3_base(p)), 0);
    assert_int_equal(pop3_capabilities(p)->have, POP3_CAP_CAPA | POP3_CAP_USER);
    assert_string_equal(pop3_capabilities(p)->sasl, "");
    assert_int_equal(pop3_apop(p, "joe", "secret"), SC_ENOTSUP);
    pop3_close(p);
    assert_string_equal(peer.log.data, "CAPA\nSTLS\nCAPA\nUSER joe\n"
                                       "PASS secret\nCAPA\nQUIT\n");
}

static void tls_never_is_never(void **state)
{
    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    assert_int_equal(visit(), 0);
    assert_false(peer_saw(&peer, "STLS"));
}

static void tls_from_the_first_byte(void **state)
{
    (void)state;
    peer.implicit = true;
    peer.caps = "USER\nSTLS\n";
    opt.flags = SC_OPT_TLS;
    assert_int_equal(visit(), 0);
    assert_false(peer_saw(&peer, "STLS"));
}

static void a_certificate_that_is_wrong_sends_no_login(void **state)
{
    const char *const wrong[] = {certs.wrong, certs.expired, certs.self};

    (void)state;
    for (int i = 0; i < 3; i++) {
        server_tls.cert = wrong[i];
        assert_int_equal(visit(), SC_ECERT);
    }
    assert_no_login();
}

static void tls_required_and_refused_sends_no_login(void **state)
{
    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    peer_says(&peer, "STLS", "-ERR no");
    assert_int_equal(visit(), SC_EREPLY);
    peer.caps = "USER\n";
    assert_int_equal(visit(), SC_ETLS);
    peer.caps = NULL;
    assert_int_equal(visit(), SC_ETLS);
    assert_no_login();
}

static void bytes_behind_the_reply_are_an_error(void **state)
{
    static const char *const all[] = {"+OK go\r\n+OK injected",
                                      "+OK go\r\n-ERR", "+OK go\r\n+"};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        peer.n_rules = 0;
        peer_says(&peer, "STLS", all[i]);
        assert_int_equal(visit(), SC_EPLAINTEXT);
    }
    assert_no_login();
}

static void the_end_instead_of_tls_is_an_error(void **state)
{
    (void)state;
    peer_says(&peer, "STLS", "!+OK go");
    assert_int_not_equal(visit(), 0);
    assert_no_login();
}

static void messages_come_inside_tls(void **state)
{
    struct sc_buf got = {0};
    struct pop3_fetch how = {.sink = sc_buf_sink, .arg = &got, .options = &opt};
    struct pop3_result r = {0};

    (void)state;
    peer.caps = "STLS\nUSER\nUIDL\nPIPELINING\n";
    opt.starttls = SC_STARTTLS_MUST;
    peer_add(&peer, "a", "one\r\n");
    peer_add(&peer, "b", ".two\r\n");
    assert_int_equal(pop3_fetch(peer.url, &how, &r), 0);
    assert_int_equal(r.deleted, 2);
    assert_string_equal(got.data, "one\r\n.two\r\n");
    sc_buf_free(&got);
}

/* Without close_notify: who knows who has ended it? Behind QUIT's answer it does
 * not matter, within a message it does. */
static void the_end_of_tls_without_a_word(void **state)
{
    struct sc_buf got = {0};
    struct pop3_fetch how = {.sink = sc_buf_sink, .arg = &got, .options = &opt};
    struct pop3_result r = {0};

    (void)state;
    peer.rudely = true;
    peer_add(&peer, "a", "one\r\n");
    peer_add(&peer, "b", "two\r\n");
    peer_says(&peer, "RETR 2", "!+OK\r\ntw");
    assert_int_equal(pop3_fetch(peer.url, &how, &r), SC_ESHORT);
    assert_int_equal(r.fetched, 1);
    assert_int_equal(r.deleted, 0);
    peer.n_rules = 0;
    assert_int_equal(pop3_fetch(peer.url, &how, &r), 0);
    assert_int_equal(r.deleted, 2);
    sc_buf_free(&got);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(what_was_said_in_clear_is_forgotten),
    T(tls_never_is_never),
    T(tls_from_the_first_byte),
    T(a_certificate_that_is_wrong_sends_no_login),
    T(tls_required_and_refused_sends_no_login),
    T(bytes_behind_the_reply_are_an_error),
    T(the_end_instead_of_tls_is_an_error),
    T(messages_come_inside_tls),
    T(the_end_of_tls_without_a_word),
};

TEST_MAIN_WITH(tests, start, stop)
