/* connect.h - racing addresses (RFC 8305). */
#ifndef SC_STREAM_CONNECT_H
#define SC_STREAM_CONNECT_H

#include "stream/resolve.h"

/* Connect a plain stream (no TLS) to N, until UNTIL. NULL: ERR names each
 * address tried and why it failed. */
Stream *sc_race(const struct sc_server_name *n, const struct sc_options *opt,
                int64_t until, struct sc_error *err);

#endif
