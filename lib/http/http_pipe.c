/* http_pipe.c - reads and writes that may have to wait for whoever is at a
 * FIFO's other end. Nothing tells when a reader comes, and standard input may
 * not be made non-blocking, for it is others' too: so what is not ready is
 * looked at again, a little later. */

#include "http/http_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "run/clock.h"
#include "stream/sigpipe.h"

enum { LOOK_MS = 10 };

/* Returns 0: look again; or why not. */
static int pause_until(int64_t until)
{
    int64_t left = until - sc_now();

    if (left <= 0)
        return SC_ETIMEDOUT;
    return sc_sleep(left < LOOK_MS ? left : LOOK_MS);
}

static int is_fifo(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

int http_pipe_open(const char *path, int flags, int64_t until)
{
    int fd, rc;

    for (;;) {
        fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0)
            return fd;
        rc = -errno;
        if (rc != -EINTR && (rc != -ENXIO || !is_fifo(path)))
            return rc;
        if ((rc = pause_until(until)) < 0) /* nobody reads it yet */
            return rc;
    }
}

/* Returns 0: a call for EVENT will not block; or an error. */
static int await(int fd, short event, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = event};
    int rc = 0;

    while (rc == 0 && poll(&p, 1, 0) == 0)
        rc = pause_until(until);
    return rc;
}

ssize_t http_pipe_read(int fd, void *buf, size_t n, int64_t until)
{
    ssize_t got;
    int rc;

    for (;;) {
        if ((rc = await(fd, POLLIN, until)) < 0)
            return rc;
        if ((got = read(fd, buf, n)) >= 0)
            return got;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

ssize_t http_pipe_write(int fd, const void *p, size_t n, int64_t until)
{
    struct sc_sigpipe guard;
    ssize_t done;
    int rc;

    for (;;) {
        if ((rc = await(fd, POLLOUT, until)) < 0)
            return rc;
        sc_sigpipe_block(&guard);
        done = write(fd, p, n);
        sc_sigpipe_restore(&guard, done == (ssize_t)n);
        if (done >= 0)
            return done;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}
