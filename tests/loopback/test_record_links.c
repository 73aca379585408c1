/* test_record_links.c - one recording right across STARTTLS, deflate, the pool and
 * a connection opened anew; the other side is what was recorded. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "client/conn.h"
#include "client/pool.h"
#include "stream/recorder.h"

static struct certs certs;

/* Serves the connections of a script, one after the other. */
struct server {
    struct sc_listener *listener;
    const char *script;
    int connections;
    struct sc_tls_options tls;
    struct sc_error error;
    int64_t task;
};

static struct server server;
static struct sc_buf out;
static struct sc_options opt;

static void serve(void *arg)
{
    struct server *me = arg;
    struct sc_wait w = {sc_now() + 10000, &me->error};
    Stream *s;
    int rc = 0;

    for (int i = 0; rc == 0 && i < me->connections; i++) {
        if ((s = sc_accept(me->listener, 10000, NULL)) == NULL)
            break;
        rc = sc_script_serve(&s, me->script, i, &me->tls, &w);
        sc_stream_close(s);
    }
}

static void start_server(const char *script)
{
    server = (struct server){.script = script};
    server.tls.cert = certs.good;
    server.connections = sc_script_connections(script, NULL);
    server.listener = sc_listen("127.0.0.1:0", NULL);
    assert_non_null(server.listener);
    server.task = sc_task_go(NULL, serve, &server);
    out = (struct sc_buf)SC_BUF(10000);
    opt = (struct sc_options){.record = sc_buf_sink, .record_arg = &out};
    opt.tls.ca_file = certs.ca;
}

static SimpleClient *connect_to_server(void)
{
    SimpleClient *c = sc_connect(sc_listener_name(server.listener), 0, &opt);

    if (sc_broken(c))
        fail_msg("%s", sc_last_error(c)->text);
    return c;
}

/* All was played; WANT was recorded, but for the "@" lines. */
static void stop_server(const char *want)
{
    struct sc_buf got = SC_BUF(10000);
    const char *line = out.data, *lf;

    assert_int_equal(sc_task_join(server.task), 0);
    sc_listener_close(server.listener);
    if (server.error.code != 0)
        fail_msg("%s", server.error.text);
    for (; line != NULL && (lf = strchr(line, '\n')) != NULL; line = lf + 1)
        sc_buf_add(&got, *line == '@' ? "@\n" : line,
                   *line == '@' ? 2 : (size_t)(lf + 1 - line));
    assert_string_equal(got.data, want);
    sc_buf_free(&got);
    sc_buf_free(&out);
}

static void say(SimpleClient *c, const char *line, const char *answer)
{
    struct sc_span l;

    sc_writeline_n(c, line, strlen(line));
    if (sc_readline(c, &l) < 0)
        fail_msg("%s", sc_last_error(c)->text);
    assert_true(sc_span_eq(l, answer));
}

static void starttls_is_a_mark(void **state)
{
    static const char script[] = "@ 1\nS: hi\nC: STARTTLS\nS: go\nT.\n"
                                 "C: a\nS: b\n";
    SimpleClient *c;
    struct sc_span l;

    (void)state;
    start_server(script);
    c = connect_to_server();
    assert_int_equal(sc_readline(c, &l), 0);
    say(c, "STARTTLS", "go");
    assert_int_equal(sc_starttls(c, NULL), 0);
    assert_true(sc_client_is_tls(c));
    say(c, "a", "b");
    sc_close(c);
    stop_server("@\nS: hi\nC: STARTTLS\nS: go\nT.\nC: a\nS: b\n");
}

static void tls_from_the_first_byte_is_one_too(void **state)
{
    SimpleClient *c;

    (void)state;
    start_server("T.\nC: a\nS: b\n");
    opt.flags = SC_OPT_TLS;
    c = connect_to_server();
    say(c, "a", "b");
    sc_close(c);
    stop_server("@\nT.\nC: a\nS: b\n");
}

static void a_handshake_that_fails_leaves_no_mark(void **state)
{
    SimpleClient *c;

    (void)state;
    start_server("C: a\nS: b\n");
    c = connect_to_server();
    say(c, "a", "b");
    assert_int_equal(sc_starttls(c, NULL) < 0, 1);
    sc_close(c);
    assert_int_equal(sc_task_join(server.task), 0);
    assert_int_equal(server.error.code, SC_ESCRIPT); /* a hello of TLS */
    server.error.code = 0;
    stop_server("@\nC: a\nS: b\n");
}

/* As nntp_compress does it. */
static void deflate_is_a_mark(void **state)
{
    struct sc_recorder *r;
    SimpleClient *c;

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    start_server("C: COMPRESS DEFLATE\nS: 206\nD.\nC: a\nS: b\n");
    c = connect_to_server();
    say(c, "COMPRESS DEFLATE", "206");
    r = sc_conn_record_off(c->conn);
    c->conn->s = sc_deflate_wrap(c->conn->s, SC_CODING_DEFLATE, 0, 0, NULL);
    assert_int_equal(sc_conn_record_again(c, r, "D."), 0);
    say(c, "a", "b");
    sc_close(c);
    stop_server("@\nC: COMPRESS DEFLATE\nS: 206\nD.\nC: a\nS: b\n");
}

static void a_connection_opened_anew_is_another(void **state)
{
    SimpleClient *c;
    struct sc_span l;

    (void)state;
    start_server("@ 1\nC: a\nS: b\nS.\n@ 2\nC: c\nS: d\n");
    c = connect_to_server();
    say(c, "a", "b");
    assert_int_equal(sc_readline(c, &l), SC_EOF);
    assert_int_equal(sc_reopen(c), 0);
    say(c, "c", "d");
    sc_close(c);
    assert_int_equal(sc_script_connections(out.data, NULL), 2);
    stop_server("@\nC: a\nS: b\nS.\n@\nC: c\nS: d\n");
}

static void a_pooled_connection_goes_on(void **state)
{
    SimpleClient *c;

    (void)state;
    start_server("C: a\nS: b\nC: silent\nS: yes\nC: c\nS: d\n");
    c = connect_to_server();
    say(c, "a", "b");
    sc_pool_give(c);
    c = sc_pool_take(&sc_simple_class, sc_listener_name(server.listener), 0,
                     &(struct sc_options){.tls.ca_file = certs.ca});
    assert_non_null(c);
    say(c, "silent", "yes");
    sc_pool_give(c);
    c = sc_pool_take(&sc_simple_class, sc_listener_name(server.listener), 0,
                     &opt);
    assert_non_null(c);
    say(c, "c", "d");
    sc_drop(c);
    assert_int_equal(sc_script_connections(out.data, NULL), 1);
    stop_server("@\nC: a\nS: b\n@\nC: c\nS: d\n");
}

/* QUIT comes when the pool lets it go: it is not told, but taken. */
static void what_the_pool_says_is_not_told(void **state)
{
    static const struct client_class polite = {
        .name = "polite",
        .size = sizeof(SimpleClient),
        .goodbye = "QUIT",
        .greet = sc_client_greet,
        .reply = sc_client_reply,
        .quit = sc_client_quit,
        .cleanup = sc_client_cleanup,
    };
    int64_t keep = sc_pool_keep_ms;
    SimpleClient *c;

    (void)state;
    start_server("C: a\nS: b\nC~\n");
    c = sc_open(&polite, sc_listener_name(server.listener), 0, &opt);
    say(c, "a", "b");
    sc_pool_keep_ms = 1;
    sc_pool_give(c);
    sc_pool_keep_ms = keep;
    stop_server("@\nC: a\nS: b\nC~\n");
}

static void read_a_line(void *arg)
{
    struct sc_span l;

    assert_int_equal(sc_readline(arg, &l), SC_ECLOSED);
}

/* The sink's owner may leave then, though somebody is still inside. */
static void after_the_close_nothing_is_recorded(void **state)
{
    SimpleClient *c;
    int64_t reader;
    size_t n;

    (void)state;
    start_server("s: par\nC~\n");
    c = connect_to_server();
    reader = sc_task_go(NULL, read_a_line, c);
    while (c->conn->rend == 0)
        sc_yield();
    n = out.len;
    sc_close(c);
    assert_true(out.len > n);
    n = out.len;
    assert_int_equal(sc_task_join(reader), 0);
    assert_int_equal(out.len, n);
    stop_server("@\ns: par\n");
}

static int make(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int unmake(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(starttls_is_a_mark),
    cmocka_unit_test(tls_from_the_first_byte_is_one_too),
    cmocka_unit_test(a_handshake_that_fails_leaves_no_mark),
    cmocka_unit_test(deflate_is_a_mark),
    cmocka_unit_test(a_connection_opened_anew_is_another),
    cmocka_unit_test(a_pooled_connection_goes_on),
    cmocka_unit_test(what_the_pool_says_is_not_told),
    cmocka_unit_test(after_the_close_nothing_is_recorded),
};

TEST_MAIN_WITH(tests, make, unmake)
