/* nntp_server_io.c - the news server's connections: blocking, plain or TLS, with
 * DEFLATE above either. */
#include "nntp_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool nntp_io_accept(struct nntp_io *io, int listener, SSL_CTX *ctx)
{
    int one = 1, fd = accept(listener, NULL, NULL);

    if (fd < 0)
        return false;
    memset(io, 0, offsetof(struct nntp_io, in));
    io->fd = fd;
    io->have = io->waiting = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (ctx == NULL)
        return true;
    io->ssl = SSL_new(ctx);
    if (io->ssl != NULL && SSL_set_fd(io->ssl, fd) && SSL_accept(io->ssl) == 1)
        return true;
    nntp_io_close(io);
    return false;
}

static ssize_t get(struct nntp_io *io, char *to, size_t n)
{
    size_t got;

    if (io->ssl == NULL)
        return recv(io->fd, to, n, 0);
    return SSL_read_ex(io->ssl, to, n, &got) ? (ssize_t)got : -1;
}

static bool send_all(struct nntp_io *io, const char *p, size_t n)
{
    size_t done;
    ssize_t sent;

    if (io->ssl != NULL)
        return n == 0 || SSL_write_ex(io->ssl, p, n, &done);
    for (; n > 0; p += sent, n -= (size_t)sent)
        if ((sent = send(io->fd, p, n, MSG_NOSIGNAL)) <= 0)
            return false;
    return true;
}

/* Commands are short: what does not fit into IN is lost, and they with it. */
static bool inflate_more(struct nntp_io *io)
{
    z_stream *z = &io->inflated;
    size_t room = sizeof io->in - io->have;
    ssize_t n = get(io, io->raw, sizeof io->raw);

    if (n <= 0)
        return false;
    z->next_in = (Bytef *)io->raw;
    z->avail_in = (uInt)n;
    z->next_out = (Bytef *)io->in + io->have;
    z->avail_out = (uInt)room;
    if (inflate(z, Z_SYNC_FLUSH) < 0)
        return false;
    io->have += room - z->avail_out;
    return z->avail_in == 0;
}

bool nntp_io_more(struct nntp_io *io)
{
    ssize_t n;

    if (io->deflate)
        return inflate_more(io);
    n = get(io, io->in + io->have, sizeof io->in - io->have);
    io->have += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool deflate_out(struct nntp_io *io, int flush)
{
    z_stream *z = &io->deflated;

    z->next_in = (Bytef *)io->out;
    z->avail_in = (uInt)io->waiting;
    do {
        z->next_out = (Bytef *)io->raw;
        z->avail_out = sizeof io->raw;
        deflate(z, flush);
        if (!send_all(io, io->raw, sizeof io->raw - z->avail_out))
            return false;
    } while (z->avail_out == 0);
    return true;
}

static bool out(struct nntp_io *io, int flush)
{
    bool good = io->deflate ? deflate_out(io, flush)
                            : send_all(io, io->out, io->waiting);

    io->waiting = 0;
    return good;
}

bool nntp_io_flush(struct nntp_io *io)
{
    return io->waiting == 0 || out(io, Z_SYNC_FLUSH);
}

bool nntp_io_put(struct nntp_io *io, const char *p, size_t n)
{
    if (n >= sizeof io->out && !io->deflate)
        return nntp_io_flush(io) && send_all(io, p, n);
    while (n > 0) {
        size_t room = sizeof io->out - io->waiting, some = n < room ? n : room;

        memcpy(io->out + io->waiting, p, some);
        io->waiting += some;
        p += some;
        n -= some;
        if (io->waiting == sizeof io->out && !out(io, Z_NO_FLUSH))
            return false;
    }
    return true;
}

void nntp_io_compress(struct nntp_io *io)
{
    if (inflateInit2(&io->inflated, -MAX_WBITS) != Z_OK ||
        deflateInit2(&io->deflated, 1, Z_DEFLATED, -MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        bench_die("zlib");
    io->deflate = true;
}

void nntp_io_close(struct nntp_io *io)
{
    if (io->deflate) {
        inflateEnd(&io->inflated);
        deflateEnd(&io->deflated);
    }
    if (io->ssl != NULL)
        SSL_shutdown(io->ssl);
    SSL_free(io->ssl);
    close(io->fd);
}
