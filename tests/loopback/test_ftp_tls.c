/* test_ftp_tls.c - FTP in TLS (RFC 2228, RFC 4217): when, and the data too. */
#include "main.h"

#include <simpleclient/url.h>

#include "../certs.h"
#include "ftp_data.h"

static struct certs certs;
static struct sc_tls_options server;

static int make(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    server = (struct sc_tls_options){
        .server = 1, .cert = certs.good, .key = certs.good};
    return 0;
}

static int clean(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static struct sc_options trusting(int starttls)
{
    struct sc_options o = usual;

    o.starttls = starttls;
    o.tls.ca_file = certs.ca;
    return o;
}

static FTPClient *open_in_tls(const struct ftp_options *how)
{
    const struct sc_options o = trusting(SC_STARTTLS_MUST);
    FTPClient *f = ftp_open(peer.url, how, &o);

    if (sc_broken(ftp_base(f)) < 0)
        fail_msg("%s", sc_last_error(ftp_base(f))->text);
    return f;
}

/* RFC 4217 section 10.2: data is of the session of control. */
static void data_is_protected_and_of_the_same_session(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = open_in_tls(NULL);
    assert_true(peer_saw(&peer, "AUTH TLS\nPBSZ 0\nPROT P\nUSER"));
    for (int i = 0; i < 4; i++)
        assert_comes(f);
    assert_int_equal(peer.calls, 4);
    assert_int_equal(peer.resumed, 4);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void from_the_first_byte(void **state)
{
    const struct sc_options o = trusting(SC_STARTTLS_MAY);
    FTPClient *f;
    char url[100];

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    peer.implicit = true;
    snprintf(url, sizeof url, "ftps%s", peer.url + 3);
    f = ftp_open(url, NULL, &o);
    assert_comes(f);
    assert_false(peer_saw(&peer, "AUTH"));
    assert_int_equal(peer.resumed, 1);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static int see(void *arg, const struct url_entry *e)
{
    ++*(int *)arg;
    assert_string_equal(e->name, "a");
    return 0;
}

static void urls_from_the_first_byte(void **state)
{
    const struct sc_options o = trusting(SC_STARTTLS_MAY);
    const struct url_options opt = {.options = &o};
    struct url_reply r = {0};
    char url[100];
    int n = 0;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    peer.implicit = true;
    peer.list = "-rw-r--r-- 1 joe users 1 Jan 31 2025 a\r\n";
    snprintf(url, sizeof url, "ftps%s", peer.url + 3);
    if (url_get(url, &opt, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_string_equal(r.body.data, TEXT);
    assert_int_equal(url_list(url, &opt, see, &n, NULL), 0);
    assert_int_equal(n, 1);
    assert_int_equal(peer.resumed, 2);
    url_reply_free(&r);
    ftp_peer_stop(&peer);
}

static void data_in_clear_only_where_it_is_asked_for(void **state)
{
    const struct ftp_options how = {.flags = FTP_CLEAR_DATA};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = open_in_tls(&how);
    assert_true(peer_saw(&peer, "PROT C\n"));
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_server_that_refuses_prot_is_not_talked_to(void **state)
{
    const struct sc_options o = trusting(SC_STARTTLS_MUST);
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    peer_says(&peer, "PROT", "534 no");
    f = ftp_open(peer.url, NULL, &o);
    assert_int_equal(sc_broken(ftp_base(f)), SC_EREPLY);
    assert_false(peer_saw(&peer, "USER"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void where_tls_must_be_there_is_no_login_without(void **state)
{
    const struct sc_options o = trusting(SC_STARTTLS_MUST);
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT); /* AUTH: 502 */
    f = ftp_open(peer.url, NULL, &o);
    assert_true(sc_broken(ftp_base(f)) < 0);
    assert_true(peer_saw(&peer, "AUTH TLS\n"));
    assert_false(peer_saw(&peer, "USER"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void where_tls_may_be_it_is_used_if_offered(void **state)
{
    const struct sc_options o = trusting(SC_STARTTLS_MAY);

    (void)state;
    for (int offered = 0; offered < 2; offered++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer.tls = offered ? &server : NULL;
        f = ftp_open(peer.url, NULL, &o);
        assert_comes(f);
        assert_int_equal(sc_client_is_tls(ftp_base(f)), offered);
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void a_wrong_certificate_is_no_clear_text(void **state)
{
    struct sc_options o = trusting(SC_STARTTLS_MAY);
    FTPClient *f;

    (void)state;
    o.tls.ca_file = certs.other_ca;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = ftp_open(peer.url, NULL, &o);
    assert_int_equal(sc_broken(ftp_base(f)), SC_ECERT);
    assert_false(peer_saw(&peer, "USER"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* An end that TLS does not tell may be anybody's (RFC 8446 section 6.1). */
static void data_without_close_notify_is_cut(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    peer.rude = peer.size_unknown = true;
    f = open_in_tls(NULL);
    assert_true(retr(f) < 0);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void data_that_does_not_shake_hands_breaks(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    peer_says(&peer, "PROT", "200 fine"); /* and never does it */
    f = open_in_tls(NULL);
    assert_true(retr(f) < 0);
    assert_true(sc_broken(ftp_base(f)) < 0);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void uploads_are_protected_too(void **state)
{
    FTPClient *f;
    Stream *data;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = open_in_tls(NULL);
    for (int i = 1; i < 4; i++) {
        assert_non_null(data = ftp_stor(f, "new", 0));
        assert_int_equal(sc_stream_write(data, "hello", 5, NULL), 0);
        assert_int_equal(ftp_done(f, data), 0);
        assert_int_equal(peer.whole, i);
        assert_memory_equal(peer.stored.data, "hello", 5);
    }
    assert_int_equal(peer.resumed, 3);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* Neither close_notify nor FIN. */
static void an_upload_given_up_in_tls_is_no_file(void **state)
{
    FTPClient *f;
    Stream *data;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = open_in_tls(NULL);
    assert_non_null(data = ftp_stor(f, "new", 0));
    assert_int_equal(sc_stream_write(data, "hello", 5, NULL), 0);
    sc_stream_close(data);
    while (peer.whole + peer.cut == 0)
        sc_sleep(1);
    assert_int_equal(peer.cut, 1);
    sc_drop(ftp_base(f));
    ftp_peer_stop(&peer);
}

static void the_server_calls_us_in_tls(void **state)
{
    const struct ftp_options how = {.flags = FTP_ACTIVE};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.tls = &server;
    f = open_in_tls(&how);
    assert_comes(f);
    assert_comes(f);
    assert_int_equal(peer.resumed, 2);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST_CLOSING_ALL(data_is_protected_and_of_the_same_session),
        TEST_CLOSING_ALL(from_the_first_byte),
        TEST_CLOSING_ALL(urls_from_the_first_byte),
        TEST_CLOSING_ALL(data_in_clear_only_where_it_is_asked_for),
        TEST_CLOSING_ALL(a_server_that_refuses_prot_is_not_talked_to),
        TEST_CLOSING_ALL(where_tls_must_be_there_is_no_login_without),
        TEST_CLOSING_ALL(where_tls_may_be_it_is_used_if_offered),
        TEST_CLOSING_ALL(a_wrong_certificate_is_no_clear_text),
        TEST_CLOSING_ALL(data_without_close_notify_is_cut),
        TEST_CLOSING_ALL(data_that_does_not_shake_hands_breaks),
        TEST_CLOSING_ALL(uploads_are_protected_too),
        TEST_CLOSING_ALL(an_upload_given_up_in_tls_is_no_file),
        TEST_CLOSING_ALL(the_server_calls_us_in_tls),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     make, clean);
}
