/* test_https.c - the same http_get over TLS: trust, names, cuts, reuse. */
#include "main.h"

#include "certs.h"
#include "http_server.h"

static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct http_server server = {.tls = &server_tls};
static struct http_reply reply;
static struct sc_options trusting;

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

static int start(void **state)
{
    (void)state;
    server_tls.cert = certs.good;
    trusting = (struct sc_options){.tls.ca_file = certs.ca};
    server_start(&server, "https");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    server_stop(&server);
    return 0;
}

static int get(const char *path, const struct sc_options *opt)
{
    char url[128];
    struct http_request q = {.url = url, .options = opt};

    snprintf(url, sizeof url, "%s%s", server.base, path);
    return http_request(&q, &reply);
}

static void expect(const char *path, const char *body)
{
    if (get(path, &trusting) < 0)
        fail_msg("%s", reply.error.text);
    assert_string_equal(reply.body.data, body);
}

static void a_trusted_server_is_fetched_from(void **state)
{
    (void)state;
    expect("/hello", "hello");
    assert_int_equal(reply.reused, 0);
    expect("/chunked", "chunked");
    assert_int_equal(reply.reused, 1);
    assert_int_equal(server.connections, 1);
}

static void an_unknown_authority_is_refused(void **state)
{
    struct sc_options other = {.tls.ca_file = certs.other_ca};

    (void)state;
    assert_int_equal(get("/hello", &other), SC_ECERT);
    assert_int_equal(server.requests, 0);
    assert_int_equal(reply.error.phase, SC_PHASE_TLS);
}

static void errors_name_the_scheme(void **state)
{
    struct sc_options none = {.tls.ca_file = "/nowhere/ca.pem"};
    char want[128];

    (void)state;
    server_tls.cert = certs.wrong;
    assert_int_equal(get("/hello", &trusting), SC_ECERT);
    snprintf(want, sizeof want,
             "https %s: certificate of 127.0.0.1: IP address mismatch",
             sc_listener_name(server.listener));
    assert_string_equal(reply.error.text, want);
    assert_int_equal(get("/hello", &none), SC_ETLS);
    snprintf(want, sizeof want,
             "https %s: cannot read CA file /nowhere/ca.pem: "
             "No such file or directory",
             sc_listener_name(server.listener));
    assert_string_equal(reply.error.text, want);
}

static void a_wrong_name_is_refused(void **state)
{
    (void)state;
    server_tls.cert = certs.wrong;
    assert_int_equal(get("/hello", &trusting), SC_ECERT);
    assert_int_equal(server.requests, 0);
}

static void verifying_can_be_left_out(void **state)
{
    struct sc_options any = {.tls.flags = SC_TLS_NO_VERIFY};

    (void)state;
    server_tls.cert = certs.self;
    if (get("/hello", &any) < 0)
        fail_msg("%s", reply.error.text);
    assert_string_equal(reply.body.data, "hello");
    /* Such a connection never serves one who wants to verify. */
    assert_int_equal(get("/hello", &trusting), SC_ECERT);
}

/* A hello need not have an LF in it: whatever comes is answered. */
static void answer_in_plain(void *arg)
{
    static const char refusal[] = "HTTP/1.0 400 Bad Request\r\n\r\n";
    Stream *s = sc_accept(arg, 5000, NULL);
    char hello[1000];

    if (s != NULL && sc_stream_read(s, hello, sizeof hello, NULL) > 0)
        sc_stream_write(s, refusal, sizeof refusal - 1, NULL);
    sc_stream_close(s);
}

static void a_plain_server_is_no_tls(void **state)
{
    struct sc_listener *plain = sc_listen("127.0.0.1:0", NULL);
    int64_t task = sc_task_go(NULL, answer_in_plain, plain);
    char url[128];
    struct http_request q = {.url = url, .options = &trusting};

    (void)state;
    snprintf(url, sizeof url, "https://%s/hello", sc_listener_name(plain));
    assert_int_equal(http_request(&q, &reply), SC_ETLS);
    assert_int_equal(reply.error.phase, SC_PHASE_TLS);
    assert_non_null(strstr(reply.error.text, "wrong version number"));
    sc_task_join(task);
    sc_listener_close(plain);
}

static void a_body_to_the_end_needs_an_orderly_end(void **state)
{
    (void)state;
    expect("/end", "to the end"); /* the server says goodbye in TLS */
    assert_int_equal(get("/cut", &trusting), SC_ESHORT);
}

static void many(void *arg)
{
    struct http_request q = {.options = &trusting};
    struct http_reply r = {0};
    char url[128];

    snprintf(url, sizeof url, "%s/hello", server.base);
    q.url = url;
    for (int i = 0; i < 3; i++)
        *(int *)arg += http_request(&q, &r) == 0 && r.body.len == 5;
    http_reply_free(&r);
}

static void thirty_tasks_fetch_at_once(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int good = 0;

    (void)state;
    for (int i = 0; i < 30; i++)
        sc_group_go(g, many, &good);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(good, 90);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_trusted_server_is_fetched_from),
    TEST(an_unknown_authority_is_refused),
    TEST(errors_name_the_scheme),
    TEST(a_wrong_name_is_refused),
    TEST(verifying_can_be_left_out),
    TEST(a_plain_server_is_no_tls),
    TEST(a_body_to_the_end_needs_an_orderly_end),
    TEST(thirty_tasks_fetch_at_once),
};

TEST_MAIN_WITH(tests, make, unmake)
