/* public.c - addresses of the public internet and all others (RFC 6890 and the
 * IANA registries of special-purpose addresses). IPv6 has one block for the
 * public, 2000::/3, and only what lies in it can be; there are three ways to
 * write an IPv4 address in IPv6 that reach that address, and each is looked
 * into. */
#include <arpa/inet.h>
#include <string.h>

#include "stream/public.h"

struct block {
    unsigned char bytes[16];
    unsigned bits;
};

static const struct block not_public4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private, RFC 1918 */
    {{100, 64}, 10},      /* shared by carriers, RFC 6598 */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local, RFC 3927; clouds' metadata */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* the IETF's */
    {{192, 0, 2}, 24},    /* documentation, RFC 5737 */
    {{192, 88, 99}, 24},  /* relays of 6to4, RFC 7526 */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks, RFC 2544 */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, and broadcast */
};
static const struct block not_public6[] = {
    {{0x20, 0x01, 0x00}, 23},       /* the IETF's: Teredo and others */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation, RFC 3849 */
    {{0x3f, 0xff}, 20},             /* documentation, RFC 9637 */
};
static const struct block public6 = {{0x20}, 3};
static const struct block mapped = {{[10] = 0xff, [11] = 0xff}, 96};
static const struct block nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96}; /* RFC 6052 */
static const struct block six_to_four = {{0x20, 0x02}, 16};       /* RFC 3056 */

static bool is_in(const unsigned char *bytes, const struct block *b)
{
    unsigned whole = b->bits / 8, rest = b->bits % 8;

    if (memcmp(bytes, b->bytes, whole) != 0)
        return false;
    return rest == 0 ||
           ((bytes[whole] ^ b->bytes[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

static bool in_any(const unsigned char *bytes, const struct block *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_in(bytes, &b[i]))
            return true;
    return false;
}

static bool public4(const unsigned char *bytes)
{
    return !in_any(bytes, not_public4,
                   sizeof not_public4 / sizeof not_public4[0]);
}

bool sc_address_is_public(const struct sc_address *a)
{
    if (a->family == AF_INET)
        return public4(a->bytes);
    if (a->family != AF_INET6 || a->scope != 0)
        return false;
    if (is_in(a->bytes, &mapped) || is_in(a->bytes, &nat64))
        return public4(a->bytes + 12);
    if (is_in(a->bytes, &six_to_four))
        return public4(a->bytes + 2);
    return is_in(a->bytes, &public6) &&
           !in_any(a->bytes, not_public6,
                   sizeof not_public6 / sizeof not_public6[0]);
}
