/* test_small_site.c - forms, cookies, Digest, trailers and events against small_site.py,
 * whose parsers are Python's own. Skipped (77) without python3. */
#include "main.h"

#include <simpleclient/http_form.h>
#include <simpleclient/http_session.h>
#include <simpleclient/uri.h>

#include "server.h"

static struct server site;
static int old_port;
static struct http_reply reply;

static int wait_for_ports(void)
{
    struct sc_buf ports;
    int n = 0;

    for (int i = 0; i < 200 && n < 2; i++) {
        ports = server_read(&site, "ports");
        n = sscanf(ports.data, "%d %d", &site.port, &old_port);
        sc_buf_free(&ports);
        if (n < 2)
            usleep(50000);
    }
    if (n < 2)
        print_message("%s\n", server_read(&site, "said").data);
    return n < 2 ? -1 : 0;
}

static int start(void **state)
{
    const char *script = *state;

    if (server_make_dir(&site) < 0 ||
        server_spawn(&site, (const char *const[]){"python3", script, site.dir,
                                                  NULL}) < 0)
        return -1;
    return wait_for_ports();
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    server_end(&site, SIGTERM);
    server_remove_dir(&site);
    return 0;
}

static const char *url_of(int port, const char *login, const char *path)
{
    static char text[4][200];
    static int next;

    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "http://%s127.0.0.1:%d%s", login,
             port, path);
    return text[next];
}

static const char *url(const char *path)
{
    return url_of(site.port, "", path);
}

static void done(int rc, int status)
{
    if (rc < 0)
        fail_msg("%s", reply.error.text);
    assert_int_equal(reply.status, status);
}

static void ask(struct http_request q, const char *path, int status)
{
    q.url = url(path);
    done(http_request(&q, &reply), status);
}

/* --- forms --- */

static void a_urlencoded_form_comes_back(void **state)
{
    struct sc_buf form = SC_BUF(1000);

    (void)state;
    uri_query_add(&form, "name", "J\xc3\xbcrgen & Co = 100%");
    uri_query_add(&form, "a+b", "1 + 1");
    uri_query_add(&form, "empty", "");
    uri_query_add(&form, "lines", "one\r\ntwo");
    done(http_post(url("/form"), "application/x-www-form-urlencoded",
                   (struct sc_span){form.data, form.len}, &reply),
         200);
    assert_string_equal(reply.body.data, "name=J\xc3\xbcrgen & Co = 100%\n"
                                         "a+b=1 + 1\nempty=\n"
                                         "lines=one\r\ntwo\n");
    sc_buf_free(&form);
}

/* All 256 bytes, lines that look like a boundary, no end of line. */
static int make_odd_file(const char *name)
{
    char bytes[70000];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    memcpy(bytes + 100, "\r\n--\r\n----\r\n\r\n", 14);
    return server_write_n(&site, name, bytes, sizeof bytes);
}

static void expect_same(const char *a, const char *b)
{
    struct sc_buf one = server_read(&site, a), two = server_read(&site, b);

    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    sc_buf_free(&one);
    sc_buf_free(&two);
}

static void a_multipart_form_comes_back(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source body;
    struct http_request q = {.source = &body};
    char path[100];

    (void)state;
    assert_int_equal(make_odd_file("odd.png"), 0);
    snprintf(path, sizeof path, "%s/odd.png", site.dir);
    http_form_add(f,
                  &(struct http_part){.name = "who", .text = "J\xc3\xbcrgen"});
    http_form_add(f, &(struct http_part){.name = "pic", .path = path});
    http_form_add(f, &(struct http_part){.name = "memory",
                                         .bytes = SC_SPAN("\0\1\r\n"),
                                         .filename = "a b.bin",
                                         .type = "application/x-test"});
    http_form_add(f, &(struct http_part){.name = "empty", .text = ""});
    assert_int_equal(http_form_source(f, &body, &reply.error), 0);
    assert_true(body.length != HTTP_UNKNOWN);
    ask(q, "/form", 200);
    assert_string_equal(reply.body.data, "who=J\xc3\xbcrgen\n"
                                         "pic: odd.png image/png file1\n"
                                         "memory: a b.bin application/x-test"
                                         " file2\nempty=\n");
    expect_same("odd.png", "file1");
    http_form_free(f);
}

static void a_form_with_odd_names_stays_one_form(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source body;
    struct http_request q = {.source = &body};

    (void)state;
    http_form_add(f, &(struct http_part){.name = "a\"\r\nX: y", .text = "1"});
    http_form_add(f, &(struct http_part){.name = "b", .text = "2"});
    assert_int_equal(http_form_source(f, &body, &reply.error), 0);
    ask(q, "/form", 200);
    assert_string_equal(reply.body.data, "a%22%0D%0AX: y=1\nb=2\n");
    http_form_free(f);
}

/* --- cookies --- */

static void cookies_are_kept_and_sent_back(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s};

    (void)state;
    assert_non_null(http_session_cookies(s));
    ask(q,
        "/cookie?set=a=1&set=b=2%3B%20Path=/cookie"
        "&set=c=3%3B%20Path=/elsewhere&set=d=4%3B%20Max-Age=0",
        200);
    assert_string_equal(reply.body.data, "");
    ask(q, "/cookie", 200);
    assert_string_equal(reply.body.data, "a=1\nb=2\n");
    ask(q, "/cookie?set=a=gone%3B%20Max-Age=0&set=b=two%3B%20Path=/cookie",
        200);
    ask(q, "/cookie", 200);
    assert_string_equal(reply.body.data, "b=two\n");
    http_session_free(s);
}

static void cookies_of_others_are_not_kept(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s};

    (void)state;
    assert_non_null(http_session_cookies(s));
    ask(q,
        "/cookie?set=x=1%3B%20Domain=example.com"
        "&set=y=1%3B%20Domain=com&set=__Host-z=1%3B%20Path=/",
        200);
    ask(q, "/cookie", 200);
    assert_string_equal(reply.body.data, "");
    http_session_free(s);
    ask((struct http_request){0}, "/cookie?set=a=1", 200);
    ask((struct http_request){0}, "/cookie", 200);
    assert_string_equal(reply.body.data, "");
}

static void cookies_live_on_in_a_file(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s};
    const char *jar = server_path(&site, "jar");

    (void)state;
    assert_non_null(http_session_cookies(s));
    ask(q, "/cookie?set=a=1%3B%20Max-Age=1000&set=b=2", 200);
    assert_int_equal(
        http_cookies_save(http_session_cookies(s), jar, &reply.error), 0);
    http_session_free(s);
    q.session = s = http_session_new(NULL);
    assert_int_equal(
        http_cookies_load(http_session_cookies(s), jar, &reply.error), 2);
    ask(q, "/cookie", 200);
    assert_string_equal(reply.body.data, "a=1\nb=2\n");
    http_session_free(s);
}

/* --- logins --- */

static const char *const kinds[] = {
    "/digest/MD5/auth",          "/digest/MD5/none",
    "/digest/MD5-sess/auth",     "/digest/SHA-256/auth",
    "/digest/SHA-256-sess/auth", "/digest/MD5/auth,auth-int",
};

static void every_kind_of_digest_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct http_request q = {.url =
                                     url_of(site.port, "joe:secret@", kinds[i]),
                                 .flags = HTTP_DIGEST};

        done(http_request(&q, &reply), 200);
        assert_string_equal(reply.body.data, "come in");
        q.url = url_of(site.port, "joe:wrong@", kinds[i]);
        done(http_request(&q, &reply), 401);
        assert_int_equal(reply.nhops, 2);
    }
}

/* RFC 7616 section 3.3: stale means a new nonce, not a wrong password. */
static void a_stale_nonce_is_replaced(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s, .flags = HTTP_DIGEST};
    int hops = 0;

    (void)state;
    assert_int_equal(http_session_login(s, url("/"), "joe", "secret"), 0);
    for (int i = 0; i < 6; i++) {
        ask(q, "/digest/SHA-256/auth", 200);
        hops += reply.nhops;
    }
    assert_int_equal(hops, 9); /* a nonce serves twice */
    http_session_free(s);
}

static int begin_again(void *arg)
{
    *(int *)arg = 0;
    return 0;
}

static ssize_t give_ten(void *arg, void *buf, size_t n)
{
    int *given = arg;

    if (*given == 10 || n < 10)
        return 0;
    memcpy(buf, "0123456789", 10);
    *given = 10;
    return 10;
}

static void an_upload_begins_again_after_a_login(void **state)
{
    int given = 0;
    struct http_source from = {.length = HTTP_UNKNOWN,
                               .read = give_ten,
                               .rewind = begin_again,
                               .arg = &given};
    struct http_request q = {.url = url_of(site.port, "joe:secret@", kinds[3]),
                             .flags = HTTP_DIGEST,
                             .source = &from};

    (void)state;
    done(http_request(&q, &reply), 200);
    assert_string_equal(reply.body.data, "come in");
}

/* --- bodies --- */

static void an_upload_of_unknown_length_arrives(void **state)
{
    int given = 0;
    struct http_source from = {
        .length = HTTP_UNKNOWN, .read = give_ten, .arg = &given};

    (void)state;
    ask((struct http_request){.source = &from}, "/sum", 200);
    /* printf 0123456789 | sha256sum */
    assert_string_equal(reply.body.data,
                        "POST 10 84d89877f0d4041efb6bf91a16f0248f"
                        "2fd573e6af05c19f96bedb9f882f7882\n");
}

static void trailers_come_behind_chunks(void **state)
{
    (void)state;
    ask((struct http_request){0}, "/trailers", 200);
    assert_int_equal(reply.body.len, 34750); /* 100 + 7 * 4950 */
    assert_int_equal(strlen(sc_fields_get(&reply.trailers, "Sum", "")), 64);
    assert_string_equal(http_header(&reply, "Sum", "none"), "none");
}

static int see_hint(void *arg, const struct http_reply *r)
{
    *(int *)arg += r->status == 103 &&
                   strstr(http_header(r, "Link", ""), "preload") != NULL;
    return 0;
}

static void hints_come_before_the_answer(void **state)
{
    int hints = 0;

    (void)state;
    ask((struct http_request){.on_head = see_hint, .on_head_arg = &hints},
        "/hints", 200);
    assert_int_equal(hints, 2);
    assert_string_equal(reply.body.data, "after hints");
    assert_string_equal(http_header(&reply, "Link", "none"), "none");
}

/* --- events --- */

/* "TYPE ID DATA;" of each event. */
static char told[200];

static int tell(void *arg, const struct http_event *e)
{
    size_t at = strlen(told);

    snprintf(told + at, sizeof told - at, "%s %s %.*s;", e->type, e->id,
             (int)e->data.len, e->data.data);
    return arg != NULL ? *(int *)arg : 0;
}

static int listen_to(const char *path, int *result, int64_t *retry_ms)
{
    static const struct sc_options impatient = {.stall_ms = 1000};
    struct http_request q = {.url = url(path)};

    if (strcmp(path, "/quiet") == 0)
        q.options = &impatient;
    told[0] = '\0';
    return http_events(&q, tell, result, retry_ms, &reply);
}

/* WHATWG HTML section 9.2.6: an event that nothing ends is none. */
static void events_come_one_by_one(void **state)
{
    int64_t retry_ms = 0;

    (void)state;
    assert_int_equal(listen_to("/events", NULL, &retry_ms), 0);
    assert_string_equal(told, "message  one;news 2 two\nlines;message 2 ;"
                              "message 4 last;");
    assert_int_equal(retry_ms, 70);
}

static void the_listener_may_stop(void **state)
{
    int enough = -77;

    (void)state;
    assert_int_equal(listen_to("/events", &enough, NULL), -77);
    assert_string_equal(told, "message  one;");
}

static void silence_between_events_has_an_end(void **state)
{
    (void)state;
    assert_int_equal(listen_to("/quiet", NULL, NULL), SC_ETIMEDOUT);
    assert_string_equal(told, "message  one;");
}

static void what_is_no_stream_of_events_is_refused(void **state)
{
    (void)state;
    assert_int_equal(listen_to("/seen", NULL, NULL), SC_EREPLY);
    assert_int_equal(listen_to("/nowhere", NULL, NULL), SC_EREPLY);
    assert_int_equal(reply.status, 404);
}

static void http_1_0_ends_each_connection(void **state)
{
    struct http_request q = {.url = url_of(old_port, "", "/hints")};

    (void)state;
    for (int i = 0; i < 3; i++) {
        q.url = url_of(old_port, "", "/seen");
        done(http_request(&q, &reply), 200);
        assert_int_equal(reply.version, 10);
        assert_int_equal(reply.reused, 0);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_urlencoded_form_comes_back),
    cmocka_unit_test(a_multipart_form_comes_back),
    cmocka_unit_test(a_form_with_odd_names_stays_one_form),
    cmocka_unit_test(cookies_are_kept_and_sent_back),
    cmocka_unit_test(cookies_of_others_are_not_kept),
    cmocka_unit_test(cookies_live_on_in_a_file),
    cmocka_unit_test(every_kind_of_digest_opens),
    cmocka_unit_test(a_stale_nonce_is_replaced),
    cmocka_unit_test(an_upload_begins_again_after_a_login),
    cmocka_unit_test(an_upload_of_unknown_length_arrives),
    cmocka_unit_test(trailers_come_behind_chunks),
    cmocka_unit_test(hints_come_before_the_answer),
    cmocka_unit_test(events_come_one_by_one),
    cmocka_unit_test(the_listener_may_stop),
    cmocka_unit_test(silence_between_events_has_an_end),
    cmocka_unit_test(what_is_no_stream_of_events_is_refused),
    cmocka_unit_test(http_1_0_ends_each_connection),
};

static char script[4096];

static int begin(void **state)
{
    *state = script;
    return start(state);
}

/* The program's argument, the script, stands before cmocka's. */
int main(int argc, char **argv)
{
    if (!server_installed("python3"))
        return 77;
    if (argc > 1 && argv[1][0] != '-') {
        snprintf(script, sizeof script, "%s", argv[1]);
        argc--;
        argv++;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, begin, stop);
}
