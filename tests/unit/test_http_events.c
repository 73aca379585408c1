/* test_http_events.c - the reader of server-sent events, with the examples of
 * WHATWG HTML section 9.2.6, cut at every place. */
#include "main.h"

#include "core/mem.h"
#include "http/http_events.h"

static char got[1024];

static int note(void *arg, const struct http_event *e)
{
    size_t n = strlen(got);

    (void)arg;
    assert_int_equal(strlen(e->data.data), e->data.len);
    snprintf(got + n, sizeof got - n, "[%s|%s|%s]", e->type, e->data.data,
             e->id);
    return 0;
}

/* TEXT in pieces of N bytes makes EVENTS. */
static void feed(const char *text, size_t len, size_t n, const char *events)
{
    struct http_event_reader r = {.fn = note, .limit = 1000};

    got[0] = '\0';
    for (size_t at = 0; at < len; at += n)
        assert_int_equal(
            http_event_take(&r, text + at, len - at < n ? len - at : n), 0);
    http_event_reader_free(&r);
    assert_string_equal(got, events);
}

static void reads_as(const char *text, const char *events)
{
    for (size_t n = 1; n <= strlen(text); n++)
        feed(text, strlen(text), n, events);
}

static void lines_of_data_are_joined(void **state)
{
    (void)state;
    reads_as("data: YHOO\ndata: +2\ndata: 10\n\n", "[message|YHOO\n+2\n10|]");
}

static void comments_ids_and_blocks_without_end(void **state)
{
    (void)state;
    reads_as(": test stream\n\ndata: first event\nid: 1\n\n"
             "data:second event\nid\n\ndata:  third event\n",
             "[message|first event|1][message|second event|]");
}

static void empty_data_is_an_event(void **state)
{
    (void)state;
    reads_as("data\n\ndata\ndata\n\ndata:", "[message||][message|\n|]");
}

static void one_space_is_cut(void **state)
{
    (void)state;
    reads_as("data:test\n\ndata: test\n\n", "[message|test|][message|test|]");
}

static void types_are_for_one_event(void **state)
{
    (void)state;
    reads_as("event: add\ndata: 7\n\nevent: none\n\ndata: 8\n\n",
             "[add|7|][message|8|]");
}

static void all_line_ends_count(void **state)
{
    (void)state;
    reads_as("data: a\r\ndata: a\r\n\r\ndata: b\rdata: b\r\r",
             "[message|a\na|][message|b\nb|]");
    reads_as("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\n",
             "[message|a|][message|b|][message|c|][message|d|]");
}

static void a_byte_order_mark_is_skipped_once(void **state)
{
    (void)state;
    reads_as("\xef\xbb\xbf"
             "data: a\n\n\xef\xbb\xbf"
             "data: b\ndata: c\n\n",
             "[message|a|][message|c|]");
}

static void ids_stay_until_another(void **state)
{
    (void)state;
    reads_as("id: 7\n\ndata: a\n\ndata: b\nid: 8\n\n",
             "[message|a|7][message|b|8]");
}

static void an_id_with_nul_is_ignored(void **state)
{
    static const char text[] = "id: 7\nid: a\0b\ndata: x\n\n";

    (void)state;
    feed(text, sizeof text - 1, sizeof text, "[message|x|7]");
}

static void unknown_fields_are_ignored(void **state)
{
    (void)state;
    reads_as("Data: no\nfoo: bar\n: comment\ndata: x\n\n", "[message|x|]");
}

static void retry_is_digits_only(void **state)
{
    int64_t ms = -1;
    struct http_event_reader r = {.fn = note, .limit = 100, .retry_ms = &ms};

    (void)state;
    assert_int_equal(http_event_take(&r, "retry: 1500\n", 12), 0);
    assert_int_equal(ms, 1500);
    assert_int_equal(http_event_take(&r, "retry: 2x\nretry:\n", 17), 0);
    assert_int_equal(ms, 1500);
    http_event_reader_free(&r);
}

static void an_endless_event_is_too_big(void **state)
{
    struct http_event_reader r = {.fn = note, .limit = 20};
    int rc = 0;

    (void)state;
    for (int i = 0; i < 10 && rc == 0; i++)
        rc = http_event_take(&r, "data: 12345\n", 12);
    assert_int_equal(rc, SC_ETOOBIG);
    http_event_reader_free(&r);
    r = (struct http_event_reader){.fn = note, .limit = 20};
    for (int i = 0; i < 10; i++) /* each on its own fits */
        assert_int_equal(http_event_take(&r, "data: 12345\n\n", 13), 0);
    http_event_reader_free(&r);
}

static int refuse(void *arg, const struct http_event *e)
{
    (void)arg;
    (void)e;
    return SC_EINVAL;
}

static void what_the_caller_returns_stops(void **state)
{
    struct http_event_reader r = {.fn = refuse, .limit = 100};

    (void)state;
    assert_int_equal(http_event_take(&r, "data: x\n\ndata: y\n\n", 18),
                     SC_EINVAL);
    http_event_reader_free(&r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_of_data_are_joined),
    cmocka_unit_test(comments_ids_and_blocks_without_end),
    cmocka_unit_test(empty_data_is_an_event),
    cmocka_unit_test(one_space_is_cut),
    cmocka_unit_test(types_are_for_one_event),
    cmocka_unit_test(all_line_ends_count),
    cmocka_unit_test(a_byte_order_mark_is_skipped_once),
    cmocka_unit_test(ids_stay_until_another),
    cmocka_unit_test(an_id_with_nul_is_ignored),
    cmocka_unit_test(unknown_fields_are_ignored),
    cmocka_unit_test(retry_is_digits_only),
    cmocka_unit_test(an_endless_event_is_too_big),
    cmocka_unit_test(what_the_caller_returns_stops),
};

TEST_MAIN(tests)
