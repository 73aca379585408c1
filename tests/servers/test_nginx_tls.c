/* test_nginx_tls.c - https against a real nginx: whom we trust, whom it
 * trusts, and bodies cut in the middle. Skipped (77) without nginx. */
#include "main.h"

#include <simpleclient/http.h>

#include "nginx.h"

static struct nginx nginx;
static struct http_reply reply;
static struct sc_options trusting;

static int start(void **state)
{
    (void)state;
    if (nginx_start(&nginx) < 0)
        return -1;
    trusting.tls.ca_file = nginx.certs.ca;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    return nginx_stop(&nginx);
}

static int get(int site, const char *path, const struct sc_options *opt)
{
    struct http_request q = {.url = nginx_url(&nginx, site, path),
                             .options = opt};

    return http_request(&q, &reply);
}

static void expect_hello(int site, const struct sc_options *opt)
{
    if (get(site, "/index.html", opt) < 0)
        fail_msg("%s", reply.error.text);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body.data, "Hello from nginx.\n");
}

static void nginx_is_trusted_by_its_authority(void **state)
{
    const struct sc_tls_info *tls;

    (void)state;
    expect_hello(TLS, &trusting);
    tls = reply.hops[0].tls;
    assert_non_null(tls);
    assert_true(strncmp(tls->version, "TLSv1.", 6) == 0);
    expect_hello(TLS, &trusting);
    assert_int_equal(reply.reused, 1);
}

static void tls_1_2_is_spoken_too(void **state)
{
    struct sc_options old = trusting;

    (void)state;
    old.tls.max_version = 12;
    expect_hello(TLS, &old);
    assert_string_equal(reply.hops[0].tls->version, "TLSv1.2");
}

static void chunks_come_over_tls(void **state)
{
    (void)state;
    if (get(TLS, "/chunked/page.txt", &trusting) < 0)
        fail_msg("%s", reply.error.text);
    assert_int_equal(reply.body.len, 20000);
}

/* RFC 9112 section 9.8: nginx says close_notify when it is done. */
static void a_body_to_the_end_ends_in_order(void **state)
{
    struct http_request q = {.url = nginx_url(&nginx, TLS, "/chunked/page.txt"),
                             .options = &trusting,
                             .flags = HTTP_VERSION_10};

    (void)state;
    if (http_request(&q, &reply) < 0)
        fail_msg("%s", reply.error.text);
    assert_int_equal(reply.body.len, 20000);
    assert_int_equal(reply.notes, 0);
}

static void nobody_else_is_trusted(void **state)
{
    struct sc_options other = {.tls.ca_file = nginx.certs.other_ca};

    (void)state;
    assert_int_equal(get(TLS, "/index.html", NULL), SC_ECERT);
    assert_int_equal(get(TLS, "/index.html", &other), SC_ECERT);
    assert_int_equal(reply.status, 0);
}

static void another_name_is_refused(void **state)
{
    (void)state;
    assert_int_equal(get(TLS_WRONG, "/index.html", &trusting), SC_ECERT);
    assert_int_equal(reply.body.len, 0);
}

static void a_certificate_of_yesterday_is_refused(void **state)
{
    (void)state;
    assert_int_equal(get(TLS_EXPIRED, "/index.html", &trusting), SC_ECERT);
    assert_non_null(strstr(reply.error.text, "expired"));
}

static void nginx_lets_in_who_has_a_certificate(void **state)
{
    struct sc_options amy = trusting;

    (void)state;
    amy.tls.cert = nginx.certs.client;
    expect_hello(TLS_CLIENT, &amy);
}

static void nginx_sends_away_who_has_none(void **state)
{
    struct sc_options self = trusting;

    (void)state;
    assert_int_equal(get(TLS_CLIENT, "/index.html", &trusting), 0);
    assert_int_equal(reply.status, 400);
    self.tls.cert = nginx.certs.self;
    assert_int_equal(get(TLS_CLIENT, "/index.html", &self), 0);
    assert_int_equal(reply.status, 400);
}

/* Who has a certificate is not served on a connection of who has none. */
static void connections_are_not_shared_between_identities(void **state)
{
    struct sc_options amy = trusting;

    (void)state;
    assert_int_equal(get(TLS_CLIENT, "/index.html", &trusting), 0);
    amy.tls.cert = nginx.certs.client;
    expect_hello(TLS_CLIENT, &amy);
    assert_int_equal(get(TLS_CLIENT, "/index.html", &trusting), 0);
    assert_int_equal(reply.status, 400);
}

static void a_redirect_from_https_to_http_is_refused(void **state)
{
    struct http_request q = {.options = &trusting};

    (void)state;
    q.url = nginx_url(&nginx, TLS, "/down");
    assert_int_equal(http_request(&q, &reply), SC_EACCES);
    q.flags = HTTP_DOWNGRADE;
    assert_int_equal(http_request(&q, &reply), 0);
    assert_string_equal(reply.body.data, "GET ");
}

static void uploads_go_over_tls(void **state)
{
    struct http_source from = {.length = 1 << 20};
    struct http_request q = {.url = nginx_url(&nginx, TLS, "/put/zeros"),
                             .method = "PUT",
                             .source = &from,
                             .options = &trusting};
    struct sc_buf got;

    (void)state;
    from.fd = open(server_path(&nginx.at, "root/big"), O_RDONLY);
    if (http_request(&q, &reply) < 0)
        fail_msg("%s", reply.error.text);
    close(from.fd);
    assert_int_equal(reply.status, 201);
    got = server_read(&nginx.at, "put/zeros");
    assert_int_equal(got.len, 1 << 20);
    sc_buf_free(&got);
}

static void fetch(void *arg)
{
    struct http_request q = {.url = "", .options = &trusting};
    struct http_reply r = {0};
    char url[128];

    snprintf(url, sizeof url, "%s", nginx_url(&nginx, TLS, "/page.txt"));
    q.url = url;
    for (int i = 0; i < 10; i++)
        *(int *)arg += http_request(&q, &r) == 0 && r.body.len == 20000;
    http_reply_free(&r);
}

static void fifty_tasks_fetch_over_tls(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int good = 0;

    (void)state;
    for (int i = 0; i < 50; i++)
        sc_group_go(g, fetch, &good);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(good, 500);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nginx_is_trusted_by_its_authority),
    cmocka_unit_test(tls_1_2_is_spoken_too),
    cmocka_unit_test(chunks_come_over_tls),
    cmocka_unit_test(a_body_to_the_end_ends_in_order),
    cmocka_unit_test(nobody_else_is_trusted),
    cmocka_unit_test(another_name_is_refused),
    cmocka_unit_test(a_certificate_of_yesterday_is_refused),
    cmocka_unit_test(nginx_lets_in_who_has_a_certificate),
    cmocka_unit_test(nginx_sends_away_who_has_none),
    cmocka_unit_test(connections_are_not_shared_between_identities),
    cmocka_unit_test(a_redirect_from_https_to_http_is_refused),
    cmocka_unit_test(uploads_go_over_tls),
    cmocka_unit_test(fifty_tasks_fetch_over_tls),
};

int main(int argc, char **argv)
{
    if (!server_installed("nginx"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
