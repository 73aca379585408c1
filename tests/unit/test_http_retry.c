/* test_http_retry.c - how long to wait before another try, and which method
 * follows a redirect. */
#include "main.h"

#include "http/http_redirect.h"
#include "http/http_retry.h"

static void waits_double_up_to_ten_minutes(void **state)
{
    struct http_retry r = {.times = 100};

    (void)state;
    assert_int_equal(http_retry_delay(&r, 1, -1), 1000);
    assert_int_equal(http_retry_delay(&r, 2, -1), 2000);
    assert_int_equal(http_retry_delay(&r, 3, -1), 4000);
    assert_int_equal(http_retry_delay(&r, 10, -1), 512000);
    assert_int_equal(http_retry_delay(&r, 11, -1), 600000);
    assert_int_equal(http_retry_delay(&r, 1000000, -1), 600000);
}

static void the_server_may_wish_for_longer(void **state)
{
    struct http_retry r = {.times = 100}, fixed = {.delay_ms = 10};

    (void)state;
    assert_int_equal(http_retry_delay(&r, 1, 120000), 120000);
    assert_int_equal(http_retry_delay(&r, 3, 1000), 4000);
    assert_int_equal(http_retry_delay(&fixed, 9, -1), 10);
    assert_int_equal(http_retry_delay(&fixed, 9, 1000), 1000);
}

static void follows(int status, const char *method, unsigned flags,
                    const char *next, bool dropped)
{
    bool drop;

    assert_string_equal(http_redirect_method(status, method, flags, &drop),
                        next);
    assert_int_equal(drop, dropped);
}

/* RFC 9110 section 15.4. */
static void methods_after_redirects(void **state)
{
    (void)state;
    for (int status = 300; status <= 308; status++)
        follows(status, "HEAD", 0, "HEAD", false);
    follows(303, "DELETE", 0, "GET", true);
    follows(303, "PUT", HTTP_KEEP_POST_303, "GET", true);
    follows(301, "DELETE", 0, "DELETE", false);
    follows(302, "post", 0, "post", false); /* methods are case-sensitive */
    follows(300, "POST", 0, "POST", false);
    follows(307, "POST", 0, "POST", false);
    follows(308, "POST", 0, "POST", false);
    follows(301, "POST", HTTP_KEEP_POST_302, "GET", true);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(waits_double_up_to_ten_minutes),
    cmocka_unit_test(the_server_may_wish_for_longer),
    cmocka_unit_test(methods_after_redirects),
};

TEST_MAIN(tests)
