/* test_http_steps.c - what the steps of httplib can do besides: secrets, fields
 * left out, interim answers, upgrades, notes, counts, lines. */
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

static void a_second_request_does_not_disturb_the_first(void **state)
{
    HTTPClient *h = http_on_script("C: PUT /1 HTTP/1.1\n" HTTP_HOST
                                   "C: Content-Length: 2\nC:\nc: ab\n"
                                   "S: HTTP/1.1 201 First\n"
                                   "S: Content-Length: 0\nS:\n",
                                   NULL);

    (void)state;
    http_putrequest(h, "PUT", "/1");
    http_putheader(h, "Content-Length", "2");
    http_endheaders(h);
    assert_int_equal(http_putrequest(h, "GET", "/2"), SC_EINVAL);
    assert_int_equal(http_putheader(h, "X", "y"), SC_EINVAL);
    assert_int_equal(http_endheaders(h), SC_EINVAL);
    assert_int_equal(http_getreply(h, &reply), SC_EINVAL); /* of the second */
    assert_int_equal(http_send(h, "ab", 2), 0);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.status, 201);
    http_close_played(h);
}

/* --- fields --- */

static char traced[2000];

static void trace(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    if (direction == '>')
        snprintf(traced + strlen(traced), sizeof traced - strlen(traced),
                 "%.*s\n", (int)n, text);
}

static void secrets_are_sent_but_not_shown(void **state)
{
    struct sc_options opt = {.trace = trace};
    HTTPClient *h = http_on_script(
        "C: GET / HTTP/1.1\n" HTTP_HOST "C: A: 1\nC: X-Api-Key: hidden1\n"
        "C: Authorization: hidden2\nC: COOKIE: hidden3\nC: B: 2\n"
        "C: proxy-authorization: hidden4\nC:\n"
        "S: HTTP/1.1 204 No\nS:\n",
        &opt);
    size_t n;

    (void)state;
    traced[0] = '\0';
    http_putrequest(h, "GET", "/");
    http_putheader(h, "A", "1");
    http_putsecret(h, "X-Api-Key", "hidden1");
    http_putheader(h, "Authorization", "hidden2");
    http_putheader(h, "COOKIE", "hidden3");
    http_putheader(h, "B", "2");
    http_putheader(h, "proxy-authorization", "hidden4");
    n = h->more.len;
    assert_non_null(memmem(h->more.data, n, "hidden", 6));
    http_endheaders(h);
    assert_null(memmem(h->more.data, n, "hidden", 6)); /* wiped */
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_null(strstr(traced, "hidden"));
    assert_non_null(strstr(traced, "A: 1\n***\n***\n***\nB: 2\n***\n"));
    http_close_played(h);
}

static void fields_of_our_own_may_be_left_out(void **state)
{
    HTTPClient *h = http_on_script("C: GET /1 HTTP/1.1\nC: Host: script\nC:\n"
                                   "S: HTTP/1.1 204 No\nS:\n"
                                   "C: GET /2 HTTP/1.1\nC:\n"
                                   "S: HTTP/1.1 204 No\nS:\n" //
                                   HTTP_ASKS("GET", "/3")     //
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    http_putrequest(h, "GET", "/1");
    assert_int_equal(http_omit(h, "user-agent"), 0);
    assert_int_equal(http_omit(h, "Accept"), 0);
    http_endheaders(h);
    assert_int_equal(http_omit(h, "Host"), SC_EINVAL);
    assert_int_equal(http_getreply(h, &reply), SC_EINVAL);
    assert_int_equal(http_getreply(h, &reply), 0);
    http_putrequest(h, "GET", "/2");
    http_omit(h, "User-Agent");
    http_omit(h, "Accept");
    http_omit(h, "Host");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(http_client_get(h, "/3", &reply), 0); /* only there */
    http_close_played(h);
}

static void http_1_0_is_asked_and_ends_the_connection(void **state)
{
    HTTPClient *h = http_on_script("C: GET / HTTP/1.0\n" HTTP_HOST "C:\n"
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    h->version_10 = true;
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_false(http_reusable(h));
    h->version_10 = false;
    http_close_played(h);
}

/* --- what is no ordinary answer --- */

static int seen[4], n_seen;

static int see(void *arg, const struct http_reply *r)
{
    assert_ptr_equal(arg, seen);
    seen[n_seen++] = r->status;
    if (r->status == 103)
        assert_string_equal(http_header(r, "Link", ""), "</a>");
    return r->status == 199 ? -EIO : 0;
}

static void interim_answers_are_shown(void **state)
{
    HTTPClient *h =
        http_on_script(HTTP_ASKS("GET", "/") //
                       "S: HTTP/1.1 100 Continue\nS:\n"
                       "S: HTTP/1.1 103 Hints\nS: Link: </a>\nS:\n"
                       "S: HTTP/1.1 204 No\nS:\n" //
                       HTTP_ASKS("GET", "/") "S: HTTP/1.1 199 Stop\nS:\n",
                       NULL);

    (void)state;
    n_seen = 0;
    http_on_interim(h, see, seen);
    assert_int_equal(http_client_get(h, "/", &reply), 0);
    assert_int_equal(n_seen, 2);
    assert_int_equal(seen[0], 100);
    assert_int_equal(seen[1], 103);
    assert_string_equal(http_header(&reply, "Link", ""), "");
    assert_int_equal(http_client_get(h, "/", &reply), -EIO);
    assert_int_equal(sc_broken(http_base(h)), -EIO);
    http_close(h);
}

static void expect_raw(HTTPClient *h, const char *want)
{
    Stream *s = http_detach(h);
    char got[20] = "";

    assert_non_null(s);
    assert_int_equal(sc_stream_read(s, got, strlen(want), NULL), strlen(want));
    assert_string_equal(got, want);
    assert_int_equal(sc_broken(http_base(h)), SC_ECLOSED);
    assert_null(http_detach(h));
    sc_stream_close(s);
    http_close(h);
}

static void an_upgrade_hands_over_the_stream(void **state)
{
    HTTPClient *h = http_on_script(
        "C: GET /chat HTTP/1.1\n" HTTP_HOST
        "C: Connection: Upgrade\nC: Upgrade: odd\nC:\n"
        "S: HTTP/1.1 100 Wait\nS:\n"
        "S: HTTP/1.1 101 Switching\nS: Upgrade: odd\nS:\ns: first",
        NULL);

    (void)state;
    http_putrequest(h, "GET", "/chat");
    http_putheader(h, "Connection", "Upgrade");
    http_putheader(h, "Upgrade", "odd");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(reply.status, 101);
    assert_int_equal(reply.notes, 0);
    assert_false(http_reusable(h));
    expect_raw(h, "first");
}

static void an_upgrade_may_be_declined(void **state)
{
    HTTPClient *h =
        http_on_script("C: GET / HTTP/1.1\n" HTTP_HOST "C: Upgrade: odd\nC:\n"
                       "S: HTTP/1.1 204 No\nS:\n",
                       NULL);

    (void)state;
    http_putrequest(h, "GET", "/");
    http_putheader(h, "Upgrade", "odd");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_null(http_detach(h));
    assert_true(http_reusable(h));
    http_close_played(h);
}

static void connect_hands_over_the_stream(void **state)
{
    static const char ask[] = "C: CONNECT far:443 HTTP/1.1\n" HTTP_HOST "C:\n";
    char script[400];
    HTTPClient *h;

    (void)state;
    snprintf(script, sizeof script,
             "%sS: HTTP/1.1 200 OK\nS: Content-Length: 9\nS:\ns: raw", ask);
    h = http_on_script(script, NULL);
    http_putrequest(h, "CONNECT", "far:443");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_raw(h, "raw");
    snprintf(script, sizeof script,
             "%sS: HTTP/1.1 403 No\nS: Content-Length: 3\nS:\ns: why", ask);
    h = http_on_script(script, NULL);
    http_putrequest(h, "CONNECT", "far:443");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_null(http_detach(h));
    expect_file(h, "why");
    http_close_played(h);
}

/* --- what an answer tells besides --- */

static void retry_after_is_seconds_or_a_date(void **state)
{
    static const struct {
        const char *value;
        int64_t least, most;
    } cases[] = {{"120", 120000, 120000},
                 {"0", 0, 0},
                 {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 0}, /* long ago */
                 {"Fri, 31 Dec 9999 23:59:59 GMT", 1000, INT64_MAX},
                 {"soon", -1, -1},
                 {"-1", -1, -1},
                 {"99999999999", -1, -1}};
    char script[300];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        HTTPClient *h;

        snprintf(script, sizeof script,
                 "%sS: HTTP/1.1 503 Busy\nS: Retry-After: %s\n"
                 "S: Content-Length: 0\nS:\n",
                 HTTP_ASKS("GET", "/"), cases[i].value);
        h = http_on_script(script, NULL);
        assert_int_equal(http_client_get(h, "/", &reply), 0);
        if (reply.retry_after_ms < cases[i].least ||
            reply.retry_after_ms > cases[i].most)
            fail_msg("%s: %ld", cases[i].value, (long)reply.retry_after_ms);
        http_close_played(h);
    }
}

static void notes_do_not_outlive_their_answer(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/1")            //
                                   "S: HTTP/1.1 204\nS: X : y\nS:\n" //
                                   HTTP_ASKS("GET", "/2")            //
                                   "S: HTTP/1.1 204 No\nS:\n",
                                   NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/1", &reply), 0);
    assert_int_equal(reply.notes,
                     HTTP_NOTE_NO_REASON_SPACE | HTTP_NOTE_SPACE_COLON);
    assert_int_equal(http_client_get(h, "/2", &reply), 0);
    assert_int_equal(reply.notes, 0);
    assert_int_equal(reply.retry_after_ms, -1);
    http_close_played(h);
}

static void every_note_has_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 13; i++) {
        assert_string_not_equal(http_note_text(1u << i), "");
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(http_note_text(1u << i),
                                    http_note_text(1u << j));
    }
    assert_string_equal(http_note_text(1u << 13), "");
    assert_string_equal(http_note_text(3), "");
}

static void bytes_and_times_are_counted(void **state)
{
    static const char asked[] = "POST /f HTTP/1.1\r\nHost: script\r\n"
                                "User-Agent: simpleclient/0.1.0\r\n"
                                "Accept: */*\r\nContent-Length: 3\r\n\r\n";
    static const char head[] = "HTTP/1.1 200 OK\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    struct sc_span body = SC_SPAN("abc");
    HTTPClient *h = http_on_script(
        "C: POST /f HTTP/1.1\n" HTTP_HOST "C: Content-Length: 3\nC:\nc: abc\n"
        "S: HTTP/1.1 200 OK\nS: Transfer-Encoding: chunked\nS:\n"
        "S: 5\nS: hello\nS: 0\nS:\n",
        NULL);

    (void)state;
    assert_int_equal(http_client_command(h, "POST", "/f", body, &reply), 0);
    assert_int_equal(h->count.head_sent, sizeof asked - 1);
    assert_int_equal(h->count.body_sent, 3);
    assert_int_equal(h->count.head_got, sizeof head - 1);
    assert_int_equal(h->count.body_got, 5);
    assert_true(h->count.sent > 0);
    assert_true(h->count.first >= h->count.sent);
    assert_true(h->ended >= h->count.first);
    http_close_played(h);
}

/* --- the body --- */

static void trailers_of_a_file_are_kept(void **state)
{
    HTTPClient *h = http_on_script(HTTP_ASKS("GET", "/") //
                                   "S: HTTP/1.1 200 OK\n"
                                   "S: Transfer-Encoding: chunked\nS:\n"
                                   "S: 2\nS: ok\nS: 0\nS: Sum: 7\nS:\n",
                                   NULL);

    (void)state;
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(http_gettrailers(h)->n, 0);
    expect_file(h, "ok");
    assert_string_equal(sc_fields_get(http_gettrailers(h), "sum", ""), "7");
    http_close_played(h);
}

static void expect_line(HTTPClient *h, const char *want)
{
    struct sc_span line;

    assert_int_equal(http_getline(h, &line), 0);
    if (!sc_span_eq(line, want))
        fail_msg("\"%.*s\", not \"%s\"", (int)line.len, line.data, want);
}

static void a_body_is_read_line_by_line(void **state)
{
    HTTPClient *h = http_on_script(
        HTTP_ASKS("GET", "/") "S: HTTP/1.1 200 OK\n"
                              "S: Transfer-Encoding: chunked\nS:\n"
                              "s: 6\\r\\none\\r\\nt\\r\\n\n"
                              "s: 8\\r\\nwo\\n\\nthre\\r\\n1\\r\\ne\\r\\n\n"
                              "S: 0\nS:\n" //
        HTTP_ASKS("GET", "/2") "S: HTTP/1.1 204 No\nS:\n",
        NULL);
    struct sc_span line;

    (void)state;
    assert_int_equal(http_getline(h, &line), SC_EINVAL);
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_line(h, "one");
    expect_line(h, "two");
    expect_line(h, "");
    expect_line(h, "three");
    assert_int_equal(http_getline(h, &line), SC_EOF);
    assert_int_equal(http_getline(h, &line), SC_EOF);
    assert_int_equal(http_client_get(h, "/2", &reply), 0);
    http_close_played(h);
}

static void a_line_beyond_its_limit_is_too_big(void **state)
{
    struct sc_options opt = {.line_limit = 20};
    HTTPClient *h = http_on_script(
        HTTP_ASKS("GET", "/") "S: HTTP/1.1 200 OK\nS: Content-Length: 99\nS:\n"
                              "S: 12345678901234567890\n"
                              "s: 123456789012345678901\\n123456",
        &opt);
    struct sc_span line;

    (void)state;
    http_putrequest(h, "GET", "/");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    expect_line(h, "12345678901234567890");
    assert_int_equal(http_getline(h, &line), SC_ETOOBIG);
    assert_int_equal(sc_broken(http_base(h)), SC_ETOOBIG);
    http_close(h);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(a_second_request_does_not_disturb_the_first,
                              forget),
    cmocka_unit_test_teardown(secrets_are_sent_but_not_shown, forget),
    cmocka_unit_test_teardown(fields_of_our_own_may_be_left_out, forget),
    cmocka_unit_test_teardown(http_1_0_is_asked_and_ends_the_connection,
                              forget),
    cmocka_unit_test_teardown(interim_answers_are_shown, forget),
    cmocka_unit_test_teardown(an_upgrade_hands_over_the_stream, forget),
    cmocka_unit_test_teardown(an_upgrade_may_be_declined, forget),
    cmocka_unit_test_teardown(connect_hands_over_the_stream, forget),
    cmocka_unit_test_teardown(retry_after_is_seconds_or_a_date, forget),
    cmocka_unit_test_teardown(notes_do_not_outlive_their_answer, forget),
    cmocka_unit_test_teardown(every_note_has_words, forget),
    cmocka_unit_test_teardown(bytes_and_times_are_counted, forget),
    cmocka_unit_test_teardown(trailers_of_a_file_are_kept, forget),
    cmocka_unit_test_teardown(a_body_is_read_line_by_line, forget),
    cmocka_unit_test_teardown(a_line_beyond_its_limit_is_too_big, forget),
};

TEST_MAIN(tests)
