/* sock.c - a socket or other descriptor as a stream. recv and send on the own
 * descriptor; the watch says when. No recv on speculation after a request: one
 * only when the descriptor is known readable, or the last one filled the whole
 * buffer. */
#include "stream/sock.h"

#include "core/mem.h"
#include "run/wait.h"
#include "stream/resolve.h"
#include "stream/sigpipe.h"
#include "stream/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* After so much without a wait others get their turn. */
enum {
    FAIR_BYTES = 256 << 10,
    SPANS_AT_ONCE = 16,
    FILE_BYTES_AT_ONCE = 256 << 10,
    PROMPT_BYTES = 16384 /* so few may be held back for want of an answer */
};

struct sock {
    Stream base;
    struct sc_watch *watch;
    bool is_socket;
    bool is_tcp;
    bool readable; /* likely: the next recv need not wait */
    bool heard;    /* something came since the last write */
    bool reading, writing;
    int write_error;            /* sticky: how much had left is unknown */
    int (*on_input)(void *arg); /* while a write waits, or NULL */
    void *on_input_arg;
    unsigned calls; /* without a wait */
    size_t bytes;
};

static int failed(struct sc_wait *w, int rc, const char *what)
{
    return sc_error_set(w->err, rc, "%s: %s", what, sc_strerror(rc));
}

static ssize_t receive(struct sock *s, int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = s->is_socket ? recv(fd, buf, n, 0) : read(fd, buf, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    s->bytes += (size_t)got;
    s->heard = true;
    s->readable = got == 0 || ((size_t)got == n && s->bytes < FAIR_BYTES);
    return got;
}

/* An answer came in part: a peer with Nagle's algorithm (RFC 1122 section 4.2.3.4)
 * keeps the rest until the part is acknowledged, which the system puts off by 40
 * ms. What comes in large pieces is not held up. */
static void acknowledge(const struct sock *s, int fd)
{
    const int one = 1;

    if (s->is_tcp && s->heard && s->bytes < PROMPT_BYTES)
        setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

static ssize_t read_or_wait(struct sock *s, void *buf, size_t n,
                            struct sc_wait *w)
{
    bool last = false;

    for (;;) {
        int fd = sc_watch_fd(s->watch), rc;

        if (fd < 0)
            return fd;
        if (s->readable || last) {
            ssize_t got = receive(s, fd, buf, n);
            if (got != -EAGAIN)
                return got;
            s->readable = false;
        }
        if (last)
            return SC_ETIMEDOUT;
        acknowledge(s, fd);
        s->bytes = 0;
        rc = sc_watch_wait(s->watch, POLLIN, w->until);
        if (rc == SC_ETIMEDOUT)
            last = true; /* data may have come in the same turn */
        else if (rc < 0)
            return rc;
        s->readable = true;
    }
}

static ssize_t sock_read(Stream *stream, void *buf, size_t n, struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    ssize_t got;

    if (s->reading)
        return failed(w, SC_EBUSY, "read");
    s->reading = true;
    got = read_or_wait(s, buf, n, w);
    s->reading = false;
    if (got < 0 && got != SC_ETIMEDOUT)
        failed(w, (int)got, "read");
    else if (got < 0)
        sc_error_set(w->err, SC_ETIMEDOUT, "timed out");
    return got;
}

int sc_sock_await(Stream *stream, struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    int rc;

    if (stream->cls != &sc_sock_class || s->readable)
        return 0;
    if (s->reading)
        return failed(w, SC_EBUSY, "read");
    sc_stream_hold(stream);
    s->reading = true;
    acknowledge(s, sc_watch_fd(s->watch));
    s->bytes = 0;
    rc = sc_watch_wait(s->watch, POLLIN, w->until);
    s->reading = false;
    s->readable = rc == 0 || rc == SC_ETIMEDOUT;
    sc_stream_let_go(stream);
    if (rc < 0 && rc != SC_ETIMEDOUT)
        return failed(w, rc, "read");
    return 0;
}

/* --- writing --- */

/* What is left of the spans: the first of them from OFFSET on. */
struct rest {
    const struct sc_span *v;
    size_t n, offset;
};

static size_t to_iov(const struct rest *r, struct iovec *iov)
{
    size_t n = r->n < SPANS_AT_ONCE ? r->n : SPANS_AT_ONCE;

    for (size_t i = 0; i < n; i++) {
        size_t skip = i == 0 ? r->offset : 0;
        iov[i].iov_base = (char *)(uintptr_t)r->v[i].data + skip;
        iov[i].iov_len = r->v[i].len - skip;
    }
    return n;
}

static void advance(struct rest *r, size_t sent)
{
    while (r->n > 0 && sent >= r->v->len - r->offset) {
        sent -= r->v->len - r->offset;
        r->v++;
        r->n--;
        r->offset = 0;
    }
    r->offset += sent;
}

static ssize_t write_quietly(int fd, const struct iovec *iov, size_t n)
{
    struct sc_sigpipe guard;
    ssize_t sent;

    sc_sigpipe_block(&guard);
    sent = writev(fd, iov, (int)n);
    sc_sigpipe_restore(&guard, false);
    return sent;
}

static ssize_t send_some(const struct sock *s, int fd, const struct rest *r)
{
    struct iovec iov[SPANS_AT_ONCE];
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = to_iov(r, iov)};
    ssize_t sent;

    do {
        if (!s->is_socket)
            sent = write_quietly(fd, iov, m.msg_iovlen);
        else if (m.msg_iovlen == 1)
            sent = send(fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL);
        else
            sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    return sent;
}

/* Who has no time does not wait for others either: a close, an alert. */
static int be_fair(struct sock *s, const struct sc_wait *w)
{
    if (++s->calls < SC_FAIR_CALLS || !sc_task_self() || w->until <= sc_now())
        return 0;
    s->calls = 0;
    return sc_yield();
}

static int wait_writable(struct sock *s, bool *last, struct sc_wait *w)
{
    bool both = s->on_input != NULL && !s->reading;
    int rc;

    if (*last)
        return SC_ETIMEDOUT;
    s->calls = 0;
    rc = sc_watch_wait(s->watch, both ? POLLIN | POLLOUT : POLLOUT, w->until);
    if (rc == 1)
        return s->on_input(s->on_input_arg) == 0 ? 0 : SC_EPIPE;
    *last = rc == SC_ETIMEDOUT;
    return *last ? 0 : rc;
}

static int write_all(struct sock *s, const struct sc_span *v, size_t n,
                     struct sc_wait *w)
{
    struct rest r = {v, n, 0};
    bool last = false;
    int rc = 0;

    advance(&r, 0);
    while (r.n > 0) {
        int fd = sc_watch_fd(s->watch);
        ssize_t sent = fd < 0 ? fd : send_some(s, fd, &r);

        if (sent == -EAGAIN)
            rc = wait_writable(s, &last, w);
        else if (sent < 0)
            rc = (int)sent;
        else
            advance(&r, (size_t)sent);
        if (rc < 0)
            return rc;
    }
    return be_fair(s, w);
}

/* One writer at a time; the first failure stays. */
static int begin_write(struct sock *s, struct sc_wait *w)
{
    int rc = s->writing ? SC_EBUSY : s->write_error;

    if (rc < 0)
        return failed(w, rc, "write");
    s->writing = true;
    s->heard = false;
    return 0;
}

static int end_write(struct sock *s, int rc, struct sc_wait *w)
{
    s->writing = false;
    if (rc == 0)
        return 0;
    s->write_error = rc;
    return failed(w, rc, "write");
}

static int sock_writev(Stream *stream, const struct sc_span *v, size_t n,
                       struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    int rc = begin_write(s, w);

    return rc < 0 ? rc : end_write(s, write_all(s, v, n, w), w);
}

void sc_sock_on_input(Stream *stream, int (*fn)(void *arg), void *arg)
{
    struct sock *s;

    while (stream != NULL && stream->cls != &sc_sock_class)
        stream = stream->below;
    if ((s = (struct sock *)stream) == NULL)
        return;
    s->on_input = fn;
    s->on_input_arg = arg;
}

/* What is left of a file to be sent. */
struct part {
    int file;
    off_t at;
    uint64_t n;
    uint64_t enough; /* when so little is left it may be called done */
};

static ssize_t file_some(int fd, struct part *p, size_t ask)
{
    struct sc_sigpipe guard;
    ssize_t sent;

    sc_sigpipe_block(&guard);
    do
        sent = sendfile(fd, p->file, &p->at, ask);
    while (sent < 0 && errno == EINTR);
    sc_sigpipe_restore(&guard, sent == (ssize_t)ask);
    if (sent < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    return sent == 0 ? SC_ESHORT : sent;
}

static int send_file(struct sock *s, struct part *p, struct sc_wait *w)
{
    bool last = false;
    int rc = 0;

    while (p->n > p->enough && rc == 0) {
        size_t ask =
            p->n < FILE_BYTES_AT_ONCE ? (size_t)p->n : FILE_BYTES_AT_ONCE;
        int fd = sc_watch_fd(s->watch);
        ssize_t sent = fd < 0 ? fd : file_some(fd, p, ask);

        if (sent < 0 && sent != -EAGAIN)
            return (int)sent;
        p->n -= sent > 0 ? (uint64_t)sent : 0;
        /* Less than asked for: there is no room for more. */
        if (sent < (ssize_t)ask && p->n > p->enough)
            rc = wait_writable(s, &last, w);
        if (rc == 0)
            rc = be_fair(s, w);
    }
    return rc;
}

/* A file that sendfile(2) does not take, or takes no more, is copied. */
static int sock_sendfile(Stream *stream, int file, uint64_t offset, uint64_t n,
                         struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    struct part p = {file, (off_t)offset, n, 0};
    int rc;

    if (!s->is_socket)
        return sc_stream_copy_file(stream, file, offset, n, w);
    if ((rc = begin_write(s, w)) < 0)
        return rc;
    rc = send_file(s, &p, w);
    if (rc != -EINVAL && rc != -ENOSYS)
        return end_write(s, rc, w);
    s->writing = false;
    return sc_stream_copy_file(stream, file, (uint64_t)p.at, p.n, w);
}

ssize_t sc_sock_sendfile(Stream *stream, int file, uint64_t offset, uint64_t n,
                         struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    struct part p = {file, (off_t)offset, n, n - 1};
    int rc;

    if (stream->cls != &sc_sock_class || !s->is_socket)
        return SC_ENOTSUP;
    if ((rc = begin_write(s, w)) < 0)
        return rc;
    sc_stream_hold(stream);
    rc = send_file(s, &p, w);
    if (rc == -EINVAL || rc == -ENOSYS) {
        s->writing = false;
        rc = SC_ENOTSUP;
    } else {
        rc = end_write(s, rc, w);
    }
    sc_stream_let_go(stream);
    return rc < 0 ? rc : (ssize_t)(n - p.n);
}

static int sock_shutdown(Stream *stream, struct sc_wait *w)
{
    struct sock *s = (struct sock *)stream;
    int fd = sc_watch_fd(s->watch);

    if (fd < 0)
        return failed(w, fd, "shutdown");
    if (!s->is_socket)
        return sc_error_set(w->err, SC_ENOTSUP, "no socket to shut down");
    if (shutdown(fd, SHUT_WR) < 0)
        return failed(w, -errno, "shutdown");
    return 0;
}

static void sock_interrupt(Stream *stream, int error)
{
    struct sock *s = (struct sock *)stream;

    if (error == SC_ECLOSED)
        sc_watch_close(s->watch);
    else
        sc_watch_fail(s->watch, error);
}

/* --- what it knows --- */

static int pending(const struct sock *s, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte;

    if (!s->is_socket)
        return poll(&p, 1, 0) > 0;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EWOULDBLOCK);
}

static int name_of(int fd, int what, struct sc_peer *out)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    int rc = what == SC_INFO_PEER
                 ? getpeername(fd, (struct sockaddr *)&at, &len)
                 : getsockname(fd, (struct sockaddr *)&at, &len);

    if (rc < 0)
        return SC_ENOTSUP;
    sc_peer_of(&at, len, out);
    return 0;
}

static int sock_info(Stream *stream, int what, void *answer)
{
    struct sock *s = (struct sock *)stream;
    int fd = sc_watch_fd(s->watch);

    if (fd < 0)
        return fd;
    switch (what) {
    case SC_INFO_FD:
        *(int *)answer = fd;
        return 0;
    case SC_INFO_PENDING:
        *(int *)answer = pending(s, fd);
        return 0;
    case SC_INFO_PEER:
    case SC_INFO_LOCAL:
        return name_of(fd, what, answer);
    default:
        return SC_ENOTSUP;
    }
}

static void sock_cleanup(Stream *stream)
{
    sc_watch_free(((struct sock *)stream)->watch);
}

const struct stream_class sc_sock_class = {
    .name = "socket",
    .size = sizeof(struct sock),
    .read = sock_read,
    .writev = sock_writev,
    .sendfile = sock_sendfile,
    .shutdown = sock_shutdown,
    .interrupt = sock_interrupt,
    .info = sock_info,
    .cleanup = sock_cleanup,
};

/* --- making one --- */

Stream *sc_sock_from_watch(struct sc_watch *w, struct sc_error *err)
{
    int one = 1, type, fd = sc_watch_fd(w);
    socklen_t len = sizeof type;
    struct sock *s = sc_stream_new(&sc_sock_class);

    if (s == NULL || fd < 0) {
        sc_error_set(err, s != NULL ? fd : SC_ENOMEM, "%s",
                     sc_strerror(s != NULL ? fd : SC_ENOMEM));
        sc_free(s);
        return NULL;
    }
    s->watch = w;
    s->is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
    if (s->is_socket) /* fails where it does not apply */
        s->is_tcp =
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
    return &s->base;
}

Stream *sc_sock_new(int fd, struct sc_error *err)
{
    struct sc_watch *w = sc_watch_new(fd, err);
    Stream *s = w != NULL ? sc_sock_from_watch(w, err) : NULL;

    if (w != NULL && s == NULL)
        sc_watch_detach(w);
    return s;
}

Stream *sc_stream_fd(int fd, struct sc_error *err)
{
    return sc_sock_new(fd, err);
}

int sc_stream_pair(Stream *both[2], struct sc_error *err)
{
    struct sc_error own = {0};
    int fd[2];

    err = err != NULL ? err : &own;
    both[0] = both[1] = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) {
        int rc = sc_socket_error(errno);
        return sc_error_set(err, rc, "socketpair: %s", sc_strerror(rc));
    }
    if ((both[0] = sc_sock_new(fd[0], err)) != NULL &&
        (both[1] = sc_sock_new(fd[1], err)) != NULL)
        return 0;
    if (both[0] != NULL)
        sc_stream_close(both[0]);
    else
        close(fd[0]);
    close(fd[1]);
    both[0] = NULL;
    return err->code;
}
