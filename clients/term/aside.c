/* aside.c - up to 64 KiB in memory, beyond that in a file in $TMPDIR. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "aside.h"
#include "usage.h"

enum { ASIDE_PIECE = 65536 };

/* --- in a thread --- */

/* stdout may be somebody's who does not want to wait for it. */
static int write_all(int fd, const char *p, size_t n)
{
    struct pollfd until = {.fd = fd, .events = POLLOUT};
    ssize_t done;

    while (n > 0) {
        if ((done = write(fd, p, n)) >= 0) {
            p += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN) {
            poll(&until, 1, -1);
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

static int open_file(struct aside *a)
{
    const char *folder = getenv("TMPDIR");
    char name[4096];
    int n = snprintf(name, sizeof name, "%s/%s.XXXXXX",
                     folder != NULL && *folder ? folder : "/tmp", program_name);

    if (n < 0 || (size_t)n >= sizeof name)
        return -ENAMETOOLONG;
    if ((a->fd = mkostemp(name, O_CLOEXEC)) < 0) {
        a->fd = 0;
        return -errno;
    }
    unlink(name);
    return 0;
}

/* The piece is full. */
static int spill(void *arg)
{
    struct aside *a = arg;
    int rc = a->fd == 0 ? open_file(a) : 0;

    if (rc == 0)
        rc = write_all(a->fd, a->buf, a->n);
    a->n = 0;
    return rc;
}

static int copy_file(int from)
{
    char piece[16384];
    ssize_t n;
    int rc = 0;

    if (lseek(from, 0, SEEK_SET) < 0)
        return -errno;
    while (rc == 0 && (n = read(from, piece, sizeof piece)) != 0)
        if (n > 0)
            rc = write_all(STDOUT_FILENO, piece, (size_t)n);
        else if (errno != EINTR)
            rc = -errno;
    return rc;
}

static int deliver(void *arg)
{
    struct aside *a = arg;
    int rc = 0;

    flockfile(stdout);
    if (a->fd != 0)
        rc = copy_file(a->fd);
    if (rc == 0)
        rc = write_all(STDOUT_FILENO, a->buf, a->n);
    funlockfile(stdout);
    return rc;
}

/* --- in a task --- */

void aside_reset(struct aside *a)
{
    if (a->fd != 0)
        close(a->fd);
    a->fd = 0;
    a->n = 0;
}

int aside_add(struct aside *a, const void *data, size_t n)
{
    const char *p = data;
    size_t room;
    int rc = 0;

    if (a->buf == NULL && (a->buf = malloc(ASIDE_PIECE)) == NULL)
        return -ENOMEM;
    while (n > 0 && rc == 0) {
        if (a->n == ASIDE_PIECE)
            rc = sc_offload(spill, a);
        room = ASIDE_PIECE - a->n;
        if (room > n)
            room = n;
        memcpy(a->buf + a->n, p, room);
        a->n += room;
        p += room;
        n -= room;
    }
    return rc;
}

int aside_write(struct aside *a)
{
    return sc_offload(deliver, a);
}

void aside_free(struct aside *a)
{
    aside_reset(a);
    free(a->buf);
    a->buf = NULL;
}
