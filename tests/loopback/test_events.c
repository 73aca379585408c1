/* test_events.c - server-sent events from a server: asked for as such, each at
 * once, with an idle limit. */
#include "main.h"

#include <simpleclient/http_session.h>

#include "http_peer.h"

#define STREAM                                                                 \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"

static struct peer a;
static struct http_reply reply;
static struct sc_options opt;
static char url[96], got[256];
static int stop_at; /* the event whose reader says no; 0: none */

static int start(void **state)
{
    (void)state;
    got[0] = '\0';
    stop_at = 0;
    opt = (struct sc_options){0};
    peer_start(&a, NULL);
    snprintf(url, sizeof url, "%s/x", a.base);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    peer_stop(&a);
    sc_run();
    return 0;
}

static int note(void *arg, const struct http_event *e)
{
    size_t n = strlen(got);

    ++*(int *)arg;
    snprintf(got + n, sizeof got - n, "[%s|%s]", e->type, e->data.data);
    return stop_at == *(int *)arg ? SC_EINVAL : 0;
}

static int listen_to(int64_t *retry_ms)
{
    struct http_request q = {.url = url, .options = &opt};
    int n = 0;

    return http_events(&q, note, &n, retry_ms, &reply);
}

static void events_come_until_the_server_ends(void **state)
{
    int64_t retry = 0;

    (void)state;
    peer_on(&a, "/x",
            "!" STREAM "\r\nretry: 250\ndata: 1\n\nevent: e\ndata: 2\n\n");
    if (listen_to(&retry) < 0)
        fail_msg("%s", reply.error.text);
    assert_string_equal(got, "[message|1][e|2]");
    assert_int_equal(retry, 250);
    assert_string_equal(peer_saw(&a, 0, "Accept"), "text/event-stream");
    assert_string_equal(peer_saw(&a, 0, "Cache-Control"), "no-cache");
}

static void events_come_in_chunks_too(void **state)
{
    (void)state;
    peer_on(&a, "/x",
            STREAM "Transfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n"
                   "4\r\n12\n\n\r\n0\r\n\r\n");
    assert_int_equal(listen_to(NULL), 0);
    assert_string_equal(got, "[message|12]");
}

static void each_event_is_given_at_once(void **state)
{
    (void)state;
    stop_at = 1;
    peer_on(&a, "/x", STREAM "\r\ndata: 1\n\n"); /* and the server waits */
    assert_int_equal(listen_to(NULL), SC_EINVAL);
    assert_string_equal(got, "[message|1]");
}

static void silence_ends_at_the_limit(void **state)
{
    int64_t begin = sc_now();

    (void)state;
    opt.stall_ms = 150;
    peer_on(&a, "/x", STREAM "\r\ndata: 1\n\n");
    assert_int_equal(listen_to(NULL), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begin, 140, 3000);
    assert_string_equal(got, "[message|1]");
}

static void a_few_bytes_now_and_then_are_no_silence(void **state)
{
    (void)state;
    opt.stall_ms = 200;
    peer_on(&a, "/x",
            "~" STREAM "Content-Length: 100\r\n\r\n"
            ":234567\n:234567\n:234567\n:234567\n:234567\n:234567\n"
            ":234567\n:234567\n:234567\n:234567\n:234567\n:234567\n\n\n\n\n");
    if (listen_to(NULL) < 0)
        fail_msg("%s", reply.error.text);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "Content-Type: text/html\r\n", "<p>");
    peer_says(&a, "/x", "200 OK", "Content-Type: text/html\r\n", "");
    peer_says(&a, "/x", "503 Busy", "Content-Type: text/event-stream\r\n",
              "data: x\n\n");
    peer_says(&a, "/x", "204 None", "", "");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(listen_to(NULL), SC_EREPLY);
        assert_non_null(strstr(reply.error.text, "/x: no stream of events"));
    }
    assert_int_equal(reply.status, 204);
    assert_string_equal(got, "");
}

static void an_endless_event_names_its_limit(void **state)
{
    (void)state;
    opt.body_limit = 16;
    peer_on(&a, "/x", STREAM "\r\ndata: 12345678901234567890\n\n");
    assert_int_equal(listen_to(NULL), SC_ETOOBIG);
    assert_non_null(strstr(reply.error.text, "limit of 16 bytes"));
}

static void a_stream_is_longer_than_the_limit_of_a_body(void **state)
{
    (void)state;
    opt.body_limit = 16;
    peer_on(&a, "/x",
            "!" STREAM "\r\ndata: 12345\n\ndata: 67890\n\ndata: 1\n\n");
    assert_int_equal(listen_to(NULL), 0);
    assert_string_equal(got, "[message|12345][message|67890][message|1]");
}

static void redirects_are_followed(void **state)
{
    (void)state;
    peer_says(&a, "/x", "302 Go", "Location: /y\r\n", "go");
    peer_on(&a, "/y", "!" STREAM "\r\ndata: 1\n\n");
    assert_int_equal(listen_to(NULL), 0);
    assert_string_equal(got, "[message|1]");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(events_come_until_the_server_ends),
    TEST(events_come_in_chunks_too),
    TEST(each_event_is_given_at_once),
    TEST(silence_ends_at_the_limit),
    TEST(a_few_bytes_now_and_then_are_no_silence),
    TEST(anything_else_is_refused),
    TEST(an_endless_event_names_its_limit),
    TEST(a_stream_is_longer_than_the_limit_of_a_body),
    TEST(redirects_are_followed),
};

TEST_MAIN(tests)
