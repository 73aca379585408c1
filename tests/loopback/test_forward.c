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

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_forwarded_request_is_curls),
    TEST(the_proxys_login_is_for_every_origin),
    TEST(digest_is_answered_for_the_proxy),
    TEST(any_login_waits_to_be_asked),
    TEST(a_wrong_proxy_login_is_the_answer),
    TEST(the_proxys_login_goes_over_a_new_connection),
    TEST(a_server_without_proxy_gets_no_proxy_fields),
};

TEST_MAIN(tests)
