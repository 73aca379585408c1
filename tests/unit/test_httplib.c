/* test_httplib.c - a request and its answer in steps. */
#include "main.h"

#include "http_script.h"

static struct http_reply reply;

static int forget(void **state)
{
    (void)state;
    http_reply_free(&reply);
    return 0;
}

static void expect_file(HTTPClient *h, const char *want)
{
    Stream *s = http_getfile(h);
    char got[100];
    size_t n = 0;
    ssize_t rc;

    assert_non_null(s);
    while ((rc = sc_stream_read(s, got + n, 3, NULL)) > 0)
        n += (size_t)rc;
    assert_int_equal(rc, 0);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(got, want, n);
    assert_int_equal(sc_stream_read(s, got, 3, NULL), 0); /* still the end */
}

static void the_steps_of_the_tutorial(void **state)
{
    HTTPClient *h = http_on_script("C: GET /index.html HTTP/1.1\n"
                                   "C: Host: script\n"
                                   "C: User-Agent: simpleclient/0.1.0\n"
                                   "C: Accept: text/html\nC:\n"
                                   "S: HTTP/1.0 200 OK\nS:\n"
                                   "s: to the end",
                                   NULL);

    (void)state;
    http_putrequest(h, "GET", "/index.html");
    http_putheader(h, "Accept", "text/html");
    http_endheaders(h);
    assert_null(http_getfile(h));
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.version, 10);
    expect_file(h, "to the end");
    http_close_played(h);
}

static void host_and_agent_may_be_replaced(void **state)
{
    HTTPClient *h = http_on_script("C: GET / HTTP/1.1\nC: Accept: */*\n"
                                   "C: HOST: other\nC: user-agent: me\nC:\n"
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    http_putrequest(h, "GET", "/");
    http_putheader(h, "HOST", "other");
    http_putheader(h, "user-agent", "me");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    http_close_played(h);
}

static void a_refused_header_drops_the_request(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/2") //
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    assert_int_equal(http_putrequest(h, "GET", "/1"), 0);
    assert_int_equal(http_putheader(h, "X", "a\r\nEvil: b"), SC_EINVAL);
    assert_int_equal(http_putheader(h, "Y", "fine"), SC_EINVAL);
    assert_int_equal(http_endheaders(h), SC_EINVAL);
    assert_int_equal(http_getreply(h, &reply), SC_EINVAL);
    assert_int_equal(reply.error.code, SC_EINVAL);
    http_putrequest(h, "GET", "/2");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    http_close_played(h);
}

static void names_and_framing_are_checked(void **state)
{
    static const struct {
        const char *name, *value;
    } bad[] = {{"", "x"},
               {"a b", "x"},
               {"a:", "x"},
               {"Content-Length", "five"},
               {"Content-Length", "-1"},
               {"Transfer-Encoding", "gzip"}};
    HTTPClient *h = http_on_script("# nothing is sent\n", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(http_putrequest(h, "GET", "/"), 0);
        assert_int_equal(http_putheader(h, bad[i].name, bad[i].value),
                         SC_EINVAL);
    }
    http_putrequest(h, "POST", "/");
    assert_int_equal(http_putheader(h, "Content-Length", "3"), 0);
    assert_int_equal(http_putheader(h, "Transfer-Encoding", "chunked"),
                     SC_EINVAL);
    http_close(h);
}

static void a_body_is_sent_as_promised(void **state)
{
    HTTPClient *h = http_on_script("C: PUT /f HTTP/1.1\n" HTTP_HOST
                                   "C: Content-Length: 6\nC:\n"
                                   "c: abcdef\n"
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Content-Length: 2\nS:\ns: ok",
                                   NULL);

    (void)state;
    http_putrequest(h, "PUT", "/f");
    http_putheader(h, "Content-Length", "6");
    http_endheaders(h);
    assert_int_equal(http_send(h, "abc", 3), 0);
    assert_int_equal(http_send(h, "def", 3), 0);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_file(h, "ok");
    http_close_played(h);
}

static void a_body_is_sent_in_chunks(void **state)
{
    HTTPClient *h = http_on_script("C: POST /f HTTP/1.1\n" HTTP_HOST
                                   "C: Transfer-Encoding: chunked\nC:\n"
                                   "C: 3\nC: abc\nC: 10\nC: 0123456789abcdef\n"
                                   "C: 0\nC:\n"
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Transfer-Encoding: chunked\nS:\n"
                                   "S: 2\nS: ok\nS: 0\nS:\n",
                                   NULL);

    (void)state;
    http_putrequest(h, "POST", "/f");
    http_putheader(h, "Transfer-Encoding", "chunked");
    http_endheaders(h);
    assert_int_equal(http_send(h, "abc", 3), 0);
    assert_int_equal(http_send(h, "", 0), 0); /* would be the end */
    assert_int_equal(http_send(h, "0123456789abcdef", 16), 0);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_file(h, "ok");
    http_close_played(h);
}

static void a_broken_promise_breaks_the_client(void **state)
{
    HTTPClient *h = http_on_script("# less\n", NULL);

    (void)state;
    http_putrequest(h, "PUT", "/");
    http_putheader(h, "Content-Length", "6");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), SC_EINVAL);
    assert_int_equal(sc_broken(http_base(h)), SC_EINVAL);
    http_close(h);
    h = http_on_script("# more\n", NULL);
    http_putrequest(h, "PUT", "/");
    http_putheader(h, "Content-Length", "2");
    http_endheaders(h);
    assert_int_equal(http_send(h, "abc", 3), SC_EINVAL);
    assert_int_equal(sc_broken(http_base(h)), SC_EINVAL);
    http_close(h);
}

static void an_unread_rest_is_dropped(void **state)
{
    HTTPClient *h = http_on_script(
        HTTP_ASKS("GET", "/1") //
        "S: HTTP/1.1 200 OK\n"
        "S: Content-Length: 9\nS:\ns: not read!\n" //
        HTTP_ASKS("GET", "/2") "S: HTTP/1.1 200 OK\n"
                               "S: Content-Length: 3\nS:\ns: two",
        NULL);

    (void)state;
    http_putrequest(h, "GET", "/1");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    http_putrequest(h, "GET", "/2");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_file(h, "two");
    http_close_played(h);
}

static void a_cut_file_is_short(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Content-Length: 9\nS:\ns: cut",
                                   NULL);
    struct sc_error error = {0};
    struct sc_wait w = {INT64_MAX, &error};
    char buf[10];

    (void)state;
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(sc_stream_read(http_getfile(h), buf, 10, &w), 3);
    assert_int_equal(sc_stream_read(http_getfile(h), buf, 10, &w), SC_ESHORT);
    assert_int_equal(error.code, SC_ESHORT);
    assert_int_equal(sc_stream_write(http_getfile(h), "x", 1, &w), SC_ENOTSUP);
    http_close(h);
}

static void steps_out_of_order_are_refused(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    assert_int_equal(http_getreply(h, &reply), SC_EINVAL);
    assert_int_equal(http_putheader(h, "X", "y"), SC_EINVAL);
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_putrequest(h, "GET", "/"), SC_EINVAL);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.status, 204);
    http_close_played(h);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(the_steps_of_the_tutorial, forget),
    cmocka_unit_test_teardown(host_and_agent_may_be_replaced, forget),
    cmocka_unit_test_teardown(a_refused_header_drops_the_request, forget),
    cmocka_unit_test_teardown(names_and_framing_are_checked, forget),
    cmocka_unit_test_teardown(a_body_is_sent_as_promised, forget),
    cmocka_unit_test_teardown(a_body_is_sent_in_chunks, forget),
    cmocka_unit_test_teardown(a_broken_promise_breaks_the_client, forget),
    cmocka_unit_test_teardown(an_unread_rest_is_dropped, forget),
    cmocka_unit_test_teardown(a_cut_file_is_short, forget),
    cmocka_unit_test_teardown(steps_out_of_order_are_refused, forget),
};

TEST_MAIN(tests)
