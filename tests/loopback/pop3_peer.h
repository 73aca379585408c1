/* pop3_peer.h - a small POP3 server in a task of the test's own loop, with one
 * mailbox that lives as long as the test. It says what it is told to a command
 * that begins so: peer_says(p, "RETR 3", "-ERR no"); "!" before the reply ends
 * the connection behind it, "!" alone without one. What is marked by DELE is
 * gone after QUIT, and only then. */
#ifndef TESTS_LOOPBACK_POP3_PEER_H
#define TESTS_LOOPBACK_POP3_PEER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/pop3.h>
#include <simpleclient/task.h>

#include "client/conn.h"

enum { PEER_RULES = 16 };

struct peer_mail {
    char *text; /* lines end in CRLF, dots as they are */
    char uid[80];
    long long listed; /* size told by LIST; -1: the true one */
    bool marked, gone;
};

struct pop3_peer {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* for STLS, or from the first byte */
    bool implicit;
    const char *caps;        /* lines of CAPA, each ended by LF; NULL: -ERR */
    const char *caps_inside; /* TLS; NULL: as outside */
    const char *greeting;
    struct {
        const char *command, *reply;
    } rule[PEER_RULES];
    int n_rules;
    struct peer_mail *mail;
    unsigned n_mail;
    bool endless;    /* the last message never ends */
    uint64_t cut_at; /* the connection ends after so many bytes; 0: never */
    bool by_reset;   /* and so */
    bool rudely;     /* TLS ends without close_notify */
    bool forgets;    /* nothing is gone if QUIT's reply was cut */
    bool locks;      /* one connection at a time */
    bool busy;
    uint64_t sent; /* bytes, over all connections */
    int64_t task;
    int connections;
    int waits; /* for the client */
    int ahead; /* commands that came before the reply to the one before */
    struct sc_buf log;
    char url[80];
};

/* One connection. */
struct pop3_visit {
    struct pop3_peer *p;
    Stream *stream;
    SimpleClient *c;
    bool inside; /* TLS */
    bool over;
};

static inline void peer_says(struct pop3_peer *p, const char *command,
                             const char *reply)
{
    assert_true(p->n_rules < PEER_RULES);
    p->rule[p->n_rules].command = command;
    p->rule[p->n_rules++].reply = reply;
}

static inline const char *peer_rule(struct pop3_peer *p, const char *line)
{
    for (int i = 0; i < p->n_rules; i++)
        if (strncmp(line, p->rule[i].command, strlen(p->rule[i].command)) == 0)
            return p->rule[i].reply;
    return NULL;
}

static inline struct peer_mail *peer_add(struct pop3_peer *p, const char *uid,
                                         const char *text)
{
    struct peer_mail *m;

    p->mail = realloc(p->mail, (p->n_mail + 1) * sizeof *p->mail);
    m = &p->mail[p->n_mail++];
    memset(m, 0, sizeof *m);
    m->listed = -1;
    m->text = strdup(text);
    snprintf(m->uid, sizeof m->uid, "%s", uid);
    return m;
}

/* "one\r\n", "two\r\n" ... with UIDs of their own. */
static inline void peer_fill(struct pop3_peer *p, int n)
{
    char uid[20], text[80];

    for (int i = 1; i <= n; i++) {
        snprintf(uid, sizeof uid, "uid-%d", i);
        snprintf(text, sizeof text, "Subject: %d\r\n\r\n.dotted\r\n..\r\n", i);
        peer_add(p, uid, text);
    }
}

static inline int peer_left(const struct pop3_peer *p)
{
    int n = 0;

    for (unsigned i = 0; i < p->n_mail; i++)
        n += !p->mail[i].gone;
    return n;
}

static inline void visit_end(struct pop3_visit *v)
{
    static const struct linger at_once = {1, 0};
    Stream *s = sc_stream(v->c);
    int fd = -1;

    sc_flush(v->c);
    if (v->p->rudely && s != NULL && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        shutdown(fd, SHUT_WR);
    if (v->p->by_reset && s != NULL && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    v->over = true;
}

static inline void visit_write(struct pop3_visit *v, const char *text, size_t n)
{
    struct pop3_peer *p = v->p;
    bool cut = p->cut_at != 0 && p->sent + n >= p->cut_at;

    if (v->over)
        return;
    if (cut)
        n = (size_t)(p->cut_at - p->sent);
    p->sent += n;
    if (sc_write(v->c, text, n) < 0)
        v->over = true;
    if (cut) {
        p->cut_at = 0;
        visit_end(v);
    }
}

static inline void visit_line(struct pop3_visit *v, const char *line)
{
    visit_write(v, line, strlen(line));
    visit_write(v, "\r\n", 2);
}

static inline void visit_say(struct pop3_visit *v, const char *reply)
{
    bool last = *reply == '!';

    if (*reply == '\0') { /* silence */
        sc_sleep(20000);
        v->over = true;
    }
    if (reply[last] != '\0')
        visit_line(v, reply + last);
    if (last)
        visit_end(v);
}

/* Does the next read have to wait? Then all that was said leaves. */
static inline void visit_note_wait(struct pop3_visit *v)
{
    struct sc_conn *k = v->c->conn;
    int pending = 0;

    if (k->broken)
        return;
    if (k->rend > k->rpos) {
        v->p->ahead++;
        return;
    }
    sc_stream_info(k->s, SC_INFO_PENDING, &pending);
    v->p->waits += !pending;
}

static inline struct peer_mail *visit_mail(struct pop3_visit *v,
                                           const char *number)
{
    unsigned long n = strtoul(number, NULL, 10);
    unsigned at = 0;

    for (unsigned i = 0; i < v->p->n_mail; i++)
        if (!v->p->mail[i].gone && ++at == n)
            return &v->p->mail[i];
    visit_say(v, "-ERR no such message");
    return NULL;
}

/* Lines with their dots stuffed. */
static inline void visit_text(struct pop3_visit *v, const char *text, bool head)
{
    const char *lf;
    size_t n;

    for (; *text; text += n) {
        lf = strchr(text, '\n');
        n = lf != NULL ? (size_t)(lf - text) + 1 : strlen(text);
        if (*text == '.')
            visit_write(v, ".", 1);
        visit_write(v, text, n);
        if (head && n == 2)
            return;
    }
}

static inline void visit_retr(struct pop3_visit *v, const char *number,
                              bool head)
{
    struct peer_mail *m = visit_mail(v, number);

    if (m == NULL)
        return;
    visit_line(v, "+OK here it is");
    visit_text(v, m->text, head);
    while (v->p->endless && m == &v->p->mail[v->p->n_mail - 1] && !v->over)
        visit_line(v, "and so on");
    visit_line(v, ".");
}

static inline void visit_list(struct pop3_visit *v, bool uids)
{
    char line[200];
    unsigned at = 0;

    visit_line(v, "+OK");
    for (unsigned i = 0; i < v->p->n_mail; i++) {
        const struct peer_mail *m = &v->p->mail[i];
        long long size =
            m->listed >= 0 ? m->listed : (long long)strlen(m->text);

        if (m->gone)
            continue;
        at++;
        if (uids)
            snprintf(line, sizeof line, "%u %s", at, m->uid);
        else
            snprintf(line, sizeof line, "%u %lld", at, size);
        visit_line(v, line);
    }
    visit_line(v, ".");
}

static inline void visit_capa(struct pop3_visit *v)
{
    const char *line = v->p->caps, *lf;

    if (v->inside && v->p->caps_inside != NULL)
        line = v->p->caps_inside;
    if (line == NULL) {
        visit_say(v, "-ERR what?");
        return;
    }
    visit_line(v, "+OK");
    for (; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
        visit_write(v, line, (size_t)(lf - line));
        visit_write(v, "\r\n", 2);
    }
    visit_line(v, ".");
}

/* RFC 1939 section 6. */
static inline void visit_quit(struct pop3_visit *v)
{
    struct pop3_peer *p = v->p;
    bool cut = p->cut_at != 0 && p->cut_at < p->sent + strlen("+OK bye\r\n");

    for (unsigned i = 0; i < p->n_mail && !(cut && p->forgets); i++)
        p->mail[i].gone |= p->mail[i].marked;
    visit_say(v, "!+OK bye");
}

static inline void visit_stls(struct pop3_visit *v)
{
    Stream *s, *tls;

    visit_say(v, "+OK go");
    if (v->over || (s = sc_detach(v->c)) == NULL)
        return;
    tls = sc_tls_wrap(s, NULL, v->p->tls, 5000, NULL);
    v->c = sc_attach(&sc_simple_class, tls != NULL ? tls : s, NULL);
    v->over = tls == NULL;
    v->inside = true;
}

static inline bool visit_is(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

static inline void visit_command(struct pop3_visit *v, const char *line)
{
    const char *rule = peer_rule(v->p, line);
    struct peer_mail *m;

    if (rule != NULL)
        visit_say(v, rule);
    else if (visit_is(line, "CAPA"))
        visit_capa(v);
    else if (visit_is(line, "LIST"))
        visit_list(v, false);
    else if (visit_is(line, "UIDL"))
        visit_list(v, true);
    else if (visit_is(line, "RETR "))
        visit_retr(v, line + 5, false);
    else if (visit_is(line, "TOP "))
        visit_retr(v, line + 4, true);
    else if (visit_is(line, "STLS"))
        visit_stls(v);
    else if (visit_is(line, "QUIT"))
        visit_quit(v);
    else if (!visit_is(line, "DELE "))
        visit_say(v, "+OK");
    else if ((m = visit_mail(v, line + 5)) != NULL) {
        m->marked = true;
        visit_say(v, "+OK marked");
    }
}

static inline void visit_run(void *arg)
{
    struct pop3_visit *v = arg;
    struct pop3_peer *p = v->p;
    struct sc_options opt = {.wait_ms = 20000};
    struct sc_span line;
    char command[600];

    if (p->implicit) {
        opt.tls = *p->tls;
        opt.flags = SC_OPT_TLS;
    }
    v->c = sc_attach(&sc_simple_class, v->stream, &opt);
    p->connections++;
    while (p->locks && p->busy)
        if (sc_sleep(1) < 0)
            break;
    p->busy = true;
    for (unsigned i = 0; i < p->n_mail; i++)
        p->mail[i].marked = false;
    visit_say(v, p->greeting != NULL ? p->greeting : "+OK ready");
    while (!v->over) {
        visit_note_wait(v);
        if (sc_readline(v->c, &line) < 0)
            break;
        sc_span_copy(command, sizeof command, line);
        sc_buf_addf(&p->log, "%s\n", command);
        visit_command(v, command);
    }
    sc_flush(v->c);
    p->busy = false;
    sc_drop(v->c);
    free(v);
}

static inline void pop3_peer_accept(void *arg)
{
    struct pop3_peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct pop3_visit *v;
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

/* CAPS: "UIDL\nPIPELINING\n", kept. */
static inline void pop3_peer_start(struct pop3_peer *p, const char *caps)
{
    struct sc_error e = {0};

    *p = (struct pop3_peer){.caps = caps};
    if ((p->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(p->url, sizeof p->url, "pop3://joe:secret@127.0.0.1:%d/",
             sc_listener_port(p->listener));
    p->task = sc_task_go(NULL, pop3_peer_accept, p);
    assert_true(p->task > 0);
}

static inline void pop3_peer_stop(struct pop3_peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    sc_buf_free(&p->log);
    for (unsigned i = 0; i < p->n_mail; i++)
        free(p->mail[i].text);
    free(p->mail);
}

static inline bool peer_saw(const struct pop3_peer *p, const char *text)
{
    return p->log.data != NULL && strstr(p->log.data, text) != NULL;
}

#endif
