/* sigpipe.h - write(2), writev(2) and sendfile(2) have no MSG_NOSIGNAL, and a
 * library may not touch signal dispositions: SIGPIPE is blocked in this
 * thread around the call, and taken away if it was not pending before. */
#ifndef SC_STREAM_SIGPIPE_H
#define SC_STREAM_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sc_sigpipe {
    sigset_t old;
    bool was_pending;
};
void sc_sigpipe_block(struct sc_sigpipe *s);
/* ALL: the call took all it was given. Else there may be a signal even if it took
 * something: the peer can go away in the middle of it. errno is kept. */
void sc_sigpipe_restore(struct sc_sigpipe *s, bool all);

#endif
