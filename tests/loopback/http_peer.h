/* http_peer.h - a server told what to answer: peer_on(p, "/path", "HTTP/1.1 200
 * OK\r\n...") in a task of the test's own loop. Rules for one path are used in
 * turn, the last one for good. What came is kept for the test to look at. An
 * answer that begins with "!" is followed by the end of the connection; "!"
 * alone ends it without a word. One that begins with "^" is sent at the head,
 * before the body is read; one that begins with "~" in pieces of eight bytes, 20
 * ms apart. */
#ifndef TESTS_LOOPBACK_HTTP_PEER_H
#define TESTS_LOOPBACK_HTTP_PEER_H

#include <stdlib.h>

#include <simpleclient/class.h>
#include <simpleclient/http.h>
#include <simpleclient/task.h>

enum { PEER_RULES = 32, PEER_SEEN = 64 };

struct peer_rule {
    char path[64];
    struct sc_buf answer;
    bool used;
};

struct peer {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* NULL: plain */
    int64_t task;
    int connections, seen; /* requests */
    int closed;            /* connections */
    struct sc_buf head[PEER_SEEN], body[PEER_SEEN];
    struct peer_rule rules[PEER_RULES];
    int n_rules;
    bool mute; /* no 100 (Continue) */
    int port;
    char base[64]; /* "http://127.0.0.1:1234" */
};

struct peer_visit {
    struct peer *peer;
    Stream *stream;
};

static inline void peer_on(struct peer *p, const char *path, const char *fmt,
                           ...) SC_PRINTF(3, 4);
static inline void peer_on(struct peer *p, const char *path, const char *fmt,
                           ...)
{
    struct peer_rule *r = &p->rules[p->n_rules++];
    va_list ap;

    assert_true(p->n_rules <= PEER_RULES);
    snprintf(r->path, sizeof r->path, "%s", path);
    va_start(ap, fmt);
    assert_int_equal(sc_buf_vaddf(&r->answer, fmt, ap), 0);
    va_end(ap);
}

/* The same with Content-Length and BODY. */
static inline void peer_says(struct peer *p, const char *path,
                             const char *status, const char *fields,
                             const char *body)
{
    peer_on(p, path, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
            fields, strlen(body), body);
}

static inline struct sc_span peer_answer(struct peer *p, const char *path)
{
    struct peer_rule *last = NULL;

    for (int i = 0; i < p->n_rules; i++)
        if (strcmp(p->rules[i].path, path) == 0) {
            last = &p->rules[i];
            if (!last->used)
                break;
        }
    if (last == NULL)
        return sc_span_of("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone");
    last->used = true;
    return (struct sc_span){last->answer.data, last->answer.len};
}

static inline int peer_head(SimpleClient *c, struct sc_buf *head)
{
    struct sc_span line;
    int rc;

    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0)
        sc_buf_addf(head, "%.*s\n", (int)line.len, line.data);
    return rc;
}

static inline int peer_chunks(SimpleClient *c, struct sc_buf *body)
{
    char piece[1024];
    struct sc_span line;
    long n;
    int rc;

    while ((rc = sc_readline(c, &line)) == 0 &&
           (n = strtol(line.data, NULL, 16)) > 0)
        for (; n >= 0; n -= (long)sizeof piece) {
            size_t some = n < (long)sizeof piece ? (size_t)n : sizeof piece;

            if ((rc = sc_read_exact(c, piece, some)) < 0)
                return rc;
            sc_buf_add(body, piece, some);
            if (n < (long)sizeof piece && (rc = sc_readline(c, &line)) < 0)
                return rc;
        }
    return rc < 0 ? rc : sc_readline(c, &line);
}

static inline int peer_body(SimpleClient *c, const char *head,
                            struct sc_buf *body)
{
    const char *length = strstr(head, "\nContent-Length: ");
    size_t n = length ? strtoul(length + 17, NULL, 10) : 0;

    if (strstr(head, "\nTransfer-Encoding: chunked") != NULL)
        return peer_chunks(c, body);
    if (n == 0)
        return 0;
    assert_int_equal(sc_buf_reserve(body, n), 0);
    body->len = n;
    body->data[n] = '\0';
    return sc_read_exact(c, body->data, n);
}

static inline int peer_send(SimpleClient *c, struct sc_span text)
{
    sc_write(c, text.data, text.len);
    return sc_flush(c);
}

static inline int peer_drip(SimpleClient *c, struct sc_span text)
{
    struct sc_span piece = {text.data, 8};
    int rc = 0;

    for (; rc == 0 && text.len > 0; text.len -= piece.len) {
        piece.len = text.len < 8 ? text.len : 8;
        if ((rc = peer_send(c, piece)) == 0)
            rc = sc_sleep(20);
        piece.data += piece.len;
    }
    return rc;
}

/* Returns 0: the connection goes on. */
static inline int peer_serve(struct peer *p, SimpleClient *c)
{
    struct sc_buf came = SC_BUF(0), *head, *body;
    struct sc_span answer;
    char path[64] = "";
    bool early, last, drips;

    if (peer_head(c, &came) < 0) {
        sc_buf_free(&came);
        return -1;
    }
    assert_true(p->seen < PEER_SEEN);
    head = &p->head[p->seen];
    body = &p->body[p->seen++];
    sc_buf_free(head);
    *head = came;
    sscanf(head->data, "%*s %63[^?# ]", path);
    answer = peer_answer(p, path);
    early = answer.data[0] == '^';
    if (!early && !p->mute &&
        strstr(head->data, "\nExpect: 100-continue") != NULL)
        peer_send(c, sc_span_of("HTTP/1.1 100 Continue\r\n\r\n"));
    if (!early && peer_body(c, head->data, body) < 0)
        return -1;
    last = answer.data[0] == '!';
    drips = answer.data[0] == '~';
    if (early || last || drips) {
        answer.data++;
        answer.len--;
    }
    if (drips)
        return peer_drip(c, answer);
    return peer_send(c, answer) < 0 || last ? -1 : 0;
}

static inline void peer_visit(void *arg)
{
    struct peer_visit *v = arg;
    struct sc_options opt = {.wait_ms = 20000};
    SimpleClient *c;

    if (v->peer->tls != NULL) {
        opt.tls = *v->peer->tls;
        opt.flags = SC_OPT_TLS;
    }
    c = sc_attach(&sc_simple_class, v->stream, &opt);
    v->peer->connections++;
    while (peer_serve(v->peer, c) == 0)
        continue;
    sc_drop(c);
    v->peer->closed++;
    free(v);
}

static inline void peer_accept(void *arg)
{
    struct peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct peer_visit *v;
    Stream *stream;

    while ((stream = sc_accept(p->listener, -1, NULL)) != NULL) {
        v = malloc(sizeof *v);
        *v = (struct peer_visit){p, stream};
        sc_group_go(g, peer_visit, v);
    }
    sc_group_cancel(g);
    sc_group_wait(g);
}

/* TLS is kept. */
static inline void peer_start(struct peer *p, const struct sc_tls_options *tls)
{
    struct sc_error e = {0};

    *p = (struct peer){.tls = tls};
    if ((p->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    p->port = sc_listener_port(p->listener);
    snprintf(p->base, sizeof p->base, "http%s://127.0.0.1:%d",
             tls != NULL ? "s" : "", p->port);
    p->task = sc_task_go(NULL, peer_accept, p);
    assert_true(p->task > 0);
}

static inline void peer_stop(struct peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    for (int i = 0; i < PEER_SEEN; i++) {
        sc_buf_free(&p->head[i]);
        sc_buf_free(&p->body[i]);
    }
    for (int i = 0; i < p->n_rules; i++)
        sc_buf_free(&p->rules[i].answer);
}

/* The value of NAME in the I-th request, or NULL. Kept until the next call. */
static inline const char *peer_saw(const struct peer *p, int i,
                                   const char *name)
{
    static char value[512];
    char key[80];
    const char *at;

    assert_true(i < p->seen);
    snprintf(key, sizeof key, "\n%s: ", name);
    if ((at = strstr(p->head[i].data, key)) == NULL)
        return NULL;
    at += strlen(key);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
    return value;
}

#endif
