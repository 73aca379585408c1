/* test_tls.c - TLS by its options: names, chains, trust, files, versions, ALPN,
 * sessions. What is said inside is in test_tls_talk.c. */
#include "main.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tls_meeting.h"

/* --- names and chains --- */

static void hello_goes_both_ways(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.talk = echo;
    client.talk = say_hello;
    meet(side_run, &server, &client);
    assert_string_equal(client.err.text, "");
    assert_int_equal(client.rc, 0);
    assert_int_equal(server.rc, 0); /* close_notify has come */
    assert_string_equal(client.info.version, "TLSv1.3");
    assert_int_equal(client.info.verified, 1);
    assert_string_equal(client.info.subject, "CN=localhost");
    assert_string_equal(client.info.issuer, "CN=Test CA");
}

static void another_name_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    assert_int_equal(verdict_on(certs.wrong, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of localhost: hostname mismatch");
    assert_int_equal(client.err.phase, SC_PHASE_TLS);
}

static void an_unknown_ca_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.ca_file = certs.other_ca;
    assert_int_equal(verdict_on(certs.good, &client), SC_ECERT);
    assert_non_null(strstr(client.err.text, "local issuer"));
}

static void the_systems_trust_does_not_know_us(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.ca_file = NULL;
    assert_int_equal(verdict_on(certs.good, &client), SC_ECERT);
}

static void ssl_cert_file_is_honoured(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.ca_file = NULL;
    setenv("SSL_CERT_FILE", certs.ca, 1);
    assert_int_equal(verdict_on(certs.good, &client), 0);
    unsetenv("SSL_CERT_FILE");
}

/* The directory of a CA as OpenSSL looks for it: links named by the hash of the
 * subject (openssl-rehash(1)). */
static void make_ca_dir(char *dir, size_t size, const char *ca)
{
    FILE *f = fopen(ca, "r");
    X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    char link[160];

    assert_non_null(cert);
    fclose(f);
    snprintf(dir, size, "%s/hashed", certs.dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    snprintf(link, sizeof link, "%s/%08lx.0", dir,
             X509_subject_name_hash(cert));
    assert_int_equal(symlink(ca, link), 0);
    X509_free(cert);
}

static void remove_ca_dir(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    while ((e = readdir(d)) != NULL)
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(dir);
}

static void a_hashed_directory_is_trusted(void **state)
{
    struct side client = client_of("localhost");
    char dir[128];

    (void)state;
    make_ca_dir(dir, sizeof dir, certs.ca);
    client.opt.ca_file = NULL;
    client.opt.ca_dir = dir;
    assert_int_equal(verdict_on(certs.good, &client), 0);
    assert_int_equal(client.info.verified, 1);
    assert_int_equal(verdict_on(certs.self, &client), SC_ECERT);
    client.opt.ca_file = certs.other_ca; /* both count */
    assert_int_equal(verdict_on(certs.good, &client), 0);
    remove_ca_dir(dir);
}

static void a_directory_of_another_ca_is_not_enough(void **state)
{
    struct side client = client_of("localhost");
    char dir[128];

    (void)state;
    make_ca_dir(dir, sizeof dir, certs.other_ca);
    client.opt.ca_file = NULL;
    client.opt.ca_dir = dir;
    assert_int_equal(verdict_on(certs.good, &client), SC_ECERT);
    remove_ca_dir(dir);
}

static void an_expired_certificate_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    assert_int_equal(verdict_on(certs.expired, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of localhost: certificate has expired");
}

/* RFC 9110 section 4.3.4: the subject's common name does not count. */
static void a_common_name_is_no_name(void **state)
{
    struct side client = client_of("amy");

    (void)state;
    assert_int_equal(verdict_on(certs.client, &client), SC_ECERT);
}

static void a_self_signed_certificate_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    assert_int_equal(verdict_on(certs.self, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of localhost: self-signed certificate");
}

static void addresses_are_verified(void **state)
{
    struct side client = client_of("127.0.0.1");

    (void)state;
    assert_int_equal(verdict_on(certs.good, &client), 0);
    client.host = "[::1]";
    assert_int_equal(verdict_on(certs.good, &client), 0);
    client.host = "127.0.0.2";
    assert_int_equal(verdict_on(certs.good, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of 127.0.0.2: IP address mismatch");
}

static void a_wildcard_stands_for_one_label(void **state)
{
    struct side client = client_of("a.test.example.");

    (void)state;
    assert_int_equal(verdict_on(certs.good, &client), 0);
    client.host = "a.b.test.example";
    assert_int_equal(verdict_on(certs.good, &client), SC_ECERT);
    client.host = ".test.example";
    assert_int_equal(verdict_on(certs.good, &client), SC_EINVAL);
}

static void no_verify_accepts_anything(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.flags = SC_TLS_NO_VERIFY;
    assert_int_equal(verdict_on(certs.expired, &client), 0);
    assert_int_equal(client.info.verified, 0);
}

static void no_name_is_not_verified_silently(void **state)
{
    struct side client = client_of(NULL);

    (void)state;
    assert_int_equal(verdict_on(certs.good, &client), SC_EINVAL);
}

/* --- options --- */

static void a_server_with_a_ca_wants_a_certificate(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.opt.ca_file = certs.ca;
    client.talk = read_to_end;
    meet(side_run, &server, &client);
    assert_int_equal(server.rc, SC_ETLS);
    assert_int_equal(client.rc, SC_ETLS); /* told by an alert */
    assert_non_null(strstr(client.err.text, "certificate required"));

    client.opt.cert = certs.client;
    meet(side_run, &server, &client);
    assert_int_equal(server.rc, 0);
    assert_string_equal(server.info.subject, "CN=amy");
    assert_int_equal(client.rc, 0);
}

static void a_server_refuses_clients_of_another_ca(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.opt.ca_file = certs.other_ca;
    client.opt.cert = certs.client;
    client.talk = read_to_end;
    meet(side_run, &server, &client);
    assert_int_equal(server.rc, SC_ECERT);
    assert_non_null(strstr(server.err.text, "certificate of the client"));
}

static void alpn_is_agreed(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.opt.alpn = "h2,http/1.1";
    client.opt.alpn = "http/1.1";
    meet(side_run, &server, &client);
    assert_string_equal(client.err.text, "");
    assert_string_equal(server.err.text, "");
    assert_string_equal(client.info.alpn, "http/1.1");
    assert_string_equal(server.info.alpn, "http/1.1");
    client.opt.alpn = "smtp";
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_ETLS);
    client.opt.alpn = "a,,b";
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_EINVAL);
}

static void the_second_connection_resumes(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    sc_tls_session_forget();
    server.talk = echo;
    client.talk = say_hello;
    meet(side_run, &server, &client);
    assert_int_equal(client.info.resumed, 0);
    meet(side_run, &server, &client);
    assert_int_equal(client.info.resumed, 1);
    assert_int_equal(client.info.verified, 1);
    assert_string_equal(client.info.subject, "CN=localhost");
    client.host = "a.test.example"; /* another name: another session */
    meet(side_run, &server, &client);
    assert_int_equal(client.info.resumed, 0);
    client.host = "localhost";
    client.opt.flags = SC_TLS_NO_RESUME;
    meet(side_run, &server, &client);
    assert_int_equal(client.info.resumed, 0);
}

/* The options know no greatest version: limit the kept context itself. */
static void tls_1_2_resumes_again_and_again(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");
    SSL_CTX *ctx;

    (void)state;
    sc_tls_session_forget();
    sc_tls_context_forget();
    ctx = sc_tls_context(&server.opt, NULL);
    SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_free(ctx);
    server.talk = echo;
    client.talk = say_hello;
    for (int i = 0; i < 4; i++) {
        meet(side_run, &server, &client);
        assert_int_equal(client.rc, 0);
        assert_string_equal(client.info.version, "TLSv1.2");
        assert_int_equal(client.info.resumed, i > 0);
    }
    client.opt.min_version = 13;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_ETLS);
    sc_tls_context_forget();
}

static void an_unverified_session_is_not_resumed_verified(void **state)
{
    struct side server = server_with(certs.self);
    struct side client = client_of("localhost");

    (void)state;
    sc_tls_session_forget();
    server.talk = echo;
    client.talk = say_hello;
    client.opt.flags = SC_TLS_NO_VERIFY;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, 0);
    client.opt.flags = 0;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_ECERT);
}

static void the_least_version_is_kept(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    client.opt.min_version = 13;
    assert_int_equal(verdict_on(certs.good, &client), 0);
    assert_string_equal(client.info.version, "TLSv1.3");
    client.opt.min_version = 11;
    assert_int_equal(verdict_on(certs.good, &client), SC_EINVAL);
}

/* What a client is told whose CA file, directory, certificate or key is NAME. */
static const char *complaint_about(const char *name, char option)
{
    static struct side client;

    client = client_of("localhost");
    if (option == 'f')
        client.opt.ca_file = name;
    else if (option == 'd')
        client.opt.ca_dir = name;
    else
        client.opt.cert = option == 'c' ? name : certs.client;
    if (option == 'k')
        client.opt.key = name;
    assert_int_equal(verdict_on(certs.good, &client), SC_ETLS);
    return client.err.text;
}

static void missing_files_are_named(void **state)
{
    (void)state;
    assert_string_equal(complaint_about("/nowhere/ca.pem", 'f'),
                        "cannot read CA file /nowhere/ca.pem: "
                        "No such file or directory");
    assert_string_equal(complaint_about("/nowhere/ca", 'd'),
                        "cannot read CA directory /nowhere/ca: "
                        "No such file or directory");
    assert_string_equal(complaint_about("/nowhere/cert.pem", 'c'),
                        "cannot read certificate file /nowhere/cert.pem: "
                        "No such file or directory");
    assert_string_equal(complaint_about("/nowhere/key.pem", 'k'),
                        "cannot read key file /nowhere/key.pem: "
                        "No such file or directory");
}

static void unreadable_files_are_named(void **state)
{
    (void)state;
    assert_string_equal(complaint_about("/dev/null/ca.pem", 'f'),
                        "cannot read CA file /dev/null/ca.pem: "
                        "Not a directory");
    assert_string_equal(complaint_about("/tmp", 'f'),
                        "cannot read CA file /tmp: Is a directory");
    assert_string_equal(complaint_about("/tmp", 'c'),
                        "cannot read certificate file /tmp: Is a directory");
    assert_string_equal(complaint_about("/tmp", 'k'),
                        "cannot read key file /tmp: Is a directory");
    assert_string_equal(complaint_about("/dev/null", 'd'),
                        "cannot read CA directory /dev/null: Not a directory");
}

static void files_of_something_else_are_named(void **state)
{
    char want[200];

    (void)state;
    assert_string_equal(complaint_about("/dev/null", 'f'),
                        "cannot read CA file /dev/null: "
                        "no certificate in it");
    assert_string_equal(complaint_about("/dev/null", 'c'),
                        "cannot read certificate file /dev/null: "
                        "no certificate in it");
    snprintf(want, sizeof want, "cannot read key file %s: no key in it",
             certs.ca);
    assert_string_equal(complaint_about(certs.ca, 'k'), want);
}

/* It is not asked for at the terminal. */
static void a_key_with_a_passphrase_is_refused(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    char path[128], want[256];
    FILE *f;

    (void)state;
    snprintf(path, sizeof path, "%s/locked", certs.dir);
    assert_non_null(f = fopen(path, "w"));
    assert_int_equal(PEM_write_PKCS8PrivateKey(f, key, EVP_aes_128_cbc(), "abc",
                                               3, NULL, NULL),
                     1);
    fclose(f);
    EVP_PKEY_free(key);
    snprintf(want, sizeof want, "cannot read key file %s: it has a passphrase",
             path);
    assert_string_equal(complaint_about(path, 'k'), want);
    unlink(path);
}

static void the_key_log_is_private(void **state)
{
    struct side client = client_of("localhost");
    char path[128];
    struct stat st;

    (void)state;
    snprintf(path, sizeof path, "%s/keys", certs.dir);
    client.opt.key_log = path;
    assert_int_equal(verdict_on(certs.good, &client), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(st.st_size > 300);
    unlink(path);
}

/* --- a fork while another thread is at what is kept --- */

static atomic_bool enough;

static void *forget_again_and_again(void *arg)
{
    while (!enough)
        sc_tls_session_forget();
    return arg;
}

static int status_of_a_child(void)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        alarm(5); /* it would wait for ever */
        sc_tls_session_forget();
        _exit(0);
    }
    waitpid(child, &status, 0);
    return status;
}

static void a_forked_child_is_not_locked_out(void **state)
{
    pthread_t thread;
    int status = 0;

    (void)state;
    enough = false;
    assert_int_equal(
        pthread_create(&thread, NULL, forget_again_and_again, NULL), 0);
    for (int i = 0; i < 50 && status == 0; i++)
        status = status_of_a_child();
    enough = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(hello_goes_both_ways),
    cmocka_unit_test(another_name_is_refused),
    cmocka_unit_test(an_unknown_ca_is_refused),
    cmocka_unit_test(the_systems_trust_does_not_know_us),
    cmocka_unit_test(ssl_cert_file_is_honoured),
    cmocka_unit_test(a_hashed_directory_is_trusted),
    cmocka_unit_test(a_directory_of_another_ca_is_not_enough),
    cmocka_unit_test(an_expired_certificate_is_refused),
    cmocka_unit_test(a_common_name_is_no_name),
    cmocka_unit_test(a_self_signed_certificate_is_refused),
    cmocka_unit_test(addresses_are_verified),
    cmocka_unit_test(a_wildcard_stands_for_one_label),
    cmocka_unit_test(no_verify_accepts_anything),
    cmocka_unit_test(no_name_is_not_verified_silently),
    cmocka_unit_test(a_server_with_a_ca_wants_a_certificate),
    cmocka_unit_test(a_server_refuses_clients_of_another_ca),
    cmocka_unit_test(alpn_is_agreed),
    cmocka_unit_test(the_second_connection_resumes),
    cmocka_unit_test(tls_1_2_resumes_again_and_again),
    cmocka_unit_test(an_unverified_session_is_not_resumed_verified),
    cmocka_unit_test(the_least_version_is_kept),
    cmocka_unit_test(missing_files_are_named),
    cmocka_unit_test(unreadable_files_are_named),
    cmocka_unit_test(files_of_something_else_are_named),
    cmocka_unit_test(a_key_with_a_passphrase_is_refused),
    cmocka_unit_test(the_key_log_is_private),
    cmocka_unit_test(a_forked_child_is_not_locked_out),
};

TEST_MAIN_WITH(tests, certs_up, certs_down)
