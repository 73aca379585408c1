/* test_http_get.c - http_get over real sockets: reuse, retry, and servers that
 * misbehave; blocking, and as a hundred tasks. */
#include "main.h"

#include "http_server.h"

static struct http_server server;
static struct http_reply reply;

static int start(void **state)
{
    (void)state;
    server_start(&server, "http");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    server_stop(&server);
    return 0;
}

static const char *url(const char *path)
{
    static char text[128];

    snprintf(text, sizeof text, "%s%s", server.base, path);
    return text;
}

static int get(const char *path)
{
    return http_get(url(path), &reply);
}

static int get_with(const char *path, const struct sc_options *opt)
{
    struct http_request q = {.url = url(path), .options = opt};

    return http_request(&q, &reply);
}

static void expect(const char *path, const char *body)
{
    int rc = get(path);

    if (rc < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body.data, body);
}

static void a_connection_is_kept_and_used_again(void **state)
{
    (void)state;
    expect("/hello", "hello");
    assert_int_equal(reply.reused, 0);
    for (int i = 0; i < 5; i++) {
        expect("/hello", "hello");
        assert_int_equal(reply.reused, 1);
    }
    assert_int_equal(server.connections, 1);
    assert_int_equal(server.requests, 6);
}

static void no_pool_means_a_connection_each(void **state)
{
    struct sc_options opt = {.flags = SC_OPT_NO_POOL};

    (void)state;
    expect("/hello", "hello");
    assert_int_equal(get_with("/hello", &opt), 0);
    assert_int_equal(get_with("/hello", &opt), 0);
    assert_int_equal(reply.reused, 0);
    assert_int_equal(server.connections, 3);
}

static void chunks_and_trailers_come_through(void **state)
{
    (void)state;
    expect("/chunked", "chunked");
    assert_string_equal(sc_fields_get(&reply.trailers, "sum", ""), "7");
    expect("/chunked", "chunked");
    assert_int_equal(server.connections, 1);
}

static void a_body_to_the_end_ends_the_connection(void **state)
{
    (void)state;
    expect("/end", "to the end");
    expect("/end", "to the end");
    assert_int_equal(server.connections, 2);
}

static void head_has_no_body_and_keeps_the_connection(void **state)
{
    (void)state;
    assert_int_equal(http_head(url("/hello"), &reply), 0);
    assert_string_equal(http_header(&reply, "content-length", ""), "5");
    assert_int_equal(reply.body.len, 0);
    expect("/hello", "hello");
    assert_int_equal(server.connections, 1);
}

static void a_cut_body_is_short_and_told(void **state)
{
    (void)state;
    assert_int_equal(get("/cut"), SC_ESHORT);
    assert_string_equal(reply.body.data, "cut"); /* what came so far */
    assert_int_equal(reply.error.code, SC_ESHORT);
    assert_int_not_equal(reply.error.text[0], '\0');
}

static void an_endless_head_is_too_big(void **state)
{
    (void)state;
    assert_int_equal(get("/head"), SC_ETOOBIG);
}

static void silence_ends_in_a_timeout(void **state)
{
    struct sc_options wait = {.wait_ms = 150}, total = {.total_ms = 150};
    int64_t begin = sc_now();

    (void)state;
    assert_int_equal(get_with("/silent", &wait), SC_ETIMEDOUT);
    assert_int_equal(get_with("/silent", &total), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begin, 250, 2000);
}

static void a_body_that_drips_is_given_up(void **state)
{
    struct sc_options stall = {.stall_ms = 150};
    int64_t begin = sc_now();

    (void)state;
    assert_int_equal(get_with("/drip", &stall), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begin, 150, 5000);
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.error.phase, SC_PHASE_RECEIVE);
}

static void defaults_hold_where_no_options_are_given(void **state)
{
    struct sc_options defaults = {.wait_ms = 150};
    int64_t begin = sc_now();
    int rc;

    (void)state;
    assert_int_equal(sc_set_defaults(&defaults), 0);
    rc = get("/silent");
    assert_int_equal(sc_set_defaults(NULL), 0);
    assert_int_equal(rc, SC_ETIMEDOUT);
    assert_in_range(sc_now() - begin, 150, 4500);
}

static void an_end_or_a_reset_before_the_head_is_told(void **state)
{
    (void)state;
    assert_int_equal(get("/none"), SC_EOF);
    assert_int_equal(get("/reset"), SC_ECONNRESET);
    assert_int_equal(get("/text"), SC_EPROTO);
}

static void total_time_counts_from_each_call(void **state)
{
    struct sc_options total = {.total_ms = 300};

    (void)state;
    for (int i = 0; i < 3; i++) {
        if (get_with("/hello", &total) < 0)
            fail_msg("%s", reply.error.text);
        sc_sleep(200);
    }
    assert_int_equal(server.connections, 1);
}

static void a_stale_connection_is_retried_once(void **state)
{
    (void)state;
    expect("/once", "hello");
    expect("/once", "hello"); /* read, dropped, asked again */
    assert_int_equal(server.connections, 2);
    assert_int_equal(server.requests, 3);
    assert_int_equal(reply.reused, 0);
}

static void a_post_is_not_sent_twice(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1")};

    (void)state;
    expect("/once", "hello");
    q.url = url("/once");
    assert_int_equal(http_request(&q, &reply), SC_EUNKNOWN);
    assert_int_equal(reply.error.flags, SC_SENT);
    assert_non_null(strstr(reply.error.text, "outcome unknown: "));
    assert_int_equal(server.requests, 2);
}

static void a_post_marked_idempotent_is_asked_again(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .flags = HTTP_IDEMPOTENT};

    (void)state;
    expect("/once", "hello");
    q.url = url("/once");
    assert_int_equal(http_request(&q, &reply), 0);
    assert_int_equal(server.requests, 3);
}

static void idempotent_methods_are_asked_again(void **state)
{
    static const char *const names[] = {"HEAD", "OPTIONS", "TRACE", "PUT",
                                        "DELETE"};
    struct http_request q = {.url = NULL};

    (void)state;
    for (int i = 0; i < 5; i++) {
        expect("/hello", "hello");
        server.requests = 0;
        q.url = url("/once");
        q.method = names[i];
        assert_int_equal(http_request(&q, &reply), 0);
        assert_int_equal(server.requests, 2);
    }
}

static void a_first_post_that_dies_is_unknown_too(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1")};

    (void)state;
    q.url = url("/none");
    assert_int_equal(http_request(&q, &reply), SC_EUNKNOWN);
    q.method = "REPORT"; /* not known here: it may do anything */
    assert_int_equal(http_request(&q, &reply), SC_EUNKNOWN);
    q.method = "PUT";
    assert_int_equal(http_request(&q, &reply), SC_EOF);
}

static void a_connection_that_was_left_is_not_used(void **state)
{
    (void)state;
    expect("/leave", "hello");
    server_wait(&server.closed, 1);
    expect("/leave", "hello");
    assert_int_equal(server.connections, 2);
    assert_int_equal(server.requests, 2);
}

static void a_second_answer_is_never_believed(void **state)
{
    (void)state;
    expect("/evil", "ok");
    expect("/hello", "hello");
    assert_int_equal(server.connections, 2);
}

static void an_open_client_opens_anew(void **state)
{
    HTTPClient *h = http_open(server.base, NULL);

    (void)state;
    assert_int_equal(http_client_get(h, "/leave", &reply), 0);
    server_wait(&server.closed, 1);
    assert_int_equal(http_client_get(h, "/once", &reply), 0);
    assert_int_equal(http_client_get(h, "/once", &reply), 0);
    assert_string_equal(reply.body.data, "hello");
    assert_int_equal(http_client_get(h, "/evil", &reply), 0);
    assert_int_equal(http_client_get(h, "/hello", &reply), 0);
    assert_string_equal(reply.body.data, "hello");
    assert_int_equal(server.connections, 4);
    assert_int_equal(http_close(h), 0);
}

static void nobody_there_is_refused(void **state)
{
    struct sc_listener *gone = sc_listen("127.0.0.1:0", NULL);
    char text[128];

    (void)state;
    snprintf(text, sizeof text, "http://%s/", sc_listener_name(gone));
    sc_listener_close(gone);
    assert_int_equal(http_get(text, &reply), SC_ECONNREFUSED);
    assert_int_equal(reply.error.phase, SC_PHASE_CONNECT);
}

/* --- all of it again, as tasks --- */

static void one_of_many(void *arg)
{
    static const struct {
        const char *path;
        int rc;
        const char *body;
    } kinds[] = {{"/hello", 0, "hello"},
                 {"/chunked", 0, "chunked"},
                 {"/end", 0, "to the end"},
                 {"/cut", SC_ESHORT, "cut"},
                 {"/once", 0, "hello"}};
    size_t kind = *(size_t *)arg % 5;
    struct http_reply r = {0};
    char text[128];

    snprintf(text, sizeof text, "%s%s", server.base, kinds[kind].path);
    for (int i = 0; i < 3; i++) {
        int rc = http_get(text, &r);

        if (rc != kinds[kind].rc || strcmp(r.body.data, kinds[kind].body) != 0)
            *(size_t *)arg = 1000;
    }
    http_reply_free(&r);
}

static void a_hundred_tasks_do_the_same(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    size_t kind[100];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        kind[i] = i;
        sc_group_go(g, one_of_many, &kind[i]);
    }
    assert_int_equal(sc_group_wait(g), 0);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(kind[i], i);
}

static void wait_in_vain(void *arg)
{
    struct http_reply r = {0};

    *(int *)arg = http_get(url("/silent"), &r);
    http_reply_free(&r);
}

static void a_cancelled_task_gives_up_at_once(void **state)
{
    int rc = 0;
    int64_t begin = sc_now(), task = sc_task_go(NULL, wait_in_vain, &rc);

    (void)state;
    server_wait(&server.requests, 1);
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(rc, SC_ECANCELED);
    assert_in_range(sc_now() - begin, 0, 4000); /* the server: 5,000 */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_connection_is_kept_and_used_again),
    TEST(no_pool_means_a_connection_each),
    TEST(chunks_and_trailers_come_through),
    TEST(a_body_to_the_end_ends_the_connection),
    TEST(head_has_no_body_and_keeps_the_connection),
    TEST(a_cut_body_is_short_and_told),
    TEST(an_endless_head_is_too_big),
    TEST(silence_ends_in_a_timeout),
    TEST(a_body_that_drips_is_given_up),
    TEST(defaults_hold_where_no_options_are_given),
    TEST(an_end_or_a_reset_before_the_head_is_told),
    TEST(total_time_counts_from_each_call),
    TEST(a_stale_connection_is_retried_once),
    TEST(a_post_is_not_sent_twice),
    TEST(a_post_marked_idempotent_is_asked_again),
    TEST(idempotent_methods_are_asked_again),
    TEST(a_first_post_that_dies_is_unknown_too),
    TEST(a_connection_that_was_left_is_not_used),
    TEST(a_second_answer_is_never_believed),
    TEST(an_open_client_opens_anew),
    TEST(nobody_there_is_refused),
    TEST(a_hundred_tasks_do_the_same),
    TEST(a_cancelled_task_gives_up_at_once),
};

TEST_MAIN(tests)
