/* gopher_peer.h - a Gopher server in a task of the test's own loop: one line in,
 * what the test says out, the end. */
#ifndef TESTS_LOOPBACK_GOPHER_PEER_H
#define TESTS_LOOPBACK_GOPHER_PEER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

struct gopher_peer {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* from the first byte */
    struct sc_span answer;
    size_t piece; /* bytes a write; 0: all */
    bool silent;  /* nothing comes, nothing ends */
    bool stays;   /* all comes, and no end */
    bool endless; /* again and again */
    bool rude;    /* TLS without close_notify */
    int64_t task;
    int connections;
    struct sc_buf log; /* the lines that came */
    char url[80];
};

struct gopher_visit {
    struct gopher_peer *p;
    Stream *stream;
};

static inline void gopher_answer(struct gopher_peer *p, Stream *s)
{
    size_t piece = p->piece > 0 ? p->piece : p->answer.len, n;
    int rc = 0, fd;

    do
        for (size_t at = 0; at < p->answer.len && rc == 0; at += n) {
            n = p->answer.len - at < piece ? p->answer.len - at : piece;
            rc = sc_stream_write(s, p->answer.data + at, n, NULL);
            if (p->piece > 0)
                sc_yield();
        }
    while (p->endless && rc == 0);
    if (p->stays)
        sc_sleep(20000);
    if (p->rude && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

static inline void gopher_visit_run(void *arg)
{
    struct gopher_visit *v = arg;
    struct gopher_peer *p = v->p;
    struct sc_options opt = {.wait_ms = 20000};
    SimpleClient *c;
    struct sc_span line;
    Stream *s = v->stream, *tls;

    p->connections++;
    if (p->tls != NULL) {
        if ((tls = sc_tls_wrap(s, NULL, p->tls, 5000, NULL)) == NULL) {
            sc_stream_close(s);
            free(v);
            return;
        }
        s = tls;
    }
    c = sc_attach(&sc_simple_class, s, &opt);
    if (sc_readline(c, &line) == 0) {
        sc_buf_add(&p->log, line.data, line.len);
        sc_buf_add(&p->log, "\n", 1);
        if (p->silent)
            sc_sleep(20000);
        else if ((s = sc_detach(c)) != NULL) {
            c = NULL;
            gopher_answer(p, s);
            sc_stream_close(s);
        }
    }
    sc_drop(c);
    free(v);
}

static inline void gopher_peer_accept(void *arg)
{
    struct gopher_peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct gopher_visit *v;
    Stream *stream;

    while ((stream = sc_accept(p->listener, -1, NULL)) != NULL) {
        v = calloc(1, sizeof *v);
        v->p = p;
        v->stream = stream;
        sc_group_go(g, gopher_visit_run, v);
    }
    sc_group_cancel(g);
    sc_group_wait(g);
}

static inline void gopher_peer_start(struct gopher_peer *p, const char *answer)
{
    struct sc_error e = {0};

    *p = (struct gopher_peer){.answer = sc_span_of(answer),
                              .log = SC_BUF(1 << 20)};
    sc_buf_add(&p->log, "", 0);
    if ((p->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(p->url, sizeof p->url, "gopher://127.0.0.1:%d/",
             sc_listener_port(p->listener));
    p->task = sc_task_go(NULL, gopher_peer_accept, p);
    assert_true(p->task > 0);
}

static inline void gopher_peer_stop(struct gopher_peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    sc_buf_free(&p->log);
}

#endif
