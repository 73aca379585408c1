/* test_http_request.c - one call: its fields in curl's order, bodies from
 * memory and sources, Expect, ranges, limits, other tries. The requests that are
 * expected are those of curl 7.88.1 for the same options, seen by a listener;
 * the name of the program is ours. */
#include "main.h"

#include <simpleclient/http_session.h>

#include "http_peer.h"

static struct peer a;
static struct http_reply reply;
static struct sc_fields head;
static struct sc_options opt;

static int start(void **state)
{
    (void)state;
    opt = (struct sc_options){0};
    peer_start(&a, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    sc_fields_free(&head);
    peer_stop(&a);
    sc_run();
    return 0;
}

static void field(const char *name, const char *value)
{
    assert_int_equal(sc_fields_add(&head, sc_span_of(name), sc_span_of(value)),
                     0);
}

static int ask(struct http_request q, const char *path)
{
    char url[128];

    snprintf(url, sizeof url, "%s%s", a.base, path);
    q.url = url;
    if (q.options == NULL)
        q.options = &opt;
    if (head.n > 0)
        q.head = &head;
    return http_request(&q, &reply);
}

static void expect(struct http_request q, const char *path, const char *body)
{
    if (ask(q, path) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_string_equal(reply.body.data, body);
}

/* The I-th request is REQUEST, in which %d is the port. */
static void sent(int i, const char *request)
{
    char text[1200];

    snprintf(text, sizeof text, request, a.port);
    assert_true(i < a.seen);
    assert_string_equal(a.head[i].data, text);
}

/* --- fields in curl's order --- */

static void a_plain_get_is_curls(void **state)
{
    (void)state;
    peer_says(&a, "/get", "200 OK", "", "x");
    expect((struct http_request){.agent = "curl/7.88.1"}, "/get", "x");
    sent(0, "GET /get HTTP/1.1\nHost: 127.0.0.1:%d\n"
            "User-Agent: curl/7.88.1\nAccept: */*\n");
    expect((struct http_request){0}, "/get", "x");
    sent(1, "GET /get HTTP/1.1\nHost: 127.0.0.1:%d\n"
            "User-Agent: simpleclient/0.1.0\nAccept: */*\n");
}

/* curl -b n=v -z DATE -r 0-5 -e http://ref/ -u joe:pw -H "X-A: b" -A agent */
static void all_fields_of_a_get_are_in_curls_order(void **state)
{
    struct http_request q = {.cookies = "n=v",
                             .if_modified_since = 784111777,
                             .range = "0-5",
                             .referer = "http://ref/",
                             .agent = "agent",
                             .options = &opt};

    (void)state;
    opt.user = "joe";
    opt.password = "pw";
    field("X-A", "b");
    peer_says(&a, "/all", "200 OK", "", "x");
    expect(q, "/all", "x");
    sent(0, "GET /all HTTP/1.1\nHost: 127.0.0.1:%d\n"
            "Authorization: Basic am9lOnB3\nRange: bytes=0-5\n"
            "User-Agent: agent\nAccept: */*\nReferer: http://ref/\n"
            "Cookie: n=v\n"
            "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\nX-A: b\n");
}

/* curl --compressed */
static void codings_are_asked_for_as_built(void **state)
{
    (void)state;
    peer_says(&a, "/z", "200 OK", "", "x");
    expect((struct http_request){.flags = HTTP_COMPRESSED, .agent = "c"}, "/z",
           "x");
    if (!sc_coding_known(SC_CODING_BR) || !sc_coding_known(SC_CODING_ZSTD) ||
        !sc_coding_known(SC_CODING_GZIP))
        return;
    sent(0, "GET /z HTTP/1.1\nHost: 127.0.0.1:%d\nUser-Agent: c\nAccept: */*\n"
            "Accept-Encoding: deflate, gzip, br, zstd\n");
}

/* curl -d a=1 */
static void a_post_tells_length_then_type(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"),
                             .type = "application/x-www-form-urlencoded",
                             .agent = "c"};

    (void)state;
    peer_says(&a, "/post", "200 OK", "", "x");
    expect(q, "/post", "x");
    sent(0, "POST /post HTTP/1.1\nHost: 127.0.0.1:%d\nUser-Agent: c\n"
            "Accept: */*\nContent-Length: 3\n"
            "Content-Type: application/x-www-form-urlencoded\n");
    assert_string_equal(a.body[0].data, "a=1");
}

/* curl -H "Host: other" -H "User-Agent: me" -H "X: y" -H "Accept: q" -H
 * "Content-Type: z" -H "Content-Length: 3" -d a=1 */
static void the_callers_fields_replace_ours(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .type = "form"};

    (void)state;
    field("Host", "other");
    field("User-Agent", "me");
    field("X", "y");
    field("Accept", "q");
    field("Content-Type", "z");
    field("Content-Length", "3");
    peer_says(&a, "/own", "200 OK", "", "x");
    expect(q, "/own", "x");
    sent(0, "POST /own HTTP/1.1\nHost: other\nUser-Agent: me\nX: y\nAccept: q\n"
            "Content-Type: z\nContent-Length: 3\n");
}

/* curl -H "Cookie: my=1" -b n=v -H "Range: bytes=1-2" -r 3-4 -H "Authorization:
 * Foo" -u a:b -H "Referer: q" -e http://r/ */
static void they_replace_those_of_options_too(void **state)
{
    struct http_request q = {.cookies = "n=v",
                             .range = "3-4",
                             .referer = "http://r/",
                             .agent = "c",
                             .options = &opt};

    (void)state;
    opt.user = "a";
    field("Cookie", "my=1");
    field("Range", "bytes=1-2");
    field("Authorization", "Foo");
    field("Referer", "q");
    peer_says(&a, "/dup", "200 OK", "", "x");
    expect(q, "/dup", "x");
    sent(0, "GET /dup HTTP/1.1\nHost: 127.0.0.1:%d\nUser-Agent: c\n"
            "Accept: */*\nCookie: my=1\nRange: bytes=1-2\n"
            "Authorization: Foo\nReferer: q\n");
}

/* curl -H Accept: -H User-Agent: -H Host: */
static void fields_are_left_out_on_demand(void **state)
{
    (void)state;
    peer_says(&a, "/omit", "200 OK", "", "x");
    expect((struct http_request){.omit = "Accept, user-agent,Host"}, "/omit",
           "x");
    sent(0, "GET /omit HTTP/1.1\n");
}

/* curl -T FILE (4 bytes) */
static void an_upload_expects_100_last(void **state)
{
    struct http_request q = {.method = "PUT",
                             .body = SC_SPAN("a=b\n"),
                             .flags = HTTP_EXPECT,
                             .agent = "c"};

    (void)state;
    peer_says(&a, "/put", "200 OK", "", "x");
    expect(q, "/put", "x");
    sent(0, "PUT /put HTTP/1.1\nHost: 127.0.0.1:%d\nUser-Agent: c\n"
            "Accept: */*\nContent-Length: 4\nExpect: 100-continue\n");
    assert_string_equal(a.body[0].data, "a=b\n");
}

static ssize_t no_more(void *arg, void *buf, size_t n)
{
    const char **p = arg;
    size_t len = strlen(*p);

    assert_true(len <= n);
    memcpy(buf, *p, len);
    *p += len;
    return (ssize_t)len;
}

/* echo x | curl -T - */
static void an_unknown_length_goes_in_chunks(void **state)
{
    const char *text = "x\n";
    struct http_source s = {
        .length = HTTP_UNKNOWN, .read = no_more, .arg = &text};

    (void)state;
    peer_says(&a, "/put", "200 OK", "", "x");
    expect((struct http_request){.method = "PUT", .source = &s, .agent = "c"},
           "/put", "x");
    sent(0, "PUT /put HTTP/1.1\nHost: 127.0.0.1:%d\nUser-Agent: c\n"
            "Accept: */*\nTransfer-Encoding: chunked\n"
            "Expect: 100-continue\n");
    assert_string_equal(a.body[0].data, "x\n");
}

/* curl -0 -d x=1 */
static void version_10_is_asked_for(void **state)
{
    struct http_request q = {
        .body = SC_SPAN("x=1"), .flags = HTTP_VERSION_10, .agent = "c"};

    (void)state;
    peer_on(&a, "/v10", "!HTTP/1.0 200 OK\r\n\r\nx");
    expect(q, "/v10", "x");
    sent(0, "POST /v10 HTTP/1.0\nHost: 127.0.0.1:%d\nUser-Agent: c\n"
            "Accept: */*\nContent-Length: 3\n");
}

/* curl -z -DATE */
static void the_unmodified_is_asked_for(void **state)
{
    (void)state;
    peer_says(&a, "/u", "412 Changed", "", "");
    expect((struct http_request){.if_unmodified_since = 784111777}, "/u", "");
    assert_string_equal(peer_saw(&a, 0, "If-Unmodified-Since"),
                        "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(reply.status, 412);
}

/* Statement 49. */
static void methods_with_a_body_tell_its_absence(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};

    (void)state;
    peer_says(&a, "/e", "200 OK", "", "x");
    for (int i = 0; i < 4; i++) {
        expect((struct http_request){.method = methods[i]}, "/e", "x");
        if (i < 3)
            assert_string_equal(peer_saw(&a, i, "Content-Length"), "0");
        else
            assert_null(peer_saw(&a, i, "Content-Length"));
        assert_null(peer_saw(&a, i, "Expect"));
    }
}

/* Statement 48. */
static void there_is_one_host_without_zone_or_usual_port(void **state)
{
    (void)state;
    field("host", "a.example");
    field("HOST", "b.example");
    peer_says(&a, "/h", "200 OK", "", "x");
    expect((struct http_request){0}, "/h", "x");
    sent(0, "GET /h HTTP/1.1\nHost: a.example\n"
            "User-Agent: simpleclient/0.1.0\nAccept: */*\n");
}

/* Statement 46. */
static void line_ends_in_any_part_are_refused_before_a_byte(void **state)
{
    const struct http_request bad[] = {{.method = "GET\r\nX: y"},
                                       {.method = "G T"},
                                       {.target = "/a b"},
                                       {.target = "/\r\nX: y"},
                                       {.agent = "a\r\nX: y"},
                                       {.range = "1-2\r\nX: y"},
                                       {.referer = "http://a/\r\nX: y"},
                                       {.bearer = "t\r\nX: y"},
                                       {.cookies = "a=b\nX: y"},
                                       {.type = "a\nb", .method = "POST"},
                                       {.method = "POST", .type = "a\rb"}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (ask(bad[i], "/x") != SC_EINVAL)
            fail_msg("%zu: %s", i, reply.error.text);
    assert_int_equal(ask((struct http_request){0}, "/a b"), SC_EURL);
    assert_int_equal(ask((struct http_request){0}, "/\r\nX: y"), SC_EURL);
    assert_int_equal(a.seen, 0);
}

/* --- Expect (statement 40), early answers (39) --- */

static void after_417_it_is_asked_again_without(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .flags = HTTP_EXPECT};

    (void)state;
    peer_on(&a, "/x",
            "^HTTP/1.1 417 No\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
    peer_says(&a, "/x", "200 OK", "", "x");
    expect(q, "/x", "x");
    assert_non_null(peer_saw(&a, 0, "Expect"));
    assert_null(peer_saw(&a, 1, "Expect"));
    assert_string_equal(a.body[1].data, "a=1");
}

static void silence_does_not_keep_the_body_back(void **state)
{
    struct http_request q = {
        .body = SC_SPAN("a=1"), .flags = HTTP_EXPECT, .expect_ms = 50};

    (void)state;
    a.mute = true;
    peer_says(&a, "/x", "200 OK", "", "x");
    expect(q, "/x", "x");
    assert_string_equal(a.body[0].data, "a=1");
}

static void a_refusal_at_the_head_spares_the_body(void **state)
{
    const char *text = "never read";
    struct http_source s = {.length = 10, .read = no_more, .arg = &text};

    (void)state;
    peer_on(&a, "/x", "^HTTP/1.1 413 Big\r\nContent-Length: 3\r\n\r\nbig");
    expect((struct http_request){.source = &s, .flags = HTTP_EXPECT}, "/x",
           "big");
    assert_int_equal(reply.status, 413);
    assert_string_equal(text, "never read");
}

static void expect_is_never_sent_without_a_body(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "x");
    expect((struct http_request){.method = "POST", .flags = HTTP_EXPECT}, "/x",
           "x");
    assert_null(peer_saw(&a, 0, "Expect"));
}

/* --- ranges (statement 54) --- */

static void part(const char *path, const char *range, const char *body)
{
    char fields[100];

    snprintf(fields, sizeof fields, "Content-Range: %s\r\n", range);
    peer_says(&a, path, "206 Part", fields, body);
}

static void a_part_must_be_the_one_asked_for(void **state)
{
    (void)state;
    part("/ok", "bytes 2-4/10", "cde");
    part("/other", "bytes 3-5/10", "def");
    part("/long", "bytes 2-5/10", "cdef");
    part("/short", "bytes 2-4/10", "cd");
    part("/junk", "bytes x", "cde");
    peer_says(&a, "/none", "206 Part", "", "cde");
    expect((struct http_request){.range = "2-4"}, "/ok", "cde");
    assert_int_equal(reply.status, 206);
    assert_int_equal(ask((struct http_request){.range = "2-4"}, "/other"),
                     SC_EPROTO);
    assert_non_null(strstr(reply.error.text, "not the range asked for"));
    assert_int_equal(ask((struct http_request){.range = "2-4"}, "/long"),
                     SC_EPROTO);
    assert_int_equal(ask((struct http_request){.range = "2-4"}, "/short"),
                     SC_EPROTO);
    assert_int_equal(ask((struct http_request){.range = "2-4"}, "/junk"),
                     SC_EPROTO);
    assert_int_equal(ask((struct http_request){.range = "2-4"}, "/none"),
                     SC_EPROTO);
}

static void the_whole_for_a_range_is_told_as_200(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "abcdef");
    expect((struct http_request){.range = "2-4"}, "/x", "abcdef");
    assert_int_equal(reply.status, 200);
}

static void a_range_beyond_the_end_is_416(void **state)
{
    (void)state;
    peer_says(&a, "/x", "416 No", "Content-Range: bytes */6\r\n", "");
    expect((struct http_request){.range = "10-"}, "/x", "");
    assert_int_equal(reply.status, 416);
    assert_string_equal(http_header(&reply, "Content-Range", ""), "bytes */6");
}

/* --- limits, failures by status --- */

static int count(void *arg, const void *p, size_t n)
{
    (void)p;
    *(size_t *)arg += n;
    return 0;
}

static void a_body_beyond_its_limit_is_refused_at_its_length(void **state)
{
    size_t got = 0;

    (void)state;
    peer_says(&a, "/x", "200 OK", "", "0123456789");
    assert_int_equal(ask((struct http_request){.max_body = 9,
                                               .sink = count,
                                               .sink_arg = &got},
                         "/x"),
                     SC_ETOOBIG);
    assert_int_equal(got, 0);
    assert_non_null(strstr(reply.error.text, "beyond its limit of 9"));
    expect((struct http_request){.max_body = 10}, "/x", "0123456789");
}

static void or_while_it_comes(void **state)
{
    size_t got = 0;

    (void)state;
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\n\r\n0123456789");
    assert_int_equal(ask((struct http_request){.max_body = 9,
                                               .sink = count,
                                               .sink_arg = &got},
                         "/x"),
                     SC_ETOOBIG);
    assert_int_equal(got, 9);
    assert_int_equal(ask((struct http_request){.max_body = 4}, "/x"),
                     SC_ETOOBIG);
    assert_string_equal(reply.body.data, "0123");
}

static int stop_it(void *arg, const void *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    return -ENOSPC;
}

static void what_a_sink_returns_is_returned(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "0123456789");
    assert_int_equal(ask((struct http_request){.sink = stop_it}, "/x"),
                     -ENOSPC);
    assert_int_equal(reply.status, 200);
}

static void a_failing_status_is_an_error_on_demand(void **state)
{
    size_t got = 0;

    (void)state;
    opt.flags = SC_OPT_FAIL_STATUS;
    peer_says(&a, "/x", "404 None", "", "not here");
    peer_says(&a, "/y", "200 OK", "", "here");
    assert_int_equal(
        ask((struct http_request){.sink = count, .sink_arg = &got}, "/x"),
        SC_EREPLY);
    assert_int_equal(got, 0);
    assert_int_equal(reply.status, 404);
    assert_string_equal(reply.body.data, "not here");
    assert_non_null(strstr(reply.error.text, ": 404 None"));
    expect((struct http_request){0}, "/y", "here");
    assert_int_equal(a.connections, 1);
}

/* --- other tries (row 117) --- */

static struct http_retry twice = {.times = 2, .delay_ms = 1};

static void an_overloaded_server_is_asked_again(void **state)
{
    size_t got = 0;

    (void)state;
    peer_says(&a, "/x", "503 Busy", "", "busy");
    peer_says(&a, "/x", "200 OK", "", "fine");
    expect((struct http_request){.retry = &twice}, "/x", "fine");
    assert_int_equal(reply.nhops, 2);
    assert_int_equal(reply.hops[0].status, 503);
    assert_int_equal(a.connections, 1);
    a.rules[0].used = false;
    assert_int_equal(ask((struct http_request){.retry = &twice,
                                               .sink = count,
                                               .sink_arg = &got},
                         "/x"),
                     0);
    assert_int_equal(got, 4); /* not the words of the 503 */
}

static void tries_are_counted(void **state)
{
    (void)state;
    peer_says(&a, "/x", "503 Busy", "", "busy");
    expect((struct http_request){.retry = &twice}, "/x", "busy");
    assert_int_equal(a.seen, 3);
    assert_int_equal(reply.status, 503);
}

static void other_statuses_are_answers(void **state)
{
    (void)state;
    peer_says(&a, "/x", "404 None", "", "none");
    expect((struct http_request){.retry = &twice}, "/x", "none");
    assert_int_equal(a.seen, 1);
}

static void a_post_is_tried_again_only_if_that_is_said(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .retry = &twice};

    (void)state;
    peer_says(&a, "/x", "503 Busy", "", "busy");
    peer_says(&a, "/x", "200 OK", "", "fine");
    expect(q, "/x", "busy");
    a.rules[0].used = false;
    q.flags = HTTP_IDEMPOTENT;
    expect(q, "/x", "fine");
    assert_string_equal(a.body[2].data, "a=1");
}

static void a_timeout_is_tried_again(void **state)
{
    (void)state;
    opt.wait_ms = 100;
    peer_on(&a, "/x", "HTTP/1.1 ");
    peer_says(&a, "/x", "200 OK", "", "fine");
    expect((struct http_request){.retry = &twice}, "/x", "fine");
    assert_int_equal(reply.hops[0].rc, SC_ETIMEDOUT);
}

static void what_the_sink_has_is_not_fetched_again(void **state)
{
    struct http_retry all = {.times = 2, .delay_ms = 1, .all = 1};
    size_t got = 0;

    (void)state;
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    assert_int_equal(ask((struct http_request){.retry = &all,
                                               .sink = count,
                                               .sink_arg = &got},
                         "/x"),
                     SC_ESHORT);
    assert_int_equal(a.seen, 1);
    assert_int_equal(ask((struct http_request){.retry = &all}, "/x"),
                     SC_ESHORT);
    assert_int_equal(a.seen, 4);
    assert_string_equal(reply.body.data, "abc");
}

static int begin_anew(void *arg)
{
    struct sc_buf *b = arg;

    b->len = 0;
    return 0;
}

static int refuse_anew(void *arg)
{
    (void)arg;
    return -EIO;
}

/* What a sink has got stays there, unless it can be begun anew. */
static void a_sink_may_be_begun_anew(void **state)
{
    struct http_retry all = {.times = 1, .delay_ms = 1, .all = 1};
    struct sc_buf got = SC_BUF(0);
    struct http_request q = {
        .retry = &all, .sink = sc_buf_sink, .sink_arg = &got};
    static const char cut[] =
        "!HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";

    (void)state;
    peer_on(&a, "/x", cut);
    peer_says(&a, "/x", "200 OK", "", "whole body");
    assert_int_equal(ask(q, "/x"), SC_ESHORT);
    assert_int_equal(got.len, 4);
    q.again = refuse_anew;
    peer_on(&a, "/y", cut);
    assert_int_equal(ask(q, "/y"), -EIO);
    got.len = 0;
    q.again = begin_anew;
    peer_on(&a, "/z", cut);
    peer_says(&a, "/z", "200 OK", "", "whole body");
    assert_int_equal(ask(q, "/z"), 0);
    assert_string_equal(got.data, "whole body");
    sc_buf_free(&got);
}

static void refused_connections_are_tried_again_on_demand(void **state)
{
    struct sc_listener *gone = sc_listen("127.0.0.1:0", NULL);
    struct http_retry r = {.times = 1, .delay_ms = 1};
    char url[96];
    struct http_request q = {.url = url, .retry = &r};

    (void)state;
    snprintf(url, sizeof url, "http://%s/", sc_listener_name(gone));
    sc_listener_close(gone);
    assert_int_equal(http_request(&q, &reply), SC_ECONNREFUSED);
    assert_int_equal(reply.nhops, 1);
    r.refused = 1;
    assert_int_equal(http_request(&q, &reply), SC_ECONNREFUSED);
    assert_int_equal(reply.nhops, 2);
}

struct told {
    int n;
    int64_t wait_ms;
};

static int tell(void *arg, const struct http_reply *r, int64_t wait_ms)
{
    struct told *t = arg;

    assert_int_equal(r->status, 503);
    t->n++;
    t->wait_ms = wait_ms;
    return -1;
}

static void the_caller_is_told_and_may_say_no(void **state)
{
    struct told t = {0, 0};
    struct http_retry r = {.times = 5, .told = tell, .told_arg = &t};

    (void)state;
    peer_says(&a, "/x", "503 Busy", "Retry-After: 7\r\n", "busy");
    expect((struct http_request){.retry = &r}, "/x", "busy");
    assert_int_equal(t.n, 1);
    assert_int_equal(t.wait_ms, 7000);
    assert_int_equal(reply.retry_after_ms, 7000);
}

static void no_try_begins_that_would_end_too_late(void **state)
{
    struct http_retry r = {.times = 5, .max_ms = 500};
    int64_t begin = sc_now();

    (void)state;
    peer_says(&a, "/x", "503 Busy", "", "busy");
    expect((struct http_request){.retry = &r}, "/x", "busy");
    r.max_ms = 0;
    opt.total_ms = 500;
    expect((struct http_request){.retry = &r}, "/x", "busy");
    assert_int_equal(a.seen, 2);
    assert_true(sc_now() - begin < 900);
}

/* --- cookies (row 89) --- */

static void cookies_go_back_to_where_they_came_from(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s, .cookies = "own=2"};

    (void)state;
    assert_non_null(http_session_cookies(s));
    peer_says(&a, "/set", "302 Go",
              "Set-Cookie: sid=1\r\nSet-Cookie: p=x; Path=/other\r\n"
              "Location: /get\r\n",
              "");
    peer_says(&a, "/get", "200 OK", "", "x");
    expect(q, "/set", "x");
    assert_string_equal(peer_saw(&a, 0, "Cookie"), "own=2");
    assert_string_equal(peer_saw(&a, 1, "Cookie"), "sid=1; own=2");
    http_session_free(s);
}

static void without_a_jar_none_are_kept(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s};

    (void)state;
    peer_says(&a, "/set", "302 Go", "Set-Cookie: sid=1\r\nLocation: /get\r\n",
              "");
    peer_says(&a, "/get", "200 OK", "", "x");
    expect(q, "/set", "x");
    assert_null(peer_saw(&a, 1, "Cookie"));
    http_session_free(s);
}

static void a_session_gives_its_options(void **state)
{
    struct sc_options slow = {.flags = SC_OPT_FAIL_STATUS};
    struct http_session *s = http_session_new(&slow);
    char url[96];
    struct http_request q = {.url = url, .session = s};

    (void)state;
    snprintf(url, sizeof url, "%s/x", a.base);
    peer_says(&a, "/x", "404 None", "", "none");
    assert_int_equal(http_request(&q, &reply), SC_EREPLY);
    http_session_free(s);
}

/* --- codings --- */

static void a_coding_is_undone_on_demand(void **state)
{
    /* printf hello | gzip -n */
    static const unsigned char hello[] = {
        0x1f, 0x8b, 8,    0, 0,    0,    0,    0,    0, 3, 0xcb, 0x48, 0xcd,
        0xc9, 0xc9, 0x07, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,    0};
    struct peer_rule *r;

    (void)state;
    peer_on(&a, "/x",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            "Content-Length: 25\r\n\r\n");
    r = &a.rules[0];
    assert_int_equal(sc_buf_add(&r->answer, hello, sizeof hello), 0);
    assert_int_equal(ask((struct http_request){0}, "/x"), 0);
    assert_int_equal(reply.body.len, 25);
    if (!sc_coding_known(SC_CODING_GZIP))
        return;
    expect((struct http_request){.flags = HTTP_DECODE}, "/x", "hello");
    assert_null(peer_saw(&a, 1, "Accept-Encoding"));
    assert_int_equal(reply.hops[0].body_got, 25);
    expect((struct http_request){.flags = HTTP_COMPRESSED}, "/x", "hello");
    assert_int_equal(a.connections, 1);
}

/* curl --compressed -r: a part from the beginning is decoded as far as it goes,
 * one from the middle is none (its exit 61). */
static void a_part_is_decoded_as_far_as_it_goes(void **state)
{
    /* printf hello | gzip -n | head -c 17 */
    static const unsigned char hello[] = {0x1f, 0x8b, 8,    0,    0,    0,
                                          0,    0,    0,    3,    0xcb, 0x48,
                                          0xcd, 0xc9, 0xc9, 0x07, 0};
    struct http_request q = {.flags = HTTP_COMPRESSED, .range = "0-16"};

    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    peer_on(&a, "/x",
            "HTTP/1.1 206 Part\r\nContent-Encoding: gzip\r\n"
            "Content-Range: bytes 0-16/25\r\nContent-Length: 17\r\n\r\n");
    assert_int_equal(sc_buf_add(&a.rules[0].answer, hello, sizeof hello), 0);
    expect(q, "/x", "hello");
    peer_says(&a, "/y", "206 Part",
              "Content-Encoding: gzip\r\nContent-Range: bytes 2-4/25\r\n",
              "abc");
    q.range = "2-4";
    assert_int_equal(ask(q, "/y"), SC_ECODING);
}

/* RFC 9110 section 8.4: who asked cannot read it; who did not asked for what
 * there is. */
static void an_unknown_coding_is_an_error_for_who_asked(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "Content-Encoding: rot13\r\n", "uryyb");
    assert_int_equal(ask((struct http_request){.flags = HTTP_COMPRESSED}, "/x"),
                     SC_ECODING);
    assert_non_null(strstr(reply.error.text, "unknown coding: rot13"));
    expect((struct http_request){.flags = HTTP_DECODE}, "/x", "uryyb");
    assert_true(reply.notes & HTTP_NOTE_CODING_UNKNOWN);
}

/* --- the calls without choices, connections --- */

static void the_short_calls_name_method_and_type(void **state)
{
    struct sc_span body = SC_SPAN("a=1");
    char url[96];

    (void)state;
    snprintf(url, sizeof url, "%s/x", a.base);
    peer_says(&a, "/x", "200 OK", "", "x");
    assert_int_equal(http_post(url, "x/y", body, &reply), 0);
    assert_int_equal(http_put(url, NULL, body, &reply), 0);
    assert_int_equal(http_delete(url, &reply), 0);
    assert_memory_equal(a.head[0].data, "POST /x ", 8);
    assert_string_equal(peer_saw(&a, 0, "Content-Type"), "x/y");
    assert_string_equal(a.body[0].data, "a=1");
    assert_memory_equal(a.head[1].data, "PUT /x ", 7);
    assert_null(peer_saw(&a, 1, "Content-Type"));
    assert_memory_equal(a.head[2].data, "DELETE /x ", 10);
}

static void a_new_connection_is_kept_afterwards(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "x");
    expect((struct http_request){0}, "/x", "x");
    expect((struct http_request){.flags = HTTP_NEW_CONNECTION}, "/x", "x");
    assert_int_equal(reply.reused, 0);
    assert_int_equal(a.connections, 2);
    expect((struct http_request){0}, "/x", "x");
    assert_int_equal(reply.reused, 1);
    assert_int_equal(a.connections, 2);
}

static void no_retry_means_none_on_a_stale_connection_either(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "x");
    peer_on(&a, "/x", "!");
    expect((struct http_request){0}, "/x", "x");
    assert_int_equal(ask((struct http_request){.flags = HTTP_NO_RETRY}, "/x"),
                     SC_EOF);
    assert_int_equal(a.seen, 2);
    assert_int_equal(reply.nhops, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_plain_get_is_curls),
    TEST(all_fields_of_a_get_are_in_curls_order),
    TEST(codings_are_asked_for_as_built),
    TEST(a_post_tells_length_then_type),
    TEST(the_callers_fields_replace_ours),
    TEST(they_replace_those_of_options_too),
    TEST(fields_are_left_out_on_demand),
    TEST(an_upload_expects_100_last),
    TEST(an_unknown_length_goes_in_chunks),
    TEST(version_10_is_asked_for),
    TEST(the_unmodified_is_asked_for),
    TEST(methods_with_a_body_tell_its_absence),
    TEST(there_is_one_host_without_zone_or_usual_port),
    TEST(line_ends_in_any_part_are_refused_before_a_byte),
    TEST(after_417_it_is_asked_again_without),
    TEST(silence_does_not_keep_the_body_back),
    TEST(a_refusal_at_the_head_spares_the_body),
    TEST(expect_is_never_sent_without_a_body),
    TEST(a_part_must_be_the_one_asked_for),
    TEST(the_whole_for_a_range_is_told_as_200),
    TEST(a_range_beyond_the_end_is_416),
    TEST(a_body_beyond_its_limit_is_refused_at_its_length),
    TEST(or_while_it_comes),
    TEST(what_a_sink_returns_is_returned),
    TEST(a_failing_status_is_an_error_on_demand),
    TEST(an_overloaded_server_is_asked_again),
    TEST(tries_are_counted),
    TEST(other_statuses_are_answers),
    TEST(a_post_is_tried_again_only_if_that_is_said),
    TEST(a_timeout_is_tried_again),
    TEST(what_the_sink_has_is_not_fetched_again),
    TEST(refused_connections_are_tried_again_on_demand),
    TEST(the_caller_is_told_and_may_say_no),
    TEST(no_try_begins_that_would_end_too_late),
    TEST(cookies_go_back_to_where_they_came_from),
    TEST(without_a_jar_none_are_kept),
    TEST(a_session_gives_its_options),
    TEST(a_coding_is_undone_on_demand),
    TEST(a_part_is_decoded_as_far_as_it_goes),
    TEST(an_unknown_coding_is_an_error_for_who_asked),
    TEST(the_short_calls_name_method_and_type),
    TEST(a_new_connection_is_kept_afterwards),
    TEST(a_sink_may_be_begun_anew),
    TEST(no_retry_means_none_on_a_stale_connection_either),
};

TEST_MAIN(tests)
