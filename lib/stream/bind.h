/* bind.h - sockets with a local address: listeners' and datagrams'. */
#ifndef SC_STREAM_BIND_H
#define SC_STREAM_BIND_H

#include "stream/resolve.h"

/* Bind a new non-blocking socket of TYPE at N: its host numeric, "localhost"
 * (127.0.0.1) or empty (both families in one socket, where the system can).
 * Not for paths. Does not wait. Returns the descriptor or an error. */
int sc_bind_at(const struct sc_server_name *n, int type);
/* Where FD is bound. */
int sc_bound_at(int fd, struct sc_peer *out);

#endif
