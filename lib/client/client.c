/* client.c - the life of a client: its errors, deadlines and trace, and how it
 * is closed while somebody is still inside. */
#include "client/conn.h"
#include "client/proxy.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "run/clock.h"

/* --- errors --- */

/* "http", or "https" where TLS begins with the first byte. */
static void say_who(const SimpleClient *c, char *to, size_t size)
{
    bool tls = c->cls->scheme != NULL && c->conn->opt.flags & SC_OPT_TLS;

    snprintf(to, size, "%s%s", tls ? c->cls->scheme : c->cls->name,
             tls ? "s" : "");
}

/* "WHO HOST:PORT: COMMAND: ": what precedes each text. */
static void say_where(const SimpleClient *c, char *to, size_t size)
{
    const struct sc_conn *k = c->conn;
    const struct sc_server_name *n = k->name;
    const char *command = k->about != NULL ? k->about : k->command;
    const char *sep = command[0] ? ": " : "";
    char who[48];

    say_who(c, who, sizeof who);
    if (n == NULL || n->host[0] == '\0')
        snprintf(to, size, "%s: %s%s", who, command, sep);
    else if (n->unix_path || n->port == 0)
        snprintf(to, size, "%s %s: %s%s", who, n->host, command, sep);
    else
        snprintf(to, size,
                 strchr(n->host, ':') != NULL ? "%s [%s]:%d: %s%s"
                                              : "%s %s:%d: %s%s",
                 who, n->host, n->port, command, sep);
}

static void say(SimpleClient *c, int code, int status, const char *fmt,
                va_list ap)
{
    struct sc_conn *k = c->conn;
    char where[384], words[248];

    say_where(c, where, sizeof where);
    vsnprintf(words, sizeof words, fmt, ap);
    sc_error_set(&k->err, code, "%s%s", where, words);
    k->err.status = (short)status;
    k->err.phase = k->phase;
    k->err.flags = (unsigned char)((k->sent ? SC_SENT : SC_RETRY_SAFE) |
                                   (k->seen ? SC_SEEN : 0));
}

void sc_conn_say(SimpleClient *c, int code, int status, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(c, code, status, fmt, ap);
    va_end(ap);
}

/* The text is set: make the code stick and wake whoever waits. */
static int break_now(SimpleClient *c, int code)
{
    struct sc_conn *k = c->conn;

    k->broken = code;
    sc_pipeline_settle(k, 0, code);
    sc_conn_trace(k, '*', k->err.text, strlen(k->err.text));
    if (k->s != NULL && (k->reading || k->writing))
        k->s->cls->interrupt(k->s, code);
    return code;
}

int sc_break(SimpleClient *c, int code, const char *fmt, ...)
{
    va_list ap;

    if (c->conn->broken)
        return c->conn->broken;
    va_start(ap, fmt);
    say(c, code, 0, fmt, ap);
    va_end(ap);
    return break_now(c, code);
}

int sc_fail(SimpleClient *c, int code, const char *fmt, ...)
{
    va_list ap;

    if (c->conn->broken)
        return c->conn->broken;
    va_start(ap, fmt);
    say(c, code, 0, fmt, ap);
    va_end(ap);
    return code;
}

int sc_conn_failed(SimpleClient *c, int code, int phase,
                   const struct sc_error *e)
{
    struct sc_conn *k = c->conn;
    const char *words = e != NULL && e->text[0] ? e->text : sc_strerror(code);

    if (k->broken)
        return k->broken;
    sc_conn_say(c, code, e != NULL ? e->status : 0, "%s", words);
    if (k->phase == SC_PHASE_NONE)
        k->err.phase = (unsigned char)phase;
    return break_now(c, code);
}

int sc_broken(const SimpleClient *c)
{
    return c->conn->broken;
}

const struct sc_error *sc_last_error(const SimpleClient *c)
{
    return &c->conn->err;
}

/* --- time and trace; a broken client is never written to --- */

int64_t sc_conn_until(const struct sc_conn *k, int64_t ms)
{
    int64_t until = sc_until(k->timeout_ms > 0 ? k->timeout_ms : ms);

    if (until > k->deadline)
        until = k->deadline;
    return until > k->total_until ? k->total_until : until;
}

bool sc_conn_late(const struct sc_conn *k)
{
    int64_t until = k->deadline;

    if (k->total_until < until)
        until = k->total_until;
    return until != INT64_MAX && sc_now() >= until;
}

void sc_timeout(SimpleClient *c, int64_t ms)
{
    if (!c->conn->broken)
        c->conn->timeout_ms = ms > 0 ? ms : 0;
}

void sc_deadline(SimpleClient *c, int64_t ms)
{
    int64_t until = INT64_MAX;

    if (ms != 0)
        until = ms > 0 ? sc_until(ms) : sc_now();
    if (!c->conn->broken)
        c->conn->deadline = until;
}

void sc_trace(SimpleClient *c, sc_trace_fn fn, void *arg)
{
    if (c->conn->broken)
        return;
    c->conn->opt.trace = fn;
    c->conn->opt.trace_arg = arg;
}

void sc_conn_trace(const struct sc_conn *k, int direction, const char *p,
                   size_t n)
{
    if (k->opt.trace != NULL)
        k->opt.trace(k->opt.trace_arg, direction, p, n);
}

/* --- what a class inherits --- */

int sc_client_greet(SimpleClient *c)
{
    (void)c;
    return 0;
}

int sc_client_quit(SimpleClient *c)
{
    (void)c;
    return 0;
}

void sc_client_cleanup(SimpleClient *c)
{
    (void)c;
}

const struct client_class sc_simple_class = {
    .name = "simple",
    .scheme = NULL,
    .port = 0,
    .tls_port = 0,
    .size = sizeof(SimpleClient),
    .line_limit = 0,
    .forwards = false,
    .alpn = NULL,
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* --- who is inside, and the end --- */

void sc_conn_hold(SimpleClient *c)
{
    c->conn->refs++;
}

void sc_conn_let_go(SimpleClient *c)
{
    struct sc_conn *k = c->conn;

    if (--k->refs > 0)
        return;
    c->cls->cleanup(c);
    sc_conn_reset(k);
    sc_options_free(&k->opt);
    sc_auth_forget(k);
    sc_proxy_free(k->proxy);
    sc_free(k->proxy);
    sc_free(k->pending);
    sc_free(k->name);
    sc_free(k);
    sc_free(c);
}

static void let_go_later(void *arg)
{
    sc_conn_let_go(arg);
}

int sc_conn_leave(SimpleClient *c, int rc)
{
    struct sc_conn *k = c->conn;

    if (!k->closed) {
        k->refs--;
        return rc;
    }
    /* This task may still ask for the error: keep C until the task's end. No
     * memory to note that: better never freed than freed too early. */
    sc_at_task_end(let_go_later, c);
    return k->broken;
}

void sc_conn_reset(struct sc_conn *k)
{
    sc_stream_close(k->s);
    k->s = NULL;
    k->recorded = false;
    sc_free(k->rb);
    k->rb = NULL;
    k->rcap = k->rpos = k->rend = k->rscan = 0;
    sc_queue_free(k);
    sc_buf_free(&k->reply);
    k->eof = k->tls = k->sent = k->seen = k->secret = false;
    k->block = k->part = false;
    sc_dot_forget(k);
    k->poison = 0;
    k->on_input = NULL;
    k->stall_left = 0;
    k->command[0] = '\0';
}

void sc_drop(SimpleClient *c)
{
    struct sc_conn *k = c != NULL ? c->conn : NULL;
    Stream *s;

    if (k == NULL || k->stand_in)
        return;
    if (sc_runtime_check(k->rt) == SC_EWRONGLOOP && !sc_runtime_mine(k->rt))
        return; /* another thread may be inside: nothing is touched */
    /* By another task, while this one was inside: it may still ask for the
     * error, and has nothing else left. */
    if (k->closed)
        return;
    s = k->s;
    k->s = NULL;
    k->closed = true;
    if (k->refs > 1 && !k->broken) {
        sc_conn_say(c, SC_ECLOSED, 0, "%s", sc_strerror(SC_ECLOSED));
        k->broken = SC_ECLOSED;
        sc_pipeline_settle(k, 0, SC_ECLOSED);
    }
    sc_stream_close(s);
    sc_conn_let_go(c);
}

/* The last words, in a time of their own. */
static int say_goodbye(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    k->phase = SC_PHASE_CLOSE;
    k->timeout_ms = 0;
    k->total_until = INT64_MAX;
    k->deadline = sc_until(SC_QUIT_MS);
    rc = sc_answered(c, NULL);
    if (rc == 0 || (rc == SC_ELINE && !k->broken))
        rc = sc_flush(c);
    if (rc == 0 && k->dot_begun)
        rc = SC_ESHORT; /* a command would be text of the block */
    return rc < 0 ? rc : c->cls->quit(c);
}

int sc_close(SimpleClient *c)
{
    struct sc_conn *k = c != NULL ? c->conn : NULL;
    int rc;

    if (k == NULL)
        return 0;
    rc = k->broken;
    if (k->stand_in)
        return rc;
    if (rc == 0 && (rc = sc_runtime_check(k->rt)) == 0 && !sc_conn_in_use(k) &&
        sc_wait_cancelled() == 0)
        rc = k->part ? SC_ESHORT : say_goodbye(c);
    sc_drop(c);
    return rc;
}

Stream *sc_conn_take_stream(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    Stream *s;

    sc_conn_on_input(c, NULL);
    sc_conn_record_end(k, true);
    s = k->s;
    if (k->rend > k->rpos)
        s = sc_unread_wrap(s, k->rb + k->rpos, k->rend - k->rpos);
    if (s != NULL)
        k->s = NULL;
    return s;
}

Stream *sc_detach(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    Stream *s = NULL;
    int rc = sc_conn_check(k);

    if (rc == 0 && !sc_conn_in_use(k) && (rc = sc_answered(c, NULL)) == 0)
        rc = sc_flush(c);
    if (rc == 0 && k->refs == 1)
        s = sc_conn_take_stream(c);
    sc_drop(c);
    return s;
}

/* --- what others ask --- */

Stream *sc_stream(SimpleClient *c)
{
    return c->conn->broken ? NULL : c->conn->s;
}

const struct sc_options *sc_client_options(const SimpleClient *c)
{
    return &c->conn->opt;
}

const char *sc_client_host(const SimpleClient *c)
{
    return c->conn->name != NULL ? c->conn->name->host : "";
}

int sc_client_port(const SimpleClient *c)
{
    const struct sc_server_name *n = c->conn->name;

    return n != NULL && !n->unix_path ? n->port : 0;
}

bool sc_client_is_tls(const SimpleClient *c)
{
    return c->conn->tls;
}

bool sc_client_idle(const SimpleClient *c)
{
    const struct sc_conn *k = c->conn;

    return !k->broken && !k->poison && !k->npending && !k->eof &&
           k->refs == 1 && k->rpos == k->rend && k->wn == 0 && !k->block &&
           !k->dot_begun;
}
