/* test_tls.c - TLS over a pair of streams: one task is the server, one the
 * client. Also what must be refused, cut, late or cancelled. */
#include "main.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "core/mem.h"
#include "stream/tls_context.h"

static struct certs certs;

/* One side of a meeting: what it is given, and what came of it. */
struct side {
    Stream *low;
    const char *host;
    struct sc_tls_options opt;
    void (*talk)(struct side *me, Stream *s); /* NULL: only shake hands */
    int64_t ms;
    int rc; /* of the wrap, then of talk */
    struct sc_error err;
    struct sc_tls_info info;
};

static void side_run(void *arg)
{
    struct side *me = arg;
    Stream *s = sc_tls_wrap(me->low, me->host, &me->opt, me->ms ? me->ms : 5000,
                            &me->err);

    me->rc = s ? 0 : me->err.code;
    if (s == NULL) {
        sc_stream_close(me->low);
        return;
    }
    sc_stream_info(s, SC_INFO_TLS, &me->info);
    if (me->talk)
        me->talk(me, s);
    sc_stream_close(s);
}

/* Let both meet over a pair; SERVER may be anything that runs. */
static void meet(void (*server_run)(void *), struct side *server,
                 struct side *client)
{
    Stream *both[2];
    int64_t tasks[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    server->low = both[0];
    client->low = both[1];
    tasks[0] = sc_task_go(NULL, server_run, server);
    tasks[1] = sc_task_go(NULL, side_run, client);
    sc_task_join(tasks[0]);
    sc_task_join(tasks[1]);
}

static struct side server_with(const char *cert)
{
    return (struct side){.opt = {.server = 1, .cert = cert}};
}

static struct side client_of(const char *host)
{
    return (struct side){.host = host, .opt = {.ca_file = certs.ca}};
}

/* --- what the sides say --- */

static void read_to_end(struct side *me, Stream *s)
{
    char buf[512];
    struct sc_wait w = {sc_now() + 5000, &me->err};
    ssize_t n;

    do
        n = sc_stream_read(s, buf, sizeof buf, &w);
    while (n > 0);
    me->rc = (int)n;
}

static void say_hello(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};
    char buf[6];

    me->rc = sc_stream_write(s, "hello\n", 6, &w);
    if (me->rc == 0)
        me->rc = sc_stream_read(s, buf, sizeof buf, &w) > 0 ? 0 : me->err.code;
}

static void echo(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};
    char buf[512];
    ssize_t n;

    while ((n = sc_stream_read(s, buf, sizeof buf, &w)) > 0)
        if ((n = sc_stream_write(s, buf, (size_t)n, &w)) < 0)
            break;
    me->rc = (int)n;
}

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

static int verdict_on(const char *cert, struct side *client)
{
    struct side server = server_with(cert);

    server.talk = read_to_end;
    meet(side_run, &server, client);
    return client->rc;
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

static void an_expired_certificate_is_refused(void **state)
{
    struct side client = client_of("localhost");

    (void)state;
    assert_int_equal(verdict_on(certs.expired, &client), SC_ECERT);
    assert_string_equal(client.err.text,
                        "certificate of localhost: certificate has expired");
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

/* --- bytes --- */

enum { MUCH = 1 << 20 };

static char *much(void)
{
    char *p = sc_malloc(MUCH);

    for (size_t i = 0; i < MUCH; i++)
        p[i] = (char)(i * 7 + i / 251);
    return p;
}

static void write_much(void *arg)
{
    char *p = much();
    struct sc_span v[] = {{p, 5}, {p + 5, 0}, {p + 5, MUCH - 5}};

    sc_stream_writev(arg, v, 3, NULL);
    sc_free(p);
}

/* Write and read at the same time, in two tasks. */
static void exchange_much(struct side *me, Stream *s)
{
    int64_t writer = sc_task_go(NULL, write_much, s);
    char *want = much(), *got = sc_calloc(MUCH);
    struct sc_wait w = {sc_now() + 20000, &me->err};
    size_t have = 0;
    ssize_t n = 1;

    while (have < MUCH && n > 0) {
        n = sc_stream_read(s, got + have, MUCH - have, &w);
        have += n > 0 ? (size_t)n : 0;
    }
    sc_task_join(writer);
    me->rc = have == MUCH && memcmp(got, want, MUCH) == 0 ? 0 : -1;
    sc_free(want);
    sc_free(got);
}

static void a_megabyte_goes_both_ways_at_once(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.talk = client.talk = exchange_much;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, 0);
    assert_int_equal(server.rc, 0);
}

static void say_and_end(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};

    sc_stream_write(s, "last", 4, &w);
    assert_int_equal(sc_stream_shutdown(s, &w), 0);
    assert_int_equal(sc_stream_write(s, "more", 4, &w), SC_EPIPE);
    read_to_end(me, s);
}

static void a_half_close_leaves_reading(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    client.talk = say_and_end;
    server.talk = echo;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, 0);
    assert_int_equal(server.rc, 0);
}

/* The peer's process dies: its descriptor ends without a word. */
static void cut(struct side *me, Stream *s)
{
    int fd = -1;

    (void)me;
    sc_stream_write(s, "half", 4, NULL);
    sc_stream_info(s, SC_INFO_FD, &fd);
    shutdown(fd, SHUT_WR);
}

static void a_cut_is_not_an_end(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.talk = cut;
    client.talk = read_to_end;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_ESHORT);
    assert_string_equal(client.err.text,
                        "TLS with localhost: ended without close_notify");
}

static void wait_a_little(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 50, &me->err};
    char c;
    int pending = -1;

    (void)me;
    /* Two tickets have come, but no application data. */
    sc_sleep(30);
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 0);
    assert_int_equal(sc_stream_read(s, &c, 1, &w), SC_ETIMEDOUT);
    say_hello(me, s); /* the time-out left it in order */
    assert_int_equal(sc_stream_write(s, "x", 1, NULL), 0);
    sc_sleep(30);
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 1);
}

static void tickets_are_not_pending_bytes_are(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.talk = echo;
    client.talk = wait_a_little;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, 0);
}

/* --- peers that do not speak TLS --- */

static void say_garbage(void *arg)
{
    struct side *me = arg;
    char buf[1000];
    static const char text[] = "HTTP/1.0 400 Bad Request\r\n\r\n";

    sc_stream_read(me->low, buf, 1000, NULL);
    sc_stream_write(me->low, text, sizeof text - 1, NULL);
    while (sc_stream_read(me->low, buf, 1000, NULL) > 0)
        ;
    sc_stream_close(me->low);
}

static void garbage_is_not_tls(void **state)
{
    struct side server = {0};
    struct side client = client_of("localhost");

    (void)state;
    meet(say_garbage, &server, &client);
    assert_int_equal(client.rc, SC_ETLS);
    assert_string_equal(client.err.text,
                        "TLS with localhost: wrong version number");
}

static void hang_up(void *arg)
{
    struct side *me = arg;
    char buf[512];

    sc_stream_read(me->low, buf, sizeof buf, NULL);
    sc_stream_close(me->low);
}

static void a_hang_up_in_the_handshake_is_told(void **state)
{
    struct side server = {0};
    struct side client = client_of("localhost");

    (void)state;
    meet(hang_up, &server, &client);
    assert_true(client.rc == SC_ETLS || client.rc == SC_ECONNRESET);
}

static void say_nothing(void *arg)
{
    struct side *me = arg;

    sc_sleep(300);
    sc_stream_close(me->low);
}

static void a_silent_server_times_out(void **state)
{
    struct side server = {0};
    struct side client = client_of("localhost");
    int64_t begin = sc_now();

    (void)state;
    client.ms = 100;
    meet(say_nothing, &server, &client);
    assert_int_equal(client.rc, SC_ETIMEDOUT);
    assert_non_null(strstr(client.err.text, "TLS with localhost: "));
    assert_true(sc_now() - begin < 2000);
}

static void a_handshake_can_be_cancelled(void **state)
{
    struct side client = client_of("localhost");
    Stream *both[2];
    int64_t task;

    (void)state;
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    client.low = both[1];
    task = sc_task_go(NULL, side_run, &client);
    sc_sleep(20);
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(client.rc, SC_ECANCELED);
    sc_stream_close(both[0]);
}

static void close_it(void *arg)
{
    struct side *me = arg;

    sc_sleep(20);
    sc_stream_close(me->low);
}

static void close_under_a_reader(struct side *me, Stream *s)
{
    struct side other = {.low = s};
    struct sc_wait w = {sc_now() + 2000, &me->err};
    int64_t closer;
    char c;

    sc_stream_hold(s); /* side_run closes it again */
    closer = sc_task_go(NULL, close_it, &other);
    me->rc = (int)sc_stream_read(s, &c, 1, &w);
    sc_task_join(closer);
}

static void a_closed_stream_says_so(void **state)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    (void)state;
    server.talk = read_to_end;
    client.talk = close_under_a_reader;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, SC_ECLOSED);
    assert_int_equal(server.rc, 0); /* close_notify went out */
}

static int setup(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int teardown(void **state)
{
    (void)state;
    sc_tls_session_forget();
    sc_tls_context_forget();
    certs_remove(&certs);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(hello_goes_both_ways),
    cmocka_unit_test(another_name_is_refused),
    cmocka_unit_test(an_unknown_ca_is_refused),
    cmocka_unit_test(the_systems_trust_does_not_know_us),
    cmocka_unit_test(ssl_cert_file_is_honoured),
    cmocka_unit_test(an_expired_certificate_is_refused),
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
    cmocka_unit_test(a_megabyte_goes_both_ways_at_once),
    cmocka_unit_test(a_half_close_leaves_reading),
    cmocka_unit_test(a_cut_is_not_an_end),
    cmocka_unit_test(tickets_are_not_pending_bytes_are),
    cmocka_unit_test(garbage_is_not_tls),
    cmocka_unit_test(a_hang_up_in_the_handshake_is_told),
    cmocka_unit_test(a_silent_server_times_out),
    cmocka_unit_test(a_handshake_can_be_cancelled),
    cmocka_unit_test(a_closed_stream_says_so),
};

TEST_MAIN_WITH(tests, setup, teardown)
