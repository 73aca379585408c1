/* smtp_server.c - bench_smtp_server [full|pipe|plain] - a fast SMTP server that
 * accepts and drops everything. full: PIPELINING and CHUNKING are offered, pipe:
 * PIPELINING, plain: neither. Prints "port N"; at SIGTERM what it counted, as
 * JSON. One thread, one epoll loop; it believes what its clients say: not for
 * other use. */
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_SIZE = 256 << 10, KEEP_MOST = 2000, OUT_SIZE = 256 << 10 };

struct conn {
    int fd;
    bool data;     /* a text with a final dot comes */
    bool last;     /* the chunk under way is */
    uint64_t skip; /* bytes of it still to come */
    bool over;
    size_t kept; /* the beginning of a line */
    char keep[KEEP_MOST];
};

static struct {
    unsigned long long connections, messages, recipients, bytes, reads;
} counts;
static volatile sig_atomic_t stopped;
static const char *hello = "250-bench.example\r\n250-PIPELINING\r\n"
                           "250-CHUNKING\r\n250-8BITMIME\r\n250 SIZE\r\n";
static char in[KEEP_MOST + IN_SIZE], out[OUT_SIZE];
static size_t out_len;
static int ep;

/* --- replies --- */

static void leave(struct conn *c)
{
    size_t at = 0;
    ssize_t n;

    /* Replies are small: who does not read them waits for us, we for him. */
    for (; at<out_len; at += n> 0 ? (size_t)n : 0)
        if ((n = send(c->fd, out + at, out_len - at, MSG_NOSIGNAL)) < 0) {
            if (errno == EAGAIN)
                continue;
            c->over = true;
            break;
        }
    out_len = 0;
}

static void say(struct conn *c, const char *text)
{
    size_t n = strlen(text);

    if (n > sizeof out - out_len)
        leave(c);
    memcpy(out + out_len, text, n);
    out_len += n;
}

/* --- commands --- */

static void bdat(struct conn *c, const char *line, size_t n)
{
    c->skip = strtoull(line + 5, NULL, 10);
    c->last = n > 7 && memcmp(line + n - 6, " LAST\r", 6) == 0;
    counts.bytes += c->skip;
}

/* LINE ends before its LF. */
static void command(struct conn *c, const char *line, size_t n)
{
    uint32_t verb = 0;

    if (n >= 4)
        memcpy(&verb, line, 4);
    if (memcmp(&verb, "RCPT", 4) == 0) {
        counts.recipients++;
        say(c, "250 2.1.5 Ok\r\n");
    } else if (memcmp(&verb, "BDAT", 4) == 0) {
        bdat(c, line, n);
    } else if (memcmp(&verb, "DATA", 4) == 0) {
        c->data = true;
        say(c, "354 go on\r\n");
    } else if (memcmp(&verb, "EHLO", 4) == 0) {
        say(c, hello);
    } else if (memcmp(&verb, "QUIT", 4) == 0) {
        say(c, "221 2.0.0 Bye\r\n");
        leave(c);
        c->over = true;
    } else {
        say(c, "250 2.0.0 Ok\r\n");
    }
}

static void take_message(struct conn *c)
{
    counts.messages++;
    say(c, "250 2.0.0 Ok: taken\r\n");
}

/* --- what comes; each takes some of P..END and returns what is left --- */

static const char *take_chunk(struct conn *c, const char *p, const char *end)
{
    uint64_t n = (uint64_t)(end - p);

    if (n > c->skip)
        n = c->skip;
    c->skip -= n;
    if (c->skip == 0 && c->last)
        take_message(c);
    else if (c->skip == 0)
        say(c, "250 2.0.0 Ok: a chunk\r\n");
    return p + n;
}

/* What may be the beginning of CRLF . CRLF is left. */
static const char *take_text(struct conn *c, const char *p, const char *end)
{
    const char *dot = memmem(p, (size_t)(end - p), "\r\n.\r\n", 5), *at = end;

    if (dot != NULL) {
        counts.bytes += (uint64_t)(dot + 2 - p);
        c->data = false;
        take_message(c);
        return dot + 5;
    }
    if (at - p > 4)
        at -= 4;
    else
        at = p;
    counts.bytes += (uint64_t)(at - p);
    return at;
}

static void take(struct conn *c, const char *p, const char *end)
{
    const char *lf, *was = NULL;

    while (p < end && !c->over && p != was) {
        was = p;
        if (c->skip > 0) {
            p = take_chunk(c, p, end);
        } else if (c->data) {
            p = take_text(c, p, end);
        } else if ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
            command(c, p, (size_t)(lf - p));
            p = lf + 1;
        }
    }
    c->kept = (size_t)(end - p);
    if (c->kept > sizeof c->keep)
        c->over = true;
    else if (c->kept > 0)
        memcpy(c->keep, p, c->kept);
}

static void turn(struct conn *c)
{
    bool drop = c->skip > IN_SIZE; /* a large chunk is not even copied */
    uint64_t most = drop ? c->skip - 1 : IN_SIZE;
    ssize_t n;

    if (most > 1 << 30)
        most = 1 << 30;
    if (!drop && c->kept > 0)
        memcpy(in, c->keep, c->kept);
    n = recv(c->fd, drop ? NULL : in + c->kept, most, drop ? MSG_TRUNC : 0);
    counts.reads++;
    if (n <= 0) {
        c->over = n == 0 || errno != EAGAIN;
        return;
    }
    if (drop)
        c->skip -= (uint64_t)n;
    else
        take(c, in, in + c->kept + n);
    leave(c);
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
    counts.connections++;
    say(c, "220 bench.example ESMTP\r\n");
    leave(c);
}

static void serve(int listener)
{
    struct epoll_event got[256], e = {.events = EPOLLIN};

    ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    while (!stopped) {
        int n = epoll_wait(ep, got, 256, -1);

        for (int i = 0; i < n; i++) {
            struct conn *c = got[i].data.ptr;

            if (c == NULL) {
                welcome(listener);
                continue;
            }
            turn(c);
            if (c->over) {
                close(c->fd);
                free(c);
            }
        }
    }
}

static double cpu(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void on_term(int sig)
{
    (void)sig;
    stopped = 1;
}

static void choose(const char *mode)
{
    if (strcmp(mode, "pipe") == 0)
        hello = "250-bench.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
                "250 SIZE\r\n";
    else if (strcmp(mode, "plain") == 0)
        hello = "250 bench.example\r\n";
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_term};

    double began = cpu();

    sigaction(SIGTERM, &act, NULL);
    choose(argc > 1 ? argv[1] : "full");
    serve(bench_listen());
    printf("{\"connections\":%llu,\"messages\":%llu,\"recipients\":%llu,"
           "\"bytes\":%llu,\"reads\":%llu,\"cpu\":%.4f}\n",
           counts.connections, counts.messages, counts.recipients, counts.bytes,
           counts.reads, cpu() - began);
    return 0;
}
