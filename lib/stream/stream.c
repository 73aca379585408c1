/* stream.c - the stream class: the calls that hold a reference while somebody
 * is inside, closing from the top down, and what classes inherit. The layers
 * themselves are in their own files. */
#include "core/mem.h"
#include "run/clock.h"
#include "run/wait.h"

#include <simpleclient/class.h>

#include <unistd.h>

enum { DEFAULT_WAIT_MS = 30000, COPY_BYTES = 65536 };

void *sc_stream_new(const struct stream_class *cls)
{
    Stream *s = sc_calloc(cls->size);

    if (s == NULL)
        return NULL;
    s->cls = cls;
    s->refs = 1;
    s->thread = sc_thread_here();
    return s;
}

void sc_stream_hold(Stream *s)
{
    s->refs++;
}

void sc_stream_let_go(Stream *s)
{
    Stream *below;

    if (--s->refs > 0)
        return;
    below = s->below;
    s->cls->cleanup(s);
    sc_free(s);
    sc_stream_close(below);
}

/* The wait in force: the caller's, or 30 s without a text. */
static struct sc_wait *wait_of(struct sc_wait *w, struct sc_wait *plain)
{
    if (w != NULL)
        return w;
    plain->until = sc_until(DEFAULT_WAIT_MS);
    plain->err = NULL;
    return plain;
}

/* Another thread touches nothing while the loop below lives: only what has a
 * descriptor belongs to one. */
static bool elsewhere(Stream *s)
{
    int fd;

    return s->thread != sc_thread_here() &&
           sc_stream_info(s, SC_INFO_FD, &fd) == SC_EWRONGLOOP;
}

static int enter(Stream *s, struct sc_wait *w)
{
    if (elsewhere(s))
        return sc_error_set(w->err, SC_EWRONGLOOP, "%s: %s", s->cls->name,
                            sc_strerror(SC_EWRONGLOOP));
    if (s->closed != 0)
        return sc_error_set(w->err, s->closed, "%s: closed", s->cls->name);
    sc_stream_hold(s);
    return 0;
}

ssize_t sc_stream_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct sc_wait plain;
    ssize_t rc;

    w = wait_of(w, &plain);
    if (n == 0)
        return sc_error_set(w->err, SC_EINVAL, "read of no bytes");
    if ((rc = enter(s, w)) < 0)
        return rc;
    rc = s->cls->read(s, buf, n, w);
    sc_stream_let_go(s);
    return rc;
}

int sc_stream_writev(Stream *s, const struct sc_span *v, size_t n,
                     struct sc_wait *w)
{
    struct sc_wait plain;
    int rc;

    w = wait_of(w, &plain);
    if ((rc = enter(s, w)) < 0)
        return rc;
    rc = s->cls->writev(s, v, n, w);
    sc_stream_let_go(s);
    return rc;
}

int sc_stream_write(Stream *s, const void *p, size_t n, struct sc_wait *w)
{
    struct sc_span one = {p, n};

    return sc_stream_writev(s, &one, 1, w);
}

int sc_stream_sendfile(Stream *s, int fd, uint64_t offset, uint64_t n,
                       struct sc_wait *w)
{
    struct sc_wait plain;
    int rc;

    w = wait_of(w, &plain);
    if ((rc = enter(s, w)) < 0)
        return rc;
    rc = s->cls->sendfile(s, fd, offset, n, w);
    sc_stream_let_go(s);
    return rc;
}

int sc_stream_shutdown(Stream *s, struct sc_wait *w)
{
    struct sc_wait plain;
    int rc;

    w = wait_of(w, &plain);
    if ((rc = enter(s, w)) < 0)
        return rc;
    rc = s->cls->shutdown(s, w);
    sc_stream_let_go(s);
    return rc;
}

void sc_stream_close(Stream *s)
{
    if (s == NULL || elsewhere(s))
        return;
    s->closed = SC_ECLOSED;
    s->cls->interrupt(s, SC_ECLOSED);
    sc_stream_let_go(s);
}

int sc_stream_info(Stream *s, int what, void *answer)
{
    int rc = SC_ENOTSUP;

    if (s->closed != 0)
        return s->closed;
    for (; s != NULL && rc == SC_ENOTSUP; s = s->below)
        rc = s->cls->info(s, what, answer);
    return rc;
}

/* One piece of a file, from OFFSET. Returns its length. */
static ssize_t copy_piece(Stream *s, int fd, uint64_t offset, char *buf,
                          size_t n, struct sc_wait *w)
{
    ssize_t got;
    int rc;

    do
        got = pread(fd, buf, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        rc = -errno;
        return sc_error_set(w->err, rc, "read a file: %s", sc_strerror(rc));
    }
    if (got == 0)
        return sc_error_set(w->err, SC_ESHORT, "the file ended first");
    rc = sc_stream_write(s, buf, (size_t)got, w);
    return rc < 0 ? rc : got;
}

int sc_stream_copy_file(Stream *s, int fd, uint64_t offset, uint64_t n,
                        struct sc_wait *w)
{
    size_t size = n < COPY_BYTES ? (size_t)n : COPY_BYTES;
    char *buf;
    ssize_t got = 0;

    if (n == 0)
        return 0;
    if (offset > INT64_MAX || n > INT64_MAX - offset)
        return sc_error_set(w->err, SC_EINVAL, "beyond any file");
    if ((buf = sc_malloc(size)) == NULL)
        return sc_error_set(w->err, SC_ENOMEM, "no memory to copy a file");
    while (n > 0 && got >= 0) {
        got = copy_piece(s, fd, offset, buf, n < size ? (size_t)n : size, w);
        if (got > 0) {
            n -= (uint64_t)got;
            offset += (uint64_t)got;
        }
    }
    sc_free(buf);
    return got < 0 ? (int)got : 0;
}

int sc_stream_below_shutdown(Stream *s, struct sc_wait *w)
{
    return sc_stream_shutdown(s->below, w);
}

void sc_stream_below_interrupt(Stream *s, int error)
{
    if (s->below != NULL)
        s->below->cls->interrupt(s->below, error);
}

int sc_stream_no_info(Stream *s, int what, void *answer)
{
    (void)s;
    (void)what;
    (void)answer;
    return SC_ENOTSUP;
}
