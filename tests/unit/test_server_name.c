/* test_server_name.c - where servers are named, and numeric addresses. */
#include "main.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "stream/resolve.h"

static void names_come_apart(void **state)
{
    static const struct {
        const char *server, *host;
        int port;
        bool unix_path;
    } table[] = {
        {"example.org", "example.org", 25, false},
        {"example.org:80", "example.org", 80, false},
        {"127.0.0.1:0", "127.0.0.1", 0, false},
        {"[::1]", "::1", 25, false},
        {"[::1]:65535", "::1", 65535, false},
        {"[fe80::1%lo]:25", "fe80::1%lo", 25, false},
        {"::1", "::1", 25, false},
        {"2001:db8::1:80", "2001:db8::1:80", 25, false},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.1", 25, false},
        {":8080", "", 8080, false},
        {"/run/x.sock", "/run/x.sock", 0, true},
        {"/run/x:80", "/run/x:80", 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sc_server_name n = {.port = 25};

        assert_int_equal(sc_server_parse(&n, table[i].server, NULL), 0);
        assert_string_equal(n.host, table[i].host);
        assert_int_equal(n.port, table[i].port);
        assert_int_equal(n.unix_path, table[i].unix_path);
    }
}

static void bad_names_are_refused_and_shown(void **state)
{
    static const char *const bad[] = {
        "",           "a b",       "a\r\nb",   "a:",       "a:65536",
        "a:-1",       "a:+1",      "a:1x",     "[::1",     "[::1]x",
        "[::1]:",     "[]",        "[a.b]:25", "a:b:c",    "x@y",
        "http://a/b", "[::1%]:25", "a\x7f",    "a]b",      "[1.2.3.4]",
        "a:80 ",      " a",        "a\tb:1",   "fe80::1%", "/a\nb",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sc_server_name n = {.port = 25};
        struct sc_error e = {0};

        if (sc_server_parse(&n, bad[i], &e) != SC_EINVAL)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(e.code, SC_EINVAL);
        assert_null(strpbrk(e.text, "\r\n\t"));
    }
}

static void too_long_names_are_refused(void **state)
{
    struct sc_server_name n = {0};
    char name[400];

    (void)state;
    memset(name, 'a', sizeof name);
    name[255] = '\0';
    assert_int_equal(sc_server_parse(&n, name, NULL), 0);
    name[255] = 'a';
    name[256] = '\0';
    assert_int_equal(sc_server_parse(&n, name, NULL), SC_EINVAL);
    name[0] = '/';
    name[108] = '\0';
    assert_int_equal(sc_server_parse(&n, name, NULL), SC_EINVAL);
    assert_int_equal(sc_server_parse(&n, NULL, NULL), SC_EINVAL);
}

static void numbers_become_addresses_and_text_again(void **state)
{
    static const char *const same[] = {"127.0.0.1",   "255.255.255.255",
                                       "::",          "::1",
                                       "2001:db8::1", "fe80::1%1"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct sc_address a;

        assert_int_equal(sc_address_parse(&a, same[i]), 0);
        assert_int_equal(sc_address_text(&a, text, sizeof text), 0);
        assert_string_equal(text, same[i]);
    }
}

static void other_spellings_are_no_addresses(void **state)
{
    static const char *const bad[] = {
        "",    "1.2.3",     "0x7f.0.0.1", "127.1", "1.2.3.4 ",     "::1%",
        ":::", "localhost", "1.2.3.256",  "[::1]", "::1%nowhere0", "::1%0"};
    struct sc_address a;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (sc_address_parse(&a, bad[i]) != SC_EINVAL)
            fail_msg("\"%s\" was taken", bad[i]);
    assert_int_equal(sc_address_parse(&a, NULL), SC_EINVAL);
}

static void address_text_needs_room(void **state)
{
    struct sc_address a;
    char text[9];

    (void)state;
    assert_int_equal(sc_address_parse(&a, "127.0.0.1"), 0);
    assert_int_equal(sc_address_text(&a, text, sizeof text), SC_EINVAL);
}

static void a_list_holds_sixty_four(void **state)
{
    static struct sc_addresses list;

    (void)state;
    for (int i = 0; i < 64; i++)
        assert_int_equal(sc_addresses_add(&list, "::1"), 0);
    assert_int_equal(sc_addresses_add(&list, "::1"), SC_ETOOBIG);
    assert_int_equal(sc_addresses_add(&list, "x"), SC_EINVAL);
    assert_int_equal(list.n, 64);
}

static void check_round(const char *numeric, int port, const char *shown,
                        int family)
{
    struct sockaddr_storage sa;
    struct sc_address a;
    struct sc_peer peer;
    unsigned len;

    assert_int_equal(sc_address_parse(&a, numeric), 0);
    len = sc_address_sockaddr(&a, port, &sa);
    sc_peer_of(&sa, len, &peer);
    assert_string_equal(peer.address, shown);
    assert_int_equal(peer.port, port);
    assert_int_equal(peer.family, family);
}

static void sockaddrs_tell_the_peer(void **state)
{
    (void)state;
    check_round("10.1.2.3", 80, "10.1.2.3", AF_INET);
    check_round("2001:db8::5", 443, "2001:db8::5", AF_INET6);
    check_round("fe80::1%1", 1, "fe80::1%1", AF_INET6);
    check_round("::ffff:10.1.2.3", 9, "10.1.2.3", AF_INET);
}

static void unix_peers_may_have_no_name(void **state)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNIX};
    struct sockaddr_un *un = (struct sockaddr_un *)&sa;
    struct sc_peer peer;

    (void)state;
    sc_peer_of(&sa, sizeof(sa_family_t), &peer);
    assert_string_equal(peer.address, "");
    assert_int_equal(peer.family, AF_UNIX);
    memset(un->sun_path, 'a', sizeof un->sun_path); /* no NUL: allowed */
    sc_peer_of(&sa, sizeof *un, &peer);
    assert_int_equal(strlen(peer.address), sizeof un->sun_path);
    sc_peer_of(&sa, 0, &peer);
    assert_int_equal(peer.family, 0);
}

static void this_machine_has_a_name(void **state)
{
    char name[256], one[1];

    (void)state;
    assert_int_equal(sc_host_name(name, sizeof name), 0);
    assert_true(strlen(name) > 0);
    assert_int_equal(sc_host_name(one, sizeof one), SC_EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_come_apart),
    cmocka_unit_test(bad_names_are_refused_and_shown),
    cmocka_unit_test(too_long_names_are_refused),
    cmocka_unit_test(numbers_become_addresses_and_text_again),
    cmocka_unit_test(other_spellings_are_no_addresses),
    cmocka_unit_test(address_text_needs_room),
    cmocka_unit_test(a_list_holds_sixty_four),
    cmocka_unit_test(sockaddrs_tell_the_peer),
    cmocka_unit_test(unix_peers_may_have_no_name),
    cmocka_unit_test(this_machine_has_a_name),
};

TEST_MAIN(tests)
