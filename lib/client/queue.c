/* queue.c - what is to go out: lines are formatted straight into the queue,
 * which leaves (send.c) in one packet when a read is about to wait. A line that
 * could smuggle another command poisons its group (CWE-93). While a write
 * waits, a second queue grows beside it. */
#include "client/conn.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

enum { ROOM_FOR_A_LINE = 512 };

/* --- refusing --- */

int sc_queue_settle_poison(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int code = k->poison;

    k->poison = 0;
    if (k->secret_queued && k->wb != NULL)
        sc_wipe(k->wb, k->wn);
    k->wn = 0;
    k->secret_queued = false;
    k->queued_total = k->sent_total;
    sc_conn_record_unsent(k);
    if (k->group_at > k->queued_total)
        k->group_at = k->queued_total;
    if (k->sent_total > k->group_at ||
        (k->dot_begun && k->sent_total > k->dot_at))
        return sc_break(c, code, "a line was refused, part of it had left");
    sc_dot_forget(k);
    sc_pipeline_settle(k, k->sent_total, code);
    return code;
}

static int refuse(SimpleClient *c, const char *why)
{
    struct sc_conn *k = c->conn;

    if (k->secret && k->wb != NULL)
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

    if ((rc = sc_conn_check(k)) < 0)
        return rc;
    if (k->seen && k->npending == 0)
        k->sent = k->seen = false; /* the next request begins */
    return k->poison;
}

/* The queue grows so far only while somebody is sending: wait for that. */
static int send_full(SimpleClient *c)
{
    struct sc_conn *k = c->conn;

    if (k->secret && k->wb != NULL) /* the line behind it, half formatted */
        sc_wipe(k->wb + k->wn, k->wcap - k->wn);
    return sc_send_queue(c);
}

static int make_room(SimpleClient *c, size_t n)
{
    struct sc_conn *k = c->conn;
    size_t cap;
    char *p;
    int rc;

    if (n <= k->wcap - k->wn)
        return 0;
    if (k->wn + n > SC_QUEUE_MOST && (rc = send_full(c)) < 0)
        return rc;
    cap = k->wcap ? k->wcap : 2 * ROOM_FOR_A_LINE;
    while (cap < k->wn + n)
        cap *= 2;
    if ((p = sc_malloc(cap)) == NULL)
        return sc_break(c, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    if (k->wn)
        memcpy(p, k->wb, k->wn);
    if ((k->secret || k->secret_queued) && k->wb != NULL)
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
    size_t big = k->npending || k->dot_begun ? SC_QUEUE_FULL : SC_QUEUE_BIG;
    int rc;

    k->wn += n;
    k->queued_total += n;
    if ((!k->reading && k->wn < big) || k->writing)
        return 0;
    rc = sc_send_queue(c);
    if (k->reading)
        k->group_at = k->queued_total; /* each line leaves by itself */
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

static void trace_line(const struct sc_conn *k, const char *p, size_t n)
{
    bool hidden = k->secret && !(k->opt.flags & SC_OPT_TRACE_SECRETS);

    sc_conn_trace(k, '>', hidden ? "***" : p, hidden ? 3 : n);
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
    if (k->opt.trace != NULL)
        trace_line(k, p, n);
    if (k->secret)
        sc_conn_record_secret(k);
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

/* --- bytes --- */

static int write_big(SimpleClient *c, const char *p, size_t n)
{
    struct sc_conn *k = c->conn;
    struct sc_span part;
    int rc = 0;

    while (n > 0 && rc == 0) {
        if (k->writing && (rc = sc_send_await(c)) < 0)
            return rc;
        part.data = p;
        part.len = n < SC_WRITE_CHUNK ? n : SC_WRITE_CHUNK;
        if (k->npending && !k->reading) {
            /* The writer task may outlive this call: it needs a copy. */
            part.len = n < SC_QUEUE_BIG ? n : SC_QUEUE_BIG;
            rc = sc_queue_add(c, part.data, part.len);
        } else {
            k->queued_total += part.len;
            rc = sc_send_here(c, part);
        }
        p += part.len;
        n -= part.len;
    }
    return rc;
}

int sc_write(SimpleClient *c, const void *p, size_t n)
{
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    if (n < SC_QUEUE_BIG / 2)
        return sc_queue_add(c, p, n);
    return write_big(c, p, n);
}

int sc_flush(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = sc_conn_check(k)) < 0)
        return rc;
    if (k->poison)
        return sc_queue_settle_poison(c);
    if ((rc = sc_send_queue(c)) == 0)
        k->group_at = k->queued_total;
    return rc;
}

void sc_queue_free(struct sc_conn *k)
{
    if (k->secret_queued && k->wb != NULL)
        sc_wipe(k->wb, k->wn);
    sc_free(k->wb);
    k->wb = NULL;
    k->wcap = k->wn = 0;
    k->secret_queued = false;
    k->queued_total = k->sent_total = k->answered_total = k->group_at = 0;
}
