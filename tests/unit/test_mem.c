/* test_mem.c - the allocator is replaced once, before anything else: so one
 * program, and its tests in this order. */

#include "main.h"

#include <stdlib.h>

#include "core/mem.h"
#include <simpleclient/buf.h>
#include <simpleclient/field.h>
#include <simpleclient/uri.h>

static long taken;   /* calls so far */
static long fail_at; /* this call fails, if positive */
static long blocks;  /* not freed */

static void *count_realloc(void *p, size_t n)
{
    void *q = ++taken == fail_at ? NULL : realloc(p, n);

    blocks += p == NULL && q != NULL;
    return q;
}

static void *count_malloc(size_t n)
{
    return count_realloc(NULL, n);
}

static void count_free(void *p)
{
    blocks -= p != NULL;
    free(p);
}

static void a_half_allocator_is_refused(void **state)
{
    static const struct sc_allocator half = {malloc, NULL, free};

    (void)state;
    assert_int_equal(sc_set_allocator(NULL), SC_EINVAL);
    assert_int_equal(sc_set_allocator(&half), SC_EINVAL);
}

static void it_is_replaced_once(void **state)
{
    static const struct sc_allocator counting = {count_malloc, count_realloc,
                                                 count_free};

    (void)state;
    assert_int_equal(sc_set_allocator(&counting), 0);
    assert_int_equal(sc_set_allocator(&counting), SC_EBUSY);
}

static void calloc_zeroes_and_strdup_keeps_null(void **state)
{
    static const char zero[32];
    char *p = sc_calloc(sizeof zero), *copy = sc_strdup("abc");

    (void)state;
    assert_memory_equal(p, zero, sizeof zero);
    assert_string_equal(copy, "abc");
    assert_null(sc_strdup(NULL));
    sc_wipe(copy, 3);
    assert_memory_equal(copy, zero, 3);
    sc_free(p);
    sc_free(copy);
    sc_free(NULL);
    assert_int_equal(blocks, 0);
}

static int fill_buf(void)
{
    struct sc_buf b = {0};
    int rc = 0;

    for (int i = 0; rc == 0 && i < 100; i++)
        rc = sc_buf_addf(&b, "%d line", i);
    sc_buf_free(&b);
    return rc;
}

static int fill_fields(void)
{
    static const struct sc_span name = SC_SPAN("Name");
    static const struct sc_span value = SC_SPAN("some value or other");
    struct sc_fields f = {0};
    int rc = 0;

    for (int i = 0; rc == 0 && i < 50; i++)
        rc = sc_fields_add(&f, name, value);
    sc_fields_free(&f);
    return rc;
}

static int fill_uri(void)
{
    struct uri base, out = {0};
    int rc = uri_parse(&base, "http://u:p@[fe80::1%25e0]:8/a/b?c#d", NULL, 0, 0,
                       NULL);

    if (rc == 0)
        rc = uri_resolve(&out, &base, "../x|y", 0, NULL);
    uri_free(&out);
    uri_free(&base);
    return rc;
}

/* Let each allocation of RUN fail once. */
static void survive(int (*run)(void))
{
    int rc = SC_ENOMEM;

    for (long n = 1; rc != 0; n++) {
        taken = 0;
        fail_at = n;
        rc = run();
        assert_true(rc == 0 || rc == SC_ENOMEM);
        assert_int_equal(blocks, 0);
        assert_true(n < 1000);
    }
    fail_at = 0;
}

static void no_memory_is_an_ordinary_error(void **state)
{
    (void)state;
    survive(fill_buf);
    survive(fill_fields);
    survive(fill_uri);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_half_allocator_is_refused),
    cmocka_unit_test(it_is_replaced_once),
    cmocka_unit_test(calloc_zeroes_and_strdup_keeps_null),
    cmocka_unit_test(no_memory_is_an_ordinary_error),
};

TEST_MAIN(tests)
