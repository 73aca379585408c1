/* conn.h - what lies behind a SimpleClient: the stream, the read buffer, the
 * write queue, the commands in flight, the latest error. Private to client/
 * and to modules of the library that read bodies (http/). */
#ifndef SC_CLIENT_CONN_H
#define SC_CLIENT_CONN_H

#include <simpleclient/class.h>

/* Lend 1..MAX bytes that have come, and take them; waits if nothing has. At
 * the end: 0. VIEW is borrowed until the next call on C. */
ssize_t sc_read_view(SimpleClient *c, size_t max, struct sc_span *view);
/* Read straight into BUF when nothing is buffered (a body), else from the
 * buffer. The stall rule of bodies (options.h, stall_ms) applies. */
ssize_t sc_read_body(SimpleClient *c, void *buf, size_t n);
/* True if a line, block or command is not over: the pool must not keep C. */
bool sc_client_idle(const SimpleClient *c);

#endif
