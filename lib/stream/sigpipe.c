/* sigpipe.c - SIGPIPE kept away from the program. */
#include "stream/sigpipe.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static void only_sigpipe(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

void sc_sigpipe_block(struct sc_sigpipe *s)
{
    sigset_t pending, set;

    only_sigpipe(&set);
    pthread_sigmask(SIG_BLOCK, &set, &s->old);
    s->was_pending = false;
    if (sigismember(&s->old, SIGPIPE)) { /* else it cannot be */
        sigpending(&pending);
        s->was_pending = sigismember(&pending, SIGPIPE);
    }
}

void sc_sigpipe_restore(struct sc_sigpipe *s, bool all)
{
    int error = errno;
    struct timespec none = {0, 0};
    sigset_t set;

    only_sigpipe(&set);
    if (!s->was_pending && !all)
        while (sigtimedwait(&set, NULL, &none) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &s->old, NULL);
    errno = error;
}
