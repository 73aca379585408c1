/* test_resolve_cache.c - names found are kept for 30 s, 256 of them; the clock
 * is the test's. */
#include "main.h"

#include <stdbool.h>
#include <sys/socket.h>

#include <simpleclient/options.h>

#include "stream/resolve_cache.h"

enum { BEGIN = 1000000, KEPT_MS = 30000, KEPT = 256 };

static struct sc_addresses found;

static struct sc_lookup_key key_of(const char *name)
{
    struct sc_lookup_key key = {.family = 0};

    snprintf(key.name, sizeof key.name, "%s", name);
    return key;
}

/* The last byte of the address tells the entries apart. */
static void put(const char *name, unsigned char last, int64_t now)
{
    struct sc_lookup_key key = key_of(name);
    struct sc_addresses a = {.n = 1, .at[0].family = AF_INET};

    a.at[0].bytes[3] = last;
    sc_cache_put(&key, &a, now);
}

static bool is_kept(const char *name, int64_t now)
{
    struct sc_lookup_key key = key_of(name);

    return sc_cache_get(&key, now, &found);
}

static int forget_all(void **state)
{
    (void)state;
    (void)is_kept("", INT64_MAX);
    return 0;
}

static void a_name_is_kept_for_thirty_seconds(void **state)
{
    (void)state;
    put("a.test", 7, BEGIN);
    assert_true(is_kept("A.Test", BEGIN));
    assert_int_equal(found.n, 1);
    assert_int_equal(found.at[0].bytes[3], 7);
    assert_true(is_kept("a.test", BEGIN + KEPT_MS - 1));
    assert_false(is_kept("a.test", BEGIN + KEPT_MS));
    assert_false(is_kept("a.test", BEGIN)); /* it is gone, not hidden */
}

static void asking_does_not_make_it_younger(void **state)
{
    (void)state;
    put("a.test", 1, BEGIN);
    for (int64_t ms = 0; ms < KEPT_MS; ms += 1000)
        assert_true(is_kept("a.test", BEGIN + ms));
    assert_false(is_kept("a.test", BEGIN + KEPT_MS));
}

static void the_younger_outlives_the_older(void **state)
{
    (void)state;
    put("old.test", 1, BEGIN);
    put("young.test", 2, BEGIN + 10000);
    assert_false(is_kept("old.test", BEGIN + KEPT_MS));
    assert_true(is_kept("young.test", BEGIN + KEPT_MS));
    assert_false(is_kept("young.test", BEGIN + 10000 + KEPT_MS));
}

static void the_newest_answer_counts(void **state)
{
    (void)state;
    put("a.test", 1, BEGIN);
    put("a.test", 2, BEGIN + 10000);
    assert_true(is_kept("a.test", BEGIN + KEPT_MS));
    assert_int_equal(found.at[0].bytes[3], 2);
}

static void family_and_resolver_are_part_of_the_name(void **state)
{
    static const struct sc_resolver other;
    struct sc_lookup_key key = key_of("a.test");

    (void)state;
    put("a.test", 1, BEGIN);
    key.family = SC_OPT_IPV6;
    assert_false(sc_cache_get(&key, BEGIN, &found));
    key.family = 0;
    key.resolver = &other;
    assert_false(sc_cache_get(&key, BEGIN, &found));
}

static void the_oldest_goes_when_there_are_too_many(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i <= KEPT; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        put(name, (unsigned char)i, BEGIN);
    }
    assert_false(is_kept("n0.test", BEGIN));
    assert_true(is_kept("n1.test", BEGIN));
}

static void a_name_can_be_forgotten(void **state)
{
    (void)state;
    put("a.test", 1, BEGIN);
    put("b.test", 2, BEGIN);
    sc_cache_forget("A.TEST");
    assert_false(is_kept("a.test", BEGIN));
    assert_true(is_kept("b.test", BEGIN));
}

#define TEST(f) cmocka_unit_test_teardown(f, forget_all)
static const struct CMUnitTest tests[] = {
    TEST(a_name_is_kept_for_thirty_seconds),
    TEST(asking_does_not_make_it_younger),
    TEST(the_younger_outlives_the_older),
    TEST(the_newest_answer_counts),
    TEST(family_and_resolver_are_part_of_the_name),
    TEST(the_oldest_goes_when_there_are_too_many),
    TEST(a_name_can_be_forgotten),
};

TEST_MAIN(tests)
