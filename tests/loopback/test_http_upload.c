/* test_http_upload.c - large bodies to servers that answer early, say 100, read
 * all, or die: plain and in TLS, in a task and outside, from memory, from a
 * function and from a file. The server has a thread of its own, so that outside
 * tasks the client waits in poll(2). */
#include "main.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/httplib.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "client/conn.h"
#include "http/http_client.h"

#define SIZE (8u << 20)
#define TOO_LARGE "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large"

static struct certs certs;
static char *bytes; /* SIZE of them */
static int file;    /* the same */

/* --- the server --- */

static struct {
    bool tls;
    int visits; /* connections to be served */
    int port[2], stop[2];
    pthread_t thread;
} server;

/* The length announced, UINT64_MAX for chunks. */
static int read_head(SimpleClient *c, char *path, uint64_t *length)
{
    struct sc_span line;
    char text[200];
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    sc_span_copy(text, sizeof text, line);
    sscanf(text, "%*s %63s", path);
    *length = 0;
    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0) {
        sc_span_copy(text, sizeof text, line);
        sscanf(text, "Content-Length: %lu", length);
        if (strcmp(text, "Transfer-Encoding: chunked") == 0)
            *length = UINT64_MAX;
    }
    return rc;
}

static int say(SimpleClient *c, const char *text)
{
    int rc = sc_write(c, text, strlen(text));

    return rc < 0 ? rc : sc_flush(c);
}

static void reset(SimpleClient *c)
{
    static const struct linger at_once = {1, 0};
    int fd = -1;

    sc_stream_info(sc_stream(c), SC_INFO_FD, &fd);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* Until the client has had enough: it says so by a byte. */
static void hold(void)
{
    char byte;

    assert_int_equal(read(server.stop[0], &byte, 1), 1);
}

static int read_some(SimpleClient *c, uint64_t n)
{
    static char sink[65536];
    ssize_t got = 1;

    while (n > 0 && got > 0) {
        got = sc_read(c, sink, n < sizeof sink ? n : sizeof sink);
        n -= got > 0 ? (uint64_t)got : 0;
    }
    return n == 0 ? 0 : -1;
}

/* All of the body; is it what BYTES are? */
static int read_same(SimpleClient *c, uint64_t at, uint64_t n, bool *same)
{
    static char piece[65536];
    size_t part;
    int rc = 0;

    for (; n > 0 && rc == 0; at += part, n -= part) {
        part = n < sizeof piece ? n : sizeof piece;
        rc = sc_read_exact(c, piece, part);
        *same = *same && rc == 0 && at + part <= SIZE &&
                memcmp(piece, bytes + at, part) == 0;
    }
    return rc;
}

static int read_chunks(SimpleClient *c, uint64_t *total, bool *same)
{
    struct sc_span line;
    uint64_t n = 1;
    char text[32];
    int rc;

    for (*total = 0; (rc = sc_readline(c, &line)) == 0; *total += n) {
        sc_span_copy(text, sizeof text, line);
        n = strtoull(text, NULL, 16);
        if (n > 0)
            rc = read_same(c, *total, n, same);
        if (rc == 0)
            rc = sc_readline(c, &line);
        if (rc < 0 || n == 0)
            break;
    }
    return rc;
}

static int read_all(SimpleClient *c, uint64_t length)
{
    bool same = true;
    uint64_t total = length;
    int rc = length == UINT64_MAX ? read_chunks(c, &total, &same)
                                  : read_same(c, 0, length, &same);

    if (rc < 0)
        return rc;
    return say(c, same && total == SIZE
                      ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsame"
                      : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother");
}

/* Returns 0: the connection goes on. */
static int behave(SimpleClient *c, const char *path, uint64_t length)
{
    if (strcmp(path, "/early-reset") == 0) {
        read_some(c, 100000);
        say(c, TOO_LARGE);
        reset(c);
        return -1;
    }
    if (strcmp(path, "/early-close") == 0)
        return say(c, TOO_LARGE) - 1;
    if (strcmp(path, "/early-hold") == 0) {
        say(c, TOO_LARGE);
        hold();
        return -1;
    }
    if (strcmp(path, "/early-half") == 0) { /* in two parts, after a 100 */
        say(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 4");
        say(c, "13 Too Large\r\nContent-Length: 9\r\n\r\ntoo large");
        hold();
        return -1;
    }
    if (strcmp(path, "/early-read") == 0) {
        say(c, TOO_LARGE);
        read_some(c, UINT64_MAX);
        return -1;
    }
    if (strcmp(path, "/die") == 0) {
        read_some(c, 100000);
        reset(c);
        return -1;
    }
    if (strcmp(path, "/end") == 0) {
        sc_shutdown(c);
        hold();
        return -1;
    }
    if (strcmp(path, "/deaf") == 0) {
        hold();
        return -1;
    }
    if (strcmp(path, "/final") == 0)
        return say(c, "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    if (strcmp(path, "/100") == 0)
        say(c, "HTTP/1.1 100 Continue\r\n\r\n");
    if (strcmp(path, "/100-late") == 0) {
        read_some(c, 100000);
        say(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n");
        read_some(c, SIZE - 100000);
        return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsame");
    }
    return read_all(c, length);
}

static void visit(Stream *s)
{
    struct sc_options opt = {.wait_ms = 20000, .stall_ms = 20000};
    SimpleClient *c;
    uint64_t length;
    char path[64];

    if (server.tls) {
        opt.tls = (struct sc_tls_options){.server = 1, .cert = certs.good};
        opt.flags = SC_OPT_TLS;
    }
    c = sc_attach(&sc_simple_class, s, &opt);
    while (read_head(c, path, &length) == 0 && behave(c, path, length) == 0)
        continue;
    sc_drop(c);
}

static void *serve(void *arg)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    int port = sc_listener_port(l);
    Stream *s;

    (void)arg;
    assert_int_equal(write(server.port[1], &port, sizeof port), sizeof port);
    for (int i = 0; i < server.visits; i++)
        if ((s = sc_accept(l, 20000, NULL)) != NULL)
            visit(s);
    sc_listener_close(l);
    return NULL;
}

/* --- the client --- */

static HTTPClient *h;
static struct http_reply reply;

static void begin(bool tls, int visits)
{
    static const struct sc_tls_options trust = {.flags = SC_TLS_NO_VERIFY};
    struct sc_options opt = {.stall_ms = 10000, .wait_ms = 10000};
    char where[64];
    int port;

    server.tls = tls;
    server.visits = visits;
    pthread_create(&server.thread, NULL, serve, NULL);
    assert_int_equal(read(server.port[0], &port, sizeof port), sizeof port);
    snprintf(where, sizeof where, "127.0.0.1:%d", port);
    opt.tls = trust;
    opt.flags = tls ? SC_OPT_TLS : 0;
    h = http_open(where, &opt);
    if (sc_broken(&h->base) < 0)
        fail_msg("%s", sc_last_error(&h->base)->text);
}

static void end(void)
{
    http_close(h);
    http_reply_free(&reply);
    pthread_join(server.thread, NULL);
}

/* --- the ways to send --- */

static size_t read_at;

static ssize_t give(void *arg, void *buf, size_t n)
{
    size_t left = SIZE - read_at;

    (void)arg;
    if (n > left)
        n = left;
    memcpy(buf, bytes + read_at, n);
    read_at += n;
    return (ssize_t)n;
}

enum way { MEMORY, FUNCTION, CHUNKS, FROM_FILE, FILE_CHUNKS, WAYS };

static void put_length(enum way way)
{
    char digits[16];

    snprintf(digits, sizeof digits, "%u", SIZE);
    if (way == CHUNKS || way == FILE_CHUNKS)
        http_putheader(h, "Transfer-Encoding", "chunked");
    else
        http_putheader(h, "Content-Length", digits);
}

static int send_it(enum way way)
{
    struct http_source s = {.length = SIZE, .fd = file};

    read_at = 0;
    if (way == MEMORY)
        return http_send(h, bytes, SIZE);
    if (way == FUNCTION || way == CHUNKS)
        s.read = give;
    if (way == CHUNKS)
        s.length = HTTP_UNKNOWN;
    return http_send_source(h, &s);
}

static int post(const char *method, const char *path, enum way way)
{
    int rc;

    http_putrequest(h, method, path);
    put_length(way);
    http_endheaders(h);
    if ((rc = send_it(way)) < 0)
        return rc;
    if ((rc = http_getreply(h, &reply)) < 0)
        return rc;
    reply.body.len = 0;
    return http_body_all(&h->base, &h->body, &reply.body);
}

/* --- in tasks and outside --- */

static void (*scene)(enum way way);
static enum way scene_way;

static void in_task(void *arg)
{
    (void)arg;
    begin(server.tls, server.visits);
    scene(scene_way);
    end();
}

static void play(void (*what)(enum way way), int visits)
{
    for (int tls = 0; tls < 2; tls++)
        for (int way = MEMORY; way < WAYS; way++) {
            begin(tls, visits);
            what(way);
            end();
            scene = what;
            scene_way = way;
            assert_true(sc_task_go(NULL, in_task, NULL) > 0);
            sc_run();
        }
}

/* --- the tests --- */

static const char *early_path;

static void expect_413(enum way way)
{
    int64_t begun = sc_now();

    if (post("POST", early_path, way) < 0)
        fail_msg("%s, way %d: %s", early_path, way, reply.error.text);
    assert_int_equal(reply.status, 413);
    assert_string_equal(reply.body.data, "too large");
    assert_true(sc_now() - begun < 5000);
    assert_int_equal(http_send(h, "x", 1), SC_EINVAL); /* no request */
}

static void expect_413_and_release(enum way way)
{
    expect_413(way);
    assert_true(h->early);
    assert_int_equal(write(server.stop[1], "x", 1), 1);
}

static void an_answer_before_a_reset_is_delivered(void **state)
{
    (void)state;
    early_path = "/early-reset";
    play(expect_413, 1);
}

static void an_answer_before_the_end_is_delivered(void **state)
{
    (void)state;
    early_path = "/early-close";
    play(expect_413, 1);
}

static void a_server_that_answers_and_does_not_read_is_noticed(void **state)
{
    (void)state;
    early_path = "/early-hold";
    play(expect_413_and_release, 1);
}

static void half_an_answer_is_waited_for(void **state)
{
    (void)state;
    early_path = "/early-half";
    play(expect_413_and_release, 1);
}

static void a_server_that_answers_and_reads_on_is_not_sent_all(void **state)
{
    (void)state;
    early_path = "/early-read";
    play(expect_413, 1);
}

static void expect_all(enum way way)
{
    if (post("POST", "/all", way) < 0 || post("PUT", "/100", way) < 0)
        fail_msg("way %d: %s", way, reply.error.text);
    assert_string_equal(reply.body.data, "same");
    assert_int_equal(h->count.body_sent, SIZE);
    assert_true(http_reusable(h));
}

static void a_body_arrives_whole_and_the_connection_serves_again(void **state)
{
    (void)state;
    play(expect_all, 1);
}

static void expect_unknown(enum way way)
{
    assert_int_equal(post("POST", "/die", way), SC_EUNKNOWN);
    assert_int_equal(sc_last_error(&h->base)->flags, SC_SENT);
}

static void death_without_an_answer_is_unknown(void **state)
{
    (void)state;
    play(expect_unknown, 1);
}

static void expect_end(enum way way)
{
    int64_t begun = sc_now();

    assert_int_equal(post("POST", "/end", way), SC_EUNKNOWN);
    assert_true(sc_now() - begun < 5000);
    assert_int_equal(write(server.stop[1], "x", 1), 1);
}

/* Nobody will ever answer: waiting for room would only cost time. */
static void an_end_without_an_answer_stops_the_body(void **state)
{
    (void)state;
    play(expect_end, 1);
}

static int interims;

static int count_interim(void *arg, const struct http_reply *r)
{
    assert_ptr_equal(arg, &interims);
    assert_in_range(r->status, 100, 103);
    return interims++;
}

static void interim_answers_during_the_body_do_not_end_it(void **state)
{
    (void)state;
    begin(false, 1);
    interims = 0;
    http_on_interim(h, count_interim, &interims);
    assert_int_equal(post("POST", "/100-late", MEMORY), 0);
    assert_int_equal(reply.status, 200);
    assert_int_equal(interims, 2);
    end();
}

/* --- a server that neither reads nor answers --- */

static int deaf_rc;

static void post_to_the_deaf(void *arg)
{
    enum way *way = arg;

    deaf_rc = post("POST", "/deaf", *way);
}

static void release(void)
{
    assert_int_equal(write(server.stop[1], "x", 1), 1);
}

static void cancel_it(int64_t task)
{
    sc_task_cancel(task);
}

static void close_it(int64_t task)
{
    (void)task;
    http_close(h);
    h = NULL;
}

static void interrupt(bool tls, enum way way, void (*how)(int64_t task))
{
    int64_t task;

    begin(tls, 1);
    deaf_rc = 1;
    task = sc_task_go(NULL, post_to_the_deaf, &way);
    while (!h->base.conn->writing) /* it waits for room */
        assert_int_equal(sc_sleep(1), 0);
    sc_sleep(20);
    assert_int_equal(deaf_rc, 1);
    how(task);
    sc_task_join(task);
    release();
    end();
}

static void a_blocked_body_can_be_cancelled_and_closed(void **state)
{
    (void)state;
    for (int tls = 0; tls < 2; tls++)
        for (enum way way = MEMORY; way < WAYS; way++) {
            interrupt(tls, way, cancel_it);
            assert_int_equal(deaf_rc, SC_ECANCELED);
            interrupt(tls, way, close_it);
            assert_int_equal(deaf_rc, SC_ECLOSED);
        }
}

static void a_blocked_body_stalls_for_its_time_only(void **state)
{
    int64_t begun;

    (void)state;
    for (int tls = 0; tls < 2; tls++)
        for (enum way way = MEMORY; way < WAYS; way++) {
            begin(tls, 1);
            sc_timeout(&h->base, 150);
            begun = sc_now();
            assert_int_equal(post("POST", "/deaf", way), SC_ETIMEDOUT);
            assert_in_range(sc_now() - begun, 149, 5000);
            release();
            end();
        }
}

/* --- Expect --- */

static int ask_first(const char *path, int64_t ms)
{
    http_putrequest(h, "POST", path);
    put_length(MEMORY);
    http_putheader(h, "Expect", "100-continue");
    http_endheaders(h);
    return http_await_continue(h, ms);
}

static void continue_is_waited_for(void **state)
{
    (void)state;
    for (int tls = 0; tls < 2; tls++) {
        begin(tls, 1);
        assert_int_equal(ask_first("/100", 10000), 1);
        assert_true(h->continued);
        assert_int_equal(http_send(h, bytes, SIZE), 0);
        assert_int_equal(http_getreply(h, &reply), 0);
        assert_int_equal(reply.status, 200);
        assert_true(http_reusable(h) || h->body.left == 4);
        end();
    }
}

static void silence_means_go_on(void **state)
{
    int64_t begun = sc_now();

    (void)state;
    begin(false, 1);
    assert_int_equal(ask_first("/all", 100), 1);
    assert_in_range(sc_now() - begun, 99, 5000);
    assert_false(h->continued);
    assert_int_equal(http_send(h, bytes, SIZE), 0);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.status, 200);
    end();
}

static void a_final_answer_forbids_the_body(void **state)
{
    (void)state;
    begin(false, 1);
    assert_int_equal(ask_first("/final", 10000), 0);
    assert_int_equal(http_send(h, bytes, 10), 1);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.status, 417);
    assert_false(http_reusable(h));
    end();
}

/* --- sources that fail --- */

static ssize_t give_some_and_fail(void *arg, void *buf, size_t n)
{
    int *calls = arg;

    memset(buf, 'x', n);
    return (*calls)++ < 3 ? 10 : -EIO;
}

static void a_source_that_fails_breaks_the_client(void **state)
{
    int calls = 0;
    struct http_source s = {
        .length = SIZE, .read = give_some_and_fail, .arg = &calls};

    (void)state;
    begin(false, 1);
    http_putrequest(h, "POST", "/all");
    put_length(MEMORY);
    http_endheaders(h);
    assert_int_equal(http_send_source(h, &s), -EIO);
    assert_int_equal(http_getreply(h, &reply), -EIO);
    end();
}

static void a_source_that_ends_early_is_short(void **state)
{
    struct http_source s[] = {{.length = SIZE, .read = give},
                              {.length = SIZE, .fd = file, .offset = 1}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(false, 1);
        http_putrequest(h, "POST", "/all");
        put_length(MEMORY);
        http_endheaders(h);
        read_at = 1;
        assert_int_equal(http_send_source(h, &s[i]), SC_ESHORT);
        assert_int_equal(http_getreply(h, &reply), SC_ESHORT);
        end();
    }
}

static void a_length_that_was_not_promised_is_refused(void **state)
{
    struct http_source s = {.length = SIZE - 1, .fd = file};

    (void)state;
    begin(false, 1);
    http_putrequest(h, "POST", "/all");
    put_length(MEMORY);
    http_endheaders(h);
    assert_int_equal(http_send_source(h, &s), SC_EINVAL);
    end();
}

static int make_body(void **state)
{
    char name[] = "/tmp/sc-upload-XXXXXX";

    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 2654435761u >> 24);
    file = mkstemp(name);
    unlink(name);
    if (write(file, bytes, SIZE) != (ssize_t)SIZE || pipe(server.port) < 0 ||
        pipe(server.stop) < 0)
        return -1;
    return 0;
}

static int drop_body(void **state)
{
    (void)state;
    certs_remove(&certs);
    free(bytes);
    close(file);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_body_arrives_whole_and_the_connection_serves_again),
    cmocka_unit_test(an_answer_before_a_reset_is_delivered),
    cmocka_unit_test(an_answer_before_the_end_is_delivered),
    cmocka_unit_test(a_server_that_answers_and_does_not_read_is_noticed),
    cmocka_unit_test(half_an_answer_is_waited_for),
    cmocka_unit_test(a_server_that_answers_and_reads_on_is_not_sent_all),
    cmocka_unit_test(death_without_an_answer_is_unknown),
    cmocka_unit_test(an_end_without_an_answer_stops_the_body),
    cmocka_unit_test(interim_answers_during_the_body_do_not_end_it),
    cmocka_unit_test(a_blocked_body_can_be_cancelled_and_closed),
    cmocka_unit_test(a_blocked_body_stalls_for_its_time_only),
    cmocka_unit_test(continue_is_waited_for),
    cmocka_unit_test(silence_means_go_on),
    cmocka_unit_test(a_final_answer_forbids_the_body),
    cmocka_unit_test(a_source_that_fails_breaks_the_client),
    cmocka_unit_test(a_source_that_ends_early_is_short),
    cmocka_unit_test(a_length_that_was_not_promised_is_refused),
};

TEST_MAIN_WITH(tests, make_body, drop_body)
