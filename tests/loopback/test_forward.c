/* test_forward.c - http through a proxy that forwards: targets, fields in
 * curl's order, the proxy's login (RFC 9112 section 3.2.2, RFC 9110 section
 * 11.7). The peer is the proxy; no name is looked up. */
#include "main.h"

#include "http_peer.h"

static struct peer proxy;
static struct http_reply reply;
static struct sc_options opt;
static char via[96];

static int start(void **state)
{
    (void)state;
    peer_start(&proxy, NULL);
    snprintf(via, sizeof via, "http://p:q@127.0.0.1:%d", proxy.port);
    opt = (struct sc_options){.proxy = via, .no_proxy = ""};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    peer_stop(&proxy);
    sc_run();
    return 0;
}

static int ask(struct http_request q)
{
    q.options = &opt;
    if (http_request(&q, &reply) < 0)
        fail_msg("%s", reply.error.text);
    return reply.status;
}

#define X "http://example.test/x"
#define DIGEST                                                                 \
    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"

/* curl -x PROXY -u a:b -U p:q -b n=v http://example.test/x */
static void a_forwarded_request_is_curls(void **state)
{
    (void)state;
    opt.user = "a";
    opt.password = "b";
    peer_says(&proxy, X, "200 OK", "", "x");
    ask((struct http_request){.url = X, .cookies = "n=v", .agent = "c"});
    assert_string_equal(proxy.head[0].data,
                        "GET http://example.test/x HTTP/1.1\n"
                        "Host: example.test\n"
                        "Proxy-Authorization: Basic cDpx\n"
                        "Authorization: Basic YTpi\n"
                        "User-Agent: c\n"
                        "Accept: */*\n"
                        "Proxy-Connection: Keep-Alive\n"
                        "Cookie: n=v\n");
    assert_int_equal(reply.hops[0].peer.port, proxy.port);
}

static void the_proxys_login_is_for_every_origin(void **state)
{
    (void)state;
    peer_says(&proxy, X, "302 Go", "Location: http://other.test/y\r\n", "");
    peer_says(&proxy, "http://other.test/y", "200 OK", "", "y");
    opt.user = "a";
    ask((struct http_request){.url = X});
    assert_string_equal(peer_saw(&proxy, 1, "Proxy-Authorization"),
                        "Basic cDpx");
    assert_null(peer_saw(&proxy, 1, "Authorization"));
}

static void digest_is_answered_for_the_proxy(void **state)
{
    struct http_request q = {.url = X, .flags = HTTP_PROXY_DIGEST};

    (void)state;
    q.body = (struct sc_span)SC_SPAN("a=1");
    peer_says(&proxy, X, "407 Who", DIGEST, "who?");
    peer_says(&proxy, X, "200 OK", "", "x");
    assert_int_equal(ask(q), 200);
    assert_null(peer_saw(&proxy, 0, "Proxy-Authorization"));
    assert_memory_equal(peer_saw(&proxy, 1, "Proxy-Authorization"),
                        "Digest username=\"p\"", 19);
    assert_string_equal(proxy.body[1].data, "a=1");
}

static void any_login_waits_to_be_asked(void **state)
{
    struct http_request q = {.url = X, .flags = HTTP_PROXY_ANY_LOGIN};

    (void)state;
    peer_says(&proxy, X, "407 Who",
              "Proxy-Authenticate: Basic realm=\"r\"\r\n" DIGEST, "who?");
    peer_says(&proxy, X, "200 OK", "", "x");
    assert_int_equal(ask(q), 200);
    assert_null(peer_saw(&proxy, 0, "Proxy-Authorization"));
    assert_memory_equal(peer_saw(&proxy, 1, "Proxy-Authorization"), "Digest ",
                        7);
}

static void a_wrong_proxy_login_is_the_answer(void **state)
{
    (void)state;
    peer_says(&proxy, X, "407 Who", "Proxy-Authenticate: Basic realm=\"r\"\r\n",
              "who?");
    assert_int_equal(ask((struct http_request){.url = X}), 407);
    assert_int_equal(proxy.seen, 1);
    assert_string_equal(reply.body.data, "who?");
}

/* The connection is gone after the redirect: another one is opened behind
 * what chose the login. */
static void the_proxys_login_goes_over_a_new_connection(void **state)
{
    struct http_request q = {.url = X, .body = SC_SPAN("a=1")};

    (void)state;
    peer_on(&proxy, X,
            "!HTTP/1.1 307 Go\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n");
    peer_says(&proxy, "http://example.test/y", "200 OK", "", "y");
    assert_int_equal(ask(q), 200);
    assert_int_equal(proxy.connections, 2);
    assert_string_equal(peer_saw(&proxy, 1, "Proxy-Authorization"),
                        "Basic cDpx");
}

static void a_server_without_proxy_gets_no_proxy_fields(void **state)
{
    char url[96];

    (void)state;
    snprintf(url, sizeof url, "%s/x", proxy.base);
    opt.no_proxy = "127.0.0.1";
    peer_says(&proxy, "/x", "407 Who", DIGEST, "who?");
    assert_int_equal(ask((struct http_request){.url = url}), 407);
    assert_null(peer_saw(&proxy, 0, "Proxy-Authorization"));
    assert_null(peer_saw(&proxy, 0, "Proxy-Connection"));
    assert_int_equal(proxy.seen, 1);
}

/* --- tunnels --- */

#define PLACE "example.test:80"
#define BASIC "Proxy-Authenticate: Basic realm=\"r\"\r\n"

/* The proxy asks, takes the answer, and is then the server. */
static void asks_for_a_login(const char *first)
{
    opt.flags = SC_OPT_TUNNEL;
    peer_on(&proxy, PLACE, "%s", first);
    peer_on(&proxy, PLACE, "HTTP/1.1 200 OK\r\n\r\n");
    peer_says(&proxy, "/x", "200 OK", "", "x");
}

/* curl sends Basic unasked, for a tunnel too. */
static void a_tunnel_is_logged_in_for_by_basic(void **state)
{
    (void)state;
    asks_for_a_login("HTTP/1.1 200 OK\r\n\r\n");
    assert_int_equal(ask((struct http_request){.url = X}), 200);
    assert_string_equal(peer_saw(&proxy, 0, "Proxy-Authorization"),
                        "Basic cDpx");
    assert_null(peer_saw(&proxy, 1, "Proxy-Authorization"));
}

static void a_tunnels_digest_is_answered_on_one_connection(void **state)
{
    struct http_request q = {.url = X, .flags = HTTP_PROXY_DIGEST};
    const char *login;

    (void)state;
    asks_for_a_login("HTTP/1.1 407 Who\r\n" BASIC DIGEST
                     "Content-Length: 4\r\n\r\nwho?");
    assert_int_equal(ask(q), 200);
    assert_int_equal(proxy.connections, 1);
    assert_null(peer_saw(&proxy, 0, "Proxy-Authorization"));
    login = peer_saw(&proxy, 1, "Proxy-Authorization");
    assert_memory_equal(login, "Digest username=\"p\"", 19);
    assert_non_null(strstr(login, "uri=\"" PLACE "\""));
    assert_null(peer_saw(&proxy, 2, "Proxy-Authorization"));
}

static void it_is_answered_on_a_new_one_if_need_be(void **state)
{
    struct http_request q = {.url = X, .flags = HTTP_PROXY_ANY_LOGIN};

    (void)state;
    asks_for_a_login("!HTTP/1.1 407 Who\r\n" BASIC
                     "Connection: keep-alive, Close\r\n\r\nwho?");
    assert_int_equal(ask(q), 200);
    assert_int_equal(proxy.connections, 2);
    assert_null(peer_saw(&proxy, 0, "Proxy-Authorization"));
    assert_string_equal(peer_saw(&proxy, 1, "Proxy-Authorization"),
                        "Basic cDpx");
}

static void no_tunnel(unsigned flags, const char *fields, int seen,
                      const char *words)
{
    struct http_request q = {.url = X, .flags = flags, .options = &opt};

    opt.flags = SC_OPT_TUNNEL;
    peer_says(&proxy, PLACE, "407 Who", fields, "who?");
    assert_int_equal(http_request(&q, &reply), SC_EREPLY);
    assert_int_equal(reply.error.status, 407);
    assert_int_equal(proxy.seen, seen);
    assert_non_null(strstr(reply.error.text, words));
    for (int i = 0; i < seen; i++) {
        const char *login = peer_saw(&proxy, i, "Proxy-Authorization");

        assert_true(login == NULL || memcmp(login, "Digest ", 7) == 0);
    }
}

static void digest_only_gets_a_proxy_no_basic(void **state)
{
    (void)state;
    no_tunnel(HTTP_PROXY_DIGEST, BASIC, 1, "no login that may be sent");
}

static void a_wrong_digest_is_not_answered_twice(void **state)
{
    (void)state;
    no_tunnel(HTTP_PROXY_DIGEST, DIGEST, 2, "the login was not taken");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_forwarded_request_is_curls),
    TEST(the_proxys_login_is_for_every_origin),
    TEST(digest_is_answered_for_the_proxy),
    TEST(any_login_waits_to_be_asked),
    TEST(a_wrong_proxy_login_is_the_answer),
    TEST(the_proxys_login_goes_over_a_new_connection),
    TEST(a_server_without_proxy_gets_no_proxy_fields),
    TEST(a_tunnel_is_logged_in_for_by_basic),
    TEST(a_tunnels_digest_is_answered_on_one_connection),
    TEST(it_is_answered_on_a_new_one_if_need_be),
    TEST(digest_only_gets_a_proxy_no_basic),
    TEST(a_wrong_digest_is_not_answered_twice),
};

TEST_MAIN(tests)
