/* test_http_rules.c - what a client sends and does, as its server sees it:
 * targets, Host, no half-close, what becomes of a connection after a time-out or
 * an unread body, and that a retry is not retried. */
#include "main.h"

#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "http/http_client.h"

static struct sc_listener *listener;
static int connections, requests, half_closed;
static char head[2000]; /* of the latest request */
static char where[60];
static int64_t server;

static int read_head(SimpleClient *c)
{
    char text[sizeof head] = "";
    struct sc_span line;
    int rc;

    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s\n",
                 (int)line.len, line.data);
    if (rc == 0)
        memcpy(head, text, sizeof head);
    return rc;
}

static void note_half_close(SimpleClient *c)
{
    int fd = -1;
    char byte;

    sc_stream_info(sc_stream(c), SC_INFO_FD, &fd);
    half_closed += recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static int say(SimpleClient *c, const char *text)
{
    int rc = sc_write(c, text, strlen(text));

    return rc < 0 ? rc : sc_flush(c);
}

/* Returns 0: the connection goes on. */
static int answer(SimpleClient *c)
{
    static char long_body[100000];

    if (strstr(head, "/none") != NULL)
        return -1;
    if (strstr(head, "/stall") != NULL)
        return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlate");
    if (strstr(head, "/short") != NULL)
        return say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "5\r\nshort\r\n0\r\n\r\n");
    if (strstr(head, "/long") != NULL) {
        say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        return sc_write(c, long_body, sizeof long_body);
    }
    return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void serve(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);

    connections++;
    while (read_head(c) == 0) {
        requests++;
        sc_sleep(20); /* time enough for an end that must not come */
        note_half_close(c);
        if (answer(c) < 0)
            break;
    }
    sc_drop(c);
}

static void accept_all(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    (void)arg;
    while ((s = sc_accept(listener, -1, NULL)) != NULL)
        sc_group_go(g, serve, s);
    sc_group_cancel(g);
    sc_group_wait(g);
}

static struct http_reply reply;

static void listen_at(const char *host)
{
    listener = sc_listen(host, NULL);
    assert_non_null(listener);
    snprintf(where, sizeof where, "%s", sc_listener_name(listener));
    connections = requests = half_closed = 0;
    server = sc_task_go(NULL, accept_all, NULL);
}

static int start(void **state)
{
    (void)state;
    listen_at("127.0.0.1:0");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    sc_task_cancel(server);
    sc_run();
    sc_listener_close(listener);
    return 0;
}

static void expect_get(HTTPClient *h, const char *path, const char *body)
{
    if (http_client_get(h, path, &reply) < 0)
        fail_msg("%s", reply.error.text);
    assert_string_equal(reply.body.data, body);
}

static void expect_line(int n, const char *want)
{
    const char *p = head;
    char line[200];

    while (n-- > 0)
        p = strchr(p, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
    assert_string_equal(line, want);
}

/* --- what is sent --- */

static void host_comes_first_and_has_the_port(void **state)
{
    HTTPClient *h = http_open(where, NULL);
    char host[80];

    (void)state;
    snprintf(host, sizeof host, "Host: %s", where);
    expect_get(h, "/a?b=c", "ok");
    expect_line(0, "GET /a?b=c HTTP/1.1");
    expect_line(1, host);
    expect_line(2, "User-Agent: simpleclient/0.1.0");
    expect_line(3, "Accept: */*");
    http_close(h);
}

static void host_of_ip6_has_brackets_and_no_zone(void **state)
{
    char name[80], host[80];
    int port;
    HTTPClient *h;

    stop(state);
    if ((listener = sc_listen("[::1]:0", NULL)) == NULL) {
        listen_at("127.0.0.1:0");
        skip();
    }
    sc_listener_close(listener);
    listen_at("[::1]:0");
    port = sc_listener_port(listener);
    snprintf(name, sizeof name, "http://[::1%%25lo]:%d", port);
    snprintf(host, sizeof host, "Host: [::1]:%d", port);
    h = http_open(name, NULL);
    expect_get(h, "/", "ok");
    expect_line(1, host);
    http_close(h);
}

static void the_default_port_is_not_named(void **state)
{
    struct sc_options opt = {0};
    char to[100];
    HTTPClient *h;

    (void)state;
    snprintf(to, sizeof to, "::127.0.0.1:%d", sc_listener_port(listener));
    opt.connect_to = to;
    h = http_open("www.example.org", &opt);
    expect_get(h, "/", "ok");
    expect_line(1, "Host: www.example.org");
    http_close(h);
}

static void the_connection_is_not_half_closed(void **state)
{
    HTTPClient *h = http_open(where, NULL);
    struct sc_span body = SC_SPAN("a=1");

    (void)state;
    expect_get(h, "/", "ok");
    /* The body is not read by this server: it comes as the next head. */
    assert_int_equal(http_client_command(h, "POST", "/", body, &reply), 0);
    assert_int_equal(half_closed, 0);
    http_close(h);
}

static void a_proxy_that_forwards_gets_the_whole_uri(void **state)
{
    struct sc_options opt = {0};
    char proxy[100];
    HTTPClient *h;

    (void)state;
    snprintf(proxy, sizeof proxy, "http://amy:s3cret@%s", where);
    opt.proxy = proxy;
    h = http_open("www.example.org:8080", &opt);
    expect_get(h, "/a?b", "ok");
    expect_line(0, "GET http://www.example.org:8080/a?b HTTP/1.1");
    expect_line(1, "Host: www.example.org:8080");
    expect_line(2, "Proxy-Authorization: Basic YW15OnMzY3JldA==");
    expect_line(3, "User-Agent: simpleclient/0.1.0");
    assert_int_equal(
        http_client_command(h, "OPTIONS", "*", (struct sc_span){0}, &reply), 0);
    expect_line(0, "OPTIONS http://www.example.org:8080 HTTP/1.1");
    http_putrequest(h, "GET", "http://other.example/");
    http_putheader(h, "Proxy-Authorization", "Basic own");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_line(0, "GET http://other.example/ HTTP/1.1");
    assert_null(strstr(head, "YW15OnMzY3JldA=="));
    http_close(h);
}

static void a_login_of_the_url_goes_as_basic(void **state)
{
    char url[100];
    HTTPClient *h;

    (void)state;
    snprintf(url, sizeof url, "http://amy:s3cret@%s", where);
    h = http_open(url, NULL);
    expect_get(h, "/", "ok");
    expect_line(0, "GET / HTTP/1.1");
    assert_null(strstr(strstr(head, "Host: "), "s3cret"));
    expect_line(2, "Authorization: Basic YW15OnMzY3JldA==");
    expect_line(3, "User-Agent: simpleclient/0.1.0");
    http_putrequest(h, "GET", "/");
    http_putheader(h, "Authorization", "Bearer x");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_non_null(strstr(head, "Authorization: Bearer x\n"));
    assert_null(strstr(head, "Basic"));
    http_putrequest(h, "GET", "/");
    http_omit(h, "Authorization");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_null(strstr(head, "Authorization"));
    http_close(h);
}

static void a_login_that_basic_cannot_carry_is_refused(void **state)
{
    struct sc_options opt = {.user = "a:b", .password = "c"};
    HTTPClient *h = http_open(where, &opt);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), SC_EINVAL);
    assert_int_equal(sc_broken(http_base(h)), 0);
    assert_int_equal(requests, 0);
    http_close(h);
}

/* --- what becomes of the connection --- */

static void after_a_timeout_nothing_is_asked(void **state)
{
    struct sc_options opt = {.stall_ms = 100};
    HTTPClient *h = http_open(where, &opt);

    (void)state;
    assert_int_equal(http_client_get(h, "/stall", &reply), SC_ETIMEDOUT);
    assert_string_equal(reply.body.data, "late");
    assert_int_equal(http_client_get(h, "/", &reply), SC_ETIMEDOUT);
    assert_int_equal(requests, 1);
    http_close(h);
}

static void leave_unread(HTTPClient *h, const char *path)
{
    http_putrequest(h, "GET", path);
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
}

static void a_short_rest_is_read_a_long_one_ends_the_connection(void **state)
{
    HTTPClient *h = http_open(where, NULL);

    (void)state;
    leave_unread(h, "/short");
    expect_get(h, "/", "ok");
    assert_int_equal(connections, 1);
    leave_unread(h, "/long");
    expect_get(h, "/", "ok");
    assert_int_equal(connections, 2);
    http_close(h);
}

static void a_retry_is_not_retried(void **state)
{
    HTTPClient *h = http_open(where, NULL);

    (void)state;
    expect_get(h, "/", "ok");
    assert_int_equal(http_client_get(h, "/none", &reply), SC_EOF);
    assert_int_equal(requests, 3);
    assert_int_equal(connections, 2);
    http_close(h);
}

static void a_first_request_is_not_retried(void **state)
{
    HTTPClient *h = http_open(where, NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/none", &reply), SC_EOF);
    assert_int_equal(requests, 1);
    http_close(h);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(host_comes_first_and_has_the_port),
    TEST(host_of_ip6_has_brackets_and_no_zone),
    TEST(the_default_port_is_not_named),
    TEST(the_connection_is_not_half_closed),
    TEST(a_proxy_that_forwards_gets_the_whole_uri),
    TEST(a_login_of_the_url_goes_as_basic),
    TEST(a_login_that_basic_cannot_carry_is_refused),
    TEST(after_a_timeout_nothing_is_asked),
    TEST(a_short_rest_is_read_a_long_one_ends_the_connection),
    TEST(a_retry_is_not_retried),
    TEST(a_first_request_is_not_retried),
};

TEST_MAIN(tests)
