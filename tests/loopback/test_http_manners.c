/* test_http_manners.c - rules of RFC 9110 and RFC 9112 for clients that no other
 * test is about: what a request may not say, what its end may be, and what of an
 * answer may not be believed. */
#include "main.h"

#include <sys/socket.h>
#include <unistd.h>

#include <simpleclient/httplib.h>

#include "certs.h"
#include "http_peer.h"

static struct peer s;
static struct http_reply reply;

static int start(void **state)
{
    (void)state;
    peer_start(&s, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    peer_stop(&s);
    return 0;
}

static int ask(struct http_request q, const char *path)
{
    char url[128];

    snprintf(url, sizeof url, "%s%s", s.base, path);
    q.url = url;
    return http_request(&q, &reply);
}

static void expect(struct http_request q, const char *path, int status)
{
    if (ask(q, path) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_int_equal(reply.status, status);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* --- what a request says --- */

/* RFC 9112 section 2.2: no CRLF before or behind a request. */
static void nothing_stands_between_requests(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1\r\n")};

    (void)state;
    peer_says(&s, "/", "200 OK", "", "ok");
    for (int i = 0; i < 3; i++)
        expect(q, "/", 200);
    assert_int_equal(s.connections, 1);
    assert_int_equal(s.seen, 3);
    for (int i = 0; i < 3; i++) {
        assert_true(begins(s.head[i].data, "POST / HTTP/1.1\nHost: "));
        assert_string_equal(s.body[i].data, "a=1\r\n");
    }
}

/* RFC 9112 section 3.2.4. */
static void the_server_as_such_is_an_asterisk(void **state)
{
    (void)state;
    peer_says(&s, "*", "200 OK", "", "");
    expect((struct http_request){.method = "OPTIONS", .target = "*"}, "/", 200);
    assert_true(begins(s.head[0].data, "OPTIONS * HTTP/1.1\n"));
}

static struct sc_fields two_fields(const char *a, const char *b)
{
    struct sc_fields f = {0};

    sc_fields_add(&f, sc_span_of(a), sc_span_of(b));
    sc_fields_add(&f, sc_span_of("X-Token"), sc_span_of("t0p"));
    return f;
}

/* RFC 9110 section 9.3.8: the server sends back what came. */
static void trace_carries_no_secret(void **state)
{
    struct sc_fields f = two_fields("Cookie", "s3cret");
    struct http_request q = {.method = "TRACE",
                             .head = &f,
                             .secrets = "X-Token",
                             .bearer = "b3arer",
                             .cookies = "a=1"};

    (void)state;
    peer_says(&s, "/", "200 OK", "", "");
    expect(q, "/", 200);
    assert_null(peer_saw(&s, 0, "Cookie"));
    assert_null(peer_saw(&s, 0, "X-Token"));
    assert_null(peer_saw(&s, 0, "Authorization"));
    sc_fields_free(&f);
}

static void trace_has_no_body(void **state)
{
    struct http_request q = {.method = "TRACE", .body = SC_SPAN("x")};

    (void)state;
    assert_int_equal(ask(q, "/"), SC_EINVAL);
    assert_int_equal(s.connections, 0);
}

/* RFC 9110 section 10.1.3. */
static void referer_has_no_fragment(void **state)
{
    struct http_request q = {.flags = HTTP_AUTO_REFERER};
    char from[100];

    (void)state;
    peer_says(&s, "/1", "302 Found", "Location: /2\r\n", "");
    peer_says(&s, "/2", "200 OK", "", "");
    expect(q, "/1?q#part", 200);
    snprintf(from, sizeof from, "%s/1?q", s.base);
    assert_string_equal(peer_saw(&s, 1, "Referer"), from);
}

/* RFC 9110 section 11.2. */
static void names_in_a_challenge_are_in_any_case(void **state)
{
    struct sc_options opt = {.user = "joe", .password = "secret"};
    struct http_request q = {.options = &opt, .flags = HTTP_DIGEST};

    (void)state;
    peer_says(&s, "/", "401 No",
              "WWW-Authenticate: DIGEST REALM=\"x\", Nonce=\"n\", "
              "ALGORITHM=sha-256, QOP=\"AUTH\"\r\n",
              "");
    peer_says(&s, "/", "200 OK", "", "");
    expect(q, "/", 200);
    assert_non_null(strstr(peer_saw(&s, 1, "Authorization"), "realm=\"x\""));
}

static ssize_t nothing(void *arg, void *buf, size_t n)
{
    (void)arg;
    (void)buf;
    (void)n;
    return 0;
}

/* RFC 9112 section 6.1. */
static void no_chunks_are_sent_as_http_1_0(void **state)
{
    struct http_source from = {.length = HTTP_UNKNOWN, .read = nothing};
    struct http_request q = {.source = &from, .flags = HTTP_VERSION_10};

    (void)state;
    assert_int_equal(ask(q, "/"), SC_EINVAL);
    assert_int_equal(s.seen, 0);
}

/* The text of a host is looked at before it is looked up. */
static void a_host_with_a_line_end_is_refused(void **state)
{
    static const char *const bad[] = {
        "http://a\r\nX: y/", "http://a\nb/",     "http://a b/",
        "http://a\rb/",      "http://a%0d%0ab/", "a\r\nb",
        "http://a:80\r\n/",  "http://u\r\n@a/",  "http://u%0d%0a:p@a/"};
    HTTPClient *h;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (http_get(bad[i], &reply) != SC_EURL)
            fail_msg("%zu: %s", i, reply.error.text);
        h = http_open(bad[i], NULL);
        assert_true(http_client_get(h, "/", &reply) < 0);
        http_close(h);
    }
}

/* --- what is sent twice --- */

struct text {
    const char *text;
    size_t at;
    int rewound;
};

static ssize_t read_some(void *arg, void *buf, size_t n)
{
    struct text *t = arg;
    size_t left = strlen(t->text) - t->at;

    n = n < left ? n : left;
    memcpy(buf, t->text + t->at, n);
    t->at += n;
    return (ssize_t)n;
}

static int rewind_text(void *arg)
{
    struct text *t = arg;

    t->at = 0;
    t->rewound++;
    return 0;
}

/* PUT to a connection that ends without a word behind the request. */
static int put_to_a_stale_connection(struct http_source *from)
{
    peer_says(&s, "/", "200 OK", "", "ok");
    peer_on(&s, "/put", "!");
    peer_says(&s, "/put", "201 Made", "", "");
    expect((struct http_request){0}, "/", 200);
    return ask((struct http_request){.method = "PUT", .source = from}, "/put");
}

static void a_source_is_rewound_for_a_retry(void **state)
{
    struct text t = {.text = "the body"};
    struct http_source from = {
        .length = 8, .read = read_some, .rewind = rewind_text, .arg = &t};

    (void)state;
    assert_int_equal(put_to_a_stale_connection(&from), 0);
    assert_int_equal(reply.status, 201);
    assert_int_equal(t.rewound, 1);
    assert_int_equal(s.seen, 3);
    assert_string_equal(s.body[2].data, "the body");
}

static void without_that_there_is_no_retry(void **state)
{
    struct text t = {.text = "the body"};
    struct http_source from = {.length = 8, .read = read_some, .arg = &t};

    (void)state;
    assert_true(put_to_a_stale_connection(&from) < 0);
    assert_int_equal(s.seen, 2);
}

/* --- the end of a connection --- */

/* RFC 9112 section 9.6: though the server would go on. */
static void our_close_ends_the_connection(void **state)
{
    struct sc_fields f = two_fields("Connection", "x-odd, Close");
    struct http_request q = {.head = &f};

    (void)state;
    peer_says(&s, "/", "200 OK", "Connection: keep-alive\r\n", "ok");
    expect(q, "/", 200);
    expect((struct http_request){0}, "/", 200);
    assert_int_equal(reply.reused, 0);
    assert_int_equal(s.connections, 2);
    expect((struct http_request){0}, "/", 200);
    assert_int_equal(reply.reused, 1);
    sc_fields_free(&f);
}

/* RFC 9110 section 2.3. */
static void a_field_may_be_as_long_as_ours(void **state)
{
    static char value[65001], line[65100];

    (void)state;
    memset(value, 'x', sizeof value - 1);
    snprintf(line, sizeof line, "X-Long: %s\r\n", value);
    peer_says(&s, "/", "200 OK", line, "ok");
    for (int i = 0; i < 2; i++) { /* on a new connection, and a kept one */
        expect((struct http_request){0}, "/", 200);
        assert_string_equal(http_header(&reply, "X-Long", ""), value);
        assert_int_equal(reply.reused, i);
    }
}

/* RFC 9110 section 5.6.1.2. */
static void empty_elements_of_lists_are_skipped(void **state)
{
    (void)state;
    peer_says(&s, "/close", "200 OK", "Connection: , ,close ,\r\n", "ok");
    expect((struct http_request){0}, "/close", 200);
    expect((struct http_request){0}, "/close", 200);
    assert_int_equal(reply.reused, 0);
    assert_int_equal(s.connections, 2);
}

/* A list that two readers may understand in two ways frames nothing. */
static void but_not_where_they_frame_a_body(void **state)
{
    (void)state;
    peer_on(&s, "/coding",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: , chunked,\r\n\r\n"
            "2\r\nok\r\n0\r\n\r\n");
    peer_on(&s, "/length",
            "HTTP/1.1 200 OK\r\nContent-Length: 2,,2\r\n\r\n"
            "ok");
    assert_int_equal(ask((struct http_request){0}, "/coding"), SC_EPROTO);
    assert_int_equal(ask((struct http_request){0}, "/length"), SC_EPROTO);
}

static struct certs certs;
static int end_seen;

static void see_the_end(void *arg)
{
    struct sc_options opt = {.flags = SC_OPT_TLS,
                             .tls = {.server = 1, .cert = certs.good}};
    Stream *raw = sc_accept(arg, 5000, NULL);
    SimpleClient *c = sc_attach(&sc_simple_class, raw, &opt);
    struct sc_span line;

    while (sc_readline(c, &line) == 0 && line.len > 0)
        continue;
    sc_writeline(c, "HTTP/1.1 200 OK");
    sc_writeline(c, "Content-Length: 0");
    sc_writeline(c, "%s", "");
    end_seen = sc_readline(c, &line);
    sc_drop(c);
}

/* RFC 9112 section 9.8. */
static void tls_ends_with_a_word(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    int64_t task;
    struct sc_options opt = {.flags = SC_OPT_NO_POOL, .tls.ca_file = certs.ca};
    char url[100];
    struct http_request q = {.url = url, .options = &opt};

    (void)state;
    assert_int_equal(certs_make(&certs), 0);
    task = sc_task_go(NULL, see_the_end, l);
    snprintf(url, sizeof url, "https://%s/", sc_listener_name(l));
    if (http_request(&q, &reply) < 0)
        fail_msg("%s", reply.error.text);
    sc_task_join(task);
    assert_int_equal(end_seen, SC_EOF); /* a cut would be SC_ESHORT */
    sc_listener_close(l);
    certs_remove(&certs);
}

/* The server's TLS is cut: who does it may not be the server. */
static void cut_after(void *arg)
{
    struct sc_options opt = {.flags = SC_OPT_TLS,
                             .tls = {.server = 1, .cert = certs.good}};
    Stream *raw = sc_accept(arg, 5000, NULL);
    SimpleClient *c = sc_attach(&sc_simple_class, raw, &opt);
    struct sc_span line;
    int fd = -1;

    while (sc_readline(c, &line) == 0 && line.len > 0)
        continue;
    sc_writeline(c, "HTTP/1.1 200 OK");
    sc_writeline(c, "%s", "");
    sc_writeline(c, "a part");
    sc_flush(c);
    sc_stream_info(sc_stream(c), SC_INFO_FD, &fd);
    shutdown(fd, SHUT_RDWR);
    sc_drop(c);
}

static void a_body_to_a_cut_end_of_tls_is_short(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    int64_t task;
    struct sc_options opt = {.tls.ca_file = certs.ca};
    char url[100];
    struct http_request q = {.url = url, .options = &opt};

    (void)state;
    assert_int_equal(certs_make(&certs), 0);
    task = sc_task_go(NULL, cut_after, l);
    snprintf(url, sizeof url, "https://%s/", sc_listener_name(l));
    assert_int_equal(http_request(&q, &reply), SC_ESHORT);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body.data, "a part\r\n");
    sc_task_join(task);
    sc_listener_close(l);
    certs_remove(&certs);
}

/* --- what is not believed --- */

/* RFC 9110 section 15. */
static void unknown_statuses_are_as_their_class(void **state)
{
    struct sc_options strict = {.flags = SC_OPT_FAIL_STATUS};
    char path[20];

    (void)state;
    peer_says(&s, "/299", "299 Odd", "", "two");
    peer_says(&s, "/399", "399 Odd", "Location: /299\r\n", "three");
    peer_says(&s, "/499", "499 Odd", "", "four");
    peer_says(&s, "/599", "599 Odd", "", "five");
    expect((struct http_request){.options = &strict}, "/299", 299);
    assert_string_equal(reply.body.data, "two");
    expect((struct http_request){.options = &strict}, "/399", 299);
    assert_string_equal(reply.body.data, "two");
    for (int status = 304; status <= 306; status++) { /* these are known */
        snprintf(path, sizeof path, "/%d", status);
        peer_says(&s, path, path + 1, "Location: /299\r\n", "");
        expect((struct http_request){.options = &strict}, path, status);
    }
    assert_int_equal(ask((struct http_request){.options = &strict}, "/499"),
                     SC_EREPLY);
    assert_int_equal(ask((struct http_request){.options = &strict}, "/599"),
                     SC_EREPLY);
}

/* --- parts of a file --- */

static char dir[64], file[80];

static void make_part(void)
{
    FILE *f;

    snprintf(dir, sizeof dir, "/tmp/sc-part-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/file", dir);
    f = fopen(file, "w");
    fputs("0123456789", f);
    fclose(f);
}

static void expect_file(const char *text)
{
    char got[100] = "";
    FILE *f = fopen(file, "r");

    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, text);
}

static void remove_part(void)
{
    unlink(file);
    assert_int_equal(rmdir(dir), 0); /* nothing else was left there */
}

static int resume(const char *path, const char *validator)
{
    char url[128];
    struct http_request q = {.url = url};
    struct http_download how = {
        .path = file, .resume = 1, .validator = validator};

    snprintf(url, sizeof url, "%s%s", s.base, path);
    return http_download_to(&q, &how, &reply);
}

/* RFC 9110 section 13.1.5: neither the field nor the range. */
static void a_weak_tag_is_no_if_range(void **state)
{
    (void)state;
    make_part();
    peer_says(&s, "/", "200 OK", "", "all of it anew");
    assert_int_equal(resume("/", "W/\"x\""), 0);
    assert_null(peer_saw(&s, 0, "If-Range"));
    assert_null(peer_saw(&s, 0, "Range"));
    expect_file("all of it anew");
    remove_part();
}

/* RFC 9110 section 14.4. */
static void a_part_that_is_told_wrong_is_not_joined(void **state)
{
    static const char *const ranges[] = {
        "",
        "Content-Range: bytes 0-4/15\r\n",
        "Content-Range: bytes 11-15/16\r\n",
        "Content-Range: bytes 10-9/15\r\n",
        "Content-Range: bytes 10-15/15\r\n",
        "Content-Range: lines 10-14/15\r\n",
        "Content-Range: bytes 10-14\r\n",
        "Content-Range: bytes x-14/15\r\n",
        "Content-Range: bytes 10-99999999999999999999/99999999999999999999\r\n",
        "Content-Range: bytes */15\r\n",
    };
    char path[20];

    (void)state;
    make_part();
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        snprintf(path, sizeof path, "/%zu", i);
        peer_says(&s, path, "206 Partial", ranges[i], "abcde");
        assert_true(resume(path, "\"x\"") < 0);
        expect_file("0123456789");
    }
    peer_says(&s, "/good", "206 Partial", "Content-Range: bytes 10-14/15\r\n",
              "abcde");
    assert_int_equal(resume("/good", "\"x\""), 0);
    assert_string_equal(peer_saw(&s, s.seen - 1, "If-Range"), "\"x\"");
    assert_string_equal(peer_saw(&s, s.seen - 1, "Range"), "bytes=10-");
    expect_file("0123456789abcde");
    remove_part();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(nothing_stands_between_requests),
    TEST(the_server_as_such_is_an_asterisk),
    TEST(trace_carries_no_secret),
    TEST(trace_has_no_body),
    TEST(referer_has_no_fragment),
    TEST(names_in_a_challenge_are_in_any_case),
    TEST(no_chunks_are_sent_as_http_1_0),
    TEST(a_host_with_a_line_end_is_refused),
    TEST(a_source_is_rewound_for_a_retry),
    TEST(without_that_there_is_no_retry),
    TEST(our_close_ends_the_connection),
    TEST(a_field_may_be_as_long_as_ours),
    TEST(empty_elements_of_lists_are_skipped),
    TEST(but_not_where_they_frame_a_body),
    TEST(tls_ends_with_a_word),
    TEST(a_body_to_a_cut_end_of_tls_is_short),
    TEST(unknown_statuses_are_as_their_class),
    TEST(a_weak_tag_is_no_if_range),
    TEST(a_part_that_is_told_wrong_is_not_joined),
};

TEST_MAIN(tests)
