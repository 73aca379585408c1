/* test_nntp_tls.c - STARTTLS (RFC 4642) as the options say, TLS from the first
 * byte (RFC 8143), no login where it must not go, and COMPRESS DEFLATE (RFC 8054)
 * outside and inside TLS. */
#include "main.h"

#include "certs.h"
#include "nntp_peer.h"

#define CAPS "VERSION 2\nREADER\nOVER\nCOMPRESS DEFLATE\n"

static struct certs certs;
static struct sc_tls_options server_tls;
static struct nntp_peer peer;
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
    nntp_peer_start(&peer, CAPS "AUTHINFO USER\nSTARTTLS\n");
    peer.caps_inside = CAPS "AUTHINFO USER\n";
    server_tls = (struct sc_tls_options){.server = 1, .cert = certs.good};
    peer.tls = &server_tls;
    peer_add(&peer, "Subject: one\r\n\r\n.dotted\r\n..\r\n");
    opt = (struct sc_options){.tls.ca_file = certs.ca, .wait_ms = 5000};
    return 0;
}

static int clean(void **state)
{
    (void)state;
    nntp_peer_stop(&peer);
    return 0;
}

/* Open, and say goodbye. Returns what the client is broken with. */
static int visit(void)
{
    NNTPClient *n = nntp_open(peer.url, &opt);
    int rc = sc_broken(nntp_base(n));

    nntp_close(n);
    return rc;
}

static void assert_no_login(void)
{
    assert_false(peer_saw(&peer, "AUTHINFO"));
}

/* --- STARTTLS --- */

static void what_was_said_in_clear_is_forgotten(void **state)
{
    NNTPClient *n;

    (void)state;
    peer.caps = "VERSION 2\nREADER\nIHAVE\nPOST\nAUTHINFO SASL\nSASL PLAIN\n"
                "STARTTLS\n";
    n = nntp_open(peer.url, &opt);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
    assert_int_equal(nntp_capabilities(n)->have,
                     NNTP_CAP_CAPABILITIES | NNTP_CAP_READER | NNTP_CAP_OVER |
                         NNTP_CAP_AUTHINFO_USER | NNTP_CAP_COMPRESS_DEFLATE);
    assert_string_equal(nntp_capabilities(n)->sasl, "");
    assert_int_equal(nntp_close(n), 0);
    assert_string_equal(peer.log.data,
                        "CAPABILITIES\nSTARTTLS\nCAPABILITIES\n"
                        "AUTHINFO USER joe\nAUTHINFO PASS secret\n"
                        "CAPABILITIES\nQUIT\n");
}

static void old_servers_are_asked_for_tls_that_is_required(void **state)
{
    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    peer.caps = NULL; /* an old server: it is asked first of all */
    assert_int_equal(visit(), 0);
    assert_true(peer_saw(&peer, "CAPABILITIES\nSTARTTLS\nCAPABILITIES\n"
                                "AUTHINFO USER joe\n"));
}

static void tls_never_is_never(void **state)
{
    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    assert_int_equal(visit(), 0);
    assert_false(peer_saw(&peer, "STARTTLS"));
}

static void tls_from_the_first_byte(void **state)
{
    (void)state;
    peer.implicit = true;
    opt.flags = SC_OPT_TLS;
    assert_int_equal(visit(), 0);
    assert_false(peer_saw(&peer, "STARTTLS"));
    assert_true(peer_saw(&peer, "AUTHINFO PASS"));
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
    static const char *const all[] = {"580 no", "500 what?", "502 no",
                                      "483 in clear?"};

    (void)state;
    opt.starttls = SC_STARTTLS_MUST;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        peer.n_rules = 0;
        peer_says(&peer, "STARTTLS", all[i]);
        assert_int_equal(visit(), SC_EREPLY);
    }
    peer.caps = CAPS;
    assert_int_equal(visit(), SC_ETLS);
    assert_no_login();
}

static void bytes_behind_the_reply_are_an_error(void **state)
{
    static const char *const all[] = {"382 go\r\n101 injected", "382 go\r\n200",
                                      "382 go\r\n1"};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        peer.n_rules = 0;
        peer_says(&peer, "STARTTLS", all[i]);
        assert_int_equal(visit(), SC_EPLAINTEXT);
    }
    assert_no_login();
}

static void the_end_instead_of_tls_is_an_error(void **state)
{
    (void)state;
    peer_says(&peer, "STARTTLS", "!382 go");
    assert_int_not_equal(visit(), 0);
    assert_no_login();
}

/* STARTTLS was not offered; the command is repeated inside, behind the login. */
static void status_483_begins_tls_and_repeats_the_command(void **state)
{
    NNTPClient *n;

    (void)state;
    peer.caps = CAPS;
    peer.caps_inside = CAPS;
    peer.needs_tls = peer.needs_login = true;
    n = nntp_open(peer.url, &opt);
    assert_no_login();
    if (nntp_group(n, "misc.test", NULL) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    assert_int_equal(nntp_close(n), 0);
    assert_string_equal(peer.log.data,
                        "CAPABILITIES\nGROUP misc.test\nSTARTTLS\n"
                        "CAPABILITIES\nGROUP misc.test\nAUTHINFO USER joe\n"
                        "AUTHINFO PASS secret\nCAPABILITIES\n"
                        "GROUP misc.test\nQUIT\n");
}

static void status_483_to_a_login_begins_tls_and_repeats_it(void **state)
{
    (void)state;
    peer.caps = CAPS "AUTHINFO USER\n";
    peer_says(&peer, "AUTHINFO USER", "483 in clear?");
    assert_int_equal(visit(), SC_EREPLY); /* it says so inside, too */
    assert_string_equal(peer.log.data,
                        "CAPABILITIES\nAUTHINFO USER joe\nSTARTTLS\n"
                        "CAPABILITIES\nAUTHINFO USER joe\n");
}

static void tls_is_not_begun_twice_nor_behind_a_login(void **state)
{
    NNTPClient *n = nntp_open(peer.url, &opt);

    (void)state;
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
    nntp_close(n);
    opt.starttls = SC_STARTTLS_NEVER;
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    nntp_close(n);
}

static int see_number(void *arg, const struct nntp_article *a)
{
    *(uint64_t *)arg += a->number;
    return 0;
}

static int no_number(void *arg, uint64_t number)
{
    (void)arg;
    (void)number;
    return 0;
}

/* RFC 4642 section 2.2.2: the group, and what the server keeps of articles. */
static void what_was_selected_in_clear_is_forgotten(void **state)
{
    uint64_t sum = 0;
    NNTPClient *n;

    (void)state;
    peer.caps = CAPS;
    peer.caps_inside = CAPS;
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_group(n, "misc.test", NULL), 0);
    assert_int_equal(nntp_over(n, 1, 0, see_number, &sum), 0);
    assert_int_equal(nntp_over(n, 1, 0, see_number, &sum), 0);
    assert_int_equal(nntp_starttls(n, NULL), 0);
    assert_int_equal(nntp_listgroup(n, NULL, 1, 2, no_number, NULL, NULL),
                     SC_EINVAL);
    assert_int_equal(nntp_over(n, 1, 0, see_number, &sum), 0);
    assert_int_equal(sum, 3);
    assert_int_equal(nntp_close(n), 0);
    assert_string_equal(peer.log.data,
                        "CAPABILITIES\nGROUP misc.test\nLIST OVERVIEW.FMT\n"
                        "OVER 1-\nOVER 1-\nSTARTTLS\nCAPABILITIES\n"
                        "LIST OVERVIEW.FMT\nOVER 1-\nQUIT\n");
}

/* --- COMPRESS --- */

/* Each command is flushed: else the server would wait, and so would we. */
static void talk(NNTPClient *n)
{
    struct mail_source article = {.data = SC_SPAN("A: b\n\n.c\n")};
    struct sc_buf text = {0};
    uint64_t sum = 0;

    assert_int_equal(nntp_group(n, "misc.test", NULL), 0);
    assert_int_equal(nntp_article(n, 1, sc_buf_sink, &text, NULL), 0);
    assert_string_equal(text.data, "Subject: one\r\n\r\n.dotted\r\n..\r\n");
    assert_int_equal(nntp_over(n, 1, 0, see_number, &sum), 0);
    assert_int_equal(sum, 1);
    assert_int_equal(nntp_post(n, &article, NULL), 0);
    assert_string_equal(peer.post.data, "A: b\r\n\r\n.c\r\n");
    sc_buf_free(&text);
}

static void compress(bool tls)
{
    NNTPClient *n;

    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    opt.starttls = tls ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
    n = nntp_open(peer.url, &opt);
    if (nntp_compress(n) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    talk(n);
    assert_int_equal(nntp_compress(n), SC_EINVAL);
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
    assert_int_equal(nntp_close(n), 0);
    assert_true(peer_saw(&peer, "COMPRESS DEFLATE\nCAPABILITIES\nGROUP"));
    assert_true(peer_saw(&peer, "QUIT"));
}

static void compressed_outside_tls(void **state)
{
    (void)state;
    compress(false);
}

static void compressed_inside_tls(void **state)
{
    (void)state;
    compress(true);
}

static void a_connection_made_anew_is_plain_and_greeted(void **state)
{
    NNTPClient *n;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_compress(n), 0);
    assert_int_equal(nntp_quit(n), 0);
    peer.log.len = 0;
    assert_int_equal(sc_reopen(nntp_base(n)), 0);
    assert_int_equal(nntp_compress(n), 0);
    talk(n);
    assert_int_equal(nntp_close(n), 0);
    assert_int_equal(peer.connections, 2);
    assert_true(peer_saw(&peer, "CAPABILITIES\nSTARTTLS\n"));
    assert_true(peer_saw(&peer, "AUTHINFO PASS secret\n"));
    assert_true(peer_saw(&peer, "QUIT\n"));
}

/* RFC 8054 section 2.2.2: a login, or TLS, comes before. */
static void no_login_and_no_tls_behind_compress(void **state)
{
    NNTPClient *n;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    peer.caps = CAPS;
    peer.needs_login = true;
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_compress(n), 0);
    assert_int_equal(nntp_authinfo_user(n, "joe", "secret"), SC_EINVAL);
    assert_int_equal(nntp_starttls(n, NULL), SC_EINVAL);
    assert_int_equal(nntp_group(n, "misc.test", NULL), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 480);
    peer.needs_login = false;
    peer.needs_tls = true;
    assert_int_equal(nntp_group(n, "misc.test", NULL), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 483);
    assert_int_equal(nntp_close(n), 0);
    assert_no_login();
}

/* The first compressed byte may come with the reply. */
static void bytes_behind_206_are_compressed_already(void **state)
{
    NNTPClient *n;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    peer.early = "400 going down\r\n";
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_compress(n), SC_EREPLY);
    assert_int_equal(sc_broken(nntp_base(n)), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 400);
    assert_non_null(
        strstr(sc_last_error(nntp_base(n))->text, "400 going down"));
    nntp_close(n);
}

static void bytes_that_are_not_compressed_break(void **state)
{
    NNTPClient *n;
    int rc;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    peer_says(&peer, "COMPRESS", "206 go\r\n\xff\xff\xff\xff plain text");
    n = nntp_open(peer.url, &opt);
    rc = nntp_compress(n);
    assert_int_equal(rc, SC_ECODING);
    assert_int_equal(sc_broken(nntp_base(n)), SC_ECODING);
    nntp_close(n);
}

static int bytes_of_bomb(void *arg, const void *p, size_t n)
{
    (void)p;
    *(uint64_t *)arg += n;
    return 0;
}

static void a_compressed_bomb_is_cut(void **state)
{
    const size_t size = 64 << 20;
    uint64_t came = 0;
    NNTPClient *n;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    peer.bomb = size;
    opt.ratio_limit = 100;
    n = nntp_open(peer.url, &opt);
    assert_int_equal(nntp_compress(n), 0);
    assert_int_equal(nntp_article(n, 1, bytes_of_bomb, &came, NULL),
                     SC_ETOOBIG);
    assert_int_equal(sc_broken(nntp_base(n)), SC_ETOOBIG);
    assert_true(came < size);
    nntp_close(n);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(what_was_said_in_clear_is_forgotten),
    T(old_servers_are_asked_for_tls_that_is_required),
    T(tls_never_is_never),
    T(tls_from_the_first_byte),
    T(a_certificate_that_is_wrong_sends_no_login),
    T(tls_required_and_refused_sends_no_login),
    T(bytes_behind_the_reply_are_an_error),
    T(the_end_instead_of_tls_is_an_error),
    T(status_483_begins_tls_and_repeats_the_command),
    T(status_483_to_a_login_begins_tls_and_repeats_it),
    T(what_was_selected_in_clear_is_forgotten),
    T(tls_is_not_begun_twice_nor_behind_a_login),
    T(compressed_outside_tls),
    T(compressed_inside_tls),
    T(a_connection_made_anew_is_plain_and_greeted),
    T(no_login_and_no_tls_behind_compress),
    T(bytes_behind_206_are_compressed_already),
    T(bytes_that_are_not_compressed_break),
    T(a_compressed_bomb_is_cut),
};

TEST_MAIN_WITH(tests, start, stop)
