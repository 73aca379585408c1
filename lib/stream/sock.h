/* sock.h - a socket or other descriptor as a stream: tcp, unix, pipe. */
#ifndef SC_STREAM_SOCK_H
#define SC_STREAM_SOCK_H

#include <simpleclient/class.h>

#include "stream/watch.h"

extern const struct stream_class sc_sock_class;

/* A stream on a connected descriptor. FD (or the watch W) is taken; on failure
 * (NULL, ERR) still yours. TCP_NODELAY is set where it applies. */
Stream *sc_sock_new(int fd, struct sc_error *err);
Stream *sc_sock_from_watch(struct sc_watch *w, struct sc_error *err);

/* While a write to S (the socket below it) waits for room, call FN when input
 * comes; it may read from S and does not wait. It returns 0 to go on, or else
 * to end the write with SC_EPIPE. FN NULL: input is left alone. */
void sc_sock_on_input(Stream *s, int (*fn)(void *arg), void *arg);

/* Send 1..N bytes of a file from OFFSET, as many as there is room for at once;
 * wait if there is none: so each has a deadline of its own, and no small rest is
 * sent only to make a part full. Returns how many; SC_ENOTSUP: S is no socket, or
 * sendfile(2) does not take this file; nothing was sent. */
ssize_t sc_sock_sendfile(Stream *s, int file, uint64_t offset, uint64_t n,
                         struct sc_wait *w);

/* If S is such a stream: wait until reading it is likely not to wait, so that
 * the reader needs a buffer only then. Other streams: 0 at once. Time-outs are
 * left to the read that follows. */
int sc_sock_await(Stream *s, struct sc_wait *w);

#endif
