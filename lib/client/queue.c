/* queue.c - what goes out: lines are formatted straight into the queue, which
 * leaves in one packet when a read is about to wait. A line that could smuggle
 * another command poisons its group (CWE-93). While a write waits, a second
 * queue grows beside it. */
#include "client/conn.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

enum { ROOM_FOR_A_LINE = 512 };

/* --- sending --- */

/* Rule 16: after EPIPE the peer's last words may explain it. */
static void last_words(struct sc_conn *k, struct sc_error *err)
{
    struct sc_wait w = {0, NULL}; /* long ago: what is there, is there */
    char words[200];
    ssize_t n;

    if (k->reading || k->eof)
        return;
    n = sc_stream_read(k->s, words, sizeof words, &w);
    if (n <= 0)
        return;
    for (ssize_t i = 0; i < n; i++)
        if (words[i] == '\n' || words[i] == '\r')
            n = i;
    err->text[0] = '\0';
    sc_show(err->text, sizeof err->text, words, (size_t)n);
}

static int write_failed(SimpleClient *c, int rc, struct sc_error *err)
{
    if ((rc == SC_EPIPE || rc == SC_ECONNRESET) && !c->conn->closed)
        last_words(c->conn, err);
    return sc_conn_failed(c, rc, SC_PHASE_SEND, err);
}

static void take_queue(struct sc_conn *k)
{
    k->flight = k->wb;
    k->flight_cap = k->wcap;
    k->flight_n = k->wn;
    k->flight_secret = k->secret_queued;
    k->wb = NULL;
    k->wcap = k->wn = 0;
    k->secret_queued = false;
    k->writing = k->sent = true;
    k->sent_total = k->queued_total;
}

static void give_queue_back(struct sc_conn *k)
{
    k->writing = false;
    if (k->flight_secret)
        sc_wipe(k->flight, k->flight_n);
    if (!k->wb) {
        k->wb = k->flight;
        k->wcap = k->flight_cap;
    } else {
        sc_free(k->flight);
    }
    k->flight = NULL;
}

/* Send what is in flight and EXTRA; the caller holds C. */
static int send_flight(SimpleClient *c, struct sc_span extra)
{
    struct sc_conn *k = c->conn;
    struct sc_span v[2] = {{k->flight, k->flight_n}, extra};
    struct sc_error err;
    struct sc_wait w = {sc_conn_until(k, k->opt.stall_ms), &err};
    size_t from = k->flight_n == 0, n = (extra.len ? 2u : 1u) - from;
    int rc;

    err.text[0] = '\0';
    err.status = 0;
    rc = sc_stream_writev(k->s, v + from, n, &w);
    give_queue_back(k);
    if (rc < 0)
        return write_failed(c, rc, &err);
    return k->broken;
}

static int send_here(SimpleClient *c, struct sc_span extra)
{
    struct sc_conn *k = c->conn;
    int rc;

    sc_conn_hold(c);
    do {
        take_queue(k);
        rc = send_flight(c, extra);
        extra.len = 0;
        /* A reader that came meanwhile has left its lines to us. */
    } while (rc == 0 && k->wn && k->reading);
    return sc_conn_leave(c, rc);
}

/* --- sending while answers come in: two full TCP buffers would never drain
 * if we only wrote --- */

static void writer_task(void *arg)
{
    SimpleClient *c = arg;
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};
    int rc = k->broken;

    if (rc < 0)
        give_queue_back(k);
    else
        rc = send_flight(c, nothing);
    while (rc == 0 && k->wn && k->reading) {
        take_queue(k);
        rc = send_flight(c, nothing);
    }
    sc_wake(k->rt, &k->written, rc);
    sc_conn_let_go(c);
}

static bool needs_writer_task(const struct sc_conn *k)
{
    return k->npending &&
           k->queued_total - k->answered_total > SC_UNANSWERED_FEW;
}

static int start_writer(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};

    if (sc_task_go(sc_runtime_loop(k->rt), writer_task, c) < 0)
        return send_here(c, nothing);
    sc_conn_hold(c);
    take_queue(k);
    return 0;
}

/* Take answers until the writer has finished, then wait for it. */
static int send_aside(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    sc_conn_hold(c);
    rc = start_writer(c);
    while (rc == 0 && k->writing && k->npending && !k->taking && !k->reading)
        rc = sc_pipeline_take(c);
    if (rc == 0 && k->writing) {
        rc =
            sc_wait_slot(k->rt, &k->written, sc_conn_until(k, k->opt.stall_ms));
        if (rc < 0)
            rc = sc_conn_failed(c, rc, SC_PHASE_SEND, NULL);
    }
    return sc_conn_leave(c, rc < 0 ? rc : k->broken);
}

static int send_queue(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};

    if (k->wn == 0)
        return 0;
    if (k->writing)
        return SC_EBUSY;
    return needs_writer_task(k) && !k->reading ? send_aside(c)
                                               : send_here(c, nothing);
}

int sc_queue_before_read(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};

    k->part_sent = false; /* a read ends the group */
    if (k->wn == 0 || k->writing)
        return 0; /* a waiting writer sends the rest too */
    return needs_writer_task(k) ? start_writer(c) : send_here(c, nothing);
}

/* --- refusing --- */

int sc_queue_settle_poison(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int code = k->poison;

    k->poison = 0;
    if (k->secret_queued && k->wb)
        sc_wipe(k->wb, k->wn);
    k->wn = 0;
    k->secret_queued = false;
    k->queued_total = k->sent_total;
    if (k->part_sent)
        return sc_break(c, code, "a line was refused, part of it had left");
    sc_pipeline_settle(k, k->sent_total, code);
    return code;
}

static int refuse(SimpleClient *c, const char *why)
{
    struct sc_conn *k = c->conn;

    if (k->secret && k->wb)
        sc_wipe(k->wb + k->wn, k->wcap - k->wn);
    k->secret = false;
    k->poison = SC_ELINE;
    k->command[0] = '\0';
    return sc_fail(c, SC_ELINE, "line refused: %s", why);
}

/* --- queueing --- */

int sc_write_begin(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->broken)
        return k->broken;
    if ((rc = sc_runtime_check(k->rt)) < 0)
        return rc;
    if (k->seen && k->npending == 0)
        k->sent = k->seen = false; /* the next request begins */
    return k->poison;
}

static int make_room(SimpleClient *c, size_t n)
{
    struct sc_conn *k = c->conn;
    size_t cap = k->wcap ? k->wcap : 2 * ROOM_FOR_A_LINE;
    char *p;

    if (n <= k->wcap - k->wn)
        return 0;
    if (k->wn + n > SC_QUEUE_MOST)
        return SC_EBUSY;
    while (cap < k->wn + n)
        cap *= 2;
    if (!(p = sc_malloc(cap)))
        return sc_break(c, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    if (k->wn)
        memcpy(p, k->wb, k->wn);
    if ((k->secret || k->secret_queued) && k->wb)
        sc_wipe(k->wb, k->wcap);
    sc_free(k->wb);
    k->wb = p;
    k->wcap = cap;
    return 0;
}

/* After something was queued: is it time to send? */
static int queued(SimpleClient *c, size_t n)
{
    struct sc_conn *k = c->conn;
    int rc;

    k->wn += n;
    k->queued_total += n;
    if ((!k->reading && k->wn < SC_QUEUE_BIG) || k->writing)
        return 0;
    rc = send_queue(c);
    if (!k->broken)
        k->part_sent = !k->reading;
    return rc;
}

int sc_queue_add(SimpleClient *c, const void *p, size_t n)
{
    int rc;

    if (n == 0)
        return 0;
    if ((rc = make_room(c, n)) < 0)
        return rc;
    memcpy(c->conn->wb + c->conn->wn, p, n);
    return queued(c, n);
}

static void note_command(struct sc_conn *k, const char *p, size_t n)
{
    if (n >= sizeof k->command)
        n = sizeof k->command - 1;
    memcpy(k->command, p, n);
    k->command[n] = '\0';
}

static size_t line_limit(const SimpleClient *c)
{
    if (c->conn->opt.send_limit)
        return c->conn->opt.send_limit;
    return c->cls->line_limit ? c->cls->line_limit : 8 << 10;
}

/* N bytes and room for CRLF stand behind the queue: a line? */
static int line_put(SimpleClient *c, size_t n)
{
    struct sc_conn *k = c->conn;
    char *p = k->wb + k->wn;

    if (!sc_line_safe(p, n))
        return refuse(c, "CR, LF or NUL in it");
    p[n] = '\r';
    p[n + 1] = '\n';
    note_command(k, k->secret ? "***" : p, k->secret ? 3 : n);
    if (k->opt.trace)
        sc_conn_trace(k, '>', k->secret ? "***" : p, k->secret ? 3 : n);
    k->secret_queued |= k->secret;
    k->secret = false;
    return queued(c, n + 2);
}

static int format(SimpleClient *c, const char *fmt, va_list ap, va_list again)
{
    struct sc_conn *k = c->conn;
    size_t room = k->wcap - k->wn, limit = line_limit(c);
    int n = vsnprintf(k->wb + k->wn, room, fmt, ap), rc;

    if (n < 0)
        return refuse(c, "it cannot be formatted");
    if ((size_t)n + 2 > limit)
        return refuse(c, "longer than its limit");
    if ((size_t)n + 2 < room)
        return n;
    if ((rc = make_room(c, (size_t)n + 3)) < 0)
        return rc;
    return vsnprintf(k->wb + k->wn, (size_t)n + 1, fmt, again);
}

int sc_writeline(SimpleClient *c, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    if ((n = sc_write_begin(c)) < 0 || (n = make_room(c, ROOM_FOR_A_LINE)) < 0)
        return n;
    va_start(ap, fmt);
    va_copy(again, ap);
    n = format(c, fmt, ap, again);
    va_end(again);
    va_end(ap);
    return n < 0 ? n : line_put(c, (size_t)n);
}

int sc_writeline_n(SimpleClient *c, const void *p, size_t n)
{
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    if (n > line_limit(c) || n + 2 > line_limit(c))
        return refuse(c, "longer than its limit");
    if ((rc = make_room(c, n + 2)) < 0)
        return rc;
    if (n)
        memcpy(c->conn->wb + c->conn->wn, p, n);
    return line_put(c, n);
}

void sc_secret(SimpleClient *c)
{
    if (!c->conn->broken && !c->conn->poison)
        c->conn->secret = true;
}

/* --- bytes, files, the end --- */

static int write_big(SimpleClient *c, const char *p, size_t n)
{
    struct sc_conn *k = c->conn;
    struct sc_span part;
    int rc = 0;

    while (n > 0 && rc == 0) {
        if (k->writing)
            return SC_EBUSY;
        part.data = p;
        part.len = n < SC_WRITE_CHUNK ? n : SC_WRITE_CHUNK;
        if (k->npending && !k->reading) {
            /* The writer task may outlive this call: it needs a copy. */
            part.len = n < SC_QUEUE_BIG ? n : SC_QUEUE_BIG;
            rc = sc_queue_add(c, part.data, part.len);
        } else {
            k->queued_total += part.len;
            rc = send_here(c, part);
        }
        p += part.len;
        n -= part.len;
    }
    return rc;
}

int sc_write(SimpleClient *c, const void *p, size_t n)
{
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    if (n < SC_QUEUE_BIG / 2)
        return sc_queue_add(c, p, n);
    k->part_sent = true;
    return write_big(c, p, n);
}

int sc_flush(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->broken)
        return k->broken;
    if ((rc = sc_runtime_check(k->rt)) < 0)
        return rc;
    if (k->poison)
        return sc_queue_settle_poison(c);
    if ((rc = send_queue(c)) == 0)
        k->part_sent = false;
    return rc;
}

int sc_sendfile(SimpleClient *c, int fd, uint64_t offset, uint64_t n)
{
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    struct sc_wait w = {0, &err};
    uint64_t part;
    int rc;

    if ((rc = sc_flush(c)) < 0)
        return rc;
    if (k->writing)
        return SC_EBUSY;
    sc_conn_hold(c);
    k->writing = k->sent = true;
    for (; n > 0 && rc == 0; offset += part, n -= part) {
        part = n < 4 * SC_WRITE_CHUNK ? n : 4 * SC_WRITE_CHUNK;
        w.until = sc_conn_until(k, k->opt.stall_ms);
        rc = sc_stream_sendfile(k->s, fd, offset, part, &w);
        rc = rc == 0 && k->broken ? k->broken : rc;
    }
    k->writing = false;
    if (rc == 0 && k->wn && k->reading) /* a reader left its lines to us */
        rc = send_here(c, (struct sc_span){NULL, 0});
    if (rc < 0)
        rc = write_failed(c, rc, &err);
    return sc_conn_leave(c, rc);
}

int sc_shutdown(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    struct sc_wait w = {0, &err};
    int rc;

    if ((rc = sc_flush(c)) < 0)
        return rc;
    if (k->writing)
        return SC_EBUSY;
    w.until = sc_conn_until(k, k->opt.stall_ms);
    sc_conn_hold(c);
    k->writing = true;
    rc = sc_stream_shutdown(k->s, &w);
    k->writing = false;
    if (rc < 0)
        rc = write_failed(c, rc, &err);
    return sc_conn_leave(c, rc);
}

void sc_queue_free(struct sc_conn *k)
{
    if (k->secret_queued && k->wb)
        sc_wipe(k->wb, k->wn);
    sc_free(k->wb);
    k->wb = NULL;
    k->wcap = k->wn = 0;
    k->secret_queued = false;
    k->queued_total = k->sent_total = k->answered_total = 0;
}
