/* test_tinyproxy.c - through a real HTTP proxy, tinyproxy: tunnels, forwarded
 * requests, logins right and wrong, servers that are not there; skipped (77)
 * without tinyproxy. */
#include "main.h"

#include "behind.h"

static struct server open_one, closed_one; /* one wants a login */
static struct behind hello, web = {.http = true};
static char open_url[64], closed_url[64], login_url[128], wrong_url[128];

static int start_proxy(struct server *s, const char *more)
{
    char conf[512];
    const char *argv[] = {"tinyproxy", "-d", "-c", NULL, NULL};

    if (server_make_dir(s) < 0)
        return -1;
    s->port = server_free_port();
    snprintf(conf, sizeof conf,
             "Port %d\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\n"
             "MaxClients 20\n%s",
             s->port, more);
    argv[3] = server_path(s, "conf");
    if (server_write(s, "conf", conf) < 0 || server_spawn(s, argv) < 0)
        return -1;
    return server_wait(s, s->port);
}

static int start(void **state)
{
    (void)state;
    if (behind_begin(&hello) < 0 || behind_begin(&web) < 0 ||
        start_proxy(&open_one, "") < 0 ||
        start_proxy(&closed_one, "BasicAuth amy s3cret\n") < 0)
        return -1;
    snprintf(open_url, sizeof open_url, "127.0.0.1:%d", open_one.port);
    snprintf(closed_url, sizeof closed_url, "127.0.0.1:%d", closed_one.port);
    snprintf(login_url, sizeof login_url, "http://amy:s3cr%%65t@%s",
             closed_url);
    snprintf(wrong_url, sizeof wrong_url, "http://amy:wrong@%s", closed_url);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_end(&open_one, SIGTERM);
    server_end(&closed_one, SIGTERM);
    server_remove_dir(&open_one);
    server_remove_dir(&closed_one);
    behind_end(&hello);
    behind_end(&web);
    return 0;
}

static void a_tunnel_reaches_the_server(void **state)
{
    (void)state;
    reaches("127.0.0.1", hello.port, open_url);
    reaches("localhost", hello.port, open_url);
}

static void a_login_opens_the_tunnel(void **state)
{
    (void)state;
    reaches("127.0.0.1", hello.port, login_url);
    fails("127.0.0.1", hello.port, wrong_url, ": 401 ");
    fails("127.0.0.1", hello.port, closed_url, ": 407 ");
}

static void a_server_that_is_not_there_is_the_proxys_word(void **state)
{
    (void)state;
    fails("127.0.0.1", server_free_port(), open_url, ": 500 ");
}

/* --- forwarded --- */

static int get(const char *proxy, unsigned flags, struct http_reply *reply)
{
    struct sc_options o = {.proxy = proxy, .no_proxy = "", .flags = flags};
    char url[64];
    struct http_request q = {.url = url, .options = &o};
    int rc;

    snprintf(url, sizeof url, "http://127.0.0.1:%d/page?x", web.port);
    rc = http_request(&q, reply);
    if (rc < 0)
        print_message("%s\n", reply->error.text);
    return rc;
}

static void a_request_is_forwarded(void **state)
{
    struct http_reply reply = {0};

    (void)state;
    assert_int_equal(get(open_url, 0, &reply), 0);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body.data, "hello");
    assert_non_null(strstr(web.head, "GET /page?x HTTP/1."));
    assert_non_null(strstr(web.head, "\r\nVia: ")); /* the proxy was there */
    http_reply_free(&reply);
}

static void a_request_goes_through_a_tunnel_if_told_so(void **state)
{
    struct http_reply reply = {0};

    (void)state;
    assert_int_equal(get(open_url, SC_OPT_TUNNEL, &reply), 0);
    assert_string_equal(reply.body.data, "hello");
    assert_non_null(strstr(web.head, "GET /page?x HTTP/1.1"));
    assert_null(strstr(web.head, "\r\nVia: "));
    http_reply_free(&reply);
}

static void a_login_forwards_the_request(void **state)
{
    struct http_reply reply = {0};

    (void)state;
    assert_int_equal(get(login_url, 0, &reply), 0);
    assert_int_equal(reply.status, 200);
    assert_null(strstr(web.head, "Proxy-Authorization"));
    http_reply_free(&reply);
    assert_int_equal(get(closed_url, 0, &reply), 0);
    assert_int_equal(reply.status, 407);
    http_reply_free(&reply);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tunnel_reaches_the_server),
    cmocka_unit_test(a_login_opens_the_tunnel),
    cmocka_unit_test(a_server_that_is_not_there_is_the_proxys_word),
    cmocka_unit_test(a_request_is_forwarded),
    cmocka_unit_test(a_request_goes_through_a_tunnel_if_told_so),
    cmocka_unit_test(a_login_forwards_the_request),
};

int main(int argc, char **argv)
{
    if (!server_installed("tinyproxy"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
