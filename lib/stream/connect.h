/* connect.h - racing addresses (RFC 8305). */
#ifndef SC_STREAM_CONNECT_H
#define SC_STREAM_CONNECT_H

#include "stream/resolve.h"

/* When the phases of connecting ended: microseconds of sc_now()'s clock; 0:
 * there was none. */
struct sc_dial_times {
    int64_t begun, resolved, connected, secured;
};

/* Connect a plain stream (no TLS) to N, or to where the options send us
 * instead, until UNTIL; TIMES (may be NULL) is filled but for secured. NULL: ERR
 * names each address tried and why it failed, or was not allowed; N itself is
 * left to whoever reports it. */
Stream *sc_race(const struct sc_server_name *n, const struct sc_options *opt,
                int64_t until, struct sc_dial_times *times,
                struct sc_error *err);

/* The addresses of N: OPT's resolve, or a lookup until UNTIL. Waits. Returns as
 * sc_look_up. */
int sc_find_addresses(const struct sc_server_name *n,
                      const struct sc_options *opt, int64_t until,
                      struct sc_addresses *out, struct sc_error *err);

#endif
