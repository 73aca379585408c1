/* server.c - bench_server [CERT KEY] - a fast server for the HTTP jobs, TLS if
 * a certificate is named. Prints "port N"; at SIGTERM what it counted, as
 * JSON. One thread, one epoll loop; large bodies go out by sendfile(2) and
 * come in by MSG_TRUNC, so that the client is what is measured. It believes
 * what its clients say: not for other use. */
#include "server.h"

#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
    int fd;
    bool blocked; /* waits for room, not for input */
    const struct bench_answer *answer;
    uint64_t at;   /* of the answer */
    uint64_t skip; /* bytes of a body still to come */
    size_t have;
    char in[1000];
};

struct bench_counts bench_counts;
volatile sig_atomic_t bench_stopped;
static int ep;

/* --- sending --- */

static ssize_t send_part(const struct conn *c, uint64_t at)
{
    const struct bench_answer *a = c->answer;
    int more = a->file_total > 0 ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    uint64_t left;
    off_t from;

    if (at < a->text_len)
        return send(c->fd, a->text + at, a->text_len - at, more);
    at -= a->text_len;
    if (at >= a->file_total) {
        at -= a->file_total;
        return send(c->fd, a->tail + at, a->tail_len - at, MSG_NOSIGNAL);
    }
    from = (off_t)(at % a->file_len);
    left = a->file_total - at;
    if (left > a->file_len - (uint64_t)from)
        left = a->file_len - (uint64_t)from;
    return sendfile(c->fd, a->file, &from, (size_t)left);
}

static void want(struct conn *c, bool room)
{
    struct epoll_event e = {.events = room ? EPOLLOUT : EPOLLIN, .data.ptr = c};

    if (c->blocked != room && epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e) < 0)
        bench_die("epoll_ctl");
    c->blocked = room;
}

/* 1: all has left; 0: no room at the moment; -1: the peer is gone. */
static int flush(struct conn *c)
{
    const struct bench_answer *a = c->answer;
    uint64_t total = a->text_len + a->file_total + a->tail_len;
    ssize_t n;

    for (; c->at < total; c->at += (uint64_t)n)
        if ((n = send_part(c, c->at)) < 0) {
            want(c, true);
            return errno == EAGAIN ? 0 : -1;
        }
    want(c, false);
    c->answer = NULL;
    return 1;
}

/* --- receiving --- */

static int answer(struct conn *c)
{
    c->at = 0;
    bench_counts.requests++;
    return flush(c);
}

/* Requests that are there as a whole; -1: close. */
static int take_requests(struct conn *c)
{
    char *end, *length;
    size_t n;

    while (c->have > 0 && c->answer == NULL && c->skip == 0) {
        c->in[c->have] = '\0';
        if ((end = strstr(c->in, "\r\n\r\n")) == NULL)
            return c->have + 1 < sizeof c->in ? 0 : -1;
        *end = '\0';
        n = (size_t)(end + 4 - c->in);
        length = strcasestr(c->in, "\r\nContent-Length:");
        c->skip = length != NULL ? strtoull(length + 17, NULL, 10) : 0;
        c->answer = bench_answer(c->in);
        memmove(c->in, c->in + n, c->have -= n);
        if (c->skip > 0) {
            c->skip -= c->have;
            c->have = 0;
        }
        if (c->skip == 0 && answer(c) < 0)
            return -1;
    }
    return 0;
}

static ssize_t receive(struct conn *c)
{
    size_t most = 1 << 30;

    if (c->skip == 0)
        return recv(c->fd, c->in + c->have, sizeof c->in - 1 - c->have, 0);
    if (c->skip < most)
        most = c->skip;
    return recv(c->fd, NULL, most, MSG_TRUNC);
}

static int turn(struct conn *c)
{
    ssize_t n;

    if (c->answer != NULL && c->skip == 0)
        return flush(c) < 0 ? -1 : take_requests(c);
    n = receive(c);
    if (n <= 0)
        return n < 0 && errno == EAGAIN ? 0 : -1;
    if (c->skip == 0) {
        c->have += (size_t)n;
        return take_requests(c);
    }
    c->skip -= (uint64_t)n;
    return c->skip == 0 && answer(c) < 0 ? -1 : 0;
}

/* --- the loop --- */

static void welcome(int listener)
{
    struct epoll_event e = {.events = EPOLLIN};
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct conn *c;

    if (fd < 0)
        return;
    if ((c = calloc(1, sizeof *c)) == NULL)
        bench_die("calloc");
    c->fd = fd;
    e.data.ptr = c;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0)
        bench_die("epoll_ctl");
    bench_counts.connections++;
}

void bench_serve(int listener)
{
    struct epoll_event got[256], e = {.events = EPOLLIN};

    ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    while (!bench_stopped) {
        int n = epoll_wait(ep, got, 256, -1);

        for (int i = 0; i < n; i++) {
            struct conn *c = got[i].data.ptr;

            if (c == NULL) {
                welcome(listener);
            } else if (turn(c) < 0) {
                close(c->fd);
                free(c);
            }
        }
    }
}

static void on_term(int sig)
{
    (void)sig;
    bench_stopped = 1;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_term};
    int listener;

    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    listener = bench_listen();
    if (argc == 3)
        bench_serve_tls(listener, argv[1], argv[2]);
    else
        bench_serve(listener);
    printf("{\"connections\":%llu,\"requests\":%llu,\"resumed\":%llu}\n",
           bench_counts.connections, bench_counts.requests,
           bench_counts.resumed);
    return 0;
}
