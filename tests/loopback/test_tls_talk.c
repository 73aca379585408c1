/* test_tls_talk.c - what is said inside TLS: bytes, new keys, ends, cuts; peers
 * that speak something else, late ones, cancels. */
#include "main.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "core/mem.h"
#include "tls_meeting.h"

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

/* --- new keys in mid-stream (RFC 8446 section 4.6.3) --- */

/* A server by OpenSSL alone, in a thread: ours cannot ask for new keys. */
struct updater {
    int fd;
    int request; /* SSL_KEY_UPDATE_... */
    SSL *ssl;
    int updates; /* KeyUpdate messages from the client */
    void (*talk)(struct updater *me);
    bool good;
};

static void count_updates(int sent, int version, int type, const void *p,
                          size_t n, SSL *ssl, void *arg)
{
    (void)version, (void)ssl;
    if (!sent && type == SSL3_RT_HANDSHAKE && n > 0 &&
        *(const unsigned char *)p == SSL3_MT_KEY_UPDATE)
        ((struct updater *)arg)->updates++;
}

static void *update_keys(void *arg)
{
    struct updater *me = arg;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    sigset_t pipe;

    sigemptyset(&pipe); /* OpenSSL's own BIO uses write(2) */
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    me->ssl = NULL;
    if (SSL_CTX_use_certificate_chain_file(ctx, certs.good) == 1 &&
        SSL_CTX_use_PrivateKey_file(ctx, certs.good, SSL_FILETYPE_PEM) == 1 &&
        (me->ssl = SSL_new(ctx)) != NULL && SSL_set_fd(me->ssl, me->fd) == 1) {
        SSL_set_msg_callback(me->ssl, count_updates);
        SSL_set_msg_callback_arg(me->ssl, me);
        if (SSL_accept(me->ssl) == 1)
            me->talk(me);
    }
    SSL_free(me->ssl);
    SSL_CTX_free(ctx);
    close(me->fd);
    return NULL;
}

/* Our side is CLIENT, as a task. */
static void meet_updater(struct updater *server, struct side *client)
{
    struct timeval patience = {.tv_sec = 10};
    pthread_t thread;
    int fd[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    server->fd = fd[0];
    client->low = sc_stream_fd(fd[1], NULL);
    assert_int_equal(pthread_create(&thread, NULL, update_keys, server), 0);
    sc_task_go(NULL, side_run, client);
    sc_run();
    pthread_join(thread, NULL);
    assert_string_equal(client->err.text, "");
    assert_int_equal(client->rc, 0);
    assert_true(server->good);
}

static void update_between_two_words(struct updater *me)
{
    char buf[8];

    me->good = SSL_write(me->ssl, "old", 3) == 3 &&
               SSL_key_update(me->ssl, me->request) == 1 &&
               SSL_write(me->ssl, "new", 3) == 3 &&
               SSL_read(me->ssl, buf, sizeof buf) == 4 &&
               memcmp(buf, "pong", 4) == 0;
    SSL_shutdown(me->ssl);
}

static void read_two_words(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};
    char buf[8] = "";
    size_t len = 0;
    ssize_t n = 1;

    while (len < 6 && n > 0) {
        n = sc_stream_read(s, buf + len, 6 - len, &w);
        len += n > 0 ? (size_t)n : 0;
    }
    me->rc = memcmp(buf, "oldnew", 6);
    if (me->rc == 0)
        me->rc = sc_stream_write(s, "pong", 4, &w);
    if (me->rc == 0)
        me->rc = (int)sc_stream_read(s, buf, 1, &w);
}

static void new_keys_of_the_server_are_taken_and_answered(void **state)
{
    struct updater server = {.request = SSL_KEY_UPDATE_REQUESTED,
                             .talk = update_between_two_words};
    struct side client = client_of("localhost");

    (void)state;
    client.talk = read_two_words;
    meet_updater(&server, &client);
    assert_string_equal(client.info.version, "TLSv1.3");
    assert_int_equal(server.updates, 1);
}

static void new_keys_that_ask_for_none_are_not_answered(void **state)
{
    struct updater server = {.request = SSL_KEY_UPDATE_NOT_REQUESTED,
                             .talk = update_between_two_words};
    struct side client = client_of("localhost");

    (void)state;
    client.talk = read_two_words;
    meet_updater(&server, &client);
    assert_int_equal(server.updates, 0);
}

static void echo_with_new_keys(struct updater *me)
{
    char *p = malloc(MUCH);
    int have = 0, n = 1;

    while (have < MUCH && n > 0) {
        n = SSL_read(me->ssl, p + have,
                     MUCH - have < 20000 ? MUCH - have : 20000);
        if (n > 0 && (SSL_key_update(me->ssl, me->request) != 1 ||
                      SSL_write(me->ssl, p + have, n) != n))
            n = -1;
        have += n > 0 ? n : 0;
    }
    free(p);
    me->good = have == MUCH;
    if (me->good)
        SSL_shutdown(me->ssl);
}

/* Each update is answered by the reading task, between the writer's sends. */
static void a_megabyte_goes_both_ways_with_new_keys(void **state)
{
    struct updater server = {.request = SSL_KEY_UPDATE_REQUESTED,
                             .talk = echo_with_new_keys};
    struct side client = client_of("localhost");

    (void)state;
    client.talk = exchange_much;
    meet_updater(&server, &client);
    assert_true(server.updates > 10);
}

/* --- ends --- */

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

/* Wait until something has come to S that nobody has read. */
static void wait_for_bytes(Stream *s)
{
    struct pollfd p = {.fd = -1, .events = POLLIN};

    sc_stream_info(s, SC_INFO_FD, &p.fd);
    for (int i = 0; i < 5000 && poll(&p, 1, 0) == 0; i++)
        sc_sleep(1);
}

static void wait_a_little(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 50, &me->err};
    char c;
    int pending = -1;

    (void)me;
    wait_for_bytes(s); /* tickets, no application data */
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 0);
    assert_int_equal(sc_stream_read(s, &c, 1, &w), SC_ETIMEDOUT);
    say_hello(me, s); /* the time-out left it in order */
    assert_int_equal(sc_stream_write(s, "x", 1, NULL), 0);
    wait_for_bytes(s);
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
    char buf[1000];

    while (sc_stream_read(me->low, buf, sizeof buf, NULL) > 0)
        continue;
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
    wait_for_bytes(both[0]); /* the hello */
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(client.rc, SC_ECANCELED);
    sc_stream_close(both[0]);
}

static void close_it(void *arg)
{
    struct side *me = arg;

    sc_yield(); /* the reader waits by then */
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

/* --- closing --- */

enum { ENOUGH = 70 }; /* more writes than a task may make in a row */

static int writes_before;
static bool another_ran;

static void note_turn(void *arg)
{
    (void)arg;
    another_ran = true;
}

static void write_and_close(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};

    for (int i = 0; i < writes_before && me->rc == 0; i++)
        me->rc = sc_stream_write(s, "x", 1, &w);
    another_ran = false;
    sc_task_go(NULL, note_turn, NULL);
    sc_stream_hold(s);  /* side_run closes it again */
    sc_stream_close(s); /* says its last word */
    if (another_ran)
        me->rc = -1;
}

static void a_close_never_waits(void **state)
{
    (void)state;
    for (writes_before = 0; writes_before < ENOUGH; writes_before++) {
        struct side server = server_with(certs.good);
        struct side client = client_of("localhost");

        server.talk = read_to_end;
        client.talk = write_and_close;
        meet(side_run, &server, &client);
        assert_int_equal(client.rc, 0);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_megabyte_goes_both_ways_at_once),
    cmocka_unit_test(new_keys_of_the_server_are_taken_and_answered),
    cmocka_unit_test(new_keys_that_ask_for_none_are_not_answered),
    cmocka_unit_test(a_megabyte_goes_both_ways_with_new_keys),
    cmocka_unit_test(a_half_close_leaves_reading),
    cmocka_unit_test(a_cut_is_not_an_end),
    cmocka_unit_test(tickets_are_not_pending_bytes_are),
    cmocka_unit_test(garbage_is_not_tls),
    cmocka_unit_test(a_hang_up_in_the_handshake_is_told),
    cmocka_unit_test(a_silent_server_times_out),
    cmocka_unit_test(a_handshake_can_be_cancelled),
    cmocka_unit_test(a_closed_stream_says_so),
    cmocka_unit_test(a_close_never_waits),
};

TEST_MAIN_WITH(tests, certs_up, certs_down)
