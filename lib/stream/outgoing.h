/* outgoing.h - sockets that are about to connect: made as the options say, and
 * only to addresses that the options allow. */
#ifndef SC_STREAM_OUTGOING_H
#define SC_STREAM_OUTGOING_H

#include "stream/resolve.h"

/* Ask OPT's SC_OPT_PUBLIC_ONLY and allow about A. Returns 0 or an error; WHY is
 * then a static text. A of family AF_UNIX: PATH is asked about. */
int sc_outgoing_allowed(const struct sc_options *opt,
                        const struct sc_address *a, int port, const char *path,
                        const char **why);

/* A non-blocking TCP or Unix socket of FAMILY by OPT: keep-alive, on_socket,
 * bound to local_address. Returns the descriptor, owned, or an error. */
int sc_outgoing_socket(const struct sc_options *opt, int family);

/* 0, or SC_EINVAL: OPT's local_address is neither an address nor an interface
 * of this machine; ERR says so. */
int sc_outgoing_check(const struct sc_options *opt, struct sc_error *err);

#endif
