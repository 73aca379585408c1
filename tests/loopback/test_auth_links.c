/* test_auth_links.c - what the way to the server means for a login: which links
 * are protected, and channel binding (RFC 9266) from both ends of TLS. */
#include "main.h"

#include <signal.h>

#include <openssl/ssl.h>

#include "client/auth.h"
#include "proxy_peer.h"
#include "sasl/digest.h"
#include "tls_meeting.h"

/* --- the binding of a TLS connection --- */

struct bound {
    unsigned char data[32];
    int rc;
};
static struct bound of_server, of_client;

static void ask(struct bound *b, Stream *s)
{
    b->rc = sc_stream_info(s, SC_INFO_TLS_EXPORTER, b->data);
}

static void ask_server(struct side *me, Stream *s)
{
    ask(&of_server, s);
    read_to_end(me, s);
}

static void ask_client(struct side *me, Stream *s)
{
    (void)me;
    ask(&of_client, s);
}

static void meet_and_ask(int version)
{
    struct side server = server_with(certs.good);
    struct side client = client_of("localhost");

    client.opt.max_version = version;
    server.talk = ask_server;
    client.talk = ask_client;
    meet(side_run, &server, &client);
    assert_int_equal(client.rc, 0);
    assert_string_equal(client.info.version,
                        version == 12 ? "TLSv1.2" : "TLSv1.3");
}

static void both_ends_know_the_same_and_only_they(void **state)
{
    (void)state;
    for (int version = 12; version <= 13; version++) {
        struct bound before;

        meet_and_ask(version);
        assert_int_equal(of_client.rc, 0);
        assert_int_equal(of_server.rc, 0);
        assert_memory_equal(of_client.data, of_server.data, 32);
        before = of_client;
        meet_and_ask(version); /* resumed, and yet another connection */
        assert_memory_not_equal(of_client.data, before.data, 32);
    }
}

/* What RFC 9266 section 2 says of label, context and length, told by OpenSSL
 * at the server's end. */
struct raw {
    int fd;
    uint64_t options;
    unsigned char data[32];
    pthread_t thread;
};

static void raw_talk(struct raw *me, SSL *ssl)
{
    char byte;

    if (SSL_accept(ssl) != 1)
        return;
    SSL_export_keying_material(ssl, me->data, 32, "EXPORTER-Channel-Binding",
                               24, (const unsigned char *)"", 0, 1);
    SSL_read(ssl, &byte, 1);
}

static void *raw_server(void *arg)
{
    struct raw *me = arg;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl = NULL;
    sigset_t pipe;

    sigemptyset(&pipe); /* OpenSSL's own BIO uses write(2) */
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL_CTX_set_options(ctx, me->options);
    if (SSL_CTX_use_certificate_chain_file(ctx, certs.good) == 1 &&
        SSL_CTX_use_PrivateKey_file(ctx, certs.good, SSL_FILETYPE_PEM) == 1 &&
        (ssl = SSL_new(ctx)) != NULL && SSL_set_fd(ssl, me->fd) == 1)
        raw_talk(me, ssl);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(me->fd);
    return NULL;
}

static void meet_raw(struct raw *server, int version)
{
    struct side client = client_of("localhost");
    struct timeval patience = {.tv_sec = 10};
    int fd[2];

    client.opt.max_version = version;
    client.opt.flags = SC_TLS_NO_RESUME;
    client.talk = ask_client;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    server->fd = fd[0];
    client.low = sc_stream_fd(fd[1], NULL);
    assert_int_equal(pthread_create(&server->thread, NULL, raw_server, server),
                     0);
    side_run(&client);
    pthread_join(server->thread, NULL);
    assert_string_equal(client.err.text, "");
}

static void the_binding_is_rfc_9266s(void **state)
{
    (void)state;
    for (int version = 12; version <= 13; version++) {
        struct raw server = {.options = 0};

        meet_raw(&server, version);
        assert_int_equal(of_client.rc, 0);
        assert_memory_equal(of_client.data, server.data, 32);
    }
}

/* RFC 9266 section 4.2 */
static void tls_1_2_without_an_extended_master_secret_has_none(void **state)
{
    struct raw server = {.options = SSL_OP_NO_EXTENDED_MASTER_SECRET};

    (void)state;
    meet_raw(&server, 12);
    assert_int_equal(of_client.rc, SC_ETLS);
    meet_raw(&server, 13);
    assert_int_equal(of_client.rc, 0);
}

/* --- which links are protected --- */

static struct sc_sasl_login seen;

static int look(SimpleClient *c)
{
    return sc_auth_login_of(c, &seen);
}

static const struct client_class looking = {
    .name = "looks",
    .size = sizeof(SimpleClient),
    .greet = look,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

static bool protected_at(const char *where)
{
    const struct sc_options opt = {.user = "amy"};
    struct sc_error err = {0};
    struct sc_listener *l = sc_listen(where, &err);
    SimpleClient *c;

    if (l == NULL)
        fail_msg("%s", err.text);
    memset(&seen, 0, sizeof seen);
    c = sc_open(&looking, sc_listener_name(l), 0, &opt);
    assert_int_equal(sc_broken(c), 0);
    assert_string_equal(seen.user, "amy");
    assert_null(seen.binding_type);
    if (where[0] == '/')
        assert_null(seen.host);
    else
        assert_int_equal(seen.port, sc_listener_port(l));
    sc_close(c);
    sc_listener_close(l);
    return seen.protected_link;
}

static void this_machine_is_protected(void **state)
{
    char path[120];

    (void)state;
    snprintf(path, sizeof path, "%s/socket", certs.dir);
    assert_true(protected_at("127.0.0.1:0"));
    assert_true(protected_at("[::1]:0"));
    assert_true(protected_at(path));
}

/* The proxy is near, the server is not. */
static void a_proxy_on_this_machine_does_not_protect(void **state)
{
    static const struct stage socks[] = {
        {BYTES("\5\1\0"), BYTES("\5\0")},
        {BYTES("\5\1\0\3\6a.test\0\x4f"), BYTES("\5\0\0\1\0\0\0\0\0\0")},
        {{NULL, 0}, {NULL, 0}}};
    static const struct stage tunnel[] = {
        {{NULL, 0}, BYTES("HTTP/1.1 200 OK\r\n\r\n")}, {{NULL, 0}, {NULL, 0}}};
    const struct sc_tls_options trust = {.ca_file = certs.ca};
    struct visit v = {.cls = &looking,
                      .server = "a.test:79",
                      .scheme = "socks5h://",
                      .opt = {.user = "amy"}};

    (void)state;
    seen.protected_link = 1;
    reaches(v, (struct proxy){.stages = socks});
    assert_int_equal(seen.protected_link, 0);
    v.scheme = "https://";
    v.opt.proxy_tls = &trust;
    seen.protected_link = 1;
    reaches(v, (struct proxy){.stages = tunnel, .cert = certs.good});
    assert_int_equal(seen.protected_link, 0);
    assert_null(seen.binding_type); /* that would be the proxy's */
}

/* --- SCRAM-SHA-256-PLUS over TLS --- */

enum { ROUNDS = 4096 };

struct server {
    Stream *s;
    bool relay; /* somebody in the middle: another connection's binding */
    bool bound; /* the client's binding is ours */
};

static int read_line(Stream *s, char *to, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && sc_stream_read(s, to + n, 1, NULL) == 1)
        if (to[n++] == '\n')
            break;
    to[n] = '\0';
    to[strcspn(to, "\r\n")] = '\0';
    return (int)n;
}

/* Read a line and decode what follows SKIP bytes. */
static struct sc_buf read_token(Stream *s, size_t skip)
{
    struct sc_buf token = {0};
    char line[512];

    if (read_line(s, line, sizeof line) > (int)skip)
        sc_base64_decode(&token, sc_span_of(line + skip));
    if (token.data == NULL)
        sc_buf_add(&token, "", 0);
    return token;
}

static void say_token(Stream *s, const char *token)
{
    struct sc_buf line = {0};

    sc_buf_add(&line, "334 ", 4);
    sc_base64_encode(&line, token, strlen(token));
    sc_buf_add(&line, "\r\n", 2);
    sc_stream_write(s, line.data, line.len, NULL);
    sc_buf_free(&line);
}

/* "c=" as it must be: the header, and our end's binding. */
static bool is_bound(struct server *me, const char *final)
{
    struct sc_buf want = {0}, data = {0};
    unsigned char here[32];
    bool same;

    sc_stream_info(me->s, SC_INFO_TLS_EXPORTER, here);
    here[0] ^= me->relay;
    sc_buf_add(&data, "p=tls-exporter,,", 16);
    sc_buf_add(&data, here, sizeof here);
    sc_buf_add(&want, "c=", 2);
    sc_base64_encode(&want, data.data, data.len);
    sc_buf_add(&want, ",r=", 3);
    same = strncmp(final, want.data, want.len) == 0;
    sc_buf_free(&want);
    sc_buf_free(&data);
    return same;
}

/* ServerSignature of RFC 5802 section 3; the password is "pencil". */
static void sign(struct sc_buf *last, const char *auth)
{
    unsigned char salted[SC_DIGEST_MAX], key[SC_DIGEST_MAX];
    unsigned char signature[SC_DIGEST_MAX];

    sc_pbkdf2(SC_DIGEST_SHA256, sc_span_of("pencil"), sc_span_of("salt"),
              ROUNDS, salted, 32);
    sc_hmac(SC_DIGEST_SHA256, (struct sc_span){(char *)salted, 32},
            sc_span_of("Server Key"), key);
    sc_hmac(SC_DIGEST_SHA256, (struct sc_span){(char *)key, 32},
            sc_span_of(auth), signature);
    sc_buf_add(last, "v=", 2);
    sc_base64_encode(last, signature, 32);
}

static void serve_scram(struct server *me)
{
    struct sc_buf first = read_token(me->s, strlen("AUTH SCRAM-SHA-256-PLUS "));
    struct sc_buf offer = {0}, final, auth = {0}, last = {0};
    const char *bare = strstr(first.data, "n=user,r=");

    sc_buf_addf(&offer, "r=%sserver,s=c2FsdA==,i=%d", bare ? bare + 9 : "x",
                ROUNDS);
    say_token(me->s, offer.data);
    final = read_token(me->s, 0);
    me->bound = is_bound(me, final.data);
    if (me->bound && bare && strstr(final.data, ",p=")) {
        *strstr(final.data, ",p=") = '\0';
        sc_buf_addf(&auth, "%s,%s,%s", bare, offer.data, final.data);
        sign(&last, auth.data);
        say_token(me->s, last.data);
    } else {
        say_token(me->s, "e=channel-bindings-dont-match");
    }
    sc_buf_free(&first);
    sc_buf_free(&offer);
    sc_buf_free(&final);
    sc_buf_free(&auth);
    sc_buf_free(&last);
}

static void serve(void *arg)
{
    struct server *me = arg;
    struct sc_tls_options opt = {.server = 1, .cert = certs.good};
    Stream *tls = sc_tls_wrap(me->s, NULL, &opt, 5000, NULL);
    const char *end = "535 no\r\n";
    char line[512];

    if (tls != NULL) {
        me->s = tls;
        serve_scram(me);
        read_line(tls, line, sizeof line);
        if (line[0] == '\0')
            end = "235 welcome\r\n";
        sc_stream_write(tls, end, strlen(end), NULL);
        read_line(tls, line, sizeof line); /* the end */
    }
    sc_stream_close(me->s);
}

static int log_in(struct server *server, struct sc_error *err)
{
    static const struct sc_auth_words words = {"AUTH", 512, 334, 235, 0, ""};
    const struct sc_options opt = {.user = "user", .password = "pencil"};
    const struct sc_tls_options trust = {.ca_file = certs.ca,
                                         .host = "localhost"};
    struct sc_sasl_login l;
    Stream *both[2];
    SimpleClient *c;
    int64_t task;
    int rc;

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    server->s = both[0];
    task = sc_task_go(NULL, serve, server);
    c = sc_attach(&sc_simple_class, both[1], &opt);
    assert_int_equal(sc_starttls(c, &trust), 0);
    assert_int_equal(sc_auth_login_of(c, &l), 1);
    assert_int_equal(l.protected_link, 1);
    assert_string_equal(l.binding_type, "tls-exporter");
    rc = sc_auth(c, &words, "PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", &l);
    *err = *sc_last_error(c);
    sc_close(c);
    sc_task_join(task);
    return rc;
}

static void plus_logs_in_where_both_ends_meet(void **state)
{
    struct server server = {.relay = false};
    struct sc_error err;

    (void)state;
    if (log_in(&server, &err) != 0)
        fail_msg("%s", err.text);
    assert_true(server.bound);
}

static void plus_fails_where_somebody_is_between(void **state)
{
    struct server server = {.relay = true};
    struct sc_error err;

    (void)state;
    assert_int_equal(log_in(&server, &err), SC_EREPLY);
    assert_false(server.bound);
    assert_non_null(strstr(err.text, "channel-bindings-dont-match"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(both_ends_know_the_same_and_only_they),
    cmocka_unit_test(the_binding_is_rfc_9266s),
    cmocka_unit_test(tls_1_2_without_an_extended_master_secret_has_none),
    cmocka_unit_test(this_machine_is_protected),
    cmocka_unit_test(a_proxy_on_this_machine_does_not_protect),
    cmocka_unit_test(plus_logs_in_where_both_ends_meet),
    cmocka_unit_test(plus_fails_where_somebody_is_between),
};

TEST_MAIN_WITH(tests, certs_up, certs_down)
