/* limit_http.c - limit_http JOB HOST PORT COUNT ... - the least work a client
 * can do for the HTTP jobs: bare calls, a head searched by memmem, nothing
 * checked that need not be. H2 and H3 go around epoll. U4 is a sendfile loop.
 */
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bench_args args;
static char buf[256 * 1024], request[256];
static size_t request_len;
static uint64_t octets;

size_t bench_head(const char *p, size_t n, uint64_t *length)
{
    static const char name[] = "\r\nContent-Length: ";
    const char *end = memmem(p, n, "\r\n\r\n", 4), *at;

    if (end == NULL)
        return 0;
    n = (size_t)(end - p) + 4;
    if (n < 12 || memcmp(p, "HTTP/1.1 200", 12) != 0)
        bench_die("status");
    at = memmem(p, n, name, sizeof name - 1);
    *length = at != NULL ? strtoull(at + sizeof name - 1, NULL, 10) : 0;
    return n;
}

static size_t some(int fd, char *to, size_t n)
{
    ssize_t got = recv(fd, to, n, 0);

    if (got <= 0)
        bench_die("recv");
    return (size_t)got;
}

/* The whole answer, but for the head. */
static void take_answer(int fd)
{
    size_t have = 0, head = 0;
    uint64_t length = 0;

    while (head == 0) {
        have += some(fd, buf + have, sizeof buf - have);
        head = bench_head(buf, have, &length);
    }
    octets += length;
    for (length -= have - head; length > 0;)
        length -= some(fd, buf, sizeof buf);
}

static void one(int fd)
{
    bench_write(fd, request, request_len);
    take_answer(fd);
}

static void sequential(void)
{
    int fd = bench_connect(&args);

    for (uint64_t i = 0; i < args.count; i++)
        one(fd);
    close(fd);
}

static void new_connections(void)
{
    for (uint64_t i = 0; i < args.count; i++) {
        int fd = bench_connect(&args);

        one(fd);
        close(fd);
    }
}

static void download(void)
{
    int fd = bench_connect(&args);

    one(fd);
    close(fd);
}

/* --- many connections; an answer comes in one piece --- */

static void many(uint64_t total)
{
    struct epoll_event got[256], e = {.events = EPOLLIN};
    int ep = epoll_create1(0);
    uint64_t asked = (uint64_t)args.conns, done = 0;
    int *fds = calloc((size_t)args.conns, sizeof *fds);

    for (int i = 0; fds != NULL && i < args.conns; i++) {
        e.data.fd = fds[i] = bench_connect(&args);
        if (epoll_ctl(ep, EPOLL_CTL_ADD, e.data.fd, &e) < 0)
            bench_die("epoll_ctl");
    }
    for (int i = 0; fds != NULL && i < args.conns; i++)
        bench_write(fds[i], request, request_len);
    while (done < total) {
        int n = epoll_wait(ep, got, 256, -1);

        for (int i = 0; i < n; i++, done++) {
            take_answer(got[i].data.fd);
            if (asked++ < total)
                bench_write(got[i].data.fd, request, request_len);
        }
    }
    free(fds);
}

/* --- chunks --- */

static size_t at, have;

static void fill(int fd)
{
    at = 0;
    have = some(fd, buf, sizeof buf);
}

/* Skip up to and with LF; a line's first bytes are left in LINE. */
static void line(int fd, char *text, size_t size)
{
    size_t n = 0;
    char c;

    do {
        if (at == have)
            fill(fd);
        c = buf[at++];
        if (n + 1 < size)
            text[n++] = c;
    } while (c != '\n');
    text[n] = '\0';
}

static void skip(int fd, uint64_t n)
{
    while (n > 0) {
        uint64_t part = have - at;

        if (part == 0) {
            fill(fd);
            continue;
        }
        part = part < n ? part : n;
        at += (size_t)part;
        n -= part;
    }
}

static void chunked(void)
{
    int fd = bench_connect(&args);
    char text[64];
    uint64_t size;

    bench_write(fd, request, request_len);
    do
        line(fd, text, sizeof text);
    while (text[0] != '\r');
    do {
        line(fd, text, sizeof text);
        octets += size = strtoull(text, NULL, 16);
        skip(fd, size + 2);
    } while (size > 0);
    close(fd);
}

/* --- up --- */

enum { PIECE = 256 << 10 };

/* In pieces, and poll(2) when there is no room: cheaper than one sendfile(2)
 * that blocks, which is woken for every bit of room. */
static void send_file(int fd, int file)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    uint64_t left = args.count;
    ssize_t sent;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (left > 0) {
        sent = sendfile(fd, file, NULL, left < PIECE ? (size_t)left : PIECE);
        if (sent == 0 || (sent < 0 && errno != EAGAIN))
            bench_die("sendfile");
        if (sent < 0)
            poll(&room, 1, -1);
        else
            left -= (uint64_t)sent;
    }
    fcntl(fd, F_SETFL, 0);
    octets = args.count;
}

static void upload(void)
{
    int fd = bench_connect(&args);
    int file = args.file != NULL ? open(args.file, O_RDONLY) : -1;
    char head[128];

    if (file < 0)
        bench_die("BENCH_FILE");
    bench_write(fd, head,
                (size_t)snprintf(head, sizeof head,
                                 "PUT /0 HTTP/1.1\r\nHost: bench\r\n"
                                 "Content-Length: %llu\r\n\r\n",
                                 (unsigned long long)args.count));
    send_file(fd, file);
    if (some(fd, buf, sizeof buf) < 12)
        bench_die("answer");
    close(file);
    close(fd);
}

static uint64_t run(void)
{
    switch (args.job[1]) {
    case '1':
        sequential();
        return args.count;
    case '2':
        many(args.count);
        return args.count;
    case '3':
        many(args.count * (uint64_t)args.conns);
        return args.count * (uint64_t)args.conns;
    case '5':
        new_connections();
        return args.count;
    case '6':
        chunked();
        return 1;
    default:
        args.job[0] == 'U' ? upload() : download();
        return 1;
    }
}

int main(int argc, char **argv)
{
    char path[64];
    uint64_t n;

    bench_args(argc, argv, &args);
    bench_path(&args, path, sizeof path);
    request_len =
        (size_t)snprintf(request, sizeof request,
                         "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", path);
    bench_start();
    if (args.job[0] == 'T') {
        n = bench_one_body(args.job) ? 1 : args.count;
        octets = bench_limit_tls(&args, request);
    } else {
        n = run();
    }
    bench_stop(&args, "limit", n, octets);
    return 0;
}
