/* test_url_http.c - http: URLs by url_open: redirects, codings, parts, HEAD, PUT,
 * what is known, as a FILE. */
#include "main.h"

#include <simpleclient/httplib.h>
#include <simpleclient/url.h>

#include "http_peer.h"

static struct peer peer;
static struct url_options opt;
static struct url_reply r;

static int begin(void **state)
{
    (void)state;
    peer_start(&peer, NULL);
    opt = (struct url_options){.flags = 0};
    memset(&r, 0, sizeof r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    url_reply_free(&r);
    peer_stop(&peer);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static const char *url_of(const char *path)
{
    static char url[300];

    snprintf(url, sizeof url, "%s%s", peer.base, path);
    return url;
}

static int get(const char *path)
{
    return url_get(url_of(path), &opt, &r);
}

static void assert_gets(const char *path, const char *text)
{
    if (get(path) < 0)
        fail_msg("%s: %s", path, r.error.text);
    assert_string_equal(r.body.data, text);
}

static void a_page_comes_with_its_head(void **state)
{
    (void)state;
    peer_says(&peer, "/a", "200 OK",
              "Content-Type: text/plain\r\n"
              "Last-Modified: Sat, 31 Jan 2026 23:59:59 GMT\r\nX-Y: z\r\n",
              "hello");
    assert_gets("/a", "hello");
    assert_int_equal(r.status, 200);
    assert_int_equal(r.size, 5);
    assert_int_equal(r.mtime, 1769903999);
    assert_string_equal(r.type, "text/plain");
    assert_string_equal(sc_fields_get(&r.fields, "x-y", ""), "z");
    assert_string_equal(r.url, url_of("/a"));
}

static void a_status_is_no_failure(void **state)
{
    (void)state;
    assert_gets("/none", "none");
    assert_int_equal(r.status, 404);
    opt.options = &(struct sc_options){.flags = SC_OPT_FAIL_STATUS};
    assert_int_equal(get("/none"), SC_EREPLY);
}

static void redirects_are_followed(void **state)
{
    (void)state;
    peer_says(&peer, "/a", "302 Found", "Location: /b\r\n", "");
    peer_says(&peer, "/b", "200 OK", "", "hello");
    assert_gets("/a", "hello");
    assert_string_equal(r.url, url_of("/b"));
    assert_int_equal(r.status, 200);
}

static void redirects_to_other_schemes_are_not(void **state)
{
    static const char *const to[] = {"file:///etc/passwd", "ftp://h/x",
                                     "gopher://h/0x", "data:,x"};

    (void)state;
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        char path[20], field[80];

        snprintf(path, sizeof path, "/to%zu", i);
        snprintf(field, sizeof field, "Location: %s\r\n", to[i]);
        peer_says(&peer, path, "302 Found", field, "");
        assert_true(get(path) < 0);
    }
}

static void chunks_have_no_size(void **state)
{
    (void)state;
    peer_on(&peer, "/a",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n");
    assert_gets("/a", "hello");
    assert_int_equal(r.size, -1);
}

static void short_data_is_no_success(void **state)
{
    (void)state;
    peer_on(&peer, "/a", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    assert_int_equal(get("/a"), SC_ESHORT);
    assert_string_equal(r.body.data, "hello");
    peer_on(&peer, "/b",
            "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n");
    assert_int_equal(get("/b"), SC_ESHORT);
}

static void only_the_head(void **state)
{
    (void)state;
    peer_on(&peer, "/a", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    opt.flags = URL_HEAD;
    assert_gets("/a", "");
    assert_int_equal(r.size, 5);
    assert_memory_equal(peer.head[0].data, "HEAD /a ", 8);
}

/* --- parts --- */

static void a_part_is_asked_for(void **state)
{
    (void)state;
    opt.offset = 3;
    opt.count = 4;
    peer_says(&peer, "/a", "206 Part", "Content-Range: bytes 3-6/10\r\n",
              "3456");
    assert_gets("/a", "3456");
    assert_string_equal(peer_saw(&peer, 0, "Range"), "bytes=3-6");
    assert_int_equal(r.size, 4);
    opt.count = 0;
    peer_says(&peer, "/b", "206 Part", "Content-Range: bytes 3-9/10\r\n",
              "3456789");
    assert_gets("/b", "3456789");
    assert_string_equal(peer_saw(&peer, 1, "Range"), "bytes=3-");
}

static void who_is_given_the_whole_throws_the_rest_away(void **state)
{
    (void)state;
    peer_says(&peer, "/a", "200 OK", "", "0123456789");
    opt.offset = 3;
    opt.count = 4;
    assert_gets("/a", "3456");
    assert_int_equal(r.size, 4);
    opt.count = 0;
    assert_gets("/a", "3456789");
    assert_int_equal(r.size, 7);
    opt.offset = 10;
    assert_gets("/a", "");
    opt.offset = 11;
    assert_int_equal(get("/a"), SC_EINVAL);
}

static void another_part_is_an_error(void **state)
{
    (void)state;
    opt.offset = 3;
    peer_says(&peer, "/a", "206 Part", "Content-Range: bytes 2-9/10\r\n",
              "23456789");
    assert_int_equal(get("/a"), SC_EPROTO);
    peer_says(&peer, "/b", "206 Part", "", "3456789");
    assert_int_equal(get("/b"), SC_EPROTO);
    /* There is none: what comes is no part of it. */
    peer_says(&peer, "/c", "416 No", "Content-Range: bytes */2\r\n", "sorry");
    assert_int_equal(get("/c"), 0);
    assert_int_equal(r.status, 416);
}

/* --- PUT --- */

static void stored(void **state)
{
    struct mail_source from = {.data = SC_SPAN("hello")};

    (void)state;
    peer_says(&peer, "/a", "201 Created", "", "made");
    assert_int_equal(url_put(url_of("/a"), &from, &opt, &r), 0);
    assert_memory_equal(peer.head[0].data, "PUT /a ", 7);
    assert_string_equal(peer.body[0].data, "hello");
    assert_int_equal(r.status, 201);
    assert_string_equal(r.body.data, "made");
    opt.offset = 1;
    assert_int_equal(url_put(url_of("/a"), &from, &opt, &r), SC_ENOTSUP);
    opt.offset = 0;
    opt.count = 1;
    assert_int_equal(url_put(url_of("/a"), &from, &opt, &r), SC_EINVAL);
    assert_int_equal(peer.seen, 1);
}

static ssize_t give(void *arg, void *buf, size_t n)
{
    int *times = arg;

    (void)n;
    memcpy(buf, "piece", 5);
    return (*times)++ < 3 ? 5 : 0;
}

static void stored_piece_by_piece(void **state)
{
    int times = 0;
    const struct mail_source from = {.read = give, .arg = &times};

    (void)state;
    peer_says(&peer, "/a", "201 Created", "", "");
    assert_int_equal(url_put(url_of("/a"), &from, &opt, NULL), 0);
    assert_string_equal(peer.body[0].data, "piecepiecepiece");
}

/* --- more --- */

static void one_connection_serves_many_urls(void **state)
{
    (void)state;
    peer_says(&peer, "/a", "200 OK", "", "hello");
    for (int i = 0; i < 4; i++)
        assert_gets("/a", "hello");
    assert_int_equal(peer.connections, 1);
}

static void read_by_stdio(void **state)
{
    char line[20];
    FILE *f;

    (void)state;
    peer_says(&peer, "/a", "200 OK", "", "one\ntwo\n");
    f = url_fopen(url_of("/a"), &opt, NULL);
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "one\n");
    assert_int_equal(fclose(f), 0);
    peer_on(&peer, "/b", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    f = url_fopen(url_of("/b"), &opt, NULL);
    assert_non_null(f);
    assert_null(fgets(line, sizeof line, f) == NULL ? NULL : fgets(line, 9, f));
    assert_true(ferror(f));
    assert_int_equal(errno, EIO);
    assert_int_equal(fclose(f), -1);
}

static int never(void *arg, const struct url_entry *e)
{
    (void)arg;
    (void)e;
    fail();
    return 0;
}

static void there_are_no_lists(void **state)
{
    (void)state;
    assert_int_equal(url_list(url_of("/"), &opt, never, NULL, NULL),
                     SC_ENOTSUP);
    assert_int_equal(peer.connections, 0);
}

static void a_host_without_scheme_is_http(void **state)
{
    (void)state;
    peer_says(&peer, "/a", "200 OK", "", "hello");
    assert_int_equal(url_get(url_of("/a") + 7, &opt, &r), 0);
    assert_string_equal(r.body.data, "hello");
}

static void memory_has_a_limit(void **state)
{
    struct sc_options o = {.body_limit = 4};

    (void)state;
    peer_says(&peer, "/a", "200 OK", "", "hello");
    opt.options = &o;
    assert_int_equal(get("/a"), SC_ETOOBIG);
}

/* Codings are taken off, where asked; then nobody knows the size. */
static void what_is_coded_is_decoded(void **state)
{
    /* printf hello | gzip -n */
    static const unsigned char hello[] = {
        0x1f, 0x8b, 8,    0, 0,    0,    0,    0,    0, 3, 0xcb, 0x48, 0xcd,
        0xc9, 0xc9, 0x07, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,    0};
    const struct http_request q = {.flags = HTTP_COMPRESSED};

    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    peer_on(&peer, "/a",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            "Content-Length: 25\r\n\r\n");
    assert_int_equal(sc_buf_add(&peer.rules[0].answer, hello, sizeof hello), 0);
    opt.http = &q;
    assert_gets("/a", "hello");
    assert_int_equal(r.size, -1);
    assert_non_null(strstr(peer_saw(&peer, 0, "Accept-Encoding"), "gzip"));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_page_comes_with_its_head),
        TEST(a_status_is_no_failure),
        TEST(redirects_are_followed),
        TEST(redirects_to_other_schemes_are_not),
        TEST(chunks_have_no_size),
        TEST(short_data_is_no_success),
        TEST(only_the_head),
        TEST(a_part_is_asked_for),
        TEST(who_is_given_the_whole_throws_the_rest_away),
        TEST(another_part_is_an_error),
        TEST(stored),
        TEST(stored_piece_by_piece),
        TEST(one_connection_serves_many_urls),
        TEST(read_by_stdio),
        TEST(there_are_no_lists),
        TEST(a_host_without_scheme_is_http),
        TEST(memory_has_a_limit),
        TEST(what_is_coded_is_decoded),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
