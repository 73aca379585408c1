/* test_options.c - options copied, freed, compared, and what fills their
 * zeros. Every string stands in the list below once. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/field.h>

#include "client/conn.h"

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

/* --- options with all in them --- */

#define AT(member) offsetof(struct sc_options, member)

static const struct one {
    const char *name;
    size_t at;
} strings[] = {
    {"user", AT(user)},
    {"password", AT(password)},
    {"token", AT(token)},
    {"authzid", AT(authzid)},
    {"mechanisms", AT(mechanisms)},
    {"netrc", AT(netrc)},
    {"local_address", AT(local_address)},
    {"unix_socket", AT(unix_socket)},
    {"resolve", AT(resolve)},
    {"connect_to", AT(connect_to)},
    {"proxy", AT(proxy)},
    {"no_proxy", AT(no_proxy)},
    {"host", AT(tls.host)},
    {"ca_file", AT(tls.ca_file)},
    {"ca_dir", AT(tls.ca_dir)},
    {"cert", AT(tls.cert)},
    {"key", AT(tls.key)},
    {"alpn", AT(tls.alpn)},
    {"key_log", AT(tls.key_log)},
    {"key_password", AT(tls.key_password)},
    {"ciphers", AT(tls.ciphers)},
    {"ciphersuites", AT(tls.ciphersuites)},
    {"crl_file", AT(tls.crl_file)},
    {"pins", AT(tls.pins)},
};
enum { STRINGS = sizeof strings / sizeof strings[0] };

static const char **string_of(struct sc_options *o, size_t i)
{
    return (const char **)((char *)o + strings[i].at);
}

static struct sc_tls_options proxy_tls = {.pins = "sha256//a", .flags = 1};
static struct sc_fields proxy_head;

static struct sc_options whole(void)
{
    struct sc_options o = {.proxy_tls = &proxy_tls, .proxy_head = &proxy_head};

    for (size_t i = 0; i < STRINGS; i++)
        *string_of(&o, i) = strings[i].name;
    return o;
}

static int set_up(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, my_free};

    (void)state;
    if (sc_set_allocator(&mine) < 0)
        return -1;
    return sc_fields_add(&proxy_head, sc_span_of("X-Who"), sc_span_of("amy"));
}

static int tear_down(void **state)
{
    (void)state;
    sc_fields_free(&proxy_head);
    return sc_set_defaults(NULL);
}

/* --- the tests --- */

static void zeros_are_filled(void **state)
{
    struct sc_options o;

    (void)state;
    assert_int_equal(sc_options_copy(&o, NULL), 0);
    assert_int_equal(o.connect_ms, 10000);
    assert_int_equal(o.wait_ms, 30000);
    assert_int_equal(o.stall_ms, 30000);
    assert_int_equal(o.stall_bytes, 1024);
    assert_int_equal(o.head_limit, 256 << 10);
    sc_options_free(&o);
}

static void every_string_is_copied_and_freed(void **state)
{
    struct sc_options from = whole(), o;
    long before = live;

    (void)state;
    assert_int_equal(sc_options_copy(&o, &from), 0);
    for (size_t i = 0; i < STRINGS; i++) {
        assert_string_equal(*string_of(&o, i), strings[i].name);
        assert_ptr_not_equal(*string_of(&o, i), strings[i].name);
    }
    assert_ptr_not_equal(o.proxy_tls, &proxy_tls);
    assert_string_equal(o.proxy_tls->pins, "sha256//a");
    assert_ptr_not_equal(o.proxy_tls->pins, proxy_tls.pins);
    assert_ptr_not_equal(o.proxy_head, &proxy_head);
    assert_string_equal(sc_fields_get(o.proxy_head, "x-who", ""), "amy");
    sc_options_free(&o);
    assert_int_equal(live, before);
    sc_options_free(&o); /* empty now */
}

static void no_memory_leaves_nothing(void **state)
{
    struct sc_options from = whole(), o;
    long before = live;
    int rc = SC_ENOMEM;

    (void)state;
    for (long n = 0; rc == SC_ENOMEM && n < 100; n++) {
        left = n;
        rc = sc_options_copy(&o, &from);
        left = -1;
        if (rc < 0)
            assert_int_equal(live, before);
    }
    assert_int_equal(rc, 0);
    sc_options_free(&o);
    assert_int_equal(live, before);
}

#define REFUSED(set)                                                           \
    do {                                                                       \
        struct sc_options bad = {.user = "amy", .set}, o;                      \
        assert_int_equal(sc_options_copy(&o, &bad), SC_EINVAL);                \
        assert_null(o.user);                                                   \
    } while (0)

static void a_number_below_zero_is_refused(void **state)
{
    const struct sc_options never = {.wait_ms = -1};
    SimpleClient *c;

    (void)state;
    REFUSED(connect_ms = -1);
    REFUSED(wait_ms = -1);
    REFUSED(stall_ms = -1);
    REFUSED(total_ms = -1);
    REFUSED(reply_lines = -1);
    REFUSED(head_fields = -1);
    REFUSED(ratio_limit = -1);
    REFUSED(keepalive_s = -1);
    REFUSED(starttls = -1);
    REFUSED(starttls = SC_STARTTLS_NEVER + 1);
    assert_int_equal(sc_set_defaults(&never), SC_EINVAL);
    c = sc_connect("localhost:1", 0, &never);
    assert_int_equal(sc_broken(c), SC_EINVAL);
    assert_int_equal(sc_close(c), SC_EINVAL);
}

static void each_string_makes_another_peer(void **state)
{
    struct sc_options a = whole(), b = whole();

    (void)state;
    assert_true(sc_options_same_peer(&a, &b));
    for (size_t i = 0; i < STRINGS; i++) {
        *string_of(&b, i) = NULL;
        if (sc_options_same_peer(&a, &b) || sc_options_same_peer(&b, &a))
            fail_msg("%s", strings[i].name);
        *string_of(&b, i) = "another";
        if (sc_options_same_peer(&a, &b))
            fail_msg("%s", strings[i].name);
        b = whole();
    }
}

static void check_other(const struct sc_options *b, int line)
{
    struct sc_options a = whole();

    if (sc_options_same_peer(&a, b) || sc_options_same_peer(b, &a))
        fail_msg("line %d", line);
}

/* Options that differ from the whole ones in SET make another connection. */
#define OTHER(set)                                                             \
    do {                                                                       \
        struct sc_options b = whole();                                         \
        b.set;                                                                 \
        check_other(&b, __LINE__);                                             \
    } while (0)

static int allow_all(void *arg, const struct sc_peer *peer)
{
    (void)arg, (void)peer;
    return 0;
}

static int touch_none(void *arg, int fd)
{
    (void)arg, (void)fd;
    return 0;
}

static void each_number_and_function_makes_another_peer(void **state)
{
    static const struct sc_resolver resolver;
    static const struct sc_tls_options other_tls = {.pins = "sha256//b",
                                                    .flags = 1};
    struct sc_fields head = {0};
    int here;

    (void)state;
    OTHER(flags = SC_OPT_TLS);
    OTHER(flags = SC_OPT_IPV4);
    OTHER(flags = SC_OPT_IPV6);
    OTHER(flags = SC_OPT_PUBLIC_ONLY);
    OTHER(flags = SC_OPT_TUNNEL);
    OTHER(flags = SC_OPT_PLAIN_LOGIN);
    OTHER(tls.flags = SC_TLS_NO_VERIFY);
    OTHER(tls.min_version = 13);
    OTHER(tls.max_version = 12);
    OTHER(allow = allow_all);
    OTHER(allow_arg = &here);
    OTHER(on_socket = touch_none);
    OTHER(on_socket_arg = &here);
    OTHER(keepalive_s = 60);
    OTHER(starttls = SC_STARTTLS_MUST);
    OTHER(resolver = &resolver);
    OTHER(proxy_tls = NULL);
    OTHER(proxy_tls = &other_tls);
    OTHER(proxy_head = NULL);
    sc_fields_add(&head, sc_span_of("X-Who"), sc_span_of("bob"));
    OTHER(proxy_head = &head);
    sc_fields_free(&head);
}

static void times_and_limits_do_not(void **state)
{
    struct sc_options a = whole(), b = whole();

    (void)state;
    b.connect_ms = b.wait_ms = b.stall_ms = 1;
    b.total_ms = 5;
    b.body_limit = b.stall_bytes = 7;
    b.flags = SC_OPT_FAIL_STATUS;
    assert_true(sc_options_same_peer(&a, &b));
}

static void defaults_are_copied_whole(void **state)
{
    struct sc_options from = whole();
    const struct sc_options *o;

    (void)state;
    from.stall_bytes = 1;
    assert_int_equal(sc_set_defaults(&from), 0);
    o = sc_options_or_default(NULL);
    assert_ptr_not_equal(o->proxy, from.proxy);
    assert_string_equal(o->proxy, "proxy");
    assert_int_equal(o->stall_bytes, 1);
    assert_string_equal(o->proxy_tls->pins, "sha256//a");
    assert_int_equal(sc_set_defaults(NULL), 0);
    assert_null(sc_options_or_default(NULL)->proxy);
    assert_int_equal(sc_options_or_default(NULL)->stall_bytes, 1024);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(zeros_are_filled),
    cmocka_unit_test(every_string_is_copied_and_freed),
    cmocka_unit_test(no_memory_leaves_nothing),
    cmocka_unit_test(a_number_below_zero_is_refused),
    cmocka_unit_test(each_string_makes_another_peer),
    cmocka_unit_test(each_number_and_function_makes_another_peer),
    cmocka_unit_test(times_and_limits_do_not),
    cmocka_unit_test(defaults_are_copied_whole),
};

TEST_MAIN_WITH(tests, set_up, tear_down)
