/* resolve.h - where a server is named: "host:port", "[v6]:port", "/path". */
#ifndef SC_STREAM_RESOLVE_H
#define SC_STREAM_RESOLVE_H

#include <simpleclient/udp.h>

/* "host", "host:port", "[v6]", "[v6%zone]:port", "v6", "/path", ":port",
 * taken apart. Control characters, spaces, a bad port: SC_EINVAL, ERR says
 * so. PORT stays as it was where none is named. */
struct sc_server_name {
    char host[256]; /* without brackets; the path if unix_path */
    int port;
    bool unix_path;
};
int sc_server_parse(struct sc_server_name *n, const char *server,
                    struct sc_error *err);

/* Put N in front of ERR's text: "host:port: ". ERR may be NULL. */
void sc_server_say(const struct sc_server_name *n, struct sc_error *err);

/* As sc_resolve, but ERR does not name the host. Numeric ones and "localhost"
 * are answered without a lookup. */
int sc_look_up(const char *name, const struct sc_options *opt, int64_t ms,
               struct sc_addresses *out, struct sc_error *err);
/* Connecting failed: ask anew the next time. */
void sc_resolve_forget(const char *name);
/* Keep those of the family that OPT (may be NULL) wants. None is left:
 * SC_ERESOLVE. */
int sc_addresses_keep(struct sc_addresses *a, const struct sc_options *opt,
                      struct sc_error *err);

/* Fill a sockaddr. Returns its length. */
struct sockaddr_storage;
unsigned sc_address_sockaddr(const struct sc_address *a, int port,
                             struct sockaddr_storage *out);
/* The other way: numeric text and port of a sockaddr. */
void sc_peer_of(const struct sockaddr_storage *from, unsigned len,
                struct sc_peer *out);

#endif
