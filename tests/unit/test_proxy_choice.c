/* test_proxy_choice.c - which proxy: its URL, the environment, and servers
 * that are reached without one. What curl's manual says of each is the
 * measure. */
#include "main.h"

#include <stdlib.h>

#include "client/proxy.h"

/* --- the URL --- */

static void check_url(const char *url, enum sc_proxy_kind kind,
                      const char *host, int port)
{
    struct sc_proxy p;
    struct sc_error err = {0};

    if (sc_proxy_parse(&p, url, &err) < 0)
        fail_msg("%s: %s", url, err.text);
    assert_int_equal(p.kind, kind);
    assert_string_equal(p.at.host, host);
    assert_int_equal(p.at.port, port);
    sc_proxy_free(&p);
}

static void a_url_names_kind_host_and_port(void **state)
{
    (void)state;
    check_url("proxy.test", SC_PROXY_HTTP, "proxy.test", 1080);
    check_url("proxy.test:3128", SC_PROXY_HTTP, "proxy.test", 3128);
    check_url("HTTP://proxy.test:3128/", SC_PROXY_HTTP, "proxy.test", 3128);
    check_url("https://proxy.test", SC_PROXY_HTTPS, "proxy.test", 443);
    check_url("socks4://[::1]:9", SC_PROXY_SOCKS4, "::1", 9);
    check_url("socks4a://h", SC_PROXY_SOCKS4A, "h", 1080);
    check_url("socks5://u:p@h:1", SC_PROXY_SOCKS5, "h", 1);
    check_url("socks5h://h?x", SC_PROXY_SOCKS5H, "h", 1080);
    check_url("socks://h", SC_PROXY_SOCKS4, "h", 1080);
}

static void check_login(const char *url, const char *user, const char *password)
{
    struct sc_proxy p;

    assert_int_equal(sc_proxy_parse(&p, url, NULL), 0);
    assert_string_equal(p.user ? p.user : "none", user);
    assert_string_equal(p.password ? p.password : "none", password);
    assert_string_equal(p.at.host, "h");
    sc_proxy_free(&p);
    assert_null(p.user);
}

static void a_login_is_decoded(void **state)
{
    (void)state;
    check_login("h", "none", "none");
    check_login("amy@h", "amy", "none");
    check_login("amy:@h", "amy", "");
    check_login("http://a%40b:p%3a%2F:x@h:1", "a@b", "p:/:x");
    check_login("amy:p@ss@h", "amy", "p@ss");
    check_login("@h", "none", "none");
}

static void a_bad_url_is_refused_without_its_login(void **state)
{
    static const char *const bad[] = {
        "ftp://amy:secret@h",
        "socks6://h",
        "http://",
        "http://amy:secret@",
        "amy:secret%0d@h",
        "amy:secret%zz@h",
        "amy:secret@h:99999",
        "amy:secret@h:x",
        "amy:secret@h:0",
        "amy:secret@/socket",
        "amy:secret@a b",
        "http://[::1",
        "amy:secret%00@h",
        "://h",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sc_proxy p;
        struct sc_error err = {0};

        if (sc_proxy_parse(&p, bad[i], &err) != SC_EURL ||
            strncmp(err.text, "proxy", 5) != 0 || strstr(err.text, "secret"))
            fail_msg("%s: %d %s", bad[i], err.code, err.text);
        sc_proxy_free(&p);
    }
}

/* --- the environment --- */

static const char *const names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                    "HTTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                    "no_proxy",    "NO_PROXY"};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    return 0;
}

static void check_environment(const char *scheme, const char *proxy)
{
    struct sc_buf out = {0};

    assert_int_equal(sc_proxy_of_environment(scheme, &out), 0);
    assert_string_equal(out.data ? out.data : "", proxy);
    sc_buf_free(&out);
}

/* What a CGI program is given as HTTP_PROXY is the request's "Proxy:". */
static void http_proxy_counts_in_lower_case_only(void **state)
{
    (void)state;
    setenv("HTTP_PROXY", "evil", 1);
    check_environment("http", "");
    setenv("http_proxy", "good", 1);
    check_environment("http", "good");
    check_environment("https", "");
}

static void others_count_in_both_cases_the_lower_first(void **state)
{
    (void)state;
    setenv("ALL_PROXY", "4", 1);
    check_environment("https", "4");
    check_environment("http", "4");
    setenv("all_proxy", "3", 1);
    check_environment("https", "3");
    setenv("HTTPS_PROXY", "2", 1);
    check_environment("https", "2");
    setenv("https_proxy", "1", 1);
    check_environment("https", "1");
    check_environment("http", "3");
    setenv("https_proxy", "", 1); /* as if it were not there */
    check_environment("https", "2");
}

/* --- reached directly --- */

static void names_cover_themselves_and_all_below(void **state)
{
    (void)state;
    for (int dot = 0; dot < 2; dot++) {
        const char *list = dot ? "a.test,.Example.org" : "a.test,Example.org";

        assert_true(sc_proxy_bypassed(list, "example.org"));
        assert_true(sc_proxy_bypassed(list, "www.EXAMPLE.org"));
        assert_true(sc_proxy_bypassed(list, "a.b.example.org."));
        assert_false(sc_proxy_bypassed(list, "notexample.org"));
        assert_false(sc_proxy_bypassed(list, "example.org.test"));
        assert_false(sc_proxy_bypassed(list, "org"));
    }
    assert_true(sc_proxy_bypassed("example.org.", "example.org"));
}

static void lists_are_split_at_commas_and_blanks(void **state)
{
    (void)state;
    assert_true(
        sc_proxy_bypassed(" a.test, b.test\tc.test,,d.test ", "a.test"));
    assert_true(
        sc_proxy_bypassed(" a.test, b.test\tc.test,,d.test ", "c.test"));
    assert_true(
        sc_proxy_bypassed(" a.test, b.test\tc.test,,d.test ", "d.test"));
    assert_false(sc_proxy_bypassed(" , ", "a.test"));
    assert_false(sc_proxy_bypassed("", "a.test"));
    assert_true(sc_proxy_bypassed("*", "a.test"));
    assert_true(sc_proxy_bypassed("*", "::1"));
}

static void addresses_are_compared_as_bits(void **state)
{
    (void)state;
    assert_true(sc_proxy_bypassed("10.0.0.0/8", "10.255.1.2"));
    assert_false(sc_proxy_bypassed("10.0.0.0/8", "11.0.0.1"));
    assert_true(sc_proxy_bypassed("192.168.8.0/21", "192.168.15.255"));
    assert_false(sc_proxy_bypassed("192.168.8.0/21", "192.168.16.0"));
    assert_true(sc_proxy_bypassed("127.0.0.1", "127.0.0.1"));
    assert_false(sc_proxy_bypassed("127.0.0.1", "127.0.0.10"));
    assert_true(sc_proxy_bypassed("fe80::/10", "febf::1"));
    assert_false(sc_proxy_bypassed("fe80::/10", "fec0::1"));
    assert_true(sc_proxy_bypassed("[::1]", "0:0::1"));
    assert_true(sc_proxy_bypassed("::1", "::1"));
    assert_false(sc_proxy_bypassed("10.0.0.0/33", "10.0.0.1"));
    assert_false(sc_proxy_bypassed("10.0.0.0/x", "10.0.0.0"));
    assert_false(sc_proxy_bypassed("0.0.0.0/0", "::1"));
    assert_false(sc_proxy_bypassed("0.0.1", "127.0.0.1"));
}

static void the_list_is_the_environments_unless_named(void **state)
{
    (void)state;
    setenv("NO_PROXY", "b.test", 1);
    assert_true(sc_proxy_bypassed(NULL, "b.test"));
    setenv("no_proxy", "a.test", 1);
    assert_true(sc_proxy_bypassed(NULL, "a.test"));
    assert_false(sc_proxy_bypassed(NULL, "b.test"));
    assert_false(sc_proxy_bypassed("", "a.test"));
}

/* --- the choice --- */

static const struct client_class forwarding = {
    .name = "http",
    .scheme = "http",
    .size = sizeof(SimpleClient),
    .forwards = true,
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* The host of the proxy, or "" for none. */
static const char *chosen(const struct client_class *cls, const char *server,
                          const struct sc_options *o)
{
    static char host[256];
    struct sc_server_name n = {.port = 80};
    struct sc_proxy *p;

    host[0] = '\0';
    assert_int_equal(sc_server_parse(&n, server, NULL), 0);
    assert_int_equal(sc_proxy_choose(cls, &n, o, &p, NULL), 0);
    if (p)
        snprintf(host, sizeof host, "%s", p->at.host);
    sc_proxy_free(p);
    free(p);
    return host;
}

static void only_classes_that_forward_ask_the_environment(void **state)
{
    struct sc_options o = {0}, tls = {.flags = SC_OPT_TLS};
    struct client_class other = forwarding;

    (void)state;
    other.forwards = false;
    setenv("http_proxy", "plain.test", 1);
    setenv("https_proxy", "secure.test", 1);
    assert_string_equal(chosen(&forwarding, "a.test", &o), "plain.test");
    assert_string_equal(chosen(&forwarding, "a.test", &tls), "secure.test");
    assert_string_equal(chosen(&other, "a.test", &o), "");
    assert_string_equal(chosen(&sc_simple_class, "a.test", &o), "");
    o.proxy = "mine.test";
    assert_string_equal(chosen(&forwarding, "a.test", &o), "mine.test");
    assert_string_equal(chosen(&sc_simple_class, "a.test", &o), "mine.test");
    o.proxy = "";
    assert_string_equal(chosen(&forwarding, "a.test", &o), "");
}

static void neither_paths_nor_the_bypassed_have_one(void **state)
{
    struct sc_options o = {.proxy = "p.test", .no_proxy = "a.test"};

    (void)state;
    assert_string_equal(chosen(&forwarding, "a.test", &o), "");
    assert_string_equal(chosen(&forwarding, "b.test", &o), "p.test");
    assert_string_equal(chosen(&forwarding, "/tmp/x", &o), "");
    o.unix_socket = "/tmp/x";
    assert_string_equal(chosen(&forwarding, "b.test", &o), "");
}

static bool forwards(const char *proxy, struct sc_options o)
{
    struct sc_server_name n = {.host = "a.test", .port = 80};
    struct sc_proxy p;
    bool yes;

    assert_int_equal(sc_proxy_parse(&p, proxy, NULL), 0);
    yes = sc_proxy_forwards(&p, &forwarding, &n, &o);
    assert_false(sc_proxy_forwards(&p, &sc_simple_class, &n, &o));
    sc_proxy_free(&p);
    return yes;
}

static int allow_all(void *arg, const struct sc_peer *peer)
{
    (void)arg, (void)peer;
    return 0;
}

static void a_tunnel_is_made_where_forwarding_would_not_do(void **state)
{
    (void)state;
    assert_true(forwards("p", (struct sc_options){0}));
    assert_true(forwards("https://p", (struct sc_options){0}));
    assert_false(forwards("socks5://p", (struct sc_options){0}));
    assert_false(forwards("p", (struct sc_options){.flags = SC_OPT_TLS}));
    assert_false(forwards("p", (struct sc_options){.flags = SC_OPT_TUNNEL}));
    assert_false(
        forwards("p", (struct sc_options){.flags = SC_OPT_PUBLIC_ONLY}));
    assert_false(forwards("p", (struct sc_options){.allow = allow_all}));
    assert_false(
        forwards("p", (struct sc_options){.connect_to = "a.test::b.test:"}));
    assert_true(
        forwards("p", (struct sc_options){.connect_to = "c.test::b.test:"}));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, clear, clear)

static const struct CMUnitTest tests[] = {
    TEST(a_url_names_kind_host_and_port),
    TEST(a_login_is_decoded),
    TEST(a_bad_url_is_refused_without_its_login),
    TEST(http_proxy_counts_in_lower_case_only),
    TEST(others_count_in_both_cases_the_lower_first),
    TEST(names_cover_themselves_and_all_below),
    TEST(lists_are_split_at_commas_and_blanks),
    TEST(addresses_are_compared_as_bits),
    TEST(the_list_is_the_environments_unless_named),
    TEST(only_classes_that_forward_ask_the_environment),
    TEST(neither_paths_nor_the_bypassed_have_one),
    TEST(a_tunnel_is_made_where_forwarding_would_not_do),
};

TEST_MAIN(tests)
