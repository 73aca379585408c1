/* test_http_steps_memory.c - the steps of httplib with no memory at each point
 * in turn: an error with a text, and nothing is left behind. */
#include "main.h"

#include <stdlib.h>

#include "http_script.h"

static long left = -1; /* allocations until one fails; negative: none does */
static long live;

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

static void *my_malloc(size_t n)
{
    void *p = fails() ? NULL : malloc(n);

    live += p != NULL;
    return p;
}

static void *my_realloc(void *p, size_t n)
{
    void *q = fails() ? NULL : realloc(p, n);

    live += p == NULL && q != NULL;
    return q;
}

static void my_free(void *p)
{
    live -= p != NULL;
    free(p);
}

static int set_up(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, my_free};

    (void)state;
    return sc_set_allocator(&mine);
}

static struct http_reply reply;

static ssize_t give_once(void *arg, void *buf, size_t n)
{
    bool *given = arg;

    if (*given || n < 3)
        return 0;
    *given = true;
    memcpy(buf, "abc", 3);
    return 3;
}

/* --- a request with a body, an answer with codings, read by lines --- */

static const char talk[] =
    "C: POST / HTTP/1.1\n" HTTP_HOST "C: Authorization: secret\nC: X: y\n"
    "C: Transfer-Encoding: chunked\nC:\nC: 3\nC: abc\nC: 0\nC:\n"
    "S: HTTP/1.1 100 Wait\nS: A: b\nS:\n"
    "S: HTTP/1.1 200 OK\nS: Content-Encoding: gzip\n"
    "S: Content-Encoding: gzip\nS: Transfer-Encoding: chunked\nS:\n"
    "S: 2a\n"
    "s: \\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x02\\x03\\x93\\xef\\xe6\\x60"
    "\\x00\\x01\\x26\\xe6\\xd3\\x1e\\x67\\x4f\\x9e\\x64\\x67\\x68\\x5b\\x26"
    "\\x60\\xc6\\x0a\\x14\\x00\\x00\\xa7\\x6f\\xb4\\x45\\x19\\x00\\x00\\x00"
    "\\r\\n\n"
    "S: 0\nS: T: x\nS:\n";

static int converse(HTTPClient *h)
{
    bool given = false;
    struct http_source body = {
        .length = HTTP_UNKNOWN, .read = give_once, .arg = &given};
    struct sc_span line;
    int rc;

    http_putrequest(h, "POST", "/");
    http_putheader(h, "Authorization", "secret");
    http_putheader(h, "X", "y");
    http_putheader(h, "Transfer-Encoding", "chunked");
    http_endheaders(h);
    http_send_source(h, &body);
    if ((rc = http_getreply(h, &reply)) < 0)
        return rc;
    if ((rc = http_decode(h)) < 0 || (rc = http_getline(h, &line)) < 0)
        return rc;
    assert_true(sc_span_eq(line, "hello"));
    assert_int_equal(http_getline(h, &line), SC_EOF);
    assert_string_equal(sc_fields_get(http_gettrailers(h), "T", ""), "x");
    return 0;
}

/* --- an upgrade --- */

static const char switching[] =
    "C: GET / HTTP/1.1\n" HTTP_HOST "C: Upgrade: x\nC:\n"
    "S: HTTP/1.1 101 Go\nS: Upgrade: x\nS:\n"
    "s: first";

static int upgrade(HTTPClient *h)
{
    Stream *s;
    int rc;

    http_putrequest(h, "GET", "/");
    http_putheader(h, "Upgrade", "x");
    http_endheaders(h);
    if ((rc = http_getreply(h, &reply)) < 0)
        return rc;
    if ((s = http_detach(h)) == NULL)
        return SC_ENOMEM;
    sc_stream_close(s);
    return 0;
}

/* --- each allocation in turn --- */

static void try_all(const char *text, int (*f)(HTTPClient *h), bool told)
{
    bool enough = false;
    long n;

    for (n = 0; !enough && n < 500; n++) {
        HTTPClient *h = http_on_script(text, NULL);
        int rc;

        left = n;
        rc = f(h);
        enough = left >= 0;
        left = -1;
        if (enough ? rc != 0 : rc != 0 && rc != SC_ENOMEM)
            fail_msg("allocation %ld: %d", n, rc);
        if (rc < 0 && told)
            assert_int_equal(sc_last_error(&h->base)->code, rc);
        if (rc < 0 && told)
            assert_string_not_equal(sc_last_error(&h->base)->text, "");
        http_close(h);
        http_reply_free(&reply);
    }
    assert_in_range(n, 8, 499);
}

static void a_dialogue_says_where_memory_ended(void **state)
{
    long before;

    (void)state;
    if (!sc_coding_known(SC_CODING_GZIP))
        skip();
    try_all(talk, converse, true); /* what is kept for good is there now */
    before = live;
    try_all(talk, converse, true);
    assert_int_equal(live, before);
}

static void a_stream_that_cannot_be_handed_over_stays(void **state)
{
    long before;

    (void)state;
    try_all(switching, upgrade, false);
    before = live;
    try_all(switching, upgrade, false);
    assert_int_equal(live, before);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dialogue_says_where_memory_ended),
    cmocka_unit_test(a_stream_that_cannot_be_handed_over_stays),
};

TEST_MAIN_WITH(tests, set_up, NULL)
