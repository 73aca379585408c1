/* test_nginx.c - http_request and its sisters against a real nginx: bodies of
 * every framing, parts, conditions, codings, redirects, logins, uploads.
 * Skipped (77) without nginx. */
#include "main.h"

#include <sys/resource.h>

#include <simpleclient/http_session.h>
#include <simpleclient/httplib.h>

#include "nginx.h"

static struct nginx nginx;
static struct http_reply reply;
static struct sc_buf page; /* page.txt */

static int start(void **state)
{
    (void)state;
    if (nginx_start(&nginx) < 0)
        return -1;
    page = server_read(&nginx.at, "root/page.txt");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    sc_buf_free(&page);
    return nginx_stop(&nginx);
}

static const char *url(const char *path)
{
    return nginx_url(&nginx, PLAIN, path);
}

/* Ask for PATH as Q says. Fails the test unless STATUS comes. */
static void ask(struct http_request q, const char *path, int status)
{
    q.url = url(path);
    if (http_request(&q, &reply) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_int_equal(reply.status, status);
}

static void get(const char *path, int status)
{
    ask((struct http_request){0}, path, status);
}

static void expect_page(void)
{
    assert_int_equal(reply.body.len, page.len);
    assert_memory_equal(reply.body.data, page.data, page.len);
}

static const char *header(const char *name)
{
    return http_header(&reply, name, "");
}

/* Q's fields are NAME: VALUE. Freed by the caller. */
static struct sc_fields one_field(const char *name, const char *value)
{
    struct sc_fields f = {0};

    assert_int_equal(sc_fields_add(&f, sc_span_of(name), sc_span_of(value)), 0);
    return f;
}

static void ask_with(struct http_request q, const char *name, const char *value,
                     const char *path, int status)
{
    struct sc_fields f = one_field(name, value);

    q.head = &f;
    ask(q, path, status);
    sc_fields_free(&f);
}

/* --- bodies --- */

static void nginx_sends_a_body_by_length(void **state)
{
    (void)state;
    get("/page.txt", 200);
    expect_page();
    assert_string_equal(header("content-length"), "20000");
    assert_int_equal(reply.notes, 0);
    assert_int_equal(reply.version, 11);
    assert_string_equal(http_final_url(&reply), url("/page.txt"));
}

static void nginx_sends_chunks(void **state)
{
    (void)state;
    get("/chunked/page.txt", 200);
    expect_page();
    assert_string_equal(header("transfer-encoding"), "chunked");
    get("/chunked/page.txt", 200);
    assert_int_equal(reply.reused, 1);
}

static void nginx_ends_the_body_with_the_connection_for_http_1_0(void **state)
{
    (void)state;
    ask((struct http_request){.flags = HTTP_VERSION_10}, "/chunked/page.txt",
        200);
    expect_page();
    assert_string_equal(header("transfer-encoding"), "");
    assert_string_equal(header("content-length"), "");
    assert_string_equal(header("connection"), "close");
}

static void nginx_compresses_when_asked(void **state)
{
    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    ask((struct http_request){.flags = HTTP_COMPRESSED}, "/gzip/page.txt", 200);
    expect_page();
    assert_string_equal(header("content-encoding"), "gzip");
    assert_true(reply.hops[0].body_got < page.len);
    get("/gzip/page.txt", 200);
    assert_string_equal(header("content-encoding"), "");
    expect_page();
}

static void a_coding_that_nobody_undoes_stays(void **state)
{
    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    ask_with((struct http_request){0}, "Accept-Encoding", "gzip",
             "/gzip/page.txt", 200);
    assert_string_equal(header("content-encoding"), "gzip");
    assert_memory_equal(reply.body.data, "\x1f\x8b", 2);
    ask_with((struct http_request){.flags = HTTP_DECODE}, "Accept-Encoding",
             "gzip", "/gzip/page.txt", 200);
    expect_page();
}

/* 10 MiB of zeros are 10 KiB on the way. */
static void a_bomb_is_too_big(void **state)
{
    struct sc_options ratio = {.ratio_limit = 100};
    struct sc_options size = {.ratio_limit = 5000, .body_limit = 1000000};
    struct http_request q = {
        .url = url("/gzip/zeros"), .flags = HTTP_COMPRESSED, .options = &ratio};

    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    server_write(&nginx.at, "root/zeros", "");
    assert_int_equal(truncate(server_path(&nginx.at, "root/zeros"), 10 << 20),
                     0);
    assert_int_equal(http_request(&q, &reply), SC_ETOOBIG);
    assert_in_range(reply.body.len, 0, 5 << 20);
    q.options = &size;
    assert_int_equal(http_request(&q, &reply), SC_ETOOBIG);
    assert_in_range(reply.body.len, 0, 1000000);
    size.body_limit = 20 << 20;
    assert_int_equal(http_request(&q, &reply), 0);
    assert_int_equal(reply.body.len, 10 << 20);
}

static void nginx_answers_head_204_304_without_a_body(void **state)
{
    int64_t changed;

    (void)state;
    ask((struct http_request){.method = "HEAD"}, "/page.txt", 200);
    assert_string_equal(header("content-length"), "20000");
    assert_int_equal(reply.body.len, 0);
    changed = http_date(header("last-modified"));
    if (sc_coding_known(SC_CODING_GZIP)) {
        ask((struct http_request){.method = "HEAD", .flags = HTTP_COMPRESSED},
            "/gzip/page.txt", 200);
        assert_string_equal(header("content-encoding"), "gzip");
    }
    get("/204", 204);
    assert_int_equal(reply.body.len, 0);
    ask((struct http_request){.if_modified_since = changed}, "/page.txt", 304);
    assert_int_equal(reply.body.len, 0);
    get("/page.txt", 200);
    assert_int_equal(reply.reused, 1); /* none of them broke the framing */
}

static void a_page_is_read_line_by_line(void **state)
{
    char want[20], server[32];
    struct sc_span line;
    HTTPClient *h;
    int n = 0, rc;

    (void)state;
    snprintf(server, sizeof server, "127.0.0.1:%d", nginx.port[PLAIN]);
    h = http_open(server, NULL);
    http_putrequest(h, "GET", "/gzip/page.txt");
    if (sc_coding_known(SC_CODING_GZIP))
        http_putheader(h, "Accept-Encoding", "gzip");
    http_endheaders(h);
    assert_int_equal(http_getreply(h, &reply), 0);
    assert_int_equal(http_decode(h), 0);
    while ((rc = http_getline(h, &line)) == 0 && n < 1000) {
        snprintf(want, sizeof want, "line %d", n++);
        assert_int_equal(line.len, strlen(want));
        assert_memory_equal(line.data, want, line.len);
    }
    assert_int_equal(n, 1000);
    /* The rest is dropped, and the connection serves again. */
    assert_int_equal(http_client_get(h, "/index.html", &reply), 0);
    assert_string_equal(reply.body.data, "Hello from nginx.\n");
    assert_int_equal(http_close(h), 0);
}

static int count(void *arg, const void *p, size_t n)
{
    (void)p;
    *(uint64_t *)arg += n;
    return 0;
}

static long peak_kib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void a_gigabyte_needs_no_memory(void **state)
{
    uint64_t got = 0;
    struct http_request q = {.sink = count, .sink_arg = &got};
    long before;

    (void)state;
    ask(q, "/page.txt", 200);
    before = peak_kib();
    got = 0;
    ask(q, "/big", 200);
    assert_int_equal(got, 1 << 30);
    assert_int_equal(reply.body.len, 0);
    assert_in_range(peak_kib() - before, 0, 4096);
}

static void a_gigabyte_is_refused_before_its_first_byte(void **state)
{
    uint64_t got = 0;
    struct http_request q = {.url = url("/big"),
                             .sink = count,
                             .sink_arg = &got,
                             .max_body = 1000000};

    (void)state;
    assert_int_equal(http_request(&q, &reply), SC_ETOOBIG);
    assert_int_equal(got, 0);
    q.sink = NULL;
    q.max_body = 0; /* 64 MiB in memory */
    assert_int_equal(http_request(&q, &reply), SC_ETOOBIG);
}

static void nginx_sends_its_own_pages_for_errors(void **state)
{
    struct sc_options strict = {.flags = SC_OPT_FAIL_STATUS};
    struct http_request q = {.url = url("/none"), .options = &strict};

    (void)state;
    get("/none", 404);
    assert_string_equal(reply.body.data, "Not here.\n");
    get("/410", 410);
    assert_string_equal(reply.body.data, "gone for good");
    assert_string_equal(reply.reason, "Gone");
    get("/500", 500);
    assert_int_equal(http_request(&q, &reply), SC_EREPLY);
    assert_int_equal(reply.status, 404);
}

static void nginx_listens_on_a_unix_socket(void **state)
{
    char path[128];
    struct sc_options opt = {.unix_socket = path};

    (void)state;
    snprintf(path, sizeof path, "%s/sock", nginx.at.dir);
    ask((struct http_request){.options = &opt}, "/page.txt", 200);
    expect_page();
    ask((struct http_request){.options = &opt}, "/page.txt", 200);
    assert_int_equal(reply.reused, 1);
}

/* --- parts --- */

static void nginx_sends_one_part(void **state)
{
    (void)state;
    ask((struct http_request){.range = "100-199"}, "/page.txt", 206);
    assert_string_equal(header("content-range"), "bytes 100-199/20000");
    assert_int_equal(reply.body.len, 100);
    assert_memory_equal(reply.body.data, page.data + 100, 100);
    ask((struct http_request){.range = "19990-"}, "/page.txt", 206);
    assert_memory_equal(reply.body.data, page.data + 19990, 10);
    ask((struct http_request){.range = "-7"}, "/page.txt", 206);
    assert_int_equal(reply.body.len, 7);
    assert_memory_equal(reply.body.data, page.data + 19993, 7);
    ask((struct http_request){.range = "19000-99999"}, "/page.txt", 206);
    assert_int_equal(reply.body.len, 1000);
}

static void nginx_sends_many_parts_as_multipart(void **state)
{
    (void)state;
    ask((struct http_request){.range = "0-9,100-109"}, "/page.txt", 206);
    assert_ptr_equal(strstr(header("content-type"), "multipart/byteranges;"),
                     header("content-type"));
    assert_non_null(strstr(reply.body.data, "bytes 0-9/20000\r\n\r\nline 0\nlin"
                                            "\r\n--"));
    assert_non_null(strstr(reply.body.data, "bytes 100-109/20000"));
}

static void nginx_knows_no_such_part(void **state)
{
    (void)state;
    ask((struct http_request){.range = "20000-"}, "/page.txt", 416);
    assert_string_equal(header("content-range"), "bytes */20000");
    get("/page.txt", 200);
    assert_int_equal(reply.reused, 1);
}

static void a_part_is_sent_only_if_the_file_is_the_same(void **state)
{
    struct http_request part = {.range = "0-9"};
    char etag[80];

    (void)state;
    get("/page.txt", 200);
    snprintf(etag, sizeof etag, "%s", header("etag"));
    ask_with(part, "If-Range", etag, "/page.txt", 206);
    assert_int_equal(reply.body.len, 10);
    ask_with(part, "If-Range", "\"another\"", "/page.txt", 200);
    expect_page();
}

/* --- conditions --- */

static void nginx_compares_dates_and_tags(void **state)
{
    char etag[80];
    int64_t changed;

    (void)state;
    get("/page.txt", 200);
    snprintf(etag, sizeof etag, "%s", header("etag"));
    changed = http_date(header("last-modified"));
    assert_true(changed > 0);
    ask((struct http_request){.if_modified_since = changed}, "/page.txt", 304);
    ask((struct http_request){.if_modified_since = changed - 1}, "/page.txt",
        200);
    ask((struct http_request){.if_unmodified_since = changed}, "/page.txt",
        200);
    ask((struct http_request){.if_unmodified_since = changed - 1}, "/page.txt",
        412);
    ask_with((struct http_request){0}, "If-None-Match", etag, "/page.txt", 304);
    ask_with((struct http_request){0}, "If-None-Match", "\"x\"", "/page.txt",
             200);
    ask_with((struct http_request){0}, "If-Match", "\"x\"", "/page.txt", 412);
    ask_with((struct http_request){0}, "If-Match", etag, "/page.txt", 200);
}

/* --- redirects and logins --- */

static void nginx_redirects_and_methods_follow_the_rfc(void **state)
{
    static const struct {
        const char *path, *method, *what;
    } cases[] = {
        {"/301", "POST", "GET "},   {"/302", "POST", "GET "},
        {"/303", "POST", "GET "},   {"/303", "PUT", "GET "},
        {"/301", "PUT", "PUT 3"},   {"/302", "PUT", "PUT 3"},
        {"/307", "POST", "POST 3"}, {"/308", "POST", "POST 3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask((struct http_request){.method = cases[i].method,
                                  .body = SC_SPAN("a=b")},
            cases[i].path, 200);
        assert_string_equal(reply.body.data, cases[i].what);
        assert_int_equal(reply.nhops, 2);
        assert_int_equal(reply.hops[0].status,
                         (int)strtol(cases[i].path + 1, NULL, 10));
    }
    ask((struct http_request){.flags = HTTP_NO_FOLLOW}, "/302", 302);
    assert_string_equal(header("location"), url("/what"));
}

static void nginx_wants_a_login(void **state)
{
    char text[160];

    (void)state;
    get("/staff/page.txt", 401);
    assert_string_equal(header("www-authenticate"),
                        "Basic realm=\"staff only\"");
    for (int i = 0; i < 2; i++) {
        struct http_request q = {.url = text, .flags = i ? HTTP_BASIC : 0};

        snprintf(text, sizeof text,
                 "http://joe:secret@127.0.0.1:%d/staff/page.txt",
                 nginx.port[PLAIN]);
        assert_int_equal(http_request(&q, &reply), 0);
        assert_int_equal(reply.status, 200);
        expect_page();
        snprintf(text, sizeof text,
                 "http://joe:wrong@127.0.0.1:%d/staff/page.txt",
                 nginx.port[PLAIN]);
        assert_int_equal(http_request(&q, &reply), 0);
        assert_int_equal(reply.status, 401);
    }
}

static int64_t waited;
static int see_wait(void *arg, const struct http_reply *r, int64_t wait_ms)
{
    (void)arg;
    assert_int_equal(r->status, 429);
    waited += wait_ms;
    return 0;
}

static void nginx_is_busy_and_asked_again(void **state)
{
    struct http_retry retry = {.times = 3, .told = see_wait};

    (void)state;
    get("/busy/page.txt", 200);
    get("/busy/page.txt", 429);
    assert_int_equal(reply.retry_after_ms, 1000);
    ask((struct http_request){.retry = &retry}, "/busy/page.txt", 200);
    expect_page();
    assert_int_equal(waited, 1000);
    assert_int_equal(reply.hops[0].status, 429);
}

/* --- uploads --- */

static void nginx_stores_what_is_put(void **state)
{
    struct sc_buf got;

    (void)state;
    assert_int_equal(
        http_put(url("/put/a"), NULL, sc_span_of("a new file"), &reply), 0);
    assert_int_equal(reply.status, 201);
    assert_int_equal(http_put(url("/put/a"), NULL, sc_span_of("newer"), &reply),
                     0);
    assert_int_equal(reply.status, 204);
    got = server_read(&nginx.at, "put/a");
    assert_string_equal(got.data, "newer");
    sc_buf_free(&got);
    ask((struct http_request){.method = "MKCOL"}, "/put/dir/", 201);
    assert_int_equal(http_delete(url("/put/a"), &reply), 0);
    assert_int_equal(reply.status, 204);
    assert_int_equal(access(server_path(&nginx.at, "put/a"), F_OK), -1);
}

/* 5 MiB of a pattern, in pieces of odd sizes. */
enum { LONG = 5 << 20 };
struct pattern {
    uint64_t at;
    int begun;
};

static ssize_t read_pattern(void *arg, void *buf, size_t n)
{
    struct pattern *p = arg;

    n = n > 4099 ? 4099 : n;
    n = n > LONG - p->at ? LONG - p->at : n;
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)buf)[i] = (unsigned char)((p->at + i) % 251);
    p->at += n;
    return (ssize_t)n;
}

static int rewind_pattern(void *arg)
{
    struct pattern *p = arg;

    p->at = 0;
    p->begun++;
    return 0;
}

static void expect_pattern(const char *name)
{
    struct sc_buf got = server_read(&nginx.at, name);
    size_t wrong = 0;

    assert_int_equal(got.len, LONG);
    for (size_t i = 0; i < got.len; i++)
        wrong += (unsigned char)got.data[i] != i % 251;
    assert_int_equal(wrong, 0);
    sc_buf_free(&got);
}

static void put_pattern(struct http_source *from, const char *path,
                        const char *name)
{
    unlink(server_path(&nginx.at, name));
    ask((struct http_request){.method = "PUT", .source = from}, path, 201);
    expect_pattern(name);
}

static void nginx_takes_sources_of_every_kind(void **state)
{
    struct pattern p = {0};
    struct http_source from = {.length = LONG, .read = read_pattern, .arg = &p};

    (void)state;
    put_pattern(&from, "/put/known", "put/known");
    from.length = HTTP_UNKNOWN;
    p.at = 0;
    put_pattern(&from, "/put/unknown", "put/unknown");
    from = (struct http_source){.length = LONG};
    from.fd = open(server_path(&nginx.at, "put/known"), O_RDONLY);
    assert_true(from.fd >= 0);
    put_pattern(&from, "/put/file", "put/file");
    close(from.fd);
}

static void a_source_is_sent_again_to_where_it_moved(void **state)
{
    struct pattern p = {0};
    struct http_source from = {.length = LONG,
                               .read = read_pattern,
                               .rewind = rewind_pattern,
                               .arg = &p};

    (void)state;
    put_pattern(&from, "/put307", "put/moved");
    assert_int_equal(reply.nhops, 2);
    /* nginx says 100 (Continue) and 307: the body may have been begun. */
    assert_in_range(p.begun, 0, 1);
    p.begun = 0;
    unlink(server_path(&nginx.at, "put/moved"));
    p.at = 0;
    ask((struct http_request){.method = "PUT",
                              .source = &from,
                              .flags = HTTP_NO_EXPECT},
        "/put307", 201);
    expect_pattern("put/moved");
    assert_int_equal(p.begun, 1);
}

static void an_upload_logs_in_on_the_way(void **state)
{
    static const unsigned flags[] = {0, HTTP_NO_EXPECT, HTTP_EXPECT};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct pattern p = {0};
        struct http_source from = {.length = i == 2 ? HTTP_UNKNOWN : LONG,
                                   .read = read_pattern,
                                   .rewind = rewind_pattern,
                                   .arg = &p};
        struct http_session *s = http_session_new(NULL);

        assert_int_equal(http_session_login(s, url("/"), "joe", "secret"), 0);
        unlink(server_path(&nginx.at, "put/mine"));
        ask((struct http_request){.method = "PUT",
                                  .source = &from,
                                  .session = s,
                                  .flags = flags[i]},
            "/staffput/mine", 201);
        expect_pattern("put/mine");
        assert_int_equal(reply.hops[0].status, 401);
        assert_in_range(p.begun, flags[i] == HTTP_NO_EXPECT, 1);
        http_session_free(s);
    }
}

static void nginx_refuses_a_long_body_early(void **state)
{
    struct pattern p = {0};
    struct http_source from = {.length = LONG, .read = read_pattern, .arg = &p};

    (void)state;
    /* It waits for the word, which is 413. */
    ask((struct http_request){.method = "PUT", .source = &from}, "/small/x",
        413);
    assert_int_equal(p.at, 0);
    /* It does not wait, and the answer comes while it sends. */
    ask((struct http_request){.method = "PUT",
                              .source = &from,
                              .flags = HTTP_NO_EXPECT},
        "/small/x", 413);
    get("/page.txt", 200);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nginx_sends_a_body_by_length),
    cmocka_unit_test(nginx_sends_chunks),
    cmocka_unit_test(nginx_ends_the_body_with_the_connection_for_http_1_0),
    cmocka_unit_test(nginx_compresses_when_asked),
    cmocka_unit_test(a_coding_that_nobody_undoes_stays),
    cmocka_unit_test(a_bomb_is_too_big),
    cmocka_unit_test(nginx_answers_head_204_304_without_a_body),
    cmocka_unit_test(a_page_is_read_line_by_line),
    cmocka_unit_test(a_gigabyte_needs_no_memory),
    cmocka_unit_test(a_gigabyte_is_refused_before_its_first_byte),
    cmocka_unit_test(nginx_sends_its_own_pages_for_errors),
    cmocka_unit_test(nginx_listens_on_a_unix_socket),
    cmocka_unit_test(nginx_sends_one_part),
    cmocka_unit_test(nginx_sends_many_parts_as_multipart),
    cmocka_unit_test(nginx_knows_no_such_part),
    cmocka_unit_test(a_part_is_sent_only_if_the_file_is_the_same),
    cmocka_unit_test(nginx_compares_dates_and_tags),
    cmocka_unit_test(nginx_redirects_and_methods_follow_the_rfc),
    cmocka_unit_test(nginx_wants_a_login),
    cmocka_unit_test(nginx_is_busy_and_asked_again),
    cmocka_unit_test(nginx_stores_what_is_put),
    cmocka_unit_test(nginx_takes_sources_of_every_kind),
    cmocka_unit_test(a_source_is_sent_again_to_where_it_moved),
    cmocka_unit_test(an_upload_logs_in_on_the_way),
    cmocka_unit_test(nginx_refuses_a_long_body_early),
};

int main(int argc, char **argv)
{
    if (!server_installed("nginx"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
