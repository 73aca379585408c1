/* test_nginx_keep.c - connections that a real nginx keeps, limits, and ends;
 * many requests at once; a reload and a kill in the middle. Skipped (77)
 * without nginx. */
#include "main.h"

#include <simpleclient/http.h>

#include "nginx.h"

static struct nginx nginx;
static struct http_reply reply;

static int start(void **state)
{
    (void)state;
    return nginx_start(&nginx);
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    return nginx_stop(&nginx);
}

/* How many lines of the access log hold WHAT. */
static int logged(const char *what)
{
    struct sc_buf log = server_read(&nginx.at, "access");
    int n = 0;

    for (const char *at = log.data; (at = strstr(at, what)) != NULL; at++)
        n++;
    sc_buf_free(&log);
    return n;
}

static void get(const char *url)
{
    if (http_get(url, &reply) < 0)
        fail_msg("%s: %s", url, reply.error.text);
    assert_int_equal(reply.status, 200);
}

static void three_requests_go_over_a_connection(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        get(nginx_url(&nginx, KEEP_THREE, "/page.txt"));
        assert_int_equal(reply.reused, i % 3 != 0);
        assert_string_equal(http_header(&reply, "connection", ""),
                            i % 3 == 2 ? "close" : "keep-alive");
    }
}

static void an_open_client_goes_on_after_three(void **state)
{
    HTTPClient *h = http_open(nginx_url(&nginx, KEEP_THREE, ""), NULL);

    (void)state;
    for (int i = 0; i < 9; i++) {
        if (http_client_get(h, "/page.txt", &reply) < 0)
            fail_msg("%s", reply.error.text);
        assert_int_equal(reply.body.len, 20000);
    }
    assert_int_equal(http_close(h), 0);
}

static void an_idle_connection_was_left(void **state)
{
    (void)state;
    get(nginx_url(&nginx, KEEP_SHORT, "/page.txt"));
    sc_sleep(500); /* ten times as long as nginx waits */
    get(nginx_url(&nginx, KEEP_SHORT, "/page.txt"));
    assert_int_equal(reply.reused, 0);
    assert_int_equal(reply.nhops, 1);
}

/* --- many at once --- */

static int good, unknown, other;

static void count(int rc, const struct http_reply *r, size_t len)
{
    good += rc == 0 && r->status == 200 && r->body.len == len;
    unknown += rc == SC_EUNKNOWN;
    if (rc < 0 && rc != SC_EUNKNOWN) {
        other++;
        print_message("%s\n", r->error.text);
    }
}

/* Run FN in N tasks. */
static void many(int n, void (*fn)(void *))
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int number[100];

    good = unknown = other = 0;
    for (int i = 0; i < n; i++) {
        number[i] = i;
        sc_group_go(g, fn, &number[i]);
    }
    assert_int_equal(sc_group_wait(g), 0);
}

static void ten_pages(void *arg)
{
    struct http_reply r = {0};
    char url[160];

    (void)arg;
    snprintf(url, sizeof url, "%s", nginx_url(&nginx, PLAIN, "/page.txt"));
    for (int i = 0; i < 10; i++)
        count(http_get(url, &r), &r, 20000);
    http_reply_free(&r);
}

static void a_hundred_tasks_ask_a_thousand_times(void **state)
{
    (void)state;
    many(100, ten_pages);
    assert_int_equal(good, 1000);
}

/* Pauses are as long as nginx keeps a connection: it ends just before the next
 * request, or while that is on its way. */
static void near_the_end(const char *path, const char *method, size_t len,
                         int nth)
{
    struct http_request q = {.method = method};
    struct http_reply r = {0};
    char url[160];

    snprintf(url, sizeof url, "%s", nginx_url(&nginx, KEEP_SHORT, path));
    q.url = url;
    if (strcmp(method, "POST") == 0)
        q.body = sc_span_of("a=1");
    for (int i = 0; i < 20; i++) {
        count(http_request(&q, &r), &r, len);
        sc_sleep(48 + (i + nth) % 5);
    }
    http_reply_free(&r);
}

static void get_near_the_end(void *arg)
{
    near_the_end("/page.txt", "GET", 20000, *(int *)arg);
}

static void post_near_the_end(void *arg)
{
    near_the_end("/what", "POST", strlen("POST 3"), *(int *)arg);
}

static void gets_survive_connections_that_end(void **state)
{
    (void)state;
    many(50, get_near_the_end);
    assert_int_equal(good, 1000);
}

/* RFC 9110 section 9.2.2: a POST is not repeated unless nothing of it can have
 * been seen. */
static void posts_are_never_made_twice(void **state)
{
    (void)state;
    many(50, post_near_the_end);
    assert_int_equal(other, 0);
    assert_int_equal(good + unknown, 1000);
    assert_in_range(logged("POST /what"), 0, 1000);
}

/* --- a reload --- */

static int asked;
static char stuff[100000];

static void put_some(int nth, struct http_reply *r)
{
    char path[20], url[160];
    struct http_request q = {
        .url = url, .method = "PUT", .body = {stuff, sizeof stuff}};

    snprintf(path, sizeof path, "/put/%d", nth);
    snprintf(url, sizeof url, "%s", nginx_url(&nginx, PLAIN, path));
    if (http_request(&q, r) == 0 && (r->status == 201 || r->status == 204))
        good++;
    else
        print_message("PUT: %d %s\n", r->status, r->error.text);
}

static void ask_and_reload(void *arg)
{
    struct http_reply r = {0};
    char url[160];

    snprintf(url, sizeof url, "%s",
             nginx_url(&nginx, PLAIN,
                       *(int *)arg == 0 ? "/slow/page.txt" : "/page.txt"));
    for (int i = 0; i < 30; i++) {
        if (++asked % 200 == 0)
            server_signal(&nginx.at, SIGHUP);
        if (i % 3 == 1)
            put_some(*(int *)arg, &r);
        else
            count(http_get(url, &r), &r, 20000);
    }
    http_reply_free(&r);
}

static int reloads(void)
{
    struct sc_buf log = server_read(&nginx.at, "error");
    int n = 0;

    for (const char *at = log.data;
         ((at = strstr(at, "signal 1 (SIGHUP)")) != NULL); at++)
        n++;
    sc_buf_free(&log);
    return n;
}

static void nothing_is_lost_when_nginx_reloads(void **state)
{
    (void)state;
    asked = 0;
    many(40, ask_and_reload);
    assert_int_equal(good, 1200);
    assert_true(reloads() > 0);
}

/* --- a kill --- */

static struct nginx doomed = {.alone = true};

static int start_doomed(void **state)
{
    (void)state;
    return nginx_start(&doomed);
}

static int stop_doomed(void **state)
{
    (void)state;
    return nginx_stop(&doomed);
}

static int kill_it(void *arg, const struct http_reply *r)
{
    (void)arg;
    (void)r;
    server_end(&doomed.at, SIGKILL);
    return 0;
}

static struct http_request deadly(int site)
{
    static struct sc_options trusting;

    trusting.tls.ca_file = doomed.certs.ca;
    return (struct http_request){.url = nginx_url(&doomed, site, "/slow/big"),
                                 .options = &trusting,
                                 .sink = sc_null_sink,
                                 .on_head = kill_it};
}

static void a_killed_server_leaves_a_short_body(void **state)
{
    struct http_request q = deadly(PLAIN);

    (void)state;
    assert_int_equal(http_request(&q, &reply), SC_ESHORT);
    assert_int_equal(reply.status, 200);
    q.on_head = NULL;
    assert_int_equal(http_request(&q, &reply), SC_ECONNREFUSED);
}

static void a_killed_server_leaves_a_short_body_over_tls(void **state)
{
    struct http_request q = deadly(TLS);

    (void)state;
    assert_int_equal(http_request(&q, &reply), SC_ESHORT);
}

/* What the pool has kept leads nowhere now. */
static void a_server_that_was_killed_is_found_again(void **state)
{
    static const int sites[] = {PLAIN, TLS};
    struct http_request q;

    (void)state;
    for (int i = 0; i < 2; i++) {
        q = deadly(sites[i]);
        q.on_head = NULL;
        q.url = nginx_url(&doomed, sites[i], "/what");
        q.body = sc_span_of("a=1");
        assert_int_equal(http_request(&q, &reply), 0);
        assert_int_equal(http_request(&q, &reply), 0);
        assert_int_equal(reply.reused, 1);
        server_end(&doomed.at, SIGKILL);
        assert_int_equal(nginx_launch(&doomed), 0);
        if (http_request(&q, &reply) < 0)
            fail_msg("%s", reply.error.text);
        assert_int_equal(reply.reused, 0);
        assert_int_equal(reply.status, 200);
    }
}

#define DOOMED(f) cmocka_unit_test_setup_teardown(f, start_doomed, stop_doomed)
static const struct CMUnitTest tests[] = {
    cmocka_unit_test(three_requests_go_over_a_connection),
    cmocka_unit_test(an_open_client_goes_on_after_three),
    cmocka_unit_test(an_idle_connection_was_left),
    cmocka_unit_test(a_hundred_tasks_ask_a_thousand_times),
    cmocka_unit_test(gets_survive_connections_that_end),
    cmocka_unit_test(posts_are_never_made_twice),
    cmocka_unit_test(nothing_is_lost_when_nginx_reloads),
    DOOMED(a_killed_server_leaves_a_short_body),
    DOOMED(a_killed_server_leaves_a_short_body_over_tls),
    DOOMED(a_server_that_was_killed_is_found_again),
};

int main(int argc, char **argv)
{
    if (!server_installed("nginx"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
