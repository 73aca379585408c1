/* socket.h - what every new socket has in common. */
#ifndef SC_STREAM_SOCKET_H
#define SC_STREAM_SOCKET_H

#include <simpleclient/error.h>

struct sockaddr_un;

/* A non-blocking socket, closed by exec. Returns the descriptor, owned, or an
 * error. */
int sc_socket(int family, int type);
/* The code for ERROR, an errno of socket(2) and its like: no descriptor is left,
 * in the process or in the system, is SC_EMFILE. */
int sc_socket_error(int error);
/* The address of a Unix socket at PATH. Returns 0, or SC_EINVAL: too long. */
int sc_unix_address(struct sockaddr_un *to, const char *path);

#endif
