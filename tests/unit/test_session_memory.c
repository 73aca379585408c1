/* test_session_memory.c - every allocation of logins, cookies, netrc and URLs
 * fails once: the answer is SC_ENOMEM, and nothing is half done (the leaks are
 * for the sanitizer to find). */

#include "main.h"

#include <stdlib.h>

#include <simpleclient/uri.h>

#include "client/netrc.h"
#include "http/http_auth.h"
#include "http/http_cookie.h"
#include "sasl/digest.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

static void *failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

/* Let the first, second ... allocation of F fail until it has enough. */
static void try_all(int (*f)(void))
{
    long n = 0;
    int rc;

    do {
        left = n++;
        rc = f();
        if (rc != SC_ENOMEM && rc < 0)
            fail_msg("allocation %ld: %d", n, rc);
    } while (rc == SC_ENOMEM && n < 1000);
    left = -1;
    assert_true(rc >= 0 && n > 1);
}

static int log_in(void)
{
    static struct sc_field field[] = {
        {SC_SPAN("WWW-Authenticate"),
         SC_SPAN("Basic realm=\"b\", Digest realm=\"r\", nonce=\"n\", "
                 "opaque=\"o\", qop=auth, charset=UTF-8")}};
    struct sc_fields head = {.at = field, .n = 1};
    struct sc_buf out = {0};
    struct http_auth a = {0};
    int rc = http_auth_challenge(&a, &head, field[0].name.data,
                                 HTTP_AUTH_BASIC | HTTP_AUTH_DIGEST, NULL);

    if (rc >= 0)
        rc = http_auth_answer(&a, "\xc3\xa4", "p", "GET", "/", &out);
    if (rc < 0)
        assert_int_equal(out.len, 0);
    if (rc == 0) {
        a.scheme = HTTP_AUTH_BASIC;
        out.len = 0;
        rc = http_auth_answer(&a, "u", "p", "GET", "/", &out);
    }
    http_auth_free(&a);
    sc_buf_free(&out);
    return rc;
}

static void logins_live_without_memory(void **state)
{
    (void)state;
    try_all(log_in);
}

static int find_login(void)
{
    static const char text[] = "default login d password e\n"
                               "machine h login a account b password \"c d\"";
    struct sc_buf user = {0}, password = {0};
    int line;
    int rc = sc_netrc_find(sc_span_of(text), "h", &user, &password, &line);

    sc_buf_free(&user);
    sc_buf_free(&password);
    return rc;
}

static void netrc_lives_without_memory(void **state)
{
    (void)state;
    try_all(find_login);
}

static int use_jar(struct http_cookies *jar, struct sc_buf *out)
{
    static const char file[] = "h\tFALSE\t/\tFALSE\t0\tf\t1\n";
    int rc;

    if ((rc = http_cookies_set(jar, "http://h/", sc_span_of("a=1"))) < 0 ||
        (rc = http_cookies_set(jar, "http://h/", sc_span_of("a=2"))) < 0 ||
        (rc = http_cookies_read(jar, sc_span_of(file), 1)) < 0)
        return rc;
    assert_int_equal(jar->n, 2);
    if ((rc = http_cookies_for(jar, "http://h/", out)) < 0) {
        assert_int_equal(out->len, 0);
        return rc;
    }
    assert_string_equal(out->data, "a=2; f=1");
    return http_cookies_write(jar, 1, out);
}

static int keep_cookies(void)
{
    struct http_cookies *jar = http_cookies_new();
    struct sc_buf out = {0};
    int rc = jar != NULL ? use_jar(jar, &out) : SC_ENOMEM;

    http_cookies_free(jar);
    sc_buf_free(&out);
    return rc;
}

static void cookies_live_without_memory(void **state)
{
    (void)state;
    try_all(keep_cookies);
}

static int take_apart(void)
{
    struct sc_buf out = {0};
    struct uri u;
    int rc = uri_parse(&u,
                       strstr(sc_features(), "no-libidn2") != NULL
                           ? "http://u:p@h/"
                           : "http://u:p@b\xc3\xbc"
                             "cher.example/",
                       NULL, 0, 0, NULL);

    if (rc == 0)
        rc = uri_query_set("a=1&b=2", "b", "3", &out);
    if (rc == 0)
        rc = uri_query_get("a=1&b=2", "b", &out);
    uri_free(&u);
    sc_buf_free(&out);
    return rc;
}

static void urls_live_without_memory(void **state)
{
    (void)state;
    try_all(take_apart);
}

static int digest_pieces(void)
{
    struct sc_error e = {0};
    struct sc_digest *d = sc_digest_new(SC_DIGEST_SHA256, &e);

    if (d == NULL)
        return e.code;
    sc_digest_free(d);
    return 0;
}

static void digests_live_without_memory(void **state)
{
    (void)state;
    try_all(digest_pieces);
}

static int set_failing(void **state)
{
    static const struct sc_allocator a = {failing_malloc, failing_realloc,
                                          free};

    (void)state;
    return sc_set_allocator(&a);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(logins_live_without_memory),
    cmocka_unit_test(netrc_lives_without_memory),
    cmocka_unit_test(cookies_live_without_memory),
    cmocka_unit_test(urls_live_without_memory),
    cmocka_unit_test(digests_live_without_memory),
};

TEST_MAIN_WITH(tests, set_failing, NULL)
