/* udp.h - datagrams, and names looked up. */
#ifndef SIMPLECLIENT_UDP_H
#define SIMPLECLIENT_UDP_H

#include <simpleclient/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sc_udp;

/* Open a UDP socket at LOCAL ("127.0.0.1:0", ":53"; NULL: any free port of
 * either family). Numeric only. Does not wait. NULL: ERR says why. Owned. */
SC_API struct sc_udp *sc_udp_open(const char *local, struct sc_error *err);
SC_API int sc_udp_port(const struct sc_udp *u);
/* Send one datagram TO a numeric "address:port". Waits at most 30 s for room.
 * Returns 0 or an error (SC_EINVAL, -EMSGSIZE ...). */
SC_API int sc_udp_send(struct sc_udp *u, const char *to, const void *p,
                       size_t n);
/* Wait at most MS (negative: until cancelled) for one datagram. Returns its
 * length, or an error; -EMSGSIZE: it was longer than N, and is gone. FROM may
 * be NULL. */
SC_API ssize_t sc_udp_recv(struct sc_udp *u, void *buf, size_t n, int64_t ms,
                           struct sc_peer *from);
/* Whoever waits in it gets SC_ECLOSED. NULL is allowed. */
SC_API void sc_udp_close(struct sc_udp *u);

/* Addresses of a name, at most 64, in the order to be tried. */
struct sc_address {
    int family;              /* AF_INET or AF_INET6 */
    unsigned char bytes[16]; /* network order; IPv4 uses the first four */
    uint32_t scope;          /* IPv6 zone, or 0 */
};
struct sc_addresses {
    size_t n;
    struct sc_address at[64];
};
/* Add one numeric address. Returns 0, SC_EINVAL or SC_ETOOBIG. */
SC_API int sc_addresses_add(struct sc_addresses *a, const char *numeric);
/* Numeric text to address and back. Returns 0 or SC_EINVAL. */
SC_API int sc_address_parse(struct sc_address *a, const char *numeric);
SC_API int sc_address_text(const struct sc_address *a, char *to, size_t size);

/* Look NAME up, waiting at most MS (0: 10 s). Names found are kept for 30 s;
 * the same lookup is made once for all who wait. OPT (may be NULL): resolver
 * and address family. Returns 0, SC_ERESOLVE, SC_ETIMEDOUT, SC_ECANCELED,
 * SC_EINVAL (no name of a host), SC_EMFILE, SC_ENOMEM, SC_EDEADLK, or what the
 * resolver returned. */
SC_API int sc_resolve(const char *name, const struct sc_options *opt,
                      int64_t ms, struct sc_addresses *out,
                      struct sc_error *err);
/* This machine's own name. Returns 0 or an error. */
SC_API int sc_host_name(char *to, size_t size);

#ifdef __cplusplus
}
#endif
#endif
