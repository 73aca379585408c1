/* watch.h - a descriptor that somebody waits for: one reader, one writer, on
 * the loop or in poll(2). Sockets, listeners and datagrams are made of it.
 *
 * The watch owns the descriptor and the libuv handle; its memory lives until
 * libuv has let go. Reading stays armed between waits. */
#ifndef SC_STREAM_WATCH_H
#define SC_STREAM_WATCH_H

#include "run/wait.h"

enum { SC_FAIR_CALLS = 64 }; /* without a wait: then others have their turn */

struct sc_watch;

/* Watch FD, made non-blocking, on the runtime of this place. FD is taken; on
 * failure (NULL, ERR) still yours. */
struct sc_watch *sc_watch_new(int fd, struct sc_error *err);

/* Before any system call on it: the descriptor >= 0, or SC_ECLOSED,
 * SC_EWRONGLOOP, SC_EFORK, or what sc_watch_fail was given. */
int sc_watch_fd(const struct sc_watch *w);

/* Wait until the descriptor is likely readable (EVENT POLLIN) or writable
 * (POLLOUT; with POLLIN too: or readable, and then 1 is returned, unless
 * another waits for that). Returns 0, SC_ETIMEDOUT, SC_ECANCELED, SC_EBUSY (another waits in
 * this direction), SC_ECLOSED. After SC_ETIMEDOUT try the system call once
 * more: only EAGAIN means the time-out (rule 13). Never waits if UNTIL has
 * passed. Hold the watch's owner over this call; after it ask sc_watch_fd. */
int sc_watch_wait(struct sc_watch *w, short event, int64_t until);

/* Wake whoever waits with ERROR; later calls return it too. The descriptor
 * stays open. Does not wait. */
void sc_watch_fail(struct sc_watch *w, int error);

/* Close the descriptor, wake whoever waits with SC_ECLOSED. W lives on until
 * sc_watch_free. Does not wait. */
void sc_watch_close(struct sc_watch *w);

/* Close if need be, and let go; the memory goes when libuv has. NULL is
 * allowed. Nobody may be inside sc_watch_wait. */
void sc_watch_free(struct sc_watch *w);

/* Take the descriptor out of the watch (it stays open and non-blocking) and
 * free the watch. */
int sc_watch_detach(struct sc_watch *w);

#endif
