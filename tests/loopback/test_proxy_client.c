/* test_proxy_client.c - clients behind proxies: requests that are forwarded,
 * TLS to the proxy, to the server behind it, and both at once; the environment;
 * and idle connections by another way. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/http.h>

#include "certs.h"
#include "client/conn.h"
#include "client/pool.h"
#include "client/proxy.h"
#include "proxy_peer.h"

static struct certs certs;

#define NONE                                                                   \
    {                                                                          \
        {NULL, 0},                                                             \
        {                                                                      \
            NULL, 0                                                            \
        }                                                                      \
    }
#define ASKED(place)                                                           \
    "CONNECT " place " HTTP/1.1\r\nHost: " place                               \
    "\r\nUser-Agent: simpleclient/0.1.0\r\n"                                   \
    "Proxy-Connection: Keep-Alive\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n\r\n"

static const struct stage tunnel[] = {{BYTES(ASKED("localhost:79")), BYTES(OK)},
                                      NONE};

/* --- a class whose requests may be forwarded --- */

static bool forwarded;
static char login[64];

static int forwarding_greet(SimpleClient *c)
{
    const char *user = sc_client_proxy_user(c);

    forwarded = sc_client_forwarded(c);
    snprintf(login, sizeof login, "%s:%s", user ? user : "none",
             user && sc_client_proxy_password(c) ? sc_client_proxy_password(c)
                                                 : "none");
    return sc_writeline(c, "GET http://a.test/ HTTP/1.0");
}

static const struct client_class forwarding = {
    .name = "http",
    .scheme = "http",
    .port = 80,
    .tls_port = 443,
    .size = sizeof(SimpleClient),
    .forwards = true,
    .greet = forwarding_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

static void requests_are_forwarded_without_a_tunnel(void **state)
{
    static const struct stage stages[] = {
        {BYTES("GET http://a.test/ HTTP/1.0\r\n"), {NULL, 0}}, NONE};
    struct visit v = {
        .cls = &forwarding, .server = "a.test", .scheme = "http://amy:p%40w@"};

    (void)state;
    reaches(v, (struct proxy){.stages = stages});
    assert_true(forwarded);
    assert_string_equal(login, "amy:p@w");
}

static void a_tunnel_is_made_when_asked_for(void **state)
{
    static const struct stage stages[] = {
        {BYTES(ASKED("a.test:80")), BYTES(OK)},
        {BYTES("GET http://a.test/ HTTP/1.0\r\n"), {NULL, 0}},
        NONE};
    struct visit v = {.cls = &forwarding,
                      .server = "a.test",
                      .scheme = "",
                      .opt.flags = SC_OPT_TUNNEL};

    (void)state;
    reaches(v, (struct proxy){.stages = stages});
    assert_false(forwarded);
    assert_string_equal(login, "none:none");
}

/* --- TLS --- */

static struct visit secret_visit(const char *scheme)
{
    return (struct visit){
        .server = "localhost:79",
        .scheme = scheme,
        .opt = {.flags = SC_OPT_TLS, .tls = {.ca_file = certs.ca}}};
}

static void tls_goes_through_a_tunnel(void **state)
{
    (void)state;
    reaches(secret_visit("http://"),
            (struct proxy){.stages = tunnel, .server = certs.good});
}

static void the_server_behind_is_verified(void **state)
{
    struct proxy x = {.stages = tunnel, .server = certs.wrong};
    struct visit v = secret_visit("http://");

    (void)state;
    x.after = AFTER_HELLO;
    visit_through(&v, &x, false);
    assert_int_equal(v.rc, SC_ECERT);
    assert_false(v.err.flags & SC_FROM_PROXY);
    assert_non_null(strstr(v.err.text, "certificate of localhost"));
}

static void the_proxy_may_speak_tls(void **state)
{
    static const struct stage plain[] = {{BYTES(ASKED("a.test:79")), BYTES(OK)},
                                         NONE};
    struct sc_tls_options trust = {.ca_file = certs.ca};
    struct visit v = {
        .server = "a.test:79", .scheme = "https://", .opt.proxy_tls = &trust};
    struct proxy x = {.stages = plain, .cert = certs.good};

    (void)state;
    reaches(v, x);
    x.after = AFTER_HELLO;
    visit_through(&v, &x, false);
    assert_string_equal(x.tls.alpn, "http/1.1");
}

static void tls_goes_in_tls(void **state)
{
    struct sc_tls_options trust = {.ca_file = certs.ca};
    struct visit v = secret_visit("https://");

    (void)state;
    v.opt.proxy_tls = &trust;
    reaches(v, (struct proxy){
                   .stages = tunnel, .cert = certs.good, .server = certs.good});
}

/* Trust in the server is none in the proxy. */
static void the_proxy_is_verified_by_its_own_options(void **state)
{
    struct proxy x = {.stages = tunnel, .cert = certs.good};
    struct visit v = secret_visit("https://");

    (void)state;
    visit_through(&v, &x, false);
    assert_int_equal(v.rc, SC_ECERT);
    assert_int_equal(v.err.phase, SC_PHASE_TLS);
    assert_true(v.err.flags & SC_FROM_PROXY);
    assert_non_null(strstr(v.err.text, ": proxy 127.0.0.1:"));
}

static void a_proxy_that_speaks_no_tls_is_told(void **state)
{
    static const struct stage stages[] = {
        {{NULL, 0}, BYTES("HTTP/1.1 400 Bad Request\r\n\r\n")}, NONE};

    (void)state;
    fails(secret_visit("https://"),
          (struct proxy){.stages = stages, .after = AFTER_HOLD}, SC_ETLS,
          "TLS with 127.0.0.1");
}

/* --- a stream without a client --- */

static void a_plain_stream_takes_the_options_proxy_too(void **state)
{
    struct proxy x = {.stages = tunnel, .after = AFTER_HELLO};
    struct sc_options o = {.connect_ms = 5000};
    char url[64], got[8] = "";
    Stream *s;

    (void)state;
    proxy_begin(&x);
    snprintf(url, sizeof url, "127.0.0.1:%d", x.port);
    o.proxy = url;
    s = sc_stream_connect("localhost:79", 0, &o, NULL);
    assert_non_null(s);
    assert_int_equal(sc_stream_read(s, got, 7, NULL), 7);
    assert_string_equal(got, "hello\r\n");
    sc_stream_close(s);
    proxy_end(&x);
}

/* --- the environment, and idle connections --- */

static SimpleClient *open_here(struct sc_listener *l, Stream **peer)
{
    SimpleClient *c = sc_open(&forwarding, sc_listener_name(l), 0, NULL);

    *peer = sc_accept(l, 2000, NULL);
    assert_int_equal(sc_broken(c), 0);
    return c;
}

static void an_idle_connection_is_not_found_by_another_way(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    const char *name = sc_listener_name(l);
    SimpleClient *direct, *by_proxy;
    Stream *peer[2];

    (void)state;
    unsetenv("http_proxy");
    direct = open_here(l, &peer[0]);
    assert_false(sc_client_forwarded(direct));
    setenv("http_proxy", name, 1); /* the server is its own proxy */
    by_proxy = open_here(l, &peer[1]);
    assert_true(sc_client_forwarded(by_proxy));
    sc_flush(direct);
    sc_flush(by_proxy);
    sc_pool_give(direct);
    assert_null(sc_pool_take(&forwarding, name, 0, NULL));
    sc_pool_give(by_proxy);
    assert_ptr_equal(sc_pool_take(&forwarding, name, 0, NULL), by_proxy);
    unsetenv("http_proxy");
    assert_ptr_equal(sc_pool_take(&forwarding, name, 0, NULL), direct);
    sc_drop(direct);
    sc_drop(by_proxy);
    sc_stream_close(peer[0]);
    sc_stream_close(peer[1]);
    sc_listener_close(l);
}

/* no_proxy sends a client straight to the server. */
static void who_is_bypassed_is_connected_to(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct sc_options o = {.proxy = "127.0.0.1:9",
                           .no_proxy = "a.test 127.0.0.0/8"};
    SimpleClient *c = sc_open(&sc_simple_class, sc_listener_name(l), 0, &o);

    (void)state;
    assert_int_equal(sc_broken(c), 0);
    sc_close(c);
    sc_listener_close(l);
}

/* --- times --- */

static int answer_slowly(const char *name, struct sc_addresses *out)
{
    (void)name;
    usleep(60000);
    return sc_addresses_add(out, "192.0.2.7");
}

/* The server's name is looked up before the proxy is connected to. */
static void times_begin_with_the_servers_name(void **state)
{
    static const struct sc_resolver slow = {answer_slowly};
    static const struct stage stages[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES("\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x4f"),
         BYTES("\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38")},
        NONE};
    struct proxy x = {.stages = stages, .after = AFTER_HOLD};
    struct sc_options o = {.resolver = &slow};
    struct sc_dial_times *t;
    SimpleClient *c;
    char url[64];

    (void)state;
    proxy_begin(&x);
    snprintf(url, sizeof url, "socks5://127.0.0.1:%d", x.port);
    o.proxy = url;
    c = sc_connect("slow.test:79", 0, &o);
    assert_int_equal(sc_broken(c), 0);
    t = &c->conn->dialed;
    assert_true(t->connected - t->begun >= 60000);
    assert_true(t->connected >= t->resolved && t->resolved > t->begun);
    sc_close(c);
    proxy_end(&x);
}

/* --- what https offers --- */

static const char *agreed(const char *alpn)
{
    static const struct stage none[] = {NONE};
    static struct proxy x; /* no proxy: the server itself */
    struct sc_options o = {.proxy = "",
                           .tls = {.ca_file = certs.ca, .alpn = alpn}};
    char url[64];
    HTTPClient *h;

    x = (struct proxy){.stages = none, .after = AFTER_HOLD, .cert = certs.good};
    proxy_begin(&x);
    snprintf(url, sizeof url, "https://127.0.0.1:%d", x.port);
    h = http_open(url, &o);
    assert_int_equal(sc_broken(http_base(h)), 0);
    assert_true(http_base(h)->conn->dialed.secured >=
                http_base(h)->conn->dialed.connected);
    http_close(h);
    proxy_end(&x);
    return x.tls.alpn;
}

static void https_offers_its_protocol(void **state)
{
    (void)state;
    assert_string_equal(agreed(NULL), "http/1.1");
    assert_string_equal(agreed("other"), "other");
    assert_string_equal(agreed(""), "");
}

static int certs_up(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int certs_down(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

#define TEST(f) TEST_CLOSING_ALL(f)

static const struct CMUnitTest tests[] = {
    TEST(requests_are_forwarded_without_a_tunnel),
    TEST(a_tunnel_is_made_when_asked_for),
    TEST(tls_goes_through_a_tunnel),
    TEST(the_server_behind_is_verified),
    TEST(the_proxy_may_speak_tls),
    TEST(tls_goes_in_tls),
    TEST(the_proxy_is_verified_by_its_own_options),
    TEST(a_proxy_that_speaks_no_tls_is_told),
    TEST(a_plain_stream_takes_the_options_proxy_too),
    TEST(an_idle_connection_is_not_found_by_another_way),
    TEST(who_is_bypassed_is_connected_to),
    TEST(times_begin_with_the_servers_name),
    TEST(https_offers_its_protocol),
};

TEST_MAIN_WITH(tests, certs_up, certs_down)
