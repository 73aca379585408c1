/* test_proxy_memory.c - choosing a proxy and asking it, with no memory at each
 * point in turn: told as such, and nothing is left behind. */
#include "main.h"

#include <stdlib.h>

#include "fuzz/fuzz_class.h"
#include "client/proxy.h"
#include "core/mem.h"
#include "http/http_call.h"

/* --- an allocator that fails the n-th time --- */

static long left = -1; /* < 0: never */
static long live;

static bool out_of_memory(void)
{
    return left >= 0 && left-- == 0;
}

static void *my_malloc(size_t n)
{
    void *p = out_of_memory() ? NULL : malloc(n);

    live += p != NULL;
    return p;
}

static void *my_realloc(void *p, size_t n)
{
    void *q = out_of_memory() ? NULL : realloc(p, n);

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

/* Call TRY with no memory the first, second ... time, until it succeeds. */
static void fail_at_each(int (*try)(void))
{
    int rc = SC_ENOMEM;
    long before, n;

    for (n = 0; rc != 0 && n < 100; n++) {
        before = live;
        left = n;
        rc = try();
        left = -1;
        if (rc != 0 && rc != SC_ENOMEM)
            fail_msg("%ld: %d", n, rc);
        assert_int_equal(live, before);
    }
    assert_int_equal(rc, 0);
    assert_true(n > 2); /* it did fail */
}

/* --- the tests --- */

static int choose(void)
{
    static const struct sc_server_name n = {.host = "a.test", .port = 80};
    static const struct sc_options o = {.proxy = "http://amy:secret@p.test"};
    struct sc_proxy *p;
    int rc = sc_proxy_choose(&sc_simple_class, &n, &o, &p, NULL);

    assert_true((rc == 0) == (p != NULL));
    sc_proxy_free(p);
    sc_free(p);
    return rc;
}

static int ask_http(void)
{
    static const char said[] =
        "HTTP/1.1 407 Who\r\nContent-Length: 4\r\n"
        "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"
        "\r\nwho?HTTP/1.1 103 Hint\r\nA: b\r\n\r\n"
        "HTTP/1.1 200 OK\r\n\r\nhello";
    struct sc_options o = {.proxy_login = http_tunnel_login(HTTP_PROXY_DIGEST)};
    struct sc_proxy_try t = {0};
    char amy[] = "amy";
    struct sc_proxy p = {.user = amy, .password = amy};
    struct sc_proxy_target to = {.name = {.host = "a.test", .port = 79}};
    struct sc_error err = {0};
    struct sc_wait w = {INT64_MAX, &err};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);
    Stream *s;
    char got[8] = "";
    int rc;

    if (f == NULL)
        return SC_ENOMEM;
    s = &f->base;
    f->data = (const uint8_t *)said;
    f->n = sizeof said - 1;
    f->piece = 1; /* nothing comes before it is asked for */
    rc = sc_proxy_http(&p, &s, &to, &o, &t, &w);
    sc_proxy_try_free(&t);
    if (rc < 0)
        assert_int_equal(err.code, rc);
    else if (sc_stream_read(s, got, sizeof got, &w) < 1)
        rc = -1;
    sc_stream_close(s);
    return rc;
}

static void choosing_a_proxy_without_memory(void **state)
{
    (void)state;
    fail_at_each(choose);
}

static void asking_a_proxy_without_memory(void **state)
{
    (void)state;
    fail_at_each(ask_http);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(choosing_a_proxy_without_memory),
    cmocka_unit_test(asking_a_proxy_without_memory),
};

TEST_MAIN_WITH(tests, set_up, NULL)
