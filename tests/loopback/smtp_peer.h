/* smtp_peer.h - a small SMTP and LMTP server in a task of the test's own loop.
 * It says what it is told to a command that begins so: peer_says(p, "RCPT
 * TO:<bad@", "550 5.1.1 no"); "!" before the reply ends the connection behind
 * it, "!" alone without one, "^" resets it, "" is silence. It keeps the
 * messages it has taken, and counts how often it had to wait for the client.
 * peer_says(p, "(2", ...) is the second reply behind a message (LMTP), "(rcpt)"
 * the reply to a recipient who is accepted. */
#ifndef TESTS_LOOPBACK_SMTP_PEER_H
#define TESTS_LOOPBACK_SMTP_PEER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/smtp.h>
#include <simpleclient/task.h>

#include "client/conn.h"

enum { PEER_RULES = 16, PEER_KEPT = 64 };

struct smtp_rule {
    const char *command, *reply;
};

struct smtp_peer {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* for STARTTLS, or from the first byte */
    bool implicit;
    const char *caps_inside; /* TLS; NULL: as outside */
    const char *caps;        /* lines of EHLO's reply, each ended by LF */
    bool lmtp;
    int most;    /* recipients of a transaction; 0: any */
    int buffers; /* bytes of the socket's; 0: the system's */
    struct smtp_rule rules[PEER_RULES];
    int n_rules;
    int die_at;    /* at the Nth event; 0: never */
    bool by_reset; /* and so */
    int events;    /* commands read, and replies sent, in turn */
    int64_t task;
    int connections, alive, transactions, taken;
    int waits;         /* for the client, since the greeting */
    struct sc_buf log; /* commands, LF between */
    struct sc_buf message[PEER_KEPT];
    char url[64];
};

/* One connection. */
struct smtp_visit {
    struct smtp_peer *p;
    Stream *stream;
    SimpleClient *c;
    bool mail;
    int rcpts;
    bool bad_chunk;
    bool inside; /* TLS */
    bool over;
    struct sc_buf text;
};

static inline void peer_says(struct smtp_peer *p, const char *command,
                             const char *reply)
{
    assert_true(p->n_rules < PEER_RULES);
    p->rules[p->n_rules++] = (struct smtp_rule){command, reply};
}

static inline const char *peer_rule(struct smtp_peer *p, const char *line)
{
    for (int i = 0; i < p->n_rules; i++)
        if (strncmp(line, p->rules[i].command, strlen(p->rules[i].command)) ==
            0)
            return p->rules[i].reply;
    return NULL;
}

static inline void visit_reset(struct smtp_visit *v)
{
    static const struct linger at_once = {1, 0};
    Stream *s = sc_stream(v->c);
    int fd = -1;

    if (s != NULL && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    v->over = true;
}

/* True if the server dies now. */
static inline bool visit_event(struct smtp_visit *v)
{
    if (++v->p->events != v->p->die_at)
        return v->over;
    if (v->p->by_reset)
        visit_reset(v);
    v->over = true;
    return true;
}

static inline void visit_say(struct smtp_visit *v, const char *reply)
{
    if (v->over)
        return;
    if (*reply == '^') {
        visit_reset(v);
        return;
    }
    if (*reply == '!') {
        v->over = true;
        reply++;
    }
    if (*reply == '\0' && !v->over) { /* not a word more */
        sc_sleep(20000);
        v->over = true;
    }
    if (*reply == '=')
        sc_write(v->c, reply + 1, strlen(reply + 1));
    else if (*reply)
        sc_writeline(v->c, "%s", reply);
    if (v->over || v->p->die_at)
        sc_flush(v->c);
    visit_event(v);
}

/* Does the next read have to wait? Then all that was said leaves. */
static inline void visit_note_wait(struct smtp_visit *v)
{
    struct sc_conn *k = v->c->conn;
    int pending = 0;

    if (k->broken || k->rend > k->rpos)
        return;
    sc_stream_info(k->s, SC_INFO_PENDING, &pending);
    v->p->waits += !pending;
}

static inline void visit_ehlo(struct smtp_visit *v)
{
    bool inside = v->c->conn->tls || v->inside;
    const char *line = v->p->caps, *lf;

    if (inside && v->p->caps_inside != NULL)
        line = v->p->caps_inside;
    sc_writeline(v->c, "250-peer");
    for (; (lf = strchr(line, '\n')) != NULL; line = lf + 1)
        sc_writeline(v->c, "250-%.*s", (int)(lf - line), line);
    visit_say(v, "250 X-LAST");
}

/* The message is complete: take it, or what the rules say. */
static inline void visit_take(struct smtp_visit *v, const char *event)
{
    struct smtp_peer *p = v->p;
    const char *rule = peer_rule(p, event);
    int replies = p->lmtp ? v->rcpts : 1;

    if (visit_event(v))
        return;
    if (rule == NULL) {
        if (p->taken < PEER_KEPT)
            sc_buf_add(&p->message[p->taken], v->text.data, v->text.len);
        p->taken++;
    }
    v->mail = false;
    v->text.len = 0;
    for (int i = 0; i < replies && !v->over; i++) {
        const char *own = peer_rule(p, (char[]){'(', (char)('1' + i), 0});

        visit_say(v, own != NULL    ? own
                     : rule != NULL ? rule
                                    : "250 2.0.0 taken");
    }
    v->rcpts = 0;
}

static inline void visit_data(struct smtp_visit *v)
{
    visit_say(v, "354 go on");
    if (v->over)
        return;
    v->text.len = 0;
    visit_note_wait(v);
    if (sc_read_dot(v->c, &v->text) < 0)
        v->over = true;
    else if (v->rcpts == 0)
        visit_say(v, "554 5.5.1 nobody");
    else
        visit_take(v, "(dot)");
}

static inline void visit_bdat(struct smtp_visit *v, const char *line)
{
    size_t n = strtoul(line + 5, NULL, 10);
    bool last = strstr(line, " LAST") != NULL;
    const char *rule = peer_rule(v->p, line);

    sc_buf_reserve(&v->text, n);
    if (n > 0 && sc_read_exact(v->c, v->text.data + v->text.len, n) < 0) {
        v->over = true;
        return;
    }
    v->text.len += n;
    if (rule != NULL || v->bad_chunk || v->rcpts == 0) {
        v->bad_chunk = true;
        visit_say(v, rule != NULL ? rule : "503 5.5.1 not now");
    } else if (last)
        visit_take(v, "(last)");
    else
        visit_say(v, "250 2.0.0 a chunk");
}

static inline void visit_mail(struct smtp_visit *v)
{
    if (v->mail) {
        visit_say(v, "503 5.5.1 nested MAIL");
        return;
    }
    v->mail = true;
    v->p->transactions++;
    visit_say(v, "250 2.1.0 ok");
}

static inline void visit_rcpt(struct smtp_visit *v)
{
    const char *taken = peer_rule(v->p, "(rcpt)");

    if (v->p->most > 0 && v->rcpts >= v->p->most) {
        visit_say(v, "452 4.5.3 too many");
        return;
    }
    v->rcpts += v->mail;
    if (v->mail && taken != NULL)
        visit_say(v, taken);
    else
        visit_say(v, v->mail ? "250 2.1.5 ok" : "503 5.5.1 MAIL first");
}

static inline void visit_starttls(struct smtp_visit *v)
{
    Stream *s, *tls;

    visit_say(v, "220 2.0.0 go");
    if (v->over || (s = sc_detach(v->c)) == NULL)
        return;
    tls = sc_tls_wrap(s, NULL, v->p->tls, 5000, NULL);
    v->c = sc_attach(&sc_simple_class, tls != NULL ? tls : s, NULL);
    v->over = tls == NULL;
    v->inside = true;
}

static inline void visit_rset(struct smtp_visit *v)
{
    v->mail = v->bad_chunk = false;
    v->rcpts = 0;
    v->text.len = 0;
    visit_say(v, "250 2.0.0 flushed");
}

static inline bool is(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

static inline void visit_command(struct smtp_visit *v, const char *line)
{
    const char *rule = peer_rule(v->p, line);

    if (is(line, "BDAT"))
        visit_bdat(v, line);
    else if (rule != NULL)
        visit_say(v, rule);
    else if (is(line, v->p->lmtp ? "LHLO" : "EHLO"))
        visit_ehlo(v);
    else if (is(line, "MAIL"))
        visit_mail(v);
    else if (is(line, "RCPT"))
        visit_rcpt(v);
    else if (is(line, "DATA") && v->rcpts == 0)
        visit_say(v, "503 5.5.1 nobody");
    else if (is(line, "DATA"))
        visit_data(v);
    else if (is(line, "RSET"))
        visit_rset(v);
    else if (is(line, "STARTTLS"))
        visit_starttls(v);
    else
        visit_say(v, is(line, "QUIT") ? "!221 bye" : "250 ok");
}

static inline void visit_shrink_buffers(Stream *s, int bytes)
{
    int fd = -1;

    if (bytes == 0 || sc_stream_info(s, SC_INFO_FD, &fd) < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static inline void visit_run(void *arg)
{
    struct smtp_visit *v = arg;
    struct smtp_peer *p = v->p;
    struct sc_options opt = {.wait_ms = 20000};
    struct sc_span line;
    char command[1500];

    if (p->implicit) {
        opt.tls = *p->tls;
        opt.flags = SC_OPT_TLS;
    }
    visit_shrink_buffers(v->stream, p->buffers);
    v->c = sc_attach(&sc_simple_class, v->stream, &opt);
    p->connections++;
    p->alive++;
    visit_say(v, peer_rule(p, "(greeting)") ? peer_rule(p, "(greeting)")
                                            : "220 peer");
    while (!v->over) {
        visit_note_wait(v);
        if (sc_readline(v->c, &line) < 0)
            break;
        sc_span_copy(command, sizeof command, line);
        sc_buf_addf(&p->log, "%s\n", command);
        if (!visit_event(v))
            visit_command(v, command);
    }
    sc_drop(v->c);
    p->alive--;
    sc_buf_free(&v->text);
    free(v);
}

static inline void smtp_peer_accept(void *arg)
{
    struct smtp_peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct smtp_visit *v;
    Stream *stream;

    while ((stream = sc_accept(p->listener, -1, NULL)) != NULL) {
        v = calloc(1, sizeof *v);
        v->p = p;
        v->stream = stream;
        sc_group_go(g, visit_run, v);
    }
    sc_group_cancel(g);
    sc_group_wait(g);
}

/* CAPS: "PIPELINING\nCHUNKING\n", kept. */
static inline void smtp_peer_start(struct smtp_peer *p, const char *caps)
{
    struct sc_error e = {0};

    *p = (struct smtp_peer){.caps = caps};
    if ((p->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(p->url, sizeof p->url, "smtp://127.0.0.1:%d/",
             sc_listener_port(p->listener));
    p->task = sc_task_go(NULL, smtp_peer_accept, p);
    assert_true(p->task > 0);
}

static inline void smtp_peer_is_lmtp(struct smtp_peer *p)
{
    p->lmtp = true;
    memcpy(p->url, "lmtp", 4);
}

static inline void smtp_peer_stop(struct smtp_peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    sc_buf_free(&p->log);
    for (int i = 0; i < PEER_KEPT; i++)
        sc_buf_free(&p->message[i]);
}

/* Let it read what has come to connections that have ended. */
static inline void smtp_peer_settle(const struct smtp_peer *p)
{
    int64_t until = sc_now() + 5000;

    while (p->alive > 0 && sc_now() < until)
        sc_yield();
    assert_int_equal(p->alive, 0);
}

static inline bool peer_saw(const struct smtp_peer *p, const char *text)
{
    return p->log.data != NULL && strstr(p->log.data, text) != NULL;
}

#endif
