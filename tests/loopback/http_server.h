/* http_server.h - a small HTTP server in a task of the test's own loop. What
 * it does follows from the path:
 *     /hello    a body by length, kept alive
 *     /empty    a body of no bytes
 *     /chunked  in chunks, with a trailer
 *     /end      to the end of the connection
 *     /cut      less than the length promised
 *     /head     a head that never ends
 *     /silent   nothing
 *     /once     answers once on a connection; the next request is read, then
 *               the connection is closed without a word
 *     /none     closes without a word
 *     /reset    a few bytes of a head, and a reset
 *     /text     no HTTP
 *     /drip     promises 100,000 bytes; they come one by one
 *     /leave    kept alive by its words, but closed behind the answer
 *     /evil     an answer, and a second one behind it */
#ifndef TESTS_LOOPBACK_HTTP_SERVER_H
#define TESTS_LOOPBACK_HTTP_SERVER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/http.h>
#include <simpleclient/task.h>

struct http_server {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* NULL: plain */
    int64_t task;
    int connections;
    int requests;
    int closed;    /* connections */
    char base[64]; /* "http://127.0.0.1:1234" */
};

struct http_visit {
    struct http_server *server;
    Stream *stream;
};

static inline int server_read(SimpleClient *c, char *request, size_t size)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    sc_span_copy(request, size, line);
    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0)
        continue;
    return rc;
}

static inline int server_raw(SimpleClient *c, const char *text)
{
    sc_write(c, text, strlen(text));
    return sc_flush(c);
}

static inline int server_endless_head(SimpleClient *c)
{
    char line[1000];
    int rc = server_raw(c, "HTTP/1.1 200 OK\r\n");

    memset(line, 'x', sizeof line);
    memcpy(line, "X: ", 3);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    while (rc == 0)
        if ((rc = sc_write(c, line, sizeof line)) == 0)
            rc = sc_flush(c);
    return rc;
}

static inline int server_reset(SimpleClient *c)
{
    static const struct linger at_once = {1, 0};
    int fd = -1, rc = server_raw(c, "HTTP/1.1 ");

    if (rc == 0 && (rc = sc_stream_info(sc_stream(c), SC_INFO_FD, &fd)) == 0)
        rc = setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return rc;
}

static inline int server_drip(SimpleClient *c)
{
    int rc = server_raw(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");

    while (rc == 0 && (rc = sc_sleep(10)) == 0)
        rc = server_raw(c, "x");
    return rc;
}

/* Returns 0: the connection goes on. */
static inline int server_answer(SimpleClient *c, const char *request, int nth)
{
    bool head = strncmp(request, "HEAD ", 5) == 0;
    char path[64] = "";

    sscanf(request, "%*s %63s", path);
    if (strcmp(path, "/chunked") == 0)
        return server_raw(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
                             "\r\n\r\n3\r\nchu\r\n4;x=y\r\nnked\r\n0\r\n"
                             "Sum: 7\r\n\r\n");
    if (strcmp(path, "/empty") == 0)
        return server_raw(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    if (strcmp(path, "/end") == 0)
        return server_raw(c, "HTTP/1.0 200 OK\r\n\r\nto the end") + 1;
    if (strcmp(path, "/cut") == 0)
        return server_raw(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
                             "cut") +
               1;
    if (strcmp(path, "/head") == 0)
        return server_endless_head(c);
    if (strcmp(path, "/silent") == 0)
        return sc_sleep(5000) == 0 ? 1 : -1;
    if (strcmp(path, "/once") == 0 && nth > 1)
        return 1;
    if (strcmp(path, "/none") == 0)
        return 1;
    if (strcmp(path, "/reset") == 0)
        return server_reset(c) + 1;
    if (strcmp(path, "/text") == 0)
        return server_raw(c, "go away\r\n\r\n") + 1;
    if (strcmp(path, "/drip") == 0)
        return server_drip(c) + 1;
    if (strcmp(path, "/evil") == 0)
        return server_raw(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
                             "EVIL");
    server_raw(c, head ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                       : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    return strcmp(path, "/leave") == 0;
}

static inline void server_visit(void *arg)
{
    struct http_visit *v = arg;
    struct sc_options opt = {.wait_ms = 20000};
    SimpleClient *c;
    char request[200];

    if (v->server->tls != NULL) {
        opt.tls = *v->server->tls;
        opt.flags = SC_OPT_TLS;
    }
    c = sc_attach(&sc_simple_class, v->stream, &opt);
    v->server->connections++;
    for (int nth = 1; server_read(c, request, sizeof request) == 0; nth++) {
        v->server->requests++;
        if (server_answer(c, request, nth) != 0)
            break;
    }
    sc_drop(c);
    v->server->closed++;
    free(v);
}

/* Let the loop turn until *COUNT is N: what the server does is seen, not timed. */
static inline void server_wait(const int *count, int n)
{
    int64_t until = sc_now() + 10000;

    while (*count < n) {
        assert_true(sc_now() < until);
        sc_sleep(1);
    }
}

static inline void server_accept(void *arg)
{
    struct http_server *s = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct http_visit *v;
    Stream *stream;

    while ((stream = sc_accept(s->listener, -1, NULL)) != NULL) {
        v = malloc(sizeof *v);
        *v = (struct http_visit){s, stream};
        sc_group_go(g, server_visit, v);
    }
    sc_group_cancel(g);
    sc_group_wait(g);
}

static inline void server_start(struct http_server *s, const char *scheme)
{
    struct sc_error e = {0};

    s->connections = s->requests = s->closed = 0;
    if ((s->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(s->base, sizeof s->base, "%s://127.0.0.1:%d", scheme,
             sc_listener_port(s->listener));
    s->task = sc_task_go(NULL, server_accept, s);
    assert_true(s->task > 0);
}

static inline void server_stop(struct http_server *s)
{
    sc_task_cancel(s->task);
    sc_run();
    sc_listener_close(s->listener); /* nobody may be on the way to it */
}

#endif
