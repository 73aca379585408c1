/* nntp_peer.h - a small NNTP server in a task of the test's own loop, with one
 * group, misc.test, whose articles are numbered from 1 and called <1@peer>. It
 * says what it is told to a command that begins so: peer_says(p, "GROUP",
 * "480 log in"); "!" before the reply ends the connection behind it, "!" alone
 * without one, "" is silence. */
#ifndef TESTS_LOOPBACK_NNTP_PEER_H
#define TESTS_LOOPBACK_NNTP_PEER_H

#include <stdlib.h>
#include <sys/socket.h>

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>
#include <simpleclient/task.h>

#include "client/conn.h"

enum { PEER_RULES = 16, PEER_ARTICLES = 64 };
enum peer_cut { PEER_END, PEER_RESET, PEER_SILENCE };

struct nntp_visit;

struct nntp_visit;
struct nntp_peer {
    struct sc_listener *listener;
    const struct sc_tls_options *tls; /* for STARTTLS, or from the first byte */
    bool implicit;
    const char *caps;        /* lines of CAPABILITIES, each ended by LF; NULL:
                                500 */
    const char *caps_inside; /* TLS; NULL: as outside */
    const char *greeting;
    bool needs_login;  /* GROUP: 480 until then */
    bool needs_tls;    /* GROUP: 483 until then */
    const char *early; /* compressed, in one packet with 206 */
    struct {
        const char *command, *reply;
    } rule[PEER_RULES];
    int n_rules;
    const char *article[PEER_ARTICLES]; /* lines end in CRLF, kept */
    unsigned n_articles;
    size_t bomb;     /* so many bytes of one line are article 1's last */
    uint64_t cut_at; /* the connection ends after so many bytes; 0: never */
    int cut;         /* enum peer_cut: and so */
    uint64_t sent;   /* bytes, over all connections */
    int64_t task;
    int connections, posted;
    int open, most;   /* now, and at once; 0: any. More are told FULL */
    const char *full; /* NULL: 502 */
    /* Asked first about each command; true: it was answered. */
    bool (*answer)(struct nntp_visit *v, const char *line);
    struct sc_buf post; /* the latest article */
    struct sc_buf log;  /* commands, LF between */
    char url[80];
};

/* One connection. */
struct nntp_visit {
    struct nntp_peer *p;
    Stream *stream;
    SimpleClient *c;
    bool inside; /* TLS */
    bool in;     /* logged in */
    bool over;
};

static inline void peer_says(struct nntp_peer *p, const char *command,
                             const char *reply)
{
    assert_true(p->n_rules < PEER_RULES);
    p->rule[p->n_rules].command = command;
    p->rule[p->n_rules++].reply = reply;
}

static inline const char *peer_rule(struct nntp_peer *p, const char *line)
{
    for (int i = 0; i < p->n_rules; i++)
        if (strncmp(line, p->rule[i].command, strlen(p->rule[i].command)) == 0)
            return p->rule[i].reply;
    return NULL;
}

static inline void peer_add(struct nntp_peer *p, const char *text)
{
    assert_true(p->n_articles < PEER_ARTICLES);
    p->article[p->n_articles++] = text;
}

static inline bool peer_saw(const struct nntp_peer *p, const char *text)
{
    return p->log.data != NULL && strstr(p->log.data, text) != NULL;
}

/* --- writing --- */

static inline void visit_end(struct nntp_visit *v)
{
    static const struct linger at_once = {1, 0};
    Stream *s = sc_stream(v->c);
    int fd = -1;

    sc_flush(v->c);
    v->over = true;
    if (v->p->cut == PEER_SILENCE)
        sc_sleep(20000);
    if (v->p->cut == PEER_RESET && s != NULL &&
        sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static inline void visit_write(struct nntp_visit *v, const char *text, size_t n)
{
    struct nntp_peer *p = v->p;
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

static inline void visit_line(struct nntp_visit *v, const char *line)
{
    visit_write(v, line, strlen(line));
    visit_write(v, "\r\n", 2);
}

static inline void visit_say(struct nntp_visit *v, const char *reply)
{
    bool last = *reply == '!';

    if (*reply == '\0') { /* silence */
        sc_sleep(20000);
        v->over = true;
    }
    if (reply[last] != '\0')
        visit_line(v, reply + last);
    if (last) {
        sc_flush(v->c);
        v->over = true;
    }
}

/* Lines ended by LF, and the dot. */
static inline void visit_lines(struct nntp_visit *v, const char *lines)
{
    const char *lf;

    for (; (lf = strchr(lines, '\n')) != NULL; lines = lf + 1) {
        visit_write(v, lines, (size_t)(lf - lines));
        visit_write(v, "\r\n", 2);
    }
    visit_line(v, ".");
}

/* --- other streams --- */

static inline void visit_wrapped(struct nntp_visit *v, Stream *low, Stream *s)
{
    if (s == NULL)
        sc_stream_close(low);
    v->over = s == NULL;
    if (s != NULL)
        v->c = sc_attach(&sc_simple_class, s, NULL);
    else
        v->c = sc_attach(&sc_simple_class, NULL, NULL);
}

static inline void visit_starttls(struct nntp_visit *v)
{
    Stream *low;

    visit_say(v, "382 go");
    if (v->over || (low = sc_detach(v->c)) == NULL)
        return;
    visit_wrapped(v, low, sc_tls_wrap(low, NULL, v->p->tls, 5000, NULL));
    v->inside = true;
}

/* TEXT in raw deflate, flushed. */
static inline size_t peer_deflate(const char *text, char *out, size_t size)
{
    Stream *both[2], *z;
    ssize_t n;

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    z = sc_deflate_wrap(both[0], SC_CODING_DEFLATE, 0, 0, NULL);
    assert_non_null(z);
    assert_int_equal(sc_stream_write(z, text, strlen(text), NULL), 0);
    n = sc_stream_read(both[1], out, size, NULL);
    assert_true(n > 0 && (size_t)n < size);
    sc_stream_close(z);
    sc_stream_close(both[1]);
    return (size_t)n;
}

static inline void visit_compress(struct nntp_visit *v)
{
    char packet[200] = "206 go\r\n";
    size_t n = strlen(packet);
    Stream *low;

    if (v->p->early != NULL)
        n += peer_deflate(v->p->early, packet + n, sizeof packet - n);
    visit_write(v, packet, n);
    if (v->over || (low = sc_detach(v->c)) == NULL)
        return;
    visit_wrapped(v, low, sc_deflate_wrap(low, SC_CODING_DEFLATE, 0, 0, NULL));
}

/* --- commands --- */

static inline bool visit_is(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

static inline void visit_capabilities(struct nntp_visit *v)
{
    const char *caps = v->p->caps;

    if (v->inside && v->p->caps_inside != NULL)
        caps = v->p->caps_inside;
    if (caps == NULL) {
        visit_say(v, "500 what?");
        return;
    }
    visit_line(v, "101 list");
    visit_lines(v, caps);
}

static inline void visit_group(struct nntp_visit *v, const char *name)
{
    char line[200];

    if (v->p->needs_tls && !v->inside)
        visit_say(v, "483 in clear?");
    else if (v->p->needs_login && !v->in)
        visit_say(v, "480 log in");
    else if (strcmp(name, "misc.test") != 0)
        visit_say(v, "411 no such group");
    else {
        snprintf(line, sizeof line, "211 %u 1 %u misc.test", v->p->n_articles,
                 v->p->n_articles);
        visit_say(v, line);
    }
}

/* Lines with their dots stuffed. */
static inline void visit_text(struct nntp_visit *v, const char *text)
{
    const char *lf;
    size_t n;

    for (; *text; text += n) {
        lf = strchr(text, '\n');
        n = lf != NULL ? (size_t)(lf - text) + 1 : strlen(text);
        if (*text == '.')
            visit_write(v, ".", 1);
        visit_write(v, text, n);
    }
}

static inline void visit_bomb(struct nntp_visit *v)
{
    size_t left = v->p->bomb, piece = 4 << 20;
    char *zeros = calloc(1, piece);

    for (; left > 0 && !v->over; left -= left < piece ? left : piece)
        visit_write(v, zeros, left < piece ? left : piece);
    visit_write(v, "\r\n", left == 0 ? 2 : 0);
    free(zeros);
}

static inline void visit_article(struct nntp_visit *v, const char *which)
{
    unsigned long n = strtoul(which + (*which == '<'), NULL, 10);
    char line[100];

    if (n < 1 || n > v->p->n_articles) {
        visit_say(v, *which == '<' ? "430 none" : "423 none");
        return;
    }
    snprintf(line, sizeof line, "220 %lu <%lu@peer>", *which == '<' ? 0 : n, n);
    visit_line(v, line);
    visit_text(v, v->p->article[n - 1]);
    if (n == 1 && v->p->bomb > 0)
        visit_bomb(v);
    visit_line(v, ".");
}

static inline void visit_over(struct nntp_visit *v)
{
    char line[200];

    visit_line(v, "224 follows");
    for (unsigned i = 1; i <= v->p->n_articles; i++) {
        snprintf(line, sizeof line,
                 "%u\tsubject %u\tme\tnow\t<%u@peer>\t\t9\t1", i, i, i);
        visit_line(v, line);
    }
    visit_line(v, ".");
}

static inline void visit_take(struct nntp_visit *v, const char *go,
                              const char *done)
{
    visit_say(v, go);
    v->p->post.len = 0;
    if (v->over || sc_read_dot(v->c, &v->p->post) < 0)
        return;
    v->p->posted++;
    visit_say(v, done);
}

static inline void visit_login(struct nntp_visit *v, const char *line)
{
    if (visit_is(line, "AUTHINFO USER joe"))
        visit_say(v, "381 and?");
    else if (visit_is(line, "AUTHINFO PASS secret")) {
        v->in = true;
        visit_say(v, "281 in");
    } else
        visit_say(v, "481 no");
}

static inline void visit_command(struct nntp_visit *v, const char *line)
{
    const char *rule = peer_rule(v->p, line);

    if (rule != NULL)
        visit_say(v, rule);
    else if (v->p->answer != NULL && v->p->answer(v, line))
        return;
    else if (visit_is(line, "CAPABILITIES"))
        visit_capabilities(v);
    else if (visit_is(line, "MODE READER"))
        visit_say(v, "200 reader");
    else if (visit_is(line, "STARTTLS"))
        visit_starttls(v);
    else if (visit_is(line, "COMPRESS"))
        visit_compress(v);
    else if (visit_is(line, "AUTHINFO"))
        visit_login(v, line);
    else if (visit_is(line, "GROUP "))
        visit_group(v, line + 6);
    else if (visit_is(line, "ARTICLE "))
        visit_article(v, line + 8);
    else if (visit_is(line, "OVER"))
        visit_over(v);
    else if (visit_is(line, "POST"))
        visit_take(v, "340 go", "240 thanks");
    else if (visit_is(line, "IHAVE"))
        visit_take(v, "335 go", "235 thanks");
    else if (visit_is(line, "DATE"))
        visit_say(v, "111 19990623135624");
    else
        visit_say(v, visit_is(line, "QUIT") ? "!205 bye" : "500 what?");
}

static inline void visit_run(void *arg)
{
    struct nntp_visit *v = arg;
    struct nntp_peer *p = v->p;
    struct sc_options opt = {.wait_ms = 20000};
    struct sc_span line;
    char command[600];

    if (p->implicit) {
        opt.tls = *p->tls;
        opt.flags = SC_OPT_TLS;
        v->inside = true;
    }
    v->c = sc_attach(&sc_simple_class, v->stream, &opt);
    p->connections++;
    p->open++;
    if (p->most > 0 && p->open > p->most)
        visit_say(v, p->full != NULL ? p->full : "!502 too many connections");
    else
        visit_say(v, p->greeting != NULL ? p->greeting : "200 news");
    while (!v->over && sc_readline(v->c, &line) == 0) {
        sc_span_copy(command, sizeof command, line);
        sc_buf_addf(&p->log, "%s\n", command);
        visit_command(v, command);
    }
    sc_flush(v->c);
    sc_drop(v->c);
    p->open--;
    free(v);
}

static inline void nntp_peer_accept(void *arg)
{
    struct nntp_peer *p = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct nntp_visit *v;
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

/* CAPS: "READER\nOVER\n", kept. */
static inline void nntp_peer_start(struct nntp_peer *p, const char *caps)
{
    struct sc_error e = {0};

    *p = (struct nntp_peer){.caps = caps};
    if ((p->listener = sc_listen("127.0.0.1:0", &e)) == NULL)
        fail_msg("%s", e.text);
    snprintf(p->url, sizeof p->url, "nntp://joe:secret@127.0.0.1:%d/",
             sc_listener_port(p->listener));
    p->task = sc_task_go(NULL, nntp_peer_accept, p);
    assert_true(p->task > 0);
}

static inline void nntp_peer_stop(struct nntp_peer *p)
{
    sc_task_cancel(p->task);
    sc_task_join(p->task);
    sc_listener_close(p->listener);
    sc_buf_free(&p->log);
    sc_buf_free(&p->post);
}

#endif
