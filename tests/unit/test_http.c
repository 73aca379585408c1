/* test_http.c - whole requests on an open client. */
#include "main.h"

#include "http_script.h"

static struct http_reply reply;

static int forget(void **state)
{
    (void)state;
    http_reply_free(&reply);
    return 0;
}

static void get_returns_status_fields_and_body(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/a?b") //
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Content-Type: text/plain\n"
                                   "S: Content-Length: 5\n"
                                   "S:\n"
                                   "s: hello",
                                   NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/a?b", &reply), 0);
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.version, 11);
    assert_string_equal(reply.reason, "OK");
    assert_string_equal(http_header(&reply, "content-type", ""), "text/plain");
    assert_string_equal(http_header(&reply, "X", "none"), "none");
    assert_string_equal(reply.body.data, "hello");
    assert_int_equal(reply.reused, 0);
    http_close_played(h);
}

static void the_connection_is_used_again(void **state)
{
    HTTPClient *h =
        http_on_script(HTTP_ASKS("GET", "/1") //
                       "S: HTTP/1.1 200 OK\n"
                       "S: Transfer-Encoding: chunked\n"
                       "S:\nS: 3\nS: one\nS: 0\nS: T: x\nS:\n" //
                       HTTP_ASKS("HEAD", "/2") "S: HTTP/1.1 404 No\n"
                                               "S: Content-Length: 100\nS:\n" //
                       HTTP_ASKS("GET", "/3") "S: HTTP/1.1 204 No\nS:\n",
                       NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/1", &reply), 0);
    assert_string_equal(reply.body.data, "one");
    assert_string_equal(sc_fields_get(&reply.trailers, "t", ""), "x");
    assert_int_equal(http_client_head(h, "/2", &reply), 0);
    assert_int_equal(reply.status, 404);
    assert_int_equal(reply.body.len, 0);
    assert_int_equal(reply.trailers.n, 0);
    assert_int_equal(reply.reused, 1);
    assert_int_equal(http_client_get(h, "/3", &reply), 0);
    assert_int_equal(reply.status, 204);
    http_close_played(h);
}

static void a_body_is_sent_with_its_length(void **state)
{
    struct sc_span body = SC_SPAN("a=1"), none = {0};
    HTTPClient *h = http_on_script(
        "C: POST /f HTTP/1.1\n" HTTP_HOST "C: Content-Length: 3\nC:\nc: a=1\n"
        "S: HTTP/1.1 201 Made\n"
        "S: Content-Length: 0\nS:\n"
        "C: PUT /g HTTP/1.1\n" HTTP_HOST "C: Content-Length: 0\nC:\n"
        "S: HTTP/1.1 200 OK\n"
        "S: Content-Length: 0\nS:\n" //
        HTTP_ASKS("DELETE", "/h") "S: HTTP/1.1 200 OK\n"
                                  "S: Content-Length: 0\nS:\n",
        NULL);

    (void)state;
    assert_int_equal(http_client_command(h, "POST", "/f", body, &reply), 0);
    assert_int_equal(reply.status, 201);
    assert_int_equal(http_client_command(h, "PUT", "/g", none, &reply), 0);
    assert_int_equal(http_client_command(h, "DELETE", "/h", none, &reply), 0);
    assert_string_equal(reply.body.data, "");
    http_close_played(h);
}

static void interim_answers_are_skipped(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 100 Continue\nS:\n"
                                   "S: HTTP/1.1 103 Hints\nS: X: leaked\nS:\n"
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Content-Length: 2\nS:\ns: ok",
                                   NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), 0);
    assert_string_equal(http_header(&reply, "X", ""), "");
    assert_string_equal(reply.body.data, "ok");
    http_close_played(h);
}

static void seventeen_interim_answers_are_too_many(void **state)
{
    struct sc_buf script = SC_BUF(2000);
    HTTPClient *h;

    (void)state;
    assert_int_equal(sc_buf_addf(&script, "%s", HTTP_ASKS("GET", "/")), 0);
    for (int i = 0; i < 17; i++)
        assert_int_equal(sc_buf_addf(&script, "S: HTTP/1.1 102 Wait\nS:\n"), 0);
    h = http_on_script(script.data, NULL);
    assert_int_equal(http_client_get(h, "/", &reply), SC_ETOOBIG);
    assert_non_null(strstr(reply.error.text, "interim"));
    http_close(h);
    sc_buf_free(&script);
}

/* Each is the whole answer to "GET /"; the result is the code. */
static void bad_answers_break_the_client(void **state)
{
    static const struct {
        const char *answer;
        int code;
    } cases[] = {
        {"S: HTTP/1.1 101 Switching\nS:\n", SC_EPROTO},
        {"S: hello\n", SC_EPROTO},
        {"S: HTTP/1.1 200 OK\nS: no colon\nS:\n", SC_EPROTO},
        {"S: HTTP/1.1 200 OK\nS: Content-Length: 1\n"
         "S: Content-Length: 2\nS:\ns: ab",
         SC_EPROTO},
        {"S: HTTP/1.1 200 OK\nS: Content-Length: 5\nS:\ns: hell", SC_ESHORT},
        {"S: HTTP/1.1 200 OK\nS: X: y\n", SC_ESHORT},
        {"s: HTTP/1.", SC_ESHORT},
        {"S.\n", SC_EOF},
        {"S!\n", SC_ECONNRESET},
        {"S~\n", SC_ETIMEDOUT},
    };
    char script[500];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        HTTPClient *h;

        snprintf(script, sizeof script, "%s%s", HTTP_ASKS("GET", "/"),
                 cases[i].answer);
        h = http_on_script(script, NULL);
        if (http_client_get(h, "/", &reply) != cases[i].code)
            fail_msg("%s: %s", cases[i].answer, reply.error.text);
        assert_int_equal(reply.error.code, cases[i].code);
        assert_int_equal(http_client_get(h, "/", &reply), cases[i].code);
        http_close(h);
    }
}

static void bare_lf_is_let_pass_unless_strict(void **state)
{
    static const char script[] =
        HTTP_ASKS("GET", "/") "s: HTTP/1.1 200 OK\\nContent-Length: 2\\n\\nok";
    struct sc_options strict = {.flags = SC_OPT_STRICT_LINES};
    HTTPClient *h = http_on_script(script, NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), 0);
    assert_string_equal(reply.body.data, "ok");
    http_close_played(h);
    h = http_on_script(script, &strict);
    assert_true(http_client_get(h, "/", &reply) < 0);
    http_close(h);
}

static void bytes_after_an_answer_are_nobodys(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 204 No\nS:\n"
                                   "S: HTTP/1.1 200 EVIL\n"
                                   "S: Content-Length: 0\nS:\n",
                                   NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), 0);
    assert_int_equal(reply.status, 204);
    /* A script cannot be opened anew; what matters: no second answer. */
    assert_int_equal(http_client_get(h, "/", &reply), SC_ENOTSUP);
    assert_int_equal(reply.status, 0);
    http_close(h);
}

static void what_is_no_target_is_refused(void **state)
{
    static const char *const bad[] = {"", "/a b", "/a\r\nX: y", "/\x7f"};
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/ok") //
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(http_client_get(h, bad[i], &reply), SC_EINVAL);
    assert_int_equal(
        http_client_command(h, "G T", "/", (struct sc_span){0}, &reply),
        SC_EINVAL);
    assert_int_equal(http_client_get(h, "/ok", &reply), 0); /* in order */
    http_close_played(h);
}

static void getbody_appends_only_good_bodies(void **state)
{
    struct sc_buf body = SC_BUF(100);
    HTTPClient *h = http_on_script(
        HTTP_ASKS("GET", "/1") //
        "S: HTTP/1.1 200 OK\n"
        "S: Content-Length: 3\nS:\ns: one\n" //
        HTTP_ASKS("GET", "/2") "S: HTTP/1.1 404 No\n"
                               "S: Content-Length: 3\nS:\ns: bad\n" //
        HTTP_ASKS("GET", "/3") "S: HTTP/1.1 200 OK\n"
                               "S: Content-Length: 3\nS:\ns: two",
        NULL);

    (void)state;
    assert_int_equal(http_client_getbody(h, "/1", &body), 0);
    assert_int_equal(http_client_getbody(h, "/2", &body), SC_EREPLY);
    assert_non_null(strstr(sc_last_error(http_base(h))->text, "404"));
    assert_int_equal(http_client_getbody(h, "/3", &body), 0);
    assert_string_equal(body.data, "onetwo");
    sc_buf_free(&body);
    http_close_played(h);
}

static void a_bad_status_is_an_error_if_wanted(void **state)
{
    struct sc_options opt = {.flags = SC_OPT_FAIL_STATUS};
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 404 Not Found\n"
                                   "S: Content-Length: 3\nS:\ns: bad",
                                   &opt);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), SC_EREPLY);
    assert_int_equal(reply.status, 404);
    assert_string_equal(reply.body.data, "bad");
    assert_non_null(strstr(reply.error.text, "404 Not Found"));
    http_close_played(h);
}

static void the_body_limit_of_the_options_holds(void **state)
{
    struct sc_options opt = {.body_limit = 4};
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Content-Length: 5\nS:\ns: hello",
                                   &opt);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), SC_ETOOBIG);
    http_close(h);
}

static void bad_urls_are_refused_without_a_connection(void **state)
{
    static const char *const bad[] = {"",
                                      "http://",
                                      "http:///x",
                                      "http://host:99999/",
                                      "http://host:0/",
                                      "http://ho\nst/",
                                      "http://host/a\r\nX: y",
                                      "ftp://host/"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (http_get(bad[i], &reply) != SC_EURL)
            fail_msg("%s: %s", bad[i], reply.error.text);
        assert_int_equal(reply.error.code, SC_EURL);
        assert_int_not_equal(reply.error.text[0], '\0');
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(get_returns_status_fields_and_body, forget),
    cmocka_unit_test_teardown(the_connection_is_used_again, forget),
    cmocka_unit_test_teardown(a_body_is_sent_with_its_length, forget),
    cmocka_unit_test_teardown(interim_answers_are_skipped, forget),
    cmocka_unit_test_teardown(seventeen_interim_answers_are_too_many, forget),
    cmocka_unit_test_teardown(bad_answers_break_the_client, forget),
    cmocka_unit_test_teardown(bare_lf_is_let_pass_unless_strict, forget),
    cmocka_unit_test_teardown(bytes_after_an_answer_are_nobodys, forget),
    cmocka_unit_test_teardown(what_is_no_target_is_refused, forget),
    cmocka_unit_test_teardown(getbody_appends_only_good_bodies, forget),
    cmocka_unit_test_teardown(a_bad_status_is_an_error_if_wanted, forget),
    cmocka_unit_test_teardown(the_body_limit_of_the_options_holds, forget),
    cmocka_unit_test_teardown(bad_urls_are_refused_without_a_connection,
                              forget),
};

TEST_MAIN(tests)
