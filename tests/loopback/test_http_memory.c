/* test_http_memory.c - every allocation of a call fails once: with redirects,
 * logins, cookies, codings, another try, a download, events. The call fails and
 * says so, nothing is left half done (leaks are for the sanitizer to find). Only
 * the client's: its servers run in tasks. */
#include "main.h"

#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/http_session.h>

#include "http_peer.h"

static struct peer a, b;
static struct http_reply reply;
static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && sc_task_self() == 0 && left-- == 0;
}

static void *failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

static int take_over(void **state)
{
    static const struct sc_allocator mine = {failing_malloc, failing_realloc,
                                             free};

    (void)state;
    return sc_set_allocator(&mine);
}

/* Let the first, second ... allocation of F fail until it has enough. What can
 * be done without is left out, so F may succeed meanwhile. */
static void try_all(void (*serve)(void), int (*f)(void))
{
    bool enough = false;
    long n;
    int rc;

    for (n = 0; !enough && n < 2000; n++) {
        peer_start(&a, NULL);
        peer_start(&b, NULL);
        serve();
        left = n;
        rc = f();
        enough = left >= 0;
        left = -1;
        if (rc < 0 &&
            (enough || reply.error.code != rc || reply.error.text[0] == '\0'))
            fail_msg("allocation %ld: %d and %d, \"%s\"", n, rc,
                     reply.error.code, reply.error.text);
        http_reply_free(&reply);
        peer_stop(&a);
        peer_stop(&b);
        sc_run();
    }
    assert_in_range(n, 30, 1999);
}

static void lead_around(void)
{
    char to[160];

    snprintf(to, sizeof to,
             "Location: %s/2#f\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n",
             b.base);
    peer_says(&a, "/1", "307 Go", to, "go");
    peer_says(&b, "/2", "401 Who",
              "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
              "opaque=\"o\", qop=auth\r\n",
              "who?");
    peer_says(&b, "/2", "503 Busy", "", "busy");
    peer_says(&b, "/2", "200 OK", "X: y\r\n", "there");
}

static int go_around(void)
{
    struct http_retry once = {.times = 1, .delay_ms = 1};
    struct http_session *s = http_session_new(NULL);
    struct sc_fields head = {0};
    char url[100], there[100];
    struct http_request q = {.url = url,
                             .session = s,
                             .retry = &once,
                             .method = "PUT",
                             .body = SC_SPAN("x=1"),
                             .range = "0-",
                             .referer = "http://r/",
                             .cookies = "e=f",
                             .head = &head,
                             .flags = HTTP_COMPRESSED | HTTP_AUTO_REFERER};
    int rc = s != NULL && http_session_cookies(s) != NULL ? 0 : SC_ENOMEM;

    snprintf(url, sizeof url, "http://u:p@127.0.0.1:%d/1", a.port);
    snprintf(there, sizeof there, "%s/", b.base);
    if (rc == 0)
        rc = http_session_login(s, there, "joe", "pw");
    if (rc == 0)
        rc = sc_fields_add(&head, sc_span_of("X"), sc_span_of("y"));
    if (rc < 0)
        sc_error_set(&reply.error, rc, "setting up");
    else if ((rc = http_request(&q, &reply)) == 0)
        assert_string_equal(reply.body.data, "there");
    sc_fields_free(&head);
    if (s != NULL)
        http_session_free(s);
    return rc;
}

static void a_call_lives_without_memory(void **state)
{
    (void)state;
    try_all(lead_around, go_around);
}

static void serve_file(void)
{
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-4/5\r\n", "lo");
}

static int download(void)
{
    char url[100], path[] = "/tmp/sc_memory_XXXXXX";
    int fd = mkstemp(path);
    struct http_request q = {.url = url};
    struct http_download how = {.path = path,
                                .resume = 1,
                                .validator = "\"v\"",
                                .sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e"
                                          "1b161e5c1fa7425e73043362938b9824"};
    int rc;

    assert_int_equal(write(fd, "hel", 3), 3);
    close(fd);
    snprintf(url, sizeof url, "%s/x", a.base);
    rc = http_download_to(&q, &how, &reply);
    unlink(path);
    return rc;
}

static void a_download_lives_without_memory(void **state)
{
    (void)state;
    try_all(serve_file, download);
}

static void serve_events(void)
{
    peer_says(&a, "/x", "200 OK", "Content-Type: text/event-stream\r\n",
              "event: e\nid: 1\ndata: x\n\n");
}

static int note(void *arg, const struct http_event *e)
{
    assert_string_equal(e->data.data, "x");
    ++*(int *)arg;
    return 0;
}

static int listen_to(void)
{
    char url[100];
    struct http_request q = {.url = url};
    int n = 0, rc;

    snprintf(url, sizeof url, "%s/x", a.base);
    rc = http_events(&q, note, &n, NULL, &reply);
    if (rc == 0)
        assert_int_equal(n, 1);
    return rc;
}

static void events_live_without_memory(void **state)
{
    (void)state;
    try_all(serve_events, listen_to);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_call_lives_without_memory),
    cmocka_unit_test(a_download_lives_without_memory),
    cmocka_unit_test(events_live_without_memory),
};

TEST_MAIN_WITH(tests, take_over, NULL)
