/* test_fetch_figures.c - what -w is told of a transfer of two hops, and JSON
 * (RFC 8259). */

#include "main.h"

#include <stdlib.h>

#include "fetch/figures.h"
#include "fetch/json.h"

static struct config config;
static struct transfer t;
static struct figures f;
static struct http_hop hops[2];

static void add(const char *name, const char *value)
{
    assert_int_equal(
        sc_fields_add(&t.reply.head, sc_span_of(name), sc_span_of(value)), 0);
}

/* A redirect, and an answer on the same connection. */
static int begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    hops[0] = (struct http_hop){.url = "http://a/x",
                                .method = "POST",
                                .status = 302,
                                .connects = 1,
                                .head_sent = 100,
                                .body_sent = 10,
                                .head_got = 60,
                                .times = {0, 10, 20, 0, 30, 40, 50}};
    hops[1] = (struct http_hop){.url = "http://a/y",
                                .method = "GET",
                                .status = 200,
                                .reused = 1,
                                .head_sent = 80,
                                .head_got = 70,
                                .body_got = 500,
                                .times = {60, 0, 0, 0, 70, 80, 1000060},
                                .peer = {.address = "::1", .port = 80}};
    t.job.config = &config;
    t.job.url = "a/x";
    t.url = "a/x";
    t.reply.status = 200;
    t.reply.version = 11;
    t.reply.hops = hops;
    t.reply.nhops = 2;
    return 0;
}

static int end(void **state)
{
    (void)state;
    free_figures(&f);
    sc_fields_free(&t.reply.head);
    return 0;
}

static void hops_are_added_up(void **state)
{
    (void)state;
    take_figures(&f, &t);
    assert_int_equal(f.redirects, 1);
    assert_int_equal(f.connects, 1);
    assert_int_equal(f.size_header, 130);
    assert_int_equal(f.size_request, 190);
    assert_string_equal(f.method, "GET");
    assert_string_equal(f.effective, "http://a/y");
    assert_string_equal(f.url, "a/x");
    assert_string_equal(f.scheme, "HTTP");
    assert_string_equal(f.remote_ip, "::1");
    assert_int_equal(f.downloaded, 500);
    assert_int_equal(f.uploaded, 0);
}

/* A connection that was kept took no time; no time lies before another. */
static void times_only_grow(void **state)
{
    (void)state;
    take_figures(&f, &t);
    assert_int_equal(f.redirect, 60);
    assert_int_equal(f.namelookup, 60);
    assert_int_equal(f.connect, 60);
    assert_int_equal(f.appconnect, 0);
    assert_int_equal(f.pretransfer, 60);
    assert_int_equal(f.starttransfer, 80);
    assert_int_equal(f.total, 1000060);
    assert_int_equal(f.speed_download, 499);
}

static void a_redirect_that_was_not_followed_is_named(void **state)
{
    (void)state;
    t.reply.nhops = 1;
    t.reply.status = 302;
    add("Location", "../z w?q");
    take_figures(&f, &t);
    assert_string_equal(f.redirect_url, "http://a/z%20w?q");
    assert_int_equal(f.redirects, 0);
}

static void nothing_came_is_nothing(void **state)
{
    (void)state;
    t.reply.nhops = 0;
    t.reply.status = 0;
    t.code = 7;
    snprintf(t.error, sizeof t.error, "refused");
    take_figures(&f, &t);
    assert_int_equal(f.status, 0);
    assert_int_equal(f.version, 0);
    assert_int_equal(f.exitcode, 7);
    assert_string_equal(f.errormsg, "refused");
    assert_string_equal(f.method, "GET");
    assert_null(f.redirect_url);
    assert_null(f.content_type);
}

/* --- JSON --- */

static char *text;
static size_t size;

static FILE *memory(void)
{
    free(text);
    text = NULL;
    return open_memstream(&text, &size);
}

static void assert_json(const char *s, const char *want)
{
    FILE *to = memory();

    json_text(to, s);
    fclose(to);
    assert_string_equal(text, want);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_json("plain", "\"plain\"");
    assert_json("", "\"\"");
    assert_json(NULL, "null");
    assert_json("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    assert_json("\b\f\n\r\t\x01\x1f\x7f",
                "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    assert_json("\xc3\xa9", "\"\xc3\xa9\"");
}

static void fields_of_one_name_are_one_list(void **state)
{
    FILE *to = memory();

    (void)state;
    add("Set-Cookie", "a=1");
    add("ETag", "\"x\"");
    add("set-cookie", "b=2");
    json_head(to, &t.reply);
    fclose(to);
    assert_string_equal(text, "{\"set-cookie\":[\"a=1\",\"b=2\"],\n"
                              "\"etag\":[\"\\\"x\\\"\"]\n}");
    free(text);
    text = NULL;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
static const struct CMUnitTest tests[] = {
    TEST(hops_are_added_up),
    TEST(times_only_grow),
    TEST(a_redirect_that_was_not_followed_is_named),
    TEST(nothing_came_is_nothing),
    TEST(strings_are_escaped),
    TEST(fields_of_one_name_are_one_list),
};

TEST_MAIN(tests)
