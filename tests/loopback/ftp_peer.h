/* ftp_peer.h - a small FTP server in a task of the test's own loop: one file, one
 * list, data connections on free ports. It says what it is told to a command that
 * begins so: peer_says(p, "RETR", "550 no"); LF in a reply are its lines; "!"
 * before the reply ends the connection behind it, "" is silence. What goes wrong
 * with data is named by the fields. */
#ifndef TESTS_LOOPBACK_FTP_PEER_H
#define TESTS_LOOPBACK_FTP_PEER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "client/conn.h"

enum { PEER_RULES = 16 };

struct ftp_peer {
    struct sc_listener *listener;
    const char *host;
    const struct sc_tls_options *tls; /* for AUTH, or from the first byte */
    bool implicit;
    const char *greeting;
    struct {
        const char *command, *reply;
    } rule[PEER_RULES];
    int n_rules;
    struct sc_span file; /* what RETR gives */
    const char *list, *facts, *names;
    const char *features; /* lines of FEAT, each ended by LF; NULL: 502 */
    const char *begin;    /* instead of "150 (N bytes)"; "": none */
    const char *end;      /* instead of "226 done" */
    const char *pasv;     /* "10,9,8,7": the address that PASV tells */
    bool dead_epsv;       /* nobody listens at the port that EPSV tells */
    bool stranger;        /* 127.0.0.2 connects first where we are called */
    bool never_calls;     /* nor is anything accepted */
    bool endless;         /* the file never ends */
    bool stalls;          /* nothing comes, nothing ends */
    bool resets;          /* data ends by a reset, */
    bool rude;            /* or TLS without close_notify */
    bool size_unknown;    /* 150 tells none */
    uint64_t cut_data;    /* after so many bytes; 0: never */
    uint64_t cut_at;      /* control: after so many bytes; 0: never */
    bool by_reset;        /* and so */
    struct sc_buf stored; /* by STOR or APPE, */
    int whole, cut;       /* which ended in order, or by an error */
    uint64_t sent;        /* bytes of control, over all connections */
    int64_t task;
    int dies_at;            /* the first connection ends instead of its
                               answer to so many commands; 0: does not */
    int connections, calls; /* of control, of data */
    int resumed;            /* data connections of the same TLS session */
    struct sc_buf log;
    char url[80];
};

/* One control connection. */
struct ftp_visit {
    struct ftp_peer *p;
    Stream *stream;
    SimpleClient *c;
    struct sc_listener *data; /* of EPSV, PASV */
    char called[80];          /* of EPRT, PORT */
    uint64_t rest;
    bool protects, over;
};

static inline void peer_says(struct ftp_peer *p, const char *command,
                             const char *reply)
{
    assert_true(p->n_rules < PEER_RULES);
    p->rule[p->n_rules].command = command;
    p->rule[p->n_rules++].reply = reply;
}

static inline const char *peer_rule(struct ftp_peer *p, const char *line)
{
    for (int i = 0; i < p->n_rules; i++)
        if (strncmp(line, p->rule[i].command, strlen(p->rule[i].command)) == 0)
            return p->rule[i].reply;
    return NULL;
}

static inline void reset_at_close(Stream *s)
{
    static const struct linger at_once = {1, 0};
    int fd = -1;

    if (s != NULL && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* --- control --- */

static inline void visit_end(struct ftp_visit *v)
{
    sc_flush(v->c);
    if (v->p->by_reset)
        reset_at_close(sc_stream(v->c));
    v->over = true;
}

static inline void visit_write(struct ftp_visit *v, const char *text, size_t n)
{
    struct ftp_peer *p = v->p;
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

static inline void visit_say(struct ftp_visit *v, const char *reply)
{
    bool last = *reply == '!';
    size_t n;

    if (*reply == '\0') { /* silence */
        sc_flush(v->c);
        sc_sleep(20000);
        v->over = true;
    }
    for (reply += last; *reply != '\0'; reply += n + (reply[n] == '\n')) {
        n = strcspn(reply, "\n");
        visit_write(v, reply, n);
        visit_write(v, "\r\n", 2);
    }
    if (last)
        visit_end(v);
    sc_flush(v->c);
}

static inline void visit_sayf(struct ftp_visit *v, const char *fmt, ...)
    SC_PRINTF(2, 3);
static inline void visit_sayf(struct ftp_visit *v, const char *fmt, ...)
{
    char line[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    visit_say(v, line);
}

static inline void visit_tls(struct ftp_visit *v)
{
    Stream *s, *tls;

    visit_say(v, "234 go");
    if (v->over || (s = sc_detach(v->c)) == NULL)
        return;
    tls = sc_tls_wrap(s, NULL, v->p->tls, 5000, NULL);
    v->c = sc_attach(&sc_simple_class, tls != NULL ? tls : s, NULL);
    v->over = tls == NULL;
}

/* --- ways for data --- */

static inline void visit_passive(struct ftp_visit *v, bool extended)
{
    char where[20];
    int port;

    snprintf(where, sizeof where, "%s:0", v->p->host);
    sc_listener_close(v->data);
    v->called[0] = '\0';
    v->data = sc_listen(where, NULL);
    assert_non_null(v->data);
    port = sc_listener_port(v->data);
    if (extended && v->p->dead_epsv) {
        sc_listener_close(v->data);
        v->data = NULL;
    }
    if (extended)
        visit_sayf(v, "229 Entering Extended Passive Mode (|||%d|)", port);
    else
        visit_sayf(v, "227 Entering Passive Mode (%s,%d,%d).",
                   v->p->pasv != NULL ? v->p->pasv : "127,0,0,1", port / 256,
                   port % 256);
}

static inline void visit_active(struct ftp_visit *v, const char *line)
{
    int a, b, c, d, high, low, port;

    if (sscanf(line, "EPRT |1|127.0.0.1|%d|", &port) == 1)
        snprintf(v->called, sizeof v->called, "127.0.0.1:%d", port);
    else if (sscanf(line, "EPRT |2|::1|%d|", &port) == 1)
        snprintf(v->called, sizeof v->called, "[::1]:%d", port);
    else if (sscanf(line, "PORT %d,%d,%d,%d,%d,%d", &a, &b, &c, &d, &high,
                    &low) == 6)
        snprintf(v->called, sizeof v->called, "%d.%d.%d.%d:%d", a, b, c, d,
                 high * 256 + low);
    else
        fail_msg("where? %s", line);
    visit_say(v, "200 there");
}

/* Until it hangs up on us. */
static inline void visit_stranger(void *arg)
{
    Stream *s = arg;
    char end;

    if (sc_stream_write(s, "evil", 4, NULL) == 0)
        assert_true(sc_stream_read(s, &end, 1, NULL) <= 0);
    sc_stream_close(s);
}

static inline void visit_strangely(struct ftp_visit *v)
{
    struct sc_options opt = {.local_address = "127.0.0.2"};
    Stream *s = sc_stream_connect(v->called, 0, &opt, NULL);

    assert_non_null(s);
    sc_task_go(NULL, visit_stranger, s);
}

static inline Stream *visit_data(struct ftp_visit *v)
{
    Stream *s;

    if (v->p->never_calls)
        return NULL;
    if (v->called[0] == '\0')
        return v->data != NULL ? sc_accept(v->data, 5000, NULL) : NULL;
    if (v->p->stranger)
        visit_strangely(v);
    s = sc_stream_connect(v->called, 0, NULL, NULL);
    assert_non_null(s);
    return s;
}

/* Behind 150 (RFC 4217 section 7). */
static inline Stream *visit_protect(struct ftp_visit *v, Stream *low)
{
    struct sc_tls_info info;
    Stream *s;

    if (!v->protects || low == NULL)
        return low;
    s = sc_tls_wrap(low, NULL, v->p->tls, 5000, NULL);
    if (s == NULL)
        sc_stream_close(low);
    else if (sc_stream_info(s, SC_INFO_TLS, &info) == 0)
        v->p->resumed += info.resumed != 0;
    return s;
}

/* --- transfers --- */

/* Returns false where the client has gone. */
static inline bool visit_send(struct ftp_visit *v, Stream *s, struct sc_span b)
{
    struct ftp_peer *p = v->p;
    uint64_t n = b.len;
    char byte;
    int rc = 0;

    if (p->cut_data > 0 && p->cut_data < n)
        n = p->cut_data;
    if (p->stalls) /* until it hangs up */
        return sc_stream_read(s, &byte, 1, NULL) > 0;
    do
        rc = n > 0 ? sc_stream_write(s, b.data, (size_t)n, NULL) : 0;
    while (p->endless && rc == 0);
    if (rc == 0 && !p->resets && !(p->rude && v->protects))
        rc = sc_stream_shutdown(s, NULL);
    return rc == 0;
}

static inline void visit_store(struct ftp_visit *v, Stream *s)
{
    struct ftp_peer *p = v->p;
    char piece[4096];
    ssize_t n;

    if (p->stalls)
        sc_sleep(20000);
    p->stored.limit = 1 << 24;
    while ((n = sc_stream_read(s, piece, sizeof piece, NULL)) > 0)
        if (p->cut_data == 0 || p->stored.len < p->cut_data)
            sc_buf_add(&p->stored, piece, (size_t)n);
        else
            break;
    p->whole += n == 0;
    p->cut += n != 0;
    if (n == 0 && v->protects)
        sc_stream_shutdown(s, NULL);
}

static inline void visit_transfer(struct ftp_visit *v, struct sc_span bytes,
                                  bool stores)
{
    struct ftp_peer *p = v->p;
    Stream *s = visit_data(v);
    bool good = true;
    int fd = -1;

    p->calls += s != NULL;
    if (s == NULL && !p->never_calls) {
        visit_say(v, "425 no way for data");
        return;
    }
    if (p->begin != NULL && *p->begin != '\0')
        visit_say(v, p->begin);
    else if (p->begin == NULL && (stores || p->size_unknown))
        visit_say(v, "150 here it comes");
    else if (p->begin == NULL)
        visit_sayf(v, "150 here it comes (%zu bytes).", bytes.len);
    if ((s = visit_protect(v, s)) != NULL) {
        if (stores)
            visit_store(v, s);
        else
            good = visit_send(v, s, bytes);
        if (p->rude && sc_stream_info(s, SC_INFO_FD, &fd) == 0)
            shutdown(fd, SHUT_WR);
        if (p->resets)
            reset_at_close(s);
        sc_stream_close(s);
    } else if (p->never_calls) {
        visit_say(v, "");
    } else {
        good = false;
    }
    visit_say(v, !good ? "426 cut" : p->end != NULL ? p->end : "226 done");
}

static inline bool visit_is(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

static inline struct sc_span text_of(const char *text)
{
    return sc_span_of(text != NULL ? text : "");
}

static inline void visit_retr(struct ftp_visit *v)
{
    struct sc_span file = v->p->file;

    if (v->rest <= file.len) {
        file.data += v->rest;
        file.len -= (size_t)v->rest;
    }
    v->rest = 0;
    visit_transfer(v, file, false);
}

static inline void visit_command(struct ftp_visit *v, const char *line)
{
    struct ftp_peer *p = v->p;
    const char *rule = peer_rule(p, line);

    if (rule != NULL)
        visit_say(v, rule);
    else if (visit_is(line, "USER"))
        visit_say(v, "331 and?");
    else if (visit_is(line, "PASS"))
        visit_say(v, "230 welcome");
    else if (visit_is(line, "AUTH"))
        p->tls != NULL ? visit_tls(v) : visit_say(v, "502 no TLS");
    else if (visit_is(line, "PROT")) {
        v->protects = line[5] == 'P';
        visit_say(v, "200 as you like");
    } else if (visit_is(line, "FEAT")) {
        if (p->features == NULL)
            visit_say(v, "502 what?");
        else
            visit_sayf(v, "211-\n%s211 end", p->features);
    } else if (visit_is(line, "EPSV") || visit_is(line, "PASV"))
        visit_passive(v, line[0] == 'E');
    else if (visit_is(line, "EPRT") || visit_is(line, "PORT"))
        visit_active(v, line);
    else if (visit_is(line, "SIZE"))
        p->size_unknown ? visit_say(v, "502 what?")
                        : visit_sayf(v, "213 %zu", p->file.len);
    else if (visit_is(line, "MDTM"))
        visit_say(v, "213 20260131235959");
    else if (visit_is(line, "REST")) {
        v->rest = strtoull(line + 5, NULL, 10);
        visit_say(v, "350 go on");
    } else if (visit_is(line, "RETR"))
        visit_retr(v);
    else if (visit_is(line, "LIST"))
        visit_transfer(v, text_of(p->list), false);
    else if (visit_is(line, "NLST"))
        visit_transfer(v, text_of(p->names), false);
    else if (visit_is(line, "MLSD"))
        visit_transfer(v, text_of(p->facts), false);
    else if (visit_is(line, "STOR") || visit_is(line, "APPE")) {
        p->stored.len = 0;
        visit_transfer(v, sc_span_of(""), true);
    } else if (visit_is(line, "ABOR"))
        visit_say(v, "226 given up");
    else if (visit_is(line, "QUIT"))
        visit_say(v, "!221 bye");
    else
        visit_say(v, "200 well");
}

static inline void visit_run(void *arg)
{
    struct ftp_visit *v = arg;
    struct ftp_peer *p = v->p;
    struct sc_options opt = {.wait_ms = 20000};
    struct sc_span line;
    char command[600];
    bool first = p->connections == 0;
    int commands = 0;

    if (p->implicit) {
        opt.tls = *p->tls;
        opt.flags = SC_OPT_TLS;
    }
    v->c = sc_attach(&sc_simple_class, v->stream, &opt);
    p->connections++;
    visit_say(v, p->greeting != NULL ? p->greeting : "220 ready");
    while (!v->over && sc_readline(v->c, &line) == 0) {
        sc_span_copy(command, sizeof command, line);
        sc_buf_addf(&p->log, "%s\n", command);
        if (first && ++commands == p->dies_at)
            break;
        visit_command(v, command);
    }
    sc_flush(v->c);
    sc_listener_close(v->data);
    sc_drop(v->c);
    free(v);
}

static inline void ftp_peer_accept(void *arg)
{
    struct ftp_peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct ftp_visit *v;
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

/* HOST: "127.0.0.1" or "[::1]". */
static inline void ftp_peer_start_at(struct ftp_peer *p, const char *host,
                                     const char *file)
{
    struct sc_error e = {0};
    char where[20];

    snprintf(where, sizeof where, "%s:0", host);
    *p = (struct ftp_peer){
        .host = host, .file = sc_span_of(file), .log = SC_BUF(1 << 24)};
    sc_buf_add(&p->log, "", 0);
    if ((p->listener = sc_listen(where, &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(p->url, sizeof p->url, "ftp://%s:%d/file", host,
             sc_listener_port(p->listener));
    p->task = sc_task_go(NULL, ftp_peer_accept, p);
    assert_true(p->task > 0);
}

static inline void ftp_peer_start(struct ftp_peer *p, const char *file)
{
    ftp_peer_start_at(p, "127.0.0.1", file);
}

static inline void ftp_peer_stop(struct ftp_peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    sc_buf_free(&p->log);
    sc_buf_free(&p->stored);
}

static inline bool peer_saw(const struct ftp_peer *p, const char *text)
{
    return strstr(p->log.data, text) != NULL;
}

#endif
