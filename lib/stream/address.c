/* address.c - numeric addresses: text, bytes and sockaddrs (RFC 4291 section
 * 2.2, zones by RFC 4007). Only what the system's inet_pton takes: no octal
 * or short forms of IPv4. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/text.h"
#include "stream/resolve.h"

static int parse_zone(const char *zone, uint32_t *scope)
{
    uint64_t number;

    if (sc_parse_u64(sc_span_of(zone), UINT32_MAX, &number) < 0)
        number = if_nametoindex(zone);
    *scope = (uint32_t)number;
    return number != 0 ? 0 : SC_EINVAL;
}

int sc_address_parse(struct sc_address *a, const char *numeric)
{
    struct sc_address found = {0};
    char host[64];
    const char *zone;
    size_t len;

    if (numeric == NULL)
        return SC_EINVAL;
    found.family = strchr(numeric, ':') != NULL ? AF_INET6 : AF_INET;
    zone = found.family == AF_INET6 ? strchr(numeric, '%') : NULL;
    len = zone != NULL ? (size_t)(zone - numeric) : strlen(numeric);
    if (!sc_span_copy(host, sizeof host, (struct sc_span){numeric, len}) ||
        inet_pton(found.family, host, found.bytes) != 1)
        return SC_EINVAL;
    if (zone != NULL && parse_zone(zone + 1, &found.scope) < 0)
        return SC_EINVAL;
    *a = found;
    return 0;
}

/* A zone is shown as its number: the name may be gone by now. */
int sc_address_text(const struct sc_address *a, char *to, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    int n;

    if (inet_ntop(a->family, a->bytes, text, sizeof text) == NULL)
        return SC_EINVAL;
    if (a->family == AF_INET6 && a->scope != 0)
        n = snprintf(to, size, "%s%%%u", text, (unsigned)a->scope);
    else
        n = snprintf(to, size, "%s", text);
    return n >= 0 && (size_t)n < size ? 0 : SC_EINVAL;
}

int sc_addresses_add(struct sc_addresses *a, const char *numeric)
{
    struct sc_address one;

    if (sc_address_parse(&one, numeric) < 0)
        return SC_EINVAL;
    if (a->n >= sizeof a->at / sizeof a->at[0])
        return SC_ETOOBIG;
    a->at[a->n++] = one;
    return 0;
}

unsigned sc_address_sockaddr(const struct sc_address *a, int port,
                             struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        in6->sin6_scope_id = a->scope;
        memcpy(&in6->sin6_addr, a->bytes, 16);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)out;

    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    memcpy(&in->sin_addr, a->bytes, 4);
    return sizeof *in;
}

/* A path need not end in NUL, and an unnamed peer has none. */
static void unix_peer(const struct sockaddr_storage *from, unsigned len,
                      struct sc_peer *out)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)from;
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t n = len > head ? len - head : 0;

    if (n > sizeof un->sun_path)
        n = sizeof un->sun_path;
    n = strnlen(un->sun_path, n);
    sc_span_copy(out->address, sizeof out->address,
                 (struct sc_span){un->sun_path, n});
}

void sc_peer_of(const struct sockaddr_storage *from, unsigned len,
                struct sc_peer *out)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
    struct sc_address a = {0};

    memset(out, 0, sizeof *out);
    if (len < sizeof(sa_family_t))
        return;
    out->family = a.family = from->ss_family;
    if (a.family == AF_UNIX) {
        unix_peer(from, len, out);
    } else if (a.family == AF_INET6) {
        memcpy(a.bytes, &in6->sin6_addr, 16);
        a.scope = in6->sin6_scope_id;
        out->port = ntohs(in6->sin6_port);
        /* What came in over IPv4 on a dual-stack socket is shown as IPv4. */
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            out->family = a.family = AF_INET;
            memmove(a.bytes, a.bytes + 12, 4);
        }
        sc_address_text(&a, out->address, sizeof out->address);
    } else if (a.family == AF_INET) {
        memcpy(a.bytes, &in->sin_addr, 4);
        out->port = ntohs(in->sin_port);
        sc_address_text(&a, out->address, sizeof out->address);
    } else {
        out->family = 0;
    }
}

int sc_host_name(char *to, size_t size)
{
    char name[256];

    if (gethostname(name, sizeof name) < 0)
        return -errno;
    name[sizeof name - 1] = '\0';
    if (strlen(name) >= size)
        return SC_EINVAL;
    memcpy(to, name, strlen(name) + 1);
    return 0;
}
