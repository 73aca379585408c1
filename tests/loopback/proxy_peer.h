/* proxy_peer.h - a proxy of the tests' own in a thread: it wants certain bytes,
 * says certain bytes, stage by stage, and is then the server itself; over TLS if
 * told so. And a client that goes through it, blocking or as a task. */
#ifndef TESTS_LOOPBACK_PROXY_PEER_H
#define TESTS_LOOPBACK_PROXY_PEER_H

#include <pthread.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>
#include <simpleclient/udp.h>

#include "sockets.h"

struct bytes {
    const char *p;
    size_t n;
};
#define BYTES(literal)                                                         \
    {                                                                          \
        (literal), sizeof(literal) - 1                                         \
    }

struct stage {
    struct bytes want, say;
};

/* What it does after the last stage. */
enum after {
    AFTER_END,   /* it ends the connection */
    AFTER_HOLD,  /* it waits until the client does */
    AFTER_HELLO, /* it is the server, and says "hello" */
    AFTER_FLOOD  /* it says its last words for ever */
};

struct proxy {
    const struct stage *stages; /* up to one that wants and says nothing */
    enum after after;
    const char *cert;   /* it speaks TLS */
    const char *server; /* certificate of the server behind it, or NULL */
    int listener;
    int port;
    pthread_t thread;
    bool as_wanted; /* all stages were */
    char got[1024]; /* the latest stage that was not */
    struct sc_tls_info tls;
};

static inline bool want_bytes(struct proxy *x, Stream *s, struct bytes b)
{
    struct sc_wait w = {sc_now() + 5000, NULL};
    size_t have = 0;

    while (have < b.n) {
        ssize_t n = sc_stream_read(s, x->got + have, b.n - have, &w);

        if (n <= 0)
            break;
        have += (size_t)n;
    }
    x->got[have] = '\0';
    return have == b.n && (b.n == 0 || memcmp(x->got, b.p, b.n) == 0);
}

static inline Stream *in_tls(Stream *s, const char *cert,
                             struct sc_tls_info *info)
{
    struct sc_tls_options o = {
        .server = 1, .cert = cert, .alpn = "http/1.1,other"};
    Stream *t = s && cert ? sc_tls_wrap(s, NULL, &o, 5000, NULL) : NULL;

    if (!cert)
        return s;
    if (!t)
        sc_stream_close(s);
    else if (info)
        sc_stream_info(t, SC_INFO_TLS, info);
    return t;
}

static inline Stream *be_server(struct proxy *x, Stream *s)
{
    s = in_tls(s, x->server, NULL);
    if (s)
        sc_stream_write(s, "hello\r\n", 7, NULL);
    return s;
}

static inline void *serve_proxy(void *arg)
{
    struct proxy *x = arg;
    struct pollfd there = {.fd = x->listener, .events = POLLIN};
    const struct stage *at = x->stages;
    char byte;
    Stream *s = NULL;

    if (poll(&there, 1, 5000) == 1)
        s = sc_stream_fd(accept(x->listener, NULL, NULL), NULL);
    s = in_tls(s, x->cert, &x->tls);
    x->as_wanted = s != NULL;
    for (; s && x->as_wanted && (at->want.n > 0 || at->say.n > 0); at++) {
        x->as_wanted = want_bytes(x, s, at->want);
        if (x->as_wanted && at->say.n > 0)
            sc_stream_write(s, at->say.p, at->say.n, NULL);
    }
    while (s && x->after == AFTER_FLOOD &&
           sc_stream_write(s, at[-1].say.p, at[-1].say.n, NULL) == 0)
        ;
    if (s && x->as_wanted && x->after == AFTER_HELLO)
        s = be_server(x, s);
    while (s && x->after != AFTER_END && sc_stream_read(s, &byte, 1, NULL) > 0)
        ;
    sc_stream_close(s);
    return NULL;
}

static inline void proxy_begin(struct proxy *x)
{
    x->listener = bind4(INADDR_LOOPBACK, 0);
    x->port = port_of(x->listener);
    assert_int_equal(listen(x->listener, 5), 0);
    assert_int_equal(pthread_create(&x->thread, NULL, serve_proxy, x), 0);
}

static inline void proxy_end(struct proxy *x)
{
    pthread_join(x->thread, NULL);
    close(x->listener);
}

/* --- the client --- */

struct visit {
    const struct client_class *cls; /* NULL: the plain one */
    const char *server;
    struct sc_options opt;
    const char *scheme; /* "http://amy:pw@": what precedes the proxy's place */
    bool read;          /* then a line is read */
    int rc;
    char line[64];
    struct sc_error err;
    int64_t took;
};

static inline void visit_it(void *arg)
{
    struct visit *v = arg;
    int64_t begun = sc_now();
    SimpleClient *c =
        sc_open(v->cls ? v->cls : &sc_simple_class, v->server, 0, &v->opt);
    struct sc_span line = {NULL, 0};

    v->rc = v->read ? sc_readline(c, &line) : sc_broken(c);
    v->took = sc_now() - begun;
    sc_span_copy(v->line, sizeof v->line, line);
    v->err = *sc_last_error(c);
    sc_drop(c);
}

/* V through X, as a task if AS_TASK. */
static inline void visit_through(struct visit *v, struct proxy *x, bool as_task)
{
    char url[800];

    proxy_begin(x);
    snprintf(url, sizeof url, "%s127.0.0.1:%d", v->scheme, x->port);
    v->opt.proxy = url;
    if (v->opt.connect_ms == 0)
        v->opt.connect_ms = 5000;
    v->opt.wait_ms = 5000;
    if (as_task) {
        assert_true(sc_task_go(NULL, visit_it, v) > 0);
        assert_int_equal(sc_run(), 0);
    } else {
        visit_it(v);
    }
    proxy_end(x);
    v->opt.proxy = NULL;
}

/* The stages were as wanted, and the server's first line came, in both ways. */
static inline void reaches(struct visit v, struct proxy x)
{
    v.read = true;
    if (x.after == AFTER_END)
        x.after = AFTER_HELLO;
    for (int i = 0; i < 2; i++) {
        visit_through(&v, &x, i == 1);
        if (v.rc < 0)
            fail_msg("%s; the proxy got: %s", v.err.text, x.got);
        assert_true(x.as_wanted);
        assert_string_equal(v.line, "hello");
    }
}

static inline void fails(struct visit v, struct proxy x, int code,
                         const char *words)
{
    for (int i = 0; i < 2; i++) {
        visit_through(&v, &x, i == 1);
        if (v.rc != code || !strstr(v.err.text, words))
            fail_msg("%d: %s; the proxy got: %s", v.rc, v.err.text, x.got);
        if (!x.as_wanted)
            fail_msg("the proxy got: %s", x.got);
        assert_true(v.err.flags & SC_FROM_PROXY);
        assert_non_null(strstr(v.err.text, ": proxy 127.0.0.1:"));
    }
}

#endif
