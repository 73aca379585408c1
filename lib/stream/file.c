/* file.c - a regular file as a stream, with one position for reading and
 * writing. It never waits in the sense of wait.h: a disk is always ready. */
#include <simpleclient/class.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_stream {
    Stream base;
    int fd;
    uint64_t at, left;
    bool shut;
    int stopped;     /* what interrupt said */
    int write_error; /* sticky: how much was written is unknown */
};

static int failed(struct sc_wait *w, int rc, const char *what)
{
    return sc_error_set(w->err, rc, "%s a file: %s", what, sc_strerror(rc));
}

static ssize_t file_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct file_stream *f = (struct file_stream *)s;
    ssize_t got;

    if (f->stopped != 0)
        return failed(w, f->stopped, "read");
    if (n > f->left)
        n = (size_t)f->left;
    do
        got = n > 0 ? pread(f->fd, buf, n, (off_t)f->at) : 0;
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return failed(w, -errno, "read");
    f->at += (uint64_t)got;
    f->left -= (uint64_t)got;
    return got;
}

static int write_span(struct file_stream *f, struct sc_span v,
                      struct sc_wait *w)
{
    while (v.len > 0) {
        ssize_t n = pwrite(f->fd, v.data, v.len, (off_t)f->at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed(w, -errno, "write");
        v.data += n;
        v.len -= (size_t)n;
        f->at += (uint64_t)n;
        f->left -= (uint64_t)n;
    }
    return 0;
}

static int file_writev(Stream *s, const struct sc_span *v, size_t n,
                       struct sc_wait *w)
{
    struct file_stream *f = (struct file_stream *)s;
    int rc = f->shut ? SC_EPIPE : f->write_error;

    if (f->stopped != 0)
        rc = f->stopped;
    if (rc < 0)
        return failed(w, rc, "write");
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = v[i].len > f->left ? failed(w, SC_ETOOBIG, "write")
                                : write_span(f, v[i], w);
    f->write_error = rc;
    return rc;
}

static int file_shutdown(Stream *s, struct sc_wait *w)
{
    struct file_stream *f = (struct file_stream *)s;

    if (f->stopped != 0)
        return failed(w, f->stopped, "write");
    f->shut = true;
    return 0;
}

static void file_interrupt(Stream *s, int error)
{
    struct file_stream *f = (struct file_stream *)s;

    if (f->stopped == 0)
        f->stopped = error;
}

static int file_info(Stream *s, int what, void *answer)
{
    struct file_stream *f = (struct file_stream *)s;

    if (what != SC_INFO_FD && what != SC_INFO_PENDING)
        return SC_ENOTSUP;
    *(int *)answer = what == SC_INFO_FD ? f->fd : 1;
    return 0;
}

static void file_cleanup(Stream *s)
{
    struct file_stream *f = (struct file_stream *)s;

    if (f->fd >= 0)
        close(f->fd);
}

static const struct stream_class file_class = {
    .name = "file",
    .size = sizeof(struct file_stream),
    .read = file_read,
    .writev = file_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = file_shutdown,
    .interrupt = file_interrupt,
    .info = file_info,
    .cleanup = file_cleanup,
};

/* O_NONBLOCK: opening a FIFO must not wait before we see what it is. */
static int open_regular(const char *path, int flags, struct sc_error *err)
{
    int fd, rc;
    struct stat st;

    fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0) {
        rc = -errno;
        return sc_error_set(err, rc, "%s: %s", path, sc_strerror(rc));
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    return sc_error_set(err, SC_EINVAL, "%s: not a regular file", path);
}

Stream *sc_stream_file(const char *path, int flags, uint64_t offset, uint64_t n,
                       struct sc_error *err)
{
    struct file_stream *f;

    if (offset > INT64_MAX) {
        sc_error_set(err, SC_EINVAL, "%s: offset beyond any file", path);
        return NULL;
    }
    if ((f = sc_stream_new(&file_class)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "%s: no memory", path);
        return NULL;
    }
    f->at = offset;
    f->left = n < INT64_MAX - offset ? n : INT64_MAX - offset;
    if ((f->fd = open_regular(path, flags, err)) >= 0)
        return &f->base;
    sc_stream_close(&f->base);
    return NULL;
}
