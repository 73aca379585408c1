/* test_override.c - resolve, connect_to and unix_socket: which entry holds for
 * which server, and lists that make no sense. */
#include "main.h"

#include "stream/override.h"

static struct sc_server_name server(const char *host, int port)
{
    struct sc_server_name n = {.port = port};

    assert_int_equal(sc_server_parse(&n, host, NULL), 0);
    return n;
}

/* The addresses of HOST:PORT by LIST, joined by commas; "" for none. */
static const char *addresses(const char *list, const char *host, int port)
{
    static char text[256];
    struct sc_options o = {.resolve = list};
    struct sc_server_name n = server(host, port);
    struct sc_addresses found;
    static struct sc_error err;
    int rc = sc_override_addresses(&o, &n, &found, &err);

    text[0] = '\0';
    if (rc < 0)
        return err.text;
    for (size_t i = 0; rc > 0 && i < found.n; i++) {
        size_t len = strlen(text);

        if (len > 0)
            text[len++] = ',';
        sc_address_text(&found.at[i], text + len, sizeof text - len);
    }
    return text;
}

static void an_entry_holds_for_its_host_and_port(void **state)
{
    const char *list = "a.test:80:127.0.0.1 A.test:443:127.0.0.2,::1";

    (void)state;
    assert_string_equal(addresses(list, "a.test", 80), "127.0.0.1");
    assert_string_equal(addresses(list, "a.TEST", 443), "127.0.0.2,::1");
    assert_string_equal(addresses(list, "a.test", 81), "");
    assert_string_equal(addresses(list, "b.test", 80), "");
    assert_string_equal(addresses(NULL, "a.test", 80), "");
    assert_string_equal(addresses("", "a.test", 80), "");
}

static void any_host_and_any_port(void **state)
{
    (void)state;
    assert_string_equal(addresses("*:80:127.0.0.1", "x.test", 80), "127.0.0.1");
    assert_string_equal(addresses("a.test::127.0.0.1", "a.test", 9),
                        "127.0.0.1");
    assert_string_equal(addresses("::127.0.0.1", "a.test", 9), "127.0.0.1");
}

static void the_host_itself_goes_first_and_the_last_one_holds(void **state)
{
    (void)state;
    assert_string_equal(
        addresses("a.test:80:127.0.0.1 *:80:127.0.0.2", "a.test", 80),
        "127.0.0.1");
    assert_string_equal(
        addresses("a.test:80:127.0.0.1 a.test:80:127.0.0.2", "a.test", 80),
        "127.0.0.2");
}

static void brackets_hold_colons(void **state)
{
    (void)state;
    assert_string_equal(addresses("[::1]:80:[::2],127.0.0.1", "::1", 80),
                        "::2,127.0.0.1");
    assert_string_equal(addresses("a.test:80:2001:db8::1", "a.test", 80),
                        "2001:db8::1");
}

/* Also when the bad entry is not about this server. */
static void a_bad_list_is_refused_whole(void **state)
{
    static const char *const bad[] = {
        "a.test",          "a.test:80",        "a.test:80:",
        "a.test:80:name",  "a.test:99999:::1", "a.test:0:::1",
        "a.test:80:::1,",  "[::1:80:::1",      "[::1]80:::1",
        "a.test:x:::1",    "a.test:80:,::1",   "b:1:::1 a.test:80",
        "a.test:80:1.2.3", "a.test:+1:::1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *said = addresses(bad[i], "c.test", 80);

        if (strncmp(said, "resolve: ", 9) != 0)
            fail_msg("%s: %s", bad[i], said);
    }
}

/* --- connect_to and unix_socket --- */

static const char *where(const struct sc_options *o, const char *host, int port)
{
    static char text[320];
    struct sc_server_name n = server(host, port), to;
    struct sc_error err = {0};
    int rc = sc_override_server(o, &n, &to, &err);

    if (rc < 0)
        snprintf(text, sizeof text, "%s", err.text);
    else
        snprintf(text, sizeof text, "%d %s:%d%s", rc, to.host, to.port,
                 to.unix_path ? " path" : "");
    return text;
}

static const char *connect_to(const char *list, const char *host, int port)
{
    struct sc_options o = {.connect_to = list};

    return where(&o, host, port);
}

static void another_server_takes_its_place(void **state)
{
    (void)state;
    assert_string_equal(connect_to("a.test:80:b.test:81", "A.test", 80),
                        "1 b.test:81");
    assert_string_equal(connect_to("a.test:80:b.test:81", "a.test", 81),
                        "0 a.test:81");
    assert_string_equal(connect_to(":::81", "a.test", 80), "1 a.test:81");
    assert_string_equal(connect_to("::b.test:", "a.test", 80), "1 b.test:80");
    assert_string_equal(connect_to("*:80:[::1]:", "a.test", 80), "1 ::1:80");
}

static void the_first_entry_that_fits_holds(void **state)
{
    (void)state;
    assert_string_equal(
        connect_to("a.test::b.test:1 a.test:80:c.test:2", "a.test", 80),
        "1 b.test:1");
}

static void a_bad_server_is_refused(void **state)
{
    static const char *const bad[] = {"a", "a:80", "a:80:b", "a:80:b:x",
                                      "a:80:b:99999"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (strncmp(connect_to(bad[i], "c.test", 1), "connect_to: ", 12) != 0)
            fail_msg("%s", bad[i]);
}

static void a_path_goes_before_all(void **state)
{
    struct sc_options o = {.unix_socket = "/tmp/x",
                           .connect_to = "::b.test:81"};

    (void)state;
    assert_string_equal(where(&o, "a.test", 80), "1 /tmp/x:0 path");
    o.unix_socket = "no-path";
    assert_string_equal(where(&o, "a.test", 80),
                        "unix_socket: \"no-path\": no path");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_entry_holds_for_its_host_and_port),
    cmocka_unit_test(any_host_and_any_port),
    cmocka_unit_test(the_host_itself_goes_first_and_the_last_one_holds),
    cmocka_unit_test(brackets_hold_colons),
    cmocka_unit_test(a_bad_list_is_refused_whole),
    cmocka_unit_test(another_server_takes_its_place),
    cmocka_unit_test(the_first_entry_that_fits_holds),
    cmocka_unit_test(a_bad_server_is_refused),
    cmocka_unit_test(a_path_goes_before_all),
};

TEST_MAIN(tests)
