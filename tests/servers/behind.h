/* behind.h - what stands behind a real proxy: a thread that says "hello" to
 * whoever connects, and one that answers any request of HTTP; and a client that
 * goes there. */
#ifndef TESTS_SERVERS_BEHIND_H
#define TESTS_SERVERS_BEHIND_H

#include <poll.h>
#include <pthread.h>

#include <simpleclient/class.h>
#include <simpleclient/http.h>

#include "server.h"

struct behind {
    bool http;
    int listener, port;
    int stop[2];
    pthread_t thread;
    char head[4096]; /* of the latest request */
};

static inline void answer_http(struct behind *b, int fd)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                                 "Connection: close\r\n\r\nhello";
    size_t n = 0;
    ssize_t got = 1;

    b->head[0] = '\0';
    while (got > 0 && n < sizeof b->head - 1 && !strstr(b->head, "\r\n\r\n")) {
        if ((got = recv(fd, b->head + n, sizeof b->head - 1 - n, 0)) > 0)
            n += (size_t)got;
        b->head[n] = '\0';
    }
    if (got > 0)
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
}

static inline void *serve_behind(void *arg)
{
    struct behind *b = arg;
    struct pollfd p[2] = {{.fd = b->listener, .events = POLLIN},
                          {.fd = b->stop[0], .events = POLLIN}};

    while (poll(p, 2, -1) > 0 && p[1].revents == 0) {
        int fd = accept(b->listener, NULL, NULL);

        if (fd >= 0 && b->http)
            answer_http(b, fd);
        else if (fd >= 0)
            send(fd, "hello\r\n", 7, MSG_NOSIGNAL);
        if (fd >= 0)
            close(fd);
    }
    return NULL;
}

static inline int behind_begin(struct behind *b)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;

    b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(b->listener, (struct sockaddr *)&a, size) < 0 ||
        getsockname(b->listener, (struct sockaddr *)&a, &size) < 0 ||
        listen(b->listener, 20) < 0 || pipe2(b->stop, O_CLOEXEC) < 0)
        return -1;
    b->port = ntohs(a.sin_port);
    return pthread_create(&b->thread, NULL, serve_behind, b) ? -1 : 0;
}

static inline void behind_end(struct behind *b)
{
    close(b->stop[1]);
    pthread_join(b->thread, NULL);
    close(b->stop[0]);
    close(b->listener);
}

/* --- one visit --- */

struct visit {
    char server[64];
    struct sc_options opt;
    int rc;
    char line[32];
    struct sc_error err;
};

static inline void visit_it(void *arg)
{
    struct visit *v = arg;
    SimpleClient *c = sc_connect(v->server, 0, &v->opt);
    struct sc_span line = {NULL, 0};

    v->rc = sc_readline(c, &line);
    sc_span_copy(v->line, sizeof v->line, line);
    v->err = *sc_last_error(c);
    sc_drop(c);
}

/* To HOST:PORT through PROXY: [0] blocking, [1] as a task. */
static inline void visit_twice(struct visit both[2], const char *host, int port,
                               const char *proxy)
{
    struct visit v = {.opt = {.proxy = proxy, .no_proxy = ""}};

    snprintf(v.server, sizeof v.server, "%s:%d", host, port);
    both[0] = both[1] = v;
    visit_it(&both[0]);
    assert_true(sc_task_go(NULL, visit_it, &both[1]) > 0);
    assert_int_equal(sc_run(), 0);
}

static inline void reaches(const char *host, int port, const char *proxy)
{
    struct visit both[2];

    visit_twice(both, host, port, proxy);
    for (int i = 0; i < 2; i++) {
        if (both[i].rc < 0)
            fail_msg("%s", both[i].err.text);
        assert_string_equal(both[i].line, "hello");
    }
}

static inline void fails(const char *host, int port, const char *proxy,
                         const char *words)
{
    struct visit both[2];

    visit_twice(both, host, port, proxy);
    for (int i = 0; i < 2; i++) {
        if (both[i].rc >= 0 || !strstr(both[i].err.text, words))
            fail_msg("%d: %s", both[i].rc, both[i].err.text);
        assert_true(both[i].err.flags & SC_FROM_PROXY);
    }
}

#endif
