/* test_public.c - addresses at both ends of each block that is not public (RFC
 * 6890, the IANA registries), and those next to it. */
#include "main.h"

#include "stream/public.h"

static const char *const closed[] = {
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    /* IPv6 */
    "::",
    "::1",
    "::2",
    "fc00::",
    "fdff:ffff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff00::",
    "ff02::1",
    "ffff::1",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001::1",
    "2001:1ff::1",
    "3fff::1",
    "3fff:0fff::1",
    "100::1",
    "4000::1",
    "1fff::1",
    "5f00::1",
    "64:ff9b:1::1",
    "64:ff9b:0:1::8.8.8.8",
    /* IPv4 in it */
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::10.1.2.3",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "2002:a9fe:a9fe::1",
};

static const char *const open[] = {
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "8.8.8.8",
    /* IPv6 */
    "2000::1",
    "2001:200::1",
    "2001:db7::1",
    "2001:db9::1",
    "2606:4700:4700::1111",
    "3ffe::1",
    "3fff:1000::1",
    "2a00::1",
    /* IPv4 in it */
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
};

static bool is_public(const char *text)
{
    struct sc_address a;

    if (sc_address_parse(&a, text) < 0)
        fail_msg("%s is no address", text);
    return sc_address_is_public(&a);
}

static void what_is_kept_for_other_uses_is_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        if (is_public(closed[i]))
            fail_msg("%s", closed[i]);
}

static void all_else_is_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (!is_public(open[i]))
            fail_msg("%s", open[i]);
}

static void a_zone_or_an_odd_family_is_closed(void **state)
{
    struct sc_address a;

    (void)state;
    assert_int_equal(sc_address_parse(&a, "2606:4700::1"), 0);
    a.scope = 1;
    assert_false(sc_address_is_public(&a));
    a.family = 1;
    assert_false(sc_address_is_public(&a));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_kept_for_other_uses_is_closed),
    cmocka_unit_test(all_else_is_open),
    cmocka_unit_test(a_zone_or_an_odd_family_is_closed),
};

TEST_MAIN(tests)
