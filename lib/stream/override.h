/* override.h - the options that name another way than the server's name does:
 * resolve, connect_to, unix_socket. */
#ifndef SC_STREAM_OVERRIDE_H
#define SC_STREAM_OVERRIDE_H

#include "stream/resolve.h"

/* OUT is where to connect to for N by OPT's unix_socket and connect_to. Returns
 * 1 if it is another place than N, 0, or SC_EINVAL (a bad list; ERR says). */
int sc_override_server(const struct sc_options *opt,
                       const struct sc_server_name *n,
                       struct sc_server_name *out, struct sc_error *err);

/* The addresses that OPT's resolve has for N. Returns 1; 0: none; SC_EINVAL: a
 * bad list, ERR says so. */
int sc_override_addresses(const struct sc_options *opt,
                          const struct sc_server_name *n,
                          struct sc_addresses *out, struct sc_error *err);

#endif
