/* test_tls_options.c - TLS by its rarer options: encrypted keys, client
 * certificates, ciphers, versions, revoked certificates, pinned keys. */
#include "main.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tls_meeting.h"

/* --- own certificates --- */

static struct side server_that_asks(void)
{
    struct side server = server_with(certs.good);

    server.opt.ca_file = certs.ca;
    server.talk = echo;
    return server;
}

static int show_certificate(const char *cert, const char *password,
                            struct side *client, struct side *server)
{
    *server = server_that_asks();
    *client = client_of("localhost");
    client->opt.cert = cert;
    client->opt.key_password = password;
    client->talk = say_hello;
    meet(side_run, server, client);
    return client->rc;
}

static void a_client_shows_its_certificate(void **state)
{
    struct side client, server;

    (void)state;
    assert_int_equal(show_certificate(certs.client, NULL, &client, &server), 0);
    assert_string_equal(server.info.subject, "CN=amy");
    assert_true(show_certificate(NULL, NULL, &client, &server) < 0);
}

static void a_key_is_opened_by_its_password_only(void **state)
{
    struct side client, server;

    (void)state;
    assert_int_equal(show_certificate(certs.locked, "secret", &client, &server),
                     0);
    assert_string_equal(server.info.subject, "CN=amy");
    assert_int_equal(show_certificate(certs.locked, "wrong", &client, &server),
                     SC_ETLS);
    assert_non_null(strstr(client.err.text, "the passphrase is another"));
    assert_int_equal(show_certificate(certs.locked, NULL, &client, &server),
                     SC_ETLS);
    assert_non_null(strstr(client.err.text, "it has a passphrase"));
}

/* --- ciphers and versions --- */

static int with_client(struct side *client, const struct sc_tls_options *server)
{
    struct side s = {.opt = *server, .talk = echo};

    s.opt.server = 1;
    s.opt.cert = certs.good;
    client->talk = say_hello;
    meet(side_run, &s, client);
    return client->rc;
}

static void ciphers_are_chosen_from_the_lists(void **state)
{
    struct sc_tls_options any = {0};
    struct side client = client_of("localhost");

    (void)state;
    client.opt.max_version = 12;
    client.opt.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    assert_int_equal(with_client(&client, &any), 0);
    assert_string_equal(client.info.version, "TLSv1.2");
    assert_string_equal(client.info.cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
    client = client_of("localhost");
    client.opt.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
    assert_int_equal(with_client(&client, &any), 0);
    assert_string_equal(client.info.cipher, "TLS_CHACHA20_POLY1305_SHA256");
}

static void lists_that_name_no_cipher_are_refused(void **state)
{
    struct sc_tls_options any = {0};
    struct side client = client_of("localhost");

    (void)state;
    client.opt.ciphers = "NONSENSE";
    assert_int_equal(with_client(&client, &any), SC_EINVAL);
    assert_non_null(strstr(client.err.text, "ciphers NONSENSE"));
    client = client_of("localhost");
    client.opt.ciphersuites = "NONSENSE";
    assert_int_equal(with_client(&client, &any), SC_EINVAL);
}

static void a_newer_version_than_the_latest_is_not_spoken(void **state)
{
    struct sc_tls_options any = {0}, only13 = {.min_version = 13};
    struct side client = client_of("localhost");

    (void)state;
    client.opt.max_version = 12;
    assert_int_equal(with_client(&client, &any), 0);
    assert_string_equal(client.info.version, "TLSv1.2");
    assert_int_equal(with_client(&client, &only13), SC_ETLS);
}

static void versions_that_make_no_sense_are_refused(void **state)
{
    static const int bad[][2] = {{13, 12}, {0, 11}, {0, 14}, {11, 0}};
    struct sc_tls_options any = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct side client = client_of("localhost");

        client.opt.min_version = bad[i][0];
        client.opt.max_version = bad[i][1];
        assert_int_equal(with_client(&client, &any), SC_EINVAL);
    }
}

/* --- revoked --- */

static void a_certificate_on_the_list_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    assert_int_equal(verdict_on(certs.revoked, &client), 0); /* no list */
    client = client_of("localhost");
    client.opt.crl_file = certs.crl;
    assert_int_equal(verdict_on(certs.revoked, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of localhost: certificate revoked");
    client = client_of("localhost");
    client.opt.crl_file = certs.crl;
    assert_int_equal(verdict_on(certs.good, &client), 0);
}

static void a_file_without_a_list_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.crl_file = certs.ca;
    assert_int_equal(verdict_on(certs.good, &client), SC_ETLS);
    assert_non_null(strstr(client.err.text, "cannot read CRL file"));
    assert_non_null(strstr(client.err.text, "no list in it"));
    client.opt.crl_file = "/nowhere/crl.pem";
    assert_int_equal(verdict_on(certs.good, &client), SC_ETLS);
    assert_non_null(strstr(client.err.text, "No such file"));
}

/* --- pinned keys: told by OpenSSL from the certificate's file --- */

static EVP_PKEY *key_of(const char *path)
{
    FILE *f = fopen(path, "r");
    X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
    EVP_PKEY *key = X509_get_pubkey(cert);

    fclose(f);
    X509_free(cert);
    return key;
}

static void pin_of(const char *path, char *to, size_t size)
{
    EVP_PKEY *key = key_of(path);
    unsigned char *der = NULL, digest[32], text[64];
    int n = i2d_PUBKEY(key, &der);

    EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL);
    EVP_EncodeBlock(text, digest, 32);
    snprintf(to, size, "sha256//%s", (char *)text);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void key_file(const char *cert, const char *to, bool pem)
{
    EVP_PKEY *key = key_of(cert);
    FILE *f = fopen(to, "w");

    if (pem)
        PEM_write_PUBKEY(f, key);
    else
        i2d_PUBKEY_fp(f, key);
    fclose(f);
    EVP_PKEY_free(key);
}

static int pinned(const char *pins, struct side *client, unsigned flags)
{
    *client = client_of("localhost");
    client->opt.pins = pins;
    client->opt.flags = flags;
    return verdict_on(certs.good, client);
}

static void a_pin_is_one_of_the_hashes(void **state)
{
    struct side client;
    char mine[80], other[80], list[300];

    (void)state;
    pin_of(certs.good, mine, sizeof mine);
    pin_of(certs.wrong, other, sizeof other);
    assert_int_equal(pinned(mine, &client, 0), 0);
    snprintf(list, sizeof list, "%s;%s", other, mine);
    assert_int_equal(pinned(list, &client, 0), 0);
    snprintf(list, sizeof list, "%s;%s;", mine, other);
    assert_int_equal(pinned(list, &client, 0), 0);
    assert_int_equal(pinned(other, &client, 0), SC_EPIN);
    assert_string_equal(client.err.text,
                        "public key of localhost: not the one that is pinned");
    snprintf(list, sizeof list, "%sx", mine);
    assert_int_equal(pinned(list, &client, 0), SC_EPIN);
    mine[strlen(mine) - 1] = '\0'; /* a beginning is not enough */
    assert_int_equal(pinned(mine, &client, 0), SC_EPIN);
}

/* With and without resumption, and where nothing else is verified. */
static void a_pin_holds_each_time_and_without_verifying(void **state)
{
    struct side client;
    char mine[80], other[80];

    (void)state;
    pin_of(certs.good, mine, sizeof mine);
    pin_of(certs.wrong, other, sizeof other);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pinned(mine, &client, SC_TLS_NO_VERIFY), 0);
        assert_int_equal(pinned(other, &client, SC_TLS_NO_VERIFY), SC_EPIN);
        assert_int_equal(pinned(other, &client, 0), SC_EPIN);
    }
}

static void a_pin_is_a_file_in_pem_or_der(void **state)
{
    struct side client;
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/pin", certs.dir);
    for (int pem = 0; pem < 2; pem++) {
        key_file(certs.good, path, pem);
        assert_int_equal(pinned(path, &client, 0), 0);
        key_file(certs.wrong, path, pem);
        assert_int_equal(pinned(path, &client, 0), SC_EPIN);
    }
    assert_int_equal(pinned(certs.ca, &client, 0), SC_EPIN); /* no key in it */
    unlink(path);
    assert_int_equal(pinned(path, &client, 0), SC_ETLS);
    assert_non_null(strstr(client.err.text, "cannot read pinned key file"));
}

static void a_list_of_pins_that_is_none_is_refused(void **state)
{
    struct side client;

    (void)state;
    assert_int_equal(pinned("sha256//", &client, 0), SC_EINVAL);
    assert_int_equal(pinned("sha256//aa;md5//bb", &client, 0), SC_EINVAL);
}

/* --- contexts are kept by all of these --- */

static void other_options_make_another_key(void **state)
{
    static const struct sc_tls_options all[] = {
        {0},
        {.max_version = 12},
        {.key_password = "a"},
        {.key_password = "b"},
        {.ciphers = "a"},
        {.ciphersuites = "a"},
        {.crl_file = "a"},
        {.pins = "a"},
        {.ca_file = "a"},
        {.ca_dir = "a"},
        {.cert = "a"},
        {.key = "a"},
        {.alpn = "a"},
        {.key_log = "a"},
        {.min_version = 12},
        {.server = 1},
        {.flags = 1},
    };
    enum { N = sizeof all / sizeof all[0] };
    struct sc_buf key[N] = {0};

    (void)state;
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(sc_tls_options_key(&key[i], &all[i]), 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(key[i].data, key[j].data);
    }
    for (size_t i = 0; i < N; i++)
        sc_buf_free(&key[i]);
}

static void the_key_does_not_hold_the_password(void **state)
{
    struct sc_tls_options o = {.key_password = "sesame"};
    struct sc_buf key = {0};

    (void)state;
    assert_int_equal(sc_tls_options_key(&key, &o), 0);
    assert_null(strstr(key.data, "sesame"));
    sc_buf_free(&key);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_client_shows_its_certificate),
    cmocka_unit_test(a_key_is_opened_by_its_password_only),
    cmocka_unit_test(ciphers_are_chosen_from_the_lists),
    cmocka_unit_test(lists_that_name_no_cipher_are_refused),
    cmocka_unit_test(a_newer_version_than_the_latest_is_not_spoken),
    cmocka_unit_test(versions_that_make_no_sense_are_refused),
    cmocka_unit_test(a_certificate_on_the_list_is_refused),
    cmocka_unit_test(a_file_without_a_list_is_refused),
    cmocka_unit_test(a_pin_is_one_of_the_hashes),
    cmocka_unit_test(a_pin_holds_each_time_and_without_verifying),
    cmocka_unit_test(a_pin_is_a_file_in_pem_or_der),
    cmocka_unit_test(a_list_of_pins_that_is_none_is_refused),
    cmocka_unit_test(other_options_make_another_key),
    cmocka_unit_test(the_key_does_not_hold_the_password),
};

TEST_MAIN_WITH(tests, certs_up, certs_down)
